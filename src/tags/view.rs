//! How Tags looks: how much of the list is here, the filter, and one page of rows.

use waybill_core::command_line::{Line, Unsayable};
use waybill_core::digest::Digest;
use waybill_core::humanize::{age, count, number, sentence, size};
use waybill_core::reference::{Reference, RegistryHost};
use waybill_core::registry::tags::RateLimit;
use waybill_core::tags::{Fold, Kind, Order, Row, Tagged};
use waybill_core::time::from_1970;
use waybill_core::view::Action;
use waybill_core::workflow::catalog;
use waybill_core::workflow::fetch::Failure;
use waybill_core::workflow::tags::{self as workflow, Model, Partial, Progress};
use yew::{Callback, Html};

use super::message::Msg;
use super::state::State;
use crate::components::commands::commands;
use crate::components::digest::short;
use crate::components::element::{Element, EventKind, button, el};
use crate::components::error::error;
use crate::components::heading::{heading, nothing_here};
use crate::components::listener::{send, send_text};
use crate::components::table::{PageOfRows, cell, table};
use crate::components::text::{quiet, quiet_line, text, written_out};
use crate::limits::ROWS_DRAWN;
use crate::shell::RegistryChoices;

/// The id of the filter, which has the focus.
pub const FILTER: &str = "tag-filter";

/// How many platforms of a tag are drawn.
const PLATFORMS_DRAWN: usize = 3;

/// How many repositories below the one that is looked at are drawn.
const CHILDREN_DRAWN: usize = 50;

/// Names the row of that number, so that it can have the focus.
pub(super) fn row_id(row: usize) -> String {
    ["tag-", &row.to_string()].concat()
}

/// Draws the page below the header; nothing while another page is shown.
pub fn page(state: &State, registries: &RegistryChoices, link: &Callback<Msg>) -> Html {
    if !state.is_shown {
        return Html::default();
    }
    if let Some(catalog) = &state.catalog {
        return el("main").child(repositories(state, catalog, link)).into();
    }
    let sheet = match (&state.repository, &state.model) {
        (Some(repository), Some(model)) => {
            let choice = registries.get(repository.host());
            let plain_http = choice.is_some_and(|choice| choice.plain_http);
            listed(state, repository, model, link).child(in_other_tools(repository, plain_http))
        }
        _ => {
            let wrong = state.wrong.as_deref().map(sentence).unwrap_or_default();
            let detail = [&wrong, " Nothing was fetched."].concat();
            nothing_here("This is not a repository", &detail)
        }
    };
    el("main").child(sheet).into()
}

fn listed(state: &State, repository: &Reference, model: &Model, link: &Callback<Msg>) -> Element {
    let name = repository.familiar();
    let words = el("div")
        .child(heading().child(text(&title(
            &name,
            model.progress(),
            model.tags().all().len(),
            "tag",
            "tags",
        ))))
        .child(
            el("p")
                .attr("role", "status")
                .child(text(&how_much(model.progress(), model.pages()))),
        )
        .child(under_way(model, link));
    let body = el("div")
        .class("tab")
        .child(trouble_with_the_list(model, link))
        .child(tools(state, link))
        .child(digest_line(state, model, link))
        .child(chosen(state, model, link))
        .child(rows(state, model, link))
        .child(trouble_with_tags(model, link))
        .children(notes(repository, model));
    el("article")
        .class("sheet")
        .child(el("div").class("verdict").child(words))
        .child(body)
}

