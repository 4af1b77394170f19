//! How the layers of images stand, one by one and counted.

use super::found::{Failure, Seals};
use super::plan::{ImagePlan, NotFetched, PlannedLayer, Reading};
use super::{Blob, Model, Outcome, State};

/// How a layer of an image stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// It is not fetched, as its [`Reading`] says.
    Left,
    /// Nobody asked for it yet.
    NotAsked,
    /// It is under way, or did not come: the blob says how.
    UnderWay,
    /// All of it came: its seals.
    Done(Seals, &'a super::Found),
}

/// Tells how a layer stands.
#[must_use]
pub fn standing<'a>(model: &'a Model, layer: &PlannedLayer) -> (Standing<'a>, Option<&'a Blob>) {
    if matches!(layer.reading, Reading::Left(_)) {
        return (Standing::Left, None);
    }
    let Some(blob) = layer.digest.as_ref().and_then(|digest| model.blob(digest)) else {
        return (Standing::NotAsked, None);
    };
    let standing = match &blob.state {
        State::Done(found) => Standing::Done(Seals::compare(layer, found), found),
        State::Waiting | State::Running | State::Paused | State::Asking(_) | State::Failed(_) => {
            Standing::UnderWay
        }
    };
    (standing, Some(blob))
}

/// The layers of images, counted by how they stand. One that several images have is counted in
/// each; the empty descriptor is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The images that have layers.
    pub images: usize,
    /// All of them.
    pub layers: usize,
    /// Those that nobody asked for.
    pub not_asked: usize,
    /// Those that are being read, or wait for it.
    pub running: usize,
    /// Those that are paused, or wait for an answer.
    pub halted: usize,
    /// Those that did not come.
    pub missing: usize,
    /// Those that were cancelled.
    pub cancelled: usize,
    /// Those that are not fetched.
    pub left: usize,
    /// Those that are what was named, in everything.
    pub good: usize,
    /// Those among the good that are no file systems.
    pub no_file_system: usize,
    /// Those that are what the manifest names, while it is not known whether they unpack to what
    /// the config says.
    pub half: usize,
    /// Those that were unpacked on the way.
    pub unpacked_on_the_way: usize,
    /// Those that are not what was named.
    pub wrong: usize,
    /// Those that are right, and no archive, or none that ends as it should.
    pub no_archive: usize,
    /// The diff IDs for which there is no layer.
    pub spare: usize,
}

impl Tally {
    /// Counts the layers of these images.
    #[must_use]
    pub fn of<'a>(model: &Model, images: impl IntoIterator<Item = &'a ImagePlan>) -> Self {
        let mut tally = Self::default();
        for image in images {
            tally.images += usize::from(!image.layers.is_empty());
            tally.spare += image.spare.len();
            for layer in &image.layers {
                // Its content is known, and it is no layer.
                if layer.reading == Reading::Left(NotFetched::Empty) {
                    continue;
                }
                tally.layers += 1;
                let good = tally.good;
                *tally.slot(model, layer) += 1;
                if tally.good > good && matches!(layer.reading, Reading::Hashed(_)) {
                    tally.no_file_system += 1;
                }
            }
        }
        tally
    }

    /// The number that counts a layer as it stands.
    fn slot(&mut self, model: &Model, layer: &PlannedLayer) -> &mut usize {
        match standing(model, layer) {
            (Standing::Left, _) => &mut self.left,
            (Standing::NotAsked, _) => &mut self.not_asked,
            (Standing::UnderWay, blob) => match blob.map(|blob| &blob.state) {
                Some(State::Paused | State::Asking(_)) => &mut self.halted,
                Some(State::Failed(failure)) if **failure == Failure::Cancelled => {
                    &mut self.cancelled
                }
                Some(State::Failed(_)) => &mut self.missing,
                Some(State::Waiting | State::Running | State::Done(_)) | None => &mut self.running,
            },
            (Standing::Done(seals, _), _) if seals.is_wrong() => &mut self.wrong,
            (Standing::Done(seals, _), _) if seals.is_unpacked_on_the_way() => {
                &mut self.unpacked_on_the_way
            }
            (Standing::Done(seals, found), _) if seals.is_good() => {
                let is_read = matches!(layer.reading, Reading::Unpacked);
                if is_read && found.archive.is_err() {
                    &mut self.no_archive
                } else {
                    &mut self.good
                }
            }
            (Standing::Done(..), _) => &mut self.half,
        }
    }

    /// What came of it: the first that fits of a mismatch, something under way, nothing asked
    /// for, everything right, and the rest.
    ///
    /// A foreign layer, an archive that is none and a diff ID too many leave it at partly:
    /// nothing is wrong with the bytes that came, and not everything was seen that a verdict on
    /// the image needs.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if self.wrong > 0 {
            Outcome::Mismatch
        } else if self.running + self.halted > 0 {
            Outcome::Running
        } else if self.not_asked + self.left == self.layers {
            Outcome::NotAsked
        } else if self.good == self.layers && self.spare == 0 {
            Outcome::Verified
        } else {
            Outcome::Partly
        }
    }
}
