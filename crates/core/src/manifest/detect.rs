//! Which format is it, and who says so? The body decides; every other opinion is compared with it.
//!
//! In order: a `mediaType` of a known format, but schema 1's; then `schemaVersion` and the members
//! that are there. What others said (a `Content-Type`, a descriptor) is compared afterwards and
//! never decides, because whoever controls it could make two clients read one content in two ways.

use crate::finding::Code;
use crate::json::{Object, Value};
use crate::lenient::{Fields, fold};
use crate::media_type::MediaType;

use super::format::Format;

/// What others said of a manifest before it was read.
///
/// None of it decides anything: the body does, and a disagreement is a finding (CVE-2021-41190).
///
/// ```
/// use waybill_core::manifest::{Format, Manifest, detect::DeclaredTypes};
/// use waybill_core::media_type::MediaType;
///
/// let said = DeclaredTypes { content_type: Some(MediaType::DOCKER_LIST), ..DeclaredTypes::none() };
/// let index = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
/// let (manifest, findings) = Manifest::read(&index[..], &said)?;
/// assert_eq!(manifest.format, Format::OciIndex);
/// assert_eq!(findings[0].code.rule().name, "media-type-conflict");
/// # Ok::<(), waybill_core::json::JsonError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct DeclaredTypes {
    /// The `Content-Type` of the answer that brought it.
    pub content_type: Option<MediaType>,
    /// The media type in the descriptor that led here.
    pub descriptor: Option<MediaType>,
    /// Whether the bytes have the digest that was asked for. Then they are the right ones, and
    /// a differing `Content-Type` is only a warning.
    pub digest_matched: bool,
}

impl DeclaredTypes {
    /// Nobody said anything: a file, or pasted text.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }
}

/// Who has an opinion on the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The manifest's own `mediaType`.
    MediaTypeField,
    /// The members that are there.
    Shape,
    /// The `Content-Type` of the answer.
    ContentType,
    /// The descriptor that led here.
    Descriptor,
}

impl Source {
    /// The source's name in the field's terms.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MediaTypeField => "mediaType",
            Self::Shape => "its members",
            Self::ContentType => "Content-Type",
            Self::Descriptor => "descriptor",
        }
    }
}

/// One opinion on the format.
///
/// All of them are shown, also where they agree: the reader sees on what the answer rests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// Whose.
    pub source: Source,
    /// What it says: a media type, or the members seen.
    pub says: String,
    /// Whether it agrees with the format that was decided.
    pub agrees: bool,
}

/// What was decided.
///
/// `ambiguous` is set where members of several kinds stand together; such content is shown and
/// marked, and never composed or pushed. So is it where `mislabeled` is set: `mediaType` names one
/// kind, and all members are of another.
#[derive(Debug)]
pub(crate) struct Detected {
    pub(crate) format: Format,
    pub(crate) opinions: Vec<Opinion>,
    pub(crate) ambiguous: bool,
    pub(crate) mislabeled: bool,
}

/// The members that tell the kinds of manifest apart.
///
/// Of these, `config` and `layers` belong to images, `fsLayers` and `history` to schema 1,
/// `manifests` to lists.
const TELLING: [&str; 5] = ["config", "fsLayers", "history", "layers", "manifests"];

