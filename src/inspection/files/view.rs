//! How the files look: what reading them costs, the rows, and what is known of the one that is chosen.

use waybill_blobs::files::{Filter, Look, Row, Sort, State as RowState, Why};
use waybill_blobs::listing::Kind;
use waybill_core::humanize::{count, number, size, start};
use yew::{Callback, Event, TargetCast};

use super::message::{Msg, WantedLayer};
use super::state::{LayerReading, LayerState, Phase, ROWS, State};
use super::{details, tables, waste};
use crate::components::alert::alert;
use crate::components::element::{Element, EventKind, as_it_is, button, el};
use crate::components::listener::{send, send_text};
use crate::components::text::{self, quiet, quiet_line, text, written_out};

/// Draws the tab; nothing while another one is shown.
#[must_use]
pub fn tab(state: &State, link: &Callback<Msg>) -> Option<Element> {
    if !state.is_shown {
        return None;
    }
    let tab = el("div")
        .class("tab files")
        .child(el("h2").class("offscreen").child("Files"));
    Some(match &state.phase {
        Phase::Closed => tab.child(offer(state, link)),
        Phase::Reading(layers) => tab.child(reading(layers, link)),
        Phase::Opening => tab.child(
            el("p")
                .class("row progress")
                .child(el("progress").attr("aria-label", "Putting the layers together"))
                .child(quiet("Putting the layers together")),
        ),
        Phase::Failed(why) => tab
            .child(
                el("p")
                    .attr("role", "alert")
                    .class("bad")
                    .child("The files cannot be shown: ")
                    .child(text::words(why)),
            )
            .child(el("p").child(button("Try again", send(link, Msg::Read)))),
        Phase::Open => opened(tab, state, link),
    })
}

/// Draws the button that says what it costs.
fn offer(state: &State, link: &Callback<Msg>) -> Element {
    let subject = &state.subject;
    let row = el("div");
    if subject.reference.is_none() {
        return row.child(quiet_line(
            "The layers are not part of what was opened, so their files cannot be listed: inspect the image at its \
                registry.",
        ));
    }
    if subject.wanted().is_empty() {
        return row.child(quiet_line(
            "No layer of this image is a file system that can be read.",
        ));
    }
    let to_read = state.to_read();
    let known = subject.wanted().len() - to_read.len();
    let words = ["Read ", &costs(&to_read), ", and list their files"];
    let known = (known > 0).then(|| {
        let were = if known == 1 { "was" } else { "were" };
        quiet(format_args!(
            "{} {were} read already.",
            count(known, "layer")
        ))
    });
    let read = button(&words.concat(), send(link, Msg::Read));
    let by_tables = tables::offer(state, link);
    let about_tables = by_tables.is_some().then(|| {
        quiet_line(
            "A table of contents says what a layer holds, and engines that pull lazily go by it. Its digest is checked, \
                and the layer is not read; where a table cannot be used, its layer is read whole. Who reads the layers \
                has both compared.",
        )
    });
    let read = if by_tables.is_some() {
        read
    } else {
        read.class("primary")
    };
    row.child(el("p").class("row").child(by_tables).child(read).child(known))
    .child(about_tables)
    .child(quiet_line(
        "Layers are read once, hashed on the way, and kept nowhere: what stays is the list of what they hold.",
    ))
    .child(left_out(state))
}

/// How many layers, and how many bytes.
pub(super) fn costs<'a>(layers: impl IntoIterator<Item = &'a WantedLayer>) -> String {
    let (mut many, mut bytes, mut at_least) = (0, 0_u64, "");
    for layer in layers {
        many += 1;
        match layer.size {
            Some(more) => bytes = bytes.saturating_add(more),
            None => at_least = "at least ",
        }
    }
    [&count(many, "layer"), ", ", at_least, &size(bytes)].concat()
}

/// Says that contents were not hashed, and what it costs to do so.
fn without_contents(state: &State, link: &Callback<Msg>) -> Option<Element> {
    let layers = state.without_contents();
    if layers.is_empty() {
        return None;
    }
    let words = ["Read ", &costs(layers), ", again"].concat();
    Some(
        el("p")
            .class("row quiet")
            .child("Files of the same content are not found yet: the check of the layers hashes no single file.")
            .child(button(&words, send(link, Msg::ReadContents))),
    )
}

