//! Which entry of a list a machine takes. What chooses and draws is a part of the program, loaded when somebody asks;
//! the machine that is typed, and the address with it, are here from the start.

use waybill_core::humanize::sentence;
use waybill_core::manifest::List;
use waybill_core::platform::Platform;
use waybill_core::view::{ChoiceWords, choices};
use waybill_core::workflow::inspect::Current;
use yew::{Callback, Event};

use super::{Effect, Inspection, Msg};
use crate::components::element::{Element, EventKind, button, el};
use crate::components::listener::{send, send_text};
use crate::components::text::words;
use crate::route::{Route, View};
use crate::shell::Request;

/// The id of the box for the platform of a machine.
pub const MACHINE: &str = "machine";

/// What each client takes, or what is wrong with the platform.
pub type Chosen = Result<Vec<ChoiceWords>, String>;

/// What the part can do.
#[derive(Clone, Copy, Debug)]
pub struct Chooser {
    /// Tells what each client takes of the list that is looked at, for the machine of the address; nothing where none
    /// is named. The error says what is wrong with its platform.
    pub choose: fn(&Inspection, &List) -> Chosen,
    /// Draws the box for the platform, and below it what was found.
    pub draw: fn(&Inspection, &Chosen, &Callback<Msg>) -> Element,
}

/// What the part brings.
pub const CHOOSER: Chooser = Chooser { choose, draw };

impl Inspection {
    /// Puts the machine of the address into its box, and loads what chooses for it.
    pub(super) fn type_machine(&mut self) -> Option<Effect> {
        self.machine = self.place.platform.clone().unwrap_or_default();
        self.machine_fault = None;
        let is_wanted = self.place.platform.is_some() && self.chooser.is_none();
        is_wanted.then_some(Effect::LoadChooser { ask: false })
    }

    /// Goes to the address with the machine that is typed; with none where nothing is.
    pub(super) fn choose_for_machine(&mut self) -> Option<Request> {
        self.machine_fault = None;
        let typed = self.machine.trim();
        if typed.contains(|c: char| c.is_whitespace() || "?&#%".contains(c)) {
            self.machine_fault = Some("A platform is os/architecture, and a variant.".into());
            return None;
        }
        let place = View {
            platform: (!typed.is_empty()).then(|| typed.to_owned()),
            ..self.place.clone()
        };
        Some(Request::Navigate(Route::Inspect(
            self.source.clone(),
            place,
        )))
    }
}

fn choose(inspection: &Inspection, list: &List) -> Chosen {
    let Current::List(node, _) = inspection.model.current() else {
        return Ok(Vec::new());
    };
    match (&node.manifest, &inspection.place.platform) {
        (Ok(manifest), Some(text)) => match text.parse::<Platform>() {
            Ok(platform) => Ok(choices(manifest.format, list, &platform)),
            Err(error) => Err(sentence(&error.to_string())),
        },
        (Err(_), _) | (_, None) => Ok(Vec::new()),
    }
}

fn draw(inspection: &Inspection, chosen: &Chosen, link: &Callback<Msg>) -> Element {
    let wrong = chosen.as_ref().err();
    let fault = inspection.machine_fault.as_ref().or(wrong);
    let fault = fault.map(|fault| el("p").class("warn").child(words(fault)));
    let lines = chosen.iter().flatten();
    let lines = lines.map(|choice| el("p").child(words(&choice.sentence)));
    let on_submit = link.reform(|event: Event| {
        event.prevent_default();
        Msg::MachineSubmitted
    });
    el("div")
        .class("machine")
        .child(
            el("form")
                .class("row")
                .on(EventKind::Submit, on_submit)
                .child(
                    el("label")
                        .attr("for", MACHINE)
                        .child("Which one is taken on"),
                )
                .child(
                    el("input")
                        .attr("id", MACHINE)
                        .attr("type", "text")
                        .attr("aria-label", "Platform of the machine")
                        .verbatim()
                        .attr("placeholder", "linux/arm/v7")
                        .attr("aria-describedby", "taken")
                        .attr("aria-invalid", fault.as_ref().map(|_| "true"))
                        .value(&inspection.machine)
                        .on(EventKind::Input, send_text(link, Msg::MachineTyped)),
                )
                .child(el("button").attr("type", "submit").child("Show"))
                .child(button("This machine", send(link, Msg::AskMachine))),
        )
        .child(
            el("div")
                .attr("id", "taken")
                .attr("aria-live", "polite")
                .child(fault)
                .children(lines),
        )
}
