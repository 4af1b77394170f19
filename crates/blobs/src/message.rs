//! What a page and its worker say to each other: plain values, of which both sides are built.
//!
//! The page says [`Command`]s, as lists of texts; the worker answers with [`Event`]s, as JSON
//! text. To read JSON as well would be 17 KB of the 80 that the worker may weigh. One worker reads
//! one layer at a time:
//!
//! ```text
//! page      Start   Fetch             Read                      Fetch (from the byte that is missing) …
//! worker                   Answered         Progress …  Broken                                    … Done
//! ```
//!
//! The page judges each answer before its body is read, so all that is known of ways, challenges
//! and tokens stays in the page. The bytes never come there: they are hashed where they arrive.

use std::fmt;

use serde::{Deserialize, Serialize};
use waybill_core::digest::Algorithm;
use waybill_core::registry::relay_path::{STATUS_HEADER, status_apart};

use crate::extract::Extracted;
use crate::layer::Found;

/// What a page tells a worker that is to hash only, with a port beside it: what comes from there.
pub const HASH: &str = "Hash";
/// What it tells the worker that reads layers, with the other end of that channel: what a layer
/// unpacks to is hashed behind it.
pub const HASH_ELSEWHERE: &str = "HashElsewhere";

/// What a page tells its worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A layer begins; what was read of another one is forgotten.
    Start(Start),
    /// Sends a request and tells the head of the answer. What was under way before it is stopped.
    Fetch(Fetch),
    /// Takes the body of the answer as the next bytes of the layer, but for the first `skip`,
    /// which came before.
    Read {
        /// How many bytes are left out.
        skip: u64,
    },
    /// Stops the request that is under way. The page ends the worker right behind it, which alone
    /// can take a tenth of a second to stop one.
    Cancel,
    /// Reads nothing more for now. After some time the connection is given up.
    Pause {
        /// How long it is kept, in seconds.
        seconds: u32,
    },
    /// Reads on; [`Event::Broken`] says that it takes another request.
    GoOn,
    /// What a person said to [`Event::Question`]: whether the layer is read without limits from
    /// now on. Else nothing more of it is unpacked, and its digest is still found.
    Answer {
        /// Whether it is.
        go_on: bool,
    },
}

/// A layer that is to be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The algorithm of its digest.
    pub algorithm: Algorithm,
    /// How many bytes its descriptor states: a connection that breaks behind all of them is no
    /// loss. It is not compared here.
    pub size: Option<u64>,
    /// What is wanted beside its digest and its `diff_id`.
    pub wanted: Wanted,
    /// Where somebody is asked.
    pub limits: Limits,
}

/// What is wanted of a layer beside its digest and its `diff_id`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The list of its entries.
    pub listing: bool,
    /// In that list the SHA-256 of the content of each file.
    pub contents: bool,
    /// The content of the file whose header stands there in the archive, in bytes from its
    /// beginning. What stands behind it is not read.
    pub file: Option<u64>,
    /// Its own bytes, of what kind.
    pub bytes: Bytes,
}

/// Which bytes of a layer the page is given, to save them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bytes {
    /// None.
    #[default]
    None,
    /// As they are stored. They are not unpacked then: only the digest is found.
    Stored,
    /// What they unpack to.
    Unpacked,
}

impl Bytes {
    const ALL: [Self; 3] = [Self::None, Self::Stored, Self::Unpacked];

    fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Stored => "stored",
            Self::Unpacked => "unpacked",
        }
    }
}

/// How far a layer is read before somebody is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many bytes may come.
    pub received: u64,
    /// How many bytes they may unpack to.
    pub unpacked: u64,
    /// How many bytes one byte may unpack to.
    pub ratio: u64,
    /// Up to how many unpacked bytes no ratio is too high: files of zeros are real.
    pub ratio_beyond: u64,
}

impl Limits {
    /// Those of a layer whose descriptor states a size, or none: 64 MiB over that size, 16 GiB
    /// unpacked, 200 times the bytes that came once that is more than 1 GiB.
    #[must_use]
    pub fn of_layer(stated_size: Option<u64>) -> Self {
        let unpacked = 16 << 30;
        Self {
            received: stated_size.map_or(unpacked, |size| size.saturating_add(64 << 20)),
            unpacked,
            ratio: 200,
            ratio_beyond: 1 << 30,
        }
    }
}

