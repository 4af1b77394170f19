//! Composing: the bytes against those that real tools wrote, and what is composed against what is read again.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

mod any;
mod commands;
mod forms;
mod headless;
mod layout;
