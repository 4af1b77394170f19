//! The state of a check of layers: core's, joined with what of a list is chosen.

use std::rc::Rc;

use waybill_core::digest::Digest;
use waybill_core::workflow::fetch::Generation;
use waybill_core::workflow::inspect::{self as inspect, Current, InspectTarget, LayersTold, Model};
use waybill_core::workflow::layers::{self as check, ImagePlan, Plan, Tally, Total, Which};
use waybill_core::workflow::validate::ContentFinding;

use super::validate::{Listed, Take, VALIDATION, Validation};
use super::{CHECK, Check, Msg, Opaque, view};
use crate::components::element::Element;
use crate::inspection::drawing::Drawing;
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
    /// What came of a layer beside its digests.
    Listed(Rc<Listed>),
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
pub(super) fn begin(generation: Generation) -> Box<dyn Check> {
    Box::new(State {
        model: check::Model::new(generation),
        left_out: Vec::new(),
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
        total.keep(|digest| {
            let blob = self.model.blob(digest);
            blob.is_none_or(|blob| matches!(blob.state, check::State::Failed(_)))
        });
        total
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
                check::update(&mut self.model, check::Msg::Check(wanted))
            }
            Change::Listed(listed) => {
                self.validation.listed(&listed);
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
            Change::Workflow(msg) => check::update(&mut self.model, msg),
        };
        let effect = |effect| Effect::Layers {
            reference: reference.clone(),
            effect,
        };
        let mut effects: Vec<_> = effects.into_iter().map(effect).collect();
        let chosen = self.chosen(model, &plan);
        more.extend(self.validation.look_together(&chosen));
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
        self.look(model);
        effects
    }

    fn update(&mut self, model: &mut Model, change: &Opaque) -> Vec<Effect> {
        let Some(change) = change.read::<Change>() else {
            return Vec::new();
        };
        let is_progress = matches!(change, Change::Workflow(check::Msg::Progress { .. }));
        let effects = self.change(model, change.clone());
        if !is_progress {
            self.look(model);
        }
        effects
    }

    fn look(&self, model: &mut Model) {
        if let Some(told) = self.told(model)
            && model.layers_told() != Some(&told)
        {
            inspect::update(model, inspect::Msg::LayersChecked(told));
        }
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
