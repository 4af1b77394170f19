//! How a check of layers looks: what can be done, the hold as it fills, and a row a layer with its three seals.

use waybill_core::digest::Digest;
use waybill_core::finding::Severity;
use waybill_core::humanize::{count, sentence};
use waybill_core::view::{Explanation, LayerWords, Status, total_words};
use waybill_core::workflow::inspect::{Current, InspectTarget};
use waybill_core::workflow::layers::{
    Blob, ImagePlan, Limit, Msg as CheckMsg, Outcome, Plan, PlannedLayer, Seal, Seals, Standing,
    State as BlobState, Tally, Total, Which, standing,
};
use yew::{Callback, Event, TargetCast};

use super::state::{Change, State};
use super::{CHECK, validate};
use crate::components::element::{Element, EventKind, button, el};
use crate::components::listener::send;
use crate::components::status::{self, status};
use crate::components::text::{self, quiet, quiet_line};
use crate::components::{digest, error, layers};
use crate::inspection::Msg as InspectionMsg;
use crate::inspection::drawing::Drawing;
use crate::limits::ITEMS_DRAWN;

/// The narrowest box that has room for its seal, in the units of the hold.
const SEALED: u64 = 180;
/// The narrowest box that has room for it on a narrow page.
const WIDE: u64 = 600;

/// Puts what can be done, how far it is and what came of it into `parent`, and below it the hold; of a list each image.
pub(super) fn head(state: &State, parent: Element, drawing: Drawing<'_>) -> Element {
    let plan = &*state.plan;
    let is_list = matches!(drawing.inspection.model.current(), Current::List(..));
    let chosen = state.chosen(&drawing.inspection.model, plan);
    let tally = Tally::of(&state.model, chosen.iter().copied());
    let box_of_check = el("div")
        .attr("id", CHECK)
        .attr("role", "group")
        .attr("aria-label", "Check of the layers")
        .attr("tabindex", "-1")
        .class("layer-check");
    let is_local = matches!(
        drawing.inspection.model.subject,
        InspectTarget::Bundle { .. }
    );
    let choices = (is_list && !is_local).then(|| choices(state, plan, drawing.link));
    let controls = if is_local {
        el("div")
            .class("row check-head")
            .child(quiet(super::NOT_HERE))
            .child(validate::offer(None, drawing.link))
    } else {
        controls(state, &chosen, is_list, tally, drawing.link)
    };
    let fault = state.validator_fault;
    let box_of_check = box_of_check
        .child(choices)
        .child(controls)
        .child(fault.map(|error| quiet(format_args!("It could not be loaded: {error}."))))
        .children(
            chosen
                .iter()
                .filter_map(|image| image.spare_words())
                .map(|words| note(Severity::Error, &words)),
        );
    let model = &drawing.inspection.model;
    let validation = state.list_of_checks(model, plan, drawing.link);
    let parent = parent.child(box_of_check).child(validation);
    if is_list && is_local {
        return parent;
    }
    if is_list {
        let left_out = chosen.len().saturating_sub(ITEMS_DRAWN);
        let drawn = chosen.into_iter().take(ITEMS_DRAWN);
        let more = (left_out > 0)
            .then(|| quiet_line(["And ", &count(left_out, "image"), " more."].concat()));
        return parent
            .children(drawn.map(|image| one_image(state, image, drawing)))
            .child(more);
    }
    match plan.images.first() {
        Some(image) => parent.child(hold(state, image, drawing.inspection.hovered_layer)),
        None => parent,
    }
}

/// Draws the layers of the image that is looked at.
pub(super) fn rows(state: &State, drawing: Drawing<'_>) -> Element {
    let plan = &state.plan;
    let list = el("ol")
        .attr("aria-label", "Layers, base first")
        .class("checked");
    match plan.images.first() {
        Some(image) => list.children(rows_of(state, image, drawing)),
        None => list,
    }
}

fn to_check(link: &Callback<InspectionMsg>, msg: CheckMsg) -> Callback<Event> {
    send(link, Change::Workflow(msg).msg())
}

