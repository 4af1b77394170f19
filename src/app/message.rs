//! What happens around the pages, and what the shell needs done.

use std::rc::Rc;

use waybill_core::reference::RegistryHost;
use waybill_core::registry::endpoints::Origin;
use waybill_core::registry::settings::{Access, RegistrySettings};

use crate::language::Language;
use crate::lazy::LoadError;
use crate::local_content::{HistoryEntry, Import};
use crate::route::{PartPage, Route};
use crate::shell::{Link, Mount, PageCommand, Request};
use crate::theme::Theme;
use crate::{compose, inspect, verify};

/// What happened around the pages.
#[derive(Clone)]
pub enum Msg {
    /// The address changed; with what its history entry holds.
    Route(Route, Option<HistoryEntry>),
    /// The text in the box changed.
    Typed(String),
    /// The box was submitted.
    Submitted,
    /// Files or text came: by a paste, a drop, or the browser's dialog.
    Import(Import),
    /// A page asks for something.
    Request(Request),
    /// The history keeps what was opened, or does not.
    HistorySaved(bool),
    /// Load what reads the box.
    LoadReader,
    /// The part of the program that reads the box came, or did not.
    ReaderLoaded(Result<(), LoadError>),
    /// Load the examples.
    LoadExamples,
    /// The part of the program that is the examples came, or did not.
    ExamplesLoaded(Result<(), LoadError>),
    /// Inspect is there.
    InspectMounted(Link<inspect::Command>),
    /// Load Verify.
    LoadVerify,
    /// The part of the program that is Verify came, or did not.
    VerifyLoaded(Result<Mount<verify::Command>, LoadError>),
    /// Verify is there.
    VerifyMounted(Link<verify::Command>),
    /// Load Compose.
    LoadCompose,
    /// The part of the program that is Compose came, or did not.
    ComposeLoaded(Result<Mount<compose::Command>, LoadError>),
    /// Compose is there.
    ComposeMounted(Link<compose::Command>),
    /// Load that page.
    LoadPart(PartPage),
    /// The part of the program that is that page came, or did not.
    PartLoaded(PartPage, Result<Mount<PageCommand>, LoadError>),
    /// That page is there.
    PartMounted(PartPage, Link<PageCommand>),
    /// Copying to the clipboard worked, or did not.
    Copied(bool),
    /// Open the settings at the registry that is looked at.
    OpenSettings,
    /// Open the list of keyboard shortcuts.
    OpenShortcuts,
    /// What draws the dialogs came, or did not; the dialog of that id waits for it.
    DialogsLoaded(&'static str, Result<(), LoadError>),
    /// Close the dialog of that id.
    CloseDialog(&'static str),
    /// Settings of a registry were entered.
    SettingsSubmitted {
        /// The host as it was typed.
        host: String,
        /// The settings.
        settings: RegistrySettings,
    },
    /// Forget everything set for a registry.
    Forget(RegistryHost),
    /// Another theme was chosen.
    Theme(Theme),
    /// Another language was chosen.
    Language(Language),
    /// The part of the program that is a language came, or did not.
    LanguageLoaded(Result<(), LoadError>),
}

/// Tells the app what to do in the browser, to the registry client, or to a page; the state itself does none of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Tell Inspect, which is there.
    Inspect(inspect::Command),
    /// Tell Verify, which is there.
    Verify(verify::Command),
    /// Tell Compose, which is there.
    Compose(compose::Command),
    /// Tell that page, which is there.
    Part(PartPage, PageCommand),
    /// Load what reads the box, and send [`Msg::ReaderLoaded`] then.
    LoadReader,
    /// Load the examples, and send [`Msg::ExamplesLoaded`] then.
    LoadExamples,
    /// Load Verify, and send it back as [`Msg::VerifyLoaded`].
    LoadVerify,
    /// Load Compose, and send it back as [`Msg::ComposeLoaded`].
    LoadCompose,
    /// Load that page, and send it back as [`Msg::PartLoaded`].
    LoadPart(PartPage),
    /// Go to another address.
    Navigate(Route),
    /// Put another address in place of this one.
    Replace(Route),
    /// Put local contents into a history entry of their own, and go to its address.
    PushHistory(HistoryEntry, Route),
    /// Keep local contents in the history entry that stands now, under that address.
    SaveHistory(HistoryEntry, Route),
    /// Copy text.
    Copy(String),
    /// Save a file.
    Save(String, Rc<[u8]>),
    /// Move the focus.
    Focus(&'static str),
    /// Open a dialog; where what draws it is not here, load that and send [`Msg::DialogsLoaded`].
    OpenDialog(&'static str),
    /// Close a dialog.
    CloseDialog(&'static str),
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
    /// Have the page in that language; where it is not here, load it and send [`Msg::LanguageLoaded`].
    Language(Language),
    /// Keep the language for the next visit.
    KeepLanguage(Language),
}
