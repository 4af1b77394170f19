//! What happens on the page of Compose, and what it needs done.

use waybill_core::reference::RegistryHost;
use waybill_core::view::Action;
use waybill_core::workflow::compose::RowId;
use waybill_core::workflow::compose::{self as workflow, AnnotationOwner, Msg as Change};
use waybill_core::workflow::push;

use super::command::Command;
use super::sources::ReadSpecification;
use crate::lazy::LoadError;
use crate::local_content::LocalContent;
use crate::shell::Request;

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
    Platform(RowId, usize),
    /// The artifact type of the list or of an entry.
    ArtifactType(AnnotationOwner),
    /// The value of an annotation.
    Annotation(AnnotationOwner, String),
    /// The name of a new annotation.
    Name(AnnotationOwner),
    /// Its value.
    Value(AnnotationOwner),
    /// What is to take a row's place.
    Replacement(RowId),
}

/// Lists the parts of a platform in the order of their fields.
pub const PARTS: [&str; 5] = ["os", "architecture", "variant", "os.version", "os.features"];

/// What happened on the page.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The shell told something.
    Command(Command),
    /// A key was pressed that means something here.
    Key(Key),
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
    Replace(RowId),
    /// Put a row one place up, or down.
    Move(RowId, bool),
    /// Take a row away.
    Remove(RowId),
    /// Begin anew with the list that a row was taken from.
    StartFrom(RowId),
    /// Show what can be edited of a row, or hide it.
    Unfold(RowId),
    /// Draw the rows from that one on.
    ShowRowsFrom(usize),
    /// Draw the bytes from that line on.
    ShowLinesFrom(usize),
    /// Indent the JSON for reading, or show the bytes.
    Indent(bool),
    /// Begin with the bundled example.
    OpenExample,
    /// The part of the program that is the examples came, or did not.
    ExamplesLoaded(Result<(), LoadError>),
    /// Copy the bytes.
    Copy,
    /// Save the bytes.
    Save,
    /// Save an OCI layout, once every manifest is here.
    SaveLayout,
    /// Copy the commands of a tool.
    CopyCommands {
        /// The tool, one of [`TOOLS`](waybill_core::compose::commands::TOOLS).
        tool: &'static str,
        /// The hosts that speak plain http.
        plain_http: Vec<RegistryHost>,
    },
    /// Save the file of manifest-tool.
    SaveSpecification,
    /// What reads files of manifest-tool came, or did not; these wait for it.
    SpecificationReaderLoaded(Vec<LocalContent>, Result<ReadSpecification, LoadError>),
    /// Save the work in the tab now.
    Keep,
    /// The tab has no room for the work.
    NotKept,
    /// A button of an error of that registry was pressed.
    Act(RegistryHost, Action),
    /// Make the plan of a push, or make it again.
    PlanPush,
    /// Put the push away.
    ClosePush,
    /// The push changes, or an answer for it came.
    Push(push::Msg),
    /// Draw the steps of the push from that one on.
    ShowPushFrom(usize),
}

/// A key, as the page means it. It is for the page only while that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// Take the last change back.
    Undo,
    /// Make the change again that was taken back.
    Redo,
    /// Put a row one place up, or down.
    Move {
        /// The row.
        row: RowId,
        /// Whether up.
        up: bool,
        /// The id of the element that has the focus, and gets it back.
        focus: String,
    },
}

/// What the page needs done in the browser, at a registry, or by the shell.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask the shell.
    Request(Request),
    /// Fetch for the composition, or stop fetching.
    Workflow(workflow::Effect),
    /// Send a request of the push, or stop them.
    Push(push::Effect),
    /// Have the person asked before the page is left, or no longer.
    Guard(bool),
    /// Send [`Msg::Keep`] once the page is drawn.
    KeepSoon,
    /// Keep the work in the tab, or nothing.
    Keep(Option<String>),
    /// Load the examples, and send [`Msg::ExamplesLoaded`] then.
    LoadExamples,
    /// Load what reads files of manifest-tool, and send these back with it as [`Msg::SpecificationReaderLoaded`].
    LoadSpecificationReader(Vec<LocalContent>),
    /// Move the focus to the element of that id.
    Focus(String),
}
