//! What is fetched for the rows, and what becomes of it.
//!
//! After a message `next_fetches` goes round: rows whose manifest is here are settled, and
//! what rows still lack is wanted. What is wanted is here already (a person gave it, or a
//! descriptor embeds it), or is refused for its size, or is put in the queue. Up to
//! `REQUESTS_AT_ONCE` requests of the queue are under way at a time; each leaves as an effect,
//! and its answer comes back through `take`.
//!
//! Answers are kept by reference, beside the composition, for as long as the model lives. So
//! undo, redo and a row that is removed and added again cost no request. What was asked for
//! once is not asked for again, unless it failed and a person retries.
//!
//! Two kinds of content are fetched: manifests, and the configs of images that a person added.
//! A row that came of a list needs no config, since its entry is what the list says.
//!
//! Longer than most files: what is wanted and what an answer does to the rows are two sides of
//! one rule.

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
use super::edit::named;
use super::{ContentKey, ContentKind, Effect, Model, RowState, refusal_of};

impl Model {
    /// Settles rows and asks for what they need until nothing is new, and starts what may
    /// start.
    ///
    /// Both run in each round, since each can make work for the other: a list that is opened
    /// wants its children, and a child that is embedded in the list, or was given, is here at
    /// once and can be settled.
    pub(super) fn next_fetches(&mut self) -> Vec<Effect> {
        // What is here already may need more, so this goes on until nothing is new.
        while self.settle() | self.want_more() {}
        self.start_fetches()
    }

    /// Starts what waits, as long as fewer than `REQUESTS_AT_ONCE` requests are under way, in
    /// the order of asking.
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

    /// Asks for what the rows and the subject lack; true when something was settled without a
    /// request.
    ///
    /// Of the rows that came of lists, only the first `CHILDREN_FETCHED` are asked for,
    /// counted over the whole composition and not for each list, unless a person wants all
    /// (`fetch_all`). Rows that are left out of the list count as well; rows whose bytes were
    /// given do not. Rows that a person added are always asked for.
    ///
    /// Configs are wanted once their manifest is here, and only for the platform: so not for a
    /// row whose entry has it. They are asked for behind the manifests.
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
            if row.entry.is_none() || row.lacks_config() {
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

    /// Asks for one content unless it was asked for; true when it is settled without a
    /// request, for better or worse.
    ///
    /// In this order:
    ///
    /// 1. Bytes that a person gave under the descriptor's digest are taken as the answer.
    /// 2. So are bytes that the descriptor embeds, where they have its digest.
    /// 3. What is larger than 4 MiB by its descriptor is not asked for; it fails with
    ///    `TooLarge`. This also counts as news, since a config that will not come lets the
    ///    image have its entry.
    /// 4. Anything else is marked as pending and put at the end of the queue.
    ///
    /// For the manifest of a row that a person added the descriptor is empty, so only the last
    /// applies.
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

    /// Takes an answer, and says whether it only told how it stands with rows that have their
    /// entries already.
    ///
    /// Then nothing is to be written or wanted, and `update` only starts what waits. Of 15,000
    /// answers each would otherwise cost as much as the whole list. It is so for the first
    /// answer of a manifest that was waited for, if the manifest is not refused and no row at
    /// that reference lacks an entry or its config. A refused manifest takes its entry out of
    /// what is written, so the list is written again.
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
        is_first && !is_refused && rows.all(|row| row.entry.is_some() && !row.lacks_config())
    }

    /// Reads an answer, compares it with what was said of it, and keeps it beside the
    /// composition, where undo does not lose it.
    ///
    /// An earlier answer at that reference is replaced. A failure is kept as well: it is what
    /// keeps a row from being asked for again. The config of a reference without a digest is
    /// dropped; none is ever asked for.
    pub(super) fn store(
        &mut self,
        reference: Reference,
        what: ContentKind,
        result: Result<Received, Failure>,
    ) {
        match what {
            ContentKind::Manifest => {
                let (said, media_type) = self.said(&reference);
                let slot = Fetch::from_result(result, |arrival| {
                    let mut node = named(read_node(arrival, said, media_type));
                    // Of what a registry sent, the place of the fault says more.
                    let known = &mut node.recognized;
                    known.take_if(|known| known.kind.is_told_by_reader());
                    node
                });
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

    /// Tells what is said of a manifest: digest and size to compare it with, and the media
    /// type.
    ///
    /// A list that it was taken from comes first, by the first row of that reference which has
    /// an entry; it states a size and a media type as well. Otherwise the digest in the
    /// reference is what a person asked for. Of a bare tag nobody said anything: `None`.
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

    /// Finds the size that an image states for that config.
    ///
    /// The first row whose image names the digest and states a size decides; `None` where
    /// there is none.
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

    /// Finds the config that the image of a row names.
    ///
    /// `None` where the manifest is not here, is refused or is a list, and where the config is
    /// not of an image by its media type: the config of an artifact states no platform.
    fn config_of(&self, row: &Row) -> Option<&Descriptor> {
        let node = self.node(row).filter(|node| refusal_of(node).is_none())?;
        let config = node.image()?.config.as_ref()?;
        config
            .media_type
            .as_ref()
            .is_some_and(MediaType::is_image_config)
            .then_some(config)
    }

    /// Makes the entry for a row's manifest; `None` where that is not here or refused, and
    /// while its config is on the way.
    ///
    /// The platform of an image is that of its config, under what the row states
    /// (`Row::platform_of`). A config that was given comes before one that was fetched, which
    /// counts only if its bytes are those that the image names. One that failed, is another or
    /// cannot be read says nothing of the platform. The image of bytes that were given does
    /// not wait: no registry is asked for its config, and `add_config` adds the platform if the
    /// config is given later.
    ///
    /// A nested list has no platform.
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

    /// Gathers every content that is here, sorted by digest, for the layout.
    ///
    /// A manifest stands under the digest that it was asked for by and under its own in
    /// SHA-256. Of two contents under one digest the one that was given counts, then the
    /// manifest, then the config. Nothing is left out for being another than was asked for:
    /// whoever uses this has to hash the bytes, as `Written::layout` does.
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

    /// Takes over what the list of `row` says of itself, and the form that it is written in.
    /// Called when the list that is opened as the start is here, before its rows are made.
    ///
    /// The form is the first tool whose output for the same content has exactly these bytes,
    /// so that an edit changes nothing but what was edited. Where no tool gives them it is
    /// Waybill's own, and the bytes differ from the beginning. The list itself is kept as
    /// `original`, for the difference.
    ///
    /// The target that `open` chose stays.
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

    /// Makes the draft again of the rows as they stand, and writes it where it differs from
    /// the last.
    ///
    /// Rows are in it that are kept, have an entry and are not refused; so is the subject, on
    /// the same terms. `written_places` always belongs to the draft: it says which row each
    /// entry of it is.
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
