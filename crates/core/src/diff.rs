//! Two images, or two lists, beside each other: what they share, and what differs.
//!
//! Nothing is judged: a difference is no fault. What neither of the two says is not told, and what
//! both say alike is only counted.
//!
//! | of | matched by |
//! | --- | --- |
//! | entries of a list | their platform, normalised; attestations by that of what they attest |
//! | layers | their digest, else their `diff_id`: compressing anew changes the first alone |
//! | environment, labels, annotations | their names |
//! | steps of the history | their text, in their order |
//! | packages of SBOMs | their package URL without its version, else their name |
//! | what refers to them | what it is |
//!
//! [`images`] and [`lists`] compare what was read; `text` and `json` below write it down for
//! people and for programs.
//!
//! ```
//! use waybill_core::diff::{Image, images};
//! use waybill_core::{DeclaredTypes, Manifest};
//!
//! let manifest = |label: &str| {
//!     let bytes = format!(r#"{{"schemaVersion":2,"config":{{}},"layers":[],"annotations":{{"a":"{label}"}}}}"#);
//!     Manifest::read(bytes.as_bytes(), &DeclaredTypes::none()).map(|(manifest, _)| manifest)
//! };
//! let (left, right) = (manifest("1")?, manifest("2")?);
//! let side = |manifest| Image::new(manifest, None);
//! let found = images(&side(&left).expect("an image"), &side(&right).expect("an image"));
//! assert_eq!(found.sentence(), "1 annotation differs");
//! assert_eq!(found.sections[1].changes[0].left.as_deref(), Some("1"));
//! # Ok::<(), waybill_core::json::JsonError>(())
//! ```

mod align;
mod config;
mod image;
mod layers;
mod list;
mod packages;
mod write;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::annotation::Annotations;
use crate::descriptor::Descriptor;
use crate::digest::Digest;

pub use image::{Image, ImageDiff, images};
pub use layers::{Layer, LayerRow, Sharing};
pub use list::{EntryRow, ListDiff, entry_for, lists};
pub use packages::{packages, referrers};
pub use write::Names;

/// A thing that at least one of the two says, and not both alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What it is called.
    pub name: String,
    /// What the left one says; `None` where it says nothing.
    pub left: Option<String>,
    /// What the right one says.
    pub right: Option<String>,
}

/// An entry of a list, or a layer of an image, as one of the two names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Its place, from 0; of layers base first.
    pub index: usize,
    /// Its digest as it was written.
    #[serde(rename = "digest")]
    pub digest_text: String,
    /// Its digest, where it is one.
    #[serde(skip)]
    pub digest: Option<Digest>,
    /// The size in bytes that is stated for it.
    pub size: Option<u64>,
}

impl Item {
    fn new(index: usize, descriptor: &Descriptor) -> Self {
        Self {
            index,
            digest_text: descriptor.digest_text.clone(),
            digest: descriptor.digest.clone(),
            size: descriptor.size,
        }
    }
}

/// What differs of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Which kind.
    pub kind: Kind,
    /// What differs, in the order of the left one, behind it what only the right one has.
    pub changes: Vec<Change>,
    /// How many both have alike.
    pub equal: usize,
}

/// Kinds of what is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// What the manifest says of itself: its format, type and subject, and its config's digest.
    Manifest,
    /// Annotations of the manifest.
    Annotation,
    /// Members of the config that have no kind of their own.
    Setting,
    /// Variables of the environment.
    Variable,
    /// Labels.
    Label,
    /// Steps of the history.
    Step,
    /// What refers to them, by what it is.
    Referrer,
    /// Packages of their SBOMs.
    Package,
    /// Licences of packages that both have.
    Licence,
}

impl Kind {
    /// The heading above them.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Manifest => "Manifest",
            Self::Annotation => "Annotations",
            Self::Setting => "Config",
            Self::Variable => "Environment",
            Self::Label => "Labels",
            Self::Step => "History",
            Self::Referrer => "What refers to them",
            Self::Package => "Packages",
            Self::Licence => "Licences of packages",
        }
    }

    /// What one of them is called.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Manifest => "member of the manifest",
            Self::Annotation => "annotation",
            Self::Setting => "setting",
            Self::Variable => "environment variable",
            Self::Label => "label",
            Self::Step => "step of the history",
            Self::Referrer => "kind of referrer",
            Self::Package => "package",
            Self::Licence => "licence",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// Gathers what differs of one kind.
struct Gathering(Section);

impl Gathering {
    fn of(kind: Kind) -> Self {
        Self(Section {
            kind,
            changes: Vec::new(),
            equal: 0,
        })
    }

    /// Compares one thing; what neither says is left out.
    fn put(&mut self, name: &str, left: Option<String>, right: Option<String>) {
        if left.is_none() && right.is_none() {
            return;
        }
        if left == right {
            self.0.equal += 1;
            return;
        }
        let name = name.to_owned();
        self.0.changes.push(Change { name, left, right });
    }

    /// Compares two maps by the names in them; of a name that stands twice the last counts.
    fn put_maps(&mut self, left: &Annotations, right: &Annotations) {
        let (left, right) = (left.sorted(), right.sorted());
        for (name, value) in &left {
            let other = right.get(name).map(str::to_owned);
            self.put(name, Some(value.clone()), other);
        }
        for (name, value) in &right {
            if left.get(name).is_none() {
                self.put(name, None, Some(value.clone()));
            }
        }
    }

    /// Puts what was found behind the other sections; nothing where nothing was compared.
    fn finish(self, sections: &mut Vec<Section>) {
        if !self.0.changes.is_empty() || self.0.equal > 0 {
            sections.push(self.0);
        }
    }
}

/// Texts as one: a JSON array, since a text may hold anything. `None` for none.
fn array(texts: &[String]) -> Option<String> {
    if texts.is_empty() {
        return None;
    }
    serde_json::to_string(texts).ok()
}

#[cfg(test)]
mod tests;
