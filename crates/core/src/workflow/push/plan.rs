//! Making the plan.
//!
//! `plan_list` reads the list, which is here, and adds a step for each of its entries.
//! `next_question` takes the steps out of the queue one after the other, and `take_planned`
//! takes what was answered. A manifest that the target lacks is read, which adds steps for
//! what it names; so it goes on until nothing waits. What the target has is taken as whole:
//! nobody asks whether the blobs of a manifest that it has are there too.
//!
//! A digest has one step, however often it is named: `add_manifest` and `add_blob` see to that.
//!
//! Longer than most files: what is asked, what was answered and which steps come of it work on
//! one table of steps, sorted by digest.

use std::borrow::Cow;
use std::rc::Rc;

use crate::compose::eligibility::{Ineligible, refusal};
use crate::descriptor::Descriptor;
use crate::digest::{Algorithm, Digest};
use crate::limits;
use crate::manifest::detect::DeclaredTypes;
use crate::manifest::{Content, Manifest};
use crate::media_type::MediaType;
use crate::reference::Target;
use crate::registry::error::RegistryError;
use crate::registry::push::Repository;
use crate::registry::upload::{BlobSource, UploadError};
use crate::verify::{Comparison, DigestSource};

use super::{
    BlobStep, Companion, Effect, Failure, ManifestStep, Model, Outcome, Request, Step, StepState,
    TagStep, Transfer,
};

impl Model {
    /// The list is here, and so are the names of its entries.
    ///
    /// Nothing is asked yet. A list that may not be pushed stops the plan before its first
    /// request: one that `refusal` refuses, one with too many entries, one with an entry that
    /// lacks digest or media type or is of schema 1. It never gets its `bytes`, by which
    /// `retry` knows that there is nothing to try again.
    pub(super) fn plan_list(&mut self) {
        let root = self.task.root.clone();
        self.add_manifest(
            root.digest(),
            &root.media_type(),
            Some(root.size()),
            root.source().cloned(),
        );
        self.read(0, Rc::clone(root.bytes()), None);
        for companion in self.task.companions.clone() {
            self.plan_companion(&companion, root.source());
        }
        if self
            .manifests
            .iter()
            .any(|step| step.state.failure().is_some())
        {
            self.queue.clear();
            self.stopped = true;
        }
    }

    /// What goes along with the list is here too, as a manifest of its own with its tag.
    fn plan_companion(&mut self, companion: &Companion, source: Option<&Repository>) {
        let manifest = &companion.manifest;
        let named = manifest
            .digest(Algorithm::Sha256)
            .zip(manifest.format.media_type());
        let Some((digest, media_type)) = named else {
            return;
        };
        let size = Some(manifest.bytes.len() as u64);
        let place = self.add_manifest(&digest, &media_type, size, source.cloned());
        self.read(place, Rc::clone(&manifest.bytes), None);
        if let Some(tag) = &companion.tag {
            self.queue.push(Step::Tag(self.tags.len()));
            self.tags.push(TagStep::new(tag, place));
        }
    }

    /// The next question of the plan; `None` where nothing waits.
    ///
    /// Each manifest is asked for at the target first (HEAD), and read from its source only
    /// where the target lacks it. Steps come in the order in which they were found, what a
    /// source was found to be needed for at once.
    ///
    /// That the target was asked already is seen by `how`, which is set once it said no.
    pub(super) fn next_question(&mut self) -> Option<Effect> {
        let step = self.queue.pop()?;
        let place = self.task.target.clone();
        let request = match step {
            Step::Tag(index) => Request::ReadTarget {
                place,
                target: Target::Tag(self.tags[index].tag.clone()),
            },
            Step::Manifest(index) => {
                let ManifestStep {
                    digest, media_type, ..
                } = &self.manifests[index];
                match (&self.manifests[index].how, &self.manifests[index].source) {
                    // The target was asked already.
                    (Some(_), Some(source)) => Request::ReadSource {
                        place: source.clone(),
                        digest: digest.clone(),
                        media_type: media_type.clone(),
                    },
                    _ => Request::HasManifest {
                        place,
                        digest: digest.clone(),
                        media_type: media_type.clone(),
                    },
                }
            }
            Step::Blob(index) => Request::HasBlob {
                place,
                digest: self.blobs[index].digest.clone(),
            },
            Step::Referrers(_) | Step::ReadBack(_) => return None,
        };
        self.set(step, StepState::Asked);
        Some(self.effect(step, request))
    }

