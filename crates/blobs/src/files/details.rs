//! Everything known of one node.

use std::fmt::Write as _;

use super::capability::{CAPABILITY, Capabilities};
use super::forest::{Forest, Node};
use super::looks::{Looked, why};
use super::query::{Details, Hidden, Link, Said, State, Which, Xattr};
use super::rows::find;
use super::{Image, written};
use crate::finding::Finding;
use crate::listing::{EntryView, Kind};
use crate::path::{self, Cleaned};
use crate::tar::Time;
use crate::tree::{Node as PathNode, Place, Tree, Version, held};

/// How many of a kind are told: of paths, of what is hidden, of attributes.
const TOLD: usize = 20;

/// How many bytes of an attribute's value are told.
const VALUE: usize = 256;

/// How many links are followed to where one leads, as Linux does.
const FOLLOWED: usize = 40;

/// Tells everything known of a node; `None` where there is none.
pub(super) fn answer(image: &Image, looked: &Looked, which: &Which) -> Option<Details> {
    let forest = &looked.forest;
    let number = find(forest, which)?;
    let node = forest.node(number)?;
    let place = node.item.place;
    let entry = place.and_then(|place| image.entry(place));
    let path = forest.path(number);
    let mut details = Details {
        node: number,
        path: format!("/{}", written(&path)),
        kind: entry.map_or(Kind::Directory, |entry| entry.kind),
        state: node.item.state,
        entry: place.map(|place| (place.layer, place.entry)),
        written: None,
        mode: 0,
        mode_text: String::new(),
        user: (0, String::new()),
        group: (0, String::new()),
        size: node.item.size,
        below: node.below,
        below_bytes: node.bytes,
        modified: String::new(),
        link: None,
        device: None,
        xattrs: Vec::new(),
        capabilities: None,
        content: None,
        file: None,
        hides: hides(image, &node, &path),
        copies: Vec::new(),
        copies_in_all: 0,
        findings: Vec::new(),
        changes: Vec::new(),
    };
    if let (Some(place), Some(entry)) = (place, entry) {
        add_entry(&mut details, image, place, &entry, &path);
    }
    let findings = looked.findings_at(image, number).take(TOLD);
    details.findings = findings.map(said).collect();
    add_copies(&mut details, looked, forest, number);
    if node.item.state == State::Changed
        && let Some(place) = place
    {
        details.changes = changes(image, place);
    }
    Some(details)
}

fn add_entry(
    details: &mut Details,
    image: &Image,
    place: Place,
    entry: &EntryView<'_>,
    path: &[u8],
) {
    let name = entry.name.strip_suffix(b"/").unwrap_or(entry.name);
    details.written = (name != path).then(|| written(entry.name));
    details.mode = entry.mode;
    details.mode_text = mode_text(entry.kind, entry.mode);
    details.user = (entry.user, written(entry.user_name));
    details.group = (entry.group, written(entry.group_name));
    details.modified = time_text(entry.modified);
    details.link = link(image, entry, path);
    let is_device = matches!(entry.kind, Kind::CharacterDevice | Kind::BlockDevice);
    details.device = is_device.then_some(entry.device);
    let others = entry.xattrs.iter().take(TOLD);
    details.xattrs = others.map(|(name, value)| xattr(name, value)).collect();
    let value = entry.xattrs.iter().find(|(name, _)| name == CAPABILITY);
    details.capabilities = value.map(|(_, value)| Capabilities::read(value).ok_or(()));
    let content = image.version(place).and_then(|version| version.content);
    if let Some(content) = content
        && let Some(file) = image.entry(content)
        && matches!(file.kind, Kind::File)
    {
        details.file = Some((content.layer, file.offset));
        details.content = file.content.map(|digest| hex(&digest));
        details.size = held(&file);
    }
}

fn add_copies(details: &mut Details, looked: &Looked, forest: &Forest, number: u32) {
    let group = looked.copies_of.get(&number);
    let Some(nodes) = group.and_then(|group| looked.copies.get(*group as usize)) else {
        return;
    };
    let others = || nodes.iter().filter(|node| **node != number);
    details.copies_in_all = u32::try_from(others().count()).unwrap_or(u32::MAX);
    let text = |node: &u32| format!("/{}", written(&forest.path(*node)));
    details.copies = others().take(TOLD).map(text).collect();
}

