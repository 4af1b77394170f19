//! The files of an image, as an inspection has them: what lists and draws them is a part of the program, loaded when
//! somebody goes to their tab.

pub mod address;
pub mod content;
mod details;
pub(crate) mod effects;
mod extraction;
mod listeners;
pub mod message;
mod page;
pub mod part;
pub mod rows;
pub mod state;
mod tables;
pub mod view;
mod waste;

use std::fmt;
use std::rc::Rc;

use waybill_blobs::finding::{Stream, find_in_stream};
use waybill_blobs::toc::Stated;
use waybill_core::digest::Digest;
use waybill_core::finding::Severity;
use waybill_core::manifest::Image;
use waybill_core::reference::Reference;
use waybill_core::workflow::inspect::{Current, InspectTarget};
use waybill_core::workflow::layers::{Plan, Reading};
use yew::{Callback, Html};

use super::read_layers::ReadLayer;
use super::{Effect, Inspection, Msg};
use crate::components::element::Element;
use crate::components::listener::send;
use crate::route::{InspectSource, Tab, View};
use crate::shell::Shell;

/// An image, as far as its files need it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The digest of its manifest, or another text that is of it alone.
    pub key: String,
    /// What is inspected, and where in it, as the address names it.
    pub source: InspectSource,
    /// Where in it.
    pub at: View,
    /// Where its layers are.
    pub reference: Option<Reference>,
    /// Its layers, base first.
    pub layers: Vec<SubjectLayer>,
}

/// A layer of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectLayer {
    /// Its digest.
    pub digest: Option<Digest>,
    /// Its size, as it is stated.
    pub size: Option<u64>,
    /// The step of the history that made it.
    pub step: Option<String>,
    /// Why it is not read; `None` where it is.
    pub left: Option<String>,
    /// What is known of it where it was read already, for its digests or for the files of another image.
    pub read: Option<Read>,
    /// What it states of its table of contents, where it announces one.
    pub table: Option<Stated>,
}

/// What is known of a layer that was read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// What its bytes hash to.
    pub digest: Digest,
    /// Whether its entries are listed; else it is no archive.
    pub is_listed: bool,
    /// Whether the content of each file was hashed.
    pub has_contents: bool,
    /// How many bytes it unpacks to.
    pub unpacked: u64,
    /// What is wrong with its stream, so that not all of it may be listed; each without a full stop.
    pub faults: Vec<String>,
}

impl From<&ReadLayer> for Read {
    fn from(layer: &ReadLayer) -> Self {
        let stream = Stream {
            found: Some(&layer.found),
            media_type: None,
        };
        // Whether a table of contents stands behind the end matters to notes only.
        let faults = find_in_stream(stream, false).into_iter();
        let faults = faults.filter(|fault| fault.severity() > Severity::Note);
        Self {
            faults: faults.map(|fault| fault.message).collect(),
            digest: layer.found.digest.clone(),
            is_listed: layer.listing.is_some(),
            has_contents: layer.has_contents,
            unpacked: layer.found.unpacked_size,
        }
    }
}

/// A layer that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedLayer {
    /// Its digest.
    pub digest: Digest,
    /// Its size, as it is stated.
    pub size: Option<u64>,
}

impl Subject {
    /// What is known of the layer of that digest, where it was read already.
    #[must_use]
    pub fn read(&self, digest: &Digest) -> Option<&Read> {
        let is_it = |layer: &&SubjectLayer| layer.digest.as_ref() == Some(digest);
        self.layers.iter().find(is_it)?.read.as_ref()
    }

    /// What the layer of that digest states of its table of contents, where it announces one.
    #[must_use]
    pub fn table(&self, digest: &Digest) -> Option<&Stated> {
        let is_it = |layer: &&SubjectLayer| layer.digest.as_ref() == Some(digest);
        let mut layers = self.layers.iter().filter(is_it);
        layers.find_map(|layer| layer.table.as_ref())
    }

