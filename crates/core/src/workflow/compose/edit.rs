//! Changes of the work: what each message that a person sends does to the composition.
//!
//! Nothing here fetches, writes or looks at undo. `update` compares the composition before and
//! after, keeps the step for undo where they differ, and then has `next_fetches` and `refresh`
//! follow up. So an edit may leave a row without an entry: `settle` makes it when the manifest
//! is here.
//!
//! Contents that a person gives are kept beside the composition, by digest, and stay there
//! when the rows for them go: undo brings rows back, and they need their bytes.

use std::rc::Rc;

use crate::annotation::Annotations;
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
    /// Makes one change of the work.
    ///
    /// An id that no row has changes nothing. Moving counts places after the row was taken
    /// out, so `to` is the place that it has in the end, and a place behind the last row is
    /// the last. Platform, annotations and artifact type of a row are set in its entry, and
    /// are dropped without a word where it has none yet.
    ///
    /// Messages that are no change of the work (answers, steps back, cancelling and the like)
    /// do nothing here; `update` handles them before.
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

    /// Makes a row with an id of its own: ids only rise, so one that was taken away is never
    /// given again.
    ///
    /// The counter is the model's and not the composition's, so undo does not wind it back.
    pub(super) fn new_row(&mut self, source: Source) -> Row {
        let id = self.next_id;
        self.next_id += 1;
        Row::new(RowId(id), source)
    }

    /// Begins anew with one list, as its only row; `settle_row` opens it once its manifest is
    /// here, and then calls `begin_with`.
    ///
    /// Everything that was decided before goes, but for the target. A list of a registry is to
    /// go back under its tag, so its reference without a digest becomes the target. A list
    /// that was given as bytes says nothing of where it belongs, so the target that was set
    /// stays.
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

    /// Begins anew with what a file of manifest-tool says: its `image` becomes the target, and
    /// each of its manifests a row.
    ///
    /// A platform that it states holds over that of the config, part by part
    /// (`Row::platform_of`). One that states nothing is as good as none. Its further tags are
    /// not taken over, since a list is pushed under one.
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
    /// Names are the digests of the entries of lists, and of the configs and layers of images.
    /// They are looked for in the manifests of all rows, in what lists said of the rows that
    /// came of them, and in the contents themselves, so an index, its images and their configs
    /// that are given together may stand in any order. A content that is named gets no row: it
    /// is found under its digest by the row that lacked it, see `found`.
    ///
    /// What came before that which names it loses its rows again, unless somebody has changed
    /// them: a config, an image, a list with a row for each of its entries.
    ///
    /// Only names in sha256 are found, since contents are kept under that.
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
        let named_by = |keys: &[ContentKey]| {
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
            named
        };
        let mut named = named_by(&keys);
        let named_now = named_by(&keys[keys.len() - given.len()..]);
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
        // And so has what a list names that comes now, under its own digest.
        let mut sources: Vec<Source> = Vec::new();
        let mut before = None;
        for source in self.composition.rows.iter().map(|row| row.made_of()) {
            if before == Some(source) {
                continue;
            }
            before = Some(source);
            let is_named = match source {
                Source::Given { digest, .. } => named_now.contains(digest),
                Source::Registry(_) => false,
            };
            if is_named && self.is_untouched(source) {
                sources.push(source.clone());
            }
        }
        self.composition
            .rows
            .retain(|row| !sources.contains(row.made_of()));
        for (name, digest) in given
            .into_iter()
            .filter(|(_, digest)| !named.contains(digest))
        {
            let row = self.new_row(Source::Given { name, digest });
            self.composition.rows.push(Rc::new(row));
        }
    }

    /// Whether the rows of a source are all there as they were made: nobody has changed, moved or
    /// left out one of them.
    fn is_untouched(&self, source: &Source) -> bool {
        let list = self.manifests.get(&source.key()).and_then(Fetch::done);
        let mut listed = list
            .and_then(Node::list)
            .into_iter()
            .flat_map(|list| &list.entries);
        let rows = self.composition.rows.iter();
        rows.filter(|row| row.made_of() == source).all(|row| {
            let is_same = if row.from.is_none() {
                !row.nested && row.entry == self.entry_of(row)
            } else {
                let (entry, listed) = (row.entry.as_ref(), listed.next());
                entry.is_none_or(|entry| Some(&entry.descriptor) == listed)
            };
            is_same && row.kept
        }) && listed.next().is_none()
    }

    /// Gives bytes that are here now to the rows that were made without them.
    ///
    /// A row of a registry that asks for that very digest counts as fetched, if its manifest is
    /// not here: also while its request is under way, and after one that failed. An entry whose
    /// config this is gets its platform when rows are settled (`add_config`).
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
    }

    /// Reads the bytes that were given under a digest as an image config; `None` where there
    /// are none, or they are not JSON.
    pub(super) fn given_config(&self, digest: &Digest) -> Option<ImageConfig> {
        self.given(digest)
            .and_then(|bytes| ImageConfig::read(bytes).ok())
            .map(|(config, _)| config)
    }

    /// Keeps bytes beside the work, once for each digest, and reads them as a manifest;
    /// returns their sha256 digest.
    ///
    /// Bytes that are no manifest, such as a config, are read as one too: a row for them is
    /// refused then, and nothing else minds. Nobody named a digest for them, so they are
    /// compared with nothing.
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
            let node = named(read_node(arrival, None, None));
            self.manifests.set(key, Fetch::Done(Box::new(node)));
        }
        digest
    }
}

/// The node with what its bytes are, where they are no manifest.
pub(super) fn named(mut node: Node) -> Node {
    if node.is_other() {
        node.recognized = recognize(&node.arrival.bytes).map(Rc::new);
    }
    node
}

/// Sets an annotation, or takes it away where there is no value. The empty text is a value.
fn annotate(annotations: &mut Annotations, name: String, value: Option<String>) {
    match value {
        Some(value) => annotations.set(name, value),
        None => annotations.remove(&name),
    }
}
