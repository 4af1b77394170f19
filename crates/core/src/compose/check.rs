//! What there is to say of a draft: what reading its bytes finds, and what only a composer can
//! know.
//!
//! The findings come in this order; `workflow::compose` sorts them, the worst first.
//!
//! 1. All that `Manifest::read` finds in the bytes just written. So a list that is composed
//!    here is judged by the same rules as one that was fetched, and the pointers are into the
//!    new bytes.
//! 2. `form-kind`: the form writes another kind than was asked for.
//! 3. `unknown-child`: an entry whose media type is none of the formats that are known.
//! 4. `platform-shadowed`: an entry that clients never reach.
//! 5. `not-written` and `form-order`: the losses of `convert`, gathered by what is lost.
//!
//! What needs the sources themselves, such as a manifest that did not come or a config that
//! says another platform, is not known here: `workflow::compose` adds it.

use std::borrow::Cow;
use std::rc::Rc;

use crate::descriptor::Descriptor;
use crate::finding::{Code, Finding};
use crate::humanize;
use crate::lenient::first_equals;
use crate::manifest::detect::DeclaredTypes;
use crate::manifest::{Format, Manifest};
use crate::platform::Platform;

use super::Draft;
use super::convert::{Converted, LossCause, LostItem};

/// Gathers every finding of what was written. `bytes` are those of `adapted`, which was made
/// of `draft`.
///
/// The bytes are read with no declared types: nobody has said anything of them yet. What is
/// found here of the list as a whole has the empty pointer.
pub(super) fn check(draft: &Draft, adapted: &Converted, bytes: &Rc<[u8]>) -> Vec<Finding> {
    // What was written is a JSON object, so that it can be read.
    let mut findings = Manifest::read(Rc::clone(bytes), &DeclaredTypes::none())
        .map(|(_, found)| found)
        .unwrap_or_default();
    let mut find = |code, pointer: String, message: String| {
        findings.push(Finding::new(code, pointer, message));
    };
    if adapted.kind != draft.kind {
        let (tool, kind) = (draft.tool.name(), adapted.kind.format().with_article());
        find(
            Code::FormKind,
            String::new(),
            format!("{tool} writes {kind} here"),
        );
    }
    check_entries(adapted, &mut find);
    check_shadows(&adapted.list.entries, &mut find);
    check_losses(adapted, &mut find);
    findings
}

/// Takes a code, a pointer and a message, and keeps them as a finding.
type Find<'a> = dyn FnMut(Code, String, String) + 'a;

/// Says which entries are of no known format: some registries refuse a list with such a child.
///
/// An entry without a media type is passed over, since reading the bytes has said that it is
/// missing.
fn check_entries(adapted: &Converted, find: &mut Find<'_>) {
    for entry in &adapted.list.entries {
        let Some(media_type) = &entry.media_type else {
            continue;
        };
        if Format::from_media_type(media_type).is_none() {
            find(
                Code::UnknownChild,
                entry.pointer.to_string(),
                format!("mediaType is {media_type}"),
            );
        }
    }
}

