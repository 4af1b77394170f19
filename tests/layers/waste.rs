//! What a flattened image would not hold: the examples that dive counts otherwise, why and by whom each is hidden, and
//! sums that hold over layers made at random.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use waybill_blobs::listing::{Kind, Listing};
use waybill_blobs::path::{Cleaned, clean, escape};
use waybill_blobs::tar::Entry;
use waybill_blobs::tree::{Marker, Tree, marker};
use waybill_blobs::waste::Waste;

use super::dive::{EXAMPLES, layer, layers};
use super::dive_oracle::{images, list, random};

fn count(layers: &[Listing]) -> Waste {
    Waste::count(&Tree::flatten(layers), layers, 100)
}

/// What is hidden, as `PATH@LAYER BYTES REASON by LAYER`.
fn hidden(layers: &[Listing]) -> String {
    let tree = Tree::flatten(layers);
    let waste = Waste::count(&tree, layers, 100);
    let files = waste.files.iter().map(|file| {
        let path = escape(&tree.path(file.node));
        let (layer, bytes) = (file.place.layer, file.bytes);
        let (reason, by) = (file.hidden.reason.name(), file.hidden.layer);
        format!("{path}@{layer} {bytes} {reason} by {by}")
    });
    files.collect::<Vec<_>>().join(", ")
}

/// A layer with hard links beside its files.
fn with_links(files: &[(&str, i64)], links: &[(&str, &str)]) -> Listing {
    let mut listing = layer(files);
    for (name, target) in links {
        listing.push(&Entry {
            name: name.as_bytes().to_vec(),
            link: target.as_bytes().to_vec(),
            kind: b'1',
            size: 999,
            ..Entry::default()
        });
    }
    listing
}

#[test]
fn the_examples_have_the_bytes_that_nobody_sees() {
    let expected = [
        (10_500, "etc/conf@0 1000 replaced by 1"),
        (6_000, "tmp/cache@0 4000 whiteout by 1"),
        (
            6_000,
            "var/cache/a@0 3000 whiteout by 1, var/cache/b@0 1000 whiteout by 1",
        ),
        (6_500, "var/a@0 3000 opaque by 1"),
        (2_000, "z@0 1000 replaced by 1"),
        (100, "f@0 100 replaced by 1, f@1 100 replaced by 2"),
        (70, "f@0 100 whiteout by 1"),
    ];
    let bytes = [1_000, 4_000, 4_000, 3_000, 1_000, 200, 100];
    for ((example, (visible, files)), bytes) in EXAMPLES.iter().zip(expected).zip(bytes) {
        let (name, layers) = (example.0, layers(example));
        assert_eq!(hidden(&layers), files, "{name}");
        let waste = count(&layers);
        let sums = (waste.visible_bytes, waste.hidden_bytes, waste.other_bytes);
        assert_eq!(sums, (visible, bytes, 0), "{name}");
    }
}

#[test]
fn a_content_lives_as_long_as_one_of_its_names() {
    let base = with_links(&[("f", 100)], &[("g", "f"), ("h", "f")]);
    let whiteout = |name: &str| layer(&[(&format!(".wh.{name}"), 0)]);
    let two = [base.clone(), whiteout("f"), whiteout("g")];
    assert_eq!(
        (hidden(&two), count(&two).visible_bytes),
        (String::new(), 100)
    );
    let three = [base, whiteout("f"), whiteout("h"), whiteout("g")];
    assert_eq!(hidden(&three), "g@0 100 whiteout by 3");
    // The link is bound to what was there at that moment.
    let mut again = with_links(&[("f", 100)], &[("g", "f")]);
    again.push(&Entry {
        name: b"f".to_vec(),
        kind: b'0',
        size: 70,
        ..Entry::default()
    });
    assert_eq!(count(&[again]).visible_bytes, 170);
}

