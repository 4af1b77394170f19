//! containerd and moby apply layers as the findings say: `oracle/engines/` runs their own packages, over the table of
//! where engines differ, and over layers made at random. Needs Go, its modules, and root.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use waybill_blobs::finding::{Code, find};
use waybill_blobs::path::escape;
use waybill_blobs::tree::Tree;

use super::judges::{archive, listing, random};
use super::tar_oracle::{Numbers, answers, behind_length, build_oracle};

/// Builds the oracle; `None` where it cannot run.
fn oracle() -> Option<PathBuf> {
    let program = build_oracle("oracle/engines", "engines-oracle");
    let file = [behind_length_of(1), behind_length(&archive(&["f"]))].concat();
    let runs = |program: &PathBuf| answers(program, file)[0] == "naive f\noverlay f\nmoby f\n";
    let program = program.filter(runs);
    if program.is_none() {
        let _ = std::io::stderr().write_all(
            b"\n*** LAYERS NOT COMPARED WITH containerd AND moby: it takes Go, their modules, and root.\n\n",
        );
    }
    program
}

fn behind_length_of(count: usize) -> Vec<u8> {
    let count = u32::try_from(count).expect("a few layers");
    count.to_le_bytes().to_vec()
}

/// What the oracle says of images: for each engine the paths that it shows, or `refused`.
fn ask(oracle: &Path, images: &[Vec<Vec<u8>>]) -> Vec<[String; 3]> {
    let bytes = images.iter().flat_map(|layers| {
        let all = layers.iter().flat_map(|layer| behind_length(layer));
        [behind_length_of(layers.len()), all.collect()].concat()
    });
    let all = answers(oracle, bytes.collect());
    let engines = |text: &String| {
        let mut lines = text.lines();
        ["naive", "overlay", "moby"].map(|engine| {
            let line = lines.next().expect("a line for each engine");
            let paths = line.strip_prefix(engine).expect("in their order");
            paths.trim().to_owned()
        })
    };
    let answered: Vec<_> = all.iter().take(images.len()).map(engines).collect();
    assert_eq!(answered.len(), images.len());
    answered
}

/// What is visible here, as the oracle writes it.
fn here(layers: &[Vec<u8>]) -> String {
    let listings: Vec<_> = layers.iter().map(|layer| listing(layer)).collect();
    let tree = Tree::flatten(&listings);
    let paths = tree.walk().map(|version| {
        let slash = if version.is_directory { "/" } else { "" };
        format!("{}{slash}", escape(&tree.path(version.node)))
    });
    let mut paths: Vec<_> = paths.collect();
    paths.sort();
    paths.join(" ")
}