    /// Takes the answer to a question. A tag that is not there is no fault, it will be new; a
    /// source that fails is told at its own step, and the rest of the plan goes on.
    ///
    /// What the tag names is hashed here, whatever digest the registry names for it: where
    /// that is the digest of the list, there is no tag to put.
    pub(super) fn take_planned(&mut self, step: Step, answer: Outcome) {
        match (step, answer) {
            (Step::Tag(index), Outcome::Read(Ok(answer))) => {
                let named = Digest::sha256(&self.task.hashed(&answer.bytes));
                let tag = &mut self.tags[index];
                let is_same = named == self.manifests[tag.names].digest;
                tag.named = Some(named);
                tag.how = Some(Transfer::Put).filter(|_| !is_same);
                tag.state = if is_same {
                    StepState::Present
                } else {
                    StepState::Planned
                };
            }
            (Step::Tag(index), Outcome::Read(Err(RegistryError::NotFound(_)))) => {
                let tag = &mut self.tags[index];
                tag.how = Some(Transfer::Put);
                tag.state = StepState::Planned;
            }
            (Step::Manifest(index), Outcome::Has(Ok(has))) => self.take_has_manifest(index, has),
            (Step::Manifest(index), Outcome::Read(Ok(answer))) => {
                self.read(index, answer.bytes.into(), answer.content_type);
            }
            (Step::Manifest(_), Outcome::Read(Err(error))) => {
                self.set(step, StepState::Failed(Failure::source(error)));
            }
            (Step::Blob(index), Outcome::Has(Ok(has))) => {
                self.blobs[index].take_has(has, &self.task.target);
            }
            (_, Outcome::Has(Err(error)) | Outcome::Read(Err(error))) => {
                self.set(step, StepState::Failed(Failure::target(error)));
            }
            _ => {}
        }
    }

    /// Takes whether the target has a manifest. Where it lacks it, the bytes come from the
    /// list's own writer, from what a person gave, or from the source, in this order; where
    /// there is none of them, the step fails.
    ///
    /// A step whose source is to be read is `Unknown` again, and goes to the front of the queue.
    fn take_has_manifest(&mut self, index: usize, has: bool) {
        let step = &mut self.manifests[index];
        if has {
            // It may have failed before, when the target lacked it.
            step.how = None;
            step.state = StepState::Present;
            return;
        }
        step.how = Some(Transfer::Put);
        if step.bytes.is_some() {
            step.state = StepState::Planned;
        } else if let Some(bytes) = self.task.given(&step.digest) {
            self.read(index, bytes, None);
        } else if step.source.is_some() {
            step.state = StepState::Unknown;
            self.queue.push_front(Step::Manifest(index));
        } else {
            step.state = StepState::Failed(Failure::NoSource);
        }
    }

    /// Reads a manifest that is here and plans what it names. What differs from its descriptor
    /// is never put.
    ///
    /// The manifest is judged by the same rules as a row of Compose (`eligibility::refusal`):
    /// what no client would take is not put either. Nor is one whose digest is of an algorithm
    /// that is not computed here, since nobody could check it.
    ///
    /// What is wrong is told as the state of the step. Only a manifest with nothing wrong
    /// keeps its bytes, so that no others are ever put. The list itself is not `Planned` by
    /// this: the target has not been asked for it yet.
    fn read(&mut self, index: usize, bytes: Rc<[u8]>, content_type: Option<MediaType>) {
        let step = &self.manifests[index];
        let hashed = if index == 0 {
            self.task.hashed(&bytes)
        } else {
            Cow::Borrowed(&bytes[..])
        };
        let comparison = Comparison::new(
            Some(&hashed),
            DigestSource::Parent,
            step.digest.as_str(),
            step.size,
        );
        let verified = comparison.verdict.is_verified();
        if !verified && !comparison.verdict.is_mismatch() {
            self.manifests[index].state = StepState::Failed(UploadError::Unsupported.into());
            return;
        }
        let told = DeclaredTypes {
            content_type,
            descriptor: Some(step.media_type.clone()),
            digest_matched: verified,
        };
        let read = Manifest::read(Rc::clone(&bytes), &told);
        let (manifest, findings) = match read {
            Ok((manifest, findings)) => (Ok(manifest), findings),
            Err(error) => (Err(error), Vec::new()),
        };
        let refused = refusal(&manifest, &findings, &[comparison]);
        // One image may be of schema 1, whose registry judges it; what a list names may not.
        let refused = refused.filter(|why| index != 0 || *why != Ineligible::Schema1);
        if let Some(refused) = refused {
            self.manifests[index].state = StepState::Failed(refused.into());
            return;
        }
        let Ok(manifest) = manifest else { return };
        if let Err(failure) = self.add_named(index, &manifest.content) {
            self.manifests[index].state = StepState::Failed(failure);
            return;
        }
        let step = &mut self.manifests[index];
        step.refers = super::referrers::refers(&manifest, step).map(Box::new);
        step.bytes = Some(bytes);
        // The target is still to be asked for the list itself.
        if step.how.is_some() {
            step.state = StepState::Planned;
        }
    }

