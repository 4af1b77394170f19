//! The state of Copy: messages in, effects out.

use waybill_core::reference::{Reference, Tag};
use waybill_core::registry::push::Repository;
use waybill_core::registry::rate_limit::RateLimit;
use waybill_core::workflow::copy::{
    self, Choice, Depth, Format, Reading, Refused, Report, Selection,
};
use waybill_core::workflow::fetch::{Failure, Fetch, Generation};
use waybill_core::workflow::layers::{Bytes, Progress};
use waybill_core::workflow::push::{self, Phase};
use waybill_core::workflow::save::{self, Form, Road};

use super::message::{Effect, Msg};
use super::part::Part;
use crate::components::heading::HEADING;
use crate::place::Place;
use crate::route::{PartPage, Route, query, to_query};
use crate::shell::{PageCommand, Request};

/// The kind of place that a copy goes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Destination {
    /// A repository of a registry.
    #[default]
    Registry,
    /// A file, or a folder of files.
    File,
}

/// How far a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing is read yet.
    Empty,
    /// What the source names is asked for.
    Reading,
    /// It did not come.
    Unread,
    /// It is here, and a person chooses what of it goes along.
    Chosen,
    /// What goes along is read.
    Gathering,
    /// Some of that did not come.
    Ungathered,
    /// Layers have to be read before the plan.
    LayersUnread,
    /// They are being read.
    ReadingLayers,
    /// One of them could not be read.
    LayerFailed,
    /// What was chosen cannot be copied in that way.
    Refused,
    /// The target is asked what it has.
    Planning,
    /// Something is in the way of the plan.
    Unplanned,
    /// The plan is whole, nothing is written yet.
    Planned,
    /// It is being done.
    Running,
    /// It failed or was cancelled, and can go on.
    Stopped,
    /// The tag names what was copied.
    Copied,
    /// The tag names something else.
    Differs,
    /// It goes into a file: how far that is, says the phase of the saving. Whether it is being written.
    File(bool),
}

/// Holds what Copy shows. Only [`State::update`] changes it.
#[derive(Debug, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each answers a question of its own"
)]
pub struct State {
    /// Whether the page is shown.
    pub is_shown: bool,
    /// Where it comes from.
    pub(super) from: Place,
    /// Where it goes, where that is a registry.
    pub(super) to: Place,
    /// The kind of place that it goes to.
    pub(super) destination: Destination,
    /// Whether the form was sent as it stands, so that its faults are said out loud.
    pub(super) submitted: bool,
    /// The source, once somebody asked for it.
    pub(super) source: Option<copy::Model>,
    /// How many more manifests its registry gives, as it says.
    pub(super) rate_limit: Option<RateLimit>,
    /// What goes along, or why it cannot, once that is known.
    pub(super) selection: Option<Result<Selection, Refused>>,
    /// The writing into a registry, from its plan on.
    pub(super) push: Option<push::Model>,
    /// Which archive it becomes, where it goes into a file.
    pub(super) archive: Form,
    /// How a file comes to the disk in this browser.
    pub(super) road: Road,
    /// Whether this browser writes into folders.
    pub(super) has_folders: bool,
    /// The writing into a file, from its plan on.
    pub(super) save: Option<save::Model>,
    /// More tags that the copy is to have, as they were typed.
    pub(super) more_tags: String,
    /// Other tags of the source that go along, as they were typed.
    pub(super) other_tags: String,
    /// The row from which on the table of manifests is drawn.
    pub(super) from_row: usize,
    /// The same of the table of steps.
    pub(super) from_step: usize,
    /// How fast it goes.
    pub(super) progress: Progress,
    /// Whether the person only wants it to stand still for a while.
    pub(super) is_paused: bool,
    /// The page of several images, which may be shown in the place of this one.
    pub several: Part,
    /// Whether it is to be planned as soon as the source is here.
    wants_plan: bool,
    /// The highest generation so far.
    generation: Generation,
}

