//! The files of two images beside each other: what only one of them has, and what differs.
//!
//! Both are flattened by the specification, and each path that a container sees in either is
//! looked at once. A hard link is the file that it is another name of, so nothing differs where
//! one image links what the other copies. The names of owners are left out, since no engine
//! looks at them, and so is what belongs to a layer's format.
//!
//! ```
//! use std::rc::Rc;
//! use waybill_blobs::files::{Differences, DifferencesQuery, Differs};
//! use waybill_blobs::listing::Listing;
//! use waybill_blobs::tar::Entry;
//!
//! let image = |mode| {
//!     let mut layer = Listing::new();
//!     layer.push(&Entry { name: b"bin/su".to_vec(), kind: b'0', mode, ..Entry::default() });
//!     vec![Rc::new(layer)]
//! };
//! let found = Differences::find(image(0o755), image(0o4755));
//! let rows = found.rows(&DifferencesQuery { count: 10, ..DifferencesQuery::default() });
//! assert_eq!((rows.total, rows.rows[0].differs), (1, Differs::Changed));
//! assert_eq!(rows.rows[0].to_string(), "≠ /bin/su (mode: 0755 → 4755)");
//! ```

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::iter::Peekable;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use waybill_core::diff::Change;

use super::details::{hex, time_text, xattr};
use super::{Pattern, written};
use crate::listing::{Attribute, Kind, Listing};
use crate::tar::Time;
use crate::tree::{self, Node, Tree, Version, held};

/// How many rows are answered at most.
const ANSWERED: u32 = 1_000;
/// How many rows a report has at most; how many there are beside is said.
const REPORTED: usize = 100_000;

/// How a path of two images differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Differs {
    /// Only the right one has it.
    Added,
    /// Only the left one has it.
    Removed,
    /// Both have it, and not alike.
    Changed,
    /// Both have it, and nothing but its time differs, as a rebuild makes it.
    OnlyTime,
}

impl Differs {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Added, Self::Removed, Self::Changed, Self::OnlyTime];

    /// What stands before such a path in a report.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Added => "+",
            Self::Removed => "−",
            Self::Changed => "≠",
            Self::OnlyTime => "≈",
        }
    }
}

/// A path that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The path, with a `/` before it, escaped for people.
    pub path: String,
    /// What it is; where both have it, in the right one.
    pub kind: Kind,
    /// How it differs.
    pub differs: Differs,
    /// Its bytes in the left one.
    pub left_bytes: Option<u64>,
    /// Its bytes in the right one.
    pub right_bytes: Option<u64>,
    /// What differs, where both have it: `type`, `size`, `content`, `mode`, `owner`, `link`,
    /// `device`, `time`, and extended attributes by their names.
    pub changes: Vec<Change>,
}

impl fmt::Display for Difference {
    /// In one line: `≠ /bin/su (mode: 0755 → 4755)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.differs.sign(), self.path)?;
        for (index, change) in self.changes.iter().enumerate() {
            let before = if index == 0 { " (" } else { ", " };
            let [left, right] = [&change.left, &change.right];
            let [left, right] = [left, right].map(|it| it.as_deref().unwrap_or("none"));
            write!(f, "{before}{}: {left} → {right}", change.name)?;
        }
        f.write_str(if self.changes.is_empty() { "" } else { ")" })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    counts: Counts,
    files: Vec<Difference>,
    left_out: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    added: u32,
    removed: u32,
    changed: u32,
    only_time: u32,
    alike: u32,
}

/// Which differences are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferencesQuery {
    /// Of this kind alone; `None` for all but [`Differs::OnlyTime`].
    pub only: Option<Differs>,
    /// What is searched for; see [`Pattern`].
    pub search: String,
    /// The first row that is wanted.
    pub from: u32,
    /// How many.
    pub count: u32,
}

/// Some of the differences.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferencesRows {
    /// How many there are of what was asked for.
    pub total: u32,
    /// The place of the first one here.
    pub from: u32,
    /// They, in the order of a walk.
    pub rows: Vec<Difference>,
}

/// How many paths differ, and how many do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferencesCounts {
    /// In the order of [`Differs::ALL`].
    pub differ: [u32; Differs::ALL.len()],
    /// How many both have alike.
    pub alike: u32,
    /// The bytes of all files that the left one and the right one have; what has two names counts
    /// at each.
    pub bytes: [u64; 2],
    /// How many entries are not compared, since an image has too many.
    pub left_out: u64,
}

