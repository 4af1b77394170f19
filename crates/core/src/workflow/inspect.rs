//! An inspection: one subject, what is known of it so far, and what to fetch next.
//!
//! [`update`] takes the model and a message and gives the effects to run. Every fetch carries
//! the generation of its inspection; an answer of an old one is dropped. Children and configs
//! are kept by digest, since equal digests have equal content.
//!
//! A subject is looked at in one place at a time: the root, or what a path of digests from it
//! leads to. Only what this place needs is fetched, one step after the other: the manifests on
//! the way, then at a list its first children and their configs, at an image its config.
//! Nothing is thrown away, so going back costs no request.
//!
//! - `fetching` says what to fetch, and keeps answers.
//! - `node` reads a manifest or config that came, and compares it with what was said of it.
//! - `findings` gathers what reading found, and what only several contents together show.
//!
//! Inspect and Verify both use it; their content comes from a registry, or from bytes that are
//! in the page. Verdicts in words are made of it in `view`.
//!
//! Longer than most files: the model with all that may be asked of it; how it changes stands in
//! the files beside this one.

mod fetching;
mod findings;
mod layers;
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
use crate::recognize::recognize;
use crate::reference::Reference;
use crate::verify::{self, Comparison};

use located::Located;

pub use layers::{LayersOutcome, LayersTold};
pub use message::{ContentKey, Effect, Msg};
pub use node::{Config, Node};
pub(super) use node::{Said, read_config, read_node};

use super::fetch::{Failure, Fetch, FetchQueue, FetchStore, Generation, Received};

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
    /// What to call it in a sentence: `debian:12` for `docker.io/library/debian:12`, and
    /// `44136fa355b3 in nginx.tar` for what an opened archive holds.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Registry(reference) => match (self.archive(), reference.digest()) {
                (Some((archive, _)), Some(digest)) => [digest.short(), " in ", archive].concat(),
                _ => reference.familiar(),
            },
            Self::Bundle { name, .. } => name.clone(),
        }
    }

    /// The opened archive that it is in, and whether its manifest was made of that:
    /// [`Reference::archive`].
    #[must_use]
    pub fn archive(&self) -> Option<(&str, bool)> {
        match self {
            Self::Registry(reference) => reference.archive(),
            Self::Bundle { .. } => None,
        }
    }

    /// The digest that the person asked for; `None` where they named a tag, or expect nothing.
    /// That of a manifest that was made here promises nothing.
    #[must_use]
    pub fn asked(&self) -> Option<&Digest> {
        match self {
            Self::Registry(reference) if matches!(reference.archive(), Some((_, true))) => None,
            Self::Registry(reference) => reference.digest(),
            Self::Bundle { expected, .. } => expected.as_ref(),
        }
    }
}

/// An inspection.
///
/// A path that leads nowhere is no error here: its place did not come, see
/// [`Current::Failed`].
#[derive(Clone, Debug)]
pub struct Model {
    /// What is inspected.
    pub subject: InspectTarget,
    /// The place that is looked at: the digests of the entries from the root down.
    pub path: Vec<Digest>,
    /// What came of the subject's own manifest; `None` before it is asked for, and again when
    /// a retry forgot a failure.
    root: Option<Fetch<Node>>,
    /// What came of each manifest that a list names, whatever list: also digests of the path
    /// that no list names, as failures.
    children: FetchStore<Digest, Node>,
    /// What came of each config.
    configs: FetchStore<Digest, Config>,
    /// What is to be fetched, with the media type that its descriptor states, and how much is
    /// under way.
    queue: FetchQueue<(ContentKey, Option<MediaType>)>,
    /// Manifests of schema 1 that came before what reads it; told with the next effects.
    to_read: Vec<(ContentKey, Received)>,
    /// Signed manifests that came and whose check is to be sent with the next effects.
    to_check: Vec<(ContentKey, Rc<Signed>)>,
    /// What was found of the layers of each manifest of which somebody asked for it.
    layers: Vec<LayersTold>,
    /// Why contents that were looked at are not those that were named.
    causes: Vec<(ContentKey, MismatchCause)>,
    /// Whether all children of a list are fetched, and not only the first ones. Once set it
    /// stays.
    fetch_all: bool,
    /// How many messages came that may have changed what is here.
    revision: usize,
    /// The findings since the last message, once somebody has asked for them.
    gathered: OnceCell<Vec<Finding>>,
    /// Where the first of them stand.
    located: RefCell<Located>,
}

/// Bytes that are not those that were named.
#[derive(Clone, Debug)]
pub struct Mismatch<'a> {
    /// Which content.
    pub key: ContentKey,
    /// Its bytes.
    pub bytes: &'a Rc<[u8]>,
    /// The digest that was named.
    pub expected: Digest,
    /// Why.
    pub cause: MismatchCause,
}

