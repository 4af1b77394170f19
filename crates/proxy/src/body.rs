//! Bodies on their way through: never held as a whole, held to a size and to a pace.

pub(crate) mod error;
pub(crate) mod limited;
pub(crate) mod stall_guard;
pub(crate) mod request;
pub(crate) mod response;