impl DifferencesCounts {
    /// How many there are of one kind.
    #[must_use]
    pub fn of(&self, differs: Differs) -> u32 {
        self.differ[differs as usize]
    }
}

/// Two images, compared file by file.
#[derive(Debug)]
pub struct Differences {
    sides: [Side; 2],
    found: Vec<Found>,
    counts: DifferencesCounts,
}

/// A path that differs, as it is held: there may be a million.
#[derive(Clone, Copy, Debug)]
struct Found {
    left: Option<Node>,
    right: Option<Node>,
    differs: Differs,
}

/// One of the two images.
#[derive(Debug)]
struct Side {
    layers: Vec<Rc<Listing>>,
    tree: Tree,
}

/// A path as a container sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen<'a> {
    kind: Kind,
    mode: u32,
    owner: (i64, i64),
    bytes: u64,
    content: Option<[u8; 32]>,
    link: &'a [u8],
    device: (i64, i64),
    xattrs: &'a [Attribute],
    /// `None` of a directory that no entry makes.
    modified: Option<Time>,
}

impl Seen<'_> {
    /// The same, without its time and its attributes, whose order says nothing.
    fn but_for_time(self) -> Self {
        Self {
            modified: None,
            xattrs: &[],
            ..self
        }
    }
}

type Children<'a> = Peekable<Box<dyn Iterator<Item = (&'a [u8], &'a Version)> + 'a>>;

impl Differences {
    /// Compares two images by the listings of their layers, base first. A layer that both have may
    /// be one listing.
    #[must_use]
    pub fn find(left: Vec<Rc<Listing>>, right: Vec<Rc<Listing>>) -> Self {
        let sides = [left, right].map(|layers| Side {
            tree: Tree::flatten(&layers),
            layers,
        });
        let mut differences = Self {
            found: Vec::new(),
            counts: DifferencesCounts::default(),
            sides,
        };
        differences.compare();
        differences
    }

    /// How many paths differ.
    #[must_use]
    pub fn counts(&self) -> DifferencesCounts {
        self.counts
    }

    /// Some of the differences.
    #[must_use]
    pub fn rows(&self, query: &DifferencesQuery) -> DifferencesRows {
        let found: Vec<&Found> = self.searched(query).collect();
        let total = u32::try_from(found.len()).unwrap_or(u32::MAX);
        let from = query.from.min(total.saturating_sub(1));
        let count = query.count.min(ANSWERED) as usize;
        let rows = found.into_iter().skip(from as usize).take(count);
        DifferencesRows {
            total,
            from,
            rows: rows.map(|found| self.row(found)).collect(),
        }
    }

