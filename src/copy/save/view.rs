//! How a copy into a file looks: which archive, its name and size before the first byte, one line while it is written.

use waybill_core::humanize::{count, sentence, size};
use waybill_core::save::{LeftOut, Root};
use waybill_core::view::{Action, Stamp, Status};
use waybill_core::workflow::save::{Form, Model, Msg as SaveMsg, Phase, Road, Why};
use yew::{Callback, Event};

use crate::components::custody::{step, stop as sealed};
use crate::components::digest::{full, short};
use crate::components::element::{Element, EventKind, button, el};
use crate::components::error::error;
use crate::components::listener::{chosen, send};
use crate::components::text::{field, quiet, quiet_line, text, wide_field, words};
use crate::copy::message::Msg;
use crate::copy::state::State;
use crate::limits::{ITEMS_DRAWN, MEMORY_BYTES};

/// Names each archive, and says who reads it.
const FORMS: [(Form, &str, &str, &str); 4] = [
    (
        Form::Hybrid,
        "oci",
        "OCI and docker archive in one tar file",
        "Every byte and digest stays. docker load, podman, skopeo, crane, regctl, oras and containerd read it.",
    ),
    (
        Form::Docker,
        "docker",
        "docker archive as skopeo writes it",
        "Layers unpacked, for old tools. It holds no manifest, so the image's digest changes, and its ID stays.",
    ),
    (
        Form::FolderTar,
        "dir",
        "dir: of skopeo, as a tar file",
        "Every byte and digest stays. Unpack it, and skopeo reads the folder as dir:.",
    ),
    (
        Form::Folder,
        "folder",
        "dir: of skopeo, into a folder",
        "Every byte and digest stays. skopeo reads the folder as dir:. Choose an empty one.",
    ),
];

/// Draws which archive it becomes.
pub(crate) fn choice(state: &State, link: &Callback<Msg>) -> Element {
    let is_there = |form: Form| form != Form::Folder || state.has_folders;
    let options = FORMS.iter().filter(|(form, ..)| is_there(*form));
    let options = options.map(|(form, name, words, _)| {
        el("option")
            .attr("value", *name)
            .attr("selected", (*form == state.archive).then_some("selected"))
            .child(*words)
    });
    let on_form = link.reform(|event: Event| {
        let name = chosen(&event);
        let form = FORMS.iter().find(|(_, known, ..)| *known == name);
        Msg::Archive(form.map_or(Form::Hybrid, |(form, ..)| *form))
    });
    let about = FORMS.iter().find(|(form, ..)| *form == state.archive);
    el("div")
        .child(
            el("label").class("boxed").child("Archive").child(
                el("select")
                    .attr("id", "copy-archive")
                    .on(EventKind::Change, on_form)
                    .children(options),
            ),
        )
        .child(about.map(|(.., words)| quiet_line(*words)))
}

/// Says how far it is: a sentence, a second one, and the stamp.
pub(crate) fn told(model: &Model) -> (String, String, Option<Stamp>) {
    let stamp = |status, text, small| Some(Stamp::new(status, text, small));
    let nothing = "Nothing is under its name.";
    let (title, detail, stamp) = match model.phase() {
        Phase::Unmeasured(_) => (
            "The layers have to be read first",
            "This archive holds them unpacked, and how large they are then nobody says before.",
            None,
        ),
        Phase::Measuring(_) => (
            "Reading the layers",
            "To know how large the file becomes. Nothing is written.",
            stamp(Status::Pending, "Measuring", "nothing is written yet"),
        ),
        Phase::Refused(_) => (
            "This cannot be saved so",
            "Nothing was written.",
            stamp(Status::Failed, "Refused", "nothing was written"),
        ),
        Phase::Planned => (
            "The file is planned",
            "Its size is known to the byte. Nothing is written before you save it.",
            stamp(Status::Unchecked, "Planned", "nothing is written yet"),
        ),
        Phase::Opening => (
            "Asking the browser for a place",
            "Nothing is written yet.",
            None,
        ),
        Phase::Running => (
            "Saving",
            "Every byte is hashed before the file is called saved.",
            stamp(Status::Pending, "Saving", "not whole yet"),
        ),
        Phase::Paused => (
            "The saving stands still",
            "What is written is not read again.",
            stamp(Status::Unchecked, "Paused", "not whole yet"),
        ),
        Phase::Interrupted(_) => (
            "The saving was interrupted",
            "It goes on where it stopped.",
            stamp(Status::Failed, "Stopped", "not whole yet"),
        ),
        Phase::Failed(_) => (
            "It was not saved",
            nothing,
            stamp(Status::Failed, "Not saved", "nothing is there"),
        ),
        Phase::Cancelled => (
            "The saving was cancelled",
            nothing,
            stamp(Status::Unchecked, "Cancelled", "nothing is there"),
        ),
        Phase::Saved => {
            let words = ["Saved, ", &size(model.size())].concat();
            let small = ["sha256:", model.root().digest.short()].concat();
            let title = "Saved, and every byte of it verified".to_owned();
            let detail = "All that it holds is what its digests name.".to_owned();
            return (title, detail, stamp(Status::Verified, &words, &small));
        }
    };
    (title.to_owned(), detail.to_owned(), stamp)
}

