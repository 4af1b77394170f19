//! The plan of all: its sum, a row an image with what becomes of it, the steps of one, and the commands.

use waybill_core::humanize::{count, number, size};
use waybill_core::reference::{RegistryHost, Tag};
use waybill_core::view::Status;
use waybill_core::workflow::copy::several::{Image, Pair, Standing, TagBefore};
use yew::Callback;

use crate::components::custody::{step, stop as checked};
use crate::components::digest::short;
use crate::components::element::{Element, button, el};
use crate::components::listener::send;
use crate::components::status;
use crate::components::table::table;
use crate::components::text::{field, quiet, quiet_line, text, words};
use crate::copy::several::message::Msg;
use crate::copy::several::state::{Phase, State};
use crate::shell::RegistryChoices;

/// What stands before a target; the target keeps to it.
const ARROW: &str = "→\u{a0}";
/// The id of what one image is written by, step by step.
const OPENED: &str = "several-steps";

/// Draws the plan, and how far each image is; nothing before it was asked for.
pub(super) fn stop(state: &State, link: &Callback<Msg>) -> Option<Element> {
    let page = state.rows();
    if page.of == 0 {
        return None;
    }
    let heads = [
        ("Image", None),
        ("It is", None),
        ("Plan", None),
        ("State", None),
    ];
    let all = state.pairs.iter().zip(&state.images).enumerate();
    let shown = all.skip(page.from).take(page.length);
    let rows = shown.map(|(place, (pair, image))| row(state, place, pair, image, link));
    let body = el("div")
        .child(fields(state))
        .child(
            table("One after the other, in this order.", &heads)
                .class("of-several")
                .child(el("tbody").children(rows)),
        )
        .child(page.turner("Images", &|from| send(link, Msg::ShowFrom(from))));
    let body = el("div").child(body.class("push"));
    let is_whole = state.sums().copied == page.of;
    Some(match state.phase() {
        Phase::Ended if is_whole => checked(Status::Verified, "Plan", "done, and read back", body),
        Phase::Ended => checked(Status::Failed, "Plan", "not all of it is done", body),
        Phase::Unplanned => checked(Status::Failed, "Plan", "it cannot be done", body),
        Phase::Running => checked(Status::Pending, "Plan", "one after the other", body),
        Phase::Empty | Phase::Planning | Phase::PlanCancelled | Phase::Planned | Phase::Halted => {
            step("Plan", "a row an image", body)
        }
    })
}

/// Draws the sum of all.
fn fields(state: &State) -> Element {
    let sums = state.sums();
    let unknown =
        (sums.unknown > 0).then(|| field("Not known yet").child(count(sums.unknown, "image")));
    let without = sums.images - sums.planned - sums.unknown;
    let without = (without > 0).then(|| {
        field("Without a plan").child(el("span").class("bad").child(count(without, "image")))
    });
    let most = if sums.is_at_most { "at most " } else { "" };
    let note = "Some go into one repository: blobs that they share are written once, and counted for each here.";
    el("div")
        .child(
            el("div")
                .class("fields")
                .child(field("Images").child(number(sums.images as u64)))
                .child(without)
                .child(unknown)
                .child(field("Manifests to put").child(number(sums.manifests as u64)))
                .child(field("To write").child([most, &size(sums.bytes)].concat()))
                .child(field("Mounted").child(size(sums.mounted)))
                .child(field("There already").child(size(sums.there))),
        )
        .child(sums.is_at_most.then(|| quiet_line(note)))
}

fn row(state: &State, place: usize, pair: &Pair, image: &Image, link: &Callback<Msg>) -> Element {
    let head = el("th")
        .attr("scope", "row")
        .child(text(&pair.source.familiar()))
        .child(
            el("p")
                .child(quiet(ARROW))
                .child(text(&pair.target.familiar())),
        );
    let kind = (!image.kind.is_empty()).then(|| words(&image.kind));
    let steps = (!matches!(image.standing, Standing::Waiting)).then(|| {
        let is_open = state.opened == Some(place);
        button("Steps", send(link, Msg::Toggle(place)))
            .attr(
                "aria-label",
                ["Steps of ", &pair.source.familiar()].concat(),
            )
            .attr("aria-expanded", if is_open { "true" } else { "false" })
            .attr("aria-controls", is_open.then_some(OPENED))
            .class("link")
    });
    let (seal, said) = standing(state, place, image);
    let why = image.why.as_ref().filter(|why| **why != said);
    let moved = "The source's tag names something else by now.";
    el("tr")
        .key(&place.to_string())
        .child(head)
        .child(el("td").child(el("p").child(kind)).child(digests(image)))
        .child(el("td").child(planned(pair, image)))
        .child(
            el("td")
                .child(status::verdict(seal, &said))
                .child(why.map(|why| el("p").class("bad").child(words(why))))
                .child(image.moved.then(|| el("p").class("warn").child(moved)))
                .child(steps.map(|steps| el("p").child(steps))),
        )
}

