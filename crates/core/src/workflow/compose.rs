//! A composition: rows that become the entries of a list, what is known of their manifests,
//! and what to fetch next.
//!
//! [`update`] takes the model and a message and gives the effects to run. What a person
//! decided is in [`Composition`], which undo, redo and the snapshot for a reload hold; what
//! was fetched is kept beside it. Each row names a manifest; when that is here and nothing is
//! wrong with it, the row has an entry. A row whose manifest is a list is replaced by a row
//! for each of its entries, unless it is to stay one entry, nested.
//!
//! How one message goes through:
//!
//! 1. An edit changes the composition (`edit`), and the composition before it becomes a step
//!    to undo; or an answer is kept (`fetching`).
//! 2. Rows whose manifest is here get their entries, and lists are opened into rows (`rows`).
//!    This is no step to undo: an older composition that comes back has it done again, from
//!    what is kept.
//! 3. What rows still lack is asked for (`fetching`).
//! 4. The rows that are kept and not refused make the draft. Where it differs from the last,
//!    its bytes are written again.
//!
//! Findings, the difference and the commands are made when they are asked for. Nothing here
//! reaches the network or pushes: the page runs the effects, and `workflow::push` takes the
//! bytes from here.
//!
//! Longer than most files: the model with all that may be asked of it; what changes it stands in
//! the files beside this one.

mod fetching;
mod edit;
mod findings;
mod message;
mod rows;
mod snapshot;
mod composition;

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::VecDeque;
use std::rc::Rc;

use crate::compose::commands::{Commands, commands};
use crate::compose::difference::Difference;
use crate::compose::eligibility::{Ineligible, refusal};
use crate::compose::layout::Layout;
use crate::compose::{Draft, Written};
use crate::digest::Digest;
use crate::finding::Finding;
use crate::media_type::MediaType;
use crate::reference::{Reference, RegistryHost, Tag};

use super::fetch::{Failure, Fetch, FetchQueue, FetchStore, Generation};
use super::inspect::{Config, Node};

pub use composition::{Base, Composition, Row, RowId, Source};
pub use message::{AnnotationOwner, ContentKind, Effect, LocalManifest, Msg};
pub use snapshot::SnapshotError;

/// How it stands with a row.
#[derive(Clone, Debug, PartialEq)]
pub enum RowState<'a> {
    /// Its manifest is on the way or not asked for yet, or its config is on the way; it has no
    /// entry yet.
    Loading,
    /// Its manifest did not come, so that it has no entry.
    Failed(&'a Failure),
    /// It is not composed: its list does not say enough of it, or its manifest is here and is
    /// not one that a list should name, or is a list without entries.
    Refused(Ineligible),
    /// It has an entry, and its manifest is here: it was hashed, and contradicts nothing that
    /// was said of it.
    Verified,
    /// It has an entry by the word of a list alone. With a reason its manifest was asked for
    /// and did not come; without one it is on the way or was not asked for.
    Unverified(Option<&'a Failure>),
}

/// Names a content: what answers are kept under.
///
/// The same manifest in two repositories is two contents, since two registries may answer
/// differently. All of a registry come before all that was given; `compare` relies on this
/// order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ContentKey {
    /// A manifest as a row names it, or a config at its digest in the repository of its image.
    Registry(Reference),
    /// The sha256 digest of bytes that were given.
    Given(Digest),
}

impl ContentKey {
    /// The digest that the content was asked for by, or that the given bytes have; `None` for
    /// a bare tag.
    fn digest(&self) -> Option<&Digest> {
        match self {
            Self::Registry(reference) => reference.digest(),
            Self::Given(digest) => Some(digest),
        }
    }

    /// How it is ordered to the key that `Source::key` would make, without making it: a lookup
    /// for each of 15,000 rows would clone as many references.
    fn compare(&self, source: &Source) -> Ordering {
        match (self, source) {
            (Self::Registry(reference), Source::Registry(other)) => reference.cmp(other),
            (Self::Registry(_), Source::Given { .. }) => Ordering::Less,
            (Self::Given(_), Source::Registry(_)) => Ordering::Greater,
            (Self::Given(digest), Source::Given { digest: other, .. }) => digest.cmp(other),
        }
    }
}