impl State {
    /// Makes the state of the page before anything is shown on it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How far it is.
    #[must_use]
    pub fn stage(&self) -> Stage {
        let Some(source) = &self.source else {
            return Stage::Empty;
        };
        if let Some(push) = &self.push {
            return of_push(push);
        }
        if let Some(save) = &self.save {
            return Stage::File(save.is_open());
        }
        match (source.root(), source.depth(), &self.selection) {
            (Fetch::Pending, ..) => Stage::Reading,
            (Fetch::Failed(_), ..) => Stage::Unread,
            (Fetch::Done(root), ..) if root.manifest.is_err() => Stage::Refused,
            (Fetch::Done(_), _, Some(Err(_))) => Stage::Refused,
            (Fetch::Done(_), Some(_), _) if source.pending() > 0 => Stage::Gathering,
            (Fetch::Done(_), Some(_), None) if source.is_signing() => Stage::Gathering,
            (Fetch::Done(_), Some(_), None) if !source.failures().is_empty() => Stage::Ungathered,
            (Fetch::Done(_), Some(_), None) if !source.unread().is_empty() => {
                match source.reading() {
                    Reading::Idle => Stage::LayersUnread,
                    Reading::Running(_) => Stage::ReadingLayers,
                    Reading::Failed(_) => Stage::LayerFailed,
                }
            }
            (Fetch::Done(_), ..) => Stage::Chosen,
        }
    }

