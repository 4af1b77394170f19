//! What was given to be verified: the contents, the digest that is expected, and what came of it.

use std::rc::Rc;

use waybill_core::digest::{Algorithm, Digest};
use waybill_core::limits::LINK_CHARACTERS;
use waybill_core::verify::{Expected, ExpectedError, Remedy, Unchecked, Verdict};
use waybill_core::workflow::inspect::{InspectTarget, Node};
use waybill_core::workflow::verify::{Report, from_link, to_link};

use super::{CONTENT, EXPECTED, Effect, Msg, SHARE, State, VERDICT};
use crate::browser::file_input::{Import, LocalContent};
use crate::browser::history::HistoryEntry;
use crate::lazy::LoadError;
use crate::route::{InspectSource, Route, View};
use crate::verify::Page;

/// What was given to be verified.
#[derive(Debug, Default)]
pub struct Verify {
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
    /// The link that was made to share the content.
    pub link: Option<Link>,
    files: Vec<LocalContent>,
    key: String,
}

/// A link that holds a content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The link; `None` where it would be too long.
    pub text: Option<String>,
    /// Its length in characters.
    pub length: usize,
    /// The content's length in bytes.
    pub bytes: usize,
}

impl Verify {
    /// The contents.
    #[must_use]
    pub fn files(&self) -> &[LocalContent] {
        &self.files
    }

    /// Takes what a history entry holds; false where it is what is here already.
    pub(super) fn take(&mut self, entry: HistoryEntry) -> bool {
        let HistoryEntry {
            files,
            expected,
            key,
            left_out,
        } = entry;
        let other = key != self.key;
        if other {
            let gone = files.is_none();
            *self = Self {
                files: files.unwrap_or_default(),
                key,
                gone,
                kept: true,
                ..Self::default()
            };
        }
        self.left_out = left_out;
        let changed = other || expected != self.expected;
        self.expected = expected;
        changed
    }

    /// Returns what the typed text was read as; `None` where nothing was typed.
    #[must_use]
    pub fn read(&self) -> Option<Result<Expected, ExpectedError>> {
        (!self.expected.trim().is_empty()).then(|| Expected::read(&self.expected))
    }

