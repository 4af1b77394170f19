//! The tabs behind the first one, and the findings of the first: a part of the program that is loaded once what is looked
//! at is here, or when somebody goes to one of them. The words of every rule come with it.

use waybill_core::command_line::Line;
use waybill_core::descriptor::Descriptor;
use waybill_core::digest::Digest;
use waybill_core::finding::Finding;
use waybill_core::json::Reason;
use waybill_core::manifest::Image;
use waybill_core::reference::Target;
use waybill_core::workflow::fetch::Fetch;
use waybill_core::workflow::inspect::{Current, InspectTarget, Model, Node};
use yew::{Event, TargetCast};

use super::drawing::Drawing;
use super::layers::head;
use super::view::{entry_href, fetching, waiting};
use super::{Document, Msg, custody};
use crate::components::code::ContentView;
use crate::components::commands::{About, commands, tools};
use crate::components::element::{Element, button, el};
use crate::components::findings::findings;
use crate::components::listener::send;
use crate::components::{code, layers};
use crate::lazy::kept;
use crate::limits::FINDINGS_DRAWN;
use crate::route::{Route, Tab};

/// What the part brings.
#[derive(Clone, Copy)]
struct Tabs {
    tab: fn(Drawing<'_>) -> Element,
    found: fn(&Model) -> Option<Element>,
}

kept! {
    tabs:
    /// Brings what draws the tabs behind the first one, and the findings of the first.
    Tabs = Tabs { tab: draw, found }
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
    let href = |digest: &Digest| {
        let is = |descriptor: &Descriptor| descriptor.digest.as_ref() == Some(digest);
        let image = node.image();
        if node.list().is_some_and(|list| list.entries.iter().any(is)) {
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
    let content = ContentView {
        bytes: &node.arrival.bytes,
        found,
        places: &places,
        from: inspection.drawn_from(),
    };
    bytes_of(tab, drawing, content, Document::Manifest, &href)
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
            let (bytes, found) = (&config.arrival.bytes, first(&config.findings));
            let content = ContentView {
                bytes,
                found,
                places: &Finding::places(found, bytes),
                from: inspection.drawn_from(),
            };
            bytes_of(
                tab.child(fault),
                drawing,
                content,
                Document::Config,
                &|_| None,
            )
        }
    }
}

/// Returns the findings that are drawn.
fn first(found: &[Finding]) -> &[Finding] {
    &found[..found.len().min(FINDINGS_DRAWN)]
}

/// Puts bytes into `parent`, with everything that can be done with them.
fn bytes_of(
    parent: Element,
    Drawing {
        inspection, link, ..
    }: Drawing<'_>,
    content: ContentView<'_>,
    document: Document,
    href: &dyn Fn(&Digest) -> Option<String>,
) -> Element {
    let on_input = link.reform(|event: Event| {
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
    code::bytes(
        parent,
        content,
        (inspection.indented, on_input),
        buttons,
        href,
        &|line| send(link, Msg::ShowFrom(line)),
    )
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
