//! Sharing an inspection: a link to the view as a badge, the verdict as text, and the report as JSON. What makes these and
//! draws them ([`begin`], and what it makes) is a part of the program, loaded when somebody presses Share.

use std::fmt;

use waybill_core::humanize::size;
use waybill_core::reference::RegistryHost;
use waybill_core::report::{BADGE_FILE, Report, badge, link};
use yew::Callback;

use super::drawing::Drawing;
use super::{Inspection, Msg};
use crate::components::dialog::dialog;
use crate::components::element::{Element, button, el};
use crate::components::listener::send;
use crate::components::text::{code, quiet_line};
use crate::route::{InspectSource, Route, Tab, in_archive};
use crate::shell::{PageOrigin, Request};

/// The id of the dialog.
pub const SHARE: &str = "share";

/// What is shared: how things stood when Share was pressed. Only its own part of the program knows more of it.
pub trait Shared: fmt::Debug {
    /// Draws the dialog, which is closed; `None` on Verify, which has one of its own.
    fn dialog(&self, drawing: Drawing<'_>) -> Option<Element>;

    /// Saves the report.
    fn save(&self) -> Request;

    /// Puts the verdict and the report into another dialog.
    fn put_into(&self, dialog: Element, link: &Callback<Msg>) -> Element;
}

/// Takes down how things stand, at that time in seconds since 1970; `None` where nothing is here yet.
pub type Begin = fn(&Inspection, i64) -> Option<Box<dyn Shared>>;

/// What there is to be shared.
struct Taken {
    report: Report,
    /// The name of the report's file.
    file: String,
    /// What stands in the badge.
    name: String,
    /// The address of the view; `None` where no address leads to it.
    address: Option<String>,
    /// Whether a tag leads to it, which may move.
    is_tag: bool,
}

impl fmt::Debug for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Taken")
    }
}

/// Takes down how things stand.
#[must_use]
pub fn begin(inspection: &Inspection, seconds: i64) -> Option<Box<dyn Shared>> {
    let report = Report::of(&inspection.model, seconds)?;
    let (source, place) = (&inspection.source, &inspection.place);
    let leads = match source {
        InspectSource::Reference(text) => in_archive(text).is_none(),
        InspectSource::Example(_) => true,
        InspectSource::Verify(_) => false,
    };
    let name = match source {
        InspectSource::Example(name) => ["The example ", name].concat(),
        InspectSource::Reference(_) | InspectSource::Verify(_) => report.name.clone(),
    };
    Some(Box::new(Taken {
        name,
        file: [&inspection.stem(), ".report.json"].concat(),
        address: leads.then(|| Route::at(source, place, &place.at, Tab::Overview)),
        is_tag: inspection.pinned().is_some(),
        report,
    }))
}

impl Shared for Taken {
    fn dialog(&self, drawing: Drawing<'_>) -> Option<Element> {
        if matches!(drawing.inspection.source, InspectSource::Verify(_)) {
            return None;
        }
        let close = send(drawing.link, Msg::CloseShare);
        let empty = dialog(SHARE, "share-title", "Share this inspection", close);
        let linked = match &self.address {
            Some(address) => self.link(empty, address, drawing.origin),
            None => empty.child(quiet_line(
                "What is looked at is in this tab alone, so no link leads to it.",
            )),
        };
        Some(self.put_into(linked, drawing.link))
    }

    fn save(&self) -> Request {
        let bytes = self.report.to_json().into_bytes();
        Request::Save(self.file.clone(), bytes.into())
    }

    fn put_into(&self, dialog: Element, link: &Callback<Msg>) -> Element {
        let text = self.report.to_text();
        let report = &self.report;
        let contents = report.lists.iter().chain([&report.manifest]);
        let bytes: usize = contents.chain(&report.config).map(|it| it.data.len()).sum();
        let what = format!(
            "The report holds what was seen and when, and the very bytes of it, {}: drop it on this page and they are \
             hashed again. No credentials are in it.",
            size(bytes as u64)
        );
        dialog
            .child(el("h3").child("The verdict as text"))
            .child(
                el("pre")
                    .class("link-text")
                    .attr("tabindex", "0")
                    .attr("role", "group")
                    .attr("aria-label", "The verdict as text")
                    // All that does not show is written out already.
                    .child(text.as_str()),
            )
            .child(el("p").class("row").child(copy("Copy as text", text)))
            .child(el("h3").child("The report"))
            .child(el("p").child(what))
            .child(
                el("p")
                    .class("row")
                    .child(button("Download as JSON", send(link, Msg::SaveReport))),
            )
    }
}

impl Taken {
    /// Puts the link to the view in.
    fn link(&self, dialog: Element, address: &str, origin: &PageOrigin) -> Element {
        let markdown = badge(&self.name, &origin.address, address);
        let moves = "It names a tag, which may move. Pin it first (y), and the link leads to these very bytes.";
        let here = "This page is served by this machine, so others cannot open the link.";
        let is_here = origin.host.parse::<RegistryHost>();
        let is_here = is_here.is_ok_and(|host| host.is_loopback());
        dialog
            .child(el("p").child(
                "This link leads to this view. Whoever opens it fetches and checks it anew.",
            ))
            .child(self.is_tag.then(|| quiet_line(moves)))
            .child(is_here.then(|| el("p").class("warn").child(here)))
            .child(
                el("p")
                    .class("link-text")
                    .attr("tabindex", "0")
                    .attr("role", "group")
                    .attr("aria-label", "The link as Markdown")
                    .child(code(&markdown)),
            )
            .child(
                el("p")
                    .class("row")
                    .child(copy("Copy as Markdown", markdown).class("primary"))
                    .child(copy("Copy the link", link(&origin.address, address)))
                    .child(
                        el("img")
                            .attr("src", BADGE_FILE)
                            .attr("alt", "inspected by Waybill")
                            .attr("width", "142")
                            .attr("height", "20"),
                    ),
            )
    }
}

/// Draws a button that copies a text.
fn copy(words: &'static str, text: String) -> Element {
    el("button")
        .attr("type", "button")
        .attr("data-copy", text)
        .child(words)
}
