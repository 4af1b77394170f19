//! Verify behind one object, so that its program can come apart from the rest and only when it is wanted.
//!
//! Nothing but what implements [`Page`] calls `waybill_core::verify` or makes a `Report`.

use waybill_core::workflow::inspect::{InspectTarget, Node};
use yew::Callback;

use crate::components::element::Element;
use crate::lazy::apart;
use crate::pages;
use crate::state::{Effect, Link, Msg, State, Verify};

/// Does what only Verify needs, behind one object: the rest of the program calls nothing of Verify directly.
pub trait Page {
    /// Takes one of the messages that are for Verify and returns the effects to run.
    fn update(&self, state: &mut State, msg: Msg) -> Vec<Effect>;

    /// Returns what to inspect of the content at `index`, with the digest that is expected of it.
    fn subject(&self, verify: &Verify, index: usize) -> Option<InspectTarget>;

    /// Compares the contents with what is expected, once the one at `index` is read.
    fn judge(&self, verify: &mut Verify, index: usize, read: Option<&Node>);

    /// Draws the page below the header.
    fn view(&self, state: &State, link: &Callback<Msg>) -> Element;

    /// Puts the link that holds the content into its dialog.
    fn share(&self, dialog: Element, made: &Link) -> Element;
}

/// Stands for Verify once its part of the program is loaded.
#[derive(Debug)]
pub struct VerifyPage;

impl Page for VerifyPage {
    fn update(&self, state: &mut State, msg: Msg) -> Vec<Effect> {
        state.verify(msg)
    }

    fn subject(&self, verify: &Verify, index: usize) -> Option<InspectTarget> {
        verify.subject(index)
    }

    fn judge(&self, verify: &mut Verify, index: usize, read: Option<&Node>) {
        verify.judge(index, read);
    }

    fn view(&self, state: &State, link: &Callback<Msg>) -> Element {
        pages::verify::view(state, link)
    }

    fn share(&self, dialog: Element, made: &Link) -> Element {
        pages::verify::share(dialog, made)
    }
}

apart! {
    verify:
    /// Loads the part of the program that is Verify.
    pub fn load() -> &'static dyn Page {
        &VerifyPage
    }
}
