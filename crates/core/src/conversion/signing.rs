//! The signature of schema 1: what has to be signed, and the manifest with its signature.
//!
//! The signing itself is the caller's, since it needs a fresh key: nobody checks whose key it was,
//! and old registries only ask that the signature holds.
//!
//! Source: docker/libtrust `jsonsign.go`; containers/image `manifest/manifest.go`,
//! `AddDummyV2S1Signature`.

use crate::base64;
use crate::json::Writer;
use crate::json::style::Escapes;
use crate::manifest::schema1::jws::PublicKey;

/// A manifest of schema 1 that waits for its signature by an ECDSA key on P-256 (`ES256`).
///
/// The digest of a signed manifest is that of its payload, so it is the same before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToSign {
    payload: Vec<u8>,
    protected: String,
}

impl ToSign {
    /// Takes a manifest that [`convert`](super::convert) wrote. `time` is now, as RFC 3339
    /// writes it in UTC: `2026-11-28T17:31:57Z`.
    ///
    /// `None` where the bytes do not end in the brace of an object.
    #[must_use]
    pub fn new(payload: Vec<u8>, time: &str) -> Option<Self> {
        let (b'}', before) = payload.split_last()? else {
            return None;
        };
        let mut json = Writer::new(Escapes::Html);
        json.open('{');
        json.raw("formatLength", &before.len().to_string());
        json.text("formatTail", &base64::encode_for_url(b"}"));
        json.text("time", time);
        json.close('}');
        let protected = base64::encode_for_url(json.into_text().as_bytes());
        Some(Self { payload, protected })
    }

    /// The bytes that the key has to sign, with SHA-256.
    #[must_use]
    pub fn signing_input(&self) -> Vec<u8> {
        let payload = base64::encode_for_url(&self.payload);
        format!("{}.{payload}", self.protected).into_bytes()
    }

    /// The signed manifest. `x` and `y` are the point of the public key, `signature` both numbers
    /// of the signature one behind the other, as `WebCrypto` gives them.
    ///
    /// `None` only where the key cannot be written, which no point of P-256 is.
    #[must_use]
    pub fn signed(&self, x: &[u8; 32], y: &[u8; 32], signature: &[u8; 64]) -> Option<Vec<u8>> {
        let id = PublicKey::from_p256(x, y)?.id();
        let mut json = Writer::new(Escapes::Html);
        json.open('[');
        json.open('{');
        json.name("header");
        json.open('{');
        json.name("jwk");
        json.open('{');
        json.text("crv", "P-256");
        json.text("kid", &id);
        json.text("kty", "EC");
        json.text("x", &base64::encode_for_url(x));
        json.text("y", &base64::encode_for_url(y));
        json.close('}');
        json.text("alg", "ES256");
        json.close('}');
        json.text("signature", &base64::encode_for_url(signature));
        json.text("protected", &self.protected);
        json.close('}');
        json.close(']');
        let before = self.payload.get(..self.payload.len().checked_sub(1)?)?;
        let signatures = format!(",\"signatures\":{}}}", json.into_text());
        Some([before, signatures.as_bytes()].concat())
    }
}
