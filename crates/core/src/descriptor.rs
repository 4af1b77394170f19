//! Descriptors: what a manifest says of another content.

use base64::Engine as _;

use crate::digest::Digest;
use crate::finding::Code;
use crate::json::{Object, Value, child_pointer};
use crate::media_type::MediaType;
use crate::platform::Platform;
use crate::reader::{Reader, unknown};

/// A descriptor as it was written; members that were missing or unreadable are `None`, and a finding says so.
///
/// Source: image-spec `descriptor.md`; for Docker lists distribution `manifest-v2-2.md`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Descriptor {
    /// Where the descriptor stands in its manifest, as a JSON pointer.
    pub pointer: String,
    /// The media type of the content.
    pub media_type: Option<MediaType>,
    /// The digest of the content.
    pub digest: Option<Digest>,
    /// The digest as it was written, also where it is no digest.
    pub digest_text: String,
    /// The size of the content in bytes.
    pub size: Option<u64>,
    /// Other addresses of the content: shown as text, never fetched.
    pub urls: Vec<String>,
    /// Annotations in the author's order.
    pub annotations: Vec<(String, String)>,
    /// The content itself, where it is embedded.
    pub data: Option<Vec<u8>>,
    /// The platform, in a list's entry.
    pub platform: Option<Platform>,
    /// The artifact type, in an index's entry.
    pub artifact_type: Option<MediaType>,
    /// Members that no specification names, as JSON text.
    pub unknown: Vec<(String, String)>,
}

const MEMBERS: &[&str] = &["mediaType", "digest", "size", "urls", "annotations", "data", "platform", "artifactType"];
const PLATFORM_MEMBERS: &[&str] = &["architecture", "os", "os.version", "os.features", "variant", "features"];

/// The annotation that names the digest an attestation is about.
const ATTESTED_DIGEST: &str = "vnd.docker.reference.digest";

impl Descriptor {
    /// The value of an annotation.
    #[must_use]
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The digest of the image this entry attests, where it is a `BuildKit` attestation.
    ///
    /// Empty text where the entry says that it is an attestation and not of what.
    #[must_use]
    pub fn attests(&self) -> Option<&str> {
        (self.annotation("vnd.docker.reference.type") == Some("attestation-manifest"))
            .then(|| self.annotation(ATTESTED_DIGEST).unwrap_or_default())
    }

    /// Reads the descriptor that stands at `pointer`.
    pub(crate) fn read(reader: &mut Reader, value: &Value<'_>, pointer: &str) -> Self {
        let mut descriptor = Self { pointer: pointer.to_owned(), ..Self::default() };
        let Value::Object(object) = value else {
            reader.find(Code::WrongType, pointer, format!("{}, a descriptor is an object", value.kind()));
            return descriptor;
        };
        reader.names(object, pointer, MEMBERS);
        descriptor.media_type = reader.media_type(object, pointer, "mediaType");
        if object.get("mediaType").is_none() {
            reader.missing(pointer, "mediaType");
        }
        match reader.text(object, pointer, "digest") {
            Some(text) => {
                descriptor.digest = reader.digest(child_pointer(pointer, "digest"), &text);
                descriptor.digest_text = text;
            }
            None if object.get("digest").is_none() => reader.missing(pointer, "digest"),
            None => {}
        }
        descriptor.size = reader.size(object, pointer, "size");
        if object.get("size").is_none() {
            reader.missing(pointer, "size");
        }
        descriptor.urls = reader.texts(object, pointer, "urls");
        if let Some(url) = descriptor.urls.first() {
            let message = format!("{} addresses, the first is {url:?}", descriptor.urls.len());
            reader.find(Code::DescriptorUrls, child_pointer(pointer, "urls"), message);
        }
        descriptor.annotations = reader.text_map(object, pointer, "annotations");
        descriptor.artifact_type = reader.media_type(object, pointer, "artifactType");
        descriptor.platform = reader
            .object(object, pointer, "platform")
            .map(|platform| read_platform(reader, platform, &child_pointer(pointer, "platform")));
        if let Some(text) = reader.text(object, pointer, "data") {
            descriptor.data = read_data(reader, &descriptor, &text);
        }
        descriptor.unknown = unknown(object, MEMBERS);
        descriptor
    }
}

