//! The state of Verify: what was given, the digest that is expected, and what came of it. Messages in, effects out.

use waybill_core::recognize::{Kind, Next, holds_credentials};
use waybill_core::report::{self as inspected, Checked, ReportError};
use waybill_core::verify::{Expected, ExpectedError, Remedy, Unchecked, Verdict};
use waybill_core::workflow::fetch::{Fetch, Generation};
use waybill_core::workflow::inspect::{self as workflow, InspectTarget};
use waybill_core::workflow::verify::Report;

use super::command::Command;
use super::contents::{Given, report};
use super::message::{Effect, Msg};
use super::share::SharedLink;
use crate::inspection::share::SHARE;
use crate::inspection::{self, Inspection, causes};
use crate::lazy::LoadError;
use crate::local_content::{HistoryEntry, Import, LocalContent};
use crate::route::{InspectSource, Route, View};
use crate::shell::{CONTENT, PageOrigin, Request};

/// The id of the digest that is expected.
pub(super) const EXPECTED: &str = "expected";

/// Holds what was given to be verified, and what came of it. Only [`State::update`] changes it.
#[derive(Debug)]
pub struct State {
    /// The index of the content that is looked at, and the place in it; `None` while another page is shown.
    pub shown: Option<(usize, View)>,
    /// The inspection of the content that is looked at.
    pub inspection: Option<Inspection>,
    /// The digest that is expected, as it was typed.
    pub expected: String,
    /// Files that were not opened, each with the reason.
    pub left_out: Vec<(String, &'static str)>,
    /// What came of it, where there are contents.
    pub report: Option<Report>,
    /// Whether the history has them, so that they are found again.
    pub kept: bool,
    /// Whether the history has forgotten them.
    pub gone: bool,
    /// Why what finds out why the content differs did not come.
    pub causes_fault: Option<LoadError>,
    /// Of a report of an inspection, what stands in it, or why it cannot be read.
    pub opened: Option<OpenedReport>,
    /// The link that was made to share the content.
    pub link: Option<SharedLink>,
    files: Vec<LocalContent>,
    key: String,
    origin: PageOrigin,
    /// The generation of the last inspection; answers to an older one are dropped.
    generation: Generation,
}

impl State {
    /// Makes the state of the page before anything was given.
    #[must_use]
    pub fn new(origin: PageOrigin) -> Self {
        Self {
            shown: None,
            inspection: None,
            expected: String::new(),
            left_out: Vec::new(),
            report: None,
            kept: false,
            gone: false,
            causes_fault: None,
            opened: None,
            link: None,
            files: Vec::new(),
            key: String::new(),
            origin,
            generation: Generation::default(),
        }
    }

