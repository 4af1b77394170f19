//! Signatures of images: every form as real tools made it (`real`), what is easily got wrong (`sharp`,
//! `notation`), the holes of others (`bypasses`), any byte changed (`changed`), what other tools say (`judge`), and
//! sigstore's own cases where they are here (`conformance`).

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

mod bypasses;
mod changed;
mod conformance;
mod harness;
mod judge;
mod notation;
mod real;
mod sharp;
