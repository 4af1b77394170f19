//! The state of Compose: what is composed, what is typed, what is unfolded; and what becomes of each message.

use std::rc::Rc;

use waybill_core::media_type::MediaType;
use waybill_core::reference::{Reference, RegistryHost};
use waybill_core::workflow::compose::RowId;
use waybill_core::workflow::compose::{self as workflow, Composition, Model, Msg as Change};
use waybill_core::workflow::fetch::Generation;

use super::command::{Command, NewSource};
use super::derived::Derived;
use super::layout::Saving;
use super::message::{Effect, Field, Key, Msg};
use super::push::Push;
use super::sources;
use crate::components::heading::HEADING;
use crate::limits::{KEPT_CHARACTERS, ROWS_DRAWN};
use crate::shell::Request;

/// Holds what Compose shows: the composition of core, what is typed, what is unfolded, what is drawn.
pub struct State {
    pub(super) model: Model,
    pub(super) typed: Vec<(Field, String)>,
    /// The rows whose parts can be edited.
    pub(super) unfolded: Vec<RowId>,
    pub(super) drawn: Viewport,
    /// Whether the sources were submitted as they are, so that their faults are said out loud.
    pub(super) submitted: bool,
    /// What was not taken, each with the reason.
    pub(super) left_out: Vec<(String, String)>,
    /// The tool whose commands were wanted, and cannot be said, with the reason.
    pub(super) unsayable: Option<(&'static str, String)>,
    /// Said once for those who do not see the page.
    pub(super) said: String,
    /// Whether the tab keeps the work.
    pub(super) kept: bool,
    pub(super) derived: Derived,
    pub(super) layout: Saving,
    pub(super) push: Push,
    keep_due: bool,
    /// What is to be done because of the message that is taken.
    effects: Vec<Effect>,
}

/// Whether the page is drawn, which part of what is long, and how.
#[derive(Default)]
pub(super) struct Viewport {
    /// Whether the page is shown; else nothing is drawn, and keys mean nothing.
    pub(super) is_shown: bool,
    /// The first row.
    pub(super) row: usize,
    /// The first line of the bytes.
    pub(super) line: usize,
    /// Whether the JSON is indented for reading.
    pub(super) indented: bool,
}

impl State {
    /// Makes the page; `kept` is the work that the tab kept, as text.
    #[must_use]
    pub fn new(kept: Option<&str>) -> Self {
        let mut state = Self {
            model: Model::new(Generation(1)),
            typed: Vec::new(),
            unfolded: Vec::new(),
            drawn: Viewport::default(),
            submitted: false,
            left_out: Vec::new(),
            unsayable: None,
            said: String::new(),
            kept: true,
            derived: Derived::default(),
            layout: Saving::default(),
            push: Push::default(),
            keep_due: false,
            effects: Vec::new(),
        };
        match kept.map(|text| Model::restore(text, Generation(1))) {
            None => {}
            Some(Ok((model, effects))) => {
                state.model = model;
                state
                    .effects
                    .extend(effects.into_iter().map(Effect::Workflow));
            }
            Some(Err(error)) => state
                .left_out
                .push(("What this tab kept".to_owned(), error.to_string())),
        }
        state.derive(true);
        state
    }

    /// Returns the composition.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    pub(super) fn typed(&self, field: &Field) -> Option<&str> {
        self.typed
            .iter()
            .find(|(known, _)| known == field)
            .map(|(_, text)| text.as_str())
    }

    pub(super) fn forget(&mut self, field: &Field) -> String {
        let place = self.typed.iter().position(|(known, _)| known == field);
        place
            .map(|place| self.typed.swap_remove(place).1)
            .unwrap_or_default()
    }

    /// Changes the composition. What it had typed in its fields is what it says now.
    pub(super) fn change(&mut self, change: Change) {
        self.unsayable = None;
        let effects = workflow::update(&mut self.model, change);
        self.effects
            .extend(effects.into_iter().map(Effect::Workflow));
    }

    /// Begins something else, or another state of the same.
    pub(super) fn begin(&mut self, change: Change) {
        let is_of_model = |field: &Field| {
            matches!(
                field,
                Field::Target | Field::Platform(..) | Field::ArtifactType(_)
            )
        };
        self.typed.retain(|(field, _)| !is_of_model(field));
        self.left_out.clear();
        self.change(change);
        self.draw_rows_that_are();
    }

    /// Draws the last part of the rows where the part that was drawn is no more.
    pub(super) fn draw_rows_that_are(&mut self) {
        let last = self.model.composition().rows.len().saturating_sub(1) / ROWS_DRAWN * ROWS_DRAWN;
        self.drawn.row = self.drawn.row.min(last);
    }

