//! The panel's state: what is checked, with what, and what came of it.

use std::rc::Rc;

use waybill_signatures::{Given, Report, TrustedRoot};

use super::message::{Effect, Msg};
use super::{Asked, Kept};

/// Sigstore's public root: sigstore/root-signing, `targets/trusted_root.json`, last changed on 2025-09-22 (c9bda74), and
/// the newest one on 2026-08-21 (60cf2ce).
const PUBLIC_ROOT: &[u8] = include_bytes!("../../static/sigstore-root.json");

/// What that is called wherever it is named.
pub const PUBLIC_ROOT_NAME: &str = "sigstore's public root of 2025-09-22";

/// How many things may be given.
const FILES: usize = 16;

/// The panel as values.
#[derive(Clone, Debug)]
pub struct State {
    /// What is checked.
    pub asked: Rc<Asked>,
    /// What was given, as it is kept.
    pub kept: Kept,
    /// The same, read.
    pub given: Rc<Given>,
    /// What stands in the box.
    pub typed: String,
    /// Why something that was given was not read.
    pub error: Option<String>,
    /// What came of each signature; empty until the first check is done.
    pub reports: Vec<Report>,
    /// Which check is the newest: what comes of an older one is dropped.
    number: u32,
}

impl State {
    /// Makes a panel with what was given before, and begins to check.
    #[must_use]
    pub fn new(asked: Rc<Asked>, kept: Kept) -> (Self, Vec<Effect>) {
        let mut state = Self {
            asked,
            kept: Kept::default(),
            given: Rc::default(),
            typed: String::new(),
            error: None,
            reports: Vec::new(),
            number: 0,
        };
        for file in kept.files {
            state.take("What was given before", file);
        }
        state.kept.signer = kept.signer;
        if kept.has_public_root {
            state.use_public_root();
        }
        let check = state.check();
        (state, vec![check])
    }

    /// Takes a message, and returns what needs done.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Came(asked) => {
                if asked == self.asked {
                    return Vec::new();
                }
                self.asked = asked;
                self.reports.clear();
                return vec![self.check()];
            }
            Msg::Checked(number, reports) => {
                if number == self.number {
                    self.reports = reports;
                }
                return Vec::new();
            }
            Msg::NotRead(why) => {
                self.error = Some(why);
                return Vec::new();
            }
            Msg::Typed(text) => {
                // Half a key is no error: whoever types or pastes piece by piece is not done.
                if Given::default().add(text.as_bytes()).is_err() {
                    self.typed = text;
                    return Vec::new();
                }
                self.typed.clear();
                self.error = None;
                self.take("The text", Rc::from(text.into_bytes()));
            }
            Msg::Given(files) => {
                self.error = None;
                for (name, bytes) in files {
                    self.take(&name, bytes);
                }
            }
            Msg::UsePublicRoot => {
                self.error = None;
                self.use_public_root();
            }
            Msg::Forget => {
                self.error = None;
                self.typed.clear();
                self.kept = Kept::default();
                self.given = Rc::default();
            }
            Msg::SignerChanged(signer) => self.kept.signer = signer,
        }
        vec![Effect::Keep(self.kept.clone()), self.check()]
    }

    /// Tells whether the panel looks otherwise after a message: not where an older check is done.
    #[must_use]
    pub fn draws(&self, msg: &Msg) -> bool {
        !matches!(msg, Msg::Checked(number, _) if *number != self.number)
    }

    /// Begins a check of all signatures with all that was given.
    fn check(&mut self) -> Effect {
        self.number = self.number.wrapping_add(1);
        let signer = self.kept.signer.trim();
        let mut given = Given::clone(&self.given);
        given.signer = (!signer.is_empty()).then(|| signer.to_owned());
        Effect::Check(self.number, Rc::clone(&self.asked), Rc::new(given))
    }

    fn take(&mut self, name: &str, bytes: Rc<[u8]>) {
        if self.kept.files.len() >= FILES {
            self.error = Some(format!("at most {FILES} keys and certificates are taken"));
            return;
        }
        let mut given = Given::clone(&self.given);
        match given.add(&bytes) {
            Ok(()) => {
                // One root counts: whoever gives another one does not want the public one.
                if given.root != self.given.root {
                    self.kept.has_public_root = false;
                }
                self.given = Rc::new(given);
                self.kept.files.push(bytes);
            }
            Err(error) => self.error = Some(format!("{name}: {error}")),
        }
    }

    fn use_public_root(&mut self) {
        match TrustedRoot::read(PUBLIC_ROOT, PUBLIC_ROOT_NAME) {
            Ok(root) => {
                let mut given = Given::clone(&self.given);
                given.root = Some(root);
                self.given = Rc::new(given);
                self.kept.has_public_root = true;
            }
            Err(error) => self.error = Some(error),
        }
    }
}
