//! The difference between a list that was opened and what became of it.
//!
//! It compares what two lists say, not their bytes: white space, escapes and the order of
//! members make no difference here. `workflow::compose` asks for it between the list that was
//! opened and the one that would be written now, after the form has left out what it leaves
//! out; so what a form drops is shown as gone.
//!
//! Entries are paired first by digest, then those that are left by platform: another manifest
//! for `linux/arm64` is a change of that entry, not one removed and one added. What has no
//! partner was added or removed. Which pairs count as moved is decided by the longest run that
//! kept its order.
//!
//! Longer than most files: one function for each thing that two lists can differ in.

use std::borrow::Cow;

use crate::base64;
use crate::descriptor::Descriptor;
use crate::lenient::first_equals;
use crate::manifest::List;

use super::ListKind;

/// A member that differs. Values are texts for a person, not JSON: lists are joined by a
/// blank, `data` is base64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Its name, with that of what it stands in: `size`, `platform/variant`,
    /// `annotations/org.example`.
    pub member: String,
    /// What it was; `None` where it is new.
    pub before: Option<String>,
    /// What it is; `None` where it is gone.
    pub after: Option<String>,
}

/// What became of an entry. Without `before` it was added, without `after` removed.
///
/// Places are counted from 0 in the two lists; both are there for an entry that stayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryChange {
    /// Its place in the list that was opened.
    pub before: Option<usize>,
    /// Its place now.
    pub after: Option<usize>,
    /// Whether it stands elsewhere among those that stayed; the fewest that explain the new
    /// order are called moved. Taking an entry away or putting one in between moves none of
    /// the others.
    pub moved: bool,
    /// What differs in it; empty where it was added or removed, as there is nothing to
    /// compare. A digest differs where another manifest has taken the place for the same
    /// platform.
    pub members: Vec<Changed>,
}

impl EntryChange {
    /// Whether nothing happened to it.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.before.is_some() && self.after.is_some() && !self.moved && self.members.is_empty()
    }
}

/// Everything that differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Members of the list itself.
    pub members: Vec<Changed>,
    /// Each entry, also those that were kept: those of now in their order, behind them those
    /// that are gone, in the order that they had.
    pub entries: Vec<EntryChange>,
}

impl Difference {
    /// The difference from `before` to `after`.
    ///
    /// Each list comes with its kind, which a [`List`] does not hold: another kind is told as
    /// a change of `mediaType`.
    ///
    /// ```
    /// use waybill_core::compose::{ListKind, difference::Difference};
    /// use waybill_core::manifest::List;
    ///
    /// let (before, mut after) = (List::default(), List::default());
    /// after.annotations.set("a", "b");
    /// let kind = ListKind::OciIndex;
    /// let difference = Difference::between((&before, kind), (&after, kind));
    /// assert_eq!(difference.members[0].member, "annotations/a");
    /// assert!(!difference.is_empty());
    /// ```
    #[must_use]
    pub fn between(before: (&List, ListKind), after: (&List, ListKind)) -> Self {
        let members = changed(
            &list_members(before.0, before.1),
            &list_members(after.0, after.1),
        );
        let (old, new) = (&before.0.entries, &after.0.entries);
        let mut from: Vec<Option<usize>> = vec![None; new.len()];
        pair(&mut from, old, new, |entry| Some(entry.digest_text.clone()));
        // Another manifest for the same platform has replaced the one that was there.
        pair(&mut from, old, new, |entry| {
            let platform = entry
                .platform
                .as_ref()
                .filter(|platform| !platform.is_unknown())?;
            Some(platform.normalized().to_string())
        });
        let stayed = longest_rise(&from.iter().copied().flatten().collect::<Vec<_>>());
        let mut entries = Vec::with_capacity(new.len());
        for (place, entry) in new.iter().enumerate() {
            let was = from[place].map(|was| &old[was]);
            let members = was
                .map(|was| changed(&entry_members(was), &entry_members(entry)))
                .unwrap_or_default();
            let moved = from[place].is_some_and(|was| stayed.binary_search(&was).is_err());
            entries.push(EntryChange {
                before: from[place],
                after: Some(place),
                moved,
                members,
            });
        }
        let mut kept = vec![false; old.len()];
        from.iter().flatten().for_each(|was| kept[*was] = true);
        let gone = (0..old.len()).filter(|was| !kept[*was]);
        entries.extend(gone.map(|was| EntryChange {
            before: Some(was),
            after: None,
            moved: false,
            members: vec![],
        }));
        Self { members, entries }
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.entries.iter().all(EntryChange::is_kept)
    }
}

