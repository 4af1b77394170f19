//! What is related to the manifest that is looked at: everything that refers to it, in one tree, and the documents in
//! that. A tab of an inspection.
//!
//! [`load`] brings this part of the program; core's `workflow::related` and `documents` are in it alone. An inspection
//! draws it with what it looks at ([`Around`]), and knows nothing else of it. Nothing is asked before its tab is shown.
//!
//! Signatures are decoded; what checks them is another part, `signatures`, which `view/signature.rs` mounts.

mod effects;
mod listeners;
mod message;
mod page;
mod state;
pub mod view;

pub use message::{Effect, Msg, Part, Shown};
pub use state::State;

use std::rc::Rc;

use waybill_core::workflow::inspect;
use yew::Html;

use crate::lazy::{LoadError, apart, styled};
use crate::route::{InspectSource, View};
use crate::shell::{Choice, Shell};

/// Around what is looked, and how it is shown.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// What the page has of the shell.
    pub shell: &'a Rc<Shell>,
    /// The inspection, of core.
    pub model: &'a inspect::Model,
    /// What is inspected, as the address names it.
    pub source: &'a InspectSource,
    /// Where in it.
    pub place: &'a View,
    /// Whether the tab is the one that is looked at.
    pub is_shown: bool,
    /// What is set for the registry; where that changes, what did not come is asked for again.
    pub choice: Option<&'a Choice>,
}

/// Draws the tab.
pub type Draw = fn(Around<'_>) -> Html;

apart! {
    related:
    /// Brings what finds and draws what is related.
    fn bring() -> Draw {
        page::draw
    }
}

/// Loads what finds and draws what is related, and the style of parts.
///
/// # Errors
///
/// Fails where one of the two does not come; it may be called again.
pub async fn load() -> Result<Draw, LoadError> {
    styled(bring()).await
}
