//! An inspection: one subject, what is known of it so far, and what to fetch next.
//!
//! [`update`] takes the model and a message and gives the effects to run. Every fetch carries the generation of
//! its inspection; an answer of an old one is dropped. Children and configs are kept by digest, since equal digests
//! have equal content.

mod fetching;
mod findings;
mod located;
mod message;
mod node;

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use crate::config::ImageConfig;
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::finding::Finding;
use crate::limits;
use crate::manifest::schema1::Signed;
use crate::manifest::{Content, Image, List, Manifest};
use crate::media_type::MediaType;
use crate::reference::Reference;

use located::Located;

pub use message::{ContentKey, Effect, Msg};
pub use node::{Config, Node};
pub(super) use node::{Said, read_config, read_node};

use super::fetch::{Failure, Fetch, FetchQueue, FetchStore, Generation};

/// Where the content comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InspectTarget {
    /// A registry.
    Registry(Reference),
    /// Bytes that are already in the page: an example, a file, pasted text.
    Bundle {
        /// What to call it.
        name: String,
        /// The digest it is said to have, where somebody said one.
        expected: Option<Digest>,
    },
}

impl InspectTarget {
    /// What to call it in a sentence.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Registry(reference) => reference.familiar(),
            Self::Bundle { name, .. } => name.clone(),
        }
    }

    /// The digest that the person asked for.
    #[must_use]
    pub fn asked(&self) -> Option<&Digest> {
        match self {
            Self::Registry(reference) => reference.digest(),
            Self::Bundle { expected, .. } => expected.as_ref(),
        }
    }
}

/// An inspection.
#[derive(Clone, Debug)]
pub struct Model {
    /// What is inspected.
    pub subject: InspectTarget,
    /// The place that is looked at: the digests of the entries from the root down.
    pub path: Vec<Digest>,
    root: Option<Fetch<Node>>,
    children: FetchStore<Digest, Node>,
    configs: FetchStore<Digest, Config>,
    queue: FetchQueue<(ContentKey, Option<MediaType>)>,
    to_check: Vec<(ContentKey, Rc<Signed>)>,
    fetch_all: bool,
    /// The findings since the last message, once somebody has asked for them.
    gathered: OnceCell<Vec<Finding>>,
    /// Where the first of them stand.
    located: RefCell<Located>,
}

