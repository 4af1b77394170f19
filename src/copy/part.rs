//! The page of several images as Copy holds it: a part of the program that comes when it is wanted.

use std::rc::Rc;

use yew::{Callback, Html};

use super::message::{Effect, Msg};
use super::several::{Mount, Tools};
use crate::components::element::el;
use crate::components::listener::send;
use crate::components::loading;
use crate::lazy::{LazyPart, LoadError};
use crate::shell::{Link, PageCommand, Props, RegistryChoices, Shell};

/// The page of several images: there or not, and what it is to be told once it is.
#[derive(Debug)]
pub struct Part {
    /// Whether it is the one that is shown.
    is_shown: bool,
    mount: LazyPart<Mount>,
    link: Option<Link<PageCommand>>,
    waiting: Vec<PageCommand>,
}

impl Default for Part {
    fn default() -> Self {
        Self {
            is_shown: false,
            mount: LazyPart::new(None),
            link: None,
            waiting: Vec::new(),
        }
    }
}

impl Part {
    /// Whether what stands behind the name of Copy in an address is about several images.
    #[must_use]
    pub fn is_named(address: &str) -> bool {
        address.starts_with("?images=")
    }

    /// Shows it at that address.
    pub fn show(&mut self, address: String) -> Vec<Effect> {
        self.is_shown = true;
        let mut effects = self.tell(PageCommand::Show(address));
        effects.extend(self.load());
        effects
    }

    /// Hides it. What is under way on it goes on.
    pub fn hide(&mut self) -> Vec<Effect> {
        if std::mem::take(&mut self.is_shown) {
            self.tell(PageCommand::Hide)
        } else {
            Vec::new()
        }
    }

    /// Tells it that what is set for a registry changed.
    pub fn retry(&mut self) -> Vec<Effect> {
        match self.link {
            Some(_) => self.tell(PageCommand::Retry),
            None => Vec::new(),
        }
    }

    /// Begins to load it, unless it is here or on its way.
    pub fn load(&mut self) -> Option<Effect> {
        self.mount.begin_to_load().then_some(Effect::LoadSeveral)
    }

    /// Takes it once it came, or why it did not.
    pub fn loaded(&mut self, came: Result<Mount, LoadError>) {
        self.mount.loaded(came);
    }

    /// Takes its link once it is mounted, and tells what it is to be told first.
    pub fn mounted(&mut self, link: Link<PageCommand>) -> Vec<Effect> {
        self.link = Some(link);
        let waiting = std::mem::take(&mut self.waiting);
        waiting.into_iter().map(Effect::Several).collect()
    }

    /// Sends a command to it, which is mounted.
    pub fn send(&self, command: PageCommand) {
        if let Some(link) = &self.link {
            link.emit(command);
        }
    }

    fn tell(&mut self, command: PageCommand) -> Vec<Effect> {
        if self.link.is_some() {
            return vec![Effect::Several(command)];
        }
        self.waiting.push(command);
        Vec::new()
    }

    /// Draws it, or in its place that it is on its way.
    pub(super) fn view(
        &self,
        shell: &Rc<Shell>,
        registries: Rc<RegistryChoices>,
        tools: Tools,
        link: &Callback<Msg>,
    ) -> Html {
        let Some(mount) = self.mount.value else {
            let again = send(link, Msg::LoadSeveral);
            let waiting = move || loading::view("Several images", self.mount.failed, again);
            let drawn = self.is_shown.then(|| el("main").child(waiting()));
            return drawn.map_or_else(Html::default, Html::from);
        };
        let props = Props {
            registries,
            shell: Rc::clone(shell),
            ready: link.reform(Msg::SeveralMounted),
        };
        mount(props, tools)
    }
}
