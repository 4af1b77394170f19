//! Composing: the bytes against those that real tools wrote, and what is composed against what is read again.

#[path = "common/example.rs"]
mod example;
#[path = "common/fixtures.rs"]
mod fixtures;

#[path = "compose/any.rs"]
mod any;
#[path = "compose/forms.rs"]
mod forms;
#[path = "compose/headless.rs"]
mod headless;
#[path = "compose/layout.rs"]
mod layout;
