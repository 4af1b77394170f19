//! The signature block of signed schema 1: which bytes were signed, and by which keys.
//!
//! The digest of a signed manifest covers the payload, `body[..formatLength]` followed by
//! `formatTail`, with both numbers from the block. Source: docker/libtrust `jsonsign.go`;
//! distribution `manifest-v2-1.md`, "Signed Manifests".
//!
//! A signature is of `protected`, as it is written, a dot, and the payload in base64url (RFC 7515,
//! section 5.2), and each entry brings its own key. So a signature that holds shows that nothing
//! was changed since, and never who made it. Nothing is checked here, since the means are the
//! browser's: [`SignatureCheck`] is what they need.
//!
//! `read` takes the whole block for a manifest that is shown, `payload` only the payload, for
//! the search for the cause of a digest's difference. The page then takes [`Signed::checks`]
//! one by one to the browser.

mod check;
mod error;
mod key;

use crate::base64;
use crate::finding::Code;
use crate::json::{self, Object, Value};
use crate::lenient::Reader;
use crate::limits;

pub use check::{Checked, NotChecked, SignatureAlgorithm, SignatureCheck};
pub use error::{SignatureBlockError, SignatureError};
pub use key::{KeyKind, PublicKey};

/// The payload that was signed, and the signatures.
///
/// It stands in [`Image::signed`](crate::manifest::Image::signed), and is made only where the
/// payload could be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The bytes that the digest covers.
    pub payload: Vec<u8>,
    /// The first [`SIGNATURES_READ`](limits::SIGNATURES_READ) signatures.
    pub signatures: Vec<Signature>,
    /// How many more there are. They agree on the payload, and are not checked.
    pub more: usize,
}

/// One signature, as the block has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The algorithm as the header states it, such as `ES256`.
    pub algorithm: Option<String>,
    /// The id of the key as the header states it.
    ///
    /// It is `header.jwk.kid`; a value that is no string is kept as JSON text.
    pub stated_key_id: Option<String>,
    /// The id of the key, computed; `None` where no key can be read.
    pub key_id: Option<String>,
    /// What a check needs, or why there can be none.
    ///
    /// An error is of this signature alone, and is a finding at its index.
    pub content: Result<Content, SignatureError>,
}

/// What a check needs of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    algorithm: SignatureAlgorithm,
    key: PublicKey,
    /// As it was written: it is a part of what was signed.
    protected: String,
    signature: Vec<u8>,
}

impl Signed {
    /// What to check, for each signature; `None` where its content says why it cannot be.
    ///
    /// Each holds its own copy of the payload, so take them one by one.
    ///
    /// They come in the order of [`signatures`](Self::signatures), so the results of the
    /// checks go by index.
    pub fn checks(&self) -> impl Iterator<Item = Option<SignatureCheck>> {
        self.signatures.iter().map(|signature| {
            let Content {
                algorithm,
                key,
                protected,
                signature,
            } = signature.content.clone().ok()?;
            // RFC 7515, 5.2: what was signed is the protected header as it stands, a dot, and the payload in base64url.
            let payload = base64::encode_for_url(&self.payload);
            let signing_input = [protected, payload].join(".");
            Some(SignatureCheck {
                algorithm,
                key,
                signing_input: signing_input.into_bytes(),
                signature,
            })
        })
    }

    /// Finds what can be seen of the signatures without checking them.
    ///
    /// A signature that cannot be used is told at `/signatures/INDEX`: as unchecked where it
    /// may be good and of a kind that is not known here, as malformed where it is broken. A
    /// stated key id that is not the computed one is told at its `kid`.
    pub(super) fn find(&self, reader: &Reader) {
        for (index, signature) in self.signatures.iter().enumerate() {
            if let Err(error) = &signature.content {
                let code = if error.is_unknown() {
                    Code::SignatureUnchecked
                } else {
                    Code::SignatureMalformed
                };
                reader.find(code, format!("/signatures/{index}"), error.to_string());
            }
            if let (Some(stated), Some(computed)) = (&signature.stated_key_id, &signature.key_id)
                && stated != computed
            {
                let message = format!("kid is {stated:?}, the key's id is {computed}");
                reader.find(
                    Code::SignatureKeyId,
                    format!("/signatures/{index}/header/jwk/kid"),
                    message,
                );
            }
        }
        if self.more > 0 {
            let (all, read) = (self.signatures.len() + self.more, self.signatures.len());
            reader.find(
                Code::SignatureUnchecked,
                "/signatures",
                format!("the first {read} of {all} are checked"),
            );
        }
    }
}