/// Draws the file and what is done with it.
pub(crate) fn stop(state: &State, model: &Model, link: &Callback<Msg>) -> Element {
    let source = state
        .source
        .as_ref()
        .map(|source| model.file_name(source.source()));
    let name = source.unwrap_or_default();
    let size_words = match (model.archive(), model.form()) {
        (Some(_), Form::Folder) => size(model.size()),
        (Some(_), _) => exact(model.size()),
        (None, _) => "not known yet".to_owned(),
    };
    let label = if model.form() == Form::Folder {
        "Folder"
    } else {
        "File"
    };
    let fields = el("div")
        .class("fields")
        .child(field(label).child(text(&name)))
        .child(field("Size").child(size_words))
        .child(wide_field("Names in it").child(names(model.root())))
        .child(wide_field("Found under").child(found_under(model)))
        .child(archive(model));
    let body = el("div")
        .child(fields)
        .child(road(state, model))
        .child(reason(state, model, link));
    match model.phase() {
        Phase::Saved => sealed(Status::Verified, "File", "every byte was hashed", body),
        Phase::Failed(_) | Phase::Refused(_) => sealed(Status::Failed, "File", "not saved", body),
        Phase::Running | Phase::Measuring(_) => sealed(Status::Pending, "File", "under way", body),
        Phase::Unmeasured(_)
        | Phase::Planned
        | Phase::Opening
        | Phase::Paused
        | Phase::Interrupted(_)
        | Phase::Cancelled => step("File", "known before it is written", body),
    }
}

fn exact(bytes: u64) -> String {
    let about = size(bytes);
    let number = waybill_core::humanize::number(bytes);
    if bytes < 1000 {
        about
    } else {
        [&about, ", ", &number, " bytes"].concat()
    }
}

fn names(root: &Root) -> Element {
    let names: Vec<_> = root
        .names
        .iter()
        .filter(|name| name.tag().is_some())
        .collect();
    if names.is_empty() {
        return quiet("none: the source names no tag");
    }
    el("span").children(
        names
            .into_iter()
            .map(|name| text(&name.without_digest().to_string())),
    )
}

fn found_under(model: &Model) -> Element {
    if model.form() == Form::Docker {
        let config = model
            .selection()
            .root
            .image()
            .and_then(|image| image.config.as_ref());
        let id = config.and_then(|config| config.digest.as_ref());
        return el("span").child(quiet("image ID ")).child(id.map(full));
    }
    full(&model.root().digest)
}

/// Draws what is in it, and what is not.
fn archive(model: &Model) -> Option<Element> {
    let archive = model.archive()?;
    if archive.left_out.is_empty() {
        return None;
    }
    let one = |left: &LeftOut| match left {
        LeftOut::NotHere(digest) => el("li")
            .child(short(digest))
            .child(" of the list, which was not chosen"),
        LeftOut::NotDistributed(digest) => el("li")
            .child(short(digest))
            .child(", a layer that is not distributed with its image"),
    };
    let words = count(archive.left_out.len(), "content");
    let list = el("ul").children(archive.left_out.iter().take(ITEMS_DRAWN).map(one));
    let left_out = el("details")
        .child(el("summary").child([&words, " named and not in it"].concat()))
        .child(list);
    Some(wide_field("Left out").child(left_out))
}

/// Draws how it comes to the disk.
fn road(state: &State, model: &Model) -> Option<Element> {
    let is_before = matches!(
        model.phase(),
        Phase::Planned | Phase::Failed(_) | Phase::Cancelled
    );
    if !is_before || model.archive().is_none() {
        return None;
    }
    let words = match (model.form(), state.road) {
        (Form::Folder, _) => {
            "Your browser asks for the folder, and writes its files while they come. \"version\" is the last: without it the folder is not whole."
        }
        (_, Road::Picker) => "Your browser asks where, and writes it there while it comes.",
        (_, Road::Download) => "It is among your browser's downloads while it comes.",
        (_, Road::Kept) => {
            "Your browser keeps it until it is whole, and saves it then as a download. That takes twice the room for a while. If this tab is closed, it goes on where it stopped."
        }
        (_, Road::Memory) if model.size() > MEMORY_BYTES => {
            let words = "Your browser has no way to write it while it comes, so all of it is held in memory first: it may fail. Another browser, or https, does better.";
            return Some(el("p").class("warn").child(words));
        }
        (_, Road::Memory) => {
            "Your browser gathers it in memory, and saves it as a download once it is whole."
        }
    };
    Some(quiet_line(words))
}