/// What an entry hides, and what stood at its path before, the newest first.
fn hides(image: &Image, node: &Node, path: &[u8]) -> Vec<Hidden> {
    let Some(place) = node.item.place else {
        return Vec::new();
    };
    let is_by = |version: &&Version| {
        let by = version.hidden;
        by.is_some_and(|by| (by.layer, by.entry) == (place.layer, place.entry))
    };
    let here = image.tree.find(path);
    let at_path = here.into_iter().flat_map(|here| image.tree.versions(here));
    let mut hides: Vec<_> = at_path.filter(is_by).collect();
    let elsewhere = |version: &&Version| Some(version.node) != here;
    let below = image.tree.hidden().filter(is_by).filter(elsewhere);
    hides.extend(below.take(TOLD));
    let told = hides.into_iter().filter_map(|version| {
        let entry = image.entry(version.place()?)?;
        Some(Hidden {
            path: format!("/{}", written(&image.tree.path(version.node))),
            layer: version.layer,
            kind: entry.kind,
            size: held(&entry),
            why: why(version.hidden?.reason),
        })
    });
    told.take(TOLD).collect()
}

/// Where a link leads.
fn link(image: &Image, entry: &EntryView<'_>, path: &[u8]) -> Option<Link> {
    let target = match entry.kind {
        Kind::HardLink => match path::clean(entry.link) {
            Cleaned::Path(path) => Some(path),
            Cleaned::Outside => None,
        },
        // A root is its own `..`, so nothing leads out of it.
        Kind::SymbolicLink => Some(step(path::parent(path), entry.link)),
        _ => return None,
    };
    let found = target
        .as_ref()
        .and_then(|target| follow(&image.tree, image, target));
    let path = found.map(|node| image.tree.path(node)).or(target);
    Some(Link {
        text: written(entry.link),
        path: path.map(|path| format!("/{}", written(&path))),
        is_there: found.is_some(),
    })
}

/// Goes from a directory by a name, as a system does: `..` of the root is the root.
fn step(directory: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = if name.starts_with(b"/") {
        Vec::new()
    } else {
        directory.to_vec()
    };
    for part in name.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => path.truncate(path::parent(&path).len()),
            part => path = path::join(&path, part),
        }
    }
    path
}

/// Finds what is visible at a path, links on the way followed; the last one is not.
fn follow(tree: &Tree, image: &Image, path: &[u8]) -> Option<PathNode> {
    let mut path = path.to_vec();
    for _ in 0..FOLLOWED {
        let mut at = Vec::new();
        let mut parts = path.split(|byte| *byte == b'/');
        let moved = loop {
            let Some(part) = parts.next() else {
                break None;
            };
            let directory = at.clone();
            at = path::join(&at, part);
            let version = tree.visible(tree.find(&at)?)?;
            let entry = version.place().and_then(|place| image.entry(place));
            let link = entry.filter(|entry| entry.kind == Kind::SymbolicLink);
            let rest: Vec<&[u8]> = parts.clone().collect();
            if let Some(link) = link.filter(|_| !rest.is_empty()) {
                break Some(path::join(&step(&directory, link.link), &rest.join(&b'/')));
            }
        };
        match moved {
            Some(moved) => path = moved,
            None => return tree.find(&path),
        }
    }
    None
}

/// What a layer changed of an entry, in words.
fn changes(image: &Image, place: Place) -> Vec<String> {
    let before = image.version(place).and_then(|version| {
        let mut older = image.tree.versions(version.node);
        older.find(|it| it.layer < place.layer && it.entry.is_some())
    });
    let before = before.and_then(|version| image.entry(version.place()?));
    let (Some(before), Some(now)) = (before, image.entry(place)) else {
        return vec!["it was there because something lay in it".into()];
    };
    let mut words = Vec::new();
    let mut say = |is: bool, text: String| {
        if is {
            words.push(text);
        }
    };
    say(before.kind != now.kind, "its type".into());
    say(
        before.size != now.size,
        format!("its size, from {} bytes", before.size),
    );
    let is_other =
        before.content.is_some() && now.content.is_some() && before.content != now.content;
    say(is_other, "its content".into());
    say(
        before.mode != now.mode,
        format!("its mode, from {:04o}", before.mode),
    );
    let owner = |entry: &EntryView<'_>| (entry.user, entry.group);
    let (user, group) = owner(&before);
    say(
        owner(&before) != owner(&now),
        format!("its owner, from {user}:{group}"),
    );
    say(before.link != now.link, "where it leads".into());
    say(before.xattrs != now.xattrs, "its attributes".into());
    say(
        before.modified != now.modified,
        format!("its time, from {}", time_text(before.modified)),
    );
    if words.is_empty() {
        words.push("nothing that is seen here: it was written again".into());
    }
    words
}

fn said(finding: &Finding) -> Said {
    let rule = finding.code.rule();
    Said {
        severity: rule.severity,
        title: rule.title.to_owned(),
        message: finding.message.clone(),
        layer: finding.layer.and_then(|layer| u32::try_from(layer).ok()),
    }
}

