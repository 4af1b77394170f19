//! Verify: the bytes, the digest that is expected, the verdict, and why where they differ.

mod report;
mod several;
mod share;

use waybill_core::humanize::{number, sentence};
use waybill_core::recognize::{Next, Recognized};
use waybill_core::verify::{ByteDifference, Cause, CauseExplanation, Remedy, Verdict};
use waybill_core::view::Status;
use waybill_core::workflow::verify::{CheckedContent, Report};
use yew::{Callback, Html};

use self::several::several;
use self::share::share;
use super::message::Msg;
use super::state::{EXPECTED, State};
use crate::components::alert::alert;
use crate::components::digest::full;
use crate::components::element::{Element, EventKind, button, el, side_by_side};
use crate::components::heading::heading;
use crate::components::listener::{send, send_text};
use crate::components::status;
use crate::components::text::{self, field, quiet, quiet_line, text, wide_field};
use crate::inspection::drawing::Drawing;
use crate::inspection::view::{content_name, sheet, views, waiting};
use crate::route::{InspectSource, Route, View};
use crate::shell::{CONTENT, FILES, PageOrigin, RegistryChoices};

/// The id of the form that takes text.
pub const FORM: &str = "verify-form";

/// Draws the page below the header, and its dialog; nothing while another page is shown.
pub fn page(
    state: &State,
    registries: &RegistryChoices,
    origin: &PageOrigin,
    link: &Callback<Msg>,
) -> Html {
    if state.shown.is_none() {
        return Html::default();
    }
    let sheet = match (&state.inspection, &state.report) {
        (Some(inspection), Some(report)) => {
            let drawing = Drawing {
                inspection,
                registries,
                origin,
                link: &link.reform(Msg::Inspection),
            };
            result(state, drawing, report, link)
        }
        _ => form(state, link),
    };
    side_by_side(vec![
        Some(el("main").child(sheet)),
        Some(share(state, link)),
    ])
}

/// Draws what is asked for, where nothing was given yet.
fn form(state: &State, link: &Callback<Msg>) -> Element {
    let (said, detail) = if state.gone {
        (
            "What was opened is gone",
            "It was too large for the history of this tab, so it has to be given again.",
        )
    } else {
        (
            "Is this the content it claims to be?",
            "Give the bytes, and the digest you expect them to have. Nothing leaves this page.",
        )
    };
    let note = quiet_line(
        "What you paste here is kept as it came; what you type has LF at \
            the ends of its lines. A file is exact.",
    );
    el("article")
        .class("sheet")
        .child(
            el("div").class("verdict").child(
                el("div")
                    .child(heading().child(said))
                    .child(el("p").child(detail))
                    .child(left_out(state)),
            ),
        )
        .child(
            el("form")
                .attr("id", FORM)
                .class("tab verify-form")
                .child(expected(state, link))
                .child(
                    el("label").child("Content").child(
                        el("textarea")
                            .attr("id", CONTENT)
                            .attr("rows", "9")
                            .attr("spellcheck", "false")
                            .attr("autocomplete", "off")
                            .attr("placeholder", "{ \"schemaVersion\": 2, …")
                            .attr("aria-describedby", "content-note"),
                    ),
                )
                .child(note.attr("id", "content-note"))
                .child(
                    el("p")
                        .class("row")
                        .child(
                            el("button")
                                .attr("type", "submit")
                                .class("primary")
                                .child("Verify"),
                        )
                        .child(open_files("Open files"))
                        .child(from_clipboard(link)),
                )
                .child(quiet_line(
                    "Or drop files anywhere: several together are matched with each \
                other, such as the blobs of an OCI layout.",
                )),
        )
}

/// Draws the input for the digest, with what was read in it.
fn expected(state: &State, link: &Callback<Msg>) -> Element {
    let read = state.read();
    let line = el("p")
        .attr("id", "expected-read")
        .attr("aria-live", "polite")
        .class("read");
    let line = match &read {
        None => line,
        Some(Err(error)) => line.child(
            el("span")
                .class("bad")
                .child(text::words(&error.to_string())),
        ),
        Some(Ok(expected)) => {
            let notes: Vec<_> = expected.notes.iter().map(ToString::to_string).collect();
            line.child(["read as ", expected.digest.algorithm_name()].concat())
                .child((!notes.is_empty()).then(|| [" · ", &notes.join(" · ")].concat()))
        }
    };
    el("div")
        .class("expected")
        .child(
            el("label").child("Expected digest").child(
                el("input")
                    .attr("id", EXPECTED)
                    .attr("type", "text")
                    .verbatim()
                    .attr(
                        "placeholder",
                        "sha256:…, name@sha256:…, or a line of sha256sum",
                    )
                    .attr("aria-describedby", "expected-read")
                    .attr(
                        "aria-invalid",
                        matches!(read, Some(Err(_))).then_some("true"),
                    )
                    .value(&state.expected)
                    .on(EventKind::Input, send_text(link, Msg::ExpectedChanged)),
            ),
        )
        .child(line)
}

