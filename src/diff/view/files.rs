//! The files of two images beside each other.

use waybill_blobs::files::{Difference, DifferencesCounts, Differs, ReportForm};
use waybill_blobs::listing::Kind;
use waybill_core::diff::Change;
use waybill_core::humanize::{count, number, size};
use yew::Callback;

use super::super::files::{BlobState, Files, FilesMsg, Phase};
use super::super::message::Msg;
use super::super::state::PARTS;
use super::changes;
use super::layers::sign;
use crate::components::alert::alert;
use crate::components::custody::step;
use crate::components::element::{Element, EventKind, button, el};
use crate::components::listener::{send, send_text};
use crate::components::table::PageOfRows;
use crate::components::text::{code, quiet, quiet_line, words};
use crate::limits::{ITEMS_DRAWN, ROWS_DRAWN};

/// How many characters of a digest are drawn where it changed.
const DIGEST_DRAWN: usize = 12;

/// Draws how the files differ, or the button that says what it costs to know.
pub(super) fn stop(files: &Files, link: &Callback<Msg>) -> Element {
    let (note, body) = match &files.phase {
        Phase::Closed => ("not compared", offer(files, link)),
        Phase::Reading(blobs) => ("their layers are read", reading(files, blobs, link)),
        Phase::Comparing => {
            let bar = el("progress").attr("aria-label", "Comparing the files");
            let line = el("p").class("row progress").child(bar);
            let line = line.child(quiet("Comparing the files"));
            ("they are compared", el("div").child(line))
        }
        Phase::Failed(why) => {
            let line = el("p").attr("role", "alert").class("bad");
            let line = line
                .child("The files cannot be compared: ")
                .child(words(why));
            let again = button("Try again", tell(link, FilesMsg::Compare));
            let body = el("div").child(line).child(el("p").child(again));
            ("not compared", body)
        }
        Phase::Compared(counts) => ("compared", compared(files, counts, link)),
    };
    let [id, _] = PARTS;
    step("Files", note, body.attr("id", id).attr("tabindex", "-1"))
}

fn tell(link: &Callback<Msg>, msg: FilesMsg) -> Callback<yew::Event> {
    send(link, Msg::Files(msg))
}

fn offer(files: &Files, link: &Callback<Msg>) -> Element {
    let blobs = files.plan.blobs.len();
    if blobs == 0 {
        return el("div").child(quiet_line("Neither has a layer that can be read."));
    }
    let is_exact = files.plan.blobs.iter().all(|blob| blob.size.is_some());
    let bytes = match (is_exact, files.bytes()) {
        (true, bytes) => size(bytes),
        (false, 0) => "of sizes that are not stated".to_owned(),
        (false, bytes) => ["at least ", &size(bytes)].concat(),
    };
    let words = format!(
        "Reads {}, {bytes}, and checks each against its digest; what both have is read once.",
        count(blobs, "layer")
    );
    let compare = button("Compare their files", tell(link, FilesMsg::Compare));
    el("div")
        .child(quiet_line(words))
        .child(el("p").class("row").child(compare))
}

fn reading(files: &Files, blobs: &[BlobState], link: &Callback<Msg>) -> Element {
    let whole = files.bytes();
    let came = blobs
        .iter()
        .zip(&files.plan.blobs)
        .map(|(state, blob)| match state {
            BlobState::Running(received) | BlobState::Asks(received) => *received,
            BlobState::Done(_) => blob.size.unwrap_or_default(),
            BlobState::Failed(..) => 0,
        });
    let came = came.fold(0, u64::saturating_add);
    let line = el("p")
        .class("row progress")
        .child(
            el("progress")
                .attr("aria-label", "Reading layers")
                .attr("max", whole.max(1).to_string())
                .attr("value", came.min(whole).to_string()),
        )
        .child(quiet([&size(came), " of ", &size(whole)].concat()))
        .child(button("Cancel", tell(link, FilesMsg::Cancel)));
    let trouble = blobs.iter().enumerate().filter_map(|(place, state)| {
        let name = || [&files.names(place).join(", "), ": "].concat();
        let item = el("li").class("row");
        let go_on = || button("Go on", tell(link, FilesMsg::GoOn(place)));
        match state {
            BlobState::Running(_) | BlobState::Done(_) => None,
            BlobState::Asks(_) => {
                let words = [&name(), "it unpacks to far more than it should."].concat();
                Some(item.child(el("span").child(words)).child(go_on()))
            }
            BlobState::Failed(why, goes_on) => {
                let words = el("span").class("bad").child(name()).child(words(why));
                Some(item.child(words).child(goes_on.then(go_on)))
            }
        }
    });
    let trouble: Vec<_> = trouble.collect();
    let is_over = |state: &BlobState| matches!(state, BlobState::Done(_) | BlobState::Failed(..));
    let without = (!trouble.is_empty() && blobs.iter().all(is_over))
        .then(|| button("Compare what came", tell(link, FilesMsg::CompareWhatCame)));
    el("div").child(line).child(alert(trouble)).child(without)
}

