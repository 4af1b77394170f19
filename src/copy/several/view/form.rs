//! Which images are copied, where they go, and what goes along.

use waybill_core::humanize::count;
use waybill_core::workflow::copy::Scope;
use waybill_core::workflow::copy::several::Wrong;
use yew::{Callback, Event, TargetCast};

use crate::components::custody::step;
use crate::components::element::{Element, EventKind, el};
use crate::components::listener::send_text;
use crate::components::text::{quiet_line, text, words};
use crate::components::text_box::{TextBox, misread, read_as, text_box};
use crate::copy::several::message::Msg;
use crate::copy::several::state::{LINES, PLATFORMS, State, TO};
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
        .verbatim()
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
    let read = state.base.as_ref().map(|base| match base {
        Ok(base) => read_as(&base.to_string(), base.plain_http),
        Err(error) => misread(error),
    });
    let place = TextBox {
        id: TO,
        label: "Registry, with a path where wanted",
        hint: "registry.example/mirror",
        value: &state.to,
        is_wrong: matches!(state.base, Some(Err(_))),
        is_disabled: state.is_busy(),
    };
    let body = text_box(place, read, send_text(link, Msg::ToTyped)).child(quiet_line(
        "Below it each image keeps the path of its repository and its tag: nginx:1.27 becomes \
         registry.example/mirror/library/nginx:1.27. A line with a target goes there.",
    ));
    step("To", "a registry", body)
}

/// Draws the stop with what is chosen for all of them.
pub(super) fn form(state: &State, link: &Callback<Msg>) -> Element {
    let choice = &state.choice;
    let submit = el("button")
        .attr("type", "submit")
        .attr("disabled", state.is_busy().then_some("disabled"))
        .class("primary")
        .child("Plan the copies");
    let is_part = choice.scope != Scope::All;
    let form = (state.drawing.choice)(
        choice,
        is_part.then(|| platforms(state, link)),
        state.is_busy(),
        &link.reform(Msg::Choose),
    );
    let heavy = "The layers of all are fetched and compressed before the plan, and kept on the disk that your browser \
                 gives the page: there has to be room for them.";
    let body = form
        .child(choice.compression.map(|_| quiet_line(heavy)))
        .child(el("p").class("row").child(submit));
    let exact = if choice.is_exact() {
        "byte for byte"
    } else {
        "rewritten"
    };
    step("Form", exact, body)
}

/// Draws the box for platforms, and what it was read as.
fn platforms(state: &State, link: &Callback<Msg>) -> Element {
    let named = state.platforms.as_deref();
    let is_missing = state.submitted && named.is_ok_and(<[_]>::is_empty);
    let read = match named {
        Err(wrong) => Some(
            el("span")
                .class("bad")
                .child(text(&wrong.word))
                .child(": ")
                .child(words(&wrong.why.to_string())),
        ),
        Ok([]) => is_missing.then(|| {
            let asked = "Name at least one platform, such as linux/amd64.";
            el("span").class("bad").child(asked)
        }),
        Ok(platforms) => {
            let names: Vec<_> = platforms.iter().map(ToString::to_string).collect();
            Some(read_as(&names.join(", "), false))
        }
    };
    let typed = TextBox {
        id: PLATFORMS,
        label: "Platforms",
        hint: "linux/amd64, linux/arm64",
        value: &state.platforms_text,
        is_wrong: is_missing || named.is_err(),
        is_disabled: state.is_busy(),
    };
    text_box(typed, read, send_text(link, Msg::PlatformsTyped)).child(quiet_line(
        "An image that is no list goes whole, unless its config names another platform.",
    ))
}
