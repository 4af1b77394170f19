//! A copy: what of a source goes elsewhere, and what of it changes on the way, before anything is
//! written.
//!
//! A [`Model`] reads; it writes nothing. It answers what a plan has to say of a source: what the
//! reference names, pinned by its digest from the first answer on; which entries a list has; and,
//! once a person chose, the manifests that go along, with old and new digest each
//! ([`Selection`]). Where they go is for others: `workflow::push` writes into a registry
//! ([`Selection::task`]), [`save`](crate::save) into a file ([`Selection::here`]).
//!
//! 1. [`Model::open`] asks for what the reference names.
//! 2. [`Msg::Choose`] says what is wanted of it ([`Choice`]): all, some entries of a list, one
//!    image.
//! 3. [`Msg::Gather`] reads what the choice needs, as deep as the one who writes needs it
//!    ([`Depth`]).
//! 4. [`Model::selection`] is what goes along.
//!
//! Where layers are to be compressed anew, or are those of schema 1, they have to be read before
//! ([`Model::unread`], [`Msg::ReadLayers`]): each digest is known before anything is written.
//!
//! `choice` has what may be chosen, `commands` how other tools do the same, `report` what came of it,
//! `several` what is of several copies together,
//! `rewrite` makes the bytes that change, `layers` has what must be read for that, `selection` is
//! what comes of it, `change` what becomes of one manifest, `message` what is asked and told, `other_tags` what goes along under tags of
//! its own. Longer than most files: what is asked for, what came and what goes along is one walk
//! over the same documents.

mod change;
mod choice;
mod commands;
mod layers;
mod message;
mod other_tags;
mod report;
mod rewrite;
mod selection;
pub mod several;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::compose::eligibility::{Ineligible, refusal};
use crate::descriptor::Descriptor;
use crate::digest::{Algorithm, Digest};
use crate::limits;
use crate::manifest::detect::DeclaredTypes;
use crate::manifest::{List, Manifest};
use crate::media_type::MediaType;
use crate::reference::{Reference, Tag};
use crate::registry::error::RegistryError;
use crate::registry::push::Repository;
use crate::verify::{Comparison, DigestSource};

use super::fetch::{Failure, Fetch, FetchQueue, FetchStore, Generation, Received};
use super::push::Companion;

pub use crate::compose::commands::Commands;
pub use change::{Change, How};
pub use choice::{Choice, Entry, Format, Kind, Scope};
pub use commands::{TOOLS, add as add_commands, commands};
pub use layers::{Layer, Read, Reading};
pub use message::{Depth, Effect, Msg, Wanted, run};
pub use report::Report;
pub use rewrite::Refused;
pub use selection::Selection;

/// What the reference named when it was first asked for. The copy is of this, whatever the tag
/// names later.
#[derive(Clone, Debug)]
pub struct Root {
    /// The manifest; or why it cannot be copied: other bytes than the reference names, or bytes in
    /// which two clients see two things.
    pub manifest: Result<Rc<Manifest>, Ineligible>,
    /// Its digest, computed here.
    pub digest: Digest,
}

impl Root {
    /// The list, where it is one.
    #[must_use]
    pub fn list(&self) -> Option<&List> {
        self.manifest.as_ref().ok()?.list()
    }
}

/// A document that came.
#[derive(Clone, Debug)]
enum Document {
    /// There is none of that name, as is usual for what is only looked for.
    None,
    /// It has its digest.
    Manifest(Rc<Manifest>),
    /// It has its digest.
    Config(Rc<[u8]>),
    /// It is not what its digest names, or nothing that may be copied.
    Refused(Ineligible),
}

