//! The walls between the packages: core depends on nothing of ours and on no browser, network, clock or thread; the
//! page and the proxy meet only in core; components see neither the state nor the browser. `imports` holds the arrows
//! between files, and `security` that the tests of SECURITY.md are there.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

mod graph;
mod imports;
mod security;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use waybill_testkit::project;

/// Everything that core is built from: its dependencies and what these need.
const CORE: &[&str] = &[
    "waybill-core",
    // Reading and writing JSON.
    "serde",
    "serde_core",
    "serde_json",
    "itoa",
    "memchr",
    "zmij",
    // serde's derive, at build time.
    "serde_derive",
    "proc-macro2",
    "quote",
    "syn",
    "unicode-ident",
    // SHA-2.
    "sha2",
    "block-buffer",
    "cfg-if",
    "cpufeatures",
    "crypto-common",
    "digest",
    "hybrid-array",
    "libc",
    "typenum",
    // Base64.
    "base64ct",
    // The keys that sign schema 1: their DER, and their ids.
    "der",
    "base32ct",
    // Two requests side by side.
    "futures-util",
    "futures-core",
    "futures-task",
    "pin-project-lite",
];

/// The parts of the standard library that core may use: none of them reaches out of the process.
const CORE_STD: &[&str] = &[
    "borrow",
    "cell",
    "cmp",
    "collections",
    "convert",
    "error",
    "fmt",
    "future",
    "iter",
    "mem",
    "net",
    "num",
    "ops",
    "pin",
    "rc",
    "slice",
    "str",
    "string",
    "task",
    "vec",
];

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .current_dir(project())
        .args(arguments)
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "cargo {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("text")
}

