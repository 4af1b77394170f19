//! The check of layers in words: what is offered, how each stands, and what came of it.
//!
//! ```text
//! offer       Check 4 layers, 142.0 MB
//! standing    12.3 MB of 71.0 MB, 8.2 MB a second, 8 s left · 12.3 MB of 71.0 MB, waiting: nothing for 5 s
//! seal        verified · another: sha256:… · not checked: the config names no diff ID for it
//! note        8 bytes stand behind the gzip data: some engines refuse them
//! conclusion  All 4 layers are the ones the manifest names, and unpack to what the config says.
//! ```
//!
//! Longer than most files: all that is said of one layer is read, and changed, side by side.

use crate::finding::Severity;
use crate::humanize::{count, number, size};
use crate::workflow::layers::{
    Blob, Compression, Failure, Found, ImagePlan, Limit, NoDiffId, NotChecked, NotFetched,
    NotUnpacked, Outcome, Plan, PlannedLayer, Progress, Reading, Seal, Seals, Standing, State,
    Tally, Told, Total, Wrong,
};

use super::explain::{Action, Explanation};
use super::status::Status;

impl Total {
    /// What the button says that reads these: how many, and how many bytes.
    ///
    /// Of a list it says of how many images they are. Layers are counted where they stand,
    /// bytes once a blob.
    #[must_use]
    pub fn offer(&self, images: Option<usize>) -> String {
        let bytes = match (self.bytes, self.is_exact) {
            (0, false) => "of unknown size".to_owned(),
            (bytes, false) => format!("at least {}", size(bytes)),
            (bytes, true) => size(bytes),
        };
        let layers = count(self.layers, "layer");
        match images {
            None => format!("Check {layers}, {bytes}"),
            Some(images) => {
                format!("Check {layers} of {}, {bytes}", count(images, "image"))
            }
        }
    }
}

impl Plan {
    /// What is said of a list's entries that are left out; `None` where none is.
    #[must_use]
    pub fn left_out_words(&self) -> Option<String> {
        let (one, is) = match self.left_out {
            0 => return None,
            1 => (true, "1 entry is".to_owned()),
            many => (false, format!("{} are", count(many, "entry"))),
        };
        Some(if self.grows {
            format!("{is} still to come.")
        } else if one {
            format!("{is} not counted: its manifest is not here, or is a list that is not opened.")
        } else {
            format!(
                "{is} not counted: their manifests are not here, or are lists that are not opened."
            )
        })
    }
}

impl Seal {
    /// The seal's status, and its words behind what it is of: `verified`, `another: …`.
    #[must_use]
    pub fn words(&self) -> (Status, String) {
        match self {
            Self::Open => (Status::Unchecked, "not checked yet".into()),
            Self::Verified => (Status::Verified, "verified".into()),
            Self::Wrong(wrong) => (Status::Failed, wrong.words()),
            Self::NotChecked(why) => (Status::Unchecked, ["not checked: ", &why.words()].concat()),
        }
    }
}

impl Wrong {
    fn words(&self) -> String {
        match self {
            Self::Digest(found) => format!("another: {found}"),
            Self::Size { stated, found } if found < stated => {
                format!(
                    "ended after {} of {} bytes",
                    number(*found),
                    number(*stated)
                )
            }
            Self::Size { stated, found } => {
                format!(
                    "{} bytes came, {} are stated",
                    number(*found),
                    number(*stated)
                )
            }
            Self::EndsEarly => "its compressed data end early".into(),
            Self::Corrupt(reason) => format!("it does not unpack: {reason}"),
        }
    }
}

impl NotChecked {
    fn words(&self) -> String {
        match self {
            Self::NoSize => "the manifest states none".into(),
            Self::UnpackedOnTheWay => "it was unpacked on the way (Content-Encoding)".into(),
            Self::NoDiffId(why) => why.words().into(),
            Self::NotUnpacked(why, compression) => why.words(*compression),
        }
    }
}

