//! How an inspection looks: the verdict in one sentence, the custody line, and the tabs.

mod custody;
mod fields;

use waybill_core::descriptor::Descriptor;
use waybill_core::digest::Digest;
use waybill_core::finding::Finding;
use waybill_core::humanize::sentence;
use waybill_core::json::Reason;
use waybill_core::manifest::Image;
use waybill_core::reference::Target;
use waybill_core::view::{Stamp, Status, Summary};
use waybill_core::workflow::fetch::{Failure, Fetch};
use waybill_core::workflow::inspect::{self as workflow, Current, InspectTarget, Model, Node};
use yew::{Callback, Event, TargetCast};

use super::drawing::Drawing;
use super::{Document, Inspection, Msg, files};
use crate::components::code::ContentView;
use crate::components::commands::{About, commands, tools};
use crate::components::element::{Element, button, el};
use crate::components::findings::findings;
use crate::components::listener::send;
use crate::components::text::{quiet, written_out};
use crate::components::{code, layers, status};
use crate::limits::FINDINGS_DRAWN;
use crate::route::{InspectSource, Route, Tab};

/// Draws a page's sheet up to its tabs: the verdict's sentence, the stamp, and what is said of it.
pub fn sheet(words: Element, model: &Model, summary: Summary) -> Element {
    el("article")
        .class("sheet")
        .child(
            el("div")
                .class("verdict")
                .child(words)
                .child(status::stamp(&summary.stamp)),
        )
        .child(
            el("p")
                .attr("role", "status")
                .attr("aria-live", "polite")
                .class("offscreen")
                .child(announcement(model, summary)),
        )
}

/// Draws the tabs and what is under the one that is open.
pub fn views(sheet: Element, drawing: Drawing<'_>) -> Element {
    let files = files::drawn(drawing.inspection);
    sheet
        .child(tabs(drawing.inspection))
        .child(body(drawing))
        .child(files)
}

/// Says what screen readers hear, once, when all fetching and checking is done.
fn announcement(model: &Model, summary: Summary) -> String {
    let Stamp {
        text,
        small,
        status,
    } = summary.stamp;
    if model.pending() > 0 || status == Status::Pending {
        return String::new();
    }
    written_out(&format!("{} {text}: {small}", sentence(&summary.title)))
}

/// Draws how much is still to come, with a way to stop it; nothing where all is here.
pub fn progress(model: &Model, link: &Callback<Msg>) -> Option<Element> {
    let pending = model.pending();
    let cancel = || button("Cancel", send(link, Msg::Workflow(workflow::Msg::Cancel)));
    (pending > 0).then(|| {
        let line = el("p").class("row progress").child(fetching("Fetching"));
        line.child(quiet(format_args!("{pending} to come")))
            .child(cancel())
    })
}

/// Draws a bar that says what is being fetched to those who do not see it.
fn fetching(what: &'static str) -> Element {
    el("progress").attr("aria-label", what)
}

/// Draws the tabs that have something to show here.
fn tabs(inspection: &Inspection) -> Option<Element> {
    let shown: &[Tab] = match inspection.model.current() {
        Current::Loading | Current::Failed(_) => return None,
        Current::Image(..) => &Tab::ALL,
        Current::List(..) => &[Tab::Overview, Tab::Json, Tab::Commands],
        Current::Other(_) => &[Tab::Overview, Tab::Json],
    };
    let tab = |tab: &Tab| {
        let href = Route::at(
            &inspection.source,
            &inspection.place,
            &inspection.place.at,
            *tab,
        );
        let here = (*tab == inspection.place.tab).then_some("page");
        el("a")
            .attr("href", href)
            .attr("aria-current", here)
            .child(tab.title())
    };
    Some(
        el("nav")
            .attr("aria-label", "Views")
            .class("tabs")
            .children(shown.iter().map(tab)),
    )
}

fn body(drawing: Drawing<'_>) -> Option<Element> {
    let inspection = drawing.inspection;
    let model = &inspection.model;
    let tab = |name| {
        el("div")
            .class("tab")
            .child(el("h2").class("offscreen").child(name))
    };
    if let (Tab::Files, Current::Image(..)) = (inspection.place.tab, model.current()) {
        return files::waiting(inspection, drawing.link);
    }
    Some(match (inspection.place.tab, model.current()) {
        (Tab::Json, Current::List(node, _) | Current::Image(node, _) | Current::Other(node)) => {
            json_tab(tab("JSON"), drawing, node)
        }
        (Tab::Config, Current::Image(_, image)) => config_tab(tab("Config"), drawing, image),
        (Tab::Layers, Current::Image(_, image)) => {
            let hold = layers::hold(&image.layers, inspection.hovered_layer);
            let mut tab = super::layers::head(tab("Layers"), drawing, image, hold);
            if let Some(check) = &inspection.check {
                tab = tab.child(check.rows(drawing));
            }
            layers::details(
                tab,
                image,
                model.image_config(image),
                inspection.hovered_layer,
            )
        }
        (Tab::Commands, Current::List(..) | Current::Image(..)) => {
            commands_tab(tab("Commands"), drawing)
        }
        _ => custody::custody_line(drawing),
    })
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

/// Returns the address of an entry of the list that is looked at.
fn entry_href(inspection: &Inspection, digest: Option<&Digest>) -> Option<String> {
    let at = [inspection.place.at.as_slice(), &[digest?.clone()]].concat();
    Some(Route::at(
        &inspection.source,
        &inspection.place,
        &at,
        Tab::Overview,
    ))
}

/// Returns the address of a place above the one that is looked at.
fn above_href(inspection: &Inspection, index: usize) -> String {
    Route::at(
        &inspection.source,
        &inspection.place,
        &inspection.place.at[..index.min(inspection.place.at.len())],
        Tab::Overview,
    )
}

/// Tells whether something is missing that can be fetched again.
fn can_retry(source: &InspectSource, failure: &Failure) -> bool {
    matches!(source, InspectSource::Reference(_))
        && !matches!(failure, Failure::NotListed(_) | Failure::TooLarge { .. })
}
