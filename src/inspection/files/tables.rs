//! The tables of contents of an image's layers: what is known of each, and what is said of it.

use waybill_blobs::finding::Told;
use waybill_blobs::toc::{Proof, Seal, Stated};
use waybill_core::digest::Digest;
use waybill_core::humanize::{count, number, sentence, size};
use yew::Callback;

use super::Subject;
use super::message::Msg;
use super::state::State;
use super::view::costs;
use crate::components::element::{Element, button, el};
use crate::components::listener::send;
use crate::components::text::{self, code, quiet};

/// How many problems of a table are drawn.
const DRAWN: usize = 20;

/// What is known of the tables of an image.
#[derive(Debug, Default)]
pub struct Tables(Vec<Known>);

/// What is known of a table.
#[derive(Debug)]
pub struct Known {
    /// Its number: the place of its layer among those that are read.
    pub number: u32,
    /// The digest of the layer.
    pub layer: Digest,
    /// What the descriptor states of it.
    pub stated: Stated,
    /// How far it is.
    pub state: TableState,
    /// Whether the layer is listed from it, rather than read.
    pub is_listed: bool,
    /// What comparing it with the archive brought, and how much of that is not told.
    pub compared: Option<(Vec<Told>, u64)>,
}

/// How far a table is.
#[derive(Debug)]
pub enum TableState {
    /// Nobody asked for it.
    Announced,
    /// Its bytes are fetched.
    Coming,
    /// It has the digest that the manifest names.
    Sealed(Box<Seal>),
    /// It cannot be used: why.
    Failed(String),
}

impl Tables {
    /// Takes what the layers announce; what is known already stays.
    pub fn announce(&mut self, subject: &Subject) {
        for (number, wanted) in (0..).zip(subject.wanted()) {
            let stated = subject.table(&wanted.digest);
            if let Some(stated) = stated.filter(|_| self.of(&wanted.digest).is_none()) {
                self.0.push(Known {
                    number,
                    layer: wanted.digest,
                    stated: stated.clone(),
                    state: TableState::Announced,
                    is_listed: false,
                    compared: None,
                });
            }
        }
    }

    /// Has those fetched that are not here; each with what is fetched.
    pub fn ask(&mut self) -> Vec<(u32, Digest, Stated)> {
        let missing = self
            .0
            .iter_mut()
            .filter(|known| !matches!(known.state, TableState::Sealed(_)));
        let asked = missing.map(|known| {
            known.state = TableState::Coming;
            (known.number, known.layer.clone(), known.stated.clone())
        });
        asked.collect()
    }

    /// Those that are on their way are no more.
    pub fn stop(&mut self) {
        for known in &mut self.0 {
            if matches!(known.state, TableState::Coming) {
                known.state = TableState::Announced;
            }
        }
    }

    /// Forgets what the worker held, which is gone.
    pub fn forget(&mut self) {
        self.0.clear();
    }

    /// The table of that layer.
    #[must_use]
    pub fn of(&self, layer: &Digest) -> Option<&Known> {
        self.0.iter().find(|known| known.layer == *layer)
    }

    /// The same, to be changed.
    pub fn of_mut(&mut self, layer: &Digest) -> Option<&mut Known> {
        self.0.iter_mut().find(|known| known.layer == *layer)
    }

    /// The table of that number.
    pub fn numbered(&mut self, number: u32) -> Option<&mut Known> {
        self.0.iter_mut().find(|known| known.number == number)
    }

    /// The number of the table from which that layer is listed.
    #[must_use]
    pub fn listing(&self, layer: &Digest) -> Option<u32> {
        let known = self.of(layer).filter(|known| known.is_listed)?;
        Some(known.number)
    }

    /// Whether one is still to come.
    #[must_use]
    pub fn is_coming(&self) -> bool {
        let is_coming = |known: &Known| matches!(known.state, TableState::Coming);
        self.0.iter().any(is_coming)
    }
}

/// What listing by tables takes: how many tables and layers, how many bytes, and whether it may be a little more.
struct Cost {
    tables: usize,
    layers: usize,
    bytes: u64,
    is_exact: bool,
}

impl Cost {
    /// Of an image, unless no table can be had of a layer that was not read yet.
    fn of(state: &State) -> Option<Self> {
        let mut cost = Self {
            tables: 0,
            layers: 0,
            bytes: 0,
            is_exact: true,
        };
        for wanted in state.to_read() {
            let table = state.subject.table(&wanted.digest);
            if let Some(table) = table {
                let first = table.first();
                cost.tables += 1;
                cost.bytes += first.end - first.start;
                // A table that is longer than the end of the layer takes another request.
                cost.is_exact &= table.is_all();
            } else {
                cost.layers += 1;
                cost.bytes += wanted.size.unwrap_or(0);
                cost.is_exact &= wanted.size.is_some();
            }
        }
        (cost.tables > 0).then_some(cost)
    }
}

/// Draws the button that lists by tables and says what it costs; nothing where no layer announces one.
pub(super) fn offer(state: &State, link: &Callback<Msg>) -> Option<Element> {
    let cost = Cost::of(state)?;
    let tables = match cost.tables {
        1 => "1 table of contents".to_owned(),
        many => [&number(many as u64), " tables of contents"].concat(),
    };
    let layers = match cost.layers {
        0 => String::new(),
        some => [" and ", &count(some, "layer")].concat(),
    };
    let about = if cost.is_exact { "" } else { "about " };
    let words = [
        "Read ",
        &tables,
        &layers,
        ", ",
        about,
        &size(cost.bytes),
        ", and list the files",
    ];
    Some(button(&words.concat(), send(link, Msg::List)).class("primary"))
}

