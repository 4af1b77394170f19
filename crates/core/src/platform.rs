//! Platforms: which operating system and processor an image is made for, and which machine runs it.

use std::borrow::Cow;
use std::collections::BinaryHeap;
use std::fmt;
use std::str::FromStr;

/// A platform as its author wrote it.
///
/// Nothing is changed when one is read from a manifest: [`normalized`](Self::normalized) gives the form to compare
/// and to find duplicates with. A missing `os` or `architecture` is an empty text.
///
/// As text it is `os[(version+feature…)]/architecture[/variant]`, as containerd writes it. Read from text, the
/// parts are put into the usual names (`Linux/x86_64` is `linux/amd64`), and `os/architecture[/variant]:version`,
/// as crane writes it, is taken too. A single word may be a known `os` or architecture. containerd takes the other
/// half from the machine it runs on; a page in a browser stands for no machine, so here it is always
/// [`DEFAULT_OS`](Self::DEFAULT_OS) or [`DEFAULT_ARCHITECTURE`](Self::DEFAULT_ARCHITECTURE).
///
/// Source: image-spec `image-index.md`, "platform"; containerd/platforms `platforms.go`.
///
/// ```
/// use waybill_core::platform::Platform;
///
/// let raspberry: Platform = "linux/aarch64".parse()?;
/// assert_eq!(raspberry.to_string(), "linux/arm64");
/// assert!(raspberry.matches(&"linux/arm64/v8".parse()?));
/// assert!(raspberry.runs(&"linux/arm/v7".parse()?));
/// let windows: Platform = "windows(10.0.17763.1234)/amd64".parse()?;
/// assert_eq!(windows.os_version.as_deref(), Some("10.0.17763.1234"));
/// # Ok::<(), waybill_core::platform::PlatformError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    /// The processor, by Go's names: `amd64`, `arm64`.
    pub architecture: String,
    /// The operating system, by Go's names: `linux`, `windows`.
    pub os: String,
    /// The version of the operating system: `10.0.17763.1234`. Windows alone uses it.
    pub os_version: Option<String>,
    /// What the operating system must have: `win32k`.
    pub os_features: Vec<String>,
    /// The version of the processor: `v7`, `v8`.
    pub variant: Option<String>,
    /// What the processor must have: `sse4`. Docker lists only, OCI reserves it.
    pub features: Vec<String>,
}

/// Go's names, from containerd/platforms `database.go`.
const KNOWN_OS: &str = "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 \
                        solaris windows zos";
const KNOWN_ARCHITECTURES: &str = "386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le \
                                   mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm";

/// Windows Server 2022: from here on a host runs every release since this one.
const WINDOWS_STABLE_BUILD: u32 = 20_348;
/// Armv8 ends with v8.9: what came later was added to Armv9 only.
const ARMV8_LAST_MINOR: u32 = 9;
/// Armv9.0 has everything of Armv8.5, v9.1 of v8.6, and so on.
const ARMV9_AHEAD: u32 = 5;

impl Platform {
    /// The `os` of a text that names an architecture alone.
    pub const DEFAULT_OS: &str = "linux";
    /// The architecture of a text that names an `os` alone.
    pub const DEFAULT_ARCHITECTURE: &str = "amd64";

    /// The form to compare with: lower case, one name for each thing, no empty members, sorted features.
    #[must_use]
    pub fn normalized(&self) -> Self {
        let (os, architecture, variant) = self.usual_names();
        Self {
            architecture: architecture.into_owned(),
            os: os.into_owned(),
            os_version: self
                .os_version
                .clone()
                .filter(|version| !version.is_empty()),
            os_features: sorted(&self.os_features),
            variant: Some(variant.into_owned()).filter(|variant| !variant.is_empty()),
            features: sorted(&self.features),
        }
    }

