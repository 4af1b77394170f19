//! How an archive looks: its name and what it is, a row for each image, and what is wrong with it.

mod images;
mod phase;

use waybill_blobs::archive::message::{Failure, Told, ToldFinding};
use waybill_blobs::archive::{Form, Verdict};
use waybill_core::finding::Severity;
use waybill_core::humanize::{count, number, sentence, size};
use waybill_core::view::{Stamp, Status};
use yew::{Callback, Html};

use super::message::Msg;
use super::state::{Opened, Phase, State, Task, form, verdict};
use crate::components::element::{Element, button, el};
use crate::components::heading::heading;
use crate::components::listener::send;
use crate::components::sheet::sheet;
use crate::components::text::{code, quiet, quiet_line, text, words};
use crate::limits::FINDINGS_DRAWN;
use crate::route::Route;
use crate::shell::{FILES, FOLDER};

/// Draws the page below the header; nothing while another page is shown.
pub fn page(state: &State, link: &Callback<Msg>) -> Html {
    let Some(name) = state.wanted() else {
        return Html::default();
    };
    let sheet = match state.current() {
        Some(opened) => archive(opened, link),
        None => ask(name, state.shown.as_deref().unwrap_or_default()),
    };
    el("main").child(sheet).child(others(state)).into()
}

/// Draws the head of the sheet: what is so, how, and the stamp, which is told to those too who do not see it.
fn head(words: Element, stamp: Option<&Stamp>) -> Element {
    let told = stamp.filter(|stamp| stamp.status != Status::Pending);
    let told = told.map(|stamp| [&stamp.text, ": ", &stamp.small].concat());
    sheet("sheet", words, stamp, &told.unwrap_or_default())
}

/// Draws what is asked for, where no archive is open under the name in the address.
fn ask(name: &str, shown: &str) -> Element {
    let words = el("div");
    let words = if name.is_empty() {
        words
            .child(heading().child("Open an archive of images"))
            .child(el("p").child(
                "What docker save, podman, skopeo, buildah, crane, regctl or buildx wrote, as a file \
                 or as a folder. It is read where it is, and never whole; nothing of it leaves this page.",
            ))
    } else {
        let lost = if shown == name {
            ""
        } else {
            " The image that this address names is shown then."
        };
        words
            .child(heading().child(text(name)).child(" is not open"))
            .child(el("p").child(
                "An archive is open in one tab, as long as that is: a browser gives a page no way \
                 back to a file once the page was loaded again. Open it once more to go on.",
            ))
            .child((!lost.is_empty()).then(|| el("p").child(lost.trim())))
    };
    head(words, None).child(
        el("div")
            .class("tab")
            .child(
                el("p")
                    .class("row")
                    .child(open_file("Open a file"))
                    .child(open_folder()),
            )
            .child(quiet_line(
                "Or drop a file or a folder anywhere on the page. What is compressed as a whole, \
                 with gzip or zstd, is unpacked first, onto the disk of the browser.",
            )),
    )
}

/// Draws a button that opens files, which has to be an input.
fn open_file(words: &str) -> Element {
    let input = el("input")
        .attr("id", FILES)
        .attr("type", "file")
        .attr("multiple", "multiple")
        .class("offscreen");
    el("label").class("button").child(input).child(words)
}

fn open_folder() -> Element {
    let input = el("input")
        .attr("id", FOLDER)
        .attr("type", "file")
        .attr("webkitdirectory", "webkitdirectory")
        .class("offscreen");
    el("label")
        .class("button")
        .child(input)
        .child("Open a folder")
}

fn archive(opened: &Opened, link: &Callback<Msg>) -> Element {
    let (told, task) = match &opened.phase {
        Phase::Open(told, task) => (told, task),
        Phase::Opening(_) | Phase::Unpacking(_) | Phase::Failed(_) => {
            return phase::draw(opened, link);
        }
    };
    let words = el("div")
        .child(heading().child(text(&opened.file)))
        .child(el("p").child(what(opened, told)))
        .child(what_else(told));
    let sheet = head(words, Some(&stamp(told, task)));
    let is_lost = matches!(task, Task::Failed(Failure::Changed));
    let again = if is_lost {
        "Open it again"
    } else {
        "Open another file"
    };
    let is_empty = told.images.is_empty();
    sheet.child(
        el("div")
            .class("tab")
            .child(phase::task(told, task, link))
            .child((!is_empty).then(|| images::table(opened, told, link)))
            .child(images::ways(opened, told))
            .child(images::note(told))
            .child(findings(told))
            .child(
                el("p")
                    .class("row")
                    .child(open_file(again))
                    .child(open_folder())
                    .child(button("Close it", send(link, Msg::Close))),
            )
            .child(quiet_line(
                "It is open in this tab only, and read where it is: nothing of it was sent \
                 anywhere. After this page is loaded again it has to be opened again.",
            )),
    )
}

