//! The state of the tab: messages in, effects out.

use waybill_core::digest::Digest;
use waybill_core::workflow::fetch::{Fetch, Generation};
use waybill_core::workflow::related::{self as workflow, Content, Listed, Model, Row, Task};

use super::message::{Effect, Key, Msg, Part, Shown};
use crate::route::{InspectSource, Route, Tab, View};
use crate::shell::Request;

/// Holds what the tab shows. Only [`State::update`] changes it.
#[derive(Debug)]
pub struct State {
    /// Whether the tab is the one that is looked at.
    pub is_shown: bool,
    /// What is looked for; `None` before the tab was shown once.
    pub model: Option<Model>,
    /// The manifests that are open.
    pub open: Vec<Digest>,
    /// What is inspected, as the address names it.
    pub source: InspectSource,
    /// Where in it.
    pub at: View,
    /// Around what to look, until it is shown.
    task: Option<Task>,
    /// What is drawn of documents otherwise than at first.
    drawn: Vec<(Part, Shown)>,
}

impl State {
    /// Makes the state before anything is looked for.
    #[must_use]
    pub fn new(task: Task, source: InspectSource, at: View) -> Self {
        Self {
            is_shown: false,
            model: None,
            open: Vec::new(),
            source,
            at,
            task: Some(task),
            drawn: Vec::new(),
        }
    }

