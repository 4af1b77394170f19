//! Every rule that Waybill knows, by topic. `docs/FORMATS.md` shows them as a table; a test
//! holds both together.
//!
//! A rule has its severity from what happens to a person: an error breaks a specification or
//! lets two clients see two things, a warning is likely to surprise somebody, a note is worth
//! knowing. Names are stable, because scripts compare them; topics group rules in the table
//! and on the page.
//!
//! A line of the table is the code, its stable name, the severity, the constant of its source,
//! a title, and why it matters:
//!
//! ```text
//! DuplicateName, "duplicate-name", Error, I_JSON, "The same name twice",
//!     "Clients pick the first, the last or a mixture: two clients may see two different images.";
//! ```
//!
//! The title is a heading without a full stop; why it matters is one sentence with one. What
//! was found in the bytes is not said here: that is the message of each
//! [`Finding`](super::Finding).
//!
//! To add one:
//!
//! 1. Add its line under its topic, with the source that says so; rules of one topic stand
//!    together.
//! 2. Use its code where the format is read, in [`crate::manifest`], [`crate::config`] or
//!    [`crate::descriptor`].
//! 3. Add a text that breaks it, and one that nearly does, to `tests/formats/rules/rows.rs`: a
//!    test asks for them.
//! 4. Write `docs/FORMATS.md` anew: the tests do with `UPDATE_GOLDEN=1`.
//!
//! Longer than most files: a table, one rule a row.

use super::{Rule, Severity};

/// The name of a source and its address, both shown; addresses name a released version where there
/// is one.
type Source = (&'static str, &'static str);

/// Members of a descriptor, and what came against what it states.
const DESCRIPTOR: Source = (
    "image-spec, descriptor",
    "https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md",
);
/// Entries of a list and their platforms; what is odd in a platform is told of Docker lists
/// with it too.
const INDEX: Source = (
    "image-spec, image index",
    "https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md",
);
/// What a manifest has to hold, and artifacts. Members that are missing or of a wrong kind are
/// told with it wherever they stand.
const MANIFEST: Source = (
    "image-spec, image manifest",
    "https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md",
);
/// The descriptor of `{}`: its type, digest and size belong together.
const EMPTY: Source = (
    "image-spec, empty descriptor",
    "https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidance-for-an-empty-descriptor",
);
/// Members of a config and its labels, and what a config has to have in common with the
/// manifest that names it.
const CONFIG: Source = (
    "image-spec, image config",
    "https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md",
);
/// Layers: their media types, how many there are, and one of no bytes.
const LAYER: Source = (
    "image-spec, layer",
    "https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md",
);
/// Names and values of annotations; those of labels are told with `CONFIG`.
const ANNOTATIONS: Source = (
    "image-spec, annotations",
    "https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md",
);
/// Media types in another case of letters, and Docker's beside OCI's in one image.
const MEDIA_TYPES: Source = (
    "image-spec, media types",
    "https://github.com/opencontainers/image-spec/blob/v1.1.1/media-types.md",
);
/// Docker schema 1: `fsLayers`, `history` and the signature block.
const SCHEMA1: Source = (
    "distribution, schema 1",
    "https://github.com/distribution/distribution/blob/v2.8.3/docs/spec/manifest-v2-1.md",
);
/// Docker schema 2 and Docker manifest lists.
const SCHEMA2: Source = (
    "distribution, schema 2",
    "https://github.com/distribution/distribution/blob/v2.8.3/docs/spec/manifest-v2-2.md",
);
/// The signatures in schema 1. The address is that of the code, and names no version.
const LIBTRUST: Source = (
    "libtrust, JSON signatures",
    "https://github.com/docker/libtrust/blob/master/jsonsign.go",
);
/// How docker itself judged schema 1 when it pulled it: ids of layers, the chain of their
/// parents, and throwaway layers.
const MOBY: Source = (
    "moby, pulling schema 1",
    "https://github.com/moby/moby/blob/v24.0.9/distribution/pull_v2.go",
);
/// What the grammar of JSON allows and clients read differently, such as duplicate names.
const I_JSON: Source = ("RFC 7493, I-JSON", "https://www.rfc-editor.org/rfc/rfc7493");
/// What is no JSON at all, or is not read alike by each reader of JSON.
const JSON: Source = ("RFC 8259, JSON", "https://www.rfc-editor.org/rfc/rfc8259");
/// One document that is an image to one client and a list to another.
const AMBIGUOUS: Source = (
    "CVE-2021-41190",
    "https://github.com/opencontainers/image-spec/security/advisories/GHSA-77vh-xpmg-72qh",
);
/// Content of a signed schema 1 manifest that its signature and digest do not cover.
const OUTSIDE: Source = (
    "CVE-2014-8179",
    "https://nvd.nist.gov/vuln/detail/CVE-2014-8179",
);
/// Descriptors with `urls`: a client that fetches from there may send its credentials along.
const URLS: Source = (
    "CVE-2020-15157",
    "https://nvd.nist.gov/vuln/detail/CVE-2020-15157",
);
/// What the answer of a registry says of a manifest, and how large one may be.
const API: Source = (
    "distribution-spec, pulling manifests",
    "https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests",
);
/// How attestations stand in an index beside the images that they are about.
const ATTESTATION: Source = (
    "BuildKit, attestation storage",
    "https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md",
);
/// That clients take the first entry of a list that fits: what follows from it for a list that
/// is composed.
const MATCH: Source = (
    "image-spec, image index, first match",
    "https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md#image-index-property-descriptions",
);
/// Lists that are pushed: entries that some registries refuse, and sources that are left out.
const PUSH: Source = (
    "distribution-spec, pushing manifests",
    "https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests",
);
/// Text that looks like another one, by characters that do not show.
const TROJAN: Source = (
    "UTR 36, visual spoofing",
    "https://www.unicode.org/reports/tr36/",
);

