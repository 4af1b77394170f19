//! The manifests, each with what becomes of it: the old digest beside the new one.

use waybill_core::digest::Digest;
use waybill_core::reference::Tag;
use waybill_core::workflow::copy::{
    Change, Choice, Entry, How, Kind, Model, Reading, Scope, Wanted,
};
use yew::Callback;

use crate::components::digest::short;
use crate::components::element::{Element, EventKind, el};
use crate::components::listed::listed;
use crate::components::listener::send;
use crate::components::table::{PageOfRows, table};
use crate::components::text::{quiet, text, words};
use crate::copy::message::Msg;
use crate::copy::state::{State, reason};
use crate::limits::{ITEMS_DRAWN, ROWS_DRAWN};

/// Draws them; nothing before the source is here.
pub(super) fn manifests(state: &State, link: &Callback<Msg>) -> Option<Element> {
    let source = state.source.as_ref()?;
    let root = source.root().done()?;
    let manifest = root.manifest.as_ref().ok()?;
    let entries = source.entries();
    let changes: &[Change] = match &state.selection {
        Some(Ok(selection)) => &selection.changes,
        Some(Err(_)) | None => &[],
    };
    let refused = match &state.selection {
        Some(Err(why)) => Some(el("p").class("bad").child(words(&why.to_string()))),
        Some(Ok(_)) | None => None,
    };
    let failures = source.failures();
    let missing = failures.iter().take(ITEMS_DRAWN).map(|(wanted, why)| {
        let name = match wanted {
            Wanted::Root | Wanted::Again => "what the reference names".to_owned(),
            Wanted::Tag(tag) | Wanted::OtherTag(tag) => ["the tag ", tag.as_str()].concat(),
            Wanted::Manifest(digest) => ["the manifest ", digest.short()].concat(),
            Wanted::Config(digest) => ["the config ", digest.short()].concat(),
            Wanted::Referrers(digest) => ["what refers to ", digest.short()].concat(),
        };
        el("li")
            .class("bad")
            .child(words(&[&name, ": ", &reason(why)].concat()))
    });
    let missing = (!failures.is_empty()).then(|| el("ul").children(missing));
    let unread = match source.reading() {
        Reading::Failed(why) => {
            let said = ["A layer: ", &reason(why)].concat();
            Some(el("p").class("bad").child(words(&said)))
        }
        Reading::Idle | Reading::Running(_) => None,
    };
    // The list itself is row 0.
    let others: &[(Tag, Digest)] = match &state.selection {
        Some(Ok(selection)) => &selection.others,
        Some(Err(_)) | None => &[],
    };
    let of = entries.len() + 1 + others.len();
    let page = PageOfRows {
        from: state.from_row.min(of - 1) / ROWS_DRAWN * ROWS_DRAWN,
        length: ROWS_DRAWN,
        of,
    };
    let heads = [
        ("Manifest", None),
        ("In the source", None),
        ("In the target", None),
        ("What happens", None),
    ];
    let rows = (page.from..of.min(page.from + page.length)).filter_map(|row| {
        let change = changes.get(row);
        let drawn = match row.checked_sub(1) {
            None => {
                let name = if manifest.list().is_some() {
                    "the list"
                } else {
                    "the image"
                };
                draw(words(name), Some(&root.digest), change)
            }
            Some(place) if place >= entries.len() => {
                let (tag, digest) = others.get(place - entries.len())?;
                other(tag, digest)
            }
            Some(place) => {
                let entry = entries.get(place)?;
                let name = name(source, entry, place, &entries, link);
                draw(name, entry.descriptor.digest.as_ref(), change)
            }
        };
        Some(drawn.key(&row.to_string()))
    });
    Some(
        el("div")
            .child(refused)
            .child(missing)
            .child(unread)
            .child(
                table("What becomes of each manifest.", &heads)
                    .class("steps-of-push of-copy")
                    .child(el("tbody").children(rows)),
            )
            .child(page.turner("Manifests", &|from| send(link, Msg::ShowFrom(from)))),
    )
}

