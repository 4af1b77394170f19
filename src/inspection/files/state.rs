//! The state of the files: messages in, effects out.

use std::collections::BTreeSet;
use std::rc::Rc;

use waybill_blobs::extract::Extracted;
use waybill_blobs::files::{Answer, Ask, Details, Query, Row, Rows as Answered, Which, typeable};
use waybill_blobs::finding::Told;
use waybill_blobs::listing::Kind;
use waybill_blobs::toc::Proof;
use waybill_core::digest::Digest;
use waybill_core::lenient::is_hidden;

use super::address::Place;
use super::content::{self, Encoding, Shown};
use super::message::{ContentTold, Effect, Key, LayerTold, Msg, Scroll, TableTold, WantedLayer};
use super::rows::Rows;
use super::tables::{TableState, Tables};
use super::{Read, Subject, SubjectLayer};
use crate::shell::Request;

/// The largest file that is opened in place, in bytes (8 MiB).
pub const OPENED: u64 = 8 << 20;

/// How many contents of files are kept, so that going to and fro between them reads nothing again.
const RECENT: usize = 4;

/// The id of what has the rows.
pub const ROWS: &str = "file-rows";

/// Holds the files of one image. Only [`State::update`] changes it.
#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own"
)]
pub struct State {
    /// The image.
    pub subject: Rc<Subject>,
    /// Whether the files are what is looked at.
    pub is_shown: bool,
    /// How far they are.
    pub phase: Phase,
    /// What is looked at among them.
    pub place: Place,
    /// The path as it is typed.
    pub typed: String,
    /// Whether the path that was wanted is not there.
    pub is_missing: bool,
    /// The rows that came last.
    pub answered: Answered,
    /// The row that is chosen.
    pub active: Option<u32>,
    /// What is known of it.
    pub details: Option<Box<Details>>,
    /// The content of the file that was opened.
    pub content: Option<Content>,
    /// What is not as it should be of what was read.
    pub warnings: Vec<String>,
    /// The tables of contents of the layers.
    pub tables: Tables,
    /// The layers that were read, for these files or before.
    pub read: Vec<(WantedLayer, Read)>,
    /// Whether this browser writes a file to the disk piece by piece; else it gathers it first.
    pub is_streamed: bool,
    /// What the image wastes.
    pub waste: Option<Box<waybill_blobs::files::Waste>>,
    scroll: Scroll,
    opened: BTreeSet<u32>,
    /// The number of the last question.
    number: u32,
    /// The question for rows that is not answered yet, and whether another one waits for the answer.
    asked_rows: Option<u32>,
    is_stale: bool,
    /// The question for details that is not answered yet.
    asked_entry: Option<u32>,
    /// What is to be revealed with the next rows.
    reveal: Option<Which>,
    /// The row to choose once it comes.
    coming: Option<u32>,
    /// Whether Enter was pressed on what is chosen before it was known.
    is_entered: bool,
    /// Whether the rows that are on their way move those below a folder, or what is chosen; and the keys since.
    is_moving: bool,
    ahead: Vec<Key>,
    /// Whether the next place is a new one in the history.
    is_step: bool,
    /// The contents that were opened last, the newest at the end.
    recent: Vec<(Source, Extracted, Rc<[u8]>)>,
}

/// Where the content of a file comes from: a layer, and where the header of its entry stands in it.
pub type Source = (Digest, u64);

/// How far the files are.
#[derive(Debug)]
pub enum Phase {
    /// Nobody asked for them.
    Closed,
    /// The layers are read.
    Reading(Vec<LayerReading>),
    /// The worker makes a tree of them.
    Opening,
    /// They can be looked at.
    Open,
    /// The worker does not come, or stopped: why.
    Failed(String),
}

/// A layer that is read.
#[derive(Debug)]
pub struct LayerReading {
    /// Which.
    pub wanted: WantedLayer,
    /// Its place among those that are wanted.
    pub place: usize,
    /// Whether it was read before.
    pub was_read: bool,
    /// How many bytes came.
    pub received: u64,
    /// How far it is.
    pub state: LayerState,
}

/// How far a layer is.
#[derive(Debug)]
pub enum LayerState {
    /// Its table of contents is fetched instead.
    Table,
    /// It is listed from that.
    Listed,
    /// It is read.
    Running,
    /// It unpacks to more than is expected: shall it go on?
    Asks,
    /// It cannot be read: why, and whether it can go on.
    Failed(String, bool),
    /// It is whole.
    Done(Read),
}

