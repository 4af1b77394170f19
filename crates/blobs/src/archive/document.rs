//! The small files of an archive that say what the large ones are.

use waybill_core::json::{self, AnomalyKind, Value};
use waybill_core::limits::MANIFEST_BYTES;

use super::finding::Code;
use super::index::Resolved;
use super::reading::Reading;
use super::source::{ReadError, Source, read_place};
use crate::path::escape;

/// How many bytes of documents are read of one archive.
const DOCUMENT_BYTES: u64 = 32 << 20;

impl<S: Source> Reading<'_, S> {
    /// Reads one of the documents that say what an archive holds, and where it stands; `None`, and
    /// a finding, where it leads nowhere or is too large.
    pub(super) async fn top(
        &mut self,
        entry: usize,
        name: &[u8],
    ) -> Result<Option<(Resolved, Vec<u8>)>, ReadError> {
        let found = match self.index.resolve_entry(entry) {
            Ok(found) => found,
            Err(lost) => {
                self.missing(None, name, lost, Code::DocumentInvalid);
                return Ok(None);
            }
        };
        let bytes = self.document(found, None, name).await?;
        Ok(bytes.map(|bytes| (found, bytes)))
    }

    /// Reads a document; `None`, and a finding, where it is too large.
    pub(super) async fn document(
        &mut self,
        found: Resolved,
        image: Option<usize>,
        name: &[u8],
    ) -> Result<Option<Vec<u8>>, ReadError> {
        let size = found.place.size;
        if size > MANIFEST_BYTES as u64 || self.documents + size > DOCUMENT_BYTES {
            let message = if size > MANIFEST_BYTES as u64 {
                format!("{} has {size} bytes, at most 4 MiB are read", escape(name))
            } else {
                format!(
                    "{} is not read: the documents of the archive have more than 32 MiB together",
                    escape(name)
                )
            };
            self.findings
                .add(Code::DocumentTooLarge, image, name, message);
            return Ok(None);
        }
        self.documents += size;
        read_place(self.source, found.place).await.map(Some)
    }

    /// Says that a document is none.
    pub(super) fn invalid(
        &mut self,
        image: Option<usize>,
        name: &[u8],
        why: impl std::fmt::Display,
    ) {
        let message = format!("{} cannot be read: {why}", escape(name));
        self.findings
            .add(Code::DocumentInvalid, image, name, message);
    }

    /// Says that readers differ over a document.
    pub(super) fn ambiguous(&mut self, image: Option<usize>, name: &[u8], what: &str) {
        let message = format!("{}: {what}", escape(name));
        self.findings
            .add(Code::DocumentAmbiguous, image, name, message);
    }
}

/// What stands before the text in an object that holds it.
const BEFORE: &[u8] = b"{\"\":";

/// JSON of any kind, as an object that has it under the name `""`.
///
/// The reader of manifests reads objects only, and `manifest.json` of docker is an array.
pub(super) fn wrapped(bytes: &[u8]) -> Vec<u8> {
    [BEFORE, without_mark(bytes), b"}"].concat()
}

/// Reads what [`wrapped`] made: the value, and the first thing that readers differ over; in words
/// where it is no JSON.
pub(super) fn value(wrapped: &[u8]) -> Result<(Value<'_>, Option<String>), String> {
    let parsed = json::read(wrapped).map_err(|mut error| {
        if error.position.line == 1 {
            error.position.column = error.position.column.saturating_sub(BEFORE.len());
        }
        error.to_string()
    })?;
    if parsed.trailing.is_some() || parsed.object.len() != 1 {
        return Err("something stands behind it".to_owned());
    }
    let odd = parsed
        .anomalies
        .into_iter()
        .find_map(|anomaly| match anomaly.kind {
            AnomalyKind::DuplicateName { name, .. } => Some(format!("\"{name}\" stands twice")),
            AnomalyKind::CaseVariantName { name, of } => {
                Some(format!("\"{name}\" and \"{of}\" are one name for Go"))
            }
            AnomalyKind::ByteOrderMark
            | AnomalyKind::Number { .. }
            | AnomalyKind::LoneSurrogate { .. }
            | AnomalyKind::TrailingData { .. } => None,
        });
    let value = parsed.object.get("").cloned().unwrap_or(Value::Null);
    Ok((value, odd))
}

/// The bytes behind a byte order mark, where there is one.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// A member, by its name in any case, as Go finds it.
pub(super) fn member<'v, 'a>(value: &'v Value<'a>, name: &str) -> Option<&'v Value<'a>> {
    let object = value.as_object()?;
    let found = object.get(name).or_else(|| {
        let mut members = object.iter();
        let found = members.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    });
    found.filter(|value| !matches!(value, Value::Null))
}

/// The texts in an array; what is none is left out.
pub(super) fn texts(value: Option<&Value<'_>>) -> Vec<String> {
    let values = value.and_then(Value::as_array).unwrap_or_default();
    values
        .iter()
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}
