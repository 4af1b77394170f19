//! The signature block of signed schema 1: which bytes were signed, and by which keys.
//!
//! The digest of a signed manifest covers the payload, `body[..formatLength]` followed by `formatTail`, with both
//! numbers from the block. Source: docker/libtrust `jsonsign.go`; distribution `manifest-v2-1.md`, "Signed Manifests".

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::json::{self, Object, Value};

/// The payload that was signed, and what the block says of each signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The bytes that the digest covers.
    pub payload: Vec<u8>,
    /// One for each signature.
    pub signatures: Vec<Signature>,
}

/// What one entry of the block says of itself; nothing of it is checked here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The algorithm, such as `ES256`.
    pub algorithm: Option<String>,
    /// The id of the key, as the block states it.
    pub key_id: Option<String>,
}

/// Why the payload cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureBlockError {
    /// `signatures` is not an array.
    NotAnArray,
    /// `signatures` is an empty array.
    Empty,
    /// An entry has no `protected` text of the right form.
    Protected {
        /// The entry's index.
        index: usize,
    },
    /// `formatLength` is not a whole number from 0 to the body's length.
    FormatLength {
        /// The entry's index.
        index: usize,
        /// What stands there, as JSON.
        found: String,
        /// The body's length in bytes.
        body: usize,
    },
    /// `formatTail` is not base64url text without padding.
    FormatTail {
        /// The entry's index.
        index: usize,
    },
    /// An entry describes another payload than the first.
    Disagree {
        /// The entry's index.
        index: usize,
    },
}

impl fmt::Display for SignatureBlockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnArray => write!(f, "signatures is not an array"),
            Self::Empty => write!(f, "signatures is empty, a signed manifest has at least one"),
            Self::Protected { index } => {
                write!(f, "signature {index} has no protected text that is base64url of a JSON object")
            }
            Self::FormatLength { index, found, body } => {
                write!(f, "formatLength of signature {index} is {found}, it has to be a whole number from 0 to {body}")
            }
            Self::FormatTail { index } => write!(f, "formatTail of signature {index} is not base64url text"),
            Self::Disagree { index } => write!(f, "signature {index} describes another payload than signature 0"),
        }
    }
}

impl std::error::Error for SignatureBlockError {}

/// The payload of a signed manifest. All entries have to agree on it.
///
/// `formatLength` counts bytes of the body as it was received: white space in front, or changed line ends, give
/// another payload.
pub(crate) fn payload(body: &[u8], object: &Object<'_>) -> Result<Signed, SignatureBlockError> {
    let entries = object.get("signatures").and_then(Value::as_array).ok_or(SignatureBlockError::NotAnArray)?;
    let mut payload: Option<Vec<u8>> = None;
    let mut signatures = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let this = entry_payload(body, entry, index)?;
        match &payload {
            Some(first) if *first != this => return Err(SignatureBlockError::Disagree { index }),
            _ => payload = Some(this),
        }
        signatures.push(signature(entry));
    }
    let payload = payload.ok_or(SignatureBlockError::Empty)?;
    Ok(Signed { payload, signatures })
}

fn entry_payload(body: &[u8], entry: &Value<'_>, index: usize) -> Result<Vec<u8>, SignatureBlockError> {
    let protected = entry.as_object().and_then(|entry| entry.get("protected")).and_then(Value::as_str);
    let protected = protected.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let protected = protected.ok_or(SignatureBlockError::Protected { index })?;
    let header = json::read(&protected).map_err(|_| SignatureBlockError::Protected { index })?;
    let length = header.object.get("formatLength");
    let valid = length.and_then(Value::as_u64).and_then(|length| usize::try_from(length).ok());
    let head = valid.and_then(|length| body.get(..length)).ok_or_else(|| SignatureBlockError::FormatLength {
        index,
        found: length.map_or_else(|| "missing".to_owned(), Value::to_text),
        body: body.len(),
    })?;
    let tail = header.object.get("formatTail").and_then(Value::as_str);
    let tail = tail.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    Ok([head, &tail.ok_or(SignatureBlockError::FormatTail { index })?].concat())
}

fn signature(entry: &Value<'_>) -> Signature {
    let header = entry.as_object().and_then(|entry| entry.get("header")).and_then(Value::as_object);
    let text = |value: Option<&Value<'_>>| value.and_then(Value::as_str).map(str::to_owned);
    let key = header.and_then(|header| header.get("jwk")).and_then(Value::as_object);
    Signature {
        algorithm: text(header.and_then(|header| header.get("alg"))),
        key_id: text(key.and_then(|key| key.get("kid"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(protected: &[&str]) -> String {
        let encode = |header: &&str| format!("{{\"protected\":\"{}\"}}", URL_SAFE_NO_PAD.encode(header));
        let entries: Vec<_> = protected.iter().map(encode).collect();
        error_of(&format!("{{\"signatures\":[{}]}}", entries.join(",")))
    }

    fn error_of(body: &str) -> String {
        let document = json::read(body.as_bytes()).expect("an object");
        payload(body.as_bytes(), &document.object).expect_err("broken").to_string()
    }

    #[test]
    fn every_broken_block_is_refused_with_its_reason() {
        assert_eq!(error_of("{\"signatures\":{}}"), "signatures is not an array");
        assert_eq!(error_of("{\"signatures\":[]}"), "signatures is empty, a signed manifest has at least one");
        let protected = "signature 0 has no protected text that is base64url of a JSON object";
        assert_eq!(error_of("{\"signatures\":[{}]}"), protected);
        assert_eq!(error(&["[]"]), protected);
        for found in ["-1", "1.5", "999", "\"1\""] {
            let message = error(&[&format!("{{\"formatLength\":{found},\"formatTail\":\"fQ\"}}")]);
            assert!(message.starts_with(&format!("formatLength of signature 0 is {found}, it has to be")), "{message}");
        }
        assert_eq!(
            error(&["{\"formatLength\":1,\"formatTail\":\"f+\"}"]),
            "formatTail of signature 0 is not base64url text"
        );
        assert_eq!(
            error(&["{\"formatLength\":1,\"formatTail\":\"fQ\"}", "{\"formatLength\":2,\"formatTail\":\"fQ\"}"]),
            "signature 1 describes another payload than signature 0"
        );
    }
}
