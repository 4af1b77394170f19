//! The images of an archive, a row each.

use waybill_blobs::archive::Verdict;
use waybill_blobs::archive::message::{Told, ToldImage};
use waybill_core::humanize::{count, size};
use waybill_core::view::Status;
use yew::{Callback, Event};

use crate::archive::message::Msg;
use crate::archive::state::{Opened, is_listed, reference};
use crate::components::digest::short;
use crate::components::element::{Element, EventKind, el};
use crate::components::status;
use crate::components::table::{self, cell};
use crate::components::text::{quiet, quiet_line, text, words, written_out};
use crate::limits::ITEMS_DRAWN;
use crate::route::{ComposeIntent, InspectSource, PartPage, Route, View, to_query};

/// How many names of one image are drawn.
const NAMES_DRAWN: usize = 20;

/// Draws the table.
pub(super) fn table(opened: &Opened, told: &Told, link: &Callback<Msg>) -> Element {
    let heads = [
        ("Image", None),
        ("Digest", None),
        ("Platform", Some("wide-only")),
        ("Size", Some("number")),
        ("Verdict", None),
    ];
    let left = told.images.len().saturating_sub(ITEMS_DRAWN);
    let caption = if left > 0 {
        format!("The first {ITEMS_DRAWN} images; {left} more are not drawn.")
    } else {
        "Each opens in Inspect, with its layers and files; no network is needed.".to_owned()
    };
    let rows = told.images.iter().take(ITEMS_DRAWN).enumerate();
    table::table(&caption, &heads)
        .class("images")
        .child(el("tbody").children(rows.map(|(place, image)| {
            let is_below = place > 0 && image.names.is_empty() && is_listed(told, image);
            let tick = tick(opened, place, image, link);
            row(opened, image, is_below, tick).key(&place.to_string())
        })))
}

fn row(opened: &Opened, image: &ToldImage, is_below: bool, tick: Option<Element>) -> Element {
    let href = href(opened, image);
    let line = |words: Element| match &href {
        Some(href) => el("a").attr("href", href.clone()).child(words),
        None => words,
    };
    let kind = if image.lists.is_some() {
        "an index without a name"
    } else {
        "no name"
    };
    let mut head = el("th").attr("scope", "row").child(tick);
    head = match image.names.split_first() {
        None if is_below => {
            let platform = image.platform.as_deref();
            head.child(line(platform.map_or_else(|| words("listed above"), text)))
        }
        None => head.child(line(el("span").child(kind))),
        Some((first, others)) => {
            let more = others.len().saturating_sub(NAMES_DRAWN);
            let more = (more > 0).then(|| quiet(format_args!("and {more} more")));
            let others = others.iter().take(NAMES_DRAWN);
            head.child(line(text(first)))
                .children(others.map(|name| el("div").class("quiet").child(text(name))))
                .child(more)
        }
    };
    let digest = match &image.digest {
        Some(digest) => el("td").child(short(digest)),
        None if image.made => el("td").child(quiet("not known before its layers are unpacked")),
        None => el("td").child(quiet("none")),
    };
    let digest = digest.child(image.made.then(|| quiet(" made here")));
    let platform = if is_below {
        None
    } else {
        image.platform.as_deref()
    };
    let (layers, bytes) = match &image.lists {
        Some(lists) => (count(lists.len(), "entry"), None),
        None if image.layers == 0 => ("no layers".to_owned(), None),
        None => {
            let layers = usize::try_from(image.layers).unwrap_or(usize::MAX);
            (count(layers, "layer"), Some(size(image.bytes)))
        }
    };
    // Where there is little room, the bytes say more.
    let class = bytes.is_some().then_some("wide-only");
    let layers = el("span").attr("class", class).child(layers);
    let layers = cell("number")
        .child(layers)
        .child(
            bytes
                .is_some()
                .then(|| el("span").class("wide-only").child(", ")),
        )
        .child(bytes);
    el("tr")
        .attr("class", is_below.then_some("below"))
        .child(head)
        .child(digest)
        .child(cell("wide-only").child(platform.map(text)))
        .child(layers)
        .child(verdict(image))
}

