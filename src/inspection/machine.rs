//! Which entry of a list a machine takes: a part of the program, loaded when somebody asks.

use waybill_core::humanize::sentence;
use waybill_core::manifest::List;
use waybill_core::platform::Platform;
use waybill_core::view::{ChoiceWords, choices};
use waybill_core::workflow::inspect::Current;
use yew::{Callback, Event};

use super::{Inspection, Msg};
use crate::components::element::{Element, EventKind, button, el};
use crate::components::listener::{send, send_text};
use crate::components::text::text;

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

impl Chooser {
    /// Makes what the part brings.
    #[must_use]
    pub fn new() -> Self {
        Self { choose, draw }
    }
}

impl Default for Chooser {
    fn default() -> Self {
        Self::new()
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
    let fault = fault.map(|fault| el("p").class("warn").child(text(fault)));
    let lines = chosen.iter().flatten();
    let lines = lines.map(|choice| el("p").child(text(&choice.sentence)));
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
                        .attr("spellcheck", "false")
                        .attr("autocomplete", "off")
                        .attr("autocapitalize", "off")
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