    /// Takes one message and returns the effects to run, in their order.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        let before = self.stage();
        if self.save.as_ref().is_some_and(save::Model::is_busy) && is_of_the_form(&msg) {
            return Vec::new();
        }
        let mut effects = match msg {
            Msg::Command(PageCommand::Show(address)) if Part::is_named(&address) => {
                self.is_shown = false;
                self.several.show(address)
            }
            Msg::Command(PageCommand::Show(address)) => {
                let mut effects = self.several.hide();
                effects.extend(self.show(&address));
                effects
            }
            Msg::Command(PageCommand::Hide) => {
                self.is_shown = false;
                self.several.hide()
            }
            Msg::Command(PageCommand::Retry) => {
                let mut effects = self.several.retry();
                effects.extend(self.retry());
                effects
            }
            Msg::Command(PageCommand::Open(_)) => Vec::new(),
            Msg::FromTyped(text) => {
                self.from = Place::new(text);
                self.submitted = false;
                self.follow()
            }
            Msg::ToTyped(text) => {
                self.to = Place::new(text);
                self.submitted = false;
                self.close_plan()
            }
            Msg::Destination(destination) => {
                self.destination = destination;
                self.submitted = false;
                let mut effects = self.close_plan();
                if destination == Destination::File {
                    effects.push(Effect::Look);
                }
                effects
            }
            Msg::MoreTagsTyped(text) => {
                self.more_tags = text;
                self.close_plan()
            }
            Msg::OtherTagsTyped(text) => {
                self.other_tags = text;
                self.choose_other_tags()
            }
            Msg::Submitted => self.submit(),
            Msg::Halt { is_paused } => {
                self.is_paused = is_paused;
                self.progress.stand();
                self.cancel()
            }
            Msg::GoOn => self.go_on(),
            Msg::Tick(now) => {
                self.tick(now);
                Vec::new()
            }
            Msg::SaveReport { json } => self.save_report(json).into_iter().collect(),
            Msg::Choose(choice) => self.choose(choice),
            Msg::Source(msg) => self.update_source(msg),
            Msg::RateLimit(rate_limit) => {
                self.rate_limit = rate_limit;
                Vec::new()
            }
            Msg::Push(msg) => self.update_push(msg),
            Msg::Archive(form) => {
                self.archive = form;
                self.close_plan()
            }
            Msg::Roads(road, has_folders) => {
                self.road = road;
                self.has_folders = has_folders;
                Vec::new()
            }
            Msg::Save(msg) => self.update_save(msg),
            Msg::ShowFrom(row) => {
                self.from_row = row;
                Vec::new()
            }
            Msg::ShowStepsFrom(row) => {
                self.from_step = row;
                Vec::new()
            }
            Msg::Close => self.close_plan(),
            Msg::Act(host, action) => vec![Effect::Request(Request::Act(host, action))],
            Msg::LoadSeveral => self.several.load().into_iter().collect(),
            Msg::SeveralLoaded(came) => {
                self.several.loaded(came);
                Vec::new()
            }
            Msg::SeveralMounted(link) => self.several.mounted(link),
        };
        effects.extend(self.after(before));
        effects
    }

    /// Tells whether the page looks otherwise after a message.
    #[must_use]
    pub fn draws(&self, msg: &Msg) -> bool {
        self.is_shown
            || matches!(
                msg,
                Msg::Command(_) | Msg::LoadSeveral | Msg::SeveralLoaded(_)
            )
    }

    /// Comes to the page. What its address names is read; what is under way goes on where it names the same.
    fn show(&mut self, address: &str) -> Vec<Effect> {
        let [from, to, with] = query(address, ["from", "to", "with"]);
        self.is_shown = true;
        let title = Request::Title("Copy · Waybill".into());
        let mut effects = vec![Effect::Request(title)];
        if self.is_busy() {
            return effects;
        }
        let (from, to) = (Place::new(from), Place::new(to));
        let with = with.replace(',', " ");
        if !with.is_empty() && with != self.other_tags {
            self.other_tags = with;
            effects.extend(self.choose_other_tags());
        }
        if from.read.is_some() && from.address() != self.from.address() {
            self.from = from;
            effects.extend(self.follow());
        }
        if to.read.is_some() && to.address() != self.to.address() {
            self.to = to;
            effects.extend(self.close_plan());
        }
        // What did not come may be there by now: an archive that was opened since.
        let is_read = |source: &copy::Model| !matches!(source.root(), Fetch::Failed(_));
        if !self.source.as_ref().is_some_and(is_read) {
            effects.extend(self.read());
        }
        effects
    }

    /// Tells whether something is being written, so that nothing else may be begun.
    pub(super) fn is_busy(&self) -> bool {
        let saves = self.save.as_ref().is_some_and(save::Model::is_busy);
        let stage = self.stage();
        saves
            || matches!(
                stage,
                Stage::Running | Stage::Stopped | Stage::ReadingLayers
            )
    }

    /// Goes where the form says: its address is that of the source and the target.
    fn submit(&mut self) -> Vec<Effect> {
        self.submitted = true;
        if self.from.reference().is_none() {
            return vec![Effect::Focus(FROM)];
        }
        let mut effects = Vec::new();
        if self.source.is_none() {
            effects.extend(self.read());
        }
        if self.destination == Destination::File {
            self.wants_plan = true;
            effects.extend(self.plan_if_wanted());
            return effects;
        }
        if self.to.reference().is_none() {
            // The source alone is read, to be looked at.
            if effects.is_empty() {
                effects.push(Effect::Focus(TO));
            }
            return effects;
        }
        let (from, to) = (self.from.address(), self.to.address());
        let with = tags_in(&self.other_tags).unwrap_or_default();
        let with: Vec<_> = with.iter().map(Tag::as_str).collect();
        let with = with.join(",");
        let address = to_query(&[("from", &from), ("to", &to), ("with", &with)]);
        let route = Route::Part(PartPage::Copy, address);
        effects.push(Effect::Request(Request::Navigate(route)));
        effects.extend(self.plain_http(false));
        self.wants_plan = true;
        effects.extend(self.plan_if_wanted());
        effects
    }

    /// Plans where somebody wants that and the source is here.
    fn plan_if_wanted(&mut self) -> Vec<Effect> {
        let is_here = |source: &copy::Model| source.root().done().is_some();
        if !self.wants_plan || !self.source.as_ref().is_some_and(is_here) {
            return Vec::new();
        }
        self.wants_plan = false;
        self.gather()
    }

    /// Asks for what the source names.
    fn read(&mut self) -> Vec<Effect> {
        let Some(reference) = self.from.reference().cloned() else {
            return Vec::new();
        };
        let mut effects = self.plain_http(true);
        self.rate_limit = None;
        let (model, first) = copy::Model::open(&reference, self.generation.next());
        self.generation = model.generation();
        self.source = Some(model);
        effects.extend(first.into_iter().map(Effect::Source));
        effects.extend(self.choose_other_tags());
        effects
    }

    /// Says of a registry that it speaks plain http, where the place says so.
    fn plain_http(&self, source: bool) -> Vec<Effect> {
        let place = if source { &self.from } else { &self.to };
        place
            .reference()
            .filter(|_| place.plain_http)
            .map(|it| Effect::Request(Request::SetPlainHttp(it.host().clone())))
            .into_iter()
            .collect()
    }

    /// Wants the other tags that are typed, as far as all of them are tags.
    fn choose_other_tags(&mut self) -> Vec<Effect> {
        let (Ok(other_tags), Some(source)) = (tags_in(&self.other_tags), &self.source) else {
            return self.close_plan();
        };
        let choice = source.choice().clone();
        if choice.other_tags == other_tags {
            return Vec::new();
        }
        self.choose(Choice {
            other_tags,
            ..choice
        })
    }

    fn choose(&mut self, choice: Choice) -> Vec<Effect> {
        let mut effects = self.close_plan();
        effects.extend(self.update_source(copy::Msg::Choose(choice)));
        effects
    }

    /// Reads what the choice needs, and plans then.
    fn gather(&mut self) -> Vec<Effect> {
        let mut effects = self.close_plan();
        let to_file = self.destination == Destination::File;
        effects.extend(self.name_schema1(to_file));
        let depth = self.source.as_ref().map(|source| source.choice().depth());
        if let Some(depth) = depth {
            let depth = if to_file { Depth::Configs } else { depth };
            effects.extend(self.update_source(copy::Msg::Gather(depth)));
        }
        effects
    }

    /// Says what an image of schema 1 is to call itself, where that is wanted.
    fn name_schema1(&mut self, to_file: bool) -> Vec<Effect> {
        let Some(source) = &self.source else {
            return Vec::new();
        };
        let choice = source.choice().clone();
        let target = self.to.reference().filter(|_| !to_file);
        let name = target.map(|target| {
            let tag = target.tag().cloned().unwrap_or_else(Tag::latest);
            (target.repository().clone(), tag)
        });
        if !matches!(choice.format, Format::DockerSchema1 { .. }) || choice.name == name {
            return Vec::new();
        }
        self.update_source(copy::Msg::Choose(Choice { name, ..choice }))
    }

    fn update_source(&mut self, msg: copy::Msg) -> Vec<Effect> {
        let Some(source) = &mut self.source else {
            return Vec::new();
        };
        let effects = copy::update(source, msg);
        self.generation = self.generation.max(source.generation());
        let mut effects: Vec<_> = effects.into_iter().map(Effect::Source).collect();
        if self.push.is_none() && self.save.is_none() && self.selection.is_none() {
            self.selection = source.selection().transpose();
            effects.extend(self.plan());
            effects.extend(self.plan_if_wanted());
        }
        effects
    }

    /// Asks the target what it has of what goes along.
    fn plan(&mut self) -> Vec<Effect> {
        let Some(Ok(selection)) = &self.selection else {
            return Vec::new();
        };
        if self.destination == Destination::File {
            if selection.others.is_empty() {
                self.plan_file();
            } else {
                self.selection = Some(Err(Refused::OtherTagsInFile));
            }
            return Vec::new();
        }
        let Some(target) = self.to.reference() else {
            return Vec::new();
        };
        let tags = self.tags().unwrap_or_default();
        if let Some(tag) = selection.tag_twice(target, &tags) {
            self.selection = Some(Err(Refused::TagTwice(tag.clone())));
            return Vec::new();
        }
        let Some(task) = selection.task(target, &tags) else {
            return Vec::new();
        };
        let (model, first) = push::Model::open(task, self.generation.next());
        self.generation = model.generation();
        self.push = Some(model);
        first.into_iter().map(Effect::Push).collect()
    }

    /// Plans the file of what goes along.
    fn plan_file(&mut self) {
        if let (Some(Ok(selection)), Some(source)) = (&self.selection, &self.source) {
            let names = vec![source.source().clone()];
            self.save = Some(save::Model::new(selection.clone(), names, self.archive));
        }
    }

    fn update_save(&mut self, msg: save::Msg) -> Vec<Effect> {
        let Some(model) = &mut self.save else {
            return Vec::new();
        };
        let before = save_stands(model);
        let effects = save::update(model, msg);
        let now = save_stands(model);
        let mut effects: Vec<_> = effects.into_iter().map(Effect::Save).collect();
        if now != before && self.is_shown {
            effects.push(Effect::Focus(HEADING));
        }
        effects
    }

    fn update_push(&mut self, msg: push::Msg) -> Vec<Effect> {
        let Some(model) = &mut self.push else {
            return Vec::new();
        };
        let effects = push::update(model, msg);
        self.generation = self.generation.max(model.generation());
        effects.into_iter().map(Effect::Push).collect()
    }

    /// The tags that the copy is to have beside that of its target.
    ///
    /// # Errors
    ///
    /// Fails with the first word that is no tag.
    pub(super) fn tags(&self) -> Result<Vec<Tag>, String> {
        tags_in(&self.more_tags)
    }

    /// Stops what is under way, of whatever.
    fn cancel(&mut self) -> Vec<Effect> {
        self.wants_plan = false;
        if self.push.is_some() {
            self.update_push(push::Msg::Cancel)
        } else {
            self.update_source(copy::Msg::Cancel)
        }
    }

    /// Goes on with what failed or was cancelled, because somebody says so.
    fn go_on(&mut self) -> Vec<Effect> {
        self.is_paused = false;
        if self.push.is_some() {
            self.update_push(push::Msg::Retry)
        } else if self.stage() == Stage::LayerFailed {
            self.update_source(copy::Msg::ReadLayers)
        } else {
            self.update_source(copy::Msg::Retry)
        }
    }

    /// Takes that it is so late.
    fn tick(&mut self, now: u64) {
        let Some(push) = self
            .push
            .as_ref()
            .filter(|_| self.stage() == Stage::Running)
        else {
            return;
        };
        let received = push.totals().sent;
        self.progress.take(
            now,
            Bytes {
                received,
                unpacked: 0,
            },
        );
    }

    /// What came of it, where it was begun.
    pub(super) fn report(&self) -> Option<Report<'_>> {
        let selection = self.selection.as_ref()?.as_ref().ok()?;
        Some(Report {
            source: self.source.as_ref()?,
            selection,
            push: self.push.as_ref()?,
        })
    }

    fn save_report(&self, json: bool) -> Option<Effect> {
        let report = self.report()?;
        let (name, text) = if json {
            ("copy-report.json", report.json())
        } else {
            ("copy-report.txt", report.text())
        };
        Some(Effect::Request(Request::Save(
            name.to_owned(),
            text.into_bytes().into(),
        )))
    }

    /// Follows a change of the source: what was read of another one is put away.
    fn follow(&mut self) -> Vec<Effect> {
        let mut effects = self.close_plan();
        let is_same = |source: &copy::Model| self.from.reference() == Some(source.source());
        if !self.source.as_ref().is_some_and(is_same)
            && let Some(source) = self.source.take()
            && source.pending() > 0
        {
            effects.push(Effect::Source(copy::Effect::Abort));
        }
        if self.source.is_none() {
            effects.push(Effect::ForgetLayers);
        }
        effects
    }

    /// Puts the plan away, and stops what is under way of it.
    fn close_plan(&mut self) -> Vec<Effect> {
        self.selection = None;
        (self.from_row, self.from_step) = (0, 0);
        self.progress = Progress::default();
        self.is_paused = false;
        self.wants_plan = false;
        let save = self.save.take().filter(save::Model::is_busy);
        let save = save.map(|_| Effect::Save(save::Effect::Cancel));
        let push = self.push.take().filter(|push| push.pending() > 0);
        let push = push.map(|_| Effect::Push(push::Effect::Abort));
        push.into_iter().chain(save).collect()
    }

    /// Goes on with what failed, since something changed that it may have failed for. What the person cancelled waits
    /// for the person.
    fn retry(&mut self) -> Vec<Effect> {
        match self.stage() {
            Stage::Unread | Stage::Ungathered => self.update_source(copy::Msg::Retry),
            Stage::LayerFailed => self.update_source(copy::Msg::ReadLayers),
            Stage::Unplanned | Stage::Stopped if !self.is_cancelled() => {
                self.update_push(push::Msg::Retry)
            }
            Stage::File(_) if self.is_refused() => self.update_save(save::Msg::GoOn),
            Stage::File(_)
            | Stage::Empty
            | Stage::Reading
            | Stage::Chosen
            | Stage::Gathering
            | Stage::LayersUnread
            | Stage::ReadingLayers
            | Stage::Refused
            | Stage::Planning
            | Stage::Unplanned
            | Stage::Planned
            | Stage::Running
            | Stage::Stopped
            | Stage::Copied
            | Stage::Differs => Vec::new(),
        }
    }

    /// Tells whether a registry is what a file waits for.
    fn is_refused(&self) -> bool {
        let phase = self.save.as_ref().map(save::Model::phase);
        matches!(
            phase,
            Some(save::Phase::Interrupted(save::Why::Registry(_)))
        )
    }

    /// Tells whether the person stopped the writing, and nothing else did.
    pub(super) fn is_cancelled(&self) -> bool {
        let failures = self
            .push
            .as_ref()
            .map(push::Model::failures)
            .unwrap_or_default();
        let is_cancelled =
            |(_, failure): &(_, &push::Failure)| **failure == push::Failure::Cancelled;
        !failures.is_empty() && failures.iter().all(is_cancelled)
    }

    /// Says why nothing is copied, where something is in the way of it: the first reason.
    pub(super) fn why(&self) -> String {
        let source = self.source.as_ref();
        let root = source.and_then(|source| source.root().done());
        if let Some(Err(why)) = root.map(|root| &root.manifest) {
            return why.to_string();
        }
        if let Some(Err(why)) = &self.selection {
            return why.to_string();
        }
        let failures = self.push.as_ref().map(push::Model::failures);
        let failures = failures.unwrap_or_default().into_iter();
        let mut failures = failures
            .map(|(_, why)| why)
            .filter(|why| !why.is_left_alone());
        let told = |why: &&push::Failure| **why != push::Failure::Cancelled;
        if let Some(why) = failures.clone().find(told).or_else(|| failures.next()) {
            return why.to_string();
        }
        if let Some(Reading::Failed(why)) = source.map(copy::Model::reading) {
            return ["a layer: ", &reason(why)].concat();
        }
        let failures = source.map(copy::Model::failures).unwrap_or_default();
        failures
            .first()
            .map_or_else(|| CANCELLED.to_owned(), |(_, why)| reason(why))
    }

    /// Returns the effects that follow a change from that stage.
    fn after(&mut self, before: Stage) -> Vec<Effect> {
        let now = self.stage();
        let mut effects = Vec::new();
        if now == before {
            return effects;
        }
        if matches!(now, Stage::Copied | Stage::Differs) {
            // Whoever moved the tag meanwhile did not change what was copied, and it is told.
            let asks_tag = |source: &copy::Model| source.source().digest().is_none();
            if self.source.as_ref().is_some_and(asks_tag) {
                effects.extend(self.update_source(copy::Msg::LookAgain));
            }
        }
        if now != Stage::Running {
            self.progress.stand();
        }
        let runs = |stage| {
            matches!(
                stage,
                Stage::Running | Stage::ReadingLayers | Stage::File(true)
            )
        };
        if runs(now) != runs(before) {
            effects.push(Effect::Guard(runs(now)));
        }
        let is_told = matches!(
            now,
            Stage::Unread
                | Stage::Ungathered
                | Stage::LayersUnread
                | Stage::ReadingLayers
                | Stage::LayerFailed
                | Stage::Refused
                | Stage::Unplanned
                | Stage::Planned
                | Stage::Running
                | Stage::Stopped
                | Stage::Copied
                | Stage::Differs
                | Stage::File(_)
        );
        if is_told && self.is_shown {
            effects.push(Effect::Focus(HEADING));
        }
        effects
    }

    /// The target, where one is named.
    pub(super) fn target(&self) -> Option<&Reference> {
        self.to.reference()
    }

    /// Tells whether source and target are one repository.
    pub(super) fn is_same_place(&self) -> bool {
        let repository = |place: &Place| place.reference().map(Repository::from_reference);
        let from = repository(&self.from);
        from.is_some() && from == repository(&self.to)
    }
}

