//! Changes of the work.

use std::rc::Rc;

use crate::annotation::Annotations;
use crate::compose::Entry;
use crate::compose::commands::manifest_tool::Specification;
use crate::config::ImageConfig;
use crate::digest::Digest;
use crate::platform::Platform;
use crate::recognize::recognize;
use crate::reference::Reference;

use super::RowId;
use super::composition::{Composition, Row, Source};
use super::{AnnotationOwner, ContentKey, ContentKind, Fetch, LocalManifest, Model, Msg};
use crate::workflow::fetch::Received;
use crate::workflow::inspect::{Node, read_node};

impl Model {
    /// Makes one change of the work. Ids that are not there change nothing, a place behind the last row is the last;
    /// answers and steps back are not for here. What follows from the change (fetches, what is written) is made by
    /// `update`.
    pub(super) fn edit(&mut self, msg: Msg) {
        match msg {
            Msg::Add(references) => {
                for reference in references {
                    let row = self.new_row(Source::Registry(reference));
                    self.composition.rows.push(Rc::new(row));
                }
            }
            Msg::Give(contents) => self.give(contents),
            Msg::Open(reference) => self.open(Source::Registry(reference)),
            Msg::OpenGiven {
                list: LocalManifest { name, bytes },
                beside,
            } => {
                for content in &beside {
                    self.keep_bytes(content);
                }
                let digest = self.keep_bytes(&bytes);
                self.open(Source::Given { name, digest });
            }
            Msg::OpenSpecification(specification) => self.open_specification(*specification),
            Msg::Remove(id) => {
                let ids = self.with_attestations(id);
                self.composition.rows.retain(|row| !ids.contains(&row.id));
            }
            Msg::Keep(id, kept) => {
                let ids = self.with_attestations(id);
                for id in ids {
                    self.composition.change(id, |row| row.kept = kept);
                }
            }
            Msg::KeepAttestations(kept) => {
                let attests = |row: &Row| {
                    row.entry
                        .as_ref()
                        .is_some_and(|one| one.descriptor.attests().is_some())
                };
                for row in self.composition.rows.iter_mut().filter(|row| attests(row)) {
                    Rc::make_mut(row).kept = kept;
                }
            }
            Msg::Move { id, to } => {
                if let Some(place) = self.composition.place(id) {
                    let row = self.composition.rows.remove(place);
                    self.composition
                        .rows
                        .insert(to.min(self.composition.rows.len()), row);
                }
            }
            Msg::Replace { id, with } => {
                let row = self.new_row(Source::Registry(with));
                if let Some(place) = self.composition.place(id) {
                    self.composition.rows[place] = Rc::new(row);
                }
            }
            Msg::Nest(id, nested) => self.nest(id, nested),
            Msg::Platform(id, platform) => {
                self.with_descriptor(id, |descriptor| descriptor.platform = platform);
            }
            Msg::Annotate {
                on: AnnotationOwner::List,
                name,
                value,
            } => annotate(&mut self.composition.annotations, name, value),
            Msg::Annotate {
                on: AnnotationOwner::Row(id),
                name,
                value,
            } => {
                self.with_descriptor(id, |descriptor| {
                    annotate(&mut descriptor.annotations, name, value);
                });
            }
            Msg::ArtifactType(AnnotationOwner::List, artifact_type) => {
                self.composition.artifact_type = artifact_type;
            }
            Msg::ArtifactType(AnnotationOwner::Row(id), artifact_type) => {
                self.with_descriptor(id, |descriptor| descriptor.artifact_type = artifact_type);
            }
            Msg::Subject(reference) => {
                let source = reference.map(Source::Registry);
                self.composition.subject = source.map(|source| Row {
                    nested: true,
                    ..self.new_row(source)
                });
            }
            Msg::Kind(kind) => self.composition.kind = kind,
            Msg::Form(tool) => self.composition.tool = tool,
            Msg::Target(target) => {
                self.composition.target = target.map(|target| target.without_digest());
            }
            Msg::Clear => self.composition = Composition::default(),
            // These are not changes of the work.
            Msg::Undo
            | Msg::Redo
            | Msg::Received { .. }
            | Msg::Cancel
            | Msg::Retry
            | Msg::FetchAll => {}
        }
    }

    /// Makes a row with an id of its own: ids only rise, so one that was taken away is never given again.
    pub(super) fn new_row(&mut self, source: Source) -> Row {
        let id = self.next_id;
        self.next_id += 1;
        Row::new(RowId(id), source)
    }

    /// Begins anew with one list. A list of a registry is to go back under its tag; otherwise the target stays.
    fn open(&mut self, source: Source) {
        let row = self.new_row(source);
        let target = row
            .source
            .reference()
            .map(Reference::without_digest)
            .or_else(|| self.composition.target.clone());
        self.composition = Composition {
            opening: Some(row.id),
            rows: vec![Rc::new(row)],
            target,
            ..Composition::default()
        };
    }

    /// Begins anew with what a file of manifest-tool says. Platforms that it states hold over those of the configs.
    fn open_specification(&mut self, specification: Specification) {
        let Specification {
            image,
            annotations,
            manifests,
            ..
        } = specification;
        let mut rows = Vec::with_capacity(manifests.len());
        for (reference, platform) in manifests {
            let stated = Some(platform).filter(|platform| *platform != Platform::default());
            rows.push(Rc::new(Row {
                stated,
                ..self.new_row(Source::Registry(reference))
            }));
        }
        self.composition = Composition {
            target: Some(image),
            rows,
            ..Composition::default()
        };
        for (name, value) in annotations {
            annotate(&mut self.composition.annotations, name, Some(value));
        }
    }