/// The payload and the signatures of a signed manifest.
///
/// A signature whose key or algorithm cannot be used does not spoil the others, nor the payload: it
/// says why in its [`content`](Signature::content). An error is a block from which no payload can
/// be told.
pub(super) fn read(body: &[u8], object: &Object<'_>) -> Result<Signed, SignatureBlockError> {
    let payload = payload(body, object)?;
    let entries = object
        .get("signatures")
        .and_then(Value::as_array)
        .unwrap_or_default();
    let signatures: Vec<_> = entries
        .iter()
        .take(limits::SIGNATURES_READ)
        .map(signature)
        .collect();
    let more = entries.len() - signatures.len();
    Ok(Signed {
        payload,
        signatures,
        more,
    })
}

/// The payload of a signed manifest. All entries have to agree on it.
///
/// `formatLength` counts bytes of the body as it was received: white space in front, or
/// changed line ends, give another payload.
///
/// An error where there is no entry, where entries disagree, or where the length is negative,
/// fractional or longer than the body.
pub(crate) fn payload(body: &[u8], object: &Object<'_>) -> Result<Vec<u8>, SignatureBlockError> {
    let entries = object
        .get("signatures")
        .and_then(Value::as_array)
        .ok_or(SignatureBlockError::NotAnArray)?;
    let mut agreed: Option<(usize, Vec<u8>)> = None;
    for (index, entry) in entries.iter().enumerate() {
        let parts = payload_parts(body.len(), entry, index)?;
        if agreed.as_ref().is_some_and(|first| *first != parts) {
            return Err(SignatureBlockError::Disagree { index });
        }
        agreed = Some(parts);
    }
    let (length, tail) = agreed.ok_or(SignatureBlockError::Empty)?;
    Ok([&body[..length], &tail].concat())
}

/// How many of the body's bytes an entry says the payload begins with, and those that follow them.
///
/// Both stand in `protected`, which is base64url without padding of a JSON object with
/// `formatLength` and `formatTail`. Source: docker/libtrust `jsonsign.go`, `ParsePrettySignature`.
fn payload_parts(
    body: usize,
    entry: &Value<'_>,
    index: usize,
) -> Result<(usize, Vec<u8>), SignatureBlockError> {
    let protected = member(entry, "protected").and_then(Value::as_str);
    let protected = protected.and_then(base64::decode_from_url);
    let protected = protected.ok_or(SignatureBlockError::Protected { index })?;
    let header = json::read(&protected).map_err(|_| SignatureBlockError::Protected { index })?;
    let stated = header.object.get("formatLength");
    let length = stated
        .and_then(Value::as_u64)
        .and_then(|length| usize::try_from(length).ok());
    let length = length.filter(|length| *length <= body).ok_or_else(|| {
        SignatureBlockError::FormatLength {
            index,
            found: stated.map_or_else(|| "missing".to_owned(), Value::to_text),
            body,
        }
    })?;
    let tail = header.object.get("formatTail").and_then(Value::as_str);
    let tail = tail.and_then(base64::decode_from_url);
    Ok((
        length,
        tail.ok_or(SignatureBlockError::FormatTail { index })?,
    ))
}

/// Returns a member of a value; `None` where the value is no object.
fn member<'a, 'b>(entry: &'b Value<'a>, name: &str) -> Option<&'b Value<'a>> {
    entry.as_object().and_then(|entry| entry.get(name))
}

