//! The shell's state: messages in, effects out. Nothing here touches the browser, so every state can be made in a test.

use std::fmt;
use std::rc::Rc;

use waybill_core::input::{Input, InputError};
use waybill_core::reference::{Reference, ReferenceError, RegistryHost};

use super::message::{Effect, Msg};
use crate::components::heading::HEADING;
use crate::language::Language;
use crate::lazy::{LazyPage, LazyPart};
use crate::local_content::{HistoryEntry, Import, LocalContent};
use crate::route::{
    ComposeIntent, InspectSource, PartPage, Route, View, in_archive, read_reference,
};
use crate::shell::{PageCommand, RegistryChoices, Request};
use crate::theme::Theme;
use crate::{compose, examples, inspect, reader, verify};

/// The id of the box.
pub const BOX: &str = "box";
/// The id of the settings dialog.
pub const SETTINGS: &str = "settings";
/// The id of the dialog of shortcuts.
pub const SHORTCUTS: &str = "shortcuts";

/// A page, as an address names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageKind {
    Inspect,
    Verify,
    Compose,
    Part(PartPage),
}

impl PageKind {
    /// Finds the page of an address; `None` for what the shell draws itself.
    pub(super) fn at(route: &Route) -> Option<Self> {
        match route {
            Route::Start | Route::Unknown(_) => None,
            Route::Inspect(InspectSource::Verify(_), _) | Route::Shared { .. } => {
                Some(Self::Verify)
            }
            Route::Inspect(InspectSource::Reference(_) | InspectSource::Example(_), _) => {
                Some(Self::Inspect)
            }
            Route::Compose(_) => Some(Self::Compose),
            Route::Part(page, _) => Some(Self::Part(*page)),
        }
    }
}

/// Holds everything that the shell shows. Only [`State::update`] changes it.
pub struct State {
    /// The address.
    pub route: Route,
    /// The text in the box.
    pub typed: String,
    /// What that text means.
    pub read: Result<Input, InputError>,
    /// What is wrong with that text, or what was done to it, a step each.
    pub words: Vec<String>,
    /// Whether the text was submitted as it is.
    pub submitted: bool,
    /// How the answers came of what is looked at; `None` where there are none.
    pub via: Option<String>,
    /// What reads the box.
    pub reader: LazyPart<()>,
    /// What an address names for Compose, until it can be read.
    pub(super) unread: Option<ComposeIntent>,
    /// The examples.
    pub examples: LazyPart<()>,
    /// Inspect, whose program is here from the start.
    pub inspect: LazyPage<inspect::Command>,
    /// Verify.
    pub verify: LazyPage<verify::Command>,
    /// Compose.
    pub compose: LazyPage<compose::Command>,
    /// The pages that read their address themselves, in the order of [`PartPage::ALL`].
    pub(super) parts: [LazyPage<PageCommand>; PartPage::ALL.len()],
    /// The names of the archives that are open.
    pub(super) opened: Vec<String>,
    /// A word for the moment, such as `Copied`.
    pub notice: &'static str,
    /// The registry that the settings are open for.
    pub settings_for: String,
    /// What is wrong with the settings that were entered.
    pub settings_error: Option<ReferenceError>,
    /// What was set, by registry.
    pub registries: Rc<RegistryChoices>,
    /// The colours.
    pub theme: Theme,
    /// The language.
    pub language: Language,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("route", &self.route)
            .field("typed", &self.typed)
            .finish_non_exhaustive()
    }
}

