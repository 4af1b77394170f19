//! Descriptors: what a manifest says of another content.
//!
//! Here a descriptor is read, and what it says of itself is checked: its members, its embedded
//! data, the empty descriptor. What a format asks of the place where it stands (a config, a
//! layer, an entry) is in [`crate::manifest`].
//!
//! Reading is lenient: a member that is wrong is absent with a finding, and the rest is read.
//! So each part of a [`Descriptor`] is an `Option` or may be empty, and whoever needs one says
//! what follows without it: no digest, nothing to fetch.
//!
//! Longer than most files: one type with all its members, read and checked in their order.

pub(crate) mod platform;

use crate::annotation;
use crate::annotation::Annotations;
use crate::base64;
use crate::digest::Digest;
use crate::finding::Code;
use crate::json::Pointer;
use crate::lenient::{Field, Fields, Reader};
use crate::media_type::MediaType;
use crate::platform::Platform;

/// A descriptor as it was written; members that were missing or unreadable are `None`, and a
/// finding says so.
///
/// Source: image-spec `descriptor.md`; for Docker lists distribution `manifest-v2-2.md`.
///
/// ```
/// use waybill_core::manifest::{Manifest, detect::DeclaredTypes};
///
/// let hex = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
/// let bytes = format!(
///     r#"{{"schemaVersion":2,"layers":[],"config":{{
///         "mediaType":"application/vnd.oci.image.config.v1+json",
///         "digest":"sha256:{hex}","size":-2,"annotations":{{"org.example.a":"b"}}}}}}"#
/// );
/// let (manifest, findings) = Manifest::read(bytes.into_bytes(), &DeclaredTypes::none())?;
/// let config = manifest.image().and_then(|image| image.config.as_ref()).expect("a config");
/// assert_eq!(config.digest.as_ref().map(|digest| digest.encoded()), Some(hex));
/// assert_eq!(config.annotation("org.example.a"), Some("b"));
/// // A size cannot be negative: it is absent here, and a finding says why.
/// assert_eq!(config.size, None);
/// assert!(findings.iter().any(|finding| finding.pointer == "/config/size"));
/// # Ok::<(), waybill_core::json::JsonError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Descriptor {
    /// Where the descriptor stands in its manifest.
    pub pointer: Pointer,
    /// The media type of the content: required (`mediaType`).
    pub media_type: Option<MediaType>,
    /// The digest of the content: required (`digest`). `None` also where the text is no digest.
    pub digest: Option<Digest>,
    /// The digest as it was written, also where it is no digest; empty where it is missing or
    /// no text.
    pub digest_text: String,
    /// The size of the content in bytes: required (`size`), from 0 to 2^63-1.
    pub size: Option<u64>,
    /// Other addresses of the content: shown as text, never fetched.
    pub urls: Vec<String>,
    /// Annotations in the author's order.
    pub annotations: Annotations,
    /// The content itself, where it is embedded (`data`), decoded from base64. It may not be
    /// what the digest names: then there is a finding, and nothing takes it for the content.
    pub data: Option<Vec<u8>>,
    /// The platform, in a list's entry. Docker requires one, OCI does not.
    pub platform: Option<Platform>,
    /// The artifact type, in an index's entry.
    pub artifact_type: Option<MediaType>,
    /// Members that no specification names, as JSON text.
    pub unknown: Vec<(String, String)>,
}

/// The members of a descriptor that are read; others are kept as unknown, and names that
/// differ from these only in case have a finding.
const MEMBERS: &[&str] = &[
    "mediaType",
    "digest",
    "size",
    "urls",
    "annotations",
    "data",
    "platform",
    "artifactType",
];

/// The annotation that says what an entry is that is no image.
pub(crate) const REFERENCE_TYPE: &str = "vnd.docker.reference.type";
/// The annotation that names the digest an attestation is about.
pub(crate) const REFERENCE_DIGEST: &str = "vnd.docker.reference.digest";

/// The digest of `{}`, the content of the empty descriptor.
pub(crate) const EMPTY_DIGEST: &str =
    "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

