//! The writing: what a push does once its plan is whole and somebody started it.
//!
//! Blobs first, then the manifests that name them, the list by its digest, the tag, and at the
//! end the question what the tag names now. Which of them is next is asked again after each
//! answer, so nothing here waits.

use std::rc::Rc;

use crate::media_type::MediaType;
use crate::reference::Target;
use crate::registry::upload::Blob;

use super::{Effect, ManifestStep, Model, Request, Step, StepState, TagStep};

impl Model {
    /// The next write or, at the end, the reading back; `None` where what comes next has to
    /// wait for an answer, or nothing is left.
    ///
    /// The order is what makes a push safe: no manifest before its blobs, no list before its
    /// manifests, no tag before the list. A registry may refuse a manifest that names what it
    /// lacks (`MANIFEST_BLOB_UNKNOWN`), and a push that is cut at any step leaves the tag as
    /// it was.
    pub(super) fn next_write(&mut self) -> Option<Effect> {
        self.next_blob()
            .or_else(|| self.next_manifest())
            .or_else(|| self.next_tag())
            .or_else(|| self.next_referrers())
            .or_else(|| self.next_read_back())
    }

    /// Blobs go out in the order of the plan. `first_blob` remembers how many at the front are
    /// there, so that 100,000 steps are not walked for each.
    ///
    /// What an earlier attempt left of its upload goes along, and is then no longer the
    /// step's. `None` where no blob waits to be written, though some may be under way.
    pub(super) fn next_blob(&mut self) -> Option<Effect> {
        while self
            .blobs
            .get(self.first_blob)
            .is_some_and(|blob| blob.state.is_there())
        {
            self.first_blob += 1;
        }
        let planned = self
            .blobs
            .iter()
            .skip(self.first_blob)
            .position(|blob| blob.state == StepState::Planned)?;
        let place = self.first_blob + planned;
        let to = self.task.target.clone();
        let step = &mut self.blobs[place];
        let (size, from) = (step.size?, step.from.clone()?);
        let upload = step.upload.take();
        step.state = StepState::Running { sent: 0 };
        let blob = Box::new(Blob {
            digest: step.digest.clone(),
            size,
            from,
            to,
        });
        Some(self.effect(Step::Blob(place), Request::SendBlob { blob, upload }))
    }

    /// The next manifest all of whose blobs and children are there; the list is the last.
    ///
    /// It is put under its own digest, with the bytes that `read` checked. `first_manifest`
    /// remembers how many at the front are there. The list, at place 0, comes only when every
    /// other manifest is there. `None` where all that is left waits for what is under way.
    pub(super) fn next_manifest(&mut self) -> Option<Effect> {
        let is_ready = |step: &ManifestStep| {
            step.state == StepState::Planned
                && step
                    .blobs
                    .iter()
                    .all(|blob| self.blobs[*blob].state.is_there())
                && step
                    .children
                    .iter()
                    .all(|child| self.manifests[*child].state.is_there())
        };
        let mut first = self.first_manifest.max(1);
        while self
            .manifests
            .get(first)
            .is_some_and(|step| step.state.is_there())
        {
            first += 1;
        }
        let mut later = first..self.manifests.len();
        let place = later.find(|place| is_ready(&self.manifests[*place]));
        let list = || {
            let all_there = self
                .manifests
                .iter()
                .skip(first)
                .all(|step| step.state.is_there());
            (all_there && is_ready(&self.manifests[0])).then_some(0)
        };
        let place = place.or_else(list);
        self.first_manifest = first;
        let step = &mut self.manifests[place?];
        let bytes = step.bytes.clone()?;
        step.state = StepState::Running { sent: 0 };
        let request = self.task.put(
            Target::Digest(step.digest.clone()),
            step.media_type.clone(),
            &bytes,
        );
        Some(self.effect(Step::Manifest(place?), request))
    }

    /// Whether everything that the tag is to name is at the target: the list by its digest,
    /// and all below it.
    pub(super) fn is_list_there(&self) -> bool {
        self.manifests.iter().all(|step| step.state.is_there())
            && self.blobs.iter().all(|step| step.state.is_there())
    }

    /// Tags are put when everything else is there: the first one last, since it is the one that
    /// people ask for.
    ///
    /// The bytes of the list are put a second time, now under the tag. A tag that named the
    /// list already is `Present` and not put.
    pub(super) fn next_tag(&mut self) -> Option<Effect> {
        let place = self
            .tags
            .iter()
            .rposition(|tag| tag.state == StepState::Planned)?;
        let is_last = place == 0 && !self.tags.iter().skip(1).all(|tag| tag.state.is_there());
        if is_last || !self.is_list_there() {
            return None;
        }
        let (media_type, bytes) = self.named_by(place)?;
        let tag = &mut self.tags[place];
        tag.state = StepState::Running { sent: 0 };
        let request = self
            .task
            .put(Target::Tag(tag.tag.clone()), media_type, &bytes);
        Some(self.effect(Step::Tag(place), request))
    }

    /// What a tag is to name.
    fn named_by(&self, tag: usize) -> Option<(MediaType, Rc<[u8]>)> {
        let names = self.tags.get(tag)?.names;
        let step = self.manifests.get(names)?;
        Some((step.media_type.clone(), step.bytes.clone()?))
    }

    /// Reads each tag back once everything is put, fallback tags included: somebody else may have
    /// pushed in between. Only tags are read back.
    pub(super) fn next_read_back(&mut self) -> Option<Effect> {
        let is_done = self.tags.iter().all(|tag| tag.state.is_there())
            && self.referrers.iter().all(|step| step.state.is_over());
        if !is_done || !self.is_list_there() {
            return None;
        }
        let unread = |tag: &TagStep| tag.read_back == StepState::Unknown;
        let place = self.tags.iter().position(unread)?;
        let tag = &mut self.tags[place];
        tag.read_back = StepState::Asked;
        let request = Request::ReadTarget {
            place: self.task.target.clone(),
            target: Target::Tag(tag.tag.clone()),
        };
        Some(self.effect(Step::ReadBack(place), request))
    }
}
