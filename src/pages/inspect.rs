//! The inspection: the verdict in one sentence, the custody line, and the tabs.

mod stops;

use waybill_core::digest::Digest;
use waybill_core::json::{Reason, indented};
use waybill_core::manifest::Image;
use waybill_core::workflow::inspect::{self, Current, Failure, Model, Node, Slot, Subject};
use yew::{Callback, Html, InputEvent, MouseEvent, TargetCast, html};

use crate::components::commands::{About, commands, tools};
use crate::components::digest::copy;
use crate::components::findings::findings;
use crate::components::{code, layers, marks};
use crate::route::{Asked, Route, Tab};
use crate::state::{Inspection, Msg, State, VERDICT, What};

/// The page below the header.
pub fn view(state: &State, inspection: &Inspection, link: &Callback<Msg>) -> Html {
    let model = &inspection.model;
    let summary = model.summary();
    html! {
        <article class="sheet">
            <div class="verdict">
                <div>
                    <h1 id={VERDICT} tabindex="-1">{ crate::components::text::text(&summary.title) }</h1>
                    <p>{ crate::components::text::text(&summary.detail) }</p>
                    { opened_note(inspection) }
                    { progress(model, link) }
                </div>
                { marks::stamp(&summary.mark) }
            </div>
            <p class="offscreen" role="status" aria-live="polite">{ announcement(model) }</p>
            { tabs(inspection) }
            { body(state, inspection, link) }
        </article>
    }
}

/// Said once when the fetching is done, for those who do not see the page.
fn announcement(model: &Model) -> String {
    if model.pending() > 0 {
        return String::new();
    }
    let summary = model.summary();
    format!("{}. {}: {}", summary.title, summary.mark.text, summary.mark.small)
}

fn opened_note(inspection: &Inspection) -> Html {
    match &inspection.given {
        Some(given) if !given.exact => html! {
            <p class="quiet">{ "From text: a clipboard may change line ends. A file is exact." }</p>
        },
        _ => Html::default(),
    }
}

fn progress(model: &Model, link: &Callback<Msg>) -> Html {
    let pending = model.pending();
    if pending == 0 {
        return Html::default();
    }
    let onclick = link.reform(|_: MouseEvent| Msg::Inspect(inspect::Msg::Cancel));
    html! {
        <p class="row progress">
            <progress aria-label="Fetching" />
            <span class="quiet">{ format!("{pending} to come") }</span>
            <button type="button" {onclick}>{ "Cancel" }</button>
        </p>
    }
}

/// The tabs that have something to show here.
fn tabs(inspection: &Inspection) -> Html {
    let shown: &[Tab] = match inspection.model.current() {
        Current::Loading | Current::Failed(_) => return Html::default(),
        Current::Image(..) => &Tab::ALL,
        Current::List(..) => &[Tab::Overview, Tab::Json, Tab::Commands],
        Current::Other(_) => &[Tab::Overview, Tab::Json],
    };
    let tab = |tab: &Tab| {
        let href = Route::at(&inspection.asked, &inspection.place.at, *tab);
        let here = (*tab == inspection.place.tab).then_some("page");
        html! { <a {href} aria-current={here}>{ tab.title() }</a> }
    };
    html! { <nav class="tabs" aria-label="Views">{ for shown.iter().map(tab) }</nav> }
}

fn body(state: &State, inspection: &Inspection, link: &Callback<Msg>) -> Html {
    let model = &inspection.model;
    let bare = |content: Html| html! { <div class="tab">{ content }</div> };
    match (inspection.place.tab, model.current()) {
        (Tab::Json, Current::List(node, _) | Current::Image(node, _) | Current::Other(node)) => {
            bare(json_tab(state, inspection, node, link))
        }
        (Tab::Config, Current::Image(_, image)) => bare(config_tab(state, inspection, image, link)),
        (Tab::Layers, Current::Image(_, image)) => bare(html! {
            <>
                { layers::hold(&image.layers, state.pointed) }
                { layers::details(image, model.image_config(image), state.pointed) }
            </>
        }),
        (Tab::Commands, Current::List(..) | Current::Image(..)) => bare(commands_tab(state, inspection)),
        _ => stops::custody_line(state, inspection, link),
    }
}

fn json_tab(state: &State, inspection: &Inspection, node: &Node, link: &Callback<Msg>) -> Html {
    let found = inspection.model.findings();
    let image = node.image();
    let href = |digest: &Digest| {
        let entry =
            node.list().is_some_and(|list| list.entries.iter().any(|entry| entry.digest.as_ref() == Some(digest)));
        let config =
            image.and_then(|image| image.config.as_ref()).is_some_and(|config| config.digest.as_ref() == Some(digest));
        let layer = image.is_some_and(|image| image.layers.iter().any(|layer| layer.digest.as_ref() == Some(digest)));
        if entry {
            Some(Route::at(
                &inspection.asked,
                &[inspection.place.at.as_slice(), std::slice::from_ref(digest)].concat(),
                Tab::Overview,
            ))
        } else if config {
            Some(Route::at(&inspection.asked, &inspection.place.at, Tab::Config))
        } else {
            layer.then(|| Route::at(&inspection.asked, &inspection.place.at, Tab::Layers))
        }
    };
    html! {
        <>
            { findings(&found, &node.arrival.bytes) }
            { bytes_of(state, &node.arrival.bytes, What::Manifest, link, &found, &href) }
        </>
    }
}

