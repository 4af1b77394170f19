//! dive's figures: examples worked by hand, what its gate says of them, and the faults that it has.

use waybill_blobs::dive::{Figures, Status, ThresholdError, Thresholds, Uncounted};
use waybill_blobs::listing::Listing;
use waybill_blobs::tar::Entry;

/// A layer of names with sizes: `x/` is a directory, all else a file.
pub(crate) fn layer(entries: &[(&str, i64)]) -> Listing {
    let mut listing = Listing::new();
    for (name, size) in entries {
        listing.push(&Entry {
            name: name.as_bytes().to_vec(),
            kind: if name.ends_with('/') { b'5' } else { b'0' },
            size: *size,
            ..Entry::default()
        });
    }
    listing
}

/// An example: what it is, and its layers.
pub(crate) type Example = (&'static str, &'static [&'static [(&'static str, i64)]]);

/// The examples A to G, for which dive was run.
pub(crate) const EXAMPLES: [Example; 7] = [
    (
        "a file is modified",
        &[
            &[("etc/", 0), ("etc/conf", 1000), ("bin/app", 9000)],
            &[("etc/conf", 1500)],
        ],
    ),
    (
        "a file is deleted",
        &[
            &[("tmp/", 0), ("tmp/cache", 4000), ("bin/app", 6000)],
            &[("tmp/.wh.cache", 0)],
        ],
    ),
    (
        "a directory is deleted",
        &[
            &[
                ("var/", 0),
                ("var/cache/", 0),
                ("var/cache/a", 3000),
                ("var/cache/b", 1000),
                ("bin/app", 6000),
            ],
            &[("var/.wh.cache", 0)],
        ],
    ),
    (
        "a directory is opaque",
        &[
            &[("var/", 0), ("var/a", 3000), ("bin/app", 6000)],
            &[("var/", 0), ("var/.wh..wh..opq", 0), ("var/b", 500)],
        ],
    ),
    (
        "a whiteout of nothing",
        &[
            &[("a", 1000), ("z", 1000)],
            &[(".wh.nothing", 0), ("z", 1000)],
        ],
    ),
    (
        "the same file three times",
        &[&[("f", 100)], &[("f", 100)], &[("f", 100)]],
    ),
    (
        "a whiteout and the file in one layer",
        &[&[("f", 100)], &[(".wh.f", 0), ("f", 70)]],
    ),
];

pub(crate) fn layers(example: &Example) -> Vec<Listing> {
    example.1.iter().map(|entries| layer(entries)).collect()
}

fn count(layers: &[Listing]) -> Figures {
    Figures::count(layers).expect("figures")
}

#[test]
#[expect(clippy::float_cmp, reason = "to the last bit is the claim")]
fn the_examples_have_the_figures_that_dive_gave() {
    let expected = [
        (10_000.0 / 11_500.0, 2_500, 2_500.0 / 1_500.0),
        (0.6, 4_000, f64::INFINITY),
        (1.0, 0, f64::NAN),
        (1.0, 0, 0.0),
        (0.9995, 0, 0.0),
        (1.0 / 3.0, 300, 1.5),
        (0.0, 170, 170.0 / 70.0),
    ];
    for (example, (score, wasted, percent)) in EXAMPLES.iter().zip(expected) {
        let name = example.0;
        let figures = count(&layers(example));
        assert_eq!(figures.score, score, "{name}");
        assert_eq!(figures.wasted_bytes, wasted, "{name}");
        let found = figures.wasted_user_percent;
        assert!(
            found == percent || (found.is_nan() && percent.is_nan()),
            "{name}: {found}"
        );
    }
}

#[test]
fn the_files_with_most_bytes_come_first() {
    let figures = count(&[
        layer(&[("a", 1), ("b/c", 50), ("only", 900)]),
        layer(&[("a", 2), ("b/.wh.c", 0)]),
        layer(&[("a", 3)]),
    ]);
    let files: Vec<_> = figures
        .inefficient
        .iter()
        .map(|file| (&file.path[..], file.count, file.bytes))
        .collect();
    assert_eq!(files, [(&b"/b/c"[..], 2, 50), (&b"/a"[..], 3, 6)]);
    assert_eq!(figures.inefficient_paths, 2);
    assert_eq!((figures.size_bytes, figures.user_bytes), (956, 5));
}