/// What is read of the layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Nothing: all of them were read.
    Known,
    /// Those that were not read yet, and all tables of contents.
    Whole,
    /// The same, and again those of which no contents were hashed.
    Contents,
    /// Tables of contents, and those layers that have none and were not read yet.
    Tables,
}

/// What it costs to read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// Its chunks alone.
    Chunks,
    /// Nothing, or nobody can say.
    Nothing,
    /// So many bytes of its layer, which has so many: compressed evenly it would be.
    About(u64, u64),
    /// Not more than all of its layer, which has so many bytes.
    AtMost(u64),
}

/// The content of a file.
#[derive(Debug)]
pub struct Content {
    /// Its path.
    pub path: String,
    /// Where it comes from.
    pub source: Source,
    /// How far it is.
    pub state: ContentState,
}

/// How far the content of a file is.
#[derive(Debug)]
pub enum ContentState {
    /// So many bytes of its layer came.
    Reading(u64),
    /// It is not: why.
    Failed(String),
    /// It was saved.
    Saved(Saved),
    /// It is here.
    Here(Here),
}

/// The content of a file that was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Its digest.
    pub digest: Digest,
    /// Whether that is the digest it had when the layer was read; `None` where none was computed then.
    pub is_same: Option<bool>,
    /// What it was held against, where it came by its chunks.
    pub proof: Option<Proof>,
}

/// The content of a file that is here.
#[derive(Debug)]
pub struct Here {
    /// The bytes.
    pub bytes: Rc<[u8]>,
    /// Their digest.
    pub digest: Digest,
    /// Whether that is the digest it had when the layer was read; `None` where none was computed then.
    pub is_same: Option<bool>,
    /// What it was held against, where it came by its chunks.
    pub proof: Option<Proof>,
    /// What it is shown as.
    pub shown: Shown,
    /// The encoding of its text.
    pub encoding: Encoding,
    /// Where its lines begin.
    pub lines: Vec<usize>,
    /// The first line that is drawn.
    pub from: usize,
    /// An address that holds its picture.
    pub picture: Option<String>,
}

impl State {
    /// Of an image whose files nobody asked for.
    #[must_use]
    pub fn new(subject: Rc<Subject>) -> Self {
        Self {
            subject,
            is_shown: false,
            phase: Phase::Closed,
            place: Place::default(),
            typed: String::new(),
            is_missing: false,
            answered: Answered::default(),
            active: None,
            details: None,
            content: None,
            warnings: Vec::new(),
            tables: Tables::default(),
            waste: None,
            scroll: Scroll::default(),
            opened: BTreeSet::new(),
            number: 0,
            asked_rows: None,
            is_stale: false,
            asked_entry: None,
            reveal: None,
            coming: None,
            is_entered: false,
            is_moving: false,
            ahead: Vec::new(),
            is_step: false,
            read: Vec::new(),
            is_streamed: false,
            recent: Vec::new(),
        }
    }

    /// Where the rows stand.
    #[must_use]
    pub fn rows(&self) -> Rows {
        Rows {
            total: self.answered.total,
            scroll: self.scroll,
        }
    }

    /// The row of that number, where it came.
    #[must_use]
    pub fn row(&self, number: u32) -> Option<&Row> {
        let at = number.checked_sub(self.answered.from)?;
        self.answered.rows.get(at as usize)
    }

