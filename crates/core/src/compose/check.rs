//! What there is to say of a draft: what reading its bytes finds, and what only a composer can know.

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

type Find<'a> = dyn FnMut(Code, String, String) + 'a;

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

/// An entry that says less takes every machine of a later one that says more: `linux/amd64` that of `linux/amd64/v3`.
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

const MOST_LOSSES: usize = 20;