    /// Does what a message says, and returns what the shell is asked for.
    fn handle(&mut self, msg: Msg) -> Vec<Request> {
        match msg {
            Msg::Command(command) => return self.obey(command),
            Msg::Key(Key::Undo) => self.begin(Change::Undo),
            Msg::Key(Key::Redo) => self.begin(Change::Redo),
            Msg::Key(Key::Move { row, up, focus }) => self.shift(row, up, Some(focus)),
            Msg::Change(change @ (Change::Undo | Change::Redo | Change::Clear)) => {
                self.begin(change);
            }
            Msg::Change(change) => {
                if matches!(change, Change::Cancel) {
                    self.want_no_layout();
                }
                self.change(change);
            }
            Msg::Typed(field, text) => self.type_in(field, text),
            Msg::AddSources => return self.add_sources(),
            Msg::OpenSource => return self.open_source(),
            Msg::SetSubject => {
                return self.with_source(Field::Subject, |found| Change::Subject(Some(found)));
            }
            Msg::Annotate(on) => {
                let (name, value) = (
                    self.forget(&Field::Name(on)),
                    self.forget(&Field::Value(on)),
                );
                if name.is_empty() {
                    self.typed.push((Field::Value(on), value));
                } else {
                    self.change(Change::Annotate {
                        on,
                        name,
                        value: Some(value),
                    });
                }
                self.effects.push(Effect::Focus(super::ids::name_id(on)));
            }
            Msg::Replace(id) => {
                return self
                    .with_source(Field::Replacement(id), |with| Change::Replace { id, with });
            }
            Msg::Move(id, up) => self.shift(id, up, None),
            Msg::Remove(id) => self.remove(id),
            Msg::StartFrom(id) => self.start_from(id),
            Msg::Unfold(id) => match self.unfolded.iter().position(|known| *known == id) {
                Some(place) => drop(self.unfolded.remove(place)),
                None => self.unfolded.push(id),
            },
            Msg::ShowRowsFrom(row) => self.drawn.row = row,
            Msg::ShowLinesFrom(line) => self.drawn.line = line,
            Msg::Indent(on) => (self.drawn.indented, self.drawn.line) = (on, 0),
            Msg::OpenExample => self.example(),
            Msg::ExamplesLoaded(result) => self.examples_loaded(result),
            Msg::Copy => {
                return vec![Request::Copy(
                    String::from_utf8_lossy(&self.model.written().bytes).into_owned(),
                )];
            }
            Msg::Save => {
                return vec![Request::Save(
                    self.model.file_name(),
                    Rc::clone(&self.model.written().bytes),
                )];
            }
            Msg::SaveLayout => self.want_layout(),
            Msg::Act(host, action) => return vec![Request::Act(host, action)],
            Msg::PlanPush => {
                let effects = self.push.plan(&self.model);
                self.effects.extend(effects);
                let target = self.target().filter(|_| self.target_is_plain_http());
                let host = target.map(|target| target.host().clone());
                return host.into_iter().map(Request::SetPlainHttp).collect();
            }
            Msg::ClosePush => {
                let effects = self.push.close();
                self.effects.extend(effects);
            }
            Msg::Push(msg) => {
                let effects = self.push.update(msg);
                self.effects.extend(effects);
            }
            Msg::ShowPushFrom(step) => self.push.draw_from(step),
            Msg::CopyCommands { tool, plain_http } => {
                return self.copy_commands(tool, &plain_http).into_iter().collect();
            }
            Msg::SaveSpecification => {
                let file = self
                    .model
                    .commands(&[])
                    .into_iter()
                    .find_map(|commands| commands.file);
                return file
                    .map(|(name, text)| Request::Save(name.into(), text.into_bytes().into()))
                    .into_iter()
                    .collect();
            }
            Msg::SpecificationReaderLoaded(files, reader) => {
                self.take_given(files, reader);
            }
            Msg::Keep => {
                self.keep_due = false;
                let kept = self.snapshot();
                self.effects.push(Effect::Keep(kept));
            }
            Msg::NotKept => self.kept = false,
        }
        Vec::new()
    }

    /// Returns the lines of a tool, behind what they leave out.
    fn copy_commands(
        &mut self,
        tool: &'static str,
        plain_http: &[RegistryHost],
    ) -> Option<Request> {
        let commands = self
            .model
            .commands(plain_http)
            .into_iter()
            .find(|commands| commands.tool == tool)?;
        let together = commands.together();
        self.unsayable = together.as_ref().err().map(|why| (tool, why.to_string()));
        together.ok().map(Request::Copy)
    }