/// Reads one entry. What the header states is kept as it stands, also where it is of another type
/// than text.
///
/// Never an error: what is wrong is kept in [`Signature::content`].
fn signature(entry: &Value<'_>) -> Signature {
    let header = member(entry, "header").and_then(Value::as_object);
    let text = |value: &Value<'_>| {
        value
            .as_str()
            .map_or_else(|| value.to_text(), str::to_owned)
    };
    let jwk = header
        .and_then(|header| header.get("jwk"))
        .and_then(Value::as_object);
    let algorithm = header.and_then(|header| header.get("alg")).map(text);
    let key = header
        .ok_or(SignatureError::NoKey)
        .and_then(PublicKey::of_header);
    Signature {
        stated_key_id: jwk.and_then(|jwk| jwk.get("kid")).map(text),
        key_id: key.as_ref().ok().map(PublicKey::id),
        content: content(algorithm.as_deref(), key, entry),
        algorithm,
    }
}

/// Reads what a check needs; an error is the first reason against one: no key, an algorithm that is
/// not known or is not the key's, a signature that is no base64url or of the wrong length.
///
/// For elliptic curves a signature is two numbers of fixed length, r and s (RFC 7518, section 3.4);
/// RSA's has the length of its key.
///
/// Whether RSA's length is right is left to the check.
fn content(
    algorithm: Option<&str>,
    key: Result<PublicKey, SignatureError>,
    entry: &Value<'_>,
) -> Result<Content, SignatureError> {
    let key = key?;
    let known = SignatureAlgorithm::ALL
        .into_iter()
        .find(|known| algorithm == Some(known.name()));
    let algorithm = known.ok_or_else(|| SignatureError::Algorithm {
        found: algorithm.map(str::to_owned),
    })?;
    if algorithm.key() != key.kind() {
        return Err(SignatureError::KeyDoesNotFit {
            algorithm,
            found: key.kind().name(),
        });
    }
    let text = |name| member(entry, name).and_then(Value::as_str);
    let signature = text("signature").and_then(base64::decode_from_url);
    let signature = signature.ok_or(SignatureError::Signature)?;
    let (found, expected) = (signature.len(), 2 * key.kind().coordinate());
    if key.kind() != KeyKind::Rsa && found != expected {
        return Err(SignatureError::Length {
            algorithm,
            found,
            expected,
        });
    }
    let protected = text("protected").unwrap_or_default().to_owned();
    Ok(Content {
        algorithm,
        key,
        protected,
        signature,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(protected: &[&str]) -> String {
        let encode = |header: &&str| {
            format!(
                "{{\"protected\":\"{}\"}}",
                base64::encode_for_url(header.as_bytes())
            )
        };
        let entries: Vec<_> = protected.iter().map(encode).collect();
        error_of(&format!("{{\"signatures\":[{}]}}", entries.join(",")))
    }

    fn error_of(body: &str) -> String {
        let document = json::read(body.as_bytes()).expect("an object");
        payload(body.as_bytes(), &document.object)
            .expect_err("broken")
            .to_string()
    }

    #[test]
    fn every_broken_block_is_refused_with_its_reason() {
        assert_eq!(
            error_of("{\"signatures\":{}}"),
            "signatures is not an array"
        );
        assert_eq!(
            error_of("{\"signatures\":[]}"),
            "signatures is empty, a signed manifest has at least one"
        );
        let protected = "signature 0 has no protected text that is base64url of a JSON object";
        assert_eq!(error_of("{\"signatures\":[{}]}"), protected);
        assert_eq!(error(&["[]"]), protected);
        for found in ["-1", "1.5", "999", "\"1\""] {
            let message = error(&[&format!(
                "{{\"formatLength\":{found},\"formatTail\":\"fQ\"}}"
            )]);
            assert!(
                message.starts_with(&format!(
                    "formatLength of signature 0 is {found}, it has to be"
                )),
                "{message}"
            );
        }
        assert_eq!(
            error(&["{\"formatLength\":1,\"formatTail\":\"f+\"}"]),
            "formatTail of signature 0 is not base64url text"
        );
        assert_eq!(
            error(&[
                "{\"formatLength\":1,\"formatTail\":\"fQ\"}",
                "{\"formatLength\":2,\"formatTail\":\"fQ\"}"
            ]),
            "signature 1 describes another payload than signature 0"
        );
    }
}