impl NoDiffId {
    fn words(self) -> &'static str {
        match self {
            Self::NoFileSystem => "it is no file system, so it has none",
            Self::NoConfig => "this image has no config that names one",
            Self::ConfigMissing => "the config is not here",
            Self::ConfigWrong => "the config is not the one that the manifest names",
            Self::TooFew => "the config names none for it",
            Self::Unusable => "the config names no SHA-256 for it",
        }
    }
}

impl NotUnpacked {
    fn words(&self, compression: Compression) -> String {
        match self {
            Self::NotAsked => "it was not unpacked".into(),
            Self::EndsEarly => "its compressed data end early".into(),
            Self::Corrupt(reason) => reason.clone(),
            Self::Window(bytes) => format!(
                "unpacking it takes a window of {} MiB, more than this page gives it",
                bytes >> 20
            ),
            Self::Unsupported => format!(
                "it is compressed with {}, which no specification of layers names",
                compression.name()
            ),
            Self::Stopped => "unpacking was stopped at the limit".into(),
        }
    }
}

impl NotFetched {
    /// Why the layer is not fetched, as a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NoDigest => "Not fetched: the manifest names no valid digest for it.",
            Self::Algorithm => {
                "Not fetched: its digest is of an algorithm that is not computed here."
            }
            Self::Foreign => {
                "Not fetched: it is not distributed with the image, and its other addresses are \
                 never asked."
            }
            Self::Empty => "Not fetched: it is the empty content {}, and no file system.",
        }
    }
}

/// How a layer stands, for its row and its box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerWords {
    /// What the seal in its box says.
    pub status: Status,
    /// Where it is, in one line; empty before anybody asked.
    pub line: String,
    /// What was found besides the seals, worst first: severity and a sentence.
    pub notes: Vec<(Severity, String)>,
}

impl PlannedLayer {
    /// How a layer stands, in words.
    #[must_use]
    pub fn words(&self, standing: &Standing<'_>, blob: Option<&Blob>) -> LayerWords {
        let plain = |status, line: String| LayerWords {
            status,
            line,
            notes: Vec::new(),
        };
        match standing {
            Standing::Left => {
                let why = match self.reading {
                    Reading::Left(why) => why.words(),
                    Reading::Unpacked | Reading::Hashed(_) => "",
                };
                plain(Status::Unchecked, why.into())
            }
            Standing::NotAsked => plain(Status::Unchecked, self.kind_words()),
            Standing::UnderWay => blob.map_or_else(
                || plain(Status::Unchecked, String::new()),
                |blob| plain(blob.status(), blob.line()),
            ),
            Standing::Done(seals, found) => LayerWords {
                status: if seals.is_wrong() {
                    Status::Failed
                } else if seals.is_good() {
                    Status::Verified
                } else {
                    Status::Unchecked
                },
                line: found.line(),
                notes: self.notes(seals, found),
            },
        }
    }

    /// What a layer is that is no file system; empty for one.
    fn kind_words(&self) -> String {
        match self.reading {
            Reading::Hashed(kind) => format!("No file system: it is {kind}."),
            Reading::Unpacked | Reading::Left(_) => String::new(),
        }
    }

    fn notes(&self, seals: &Seals, found: &Found) -> Vec<(Severity, String)> {
        let mut notes = Vec::new();
        if seals.is_unpacked_on_the_way() {
            let words = "What came hashes to the diff ID: it is the layer, unpacked on the way \
                         (Content-Encoding). The bytes that the manifest names were not seen here; \
                         the proxy asks for them as they are.";
            notes.push((Severity::Warning, words.into()));
        }
        if let Reading::Hashed(kind) = self.reading {
            let words =
                format!("It is {kind}: its digest and size are checked, nothing is unpacked.");
            notes.push((Severity::Note, words));
            return notes;
        }
        if let (Err(reason), Ok(_)) = (&found.archive, &found.diff_id) {
            notes.push((
                Severity::Error,
                format!("It is no whole archive: {reason}."),
            ));
        }
        if found.trailing > 0 {
            let words = format!(
                "{} behind the {} data: some engines refuse them.",
                bytes_stand(found.trailing),
                found.compression.name()
            );
            notes.push((Severity::Warning, words));
        }
        if !seals.is_unpacked_on_the_way()
            && let Some(stated) = self.stated_compression()
            && stated != found.compression
        {
            let words = format!(
                "Its media type says {}, its bytes are {}: most engines go by the bytes.",
                stated.name(),
                found.compression.name()
            );
            notes.push((Severity::Warning, words));
        }
        notes
    }

