//! The state of Tags: messages in, effects out.

use std::ops::Range;

use waybill_core::digest::Digest;
use waybill_core::reference::{Reference, RegistryHost, Tag, Target};
use waybill_core::registry::push::Repository;
use waybill_core::registry::transport::Via;
use waybill_core::tags::{Arrangement, Kind, Order, Row, has_words};
use waybill_core::workflow::catalog;
use waybill_core::workflow::fetch::Generation;
use waybill_core::workflow::tags::{self as workflow, Model, Progress};

use super::message::{Effect, Key, Msg, Place};
use crate::limits::ROWS_DRAWN;
use crate::route::{InspectSource, PartPage, Route, View};
use crate::shell::{PageCommand, PageOrigin, Request};

/// The id of the filter, which has the focus.
pub(super) const FILTER: &str = "tag-filter";

/// Holds what Tags shows. Only [`State::update`] changes it.
#[derive(Debug)]
pub struct State {
    /// Whether this page is the one that is shown.
    pub is_shown: bool,
    /// The repository; `None` where the address names none.
    pub repository: Option<Reference>,
    /// What is wrong with the address, where it names no repository.
    pub wrong: Option<String>,
    /// Stands in front of a reference in a link: `http://`, or nothing.
    pub scheme: &'static str,
    /// The tags, as far as they are known.
    pub model: Option<Model>,
    /// The repositories of a registry, where those are listed.
    pub catalog: Option<catalog::Model>,
    /// Places of the repositories that the filter leaves.
    pub found: Vec<usize>,
    /// The text of the filter.
    pub filter: String,
    /// The order of the rows.
    pub order: Order,
    /// The kinds that were unfolded.
    pub open: Vec<Kind>,
    /// The digest whose tags alone are shown.
    pub digest: Option<Digest>,
    /// What was ticked, in the order of ticking.
    pub ticked: Vec<Tag>,
    /// All rows, of which one page is drawn.
    pub rows: Vec<Row>,
    /// The first row that is drawn.
    pub from: usize,
    /// When the page was opened, in seconds since the beginning of 1970: ages are counted up to then.
    pub opened: i64,
    origin: PageOrigin,
    generation: Generation,
    /// What the shell was told last of how the answers came.
    via: Option<String>,
    /// What the list was told last to be in view.
    in_view: Vec<Tag>,
}

impl State {
    /// Makes the state of the page before anything is shown on it.
    #[must_use]
    pub fn new(origin: PageOrigin, opened: i64) -> Self {
        Self {
            is_shown: false,
            repository: None,
            wrong: None,
            scheme: "",
            model: None,
            catalog: None,
            found: Vec::new(),
            filter: String::new(),
            order: Order::default(),
            open: Vec::new(),
            digest: None,
            ticked: Vec::new(),
            rows: Vec::new(),
            from: 0,
            opened,
            origin,
            generation: Generation::default(),
            via: None,
            in_view: Vec::new(),
        }
    }