/// Says which layers have no files to show.
fn left_out(state: &State) -> Option<Element> {
    let left = state.subject.layers.iter().enumerate();
    let left: Vec<_> = left
        .filter_map(|(index, layer)| Some((index, layer.left.as_ref()?)))
        .map(|(index, why)| el("li").child(format_args!("Layer {}: {why}", index + 1)))
        .collect();
    (!left.is_empty()).then(|| el("ul").class("quiet").children(left))
}

fn reading(layers: &[LayerReading], link: &Callback<Msg>) -> Element {
    // What was read before costs nothing.
    let layers = layers.iter();
    let layers: Vec<_> = layers.filter(|layer| !layer.was_read).collect();
    let received: u64 = layers.iter().map(|layer| layer.received).sum();
    let is_read =
        |layer: &&&LayerReading| !matches!(layer.state, LayerState::Table | LayerState::Listed);
    let read = layers.iter().filter(is_read);
    let whole: u64 = read.filter_map(|layer| layer.wanted.size).sum();
    let words = if whole == 0 {
        "Reading tables of contents".to_owned()
    } else {
        [&size(received), " of ", &size(whole)].concat()
    };
    let line = el("p")
        .class("row progress")
        .child(
            el("progress")
                .attr("aria-label", "Reading layers")
                .attr("max", whole.max(1).to_string())
                .attr("value", received.min(whole).to_string()),
        )
        .child(quiet(words))
        .child(button("Cancel", send(link, Msg::Cancel)));
    let trouble = layers.iter().filter_map(|layer| {
        let index = layer.place;
        let item = el("li").class("row");
        let name = format!("{}: ", layer.wanted.digest.short());
        match &layer.state {
            LayerState::Table | LayerState::Listed | LayerState::Running | LayerState::Done(..) => {
                None
            }
            LayerState::Asks => Some(
                item.child(as_it_is(&name))
                    .child("it unpacks to far more than it should.")
                    .child(button("Go on", send(link, Msg::GoOn(index)))),
            ),
            LayerState::Failed(why, goes_on) => Some(
                item.child(
                    el("span")
                        .class("bad")
                        .child(as_it_is(&name))
                        .child(text::words(why)),
                )
                .child(goes_on.then(|| button("Go on", send(link, Msg::GoOn(index))))),
            ),
        }
    });
    let trouble: Vec<_> = trouble.collect();
    let is_over = layers.iter().all(|layer| {
        matches!(
            layer.state,
            LayerState::Done(..) | LayerState::Listed | LayerState::Failed(..)
        )
    });
    let without = (!trouble.is_empty() && is_over)
        .then(|| button("List what came", send(link, Msg::ListWhatCame)));
    el("div").child(line).child(alert(trouble)).child(without)
}

fn opened(tab: Element, state: &State, link: &Callback<Msg>) -> Element {
    tab.child(tools(state, link))
        .child(chips(state, link))
        .child(path_line(state, link))
        .child(warnings(state))
        .child(tables::section(state, link))
        .child(without_contents(state, link))
        .child(
            el("div")
                .class("file-panes")
                .child(
                    el("div")
                        .class("file-list")
                        .child(rows(state, link))
                        .child(counts(state)),
                )
                .child(details::entry(state, link)),
        )
        .child(waste::section(state, link))
}

fn layer_of(look: Look) -> Option<u32> {
    match look {
        Look::Image => None,
        Look::Layer(layer) | Look::Changes(layer) => Some(layer),
    }
}

