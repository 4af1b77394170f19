//! What an inspection fetches next, and what becomes of an answer.
//!
//! What a place needs depends on what is here, so after each answer the model is looked at
//! again (`want_more`). It asks for a content once: the slot of it, pending or failed, keeps
//! it from being asked for again, until a retry takes failures away.

use std::rc::Rc;

use crate::descriptor::{Descriptor, EMPTY_DIGEST};
use crate::digest::Digest;
use crate::limits;
use crate::manifest::Image;
use crate::media_type::MediaType;
use crate::verify::DigestSource;

use super::node::{read_config, read_node};
use super::{ContentKey, Effect, MismatchCause, Model, Node, entry_of};
use crate::workflow::fetch::{Failure, Fetch, Received};

impl Model {
    /// Puts everything that the place needs and that was never asked for in the queue, and
    /// starts what may start.
    ///
    /// Checks of signatures that became due go first; they are no requests and have no limit.
    /// Of the queue as many start as make `REQUESTS_AT_ONCE` under way.
    pub(super) fn next_fetches(&mut self) -> Vec<Effect> {
        // Embedded data arrives at once and may need more, so this goes on until nothing is new.
        while self.want_more() {}
        let checks = self
            .to_check
            .drain(..)
            .map(|(key, signed)| Effect::CheckSignatures { key, signed });
        let mut effects: Vec<Effect> = checks.collect();
        let generation = self.queue.generation();
        let unread = self.to_read.drain(..);
        effects.extend(unread.map(|(key, arrival)| Effect::LoadSchema1 {
            generation,
            key,
            arrival,
        }));
        effects.extend(self.explain_mismatches());
        while let Some((key, media_type)) = self.queue.start(limits::REQUESTS_AT_ONCE) {
            effects.push(Effect::Fetch {
                generation: self.queue.generation(),
                key,
                media_type,
            });
        }
        effects
    }

    /// Asks, once for each, why contents at the place are not those that were named: of a list
    /// of a thousand wrong entries only that of the one that is looked at.
    fn explain_mismatches(&mut self) -> Vec<Effect> {
        let new = |key: &ContentKey| self.causes.iter().all(|(known, _)| known != key);
        let wrong = self.mismatches().into_iter().filter(|it| new(&it.key));
        let effects: Vec<Effect> = wrong
            .map(|wrong| Effect::Explain {
                key: wrong.key,
                bytes: Rc::clone(wrong.bytes),
                expected: Some(wrong.expected),
            })
            .collect();
        for effect in &effects {
            if let Effect::Explain { key, .. } = effect {
                self.causes.push((key.clone(), MismatchCause::Sought));
            }
        }
        effects
    }

    /// Asks for what is missing; true when something came without a request, and so may need
    /// more in turn.
    ///
    /// The last manifest of the chain decides:
    ///
    /// - Before the root is here, only the root is asked for.
    /// - Where the path goes on, its next manifest is; a digest that the list does not name
    ///   fails with `NotListed` and without a request.
    /// - At a list, its children are, but for those held back, and the configs of those
    ///   children that are here and are images; the configs of attestations are not.
    /// - At an image, its config is, also where it is an artifact's.
    fn want_more(&mut self) -> bool {
        if self.root.is_none() {
            self.root = Some(Fetch::Pending);
            self.queue.push((ContentKey::Root, None));
            return false;
        }
        let mut manifests: Vec<Descriptor> = Vec::new();
        let mut configs: Vec<Descriptor> = Vec::new();
        let mut unlisted = None;
        let chain = self.chain();
        let Some((node, _)) = chain.last() else {
            return false;
        };
        if let Some(digest) = self.path.get(chain.len() - 1) {
            match node.list().and_then(|list| entry_of(list, digest)) {
                Some(entry) => manifests.push(entry.clone()),
                None => unlisted = Some(digest.clone()),
            }
        } else if let Some(list) = node.list() {
            let shown = list.entries.len() - self.held_back(list);
            for entry in &list.entries[..shown] {
                let Some(child) = self.child(entry) else {
                    manifests.push(entry.clone());
                    continue;
                };
                let image = child.done().and_then(Node::image);
                if entry.attests().is_none() {
                    let is_new = |image: &&Image| self.config(image).is_none();
                    let config = image.filter(is_new).and_then(|image| image.config.clone());
                    configs.extend(config.filter(is_image_config));
                }
            }
        } else if let Some(image) = node.image() {
            configs.extend(image.config.clone());
        }
        if let Some(digest) = unlisted.filter(|digest| self.children.get(digest).is_none()) {
            self.children
                .set(digest.clone(), Fetch::Failed(Failure::NotListed(digest)));
        }
        self.want_all(&manifests, &configs)
    }

    /// Asks for each of these unless it was asked for; true when one came without a request.
    pub(super) fn want_all(&mut self, manifests: &[Descriptor], configs: &[Descriptor]) -> bool {
        let mut came = false;
        for entry in manifests {
            came |= self.want(entry, ContentKey::Child);
        }
        for config in configs {
            came |= self.want(config, ContentKey::Config);
        }
        came
    }