    /// The `os`, architecture and variant of the [normalised](Self::normalized) form; no variant is an empty text.
    pub(crate) fn usual_names(&self) -> (Cow<'_, str>, Cow<'_, str>, Cow<'_, str>) {
        let variant = self.variant.as_deref().unwrap_or_default();
        let (architecture, variant) = usual_architecture(&self.architecture, variant);
        (usual_os(&self.os), architecture, variant)
    }

    /// Whether this is `unknown/unknown`, which `BuildKit` gives to what is no image, such as an attestation.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.os == "unknown" && self.architecture == "unknown"
    }

    /// Whether `image` is made for exactly this platform, under whatever names.
    ///
    /// An image without `os.version` matches each, a platform without one takes each. It may need no feature that
    /// this platform lacks; `win32k` of Windows does not count.
    ///
    /// Source: containerd/platforms `OnlyStrict`.
    #[must_use]
    pub fn matches(&self, image: &Self) -> bool {
        let (host, image) = (self.normalized(), image.normalized());
        host.architecture == image.architecture
            && host.variant == image.variant
            && has_os_of(&host, &image)
    }

    /// Whether a machine of this platform runs `image`: also images for older variants, 386 on amd64, arm on arm64.
    ///
    /// Source: containerd/platforms `Only`.
    #[must_use]
    pub fn runs(&self, image: &Self) -> bool {
        let (host, image) = (self.normalized(), image.normalized());
        has_processor_of(&host, &image) && has_os_of(&host, &image)
    }
}

/// Whether Go has this name for an operating system.
pub(crate) fn is_known_os(name: &str) -> bool {
    name == "linux" || is_one_of(KNOWN_OS, name)
}

/// Whether Go has this name for an architecture.
pub(crate) fn is_known_architecture(name: &str) -> bool {
    name == "amd64" || is_one_of(KNOWN_ARCHITECTURES, name)
}

fn is_one_of(names: &str, name: &str) -> bool {
    names.split(' ').any(|known| known == name)
}

/// In order, each once, without empty ones. By a heap: a library sort is large in a page.
pub(crate) fn sorted(texts: &[String]) -> Vec<String> {
    let texts = texts
        .iter()
        .map(String::as_str)
        .filter(|text| !text.is_empty());
    let mut sorted = texts.collect::<BinaryHeap<_>>().into_sorted_vec();
    sorted.dedup();
    sorted.into_iter().map(str::to_owned).collect()
}

fn lower_case(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        text.to_ascii_lowercase().into()
    } else {
        text.into()
    }
}

fn usual_os(os: &str) -> Cow<'_, str> {
    let os = lower_case(os);
    if os == "macos" { "darwin".into() } else { os }
}

fn usual_architecture<'a>(architecture: &'a str, variant: &'a str) -> (Cow<'a, str>, Cow<'a, str>) {
    let (architecture, variant) = (lower_case(architecture), lower_case(variant));
    let (architecture, variant) = match (&*architecture, &*variant) {
        ("i386", _) => ("386", ""),
        ("x86_64" | "x86-64" | "amd64", "v1") => ("amd64", ""),
        ("x86_64" | "x86-64", _) => return ("amd64".into(), variant),
        ("aarch64" | "arm64", "8" | "v8" | "8.0" | "v8.0") => ("arm64", ""),
        ("aarch64" | "arm64", "9" | "9.0" | "v9.0") => ("arm64", "v9"),
        ("aarch64", _) => return ("arm64".into(), variant),
        ("armhf", _) | ("arm", "" | "7") => ("arm", "v7"),
        ("armel", _) | ("arm", "6") => ("arm", "v6"),
        ("arm", "5") => ("arm", "v5"),
        ("arm", "8") => ("arm", "v8"),
        _ => return (architecture, variant),
    };
    (architecture.into(), variant.into())
}

