//! The state of Compose: what is composed, what is typed, what is unfolded; and what becomes of each message.

use std::rc::Rc;

use waybill_core::compose::{Kind, Loss, Written, difference::Difference};
use waybill_core::finding::Finding;
use waybill_core::json::Place;
use waybill_core::limits::{KEPT_CHARACTERS, ROWS_DRAWN};
use waybill_core::media_type::MediaType;
use waybill_core::reference::Reference;
use waybill_core::registry::client::Client;
use waybill_core::workflow::compose::{self as core, Model, Msg as Change, On, Work};

use super::layout::Saving;
use super::push::{self, Push};
use super::sources::{self, Read, ReadSpecification};
use super::{Content, Page, Told};
use crate::browser::files::Given;
use crate::browser::transport::BrowserTransport;
use crate::components::element::Element;
use crate::examples;
use crate::part::LoadError;
use crate::state::{Effect, Msg, State};

/// A text that a person types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// References, one a line.
    Sources,
    /// Where the list is to go.
    Target,
    /// The manifest that the list refers to.
    Subject,
    /// A part of the platform of a row, see [`PARTS`].
    Platform(u64, usize),
    /// The artifact type of the list or of an entry.
    ArtifactType(On),
    /// The value of an annotation.
    Annotation(On, String),
    /// The name of a new annotation.
    Name(On),
    /// Its value.
    Value(On),
    /// What is to take a row's place.
    Replacement(u64),
}

/// The parts of a platform in the order in which they are asked for.
pub const PARTS: [&str; 5] = ["os", "architecture", "variant", "os.version", "os.features"];

/// What happens on the page of Compose alone.
#[derive(Clone, Debug)]
pub enum Own {
    /// A change, or an answer.
    Change(Change),
    /// Somebody types.
    Typed(Field, String),
    /// Add the sources that were typed.
    AddSources,
    /// Begin anew with the one source that was typed.
    OpenSource,
    /// Set the subject that was typed.
    SetSubject,
    /// Add the annotation that was typed.
    Annotate(On),
    /// Put the source that was typed in a row's place.
    Replace(u64),
    /// Put a row one place up, or down.
    Move(u64, bool),
    /// Take a row away.
    Remove(u64),
    /// Begin anew with the list that a row was taken from.
    StartFrom(u64),
    /// Show what can be edited of a row, or hide it.
    Unfold(u64),
    /// Draw the rows from that one on.
    FromRow(usize),
    /// Draw the bytes from that line on.
    FromLine(usize),
    /// Indent the JSON for reading, or show the bytes.
    Indent(bool),
    /// Begin with the bundled example.
    Example,
    /// Copy the bytes.
    Copy,
    /// Save the bytes.
    Save,
    /// Save an OCI layout, once every manifest is here.
    SaveLayout,
    /// For the push.
    Push(push::Own),
    /// Copy the commands of a tool.
    CopyCommands {
        /// The tool, one of [`TOOLS`](waybill_core::compose::command::TOOLS).
        tool: &'static str,
        /// Whether the registries speak plain http.
        plain_http: bool,
    },
    /// Save the file of manifest-tool.
    SaveSpecification,
    /// What reads files of manifest-tool came, or did not; these wait for it.
    ReadGiven(Vec<Given>, Result<ReadSpecification, LoadError>),
    /// Write down the work now.
    Keep,
    /// The tab has no room for the work.
    NoRoom,
}

/// What Compose has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Doing {
    /// What the composition wants to have fetched or stopped.
    Run(core::Effect),
    /// Send [`Own::Keep`] once the page is drawn.
    KeepSoon,
    /// Bring what reads files of manifest-tool, and send these back with it as [`Own::ReadGiven`].
    BringReader(Vec<Given>),
    /// Keep the work, or nothing.
    Keep(Option<String>),
    /// Move the focus.
    Focus(String),
    /// What the push wants.
    Push(push::Doing),
}

