//! The stops of the custody line and what hangs on each.

use waybill_core::digest::Algorithm;
use waybill_core::limits::ROWS_DRAWN;
use waybill_core::manifest::{Format, Image, List};
use waybill_core::reference::Reference;
use waybill_core::verify::{Authority, Comparison, Verdict};
use waybill_core::words::{count, number, size};
use waybill_core::workflow::inspect::{self, Current, Failure, Node, Stop, StopKind, Subject};
use yew::{Callback, Html, MouseEvent, html};

use super::{above_href, can_retry, entry_href};
use crate::components::config::{fields, pairs};
use crate::components::custody::stop;
use crate::components::digest::{full, short, written};
use crate::components::error::error;
use crate::components::findings::findings;
use crate::components::text::{field, text, wide_field};
use crate::components::{layers, marks, platforms};
use crate::state::{Inspection, Msg, State};

/// The whole line.
pub(super) fn custody_line(state: &State, inspection: &Inspection, link: &Callback<Msg>) -> Html {
    let stops = inspection.model.custody();
    html! { <ol class="stops">{ for stops.iter().map(|stop| one(stop, state, inspection, link)) }</ol> }
}

fn one(at: &Stop, state: &State, inspection: &Inspection, link: &Callback<Msg>) -> Html {
    let model = &inspection.model;
    let (name, body) = match (at.kind, model.current()) {
        (StopKind::Asked, _) => match &model.subject {
            Subject::Registry(reference) => ("Reference", asked(reference, state, link)),
            Subject::Bundle { name, .. } => ("Opened", html! { <p>{ text(name) }</p> }),
        },
        (StopKind::Above(index), _) => ("Index", above(inspection, index)),
        (StopKind::List, Current::List(node, list)) => (
            if node.manifest.as_ref().is_ok_and(|manifest| manifest.format == Format::DockerList) {
                "List"
            } else {
                "Index"
            },
            html! { <>{ manifest_fields(node, "Digest of the list", extra_of_list(list)) }{ findings(&model.findings(), &node.arrival.bytes) }</> },
        ),
        (StopKind::Entries, Current::List(_, list)) => ("Entries", entries(state, inspection, list, link)),
        (StopKind::Manifest, Current::Image(node, image)) => (
            "Manifest",
            html! { <>{ manifest_fields(node, "Digest", extra_of_image(image)) }{ findings(&model.findings(), &node.arrival.bytes) }</> },
        ),
        (StopKind::Config, Current::Image(_, image)) => ("Config", config(inspection, image, link)),
        (StopKind::Layers, Current::Image(_, image)) => ("Layers", cargo(state, inspection, image)),
        (StopKind::Other, Current::Other(node)) => (
            "Content",
            html! { <>{ manifest_fields(node, "Digest", Html::default()) }{ unreadable(node) }{ findings(&model.findings(), &node.arrival.bytes) }</> },
        ),
        (_, Current::Failed(why)) => ("Manifest", failed(inspection, why, link)),
        _ => ("Manifest", html! { <p class="quiet">{ "Waiting for the answer." }</p> }),
    };
    stop(at.seal, name, &at.note, body)
}

fn asked(reference: &Reference, state: &State, link: &Callback<Msg>) -> Html {
    let pin = link.reform(|_: MouseEvent| Msg::Pin);
    html! {
        <div class="fields">
            { field("Registry", text(reference.host().as_str())) }
            { field("Repository", text(&reference.repository().to_string())) }
            if let Some(tag) = reference.tag() {
                { field("Tag", html! {
                    <span class="with-copy">{ text(&tag.to_string()) }
                        if state.pinned().is_some() { <button type="button" title="Use the digest in place of the tag (y)" onclick={pin}>{ "pin" }</button> }
                    </span>
                }) }
            }
            if let Some(via) = state.via() { { field("Answered", text(&via)) } }
            if let Some(digest) = reference.digest() { { wide_field("Digest asked for", full(digest)) } }
        </div>
    }
}

fn above(inspection: &Inspection, index: usize) -> Html {
    let chain = inspection.model.chain();
    let Some((node, _)) = chain.get(index) else { return Html::default() };
    let digest = node.manifest.as_ref().ok().and_then(|manifest| manifest.digest(Algorithm::Sha256));
    let entries = node.list().map_or(0, |list| list.entries.len());
    let position = inspection.place.at.get(index).and_then(|at| {
        node.list().and_then(|list| list.entries.iter().position(|entry| entry.digest.as_ref() == Some(at)))
    });
    html! {
        <p class="row">
            { for digest.as_ref().map(short) }
            if let Some(position) = position {
                <span class="quiet">{ format!("entry {} of {entries}", position + 1) }</span>
            }
            <a href={above_href(inspection, index)}>{ "the whole list" }</a>
        </p>
    }
}