/// Pairs what has no pair yet and the same key, first with first.
///
/// `from` has for each new entry the place of its old one, and is filled in here; a place that
/// it names already is not given away again. An entry for which `key` gives `None` gets no
/// partner. Of three old and two new entries with one key the last old one stays alone.
fn pair(
    from: &mut [Option<usize>],
    old: &[Descriptor],
    new: &[Descriptor],
    key: impl Fn(&Descriptor) -> Option<String>,
) {
    let mut free = vec![true; old.len()];
    from.iter().flatten().for_each(|was| free[*was] = false);
    let entries = old.iter().chain(new).enumerate();
    // Those without a key get one that nothing else has.
    let keys =
        entries.map(|(place, entry)| Cow::Owned(key(entry).unwrap_or_else(|| format!("-{place}"))));
    let first = first_equals(keys.collect());
    // For each key, the old ones that are free, last first.
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); old.len()];
    for place in (0..old.len()).rev().filter(|place| free[*place]) {
        waiting[first[place]].push(place);
    }
    for (place, from) in from
        .iter_mut()
        .enumerate()
        .filter(|(_, from)| from.is_none())
    {
        *from = waiting.get_mut(first[old.len() + place]).and_then(Vec::pop);
    }
}

/// The longest part of a sequence of different numbers that only rises, in order. What is not
/// in it has moved.
///
/// `[2, 0, 1]` gives `[0, 1]`: the third entry was put in front, rather than two moved back.
/// The work grows with n log n, as for patience sorting.
fn longest_rise(sequence: &[usize]) -> Vec<usize> {
    // ends[n]: the place of the smallest number that ends a rise of n + 1 numbers.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(sequence.len());
    for (place, number) in sequence.iter().enumerate() {
        let length = ends.partition_point(|end| sequence[*end] < *number);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(place);
        } else {
            ends[length] = place;
        }
    }
    let mut rise = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(place) = next {
        rise.push(sequence[place]);
        next = before[place];
    }
    rise.reverse();
    rise
}

/// Name and value of each member, in the order in which they are shown.
type Members = Vec<(String, String)>;

/// What differs between two sets of members: first what changed or is gone, in the order of
/// before, then what is new, in the order of now.
///
/// Names count, places do not: annotations in another order are no change.
fn changed(before: &Members, after: &Members) -> Vec<Changed> {
    let names = before
        .iter()
        .chain(after)
        .map(|(name, _)| Cow::Borrowed(name.as_str()));
    let first = first_equals(names.collect());
    let mut is: Vec<Option<&String>> = vec![None; before.len()];
    let mut new = Vec::new();
    for (place, (member, value)) in after.iter().enumerate() {
        match is.get_mut(first[before.len() + place]) {
            Some(is) => *is = Some(value),
            None => new.push(Changed {
                member: member.clone(),
                before: None,
                after: Some(value.clone()),
            }),
        }
    }
    let pairs = before
        .iter()
        .zip(is)
        .filter(|((_, was), is)| *is != Some(was));
    let gone = |((member, was), is): (&(String, String), Option<&String>)| Changed {
        member: member.clone(),
        before: Some(was.clone()),
        after: is.cloned(),
    };
    pairs.map(gone).chain(new).collect()
}

/// The members of the list itself. `mediaType` is that of its kind; `subject` is its digest,
/// and what else it says stands as `subject/size` and so on; `schemaVersion` is always 2 and
/// left out.
fn list_members(list: &List, kind: ListKind) -> Members {
    let mut members = vec![("mediaType".to_owned(), kind.media_type().to_string())];
    members.extend(
        list.artifact_type
            .as_ref()
            .map(|it| ("artifactType".to_owned(), it.to_string())),
    );
    let of_subject = list.subject.iter().flat_map(entry_members);
    members.extend(of_subject.map(|(name, value)| match name.as_str() {
        "digest" => ("subject".to_owned(), value),
        _ => (["subject/", &name].concat(), value),
    }));
    push_map(&mut members, "annotations/", &list.annotations);
    push_map(&mut members, "", &list.unknown);
    members
}

/// The members of an entry or a subject: its own, then the parts of its platform as
/// `platform/os` and so on, then annotations and what no specification names.
///
/// A member that is absent or an empty list is not there at all. Where one list says `variant`
/// as an empty text and the other does not say it, that is a difference.
fn entry_members(entry: &Descriptor) -> Members {
    let mut members = Vec::new();
    let mut push = |name: &str, value: Option<String>| {
        members.extend(value.map(|value| (name.to_owned(), value)));
    };
    push(
        "mediaType",
        entry.media_type.as_ref().map(ToString::to_string),
    );
    push("digest", Some(entry.digest_text.clone()));
    push("size", entry.size.map(|size| size.to_string()));
    push("urls", some(entry.urls.join(" ")));
    push("data", entry.data.as_deref().map(base64::encode));
    push(
        "artifactType",
        entry.artifact_type.as_ref().map(ToString::to_string),
    );
    if let Some(platform) = &entry.platform {
        push("platform/os", Some(platform.os.clone()));
        push("platform/architecture", Some(platform.architecture.clone()));
        push("platform/variant", platform.variant.clone());
        push("platform/os.version", platform.os_version.clone());
        push("platform/os.features", some(platform.os_features.join(" ")));
        push("platform/features", some(platform.features.join(" ")));
    }
    if let Some(platform) = &entry.platform {
        push_map(&mut members, "platform/", &platform.unknown);
    }
    push_map(&mut members, "annotations/", &entry.annotations);
    push_map(&mut members, "", &entry.unknown);
    members
}

