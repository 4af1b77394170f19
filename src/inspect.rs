//! Inspect: what is behind a reference or in an example.

mod command;
mod effects;
mod message;
mod page;
mod state;
pub mod view;

pub use command::Command;
pub use message::Msg;
pub use page::mount;
pub use state::State;