/// How many changes can be taken back; the oldest is forgotten first.
///
/// A step costs little: compositions share the rows that did not change.
const UNDO_STEPS: usize = 100;

/// A composition, what was fetched for it, and what is written of it.
///
/// Undo goes back in the composition alone. What was fetched and given stays whatever happens,
/// also through [`Msg::Clear`], so that a step back asks for nothing that is here.
#[derive(Clone, Debug)]
pub struct Model {
    composition: Composition,
    /// Compositions before the last changes, the latest at the end.
    undo: VecDeque<Composition>,
    /// Compositions that were taken back, the next one at the end. Emptied by each change.
    redo: Vec<Composition>,
    /// What came of each manifest that was asked for, and of all bytes that were given: as a
    /// manifest, whatever they are.
    manifests: FetchStore<ContentKey, Node>,
    /// What came of each config that was asked for. Those that were given are not here but in
    /// `given`.
    configs: FetchStore<ContentKey, Config>,
    /// The bytes that a person gave, by their sha256 digest, in the order of giving.
    given: Vec<(Digest, Rc<[u8]>)>,
    /// What is to be fetched, and how much is under way.
    queue: FetchQueue<(Reference, ContentKind, Option<MediaType>)>,
    /// The id of the next row. It only rises, also through undo.
    next_id: u64,
    /// The text that the last change was of; `None` where it was of something else, and after
    /// a step back. A further change of the same text adds no step to undo.
    typed: Option<(AnnotationOwner, String)>,
    /// Whether all rows that came of lists are fetched, and not only the first ones. Once set
    /// it stays.
    fetch_all: bool,
    /// The places of the rows that are written: for each entry of the draft, in its order.
    written_places: Vec<usize>,
    /// What `written` was written of.
    draft: Draft,
    written: Rc<Written>,
    /// Gathered when somebody looks, since a long list has many answers. Each message empties
    /// it.
    findings: OnceCell<Vec<Finding>>,
}

impl Model {
    /// An empty composition. `generation` has to differ from those of all earlier ones.
    ///
    /// ```
    /// use waybill_core::workflow::compose::{Effect, Model, Msg, update};
    /// use waybill_core::workflow::fetch::Generation;
    ///
    /// let mut model = Model::new(Generation(1));
    /// let effects = update(&mut model, Msg::Add(vec!["ghcr.io/o/app:amd64".parse()?]));
    /// assert!(matches!(&effects[..], [Effect::Fetch { generation: Generation(1), .. }]));
    /// assert_eq!(model.written().list.entries.len(), 0);
    /// # Ok::<(), waybill_core::reference::ReferenceError>(())
    /// ```
    #[must_use]
    pub fn new(generation: Generation) -> Self {
        let composition = Composition::default();
        let draft = composition.draft_of(&[], None);
        let written = Rc::new(draft.write());
        Self {
            composition,
            undo: VecDeque::new(),
            redo: Vec::new(),
            manifests: FetchStore::new(),
            configs: FetchStore::new(),
            given: Vec::new(),
            queue: FetchQueue::new(generation),
            next_id: 1,
            typed: None,
            fetch_all: false,
            written_places: Vec::new(),
            draft,
            written,
            findings: OnceCell::new(),
        }
    }

    /// What the person decided.
    #[must_use]
    pub fn composition(&self) -> &Composition {
        &self.composition
    }

