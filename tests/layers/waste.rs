//! What a flattened image would not hold.

use waybill_blobs::listing::Listing;
use waybill_blobs::path::escape;
use waybill_blobs::tar::Entry;
use waybill_blobs::tree::{Reason, Tree, held};
use waybill_blobs::waste::{LayerWaste, Waste, duplicates};

use super::dive::{Image, any_image, examples, item, listed};
use super::tar_oracle::Numbers;

/// Each file as `PATH@LAYER BYTES REASON@LAYER`.
fn files(layers: &[Listing]) -> Vec<String> {
    let tree = Tree::flatten(layers);
    let waste = Waste::of(layers, &tree);
    let files = waste.files.iter().map(|file| {
        let path = escape(&tree.path(file.node));
        let reason = file.hidden.reason.name();
        let (of, by) = (file.place.layer, file.hidden.layer);
        format!("{path}@{of} {} {reason}@{by}", file.bytes)
    });
    files.collect()
}

fn waste(layers: &[Listing]) -> Waste {
    Waste::of(layers, &Tree::flatten(layers))
}

#[test]
fn the_worked_examples_carry_what_is_true() {
    let rows: [(u64, &[&str]); 7] = [
        (1000, &["etc/conf@0 1000 replaced@1"]),
        (4000, &["tmp/cache@0 4000 whiteout@1"]),
        (
            4000,
            &[
                "var/cache/a@0 3000 whiteout@1",
                "var/cache/b@0 1000 whiteout@1",
            ],
        ),
        (3000, &["var/a@0 3000 opaque@1"]),
        (1000, &["z@0 1000 replaced@1"]),
        (200, &["f@0 100 replaced@1", "f@1 100 replaced@2"]),
        (100, &["f@0 100 whiteout@1"]),
    ];
    for (name, (image, (bytes, expected))) in ('A'..).zip(examples().iter().zip(rows)) {
        let layers = listed(image);
        assert_eq!(files(&layers), expected, "{name}");
        assert_eq!(waste(&layers).bytes, bytes, "{name}");
    }
}

#[test]
fn each_layer_has_what_it_carries_and_what_it_hides() {
    let image: Image = vec![
        vec![item("a/x", 100), item("b", 30), item("c", 7)],
        vec![item("a", 20), item("b", 1), item("b", 2)],
        vec![item(".wh.a", 0), item("../outside", 5), item(".wh.c", 0)],
    ];
    let layers = listed(&image);
    assert_eq!(
        files(&layers),
        [
            "a/x@0 100 parent-replaced@1",
            "b@0 30 replaced@1",
            "a@1 20 whiteout@2",
            "c@0 7 whiteout@2",
            "b@1 1 duplicate@1",
        ]
    );
    let waste = waste(&layers);
    let layer = |carries, hides| LayerWaste { carries, hides };
    assert_eq!(waste.layers, [layer(137, 0), layer(21, 131), layer(0, 27)]);
    let reasons: Vec<_> = waste.reasons.into_iter().collect();
    assert_eq!(
        reasons,
        [
            (Reason::Replaced, 30),
            (Reason::Whiteout, 27),
            (Reason::ParentReplaced, 100),
            (Reason::Duplicate, 1),
        ]
    );
    assert_eq!(
        (waste.bytes, waste.nowhere, waste.is_partial),
        (158, 5, false)
    );
}

/// A layer of files, directories and hard links, `NAME => TARGET`, with the sha256 of its file's content as a byte.
fn layer(entries: &[(&str, i64, u8)]) -> Listing {
    let mut listing = Listing::new();
    for (name, size, content) in entries {
        let (name, link) = name.split_once(" => ").unwrap_or((name, ""));
        listing.push(&Entry {
            name: name.into(),
            link: link.into(),
            kind: if link.is_empty() { b'0' } else { b'1' },
            size: *size,
            ..Entry::default()
        });
        if *content > 0 {
            listing.hash_content([*content; 32]);
        }
    }
    listing
}

#[test]
fn what_a_visible_hard_link_still_has_is_not_wasted() {
    let base = layer(&[("f", 100, 0), ("g => f", 0, 0)]);
    let replaced = layer(&[("f", 5, 0)]);
    assert_eq!(files(&[base.clone(), replaced.clone()]), [""; 0]);
    let both = layer(&[(".wh.g", 0, 0)]);
    assert_eq!(files(&[base, replaced, both]), ["f@0 100 replaced@1"]);
}

#[test]
fn the_table_of_a_lazy_layer_is_no_content() {
    let of = |name| {
        layer(&[
            ("stargz.index.json", 900, 0),
            (".no.prefetch.landmark", 1, 0),
            (name, 3, 0),
        ])
    };
    assert_eq!(files(&[of("a"), of("a")]), ["a@0 3 replaced@1"]);
}

#[test]
fn a_listing_that_is_not_whole_makes_the_waste_partial() {
    let mut long = layer(&[("a", 3, 0)]);
    long.push(&Entry {
        name: vec![b'a'; 5000],
        ..Entry::default()
    });
    assert!(waste(&[long]).is_partial);
}

#[test]
fn visible_files_of_one_content_are_found() {
    let base = layer(&[
        ("a", 10, 1),
        ("b => a", 0, 0),
        ("big", 500, 2),
        ("empty", 0, 3),
        ("empty-too", 0, 3),
        ("not-hashed", 10, 0),
        ("gone", 10, 1),
    ]);
    let upper = layer(&[
        (".wh.gone", 0, 0),
        ("d/a", 10, 1),
        ("d/big", 500, 2),
        ("other", 10, 4),
        ("last", 10, 1),
    ]);
    let layers = [base, upper];
    let tree = Tree::flatten(&layers);
    let found: Vec<_> = duplicates(&layers, &tree)
        .iter()
        .map(|found| {
            let files: Vec<_> = found
                .files
                .iter()
                .map(|node| escape(&tree.path(*node)))
                .collect();
            (found.extra(), files.join(" "))
        })
        .collect();
    assert_eq!(
        found,
        [(500, "big d/big".to_owned()), (20, "a d/a last".to_owned())]
    );
}

#[test]
fn every_byte_of_an_image_is_visible_wasted_nowhere_or_a_marker_s() {
    let mut numbers = Numbers(0x1234_5678_9abc_def1);
    let mut with_waste = 0;
    for case in 0..500 {
        let image = any_image(&mut numbers);
        let layers = listed(&image);
        let tree = Tree::flatten(&layers);
        let waste = Waste::of(&layers, &tree);
        let all: u64 = layers
            .iter()
            .flat_map(|layer| {
                layer
                    .entries()
                    .map(|entry| held(&entry))
                    .collect::<Vec<_>>()
            })
            .sum();
        let placed: u64 = tree
            .all()
            .filter_map(|version| waybill_blobs::tree::entry(&layers, version.place()?))
            .map(|entry| held(&entry))
            .sum();
        let markers = all - placed - waste.nowhere;
        let visible = tree.sizes(&layers)[Tree::ROOT.number()];
        assert_eq!(
            visible + waste.bytes + waste.nowhere + markers,
            all,
            "case {case}: {image:#?}"
        );
        let sum = |of: fn(&LayerWaste) -> u64| waste.layers.iter().map(of).sum::<u64>();
        let sums = [
            sum(|layer| layer.carries),
            sum(|layer| layer.hides),
            waste.reasons.values().sum(),
            waste.files.iter().map(|file| file.bytes).sum(),
        ];
        assert_eq!(sums, [waste.bytes; 4]);
        with_waste += usize::from(waste.bytes > 0);
    }
    assert!(with_waste > 100, "{with_waste}");
}
