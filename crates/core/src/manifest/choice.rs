//! Which entry of a list a client takes for a machine.
//!
//! Every client has its own rule, and the rules differ where it matters: for older variants,
//! for other spellings of a name, for versions of Windows, for lists in lists.
//!
//! [`choose`] answers with the place of the entry and with what decided. It looks at the list
//! alone, as the clients do: whether what an entry names is there, and is an image, they find
//! out after they chose.
//!
//! Source: containerd/platforms `compare.go` (`Only`, `Less`), containerd
//! `core/images/handlers.go` (`FilterPlatforms`, `LimitManifests`); moby
//! `distribution/pull_v2_unix.go` and `pull_v2_windows.go`, `filterManifests`; containers/image
//! `internal/pkg/platform/platform_matcher.go` and `internal/manifest/oci_index.go`,
//! `chooseInstance`.
//!
//! ```
//! use waybill_core::manifest::Manifest;
//! use waybill_core::manifest::detect::DeclaredTypes;
//! use waybill_core::manifest::choice::{Client, Reason, choose};
//!
//! let digest = format!("sha256:{}", "a".repeat(64));
//! let entry = |platform: &str| {
//!     format!(r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":9,
//!                  "digest":"{digest}","platform":{platform}}}"#)
//! };
//! let text = format!(
//!     r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",
//!          "manifests":[{},{}]}}"#,
//!     entry(r#"{"os":"linux","architecture":"amd64"}"#),
//!     entry(r#"{"os":"linux","architecture":"arm","variant":"v6"}"#),
//! );
//! let (manifest, _) = Manifest::read(text.as_bytes(), &DeclaredTypes::default())?;
//! let list = manifest.list().expect("an index");
//! let format = manifest.format;
//! let choice = choose(Client::Docker, format, list, &"linux/arm/v7".parse()?);
//! assert_eq!((choice.entry, choice.reason), (Some(1), Reason::Older));
//! // A machine of arm64 runs it too, and podman does not look for that.
//! let wanted = "linux/arm64".parse()?;
//! assert_eq!(choose(Client::Docker, format, list, &wanted).entry, Some(1));
//! assert_eq!(choose(Client::Podman, format, list, &wanted).entry, None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::cmp::Reverse;

use super::content::List;
use super::format::Format;
use crate::descriptor::Descriptor;
use crate::platform::{Platform, processor_version};

/// What entries podman prefers among those of one platform: they say that their layers are zstd.
const ZSTD: &str = "io.github.containers.compression.zstd";

/// A rule by which clients choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// docker's: containerd's, but on Windows one of its own.
    Docker,
    /// containerd's, which Kubernetes uses too.
    Containerd,
    /// podman's, and that of the other tools that use containers/image: skopeo, buildah, CRI-O.
    Podman,
}

impl Client {
    /// Every client.
    pub const ALL: [Self; 3] = [Self::Docker, Self::Containerd, Self::Podman];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Containerd => "containerd",
            Self::Podman => "podman",
        }
    }
}

/// What a client takes of a list for a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The place of the entry in the list; `None` where no entry is taken.
    pub entry: Option<usize>,
    /// What decided.
    pub reason: Reason,
}

/// What decided a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It alone is for the platform.
    Only,
    /// Several are for the platform, and the first of them is taken.
    First,
    /// Several are for the platform, and this one says that its layers are zstd.
    Zstd,
    /// Several are for the platform, and this one needs most of the features of the machine.
    Features,
    /// Several fit the machine, and this one has its build of Windows.
    SameBuild,
    /// Several fit the machine, and this one has the highest version of Windows.
    Newest,
    /// None is for the platform itself; this one is for the nearest that the machine runs: an
    /// older variant, or 32 bit code.
    Older,
    /// It says nothing of the platform, and none that does fits.
    NoPlatform,
    /// Nothing fits.
    Nothing,
}

/// Finds what a client takes of a list for a machine of that platform.
///
/// An entry counts whatever it names: an artifact in front of the image of its platform is
/// taken in the image's place. Inside a list that is taken, docker and containerd choose again;
/// podman does not look there.
#[must_use]
pub fn choose(client: Client, format: Format, list: &List, machine: &Platform) -> Choice {
    match client {
        Client::Docker if machine.os == "windows" => docker_on_windows(&list.entries, machine),
        Client::Docker | Client::Containerd => containerd(&list.entries, machine),
        Client::Podman => podman(&list.entries, format, machine),
    }
}

const NOTHING: Choice = Choice {
    entry: None,
    reason: Reason::Nothing,
};

/// Takes the entry of the lowest rank, and of equal ones the first. An entry without a rank does
/// not fit. `why` tells what decided, from the rank that won and those of the others.
fn take<R: Ord>(
    entries: &[Descriptor],
    rank: impl Fn(&Descriptor) -> Option<R>,
    why: impl Fn(&R, &[R]) -> Reason,
) -> Choice {
    let mut won: Option<(usize, R)> = None;
    let mut others = Vec::new();
    for (place, entry) in entries.iter().enumerate() {
        let Some(rank) = rank(entry) else { continue };
        match &won {
            Some((_, best)) if *best <= rank => others.push(rank),
            _ => others.extend(won.replace((place, rank)).map(|(_, rank)| rank)),
        }
    }
    won.map_or(NOTHING, |(place, rank)| Choice {
        entry: Some(place),
        reason: why(&rank, &others),
    })
}

/// How well an entry fits a machine, the lowest first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    has_no_platform: bool,
    is_other_architecture: bool,
    version: Reverse<(u32, u32)>,
    windows: Reverse<Option<String>>,
    features: Reverse<usize>,
}