/// The page with everything on it.
pub struct Compose {
    pub(super) model: Model,
    pub(super) typed: Vec<(Field, String)>,
    /// The rows whose parts can be edited.
    pub(super) unfolded: Vec<u64>,
    pub(super) drawn: Drawn,
    /// Whether the sources were submitted as they are, so that their faults are said out loud.
    pub(super) submitted: bool,
    /// What was not taken, each with the reason.
    pub(super) left_out: Vec<(String, String)>,
    /// Said once for those who do not see the page.
    pub(super) said: String,
    /// Whether the tab keeps the work.
    pub(super) kept: bool,
    pub(super) derived: Derived,
    pub(super) layout: Saving,
    pub(super) push: Push,
    keep_due: bool,
    doing: Vec<Doing>,
    pub(super) client: Option<Rc<Client<BrowserTransport>>>,
}

/// Which part of what is long is drawn, and how.
#[derive(Default)]
pub(super) struct Drawn {
    /// The first row.
    pub(super) row: usize,
    /// The first line of the bytes.
    pub(super) line: usize,
    /// Whether the JSON is indented for reading.
    pub(super) indented: bool,
}

/// What follows from the composition, made once for each change.
#[derive(Default)]
pub(super) struct Derived {
    /// The places of the rows in the order in which they are shown; true where one stands below its image.
    pub(super) shown: Vec<(usize, bool)>,
    /// Where each finding stands in the bytes.
    pub(super) places: Vec<Option<Place>>,
    /// What became of the list that was opened.
    pub(super) difference: Option<Difference>,
    /// What the other kind would lose.
    pub(super) other_losses: Vec<Loss>,
    /// What was written when it was made.
    written: Option<Rc<Written>>,
    /// The pointers of the findings that `places` are of.
    pointers: Vec<String>,
}

impl Compose {
    /// The page, with the work that the tab kept.
    #[must_use]
    pub fn new(kept: Option<&str>) -> Self {
        let mut compose = Self {
            model: Model::new(1),
            typed: Vec::new(),
            unfolded: Vec::new(),
            drawn: Drawn::default(),
            submitted: false,
            left_out: Vec::new(),
            said: String::new(),
            kept: true,
            derived: Derived::default(),
            layout: Saving::default(),
            push: Push::default(),
            keep_due: false,
            doing: Vec::new(),
            client: None,
        };
        match kept.map(|text| Model::restore(text, 1)) {
            None => {}
            Some(Ok((model, effects))) => {
                compose.model = model;
                compose.doing.extend(effects.into_iter().map(Doing::Run));
            }
            Some(Err(error)) => compose.left_out.push(("What this tab kept".to_owned(), error.to_string())),
        }
        compose.derive(true);
        compose
    }

