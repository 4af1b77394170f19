//! Conversions between formats: the bytes of skopeo, and what is refused where skopeo would lose something.
//!
//! skopeo is asked each time, where it is there; what does not need it is in `refusals` and `signing`.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

mod refusals;
mod signing;
mod skopeo;
