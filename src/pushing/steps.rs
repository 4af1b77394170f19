//! The steps of a push as a table, in the order in which they are done.

use waybill_core::descriptor::Descriptor;
use waybill_core::humanize::size;
use waybill_core::platform::Platform;
use waybill_core::reference::{ARCHIVE_HOST, COMPRESSED_LAYERS};
use waybill_core::registry::push::Repository;
use waybill_core::registry::upload::BlobSource;
use waybill_core::view::Status;
use waybill_core::workflow::push::{BlobStep, Failure, Model, Step, StepState, Transfer};

use super::Words;
use crate::components::element::{Element, el};
use crate::components::table::{PageOfRows, cell, table};
use crate::components::text::{code, words};
use crate::components::{digest, status};
use crate::limits::ROWS_DRAWN;

/// Returns how many rows there are.
#[must_use]
pub fn length(model: &Model) -> usize {
    model.blobs().len() + model.manifests().len() + 2 * model.tags().len() + model.referrers().len()
}

/// Returns how many of them are done or were there already.
#[must_use]
pub fn done(model: &Model) -> usize {
    let blobs = model.blobs().iter().map(|step| &step.state);
    let manifests = model.manifests().iter().map(|step| &step.state);
    let referrers = model.referrers().iter().map(|step| &step.state);
    let tags = model
        .tags()
        .iter()
        .flat_map(|tag| [&tag.state, &tag.read_back]);
    blobs
        .chain(manifests)
        .chain(referrers)
        .chain(tags)
        .filter(|state| state.is_there())
        .count()
}

/// Returns the page of the rows that holds row `from`, or the last one.
#[must_use]
pub fn page(model: &Model, from: usize) -> PageOfRows {
    let of = length(model);
    PageOfRows {
        from: from.min(of.saturating_sub(1)) / ROWS_DRAWN * ROWS_DRAWN,
        length: ROWS_DRAWN,
        of,
    }
}

/// Draws the rows of a page.
pub fn rows(model: &Model, page: PageOfRows, words: Words) -> Element {
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
            draw(model, step, words)
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

/// Returns the step in that row: blobs, the manifests that name them, the list, the tag, the tags of referrers,
/// reading back.
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
    let tags = model.tags().len();
    let Some(rest) = rest.checked_sub(tags) else {
        // The first of the tags is put last.
        return Some(Step::Tag(tags - 1 - rest));
    };
    match rest.checked_sub(referrers) {
        None => Some(Step::Referrers(rest)),
        Some(place) => (place < tags).then_some(Step::ReadBack(place)),
    }
}

fn draw(model: &Model, step: Step, called: Words) -> Element {
    let head = el("th").attr("scope", "row");
    let words = words(&name(model, step, called));
    let head = match step {
        // A tag of 71 characters is there for those who ask.
        Step::Referrers(place) => {
            let tag = code(model.referrers()[place].tag.as_str());
            head.child(el("details").child(el("summary").child(words)).child(tag))
        }
        Step::Blob(_) | Step::Manifest(_) | Step::Tag(_) | Step::ReadBack(_) => head.child(words),
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
        Step::Tag(_) | Step::ReadBack(_) => (None, None),
    };
    let (status, words) = says(model, step, called);
    el("tr")
        .child(head)
        .child(el("td").child(digest.map(digest::short)))
        .child(cell("number wide-only").child(size_of.map(size)))
        .child(el("td").child(status::verdict(status, &words)))
}

/// Says what a step is about.
#[must_use]
pub fn name(model: &Model, step: Step, words: Words) -> String {
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
        Step::Manifest(0) => words.root.to_owned(),
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
        Step::Tag(place) => ["tag ", model.tags()[place].tag.as_str()].concat(),
        Step::Referrers(place) => {
            let subject = &model.referrers()[place].subject;
            let of = entry(model, subject.as_str()).unwrap_or_else(|| subject.short().to_owned());
            ["fallback tag for ", &of].concat()
        }
        Step::ReadBack(0) => "reading back".to_owned(),
        Step::ReadBack(place) => ["reading back ", model.tags()[place].tag.as_str()].concat(),
    }
}

