//! Copy into a file: which archive, what is told of it before the first byte, and the writing.
//!
//! Core plans it (`workflow::save`); here it is drawn, and read and written in the browser.

pub(super) mod effects;
pub(super) mod view;