/// Draws why it stands.
fn reason(state: &State, model: &Model, link: &Callback<Msg>) -> Option<Element> {
    let why = match model.phase() {
        Phase::Refused(refused) => {
            return Some(
                el("p")
                    .class("bad")
                    .child(words(&sentence(&refused.to_string()))),
            );
        }
        Phase::Interrupted(why) | Phase::Failed(why) => why,
        Phase::Unmeasured(_)
        | Phase::Measuring(_)
        | Phase::Planned
        | Phase::Opening
        | Phase::Running
        | Phase::Paused
        | Phase::Cancelled
        | Phase::Saved => return None,
    };
    match why {
        Why::Words(said) => Some(el("p").class("bad").child(words(&sentence(said)))),
        Why::Registry(why) => {
            let mut told = why.explain();
            // The button below goes on.
            told.actions.retain(|action| *action != Action::Retry);
            let host = state.source.as_ref()?.source().host().clone();
            let act = |action: &Action| {
                let msg = Msg::Act(host.clone(), action.clone());
                link.reform(move |_| msg.clone())
            };
            Some(
                el("div")
                    .child(
                        el("p")
                            .class("bad")
                            .child(words(&sentence(&why.to_string()))),
                    )
                    .child(error(&told, &act)),
            )
        }
    }
}

/// Draws how far it is, and the buttons.
pub(crate) fn controls(model: &Model, link: &Callback<Msg>) -> Element {
    let does = |words: &str, msg: SaveMsg| button(words, send(link, Msg::Save(msg)));
    let row = el("p").class("row progress");
    let cancel = || does("Cancel", SaveMsg::Cancel);
    match model.phase() {
        Phase::Unmeasured(bytes) => {
            let words = ["Read ", &size(*bytes), " to measure them"].concat();
            row.child(does(&words, SaveMsg::Measure).class("primary"))
        }
        Phase::Measuring(bytes) => row
            .child(bar("Layers read", *bytes, layers_size(model)))
            .child(cancel()),
        Phase::Opening => row.child(cancel()),
        Phase::Running => row
            .child(bar("Written", model.written(), model.size()))
            .child(quiet(line(model)).class("quiet number"))
            .child(does("Pause", SaveMsg::Pause))
            .child(cancel()),
        Phase::Paused | Phase::Interrupted(_) => row
            .child(bar("Written", model.written(), model.size()))
            .child(quiet(line(model)).class("quiet number"))
            .child(does("Go on", SaveMsg::GoOn).class("primary"))
            .child(cancel()),
        Phase::Planned => row
            .child(does(&["Save ", &size(model.size())].concat(), SaveMsg::Save).class("primary")),
        Phase::Saved => row.child(does("Save it again", SaveMsg::Save)),
        Phase::Failed(_) | Phase::Cancelled if model.may_measure() => {
            row.child(does("Measure again", SaveMsg::Measure).class("primary"))
        }
        Phase::Failed(_) | Phase::Cancelled => {
            row.child(does("Save it again", SaveMsg::Save).class("primary"))
        }
        Phase::Refused(_) => row,
    }
}

fn layers_size(model: &Model) -> u64 {
    let image = model.selection().root.image();
    let layers = image.map_or(&[][..], |image| &image.layers);
    layers.iter().filter_map(|layer| layer.size).sum()
}

fn bar(name: &'static str, now: u64, of: u64) -> Element {
    el("progress")
        .attr("aria-label", name)
        .attr("max", of.max(1).to_string())
        .attr("value", now.to_string())
}

/// Bytes, rate and what is left.
fn line(model: &Model) -> String {
    let bytes = [&size(model.written()), " of ", &size(model.size())].concat();
    let rate = model.rate().map(|rate| [", ", &size(rate), "/s"].concat());
    let left = model
        .seconds_left()
        .map(|seconds| [", ", &duration(seconds), " left"].concat());
    [bytes, rate.unwrap_or_default(), left.unwrap_or_default()].concat()
}

fn duration(seconds: u64) -> String {
    let count = |value: u64, noun| count(usize::try_from(value).unwrap_or(usize::MAX), noun);
    match seconds {
        0..=99 => count(seconds, "second"),
        100..=5_999 => count(seconds.div_ceil(60), "minute"),
        _ => count(seconds.div_ceil(3_600), "hour"),
    }
}
