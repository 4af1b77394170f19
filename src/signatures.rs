//! Signatures checked here: a panel that takes what was signed, and what a person gives to check it with, and shows each
//! step. A part of the program, loaded when somebody wants a signature checked; whoever mounts it has the bytes.
//!
//! ```ignore
//! let draw = signatures::load().await?;
//! draw(Props { asked, kept, keep })
//! ```

mod effects;
pub mod message;
mod page;
mod part;
pub mod state;
pub mod view;

use std::rc::Rc;

use waybill_signatures::{Signed, Subject};
use yew::{Callback, Html};

use crate::language::Language;

pub use part::load;

/// Signatures of one image or index, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The signatures, as they came. So many as [`limits::SIGNATURES`](waybill_signatures::limits::SIGNATURES) are
    /// checked.
    pub signed: Vec<Signed>,
    /// What they are attached to.
    pub subject: Subject,
    /// What is looked at, where that is another one: an image of a signed index.
    pub looked_at: Option<Subject>,
    /// The reference that was asked for, where there is one.
    pub reference: Option<String>,
}

/// What a person gave to check signatures with, kept for as long as the page is open, and nowhere else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Keys, certificates and roots, as they were given.
    pub files: Vec<Rc<[u8]>>,
    /// Whether sigstore's public root was chosen.
    pub has_public_root: bool,
    /// Whom certificates have to name; empty where that is not said.
    pub signer: String,
}

/// What the panel is given.
pub struct Props {
    /// What is checked. Another one replaces it.
    pub asked: Rc<Asked>,
    /// What was given before.
    pub kept: Kept,
    /// Takes what is given from now on, to be kept for the next panel.
    pub keep: Callback<Kept>,
    /// The language in which it is drawn.
    pub language: Language,
}

/// Draws the panel. It is all that the rest of the program knows of it.
pub type Draw = fn(Props) -> Html;
