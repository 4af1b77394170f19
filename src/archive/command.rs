//! What the shell tells the page of archives. It stands apart, since the rest of the program holds it.

use crate::local_content::GivenArchive;

/// What the shell tells the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Show the archive of that name; with what stands behind it where something in it is wanted that is not open.
    /// Empty where none is named.
    Show(String),
    /// Another page is shown.
    Hide,
    /// Open these.
    Open(Vec<GivenArchive>),
}