/// A copy as far as its source goes.
///
/// ```
/// use waybill_core::workflow::copy::{Depth, Model, Msg, Scope, Wanted, update};
/// use waybill_core::workflow::fetch::{Generation, Received};
///
/// let list = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
/// let (mut model, effects) = Model::open(&"ghcr.io/o/app:1".parse()?, Generation(1));
/// assert_eq!(effects.len(), 1);
/// let result = Ok(Received::local(list[..].into()));
/// update(&mut model, Msg::Received { generation: Generation(1), wanted: Wanted::Root, result });
/// update(&mut model, Msg::Gather(Depth::Root));
/// let selection = model.selection()?.expect("nothing is missing");
/// assert_eq!(selection.root.bytes[..], list[..]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Model {
    source: Reference,
    queue: FetchQueue<(Wanted, Option<MediaType>)>,
    /// How many documents were asked for.
    asked: usize,
    root: Fetch<Root>,
    documents: FetchStore<Wanted, Document>,
    choice: Choice,
    /// How deep is gathered; `None` before anybody asked.
    depth: Option<Depth>,
    /// What the reference named when it was asked for again.
    again: Option<Digest>,
    /// What reading layers told, by what they were read for.
    layers: BTreeMap<layers::Key, Read>,
    /// The layers that have to be read yet.
    unread: Vec<Layer>,
    reading: Reading,
    /// What was signed, or could not be.
    signed: Option<layers::Signed>,
    is_signing: bool,
    /// How many bytes of layers were read before the one that is being read.
    read_before: u64,
}

impl Model {
    /// Begins with asking for what the reference names. `generation` has to be higher than that of
    /// every copy before.
    #[must_use]
    pub fn open(source: &Reference, generation: Generation) -> (Self, Vec<Effect>) {
        let mut model = Self {
            source: source.clone(),
            queue: FetchQueue::new(generation),
            asked: 0,
            root: Fetch::Pending,
            documents: FetchStore::new(),
            choice: Choice::default(),
            depth: None,
            again: None,
            layers: BTreeMap::new(),
            unread: Vec::new(),
            reading: Reading::Idle,
            signed: None,
            is_signing: false,
            read_before: 0,
        };
        model.queue.push((Wanted::Root, None));
        let effects = model.next();
        (model, effects)
    }

    /// The reference as it was given.
    #[must_use]
    pub fn source(&self) -> &Reference {
        &self.source
    }

