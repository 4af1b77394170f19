//! The tags of a repository: which page is asked for next, and of which tags more is asked.
//!
//! [`Model`] takes a [`Msg`] and answers with [`Effect`]s. Pages come one after the other, at
//! most [`TAG_PAGES`](limits::TAG_PAGES) before a person has to ask for more. Behind the first
//! one an API of the registry may tell the digests of many tags ([`Source`]); of what is not
//! known then, the registry is asked tag by tag, for the rows in view alone.
//!
//! A list ends where the registry says so. Registries loop, leave their `Link` out or send a
//! wrong one; each rule against that stands in `pages`.

mod message;
pub(super) mod pages;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::fetch::{Failure, FetchQueue, Generation};
use crate::digest::Digest;
use crate::limits;
use crate::reference::Tag;
use crate::registry::error::RegistryError;
use crate::registry::link::LinkError;
use crate::registry::push::Repository;
use crate::registry::rate_limit::RateLimit;
use crate::registry::tags::{Page, PageAnswer, TagAnswer};
use crate::registry::transport::Via;
use crate::tags::{Collection, DetailsPage, Listing, ListingError, Source};

pub use message::{Effect, Msg};
use pages::{Arrived, Pages};

/// How much of the list is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A page is under way.
    Loading,
    /// All of it, as the registry says.
    Complete,
    /// There may be more.
    Partial(Partial),
}

/// Why there may be more than is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Partial {
    /// As many pages came as are asked for at once.
    Bound,
    /// The person cancelled.
    Cancelled,
    /// A page did not come.
    Failed(Failure),
    /// What came is no list.
    Unreadable(ListingError),
    /// The registry says that the list goes on at another place, which is not asked.
    LinkRefused(LinkError),
    /// The registry names a next page, and it brings nothing new.
    Repeats,
    /// More tags came than are kept; so many were left out.
    Full(usize),
}

/// What runs over all tags to find those of one digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The digest.
    pub digest: Digest,
    /// How many tags had to be asked about.
    pub of: usize,
}

/// What is known of zot's search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ZotSearch {
    NotAsked,
    Asked,
    /// It was asked, and gave no list of tags.
    NotThere,
}

/// The tags of one repository, as far as they are known.
#[derive(Clone, Debug)]
pub struct Model {
    place: Repository,
    tags: Collection,
    pages: Pages,
    via: Option<Via>,
    unusable: Vec<String>,
    /// How many names in the list are no tags.
    no_tags: usize,
    untagged: usize,
    children: Vec<String>,
    /// The API that tells of many tags, until it told all it does.
    source: Option<Source>,
    /// Whether it was looked for.
    is_source_known: bool,
    /// Whether its answer is under way.
    awaits_details: bool,
    zot: ZotSearch,
    questions: FetchQueue<Tag>,
    /// In view and not asked about yet, since an API may tell of them.
    in_view: Vec<Tag>,
    /// What was asked about and has no answer yet.
    asked: BTreeSet<Tag>,
    /// What the registry does not have any more.
    gone: BTreeSet<Tag>,
    /// Whether digests show only in manifests that are read.
    reads: bool,
    trouble: Option<Failure>,
    rate: Option<RateLimit>,
    search: Option<Search>,
}

impl Model {
    /// Begins to list the tags of a repository.
    ///
    /// `generation` has to be higher than that of every model before.
    #[must_use]
    pub fn open(place: Repository, generation: Generation) -> (Self, Vec<Effect>) {
        let (pages, first) = Pages::begin();
        let model = Self {
            place,
            tags: Collection::default(),
            pages,
            via: None,
            unusable: Vec::new(),
            no_tags: 0,
            untagged: 0,
            children: Vec::new(),
            source: None,
            is_source_known: false,
            awaits_details: false,
            zot: ZotSearch::NotAsked,
            questions: FetchQueue::new(generation),
            in_view: Vec::new(),
            asked: BTreeSet::new(),
            gone: BTreeSet::new(),
            reads: false,
            trouble: None,
            rate: None,
            search: None,
        };
        let effects = model.ask_for(Some(first));
        (model, effects)
    }

