//! What an edit does to rows: those that go together, and those that a list is opened into.

use crate::compose::Entry;
use crate::compose::eligibility::attested_among;
use crate::descriptor::Descriptor;
use crate::media_type::MediaType;
use crate::reference::Target;
use std::rc::Rc;

use super::RowId;
use super::composition::{Row, Source};
use super::{Model, refusal_of};

impl Model {
    /// The ids of a row and of the attestations of its image.
    ///
    /// They are removed and left out together: an entry alone would name an image that the list does not have
    /// (buildx, "attestation storage"). A row that is moved goes alone.
    pub(super) fn with_attestations(&self, id: RowId) -> Vec<RowId> {
        let empty = Descriptor::default();
        let descriptors = self
            .composition
            .rows
            .iter()
            .map(|row| row.entry.as_ref().map_or(&empty, |one| &one.descriptor));
        let attested = attested_among(&descriptors.collect::<Vec<_>>());
        let place = self.composition.place(id);
        let of_it = self
            .composition
            .rows
            .iter()
            .zip(attested)
            .filter(|(_, attested)| place.is_some() && *attested == place);
        std::iter::once(id)
            .chain(of_it.map(|(row, _)| row.id))
            .collect()
    }

    /// Changes the descriptor of a row's entry; nothing where it has none yet.
    pub(super) fn with_descriptor(&mut self, id: RowId, change: impl FnOnce(&mut Descriptor)) {
        self.composition.change(id, |row| {
            if let Some(entry) = &mut row.entry {
                change(&mut entry.descriptor);
            }
        });
    }

    /// Makes of the rows that came of one list a single row for the list itself, where the row of that id was; or has
    /// such a row opened into its entries when it is looked at next. Edits of the entries are lost with them.
    pub(super) fn nest(&mut self, id: RowId, nested: bool) {
        let Some(place) = self.composition.place(id) else {
            return;
        };
        let row = &self.composition.rows[place];
        if !nested {
            // It has a row for each of its entries as soon as it is looked at again.
            if row.nested {
                let row = Row {
                    kept: row.kept,
                    ..Row::new(row.id, row.source.clone())
                };
                self.composition.rows[place] = Rc::new(row);
            }
            return;
        }
        let is_list = self.node(row).is_some_and(|node| node.list().is_some());
        let source = if is_list {
            Some(row.source.clone())
        } else {
            row.from.clone()
        };
        let Some(source) = source else { return };
        let row = Row {
            nested: true,
            ..self.new_row(source)
        };
        let mut rest = self.composition.rows.split_off(place);
        let is_other = |other: &Rc<Row>| other.id != id && other.from.as_ref() != Some(&row.source);
        self.composition.rows.retain(is_other);
        rest.retain(is_other);
        self.composition.rows.push(Rc::new(row));
        self.composition.rows.extend(rest);
    }

    /// Makes entries of rows whose manifest is here. True when rows were added, whose manifests are wanted in turn.
    ///
    /// Called until nothing is new. Lists among a list's entries stay one row each until a person opens them.
    pub(super) fn settle(&mut self) -> bool {
        if let Some(mut subject) = self.composition.subject.take() {
            if subject.entry.is_none() {
                subject.entry = self.entry_of(&subject);
                // A subject is only named, by what identifies it.
                if let Some(Entry {
                    descriptor, origin, ..
                }) = &mut subject.entry
                {
                    (descriptor.platform, descriptor.artifact_type) = (None, None);
                    *origin = None;
                }
            }
            self.composition.subject = Some(subject);
        }
        let mut added = false;
        let mut place = 0;
        while place < self.composition.rows.len() {
            if self.composition.rows[place].entry.is_none()
                && self.composition.rows[place].refused.is_none()
            {
                added |= self.settle_row(place);
            }
            place += 1;
        }
        added
    }

    /// Settles one row: a list becomes rows, unless it is to be nested, and an image gets its entry once its config
    /// is here. True when rows were added.
    pub(super) fn settle_row(&mut self, place: usize) -> bool {
        let row = Rc::clone(&self.composition.rows[place]);
        let Some(node) = self.node(&row).filter(|node| refusal_of(node).is_none()) else {
            return false;
        };
        let Some(list) = node.list().filter(|_| !row.nested).cloned() else {
            if let Some(entry) = self.entry_of(&row) {
                Rc::make_mut(&mut self.composition.rows[place]).entry = Some(entry);
            }
            return false;
        };
        if self.composition.opening == Some(row.id) {
            self.begin_with(&row);
        }
        let rows = list
            .entries
            .iter()
            .map(|listed| Rc::new(self.listed_row(&row, listed)))
            .collect::<Vec<_>>();
        self.composition.rows.splice(place..=place, rows);
        true
    }

    /// A row for an entry of the list that `list_row` stands for.
    ///
    /// It is called after its own digest, in the list's repository. An entry that may not be listed again has the
    /// reason in place of an entry.
    pub(super) fn listed_row(&mut self, list_row: &Row, listed: &Descriptor) -> Row {
        let source = match (&list_row.source, &listed.digest) {
            (Source::Registry(reference), Some(digest)) => {
                Source::Registry(reference.at(Target::Digest(digest.clone())))
            }
            (Source::Given { name, .. }, Some(digest)) => {
                let name = [name.as_str(), " ", digest.short()].concat();
                Source::Given {
                    name,
                    digest: digest.clone(),
                }
            }
            _ => list_row.source.clone(),
        };
        let mut row = self.new_row(source);
        row.nested = listed.media_type.as_ref().is_some_and(MediaType::is_list);
        row.kept = list_row.kept;
        row.from = Some(list_row.source.clone());
        match Entry::from_listed(listed) {
            Ok(entry) => {
                row.entry = Some(Entry {
                    reference: row.source.reference().cloned(),
                    ..entry
                });
            }
            Err(refusal) => row.refused = Some(refusal),
        }
        row
    }
}
