//! What is known for a validation, and what is asked for it: what layers show together, of a worker, and what manifests
//! refer to, of the registry.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use waybill_blobs::finding::{self, Stream, find_in_stream};
use waybill_core::digest::Digest;
use waybill_core::workflow::inspect::Current;
use waybill_core::workflow::layers::{ImagePlan, Reading};
use waybill_core::workflow::validate::{ContentFinding, Contents, Report};
use yew::Callback;

use super::checks;
use super::effects::{ToFetch, ToFind};
use super::validate::{Seen, Take, Task, Told, Validating};
use crate::components::element::Element;
use crate::inspection::{Effect, Msg as InspectionMsg};
use crate::shell::Request;

/// What is known of the contents of layers and of what manifests refer to, and what of the list is drawn.
#[derive(Debug, Default)]
pub(super) struct Validation {
    contents: Contents,
    /// The manifests whose layers are looked at together, or were.
    asked: BTreeSet<Digest>,
    /// Those among them that are looked at by now.
    under_way: BTreeSet<Digest>,
    /// What manifests refer to, as far as it was asked for.
    subjects: BTreeSet<Digest>,
    /// Those among it that are on their way.
    on_their_way: BTreeSet<Digest>,
    /// The manifests of the report whose checks are open although they begin closed, or the other way round.
    pub(super) folded: BTreeSet<usize>,
    /// The first manifest that is drawn.
    pub(super) from: usize,
    /// The report, until something changes.
    report: RefCell<Option<Rc<Report>>>,
}

/// Makes a validation of which nothing is known yet.
pub(super) fn begin() -> Box<dyn Validating> {
    Box::new(Validation::default())
}

impl Validating for Validation {
    fn want(&mut self) {
        let of_images = &self.contents.of_images;
        let under_way = &self.under_way;
        self.asked
            .retain(|it| of_images.contains_key(it) || under_way.contains(it));
        self.subjects = self.on_their_way.clone();
        self.from = 0;
    }

    fn update(&mut self, seen: &Seen<'_>, told: &Told) -> Vec<Effect> {
        match told {
            Told::Found(manifest, findings) => {
                self.under_way.remove(manifest);
                // Where nothing was told, it is asked for again by the button.
                if let Some(findings) = findings {
                    let of_images = &mut self.contents.of_images;
                    of_images.insert(manifest.clone(), Vec::clone(findings));
                }
                self.report.take();
            }
            Told::Subject(digest, came) => {
                self.on_their_way.remove(digest);
                self.contents.subject_came(digest.clone(), came.clone());
                self.report.take();
            }
            Told::Take(take) => return vec![self.take(seen, *take)],
            Told::Fold(index) => {
                if !self.folded.remove(index) {
                    self.folded.insert(*index);
                }
            }
            Told::ShowFrom(from) => self.from = *from,
        }
        Vec::new()
    }

    fn look(&mut self, seen: &Seen<'_>) -> Vec<Effect> {
        self.report.take();
        for (digest, found) in seen.found {
            let stream = Stream {
                found: Some(found),
                media_type: None,
            };
            // Whether a table of contents is announced is for the validation to say.
            let findings = find_in_stream(stream, false);
            let findings = findings.iter().map(|it| plain(finding::Told::of(it)));
            let of_layers = &mut self.contents.of_layers;
            of_layers.insert(digest.clone(), findings.collect());
        }
        let mut effects = Vec::new();
        let manifests = seen.chosen.iter().copied();
        effects.extend(manifests.filter_map(|image| self.look_together(seen, image)));
        effects.extend(self.ask_for_subjects(seen));
        effects
    }

    fn list(&self, seen: &Seen<'_>, link: &Callback<InspectionMsg>) -> Element {
        let is_under_way = !self.under_way.is_empty() || !self.on_their_way.is_empty();
        if seen.layers.is_running() || seen.plan.grows || is_under_way {
            return checks::waiting();
        }
        checks::list(self, &self.report(seen), link)
    }
}

impl Validation {
    /// The report, made once as long as nothing changes: of a list of thousands it is long.
    fn report(&self, seen: &Seen<'_>) -> Rc<Report> {
        let mut kept = self.report.borrow_mut();
        let report = kept.get_or_insert_with(|| {
            let chosen: BTreeSet<_> = seen.chosen.iter().map(|it| it.manifest.as_ref()).collect();
            let is_list = matches!(seen.model.current(), Current::List(..));
            let is_chosen = |manifest: &Digest| !is_list || chosen.contains(&Some(manifest));
            let report = Report::of(seen.model, seen.layers, &self.contents, &is_chosen);
            Rc::new(report)
        });
        Rc::clone(report)
    }

    fn take(&self, seen: &Seen<'_>, take: Take) -> Effect {
        let report = self.report(seen);
        let bytes = |text: String| Rc::from(text.into_bytes());
        Effect::Request(match take {
            Take::Copy => Request::Copy(report.to_text()),
            Take::Text => Request::Save("validation.txt".into(), bytes(report.to_text())),
            Take::Json => Request::Save("validation.json".into(), bytes(report.to_json())),
        })
    }

    /// Has the layers of an image looked at together, once all of them are here.
    fn look_together(&mut self, seen: &Seen<'_>, image: &ImagePlan) -> Option<Effect> {
        let manifest = image.manifest.as_ref()?;
        // Without layers that were read there is nothing to look at.
        if self.asked.contains(manifest) || seen.reference.is_none() {
            return None;
        }
        let listings = image.layers.iter().map(|layer| match layer.reading {
            Reading::Unpacked => seen.read.get(layer.digest.as_ref()?)?.listing.map(Some),
            // What is no file system has no entries.
            Reading::Hashed(_) | Reading::Left(_) => Some(None),
        });
        let listings = listings.collect::<Option<Vec<_>>>()?;
        self.asked.insert(manifest.clone());
        self.under_way.insert(manifest.clone());
        Some(Task::effect(ToFind {
            manifest: manifest.clone(),
            layers: image.layers.len(),
            listings,
        }))
    }

    /// Asks for what manifests refer to, where there is a registry to ask.
    fn ask_for_subjects(&mut self, seen: &Seen<'_>) -> Vec<Effect> {
        let Some(reference) = seen.reference else {
            return Vec::new();
        };
        let mut effects = Vec::new();
        for subject in Report::subjects_wanted(seen.model, &self.contents) {
            let Some(digest) = &subject.digest else {
                continue;
            };
            if self.subjects.insert(digest.clone()) {
                self.on_their_way.insert(digest.clone());
                effects.push(Task::effect(ToFetch {
                    reference: reference.clone(),
                    digest: digest.clone(),
                    subject,
                }));
            }
        }
        effects
    }
}

/// A finding as the validation takes it.
pub(super) fn plain(told: finding::Told) -> ContentFinding {
    ContentFinding {
        severity: told.severity(),
        code: told.code,
        path: told.path,
        message: told.message,
    }
}
