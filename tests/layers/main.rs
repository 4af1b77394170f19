//! Layers as they are read: archives, compressions, digests, against the tools that others read them with.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

mod archives;
mod differences;
mod dive;
mod dive_oracle;
mod edges;
mod engines;
mod example;
mod files;
mod findings;
mod flatten;
mod job;
mod judges;
mod kinds;
mod limits;
mod model;
mod tar_oracle;
mod toc;
mod toc_differs;
mod toc_hostile;
mod toc_skopeo;
mod toc_tables;
mod unpacking;
mod validate;
mod waste;
