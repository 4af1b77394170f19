//! The work as text, so that a reload does not lose it. It holds no credentials, and nothing
//! that was fetched: that is fetched and verified again.
//!
//! The text is one JSON object (`Saved`). It holds what a person decided, and the bytes that a
//! person gave, in Base64. It does not hold the steps of undo, whether all entries were to be
//! fetched, and row ids: rows are counted anew.
//!
//! Entries are not written in a format of their own. All of them together are a list, written
//! and read like any other list, so members that Waybill does not know survive a reload too.
//! The page keeps the text in the tab, and gives up where it would be too long.
//!
//! Longer than most files: writing and reading one text, which have to fit each other.

use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::base64;
use crate::compose::eligibility::Ineligible;
use crate::compose::{self, Entry, EntryOrigin, ListKind, Tool};
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::manifest::detect::DeclaredTypes;
use crate::manifest::{List, Manifest};
use crate::platform::Platform;
use crate::workflow::fetch::Generation;

use super::composition::{Base, Composition, Row, Source};
use super::{Effect, Model};

/// The version of the text. Changes when an older text cannot be read any more.
const VERSION: u32 = 1;

/// Why a text is no snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotError {
    /// It is not the JSON of one.
    Json {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// It was written by another version.
    Version {
        /// Which.
        found: u32,
    },
    /// A part cannot be read: text that is not what it says, or an entry that a row needs and
    /// the list lacks.
    Part {
        /// Its name.
        name: &'static str,
    },
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json { line, column } => write!(
                f,
                "snapshot is not readable at line {line}, column {column}"
            ),
            Self::Version { found } => write!(
                f,
                "snapshot is of version {found}, this is version {VERSION}"
            ),
            Self::Part { name } => write!(f, "snapshot has an unreadable {name}"),
        }
    }
}

impl std::error::Error for SnapshotError {}

/// The text's members, as serde writes and reads them.
#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    /// The name of the kind: `oci` or `docker`.
    kind: String,
    /// The name of the form.
    tool: String,
    /// The reference, as a person would type it.
    target: Option<String>,
    /// Everything that the list says, with the entries of the rows in their order, as JSON
    /// text. Rows that are left out have their entries here too; rows without an entry have
    /// none.
    list: String,
    /// What the images themselves say, as entries of another list: one for each entry that has
    /// an origin, in their order. The config's media type stands in for that of the manifest
    /// there.
    origins: String,
    /// The rows in order, without their entries.
    rows: Vec<SavedRow>,
    /// The subject's row. Its descriptor is the subject of `list`.
    subject: Option<SavedRow>,
    /// The place of the row that is to be opened as the start.
    opening: Option<usize>,
    /// Where the list was that was opened as the start, and its bytes in Base64. Unlike all
    /// else that was fetched these are kept: the difference is to the list as it was then.
    original: Option<(SavedSource, String)>,
    /// The bytes that a person gave, in Base64. Their digests are computed again.
    given: Vec<String>,
}

/// A [`Source`] as text.
#[derive(Serialize, Deserialize)]
enum SavedSource {
    /// The reference.
    Registry(String),
    /// The name and the digest.
    Given(String, String),
}

/// A [`Row`] without its id and its entry.
#[derive(Serialize, Deserialize)]
struct SavedRow {
    source: SavedSource,
    from: Option<SavedSource>,
    stated: Option<SavedPlatform>,
    kept: bool,
    nested: bool,
    /// Whether the next entry of the list is this row's, and then whether the next of the
    /// origins is: `null` where the row has no entry, `false` where it has one without an
    /// origin.
    entry: Option<bool>,
    refused: Option<SavedRefusal>,
}

/// A stated platform. It has no `features`: manifest-tool's file has none either.
#[derive(Serialize, Deserialize)]
struct SavedPlatform {
    os: String,
    architecture: String,
    variant: Option<String>,
    version: Option<String>,
    features: Vec<String>,
}

/// Why a list does not say enough of a row: of the reasons those that an entry of a list can
/// have.
#[derive(Serialize, Deserialize)]
enum SavedRefusal {
    Schema1,
    TooLarge(u64),
    /// The member that is missing or broken.
    Incomplete(String),
}

