//! The registry client, over any [`transport::Transport`].
//!
//! It knows no workflow: what to ask next, and what to show, is for those who call it. What it
//! read is returned as it came. Only what it keeps for the session, and a blob that it
//! uploads, is compared with its digest here.
//!
//! - [`client`] is the entry: `Client` reads manifests and blobs; [`tags`] and [`referrers`] add what
//!   lists,
//!   [`push`] and [`upload`] what writes.
//! - `client/requests.rs`, `authenticate` and `session` are its inside: the way of a request,
//!   who asks, what is remembered.
//! - [`auth_policy`], [`challenge`], [`scope`], [`token`] are rules and texts of saying who
//!   asks, without a request.
//! - [`endpoints`], [`location`], [`link`], [`relay_path`] are rules of addresses. The proxy
//!   shares the last one, and so page and proxy read an address alike.
//! - [`settings`] is what the person says of a registry, [`answer`] and [`error`] are what
//!   comes of a request, [`rate_limit`] how many more it allows.
//! - `redact` keeps secrets out of all that is shown.

pub mod transport;
pub mod endpoints;
pub mod relay_path;
pub mod location;

pub mod challenge;
pub mod link;
pub mod rate_limit;
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
pub mod referrers;
pub mod tags;
