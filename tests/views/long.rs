//! Long tables: only so much is drawn and fetched, and what is left out is said.

use serde_json::json;
use waybill::state::{Msg, State};
use waybill_core::digest::Digest;
use waybill_core::limits::{CHILDREN_FETCHED, ROWS_DRAWN};
use waybill_core::workflow::inspect::{self, Key};

use super::lab::{Lab, honest, missing};
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
fn table(state: State) -> (usize, Vec<String>) {
    let page = render(state);
    let pieces = pieces(&page);
    let rows = pieces.iter().filter(|piece| matches!(piece, Piece::Tag(tag) if tag.starts_with("<tr"))).count();
    let end = pieces.iter().position(|piece| *piece == Piece::Tag("</table>")).expect("a table");
    let end_of_page = pieces.iter().position(|piece| *piece == Piece::Tag("</main>")).expect("a main part");
    let buttons = pieces[end..end_of_page].windows(2).filter_map(|pair| match pair {
        [Piece::Tag(tag), Piece::Text(text)] if tag.starts_with("<button") => Some(text.trim().to_owned()),
        _ => None,
    });
    (rows - 1, buttons.collect())
}

/// The lab with the index there and none of its manifests.
fn lab() -> Lab {
    let index = index();
    Lab::at("/inspect/registry.example/team/app:1.0").answer(|key| match key {
        Key::Root => Some(Ok(honest(&index, OCI_INDEX))),
        Key::Child(digest) | Key::Config(digest) => Some(Err(missing(digest))),
    })
}

#[test]
fn a_long_list_is_drawn_and_fetched_in_part() {
    let held_back = ENTRIES - CHILDREN_FETCHED;
    let (rows, buttons) = table(lab().state);
    assert_eq!(rows, ROWS_DRAWN);
    let fetch = format!("Fetch the other {held_back} manifests");
    assert_eq!(buttons, ["First", "Previous", "Next", "Last", &fetch, "Fetch again what did not come"]);
}

#[test]
fn the_rest_comes_when_it_is_asked_for() {
    let mut lab = lab();
    lab.send(Msg::From(2 * ROWS_DRAWN));
    lab.send(Msg::Inspect(inspect::Msg::FetchAll));
    let lab = lab.answer(|key| match key {
        Key::Root => None,
        Key::Child(digest) | Key::Config(digest) => Some(Err(missing(digest))),
    });
    let page = render(lab.state);
    assert_eq!(page.matches("<tr").count() - 1, ENTRIES - 2 * ROWS_DRAWN);
    assert!(page.contains("Rows 101 to 110 of 110"), "{page}");
    assert!(page.contains(r#"aria-rowcount="111""#) && page.contains(r#"aria-rowindex="102""#), "{page}");
    assert!(!page.contains("Fetch the other"));
}

#[test]
fn a_text_of_more_than_two_thousand_characters_is_folded_away() {
    for (length, folded) in [(2_000, 0), (2_001, 1)] {
        let manifest = json!({
            "schemaVersion": 2, "mediaType": OCI_MANIFEST, "layers": [], "annotations": {"long": "é".repeat(length)},
        });
        let page = render(
            Lab::at("/inspect/registry.example/team/app:1.0")
                .answer(|_| Some(Ok(honest(&manifest.to_string(), OCI_MANIFEST))))
                .state,
        );
        assert_eq!(page.matches("<details").count(), folded, "{length}");
        assert_eq!(page.contains(&format!("… {} bytes in all", 2 * length)), folded == 1, "{length}");
    }
}
