//! Saving into a file: what has to be known before, and how far the writing is.
//!
//! [`copy`](super::copy) reads what goes along, and this plans the file of it: every size is known
//! before the first byte. Only skopeo's docker archive needs its layers read once more, because it
//! holds them unpacked, and how large they are then no manifest says.
//!
//! 1. [`Model::new`] plans; a docker archive waits for [`Msg::Measure`], which a person says, since
//!    it reads every layer.
//! 2. [`Msg::Save`] has the file opened, and [`Msg::Written`] tells how far it is.
//! 3. It ends [`Phase::Saved`], or with nothing under its name.
//!
//! `message` is what is asked and told. What writes asks [`Model::steps`], in their order, and holds every content to its digest
//! ([`Check`](crate::save::Check), or a worker that hashes).

mod message;

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::digest::{Algorithm, Digest, Hasher};
use crate::manifest::Manifest;
use crate::reference::Reference;
use crate::save::{
    Archive, Blob, Content, Piece, Root, SaveError, Unpacked, docker_archive, folder_of_schema1,
    oci_archive,
};

use super::copy::{How, Selection};

pub use message::{Effect, Form, Msg, Phase, Road, Step, Why};

/// A file that is being saved.
#[derive(Clone, Debug)]
pub struct Model {
    selection: Selection,
    root: Root,
    form: Form,
    unpacked: BTreeMap<Digest, Unpacked>,
    /// Layers that were not measured yet.
    unmeasured: VecDeque<Blob>,
    /// How many bytes of layers were measured.
    measured: u64,
    plan: Option<Rc<Archive>>,
    phase: Phase,
    written: u64,
    /// When how many bytes were written, in milliseconds: the newest last.
    times: VecDeque<(u64, u64)>,
}

/// How many times are kept, and how far apart they are at least, in milliseconds: so a rate is
/// that of about five seconds.
const TIMES: usize = 10;
const APART: u64 = 500;

impl Model {
    /// Plans a file of what goes along. `names` are those that it shall have in it.
    #[must_use]
    pub fn new(selection: Selection, names: Vec<Reference>, form: Form) -> Self {
        let root = Root {
            digest: selection.digest.clone(),
            names,
        };
        let mut model = Self {
            selection,
            root,
            form,
            unpacked: BTreeMap::new(),
            unmeasured: VecDeque::new(),
            measured: 0,
            plan: None,
            phase: Phase::Planned,
            written: 0,
            times: VecDeque::new(),
        };
        if form == Form::Docker {
            model.unmeasured = layers(&model.selection.root);
        }
        model.plan();
        model
    }

    /// How far it is.
    #[must_use]
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// Which archive it is.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// What goes along.
    #[must_use]
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// The image or list, and its names in the archive.
    #[must_use]
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// The archive, once it is known to the byte.
    #[must_use]
    pub fn archive(&self) -> Option<&Rc<Archive>> {
        self.plan.as_ref()
    }

    /// The size of what is written, in bytes; 0 before it is known.
    #[must_use]
    pub fn size(&self) -> u64 {
        let Some(plan) = &self.plan else { return 0 };
        match self.form {
            Form::Hybrid | Form::Docker | Form::FolderTar => plan.size(),
            Form::Folder => plan.files.iter().map(|file| file.content.size()).sum(),
        }
    }

