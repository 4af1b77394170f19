//! What is asked about a manifest, again where it did not come, and no more once that is stopped.

use crate::digest::{Algorithm, Digest};
use crate::limits;
use crate::reference::Tag;
use crate::workflow::push::fallback_tag;

use super::super::fetch::{Failure, Fetch};
use super::Model;
use super::message::{Ask, TagKind};
use super::node::{Asked, Told};
use super::task::Role;

/// The tag of a digest that cosign makes: none for a digest that is too long for one.
fn cosign_tag(digest: &Digest, kind: TagKind) -> Option<Tag> {
    if digest.algorithm() != Some(Algorithm::Sha256) {
        return None;
    }
    ["sha256-", digest.encoded(), kind.ending()]
        .concat()
        .parse()
        .ok()
}

impl Model {
    /// Asks which manifests refer to one, or holds that back until the API answered once.
    pub(super) fn ask_about(&mut self, at: usize) {
        let node = &mut self.nodes[at];
        if node.asked.is_some() || node.depth >= limits::REFERRERS_DEEP {
            return;
        }
        let is_first = node.role == Some(Role::Looked);
        if !self.is_api_known && !is_first {
            if !self.held.contains(&at) {
                self.held.push_back(at);
            }
            return;
        }
        let is_wide = matches!(node.role, Some(Role::Looked | Role::Above { .. }));
        let subject = node.digest.clone();
        let mut asked = Asked {
            api: Told::Waiting,
            ..Asked::default()
        };
        self.queue.push(Ask::Referrers {
            subject: subject.clone(),
            page: None,
        });
        if is_wide {
            if let Some(tag) = fallback_tag(&subject) {
                asked.fallback = Told::Waiting;
                self.queue.push(Ask::Tag {
                    subject: subject.clone(),
                    kind: TagKind::Fallback,
                    tag,
                });
            }
            for (told, kind) in asked.cosign.iter_mut().zip(TagKind::COSIGN) {
                if let Some(tag) = cosign_tag(&subject, kind) {
                    *told = Told::Waiting;
                    self.queue.push(Ask::Tag {
                        subject: subject.clone(),
                        kind,
                        tag,
                    });
                }
            }
        }
        self.nodes[at].asked = Some(asked);
    }

    /// Asks what was held back, now that the API answered once. Who was refused, or got no answer,
    /// does not ask another hundred times.
    pub(super) fn ask_held(&mut self) {
        let first = self.nodes.first().and_then(|first| first.asked.as_ref());
        let failed = first.map(|asked| &asked.api).cloned();
        let failed = failed.filter(|told| matches!(told, Told::Failed(_)));
        for at in std::mem::take(&mut self.held) {
            match &failed {
                Some(failed) => self.asked_of(at).api = failed.clone(),
                None => self.ask_about(at),
            }
        }
    }

    /// Asks for the fallback tag, unless that was done.
    pub(super) fn ask_fallback(&mut self, at: usize) {
        let subject = self.nodes[at].digest.clone();
        if self.asked_of(at).fallback != Told::NotAsked {
            return;
        }
        if let Some(tag) = fallback_tag(&subject) {
            self.asked_of(at).fallback = Told::Waiting;
            let kind = TagKind::Fallback;
            self.queue.push(Ask::Tag { subject, kind, tag });
        }
    }

    /// Asks again for everything that did not come.
    pub(super) fn retry(&mut self) {
        self.contents.forget_failed();
        let first = self.nodes.first().and_then(|first| first.asked.as_ref());
        let is_refused = first.is_some_and(|asked| matches!(asked.api, Told::Failed(_)));
        self.is_api_known &= !is_refused;
        for at in 0..self.nodes.len() {
            let node = &mut self.nodes[at];
            if matches!(node.manifest, Some(Fetch::Failed(_))) {
                node.manifest = Some(Fetch::Pending);
                let digest = node.digest.clone();
                let media_type = node.descriptor.media_type.clone();
                self.queue.push(Ask::Manifest { digest, media_type });
            }
            let is_partly = |asked: &Asked| asked.failures().next().is_some();
            if self.nodes[at].asked.as_ref().is_some_and(is_partly) {
                self.nodes[at].asked = None;
                self.ask_about(at);
            }
        }
    }

    /// Stops: what is waited for has failed, as cancelled.
    pub(super) fn cancel(&mut self) {
        self.queue.clear();
        self.queue.abandon();
        self.contents.cancel();
        self.reading = 0;
        let cancelled = || Told::Failed(Failure::Cancelled);
        for at in std::mem::take(&mut self.held) {
            self.asked_of(at).api = cancelled();
        }
        self.is_api_known = true;
        for node in &mut self.nodes {
            if let Some(manifest) = &mut node.manifest {
                manifest.cancel();
            }
            let Some(asked) = &mut node.asked else {
                continue;
            };
            let told = [&mut asked.api, &mut asked.fallback];
            for told in told.into_iter().chain(&mut asked.cosign) {
                if *told == Told::Waiting {
                    *told = cancelled();
                }
            }
            if std::mem::take(&mut asked.is_paging) {
                asked.api = cancelled();
            }
        }
    }
}