    /// Adds steps for what a manifest names: blobs of an image, in the order config, layers;
    /// entries of a list.
    ///
    /// A blob needs a digest and no more: `take_has` asks for its size only where it has to be
    /// written. An entry needs a digest and a media type that is well formed.
    ///
    /// Entries of a composed list have a source each, those of a list that is copied or nested have
    /// its source, and blobs that of their manifest. What has no source hands none down.
    ///
    /// The first descriptor that does not fit makes the manifest fail. Steps that were added
    /// before it stay in the plan, which does not get whole while that manifest fails.
    fn add_named(&mut self, index: usize, content: &Content) -> Result<(), Failure> {
        let source = self.manifests[index].source.clone();
        match content {
            Content::Image(image) => {
                let mut blobs = Vec::new();
                for descriptor in image.config.iter().chain(&image.layers) {
                    let digest = descriptor
                        .digest
                        .as_ref()
                        .ok_or(Ineligible::Incomplete { member: "digest" })?;
                    blobs.push(self.add_blob(descriptor, digest, source.as_ref())?);
                }
                self.manifests[index].blobs = blobs;
            }
            Content::List(list) => {
                let mut children = Vec::new();
                for (place, entry) in list.entries.iter().enumerate() {
                    let is_left_out = |digest| self.task.left_out.binary_search(digest).is_ok();
                    if entry.digest.as_ref().is_some_and(is_left_out) {
                        continue;
                    }
                    let source = match index {
                        0 if source.is_none() => self.task.sources.get(place).cloned().flatten(),
                        _ => source.clone(),
                    };
                    children.push(self.add_entry(entry, source)?);
                }
                self.manifests[index].children = children;
            }
            Content::Unknown => {}
        }
        Ok(())
    }

    /// Adds the step of a list's entry, and returns its place. Schema 1 is refused, since no
    /// list may name it.
    ///
    /// `TooMany` comes where manifests and blobs together are
    /// [`PUSHED_STEPS`](limits::PUSHED_STEPS) already and this digest is not one of them.
    pub(super) fn add_entry(
        &mut self,
        entry: &Descriptor,
        source: Option<Repository>,
    ) -> Result<usize, Failure> {
        let digest = entry
            .digest
            .as_ref()
            .ok_or(Ineligible::Incomplete { member: "digest" })?;
        let media_type = entry
            .media_type
            .as_ref()
            .filter(|media_type| media_type.is_well_formed());
        let media_type = media_type.ok_or(Ineligible::Incomplete {
            member: "mediaType",
        })?;
        if media_type.is_schema1() {
            return Err(Ineligible::Schema1.into());
        }
        self.check_room(&self.manifest_places, digest)?;
        Ok(self.add_manifest(digest, media_type, entry.size, source))
    }

    /// Fails where a digest would be a step too many: one that has none in `sorted` yet.
    fn check_room(&self, sorted: &[(Digest, usize)], digest: &Digest) -> Result<(), Failure> {
        let is_full = self.manifests.len() + self.blobs.len() >= limits::PUSHED_STEPS;
        if is_full && find(sorted, digest).is_err() {
            return Err(Failure::TooMany);
        }
        Ok(())
    }

    /// Adds the step of a manifest, once for each digest, and returns its place. A source that
    /// is learned later is taken where none was known, also by a step that failed without.
    ///
    /// Media type and size stay those of the descriptor that was met first. The new step waits
    /// to be asked about.
    fn add_manifest(
        &mut self,
        digest: &Digest,
        media_type: &MediaType,
        size: Option<u64>,
        source: Option<Repository>,
    ) -> usize {
        let (place, is_new) = place_of(&mut self.manifest_places, digest, self.manifests.len());
        if is_new {
            self.manifests.push(ManifestStep {
                digest: digest.clone(),
                media_type: media_type.clone(),
                size,
                source,
                how: None,
                state: StepState::Unknown,
                blobs: Vec::new(),
                children: Vec::new(),
                bytes: None,
                refers: None,
            });
            self.queue.push(Step::Manifest(place));
        } else if let Some(source) = source {
            self.learn_source(place, &source);
        }
        place
    }

