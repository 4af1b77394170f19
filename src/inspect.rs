//! Inspect: what is behind a reference or in an example.

mod effects;
mod page;
pub mod state;
pub mod view;

pub use page::mount;
pub use state::{Command, Msg, State};