/// Draws the switch of three ways to look, the layer, the search and the order.
fn tools(state: &State, link: &Callback<Msg>) -> Element {
    let look = state.place.look;
    let layer = layer_of(look).unwrap_or(0);
    let way = |words: &str, to: Look| {
        let is_on = std::mem::discriminant(&look) == std::mem::discriminant(&to);
        button(words, send(link, Msg::Look(to)))
            .attr("aria-pressed", if is_on { "true" } else { "false" })
    };
    let switch = el("div")
        .attr("role", "group")
        .attr("aria-label", "Look at")
        .class("switch")
        .child(way("The image", Look::Image))
        .child(way("One layer", Look::Layer(layer)))
        .child(way("What a layer changed", Look::Changes(layer)));
    let choose = link.reform(move |event: Event| {
        let list = event.target_dyn_into::<web_sys::HtmlSelectElement>();
        let layer = list.and_then(|list| list.value().parse().ok()).unwrap_or(0);
        Msg::Look(match look {
            Look::Changes(_) => Look::Changes(layer),
            Look::Image | Look::Layer(_) => Look::Layer(layer),
        })
    });
    let option = |(index, layer): (usize, &super::SubjectLayer)| {
        let step = layer.step.as_deref().unwrap_or_default();
        let bytes = layer.size.map(size).unwrap_or_default();
        let words = format!("{}: {bytes} {}", index + 1, start(step, 60));
        el("option")
            .attr("value", index.to_string())
            .attr(
                "selected",
                (layer_of(look) == u32::try_from(index).ok()).then_some("selected"),
            )
            .child(as_it_is(&written_out(&words)))
    };
    let list = layer_of(look).map(|_| {
        el("select")
            .attr("aria-label", "Layer")
            .on(EventKind::Change, choose)
            .children(state.subject.layers.iter().enumerate().map(option))
    });
    let order = |words: &str, sort: Sort| {
        let is_on = state.place.sort == sort;
        button(words, send(link, Msg::Sort(sort)))
            .attr("aria-pressed", if is_on { "true" } else { "false" })
    };
    el("div")
        .class("row file-tools")
        .child(switch)
        .child(list)
        .child(
            el("input")
                .attr("type", "search")
                .attr(
                    "aria-label",
                    "Search by name, or by a pattern such as *.so or /etc/**",
                )
                .attr("placeholder", "Search: passwd, *.so, /etc/**")
                .verbatim()
                .class("file-search")
                .value(&state.place.search)
                .on(EventKind::Input, send_text(link, Msg::Typed)),
        )
        .child(
            el("div")
                .attr("role", "group")
                .attr("aria-label", "Order")
                .class("switch")
                .child(order("By name", Sort::Name))
                .child(order("By size", Sort::Size)),
        )
}

/// What a filter is called.
pub(super) fn title(filter: Filter) -> &'static str {
    match filter {
        Filter::Setuid => "setuid and setgid",
        Filter::Capabilities => "capabilities",
        Filter::WorldWritable => "world-writable",
        Filter::Devices => "devices",
        Filter::Hidden => "hidden",
        Filter::Largest => "largest",
        Filter::Duplicates => "duplicates",
        Filter::EnginesDiffer => "engines differ",
    }
}

fn chips(state: &State, link: &Callback<Msg>) -> Element {
    let chip = |(filter, many): (Filter, u32)| {
        let is_on = state.place.filter == Some(filter);
        let class = if many == 0 { "chip none" } else { "chip" };
        button(title(filter), send(link, Msg::Filter(filter)))
            .attr("aria-pressed", if is_on { "true" } else { "false" })
            .class(class)
            .child(" ")
            .child(el("small").child(number(u64::from(many))))
    };
    let all = Filter::ALL.into_iter().zip(state.answered.counts);
    el("div")
        .attr("role", "group")
        .attr("aria-label", "Show only")
        .class("row chips")
        .children(all.map(chip))
}

fn path_line(state: &State, link: &Callback<Msg>) -> Element {
    let on_submit = link.reform(|event: Event| {
        event.prevent_default();
        Msg::PathSubmitted
    });
    let missing = state.is_missing.then(|| {
        let look = match state.place.look {
            Look::Image => "the image has",
            Look::Layer(_) => "this layer has",
            Look::Changes(_) => "this layer changed",
        };
        el("span")
            .attr("role", "alert")
            .class("warn")
            .child(format_args!("There is nothing there: {look} no such path."))
    });
    el("form")
        .class("row file-path")
        .on(EventKind::Submit, on_submit)
        .child(
            el("input")
                .attr("type", "text")
                .attr("aria-label", "Path")
                .attr("placeholder", "/etc/passwd")
                .verbatim()
                .value(&state.typed)
                .on(EventKind::Input, send_text(link, Msg::PathTyped)),
        )
        .child(el("button").attr("type", "submit").child("Go"))
        .child(missing)
}