    /// How many bytes are written.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written
    }

    /// How many bytes a second were written lately; `None` where too few were.
    #[must_use]
    pub fn rate(&self) -> Option<u64> {
        let ((from, before), (to, now)) = (self.times.front()?, self.times.back()?);
        let milliseconds = to.checked_sub(*from).filter(|it| *it >= APART)?;
        Some(now.saturating_sub(*before).saturating_mul(1000) / milliseconds)
    }

    /// How many seconds it takes yet, by that rate.
    #[must_use]
    pub fn seconds_left(&self) -> Option<u64> {
        let left = self.size().saturating_sub(self.written);
        Some(left.div_ceil(self.rate().filter(|rate| *rate > 0)?))
    }

    /// The name that is proposed for the file, or for the folder.
    #[must_use]
    pub fn file_name(&self, source: &Reference) -> String {
        let repository = source.repository().as_str();
        let name = repository.rsplit('/').next().unwrap_or(repository);
        let version = source.tag().map_or_else(
            || self.root.digest.short().to_owned(),
            |tag| tag.as_str().to_owned(),
        );
        let ending = match self.form {
            Form::Hybrid => ".tar",
            Form::Docker => ".docker.tar",
            Form::FolderTar => ".dir.tar",
            Form::Folder => "",
        };
        [name, "-", &version, ending].concat()
    }

    /// What tells this file from others: two of one key have the same bytes.
    #[must_use]
    pub fn key(&self) -> String {
        let mut hasher = Hasher::new(Algorithm::Sha256);
        for step in self.steps() {
            match step {
                Step::File(name) => hasher.update(name.as_bytes()),
                Step::Bytes(bytes) => hasher.update(&bytes),
                Step::Content(content) => {
                    let expected = content.expected();
                    let digest = expected.map_or("", |(digest, _)| digest.as_str());
                    hasher.update(digest.as_bytes());
                }
            }
        }
        hasher.finish().encoded().to_owned()
    }

    /// What is written, in its order.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let Some(plan) = &self.plan else {
            return Vec::new();
        };
        if self.form != Form::Folder {
            let step = |piece| match piece {
                Piece::Bytes(bytes) => Step::Bytes(bytes),
                Piece::Content(content) => Step::Content(content.clone()),
            };
            return plan.pieces().map(step).collect();
        }
        let step = |file: &crate::save::File| {
            let content = match &file.content {
                Content::Bytes(bytes) => Step::Bytes(bytes.to_vec()),
                other => Step::Content(other.clone()),
            };
            [Step::File(file.path.clone()), content]
        };
        plan.files.iter().flat_map(step).collect()
    }

    /// Whether something is read or written, so that nothing else may be begun.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.is_open() || matches!(self.phase, Phase::Measuring(_) | Phase::Opening)
    }

    /// Whether there is a file that is being written.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(
            self.phase,
            Phase::Running | Phase::Paused | Phase::Interrupted(_)
        )
    }

    /// Whether layers may be read, to know what they unpack to.
    #[must_use]
    pub fn may_measure(&self) -> bool {
        let stands = matches!(
            self.phase,
            Phase::Unmeasured(_) | Phase::Failed(_) | Phase::Cancelled
        );
        stands && self.plan.is_none() && !self.unmeasured.is_empty()
    }

    /// Whether the file may be written, once more too.
    #[must_use]
    pub fn may_save(&self) -> bool {
        let stands = matches!(
            self.phase,
            Phase::Planned | Phase::Failed(_) | Phase::Cancelled | Phase::Saved
        );
        stands && self.plan.is_some()
    }

    /// Plans the file, where everything is known for it.
    fn plan(&mut self) {
        // What was read and is not chosen any more does not go along.
        let changes = &self.selection.changes;
        let is_left_out = |digest: &Digest| {
            let mut left_out = changes.iter().filter(|change| change.how == How::LeftOut);
            left_out.any(|change| change.old.as_ref() == Some(digest))
                && changes
                    .iter()
                    .all(|change| change.new.as_ref() != Some(digest))
        };
        let here = |digest: &Digest| {
            let here = self.selection.here(digest);
            here.filter(|_| !is_left_out(digest))
        };
        let roots = std::slice::from_ref(&self.root);
        let planned = match self.form {
            Form::Hybrid => oci_archive(roots, &here),
            Form::Docker => docker_archive(roots, &here, &|it| self.unpacked.get(it).cloned()),
            Form::FolderTar | Form::Folder => {
                folder_of_schema1(roots, &here, &|it| self.selection.size_of(it))
            }
        };
        self.phase = match planned {
            Ok(plan) => {
                self.plan = Some(Rc::new(plan));
                Phase::Planned
            }
            Err(SaveError::NotUnpacked(_)) if !self.unmeasured.is_empty() => {
                Phase::Unmeasured(self.unmeasured.iter().map(|blob| blob.size).sum())
            }
            Err(refused) => Phase::Refused(refused),
        };
    }

    fn measure(&mut self) -> Vec<Effect> {
        if let Some(next) = self.unmeasured.front() {
            self.phase = Phase::Measuring(self.measured);
            return vec![Effect::Measure(next.clone())];
        }
        self.plan();
        Vec::new()
    }

    fn take_time(&mut self, at: u64) {
        let is_apart = |(last, _): &(u64, u64)| at.saturating_sub(*last) >= APART;
        if self.times.back().is_none_or(is_apart) {
            self.times.push_back((at, self.written));
            if self.times.len() > TIMES {
                self.times.pop_front();
            }
        }
    }
}

