//! What may be chosen of what is copied, as the form of one image has it and that of several.

use waybill_core::conversion::{Compression, ConfigBytes, Packing};
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

/// Names each way to choose of a list.
const SCOPES: [(Scope, &str, &str); 4] = [
    (Scope::All, Scope::All.name(), "everything in the list"),
    (
        Scope::Shrunk,
        Scope::Shrunk.name(),
        "the chosen entries; the list names no others, so its digest changes",
    ),
    (
        Scope::Sparse,
        Scope::Sparse.name(),
        "the chosen entries; the list keeps its digest and names others that are not there",
    ),
    (Scope::One, Scope::One.name(), "one image, without the list"),
];

/// Names each format.
const FORMATS: [(Format, &str, &str); 6] = [
    (Format::Exact, Format::Exact.name(), "byte for byte"),
    (
        Format::Oci(ConfigBytes::Kept),
        Format::Oci(ConfigBytes::Kept).name(),
        "OCI; configs keep their bytes, images their IDs",
    ),
    (
        Format::Oci(ConfigBytes::AsSkopeo),
        Format::Oci(ConfigBytes::AsSkopeo).name(),
        "OCI as skopeo writes it; configs are rewritten",
    ),
    (
        Format::DockerSchema2,
        Format::DockerSchema2.name(),
        "Docker schema 2",
    ),
    (
        Format::DockerSchema1 { signed: true },
        Format::DockerSchema1 { signed: true }.name(),
        "Docker schema 1, signed by a key that is made for it",
    ),
    (
        Format::DockerSchema1 { signed: false },
        Format::DockerSchema1 { signed: false }.name(),
        "Docker schema 1, not signed",
    ),
];

/// Names what may become of layers.
const COMPRESSIONS: [(Option<Packing>, &str, &str); 4] = [
    (None, "kept", "byte for byte"),
    (Some(Packing::Gzip), "gzip", "all by gzip"),
    (Some(Packing::Zstd), "zstd", "all by zstd"),
    (Some(Packing::None), "none", "none compressed"),
];

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
        let list = self.list_box("copy-scope", label, &SCOPES, scope, |choice, scope| {
            choice.scope = scope;
        });
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
        let list = self.list_box(
            "copy-format",
            "Format",
            &FORMATS,
            format,
            |choice, format| {
                choice.format = format;
            },
        );
        el("div").child(list).child(is_old.then(|| quiet_line(old)))
    }

    /// Draws how layers are to be compressed, and at which level.
    pub(super) fn compression(self) -> Element {
        let now = self.choice.compression;
        let packing = now.map(|now| now.packing);
        let format = self.list_box(
            "copy-compression",
            "Layers",
            &COMPRESSIONS,
            packing,
            |choice, packing| choice.compression = packing.map(Compression::from),
        );
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
        let own = (String::new(), now.is_none(), "as its tools do".to_owned());
        let options = [own].into_iter().chain(numbered);
        self.select("copy-level", "Level", options, |choice, level| {
            let level = level.parse().ok();
            choice.compression = choice.compression.map(|it| Compression { level, ..it });
        })
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

    /// Draws a list to choose one of; `choose` puts it into the choice.
    fn list_box<T: Copy + PartialEq + 'static>(
        self,
        id: &'static str,
        label: &str,
        all: &'static [(T, &'static str, &'static str)],
        now: T,
        choose: fn(&mut Choice, T),
    ) -> Element {
        let options = all
            .iter()
            .map(|(value, name, words)| ((*name).to_owned(), *value == now, (*words).to_owned()));
        self.select(id, label, options, move |choice, name| {
            if let Some((value, ..)) = all.iter().find(|(_, known, _)| *known == name) {
                choose(choice, *value);
            }
        })
    }

    /// Draws a list of values, each with whether it is chosen and its words.
    fn select(
        self,
        id: &'static str,
        label: &str,
        options: impl Iterator<Item = (String, bool, String)>,
        choose: impl Fn(&mut Choice, &str) + 'static,
    ) -> Element {
        let options = options.map(|(value, is_now, words)| {
            el("option")
                .attr("value", value)
                .attr("selected", is_now.then_some("selected"))
                .child(words)
        });
        let choice = self.choice.clone();
        let on_change = self.link.reform(move |event: Event| {
            let mut choice = choice.clone();
            choose(&mut choice, &chosen(&event));
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