/// Both are normalised.
fn has_os_of(host: &Platform, image: &Platform) -> bool {
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

fn runs_windows(host: (u32, u32, u32), image: (u32, u32, u32)) -> bool {
    let oldest = if host.2 < WINDOWS_STABLE_BUILD {
        host.2
    } else {
        WINDOWS_STABLE_BUILD
    };
    (host.0, host.1) == (image.0, image.1) && (oldest..=host.2).contains(&image.2)
}

/// Both are normalised.
fn has_processor_of(host: &Platform, image: &Platform) -> bool {
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

fn has_arm_variant(host: &str, image: &str) -> bool {
    // Nothing newer runs code for Armv4 and before.
    let is_old = split_variant(image).is_some_and(|(_, number, _)| number < (5, 0));
    host == image || (!is_old && has_variant(host, image))
}

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

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, PlatformError> {
        let name = text.split(':').next().unwrap_or_default();
        let parts: Vec<&str> = name.split('/').collect();
        if parts.len() > 3 {
            return Err(PlatformError::Parts { found: parts.len() });
        }
        let mut platform = Self::default();
        read_os(parts[0], &mut platform)?;
        let mut start = 0;
        for pair in parts.windows(2) {
            start += pair[0].len() + 1;
            check_part(pair[1], start, ".")?;
        }
        if let Some((_, version)) = text.split_once(':') {
            let position = name.len() + 1;
            check_part(version, position, ".+")?;
            if platform.os_version.is_some() {
                return Err(PlatformError::SecondVersion { position });
            }
            platform.os_version = Some(version.to_owned());
        }
        let (architecture, variant) = match parts[1..] {
            [] if is_one_of(KNOWN_OS, &platform.os) => (Self::DEFAULT_ARCHITECTURE, ""),
            [] => (parts[0], ""),
            [architecture] => (architecture, ""),
            [architecture, variant, ..] => (architecture, variant),
        };
        let (usual, usual_variant) = usual_architecture(architecture, variant);
        platform.architecture = usual.into_owned();
        platform.variant = Some(usual_variant.into_owned()).filter(|variant| !variant.is_empty());
        if parts.len() == 1 && !is_one_of(KNOWN_OS, &platform.os) {
            if !is_one_of(KNOWN_ARCHITECTURES, &platform.architecture) {
                return Err(PlatformError::Word {
                    found: text.to_owned(),
                });
            }
            Self::DEFAULT_OS.clone_into(&mut platform.os);
        }
        // v7 is what plain `arm` means and is left out; v8 is kept where the text has it.
        match platform.architecture.as_str() {
            "arm" if variant.is_empty() && platform.variant.as_deref() == Some("v7") => {
                platform.variant = None;
            }
            "arm64" if !variant.is_empty() && platform.variant.is_none() => {
                platform.variant = Some("v8".to_owned());
            }
            _ => {}
        }
        Ok(platform)
    }
}

/// Reads `os[(version+feature…)]`; in the brackets `%28` and the like stand for what the grammar needs itself.
fn read_os(part: &str, platform: &mut Platform) -> Result<(), PlatformError> {
    let Some((os, options)) = part.split_once('(') else {
        check_part(part, 0, "")?;
        platform.os = usual_os(part).into_owned();
        return Ok(());
    };
    let bracket = os.len();
    check_part(os, 0, "")?;
    platform.os = usual_os(os).into_owned();
    let Some(options) = options.strip_suffix(')') else {
        return Err(PlatformError::Bracket { position: bracket });
    };
    let mut start = bracket + 1;
    for option in options.split('+') {
        if start == bracket + 1 {
            if !option.is_empty() {
                platform.os_version = Some(read_option(option, start)?);
            }
        } else {
            platform.os_features.push(read_option(option, start)?);
        }
        start += option.len() + 1;
    }
    Ok(())
}

fn read_option(option: &str, start: usize) -> Result<String, PlatformError> {
    check_part(option, start, ".%")?;
    let mut bytes = Vec::with_capacity(option.len());
    let mut pieces = option.split('%');
    bytes.extend_from_slice(pieces.next().unwrap_or_default().as_bytes());
    let mut position = start + bytes.len();
    for piece in pieces {
        let byte = piece
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.ok_or(PlatformError::Escape { position })?);
        bytes.extend_from_slice(&piece.as_bytes()[2..]);
        position += piece.len() + 1;
    }
    String::from_utf8(bytes).map_err(|_| PlatformError::Escape { position: start })
}