/// Draws the images of a list, each to be read or not, with what that takes.
fn choices(state: &State, plan: &Plan, link: &Callback<InspectionMsg>) -> Element {
    let one = |image: &ImagePlan| {
        let manifest = image.manifest.clone()?;
        let link = link.clone();
        let on_change = Callback::from(move |event: Event| {
            let input = event.target_dyn_into::<web_sys::HtmlInputElement>();
            let is_on = input.is_some_and(|input| input.checked());
            link.emit(Change::Choose(manifest.clone(), is_on).msg());
        });
        let total = Total::of([image]);
        let costs = total.offer(None).replacen("Check ", "", 1);
        Some(
            el("label")
                .class("check-choice")
                .child(
                    el("input")
                        .attr("type", "checkbox")
                        .checked(state.is_chosen(image))
                        .on(EventKind::Change, on_change),
                )
                .child(text::words(&image.title))
                .child(quiet(costs)),
        )
    };
    el("fieldset")
        .class("check-choices")
        .child(el("legend").child("Of which images"))
        .children(plan.images.iter().take(ITEMS_DRAWN).filter_map(one))
        .child(plan.left_out_words().map(quiet_line))
}

/// Draws how far it is, and the buttons for all layers. The line is there from the start and keeps its height.
fn controls(
    state: &State,
    chosen: &[&ImagePlan],
    is_list: bool,
    tally: Tally,
    link: &Callback<InspectionMsg>,
) -> Element {
    let row = el("div").class("row check-head");
    let rest = state.to_read(chosen);
    let images = is_list.then_some(tally.images);
    let check = |words: &str| button(words, send(link, Change::Check.msg()));
    let all = |words: &str, msg: CheckMsg| button(words, to_check(link, msg));
    let is_under_way = tally.running + tally.halted > 0;
    let row = if is_under_way {
        let blobs = Total::of(chosen.iter().copied()).blobs;
        let blobs = blobs.iter().filter_map(|it| state.model.blob(&it.digest));
        let words = total_words(blobs);
        let bar = el("progress")
            .attr("aria-label", "Layers")
            .attr("max", words.all.max(1).to_string())
            .attr("value", words.received.to_string());
        row.child(bar)
            .child(quiet(words.line).class("quiet number"))
    } else {
        row.child(None::<Element>).child(None::<Element>)
    };
    let row = row.child(
        el("p")
            .attr("role", "status")
            .attr("aria-live", "polite")
            .attr("class", conclusion_class(tally))
            .child(tally.conclusion(is_list)),
    );
    let row = if tally.running > 0 {
        row.child(all("Pause", CheckMsg::Pause(Which::All)))
    } else if tally.halted > 0 {
        row.child(all("Go on", CheckMsg::GoOn(Which::All)))
    } else if rest.blobs.is_empty() {
        row.child(None::<Element>)
    } else if tally.missing > 0 {
        row.child(all(
            "Go on with what did not come",
            CheckMsg::GoOn(Which::All),
        ))
    } else {
        row.child(check(&rest.offer(images)).class("primary"))
    };
    let cancel = is_under_way.then(|| all("Cancel", CheckMsg::Cancel(Which::All)));
    let costs = (!rest.blobs.is_empty()).then(|| rest.offer(images));
    let validate = (!is_under_way).then(|| validate::offer(costs.as_deref(), link));
    row.child(cancel).child(validate)
}

fn conclusion_class(tally: Tally) -> &'static str {
    match tally.outcome() {
        Outcome::Verified => "conclusion good",
        Outcome::Mismatch => "conclusion bad",
        Outcome::Partly if tally.missing > 0 => "conclusion bad",
        Outcome::Partly => "conclusion warn",
        Outcome::NotAsked | Outcome::Running => "conclusion quiet",
    }
}