fn manifest_fields(node: &Node, label: &'static str, more: Html) -> Html {
    let bytes = node.arrival.bytes.len() as u64;
    let (digest, media_type, known_by) = match &node.manifest {
        Ok(manifest) => {
            let agreed = manifest.opinions.iter().filter(|opinion| opinion.agrees).map(|opinion| opinion.source.name());
            (manifest.digest(Algorithm::Sha256), manifest.format.media_type(), agreed.collect::<Vec<_>>().join(", "))
        }
        Err(_) => (Some(waybill_core::digest::Digest::sha256(&node.arrival.bytes)), None, String::new()),
    };
    let signed = node.image().and_then(|image| image.signed.as_ref());
    html! {
        <div class="fields">
            { wide_field(label, digest.as_ref().map_or_else(|| html! { "cannot be told" }, full)) }
            if let Some(media_type) = media_type { { wide_field("Media type", html! { <code>{ media_type.to_string() }</code> }) } }
            { field("Size", html! { { match signed {
                Some(signed) => format!("{} bytes, {} of them signed", number(bytes), number(signed.payload.len() as u64)),
                None => format!("{} bytes", number(bytes)),
            } } }) }
            { for node.comparisons.iter().map(|comparison| field(who(comparison.authority), compared(comparison))) }
            if !known_by.is_empty() { { field("Known by", html! { { known_by } }) } }
            if let Some(signed) = signed {
                { for signed.signatures.iter().map(|signature| wide_field("Signature, not checked", html! {
                    <>{ signature.algorithm.as_deref().map(text) }{ " by key " }<code>{ text(signature.key_id.as_deref().unwrap_or("without an id")) }</code></>
                })) }
            }
            { more }
        </div>
    }
}

fn who(authority: Authority) -> &'static str {
    match authority {
        Authority::Asked => "Asked for",
        Authority::Parent => "The list said",
        Authority::Registry => "Registry said",
    }
}

fn compared(comparison: &Comparison) -> Html {
    match &comparison.verdict {
        Verdict::Verified => marks::verdict(inspect::Seal::Good, "the same digest"),
        Verdict::WrongSize { expected, .. } => {
            marks::verdict(inspect::Seal::Bad, &format!("{} bytes", number(*expected)))
        }
        Verdict::WrongDigest { .. } => html! {
            <>{ marks::verdict(inspect::Seal::Bad, "another digest") }<br />{ written(&comparison.expected, comparison.expected.parse().ok().as_ref()) }</>
        },
        Verdict::NotChecked(why) => marks::verdict(inspect::Seal::Hollow, why.reason()),
    }
}

fn extra_of_list(list: &List) -> Html {
    common(list.artifact_type.as_ref(), list.subject.as_ref(), &list.annotations, &list.unknown)
}

fn extra_of_image(image: &Image) -> Html {
    common(image.artifact(), image.subject.as_ref(), &image.annotations, &image.unknown)
}

fn common(
    artifact_type: Option<&waybill_core::media_type::MediaType>,
    subject: Option<&waybill_core::descriptor::Descriptor>,
    annotations: &[(String, String)],
    unknown: &[(String, String)],
) -> Html {
    html! {
        <>
            if let Some(artifact_type) = artifact_type { { field("Artifact type", text(artifact_type.as_str())) } }
            if let Some(subject) = subject { { wide_field("Refers to", written(&subject.digest_text, subject.digest.as_ref())) } }
            if !annotations.is_empty() { { wide_field("Annotations", pairs(annotations)) } }
            if !unknown.is_empty() { { wide_field("Members outside the specification", pairs(unknown)) } }
        </>
    }
}

