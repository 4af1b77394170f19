//! The registry client, over any [`transport::Transport`].

pub mod transport;
pub mod endpoints;
pub mod relay_path;
pub mod location;

pub mod challenge;
pub mod link;
pub mod scope;
pub mod settings;

pub mod auth_policy;
pub mod token;

pub mod error;

pub mod answer;
mod authenticate;
pub mod client;
mod redact;
mod session;

pub mod upload;
pub mod push;
