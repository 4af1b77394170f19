//! The messages and effects of Compose that the rest of the program does not know.

use waybill_core::workflow::compose::{self as core, AnnotationOwner, Msg as Change};

use super::push;
use super::sources::ReadSpecification;
use crate::browser::file_input::LocalContent;
use crate::lazy::LoadError;

/// Names a text field of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// References, one a line.
    Sources,
    /// Where the list is to go.
    Target,
    /// The manifest that the list refers to.
    Subject,
    /// A part of the platform of a row, see [`PARTS`].
    Platform(u64, usize),
    /// The artifact type of the list or of an entry.
    ArtifactType(AnnotationOwner),
    /// The value of an annotation.
    Annotation(AnnotationOwner, String),
    /// The name of a new annotation.
    Name(AnnotationOwner),
    /// Its value.
    Value(AnnotationOwner),
    /// What is to take a row's place.
    Replacement(u64),
}

/// Lists the parts of a platform in the order of their fields.
pub const PARTS: [&str; 5] = ["os", "architecture", "variant", "os.version", "os.features"];

/// Says what happened on the page of Compose.
#[derive(Clone, Debug)]
pub enum Own {
    /// The composition changes, or an answer for it came.
    Change(Change),
    /// Somebody types.
    Typed(Field, String),
    /// Add the sources that were typed.
    AddSources,
    /// Begin anew with the one source that was typed.
    OpenSource,
    /// Set the subject that was typed.
    SetSubject,
    /// Add the annotation that was typed.
    Annotate(AnnotationOwner),
    /// Put the source that was typed in a row's place.
    Replace(u64),
    /// Put a row one place up, or down.
    Move(u64, bool),
    /// Take a row away.
    Remove(u64),
    /// Begin anew with the list that a row was taken from.
    StartFrom(u64),
    /// Show what can be edited of a row, or hide it.
    Unfold(u64),
    /// Draw the rows from that one on.
    FromRow(usize),
    /// Draw the bytes from that line on.
    FromLine(usize),
    /// Indent the JSON for reading, or show the bytes.
    Indent(bool),
    /// Begin with the bundled example.
    Example,
    /// Copy the bytes.
    Copy,
    /// Save the bytes.
    Save,
    /// Save an OCI layout, once every manifest is here.
    SaveLayout,
    /// A message of the push part.
    Push(push::Own),
    /// Copy the commands of a tool.
    CopyCommands {
        /// The tool, one of [`TOOLS`](waybill_core::compose::commands::TOOLS).
        tool: &'static str,
        /// Whether the registries speak plain http.
        plain_http: bool,
    },
    /// Save the file of manifest-tool.
    SaveSpecification,
    /// What reads files of manifest-tool came, or did not; these wait for it.
    ReadGiven(Vec<LocalContent>, Result<ReadSpecification, LoadError>),
    /// Save the work in the tab now.
    Keep,
    /// The tab has no room for the work.
    NoRoom,
}

/// Tells `compose/run.rs` what to do in the browser or at a registry.
#[derive(Clone, Debug, PartialEq)]
pub enum Doing {
    /// Fetch for the composition, or stop fetching.
    Run(core::Effect),
    /// Send [`Own::Keep`] once the page is drawn.
    KeepSoon,
    /// Load the part that reads files of manifest-tool, and send these files back with it as [`Own::ReadGiven`].
    BringReader(Vec<LocalContent>),
    /// Keep the work, or nothing.
    Keep(Option<String>),
    /// Move the focus.
    Focus(String),
    /// Run an effect of the push.
    Push(push::Doing),
}