impl State {
    /// Makes the state of a page that was just opened.
    #[must_use]
    pub fn new(theme: Theme) -> Self {
        Self {
            route: Route::Start,
            typed: String::new(),
            read: Ok(Input::Empty),
            words: Vec::new(),
            submitted: false,
            via: None,
            reader: LazyPart::new(reader::is_here().then_some(())),
            unread: None,
            examples: LazyPart::new(examples::is_here().then_some(())),
            inspect: LazyPage::new(Some(inspect::mount)),
            verify: LazyPage::new(None),
            compose: LazyPage::new(None),
            parts: PartPage::ALL.map(|_| LazyPage::new(None)),
            opened: Vec::new(),
            notice: "",
            settings_for: String::new(),
            settings_error: None,
            registries: Rc::default(),
            theme,
            language: Language::English,
        }
    }

    /// Takes one message and returns the effects to run, in their order.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Route(route, entry) => return self.navigate(route, entry),
            Msg::Typed(text) => {
                return self.type_in(text, false).into_iter().collect();
            }
            Msg::Submitted => return self.submit(),
            Msg::Import(import) => return self.import(import),
            Msg::Request(request) => return self.answer(request),
            Msg::HistorySaved(saved) => {
                return self.tell_verify(verify::Command::HistorySaved(saved));
            }
            Msg::LoadReader => return self.load_reader().into_iter().collect(),
            Msg::ReaderLoaded(result) => return self.reader_loaded(result),
            Msg::LoadExamples => return self.load_examples().into_iter().collect(),
            Msg::ExamplesLoaded(result) => return self.examples_loaded(result),
            Msg::InspectMounted(link) => {
                let commands = self.inspect.mounted(link);
                return commands.into_iter().map(Effect::Inspect).collect();
            }
            Msg::LoadVerify => return self.load_verify().into_iter().collect(),
            Msg::VerifyLoaded(result) => return self.verify_loaded(result),
            Msg::VerifyMounted(link) => {
                let commands = self.verify.mounted(link);
                return commands.into_iter().map(Effect::Verify).collect();
            }
            Msg::LoadCompose => return self.load_compose().into_iter().collect(),
            Msg::ComposeLoaded(result) => {
                self.compose.part.loaded(result);
                let failed = self.compose.part.failed.is_some();
                return failed
                    .then_some(Effect::Focus(HEADING))
                    .into_iter()
                    .collect();
            }
            Msg::ComposeMounted(link) => {
                let commands = self.compose.mounted(link);
                return commands.into_iter().map(Effect::Compose).collect();
            }
            Msg::LoadPart(page) => return self.load_part(page).into_iter().collect(),
            Msg::PartLoaded(page, result) => return self.part_loaded(page, result),
            Msg::PartMounted(page, link) => {
                let commands = self.part_mut(page).mounted(link).into_iter();
                return commands.map(|told| Effect::Part(page, told)).collect();
            }
            Msg::Copied(done) => {
                self.notice = if done {
                    "Copied"
                } else {
                    "The browser did not let the page copy"
                }
            }
            Msg::OpenSettings => return self.open_settings(self.host()),
            Msg::OpenShortcuts => return vec![Effect::OpenDialog(SHORTCUTS)],
            Msg::DialogsLoaded(id, Ok(())) => return vec![Effect::OpenDialog(id)],
            Msg::DialogsLoaded(_, Err(_)) => {
                self.notice = "The dialog could not be loaded: try again";
            }
            Msg::CloseDialog(dialog) => return vec![Effect::CloseDialog(dialog)],
            Msg::SettingsSubmitted { host, settings } => return self.configure(&host, settings),
            Msg::Forget(host) => return self.forget(host),
            Msg::Theme(theme) => {
                self.theme = theme;
                return vec![Effect::Theme(theme)];
            }
            Msg::Language(language) => {
                self.language = language;
                return vec![Effect::KeepLanguage(language), Effect::Language(language)];
            }
            Msg::LanguageLoaded(Ok(())) => {}
            Msg::LanguageLoaded(Err(_)) => {
                self.language = Language::English;
                self.notice = "Chinese could not be loaded: try again";
                return vec![Effect::Language(Language::English)];
            }
        }
        Vec::new()
    }

    /// Does what a page asks for.
    fn answer(&mut self, request: Request) -> Vec<Effect> {
        let effect = match request {
            Request::Copy(text) => Effect::Copy(text),
            Request::Save(name, bytes) => Effect::Save(name, bytes),
            Request::Focus(id) => Effect::Focus(id),
            Request::Title(title) => Effect::Title(title),
            Request::OpenDialog(id) => Effect::OpenDialog(id),
            Request::CloseDialog(id) => Effect::CloseDialog(id),
            Request::Navigate(route) => Effect::Navigate(route),
            Request::PushHistory(entry, route) => Effect::PushHistory(entry, route),
            Request::SaveHistory(entry, route) => {
                // The content of a shared link leaves the address.
                self.route.clone_from(&route);
                Effect::SaveHistory(entry, route)
            }
            Request::SetPlainHttp(host) => self.set_plain_http(host),
            Request::Notice(notice) => {
                self.notice = notice;
                return Vec::new();
            }
            Request::Via(via) => {
                self.via = via;
                return Vec::new();
            }
            Request::OpenInCompose { is_list, contents } => {
                return self.open_in_compose(is_list, contents);
            }
            Request::Opened(names) => return self.archives_opened(names),
            Request::Act(host, action) => return self.act(host, action),
        };
        vec![effect]
    }

    pub(super) fn navigate(&mut self, route: Route, entry: Option<HistoryEntry>) -> Vec<Effect> {
        // Who goes elsewhere while Verify is on its way is left there.
        self.verify.waiting().clear();
        self.notice = "";
        let route = self.until_open(route);
        let before = std::mem::replace(&mut self.route, route.clone());
        let mut effects: Vec<_> = self.hide(&before).into_iter().collect();
        match route {
            Route::Inspect(InspectSource::Verify(index), place) => {
                if PageKind::at(&before) != Some(PageKind::Verify) || entry.is_some() {
                    self.type_in(String::new(), false);
                }
                let show = verify::Command::Show(index, place, entry);
                effects.extend(self.show_verify(show));
            }
            Route::Shared { content, expected } => {
                self.type_in(String::new(), false);
                let show = verify::Command::ShowShared { content, expected };
                effects.extend(self.show_verify(show));
            }
            Route::Inspect(source, place) => {
                let is_here = matches!(&before, Route::Inspect(known, _) if *known == source);
                if !is_here {
                    effects.extend(self.read_source(&source));
                }
                effects.extend(self.show_inspect(source, place));
            }
            Route::Compose(intent) => effects.extend(self.show_compose(intent)),
            Route::Part(page, address) => effects.extend(self.show_part(page, address)),
            Route::Start | Route::Unknown(_) => {
                self.type_in(String::new(), false);
                effects.push(Effect::Title("Waybill".into()));
                if self.route == Route::Start {
                    effects.extend(self.load_examples());
                    effects.extend(self.load_reader());
                }
            }
        }
        effects
    }

    /// Tells the page that was shown that another one is.
    fn hide(&mut self, before: &Route) -> Option<Effect> {
        let was = PageKind::at(before).filter(|was| PageKind::at(&self.route) != Some(*was))?;
        match was {
            PageKind::Inspect => self
                .inspect
                .tell(inspect::Command::Hide)
                .map(Effect::Inspect),
            PageKind::Verify if self.verify.is_mounted() => {
                Some(Effect::Verify(verify::Command::Hide))
            }
            PageKind::Verify => None,
            PageKind::Compose => self
                .compose
                .tell(compose::Command::Hide)
                .map(Effect::Compose),
            PageKind::Part(page) => {
                let told = self.part_mut(page).tell(PageCommand::Hide);
                told.map(|told| Effect::Part(page, told))
            }
        }
    }

    /// Puts what an address names into the box. Plain http in it is the person's choice.
    pub(super) fn read_source(&mut self, source: &InspectSource) -> Option<Effect> {
        let text = match source {
            InspectSource::Reference(text) if in_archive(text).is_none() => text,
            InspectSource::Reference(_) | InspectSource::Example(_) | InspectSource::Verify(_) => {
                self.type_in(String::new(), false);
                return None;
            }
        };
        let load = self.type_in(text.clone(), true);
        match &self.read {
            Ok(Input::Reference(found)) if found.plain_http => {
                let host = found.reference.host().clone();
                Some(self.set_plain_http(host))
            }
            _ => load,
        }
    }

    /// Puts a text into the box, and loads what reads it where that is needed.
    pub(super) fn type_in(&mut self, text: String, submitted: bool) -> Option<Effect> {
        let waits = self.lacks_reader(&text, submitted);
        let read = match (waits, submitted) {
            (true, _) => None,
            (false, true) => read_reference(&text),
            (false, false) => reader::read(&text),
        };
        self.read = read.unwrap_or(Ok(Input::Empty));
        self.words = reader::words(&self.read);
        self.typed = text;
        self.submitted = submitted;
        if waits { self.load_reader() } else { None }
    }

    /// Tells whether a text of the box, or of an address, can only be read once its reader is loaded.
    pub(super) fn lacks_reader(&self, text: &str, is_address: bool) -> bool {
        let is_plain = || text.is_empty() || is_address && text.parse::<Reference>().is_ok();
        !self.reader.is_here() && !is_plain()
    }

    pub(super) fn submit(&mut self) -> Vec<Effect> {
        self.submitted = true;
        if self.lacks_reader(&self.typed, false) {
            // It is submitted again once it is read.
            return self.load_reader().into_iter().collect();
        }
        let source = match &self.read {
            Ok(Input::Reference(found)) => {
                let scheme = if found.plain_http { "http://" } else { "" };
                InspectSource::Reference([scheme, &found.reference.familiar()].concat())
            }
            Ok(Input::Manifest) => {
                let given = LocalContent::text("The typed text", &self.typed);
                return self.tell_verify(verify::Command::Import(Import {
                    files: vec![given],
                    ..Import::default()
                }));
            }
            Ok(Input::Digest(digest)) => {
                let entry = HistoryEntry::new(Import::default(), digest.to_string());
                let route = Route::Inspect(InspectSource::Verify(0), View::default());
                return vec![Effect::PushHistory(entry, route)];
            }
            Ok(Input::Empty) | Err(_) => return vec![Effect::Focus(BOX)],
        };
        let route = Route::Inspect(source.clone(), View::default());
        if route != self.route {
            return vec![Effect::Navigate(route)];
        }
        // The same address again means: look again.
        let mut effects: Vec<_> = self.read_source(&source).into_iter().collect();
        effects.extend(self.tell_inspect(inspect::Command::ShowAnew(source, View::default())));
        effects
    }

    /// Gives what came to the page that is shown, where it is Compose, and else to Verify.
    fn import(&mut self, import: Import) -> Vec<Effect> {
        if !import.archives.is_empty() {
            let open = PageCommand::Open(import.archives);
            let mut effects = self.tell_part(PartPage::Archive, open);
            effects.extend(self.load_part(PartPage::Archive));
            effects
        } else if PageKind::at(&self.route) == Some(PageKind::Compose) {
            self.tell_compose(compose::Command::Import(import))
        } else {
            self.tell_verify(verify::Command::Import(import))
        }
    }

    /// Finds the registry that is looked at; `None` for examples, local contents and archives.
    fn host(&self) -> Option<RegistryHost> {
        let Route::Inspect(InspectSource::Reference(text), _) = &self.route else {
            return None;
        };
        match read_reference(text)? {
            Ok(Input::Reference(found)) if found.reference.archive().is_none() => {
                Some(found.reference.host().clone())
            }
            Ok(Input::Reference(_) | Input::Empty | Input::Digest(_) | Input::Manifest)
            | Err(_) => None,
        }
    }
}
