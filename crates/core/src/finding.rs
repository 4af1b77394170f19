//! What is wrong or noteworthy in a manifest, with its place and the rule it comes from.

use std::fmt;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Allowed, and worth knowing.
    Note,
    /// Allowed or common, and likely to surprise somebody.
    Warning,
    /// Against the specification, or two clients may see two different things.
    Error,
}

impl Severity {
    /// The word for people and for JSON output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub code: Code,
    /// The place as a JSON pointer (RFC 6901) into the manifest; empty for the whole.
    pub pointer: String,
    /// What was found here, lower case and without a full stop.
    pub message: String,
}

impl Finding {
    /// A finding at `pointer`.
    #[must_use]
    pub fn new(code: Code, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, pointer: pointer.into(), message: message.into() }
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.rule().severity
    }
}

/// A rule: how bad it is to break it, why it matters, and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The code's name in kebab case, stable: scripts may compare it.
    pub name: &'static str,
    /// A heading of a few words.
    pub title: &'static str,
    /// How bad.
    pub severity: Severity,
    /// Why it matters, in one sentence.
    pub why: &'static str,
    /// The name of the source.
    pub source: &'static str,
    /// The source's address.
    pub url: &'static str,
}

const DESCRIPTOR: (&str, &str) =
    ("image-spec, descriptor", "https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md");
const INDEX: (&str, &str) =
    ("image-spec, image index", "https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md");
const MANIFEST: (&str, &str) =
    ("image-spec, image manifest", "https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md");
const CONFIG: (&str, &str) =
    ("image-spec, image config", "https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md");
const LAYER: (&str, &str) = ("image-spec, layer", "https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md");
const SCHEMA1: (&str, &str) =
    ("distribution, schema 1", "https://github.com/distribution/distribution/blob/v2.8.3/docs/spec/manifest-v2-1.md");
const SCHEMA2: (&str, &str) =
    ("distribution, schema 2", "https://github.com/distribution/distribution/blob/v2.8.3/docs/spec/manifest-v2-2.md");
const I_JSON: (&str, &str) = ("RFC 7493, I-JSON", "https://www.rfc-editor.org/rfc/rfc7493");
const JSON: (&str, &str) = ("RFC 8259, JSON", "https://www.rfc-editor.org/rfc/rfc8259");
const AMBIGUOUS: (&str, &str) =
    ("CVE-2021-41190", "https://github.com/opencontainers/image-spec/security/advisories/GHSA-77vh-xpmg-72qh");
const OUTSIDE: (&str, &str) = ("CVE-2014-8179", "https://nvd.nist.gov/vuln/detail/CVE-2014-8179");
const URLS: (&str, &str) = ("CVE-2020-15157", "https://nvd.nist.gov/vuln/detail/CVE-2020-15157");
const API: (&str, &str) = (
    "distribution-spec, pulling manifests",
    "https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests",
);
const ATTESTATION: (&str, &str) = (
    "BuildKit, attestation storage",
    "https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md",
);
const TROJAN: (&str, &str) = ("UTR 36, visual spoofing", "https://www.unicode.org/reports/tr36/");

macro_rules! codes {
    ($($variant:ident, $name:literal, $severity:ident, $source:ident, $title:literal, $why:literal;)*) => {
        /// Every rule that Waybill knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $title] $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The rule behind the code.
            #[must_use]
            pub fn rule(self) -> Rule {
                match self {
                    $(Self::$variant => Rule {
                        name: $name,
                        title: $title,
                        severity: Severity::$severity,
                        why: $why,
                        source: $source.0,
                        url: $source.1,
                    },)*
                }
            }
        }
    };
}

