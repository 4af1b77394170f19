//! The pages in Chinese: nothing that the program says is left in English, and some of them against golden files.

use std::collections::BTreeMap;
use std::fs;

use waybill::language::{Language, speak, unsaid};
use waybill_testkit::project;

use super::golden::{UPDATE, difference, keep, kept};
use super::print::print;
use super::{files, page, related, signatures, states};

/// States whose pages are held in `tests/golden/chinese`: of each page one or two.
const GOLDEN: [&str; 14] = [
    "start",
    "settings-two-registries",
    "example-index",
    "hostile-index",
    "image-validated-with-faults",
    "verify-crlf-and-mark",
    "compose-example",
    "push-planned-copies",
    "copy-planned",
    "several-planned",
    "save-saved",
    "diff-images",
    "tags-list",
    "error-not-found",
];

/// Texts that Chinese pages write as they are: names, members of JSON, and what stands in a box as an example.
const AS_THEY_ARE: [&str; 23] = [
    "JSON",
    "SPDX",
    "SPDX 2.3",
    "SHA-256",
    "UTF-8",
    "crane",
    "skopeo",
    "regctl",
    "oras",
    "manifest-tool",
    "dive --ci",
    "architecture",
    "os",
    "variant",
    "payloadType",
    "1.0 1 stable",
    "{ \"schemaVersion\": 2, …",
    "-----BEGIN PUBLIC KEY-----",
    "ghcr.io/owner/app:amd64\nghcr.io/owner/app@sha256:…",
    "ghcr.io/owner/app:1.0\nnginx:1.27 registry.example/web:1",
    // What registries said, and a fault that only the tests have.
    "MANIFEST_UNKNOWN",
    "The stream ends early.",
    "a[U+202E][U+001B][31m",
];

/// Whether there is nothing to translate: a name of some kind, a time, a registry's own words, or what is hostile.
fn is_as_it_is(text: &str) -> bool {
    let is_name = !text.contains(' ') && text.contains(|it: char| !it.is_alphabetic());
    let is_time = text.ends_with(" UTC") && text.starts_with(|it: char| it.is_ascii_digit());
    let is_code = |code: &str| !code.contains(|it: char| it != '_' && !it.is_ascii_uppercase());
    let is_said = text
        .split_once(": ")
        .is_some_and(|(code, _)| is_code(code) || code == "Retry-After");
    let is_hostile = text.contains('\u{202e}') || text.contains('<');
    is_name || is_time || is_said || is_hostile || AS_THEY_ARE.contains(&text)
}

#[test]
fn nothing_is_left_in_english() {
    speak(Language::Chinese);
    let mut left = BTreeMap::<String, String>::new();
    let mut take = |name: &str| {
        for text in unsaid() {
            let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
            if letters > 1 && !is_as_it_is(&text) {
                left.entry(text).or_insert_with(|| name.to_owned());
            }
        }
    };
    let (update, mut wrong) = (std::env::var_os(UPDATE).is_some(), Vec::new());
    for (name, state) in states() {
        let page = page::html(state());
        take(name);
        if !GOLDEN.contains(&name) {
            continue;
        }
        keep(&format!("chinese-{name}"), &page);
        let page = print(kept(name, &page));
        let file = project().join(format!("tests/golden/chinese/{name}.html"));
        if update {
            fs::write(&file, &page).expect("the file is written");
        }
        let golden = fs::read_to_string(&file).unwrap_or_default();
        wrong.extend(difference(&golden, &page).map(|it| format!("{name}: {it}")));
    }
    let parts = [
        ("related", related::html as fn() -> _),
        ("files", files::html),
        ("signatures", signatures::html),
    ];
    for (name, html) in parts {
        let drawn: Vec<(&str, String)> = html();
        assert!(!drawn.is_empty());
        take(name);
    }
    wrong.extend(
        left.iter()
            .map(|(text, name)| format!("{name}: in English: {text:?}")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
