//! The state of Diff: messages in, effects out.

use waybill_blobs::files::ReportForm;
use waybill_core::diff::Names;
use waybill_core::digest::Digest;
use waybill_core::platform::Platform;
use waybill_core::reference::Reference;
use waybill_core::workflow::diff::{self, Found, Model, Position, RelatedDiff};
use waybill_core::workflow::fetch::Generation;
use waybill_core::workflow::inspect::InspectTarget;
use waybill_core::workflow::related::{self, Task};

use super::files::{Files, FilesEffect, FilesMsg, Phase};
use super::message::{Effect, Msg};
use crate::components::heading::HEADING;
use crate::place::Place;
use crate::route::{PartPage, Route, query, to_query};
use crate::shell::{PageCommand, Request};

/// Holds what Diff shows. Only [`State::update`] changes it.
#[derive(Debug, Default)]
pub struct State {
    /// Whether the page is shown.
    pub is_shown: bool,
    /// What is typed, the left one first.
    pub(super) places: [Place; 2],
    /// Whether the form was sent as it stands, so that its faults are said out loud.
    pub(super) submitted: bool,
    /// The comparison, once both are named.
    pub(super) model: Option<Model>,
    /// Their files, where two images are compared that have layers.
    pub(super) files: Option<Files>,
    /// What is related to them, once somebody asked, and to which digests.
    pub(super) related: Option<(RelatedDiff, [Digest; 2])>,
    /// The row from which on a long table is drawn.
    pub(super) from_row: usize,
    /// What stands behind the page's name in the address.
    address: String,
    /// The addresses of what the comparison is about; what is typed may be something else by now.
    compared: [String; 2],
    /// The highest generation so far.
    generation: Generation,
}