/// The limit that a layer reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Limit {
    /// More bytes came than [`Limits::received`].
    Received,
    /// They unpack to more than [`Limits::unpacked`].
    Unpacked,
    /// They unpack to more than [`Limits::ratio`] times as many.
    Ratio,
}

/// A request that is ready to be sent: a GET with these headers, whose redirects are followed.
#[derive(Clone, PartialEq, Eq)]
pub struct Fetch {
    /// The address; on the proxy a path.
    pub url: String,
    /// Names in lower case, with values.
    pub headers: Vec<(String, String)>,
    /// How long to wait for the head of the answer, in seconds.
    pub seconds_to_answer: u32,
    /// How long to wait for the next piece of the body, in seconds.
    pub idle_seconds: u32,
    /// How much of the body is told where the answer is an error, in bytes.
    pub limit: usize,
}

impl Fetch {
    /// The status of its answer, also where it was asked for apart.
    ///
    /// ```
    /// use waybill_blobs::message::Fetch;
    ///
    /// let apart = |status: &str| ("waybill-status".to_owned(), status.to_owned());
    /// let fetch = Fetch {
    ///     url: "/relay/https/r.example/v2/a/blobs/sha256:0".to_owned(),
    ///     headers: vec![apart("apart")],
    ///     seconds_to_answer: 60,
    ///     idle_seconds: 60,
    ///     limit: 0,
    /// };
    /// assert_eq!(fetch.status(200, &[apart("404")]), 404);
    /// // Who was not asked may send whatever it likes.
    /// let direct = Fetch { headers: Vec::new(), ..fetch };
    /// assert_eq!(direct.status(200, &[apart("404")]), 200);
    /// ```
    #[must_use]
    pub fn status(&self, status: u16, headers: &[(String, String)]) -> u16 {
        let is_apart = |(name, _): &&(String, String)| name == STATUS_HEADER;
        let asked = self.headers.iter().find(is_apart);
        let told = asked.and_then(|_| headers.iter().find(is_apart));
        status_apart(status, told.map(|(_, value)| value.as_str()))
    }
}

impl fmt::Debug for Fetch {
    /// Never shows the values of headers: one of them is `authorization`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.headers.iter().map(|(name, _)| name);
        write!(f, "{} ", self.url)?;
        f.debug_list().entries(names).finish()
    }
}

/// What a worker tells its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// It hears commands from now on.
    Ready,
    /// The head of an answer, and its body unless it is the layer's ([`is_content`]).
    Answered {
        /// The status.
        status: u16,
        /// Names in lower case, with values.
        headers: Vec<(String, String)>,
        /// The beginning of the body of an error, by the limit of [`Fetch`].
        body: String,
        /// Whether that body goes on.
        over_limit: bool,
    },
    /// No answer came.
    Unanswered {
        /// Whether it was waited for long enough; else the browser gave none.
        timed_out: bool,
    },
    /// How far it is: told ten times a second.
    Progress(Progress),
    /// The layer reached a limit: it waits for [`Command::Answer`].
    Question(Limit),
    /// The connection broke, or was given up in a pause. The layer goes on with the next request
    /// that begins at that byte.
    Broken {
        /// How many bytes came so far.
        received: u64,
    },
    /// The next bytes of the file that is wanted, or of the layer, travel beside this.
    Bytes,
    /// So many zeros are the next bytes of the file that is wanted.
    Zeros(u64),
    /// The file that is wanted came, as far as it does; [`Done`](Self::Done) follows, of a layer
    /// that was not read to its end.
    File(Extracted),
    /// The layer is whole. Its listing travels beside this, as bytes, or the last of what it
    /// unpacks to, where that is wanted.
    Done(Box<Found>),
}

/// How far a layer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// How many of its bytes came.
    pub received: u64,
    /// How many bytes those unpacked to.
    pub unpacked: u64,
}

/// Tells whether the body of an answer with that status is the layer's: of the whole blob, or of
/// a part of it.
#[must_use]
pub fn is_content(status: u16) -> bool {
    matches!(status, 200 | 206)
}

