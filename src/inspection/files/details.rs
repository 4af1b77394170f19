//! What is known of the entry that is chosen, and the content of its file.

use waybill_blobs::files::{Capabilities, Details, Look, State as RowState};
use waybill_blobs::listing::Kind;
use waybill_blobs::toc::Proof;
use waybill_core::finding::Severity;
use waybill_core::humanize::{count, number, sentence, size};
use yew::Callback;

use super::content::{HEX_BYTES, Shown, hex_line, picture};
use super::message::Msg;
use super::state::{Content, ContentState, Cost, Here, OPENED, State, is_openable};
use super::tables;
use super::view::hidden_words;
use crate::components::digest::full;
use crate::components::element::{Element, EventKind, as_it_is, button, el};
use crate::components::listener::send;
use crate::components::table::PageOfRows;
use crate::components::text::{self, code, pair, quiet, quiet_line, text};
use crate::limits::LINES_DRAWN;

/// The largest file that browsers gather with no doubt, in bytes (256 MiB).
const GATHERED: u64 = 256 << 20;

/// Draws what is known of what is chosen.
pub(super) fn entry(state: &State, link: &Callback<Msg>) -> Element {
    let section = el("section")
        .attr("aria-label", "What is chosen")
        .attr("aria-live", "polite")
        .class("file-entry");
    let Some(details) = state.details.as_deref() else {
        return section.child(quiet_line(
            "Choose a file or a directory: with the arrow keys, or by pressing it.",
        ));
    };
    let name = details.path.rsplit('/').next().unwrap_or_default();
    let name = if name.is_empty() { "/" } else { name };
    section
        .child(el("h3").child(text(name)))
        .children(details.findings.iter().map(finding))
        .child(standing(details))
        .child(facts(state, details, link))
        .child(actions(state, details, link))
        .child(state.content.as_ref().map(|content| shown(content, link)))
}

fn finding(said: &waybill_blobs::files::Said) -> Element {
    let class = match said.severity {
        Severity::Error => "finding bad",
        Severity::Warning => "finding warn",
        Severity::Note => "finding note",
    };
    el("div")
        .class(class)
        .child(
            el("p")
                .class("finding-head")
                .child(el("span").class("severity").child(said.severity.name()))
                .child(el("b").child(said.title.as_str())),
        )
        .child(el("p").child(text::words(&sentence(&said.message))))
}

/// Says what became of it, where a container does not see it as it is.
fn standing(details: &Details) -> Option<Element> {
    let words = match details.state {
        RowState::Seen | RowState::Added => return None,
        RowState::Implied => {
            "No entry makes this directory: engines make it, as root's and 0755.".into()
        }
        RowState::Hidden(by, why) => format!("No container sees it: {}.", hidden_words(by, why)),
        RowState::Whiteout => "It is a whiteout: it hides what layers below have there.".into(),
        RowState::Changed => ["Changed: ", &details.changes.join(", "), "."].concat(),
        RowState::Removed => "This layer removes it; what follows is as it was below.".into(),
    };
    Some(el("p").child(words))
}

/// What an entry is called.
fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::File => "File",
        Kind::Directory => "Directory",
        Kind::SymbolicLink => "Symbolic link",
        Kind::HardLink => "Hard link",
        Kind::CharacterDevice => "Character device",
        Kind::BlockDevice => "Block device",
        Kind::Pipe => "Pipe",
        Kind::GlobalHeader => "PAX header for all that follows",
        Kind::Other(_) => "Of a type that engines refuse",
    }
}

