//! How Diff looks: what differs in one sentence, the two that are compared, and below it what differs, kind by kind.

mod entries;
mod files;
mod layers;
mod related;

use waybill_core::diff::{Change, Kind, Section};
use waybill_core::humanize::{number, sentence, size};
use waybill_core::view::Summary;
use waybill_core::workflow::diff::{Found, Model, Msg as Workflow, Position, Trouble};
use waybill_core::workflow::fetch::Failure;
use yew::{Callback, Event, Html};

use super::message::Msg;
use super::state::{BOXES, State};
use crate::components;
use crate::components::custody::{step, stop};
use crate::components::digest::full;
use crate::components::element::{Element, EventKind, button, el};
use crate::components::error::error;
use crate::components::heading::heading;
use crate::components::listener::{send, send_text};
use crate::components::status;
use crate::components::text::{quiet_line, text, wide_field, words, written_out};
use crate::components::text_box::reference_box;
use crate::limits::ITEMS_DRAWN;

/// Draws the page below the header; nothing while another page is shown.
pub fn page(state: &State, link: &Callback<Msg>) -> Html {
    if !state.is_shown {
        return Html::default();
    }
    el("main").child(sheet(state, link)).into()
}

fn sheet(state: &State, link: &Callback<Msg>) -> Element {
    let found = state.model.as_ref().map(|model| (model, model.found()));
    let summary = found.as_ref().map(|(model, found)| model.summary(found));
    let (title, detail) = match &summary {
        Some(Summary { title, detail, .. }) => (title.as_str(), detail.as_str()),
        None => (
            "What changed?",
            "Two images or lists beside each other. No layer is downloaded unless you ask for their files.",
        ),
    };
    let waits = matches!(found, Some((_, Found::Waiting)));
    let cancel = waits.then(|| button("Cancel", send(link, Msg::Workflow(Workflow::Cancel))));
    let announced = if waits {
        String::new()
    } else {
        [title, ". ", detail].concat()
    };
    let stops = el("ol")
        .class("stops")
        .child(two(state, found.as_ref(), link));
    let stops = match &found {
        Some((_, Found::Lists(lists))) => {
            let stops = stops.child(entries::stop(state, lists, link));
            let stops = sections(stops, &lists.sections);
            related::stops(stops, state, link).child(report(link))
        }
        Some((model, Found::Images(images))) => {
            let stops = if images.layers.is_empty() {
                stops
            } else {
                stops
                    .child(layers::stop(state, images, link))
                    .child(state.files.as_ref().map(|them| files::stop(them, link)))
            };
            let stops = sections(stops, &images.sections);
            let missing = (!images.configs_compared).then(|| {
                let why = Position::BOTH
                    .into_iter()
                    .find_map(|position| model.side(position).config_failure());
                let words = match why {
                    Some(Failure::TooLarge { .. }) => "One is larger than Waybill reads.",
                    Some(_) => "One did not come.",
                    None => "One of the two has none, or another one than its manifest names.",
                };
                step(
                    "Configs",
                    "not compared",
                    el("div").child(quiet_line(words)),
                )
            });
            related::stops(stops.child(missing), state, link).child(report(link))
        }
        _ => stops,
    };
    let words = el("div")
        .child(heading().child(words(title)))
        .child(told(state, detail))
        .child(back(state))
        .child(cancel.map(|cancel| el("p").class("row").child(cancel)));
    let stamp = summary.as_ref().map(|summary| &summary.stamp);
    components::sheet::sheet("sheet compose", words, stamp, &written_out(&announced)).child(stops)
}

/// Draws which two are compared: their names stand by themselves, whatever the language of what is around them.
fn told(state: &State, detail: &str) -> Element {
    let line = el("p");
    let Some(model) = &state.model else {
        return line.child(words(detail));
    };
    let [left, right] = Position::BOTH.map(|position| model.side(position).target.name());
    let rest = detail.strip_prefix(&*[&*left, " and ", &*right].concat());
    let Some(rest) = rest else {
        return line.child(words(detail));
    };
    let line = line.child(text(&left)).child(" and ").child(text(&right));
    let platform = rest
        .strip_prefix(", for ")
        .and_then(|platform| platform.strip_suffix('.'));
    match platform {
        Some(platform) => line.child(", for ").child(text(platform)).child("."),
        None => line.child(rest),
    }
}

/// Leads from the images of one platform back to the lists.
fn back(state: &State) -> Option<Element> {
    let model = state.model.as_ref()?;
    let platform = model.platform().filter(|_| model.are_lists());
    platform.map(|_| {
        let all = el("a").attr("href", state.for_platform(None));
        el("p").class("row").child(all.child("All platforms"))
    })
}

