//! Verify: is this the content that it claims to be, and why not.
//!
//! [`load`] brings this part of the program. Nothing outside of this module makes a `Report`; why a content differs is
//! found out by a part that Inspect loads too ([`crate::inspection::causes`]). The shell knows the page's [`Command`]s, and
//! mounts it.

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

use crate::lazy::{LoadError, apart};
use crate::schema1;
use crate::shell::Mount;

apart! {
    verify:
    /// Brings the part of the program that is Verify.
    fn bring() -> Mount<Command> {
        page::mount
    }
}

/// Loads the part of the program that is Verify, and what reads Docker schema 1: its report reads whatever was given.
///
/// # Errors
///
/// Fails where one of the two does not come; it may be called again.
pub async fn load() -> Result<Mount<Command>, LoadError> {
    schema1::load_reading().await?;
    bring().await
}