/// Draws one image of a list: how it stands, its hold, and its layers folded away.
fn one_image(state: &State, image: &ImagePlan, drawing: Drawing<'_>) -> Element {
    let tally = Tally::of(&state.model, [image]);
    let (kind, words) = match tally.outcome() {
        Outcome::NotAsked => (Status::Unchecked, "not downloaded".to_owned()),
        Outcome::Running => (Status::Pending, "being checked".into()),
        Outcome::Verified => (Status::Verified, "verified".into()),
        Outcome::Mismatch => (Status::Failed, tally.note()),
        Outcome::Partly if tally.missing > 0 => (Status::Failed, tally.note()),
        Outcome::Partly => (Status::Unchecked, tally.note()),
    };
    let key = image.manifest.as_ref().map(Digest::to_string);
    el("section")
        .key(&key.unwrap_or_default())
        .class("check-image")
        .child(
            el("h3")
                .child(text::words(&image.title))
                .child(el("small").child(status::verdict(kind, &words))),
        )
        .child(hold(state, image, None))
        .child(
            el("details")
                .child(el("summary").child(count(image.layers.len(), "layer")))
                .child(
                    el("ol")
                        .attr("aria-label", "Layers, base first")
                        .class("checked")
                        .children(rows_of(state, image, drawing)),
                ),
        )
}

/// Draws the hold: each box fills from left to right as its bytes come, and has a seal once it is known.
fn hold(state: &State, image: &ImagePlan, pointed: Option<usize>) -> Element {
    let sizes: Vec<_> = image
        .layers
        .iter()
        .map(|layer| {
            let digest = layer.digest.as_ref().map(ToString::to_string);
            layers::size_in_hold(layer.size, &digest.unwrap_or_default())
        })
        .collect();
    layers::hold_of(&sizes, pointed, &|index, width, parent| {
        let Some(layer) = image.layers.get(index) else {
            return parent;
        };
        let (standing, blob) = standing(&state.model, layer);
        let share = blob.map_or(0, Blob::permille);
        let words = layer.words(&standing, blob);
        let fill = el("rect")
            .attr("x", "0.5")
            .attr("y", "0.5")
            .attr("height", "47")
            .attr("width", format_args!("{}.{}%", share / 10, share % 10))
            .class("fill");
        let is_known = matches!(standing, Standing::Done(..)) || words.status == Status::Failed;
        let seal = (is_known && width >= SEALED).then(|| {
            el("svg")
                .attr("class", (width < WIDE).then_some("narrow"))
                .attr("x", "5")
                .attr("y", "31")
                .attr("width", "12")
                .attr("height", "12")
                .child(status(words.status))
        });
        parent.child(fill).child(seal)
    })
}

fn rows_of(state: &State, image: &ImagePlan, drawing: Drawing<'_>) -> Vec<Element> {
    let layers = image.layers.iter().take(ITEMS_DRAWN).enumerate();
    layers
        .map(|(index, layer)| row(state, index, layer, drawing))
        .collect()
}

fn row(state: &State, index: usize, layer: &PlannedLayer, drawing: Drawing<'_>) -> Element {
    let (standing, blob) = standing(&state.model, layer);
    let words = layer.words(&standing, blob);
    let seals = match &standing {
        Standing::Done(seals, _) => seals.clone(),
        Standing::Left | Standing::NotAsked | Standing::UnderWay => Seals::open(),
    };
    let is_lit = drawing.inspection.hovered_layer == Some(index);
    let is_known = matches!(standing, Standing::Done(..));
    let named = layer.digest.as_ref();
    let size = layer.size.map(waybill_core::humanize::size);
    let diff_id = layer.diff_id.as_ref().ok();
    let explained = blob.and_then(Blob::explain);
    el("li")
        .key(&index.to_string())
        .attr("data-layer", index.to_string())
        .attr("class", is_lit.then_some("lit"))
        .child(el("span").class("number").child((index + 1).to_string()))
        .child(seal_of(
            "Digest",
            &seals.digest,
            is_known,
            named.map(digest::short),
        ))
        .child(seal_of(
            "Size",
            &seals.size,
            is_known,
            size.map(|it| el("span").child(it)),
        ))
        .child(seal_of(
            "Diff ID",
            &seals.diff_id,
            is_known,
            diff_id.map(digest::short),
        ))
        .child(
            el("span")
                .attr("class", line_class(&words, blob))
                .child(words.line.as_str()),
        )
        .child(buttons(layer, blob, drawing.link))
        .child(more(&words, explained, drawing.link))
}

