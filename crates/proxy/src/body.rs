//! Bodies on their way through: never held as a whole, held to a size and to a pace.
//!
//! [`limited`] holds any body to both, [`stall_guard`] has the rule for the pace; [`drained`] reads what is left of a
//! request that was answered; [`response`] and [`request`] are what goes out to clients and to upstream.

pub(crate) mod response;
pub(crate) mod request;
pub(crate) mod drained;
pub(crate) mod limited;
pub(crate) mod stall_guard;
pub(crate) mod error;