fn facts(state: &State, details: &Details, link: &Callback<Msg>) -> Element {
    let mut list = pair(el("dl"), "Type", kind(details.kind));
    if details.kind == Kind::Directory {
        let below = count(details.below as usize, "entry");
        let words = [&below, " below it, ", &size(details.below_bytes)].concat();
        list = pair(list, "Size", words);
    } else {
        list = pair(list, "Size", bytes(details.size));
    }
    if details.entry.is_some() {
        let octal = format!(" {:04o}", details.mode);
        let mode = el("span")
            .child(el("code").child(details.mode_text.as_str()))
            .child(el("code").child(octal));
        list = pair(list, "Mode", mode);
        let owner = el("span")
            .child(one_owner(&details.user))
            .child(" : ")
            .child(one_owner(&details.group));
        list = pair(list, "Owner : group", owner);
        list = pair(list, "Modified", details.modified.as_str());
    }
    if let Some(to) = &details.link {
        list = pair(list, "Leads to", leads_to(to, details, link));
    }
    if let Some((major, minor)) = details.device {
        list = pair(list, "Device", format!("{major}, {minor}"));
    }
    match &details.capabilities {
        Some(Ok(found)) => list = pair(list, "Capabilities", capabilities(found)),
        Some(Err(())) => {
            let words = el("span")
                .class("warn")
                .child("a value that the kernel refuses");
            list = pair(list, "Capabilities", words);
        }
        None => {}
    }
    for xattr in &details.xattrs {
        let length = quiet(format_args!(" {} bytes", xattr.length));
        let value = el("span").child(code(&xattr.value)).child(length);
        list = pair(list, code(&xattr.name), value);
    }
    if let Some((layer, _)) = details.entry {
        list = pair(list, "Comes from", layer_words(state, layer));
    }
    if let Some(written) = &details.written {
        list = pair(list, "Written as", code(written));
    }
    let is_by_table = matches!(state.cost(), Some(Cost::Chunks));
    if let Some(content) = &details.content {
        let by = is_by_table.then(|| quiet(" by the table of contents"));
        list = pair(list, "SHA-256", code(content).child(by));
    }
    if details.copies_in_all > 0 {
        let copies = details
            .copies
            .iter()
            .map(|path| el("li").child(go(path, path, link)));
        let more = details.copies_in_all as usize - details.copies.len();
        let more = (more > 0)
            .then(|| el("li").child(quiet(format_args!("and {}", count(more, "more path")))));
        let all = el("ul").children(copies).child(more);
        list = pair(list, "Same content", all);
    }
    if !details.hides.is_empty() {
        let hides = details.hides.iter().map(|hidden| {
            let is_here = hidden.path == details.path;
            let path = (!is_here).then(|| text(&hidden.path));
            let words = format!(
                " {}, {}, of layer {}",
                kind(hidden.kind),
                size(hidden.size),
                hidden.layer + 1
            );
            let to = Msg::GoIn(Look::Layer(hidden.layer), hidden.path.clone());
            let to = el("button")
                .attr("type", "button")
                .class("link")
                .on(EventKind::Click, send(link, to));
            el("li").child(to.child(path).child(words))
        });
        list = pair(list, "Hides", el("ul").children(hides));
    }
    list
}

/// A size as people read it, and in bytes.
fn bytes(value: u64) -> String {
    if value < 1000 {
        return size(value);
    }
    [&size(value), ", ", &number(value), " bytes"].concat()
}

fn one_owner((id, name): &(i64, String)) -> Element {
    let name = (!name.is_empty()).then(|| quiet(" ").child(text(name)));
    el("span").child(id.to_string()).child(name)
}

fn go(words: &str, path: &str, link: &Callback<Msg>) -> Element {
    el("button")
        .attr("type", "button")
        .class("link")
        .on(EventKind::Click, send(link, Msg::Go(path.to_owned())))
        .child(text(words))
}

fn leads_to(to: &waybill_blobs::files::Link, details: &Details, link: &Callback<Msg>) -> Element {
    match &to.path {
        Some(path) if to.is_there => go(&to.text, path, link),
        // Its target was removed since, or is what AUFS kept beside the files.
        Some(_) if details.kind == Kind::HardLink && details.file.is_some() => el("span")
            .child(code(&to.text))
            .child(quiet(" nothing is there any more but its content, here")),
        Some(_) => el("span")
            .child(code(&to.text))
            .child(quiet(" nothing is there")),
        None => el("span")
            .child(code(&to.text))
            .child(quiet(" out of the root")),
    }
}