/// The names of the packages that core is built from, for a target.
fn core_tree(target: &[&str]) -> BTreeSet<String> {
    let tree = [
        "tree",
        "-p",
        "waybill-core",
        "-e",
        "normal,build",
        "--prefix",
        "none",
        "--offline",
        "--locked",
    ];
    let lines = cargo(&[&tree, target].concat());
    lines
        .lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn core_is_built_from_what_the_list_allows_and_nothing_else() {
    for target in [&[][..], &["--target", "wasm32-unknown-unknown"]] {
        let tree = core_tree(target);
        let strangers: Vec<_> = tree
            .iter()
            .filter(|name| !CORE.contains(&name.as_str()))
            .collect();
        assert_eq!(strangers, [""; 0], "core depends on these, for {target:?}");
        for name in [
            "waybill-core",
            "serde_json",
            "sha2",
            "base64ct",
            "der",
            "base32ct",
            "futures-util",
        ] {
            assert!(
                tree.contains(name),
                "{name} is missing: was the right tree read? {tree:?}"
            );
        }
    }
}

/// The packages of the workspace, each with what its manifest names: the name, and the kind (`normal` or `dev`).
fn declared() -> BTreeMap<String, Vec<(String, String)>> {
    let metadata = cargo(&[
        "metadata",
        "--no-deps",
        "--offline",
        "--locked",
        "--format-version",
        "1",
    ]);
    let metadata: Value = serde_json::from_str(&metadata).expect("JSON");
    let text = |value: &Value| value.as_str().unwrap_or("normal").to_owned();
    let packages = metadata["packages"].as_array().expect("packages");
    let dependencies = |package: &Value| -> Vec<(String, String)> {
        let dependencies = package["dependencies"].as_array().expect("dependencies");
        for dependency in dependencies
            .iter()
            .filter(|dependency| dependency["name"] == "serde_json")
        {
            // It breaks `flatten` and tagged enums, and one package that sets it sets it for all.
            let features = dependency["features"].as_array().expect("features");
            assert!(
                !features
                    .iter()
                    .any(|feature| feature == "arbitrary_precision"),
                "{package}"
            );
        }
        dependencies
            .iter()
            .map(|dependency| (text(&dependency["name"]), text(&dependency["kind"])))
            .collect()
    };
    packages
        .iter()
        .map(|package| (text(&package["name"]), dependencies(package)))
        .collect()
}

#[test]
fn the_page_and_the_proxy_meet_only_in_core_and_no_program_has_the_testkit() {
    let declared = declared();
    let packages: Vec<_> = declared.keys().map(String::as_str).collect();
    assert_eq!(
        packages,
        [
            "waybill",
            "waybill-archive-worker",
            "waybill-bench",
            "waybill-blobs",
            "waybill-bundle",
            "waybill-core",
            "waybill-documents-worker",
            "waybill-files-worker",
            "waybill-opfs",
            "waybill-pack-worker",
            "waybill-proxy",
            "waybill-signatures",
            "waybill-testkit",
            "waybill-worker",
            "waybill-yaml"
        ]
    );
    let ours = |package: &str| -> Vec<String> {
        let named = declared[package]
            .iter()
            .filter(|(name, _)| declared.contains_key(name));
        named
            .map(|(name, kind)| format!("{name} ({kind})"))
            .collect()
    };
    assert_eq!(ours("waybill-core"), ["waybill-testkit (dev)"]);
    assert_eq!(ours("waybill-testkit"), ["waybill-core (normal)"]);
    assert_eq!(
        ours("waybill"),
        [
            "waybill-blobs (normal)",
            "waybill-core (normal)",
            "waybill-signatures (normal)",
            "waybill-yaml (normal)",
            "waybill-testkit (dev)",
            "waybill-testkit (dev)"
        ]
    );
    assert_eq!(ours("waybill-proxy"), ["waybill-core (normal)"]);
    assert_eq!(ours("waybill-yaml"), ["waybill-core (dev)"]);
    assert_eq!(
        ours("waybill-signatures"),
        ["waybill-core (normal)", "waybill-testkit (dev)"]
    );
    // Itself with what compresses, for its tests and examples.
    assert_eq!(
        ours("waybill-blobs"),
        [
            "waybill-core (normal)",
            "waybill-blobs (dev)",
            "waybill-testkit (dev)"
        ]
    );
    assert_eq!(ours("waybill-opfs"), [""; 0]);
    // Of core it has the hash.
    assert_eq!(
        ours("waybill-worker"),
        ["waybill-blobs (normal)", "waybill-core (normal)"]
    );
    assert_eq!(
        ours("waybill-archive-worker"),
        ["waybill-blobs (normal)", "waybill-opfs (normal)"]
    );
    assert_eq!(ours("waybill-documents-worker"), ["waybill-core (normal)"]);
    assert_eq!(ours("waybill-bundle"), ["waybill-core (normal)"]);
}

#[test]
fn core_names_these_dependencies() {
    let named = declared().remove("waybill-core").expect("core");
    let mut normal: Vec<_> = named
        .iter()
        .filter(|(_, kind)| kind == "normal")
        .map(|(name, _)| name.as_str())
        .collect();
    normal.sort_unstable();
    assert_eq!(
        normal,
        [
            "base32ct",
            "base64ct",
            "der",
            "futures-util",
            "serde",
            "serde_json",
            "sha2"
        ]
    );
}

/// Every Rust file below a folder of the project, with its text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("text");
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&project().join(folder), &mut found);
    assert!(found.len() > 5, "{folder} holds {} files", found.len());
    found
}

/// How many lines a file of core has before its tests, unless its head says why it is longer.
const LINES: usize = 400;

#[test]
fn a_file_of_core_is_short_or_says_why_not() {
    let long: Vec<_> = sources("crates/core/src")
        .into_iter()
        .filter(|(path, text)| {
            let is_test = path.components().any(|part| part.as_os_str() == "tests")
                || path.ends_with("tests.rs");
            let own = text.lines().take_while(|line| *line != "#[cfg(test)]");
            let head = text.lines().take_while(|line| line.starts_with("//!"));
            let head: String = head.collect();
            let says_why = ["onger than", "though it is long"]
                .iter()
                .any(|words| head.contains(words));
            !is_test && own.count() > LINES && !says_why
        })
        .map(|(path, _)| path)
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

/// The names that follow `prefix` in a text, as far as they go: `std::net::{A, B}` is `net::{A, B}`.
fn names_behind<'a>(text: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(prefix).filter_map(move |(at, _)| {
        let (before, behind) = text.split_at(at);
        let before = before.chars().next_back();
        let rest = behind
            .strip_prefix(prefix)?
            .split([';', '(', '<', '\n'])
            .next();
        rest.filter(|_| {
            !before.is_some_and(|before| before.is_alphanumeric() || before == '_' || before == ':')
        })
    })
}