    /// Keeps contents, and adds a row for each that nothing names.
    ///
    /// Names are looked for in everything that is here, so an index, its images and their configs that come together
    /// may stand in any order. A config that came before its image loses its row again; an image that came before its
    /// index has an entry by then, and keeps it.
    fn give(&mut self, contents: Vec<LocalManifest>) {
        let mut given = Vec::with_capacity(contents.len());
        for LocalManifest { name, bytes } in contents {
            let digest = self.keep_bytes(&bytes);
            given.push((name, digest));
        }
        let sources = self.composition.rows.iter().map(|row| row.source.key());
        let keys: Vec<ContentKey> = sources
            .chain(
                given
                    .iter()
                    .map(|(_, digest)| ContentKey::Given(digest.clone())),
            )
            .collect();
        let mut named: Vec<Digest> = Vec::new();
        for node in keys
            .iter()
            .filter_map(|key| self.manifests.get(key))
            .filter_map(Fetch::done)
        {
            let list = node.list().into_iter().flat_map(|list| &list.entries);
            let image = node
                .image()
                .into_iter()
                .flat_map(|image| image.config.iter().chain(&image.layers));
            named.extend(
                list.chain(image)
                    .filter_map(|descriptor| descriptor.digest.clone()),
            );
        }
        let listed = self
            .composition
            .rows
            .iter()
            .filter(|row| row.from.is_some());
        named.extend(listed.filter_map(|row| row.entry.as_ref()?.descriptor.digest.clone()));
        for (_, digest) in &given {
            self.found(digest);
        }
        // A config that came before its image has had a row.
        self.composition.rows.retain(|row| {
            !matches!(&row.source, Source::Given { digest, .. } if row.from.is_none() && row.entry.is_none() && named.contains(digest))
        });
        for (name, digest) in given
            .into_iter()
            .filter(|(_, digest)| !named.contains(digest))
        {
            let row = self.new_row(Source::Given { name, digest });
            self.composition.rows.push(Rc::new(row));
        }
    }

    /// Bytes of that digest are here now: rows that were made without them get what they lacked.
    ///
    /// Rows of a registry by that digest count as fetched, and images whose config it is get their platform, unless
    /// a person had stated another.
    fn found(&mut self, digest: &Digest) {
        let Some(bytes) = self.given(digest).cloned() else {
            return;
        };
        let missing = |key: &ContentKey| !matches!(self.manifests.get(key), Some(Fetch::Done(_)));
        let is_it = |reference: &&Reference| reference.digest() == Some(digest);
        let references = self
            .composition
            .rows
            .iter()
            .filter_map(|row| row.source.reference())
            .filter(is_it);
        let references =
            references.filter(|reference| missing(&ContentKey::Registry((*reference).clone())));
        for reference in references.cloned().collect::<Vec<_>>() {
            self.store(
                reference,
                ContentKind::Manifest,
                Ok(Received::local(Rc::clone(&bytes))),
            );
        }
        let is_its = |row: &&Rc<Row>| {
            let config = self
                .node(row)
                .and_then(Node::image)
                .and_then(|image| image.config.as_ref());
            config.is_some_and(|config| config.digest.as_ref() == Some(digest))
        };
        let ids: Vec<RowId> = self
            .composition
            .rows
            .iter()
            .filter(is_its)
            .map(|row| row.id)
            .collect();
        let Some(platform) = self
            .given_config(digest)
            .and_then(|config| config.platform().cloned())
        else {
            return;
        };
        for id in ids {
            self.composition.change(id, |row| {
                let Some(Entry {
                    descriptor,
                    origin: Some(origin),
                    ..
                }) = &mut row.entry
                else {
                    return;
                };
                if descriptor.platform == origin.platform {
                    descriptor.platform = Some(platform.clone());
                }
                origin.platform = Some(platform.clone());
            });
        }
    }

    /// A config among the bytes that were given.
    pub(super) fn given_config(&self, digest: &Digest) -> Option<ImageConfig> {
        self.given(digest)
            .and_then(|bytes| ImageConfig::read(bytes).ok())
            .map(|(config, _)| config)
    }

    /// Keeps bytes beside the work, once, and reads them as a manifest; returns their sha256 digest.
    pub(super) fn keep_bytes(&mut self, bytes: &Rc<[u8]>) -> Digest {
        let digest = Digest::sha256(bytes);
        if self.given(&digest).is_none() {
            self.given.push((digest.clone(), Rc::clone(bytes)));
        }
        let key = ContentKey::Given(digest.clone());
        if self.manifests.get(&key).is_none() {
            let arrival = Received {
                sha256: Some(digest.clone()),
                ..Received::local(Rc::clone(bytes))
            };
            let mut node = read_node(arrival, None, None);
            if node.is_other() && node.recognized.is_none() {
                node.recognized = recognize(bytes).map(Rc::new);
            }
            self.manifests.set(key, Fetch::Done(Box::new(node)));
        }
        digest
    }
}

/// Sets an annotation, or takes it away.
fn annotate(annotations: &mut Annotations, name: String, value: Option<String>) {
    match value {
        Some(value) => annotations.set(name, value),
        None => annotations.remove(&name),
    }
}