/// Draws the repositories of a registry.
fn repositories(state: &State, model: &catalog::Model, link: &Callback<Msg>) -> Element {
    let host = model.host().as_str();
    let (progress, goes_on) = (model.progress(), model.goes_on());
    let title = title(
        host,
        progress,
        model.repositories().len(),
        "repository",
        "repositories",
    );
    let send_on = |msg| send(link, Msg::Catalog(msg));
    let under_way = match progress {
        Progress::Loading => Some(
            el("p")
                .class("row progress")
                .child(el("progress").attr("aria-label", "Listing"))
                .child(button("Cancel", send_on(catalog::Msg::Cancel))),
        ),
        Progress::Partial(Partial::Bound | Partial::Cancelled) if goes_on => Some(
            el("p")
                .class("row")
                .child(button("Load more", send_on(catalog::Msg::More))),
        ),
        Progress::Complete | Progress::Partial(_) => None,
    };
    let words = el("div")
        .child(heading().child(text(&title)))
        .child(
            el("p")
                .attr("role", "status")
                .child(text(&how_much(progress, model.pages()))),
        )
        .child(under_way);
    let trouble = match progress {
        Progress::Partial(Partial::Failed(why)) => Some(failure(why, link)),
        Progress::Loading | Progress::Complete | Progress::Partial(_) => None,
    };
    let drawn = state.drawn();
    let row = |row: usize| {
        let route = state.repository_at(row)?;
        let name = model.repositories().get(*state.found.get(row)?)?;
        let go = el("a")
            .attr("id", row_id(row))
            .attr("data-row", row.to_string())
            .attr("href", route.to_string())
            .child(name.as_str());
        Some(
            el("tr")
                .key(name.as_str())
                .child(el("th").attr("scope", "row").child(go)),
        )
    };
    let page = PageOfRows {
        from: drawn.start,
        length: ROWS_DRAWN,
        of: state.len(),
    };
    let rows = (!drawn.is_empty()).then(|| {
        table("Repositories", &[("Repository", None)])
            .child(el("tbody").children(drawn.clone().filter_map(row)))
    });
    el("article")
        .class("sheet")
        .child(el("div").class("verdict").child(words))
        .child(
            el("div")
                .class("tab")
                .child(trouble)
                .child(
                    el("div")
                        .class("row file-tools")
                        .child(filter(state, "Filter", link)),
                )
                .child(rows)
                .child(page.turner("Repositories", &|from| send(link, Msg::Rows(from)))),
        )
}

/// Says how many there are, and never that these are all where that is not known.
fn title(name: &str, progress: &Progress, here: usize, one: &str, many: &str) -> String {
    let all = count(here, one);
    match progress {
        Progress::Complete if here == 0 => [name, " has no ", many].concat(),
        Progress::Complete => [name, " has ", &all].concat(),
        Progress::Loading if here == 0 => [capitalized(many), " of ", name].concat(),
        Progress::Loading => [name, ": ", &all, " so far"].concat(),
        Progress::Partial(Partial::Failed(_) | Partial::Unreadable(_)) if here == 0 => {
            ["The ", many, " of ", name, " could not be listed"].concat()
        }
        Progress::Partial(_) => [
            name,
            ": ",
            &number(here as u64),
            " ",
            many,
            " of maybe more",
        ]
        .concat(),
    }
}

fn capitalized(noun: &str) -> &'static str {
    if noun == "tags" {
        "Tags"
    } else {
        "Repositories"
    }
}

/// Says why these may not be all, and what holds for them all the same.
fn how_much(progress: &Progress, came: usize) -> String {
    let pages = count(came, "page");
    let of_these = "The filter and the order hold for what is here.";
    match progress {
        Progress::Complete => ["All that the registry lists, in ", &pages, "."].concat(),
        Progress::Loading => "Asking the registry.".to_owned(),
        Progress::Partial(why) => match why {
            Partial::Bound => [&pages, " came, and there are more. ", of_these].concat(),
            Partial::Cancelled => ["Cancelled behind ", &pages, ". ", of_these].concat(),
            Partial::Failed(_) if came > 0 => {
                ["The page behind ", &pages, " did not come. ", of_these].concat()
            }
            Partial::Failed(Failure::Cancelled) => "Cancelled.".to_owned(),
            Partial::Failed(Failure::Registry(failure)) => sentence(&failure.to_string()),
            Partial::Failed(_) => "The registry gave no answer.".to_owned(),
            Partial::Unreadable(error) => sentence(&error.to_string()),
            Partial::LinkRefused(error) => {
                let why = sentence(&error.to_string());
                ["The list was not followed further: ", &why, " ", of_these].concat()
            }
            Partial::Repeats => [
                "The registry names a next page, and it brings nothing new. ",
                of_these,
            ]
            .concat(),
            Partial::Full(left_out) => {
                [&number(*left_out as u64), " more were left out. ", of_these].concat()
            }
        },
    }
}

