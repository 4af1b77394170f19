//! What becomes of the answers.

use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::limits;
use crate::manifest::Manifest;
use crate::manifest::detect::DeclaredTypes;
use crate::registry::error::RegistryError;
use crate::registry::referrers::{Referrers, ReferrersPage};
use crate::verify::DigestSource;
use crate::workflow::inspect::read_node;

use super::super::fetch::{Failure, Fetch, Received};
use super::Model;
use super::message::{Answer, Ask, TagKind};
use super::node::{Asked, Edge, Related, Told, Way};

impl Model {
    /// Takes an answer.
    pub(super) fn take(&mut self, ask: Ask, result: Result<Answer, Failure>) {
        match ask {
            Ask::Referrers { subject, page } => {
                if let Some(at) = self.place_of(&subject) {
                    self.take_list(at, page.is_none(), result);
                }
                if !self.is_api_known {
                    self.is_api_known = true;
                    self.ask_held();
                }
            }
            Ask::Tag { subject, kind, .. } => {
                if let Some(at) = self.place_of(&subject) {
                    self.take_tag(at, kind, result);
                }
            }
            Ask::Manifest { digest, .. } => {
                if let Some(at) = self.place_of(&digest) {
                    self.take_manifest(at, result);
                }
            }
            Ask::Document { digest } => {
                self.reading = self.reading.saturating_sub(1);
                self.take_document(&digest, came(result));
            }
            Ask::LongDocument(document) => {
                self.reading = self.reading.saturating_sub(1);
                self.take_long(document.digest, result);
            }
        }
    }

    pub(super) fn place_of(&self, digest: &Digest) -> Option<usize> {
        self.nodes.iter().position(|node| node.digest == *digest)
    }

    pub(super) fn asked_of(&mut self, at: usize) -> &mut Asked {
        self.nodes[at].asked.get_or_insert_default()
    }

    fn take_list(&mut self, at: usize, is_first: bool, result: Result<Answer, Failure>) {
        self.asked_of(at).is_paging = false;
        let answer = match result {
            Ok(Answer::Listed(answer)) => answer,
            Ok(Answer::Came(_) | Answer::Read(_)) => return,
            Err(failure) => {
                self.asked_of(at).api = Told::Failed(failure);
                return;
            }
        };
        let page = match answer {
            Referrers::Page(page) => page,
            Referrers::NoApi(why) if is_first => {
                self.asked_of(at).api = Told::NoApi(why);
                self.ask_fallback(at);
                return;
            }
            // The list broke off.
            Referrers::NoApi(_) => {
                self.asked_of(at).goes_on = true;
                return;
            }
        };
        let ReferrersPage {
            bytes,
            next,
            warnings,
            ..
        } = page;
        let before = match self.asked_of(at).api {
            Told::Found(before) => before,
            _ => 0,
        };
        let told = match self.take_entries(at, Way::Api, bytes) {
            Told::Found(found) => Told::Found(before + found),
            told => told,
        };
        let is_list = matches!(told, Told::Found(_));
        let is_full = self.nodes.iter().filter(|it| is_under(it, at)).count()
            >= limits::REFERRERS_OF_A_SUBJECT;
        let asked = self.asked_of(at);
        asked.api = told;
        asked.pages += 1;
        for warning in warnings {
            if !asked.warnings.contains(&warning) {
                asked.warnings.push(warning);
            }
        }
        match next {
            Ok(Some(page)) if is_list => {
                asked.goes_on = is_full || asked.pages >= limits::REFERRER_PAGES;
                if !asked.goes_on {
                    asked.is_paging = true;
                    let subject = self.nodes[at].digest.clone();
                    let page = Some(page);
                    self.queue.push(Ask::Referrers { subject, page });
                    return;
                }
            }
            Ok(_) => asked.goes_on = false,
            Err(error) => asked.link = Some(error),
        }
        if !is_list {
            self.ask_fallback(at);
        }
    }

    fn take_tag(&mut self, at: usize, kind: TagKind, result: Result<Answer, Failure>) {
        let told = match came(result) {
            Err(Failure::Registry(error)) if matches!(*error, RegistryError::NotFound(_)) => {
                Told::Found(0)
            }
            Err(failure) => Told::Failed(failure),
            Ok(received) if kind == TagKind::Fallback => {
                self.take_entries(at, Way::Tag(kind), received.bytes.to_vec())
            }
            Ok(received) => self.take_tagged(at, kind, received),
        };
        let asked = self.asked_of(at);
        match TagKind::COSIGN.iter().position(|known| *known == kind) {
            Some(place) => asked.cosign[place] = told,
            None => asked.fallback = told,
        }
    }

    /// Takes the manifest under one of cosign's tags.
    fn take_tagged(&mut self, at: usize, kind: TagKind, received: Received) -> Told {
        if self.nodes[at].digest.check(&received.bytes) == Some(true) {
            return Told::Itself;
        }
        let node = read_node(received, None, None);
        let Some(digest) = node.digest.clone().filter(|_| !node.is_other()) else {
            return Told::Unreadable;
        };
        let Some(place) = self.found_by(at, Way::Tag(kind), &digest, None) else {
            return Told::Found(1);
        };
        if self.nodes[place].node().is_none() {
            self.nodes[place].manifest = Some(Fetch::Done(Box::new(node)));
            self.read_opened(place);
        }
        self.ask_about(place);
        Told::Found(1)
    }