    /// What is composed.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    pub(super) fn typed(&self, field: &Field) -> Option<&str> {
        self.typed.iter().find(|(known, _)| known == field).map(|(_, text)| text.as_str())
    }

    fn forget(&mut self, field: &Field) -> String {
        let place = self.typed.iter().position(|(known, _)| known == field);
        place.map(|place| self.typed.swap_remove(place).1).unwrap_or_default()
    }

    /// Changes the composition. What it had typed in its fields is what it says now.
    pub(super) fn change(&mut self, change: Change) {
        let effects = core::update(&mut self.model, change);
        self.doing.extend(effects.into_iter().map(Doing::Run));
    }

    /// Begins something else, or another state of the same.
    fn begin(&mut self, change: Change) {
        let is_of_model = |field: &Field| matches!(field, Field::Target | Field::Platform(..) | Field::ArtifactType(_));
        self.typed.retain(|(field, _)| !is_of_model(field));
        self.left_out.clear();
        self.change(change);
        let last = self.model.work().rows.len().saturating_sub(1) / ROWS_DRAWN * ROWS_DRAWN;
        self.drawn.row = self.drawn.row.min(last);
    }

    fn own(&mut self, own: Own) -> Vec<Effect> {
        match own {
            Own::Change(change @ (Change::Undo | Change::Redo | Change::Clear)) => self.begin(change),
            Own::Change(change) => {
                if matches!(change, Change::Cancel) {
                    self.want_no_layout();
                }
                self.change(change);
            }
            Own::Typed(field, text) => self.type_in(field, text),
            Own::AddSources => return self.add_sources(),
            Own::OpenSource => return self.open_source(),
            Own::SetSubject => {
                return self.with_source(Field::Subject, |found| Change::Subject(Some(found)));
            }
            Own::Annotate(on) => {
                let (name, value) = (self.forget(&Field::Name(on)), self.forget(&Field::Value(on)));
                if name.is_empty() {
                    self.typed.push((Field::Value(on), value));
                } else {
                    self.change(Change::Annotate { on, name, value: Some(value) });
                }
                self.doing.push(Doing::Focus(super::view::name_id(on)));
            }
            Own::Replace(id) => {
                return self.with_source(Field::Replacement(id), |with| Change::Replace { id, with });
            }
            Own::Move(id, up) => self.shift(id, up, None),
            Own::Remove(id) => self.remove(id),
            Own::StartFrom(id) => self.start_from(id),
            Own::Unfold(id) => match self.unfolded.iter().position(|known| *known == id) {
                Some(place) => drop(self.unfolded.remove(place)),
                None => self.unfolded.push(id),
            },
            Own::FromRow(row) => self.drawn.row = row,
            Own::FromLine(line) => self.drawn.line = line,
            Own::Indent(on) => (self.drawn.indented, self.drawn.line) = (on, 0),
            Own::Example => self.example(),
            Own::Copy => {
                return vec![Effect::Copy(String::from_utf8_lossy(&self.model.written().bytes).into_owned())];
            }
            Own::Save => return vec![Effect::Save(self.model.file_name(), Rc::clone(&self.model.written().bytes))],
            Own::SaveLayout => self.want_layout(),
            Own::Push(own) => {
                let plain_http = matches!(own, push::Own::Plan) && self.target_is_plain_http();
                let host = self.target().filter(|_| plain_http).map(|target| target.host().clone());
                let doing = self.push.tell(own, &self.model);
                self.doing.extend(doing);
                return host.into_iter().map(Effect::SetPlainHttp).collect();
            }
            Own::CopyCommands { tool, plain_http } => {
                return self.copy_commands(tool, plain_http).into_iter().collect();
            }
            Own::SaveSpecification => {
                let file = self.model.commands(false).into_iter().find_map(|commands| commands.file);
                return file
                    .map(|(name, text)| Effect::Save(name.into(), text.into_bytes().into()))
                    .into_iter()
                    .collect();
            }
            Own::ReadGiven(files, reader) => self.take_given(files, reader),
            Own::Keep => {
                self.keep_due = false;
                let kept = self.snapshot();
                self.doing.push(Doing::Keep(kept));
            }
            Own::NoRoom => self.kept = false,
        }
        Vec::new()
    }

    /// The lines of a tool, behind a comment that says what they leave out.
    fn copy_commands(&self, tool: &str, plain_http: bool) -> Option<Effect> {
        let commands = self.model.commands(plain_http).into_iter().find(|commands| commands.tool == tool)?;
        let left_out = commands.left_out.join(", ");
        let comment = (!left_out.is_empty()).then(|| ["# leaves out ", &left_out].concat());
        Some(Effect::Copy(comment.into_iter().chain(commands.lines).collect::<Vec<_>>().join("\n")))
    }

    /// The work as text; `None` where there is none, or too much.
    fn snapshot(&mut self) -> Option<String> {
        self.kept = true;
        if *self.model.work() == Work::default() {
            return None;
        }
        // Base64 has 4 characters for 3 bytes: what would be far too long is not made.
        let text = (self.model.given_bytes() < KEPT_CHARACTERS / 4 * 3).then(|| self.model.snapshot());
        let text = text.filter(|text| text.len() <= KEPT_CHARACTERS);
        self.kept = text.is_some();
        text
    }

    fn target(&self) -> Option<&Reference> {
        self.model.work().target.as_ref()
    }

    /// Whether the target was named with `http://`.
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
                self.change(Change::Annotate { on: *on, name: name.clone(), value: Some(text) });
                return;
            }
            Field::Sources => self.submitted = false,
            _ => {}
        }
        let platform = if let Field::Platform(id, _) = field { Some(id) } else { None };
        self.typed.push((field, text));
        if let Some(id) = platform
            && let Ok(platform) = self.platform(id)
        {
            self.change(Change::Platform(id, platform));
        }
    }

    fn add_sources(&mut self) -> Vec<Effect> {
        let text = self.forget(&Field::Sources);
        let reads = sources::read(&text, self.target());
        self.submitted = true;
        let (mut references, mut hosts, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
        for Read { line, found } in reads {
            match found {
                Ok(found) => {
                    references.push(found.reference);
                    hosts.extend(found.plain_http);
                }
                Err(_) => wrong.push(line),
            }
        }
        if sources::is_content(&text) {
            let given = Given::text("The typed text", &text);
            self.give(vec![given]);
            self.submitted = false;
            return Vec::new();
        }
        if !references.is_empty() {
            self.said = [&waybill_core::words::count(references.len(), "source"), " added"].concat();
            self.change(Change::Add(references));
        }
        // What is wrong stays, to be put right.
        if wrong.is_empty() {
            self.submitted = text.trim().is_empty();
        } else {
            self.typed.push((Field::Sources, wrong.join("\n")));
        }
        self.doing.push(Doing::Focus(super::view::SOURCES.to_owned()));
        hosts.into_iter().map(Effect::SetPlainHttp).collect()
    }

    fn open_source(&mut self) -> Vec<Effect> {
        self.submitted = true;
        self.left_out.clear();
        self.with_source(Field::Sources, Change::Open)
    }

    /// Makes a change with the one source in a box; one that is none stays there, beside its fault.
    fn with_source(&mut self, field: Field, change: impl FnOnce(Reference) -> Change) -> Vec<Effect> {
        let text = self.forget(&field);
        let Ok(found) = sources::one(&text, self.target()) else {
            self.typed.push((field, text));
            return Vec::new();
        };
        self.submitted = false;
        self.begin(change(found.reference));
        found.plain_http.into_iter().map(Effect::SetPlainHttp).collect()
    }

    /// Takes contents, once there is what reads them.
    fn give(&mut self, files: Vec<Given>) {
        if files.iter().any(|given| sources::is_specification(&given.name, &given.bytes)) {
            self.doing.push(Doing::BringReader(files));
        } else {
            self.take_given(files, Err(LoadError));
        }
    }

    /// Takes contents; of files of manifest-tool it takes what `reader` says.
    fn take_given(&mut self, files: Vec<Given>, reader: Result<ReadSpecification, LoadError>) {
        let mut contents = Vec::with_capacity(files.len());
        for Given { name, bytes, .. } in files {
            if !sources::is_specification(&name, &bytes) {
                contents.push(core::Given { name, bytes });
                continue;
            }
            let read = match reader {
                Ok(read) => read(&bytes),
                Err(error) => Err(["what reads YAML could not be loaded: ", &error.to_string()].concat()),
            };
            match read {
                Ok(specification) => {
                    let tags: Vec<_> = specification.tags.iter().map(ToString::to_string).collect();
                    self.begin(Change::OpenSpecification(Box::new(specification)));
                    if !tags.is_empty() {
                        let why = ["its further tags are not taken over: ", &tags.join(", ")].concat();
                        self.left_out.push((name, why));
                    }
                }
                Err(why) => self.left_out.push((name, why)),
            }
        }
        if !contents.is_empty() {
            self.said = [&waybill_core::words::count(contents.len(), "content"), " added"].concat();
            self.change(Change::Give(contents));
        }
    }

    fn open_given(&mut self, files: Vec<Given>) {
        let mut files = files.into_iter();
        let Some(list) = files.next() else { return };
        let beside = files.map(|given| given.bytes).collect();
        self.begin(Change::OpenGiven { list: core::Given { name: list.name, bytes: list.bytes }, beside });
    }

    fn example(&mut self) {
        let Some(example) = examples::EXAMPLES.first() else { return };
        let root = Given::new("The example", example.root, true);
        let blobs = example.blobs.iter().map(|(name, bytes)| Given::new(*name, *bytes, true));
        self.open_given(std::iter::once(root).chain(blobs).collect());
    }

    fn start_from(&mut self, id: u64) {
        let work = self.model.work();
        let Some(source) = work.row(id).and_then(|row| row.from.clone()) else { return };
        match source {
            core::Source::Registry(reference) => self.begin(Change::Open(reference)),
            core::Source::Given { name, digest } => {
                let Some(bytes) = self.model.given(&digest).cloned() else { return };
                self.begin(Change::OpenGiven { list: core::Given { name, bytes }, beside: Vec::new() });
            }
        }
    }

    /// Makes what follows from the composition; of a long list only what may have changed, since each of thousands of
    /// answers comes here.
    fn derive(&mut self, work_changed: bool) {
        let (model, derived) = (&self.model, &mut self.derived);
        let written = model.written();
        let same = derived.written.as_ref().is_some_and(|before| Rc::ptr_eq(before, written));
        let pointers = || model.findings().iter().map(|finding| finding.pointer.as_str());
        if !same || !derived.pointers.iter().map(String::as_str).eq(pointers()) {
            derived.places = Finding::places(model.findings(), &written.bytes);
            derived.pointers = pointers().map(str::to_owned).collect();
        }
        if same && !work_changed {
            return;
        }
        derived.written = Some(Rc::clone(written));
        derived.shown = super::rows::in_reading_order(&model.work().rows);
        derived.difference = model.difference();
        derived.other_losses = model.draft().losses_as(match model.work().kind {
            Kind::OciIndex => Kind::DockerList,
            Kind::DockerList => Kind::OciIndex,
        });
    }

    pub(super) fn do_soon(&mut self, doing: Doing) {
        self.doing.push(doing);
    }
}