/// Draws a button that opens files, which has to be an input.
fn open_files(words: &str) -> Element {
    el("label")
        .class("button")
        .child(
            el("input")
                .attr("id", FILES)
                .attr("type", "file")
                .attr("multiple", "multiple")
                .class("offscreen"),
        )
        .child(words)
}

fn from_clipboard(link: &Callback<Msg>) -> Element {
    button("From the clipboard", send(link, Msg::ReadClipboard))
}

/// Draws which files were not opened, and why.
fn left_out(state: &State) -> Option<Element> {
    let rows = state.left_out.iter().map(|(name, why)| {
        el("li")
            .child(content_name(name))
            .child(" was not opened: ")
            .child(*why)
    });
    alert(rows.collect()).map(|it| it.class("warn"))
}

fn result(state: &State, drawing: Drawing<'_>, report: &Report, link: &Callback<Msg>) -> Element {
    let shown = state.index();
    let (files, model) = (state.files(), &drawing.inspection.model);
    let (Some(given), Some(checked)) = (files.get(shown), report.files.get(shown)) else {
        return form(state, link);
    };
    let names: Vec<&str> = files.iter().map(|given| given.name.as_str()).collect();
    let inspected = drawing.inspection.summary();
    // A place below the content has a verdict of its own.
    let is_root = model.path.is_empty();
    let mut summary = if is_root {
        report.summary(&names, shown, inspected)
    } else {
        inspected
    };
    let known = checked.recognized.as_ref().filter(|_| is_root);
    let opened = state.opened.as_ref().filter(|_| is_root);
    // What the report's bytes say counts where nothing is expected of the file itself.
    if let Some(opened) = opened.filter(|_| report.expected.is_none()) {
        summary = self::report::summary(opened, summary);
    }
    let words = el("div")
        .child(heading().child(text::words(&summary.title)))
        .child(el("p").child(text::words(&summary.detail)))
        .child((!given.exact).then(|| {
            quiet_line("From text: a clipboard or a box may have changed it. A file is exact.")
        }))
        .child((!state.kept).then(|| {
            quiet_line("This is too large for the history of this tab: after a reload it is gone.")
        }))
        .child(left_out(state))
        .child(other_file(report, shown, &names))
        .child(go_on(report, link))
        .child(known.and_then(|known| inside(known, link)));
    // The cause belongs to the verdict, which is told once: with it, or with why what finds it out did not come.
    if report.unexplained(shown).is_some() {
        match state.causes_fault {
            None => summary.stamp.status = Status::Pending,
            Some(_) => summary.stamp.small = "why is not known".into(),
        }
    }
    let sheet = sheet(words, model, summary)
        .child(opened.and_then(self::report::report))
        .child(compared(state, report, checked, &given.bytes, link))
        .child((files.len() > 1).then(|| several(state, report)));
    views(sheet, drawing)
}

/// Draws the way to the content that has the digest, where another one is looked at.
fn other_file(report: &Report, shown: usize, names: &[&str]) -> Option<Element> {
    let other = report.matching().filter(|other| *other != shown)?;
    Some(
        el("p").child(
            el("a")
                .attr("href", file_href(other))
                .child("Look at ")
                .child(content_name(names[other])),
        ),
    )
}

fn file_href(index: usize) -> String {
    Route::Inspect(InspectSource::Verify(index), View::default()).to_string()
}

fn go_on(report: &Report, link: &Callback<Msg>) -> Option<Element> {
    let words = match report.cause()?.right {
        Remedy::Bytes(_) => "Go on with these bytes",
        Remedy::Digest(_) => "Go on with the right digest",
        Remedy::Unknown => return None,
    };
    Some(
        el("p")
            .class("row")
            .child(button(words, send(link, Msg::ApplyRemedy)).class("primary")),
    )
}