impl Fit {
    const NO_PLATFORM: Self = Self {
        has_no_platform: true,
        is_other_architecture: false,
        version: Reverse((0, 0)),
        windows: Reverse(None),
        features: Reverse(0),
    };
}

fn containerd(entries: &[Descriptor], machine: &Platform) -> Choice {
    let machine = machine.normalized();
    let version_of = |platform: &Platform| {
        let variant = platform.variant.as_deref().unwrap_or_default();
        processor_version(&platform.architecture, variant)
    };
    let own_version = version_of(&machine);
    let rank = |entry: &Descriptor| {
        let Some(platform) = &entry.platform else {
            return Some(Fit::NO_PLATFORM);
        };
        let image = platform.normalized();
        (machine.runs(&image) && is_in_order(&machine, &image)).then(|| Fit {
            has_no_platform: false,
            is_other_architecture: image.architecture != machine.architecture,
            version: Reverse(version_of(&image)),
            // On Windows the highest wins, compared as text.
            windows: Reverse(image.os_version.filter(|_| image.os == "windows")),
            features: Reverse(image.os_features.len()),
        })
    };
    take(entries, rank, |won, others| {
        let near = |other: &&Fit| {
            (
                other.has_no_platform,
                other.is_other_architecture,
                other.version,
            ) == (won.has_no_platform, won.is_other_architecture, won.version)
        };
        let near = || others.iter().filter(near);
        if won.has_no_platform {
            Reason::NoPlatform
        } else if won.is_other_architecture || won.version.0 != own_version {
            Reason::Older
        } else if near().next().is_none() {
            Reason::Only
        } else if near().all(|other| other.windows != won.windows) {
            Reason::Newest
        } else if near().all(|other| other.features != won.features) {
            Reason::Features
        } else {
            Reason::First
        }
    })
}

/// Takes an image of a build that is not above the machine's, and one of the same build first.
fn docker_on_windows(entries: &[Descriptor], machine: &Platform) -> Choice {
    let build = |version: &str| version.split('.').nth(2)?.parse::<u32>().ok();
    let own = machine.os_version.as_deref().and_then(build);
    let rank = |entry: &Descriptor| {
        let image = entry.platform.as_ref()?;
        let is_windows = image.os.eq_ignore_ascii_case("windows");
        let found = image.os_version.as_deref().and_then(build);
        let is_above = own.zip(found).is_some_and(|(own, found)| found > own);
        let fits = is_windows && image.architecture == machine.architecture && !is_above;
        fits.then_some(own.is_none() || own != found)
    };
    take(entries, rank, |is_other_build, others| {
        if others.is_empty() {
            Reason::Only
        } else if !is_other_build && !others.contains(&false) {
            Reason::SameBuild
        } else {
            Reason::First
        }
    })
}

/// containerd knows older variants of amd64, arm and arm64 alone; of others the variants are
/// equal.
fn is_in_order(machine: &Platform, image: &Platform) -> bool {
    ["amd64", "arm", "arm64"].contains(&machine.architecture.as_str())
        || machine.variant == image.variant
}

/// podman compares names as they are written, and asks for one variant after the other. It takes
/// an entry without platform of an OCI index alone.
fn podman(entries: &[Descriptor], format: Format, machine: &Platform) -> Choice {
    let wanted = wanted_variants(machine);
    let version = |variant| processor_version(&machine.architecture, variant);
    let own = version(machine.variant.as_deref().unwrap_or_default());
    let is_zstd = |entry: &Descriptor| entry.annotations.get(ZSTD) == Some("true");
    let rank = |entry: &Descriptor| {
        let variant = match &entry.platform {
            None if format == Format::DockerList => return None,
            None => wanted.len(),
            Some(image) => {
                let is_other =
                    (&image.os, &image.architecture) != (&machine.os, &machine.architecture);
                let variant = image.variant.as_deref().unwrap_or_default();
                let found = wanted.iter().position(|wanted| *wanted == variant);
                found.filter(|_| !is_other)?
            }
        };
        Some((variant, format != Format::DockerList && !is_zstd(entry)))
    };
    take(entries, rank, |(variant, not_zstd), others| {
        let mut near = others.iter().filter(|other| other.0 == *variant);
        match wanted.get(*variant) {
            None => Reason::NoPlatform,
            Some(found) if version(found) != own => Reason::Older,
            Some(_) if near.clone().next().is_none() => Reason::Only,
            Some(_) if !not_zstd && near.all(|other| other.1) => Reason::Zstd,
            Some(_) => Reason::First,
        }
    })
}

/// The variants that podman asks for, in their order; the empty text is no variant.
fn wanted_variants(machine: &Platform) -> Vec<&str> {
    const ARM: [&str; 4] = ["v8", "v7", "v6", "v5"];
    let known = match machine.architecture.as_str() {
        "arm" => &ARM[..],
        "arm64" => &ARM[..1],
        _ => &[],
    };
    // What podman finds out of the machine, where nobody tells it a platform.
    let usual = match machine.architecture.as_str() {
        "arm" => "v7",
        "arm64" => "v8",
        _ => "",
    };
    match machine.variant.as_deref().unwrap_or(usual) {
        "" => [&[""], known].concat(),
        variant => {
            let from = known.iter().position(|known| *known == variant);
            let mut wanted = from.map_or_else(|| vec![variant], |from| known[from..].to_vec());
            wanted.push("");
            wanted
        }
    }
}
