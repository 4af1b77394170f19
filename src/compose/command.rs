//! What the shell tells Compose. It stands apart from the page, since the rest of the program holds it.

use waybill_core::reference::Reference;

use crate::local_content::{Import, LocalContent};

/// What the shell tells the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Show the page.
    Show,
    /// Another page is shown. The work and a push go on.
    Hide,
    /// Begin anew with a list.
    Open(NewSource),
    /// Add an image, or a list's entries.
    Add(NewSource),
    /// Files or text came: by a paste, a drop, or the browser's dialog.
    Import(Import),
    /// What is set for a registry changed, so that what failed may come now.
    Retry,
}

/// Where a manifest comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewSource {
    /// From a registry.
    Registry(Reference),
    /// From the page: the manifest first, behind it the manifests and configs that it names.
    Local(Vec<LocalContent>),
}