fn compared(files: &Files, counts: &DifferencesCounts, link: &Callback<Msg>) -> Element {
    let warnings = (!files.warnings.is_empty()).then(|| {
        let rest = files.warnings.len().saturating_sub(ITEMS_DRAWN) as u64;
        let warnings = files.warnings.iter().take(ITEMS_DRAWN);
        el("ul")
            .class("warn")
            .children(warnings.map(|warning| el("li").child(words(warning))))
            .child((rest > 0).then(|| el("li").child(format_args!("and {} more", number(rest)))))
    });
    let differ: u32 = counts.differ.iter().sum();
    let are = |many: u32| if many == 1 { "is" } else { "are" };
    let alike = counts.alike;
    let sentence = if differ > 0 {
        let differs = if differ == 1 { "differs" } else { "differ" };
        format!(
            "{} {differs}, {} {} alike.",
            count(differ as usize, "path"),
            number(u64::from(alike)),
            are(alike)
        )
    } else {
        let with = if files.warnings.is_empty() {
            ", with contents, modes, owners and times."
        } else {
            ", of those that were compared."
        };
        let paths = count(alike as usize, "path");
        format!("Nothing differs: {paths} {} alike{with}", are(alike))
    };
    let body = el("div").child(warnings).child(el("p").child(sentence));
    if differ == 0 {
        return body;
    }
    let page = PageOfRows {
        from: files.rows.from as usize,
        length: ROWS_DRAWN,
        of: files.rows.total as usize,
    };
    let rows = files.rows.rows.iter().map(row);
    let rows = if files.rows.total == 0 {
        quiet_line("None of these.")
    } else {
        el("ul").class("pairs").children(rows)
    };
    let save = |words: &str, form| button(words, tell(link, FilesMsg::Save(form)));
    body.child(chips(files, counts, link))
        .child(rows)
        .child(page.turner("Paths", &|row| tell(link, FilesMsg::ShowFrom(row))))
        .child(
            el("p")
                .class("row")
                .child(save(
                    "Save the files' differences as text",
                    ReportForm::Text,
                ))
                .child(save("as JSON", ReportForm::Json)),
        )
}

/// Draws what is shown alone, with how many there are of each, and the search.
fn chips(files: &Files, counts: &DifferencesCounts, link: &Callback<Msg>) -> Element {
    let chip = |words: &str, only: Option<Differs>, many: u32| {
        let is_on = files.query.only == only;
        button(words, tell(link, FilesMsg::Only(only)))
            .attr("aria-pressed", if is_on { "true" } else { "false" })
            .class(if many == 0 { "chip none" } else { "chip" })
            .child(" ")
            .child(el("small").child(number(u64::from(many))))
    };
    let all = [Differs::Added, Differs::Removed, Differs::Changed];
    let all = all.into_iter().map(|differs| counts.of(differs)).sum();
    let chips = Differs::ALL.map(|differs| {
        let words = match differs {
            Differs::Added => "Only in the right one",
            Differs::Removed => "Only in the left one",
            Differs::Changed => "Changed",
            Differs::OnlyTime => "Only the time",
        };
        chip(words, Some(differs), counts.of(differs))
    });
    let search = el("input")
        .attr("type", "search")
        .attr("aria-label", "Search the paths")
        .attr("placeholder", "Search: passwd, *.so, /etc/**")
        .verbatim()
        .value(&files.query.search)
        .on(
            EventKind::Input,
            send_text(link, |text| Msg::Files(FilesMsg::Searched(text))),
        );
    el("div")
        .class("files")
        .child(
            el("div")
                .attr("role", "group")
                .attr("aria-label", "Show only")
                .class("row chips")
                .child(chip("All but the time", None, all))
                .children(chips),
        )
        .child(el("p").class("row").child(search))
}

fn row(row: &Difference) -> Element {
    let said = match (row.differs, row.left_bytes, row.right_bytes) {
        _ if row.kind == Kind::Directory => "directory".to_owned(),
        (Differs::Added, _, Some(bytes)) | (Differs::Removed, Some(bytes), _) => size(bytes),
        (_, Some(left), Some(right)) if left != right => {
            [&size(left), " → ", &size(right)].concat()
        }
        (_, _, Some(bytes)) => size(bytes),
        _ => String::new(),
    };
    let shown: Vec<_> = row.changes.iter().map(shortened).collect();
    let body = el("div")
        .child(el("p").child(code(&row.path)))
        .child((!shown.is_empty()).then(|| changes(&shown, None)));
    el("li")
        .child(sign(row.differs.sign()))
        .child(el("span").class("number"))
        .child(body)
        .child(el("span").class("quiet").child(said))
}

/// A digest is drawn by its beginning: the report has all of it.
fn shortened(change: &Change) -> Change {
    let short = |value: &Option<String>| {
        let value = value.as_ref()?;
        let start: String = value.chars().take(DIGEST_DRAWN).collect();
        Some(if change.name == "content" && start.len() < value.len() {
            ["sha256:", &start, "…"].concat()
        } else {
            value.clone()
        })
    };
    Change {
        name: change.name.clone(),
        left: short(&change.left),
        right: short(&change.right),
    }
}