    /// Returns what is inspected of the content at `index`, compared with what is expected.
    pub(crate) fn subject(&self, index: usize) -> Option<InspectTarget> {
        let given = self.files.get(index)?;
        // Hex behind the name of another algorithm is no digest, and verifies nothing.
        let is_digest = |expected: &Expected| {
            expected.other_algorithm().is_none() || {
                let report = report(std::slice::from_ref(given), &self.expected, None, None);
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

    /// Compares the contents with what is expected, once the one at `index` is read.
    pub(crate) fn judge(&mut self, index: usize, read: Option<&Node>) {
        self.report = Some(report(&self.files, &self.expected, Some(index), read));
    }

    /// Returns the content of that digest.
    pub(super) fn find(&self, digest: &Digest) -> Option<Rc<[u8]>> {
        let is_named = |given: &&LocalContent| match digest.algorithm() {
            Some(Algorithm::Sha256) => given.sha256() == digest,
            _ => digest.check(&given.bytes) == Some(true),
        };
        self.files
            .iter()
            .find(is_named)
            .map(|given| Rc::clone(&given.bytes))
    }
}

/// Compares contents with what is expected, and explains why the one at `shown` differs.
fn report(
    files: &[LocalContent],
    expected: &str,
    shown: Option<usize>,
    read: Option<&Node>,
) -> Report {
    let contents: Vec<_> = files
        .iter()
        .map(|given| (&*given.bytes, given.sha256()))
        .collect();
    Report::of(&contents, expected, shown, read)
}

/// The program of Verify, or what stands in its way.
#[derive(Default)]
pub struct VerifySlot {
    /// The program; `None` until somebody needs it.
    pub page: Option<&'static dyn Page>,
    /// Why it did not come.
    pub failed: Option<LoadError>,
    loading: bool,
    /// What it is to answer once it is there.
    waiting: Option<Msg>,
}

impl State {
    /// Has Verify answer, now or once it is there.
    pub(super) fn in_verify(&mut self, msg: Msg) -> Vec<Effect> {
        if let Some(page) = self.verifier.page {
            return page.update(self, msg);
        }
        let mut effects = match &msg {
            Msg::Route(route, _) => {
                self.route = route.clone();
                self.leave("Verify · Waybill")
            }
            _ => Vec::new(),
        };
        self.verifier.waiting = Some(msg);
        effects.extend(self.load_verify());
        effects
    }

    /// Brings Verify unless it is on its way.
    pub(super) fn load_verify(&mut self) -> Option<Effect> {
        self.verifier.failed = None;
        (!std::mem::replace(&mut self.verifier.loading, true)).then_some(Effect::LoadVerify)
    }

    /// Forgets what was to be answered once Verify is there.
    pub(super) fn forget_waiting(&mut self) {
        self.verifier.waiting = None;
    }

    /// Takes Verify once it came, or why it did not.
    pub(super) fn verify_came(
        &mut self,
        came: Result<&'static dyn Page, LoadError>,
    ) -> Vec<Effect> {
        self.verifier.loading = false;
        match came {
            Ok(page) => {
                self.verifier.page = Some(page);
                let Some(msg) = self.verifier.waiting.take() else {
                    return Vec::new();
                };
                if matches!(msg, Msg::Route(..)) {
                    // So that it is gone to, not gone on.
                    self.route = Route::Start;
                }
                self.update(msg)
            }
            Err(error) => {
                self.verifier.failed = Some(error);
                match &self.verifier.waiting {
                    Some(Msg::Route(..)) => return vec![Effect::Focus(VERDICT)],
                    Some(_) => {
                        self.notice =
                            "Verify could not be loaded, so nothing was opened: try again";
                    }
                    None => {}
                }
                Vec::new()
            }
        }
    }

    /// Takes one of the messages that are for Verify.
    pub(crate) fn verify(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Route(Route::Shared { content, expected }, _) => {
                self.open_shared(&content, expected)
            }
            Msg::Given(opened) => self.given(opened),
            Msg::ContentSubmitted(text) => self.entered(&text),
            Msg::ExpectedChanged(text) => self.expect(text),
            Msg::ApplyRemedy => self.go_on(),
            Msg::Share => self.share(),
            Msg::Clipboard(text) => self.clipboard(text),
            _ => Vec::new(),
        }
    }

    /// Returns the index of the content that is looked at.
    #[must_use]
    pub fn shown(&self) -> usize {
        match &self.route {
            Route::Inspect(InspectSource::Verify(index), _) => *index,
            _ => 0,
        }
    }

    /// Takes contents that came. What is expected stays, where it was typed on this page.
    fn given(&mut self, opened: Import) -> Vec<Effect> {
        let here = matches!(self.route, Route::Inspect(InspectSource::Verify(_), _));
        let expected = if here {
            self.verify.expected.clone()
        } else {
            String::new()
        };
        Self::push_several(opened, expected)
    }

    /// Goes to Verify with these contents, at the one that a person wants to see first.
    fn push_several(opened: Import, expected: String) -> Vec<Effect> {
        let first = match opened.files.as_slice() {
            [] | [_] => 0,
            files => report(files, &expected, None, None).first(),
        };
        Self::push(opened, expected, first)
    }

    /// Goes to Verify with these contents, at one of them.
    pub(super) fn push(opened: Import, expected: String, first: usize) -> Vec<Effect> {
        let route = Route::Inspect(InspectSource::Verify(first), View::default());
        vec![Effect::PushOpened(
            HistoryEntry::of(opened, expected),
            route,
        )]
    }

    fn entered(&mut self, text: &str) -> Vec<Effect> {
        if text.trim().is_empty() {
            self.notice = "There is nothing to verify yet";
            return vec![Effect::Focus(CONTENT)];
        }
        self.given(Import {
            files: vec![LocalContent::text("The entered text", text)],
            ..Import::default()
        })
    }

    fn clipboard(&mut self, text: Option<String>) -> Vec<Effect> {
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            return self.given(Import {
                files: vec![LocalContent::text("The pasted text", &text)],
                ..Import::default()
            });
        }
        self.notice = "The browser gave no text: paste it with the keyboard";
        vec![Effect::Focus(CONTENT)]
    }

    /// Compares with another digest. The focus stays where somebody types.
    fn expect(&mut self, text: String) -> Vec<Effect> {
        let before = self.verify.read();
        self.verify.expected = text;
        let now = self.verify.read();
        if self.verify.files.is_empty() {
            return self.save_history().into_iter().collect();
        }
        let Some(inspection) = self.inspection.take_if(|_| now != before) else {
            return Vec::new();
        };
        let Some(subject) = self.verify.subject(self.shown()) else {
            return Vec::new();
        };
        let mut effects = self.begin(inspection.asked, inspection.place, subject);
        effects.extend(self.save_history());
        effects
    }

    /// Keeps what is here in the history entry that stands now.
    pub(super) fn save_history(&self) -> Option<Effect> {
        let Verify {
            files,
            expected,
            key,
            left_out,
            ..
        } = &self.verify;
        let (files, expected, key, left_out) = (
            files.clone(),
            expected.clone(),
            key.clone(),
            left_out.clone(),
        );
        let entry = HistoryEntry {
            files: Some(files),
            expected,
            key,
            left_out,
        };
        (!self.verify.gone).then(|| Effect::KeepOpened(entry, self.route.clone()))
    }

    /// Goes on with the bytes, or the digest, that are right.
    fn go_on(&mut self) -> Vec<Effect> {
        let cause = self
            .verify
            .report
            .as_ref()
            .and_then(Report::cause)
            .map(|cause| cause.right.clone());
        let (mut files, mut expected) = (self.verify.files.clone(), self.verify.expected.clone());
        match (cause, files.get_mut(self.shown())) {
            (Some(Remedy::Bytes(right)), Some(given)) => {
                let name = [given.name.as_str(), ", put right"].concat();
                *given = LocalContent::new(name, right, true);
            }
            (Some(Remedy::Digest(digest)), _) => expected = digest.to_string(),
            _ => return Vec::new(),
        }
        Self::push_several(
            Import {
                files,
                left_out: Vec::new(),
            },
            expected,
        )
    }

    /// Makes a link with the content that is looked at and what is expected, and shows it.
    fn share(&mut self) -> Vec<Effect> {
        let Some(given) = self.verify.files.get(self.shown()) else {
            return Vec::new();
        };
        let expected = self.verify.report.as_ref().and_then(Report::asked);
        let expected = expected.map_or_else(String::new, |expected| expected.digest.to_string());
        // Base64 has 4 characters for 3 bytes: what would be far too long is not made.
        let bytes = given.bytes.len();
        let route = |content| Route::Shared { content, expected }.to_string();
        let (text, length) = if bytes <= LINK_CHARACTERS {
            let text = [self.address.as_str(), &route(to_link(&given.bytes))].concat();
            let length = text.len();
            ((length <= LINK_CHARACTERS).then_some(text), length)
        } else {
            (
                None,
                self.address.len()
                    + route(String::new()).len()
                    + "content=&".len()
                    + (bytes * 4).div_ceil(3),
            )
        };
        self.verify.link = Some(Link {
            text,
            length,
            bytes,
        });
        vec![Effect::Show(SHARE)]
    }

    /// Opens a link that somebody shared. The address loses the content; the history entry keeps it.
    fn open_shared(&mut self, content: &str, expected: String) -> Vec<Effect> {
        let mut opened = Import::default();
        match from_link(content) {
            Some(bytes) if !bytes.is_empty() => {
                opened
                    .files
                    .push(LocalContent::new("The shared content", bytes, true));
            }
            Some(_) => {}
            None => {
                let why = "it is not base64url any more: it was cut or changed on its way";
                opened
                    .left_out
                    .push(("The content of this link".into(), why));
            }
        }
        let entry = HistoryEntry::of(opened, expected);
        let route = Route::Inspect(InspectSource::Verify(0), View::default());
        let mut effects = vec![Effect::KeepOpened(entry.clone(), route.clone())];
        effects.extend(self.navigate(route, Some(entry)));
        if self.inspection.is_none() {
            effects.push(Effect::Focus(EXPECTED));
        }
        effects
    }
}
