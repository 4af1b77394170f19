//! The work as text, so that a reload does not lose it. It holds no credentials, and nothing that was fetched: that is
//! fetched and verified again.

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

/// Changes when an older text cannot be read any more.
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
    /// A part cannot be read.
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

#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    kind: String,
    tool: String,
    target: Option<String>,
    /// Everything that the list says, with the entries of the rows in their order, as JSON text.
    list: String,
    /// What the images themselves say, as entries of another list.
    origins: String,
    rows: Vec<SavedRow>,
    subject: Option<SavedRow>,
    opening: Option<usize>,
    original: Option<(SavedSource, String)>,
    given: Vec<String>,
}

#[derive(Serialize, Deserialize)]
enum SavedSource {
    Registry(String),
    Given(String, String),
}

#[derive(Serialize, Deserialize)]
struct SavedRow {
    source: SavedSource,
    from: Option<SavedSource>,
    stated: Option<SavedPlatform>,
    kept: bool,
    nested: bool,
    /// Whether the next entry of the list is this row's, and then whether the next of the origins is.
    entry: Option<bool>,
    refused: Option<SavedRefusal>,
}

#[derive(Serialize, Deserialize)]
struct SavedPlatform {
    os: String,
    architecture: String,
    variant: Option<String>,
    version: Option<String>,
    features: Vec<String>,
}

/// Those that an entry of a list can have.
#[derive(Serialize, Deserialize)]
enum SavedRefusal {
    Schema1,
    TooLarge(u64),
    Incomplete(String),
}

impl Model {
    /// The work as a JSON text; [`restore`](Self::restore) reads it.
    ///
    /// ```
    /// use waybill_core::workflow::compose::{Model, Msg, update};
    /// use waybill_core::workflow::fetch::Generation;
    ///
    /// let mut model = Model::new(Generation(1));
    /// update(&mut model, Msg::Add(vec!["ghcr.io/o/app:amd64".parse()?]));
    /// let (restored, effects) = Model::restore(&model.snapshot(), Generation(2)).expect("it was just written");
    /// assert_eq!(restored.composition().rows[0].source, model.composition().rows[0].source);
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

    /// The model of a snapshot, and the effects that fetch its manifests again. Nothing in the text is taken for
    /// verified.
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
                features: Vec::new(),
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

fn part(name: &'static str) -> SnapshotError {
    SnapshotError::Part { name }
}

fn read_list(bytes: Rc<[u8]>, name: &'static str) -> Result<(Manifest, List), SnapshotError> {
    let (manifest, _) = Manifest::read(bytes, &DeclaredTypes::none()).map_err(|_| part(name))?;
    let list = manifest.list().cloned().ok_or(part(name))?;
    Ok((manifest, list))
}

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
            | Ineligible::Unsafe(_) => SavedRefusal::Schema1,
        }),
    }
}

fn save_source(source: &Source) -> SavedSource {
    match source {
        Source::Registry(reference) => SavedSource::Registry(reference.to_string()),
        Source::Given { name, digest } => SavedSource::Given(name.clone(), digest.to_string()),
    }
}

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
