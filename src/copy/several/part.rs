//! The part of the program that is several images.

use super::page;
use super::single::Mount;
use crate::lazy::{LoadError, apart};

apart! {
    several:
    /// Brings what mounts the page of several images.
    fn bring() -> Mount {
        page::mount
    }
}

/// Loads it. The style of parts is here already: Copy has it too.
///
/// # Errors
///
/// Fails where it does not come; it may be called again.
pub async fn load() -> Result<Mount, LoadError> {
    bring().await
}
