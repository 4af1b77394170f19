//! Which images a text names, and where each goes.

use std::fmt;

use crate::limits;
use crate::reference::{ARCHIVE_HOST, Reference, ReferenceError, Tag, Target};

/// A source and its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// What is copied.
    pub source: Reference,
    /// Whether the line says that its registry speaks plain http.
    pub source_http: bool,
    /// Where it goes, always with a tag.
    pub target: Reference,
    /// Whether its registry is said to speak plain http.
    pub target_http: bool,
    /// Whether the line names the target itself.
    pub names_target: bool,
}

impl Pair {
    /// The source as a person writes it, with `http://` where that was said.
    #[must_use]
    pub fn from(&self) -> String {
        written(&self.source, self.source_http)
    }

    /// The same of the target.
    #[must_use]
    pub fn to(&self) -> String {
        written(&self.target, self.target_http)
    }
}

/// Where sources go that name no target: a registry, and a path where that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    text: String,
    /// Whether its registry is said to speak plain http.
    pub plain_http: bool,
}

impl Base {
    /// Reads a text; `None` where there is none.
    ///
    /// # Errors
    ///
    /// Fails where no repository could stand below it.
    #[must_use]
    pub fn read(text: &str) -> Option<Result<Self, ReferenceError>> {
        let (bare, plain_http) = bare(text.trim());
        let bare = bare.trim_end_matches('/');
        (!bare.is_empty()).then(|| {
            // One name below Docker Hub would get `library/`.
            let below: Reference = [bare, "/x/x"].concat().parse()?;
            let host = below.host().as_str();
            let path = below.repository().as_str();
            let path = path.strip_suffix("x/x").unwrap_or(path);
            Ok(Self {
                text: [host, "/", path].concat().trim_end_matches('/').to_owned(),
                plain_http,
            })
        })
    }

    /// Where the repository and the tag of that source are below it.
    fn of(&self, source: &Reference) -> Result<Reference, Wrong> {
        let tag = match (source.tag(), source.digest()) {
            (Some(tag), _) => tag.clone(),
            (None, Some(_)) => return Err(Wrong::NoTag),
            (None, None) => Tag::latest(),
        };
        let path = source.repository().as_str();
        let text = [&self.text, "/", path, ":", tag.as_str()].concat();
        text.parse().map_err(Wrong::Target)
    }

    /// As it stands in an address.
    #[must_use]
    pub fn address(&self) -> String {
        let scheme = if self.plain_http { HTTP } else { "" };
        [scheme, &self.text].concat()
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Why a line names no copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It has more than two words.
    Words(usize),
    /// Its source is no reference.
    Source(ReferenceError),
    /// Its target is no reference.
    Target(ReferenceError),
    /// It names no target, and none is named for all.
    NoTarget,
    /// Its source has a digest and no tag to keep.
    NoTag,
    /// Its target has a digest: what is copied is named by a tag.
    TargetDigest,
    /// Its target is an archive, which is no registry.
    TargetArchive,
    /// Its target is its source.
    SameAsSource,
    /// Another line has that target: its number.
    SameTarget(usize),
    /// There are more lines than are copied in one run.
    TooMany,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(count) => write!(f, "{count} words: a line is SOURCE or SOURCE TARGET"),
            Self::Source(error) => write!(f, "the source: {error}"),
            Self::Target(error) => write!(f, "the target: {error}"),
            Self::NoTarget => f.write_str("it has no target, and none is named for all"),
            Self::NoTag => f.write_str("its source has no tag to keep: name its target"),
            Self::TargetDigest => f.write_str("a target has a tag, not a digest"),
            Self::TargetArchive => f.write_str("an archive is no target"),
            Self::SameAsSource => f.write_str("its target is its source"),
            Self::SameTarget(line) => write!(f, "line {line} has the same target"),
            Self::TooMany => write!(f, "more than {} images", limits::COPIED_IMAGES),
        }
    }
}

impl std::error::Error for Wrong {}

