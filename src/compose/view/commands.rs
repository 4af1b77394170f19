//! The same list by other tools.

use waybill_core::compose::commands::{Commands, TOOLS};
use waybill_core::reference::RegistryHost;
use yew::Callback;

use crate::components::commands::{POSIX, command, note};
use crate::components::custody::step;
use crate::components::element::{Element, button, el};
use crate::components::listed::listed;
use crate::components::listener::send;
use crate::components::text::{quiet_line, text, words};
use crate::compose::message::Msg;
use crate::compose::state::State;
use crate::limits::ITEMS_DRAWN;
use crate::shell::RegistryChoices;

/// Draws this stop of the line.
pub(super) fn stop(compose: &State, registries: &RegistryChoices, link: &Callback<Msg>) -> Element {
    let body = el("div");
    let body = match &compose.model.composition().target {
        None => body.child(quiet_line(
            "Name a target above: a command has to say where the list goes.",
        )),
        Some(target) => {
            let chosen = registries.all().iter().filter(|(_, one)| one.plain_http);
            let typed = Some(target.host()).filter(|_| compose.target_is_plain_http());
            let hosts = chosen.map(|(host, _)| host).chain(typed);
            let plain_http: Vec<_> = hosts.cloned().collect();
            if compose.model.draft().entries.len() > ITEMS_DRAWN {
                many(body, compose, &plain_http, link)
            } else {
                few(body, compose, &plain_http, link)
            }
        }
    };
    step("Commands", "the same by other tools", body)
}

fn few(
    body: Element,
    compose: &State,
    plain_http: &[RegistryHost],
    link: &Callback<Msg>,
) -> Element {
    let tools = compose.model.commands(plain_http);
    let note =
        note(tools.iter().flat_map(|tool| &tool.lines).flatten()).map(|note| el("p").child(note));
    body.child(quiet_line(
        "Each makes the same entries, but for what it says it leaves out.",
    ))
    .child(note)
    .child(
        el("div")
            .class("tools")
            .children(tools.iter().map(|tool| commands(tool, link))),
    )
}

/// Draws buttons in place of the commands of a long list. These are made when somebody wants them, since some have a
/// line for each entry.
fn many(
    body: Element,
    compose: &State,
    plain_http: &[RegistryHost],
    link: &Callback<Msg>,
) -> Element {
    let copies = TOOLS.map(|tool| match &compose.unsayable {
        Some((known, why)) if *known == tool => el("span")
            .class("warn")
            .child(tool)
            .child(": ")
            .child(words(why)),
        _ => button(
            &["Copy for ", tool].concat(),
            send(
                link,
                Msg::CopyCommands {
                    tool,
                    plain_http: plain_http.to_vec(),
                },
            ),
        ),
    });
    body.child(quiet_line(
        "They name each entry, which are too many to show here.",
    ))
    .child(quiet_line(POSIX))
    .child(el("p").class("row").children(copies).child(button(
        "Save as manifest-tool YAML",
        send(link, Msg::SaveSpecification),
    )))
}

fn commands(tool: &Commands, link: &Callback<Msg>) -> Element {
    let lines = match &tool.lines {
        Ok(lines) => lines
            .iter()
            .map(|line| command(el("li"), Ok(line)))
            .collect(),
        Err(why) => vec![command(el("li"), Err(why))],
    };
    let left_out = (!tool.left_out.is_empty()).then(|| {
        el("span")
            .class("warn")
            .child(" leaves out ")
            .child(listed(&tool.left_out))
    });
    let file = tool.file.as_ref().map(|(name, content)| {
        el("div")
            .child(quiet_line(*name))
            .child(
                el("pre")
                    .attr("tabindex", "0")
                    .attr("aria-label", *name)
                    .child(text(content)),
            )
            .child(el("p").class("row").child(button(
                "Save as manifest-tool YAML",
                send(link, Msg::SaveSpecification),
            )))
    });
    el("details")
        .child(
            el("summary")
                .child(el("b").child(tool.tool))
                .child(left_out),
        )
        .child(el("ul").children(lines))
        .child(file)
}