fn entries(state: &State, inspection: &Inspection, list: &List, link: &Callback<Msg>) -> Html {
    let model = &inspection.model;
    if list.entries.is_empty() {
        return html! { <p class="quiet">{ "The list is empty." }</p> };
    }
    let held_back = model.held_back(list);
    let not_drawn = list.entries.len().saturating_sub(state.rows.max(ROWS_DRAWN));
    let failed = list.entries.iter().any(|entry| {
        matches!(model.child(entry), Some(inspect::Slot::Failed(failure)) if can_retry(&inspection.asked, failure))
    });
    let send = |msg: Msg| link.reform(move |_: MouseEvent| msg.clone());
    html! {
        <>
            { platforms::table(model, list, state.rows, &|entry| entry_href(inspection, entry.digest.as_ref())) }
            <p class="row">
                if not_drawn > 0 { <button type="button" onclick={send(Msg::MoreRows)}>{ format!("Show {} more", count(not_drawn.min(ROWS_DRAWN), "row")) }</button> }
                if held_back > 0 { <button type="button" onclick={send(Msg::Inspect(inspect::Msg::FetchAll))}>{ format!("Fetch the other {}", count(held_back, "manifest")) }</button> }
                if failed { <button type="button" onclick={send(Msg::Inspect(inspect::Msg::Retry))}>{ "Fetch again what did not come" }</button> }
            </p>
        </>
    }
}

fn config(inspection: &Inspection, image: &Image, link: &Callback<Msg>) -> Html {
    let model = &inspection.model;
    let said = image.config.as_ref();
    let comparison = model.config(image).and_then(inspect::Slot::ready).map(|config| &config.comparison);
    let head = html! {
        <>
            if let Some(said) = said {
                { wide_field("Digest", written(&said.digest_text, said.digest.as_ref())) }
                if let Some(bytes) = said.size { { field("Size", html! { { format!("{} bytes", number(bytes)) } }) } }
                if let Some(media_type) = said.media_type.as_ref().filter(|media_type| !media_type.is_image_config()) {
                    { field("Media type", text(media_type.as_str())) }
                }
            }
            if let Some(comparison) = comparison { { field("Manifest said", compared(comparison)) } }
        </>
    };
    let rest = match (model.image_config(image), model.config(image)) {
        (Some(config), _) if image.artifact().is_none() => {
            let listed = model.entry().and_then(|entry| entry.platform.as_ref());
            let agrees =
                !model.findings().iter().any(|finding| finding.code == waybill_core::finding::Code::ListedPlatform);
            let platform = html! {
                <>{ text(&config.platform.to_string()) }{ " " }
                    if listed.is_some_and(|listed| !listed.is_unknown()) && agrees { { marks::verdict(inspect::Seal::Good, "as listed") } }
                </>
            };
            return html! { <div class="fields">{ head }{ fields(config, platform) }</div> };
        }
        (_, Some(inspect::Slot::Failed(why))) => failure(why, link),
        (_, Some(inspect::Slot::Loading)) => html! { <p><progress aria-label="Fetching the config" /></p> },
        _ => Html::default(),
    };
    html! { <><div class="fields">{ head }</div>{ rest }</> }
}

fn cargo(state: &State, inspection: &Inspection, image: &Image) -> Html {
    let config = inspection.model.image_config(image);
    if image.layers.is_empty() {
        return html! { <p class="quiet">{ "No layers." }</p> };
    }
    let known = image.layers_size().map(|bytes| format!("{} together", size(bytes)));
    html! {
        <>
            <p class="quiet">{ count(image.layers.len(), "layer") }{ known.map(|known| format!(", {known}")) }</p>
            { layers::hold(&image.layers, state.pointed) }
            if let Some(config) = config.filter(|config| !config.history.is_empty()) {
                { layers::steps(config, &image.layers, state.pointed) }
            }
            { layers::table(image, config, state.pointed) }
        </>
    }
}

fn unreadable(node: &Node) -> Html {
    match &node.manifest {
        Err(error) => html! { <p class="bad">{ text(&error.to_string()) }</p> },
        Ok(_) => Html::default(),
    }
}

fn failed(inspection: &Inspection, why: &Failure, link: &Callback<Msg>) -> Html {
    let again = link.reform(|_: MouseEvent| Msg::Inspect(inspect::Msg::Retry));
    html! {
        <>
            { failure(why, link) }
            if !matches!(why, Failure::Registry(_)) && can_retry(&inspection.asked, why) {
                <p><button type="button" onclick={again}>{ "Fetch again" }</button></p>
            }
        </>
    }
}

/// Why something is not here, and what to do about it.
pub(super) fn failure(why: &Failure, link: &Callback<Msg>) -> Html {
    match why {
        Failure::Registry(told) => error(&told.explain(), &link.reform(Msg::Action)),
        Failure::NotBundled => html! { <p class="quiet">{ "It is not part of what was opened." }</p> },
        Failure::NotListed(digest) => full(digest),
        Failure::TooLarge { size: bytes } => {
            html! { <p>{ format!("{}: Waybill reads at most 4 MiB.", size(*bytes)) }</p> }
        }
        Failure::Cancelled => html! { <p class="quiet">{ "Cancelled." }</p> },
    }
}
