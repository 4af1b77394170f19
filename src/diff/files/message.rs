//! What happens to the files of two images, and what they need done.

use waybill_blobs::files::{
    DifferencesCounts, DifferencesQuery, DifferencesRows, Differs, ReportForm,
};
use waybill_core::digest::Digest;
use waybill_core::reference::Reference;

use crate::inspection::files::message::LayerTold;

/// What happened.
#[derive(Clone, Debug)]
pub enum FilesMsg {
    /// Read the layers, and compare.
    Compare,
    /// Stop reading them.
    Cancel,
    /// Read on, of the blob of that place: it broke, or reached a limit.
    GoOn(usize),
    /// Compare what came, without the layers that did not.
    CompareWhatCame,
    /// Something came of reading the blob of that place.
    Told(usize, LayerTold),
    /// They are compared.
    Compared(DifferencesCounts),
    /// The list of the blob of that place cannot be read.
    Unreadable(u32),
    /// What compares them does not come, or stopped: why.
    Failed(String),
    /// Show one kind of differences; `None` for all but those of time alone.
    Only(Option<Differs>),
    /// A search is typed.
    Searched(String),
    /// Draw another part of the rows: from that one on, counted from 0.
    ShowFrom(usize),
    /// The rows of that question came.
    Answered(u32, DifferencesRows),
    /// Save all that differs as a report.
    Save(ReportForm),
    /// The report is here.
    Reported(ReportForm, String),
}

/// What is needed.
#[derive(Clone, Debug, PartialEq)]
pub enum FilesEffect {
    /// Read these blobs, each with its place, and send what comes of each back as [`FilesMsg::Told`].
    Read(Vec<(usize, WantedBlob)>),
    /// Stop reading.
    StopReading,
    /// Read on, of the blob of that place.
    GoOn(usize),
    /// Answer the question of the blob of that place: it goes on without limits.
    Answer(usize),
    /// Compare the files: the listings of the blobs, where they have one, and which of them the layers of each are.
    Compare(Vec<Option<Digest>>, [Vec<u32>; 2]),
    /// Ask for some of what differs.
    Ask(u32, DifferencesQuery),
    /// Ask for a report.
    Report(ReportForm),
    /// End what compares them.
    Close,
}

/// A blob that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedBlob {
    /// Where it is.
    pub reference: Reference,
    /// Its digest.
    pub digest: Digest,
    /// Its size, as it is stated.
    pub size: Option<u64>,
}