    /// Asks for one content unless it was asked for; true when it came without a request.
    ///
    /// A descriptor without a valid digest is passed over. The empty content `{}` is known by
    /// its digest, and what the descriptor embeds is here too, where it has the digest. What
    /// is larger than 4 MiB by its descriptor is not asked for, and fails with `TooLarge`.
    fn want(&mut self, descriptor: &Descriptor, key: fn(Digest) -> ContentKey) -> bool {
        let Some(digest) = descriptor.digest.clone() else {
            return false;
        };
        let key = key(digest.clone());
        let known = match &key {
            ContentKey::Config(_) => self.configs.get(&digest).is_some(),
            ContentKey::Root | ContentKey::Child(_) => self.children.get(&digest).is_some(),
        };
        if known {
            return false;
        }
        let embedded = if digest.as_str() == EMPTY_DIGEST {
            Some(&b"{}"[..])
        } else {
            descriptor.embedded()
        };
        if let Some(data) = embedded {
            self.store(key, Ok(Received::local(data.into())));
            return true;
        }
        if let Some(size) = descriptor
            .size
            .filter(|size| *size > limits::MANIFEST_BYTES as u64)
        {
            self.store(key, Err(Failure::TooLarge { size }));
            return false;
        }
        match &key {
            ContentKey::Config(_) => self.configs.set(digest, Fetch::Pending),
            ContentKey::Root | ContentKey::Child(_) => self.children.set(digest, Fetch::Pending),
        }
        self.queue.push((key, descriptor.media_type.clone()));
        false
    }

    /// Reads an answer, compares it with what was said of it, and keeps it in place of what
    /// was there.
    ///
    /// - The root is compared with the digest that the person asked for, where they did.
    /// - A child is compared with its digest and with the size of the first entry of that
    ///   digest in any list that is here.
    /// - A config is compared with its digest and with the size that an image states for it.
    ///
    /// Manifests are also compared with what the registry's header says. A signed one is put
    /// down for the check of its signatures.
    pub(super) fn store(&mut self, key: ContentKey, result: Result<Received, Failure>) {
        match &key {
            ContentKey::Root => {
                let said = self
                    .subject
                    .asked()
                    .map(|digest| (DigestSource::Asked, digest.to_string(), None));
                let slot = Fetch::from_result(result, |arrival| read_node(arrival, said, None));
                self.root = Some(self.unless_unread(&key, slot));
            }
            ContentKey::Child(digest) => {
                let entry = self.find_entry(digest).cloned().unwrap_or_default();
                let said = Some((DigestSource::Parent, digest.to_string(), entry.size));
                let slot = Fetch::from_result(result, |arrival| {
                    read_node(arrival, said, entry.media_type)
                });
                let slot = self.unless_unread(&key, slot);
                self.children.set(digest.clone(), slot);
            }
            ContentKey::Config(digest) => {
                let size = self.find_config_size(digest);
                let slot = Fetch::from_result(result, |arrival| read_config(arrival, digest, size));
                self.configs.set(digest.clone(), slot);
            }
        }
        if let Some(signed) = self.node_mut(&key).and_then(|node| node.signed().cloned()) {
            self.to_check.push((key, signed));
        }
    }

    /// The slot as it is, or still pending where what reads schema 1 is not here: then the answer
    /// waits for that.
    fn unless_unread(&mut self, key: &ContentKey, slot: Fetch<Node>) -> Fetch<Node> {
        match slot {
            Fetch::Done(node) if node.is_unread() => {
                self.to_read.push((key.clone(), node.arrival));
                Fetch::Pending
            }
            slot => slot,
        }
    }

    /// The manifest of that key, to be changed; `None` for a config, and where it is not here.
    pub(super) fn node_mut(&mut self, key: &ContentKey) -> Option<&mut Node> {
        let slot = match key {
            ContentKey::Root => self.root.as_mut(),
            ContentKey::Child(digest) => self.children.get_mut(digest),
            ContentKey::Config(_) => None,
        };
        match slot? {
            Fetch::Done(node) => Some(node),
            _ => None,
        }
    }

    /// The manifests that are here, the root first, then children in the order of asking.
    fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.root
            .as_ref()
            .and_then(Fetch::done)
            .into_iter()
            .chain(self.children.done())
    }

    /// The first entry of that digest in any list that is here.
    fn find_entry(&self, digest: &Digest) -> Option<&Descriptor> {
        self.nodes()
            .filter_map(Node::list)
            .find_map(|list| entry_of(list, digest))
    }

    /// The size that an image states for the config of that digest; `None` where no image that
    /// is here states one.
    fn find_config_size(&self, digest: &Digest) -> Option<u64> {
        let configs = self
            .nodes()
            .filter_map(Node::image)
            .filter_map(|image| image.config.as_ref());
        configs
            .filter(|config| config.digest.as_ref() == Some(digest))
            .find_map(|config| config.size)
    }
}

/// Whether a descriptor says that it is the config of an image.
fn is_image_config(config: &Descriptor) -> bool {
    config
        .media_type
        .as_ref()
        .is_some_and(MediaType::is_image_config)
}
