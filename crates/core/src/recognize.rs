//! What people have at hand and is no manifest: named for what it is, with a way to go on.
//!
//! [`recognize`] judges bytes by their shape: the members that have to be there, with the right
//! types, in JSON that is read as leniently as a manifest is. In order: what is no text (by its
//! first bytes, which [`crate::json`] and `binary` know), JSON (`document`, of which `tools` has
//! what tools write and `answer` what registries answer), and other text (`text`, and `lines` for
//! what its lines tell). Text may carry JSON inside (behind a line of a log, in base64, in UTF-16); then that is judged, and
//! is what to go on with.
//!
//! What holds credentials ([`Kind::holds_credentials`]) is told apart before anything else, also
//! in text that is cut off or no JSON: such bytes are never kept, see `secret`.

mod answer;
mod binary;
mod document;
mod lines;
mod secret;
mod text;
mod tools;

use crate::config::ImageConfig;
use crate::digest::Digest;
use crate::finding::Finding;
use crate::humanize;
use crate::json::{self, JsonError, Object, Occurrence, Reason, Value};
use crate::reference::Reference;

/// What bytes are that are no manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The config of an image, alone.
    ImageConfig,
    /// The file `oci-layout` of an OCI layout.
    LayoutFile,
    /// `manifest.json` of `docker save`.
    SaveManifest,
    /// `repositories` of `docker save`.
    SaveRepositories,
    /// What `skopeo inspect` writes.
    SkopeoInspect,
    /// What `docker inspect` writes, of an image or a container.
    DockerInspect,
    /// What `podman inspect` writes of an image.
    PodmanInspect,
    /// What `docker manifest inspect --verbose` writes.
    ManifestInspect,
    /// What `docker buildx imagetools inspect` writes.
    ImagetoolsInspect,
    /// A registry's error body.
    ErrorAnswer,
    /// A list of the tags of a repository.
    TagList,
    /// A descriptor alone.
    Descriptor,
    /// The answer of a token service, or a token alone.
    Token,
    /// Passwords, tokens or keys in a file: docker's `config.json`, a Kubernetes secret.
    Credentials,
    /// A DSSE envelope.
    Dsse,
    /// An in-toto statement.
    InToto,
    /// A bundle of sigstore or cosign.
    SigstoreBundle,
    /// cosign's payload, in red hat's simple signing format.
    CosignPayload,
    /// An SPDX document.
    Spdx,
    /// A `CycloneDX` document.
    CycloneDx,
    /// The config of a helm chart.
    HelmConfig,
    /// An object of Kubernetes.
    Kubernetes,
    /// What another tool wrote of images.
    ToolOutput,
    /// What a scanner found, or what is known to be wrong in an image.
    Report,
    /// A report of an inspection, as Waybill writes it.
    InspectionReport,
    /// The answer of a registry's or a site's own API.
    ApiAnswer,
    /// A file beside images: a Dockerfile, a Compose file, a chart.
    File,
    /// A digest alone.
    Digest,
    /// An HTML page.
    Html,
    /// An XML document.
    Xml,
    /// Certificates or public keys in PEM.
    Pem,
    /// An archive or a compressed file.
    Archive,
    /// Bytes that are no text.
    Binary,
    /// Text that holds something else: behind other lines, in base64, in UTF-16.
    Wrapped,
    /// Other text.
    Text,
    /// JSON that is no object.
    OtherJson,
}

