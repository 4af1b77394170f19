//! Archives of images that somebody dropped or opened: what is in them, and whether it is what it claims to be.
//!
//! [`load`] brings this part of the program. A worker reads an archive where it is (`crates/archive-worker`), and the
//! page keeps where each blob of it stands. From then on the archive answers as a registry does
//! ([`browser::opened`](crate::browser::opened)), so that Inspect and all else looks at its images without knowing.

mod effects;
mod message;
mod page;
mod state;
pub mod view;

pub use message::{Effect, Heard, Msg};
pub use state::{Opened, Phase, Progress, State, Task};

use crate::lazy::{LoadError, apart, styled};
use crate::opener;
use crate::shell::{Mount, PageCommand};

apart! {
    archive:
    /// Loads the part of the program that opens archives.
    fn bring() -> Mount<PageCommand> {
        page::mount
    }
}

/// Loads the part of the program that opens archives.
///
/// # Errors
///
/// Fails where it does not come; it may be called again.
pub async fn load() -> Result<Mount<PageCommand>, LoadError> {
    // Where it does not come, it is asked for again with the first file.
    let _ = opener::load().await;
    styled(bring()).await
}