/// Makes [`Code`], [`Code::ALL`] and the table behind [`Code::rule`] of one list, so that no
/// code can lack its rule, and a rule is found by its number alone.
macro_rules! codes {
    ($($topic:literal { $($variant:ident, $name:literal, $severity:ident, $source:ident, $title:literal, $why:literal;)* })*) => {
        /// Every rule that Waybill knows.
        ///
        /// The order is that of the topics, and no promise; the [`name`](Rule::name) of its
        /// rule is one.
        ///
        /// ```
        /// use waybill_core::finding::{Code, Severity};
        ///
        /// let rule = Code::DuplicateName.rule();
        /// assert_eq!((rule.name, rule.severity), ("duplicate-name", Severity::Error));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[doc = $title] $variant,)*)*
        }

        impl Code {
            /// Every code, in the order of the topics.
            pub const ALL: &[Self] = &[$($(Self::$variant,)*)*];

            /// The rule behind the code.
            #[must_use]
            pub fn rule(self) -> &'static Rule {
                const RULES: &[Rule] = &[$($(Rule {
                    name: $name,
                    topic: $topic,
                    title: $title,
                    severity: Severity::$severity,
                    why: $why,
                    source: $source.0,
                    url: $source.1,
                },)*)*];
                &RULES[self as usize]
            }

            /// How bad it is to break the rule: [`Rule::severity`], without the words of every
            /// rule, which a page loads only where it draws findings.
            #[must_use]
            pub fn severity(self) -> Severity {
                const SEVERITIES: &[Severity] = &[$($(Severity::$severity,)*)*];
                SEVERITIES[self as usize]
            }
        }
    };
}