    /// Writes all differences down, a line each; behind 100,000 only how many there are.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for found in self.found.iter().take(REPORTED) {
            // Writing to a text does not fail.
            let _ = writeln!(text, "{}", self.row(found));
        }
        let rest = self.found.len().saturating_sub(REPORTED);
        if rest > 0 {
            let _ = writeln!(text, "and {rest} more");
        }
        text
    }

    /// The same as JSON: `counts` (`added`, `removed`, `changed`, `onlyTime`, `alike`), `files`, and
    /// how many of them are `leftOut`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let [added, removed, changed, only_time] = self.counts.differ;
        let report = Report {
            counts: Counts {
                added,
                removed,
                changed,
                only_time,
                alike: self.counts.alike,
            },
            files: self
                .found
                .iter()
                .take(REPORTED)
                .map(|found| self.row(found))
                .collect(),
            left_out: self.found.len().saturating_sub(REPORTED),
        };
        // Texts and numbers can always be written.
        let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Walks through both trees side by side.
    fn compare(&mut self) {
        let Self {
            sides: [left, right],
            found,
            counts,
        } = self;
        let mut open: Vec<[Children<'_>; 2]> =
            vec![[left.below(Some(Tree::ROOT)), right.below(Some(Tree::ROOT))]];
        while let Some([lefts, rights]) = open.last_mut() {
            let (one, other) = match (lefts.peek(), rights.peek()) {
                (None, None) => {
                    open.pop();
                    continue;
                }
                (Some(_), None) => (lefts.next(), None),
                (None, Some(_)) => (None, rights.next()),
                (Some((name, _)), Some((beside, _))) => match name.cmp(beside) {
                    std::cmp::Ordering::Less => (lefts.next(), None),
                    std::cmp::Ordering::Greater => (None, rights.next()),
                    std::cmp::Ordering::Equal => (lefts.next(), rights.next()),
                },
            };
            let versions = [one, other].map(|child| child.map(|(_, version)| version));
            let [seen, beside] = [
                versions[0].map(|version| left.seen(version)),
                versions[1].map(|version| right.seen(version)),
            ];
            for (bytes, seen) in counts.bytes.iter_mut().zip([seen, beside]) {
                *bytes = bytes.saturating_add(seen.map_or(0, |seen| seen.bytes));
            }
            match differs(seen.as_ref(), beside.as_ref()) {
                Some(differs) => {
                    counts.differ[differs as usize] += 1;
                    let [left, right] = versions.map(|it| Some(it?.node));
                    found.push(Found {
                        left,
                        right,
                        differs,
                    });
                }
                None => counts.alike += 1,
            }
            let directory = |version: &&Version| version.is_directory;
            let [one, other] = versions.map(|it| Some(it.filter(directory)?.node));
            if one.is_some() || other.is_some() {
                open.push([left.below(one), right.below(other)]);
            }
        }
        counts.left_out = left.left_out() + right.left_out();
    }

    fn searched<'a>(&'a self, query: &DifferencesQuery) -> impl Iterator<Item = &'a Found> {
        let only = query.only;
        let pattern = Pattern::read(&query.search);
        self.found.iter().filter(move |found| {
            let is_wanted = match only {
                Some(only) => found.differs == only,
                None => found.differs != Differs::OnlyTime,
            };
            is_wanted
                && (pattern.is_empty()
                    || if pattern.is_of_name() {
                        pattern.matches(self.name(found))
                    } else {
                        pattern.matches(&self.path(found))
                    })
        })
    }

    /// The side that has a path, the right one first, and where.
    fn place(&self, found: &Found) -> (&Side, Node) {
        let [left, right] = &self.sides;
        match (found.left, found.right) {
            (_, Some(node)) => (right, node),
            (Some(node), None) => (left, node),
            // One of the two has it.
            (None, None) => (left, Tree::ROOT),
        }
    }

    fn name(&self, found: &Found) -> &[u8] {
        let (side, node) = self.place(found);
        side.tree.name(node)
    }

    fn path(&self, found: &Found) -> Vec<u8> {
        let (side, node) = self.place(found);
        side.tree.path(node)
    }

    fn row(&self, found: &Found) -> Difference {
        let [left, right] = &self.sides;
        let one = found.left.and_then(|node| left.seen_at(node));
        let other = found.right.and_then(|node| right.seen_at(node));
        let changes = match (&one, &other) {
            (Some(one), Some(other)) => changes(one, other),
            (None, _) | (_, None) => Vec::new(),
        };
        let kind = other.or(one).map_or(Kind::Directory, |seen| seen.kind);
        Difference {
            path: format!("/{}", written(&self.path(found))),
            kind,
            differs: found.differs,
            left_bytes: one.map(|seen| seen.bytes),
            right_bytes: other.map(|seen| seen.bytes),
            changes,
        }
    }
}

impl Side {
    /// What is seen in a directory, by name; nothing where there is none.
    fn below(&self, directory: Option<Node>) -> Children<'_> {
        let children = directory.into_iter();
        let children = children.flat_map(|directory| self.tree.children(directory));
        let seen = children.filter_map(|(name, node)| {
            let version = self.tree.visible(node)?;
            (!version.is_format).then_some((name, version))
        });
        let seen: Box<dyn Iterator<Item = _>> = Box::new(seen);
        seen.peekable()
    }

    fn seen_at(&self, node: Node) -> Option<Seen<'_>> {
        self.tree.visible(node).map(|version| self.seen(version))
    }

    /// What a container sees there: of a hard link the file.
    fn seen(&self, version: &Version) -> Seen<'_> {
        let of_file = version.content.filter(|_| !version.is_directory);
        let place = of_file.or_else(|| version.place());
        let entry = place.and_then(|place| tree::entry(&self.layers, place));
        let Some(entry) = entry else {
            return Seen {
                kind: Kind::Directory,
                mode: 0o755,
                owner: (0, 0),
                bytes: 0,
                content: None,
                link: &[],
                device: (0, 0),
                xattrs: &[],
                modified: None,
            };
        };
        let is_link = matches!(entry.kind, Kind::SymbolicLink | Kind::HardLink);
        let is_device = matches!(entry.kind, Kind::CharacterDevice | Kind::BlockDevice);
        Seen {
            kind: entry.kind,
            mode: entry.mode,
            owner: (entry.user, entry.group),
            bytes: held(&entry),
            content: entry.content.filter(|_| entry.kind == Kind::File),
            link: if is_link { entry.link } else { &[] },
            device: if is_device { entry.device } else { (0, 0) },
            xattrs: entry.xattrs,
            modified: Some(entry.modified),
        }
    }

    fn left_out(&self) -> u64 {
        let listed: u64 = self.layers.iter().map(|it| it.totals().left_out).sum();
        let misplaced = self.tree.misplaced().iter();
        let too_many = misplaced.filter(|it| it.reason == tree::Nowhere::TooMany);
        listed + too_many.count() as u64
    }
}

