//! The page's state: messages in, effects out. Nothing here touches the browser, so every state can be made in a test.

use std::fmt;
use std::rc::Rc;

use waybill_core::digest::Digest;
use waybill_core::input::{Input, InputError, ReferenceInput, understand};
use waybill_core::manifest::schema1::Signed;
use waybill_core::media_type::MediaType;
use waybill_core::reference::{Reference, RegistryHost};
use waybill_core::registry::endpoints::Origin;
use waybill_core::registry::settings::{Access, RegistrySettings};
use waybill_core::registry::transport::Via;
use waybill_core::view::Action;
use waybill_core::workflow::fetch::{Failure, Fetch, Generation, Received};
use waybill_core::workflow::inspect::{self, ContentKey, Current, InspectTarget, Model};

use crate::browser::dom::Theme;
use crate::browser::file_input::{Import, LocalContent};
use crate::browser::history::HistoryEntry;
use crate::compose::{Message, Shared as SharedCompose, Told};
use crate::examples::{self, Example};
use crate::lazy::LoadError;
use crate::route::{InspectSource, Route, View};
use crate::verify::Page;

mod compose;
mod verify;

pub use compose::Compose;
pub use verify::{Link, Verify, VerifySlot};

/// What happened on the page.
#[derive(Clone)]
pub enum Msg {
    /// The address changed; with what its history entry holds.
    Route(Route, Option<HistoryEntry>),
    /// The text in the box changed.
    Typed(String),
    /// The box was submitted.
    Submitted,
    /// Contents were pasted, dropped or chosen.
    Given(Import),
    /// Text was entered to be verified.
    ContentSubmitted(String),
    /// The digest that is expected changed.
    ExpectedChanged(String),
    /// Go on with the content, or the digest, that was found to be right.
    ApplyRemedy,
    /// Verify something else.
    Reset,
    /// Make a link that holds the content.
    Share,
    /// Read the clipboard.
    ReadClipboard,
    /// What was on the clipboard, where the browser let the page read it.
    Clipboard(Option<String>),
    /// The history keeps what was opened, or does not.
    HistorySaved(bool),
    /// Bring Verify.
    LoadVerify,
    /// Verify came, or did not.
    VerifyLoaded(Result<&'static dyn Page, LoadError>),
    /// For the inspection.
    Inspect(inspect::Msg),
    /// A button of an error was pressed.
    Action(Action),
    /// A button of an error of that registry was pressed in Compose.
    ComposeAction(RegistryHost, Action),
    /// Bring Compose.
    LoadCompose,
    /// Compose came, or did not.
    ComposeLoaded(Result<SharedCompose, LoadError>),
    /// For Compose.
    Compose(Message),
    /// A key that Compose may mean.
    ComposeKey(Told),
    /// Take what is looked at to Compose.
    OpenInCompose,
    /// A value is to be copied.
    Copy(String),
    /// Copying worked, or did not.
    Copied(bool),
    /// A layer is pointed at, or none.
    LayerHovered(Option<usize>),
    /// Indent the JSON for reading, or show the bytes.
    Indent(bool),
    /// Draw another part of a long table or of long content: from that row or line on, counted from 0.
    ShowFrom(usize),
    /// Copy the bytes of the manifest, or of the config.
    CopyBytes(Document),
    /// Save the manifest, or the config, as a file.
    Save(Document),
    /// Pin the tag to the digest it has now.
    Pin,
    /// Open the settings, at a registry where one is named.
    OpenSettings(Option<String>),
    /// Open the list of keyboard shortcuts.
    OpenShortcuts,
    /// Close a dialog.
    Close(&'static str),
    /// Settings of a registry were entered.
    Registry {
        /// The host as it was typed.
        host: String,
        /// The settings.
        settings: RegistrySettings,
    },
    /// Forget everything set for a registry.
    Forget(RegistryHost),
    /// Another theme was chosen.
    Theme(Theme),
}

/// One of the two contents of an image that have bytes of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// The manifest that is looked at.
    Manifest,
    /// Its config.
    Config,
}

/// Tells the app what to do in the browser or at a registry; the state itself does neither.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Fetch from a registry, and send the answer back as [`inspect::Msg::Received`].
    Fetch {
        /// Where from.
        reference: Reference,
        /// The inspection's generation, to send back with the answer.
        generation: Generation,
        /// What.
        key: ContentKey,
        /// The media type that the list states for it.
        media_type: Option<MediaType>,
    },
    /// Check signatures, and send what comes of it back as [`inspect::Msg::SignaturesChecked`].
    CheckSignatures {
        /// Which manifest's.
        key: ContentKey,
        /// What to check.
        signed: Rc<Signed>,
    },
    /// Stop every fetch.
    Abort,
    /// Go to another address.
    Go(Route),
    /// Put another address in place of this one.
    Replace(Route),
    /// Bring Compose, and send it back as [`Msg::ComposeLoaded`].
    LoadCompose,
    /// Run the effects that Compose has queued.
    RunCompose,
    /// Bring Verify, and send it back as [`Msg::VerifyLoaded`].
    LoadVerify,
    /// Keep what was opened in a history entry of its own and go to its address.
    PushOpened(HistoryEntry, Route),
    /// Keep what was opened in the history entry that stands now, under that address.
    KeepOpened(HistoryEntry, Route),
    /// Read the clipboard.
    ReadClipboard,
    /// Copy text.
    Copy(String),
    /// Save a file.
    Save(String, Rc<[u8]>),
    /// Move the focus.
    Focus(&'static str),
    /// Open a dialog.
    Show(&'static str),
    /// Close a dialog.
    Close(&'static str),
    /// Set the window's title.
    Title(String),
    /// Tell the registry client what was set.
    Configure(RegistryHost, RegistrySettings),
    /// Tell the registry client to forget what was set.
    Forget(RegistryHost),
    /// Take that way to a registry, and leave its other settings.
    SetAccess(RegistryHost, Access),
    /// Speak plain http to a registry, and leave its other settings.
    SetPlainHttp(RegistryHost),
    /// Tell the registry client that credentials may go there.
    ConfirmRealm(RegistryHost, Origin),
    /// Change the colours.
    Theme(Theme),
}

/// Said where credentials went with the scheme that they were entered for.
const ENTER_AGAIN: &str = "The credentials were for another scheme: enter them again";

/// The id of the box.
pub const BOX: &str = "box";
/// The id of the verdict's sentence.
pub const VERDICT: &str = "verdict";
/// The id of the settings dialog.
pub const SETTINGS: &str = "settings";
/// The id of the dialog of shortcuts.
pub const SHORTCUTS: &str = "shortcuts";
/// The id of the dialog with the link that holds the content.
pub const SHARE: &str = "share";
/// The id of the text to be verified.
pub const CONTENT: &str = "content";
/// The id of the input that opens files.
pub const FILES: &str = "files";
/// The id of the digest that is expected.
pub const EXPECTED: &str = "expected";

/// Joins an inspection with the address it was begun for.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// What is inspected, as the address names it.
    pub asked: InspectSource,
    /// The place that the address names.
    pub place: View,
    /// The inspection itself, of core.
    pub model: Model,
}

/// Holds what a person set for a registry, without the password, which only the client has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Which way to take.
    pub access: Access,
    /// Whether to speak http.
    pub plain_http: bool,
    /// The user name of the credentials that are sent; `None` where none are.
    pub username: Option<String>,
}

/// Lists what was set, by registry, in the order of the hosts. There are few, so it is one list.
#[derive(Clone, Debug, Default)]
pub struct Registries(Vec<(RegistryHost, Choice)>);

impl Registries {
    /// Finds what was set for a registry; `None` where nothing was.
    #[must_use]
    pub fn get(&self, host: &RegistryHost) -> Option<&Choice> {
        self.0
            .iter()
            .find(|(known, _)| known == host)
            .map(|(_, choice)| choice)
    }

