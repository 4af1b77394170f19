//! How the panel looks: what to check with, then each signature with its steps, each step with its own seal.

use waybill_core::humanize::sentence;
use waybill_core::view::Status;
use waybill_signatures::{Report, Step, Verdict, limits, summary};
use yew::{Callback, Event, TargetCast};

use super::message::Msg;
use super::state::{PUBLIC_ROOT_NAME, State};
use crate::components::element::{Element, EventKind, button, el};
use crate::components::listener::{send, send_text};
use crate::components::status::{knot, verdict};
use crate::components::text::{pair, quiet_line, words};

/// The id around all that takes a key: what is pasted or dropped there, or chosen in it, is meant for the panel.
pub const AREA: &str = "signature-keys";
/// The id of the input that opens a file of a key.
pub const FILE: &str = "signature-key-file";

/// Draws the panel.
pub fn panel(state: &State, link: &Callback<Msg>) -> Element {
    el("section")
        .class("signatures")
        .child(el("h2").child("Signatures checked here"))
        .child(keys(state, link))
        .child(results(state))
}

/// Draws what signatures are checked with, and how to give more.
fn keys(state: &State, link: &Callback<Msg>) -> Element {
    let given = state.given.words();
    let is_given = !given.is_empty() || !state.kept.signer.is_empty();
    let list = el("ul").attr("aria-label", "What signatures are checked with");
    let list = list.children(given.iter().map(|one| el("li").child(words(one))));
    let error = state.error.as_ref().map(|error| {
        el("p")
            .attr("role", "alert")
            .class("bad")
            .child(words(&sentence(error)))
    });
    let open = el("label")
        .class("button")
        .child(
            el("input")
                .attr("id", FILE)
                .attr("type", "file")
                .attr("multiple", "multiple")
                .class("offscreen"),
        )
        .child("Open a file");
    let root = (!state.kept.has_public_root).then(|| {
        let words = ["Use ", PUBLIC_ROOT_NAME].concat();
        button(&words, send(link, Msg::UsePublicRoot))
    });
    let forget = is_given.then(|| button("Forget all of it", send(link, Msg::Forget)));
    el("div")
        .attr("id", AREA)
        .class("verify-form")
        .child(
            el("label")
                .child("Paste a public key, a certificate or a root, or drop its file here")
                .child(
                    el("textarea")
                        .attr("rows", "3")
                        .attr("spellcheck", "false")
                        .attr("autocomplete", "off")
                        .attr("placeholder", "-----BEGIN PUBLIC KEY-----")
                        .value(&state.typed)
                        .on(EventKind::Input, typed(link)),
                ),
        )
        .child(
            el("p")
                .class("row")
                .child(open)
                .child(root)
                .child(forget),
        )
        .child(error)
        .child((!given.is_empty()).then_some(list))
        .child(
            el("div").class("expected").child(
                el("label")
                    .child("Who should have signed, as a certificate names them (may be empty)")
                    .child(
                        el("input")
                            .attr("type", "text")
                            .verbatim()
                            .attr("placeholder", "somebody@example.com")
                            .value(&state.kept.signer)
                            .on(EventKind::Input, send_text(link, Msg::SignerChanged)),
                    ),
            ),
        )
        .child(quiet_line(
            "What you give stays in this page until it is closed, and goes nowhere. You decide whose key it is: Waybill \
             says what holds with it.",
        ))
}

/// Makes a listener that sends what is typed into the box.
fn typed(link: &Callback<Msg>) -> Callback<Event> {
    link.reform(|event: Event| {
        let area = event.target_dyn_into::<web_sys::HtmlTextAreaElement>();
        Msg::Typed(area.map(|area| area.value()).unwrap_or_default())
    })
}

fn results(state: &State) -> Element {
    let count = state.asked.signed.len();
    let all = el("div")
        .attr("aria-live", "polite")
        .class("checked-signatures");
    if count == 0 {
        return all.child(quiet_line("There is no signature to check."));
    }
    if state.reports.is_empty() {
        return all.child(el("p").class("quiet progress").child("Checking…"));
    }
    let total =
        (count > 1).then(|| el("p").child(el("strong").child(sentence(&summary(&state.reports)))));
    let more = count.saturating_sub(limits::SIGNATURES);
    let more = (more > 0).then(|| {
        quiet_line(format_args!(
            "{more} more are not checked: at most {} of one image are.",
            limits::SIGNATURES
        ))
    });
    let reports = state.reports.iter().enumerate();
    all.child(total)
        .children(reports.map(|(index, one)| report(one, index, count)))
        .child(more)
}

fn report(report: &Report, index: usize, count: usize) -> Element {
    let name = if count > 1 {
        format!("{} of {count}: {}", index + 1, report.form)
    } else {
        report.form.to_owned()
    };
    let conclusion = &report.conclusion;
    let word = match conclusion.verdict {
        Verdict::Holds => "holds",
        Verdict::Fails => "does not hold",
        Verdict::NotChecked | Verdict::Note => "not checked",
    };
    let steps = report.steps.iter().fold(el("dl"), step);
    el("section")
        .class("checked-signature")
        .child(
            el("h3")
                .child(verdict(status(conclusion.verdict), word))
                .child(" ")
                .child(el("small").child(sentence(&name))),
        )
        .child(el("p").child(words(&sentence(&conclusion.words))))
        .child(steps)
}

fn step(list: Element, step: &Step) -> Element {
    let name = step.what.name();
    let term = match step.verdict {
        Verdict::Note => el("span")
            .class("verdict-word")
            .child(knot())
            .child(el("span").child(name)),
        other => verdict(status(other), name),
    };
    // A shape alone says nothing to who does not see it.
    let said = match step.verdict {
        Verdict::Holds => "holds: ",
        Verdict::Fails => "fails: ",
        Verdict::NotChecked => "not checked: ",
        Verdict::Note => "note: ",
    };
    pair(
        list,
        term,
        el("span")
            .child(el("span").class("offscreen").child(said))
            .child(words(&step.evidence)),
    )
}

fn status(verdict: Verdict) -> Status {
    match verdict {
        Verdict::Holds => Status::Verified,
        Verdict::Fails => Status::Failed,
        Verdict::NotChecked | Verdict::Note => Status::Unchecked,
    }
}
