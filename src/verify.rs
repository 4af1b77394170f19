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
pub use state::{OpenedReport, State};

use crate::inspection::{causes, tabs};
use crate::lazy::{LoadError, apart};
use crate::shell::Mount;
use crate::{opener, schema1};

apart! {
    verify:
    /// Brings the part of the program that is Verify.
    fn bring() -> Mount<Command> {
        page::mount
    }
}

/// Loads the part of the program that is Verify; before it what reads Docker schema 1, what finds out why a content
/// differs, and what draws findings: once Verify is open, all of it works without a network. Where only one of the last
/// two does not come, Verify asks for it again when it is needed.
///
/// # Errors
///
/// Fails where one of the others does not come; it may be called again.
pub async fn load() -> Result<Mount<Command>, LoadError> {
    schema1::load_reading().await?;
    // Where it does not come, it is asked for again with the first file.
    let _ = opener::load().await;
    let _ = causes::load().await;
    let _ = tabs::load_styled().await;
    bring().await
}
