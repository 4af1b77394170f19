//! The steps of a push.
//!
//! What is known of each manifest, each blob, the tag and each fallback tag, and how far it
//! is. `how` says what has to be done, and `state` how it stands with that: in a push that
//! runs a step that failed keeps its `how`, so that a retry knows what to do without asking.

use std::rc::Rc;

use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::media_type::MediaType;
use crate::reference::Tag;
use crate::registry::push::Repository;
use crate::registry::upload::{BlobSource, Upload, UploadOutcome};
use crate::verify::Comparison;

use super::{Failure, Model};

/// How it stands with a step.
#[derive(Clone, Debug, PartialEq)]
pub enum StepState {
    /// Nothing is known yet.
    Unknown,
    /// A registry is being asked about it.
    Asked,
    /// The target has it, so that there is nothing to do.
    Present,
    /// A layer that is not distributed: it stays where its `urls` say.
    NotDistributed,
    /// It is to be written.
    Planned,
    /// It is being written.
    Running {
        /// How many bytes the target has.
        sent: u64,
    },
    /// It was written.
    Done,
    /// It was not.
    Failed(Failure),
}

impl StepState {
    /// Whether the target has it, or needs no more of it.
    #[must_use]
    pub fn is_there(&self) -> bool {
        matches!(self, Self::Present | Self::NotDistributed | Self::Done)
    }

    /// Whether nothing is left to do: it is there, or was left alone.
    pub(super) fn is_over(&self) -> bool {
        self.is_there() || self.failure().is_some_and(Failure::is_left_alone)
    }

    /// Why it failed, where it did.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

/// What has to be done so that the target has something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transfer {
    /// The registry takes a blob from another of its repositories; where it does not, the blob
    /// is copied.
    Mount,
    /// A blob is read from its source and written to the target, a piece at a time.
    Copy,
    /// Bytes that are here are written.
    Put,
}

/// A manifest: the list, one of its entries, or one of a nested list.
#[derive(Clone, Debug)]
pub struct ManifestStep {
    /// Its digest.
    pub digest: Digest,
    /// Its media type.
    pub media_type: MediaType,
    /// Its size in bytes, as its descriptor states; `None` where it does not.
    pub size: Option<u64>,
    /// Where it is read; `None` where no registry is known to have it. It is here then, or the
    /// step fails unless the target has it.
    pub source: Option<Repository>,
    /// What has to be done; `None` where that is nothing, or not known yet.
    pub how: Option<Transfer>,
    /// How it stands with it.
    pub state: StepState,
    /// Its config and layers, as places in [`Model::blobs`]; none where the target has the
    /// manifest. One that it names twice stands here twice.
    pub blobs: Vec<usize>,
    /// The manifests that it names, as places in [`Model::manifests`].
    pub children: Vec<usize>,
    /// What is put: set once it was read and nothing was found wrong with it.
    pub(super) bytes: Option<Rc<[u8]>>,
    /// The digest of its subject, and how the manifest stands in a list of referrers.
    pub(super) refers: Option<Box<(Digest, Descriptor)>>,
}

/// A config or a layer.
#[derive(Clone, Debug)]
pub struct BlobStep {
    /// Its digest.
    pub digest: Digest,
    /// Its media type.
    pub media_type: Option<MediaType>,
    /// Its size in bytes; `None` where the descriptor does not state it, and then it cannot be
    /// written.
    pub size: Option<u64>,
    /// Where it is; `None` where that is not known.
    pub from: Option<BlobSource>,
    /// What has to be done; `None` where that is nothing, or not known yet.
    pub how: Option<Transfer>,
    /// How it stands with it.
    pub state: StepState,
    /// What an attempt that failed left at the target, to go on from. The next attempt takes
    /// it along.
    pub(super) upload: Option<Upload>,
}

/// A tag.
#[derive(Clone, Debug)]
pub struct TagStep {
    /// The tag.
    pub tag: Tag,
    /// What it named before; `None` where there was no such tag, or that is not known yet.
    pub named: Option<Digest>,
    /// What has to be done; `None` where that is nothing, or not known yet.
    pub how: Option<Transfer>,
    /// How it stands with it.
    pub state: StepState,
    /// How it stands with reading it back; `Unknown` until everything else is there.
    pub read_back: StepState,
    /// What it named when it was read back, compared with what it is to name; `None` before.
    pub outcome: Option<Comparison>,
    /// The manifest that it is to name, as a place in [`Model::manifests`].
    pub(super) names: usize,
}