    /// Takes one message and returns the effects to run, in their order.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Command(Command::Show(index, place, entry)) => self.show(index, place, entry),
            Msg::Command(Command::ShowShared { content, expected }) => {
                self.show_shared(&content, expected)
            }
            Msg::Command(Command::Hide) => {
                self.shown = None;
                self.stop().into_iter().collect()
            }
            Msg::Command(Command::Import(import)) => self.import(import),
            Msg::Command(Command::HistorySaved(kept)) => {
                self.kept = kept;
                Vec::new()
            }
            Msg::Inspection(msg) => {
                let index = self.index();
                let Some(inspection) = &mut self.inspection else {
                    return Vec::new();
                };
                let files = &self.files;
                of_inspection(inspection.update(msg, Some(&Given { files, index })))
            }
            Msg::ContentSubmitted(text) => self.content_submitted(&text),
            Msg::ExpectedChanged(text) => self.expected_changed(text),
            Msg::ApplyRemedy => self.apply_remedy(),
            Msg::OpenInside => self.open_inside(),
            Msg::LoadCauses => {
                self.causes_fault = None;
                vec![Effect::LoadCauses]
            }
            Msg::CausesLoaded(loaded) => {
                self.causes_fault = loaded.err();
                if loaded.is_ok() {
                    self.explain();
                }
                Vec::new()
            }
            Msg::Reset => request(Self::give(Import::default(), String::new(), 0)),
            Msg::Share => self.share(),
            Msg::CloseShare => request(Request::CloseDialog(SHARE)),
            Msg::ReadClipboard => vec![Effect::ReadClipboard],
            Msg::ClipboardRead(text) => self.clipboard_read(text),
        }
    }

    /// Tells whether the page looks otherwise after a message.
    #[must_use]
    pub fn draws(&self, msg: &Msg) -> bool {
        match msg {
            Msg::Inspection(msg) => self.inspection.as_ref().is_some_and(|it| it.draws(msg)),
            Msg::Command(Command::HistorySaved(kept)) => *kept != self.kept,
            Msg::Command(_)
            | Msg::ContentSubmitted(_)
            | Msg::ExpectedChanged(_)
            | Msg::ApplyRemedy
            | Msg::OpenInside
            | Msg::LoadCauses
            | Msg::CausesLoaded(_)
            | Msg::Reset
            | Msg::Share
            | Msg::CloseShare
            | Msg::ReadClipboard
            | Msg::ClipboardRead(_) => true,
        }
    }

    /// The page's own address, for a link that is shared.
    pub(super) fn address(&self) -> &str {
        &self.origin.address
    }

    /// The contents.
    #[must_use]
    pub fn files(&self) -> &[LocalContent] {
        &self.files
    }

    /// Returns the index of the content that is looked at.
    #[must_use]
    pub fn index(&self) -> usize {
        self.shown.as_ref().map_or(0, |(index, _)| *index)
    }

    /// Returns what the typed text was read as; `None` where nothing was typed.
    #[must_use]
    pub fn read(&self) -> Option<Result<Expected, ExpectedError>> {
        (!self.expected.trim().is_empty()).then(|| Expected::read(&self.expected))
    }

    pub(super) fn show(
        &mut self,
        index: usize,
        place: View,
        entry: Option<HistoryEntry>,
    ) -> Vec<Effect> {
        let was_shown = self.shown.replace((index, place.clone())).is_some();
        let mut effects = Vec::new();
        let changed = match entry {
            // A link inside makes an entry without the contents; with them it can be loaded again.
            None if was_shown => {
                effects.extend(self.save_history());
                false
            }
            Some(entry) => self.take(entry),
            None => self.take(HistoryEntry::new(Import::default(), String::new())),
        };
        let source = InspectSource::Verify(index);
        let files = &self.files;
        let here = self.inspection.as_mut();
        if let Some(inspection) = here.filter(|it| it.source == source && !changed) {
            let went = inspection.go(place, Some(&Given { files, index }));
            effects.extend(of_inspection(went));
            return effects;
        }
        effects.extend(self.open(index, place));
        effects
    }

    /// Takes what a history entry holds; false where it is what is here already.
    fn take(&mut self, entry: HistoryEntry) -> bool {
        let HistoryEntry {
            files,
            expected,
            key,
            left_out,
        } = entry;
        let other = key != self.key;
        if other {
            self.gone = files.is_none();
            self.files = files.unwrap_or_default();
            self.key = key;
            self.kept = true;
            self.report = None;
            self.link = None;
        }
        self.left_out = left_out;
        let changed = other || expected != self.expected;
        self.expected = expected;
        changed
    }

    fn open(&mut self, index: usize, place: View) -> Vec<Effect> {
        let mut effects: Vec<_> = self.stop().into_iter().collect();
        let target = self.target(index);
        let title = match &target {
            Some(target) => format!("{} · Waybill", target.name()),
            None => "Verify · Waybill".to_owned(),
        };
        effects.push(Effect::Request(Request::Title(title)));
        if let Some(target) = target {
            effects.extend(self.begin(index, place, target));
        }
        if let Some(inspection) = &mut self.inspection {
            effects.extend(inspection.focus_result().map(Effect::Inspection));
        }
        effects
    }

    /// Begins the inspection of a content, and compares all of them with what is expected once it is read.
    fn begin(&mut self, index: usize, place: View, target: InspectTarget) -> Vec<Effect> {
        let files = &self.files;
        let generation = self.generation.next();
        let (mut inspection, mut effects) = Inspection::open(
            InspectSource::Verify(index),
            place,
            target,
            generation,
            Some(&Given { files, index }),
        );
        self.generation = inspection.model.generation();
        let read = inspection.model.root().and_then(Fetch::done);
        let report = report(&self.files, &self.expected, Some((index, read)));
        let known = report.files.get(index).and_then(|it| it.recognized.clone());
        self.opened = known
            .as_ref()
            .filter(|known| known.kind == Kind::InspectionReport)
            .zip(self.files.get(index))
            .map(|(_, given)| open_report(&given.bytes));
        self.report = Some(report);
        let sought = self.explain();
        if let Some(known) = known {
            let msg = inspection::Msg::Workflow(workflow::Msg::Recognized {
                key: workflow::ContentKey::Root,
                known,
            });
            effects.extend(inspection.update(msg, None));
        }
        self.inspection = Some(inspection);
        let mut effects = of_inspection(effects);
        effects.extend(sought);
        effects
    }

    /// Says why the content that is looked at differs, or loads what finds that out.
    fn explain(&mut self) -> Option<Effect> {
        let index = self.index();
        let given = self.files.get(index)?;
        let report = self.report.as_mut()?;
        let expected = report.unexplained(index)?;
        report.explanation = causes::explained(&given.bytes, expected);
        let is_missing = report.explanation.is_none();
        is_missing.then_some(Effect::LoadCauses)
    }

    /// Ends the inspection.
    fn stop(&mut self) -> Option<Effect> {
        let inspection = self.inspection.take()?;
        self.generation = inspection.model.generation();
        Some(Effect::Inspection(inspection::Effect::Abort))
    }

    /// Returns what is inspected of the content at `index`, compared with what is expected.
    fn target(&self, index: usize) -> Option<InspectTarget> {
        let given = self.files.get(index)?;
        // Hex behind the name of another algorithm is no digest, and verifies nothing.
        let is_digest = |expected: &Expected| {
            expected.other_algorithm().is_none() || {
                let report = report(std::slice::from_ref(given), &self.expected, None);
                report.files[0].verdict != Verdict::NotChecked(Unchecked::NotADigest)
            }
        };
        let expected = Expected::read(&self.expected)
            .ok()
            .filter(is_digest)
            .map(|expected| expected.digest);
        Some(InspectTarget::Bundle {
            name: given.name.clone(),
            expected,
        })
    }

    /// Takes contents that came. What is expected stays, where it was typed on this page.
    fn import(&mut self, import: Import) -> Vec<Effect> {
        let expected = if self.shown.is_some() {
            self.expected.clone()
        } else {
            String::new()
        };
        request(Self::give_several(import, expected))
    }

    /// Asks to come back with these contents, at the one that a person wants to see first. What holds credentials is
    /// left out before anything is made of it: the history, the tab and the address never see it.
    fn give_several(import: Import, expected: String) -> Request {
        let import = import.without_credentials();
        let first = match import.files.as_slice() {
            [] | [_] => 0,
            files => report(files, &expected, None).first(),
        };
        Self::give(import, expected, first)
    }

    /// Asks to come back with these contents, at one of them.
    fn give(import: Import, expected: String, first: usize) -> Request {
        let route = Route::Inspect(InspectSource::Verify(first), View::default());
        Request::PushHistory(HistoryEntry::new(import, expected), route)
    }

    fn content_submitted(&mut self, text: &str) -> Vec<Effect> {
        if text.trim().is_empty() {
            return vec![
                Effect::Request(Request::Notice("There is nothing to verify yet")),
                Effect::Request(Request::Focus(CONTENT)),
            ];
        }
        let given = LocalContent::text("The entered text", text);
        let is_secret = holds_credentials(&given.bytes).is_some();
        let mut effects = self.import(Import {
            files: vec![given],
            ..Import::default()
        });
        // It stands in the form, which stays.
        effects.extend(is_secret.then_some(Effect::ForgetTyped));
        effects
    }

    fn clipboard_read(&mut self, text: Option<String>) -> Vec<Effect> {
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            return self.import(Import {
                files: vec![LocalContent::text("The pasted text", &text)],
                ..Import::default()
            });
        }
        let said = "The browser gave no text: paste it with the keyboard";
        vec![
            Effect::Request(Request::Notice(said)),
            Effect::Request(Request::Focus(CONTENT)),
        ]
    }

    /// Compares with another digest. The focus stays where somebody types.
    fn expected_changed(&mut self, text: String) -> Vec<Effect> {
        let before = self.read();
        self.expected = text;
        let now = self.read();
        if self.files.is_empty() {
            return self.save_history().into_iter().collect();
        }
        let Some(inspection) = self.inspection.take_if(|_| now != before) else {
            return Vec::new();
        };
        let index = self.index();
        let Some(target) = self.target(index) else {
            return Vec::new();
        };
        self.generation = inspection.model.generation();
        let mut effects = self.begin(index, inspection.place.clone(), target);
        self.inspection = self
            .inspection
            .take()
            .map(|begun| begun.drawn_as(inspection));
        effects.extend(self.save_history());
        effects
    }

    /// Keeps what is here in the history entry that stands now.
    fn save_history(&self) -> Option<Effect> {
        let (index, place) = self.shown.as_ref().filter(|_| !self.gone)?;
        let entry = HistoryEntry {
            files: Some(self.files.clone()),
            expected: self.expected.clone(),
            key: self.key.clone(),
            left_out: self.left_out.clone(),
        };
        let route = Route::Inspect(InspectSource::Verify(*index), place.clone());
        Some(Effect::Request(Request::SaveHistory(entry, route)))
    }

    /// Goes on with the contents that stand inside of what is looked at. What is expected is what is said of them there;
    /// where nothing is, what was typed stays.
    fn open_inside(&mut self) -> Vec<Effect> {
        let known = self.report.as_ref().and_then(|report| {
            let file = report.files.get(self.index())?;
            file.recognized
                .as_ref()?
                .next
                .iter()
                .find_map(|next| match next {
                    Next::Contents { contents, expected } => {
                        Some((contents.clone(), expected.clone()))
                    }
                    Next::Reference(_) => None,
                })
        });
        let Some((contents, expected)) = known else {
            return Vec::new();
        };
        let files = contents.into_iter();
        let files = files.map(|(name, bytes)| LocalContent::new(name, bytes, true));
        let import = Import {
            files: files.collect(),
            ..Import::default()
        };
        let expected = expected.map_or_else(|| self.expected.clone(), |digest| digest.to_string());
        request(Self::give_several(import, expected))
    }

    /// Goes on with the bytes, or the digest, that are right.
    fn apply_remedy(&mut self) -> Vec<Effect> {
        let cause = self.report.as_ref().and_then(Report::cause);
        let remedy = cause.map(|cause| cause.right.clone());
        let (mut files, mut expected) = (self.files.clone(), self.expected.clone());
        match (remedy, files.get_mut(self.index())) {
            (Some(Remedy::Bytes(right)), Some(given)) => {
                let name = [given.name.as_str(), ", put right"].concat();
                *given = LocalContent::new(name, right, true);
            }
            (Some(Remedy::Digest(digest)), _) => expected = digest.to_string(),
            (Some(Remedy::Bytes(_) | Remedy::Unknown) | None, _) => return Vec::new(),
        }
        let import = Import {
            files,
            ..Import::default()
        };
        request(Self::give_several(import, expected))
    }
}

/// What stands in a report, each content of it compared with what the report says.
pub type OpenedReport = Result<(inspected::Report, Vec<Checked>), ReportError>;

fn open_report(bytes: &[u8]) -> OpenedReport {
    inspected::Report::read(bytes).map(|report| {
        let checked = report.check();
        (report, checked)
    })
}

/// Has the shell asked.
pub(super) fn request(request: Request) -> Vec<Effect> {
    vec![Effect::Request(request)]
}

fn of_inspection(effects: Vec<inspection::Effect>) -> Vec<Effect> {
    effects.into_iter().map(Effect::Inspection).collect()
}