impl Command {
    /// Writes it as texts, the first of them its name.
    ///
    /// ```
    /// use waybill_blobs::message::Command;
    ///
    /// let command = Command::Read { skip: 7 };
    /// assert_eq!(command.to_texts(), ["Read", "7"]);
    /// assert_eq!(Command::from_texts(&["Read", "7"]), Some(command));
    /// assert_eq!(Command::from_texts(&["Read"]), None);
    /// ```
    #[must_use]
    pub fn to_texts(&self) -> Vec<String> {
        match self {
            Self::Start(start) => {
                let Start { wanted, limits, .. } = start;
                let size = start.size.map(|size| size.to_string());
                vec![
                    "Start".to_owned(),
                    start.algorithm.name().to_owned(),
                    size.unwrap_or_default(),
                    wanted.listing.to_string(),
                    wanted.contents.to_string(),
                    wanted.file.map(|file| file.to_string()).unwrap_or_default(),
                    wanted.bytes.name().to_owned(),
                    limits.received.to_string(),
                    limits.unpacked.to_string(),
                    limits.ratio.to_string(),
                    limits.ratio_beyond.to_string(),
                ]
            }
            Self::Fetch(fetch) => {
                let mut texts = vec![
                    "Fetch".to_owned(),
                    fetch.url.clone(),
                    fetch.seconds_to_answer.to_string(),
                    fetch.idle_seconds.to_string(),
                    fetch.limit.to_string(),
                ];
                for (name, value) in &fetch.headers {
                    texts.extend([name.clone(), value.clone()]);
                }
                texts
            }
            Self::Read { skip } => vec!["Read".to_owned(), skip.to_string()],
            Self::Cancel => vec!["Cancel".to_owned()],
            Self::Pause { seconds } => vec!["Pause".to_owned(), seconds.to_string()],
            Self::GoOn => vec!["GoOn".to_owned()],
            Self::Answer { go_on } => vec!["Answer".to_owned(), go_on.to_string()],
        }
    }

    /// Reads it from its texts; `None` where they are none.
    #[must_use]
    pub fn from_texts(texts: &[&str]) -> Option<Self> {
        let command = match *texts {
            [
                "Start",
                algorithm,
                size,
                listing,
                contents,
                file,
                bytes,
                received,
                unpacked,
                ratio,
                ratio_beyond,
            ] => {
                let mut algorithms = Algorithm::ALL.into_iter();
                Self::Start(Start {
                    algorithm: algorithms.find(|it| it.name() == algorithm)?,
                    size: match size {
                        "" => None,
                        size => Some(size.parse().ok()?),
                    },
                    wanted: Wanted {
                        listing: listing.parse().ok()?,
                        contents: contents.parse().ok()?,
                        file: match file {
                            "" => None,
                            file => Some(file.parse().ok()?),
                        },
                        bytes: Bytes::ALL.into_iter().find(|it| it.name() == bytes)?,
                    },
                    limits: Limits {
                        received: received.parse().ok()?,
                        unpacked: unpacked.parse().ok()?,
                        ratio: ratio.parse().ok()?,
                        ratio_beyond: ratio_beyond.parse().ok()?,
                    },
                })
            }
            [
                "Fetch",
                url,
                seconds_to_answer,
                idle_seconds,
                limit,
                ref headers @ ..,
            ] => {
                let headers = headers.chunks_exact(2);
                Self::Fetch(Fetch {
                    url: url.to_owned(),
                    headers: headers
                        .map(|it| (it[0].to_owned(), it[1].to_owned()))
                        .collect(),
                    seconds_to_answer: seconds_to_answer.parse().ok()?,
                    idle_seconds: idle_seconds.parse().ok()?,
                    limit: limit.parse().ok()?,
                })
            }
            ["Read", skip] => Self::Read {
                skip: skip.parse().ok()?,
            },
            ["Cancel"] => Self::Cancel,
            ["Pause", seconds] => Self::Pause {
                seconds: seconds.parse().ok()?,
            },
            ["GoOn"] => Self::GoOn,
            ["Answer", go_on] => Self::Answer {
                go_on: go_on.parse().ok()?,
            },
            _ => return None,
        };
        Some(command)
    }
}

impl Event {
    /// Writes it as JSON text.
    #[must_use]
    pub fn to_text(&self) -> String {
        // There is no map in it whose key is no text, so this does not fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads it from that text; `None` where it is none.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}