/// Says what an archive is: `docker save, 2 images, 5 names`, and how large.
fn what(opened: &Opened, told: &Told) -> String {
    let mut parts = vec![match &told.what {
        Some(what) => sentence_of(what),
        None => sentence_of(form(told)),
    }];
    if !told.images.is_empty() {
        // What an index lists is not counted beside it.
        let listed: Vec<_> = told
            .images
            .iter()
            .filter_map(|it| it.lists.as_ref())
            .flatten()
            .collect();
        let own = told.images.iter().filter(|image| {
            let is_listed = image
                .digest
                .as_ref()
                .is_some_and(|digest| listed.contains(&digest));
            !is_listed || !image.names.is_empty()
        });
        parts.push(count(own.count(), "image"));
        let names = told.images.iter().map(|image| image.names.len()).sum();
        parts.push(count(names, "name"));
    }
    let entries = usize::try_from(told.entries).unwrap_or(usize::MAX);
    let noun = if opened.size.is_some() {
        "entry"
    } else {
        "file"
    };
    let entries = count(entries, noun);
    let how = match (opened.size, opened.compression, opened.unpacked) {
        (Some(bytes), Some(compression), Some(unpacked)) => format!(
            "{} of {}, unpacked to {}",
            size(bytes),
            compression.name(),
            size(unpacked)
        ),
        (Some(bytes), _, _) => size(bytes),
        (None, _, _) => "a folder".to_owned(),
    };
    format!("{}: {how} with {entries}.", parts.join(", "))
}

fn sentence_of(words: &str) -> String {
    sentence(words).trim_end_matches('.').to_owned()
}

/// Draws what to do with what is no archive of images.
fn what_else(told: &Told) -> Option<Element> {
    let words = match told.form {
        Form::RootFileSystem => {
            "This is what docker export writes, or the content of one layer: files, and nothing \
             that says what image they are of. docker import makes an image of it, of one layer."
        }
        Form::None => {
            "No image is in it: neither manifest.json of docker save, nor index.json of an OCI \
             layout, nor the version of skopeo's dir:."
        }
        Form::DockerArchive
        | Form::OciArchive
        | Form::OciLayout
        | Form::Hybrid
        | Form::Directory
        | Form::Legacy => return None,
    };
    Some(quiet_line(words))
}

/// Judges the archive as a whole: the stamp is never better than the worst thing found.
fn stamp(told: &Told, task: &Task) -> Stamp {
    let stamp = Stamp::new;
    let errors = told
        .findings
        .iter()
        .filter(|it| it.severity == Severity::Error);
    let errors = errors.count();
    if told.images.is_empty() {
        return stamp(Status::Unchecked, "No images", "nothing to check");
    }
    if matches!(task, Task::Reading { all: true, .. }) {
        return stamp(Status::Pending, "Checking", "reading everything");
    }
    let verdict = verdict(told);
    let small = match verdict {
        None => "no layer was read".to_owned(),
        Some(_) => format!("{} read whole", count(told.images.len(), "image")),
    };
    match verdict {
        Some(Verdict::Mismatch) => stamp(Status::Failed, "Mismatch", &small),
        _ if errors > 0 => stamp(Status::Failed, &count(errors, "error"), &small),
        Some(Verdict::Verified) => stamp(Status::Verified, "Verified here", &small),
        Some(Verdict::NotChecked) => stamp(Status::Unchecked, "Partly checked", &small),
        None => stamp(Status::Unchecked, "Listed", &small),
    }
}

/// Draws what is wrong, or worth knowing, the worst first.
fn findings(told: &Told) -> Option<Element> {
    if told.findings.is_empty() {
        return None;
    }
    let rest = told.findings.len().saturating_sub(FINDINGS_DRAWN);
    let rest =
        (rest > 0).then(|| el("li").child(quiet(format_args!("and {} more", number(rest as u64)))));
    let drawn = told.findings.iter().take(FINDINGS_DRAWN);
    let list = el("ul")
        .attr("aria-label", "Findings")
        .class("findings")
        .children(drawn.map(|finding| one(finding, told)))
        .child(rest);
    Some(
        el("section")
            .attr("aria-label", "Findings")
            .child(el("h2").child("Findings"))
            .child(list),
    )
}

fn one(finding: &ToldFinding, told: &Told) -> Element {
    let class = match finding.severity {
        Severity::Error => "finding bad",
        Severity::Warning => "finding warn",
        Severity::Note => "finding note",
    };
    let image = finding.image.and_then(|place| told.images.get(place));
    let own = |place: &str| el("code").child(words(place));
    let place = match image {
        None => own("the archive"),
        Some(image) => match (image.names.first(), &image.digest) {
            (Some(name), _) => code(name),
            (None, Some(digest)) => code(digest.short()),
            (None, None) => own("an image without a name"),
        },
    };
    el("li")
        .class(class)
        .child(
            el("div")
                .class("finding-head")
                .child(el("span").class("severity").child(finding.severity.name()))
                .child(el("b").child(finding.title.as_str()))
                .child(place),
        )
        .child(
            el("p")
                .child(words(&finding.message))
                .child(". ")
                .child(quiet(finding.why.as_str())),
        )
}

/// Draws the way to the other archives that are open.
fn others(state: &State) -> Option<Element> {
    let shown = state.current().map(|opened| opened.number);
    let others = state.opened.iter().filter(|it| Some(it.number) != shown);
    let links: Vec<_> = others
        .map(|opened| {
            el("li").child(
                el("a")
                    .attr("href", Route::archive(&opened.name).to_string())
                    .child(text(&opened.file)),
            )
        })
        .collect();
    (!links.is_empty()).then(|| {
        el("nav")
            .attr("aria-label", "Also open")
            .class("tab")
            .child(el("h2").child("Also open in this tab"))
            .child(el("ul").children(links))
    })
}
