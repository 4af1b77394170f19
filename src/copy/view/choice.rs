//! What may be chosen of what is copied, as the form of one image has it and that of several.

use std::rc::Rc;

use waybill_core::conversion::{Compression, Packing};
use waybill_core::workflow::copy::{Choice, Format, Scope};
use yew::{Callback, Event};

use crate::components::element::{Element, EventKind, el};
use crate::components::listener::chosen;
use crate::components::text::quiet_line;

/// A choice as it stands, and who takes another one.
#[derive(Clone, Copy)]
pub(super) struct Choosing<'a> {
    pub(super) choice: &'a Choice,
    /// Whether nothing can be chosen now.
    pub(super) is_busy: bool,
    pub(super) link: &'a Callback<Choice>,
}

/// Says each way to choose of a list, in the order of [`Scope::ALL`].
const SCOPES: [&str; Scope::ALL.len()] = [
    "everything in the list",
    "the chosen entries; the list names no others, so its digest changes",
    "the chosen entries; the list keeps its digest and names others that are not there",
    "one image, without the list",
];

/// Says each format, in the order of [`Format::ALL`].
const FORMATS: [&str; Format::ALL.len()] = [
    "byte for byte",
    "OCI; configs keep their bytes, images their IDs",
    "OCI as skopeo writes it; configs are rewritten",
    "Docker schema 2",
    "Docker schema 1, signed by a key that is made for it",
    "Docker schema 1, not signed",
];

/// Says what layers may be made, in the order of [`Packing::ALL`].
const PACKINGS: [&str; Packing::ALL.len()] = ["all by gzip", "all by zstd", "none compressed"];

/// What a list offers: its value, whether it is chosen, and its words.
type Offer = (String, bool, String);

/// Takes the value that was chosen in a list. One type for all lists: each more would be a KB of program.
type Take = Rc<dyn Fn(&mut Choice, &str)>;

/// Draws what may be chosen of each of several images; `platforms` stands below how much of a list goes along.
pub(crate) fn all(
    choice: &Choice,
    platforms: Option<Element>,
    is_busy: bool,
    link: &Callback<Choice>,
) -> Element {
    let choosing = Choosing {
        choice,
        is_busy,
        link,
    };
    el("div")
        .child(choosing.of_list("Of each list"))
        .child(platforms)
        .child(choosing.format())
        .child(choosing.compression())
        .child(choosing.along(true, true))
}

