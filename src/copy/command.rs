//! What the shell tells Copy. It stands apart from the page, since the rest of the program holds it.

/// What the shell tells the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Show the page, with what stands behind the `?` of its address.
    Show(String),
    /// Another page is shown. A copy goes on.
    Hide,
    /// What is set for a registry changed, so that what failed may come now.
    Retry,
}
