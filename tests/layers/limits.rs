//! Layers made to take time and memory: both stay bounded.

use std::time::{Duration, Instant};

use waybill_blobs::listing::{ENTRIES, Listing, NAME_BYTES};
use waybill_blobs::tree::{Nowhere, PATHS, Reason, Tree};

use super::flatten::entry;

/// A layer of names, as `flatten` writes them.
fn layer(names: impl IntoIterator<Item = String>) -> Listing {
    let mut listing = Listing::new();
    for name in names {
        listing.push(&entry(&name));
    }
    listing
}

/// What takes a time that grows with the square of the entries would need hours for these.
fn flatten_soon(layers: &[Listing]) -> Tree {
    let start = Instant::now();
    let tree = Tree::flatten(layers);
    let took = start.elapsed();
    assert!(took < Duration::from_mins(2), "it took {took:?}");
    tree
}

#[test]
fn a_million_entries_are_flattened() {
    // Deep, wide, and deleted again one by one; every layer anew.
    let mut deep = Listing::new();
    for depth in 1..=500 {
        for width in 0..400 {
            let name = format!("{}{width}", "a/".repeat(depth));
            deep.push(&entry(&name));
        }
    }
    let (mut wide, mut gone) = (Listing::new(), Listing::new());
    for number in 0..400_000 {
        wide.push(&entry(&format!("w/{number}")));
        gone.push(&entry(&format!("w/.wh.{number}")));
    }
    let layers = [deep, wide, gone];
    let tree = flatten_soon(&layers);
    let whiteouts = tree
        .hidden()
        .filter(|it| it.hidden.is_some_and(|it| it.reason == Reason::Whiteout));
    assert_eq!(whiteouts.count(), 400_000);
    assert_eq!(tree.walk().filter(|it| !it.is_directory).count(), 200_000);
}

#[test]
fn a_listing_ends_at_its_limit_and_goes_on_counting() {
    let mut listing = Listing::new();
    let mut one = entry("a");
    for number in 0..ENTRIES + 5 {
        one.name = number.to_string().into_bytes();
        one.size = 3;
        listing.push(&one);
    }
    // Names of 1 MiB, as the reader of archives lets them through.
    for _ in 0..100 {
        listing.push(&entry(&"n".repeat(1 << 20)));
    }
    assert_eq!(listing.len(), ENTRIES);
    let totals = listing.totals();
    assert_eq!((totals.entries, totals.left_out), (1_000_105, 105));
    assert_eq!(totals.bytes, 3_000_015 + 100 * (1 << 20));
    let bytes = listing.to_bytes();
    assert!(bytes.len() < 60 << 20, "{} bytes", bytes.len());
    let again = Listing::from_bytes(&bytes).expect("a listing");
    assert!(again.entries().eq(listing.entries()));
    assert_eq!(again.totals(), totals);
}

#[test]
fn long_names_fill_no_memory() {
    let mut listing = Listing::new();
    let mut one = entry(&"n".repeat(NAME_BYTES));
    one.link.clone_from(&one.name);
    for _ in 0..70_000 {
        listing.push(&one);
    }
    assert_eq!(listing.totals().entries, 70_000);
    assert_eq!(
        listing.totals().left_out,
        70_000 - (256 << 20) / (2 * NAME_BYTES) as u64
    );
}

#[test]
fn a_directory_that_is_hidden_again_and_again_is_gone_through_once() {
    const COUNT: usize = 200_000;
    let base = layer((0..COUNT).map(|number| format!("d/{number}")));
    let opaque = layer((0..COUNT).map(|_| "d/.wh..wh..opq".to_owned()));
    let tree = flatten_soon(&[base.clone(), opaque]);
    assert_eq!(tree.hidden().count(), COUNT);
    // A file and a directory in turns, in one layer.
    let turns =
        layer((0..COUNT).map(|number| if number % 2 == 0 { "d" } else { "d/0" }.to_owned()));
    let tree = flatten_soon(&[base, turns]);
    let node = tree.find(b"d/0").expect("it was there");
    assert_eq!(tree.versions(node).count(), 1 + COUNT / 2);
    assert_eq!(tree.walk().count(), 2);
    // Whiteouts of what is gone already.
    let gone = layer((0..COUNT).map(|_| ".wh.d".to_owned()));
    let base = layer((0..COUNT).map(|number| format!("d/{number}")));
    let hidden = flatten_soon(&[base, gone]);
    assert!(
        hidden
            .hidden()
            .all(|it| it.hidden.is_some_and(|it| it.reason == Reason::Whiteout))
    );
}

#[test]
fn few_entries_do_not_make_many_directories() {
    // Each needs 500 directories of its own: 5,000 of them would be 2,500,000 paths.
    let chains = layer((0..5_000).map(|number| format!("{number}/{}x", "a/".repeat(499))));
    let tree = flatten_soon(std::slice::from_ref(&chains));
    let too_many = tree
        .misplaced()
        .iter()
        .filter(|it| it.reason == Nowhere::TooMany)
        .count();
    assert_eq!(too_many, 5_000 - PATHS / 501);
    assert!(tree.all().count() <= PATHS);
    assert_eq!(
        tree.walk().filter(|it| it.entry.is_some()).count(),
        PATHS / 501
    );
}

#[test]
fn few_entries_do_not_make_many_versions() {
    // The same 500 directories vanish and come again: no new paths, but versions of them.
    let turns = (0..20_000).map(|turn| match turn % 2 {
        0 => format!("{}x", "a/".repeat(500)),
        _ => "a".to_owned(),
    });
    let tree = flatten_soon(&[layer(turns)]);
    assert!(
        tree.misplaced()
            .iter()
            .any(|it| it.reason == Nowhere::TooMany)
    );
    assert!(tree.all().count() <= 2 * PATHS);
}
