//! What happens on the page of Copy, and what it needs done.

use waybill_core::reference::RegistryHost;
use waybill_core::registry::rate_limit::RateLimit;
use waybill_core::view::Action;
use waybill_core::workflow::copy::{self, Choice};
use waybill_core::workflow::push;
use waybill_core::workflow::save::{self, Form, Road};

use super::several::Mount;
use super::state::Destination;
use crate::lazy::LoadError;
use crate::shell::{Link, PageCommand, Request};

/// What happened on the page.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The shell told something.
    Command(PageCommand),
    /// Another source is typed.
    FromTyped(String),
    /// Another target is typed.
    ToTyped(String),
    /// It is to go to another kind of place.
    Destination(Destination),
    /// More tags are typed.
    MoreTagsTyped(String),
    /// Other tags of the source are typed.
    OtherTagsTyped(String),
    /// The form was sent: read the source, and plan where that is read already.
    Submitted,
    /// Something else is wanted of the source.
    Choose(Choice),
    /// Something happened to the reading of the source.
    Source(copy::Msg),
    /// How many more manifests the source's registry gives, as it says.
    RateLimit(Option<RateLimit>),
    /// Something happened to the writing into a registry.
    Push(push::Msg),
    /// It is to become another archive.
    Archive(Form),
    /// This is how a file comes to the disk in this browser, and whether folders can be written.
    Roads(Road, bool),
    /// Something happened to the writing into a file.
    Save(save::Msg),
    /// Stop what is under way.
    Halt {
        /// Whether it is to go on later.
        is_paused: bool,
    },
    /// Go on with what failed or was stopped.
    GoOn,
    /// More bytes are there, and it is so late, in milliseconds.
    Tick(u64),
    /// Save what came of it, as text or as JSON.
    SaveReport {
        /// Whether as JSON.
        json: bool,
    },
    /// Draw another part of the table of manifests: from that row on, counted from 0.
    ShowFrom(usize),
    /// The same of the table of steps.
    ShowStepsFrom(usize),
    /// Put the plan away.
    Close,
    /// A button of an error was pressed.
    Act(RegistryHost, Action),
    /// Load the page of several images once more.
    LoadSeveral,
    /// It came, or did not.
    SeveralLoaded(Result<Mount, LoadError>),
    /// It is mounted, and is told by this.
    SeveralMounted(Link<PageCommand>),
}

/// What the page needs done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Read from the source.
    Source(copy::Effect),
    /// Write into a registry.
    Push(push::Effect),
    /// Write into a file.
    Save(save::Effect),
    /// Give back the room of layers that were compressed anew.
    ForgetLayers,
    /// Find out how a file comes to the disk in this browser.
    Look,
    /// Have the browser ask before the page is left, and keep the machine awake; or not any more.
    Guard(bool),
    /// Load the page of several images.
    LoadSeveral,
    /// Tell it that.
    Several(PageCommand),
    /// Move the focus to the element of that id.
    Focus(&'static str),
    /// Ask the shell.
    Request(Request),
}
