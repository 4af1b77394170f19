//! Media types of manifests, configs and layers. Unknown ones are kept as they were written.
//!
//! A type that is not known is no fault: artifacts bring their own. Equality ignores case,
//! `as_str` does not change it, so what is shown is what was written.
//!
//! Here is only what a type says by itself. Which format a document has, where its type, its
//! members and what others said of it may differ, is decided in `manifest::detect`.
//!
//! Longer than most files: a table of names, each with its source.

use std::fmt;

/// A media type as it was written; comparisons ignore case, as RFC 6838 asks.
///
/// Nothing is known of its form: it may be any text. Read from a manifest, those that Waybill
/// knows are borrowed, so that a list of thousands of entries holds their text once.
///
/// ```
/// use waybill_core::media_type::MediaType;
///
/// let header = "application/vnd.oci.image.index.v1+json; charset=utf-8";
/// let index = MediaType::from_content_type(header);
/// assert_eq!(index, MediaType::OCI_INDEX);
/// assert!(index.is_well_formed());
/// ```
#[derive(Clone, Debug)]
pub struct MediaType(std::borrow::Cow<'static, str>);

impl MediaType {
    /// Docker schema 1 without signatures. Source: distribution `manifest-v2-1.md`.
    pub const DOCKER_SCHEMA1: Self =
        Self::fixed("application/vnd.docker.distribution.manifest.v1+json");
    /// Docker schema 1 with signatures.
    pub const DOCKER_SCHEMA1_SIGNED: Self =
        Self::fixed("application/vnd.docker.distribution.manifest.v1+prettyjws");
    /// Docker schema 2. Source: distribution `manifest-v2-2.md`.
    pub const DOCKER_SCHEMA2: Self =
        Self::fixed("application/vnd.docker.distribution.manifest.v2+json");
    /// Docker manifest list.
    pub const DOCKER_LIST: Self =
        Self::fixed("application/vnd.docker.distribution.manifest.list.v2+json");
    /// OCI image manifest. Source: image-spec `media-types.md`, as for the next.
    pub const OCI_MANIFEST: Self = Self::fixed("application/vnd.oci.image.manifest.v1+json");
    /// OCI image index.
    pub const OCI_INDEX: Self = Self::fixed("application/vnd.oci.image.index.v1+json");
    /// The withdrawn OCI artifact manifest of image-spec 1.1.0-rc1.
    pub const OCI_ARTIFACT: Self = Self::fixed("application/vnd.oci.artifact.manifest.v1+json");
    /// The artifact manifest of ORAS, from before OCI had one; withdrawn with it. Source:
    /// oras-project/artifacts-spec `artifact-manifest.md`.
    pub const ORAS_ARTIFACT: Self =
        Self::fixed("application/vnd.cncf.oras.artifact.manifest.v1+json");
    /// Config of a Docker image.
    pub const DOCKER_CONFIG: Self = Self::fixed("application/vnd.docker.container.image.v1+json");
    /// Config of an OCI image.
    pub const OCI_CONFIG: Self = Self::fixed("application/vnd.oci.image.config.v1+json");
    /// The empty descriptor's content, `{}`. Source: image-spec `manifest.md`, "Guidance for
    /// an Empty Descriptor".
    pub const OCI_EMPTY: Self = Self::fixed("application/vnd.oci.empty.v1+json");

    const fn fixed(text: &'static str) -> Self {
        Self(std::borrow::Cow::Borrowed(text))
    }

    /// Makes the media type written as `text`; nothing is checked, see
    /// [`is_well_formed`](Self::is_well_formed).
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(std::borrow::Cow::Owned(text.into()))
    }

    /// The media type written as `text`, where it is one that [`meaning`](Self::meaning)
    /// knows, in lower case.
    ///
    /// Reading a manifest asks here first: what is known in exactly that spelling needs no
    /// copy of its text and no look at its form. `None` means only that; the type may still be
    /// one of these in upper case.
    pub(crate) fn known(text: &str) -> Option<Self> {
        MEANINGS
            .iter()
            .find(|(known, _)| *known == text)
            .map(|(known, _)| Self::fixed(known))
    }

    /// Reads the media type of a `Content-Type` header: parameters and white space are left out.
    #[must_use]
    pub fn from_content_type(header: &str) -> Self {
        Self::new(header.split(';').next().unwrap_or_default().trim())
    }

    /// The text as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the text is of the form that image-spec `descriptor.md` asks for (RFC 6838,
    /// section 4.2).
    ///
    /// Type and subtype are 1 to 127 letters, digits and `!#$&^_.+-`, beginning with a letter or
    /// digit; parameters are not allowed in a manifest.
    ///
    /// `text/plain` is; `text`, `text/` and `text/plain; charset=utf-8` are not.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        let is_name = |part: &str| {
            part.len() <= 127
                && part
                    .bytes()
                    .next()
                    .is_some_and(|b| b.is_ascii_alphanumeric())
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
        };
        self.0
            .split_once('/')
            .is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype))
    }

    /// Whether this is a Docker list or an OCI index.
    ///
    /// Only these have entries, so only these are opened into rows or hold others nested.
    #[must_use]
    pub fn is_list(&self) -> bool {
        *self == Self::DOCKER_LIST || *self == Self::OCI_INDEX
    }

    /// Whether this is schema 1, signed or not; old registries send it as `application/json`
    /// or `text/plain`, which are not taken for it here.
    #[must_use]
    pub fn is_schema1(&self) -> bool {
        *self == Self::DOCKER_SCHEMA1 || *self == Self::DOCKER_SCHEMA1_SIGNED
    }

    /// Whether this is the config of an image, so that there is an operating system and
    /// history to read in it.
    ///
    /// Other configs are what an artifact makes of them, and are not fetched to be read as one.
    #[must_use]
    pub fn is_image_config(&self) -> bool {
        *self == Self::DOCKER_CONFIG || *self == Self::OCI_CONFIG
    }

    /// Whether layers of this type are not distributed with the image (Docker foreign, OCI
    /// nondistributable).
    ///
    /// They come from their `urls`, which are never fetched here (CVE-2020-15157).
    #[must_use]
    pub fn is_foreign_layer(&self) -> bool {
        self.begins("application/vnd.docker.image.rootfs.foreign.diff.tar")
            || self.begins("application/vnd.oci.image.layer.nondistributable.v1.tar")
    }

    /// Whether this is an image's layer, Docker's or OCI's.
    ///
    /// Foreign layers are layers too, and so is every compression, known or not: the beginning
    /// of the type decides, for [`is_docker_part`](Self::is_docker_part) and
    /// [`is_oci_part`](Self::is_oci_part) as well.
    #[must_use]
    pub fn is_layer(&self) -> bool {
        self.begins(DOCKER_LAYER) || self.begins(OCI_LAYER)
    }

    /// Whether this is a config or layer that Docker schema 2 defines.
    #[must_use]
    pub fn is_docker_part(&self) -> bool {
        *self == Self::DOCKER_CONFIG || self.begins(DOCKER_LAYER)
    }

    /// Whether this is a config or layer that image-spec defines.
    #[must_use]
    pub fn is_oci_part(&self) -> bool {
        *self == Self::OCI_CONFIG || self.begins(OCI_LAYER)
    }

    /// Names what an artifact of this type is, with its article; `None` where Waybill does not know.
    ///
    /// It may be the type of an artifact, of its config or of what its layers hold: the beginning
    /// decides, since projects put versions and formats behind it.
    ///
    /// ```
    /// use waybill_core::media_type::MediaType;
    ///
    /// let chart = MediaType::new("application/vnd.cncf.helm.config.v1+json");
    /// assert_eq!(chart.artifact_kind(), Some("a Helm chart"));
    /// assert_eq!(MediaType::OCI_CONFIG.artifact_kind(), None);
    /// ```
    #[must_use]
    pub fn artifact_kind(&self) -> Option<&'static str> {
        ARTIFACTS
            .iter()
            .find(|(start, _)| self.begins(start))
            .map(|(_, kind)| *kind)
    }

    /// Says what a layer of this type is that is no file system, with its article; `None` where
    /// it is one that can be unpacked.
    ///
    /// ```
    /// use waybill_core::media_type::MediaType;
    ///
    /// let kind = |text: &str| MediaType::new(text).no_file_system();
    /// assert_eq!(kind("application/vnd.oci.image.layer.v1.tar+zstd"), None);
    /// assert_eq!(kind("application/vnd.oci.image.layer.v1.tar+gzip+encrypted"), Some("encrypted"));
    /// assert_eq!(kind("application/vnd.in-toto+json"), Some("an attestation"));
    /// assert_eq!(kind("application/x-nobody-knows"), Some("of a type that is no layer's"));
    /// ```
    #[must_use]
    pub fn no_file_system(&self) -> Option<&'static str> {
        if !self.is_layer() {
            return Some(
                self.artifact_kind()
                    .unwrap_or("of a type that is no layer's"),
            );
        }
        let text = self.as_str().to_ascii_lowercase();
        if text.ends_with("+encrypted") {
            Some("encrypted")
        } else if text.contains(".nydus.") {
            Some("a blob of nydus")
        } else {
            None
        }
    }

    /// Whether this is the config of a `BuildKit` cache.
    #[must_use]
    pub fn is_build_cache(&self) -> bool {
        self.begins(BUILD_CACHE)
    }

    /// Whether this is a manifest or a list, in any format.
    #[must_use]
    pub fn is_manifest(&self) -> bool {
        *self == Self::OCI_MANIFEST
            || *self == Self::DOCKER_SCHEMA2
            || *self == Self::OCI_ARTIFACT
            || *self == Self::ORAS_ARTIFACT
            || self.is_list()
            || self.is_schema1()
    }

    /// Whether the type begins with this text, without regard to case.
    fn begins(&self, with: &str) -> bool {
        self.0
            .get(..with.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(with))
    }

    /// Says what the type means, in a few words; `None` where Waybill does not know it.
    ///
    /// Also `None` for artifact types of other projects, which is most of them.
    ///
    /// ```
    /// use waybill_core::media_type::MediaType;
    ///
    /// assert!(MediaType::OCI_CONFIG.meaning().is_some());
    /// assert_eq!(MediaType::new("application/x-nobody-knows").meaning(), None);
    /// ```
    #[must_use]
    pub fn meaning(&self) -> Option<&'static str> {
        MEANINGS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(&self.0))
            .map(|(_, meaning)| *meaning)
    }
}

