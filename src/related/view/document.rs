//! The documents of a manifest, as far as they were read.

use std::fmt::Write as _;

use waybill_core::digest::Digest;
use waybill_core::documents::{Compared, Document, Form, Section, Signed, predicate_name};
use waybill_core::humanize::{count, number, sentence, size};
use waybill_core::media_type::MediaType;
use waybill_core::view::Action;
use waybill_core::workflow::fetch::{Failure, Fetch};
use waybill_core::workflow::related::{self as workflow, Content, Listed, Model};
use yew::Callback;

use super::super::message::{Msg, Part, Shown};
use super::super::state::State;
use super::signature;
use super::tables::table;
use crate::components::code::{self, ContentView};
use crate::components::digest::short;
use crate::components::element::{Element, button, el};
use crate::components::error::error;
use crate::components::listener::send;
use crate::components::text::{code as coded, quiet, quiet_line, text, text_or_link, words};
use crate::language::phrase;
use crate::limits::ITEMS_DRAWN;

/// How many bytes a line of hexadecimal has, and how many lines are drawn.
const HEX_BYTES: usize = 16;
const HEX_LINES: usize = 64;

/// The sections whose facts have names of the document's own.
const AS_WRITTEN: [&str; 6] = [
    "Added by whoever signed",
    "Asked of the builder",
    "Build arguments",
    "Environment",
    "Found, by severity",
    "What it says",
];

/// How many subjects of a statement are named.
const SUBJECTS: usize = 8;

/// Draws the documents of a manifest. `parent` is the place of what it was found under: itself where it is looked at.
pub(super) fn documents(
    state: &State,
    model: &Model,
    place: usize,
    parent: usize,
    link: &Callback<Msg>,
) -> Element {
    let node = &model.nodes()[place];
    let listed = node.documents();
    let all = listed.len();
    let mut list = el("div").class("related-documents");
    for (at, document) in listed.into_iter().enumerate() {
        let part = (node.digest.clone(), at);
        let is_itself = place == parent;
        let subject = if is_itself {
            model.looked_is_of().cloned()
        } else {
            model
                .nodes()
                .get(parent)
                .map(|parent| parent.digest.clone())
        };
        let head = head(model, document, &part, (at, all), link);
        let body = match model.content(document.descriptor) {
            Some(Fetch::Done(content)) => {
                let signed = model.signed(node, document, parent).map(signature::slot);
                Some(body(
                    state,
                    content,
                    &part,
                    ((subject.as_ref(), is_itself), signed),
                    link,
                ))
            }
            Some(Fetch::Failed(failure)) => Some(failed(failure, link)),
            Some(Fetch::Pending) => Some(quiet_line("On its way.")),
            None => None,
        };
        let item = el("article")
            .class("related-document")
            .child(head)
            .child(annotations(document));
        list = list.child(item.child(body));
    }
    let beyond = node.documents_beyond();
    let beyond = (beyond > 0).then(|| {
        quiet_line(format_args!(
            "{} more are not listed.",
            number(beyond as u64)
        ))
    });
    list.child(beyond)
}

fn head(
    model: &Model,
    listed: Listed<'_>,
    part: &Part,
    (at, all): (usize, usize),
    link: &Callback<Msg>,
) -> Element {
    let descriptor = listed.descriptor;
    let content = model.content(descriptor);
    let title = match content.and_then(Fetch::done) {
        Some(content) => words(&content.document.title),
        None => match listed.predicate() {
            Some(predicate) => predicate_name(predicate).map_or_else(|| text(predicate), words),
            None if listed.is_config => el("span").child("config"),
            None => el("span").child(format_args!("document {} of {all}", at + 1)),
        },
    };
    let kind = descriptor.media_type.as_ref().map(MediaType::as_str);
    let row = el("p")
        .class("row quiet")
        .child(kind.map_or_else(|| el("code").child(words("no media type")), coded));
    let row = row.child(descriptor.size.map(|bytes| el("span").child(size(bytes))));
    let row = row.child(descriptor.digest.as_ref().map(short));
    let wanted = matches!(content, None | Some(Fetch::Failed(Failure::Cancelled)));
    let read = wanted.then(|| {
        let (manifest, document) = part.clone();
        let words = match descriptor.size {
            Some(bytes) => ["Read it, ", &size(bytes)].concat(),
            None => "Read it".to_owned(),
        };
        button(
            &words,
            send(
                link,
                Msg::Workflow(workflow::Msg::Read { manifest, document }),
            ),
        )
    });
    let saved = content.and_then(Fetch::done).map(|content| {
        let save = |inner| send(link, Msg::Save(part.clone(), inner));
        let inner = content.has_payload;
        el("span")
            .class("row")
            .child(button("Download", save(false)))
            .child(inner.then(|| button("Download the payload", save(true))))
    });
    el("div")
        .child(el("h4").child(title))
        .child(row.child(read).child(saved))
}

