//! What goes along, and what of it changes.

use std::collections::BinaryHeap;
use std::rc::Rc;

use super::change::{Change, How};
use super::layers::{self, Layer};
use super::other_tags::other_tags;
use super::rewrite::{self, Refused};
use super::{Document as Read, Entry, Format, Kind, Model, Root, Scope};
use crate::compose::ListKind;
use crate::compose::eligibility::Ineligible;
use crate::conversion::{EMPTY_LAYER_BYTES, Form};
use crate::digest::{Algorithm, Digest};
use crate::manifest::detect::DeclaredTypes;
use crate::manifest::{Format as ManifestFormat, Manifest};
use crate::reference::{Reference, Tag};
use crate::registry::push::Repository;
use crate::workflow::push::{Companion, KnownBlob, Task};

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
    /// Layers that were compressed anew, and where they are.
    known: Vec<KnownBlob>,
    /// Layers that have to be read before this is what goes along.
    pub(super) unread: Vec<Layer>,
    /// Whether its root is to be signed before this is what goes along.
    pub(super) is_unsigned: bool,
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
            known: Vec::new(),
            unread: Vec::new(),
            is_unsigned: false,
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
        selection.unread = layers::once(std::mem::take(&mut selection.unread));
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
        let form = model.choice.form();
        let image = Rc::clone(&self.root);
        if form.is_none() && image.format.is_schema1() {
            return Err(Refused::Root(Ineligible::Schema1));
        }
        let converted = rewrite::image(model, &image, model.config(&image), form.as_ref())
            .map_err(|why| Refused::Conversion(place.checked_sub(1), why))?;
        if let Some(converted) = converted {
            self.take_image(place, &converted);
            self.become_root(converted.manifest.into())?;
        }
        if self.root.format.is_schema1() {
            self.become_schema1(model, &image)?;
        }
        Ok(())
    }

    /// Takes what schema 1 does not say of the layers of that image, and the signature.
    fn become_schema1(&mut self, model: &Model, image: &Manifest) -> Result<(), Refused> {
        for layer in image.image().map_or(&[][..], |image| &image.layers) {
            if let (Some(digest), Some(size)) = (&layer.digest, layer.size) {
                self.known.push(KnownBlob {
                    digest: digest.clone(),
                    size,
                    source: self.source.clone(),
                });
            }
        }
        if model.choice.format != (Format::DockerSchema1 { signed: true }) {
            return Ok(());
        }
        match &model.signed {
            Some((digest, Ok(signed))) if *digest == self.digest => {
                self.become_root(Rc::clone(signed))
            }
            Some((digest, Err(why))) if *digest == self.digest => {
                Err(Refused::NotSigned(why.clone()))
            }
            Some(_) | None => {
                self.is_unsigned = true;
                Ok(())
            }
        }
    }

    /// Takes what an image became, but for its manifest; `place` is that of its change.
    fn take_image(&mut self, place: usize, image: &rewrite::Image) {
        self.changes[place].rewritten(image);
        self.given.extend(config_given(image));
        self.known.extend(image.layers.known.iter().cloned());
        if image.names_empty_layer {
            let empty = Rc::from(&EMPTY_LAYER_BYTES[..]);
            self.given.push((Digest::sha256(&EMPTY_LAYER_BYTES), empty));
        }
        self.unread.extend(image.layers.unread.iter().cloned());
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
        let own = ListKind::from_format(root.format);
        let (Some(kind), Some(list)) = (format.list().or(own), root.list()) else {
            return Ok(false);
        };
        if model.choice.is_exact() {
            return Ok(false);
        }
        if matches!(format, Format::DockerSchema1 { .. }) {
            return Err(Refused::ListOfSchema1);
        }
        let form = model.choice.form();
        let mut written = Vec::new();
        let mut is_changed = own != Some(kind);
        let kept = entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.is_kept);
        for (place, entry) in kept {
            let mut descriptor = entry.descriptor.clone();
            if let Some(image) = Self::convert_entry(model, entry, place, form.as_ref())? {
                is_changed = true;
                self.take_image(place + 1, &image);
                descriptor
                    .media_type
                    .clone_from(&image.descriptor.media_type);
                descriptor.digest.clone_from(&image.descriptor.digest);
                descriptor
                    .digest_text
                    .clone_from(&image.descriptor.digest_text);
                descriptor.size = image.descriptor.size;
                descriptor.data = None;
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
        form: Option<&Form>,
    ) -> Result<Option<rewrite::Image>, Refused> {
        let manifest = entry.descriptor.digest.as_ref();
        let manifest = manifest.and_then(|digest| model.manifest(digest));
        let incomplete = || Refused::Root(Ineligible::Incomplete { member: "digest" });
        let manifest = manifest.ok_or_else(incomplete)?;
        let is_oci = matches!(
            manifest.format,
            ManifestFormat::OciManifest | ManifestFormat::OciArtifact
        );
        if manifest.list().is_some() {
            return Err(Refused::Nested(place));
        }
        let is_other = manifest
            .image()
            .is_none_or(|image| image.artifact().is_some());
        let stays = is_oci && form.is_none_or(|form| matches!(form, Form::Oci(_)));
        let is_compressed = model.choice.compression.is_some();
        if stays && (!is_compressed || is_other || matches!(entry.kind, Kind::Attestation(_))) {
            return Ok(None);
        }
        rewrite::image(model, manifest, model.config(manifest), form)
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

    /// How many bytes a layer has, where its manifest does not say so.
    #[must_use]
    pub fn size_of(&self, digest: &Digest) -> Option<u64> {
        let known = self.known.iter().find(|known| known.digest == *digest);
        let given = || self.given.iter().find(|(known, _)| known == digest);
        let given = || given().map(|(_, bytes)| bytes.len() as u64);
        known.map(|known| known.size).or_else(given)
    }

    /// Where a layer is read.
    #[must_use]
    pub fn source_of(&self, digest: &Digest) -> &Repository {
        let known = self.known.iter().find(|known| known.digest == *digest);
        known.map_or(&self.source, |known| &known.source)
    }

    /// The push that writes it into a registry; `None` where what the tag is to name has no digest
    /// or no format that could be put. The tags in `more_tags` are to name the same as that of the
    /// target.
    #[must_use]
    pub fn task(&self, target: &Reference, more_tags: &[Tag]) -> Option<Task> {
        let task = Task::copy(Rc::clone(&self.root), self.source.clone(), target)?;
        Some(Task {
            given: self.given.clone(),
            known: self.known.clone(),
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
