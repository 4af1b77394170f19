//! The stops of the custody line and what hangs on each.

use waybill_core::humanize::{count, number, sentence, size};
use waybill_core::manifest::{Format, Image, List};
use waybill_core::reference::Reference;
use waybill_core::registry::error::RegistryError;
use waybill_core::view::{CustodyStep, CustodyStepKind, Status};
use waybill_core::workflow::fetch::{Failure, Fetch};
use waybill_core::workflow::inspect::{self as workflow, Current, InspectTarget};
use yew::Callback;

use super::drawing::Drawing;
use super::fields::{box_of_fields, compared, extra_of_image, extra_of_list, manifest_fields};
use super::view::{above_href, can_retry, content_name, entry_href, fetching};
use super::{Document, Inspection, Msg, layers as check, tabs};
use crate::components::config::{fields, more};
use crate::components::custody::stop;
use crate::components::digest::{full, short, written};
use crate::components::element::{Element, button, el};
use crate::components::error::error;
use crate::components::listener::send;
use crate::components::table::PageOfRows;
use crate::components::text::{self, field, quiet, quiet_line, text, wide_field};
use crate::components::{layers, platforms, status};
use crate::limits::ROWS_DRAWN;
use crate::route::{InspectSource, PartPage, Route};

/// Draws the line of custody with every stop and what hangs on it.
pub(super) fn custody_line(drawing: Drawing<'_>) -> Element {
    let stops = drawing.inspection.model.custody();
    el("ol")
        .class("stops")
        .children(stops.iter().map(|stop| one(stop, drawing)))
}

fn one(at: &CustodyStep, drawing: Drawing<'_>) -> Element {
    let Drawing {
        inspection, link, ..
    } = drawing;
    let model = &inspection.model;
    let body = el("div");
    let found = || tabs::findings_of(drawing);
    let why = || to_verify(inspection, Document::Manifest, link);
    let (name, body) = match (at.kind, model.current()) {
        (CustodyStepKind::Asked, _) => match &model.subject {
            InspectTarget::Registry(reference) => {
                let name = if reference.archive().is_some() {
                    "Archive"
                } else {
                    "Reference"
                };
                (name, body.child(asked(reference, drawing)))
            }
            InspectTarget::Bundle { name, .. } => {
                ("Opened", body.child(el("p").child(content_name(name))))
            }
        },
        (CustodyStepKind::Above(index), _) => ("Index", body.child(above(inspection, index))),
        (CustodyStepKind::List, Current::List(node, list)) => {
            let docker = node
                .manifest
                .as_ref()
                .is_ok_and(|manifest| manifest.format == Format::DockerList);
            let fields = extra_of_list(manifest_fields(node, "Digest of the list"), list);
            let compose = to_compose("Compose from this list", inspection, link);
            (
                if docker { "List" } else { "Index" },
                body.child(fields)
                    .child(why())
                    .child(found())
                    .child(compose),
            )
        }
        (CustodyStepKind::Entries, Current::List(_, list)) => {
            ("Entries", entries(body, drawing, list))
        }
        (CustodyStepKind::Manifest, Current::Image(node, image)) => {
            let fields = extra_of_image(manifest_fields(node, "Digest"), image);
            let compose = to_compose("Add to a composition", inspection, link);
            (
                "Manifest",
                body.child(fields)
                    .child(why())
                    .child(found())
                    .child(compose),
            )
        }
        (CustodyStepKind::Config, Current::Image(_, image)) => {
            ("Config", config(body, inspection, image, link))
        }
        (CustodyStepKind::Layers, Current::Image(_, image)) => {
            ("Layers", layers_of(body, drawing, image))
        }
        (CustodyStepKind::Layers, Current::List(..)) => (
            "Layers",
            match &inspection.check {
                Some(check) => check.head(body, drawing),
                None => body,
            },
        ),
        (CustodyStepKind::Other, Current::Other(node)) => {
            let head = manifest_fields(node, "Digest");
            match node.lone_config() {
                None => ("Content", body.child(head).child(why()).child(found())),
                Some(config) => {
                    let platform = field("Platform").child(text(&config.platform.to_string()));
                    let body = body.child(fields(head, config, platform));
                    ("Config", body.child(why()).child(found()))
                }
            }
        }
        (_, Current::Failed(why)) => ("Manifest", failed(body, inspection, why, link)),
        _ => (
            "Manifest",
            body.child(quiet_line("Waiting for the answer.")),
        ),
    };
    // A stop that is drawn anew leaves the others where they are.
    let key = match at.kind {
        CustodyStepKind::Above(index) => ["above ", &index.to_string()].concat(),
        // What waits is none of the stops that come.
        CustodyStepKind::Asked => name.to_owned(),
        _ if matches!(model.current(), Current::Loading) => "waiting".to_owned(),
        _ => name.to_owned(),
    };
    stop(at.status, name, &at.note, body).key(&key)
}

