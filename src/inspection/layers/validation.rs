//! What is known for a validation, and what is asked for it: what layers show together, of a worker, and what manifests
//! refer to, of the registry.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use waybill_blobs::finding::{self, Stream, find_in_stream};
use waybill_blobs::toc::Stated;
use waybill_core::descriptor::Descriptor;
use waybill_core::digest::Digest;
use waybill_core::workflow::fetch::Fetch;
use waybill_core::workflow::inspect::{Current, Model, Node};
use waybill_core::workflow::layers::{ImagePlan, Reading};
use waybill_core::workflow::validate::{ContentFinding, Contents, Report};
use yew::Callback;

use super::checks;
use super::effects::{Held, Layers, LayersFound, ToFetch, ToFind};
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
    /// What does it.
    finding: Held,
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
            Told::Found(all) => {
                self.under_way.clear();
                self.finding.take();
                for (manifest, found) in all.iter() {
                    // Where nothing was told, it is asked for again by the button.
                    if let Some(found) = found {
                        let LayersFound { findings, tables } = found.clone();
                        let contents = &mut self.contents;
                        contents.of_images.insert(manifest.clone(), findings);
                        contents.of_tables.insert(manifest.clone(), tables);
                    }
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
        effects.extend(self.look_together(seen));
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

    /// Has the layers of images looked at together, of each once all of them are here: one worker after the other, since
    /// a list may name thousands.
    fn look_together(&mut self, seen: &Seen<'_>) -> Option<Effect> {
        // Without layers that were read there is nothing to look at.
        let reference = seen.reference?;
        if !self.under_way.is_empty() {
            return None;
        }
        let mut images = Vec::new();
        for image in &seen.chosen {
            let manifest = image.manifest.as_ref();
            let manifest = manifest.filter(|manifest| !self.asked.contains(manifest));
            if let Some(manifest) = manifest
                && let Some(layers) = layers(seen, image)
            {
                self.asked.insert(manifest.clone());
                self.under_way.insert(manifest.clone());
                images.push((manifest.clone(), layers));
            }
        }
        (!images.is_empty()).then(|| {
            Task::effect(ToFind {
                reference: reference.clone(),
                images,
                held: Rc::clone(&self.finding),
            })
        })
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

/// The layers of an image, once all of them are here.
fn layers(seen: &Seen<'_>, image: &ImagePlan) -> Option<Layers> {
    let listings = image.layers.iter().map(|layer| match layer.reading {
        Reading::Unpacked => seen.read.get(layer.digest.as_ref()?)?.listing.map(Some),
        // What is no file system has no entries.
        Reading::Hashed(_) | Reading::Left(_) => Some(None),
    });
    Some(Layers {
        listings: listings.collect::<Option<_>>()?,
        tables: tables(seen.model, image),
    })
}

/// The tables of contents of an image's layers: the places, digests and what is stated of those that announce one.
fn tables(model: &Model, image: &ImagePlan) -> Vec<(u32, Digest, Stated)> {
    if !image.layers.iter().any(|layer| layer.has_table) {
        return Vec::new();
    }
    let by_digest = Descriptor {
        digest: image.manifest.clone(),
        ..Descriptor::default()
    };
    let descriptors = match model.current() {
        Current::Image(_, image) => Some(image),
        Current::List(..) | Current::Loading | Current::Failed(_) | Current::Other(_) => {
            let node = model.child(&by_digest).and_then(Fetch::done);
            node.and_then(Node::image)
        }
    };
    let descriptors = descriptors.map(|image| &image.layers[..]);
    let layers = (0..)
        .zip(&image.layers)
        .zip(descriptors.unwrap_or_default());
    let unpacked = layers.filter(|((_, layer), _)| layer.reading == Reading::Unpacked);
    unpacked
        .filter_map(|((place, layer), descriptor)| {
            Some((place, layer.digest.clone()?, Stated::of(descriptor)?))
        })
        .collect()
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