impl Page for Compose {
    fn tell(&mut self, told: Told) -> Vec<Effect> {
        let before = self.model.work().clone();
        let mut derive = true;
        let mut effects = Vec::new();
        match told {
            Told::Own(message) => {
                let Some(own) = message.downcast_ref::<Own>() else { return effects };
                derive = !matches!(
                    own,
                    Own::NoRoom | Own::Keep | Own::Indent(_) | Own::FromLine(_) | Own::FromRow(_) | Own::Push(_)
                );
                effects = self.own(own.clone());
            }
            Told::Open(Content::Registry(reference)) => self.begin(Change::Open(reference)),
            Told::Open(Content::Given(files)) => self.open_given(files),
            Told::Add(Content::Registry(reference)) => self.change(Change::Add(vec![reference])),
            Told::Add(Content::Given(files)) => self.give(files),
            Told::Given(opened) => {
                self.left_out.clear();
                let left_out = opened.left_out.into_iter();
                self.left_out.extend(left_out.map(|(name, why)| (name, why.to_owned())));
                self.give(opened.files);
            }
            Told::Again => {
                self.change(Change::Retry);
                let doing = self.push.again(&self.model);
                self.doing.extend(doing);
            }
            Told::Undo => self.begin(Change::Undo),
            Told::Redo => self.begin(Change::Redo),
            Told::Move { row, up, focus } => self.shift(row, up, Some(focus)),
        }
        let changed = *self.model.work() != before;
        if derive {
            self.derive(changed);
            let doing = self.push.follow(&self.model);
            self.doing.extend(doing);
        }
        effects.extend(self.save_layout());
        if changed && !self.keep_due {
            self.keep_due = true;
            self.doing.push(Doing::KeepSoon);
        }
        effects
    }

    fn view(&self, state: &State, link: &yew::Callback<Msg>) -> Element {
        super::view::view(self, state, link)
    }

    fn take_doing(&mut self) -> Vec<Doing> {
        std::mem::take(&mut self.doing)
    }

    fn run(&mut self, around: &super::Around) {
        super::run::run(self, around);
    }
}
