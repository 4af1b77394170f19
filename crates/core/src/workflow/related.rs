//! What is related to a manifest: everything that refers to it, in one tree.
//!
//! [`Task::of`] says around what to look, [`Model::open`] and [`Model::update`] give effects to
//! run. A manifest is found in four ways: by the referrers API, under the fallback tag, under
//! cosign's tags, and as an entry of an index that attests another. There is one node for each
//! digest, whichever ways led to it, and what it is is read from its own bytes: lists are known
//! to say too little, or something else.
//!
//! Of what is looked at, and of what is above it, every way is asked at once; of everything else
//! the API, and the fallback tag only where there is none. The others wait until the API
//! answered once, so that a registry without it is not asked for each of them. So a node costs
//! two requests at most: its manifest, and what refers to it.
//!
//! - `task` is around what to look, `message` what is asked.
//! - `node` is a manifest in the tree, `finding` what is wrong with it.
//! - `asking` asks, `answers` takes what comes; `contents` reads the documents of a manifest once it is opened.
//! - `rows` is the tree line by line.

mod answers;
mod asking;
mod contents;
mod finding;
mod message;
mod node;
mod rows;
mod task;

use std::collections::VecDeque;

use crate::digest::Digest;
use crate::limits;
use crate::registry::push::Repository;

use super::fetch::{Fetch, FetchQueue, FetchStore, Generation};

pub use contents::{Content, Listed, SignedDocument};
pub use finding::Finding;
pub use message::{Answer, Ask, Effect, Msg, TagKind, run};
pub use node::{Asked, Edge, NotKnown, Related, Told, Way};
pub use rows::Row;
pub use task::{Role, Subject, Task};

/// What is known of what is related to a manifest.
#[derive(Clone, Debug)]
pub struct Model {
    place: Repository,
    nodes: Vec<Related>,
    /// Those about which nobody asked yet, since the API has not answered once.
    held: VecDeque<usize>,
    /// Whether the API answered, whatever it said.
    is_api_known: bool,
    queue: FetchQueue<Ask>,
    contents: FetchStore<Digest, Content>,
    /// How many images of the index are left out.
    left_out: usize,
    /// How many referrers were found that are not looked at, since there are so many.
    beyond: usize,
}

impl Model {
    /// Begins to look, and gives the effects that start it.
    ///
    /// `generation` has to be higher than those of all before.
    #[must_use]
    pub fn open(task: Task, generation: Generation) -> (Self, Vec<Effect>) {
        let mut model = Self {
            place: task.place,
            nodes: Vec::new(),
            held: VecDeque::new(),
            is_api_known: false,
            queue: FetchQueue::new(generation),
            contents: FetchStore::new(),
            left_out: task.left_out,
            beyond: 0,
        };
        let mut attested = Vec::new();
        for subject in task.subjects {
            let at = model.nodes.len();
            let depth = usize::from(matches!(subject.role, Role::Entry { .. }));
            model.nodes.push(Related {
                digest: subject.digest,
                role: Some(subject.role),
                descriptor: subject.descriptor,
                under: Vec::new(),
                depth,
                manifest: None,
                asked: None,
            });
            attested.push((at, subject.attested_by));
        }
        if let (Some(first), Some(node)) = (model.nodes.first_mut(), task.looked) {
            first.manifest = Some(Fetch::Done(Box::new(node)));
        }
        for at in 0..model.nodes.len() {
            model.ask_about(at);
        }
        for (at, entries) in attested {
            for entry in entries {
                model.found(at, Way::Entry, entry);
            }
        }
        let effects = model.next();
        (model, effects)
    }

    /// Takes one message and gives the effects to run.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Answered {
                generation,
                ask,
                result,
            } => {
                if generation != self.queue.generation() {
                    return Vec::new();
                }
                self.queue.answered();
                self.take(ask, result);
            }
            Msg::Open(manifest) => self.open_documents(&manifest),
            Msg::Read { manifest, document } => self.read_document(&manifest, document),
            Msg::Retry => self.retry(),
            Msg::Cancel => {
                if self.queue.pending() == 0 && self.held.is_empty() {
                    return Vec::new();
                }
                self.cancel();
                return vec![Effect::Abort];
            }
        }
        self.next()
    }

    /// Where the manifests are.
    #[must_use]
    pub fn place(&self) -> &Repository {
        &self.place
    }

    /// The generation that answers have to carry; the next one's has to be higher.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.queue.generation()
    }

    /// How many requests are under way or waiting.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.queue.pending() + self.held.len()
    }

    /// Every manifest, those around which is looked first.
    #[must_use]
    pub fn nodes(&self) -> &[Related] {
        &self.nodes
    }

    /// The manifest of that digest.
    #[must_use]
    pub fn node(&self, digest: &Digest) -> Option<&Related> {
        self.nodes.iter().find(|node| node.digest == *digest)
    }

    /// How many referrers were found of something.
    #[must_use]
    pub fn referrers(&self) -> usize {
        self.nodes
            .iter()
            .filter(|node| !node.under.is_empty())
            .count()
    }

    /// How many images of the index are left out, since it has so many.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// How many referrers are not looked at, since there are so many.
    #[must_use]
    pub fn beyond(&self) -> usize {
        self.beyond
    }

    /// Starts what may be started.
    fn next(&mut self) -> Vec<Effect> {
        let generation = self.queue.generation();
        let mut effects = Vec::new();
        while let Some(ask) = self.queue.start(limits::REQUESTS_AT_ONCE) {
            effects.push(Effect::Ask { generation, ask });
        }
        effects
    }
}