fn warnings(state: &State) -> Option<Element> {
    let lines: Vec<_> = state
        .warnings
        .iter()
        .map(|words| el("li").child(text::words(words)))
        .collect();
    alert(lines).map(|it| it.class("warn"))
}

fn counts(state: &State) -> Element {
    let answered = &state.answered;
    let words = if answered.total == 0 {
        "Nothing is here.".to_owned()
    } else if state.is_list() {
        format!("{} found", number(u64::from(answered.total)))
    } else {
        format!(
            "{}, {}",
            count(
                usize::try_from(answered.entries).unwrap_or(usize::MAX),
                "entry"
            ),
            size(answered.bytes)
        )
    };
    let more = (answered.left_out > 0).then(|| {
        format!(
            "; {} more are not listed: there are too many",
            number(answered.left_out)
        )
    });
    el("p")
        .attr("role", "status")
        .class("quiet")
        .child(words)
        .child(more)
}

/// Draws the rows in view, between two that are as high as all the others.
fn rows(state: &State, link: &Callback<Msg>) -> Element {
    let rows = state.rows();
    let drawn = rows.drawn();
    let from = state.answered.from;
    let end = from.saturating_add(u32::try_from(state.answered.rows.len()).unwrap_or(0));
    // What did not come yet is left white.
    let first = drawn.start.clamp(from, end.max(from));
    let last = drawn.end.clamp(first, end.max(first));
    let here = (first..last).filter_map(|number| Some((number, state.row(number)?)));
    let here: Vec<_> = here
        .map(|(number, row)| one(state, number, row, link))
        .collect();
    let top = rows.top(first);
    let row_height = if rows.scroll.row > 1.0 {
        rows.scroll.row
    } else {
        28.0
    };
    let shown = f64::from(u32::try_from(here.len()).unwrap_or(0)) * row_height;
    let bottom = (rows.height() - top - shown).max(0.0);
    let active = state.active.filter(|row| (first..last).contains(row));
    let kind = if state.is_list() { "grid" } else { "treegrid" };
    el("div")
        .attr("id", ROWS)
        .attr("role", kind)
        .attr("aria-label", "Files")
        .attr("tabindex", "0")
        .attr("aria-rowcount", state.answered.total.to_string())
        .attr("aria-activedescendant", active.map(row_id))
        .class("file-rows")
        .child(space(top))
        .child(el("div").attr("role", "rowgroup").children(here))
        .child(space(bottom))
}

fn row_id(number: u32) -> String {
    format!("file-{number}")
}

/// Draws nothing, as high as that. Styles in attributes are forbidden here, and heights of drawings are none.
fn space(height: f64) -> Element {
    el("svg")
        .attr("role", "presentation")
        .attr("width", "1")
        .attr("height", format_args!("{height:.1}"))
        .class("file-space")
}