#[test]
fn the_gate_compares_strictly_and_lets_pass_what_is_no_number() {
    use Status::{Disabled, Failed, Passed};
    let gate = |example: usize, thresholds: Thresholds| {
        let verdict = count(&layers(&EXAMPLES[example])).verdict(&thresholds);
        verdict.map(|verdict| {
            let statuses = (
                verdict.lowest_efficiency,
                verdict.highest_user_wasted_percent,
                verdict.highest_wasted_bytes,
            );
            (statuses, verdict.passes())
        })
    };
    let default = Thresholds::default();
    assert_eq!(gate(0, default), Ok(((Failed, Failed, Disabled), false)));
    assert_eq!(gate(1, default), Ok(((Failed, Failed, Disabled), false)));
    assert_eq!(gate(2, default), Ok(((Passed, Passed, Disabled), true)));
    assert_eq!(gate(4, default), Ok(((Passed, Passed, Disabled), true)));
    let equal = Thresholds {
        lowest_efficiency: Some(0.6),
        highest_user_wasted_percent: None,
        highest_wasted_bytes: Some(4000),
    };
    assert_eq!(gate(1, equal), Ok(((Passed, Disabled, Passed), true)));
    let less = Thresholds {
        highest_wasted_bytes: Some(3999),
        ..equal
    };
    assert_eq!(gate(1, less), Ok(((Passed, Disabled, Failed), false)));
    for part in [-0.1, 1.1, f64::INFINITY] {
        let outside = Thresholds {
            lowest_efficiency: Some(part),
            ..default
        };
        assert_eq!(gate(2, outside), Err(ThresholdError));
        let outside = Thresholds {
            highest_user_wasted_percent: Some(part),
            ..default
        };
        assert_eq!(gate(2, outside), Err(ThresholdError));
    }
}

#[test]
fn without_a_whole_listing_there_are_no_figures() {
    let mut global = Listing::new();
    global.push(&Entry {
        name: b"pax_global_header".to_vec(),
        kind: b'g',
        ..Entry::default()
    });
    let found = Figures::count(&[layer(&[("a", 1)]), global]);
    assert_eq!(found, Err(Uncounted::GlobalHeader { layer: 1 }));
    let mut long = Listing::new();
    long.push(&Entry {
        name: vec![b'a'; 5000],
        ..Entry::default()
    });
    assert_eq!(
        Figures::count(&[long]),
        Err(Uncounted::LeftOut { layer: 0 })
    );
    let none = count(&[]);
    assert!((none.score - 1.0).abs() < f64::EPSILON && none.wasted_user_percent.is_nan());
}

#[test]
fn layers_made_to_harm_are_counted_soon() {
    // Whiteouts of directories in each other, each over a hundred thousand directories that nobody wrote.
    let depth = 1_000;
    let directory = |levels: usize| "a/".repeat(levels);
    let mut base: Vec<(String, i64)> = (1..=depth).map(|level| (directory(level), 1)).collect();
    let bottom = directory(depth);
    base.extend((0..100).map(|file| (format!("{bottom}{file}/{}f", "b/".repeat(1_000)), 1)));
    let upper: Vec<(String, i64)> = (0..depth)
        .map(|level| (format!("{}.wh.a", directory(level)), 0))
        .collect();
    let listing = |entries: &[(String, i64)]| {
        let entries = entries.iter();
        layer(
            &entries
                .map(|(name, size)| (name.as_str(), *size))
                .collect::<Vec<_>>(),
        )
    };
    let started = std::time::Instant::now();
    let figures = count(&[listing(&base), listing(&upper)]);
    assert_eq!(figures.size_bytes, 1_100);
    // A directory is no leaf, so that each of them has one entry: its whiteout.
    assert_eq!((figures.inefficient_paths, figures.wasted_bytes), (0, 0));
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
