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

/// A message that only Compose looks into: an [`Own`].
pub type Message = Rc<dyn Any>;

/// Compose, as the rest of the program holds it.
pub type Shared = Rc<RefCell<dyn Page>>;

/// What the rest of the program tells Compose.
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
    /// Make it again.
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

/// Where a manifest is.
#[derive(Clone)]
pub enum Content {
    /// In a registry.
    Registry(Reference),
    /// In the page: the manifest, behind it what it names.
    Given(Vec<LocalContent>),
}

/// What it needs to do something.
#[derive(Debug)]
pub struct Around {
    /// Asks registries for the rest of the program.
    pub client: Rc<Client<BrowserTransport>>,
    /// Hears what came of it.
    pub link: Callback<Msg>,
}

/// The page, with what is composed on it.
pub trait Page {
    /// Takes what it is told; the answer is what the rest of the program has to do. Afterwards [`run`](Self::run) is due.
    fn tell(&mut self, told: Told) -> Vec<Effect>;

    /// What stands below the box.
    fn view(&self, state: &State, link: &Callback<Msg>) -> Element;

    /// What is to be done and nobody has begun to do.
    fn take_doing(&mut self) -> Vec<Doing>;

    /// Does that.
    fn run(&mut self, around: &Around);
}

apart! {
    compose:
    /// Brings Compose; `kept` is the work that this tab kept.
    pub fn load(kept: Option<String>) -> Shared {
        new(kept.as_deref())
    }
}

/// Compose, with the work that this tab kept.
#[must_use]
pub fn new(kept: Option<&str>) -> Shared {
    Rc::new(RefCell::new(Compose::new(kept)))
}

#[cfg(test)]
mod tests;
