//! What happens on the page of Diff, and what it needs done.

use waybill_core::reference::{Reference, RegistryHost};
use waybill_core::registry::push::Repository;
use waybill_core::view::Action;
use waybill_core::workflow::diff::{self, Position};
use waybill_core::workflow::related;

use super::files::{FilesEffect, FilesMsg};
use crate::shell::{PageCommand, Request};

/// What happened on the page.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The shell told something.
    Command(PageCommand),
    /// Another reference is typed for one of the two.
    Typed(Position, String),
    /// The form was sent: compare.
    Submitted,
    /// The two are to change places.
    Swapped,
    /// Something happened to the comparison.
    Workflow(diff::Msg),
    /// Draw another part of the rows: from that one on, counted from 0.
    ShowFrom(usize),
    /// Something happened to the comparison of their files.
    Files(FilesMsg),
    /// Compare what refers to the two, and the packages of their SBOMs.
    CompareRelated,
    /// Stop that.
    CancelRelated,
    /// Something happened to it, on that side.
    Related(Position, related::Msg),
    /// Copy what was found as text.
    Copy,
    /// Save it as JSON.
    Save,
    /// A button of an error was pressed.
    Act(RegistryHost, Action),
}

/// What the page needs done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Do what the comparison asks for, of what that side names.
    Workflow(Option<Reference>, diff::Effect),
    /// Do what the comparison of their files asks for.
    Files(FilesEffect),
    /// Do what the comparison of what is related asks for, of that side's repository.
    Related(Position, Repository, related::Effect),
    /// Move the focus to the element of that id.
    Focus(&'static str),
    /// Move it there where nothing has it, since what had it is gone.
    KeepFocus(&'static str),
    /// Ask the shell.
    Request(Request),
}
