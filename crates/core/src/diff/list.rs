//! Two lists beside each other.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use super::image::{changes, digest, media_type};
use super::{Change, Gathering, Item, Kind, Section};
use crate::annotation::Annotations;
use crate::compose::eligibility::attested;
use crate::descriptor::Descriptor;
use crate::humanize::count;
use crate::manifest::{List, Manifest};
use crate::platform::Platform;

/// An entry of one list, of the other, or of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EntryRow {
    /// What it is called: its platform, or what it is of it.
    pub title: String,
    /// The platform of an image, normalised; `None` for what is none.
    #[serde(skip)]
    pub platform: Option<Platform>,
    /// The left list's.
    pub left: Option<Item>,
    /// The right list's.
    pub right: Option<Item>,
    /// Annotations of the two entries that differ.
    pub changes: Vec<Change>,
}

impl EntryRow {
    /// Whether both lists name one manifest here.
    #[must_use]
    pub fn is_same(&self) -> bool {
        let digest = |entry: &Option<Item>| entry.as_ref().map(|it| it.digest_text.clone());
        digest(&self.left) == digest(&self.right)
    }
}

/// What two lists share, and what differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListDiff {
    /// Kinds that at least one has something of.
    pub sections: Vec<Section>,
    /// The entries, in the order of the left list, behind them what only the right one has.
    pub entries: Vec<EntryRow>,
}

/// Compares two lists; `None` where one is none. What their entries name is not looked into.
#[must_use]
pub fn lists(left: &Manifest, right: &Manifest) -> Option<ListDiff> {
    let (one, other) = (left.list()?, right.list()?);
    let mut sections = Vec::new();
    let mut found = Gathering::of(Kind::Manifest);
    let format = |manifest: &Manifest| Some(manifest.format.to_string());
    found.put("format", format(left), format(right));
    found.put(
        "artifact type",
        media_type(one.artifact_type.as_ref()),
        media_type(other.artifact_type.as_ref()),
    );
    found.put(
        "subject",
        digest(one.subject.as_ref()),
        digest(other.subject.as_ref()),
    );
    let unknown = |list: &List| Annotations::from(list.unknown.clone());
    found.put_maps(&unknown(one), &unknown(other));
    found.finish(&mut sections);
    let mut annotations = Gathering::of(Kind::Annotation);
    annotations.put_maps(&one.annotations, &other.annotations);
    annotations.finish(&mut sections);
    Some(ListDiff {
        sections,
        entries: entries(one, other),
    })
}

/// The entry of a list that is for that platform: the first, as clients take it.
#[must_use]
pub fn entry_for<'a>(list: &'a List, platform: &Platform) -> Option<&'a Descriptor> {
    let wanted = platform.normalized();
    let is_it = |entry: &&Descriptor| {
        let platform = entry.platform.as_ref();
        entry.attests().is_none() && platform.is_some_and(|it| it.normalized() == wanted)
    };
    let strictly = list.entries.iter().find(is_it);
    strictly.or_else(|| {
        list.entries.iter().find(|entry| {
            let named = entry.platform.as_ref().filter(|it| it.names_machine());
            entry.attests().is_none() && named.is_some_and(|it| platform.matches(it))
        })
    })
}

fn entries(left: &List, right: &List) -> Vec<EntryRow> {
    // The places of the right list's entries that were not taken, by what they are called.
    let mut waiting: BTreeMap<String, VecDeque<usize>> = BTreeMap::new();
    for (place, title) in titles(right).into_iter().enumerate() {
        waiting.entry(title).or_default().push_back(place);
    }
    let mut rows = Vec::new();
    for (title, own) in titles(left)
        .into_iter()
        .zip(left.entries.iter().enumerate())
    {
        let other = waiting.get_mut(&title).and_then(VecDeque::pop_front);
        let other = other.map(|other| (other, &right.entries[other]));
        rows.push(row(title, Some(own), other));
    }
    let places = |(title, places): (String, VecDeque<usize>)| {
        places.into_iter().map(move |place| (place, title.clone()))
    };
    let mut alone: Vec<_> = waiting.into_iter().flat_map(places).collect();
    alone.sort_unstable();
    for (place, title) in alone {
        rows.push(row(title, None, Some((place, &right.entries[place]))));
    }
    rows
}