    /// Takes a source of a manifest that had none. What was found in it without a source has
    /// the same now, and what failed for want of one is planned after all.
    fn learn_source(&mut self, place: usize, source: &Repository) {
        let mut places = vec![place];
        while let Some(place) = places.pop() {
            let step = &mut self.manifests[place];
            if step.source.is_some() {
                continue;
            }
            step.source = Some(source.clone());
            if step.state == StepState::Failed(Failure::NoSource) {
                step.state = StepState::Unknown;
                self.queue.push(Step::Manifest(place));
            }
            for blob in &step.blobs {
                let from = Some(BlobSource::Repository(source.clone()));
                self.blobs[*blob].learn(None, from, &self.task.target);
            }
            places.extend(&step.children);
        }
    }

    /// Adds the step of a blob, once for each digest, and returns its place. Bytes that are
    /// here (embedded `data`, or given by a person) come before a registry as its source.
    ///
    /// Embedded `data` counts only where it has the digest. The media type stays that of the
    /// descriptor that was met first; size and source are taken later only where none was
    /// known, also by a step that failed without. `TooMany` comes as in `add_entry`.
    pub(super) fn add_blob(
        &mut self,
        descriptor: &Descriptor,
        digest: &Digest,
        source: Option<&Repository>,
    ) -> Result<usize, Failure> {
        let here = descriptor
            .embedded()
            .map(Rc::from)
            .or_else(|| self.task.given(digest))
            .map(BlobSource::Bytes);
        let known = self.task.known(digest);
        let source = known.map(|known| &known.source).or(source).cloned();
        let size = descriptor.size.or(known.map(|known| known.size));
        let size = size.or_else(|| Some(self.task.given(digest)?.len() as u64));
        let from = here.or_else(|| source.map(BlobSource::Repository));
        self.check_room(&self.blob_places, digest)?;
        let (place, is_new) = place_of(&mut self.blob_places, digest, self.blobs.len());
        if is_new {
            self.blobs.push(BlobStep {
                digest: digest.clone(),
                media_type: descriptor.media_type.clone(),
                size,
                from,
                how: None,
                state: StepState::Unknown,
                upload: None,
            });
            self.queue.push(Step::Blob(place));
        } else {
            self.blobs[place].learn(size, from, &self.task.target);
        }
        Ok(place)
    }
}

impl BlobStep {
    /// Takes size and source where none was known. A step that failed for want of one is
    /// decided anew: that the target lacks the blob is known.
    fn learn(&mut self, size: Option<u64>, from: Option<BlobSource>, target: &Repository) {
        self.size = self.size.or(size);
        if self.from.is_none() {
            self.from = from;
        }
        // While the plan is made, a blob is refused for nothing but its size.
        if let Some(Failure::NoSource | Failure::Refused(_)) = self.state.failure() {
            self.take_has(false, target);
        }
    }

    /// Takes whether the target has the blob, and says what is to be done otherwise.
    ///
    /// In this order: what the target has is `Present`; a foreign layer is not distributed,
    /// wherever it is; without a size it cannot be written, without a source neither. Bytes
    /// that are here are put, a blob of a repository beside the target is mounted, any other
    /// copied.
    fn take_has(&mut self, has: bool, target: &Repository) {
        let is_foreign = self
            .media_type
            .as_ref()
            .is_some_and(MediaType::is_foreign_layer);
        (self.how, self.state) = match (&self.from, self.size) {
            _ if has => (None, StepState::Present),
            _ if is_foreign => (None, StepState::NotDistributed),
            (_, None) => (
                None,
                StepState::Failed(Ineligible::Incomplete { member: "size" }.into()),
            ),
            (None, _) => (None, StepState::Failed(Failure::NoSource)),
            (Some(BlobSource::Bytes(_)), _) => (Some(Transfer::Put), StepState::Planned),
            (Some(BlobSource::Repository(source)), _) if source.is_beside(target) => {
                (Some(Transfer::Mount), StepState::Planned)
            }
            (Some(BlobSource::Repository(_)), _) => (Some(Transfer::Copy), StepState::Planned),
        };
    }
}

/// Where a digest stands in `sorted`, or would stand.
fn find(sorted: &[(Digest, usize)], digest: &Digest) -> Result<usize, usize> {
    sorted.binary_search_by(|(known, _)| known.cmp(digest))
}

/// The place of a digest, `next` where it was not met before, and whether that is so.
///
/// A new digest is put into `sorted` at once: the caller has to push its step at `next`.
fn place_of(sorted: &mut Vec<(Digest, usize)>, digest: &Digest, next: usize) -> (usize, bool) {
    match find(sorted, digest) {
        Ok(found) => (sorted[found].1, false),
        Err(gap) => {
            sorted.insert(gap, (digest.clone(), next));
            (next, true)
        }
    }
}
