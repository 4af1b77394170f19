//! Tags: which there are in a repository, in an order in which a person finds the one that is looked for, and which of
//! them name the same.
//!
//! [`load`] brings this part of the program; core's `workflow::tags` is in it alone. The shell
//! mounts it, and tells it its address.

mod effects;
mod listeners;
mod message;
mod page;
mod state;
pub mod view;

pub use message::{Effect, Key, Msg, Place};
pub use state::State;

use crate::lazy::{LoadError, apart, styled};
use crate::shell::{Mount, PageCommand};

apart! {
    tags:
    /// Brings the part of the program that is Tags.
    fn bring() -> Mount<PageCommand> {
        page::mount
    }
}

/// Loads the part of the program that is Tags, and the style of parts.
///
/// # Errors
///
/// Fails where one of the two does not come; it may be called again.
pub async fn load() -> Result<Mount<PageCommand>, LoadError> {
    styled(bring()).await
}
