//! An archive that is on its way, could not be opened, or is being read.

use waybill_blobs::archive::message::{Failure, Told};
use waybill_blobs::sniff::Compression;
use waybill_core::command_line::Line;
use waybill_core::humanize::{sentence, size};
use waybill_core::view::{Stamp, Status};
use yew::Callback;

use super::{head, open_file, open_folder};
use crate::archive::message::Msg;
use crate::archive::state::{Opened, Phase, Progress, Task};
use crate::components::commands::command;
use crate::components::element::{Element, button, el};
use crate::components::heading::heading;
use crate::components::listener::send;
use crate::components::text::{quiet, quiet_line, text};

/// Draws an archive that is not open.
pub(super) fn draw(opened: &Opened, link: &Callback<Msg>) -> Element {
    let words = el("div").child(heading().child(text(&opened.file)));
    let stamp = Stamp::new;
    match &opened.phase {
        Phase::Opening(progress) => {
            let words =
                words.child(el("p").child("Its headers are read, and nothing of its layers."));
            head(
                words,
                Some(&stamp(Status::Pending, "Opening", "reading headers")),
            )
            .child(el("div").class("tab").child(bar(
                "Reading headers",
                *progress,
                link,
            )))
        }
        Phase::Unpacking(progress) => {
            let packed = opened.compression.map_or("", Compression::name);
            let words = words.child(el("p").child(format_args!(
                "It is compressed as a whole ({packed}), so nothing in it has a place: it is \
                 unpacked once, onto the disk that the browser gives this page, and removed when it is closed."
            )));
            head(
                words,
                Some(&stamp(Status::Pending, "Unpacking", "nothing is sent")),
            )
            .child(
                el("div")
                    .class("tab")
                    .child(bar("Unpacking", *progress, link)),
            )
        }
        Phase::Failed(failure) => {
            let words = words.child(
                el("p")
                    .attr("role", "alert")
                    .child(why(failure, opened.size)),
            );
            head(words, Some(&stamp(Status::Failed, "Not opened", "see why"))).child(
                el("div")
                    .class("tab")
                    .child(instead(failure, opened))
                    .child(
                        el("p")
                            .class("row")
                            .child(open_file("Open it again"))
                            .child(open_folder())
                            .child(button("Close it", send(link, Msg::Close))),
                    ),
            )
        }
        Phase::Open(..) => head(words, None),
    }
}

/// Draws what can be done with an open archive, or how far that is.
pub(super) fn task(told: &Told, task: &Task, link: &Callback<Msg>) -> Option<Element> {
    if told.images.is_empty() {
        return None;
    }
    let read = |words: String, all| button(&words, send(link, Msg::Read { all }));
    let said = match task {
        Task::Reading { all, progress } => {
            let words = if *all {
                "Reading everything"
            } else {
                "Unpacking layers"
            };
            return Some(bar(words, *progress, link));
        }
        Task::None => None,
        Task::Cancelled => Some("It was stopped; what was read so far is not kept.".to_owned()),
        Task::Failed(failure) => Some(why(failure, None)),
    };
    let is_lost = matches!(task, Task::Failed(Failure::Changed));
    let is_read = told.images.iter().all(|image| image.verdict.is_some());
    let verify = match (is_read, told.to_verify) {
        (true, _) => "Read everything again".to_owned(),
        (false, 0) => "Verify everything in it".to_owned(),
        (false, bytes) => format!("Verify everything in it, {}", size(bytes)),
    };
    let measure = (told.to_measure > 0).then(|| {
        let words = format!(
            "Find the digests that are not known, {}",
            size(told.to_measure)
        );
        read(words, false)
    });
    Some(
        el("div")
            .child(said.map(|words| el("p").attr("role", "alert").class("warn").child(words)))
            .child(
                el("p")
                    .class("row")
                    .child((!is_lost && !is_read).then(|| read(verify, true).class("primary")))
                    .child(measure.filter(|_| !is_lost)),
            ),
    )
}

/// Draws how far something is, with a way to stop it.
fn bar(words: &str, (done, of, unpacked): Progress, link: &Callback<Msg>) -> Element {
    let bar = el("progress").attr("aria-label", words.to_owned());
    let bar = if of > 0 {
        bar.attr("max", of.to_string())
            .attr("value", done.min(of).to_string())
    } else {
        bar
    };
    let far = if unpacked > 0 {
        format!(
            "{} of {}, unpacked to {}",
            size(done),
            size(of),
            size(unpacked)
        )
    } else {
        format!("{} of {}", size(done), size(of))
    };
    el("p")
        .class("row progress")
        .child(bar)
        .child(words)
        .child(quiet(far))
        .child(button("Cancel", send(link, Msg::Cancel)))
}

/// Says why something could not be done.
fn why(failure: &Failure, packed: Option<u64>) -> String {
    match failure {
        Failure::Changed => {
            "The file on the disk is another one by now: it was changed, moved or removed since it \
             was opened. Nothing that was read of it counts any more: open it again."
                .to_owned()
        }
        Failure::NoRoom { free: None, .. } => {
            "The browser gives this page no disk to unpack it onto: it does on https and on \
             localhost, and in some not in private windows. Less than 256 MiB are unpacked in memory."
                .to_owned()
        }
        Failure::NoRoom { free: Some(free), needed } => {
            let missing = |needed: u64| size(needed.saturating_sub(*free));
            let lack = match needed {
                Some(needed) => format!("it unpacks to {} or more, so at least {} are missing", size(*needed), missing(*needed)),
                None => match packed {
                    Some(packed) if packed > *free => format!("at least {} are missing", missing(packed)),
                    _ => "it unpacks to more than that".to_owned(),
                },
            };
            format!("There is no room to unpack it: the browser still gives this page {}, and {lack}.", size(*free))
        }
        Failure::Other(why) => sentence(why),
    }
}

/// Draws what can be done instead.
fn instead(failure: &Failure, opened: &Opened) -> Option<Element> {
    if !matches!(failure, Failure::NoRoom { .. }) {
        return None;
    }
    let program = match opened.compression {
        Some(Compression::Zstd) => "unzstd --keep",
        _ => "gunzip --keep",
    };
    let mut line = Line::new(program);
    line.word(&opened.file);
    let line = line.finish();
    Some(
        el("div")
            .child(quiet_line("Unpack it first, and open what comes of it:"))
            .child(command(el("p").class("row"), line.as_deref())),
    )
}
