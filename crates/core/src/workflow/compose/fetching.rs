//! What is fetched for the rows, and what becomes of it.

use std::rc::Rc;

use crate::compose::{Draft, Entry, ListKind, Tool};
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::limits;
use crate::media_type::MediaType;
use crate::reference::{Reference, Target};
use crate::verify::DigestSource;
use crate::workflow::fetch::{Failure, Fetch, Received};
use crate::workflow::inspect::{Said, read_config, read_node};

use super::composition::{Base, Composition, Row, Source};
use super::{ContentKey, ContentKind, Effect, Model, RowState, refusal_of};

impl Model {
    /// Puts everything that the rows need and that was never asked for in the queue, and starts what may start.
    pub(super) fn next_fetches(&mut self) -> Vec<Effect> {
        // What is here already may need more, so this goes on until nothing is new.
        while self.settle() | self.want_more() {}
        self.start_fetches()
    }

    /// Starts what may start.
    pub(super) fn start_fetches(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        while let Some((reference, what, media_type)) = self.queue.start(limits::REQUESTS_AT_ONCE) {
            effects.push(Effect::Fetch {
                generation: self.queue.generation(),
                reference,
                what,
                media_type,
            });
        }
        effects
    }

    /// Asks for what is missing; true when something came without a request.
    ///
    /// Of the rows that came of lists, all together, only the first `CHILDREN_FETCHED` are asked for, unless a person
    /// wants all. Configs
    /// are wanted once their manifest is here, and only for their platform.
    fn want_more(&mut self) -> bool {
        let mut manifests: Vec<(Reference, Option<Descriptor>)> = Vec::new();
        let mut configs: Vec<(Reference, Descriptor)> = Vec::new();
        let mut listed = 0;
        for row in self
            .composition
            .rows
            .iter()
            .map(Rc::as_ref)
            .chain(&self.composition.subject)
        {
            let Source::Registry(reference) = &row.source else {
                continue;
            };
            if row.from.is_some() {
                listed += 1;
                if listed > limits::CHILDREN_FETCHED && !self.fetch_all {
                    continue;
                }
            }
            if row.refused.is_none() && self.slot(row).is_none() {
                let listed = row.entry.as_ref().filter(|_| row.from.is_some());
                manifests.push((
                    reference.clone(),
                    listed.map(|entry| entry.descriptor.clone()),
                ));
            }
            if row.entry.is_none() {
                configs.extend(
                    self.config_of(row)
                        .map(|config| (reference.clone(), config.clone())),
                );
            }
        }
        let mut came = false;
        for (reference, descriptor) in manifests {
            let descriptor = descriptor.unwrap_or_default();
            came |= self.want(reference, ContentKind::Manifest, &descriptor);
        }
        for (reference, config) in configs {
            let Some(digest) = config.digest.clone() else {
                continue;
            };
            came |= self.want(
                reference.at(Target::Digest(digest)),
                ContentKind::Config,
                &config,
            );
        }
        came
    }

    /// Asks for one content unless it was asked for; true when it came without a request.
    ///
    /// Bytes that a person gave, or that the descriptor holds, come before a request; what is larger than 4 MiB by
    /// its descriptor is not asked for.
    fn want(&mut self, reference: Reference, what: ContentKind, descriptor: &Descriptor) -> bool {
        let key = ContentKey::Registry(reference.clone());
        let known = match what {
            ContentKind::Manifest => self.manifests.get(&key).is_some(),
            ContentKind::Config => self.configs.get(&key).is_some(),
        };
        if known {
            return false;
        }
        let given = descriptor
            .digest
            .as_ref()
            .and_then(|digest| self.given(digest))
            .cloned();
        if let Some(bytes) = given.or_else(|| descriptor.embedded().map(Rc::from)) {
            self.store(reference, what, Ok(Received::local(bytes)));
            return true;
        }
        if let Some(size) = descriptor
            .size
            .filter(|size| *size > limits::MANIFEST_BYTES as u64)
        {
            self.store(reference, what, Err(Failure::TooLarge { size }));
            return true;
        }
        match what {
            ContentKind::Manifest => self.manifests.set(key, Fetch::Pending),
            ContentKind::Config => self.configs.set(key, Fetch::Pending),
        }
        self.queue
            .push((reference, what, descriptor.media_type.clone()));
        false
    }

