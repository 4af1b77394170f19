//! The part of the program that checks signatures and shows how.

use super::Draw;
use super::page::draw;
use crate::lazy::{LoadError, apart, styled};

apart! {
    signatures:
    /// Brings what draws the panel.
    fn bring() -> Draw {
        draw
    }
}

/// Loads what draws the panel, and its style.
///
/// # Errors
///
/// Fails where one of the two does not come; it may be called again.
pub async fn load() -> Result<Draw, LoadError> {
    styled(bring()).await
}