pub(super) fn xattr(name: &[u8], value: &[u8]) -> Xattr {
    let shown = value.get(..VALUE).unwrap_or(value);
    let is_text = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'\\';
    let mut text = String::new();
    for byte in shown {
        if is_text(byte) {
            text.push(char::from(*byte));
        } else {
            // Writing to a text does not fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    if shown.len() < value.len() {
        text.push('…');
    }
    Xattr {
        name: written(name),
        value: text,
        length: u32::try_from(value.len()).unwrap_or(u32::MAX),
    }
}

pub(super) fn hex(digest: &[u8; 32]) -> String {
    let mut text = String::with_capacity(64);
    for byte in digest {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A mode as `ls` writes it: `-rwsr-xr-x`.
fn mode_text(kind: Kind, mode: u32) -> String {
    let mut text = String::with_capacity(10);
    text.push(match kind {
        Kind::File | Kind::HardLink => '-',
        Kind::Directory => 'd',
        Kind::SymbolicLink => 'l',
        Kind::CharacterDevice => 'c',
        Kind::BlockDevice => 'b',
        Kind::Pipe => 'p',
        Kind::GlobalHeader | Kind::Other(_) => '?',
    });
    for (shift, special, set, unset) in [
        (6, 0o4000, 's', 'S'),
        (3, 0o2000, 's', 'S'),
        (0, 0o1000, 't', 'T'),
    ] {
        let bits = mode >> shift;
        text.push(if bits & 4 == 0 { '-' } else { 'r' });
        text.push(if bits & 2 == 0 { '-' } else { 'w' });
        text.push(match (bits & 1 == 1, mode & special != 0) {
            (true, true) => set,
            (false, true) => unset,
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    text
}

/// A time in UTC: `2026-11-04 09:12:33.5 UTC`.
pub(super) fn time_text(time: Time) -> String {
    let (days, seconds) = (
        time.seconds.div_euclid(86_400),
        time.seconds.rem_euclid(86_400),
    );
    // The days since 1 March of a year that begins a cycle of 400 (H. Hinnant, "chrono-Compatible
    // Low-Level Date Algorithms", civil_from_days).
    let days = days + 719_468;
    let (cycle, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + cycle * 400 + i64::from(month <= 2);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02} {hours:02}:{minutes:02}:{seconds:02}");
    if time.nanoseconds > 0 {
        let digits = format!("{:09}", time.nanoseconds);
        text += ".";
        text += digits.trim_end_matches('0');
    }
    text + " UTC"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_written_as_ls_writes_them() {
        for (kind, mode, text) in [
            (Kind::File, 0o4755, "-rwsr-xr-x"),
            (Kind::File, 0o6644, "-rwSr-Sr--"),
            (Kind::Directory, 0o1777, "drwxrwxrwt"),
            (Kind::Directory, 0o1770, "drwxrwx--T"),
            (Kind::SymbolicLink, 0o777, "lrwxrwxrwx"),
            (Kind::CharacterDevice, 0o600, "crw-------"),
            (Kind::Pipe, 0o000, "p---------"),
        ] {
            assert_eq!(mode_text(kind, mode), text);
        }
    }

    #[test]
    fn times_are_written_in_utc() {
        for (seconds, nanoseconds, text) in [
            (0, 0, "1970-01-01 00:00:00 UTC"),
            (-1, 0, "1969-12-31 23:59:59 UTC"),
            (951_868_799, 500_000_000, "2000-02-29 23:59:59.5 UTC"),
            (1_709_164_800, 0, "2024-02-29 00:00:00 UTC"),
            (4_102_444_799, 1, "2099-12-31 23:59:59.000000001 UTC"),
            (-62_135_596_800, 0, "0001-01-01 00:00:00 UTC"),
        ] {
            let time = Time {
                seconds,
                nanoseconds,
            };
            assert_eq!(time_text(time), text);
        }
        // Any number is a time.
        for seconds in [i64::MIN, i64::MAX] {
            assert!(
                time_text(Time {
                    seconds,
                    nanoseconds: 0
                })
                .ends_with("UTC")
            );
        }
    }

    #[test]
    fn a_step_never_leaves_the_root() {
        for (directory, name, path) in [
            ("a/b", "c", "a/b/c"),
            ("a/b", "../c", "a/c"),
            ("a/b", "../../../../c", "c"),
            ("a", "/c/./d", "c/d"),
            ("", "..", ""),
        ] {
            let found = step(directory.as_bytes(), name.as_bytes());
            assert_eq!(String::from_utf8_lossy(&found), path);
        }
    }
}
