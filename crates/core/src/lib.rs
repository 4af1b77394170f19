//! Reads, checks and writes the manifests of container images: bytes in, values out.
//!
//! This crate knows no browser, no clock, no network and no thread. Modules in reading order.

pub mod limits;
pub(crate) mod base64;
pub mod humanize;

pub mod digest;
pub mod media_type;
pub mod platform;
pub mod reference;
pub mod input;
pub mod shell;

pub mod finding;
pub mod json;
pub mod lenient;
pub(crate) mod annotation;
pub mod descriptor;
pub mod manifest;
pub mod config;
pub mod verify;
pub mod compose;

pub mod registry;
pub mod workflow;