impl Descriptor {
    /// Returns the value of an annotation; of several with one name the last, see
    /// [`Annotations::get`].
    #[must_use]
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.get(name)
    }

    /// Returns the digest of the image this entry attests, where it is a `BuildKit` attestation.
    ///
    /// It is text as the author wrote it, and may name no entry of the list. Source: `BuildKit`,
    /// `attestation-storage.md`.
    ///
    /// Empty text where the entry says that it is an attestation and not of what.
    #[must_use]
    pub fn attests(&self) -> Option<&str> {
        (self.annotation(REFERENCE_TYPE) == Some("attestation-manifest"))
            .then(|| self.annotation(REFERENCE_DIGEST).unwrap_or_default())
    }

    /// Returns the name that an entry goes by, as in the `index.json` of an OCI layout: the whole
    /// image name where containerd wrote it, else the tag.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let names = [
            "io.containerd.image.name",
            "org.opencontainers.image.ref.name",
        ];
        let name = names.into_iter().find_map(|name| self.annotation(name));
        name.filter(|name| !name.is_empty())
    }

    /// Says what an entry of a list is: its platform; of an artifact its type, and the platform
    /// that it is about; where neither tells it, its name, or the type of what it names.
    ///
    /// ```
    /// use waybill_core::{descriptor::Descriptor, media_type::MediaType};
    ///
    /// let entry = Descriptor {
    ///     artifact_type: Some(MediaType::new("application/vnd.amazon.soci.index.v2+json")),
    ///     platform: Some("linux/amd64".parse()?),
    ///     ..Descriptor::default()
    /// };
    /// assert_eq!(entry.title(), "application/vnd.amazon.soci.index.v2+json for linux/amd64");
    /// assert_eq!(Descriptor::default().title(), "no platform");
    /// # Ok::<(), waybill_core::platform::PlatformError>(())
    /// ```
    #[must_use]
    pub fn title(&self) -> String {
        let platform = self.platform.as_ref().filter(|it| it.names_machine());
        let artifact = self
            .artifact_type
            .as_ref()
            .filter(|it| !it.is_image_config());
        let media_type = self.media_type.as_ref();
        let other = media_type.filter(|it| !it.is_manifest());
        match (artifact.or(other), platform) {
            (Some(kind), Some(platform)) => format!("{kind} for {platform}"),
            (None, Some(platform)) => platform.to_string(),
            (kind, None) => match (self.name(), kind) {
                (Some(name), _) => name.to_owned(),
                (None, Some(kind)) => kind.to_string(),
                (None, None) if media_type.is_some_and(MediaType::is_list) => "list".to_owned(),
                (None, None) if self.platform.as_ref().is_some_and(Platform::is_unknown) => {
                    "unknown/unknown".to_owned()
                }
                (None, None) => "no platform".to_owned(),
            },
        }
    }

    /// Returns the content where `data` holds it: only bytes that have the digest.
    ///
    /// It spares a fetch, and cannot bring in content that the digest does not name. The size
    /// is not asked: where it differs there is a finding, and comparing the content tells it.
    #[must_use]
    pub fn embedded(&self) -> Option<&[u8]> {
        let digest = self.digest.as_ref()?;
        self.data
            .as_deref()
            .filter(|data| digest.check(data) == Some(true))
    }

    /// Reads a descriptor; where the value is no object, all but its place is empty.
    pub(crate) fn read(field: Field<'_>) -> Self {
        let mut descriptor = Self {
            pointer: field.pointer(),
            ..Self::default()
        };
        let Some(fields) = field.fields("a descriptor") else {
            return descriptor;
        };
        let reader = fields.reader();
        let is_any_unknown = fields.names(MEMBERS);
        let required = fields.required();
        descriptor.media_type = required.media_type("mediaType");
        if descriptor.media_type.is_none() {
            fields.find_empty("mediaType", Code::MissingField);
            fields.require("mediaType");
        }
        match required.text("digest") {
            Some(text) => {
                descriptor.digest = reader.digest(&text, || fields.pointer_to("digest"));
                descriptor.digest_text = text;
            }
            None => fields.require("digest"),
        }
        descriptor.size = required.size("size");
        if descriptor.size.is_none() {
            fields.require("size");
        }
        descriptor.urls = fields.texts("urls");
        check_urls(&fields, &descriptor.urls);
        descriptor.annotations = annotation::read(&fields);
        descriptor.artifact_type = fields.media_type("artifactType");
        fields.find_empty("artifactType", Code::MediaTypeMalformed);
        descriptor.platform = fields.object("platform").map(|it| platform::read(&it));
        if let Some(text) = fields.text("data") {
            descriptor.data = read_data(reader, &descriptor, &text);
        }
        let is_said = check_empty(reader, &descriptor);
        if descriptor.size == Some(0) && !is_said {
            fields.find_at("size", Code::EmptyContent, "size is 0");
        }
        if is_any_unknown {
            descriptor.unknown = fields.unknown(MEMBERS);
        }
        descriptor
    }
}

