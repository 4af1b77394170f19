//! The tabs behind the first one, and the findings of the first: a part of the program that is loaded once what is looked
//! at is here, or when somebody goes to one of them. The words of every rule come with it.

use std::cell::OnceCell;
use std::collections::HashSet;
use wasm_bindgen::JsCast;

use waybill_core::command_line::Line;
use waybill_core::descriptor::Descriptor;
use waybill_core::digest::Digest;
use waybill_core::finding::Finding;
use waybill_core::humanize::number;
use waybill_core::json::{Place, Reason};
use waybill_core::manifest::Image;
use waybill_core::reference::Target;
use waybill_core::workflow::fetch::Fetch;
use waybill_core::workflow::inspect::{Current, InspectTarget, Model, Node};
use yew::{Callback, Event, TargetCast};

use super::drawing::Drawing;
use super::layers::head;
use super::reading::{self, Reading};
use super::view::{entry_href, fetching, waiting};
use super::{Document, Effect, Inspection, Msg, custody};
use crate::components::commands::{About, commands, tools};
use crate::components::element::{Element, EventKind, button, el};
use crate::components::findings::findings;
use crate::components::listener::{send, send_text};
use crate::components::{code, layers};
use crate::lazy::{LoadError, kept, styled};
use crate::limits::FINDINGS_DRAWN;
use crate::route::{Route, Tab};

