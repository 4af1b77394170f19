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

use crate::lazy::{LoadError, apart, styled};
use crate::shell::Mount;

apart! {
    tags:
    /// Brings the part of the program that is Tags.
    fn bring() -> Mount<Command> {
        page::mount
    }
}

/// Loads the part of the program that is Tags, and the style of parts.
///
/// # Errors
///
/// Fails where one of the two does not come; it may be called again.
pub async fn load() -> Result<Mount<Command>, LoadError> {
    styled(bring()).await
}
