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

use super::fetch::{Failure, Fetch, FetchQueue, FetchStore, Generation};

pub use contents::{Content, Listed, SignedDocument};
pub use finding::Finding;
pub use message::{Answer, Ask, Effect, LongDocument, Msg, TagKind, run};
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
    /// The manifests that were opened before they came: their documents are read once they do.
    opened: Vec<Digest>,
    /// How many of the requests are for documents.
    reading: usize,
    /// What the manifest that is looked at attests, as an index says.
    attests: Option<Digest>,
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
            opened: Vec::new(),
            reading: 0,
            attests: task.attests,
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
                bytes: subject.bytes,
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

    /// How many requests are under way or waiting, documents among them.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.queue.pending() + self.held.len()
    }

    /// Whether something is still looked for; that a document is read is none of it.
    #[must_use]
    pub fn is_looking(&self) -> bool {
        self.pending() > self.reading
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

    /// What the manifest that is looked at is of: its own subject, else what the index above says
    /// that it attests.
    #[must_use]
    pub fn looked_is_of(&self) -> Option<&Digest> {
        let subject = self.nodes.first().and_then(Related::subject);
        let named = subject.and_then(|subject| subject.digest.as_ref());
        named.or(self.attests.as_ref())
    }

    /// How many manifests were found under another.
    #[must_use]
    pub fn referrers(&self) -> usize {
        self.nodes
            .iter()
            .filter(|node| !node.under.is_empty())
            .count()
    }

    /// How many of them came, or may come, and count as related to what they were found under.
    #[must_use]
    pub fn related(&self) -> usize {
        let is_here = |node: &Related| !matches!(node.manifest, Some(Fetch::Failed(_)));
        let counts = |node: &&Related| {
            is_here(node) && node.under.iter().any(|edge| self.counts(node, edge))
        };
        self.nodes.iter().filter(counts).count()
    }

    /// Whether a manifest counts as related to what it was found under.
    pub(super) fn counts(&self, node: &Related, edge: &Edge) -> bool {
        let findings = node.findings(edge, &self.nodes[edge.parent]);
        !findings.iter().any(Finding::is_bad)
    }

    /// What did not come, of questions and of manifests; not those that are listed and gone.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        let manifests = self.nodes.iter().filter_map(|node| match &node.manifest {
            Some(Fetch::Failed(failure)) => Some(failure),
            _ => None,
        });
        let manifests = manifests.filter(|failure| NotKnown::of(failure) != NotKnown::Missing);
        let asked = self.nodes.iter().filter_map(|node| node.asked.as_ref());
        asked.flat_map(Asked::failures).chain(manifests)
    }

    /// Whether everything is known that may be asked for: only then nothing is none.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let is_asked = |node: &Related| node.role.is_none() || node.asked.is_some();
        let mut asked = self.nodes.iter().filter_map(|node| node.asked.as_ref());
        !self.is_looking()
            && self.nodes.iter().all(is_asked)
            && asked.all(Asked::is_complete)
            && self.failures().next().is_none()
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
            effects.push(match ask {
                Ask::LongDocument(document) => Effect::Read {
                    generation,
                    document,
                },
                ask => Effect::Ask { generation, ask },
            });
        }
        effects
    }
}
