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

use crate::lazy::{LoadError, apart, styled};
use crate::shell::Mount;
use crate::{opener, schema1};

apart! {
    compose:
    /// Brings the part of the program that is Compose.
    fn bring() -> Mount<Command> {
        page::mount
    }
}

/// Loads the part of the program that is Compose, and what reads Docker schema 1: a source may be of any format.
///
/// # Errors
///
/// Fails where one of the two does not come; it may be called again.
pub async fn load() -> Result<Mount<Command>, LoadError> {
    schema1::load_reading().await?;
    // Where it does not come, it is asked for again with the first file.
    let _ = opener::load().await;
    styled(bring()).await
}

#[cfg(test)]
mod tests;