/// What the part brings.
#[derive(Clone, Copy)]
struct Tabs {
    tab: fn(Drawing<'_>) -> Element,
    found: fn(&Model) -> Option<Element>,
    read: fn(&mut Inspection, reading::Msg) -> Vec<Effect>,
}

kept! {
    tabs:
    /// Brings what draws the tabs behind the first one, and the findings of the first.
    Tabs = Tabs { tab: draw, found, read: reading::update }
}

/// Loads it, and the style that it has with other parts.
///
/// # Errors
///
/// Fails where one of the two does not come; it may be called again.
pub async fn load_styled() -> Result<(), LoadError> {
    styled(load()).await
}

/// Has something that was sought or folded happen to the content that is drawn.
pub(super) fn read(inspection: &mut Inspection, msg: reading::Msg) -> Vec<Effect> {
    here().map_or_else(Vec::new, |tabs| (tabs.read)(inspection, msg))
}

/// Draws the tab that is open; `None` where what draws it is not here.
pub(super) fn tab(drawing: Drawing<'_>) -> Option<Element> {
    here().map(|tabs| (tabs.tab)(drawing))
}

/// Draws what was found in what is looked at, or why it cannot be drawn, or that what draws it is on its way.
pub(super) fn findings_of(drawing: Drawing<'_>) -> Option<Element> {
    let Drawing {
        inspection, link, ..
    } = drawing;
    match (here(), inspection.tabs_fault) {
        (Some(tabs), _) => (tabs.found)(&inspection.model),
        (None, Some(error)) if !inspection.model.findings().is_empty() => {
            let what = "What draws the findings";
            Some(waiting(Some((what, error)), send(link, Msg::LoadTabs)))
        }
        (None, None) if !inspection.model.findings().is_empty() => {
            let words = "What was found is on its way.";
            Some(el("p").class("quiet progress").child(words))
        }
        (None, _) => None,
    }
}

fn found(model: &Model) -> Option<Element> {
    findings(model.findings(), &model.places(FINDINGS_DRAWN))
}

/// Draws the tab that is open, where what is looked at has it.
fn draw(drawing: Drawing<'_>) -> Element {
    let inspection = drawing.inspection;
    let tab = |name| {
        el("div")
            .class("tab")
            .child(el("h2").class("offscreen").child(name))
    };
    match (inspection.place.tab, inspection.model.current()) {
        (Tab::Json, Current::List(node, _) | Current::Image(node, _) | Current::Other(node)) => {
            json_tab(tab("JSON"), drawing, node)
        }
        (Tab::Config, Current::Image(_, image)) => config_tab(tab("Config"), drawing, image),
        (Tab::Layers, Current::Image(_, image)) => layers_tab(tab("Layers"), drawing, image),
        _ => commands_tab(tab("Commands"), drawing),
    }
}

fn layers_tab(tab: Element, drawing: Drawing<'_>, image: &Image) -> Element {
    let inspection = drawing.inspection;
    let pointed = inspection.hovered_layer;
    let mut tab = head(tab, drawing, image, layers::hold(&image.layers, pointed));
    if let Some(check) = &inspection.check {
        tab = tab.child(check.rows(drawing));
    }
    let config = inspection.model.image_config(image);
    layers::details(tab, image, config, pointed)
}

fn json_tab(tab: Element, drawing: Drawing<'_>, node: &Node) -> Element {
    let inspection = drawing.inspection;
    let found = inspection.model.findings();
    let here = |tab| {
        let place = &inspection.place;
        Route::at(&inspection.source, place, &place.at, tab)
    };
    // A page has a hundred digests, and a list 15,000 entries.
    let listed = OnceCell::new();
    let href = |digest: &Digest| {
        let is = |descriptor: &Descriptor| descriptor.digest.as_ref() == Some(digest);
        let image = node.image();
        if listed.get_or_init(|| digests_of(node)).contains(digest) {
            entry_href(inspection, Some(digest))
        } else if image
            .and_then(|image| image.config.as_ref())
            .is_some_and(is)
        {
            Some(here(Tab::Config))
        } else {
            image
                .is_some_and(|image| image.layers.iter().any(is))
                .then(|| here(Tab::Layers))
        }
    };
    let places = inspection.model.places(FINDINGS_DRAWN);
    let tab = tab.child(findings(found, &places));
    let found = (first(found), Some(&*places));
    bytes_of(tab, drawing, found, Document::Manifest, &href)
}

/// Gathers the digests of a list's entries.
fn digests_of(node: &Node) -> HashSet<&Digest> {
    let entries = node.list().map(|list| list.entries.as_slice());
    let entries = entries.unwrap_or_default();
    // A set that grows hashes them once more.
    let mut digests = HashSet::with_capacity(entries.len());
    digests.extend(entries.iter().filter_map(|entry| entry.digest.as_ref()));
    digests
}

fn config_tab(tab: Element, drawing: Drawing<'_>, image: &Image) -> Element {
    let inspection = drawing.inspection;
    let line = el("p");
    match inspection.model.config(image) {
        _ if image.inline_config.is_some() => tab.child(
            line.child("Schema 1 has no config of its own: it is inside history, see JSON."),
        ),
        None => tab.child(line.child("This manifest names no config that can be fetched.")),
        Some(Fetch::Pending) => tab.child(line.child(fetching("Fetching the config"))),
        Some(Fetch::Failed(failure)) => tab.child(custody::failure(failure, drawing.link)),
        Some(Fetch::Done(config)) => {
            let fault = config
                .config
                .as_ref()
                .err()
                .map(|error| match error.reason {
                    Reason::Html => line.class("bad").child("The registry sent an HTML page."),
                    _ => line
                        .class("bad")
                        .child(format_args!("Not a JSON object: {error}.")),
                });
            let found = (first(&config.findings), None);
            bytes_of(tab.child(fault), drawing, found, Document::Config, &|_| {
                None
            })
        }
    }
}

/// Returns the findings that are drawn.
fn first(found: &[Finding]) -> &[Finding] {
    &found[..found.len().min(FINDINGS_DRAWN)]
}

/// Puts the bytes that are looked at into `parent`, with everything that can be done with them. The places of what was
/// found in them may be known.
fn bytes_of(
    parent: Element,
    Drawing {
        inspection, link, ..
    }: Drawing<'_>,
    (found, places): (&[Finding], Option<&[Option<Place>]>),
    document: Document,
    href: &dyn Fn(&Digest) -> Option<String>,
) -> Element {
    let on_indent = link.reform(|event: Event| {
        Msg::Indent(
            event
                .target_dyn_into::<web_sys::HtmlInputElement>()
                .is_some_and(|input| input.checked()),
        )
    });
    let copy = button("copy", send(link, Msg::CopyBytes(document)))
        .attr("aria-label", "Copy the bytes")
        .class("copy");
    let buttons = [copy, button("Download", send(link, Msg::Save(document)))];
    let drawn = reading::look(inspection, |readings| {
        let sought = readings.sought().to_owned();
        let (shown, reading) = readings.shown(found, places, inspection.drawn_from())?;
        let head = code::head(
            (inspection.indented, on_indent),
            (reading.is_indented, reading.bytes()),
            buttons,
        );
        let parent = el("div").class("code-view").child(head);
        Some(code::page(
            parent.child(search(&sought, reading, link)),
            &shown,
            href,
            &|line| send(link, Msg::ShowFrom(line)),
            &|line| send(link, Msg::Reading(reading::Msg::Fold(line))),
        ))
    });
    parent.child(drawn.flatten())
}

/// Draws the box that finds, with the count of hits and what goes from one to the next, and what folds and unfolds.
fn search(sought: &str, reading: &Reading, link: &Callback<Msg>) -> Element {
    let (count, more, at) = reading.counted();
    let all = || number(count as u64);
    let said = match (sought, count) {
        ("", _) => String::new(),
        (_, 0) => "none".to_owned(),
        _ => {
            let of = if more { " of more than " } else { " of " };
            [&number(at as u64 + 1), of, &all()].concat()
        }
    };
    // A button stays where there is nothing for it to do, so that the focus stays on it.
    let press = |words: &str, does: bool, msg| {
        let off = (!does).then_some("true");
        button(words, send(link, Msg::Reading(msg))).attr("aria-disabled", off)
    };
    let step = |words: &str, on| press(words, count > 0, reading::Msg::Step(on));
    let folding = reading.folding().map(|(can_fold, can_unfold)| {
        el("span")
            .class("row")
            .child(press("Fold all", can_fold, reading::Msg::FoldAll(true)))
            .child(press(
                "Unfold all",
                can_unfold,
                reading::Msg::FoldAll(false),
            ))
    });
    let find = |words| Msg::Reading(reading::Msg::Find(words));
    let on_key = {
        let link = link.clone();
        Callback::from(move |event: Event| {
            if let Some(msg) = key(&event) {
                link.emit(Msg::Reading(msg));
            }
        })
    };
    let input = el("input")
        .attr("type", "search")
        .attr("aria-label", "Find in the content")
        .attr("placeholder", "Find in the content")
        .verbatim()
        .value(sought)
        .on(EventKind::Input, send_text(link, find));
    el("div")
        .attr("role", "search")
        .attr("aria-label", "Find in the content")
        .class("row code-find")
        .child(el("span").on(EventKind::Key, on_key).child(input))
        .child(el("span").attr("role", "status").class("quiet").child(said))
        .child(step("Previous hit", false))
        .child(step("Next hit", true))
        .child(folding)
}

/// Reads a key in the box that finds. What Enter says to somebody who writes by an input method is not for us.
fn key(event: &Event) -> Option<reading::Msg> {
    let event: &web_sys::KeyboardEvent = event.dyn_ref()?;
    match event.key().as_str() {
        "Enter" if !event.is_composing() => Some(reading::Msg::Step(!event.shift_key())),
        "Escape" => Some(reading::Msg::Find(String::new())),
        _ => None,
    }
}

fn commands_tab(tab: Element, drawing: Drawing<'_>) -> Element {
    let model = &drawing.inspection.model;
    let InspectTarget::Registry(reference) = &model.subject else {
        let words =
            "What is looked at came from this page, not from a registry. Downloaded as a file:";
        let lines = vec![
            Ok("sha256sum FILE".to_owned()),
            Ok("skopeo manifest-digest FILE".to_owned()),
        ];
        return tab
            .child(el("p").child(words))
            .child(commands(&[("digest", lines)]));
    };
    if let Some((name, made)) = reference.archive() {
        return in_archive(tab, name, made);
    }
    let host = reference.host();
    // Some tools refuse a tag and a digest together, so the digest stands alone.
    let shown = match model.path.last().or(reference.digest()) {
        Some(digest) => reference.at(Target::Digest(digest.clone())),
        None => reference.clone(),
    };
    let chosen = drawing
        .registries
        .get(host)
        .is_some_and(|choice| choice.plain_http);
    let about = About {
        reference: &shown.familiar(),
        host: host.as_str(),
        plain_http: chosen || host.is_loopback(),
        image: matches!(model.current(), Current::Image(..)),
    };
    tab.child(commands(&tools(about)))
}

/// Draws the commands of what stands in an opened archive. They name the file by its name in this page's addresses, since
/// no page learns where a file is; which of several images is meant, a tool is told by a name.
fn in_archive(tab: Element, name: &str, made: bool) -> Element {
    let line = |words: &str, prefix: &str| {
        let mut line = Line::new(words);
        line.word(&[prefix, name].concat());
        line.finish()
    };
    let skopeo = if made {
        "docker-archive:"
    } else {
        "oci-archive:"
    };
    let tools = [
        (
            "skopeo",
            vec![
                line("skopeo inspect --raw", skopeo),
                line("skopeo inspect --config", skopeo),
            ],
        ),
        ("docker", vec![line("docker load --input", "")]),
        ("podman", vec![line("podman load --input", "")]),
        ("tar", vec![line("tar --list --file", "")]),
    ];
    let words = "What is looked at is in a file that is open in this tab. Its name stands for the \
        file; where it holds several images, skopeo wants the name of one behind a colon. A folder \
        is oci: or dir: in place of what is named here.";
    tab.child(el("p").child(words)).child(commands(&tools))
}
