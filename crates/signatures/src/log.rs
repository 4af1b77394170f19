//! Logs of signatures (Rekor): an entry against the signature that it came with, the log's promise, the proof that the
//! entry is in the log, and what the log signed of itself.
//!
//! Source: sigstore/architecture-docs, client-spec; RFC 6962, 2.1; C2SP `tlog-checkpoint`.

use waybill_core::base64;
use waybill_core::json::{self, Object, Value};
use waybill_core::time;

use crate::arithmetic::{Arithmetic, Hash};
use crate::certificate::Certificate;
use crate::key::{Choice, PublicKey, hash, hex, unhex};
use crate::limits;
use crate::pem;
use crate::report::{Steps, What, cut};
use crate::root::{Log, TrustedRoot};

/// An entry of a log, as it came with a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The bytes that are in the log, as they came: standard base64.
    pub(crate) body: String,
    /// Its kind and version, where they stand beside it.
    pub(crate) kind: Option<(String, String)>,
    pub(crate) index: u64,
    pub(crate) log: Vec<u8>,
    pub(crate) time: Option<i64>,
    pub(crate) promise: Option<Vec<u8>>,
    pub(crate) proof: Option<Proof>,
}

/// A proof that an entry is in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) index: u64,
    pub(crate) size: u64,
    pub(crate) root: Vec<u8>,
    pub(crate) hashes: Vec<Vec<u8>>,
    pub(crate) checkpoint: Option<String>,
}

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

fn text<'a>(object: &'a Object<'_>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

fn inner<'a, 'b>(object: &'a Object<'b>, path: &[&str]) -> Option<&'a Object<'b>> {
    let mut object = object;
    for name in path {
        object = object.get(name).and_then(Value::as_object)?;
    }
    Some(object)
}