impl Model {
    /// The work as a JSON text; [`restore`](Self::restore) reads it.
    ///
    /// It grows with what was given: whoever has little room asks
    /// [`given_bytes`](Self::given_bytes) before.
    ///
    /// ```
    /// use waybill_core::workflow::compose::{Model, Msg, update};
    /// use waybill_core::workflow::fetch::Generation;
    ///
    /// let mut model = Model::new(Generation(1));
    /// update(&mut model, Msg::Add(vec!["ghcr.io/o/app:amd64".parse()?]));
    /// let (restored, effects) =
    ///     Model::restore(&model.snapshot(), Generation(2)).expect("it was just written");
    /// let source = |model: &Model| model.composition().rows[0].source.clone();
    /// assert_eq!(source(&restored), source(&model));
    /// assert_eq!(effects.len(), 1);
    /// # Ok::<(), waybill_core::reference::ReferenceError>(())
    /// ```
    #[must_use]
    pub fn snapshot(&self) -> String {
        let composition = &self.composition;
        let entries: Vec<&Entry> = composition
            .rows
            .iter()
            .filter_map(|row| row.entry.as_ref())
            .collect();
        let list = List {
            entries: entries
                .iter()
                .map(|entry| entry.descriptor.clone())
                .collect(),
            artifact_type: composition.artifact_type.clone(),
            subject: composition
                .subject
                .as_ref()
                .and_then(|row| row.entry.as_ref())
                .map(|entry| entry.descriptor.clone()),
            annotations: composition.annotations.clone(),
            unknown: composition.unknown.clone(),
        };
        let origins = entries
            .iter()
            .filter_map(|entry| entry.origin.as_ref())
            .map(|origin| Descriptor {
                media_type: origin.config_type.clone(),
                artifact_type: origin.artifact_type.clone(),
                annotations: origin.annotations.clone(),
                platform: origin.platform.clone(),
                ..Descriptor::default()
            });
        let saved = Saved {
            version: VERSION,
            kind: composition.kind.name().to_owned(),
            tool: composition.tool.name().to_owned(),
            target: composition.target.as_ref().map(ToString::to_string),
            list: compose::keep(&list),
            origins: compose::keep(&List {
                entries: origins.collect(),
                ..List::default()
            }),
            rows: composition.rows.iter().map(|row| save_row(row)).collect(),
            subject: composition.subject.as_ref().map(save_row),
            opening: composition.opening.and_then(|id| composition.place(id)),
            original: composition
                .original
                .as_ref()
                .map(|one| (save_source(&one.source), base64::encode(&one.bytes))),
            given: self
                .given
                .iter()
                .map(|(_, bytes)| base64::encode(bytes))
                .collect(),
        };
        // It has only texts, numbers and lists, which can all be written.
        serde_json::to_string(&saved).unwrap_or_default()
    }

    /// The model of a snapshot, and the effects that fetch its manifests again. Nothing in the
    /// text is taken for verified.
    ///
    /// Bytes that were given are hashed anew and are under their true digest, whatever the
    /// rows say of them. Entries have to be such that a list may have them, or the text is
    /// refused. There is nothing to undo, and `generation` has to differ from those of all
    /// earlier models, as in [`new`](Self::new).
    ///
    /// A text that cannot be read is refused as a whole: half of somebody's work would look
    /// like all of it.
    pub fn restore(
        text: &str,
        generation: Generation,
    ) -> Result<(Self, Vec<Effect>), SnapshotError> {
        let saved: Saved = serde_json::from_str(text).map_err(|error| SnapshotError::Json {
            line: error.line(),
            column: error.column(),
        })?;
        if saved.version != VERSION {
            return Err(SnapshotError::Version {
                found: saved.version,
            });
        }
        let mut model = Self::new(generation);
        for data in &saved.given {
            let bytes: Rc<[u8]> = base64::decode(data).ok_or(part("given"))?.into();
            model.keep_bytes(&bytes);
        }
        let list = read_list(saved.list.as_bytes().into(), "list")?.1;
        let origins = read_list(saved.origins.as_bytes().into(), "origins")?.1;
        let (mut entries, mut origins) = (list.entries.into_iter(), origins.entries.into_iter());
        let mut rows = Vec::with_capacity(saved.rows.len());
        for row in saved.rows {
            rows.push(Rc::new(model.restore_row(
                row,
                &mut entries,
                &mut origins,
            )?));
        }
        let subject = match saved.subject {
            Some(row) => {
                Some(model.restore_row(row, &mut list.subject.into_iter(), &mut origins)?)
            }
            None => None,
        };
        let original = match saved.original {
            Some((source, data)) => {
                let bytes: Rc<[u8]> = base64::decode(&data).ok_or(part("original"))?.into();
                let (manifest, list) = read_list(Rc::clone(&bytes), "original")?;
                let kind = ListKind::from_format(manifest.format).ok_or(part("original"))?;
                Some(Base {
                    source: restore_source(source)?,
                    bytes,
                    kind,
                    list: Rc::new(list),
                })
            }
            None => None,
        };
        let target = saved
            .target
            .map(|target| target.parse())
            .transpose()
            .map_err(|_| part("target"))?;
        model.composition = Composition {
            kind: ListKind::of_name(&saved.kind).ok_or(part("kind"))?,
            tool: Tool::of_name(&saved.tool).ok_or(part("form"))?,
            target,
            opening: saved
                .opening
                .and_then(|place| rows.get(place))
                .map(|row| row.id),
            rows,
            artifact_type: list.artifact_type,
            subject,
            annotations: list.annotations,
            unknown: list.unknown,
            original,
        };
        let effects = model.next_fetches();
        model.refresh();
        Ok((model, effects))
    }

