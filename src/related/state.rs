//! The state of the tab: messages in, effects out.

use std::rc::Rc;

use waybill_core::descriptor::Descriptor;
use waybill_core::digest::Digest;
use waybill_core::workflow::fetch::{Fetch, Generation};
use waybill_core::workflow::related::{
    self as workflow, Content, Listed, Model, Related, Row, Task,
};
use waybill_signatures::{Form, Signed, Subject};

use super::message::{Effect, Key, Msg, Part, Search, Shown};
use crate::lazy::LoadError;
use crate::route::{InspectSource, Route, Tab, View};
use crate::shell::Request;
use crate::signatures::{Asked, Draw, Kept};

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
    /// The signatures that are checked.
    pub checking: Option<Checking>,
    /// What checks them, once it came or did not.
    pub panel: Option<Result<Draw, LoadError>>,
    /// What somebody gave to check signatures with.
    pub kept: Kept,
    /// Around what to look, until it is shown.
    task: Option<Task>,
    /// What is drawn of documents otherwise than at first.
    drawn: Vec<(Part, Shown)>,
    /// What is searched for in their tables.
    searched: Vec<Searched>,
}

/// How many rows are searched at once: of 100,000 so many take 20 ms, and the page has a turn behind them.
const ROWS_SEARCHED: usize = 5_000;

/// A search, as far as it went.
#[derive(Clone, Debug)]
pub struct Searched {
    search: Search,
    /// The rows that were found.
    pub rows: Vec<usize>,
    /// How many were looked at.
    looked: usize,
    /// Whether that is all of them.
    pub is_done: bool,
}

/// The signatures of a manifest that are checked.
#[derive(Clone, Debug)]
pub struct Checking {
    /// The manifest that holds them.
    pub manifest: Digest,
    /// The place of what they have to be of.
    pub parent: usize,
    /// What the panel checks.
    pub asked: Rc<Asked>,
}

