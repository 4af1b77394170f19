//! Archives of images, opened by random access: every writer's form, what is wrong with them, and how little is read.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

mod cases;
mod differ;
mod example;
mod harness;
mod hostile;
mod large;
mod layouts;
mod message;
mod save;
mod writers;