/// How the type of a `BuildKit` cache's config begins.
const BUILD_CACHE: &str = "application/vnd.buildkit.cacheconfig.";

/// How the types of well-known artifacts begin, each with what it is, in a word that follows
/// "NAME is". A type that is not here is shown as it is written.
const ARTIFACTS: &[(&str, &str)] = &[
    ("application/vnd.in-toto", "an attestation"),
    ("application/vnd.dsse.envelope", "an attestation"),
    ("application/vnd.dev.cosign.artifact.sig", "a signature"),
    ("application/vnd.dev.cosign.simplesigning", "a signature"),
    ("application/vnd.cncf.notary.signature", "a signature"),
    ("application/vnd.dev.sigstore.bundle", "a Sigstore bundle"),
    ("application/vnd.dev.cosign.artifact.sbom", "an SBOM"),
    ("application/vnd.cyclonedx", "an SBOM"),
    ("application/vnd.syft", "an SBOM"),
    ("application/spdx", "an SBOM"),
    ("text/spdx", "an SBOM"),
    ("application/vnd.ollama.image.model", "a model"),
    ("application/vnd.cncf.model", "a model"),
    ("application/vnd.docker.ai", "a model"),
    ("application/vnd.cncf.helm", "a Helm chart"),
    ("application/vnd.amazon.soci.index", "a SOCI index"),
    ("application/vnd.devcontainers", "a dev container feature"),
    ("application/vnd.docker.plugin", "a Docker plugin"),
    ("application/vnd.wasm", "a WebAssembly module"),
    ("application/wasm", "a WebAssembly module"),
    (BUILD_CACHE, "a BuildKit cache"),
];

