//! Arguments that the commands of several tools have.

use super::super::Entry;
use crate::command_line::Line;
use crate::descriptor::Descriptor;
use crate::platform::Platform;
use crate::reference::Reference;

/// Whether the platform is not the one that tools read in the config.
pub(super) fn is_edited(entry: &Entry) -> bool {
    match &entry.origin {
        Some(origin) => entry.descriptor.platform != origin.platform,
        None => false,
    }
}

pub(super) fn is_beside(source: &Reference, target: &Reference) -> bool {
    (source.host(), source.repository()) == (target.host(), target.repository())
}

/// A flag for each annotation, with what stands in front of the name.
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

/// The flags of docker and podman for a platform; docker has none for an empty text.
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
