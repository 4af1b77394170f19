//! What happens on the page of Verify, and what it needs done.

use super::command::Command;
use crate::inspection;
use crate::lazy::LoadError;
use crate::shell::Request;

/// What happened on the page.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The shell told something.
    Command(Command),
    /// Something happened to the inspection of the content that is looked at.
    Inspection(inspection::Msg),
    /// Text was entered to be verified.
    ContentSubmitted(String),
    /// The digest that is expected changed.
    ExpectedChanged(String),
    /// Go on with the content, or the digest, that was found to be right.
    ApplyRemedy,
    /// Go on with what stands inside of the content: the bytes that an output of a tool carries.
    OpenInside,
    /// Load what finds out why the content differs.
    LoadCauses,
    /// It came, or did not.
    CausesLoaded(Result<(), LoadError>),
    /// Verify something else.
    Reset,
    /// Make a link that holds the content.
    Share,
    /// Put that link away.
    CloseShare,
    /// Read the clipboard.
    ReadClipboard,
    /// What was on the clipboard, where the browser let the page read it.
    ClipboardRead(Option<String>),
}

/// What the page needs done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// For the inspection; it never asks for a fetch, since its contents are here.
    Inspection(inspection::Effect),
    /// Load what finds out why the content differs, and send back that it came as [`Msg::CausesLoaded`].
    LoadCauses,
    /// Empty the box of text, which holds credentials.
    ForgetTyped,
    /// Read the clipboard, and send what was on it back as [`Msg::ClipboardRead`].
    ReadClipboard,
    /// Ask the shell.
    Request(Request),
}
