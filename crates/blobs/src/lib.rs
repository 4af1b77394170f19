//! The bytes behind manifests, read while they stream: layers and what is in them.
//!
//! Everything here is pushed: bytes go in by pieces of any size, and what is known by them comes
//! out at once. Nothing waits, reads, writes or fetches; no clock, no browser; never a whole blob
//! in memory. So every rule is tested natively, and the same code runs in a worker of the page.
//! [`archive`] alone asks: for ranges of bytes, of a source that somebody else provides.
//!
//! | module | what it does |
//! | --- | --- |
//! | [`sniff`] | tells a compression by the first bytes |
//! | [`unpack`] | gzip with all members, zstd with all frames, what stands behind them |
//! | [`tar`] | archives, as Go's archive/tar reads them |
//! | [`listing`] | what one layer holds, entry by entry, in little memory |
//! | [`path`] | names of entries as paths |
//! | [`tree`] | what layers are together, by the specification |
//! | [`finding`] | what is wrong with layers, and where engines see different things |
//! | [`dive`] | an image's efficiency, exactly as dive counts it |
//! | [`waste`] | what a flattened image would not hold, by what hid it |
//! | [`layer`] | all of it at once over one stream: digest, size, `diff_id`, entries |
//! | [`toc`] | tables of contents of eStargz and zstd:chunked, and one file by its chunks |
//! | [`layer_kind`] | what a "layer" is that is no file system |
//! | [`extract`] | one file out of a layer |
//! | [`files`] | the files of an image, a few rows at a time |
//! | [`archive`] | archives of images, by random access |
//! | [`job`] | the same as a worker of the page does it: what was asked for, up to limits |
//! | [`message`] | what the page and that worker say to each other |
//!
//! What is not here: where the bytes come from, and what a person is told.

pub mod archive;
pub mod dive;
pub mod extract;
pub mod files;
pub mod finding;
pub mod job;
pub mod layer;
pub mod layer_kind;
pub mod listing;
pub mod message;
pub mod pack;
pub mod path;
pub mod sniff;
pub mod tar;
pub mod toc;
pub mod tree;
pub mod unpack;
pub mod waste;
