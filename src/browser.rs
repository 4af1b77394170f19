//! The browser's facilities, one adapter each; the ones that core has a trait for carry its name.

pub mod archives;
pub mod arithmetic;
pub mod clipboard;
pub(crate) mod compressed;
pub mod disk;
pub mod documents;
pub mod download;
pub mod file_input;
pub mod files_worker;
pub mod history;
pub mod language;
pub mod dom;
pub mod opened;
pub(crate) mod own_files;
pub mod platform;
pub mod session;
pub mod sink;
pub mod signature;
pub(crate) mod signing;
pub mod style;
pub mod tables;
pub mod transport;
pub mod wake_lock;
pub mod workers;
