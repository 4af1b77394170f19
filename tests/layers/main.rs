//! Layers as they are read: archives, compressions, digests, against the tools that others read them with.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

mod archives;
mod flatten;
mod tar_oracle;
mod unpacking;