    /// The generation that answers have to carry; the next composition's has to be higher.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.queue.generation()
    }

    /// How many fetches are under way or waiting.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.queue.pending()
    }

    /// Whether there is a change to take back.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// Whether there is a change to make again.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    /// How it stands with a row of this composition.
    ///
    /// What speaks against a row comes first, even where it has an entry: a child that is not
    /// what its list says is refused, not unverified.
    #[must_use]
    pub fn state(&self, row: &Row) -> RowState<'_> {
        if let Some(refusal) = &row.refused {
            return RowState::Refused(refusal.clone());
        }
        let slot = self.slot(row);
        let node = slot.and_then(Fetch::done);
        let is_empty = |node: &Node| node.list().is_some_and(|list| list.entries.is_empty());
        let empty = node.filter(|node| row.entry.is_none() && is_empty(node));
        let refused = node.and_then(refusal_of);
        let refused = refused.or_else(|| empty.map(|_| Ineligible::Empty));
        match (slot, refused, &row.entry) {
            (_, Some(refusal), _) => RowState::Refused(refusal),
            (Some(Fetch::Done(_)), None, Some(_)) => RowState::Verified,
            (Some(Fetch::Failed(failure)), None, Some(_)) => RowState::Unverified(Some(failure)),
            (_, None, Some(_)) => RowState::Unverified(None),
            (Some(Fetch::Failed(failure)), None, None) => RowState::Failed(failure),
            (_, None, None) => RowState::Loading,
        }
    }

    /// The manifest of a row, with its findings and comparisons; `None` while it is not here,
    /// and where it did not come.
    ///
    /// It is here also where it is refused.
    #[must_use]
    pub fn node(&self, row: &Row) -> Option<&Node> {
        self.slot(row).and_then(Fetch::done)
    }

    /// What came of a row's manifest; `None` where it was never asked for or was forgotten by
    /// a retry.
    fn slot(&self, row: &Row) -> Option<&Fetch<Node>> {
        self.manifests.get_by(|key| key.compare(&row.source))
    }

    /// The bytes that were given under a sha256 digest: what a push has to put rather than
    /// copy.
    #[must_use]
    pub fn given(&self, digest: &Digest) -> Option<&Rc<[u8]>> {
        self.given
            .iter()
            .find(|(known, _)| known == digest)
            .map(|(_, bytes)| bytes)
    }

    /// How many bytes were given, all together. A snapshot holds them all, in Base64.
    #[must_use]
    pub fn given_bytes(&self) -> usize {
        self.given.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    /// Everything that was given, by digest: also what no row names any more. A push takes
    /// what it needs.
    pub(super) fn all_given(&self) -> &[(Digest, Rc<[u8]>)] {
        &self.given
    }

    /// What is to be written: the rows that are kept, have an entry and that nothing speaks
    /// against, in order.
    #[must_use]
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The bytes of the draft, their digest, and what they leave out of it.
    ///
    /// It is the same `Rc` as long as the draft is the same, so a view can tell by the pointer
    /// that nothing changed.
    #[must_use]
    pub fn written(&self) -> &Rc<Written> {
        &self.written
    }

    /// The rows that the entries of [`written`](Self::written) stand for, one for each in
    /// their order.
    ///
    /// The order need not be that of the composition: docker's form sorts its entries.
    pub fn written_rows(&self) -> impl Iterator<Item = &Row> {
        self.written
            .order
            .iter()
            .map(|place| &*self.composition.rows[self.written_places[*place]])
    }

    /// Every finding, the worst first; pointers are into the bytes of
    /// [`written`](Self::written).
    ///
    /// They are those of the written bytes, and those that need the rows: what was left out of
    /// the list, and what nobody verified. A source that was left out stands nowhere in the
    /// bytes; its finding has an empty pointer.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.findings.get_or_init(|| self.find())
    }

    /// The difference to the list that was opened; `None` where none was.
    #[must_use]
    pub fn difference(&self) -> Option<Difference> {
        let original = self.composition.original.as_ref()?;
        Some(Difference::between(
            (&original.list, original.kind),
            (&self.written.list, self.written.kind),
        ))
    }

    /// The commands of other tools for the same list; none without a target. `plain_http` are
    /// the hosts that speak plain http beside loopback ones.
    #[must_use]
    pub fn commands(&self, plain_http: &[RegistryHost]) -> Vec<Commands> {
        let target = self.composition.target.as_ref();
        target
            .map(|target| commands(&self.draft, target, plain_http))
            .unwrap_or_default()
    }

    /// The list as an OCI image layout, with the manifests that were fetched and verified and
    /// the configs that are here.
    ///
    /// Of a long list [`Msg::FetchAll`] fetches the rest first. The layout itself says what is
    /// missing in it. The list is called by the target's tag, `latest` where the target has
    /// none; without a target it has no name.
    #[must_use]
    pub fn layout(&self) -> Layout {
        let known = self.known();
        let tag = self
            .composition
            .target
            .as_ref()
            .map(|target| target.tag().cloned().unwrap_or_else(Tag::latest));
        self.written.layout(tag.as_ref(), &|digest| {
            let found = known
                .binary_search_by(|(known, _)| known.cmp(&digest))
                .ok()?;
            Some(Rc::clone(known[found].1))
        })
    }

    /// The name of the file to download.
    #[must_use]
    pub fn file_name(&self) -> String {
        self.written.file_name(self.composition.target.as_ref())
    }

    /// The name of the file for [`layout`](Self::layout).
    #[must_use]
    pub fn layout_name(&self) -> String {
        crate::compose::layout_name(self.composition.target.as_ref())
    }
}

