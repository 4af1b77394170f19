//! What follows from a composition, and is drawn.

use std::rc::Rc;

use waybill_core::compose::difference::Difference;
use waybill_core::compose::{ListKind, Loss, Written};
use waybill_core::finding::Finding;
use waybill_core::json::Place;

use super::rows::in_reading_order;
use super::state::State;

/// What follows from the composition, made once for each change.
#[derive(Default)]
pub(super) struct Derived {
    /// The places of the rows in the order in which they are shown; true where one stands below its image.
    pub(super) shown: Vec<(usize, bool)>,
    /// Where each finding stands in the bytes.
    pub(super) places: Vec<Option<Place>>,
    /// What became of the list that was opened.
    pub(super) difference: Option<Difference>,
    /// What the other kind would lose.
    pub(super) other_losses: Vec<Loss>,
    /// What was written when it was made.
    written: Option<Rc<Written>>,
    /// The pointers of the findings that `places` are of.
    pointers: Vec<String>,
}

impl State {
    /// Makes what follows from the composition; of a long list only what may have changed, since each of thousands of
    /// answers comes here.
    pub(super) fn derive(&mut self, work_changed: bool) {
        let (model, derived) = (&self.model, &mut self.derived);
        let written = model.written();
        let same = derived
            .written
            .as_ref()
            .is_some_and(|before| Rc::ptr_eq(before, written));
        let pointers = || {
            model
                .findings()
                .iter()
                .map(|finding| finding.pointer.as_str())
        };
        if !same || !derived.pointers.iter().map(String::as_str).eq(pointers()) {
            derived.places = Finding::places(model.findings(), &written.bytes);
            derived.pointers = pointers().map(str::to_owned).collect();
        }
        if same && !work_changed {
            return;
        }
        derived.written = Some(Rc::clone(written));
        derived.shown = in_reading_order(&model.composition().rows);
        derived.difference = model.difference();
        derived.other_losses = model.draft().losses_as(match model.composition().kind {
            ListKind::OciIndex => ListKind::DockerList,
            ListKind::DockerList => ListKind::OciIndex,
        });
    }
}