fn read_platform(reader: &mut Reader, object: &Object<'_>, pointer: &str) -> Platform {
    reader.names(object, pointer, PLATFORM_MEMBERS);
    for name in ["architecture", "os"] {
        if object.get(name).is_none() {
            reader.find(Code::PlatformIncomplete, pointer, format!("{name} is missing"));
        }
    }
    Platform {
        architecture: reader.text(object, pointer, "architecture").unwrap_or_default(),
        os: reader.text(object, pointer, "os").unwrap_or_default(),
        os_version: reader.text(object, pointer, "os.version"),
        os_features: reader.texts(object, pointer, "os.features"),
        variant: reader.text(object, pointer, "variant"),
        features: reader.texts(object, pointer, "features"),
    }
}

/// Embedded data is padded standard base64, and has to be the content: its size and digest are checked at once.
fn read_data(reader: &mut Reader, descriptor: &Descriptor, text: &str) -> Option<Vec<u8>> {
    let pointer = child_pointer(&descriptor.pointer, "data");
    let Ok(data) = base64::engine::general_purpose::STANDARD.decode(text) else {
        reader.find(Code::DataMismatch, pointer, "data is not padded standard base64");
        return None;
    };
    if let Some(size) = descriptor.size.filter(|size| *size != data.len() as u64) {
        reader.find(Code::DataMismatch, pointer, format!("data is {} bytes, size says {size}", data.len()));
    } else if descriptor.digest.as_ref().and_then(|digest| digest.check(&data)) == Some(false) {
        reader.find(Code::DataMismatch, pointer, format!("data hashes to {}", Digest::sha256(&data)));
    }
    Some(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> (Descriptor, Vec<String>) {
        let document = crate::json::read(json.as_bytes()).expect("an object");
        let mut reader = Reader::default();
        let descriptor = Descriptor::read(&mut reader, &Value::Object(document.object), "/d");
        (descriptor, reader.findings.iter().map(|f| format!("{} {}: {}", f.code, f.pointer, f.message)).collect())
    }

    const EMPTY: &str =
        r#""mediaType":"a/b","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a""#;

    #[test]
    fn a_good_descriptor_has_no_finding() {
        let (descriptor, findings) = read(&format!("{{{EMPTY},\"size\":2,\"data\":\"e30=\",\"x\":[1]}}"));
        assert_eq!(findings, [""; 0]);
        assert_eq!(descriptor.data.as_deref(), Some(&b"{}"[..]));
        assert_eq!(descriptor.unknown, [("x".to_owned(), "[1]".to_owned())]);
    }

    #[test]
    fn what_is_wrong_is_said_and_the_rest_is_read() {
        let (_, findings) = read(&format!("{{{EMPTY},\"size\":-1,\"data\":\"e30\",\"urls\":[\"x\",3],\"Size\":4}}"));
        assert_eq!(
            findings,
            [
                "case-variant-name /d/Size: \"Size\" differs only in case from \"size\"",
                "size-invalid /d/size: size is -1, it has to be a whole number from 0 to 2^63-1",
                "wrong-type /d/urls/1: 1 is a number, it has to be a string",
                "descriptor-urls /d/urls: 1 addresses, the first is \"x\"",
                "data-mismatch /d/data: data is not padded standard base64",
            ]
        );
        let (_, findings) = read(&format!("{{{EMPTY},\"size\":2,\"data\":\"e31=\",\"digest\":\"\"}}"));
        assert_eq!(findings[0], "duplicate-name /d/digest: \"digest\" stands here more than once");
        let (_, findings) = read(r#"{"mediaType":"a","digest":"sha256:0","size":9223372036854775808}"#);
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
    fn embedded_data_must_be_the_content() {
        let (_, findings) = read(&format!("{{{EMPTY},\"size\":3,\"data\":\"e30=\"}}"));
        assert_eq!(findings, ["data-mismatch /d/data: data is 2 bytes, size says 3"]);
        let (_, findings) = read(&format!("{{{EMPTY},\"size\":2,\"data\":\"W10=\"}}"));
        assert!(findings[0].starts_with("data-mismatch /d/data: data hashes to sha256:4f53cda18c2baa0c"));
    }
}
