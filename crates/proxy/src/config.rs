//! What the person who starts the proxy decides: the values, and the command line that sets them.

pub(crate) mod flag_error;
pub mod flags;
pub(crate) mod help;
pub(crate) mod limits;
pub(crate) mod settings;
pub(crate) mod trusted_proxy;