/// An entry that says less takes every machine of a later one that says more: `linux/amd64`
/// that of `linux/amd64/v3`. Clients take the first that fits, so the later one is never used.
///
/// For each entry, every way to say less is tried: without the variant, `os.version` or
/// `os.features`, or without two or all of them. What remains is sought among the earlier
/// entries by a text that stands for the platform (`key`), with all entries at once, so that a
/// list of many costs no more than sorting. An entry is told at most once, with the first of
/// these that is there.
///
/// Not told are:
///
/// - the same manifest under both platforms, since it does not matter which is taken;
/// - attestations and `unknown/unknown`, which are for no machine;
/// - two equal platforms, which reading the bytes finds;
/// - another processor that the machine also runs, such as `linux/386` before `linux/amd64`, or
///   an older variant.
///
/// The message names the earlier entry by its number from 1; the pointer is to the later one's
/// platform.
fn check_shadows(entries: &[Descriptor], find: &mut Find<'_>) {
    let key = |platform: &Platform| {
        let Platform {
            architecture,
            os,
            os_version,
            os_features,
            variant,
            ..
        } = platform;
        let (variant, version) = (
            variant.as_deref().unwrap_or_default(),
            os_version.as_deref().unwrap_or_default(),
        );
        [
            os,
            "/",
            architecture,
            "/",
            variant,
            "(",
            version,
            "+",
            &os_features.join("+"),
        ]
        .concat()
    };
    let mut keys = Vec::with_capacity(entries.len());
    let mut weaker: Vec<(usize, String)> = Vec::new();
    for (place, entry) in entries.iter().enumerate() {
        let platform = entry
            .platform
            .as_ref()
            .filter(|platform| !platform.is_unknown() && entry.attests().is_none());
        let Some(platform) = platform.map(Platform::normalized) else {
            // No platform's key.
            keys.push(format!("-{place}"));
            continue;
        };
        let own = key(&platform);
        let mut others: Vec<String> = Vec::new();
        let has = [
            platform.variant.is_some(),
            platform.os_version.is_some(),
            !platform.os_features.is_empty(),
        ];
        let is_there = |less: &usize| (0..3).all(|part| less >> part & 1 == 0 || has[part]);
        for less in (1..8).filter(is_there) {
            let mut other = platform.clone();
            if less & 1 != 0 {
                other.variant = None;
            }
            if less & 2 != 0 {
                other.os_version = None;
            }
            if less & 4 != 0 {
                other.os_features.clear();
            }
            // `arm` alone is v7, which does not run on v6.
            let other = other.normalized();
            let other_key = key(&other);
            if other_key != own && platform.runs(&other) && !others.contains(&other_key) {
                others.push(other_key);
            }
        }
        keys.push(own);
        weaker.extend(others.into_iter().map(|other| (place, other)));
    }
    let count = keys.len();
    let texts = keys
        .into_iter()
        .chain(weaker.iter().map(|(_, other)| other.clone()))
        .map(Cow::Owned)
        .collect();
    let first = first_equals(texts);
    let mut last = None;
    for (index, (place, _)) in weaker.iter().enumerate() {
        let earlier = first[count + index];
        let same = entries
            .get(earlier)
            .is_some_and(|one| one.digest_text == entries[*place].digest_text);
        if earlier < *place && !same && last != Some(*place) {
            last = Some(*place);
            let name = |place: usize| {
                entries[place]
                    .platform
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default()
            };
            let message = format!(
                "{} also fits entry {}, {}",
                name(*place),
                earlier + 1,
                name(earlier)
            );
            find(
                Code::PlatformShadowed,
                format!("/manifests/{place}/platform"),
                message,
            );
        }
    }
}

/// One finding for each member and cause, however many entries lose it.
///
/// `variant of 2 entries: buildx has no place for it`;
/// `annotations of the list and 1 entry: …`. The pointer is empty, since what was not written
/// stands nowhere in the bytes. Names that the author chose are quoted.
///
/// [`LostItem::OciChild`] and [`LostItem::NestedList`] are passed over: nothing was left out,
/// and reading the bytes finds OCI manifests and lists in a Docker list.
fn check_losses(adapted: &Converted, find: &mut Find<'_>) {
    let mut seen: Vec<(&LostItem, LossCause)> = Vec::new();
    for loss in &adapted.losses {
        if seen.contains(&(&loss.lost, loss.cause))
            || matches!(loss.lost, LostItem::OciChild | LostItem::NestedList)
        {
            continue;
        }
        // A hostile list may have as many names as bytes.
        if seen.len() == MOST_LOSSES {
            break;
        }
        seen.push((&loss.lost, loss.cause));
        let same = adapted
            .losses
            .iter()
            .filter(|one| (&one.lost, one.cause) == (&loss.lost, loss.cause));
        let (of_list, of_entries): (Vec<_>, Vec<_>) = same.partition(|one| one.entry.is_none());
        let entries = humanize::count(of_entries.len(), "entry");
        let whose = match (of_list.is_empty(), of_entries.is_empty()) {
            (false, true) => "the list".to_owned(),
            (true, _) => entries,
            (false, false) => format!("the list and {entries}"),
        };
        let writer = match loss.cause {
            LossCause::Kind(kind) => kind.format().with_article(),
            LossCause::Form(tool) => tool.name(),
        };
        let (code, message) = match &loss.lost {
            LostItem::Member(name) => (
                Code::NotWritten,
                format!("{name} of {whose}: {writer} has no place for it"),
            ),
            LostItem::Unknown(name) => (
                Code::NotWritten,
                format!("{name:?} of {whose}: {writer} has no place for it"),
            ),
            LostItem::Order => (Code::FormOrder, format!("{writer} puts {whose} elsewhere")),
            LostItem::Repeated | LostItem::OciChild | LostItem::NestedList => (
                Code::NotWritten,
                format!("{whose}: {writer} makes one of entries with one digest"),
            ),
        };
        find(code, String::new(), message);
    }
}

/// How many findings the losses make at most; the rest is not told. Each one costs a look at
/// every loss.
const MOST_LOSSES: usize = 20;