/// Why a manifest that came is not composed; `None` where it is.
fn refusal_of(node: &Node) -> Option<Ineligible> {
    let refused = refusal(&node.manifest, &node.findings, &node.comparisons)?;
    let is_other = matches!(refused, Ineligible::NotJson(_) | Ineligible::Unsafe(_));
    Some(match &node.recognized {
        Some(known) if is_other => Ineligible::NoManifest(known.name.clone()),
        _ => refused,
    })
}

/// Takes one message into the model; the answer is what to do next.
///
/// An answer of another generation changes nothing. An answer that only verifies an entry, of
/// a manifest on which nothing else waits, does not write the list again.
///
/// An edit becomes a step to undo only if it changed the composition. It then empties the redo
/// steps, and forgets the oldest step behind the hundredth. What is typed in one text,
/// character by character, is one step: answers may come between, another change, undo or redo
/// may not.
///
/// Cancelling makes failures of what is waited for, and raises the generation, so that late
/// answers are dropped. Retrying forgets failures; what rows still lack is then asked for
/// again.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = Vec::new();
    model.findings.take();
    match msg {
        Msg::Received { generation, .. } if generation != model.generation() => return effects,
        Msg::Received {
            reference,
            what,
            result,
            ..
        } => {
            model.queue.answered();
            if model.take(&reference, what, result) {
                return model.start_fetches();
            }
        }
        Msg::Cancel => {
            model.queue.abandon();
            model.queue.clear();
            model.manifests.cancel();
            model.configs.cancel();
            effects.push(Effect::Abort);
        }
        Msg::Retry => {
            model.manifests.forget_failed();
            model.configs.forget_failed();
        }
        Msg::FetchAll => model.fetch_all = true,
        Msg::Undo => {
            model.typed = None;
            if let Some(before) = model.undo.pop_back() {
                model
                    .redo
                    .push(std::mem::replace(&mut model.composition, before));
            }
        }
        Msg::Redo => {
            model.typed = None;
            if let Some(after) = model.redo.pop() {
                model
                    .undo
                    .push_back(std::mem::replace(&mut model.composition, after));
            }
        }
        edit => {
            let before = model.composition.clone();
            let typed = edit.typed();
            model.edit(edit);
            if model.composition != before {
                model.redo.clear();
                if typed.is_none() || typed != model.typed {
                    model.undo.push_back(before);
                }
                if model.undo.len() > UNDO_STEPS {
                    model.undo.pop_front();
                }
                model.typed = typed;
            }
        }
    }
    effects.extend(model.next_fetches());
    model.refresh();
    effects
}

#[cfg(test)]
mod tests;