#[test]
fn each_byte_is_with_the_layer_that_holds_it_and_with_the_one_that_hid_it() {
    let layers = [
        layer(&[("a/x", 10), ("b", 5), ("b", 6), ("c/d", 7)]),
        layer(&[("a/.wh..wh..opq", 0), ("b", 20), ("c", 1)]),
        layer(&[(".wh.b", 3), ("../out", 2), (".no.prefetch.landmark", 1)]),
    ];
    assert_eq!(
        hidden(&layers),
        "b@1 20 whiteout by 2, a/x@0 10 opaque by 1, c/d@0 7 parent-replaced by 1, \
         b@0 6 replaced by 1, b@0 5 duplicate by 0"
    );
    let waste = count(&layers);
    let of_layers: Vec<_> = waste
        .layers
        .iter()
        .map(|layer| {
            let hides = layer.hides.iter();
            let hides = hides.map(|(reason, bytes)| format!("{} {bytes}", reason.name()));
            let hides = hides.collect::<Vec<_>>().join(", ");
            (layer.bytes, layer.hidden_bytes, hides)
        })
        .collect();
    assert_eq!(
        of_layers,
        [
            (28, 28, "duplicate 5".to_owned()),
            (
                21,
                20,
                "replaced 6, opaque 10, parent-replaced 7".to_owned()
            ),
            (6, 0, "whiteout 20".to_owned()),
        ]
    );
    let sums = (waste.visible_bytes, waste.hidden_bytes, waste.other_bytes);
    assert_eq!(sums, (1, 48, 6));
    let few = Waste::count(&Tree::flatten(&layers), &layers, 2);
    assert_eq!((few.files.len(), few.hidden_files), (2, 5));
    assert_eq!(few.hidden_bytes, 48);
}

#[test]
fn visible_files_that_hold_the_same_are_told() {
    let mut base = Listing::new();
    let push = |listing: &mut Listing, name: &str, size: i64, digest: Option<u8>| {
        listing.push(&Entry {
            name: name.as_bytes().to_vec(),
            kind: b'0',
            size,
            ..Entry::default()
        });
        if let Some(digest) = digest {
            listing.hash_content([digest; 32]);
        }
    };
    push(&mut base, "small", 10, Some(1));
    push(&mut base, "copy", 10, Some(1));
    push(&mut base, "gone", 10, Some(1));
    push(&mut base, "large", 30, Some(2));
    push(&mut base, "empty", 0, Some(3));
    push(&mut base, "nothing", 0, Some(3));
    push(&mut base, "unknown", 30, None);
    let mut upper = with_links(&[(".wh.gone", 0)], &[("link", "small")]);
    push(&mut upper, "lib/large", 30, Some(2));
    push(&mut upper, "third", 10, Some(1));
    let layers = [base, upper];
    let tree = Tree::flatten(&layers);
    let waste = Waste::count(&tree, &layers, 10);
    let groups: Vec<_> = waste
        .duplicates
        .iter()
        .map(|group| {
            let files = group.files.iter().map(|node| escape(&tree.path(*node)));
            (
                group.digest[0],
                group.bytes(),
                files.collect::<Vec<_>>().join(" "),
            )
        })
        .collect();
    assert_eq!(
        groups,
        [
            (2, 30, "large lib/large".to_owned()),
            (1, 20, "link copy third".to_owned()),
        ]
    );
    assert_eq!((waste.duplicate_bytes, waste.duplicated), (50, 2));
    assert_eq!((waste.visible_files, waste.hashed_files), (6, 5));
    let one = Waste::count(&tree, &layers, 1);
    assert_eq!((one.duplicates.len(), one.duplicate_bytes), (1, 50));
}

#[test]
fn what_is_left_out_is_said() {
    let mut listing = layer(&[("a", 1)]);
    listing.push(&Entry {
        name: vec![b'a'; 5_000],
        kind: b'0',
        size: 9,
        ..Entry::default()
    });
    let waste = count(&[listing]);
    assert_eq!((waste.left_out, waste.visible_bytes), (1, 1));
}

/// What the files have together that `crane export` 0.22.1 writes of dive's images, and what all files of their layers
/// have together.
const EXPORTED: [(&str, u64, u64); 3] = [
    ("test-docker-image.tar", 1_188_573, 1_220_598),
    ("test-kaniko-image.tar", 1_280_165, 1_326_410),
    ("test-oci-docker-image.tar", 4_312_395, 4_363_240),
];