codes! {
    "Bytes and JSON" {
    TooLarge, "too-large", Warning, API, "Larger than registries take",
        "Registries and clients refuse manifests and configs of more than 4 MiB, so nobody will be able to pull it.";
    NotJson, "not-json", Error, JSON, "Not JSON",
        "Clients cannot read it, so nobody can pull it.";
    NotAnObject, "not-an-object", Error, MANIFEST, "Not a JSON object",
        "Manifests and configs are JSON objects; clients refuse everything else.";
    NotUtf8, "not-utf8", Error, JSON, "Bytes that are not UTF-8",
        "JSON is UTF-8: some clients refuse the whole, others replace the bytes and read another text.";
    TooDeep, "too-deep", Warning, JSON, "Nested deeper than is read",
        "Readers of JSON may set a limit, and each sets its own: what some read, others refuse.";
    ByteOrderMark, "byte-order-mark", Warning, JSON, "Byte order mark",
        "JSON must not begin with one: some clients refuse it, and it changes the digest.";
    TrailingData, "trailing-data", Error, JSON, "Data behind the manifest",
        "Some clients stop at the end of the object, others refuse the whole.";
    DuplicateName, "duplicate-name", Error, I_JSON, "The same name twice",
        "Clients pick the first, the last or a mixture: two clients may see two different images.";
    CaseVariantName, "case-variant-name", Error, I_JSON, "Names that differ only in case",
        "Go clients read names without regard to case, others do not: two clients may see two different images.";
    NumberForm, "number-form", Note, JSON, "A number in an unusual form",
        "A fraction, an exponent or minus zero: clients that want whole numbers refuse it, others take it.";
    NumberPrecision, "number-precision", Note, I_JSON, "A number beyond 2^53",
        "Clients that keep numbers as floating point, as JavaScript does, read a rounded one.";
    NumberRange, "number-range", Warning, I_JSON, "A number that clients cannot hold",
        "Some clients refuse it, others read another number.";
    LoneSurrogate, "lone-surrogate", Warning, I_JSON, "Half a surrogate pair",
        "It is no character: clients replace it, keep it or refuse the whole, so different texts may look the same.";
    HiddenCharacters, "hidden-characters", Warning, TROJAN, "Characters that do not show",
        "Text with direction marks or invisible characters can look like something else.";
    }
    "Format" {
    Ambiguous, "ambiguous", Error, AMBIGUOUS, "More than one kind of manifest at once",
        "Clients that expect an image and clients that expect a list would read different content from one digest.";
    MediaTypeConflict, "media-type-conflict", Error, API, "Two media types for one manifest",
        "A client that believes the other media type reads other content from the same bytes.";
    ContentTypeDiffers, "content-type-differs", Warning, API, "Content-Type differs",
        "The digest fixes the content and its type stands, but a client that goes by the header may fail.";
    ContentTypeMissing, "content-type-missing", Warning, API, "No Content-Type",
        "The content tells what it is, but a client that goes by the header may refuse it.";
    MediaTypeMissing, "media-type-missing", Note, MANIFEST, "No mediaType",
        "The format had to be told from the content; the field is recommended.";
    DockerMediaTypeMissing, "docker-media-type-missing", Warning, SCHEMA2, "No mediaType in a Docker format",
        "Registries and clients that read it as a Docker format refuse it without, others take it for OCI.";
    SchemaVersion, "schema-version", Error, MANIFEST, "Wrong schemaVersion",
        "Clients check this number first and may refuse the manifest.";
    UnknownFormat, "unknown-format", Error, MANIFEST, "Not a known manifest format",
        "No client will know what to do with it.";
    WithdrawnFormat, "withdrawn-format", Warning, MANIFEST, "Withdrawn artifact manifest",
        "The type was withdrawn before image-spec 1.1.0; most registries and clients refuse it.";
    DeprecatedFormat, "deprecated-format", Note, SCHEMA1, "Docker schema 1",
        "Deprecated since 2017; current docker and containerd do not pull it.";
    WrongType, "wrong-type", Error, MANIFEST, "A field of the wrong kind",
        "Clients written in Go refuse the whole manifest for it.";
    MissingField, "missing-field", Error, MANIFEST, "A required field is missing",
        "Clients refuse the manifest or read an empty value.";
    NullRequired, "null-required", Error, MANIFEST, "Null where a value is required",
        "Clients in Go read an empty value, others refuse the whole.";
    NullValue, "null-value", Warning, MANIFEST, "Null where a value belongs",
        "A member is absent or of its kind: clients in Go take null for absent, others may refuse the whole.";
    OciMember, "oci-member", Note, SCHEMA2, "A member that Docker formats lack",
        "Docker's specification does not name it, so clients and tools that convert may drop it silently.";
    }
    "Descriptors" {
    MediaTypeMalformed, "media-type-malformed", Error, DESCRIPTOR, "Malformed media type",
        "A media type needs the form type/subtype of RFC 6838.";
    MediaTypeCase, "media-type-case", Warning, MEDIA_TYPES, "Media type in another case",
        "Media types are the same in any case, but most clients compare them as written and do not know this one.";
    DigestMalformed, "digest-malformed", Error, DESCRIPTOR, "Malformed digest",
        "The content it names cannot be fetched or checked.";
    DigestUnsupported, "digest-unsupported", Warning, DESCRIPTOR, "Digest of an unknown algorithm",
        "The content cannot be checked here, and most clients refuse it.";
    SizeInvalid, "size-invalid", Error, DESCRIPTOR, "Invalid size",
        "A size is a whole number of bytes from 0 to 2^63-1; clients read others differently or refuse them.";
    DataMismatch, "data-mismatch", Error, DESCRIPTOR, "Embedded data is not the content",
        "A client that uses the embedded bytes sees other content than one that fetches the digest.";
    EmptyContent, "empty-content", Warning, DESCRIPTOR, "Content of no bytes",
        "ECR, Quay and other registries refuse empty blobs, and no layer, config or manifest is that short.";
    EmptyDescriptor, "empty-descriptor", Error, EMPTY, "Not the empty content",
        "The empty type, its digest and its size of 2 belong together: clients that know it do not fetch the content.";
    DescriptorUrls, "descriptor-urls", Warning, URLS, "Content at another address",
        "Some clients fetch it from there and may send their credentials along; Waybill never does.";
    UrlMalformed, "url-malformed", Error, DESCRIPTOR, "Malformed address",
        "Each address has to conform to RFC 3986.";
    UrlScheme, "url-scheme", Warning, DESCRIPTOR, "Address that is not http or https",
        "Clients fetch from no other; some other schemes read files of the machine.";
    }
    "Images and artifacts" {
    ForeignLayer, "foreign-layer", Warning, LAYER, "Layer that is not distributed",
        "Such layers are deprecated, and a registry need not have them.";
    ManyLayers, "many-layers", Warning, LAYER, "More than 127 layers",
        "Common storage drivers mount no more than 127 layers.";
    NoLayers, "no-layers", Note, MANIFEST, "No layers",
        "It is allowed; for portability there should be at least one.";
    LayerRepeated, "layer-repeated", Note, MANIFEST, "The same layer twice",
        "It is allowed, and the second changes what it writes back to its state.";
    MixedFamilies, "mixed-families", Warning, MEDIA_TYPES, "Docker and OCI types in one image",
        "Some clients take only types of the manifest's own family and refuse the others.";
    DeprecatedConfig, "deprecated-config", Note, SCHEMA2, "Config of no particular type",
        "Old clients wrote application/octet-stream; what the config is has to be guessed.";
    ArtifactTypeMissing, "artifact-type-missing", Error, MANIFEST, "No artifactType",
        "With the empty config nothing else says what kind of artifact this is.";
    BuildCache, "build-cache", Warning, INDEX, "A build cache as an image index",
        "ECR, Quay and others refuse an index of layers; BuildKit writes a manifest with image-manifest=true.";
    ArtifactConfig, "artifact-config", Warning, MANIFEST, "Artifact with the config of an image",
        "An artifact's config has a type of its own or is empty; with this one clients try to run it.";
    SubjectType, "subject-type", Warning, MANIFEST, "Subject that is no manifest",
        "A subject is another manifest: no client asks for the referrers of a config or layer.";
    }
    "Lists and platforms" {
    EmptyList, "empty-list", Note, INDEX, "A list of nothing",
        "It is allowed, and no client finds an image in it.";
    NestedList, "nested-list", Note, INDEX, "A list inside a list",
        "It is allowed; docker (since 23.0) and containerd look inside, podman and skopeo do not.";
    NestedInDockerList, "nested-in-docker-list", Warning, SCHEMA2, "A list inside a Docker list",
        "Docker's specification speaks of images only; docker (since 23.0) and containerd look inside, podman and skopeo do not.";
    Schema1InList, "schema1-in-list", Error, SCHEMA2, "Schema 1 in a list",
        "A list may name only schema 2 or OCI manifests; clients refuse this entry.";
    OciInDockerList, "oci-in-docker-list", Warning, SCHEMA2, "OCI manifests in a Docker list",
        "Docker lists generally name Docker manifests; some registries and clients refuse others.";
    DockerInIndex, "docker-in-index", Note, INDEX, "Docker manifests in an OCI index",
        "It is allowed and common, but clients need not take other media types than OCI's.";
    EntryType, "entry-type", Warning, INDEX, "Entry that is no manifest",
        "Clients and registries expect manifests here and do not find or keep what it names.";
    EntryRepeated, "entry-repeated", Note, INDEX, "The same entry twice",
        "Clients take the first, so the later one changes nothing.";
    PlatformMissing, "platform-missing", Error, SCHEMA2, "Entry of a Docker list without a platform",
        "Clients that choose by platform pass it over, and some refuse the whole list.";
    PlatformUnstated, "platform-unstated", Note, INDEX, "Entry of an index without a platform",
        "It is allowed; clients pass it over, or have to fetch its config to choose.";
    PlatformIncomplete, "platform-incomplete", Error, INDEX, "Incomplete platform",
        "Where there is a platform, architecture and os are required.";
    PlatformDuplicate, "platform-duplicate", Warning, INDEX, "Two entries for one platform",
        "Docker and containerd take the first that fits, and never the later one; podman may.";
    ArtifactFirst, "artifact-first", Warning, MATCH, "Artifact before the image of its platform",
        "Clients take the first entry that fits, artifacts too, and then find no image.";
    PlatformVariant, "platform-variant", Warning, INDEX, "Variant of another architecture",
        "No machine has it, so clients that ask for the variant never find this entry.";
    PlatformSpelling, "platform-spelling", Warning, INDEX, "Platform under another name",
        "Clients that compare as written do not find it under Go's name.";
    PlatformName, "platform-name", Note, INDEX, "Uncommon platform",
        "It is not among Go's names or the specification's variants, so few clients will choose it.";
    PlatformFeatures, "platform-features", Note, INDEX, "Reserved platform features",
        "OCI reserves the member: clients ignore what it asks for.";
    WindowsVersion, "windows-version", Note, INDEX, "Windows without os.version",
        "Windows runs images of fitting versions only, so clients have to guess.";
    }
    "Attestations" {
    AttestationOrphan, "attestation-orphan", Warning, ATTESTATION, "Attestation of nothing in this list",
        "It names a digest that no entry of the list has, so no tool will find it.";
    AttestationLink, "attestation-link", Warning, ATTESTATION, "Broken link of an attestation",
        "Type and digest of what is attested belong together; otherwise tools take it for an image or do not find it.";
    AttestationPlatform, "attestation-platform", Warning, ATTESTATION, "Attestation with a platform of its own",
        "Clients that choose by platform may take it for an image; its platform should be unknown/unknown.";
    UnknownPlatform, "unknown-platform", Note, ATTESTATION, "Entry for no platform",
        "unknown/unknown stands for what is no image, but nothing says what this is.";
    }
    "Annotations and labels" {
    AnnotationKey, "annotation-key", Warning, ANNOTATIONS, "Annotation without a name",
        "Keys should be names; an empty one cannot be asked for.";
    AnnotationReserved, "annotation-reserved", Warning, ANNOTATIONS, "Annotation under a reserved name",
        "Names that begin with org.opencontainers are OCI's own; this one is not among them.";
    AnnotationForm, "annotation-form", Warning, ANNOTATIONS, "Annotation of the wrong form",
        "The specification says what this value is; tools that read it so will fail or ignore it.";
    LabelForm, "label-form", Note, CONFIG, "Label that breaks the rules of annotations",
        "Labels follow the rules of annotations; tools that copy or read them so will fail or ignore it.";
    }
    "Configs" {
    ConfigType, "config-type", Error, CONFIG, "A member of the config of the wrong kind",
        "Clients written in Go refuse the whole config, and with it the image.";
    ConfigMissing, "config-missing", Error, CONFIG, "A required member of the config is missing",
        "Clients refuse the config or read an empty value.";
    ConfigNull, "config-null", Warning, CONFIG, "Null in a config",
        "The member is absent or of its kind: clients in Go take null for absent, others may refuse the config.";
    ConfigPlatform, "config-platform", Warning, CONFIG, "Platform of a config under another name",
        "Configs have Go's names: clients that compare as written take the image for another machine's.";
    ConfigPlatformName, "config-platform-name", Note, CONFIG, "Uncommon platform of a config",
        "It is not among Go's names, so few machines will run the image.";
    DiffId, "diff-id", Error, CONFIG, "Malformed diff ID",
        "It names the unpacked layer; clients refuse to unpack what they cannot compare.";
    RootfsType, "rootfs-type", Error, CONFIG, "Wrong rootfs.type",
        "It has to be layers; clients refuse to unpack anything else.";
    TimeMalformed, "time-malformed", Error, CONFIG, "Malformed time",
        "Times are of the form of RFC 3339; clients written in Go refuse the whole config for another.";
    ConfigForm, "config-form", Warning, CONFIG, "Value of the wrong form",
        "Clients refuse to run the image, or read the value differently.";
    }
    "What is listed against what came" {
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
    }
    "Docker schema 1" {
    SignatureBlock, "signature-block", Error, SCHEMA1, "Broken signature block",
        "The signed payload, and with it the digest, cannot be told from these bytes.";
    OutsidePayload, "outside-payload", Error, OUTSIDE, "Content outside the signed payload",
        "It is not covered by the digest: anybody may have added it, and some clients show it.";
    SignatureInvalid, "signature-invalid", Error, LIBTRUST, "Signature that does not fit the payload",
        "The payload was changed after it was signed, or another key signed it; clients that check refuse it.";
    SignatureMalformed, "signature-malformed", Error, LIBTRUST, "Signature that nobody can check",
        "It shows nothing of who signed the payload; most clients that check signatures refuse it.";
    SignatureKeyId, "signature-key-id", Error, LIBTRUST, "Key id of another key",
        "Who goes by the id takes the signature for another key's; most clients that check refuse it.";
    SignatureUnchecked, "signature-unchecked", Note, LIBTRUST, "Signature not checked",
        "Whether the key signed this payload is not known here; the digest is checked all the same.";
    LayerHistoryLength, "layer-history-length", Error, SCHEMA1, "fsLayers and history differ in number",
        "They belong together one by one; clients refuse the image.";
    LayerDigest, "layer-digest", Error, SCHEMA1, "blobSum that is not sha256",
        "Schema 1 knows no other digest of a layer.";
    HistoryUnreadable, "history-unreadable", Error, SCHEMA1, "Unreadable v1Compatibility",
        "Each history entry holds a JSON object as text; clients refuse the image.";
    LayerIdMalformed, "layer-id-malformed", Error, MOBY, "Malformed layer id",
        "Ids are 64 lower-case hex characters; clients refuse the image.";
    LayerIdDuplicate, "layer-id-duplicate", Error, MOBY, "One layer id at two places",
        "The chain of parents would run in a circle; clients refuse the image.";
    LayerIdRepeated, "layer-id-repeated", Note, MOBY, "One layer id twice in a row",
        "Clients take both entries for one layer.";
    ThrowawayLayer, "throwaway-layer", Warning, MOBY, "Throwaway layer with content",
        "Docker leaves such a layer out, other clients may not: two clients may see different files.";
    ParentChain, "parent-chain", Error, MOBY, "Broken chain of parents",
        "Each layer's parent is the next layer's id; clients refuse an image whose chain is broken.";
    NameMalformed, "name-malformed", Warning, SCHEMA1, "Malformed name or tag",
        "Nothing can be pulled under it; registries refuse it.";
    ArchitectureDiffers, "architecture-differs", Warning, SCHEMA1, "Two architectures",
        "The manifest and its newest history entry name different ones: clients show the one or the other.";
    }
    "Lists that are composed" {
    PlatformShadowed, "platform-shadowed", Warning, MATCH, "An earlier entry takes its machines",
        "Clients take the first entry that fits, and the earlier one fits every machine that this one is for.";
    UnknownChild, "unknown-child", Note, PUSH, "Entries that some registries refuse",
        "Some registries refuse a list that names anything but images and lists.";
    NotWritten, "not-written", Warning, INDEX, "A part that is not written",
        "The kind of list, or the tool whose form was chosen, has no place for it.";
    FormOrder, "form-order", Note, MATCH, "Entries in another order",
        "The tool whose form was chosen sorts its entries, and clients take the first that fits.";
    FormKind, "form-kind", Note, INDEX, "A list of the other kind",
        "The tool whose form was chosen does not write the kind of list that was asked for.";
    SourceRefused, "source-refused", Error, PUSH, "A source that is not composed",
        "What did not come, or is not what it claims to be, is left out of the list.";
    SourceUnverified, "source-unverified", Warning, DESCRIPTOR, "An entry that was not verified",
        "Its digest and size are only the word of the list that it was taken from.";
    }
}