    /// Takes an answer, and says whether it only told how it stands with rows that have their entries already: then
    /// nothing is to be written or wanted. Of 15,000 answers each would otherwise cost as much as the whole list.
    pub(super) fn take(
        &mut self,
        reference: &Reference,
        what: ContentKind,
        result: Result<Received, Failure>,
    ) -> bool {
        let key = ContentKey::Registry(reference.clone());
        let is_first = what == ContentKind::Manifest
            && matches!(self.manifests.get(&key), Some(Fetch::Pending));
        self.store(reference.clone(), what, result);
        let is_refused = self
            .manifests
            .get(&key)
            .and_then(Fetch::done)
            .and_then(refusal_of)
            .is_some();
        let rows = self
            .composition
            .rows
            .iter()
            .map(Rc::as_ref)
            .chain(&self.composition.subject);
        let mut rows = rows.filter(|row| row.source.is_at(reference));
        is_first && !is_refused && rows.all(|row| row.entry.is_some())
    }

    /// Keeps an answer beside the work, compared with what was said of it. Undo does not lose it.
    pub(super) fn store(
        &mut self,
        reference: Reference,
        what: ContentKind,
        result: Result<Received, Failure>,
    ) {
        match what {
            ContentKind::Manifest => {
                let (said, media_type) = self.said(&reference);
                let slot =
                    Fetch::from_result(result, |arrival| read_node(arrival, said, media_type));
                self.manifests.set(ContentKey::Registry(reference), slot);
            }
            ContentKind::Config => {
                let Some(digest) = reference.digest().cloned() else {
                    return;
                };
                let size = self.config_size(&reference);
                let slot =
                    Fetch::from_result(result, |arrival| read_config(arrival, &digest, size));
                self.configs.set(ContentKey::Registry(reference), slot);
            }
        }
    }

    /// What is said of a manifest: by the list that it was taken from, or by who asked for a digest.
    fn said(&self, reference: &Reference) -> (Option<Said>, Option<MediaType>) {
        let is_it = |row: &&Rc<Row>| row.from.is_some() && row.source.is_at(reference);
        let listed = self
            .composition
            .rows
            .iter()
            .filter(is_it)
            .find_map(|row| row.entry.as_ref());
        match listed.map(|entry| &entry.descriptor) {
            Some(Descriptor {
                digest_text,
                size,
                media_type,
                ..
            }) => (
                Some((DigestSource::Parent, digest_text.clone(), *size)),
                media_type.clone(),
            ),
            None => (
                reference
                    .digest()
                    .map(|digest| (DigestSource::Asked, digest.to_string(), None)),
                None,
            ),
        }
    }

    /// The size that an image states for that config; `None` where none of them names it.
    fn config_size(&self, reference: &Reference) -> Option<u64> {
        let configs = self
            .composition
            .rows
            .iter()
            .filter_map(|row| self.config_of(row));
        configs
            .filter(|config| config.digest.as_ref() == reference.digest())
            .find_map(|config| config.size)
    }

    /// The config of a row's image, where it is one of an image and can be composed.
    fn config_of(&self, row: &Row) -> Option<&Descriptor> {
        let node = self.node(row).filter(|node| refusal_of(node).is_none())?;
        let config = node.image()?.config.as_ref()?;
        config
            .media_type
            .as_ref()
            .is_some_and(MediaType::is_image_config)
            .then_some(config)
    }

