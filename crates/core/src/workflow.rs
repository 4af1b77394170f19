//! What a person does, as values: messages in, a new model and effects out. No browser, no network.

pub mod catalog;
pub mod compose;
pub mod copy;
pub mod diff;
pub mod fetch;
pub mod inspect;
pub mod layers;
pub mod push;
pub mod related;
pub mod save;
pub mod tags;
pub mod validate;
pub mod verify;