/// Why bytes are not those that were named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MismatchCause {
    /// That is looked for.
    Sought,
    /// No usual cause explains it.
    NotFound,
    /// The cause, a sentence without its full stop.
    Found(String),
}

/// What stands at the place that is looked at.
///
/// Whether it is what was asked for is another matter: a list or image may be here with bytes
/// that are not those that were named. Its [`Node::comparisons`] say so.
#[derive(Clone, Copy, Debug)]
pub enum Current<'a> {
    /// It, or a manifest on the way to it, is not here yet.
    Loading,
    /// It, or a manifest on the way to it, did not come.
    Failed(&'a Failure),
    /// A list.
    List(&'a Node, &'a List),
    /// An image or artifact.
    Image(&'a Node, &'a Image),
    /// Bytes that are no manifest that Waybill knows, or no JSON object.
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
            to_read: Vec::new(),
            to_check: Vec::new(),
            layers: Vec::new(),
            causes: Vec::new(),
            fetch_all: false,
            revision: 0,
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

    /// Another number whenever something may have come, or another place is looked at: what is
    /// computed of the model holds as long as it is the same.
    #[must_use]
    pub fn revision(&self) -> usize {
        self.revision
    }

    /// The manifest that the subject names.
    #[must_use]
    pub fn root(&self) -> Option<&Fetch<Node>> {
        self.root.as_ref()
    }

    /// What came of a manifest that a list names; `None` where it was not asked for, or the
    /// entry has no valid digest.
    #[must_use]
    pub fn child(&self, entry: &Descriptor) -> Option<&Fetch<Node>> {
        entry
            .digest
            .as_ref()
            .and_then(|digest| self.children.get(digest))
    }

    /// What came of the config that an image names; `None` where it was not asked for, or the
    /// image names none.
    #[must_use]
    pub fn config(&self, image: &Image) -> Option<&Fetch<Config>> {
        let digest = image.config.as_ref()?.digest.as_ref()?;
        self.configs.get(digest)
    }

    /// The image config, fetched or carried inside schema 1.
    ///
    /// It may be another than the image names: whoever draws a conclusion from it takes
    /// [`true_config`](Self::true_config).
    #[must_use]
    pub fn image_config<'a>(&'a self, image: &'a Image) -> Option<&'a ImageConfig> {
        let fetched = self
            .config(image)
            .and_then(Fetch::done)
            .and_then(|config| config.config.as_ref().ok());
        image.inline_config.as_ref().or(fetched)
    }

    /// The image config, unless its bytes are not those that the image names: those say
    /// nothing of the image.
    ///
    /// A digest of an algorithm that is not computed here is no mismatch, so such a config
    /// counts.
    #[must_use]
    pub fn true_config<'a>(&'a self, image: &'a Image) -> Option<&'a ImageConfig> {
        let fetched = self.config(image).and_then(Fetch::done);
        let wrong = fetched.is_some_and(|config| config.is_another);
        self.image_config(image).filter(|_| !wrong)
    }

    /// The manifests from the root to the place that is looked at, each with the entry that
    /// led to it.
    ///
    /// It ends early where a manifest is not here, or its list does not name the next digest:
    /// it is one longer than the path only where the place itself is here. The root has no
    /// entry. It is empty while the root is not here.
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
    ///
    /// Where the chain ends early, what came of the first missing manifest decides between
    /// failed and loading.
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

    /// What is not what was named at the place that is looked at, with the digest that was: the
    /// manifest, then its config.
    #[must_use]
    pub fn mismatches(&self) -> Vec<Mismatch<'_>> {
        let mut found = Vec::new();
        let (node, image) = match self.current() {
            Current::List(node, _) | Current::Other(node) => (node, None),
            Current::Image(node, image) => (node, Some(image)),
            Current::Loading | Current::Failed(_) => return found,
        };
        let mut judge = |key: ContentKey, bytes, digest: Option<&Digest>, said: &Comparison| {
            if let Ok(expected) = said.expected.parse::<Digest>()
                && said.verdict.is_mismatch()
                // A wrong size alone needs no explanation.
                && digest != Some(&expected)
            {
                let known = self.causes.iter().find(|(known, _)| *known == key);
                let cause = known.map(|(_, cause)| cause.clone());
                found.push(Mismatch {
                    key,
                    bytes,
                    expected,
                    cause: cause.unwrap_or(MismatchCause::Sought),
                });
            }
        };
        let wrong = node.comparisons.iter().find(|it| it.verdict.is_mismatch());
        if let Some(wrong) = wrong {
            let key = self.path.last().cloned();
            let key = key.map_or(ContentKey::Root, ContentKey::Child);
            judge(key, &node.arrival.bytes, node.digest.as_ref(), wrong);
        }
        if let Some(digest) = image
            .and_then(|image| image.config.as_ref())
            .and_then(|it| it.digest.clone())
            && let Some(config) = self.configs.get(&digest).and_then(Fetch::done)
        {
            let key = ContentKey::Config(digest);
            judge(key, &config.arrival.bytes, None, &config.comparison);
        }
        found
    }

    /// What was found of the layers of the image or list that is looked at; `None` where no
    /// check of layers was begun.
    #[must_use]
    pub fn layers_told(&self) -> Option<&LayersTold> {
        let (Current::Image(node, _) | Current::List(node, _)) = self.current() else {
            return None;
        };
        let manifest = node.digest.as_ref()?;
        self.layers.iter().find(|told| told.manifest == *manifest)
    }

    /// The entry of the list that leads to the place that is looked at; `None` at the root,
    /// and where that list is not here or does not name it.
    #[must_use]
    pub fn entry(&self) -> Option<&Descriptor> {
        let digest = self.path.last()?;
        let chain = self.chain();
        let parent = chain.get(self.path.len() - 1)?.0;
        parent.list().and_then(|list| entry_of(list, digest))
    }

    /// How many entries of a list are not fetched unless asked for with [`Msg::FetchAll`]:
    /// those behind the first 64.
    #[must_use]
    pub fn held_back(&self, list: &List) -> usize {
        if self.fetch_all {
            0
        } else {
            list.entries.len().saturating_sub(limits::CHILDREN_FETCHED)
        }
    }
}

