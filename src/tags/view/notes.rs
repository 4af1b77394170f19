//! What else there is to say of a list, and the same list in other tools.

use waybill_core::command_line::{Line, Unsayable};
use waybill_core::humanize::count;
use waybill_core::reference::Reference;
use waybill_core::workflow::tags::{self as workflow, Model};
use yew::Callback;

use super::super::message::Msg;
use crate::components::commands::commands;
use crate::components::element::{Element, button, el};
use crate::components::listener::send;
use crate::components::text::{quiet, quiet_line, text, written_out};

/// How many repositories below the one that is looked at are drawn.
const CHILDREN_DRAWN: usize = 50;

/// Says what else the list held, and what the registry says of how often it may be asked.
pub(super) fn notes(repository: &Reference, model: &Model, link: &Callback<Msg>) -> Vec<Element> {
    let mut notes = Vec::new();
    let (shown, unusable) = model.unusable();
    if unusable > 0 {
        let line = el("p").class("quiet").child(count(unusable, "name"));
        let line = line.child(" in the list cannot be tags, and were left out: ");
        let shown: Vec<_> = shown.iter().map(|name| written_out(name)).collect();
        notes.push(line.child(text(&shown.join(", "))));
    }
    if model.untagged() > 0 {
        let manifests = count(model.untagged(), "manifest");
        notes.push(quiet_line(
            [&manifests, " without a tag are here too."].concat(),
        ));
    }
    if model.reads() {
        notes.push(quiet_line(
            "The registry lets no page read digests in its headers, so the manifests in view are read and hashed.",
        ));
    }
    if model.may_be_zot() {
        let ask = send(link, Msg::Workflow(workflow::Msg::AskZot));
        notes.push(
            el("p")
                .class("row")
                .child(button("Ask zot's search: 1 request", ask))
                .child(quiet("If it is a zot, that tells of all tags at once.")),
        );
    }
    if model.has_no_search() {
        notes.push(quiet_line("It has no search as zot has it."));
    }
    if let Some(rate) = model.rate() {
        notes.push(quiet_line(rate.sentence(repository.host())));
    }
    let children = model.children();
    if !children.is_empty() {
        let below = |name: &String| {
            let path = [&repository.familiar(), "/", name].concat();
            el("li").child(
                el("a")
                    .attr("href", ["#/tags/", &path].concat())
                    .child(text(&path)),
            )
        };
        let more = children.len().saturating_sub(CHILDREN_DRAWN);
        let more = (more > 0).then(|| el("li").child(quiet(format_args!("and {more} more"))));
        notes.push(
            el("details")
                .child(el("summary").child(count(children.len(), "repository") + " below this one"))
                .child(
                    el("ul")
                        .children(children.iter().take(CHILDREN_DRAWN).map(below))
                        .child(more),
                ),
        );
    }
    notes
}

/// Draws the same list in other tools.
pub(super) fn in_other_tools(repository: &Reference, plain_http: bool) -> Element {
    let name = repository.familiar();
    // Tools read a name without a host as one of Docker Hub, but skopeo and regctl want it whole.
    let whole = [
        repository.host().as_str(),
        "/",
        repository.repository().as_str(),
    ]
    .concat();
    let line = |words: &str, flag: &str, named: &str| {
        let mut line = Line::new(words);
        if plain_http && !flag.is_empty() {
            line.words(flag);
        }
        line.word(named);
        line.finish()
    };
    let regctl = || {
        let mut line = Line::new("regctl");
        if plain_http {
            line.flag(
                "--host",
                &["reg=", repository.host().as_str(), ",tls=disabled"].concat(),
            );
        }
        line.words("tag ls");
        line.word(&whole);
        line.finish()
    };
    let transported = ["docker://", &whole].concat();
    let tools: [(&'static str, Vec<Result<String, Unsayable>>); 4] = [
        (
            "skopeo",
            vec![line("skopeo list-tags", "--tls-verify=false", &transported)],
        ),
        ("crane", vec![line("crane ls", "--insecure", &name)]),
        ("regctl", vec![regctl()]),
        ("oras", vec![line("oras repo tags", "--plain-http", &whole)]),
    ];
    el("div").class("tab").child(
        el("details")
            .child(el("summary").child("The same list in other tools"))
            .child(commands(&tools)),
    )
}