    /// Reads one row, and takes what is its own from the entries and origins.
    ///
    /// Both are read in the order in which they were written, so rows have to be restored in
    /// order, and the subject last.
    fn restore_row(
        &mut self,
        saved: SavedRow,
        entries: &mut impl Iterator<Item = Descriptor>,
        origins: &mut impl Iterator<Item = Descriptor>,
    ) -> Result<Row, SnapshotError> {
        let source = restore_source(saved.source)?;
        let mut row = Row {
            kept: saved.kept,
            nested: saved.nested,
            ..self.new_row(source)
        };
        row.stated = saved.stated.map(|stated| {
            let SavedPlatform {
                os,
                architecture,
                variant,
                version,
                features,
            } = stated;
            Platform {
                architecture,
                os,
                os_version: version,
                os_features: features,
                variant,
                ..Platform::default()
            }
        });
        row.from = saved.from.map(restore_source).transpose()?;
        if let Some(has_origin) = saved.entry {
            let descriptor = entries.next().ok_or(part("entry"))?;
            let origin = if has_origin {
                Some(origins.next().ok_or(part("origin"))?)
            } else {
                None
            };
            let origin = origin.map(|origin| EntryOrigin {
                artifact_type: origin.artifact_type,
                config_type: origin.media_type,
                annotations: origin.annotations,
                platform: origin.platform,
            });
            // What an entry needs it has to have also here.
            let entry = Entry::from_listed(&descriptor).map_err(|_| part("entry"))?;
            row.entry = Some(Entry {
                reference: row.source.reference().cloned(),
                origin,
                ..entry
            });
        }
        row.refused = saved.refused.map(|refused| match refused {
            SavedRefusal::Schema1 => Ineligible::Schema1,
            SavedRefusal::TooLarge(size) => Ineligible::TooLarge { size },
            SavedRefusal::Incomplete(member) => {
                let known = ["mediaType", "size", "digest"]
                    .into_iter()
                    .find(|known| *known == member);
                Ineligible::Incomplete {
                    member: known.unwrap_or("member"),
                }
            }
        });
        Ok(row)
    }
}

/// The error for a part of that name.
fn part(name: &'static str) -> SnapshotError {
    SnapshotError::Part { name }
}

/// Reads the JSON text of a list; `name` is that of the part in the error where it is none.
fn read_list(bytes: Rc<[u8]>, name: &'static str) -> Result<(Manifest, List), SnapshotError> {
    let (manifest, _) = Manifest::read(bytes, &DeclaredTypes::none()).map_err(|_| part(name))?;
    let list = manifest.list().cloned().ok_or(part(name))?;
    Ok((manifest, list))
}

/// Writes a row; its entry goes into the list, in the same order.
fn save_row(row: &Row) -> SavedRow {
    SavedRow {
        source: save_source(&row.source),
        from: row.from.as_ref().map(save_source),
        stated: row.stated.clone().map(|stated| SavedPlatform {
            os: stated.os,
            architecture: stated.architecture,
            variant: stated.variant,
            version: stated.os_version,
            features: stated.os_features,
        }),
        kept: row.kept,
        nested: row.nested,
        entry: row.entry.as_ref().map(|entry| entry.origin.is_some()),
        refused: row.refused.as_ref().map(|refused| match refused {
            Ineligible::TooLarge { size } => SavedRefusal::TooLarge(*size),
            Ineligible::Incomplete { member } => SavedRefusal::Incomplete((*member).to_owned()),
            // `Entry::from_listed` refuses for no other reason.
            Ineligible::Schema1
            | Ineligible::NotJson(_)
            | Ineligible::NoManifest(_)
            | Ineligible::Mismatch(_)
            | Ineligible::Empty
            | Ineligible::Unsafe(_) => SavedRefusal::Schema1,
        }),
    }
}

/// Writes a source.
fn save_source(source: &Source) -> SavedSource {
    match source {
        Source::Registry(reference) => SavedSource::Registry(reference.to_string()),
        Source::Given { name, digest } => SavedSource::Given(name.clone(), digest.to_string()),
    }
}

/// Reads a source; fails where the reference or the digest in it cannot be parsed.
fn restore_source(saved: SavedSource) -> Result<Source, SnapshotError> {
    Ok(match saved {
        SavedSource::Registry(reference) => {
            Source::Registry(reference.parse().map_err(|_| part("source"))?)
        }
        SavedSource::Given(name, digest) => {
            let digest: Digest = digest.parse().map_err(|_| part("source"))?;
            Source::Given { name, digest }
        }
    })
}
