//! The files of two images, compared once somebody asks for it: layers are read by the workers, and one of their own
//! holds what differs.

pub(super) mod effects;
mod message;
mod state;

pub use message::{FilesEffect, FilesMsg, WantedBlob};
pub(super) use state::{BlobState, Files, Phase};
