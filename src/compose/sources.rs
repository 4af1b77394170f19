//! What was typed or given as a source, and what is wrong with it, before anything is fetched.

use std::fmt;

use waybill_core::compose::commands::manifest_tool::{self, Specification};
use waybill_core::input::{Input, InputError, Note, ReferenceInput, understand};
use waybill_core::reference::{Reference, RegistryHost, Target};

use crate::lazy::apart;

/// One line of what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Read {
    /// The line.
    pub(super) line: String,
    /// What it names.
    pub(super) found: Result<SourceInput, Fault>,
}

/// A source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SourceInput {
    /// Where it is.
    pub(super) reference: Reference,
    /// The registry, where the text asks for plain http.
    pub(super) plain_http: Option<RegistryHost>,
    /// Each step that changed the text.
    pub(super) notes: Vec<Note>,
}

/// Why a line names no source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing stands there.
    Empty,
    /// It is no reference.
    Input(InputError),
    /// A digest alone names no repository.
    NoRepository,
    /// A manifest, where a reference was asked for.
    Manifest,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => {
                f.write_str("nothing is named, a reference such as nginx:1.27 is needed")
            }
            Self::Input(error) => error.fmt(f),
            Self::NoRepository => f.write_str(
                "a digest alone names no repository: write name@digest, or name a target",
            ),
            Self::Manifest => f.write_str("a manifest, a reference is needed here"),
        }
    }
}

/// Reads every line that has something on it. A digest alone is looked for in the repository of `target`. A command
/// that goes on behind a `\` is one line.
pub(super) fn read(text: &str, target: Option<&Reference>) -> Vec<Read> {
    let text = text.replace("\\\r\n", "\\ ").replace("\\\n", "\\ ");
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| Read {
            line: line.to_owned(),
            found: one(line, target),
        })
        .collect()
}

/// Reads the one source of a text.
pub(super) fn one(text: &str, target: Option<&Reference>) -> Result<SourceInput, Fault> {
    match understand(text).map_err(Fault::Input)? {
        Input::Empty => Err(Fault::Empty),
        Input::Manifest => Err(Fault::Manifest),
        Input::Digest(digest) => {
            let target = target.ok_or(Fault::NoRepository)?;
            Ok(SourceInput {
                reference: target.at(Target::Digest(digest)),
                plain_http: None,
                notes: Vec::new(),
            })
        }
        Input::Reference(ReferenceInput {
            reference,
            plain_http,
            notes,
        }) => {
            let plain_http = plain_http.then(|| reference.host().clone());
            Ok(SourceInput {
                reference,
                plain_http,
                notes,
            })
        }
    }
}

/// Reads the target of a text, where there is one in it.
pub(super) fn target(text: &str) -> Result<Option<SourceInput>, Fault> {
    match one(text, None) {
        Err(Fault::Empty) => Ok(None),
        found => found.map(Some),
    }
}

/// Tells whether a text is a manifest or a file of manifest-tool rather than references.
pub(super) fn is_content(text: &str) -> bool {
    matches!(understand(text), Ok(Input::Manifest)) || is_specification("", text.as_bytes())
}

/// Tells whether it is a file of manifest-tool, by its name or its text.
pub(super) fn is_specification(name: &str, bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let ending = name
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    ["yaml", "yml"].contains(&ending.as_str())
        || (!text.trim_start().starts_with('{')
            && text.lines().any(|line| line.trim_end() == "manifests:"))
}

/// Reads a file of manifest-tool; the error is in words, for the page.
pub type ReadSpecification = fn(&[u8]) -> Result<Specification, String>;

apart! {
    yaml:
    /// Loads the part that reads files of manifest-tool: YAML is heavy.
    pub(super) fn load_specification() -> ReadSpecification {
        specification
    }
}

/// Reads a file of manifest-tool; the error is in words, for the page.
pub fn specification(bytes: &[u8]) -> Result<Specification, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let json = waybill_yaml::to_json(text).map_err(|error| error.to_string())?;
    manifest_tool::read(json.as_bytes()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_source_of_its_own() {
        let target: Reference = "r.example/app:1".parse().expect("a reference");
        let digest = format!("sha256:{}", "a".repeat(64));
        let text = format!("nginx:1.27\n\n docker pull http://localhost:5000/a\n{digest}\na//b\n");
        let reads = read(&text, Some(&target));
        let named = |read: &Read| match &read.found {
            Ok(found) => found.reference.familiar(),
            Err(fault) => fault.to_string(),
        };
        let names: Vec<_> = reads.iter().map(named).collect();
        assert_eq!(
            names[..3],
            [
                "nginx:1.27",
                "localhost:5000/a",
                &format!("r.example/app@{digest}")
            ]
        );
        assert!(reads[3].found.is_err());
        assert!(
            reads[1]
                .found
                .as_ref()
                .is_ok_and(|found| found.plain_http.is_some())
        );
        assert_eq!(
            one(&digest, None).expect_err("no repository").to_string(),
            "a digest alone names no repository: write name@digest, or name a target"
        );
        assert_eq!(
            one("", None).expect_err("empty").to_string(),
            "nothing is named, a reference such as nginx:1.27 is needed"
        );
        assert_eq!(
            one("{}", None).expect_err("JSON").to_string(),
            "a manifest, a reference is needed here"
        );
        assert_eq!(target_of(" "), None);
    }

    #[test]
    fn a_command_over_several_lines_is_one_source() {
        let reads = read(
            "docker run \\\n  --rm \\\r\n  r.example/a:1\nr.example/b",
            None,
        );
        let names = reads.iter().map(|read| match &read.found {
            Ok(found) => found.reference.familiar(),
            Err(fault) => fault.to_string(),
        });
        assert_eq!(names.collect::<Vec<_>>(), ["r.example/a:1", "r.example/b"]);
    }

    fn target_of(text: &str) -> Option<SourceInput> {
        target(text).expect("no fault")
    }

    #[test]
    fn a_file_of_manifest_tool_is_known_by_its_name_or_its_text() {
        assert!(is_specification("list.YAML", b"image: a"));
        assert!(is_specification(
            "",
            b"image: a/b:1\nmanifests:\n- image: a/b:2\n"
        ));
        assert!(!is_specification("a.json", b"{\"manifests\":[]}"));
        assert!(is_content("{}") && !is_content("nginx"));
        assert_eq!(
            specification(b"\xff").expect_err("bytes"),
            "it is not UTF-8"
        );
        assert_eq!(
            specification(b"tags: []").expect_err("no image"),
            "image is missing"
        );
    }
}
