//! Which images are copied, where they go, and what goes along.

use waybill_core::humanize::{count, sentence};
use waybill_core::workflow::copy::several::Wrong;
use yew::{Callback, Event, TargetCast};

use crate::components::custody::step;
use crate::components::element::{Element, EventKind, el};
use crate::components::listener::{send, send_text};
use crate::components::text::{quiet_line, text, words};
use crate::copy::several::message::Msg;
use crate::copy::several::single::Along;
use crate::copy::several::state::{LINES, State, TO};
use crate::limits::ITEMS_DRAWN;
use crate::route::{PartPage, Route};

/// Draws the stop with the lines.
pub(super) fn images(state: &State, link: &Callback<Msg>) -> Element {
    let on_input = link.reform(|event: Event| {
        let area = event.target_dyn_into::<web_sys::HtmlTextAreaElement>();
        Msg::LinesTyped(area.map(|area| area.value()).unwrap_or_default())
    });
    let is_wrong = state.lines.iter().any(|line| line.pair.is_err())
        || state.submitted && state.lines.is_empty();
    let rows = (state.text.lines().count() + 1).clamp(4, 12);
    let read = [LINES, "-read"].concat();
    let area = el("textarea")
        .attr("id", LINES)
        .attr("rows", rows.to_string())
        .attr("spellcheck", "false")
        .attr("autocomplete", "off")
        .attr("autocapitalize", "off")
        .attr(
            "placeholder",
            "ghcr.io/owner/app:1.0\nnginx:1.27 registry.example/web:1",
        )
        .attr("aria-describedby", read.clone())
        .attr("aria-invalid", is_wrong.then_some("true"))
        .attr("disabled", state.is_busy().then_some("disabled"))
        .value(&state.text)
        .on(EventKind::Input, on_input);
    let one = el("a")
        .attr(
            "href",
            Route::Part(PartPage::Copy, String::new()).to_string(),
        )
        .child("One image");
    let body = el("div")
        .child(
            el("label")
                .class("boxed")
                .child("Images, one a line: SOURCE, or SOURCE TARGET")
                .child(area),
        )
        .child(said(state, read))
        .child(el("p").class("quiet").child(one));
    step("From", "what is copied", body)
}

/// Draws what the lines were read as: how many images, and each line that names none, with why.
fn said(state: &State, id: String) -> Element {
    let list = el("ul")
        .attr("id", id)
        .attr("aria-live", "polite")
        .class("read lines-read");
    if state.lines.is_empty() {
        let asked = el("li")
            .class("bad")
            .child("Name at least one image, such as nginx:1.27.");
        return list.child(state.submitted.then_some(asked));
    }
    let good = state.lines.iter().filter(|line| line.pair.is_ok()).count();
    let good = (good > 0).then(|| {
        let words = ["read as ", &count(good, "image")].concat();
        el("li").child(words)
    });
    // What is only missing as long as nobody named a place is no fault before.
    let class = |why: &Wrong| match why {
        Wrong::NoTarget if !state.submitted => "quiet",
        _ => "bad",
    };
    let wrong = state.lines.iter().filter_map(|line| {
        let why = line.pair.as_ref().err()?;
        let number = ["line ", &line.number.to_string(), ": "].concat();
        let item = el("li").class(class(why)).child(words(&number));
        Some(
            item.child(text(&line.text))
                .child(": ")
                .child(words(&why.to_string())),
        )
    });
    list.child(good).children(wrong.take(ITEMS_DRAWN))
}

/// Draws the stop with the place for all.
pub(super) fn to(state: &State, link: &Callback<Msg>) -> Element {
    let read = [TO, "-read"].concat();
    let is_wrong = matches!(state.base, Some(Err(_)));
    let input = el("input")
        .attr("id", TO)
        .attr("type", "text")
        .attr("spellcheck", "false")
        .attr("autocomplete", "off")
        .attr("autocapitalize", "off")
        .attr("placeholder", "registry.example/mirror")
        .attr("aria-describedby", read.clone())
        .attr("aria-invalid", is_wrong.then_some("true"))
        .attr("disabled", state.is_busy().then_some("disabled"))
        .value(&state.to)
        .on(EventKind::Input, send_text(link, Msg::ToTyped));
    let line = el("p")
        .attr("id", read)
        .attr("aria-live", "polite")
        .class("read");
    let line = match &state.base {
        None => line,
        Some(Ok(base)) => line
            .child("read as ")
            .child(el("b").child(text(&base.to_string())))
            .child(base.plain_http.then_some(", over plain http")),
        Some(Err(error)) => line.child(
            el("span")
                .class("bad")
                .child(words(&sentence(&error.to_string()))),
        ),
    };
    let body = el("div")
        .child(
            el("label")
                .class("boxed")
                .child("Registry, with a path where wanted")
                .child(input),
        )
        .child(line)
        .child(quiet_line(
            "Below it each image keeps the path of its repository and its tag: nginx:1.27 becomes \
             registry.example/mirror/library/nginx:1.27. A line with a target goes there.",
        ));
    step("To", "a registry", body)
}

/// Draws the stop with what goes along.
pub(super) fn form(state: &State, link: &Callback<Msg>) -> Element {
    let along = state.along;
    let tick = |words: &str, is_on: bool, toggled: Along| {
        let input = el("input")
            .attr("type", "checkbox")
            .attr("disabled", state.is_busy().then_some("disabled"))
            .checked(is_on)
            .on(EventKind::Change, send(link, Msg::Along(toggled)));
        el("label").class("check").child(input).child(words)
    };
    let ticks = el("fieldset")
        .child(el("legend").child("Goes along"))
        .child(tick(
            "attestations, with the images that they are of",
            along.attestations,
            Along {
                attestations: !along.attestations,
                ..along
            },
        ))
        .child(tick(
            "what refers to it: signatures, SBOMs (the source is asked for each image)",
            along.referrers,
            Along {
                referrers: !along.referrers,
                ..along
            },
        ))
        .child(tick(
            "what cosign keeps under tags: sha256-….sig, .att, .sbom (three questions an image)",
            along.cosign,
            Along {
                cosign: !along.cosign,
                ..along
            },
        ));
    let submit = el("button")
        .attr("type", "submit")
        .attr("disabled", state.is_busy().then_some("disabled"))
        .class("primary")
        .child("Plan the copies");
    let body = el("div")
        .child(ticks)
        .child(quiet_line(
            "Lists go whole. Another format, other compression or some platforms of a list are for \
             one image at a time.",
        ))
        .child(el("p").class("row").child(submit));
    step("Form", "byte for byte", body)
}
