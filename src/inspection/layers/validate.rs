//! The validation of what is looked at, as the check of layers has it: what judges, lists and draws the checks is a part
//! of the program of its own, loaded when somebody presses Validate. What was read of layers until then is kept for it.

use std::fmt;
use std::rc::Rc;

use waybill_blobs::layer::Found;
use waybill_core::digest::Digest;
use waybill_core::reference::Reference;
use waybill_core::workflow::fetch::{Failure, Received};
use waybill_core::workflow::inspect::Model;
use waybill_core::workflow::layers::{self as check, ImagePlan, Plan};
use yew::Callback;

use super::effects::LayersFound;
use super::state::Change;
use super::{Opaque, validation};
use crate::components::element::{Element, button};
use crate::components::listener::send;
use crate::inspection::read_layers::ReadLayers;
use crate::inspection::{Effect, Msg as InspectionMsg};
use crate::lazy::{LoadError, kept};
use crate::page::spawn;
use crate::shell::Shell;

/// The id of the list of checks, which has the focus once somebody asked for it.
pub(super) const VALIDATION: &str = "validation";

/// What happens to a validation.
#[derive(Clone, Debug)]
pub(super) enum Told {
    /// What the layers of the images of these manifests show together; nothing where no worker told it.
    Found(Rc<Vec<(Digest, Option<LayersFound>)>>),
    /// What came of a manifest that others refer to.
    Subject(Digest, Result<Received, Failure>),
    /// Take the list of checks away.
    Take(Take),
    /// Open the checks of a manifest, or close them; by its number in the report.
    Fold(usize),
    /// Draw the manifests from that one on.
    ShowFrom(usize),
}

/// How the list of checks is taken away.
#[derive(Clone, Copy, Debug)]
pub(super) enum Take {
    /// The text, to the clipboard.
    Copy,
    /// The text, as a file.
    Text,
    /// The JSON, as a file.
    Json,
}

/// What a validation looks at.
pub(super) struct Seen<'a> {
    /// The manifests and configs.
    pub model: &'a Model,
    /// The check of the layers.
    pub layers: &'a check::Model,
    /// What of them can be read.
    pub plan: &'a Plan,
    /// The images that are chosen.
    pub chosen: Vec<&'a ImagePlan>,
    /// What came of the streams of layers since it looked last.
    pub found: &'a [(Digest, Found)],
    /// The layers that were read whole.
    pub read: &'a ReadLayers,
    /// Where they are from; `None` where no registry was named.
    pub reference: Option<&'a Reference>,
}

/// A validation, of which only its own part of the program knows more.
pub(super) trait Validating: fmt::Debug {
    /// Somebody asked for it, perhaps again: what did not come is asked for once more.
    fn want(&mut self);

    /// Takes what happened, and returns the effects to run.
    fn update(&mut self, seen: &Seen<'_>, told: &Told) -> Vec<Effect>;

    /// More came, or another place is looked at: asks for what there is to know of it.
    fn look(&mut self, seen: &Seen<'_>) -> Vec<Effect>;

    /// Draws the list of all checks by what they are about.
    fn list(&self, seen: &Seen<'_>, link: &Callback<InspectionMsg>) -> Element;
}

/// What the part brings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Validator {
    begin: fn() -> Box<dyn Validating>,
}

kept! {
    validate:
    /// Brings what validates.
    Validator = Validator { begin: validation::begin }
}

/// What a task does that is made and run in the part alone.
pub(super) trait Run {
    /// Begins it; what comes of it is told to `link`.
    fn run(&self, shell: &Rc<Shell>, link: &Callback<InspectionMsg>);
}

/// A task for what runs the effects of checks.
pub(super) struct Task(Box<dyn Run>);

impl Task {
    /// Makes the effect that has it run.
    pub(super) fn effect(run: impl Run + 'static) -> Effect {
        Effect::InLayers(Opaque::new(Self(Box::new(run))))
    }

    /// Begins it; what comes of it is told to `link`.
    pub(super) fn run(&self, shell: &Rc<Shell>, link: &Callback<InspectionMsg>) {
        self.0.run(shell, link);
    }
}

/// Loads the part, and tells the check that it came, or did not.
#[derive(Debug)]
struct Loading;

impl Run for Loading {
    fn run(&self, _: &Rc<Shell>, link: &Callback<InspectionMsg>) {
        let link = link.clone();
        spawn(async move {
            let loaded: Result<(), LoadError> = load().await;
            link.emit(Change::ValidatorLoaded(loaded).msg());
        });
    }
}

/// Begins a validation; `None` where its part is not here yet.
pub(super) fn begin() -> Option<Box<dyn Validating>> {
    here().map(|validator| (validator.begin)())
}

/// The effect that loads the part.
pub(super) fn loading() -> Effect {
    Task::effect(Loading)
}

/// Draws the button that validates; `costs` says what has to be read for it, where anything has.
pub(super) fn offer(costs: Option<&str>, link: &Callback<InspectionMsg>) -> Element {
    let words = match costs {
        Some(costs) => costs.replacen("Check", "Validate:", 1),
        None => "Validate".to_owned(),
    };
    button(&words, send(link, Change::Validate.msg()))
}
