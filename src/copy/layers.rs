//! Layers that have to be read before the plan: `effects` reads them, core's `workflow/copy/layers.rs` says which.

pub(crate) mod effects;