    /// The compression that the media type states; `None` where it states none that is known.
    pub(crate) fn stated_compression(&self) -> Option<Compression> {
        let text = self.media_type.as_ref()?.as_str().to_ascii_lowercase();
        match text.rsplit(['+', '.']).next()? {
            "gzip" => Some(Compression::Gzip),
            "zstd" => Some(Compression::Zstd),
            "tar" => Some(Compression::None),
            _ => None,
        }
    }
}

fn bytes_stand(bytes: u64) -> String {
    match bytes {
        1 => "1 byte stands".into(),
        many => format!("{} bytes stand", number(many)),
    }
}

impl Blob {
    /// What its seal says before all of it came.
    fn status(&self) -> Status {
        match &self.state {
            State::Running => Status::Pending,
            State::Failed(failure) if **failure != Failure::Cancelled => Status::Failed,
            State::Waiting
            | State::Paused
            | State::Asking(_)
            | State::Failed(_)
            | State::Done(_) => Status::Unchecked,
        }
    }

    /// Where it is, in one line.
    fn line(&self) -> String {
        let bytes = self.bytes_words();
        match &self.state {
            State::Waiting if self.is_kept() => format!("Waits to go on behind {bytes}"),
            State::Waiting => "Waits for its turn".into(),
            State::Running => match (self.progress.bytes.received, self.progress.idle()) {
                (0, None) => "Waiting for its bytes".into(),
                (0, Some(idle)) => format!("Waiting for its bytes for {idle} s"),
                (_, None) => bytes + &rate_words(&self.progress, self.wanted.size),
                (_, Some(idle)) => format!("{bytes}, waiting: nothing for {idle} s"),
            },
            State::Paused if self.is_kept() => format!("Paused at {bytes}"),
            State::Paused => "Paused".into(),
            State::Asking(limit) => self.question(*limit),
            State::Failed(failure) if **failure == Failure::Cancelled => "Cancelled".into(),
            State::Failed(_) => format!("Failed at {bytes}"),
            State::Done(found) => found.line(),
        }
    }

    fn bytes_words(&self) -> String {
        let received = size(self.progress.bytes.received);
        match self.wanted.size {
            Some(all) => format!("{received} of {}", size(all)),
            None => received,
        }
    }

    /// What somebody has to answer before it goes on.
    fn question(&self, limit: Limit) -> String {
        let bytes = self.progress.bytes;
        let unpacked = size(bytes.unpacked);
        match limit {
            Limit::Received => format!(
                "{} came, far more than the manifest states. Go on?",
                size(bytes.received)
            ),
            Limit::Unpacked => format!("It unpacks to more than {unpacked}. Go on?"),
            Limit::Ratio => format!(
                "It unpacks to {unpacked} by now, {} times as much as came. Go on?",
                number(bytes.unpacked / bytes.received.max(1))
            ),
        }
    }

