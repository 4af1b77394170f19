//! The tables of docs/FORMATS.md are written from the rules.

use std::fmt::Write as _;

use waybill_core::finding::{Code, Severity};
use waybill_testkit::project;

const BEGIN: &str = "<!-- tables: begin -->\n";
const END: &str = "<!-- tables: end -->\n";

/// A table for each topic.
fn tables() -> String {
    let mut text = String::new();
    let mut topic = "";
    for code in Code::ALL {
        let rule = code.rule();
        if rule.topic != topic {
            topic = rule.topic;
            let _ = write!(
                text,
                "\n### {topic}\n\n| code | severity | what | why it matters | source |\n"
            );
            text.push_str("| --- | --- | --- | --- | --- |\n");
        }
        let severity = rule.severity.name();
        let severity = if rule.severity == Severity::Error {
            format!("**{severity}**")
        } else {
            severity.to_owned()
        };
        let (name, title, why, source, url) =
            (rule.name, rule.title, rule.why, rule.source, rule.url);
        let _ = writeln!(
            text,
            "| `{name}` | {severity} | {title} | {why} | [{source}]({url}) |"
        );
    }
    text.push('\n');
    text
}

#[test]
fn the_document_has_every_rule() {
    let path = project().join("docs/FORMATS.md");
    let document = std::fs::read_to_string(&path).expect("docs/FORMATS.md");
    let (head, rest) = document.split_once(BEGIN).expect("the tables begin");
    let (written, tail) = rest.split_once(END).expect("the tables end");
    let expected = tables();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, [head, BEGIN, &expected, END, tail].concat())
            .expect("docs/FORMATS.md can be written");
    } else {
        let line = written
            .lines()
            .zip(expected.lines())
            .find(|(written, expected)| written != expected);
        assert!(
            written == expected,
            "docs/FORMATS.md is old, UPDATE_GOLDEN=1 writes it anew; first line: {line:#?}"
        );
    }
}

#[test]
fn codes_of_one_topic_stand_together() {
    let mut topics: Vec<_> = Code::ALL.iter().map(|code| code.rule().topic).collect();
    topics.dedup();
    let mut once = topics.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), topics.len(), "{topics:?}");
}
