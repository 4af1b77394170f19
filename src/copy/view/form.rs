//! What of it goes along.

use waybill_core::conversion::{Compression, ConfigBytes, Packing};
use waybill_core::workflow::copy::{Choice, Entry, Format, Kind, Model, Scope};
use yew::{Callback, Event};

use crate::components::custody::step;
use crate::components::element::{Element, EventKind, el};
use crate::components::listener::{chosen, send_text};
use crate::components::text::quiet_line;
use crate::copy::message::Msg;
use crate::copy::state::{Destination, Stage, State};
use crate::copy::view::to::tags_box;

/// Names each way to choose of a list.
const SCOPES: [(Scope, &str, &str); 4] = [
    (Scope::All, "all", "everything in the list"),
    (
        Scope::Shrunk,
        "shrunk",
        "the ticked entries; the list names no others, so its digest changes",
    ),
    (
        Scope::Sparse,
        "sparse",
        "the ticked entries; the list keeps its digest and names others that are not there",
    ),
    (Scope::One, "one", "one image, without the list"),
];

/// Names each format.
const FORMATS: [(Format, &str, &str); 6] = [
    (Format::Exact, "exact", "byte for byte"),
    (
        Format::Oci(ConfigBytes::Kept),
        "oci",
        "OCI; configs keep their bytes, images their IDs",
    ),
    (
        Format::Oci(ConfigBytes::AsSkopeo),
        "oci-skopeo",
        "OCI as skopeo writes it; configs are rewritten",
    ),
    (Format::DockerSchema2, "v2s2", "Docker schema 2"),
    (
        Format::DockerSchema1 { signed: true },
        "v2s1",
        "Docker schema 1, signed by a key that is made for it",
    ),
    (
        Format::DockerSchema1 { signed: false },
        "v2s1-unsigned",
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

/// Draws this stop of the line.
pub(super) fn stop(state: &State, link: &Callback<Msg>) -> Element {
    let source = state
        .source
        .as_ref()
        .filter(|source| source.root().done().is_some());
    let exact = source.is_none_or(|source| source.choice().is_exact());
    let body = el("div")
        .child(source.and_then(|source| of_list(source, link)))
        .child(source.map(|source| format(source, link)))
        .child(source.map(|source| compression(source, link)))
        .child(source.and_then(|source| along(source, state.destination, link)))
        .child(other_tags(state, link))
        .child(el("p").class("row").child(submit(state)));
    step(
        "Form",
        if exact { "byte for byte" } else { "rewritten" },
        body,
    )
}

/// Draws what may be chosen of a list; nothing of an image.
fn of_list(source: &Model, link: &Callback<Msg>) -> Option<Element> {
    let choice = source.choice().clone();
    let sparse = "A registry may refuse a list that names what is not there.";
    let scope = choice.scope;
    (!source.entries().is_empty()).then(|| {
        el("div")
            .child(list_box(
                "copy-scope",
                "Of the list",
                &SCOPES,
                scope,
                link,
                move |scope| Choice {
                    scope,
                    ..choice.clone()
                },
            ))
            .child((scope == Scope::Sparse).then(|| quiet_line(sparse)))
    })
}

fn format(source: &Model, link: &Callback<Msg>) -> Element {
    let choice = source.choice().clone();
    let format = choice.format;
    let is_old = matches!(format, Format::DockerSchema1 { .. });
    let old = "Current docker and containerd do not pull it, and many registries refuse it.";
    let list = list_box(
        "copy-format",
        "Format",
        &FORMATS,
        format,
        link,
        move |format| Choice {
            format,
            ..choice.clone()
        },
    );
    el("div").child(list).child(is_old.then(|| quiet_line(old)))
}

/// Draws how layers are to be compressed, and at which level.
fn compression(source: &Model, link: &Callback<Msg>) -> Element {
    let choice = source.choice().clone();
    let now = choice.compression;
    let anew = choice.clone();
    let format = list_box(
        "copy-compression",
        "Layers",
        &COMPRESSIONS,
        now.map(|now| now.packing),
        link,
        move |packing| Choice {
            compression: packing.map(Compression::from),
            ..anew.clone()
        },
    );
    let packing = now.map(|now| now.packing);
    let levels = packing.map_or(0, Compression::levels);
    let level = (levels > 0).then(|| level(now.and_then(|now| now.level), levels, &choice, link));
    let is_zstd = packing == Some(Packing::Zstd);
    el("div")
        .child(el("div").class("row").child(format).child(level))
        .child(is_zstd.then(|| quiet_line("Docker before version 23 does not read zstd.")))
}

/// Draws the box for the level.
fn level(now: Option<u8>, levels: u8, choice: &Choice, link: &Callback<Msg>) -> Element {
    let option = |value: &str, is_now: bool, words: String| {
        el("option")
            .attr("value", value.to_owned())
            .attr("selected", is_now.then_some("selected"))
            .child(words)
    };
    let numbered = (1..=levels).map(|level| {
        let words = match level {
            1 => "1, the quickest".to_owned(),
            level if level == levels => format!("{level}, the smallest"),
            level => level.to_string(),
        };
        option(&level.to_string(), now == Some(level), words)
    });
    let own = option("", now.is_none(), "as its tools do".to_owned());
    let choice = choice.clone();
    let on_change = link.reform(move |event: Event| {
        let level = chosen(&event).parse().ok();
        let compression = choice.compression.map(|it| Compression { level, ..it });
        Msg::Choose(Choice {
            compression,
            ..choice.clone()
        })
    });
    el("label").class("boxed").child("Level").child(
        el("select")
            .attr("id", "copy-level")
            .on(EventKind::Change, on_change)
            .child(own)
            .children(numbered),
    )
}

/// Draws what goes along or not.
fn along(source: &Model, to: Destination, link: &Callback<Msg>) -> Option<Element> {
    let choice = source.choice();
    let is_attestation = |entry: &Entry<'_>| matches!(entry.kind, Kind::Attestation(_));
    let attestations = source.entries().iter().any(is_attestation).then(|| {
        let toggled = Choice {
            attestations: !choice.attestations,
            ..choice.clone()
        };
        let words = "attestations, with the images that they are of";
        tick(words, choice.attestations, toggled, link)
    });
    let referrers = Choice {
        referrers: !choice.referrers,
        ..choice.clone()
    };
    let cosign = Choice {
        cosign: !choice.cosign,
        ..choice.clone()
    };
    let to_registry = to == Destination::Registry;
    if !to_registry && attestations.is_none() {
        return None;
    }
    let of_registry =
        |words, is_on, toggled| to_registry.then(|| tick(words, is_on, toggled, link));
    let ticks = el("fieldset")
        .child(el("legend").child("Goes along"))
        .child(attestations)
        .child(of_registry(
            "what refers to it: signatures, SBOMs (the source is asked for each image)",
            choice.referrers,
            referrers,
        ))
        .child(of_registry(
            "what cosign keeps under tags: sha256-….sig, .att, .sbom (three questions an image)",
            choice.cosign,
            cosign,
        ));
    Some(ticks)
}

/// Draws the box for other tags of the source; into a file one image or list goes.
fn other_tags(state: &State, link: &Callback<Msg>) -> Option<Element> {
    let is_wanted = state.destination == Destination::Registry || !state.other_tags.is_empty();
    let names = [
        "Other tags of the source, each under its own name",
        "Other tags, with blanks between them",
        "1.1 1.2",
    ];
    let on_input = send_text(link, Msg::OtherTagsTyped);
    is_wanted.then(|| tags_box("copy-others", names, &state.other_tags, on_input))
}

fn tick(words: &str, is_on: bool, toggled: Choice, link: &Callback<Msg>) -> Element {
    let tick = el("input").attr("type", "checkbox").checked(is_on).on(
        EventKind::Change,
        link.reform(move |_| Msg::Choose(toggled.clone())),
    );
    el("label").class("check").child(tick).child(words)
}

/// Draws a list to choose one of; `choose` makes the choice of it.
fn list_box<T: Copy + PartialEq + 'static>(
    id: &'static str,
    label: &str,
    all: &'static [(T, &'static str, &'static str)],
    now: T,
    link: &Callback<Msg>,
    choose: impl Fn(T) -> Choice + 'static,
) -> Element {
    let options = all.iter().map(|(value, name, words)| {
        el("option")
            .attr("value", *name)
            .attr("selected", (*value == now).then_some("selected"))
            .child(*words)
    });
    let on_change = link.reform(move |event: Event| {
        let name = chosen(&event);
        let value = all.iter().find(|(_, known, _)| *known == name);
        Msg::Choose(choose(value.map_or(now, |(value, ..)| *value)))
    });
    el("label").class("boxed").child(label).child(
        el("select")
            .attr("id", id)
            .on(EventKind::Change, on_change)
            .children(options),
    )
}

/// Draws the button that goes on: it says what it does.
fn submit(state: &State) -> Element {
    let is_file = state.destination == Destination::File;
    let words = match (state.stage(), state.target()) {
        (Stage::Empty | Stage::Reading | Stage::Unread, None) => "Read the source",
        (Stage::Empty | Stage::Reading | Stage::Unread, _) if is_file => "Read the source",
        _ if is_file => "Plan the file",
        _ => "Plan the copy",
    };
    el("button")
        .attr("type", "submit")
        .class("primary")
        .child(words)
}