fn config_tab(state: &State, inspection: &Inspection, image: &Image, link: &Callback<Msg>) -> Html {
    let model = &inspection.model;
    match model.config(image) {
        _ if image.inline_config.is_some() => {
            html! { <p>{ "Schema 1 has no config of its own: it is inside history, see JSON." }</p> }
        }
        None => html! { <p>{ "This manifest names no config that can be fetched." }</p> },
        Some(Slot::Loading) => html! { <p><progress aria-label="Fetching the config" /></p> },
        Some(Slot::Failed(failure)) => stops::failure(failure, link),
        Some(Slot::Ready(config)) => html! {
            <>
                if let Err(error) = &config.config {
                    <p class="bad">{ match error.reason { Reason::Html => "The registry sent an HTML page.".to_owned(), _ => format!("Not a JSON object: {error}.") } }</p>
                }
                { bytes_of(state, &config.arrival.bytes, What::Config, link, &config.findings, &|_| None) }
            </>
        },
    }
}

/// Bytes with everything that can be done with them.
fn bytes_of(
    state: &State,
    bytes: &[u8],
    what: What,
    link: &Callback<Msg>,
    found: &[waybill_core::finding::Finding],
    href: &dyn Fn(&Digest) -> Option<String>,
) -> Html {
    let reading = state.indented.then(|| indented(bytes)).flatten();
    let onchange = link.reform(|event: InputEvent| {
        Msg::Indent(event.target_dyn_into::<web_sys::HtmlInputElement>().is_some_and(|input| input.checked()))
    });
    let exact = String::from_utf8_lossy(bytes);
    html! {
        <>
            <p class="row code-head">
                <label class="check"><input type="checkbox" checked={state.indented} oninput={onchange} />{ "Indent for reading" }</label>
                { copy(&exact, "the bytes") }
                <button type="button" onclick={link.reform(move |_: MouseEvent| Msg::Save(what))}>{ "Download" }</button>
                <span class="quiet">{ match &reading {
                    Some(_) => "Indented: these are not the bytes that the digest covers.".to_owned(),
                    None => format!("The exact bytes, {}.", waybill_core::words::count(bytes.len(), "byte")),
                } }</span>
            </p>
            { code::code(reading.as_ref().map_or(bytes, |text| text.as_bytes()), found, href) }
        </>
    }
}

fn commands_tab(state: &State, inspection: &Inspection) -> Html {
    let model = &inspection.model;
    let Subject::Registry(reference) = &model.subject else {
        let lines = vec!["sha256sum FILE".to_owned(), "skopeo manifest-digest FILE".to_owned()];
        return html! {
            <>
                <p>{ "What is looked at came from this page, not from a registry. Downloaded as a file:" }</p>
                { commands(&[("digest", lines)]) }
            </>
        };
    };
    let host = reference.host();
    let name = match reference.without_digest().familiar().rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name.to_owned(),
        _ => reference.without_digest().familiar(),
    };
    let suffix = match (model.path.last().or(reference.digest()), reference.tag()) {
        (Some(digest), _) => format!("@{digest}"),
        (None, Some(tag)) => format!(":{tag}"),
        (None, None) => String::new(),
    };
    let chosen = state.registries.get(host).is_some_and(|choice| choice.plain_http);
    let about = About {
        name: &name,
        suffix: &suffix,
        host: host.as_str(),
        plain_http: chosen || host.is_loopback(),
        image: matches!(model.current(), Current::Image(..)),
    };
    commands(&tools(about))
}

/// The address of an entry of the list that is looked at.
fn entry_href(inspection: &Inspection, digest: Option<&Digest>) -> Option<String> {
    let at = [inspection.place.at.as_slice(), &[digest?.clone()]].concat();
    Some(Route::at(&inspection.asked, &at, Tab::Overview))
}

/// The address of a place above the one that is looked at.
fn above_href(inspection: &Inspection, index: usize) -> String {
    Route::at(&inspection.asked, &inspection.place.at[..index.min(inspection.place.at.len())], Tab::Overview)
}

/// Whether something is missing that can be fetched again.
fn can_retry(asked: &Asked, failure: &Failure) -> bool {
    matches!(asked, Asked::Reference(_)) && !matches!(failure, Failure::NotListed(_) | Failure::TooLarge { .. })
}
