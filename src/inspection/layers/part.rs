//! The part of the program that checks layers.

use std::cell::OnceCell;
use std::rc::Rc;

use waybill_core::workflow::layers as check;
use yew::Callback;

use super::state::{self, Change};
use super::{Begin, Msg, Runner, effects};
use crate::inspection::Msg as InspectionMsg;
use crate::lazy::{apart, styled};

/// Where a page holds what runs the effects of its checks, once the part came.
pub type Held = Rc<OnceCell<Box<dyn Runner>>>;

/// Makes a check of which nothing was asked yet.
pub const BEGIN: Begin = state::begin;

apart! {
    layers:
    /// Brings what makes a check, and what makes that which runs its effects.
    fn bring() -> (Begin, fn() -> Box<dyn Runner>) {
        (BEGIN, effects::runner)
    }
}

/// Loads what checks layers; `validate` goes back with it.
pub async fn load(validate: bool, held: Held, link: Callback<InspectionMsg>) {
    let loaded = styled(bring()).await.map(|(begin, runner)| {
        held.get_or_init(runner);
        begin
    });
    link.emit(InspectionMsg::Layers(Msg::Loaded(loaded, validate)));
}

/// Loads it before somebody wants it.
pub async fn prepare() {
    let _ = bring().await;
}

/// Makes a message of what happened to a check, such as what a reading told.
#[must_use]
pub fn told(msg: check::Msg) -> InspectionMsg {
    Change::Workflow(msg).msg()
}