    /// Lists all of them, in the order of the hosts.
    #[must_use]
    pub fn all(&self) -> &[(RegistryHost, Choice)] {
        &self.0
    }

    /// Finds or makes the entry of a registry, to be changed.
    fn of(&mut self, host: &RegistryHost) -> &mut Choice {
        let place = self
            .0
            .iter()
            .position(|(known, _)| known >= host)
            .unwrap_or(self.0.len());
        if self.0.get(place).is_none_or(|(known, _)| known != host) {
            self.0.insert(place, (host.clone(), Choice::default()));
        }
        &mut self.0[place].1
    }

    fn remove(&mut self, host: &RegistryHost) {
        self.0.retain(|(known, _)| known != host);
    }
}

/// Holds everything that the page shows. Only [`State::update`] changes it.
pub struct State {
    /// The address.
    pub route: Route,
    /// The text in the box.
    pub typed: String,
    /// What that text means.
    pub read: Result<Input, InputError>,
    /// Whether the text was submitted as it is.
    pub submitted: bool,
    /// What is looked at.
    pub inspection: Option<Inspection>,
    /// What was given to be verified.
    pub verify: Verify,
    /// What is composed.
    pub compose: Compose,
    /// The part of the program that verifies it, once it is loaded.
    pub verifier: VerifySlot,
    /// The layer that is pointed at.
    pub pointed: Option<usize>,
    /// Whether the JSON is indented for reading.
    pub indented: bool,
    /// Which part of a long table or of long content is drawn in each place where it is not the first.
    parts: Vec<(View, usize)>,
    /// Rises with every change that may show below the box, so that a key in the box draws nothing else anew.
    pub version: u64,
    /// A word for the moment, such as `copied`.
    pub notice: &'static str,
    /// The registry that the settings are open for.
    pub settings_for: String,
    /// What is wrong with the settings that were entered.
    pub settings_error: Option<String>,
    /// What was set, by registry.
    pub registries: Registries,
    /// The colours.
    pub theme: Theme,
    /// Where the page came from, which is where its proxy is.
    pub page_host: String,
    /// The page's own address, for a link that is shared.
    pub address: String,
    /// The generation of the last inspection; answers to an older one are dropped.
    generation: Generation,
    focused: bool,
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
    pub fn new(page_host: String, theme: Theme) -> Self {
        Self {
            route: Route::Start,
            typed: String::new(),
            read: Ok(Input::Empty),
            submitted: false,
            inspection: None,
            verify: Verify::default(),
            compose: Compose::default(),
            verifier: VerifySlot::default(),
            pointed: None,
            indented: false,
            parts: Vec::new(),
            version: 0,
            notice: "",
            settings_for: String::new(),
            settings_error: None,
            registries: Registries::default(),
            theme,
            address: ["http://", &page_host, "/"].concat(),
            page_host,
            generation: Generation::default(),
            focused: false,
        }
    }