/// Draws one of the three: what is named, and whether that is what came.
fn seal_of(name: &'static str, seal: &Seal, is_known: bool, named: Option<Element>) -> Element {
    let (kind, words) = seal.words();
    // What is right needs no words for those who see the seal; neither does what nobody looked at yet.
    let is_said = is_known && *seal != Seal::Verified;
    let class = if is_said { "seal-words" } else { "offscreen" };
    el("div")
        .attr("class", ["checked-seal ", status::class(kind)].concat())
        .child(status(kind))
        .child(el("span").class("label").child(name))
        .child(named)
        .child(el("span").attr("class", class).child(words))
}

fn line_class(words: &LayerWords, blob: Option<&Blob>) -> &'static str {
    let asks = blob.is_some_and(|blob| matches!(blob.state, BlobState::Asking(_)));
    match words.status {
        _ if asks => "checked-line warn",
        Status::Failed if words.notes.is_empty() => "checked-line bad",
        Status::Failed | Status::Verified | Status::Unchecked | Status::Pending => "checked-line",
    }
}

/// Draws what can be done with one layer. Each button says of which layer it is to those who do not see the row.
fn buttons(layer: &PlannedLayer, blob: Option<&Blob>, link: &Callback<InspectionMsg>) -> Element {
    let place = el("span").class("checked-buttons");
    let (Some(blob), Some(digest)) = (blob, &layer.digest) else {
        return place;
    };
    let one = || Which::One(digest.clone());
    let does = |words: &str, msg: CheckMsg| {
        button(words, to_check(link, msg)).attr(
            "aria-label",
            format_args!("{words}, layer {}", digest.short()),
        )
    };
    let answer = |words: &str, go_on| {
        does(
            words,
            CheckMsg::Answer {
                digest: digest.clone(),
                go_on,
            },
        )
    };
    let cancel = || does("Cancel", CheckMsg::Cancel(one()));
    match &blob.state {
        BlobState::Running | BlobState::Waiting => place
            .child(does("Pause", CheckMsg::Pause(one())))
            .child(cancel()),
        BlobState::Paused => place
            .child(does("Go on", CheckMsg::GoOn(one())))
            .child(cancel()),
        BlobState::Asking(Limit::Received) => place.child(answer("Go on", true)).child(cancel()),
        BlobState::Asking(Limit::Unpacked | Limit::Ratio) => place
            .child(answer("Go on", true))
            .child(answer("Only check its digest", false))
            .child(cancel()),
        BlobState::Failed(_) => place.child(does("Go on", CheckMsg::GoOn(one()))),
        BlobState::Done(_) if blob.is_wrong() => {
            place.child(does("Read it again", CheckMsg::GoOn(one())))
        }
        BlobState::Done(_) => place,
    }
}

/// Draws what was found besides the seals, or why it did not come.
fn more(
    words: &LayerWords,
    explained: Option<Explanation>,
    link: &Callback<InspectionMsg>,
) -> Option<Element> {
    if words.notes.is_empty() && explained.is_none() {
        return None;
    }
    let notes = words
        .notes
        .iter()
        .map(|(severity, words)| note(*severity, words));
    let what = explained
        .as_ref()
        .map(|it| note(Severity::Error, &sentence(&it.what)));
    let why = explained.map(|explained| {
        error::error(&explained, &|action| {
            send(link, InspectionMsg::Action(action.clone()))
        })
    });
    Some(
        el("div")
            .class("checked-more")
            .children(notes)
            .child(what)
            .child(why),
    )
}

fn note(severity: Severity, words: &str) -> Element {
    let class = match severity {
        Severity::Error => "bad",
        Severity::Warning => "warn",
        Severity::Note => "quiet",
    };
    el("p").class(class).child(text::words(words))
}
