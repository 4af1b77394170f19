//! The state of a check of layers: core's, joined with what of a list is chosen.

use std::rc::Rc;

use waybill_core::digest::Digest;
use waybill_core::workflow::fetch::Generation;
use waybill_core::workflow::inspect::{self as inspect, Current, InspectTarget, LayersTold, Model};
use waybill_core::workflow::layers::{self as check, Below, ImagePlan, Plan, Tally, Total, Which};
use yew::Callback;

use super::validate::{self, ReadLayer, ReadLayers, Seen, Told, VALIDATION, Validating};
use super::{CHECK, Check, Looked, Msg, Step, view};
use crate::components::element::Element;
use crate::inspection::view::Drawing;
use crate::inspection::{Effect, Msg as InspectionMsg};
use crate::lazy::LoadError;
use crate::shell::Request;

/// What happens to a check.
#[derive(Clone, Debug)]
pub enum Change {
    /// Read what is chosen.
    Check,
    /// The image of that manifest is among what is read, or is not.
    Choose(Digest, bool),
    /// Read what is chosen, and list every check of it.
    Validate,
    /// What validates came, or did not.
    ValidatorLoaded(Result<(), LoadError>),
    /// Something happened to the validation.
    Validation(Told),
    /// What came of a layer beside its digests.
    Read(Digest, Rc<ReadLayer>),
    /// For the workflow of core.
    Workflow(check::Msg),
}

impl Change {
    /// The message of the inspection that brings it here.
    pub(super) fn msg(self) -> InspectionMsg {
        let is_progress = matches!(self, Self::Workflow(check::Msg::Progress { .. }));
        let step = Rc::new(self);
        InspectionMsg::Layers(if is_progress {
            Msg::Progress(step)
        } else {
            Msg::Change(step)
        })
    }
}

impl Step for Change {
    fn take(&self, check: &mut dyn Check, model: &mut Model) -> Vec<Effect> {
        check.update(model, self)
    }
}

/// Makes a check of which nothing was asked yet.
pub(super) fn begin(generation: Generation) -> Box<dyn Check> {
    Box::new(State {
        model: check::Model::new(generation),
        left_out: Vec::new(),
        read: ReadLayers::new(),
        validation: None,
        validator_fault: None,
        is_same: false,
    })
}

/// Holds a check of the layers of one inspection, wherever in it somebody looks.
#[derive(Debug)]
pub(super) struct State {
    /// The check itself, of core.
    pub(super) model: check::Model,
    /// The manifests of the images of a list that are not to be read.
    left_out: Vec<Digest>,
    /// What came of layers beside their digests, for a validation.
    read: ReadLayers,
    /// The validation; `None` until somebody asked for it, and its part of the program came.
    validation: Option<Box<dyn Validating>>,
    /// Why that part did not come.
    pub(super) validator_fault: Option<LoadError>,
    /// Whether nothing changed by the last message but what is drawn.
    is_same: bool,
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
        total.keep(|digest| {
            let blob = self.model.blob(digest);
            blob.is_none_or(|blob| matches!(blob.state, check::State::Failed(_)))
        });
        total
    }

    fn change(&mut self, model: &Model, change: Change) -> Vec<Effect> {
        let mut more = Vec::new();
        let effects = match change {
            Change::Workflow(msg) => check::update(&mut self.model, msg),
            Change::Check => self.check(model),
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
                    let plan = Plan::of(model);
                    more.extend(validation.update(&self.seen(model, &plan), &told));
                    self.validation = Some(validation);
                }
                Vec::new()
            }
            Change::Read(digest, read) => {
                self.read.insert(digest, read);
                Vec::new()
            }
            Change::Choose(manifest, is_chosen) => {
                self.left_out.retain(|known| *known != manifest);
                if !is_chosen {
                    self.left_out.push(manifest);
                }
                Vec::new()
            }
        };
        if let InspectTarget::Registry(reference) = &model.subject {
            let effect = |effect| Effect::Layers {
                reference: reference.clone(),
                effect,
            };
            more.splice(0..0, effects.into_iter().map(effect));
        }
        more
    }

    /// Reads what is chosen. What came without a registry has nobody to ask.
    fn check(&mut self, model: &Model) -> Vec<check::Effect> {
        let InspectTarget::Registry(_) = model.subject else {
            return Vec::new();
        };
        let plan = Plan::of(model);
        let wanted = Total::of(self.chosen(model, &plan)).blobs;
        check::update(&mut self.model, check::Msg::Check(wanted))
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

    fn update(&mut self, model: &mut Model, change: &Change) -> Vec<Effect> {
        self.is_same = match change {
            Change::Validation(Told::Take(_) | Told::Fold(_) | Told::ShowFrom(_)) => true,
            Change::Check
            | Change::Choose(..)
            | Change::Validate
            | Change::ValidatorLoaded(_)
            | Change::Validation(Told::Found(..) | Told::Subject(..))
            | Change::Read(..)
            | Change::Workflow(_) => false,
        };
        self.change(model, change.clone())
    }

    fn look(&mut self, model: &mut Model) -> Looked {
        if std::mem::take(&mut self.is_same) {
            return Looked::default();
        }
        let wanted = self.want_below(model);
        let mut effects = Vec::new();
        if let Some(mut validation) = self.validation.take() {
            let plan = Plan::of(model);
            effects = validation.look(&self.seen(model, &plan));
            self.validation = Some(validation);
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