/// Draws the two boxes, with what came of each.
fn two(state: &State, found: Option<&(&Model, Found<'_>)>, link: &Callback<Msg>) -> Element {
    let submit = link.reform(|event: Event| {
        event.prevent_default();
        Msg::Submitted
    });
    let sides = Position::BOTH.map(|position| side(state, position, found, link));
    let buttons = el("p")
        .class("row")
        .child(
            el("button")
                .attr("type", "submit")
                .class("primary")
                .child("Compare"),
        )
        .child(button("Swap", send(link, Msg::Swapped)));
    let form = el("form")
        .on(EventKind::Submit, submit)
        .child(el("div").class("two").children(sides))
        .child(buttons);
    let body = el("div").child(form);
    let Some((model, _)) = found else {
        return step("The two", "what is compared", body);
    };
    let worst = Position::BOTH
        .map(|position| model.side(position).status())
        .into_iter()
        .reduce(|worst, next| if next.0 > worst.0 { next } else { worst });
    match worst {
        Some((status, note)) => stop(status, "The two", &note, body),
        None => step("The two", "what is compared", body),
    }
}

fn side(
    state: &State,
    position: Position,
    found: Option<&(&Model, Found<'_>)>,
    link: &Callback<Msg>,
) -> Element {
    let (label, hint) = match position {
        Position::Left => ("From", "debian:12"),
        Position::Right => ("To", "debian:13"),
    };
    let place = state.place(position);
    let is_asked = state.submitted && place.text.trim().is_empty();
    let on_input = send_text(
        link,
        match position {
            Position::Left => |text| Msg::Typed(Position::Left, text),
            Position::Right => |text| Msg::Typed(Position::Right, text),
        },
    );
    let id = BOXES[position as usize];
    let drawn = el("div").child(reference_box(id, label, hint, place, is_asked, on_input));
    let Some((model, found)) = found else {
        return drawn;
    };
    let side = model.side(position);
    let (status, words) = side.status();
    let drawn = match side.node().and_then(|node| node.digest.as_ref()) {
        Some(digest) => {
            let field = wide_field("Digest").child(full(digest));
            drawn
                .child(el("div").class("fields").child(field))
                .child(el("p").child(status::verdict(status, &words)))
        }
        None => drawn,
    };
    match found {
        Found::Stopped(which, Trouble::Failed(failure)) if *which == position => {
            drawn.child(failed(state, position, failure, link))
        }
        _ => drawn,
    }
}

/// Draws why it did not come, and what to do about it.
fn failed(state: &State, position: Position, failure: &Failure, link: &Callback<Msg>) -> Element {
    match failure {
        Failure::Registry(why) => {
            let host = state
                .place(position)
                .reference()
                .map(|it| it.host().clone());
            error(&why.explain(), &|action| {
                let msg = host.clone().map(|host| Msg::Act(host, action.clone()));
                send(link, msg.unwrap_or(Msg::Workflow(Workflow::Retry)))
            })
        }
        Failure::NotBundled | Failure::NotListed(_) => quiet_line("Its entry has no digest."),
        Failure::TooLarge { size: bytes } => el("p").child(format_args!(
            "{}: Waybill reads at most 4 MiB.",
            size(*bytes)
        )),
        Failure::NotLoaded(why) => el("p").child(sentence(why)),
        Failure::Cancelled => el("p")
            .class("row")
            .child(quiet_line("Cancelled."))
            .child(button(
                "Try again",
                send(link, Msg::Workflow(Workflow::Retry)),
            )),
    }
}

/// Draws what differs of each kind; of what is equal only how much it is.
fn sections(stops: Element, sections: &[Section]) -> Element {
    stops.children(sections.iter().map(|section| {
        let alike = section.equal as u64;
        let note = match (section.changes.len(), section.equal) {
            (0, _) => "nothing differs".to_owned(),
            (differ, 0) => format!("{} differ", number(differ as u64)),
            (differ, _) => format!("{} differ, {} alike", number(differ as u64), number(alike)),
        };
        let body = if section.changes.is_empty() {
            let words = [number(alike).as_str(), " in both, all alike."].concat();
            el("div").child(quiet_line(words))
        } else {
            el("div").child(changes(&section.changes, Some(section.kind)))
        };
        step(
            section.kind.title(),
            &note.replace("1 differ", "1 differs"),
            body,
        )
    }))
}

/// Draws changes: the name, and what each of the two says. `kind` is what differs; `None` are members of a file.
fn changes(changes: &[Change], kind: Option<Kind>) -> Element {
    let name = |change: &Change| {
        let is_own = match kind {
            None | Some(Kind::Manifest | Kind::Setting | Kind::Step | Kind::Referrer) => true,
            // What is said of all of them has a blank in it.
            Some(Kind::Variable) => change.name.contains(' '),
            Some(Kind::Annotation | Kind::Label | Kind::Package | Kind::Licence) => false,
        };
        let draw = if is_own { words } else { text };
        draw(&change.name)
    };
    let value = |tag: &'static str, sign: &'static str, value: &Option<String>| {
        let is_own = |value: &str| kind == Some(Kind::Package) && value == "without a version";
        let said = value.as_ref().map(|value| {
            let draw = if is_own(value) { words } else { text };
            el("code").child(draw(value))
        });
        el("span").child(said.map(|said| {
            let sign = el("span")
                .attr("aria-hidden", "true")
                .class("sign")
                .child(sign);
            el(tag).child(sign).child(said)
        }))
    };
    let row = |change: &Change| {
        el("li")
            .child(el("span").class("label").child(name(change)))
            .child(value("del", "− ", &change.left))
            .child(value("ins", "+ ", &change.right))
    };
    let drawn = el("ul")
        .class("changes")
        .children(changes.iter().take(ITEMS_DRAWN).map(row));
    let rest = changes.len().saturating_sub(ITEMS_DRAWN) as u64;
    let more = (rest > 0).then(|| {
        let words = [
            "and ",
            &number(rest),
            " more: save the report to see all of them",
        ];
        quiet_line(words.concat())
    });
    el("div").child(drawn).child(more)
}

fn report(link: &Callback<Msg>) -> Element {
    let buttons = el("p")
        .class("row")
        .child(button("Copy as text", send(link, Msg::Copy)))
        .child(button("Save as JSON", send(link, Msg::Save)));
    step("Report", "all that differs", el("div").child(buttons))
}
