//! The file that `manifest-tool push from-spec` reads.

use crate::reference::Reference;

use super::super::{Draft, Kind};
use super::source;

/// A draft as YAML for `target`. Texts are in double quotes, which YAML shares with JSON, so that nothing in them is
/// taken for YAML. Entries' annotations, artifact types and subject have no place in it.
///
/// Source: manifest-tool v2 `pkg/types/input.go`; its names are Go's field names in lower case.
///
/// ```
/// use waybill_core::compose::{Draft, Kind, command::manifest_tool};
///
/// let yaml = manifest_tool::yaml(&Draft::new(Kind::DockerList), &"ghcr.io/o/app:1".parse()?);
/// assert_eq!(yaml, "image: \"ghcr.io/o/app:1\"\nmanifests: []\n");
/// # Ok::<(), waybill_core::reference::ReferenceError>(())
/// ```
#[must_use]
pub fn yaml(draft: &Draft, target: &Reference) -> String {
    let mut yaml = String::new();
    push(&mut yaml, "image", &target.to_string());
    if !draft.annotations.is_empty() && draft.kind == Kind::OciIndex {
        yaml.push_str("annotations:\n");
        for (name, value) in &draft.annotations {
            push(&mut yaml, &["  ", &quoted(name)].concat(), value);
        }
    }
    yaml.push_str(if draft.entries.is_empty() { "manifests: []\n" } else { "manifests:\n" });
    for entry in &draft.entries {
        push(&mut yaml, "  - image", &source(entry, target).to_string());
        let Some(platform) = &entry.descriptor.platform else { continue };
        yaml.push_str("    platform:\n");
        push(&mut yaml, "      architecture", &platform.architecture);
        push(&mut yaml, "      os", &platform.os);
        for (name, value) in [("      osversion", &platform.os_version), ("      variant", &platform.variant)] {
            if let Some(value) = value {
                push(&mut yaml, name, value);
            }
        }
        if !platform.os_features.is_empty() {
            let features: Vec<String> = platform.os_features.iter().map(|feature| quoted(feature)).collect();
            yaml.push_str(&["      osfeatures: [", &features.join(", "), "]\n"].concat());
        }
    }
    yaml
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

fn push(yaml: &mut String, name: &str, value: &str) {
    yaml.push_str(&[name, ": ", &quoted(value), "\n"].concat());
}