impl Kind {
    /// The kind in a few words, without an article.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ImageConfig => "image config",
            Self::LayoutFile => "OCI layout file",
            Self::SaveManifest => "docker save manifest.json",
            Self::SaveRepositories => "docker save repositories",
            Self::SkopeoInspect => "skopeo inspect output",
            Self::DockerInspect => "docker inspect output",
            Self::PodmanInspect => "podman inspect output",
            Self::ManifestInspect => "docker manifest inspect output",
            Self::ImagetoolsInspect => "imagetools inspect output",
            Self::ErrorAnswer => "registry error answer",
            Self::TagList => "list of tags",
            Self::Descriptor => "descriptor",
            Self::Token => "token",
            Self::Credentials => "credentials",
            Self::Dsse => "DSSE envelope",
            Self::InToto => "in-toto statement",
            Self::SigstoreBundle => "sigstore bundle",
            Self::CosignPayload => "cosign payload",
            Self::Spdx => "SPDX document",
            Self::CycloneDx => "CycloneDX document",
            Self::HelmConfig => "helm chart config",
            Self::Kubernetes => "Kubernetes object",
            Self::ToolOutput => "output of a tool",
            Self::Report => "report",
            Self::InspectionReport => "report of Waybill",
            Self::ApiAnswer => "answer of an API",
            Self::File => "file beside images",
            Self::Digest => "digest",
            Self::Html => "HTML page",
            Self::Xml => "XML document",
            Self::Pem => "PEM",
            Self::Archive => "archive",
            Self::Binary => "binary data",
            Self::Wrapped => "text with content inside",
            Self::Text => "text",
            Self::OtherJson => "other JSON",
        }
    }

    /// Whether nothing more is known than that it is text, a page, bytes or JSON.
    #[must_use]
    pub fn is_plain(self) -> bool {
        self.is_told_by_reader()
            || matches!(self, Self::Html | Self::Xml | Self::Binary | Self::Wrapped)
    }

    /// Whether the place where the reader of JSON stopped says more than the kind does.
    #[must_use]
    pub fn is_told_by_reader(self) -> bool {
        matches!(self, Self::Text | Self::OtherJson)
    }

    /// Whether such bytes are, or hold, a secret: nothing of them may be kept anywhere.
    #[must_use]
    pub fn holds_credentials(self) -> bool {
        matches!(self, Self::Token | Self::Credentials)
    }
}

/// A way to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Look at this in its registry.
    Reference(Reference),
    /// Look at bytes that stand inside, exactly as they are there.
    Contents {
        /// What to call each, and its bytes.
        contents: Vec<(String, Vec<u8>)>,
        /// The digest that it is said to have, where it is one and somebody says so.
        expected: Option<Digest>,
    },
}

/// Bytes that were recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognized {
    /// What they are.
    pub kind: Kind,
    /// What they are in words that follow `is`: `an image config for linux/amd64`.
    pub name: String,
    /// What to do with them, as a sentence; empty where `next` says it.
    pub advice: &'static str,
    /// Where to go on, the best way first.
    pub next: Vec<Next>,
    /// Of an image config, what it says, and what is wrong in it.
    pub config: Option<Box<(ImageConfig, Vec<Finding>)>>,
}

impl Recognized {
    fn new(kind: Kind, name: impl Into<String>, advice: &'static str) -> Self {
        Self {
            kind,
            name: name.into(),
            advice,
            next: Vec::new(),
            config: None,
        }
    }

    /// With a reference to go on with, where the text is one. A digest beside it is pinned.
    fn with_reference(mut self, name: Option<&str>, digest: Option<&str>) -> Self {
        let reference = name.and_then(|name| name.parse::<Reference>().ok());
        let reference = match (reference, digest.map(str::parse)) {
            (Some(reference), Some(Ok(digest))) => Some(reference.without_digest().pinned(digest)),
            (reference, _) => reference,
        };
        let next = reference.map(Next::Reference);
        self.next.extend(next);
        self
    }

    /// With one content to go on with.
    fn with_content(mut self, name: &str, bytes: Vec<u8>, expected: Option<Digest>) -> Self {
        self.next.push(Next::Contents {
            contents: vec![(name.to_owned(), bytes)],
            expected,
        });
        self
    }
}

/// How deep contents inside of others are looked at.
const DEPTH: usize = 3;

/// How many characters of a text from inside stand in a name.
const CHARACTERS: usize = 200;