    /// Takes one message and returns the effects to run, in their order.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        // What a tag names changes no row, unless rows are chosen by it.
        let changes_rows = match &msg {
            Msg::Workflow(workflow::Msg::Told { .. }) => self.digest.is_some(),
            Msg::Tick(_) | Msg::Untick | Msg::Rows(_) | Msg::Key(..) | Msg::Action(_) => false,
            Msg::Command(_)
            | Msg::Workflow(_)
            | Msg::Catalog(_)
            | Msg::Filter(_)
            | Msg::Order(_)
            | Msg::Fold(_)
            | Msg::Find(_)
            | Msg::ShowAll => true,
        };
        let is_button = match &msg {
            Msg::Workflow(msg) => matches!(
                msg,
                workflow::Msg::AskZot
                    | workflow::Msg::More
                    | workflow::Msg::Retry
                    | workflow::Msg::Cancel
            ),
            Msg::Catalog(msg) => !matches!(msg, catalog::Msg::Page { .. }),
            Msg::Untick | Msg::Find(_) | Msg::ShowAll | Msg::Action(_) => true,
            Msg::Command(_)
            | Msg::Filter(_)
            | Msg::Order(_)
            | Msg::Fold(_)
            | Msg::Rows(_)
            | Msg::Key(..)
            | Msg::Tick(_) => false,
        };
        let mut effects = match msg {
            Msg::Command(PageCommand::Show(address)) => self.go(&address),
            Msg::Command(PageCommand::Open(_)) => Vec::new(),
            Msg::Command(PageCommand::Hide) => self.hide(),
            Msg::Command(PageCommand::Retry) => {
                let mut effects = self.tell(workflow::Msg::Retry);
                effects.extend(self.tell_catalog(catalog::Msg::Retry));
                effects
            }
            Msg::Workflow(msg) => self.tell(msg),
            Msg::Catalog(msg) => self.tell_catalog(msg),
            Msg::Filter(text) => {
                self.filter = text;
                self.from = 0;
                Vec::new()
            }
            Msg::Order(order) => {
                self.order = order;
                self.from = 0;
                Vec::new()
            }
            Msg::Fold(kind) => {
                match self.open.iter().position(|known| *known == kind) {
                    Some(place) => drop(self.open.remove(place)),
                    None => self.open.push(kind),
                }
                Vec::new()
            }
            Msg::Rows(from) => {
                self.from = from;
                Vec::new()
            }
            Msg::Key(place, key) => self.key(place, key),
            Msg::Tick(tag) => {
                self.tick(tag);
                Vec::new()
            }
            Msg::Untick => {
                self.ticked.clear();
                Vec::new()
            }
            Msg::Find(digest) => {
                self.digest = Some(digest.clone());
                self.filter.clear();
                self.from = 0;
                self.tell(workflow::Msg::Find(digest))
            }
            Msg::ShowAll => {
                self.digest = None;
                self.from = 0;
                self.tell(workflow::Msg::EndSearch)
            }
            Msg::Action(action) => {
                let listed = self.catalog.as_ref().map(|model| model.host().clone());
                let host = listed.or(self.repository.as_ref().map(|it| it.host().clone()));
                let act = host.map(|host| Effect::Request(Request::Act(host, action)));
                act.into_iter().collect()
            }
        };
        if changes_rows {
            self.arrange();
        }
        effects.extend(self.tell_in_view());
        effects.extend(self.tell_via());
        let is_filter_gone = self.is_shown && !self.is_listed();
        effects.extend((is_button || is_filter_gone).then_some(Effect::KeepFocus));
        effects
    }

    /// The rows that are drawn.
    #[must_use]
    pub fn drawn(&self) -> Range<usize> {
        let from = self.from.min(self.len());
        from..(from + ROWS_DRAWN).min(self.len())
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.catalog {
            Some(_) => self.found.len(),
            None => self.rows.len(),
        }
    }

    /// Whether there is something to filter, or may be soon.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        let is_tagged = |model: &Model| {
            !model.tags().all().is_empty() || *model.progress() == Progress::Loading
        };
        let is_listed = |model: &catalog::Model| {
            !model.repositories().is_empty() || *model.progress() == Progress::Loading
        };
        self.model.as_ref().is_some_and(is_tagged) || self.catalog.as_ref().is_some_and(is_listed)
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The address of a repository's tags, by its row.
    #[must_use]
    pub fn repository_at(&self, row: usize) -> Option<Route> {
        let catalog = self.catalog.as_ref()?;
        let name = catalog.repositories().get(*self.found.get(row)?)?;
        let host = catalog.host().as_str();
        let rest = ["/", self.scheme, host, "/", name.as_str()].concat();
        Some(Route::Part(PartPage::Tags, rest))
    }

    /// The reference of a tag, as it stands in an address.
    #[must_use]
    pub fn reference(&self, tag: &Tag) -> Option<String> {
        let reference = self.repository.as_ref()?.at(Target::Tag(tag.clone()));
        Some([self.scheme, &reference.familiar()].concat())
    }

    /// Whether a digest is looked for and there are tags that were not asked about.
    #[must_use]
    pub fn is_searching(&self) -> bool {
        let model = self.model.as_ref();
        model.is_some_and(|model| model.search().is_some() && model.pending() > 0)
    }

    fn tell(&mut self, msg: workflow::Msg) -> Vec<Effect> {
        let effects = self.model.as_mut().map(|model| model.update(msg));
        effects
            .into_iter()
            .flatten()
            .map(Effect::Workflow)
            .collect()
    }

    fn tell_catalog(&mut self, msg: catalog::Msg) -> Vec<Effect> {
        let effects = self.catalog.as_mut().map(|model| model.update(msg));
        effects.into_iter().flatten().map(Effect::Catalog).collect()
    }

    /// Goes to what stands behind the page's name in the address: `/REPOSITORY[?digest=DIGEST]`, or `/HOST/`. Plain http in
    /// it is the person's choice.
    fn go(&mut self, address: &str) -> Vec<Effect> {
        let (text, query) = address.split_once('?').unwrap_or((address, ""));
        let text = text.strip_prefix('/').unwrap_or(text);
        let without = text.strip_prefix("http://");
        let (bare, plain_http) = (without.unwrap_or(text), without.is_some());
        let digest = query.strip_prefix("digest=");
        let digest = digest.and_then(|digest| digest.parse().ok());
        let speak = |host: &RegistryHost| {
            plain_http.then(|| Effect::Request(Request::SetPlainHttp(host.clone())))
        };
        let registry = bare.strip_suffix('/').and_then(|host| host.parse().ok());
        if let Some(host) = registry {
            let mut effects: Vec<_> = speak(&host).into_iter().collect();
            effects.extend(self.show_registry(host, plain_http));
            return effects;
        }
        match bare.parse::<Reference>() {
            Ok(reference) => {
                let mut effects: Vec<_> = speak(reference.host()).into_iter().collect();
                let repository = Some(reference.repository_only());
                effects.extend(self.show(repository, plain_http, digest));
                effects
            }
            Err(error) => {
                let effects = self.show(None, false, None);
                self.wrong = Some(error.to_string());
                effects
            }
        }
    }

    fn show_registry(&mut self, host: RegistryHost, plain_http: bool) -> Vec<Effect> {
        let title = ["Repositories of ", host.as_str(), " · Waybill"].concat();
        let mut effects = vec![Effect::Request(Request::Title(title))];
        let is_here = self
            .catalog
            .as_ref()
            .is_some_and(|model| *model.host() == host);
        if is_here {
            effects.extend(self.tell_catalog(catalog::Msg::Retry));
        } else {
            effects.extend(self.begin_anew());
            self.generation = self.generation.next();
            let (model, first) = catalog::Model::open(host, self.generation);
            self.catalog = Some(model);
            effects.extend(first.into_iter().map(Effect::Catalog));
        }
        self.scheme = if plain_http { "http://" } else { "" };
        self.is_shown = true;
        effects.push(Effect::Request(Request::Focus(FILTER)));
        effects
    }

    /// Stops what is under way, and shows nothing.
    fn begin_anew(&mut self) -> Vec<Effect> {
        let effects = self.hide();
        *self = Self {
            generation: self.generation,
            via: self.via.take(),
            ..Self::new(self.origin.clone(), self.opened)
        };
        effects
    }

    fn show(
        &mut self,
        repository: Option<Reference>,
        plain_http: bool,
        digest: Option<Digest>,
    ) -> Vec<Effect> {
        let name = repository.as_ref().map(Reference::familiar);
        let title = [
            "Tags",
            name.as_ref().map_or("", |_| " of "),
            name.as_deref().unwrap_or(""),
        ];
        let title = [&title.concat(), " · Waybill"].concat();
        let mut effects = vec![Effect::Request(Request::Title(title))];
        let is_here = self.repository == repository && self.model.is_some();
        if !is_here {
            effects.extend(self.begin_anew());
            self.repository = repository;
            if let Some(reference) = &self.repository {
                self.generation = self.generation.next();
                let place = Repository::from_reference(reference);
                let (model, first) = Model::open(place, self.generation);
                self.model = Some(model);
                effects.extend(first.into_iter().map(Effect::Workflow));
            }
        } else if !self.is_shown {
            // What was stopped when the page was left goes on.
            effects.extend(self.tell(workflow::Msg::Retry));
        }
        self.scheme = if plain_http { "http://" } else { "" };
        self.is_shown = true;
        self.digest = digest;
        effects.push(Effect::Request(Request::Focus(FILTER)));
        effects
    }

    /// Stops what is under way; what came stays.
    fn hide(&mut self) -> Vec<Effect> {
        self.is_shown = false;
        self.in_view.clear();
        let mut effects = self.tell(workflow::Msg::Cancel);
        effects.extend(self.tell_catalog(catalog::Msg::Cancel));
        let tags = self.model.as_ref().map(Model::generation);
        let catalog = self.catalog.as_ref().map(catalog::Model::generation);
        self.generation = [Some(self.generation), tags, catalog]
            .into_iter()
            .flatten()
            .max()
            .unwrap_or_default();
        effects
    }

    fn arrange(&mut self) {
        if let Some(catalog) = &self.catalog {
            let repositories = catalog.repositories().iter().enumerate();
            let found = repositories.filter(|(_, name)| has_words(name.as_str(), &self.filter));
            self.found = found.map(|(place, _)| place).collect();
        }
        self.rows = match &self.model {
            Some(model) => model.tags().rows(&Arrangement {
                filter: &self.filter,
                order: self.order,
                digest: self.digest.as_ref(),
                open: if self.digest.is_some() {
                    &Kind::FOLDED
                } else {
                    &self.open
                },
            }),
            None => Vec::new(),
        };
        if self.from >= self.len() {
            self.from = 0;
        }
    }

    fn tag_of(&self, row: usize) -> Option<&Tag> {
        match self.rows.get(row)? {
            Row::Tag(index) => Some(&self.model.as_ref()?.tags().all().get(*index)?.tag),
            Row::Fold(_) => None,
        }
    }

    fn tick(&mut self, tag: Tag) {
        match self.ticked.iter().position(|known| *known == tag) {
            Some(place) => drop(self.ticked.remove(place)),
            None => self.ticked.push(tag),
        }
    }

    fn key(&mut self, place: Place, key: Key) -> Vec<Effect> {
        let last = self.len().saturating_sub(1);
        let row = match (place, key) {
            (Place::Filter, Key::Enter) => return self.inspect_first(),
            (Place::Filter, _) => self.from,
            (Place::Row(0), Key::Up) => return vec![Effect::Request(Request::Focus(FILTER))],
            (Place::Row(row), Key::Up) => row - 1,
            (Place::Row(row), Key::Down) => row + 1,
            (Place::Row(row), Key::PageUp) => row.saturating_sub(ROWS_DRAWN),
            (Place::Row(row), Key::PageDown) => row + ROWS_DRAWN,
            (Place::Row(_), Key::Home) => 0,
            (Place::Row(_), Key::End) => last,
            (Place::Row(row), Key::Space) => {
                if let Some(tag) = self.tag_of(row).cloned() {
                    self.tick(tag);
                }
                return Vec::new();
            }
            (Place::Row(_), Key::Enter) => return Vec::new(),
        };
        if self.is_empty() {
            return Vec::new();
        }
        let row = row.min(last);
        if !self.drawn().contains(&row) {
            self.from = row - row % ROWS_DRAWN;
        }
        vec![Effect::FocusRow(row)]
    }

    /// Inspects the first tag of those that the filter leaves.
    fn inspect_first(&self) -> Vec<Effect> {
        if let Some(route) = self.repository_at(0) {
            return vec![Effect::Request(Request::Navigate(route))];
        }
        let first = (0..self.rows.len()).find_map(|row| self.tag_of(row));
        let reference = first.and_then(|tag| self.reference(tag));
        let route = |text| Route::Inspect(InspectSource::Reference(text), View::default());
        let go = reference.map(|text| Effect::Request(Request::Navigate(route(text))));
        go.into_iter().collect()
    }

    /// Tells the list which tags are drawn, where those are others than before.
    fn tell_in_view(&mut self) -> Vec<Effect> {
        if !self.is_shown {
            return Vec::new();
        }
        let in_view: Vec<Tag> = self
            .drawn()
            .filter_map(|row| self.tag_of(row).cloned())
            .collect();
        if in_view == self.in_view {
            return Vec::new();
        }
        self.in_view.clone_from(&in_view);
        self.tell(workflow::Msg::InView(in_view))
    }

    /// Tells the shell how the answers came, where that is new.
    fn tell_via(&mut self) -> Option<Effect> {
        let tags = self.model.as_ref().and_then(Model::via);
        let via = tags.or(self.catalog.as_ref().and_then(catalog::Model::via));
        let via = via.filter(|_| self.is_shown).map(|via| match via {
            Via::Direct => "directly from the registry".to_owned(),
            Via::Proxy => ["through the proxy at ", &self.origin.host].concat(),
        });
        (via != self.via).then(|| {
            self.via.clone_from(&via);
            Effect::Request(Request::Via(via))
        })
    }
}
