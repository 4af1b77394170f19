//! Compose behind one object, so that its program can come apart from the rest and only when it is wanted.
//!
//! [`load`] brings the [`Page`]. Nothing outside of this module's own files calls `workflow::compose`, `workflow::push`,
//! `compose` of core or `waybill_yaml`, and nothing outside looks into a [`Message`].

mod layout;
mod own;
mod page;
mod push;
mod rows;
mod run;
mod sources;
mod take;
mod view;

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use waybill_core::reference::Reference;
use waybill_core::registry::client::Client;
use yew::Callback;

use crate::browser::file_input::{Import, LocalContent};
use crate::browser::transport::BrowserTransport;
use crate::components::element::Element;
use crate::lazy::apart;
use crate::state::{Effect, Msg, State};

pub use page::{Compose, Doing, Field, Own, PARTS};
pub use push::{Doing as PushDoing, Own as Push};
pub use sources::{ReadSpecification, specification};

/// Wraps an [`Own`] for the rest of the program, which passes it on and does not look into it.
pub type Message = Rc<dyn Any>;

/// Shares Compose as the rest of the program holds it, without its types.
pub type Shared = Rc<RefCell<dyn Page>>;

/// Tells Compose what happened outside of it, or one of its own messages.
#[derive(Clone)]
pub enum Told {
    /// One of its own messages.
    Own(Message),
    /// Begin anew with a list.
    Open(Content),
    /// Add an image, or a list's entries.
    Add(Content),
    /// Files or text came: by a paste, a drop, or the browser's dialog.
    Given(Import),
    /// The settings of a registry changed, so that what failed may come now.
    Again,
    /// Take the last change back.
    Undo,
    /// Make the change again that was taken back.
    Redo,
    /// Put the row of that id one place up, or down; the focus goes back to the element of that id.
    Move {
        /// The row.
        row: u64,
        /// Whether up.
        up: bool,
        /// The element that has the focus.
        focus: String,
    },
}

/// Names where a manifest comes from.
#[derive(Clone)]
pub enum Content {
    /// In a registry.
    Registry(Reference),
    /// In the page: the manifest first, behind it the manifests and configs that it names.
    Given(Vec<LocalContent>),
}

/// Gives Compose what its effects need: a client to ask registries, and where their answers go.
#[derive(Debug)]
pub struct Around {
    /// The client of the rest of the program; Compose makes one of its own beside it.
    pub client: Rc<Client<BrowserTransport>>,
    /// Takes the messages that come of the effects.
    pub link: Callback<Msg>,
}

/// Does what only Compose needs, behind one object: the rest of the program calls nothing of Compose directly.
pub trait Page {
    /// Takes what it is told and returns the effects for the rest of the program. [`run`](Self::run) has to be called
    /// afterwards, for its own.
    fn tell(&mut self, told: Told) -> Vec<Effect>;

    /// Draws the page below the box.
    fn view(&self, state: &State, link: &Callback<Msg>) -> Element;

    /// Takes the effects that are queued and not run yet.
    fn take_doing(&mut self) -> Vec<Doing>;

    /// Runs the effects that are queued.
    fn run(&mut self, around: &Around);
}

apart! {
    compose:
    /// Loads the part of the program that is Compose; `kept` is the work that this tab kept, as text.
    pub fn load(kept: Option<String>) -> Shared {
        new(kept.as_deref())
    }
}

/// Makes Compose; `kept` is the work that this tab kept, as text.
#[must_use]
pub fn new(kept: Option<&str>) -> Shared {
    Rc::new(RefCell::new(Compose::new(kept)))
}

#[cfg(test)]
mod tests;
