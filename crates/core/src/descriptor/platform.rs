//! Platforms as members of a manifest or config: how they are read, and what is odd in them.
//!
//! What an author wrote is kept as it is; a [`Platform`] is put into usual names only to
//! compare it, in [`crate::platform`]. Here the names are judged, so that a person sees why a
//! client may not find an entry:
//!
//! | platform | finding |
//! | --- | --- |
//! | `{"os": "linux"}` | `platform-incomplete`: architecture is missing |
//! | `linux/x86_64` | `platform-spelling`: its usual name is amd64 |
//! | `linux/arm/7` | `platform-spelling`: its usual name is v7 |
//! | `linux/arm64/8` | `platform-spelling`: usually no variant is written |
//! | `linux/e2k`, `linux/s390x/z15` | `platform-name`: it is not among those that are known |
//! | `unknown/unknown` | none here: it stands for what is no image |
//!
//! Whether an entry has to have a platform, and whether two entries have the same, is for
//! [`crate::manifest::list`].

use crate::finding::Code;
use crate::lenient::Fields;
use crate::platform::{Platform, is_known_architecture, is_known_os};

/// The members of a platform in a list's entry; a config has all but `features` beside its
/// own.
const MEMBERS: &[&str] = &[
    "architecture",
    "os",
    "os.version",
    "os.features",
    "variant",
    "features",
];

/// Reads the platform of a list's entry.
///
/// Both `os` and `architecture` are required, and an empty text counts as absent. The names are
/// judged only where both are there, since one that is missing has its finding already. Unlike
/// in a config, an empty variant stays an empty text.
pub(super) fn read(fields: &Fields<'_>) -> Platform {
    let is_any_unknown = fields.names(MEMBERS);
    for name in ["architecture", "os"] {
        if fields.is_absent(name) {
            fields.find(Code::PlatformIncomplete, format!("{name} is missing"));
        }
        fields.find_empty(name, Code::PlatformIncomplete);
    }
    let mut platform = read_members(fields, &fields.required());
    platform.features = fields.texts("features");
    if is_any_unknown {
        platform.unknown = fields.unknown(MEMBERS);
    }
    check(fields, &platform);
    platform
}

/// Reads the members that a list's entry and a config share.
///
/// A missing `os` or `architecture` is an empty text, and nothing is said of it: what is
/// required is for who calls, who gives `both` to read these two with.
pub(crate) fn read_members(fields: &Fields<'_>, both: &Fields<'_>) -> Platform {
    Platform {
        architecture: both.text("architecture").unwrap_or_default(),
        os: both.text("os").unwrap_or_default(),
        os_version: fields.text("os.version"),
        os_features: fields.texts("os.features"),
        variant: fields.text("variant"),
        ..Platform::default()
    }
}

/// Names that are not Go's: another spelling of one, or none that is known. Only where both
/// `os` and `architecture` are there.
///
/// Each of `os`, `architecture` and `variant` that is not known gives one finding at its
/// member: [`Code::PlatformSpelling`] where its usual name is another and is known, else
/// [`Code::PlatformName`], and [`Code::PlatformVariant`] for a variant that only another
/// architecture has. A variant is judged only below an architecture that is known by its
/// own name, so `aarch64/v8` is one finding, not two. On Windows the features of the system
/// are judged too, of which only `win32k` is known.
///
/// Source: image-spec `image-index.md`, "platform" and "Platform Variants".
pub(crate) fn check(fields: &Fields<'_>, platform: &Platform) {
    if platform.is_unknown() || platform.os.is_empty() || platform.architecture.is_empty() {
        return;
    }
    let (os, architecture) = (platform.os.as_str(), platform.architecture.as_str());
    let variant = platform.variant.as_deref().unwrap_or_default();
    let is_known = [
        is_known_os(os),
        is_known_architecture(architecture),
        is_known_variant(architecture, variant),
    ];
    if is_known != [true; 3] {
        let (usual_os, usual, mut usual_variant) = platform.usual_names();
        // `armv8` and `armv7l`, as the kernel has it: the variant with the architecture's name.
        if let Some(rest) = usual_variant.strip_prefix("arm")
            && usual.starts_with("arm")
        {
            usual_variant = rest.trim_end_matches('l').to_owned().into();
        }
        let is_usual = is_known_variant(&usual, &usual_variant);
        for (is_known, name, found, usual, is_usual) in [
            (is_known[0], "os", os, &*usual_os, is_known_os(&usual_os)),
            (
                is_known[1],
                "architecture",
                architecture,
                &*usual,
                is_known_architecture(&usual),
            ),
            (
                is_known[2] || !is_known[1],
                "variant",
                variant,
                &*usual_variant,
                is_usual,
            ),
        ] {
            if is_known {
                continue;
            }
            let is_spelling = is_usual && usual != found;
            let other = architecture_of(variant).filter(|_| name == "variant");
            let code = match other {
                _ if is_spelling => Code::PlatformSpelling,
                Some(_) => Code::PlatformVariant,
                None => Code::PlatformName,
            };
            let message = || match (usual, other) {
                ("", _) if is_spelling => {
                    format!("{name} is {found:?}, usually none is written")
                }
                _ if is_spelling => {
                    format!("{name} is {found:?}, its usual name is {usual:?}")
                }
                (_, Some(other)) => {
                    format!("variant is {variant:?}, which {other} has and {architecture} has not")
                }
                (_, None) => format!("{name} is {found:?}"),
            };
            let reader = fields.reader();
            reader.find_lazily(code, || (fields.pointer_to(name), message()));
        }
    }
    if os == "windows"
        && let Some(feature) = platform
            .os_features
            .iter()
            .find(|feature| *feature != "win32k")
    {
        let message = format!("os.features holds {feature:?}, for windows only win32k is known");
        fields.find_at("os.features", Code::PlatformName, message);
    }
}