/// A line with something in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number, counted from 1.
    pub number: usize,
    /// Its text.
    pub text: String,
    /// What it names.
    pub pair: Result<Pair, Wrong>,
}

/// Reads a text with an image a line: `SOURCE`, which goes below `base`, or `SOURCE TARGET`. Empty
/// lines, and what stands behind a `#`, say nothing.
///
/// ```
/// use waybill_core::workflow::copy::several::{Base, read};
///
/// let base = Base::read("registry.example.com/mirror").and_then(Result::ok);
/// let lines = read("nginx:1.27\nghcr.io/o/app r.example/app:2", base.as_ref());
/// let targets: Vec<_> = lines.into_iter().filter_map(|line| line.pair.ok()).map(|it| it.to()).collect();
/// assert_eq!(targets, ["registry.example.com/mirror/library/nginx:1.27", "r.example/app:2"]);
/// ```
#[must_use]
pub fn read(text: &str, base: Option<&Base>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (place, text) in text.lines().enumerate() {
        let words: Vec<&str> = text
            .split_whitespace()
            .take_while(|word| !word.starts_with('#'))
            .collect();
        if words.is_empty() {
            continue;
        }
        let pair = if lines.len() < limits::COPIED_IMAGES {
            pair(&words, base).and_then(|pair| alone(pair, &lines))
        } else {
            Err(Wrong::TooMany)
        };
        let is_too_much = pair == Err(Wrong::TooMany);
        lines.push(Line {
            number: place + 1,
            text: text.trim().to_owned(),
            pair,
        });
        if is_too_much {
            break;
        }
    }
    lines
}

fn pair(words: &[&str], base: Option<&Base>) -> Result<Pair, Wrong> {
    let (source, source_http) = match words {
        [] => return Err(Wrong::Words(0)),
        [source] | [source, _] => bare(source),
        [_, _, ..] => return Err(Wrong::Words(words.len())),
    };
    let source: Reference = source.parse().map_err(Wrong::Source)?;
    let (target, target_http) = if let Some(target) = words.get(1) {
        let (target, is_http) = bare(target);
        let target: Reference = target.parse().map_err(Wrong::Target)?;
        if target.digest().is_some() {
            return Err(Wrong::TargetDigest);
        }
        let tag = target.tag().cloned().unwrap_or_else(Tag::latest);
        (target.at(Target::Tag(tag)), is_http)
    } else {
        let base = base.ok_or(Wrong::NoTarget)?;
        (base.of(&source)?, base.plain_http)
    };
    if target.host().as_str() == ARCHIVE_HOST {
        return Err(Wrong::TargetArchive);
    }
    // A digest beside the tag says what is read, and the tag what is written.
    let tag = source.tag().cloned().unwrap_or_else(Tag::latest);
    let is_by_digest = source.tag().is_none() && source.digest().is_some();
    if !is_by_digest && source.at(Target::Tag(tag)) == target {
        return Err(Wrong::SameAsSource);
    }
    Ok(Pair {
        source,
        source_http,
        target,
        target_http,
        names_target: words.len() > 1,
    })
}

/// The pair, unless one of the lines before has its target.
fn alone(pair: Pair, lines: &[Line]) -> Result<Pair, Wrong> {
    let is_same = |line: &&Line| {
        let other = line.pair.as_ref().ok();
        other.is_some_and(|other| other.target == pair.target)
    };
    match lines.iter().find(is_same) {
        Some(line) => Err(Wrong::SameTarget(line.number)),
        None => Ok(pair),
    }
}

const HTTP: &str = "http://";

/// A text without its scheme, and whether that was `http`.
fn bare(text: &str) -> (&str, bool) {
    let schemes = ["docker://", "https://", HTTP];
    let bare = schemes.iter().find_map(|it| text.strip_prefix(it));
    (bare.unwrap_or(text), text.starts_with(HTTP))
}

fn written(reference: &Reference, plain_http: bool) -> String {
    let scheme = if plain_http { HTTP } else { "" };
    [scheme, &reference.familiar()].concat()
}
