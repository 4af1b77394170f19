//! Composing: the bytes against those that real tools wrote, and what is composed against what is read again.

mod any;
mod forms;
mod headless;
mod layout;