    /// Takes a list of referrers, and asks for each that is new.
    fn take_entries(&mut self, at: usize, way: Way, bytes: Vec<u8>) -> Told {
        if self.nodes[at].digest.check(&bytes) == Some(true) {
            return Told::Itself;
        }
        let read = Manifest::read(bytes, &DeclaredTypes::none()).ok();
        let list = read.as_ref().and_then(|(manifest, _)| manifest.list());
        let Some(list) = list else {
            return Told::Unreadable;
        };
        let mut seen: Vec<&str> = Vec::new();
        for entry in &list.entries {
            let times = seen.iter().filter(|it| **it == entry.digest_text).count();
            seen.push(&entry.digest_text);
            let under = self.found(at, way, entry.clone());
            if let Some(edge) = under.filter(|_| times > 0) {
                edge.times = times + 1;
            }
            // What is hostile lists thousands: counted, not compared.
            if seen.len() > 4 * limits::REFERRERS_OF_A_SUBJECT {
                self.asked_of(at).more += list.entries.len() - seen.len();
                break;
            }
        }
        Told::Found(list.entries.len())
    }

    /// Takes one that is listed under another, and asks for it where it is new.
    pub(super) fn found(&mut self, at: usize, way: Way, entry: Descriptor) -> Option<&mut Edge> {
        let digest = entry.digest.clone()?;
        let media_type = entry.media_type.clone();
        let place = self.found_by(at, way, &digest, Some(entry))?;
        let node = &mut self.nodes[place];
        // What it lists as its own referrer is here already.
        if node.manifest.is_none() && place != at {
            node.manifest = Some(Fetch::Pending);
            self.queue.push(Ask::Manifest { digest, media_type });
        }
        self.nodes[place]
            .under
            .iter_mut()
            .find(|edge| edge.parent == at)
    }

    /// Notes that one was found under another; `None` where there are too many.
    fn found_by(
        &mut self,
        at: usize,
        way: Way,
        digest: &Digest,
        listed: Option<Descriptor>,
    ) -> Option<usize> {
        let of_it = self.nodes.iter().filter(|it| is_under(it, at)).count();
        let in_all = self.referrers();
        let depth = self.nodes[at].depth + 1;
        let known = self.place_of(digest);
        if let Some(place) = known {
            let node = &mut self.nodes[place];
            if let Some(edge) = node.under.iter_mut().find(|edge| edge.parent == at) {
                if !edge.ways.contains(&way) {
                    edge.ways.push(way);
                }
                edge.listed = edge.listed.take().or(listed);
                return Some(place);
            }
        }
        if of_it >= limits::REFERRERS_OF_A_SUBJECT {
            self.asked_of(at).more += 1;
            return None;
        }
        if known.is_none() && in_all >= limits::REFERRERS_IN_ALL {
            self.beyond += 1;
            return None;
        }
        let place = known.unwrap_or_else(|| {
            self.nodes.push(Related {
                digest: digest.clone(),
                role: None,
                descriptor: listed.clone().unwrap_or_default(),
                bytes: None,
                under: Vec::new(),
                depth,
                manifest: None,
                asked: None,
            });
            self.nodes.len() - 1
        });
        self.nodes[place].under.push(Edge {
            parent: at,
            ways: vec![way],
            listed,
            times: 1,
        });
        Some(place)
    }

    fn take_manifest(&mut self, at: usize, result: Result<Answer, Failure>) {
        let edge = self.nodes[at]
            .under
            .iter()
            .find_map(|edge| edge.listed.as_ref());
        let size = edge.and_then(|listed| listed.size);
        let media_type = edge.and_then(|listed| listed.media_type.clone());
        let node = &mut self.nodes[at];
        if node.node().is_some() {
            return;
        }
        let said = (DigestSource::Parent, node.digest.to_string(), size);
        node.manifest = Some(match came(result) {
            Ok(received) => Fetch::Done(Box::new(read_node(received, Some(said), media_type))),
            Err(failure) => Fetch::Failed(failure),
        });
        self.read_opened(at);
        // Of what belongs nowhere here, nothing more is asked.
        let counts = |edge: &Edge| self.counts(&self.nodes[at], edge);
        if self.nodes[at].node().is_some() && self.nodes[at].under.iter().any(counts) {
            self.ask_about(at);
        }
    }

    /// Reads the documents of a manifest that came, where it was opened before.
    fn read_opened(&mut self, at: usize) {
        let digest = self.nodes[at].digest.clone();
        if self.nodes[at].node().is_some() && self.opened.contains(&digest) {
            self.opened.retain(|opened| *opened != digest);
            self.open_documents(&digest);
        }
    }
}

fn is_under(node: &Related, at: usize) -> bool {
    node.under.iter().any(|edge| edge.parent == at)
}

/// What came, of an answer that is no list.
fn came(result: Result<Answer, Failure>) -> Result<Received, Failure> {
    match result? {
        Answer::Came(received) => Ok(received),
        Answer::Listed(_) | Answer::Read(_) => Err(Failure::NotBundled),
    }
}
