//! Compose: one list out of images, seen with its digest before anything is pushed; and the push.
//!
//! [`load`] brings this part of the program. Nothing outside of this module calls `workflow::compose`,
//! `workflow::push`, `compose` of core or `waybill_yaml`; the shell knows the page's [`Command`]s, and mounts it.

mod command;
mod derived;
mod effects;
mod ids;
mod import;
mod layout;
mod message;
mod page;
mod push;
mod rows;
mod sources;
mod state;
pub mod view;

pub use command::{Command, NewSource};
pub use message::{Effect, Field, Key, Msg, PARTS};
pub use sources::{ReadSpecification, specification};
pub use state::State;

use crate::lazy::apart;
use crate::shell::Mount;

apart! {
    compose:
    /// Loads the part of the program that is Compose.
    pub fn load() -> Mount<Command> {
        page::mount
    }
}

#[cfg(test)]
mod tests;
