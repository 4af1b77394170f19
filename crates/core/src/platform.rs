//! Platforms: which operating system and processor an image is made for, and which machine runs it.
//!
//! Names are compared by their usual spelling, as containerd does it, which Docker and
//! Kubernetes use. How a platform stands in a manifest and what is odd in it is read in
//! [`crate::descriptor`].

mod error;
mod runs;
mod text;

use std::borrow::Cow;
use std::collections::BinaryHeap;

use runs::{has_os_of, has_processor_of};

pub(crate) use runs::processor_version;

pub use error::PlatformError;

/// A platform as its author wrote it.
///
/// Nothing is changed when one is read from a manifest: [`normalized`](Self::normalized) gives
/// the form to compare and to find duplicates with. A missing `os` or `architecture` is an
/// empty text.
///
/// As text it is `os[(version+feature…)]/architecture[/variant]`, as containerd writes it.
/// Read from text, the parts are put into the usual names (`Linux/x86_64` is `linux/amd64`),
/// and `os/architecture[/variant]:version`, as crane writes it, is taken too. A single word
/// may be a known `os` or architecture. containerd takes the other half from the machine it
/// runs on; a page in a browser stands for no machine, so here it is always
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
    /// Members of a list's entry that no specification names, as JSON text. No machine is
    /// chosen by them.
    pub unknown: Vec<(String, String)>,
}

/// Go's names, from containerd/platforms `database.go`.
const KNOWN_OS: &str = "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 \
                        solaris windows zos";
const KNOWN_ARCHITECTURES: &str = "386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le \
                                   mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm";

impl Platform {
    /// The `os` of a text that names an architecture alone.
    pub const DEFAULT_OS: &str = "linux";
    /// The architecture of a text that names an `os` alone.
    pub const DEFAULT_ARCHITECTURE: &str = "amd64";

    /// The form to compare with: lower case, one name for each thing, no empty members, sorted
    /// features, nothing that no specification names.
    ///
    /// ```
    /// use waybill_core::platform::Platform;
    ///
    /// let platform = Platform { os: "macOS".into(), architecture: "x86_64".into(), ..Platform::default() };
    /// assert_eq!(platform.normalized().to_string(), "darwin/amd64");
    /// assert_eq!(platform.os, "macOS");
    /// ```
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
            unknown: Vec::new(),
        }
    }

    /// The `os`, architecture and variant of the [normalised](Self::normalized) form; no
    /// variant is an empty text.
    pub(crate) fn usual_names(&self) -> (Cow<'_, str>, Cow<'_, str>, Cow<'_, str>) {
        let variant = self.variant.as_deref().unwrap_or_default();
        let (architecture, variant) = usual_architecture(&self.architecture, variant);
        (usual_os(&self.os), architecture, variant)
    }

    /// Whether this is `unknown/unknown`, which `BuildKit` gives to what is no image, such as
    /// an attestation.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.os == "unknown" && self.architecture == "unknown"
    }

    /// Whether this names a machine: it is not `unknown/unknown`, and one of the two is there.
    #[must_use]
    pub fn names_machine(&self) -> bool {
        !self.is_unknown() && (!self.os.is_empty() || !self.architecture.is_empty())
    }

    /// Whether `image` is made for exactly this platform, under whatever names.
    ///
    /// An image without `os.version` matches each, a platform without one takes each. It may
    /// need no feature that this platform lacks; `win32k` of Windows does not count.
    ///
    /// Source: containerd/platforms `OnlyStrict`.
    #[must_use]
    pub fn matches(&self, image: &Self) -> bool {
        let (host, image) = (self.normalized(), image.normalized());
        host.architecture == image.architecture
            && host.variant == image.variant
            && has_os_of(&host, &image)
    }

    /// Whether a machine of this platform runs `image`: also images for older variants, 386 on
    /// amd64, arm on arm64.
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
    if texts.is_empty() {
        return Vec::new();
    }
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

/// Returns Go's name of an operating system. Source: containerd/platforms `database.go`,
/// `normalizeOS`.
fn usual_os(os: &str) -> Cow<'_, str> {
    let os = lower_case(os);
    if os == "macos" { "darwin".into() } else { os }
}

/// Returns Go's names of an architecture and variant. Source: containerd/platforms
/// `database.go`, `normalizeArch`.
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

#[cfg(test)]
mod tests;
