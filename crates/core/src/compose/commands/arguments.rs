//! Arguments that the commands of several tools have.
//!
//! Values go into a [`Line`] as they are, whatever they hold: quoting is the line's business.
//! Nothing is judged here but which flags are needed, and what comes of a platform by them;
//! `tools` says what is left out.

use std::borrow::Cow;

use super::super::Entry;
use crate::command_line::Line;
use crate::descriptor::Descriptor;
use crate::lenient::first_equals;
use crate::platform::{Platform, sorted};
use crate::reference::Reference;

/// Whether the platform is not the one that tools read in the config.
///
/// Both are compared as they are written: `linux/aarch64` beside a config that says
/// `linux/arm64` is edited. An entry that was taken from a list has no origin and so nothing
/// to compare with; it is never called edited.
pub(super) fn is_edited(entry: &Entry) -> bool {
    match &entry.origin {
        Some(origin) => entry.descriptor.platform != origin.platform,
        None => false,
    }
}

/// For each entry the platform by which buildx is told its annotations, `linux/arm/v7`; `None`
/// for one that cannot be told them.
///
/// buildx reads the platform in the config, and puts an annotation at every entry of the one
/// in brackets, in its usual names. So entries of one platform have to have equal annotations.
/// In the brackets stand letters, digits, `_`, `-` and `/` alone, hence no `os.version`. An
/// entry of a list has the list's word for its platform.
///
/// Source: buildx `util/buildflags/export.go`, `ParseAnnotations`;
/// `util/imagetools/create.go`, `combine`.
pub(super) fn buildx_platforms(entries: &[Entry]) -> Vec<Option<String>> {
    let platform = |entry: &Entry| {
        let origin = entry.origin.as_ref().map(|origin| &origin.platform);
        let platform = origin.unwrap_or(&entry.descriptor.platform).as_ref()?;
        let is_whole = !platform.os.is_empty() && !platform.architecture.is_empty();
        let text = platform.normalized().to_string();
        let is_taken = |byte: u8| byte.is_ascii_alphanumeric() || b"_-/".contains(&byte);
        (is_whole && text.bytes().all(is_taken)).then_some(text)
    };
    let mut platforms: Vec<_> = entries.iter().map(platform).collect();
    // Those without one get a text that no platform is.
    let keys = platforms.iter().enumerate().map(|(place, platform)| {
        let none = || Cow::Owned(place.to_string());
        platform.as_deref().map_or_else(none, Cow::Borrowed)
    });
    let first = first_equals(keys.collect());
    let annotations = |place: usize| entries[place].descriptor.annotations.sorted();
    let mut is_mixed = vec![false; entries.len()];
    for (place, first) in first.iter().enumerate() {
        is_mixed[*first] |= *first != place && annotations(place) != annotations(*first);
    }
    for (platform, first) in platforms.iter_mut().zip(first) {
        platform.take_if(|_| is_mixed[first]);
    }
    platforms
}

/// Whether the source is in the target's repository, on the same host: oras needs no copy of
/// it. Tags and digests do not matter.
pub(super) fn is_beside(source: &Reference, target: &Reference) -> bool {
    (source.host(), source.repository()) == (target.host(), target.repository())
}

/// A flag for each annotation, with what stands in front of the name, in the order of
/// `annotations`.
///
/// With the flag `--annotation` and `index:` as `of`, an annotation `a` of value `b` becomes
/// `--annotation index:a=b`. An empty `of` gives `--annotation a=b`, for tools that have a
/// flag of its own for each place.
pub(super) fn annotate(
    line: &mut Line,
    flag: &'static str,
    of: &str,
    annotations: &[(String, String)],
) {
    for (name, value) in annotations {
        line.flag(flag, &[of, name, "=", value].concat());
    }
}

/// The flags of docker and podman for a platform, one for each part that is there.
///
/// A part whose text is empty gets no flag, since docker has no way to set one to nothing.
/// podman gets no `--os-features`, docker gets them joined by commas:
/// `--os windows --arch amd64 --os-version 10.0.17763.1234 --os-features win32k`. Nothing is
/// added where the entry has no platform.
pub(super) fn push_platform(line: &mut Line, descriptor: &Descriptor, docker: bool) {
    let Some(platform) = &descriptor.platform else {
        return;
    };
    let features = platform.os_features.join(",");
    let flags = [
        ("--os", Some(platform.os.as_str())),
        ("--arch", Some(platform.architecture.as_str())),
        ("--variant", platform.variant.as_deref()),
        ("--os-version", platform.os_version.as_deref()),
        ("--os-features", Some(features.as_str())),
    ];
    for (flag, value) in flags {
        let value = value.filter(|value| !value.is_empty() && (docker || flag != "--os-features"));
        if let Some(value) = value {
            line.flag(flag, value);
        }
    }
}

/// The members of edited platforms that come out otherwise than they are in the draft, by
/// `made`: what a tool makes of a platform that it is told and the config's.
///
/// `platform` stands for one that was taken away, which no tool can be told.
pub(super) fn unsaid_members(
    entries: &[Entry],
    made: &dyn Fn(&Platform, &Platform) -> Platform,
) -> Vec<&'static str> {
    let mut unsaid = Vec::new();
    for entry in entries.iter().filter(|entry| is_edited(entry)) {
        let config = entry.origin.as_ref().and_then(|one| one.platform.clone());
        let Some(told) = &entry.descriptor.platform else {
            unsaid.push("platform");
            continue;
        };
        let made = made(told, &config.unwrap_or_default());
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        let is_same = |one: &[String], other: &[String]| sorted(one) == sorted(other);
        for (name, is_said) in [
            ("os", made.os == told.os),
            ("architecture", made.architecture == told.architecture),
            ("variant", text(&made.variant) == text(&told.variant)),
            (
                "os.version",
                text(&made.os_version) == text(&told.os_version),
            ),
            ("os.features", is_same(&made.os_features, &told.os_features)),
            ("features", is_same(&made.features, &told.features)),
        ] {
            if !is_said && !unsaid.contains(&name) {
                unsaid.push(name);
            }
        }
    }
    unsaid
}

/// What tools make of a platform whose parts they are told one by one: what is empty is the
/// config's, and so are its features.
pub(super) fn told_by_parts(told: &Platform, config: &Platform) -> Platform {
    let text = |told: &str, config: &str| {
        let is_told = !told.is_empty();
        if is_told { told } else { config }.to_owned()
    };
    let part = |told: &Option<String>, config: &Option<String>| {
        let told = told.clone().filter(|told| !told.is_empty());
        told.or_else(|| config.clone())
    };
    Platform {
        architecture: text(&told.architecture, &config.architecture),
        os: text(&told.os, &config.os),
        os_version: part(&told.os_version, &config.os_version),
        os_features: config.os_features.clone(),
        variant: part(&told.variant, &config.variant),
        ..Platform::default()
    }
}

/// A platform as regctl's `--desc-platform` takes it: `linux/arm/v7`,
/// `windows/amd64,osver=10.0.17763.1234`. `os.features` have no place in it.
pub(super) fn regctl_platform(platform: &Platform) -> String {
    let mut text = [platform.os.as_str(), "/", &platform.architecture].concat();
    for part in [
        platform
            .variant
            .as_ref()
            .map(|variant| format!("/{variant}")),
        platform
            .os_version
            .as_ref()
            .map(|version| format!(",osver={version}")),
    ]
    .into_iter()
    .flatten()
    {
        text.push_str(&part);
    }
    text
}
