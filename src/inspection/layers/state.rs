//! The state of a check of layers: core's, joined with what of a list is chosen.

use std::rc::Rc;

use waybill_blobs::layer::Found;
use waybill_core::digest::Digest;
use waybill_core::reference::Reference;
use waybill_core::workflow::fetch::Generation;
use waybill_core::workflow::inspect::{self as inspect, Current, InspectTarget, LayersTold, Model};
use waybill_core::workflow::layers::State::{Running, Waiting};
use waybill_core::workflow::layers::{
    self as check, Below, Blob, ImagePlan, Plan, Tally, Total, Which,
};
use yew::Callback;

use super::effects::{KeepFocus, found};
use super::validate::{self, Seen, Task, Told, VALIDATION, Validating};
use super::{CHECK, Check, Looked, Msg, Opaque, view};
use crate::components::element::Element;
use crate::inspection::drawing::Drawing;
use crate::inspection::read_layers::{ReadLayer, ReadLayers};
use crate::inspection::{Effect, Msg as InspectionMsg};
use crate::lazy::LoadError;
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
    /// What validates came, or did not.
    ValidatorLoaded(Result<(), LoadError>),
    /// Something happened to the validation.
    Validation(Told),
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

impl Change {
    /// Whether a reading came to its end, and nobody has to be asked or told why it did not.
    fn is_done(&self) -> bool {
        let is_done = |event: &check::Event| matches!(event, check::Event::Done(_));
        matches!(self, Self::Read(..))
            || matches!(self, Self::Workflow(check::Msg::Told { event, .. }) if is_done(event))
    }
}

/// Makes a check of which nothing was asked yet.
pub(super) fn begin(generation: Generation, read: ReadLayers) -> Box<dyn Check> {
    Box::new(State::new(generation, read))
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
    /// What came of the streams of layers that a validation has not heard of.
    found: Vec<(Digest, Found)>,
    /// The validation; `None` until somebody asked for it, and its part of the program came.
    validation: Option<Box<dyn Validating>>,
    /// Why that part did not come.
    pub(super) validator_fault: Option<LoadError>,
    /// What can be read at the place that is looked at, as it was looked at last.
    pub(super) plan: Rc<Plan>,
    /// The place by then, and the revision of the inspection.
    planned: Option<(Vec<Digest>, usize)>,
    /// How much readings told since.
    heard: usize,
    /// Which revision of the layers that were read was looked at.
    read_seen: usize,
    /// Whether somebody asked for something, so that it is looked at now.
    is_to_look: bool,
}

/// Of what is on its way so much comes before it is looked at again.
const SHARE: usize = 64;

