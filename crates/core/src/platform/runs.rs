//! Which machine runs which image: operating systems, processors and their variants.
//!
//! Source: containerd/platforms `compare.go`, and for Windows `platform_windows_compat.go`.
//!
//! A host runs its own variant and what came before it; never the reverse. Both sides are put into
//! the usual names before, so that `aarch64` meets `arm64`.

use super::Platform;

/// Windows Server 2022: from here on a host runs older releases too.
const WINDOWS_SERVER_2022: u32 = 20_348;
/// Windows Server 2025: hosts after it run nothing older than this.
const WINDOWS_SERVER_2025: u32 = 26_100;
/// Armv8 ends with v8.9: what came later was added to Armv9 only.
const ARMV8_LAST_MINOR: u32 = 9;
/// Armv9.0 has everything of Armv8.5, v9.1 of v8.6, and so on.
const ARMV9_AHEAD: u32 = 5;

/// Both are normalised.
///
/// On Windows containers share the host's kernel, so there the version decides as well.
pub(super) fn has_os_of(host: &Platform, image: &Platform) -> bool {
    let has_version = match (&host.os_version, &image.os_version) {
        (Some(host), Some(image)) => windows_build(host)
            .is_none_or(|host| windows_build(image).is_some_and(|image| runs_windows(host, image))),
        _ => true,
    };
    // Nano Server lacks win32k and says nothing of it, others have it and may not say so.
    let is_had = |feature: &String| {
        host.os_features.contains(feature) || (host.os == "windows" && feature == "win32k")
    };
    host.os == image.os
        && (has_version || host.os != "windows")
        && image.os_features.iter().all(is_had)
}

/// Major, minor and build of a Windows version; the revision behind them does not matter.
fn windows_build(version: &str) -> Option<(u32, u32, u32)> {
    let mut parts = version.split('.');
    Some((
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
    ))
}

/// Up to Server 2019 builds have to be equal; from Server 2022 on a host runs the releases since
/// the last long-term one before it.
///
/// | build of the host | builds that it runs |
/// | --- | --- |
/// | below 20348 | its own |
/// | 20348 to 26100 | 20348 up to its own |
/// | above 26100 | 26100 up to its own |
fn runs_windows(host: (u32, u32, u32), image: (u32, u32, u32)) -> bool {
    let oldest = match host.2 {
        own @ ..WINDOWS_SERVER_2022 => own,
        WINDOWS_SERVER_2022..=WINDOWS_SERVER_2025 => WINDOWS_SERVER_2022,
        _ => WINDOWS_SERVER_2025,
    };
    (host.0, host.1) == (image.0, image.1) && (oldest..=host.2).contains(&image.2)
}

/// Both are normalised.
///
/// Beside older variants: 386 on amd64, and 32 bit arm on arm64.
pub(super) fn has_processor_of(host: &Platform, image: &Platform) -> bool {
    let variants = (host.variant.as_deref(), image.variant.as_deref());
    match (host.architecture.as_str(), image.architecture.as_str()) {
        ("amd64", "386") => image.variant.is_none(),
        ("amd64", "amd64") => has_variant(variants.0.unwrap_or("v1"), variants.1.unwrap_or("v1")),
        ("arm64", "arm") => has_arm_variant("v8", variants.1.unwrap_or("v7")),
        ("arm", "arm") => has_arm_variant(variants.0.unwrap_or("v7"), variants.1.unwrap_or("v7")),
        ("arm64", "arm64") => {
            has_arm64_variant(variants.0.unwrap_or("v8"), variants.1.unwrap_or("v8"))
        }
        (host, image) if host == image => match variants {
            (_, None) => true,
            (Some(host), Some(image)) => has_variant(host, image),
            (None, Some(_)) => false,
        },
        _ => false,
    }
}

/// The same text, or the same but for a number that is no higher: `power9` on `power10`.
fn has_variant(host: &str, image: &str) -> bool {
    let is_older = match (split_variant(host), split_variant(image)) {
        (Some(host), Some(image)) => (host.0, host.2) == (image.0, image.2) && image.1 <= host.1,
        _ => false,
    };
    host == image || is_older
}

/// A higher version runs the lower ones, down to v5.
fn has_arm_variant(host: &str, image: &str) -> bool {
    // Nothing newer runs code for Armv4 and before.
    let is_old = split_variant(image).is_some_and(|(_, number, _)| number < (5, 0));
    host == image || (!is_old && has_variant(host, image))
}

/// Armv9 began as Armv8.5, so a v9.x host runs v8 variants up to five minor versions above its own,
/// and v8.9 at most.
fn has_arm64_variant(host: &str, image: &str) -> bool {
    match (split_variant(host), split_variant(image)) {
        (Some(("v", (9, minor), "")), Some(("v", (8, image_minor), ""))) => {
            image_minor <= ARMV8_LAST_MINOR.min(minor.saturating_add(ARMV9_AHEAD))
        }
        (Some((_, (major, _), _)), Some((_, (image_major, _), _))) => {
            major == image_major && has_variant(host, image)
        }
        _ => host == image,
    }
}

/// The version of a processor, by its variant: `v8.3` is 8 and 3. No variant is what goes without
/// saying: v1 of amd64, v7 of arm, v8 of arm64.
pub(crate) fn processor_version(architecture: &str, variant: &str) -> (u32, u32) {
    let usual = match architecture {
        "amd64" => 1,
        "arm" => 7,
        "arm64" => 8,
        _ => 0,
    };
    split_variant(variant).map_or((usual, 0), |(_, version, _)| version)
}

/// `v8.3` as `v`, 8 and 3, and nothing; `rva23u64` as `rva`, 23 and 0, `u64`.
fn split_variant(variant: &str) -> Option<(&str, (u32, u32), &str)> {
    let (prefix, rest) = variant.split_at(variant.find(|c: char| c.is_ascii_digit())?);
    let (major, rest) = split_number(rest)?;
    let (minor, suffix) = rest
        .strip_prefix('.')
        .and_then(split_number)
        .unwrap_or((0, rest));
    Some((prefix, (major, minor), suffix))
}

fn split_number(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at(
        text.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len()),
    );
    Some((digits.parse().ok()?, rest))
}