/// Draws the box that chooses an image; nothing of what must not be pushed.
fn tick(opened: &Opened, place: usize, image: &ToldImage, link: &Callback<Msg>) -> Option<Element> {
    let digest = image.digest.as_ref().filter(|_| image.may_be_pushed)?;
    let name = image.names.first().or(image.platform.as_ref());
    let label = [
        "Choose ",
        &name.map_or_else(|| digest.short().to_owned(), |name| written_out(name)),
    ]
    .concat();
    let is_chosen = opened.chosen.contains(&place);
    let on_change = link.reform(move |_: Event| Msg::Choose(place, !is_chosen));
    Some(
        el("input")
            .attr("type", "checkbox")
            .attr("aria-label", label)
            .checked(is_chosen)
            .on(EventKind::Change, on_change),
    )
}

/// Draws where the chosen images may go; nothing where none may.
pub(super) fn ways(opened: &Opened, told: &Told) -> Option<Element> {
    let places = told.images.iter().enumerate().take(ITEMS_DRAWN);
    let mut may = places.filter(|(_, image)| image.may_be_pushed && image.digest.is_some());
    may.next()?;
    let chosen: Vec<_> = opened
        .chosen
        .iter()
        .filter_map(|place| reference(opened, told.images.get(*place)?))
        .collect();
    let way = |route: Route, words: &'static str| {
        let href = route.to_string();
        el("a").attr("href", href).class("button").child(words)
    };
    let copy = match &chosen[..] {
        [one] => {
            let route = Route::Part(PartPage::Copy, to_query(&[("from", one)]));
            Some(way(route, "Copy to a registry or into a file"))
        }
        _ => None,
    };
    let diff = match &chosen[..] {
        [one, other] => {
            let route = Route::Part(PartPage::Diff, to_query(&[("from", one), ("to", other)]));
            Some(way(route, "Compare the two"))
        }
        _ => None,
    };
    let compose = (!chosen.is_empty()).then(|| {
        let route = Route::Compose(Some(ComposeIntent::Add(chosen.join("&add="))));
        way(route, "Add to a composition")
    });
    let hint = chosen
        .is_empty()
        .then(|| quiet("Choose one image to copy it, two to compare them, or several to make an index of them."));
    let ways = el("p").class("row").child(copy).child(diff);
    Some(ways.child(compose).child(hint))
}

/// Where Inspect shows an image; `None` where there is nothing to show.
fn href(opened: &Opened, image: &ToldImage) -> Option<String> {
    let text = reference(opened, image)?;
    let route = Route::Inspect(InspectSource::Reference(text), View::default());
    Some(route.to_string())
}

fn verdict(image: &ToldImage) -> Element {
    let (kind, word) = match image.verdict {
        Some(Verdict::Verified) => (Status::Verified, "verified"),
        Some(Verdict::Mismatch) => (Status::Failed, "mismatch"),
        _ if !image.is_here => (Status::Unchecked, "not in the archive"),
        _ if !image.complete => (Status::Unchecked, "not complete"),
        Some(Verdict::NotChecked) => (Status::Unchecked, "partly checked"),
        None => (Status::Unchecked, "not read"),
    };
    let causes = image.causes.iter().take(NAMES_DRAWN);
    el("td")
        .child(status::verdict(kind, word))
        .children(causes.map(|cause| el("div").class("quiet").child(words(cause))))
}

/// Says what a digest that was made depends on, where there is one.
pub(super) fn note(told: &Told) -> Option<Element> {
    let has_made = told.images.iter().any(|image| image.made);
    has_made.then(|| {
        quiet_line(
            "Made: docker save writes no manifest, so each reader makes one of its own. This is the \
             one that skopeo makes; its digest depends on the config and on what the layers unpack \
             to. docker push and crane make others, of the same image.",
        )
    })
}
