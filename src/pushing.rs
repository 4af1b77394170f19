//! How a push looks, whoever pushes: its steps as a table, and what stopped it. Compose pushes a list, Copy what it
//! copies, with the commands that do the same.

pub mod commands;
pub mod failures;
pub mod steps;

/// What a push is called where it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// What the tag is to name: `the list`.
    pub root: &'static str,
    /// What the tag named when it was read back, where that is what was put: `as composed`.
    pub same: &'static str,
}