/// Draws the ways on from what is no manifest: its image in a registry, and the contents inside of it.
fn inside(known: &Recognized, link: &Callback<Msg>) -> Option<Element> {
    let way = |next: &Next| match next {
        Next::Reference(reference) => {
            let name = reference.familiar();
            let source = InspectSource::Reference(name.clone());
            el("a")
                .attr("href", Route::Inspect(source, View::default()).to_string())
                .child("Look at ")
                .child(text(&name))
                .child(" in its registry")
        }
        Next::Contents { contents, .. } => {
            let words = match contents.len() {
                1 => "Go on with the content inside".to_owned(),
                several => format!("Go on with the {several} contents inside"),
            };
            button(&words, send(link, Msg::OpenInside)).class("primary")
        }
    };
    (!known.next.is_empty()).then(|| el("p").class("row").children(known.next.iter().map(way)))
}

/// Draws what was compared with what, and why it differs.
fn compared(
    state: &State,
    report: &Report,
    checked: &CheckedContent,
    bytes: &[u8],
    link: &Callback<Msg>,
) -> Element {
    let found = match &checked.digest {
        Some(digest) => full(digest),
        None => el("span").child("cannot be told: the signature block is broken"),
    };
    let (status, words) = verdict(report, checked);
    let sought = report.unexplained(state.index()).map(|_| {
        let fault = state.causes_fault;
        let fault = fault.map(|error| ("What finds out why it differs", error));
        waiting(fault, send(link, Msg::LoadCauses))
    });
    let size = [&number(checked.size as u64), " bytes"].concat();
    let asked = report
        .asked()
        .map(|asked| wide_field("Expected").child(full(&asked.digest)));
    el("section")
        .attr("aria-label", "What was compared")
        .class("tab compared")
        .child(expected(state, link))
        .child(
            el("div")
                .class("fields")
                .child(asked)
                .child(
                    wide_field("Found").child(found).child(
                        el("p")
                            .class("row")
                            .child(status::verdict(status, words))
                            .child(quiet(size)),
                    ),
                )
                .child(report.cause().and_then(|cause| change(cause, bytes))),
        )
        .child(report.explanation.as_ref().and_then(tried))
        .child(sought)
        .child(
            el("p")
                .class("row")
                .child(button("Share", send(link, Msg::Share)).attr("aria-haspopup", "dialog"))
                .child(button("Verify something else", send(link, Msg::Reset)))
                .child(open_files("Open other files")),
        )
}

fn verdict(report: &Report, checked: &CheckedContent) -> (Status, &'static str) {
    match &checked.verdict {
        Verdict::Verified => (Status::Verified, "the digest you expected"),
        Verdict::NotChecked(why) => (Status::Unchecked, why.reason()),
        Verdict::WrongDigest { .. } if report.matching().is_some() => {
            (Status::Unchecked, "not the one you expected")
        }
        Verdict::WrongDigest { .. } | Verdict::WrongSize { .. } => {
            (Status::Failed, "another digest")
        }
    }
}

/// Draws the first place where the bytes are changed, before and after.
fn change(cause: &Cause, bytes: &[u8]) -> Option<Element> {
    let Remedy::Bytes(right) = &cause.right else {
        return None;
    };
    let difference = ByteDifference::between(bytes, right);
    let place = difference.position;
    let line = |label: &str, class: &'static str, words: &str| {
        let changed = match words {
            "" => quiet("\u{a0}ends here"),
            words => el("code").child(el("mark").class(class).child(text(words))),
        };
        el("p")
            .child(quiet(label))
            .child(" ")
            .child(el("code").child(text(&difference.same)))
            .child(changed)
    };
    let label = format!(
        "First change, at line {}, column {}",
        place.line, place.column
    );
    let (found, right) = (
        line("found", "bad", &difference.found),
        line("right", "good", &difference.right),
    );
    Some(field(&label).class("wide change").child(found).child(right))
}

/// Draws what was tried, where that says something.
fn tried(explanation: &CauseExplanation) -> Option<Element> {
    if matches!(explanation.cause(), Some(cause) if cause.right != Remedy::Unknown)
        || explanation.tried.is_empty()
    {
        return None;
    }
    let limit = "It is large, so not all of it was tried in every form.";
    let details = el("details").child(el("summary").child("What was tried"));
    let details = details.child(quiet_line(sentence(&explanation.tried.join(", "))));
    Some(details.child((!explanation.complete).then(|| quiet_line(limit))))
}