/// Only letters, digits, `_`, `-` and `also` may stand in a part.
fn check_part(part: &str, start: usize, also: &'static str) -> Result<(), PlatformError> {
    if part.is_empty() {
        return Err(PlatformError::EmptyPart { position: start });
    }
    let is_allowed =
        |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || also.contains(c);
    match part.find(|c| !is_allowed(c)) {
        Some(position) => Err(PlatformError::Character {
            position: start + position,
        }),
        None => Ok(()),
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_unknown = |text: &str| if text.is_empty() { "unknown" } else { text }.to_owned();
        let mut text = or_unknown(&self.os);
        let version = self.os_version.as_deref().unwrap_or_default();
        let features = sorted(&self.os_features);
        if !version.is_empty() || !features.is_empty() {
            text.push('(');
            push_option(&mut text, version);
            for feature in &features {
                text.push('+');
                push_option(&mut text, feature);
            }
            text.push(')');
        }
        text.push('/');
        text.push_str(&or_unknown(&self.architecture));
        if let Some(variant) = self
            .variant
            .as_deref()
            .filter(|variant| !variant.is_empty())
        {
            text.push('/');
            text.push_str(variant);
        }
        f.write_str(&text)
    }
}

fn push_option(text: &mut String, option: &str) {
    for c in option.chars() {
        match c {
            '%' => text.push_str("%25"),
            '+' => text.push_str("%2B"),
            '(' => text.push_str("%28"),
            ')' => text.push_str("%29"),
            '/' => text.push_str("%2F"),
            _ => text.push(c),
        }
    }
}

/// Why a text is not a platform. Positions are byte offsets into the whole text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlatformError {
    /// Nothing stands where a part is needed.
    EmptyPart {
        /// Where.
        position: usize,
    },
    /// A character that may not stand there, a wildcard for one.
    Character {
        /// Where.
        position: usize,
    },
    /// More parts than three.
    Parts {
        /// How many.
        found: usize,
    },
    /// A single word that is neither a known `os` nor a known architecture.
    Word {
        /// The word.
        found: String,
    },
    /// A bracket that is not closed at the end of its part.
    Bracket {
        /// Where it opens.
        position: usize,
    },
    /// A `%` that is no escape of UTF-8 text.
    Escape {
        /// Where.
        position: usize,
    },
    /// The version of the operating system is there in brackets and behind a colon.
    SecondVersion {
        /// Where the second one begins.
        position: usize,
    },
}

impl fmt::Display for PlatformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyPart { position } => {
                write!(
                    f,
                    "platform has an empty part at {position}, it needs the form os/architecture[/variant]"
                )
            }
            Self::Character { position } => {
                write!(
                    f,
                    "platform has a character at {position}, only letters, digits, _ and - may stand there, and . behind the os"
                )
            }
            Self::Parts { found } => write!(
                f,
                "platform has {found} parts, os/architecture/variant are 3"
            ),
            Self::Word { found } => {
                write!(
                    f,
                    "platform is {found:?}, one word needs to be a known os or architecture"
                )
            }
            Self::Bracket { position } => {
                write!(
                    f,
                    "platform has a bracket at {position}, it needs the form os(version+feature)"
                )
            }
            Self::Escape { position } => {
                write!(
                    f,
                    "platform has a % at {position}, two hex digits of UTF-8 text must follow it"
                )
            }
            Self::SecondVersion { position } => {
                write!(
                    f,
                    "platform has a second os version at {position}, only one may be given"
                )
            }
        }
    }
}

impl std::error::Error for PlatformError {}

#[cfg(test)]
mod tests;
