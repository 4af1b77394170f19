//! Compresses layers anew: `Packer`, with the feature `pack`, and [`message`], which a page and the worker that does it
//! say to each other.

pub mod message;
#[cfg(feature = "pack")]
mod packer;

#[cfg(feature = "pack")]
pub use packer::Packer;