    /// The generation that answers have to carry; the next copy's has to be higher.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.queue.generation()
    }

    /// How many requests are under way or wait.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.queue.pending()
    }

    /// What the reference named.
    #[must_use]
    pub fn root(&self) -> &Fetch<Root> {
        &self.root
    }

    /// What was chosen.
    #[must_use]
    pub fn choice(&self) -> &Choice {
        &self.choice
    }

    /// How deep is gathered; `None` where nobody asked yet, or the choice changed since.
    #[must_use]
    pub fn depth(&self) -> Option<Depth> {
        self.depth
    }

    /// The entries of the list, in their order, with what is chosen of them; none of an image.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry<'_>> {
        self.root
            .done()
            .and_then(Root::list)
            .map_or_else(Vec::new, |list| self.choice.entries(list))
    }

    /// What did not come, each with the reason.
    #[must_use]
    pub fn failures(&self) -> Vec<(&Wanted, &Failure)> {
        let root = match &self.root {
            Fetch::Failed(failure) => Some((&Wanted::Root, failure)),
            Fetch::Pending | Fetch::Done(_) => None,
        };
        root.into_iter().chain(self.documents.failed()).collect()
    }

    /// What goes along; `None` as long as something of it is missing: nobody asked to gather it, it
    /// is on its way, or it failed.
    ///
    /// # Errors
    ///
    /// Fails where what was chosen cannot be copied in that way.
    pub fn selection(&self) -> Result<Option<Selection>, Refused> {
        let Some(root) = self.gathered() else {
            return Ok(None);
        };
        let selection = Selection::new(self, root)?;
        let is_whole = selection.unread.is_empty() && !selection.is_unsigned;
        Ok(is_whole.then_some(selection))
    }

    /// What the reference named, once all documents are here that the choice needs.
    fn gathered(&self) -> Option<&Root> {
        let is_whole = self.queue.pending() == 0 && self.failures().is_empty();
        let is_deep = self.depth.is_some_and(|depth| depth >= self.choice.depth());
        self.root.done().filter(|_| is_whole && is_deep)
    }

    /// Whether what was chosen may need layers to be read, or a signature.
    fn may_need_layers(&self) -> bool {
        let root = self
            .root
            .done()
            .and_then(|root| root.manifest.as_ref().ok());
        let is_schema1 = root.is_some_and(|manifest| manifest.format.is_schema1());
        let to_schema1 = matches!(self.choice.format, Format::DockerSchema1 { .. });
        self.choice.compression.is_some() || is_schema1 || to_schema1
    }

    /// What the reference names by now, where that is something else than was copied; known once
    /// it was asked for again ([`Msg::LookAgain`]).
    #[must_use]
    pub fn moved(&self) -> Option<&Digest> {
        let root = self.root.done()?;
        self.again.as_ref().filter(|again| **again != root.digest)
    }

    /// The repository of the source.
    #[must_use]
    pub fn repository(&self) -> Repository {
        Repository::from_reference(&self.source)
    }

    /// A manifest that was gathered.
    fn manifest(&self, digest: &Digest) -> Option<&Rc<Manifest>> {
        match self
            .documents
            .get(&Wanted::Manifest(digest.clone()))?
            .done()?
        {
            Document::Manifest(manifest) => Some(manifest),
            Document::Config(_) | Document::Refused(_) | Document::None => None,
        }
    }

    /// A config that was gathered, or that its descriptor holds.
    fn config(&self, manifest: &Manifest) -> Option<Rc<[u8]>> {
        let descriptor = manifest.image()?.config.as_ref()?;
        if let Some(bytes) = descriptor.embedded() {
            return Some(bytes.into());
        }
        let wanted = Wanted::Config(descriptor.digest.clone()?);
        match self.documents.get(&wanted)?.done()? {
            Document::Config(bytes) => Some(Rc::clone(bytes)),
            Document::Manifest(_) | Document::Refused(_) | Document::None => None,
        }
    }

    /// The documents that are here, by digest.
    fn given(&self) -> Vec<(Digest, Rc<[u8]>)> {
        let document = |(wanted, document): (&Wanted, &Document)| match (wanted, document) {
            (Wanted::Manifest(digest), Document::Manifest(manifest)) => {
                Some((digest.clone(), Rc::clone(&manifest.bytes)))
            }
            (Wanted::Config(digest), Document::Config(bytes)) => {
                Some((digest.clone(), Rc::clone(bytes)))
            }
            (
                _,
                Document::None | Document::Refused(_) | Document::Manifest(_) | Document::Config(_),
            ) => None,
        };
        self.documents
            .ready_by_name()
            .filter_map(document)
            .collect()
    }

    /// Asks for what the choice needs and is not here, from the root down. What was asked for
    /// before is not asked for again.
    fn gather(&mut self) {
        let (Some(depth), Some(Ok(root))) = (self.depth, self.root.done().map(|it| &it.manifest))
        else {
            return;
        };
        let root = Rc::clone(root);
        for tag in self.choice.other_tags.clone() {
            self.want(Wanted::OtherTag(tag), None);
        }
        self.gather_companions();
        if depth == Depth::Root && self.choice.scope != Scope::One {
            return;
        }
        if depth == Depth::Configs {
            self.want_config(&root);
        }
        let mut open: Vec<Descriptor> = self
            .entries()
            .into_iter()
            .filter(|entry| entry.is_kept)
            .map(|entry| entry.descriptor.clone())
            .collect();
        open.reverse();
        while let Some(descriptor) = open.pop() {
            let Some(digest) = descriptor.digest else {
                continue;
            };
            let Some(manifest) = self.manifest(&digest).cloned() else {
                self.want(Wanted::Manifest(digest), descriptor.media_type);
                continue;
            };
            if let Some(list) = manifest.list() {
                open.extend(list.entries.iter().rev().cloned());
            } else if depth == Depth::Configs {
                self.want_config(&manifest);
            }
        }
    }

    /// Asks for what belongs to what is copied: the root, and each entry that goes along. What
    /// refers to a manifest, or is kept under its tag, is asked for with what it needs itself.
    fn gather_companions(&mut self) {
        if !self.choice.has_companions() {
            return;
        }
        for digest in self.with_referrers(self.subjects()) {
            if self.choice.cosign {
                for tag in cosign_tags(&digest) {
                    self.want(Wanted::Tag(tag), None);
                }
            }
            if self.choice.referrers {
                self.want(Wanted::Referrers(digest.clone()), None);
                for entry in self.referring(&digest) {
                    if let Some(found) = entry.digest {
                        self.want(Wanted::Manifest(found), entry.media_type);
                    }
                }
            }
        }
    }

    /// The manifests that something may belong to: the root, and the entries that go along.
    /// Attestations too: Docker signs those of `BuildKit`.
    fn subjects(&self) -> Vec<Digest> {
        let root = self.root.done().map(|root| root.digest.clone());
        let entries = self.entries();
        let kept = entries.iter().filter(|entry| entry.is_kept);
        let kept = kept.filter_map(|entry| entry.descriptor.digest.clone());
        let root = root.filter(|_| self.choice.scope != Scope::One || entries.is_empty());
        let others = self.others().into_iter().map(|(_, _, digest)| digest);
        root.into_iter().chain(kept).chain(others).collect()
    }

    /// These manifests, and behind each what is known to refer to it, and to that in turn, as deep
    /// as [`limits::REFERRERS_DEEP`]: the signature of an SBOM, say. None is there twice.
    fn with_referrers(&self, subjects: Vec<Digest>) -> Vec<Digest> {
        let (mut seen, mut all) = (BTreeSet::new(), Vec::new());
        let mut open: Vec<_> = subjects.into_iter().rev().map(|it| (it, 0)).collect();
        while let Some((digest, depth)) = open.pop() {
            if !seen.insert(digest.clone()) {
                continue;
            }
            if self.choice.referrers && depth < limits::REFERRERS_DEEP {
                let found = self.referring(&digest).into_iter().rev();
                let found = found.filter_map(|entry| Some((entry.digest?, depth + 1)));
                open.extend(found);
            }
            all.push(digest);
        }
        all
    }

    /// What the source says that refers to a manifest.
    fn referring(&self, digest: &Digest) -> Vec<Descriptor> {
        let found = self.documents.get(&Wanted::Referrers(digest.clone()));
        match found.and_then(Fetch::done) {
            Some(Document::Manifest(manifest)) => manifest
                .list()
                .map_or_else(Vec::new, |list| list.entries.clone()),
            Some(Document::Config(_) | Document::Refused(_) | Document::None) | None => Vec::new(),
        }
    }

    /// What goes along with what is copied, each with the tag that it is found by. `is_there` says
    /// of a manifest whether it has the same digest at the target: what belongs to another one is
    /// left out.
    fn companions(&self, is_there: impl Fn(&Digest) -> bool) -> Vec<Companion> {
        let mut companions: Vec<Companion> = Vec::new();
        if !self.choice.has_companions() {
            return companions;
        }
        let subjects = self.subjects().into_iter().filter(|it| is_there(it));
        for digest in &self.with_referrers(subjects.collect()) {
            let tagged = cosign_tags(digest)
                .into_iter()
                .filter(|_| self.choice.cosign);
            for tag in tagged {
                let found = self.documents.get(&Wanted::Tag(tag.clone()));
                if let Some(Document::Manifest(manifest)) = found.and_then(Fetch::done) {
                    companions.push(Companion {
                        manifest: Rc::clone(manifest),
                        tag: Some(tag),
                    });
                }
            }
            let referring = self.referring(digest).into_iter();
            let referring = referring.filter(|_| self.choice.referrers);
            companions.extend(referring.filter_map(|entry| {
                Some(Companion {
                    manifest: Rc::clone(self.manifest(entry.digest.as_ref()?)?),
                    tag: None,
                })
            }));
        }
        companions
    }

    fn want_config(&mut self, manifest: &Manifest) {
        let config = manifest.image().and_then(|image| image.config.as_ref());
        if let Some(config) = config
            && config.embedded().is_none()
            && let Some(digest) = config.digest.clone()
        {
            self.want(Wanted::Config(digest), None);
        }
    }

    /// Asks for a document unless it was asked for before, or is one too many.
    fn want(&mut self, wanted: Wanted, media_type: Option<MediaType>) {
        if self.documents.get(&wanted).is_none() && self.asked < limits::PUSHED_STEPS {
            self.asked += 1;
            self.documents.set(wanted.clone(), Fetch::Pending);
            self.queue.push((wanted, media_type));
        }
    }

    /// Starts what may start.
    fn next(&mut self) -> Vec<Effect> {
        let generation = self.queue.generation();
        let mut effects = Vec::new();
        while let Some((wanted, media_type)) = self.queue.start(limits::REQUESTS_AT_ONCE) {
            effects.push(Effect::Fetch {
                generation,
                wanted,
                media_type,
            });
        }
        effects
    }

    fn receive(&mut self, wanted: Wanted, result: Result<Received, Failure>) {
        let read = match &wanted {
            Wanted::Root => {
                let asked = self.source.digest().cloned();
                self.root =
                    Fetch::from_result(result, |received| read_root(asked.as_ref(), received));
                let entries = self.root.done().and_then(Root::list);
                let count = entries.map_or(0, |list| list.entries.len());
                self.choice.chosen = vec![true; count];
                return;
            }
            Wanted::Again => {
                let bytes = result.map(|received| received.bytes);
                self.again = bytes.ok().map(|bytes| Digest::sha256(&bytes));
                return;
            }
            Wanted::Tag(_) | Wanted::Referrers(_) if is_not_there(&result) => {
                Fetch::Done(Box::new(Document::None))
            }
            Wanted::Tag(_) | Wanted::OtherTag(_) | Wanted::Referrers(_) => {
                Fetch::from_result(result, |received| {
                    let digest = Digest::sha256(&received.bytes);
                    read_manifest(digest.as_str(), DigestSource::Asked, received)
                        .map_or_else(Document::Refused, Document::Manifest)
                })
            }
            Wanted::Manifest(digest) => Fetch::from_result(result, |received| {
                read_manifest(digest.as_str(), DigestSource::Parent, received)
                    .map_or_else(Document::Refused, Document::Manifest)
            }),
            Wanted::Config(digest) => Fetch::from_result(result, |received| {
                let bytes = Some(&received.bytes[..]);
                let compared = Comparison::new(bytes, DigestSource::Parent, digest.as_str(), None);
                if compared.verdict.is_verified() {
                    Document::Config(received.bytes)
                } else {
                    Document::Refused(Ineligible::Mismatch(compared))
                }
            }),
        };
        self.documents.set(wanted, read);
    }
}

