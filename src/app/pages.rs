//! What the shell tells its pages, at once or when they are there.

use crate::components::heading::HEADING;
use crate::lazy::{LazyPage, LoadError};
use crate::local_content::LocalContent;
use crate::route::{
    ComposeIntent, InspectSource, PartPage, Route, View, in_archive, read_reference,
};
use crate::shell::{Mount, PageCommand};
use crate::{compose, inspect, verify};
use waybill_core::input::Input;
use waybill_core::reference::Reference;

use super::message::Effect;
use super::state::State;

impl State {
    pub(super) fn tell_inspect(&mut self, command: inspect::Command) -> Vec<Effect> {
        let told = self.inspect.tell(command);
        told.map(Effect::Inspect).into_iter().collect()
    }

    /// Comes to Inspect; to an example once it is loaded.
    pub(super) fn show_inspect(&mut self, source: InspectSource, place: View) -> Vec<Effect> {
        let load = match &source {
            InspectSource::Example(_) if !self.examples.is_here() => self.load_examples(),
            InspectSource::Reference(text) if self.lacks_reader(text, true) => self.load_reader(),
            InspectSource::Example(_) | InspectSource::Reference(_) | InspectSource::Verify(_) => {
                return self.tell_inspect(inspect::Command::Show(source, place));
            }
        };
        let mut effects = self.tell_inspect(inspect::Command::Hide);
        effects.extend(load);
        effects
    }

    /// Takes the place of what stands in an archive that is not open by that of the archive, until it is.
    pub(super) fn until_open(&self, route: Route) -> Route {
        match &route {
            Route::Inspect(InspectSource::Reference(text), _) => match in_archive(text) {
                Some(rest) if !self.opened.iter().any(|name| names(rest, name)) => {
                    let address = route.to_string();
                    let rest = address.strip_prefix("#/archive").unwrap_or(rest);
                    Route::Part(PartPage::Archive, rest.to_owned())
                }
                Some(_) | None => route,
            },
            _ => route,
        }
    }