/// Draws what can be done with what is looked at on other pages.
fn to_compose(words: &str, inspection: &Inspection, link: &Callback<Msg>) -> Element {
    let lead = |page, words: &'static str| {
        let href = inspection.route_to(page)?.to_string();
        Some(el("a").attr("href", href).class("button").child(words))
    };
    let is_verify = matches!(inspection.source, InspectSource::Verify(_));
    let share = || button("Share", send(link, Msg::Share)).attr("aria-haspopup", "dialog");
    el("p")
        .class("row")
        .child(button(words, send(link, Msg::OpenInCompose)))
        .child(lead(PartPage::Copy, "Copy"))
        .child(lead(PartPage::Diff, "Compare"))
        .child((!is_verify).then(share))
}

/// Offers to look closer at bytes that are not those that were named; Verify has them already.
fn to_verify(inspection: &Inspection, document: Document, link: &Callback<Msg>) -> Option<Element> {
    if matches!(inspection.source, InspectSource::Verify(_)) {
        return None;
    }
    inspection.mismatch(document)?;
    let open = send(link, Msg::OpenInVerify(document));
    Some(
        el("p")
            .class("row")
            .child(button("See the difference in Verify", open)),
    )
}

fn asked(reference: &Reference, drawing: Drawing<'_>) -> Element {
    let Drawing {
        inspection,
        origin,
        link,
        ..
    } = drawing;
    let tag = reference.tag().map(|tag| {
        let pin = || {
            button("pin", send(link, Msg::Pin))
                .attr("title", "Use the digest in place of the tag (y)")
        };
        field("Tag").child(
            el("span")
                .class("with-copy")
                .child(text(&tag.to_string()))
                .child(inspection.pinned().map(|_| pin())),
        )
    });
    if let Some((name, made)) = reference.archive() {
        return in_archive(reference, name, made);
    }
    box_of_fields()
        .child(field("Registry").child(text(reference.host().as_str())))
        .child(
            field("Repository").child(
                el("span")
                    .class("with-copy")
                    .child(text(reference.repository().as_str()))
                    .child(tags_of(reference, "tags")),
            ),
        )
        .child(tag)
        .child(
            inspection
                .via(origin)
                .map(|via| field("Answered").child(text::words(&via))),
        )
        .child(
            reference
                .digest()
                .map(|digest| wide_field("Digest asked for").child(full(digest))),
        )
}

/// Draws where something in an opened archive is asked for.
fn in_archive(reference: &Reference, name: &str, made: bool) -> Element {
    let href = Route::archive(name).to_string();
    let manifest = if made { "made here" } else { "in the archive" };
    box_of_fields()
        .child(field("Archive").child(el("a").attr("href", href).child(text(name))))
        .child(field("Manifest").child(manifest))
        .child(field("Answered").child("from the file in this tab"))
        .child(
            reference
                .digest()
                .map(|digest| wide_field("Digest asked for").child(full(digest))),
        )
}

