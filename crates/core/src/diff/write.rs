//! A difference as text for people, and as JSON for programs.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Change, ImageDiff, Layer, ListDiff, Section, Sharing};

/// The form of the JSON. It goes up where a key changes its meaning or is taken away.
const VERSION: u32 = 1;

/// The two that are compared, by name and digest, as a person called them.
pub type Names<'a> = [(&'a str, Option<&'a str>); 2];

#[derive(Serialize)]
struct Document<'a, T> {
    version: u32,
    left: Named<'a>,
    right: Named<'a>,
    sentence: String,
    #[serde(flatten)]
    found: &'a T,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    digest: Option<&'a str>,
}

/// As JSON, indented, the same bytes for the same difference: `version` (1), `left` and `right`
/// (`name`, `digest`), `sentence`, and the members of the difference as they stand here.
fn json<T: Serialize>(names: Names<'_>, sentence: String, found: &T) -> String {
    let [left, right] = names.map(|(name, digest)| Named { name, digest });
    let document = Document {
        version: VERSION,
        left,
        right,
        sentence,
        found,
    };
    // Texts and numbers can always be written.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// The head of a difference, as `diff` writes it.
fn head(names: Names<'_>, sentence: &str) -> String {
    let mut text = String::new();
    for (sign, (name, digest)) in ["---", "+++"].into_iter().zip(names) {
        // Writing to a text does not fail.
        let _ = write!(text, "{sign} {name}");
        if let Some(digest) = digest {
            let _ = write!(text, " {digest}");
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{sentence}");
    text
}

fn write_sections(text: &mut String, sections: &[Section]) {
    for section in sections {
        if section.changes.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{}", section.kind);
        write_changes(text, &section.changes);
    }
}

fn write_changes(text: &mut String, changes: &[Change]) {
    for Change { name, left, right } in changes {
        for (sign, value) in [('-', left), ('+', right)] {
            if let Some(value) = value {
                // One line a value, whatever stands in it.
                let value = value.replace('\n', "\\n");
                let _ = writeln!(text, "{sign} {name}: {value}");
            }
        }
    }
}

impl ImageDiff {
    /// As text: what differs, line by line, as `diff` marks it, `=` before what is shared.
    #[must_use]
    pub fn to_text(&self, names: Names<'_>) -> String {
        let mut text = head(names, &self.sentence());
        write_sections(&mut text, &self.sections);
        if !self.layers.is_empty() {
            text.push_str("\nLayers\n");
        }
        for row in &self.layers {
            let mut line = |sign: char, layer: &Layer, note: &str| {
                let size = layer
                    .item
                    .size
                    .map(|size| format!(" {size}"))
                    .unwrap_or_default();
                let _ = writeln!(text, "{sign} {}{size}{note}", layer.item.digest_text);
            };
            match (&row.left, &row.right, row.sharing) {
                (Some(layer), _, Sharing::Bytes) => line('=', layer, ""),
                (left, right, sharing) => {
                    let note = match sharing {
                        Sharing::Content => " (the same content, compressed otherwise)".to_owned(),
                        Sharing::Elsewhere(place) => format!(" (layer {} there)", place + 1),
                        Sharing::Bytes | Sharing::Nothing => String::new(),
                    };
                    for (sign, layer) in [('-', left), ('+', right)] {
                        if let Some(layer) = layer {
                            line(sign, layer, &note);
                        }
                    }
                }
            }
        }
        text
    }

    /// As JSON, indented, the same bytes for the same difference.
    #[must_use]
    pub fn to_json(&self, names: Names<'_>) -> String {
        json(names, self.sentence(), self)
    }
}

impl ListDiff {
    /// As text: what differs, line by line, as `diff` marks it, `=` before what is the same.
    #[must_use]
    pub fn to_text(&self, names: Names<'_>) -> String {
        let mut text = head(names, &self.sentence());
        write_sections(&mut text, &self.sections);
        if !self.entries.is_empty() {
            text.push_str("\nEntries\n");
        }
        for row in &self.entries {
            if let (Some(entry), true) = (&row.left, row.is_same()) {
                let _ = writeln!(text, "= {}: {}", row.title, entry.digest_text);
            } else {
                for (sign, entry) in [('-', &row.left), ('+', &row.right)] {
                    if let Some(entry) = entry {
                        let _ = writeln!(text, "{sign} {}: {}", row.title, entry.digest_text);
                    }
                }
            }
            write_changes(&mut text, &row.changes);
        }
        text
    }

    /// As JSON, indented, the same bytes for the same difference.
    #[must_use]
    pub fn to_json(&self, names: Names<'_>) -> String {
        json(names, self.sentence(), self)
    }
}
