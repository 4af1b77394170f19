//! Signatures of images: every form as real tools made it (`real`), what must never hold (`sharp`, `bypasses`), any
//! byte changed (`changed`), and sigstore's own conformance cases where they are here (`conformance`).

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

mod conformance;
mod harness;
mod real;
