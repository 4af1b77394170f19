//! The check of layers, as an inspection has it: what reads them, compares them and draws that is a part of the program,
//! loaded when somebody presses the button that says how many bytes it costs.

mod effects;
mod state;
mod view;

use std::fmt;
use std::rc::Rc;

use waybill_core::digest::Digest;
use waybill_core::humanize::{count, size};
use waybill_core::manifest::Image;
use waybill_core::media_type::MediaType;
use waybill_core::reference::Reference;
use waybill_core::workflow::fetch::Generation;
use waybill_core::workflow::inspect::{
    self as workflow, Current, InspectTarget, LayersTold, Model,
};
use waybill_core::workflow::layers as check;
use yew::Callback;

use super::view::Drawing;
use super::{Effect, Inspection};
use crate::components::element::{Element, button, el};
use crate::components::listener::send;
use crate::components::text::quiet;
use crate::lazy::{LoadError, kept};
use crate::limits::ITEMS_DRAWN;
use crate::shell::{Request, Shell};

/// The id of what is drawn of a check, which has the focus once it is begun.
pub const CHECK: &str = "check";

/// What happened to a check.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The button that begins it was pressed.
    Open,
    /// Its part of the program came, or did not.
    Loaded(Result<(), LoadError>),
    /// Read what is chosen.
    Check,
    /// The image of that manifest is among what is read, or is not.
    Choose(Digest, bool),
    /// For the workflow of core.
    Workflow(check::Msg),
}

/// A check of layers, of which only its own part of the program knows more.
pub trait Check: fmt::Debug {
    /// Takes one message, and returns the effects to run.
    fn update(&mut self, model: &Model, msg: Msg) -> Vec<check::Effect>;

    /// Says what was found of the layers of what is looked at; `None` where it has none.
    fn told(&self, model: &Model) -> Option<LayersTold>;

    /// Puts what can be done, how far it is and what came of it into `parent`, and below it the hold as it fills; of a
    /// list also each image.
    fn head(&self, parent: Element, drawing: Drawing<'_>) -> Element;

    /// Draws the layers of the image that is looked at, one row each.
    fn rows(&self, drawing: Drawing<'_>) -> Element;
}

/// What the part brings.
#[derive(Clone, Copy, Debug)]
struct Checker {
    /// Makes a check of which nothing was asked yet.
    begin: fn(Generation) -> Box<dyn Check>,
    /// Runs one effect of a check of what is in that repository; the client is the shell's.
    run: fn(check::Effect, &Reference, &Rc<Shell>, &Callback<super::Msg>),
}

kept! {
    layers:
    /// Brings what checks layers.
    Checker = Checker { begin: state::begin, run: effects::run }
}

/// Runs one effect of a check.
pub fn run(
    effect: check::Effect,
    reference: &Reference,
    shell: &Rc<Shell>,
    link: &Callback<super::Msg>,
) {
    if let Some(checker) = here() {
        (checker.run)(effect, reference, shell, link);
    }
}

impl Inspection {
    /// Takes a message of the check of layers.
    pub(super) fn update_layers(&mut self, msg: Msg) -> Vec<Effect> {
        let mut out = Vec::new();
        let msg = match msg {
            Msg::Open if self.check.is_none() => {
                self.layers_fault = None;
                return vec![Effect::LoadLayers];
            }
            Msg::Loaded(Ok(())) => {
                let generation = self.model.generation();
                if self.check.is_none() {
                    self.check = here().map(|checker| (checker.begin)(generation));
                }
                out.push(Effect::Request(Request::Focus(CHECK)));
                // Of a list somebody chooses first.
                if !matches!(self.model.current(), Current::Image(..)) {
                    self.tell_layers();
                    return out;
                }
                Msg::Check
            }
            Msg::Loaded(Err(error)) => {
                self.layers_fault = Some(error);
                return out;
            }
            other => other,
        };
        let InspectTarget::Registry(reference) = &self.model.subject else {
            return out;
        };
        let is_progress = matches!(msg, Msg::Workflow(check::Msg::Progress { .. }));
        if let Some(check) = &mut self.check {
            let effects = check.update(&self.model, msg);
            let effects = effects.into_iter().map(|effect| Effect::Layers {
                reference: reference.clone(),
                effect,
            });
            out.extend(effects);
        }
        if !is_progress {
            self.tell_layers();
        }
        out
    }

    /// Has the inspection know what was found of the layers of what is looked at.
    pub(super) fn tell_layers(&mut self) {
        if let Some(check) = &self.check
            && let Some(told) = check.told(&self.model)
            && self.model.layers_told() != Some(&told)
        {
            workflow::update(&mut self.model, workflow::Msg::LayersChecked(told));
        }
    }

    /// Stops the check of layers: the inspection ends.
    pub fn stop_layers(&mut self) -> Vec<Effect> {
        let cancel = check::Msg::Cancel(check::Which::All);
        match self.check {
            Some(_) => self.update_layers(Msg::Workflow(cancel)),
            None => Vec::new(),
        }
    }
}

/// Puts the check of an image's layers into `parent`, with their hold; before it is begun, the button that begins it.
pub fn head(parent: Element, drawing: Drawing<'_>, image: &Image, hold: Element) -> Element {
    match &drawing.inspection.check {
        Some(check) => check.head(parent, drawing),
        None => parent.child(offer(drawing, &costs(image))).child(hold),
    }
}

/// Draws the button that begins the check; why there is none where there is no registry to ask.
pub fn offer(drawing: Drawing<'_>, words: &str) -> Element {
    let Drawing {
        inspection, link, ..
    } = drawing;
    let row = el("p").class("row check-head");
    let InspectTarget::Registry(_) = inspection.model.subject else {
        return row.child(quiet(
            "The layers are not part of what was opened, so they cannot be checked: inspect the image at its registry.",
        ));
    };
    let fault = inspection.layers_fault;
    row.child(button(words, send(link, super::Msg::Layers(Msg::Open))))
        .child(fault.map(|error| quiet(format_args!("It could not be loaded: {error}."))))
}

/// Says what checking the layers of an image costs. The part counts once more, and exactly for any number of layers.
fn costs(image: &Image) -> String {
    let (mut layers, mut bytes, mut least) = (0, 0_u64, "");
    let all = &image.layers[..image.layers.len().min(ITEMS_DRAWN)];
    for (index, layer) in all.iter().enumerate() {
        let is_foreign = layer
            .media_type
            .as_ref()
            .is_some_and(MediaType::is_foreign_layer);
        if layer.digest.is_none() || is_foreign {
            continue;
        }
        layers += 1;
        if all[..index]
            .iter()
            .any(|before| before.digest == layer.digest)
        {
            continue;
        }
        match layer.size {
            Some(more) => bytes = bytes.saturating_add(more),
            None => least = "at least ",
        }
    }
    ["Check ", &count(layers, "layer"), ", ", least, &size(bytes)].concat()
}