    /// Says how the answers came; `None` before the first one, and for bytes that were in the page.
    #[must_use]
    pub fn via(&self) -> Option<String> {
        let root = self.inspection.as_ref()?.model.root()?.done()?;
        Some(match root.arrival.via? {
            Via::Direct => "directly from the registry".to_owned(),
            Via::Proxy => format!("through the proxy at {}", self.page_host),
        })
    }

    /// Finds the registry that is looked at; `None` for examples and local contents.
    #[must_use]
    pub fn host(&self) -> Option<&RegistryHost> {
        match &self.inspection.as_ref()?.model.subject {
            InspectTarget::Registry(reference) => Some(reference.host()),
            InspectTarget::Bundle { .. } => None,
        }
    }

    /// Takes one message and returns the effects to run, in their order.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        let below = match &msg {
            Msg::Typed(_) | Msg::Copy(_) | Msg::CopyBytes(_) | Msg::Copied(_) => false,
            Msg::LayerHovered(layer) => *layer != self.pointed,
            Msg::HistorySaved(kept) => *kept != self.verify.kept,
            _ => true,
        };
        self.version += u64::from(below);
        match msg {
            Msg::Route(route, entry) => return self.navigate(route, entry),
            Msg::Typed(text) => {
                self.read = understand(&text);
                self.typed = text;
                self.submitted = false;
            }
            Msg::Submitted => return self.submit(),
            Msg::Given(opened) if matches!(self.route, Route::Compose(_)) => {
                return self.tell(Told::Given(opened));
            }
            Msg::Given(_)
            | Msg::ContentSubmitted(_)
            | Msg::ExpectedChanged(_)
            | Msg::ApplyRemedy
            | Msg::Share
            | Msg::Clipboard(_) => {
                return self.in_verify(msg);
            }
            Msg::LoadVerify => return self.load_verify().into_iter().collect(),
            Msg::VerifyLoaded(came) => return self.verify_came(came),
            Msg::Reset => return Self::push(Import::default(), String::new(), 0),
            Msg::ReadClipboard => return vec![Effect::ReadClipboard],
            Msg::HistorySaved(kept) => self.verify.kept = kept,
            Msg::Inspect(msg) => return self.inspect(msg),
            Msg::Action(action) => return self.retry_with(action),
            Msg::ComposeAction(host, action) => return self.act_in_compose(host, action),
            Msg::LoadCompose => return self.load_compose().into_iter().collect(),
            Msg::ComposeLoaded(came) => return self.compose_came(came),
            Msg::Compose(message) => return self.tell(Told::Own(message)),
            Msg::ComposeKey(told) => return self.tell_there(told),
            Msg::OpenInCompose => return self.take_to_compose(),
            Msg::Copy(text) => return vec![Effect::Copy(text)],
            Msg::Copied(done) => {
                self.notice = if done {
                    "Copied"
                } else {
                    "The browser did not let the page copy"
                }
            }
            Msg::LayerHovered(layer) => self.pointed = layer,
            Msg::Indent(on) => {
                self.indented = on;
                self.draw_from(0);
            }
            Msg::ShowFrom(row) => self.draw_from(row),
            Msg::CopyBytes(what) => return self.copy_bytes(what).into_iter().collect(),
            Msg::Save(what) => return self.save(what).into_iter().collect(),
            Msg::Pin => return self.pin().into_iter().collect(),
            Msg::OpenSettings(host) => {
                let current = self.host().map(ToString::to_string);
                self.settings_for = host.or(current).unwrap_or_default();
                self.settings_error = None;
                return vec![Effect::Show(SETTINGS)];
            }
            Msg::OpenShortcuts => return vec![Effect::Show(SHORTCUTS)],
            Msg::Close(dialog) => return vec![Effect::Close(dialog)],
            Msg::Registry { host, settings } => return self.configure(&host, settings),
            Msg::Forget(host) => return self.forget(host),
            Msg::Theme(theme) => {
                self.theme = theme;
                return vec![Effect::Theme(theme)];
            }
        }
        Vec::new()
    }

    fn navigate(&mut self, route: Route, entry: Option<HistoryEntry>) -> Vec<Effect> {
        self.forget_waiting();
        let verify = matches!(
            route,
            Route::Inspect(InspectSource::Verify(_), _) | Route::Shared { .. }
        );
        if verify && self.verifier.page.is_none() {
            return self.in_verify(Msg::Route(route, entry));
        }
        let inside = matches!(self.route, Route::Inspect(InspectSource::Verify(_), _));
        self.route = route.clone();
        self.pointed = None;
        self.notice = "";
        let (asked, place) = match route {
            Route::Inspect(asked, place) => (asked, place),
            Route::Shared { .. } => return self.in_verify(Msg::Route(self.route.clone(), None)),
            Route::Compose(take) => return self.go_to_compose(take),
            Route::Start | Route::Unknown(_) => return self.leave("Waybill"),
        };
        let mut effects = Vec::new();
        let mut changed = false;
        if matches!(asked, InspectSource::Verify(_)) {
            match entry {
                // A link inside makes an entry without the contents; with them it can be loaded again.
                None if inside => effects.extend(self.save_history()),
                Some(entry) => changed = self.verify.take(entry),
                None => {
                    changed = self
                        .verify
                        .take(HistoryEntry::of(Import::default(), String::new()));
                }
            }
        }
        if let Some(inspection) = self
            .inspection
            .as_mut()
            .filter(|it| it.asked == asked && !changed)
        {
            inspection.place = place.clone();
            if inspection.model.path != place.at {
                self.focused = false;
                effects.extend(self.inspect(inspect::Msg::Go(place.at)));
            }
            effects.extend(self.focus_result());
            return effects;
        }
        effects.extend(self.open(asked, place));
        effects
    }

    /// Ends the inspection, for a page that has none.
    fn leave(&mut self, title: &str) -> Vec<Effect> {
        let abort = self.inspection.take().map(|_| Effect::Abort);
        self.type_in(String::new(), false);
        abort
            .into_iter()
            .chain([Effect::Title(title.to_owned())])
            .collect()
    }

    fn open(&mut self, asked: InspectSource, place: View) -> Vec<Effect> {
        let mut effects: Vec<Effect> = self
            .inspection
            .take()
            .map(|_| Effect::Abort)
            .into_iter()
            .collect();
        self.parts.clear();
        self.indented = false;
        self.focused = false;
        let subject = match &asked {
            InspectSource::Reference(text) => {
                self.type_in(text.clone(), true);
                match &self.read {
                    Ok(Input::Reference(found)) => {
                        let plain_http = found.plain_http.then(|| found.reference.host().clone());
                        let reference = found.reference.clone();
                        effects.extend(plain_http.map(|host| self.set_plain_http(host)));
                        Some(InspectTarget::Registry(reference))
                    }
                    _ => None,
                }
            }
            InspectSource::Example(name) => {
                self.type_in(String::new(), false);
                examples::find(name).map(|example| InspectTarget::Bundle {
                    name: "This example".into(),
                    expected: example.digest.parse().ok(),
                })
            }
            InspectSource::Verify(index) => {
                self.type_in(String::new(), false);
                self.verifier
                    .page
                    .and_then(|page| page.subject(&self.verify, *index))
            }
        };
        let Some(subject) = subject else {
            let title = if matches!(asked, InspectSource::Verify(_)) {
                "Verify · Waybill"
            } else {
                "Waybill"
            };
            effects.push(Effect::Title(title.into()));
            return effects;
        };
        effects.push(Effect::Title(format!("{} · Waybill", subject.name())));
        effects.extend(self.begin(asked, place, subject));
        effects.extend(self.focus_result());
        effects
    }

    /// Begins the inspection of a subject.
    fn begin(&mut self, asked: InspectSource, place: View, subject: InspectTarget) -> Vec<Effect> {
        let (model, first) = Model::open(subject, place.at.clone(), self.generation.next());
        self.generation = model.generation();
        let verified = if let InspectSource::Verify(index) = asked {
            Some(index)
        } else {
            None
        };
        self.inspection = Some(Inspection {
            asked,
            place,
            model,
        });
        let effects = self.run(first);
        if let (Some(index), Some(inspection), Some(page)) =
            (verified, &self.inspection, self.verifier.page)
        {
            page.judge(
                &mut self.verify,
                index,
                inspection.model.root().and_then(Fetch::done),
            );
        }
        effects
    }

    fn type_in(&mut self, text: String, submitted: bool) {
        // A few references read as something else where a person types them, such as an image named `sha256`.
        self.read = match text.parse() {
            Ok(reference) if submitted => Ok(Input::Reference(ReferenceInput {
                reference,
                plain_http: false,
                notes: Vec::new(),
            })),
            _ => understand(&text),
        };
        self.typed = text;
        self.submitted = submitted;
    }

    fn submit(&mut self) -> Vec<Effect> {
        self.submitted = true;
        let asked = match &self.read {
            Ok(Input::Reference(found)) => {
                let scheme = if found.plain_http { "http://" } else { "" };
                InspectSource::Reference([scheme, &found.reference.familiar()].concat())
            }
            Ok(Input::Manifest) => {
                let given = LocalContent::text("The typed text", &self.typed);
                return self.in_verify(Msg::Given(Import {
                    files: vec![given],
                    ..Import::default()
                }));
            }
            Ok(Input::Digest(digest)) => {
                return Self::push(Import::default(), digest.to_string(), 0);
            }
            _ => return vec![Effect::Focus(BOX)],
        };
        let route = Route::Inspect(asked, View::default());
        // The same address again means: look again.
        if route == self.route && self.inspection.is_some() {
            let Route::Inspect(asked, place) = route else {
                return Vec::new();
            };
            return self.open(asked, place);
        }
        vec![Effect::Go(route)]
    }

    fn inspect(&mut self, msg: inspect::Msg) -> Vec<Effect> {
        let Some(inspection) = &mut self.inspection else {
            return Vec::new();
        };
        let effects = inspect::update(&mut inspection.model, msg);
        self.generation = inspection.model.generation();
        let mut effects = self.run(effects);
        effects.extend(self.focus_result());
        effects
    }

    /// Runs an inspection's effects: answers from what is in the page, and passes the rest on to the app.
    fn run(&mut self, effects: Vec<inspect::Effect>) -> Vec<Effect> {
        let mut out = Vec::new();
        let mut todo = std::collections::VecDeque::from(effects);
        while let Some(effect) = todo.pop_front() {
            let Some(inspection) = &mut self.inspection else {
                break;
            };
            match (effect, &inspection.model.subject) {
                (inspect::Effect::Abort, _) => out.push(Effect::Abort),
                (inspect::Effect::CheckSignatures { key, signed }, _) => {
                    out.push(Effect::CheckSignatures { key, signed });
                }
                (
                    inspect::Effect::Fetch {
                        generation,
                        key,
                        media_type,
                    },
                    InspectTarget::Registry(reference),
                ) => {
                    out.push(Effect::Fetch {
                        reference: reference.clone(),
                        generation,
                        key,
                        media_type,
                    });
                }
                (
                    inspect::Effect::Fetch {
                        generation, key, ..
                    },
                    InspectTarget::Bundle { .. },
                ) => {
                    let result = bundled(&inspection.asked, &self.verify, &key);
                    todo.extend(inspect::update(
                        &mut inspection.model,
                        inspect::Msg::Received {
                            generation,
                            key,
                            result,
                        },
                    ));
                }
            }
        }
        out
    }

    /// Moves the focus to the verdict once it is there.
    fn focus_result(&mut self) -> Option<Effect> {
        let model = &self.inspection.as_ref()?.model;
        if self.focused || matches!(model.current(), Current::Loading) {
            return None;
        }
        self.focused = true;
        Some(Effect::Focus(VERDICT))
    }

    fn retry_with(&mut self, action: Action) -> Vec<Effect> {
        let Some(host) = self.host().cloned() else {
            return Vec::new();
        };
        let again = !matches!(action, Action::AskCredentials);
        let mut effects = self.act_on(host, action);
        if again {
            effects.extend(self.inspect(inspect::Msg::Retry));
        }
        effects
    }

    /// Does to a registry what the button of an error says; asking again is for who was refused.
    fn act_on(&mut self, host: RegistryHost, action: Action) -> Vec<Effect> {
        match action {
            Action::UseProxy => {
                self.registries.of(&host).access = Access::Proxy;
                vec![Effect::SetAccess(host, Access::Proxy)]
            }
            Action::UsePlainHttp => vec![self.set_plain_http(host)],
            Action::AskCredentials => self.update(Msg::OpenSettings(Some(host.to_string()))),
            Action::ConfirmRealm { realm, .. } => vec![Effect::ConfirmRealm(host, realm)],
            Action::Retry => Vec::new(),
        }
    }

    fn set_plain_http(&mut self, host: RegistryHost) -> Effect {
        self.speak(&host, true);
        Effect::SetPlainHttp(host)
    }

    /// Sets the scheme. Another scheme is another place: credentials that were entered for the one do not go to the
    /// other.
    fn speak(&mut self, host: &RegistryHost, plain_http: bool) {
        let choice = self.registries.of(host);
        let same = Origin::of(host, choice.plain_http) == Origin::of(host, plain_http);
        choice.plain_http = plain_http;
        if !same && choice.username.take().is_some() {
            self.notice = ENTER_AGAIN;
        }
    }

    fn configure(&mut self, host: &str, settings: RegistrySettings) -> Vec<Effect> {
        let host: RegistryHost = match host.trim().parse() {
            Ok(host) => host,
            Err(error) => {
                self.settings_error = Some(format!("{error}"));
                return vec![Effect::Focus("settings-host")];
            }
        };
        // The form never shows credentials again; left empty, those that were entered before stay.
        if let Some(credentials) = &settings.credentials {
            let username = Some(credentials.username.clone());
            *self.registries.of(&host) = Choice {
                access: settings.access,
                plain_http: settings.plain_http,
                username,
            };
        } else {
            self.registries.of(&host).access = settings.access;
            self.speak(&host, settings.plain_http);
        }
        self.settings_error = None;
        let concerns = self.host() == Some(&host);
        let mut effects = vec![Effect::Configure(host, settings), Effect::Close(SETTINGS)];
        if concerns {
            self.focused = false;
            effects.extend(self.inspect(inspect::Msg::Retry));
        }
        if self.compose.page.is_some() {
            effects.extend(self.tell(Told::Again));
        }
        effects
    }

    /// Forgets everything set for a registry. What is looked at there stays; what is still to come of it, or failed, is
    /// asked for without credentials.
    fn forget(&mut self, host: RegistryHost) -> Vec<Effect> {
        self.registries.remove(&host);
        self.settings_error = None;
        self.notice = "Everything about this registry is forgotten";
        let concerned = self
            .inspection
            .as_ref()
            .filter(|_| self.host() == Some(&host));
        let (concerns, is_under_way) = (
            concerned.is_some(),
            concerned.is_some_and(|it| it.model.pending() > 0),
        );
        let mut effects = vec![Effect::Forget(host)];
        // The dialog is open, so the focus stays there.
        self.focused |= concerns;
        if is_under_way {
            effects.extend(self.inspect(inspect::Msg::Cancel));
        }
        if concerns {
            effects.extend(self.inspect(inspect::Msg::Retry));
        }
        effects
    }

    /// Returns the first row or line that is drawn of a long table or of long content, counted from 0.
    #[must_use]
    pub fn from(&self) -> usize {
        let place = self.inspection.as_ref().map(|inspection| &inspection.place);
        self.parts
            .iter()
            .find(|(known, _)| Some(known) == place)
            .map_or(0, |(_, row)| *row)
    }

    fn draw_from(&mut self, row: usize) {
        let Some(inspection) = &self.inspection else {
            return;
        };
        self.parts.retain(|(known, _)| *known != inspection.place);
        self.parts.push((inspection.place.clone(), row));
    }

    /// Returns the bytes of the manifest that is looked at, or of its config.
    fn bytes(&self, what: Document) -> Option<&Rc<[u8]>> {
        let model = &self.inspection.as_ref()?.model;
        let (node, image) = match model.current() {
            Current::List(node, _) | Current::Other(node) => (node, None),
            Current::Image(node, image) => (node, Some(image)),
            Current::Loading | Current::Failed(_) => return None,
        };
        Some(match what {
            Document::Manifest => &node.arrival.bytes,
            Document::Config => &model.config(image?).and_then(Fetch::done)?.arrival.bytes,
        })
    }

    fn copy_bytes(&self, what: Document) -> Option<Effect> {
        Some(Effect::Copy(
            String::from_utf8_lossy(self.bytes(what)?).into_owned(),
        ))
    }

    fn save(&self, what: Document) -> Option<Effect> {
        let model = &self.inspection.as_ref()?.model;
        let bytes = self.bytes(what)?;
        let kind = if what == Document::Config {
            "config"
        } else {
            kind(model.current())
        };
        let stem = match &model.subject {
            InspectTarget::Registry(reference) => {
                let repository = reference.repository().to_string();
                let last = repository.rsplit('/').next().unwrap_or_default().to_owned();
                let which = match (model.path.last().or(reference.digest()), reference.tag()) {
                    (Some(digest), _) => digest.short().to_owned(),
                    (None, Some(tag)) => tag.to_string(),
                    (None, None) => "latest".to_owned(),
                };
                format!("{last}-{which}")
            }
            InspectTarget::Bundle { .. } => "manifest".to_owned(),
        };
        Some(Effect::Save(
            format!("{stem}.{kind}.json"),
            Rc::clone(bytes),
        ))
    }

    /// Returns the digest that the tag has now, where there is a tag to pin.
    #[must_use]
    pub fn pinned(&self) -> Option<Reference> {
        let model = &self.inspection.as_ref()?.model;
        let InspectTarget::Registry(reference) = &model.subject else {
            return None;
        };
        if reference.digest().is_some() {
            return None;
        }
        let root = model.root()?.done()?;
        root.manifest.as_ref().ok()?;
        Some(reference.pinned(root.digest.clone()?))
    }

    fn pin(&self) -> Option<Effect> {
        let inspection = self.inspection.as_ref()?;
        let scheme = match &inspection.asked {
            InspectSource::Reference(text) if text.starts_with("http://") => "http://",
            _ => "",
        };
        let asked = InspectSource::Reference([scheme, &self.pinned()?.familiar()].concat());
        Some(Effect::Go(Route::Inspect(asked, inspection.place.clone())))
    }
}

