//! Diff: two images or lists beside each other, and what differs.
//!
//! [`load`] brings this part of the program. The shell mounts the page, and tells it its address:
//! `#/diff?from=REFERENCE&to=REFERENCE&platform=PLATFORM`, of which each may be left out.

mod effects;
mod files;
mod message;
mod page;
mod state;
pub mod view;

pub use files::{FilesEffect, FilesMsg, WantedBlob};
pub use message::{Effect, Msg};
pub use state::State;

use crate::lazy::{LoadError, apart, styled};
use crate::schema1;
use crate::shell::{Mount, PageCommand};

apart! {
    diff:
    /// Brings the part of the program that is Diff.
    fn bring() -> Mount<PageCommand> {
        page::mount
    }
}

/// Loads the part of the program that is Diff, and what reads Docker schema 1: each of the two may be of any format.
///
/// # Errors
///
/// Fails where one of the two does not come; it may be called again.
pub async fn load() -> Result<Mount<PageCommand>, LoadError> {
    schema1::load_reading().await?;
    styled(bring()).await
}
