//! The file that `manifest-tool push from-spec` reads: what to push where, in YAML.
//!
//! It goes both ways. [`yaml`] writes a draft as such a file, which comes with manifest-tool's
//! command. [`read`] takes a file that somebody has, to compose what it says; YAML itself is
//! not read here but by the crate `waybill-yaml`, which the page loads when it is needed and
//! which gives JSON.
//!
//! Source: manifest-tool v2 `pkg/types/input.go`; its names are Go's field names in lower
//! case.

use std::fmt::{self, Write as _};

use super::super::{Draft, ListKind};
use super::source;
use crate::annotation::Annotations;
use crate::json::{self, JsonError, Object, Value};
use crate::lenient::is_hidden;
use crate::platform::Platform;
use crate::reference::{Reference, ReferenceError, Tag};

/// What such a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Specification {
    /// Where the list is to be pushed: `image` at the top.
    pub image: Reference,
    /// Further tags for it. [`yaml`] writes none.
    pub tags: Vec<Tag>,
    /// Annotations of the list, in their order; a value that is `null` is an empty text.
    pub annotations: Annotations,
    /// The images, each with what is stated of its platform: what is not stated is the config's.
    pub manifests: Vec<(Reference, Platform)>,
}

/// Reads such a file, its YAML turned into JSON, all scalars as texts but `null`, which counts
/// as absent. Names that manifest-tool does not know are passed over, as it does.
///
/// It fails at the first thing that is wrong, since a list of half the images is not what the
/// file asks for. A name that stands twice is refused where it is one that is read. References
/// may be short (`debian:12`), as everywhere.
///
/// ```
/// use waybill_core::compose::commands::manifest_tool::read;
///
/// let json = br#"{"image":"r.example/a:1",
///     "manifests":[{"image":"r.example/a:arm","platform":{"os":"linux"}}]}"#;
/// assert_eq!(read(json)?.manifests[0].1.os, "linux");
/// assert_eq!(read(b"{}").unwrap_err().to_string(), "image is missing");
/// # Ok::<(), waybill_core::compose::commands::manifest_tool::SpecificationError>(())
/// ```
pub fn read(json: &[u8]) -> Result<Specification, SpecificationError> {
    let document = json::read(json).map_err(SpecificationError::Json)?;
    let top = &document.object;
    let tags = texts(top, "tags")?.into_iter().map(|tag| {
        tag.parse().map_err(|error| SpecificationError::Reference {
            place: "tags".to_owned(),
            error,
        })
    });
    let mut manifests = Vec::new();
    for (index, manifest) in array(top, "manifests")?.iter().enumerate() {
        let place = format!("manifests {index}");
        let Some(members) = manifest.as_object() else {
            return Err(wrong(&place, "an object"));
        };
        let platform = match member(members, "platform")? {
            None => Platform::default(),
            Some(Value::Object(platform)) => Platform {
                architecture: text(platform, "architecture")?.unwrap_or_default(),
                os: text(platform, "os")?.unwrap_or_default(),
                os_version: text(platform, "osversion")?,
                os_features: texts(platform, "osfeatures")?,
                variant: text(platform, "variant")?,
                ..Platform::default()
            },
            Some(_) => return Err(wrong(&format!("{place} platform"), "an object")),
        };
        manifests.push((reference(members, &format!("{place} image"))?, platform));
    }
    let mut annotations = Vec::new();
    match member(top, "annotations")? {
        None => {}
        Some(Value::Object(members)) => {
            for (name, _) in members.iter() {
                annotations.push((name.to_owned(), text(members, name)?.unwrap_or_default()));
            }
        }
        Some(_) => return Err(wrong("annotations", "an object")),
    }
    Ok(Specification {
        image: reference(top, "image")?,
        tags: tags.collect::<Result<_, _>>()?,
        annotations: annotations.into(),
        manifests,
    })
}

/// The only member of that name; `None` where it is absent or `null`, an error where the name
/// stands twice.
fn member<'v, 'a>(
    object: &'v Object<'a>,
    name: &str,
) -> Result<Option<&'v Value<'a>>, SpecificationError> {
    if object.iter().filter(|(known, _)| *known == name).count() > 1 {
        return Err(SpecificationError::Twice {
            name: name.to_owned(),
        });
    }
    Ok(object.get(name))
}

/// A member that is a text, where it is there.
fn text(object: &Object<'_>, name: &str) -> Result<Option<String>, SpecificationError> {
    match member(object, name)? {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone().into_owned())),
        Some(_) => Err(wrong(name, "a text")),
    }
}

/// A member that is an array; an empty one where it is absent.
fn array<'v, 'a>(
    object: &'v Object<'a>,
    name: &str,
) -> Result<&'v [Value<'a>], SpecificationError> {
    match member(object, name)? {
        None => Ok(&[]),
        Some(Value::Array(values)) => Ok(values),
        Some(_) => Err(wrong(name, "an array")),
    }
}

/// A member that is an array of texts; none where it is absent. One element of another kind
/// fails all of it.
fn texts(object: &Object<'_>, name: &str) -> Result<Vec<String>, SpecificationError> {
    let text = |value: &Value<'_>| {
        value
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| wrong(name, "an array of texts"))
    };
    array(object, name)?.iter().map(text).collect()
}

/// The member `image`, which has to be there. `place` is what an error calls it: `image`,
/// `manifests 0 image`.
fn reference(object: &Object<'_>, place: &str) -> Result<Reference, SpecificationError> {
    let missing = || SpecificationError::Missing {
        place: place.to_owned(),
    };
    let text = text(object, "image")?.ok_or_else(missing)?;
    text.parse().map_err(|error| SpecificationError::Reference {
        place: place.to_owned(),
        error,
    })
}