#[test]
fn core_reaches_nothing_outside_the_process() {
    for (path, text) in sources("crates/core/src") {
        let path = path.display();
        // An example in the documentation is a program of its own.
        let is_code = |line: &&str| !line.trim_start().starts_with("//");
        let text = text.lines().filter(is_code).collect::<Vec<_>>().join("\n");
        for root in ["std::", "core::", "alloc::"] {
            for name in names_behind(&text, root) {
                let module = name.split("::").next().unwrap_or_default();
                let module =
                    module.trim_end_matches(|character: char| !character.is_alphanumeric());
                assert!(CORE_STD.contains(&module), "{path}: {root}{name}");
                if let Some(items) = name.strip_prefix("net::") {
                    let mut items = items.trim_matches(['{', '}']).split(',').map(str::trim);
                    assert!(
                        items.all(|it| ["IpAddr", "Ipv4Addr", "Ipv6Addr"].contains(&it)),
                        "{path}: {root}{name}"
                    );
                }
            }
        }
        // The order of a hash map differs in every run, and so would the digest of what is written from it.
        for word in [
            "HashMap",
            "HashSet",
            "web_sys",
            "js_sys",
            "wasm_bindgen",
            "yew",
            "gloo",
            "include_bytes!",
            "env!(",
        ] {
            assert!(!text.contains(word), "{path}: {word}");
        }
    }
}

/// What checks signatures is given the time, and what computes them.
#[test]
fn signatures_are_checked_without_a_clock_a_network_or_a_browser() {
    for (path, text) in sources("crates/signatures/src") {
        let path = path.display();
        let is_code = |line: &&str| !line.trim_start().starts_with("//");
        let text = text.lines().filter(is_code).collect::<Vec<_>>().join("\n");
        for name in names_behind(&text, "std::") {
            let module = name.split("::").next().unwrap_or_default();
            assert!(CORE_STD.contains(&module), "{path}: std::{name}");
        }
        for word in [
            "HashMap",
            "web_sys",
            "js_sys",
            "wasm_bindgen",
            "yew",
            "gloo",
            "env!(",
        ] {
            assert!(!text.contains(word), "{path}: {word}");
        }
    }
}

#[test]
fn components_see_neither_the_state_nor_the_browser() {
    for (path, text) in sources("src/components") {
        let path = path.display();
        for word in [
            "crate::state",
            "crate::browser",
            "crate::app",
            "crate::pages",
            "js_sys",
            "gloo",
            "super::super",
        ] {
            assert!(!text.contains(word), "{path}: {word}");
        }
        for root in ["crate::", "super::"] {
            for name in names_behind(&text, root) {
                let module = name.split("::").next().unwrap_or_default();
                assert!(
                    !["state", "browser", "app", "pages", "{"].contains(&module),
                    "{path}: {root}{name}"
                );
            }
        }
        // What an event came from may be asked for its value, and nothing more.
        for name in names_behind(&text, "web_sys::") {
            let kind = name
                .split(|character: char| !character.is_alphanumeric())
                .next()
                .unwrap_or_default();
            assert!(
                kind.starts_with("Html") && kind.ends_with("Element"),
                "{path}: web_sys::{name}"
            );
        }
    }
}

#[test]
fn only_the_adapters_and_the_shell_ask_the_browser() {
    for (path, text) in sources("src") {
        let within = path
            .strip_prefix(project().join("src"))
            .expect("below src")
            .to_owned();
        // Every task of every page is begun in one place.
        if within.starts_with("browser") || within == Path::new("page.rs") {
            continue;
        }
        for word in [
            "web_sys::window",
            "js_sys::",
            "gloo_",
            "wasm_bindgen_futures",
            "#[wasm_bindgen",
        ] {
            assert!(!text.contains(word), "{}: {word}", within.display());
        }
    }
}

/// A module lies where its name says: a stranger finds it without reading another file.
#[test]
fn no_file_is_taken_in_by_a_path() {
    let folders = ["crates", "fuzz", "src", "tests"];
    let attribute = concat!("#[", "path");
    for (path, text) in folders.iter().flat_map(|folder| sources(folder)) {
        assert!(!text.contains(attribute), "{}", path.display());
    }
}