    /// Tells whether rows are what was found, each with its path, rather than a tree.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.place.filter.is_some() || !self.place.search.trim().is_empty()
    }

    /// Tells whether it looks otherwise after a message.
    #[must_use]
    pub fn draws(&self, msg: &Msg) -> bool {
        match msg {
            Msg::Scrolled(scroll) => {
                let after = Rows {
                    scroll: *scroll,
                    ..self.rows()
                };
                after.drawn() != self.rows().drawn()
            }
            _ => true,
        }
    }

    /// Takes one message and returns the effects to run, in their order.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Came(text, is_shown) => return self.came(text.as_deref(), is_shown),
            Msg::Read => return self.read(Way::Whole),
            Msg::ReadContents => return self.read(Way::Contents),
            Msg::List => return self.read(Way::Tables),
            Msg::Table(number, told) => return self.table_told(number, told),
            Msg::Compared(layer, differences, left_out) => {
                let layer = self.subject.layers.get(layer as usize);
                let digest = layer.and_then(|layer| layer.digest.as_ref());
                if let Some(known) = digest.and_then(|digest| self.tables.of_mut(digest)) {
                    known.compared = Some((differences, left_out));
                }
            }
            Msg::Cancel => {
                self.phase = Phase::Closed;
                self.tables.stop();
                return vec![Effect::StopReading];
            }
            Msg::GoOn(layer) => return self.go_on(layer),
            Msg::ListWhatCame => return self.open(),
            Msg::Told(layer, told) => return self.told(layer, told),
            Msg::Opened(left_out) => return self.opened(&left_out),
            Msg::Unreadable(layer) => {
                let words = format!("Layer {} is not shown: its list is broken.", layer + 1);
                self.warnings.push(words);
            }
            Msg::Failed(why) => {
                self.phase = Phase::Failed(why);
                self.tables.forget();
            }
            Msg::Answered(number, answer) => return self.answered(number, answer),
            Msg::Look(look) => {
                let path = self.place.path.clone();
                return self.go(
                    Place {
                        look,
                        path,
                        ..self.place.clone()
                    },
                    true,
                );
            }
            Msg::Typed(search) => {
                return self.go(
                    Place {
                        search,
                        ..self.place.clone()
                    },
                    false,
                );
            }
            Msg::Filter(filter) => {
                let is_on = self.place.filter == Some(filter);
                let filter = (!is_on).then_some(filter);
                return self.go(
                    Place {
                        filter,
                        ..self.place.clone()
                    },
                    true,
                );
            }
            Msg::Sort(sort) => {
                return self.go(
                    Place {
                        sort,
                        ..self.place.clone()
                    },
                    false,
                );
            }
            Msg::PathTyped(path) => self.typed = path,
            Msg::PathSubmitted => {
                let path = ["/", self.typed.trim().trim_matches('/')].concat();
                return self.go_to(path);
            }
            Msg::Go(path) => return self.go_to(path),
            Msg::GoIn(look, path) => {
                let place = Place {
                    look,
                    path: Some(path),
                    ..Place::default()
                };
                return self.go(place, true);
            }
            Msg::Scrolled(scroll) => {
                self.scroll = scroll;
                return self.ask_for_view();
            }
            Msg::Key(key) => return self.key(key),
            Msg::Pressed(row) => {
                self.is_step = true;
                self.is_entered = false;
                return self.choose(row);
            }
            Msg::Toggle(row) => return self.toggle(row),
            Msg::Open => return self.open_file(false),
            Msg::Save => return self.save(),
            Msg::Show(shown) => return self.show(shown),
            Msg::ShowFrom(line) => {
                if let Some(here) = self.here() {
                    here.from = line;
                }
            }
            Msg::Close => {
                self.content = None;
                return vec![Effect::StopExtracting, focus()];
            }
            Msg::Content(told) => return self.content_told(told),
            Msg::Picture(address) => {
                if let Some(here) = self.here() {
                    here.picture = Some(address);
                }
            }
        }
        Vec::new()
    }

    fn came(&mut self, text: Option<&str>, is_shown: bool) -> Vec<Effect> {
        let was_shown = std::mem::replace(&mut self.is_shown, is_shown);
        if !is_shown {
            return Vec::new();
        }
        let mut effects = self.place_came(text, was_shown);
        // It costs nothing.
        if matches!(self.phase, Phase::Closed) && self.to_read().is_empty() {
            effects.extend(self.read(Way::Known));
        }
        effects
    }

    fn place_came(&mut self, text: Option<&str>, was_shown: bool) -> Vec<Effect> {
        match text {
            Some(text) => {
                let place = Place::read(text);
                if place == self.place {
                    return Vec::new();
                }
                self.put(place)
            }
            None if was_shown => self.put(Place::default()),
            // Who comes back to the tab finds it as it was left.
            None if self.place == Place::default() => Vec::new(),
            None => vec![Effect::Address(self.place.clone(), false)],
        }
    }

    /// What is known of a layer that was read.
    fn known(&self, digest: &Digest) -> Option<&Read> {
        let here = self.read.iter().find(|(layer, _)| layer.digest == *digest);
        here.map(|(_, read)| read)
            .or_else(|| self.subject.read(digest))
    }

    /// Lists the layers that were not read yet.
    #[must_use]
    pub fn to_read(&self) -> Vec<WantedLayer> {
        let mut wanted = self.subject.wanted();
        wanted.retain(|layer| self.known(&layer.digest).is_none());
        wanted
    }

    /// Lists the layers that are shown, and of which the contents of files were not hashed.
    #[must_use]
    pub fn without_contents(&self) -> Vec<&WantedLayer> {
        let read = self.read.iter();
        let without = read.filter(|(_, read)| read.is_listed && !read.has_contents);
        without.map(|(layer, _)| layer).collect()
    }

    /// Reads what that way takes, and opens it once it is here.
    fn read(&mut self, way: Way) -> Vec<Effect> {
        self.tables.announce(&self.subject);
        let asked = if way == Way::Known {
            Vec::new()
        } else {
            self.tables.ask()
        };
        let reading = |(place, wanted): (usize, WantedLayer)| {
            let known = self.known(&wanted.digest);
            let known = known.filter(|read| read.has_contents || way != Way::Contents);
            let table = self.tables.of(&wanted.digest);
            let table = table
                .filter(|_| way == Way::Tables)
                .map(|table| &table.state);
            LayerReading {
                place,
                was_read: known.is_some(),
                received: 0,
                state: match (known, table) {
                    (Some(read), _) => LayerState::Done(read.clone()),
                    (None, Some(TableState::Sealed(_))) => LayerState::Listed,
                    (None, Some(TableState::Coming)) => LayerState::Table,
                    (None, _) => LayerState::Running,
                },
                wanted,
            }
        };
        let layers = self.subject.wanted().into_iter().enumerate();
        let layers: Vec<_> = layers.map(reading).collect();
        if layers.is_empty() {
            return Vec::new();
        }
        let to_read = layers.iter();
        let to_read = to_read.filter(|layer| matches!(layer.state, LayerState::Running));
        let to_read: Vec<_> = to_read
            .map(|layer| (layer.place, layer.wanted.clone()))
            .collect();
        self.phase = Phase::Reading(layers);
        let mut effects = Vec::new();
        if !to_read.is_empty() {
            effects.push(Effect::Read(to_read));
        }
        if !asked.is_empty() {
            effects.push(Effect::ReadTables(asked));
        }
        effects.extend(self.open_if_all_came());
        effects
    }

    /// Takes what came of a table. Where it cannot be used, its layer is read whole.
    fn table_told(&mut self, number: u32, told: TableTold) -> Vec<Effect> {
        let Some(known) = self.tables.numbered(number) else {
            return Vec::new();
        };
        let is_sealed = matches!(told, TableTold::Sealed(_));
        known.state = match told {
            TableTold::Sealed(seal) => TableState::Sealed(seal),
            TableTold::Failed(why) => TableState::Failed(why),
        };
        let mut effects = Vec::new();
        if let Phase::Reading(layers) = &mut self.phase
            && let Some(reading) = layers.get_mut(number as usize)
            && matches!(reading.state, LayerState::Table)
        {
            if is_sealed {
                reading.state = LayerState::Listed;
            } else {
                reading.state = LayerState::Running;
                let whole = (number as usize, reading.wanted.clone());
                effects.push(Effect::Read(vec![whole]));
            }
        }
        effects.extend(self.open_if_all_came());
        effects
    }

    /// Opens what was read once all of it is here, and all tables that are compared with it.
    fn open_if_all_came(&mut self) -> Vec<Effect> {
        let Phase::Reading(layers) = &self.phase else {
            return Vec::new();
        };
        let is_done =
            |layer: &LayerReading| matches!(layer.state, LayerState::Done(..) | LayerState::Listed);
        if layers.iter().all(is_done) && !self.tables.is_coming() {
            self.open()
        } else {
            Vec::new()
        }
    }

    fn told(&mut self, layer: usize, told: LayerTold) -> Vec<Effect> {
        let Phase::Reading(layers) = &mut self.phase else {
            return Vec::new();
        };
        let Some(reading) = layers.get_mut(layer) else {
            return Vec::new();
        };
        match told {
            LayerTold::Progress(received) => {
                reading.received = received;
                reading.state = LayerState::Running;
            }
            LayerTold::Asks => reading.state = LayerState::Asks,
            LayerTold::Failed(why, goes_on) => reading.state = LayerState::Failed(why, goes_on),
            LayerTold::Done(read) => {
                let wanted = reading.wanted.clone();
                reading.state = LayerState::Done(read.clone());
                self.read.retain(|(known, _)| *known != wanted);
                self.read.push((wanted, read));
            }
        }
        self.open_if_all_came()
    }

    fn go_on(&mut self, layer: usize) -> Vec<Effect> {
        let Phase::Reading(layers) = &mut self.phase else {
            return Vec::new();
        };
        let Some(reading) = layers.get_mut(layer) else {
            return Vec::new();
        };
        match std::mem::replace(&mut reading.state, LayerState::Running) {
            LayerState::Asks => vec![Effect::Answer(layer)],
            LayerState::Failed(_, true) => vec![Effect::GoOn(layer)],
            other => {
                reading.state = other;
                Vec::new()
            }
        }
    }

    /// Opens what was read, as far as it came.
    fn open(&mut self) -> Vec<Effect> {
        let Phase::Reading(layers) = &self.phase else {
            return Vec::new();
        };
        let read = layers.iter().filter_map(|layer| match &layer.state {
            LayerState::Done(read) => Some((layer.wanted.clone(), read.clone())),
            LayerState::Table
            | LayerState::Listed
            | LayerState::Running
            | LayerState::Asks
            | LayerState::Failed(..) => None,
        });
        let read = read.collect();
        self.warnings = self.warnings(layers);
        self.read = read;
        let listing = |digest: &Digest| {
            let known = self
                .read
                .iter()
                .find(|(layer, _)| layer.digest == *digest)?;
            known.1.is_listed.then(|| digest.clone())
        };
        let all = self.subject.layers.iter();
        let listings = all
            .clone()
            .map(|layer| layer.digest.as_ref().and_then(listing))
            .collect();
        for layer in layers {
            if let Some(known) = self.tables.of_mut(&layer.wanted.digest) {
                known.is_listed = matches!(layer.state, LayerState::Listed);
                known.compared = None;
            }
        }
        self.tables.stop();
        let table = |(layer, index): (&SubjectLayer, u32)| {
            let known = self.tables.of(layer.digest.as_ref()?)?;
            matches!(known.state, TableState::Sealed(_)).then_some((index, known.number))
        };
        let tables = all.zip(0..).filter_map(table).collect();
        self.phase = Phase::Opening;
        vec![Effect::StopReading, Effect::OpenListings(listings, tables)]
    }

    /// Says what is not as it should be of what was read.
    fn warnings(&self, layers: &[LayerReading]) -> Vec<String> {
        let mut warnings = Vec::new();
        for (number, layer) in (1..).zip(&self.subject.layers) {
            if let Some(why) = &layer.left {
                warnings.push(format!("Layer {number} is not shown: {why}"));
                continue;
            }
            let named = layer.digest.as_ref();
            let read = layers
                .iter()
                .find(|read| Some(&read.wanted.digest) == named);
            let read = read.map(|read| &read.state);
            if let Some(LayerState::Done(read)) = read {
                let words = |fault: &String| format!("Layer {number}: {fault}.");
                warnings.extend(read.faults.iter().map(words));
            }
            match read {
                Some(LayerState::Done(read)) if Some(&read.digest) != named => warnings.push(format!(
                    "Layer {number} is not the one that the manifest names: its bytes hash to {}. What is shown is \
                        what came.",
                    read.digest
                )),
                Some(LayerState::Done(read)) if !read.is_listed => {
                    warnings.push(format!("Layer {number} is not shown: it is no archive that can be listed."));
                }
                Some(LayerState::Done(..) | LayerState::Listed) => {}
                Some(LayerState::Table | LayerState::Running | LayerState::Asks | LayerState::Failed(..)) | None => warnings
                    .push(format!("Layer {number} is not shown, since it did not come: what is below it may look otherwise.")),
            }
        }
        warnings
    }

    fn opened(&mut self, left_out: &[Told]) -> Vec<Effect> {
        self.phase = Phase::Open;
        let words = |told: &Told| format!("Layer {}: {}.", told.layer + 1, told.message);
        self.warnings.extend(left_out.iter().map(words));
        let mut effects = self.put(self.place.clone());
        self.number += 1;
        effects.push(Effect::Ask(self.number, Ask::Waste));
        effects.push(focus());
        effects
    }

    /// Goes to a path in this look; where a list would not show it, the tree does.
    fn go_to(&mut self, path: String) -> Vec<Effect> {
        let path = (path.len() > 1).then_some(path);
        let place = Place {
            look: self.place.look,
            sort: self.place.sort,
            path,
            ..Place::default()
        };
        self.go(place, true)
    }

    /// Goes to a place, and puts it into the address.
    fn go(&mut self, place: Place, is_step: bool) -> Vec<Effect> {
        if place == self.place {
            self.is_missing = false;
            return Vec::new();
        }
        let mut effects = self.put(place);
        effects.push(Effect::Address(self.place.clone(), is_step));
        effects
    }

    /// Shows a place.
    fn put(&mut self, place: Place) -> Vec<Effect> {
        if place.look != self.place.look {
            self.opened.clear();
        }
        let is_moved = place.path != self.place.path || place.look != self.place.look;
        self.typed = place.path.as_deref().map(typeable).unwrap_or_default();
        self.place = place;
        self.active = None;
        self.coming = None;
        self.is_entered = false;
        self.is_moving = false;
        self.ahead.clear();
        self.is_missing = false;
        if !matches!(self.phase, Phase::Open) {
            return Vec::new();
        }
        self.reveal = self.place.path.clone().map(Which::Path);
        let mut effects = self.ask_rows();
        match &self.place.path {
            Some(path) if is_moved || self.details.is_none() => {
                effects.push(self.ask_entry(Which::Path(path.clone())));
            }
            Some(_) => {}
            None => {
                self.details = None;
                self.asked_entry = None;
                effects.extend(self.leave_content());
            }
        }
        if self.reveal.is_none() {
            effects.push(Effect::ScrollTo(0.0));
        }
        effects
    }

    fn ask_entry(&mut self, which: Which) -> Effect {
        self.number += 1;
        self.asked_entry = Some(self.number);
        Effect::Ask(self.number, Ask::Entry(self.place.look, which))
    }

    /// Asks for the rows in view; after the answer where a question is open.
    fn ask_rows(&mut self) -> Vec<Effect> {
        if self.asked_rows.is_some() {
            self.is_stale = true;
            return Vec::new();
        }
        self.is_stale = false;
        self.number += 1;
        self.asked_rows = Some(self.number);
        let asked = self.rows().asked();
        let query = Query {
            look: self.place.look,
            search: self.place.search.clone(),
            filter: self.place.filter,
            sort: self.place.sort,
            opened: self.opened.iter().copied().collect(),
            reveal: self.reveal.take(),
            from: asked.start,
            count: asked.end - asked.start,
        };
        vec![Effect::Ask(self.number, Ask::Rows(query))]
    }

    /// Asks for rows where some in view are not here.
    fn ask_for_view(&mut self) -> Vec<Effect> {
        let drawn = self.rows().drawn();
        let end = self.answered.from as usize + self.answered.rows.len();
        let is_here = self.answered.from <= drawn.start && drawn.end as usize <= end;
        if is_here || !matches!(self.phase, Phase::Open) {
            return Vec::new();
        }
        self.ask_rows()
    }

    fn answered(&mut self, number: u32, answer: Answer) -> Vec<Effect> {
        match answer {
            Answer::Rows(rows) if self.asked_rows == Some(number) => {
                self.asked_rows = None;
                self.is_moving &= self.is_stale;
                let mut effects = self.take_rows(rows);
                if !self.is_moving {
                    for key in std::mem::take(&mut self.ahead) {
                        effects.extend(self.key(key));
                    }
                }
                effects
            }
            Answer::Entry(details) if self.asked_entry == Some(number) => {
                self.asked_entry = None;
                self.take_details(details)
            }
            Answer::Waste(waste) => {
                self.waste = Some(waste);
                Vec::new()
            }
            // Something else is wanted by now; and what is found stands beside the rows.
            Answer::Rows(_) | Answer::Entry(_) | Answer::Findings(_) => Vec::new(),
        }
    }

    fn take_rows(&mut self, rows: Answered) -> Vec<Effect> {
        self.opened.extend(&rows.opened);
        self.answered = rows;
        let mut effects = Vec::new();
        if let Some((row, _)) = self.answered.revealed
            && !self.is_stale
        {
            self.active = Some(row);
            if self.details.is_none() && self.asked_entry.is_none() {
                effects.extend(self.choose(row));
            }
            if let Some(top) = self.rows().to_see(row) {
                // The rows there are what came; scrolling asks for what is missing.
                effects.push(Effect::ScrollTo(top));
                return effects;
            }
        }
        if self.is_stale {
            effects.extend(self.ask_rows());
            return effects;
        }
        if let Some(row) = self.coming.take()
            && self.row(row).is_some()
        {
            effects.extend(self.choose(row));
        }
        effects.extend(self.ask_for_view());
        effects
    }

    fn take_details(&mut self, details: Option<Box<Details>>) -> Vec<Effect> {
        let is_step = std::mem::take(&mut self.is_step);
        let mut effects = Vec::new();
        let before = self.details.as_ref().map(|details| details.entry);
        if before != details.as_ref().map(|details| details.entry) {
            effects.extend(self.leave_content());
        }
        self.is_missing = details.is_none() && self.place.path.is_some();
        self.details = details;
        if let Some(details) = &self.details {
            self.typed = typeable(&details.path);
            if self.place.path.as_ref() != Some(&details.path) {
                self.place.path = Some(details.path.clone());
                effects.push(Effect::Address(self.place.clone(), is_step));
            }
        }
        if self.is_entered {
            effects.extend(self.key(Key::Enter));
        }
        effects
    }

    fn leave_content(&mut self) -> Option<Effect> {
        let content = self.content.take()?;
        matches!(content.state, ContentState::Reading(_)).then_some(Effect::StopExtracting)
    }

    /// Chooses a row; once it comes, where it is not here.
    fn choose(&mut self, row: u32) -> Vec<Effect> {
        let mut effects: Vec<_> = self
            .rows()
            .to_see(row)
            .map(Effect::ScrollTo)
            .into_iter()
            .collect();
        self.active = Some(row);
        match self.row(row).map(|row| row.node) {
            Some(node) => {
                let is_here = self
                    .details
                    .as_ref()
                    .is_some_and(|details| details.node == node);
                if !is_here || self.asked_entry.is_some() {
                    effects.push(self.ask_entry(Which::Node(node)));
                }
            }
            None => self.coming = Some(row),
        }
        effects
    }

    fn toggle(&mut self, row: u32) -> Vec<Effect> {
        let Some((node, is_open)) = self.row(row).and_then(|row| Some((row.node, row.is_open?)))
        else {
            return Vec::new();
        };
        if is_open {
            self.opened.remove(&node);
        } else {
            self.opened.insert(node);
        }
        self.reveal = None;
        self.is_moving = true;
        let mut effects = self.choose(row);
        effects.extend(self.ask_rows());
        effects
    }

    fn key(&mut self, key: Key) -> Vec<Effect> {
        if self.is_moving {
            self.ahead.push(key);
            return Vec::new();
        }
        self.is_entered = false;
        let last = self.answered.total.saturating_sub(1);
        let here = self.active.unwrap_or(0).min(last);
        let page = self.rows().in_view().saturating_sub(1).max(1);
        let is_open = self.row(here).and_then(|row| row.is_open);
        let to = match key {
            _ if self.answered.total == 0 => return Vec::new(),
            Key::Up if self.active.is_some() => here.saturating_sub(1),
            Key::Down if self.active.is_some() => (here + 1).min(last),
            Key::Up | Key::Down => here,
            Key::PageUp => here.saturating_sub(page),
            Key::PageDown => here.saturating_add(page).min(last),
            Key::Home => 0,
            Key::End => last,
            Key::Right if is_open == Some(false) => return self.toggle(here),
            Key::Right if is_open == Some(true) => (here + 1).min(last),
            Key::Left if is_open == Some(true) => return self.toggle(here),
            Key::Left => {
                let inside = self.row(here).filter(|row| row.depth > 1);
                let Some(node) = inside.map(|row| row.node) else {
                    return Vec::new();
                };
                self.details = None;
                self.reveal = Some(Which::Above(node));
                self.is_moving = true;
                return self.ask_rows();
            }
            Key::Enter if is_open.is_some() => return self.toggle(here),
            Key::Enter if self.asked_entry.is_some() || self.coming.is_some() => {
                self.is_entered = true;
                return Vec::new();
            }
            Key::Enter => return self.open_file(false),
            Key::Right => return Vec::new(),
        };
        self.choose(to)
    }

    /// Finds the file that is chosen: its layer, and which of its entries it is.
    #[must_use]
    pub fn file(&self) -> Option<(&Details, WantedLayer, u64)> {
        let details = self.details.as_deref()?;
        let (layer, entry) = details.file?;
        let layer = self.subject.layers.get(layer as usize)?;
        let digest = layer.digest.clone()?;
        let size = layer.size;
        Some((details, WantedLayer { digest, size }, entry))
    }

    /// What it costs to read the file that is chosen; `None` where none is.
    #[must_use]
    pub fn cost(&self) -> Option<Cost> {
        let (details, layer, entry) = self.file()?;
        if self.tables.listing(&layer.digest).is_some() {
            return Some(Cost::Chunks);
        }
        let source = (layer.digest.clone(), entry);
        if self.recent.iter().any(|(known, ..)| *known == source) {
            return Some(Cost::Nothing);
        }
        let Some(size) = layer.size else {
            return Some(Cost::Nothing);
        };
        let unpacked = self.known(&layer.digest).map_or(0, |read| read.unpacked);
        if unpacked == 0 {
            return Some(Cost::AtMost(size));
        }
        // Behind its headers stands its content.
        let end = entry.saturating_add(512).saturating_add(details.size);
        let part = u128::from(size) * u128::from(end.min(unpacked)) / u128::from(unpacked);
        // It is not above the size.
        Some(Cost::About(u64::try_from(part).unwrap_or(size), size))
    }

    fn open_file(&mut self, is_saved: bool) -> Vec<Effect> {
        let Some((details, layer, entry)) = self.file() else {
            return Vec::new();
        };
        if !is_saved && details.size > OPENED {
            return Vec::new();
        }
        let path = details.path.clone();
        let save = is_saved.then(|| file_name(&path));
        let source = (layer.digest.clone(), entry);
        let recent = self.recent.iter().find(|(known, ..)| *known == source);
        // An entry of a table is none of the archive.
        let table = self.tables.listing(&layer.digest);
        let recent = recent.filter(|_| !is_saved && table.is_none()).cloned();
        self.content = Some(Content {
            path,
            source,
            state: ContentState::Reading(0),
        });
        if let Some((_, found, bytes)) = recent {
            let mut effects = vec![Effect::StopExtracting];
            effects.extend(self.content_told(ContentTold::Done(found, Some(bytes))));
            return effects;
        }
        let extract = match table {
            Some(table) => Effect::ExtractChunks { table, entry, save },
            None => Effect::Extract { layer, entry, save },
        };
        vec![Effect::StopExtracting, extract]
    }

    fn save(&mut self) -> Vec<Effect> {
        let Some(Content {
            path,
            state: ContentState::Here(here),
            ..
        }) = &self.content
        else {
            return self.open_file(true);
        };
        let save = Request::Save(file_name(path), Rc::clone(&here.bytes));
        vec![Effect::Request(save)]
    }

    fn here(&mut self) -> Option<&mut Here> {
        match &mut self.content.as_mut()?.state {
            ContentState::Here(here) => Some(here),
            ContentState::Reading(_) | ContentState::Failed(_) | ContentState::Saved(..) => None,
        }
    }

    fn show(&mut self, shown: Shown) -> Vec<Effect> {
        let Some(here) = self.here() else {
            return Vec::new();
        };
        here.shown = shown;
        here.from = 0;
        match content::picture(&here.bytes) {
            Some(media_type) if shown == Shown::Picture && here.picture.is_none() => {
                vec![Effect::Picture(Rc::clone(&here.bytes), media_type)]
            }
            Some(_) | None => Vec::new(),
        }
    }

    fn content_told(&mut self, told: ContentTold) -> Vec<Effect> {
        let known = self
            .details
            .as_ref()
            .and_then(|details| details.content.clone());
        let Some(content) = &mut self.content else {
            return Vec::new();
        };
        let (told, proof) = match told {
            ContentTold::Proven(found, bytes, proof) => {
                (ContentTold::Done(found, bytes), Some(proof))
            }
            told => (told, None),
        };
        content.state = match told {
            ContentTold::Progress(received) => ContentState::Reading(received),
            ContentTold::Failed(why) => ContentState::Failed(why),
            ContentTold::Left => {
                self.content = None;
                return vec![focus()];
            }
            ContentTold::Done(found, _) if !found.is_whole => {
                ContentState::Failed("the layer ends before the file does".into())
            }
            ContentTold::Done(found, None) | ContentTold::Proven(found, None, _) => {
                let is_same = known.map(|known| known == found.digest.encoded());
                let digest = found.digest;
                ContentState::Saved(Saved {
                    digest,
                    is_same,
                    proof,
                })
            }
            ContentTold::Done(found, Some(bytes)) | ContentTold::Proven(found, Some(bytes), _) => {
                let encoding = Encoding::of(&bytes);
                let shown = content::shown(&bytes);
                let is_same = known.map(|known| known == found.digest.encoded());
                if proof.is_none() {
                    self.recent.retain(|(known, ..)| *known != content.source);
                }
                if is_same != Some(false) && proof.is_none() {
                    let excess = (self.recent.len() + 1).saturating_sub(RECENT);
                    self.recent.drain(..excess);
                    let source = content.source.clone();
                    self.recent.push((source, found.clone(), Rc::clone(&bytes)));
                }
                content.state = ContentState::Here(Here {
                    is_same,
                    proof,
                    digest: found.digest,
                    shown,
                    encoding,
                    lines: encoding.lines(&bytes),
                    bytes,
                    from: 0,
                    picture: None,
                });
                return self.show(shown);
            }
        };
        Vec::new()
    }
}

/// The name that a file is saved under unless somebody chooses another: what systems refuse in one, or nobody sees, is
/// `_`.
fn file_name(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_refused = |character: char| {
        is_hidden(character) || character.is_control() || "\\:*?\"<>|".contains(character)
    };
    let name: String = name
        .chars()
        .map(|it| if is_refused(it) { '_' } else { it })
        .collect();
    // A name that begins with a dot is hidden, and `..` is none.
    match name.trim_start_matches('.') {
        "" => "file".into(),
        rest if rest.len() < name.len() => ["_", rest].concat(),
        _ => name,
    }
}

/// Tells whether a file can be opened in place, by its kind and size.
#[must_use]
pub fn is_openable(details: &Details) -> bool {
    details.file.is_some() && details.kind != Kind::Directory && details.size <= OPENED
}

fn focus() -> Effect {
    Effect::Request(Request::Focus(ROWS))
}