/// A number of protobuf's JSON, which writes those of 64 bits as texts; none may be negative.
pub(crate) fn number(object: &Object<'_>, name: &str) -> Option<u64> {
    match object.get(name)? {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}

impl Entry {
    /// Reads an entry of a bundle; the error says what is missing.
    pub(crate) fn read(entry: &Object<'_>) -> Result<Self, &'static str> {
        let body = text(entry, "canonicalizedBody").ok_or("an entry has no canonicalizedBody")?;
        let log = inner(entry, &["logId"]).and_then(|log| text(log, "keyId"));
        let log = log
            .and_then(base64::decode)
            .ok_or("an entry has no logId")?;
        let index = match entry.get("logIndex") {
            // Protobuf leaves out what is zero.
            None => 0,
            Some(_) => number(entry, "logIndex").ok_or("an entry's logIndex is no number")?,
        };
        let time = entry.get("integratedTime").map(|_| {
            let time = number(entry, "integratedTime");
            time.and_then(|time| i64::try_from(time).ok())
                .ok_or("an entry's integratedTime is no number")
        });
        let time = time.transpose()?;
        let promise = match inner(entry, &["inclusionPromise"]) {
            None => None,
            Some(promise) => {
                let promise = text(promise, "signedEntryTimestamp").and_then(base64::decode);
                Some(promise.ok_or("an entry's promise cannot be read")?)
            }
        };
        let proof = match entry.get("inclusionProof").map(Value::as_object) {
            None => None,
            Some(proof) => {
                let proof = proof.and_then(Proof::read);
                Some(proof.ok_or("an entry's proof of inclusion cannot be read")?)
            }
        };
        let kind = inner(entry, &["kindVersion"])
            .and_then(|kind| Some((text(kind, "kind")?, text(kind, "version")?)));
        Ok(Self {
            body: body.to_owned(),
            kind: kind.map(|(kind, version)| (kind.to_owned(), version.to_owned())),
            index,
            log,
            time: time.filter(|time| *time != 0),
            promise,
            proof,
        })
    }

    /// Reads the JSON beside a cosign signature, `dev.sigstore.cosign/bundle`.
    pub(crate) fn read_cosign(object: &Object<'_>) -> Option<Self> {
        let payload = inner(object, &["Payload"])?;
        Some(Self {
            body: text(payload, "body")?.to_owned(),
            kind: None,
            index: payload.get("logIndex")?.as_u64()?,
            log: unhex(text(payload, "logID")?)?,
            time: Some(i64::try_from(payload.get("integratedTime")?.as_u64()?).ok()?),
            promise: Some(base64::decode(text(object, "SignedEntryTimestamp")?)?),
            proof: None,
        })
    }

    /// Looks at the entry: whether it is about this very signature, and whether the log has it. Returns the time at
    /// which the log says that it took it, where the log's promise of that holds.
    pub(crate) async fn check(
        &self,
        steps: &mut Steps,
        expected: &Expected<'_>,
        root: Option<&TrustedRoot>,
        stamped: &[i64],
        now: i64,
        arithmetic: &impl Arithmetic,
    ) -> Option<i64> {
        match self.compare(expected) {
            Ok(kind) => steps.holds(
                What::LogEntry,
                format!("the entry ({kind}) has this digest, this signature and this key"),
            ),
            Err(Compared::Other(what)) => {
                steps.fails(What::LogEntry, what);
                return None;
            }
            Err(Compared::NotRead(why)) => {
                steps.not_checked(What::LogEntry, why);
                steps.not_checked(What::Log, "its entry was not compared");
                return None;
            }
        }
        let Some(root) = root else {
            let said = self.time.map(time::from_1970);
            let said = said.map_or_else(String::new, |time| format!(", which says {time}"));
            steps.not_checked(
                What::Log,
                format!("no root was given that names the log{said}"),
            );
            return None;
        };
        let Some(log) = root.logs.iter().find(|log| log.id == self.log) else {
            steps.not_checked(
                What::Log,
                format!("log {} is not known to {}", hex(&self.log), root.name),
            );
            return None;
        };
        let promised = self.check_promise(steps, log, now, arithmetic).await;
        let proven = self.check_proof(steps, log, arithmetic).await;
        let times: Vec<i64> = promised
            .into_iter()
            .chain(stamped.iter().copied())
            .collect();
        if times.is_empty() {
            steps.not_checked(
                What::Log,
                "no checked time says whether the log's key counted then",
            );
            return None;
        }
        if let Some(time) = times.iter().find(|time| !log.period.holds(**time)) {
            steps.fails(
                What::Log,
                format!(
                    "the key of {} does not count at {} by {}",
                    cut(&log.name),
                    time::from_1970(*time),
                    root.name
                ),
            );
            return None;
        }
        let when = promised.map_or_else(
            || "which states no time".to_owned(),
            |time| format!("at {}: checked", time::from_1970(time)),
        );
        if promised.is_some() || proven {
            let name = cut(&log.name);
            steps.holds(
                What::Log,
                format!("in the log {name} as entry {}, {when}", self.index),
            );
        } else {
            steps.not_checked(What::Log, "neither a promise nor a proof of the log holds");
        }
        promised
    }

    /// The signed entry timestamp: the log's promise that it takes the entry.
    async fn check_promise(
        &self,
        steps: &mut Steps,
        log: &Log,
        now: i64,
        arithmetic: &impl Arithmetic,
    ) -> Option<i64> {
        let promise = self.promise.as_ref()?;
        let Some(time) = self.time else {
            steps.fails(What::LogPromise, "the entry has a promise and no time");
            return None;
        };
        if time > now {
            steps.fails(
                What::LogPromise,
                format!("its time {} has not come yet", time::from_1970(time)),
            );
            return None;
        }
        // These four members in this order are what RFC 8785 makes of them: no text in them needs an escape.
        let message = format!(
            r#"{{"body":"{}","integratedTime":{time},"logID":"{}","logIndex":{}}}"#,
            self.body,
            hex(&self.log),
            self.index
        );
        let choice = Choice::Exactly(Hash::Sha256);
        match log
            .key
            .verify(arithmetic, choice, message.as_bytes(), promise)
            .await
        {
            Ok(Some(scheme)) => {
                let time_words = time::from_1970(time);
                steps.holds(
                    What::LogPromise,
                    format!("the log signed the entry and the time {time_words} ({scheme})"),
                );
                Some(time)
            }
            Ok(None) => {
                steps.fails(
                    What::LogPromise,
                    "the log's signature of entry and time does not hold",
                );
                None
            }
            Err(unavailable) => {
                steps.not_checked(What::LogPromise, unavailable.reason());
                None
            }
        }
    }

    /// The proof of inclusion, and what the log signed of its whole.
    async fn check_proof(
        &self,
        steps: &mut Steps,
        log: &Log,
        arithmetic: &impl Arithmetic,
    ) -> bool {
        let Some(proof) = &self.proof else {
            return false;
        };
        let body = base64::decode(&self.body).unwrap_or_default();
        if proof.computed(&body).as_ref() != Some(&proof.root) {
            steps.fails(
                What::InclusionProof,
                "the hashes from the entry up do not come to the root that the proof names",
            );
            return false;
        }
        let hashes = proof.hashes.len();
        let size = proof.size;
        steps.holds(
            What::InclusionProof,
            format!("{hashes} hashes from the entry up come to the root of the {size} entries"),
        );
        let Some(checkpoint) = &proof.checkpoint else {
            steps.not_checked(
                What::Checkpoint,
                "there is none, so the log did not sign that root",
            );
            return false;
        };
        match check_checkpoint(checkpoint, proof, log, arithmetic).await {
            Ok(scheme) => {
                steps.holds(
                    What::Checkpoint,
                    format!("the log signed that root and size ({scheme})"),
                );
                true
            }
            Err((true, why)) => {
                steps.not_checked(What::Checkpoint, why);
                false
            }
            Err((false, why)) => {
                steps.fails(What::Checkpoint, why);
                false
            }
        }
    }

    /// Compares the entry with the signature; returns its kind.
    fn compare(&self, expected: &Expected<'_>) -> Result<String, Compared> {
        let unreadable = || Compared::Other("the entry cannot be read".to_owned());
        let body = base64::decode(&self.body).ok_or_else(unreadable)?;
        let parsed = json::read(&body).map_err(|_| unreadable())?;
        if !parsed.anomalies.is_empty() {
            return Err(unreadable());
        }
        let object = &parsed.object;
        let kind = text(object, "kind").ok_or_else(unreadable)?;
        let version = text(object, "apiVersion").ok_or_else(unreadable)?;
        if let Some((beside, beside_version)) = &self.kind
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
}

enum Compared {
    Other(String),
    NotRead(String),
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

impl Proof {
    fn read(proof: &Object<'_>) -> Option<Self> {
        let hashes = match proof.get("hashes") {
            None => Vec::new(),
            Some(hashes) => {
                let hashes = hashes.as_array()?;
                if hashes.len() > limits::PROOF_HASHES {
                    return None;
                }
                let hashes = hashes.iter().map(|one| base64::decode(one.as_str()?));
                hashes.collect::<Option<_>>()?
            }
        };
        let index = match proof.get("logIndex") {
            None => 0,
            Some(_) => number(proof, "logIndex")?,
        };
        let checkpoint = inner(proof, &["checkpoint"]).and_then(|one| text(one, "envelope"));
        Some(Self {
            index,
            size: number(proof, "treeSize")?,
            root: base64::decode(text(proof, "rootHash")?)?,
            hashes,
            checkpoint: checkpoint.map(str::to_owned),
        })
    }

    /// The root that the hashes from a leaf up come to. Source: RFC 9162, 2.1.3.2.
    fn computed(&self, leaf: &[u8]) -> Option<Vec<u8>> {
        let node = |left: &[u8], right: &[u8]| hash(Hash::Sha256, &[&[1], left, right].concat());
        let (mut place, mut last) = (self.index, self.size.checked_sub(1)?);
        if place > last {
            return None;
        }
        let mut root = hash(Hash::Sha256, &[&[0], leaf].concat());
        for sibling in &self.hashes {
            if last == 0 {
                return None;
            }
            if place % 2 == 1 || place == last {
                root = node(sibling, &root);
                while place.is_multiple_of(2) && place != 0 {
                    (place, last) = (place / 2, last / 2);
                }
            } else {
                root = node(&root, sibling);
            }
            (place, last) = (place / 2, last / 2);
        }
        (last == 0).then_some(root)
    }
}

/// Checks what a log signed of itself: its size and root are the proof's, and one signature is the log's. The error
/// says whether it could not be computed, and why.
async fn check_checkpoint(
    checkpoint: &str,
    proof: &Proof,
    log: &Log,
    arithmetic: &impl Arithmetic,
) -> Result<String, (bool, String)> {
    let fails = |why: &str| (false, why.to_owned());
    let (head, lines) = checkpoint
        .split_once("\n\n")
        .ok_or_else(|| fails("it has no signatures"))?;
    let mut facts = head.split('\n');
    let origin = facts.next().filter(|origin| !origin.is_empty());
    let origin = origin.ok_or_else(|| fails("it names no log"))?;
    let size = facts.next().and_then(|size| size.parse().ok());
    let root = facts.next().and_then(base64::decode);
    if size != Some(proof.size) || root.as_ref() != Some(&proof.root) {
        return Err(fails("its size or root is not the proof's"));
    }
    let signed = format!("{head}\n");
    let hint = log.id.get(..4).unwrap_or_default();
    let mut refused = None;
    for line in lines.lines().take(limits::CHECKPOINT_LINES) {
        let signature = line
            .strip_prefix("\u{2014} ")
            .and_then(|line| line.split_once(' '));
        let Some((name, signature)) = signature else {
            continue;
        };
        let is_its = origin == name
            || origin
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(" - "));
        let signature = base64::decode(signature);
        let signature = signature
            .as_deref()
            .and_then(|signature| signature.strip_prefix(hint));
        let (true, Some(signature)) = (is_its, signature) else {
            continue;
        };
        let key: &PublicKey = &log.key;
        match key
            .verify(
                arithmetic,
                Choice::Exactly(Hash::Sha256),
                signed.as_bytes(),
                signature,
            )
            .await
        {
            Ok(Some(scheme)) => return Ok(scheme.to_string()),
            Ok(None) => {}
            Err(unavailable) => refused = Some(unavailable),
        }
    }
    Err(match refused {
        Some(unavailable) => (true, unavailable.reason().to_owned()),
        None => fails("none of its signatures is the log's"),
    })
}