/// How the types of Docker's layers begin, foreign ones too.
const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.";
/// How the types of OCI's layers begin, those that are not distributable too.
const OCI_LAYER: &str = "application/vnd.oci.image.layer.";

/// The media types that Waybill knows, in lower case, each with what it means for a person.
///
/// Where a manifest has to stand (an entry, a subject), reading tells a type of this table
/// that is none, a layer's for instance, and passes over a type that is not here.
///
/// Source: distribution `manifest-v2-1.md`, `manifest-v2-2.md`; image-spec `media-types.md`.
const MEANINGS: &[(&str, &str)] = &[
    (
        "application/vnd.docker.distribution.manifest.v1+json",
        "Docker schema 1 manifest",
    ),
    (
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
        "Docker schema 1 manifest, signed",
    ),
    (
        "application/vnd.docker.distribution.manifest.v2+json",
        "Docker schema 2 manifest",
    ),
    (
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "Docker manifest list",
    ),
    (
        "application/vnd.docker.container.image.v1+json",
        "Docker image config",
    ),
    (
        "application/vnd.docker.plugin.v1+json",
        "Docker plugin config",
    ),
    (
        "application/vnd.docker.image.rootfs.diff.tar",
        "Docker layer, uncompressed",
    ),
    (
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "Docker layer, gzip",
    ),
    (
        "application/vnd.docker.image.rootfs.diff.tar.zstd",
        "Docker layer, zstd",
    ),
    (
        "application/vnd.docker.image.rootfs.foreign.diff.tar",
        "Docker foreign layer, uncompressed",
    ),
    (
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "Docker foreign layer, gzip",
    ),
    ("application/vnd.oci.image.index.v1+json", "OCI image index"),
    (
        "application/vnd.oci.image.manifest.v1+json",
        "OCI image manifest",
    ),
    (
        "application/vnd.oci.artifact.manifest.v1+json",
        "OCI artifact manifest, withdrawn",
    ),
    (
        "application/vnd.cncf.oras.artifact.manifest.v1+json",
        "ORAS artifact manifest, withdrawn",
    ),
    (
        "application/vnd.oci.image.config.v1+json",
        "OCI image config",
    ),
    ("application/vnd.oci.empty.v1+json", "OCI empty descriptor"),
    (
        "application/vnd.oci.image.layer.v1.tar",
        "OCI layer, uncompressed",
    ),
    (
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "OCI layer, gzip",
    ),
    (
        "application/vnd.oci.image.layer.v1.tar+zstd",
        "OCI layer, zstd",
    ),
    (
        "application/vnd.oci.image.layer.v1.tar+encrypted",
        "OCI layer, encrypted",
    ),
    (
        "application/vnd.oci.image.layer.v1.tar+gzip+encrypted",
        "OCI layer, gzip, encrypted",
    ),
    (
        "application/vnd.oci.image.layer.v1.tar+zstd+encrypted",
        "OCI layer, zstd, encrypted",
    ),
    (
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
        "OCI non-distributable layer, deprecated",
    ),
    (
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "OCI non-distributable layer, gzip, deprecated",
    ),
    (
        "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
        "OCI non-distributable layer, zstd, deprecated",
    ),
    ("application/vnd.in-toto+json", "in-toto attestation"),
    (
        "application/vnd.cncf.helm.config.v1+json",
        "Helm chart config",
    ),
    (
        "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
        "Helm chart",
    ),
];