    /// What is told of a blob that did not come; `None` where it came, or is still awaited, or
    /// was cancelled.
    ///
    /// What came is kept wherever it can be, and going on begins behind it.
    #[must_use]
    pub fn explain(&self) -> Option<Explanation> {
        let State::Failed(failure) = &self.state else {
            return None;
        };
        let came = number(self.progress.bytes.received);
        let ended = match self.wanted.size {
            Some(all) => format!("after {came} of {} bytes", number(all)),
            None => format!("after {came} bytes"),
        };
        let kept = "go on: it begins behind what came, which is kept";
        let mut told = match &**failure {
            Failure::Cancelled => return None,
            Failure::Registry(error) => error.explain(),
            Failure::Broken => Explanation {
                what: format!("the connection broke {ended}"),
                causes: vec![
                    "the network was lost",
                    "the registry, or a server on the way, ended the connection",
                ],
                ..Explanation::default()
            },
            Failure::Worker(words) => Explanation {
                what: "what reads layers in the background stopped".into(),
                evidence: vec![words.clone()],
                next: vec![
                    "go on: it is started anew".into(),
                    "where that does not help, load the page again".into(),
                ],
                ..Explanation::default()
            },
        };
        if self.is_kept() {
            if matches!(**failure, Failure::Registry(_)) {
                told.evidence.push(format!("it stopped {ended}"));
            }
            told.next.insert(0, kept.into());
        }
        // The row's own buttons go on, with this layer alone.
        told.actions.retain(|action| *action != Action::Retry);
        Some(told)
    }
}

impl Found {
    /// What came, in one line.
    fn line(&self) -> String {
        let came = size(self.size);
        match (self.compression, &self.diff_id) {
            (Compression::None, _) | (_, Err(_)) => format!("{came} read"),
            (_, Ok(_)) => format!("{came} read, {} unpacked", size(self.unpacked)),
        }
    }
}

/// How fast it goes and how long the rest takes, behind the bytes; empty where that is unknown.
#[must_use]
pub fn rate_words(progress: &Progress, all: Option<u64>) -> String {
    let Some(rate) = progress.rate() else {
        return String::new();
    };
    let rest = all.and_then(|all| progress.rest(all)).map(rest_words);
    format!(", {} a second{}", size(rate), rest.unwrap_or_default())
}

fn rest_words(seconds: u64) -> String {
    match seconds {
        0 => String::new(),
        1..=99 => format!(", {seconds} s left"),
        100..=5_999 => format!(", {} min left", seconds.div_ceil(60)),
        _ => format!(", {} h left", seconds.div_ceil(3_600)),
    }
}

/// How far several blobs are together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotalWords {
    /// The bytes that came.
    pub received: u64,
    /// All bytes, as far as they are stated.
    pub all: u64,
    /// Both in words, with rate and rest.
    pub line: String,
}

/// Says how far the blobs of these are together, as far as somebody asked for them.
#[must_use]
pub fn total_words<'a>(blobs: impl IntoIterator<Item = &'a Blob>) -> TotalWords {
    let (mut received, mut all, mut rate) = (0_u64, 0_u64, None);
    for blob in blobs {
        let came = blob.progress.bytes.received;
        received = received.saturating_add(came);
        all = all.saturating_add(blob.wanted.size.unwrap_or(came).max(came));
        if blob.state == State::Running
            && let Some(more) = blob.progress.rate()
        {
            rate = Some(more.saturating_add(rate.unwrap_or(0)));
        }
    }
    let mut line = format!("{} of {}", size(received), size(all));
    if let Some(rate) = rate.filter(|rate| *rate > 0) {
        let rest = rest_words((all - received).div_ceil(rate));
        line = [&line, ", ", &size(rate), " a second", &rest].concat();
    }
    TotalWords {
        received,
        all,
        line,
    }
}

impl Tally {
    /// What came of it, in one sentence; `None` where nobody asked, or it is still under way.
    ///
    /// `is_list` says whether the layers are those of several images.
    #[must_use]
    pub fn conclusion(&self, is_list: bool) -> Option<String> {
        let of = |number: usize| {
            let images = if is_list {
                [" of ", &count(self.images, "image")].concat()
            } else {
                String::new()
            };
            count(number, "layer") + &images
        };
        if self.running > 0 {
            return None;
        }
        match self.outcome() {
            Outcome::NotAsked => None,
            Outcome::Running => Some(format!(
                "Paused: {} of {} checked so far.",
                number((self.good + self.half) as u64),
                of(self.layers)
            )),
            Outcome::Verified => Some(self.verified_words(is_list, &of(self.layers))),
            Outcome::Mismatch | Outcome::Partly => Some(self.rest_words(&of(self.layers))),
        }
    }