    /// Takes which archives are open, and goes on to what waited for one.
    pub(super) fn archives_opened(&mut self, names: Vec<String>) -> Vec<Effect> {
        self.opened = names;
        match Route::parse(self.route.to_string().trim_start_matches('#')) {
            waited @ Route::Inspect(InspectSource::Reference(_), _)
                if matches!(self.route, Route::Part(PartPage::Archive, _))
                    && self.until_open(waited.clone()) == waited =>
            {
                self.navigate(waited, None)
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn load_reader(&mut self) -> Option<Effect> {
        self.reader.begin_to_load().then_some(Effect::LoadReader)
    }

    /// Reads what waits for it: the box, an address, and what Compose is to take up.
    pub(super) fn reader_loaded(&mut self, result: Result<(), LoadError>) -> Vec<Effect> {
        self.reader.loaded(result);
        if self.reader.failed.is_some() {
            self.submitted = false;
            self.notice = "What reads the box could not be loaded: try again";
            return Vec::new();
        }
        if let Route::Inspect(source, place) = self.route.clone()
            && let InspectSource::Reference(text) = &source
            && text.parse::<Reference>().is_err()
            && *text == self.typed
        {
            // The address waited.
            let mut effects: Vec<_> = self.read_source(&source).into_iter().collect();
            effects.extend(self.show_inspect(source, place));
            return effects;
        }
        // An address that was read without it is shown already, with the place in it.
        let is_shown = matches!(&self.route, Route::Inspect(InspectSource::Reference(text), _) if *text == self.typed);
        let was_submitted = self.submitted && !is_shown;
        self.type_in(self.typed.clone(), false);
        let mut effects = match self.unread.take() {
            Some(intent) => self.take_up(&intent),
            None => Vec::new(),
        };
        if was_submitted {
            effects.extend(self.submit());
        }
        effects
    }

    /// Loads the examples: behind the first page and Compose, from where a person may open one when no network is there
    /// any more.
    pub(super) fn load_examples(&mut self) -> Option<Effect> {
        self.examples
            .begin_to_load()
            .then_some(Effect::LoadExamples)
    }

    /// Shows the example that waits for them, or why it cannot be shown.
    pub(super) fn examples_loaded(&mut self, result: Result<(), LoadError>) -> Vec<Effect> {
        self.examples.loaded(result);
        let Route::Inspect(source @ InspectSource::Example(_), place) = self.route.clone() else {
            return Vec::new();
        };
        if self.examples.failed.is_some() {
            return vec![Effect::Focus(HEADING)];
        }
        self.show_inspect(source, place)
    }

    /// Tells Verify something, at once or when it is there.
    pub(super) fn tell_verify(&mut self, command: verify::Command) -> Vec<Effect> {
        match self.verify.tell(command) {
            Some(command) => vec![Effect::Verify(command)],
            None => self.load_verify().into_iter().collect(),
        }
    }

    /// Comes to Verify.
    pub(super) fn show_verify(&mut self, show: verify::Command) -> Vec<Effect> {
        let mut effects = Vec::new();
        if !self.verify.is_mounted() {
            effects.push(Effect::Title("Verify · Waybill".into()));
        }
        effects.extend(self.tell_verify(show));
        effects
    }

    pub(super) fn load_verify(&mut self) -> Option<Effect> {
        self.verify
            .part
            .begin_to_load()
            .then_some(Effect::LoadVerify)
    }

    /// Takes Verify once it came, or why it did not.
    pub(super) fn verify_loaded(
        &mut self,
        result: Result<Mount<verify::Command>, LoadError>,
    ) -> Vec<Effect> {
        self.verify.part.loaded(result);
        if self.verify.part.failed.is_none() {
            return Vec::new();
        }
        let waiting = self.verify.waiting();
        let before = waiting.len();
        waiting.retain(|command| !matches!(command, verify::Command::Import(_)));
        if waiting.len() < before {
            self.notice = "Verify could not be loaded, so nothing was opened: try again";
            return Vec::new();
        }
        let is_looked_at = !waiting.is_empty();
        is_looked_at
            .then_some(Effect::Focus(HEADING))
            .into_iter()
            .collect()
    }

    /// Comes to Compose, with what it is to take up.
    pub(super) fn show_compose(&mut self, intent: Option<ComposeIntent>) -> Vec<Effect> {
        self.type_in(String::new(), false);
        let mut effects = vec![Effect::Title("Compose · Waybill".into())];
        let there = self.compose.is_mounted();
        effects.extend(self.tell_compose(compose::Command::Show));
        if let Some(intent) = intent {
            // With what it takes up in the address, loading the page again would undo everything done since.
            self.route = Route::Compose(None);
            effects.push(Effect::Replace(Route::Compose(None)));
            effects.extend(self.take_up(&intent));
        }
        effects.extend(self.load_compose());
        effects.extend(self.load_examples());
        if !there {
            effects.push(Effect::Focus(HEADING));
        }
        effects
    }

    fn take_up(&mut self, intent: &ComposeIntent) -> Vec<Effect> {
        let (ComposeIntent::Open(texts) | ComposeIntent::Add(texts)) = intent;
        if self.lacks_reader(texts, true) {
            self.unread = Some(intent.clone());
            return self.load_reader().into_iter().collect();
        }
        let mut effects = Vec::new();
        for text in texts.split("&add=") {
            let Some(Ok(Input::Reference(found))) = read_reference(text) else {
                self.notice = "The address names no reference";
                return effects;
            };
            if found.plain_http {
                effects.push(self.set_plain_http(found.reference.host().clone()));
            }
            let content = compose::NewSource::Registry(found.reference);
            effects.extend(self.tell_compose(match intent {
                ComposeIntent::Open(_) => compose::Command::Open(content),
                ComposeIntent::Add(_) => compose::Command::Add(content),
            }));
        }
        effects
    }

    /// Takes local contents to Compose.
    pub(super) fn open_in_compose(
        &mut self,
        is_list: bool,
        contents: Vec<LocalContent>,
    ) -> Vec<Effect> {
        let content = compose::NewSource::Local(contents);
        let mut effects = self.tell_compose(if is_list {
            compose::Command::Open(content)
        } else {
            compose::Command::Add(content)
        });
        effects.push(Effect::Navigate(Route::Compose(None)));
        effects
    }

    /// Tells Compose something, at once or when it is there.
    pub(super) fn tell_compose(&mut self, command: compose::Command) -> Vec<Effect> {
        let told = self.compose.tell(command);
        told.map(Effect::Compose).into_iter().collect()
    }

    /// A page that reads its address itself, as the shell holds it.
    #[must_use]
    pub fn part(&self, page: PartPage) -> &LazyPage<PageCommand> {
        // There is one for each.
        &self.parts[page as usize]
    }

    pub(super) fn part_mut(&mut self, page: PartPage) -> &mut LazyPage<PageCommand> {
        &mut self.parts[page as usize]
    }

    /// Comes to such a page, with what stands behind its name.
    pub(super) fn show_part(&mut self, page: PartPage, address: String) -> Vec<Effect> {
        self.type_in(String::new(), false);
        let there = self.part(page).is_mounted();
        let mut effects = self.tell_part(page, PageCommand::Show(address));
        effects.extend(self.load_part(page));
        if !there {
            let title = [page.title(), " · Waybill"].concat();
            effects.extend([Effect::Title(title), Effect::Focus(HEADING)]);
        }
        effects
    }

    pub(super) fn load_part(&mut self, page: PartPage) -> Option<Effect> {
        let part = &mut self.part_mut(page).part;
        part.begin_to_load().then_some(Effect::LoadPart(page))
    }

    /// Takes such a page once it came, or why it did not.
    pub(super) fn part_loaded(
        &mut self,
        page: PartPage,
        result: Result<Mount<PageCommand>, LoadError>,
    ) -> Vec<Effect> {
        let part = &mut self.part_mut(page).part;
        part.loaded(result);
        let failed = part.failed.is_some();
        let focus = failed.then_some(Effect::Focus(HEADING));
        focus.into_iter().collect()
    }

    /// Tells such a page something, at once or when it is there.
    pub(super) fn tell_part(&mut self, page: PartPage, command: PageCommand) -> Vec<Effect> {
        let told = self.part_mut(page).tell(command);
        told.map(|told| Effect::Part(page, told))
            .into_iter()
            .collect()
    }

    pub(super) fn load_compose(&mut self) -> Option<Effect> {
        self.compose
            .part
            .begin_to_load()
            .then_some(Effect::LoadCompose)
    }
}

/// Tells whether a text that begins with the name of an archive begins with this one.
fn names(text: &str, name: &str) -> bool {
    text.strip_prefix(name)
        .is_some_and(|rest| rest.starts_with(['@', '/']))
}