/// What stands at the place that is looked at.
#[derive(Clone, Copy, Debug)]
pub enum Current<'a> {
    /// Not here yet.
    Loading,
    /// It did not come.
    Failed(&'a Failure),
    /// A list.
    List(&'a Node, &'a List),
    /// An image or artifact.
    Image(&'a Node, &'a Image),
    /// Bytes that are no manifest that Waybill knows.
    Other(&'a Node),
}

impl Model {
    /// A new inspection, and the effects that start it.
    ///
    /// `generation` has to differ from those of all earlier inspections.
    #[must_use]
    pub fn open(
        subject: InspectTarget,
        path: Vec<Digest>,
        generation: Generation,
    ) -> (Self, Vec<Effect>) {
        let mut model = Self {
            subject,
            path,
            root: None,
            children: FetchStore::new(),
            configs: FetchStore::new(),
            queue: FetchQueue::new(generation),
            to_check: Vec::new(),
            fetch_all: false,
            gathered: OnceCell::new(),
            located: RefCell::default(),
        };
        let effects = model.next_fetches();
        (model, effects)
    }

    /// The generation that answers have to carry; the next inspection's has to be higher.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.queue.generation()
    }

    /// How many fetches are under way or waiting.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.queue.pending()
    }

    /// The manifest that the subject names.
    #[must_use]
    pub fn root(&self) -> Option<&Fetch<Node>> {
        self.root.as_ref()
    }

    /// A manifest that a list names.
    #[must_use]
    pub fn child(&self, entry: &Descriptor) -> Option<&Fetch<Node>> {
        entry
            .digest
            .as_ref()
            .and_then(|digest| self.children.get(digest))
    }

    /// The config that an image names.
    #[must_use]
    pub fn config(&self, image: &Image) -> Option<&Fetch<Config>> {
        let digest = image.config.as_ref()?.digest.as_ref()?;
        self.configs.get(digest)
    }

    /// The image config, fetched or carried inside schema 1.
    #[must_use]
    pub fn image_config<'a>(&'a self, image: &'a Image) -> Option<&'a ImageConfig> {
        let fetched = self
            .config(image)
            .and_then(Fetch::done)
            .and_then(|config| config.config.as_ref().ok());
        image.inline_config.as_ref().or(fetched)
    }

    /// The image config, unless its bytes are not those that the image names: those say nothing of the image.
    #[must_use]
    pub fn true_config<'a>(&'a self, image: &'a Image) -> Option<&'a ImageConfig> {
        let fetched = self.config(image).and_then(Fetch::done);
        let wrong = fetched.is_some_and(|config| config.comparison.verdict.is_mismatch());
        self.image_config(image).filter(|_| !wrong)
    }

    /// The manifests from the root to the place that is looked at, each with the entry that led to it.
    #[must_use]
    pub fn chain(&self) -> Vec<(&Node, Option<&Descriptor>)> {
        let mut chain = Vec::new();
        let Some(mut node) = self.root.as_ref().and_then(Fetch::done) else {
            return chain;
        };
        chain.push((node, None));
        for digest in &self.path {
            let Some(entry) = node.list().and_then(|list| entry_of(list, digest)) else {
                break;
            };
            let Some(child) = self.children.get(digest).and_then(Fetch::done) else {
                break;
            };
            chain.push((child, Some(entry)));
            node = child;
        }
        chain
    }

    /// What stands at the place that is looked at.
    #[must_use]
    pub fn current(&self) -> Current<'_> {
        let chain = self.chain();
        if let Some((node, _)) = chain.get(self.path.len()) {
            return match &node.manifest {
                Ok(Manifest {
                    content: Content::List(list),
                    ..
                }) => Current::List(node, list),
                Ok(Manifest {
                    content: Content::Image(image),
                    ..
                }) => Current::Image(node, image),
                _ => Current::Other(node),
            };
        }
        let missing = match chain.len() {
            0 => self.root.as_ref(),
            arrived => self.children.get(&self.path[arrived - 1]),
        };
        match missing {
            Some(Fetch::Failed(failure)) => Current::Failed(failure),
            _ => Current::Loading,
        }
    }

    /// The entry of the list that leads to the place that is looked at.
    #[must_use]
    pub fn entry(&self) -> Option<&Descriptor> {
        let digest = self.path.last()?;
        let chain = self.chain();
        let parent = chain.get(self.path.len() - 1)?.0;
        parent.list().and_then(|list| entry_of(list, digest))
    }

    /// How many entries of a list are not fetched unless asked for.
    #[must_use]
    pub fn held_back(&self, list: &List) -> usize {
        if self.fetch_all {
            0
        } else {
            list.entries.len().saturating_sub(limits::CHILDREN_FETCHED)
        }
    }
}

fn entry_of<'a>(list: &'a List, digest: &Digest) -> Option<&'a Descriptor> {
    list.entries
        .iter()
        .find(|entry| entry.digest.as_ref() == Some(digest))
}

/// Takes one message into the model; the answer is what to do next.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    model.gathered.take();
    match msg {
        Msg::Go(path) => {
            model.path = path;
            model.next_fetches()
        }
        Msg::Received { generation, .. } if generation != model.generation() => Vec::new(),
        Msg::Received { key, result, .. } => {
            model.queue.answered();
            model.store(key, result);
            model.next_fetches()
        }
        Msg::SignaturesChecked {
            key,
            signed,
            results,
        } => {
            if let Some(node) = model.node_mut(&key)
                && node.signed().is_some_and(|here| Rc::ptr_eq(here, &signed))
            {
                node.signatures = Some(results);
            }
            Vec::new()
        }
        Msg::Recognized(known) => {
            if let Some(node) = model.node_mut(&ContentKey::Root) {
                node.recognized = Some(known);
            }
            Vec::new()
        }
        Msg::Cancel => {
            model.queue.abandon();
            model.queue.clear();
            if let Some(root) = &mut model.root {
                root.cancel();
            }
            model.children.cancel();
            model.configs.cancel();
            vec![Effect::Abort]
        }
        Msg::Retry => {
            if matches!(model.root, Some(Fetch::Failed(_))) {
                model.root = None;
            }
            model.children.forget_failed();
            model.configs.forget_failed();
            model.next_fetches()
        }
        Msg::FetchAll => {
            model.fetch_all = true;
            model.next_fetches()
        }
    }
}

#[cfg(test)]
mod tests;