/// Draws what is under way, with a way to stop it; else how the list goes on.
fn under_way(model: &Model, link: &Callback<Msg>) -> Option<Element> {
    let row = || el("p").class("row progress");
    let pending = model.pending();
    let bar = |what| el("progress").attr("aria-label", what);
    let cancel = || button("Cancel", send(link, Msg::Workflow(workflow::Msg::Cancel)));
    let go_on = |words: &str, msg| button(words, send(link, Msg::Workflow(msg)));
    if *model.progress() == Progress::Loading {
        return Some(row().child(bar("Listing")).child(cancel()));
    }
    if pending > 0 {
        let words = [&count(pending, "request"), " to come"].concat();
        let line = row()
            .child(bar("Asking what tags name"))
            .child(quiet(words));
        return Some(line.child(cancel()));
    }
    let goes_on = model.goes_on();
    let more = match model.progress() {
        Progress::Partial(Partial::Bound) if goes_on => {
            Some(go_on("Load more", workflow::Msg::More).class("primary"))
        }
        Progress::Partial(Partial::Cancelled) if goes_on => {
            Some(go_on("Go on", workflow::Msg::More))
        }
        Progress::Partial(Partial::Unreadable(_)) => Some(go_on("Ask again", workflow::Msg::Retry)),
        Progress::Loading | Progress::Complete | Progress::Partial(_) => None,
    };
    more.map(|more| el("p").class("row").child(more))
}

fn failure(why: &Failure, link: &Callback<Msg>) -> Element {
    match why {
        Failure::Registry(told) => {
            let act = |action: &Action| send(link, Msg::Action(action.clone()));
            el("section")
                .child(el("h2").class("offscreen").child("What went wrong"))
                .child(error(&told.explain(), &act))
        }
        Failure::Cancelled
        | Failure::NotBundled
        | Failure::NotListed(_)
        | Failure::TooLarge { .. }
        | Failure::NotLoaded(_) => el("p").child(button(
            "Ask again",
            send(link, Msg::Workflow(workflow::Msg::Retry)),
        )),
    }
}

fn trouble_with_the_list(model: &Model, link: &Callback<Msg>) -> Option<Element> {
    match model.progress() {
        Progress::Partial(Partial::Failed(why)) => Some(failure(why, link)),
        Progress::Loading | Progress::Complete | Progress::Partial(_) => None,
    }
}

/// Draws why nothing more is asked about tags, with a way to ask again.
fn trouble_with_tags(model: &Model, link: &Callback<Msg>) -> Option<Element> {
    let why = model.trouble()?;
    let head = el("p").class("bad").attr("role", "alert");
    let head = head.child(
        "The registry was asked what tags name, and no more of them are asked about for now.",
    );
    Some(el("div").child(head).child(failure(why, link)))
}

fn filter(state: &State, hint: &'static str, link: &Callback<Msg>) -> Element {
    el("input")
        .attr("id", FILTER)
        .attr("type", "search")
        .attr("aria-label", "Filter: words that stand in the name")
        .attr("placeholder", hint)
        .attr("spellcheck", "false")
        .attr("autocomplete", "off")
        .attr("autocapitalize", "off")
        .class("file-search")
        .value(&state.filter)
        .on(EventKind::Input, send_text(link, Msg::Filter))
}

/// Draws the filter, and the switch of the order.
fn tools(state: &State, link: &Callback<Msg>) -> Element {
    let order = |words: &str, order: Order| {
        let is_on = state.order == order;
        button(words, send(link, Msg::Order(order)))
            .attr("aria-pressed", if is_on { "true" } else { "false" })
    };
    el("div")
        .class("row file-tools")
        .child(filter(state, "Filter: 1.27 alpine", link))
        .child(
            el("div")
                .attr("role", "group")
                .attr("aria-label", "Order")
                .class("switch")
                .child(order("Newest first", Order::Newest))
                .child(order("By name", Order::Name)),
        )
}

/// Draws that tags of one digest are looked for: how many were found, and what it takes to know them all.
fn digest_line(state: &State, model: &Model, link: &Callback<Msg>) -> Option<Element> {
    let digest = state.digest.as_ref()?;
    let is_tag = |row: &&Row| matches!(row, Row::Tag(_));
    let found = count(state.rows.iter().filter(is_tag).count(), "tag");
    let to_ask = model.to_ask();
    let words = match model.search() {
        Some(search) if state.is_searching() => {
            let asked = number(search.of.saturating_sub(to_ask) as u64);
            let of = number(search.of as u64);
            [&found, " so far, ", &asked, " of ", &of, " asked about"].concat()
        }
        _ if to_ask == 0 => [&found, " of those listed here"].concat(),
        _ => [&found, " known"].concat(),
    };
    let ask = (to_ask > 0 && !state.is_searching()).then(|| find_all(digest, to_ask, link));
    let row = el("p")
        .class("row")
        .child("Only tags of ")
        .child(short(digest));
    Some(
        row.child(el("span").attr("role", "status").child(words))
            .child(ask)
            .child(button("Show all tags", send(link, Msg::ShowAll))),
    )
}

