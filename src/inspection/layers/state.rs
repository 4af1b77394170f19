//! The state of a check of layers: core's, joined with what of a list is chosen.

use waybill_core::digest::Digest;
use waybill_core::workflow::fetch::Generation;
use waybill_core::workflow::inspect::{Current, LayersTold, Model};
use waybill_core::workflow::layers::{self as check, Effect, ImagePlan, Plan, Tally, Total};

use super::{Check, Msg, view};
use crate::components::element::Element;
use crate::inspection::view::Drawing;

/// Makes a check of which nothing was asked yet.
pub(super) fn begin(generation: Generation) -> Box<dyn Check> {
    Box::new(State {
        model: check::Model::new(generation),
        left_out: Vec::new(),
    })
}

/// Holds a check of the layers of one inspection, wherever in it somebody looks.
#[derive(Debug)]
pub(super) struct State {
    /// The check itself, of core.
    pub(super) model: check::Model,
    /// The manifests of the images of a list that are not to be read.
    left_out: Vec<Digest>,
}

impl State {
    /// Tells whether an image of a list is among what is read.
    pub(super) fn is_chosen(&self, image: &ImagePlan) -> bool {
        let manifest = image.manifest.as_ref();
        manifest.is_none_or(|manifest| !self.left_out.contains(manifest))
    }

    /// Lists the images of a plan that are among what is read.
    pub(super) fn chosen<'a>(&self, plan: &'a Plan) -> Vec<&'a ImagePlan> {
        let images = plan.images.iter();
        images.filter(|image| self.is_chosen(image)).collect()
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
}

impl Check for State {
    fn update(&mut self, model: &Model, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Check => {
                let plan = Plan::of(model);
                let wanted = Total::of(self.chosen(&plan)).blobs;
                check::update(&mut self.model, check::Msg::Check(wanted))
            }
            Msg::Choose(manifest, is_chosen) => {
                self.left_out.retain(|known| *known != manifest);
                if !is_chosen {
                    self.left_out.push(manifest);
                }
                Vec::new()
            }
            Msg::Workflow(msg) => check::update(&mut self.model, msg),
            Msg::Open | Msg::Loaded(_) => Vec::new(),
        }
    }

    fn told(&self, model: &Model) -> Option<LayersTold> {
        let (Current::Image(node, _) | Current::List(node, _)) = model.current() else {
            return None;
        };
        let plan = Plan::of(model);
        let tally = match model.current() {
            Current::List(..) => Tally::of(&self.model, self.chosen(&plan)),
            Current::Image(..) | Current::Loading | Current::Failed(_) | Current::Other(_) => {
                Tally::of(&self.model, &plan.images)
            }
        };
        Some(tally.told(node.digest.clone()?))
    }

    fn head(&self, parent: Element, drawing: Drawing<'_>) -> Element {
        view::head(self, parent, drawing)
    }

    fn rows(&self, drawing: Drawing<'_>) -> Element {
        view::rows(self, drawing)
    }
}