impl PartialEq for MediaType {
    fn eq(&self, other: &Self) -> bool {
        // Nearly all that are equal are written alike, which is told quickly.
        self.0 == other.0 || self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for MediaType {}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_is_that_of_rfc_6838() {
        for good in [
            "a/b",
            "application/vnd.oci.image.index.v1+json",
            "A/x!#$&^_.+-",
        ] {
            assert!(MediaType::new(good).is_well_formed(), "{good}");
        }
        let long = format!("a/{}", "b".repeat(128));
        for bad in [
            "", "a", "a/", "/b", "a/b/c", "a/b c", ".a/b", "a/b;c", &long,
        ] {
            assert!(!MediaType::new(bad).is_well_formed(), "{bad}");
        }
    }

    #[test]
    fn every_named_type_has_a_meaning() {
        for named in [
            MediaType::DOCKER_SCHEMA1,
            MediaType::DOCKER_SCHEMA1_SIGNED,
            MediaType::DOCKER_SCHEMA2,
            MediaType::DOCKER_LIST,
            MediaType::OCI_MANIFEST,
            MediaType::OCI_INDEX,
            MediaType::OCI_ARTIFACT,
            MediaType::ORAS_ARTIFACT,
            MediaType::DOCKER_CONFIG,
            MediaType::OCI_CONFIG,
            MediaType::OCI_EMPTY,
        ] {
            assert!(named.meaning().is_some(), "{named}");
        }
        // What is known is read without a look at its form.
        for (known, _) in MEANINGS {
            let media_type = MediaType::known(known).expect("known");
            assert!(
                media_type.is_well_formed() && *known == known.to_ascii_lowercase(),
                "{known}"
            );
        }
        assert!(MediaType::known("application/vnd.OCI.image.index.v1+json").is_none());
    }
}
