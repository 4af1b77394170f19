//! Validating what is looked at: what is kept for it, what the workers find of the layers together, and the list of
//! all checks.

use std::collections::BTreeSet;
use std::rc::Rc;

use waybill_blobs::finding::{self, Stream, Told, find_in_stream};
use waybill_blobs::layer::Found;
use waybill_core::digest::Digest;
use waybill_core::humanize::{count, sentence};
use waybill_core::view::Status;
use waybill_core::workflow::inspect::Model;
use waybill_core::workflow::layers::{ImagePlan, Plan, Reading};
use waybill_core::workflow::validate::{
    ContentFinding, Contents, Outcome, Report, Row, Subject, Verdict,
};
use web_sys::Blob;
use yew::Callback;

use super::Opaque;
use super::state::{Change, State};
use crate::components::element::{Element, button, el};
use crate::components::listener::send;
use crate::components::status::{self, status};
use crate::components::text::{quiet, text};
use crate::inspection::read_layers::ReadLayers;
use crate::inspection::{Effect, Msg as InspectionMsg};
use crate::limits::ITEMS_DRAWN;
use crate::shell::Request;

/// The id of the list of checks, which has the focus once somebody asked for it.
pub(super) const VALIDATION: &str = "validation";

/// What is known of the contents of layers, and whether somebody asked for the list of checks.
#[derive(Debug, Default)]
pub(super) struct Validation {
    is_wanted: bool,
    contents: Contents,
    /// The manifests whose layers are looked at together, or were.
    asked: BTreeSet<Digest>,
    /// Those among them that are looked at by now.
    under_way: BTreeSet<Digest>,
}

/// What a worker has to look at: the layers of one image, by their listings, base first.
#[derive(Debug)]
pub(super) struct ToFind {
    /// The digest of the manifest.
    pub manifest: Digest,
    /// The number of its layers.
    pub layers: usize,
    /// Their listings; `None` where a layer is no file system.
    pub listings: Vec<Option<Blob>>,
}

/// What is taken away of the list of checks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Take {
    /// The text, to the clipboard.
    Copy,
    /// The text, as a file.
    Text,
    /// The JSON, as a file.
    Json,
}

/// A finding as the validation takes it.
fn plain(told: Told) -> ContentFinding {
    ContentFinding {
        severity: told.severity(),
        code: told.code,
        path: told.path,
        message: told.message,
    }
}

/// Sorts what was found of an image's layers by them.
pub(super) fn by_layer(layers: usize, told: Vec<finding::Told>) -> Vec<Vec<ContentFinding>> {
    let mut all = vec![Vec::new(); layers];
    for one in told {
        if let Some(findings) = all.get_mut(one.layer) {
            findings.push(plain(one));
        }
    }
    all
}

impl Validation {
    /// Somebody asked for the list.
    pub(super) fn want(&mut self) {
        self.is_wanted = true;
        let of_images = &self.contents.of_images;
        let under_way = &self.under_way;
        self.asked
            .retain(|it| of_images.contains_key(it) || under_way.contains(it));
    }

    /// Takes what came of a layer: what its stream shows.
    pub(super) fn read(&mut self, digest: &Digest, found: &Found) {
        let stream = Stream {
            found: Some(found),
            media_type: None,
        };
        // Whether a table of contents is announced is for the validation to say.
        let findings = find_in_stream(stream, false);
        let findings = findings.iter().map(|it| plain(Told::of(it))).collect();
        self.contents.of_layers.insert(digest.clone(), findings);
    }

    /// Takes what was found of the layers of an image. Where nothing was told, it is asked for again by the button.
    pub(super) fn found(&mut self, manifest: Digest, findings: Option<&Vec<Vec<ContentFinding>>>) {
        self.under_way.remove(&manifest);
        if let Some(findings) = findings {
            self.contents.of_images.insert(manifest, findings.clone());
        }
    }

    /// The images of which all layers are here and nobody has looked at them together.
    pub(super) fn look_together(
        &mut self,
        images: &[&ImagePlan],
        read: &ReadLayers,
    ) -> Vec<Effect> {
        if !self.is_wanted {
            return Vec::new();
        }
        let mut effects = Vec::new();
        for image in images {
            let Some(manifest) = &image.manifest else {
                continue;
            };
            if self.asked.contains(manifest) {
                continue;
            }
            let listings = image.layers.iter().map(|layer| match layer.reading {
                Reading::Unpacked => {
                    let layer = read.get(layer.digest.as_ref()?)?;
                    layer.listing.map(Some)
                }
                // What is no file system has no entries.
                Reading::Hashed(_) | Reading::Left(_) => Some(None),
            });
            if let Some(listings) = listings.collect::<Option<Vec<_>>>() {
                self.asked.insert(manifest.clone());
                self.under_way.insert(manifest.clone());
                let to_find = ToFind {
                    manifest: manifest.clone(),
                    layers: image.layers.len(),
                    listings,
                };
                effects.push(Effect::InLayers(Opaque::new(to_find)));
            }
        }
        effects
    }