impl State {
    /// Takes one message and returns the effects to run, in their order.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        let before = self.stages();
        let mut effects = self.take(msg);
        effects.extend(self.follow_files());
        effects.extend(self.follow_related());
        // A button that was pressed may be gone: what stands in its place has the focus then.
        for (id, (before, now)) in PARTS.into_iter().zip(before.into_iter().zip(self.stages())) {
            if self.is_shown && now != before {
                effects.push(Effect::KeepFocus(id));
            }
        }
        effects
    }

    /// How far the two parts are that come when somebody asks for them, of [`PARTS`].
    fn stages(&self) -> [Stage; 2] {
        let files = self.files.as_ref().map(|files| match files.phase {
            Phase::Closed => Stage::Closed,
            Phase::Reading(_) | Phase::Comparing => Stage::Waiting,
            Phase::Compared(_) | Phase::Failed(_) => Stage::There,
        });
        let related = self.related.as_ref().map(|(related, _)| {
            if related.is_waiting() {
                Stage::Waiting
            } else {
                Stage::There
            }
        });
        [files, related].map(Option::unwrap_or_default)
    }

    fn take(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Command(PageCommand::Show(address)) => self.show(&address),
            Msg::Command(PageCommand::Hide) => {
                self.is_shown = false;
                let stopped = self.files.as_mut().map(Files::cancel);
                let mut effects = of_files(stopped.unwrap_or_default());
                effects.extend(self.cancel_related());
                if self.model.as_ref().is_some_and(Model::is_waiting) {
                    effects.extend(self.workflow(diff::Msg::Cancel));
                }
                effects
            }
            Msg::Command(PageCommand::Retry) => self.workflow(diff::Msg::Retry),
            Msg::Command(PageCommand::Open(_)) => Vec::new(),
            Msg::Typed(position, text) => {
                *self.place_mut(position) = Place::new(text);
                self.submitted = false;
                Vec::new()
            }
            Msg::Submitted => self.submit(),
            Msg::Swapped => {
                self.places.reverse();
                self.submit()
            }
            Msg::Workflow(msg) => {
                let was_told = self.is_told();
                let mut effects = self.workflow(msg);
                if self.is_told() && !was_told && self.is_shown {
                    effects.push(Effect::Focus(HEADING));
                }
                effects
            }
            Msg::Files(FilesMsg::Reported(form, report)) => {
                let name = match form {
                    ReportForm::Text => "files.diff.txt",
                    ReportForm::Json => "files.diff.json",
                };
                let save = Request::Save(name.to_owned(), report.into_bytes().into());
                vec![Effect::Request(save)]
            }
            Msg::Files(msg) => {
                let effects = self.files.as_mut().map(|files| files.update(msg));
                of_files(effects.unwrap_or_default())
            }
            Msg::CompareRelated => self.compare_related(),
            Msg::CancelRelated => self.cancel_related(),
            Msg::Related(position, msg) => {
                let related = self.related.as_mut();
                let effects = related.map(|(related, _)| related.update(position, msg));
                self.of_related(effects.unwrap_or_default())
            }
            Msg::ShowFrom(row) => {
                self.from_row = row;
                Vec::new()
            }
            Msg::Copy => {
                let text = self.report(|found, names| match found {
                    Found::Lists(found) => Some(found.to_text(names)),
                    Found::Images(found) => Some(found.to_text(names)),
                    Found::Waiting | Found::Stopped(..) | Found::Equal(_) => None,
                });
                let copied = text.map(|text| Effect::Request(Request::Copy(text)));
                copied.into_iter().collect()
            }
            Msg::Save => {
                let json = self.report(|found, names| match found {
                    Found::Lists(found) => Some(found.to_json(names)),
                    Found::Images(found) => Some(found.to_json(names)),
                    Found::Waiting | Found::Stopped(..) | Found::Equal(_) => None,
                });
                let saved = json
                    .map(|json| Request::Save("diff.json".to_owned(), json.into_bytes().into()));
                saved.map(Effect::Request).into_iter().collect()
            }
            Msg::Act(host, action) => vec![Effect::Request(Request::Act(host, action))],
        }
    }

    /// Tells whether the page looks otherwise after a message.
    #[must_use]
    pub fn draws(&self, msg: &Msg) -> bool {
        self.is_shown || matches!(msg, Msg::Command(_))
    }

    /// What is typed for one of the two.
    pub(super) fn place(&self, position: Position) -> &Place {
        &self.places[position as usize]
    }

    fn place_mut(&mut self, position: Position) -> &mut Place {
        &mut self.places[position as usize]
    }

    /// Comes to the page. What is compared already is not fetched again, unless something of it is missing.
    fn show(&mut self, address: &str) -> Vec<Effect> {
        self.is_shown = true;
        let [from, to, platform] = query(address, ["from", "to", "platform"]);
        let platform: Option<Platform> = platform.parse().ok();
        let places = [from, to];
        let mut effects = vec![self.title()];
        let is_here = address == self.address && self.model.is_some();
        address.clone_into(&mut self.address);
        if is_here {
            effects.extend(self.workflow(diff::Msg::Retry));
            return effects;
        }
        if self.model.is_some() && self.compared == places {
            self.places = places.map(Place::new);
            self.from_row = 0;
            effects.extend(self.workflow(diff::Msg::Choose(platform)));
            return effects;
        }
        self.places = places.map(Place::new);
        self.submitted = false;
        effects.extend(self.open(platform));
        effects[0] = self.title();
        effects
    }

    fn title(&self) -> Effect {
        let names = self.references().map(|it| it.map(Reference::familiar));
        let title = match names {
            Some([left, right]) => format!("{left} and {right} · Waybill"),
            None => "Diff · Waybill".to_owned(),
        };
        Effect::Request(Request::Title(title))
    }

    /// Both references, where both are named.
    fn references(&self) -> Option<[&Reference; 2]> {
        let [left, right] = &self.places;
        Some([left.reference()?, right.reference()?])
    }

    /// Begins to compare what is typed, where both are named.
    fn open(&mut self, platform: Option<Platform>) -> Vec<Effect> {
        self.from_row = 0;
        self.compared = self.places.each_ref().map(Place::address);
        let Some(references) = self.references() else {
            self.model = None;
            return Vec::new();
        };
        let targets = references.map(|it| InspectTarget::Registry(it.clone()));
        let plain = self.places.iter().filter(|place| place.plain_http);
        let hosts = plain.filter_map(|place| Some(place.reference()?.host().clone()));
        let mut effects: Vec<_> = hosts
            .map(|host| Effect::Request(Request::SetPlainHttp(host)))
            .collect();
        let (model, first) = Model::open(targets, platform, self.generation.next());
        self.generation = model.generation();
        self.model = Some(model);
        effects.extend(self.referenced(first));
        effects
    }

    /// Goes where the form says.
    fn submit(&mut self) -> Vec<Effect> {
        self.submitted = true;
        for (place, id) in self.places.iter().zip(BOXES) {
            if place.reference().is_none() {
                return vec![Effect::Focus(id)];
            }
        }
        let platform = self.model.as_ref().and_then(Model::platform).cloned();
        let address = self.address_for(platform.as_ref());
        if address == self.address {
            // The same address once more: what tags name may be another by now.
            return self.open(platform);
        }
        let route = Route::Part(PartPage::Diff, address);
        vec![Effect::Request(Request::Navigate(route))]
    }

    fn workflow(&mut self, msg: diff::Msg) -> Vec<Effect> {
        let Some(model) = &mut self.model else {
            return Vec::new();
        };
        let effects = diff::update(model, msg);
        self.generation = self.generation.max(model.generation());
        self.referenced(effects)
    }

    /// Gives up the files of what is compared no more, and is ready for those of what is.
    fn follow_files(&mut self) -> Vec<Effect> {
        let model = self.model.as_ref();
        let plan = model.and_then(Model::files_plan);
        let plan = plan.filter(|plan| plan.layers.iter().any(|layers| !layers.is_empty()));
        if self.files.as_ref().map(|files| &files.plan) == plan.as_ref() {
            return Vec::new();
        }
        let references = model.and_then(|model| {
            let [left, right] = Position::BOTH.map(|position| &model.side(position).target);
            match (left, right) {
                (InspectTarget::Registry(left), InspectTarget::Registry(right)) => {
                    Some([left.clone(), right.clone()])
                }
                (InspectTarget::Bundle { .. }, _) | (_, InspectTarget::Bundle { .. }) => None,
            }
        });
        let before = self.files.take();
        self.files = plan
            .zip(references)
            .map(|(plan, references)| Files::new(plan, references));
        let was_asked = before.is_some_and(|files| !matches!(files.phase, Phase::Closed));
        if was_asked {
            of_files(vec![FilesEffect::StopReading, FilesEffect::Close])
        } else {
            Vec::new()
        }
    }

    /// Begins to look for what is related to the two.
    fn compare_related(&mut self) -> Vec<Effect> {
        let model = self.model.as_ref();
        let Some((tasks, digests)) = model.and_then(tasks) else {
            return Vec::new();
        };
        let (related, effects) = RelatedDiff::open(tasks, self.generation.next());
        self.generation = related.generation();
        self.related = Some((related, digests));
        self.of_related(effects)
    }

    /// Stops looking; there is nothing then, since what was found is a part of it.
    fn cancel_related(&mut self) -> Vec<Effect> {
        let stopped = self.related.take_if(|(related, _)| related.is_waiting());
        stopped
            .map(|(related, _)| aborted(&related))
            .into_iter()
            .collect()
    }

    /// Gives up what is related to what is compared no more.
    fn follow_related(&mut self) -> Vec<Effect> {
        if self.related.is_none() {
            return Vec::new();
        }
        let now = self.model.as_ref().and_then(tasks);
        let now = now.map(|(_, digests)| digests);
        let is_other = |(_, of): &mut (RelatedDiff, [Digest; 2])| now.as_ref() != Some(of);
        let left = self.related.take_if(is_other);
        left.map(|(related, _)| aborted(&related))
            .into_iter()
            .collect()
    }

    fn of_related(&self, effects: Vec<(Position, related::Effect)>) -> Vec<Effect> {
        let Some((related, _)) = &self.related else {
            return Vec::new();
        };
        let effects = effects.into_iter();
        let effect =
            |(position, effect)| Effect::Related(position, related.place(position).clone(), effect);
        effects.map(effect).collect()
    }

    /// Effects with what they are about.
    fn referenced(&self, effects: Vec<diff::Effect>) -> Vec<Effect> {
        let reference = |effect: &diff::Effect| match effect {
            diff::Effect::Fetch { position, .. } => {
                match &self.model.as_ref()?.side(*position).target {
                    InspectTarget::Registry(reference) => Some(reference.clone()),
                    InspectTarget::Bundle { .. } => None,
                }
            }
            diff::Effect::Abort => None,
        };
        effects
            .into_iter()
            .map(|effect| Effect::Workflow(reference(&effect), effect))
            .collect()
    }

    /// Whether there is something to say of both.
    fn is_told(&self) -> bool {
        self.model.as_ref().is_some_and(|model| !model.is_waiting())
    }

    /// Writes down what was found, with the names of both and the digests they have.
    fn report(&self, write: fn(&Found<'_>, Names<'_>) -> Option<String>) -> Option<String> {
        let model = self.model.as_ref()?;
        let sides = Position::BOTH.map(|position| model.side(position));
        let names = sides.map(|side| side.target.name());
        let digests = sides.map(|side| side.node()?.digest.as_ref());
        let [left, right] = [0, 1].map(|side: usize| {
            let digest = digests[side].map(waybill_core::digest::Digest::as_str);
            (names[side].as_str(), digest)
        });
        let mut found = model.found();
        let related = self.related.as_ref();
        let related = related.and_then(|(related, _)| related.found());
        let sections = related
            .into_iter()
            .flat_map(|found| found.sections.iter().cloned());
        match &mut found {
            Found::Lists(lists) => lists.sections.extend(sections),
            Found::Images(images) => images.sections.extend(sections),
            Found::Waiting | Found::Stopped(..) | Found::Equal(_) => {}
        }
        write(&found, [left, right])
    }

    /// The address of this comparison for a platform, or of the lists.
    pub(super) fn for_platform(&self, platform: Option<&Platform>) -> String {
        Route::Part(PartPage::Diff, self.address_for(platform)).to_string()
    }

    /// What stands behind the page's name in that address.
    fn address_for(&self, platform: Option<&Platform>) -> String {
        let [from, to] = self.places.each_ref().map(Place::address);
        let platform = platform.map(ToString::to_string).unwrap_or_default();
        to_query(&[("from", &from), ("to", &to), ("platform", &platform)])
    }
}

/// Around what to look, and the digests of both.
fn tasks(model: &Model) -> Option<([Task; 2], [Digest; 2])> {
    let tasks = model.related_tasks()?;
    let [left, right] = &tasks;
    let digest = |task: &Task| Some(task.subjects.first()?.digest.clone());
    let digests = [digest(left)?, digest(right)?];
    Some((tasks, digests))
}

fn aborted(related: &RelatedDiff) -> Effect {
    let place = related.place(Position::Left).clone();
    Effect::Related(Position::Left, place, related::Effect::Abort)
}

fn of_files(effects: Vec<FilesEffect>) -> Vec<Effect> {
    effects.into_iter().map(Effect::Files).collect()
}

/// How far a part is that comes when somebody asks for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Nobody asked for it.
    #[default]
    Closed,
    /// It is read, or asked for.
    Waiting,
    /// It is there, or it failed.
    There,
}

/// The ids of those parts: the files, and what is related.
pub(super) const PARTS: [&str; 2] = ["compared-files", "compared-related"];
/// The ids of the boxes, the left one first.
pub(super) const BOXES: [&str; 2] = ["diff-from", "diff-to"];