/// Source: image-spec "manifest.md" and "image-index.md"; distribution `manifest-v2-1.md`;
/// CVE-2021-41190.
///
/// Decides the format of an object, and compares everybody's opinion with it.
///
/// Each opinion that differs is a finding at the root, or at `/mediaType` for the manifest's own.
/// Where the bytes have the digest that was asked for, a wrong `Content-Type` is only a warning:
/// the bytes are certain, the header is the registry's mistake. An unknown format is told with the
/// first eight of its members.
pub(crate) fn detect(fields: &Fields<'_>, told: &DeclaredTypes) -> Detected {
    let field = fields.media_type("mediaType");
    let (format, shape) = decide(fields.members(), field.as_ref());
    let mislabeled = find_mislabel(fields, format);
    let mut opinions = Vec::new();
    if let Some(field) = &field {
        let source = Source::MediaTypeField;
        opinions.push(Opinion {
            source,
            says: field.to_string(),
            agrees: Format::from_media_type(field) == Some(format),
        });
    }
    if let Some(shape) = shape {
        opinions.push(Opinion {
            source: Source::Shape,
            says: shape,
            agrees: true,
        });
    }
    for (source, media_type) in [
        (Source::ContentType, &told.content_type),
        (Source::Descriptor, &told.descriptor),
    ] {
        let Some(media_type) = media_type else {
            continue;
        };
        let agrees = agrees(format, media_type);
        opinions.push(Opinion {
            source,
            says: media_type.to_string(),
            agrees,
        });
        if !agrees {
            let fixed = told.digest_matched && source == Source::ContentType;
            let code = if fixed {
                Code::ContentTypeDiffers
            } else {
                Code::MediaTypeConflict
            };
            fields.find(
                code,
                format!(
                    "the {} is {media_type}, the content is {}",
                    source.name(),
                    format.with_article()
                ),
            );
        }
    }
    if let Some(field) = field
        .filter(|field| Format::from_media_type(field) != Some(format) && format != Format::Unknown)
        // White space alone says nothing, and is told as malformed.
        .filter(|field| !field.as_str().trim().is_empty())
    {
        fields.find_at(
            "mediaType",
            Code::MediaTypeConflict,
            format!(
                "mediaType is {field}, the content is {}",
                format.with_article()
            ),
        );
    }
    match format {
        Format::Unknown => {
            fields.names(&TELLING);
            let names: Vec<_> = fields.iter().take(8).map(|(name, _)| name).collect();
            let names = if names.is_empty() {
                "nothing".to_owned()
            } else {
                names.join(", ")
            };
            fields.find(Code::UnknownFormat, format!("it holds {names}"));
        }
        Format::OciArtifact | Format::OrasArtifact => {
            fields.find_at(
                "mediaType",
                Code::WithdrawnFormat,
                "mediaType names a withdrawn type",
            );
        }
        Format::DockerSchema1
        | Format::DockerSchema1Signed
        | Format::DockerSchema2
        | Format::DockerList
        | Format::OciManifest
        | Format::OciIndex => {}
    }
    let ambiguous = mislabeled || find_ambiguity(fields, format);
    Detected {
        format,
        opinions,
        ambiguous,
        mislabeled,
    }
}

/// The format by the body alone, and the words for its shape where that was needed.
///
/// Without `mediaType` a `manifests` with no member of another kind makes a list, whatever it
/// holds; a Docker list where there are entries and all are of Docker's types. Then the config's
/// type decides between OCI and Docker; then entries among other members; then `layers`, which may
/// be `null` beside a config. Else `null` counts as absent, as Go's decoder has it.
///
/// The words are `None` where `mediaType` decided, and where nothing did. It decides nothing of a
/// descriptor, which has `digest` and `size` and no member of a manifest. A `mediaType` of
/// schema 1 decides nothing, since `schemaVersion` and `signatures` tell the two apart better.
fn decide(object: &Object<'_>, field: Option<&MediaType>) -> (Format, Option<String>) {
    let version = object.get("schemaVersion").and_then(Value::as_u64);
    let there = |name: &str| object.get(name).is_some();
    // A descriptor alone, or what tools write around one, has the media type of what it names.
    let is_descriptor = version.is_none()
        && there("digest")
        && there("size")
        && !TELLING.iter().any(|telling| there(telling));
    if is_descriptor {
        return (Format::Unknown, None);
    }
    if let Some(format) = field
        .and_then(Format::from_media_type)
        .filter(|format| !format.is_schema1())
    {
        return (format, None);
    }
    let shape = |format, words: &str| (format, Some(words.to_owned()));
    match version {
        Some(1) if there("signatures") => shape(
            Format::DockerSchema1Signed,
            "schemaVersion 1 with signatures",
        ),
        Some(1) => shape(Format::DockerSchema1, "schemaVersion 1"),
        Some(2) => {
            let config = object
                .get("config")
                .and_then(Value::as_object)
                .and_then(|config| config.get("mediaType"));
            let config = config.and_then(Value::as_str).map(MediaType::new);
            let entries = object
                .get("manifests")
                .and_then(Value::as_array)
                .unwrap_or_default();
            let is_named = |name: &str| object.iter().any(|(other, _)| other == name);
            let is_list = is_named("manifests")
                && !["config", "layers", "fsLayers"]
                    .iter()
                    .any(|name| there(name));
            if is_list && entries.is_empty() {
                shape(Format::OciIndex, "manifests")
            } else if config == Some(MediaType::OCI_CONFIG) {
                shape(Format::OciManifest, "an OCI config")
            } else if config == Some(MediaType::DOCKER_CONFIG) {
                shape(Format::DockerSchema2, "a Docker config")
            } else if !entries.is_empty() {
                if entries.iter().all(is_docker_entry) {
                    shape(Format::DockerList, "manifests, all of Docker types")
                } else {
                    shape(Format::OciIndex, "manifests")
                }
            } else if there("layers") || (is_named("layers") && there("config")) {
                shape(Format::OciManifest, "layers")
            } else {
                (Format::Unknown, None)
            }
        }
        _ => (Format::Unknown, None),
    }
}