/// How a path differs; `None` where it does not.
fn differs(left: Option<&Seen<'_>>, right: Option<&Seen<'_>>) -> Option<Differs> {
    match (left, right) {
        (None, None) => None,
        (None, Some(_)) => Some(Differs::Added),
        (Some(_), None) => Some(Differs::Removed),
        (Some(left), Some(right)) => {
            let is_same = left.but_for_time() == right.but_for_time()
                && sorted(left.xattrs) == sorted(right.xattrs);
            if !is_same {
                Some(Differs::Changed)
            } else if left.modified == right.modified {
                None
            } else {
                Some(Differs::OnlyTime)
            }
        }
    }
}

/// Attributes by name: their order in a header says nothing.
fn sorted(xattrs: &[Attribute]) -> Vec<&Attribute> {
    let mut sorted: Vec<_> = xattrs.iter().collect();
    sorted.sort();
    sorted
}

/// Writes one thing of a path; `None` where it has none.
type Write = fn(&Seen<'_>) -> Option<String>;

/// What differs of a path that both have.
fn changes(left: &Seen<'_>, right: &Seen<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    let rows: [(&str, Write); 8] = [
        ("type", |seen| Some(kind_name(seen.kind))),
        ("size", |seen| {
            matches!(seen.kind, Kind::File | Kind::Other(_)).then(|| seen.bytes.to_string())
        }),
        ("content", |seen| seen.content.map(|digest| hex(&digest))),
        ("mode", |seen| Some(format!("{:04o}", seen.mode))),
        ("owner", |seen| {
            Some(format!("{}:{}", seen.owner.0, seen.owner.1))
        }),
        ("link", |seen| {
            (!seen.link.is_empty()).then(|| written(seen.link))
        }),
        ("device", |seen| {
            let is_device = matches!(seen.kind, Kind::CharacterDevice | Kind::BlockDevice);
            is_device.then(|| format!("{}, {}", seen.device.0, seen.device.1))
        }),
        ("time", |seen| seen.modified.map(time_text)),
    ];
    for (name, write) in rows {
        let (left, right) = (write(left), write(right));
        if left != right {
            let name = name.to_owned();
            changes.push(Change { name, left, right });
        }
    }
    let names = left.xattrs.iter().chain(right.xattrs);
    let names: BTreeSet<&[u8]> = names.map(|(name, _)| name.as_slice()).collect();
    let value = |xattrs: &'_ [Attribute], name: &[u8]| {
        let found = xattrs.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    };
    for name in names {
        let [left, right] = [left, right].map(|seen| value(seen.xattrs, name));
        if left != right {
            let text = |value: Option<Vec<u8>>| Some(xattr(name, &value?).value);
            changes.push(Change {
                name: written(name),
                left: text(left),
                right: text(right),
            });
        }
    }
    changes
}

/// What a kind is called.
fn kind_name(kind: Kind) -> String {
    match kind {
        Kind::File => "file".into(),
        Kind::Directory => "directory".into(),
        Kind::SymbolicLink => "symbolic link".into(),
        Kind::HardLink => "hard link to nothing".into(),
        Kind::CharacterDevice => "character device".into(),
        Kind::BlockDevice => "block device".into(),
        Kind::Pipe => "pipe".into(),
        Kind::GlobalHeader => "header".into(),
        Kind::Other(byte) => format!("type {byte:#04x}"),
    }
}