#[test]
fn what_is_visible_is_what_crane_exports() {
    let Some(images) = images() else {
        let _ = std::io::stderr()
            .write_all(b"\n*** BYTES NOT COMPARED WITH CRANE'S: dive's images are not here.\n\n");
        return;
    };
    for (name, bytes, all) in EXPORTED {
        let image = images.iter().find(|image| image.name == name);
        let layers = image.expect("an image").layers.iter();
        let layers: Vec<_> = layers.map(|layer| list(layer)).collect();
        let waste = count(&layers);
        let sums = (waste.visible_bytes, waste.hidden_bytes, waste.other_bytes);
        assert_eq!(sums, (bytes, all - bytes, 0), "{name}");
    }
}

/// The bytes of what is visible, the plain way: a map of paths to contents, gone through for each entry.
fn plainly(layers: &[Listing]) -> u64 {
    // A directory has no content, and of what is no file the size is nothing.
    let mut files: BTreeMap<Vec<u8>, Option<(usize, usize, u64)>> = BTreeMap::new();
    let is_below = |path: &[u8], directory: &[u8]| {
        directory.is_empty()
            || path
                .strip_prefix(directory)
                .is_some_and(|it| it.starts_with(b"/"))
    };
    for (layer, listing) in layers.iter().enumerate() {
        let named = listing
            .entries()
            .filter(|entry| entry.kind != Kind::GlobalHeader);
        let named: Vec<_> = named
            .filter(|entry| !entry.name.is_empty())
            .filter_map(|entry| match clean(entry.name) {
                Cleaned::Path(path) => Some((path, entry)),
                Cleaned::Outside => None,
            })
            .collect();
        for (path, _) in &named {
            match marker(path) {
                Some(Marker::Whiteout(gone)) => {
                    files.retain(|path, _| *path != gone && !is_below(path, &gone));
                }
                Some(Marker::Opaque(directory)) => {
                    files.retain(|path, _| !is_below(path, &directory));
                }
                Some(Marker::Invalid | Marker::Aufs) | None => {}
            }
        }
        for (path, entry) in named {
            if marker(&path).is_some() || path.is_empty() {
                continue;
            }
            let content = match entry.kind {
                Kind::Directory => None,
                Kind::File => Some((layer, entry.index, entry.size)),
                Kind::HardLink => match clean(entry.link) {
                    Cleaned::Path(target) => files.get(&target).copied().flatten(),
                    Cleaned::Outside => None,
                }
                .or(Some((layer, entry.index, 0))),
                Kind::SymbolicLink
                | Kind::CharacterDevice
                | Kind::BlockDevice
                | Kind::Pipe
                | Kind::GlobalHeader
                | Kind::Other(_) => Some((layer, entry.index, 0)),
            };
            if content.is_some() {
                files.retain(|other, _| !is_below(other, &path));
            }
            for end in (0..path.len()).filter(|end| path[*end] == b'/') {
                let above = files.entry(path[..end].to_vec()).or_insert(None);
                *above = None;
            }
            files.insert(path, content);
        }
    }
    let contents: BTreeSet<_> = files.into_values().flatten().collect();
    contents.into_iter().map(|(_, _, bytes)| bytes).sum()
}

#[test]
fn sums_hold_over_layers_made_at_random() {
    for number in 0..600 {
        let image = random(number);
        let layers: Vec<_> = image.layers.iter().map(|layer| list(layer)).collect();
        let tree = Tree::flatten(&layers);
        let waste = Waste::count(&tree, &layers, usize::MAX);
        let name = &image.name;
        assert_eq!(waste.visible_bytes, plainly(&layers), "{name}");
        let root = tree.sizes(&layers)[Tree::ROOT.number()];
        assert_eq!(waste.visible_bytes, root, "{name}");
        let files = layers.iter().flat_map(Listing::entries);
        let files = files.filter(|entry| entry.kind == Kind::File);
        let all: u64 = files.map(|file| file.size).sum();
        let sums = [waste.visible_bytes, waste.hidden_bytes, waste.other_bytes];
        assert_eq!(sums.iter().sum::<u64>(), all, "{name}");
        let listed: u64 = waste.files.iter().map(|file| file.bytes).sum();
        let held: u64 = waste.layers.iter().map(|layer| layer.hidden_bytes).sum();
        let hides = waste.layers.iter().flat_map(|layer| layer.hides.values());
        let hid: u64 = hides.sum();
        assert_eq!([listed, held, hid], [waste.hidden_bytes; 3], "{name}");
    }
}