/// Draws what is known of each table, and whether the layer says the same.
pub(super) fn section(state: &State, link: &Callback<Msg>) -> Option<Element> {
    let tables = &state.tables.0;
    if tables.is_empty() {
        return None;
    }
    let said: Vec<_> = tables
        .iter()
        .filter_map(|known| one(state, known))
        .collect();
    let to_read = state.to_read();
    let left = tables
        .iter()
        .filter(|known| matches!(known.state, TableState::Announced));
    let left: Vec<_> = left.map(|known| known.stated.first()).collect();
    let (words, cost) = if !to_read.is_empty() {
        (None, Some(costs(&to_read)))
    } else if left.is_empty() {
        (None, None)
    } else {
        let bytes = left.iter().map(|first| first.end - first.start).sum();
        let words = quiet("Layers here have tables of contents, which were not read.");
        let cost = ["the tables of contents, about ", &size(bytes)].concat();
        (Some(words), Some(cost))
    };
    let compare = cost.map(|cost| {
        let button = button(
            &["Read ", &cost, ", and compare"].concat(),
            send(link, Msg::Read),
        );
        el("p").class("row").child(words).child(button)
    });
    Some(
        el("section")
            .attr("aria-label", "Tables of contents")
            .child((!said.is_empty()).then(|| el("ul").class("findings").children(said)))
            .child(compare),
    )
}

fn one(state: &State, known: &Known) -> Option<Element> {
    let layers = state.subject.layers.iter().zip(1_u32..);
    let layers = layers.filter(|(layer, _)| layer.digest.as_ref() == Some(&known.layer));
    let layers: Vec<_> = layers.map(|(_, number)| number.to_string()).collect();
    let word = if layers.len() == 1 {
        "Layer "
    } else {
        "Layers "
    };
    let layer = [word, &layers.join(", "), ": "].concat();
    let seal = match &known.state {
        TableState::Announced | TableState::Coming => return None,
        TableState::Failed(why) => {
            let line = el("p")
                .attr("role", "alert")
                .class("bad")
                .child(layer)
                .child("Its table of contents is not used: ")
                .child(text::words(why))
                .child(". The layer was read whole instead.");
            return Some(el("li").child(line));
        }
        TableState::Sealed(seal) => seal,
    };
    let line = |class: &'static str, before: &'static str, behind: &'static str| {
        el("p")
            .class(class)
            .child(layer.clone())
            .child(before)
            .child(code(seal.digest.as_str()))
            .child(behind)
    };
    let is_error = |told: &Told| told.severity == "error";
    let differs = known
        .compared
        .as_ref()
        .is_some_and(|(told, _)| told.iter().any(is_error));
    let said = match &known.compared {
        Some(_) if differs => line(
            "bad",
            "The layer and its table of contents differ: engines that pull lazily see other files than those that unpack \
                the layer. The table has the digest that the manifest names, ",
            ".",
        )
        .attr("role", "alert"),
        Some(_) => line(
            "good",
            "The layer says the same as its table of contents, entry by entry. The table has the digest that the \
                manifest names, ",
            ".",
        ),
        None if known.is_listed => line(
            "good",
            "Listed from the layer's table of contents, whose digest ",
            " was checked here; the layer itself was not read.",
        ),
        None => line("warn", "Its table of contents, ", ", was not compared with the layer."),
    };
    let requests = count(seal.requests as usize, "request");
    let entries = usize::try_from(seal.entries).unwrap_or(usize::MAX);
    let facts = [
        &seal.format.to_string(),
        ": ",
        &count(entries, "entry"),
        " by ",
        &requests,
        " of ",
        &size(seal.bytes),
    ];
    let problems = known.compared.as_ref();
    let problems = problems.map_or((&seal.problems, seal.left_out), |(told, more)| {
        (told, *more)
    });
    Some(
        el("li")
            .child(said)
            .child(quiet(facts.concat()))
            .child(list(problems.0, problems.1)),
    )
}

/// Draws what is wrong with a table, or differs from the archive.
fn list(problems: &[Told], left_out: u64) -> Option<Element> {
    if problems.is_empty() {
        return None;
    }
    let item = |told: &Told| {
        let class = match &*told.severity {
            "error" => "bad",
            "warning" => "warn",
            _ => "quiet",
        };
        let path = (!told.path.is_empty()).then(|| code(&told.path).child(": "));
        let head = el("span").class(class).child(told.severity.as_str());
        el("li")
            .child(head)
            .child(" ")
            .child(path)
            .child(text::words(&sentence(&told.message)))
    };
    let more = problems.len().saturating_sub(DRAWN) as u64 + left_out;
    let more = (more > 0).then(|| el("li").child(quiet(format_args!("and {} more", number(more)))));
    let drawn = problems.iter().take(DRAWN).map(item);
    Some(el("ul").children(drawn).child(more))
}

/// Says what a file was held against that came by its chunks.
pub(super) fn proof(proof: &Proof) -> Element {
    let words = match proof {
        Proof::File => {
            "Only its chunks were fetched. They have the digests that the layer's table of contents names, each and as a \
                whole."
        }
        Proof::Chunks => {
            "Only its chunks were fetched. Each has the digest that the layer's table of contents names; for the whole it \
                names none."
        }
        Proof::Empty => "It is empty, as the layer's table of contents says: nothing was fetched.",
    };
    el("p").class("good").child(words)
}