/// Layers, and what each shows: the specification, containerd by unpacking, its overlay, moby; `=` is as the
/// specification, `!` refuses.
type Row = (
    &'static [&'static [&'static str]],
    &'static str,
    [&'static str; 3],
);

const TABLE: &[Row] = &[
    (&[&["f"], &[".wh.f"]], "", ["=", "=", "="]),
    (&[&["f"], &[".wh.f", "f"]], "f", ["=", "=", "="]),
    (&[&["f"], &["f", ".wh.f"]], "f", ["", "!", ""]),
    (&[&["a/y"], &["a/z", ".wh.a"]], "a/ a/z", ["", "!", ""]),
    (
        &[&["a/", "a/x"], &[".wh.a", "a/", "a/y"]],
        "a/ a/y",
        ["=", "a/ a/x a/y", "="],
    ),
    (
        &[&["a/", "a/old"], &["a/b/c/new", "a/.wh..wh..opq"]],
        "a/ a/b/ a/b/c/ a/b/c/new",
        ["a/", "=", "a/"],
    ),
    (
        &[&["a/", "a/old"], &["a/b/new", "a/b/", "a/.wh..wh..opq"]],
        "a/ a/b/ a/b/new",
        ["=", "=", "="],
    ),
    (
        &[&["a/", "a/old"], &["a/.wh..wh..opq", "a/new"]],
        "a/ a/new",
        ["=", "=", "="],
    ),
    (
        &[&["x"], &[".wh..wh..opq", "new"]],
        "new",
        ["=", "new x", "="],
    ),
    (&[&["f", "f"]], "f", ["=", "=", "="]),
    (&[&["a/", "a/x"], &["a/.wh."]], "a/ a/x", ["!", "!", ""]),
    (&[&["a/", "a/x"], &["a/.wh.."]], "a/ a/x", ["!", "!", ""]),
    (&[&["a/", "a/x"], &["a/b/.wh..."]], "a/ a/x", ["!", "!", ""]),
    (&[&["a/", "a/x"], &[".wh.a/"]], "", ["=", "=", "="]),
    (&[&["a"], &[".wh.a/y"]], ".wh.a/ .wh.a/y a", ["=", "=", "="]),
    (&[&["../x"]], "", ["x", "x", "!"]),
    (&[&["/etc/x"]], "etc/ etc/x", ["=", "=", "="]),
    (
        &[&["usr/lib/", "lib -> usr/lib"], &["lib/b"]],
        "lib/ lib/b usr/ usr/lib/",
        [
            "lib usr/ usr/lib/ usr/lib/b",
            "=",
            "lib usr/ usr/lib/ usr/lib/b",
        ],
    ),
    (
        &[&["usr/lib/", "lib -> usr/lib"], &["lib/", "lib/b"]],
        "lib/ lib/b usr/ usr/lib/",
        ["=", "=", "="],
    ),
    (
        &[&["usr/lib/", "lib -> usr/lib", "lib/b"]],
        "lib/ lib/b usr/ usr/lib/",
        [
            "lib usr/ usr/lib/ usr/lib/b",
            "lib usr/ usr/lib/ usr/lib/b",
            "lib usr/ usr/lib/ usr/lib/b",
        ],
    ),
    (&[&["f"], &["g => f"]], "f g", ["=", "!", "="]),
    (&[&["f"], &["g => f", ".wh.f"]], "g", ["=", "!", "="]),
    (&[&["f"], &[".wh.f", "g => f"]], "g", ["!", "", "!"]),
    (&[&["g => f", "f"]], "f g", ["!", "!", "!"]),
    (
        &[&["a/", "a/x"], &[".wh.a", "a/y"]],
        "a/ a/y",
        ["=", "!", "="],
    ),
    (&[&["f"], &[".wh.f", ".wh.f"]], "", ["=", "!", "="]),
    (
        &[&["a/"], &["a/b/.wh.x"]],
        "a/",
        ["a/ a/b/", "a/ a/b/", "a/ a/b/"],
    ),
    (&[&["g => g"]], "g", ["!", "!", "!"]),
    (&[&["d/", "g => d"]], "d/ g", ["!", "!", "!"]),
    (&[&["f", "g => f", "f"]], "f g", ["=", "=", "="]),
    (&[&["a/", "a/x"], &["a"]], "a", ["=", "=", "="]),
    (&[&["a"], &["a/x"]], "a/ a/x", ["!", "=", "!"]),
    (&[&["a", "a/x"]], "a/ a/x", ["!", "!", "!"]),
    (
        &[&[".wh..wh.plnk/1.2", "x"]],
        "x",
        [
            ".wh..wh.plnk/ .wh..wh.plnk/1.2 x",
            ".wh..wh.plnk/ .wh..wh.plnk/1.2 x",
            "=",
        ],
    ),
    (
        &[&[".wh..wh.plnk/1.2", "g => .wh..wh.plnk/1.2"]],
        "g",
        [
            ".wh..wh.plnk/ .wh..wh.plnk/1.2 g",
            ".wh..wh.plnk/ .wh..wh.plnk/1.2 g",
            "=",
        ],
    ),
    (
        &[&["g => .wh..wh.plnk/1.2", ".wh..wh.plnk/1.2"]],
        "g",
        ["!", "!", "!"],
    ),
];

#[test]
fn containerd_and_moby_differ_where_the_table_says_so() {
    let Some(oracle) = oracle() else { return };
    let layers = |names: &[&[&str]]| names.iter().map(|names| archive(names)).collect();
    let images: Vec<Vec<_>> = TABLE.iter().map(|(names, ..)| layers(names)).collect();
    let answers = ask(&oracle, &images);
    for (((names, right, engines), layers), answers) in TABLE.iter().zip(&images).zip(&answers) {
        assert_eq!(here(layers), *right, "{names:?}");
        let expected = engines.map(|shown| match shown {
            "=" => right,
            "!" => "refused",
            other => other,
        });
        assert_eq!(answers.each_ref(), expected, "{names:?}");
    }
}

/// Codes by which containerd and moby show what is right: somebody else does not, or nobody minds.
const ENGINES_ARE_RIGHT: [Code; 7] = [
    Code::WhiteoutBeforeFile,
    Code::Opaque,
    Code::Duplicate,
    Code::DuplicateDirectory,
    Code::WhiteoutDangling,
    Code::DirectoryReplaced,
    Code::HardLinkKeeps,
];

#[test]
fn where_nothing_is_found_containerd_and_moby_show_the_same() {
    let Some(oracle) = oracle() else { return };
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let images: Vec<_> = (0..3_000).map(|_| random(&mut numbers)).collect();
    let is_told = |names: &Vec<Vec<u8>>| {
        let listings: Vec<_> = names.iter().map(|layer| listing(layer)).collect();
        let found = find(&Tree::flatten(&listings), &listings, &[]);
        found
            .iter()
            .any(|finding| !ENGINES_ARE_RIGHT.contains(&finding.code))
    };
    let images: Vec<Vec<_>> = images
        .iter()
        .map(|layers| {
            let names = |names: &Vec<String>| {
                archive(&names.iter().map(String::as_str).collect::<Vec<_>>())
            };
            layers.iter().map(names).collect()
        })
        .filter(|layers| !is_told(layers))
        .collect();
    assert!(images.len() > 200, "{} have nothing to tell", images.len());
    for (layers, shown) in images.iter().zip(ask(&oracle, &images)) {
        let expected = here(layers);
        for (engine, shown) in ["naive", "overlay", "moby"].iter().zip(shown) {
            let names: Vec<Vec<_>> = layers
                .iter()
                .map(|layer| {
                    listing(layer)
                        .entries()
                        .map(|entry| escape(entry.name))
                        .collect()
                })
                .collect();
            assert_eq!(shown, expected, "{engine}: {names:?}");
        }
    }
}