/// A joined list of texts, where there was something in it.
fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// Adds each pair of a map, with `prefix` in front of the name: annotations get one, unknown
/// members none.
fn push_map(members: &mut Members, prefix: &str, map: &[(String, String)]) {
    members.extend(
        map.iter()
            .map(|(name, value)| ([prefix, name].concat(), value.clone())),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Platform;

    fn entry(digit: char, platform: &str) -> Descriptor {
        let platform: Option<Platform> = platform.parse().ok();
        Descriptor {
            digest_text: digit.to_string(),
            size: Some(1),
            platform,
            ..Descriptor::default()
        }
    }

    fn between(before: &[Descriptor], after: &[Descriptor]) -> Vec<String> {
        let list = |entries: &[Descriptor]| List {
            entries: entries.to_vec(),
            ..List::default()
        };
        let kind = ListKind::OciIndex;
        let difference = Difference::between((&list(before), kind), (&list(after), kind));
        let place = |place: Option<usize>| place.map_or("-".to_owned(), |place| place.to_string());
        let members = |change: &EntryChange| {
            let one = |one: &Changed| format!(" {} {:?}→{:?}", one.member, one.before, one.after);
            change.members.iter().map(one).collect::<String>()
        };
        let one = |change: &EntryChange| {
            let moved = if change.moved { " moved" } else { "" };
            format!(
                "{}→{}{moved}{}",
                place(change.before),
                place(change.after),
                members(change)
            )
        };
        difference.entries.iter().map(one).collect()
    }

    #[test]
    fn one_entry_that_moved_is_one_that_moved() {
        let (a, b, c, d) = (
            entry('a', "linux/386"),
            entry('b', ""),
            entry('c', "linux/arm"),
            entry('d', "linux/s390x"),
        );
        let before = [a.clone(), b.clone(), c.clone()];
        assert_eq!(between(&before, &before), ["0→0", "1→1", "2→2"]);
        assert_eq!(
            between(&before, &[c.clone(), a.clone(), b.clone()]),
            ["2→0 moved", "0→1", "1→2"]
        );
        assert_eq!(
            between(&before, &[b.clone(), d.clone()]),
            ["1→0", "-→1", "0→-", "2→-"]
        );
        // The same manifest twice, once taken away.
        assert_eq!(
            between(&[a.clone(), a.clone()], std::slice::from_ref(&a)),
            ["0→0", "1→-"]
        );
    }

    #[test]
    fn every_member_of_the_subject_is_compared() {
        let list = |change: &dyn Fn(&mut Descriptor)| {
            let mut subject = entry('s', "linux/amd64");
            subject.size = Some(7);
            change(&mut subject);
            List {
                subject: Some(subject),
                ..List::default()
            }
        };
        let before = list(&|_| {});
        let kind = ListKind::OciIndex;
        for (change, told) in [
            (&(|_: &mut Descriptor| {}) as &dyn Fn(&mut Descriptor), ""),
            (&|one| one.digest_text = "t".into(), "subject"),
            (&|one| one.size = Some(8), "subject/size"),
            (
                &|one| one.media_type = Some(crate::media_type::MediaType::OCI_INDEX),
                "subject/mediaType",
            ),
            (
                &|one| one.annotations.set("a", "b"),
                "subject/annotations/a",
            ),
            (
                &|one| one.unknown.push(("x".into(), "1".into())),
                "subject/x",
            ),
        ] {
            let after = list(change);
            let members = Difference::between((&before, kind), (&after, kind)).members;
            let found: Vec<_> = members.iter().map(|one| one.member.as_str()).collect();
            assert_eq!(found.join(" "), told);
        }
        let without = Difference::between((&before, kind), (&List::default(), kind)).members;
        assert!(without.iter().all(|one| one.after.is_none()));
        assert_eq!(without[0].member, "subject");
    }

    #[test]
    fn another_manifest_for_the_platform_is_a_change() {
        let mut annotated = entry('e', "linux/386");
        annotated.annotations.set("x", "y");
        assert_eq!(
            between(&[entry('a', "linux/i386")], &[annotated]),
            ["0→0 digest Some(\"a\")→Some(\"e\") annotations/x None→Some(\"y\")"]
        );
        let changed = entry('a', "linux/amd64");
        assert_eq!(
            between(&[entry('a', "linux/386")], &[changed]),
            ["0→0 platform/architecture Some(\"386\")→Some(\"amd64\")"]
        );
    }
}
