//! What a page and the shell around it say to each other.
//!
//! The shell is the app without its pages: the box, the dialogs, the address, what is set for each registry. A page
//! asks it by a [`Request`], and is told what happens outside of it by its own commands, over the [`Link`] that it
//! gives once it is mounted. Nothing here touches the browser.

use std::rc::Rc;

use waybill_core::reference::RegistryHost;
use waybill_core::registry::client::Client;
use waybill_core::registry::settings::Access;
use waybill_core::view::Action;
use yew::{Callback, Html};

use crate::browser::transport::BrowserTransport;
use crate::local_content::{GivenArchive, HistoryEntry, LocalContent};
use crate::route::Route;

/// The id of an input that opens files: what is chosen there goes where what is dropped on the page goes.
pub const FILES: &str = "files";
/// The id of an input that opens a folder.
pub const FOLDER: &str = "folder";
/// The id of a box that takes any text: what is pasted there while it is empty is kept as it came, as a file is.
pub const CONTENT: &str = "content";

/// What a page may ask of the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Copy text to the clipboard, and say whether that worked.
    Copy(String),
    /// Save a file of that name.
    Save(String, Rc<[u8]>),
    /// Move the focus to the element of that id.
    Focus(&'static str),
    /// Set the window's title.
    Title(String),
    /// Say something for the moment, such as `Copied`.
    Notice(&'static str),
    /// Say beside the box how the answers came; `None` where there is no answer.
    Via(Option<String>),
    /// Open the dialog of that id.
    OpenDialog(&'static str),
    /// Close it.
    CloseDialog(&'static str),
    /// Go to another address.
    Navigate(Route),
    /// Put local contents into a history entry of their own, and go to its address.
    PushHistory(HistoryEntry, Route),
    /// Keep local contents in the history entry that stands now, under that address.
    SaveHistory(HistoryEntry, Route),
    /// Take local contents to Compose: the manifest first, behind it what it names.
    OpenInCompose {
        /// Whether the manifest is a list to begin anew with, or an image to add.
        is_list: bool,
        /// The contents.
        contents: Vec<LocalContent>,
    },
    /// Speak plain http to a registry from now on.
    SetPlainHttp(RegistryHost),
    /// Know that these archives are open, by their names, and no others.
    Opened(Vec<String>),
    /// Do to a registry what the button of an error says. Unless that opens a dialog, the page is told to try again.
    Act(RegistryHost, Action),
}

/// Tells a page what happened outside of it.
pub type Link<C> = Callback<C>;

/// What the shell tells a page of which it knows no more than the name ([`PartPage`](crate::route::PartPage)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageCommand {
    /// Show the page, at what stands behind its name in the address.
    Show(String),
    /// Another page is shown. What is under way may go on.
    Hide,
    /// What is set for a registry changed, so that what failed may come now.
    Retry,
    /// Open these; only the archives are told so.
    Open(Vec<GivenArchive>),
}

/// Draws a page's component. It is all that the shell knows of a page whose part of the program is loaded when wanted.
pub type Mount<C> = fn(Props<C>) -> Html;

/// What the shell gives a page, whose commands are `C`.
pub struct Props<C> {
    /// What is set, by registry.
    pub registries: Rc<RegistryChoices>,
    /// What stays the same as long as the page is open.
    pub shell: Rc<Shell>,
    /// Takes the page's link, once it is mounted.
    pub ready: Callback<Link<C>>,
}

/// What a page has of the shell, as long as it is open.
#[derive(Debug)]
pub struct Shell {
    /// Where the page came from.
    pub origin: PageOrigin,
    /// Asks registries, with what is set for them.
    pub client: Client<BrowserTransport>,
    /// Takes what the page asks for.
    pub request: Callback<Request>,
}

impl Shell {
    /// Asks the shell for something. What a page fetches next goes the way that it asks for here, so its client, which
    /// shares what is set for registries, knows it before the shell hears it.
    pub fn ask(&self, request: Request) {
        if let Request::SetPlainHttp(host) = &request {
            self.client
                .reach(host, self.client.settings(host).access, true);
        }
        self.request.emit(request);
    }
}

/// Where the page came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageOrigin {
    /// The host, which is where the proxy is.
    pub host: String,
    /// The page's own address without what stands behind `#`, for a link that is shared.
    pub address: String,
}

/// What a person set for a registry, without the password, which only the client has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Which way to take.
    pub access: Access,
    /// Whether to speak http.
    pub plain_http: bool,
    /// The user name of the credentials that are sent; `None` where none are.
    pub username: Option<String>,
}

/// What was set, by registry, in the order of the hosts. There are few, so it is one list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryChoices(Vec<(RegistryHost, Choice)>);

impl RegistryChoices {
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
    pub fn entry(&mut self, host: &RegistryHost) -> &mut Choice {
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

    /// Forgets what was set for a registry.
    pub fn remove(&mut self, host: &RegistryHost) {
        self.0.retain(|(known, _)| known != host);
    }
}