/// What the entries of a list are called: two of one name are compared.
fn titles(list: &List) -> Vec<String> {
    let attested = attested(list).into_iter();
    let title = |(entry, image): (&Descriptor, Option<usize>)| {
        if entry.attests().is_none() {
            return title(entry);
        }
        let platform = image.and_then(|image| list.entries[image].platform.as_ref());
        platform.map_or_else(
            || "attestation".to_owned(),
            |platform| format!("attestation of {}", platform.normalized()),
        )
    };
    list.entries.iter().zip(attested).map(title).collect()
}

/// What an image or artifact is called, by its platform as it is usually spelled.
fn title(entry: &Descriptor) -> String {
    let named = entry.platform.as_ref().filter(|it| it.names_machine());
    let usual = named.map(Platform::normalized);
    if usual.as_ref() == named {
        return entry.title();
    }
    let platform = usual;
    Descriptor {
        platform,
        ..entry.clone()
    }
    .title()
}

fn row(
    title: String,
    left: Option<(usize, &Descriptor)>,
    right: Option<(usize, &Descriptor)>,
) -> EntryRow {
    let item = |(index, entry)| Item::new(index, entry);
    let mut found = Gathering::of(Kind::Annotation);
    if let (Some((_, left)), Some((_, right))) = (left, right) {
        found.put_maps(&left.annotations, &right.annotations);
    }
    let (_, any) = left.or(right).unzip();
    let image = any.filter(|it: &&Descriptor| it.attests().is_none());
    let platform = image.and_then(|it| it.platform.as_ref());
    EntryRow {
        title,
        platform: platform
            .filter(|it| it.names_machine())
            .map(Platform::normalized),
        left: left.map(item),
        right: right.map(item),
        changes: found.0.changes,
    }
}

impl ListDiff {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.sections
            .iter()
            .all(|section| section.changes.is_empty())
            && self
                .entries
                .iter()
                .all(|row| row.is_same() && row.changes.is_empty())
    }

    /// All of it in a sentence without its full stop: `3 of 5 entries are the same; linux/arm64
    /// differs; linux/riscv64 is only in the right one`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let rows = &self.entries;
        let same = rows.iter().filter(|row| row.is_same()).count();
        let mut parts = Vec::new();
        parts.push(match rows.len() {
            0 => "neither has an entry".to_owned(),
            1 if same == 1 => "the entry is the same".to_owned(),
            all if all == same => format!("all {} are the same", count(all, "entry")),
            all => {
                let are = if same == 1 { "is" } else { "are" };
                format!("{same} of {} {are} the same", count(all, "entry"))
            }
        });
        let of = |is: fn(&EntryRow) -> bool| -> Vec<&str> {
            let rows = rows.iter().filter(|row| is(row));
            rows.map(|row| row.title.as_str()).collect()
        };
        let differ = of(|row| row.left.is_some() && row.right.is_some() && !row.is_same());
        let verbs = [
            (differ, "differs", "differ"),
            (
                of(|row| row.right.is_none()),
                "is only in the left one",
                "are only in the left one",
            ),
            (
                of(|row| row.left.is_none()),
                "is only in the right one",
                "are only in the right one",
            ),
        ];
        for (names, one, several) in verbs {
            match names.as_slice() {
                [] => {}
                [name] => parts.push(format!("{name} {one}")),
                names if names.len() <= 4 => parts.push(format!("{} {several}", names.join(", "))),
                names => parts.push(format!("{} {several}", count(names.len(), "entry"))),
            }
        }
        parts.extend(changes(&self.sections));
        parts.join("; ")
    }
}