/// Says what the list tells of an entry: its platform, or whose attestation it is. A platform of `unknown/unknown` says
/// nothing, and no more does that of an attestation.
fn entry(model: &Model, digest: &str) -> Option<String> {
    let find = |digest: &str| {
        model
            .task()
            .root
            .entries()
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

/// Says how far a step is, in a word or two.
fn says(model: &Model, step: Step, called: Words) -> (Status, String) {
    let word = |status, word: &str| (status, word.to_owned());
    let state = match step {
        Step::Blob(place) => return blob_says(model, &model.blobs()[place]),
        Step::Manifest(place) => &model.manifests()[place].state,
        Step::Tag(place) => &model.tags()[place].state,
        Step::Referrers(place) => &model.referrers()[place].state,
        Step::ReadBack(place) => &model.tags()[place].read_back,
    };
    match (state, step) {
        (StepState::Failed(failure), _) => failed(failure),
        (StepState::Done, Step::ReadBack(place))
            if model.tags()[place]
                .outcome
                .as_ref()
                .is_some_and(|outcome| !outcome.verdict.is_verified()) =>
        {
            word(Status::Failed, "something else")
        }
        (StepState::Done, Step::ReadBack(_)) => word(Status::Verified, called.same),
        (StepState::Present, Step::Tag(_)) => (
            Status::Verified,
            [
                "names ",
                &called.root.replacen("the ", "this ", 1),
                " already",
            ]
            .concat(),
        ),
        (StepState::Present, Step::Referrers(_)) => word(Status::Verified, "the registry keeps it"),
        (StepState::Present | StepState::NotDistributed, _) => {
            word(Status::Verified, "there already")
        }
        (StepState::Done, _) => word(Status::Verified, "put"),
        (StepState::Running { .. }, _) => word(Status::Pending, "putting"),
        (StepState::Asked, Step::ReadBack(_)) => word(Status::Pending, "reading"),
        (StepState::Asked, _) => word(Status::Pending, "asking"),
        (StepState::Planned, _) => word(Status::Unchecked, "put"),
        (StepState::Unknown, Step::ReadBack(_)) => word(Status::Unchecked, "at the end"),
        (StepState::Unknown, Step::Referrers(_)) => {
            word(Status::Unchecked, "if the registry keeps no referrers")
        }
        (StepState::Unknown, _) => word(Status::Unchecked, "to be asked"),
    }
}

fn blob_says(model: &Model, blob: &BlobStep) -> (Status, String) {
    let from = match &blob.from {
        Some(BlobSource::Repository(place)) => [" from ", &place_name(model, place)].concat(),
        Some(BlobSource::Bytes(_)) | None => String::new(),
    };
    match (&blob.state, blob.how) {
        (StepState::Failed(failure), _) => failed(failure),
        (StepState::Present, _) => (Status::Verified, "there already".to_owned()),
        (StepState::NotDistributed, _) => (Status::Unchecked, "not distributed".to_owned()),
        (StepState::Asked, _) => (Status::Pending, "asking".to_owned()),
        (StepState::Unknown, _) => (Status::Unchecked, "to be asked".to_owned()),
        (StepState::Planned, Some(Transfer::Mount)) => {
            (Status::Unchecked, ["mount", &from].concat())
        }
        (StepState::Planned, Some(Transfer::Copy)) => (Status::Unchecked, ["copy", &from].concat()),
        (StepState::Planned, _) => (Status::Unchecked, "put".to_owned()),
        (StepState::Running { sent: 0 }, Some(Transfer::Mount)) => {
            (Status::Pending, "mounting".to_owned())
        }
        (StepState::Running { sent: 0 }, _) => (Status::Pending, "sending".to_owned()),
        (StepState::Running { sent }, _) => {
            let of = blob
                .size
                .map(|all| [" of ", &size(all)].concat())
                .unwrap_or_default();
            (Status::Pending, size(*sent) + &of)
        }
        (StepState::Done, Some(Transfer::Mount)) => (Status::Verified, ["mounted", &from].concat()),
        (StepState::Done, Some(Transfer::Copy)) => (Status::Verified, ["copied", &from].concat()),
        (StepState::Done, _) => (Status::Verified, "put".to_owned()),
    }
}

fn failed(failure: &Failure) -> (Status, String) {
    match failure {
        Failure::Cancelled => (Status::Unchecked, "cancelled".to_owned()),
        _ if failure.is_left_alone() => (Status::Unchecked, "left alone".to_owned()),
        Failure::Target(_)
        | Failure::Source(_)
        | Failure::Refused(_)
        | Failure::Upload(_)
        | Failure::NoSource
        | Failure::SubjectItself
        | Failure::NotReferrers
        | Failure::TooMany => (Status::Failed, "failed".to_owned()),
    }
}

/// Returns a repository, without the registry where it is the target's; of what is in the page, the name by which a
/// person knows it.
fn place_name(model: &Model, place: &Repository) -> String {
    let repository = place.repository.as_str();
    if place.host.as_str() == ARCHIVE_HOST {
        return match repository {
            COMPRESSED_LAYERS => "what was compressed here".to_owned(),
            name => name.strip_suffix("/made").unwrap_or(name).to_owned(),
        };
    }
    if place.host == model.task().target.host {
        return repository.to_owned();
    }
    [place.host.as_str(), "/", repository].concat()
}
