//! What the targets of figures and findings hold, of lines as the entries of layers.

use std::collections::BTreeMap;

use waybill_blobs::dive::{Figures, LISTED, Thresholds};
use waybill_blobs::finding::{self, OF_A_CODE, find};
use waybill_blobs::listing::Listing;
use waybill_blobs::tree::{Tree, held};
use waybill_blobs::waste::Waste;

use crate::tree::layers;

/// dive's figures add up: what is wasted is what its inefficient paths have, each of them more than once.
pub fn dive(text: &[u8]) {
    let layers = layers(text);
    let Ok(figures) = Figures::count(&layers) else {
        return;
    };
    assert!(
        !figures.score.is_nan() && figures.score <= 1.0,
        "{figures:?}"
    );
    let sizes = |listing: &Listing| listing.totals().bytes;
    // What has no name counts for nothing.
    assert!(figures.size_bytes <= layers.iter().map(sizes).sum::<u64>());
    assert!(figures.user_bytes <= figures.size_bytes);
    let listed = &figures.inefficient;
    assert_eq!(listed.len(), figures.inefficient_paths.min(LISTED));
    assert!(
        listed
            .iter()
            .all(|it| it.count > 1 && it.path.starts_with(b"/"))
    );
    assert!(listed.is_sorted_by(|one, other| one.bytes >= other.bytes));
    let bytes: u64 = listed.iter().map(|it| it.bytes).sum();
    if figures.inefficient_paths <= LISTED {
        assert_eq!(bytes, figures.wasted_bytes);
    }
    let verdict = figures.verdict(&Thresholds::default());
    assert!(verdict.is_ok(), "its own thresholds are ones");
}

/// Every byte of content is in one of three sums, and what is hidden has who hid it.
pub fn waste(text: &[u8]) {
    let layers = layers(text);
    let tree = Tree::flatten(&layers);
    let waste = Waste::count(&tree, &layers, 10);
    let all = layers.iter().flat_map(Listing::entries);
    let all: u64 = all.map(|entry| held(&entry)).sum();
    let sums = [waste.visible_bytes, waste.hidden_bytes, waste.other_bytes];
    assert_eq!(sums.iter().sum::<u64>(), all, "{waste:?}");
    let of_layers = |bytes: fn(&waybill_blobs::waste::LayerWaste) -> u64| {
        waste.layers.iter().map(bytes).sum::<u64>()
    };
    assert_eq!(of_layers(|it| it.bytes), all);
    assert_eq!(of_layers(|it| it.hidden_bytes), waste.hidden_bytes);
    assert_eq!(of_layers(|it| it.hides.values().sum()), waste.hidden_bytes);
    assert_eq!(waste.files.len(), waste.hidden_files.min(10));
    assert!(
        waste
            .files
            .is_sorted_by(|one, other| one.bytes >= other.bytes)
    );
    assert!(waste.duplicate_bytes <= waste.visible_bytes);
    for duplicates in &waste.duplicates {
        assert!(duplicates.files.len() > 1 && duplicates.size > 0);
        assert!(
            duplicates
                .files
                .iter()
                .all(|node| tree.visible(*node).is_some())
        );
    }
    // How many are listed changes nothing of the sums.
    let short = Waste::count(&tree, &layers, 0);
    assert!(short.files.is_empty() && short.hidden_bytes == waste.hidden_bytes);
}

/// Each finding is of a layer that is there, is said in words, and no code floods a layer.
pub fn findings(text: &[u8]) {
    let layers = layers(text);
    let found = find(&Tree::flatten(&layers), &layers, &[]);
    let mut counts = BTreeMap::new();
    for finding in &found {
        assert!(finding.layer.is_none_or(|layer| layer < layers.len()));
        assert!(!finding.message.is_empty(), "{finding:?}");
        *counts
            .entry((finding.layer, finding.code.name()))
            .or_insert(0) += 1;
        let told = finding::Told::of(finding);
        assert_eq!(
            (told.code.as_str(), told.severity()),
            (finding.code.name(), finding.severity())
        );
    }
    assert!(
        counts.values().all(|count| *count <= OF_A_CODE + 1),
        "{counts:?}"
    );
}
