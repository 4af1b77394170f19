//! What can be edited of one entry.

use waybill_core::compose::Entry;
use waybill_core::workflow::compose::RowId;
use waybill_core::workflow::compose::{AnnotationOwner, Msg as Change, Row};
use yew::Callback;

use super::{change, typed};
use crate::components::config::more;
use crate::components::element::{Element, EventKind, button, el};
use crate::components::listener::send;
use crate::components::text::{quiet, quiet_line, text, written_out};
use crate::compose::ids::{name_id, row_id};
use crate::compose::message::{Field, Msg, PARTS};
use crate::compose::sources::one;
use crate::compose::state::State;
use crate::limits::ITEMS_DRAWN;

/// Draws the fields of a row.
pub(super) fn editor(compose: &State, row: &Row, link: &Callback<Msg>) -> Element {
    let editor = el("div").class("entry-editor");
    let editor = match &row.entry {
        Some(entry) => editor
            .child(platform(compose, row, entry, link))
            .child(el("h3").child("Annotations of the entry"))
            .child(annotations(
                compose,
                AnnotationOwner::Row(row.id),
                &entry.descriptor.annotations,
                link,
            ))
            .child(artifact_type(
                compose,
                AnnotationOwner::Row(row.id),
                entry.descriptor.artifact_type.as_ref(),
                link,
            )),
        None => editor,
    };
    let is_list = row.nested
        && compose
            .model
            .node(row)
            .is_some_and(|node| node.list().is_some());
    let open = is_list.then(|| {
        el("p").class("row").child(button(
            "Open it into its entries",
            change(link, Change::Nest(row.id, false)),
        ))
    });
    editor.child(open).child(replacement(compose, row.id, link))
}

fn platform(compose: &State, row: &Row, entry: &Entry, link: &Callback<Msg>) -> Element {
    let id = row.id;
    let fault = compose.platform(id).err();
    let fault_id = row_id("platform-fault", id);
    let inputs = PARTS.iter().enumerate().map(|(part, name)| {
        let field = Field::Platform(id, part);
        let value = compose
            .typed(&field)
            .map_or_else(|| compose.part(id, part), str::to_owned);
        let missing = fault.is_some() && part < 2 && value.trim().is_empty();
        el("label").child(*name).child(
            box_of(row_id(name, id), &value, field, link)
                .attr("list", super::known_names(part))
                .attr("aria-invalid", missing.then_some("true"))
                .attr("aria-describedby", fault_id.clone()),
        )
    });
    let own = entry
        .origin
        .as_ref()
        .and_then(|origin| origin.platform.as_ref());
    let differs = own
        .filter(|own| entry.descriptor.platform.as_ref() != Some(own))
        .map(|own| {
            el("p")
                .class("row")
                .child(quiet("The config says ").child(text(&own.to_string())))
                .child(button(
                    "Use the config's",
                    change(link, Change::Platform(id, Some(own.clone()))),
                ))
        });
    let said = fault.map(|fault| [fault, ": the list still has the platform it had"].concat());
    el("fieldset")
        .child(el("legend").child("Platform"))
        .child(el("div").class("parts").children(inputs))
        .child(
            el("p")
                .attr("id", fault_id)
                .attr("role", "alert")
                .class("bad")
                .child(said),
        )
        .child(differs)
}

/// Draws an input that shows `value` and says what is typed.
pub(super) fn box_of(id: String, value: &str, field: Field, link: &Callback<Msg>) -> Element {
    el("input")
        .attr("id", id)
        .attr("type", "text")
        .verbatim()
        .value(value)
        .on(EventKind::Input, typed(link, field))
}

/// Annotations, each with its value to edit, and the boxes for a new one.
pub(super) fn annotations(
    compose: &State,
    on: AnnotationOwner,
    annotations: &[(String, String)],
    link: &Callback<Msg>,
) -> Element {
    let mut list = el("ul").class("annotations");
    for (place, (name, value)) in annotations.iter().take(ITEMS_DRAWN).enumerate() {
        let id = [&name_id(on), "-", &place.to_string()].concat();
        let value = box_of(id, value, Field::Annotation(on, name.clone()), link);
        let gone = change(
            link,
            Change::Annotate {
                on,
                name: name.clone(),
                value: None,
            },
        );
        let remove =
            button("Remove", gone).attr("aria-label", ["Remove ", &written_out(name)].concat());
        list = list.child(
            el("li")
                .key(name)
                .child(el("label").child(el("span").child(text(name))).child(value))
                .child(remove),
        );
    }
    list = list.children(more(annotations.len()).map(|words| el("li").child(words)));
    let new = |id: String, field: Field, words: &'static str| {
        let value = compose.typed(&field).unwrap_or_default().to_owned();
        el("label")
            .child(words)
            .child(box_of(id, &value, field, link))
    };
    let (name, value) = (Field::Name(on), Field::Value(on));
    el("div")
        .child((!annotations.is_empty()).then_some(list))
        .child(
            el("div")
                .class("new-annotation")
                .child(new(name_id(on), name, "Name").attr("class", "wide"))
                .child(new([&name_id(on), "-value"].concat(), value, "Value"))
                .child(button("Add annotation", send(link, Msg::Annotate(on)))),
        )
}

/// Draws the box for an artifact type.
pub(super) fn artifact_type(
    compose: &State,
    on: AnnotationOwner,
    known: Option<&waybill_core::media_type::MediaType>,
    link: &Callback<Msg>,
) -> Element {
    let field = Field::ArtifactType(on);
    let value = compose
        .typed(&field)
        .or(known.map(waybill_core::media_type::MediaType::as_str))
        .unwrap_or_default();
    let is_wrong = known.is_some_and(|known| !known.is_well_formed());
    let fault = [&name_id(on), "-type-fault"].concat();
    let said = is_wrong.then_some("not a media type: type/subtype is expected");
    el("div")
        .child(
            el("label").class("boxed").child("Artifact type").child(
                box_of([&name_id(on), "-type"].concat(), value, field, link)
                    .attr("placeholder", "application/vnd.example.thing")
                    .attr("aria-invalid", is_wrong.then_some("true"))
                    .attr("aria-describedby", fault.clone()),
            ),
        )
        .child(el("p").attr("id", fault).class("bad").child(said))
}

/// Draws the box for another source in a row's place.
fn replacement(compose: &State, id: RowId, link: &Callback<Msg>) -> Element {
    let field = Field::Replacement(id);
    let value = compose.typed(&field).unwrap_or_default().to_owned();
    let read = (!value.trim().is_empty())
        .then(|| one(&value, compose.model.composition().target.as_ref()));
    let said = row_id("replacement-read", id);
    let line = el("p")
        .attr("id", said.clone())
        .attr("aria-live", "polite")
        .class("read");
    let input = box_of(row_id("replacement", id), &value, field, link)
        .attr("placeholder", "another reference")
        .attr("aria-describedby", said);
    let replace = button("Replace", send(link, Msg::Replace(id)));
    el("div")
        .child(with_button(
            "Put another source in its place",
            input,
            replace,
        ))
        .child(super::list_settings::reading(line, read.as_ref()))
        .child(quiet_line(
            "It keeps its place; platform and annotations are those of the new one.",
        ))
}

/// Draws a labelled box with the button that sends it.
pub(super) fn with_button(label: &'static str, input: Element, button: Element) -> Element {
    el("div")
        .class("with-button")
        .child(el("label").class("boxed").child(label).child(input))
        .child(button)
}
