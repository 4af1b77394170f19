//! Reading a report again: member by member, since nobody vouches for one.

use std::rc::Rc;

use crate::base64;
use crate::json::{self, AnomalyKind, Object, Value};

use super::{Content, Entry, Found, KIND, Report, ReportError, Step, VERSION, Verdict};

/// An object of the report, and where it stands in it.
struct Members<'a> {
    object: &'a Object<'a>,
    place: &'static str,
}

/// A member that is not what it has to be.
fn broken(place: &str, name: &str, why: &str) -> ReportError {
    let dot = if place.is_empty() { "" } else { "." };
    ReportError::Broken([place, dot, name, " ", why].concat())
}

impl<'a> Members<'a> {
    fn optional<T>(
        &self,
        name: &str,
        kind: &str,
        read: impl FnOnce(&'a Value<'a>) -> Option<T>,
    ) -> Result<Option<T>, ReportError> {
        let Some(value) = self.object.get(name) else {
            return Ok(None);
        };
        let why = || ["is ", value.kind(), ", it has to be ", kind].concat();
        match read(value) {
            None => Err(broken(self.place, name, &why())),
            found => Ok(found),
        }
    }

    fn needed<T>(&self, name: &str, found: Option<T>) -> Result<T, ReportError> {
        found.ok_or_else(|| broken(self.place, name, "is missing"))
    }

    fn optional_text(&self, name: &str) -> Result<Option<String>, ReportError> {
        self.optional(name, "a string", |value| value.as_str().map(str::to_owned))
    }

    fn text(&self, name: &str) -> Result<String, ReportError> {
        let found = self.optional_text(name)?;
        self.needed(name, found)
    }

    fn whole(&self, name: &str) -> Result<Option<u64>, ReportError> {
        self.optional(name, "a whole number", Value::as_u64)
    }

    fn object(&self, name: &'static str) -> Result<Option<Members<'a>>, ReportError> {
        let object = self.optional(name, "an object", Value::as_object)?;
        Ok(object.map(|object| Members {
            object,
            place: name,
        }))
    }

    /// Reads each object of an array; none where it is not there.
    fn each<T>(
        &self,
        name: &'static str,
        read: fn(&Members<'_>) -> Result<T, ReportError>,
    ) -> Result<Vec<T>, ReportError> {
        let values = self.optional(name, "an array", Value::as_array)?;
        let one = |value: &'a Value<'a>| match value.as_object() {
            Some(object) => read(&Members {
                object,
                place: name,
            }),
            None => Err(broken(name, "", "holds what is no object")),
        };
        values.unwrap_or_default().iter().map(one).collect()
    }
}

fn content(of: &Members<'_>) -> Result<Content, ReportError> {
    let data = base64::decode(&of.text("data")?);
    let data: Rc<[u8]> = match data {
        Some(bytes) => bytes.into(),
        None => return Err(broken(of.place, "data", "is no base64")),
    };
    let size = of.whole("size")?;
    Ok(Content {
        media_type: of.optional_text("mediaType")?,
        digest: of.optional_text("digest")?,
        size: of.needed("size", size)?,
        format: of.optional_text("format")?,
        content_type: of.optional_text("contentType")?,
        docker_content_digest: of.optional_text("dockerContentDigest")?,
        data,
    })
}

fn step(of: &Members<'_>) -> Result<Step, ReportError> {
    Ok(Step {
        step: of.text("step")?,
        status: of.text("status")?,
        note: of.text("note")?,
    })
}

fn entry(of: &Members<'_>) -> Result<Entry, ReportError> {
    Ok(Entry {
        platform: of.text("platform")?,
        media_type: of.optional_text("mediaType")?,
        digest: of.text("digest")?,
        size: of.whole("size")?,
        status: of.text("status")?,
        note: of.text("note")?,
    })
}

fn found(of: &Members<'_>) -> Result<Found, ReportError> {
    let place = |name| -> Result<Option<usize>, ReportError> {
        Ok(of.whole(name)?.and_then(|number| number.try_into().ok()))
    };
    Ok(Found {
        severity: of.text("severity")?,
        code: of.text("code")?,
        title: of.text("title")?,
        r#in: of.text("in")?,
        pointer: of.text("pointer")?,
        line: place("line")?,
        column: place("column")?,
        message: of.text("message")?,
        source: of.text("source")?,
    })
}

impl Report {
    /// Reads a report as [`to_json`](Self::to_json) writes it. What it says is not checked by that:
    /// see [`check`](Self::check).
    ///
    /// # Errors
    ///
    /// Fails where the document is of another kind or version, lacks what a report has to have, or
    /// has a member twice.
    pub fn read(bytes: &[u8]) -> Result<Self, ReportError> {
        let document = json::read(bytes).map_err(|error| ReportError::Broken(error.to_string()))?;
        let of = Members {
            object: &document.object,
            place: "",
        };
        if of.text("kind")? != KIND {
            return Err(ReportError::OtherKind);
        }
        let version = of.whole("version")?;
        match of.needed("version", version)? {
            version if version == u64::from(VERSION) => {}
            other => return Err(ReportError::OtherVersion(other)),
        }
        let mut twice = document.anomalies.iter().filter_map(|it| match &it.kind {
            AnomalyKind::DuplicateName { name, .. } => Some(name),
            _ => None,
        });
        if let Some(name) = twice.next() {
            return Err(broken("", name, "stands in one object twice"));
        }
        let (manifest, verdict) = (of.object("manifest")?, of.object("verdict")?);
        let manifest = content(&of.needed("manifest", manifest)?)?;
        let verdict = of.needed("verdict", verdict)?;
        let config = of.object("config")?;
        Ok(Self {
            reference: of.optional_text("reference")?,
            via: of.optional_text("via")?,
            verdict: Verdict {
                status: verdict.text("status")?,
                stamp: verdict.text("stamp")?,
                sentence: verdict.text("sentence")?,
                detail: verdict.text("detail")?,
            },
            custody: of.each("custody", step)?,
            config: config.map(|config| content(&config)).transpose()?,
            lists: of.each("lists", content)?,
            manifests: of.each("manifests", entry)?,
            findings: of.each("findings", found)?,
            ..Self::new(of.text("created")?, of.text("name")?, manifest)
        })
    }
}
