//! Logs of signatures (Rekor): an entry against the signature that it came with, the log's promise, the proof that the
//! entry is in the log, and what the log signed of itself.
//!
//! Source: sigstore/architecture-docs, client-spec; RFC 6962, 2.1; C2SP `tlog-checkpoint`.

mod fields;
mod proof;
mod record;

use waybill_core::base64;
use waybill_core::json::{Object, Value};
use waybill_core::time;

use crate::arithmetic::{Arithmetic, Hash};
use crate::key::{Choice, hex, unhex};
use crate::report::{Steps, What, cut};
use crate::root::{Log, TrustedRoot};
use fields::{inner, number, text};
use proof::{Proof, check_checkpoint};
pub(crate) use record::Expected;
use record::{Compared, compare};

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
        match compare(self, expected) {
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
}
