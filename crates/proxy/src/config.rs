//! What the person who starts the proxy decides: the values, and the command line that sets them.
//!
//! [`settings`] holds everything, [`limits`] its sizes, rates and times; [`flags`] reads the command line.

pub(crate) mod settings;
pub(crate) mod limits;
pub(crate) mod trusted_proxy;
pub mod flags;
pub(crate) mod flag_error;
pub(crate) mod help;