/// Their programs are to come apart from the rest, so nothing else may call what only they need.
#[test]
fn only_compose_and_copy_call_what_only_they_need() {
    for (path, text) in sources("src") {
        let within = path
            .strip_prefix(project().join("src"))
            .expect("below src")
            .to_owned();
        let is_its = within.starts_with("compose") || within == Path::new("compose.rs");
        if is_its || within == Path::new("state/tests.rs") {
            continue;
        }
        let is_copy = ["copy", "pushing"]
            .iter()
            .any(|room| within.starts_with(room) || within == Path::new(&format!("{room}.rs")));
        for word in [
            "workflow::push",
            "workflow::copy",
            "pushing::",
            "copy::page",
        ] {
            assert!(
                is_copy || !text.contains(word),
                "{}: {word}",
                within.display()
            );
        }
        for word in [
            "workflow::compose",
            "core::compose",
            "waybill_yaml",
            "compose::page",
            "compose::Own",
        ] {
            assert!(!text.contains(word), "{}: {word}", within.display());
        }
    }
}

#[test]
fn the_readme_says_the_same_in_both_languages() {
    let read = |file: &str| std::fs::read_to_string(project().join(file)).expect("text");
    let (english, chinese) = (read("README.md"), read("README.zh-CN.md"));
    let lines = |text: &str, is_kind: &dyn Fn(&str) -> bool| -> Vec<String> {
        let lines = text.lines().filter(|line| is_kind(line));
        lines.map(str::to_owned).collect()
    };
    let commands = |text: &str| lines(text, &|line| line.starts_with("    "));
    assert_eq!(commands(&english), commands(&chinese));
    let heads = |text: &str| lines(text, &|line| line.starts_with('#')).len();
    assert_eq!(heads(&english), heads(&chinese));
    let links = |text: &str| -> BTreeSet<String> {
        let links = text.split("](").skip(1);
        let links = links.filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()));
        links.filter(|link| !link.starts_with("README")).collect()
    };
    // The Chinese one leads to what there is in Chinese, with a heading's name in it.
    let files = |links: BTreeSet<String>| -> BTreeSet<String> {
        let files = links
            .into_iter()
            .filter_map(|link| Some(link.split('#').next()?.to_owned()));
        files.map(|file| file.replace(".zh-CN", "")).collect()
    };
    assert_eq!(files(links(&english)), files(links(&chinese)));
    for link in links(&english).union(&links(&chinese)) {
        let file = link.split('#').next().unwrap_or_default();
        assert!(project().join(file).exists(), "{link}");
    }
}

#[test]
fn the_docs_in_chinese_have_the_same_heads_tables_and_commands() {
    for name in ["USING", "FORMATS", "DEPLOY", "GLOSSARY"] {
        let read = |ending: &str| {
            let file = project().join(["docs/", name, ending].concat());
            std::fs::read_to_string(file).expect("text")
        };
        let (english, chinese) = (read(".md"), read(".zh-CN.md"));
        let heads = |text: &str| -> Vec<usize> {
            let lines = text.lines().filter(|line| line.starts_with('#'));
            lines
                .map(|line| line.bytes().take_while(|it| *it == b'#').count())
                .collect()
        };
        assert_eq!(heads(&english), heads(&chinese), "{name}: headings");
        let rows = |text: &str| text.lines().filter(|line| line.starts_with('|')).count();
        assert_eq!(rows(&english), rows(&chinese), "{name}: rows of tables");
        let commands = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(|line| line.starts_with("    "));
            lines.map(str::to_owned).collect()
        };
        assert_eq!(commands(&english), commands(&chinese), "{name}: commands");
    }
}

#[test]
fn core_can_be_packaged_for_publishing() {
    let package = [
        "package",
        "-p",
        "waybill-core",
        "--no-verify",
        "--allow-dirty",
        "--offline",
    ];
    cargo(&package);
    let listed = cargo(&[&package[..], &["--list"]].concat());
    for file in [
        "README.md",
        "src/lib.rs",
        "examples/inspect.rs",
        "examples/support/mod.rs",
    ] {
        assert!(listed.lines().any(|line| line == file), "{file} is missing");
    }
}
