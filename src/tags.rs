//! Tags: which there are in a repository, in an order in which a person finds the one that is looked for, and which of
//! them name the same.
//!
//! [`load`] brings this part of the program; core's `workflow::tags` is in it alone. The shell knows the page's
//! [`Command`]s, and mounts it.

mod command;
mod effects;
mod listeners;
mod message;
mod page;
mod state;
pub mod view;

pub use command::Command;
pub use message::{Effect, Key, Msg, Place};
pub use state::State;

use crate::lazy::apart;
use crate::shell::Mount;

apart! {
    tags:
    /// Loads the part of the program that is Tags.
    ///
    /// # Errors
    ///
    /// Fails where it does not come; it may be called again.
    pub fn load() -> Mount<Command> {
        page::mount
    }
}
