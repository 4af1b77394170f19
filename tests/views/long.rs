//! Long tables: only so much is drawn and fetched, and what is left out is said.

use serde_json::json;
use waybill::components::code::{self, ContentView};
use waybill::components::element::el;
use waybill::components::text;
use waybill::inspection::Msg;
use waybill::limits::ROWS_DRAWN;
use waybill_core::digest::Digest;
use waybill_core::humanize::start;
use waybill_core::limits::CHILDREN_FETCHED;
use waybill_core::workflow::inspect::{self as workflow, ContentKey};
use yew::{Callback, Html};

use super::harness::{Harness, honest, missing};
use super::page::{Piece, pieces, render};

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const ENTRIES: usize = 2 * ROWS_DRAWN + 10;

fn index() -> String {
    let entry = |number: usize| {
        json!({
            "mediaType": OCI_MANIFEST, "size": 2, "digest": Digest::sha256(number.to_string().as_bytes()).to_string(),
            "platform": {"os": "linux", "architecture": format!("a{number}")},
        })
    };
    let entries: Vec<_> = (0..ENTRIES).map(entry).collect();
    json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}).to_string()
}

/// A page's rows, the head of the table not counted, and the words on its buttons below the table.
fn table(harness: Harness) -> (usize, Vec<String>) {
    let page = render(harness);
    let pieces = pieces(&page);
    let rows = pieces
        .iter()
        .filter(|piece| matches!(piece, Piece::Tag(tag) if tag.starts_with("<tr")))
        .count();
    let end = pieces
        .iter()
        .position(|piece| *piece == Piece::Tag("</table>"))
        .expect("a table");
    let end_of_page = pieces
        .iter()
        .position(|piece| *piece == Piece::Tag("</main>"))
        .expect("a main part");
    let buttons = pieces[end..end_of_page]
        .windows(2)
        .filter_map(|pair| match pair {
            [Piece::Tag(tag), Piece::Text(text)] if tag.starts_with("<button") => {
                Some(text.trim().to_owned())
            }
            _ => None,
        });
    (rows - 1, buttons.collect())
}

/// The harness with the index there and none of its manifests.
fn harness() -> Harness {
    let index = index();
    Harness::at("/inspect/registry.example/team/app:1.0").answer(|key| match key {
        ContentKey::Root => Some(Ok(honest(&index, OCI_INDEX))),
        ContentKey::Child(digest) | ContentKey::Config(digest) => Some(Err(missing(digest))),
    })
}

#[test]
fn a_long_list_is_drawn_and_fetched_in_part() {
    let held_back = ENTRIES - CHILDREN_FETCHED;
    let (rows, buttons) = table(harness());
    assert_eq!(rows, ROWS_DRAWN);
    let fetch = format!("Fetch the other {held_back} manifests");
    assert_eq!(
        buttons,
        [
            "First",
            "Previous",
            "Next",
            "Last",
            &fetch,
            "Fetch again what did not come",
            "Check everything"
        ]
    );
}

