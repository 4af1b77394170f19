//! The ids and parents of the history, where entries are missing among them.

use crate::manifest::Manifest;
use crate::manifest::detect::DeclaredTypes;

/// What is found in the history of a manifest with these entries, newest first. `None` stands
/// for one that cannot be read; an id or parent is a digit that is repeated 64 times, as it is
/// in the words of the findings, or a text that is taken as it is.
fn found(entries: &[Option<(&str, &str)>]) -> Vec<String> {
    let id = |text: &str| {
        let is_digit = text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.repeat(if is_digit { 64 } else { 1 })
    };
    let history: Vec<String> = entries
        .iter()
        .map(|entry| match entry {
            None => r#"{"v1Compatibility":"["}"#.to_owned(),
            Some((own, parent)) => format!(
                r#"{{"v1Compatibility":"{{\"id\":\"{}\",\"parent\":\"{}\"}}"}}"#,
                id(own),
                id(parent)
            ),
        })
        .collect();
    let layer = format!(r#"{{"blobSum":"sha256:{}"}}"#, id("0"));
    let json = format!(
        r#"{{"schemaVersion":1,"name":"a","tag":"1","architecture":"amd64","fsLayers":[{}],"history":[{}]}}"#,
        vec![layer; entries.len()].join(","),
        history.join(",")
    );
    let (_, findings) = Manifest::read(json.into_bytes(), &DeclaredTypes::none()).expect("JSON");
    let of_history = findings
        .iter()
        .filter(|it| it.pointer.starts_with("/history"));
    let mut found: Vec<String> = of_history
        .map(|it| format!("{} {}: {}", it.code, it.pointer, it.message))
        .filter(|line| !line.starts_with("history-unreadable"))
        .collect();
    for digit in '0'..='9' {
        let (long, short) = (digit.to_string().repeat(64), digit.to_string());
        for line in &mut found {
            *line = line.replace(&long, &short);
        }
    }
    found
}

#[test]
fn a_place_counts_the_entries_that_cannot_be_read() {
    assert_eq!(
        found(&[None, Some(("bad", ""))]),
        [
            "layer-id-malformed /history/1/v1Compatibility: id is \"bad\", it has to be 64 hex characters"
        ]
    );
    assert_eq!(
        found(&[None, Some(("3", "1")), Some(("2", ""))]),
        ["parent-chain /history/1/v1Compatibility: parent is 1, the next id is 2"]
    );
    assert_eq!(
        found(&[None, Some(("2", "1")), Some(("1", "2")), Some(("2", ""))]),
        ["layer-id-duplicate /history/3/v1Compatibility: id 2 is that of entry 2"]
    );
    assert_eq!(
        found(&[None, Some(("1", "2")), Some(("2", "2")), Some(("2", "9"))]),
        [
            "parent-chain /history/3/v1Compatibility: the base has the parent \"9\"",
            "layer-id-repeated /history/3/v1Compatibility: id 2 is that of the entry before",
        ]
    );
}

#[test]
fn what_stands_on_two_sides_of_a_gap_is_not_compared() {
    // The entry between may well be the parent of the one and the child of the other.
    assert_eq!(found(&[Some(("3", "2")), None, Some(("1", ""))]), [""; 0]);
    // Nobody knows the parent of the base.
    assert_eq!(found(&[Some(("2", "1")), None]), [""; 0]);
    assert_eq!(found(&[None, None]), [""; 0]);
    // One id on both sides is that of two places, since no entry of that id stands between.
    assert_eq!(
        found(&[Some(("2", "1")), None, Some(("2", ""))]),
        ["layer-id-duplicate /history/2/v1Compatibility: id 2 is that of entry 1"]
    );
}