/// Reads what the reference named. `asked` is the digest that it names itself. An image of schema 1
/// is taken: it goes along in another format.
fn read_root(asked: Option<&Digest>, received: Received) -> Root {
    let whole = Digest::sha256(&received.bytes);
    let asked = asked.map_or(whole.as_str(), Digest::as_str);
    let manifest = match read_manifest(asked, DigestSource::Asked, received.clone()) {
        Err(Ineligible::Schema1) => {
            let told = DeclaredTypes::none();
            let read = Manifest::read(received.bytes, &told).map_err(Ineligible::NotJson);
            read.map(|(manifest, _)| Rc::new(manifest))
        }
        read => read,
    };
    let digest = match &manifest {
        Ok(manifest) => manifest.digest(Algorithm::Sha256),
        Err(_) => None,
    };
    Root {
        digest: digest.unwrap_or(whole),
        manifest,
    }
}

/// Reads a manifest that has to have that digest, and may be copied.
fn read_manifest(
    digest: &str,
    source: DigestSource,
    received: Received,
) -> Result<Rc<Manifest>, Ineligible> {
    let Received {
        bytes,
        content_type,
        ..
    } = received;
    let compared = Comparison::new(Some(&bytes), source, digest, None);
    let told = DeclaredTypes {
        content_type,
        descriptor: None,
        digest_matched: compared.verdict.is_verified(),
    };
    let (manifest, findings) = match Manifest::read(bytes, &told) {
        Ok((manifest, findings)) => (Ok(manifest), findings),
        Err(error) => (Err(error), Vec::new()),
    };
    if let Some(refused) = refusal(&manifest, &findings, &[compared]) {
        return Err(refused);
    }
    manifest.map(Rc::new).map_err(Ineligible::NotJson)
}

