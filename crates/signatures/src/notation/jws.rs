//! Notation's envelope in JSON: a flattened JWS. Source: `signature-envelope-jws.md`, RFC 7515, 7.2.2.

use waybill_core::base64;
use waybill_core::json::{self, Object, Value};
use waybill_core::time;

use super::{AUTHENTIC_TIME, EXPIRY, Envelope, PLUGIN, SCHEME, SIGNING_TIME};
use crate::limits;

/// Reads an envelope; the error says what is missing.
pub(super) fn read(bytes: &[u8]) -> Result<Envelope, String> {
    let parsed = json::read(bytes).map_err(|error| format!("it cannot be read: {error}"))?;
    if !parsed.anomalies.is_empty() {
        return Err("it can be read in two ways: a name stands in it twice".to_owned());
    }
    let object = &parsed.object;
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let missing = |name: &str| format!("its {name} is missing or no base64");
    let decoded = |name: &str| text(name).and_then(base64::decode_from_url);
    let payload = decoded("payload").ok_or_else(|| missing("payload"))?;
    let protected = decoded("protected").ok_or_else(|| missing("protected"))?;
    let signature = decoded("signature").ok_or_else(|| missing("signature"))?;
    let header = object.get("header").and_then(Value::as_object);
    let header =
        header.ok_or("it has no header that is not signed, where its certificates stand")?;
    let mut envelope = read_protected(&protected)?;
    let chain = header.get("x5c").and_then(Value::as_array);
    let chain = chain.unwrap_or_default().iter().take(limits::CHAIN + 1);
    let chain: Option<Vec<_>> = chain.map(|one| base64::decode(one.as_str()?)).collect();
    envelope.chain = chain.ok_or("its certificates are no base64")?;
    envelope.has_stamp = header
        .iter()
        .any(|(name, _)| name.starts_with("io.cncf.notary.timestamp"));
    envelope.message = [
        text("protected").unwrap_or_default(),
        ".",
        text("payload").unwrap_or_default(),
    ]
    .concat()
    .into_bytes();
    envelope.payload = payload;
    envelope.signature = signature;
    Ok(envelope)
}

fn read_protected(bytes: &[u8]) -> Result<Envelope, String> {
    let parsed = json::read(bytes)
        .map_err(|error| format!("its protected headers cannot be read: {error}"))?;
    if !parsed.anomalies.is_empty() {
        return Err("its protected headers can be read in two ways".to_owned());
    }
    let object: &Object<'_> = &parsed.object;
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let time = |name: &str| -> Result<Option<i64>, String> {
        match object.get(name) {
            None => Ok(None),
            Some(value) => {
                let time = value.as_str().and_then(time::since_1970);
                let (seconds, _) = time.ok_or_else(|| format!("its {name} is no time"))?;
                Ok(Some(seconds))
            }
        }
    };
    let critical = object.get("crit").and_then(Value::as_array);
    let critical = critical.unwrap_or_default().iter();
    let critical: Option<Vec<_>> = critical
        .map(|one| one.as_str().map(str::to_owned))
        .collect();
    Ok(Envelope {
        algorithm: text("alg").unwrap_or_default().to_owned(),
        payload_type: text("cty").unwrap_or_default().to_owned(),
        critical: critical.ok_or("its list of what is critical holds something else")?,
        protected: object.iter().map(|(name, _)| name.to_owned()).collect(),
        scheme: text(SCHEME).unwrap_or_default().to_owned(),
        time: time(AUTHENTIC_TIME)?.map_or_else(|| time(SIGNING_TIME), |time| Ok(Some(time)))?,
        expiry: time(EXPIRY)?,
        plugin: text(PLUGIN).map(str::to_owned),
        ..Envelope::default()
    })
}
