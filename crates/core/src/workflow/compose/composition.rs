//! What a person decided: the composition, its rows, and where they come from.
//!
//! These are values without a life of their own; `edit` changes them, `rows` fills in entries.
//! A composition is cloned for each step of undo, so its rows are shared by `Rc`, and copied
//! only when one of them changes.

use std::fmt;
use std::num::ParseIntError;
use std::rc::Rc;
use std::str::FromStr;

use crate::annotation::Annotations;
use crate::compose::eligibility::Ineligible;
use crate::compose::{Draft, Entry, ListKind, Tool};
use crate::digest::Digest;
use crate::manifest::List;
use crate::media_type::MediaType;
use crate::platform::Platform;
use crate::reference::Reference;

use super::ContentKey;

/// Where a row's manifest is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// In a registry.
    Registry(Reference),
    /// In the page, pasted or dropped; or nowhere, where only a list that was given names it.
    Given {
        /// What to call it.
        name: String,
        /// Its sha256 digest.
        digest: Digest,
    },
}

impl Source {
    /// What to call it in a sentence.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Registry(reference) => reference.familiar(),
            Self::Given { name, .. } => name.clone(),
        }
    }

    /// Its reference, where it is in a registry.
    #[must_use]
    pub fn reference(&self) -> Option<&Reference> {
        match self {
            Self::Registry(reference) => Some(reference),
            Self::Given { .. } => None,
        }
    }

    /// Whether it is that reference. The digests come first: those of a list's entries have
    /// the rest in common.
    pub(super) fn is_at(&self, reference: &Reference) -> bool {
        self.reference()
            .is_some_and(|own| own.digest() == reference.digest() && own == reference)
    }

    /// The key that its manifest is kept under.
    pub(super) fn key(&self) -> ContentKey {
        match self {
            Self::Registry(reference) => ContentKey::Registry(reference.clone()),
            Self::Given { digest, .. } => ContentKey::Given(digest.clone()),
        }
    }
}

/// Names a row of one composition: it stays the row's when rows move, and is never given to
/// another.
///
/// ```
/// use waybill_core::workflow::compose::RowId;
///
/// let id: RowId = "7".parse().expect("a number");
/// assert_eq!((id, id.to_string()), (RowId(7), "7".to_owned()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowId(pub u64);

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RowId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.parse().map(Self)
    }
}

/// One row: a source, or an entry of a list that was one.
///
/// A row that a person added has no entry until its manifest is here, and what is waited for
/// of its config. One that came of a list has its entry from the list at once, or the reason
/// in `refused` why it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Stays the same while the row lives; no other row has it.
    pub id: RowId,
    /// Where its manifest is.
    pub source: Source,
    /// What the list will say of it; `None` while its manifest is not here, or cannot be composed.
    pub entry: Option<Entry>,
    /// What was stated of its platform before its image was here, by a file of manifest-tool;
    /// the rest is the config's.
    pub stated: Option<Platform>,
    /// Whether it will be in the list. A row that is left out stays on the page.
    pub kept: bool,
    /// Whether a list is to be one entry rather than a row for each of its entries.
    pub nested: bool,
    /// The list that it was taken from; `None` where a person added it, or opened or nested it
    /// since.
    pub from: Option<Source>,
    /// Why the list that it was taken from does not say enough of it.
    pub refused: Option<Ineligible>,
}

impl Row {
    /// The platform of the image, with what was stated of it. Source: manifest-tool
    /// `resolvePlatform`.
    ///
    /// Without a statement it is the config's. Otherwise os and architecture are the stated
    /// ones if either is stated, and the config's if neither is; each other part is the
    /// config's where it is not stated. A platform that lacks os or architecture after that is
    /// none: so `arm` stated without an os gives `None`, whatever the config says.
    pub(super) fn platform_of(&self, config: Option<&Platform>) -> Option<Platform> {
        let Some(stated) = &self.stated else {
            return config.cloned();
        };
        let config = config.cloned().unwrap_or_default();
        let mut platform = stated.clone();
        if platform.os.is_empty() && platform.architecture.is_empty() {
            (platform.os, platform.architecture) = (config.os, config.architecture);
        }
        platform.variant = platform.variant.or(config.variant);
        platform.os_version = platform.os_version.or(config.os_version);
        if platform.os_features.is_empty() {
            platform.os_features = config.os_features;
        }
        Some(platform)
            .filter(|platform| !platform.os.is_empty() && !platform.architecture.is_empty())
    }

