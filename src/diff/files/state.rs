//! The state of the files of two images: messages in, effects out.

use waybill_blobs::files::{DifferencesCounts, DifferencesQuery, DifferencesRows};
use waybill_core::reference::Reference;
use waybill_core::workflow::diff::{FilesPlan, Position};
use waybill_core::workflow::layers::Reading;

use super::message::{FilesEffect, FilesMsg, WantedBlob};
use crate::inspection::files::Read;
use crate::inspection::files::message::LayerTold;
use crate::limits::ROWS_DRAWN;

/// The files of two images, as far as they are compared. Only [`Files::update`] changes it.
#[derive(Debug)]
pub(crate) struct Files {
    /// What has to be read.
    pub(crate) plan: FilesPlan,
    /// Where each side's layers are.
    references: [Reference; 2],
    /// How far it is.
    pub(crate) phase: Phase,
    /// What is not as it should be of what was read.
    pub(crate) warnings: Vec<String>,
    /// What is looked at of what differs.
    pub(crate) query: DifferencesQuery,
    /// The rows that came last.
    pub(crate) rows: DifferencesRows,
    /// The number of the last question.
    number: u32,
}

/// How far it is.
#[derive(Debug)]
pub(crate) enum Phase {
    /// Nobody asked for it.
    Closed,
    /// The layers are read: how far each blob is.
    Reading(Vec<BlobState>),
    /// The worker compares.
    Comparing,
    /// It is compared.
    Compared(DifferencesCounts),
    /// The worker does not come, or stopped: why.
    Failed(String),
}

/// How far a blob is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BlobState {
    /// So many bytes of it came.
    Running(u64),
    /// It unpacks to more than is expected: shall it go on?
    Asks(u64),
    /// It cannot be read: why, and whether it can go on.
    Failed(String, bool),
    /// It is whole.
    Done(Read),
}

impl Files {
    /// Of two images whose files nobody asked for.
    #[must_use]
    pub(crate) fn new(plan: FilesPlan, references: [Reference; 2]) -> Self {
        Self {
            plan,
            references,
            phase: Phase::Closed,
            warnings: Vec::new(),
            query: DifferencesQuery {
                count: u32::try_from(ROWS_DRAWN).unwrap_or(u32::MAX),
                ..DifferencesQuery::default()
            },
            rows: DifferencesRows::default(),
            number: 0,
        }
    }

    /// Takes one message and returns the effects to run, in their order.
    pub(crate) fn update(&mut self, msg: FilesMsg) -> Vec<FilesEffect> {
        match msg {
            FilesMsg::Compare => self.read(),
            FilesMsg::Cancel => self.cancel(),
            FilesMsg::GoOn(place) => self.go_on(place),
            FilesMsg::CompareWhatCame => self.compare(),
            FilesMsg::Told(place, told) => self.told(place, told),
            FilesMsg::Compared(counts) => {
                self.phase = Phase::Compared(counts);
                if counts.left_out > 0 {
                    let words = format!(
                        "{} entries are not compared, since there are too many.",
                        counts.left_out
                    );
                    self.warnings.push(words);
                }
                self.ask()
            }
            FilesMsg::Unreadable(place) => {
                for name in self.names(place as usize) {
                    self.warnings
                        .push(format!("{name} is not compared: its list is broken."));
                }
                Vec::new()
            }
            FilesMsg::Failed(why) => {
                self.phase = Phase::Failed(why);
                vec![FilesEffect::StopReading]
            }
            FilesMsg::Only(only) => {
                self.query.only = only;
                self.query.from = 0;
                self.ask()
            }
            FilesMsg::Searched(search) => {
                self.query.search = search;
                self.query.from = 0;
                self.ask()
            }
            FilesMsg::ShowFrom(row) => {
                self.query.from = u32::try_from(row).unwrap_or(u32::MAX);
                self.ask()
            }
            FilesMsg::Answered(number, rows) => {
                // The answer to an older question is not what is looked at.
                if number == self.number {
                    self.rows = rows;
                }
                Vec::new()
            }
            FilesMsg::Save(form) => vec![FilesEffect::Report(form)],
            // The page saves it.
            FilesMsg::Reported(..) => Vec::new(),
        }
    }

    /// Stops what is under way; what was compared stays.
    pub(crate) fn cancel(&mut self) -> Vec<FilesEffect> {
        if !matches!(self.phase, Phase::Reading(_) | Phase::Comparing) {
            return Vec::new();
        }
        self.phase = Phase::Closed;
        vec![FilesEffect::StopReading, FilesEffect::Close]
    }

    fn read(&mut self) -> Vec<FilesEffect> {
        self.warnings.clear();
        self.rows = DifferencesRows::default();
        let states = vec![BlobState::Running(0); self.plan.blobs.len()];
        self.phase = Phase::Reading(states);
        if self.plan.blobs.is_empty() {
            return self.compare();
        }
        let blobs = self.plan.blobs.iter().enumerate();
        let blobs = blobs.map(|(place, blob)| {
            let wanted = WantedBlob {
                reference: self.references[blob.position as usize].clone(),
                digest: blob.digest.clone(),
                size: blob.size,
            };
            (place, wanted)
        });
        vec![FilesEffect::Read(blobs.collect())]
    }

