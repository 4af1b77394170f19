//! The state of Inspect: messages in, effects out.

use std::rc::Rc;

use waybill_core::digest::Digest;
use waybill_core::input::Input;
use waybill_core::reference::RegistryHost;
use waybill_core::workflow::fetch::{Generation, Received};
use waybill_core::workflow::inspect::{self as workflow, InspectTarget};

use super::command::Command;
use super::message::Msg;
use crate::examples::{self, Example};
use crate::inspection::{self, Contents, Effect, Inspection};
use crate::local_content::LocalContent;
use crate::route::{InspectSource, View, read_reference};
use crate::shell::{PageOrigin, Request};

/// Holds what Inspect shows. Only [`State::update`] changes it.
#[derive(Debug)]
pub struct State {
    /// What the address names; `None` while another page is shown.
    pub source: Option<InspectSource>,
    /// What is looked at; `None` where the address names nothing that can be inspected.
    pub inspection: Option<Inspection>,
    origin: PageOrigin,
    /// The generation of the last inspection; answers to an older one are dropped.
    generation: Generation,
    /// What the shell was told last of how the answers came.
    via: Option<String>,
}

impl State {
    /// Makes the state of the page before anything is shown on it.
    #[must_use]
    pub fn new(origin: PageOrigin) -> Self {
        Self {
            source: None,
            inspection: None,
            origin,
            generation: Generation::default(),
            via: None,
        }
    }

    /// Takes one message and returns the effects to run, in their order.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        let mut effects = match msg {
            Msg::Command(Command::Show(source, place)) => self.show(source, place),
            Msg::Command(Command::ShowAnew(source, place)) => self.open(source, place),
            Msg::Command(Command::Hide) => {
                self.source = None;
                self.stop()
            }
            Msg::Command(Command::Retry) => match &mut self.inspection {
                Some(inspection) if inspection.host().is_some() => inspection.retry(None),
                _ => Vec::new(),
            },
            Msg::Command(Command::SettingsChanged(host)) => match self.of_registry(&host) {
                Some(inspection) => {
                    inspection.set_focused(false);
                    inspection.retry(None)
                }
                None => Vec::new(),
            },
            Msg::Command(Command::Forgotten(host)) => self.forgotten(&host),
            Msg::Inspection(msg) => match &mut self.inspection {
                Some(inspection) => {
                    let contents = example(&inspection.source);
                    inspection.update(msg, contents)
                }
                None => Vec::new(),
            },
        };
        effects.extend(self.tell_via());
        effects
    }

    /// Tells whether the page looks otherwise after a message.
    #[must_use]
    pub fn draws(&self, msg: &Msg) -> bool {
        match (msg, &self.inspection) {
            (Msg::Inspection(msg), Some(inspection)) => inspection.draws(msg),
            (Msg::Inspection(_), None) => false,
            (Msg::Command(_), _) => true,
        }
    }

    fn show(&mut self, source: InspectSource, place: View) -> Vec<Effect> {
        let here = self.inspection.as_mut().filter(|it| it.source == source);
        match here {
            Some(inspection) => inspection.go(place, example(&source)),
            None => self.open(source, place),
        }
    }

    fn open(&mut self, source: InspectSource, place: View) -> Vec<Effect> {
        let mut effects = self.stop();
        self.source = Some(source.clone());
        let Some(target) = target(&source) else {
            effects.push(Effect::Request(Request::Title("Waybill".into())));
            return effects;
        };
        let title = format!("{} · Waybill", target.name());
        effects.push(Effect::Request(Request::Title(title)));
        let contents = example(&source);
        let generation = self.generation.next();
        let (mut inspection, first) = Inspection::open(source, place, target, generation, contents);
        effects.extend(first);
        effects.extend(inspection.focus_result());
        self.inspection = Some(inspection);
        effects
    }

    /// Ends the inspection.
    fn stop(&mut self) -> Vec<Effect> {
        let Some(mut inspection) = self.inspection.take() else {
            return Vec::new();
        };
        self.generation = inspection.model.generation();
        let check = inspection.check.as_mut();
        let mut effects = check.map_or_else(Vec::new, |it| it.stop(&mut inspection.model));
        effects.push(Effect::Abort);
        effects
    }

    /// Finds the inspection where it is of that registry.
    fn of_registry(&mut self, host: &RegistryHost) -> Option<&mut Inspection> {
        let is_of = |inspection: &&mut Inspection| inspection.host() == Some(host);
        self.inspection.as_mut().filter(is_of)
    }

    /// Asks without credentials for what is still to come from a registry, or failed. What is shown stays.
    fn forgotten(&mut self, host: &RegistryHost) -> Vec<Effect> {
        let Some(inspection) = self.of_registry(host) else {
            return Vec::new();
        };
        // The dialog is open, so the focus stays there.
        inspection.set_focused(true);
        let mut effects = Vec::new();
        if inspection.model.pending() > 0 {
            let cancel = inspection::Msg::Workflow(workflow::Msg::Cancel);
            effects.extend(inspection.update(cancel, None));
        }
        effects.extend(inspection.retry(None));
        effects
    }

    /// Tells the shell how the answers came, where that is new.
    fn tell_via(&mut self) -> Option<Effect> {
        let via = self
            .inspection
            .as_ref()
            .and_then(|inspection| inspection.via(&self.origin));
        (via != self.via).then(|| {
            self.via.clone_from(&via);
            Effect::Request(Request::Via(via))
        })
    }
}

/// Reads what an address names; `None` where it is no reference, or no example.
fn target(source: &InspectSource) -> Option<InspectTarget> {
    match source {
        InspectSource::Reference(text) => match read_reference(text)? {
            Ok(Input::Reference(found)) => Some(InspectTarget::Registry(found.reference)),
            Ok(Input::Empty | Input::Manifest | Input::Digest(_)) | Err(_) => None,
        },
        InspectSource::Example(name) => examples::find(name).map(|example| InspectTarget::Bundle {
            name: "This example".into(),
            expected: example.digest.parse().ok(),
        }),
        InspectSource::Verify(_) => None,
    }
}

/// Finds the contents of an example.
fn example(source: &InspectSource) -> Option<&'static dyn Contents> {
    match source {
        InspectSource::Example(name) => {
            examples::find(name).map(|example| example as &dyn Contents)
        }
        InspectSource::Reference(_) | InspectSource::Verify(_) => None,
    }
}

impl Contents for Example {
    fn root(&self) -> Option<Received> {
        Some(Received::local(self.root.into()))
    }

    fn find(&self, digest: &Digest) -> Option<Rc<[u8]>> {
        let is_named = |(name, _): &&(&str, &[u8])| *name == digest.as_str();
        self.blobs
            .iter()
            .find(is_named)
            .map(|(_, bytes)| Rc::from(*bytes))
    }

    fn others(&self, than: &[u8]) -> Vec<LocalContent> {
        self.blobs
            .iter()
            .filter(|(_, bytes)| *bytes != than)
            .map(|(name, bytes)| LocalContent::new(*name, *bytes, true))
            .collect()
    }
}
