//! Sigstore's root: whose certificates, logs and time stamps count. Source: sigstore/protobuf-specs,
//! `sigstore_trustroot.proto`, as JSON.

use waybill_core::base64;
use waybill_core::json::{self, Object, Value};
use waybill_core::time;

use crate::certificate::Certificate;
use crate::key::PublicKey;
use crate::limits;

/// A time from when and until when something counts; both ends are in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    start: i64,
    end: Option<i64>,
}

impl Period {
    pub(crate) fn holds(self, time: i64) -> bool {
        time >= self.start && self.end.is_none_or(|end| time <= end)
    }
}

/// A log, of signatures or of certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Log {
    pub(crate) name: String,
    pub(crate) key: PublicKey,
    pub(crate) id: Vec<u8>,
    pub(crate) period: Period,
}

/// An authority: of certificates or of time stamps. Its certificates stand as in a chain, its root last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authority {
    pub(crate) chain: Vec<Certificate>,
    pub(crate) period: Period,
}

/// A root of sigstore's, public or somebody's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedRoot {
    /// What it is called: `sigstore's public root of 2025-09-22`.
    pub name: String,
    pub(crate) logs: Vec<Log>,
    pub(crate) authorities: Vec<Authority>,
    pub(crate) certificate_logs: Vec<Log>,
    pub(crate) time_authorities: Vec<Authority>,
}

impl TrustedRoot {
    /// Reads a `trusted_root.json`; the error says what is missing.
    pub fn read(bytes: &[u8], name: &str) -> Result<Self, String> {
        let parsed = json::read(bytes).map_err(|error| error.to_string())?;
        if !parsed.anomalies.is_empty() {
            return Err("a name stands in it twice, or something follows it".to_owned());
        }
        let object = &parsed.object;
        let media_type = object.get("mediaType").and_then(Value::as_str);
        let known = ["0.1", "0.2"].map(|version| {
            [
                format!("application/vnd.dev.sigstore.trustedroot+json;version={version}"),
                format!("application/vnd.dev.sigstore.trustedroot.v{version}+json"),
            ]
        });
        if !media_type.is_some_and(|found| known.concat().iter().any(|one| one == found)) {
            return Err("its mediaType is not that of a trusted root".to_owned());
        }
        let list = |name: &str| -> Vec<&Object<'_>> {
            let all = object.get(name).and_then(Value::as_array);
            let all = all.unwrap_or_default().iter();
            all.filter_map(Value::as_object).take(64).collect()
        };
        let logs = |name: &str| -> Result<Vec<Log>, String> {
            let logs = list(name).into_iter().map(read_log);
            let logs: Result<Vec<_>, _> = logs.collect();
            // A kind of key that is not known here is a log that is not known here.
            logs.map(|logs| logs.into_iter().flatten().collect())
        };
        let authorities = |name: &str| -> Result<Vec<Authority>, String> {
            list(name).into_iter().map(read_authority).collect()
        };
        Ok(Self {
            name: name.to_owned(),
            logs: logs("tlogs")?,
            authorities: authorities("certificateAuthorities")?,
            certificate_logs: logs("ctlogs")?,
            time_authorities: authorities("timestampAuthorities")?,
        })
    }
}

fn bytes(object: &Object<'_>, name: &str) -> Option<Vec<u8>> {
    object
        .get(name)
        .and_then(Value::as_str)
        .and_then(base64::decode)
}

fn inner<'a, 'b>(object: &'a Object<'b>, name: &str) -> Option<&'a Object<'b>> {
    object.get(name).and_then(Value::as_object)
}

/// The start has to be there: without it the key would count for all of the past.
fn read_period(object: &Object<'_>) -> Result<Period, String> {
    let without = || "an entry has no validFor with a start".to_owned();
    let period = inner(object, "validFor").ok_or_else(without)?;
    let time = |name: &str| -> Result<Option<(i64, u32)>, String> {
        let text = period.get(name).and_then(Value::as_str);
        let wrong = || format!("the {name} of a validFor is no time");
        text.map(|text| time::since_1970(text).ok_or_else(wrong))
            .transpose()
    };
    let (start, _) = time("start")?.ok_or_else(without)?;
    let end = time("end")?.map(|(end, _)| end);
    Ok(Period { start, end })
}

fn read_log(log: &Object<'_>) -> Result<Option<Log>, String> {
    let key = inner(log, "publicKey").ok_or("a log has no publicKey")?;
    let period = read_period(key)?;
    let id = inner(log, "logId").and_then(|id| bytes(id, "keyId"));
    let id = id.ok_or("a log has no logId")?;
    let key = bytes(key, "rawBytes").ok_or("a log has no key")?;
    let name = log.get("baseUrl").and_then(Value::as_str);
    let name = name.unwrap_or_default().to_owned();
    Ok(PublicKey::read(&key).map(|key| Log {
        name,
        key,
        id,
        period,
    }))
}

fn read_authority(authority: &Object<'_>) -> Result<Authority, String> {
    let chain = inner(authority, "certChain").and_then(|chain| chain.get("certificates"));
    let chain = chain.and_then(Value::as_array).unwrap_or_default();
    let certificates = chain.iter().take(limits::CHAIN).map(|one| {
        let der = one.as_object().and_then(|one| bytes(one, "rawBytes"));
        der.and_then(|der| Certificate::read(&der))
    });
    let chain: Option<Vec<_>> = certificates.collect();
    let chain = chain.filter(|chain| !chain.is_empty());
    Ok(Authority {
        chain: chain.ok_or("a certificate of an authority cannot be read")?,
        period: read_period(authority)?,
    })
}