    /// The entry for a row's manifest, which is here; `None` while its config is on the way.
    pub(super) fn entry_of(&self, row: &Row) -> Option<Entry> {
        let node = self.node(row).filter(|node| refusal_of(node).is_none())?;
        let manifest = node.manifest.as_ref().ok()?;
        let digest = self.config_of(row).and_then(|config| config.digest.clone());
        let given = digest.as_ref().and_then(|digest| self.given_config(digest));
        let fetched = match (&row.source, digest.filter(|_| given.is_none())) {
            (Source::Registry(reference), Some(digest)) => {
                let slot = self
                    .configs
                    .get(&ContentKey::Registry(reference.at(Target::Digest(digest))));
                if matches!(slot, None | Some(Fetch::Pending)) {
                    return None;
                }
                slot.and_then(Fetch::done)
            }
            _ => None,
        };
        // Bytes that are not those of the config say nothing of the image.
        let fetched = fetched.filter(|config| config.comparison.verdict.is_verified());
        let config = given
            .as_ref()
            .or_else(|| fetched.and_then(|config| config.config.as_ref().ok()));
        let mut entry = Entry::from_manifest(manifest, config);
        if manifest.image().is_some() {
            entry.descriptor.platform = row.platform_of(entry.descriptor.platform.as_ref());
        }
        Some(Entry {
            reference: row.source.reference().cloned(),
            ..entry
        })
    }

    /// Every content that is here, sorted by digest: by that of its source and by its own.
    pub(super) fn known(&self) -> Vec<(&Digest, &Rc<[u8]>)> {
        let manifests = self
            .manifests
            .ready_by_name()
            .map(|(key, node)| ([key.digest(), node.digest.as_ref()], &node.arrival.bytes));
        let configs = self
            .configs
            .ready_by_name()
            .map(|(key, config)| ([key.digest(), None], &config.arrival.bytes));
        let given = self
            .given
            .iter()
            .map(|(digest, bytes)| ([Some(digest), None], bytes));
        let mut known: Vec<(&Digest, &Rc<[u8]>)> = Vec::new();
        for (names, bytes) in given.chain(manifests).chain(configs) {
            for digest in names.into_iter().flatten() {
                if let Err(gap) = known.binary_search_by(|(other, _)| (*other).cmp(digest)) {
                    known.insert(gap, (digest, bytes));
                }
            }
        }
        known
    }

    /// Takes over what the list says of itself, and the form that it is written in.
    pub(super) fn begin_with(&mut self, row: &Row) {
        self.composition.opening = None;
        let Some(node) = self.node(row) else { return };
        let (Ok(manifest), Some(list)) = (&node.manifest, node.list()) else {
            return;
        };
        let kind = ListKind::from_format(manifest.format).unwrap_or(ListKind::OciIndex);
        let draft = Draft::from_list(list, kind);
        let writes_it = |tool: &Tool| {
            Draft {
                tool: *tool,
                ..draft.clone()
            }
            .gives(&manifest.bytes)
        };
        let tool = Tool::ALL
            .into_iter()
            .find(writes_it)
            .unwrap_or(Tool::Waybill);
        let original = Base {
            source: row.source.clone(),
            bytes: Rc::clone(&manifest.bytes),
            kind,
            list: Rc::new(list.clone()),
        };
        let subject = list.subject.clone();
        let composition = Composition {
            kind,
            tool,
            artifact_type: list.artifact_type.clone(),
            annotations: list.annotations.clone(),
            unknown: list.unknown.clone(),
            original: Some(original),
            ..self.composition.clone()
        };
        self.composition = composition;
        // A subject need not be in any registry, so that the list's word on it is kept.
        self.composition.subject = subject.and_then(|subject| {
            let entry = Entry::from_listed(&subject).ok()?;
            let digest = subject.digest.clone()?;
            let source = match row.source.reference() {
                Some(reference) => Source::Registry(reference.at(Target::Digest(digest))),
                None => Source::Given {
                    name: "the subject".to_owned(),
                    digest,
                },
            };
            Some(Row {
                entry: Some(entry),
                nested: true,
                from: Some(row.source.clone()),
                ..self.new_row(source)
            })
        });
    }

    /// Writes the draft again.
    pub(super) fn refresh(&mut self) {
        let is_good =
            |row: &Row| row.entry.is_some() && !matches!(self.state(row), RowState::Refused(_));
        let rows = self
            .composition
            .rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.kept && is_good(row));
        let places = rows.map(|(place, _)| place).collect::<Vec<_>>();
        let subject = self.composition.subject.as_ref().filter(|row| is_good(row));
        let draft = self.composition.draft_of(&places, subject);
        self.written_places = places;
        // Most answers change nothing of what is written.
        if draft != self.draft {
            self.written = Rc::new(draft.write());
            self.draft = draft;
        }
    }
}
