//! The state of a check of layers: core's, joined with what of a list is chosen.

use std::rc::Rc;

use waybill_core::digest::Digest;
use waybill_core::reference::Reference;
use waybill_core::workflow::fetch::Generation;
use waybill_core::workflow::inspect::{self as inspect, Current, InspectTarget, LayersTold, Model};
use waybill_core::workflow::layers::{self as check, ImagePlan, Plan, Tally, Total, Which};
use waybill_core::workflow::validate::ContentFinding;

use super::effects::found;
use super::validate::{Take, VALIDATION, Validation};
use super::{CHECK, Check, Msg, Opaque, view};
use crate::components::element::Element;
use crate::inspection::drawing::Drawing;
use crate::inspection::read_layers::{ReadLayer, ReadLayers};
use crate::inspection::{Effect, Msg as InspectionMsg};
use crate::shell::Request;

/// What happens to a check.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// Read what is chosen.
    Check,
    /// The image of that manifest is among what is read, or is not.
    Choose(Digest, bool),
    /// Read what is chosen, and list every check of it.
    Validate,
    /// A layer was read whole; whether its entries were to be listed.
    Read(Rc<ReadLayer>, bool),
    /// What the layers of the image of that manifest show together; nothing where no worker told it.
    Found(Digest, Option<Rc<Vec<Vec<ContentFinding>>>>),
    /// Take the list of checks away.
    Take(Take),
    /// For the workflow of core.
    Workflow(check::Msg),
}

impl Change {
    /// The message of the inspection that brings it here.
    pub(super) fn msg(self) -> InspectionMsg {
        let is_progress = matches!(self, Self::Workflow(check::Msg::Progress { .. }));
        let change = Opaque::new(self);
        InspectionMsg::Layers(if is_progress {
            Msg::Progress(change)
        } else {
            Msg::Change(change)
        })
    }
}

/// Makes a check of which nothing was asked yet.
pub(super) fn begin(generation: Generation, read: ReadLayers) -> Box<dyn Check> {
    Box::new(State {
        model: check::Model::new(generation),
        left_out: Vec::new(),
        read,
        validation: Validation::default(),
    })
}

/// Holds a check of the layers of one inspection, wherever in it somebody looks.
#[derive(Debug)]
pub(super) struct State {
    /// The check itself, of core.
    pub(super) model: check::Model,
    /// The manifests of the images of a list that are not to be read.
    left_out: Vec<Digest>,
    /// What was read whole, also for the files.
    pub(super) read: ReadLayers,
    pub(super) validation: Validation,
}

impl State {
    /// Tells whether the image of that manifest is not among what is read.
    pub(super) fn is_left_out(&self, manifest: &Digest) -> bool {
        self.left_out.contains(manifest)
    }

    /// Tells whether an image of a list is among what is read.
    pub(super) fn is_chosen(&self, image: &ImagePlan) -> bool {
        let manifest = image.manifest.as_ref();
        manifest.is_none_or(|manifest| !self.is_left_out(manifest))
    }

