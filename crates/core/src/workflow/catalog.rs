//! The repositories of a registry, where it lists them.
//!
//! Few registries offer that to everybody, and the proxy relays it only where it was switched on.
//! The list goes on and ends by the rules of lists of tags.

use super::fetch::{Failure, Generation};
use super::tags::Progress;
use super::tags::pages::{Arrived, Pages};
use crate::limits;
use crate::reference::{RegistryHost, RepositoryPath};
use crate::registry::tags::{Page, PageAnswer};
use crate::registry::transport::Via;
use crate::tags::Listing;

/// The repositories of one registry, as far as they are known.
#[derive(Clone, Debug)]
pub struct Model {
    host: RegistryHost,
    generation: Generation,
    repositories: Vec<RepositoryPath>,
    pages: Pages,
    via: Option<Via>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Msg {
    /// A page of the list came, or did not.
    Page {
        /// That of the effect.
        generation: Generation,
        /// The page.
        result: Box<Result<PageAnswer, Failure>>,
    },
    /// Go on with the list.
    More,
    /// Ask again for what did not come.
    Retry,
    /// Stop what is under way.
    Cancel,
}

/// What has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask for a page of the list, and send it back as [`Msg::Page`].
    Page {
        /// To be sent back.
        generation: Generation,
        /// Which page.
        page: Page,
    },
    /// Stop every request under way.
    Abort,
}

impl Model {
    /// Begins to list the repositories of a registry.
    ///
    /// `generation` has to be higher than that of every model before.
    #[must_use]
    pub fn open(host: RegistryHost, generation: Generation) -> (Self, Vec<Effect>) {
        let (pages, page) = Pages::begin();
        let model = Self {
            host,
            generation,
            repositories: Vec::new(),
            pages,
            via: None,
        };
        (model, vec![Effect::Page { generation, page }])
    }

    /// Takes one message and returns the effects to run, in their order.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        let page = match msg {
            Msg::Page { generation, .. } if generation != self.generation => None,
            Msg::Page { result, .. } => self.take(*result),
            Msg::More => self.pages.more(),
            Msg::Retry => self.pages.retry(),
            Msg::Cancel => {
                self.pages.cancel();
                self.generation = self.generation.next();
                return vec![Effect::Abort];
            }
        };
        let generation = self.generation;
        let ask = page.map(|page| Effect::Page { generation, page });
        ask.into_iter().collect()
    }

    fn take(&mut self, result: Result<PageAnswer, Failure>) -> Option<Page> {
        let answer = match result {
            Ok(answer) => answer,
            Err(failure) => return self.pages.failed(failure),
        };
        self.via = Some(answer.via);
        let (names, last) = match Listing::read_catalog(&answer.bytes) {
            Ok(listing) => listing,
            Err(error) => {
                self.pages.unreadable(error);
                return None;
            }
        };
        let (before, entries) = (self.repositories.len(), names.len());
        self.repositories.extend(names);
        self.repositories.sort_unstable();
        self.repositories.dedup();
        let left_out = self.repositories.len().saturating_sub(limits::TAGS_LISTED);
        self.repositories.truncate(limits::TAGS_LISTED);
        self.pages.follow(Arrived {
            next: answer.next,
            asked_for: answer.asked_for,
            entries,
            new: self.repositories.len().saturating_sub(before),
            last,
            left_out,
        })
    }

    /// The registry.
    #[must_use]
    pub fn host(&self) -> &RegistryHost {
        &self.host
    }

    /// The generation that answers have to carry.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// The repositories that came so far, by their names.
    #[must_use]
    pub fn repositories(&self) -> &[RepositoryPath] {
        &self.repositories
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(names: &[&str], next: Option<&str>) -> PageAnswer {
        let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
        PageAnswer {
            bytes: format!("{{\"repositories\":[{}]}}", names.join(",")).into_bytes(),
            via: Via::Proxy,
            asked_for: Some(limits::TAGS_IN_A_PAGE),
            next: Ok(next.map(str::to_owned)),
        }
    }

    #[test]
    fn repositories_of_all_pages_stand_by_their_names() {
        let host = "r.example".parse().expect("a host");
        let (mut model, effects) = Model::open(host, Generation(1));
        let generation = model.generation();
        assert_eq!(
            effects,
            [Effect::Page {
                generation,
                page: Page::First
            }]
        );
        let result = Box::new(Ok(page(&["b", "a/x", "../c"], Some("u?2"))));
        let next = model.update(Msg::Page { generation, result });
        let linked = Page::Linked("u?2".into());
        assert_eq!(
            next,
            [Effect::Page {
                generation,
                page: linked
            }]
        );
        let result = Box::new(Ok(page(&["a", "b"], None)));
        assert_eq!(model.update(Msg::Page { generation, result }), []);
        let names: Vec<&str> = model
            .repositories()
            .iter()
            .map(RepositoryPath::as_str)
            .collect();
        assert_eq!(
            (names, model.progress()),
            (vec!["a", "a/x", "b"], &Progress::Complete)
        );
    }

    #[test]
    fn a_cancelled_list_takes_no_late_answer() {
        let host = "r.example".parse().expect("a host");
        let (mut model, _) = Model::open(host, Generation(1));
        let generation = model.generation();
        assert_eq!(model.update(Msg::Cancel), [Effect::Abort]);
        let result = Box::new(Ok(page(&["b"], None)));
        assert_eq!(model.update(Msg::Page { generation, result }), []);
        assert!(model.repositories().is_empty() && model.goes_on());
        assert_eq!(model.update(Msg::More).len(), 1);
    }
}
