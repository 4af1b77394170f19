//! How Compose looks: the list that comes of it in one sentence, then a stop for each thing that is decided.

mod commands;
mod entry;
mod list_settings;
mod output;
mod rows;
mod sources;

use waybill_core::finding::{Finding, Severity};
use waybill_core::humanize::{count, number, sentence};
use waybill_core::view::{Stamp, Status};
use waybill_core::workflow::compose::{Composition, Msg as Change, RowState};
use waybill_core::workflow::fetch::Failure;
use yew::{Callback, Event, Html, TargetCast};

use super::message::{Field, Msg};
use super::push;
use super::state::State;
use crate::components::digest::short;
use crate::components::element::{Element, button, el};
use crate::components::heading::heading;
use crate::components::listener::send;
use crate::components::status;
use crate::components::text::{quiet, quiet_line, text, words, written_out};
use crate::shell::RegistryChoices;

/// Makes a listener that sends a change.
fn change(link: &Callback<Msg>, change: Change) -> Callback<Event> {
    send(link, Msg::Change(change))
}

/// Makes a listener that sends what is typed into an input or a box of several lines.
fn typed(link: &Callback<Msg>, field: Field) -> Callback<Event> {
    link.reform(move |event: Event| {
        let input = event
            .target_dyn_into::<web_sys::HtmlInputElement>()
            .map(|input| input.value());
        let area = || {
            event
                .target_dyn_into::<web_sys::HtmlTextAreaElement>()
                .map(|area| area.value())
        };
        Msg::Typed(field.clone(), input.or_else(area).unwrap_or_default())
    })
}

/// Returns the class of the words of a finding.
fn severity_class(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "bad",
        Severity::Warning => "warn",
        Severity::Note => "quiet",
    }
}

/// Returns the id of the list of names that are known for a part of a platform.
fn known_names(part: usize) -> Option<&'static str> {
    ["known-os", "known-architecture", "known-variant"]
        .get(part)
        .copied()
}

/// Draws what a source is called: by the program itself, where it is no file and in no registry.
fn name_of(source: &str) -> Element {
    let is_own = |start: &&str| source.starts_with(start);
    if ["The ", "What this "].iter().any(is_own) {
        words(source)
    } else {
        text(source)
    }
}

/// Names that people mean most; others are taken too.
const KNOWN: [(&str, &str); 3] = [
    ("known-os", "linux windows darwin freebsd wasip1"),
    (
        "known-architecture",
        "amd64 arm64 arm 386 ppc64le s390x riscv64 loong64 mips64le wasm",
    ),
    ("known-variant", "v5 v6 v7 v8 v9 v2 v3 v4"),
];

/// Draws the page below the header; nothing while another page is shown.
pub fn page(state: &State, registries: &RegistryChoices, link: &Callback<Msg>) -> Html {
    if !state.drawn.is_shown {
        return Html::default();
    }
    el("main").child(sheet(state, registries, link)).into()
}

fn sheet(compose: &State, registries: &RegistryChoices, link: &Callback<Msg>) -> Element {
    let said = el("p")
        .attr("role", "status")
        .attr("aria-live", "polite")
        .class("offscreen");
    let sheet = el("article")
        .class("sheet compose")
        .child(head(compose, link))
        .child(said.child(written_out(&compose.said)));
    let stops = el("ol").class("stops").child(sources::stop(compose, link));
    let sheet = sheet.child(ledger(compose, link));
    if compose.model.composition().rows.is_empty() {
        // A push goes on, whatever becomes of what it was made of.
        return sheet.child(
            stops.child(
                compose
                    .push
                    .is_there()
                    .then(|| push::view(&compose.push, &compose.model, registries, link)),
            ),
        );
    }
    let known = KNOWN.map(|(id, names)| {
        let names = names
            .split(' ')
            .map(|name| el("option").attr("value", name));
        el("datalist").attr("id", id).children(names)
    });
    let stops = stops
        .child(rows::stop(compose, link))
        .child(list_settings::stop(compose, link))
        .child(output::stop(compose, link))
        .child(commands::stop(compose, registries, link))
        .child(push::view(&compose.push, &compose.model, registries, link));
    sheet.child(stops).children(known)
}