/// Draws the button that asks about every tag that nothing is known of, and says how many those are.
fn find_all(digest: &Digest, to_ask: usize, link: &Callback<Msg>) -> Element {
    let words = match to_ask {
        0 => "Show its other tags".to_owned(),
        _ => ["Find all its tags: ", &count(to_ask, "request")].concat(),
    };
    button(&words, send(link, Msg::Find(digest.clone())))
}

/// Draws what can be done with what was ticked.
fn chosen(state: &State, model: &Model, link: &Callback<Msg>) -> Option<Element> {
    let first = state.ticked.first()?;
    let row = el("p").class("row");
    let row = match state.ticked.len() {
        1 => {
            let tagged = model.tags().find(first);
            let tagged = tagged.and_then(|place| model.tags().all().get(place));
            let find = tagged
                .and_then(Tagged::digest)
                .filter(|digest| state.digest.as_ref() != Some(*digest))
                .map(|digest| find_all(digest, model.to_ask(), link));
            let compose = state.reference(first).map(|reference| {
                el("a")
                    .attr("href", ["#/compose?add=", &reference].concat())
                    .child("Add to a composition")
            });
            let copy = state.reference(first).map(|reference| {
                el("a")
                    .attr("href", ["#/copy?from=", &reference].concat())
                    .child("Copy")
            });
            row.child(el("b").child(text(first.as_str())))
                .child(compose)
                .child(copy)
                .child(find)
        }
        many => {
            let second = state.ticked.get(1).filter(|_| many == 2);
            let two =
                second.and_then(|second| Some((state.reference(first)?, state.reference(second)?)));
            let diff = two.map(|(from, to)| {
                el("a")
                    .attr("href", ["#/diff?from=", &from, "&to=", &to].concat())
                    .child("Compare the two")
            });
            row.child(format_args!("{many} ticked")).child(diff)
        }
    };
    Some(row.child(button("Untick", send(link, Msg::Untick))))
}

/// Says what there is to say of each tag that is drawn, so that no column is empty.
struct Columns {
    ages: bool,
    sizes: bool,
    platforms: bool,
}

fn rows(state: &State, model: &Model, link: &Callback<Msg>) -> Element {
    let all = model.tags().all();
    let drawn = state.drawn();
    if drawn.is_empty() {
        let is_loading = *model.progress() == Progress::Loading;
        let words = match (all.len(), &state.digest) {
            (0, _) if is_loading => "Waiting for the answer.",
            (0, _) => "Nothing to show.",
            (_, Some(_)) => "No tag is known to name this digest.",
            (_, None) => "No tag has these words in it.",
        };
        return el("div").child(quiet_line(words));
    }
    let tagged = |row: &Row| match row {
        Row::Tag(index) => all.get(*index),
        Row::Fold(_) => None,
    };
    let shown = state.rows.get(drawn.clone()).unwrap_or_default();
    let known = || shown.iter().filter_map(tagged).filter_map(Tagged::details);
    let columns = Columns {
        ages: known().any(|details| details.seconds.is_some()),
        sizes: known().any(|details| details.size.is_some()),
        platforms: known().any(|details| !details.platforms.is_empty()),
    };
    let mut heads = vec![("Tag", None), ("Digest", None)];
    if columns.ages {
        heads.push(("Age", Some("number")));
    }
    if columns.sizes {
        heads.push(("Size", Some("number")));
    }
    if columns.platforms {
        heads.push(("Platforms", None));
    }
    let width = heads.len();
    let page = PageOfRows {
        from: drawn.start,
        length: ROWS_DRAWN,
        of: state.rows.len(),
    };
    let body = drawn.clone().zip(shown).map(|(number, row)| match row {
        Row::Tag(index) => tag_row(state, model, number, &all[*index], &columns, link),
        Row::Fold(fold) => fold_row(number, *fold, width, link),
    });
    let words = match shown.len() {
        1 => "1 row".to_owned(),
        _ => [&number(state.rows.len() as u64), " rows"].concat(),
    };
    let caption = if state.filter.is_empty() {
        "Tags".to_owned()
    } else {
        words
    };
    el("div")
        .child(table(&caption, &heads).child(el("tbody").children(body)))
        .child(page.turner("Tags", &|from| send(link, Msg::Rows(from))))
}

