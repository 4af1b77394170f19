//! What goes along, and what of it changes.

use std::collections::BinaryHeap;
use std::rc::Rc;

use super::other_tags::other_tags;
use super::rewrite::{self, Refused};
use super::{Document as Read, Entry, Kind, Model, Root, Scope};
use crate::compose::eligibility::Ineligible;
use crate::compose::{ListKind, Loss, LostItem};
use crate::conversion::{Document, Form, Lost};
use crate::digest::{Algorithm, Digest};
use crate::manifest::detect::DeclaredTypes;
use crate::manifest::{Format, Manifest};
use crate::reference::{Reference, Tag};
use crate::registry::push::Repository;
use crate::workflow::push::{Companion, Task};

/// What becomes of a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It keeps every byte.
    Exact,
    /// It keeps every byte, and so many manifests that it names are not copied.
    Sparse(usize),
    /// So many of its entries are cut out; the rest of it keeps its bytes.
    Shrunk(usize),
    /// Media types change; what it names keeps its bytes.
    Types,
    /// Its config is rewritten, so that the image gets another ID.
    Config,
    /// It is written anew, without so many of its entries: what it names has other digests.
    Rewritten(usize),
    /// It is not copied.
    LeftOut,
}

/// A manifest of the source and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The place of the entry in the source's list; `None` for what the reference names.
    pub entry: Option<usize>,
    /// Its digest in the source; `None` where its entry states none.
    pub old: Option<Digest>,
    /// Its digest in the target; `None` where it is not copied.
    pub new: Option<Digest>,
    /// What becomes of it.
    pub how: How,
    /// What an image does not have any more.
    lost: Vec<Lost>,
    /// What a list does not have any more.
    lost_of_list: Vec<Loss>,
    /// The digest of the config before and after, where it is rewritten: the image's ID.
    pub config: Option<(Digest, Digest)>,
}

impl Change {
    fn new(entry: Option<usize>, old: Option<Digest>, is_kept: bool) -> Self {
        Self {
            entry,
            new: old.clone().filter(|_| is_kept),
            old,
            how: if is_kept { How::Exact } else { How::LeftOut },
            lost: Vec::new(),
            lost_of_list: Vec::new(),
            config: None,
        }
    }

    /// What is not there any more, each thing once: `/annotations` of a manifest,
    /// `config/Healthcheck` of its config, members of a list.
    #[must_use]
    pub fn lost(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let of_image = self.lost.iter().map(|lost| {
            let document = match lost.document {
                Document::Manifest => "manifest ",
                Document::Config => "config ",
            };
            [document, lost.pointer.as_str()].concat()
        });
        let of_list = self
            .lost_of_list
            .iter()
            .filter_map(|loss| match &loss.lost {
                LostItem::Member(name) => Some((*name).to_owned()),
                LostItem::Unknown(name) => Some(name.clone()),
                LostItem::Order => Some("the order of the entries".to_owned()),
                LostItem::Repeated => Some("entries that repeat a digest".to_owned()),
                LostItem::OciChild | LostItem::NestedList => None,
            });
        for name in of_image.chain(of_list) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Takes that the image is written in another format.
    fn rewritten(&mut self, image: &rewrite::Image) {
        self.new.clone_from(&image.descriptor.digest);
        self.lost.clone_from(&image.lost);
        self.how = match &image.config {
            None => How::Types,
            Some(config) => {
                let old = image.old_config.clone();
                self.config = old.map(|old| (old, Digest::sha256(config)));
                How::Config
            }
        };
    }
}

/// What goes along.
#[derive(Clone, Debug)]
pub struct Selection {
    /// What the tag is to name, as it is in the target.
    pub root: Rc<Manifest>,
    /// Its digest.
    pub digest: Digest,
    /// What becomes of each manifest: of what the reference names first, then of the entries of its
    /// list in their order.
    pub changes: Vec<Change>,
    source: Repository,
    /// Manifests and configs that are here, by digest.
    given: Vec<(Digest, Rc<[u8]>)>,
    /// Manifests that are named and not copied, sorted.
    left_out: Vec<Digest>,
    /// What goes along with it, each with the tag that it is found by.
    pub companions: Vec<Companion>,
    /// The other tags of the source that go along, with what each names: byte for byte.
    pub others: Vec<(Tag, Digest)>,
}

impl Selection {
    pub(super) fn new(model: &Model, root: &Root) -> Result<Self, Refused> {
        let manifest = root.manifest.clone().map_err(Refused::Root)?;
        let refused =
            model
                .documents
                .ready_by_name()
                .find_map(|(wanted, document)| match document {
                    Read::Refused(why) => Some((wanted.digest()?.clone(), why.clone())),
                    Read::Manifest(_) | Read::Config(_) | Read::None => None,
                });
        if let Some((digest, why)) = refused {
            return Err(Refused::Document(digest, why));
        }
        let others = other_tags(model)?;
        let mut selection = Self {
            digest: root.digest.clone(),
            changes: vec![Change::new(None, Some(root.digest.clone()), true)],
            source: model.repository(),
            given: model.given(),
            left_out: Vec::new(),
            companions: Vec::new(),
            others: Vec::new(),
            root: manifest,
        };
        if selection.root.list().is_some() {
            selection.choose(model)?;
        } else {
            selection.convert_image(model, 0)?;
        }
        // What belongs to a digest that is not there any more would say something of nothing.
        let is_there = |digest: &Digest| {
            let same =
                |change: &Change| change.new == change.old && change.new.as_ref() == Some(digest);
            selection.changes.iter().any(same) || others.iter().any(|(_, _, it)| it == digest)
        };
        let others_go_along = others.iter().map(|(tag, manifest, _)| Companion {
            manifest: Rc::clone(manifest),
            tag: Some(tag.clone()),
        });
        selection.companions = others_go_along.chain(model.companions(is_there)).collect();
        selection.others = others
            .into_iter()
            .map(|(tag, _, digest)| (tag, digest))
            .collect();
        Ok(selection)
    }