impl State {
    fn new(generation: Generation, read: ReadLayers) -> Self {
        Self {
            model: check::Model::new(generation),
            left_out: Vec::new(),
            read,
            validation: None,
            validator_fault: None,
            found: Vec::new(),
            plan: Rc::default(),
            planned: None,
            heard: 0,
            read_seen: 0,
            is_to_look: true,
        }
    }

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
        let plan = self.plan(model);
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
                self.found.push((layer.named.clone(), layer.found.clone()));
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
        let mut more = Vec::new();
        let effects = match change {
            // Heard ten times a second, and nothing follows of it but what is drawn.
            Change::Workflow(msg @ check::Msg::Progress { .. }) => {
                check::update(&mut self.model, msg);
                return Vec::new();
            }
            Change::Check => {
                more.push(Task::effect(KeepFocus));
                self.check(model)
            }
            Change::Validate => {
                more.push(self.validate());
                self.check(model)
            }
            Change::ValidatorLoaded(loaded) => {
                self.validator_fault = loaded.err();
                if loaded.is_ok() {
                    more.push(self.validate());
                }
                Vec::new()
            }
            Change::Validation(told) => {
                if let Some(mut validation) = self.validation.take() {
                    let plan = self.plan(model);
                    more.extend(validation.update(&self.seen(model, &plan), &told));
                    self.validation = Some(validation);
                }
                Vec::new()
            }
            Change::Read(layer, is_listed) => {
                self.found.push((layer.named.clone(), layer.found.clone()));
                if is_listed {
                    self.read.keep((*layer).clone());
                }
                Vec::new()
            }
            Change::Choose(manifest, is_chosen) => {
                self.left_out.retain(|known| *known != manifest);
                if !is_chosen {
                    self.left_out.push(manifest);
                }
                Vec::new()
            }
            Change::Workflow(msg) => {
                match &msg {
                    // Readings tell these, nobody pressed a button.
                    check::Msg::Told { .. } | check::Msg::Progress { .. } => {}
                    check::Msg::Check(_)
                    | check::Msg::Pause(_)
                    | check::Msg::GoOn(_)
                    | check::Msg::Answer { .. }
                    | check::Msg::Cancel(_) => more.push(Task::effect(KeepFocus)),
                }
                if let check::Msg::GoOn(Which::One(digest)) = &msg {
                    // Somebody wants it to be read again.
                    self.read.forget(digest);
                }
                self.run_check(msg)
            }
        };
        // What came without one has nobody to ask.
        if let InspectTarget::Registry(reference) = &model.subject {
            more.splice(0..0, at(reference, effects));
        }
        more
    }

    /// Reads what is chosen. What came without a registry has nobody to ask.
    fn check(&mut self, model: &Model) -> Vec<check::Effect> {
        let InspectTarget::Registry(_) = model.subject else {
            return Vec::new();
        };
        let plan = self.plan(model);
        let wanted = Total::of(self.chosen(model, &plan)).blobs;
        self.run_check(check::Msg::Check(wanted))
    }

    /// Begins a validation, or has it ask again for what did not come.
    fn validate(&mut self) -> Effect {
        if self.validation.is_none() {
            self.validation = validate::begin();
        }
        let Some(validation) = &mut self.validation else {
            return validate::loading();
        };
        validation.want();
        Effect::Request(Request::Focus(VALIDATION))
    }

    /// What a validation looks at.
    fn seen<'a>(&'a self, model: &'a Model, plan: &'a Plan) -> Seen<'a> {
        Seen {
            model,
            layers: &self.model,
            plan,
            chosen: self.chosen(model, plan),
            found: &self.found,
            read: &self.read,
            reference: match &model.subject {
                InspectTarget::Registry(reference) => Some(reference),
                InspectTarget::Bundle { .. } => None,
            },
        }
    }

    /// Draws the list of checks, where somebody asked for it.
    pub(super) fn list_of_checks(
        &self,
        model: &Model,
        plan: &Plan,
        link: &Callback<InspectionMsg>,
    ) -> Option<Element> {
        let validation = self.validation.as_ref()?;
        Some(validation.list(&self.seen(model, plan), link))
    }

    /// Asks for what lists in the list name, and for all that a validation needs of manifests and configs.
    fn want_below(&self, model: &mut Model) -> Vec<inspect::Effect> {
        let mut effects = Vec::new();
        while let Current::List(_, list) = model.current()
            && let Some(want) = Below::of(model, list).missing(model, self.validation.is_some())
        {
            effects.extend(inspect::update(model, want));
        }
        effects
    }

    /// The plan of what is here, made anew where more came.
    fn plan(&mut self, model: &Model) -> Rc<Plan> {
        if self.planned.as_ref().map(|it| it.1) != Some(model.revision()) {
            self.plan = Rc::new(Plan::of(model));
            self.planned = Some((model.path.clone(), model.revision()));
        }
        Rc::clone(&self.plan)
    }

    /// Whether it is time to look at what came: that takes as long as there is much, so of much more has to come.
    fn is_due(&self, model: &Model) -> bool {
        let place = self.planned.as_ref().map(|it| &it.0);
        // What the check reads itself is news by the number of layers; what the tab Files read counts once it stands.
        let others_read = || self.read.revision() != self.read_seen && self.under_way() == 0;
        self.is_to_look || place != Some(&model.path) || self.has_news(model, 0, 0) || others_read()
    }

    /// The same with so much more of the inspection, and of readings.
    fn has_news(&self, model: &Model, more: usize, more_heard: usize) -> bool {
        let planned = self.planned.as_ref().map_or(0, |it| it.1);
        let came = (model.revision() + more).saturating_sub(planned);
        (came > 0 && came > model.pending() / SHARE)
            || (self.heard + more_heard > 0 && self.heard + more_heard > self.under_way() / SHARE)
    }

    /// How many layers are being read, or wait for it.
    fn under_way(&self) -> usize {
        let is_under_way = |blob: &&Blob| matches!(blob.state, Running | Waiting);
        self.model.blobs().iter().filter(is_under_way).count()
    }

    /// Says what was found of the layers of what is looked at; `None` where it has none.
    fn told(&mut self, model: &Model) -> Option<LayersTold> {
        let (Current::Image(node, _) | Current::List(node, _)) = model.current() else {
            return None;
        };
        let plan = self.plan(model);
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
        if validate {
            return self.change(model, Change::Validate);
        }
        let mut effects = match model.current() {
            Current::Image(..) => self.change(model, Change::Check),
            Current::List(..) | Current::Loading | Current::Failed(_) | Current::Other(_) => {
                Vec::new()
            }
        };
        effects.push(Effect::Request(Request::Focus(CHECK)));
        effects
    }

    fn update(&mut self, model: &mut Model, change: &Opaque) -> Vec<Effect> {
        let Some(change) = change.read::<Change>() else {
            return Vec::new();
        };
        match change {
            // Nothing follows of these but what is drawn.
            Change::Validation(
                Told::Take(_) | Told::Fold(_) | Told::ShowFrom(_) | Told::Subject(..),
            ) => {}
            Change::Read(..) => self.heard += 1,
            Change::Workflow(_) if change.is_done() => self.heard += 1,
            Change::Check
            | Change::Choose(..)
            | Change::Validate
            | Change::ValidatorLoaded(_)
            | Change::Validation(Told::Found(_))
            | Change::Workflow(_) => self.is_to_look = true,
        }
        self.change(model, change.clone())
    }

    fn look(&mut self, model: &mut Model) -> Looked {
        if !self.is_due(model) {
            return Looked::default();
        }
        self.is_to_look = false;
        self.heard = 0;
        self.read_seen = self.read.revision();
        let wanted = self.want_below(model);
        let mut effects = self.take_what_was_read(model);
        let plan = self.plan(model);
        if let Some(mut validation) = self.validation.take() {
            effects.extend(validation.look(&self.seen(model, &plan)));
            self.validation = Some(validation);
            self.found.clear();
        }
        // While thousands of manifests come one by one, nothing is counted anew for each.
        let is_counted = model.pending() == 0 || model.layers_told().is_none();
        if is_counted
            && let Some(told) = self.told(model)
            && model.layers_told() != Some(&told)
        {
            inspect::update(model, inspect::Msg::LayersChecked(told));
        }
        Looked { wanted, effects }
    }

    fn waits_for_more(&self, model: &Model, change: Option<&Opaque>) -> bool {
        let Some(change) = change else {
            return !self.has_news(model, 1, 0);
        };
        change.read().is_some_and(Change::is_done) && !self.has_news(model, 0, 1)
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

#[cfg(test)]
mod tests;