fn wrong(place: &str, expected: &'static str) -> SpecificationError {
    SpecificationError::Wrong {
        place: place.to_owned(),
        expected,
    }
}

/// Why such a file is not read. Places are names, of manifests with their number from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpecificationError {
    /// It is not a JSON object.
    Json(JsonError),
    /// A member is missing.
    Missing {
        /// Which.
        place: String,
    },
    /// A name stands twice.
    Twice {
        /// Which.
        name: String,
    },
    /// A value is of another kind.
    Wrong {
        /// Where.
        place: String,
        /// What it has to be.
        expected: &'static str,
    },
    /// A text is not a reference or a tag.
    Reference {
        /// Where.
        place: String,
        /// Why.
        error: ReferenceError,
    },
}

impl fmt::Display for SpecificationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => error.fmt(f),
            Self::Missing { place } => write!(f, "{place} is missing"),
            Self::Twice { name } => write!(f, "{name} stands twice in one object"),
            Self::Wrong { place, expected } => write!(f, "{place} has to be {expected}"),
            Self::Reference { place, error } => write!(f, "{place}: {error}"),
        }
    }
}

impl std::error::Error for SpecificationError {}

/// A draft as YAML for `target`. Texts are in double quotes, so that nothing in them is taken
/// for YAML.
///
/// Entries' annotations, artifact types and subject have no place in it. Annotations of the
/// list are written for an index only; the kind itself is said on the command line. Each image
/// is named by its digest, with its platform as the list says it.
///
/// ```text
/// image: "ghcr.io/o/app:1"
/// manifests:
///   - image: "ghcr.io/o/app@sha256:…"
///     platform:
///       architecture: "arm"
///       os: "linux"
///       variant: "v7"
/// ```
///
/// ```
/// use waybill_core::compose::{Draft, ListKind, commands::manifest_tool};
///
/// let draft = Draft::new(ListKind::DockerList);
/// let yaml = manifest_tool::yaml(&draft, &"ghcr.io/o/app:1".parse()?);
/// assert_eq!(yaml, "image: \"ghcr.io/o/app:1\"\nmanifests: []\n");
/// # Ok::<(), waybill_core::reference::ReferenceError>(())
/// ```
#[must_use]
pub fn yaml(draft: &Draft, target: &Reference) -> String {
    let mut yaml = String::new();
    push(&mut yaml, "image", &target.to_string());
    if !draft.annotations.is_empty() && draft.kind == ListKind::OciIndex {
        yaml.push_str("annotations:\n");
        for (name, value) in &draft.annotations {
            push(&mut yaml, &["  ", &quoted(name)].concat(), value);
        }
    }
    yaml.push_str(if draft.entries.is_empty() {
        "manifests: []\n"
    } else {
        "manifests:\n"
    });
    for entry in &draft.entries {
        push(&mut yaml, "  - image", &source(entry, target).to_string());
        let Some(platform) = &entry.descriptor.platform else {
            continue;
        };
        yaml.push_str("    platform:\n");
        push(&mut yaml, "      architecture", &platform.architecture);
        push(&mut yaml, "      os", &platform.os);
        for (name, value) in [
            ("      osversion", &platform.os_version),
            ("      variant", &platform.variant),
        ] {
            if let Some(value) = value {
                push(&mut yaml, name, value);
            }
        }
        if !platform.os_features.is_empty() {
            let features: Vec<String> = platform
                .os_features
                .iter()
                .map(|feature| quoted(feature))
                .collect();
            yaml.push_str(&["      osfeatures: [", &features.join(", "), "]\n"].concat());
        }
    }
    yaml
}

/// A text in double quotes.
///
/// In YAML's own way (`\U00000085`) where JSON leaves a character as it is: YAML takes U+0085
/// or U+2028 for a line break and refuses other control characters, and what does not show
/// should not surprise who reads the file.
fn quoted(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap_or_default();
    let mut quoted = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_control()
            || is_hidden(character)
            || matches!(character, '\u{2028}' | '\u{2029}')
        {
            // Writing to a String cannot fail.
            let _ = write!(quoted, "\\U{:08X}", u32::from(character));
        } else {
            quoted.push(character);
        }
    }
    quoted
}

/// Adds a line `NAME: "VALUE"`. `name` brings its own indentation, and its quotes where it
/// needs them.
fn push(yaml: &mut String, name: &str, value: &str) {
    yaml.push_str(&[name, ": ", &quoted(value), "\n"].concat());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_where_and_what_was_expected() {
        let error = |json: &str| {
            read(json.as_bytes())
                .expect_err("no specification")
                .to_string()
        };
        assert_eq!(
            error("[]"),
            "line 1, column 1: an array, a manifest is a JSON object"
        );
        assert_eq!(
            error(r#"{"image":"a","image":"b"}"#),
            "image stands twice in one object"
        );
        assert_eq!(error(r#"{"image":["a"]}"#), "image has to be a text");
        assert_eq!(
            error(r#"{"image":"a","manifests":{}}"#),
            "manifests has to be an array"
        );
        assert_eq!(
            error(r#"{"image":"a","manifests":[{}]}"#),
            "manifests 0 image is missing"
        );
        assert_eq!(
            error(r#"{"image":"a","tags":[null]}"#),
            "tags has to be an array of texts"
        );
        assert!(
            error(r#"{"image":"A"}"#).starts_with("image: "),
            "{}",
            error(r#"{"image":"A"}"#)
        );
        assert!(error(r#"{"image":"a","tags":[".x"]}"#).starts_with("tags: "));
    }
}
