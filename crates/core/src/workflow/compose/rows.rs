//! What an edit does to rows: those that go together, and those that a list is opened into.
//!
//! There are two ways from a row to its entry. A row that a person added waits for its
//! manifest, and `settle` makes the entry of the bytes that came. A row that came of a list
//! has its entry at once, from the list's own descriptor (`listed_row`); fetching its manifest
//! only verifies what is there already.
//!
//! Opening a list and nesting it again are not each other's undo: what was edited in the rows
//! is lost on the way, and the rows have new ids.

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
    /// The ids of a row and of the attestations of its image, its own first.
    ///
    /// They are removed, and kept or left out, together: an attestation alone would name an
    /// image that the list does not have (buildx, "attestation storage"). A row that is moved
    /// or replaced goes alone.
    ///
    /// An attestation names its image by digest, and belongs to the first row of that digest:
    /// where an image stands in two rows, the second has none. The row of an attestation has
    /// none either, so it can go alone. An id that no row has gives just that id, which then
    /// changes nothing.
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

    /// Changes the descriptor of a row's entry; does nothing where the row has none yet.
    ///
    /// What is set here stays: an entry that is there is not made again from its manifest when
    /// an answer comes.
    pub(super) fn with_descriptor(&mut self, id: RowId, change: impl FnOnce(&mut Descriptor)) {
        self.composition.change(id, |row| {
            if let Some(entry) = &mut row.entry {
                change(&mut entry.descriptor);
            }
        });
    }

    /// Makes one row of the rows that came of a list (`nested`), or opens such a row into its
    /// entries again.
    ///
    /// To nest, the id may be that of any row that came of a list, whatever its own manifest is:
    /// it is the list that it came of which is nested. Else it may be that of a row whose own
    /// manifest is a list; where it is neither, or is one entry already, nothing happens. All
    /// other rows that came of the list go, wherever they stand and whether they were edited,
    /// moved or left out. The new row has an id of its own, is kept, and stands where the row of
    /// `id` stood among the rows that remain.
    ///
    /// To open, the row keeps its id, its source, its place and whether it is kept. Its entry
    /// goes, and with it what was edited and the list that it was taken from, so `settle` puts
    /// the rows of its entries in its place: in the same `update` where its manifest is here,
    /// else once that came.
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
        let is_open = !row.nested && self.node(row).is_some_and(|node| node.list().is_some());
        let own = || is_open.then(|| row.source.clone());
        let Some(source) = row.from.clone().or_else(own) else {
            return;
        };
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

    /// Makes entries of rows whose manifest is here. True when a list was opened into rows,
    /// whose manifests are wanted in turn.
    ///
    /// Called by `next_fetches` until nothing is new. That also makes up for an empty list that
    /// is opened as the start: it leaves no row behind, so that the row after it slips into its
    /// place and is passed over once. Lists among a list's entries stay one row each until a
    /// person opens them.
    ///
    /// Rows that have an entry, or a reason why their list does not say enough of them, are
    /// left as they are; but an entry whose config came later gets what that says. The subject is
    /// settled first and never opened: a subject that is a list is still one manifest. Of its
    /// entry only what identifies the manifest stays.
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
            } else if self.composition.rows[place].lacks_config() {
                self.add_config(place);
            }
            place += 1;
        }
        added
    }

    /// Settles one row, and says whether it was a list that was opened.
    ///
    /// What becomes of it depends on its manifest:
    ///
    /// - Not here, or not to be composed: nothing; the row has no entry.
    /// - A list that is not nested: a row for each of its entries takes the row's place. If it
    ///   is the one that is opened as the start, the composition first takes over what it says
    ///   of itself. Any other that has no entries keeps its row, which says so.
    /// - A list that is nested: one entry without a platform.
    /// - An image: its entry, once its config was answered. A config that did not come, or is
    ///   another, counts as answered: the entry has no platform then, except one that was
    ///   stated in full. Where there is no image config to ask a registry for, nothing is
    ///   waited for.
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
        } else if list.entries.is_empty() {
            return false;
        }
        let rows = list
            .entries
            .iter()
            .map(|listed| Rc::new(self.listed_row(&row, listed)))
            .collect::<Vec<_>>();
        self.composition.rows.splice(place..=place, rows);
        true
    }

    /// Gives an entry that was made without its config the platform of that, where it is here
    /// now: it was fetched again, or given by hand.
    ///
    /// A platform that a person set since is left alone: it is told by its difference from the
    /// one that the row had without the config.
    fn add_config(&mut self, place: usize) {
        let row = &self.composition.rows[place];
        let Some(platform) = self.entry_of(row).and_then(|entry| entry.origin?.platform) else {
            return;
        };
        let (without, with) = (row.platform_of(None), row.platform_of(Some(&platform)));
        let row = Rc::make_mut(&mut self.composition.rows[place]);
        if let Some(entry) = &mut row.entry {
            if entry.descriptor.platform == without {
                entry.descriptor.platform = with;
            }
            if let Some(origin) = &mut entry.origin {
                origin.platform = Some(platform);
            }
        }
    }

    /// Makes a row for an entry of the list that `list_row` stands for.
    ///
    /// In a registry its source is the list's repository at the entry's digest:
    /// `ghcr.io/o/app:1` gives `ghcr.io/o/app@sha256:…`. Of bytes that were given it is the
    /// name of the list with the short digest behind it, whether the entry's bytes are here or
    /// not. An entry without a valid digest has the list's own source; it is always refused.
    ///
    /// The row is kept if the list's row was, and is nested where the list says that the entry
    /// is a list. An entry that may not be listed again (schema 1, more than 4 MiB, or without
    /// a valid media type, size or digest) has the reason in `refused` in place of an entry.
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