    fn told(&mut self, place: usize, told: LayerTold) -> Vec<FilesEffect> {
        let Phase::Reading(blobs) = &mut self.phase else {
            return Vec::new();
        };
        let Some(blob) = blobs.get_mut(place) else {
            return Vec::new();
        };
        *blob = match told {
            LayerTold::Progress(received) => BlobState::Running(received),
            LayerTold::Asks => BlobState::Asks(received(blob)),
            LayerTold::Failed(why, goes_on) => BlobState::Failed(why, goes_on),
            LayerTold::Done(read) => BlobState::Done(read),
        };
        if blobs.iter().all(|blob| matches!(blob, BlobState::Done(_))) {
            return self.compare();
        }
        Vec::new()
    }

    fn go_on(&mut self, place: usize) -> Vec<FilesEffect> {
        let Phase::Reading(blobs) = &mut self.phase else {
            return Vec::new();
        };
        let Some(blob) = blobs.get_mut(place) else {
            return Vec::new();
        };
        let came = received(blob);
        match std::mem::replace(blob, BlobState::Running(came)) {
            BlobState::Asks(_) => vec![FilesEffect::Answer(place)],
            BlobState::Failed(_, true) => vec![FilesEffect::GoOn(place)],
            other => {
                *blob = other;
                Vec::new()
            }
        }
    }

    /// Has what came compared.
    fn compare(&mut self) -> Vec<FilesEffect> {
        let Phase::Reading(blobs) = &self.phase else {
            return Vec::new();
        };
        let mut warnings = Vec::new();
        for position in Position::BOTH {
            for (index, layer) in self.plan.layers[position as usize].iter().enumerate() {
                let name = layer_name(position, index);
                match layer {
                    Ok(place) => {
                        let digest = self.plan.blobs.get(*place).map(|blob| &blob.digest);
                        warnings.extend(faults(&name, blobs.get(*place), digest));
                    }
                    Err(Reading::Hashed(kind)) => {
                        warnings.push(format!(
                            "{name} is not compared: no file system, but {kind}."
                        ));
                    }
                    Err(Reading::Left(why)) => {
                        warnings.push(format!("{name} is not compared: {}.", why.words()));
                    }
                    Err(Reading::Unpacked) => {}
                }
            }
        }
        let listing = |(blob, state): (&_, &BlobState)| match state {
            BlobState::Done(read) if read.is_listed => {
                let blob: &waybill_core::workflow::diff::PlannedBlob = blob;
                Some(blob.digest.clone())
            }
            BlobState::Done(_)
            | BlobState::Running(_)
            | BlobState::Asks(_)
            | BlobState::Failed(..) => None,
        };
        let listings = self.plan.blobs.iter().zip(blobs).map(listing).collect();
        let places = self.plan.layers.each_ref().map(|layers| {
            let places = layers.iter().filter_map(|layer| layer.as_ref().ok());
            places
                .filter_map(|place| u32::try_from(*place).ok())
                .collect()
        });
        self.warnings = warnings;
        self.phase = Phase::Comparing;
        vec![
            FilesEffect::StopReading,
            FilesEffect::Compare(listings, places),
        ]
    }

    fn ask(&mut self) -> Vec<FilesEffect> {
        self.number += 1;
        vec![FilesEffect::Ask(self.number, self.query.clone())]
    }

    /// What the layers are called that are the blob of that place.
    #[must_use]
    pub(crate) fn names(&self, place: usize) -> Vec<String> {
        let all = Position::BOTH.into_iter().flat_map(|position| {
            let layers = self.plan.layers[position as usize].iter().enumerate();
            let of_blob = layers.filter(move |(_, layer)| **layer == Ok(place));
            of_blob.map(move |(index, _)| layer_name(position, index))
        });
        all.collect()
    }

    /// How many bytes are stated for all blobs together.
    #[must_use]
    pub(crate) fn bytes(&self) -> u64 {
        let sizes = self.plan.blobs.iter().filter_map(|blob| blob.size);
        sizes.fold(0, u64::saturating_add)
    }
}

/// How many bytes of a blob came.
pub(super) fn received(blob: &BlobState) -> u64 {
    match blob {
        BlobState::Running(received) | BlobState::Asks(received) => *received,
        BlobState::Failed(..) | BlobState::Done(_) => 0,
    }
}

fn layer_name(position: Position, index: usize) -> String {
    format!("Layer {} of the {} one", index + 1, position.name())
}

/// What is not as it should be of a layer.
fn faults(
    name: &str,
    state: Option<&BlobState>,
    named: Option<&waybill_core::digest::Digest>,
) -> Vec<String> {
    let Some(BlobState::Done(read)) = state else {
        let words = "did not come, so what is below it may look otherwise.";
        return vec![format!("{name} {words}")];
    };
    let mut faults: Vec<_> = read
        .faults
        .iter()
        .map(|fault| format!("{name}: {fault}."))
        .collect();
    if named != Some(&read.digest) {
        faults.push(format!(
            "{name} is not the one that its manifest names: its bytes hash to {}. What is compared is what came.",
            read.digest
        ));
    }
    if !read.is_listed {
        faults.push(format!(
            "{name} is not compared: it is no archive that can be listed."
        ));
    }
    faults
}