    /// Whether somebody waits for what the layers show together.
    fn is_under_way(&self) -> bool {
        !self.under_way.is_empty()
    }
}

impl State {
    fn report(&self, model: &Model) -> Report {
        let is_chosen = |manifest: &Digest| !self.is_left_out(manifest);
        Report::of(model, &self.model, &self.validation.contents, &is_chosen)
    }

    /// Takes the list of checks away.
    pub(super) fn take(&self, model: &Model, take: Take) -> Effect {
        let report = self.report(model);
        let bytes = |text: String| Rc::from(text.into_bytes());
        Effect::Request(match take {
            Take::Copy => Request::Copy(report.to_text()),
            Take::Text => Request::Save("validation.txt".into(), bytes(report.to_text())),
            Take::Json => Request::Save("validation.json".into(), bytes(report.to_json())),
        })
    }
}

/// Draws the button that validates; `costs` says what has to be read for it, where anything has.
pub(super) fn offer(costs: Option<&str>, link: &Callback<InspectionMsg>) -> Element {
    let words = match costs {
        Some(costs) => costs.replacen("Check", "Validate:", 1),
        None => "Validate".to_owned(),
    };
    button(&words, send(link, Change::Validate.msg()))
}

/// Draws the list of all checks by what they are about, once somebody asked for it; before that nothing.
pub(super) fn list(
    state: &State,
    model: &Model,
    plan: &Plan,
    link: &Callback<InspectionMsg>,
) -> Option<Element> {
    if !state.validation.is_wanted {
        return None;
    }
    let section = el("section")
        .attr("id", VALIDATION)
        .attr("aria-label", "Validation")
        .attr("tabindex", "-1")
        .class("validation")
        .child(el("h2").child("Validation"));
    if state.model.is_running() || plan.grows || state.validation.is_under_way() {
        let words = quiet("The verdict comes when all that is chosen was read.");
        return Some(section.child(el("p").child(words)));
    }
    let report = state.report(model);
    let class = match report.verdict() {
        Verdict::Valid => "conclusion good",
        Verdict::Invalid => "conclusion bad",
        Verdict::Incomplete => "conclusion warn",
    };
    let take = |words: &str, take| button(words, send(link, Change::Take(take).msg()));
    let section = section
        .child(
            el("p")
                .attr("role", "status")
                .attr("class", class)
                .child(report.sentence()),
        )
        .child(
            el("p")
                .class("row")
                .child(take("Download as text", Take::Text))
                .child(take("Download as JSON", Take::Json))
                .child(take("Copy", Take::Copy)),
        );
    Some(section.children(report.subjects.iter().map(subject)))
}

/// Draws the checks of one manifest, the worst first; those that passed are folded away.
fn subject(subject: &Subject) -> Element {
    let of = |outcome| {
        subject
            .rows
            .iter()
            .filter(move |row| row.outcome == outcome)
    };
    let passed = of(Outcome::Passed).count();
    let against = subject
        .rows
        .iter()
        .filter(|row| row.outcome != Outcome::Passed);
    let digest = subject.digest.as_ref();
    el("section")
        .class("validated")
        .child(
            el("h3")
                .child(text(&subject.title))
                .child(digest.map(crate::components::digest::short)),
        )
        .child(rows(against))
        .child((passed > 0).then(|| {
            el("details")
                .child(el("summary").child([&count(passed, "check"), " passed"].concat()))
                .child(rows(of(Outcome::Passed)))
        }))
}

fn rows<'a>(all: impl Iterator<Item = &'a Row>) -> Option<Element> {
    let mut all = all.peekable();
    all.peek()?;
    let mut list = el("ul").class("checks");
    let mut left_out = 0;
    for (index, one) in all.enumerate() {
        if index < ITEMS_DRAWN {
            list = list.child(row(one));
        } else {
            left_out += 1;
        }
    }
    let more = format!("{} more are in the downloads.", count(left_out, "check"));
    Some(list.child((left_out > 0).then(|| el("li").child(quiet(more)))))
}

fn row(row: &Row) -> Element {
    let kind = match row.outcome {
        Outcome::Failed => Status::Failed,
        Outcome::Passed => Status::Verified,
        Outcome::Warning | Outcome::NotChecked | Outcome::Note => Status::Unchecked,
    };
    let place = row.place.words();
    el("li")
        .attr("data-outcome", row.outcome.name())
        .attr("class", status::class(kind))
        .child(status(kind))
        .child(
            el("span")
                .child(el("b").child(row.check.title()))
                .child([" ", row.outcome.name()].concat()),
        )
        .child((!place.is_empty()).then(|| quiet(text(&place))))
        .child(
            el("span")
                .class("evidence")
                .child(text(&sentence(&row.evidence))),
        )
}