/// Draws what comes of it, in one sentence, with the stamp.
fn head(compose: &State, link: &Callback<Msg>) -> Element {
    let model = &compose.model;
    let (written, empty) = (model.written(), model.composition().rows.is_empty());
    let (said, detail) = if empty {
        let what = "One tag for many machines: name the images below, or drop their \
         manifests anywhere on this page, and see the list and its \
         digest before anything is pushed.";
        ("Compose a list".to_owned(), what.to_owned())
    } else {
        let entries = count(written.list.entries.len(), "manifest");
        let kind = sentence(written.kind.format().with_article());
        let said = [kind.trim_end_matches('.'), " of ", &entries].concat();
        let detail = match &model.composition().target {
            Some(target) if compose.push.is_pushed(model) => {
                format!("It is pushed as {}.", target.familiar())
            }
            Some(target) => format!(
                "It is to become {}; it is not pushed yet.",
                target.familiar()
            ),
            None => "Name a target below to have commands for it, or to push it.".to_owned(),
        };
        (said, detail)
    };
    let progress = (model.pending() > 0).then(|| {
        let line = el("p")
            .class("row progress")
            .child(el("progress").attr("aria-label", "Fetching"));
        line.child(quiet(format_args!("{} to come", model.pending())))
            .child(button("Cancel", change(link, Change::Cancel)))
    });
    let example = empty.then(|| {
        let words = "An example that needs no network";
        el("p")
            .class("row")
            .child(button(words, send(link, Msg::OpenExample)))
    });
    let drawn = (!empty).then(|| status::stamp(&stamp(compose)));
    el("div")
        .class("verdict")
        .child(
            el("div")
                .child(heading().child(said))
                .child(el("p").child(words(&detail)))
                .child(progress)
                .child(example)
                .child((!compose.kept).then(|| {
                    quiet_line(
                        "This is too large for what a tab can keep: after a reload it is \
                gone. Download what you have.",
                    )
                })),
        )
        .child(drawn)
}

/// Draws what stays in sight: the digest, what there is to say of it in numbers, and what can be taken back. The
/// buttons stay where there is nothing to take back, so that the focus stays on them.
fn ledger(compose: &State, link: &Callback<Msg>) -> Option<Element> {
    let model = &compose.model;
    let step = |name: &str, id: &'static str, can: bool, msg: Change| {
        button(name, change(link, msg))
            .attr("id", id)
            .attr("aria-disabled", (!can).then_some("true"))
    };
    let (undo, redo, clear) = (
        model.can_undo(),
        model.can_redo(),
        *model.composition() != Composition::default(),
    );
    let mut ledger = el("div")
        .attr("role", "group")
        .attr("aria-label", "The digest as it stands")
        .class("ledger");
    if !model.composition().rows.is_empty() {
        let bytes = count(model.written().bytes.len(), "byte");
        ledger = ledger
            .child(short(&model.written().digest))
            .child(quiet(bytes))
            .child(found(compose));
    }
    (undo || redo || clear).then(|| {
        ledger
            .child(step("Undo", "undo", undo, Change::Undo))
            .child(step("Redo", "redo", redo, Change::Redo))
            .child(step("Start anew", "clear", clear, Change::Clear))
    })
}

/// Draws how many findings there are of each severity, as a link to them.
fn found(compose: &State) -> Element {
    let counts = [Severity::Error, Severity::Warning, Severity::Note].map(|severity| {
        let is_one = |finding: &&Finding| finding.severity() == severity;
        let of = compose.model.findings().iter().filter(is_one).count();
        (of > 0).then(|| {
            el("span")
                .class(severity_class(severity))
                .child(count(of, severity.name()))
        })
    });
    el("span").class("row found").children(counts)
}

/// Returns the stamp: never better than the worst thing found.
fn stamp(compose: &State) -> Stamp {
    let model = &compose.model;
    let stamp = |status, text: String, small: String| Stamp {
        status,
        text,
        small,
    };
    let (mut left_out, mut verified, mut cancelled) = (0, 0, 0_usize);
    let rows = &model.composition().rows;
    for row in rows.iter().filter(|row| row.kept) {
        match model.state(row) {
            RowState::Failed(Failure::Cancelled) => cancelled += 1,
            RowState::Failed(_) | RowState::Refused(_) => left_out += 1,
            RowState::Verified => verified += 1,
            RowState::Loading | RowState::Unverified(_) => {}
        }
    }
    let written = model.written().list.entries.len();
    let share = format!(
        "{} of {} hashed here",
        number(verified as u64),
        count(written, "entry")
    );
    let errors = model
        .findings()
        .iter()
        .filter(|finding| finding.severity() == Severity::Error)
        .count();
    if left_out > 0 {
        stamp(Status::Failed, format!("{left_out} left out"), share)
    } else if errors > 0 {
        stamp(Status::Failed, count(errors, "error"), share)
    } else if model.pending() > 0 {
        stamp(Status::Pending, "Fetching".into(), share)
    } else if cancelled > 0 || verified < written {
        stamp(Status::Unchecked, "Partly checked".into(), share)
    } else if written == 0 {
        stamp(Status::Unchecked, "Empty".into(), "no entry is kept".into())
    } else {
        stamp(Status::Verified, "Checked here".into(), share)
    }
}