impl Choosing<'_> {
    /// Draws how much of a list goes along.
    pub(super) fn of_list(self, label: &str) -> Element {
        let scope = self.choice.scope;
        let offers = Scope::ALL.iter().zip(SCOPES);
        let offers = offers.map(|(it, words)| offer(it.name(), *it == scope, words));
        let take = |choice: &mut Choice, name: &str| {
            let named = Scope::ALL.into_iter().find(|it| it.name() == name);
            choice.scope = named.unwrap_or(choice.scope);
        };
        let list = self.select("copy-scope", label, offers.collect(), Rc::new(take));
        let sparse = "A registry may refuse a list that names what is not there.";
        let is_sparse = scope == Scope::Sparse;
        el("div")
            .child(list)
            .child(is_sparse.then(|| quiet_line(sparse)))
    }

    /// Draws in which format it is to be.
    pub(super) fn format(self) -> Element {
        let format = self.choice.format;
        let is_old = matches!(format, Format::DockerSchema1 { .. });
        let old = "Current docker and containerd do not pull it, and many registries refuse it.";
        let offers = Format::ALL.iter().zip(FORMATS);
        let offers = offers.map(|(it, words)| offer(it.name(), *it == format, words));
        let take = |choice: &mut Choice, name: &str| {
            let named = Format::ALL.into_iter().find(|it| it.name() == name);
            choice.format = named.unwrap_or(choice.format);
        };
        let list = self.select("copy-format", "Format", offers.collect(), Rc::new(take));
        el("div").child(list).child(is_old.then(|| quiet_line(old)))
    }

    /// Draws how layers are to be compressed, and at which level.
    pub(super) fn compression(self) -> Element {
        let now = self.choice.compression;
        let packing = now.map(|now| now.packing);
        let mut offers = vec![offer("kept", packing.is_none(), "byte for byte")];
        let packings = Packing::ALL.iter().zip(PACKINGS);
        offers.extend(packings.map(|(it, words)| offer(it.name(), Some(*it) == packing, words)));
        let take = |choice: &mut Choice, name: &str| {
            let named = Packing::ALL.into_iter().find(|it| it.name() == name);
            choice.compression = named.map(Compression::from);
        };
        let format = self.select("copy-compression", "Layers", offers, Rc::new(take));
        let levels = packing.map_or(0, Compression::levels);
        let level = (levels > 0).then(|| self.level(now.and_then(|now| now.level), levels));
        let is_zstd = packing == Some(Packing::Zstd);
        el("div")
            .child(el("div").class("row").child(format).child(level))
            .child(is_zstd.then(|| quiet_line("Docker before version 23 does not read zstd.")))
    }

    /// Draws the box for the level.
    fn level(self, now: Option<u8>, levels: u8) -> Element {
        let numbered = (1..=levels).map(|level| {
            let words = match level {
                1 => "1, the quickest".to_owned(),
                level if level == levels => format!("{level}, the smallest"),
                level => level.to_string(),
            };
            (level.to_string(), now == Some(level), words)
        });
        let mut offers = vec![offer("", now.is_none(), "as its tools do")];
        offers.extend(numbered);
        let take = |choice: &mut Choice, level: &str| {
            let level = level.parse().ok();
            choice.compression = choice.compression.map(|it| Compression { level, ..it });
        };
        self.select("copy-level", "Level", offers, Rc::new(take))
    }

    /// Draws what goes along or not: attestations where there are some, the others into a registry.
    pub(super) fn along(self, attestations: bool, to_registry: bool) -> Option<Element> {
        let choice = self.choice;
        let ticks = [
            (
                attestations,
                "attestations, with the images that they are of",
                choice.attestations,
                Choice {
                    attestations: !choice.attestations,
                    ..choice.clone()
                },
            ),
            (
                to_registry,
                "what refers to it: signatures, SBOMs (the source is asked for each image)",
                choice.referrers,
                Choice {
                    referrers: !choice.referrers,
                    ..choice.clone()
                },
            ),
            (
                to_registry,
                "what cosign keeps under tags: sha256-….sig, .att, .sbom (three questions an image)",
                choice.cosign,
                Choice {
                    cosign: !choice.cosign,
                    ..choice.clone()
                },
            ),
        ];
        let ticks = ticks.into_iter().filter(|(is_there, ..)| *is_there);
        let ticks = ticks.map(|(_, words, is_on, toggled)| {
            let tick = el("input")
                .attr("type", "checkbox")
                .attr("disabled", self.is_busy.then_some("disabled"))
                .checked(is_on)
                .on(
                    EventKind::Change,
                    self.link.reform(move |_| toggled.clone()),
                );
            el("label").class("check").child(tick).child(words)
        });
        (attestations || to_registry).then(|| {
            el("fieldset")
                .child(el("legend").child("Goes along"))
                .children(ticks)
        })
    }

    /// Draws a list to choose one of.
    fn select(self, id: &'static str, label: &str, offers: Vec<Offer>, take: Take) -> Element {
        let options = offers.into_iter().map(|(value, is_now, words)| {
            el("option")
                .attr("value", value)
                .attr("selected", is_now.then_some("selected"))
                .child(words)
        });
        let choice = self.choice.clone();
        let on_change = self.link.reform(move |event: Event| {
            let mut choice = choice.clone();
            take(&mut choice, &chosen(&event));
            choice
        });
        el("label").class("boxed").child(label).child(
            el("select")
                .attr("id", id)
                .attr("disabled", self.is_busy.then_some("disabled"))
                .on(EventKind::Change, on_change)
                .children(options),
        )
    }
}

fn offer(name: &str, is_now: bool, words: &str) -> Offer {
    (name.to_owned(), is_now, words.to_owned())
}
