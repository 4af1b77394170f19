//! Composing: the bytes against those that real tools wrote, and what is composed against what is read again.

#[path = "common/fixtures.rs"]
mod fixtures;

#[path = "compose/forms.rs"]
mod forms;