fn above(inspection: &Inspection, index: usize) -> Option<Element> {
    let chain = inspection.model.chain();
    let (node, _) = chain.get(index)?;
    let entries = node.list().map_or(0, |list| list.entries.len());
    let position = inspection.place.at.get(index).and_then(|at| {
        node.list().and_then(|list| {
            list.entries
                .iter()
                .position(|entry| entry.digest.as_ref() == Some(at))
        })
    });
    let position =
        position.map(|position| quiet(format_args!("entry {} of {entries}", position + 1)));
    Some(
        el("p")
            .class("row")
            .child(node.digest.as_ref().map(short))
            .child(position)
            .child(
                el("a")
                    .attr("href", above_href(inspection, index))
                    .child("the whole list"),
            ),
    )
}

fn entries(body: Element, drawing: Drawing<'_>, list: &List) -> Element {
    let Drawing {
        inspection, link, ..
    } = drawing;
    let model = &inspection.model;
    if list.entries.is_empty() {
        return body.child(quiet_line("The list is empty."));
    }
    let held_back = model.held_back(list);
    let failed = list.entries.iter().any(|entry| {
        matches!(model.child(entry), Some(Fetch::Failed(failure)) if can_retry(&inspection.source, failure))
    });
    let page = PageOfRows {
        from: inspection.drawn_from(),
        length: ROWS_DRAWN,
        of: list.entries.len(),
    };
    let chosen = inspection
        .chooser
        .map(|chooser| (chooser, (chooser.choose)(inspection, list)));
    let machine = match &chosen {
        Some((chooser, chosen)) => (chooser.draw)(inspection, chosen, link),
        None => el("p")
            .class("row")
            .child(button(
                "Which one does a machine take?",
                send(link, Msg::OpenMachine),
            ))
            .child(inspection.machine_fault.as_deref().map(quiet)),
    };
    let choices = match &chosen {
        Some((_, Ok(choices))) => &choices[..],
        Some((_, Err(_))) | None => &[],
    };
    let table = platforms::table(model, list, page, choices, &|entry| {
        entry_href(inspection, entry.digest.as_ref())
    });
    let turner = || page.turner("Rows", &|row| send(link, Msg::ShowFrom(row)));
    let fetch = (held_back > 0).then(|| {
        let words = format!("Fetch the other {}", count(held_back, "manifest"));
        button(&words, send(link, Msg::Workflow(workflow::Msg::FetchAll)))
    });
    let again = failed.then(|| retry("Fetch again what did not come", link));
    let check = inspection.check.is_none();
    let check = check.then(|| check::offer(drawing, "Check everything"));
    body.child(machine)
        .child(turner())
        .child(table)
        .child(turner())
        .child(el("p").class("row").child(fetch).child(again))
        .child(check)
}

fn retry(words: &str, link: &Callback<Msg>) -> Element {
    button(words, send(link, Msg::Workflow(workflow::Msg::Retry)))
}