/// A tag that lists the referrers of a manifest, for registries without the referrers API.
#[derive(Clone, Debug)]
pub struct ReferrersStep {
    /// The tag: `sha256-<hex>`.
    pub tag: Tag,
    /// The manifest that is referred to.
    pub subject: Digest,
    /// The entry that it has to have.
    pub entry: Descriptor,
    /// How it stands with it; present where the registry keeps referrers itself, or the tag
    /// lists the entry already.
    pub state: StepState,
    /// Whether the registry is known to keep none itself.
    pub(super) is_needed: bool,
    /// The media type and bytes of the new index, from when the old one was read until it is sent.
    pub(super) put: Option<(MediaType, Rc<[u8]>)>,
}

impl TagStep {
    /// A tag of which nothing is known yet.
    pub(super) fn new(tag: &Tag, names: usize) -> Self {
        Self {
            tag: tag.clone(),
            named: None,
            how: None,
            state: StepState::Unknown,
            read_back: StepState::Unknown,
            outcome: None,
            names,
        }
    }
}

impl BlobStep {
    /// Takes how many bytes the target has.
    ///
    /// A blob that was to be mounted is one to copy from here on, and its bytes count in the
    /// totals. The number is taken only while the blob is being written.
    pub(super) fn take_progress(&mut self, sent: u64) {
        // Bytes go only where mounting was refused.
        if self.how == Some(Transfer::Mount) {
            self.how = Some(Transfer::Copy);
        }
        if matches!(self.state, StepState::Running { .. }) {
            self.state = StepState::Running { sent };
        }
    }

    /// Takes that the blob is at the target, and the way it got there: one that was to be
    /// mounted may have been uploaded after all.
    pub(super) fn take_sent(&mut self, sent: UploadOutcome) {
        if sent == UploadOutcome::Uploaded && self.how == Some(Transfer::Mount) {
            self.how = Some(Transfer::Copy);
        }
        self.state = StepState::Done;
        self.upload = None;
    }
}

/// Counts over the whole plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Manifests that the target has already.
    pub manifests_present: usize,
    /// Manifests to put, the list included.
    pub manifests_put: usize,
    /// Blobs that the target has already, or that are not distributed.
    pub blobs_present: usize,
    /// Blobs to mount.
    pub blobs_mounted: usize,
    /// Blobs to copy or put.
    pub blobs_sent: usize,
    /// Manifests and blobs of which it is not known yet what has to be done.
    pub unknown: usize,
    /// Bytes to send, of blobs and manifests together. What turns out not to be mountable is
    /// added when that is known.
    pub bytes: u64,
    /// Bytes of these that were sent.
    pub sent: u64,
}

impl Totals {
    /// Adds the bytes of one step, and those of them that are at the target. A size that is
    /// not stated counts as nothing.
    fn add_bytes(&mut self, size: Option<u64>, state: &StepState) {
        let size = size.unwrap_or_default();
        let sent = match state {
            StepState::Done => size,
            StepState::Running { sent } => *sent,
            _ => 0,
        };
        self.bytes = self.bytes.saturating_add(size);
        self.sent = self.sent.saturating_add(sent);
    }
}

impl Model {
    /// Counts over the whole plan.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for step in &self.manifests {
            match step.how {
                Some(_) => {
                    totals.manifests_put += 1;
                    totals.add_bytes(step.size, &step.state);
                }
                None if step.state.is_there() => totals.manifests_present += 1,
                None => totals.unknown += 1,
            }
        }
        for step in &self.blobs {
            match step.how {
                Some(Transfer::Mount) => totals.blobs_mounted += 1,
                Some(Transfer::Copy | Transfer::Put) => {
                    totals.blobs_sent += 1;
                    totals.add_bytes(step.size, &step.state);
                }
                None if step.state.is_there() => totals.blobs_present += 1,
                None => totals.unknown += 1,
            }
        }
        totals
    }
}