/// Draws what another tag names that goes along.
fn other(tag: &Tag, digest: &Digest) -> Element {
    let cell = |child: Element| el("td").child(child);
    el("tr")
        .child(
            el("th")
                .attr("scope", "row")
                .child("tag ")
                .child(text(tag.as_str())),
        )
        .child(cell(short(digest)))
        .child(cell(quiet("the same")))
        .child(cell(quiet("exact")))
}

/// Draws what an entry is, with the tick that chooses it where that may be chosen.
fn name(
    source: &Model,
    entry: &Entry<'_>,
    place: usize,
    entries: &[Entry<'_>],
    link: &Callback<Msg>,
) -> Element {
    let words = match entry.kind {
        Kind::Image => words(&entry.descriptor.title()),
        Kind::Attestation(of) => {
            let of = of
                .and_then(|of| entries.get(of))
                .map(|of| of.descriptor.title());
            let of = of.map(|of| [" of ", &of].concat()).unwrap_or_default();
            quiet(words(&["attestation", &of].concat()))
        }
    };
    let choice = source.choice();
    if choice.scope == Scope::All || entry.kind != Kind::Image {
        return words;
    }
    let mut chosen = choice.chosen.clone();
    if choice.scope == Scope::One {
        chosen.fill(false);
    }
    if let Some(ticked) = chosen.get_mut(place) {
        *ticked = choice.scope == Scope::One || !*ticked;
    }
    let toggled = Choice {
        chosen,
        ..choice.clone()
    };
    let kind = if choice.scope == Scope::One {
        "radio"
    } else {
        "checkbox"
    };
    let tick = el("input")
        .attr("type", kind)
        .attr("name", "copy-entry")
        .checked(entry.is_kept)
        .on(
            EventKind::Change,
            link.reform(move |_| Msg::Choose(toggled.clone())),
        );
    el("label").class("check").child(tick).child(words)
}

fn draw(
    name: Element,
    old: Option<&waybill_core::digest::Digest>,
    change: Option<&Change>,
) -> Element {
    let new = change.and_then(|change| change.new.as_ref());
    let is_changed = new.is_some() && new != old;
    let new = match (change, new) {
        (None, _) => quiet("not planned yet"),
        (Some(_), None) => quiet("none"),
        (Some(_), Some(_)) if !is_changed => quiet("the same"),
        (Some(_), Some(new)) => short(new),
    };
    el("tr")
        .child(el("th").attr("scope", "row").child(name))
        .child(el("td").child(old.map(short)))
        .child(el("td").child(new))
        .child(el("td").child(change.map(happens)))
}

/// Says what becomes of a manifest, and what it loses by that.
fn happens(change: &Change) -> Element {
    let lost = change.lost();
    let ids = change.config.as_ref().map(|(old, new)| {
        el("p")
            .child(quiet("image ID "))
            .child(short(old))
            .child(quiet(" becomes "))
            .child(short(new))
    });
    let lost = (!lost.is_empty()).then(|| {
        let more = lost.len().saturating_sub(LOST_DRAWN);
        let more = (more > 0).then(|| [" and ", &more.to_string(), " more"].concat());
        el("p")
            .class("warn")
            .child("without ")
            .child(listed(&lost[..lost.len().min(LOST_DRAWN)]))
            .child(more)
    });
    el("div").child(how(change.how)).child(ids).child(lost)
}

/// How much of what is lost is named.
const LOST_DRAWN: usize = 20;

/// Says what becomes of a manifest.
fn how(how: How) -> String {
    let entries = |count| waybill_core::humanize::count(count, "entry");
    match how {
        How::Exact => "byte for byte".to_owned(),
        How::Sparse(count) => ["byte for byte; ", &entries(count), " not copied"].concat(),
        How::Shrunk(count) => [&entries(count), " cut out"].concat(),
        How::Types => "media types change, config and layers stay".to_owned(),
        How::Config => "config rewritten, layers stay".to_owned(),
        How::Recompressed(layers) => [
            &waybill_core::humanize::count(layers, "layer"),
            " compressed anew; what they unpack to stays",
        ]
        .concat(),
        How::Rewritten(0) => "written anew".to_owned(),
        How::Rewritten(count) => ["written anew, without ", &entries(count)].concat(),
        How::LeftOut => "left out".to_owned(),
    }
}