    fn verified_words(&self, is_list: bool, layers: &str) -> String {
        let (manifest, config) = if is_list {
            ("the manifests name", "the configs say")
        } else {
            ("the manifest names", "the config says")
        };
        let file_systems = self.layers - self.no_file_system;
        match (self.layers, file_systems) {
            (1, 0) => format!("The only layer is the one {manifest}; it is no file system."),
            (1, _) => {
                format!("The only layer is the one {manifest}, and unpacks to what {config}.")
            }
            (_, 0) => format!("All {layers} are the ones {manifest}; they are no file systems."),
            (all, same) if all == same => {
                format!("All {layers} are the ones {manifest}, and unpack to what {config}.")
            }
            (_, some) => format!(
                "All {layers} are the ones {manifest}; the {} among them unpack to what {config}.",
                count(some, "file system")
            ),
        }
    }

    /// Each number that is not 0, in words, worst first.
    fn rest_words(&self, layers: &str) -> String {
        let mut words: Vec<String> = Vec::new();
        let mut say = |number: usize, one: &str, many: &str| match number {
            0 => {}
            1 => words.push(["1 ", one].concat()),
            many_of => words.push(format!("{many_of} {many}")),
        };
        say(
            self.wrong,
            "is not what was named",
            "are not what was named",
        );
        say(self.missing, "did not come", "did not come");
        say(
            self.no_archive,
            "is no whole archive",
            "are no whole archives",
        );
        say(
            self.unpacked_on_the_way,
            "was unpacked on the way",
            "were unpacked on the way",
        );
        say(
            self.half,
            "is the one the manifest names, its diff ID was not checked",
            "are the ones the manifest names, their diff IDs were not checked",
        );
        say(self.cancelled, "was cancelled", "were cancelled");
        say(self.running + self.halted, "is under way", "are under way");
        say(self.left, "is not fetched", "are not fetched");
        say(self.not_asked, "was not asked for", "were not asked for");
        say(self.good, "is what was named", "are what was named");
        say(
            self.spare,
            "diff ID of the config has no layer",
            "diff IDs of the config have no layer",
        );
        format!("Of {layers} {}.", words.join("; "))
    }

    /// What came of it in a few words, lower case and without a full stop: `all 4 verified`,
    /// `1 of 4 differs`. Empty where nobody asked.
    #[must_use]
    pub fn note(&self) -> String {
        let of = |number: usize| format!("{number} of {}", self.layers);
        match self.outcome() {
            Outcome::NotAsked => String::new(),
            Outcome::Running => "being checked".into(),
            Outcome::Verified if self.layers == 1 => "verified".into(),
            Outcome::Verified => format!("all {} verified", self.layers),
            Outcome::Mismatch if self.wrong == 1 => of(1) + " differs",
            Outcome::Mismatch => of(self.wrong) + " differ",
            Outcome::Partly if self.missing > 0 => of(self.missing) + " missing",
            Outcome::Partly => ["partly: ", &of(self.good), " verified"].concat(),
        }
    }

    /// What an inspection keeps of it for the manifest of that digest.
    #[must_use]
    pub fn told(&self, manifest: crate::digest::Digest) -> Told {
        Told {
            manifest,
            outcome: self.outcome(),
            wrong: self.wrong,
            missing: self.missing,
            note: self.note(),
        }
    }
}

impl ImagePlan {
    /// What is said of diff IDs that have no layer; `None` where each has one.
    #[must_use]
    pub fn spare_words(&self) -> Option<String> {
        let first = self.spare.first()?;
        let (named, layers) = (self.layers.len() + self.spare.len(), self.layers.len());
        let rest = match self.spare.len() - 1 {
            0 => " has".to_owned(),
            more => format!(" and {more} more have"),
        };
        Some(format!(
            "The config names {} for {}: they are paired by their order, and {first}{rest} none.",
            count(named, "diff ID"),
            count(layers, "layer")
        ))
    }
}

#[cfg(test)]
mod tests;