fn tag_row(
    state: &State,
    model: &Model,
    number: usize,
    tagged: &Tagged,
    columns: &Columns,
    link: &Callback<Msg>,
) -> Element {
    let tag = &tagged.tag;
    let name = tag.as_str();
    let tick = el("input")
        .attr("type", "checkbox")
        .attr("aria-label", ["Tick ", name].concat())
        .checked(state.ticked.contains(tag))
        .on(EventKind::Change, send(link, Msg::Tick(tag.clone())));
    let href = state.reference(tag).unwrap_or_default();
    let inspect = el("a")
        .attr("id", row_id(number))
        .attr("data-row", number.to_string())
        .attr("href", ["#/inspect/", &href].concat())
        .child(name);
    let details = tagged.details();
    let digest = match tagged.digest() {
        Some(digest) => short(digest),
        None if model.is_gone(tag) => el("span").class("bad").child("gone"),
        None if model.is_asked(tag) => quiet("asking"),
        None => quiet("not asked"),
    };
    let ages = details.and_then(|details| details.seconds).map(|seconds| {
        el("time")
            .attr("title", from_1970(seconds))
            .child(age(state.opened - seconds))
    });
    let sizes = details.and_then(|details| details.size).map(size);
    let platforms = details.map(|details| platforms(&details.platforms));
    let head = el("th")
        .attr("scope", "row")
        .child(el("span").class("row tag-name").child(tick).child(inspect));
    el("tr")
        .key(name)
        .child(head)
        .child(el("td").child(digest))
        .child(columns.ages.then(|| cell("number").child(ages)))
        .child(columns.sizes.then(|| cell("number").child(sizes)))
        .child(columns.platforms.then(|| el("td").child(platforms)))
}

/// Draws the first few platforms, and how many more there are.
fn platforms(all: &[String]) -> Element {
    let shown: Vec<_> = all
        .iter()
        .take(PLATFORMS_DRAWN)
        .map(String::as_str)
        .collect();
    let rest = all.len() - shown.len();
    let rest = (rest > 0).then(|| quiet(format_args!(" and {rest} more")));
    el("span")
        .attr(
            "title",
            (rest.is_some()).then(|| written_out(&all.join(", "))),
        )
        .child(text(&shown.join(", ")))
        .child(rest)
}

/// Names tags of one kind.
fn kind_words(fold: Fold) -> String {
    let noun = match fold.kind {
        Kind::Latest | Kind::Version | Kind::Word => "tag",
        Kind::Commit => "commit",
        Kind::Signature => "signature",
        Kind::Attestation => "attestation",
        Kind::Sbom => "SBOM",
        Kind::Referrers => "tag of a digest",
    };
    match fold.kind {
        Kind::Referrers if fold.count != 1 => {
            [&number(fold.count as u64), " tags of digests"].concat()
        }
        _ => count(fold.count, noun),
    }
}

fn fold_row(row: usize, fold: Fold, width: usize, link: &Callback<Msg>) -> Element {
    let what = match fold.kind {
        Kind::Signature | Kind::Attestation | Kind::Sbom => " of cosign (sha256-…)",
        Kind::Referrers => " (sha256-…), which hold what refers to them",
        Kind::Commit => " (hashes)",
        Kind::Latest | Kind::Version | Kind::Word => "",
    };
    let unfold = button(&kind_words(fold), send(link, Msg::Fold(fold.kind)))
        .attr("id", row_id(row))
        .attr("data-row", row.to_string())
        .attr("aria-expanded", if fold.is_open { "true" } else { "false" })
        .class("link");
    el("tr").child(
        el("td")
            .attr("colspan", width.to_string())
            .child(unfold)
            .child(quiet(what)),
    )
}

/// Says what else the list held, and what the registry says of how often it may be asked.
fn notes(repository: &Reference, model: &Model) -> Vec<Element> {
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
    if let Some(rate) = model.rate() {
        notes.push(quiet_line(rate_words(rate, repository)));
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

fn rate_words(rate: RateLimit, repository: &Reference) -> String {
    let is_hub = *repository.host() == RegistryHost::docker_hub();
    let free = if is_hub {
        ". Asking what a tag names (HEAD) does not count."
    } else {
        "."
    };
    let of = rate.limit.map(|limit| [" of ", &number(limit)].concat());
    let window = rate.window.map(|seconds| {
        let hours = seconds.div_ceil(3600);
        [
            " in ",
            &count(usize::try_from(hours).unwrap_or(usize::MAX), "hour"),
        ]
        .concat()
    });
    [
        "The registry gives ",
        &number(rate.remaining),
        &of.unwrap_or_default(),
        " more manifests",
        &window.unwrap_or_default(),
        free,
    ]
    .concat()
}

/// Draws the same list in other tools.
fn in_other_tools(repository: &Reference, plain_http: bool) -> Element {
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