/// Returns the part of a file's name that tells what it is.
fn kind(current: Current<'_>) -> &'static str {
    match current {
        Current::List(..) => "index",
        Current::Image(..) => "manifest",
        _ => "bytes",
    }
}

fn bundled(asked: &InspectSource, verify: &Verify, key: &ContentKey) -> Result<Received, Failure> {
    let bytes = match (asked, key) {
        (InspectSource::Reference(_), _) => None,
        (InspectSource::Verify(index), ContentKey::Root) => {
            let given = verify.files().get(*index).ok_or(Failure::NotBundled)?;
            let sha256 = Some(given.sha256().clone());
            return Ok(Received {
                sha256,
                ..Received::local(Rc::clone(&given.bytes))
            });
        }
        (InspectSource::Verify(_), ContentKey::Child(digest) | ContentKey::Config(digest)) => {
            verify.find(digest)
        }
        (InspectSource::Example(name), ContentKey::Root) => {
            examples::find(name).map(|example| Rc::from(example.root))
        }
        (InspectSource::Example(name), ContentKey::Child(digest) | ContentKey::Config(digest)) => {
            examples::find(name).and_then(|example| blob(example, digest))
        }
    };
    bytes.map(Received::local).ok_or(Failure::NotBundled)
}

fn blob(example: &Example, digest: &Digest) -> Option<Rc<[u8]>> {
    example
        .blobs
        .iter()
        .find(|(name, _)| *name == digest.as_str())
        .map(|(_, bytes)| Rc::from(*bytes))
}

#[cfg(test)]
mod tests;
