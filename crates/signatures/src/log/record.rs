//! What an entry of a log says, against the signature that it came with.

use waybill_core::base64;
use waybill_core::json::{self, Object, Value};

use super::Entry;
use super::fields::{inner, text};
use crate::arithmetic::Hash;
use crate::certificate::Certificate;
use crate::key::{hash, unhex};
use crate::limits;
use crate::pem;
use crate::report::cut;

/// What an entry has to be about.
pub(crate) struct Expected<'a> {
    /// The bytes that were signed.
    pub(crate) message: &'a [u8],
    /// The payload of an envelope, where it is one.
    pub(crate) payload: Option<&'a [u8]>,
    pub(crate) signature: &'a [u8],
    /// The key by which the signature holds.
    pub(crate) key: &'a [u8],
    /// The certificate that it carries, where it holds by that.
    pub(crate) certificate: Option<&'a [u8]>,
}

/// Why an entry does not count.
pub(super) enum Compared {
    Other(String),
    NotRead(String),
}

/// Compares an entry with the signature; returns its kind.
pub(super) fn compare(entry: &Entry, expected: &Expected<'_>) -> Result<String, Compared> {
    let unreadable = || Compared::Other("the entry cannot be read".to_owned());
    let body = base64::decode(&entry.body).ok_or_else(unreadable)?;
    let parsed = json::read(&body).map_err(|_| unreadable())?;
    if !parsed.anomalies.is_empty() {
        return Err(unreadable());
    }
    let object = &parsed.object;
    let kind = text(object, "kind").ok_or_else(unreadable)?;
    let version = text(object, "apiVersion").ok_or_else(unreadable)?;
    if let Some((beside, beside_version)) = &entry.kind
        && (beside != kind || beside_version != version)
    {
        return Err(Compared::Other(format!(
            "the entry is a {} {}, and is said to be a {} {}",
            cut(kind),
            cut(version),
            cut(beside),
            cut(beside_version)
        )));
    }
    let named = format!("{} {}", cut(kind), cut(version));
    let spec = inner(object, &["spec"]).ok_or_else(unreadable)?;
    let record = match (kind, version) {
        ("hashedrekord", "0.0.1") => Record::hashed(spec),
        ("hashedrekord", "0.0.2") => Record::hashed_v2(spec),
        ("dsse", "0.0.1") => Record::envelope(spec),
        ("dsse", "0.0.2") => Record::envelope_v2(spec),
        ("intoto", "0.0.2") => Record::in_toto(spec),
        _ => {
            return Err(Compared::NotRead(format!(
                "an entry of kind {named} is not read here"
            )));
        }
    };
    let record = record.ok_or_else(unreadable)?;
    record.compare(expected).map(|()| named)
}

/// What an entry says: the digest of something, and signatures with their keys.
struct Record {
    /// Whether the digest is the payload's, not that of the bytes that were signed.
    of_payload: bool,
    hash: Hash,
    digest: Vec<u8>,
    signatures: Vec<(Vec<u8>, Verifier)>,
}

/// The key of a signature in a log.
enum Verifier {
    Certificate(Vec<u8>),
    Key(Vec<u8>),
}

impl Verifier {
    fn of_pem(content: &str) -> Option<Self> {
        let bytes = base64::decode(content)?;
        let block = pem::blocks(str::from_utf8(&bytes).ok()?)
            .into_iter()
            .next()?;
        match block.label.as_str() {
            "CERTIFICATE" => block.bytes.map(Self::Certificate),
            "PUBLIC KEY" => block.bytes.map(Self::Key),
            _ => None,
        }
    }

    fn of_v2(verifier: &Object<'_>) -> Option<Self> {
        let raw = |name| {
            let raw = inner(verifier, &[name]).and_then(|one| text(one, "rawBytes"));
            raw.and_then(base64::decode)
        };
        let certificate = raw("x509Certificate").map(Self::Certificate);
        certificate.or_else(|| raw("publicKey").map(Self::Key))
    }

    fn is(&self, expected: &Expected<'_>) -> bool {
        match (self, expected.certificate) {
            (Self::Certificate(mine), Some(its)) => mine == its,
            (Self::Certificate(mine), None) => {
                Certificate::read(mine).is_some_and(|mine| mine.key() == expected.key)
            }
            (Self::Key(mine), _) => mine == expected.key,
        }
    }
}