    /// What a person gave or named, of which it was made: the list that it was taken from, or
    /// its own manifest.
    pub(super) fn made_of(&self) -> &Source {
        self.from.as_ref().unwrap_or(&self.source)
    }

    /// Whether its entry was made of an image whose config did not come, or states no platform.
    pub(super) fn lacks_config(&self) -> bool {
        let origin = self.entry.as_ref().and_then(|entry| entry.origin.as_ref());
        origin.is_some_and(|origin| origin.platform.is_none())
    }

    /// A row that is kept, without an entry, as a person adds it.
    pub(super) fn new(id: RowId, source: Source) -> Self {
        Self {
            id,
            source,
            entry: None,
            stated: None,
            kept: true,
            nested: false,
            from: None,
            refused: None,
        }
    }
}

/// A list that was opened as the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// Where it was.
    pub source: Source,
    /// Its bytes.
    pub bytes: Rc<[u8]>,
    /// Its kind.
    pub kind: ListKind,
    /// What it says.
    pub list: Rc<List>,
}

/// What a person decided: everything that undo takes back and that a snapshot keeps. No
/// credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composition {
    /// The kind of list.
    pub kind: ListKind,
    /// Whose bytes are wanted.
    pub tool: Tool,
    /// Where the list is to be pushed.
    pub target: Option<Reference>,
    /// The rows in order; shared with the steps that undo holds.
    pub rows: Vec<Rc<Row>>,
    /// What kind of artifact the list is.
    pub artifact_type: Option<MediaType>,
    /// The manifest that the list refers to.
    pub subject: Option<Row>,
    /// Annotations of the list, sorted by name.
    pub annotations: Annotations,
    /// Members of an opened list that no specification names, as JSON text.
    pub unknown: Vec<(String, String)>,
    /// The row whose list is to be opened as the start; `None` once it is here. It stays set
    /// where the list never comes, or what comes is none.
    pub opening: Option<RowId>,
    /// The list that was opened as the start; `None` where none was, and until it is here.
    pub original: Option<Base>,
}

impl Default for Composition {
    fn default() -> Self {
        Self {
            kind: ListKind::OciIndex,
            tool: Tool::Waybill,
            target: None,
            rows: Vec::new(),
            artifact_type: None,
            subject: None,
            annotations: Annotations::default(),
            unknown: Vec::new(),
            opening: None,
            original: None,
        }
    }
}

impl Composition {
    /// The row of that id; `None` where it is gone or never was.
    #[must_use]
    pub fn row(&self, id: RowId) -> Option<&Row> {
        self.place(id).map(|place| &*self.rows[place])
    }

    /// The place of the row of that id among [`rows`](Self::rows), from 0.
    #[must_use]
    pub fn place(&self, id: RowId) -> Option<usize> {
        self.rows.iter().position(|row| row.id == id)
    }

    /// Changes the row of that id; does nothing where there is none. A row that a step of undo
    /// shares is copied first.
    pub(super) fn change(&mut self, id: RowId, change: impl FnOnce(&mut Row)) {
        if let Some(place) = self.place(id) {
            change(Rc::make_mut(&mut self.rows[place]));
        }
    }

    /// The draft of the rows at those places, in the order of the places; a row without an
    /// entry is passed over.
    pub(super) fn draft_of(&self, places: &[usize], subject: Option<&Row>) -> Draft {
        let subject = subject.and_then(|row| row.entry.as_ref());
        Draft {
            kind: self.kind,
            tool: self.tool,
            entries: places
                .iter()
                .filter_map(|place| self.rows[*place].entry.clone())
                .collect(),
            artifact_type: self.artifact_type.clone(),
            subject: subject.map(|entry| entry.descriptor.clone()),
            annotations: self.annotations.clone(),
            unknown: self.unknown.clone(),
        }
    }
}
