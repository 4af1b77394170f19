//! What the shell tells Copy. It stands apart from the page, since the rest of the program holds it.

/// What the shell tells the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Show the page, with what its address names; each is empty where it names nothing.
    Show {
        /// The source.
        from: String,
        /// The target.
        to: String,
    },
    /// Another page is shown. A copy goes on.
    Hide,
    /// What is set for a registry changed, so that what failed may come now.
    Retry,
}
