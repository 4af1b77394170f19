//! The bytes behind manifests, read while they stream.
pub mod sniff;
pub mod tar;
pub mod unpack;