/// Says what is odd in the addresses: that there are any, the first that is no URI, the first
/// that begins with another scheme than http or https.
///
/// Said once a descriptor and kind: an image may be made of such layers only.
fn check_urls(fields: &Fields<'_>, urls: &[String]) {
    let Some(first) = urls.first() else {
        return;
    };
    let message = format!("{} addresses, the first is {first:?}", urls.len());
    fields.find_at("urls", Code::DescriptorUrls, message);
    let find = |index, code, message| {
        let pointer = fields.pointer_to("urls").element(index);
        fields.reader().find(code, pointer, message);
    };
    let is_malformed = |url: &str| !annotation::is_uri_text(url);
    let mut elements = fields.text_elements("urls");
    if let Some((index, url)) = elements.find(|(_, url)| is_malformed(url)) {
        find(index, Code::UrlMalformed, format!("{url:?} is not a URI"));
    }
    let starts_with = |url: &str, scheme: &str| {
        url.get(..scheme.len())
            .is_some_and(|it| it.eq_ignore_ascii_case(scheme))
    };
    let is_other = |url: &str| {
        !is_malformed(url)
            && !["https://", "http://"]
                .iter()
                .any(|it| starts_with(url, it))
    };
    let mut elements = fields.text_elements("urls");
    if let Some((index, url)) = elements.find(|(_, url)| is_other(url)) {
        let message = format!("{url:?} begins with neither http:// nor https://");
        find(index, Code::UrlScheme, message);
    }
}

/// The empty type says that the content is `{}`, and so does the digest of `{}`.
///
/// Either one asks for the size 2, and the type for the digest as well, in whatever algorithm
/// that can be computed here. The size goes first, so there is at most one finding. The digest
/// of `{}` under another media type is fine. Returns whether there is one.
fn check_empty(reader: &Reader, descriptor: &Descriptor) -> bool {
    let is_digest = descriptor.digest_text == EMPTY_DIGEST;
    let is_type = descriptor.media_type.as_ref() == Some(&MediaType::OCI_EMPTY);
    if let Some(size) = descriptor
        .size
        .filter(|size| *size != 2 && (is_digest || is_type))
    {
        let message = format!("size is {size}, that of the empty content is 2");
        reader.find(
            Code::EmptyDescriptor,
            descriptor.pointer.child("size"),
            message,
        );
        true
    } else if is_type
        && descriptor
            .digest
            .as_ref()
            .and_then(|digest| digest.check(b"{}"))
            == Some(false)
    {
        let message = format!(
            "digest is {}, that of the empty content is {EMPTY_DIGEST}",
            descriptor.digest_text
        );
        reader.find(
            Code::EmptyDescriptor,
            descriptor.pointer.child("digest"),
            message,
        );
        true
    } else {
        false
    }
}

