//! The steps of a push as a table, in the order in which they are done.

use waybill_core::descriptor::Descriptor;
use waybill_core::limits::ROWS_DRAWN;
use waybill_core::platform::Platform;
use waybill_core::registry::upload::From;
use waybill_core::registry::write::Place;
use waybill_core::words::size;
use waybill_core::workflow::inspect::Seal;
use waybill_core::workflow::push::{BlobStep, Failure, How, Model, State, Step};

use crate::components::element::{Element, el};
use crate::components::table::{Page, cell, table};
use crate::components::text::{code, text};
use crate::components::{digest, marks};

/// How many rows there are.
pub(super) fn length(model: &Model) -> usize {
    model.blobs().len() + model.manifests().len() + 1 + model.referrers().len() + 1
}

/// How many of them are done or were there already.
pub(super) fn done(model: &Model) -> usize {
    let blobs = model.blobs().iter().map(|step| &step.state);
    let manifests = model.manifests().iter().map(|step| &step.state);
    let referrers = model.referrers().iter().map(|step| &step.state);
    let end = [&model.tag().state, model.read_back()];
    blobs
        .chain(manifests)
        .chain(referrers)
        .chain(end)
        .filter(|state| state.is_there())
        .count()
}

/// A page of the rows.
pub(super) fn page(model: &Model, from: usize) -> Page {
    let of = length(model);
    Page {
        from: from.min(of.saturating_sub(1)) / ROWS_DRAWN * ROWS_DRAWN,
        length: ROWS_DRAWN,
        of,
    }
}

/// The rows of a page.
pub(super) fn rows(model: &Model, page: Page) -> Element {
    let heads = [
        ("Step", None),
        ("Digest", None),
        ("Size", Some("number wide-only")),
        ("What happens", None),
    ];
    let rows = (page.from..page.of.min(page.from + page.length)).filter_map(|row| {
        let step = step(model, row)?;
        // The head is row 1.
        let place = page.is_part().then(|| (row + 2).to_string());
        Some(
            draw(model, step)
                .attr("aria-rowindex", place)
                .key(&row.to_string()),
        )
    });
    let all = page.is_part().then(|| (page.of + 1).to_string());
    table("The tag is put when everything above it is there.", &heads)
        .attr("aria-rowcount", all)
        .class("steps-of-push")
        .child(el("tbody").children(rows))
}

/// The step in that row: blobs, the manifests that name them, the list, the tag, the tags of referrers, reading back.
fn step(model: &Model, row: usize) -> Option<Step> {
    let (blobs, manifests, referrers) = (
        model.blobs().len(),
        model.manifests().len(),
        model.referrers().len(),
    );
    let Some(manifest) = row.checked_sub(blobs) else {
        return Some(Step::Blob(row));
    };
    // The list is the first of the manifests, and the last that is put.
    let Some(rest) = manifest.checked_sub(manifests) else {
        return Some(Step::Manifest((manifest + 1) % manifests));
    };
    match rest.checked_sub(1) {
        None => Some(Step::Tag),
        Some(place) if place < referrers => Some(Step::Referrers(place)),
        Some(place) => (place == referrers).then_some(Step::ReadBack),
    }
}

fn draw(model: &Model, step: Step) -> Element {
    let head = el("th").attr("scope", "row");
    let words = text(&name(model, step));
    let head = match step {
        // A tag of 71 characters is there for those who ask.
        Step::Referrers(place) => {
            let tag = code(model.referrers()[place].tag.as_str());
            head.child(el("details").child(el("summary").child(words)).child(tag))
        }
        _ => head.child(words),
    };
    let (digest, size_of) = match step {
        Step::Blob(place) => {
            let blob = &model.blobs()[place];
            (Some(&blob.digest), blob.size)
        }
        Step::Manifest(place) => {
            let manifest = &model.manifests()[place];
            (Some(&manifest.digest), manifest.size)
        }
        Step::Referrers(place) => (model.referrers()[place].entry.digest.as_ref(), None),
        Step::Tag | Step::ReadBack => (None, None),
    };
    let (seal, words) = says(model, step);
    el("tr")
        .child(head)
        .child(el("td").child(digest.map(digest::short)))
        .child(cell("number wide-only").child(size_of.map(size)))
        .child(el("td").child(marks::verdict(seal, &words)))
}

/// What a step is about.
pub(super) fn name(model: &Model, step: Step) -> String {
    match step {
        Step::Blob(place) => {
            let media_type = model.blobs()[place].media_type.as_ref();
            let kind = media_type.map(|kind| (kind.is_image_config(), kind.is_layer()));
            match kind {
                Some((true, _)) => "config".to_owned(),
                Some((_, true)) => "layer".to_owned(),
                _ => "blob".to_owned(),
            }
        }
        Step::Manifest(0) => "the list".to_owned(),
        Step::Manifest(place) => {
            let manifest = &model.manifests()[place];
            entry(model, manifest.digest.as_str()).unwrap_or_else(|| {
                let kind = if manifest.media_type.is_list() {
                    "nested list"
                } else {
                    "manifest"
                };
                kind.to_owned()
            })
        }
        Step::Tag => ["tag ", model.tag().tag.as_str()].concat(),
        Step::Referrers(place) => {
            let subject = &model.referrers()[place].subject;
            let of = entry(model, subject.as_str()).unwrap_or_else(|| subject.short().to_owned());
            ["fallback tag for ", &of].concat()
        }
        Step::ReadBack => "reading back".to_owned(),
    }
}