/// Draws the annotations of a layer, where cosign keeps signatures.
fn annotations(listed: Listed<'_>) -> Option<Element> {
    let all = &listed.descriptor.annotations;
    (!all.is_empty()).then(|| {
        let pairs = all.iter().take(ITEMS_DRAWN);
        let list = pairs.fold(el("dl"), |list, (name, value)| {
            list.child(el("dt").child(text(name)))
                .child(el("dd").child(text(value)))
        });
        let words = [
            "As its manifest names it: ",
            &count(all.len(), "annotation"),
        ]
        .concat();
        el("details").child(el("summary").child(words)).child(list)
    })
}

fn failed(failure: &Failure, link: &Callback<Msg>) -> Element {
    let again = || send(link, Msg::Workflow(workflow::Msg::Retry));
    match failure {
        Failure::Registry(told) => {
            let act = |action: &Action| match action {
                Action::Retry => again(),
                action => send(link, Msg::Action(action.clone())),
            };
            error(&told.explain(), &act)
        }
        Failure::TooLarge { size: bytes } => {
            let words =
                format_args!("It has {}, more than is read here.", size(*bytes)).to_string();
            el("p").class("warn").child(words)
        }
        Failure::Cancelled => quiet_line("Cancelled."),
        Failure::NotLoaded(why) => {
            let said = ["It was not read: ", why, "."].concat();
            let said = el("span").class("bad").child(words(&said));
            let again = button("Ask again", again());
            el("p").class("row").child(said).child(again)
        }
        Failure::NotBundled | Failure::NotListed(_) => el("p").child(button("Ask again", again())),
    }
}

fn body(
    state: &State,
    content: &Content,
    part: &Part,
    (subject, signed): ((Option<&Digest>, bool), Option<Element>),
    link: &Callback<Msg>,
) -> Element {
    let document = &content.document;
    let nothing_said =
        document.sections.is_empty() && document.tables.is_empty() && document.claim.is_none();
    let is_shown = state.shows_bytes(part) != nothing_said;
    let toggle = if is_shown {
        "Hide the bytes"
    } else {
        "Show the bytes"
    };
    let toggled = Msg::Draw(part.clone(), Shown::Bytes(!state.shows_bytes(part)));
    let another = "These are not the bytes that were named: their digest is another.";
    let unsigned = "Not signed: a statement by itself. That it belongs to this image follows from digests alone.";
    let findings = document.findings.iter();
    let findings = findings.map(|found| el("p").class("bad").child(words(&sentence(found))));
    let tables = document.tables.iter().enumerate();
    let texts = document.texts.iter().map(|(name, content)| {
        let content = el("pre").attr("tabindex", "0").child(text(content));
        // The others have the name of a file.
        let draw = if name == "payload" { words } else { text };
        el("details")
            .child(el("summary").child(draw(name)))
            .child(content)
    });
    // As many children whatever is shown, so that the focus stays where it is.
    let body = el("div").child(
        content
            .is_another
            .then(|| el("p").class("bad").child(another)),
    );
    wrapped(body, document)
        .child(signed)
        .child((document.signed == Signed::Not).then(|| el("p").class("warn").child(unsigned)))
        .child(claim(document, subject))
        .child(el("div").children(findings))
        .child(el("div").children(document.sections.iter().map(section)))
        .child(
            el("div").children(tables.map(|(place, found)| table(state, found, part, place, link))),
        )
        .child(el("div").children(texts))
        .child(el("p").child(button(toggle, send(link, toggled))))
        .child(is_shown.then(|| bytes(el("div"), state, content, part, link)))
}

/// Draws what is around it, and what it is about.
fn wrapped(body: Element, document: &Document) -> Element {
    let around = (!document.wrapped_in.is_empty()).then(|| {
        let said = ["In: ", &document.wrapped_in.join(" › ")].concat();
        quiet_line(words(&said))
    });
    let predicate = document.predicate.as_ref().map(|predicate| {
        let line = el("p").child("About: ");
        let known = predicate_name(predicate).map(|name| quiet(format_args!(" {name}")));
        line.child(coded(predicate)).child(known)
    });
    body.child(around).child(predicate)
}