codes! {
    TooLarge, "too-large", Warning, API, "Larger than registries take",
        "Registries and clients refuse manifests of more than 4 MiB, so nobody will be able to pull it.";
    ByteOrderMark, "byte-order-mark", Warning, JSON, "Byte order mark",
        "JSON must not begin with one: some clients refuse it, and it changes the digest.";
    TrailingData, "trailing-data", Error, JSON, "Data behind the manifest",
        "Some clients stop at the end of the object, others refuse the whole.";
    DuplicateName, "duplicate-name", Error, I_JSON, "The same name twice",
        "Clients pick the first, the last or a mixture: two clients may see two different images.";
    CaseVariantName, "case-variant-name", Error, I_JSON, "Names that differ only in case",
        "Go clients read names without regard to case, others do not: two clients may see two different images.";
    Ambiguous, "ambiguous", Error, AMBIGUOUS, "More than one kind of manifest at once",
        "Clients that expect an image and clients that expect a list would read different content from one digest.";
    MediaTypeConflict, "media-type-conflict", Error, API, "Two media types for one manifest",
        "A client that believes the other media type reads other content from the same bytes.";
    ContentTypeDiffers, "content-type-differs", Warning, API, "Content-Type differs",
        "The digest fixes the content and its type stands, but a client that goes by the header may fail.";
    MediaTypeMissing, "media-type-missing", Note, MANIFEST, "No mediaType",
        "The format had to be told from the content; the field is recommended.";
    SchemaVersion, "schema-version", Error, MANIFEST, "Wrong schemaVersion",
        "Clients check this number first and may refuse the manifest.";
    UnknownFormat, "unknown-format", Error, MANIFEST, "Not a known manifest format",
        "No client will know what to do with it.";
    WithdrawnFormat, "withdrawn-format", Warning, MANIFEST, "Withdrawn artifact manifest",
        "The type was withdrawn before image-spec 1.1.0; most registries and clients refuse it.";
    WrongType, "wrong-type", Error, MANIFEST, "A field of the wrong kind",
        "Clients written in Go refuse the whole manifest for it.";
    MissingField, "missing-field", Error, MANIFEST, "A required field is missing",
        "Clients refuse the manifest or read an empty value.";
    MediaTypeMalformed, "media-type-malformed", Error, DESCRIPTOR, "Malformed media type",
        "A media type needs the form type/subtype of RFC 6838.";
    DigestMalformed, "digest-malformed", Error, DESCRIPTOR, "Malformed digest",
        "The content it names cannot be fetched or checked.";
    DigestUnsupported, "digest-unsupported", Warning, DESCRIPTOR, "Digest of an unknown algorithm",
        "The content cannot be checked here, and most clients refuse it.";
    SizeInvalid, "size-invalid", Error, DESCRIPTOR, "Invalid size",
        "A size is a whole number of bytes from 0 to 2^63-1; clients read others differently or refuse them.";
    DataMismatch, "data-mismatch", Error, DESCRIPTOR, "Embedded data is not the content",
        "A client that uses the embedded bytes sees other content than one that fetches the digest.";
    DescriptorUrls, "descriptor-urls", Warning, URLS, "Content at another address",
        "Some clients fetch it from there and may send their credentials along; Waybill never does.";
    ForeignLayer, "foreign-layer", Warning, LAYER, "Layer that is not distributed",
        "Such layers are deprecated, and a registry need not have them.";
    ManyLayers, "many-layers", Warning, LAYER, "More than 127 layers",
        "Common storage drivers mount no more than 127 layers.";
    ArtifactTypeMissing, "artifact-type-missing", Error, MANIFEST, "No artifactType",
        "With the empty config nothing else says what kind of artifact this is.";
    EmptyList, "empty-list", Warning, INDEX, "A list of nothing",
        "It is allowed, and no client finds an image in it.";
    NestedList, "nested-list", Note, INDEX, "A list inside a list",
        "It is allowed, but docker and others do not look inside.";
    Schema1InList, "schema1-in-list", Error, SCHEMA2, "Schema 1 in a list",
        "A list may name only schema 2 or OCI manifests; clients refuse this entry.";
    PlatformMissing, "platform-missing", Warning, SCHEMA2, "Entry without a platform",
        "Clients that choose by platform pass it over.";
    PlatformIncomplete, "platform-incomplete", Error, INDEX, "Incomplete platform",
        "Where there is a platform, architecture and os are required.";
    PlatformDuplicate, "platform-duplicate", Warning, INDEX, "Two entries for one platform",
        "Clients take the first that fits, so the later one is never chosen.";
    AttestationOrphan, "attestation-orphan", Warning, ATTESTATION, "Attestation of nothing in this list",
        "It names a digest that no entry of the list has, so no tool will find it.";
    ListedSize, "listed-size", Error, DESCRIPTOR, "The size is not the listed one",
        "Some clients stop reading at the stated size and then fail.";
    ListedDigest, "listed-digest", Error, DESCRIPTOR, "The bytes are not the listed ones",
        "The registry answers with other content than its digest names.";
    ListedPlatform, "listed-platform", Warning, CONFIG, "The config has another platform",
        "A client that picks by the list gets an image for another machine.";
    LayerCount, "layer-count", Error, CONFIG, "Layers and diff IDs differ in number",
        "Each layer has one diff ID in the config; clients refuse the image.";
    HistoryCount, "history-count", Warning, CONFIG, "History and layers differ in number",
        "The history cannot be joined to the layers, so who made which layer is a guess.";
    SignatureBlock, "signature-block", Error, SCHEMA1, "Broken signature block",
        "The signed payload, and with it the digest, cannot be told from these bytes.";
    OutsidePayload, "outside-payload", Error, OUTSIDE, "Content outside the signed payload",
        "It is not covered by the digest: anybody may have added it, and some clients show it.";
    LayerHistoryLength, "layer-history-length", Error, SCHEMA1, "fsLayers and history differ in number",
        "They belong together one by one; clients refuse the image.";
    ParentChain, "parent-chain", Warning, SCHEMA1, "Broken chain of parents",
        "Each layer's parent is the next layer's id; clients refuse an image whose chain is broken.";
    DeprecatedFormat, "deprecated-format", Note, SCHEMA1, "Docker schema 1",
        "Deprecated since 2017; current docker and containerd do not pull it.";
    HiddenCharacters, "hidden-characters", Warning, TROJAN, "Characters that do not show",
        "Text with direction marks or invisible characters can look like something else.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rule().name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_complete_and_its_name_is_its_own() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.rule().name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            let rule = code.rule();
            assert!(rule.url.starts_with("https://"), "{code}");
            assert!(rule.why.ends_with('.') && !rule.title.ends_with('.'), "{code}");
            assert!(rule.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{code}");
        }
    }
}