/// What the list says of an entry: its platform, or whose attestation it is. A platform of `unknown/unknown` says
/// nothing, and no more does that of an attestation.
fn entry(model: &Model, digest: &str) -> Option<String> {
    let find = |digest: &str| {
        model
            .task()
            .written
            .list
            .entries
            .iter()
            .find(|entry| entry.digest_text == digest)
    };
    let platform = |entry: &Descriptor| entry.platform.as_ref().map(Platform::to_string);
    let entry = find(digest)?;
    let Some(image) = entry.attests() else {
        return platform(entry);
    };
    let of = find(image)
        .and_then(platform)
        .map(|of| [" of ", &of].concat());
    Some(["attestation", &of.unwrap_or_default()].concat())
}

/// How it stands with a step, in a word or two.
fn says(model: &Model, step: Step) -> (Seal, String) {
    let word = |seal, word: &str| (seal, word.to_owned());
    let state = match step {
        Step::Blob(place) => return blob_says(model, &model.blobs()[place]),
        Step::Manifest(place) => &model.manifests()[place].state,
        Step::Tag => &model.tag().state,
        Step::Referrers(place) => &model.referrers()[place].state,
        Step::ReadBack => model.read_back(),
    };
    match (state, step) {
        (State::Failed(failure), _) => failed(failure),
        (State::Done, Step::ReadBack)
            if model
                .outcome()
                .is_some_and(|outcome| !outcome.verdict.is_verified()) =>
        {
            word(Seal::Bad, "something else")
        }
        (State::Done, Step::ReadBack) => word(Seal::Good, "as composed"),
        (State::Present, Step::Tag) => word(Seal::Good, "names this list already"),
        (State::Present, Step::Referrers(_)) => word(Seal::Good, "the registry keeps it"),
        (State::Present | State::NotDistributed, _) => word(Seal::Good, "there already"),
        (State::Done, _) => word(Seal::Good, "put"),
        (State::Running { .. }, _) => word(Seal::Working, "putting"),
        (State::Asked, Step::ReadBack) => word(Seal::Working, "reading"),
        (State::Asked, _) => word(Seal::Working, "asking"),
        (State::Planned, _) => word(Seal::Hollow, "put"),
        (State::Unknown, Step::ReadBack) => word(Seal::Hollow, "at the end"),
        (State::Unknown, Step::Referrers(_)) => {
            word(Seal::Hollow, "if the registry keeps no referrers")
        }
        (State::Unknown, _) => word(Seal::Hollow, "to be asked"),
    }
}

fn blob_says(model: &Model, blob: &BlobStep) -> (Seal, String) {
    let from = match &blob.from {
        Some(From::Place(place)) => [" from ", &place_name(model, place)].concat(),
        _ => String::new(),
    };
    match (&blob.state, blob.how) {
        (State::Failed(failure), _) => failed(failure),
        (State::Present, _) => (Seal::Good, "there already".to_owned()),
        (State::NotDistributed, _) => (Seal::Hollow, "not distributed".to_owned()),
        (State::Asked, _) => (Seal::Working, "asking".to_owned()),
        (State::Unknown, _) => (Seal::Hollow, "to be asked".to_owned()),
        (State::Planned, Some(How::Mount)) => (Seal::Hollow, ["mount", &from].concat()),
        (State::Planned, Some(How::Copy)) => (Seal::Hollow, ["copy", &from].concat()),
        (State::Planned, _) => (Seal::Hollow, "put".to_owned()),
        (State::Running { sent: 0 }, Some(How::Mount)) => (Seal::Working, "mounting".to_owned()),
        (State::Running { sent: 0 }, _) => (Seal::Working, "sending".to_owned()),
        (State::Running { sent }, _) => {
            let of = blob
                .size
                .map(|all| [" of ", &size(all)].concat())
                .unwrap_or_default();
            (Seal::Working, size(*sent) + &of)
        }
        (State::Done, Some(How::Mount)) => (Seal::Good, ["mounted", &from].concat()),
        (State::Done, Some(How::Copy)) => (Seal::Good, ["copied", &from].concat()),
        (State::Done, _) => (Seal::Good, "put".to_owned()),
    }
}

fn failed(failure: &Failure) -> (Seal, String) {
    match failure {
        Failure::Cancelled => (Seal::Hollow, "cancelled".to_owned()),
        _ => (Seal::Bad, "failed".to_owned()),
    }
}

/// A repository, without the registry where it is the target's.
fn place_name(model: &Model, place: &Place) -> String {
    let repository = place.repository.as_str();
    if place.host == model.task().target.host {
        return repository.to_owned();
    }
    [place.host.as_str(), "/", repository].concat()
}
