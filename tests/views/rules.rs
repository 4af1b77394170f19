//! What holds of every page, however it looks.

use std::collections::BTreeSet;

use waybill::route::Route;

use super::page::{Piece, attributes, pieces, tag_name};
use super::pages;

/// Every tag of a page with its name and attributes.
fn tags(page: &str) -> Vec<(&str, Vec<(&str, String)>)> {
    let tags = pieces(page).into_iter().filter_map(|piece| match piece {
        Piece::Tag(tag) => Some((tag_name(tag), attributes(tag))),
        Piece::Text(_) => None,
    });
    tags.collect()
}

fn value<'a>(attributes: &'a [(&str, String)], name: &str) -> Option<&'a str> {
    attributes
        .iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.as_str())
}

#[test]
fn every_link_inside_leads_somewhere() {
    let mut seen = 0;
    for (name, page) in pages() {
        for (tag, attributes) in tags(page) {
            let Some(href) = value(&attributes, "href") else {
                continue;
            };
            if let Some(hash) = href.strip_prefix('#') {
                assert!(
                    !matches!(Route::parse(hash), Route::Unknown(_)),
                    "{name}: {href}"
                );
                assert_eq!(
                    Route::parse(hash).to_string(),
                    href,
                    "{name}: the address is read as another"
                );
                seen += 1;
            } else {
                assert!(
                    href.starts_with("https://") || href.starts_with("http://"),
                    "{name}: {tag} {href}"
                );
                assert_eq!(
                    value(&attributes, "rel"),
                    Some("noopener noreferrer nofollow"),
                    "{name}: {href}"
                );
                assert_eq!(
                    value(&attributes, "target"),
                    Some("_blank"),
                    "{name}: {href}"
                );
            }
        }
    }
    assert!(seen > 200, "only {seen} links");
}

#[test]
fn every_id_is_there_once_and_what_refers_to_one_finds_it() {
    for (name, page) in pages() {
        let tags = tags(page);
        let mut ids = BTreeSet::new();
        for id in tags
            .iter()
            .filter_map(|(_, attributes)| value(attributes, "id"))
        {
            assert!(ids.insert(id), "{name}: two elements have the id {id}");
        }
        for (_, attributes) in &tags {
            for reference in [
                "aria-describedby",
                "aria-labelledby",
                "aria-controls",
                "aria-details",
                "for",
            ] {
                for id in value(attributes, reference)
                    .unwrap_or_default()
                    .split_whitespace()
                {
                    assert!(ids.contains(id), "{name}: {reference}={id} finds nothing");
                }
            }
        }
    }
}

/// The content security policy blocks both.
#[test]
fn no_element_brings_its_own_style_or_script() {
    for (name, page) in pages() {
        for (tag, attributes) in tags(page) {
            assert!(
                ![
                    "script", "style", "iframe", "object", "embed", "base", "meta"
                ]
                .contains(&tag),
                "{name}: {tag}"
            );
            for (attribute, _) in attributes {
                assert!(
                    attribute != "style" && !attribute.starts_with("on"),
                    "{name}: {tag} {attribute}"
                );
            }
        }
    }
}

#[test]
fn every_control_has_a_name() {
    for (name, page) in pages() {
        let pieces = pieces(page);
        let (mut labels, mut drawings) = (0_usize, 0_usize);
        for (at, piece) in pieces.iter().enumerate() {
            let Piece::Tag(tag) = piece else { continue };
            let attributes = attributes(tag);
            let named = value(&attributes, "aria-label").is_some()
                || value(&attributes, "aria-labelledby").is_some();
            match tag_name(tag) {
                "label" => labels += 1,
                "/label" => labels -= 1,
                "/svg" => drawings -= 1,
                "svg" => {
                    let hidden = value(&attributes, "aria-hidden") == Some("true");
                    assert!(named || hidden || drawings > 0, "{name}: {tag}");
                    drawings += 1;
                }
                "input" | "select" | "textarea" => assert!(named || labels > 0, "{name}: {tag}"),
                "progress" | "nav" | "dialog" => assert!(named, "{name}: {tag}"),
                kind @ ("button" | "a" | "summary" | "h1" | "h2" | "h3" | "th") if !named => {
                    let end = format!("</{kind}>");
                    let mut inside = pieces[at..]
                        .iter()
                        .take_while(|piece| **piece != Piece::Tag(&end));
                    let says = inside
                        .any(|piece| matches!(piece, Piece::Text(text) if !text.trim().is_empty()));
                    assert!(says, "{name}: {tag} says nothing");
                }
                _ => {}
            }
        }
    }
}

#[test]
fn every_page_has_one_heading_of_the_first_level_and_no_level_is_left_out() {
    let mut wrong = Vec::new();
    for (name, page) in pages() {
        let level =
            |(tag, _): &(&str, _)| tag.strip_prefix('h').and_then(|level| level.parse().ok());
        let levels: Vec<u32> = tags(page).iter().filter_map(level).collect();
        assert_eq!(
            levels.iter().filter(|level| **level == 1).count(),
            1,
            "{name}: {levels:?}"
        );
        if let Some([before, after]) = levels
            .array_windows()
            .find(|[before, after]| *after > before + 1)
        {
            wrong.push(format!(
                "{name}: a heading of level {after} follows one of level {before}"
            ));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

/// No header cell is empty and every table says what it is about.
#[test]
fn every_table_has_a_caption_and_scoped_headers() {
    for (name, page) in pages() {
        let tags = tags(page);
        let count = |wanted: &str| tags.iter().filter(|(tag, _)| *tag == wanted).count();
        assert_eq!(count("table"), count("caption"), "{name}");
        for (_, attributes) in tags.iter().filter(|(tag, _)| *tag == "th") {
            assert!(
                value(attributes, "scope").is_some(),
                "{name}: th without a scope"
            );
        }
    }
}