/// Draws what it says that it is of, held against what it was found under.
fn claim(document: &Document, (subject, is_itself): (Option<&Digest>, bool)) -> Option<Element> {
    let claim = document.claim.as_ref()?;
    let of = if is_itself {
        "what this manifest is of"
    } else {
        "what it was found under"
    };
    let compared = subject.map(|subject| claim.compare(subject));
    let (class, words) = match compared {
        Some(Compared::Same) => ("good", ["It names the digest of ", of, "."]),
        Some(Compared::Other) => (
            "bad",
            [
                "It is of something else: it names another digest than that of ",
                of,
                ".",
            ],
        ),
        Some(Compared::Unnamed) => (
            "warn",
            [
                "It names no digest that could be compared with that of ",
                of,
                ".",
            ],
        ),
        Some(Compared::Ambiguous) => (
            "bad",
            [
                "Two readers may read two digests in it, so it is not held against that of ",
                of,
                ".",
            ],
        ),
        None => (
            "quiet",
            [
                "There is nothing with which it could be compared: nobody says ",
                of,
                ".",
            ],
        ),
    };
    let subjects = claim.subjects.iter().take(SUBJECTS).map(|subject| {
        let digests = subject.digests.iter().take(SUBJECTS);
        let item = el("li").child(text(&subject.name));
        digests.fold(item, |item, (name, hex)| {
            item.child(" ").child(coded(&[name, ":", hex].concat()))
        })
    });
    let rest = claim.subjects.len().saturating_sub(SUBJECTS) + claim.beyond;
    let rest =
        (rest > 0).then(|| el("li").child(quiet(format_args!("and {} more", number(rest as u64)))));
    let list = el("ul")
        .attr("aria-label", "What it says that it is of")
        .children(subjects)
        .child(rest);
    let words = el("p").attr("class", class).child(words.concat());
    Some(el("div").child(words).child(list))
}

fn section(section: &Section) -> Element {
    let facts = section.facts.iter().take(ITEMS_DRAWN);
    let is_own = !AS_WRITTEN.contains(&section.title.as_str());
    let list = facts.fold(el("dl"), |list, (name, value)| {
        let draw = if is_own { words } else { text };
        let says = if is_own && name == "signed by" {
            words
        } else {
            text_or_link
        };
        list.child(el("dt").child(draw(name)))
            .child(el("dd").child(says(value)))
    });
    let rest = section.beyond + section.facts.len().saturating_sub(ITEMS_DRAWN);
    let rest = (rest > 0).then(|| quiet_line(format_args!("and {} more", number(rest as u64))));
    el("div")
        .child(el("h5").child(words(&section.title)))
        .child(list)
        .child(rest)
}

/// Draws the bytes: JSON and text line by line, anything else in hexadecimal.
fn bytes(
    body: Element,
    state: &State,
    content: &Content,
    part: &Part,
    link: &Callback<Msg>,
) -> Element {
    if content.document.form == Form::Binary {
        let hex = hex(&content.bytes, content.size);
        return body.child(el("pre").attr("tabindex", "0").child(hex));
    }
    let more = (!content.is_whole()).then(|| {
        let (shown, all) = (size(content.bytes.len() as u64), size(content.size));
        quiet_line(format_args!(
            "The first {shown} of {all}: the download has all of it."
        ))
    });
    let body = body.child(more);
    let go = |line| send(link, Msg::Draw(part.clone(), Shown::Line(line)));
    let view = ContentView {
        bytes: &content.bytes,
        found: &[],
        places: &[],
        from: state.line_of(part),
    };
    code::code(body, view, &|_| None, &go)
}

/// Writes the first of so many bytes.
fn hex(bytes: &[u8], all: u64) -> String {
    let mut text = String::new();
    for (line, part) in bytes.chunks(HEX_BYTES).take(HEX_LINES).enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{:08x} ", line * HEX_BYTES);
        for byte in part {
            let _ = write!(text, " {byte:02x}");
        }
        text.push('\n');
    }
    let more = all.saturating_sub((HEX_BYTES * HEX_LINES) as u64);
    if more > 0 {
        let bytes = count(usize::try_from(more).unwrap_or(usize::MAX), "byte");
        text += &phrase(&["and ", &bytes, " more"].concat());
    }
    text
}