    /// Takes what was chosen of the list.
    fn choose(&mut self, model: &Model) -> Result<(), Refused> {
        let entries = model.entries();
        let left_out = entries.iter().filter(|entry| !entry.is_kept).count();
        if !entries.is_empty() && left_out == entries.len() {
            return Err(Refused::NothingChosen);
        }
        let changes = entries.iter().enumerate().map(|(place, entry)| {
            Change::new(Some(place), entry.descriptor.digest.clone(), entry.is_kept)
        });
        self.changes.extend(changes);
        if model.choice.scope == Scope::One {
            return self.choose_one(model, &entries);
        }
        if self.convert_list(model, &entries, left_out)? || left_out == 0 {
            return Ok(());
        }
        if model.choice.scope == Scope::Sparse {
            self.changes[0].how = How::Sparse(left_out);
            let not_kept = entries.iter().filter(|entry| !entry.is_kept);
            let digests: BinaryHeap<_> = not_kept
                .filter_map(|entry| entry.descriptor.digest.clone())
                .collect();
            self.left_out = digests.into_sorted_vec();
            return Ok(());
        }
        let kept: Vec<bool> = entries.iter().map(|entry| entry.is_kept).collect();
        let bytes = rewrite::shrink(&self.root.bytes, &kept);
        self.become_root(bytes.ok_or(Refused::Root(Ineligible::Empty))?.into())?;
        self.changes[0].new = Some(self.digest.clone());
        self.changes[0].how = How::Shrunk(left_out);
        Ok(())
    }