/// Whether the variant is in image-spec's table, or is what its "…" or Go's own names stand
/// for; none is one.
///
/// | architecture | variants |
/// | --- | --- |
/// | `arm` | `v5` to `v8` |
/// | `arm64` | `v8`, `v9`, and with a digit: `v9.2` |
/// | `amd64` | `v1` to `v4` |
/// | `ppc64`, `ppc64le` | `power` with one or two digits: `power10` |
/// | `riscv64` | `rva20u64`, `rva22u64`, `rva23u64` |
/// | others | none |
fn is_known_variant(architecture: &str, variant: &str) -> bool {
    let number = |prefix: &str| {
        variant
            .strip_prefix(prefix)
            .filter(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
    };
    match architecture {
        _ if variant.is_empty() => true,
        "arm" => matches!(variant, "v5" | "v6" | "v7" | "v8"),
        "arm64" => matches!(
            variant.as_bytes(),
            [b'v', b'8' | b'9'] | [b'v', b'8' | b'9', b'.', b'0'..=b'9']
        ),
        "amd64" => matches!(variant, "v1" | "v2" | "v3" | "v4"),
        "ppc64" | "ppc64le" => number("power").is_some_and(|number| matches!(number.len(), 1 | 2)),
        "riscv64" => matches!(variant, "rva20u64" | "rva22u64" | "rva23u64"),
        _ => false,
    }
}

/// Returns an architecture that has the variant.
fn architecture_of(variant: &str) -> Option<&'static str> {
    ["arm64", "arm", "amd64", "ppc64le", "riscv64"]
        .into_iter()
        .find(|architecture| is_known_variant(architecture, variant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Object;
    use crate::lenient::Reader;

    fn found(platform: &str) -> Vec<String> {
        let parts: Vec<_> = platform.split('/').map(str::to_owned).collect();
        let [os, architecture] = [&parts[0], &parts[1]].map(String::clone);
        let platform = Platform {
            os,
            architecture,
            variant: parts.get(2).cloned(),
            ..Platform::default()
        };
        let (reader, object) = (Reader::new(Vec::new()), Object::default());
        check(&Fields::root(&reader, &object), &platform);
        reader
            .into_findings()
            .iter()
            .map(|f| format!("{} {}: {}", f.code, f.pointer, f.message))
            .collect()
    }

    #[test]
    fn usual_names_have_no_finding() {
        for platform in [
            "linux/amd64",
            "linux/amd64/v3",
            "linux/386",
            "linux/arm/v5",
            "linux/arm/v7",
            "linux/arm64",
            "linux/arm64/v8",
            "linux/arm64/v9.2",
            "linux/ppc64le/power10",
            "linux/riscv64/rva22u64",
            "linux/s390x",
            "linux/loong64",
            "linux/mips64le",
            "windows/amd64",
            "unknown/unknown",
        ] {
            assert_eq!(found(platform), [""; 0], "{platform}");
        }
    }

    #[test]
    fn other_names_are_told_from_other_spellings() {
        for (platform, finding) in [
            (
                "Linux/amd64",
                "platform-spelling /os: os is \"Linux\", its usual name is \"linux\"",
            ),
            (
                "linux/x86_64",
                "platform-spelling /architecture: architecture is \"x86_64\", its usual name is \"amd64\"",
            ),
            (
                "linux/arm/7",
                "platform-spelling /variant: variant is \"7\", its usual name is \"v7\"",
            ),
            (
                "linux/arm64/V9",
                "platform-spelling /variant: variant is \"V9\", its usual name is \"v9\"",
            ),
            (
                "linux/arm64/8",
                "platform-spelling /variant: variant is \"8\", usually none is written",
            ),
            (
                "linux/amd64/V1",
                "platform-spelling /variant: variant is \"V1\", usually none is written",
            ),
            ("wasi/wasm", "platform-name /os: os is \"wasi\""),
            (
                "linux/e2k",
                "platform-name /architecture: architecture is \"e2k\"",
            ),
            (
                "linux/arm64/armv8",
                "platform-spelling /variant: variant is \"armv8\", its usual name is \"v8\"",
            ),
            (
                "linux/amd64/v8",
                "platform-variant /variant: variant is \"v8\", which arm64 has and amd64 has not",
            ),
            (
                "linux/s390x/z15",
                "platform-name /variant: variant is \"z15\"",
            ),
        ] {
            assert_eq!(found(platform), [finding], "{platform}");
        }
    }
}
