//! Arguments that the commands of several tools have.
//!
//! Values go into a [`Line`] as they are, whatever they hold: quoting is the line's business.
//! Nothing is judged here but which flags are needed, and nothing here knows what is left out:
//! `tools` says that.

use super::super::Entry;
use crate::command_line::Line;
use crate::descriptor::Descriptor;
use crate::platform::Platform;
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