fn capabilities(found: &Capabilities) -> Element {
    let root = found.root.filter(|root| *root != 0);
    let root = root.map(|root| quiet(format_args!(" where user {root} is root")));
    let effective = if found.effective {
        " effective from the start"
    } else {
        " once the program asks for them"
    };
    el("span")
        .child(code(&found.to_string()))
        .child(quiet(effective))
        .child(root)
}

/// The layer, with the step of the history that made it.
fn layer_words(state: &State, layer: u32) -> Element {
    let known = state.subject.layers.get(layer as usize);
    let step = known.and_then(|layer| layer.step.as_deref());
    let step = step.filter(|step| !step.is_empty());
    el("span")
        .child(format_args!("layer {}", layer + 1))
        .child(step.map(|step| quiet(" ").child(code(step))))
}

/// Draws what can be done with a file, and what it costs.
fn actions(state: &State, details: &Details, link: &Callback<Msg>) -> Option<Element> {
    let cost = state.cost()?;
    let open = is_openable(details).then(|| button("Open", send(link, Msg::Open)));
    let too_large = (details.size > OPENED).then(|| {
        quiet(format_args!(
            "Too large to open here ({} at most).",
            size(OPENED)
        ))
    });
    let cost = match cost {
        Cost::Nothing => None,
        Cost::Chunks => Some("Fetches its chunks only, and checks their digests.".to_owned()),
        Cost::About(bytes, all) => Some(format!(
            "Reads its layer again, up to the end of the file: about {} of {}.",
            size(bytes),
            size(all)
        )),
        Cost::AtMost(bytes) => Some(format!(
            "Reads its layer again, up to the end of the file: at most {}.",
            size(bytes)
        )),
    };
    let cost = cost.map(quiet);
    let is_gathered = !state.is_streamed && details.size > GATHERED;
    let gathered = is_gathered.then(|| {
        el("p").class("warn").child(format_args!(
            "This browser cannot write a download to the disk as it comes: it holds all {} first, and may run out of \
                memory.",
            size(details.size)
        ))
    });
    let is_here = matches!(
        &state.content,
        Some(Content {
            state: ContentState::Here(_),
            ..
        })
    );
    let row = el("p")
        .class("row")
        .child(open.filter(|_| !is_here))
        .child(button("Download", send(link, Msg::Save)))
        .child(cost.filter(|_| !is_here))
        .child(too_large);
    Some(el("div").child(row).child(gathered))
}

/// Draws the content of a file, or how far it is.
fn shown(content: &Content, link: &Callback<Msg>) -> Element {
    let section = el("div").class("file-content");
    match &content.state {
        ContentState::Reading(received) => section.child(
            el("p")
                .class("row progress")
                .child(el("progress").attr("aria-label", "Reading the file"))
                .child(quiet(size(*received)))
                .child(button("Cancel", send(link, Msg::Close))),
        ),
        ContentState::Failed(why) => section.child(
            el("p")
                .attr("role", "alert")
                .class("bad")
                .child("The file was not read: ")
                .child(text::words(why))
                .child("."),
        ),
        ContentState::Saved(saved) => section
            .child(
                el("p")
                    .attr("role", "status")
                    .child("Saved. What was saved hashes to ")
                    .child(code(saved.digest.as_str())),
            )
            .child(held_against(saved.proof.as_ref(), saved.is_same)),
        ContentState::Here(here) => section
            .child(head(here, link))
            .child(sealed(here))
            .child(body(here, link)),
    }
}