    /// Lists the images of a plan that are among what is read: of a list those that are chosen, else the one that is
    /// looked at.
    pub(super) fn chosen<'a>(&self, model: &Model, plan: &'a Plan) -> Vec<&'a ImagePlan> {
        let is_list = matches!(model.current(), Current::List(..));
        let images = plan.images.iter();
        images
            .filter(|image| !is_list || self.is_chosen(image))
            .collect()
    }

    /// What is still to be read of these: what was not asked for, and what did not come.
    pub(super) fn to_read(&self, images: &[&ImagePlan]) -> Total {
        let mut total = Total::of(images.iter().copied());
        total.keep(|digest| self.is_missing(digest));
        total
    }

    fn is_missing(&self, digest: &Digest) -> bool {
        let blob = self.model.blob(digest);
        blob.is_none_or(|blob| matches!(blob.state, check::State::Failed(_)))
    }

    /// Takes what was read for the files: it was hashed on the way, so its seals are known.
    fn take_what_was_read(&mut self, model: &Model) -> Vec<Effect> {
        let InspectTarget::Registry(reference) = &model.subject else {
            return Vec::new();
        };
        if self.read.is_empty() {
            return Vec::new();
        }
        let plan = Plan::of(model);
        let mut known = Total::of(self.chosen(model, &plan));
        known.keep(|digest| self.is_missing(digest) && self.read.has(digest));
        if known.blobs.is_empty() {
            return Vec::new();
        }
        let effects = self.run_check(check::Msg::Check(known.blobs));
        at(reference, effects).collect()
    }

    /// Tells the check something. A layer that was read whole is not read again: what came of it is told at once.
    fn run_check(&mut self, msg: check::Msg) -> Vec<check::Effect> {
        let mut todo = check::update(&mut self.model, msg);
        let mut effects = Vec::new();
        while !todo.is_empty() {
            for effect in std::mem::take(&mut todo) {
                let known = match &effect {
                    check::Effect::Begin { reading, wanted } => {
                        let layer = self.read.get(&wanted.digest);
                        layer.map(|layer| (*reading, layer))
                    }
                    check::Effect::Pause(_)
                    | check::Effect::GoOn(_)
                    | check::Effect::Answer { .. }
                    | check::Effect::Cancel(_) => None,
                };
                let Some((reading, layer)) = known else {
                    effects.push(effect);
                    continue;
                };
                self.validation.read(&layer.named, &layer.found);
                let event = check::Event::Done(Box::new(found(layer.found)));
                todo.extend(check::update(
                    &mut self.model,
                    check::Msg::Told { reading, event },
                ));
            }
        }
        effects
    }

    fn change(&mut self, model: &Model, change: Change) -> Vec<Effect> {
        // What came without one has nobody to ask.
        let InspectTarget::Registry(reference) = &model.subject else {
            return Vec::new();
        };
        // Heard ten times a second, and nothing follows of it but what is drawn.
        if let Change::Workflow(msg @ check::Msg::Progress { .. }) = change {
            check::update(&mut self.model, msg);
            return Vec::new();
        }
        let plan = Plan::of(model);
        let mut more = Vec::new();
        let effects = match change {
            Change::Check | Change::Validate => {
                if matches!(change, Change::Validate) {
                    self.validation.want();
                    more.push(Effect::Request(Request::Focus(VALIDATION)));
                }
                let wanted = Total::of(self.chosen(model, &plan)).blobs;
                self.run_check(check::Msg::Check(wanted))
            }
            Change::Read(layer, is_listed) => {
                self.validation.read(&layer.named, &layer.found);
                if is_listed {
                    self.read.keep((*layer).clone());
                }
                Vec::new()
            }
            Change::Found(manifest, findings) => {
                self.validation.found(manifest, findings.as_deref());
                Vec::new()
            }
            Change::Take(take) => return vec![self.take(model, take)],
            Change::Choose(manifest, is_chosen) => {
                self.left_out.retain(|known| *known != manifest);
                if !is_chosen {
                    self.left_out.push(manifest);
                }
                Vec::new()
            }
            Change::Workflow(msg) => {
                if let check::Msg::GoOn(Which::One(digest)) = &msg {
                    // Somebody wants it to be read again.
                    self.read.forget(digest);
                }
                self.run_check(msg)
            }
        };
        let mut effects: Vec<_> = at(reference, effects).collect();
        let chosen = self.chosen(model, &plan);
        more.extend(self.validation.look_together(&chosen, &self.read));
        effects.extend(more);
        effects
    }

    /// Says what was found of the layers of what is looked at; `None` where it has none.
    fn told(&self, model: &Model) -> Option<LayersTold> {
        let (Current::Image(node, _) | Current::List(node, _)) = model.current() else {
            return None;
        };
        let plan = Plan::of(model);
        let tally = Tally::of(&self.model, self.chosen(model, &plan));
        Some(tally.told(node.digest.clone()?))
    }
}

/// Has effects run in a repository.
fn at(reference: &Reference, effects: Vec<check::Effect>) -> impl Iterator<Item = Effect> {
    let effect = |effect| Effect::Layers {
        reference: reference.clone(),
        effect,
    };
    effects.into_iter().map(effect)
}

impl Check for State {
    fn open(&mut self, model: &mut Model, validate: bool) -> Vec<Effect> {
        let mut effects = match model.current() {
            Current::Image(..) if validate => self.change(model, Change::Validate),
            Current::Image(..) => self.change(model, Change::Check),
            Current::List(..) | Current::Loading | Current::Failed(_) | Current::Other(_) => {
                Vec::new()
            }
        };
        if !validate {
            effects.push(Effect::Request(Request::Focus(CHECK)));
        }
        effects.extend(self.look(model));
        effects
    }

    fn update(&mut self, model: &mut Model, change: &Opaque) -> Vec<Effect> {
        let Some(change) = change.read::<Change>() else {
            return Vec::new();
        };
        let is_progress = matches!(change, Change::Workflow(check::Msg::Progress { .. }));
        let mut effects = self.change(model, change.clone());
        if !is_progress {
            effects.extend(self.look(model));
        }
        effects
    }

    fn look(&mut self, model: &mut Model) -> Vec<Effect> {
        let effects = self.take_what_was_read(model);
        if let Some(told) = self.told(model)
            && model.layers_told() != Some(&told)
        {
            inspect::update(model, inspect::Msg::LayersChecked(told));
        }
        effects
    }

    fn stop(&mut self, model: &mut Model) -> Vec<Effect> {
        let cancel = check::Msg::Cancel(Which::All);
        self.change(model, Change::Workflow(cancel))
    }

    fn head(&self, parent: Element, drawing: Drawing<'_>) -> Element {
        view::head(self, parent, drawing)
    }

    fn rows(&self, drawing: Drawing<'_>) -> Element {
        view::rows(self, drawing)
    }
}