/// Draws the digest that the image has, the one that it gets where that is another, and what of it goes along.
fn digests(image: &Image) -> Element {
    let changed = image
        .target
        .as_ref()
        .filter(|target| image.source.as_ref() != Some(target));
    let notes = image.notes.iter().map(|note| quiet_line(words(note)));
    let lacks: Vec<_> = image.lacks.iter().map(ToString::to_string).collect();
    let lacks = (!lacks.is_empty()).then(|| {
        let said = ["without ", &lacks.join(", "), ": it has none"].concat();
        el("p").class("warn").child(words(&said))
    });
    el("div")
        .child(image.source.as_ref().map(short))
        .child(changed.map(|target| el("p").child(quiet(ARROW)).child(short(target))))
        .children(notes)
        .child(lacks)
}

/// Draws what is written of an image, what is there, and what its tag named before.
fn planned(pair: &Pair, image: &Image) -> Option<Element> {
    if !image.has_plan || matches!(image.standing, Standing::Planning | Standing::Unplanned) {
        return None;
    }
    let name = pair.target.tag().map(Tag::as_str).unwrap_or_default();
    let write = match image.manifests {
        0 => "nothing to write".to_owned(),
        manifests => [
            &count(manifests, "manifest"),
            ", ",
            &size(image.bytes),
            " to write",
        ]
        .concat(),
    };
    let of =
        |bytes: u64, words: &str| (bytes > 0).then(|| quiet_line([&size(bytes), words].concat()));
    let is_done = image.standing == Standing::Copied || image.is_tagged;
    let tag = match &image.tag_before {
        TagBefore::Unknown => None,
        TagBefore::Nothing => {
            let is = if is_done { " was new" } else { " is new" };
            Some(quiet_line(words(&["tag ", name, is].concat())))
        }
        TagBefore::Same => Some(quiet_line(words(
            &["tag ", name, " names it already"].concat(),
        ))),
        TagBefore::Other(digest) => {
            let names = if is_done {
                " named before: "
            } else {
                " names something else: "
            };
            let class = if is_done { "quiet" } else { "warn" };
            let said = ["tag ", name, names].concat();
            Some(
                el("p")
                    .class(class)
                    .child(words(&said))
                    .child(short(digest)),
            )
        }
    };
    Some(
        el("div")
            .child(el("p").child(write))
            .child(of(image.mounted, " mounted"))
            .child(of(image.there, " there already"))
            .child(tag),
    )
}

/// Says how far an image is, in a word or two.
fn standing(state: &State, place: usize, image: &Image) -> (Status, String) {
    let word = |status, word: &str| (status, word.to_owned());
    match image.standing {
        Standing::Waiting => word(Status::Unchecked, "to be asked"),
        Standing::Planning => match image.reading {
            None => word(Status::Pending, "asking"),
            Some((read, of)) => {
                let bytes = ["reading layers, ", &size(read), " of ", &size(of)].concat();
                (Status::Pending, bytes)
            }
        },
        Standing::Unplanned | Standing::Stopped if image.why.as_deref() == Some("cancelled") => {
            word(Status::Unchecked, "cancelled")
        }
        Standing::Unplanned => word(Status::Failed, "no plan"),
        Standing::Planned if state.turn() == Some(place) => word(Status::Pending, "copying"),
        Standing::Planned => word(Status::Unchecked, "planned"),
        Standing::Running => {
            let bytes = [&size(image.sent), " of ", &size(image.bytes)].concat();
            (Status::Pending, bytes)
        }
        Standing::Stopped => word(Status::Failed, "failed"),
        Standing::Copied => word(Status::Verified, "copied, read back"),
        Standing::Differs => word(Status::Failed, "something else"),
    }
}

/// Draws what one image is written by, step by step; nothing where none is looked at.
pub(super) fn opened(state: &State, registries: &RegistryChoices) -> Option<Element> {
    let row = state.opened?;
    let (pair, single) = (state.pairs.get(row)?, state.single(row)?);
    let body = el("div")
        .attr("id", OPENED)
        .child(el("h3").child(text(&pair.source.familiar())))
        .child(single.drawn(registries));
    Some(step("Steps", "of one image", body))
}

/// Draws the same copies by other tools; nothing before one has a plan, and while anything changes all the time.
pub(super) fn commands(state: &State, registries: &RegistryChoices) -> Option<Element> {
    let changes = matches!(state.phase(), Phase::Planning | Phase::Running);
    if state.images.is_empty() || changes {
        return None;
    }
    let chosen = registries.all().iter().filter(|(_, one)| one.plain_http);
    let plain_http: Vec<RegistryHost> = chosen.map(|(host, _)| host.clone()).collect();
    let (copies, tools, missing) = state.commands(&plain_http);
    if tools.is_empty() {
        return None;
    }
    let of = (copies < state.images.len())
        .then(|| quiet_line(["Those of ", &count(copies, "image"), " with a plan."].concat()));
    let missing = (!missing.is_empty()).then(|| {
        let why = ": not all of these copies can be made with it.";
        quiet_line(words(
            &["No commands of ", &missing.join(", "), why].concat(),
        ))
    });
    let said = el("div")
        .child(quiet_line(
            "The same copies, but for what each says it leaves out.",
        ))
        .child(of)
        .child(missing);
    let body = (state.drawing.commands)(&tools, said);
    Some(step("Commands", "the same by other tools", body))
}
