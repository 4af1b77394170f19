//! How a list goes on, page by page, and where it ends.

use super::{Partial, Progress};
use crate::limits;
use crate::reference::{RepositoryPath, Tag};
use crate::registry::link::LinkError;
use crate::registry::tags::Page;
use crate::tags::ListingError;
use crate::workflow::fetch::Failure;

/// Registries that cut a list do so at a round number of entries.
const ROUND: usize = 50;

/// The pages of one list. Each step answers with the page to ask for now; `None` where there is none.
#[derive(Clone, Debug)]
pub(in crate::workflow) struct Pages {
    pub(in crate::workflow) progress: Progress,
    /// Where it goes on, where that is known and nothing is under way.
    pub(in crate::workflow) next: Option<Page>,
    /// Which pages were asked for, so that none is asked for twice.
    visited: Vec<Page>,
    /// How many pages came in all, and how many may come before a person is asked.
    pub(in crate::workflow) came: usize,
    bound: usize,
    /// Whether the page under way is one that no answer named: it may only show that there is
    /// nothing more.
    pub(in crate::workflow) is_guess: bool,
}

/// What a page that came says of the next one.
pub(in crate::workflow) struct Arrived {
    /// By its `Link`.
    pub(in crate::workflow) next: Result<Option<String>, LinkError>,
    /// How many entries were asked for; `None` where the registry was left to say how many.
    pub(in crate::workflow) asked_for: Option<usize>,
    /// How many it has.
    pub(in crate::workflow) entries: usize,
    /// How many of them were not known.
    pub(in crate::workflow) new: usize,
    /// The last name in it.
    pub(in crate::workflow) last: Option<String>,
    /// How many are left out, since more came than are kept.
    pub(in crate::workflow) left_out: usize,
}

impl Pages {
    /// Begins with the first page.
    pub(in crate::workflow) fn begin() -> (Self, Page) {
        let pages = Self {
            progress: Progress::Loading,
            next: None,
            visited: vec![Page::First],
            came: 0,
            bound: limits::TAG_PAGES,
            is_guess: false,
        };
        (pages, Page::First)
    }

    fn ask_for(&mut self, page: Page) -> Page {
        self.progress = Progress::Loading;
        self.next = None;
        self.visited.push(page.clone());
        page
    }

    /// Takes a page that came, and says which one to ask for now, unless as many came as are
    /// asked for at once.
    pub(in crate::workflow) fn follow(&mut self, arrived: Arrived) -> Option<Page> {
        self.came += 1;
        match self.behind(arrived) {
            Ok(page) if self.came < self.bound => Some(self.ask_for(page)),
            Ok(page) => {
                self.next = Some(page);
                self.progress = Progress::Partial(Partial::Bound);
                None
            }
            Err(end) => {
                self.progress = end;
                None
            }
        }
    }

    /// Where the list goes on behind a page, or that it ends.
    ///
    /// - A `Link` is followed; where it leads to another origin, or to a page that was asked for
    ///   already, the list stops there, and what is here is told to be a part.
    /// - Without one the list is over, unless exactly as many came as were asked for (directly:
    ///   a round number). Then what follows the last name is asked for once: crane's registry
    ///   has more there, others send all of it again.
    /// - A page that brings nothing new ends it: CNCF distribution 2.8 and crane's registry
    ///   answer for ever.
    fn behind(&mut self, arrived: Arrived) -> Result<Page, Progress> {
        let is_guess = std::mem::take(&mut self.is_guess);
        let part = |why| Err(Progress::Partial(why));
        if arrived.left_out > 0 {
            return part(Partial::Full(arrived.left_out));
        }
        let next = match arrived.next {
            Err(error) => return part(Partial::LinkRefused(error)),
            Ok(next) => next.map(Page::Linked),
        };
        if is_guess && arrived.new == 0 {
            return Err(Progress::Complete);
        }
        let Some(next) = next else {
            let is_full = match arrived.asked_for {
                Some(asked_for) => arrived.entries == asked_for,
                None => arrived.entries > 0 && arrived.entries.is_multiple_of(ROUND),
            };
            let is_name = |last: &String| {
                last.parse::<Tag>().is_ok() || last.parse::<RepositoryPath>().is_ok()
            };
            return match arrived.last.filter(|last| is_full && is_name(last)) {
                Some(last) => {
                    self.is_guess = true;
                    Ok(Page::After(last))
                }
                None => Err(Progress::Complete),
            };
        };
        if arrived.new == 0 || self.visited.contains(&next) {
            return part(Partial::Repeats);
        }
        Ok(next)
    }

    /// What came is no list: the end, where nobody promised a page.
    pub(in crate::workflow) fn unreadable(&mut self, error: ListingError) {
        self.progress = if std::mem::take(&mut self.is_guess) {
            Progress::Complete
        } else {
            Progress::Partial(Partial::Unreadable(error))
        };
    }

    /// A page did not come. One that nobody promised may be refused: zot answers 404 behind a
    /// name that it does not have. A wrong address of the registry's is tried by the name in it.
    pub(in crate::workflow) fn failed(&mut self, failure: Failure) -> Option<Page> {
        let is_guess = std::mem::take(&mut self.is_guess);
        let status = match &failure {
            Failure::Registry(error) => error.answer().map(|answer| answer.status),
            Failure::NotBundled
            | Failure::NotListed(_)
            | Failure::TooLarge { .. }
            | Failure::NotLoaded(_)
            | Failure::Cancelled => None,
        };
        let is_refused = status.is_some_and(|status| {
            (400..500).contains(&status) && ![401, 403, 429].contains(&status)
        });
        if is_guess && is_refused {
            self.progress = Progress::Complete;
            return None;
        }
        let page = self.visited.last().cloned();
        let by_name = page.as_ref().and_then(Page::by_name);
        let by_name = by_name.filter(|page| is_refused && !self.visited.contains(page));
        if let Some(page) = by_name {
            return Some(self.ask_for(page));
        }
        self.next = page;
        self.is_guess = is_guess;
        self.progress = Progress::Partial(Partial::Failed(failure));
        None
    }

    /// Goes on where it is known how: as many pages more as at first.
    pub(in crate::workflow) fn more(&mut self) -> Option<Page> {
        let page = self.next.take()?;
        self.bound = self.came + limits::TAG_PAGES;
        self.visited.retain(|known| *known != page);
        Some(self.ask_for(page))
    }

    /// Asks again for what did not come, or was no list.
    pub(in crate::workflow) fn retry(&mut self) -> Option<Page> {
        match self.progress {
            Progress::Partial(Partial::Failed(_) | Partial::Cancelled) => self.more(),
            Progress::Partial(Partial::Unreadable(_)) => {
                self.next = self.visited.last().cloned();
                self.more()
            }
            Progress::Loading | Progress::Complete | Progress::Partial(_) => None,
        }
    }

    /// Stops; it goes on with the page that was under way.
    pub(in crate::workflow) fn cancel(&mut self) {
        if self.progress == Progress::Loading {
            self.next = self.visited.last().cloned();
            self.progress = Progress::Partial(Partial::Cancelled);
        }
    }
}