/// Says what bytes are that are no manifest.
///
/// `None` for a manifest, for an object that looks like a broken or unknown one, for JSON that is
/// broken, and for nothing at all: of those, [`Manifest::read`](crate::manifest::Manifest::read)
/// tells more.
///
/// ```
/// use waybill_core::recognize::{Kind, Next, recognize};
///
/// let saved = br#"[{"Config":"a.json","RepoTags":["registry.example/app:1"],"Layers":[]}]"#;
/// let known = recognize(saved).expect("docker save writes it");
/// assert_eq!(known.kind, Kind::SaveManifest);
/// assert!(matches!(&known.next[0], Next::Reference(it) if it.familiar() == "registry.example/app:1"));
///
/// let login = br#"{"auths":{"registry.example":{"auth":"dTpw"}}}"#;
/// assert!(recognize(login).is_some_and(|known| known.kind.holds_credentials()));
/// assert_eq!(recognize(br#"{"schemaVersion":2,"manifests":[]}"#), None);
/// ```
#[must_use]
pub fn recognize(bytes: &[u8]) -> Option<Recognized> {
    inside(bytes, DEPTH)
}

/// Whether bytes hold a secret, so that nothing of them may be kept.
#[must_use]
pub fn holds_credentials(bytes: &[u8]) -> Option<String> {
    if is_manifest_alone(bytes) {
        return None;
    }
    let known = recognize(bytes)?;
    known.kind.holds_credentials().then_some(known.name)
}

/// Whether bytes are one JSON object with a `schemaVersion` and nothing behind it, which
/// [`recognize`] takes for a manifest: told by a look for that member, without making the values.
fn is_manifest_alone(bytes: &[u8]) -> bool {
    let wanted = [
        ("/schemaVersion", Occurrence::First),
        ("", Occurrence::Behind),
    ];
    let places = json::places(bytes, wanted);
    let [Some(version), None] = &places[..] else {
        return false;
    };
    let text = str::from_utf8(&bytes[version.range.clone()]);
    version.exact && text.is_ok_and(|text| text.parse::<u64>().is_ok())
}

fn inside(bytes: &[u8], depth: usize) -> Option<Recognized> {
    let depth = depth.checked_sub(1)?;
    match json::read_any(bytes) {
        Ok((value, _, trailing)) => {
            let behind = |at| inside(&bytes[at..], depth);
            // A text that begins with a word or a number is no JSON with something behind it.
            match (&value, trailing) {
                (Value::Object(_) | Value::Array(_), Some(at)) => secret::in_value(&value)
                    .or_else(|| behind(at).filter(|known| known.kind.holds_credentials()))
                    .or_else(|| document::of(&value, bytes))
                    .or_else(|| text::behind_json(&value, bytes, at)),
                (Value::String(text), None) if text.trim_start().starts_with(['{', '[']) => {
                    let name = "JSON inside of a string";
                    Some(text::wrapped(name, text.as_bytes().into(), depth))
                }
                // A word or a number alone is JSON too.
                (_, None) => secret::in_value(&value).or_else(|| document::of(&value, bytes)),
                (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_), Some(_)) => {
                    text::of(bytes, depth)
                }
            }
        }
        Err(JsonError {
            reason: Reason::Archive { what },
            ..
        }) => Some(archive(what)),
        Err(JsonError {
            reason: Reason::Empty,
            ..
        }) => None,
        Err(_) => text::of(bytes, depth),
    }
}

fn archive(what: &str) -> Recognized {
    let advice = "Unpack it and drop the files inside: index.json of an OCI layout and its blobs, \
                  or manifest.json.";
    Recognized::new(Kind::Archive, what, advice)
}

/// Whether a member is there, `null` or not: tools write `null` for what is empty.
fn has(object: &Object<'_>, name: &str) -> bool {
    object.iter().any(|(other, _)| other == name)
}

/// A member that is a text.
fn text_of<'a>(object: &'a Object<'_>, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str()
}

/// A member that is an array; none where it is something else.
fn array_of<'a, 'b>(object: &'a Object<'b>, name: &str) -> &'a [Value<'b>] {
    let values = object.get(name).and_then(Value::as_array);
    values.unwrap_or_default()
}

/// The texts of a member that is an array.
fn texts<'a>(object: &'a Object<'_>, name: &str) -> impl Iterator<Item = &'a str> {
    array_of(object, name).iter().filter_map(Value::as_str)
}

/// A member that is an object.
fn object_of<'a, 'b>(object: &'a Object<'b>, name: &str) -> Option<&'a Object<'b>> {
    object.get(name)?.as_object()
}

/// The beginning of a text from inside, as it stands in a name.
fn cut(text: &str) -> &str {
    humanize::start(text, CHARACTERS)
}