    /// Takes one message and returns the effects to run, in their order.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Shown(is_shown) => {
                self.is_shown = is_shown;
                let task = self.task.take_if(|_| is_shown);
                let Some(task) = task else {
                    return Vec::new();
                };
                let first = task
                    .looked
                    .as_ref()
                    .map(|_| task.subjects[0].digest.clone());
                let (model, effects) = Model::open(task, Generation(1));
                self.model = Some(model);
                let mut effects: Vec<_> = effects.into_iter().map(Effect::Workflow).collect();
                // What is looked at may be an attestation or a chart by itself.
                if let Some(digest) = first {
                    effects.extend(self.tell(workflow::Msg::Open(digest)));
                }
                effects
            }
            Msg::Workflow(msg) => {
                let is_button = matches!(
                    msg,
                    workflow::Msg::Cancel | workflow::Msg::Retry | workflow::Msg::Read { .. }
                );
                let mut effects = self.tell(msg);
                effects.extend(is_button.then_some(Effect::KeepFocus));
                effects
            }
            Msg::Toggle(digest) => self.toggle(digest),
            Msg::Draw(part, shown) => {
                let is_same =
                    |known: &(Part, Shown)| known.0 == part && same_kind(&known.1, &shown);
                // Other rows begin anew.
                let is_behind = |known: &(Part, Shown)| match (&known.1, &shown) {
                    (Shown::Row(table, _), Shown::Filter(filtered, _)) => {
                        known.0 == part && table == filtered
                    }
                    _ => false,
                };
                self.drawn
                    .retain(|known| !is_same(known) && !is_behind(known));
                self.drawn.push((part, shown));
                Vec::new()
            }
            Msg::Save(part, is_inner) => self.save(&part, is_inner).into_iter().collect(),
            Msg::Key(line, key) => self.key(line, key),
            Msg::Action(action) => {
                let host = self.model.as_ref().map(|model| model.place().host.clone());
                let act = host.map(|host| Effect::Request(Request::Act(host, action)));
                act.into_iter().collect()
            }
            Msg::Changed => self.tell(workflow::Msg::Retry),
        }
    }

    fn tell(&mut self, msg: workflow::Msg) -> Vec<Effect> {
        let effects = self.model.as_mut().map(|model| model.update(msg));
        effects
            .into_iter()
            .flatten()
            .map(Effect::Workflow)
            .collect()
    }

    fn toggle(&mut self, digest: Digest) -> Vec<Effect> {
        if let Some(place) = self.open.iter().position(|known| *known == digest) {
            self.open.remove(place);
            return Vec::new();
        }
        self.open.push(digest.clone());
        self.tell(workflow::Msg::Open(digest))
    }

    /// The lines of the tree, section by section, as they are drawn: each with its number.
    #[must_use]
    pub fn lines(&self) -> Vec<(usize, Vec<Row>)> {
        let Some(model) = &self.model else {
            return Vec::new();
        };
        let nodes = model.nodes().iter().enumerate();
        let roots = nodes
            .filter(|(_, node)| node.role.is_some())
            .map(|(place, _)| place);
        roots.map(|root| (root, model.rows(root))).collect()
    }

    fn key(&mut self, line: usize, key: Key) -> Vec<Effect> {
        let rows: Vec<Row> = self
            .lines()
            .into_iter()
            .flat_map(|(_, rows)| rows)
            .collect();
        let Some(row) = rows.get(line) else {
            return Vec::new();
        };
        let last = rows.len() - 1;
        let go = |to: usize| vec![Effect::FocusLine(to)];
        match key {
            Key::Up => go(line.saturating_sub(1)),
            Key::Down => go((line + 1).min(last)),
            Key::Home => go(0),
            Key::End => go(last),
            Key::Left | Key::Right => {
                let digest = self
                    .model
                    .as_ref()
                    .map(|model| model.nodes()[row.node].digest.clone());
                match digest {
                    Some(digest) if self.open.contains(&digest) == (key == Key::Left) => {
                        self.toggle(digest)
                    }
                    _ => Vec::new(),
                }
            }
        }
    }

    /// A document, and what came of it.
    #[must_use]
    pub fn document(&self, part: &Part) -> Option<(Listed<'_>, Option<&Fetch<Content>>)> {
        let model = self.model.as_ref()?;
        let listed = model.node(&part.0)?.documents().into_iter().nth(part.1)?;
        Some((listed, model.content(listed.descriptor)))
    }

    fn save(&self, part: &Part, is_inner: bool) -> Option<Effect> {
        let (listed, content) = self.document(part)?;
        let content = content?.done()?;
        let title = listed
            .descriptor
            .annotation("org.opencontainers.image.title");
        let digest = listed.descriptor.digest.as_ref()?;
        let ending = match content.document.form {
            waybill_core::documents::Form::Json => ".json",
            waybill_core::documents::Form::Text => ".txt",
            waybill_core::documents::Form::Binary => ".bin",
        };
        // A name of a registry's is no way into another folder.
        let is_plain = |name: &&str| {
            let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            !name.starts_with('.')
                && name.len() <= 100
                && !name.is_empty()
                && name.bytes().all(kept)
        };
        let name = title
            .filter(is_plain)
            .filter(|_| !is_inner)
            .map(str::to_owned);
        let inner = if is_inner { "payload-" } else { "" };
        let name = name.unwrap_or_else(|| [inner, digest.short(), ending].concat());
        let bytes = if is_inner {
            content.document.inner.clone()?
        } else {
            content.bytes.clone()
        };
        Some(Effect::Request(Request::Save(name, bytes)))
    }

    /// Whether the bytes of a document are drawn.
    #[must_use]
    pub fn shows_bytes(&self, part: &Part) -> bool {
        self.drawn
            .iter()
            .any(|it| it.0 == *part && it.1 == Shown::Bytes(true))
    }

    /// The line from which on the bytes of a document are drawn.
    #[must_use]
    pub fn line_of(&self, part: &Part) -> usize {
        let of = |it: &(Part, Shown)| match it {
            (known, Shown::Line(line)) if known == part => Some(*line),
            _ => None,
        };
        self.drawn.iter().find_map(of).unwrap_or_default()
    }

    /// The words that rows of a table need, and the first row that is drawn.
    #[must_use]
    pub fn rows_of(&self, part: &Part, table: usize) -> (&str, usize) {
        let own = self.drawn.iter().filter(|it| it.0 == *part);
        let (mut words, mut from) = ("", 0);
        for (_, shown) in own {
            match shown {
                Shown::Filter(of, text) if *of == table => words = text,
                Shown::Row(of, row) if *of == table => from = *row,
                _ => {}
            }
        }
        (words, from)
    }

    /// The address of an entry of the index that is looked at, by its digest.
    #[must_use]
    pub fn entry_address(&self, digest: &Digest) -> String {
        let at = [self.at.at.as_slice(), std::slice::from_ref(digest)].concat();
        Route::at(&self.source, &self.at, &at, Tab::Related)
    }

    /// The address of the manifest so many steps above.
    #[must_use]
    pub fn above_address(&self, steps: usize) -> String {
        let kept = self.at.at.len().saturating_sub(steps);
        Route::at(&self.source, &self.at, &self.at.at[..kept], Tab::Related)
    }
}

fn same_kind(one: &Shown, other: &Shown) -> bool {
    match (one, other) {
        (Shown::Bytes(_), Shown::Bytes(_)) | (Shown::Line(_), Shown::Line(_)) => true,
        (Shown::Filter(one, _), Shown::Filter(other, _))
        | (Shown::Row(one, _), Shown::Row(other, _)) => one == other,
        _ => false,
    }
}