    /// Lists the layers whose files are shown: each blob once.
    #[must_use]
    pub fn wanted(&self) -> Vec<WantedLayer> {
        let mut wanted: Vec<WantedLayer> = Vec::new();
        let read = self.layers.iter().filter(|layer| layer.left.is_none());
        for (digest, size) in read.filter_map(|layer| Some((layer.digest.clone()?, layer.size))) {
            if wanted.iter().all(|known| known.digest != digest) {
                wanted.push(WantedLayer { digest, size });
            }
        }
        wanted
    }
}

/// Draws the files of the image that is looked at, and whether they are what is looked at of it.
type Draw = fn(&Rc<Shell>, &Inspection, bool) -> Html;

/// The part of the program, and the shell that it runs in.
#[derive(Clone)]
pub struct Files {
    shell: Rc<Shell>,
    draw: Draw,
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Files")
    }
}

impl Inspection {
    /// Loads the part where its tab is looked at and it is not here.
    pub(super) fn load_files(&mut self) -> Option<Effect> {
        let is_wanted = self.place.tab == Tab::Files && !matches!(self.files, Some(Ok(_)));
        is_wanted.then_some(Effect::LoadFiles)
    }
}

/// Draws the files, once their part of the program is here: it stays on the page while other tabs are looked at.
pub fn drawn(inspection: &Inspection) -> Option<Html> {
    let Some(Ok(files)) = &inspection.files else {
        return None;
    };
    let is_image = matches!(inspection.model.current(), Current::Image(..));
    let is_shown = inspection.place.tab == Tab::Files;
    is_image.then(|| (files.draw)(&files.shell, inspection, is_shown))
}

/// Draws the tab as long as its part of the program is not here.
pub fn waiting(inspection: &Inspection, link: &Callback<Msg>) -> Option<Element> {
    let fault = match &inspection.files {
        Some(Ok(_)) => return None,
        Some(Err(error)) => Some(("What lists files", *error)),
        None => None,
    };
    Some(super::view::waiting(fault, send(link, Msg::LoadFiles)))
}

/// What the files need to know of the image that is looked at.
fn subject(inspection: &Inspection) -> Subject {
    let model = &inspection.model;
    let plan = Plan::of(model).images.into_iter().next();
    let steps = |image: &Image, layer: usize| {
        let config = model.image_config(image)?;
        let step = config.history.iter().find(|step| step.layer == Some(layer));
        step.map(waybill_core::config::HistoryStep::instruction)
    };
    let (key, image) = match model.current() {
        Current::Image(node, image) => (node.digest.as_ref().map(Digest::to_string), Some(image)),
        Current::List(..) | Current::Other(_) | Current::Loading | Current::Failed(_) => {
            (None, None)
        }
    };
    let layers = plan.into_iter().flat_map(|plan| plan.layers).enumerate();
    let read = |digest: &Digest| Some(Read::from(&inspection.read_layers.get(digest)?));
    let layers = layers.map(|(index, layer)| SubjectLayer {
        read: layer.digest.as_ref().and_then(read),
        table: image
            .filter(|_| layer.reading == Reading::Unpacked)
            .and_then(|image| Stated::of(image.layers.get(index)?)),
        digest: layer.digest,
        size: layer.size,
        step: image.and_then(|image| steps(image, index)),
        left: match layer.reading {
            Reading::Unpacked => None,
            Reading::Hashed(kind) => Some(format!("no file system, but {kind}")),
            Reading::Left(why) => Some(why.words().to_owned()),
        },
    });
    Subject {
        key: key.unwrap_or_default(),
        source: inspection.source.clone(),
        at: View {
            files: None,
            ..inspection.place.clone()
        },
        reference: match &model.subject {
            InspectTarget::Registry(reference) => Some(reference.clone()),
            InspectTarget::Bundle { .. } => None,
        },
        layers: layers.collect(),
    }
}
