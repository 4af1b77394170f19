//! Envelopes of signed statements. Source: secure-systems-lab/dsse, `envelope.md` and `protocol.md`.

use waybill_core::base64;
use waybill_core::json::{Object, Value};

/// An envelope, read but not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) payload_type: String,
    pub(crate) payload: Vec<u8>,
    /// Each signature, where its base64 can be read.
    pub(crate) signatures: Vec<Option<Vec<u8>>>,
}

impl Envelope {
    /// Reads an envelope; `None` where it is none.
    pub(crate) fn read(object: &Object<'_>) -> Option<Self> {
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        let signatures = object.get("signatures")?.as_array()?;
        let signatures = signatures.iter().map(|one| {
            let signature = one.as_object()?.get("sig")?.as_str()?;
            decode(signature)
        });
        Some(Self {
            payload_type: text("payloadType")?.to_owned(),
            payload: decode(text("payload")?)?,
            signatures: signatures.collect(),
        })
    }

    /// The bytes that are signed.
    pub(crate) fn message(&self) -> Vec<u8> {
        message(&self.payload_type, &self.payload)
    }
}

/// Base64 in either alphabet, as envelopes may be written.
fn decode(text: &str) -> Option<Vec<u8>> {
    base64::decode(text).or_else(|| base64::decode_from_url(text.trim_end_matches('=')))
}

fn message(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        payload.len()
    );
    [head.as_bytes(), payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_what_the_protocol_says() {
        let message = message("http://example.com/HelloWorld", b"hello world");
        assert_eq!(
            message,
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }
}
