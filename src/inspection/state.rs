//! The state of an inspection: messages in, effects out.

use std::any::Any;
use std::cell::{OnceCell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use waybill_core::reference::{Reference, RegistryHost, Target};
use waybill_core::registry::transport::Via;
use waybill_core::view::Summary;
use waybill_core::workflow::fetch::{Failure, Fetch, Generation, Received};
use waybill_core::workflow::inspect::{
    self as workflow, ContentKey, Current, InspectTarget, Mismatch, Model,
};

use super::files::Files;
use super::layers::{self, Check};
use super::machine::{Chooser, MACHINE};
use super::message::{Document, Effect, Msg};
use super::read_layers::ReadLayers;
use super::related::Part as Related;
use super::share::{SHARE, Shared};
use super::tabs;
use crate::components::heading::HEADING;
use crate::lazy::LoadError;
use crate::local_content::{HistoryEntry, Import, LocalContent};
use crate::route::{ComposeIntent, InspectSource, PartPage, Route, Tab, View, to_query};
use crate::shell::{PageOrigin, Request};

/// The contents that an inspection is made of where no registry is asked.
pub trait Contents {
    /// Returns the content that is inspected.
    fn root(&self) -> Option<Received>;

    /// Returns the content of that digest.
    fn find(&self, digest: &waybill_core::digest::Digest) -> Option<Rc<[u8]>>;

    /// Lists all of them but the one of these bytes.
    fn others(&self, than: &[u8]) -> Vec<LocalContent>;
}

/// Joins an inspection of core with the address it was begun for, and with what is drawn of it.
#[derive(Debug)]
pub struct Inspection {
    /// What is inspected, as the address names it.
    pub source: InspectSource,
    /// The place that the address names.
    pub place: View,
    /// The inspection itself, of core.
    pub model: Model,
    /// The verdict since the model changed last, once somebody has asked for it.
    summary: OnceCell<Summary>,
    /// The layer that is pointed at.
    pub hovered_layer: Option<usize>,
    /// Whether the JSON is indented for reading.
    pub indented: bool,
    /// What is sought and folded in the contents, as `inspection/reading.rs` has it; `None` before one was drawn. Drawing
    /// reads a content where nobody did.
    pub(super) reading: RefCell<Option<Box<dyn Any>>>,
    /// The platform of a machine, as it is typed.
    pub machine: String,
    /// Why nothing can be said for the machine.
    pub machine_fault: Option<String>,
    /// What chooses; `None` until its part of the program came.
    pub chooser: Option<Chooser>,
    /// The check of layers; `None` until somebody asked for it, and its part of the program came.
    pub check: Option<Box<dyn Check>>,
    /// Why that part did not come.
    pub layers_fault: Option<LoadError>,
    /// The layers that were read whole, by the check or for the files.
    pub read_layers: ReadLayers,
    /// Why what draws the tabs behind the first one did not come.
    pub tabs_fault: Option<LoadError>,
    /// Whether what draws the findings was asked for.
    asked_for_findings: bool,
    /// What lists and draws files; `None` until its part of the program came, or did not.
    pub files: Option<Result<Files, LoadError>>,
    /// What finds and draws what is related; `None` until its part of the program came, or did not.
    pub related: Option<Result<Related, LoadError>>,
    /// What is shared; `None` until somebody pressed Share here.
    pub share: Option<Box<dyn Shared>>,
    /// The first row or line that is drawn in each place where it is not the first there is.
    first_drawn: Vec<(View, usize)>,
    /// Whether the focus was moved to the verdict already.
    focused: bool,
}

impl Inspection {
    /// Begins an inspection. Its answers carry `generation`, which has to be above that of every one before.
    #[must_use]
    pub fn open(
        source: InspectSource,
        place: View,
        target: InspectTarget,
        generation: Generation,
        contents: Option<&dyn Contents>,
    ) -> (Self, Vec<Effect>) {
        let (model, first) = Model::open(target, place.at.clone(), generation);
        let mut inspection = Self {
            source,
            place,
            model,
            summary: OnceCell::new(),
            hovered_layer: None,
            indented: false,
            reading: RefCell::default(),
            machine: String::new(),
            machine_fault: None,
            chooser: None,
            check: None,
            layers_fault: None,
            read_layers: ReadLayers::default(),
            tabs_fault: None,
            asked_for_findings: false,
            files: None,
            related: None,
            share: None,
            first_drawn: Vec::new(),
            focused: false,
        };
        let chooser = inspection.type_machine();
        let mut effects = inspection.run(first, contents);
        effects.extend(chooser);
        effects.extend(inspection.load_files());
        effects.extend(inspection.load_related());
        let tabs = inspection.load_tabs();
        effects.extend(tabs.or_else(|| inspection.load_for_findings()));
        (inspection, effects)
    }

    /// Takes over what was drawn, and how, of the inspection before this one.
    #[must_use]
    pub fn drawn_as(mut self, before: Self) -> Self {
        self.hovered_layer = before.hovered_layer;
        self.indented = before.indented;
        self.reading = before.reading;
        self.chooser = before.chooser;
        self.files = before.files;
        self.related = before.related;
        self.first_drawn = before.first_drawn;
        self.focused = before.focused;
        self
    }

    /// Takes one message and returns the effects to run, in their order.
    pub fn update(&mut self, msg: Msg, contents: Option<&dyn Contents>) -> Vec<Effect> {
        // No other message changes the model.
        if matches!(msg, Msg::Workflow(_) | Msg::Layers(_)) {
            self.summary.take();
        }
        let request = match msg {
            Msg::Workflow(msg) => {
                let effects = workflow::update(&mut self.model, msg);
                let mut effects = self.run(effects, contents);
                let first = self.focus_result();
                // Nobody shall wait for the tabs when they go there.
                let wanted = first.is_some() && !tabs::is_here();
                effects.extend(first);
                let for_findings = self.load_for_findings();
                let behind = wanted.then_some(Effect::LoadTabs { quietly: true });
                effects.extend(for_findings.or(behind));
                effects.extend(self.look_at_layers(contents));
                return effects;
            }
            Msg::Layers(msg @ layers::Msg::Progress(_)) => return self.update_layers(msg),
            Msg::Layers(msg) => {
                let mut effects = self.update_layers(msg);
                effects.extend(self.look_at_layers(contents));
                return effects;
            }
            Msg::Action(action) => self.host().map(|host| Request::Act(host.clone(), action)),
            Msg::LayerHovered(layer) => {
                self.hovered_layer = layer;
                None
            }
            Msg::Indent(on) => {
                self.indented = on;
                self.draw_from(0);
                None
            }
            Msg::ShowFrom(row) => {
                self.draw_from(row);
                None
            }
            Msg::Reading(msg) => return tabs::read(self, msg),
            Msg::CopyBytes(document) => self.copy_bytes(document),
            Msg::Save(document) => self.save(document),
            Msg::Pin => self.pin(),
            Msg::OpenMachine => return vec![Effect::LoadChooser { ask: false }],
            Msg::MachineTyped(text) => {
                self.machine = text;
                None
            }
            Msg::MachineSubmitted => self.choose_for_machine(),
            Msg::AskMachine => return vec![Effect::LoadChooser { ask: true }],
            Msg::MachineTold(Some(platform)) => {
                platform.clone_into(&mut self.machine);
                self.choose_for_machine()
            }
            Msg::MachineTold(None) => {
                let words = "This browser does not tell the processor: type the platform.";
                self.machine_fault = Some(words.into());
                None
            }
            Msg::ChooserLoaded(loaded) => {
                self.chooser = loaded.ok().or(self.chooser);
                let is_opened = self.chooser.is_some() && self.place.platform.is_none();
                self.machine_fault = loaded
                    .err()
                    .map(|error| ["It could not be loaded: ", &error.to_string(), "."].concat());
                is_opened.then_some(Request::Focus(MACHINE))
            }
            Msg::LoadTabs => {
                self.tabs_fault = None;
                return vec![Effect::LoadTabs { quietly: false }];
            }
            Msg::TabsLoaded(loaded) => {
                self.tabs_fault = loaded.err();
                None
            }
            Msg::LoadFiles => {
                self.files = None;
                return vec![Effect::LoadFiles];
            }
            Msg::FilesLoaded(loaded) => {
                self.files = Some(loaded);
                None
            }
            Msg::LoadRelated => {
                self.related = None;
                return vec![Effect::LoadRelated];
            }
            Msg::RelatedLoaded(loaded) => {
                self.related = Some(loaded);
                None
            }
            Msg::Share => return vec![Effect::LoadShare],
            Msg::ShareLoaded(Ok((begin, seconds))) => {
                self.share = begin(self, seconds);
                // Verify has a dialog of its own. It may be closed again by now.
                (!matches!(self.source, InspectSource::Verify(_)))
                    .then_some(Request::OpenDialog(SHARE))
            }
            Msg::ShareLoaded(Err(_)) => {
                Some(Request::Notice("The dialog could not be loaded: try again"))
            }
            Msg::SaveReport => self.share.as_ref().map(|shared| shared.save()),
            Msg::CloseShare => Some(Request::CloseDialog(SHARE)),
            Msg::OpenInCompose => self.open_in_compose(contents),
            Msg::OpenInVerify(document) => self.open_in_verify(document),
        };
        request.map(Effect::Request).into_iter().collect()
    }

    /// Tells whether it looks otherwise after a message.
    #[must_use]
    pub fn draws(&self, msg: &Msg) -> bool {
        match msg {
            Msg::LayerHovered(layer) => *layer != self.hovered_layer,
            Msg::CopyBytes(_)
            | Msg::AskMachine
            | Msg::OpenMachine
            | Msg::Share
            | Msg::SaveReport
            | Msg::CloseShare => false,
            Msg::Layers(layers::Msg::Progress(_)) => {
                matches!(self.place.tab, Tab::Overview | Tab::Layers)
            }
            Msg::Layers(layers::Msg::Change(change)) => !self.waits_for_more(Some(change)),
            Msg::Workflow(workflow::Msg::Received { .. }) => !self.waits_for_more(None),
            Msg::Workflow(_)
            | Msg::Action(_)
            | Msg::Indent(_)
            | Msg::ShowFrom(_)
            | Msg::Reading(_)
            | Msg::Save(_)
            | Msg::Pin
            | Msg::MachineTyped(_)
            | Msg::MachineSubmitted
            | Msg::MachineTold(_)
            | Msg::ChooserLoaded(_)
            | Msg::Layers(_)
            | Msg::LoadTabs
            | Msg::TabsLoaded(_)
            | Msg::LoadFiles
            | Msg::FilesLoaded(_)
            | Msg::LoadRelated
            | Msg::RelatedLoaded(_)
            | Msg::ShareLoaded(_)
            | Msg::OpenInCompose
            | Msg::OpenInVerify(_) => true,
        }
    }

    fn waits_for_more(&self, change: Option<&layers::Opaque>) -> bool {
        let check = self.check.as_ref();
        check.is_some_and(|check| check.waits_for_more(&self.model, change))
    }

    /// Goes to another place in what is inspected.
    pub fn go(&mut self, place: View, contents: Option<&dyn Contents>) -> Vec<Effect> {
        self.summary.take();
        self.hovered_layer = None;
        self.share = None;
        self.place = place.clone();
        let mut effects: Vec<_> = self.type_machine().into_iter().collect();
        effects.extend(self.load_files());
        effects.extend(self.load_related());
        effects.extend(self.load_tabs());
        if self.model.path == place.at {
            effects.extend(self.look_at_layers(contents));
            effects.extend(self.focus_result());
            return effects;
        }
        self.focused = false;
        effects.extend(self.update(Msg::Workflow(workflow::Msg::Go(place.at)), contents));
        effects
    }

    /// Loads what draws the tabs behind the first one where one of them is looked at and it is not here.
    fn load_tabs(&self) -> Option<Effect> {
        let is_wanted = !matches!(self.place.tab, Tab::Overview | Tab::Files | Tab::Related)
            && !tabs::is_here();
        is_wanted.then_some(Effect::LoadTabs { quietly: false })
    }

    /// Loads what draws findings with the first of them. Where it does not come, the page says so and offers it again.
    fn load_for_findings(&mut self) -> Option<Effect> {
        if self.asked_for_findings || tabs::is_here() || self.model.findings().is_empty() {
            return None;
        }
        self.asked_for_findings = true;
        Some(Effect::LoadTabs { quietly: false })
    }

    /// Asks again for what did not come, now that something is set otherwise for its registry.
    pub fn retry(&mut self, contents: Option<&dyn Contents>) -> Vec<Effect> {
        self.update(Msg::Workflow(workflow::Msg::Retry), contents)
    }

    /// Moves the focus to the verdict once more, when the next answers are there; or leaves it where it is.
    pub fn set_focused(&mut self, focused: bool) {
        self.focused = focused;
    }

    /// Moves the focus to the verdict once it is there.
    pub fn focus_result(&mut self) -> Option<Effect> {
        if self.focused || matches!(self.model.current(), Current::Loading) {
            return None;
        }
        self.focused = true;
        Some(Effect::Request(Request::Focus(HEADING)))
    }

    /// Has the check of layers look at what is here, and fetches what it needs of it.
    fn look_at_layers(&mut self, contents: Option<&dyn Contents>) -> Vec<Effect> {
        let mut effects = Vec::new();
        while let Some(check) = &mut self.check {
            let looked = check.look(&mut self.model);
            effects.extend(looked.effects);
            if looked.wanted.is_empty() {
                break;
            }
            effects.extend(self.run(looked.wanted, contents));
        }
        effects
    }

    /// Runs effects of the workflow: answers from local contents, and passes on what needs a registry or the browser.
    fn run(
        &mut self,
        effects: Vec<workflow::Effect>,
        contents: Option<&dyn Contents>,
    ) -> Vec<Effect> {
        let mut out = Vec::new();
        let mut todo = VecDeque::from(effects);
        while let Some(effect) = todo.pop_front() {
            match (effect, &self.model.subject) {
                (workflow::Effect::Abort, _) => out.push(Effect::Abort),
                (workflow::Effect::CheckSignatures { key, signed }, _) => {
                    out.push(Effect::CheckSignatures { key, signed });
                }
                (
                    workflow::Effect::LoadSchema1 {
                        generation,
                        key,
                        arrival,
                    },
                    _,
                ) => out.push(Effect::LoadSchema1 {
                    generation,
                    key,
                    arrival,
                }),
                (
                    workflow::Effect::Explain {
                        key,
                        bytes,
                        expected,
                    },
                    _,
                ) => out.push(Effect::Explain {
                    key,
                    bytes,
                    expected,
                }),
                (
                    workflow::Effect::Fetch {
                        generation,
                        key,
                        media_type,
                    },
                    InspectTarget::Registry(reference),
                ) => out.push(Effect::Fetch {
                    reference: reference.clone(),
                    generation,
                    ahead: match key {
                        ContentKey::Root => self.model.path.clone(),
                        ContentKey::Child(_) | ContentKey::Config(_) => Vec::new(),
                    },
                    key,
                    media_type,
                }),
                (
                    workflow::Effect::Fetch {
                        generation, key, ..
                    },
                    InspectTarget::Bundle { .. },
                ) => {
                    let result = local(contents, &key);
                    let msg = workflow::Msg::Received {
                        generation,
                        key,
                        result,
                    };
                    todo.extend(workflow::update(&mut self.model, msg));
                }
            }
        }
        out
    }

    /// Returns the verdict on the place that is looked at. It is made once for each change of the model, since every entry
    /// of a list has a part in it.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let summary = self.summary.get_or_init(|| self.model.summary());
        summary.clone()
    }

    /// Finds the registry that is looked at; `None` for examples and local contents.
    #[must_use]
    pub fn host(&self) -> Option<&RegistryHost> {
        match &self.model.subject {
            InspectTarget::Registry(reference) => Some(reference.host()),
            InspectTarget::Bundle { .. } => None,
        }
    }

    /// Says how the answers came; `None` before the first one, and for bytes that were in the page.
    #[must_use]
    pub fn via(&self, origin: &PageOrigin) -> Option<String> {
        let root = self.model.root()?.done()?;
        if self.model.subject.archive().is_some() {
            return Some("from the file in this tab".to_owned());
        }
        Some(match root.arrival.via? {
            Via::Direct => "directly from the registry".to_owned(),
            Via::Proxy => format!("through the proxy at {}", origin.host),
        })
    }

    /// Returns the first row or line that is drawn of a long table or of long content, counted from 0.
    #[must_use]
    pub fn drawn_from(&self) -> usize {
        self.first_drawn
            .iter()
            .find(|(known, _)| *known == self.place)
            .map_or(0, |(_, row)| *row)
    }

    pub(super) fn draw_from(&mut self, row: usize) {
        self.first_drawn.retain(|(known, _)| *known != self.place);
        self.first_drawn.push((self.place.clone(), row));
    }

    /// Returns the bytes of the manifest that is looked at, or of its config.
    fn bytes(&self, document: Document) -> Option<&Rc<[u8]>> {
        let (node, image) = match self.model.current() {
            Current::List(node, _) | Current::Other(node) => (node, None),
            Current::Image(node, image) => (node, Some(image)),
            Current::Loading | Current::Failed(_) => return None,
        };
        Some(match document {
            Document::Manifest => &node.arrival.bytes,
            Document::Config => {
                let config = self.model.config(image?).and_then(Fetch::done)?;
                &config.arrival.bytes
            }
        })
    }

    fn copy_bytes(&self, document: Document) -> Option<Request> {
        let bytes = self.bytes(document)?;
        Some(Request::Copy(String::from_utf8_lossy(bytes).into_owned()))
    }

    /// Takes bytes that are not those that were named to Verify, with the digest that was.
    fn open_in_verify(&self, document: Document) -> Option<Request> {
        let wrong = self.mismatch(document)?;
        let import = Import {
            files: vec![LocalContent::new(
                self.model.subject.name(),
                Rc::clone(wrong.bytes),
                true,
            )],
            ..Import::default()
        };
        let entry = HistoryEntry::new(import, wrong.expected.to_string());
        let route = Route::Inspect(InspectSource::Verify(0), View::default());
        Some(Request::PushHistory(entry, route))
    }

    /// Finds what is wrong with the manifest that is looked at, or with its config.
    #[must_use]
    pub fn mismatch(&self, document: Document) -> Option<Mismatch<'_>> {
        let mut wrong = self.model.mismatches().into_iter();
        wrong.find(|it| matches!(it.key, ContentKey::Config(_)) == (document == Document::Config))
    }

    fn save(&self, document: Document) -> Option<Request> {
        let bytes = self.bytes(document)?;
        let kind = match (document, self.model.current()) {
            (Document::Config, _) => "config",
            (Document::Manifest, Current::List(..)) => "index",
            (Document::Manifest, Current::Image(..)) => "manifest",
            (Document::Manifest, Current::Other(_) | Current::Loading | Current::Failed(_)) => {
                "bytes"
            }
        };
        let name = format!("{}.{kind}.json", self.stem());
        Some(Request::Save(name, Rc::clone(bytes)))
    }

    /// Returns what the name of a file begins with: the last part of the repository, and the tag or digest.
    pub(super) fn stem(&self) -> String {
        let InspectTarget::Registry(reference) = &self.model.subject else {
            return "manifest".to_owned();
        };
        let repository = reference.repository().to_string();
        let last = repository.rsplit('/').next().unwrap_or_default();
        match (
            self.model.path.last().or(reference.digest()),
            reference.tag(),
        ) {
            (Some(digest), _) => format!("{last}-{}", digest.short()),
            (None, Some(tag)) => format!("{last}-{tag}"),
            (None, None) => format!("{last}-latest"),
        }
    }

    /// Returns the digest that the tag has now, where there is a tag to pin.
    #[must_use]
    pub fn pinned(&self) -> Option<Reference> {
        let InspectTarget::Registry(reference) = &self.model.subject else {
            return None;
        };
        if reference.digest().is_some() {
            return None;
        }
        let root = self.model.root()?.done()?;
        root.manifest.as_ref().ok()?;
        Some(reference.pinned(root.digest.clone()?))
    }

    fn pin(&self) -> Option<Request> {
        let scheme = match &self.source {
            InspectSource::Reference(text) if text.starts_with("http://") => "http://",
            _ => "",
        };
        let source = InspectSource::Reference([scheme, &self.pinned()?.familiar()].concat());
        Some(Request::Navigate(Route::Inspect(
            source,
            self.place.clone(),
        )))
    }

    /// Returns the reference of what is looked at: by its tag where it has one, else by its digest; `None` where it is
    /// not of a registry.
    fn reference(&self) -> Option<Reference> {
        let InspectTarget::Registry(reference) = &self.model.subject else {
            return None;
        };
        Some(match self.model.path.last() {
            Some(digest) => reference.at(Target::Digest(digest.clone())),
            None => reference.clone(),
        })
    }

    /// Returns the address of another page that begins with what is looked at; `None` where it is not of a registry.
    #[must_use]
    pub fn route_to(&self, page: PartPage) -> Option<Route> {
        let from = self.reference()?.familiar();
        Some(Route::Part(page, to_query(&[("from", &from)])))
    }

    /// Takes what is looked at to Compose: a list to begin anew with, or an image to add.
    fn open_in_compose(&self, contents: Option<&dyn Contents>) -> Option<Request> {
        let (node, is_list) = match self.model.current() {
            Current::List(node, _) => (node, true),
            Current::Image(node, _) => (node, false),
            Current::Other(_) | Current::Loading | Current::Failed(_) => return None,
        };
        if let Some(reference) = self.reference() {
            let found = match &node.digest {
                Some(digest) if reference.digest().is_none() => reference.pinned(digest.clone()),
                _ => reference,
            };
            let intent = if is_list {
                ComposeIntent::Open(found.familiar())
            } else {
                ComposeIntent::Add(found.familiar())
            };
            return Some(Request::Navigate(Route::Compose(Some(intent))));
        }
        let bytes = &node.arrival.bytes;
        let mut all = vec![LocalContent::new(
            self.model.subject.name(),
            Rc::clone(bytes),
            true,
        )];
        all.extend(
            contents
                .map(|contents| contents.others(bytes))
                .unwrap_or_default(),
        );
        Some(Request::OpenInCompose {
            is_list,
            contents: all,
        })
    }
}

/// Answers from local contents.
fn local(contents: Option<&dyn Contents>, key: &ContentKey) -> Result<Received, Failure> {
    let found = contents.and_then(|contents| match key {
        ContentKey::Root => contents.root(),
        ContentKey::Child(digest) | ContentKey::Config(digest) => {
            contents.find(digest).map(Received::local)
        }
    });
    found.ok_or(Failure::NotBundled)
}