/// The first entry of that digest. Further ones with the same digest may state other things,
/// and are never followed.
fn entry_of<'a>(list: &'a List, digest: &Digest) -> Option<&'a Descriptor> {
    list.entries
        .iter()
        .find(|entry| entry.digest.as_ref() == Some(digest))
}

/// Takes one message into the model; the answer is what to do next.
///
/// Going to another place stops nothing that is under way: what comes is kept for the way
/// back. Cancelling makes failures of what is waited for, and raises the generation, so that
/// late answers are dropped. Retrying forgets failures, and asks again for what the place
/// needs.
///
/// The check of signatures has no generation. Its result counts only if the very manifest that
/// was checked is still there, which its shared pointer tells.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    model.gathered.take();
    // What is told of layers is no content of the model.
    model.revision += usize::from(!matches!(msg, Msg::LayersChecked(_)));
    match msg {
        Msg::Go(path) => {
            model.path = path;
            model.next_fetches()
        }
        Msg::Received { generation, .. } | Msg::ReadAgain { generation, .. }
            if generation != model.generation() =>
        {
            Vec::new()
        }
        Msg::ReadAgain { key, result, .. } => {
            model.store(key, result);
            model.next_fetches()
        }
        Msg::Received { key, result, .. } => {
            model.queue.answered();
            model.store(key.clone(), result);
            let mut effects = model.next_fetches();
            if let Some(node) = model.node_mut(&key).filter(|node| node.is_other()) {
                effects.push(Effect::Explain {
                    bytes: Rc::clone(&node.arrival.bytes),
                    key,
                    expected: None,
                });
            }
            effects
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
        Msg::MismatchExplained { key, cause } => {
            let known = model.causes.iter_mut().find(|(known, _)| *known == key);
            if let Some((_, slot)) = known {
                *slot = cause.map_or(MismatchCause::NotFound, MismatchCause::Found);
            }
            Vec::new()
        }
        Msg::LayersChecked(told) => {
            model.layers.retain(|known| known.manifest != told.manifest);
            model.layers.push(told);
            Vec::new()
        }
        Msg::Recognized { key, known } => {
            if let Some(node) = model.node_mut(&key) {
                node.recognized = Some(known);
            }
            Vec::new()
        }
        Msg::Want { manifests, configs } => {
            model.want_all(&manifests, &configs);
            model.next_fetches()
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

/// Does what [`Effect::Explain`] asks for: why bytes have not that digest
/// ([`verify::explain`]), as [`Msg::MismatchExplained`]; or, without a
/// digest, what they are that are no manifest ([`recognize`]), as [`Msg::Recognized`], where that
/// is known.
#[must_use]
pub fn explain(key: ContentKey, bytes: &[u8], expected: Option<Digest>) -> Option<Msg> {
    let Some(expected) = expected else {
        let known = Rc::new(recognize(bytes)?);
        return Some(Msg::Recognized { key, known });
    };
    let told = verify::explain(bytes, &expected.into());
    let cause = told.causes.into_iter().next().map(|cause| cause.sentence);
    Some(Msg::MismatchExplained { key, cause })
}

#[cfg(test)]
pub(in crate::workflow) mod tests;