/// Whether the registry says that there is no such thing.
fn is_not_there(result: &Result<Received, Failure>) -> bool {
    matches!(result, Err(Failure::Registry(error)) if matches!(**error, RegistryError::NotFound(_)))
}

/// The tags under which cosign keeps what belongs to a manifest.
///
/// Source: cosign `specs/SIGNATURE_SPEC.md`, `pkg/oci/remote/remote.go`.
fn cosign_tags(digest: &Digest) -> Vec<Tag> {
    ["sig", "att", "sbom"]
        .into_iter()
        .filter_map(|kind| {
            let name = [digest.algorithm_name(), "-", digest.encoded(), ".", kind];
            name.concat().parse().ok()
        })
        .collect()
}

/// Takes one message into the model; the answer is what to do next. Answers of another generation
/// are dropped.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut stopped = None;
    match msg {
        Msg::Received { generation, .. }
        | Msg::LayerProgress { generation, .. }
        | Msg::LayerRead { generation, .. }
        | Msg::Signed { generation, .. }
            if generation != model.generation() =>
        {
            return Vec::new();
        }
        Msg::ReadLayers if matches!(model.reading, Reading::Running(_)) => return Vec::new(),
        Msg::ReadLayers => return model.read_layers(),
        Msg::LayerProgress { received, .. } => {
            if let Reading::Running(now) = &mut model.reading {
                *now = received;
            }
            return Vec::new();
        }
        Msg::Signed {
            payload, result, ..
        } => {
            model.is_signing = false;
            model.signed = Some((Digest::sha256(&payload), result));
        }
        Msg::LayerRead { result, .. } => return model.take_layer(result.map(|read| *read)),
        Msg::Received { wanted, result, .. } => {
            model.queue.answered();
            model.receive(wanted, result);
        }
        Msg::Choose(choice) => {
            model.depth = None;
            // What did not come may not be wanted any more.
            model.documents.forget_failed();
            model.choice = choice;
            stopped = model.stop_reading();
            (model.unread, model.read_before) = (Vec::new(), 0);
        }
        Msg::Gather(depth) => model.depth = Some(depth),
        Msg::LookAgain => model.queue.push((Wanted::Again, None)),
        Msg::Cancel => {
            model.queue.clear();
            model.queue.abandon();
            model.documents.cancel();
            model.root.cancel();
            model.is_signing = false;
            let stopped = model.stop_reading();
            return [Effect::Abort].into_iter().chain(stopped).collect();
        }
        Msg::Retry => {
            model.documents.forget_failed();
            if matches!(model.root, Fetch::Failed(_)) {
                model.root = Fetch::Pending;
                model.queue.push((Wanted::Root, None));
            }
        }
    }
    model.gather();
    let effects = model.next();
    let root = model.gathered().filter(|_| model.may_need_layers());
    let sign = root.cloned().and_then(|root| model.find_unread(&root));
    stopped.into_iter().chain(effects).chain(sign).collect()
}

#[cfg(test)]
mod tests;