/// Whether it changes what is copied, or where to: not while a file of it is written.
fn is_of_the_form(msg: &Msg) -> bool {
    matches!(
        msg,
        Msg::FromTyped(_)
            | Msg::ToTyped(_)
            | Msg::MoreTagsTyped(_)
            | Msg::Destination(_)
            | Msg::Archive(_)
            | Msg::Choose(_)
            | Msg::Submitted
            | Msg::Close
    )
}

/// Whether a file stands otherwise than before, so that it is said: while it is written only numbers change.
fn save_stands(model: &save::Model) -> std::mem::Discriminant<save::Phase> {
    std::mem::discriminant(model.phase())
}

/// Says why something of the source did not come.
pub(super) fn reason(why: &Failure) -> String {
    match why {
        Failure::Registry(error) => error.to_string(),
        Failure::TooLarge { .. } => "it is larger than Waybill reads".to_owned(),
        Failure::NotLoaded(words) => words.clone(),
        Failure::Cancelled => CANCELLED.to_owned(),
        Failure::NotBundled | Failure::NotListed(_) => "it is not there".to_owned(),
    }
}

const CANCELLED: &str = "cancelled";

/// The id of the box for the source.
pub(super) const FROM: &str = "copy-from";
/// The id of the box for the target.
pub(super) const TO: &str = "copy-to";

fn of_push(model: &push::Model) -> Stage {
    match (model.phase(), model.pending()) {
        (Phase::Planning, 0) => Stage::Unplanned,
        (Phase::Planning, _) => Stage::Planning,
        (Phase::Planned, _) => Stage::Planned,
        (Phase::Running, 0) => Stage::Stopped,
        (Phase::Running, _) => Stage::Running,
        (Phase::Done, _) => {
            let outcome = model.outcome();
            if outcome.is_some_and(|outcome| outcome.verdict.is_verified()) {
                Stage::Copied
            } else {
                Stage::Differs
            }
        }
    }
}

/// The tags in a text, with blanks or commas between them.
///
/// # Errors
///
/// Fails with the first word that is no tag.
pub(super) fn tags_in(text: &str) -> Result<Vec<Tag>, String> {
    let words = text.split([' ', ',', '\n', '\t']);
    let words = words.filter(|word| !word.is_empty());
    words
        .map(|word| word.parse().map_err(|_| word.to_owned()))
        .collect()
}