fn one(state: &State, number: u32, row: &Row, link: &Callback<Msg>) -> Element {
    let is_tree = !state.is_list();
    let is_active = state.active == Some(number);
    let class = match (row.state, row.is_format) {
        (RowState::Hidden(..) | RowState::Removed, _) | (_, true) => "file-row faded",
        _ => "file-row",
    };
    let msg = if row.is_open.is_some() && is_tree {
        Msg::Toggle(number)
    } else {
        Msg::Pressed(number)
    };
    let open = row.is_open.filter(|_| is_tree);
    let expanded = open.map(|is_open| if is_open { "true" } else { "false" });
    let indent = if is_tree {
        row.depth.saturating_sub(1).min(24) * 16
    } else {
        0
    };
    let sign = match open {
        Some(true) => "▾",
        Some(false) => "▸",
        None => "",
    };
    el("div")
        .attr("role", "row")
        .attr("id", row_id(number))
        .attr("aria-rowindex", (number + 1).to_string())
        .attr("aria-level", is_tree.then(|| row.depth.to_string()))
        .attr("aria-posinset", is_tree.then(|| row.sibling.0.to_string()))
        .attr("aria-setsize", is_tree.then(|| row.sibling.1.to_string()))
        .attr("aria-expanded", expanded)
        .attr("aria-selected", if is_active { "true" } else { "false" })
        .key(&number.to_string())
        .class(class)
        .on(EventKind::Click, send(link, msg))
        .child(
            el("span")
                .attr("role", "gridcell")
                .class("file-name")
                .child(
                    el("svg")
                        .attr("aria-hidden", "true")
                        .attr("height", "1")
                        .attr("width", indent.to_string()),
                )
                .child(
                    el("span")
                        .attr("aria-hidden", "true")
                        .class("file-sign")
                        .child(sign),
                )
                .child(name(row)),
        )
        .child(
            el("span")
                .attr("role", "gridcell")
                .class("file-marks")
                .children(marks(state, row)),
        )
        .child(
            el("span")
                .attr("role", "gridcell")
                .class("file-size number")
                .child(bar(row.share))
                .child(size(row.bytes)),
        )
}

fn name(row: &Row) -> Element {
    let slash = matches!(row.kind, Kind::Directory).then_some("/");
    let link = row.link.as_ref().map(|link| {
        let arrow = if matches!(row.kind, Kind::HardLink) {
            " = "
        } else {
            " → "
        };
        quiet(arrow).child(text(link))
    });
    let kind = kind_mark(row.kind).map(|words| quiet(" ").child(words));
    el("span")
        .class("file-text")
        .attr("title", written_out(&row.name))
        .child(text(&row.name))
        .child(slash)
        .child(link)
        .child(kind)
}

/// What stands behind the name of what is no file, directory or link.
fn kind_mark(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::File | Kind::Directory | Kind::SymbolicLink | Kind::HardLink => None,
        Kind::CharacterDevice => Some("character device"),
        Kind::BlockDevice => Some("block device"),
        Kind::Pipe => Some("pipe"),
        Kind::GlobalHeader => Some("PAX header for all"),
        Kind::Other(_) => Some("unknown type"),
    }
}

/// How a hidden entry came to be hidden, in words.
pub(super) fn hidden_words(by: u32, why: Why) -> String {
    let layer = by + 1;
    match why {
        Why::Replaced => format!("replaced by layer {layer}"),
        Why::Whiteout => format!("removed by layer {layer}"),
        Why::Opaque => format!("hidden by an opaque directory of layer {layer}"),
        Why::ParentReplaced => format!("layer {layer} replaced a directory above it"),
        Why::Duplicate => "written again later in its layer".into(),
    }
}

fn marks(state: &State, row: &Row) -> Vec<Element> {
    let mark = |class: &'static str, words: String| el("span").class(class).child(words);
    let mut marks = Vec::new();
    if row.engines_differ {
        marks.push(mark("mark warn", "engines differ".into()));
    }
    match row.state {
        RowState::Hidden(by, why) => marks.push(mark("mark", hidden_words(by, why))),
        RowState::Added => marks.push(mark("mark good", "added".into())),
        RowState::Changed => marks.push(mark("mark", "changed".into())),
        RowState::Removed => marks.push(mark("mark bad", "removed".into())),
        RowState::Whiteout => marks.push(mark("mark", "removes what is below".into())),
        RowState::Seen | RowState::Implied => {}
    }
    if row.is_format {
        marks.push(mark("mark", "of the format".into()));
    }
    if let Some((copy, copies)) = row.copy {
        marks.push(mark("mark", format!("{copy} of {copies}")));
    }
    let is_image = state.place.look == waybill_blobs::files::Look::Image;
    if is_image && !matches!(row.state, RowState::Implied) {
        marks.push(mark("file-layer", format!("layer {}", row.layer + 1)));
    }
    marks
}

/// Draws how large something is beside what stands with it.
fn bar(share: u16) -> Element {
    let width = format!("{}.{}%", share / 10, share % 10);
    el("svg")
        .attr("aria-hidden", "true")
        .class("bar")
        .child(el("rect").attr("width", width).attr("height", "100%"))
}
