//! What happens on the page of Inspect. What it needs done is what its inspection does.

use super::command::Command;
use crate::inspection;

/// What happened on the page.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The shell told something.
    Command(Command),
    /// Something happened to the inspection.
    Inspection(inspection::Msg),
}
