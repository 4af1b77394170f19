//! What the shell tells Verify. It stands apart from the page, since the rest of the program holds it.

use crate::local_content::{HistoryEntry, Import};
use crate::route::View;

/// What the shell tells the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Show the content at that index, and a place in it; with what the history entry holds.
    Show(usize, View, Option<HistoryEntry>),
    /// Show what a link holds that somebody shared.
    ShowShared {
        /// The content in base64url; empty where only a digest is expected.
        content: String,
        /// The digest that is expected.
        expected: String,
    },
    /// Another page is shown.
    Hide,
    /// Files or text came: by a paste, a drop, or the browser's dialog.
    Import(Import),
    /// The history keeps what was given, or does not.
    HistorySaved(bool),
}
