//! Verify: is this the content that it claims to be, and why not.
//!
//! [`load`] brings this part of the program. Nothing outside of this module makes a `Report`, and only
//! [`crate::inspection`] looks for causes too, by a function of the same part; the shell knows the page's [`Command`]s, and mounts it.

mod command;
mod contents;
mod effects;
mod message;
mod page;
mod share;
mod state;
pub mod view;

pub use command::Command;
pub use message::{Effect, Msg};
pub use share::SHARE;
pub use state::State;

use crate::lazy::apart;
use crate::shell::Mount;

apart! {
    verify:
    /// Loads the part of the program that is Verify.
    pub fn load() -> Mount<Command> {
        page::mount
    }
}
