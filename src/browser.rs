//! The browser's facilities, one adapter each; the ones that core has a trait for carry its name.

pub mod clipboard;
pub mod download;
pub mod files;
pub mod location;
pub mod page;
pub mod session;
pub mod signature;
pub mod transport;
