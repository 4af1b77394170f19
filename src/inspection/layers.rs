//! The check of layers, as an inspection has it: what reads them, compares them and draws that is a part of the program,
//! loaded when somebody presses the button that says how many bytes it costs.

mod checks;
mod effects;
pub mod part;
mod state;
pub mod validate;
mod validation;
mod view;

use std::any::Any;
use std::fmt;
use std::rc::Rc;

use waybill_core::humanize::{count, size};
use waybill_core::manifest::Image;
use waybill_core::media_type::MediaType;
use waybill_core::reference::Reference;
use waybill_core::workflow::fetch::Generation;
use waybill_core::workflow::inspect::{self as workflow, Current, InspectTarget, Model};
use waybill_core::workflow::layers as check;
use yew::Callback;

use super::drawing::Drawing;
use super::read_layers::ReadLayers;
use super::{Effect, Inspection};
use crate::components::element::{Element, button, el};
use crate::components::listener::send;
use crate::components::text::quiet;
use crate::lazy::LoadError;
use crate::limits::ITEMS_DRAWN;
use crate::shell::Shell;

/// The id of what is drawn of a check, which has the focus once it is begun.
pub const CHECK: &str = "check";

/// What happened to a check.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A button that begins it was pressed: whether every check is to be listed too.
    Open(bool),
    /// Its part of the program came, and this makes a check; or it did not. Whether every check is to be listed.
    Loaded(Result<Begin, LoadError>, bool),
    /// What a check takes by itself.
    Change(Opaque),
    /// The same, of how far layers are: nothing else looks otherwise by it.
    Progress(Opaque),
}

/// Makes a check of which nothing was asked yet; what is known of layers is the inspection's.
pub type Begin = fn(Generation, ReadLayers) -> Box<dyn Check>;

/// What is made and read in the part alone, so that the rest of the program holds nothing of what it is made of.
#[derive(Clone)]
pub struct Opaque(Rc<dyn Any>);

impl Opaque {
    fn new(value: impl Any) -> Self {
        Self(Rc::new(value))
    }

    fn read<T: Any>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }
}

// The words of what is in it would weigh more than all else that the main program holds of it.
impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opaque")
    }
}

impl PartialEq for Opaque {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Opaque {}

/// A check of layers, of which only its own part of the program knows more.
pub trait Check: fmt::Debug {
    /// Begins to read the image that is looked at; of a list somebody chooses first, but where there is only to validate
    /// what is here.
    fn open(&mut self, model: &mut Model, validate: bool) -> Vec<Effect>;

    /// Takes one message, and returns the effects to run.
    fn update(&mut self, model: &mut Model, change: &Opaque) -> Vec<Effect>;

    /// Another place is looked at, or more of it came, or its layers were read for something else; keeps `model` told of
    /// what it found.
    fn look(&mut self, model: &mut Model) -> Looked;

    /// Whether so much is on its way that this is not looked at, or drawn, before more of it came: a message of the layers,
    /// or else the answer to a request. To count and draw thousands anew for each of thousands takes minutes.
    fn waits_for_more(&self, model: &Model, change: Option<&Opaque>) -> bool;

    /// Stops all of it: the inspection ends.
    fn stop(&mut self, model: &mut Model) -> Vec<Effect>;

    /// Puts what can be done, how far it is and what came of it into `parent`, and below it the hold as it fills; of a
    /// list also each image.
    fn head(&self, parent: Element, drawing: Drawing<'_>) -> Element;

    /// Draws the layers of the image that is looked at, one row each.
    fn rows(&self, drawing: Drawing<'_>) -> Element;
}

/// What a check wants, now that it looked at what came.
#[derive(Debug, Default)]
pub struct Looked {
    /// What the inspection has to do for it.
    pub wanted: Vec<workflow::Effect>,
    /// What it needs besides.
    pub effects: Vec<Effect>,
}

/// What runs the effects of checks. Where it is dropped, all that runs ends.
pub trait Runner {
    /// Runs an effect of core's workflow, in that repository; the client is the shell's.
    fn run(
        &self,
        effect: check::Effect,
        reference: &Reference,
        shell: &Rc<Shell>,
        link: &Callback<super::Msg>,
    );

    /// Runs a task that is the part's own.
    fn run_task(&self, task: &Opaque, shell: &Rc<Shell>, link: &Callback<super::Msg>);
}

impl Inspection {
    /// Takes a message of the check of layers.
    pub(super) fn update_layers(&mut self, msg: Msg) -> Vec<Effect> {
        let check = match msg {
            Msg::Open(validate) => return vec![Effect::LoadLayers { validate }],
            Msg::Loaded(loaded, validate) => {
                self.layers_fault = loaded.err();
                if let (Ok(begin), None) = (loaded, &self.check) {
                    let (generation, read) = (self.model.generation(), self.read_layers.clone());
                    self.check = Some(begin(generation, read));
                }
                let check = self.check.as_mut();
                return check.map_or_else(Vec::new, |check| check.open(&mut self.model, validate));
            }
            Msg::Change(change) | Msg::Progress(change) => self
                .check
                .as_mut()
                .map(|check| check.update(&mut self.model, &change)),
        };
        check.unwrap_or_default()
    }
}

/// Puts the check of an image's layers into `parent`, with their hold; before it is begun, the button that begins it.
#[inline(never)]
pub fn head(parent: Element, drawing: Drawing<'_>, image: &Image, hold: Element) -> Element {
    if let Some(check) = &drawing.inspection.check {
        return check.head(parent, drawing);
    }
    let costs = costs(image, &drawing.inspection.read_layers);
    parent.child(offer(drawing, &costs)).child(hold)
}

/// Says why layers are not read where there is no registry to ask.
const NOT_HERE: &str = "The layers are not part of what was opened, so they cannot be checked: inspect the image at \
                        its registry.";

/// Draws the buttons that begin the check; where there is no registry to ask, why there is only one, which validates
/// what is here.
pub fn offer(drawing: Drawing<'_>, words: &str) -> Element {
    let Drawing {
        inspection, link, ..
    } = drawing;
    let open = |validate| send(link, super::Msg::Layers(Msg::Open(validate)));
    let is_local = matches!(inspection.model.subject, InspectTarget::Bundle { .. });
    // It costs the same. Of a list somebody chooses first.
    let is_image = matches!(inspection.model.current(), Current::Image(..));
    let validate = (is_image || is_local).then(|| button("Validate", open(true)));
    let check = (!is_local).then(|| button(words, open(false)));
    let fault = inspection.layers_fault;
    el("p")
        .class("row check-head")
        .child(is_local.then(|| quiet(NOT_HERE)))
        .child(check)
        .child(validate)
        .child(fault.map(|error| quiet(format_args!("It could not be loaded: {error}."))))
}

/// Says what checking the layers of an image costs: what was read for its files is not read again. The part counts
/// once more, and exactly for any number of layers.
fn costs(image: &Image, read: &ReadLayers) -> String {
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
        let is_again = all[..index]
            .iter()
            .any(|before| before.digest == layer.digest);
        if is_again || layer.digest.as_ref().is_some_and(|it| read.has(it)) {
            continue;
        }
        match layer.size {
            Some(more) => bytes = bytes.saturating_add(more),
            None => least = "at least ",
        }
    }
    ["Check ", &count(layers, "layer"), ", ", least, &size(bytes)].concat()
}