    /// Returns the work as text; `None` where there is none, or too much.
    fn snapshot(&mut self) -> Option<String> {
        self.kept = true;
        if *self.model.composition() == Composition::default() {
            return None;
        }
        // Base64 has 4 characters for 3 bytes: what would be far too long is not made.
        let text =
            (self.model.given_bytes() < KEPT_CHARACTERS / 4 * 3).then(|| self.model.snapshot());
        let text = text.filter(|text| text.len() <= KEPT_CHARACTERS);
        self.kept = text.is_some();
        text
    }

    pub(super) fn target(&self) -> Option<&Reference> {
        self.model.composition().target.as_ref()
    }

    /// Tells whether the target was named with `http://`.
    pub(super) fn target_is_plain_http(&self) -> bool {
        let found = self.typed(&Field::Target).map(sources::target);
        found.is_some_and(|found| matches!(found, Ok(Some(found)) if found.plain_http.is_some()))
    }

    fn type_in(&mut self, field: Field, text: String) {
        self.forget(&field);
        match &field {
            Field::Target => match sources::target(&text) {
                Ok(found) => self.change(Change::Target(found.map(|found| found.reference))),
                Err(_) => self.change(Change::Target(None)),
            },
            Field::ArtifactType(on) => {
                let media_type = (!text.trim().is_empty()).then(|| MediaType::new(text.trim()));
                self.change(Change::ArtifactType(*on, media_type));
            }
            Field::Annotation(on, name) => {
                // What it is stands in the list, so that nothing is kept beside it.
                self.change(Change::Annotate {
                    on: *on,
                    name: name.clone(),
                    value: Some(text),
                });
                return;
            }
            Field::Sources => self.submitted = false,
            _ => {}
        }
        let platform = if let Field::Platform(id, _) = field {
            Some(id)
        } else {
            None
        };
        self.typed.push((field, text));
        if let Some(id) = platform
            && let Ok(platform) = self.platform(id)
        {
            self.change(Change::Platform(id, platform));
        }
    }

    /// Has something done once the message is taken.
    pub(super) fn queue(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Does what the shell tells.
    fn obey(&mut self, command: Command) -> Vec<Request> {
        match command {
            Command::Show => {
                self.drawn.is_shown = true;
                return vec![Request::Focus(HEADING)];
            }
            Command::Hide => self.drawn.is_shown = false,
            Command::Open(NewSource::Registry(reference)) => self.begin(Change::Open(reference)),
            Command::Open(NewSource::Local(files)) => self.open_local(files),
            Command::Add(NewSource::Registry(reference)) => {
                self.change(Change::Add(vec![reference]));
            }
            Command::Add(NewSource::Local(files)) => self.give(files),
            Command::Import(import) => {
                self.left_out.clear();
                let left_out = import.left_out.into_iter();
                self.left_out
                    .extend(left_out.map(|(name, why)| (name, why.to_owned())));
                self.give(import.files);
            }
            Command::Retry => {
                self.change(Change::Retry);
                let effects = self.push.retry();
                self.effects.extend(effects);
            }
        }
        Vec::new()
    }

    /// Takes one message and returns the effects to run, in their order: first what the shell is asked for.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        if matches!(msg, Msg::Key(_)) && !self.drawn.is_shown {
            return Vec::new();
        }
        let before = self.model.composition().clone();
        let derives = changes_the_list(&msg);
        let mut requests = self.handle(msg);
        let changed = *self.model.composition() != before;
        if derives {
            self.derive(changed);
            let effects = self.push.follow(&self.model);
            self.effects.extend(effects);
        }
        requests.extend(self.save_layout());
        if changed && !self.keep_due {
            self.keep_due = true;
            self.effects.push(Effect::KeepSoon);
        }
        let effects = std::mem::take(&mut self.effects);
        requests
            .into_iter()
            .map(Effect::Request)
            .chain(effects)
            .collect()
    }
}

/// Tells whether a message may change the list, or what is said of it.
fn changes_the_list(msg: &Msg) -> bool {
    !matches!(
        msg,
        Msg::Command(Command::Show | Command::Hide)
            | Msg::NotKept
            | Msg::Keep
            | Msg::Indent(_)
            | Msg::ShowLinesFrom(_)
            | Msg::ShowRowsFrom(_)
            | Msg::Act(..)
            | Msg::PlanPush
            | Msg::ClosePush
            | Msg::Push(_)
            | Msg::ShowPushFrom(_)
    )
}
