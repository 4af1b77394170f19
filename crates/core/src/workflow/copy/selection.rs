//! What goes along, and what of it changes.

use std::rc::Rc;

use super::rewrite::{self, Refused};
use super::{Depth, Document, Kind, Model, Root, Scope};
use crate::compose::eligibility::Ineligible;
use crate::digest::{Algorithm, Digest};
use crate::manifest::Manifest;
use crate::manifest::detect::DeclaredTypes;
use crate::reference::Reference;
use crate::registry::push::Repository;
use crate::workflow::push::Task;

/// What becomes of a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It keeps every byte.
    Exact,
    /// It keeps every byte, and so many manifests that it names are not copied.
    Sparse(usize),
    /// So many of its entries are cut out; the rest of it keeps its bytes.
    Shrunk(usize),
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
    /// Manifests that are named and not copied.
    left_out: Vec<Digest>,
}

impl Selection {
    pub(super) fn new(model: &Model, root: &Root, _: Depth) -> Result<Self, Refused> {
        let manifest = root.manifest.clone().map_err(Refused::Root)?;
        let refused =
            model
                .documents
                .ready_by_name()
                .find_map(|(wanted, document)| match document {
                    Document::Refused(why) => Some((wanted.digest()?.clone(), why.clone())),
                    Document::Manifest(_) | Document::Config(_) => None,
                });
        if let Some((digest, why)) = refused {
            return Err(Refused::Document(digest, why));
        }
        let mut selection = Self {
            digest: root.digest.clone(),
            changes: vec![Change {
                entry: None,
                old: Some(root.digest.clone()),
                new: Some(root.digest.clone()),
                how: How::Exact,
            }],
            source: model.repository(),
            given: model.given(),
            left_out: Vec::new(),
            root: manifest,
        };
        if selection.root.list().is_some() {
            selection.choose(model)?;
        }
        Ok(selection)
    }

    /// Takes what was chosen of the list.
    fn choose(&mut self, model: &Model) -> Result<(), Refused> {
        let entries = model.entries();
        let kept: Vec<bool> = entries.iter().map(|entry| entry.is_kept).collect();
        let left_out = kept.iter().filter(|kept| !**kept).count();
        self.changes
            .extend(entries.iter().enumerate().map(|(place, entry)| {
                let old = entry.descriptor.digest.clone();
                Change {
                    entry: Some(place),
                    new: old.clone().filter(|_| entry.is_kept),
                    old,
                    how: if entry.is_kept {
                        How::Exact
                    } else {
                        How::LeftOut
                    },
                }
            }));
        let images = entries
            .iter()
            .filter(|entry| entry.is_kept && entry.kind == Kind::Image);
        if !entries.is_empty() && left_out == kept.len() {
            return Err(Refused::NothingChosen);
        }
        match model.choice.scope {
            Scope::One => {
                let images: Vec<_> = images.collect();
                let [image] = images.as_slice() else {
                    return Err(Refused::NotOne(images.len()));
                };
                let digest = image.descriptor.digest.clone();
                let incomplete = || Refused::Root(Ineligible::Incomplete { member: "digest" });
                let digest = digest.ok_or_else(incomplete)?;
                self.root = model.manifest(&digest).cloned().ok_or_else(incomplete)?;
                self.digest = digest;
                self.changes[0].new = None;
                self.changes[0].how = How::LeftOut;
            }
            Scope::Sparse if left_out > 0 => {
                self.changes[0].how = How::Sparse(left_out);
                let not_kept = entries.iter().filter(|entry| !entry.is_kept);
                self.left_out = not_kept
                    .filter_map(|entry| entry.descriptor.digest.clone())
                    .collect();
            }
            Scope::All | Scope::Shrunk if left_out > 0 => {
                let unread = || Refused::Root(Ineligible::Empty);
                let bytes = rewrite::shrink(&self.root.bytes, &kept).ok_or_else(unread)?;
                let (root, _) = Manifest::read(bytes, &DeclaredTypes::none())
                    .map_err(|error| Refused::Root(Ineligible::NotJson(error)))?;
                self.digest = root.digest(Algorithm::Sha256).ok_or_else(unread)?;
                self.root = Rc::new(root);
                self.changes[0].new = Some(self.digest.clone());
                self.changes[0].how = How::Shrunk(left_out);
            }
            Scope::All | Scope::Shrunk | Scope::Sparse => {}
        }
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
    /// or no format that could be put.
    #[must_use]
    pub fn task(&self, target: &Reference) -> Option<Task> {
        let task = Task::copy(Rc::clone(&self.root), self.source.clone(), target)?;
        Some(Task {
            given: self.given.clone(),
            left_out: self.left_out.clone(),
            ..task
        })
    }
}