impl Record {
    fn hashed(spec: &Object<'_>) -> Option<Self> {
        let data = inner(spec, &["data", "hash"])?;
        let signature = inner(spec, &["signature"])?;
        let key = inner(signature, &["publicKey"])?;
        let content = base64::decode(text(signature, "content")?)?;
        Some(Self {
            of_payload: false,
            hash: read_hash(text(data, "algorithm")?)?,
            digest: unhex(text(data, "value")?)?,
            signatures: vec![(content, Verifier::of_pem(text(key, "content")?)?)],
        })
    }

    fn hashed_v2(spec: &Object<'_>) -> Option<Self> {
        let spec = inner(spec, &["hashedRekordV002"])?;
        let data = inner(spec, &["data"])?;
        let signature = inner(spec, &["signature"])?;
        let content = base64::decode(text(signature, "content")?)?;
        let verifier = Verifier::of_v2(inner(signature, &["verifier"])?)?;
        Some(Self {
            of_payload: false,
            hash: read_hash(text(data, "algorithm")?)?,
            digest: base64::decode(text(data, "digest")?)?,
            signatures: vec![(content, verifier)],
        })
    }

    fn envelope(spec: &Object<'_>) -> Option<Self> {
        let data = inner(spec, &["payloadHash"])?;
        let signatures = objects(spec, "signatures").map(|one| {
            let content = base64::decode(text(one, "signature")?)?;
            Some((content, Verifier::of_pem(text(one, "verifier")?)?))
        });
        Some(Self {
            of_payload: true,
            hash: read_hash(text(data, "algorithm")?)?,
            digest: unhex(text(data, "value")?)?,
            signatures: signatures.collect::<Option<_>>()?,
        })
    }

    fn envelope_v2(spec: &Object<'_>) -> Option<Self> {
        let spec = inner(spec, &["dsseV002"])?;
        let data = inner(spec, &["payloadHash"])?;
        let signatures = objects(spec, "signatures").map(|one| {
            let content = base64::decode(text(one, "content")?)?;
            Some((content, Verifier::of_v2(inner(one, &["verifier"])?)?))
        });
        Some(Self {
            of_payload: true,
            hash: read_hash(text(data, "algorithm")?)?,
            digest: base64::decode(text(data, "digest")?)?,
            signatures: signatures.collect::<Option<_>>()?,
        })
    }

    fn in_toto(spec: &Object<'_>) -> Option<Self> {
        let content = inner(spec, &["content"])?;
        let data = inner(content, &["payloadHash"])?;
        let envelope = inner(content, &["envelope"])?;
        let signatures = objects(envelope, "signatures").map(|one| {
            // The base64 of an envelope, in base64 once more.
            let signature = base64::decode(text(one, "sig")?)?;
            let signature = base64::decode(str::from_utf8(&signature).ok()?)?;
            Some((signature, Verifier::of_pem(text(one, "publicKey")?)?))
        });
        Some(Self {
            of_payload: true,
            hash: read_hash(text(data, "algorithm")?)?,
            digest: unhex(text(data, "value")?)?,
            signatures: signatures.collect::<Option<_>>()?,
        })
    }

    fn compare(&self, expected: &Expected<'_>) -> Result<(), Compared> {
        let other = |what: &str| Compared::Other(format!("the entry is of something else: {what}"));
        let bytes = if self.of_payload {
            expected
                .payload
                .ok_or_else(|| other("it is that of an envelope, and this is none"))?
        } else {
            expected.message
        };
        if hash(self.hash, bytes) != self.digest {
            return Err(other("its digest is not that of what was signed here"));
        }
        let mut same = self
            .signatures
            .iter()
            .filter(|(signature, _)| signature == expected.signature)
            .peekable();
        if same.peek().is_none() {
            return Err(other("its signature is not this one"));
        }
        if !same.any(|(_, verifier)| verifier.is(expected)) {
            return Err(other(
                "its key is not the one by which this signature holds",
            ));
        }
        Ok(())
    }
}

fn objects<'a, 'b>(object: &'a Object<'b>, name: &str) -> impl Iterator<Item = &'a Object<'b>> {
    let all = object.get(name).and_then(Value::as_array);
    let all = all.unwrap_or_default().iter().take(limits::SIGNATURES);
    all.filter_map(Value::as_object)
}

fn read_hash(name: &str) -> Option<Hash> {
    match name {
        "sha256" | "SHA2_256" => Some(Hash::Sha256),
        "sha384" | "SHA2_384" => Some(Hash::Sha384),
        "sha512" | "SHA2_512" => Some(Hash::Sha512),
        _ => None,
    }
}
