//! What happens to a composition, and what it wants done.

use crate::compose::commands::manifest_tool::Specification;
use crate::compose::{ListKind, Tool};
use crate::media_type::MediaType;
use crate::platform::Platform;
use crate::reference::Reference;
use std::rc::Rc;

use crate::workflow::fetch::{Failure, Generation, Received};

use super::RowId;

/// What a message is about: the list itself, or the entry of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnnotationOwner {
    /// The list.
    List,
    /// The row of that id.
    Row(RowId),
}

/// Which content of a reference is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContentKind {
    /// A manifest.
    Manifest,
    /// A config: a blob.
    Config,
}

/// Bytes that a person gave.
#[derive(Clone, Debug)]
pub struct LocalManifest {
    /// What to call them.
    pub name: String,
    /// The bytes.
    pub bytes: Rc<[u8]>,
}

/// What happened. Changes of one text, one directly after the other, are one change to take
/// back: somebody types.
#[derive(Clone, Debug)]
pub enum Msg {
    /// Add sources at the end.
    Add(Vec<Reference>),
    /// Add what was pasted or dropped together. What another of the contents, or the manifest
    /// of a row, names gets no row of its own: it is the child or the config that was missing.
    Give(Vec<LocalManifest>),
    /// Begin anew with a list that exists; the difference to it is told.
    Open(Reference),
    /// Begin anew with a list that was pasted or dropped.
    OpenGiven {
        /// The list.
        list: LocalManifest,
        /// What it names, as far as it is here.
        beside: Vec<Rc<[u8]>>,
    },
    /// Begin anew with what a file of manifest-tool says, but for its further tags: a list is
    /// pushed under one. Whoever sends this has to say so.
    OpenSpecification(Box<Specification>),
    /// Take a row away, with the attestations of its image.
    Remove(RowId),
    /// Keep a row, or leave it out of the list and on the page, with the attestations of its image.
    Keep(RowId, bool),
    /// Keep every attestation, or none.
    KeepAttestations(bool),
    /// Put a row at another place among the rows.
    Move {
        /// The row.
        id: RowId,
        /// Its place then.
        to: usize,
    },
    /// Put another source in a row's place; platform and annotations are those of the new one.
    Replace {
        /// The row.
        id: RowId,
        /// The source.
        with: Reference,
    },
    /// Make a list one nested entry, or a row for each of its entries.
    Nest(RowId, bool),
    /// State another platform for an entry, or none.
    Platform(RowId, Option<Platform>),
    /// Set an annotation, or take it away.
    Annotate {
        /// Whose.
        on: AnnotationOwner,
        /// Its name.
        name: String,
        /// Its value; `None` takes it away.
        value: Option<String>,
    },
    /// State what kind of artifact the list or an entry is.
    ArtifactType(AnnotationOwner, Option<MediaType>),
    /// Name the manifest that the list refers to.
    Subject(Option<Reference>),
    /// Choose the kind.
    Kind(ListKind),
    /// Choose the form.
    Form(Tool),
    /// Say where the list is to be pushed.
    Target(Option<Reference>),
    /// Begin anew with nothing.
    Clear,
    /// Take the last change back.
    Undo,
    /// Make the last change that was taken back again.
    Redo,
    /// An answer came.
    Received {
        /// The generation of the model that asked.
        generation: Generation,
        /// What was asked for.
        reference: Reference,
        /// Which content of it.
        what: ContentKind,
        /// The answer.
        result: Result<Received, Failure>,
    },
    /// Stop what is under way.
    Cancel,
    /// Fetch again what failed, where a row still lacks it.
    Retry,
    /// Fetch and verify every entry of a long list, also those behind the limit. It holds for
    /// all lists, also those that are added later.
    FetchAll,
}

impl Msg {
    /// The text that it changes, where a person types it; `None` for all other changes.
    ///
    /// Two messages with an equal answer, one directly after the other, are one step of undo.
    /// An annotation is named with `annotations/` in front, so that one called `platform` is
    /// not the platform. Taking an annotation away is no typing.
    pub(super) fn typed(&self) -> Option<(AnnotationOwner, String)> {
        Some(match self {
            Self::Platform(id, _) => (AnnotationOwner::Row(*id), "platform".to_owned()),
            Self::Annotate {
                on,
                name,
                value: Some(_),
            } => (*on, ["annotations/", name].concat()),
            Self::ArtifactType(on, _) => (*on, "artifactType".to_owned()),
            Self::Target(_) => (AnnotationOwner::List, "target".to_owned()),
            _ => return None,
        })
    }
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Fetch, and send the answer back as [`Msg::Received`].
    Fetch {
        /// The generation to send back.
        generation: Generation,
        /// Where from; of a config, its repository at the config's digest.
        reference: Reference,
        /// Which content.
        what: ContentKind,
        /// The media type that a list states for it.
        media_type: Option<MediaType>,
    },
    /// Stop every fetch under way.
    Abort,
}