    /// Takes the one image that was chosen in place of the list.
    fn choose_one(&mut self, model: &Model, entries: &[Entry<'_>]) -> Result<(), Refused> {
        let kept: Vec<usize> = (0..entries.len())
            .filter(|place| entries[*place].is_kept)
            .collect();
        let [place] = kept[..] else {
            return Err(Refused::NotOne(kept.len()));
        };
        let digest = entries[place].descriptor.digest.clone();
        let manifest = digest.as_ref().and_then(|digest| model.manifest(digest));
        let incomplete = || Refused::Root(Ineligible::Incomplete { member: "digest" });
        self.root = Rc::clone(manifest.ok_or_else(incomplete)?);
        self.digest = digest.ok_or_else(incomplete)?;
        self.changes[0].new = None;
        self.changes[0].how = How::LeftOut;
        self.convert_image(model, place + 1)
    }

    /// Converts the image that the tag is to name, where it is to have another format; `place` is
    /// that of its change.
    fn convert_image(&mut self, model: &Model, place: usize) -> Result<(), Refused> {
        let Some(form) = model.choice.format.form() else {
            return Ok(());
        };
        let image = Rc::clone(&self.root);
        let converted = rewrite::image(&image, model.config(&image), &form)
            .map_err(|why| Refused::Conversion(place.checked_sub(1), why))?;
        if let Some(converted) = converted {
            self.changes[place].rewritten(&converted);
            self.given.extend(config_given(&converted));
            self.become_root(converted.manifest.into())?;
        }
        Ok(())
    }

    /// Converts the list and what it names, where that is to have another format; whether anything
    /// changed by that.
    fn convert_list(
        &mut self,
        model: &Model,
        entries: &[Entry<'_>],
        left_out: usize,
    ) -> Result<bool, Refused> {
        let format = model.choice.format;
        let root = Rc::clone(&self.root);
        let (Some(form), Some(kind), Some(list)) = (format.form(), format.list(), root.list())
        else {
            return Ok(false);
        };
        let mut written = Vec::new();
        let mut is_changed = ListKind::from_format(root.format) != Some(kind);
        let kept = entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.is_kept);
        for (place, entry) in kept {
            let mut descriptor = entry.descriptor.clone();
            if let Some(image) = Self::convert_entry(model, entry, place, &form)? {
                is_changed = true;
                self.changes[place + 1].rewritten(&image);
                descriptor
                    .media_type
                    .clone_from(&image.descriptor.media_type);
                descriptor.digest.clone_from(&image.descriptor.digest);
                descriptor
                    .digest_text
                    .clone_from(&image.descriptor.digest_text);
                descriptor.size = image.descriptor.size;
                descriptor.data = None;
                self.given.extend(config_given(&image));
                let digest = image.descriptor.digest;
                self.given
                    .extend(digest.map(|digest| (digest, image.manifest.into())));
            }
            written.push(descriptor);
        }
        if !is_changed {
            return Ok(false);
        }
        if model.choice.scope == Scope::Sparse && left_out > 0 {
            return Err(Refused::SparseChanged);
        }
        for entry in entries.iter().filter(|entry| entry.is_kept) {
            if let Kind::Attestation(Some(of)) = entry.kind
                && self.changes[of + 1].new != self.changes[of + 1].old
            {
                return Err(Refused::Attested(of));
            }
        }
        let (bytes, losses) = rewrite::list(list, kind, written);
        self.become_root(bytes)?;
        self.changes[0].new = Some(self.digest.clone());
        self.changes[0].how = How::Rewritten(left_out);
        self.changes[0].lost_of_list = losses;
        Ok(true)
    }

    /// Converts an entry of the list; `None` where it stays as it is. In an index whatever is OCI's
    /// stays: an artifact or an attestation needs no conversion.
    fn convert_entry(
        model: &Model,
        entry: &Entry<'_>,
        place: usize,
        form: &Form,
    ) -> Result<Option<rewrite::Image>, Refused> {
        let manifest = entry.descriptor.digest.as_ref();
        let manifest = manifest.and_then(|digest| model.manifest(digest));
        let incomplete = || Refused::Root(Ineligible::Incomplete { member: "digest" });
        let manifest = manifest.ok_or_else(incomplete)?;
        let is_oci = matches!(manifest.format, Format::OciManifest | Format::OciArtifact);
        if manifest.list().is_some() {
            return Err(Refused::Nested(place));
        }
        if is_oci && matches!(form, Form::Oci(_)) {
            return Ok(None);
        }
        rewrite::image(manifest, model.config(manifest), form)
            .map_err(|why| Refused::Conversion(Some(place), why))
    }

    /// Takes other bytes as those that the tag is to name.
    fn become_root(&mut self, bytes: Rc<[u8]>) -> Result<(), Refused> {
        let (root, _) = Manifest::read(bytes, &DeclaredTypes::none())
            .map_err(|error| Refused::Root(Ineligible::NotJson(error)))?;
        let digest = root.digest(Algorithm::Sha256);
        self.digest = digest.ok_or(Refused::Root(Ineligible::Empty))?;
        self.root = Rc::new(root);
        Ok(())
    }

    /// A manifest or config that goes along and is here: for those who write a file. What is not
    /// here is a layer, or was not gathered.
    #[must_use]
    pub fn here(&self, digest: &Digest) -> Option<Rc<[u8]>> {
        if *digest == self.digest {
            return Some(Rc::clone(&self.root.bytes));
        }
        let found = self.given.iter().find(|(known, _)| known == digest)?;
        Some(Rc::clone(&found.1))
    }

    /// The repository that everything else is read from.
    #[must_use]
    pub fn source(&self) -> &Repository {
        &self.source
    }

    /// The push that writes it into a registry; `None` where what the tag is to name has no digest
    /// or no format that could be put. The tags in `more_tags` are to name the same as that of the
    /// target.
    #[must_use]
    pub fn task(&self, target: &Reference, more_tags: &[Tag]) -> Option<Task> {
        let task = Task::copy(Rc::clone(&self.root), self.source.clone(), target)?;
        Some(Task {
            given: self.given.clone(),
            left_out: self.left_out.clone(),
            companions: self.companions.clone(),
            more_tags: more_tags.to_vec(),
            ..task
        })
    }
}

/// A config that was rewritten, under its new digest.
fn config_given(image: &rewrite::Image) -> Option<(Digest, Rc<[u8]>)> {
    let config = image.config.as_deref()?;
    Some((Digest::sha256(config), config.into()))
}