/// The layers of an image, each once; none of a list.
fn layers(root: &Manifest) -> VecDeque<Blob> {
    let mut found = VecDeque::<Blob>::new();
    for layer in root.image().map_or(&[][..], |image| &image.layers) {
        let (Some(digest), Some(size)) = (layer.digest.clone(), layer.size) else {
            continue;
        };
        if found.iter().all(|known| known.digest != digest) {
            found.push_back(Blob { digest, size });
        }
    }
    found
}

/// Takes one message into the model; the answer is what to do next. What comes too late changes
/// nothing.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Measure if model.may_measure() => return model.measure(),
        Msg::Measured(bytes) if matches!(model.phase, Phase::Measuring(_)) => {
            model.phase = Phase::Measuring(model.measured + bytes);
        }
        Msg::Unpacked(digest, result) if matches!(model.phase, Phase::Measuring(_)) => match result
        {
            Ok(unpacked) => {
                let done = model.unmeasured.pop_front();
                model.measured += done.map_or(0, |blob| blob.size);
                model.unpacked.insert(digest, unpacked);
                return model.measure();
            }
            Err(why) => model.phase = Phase::Failed(why),
        },
        Msg::Save if model.may_save() => {
            model.written = 0;
            model.times.clear();
            model.phase = Phase::Opening;
            return vec![Effect::Open];
        }
        Msg::Opened(result) if model.phase == Phase::Opening => {
            model.phase = match result {
                Ok(()) => Phase::Running,
                Err(None) => Phase::Planned,
                Err(Some(why)) => Phase::Failed(Why::Words(why)),
            };
        }
        Msg::Written { bytes, at } if model.is_open() => {
            model.written = bytes;
            model.take_time(at);
        }
        Msg::Interrupted(why) if model.is_open() => {
            model.times.clear();
            model.phase = Phase::Interrupted(why);
        }
        Msg::Pause if model.phase == Phase::Running => {
            model.times.clear();
            model.phase = Phase::Paused;
            return vec![Effect::Pause];
        }
        Msg::GoOn if model.is_open() && model.phase != Phase::Running => {
            model.phase = Phase::Running;
            return vec![Effect::GoOn];
        }
        Msg::Cancel if model.is_busy() => {
            model.phase = Phase::Cancelled;
            return vec![Effect::Cancel];
        }
        Msg::Failed(why) if model.is_busy() => model.phase = Phase::Failed(why),
        Msg::Saved if model.is_open() => {
            model.written = model.size();
            model.phase = Phase::Saved;
        }
        // It comes too late.
        Msg::Measure
        | Msg::Measured(_)
        | Msg::Unpacked(..)
        | Msg::Save
        | Msg::Opened(_)
        | Msg::Written { .. }
        | Msg::Interrupted(_)
        | Msg::Pause
        | Msg::GoOn
        | Msg::Cancel
        | Msg::Failed(_)
        | Msg::Saved => {}
    }
    Vec::new()
}

#[cfg(test)]
mod tests;