/// Whether an entry's `mediaType` is one of Docker's; an entry without one is not.
fn is_docker_entry(entry: &Value<'_>) -> bool {
    let media_type = entry
        .as_object()
        .and_then(|entry| entry.get("mediaType"))
        .and_then(Value::as_str);
    media_type.is_some_and(|text| text.starts_with("application/vnd.docker."))
}

/// Old registries send schema 1 as `application/json` or `text/plain`, and signed as unsigned.
///
/// Tells whether a media type that somebody said goes with the format. A type that names no format
/// agrees with an unknown one.
fn agrees(format: Format, media_type: &MediaType) -> bool {
    let plain = ["application/json", "text/plain"]
        .iter()
        .any(|plain| *media_type == MediaType::new(*plain));
    match Format::from_media_type(media_type) {
        Some(other) => other == format || (other.is_schema1() && format.is_schema1()),
        None => format == Format::Unknown || (plain && format.is_schema1()),
    }
}

/// Which of the telling members are there, in any case of letters and not `null`.
fn telling(fields: &Fields<'_>) -> Vec<&'static str> {
    let is_there = |telling: &&str| {
        fields
            .iter()
            .any(|(name, value)| *value != Value::Null && fold(name).eq(fold(telling)))
    };
    TELLING.into_iter().filter(is_there).collect()
}

/// The one kind that all telling members are of, in words; `None` where they are of several.
fn kind_of(seen: &[&str]) -> Option<&'static str> {
    let kinds: [(&[&str], &str); 3] = [
        (&["fsLayers", "history"], "of Docker schema 1"),
        (&["config", "layers"], "an image's"),
        (&["manifests"], "an index's"),
    ];
    let is_kind = |kind: &[&str]| seen.iter().all(|name| kind.contains(name));
    kinds
        .into_iter()
        .find(|(kind, _)| is_kind(kind))
        .map(|(_, words)| words)
}

/// Tells a manifest whose `mediaType` names one kind, and whose members are all of another.
///
/// It is one error, not one for each member that the named kind lacks. Clients that go by the type
/// read an empty image or list, others what the members say.
fn find_mislabel(fields: &Fields<'_>, format: Format) -> bool {
    let own: &[&str] = match format {
        Format::DockerSchema2 | Format::OciManifest => &["config", "layers"],
        Format::DockerList | Format::OciIndex => &["manifests"],
        Format::DockerSchema1
        | Format::DockerSchema1Signed
        | Format::OciArtifact
        | Format::OrasArtifact
        | Format::Unknown => return false,
    };
    // A member of its own is its own, in any case of letters and also as `null`.
    let is_own = |name: &str| own.iter().any(|own| fold(own).eq(fold(name)));
    let seen = telling(fields);
    if seen.is_empty() || fields.iter().any(|(name, _)| is_own(name)) {
        return false;
    }
    let Some(kind) = kind_of(&seen) else {
        return false;
    };
    let message = format!(
        "mediaType says {format}, the members are {kind}: {}",
        seen.join(", ")
    );
    fields.find_at("mediaType", Code::MediaTypeConflict, message);
    true
}

/// Of the telling members each kind may have its own only, compared without regard to case as
/// Go clients read them.
///
/// Source: CVE-2021-41190, GHSA-77vh-xpmg-72qh; image-spec `manifest.md`: a manifest should not
/// hold another kind's members. Members that are `null` do not count. Content of an unknown format
/// is ambiguous only where its members are of no one kind.
fn find_ambiguity(fields: &Fields<'_>, format: Format) -> bool {
    let allowed: &[&str] = match format {
        Format::DockerSchema1 | Format::DockerSchema1Signed => &["fsLayers", "history"],
        Format::DockerSchema2 | Format::OciManifest => &["config", "layers"],
        Format::DockerList | Format::OciIndex => &["manifests"],
        Format::OciArtifact | Format::OrasArtifact | Format::Unknown => &[],
    };
    let seen = telling(fields);
    let mixed = if format == Format::Unknown {
        kind_of(&seen).is_none()
    } else {
        seen.iter().any(|name| !allowed.contains(name))
    };
    if mixed {
        fields.find(
            Code::Ambiguous,
            format!("{format} that holds {}", seen.join(", ")),
        );
    }
    mixed
}