impl State {
    /// Makes the state before anything is looked for.
    #[must_use]
    pub fn new(task: Task, source: InspectSource, at: View, kept: Kept) -> Self {
        Self {
            is_shown: false,
            model: None,
            open: Vec::new(),
            checking: None,
            panel: None,
            kept,
            source,
            at,
            task: Some(task),
            drawn: Vec::new(),
            searched: Vec::new(),
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
                self.drawn.push((part.clone(), shown.clone()));
                match shown {
                    Shown::Filter(table, words) => self.begin_search(part, table, words),
                    Shown::Bytes(_) | Shown::Line(_) | Shown::Row(..) => Vec::new(),
                }
            }
            Msg::Search(search) => self.search(&search),
            Msg::Save(part, is_inner) => self.save(&part, is_inner).into_iter().collect(),
            Msg::Check(manifest, parent) => match self.long_of(&manifest) {
                long if long.is_empty() => self.check(manifest, parent, &[]),
                long => vec![Effect::Bring(manifest, parent, long)],
            },
            Msg::Brought(manifest, parent, brought) => self.check(manifest, parent, &brought),
            Msg::StopChecking => {
                self.checking = None;
                vec![Effect::KeepFocus]
            }
            Msg::PanelCame(panel) => {
                self.panel = Some(panel);
                Vec::new()
            }
            Msg::Keep(kept) => {
                self.kept = kept.clone();
                vec![Effect::Keep(kept)]
            }
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

    /// The signed documents of a manifest of which the page has the beginning alone.
    fn long_of(&self, manifest: &Digest) -> Vec<Digest> {
        let Some((model, node)) = self
            .model
            .as_ref()
            .and_then(|it| Some((it, it.node(manifest)?)))
        else {
            return Vec::new();
        };
        let listed = node.documents().into_iter().map(|listed| listed.descriptor);
        let signed = listed.filter(|listed| form(listed).is_some());
        let is_long = |listed: &&Descriptor| {
            let content = model.content(listed).and_then(Fetch::done);
            content.is_some_and(|content| !content.is_whole())
        };
        let long = signed.filter(is_long);
        long.filter_map(|listed| listed.digest.clone()).collect()
    }

    /// Has the signatures of a manifest checked: one manifest at a time, since the panel takes what is pasted. The bytes
    /// of long documents were brought.
    fn check(
        &mut self,
        manifest: Digest,
        parent: usize,
        brought: &[(Digest, Vec<u8>)],
    ) -> Vec<Effect> {
        let asked = self
            .model
            .as_ref()
            .and_then(|model| asked(model, &manifest, parent, &self.source, brought));
        let Some(asked) = asked else {
            return Vec::new();
        };
        self.checking = Some(Checking {
            manifest,
            parent,
            asked: Rc::new(asked),
        });
        if matches!(self.panel, Some(Ok(_))) {
            return Vec::new();
        }
        self.panel = None;
        vec![Effect::LoadPanel]
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

    /// Begins a search, in place of another one in that table.
    fn begin_search(&mut self, part: Part, table: usize, words: String) -> Vec<Effect> {
        let is_there = |known: &Searched| known.search.part == part && known.search.table == table;
        self.searched.retain(|known| !is_there(known));
        if words.is_empty() {
            return Vec::new();
        }
        let search = Search { part, table, words };
        self.searched.push(Searched {
            search: search.clone(),
            rows: Vec::new(),
            looked: 0,
            is_done: false,
        });
        self.search(&search)
    }

    /// Searches the next rows.
    fn search(&mut self, search: &Search) -> Vec<Effect> {
        let Some(place) = self
            .searched
            .iter()
            .position(|known| known.search == *search)
        else {
            return Vec::new();
        };
        let content = self
            .document(&search.part)
            .and_then(|(_, content)| content?.done());
        let Some(table) = content.and_then(|content| content.document.tables.get(search.table))
        else {
            return Vec::new();
        };
        let from = self.searched[place].looked;
        let to = table.rows.len().min(from + ROWS_SEARCHED);
        let (rows, is_done) = (
            table.search(&search.words, from..to),
            to == table.rows.len(),
        );
        let searched = &mut self.searched[place];
        searched.rows.extend(rows);
        (searched.looked, searched.is_done) = (to, is_done);
        (!is_done)
            .then(|| Effect::GoOn(search.clone()))
            .into_iter()
            .collect()
    }

    /// What was found in a table of a document; `None` where nothing is searched for.
    #[must_use]
    pub fn found_in(&self, part: &Part, table: usize) -> Option<&Searched> {
        let is_there =
            |known: &&Searched| known.search.part == *part && known.search.table == table;
        self.searched.iter().find(is_there)
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
        if !content.is_whole() {
            return Some(Effect::SaveLong(digest.clone(), is_inner, name));
        }
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

/// The form of the signature that a document is, as its descriptor says; `None` where it is none that is read here.
#[must_use]
pub(super) fn form(listed: &Descriptor) -> Option<Form> {
    let media_type = listed.media_type.as_ref()?;
    Form::of_media_type(&media_type.as_str().to_ascii_lowercase())
}

/// What is checked of a manifest: its signatures that came, against what it was found under; one that is looked at by
/// itself against what it says that it is of.
fn asked(
    model: &Model,
    manifest: &Digest,
    parent: usize,
    source: &InspectSource,
    brought: &[(Digest, Vec<u8>)],
) -> Option<Asked> {
    let node = model.node(manifest)?;
    let of_manifest = node.annotations();
    let signed = node.documents().into_iter().filter_map(|listed| {
        let content = model.content(listed.descriptor)?.done()?;
        let of_layer = &listed.descriptor.annotations;
        let pairs = of_layer
            .iter()
            .chain(of_manifest.iter().flat_map(|all| all.iter()));
        let digest = listed.descriptor.digest.clone()?;
        let brought = brought.iter().find(|(known, _)| *known == digest);
        Some(Signed {
            form: form(listed.descriptor)?,
            bytes: brought.map_or_else(|| content.bytes.to_vec(), |(_, bytes)| bytes.clone()),
            digest,
            size: listed.descriptor.size.unwrap_or(content.size),
            annotations: pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        })
    });
    let parent = model.nodes().get(parent)?;
    let is_itself = parent.digest == *manifest;
    let subject = if is_itself {
        let named = node.subject()?;
        Subject {
            digest: named.digest.clone()?,
            size: named.size?,
            media_type: media_type(named),
            bytes: Vec::new(),
        }
    } else {
        subject_of(parent)
    };
    // What was found under an attestation is of that, and nobody looks at an image then.
    let looked = model
        .nodes()
        .first()
        .filter(|_| parent.role.is_some() && !is_itself);
    Some(Asked {
        signed: signed.collect(),
        looked_at: looked
            .filter(|looked| looked.digest != subject.digest)
            .map(subject_of),
        subject,
        reference: match source {
            // Of plain http only the address says so: what was signed names no scheme.
            InspectSource::Reference(text) => {
                Some(text.strip_prefix("http://").unwrap_or(text).to_owned())
            }
            InspectSource::Example(_) | InspectSource::Verify(_) => None,
        },
    })
}

fn subject_of(node: &Related) -> Subject {
    let bytes = node.bytes().map_or_else(Vec::new, |bytes| bytes.to_vec());
    Subject {
        digest: node.digest.clone(),
        size: node.descriptor.size.unwrap_or(bytes.len() as u64),
        media_type: media_type(&node.descriptor),
        bytes,
    }
}

fn media_type(descriptor: &Descriptor) -> String {
    let media_type = descriptor.media_type.as_ref();
    media_type.map_or_else(String::new, |it| it.as_str().to_owned())
}