fn head(here: &Here, link: &Callback<Msg>) -> Element {
    let way = |words: &str, shown: Shown| {
        let is_on = here.shown == shown;
        button(words, send(link, Msg::Show(shown)))
            .attr("aria-pressed", if is_on { "true" } else { "false" })
    };
    let switch = el("div")
        .attr("role", "group")
        .attr("aria-label", "Show as")
        .class("switch")
        .child(way("Text", Shown::Text))
        .child(way("Hex", Shown::Hex))
        .child(picture(&here.bytes).map(|_| way("Picture", Shown::Picture)));
    let encoding = (here.shown == Shown::Text).then(|| quiet(here.encoding.words()));
    el("div")
        .class("row")
        .child(switch)
        .child(encoding)
        .child(button("Close", send(link, Msg::Close)))
}

/// Says whether these are the bytes that the layer had when it was checked.
fn sealed(here: &Here) -> Element {
    el("div")
        .child(full(&here.digest))
        .child(held_against(here.proof.as_ref(), here.is_same))
}

/// Says what a content was held against.
fn held_against(proof: Option<&Proof>, is_same: Option<bool>) -> Option<Element> {
    match proof {
        Some(proof) => Some(tables::proof(proof)),
        None => same_words(is_same),
    }
}

fn same_words(is_same: Option<bool>) -> Option<Element> {
    Some(if is_same? {
        el("p")
            .class("good")
            .child("The same as when its layer was read and listed.")
    } else {
        el("p")
            .attr("role", "alert")
            .class("bad")
            .child("Not the bytes that were there when its layer was listed: what came now is another content.")
    })
}

fn body(here: &Here, link: &Callback<Msg>) -> Element {
    let go = |from: usize| send(link, Msg::ShowFrom(from));
    let from = here.from;
    match here.shown {
        Shown::Picture => {
            let drawn = here.picture.as_ref().map(|address| {
                el("img")
                    .attr("alt", "The picture that the file holds")
                    .attr("src", address.clone())
            });
            el("div").class("file-picture").child(drawn)
        }
        Shown::Text => {
            let of = here.lines.len().saturating_sub(1);
            let page = PageOfRows {
                from,
                length: LINES_DRAWN,
                of,
            };
            let lines = here
                .lines
                .windows(2)
                .enumerate()
                .skip(from)
                .take(LINES_DRAWN);
            let lines = lines.map(|(index, edges)| {
                let bytes = here.bytes.get(edges[0]..edges[1]).unwrap_or_default();
                let line = here.encoding.read(bytes);
                let line = line.strip_suffix('\n').unwrap_or(&line);
                let line = line.strip_suffix('\r').unwrap_or(line);
                one_line(
                    &(index + 1).to_string(),
                    el("span").class("source").child(text(line)),
                )
            });
            let empty = (of == 0).then(|| quiet_line("The file is empty."));
            el("div")
                .child(page.turner("Lines", &go))
                .child(empty)
                .child((of > 0).then(|| box_of_lines().children(lines)))
        }
        Shown::Hex => {
            let of = here.bytes.len().div_ceil(HEX_BYTES);
            let page = PageOfRows {
                from,
                length: LINES_DRAWN,
                of,
            };
            let lines = here
                .bytes
                .chunks(HEX_BYTES)
                .enumerate()
                .skip(from)
                .take(LINES_DRAWN);
            let lines = lines.map(|(index, bytes)| {
                let (hex, text) = hex_line(bytes);
                let line = el("span")
                    .class("source")
                    .child(as_it_is(&format!("{hex:<49}  {text}")));
                one_line(&format!("{:08x}", index * HEX_BYTES), line)
            });
            el("div")
                .child(page.turner("Lines of 16 bytes", &go))
                .child(box_of_lines().class("code hex").children(lines))
        }
    }
}

fn box_of_lines() -> Element {
    el("pre").class("code").attr("tabindex", "0")
}

fn one_line(number: &str, line: Element) -> Element {
    el("span")
        .class("line")
        .child(
            el("span")
                .attr("aria-hidden", "true")
                .class("number")
                .child(as_it_is(number)),
        )
        .child(line)
}
