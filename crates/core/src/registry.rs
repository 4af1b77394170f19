//! The registry client, over any [`transport::Transport`].

pub mod transport;
pub mod url;