fn config(body: Element, inspection: &Inspection, image: &Image, link: &Callback<Msg>) -> Element {
    let model = &inspection.model;
    let mut head = box_of_fields();
    if let Some(said) = &image.config {
        let unusual = said
            .media_type
            .as_ref()
            .filter(|media_type| !media_type.is_image_config());
        head = head
            .child(wide_field("Digest").child(written(&said.digest_text, said.digest.as_ref())))
            .child(
                said.size
                    .map(|bytes| field("Size").child(format_args!("{} bytes", number(bytes)))),
            )
            .child(unusual.map(|media_type| field("Media type").child(text(media_type.as_str()))));
    }
    if let Some(config) = model.config(image).and_then(Fetch::done) {
        head = head.child(compared(field("Manifest said"), &config.comparison));
    }
    let body = body.child(to_verify(inspection, Document::Config, link));
    match (model.image_config(image), model.config(image)) {
        (Some(config), _) if image.artifact().is_none() => {
            let as_listed = model
                .entry()
                .and_then(|entry| model.is_as_listed(entry, image));
            let (good, bad) = (
                (Status::Verified, "as listed"),
                (Status::Failed, "not as listed"),
            );
            let as_listed = as_listed.map(|agrees| if agrees { good } else { bad });
            let as_listed = as_listed.map(|(status, words)| status::verdict(status, words));
            let platform = if config.is_platform_readable() {
                text(&config.platform.to_string())
            } else {
                quiet("not readable")
            };
            let platform = field("Platform")
                .child(platform)
                .child(" ")
                .child(as_listed);
            body.child(fields(head, config, platform))
        }
        (_, Some(Fetch::Failed(why))) => body.child(head).child(failure(why, link)),
        (_, Some(Fetch::Pending)) => body
            .child(head)
            .child(el("p").child(fetching("Fetching the config"))),
        _ => body.child(head),
    }
}

fn layers_of(body: Element, drawing: Drawing<'_>, image: &Image) -> Element {
    let inspection = drawing.inspection;
    let config = inspection.model.image_config(image);
    if image.layers.is_empty() {
        return body.child(quiet_line("No layers."));
    }
    let known = image
        .layers_size()
        .map(|bytes| format!(", {} together", size(bytes)));
    let body = body.child(quiet_line(count(image.layers.len(), "layer")).child(known));
    let hold = layers::hold(&image.layers, inspection.hovered_layer);
    let mut body = check::head(body, drawing, image, hold);
    if let Some(config) = config.filter(|config| !config.history.is_empty()) {
        body = layers::steps(body, config, &image.layers, inspection.hovered_layer);
    }
    let rows = match &inspection.check {
        Some(check) => check.rows(drawing),
        None => layers::table(image, config, inspection.hovered_layer),
    };
    body.child(rows).children(more(image.layers.len()))
}

fn failed(body: Element, inspection: &Inspection, why: &Failure, link: &Callback<Msg>) -> Element {
    let archive = inspection.model.subject.archive().map(|(name, _)| {
        let href = Route::archive(name).to_string();
        el("p").child(el("a").attr("href", href).child("Go to the archive"))
    });
    let again = !matches!(why, Failure::Registry(_)) && can_retry(&inspection.source, why);
    let again = again.then(|| el("p").child(retry("Fetch again", link)));
    let is_missing =
        matches!(why, Failure::Registry(error) if matches!(**error, RegistryError::NotFound(_)));
    let tags = match &inspection.model.subject {
        InspectTarget::Registry(reference) if is_missing => {
            Some(el("p").child(tags_of(reference, "List the tags of this repository")))
        }
        InspectTarget::Registry(_) | InspectTarget::Bundle { .. } => None,
    };
    body.child(tags)
        .child(failure(why, link))
        .child(again)
        .child(archive)
}

/// Draws the way to the tags of the repository. That it speaks plain http is known by now.
fn tags_of(reference: &Reference, words: &'static str) -> Element {
    let href = ["#/tags/", &reference.repository_only().familiar()].concat();
    el("a").attr("href", href).child(words)
}

/// Draws why something is not here, and what to do about it.
pub(super) fn failure(why: &Failure, link: &Callback<Msg>) -> Element {
    match why {
        Failure::Registry(told) => error(&told.explain(), &|action| {
            send(link, Msg::Action(action.clone()))
        }),
        Failure::NotBundled => quiet_line("It is not part of what was opened."),
        Failure::NotListed(digest) => full(digest),
        Failure::TooLarge { size: bytes } => el("p").child(format_args!(
            "{}: Waybill reads at most 4 MiB.",
            size(*bytes)
        )),
        Failure::NotLoaded(why) => el("p").child(sentence(why)),
        Failure::Cancelled => quiet_line("Cancelled."),
    }
}
