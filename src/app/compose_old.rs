//! Compose, seen from the rest of the page: there or not, and what it is to be told once it is.

use waybill_core::input::{Input, understand};
use waybill_core::reference::{RegistryHost, Target};
use waybill_core::view::Action;
use waybill_core::workflow::inspect::{Current, InspectTarget};

use super::{Effect, State, VERDICT};
use crate::browser::file_input::LocalContent;
use crate::compose::{Content, Shared, Told};
use crate::examples;
use crate::lazy::LoadError;
use crate::route::{ComposeIntent, InspectSource, Route};

/// Compose, or what stands in its way.
#[derive(Default)]
pub struct Compose {
    /// The page; `None` until somebody goes there.
    pub page: Option<Shared>,
    /// Why it did not come.
    pub failed: Option<LoadError>,
    loading: bool,
    /// What it is to be told once it is there.
    waiting: Vec<Told>,
}

impl State {
    /// Comes to the page, with what it is to take up.
    pub(super) fn go_to_compose(&mut self, take: Option<ComposeIntent>) -> Vec<Effect> {
        let mut effects = self.leave("Compose · Waybill");
        if let Some(take) = take {
            // With what it takes up in the address, loading the page again would undo everything done since.
            self.route = Route::Compose(None);
            effects.push(Effect::Replace(Route::Compose(None)));
            effects.extend(self.take_up(&take));
        }
        effects.extend(self.load_compose());
        effects.push(Effect::Focus(VERDICT));
        effects
    }

    fn take_up(&mut self, take: &ComposeIntent) -> Vec<Effect> {
        let (ComposeIntent::Open(text) | ComposeIntent::Add(text)) = take;
        let Ok(Input::Reference(found)) = understand(text) else {
            self.notice = "The address names no reference";
            return Vec::new();
        };
        let host = found.reference.host().clone();
        let content = Content::Registry(found.reference);
        let mut effects = self.tell(if matches!(take, ComposeIntent::Open(_)) {
            Told::Open(content)
        } else {
            Told::Add(content)
        });
        if found.plain_http {
            effects.insert(0, self.set_plain_http(host));
        }
        effects
    }

    /// Brings Compose unless it is there or on its way.
    pub(super) fn load_compose(&mut self) -> Option<Effect> {
        if self.compose.page.is_some() || self.compose.loading {
            return None;
        }
        self.compose.loading = true;
        self.compose.failed = None;
        Some(Effect::LoadCompose)
    }

    /// Takes Compose once it came, or why it did not.
    pub(super) fn compose_came(&mut self, came: Result<Shared, LoadError>) -> Vec<Effect> {
        self.compose.loading = false;
        match came {
            Ok(page) => {
                self.compose.page = Some(page);
                let waiting = std::mem::take(&mut self.compose.waiting);
                let mut effects: Vec<Effect> = waiting
                    .into_iter()
                    .flat_map(|told| self.tell(told))
                    .collect();
                effects.push(Effect::RunCompose);
                effects
            }
            Err(error) => {
                self.compose.failed = Some(error);
                vec![Effect::Focus(VERDICT)]
            }
        }
    }

    /// Tells Compose something, at once or when it is there.
    pub(super) fn tell(&mut self, told: Told) -> Vec<Effect> {
        let Some(page) = &self.compose.page else {
            self.compose.waiting.push(told);
            return Vec::new();
        };
        let effects = page.borrow_mut().tell(told);
        for effect in &effects {
            if let Effect::SetPlainHttp(host) = effect {
                self.speak(host, true);
            }
        }
        effects.into_iter().chain([Effect::RunCompose]).collect()
    }

    /// Tells Compose something that only it can mean, where its page is looked at.
    pub(super) fn tell_there(&mut self, told: Told) -> Vec<Effect> {
        if matches!(self.route, Route::Compose(_)) {
            self.tell(told)
        } else {
            Vec::new()
        }
    }

    /// Does what the button of an error in Compose says.
    pub(super) fn act_in_compose(&mut self, host: RegistryHost, action: Action) -> Vec<Effect> {
        let again = !matches!(action, Action::AskCredentials);
        let mut effects = self.act_on(host, action);
        if again {
            effects.extend(self.tell(Told::Again));
        }
        effects
    }

    /// Takes what is looked at to Compose: a list to begin anew with, or an image to add.
    pub(super) fn take_to_compose(&mut self) -> Vec<Effect> {
        let Some(inspection) = &self.inspection else {
            return Vec::new();
        };
        let model = &inspection.model;
        let (node, is_list) = match model.current() {
            Current::List(node, _) => (node, true),
            Current::Image(node, _) => (node, false),
            _ => return Vec::new(),
        };
        if let InspectTarget::Registry(reference) = &model.subject {
            let found = match (model.path.last(), &node.digest) {
                (Some(digest), _) => reference.at(Target::Digest(digest.clone())),
                (None, Some(digest)) if reference.digest().is_none() => {
                    reference.pinned(digest.clone())
                }
                _ => reference.clone(),
            };
            let take = if is_list {
                ComposeIntent::Open(found.familiar())
            } else {
                ComposeIntent::Add(found.familiar())
            };
            return vec![Effect::Go(Route::Compose(Some(take)))];
        }
        let mut given = vec![LocalContent::new(
            model.subject.name(),
            std::rc::Rc::clone(&node.arrival.bytes),
            true,
        )];
        match &inspection.asked {
            InspectSource::Example(name) => {
                let blobs = examples::find(name)
                    .map(|example| example.blobs)
                    .unwrap_or_default();
                given.extend(
                    blobs
                        .iter()
                        .map(|(name, bytes)| LocalContent::new(*name, *bytes, true)),
                );
            }
            _ => given.extend(
                self.verify
                    .files()
                    .iter()
                    .filter(|other| other.bytes != node.arrival.bytes)
                    .cloned(),
            ),
        }
        let content = Content::Given(given);
        let mut effects = self.tell(if is_list {
            Told::Open(content)
        } else {
            Told::Add(content)
        });
        effects.push(Effect::Go(Route::Compose(None)));
        effects
    }
}
