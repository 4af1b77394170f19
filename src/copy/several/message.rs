//! What happens on the page of several images, and what it needs done.

use waybill_core::workflow::copy::Choice;

use crate::shell::{PageCommand, Request};

/// What happened on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Msg {
    /// The shell told something.
    Command(PageCommand),
    /// Other lines are typed.
    LinesTyped(String),
    /// Another place for all is typed.
    ToTyped(String),
    /// Something else is wanted of each image.
    Choose(Choice),
    /// Other platforms are typed.
    PlatformsTyped(String),
    /// The form was sent: plan.
    Submitted,
    /// Something came of the copy of that number.
    Woken(usize),
    /// Write what was planned.
    Start,
    /// Stop what is under way.
    Halt {
        /// Whether it is to go on later.
        is_paused: bool,
    },
    /// Go on with what was stopped, or else with what failed.
    GoOn,
    /// Save what came of it, as text or as JSON.
    SaveReport {
        /// Whether as JSON.
        json: bool,
    },
    /// Draw another part of the table: from that row on, counted from 0.
    ShowFrom(usize),
    /// Show the steps of the image in that row, or hide them.
    Toggle(usize),
    /// Put the plan away.
    Close,
    /// It is time to draw what came of copies, and so late, in milliseconds.
    Draw(u64),
}

/// What the page needs done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Have the browser ask before the page is left, and keep the machine awake; or not any more.
    Guard(bool),
    /// Say a little later that it is time to draw.
    DrawSoon,
    /// Move the focus to the element of that id.
    Focus(&'static str),
    /// Ask the shell.
    Request(Request),
}