#[test]
fn the_rest_comes_when_it_is_asked_for() {
    let mut harness = harness();
    harness.inspection(Msg::ShowFrom(2 * ROWS_DRAWN));
    harness.inspection(Msg::Workflow(workflow::Msg::FetchAll));
    let harness = harness.answer(|key| match key {
        ContentKey::Root => None,
        ContentKey::Child(digest) | ContentKey::Config(digest) => Some(Err(missing(digest))),
    });
    let page = render(harness);
    assert_eq!(page.matches("<tr").count() - 1, ENTRIES - 2 * ROWS_DRAWN);
    assert!(page.contains("Rows 101 to 110 of 110"), "{page}");
    assert!(
        page.contains(r#"aria-rowcount="111""#) && page.contains(r#"aria-rowindex="102""#),
        "{page}"
    );
    assert!(!page.contains("Fetch the other"));
}

/// The words of a piece of a page.
fn words(node: &Html) -> String {
    match node {
        Html::VTag(tag) => tag.children().map(words).unwrap_or_default(),
        Html::VText(text) => text.text.to_string(),
        Html::VList(list) => list.iter().map(words).collect(),
        _ => String::new(),
    }
}

/// The parts of a piece of a page that stand at its top.
fn parts(node: &Html) -> Vec<Html> {
    let Html::VTag(tag) = node else {
        return Vec::new();
    };
    match tag.children() {
        Some(Html::VList(list)) => list.iter().cloned().collect(),
        other => other.cloned().into_iter().collect(),
    }
}

/// Writings in which most characters are of several bytes, or of several characters.
const WRITINGS: [&str; 7] = [
    "说明很长",
    "これは説明です",
    "описание",
    "👩‍👩‍👧",
    "🏳️‍🌈",
    "e\u{301}\u{327}",
    "नमस्ते",
];

#[test]
fn text_of_any_writing_is_cut_between_characters() {
    let content = |bytes: &str| -> Html {
        let content = ContentView {
            bytes: bytes.as_bytes(),
            found: &[],
            places: &[],
            from: 0,
        };
        code::code(el("div"), content, &|_| None, &|_| Callback::noop()).into()
    };
    for writing in WRITINGS {
        for before in [0, 1, 2, 3, 5, 7] {
            let value = ["x".repeat(before), writing.repeat(1_200)].concat();
            let drawn: Html = text::text(&value).into();
            let parts = parts(&drawn);
            let [summary, whole] = parts.as_slice() else {
                panic!("{writing} is not folded away: {parts:?}")
            };
            let first = words(summary);
            let (first, _) = first.split_once("… ").expect("what is left out");
            assert!(
                !first.is_empty()
                    && words(whole).contains(first.split("U+").next().expect("a start")),
                "{first}"
            );
            if !value.chars().any(waybill_core::lenient::is_hidden) {
                assert_eq!((first, words(whole)), (start(&value, 200), value.clone()));
            }
            let attribute = text::written_out(&value);
            assert!(attribute.starts_with(start(&value, before)) && attribute.ends_with('…'));
            // A line of content is cut too, where it is longer than anybody reads.
            let line = [
                "x".repeat(before),
                writing.repeat(20_000 / writing.chars().count() + 1),
            ]
            .concat();
            assert!(
                words(&content(&line)).contains("this line goes on"),
                "{writing}"
            );
            assert!(
                words(&content(&format!(
                    "{{\"{line}\": \"{line}\", \"size\": 1{writing}}}"
                )))
                .contains("goes on")
            );
        }
    }
}

#[test]
fn titles_findings_and_names_of_files_in_any_writing_are_drawn() {
    for writing in WRITINGS {
        for before in 0..2 {
            let long = ["x".repeat(before), writing.repeat(700)].concat();
            render(Harness::opened(&long, long.as_bytes(), true));
            let manifest = json!({
                "schemaVersion": 2, "mediaType": long, "artifactType": long, long.clone(): long,
                "manifests": [{"mediaType": long, "digest": long, "size": long, "platform": {"os": long, "architecture": long}}],
            });
            for tab in ["overview", "json"] {
                let address = format!("/inspect/registry.example/team/app:1.0?tab={tab}");
                let harness = Harness::at(&address);
                let page =
                    render(harness.answer(|_| Some(Ok(honest(&manifest.to_string(), OCI_INDEX)))));
                assert!(page.contains("class=\"finding"), "{writing}");
            }
            render(Harness::at(&format!("/inspect/{long}")));
        }
    }
}

#[test]
fn a_text_of_more_than_two_thousand_characters_is_folded_away() {
    for (length, folded) in [(2_000, 0), (2_001, 1)] {
        let manifest = json!({
            "schemaVersion": 2, "mediaType": OCI_MANIFEST, "layers": [], "annotations": {"long": "é".repeat(length)},
        });
        let page = render(
            Harness::at("/inspect/registry.example/team/app:1.0")
                .answer(|_| Some(Ok(honest(&manifest.to_string(), OCI_MANIFEST)))),
        );
        assert_eq!(page.matches("<details").count(), folded, "{length}");
        assert_eq!(
            page.contains(&format!("… {} bytes in all", 2 * length)),
            folded == 1,
            "{length}"
        );
    }
}