/// Embedded data is padded standard base64, and has to be the content: its size and digest are
/// checked at once.
///
/// Data that is not base64 is `None`; data of another size or digest is returned all the same,
/// to be shown, with one finding. [`Descriptor::embedded`] holds data of another digest back
/// from whoever wants the content.
fn read_data(reader: &Reader, descriptor: &Descriptor, text: &str) -> Option<Vec<u8>> {
    let pointer = descriptor.pointer.child("data");
    let Some(data) = base64::decode(text) else {
        reader.find(
            Code::DataMismatch,
            pointer,
            "data is not padded standard base64",
        );
        return None;
    };
    if let Some(size) = descriptor.size.filter(|size| *size != data.len() as u64) {
        reader.find(
            Code::DataMismatch,
            pointer,
            format!("data is {} bytes, size says {size}", data.len()),
        );
    } else if descriptor
        .digest
        .as_ref()
        .and_then(|digest| digest.check(&data))
        == Some(false)
    {
        reader.find(
            Code::DataMismatch,
            pointer,
            format!("data hashes to {}", Digest::sha256(&data)),
        );
    }
    Some(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> (Descriptor, Vec<String>) {
        let json = format!("{{\"d\":{json}}}");
        let document = crate::json::read(json.as_bytes()).expect("an object");
        let reader = Reader::new(Vec::new());
        let fields = Fields::root(&reader, &document.object);
        let descriptor = Descriptor::read(fields.field("d").expect("it is there"));
        (
            descriptor,
            reader
                .into_findings()
                .iter()
                .map(|f| format!("{} {}: {}", f.code, f.pointer, f.message))
                .collect(),
        )
    }

    const EMPTY: &str = r#""mediaType":"a/b","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a""#;

    #[test]
    fn a_good_descriptor_has_no_finding() {
        let (descriptor, findings) = read(&format!(
            "{{{EMPTY},\"size\":2,\"data\":\"e30=\",\"x\":[1]}}"
        ));
        assert_eq!(findings, [""; 0]);
        assert_eq!(descriptor.data.as_deref(), Some(&b"{}"[..]));
        assert_eq!(descriptor.unknown, [("x".to_owned(), "[1]".to_owned())]);
    }

    #[test]
    fn what_is_wrong_is_said_and_the_rest_is_read() {
        let (_, findings) = read(&format!(
            "{{{EMPTY},\"size\":-1,\"data\":\"e30\",\"urls\":[\"x\",3],\"Data\":4,\"DATA\":4,\"Platform\":{{}}}}"
        ));
        assert_eq!(
            findings,
            [
                "case-variant-name /d/Platform: \"Platform\" differs only in case from \"platform\"",
                "size-invalid /d/size: size is -1, it has to be a whole number from 0 to 2^63-1",
                "wrong-type /d/urls/1: 1 is a number, it has to be a string",
                "descriptor-urls /d/urls: 1 addresses, the first is \"x\"",
                "url-scheme /d/urls/0: \"x\" begins with neither http:// nor https://",
                "data-mismatch /d/data: data is not padded standard base64",
            ]
        );
        let (_, findings) =
            read(r#"{"mediaType":"a","digest":"sha256:0","size":9223372036854775808}"#);
        assert_eq!(
            findings,
            [
                "media-type-malformed /d/mediaType: mediaType is \"a\", it has to be of the form type/subtype",
                "digest-malformed /d/digest: digest hex is 1 characters, sha256 needs 64",
                "size-invalid /d/size: size is 9223372036854775808, it has to be a whole number from 0 to 2^63-1",
            ]
        );
    }

    #[test]
    fn a_place_among_the_urls_counts_what_is_no_text_as_well() {
        let (_, findings) = read(&format!(
            "{{{EMPTY},\"size\":2,\"urls\":[3,\"a b\",null,\"ftp://x\"]}}"
        ));
        assert_eq!(
            findings,
            [
                "wrong-type /d/urls/0: 0 is a number, it has to be a string",
                "null-value /d/urls/2: 2 is null, it has to be a string; clients in Go read \"\"",
                "descriptor-urls /d/urls: 2 addresses, the first is \"a b\"",
                "url-malformed /d/urls/1: \"a b\" is not a URI",
                "url-scheme /d/urls/3: \"ftp://x\" begins with neither http:// nor https://",
            ]
        );
    }

    #[test]
    fn of_two_annotations_of_one_name_the_last_counts() {
        let (descriptor, _) = read(&format!(
            "{{{EMPTY},\"size\":2,\"annotations\":{{\"vnd.docker.reference.type\":\"x\",\
            \"vnd.docker.reference.digest\":\"one\",\"vnd.docker.reference.digest\":\"two\",\
            \"vnd.docker.reference.type\":\"attestation-manifest\"}}}}"
        ));
        assert_eq!(descriptor.attests(), Some("two"));
        let digest = descriptor.annotation(REFERENCE_DIGEST);
        assert_eq!(digest, descriptor.annotations.get(REFERENCE_DIGEST));
    }

    #[test]
    fn embedded_data_must_be_the_content() {
        let (_, findings) = read(&format!("{{{EMPTY},\"size\":3,\"data\":\"e30=\"}}"));
        let (mismatch, empty) = (
            "data-mismatch /d/data: data is 2 bytes, size says 3",
            "empty-descriptor /d/size: size is 3, that of the empty content is 2",
        );
        assert_eq!(findings, [mismatch, empty]);
        let (_, findings) = read(&format!("{{{EMPTY},\"size\":2,\"data\":\"W10=\"}}"));
        assert!(
            findings[0]
                .starts_with("data-mismatch /d/data: data hashes to sha256:4f53cda18c2baa0c")
        );
    }
}