    /// Takes one message and returns the effects to run, in their order.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        let current = self.questions.generation();
        match msg {
            Msg::Page { generation, .. }
            | Msg::Details { generation, .. }
            | Msg::Told { generation, .. }
                if generation != current =>
            {
                Vec::new()
            }
            Msg::Page { result, .. } => self.take_page(*result),
            Msg::Details {
                source,
                page,
                result,
                ..
            } => self.take_details(source, page, result),
            Msg::Told { tag, result, .. } => self.take_told(&tag, result),
            Msg::InView(tags) => {
                self.in_view = tags;
                self.ask_in_view()
            }
            Msg::AskZot => self.ask_zot(),
            Msg::More => self.more(),
            Msg::Retry => self.retry(),
            Msg::Find(digest) => self.find(digest),
            Msg::EndSearch => {
                self.search = None;
                self.forget_waiting();
                self.ask_in_view()
            }
            Msg::Cancel => self.cancel(),
        }
    }

    fn ask_for(&self, page: Option<Page>) -> Vec<Effect> {
        let generation = self.questions.generation();
        let ask = page.map(|page| Effect::Page { generation, page });
        ask.into_iter().collect()
    }

    fn take_page(&mut self, result: Result<PageAnswer, Failure>) -> Vec<Effect> {
        let answer = match result {
            Ok(answer) => answer,
            Err(failure) => {
                let page = self.pages.failed(failure);
                return self.ask_for(page);
            }
        };
        self.via = Some(answer.via);
        let listing = match Listing::read(&answer.bytes) {
            Ok(listing) => listing,
            Err(error) => {
                self.pages.unreadable(error);
                return Vec::new();
            }
        };
        let Listing {
            tags,
            unusable,
            entries,
            last,
            children,
            untagged,
        } = listing;
        let no_tags = entries - tags.len();
        let new = self.tags.add(tags);
        // Who sends everything again says nothing new.
        if !self.pages.is_guess || new > 0 {
            self.no_tags += no_tags;
            if self.unusable.is_empty() {
                self.unusable = unusable;
            }
            self.untagged = self.untagged.max(untagged);
            self.children.extend(children);
            self.children.sort();
            self.children.dedup();
        }
        let next = self.pages.follow(Arrived {
            next: answer.next,
            asked_for: answer.asked_for,
            entries,
            new,
            last,
            left_out: self.tags.left_out(),
        });
        let mut effects = self.ask_for(next);
        if !self.is_source_known {
            self.is_source_known = true;
            self.source = self.source_of(answer.via);
            effects.extend(self.ask_source(1));
        }
        effects.extend(self.ask_in_view());
        effects
    }

    /// Goes on with the list: as many pages more as at first.
    fn more(&mut self) -> Vec<Effect> {
        let page = self.pages.more();
        self.ask_for(page)
    }

    /// Asks again for what did not come.
    fn retry(&mut self) -> Vec<Effect> {
        self.trouble = None;
        let page = self.pages.retry();
        let mut effects = self.ask_for(page);
        effects.extend(match self.search.take() {
            Some(search) => self.find(search.digest),
            None => self.ask_in_view(),
        });
        effects
    }

    fn cancel(&mut self) -> Vec<Effect> {
        self.pages.cancel();
        self.questions.clear();
        self.questions.abandon();
        self.awaits_details = false;
        self.source = None;
        self.search = None;
        // What was on its way has no answer.
        self.asked.clear();
        vec![Effect::Abort]
    }

    /// Which API tells of many tags, where there is one to ask along this way.
    fn source_of(&self, via: Via) -> Option<Source> {
        let known = Source::of(&self.place.host).filter(|_| !self.tags.all().is_empty());
        known.filter(|source| *source != Source::Zot || via == Via::Direct)
    }

    fn ask_zot(&mut self) -> Vec<Effect> {
        self.forget_waiting();
        self.source = Some(Source::Zot);
        self.ask_source(1).into_iter().collect()
    }

    fn ask_source(&mut self, page: usize) -> Option<Effect> {
        let source = self.source?;
        self.awaits_details = true;
        if source == Source::Zot {
            self.zot = ZotSearch::Asked;
        }
        Some(Effect::Details {
            generation: self.questions.generation(),
            source,
            page,
        })
    }

    /// Takes the answer of an API. What it does not tell is asked for tag by tag; that it fails
    /// is no trouble.
    fn take_details(
        &mut self,
        source: Source,
        page: usize,
        result: Result<Option<Vec<u8>>, Failure>,
    ) -> Vec<Effect> {
        self.awaits_details = false;
        let bytes = result.ok().flatten();
        let read = bytes.and_then(|bytes| DetailsPage::read(source, &bytes).ok());
        let mut has_more = false;
        if source == Source::Zot && read.is_none() {
            self.zot = ZotSearch::NotThere;
        }
        if let Some(answer) = read {
            has_more = answer.has_more && !answer.tags.is_empty();
            for (tag, details) in answer.tags {
                self.tags.tell(&tag, details);
            }
        }
        if has_more && page < limits::TAG_DETAIL_PAGES {
            return self.ask_source(page + 1).into_iter().collect();
        }
        self.source = None;
        self.ask_in_view()
    }

    /// Asks about the rows in view, of which nothing is known.
    fn ask_in_view(&mut self) -> Vec<Effect> {
        if self.awaits_details || self.search.is_some() || self.trouble.is_some() {
            return Vec::new();
        }
        // Who scrolls on does not wait for what is out of view.
        self.forget_waiting();
        for tag in self.in_view.clone() {
            self.want(tag);
        }
        self.start()
    }

    /// Puts a question about a tag into the queue, where it is needed.
    fn want(&mut self, tag: Tag) {
        let known = self.tags.find(&tag);
        let needs = known.is_some_and(|place| self.tags.all()[place].digest().is_none());
        if !needs || self.gone.contains(&tag) {
            return;
        }
        if self.asked.insert(tag.clone()) {
            self.questions.push(tag);
        }
    }

    /// Lets go of what waits for its request.
    fn forget_waiting(&mut self) {
        while let Some(tag) = self.questions.pop() {
            self.asked.remove(&tag);
        }
    }

    fn start(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        while let Some(tag) = self.questions.start(limits::REQUESTS_AT_ONCE) {
            effects.push(Effect::Ask {
                generation: self.questions.generation(),
                tag,
                reads: self.reads,
            });
        }
        effects
    }

    fn take_told(&mut self, tag: &Tag, result: Result<TagAnswer, Failure>) -> Vec<Effect> {
        self.questions.answered();
        self.asked.remove(tag);
        match result {
            Ok(answer) => {
                self.reads |= answer.was_read;
                self.rate = answer.rate.or(self.rate);
                self.tags.tell(tag, answer.details);
            }
            Err(Failure::Registry(error)) if matches!(*error, RegistryError::NotFound(_)) => {
                self.gone.insert(tag.clone());
            }
            Err(failure) => {
                // What fails once would fail for all the others too.
                self.forget_waiting();
                self.trouble = Some(failure);
            }
        }
        self.start()
    }

    /// Which tags have to be asked about, so that all tags of a digest are known.
    fn unknown(&self) -> impl Iterator<Item = &Tag> {
        let tagged = self.tags.all().iter();
        let unknown = tagged.filter(|tagged| {
            let is_gone = || self.gone.contains(&tagged.tag);
            !tagged.kind.is_machine() && tagged.digest().is_none() && !is_gone()
        });
        unknown.map(|tagged| &tagged.tag)
    }

    fn find(&mut self, digest: Digest) -> Vec<Effect> {
        self.trouble = None;
        let unknown: Vec<Tag> = self.unknown().cloned().collect();
        self.search = Some(Search {
            digest,
            of: unknown.len(),
        });
        for tag in unknown {
            self.want(tag);
        }
        self.start()
    }

    /// The repository.
    #[must_use]
    pub fn place(&self) -> &Repository {
        &self.place
    }

    /// The generation that answers have to carry.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.questions.generation()
    }

    /// The tags that came so far.
    #[must_use]
    pub fn tags(&self) -> &Collection {
        &self.tags
    }

    /// How much of the list is here.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.pages.progress
    }

    /// Whether the list goes on at a place that is known.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.pages.next.is_some()
    }

    /// How many pages came.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.pages.came
    }

    /// The way the list came.
    #[must_use]
    pub fn via(&self) -> Option<Via> {
        self.via
    }

    /// The first names in the list that are no tags, and how many there are.
    #[must_use]
    pub fn unusable(&self) -> (&[String], usize) {
        (&self.unusable, self.no_tags)
    }

    /// How many manifests the registry lists that have no tag.
    #[must_use]
    pub fn untagged(&self) -> usize {
        self.untagged
    }

    /// Repositories below this one, where the registry names them.
    #[must_use]
    pub fn children(&self) -> &[String] {
        &self.children
    }

    /// How many questions about tags have no answer yet, those to an API among them.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.questions.pending() + usize::from(self.awaits_details)
    }

    /// Whether the registry may be a zot whose search was not asked: it hides its headers from
    /// pages, as each zot does, and lets them read its answers.
    #[must_use]
    pub fn may_be_zot(&self) -> bool {
        self.reads && self.via == Some(Via::Direct) && self.zot == ZotSearch::NotAsked
    }

    /// Whether zot's search was asked, and gave no list of tags.
    #[must_use]
    pub fn has_no_search(&self) -> bool {
        self.zot == ZotSearch::NotThere
    }

    /// Whether the registry is being asked about that tag.
    #[must_use]
    pub fn is_asked(&self, tag: &Tag) -> bool {
        self.asked.contains(tag)
    }

    /// Whether the registry lists that tag and does not have it.
    #[must_use]
    pub fn is_gone(&self, tag: &Tag) -> bool {
        self.gone.contains(tag)
    }

    /// Why nothing more is asked about tags.
    #[must_use]
    pub fn trouble(&self) -> Option<&Failure> {
        self.trouble.as_ref()
    }

    /// How many more manifests the registry gives for now, where it said so.
    #[must_use]
    pub fn rate(&self) -> Option<RateLimit> {
        self.rate
    }

    /// Whether digests are found by reading manifests, since the registry hides them from pages.
    #[must_use]
    pub fn reads(&self) -> bool {
        self.reads
    }

    /// The digest whose tags are looked for.
    #[must_use]
    pub fn search(&self) -> Option<&Search> {
        self.search.as_ref()
    }

    /// How many requests it takes to know all tags of a digest among those that are here.
    #[must_use]
    pub fn to_ask(&self) -> usize {
        self.unknown().count()
    }
}
