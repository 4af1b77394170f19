//! What an image carries for nothing: the bytes that a flattened image would not hold.
//!
//! Every file that is not visible at the end was downloaded and is not there: [`Waste`] lists
//! each with the layer that hid it and why. What [`dive`](crate::dive) calls wasted is another
//! number: that counts a file that was replaced with its last copy, and knows nothing of what was
//! deleted with its directory.
//!
//! ```
//! use waybill_blobs::listing::Listing;
//! use waybill_blobs::tar::Entry;
//! use waybill_blobs::tree::{Reason, Tree};
//! use waybill_blobs::waste::Waste;
//!
//! let file = |name: &[u8], size| Entry { name: name.to_vec(), kind: b'0', size, ..Entry::default() };
//! let (mut base, mut upper) = (Listing::new(), Listing::new());
//! base.push(&file(b"var/cache/a", 3000));
//! upper.push(&file(b"var/.wh.cache", 0));
//! let layers = [base, upper];
//! let waste = Waste::of(&layers, &Tree::flatten(&layers));
//! assert_eq!(waste.bytes, 3000);
//! let hidden = waste.files[0].hidden;
//! assert_eq!((hidden.layer, hidden.reason), (1, Reason::Whiteout));
//! ```

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::listing::Listing;
use crate::tree::{Hidden, Node, Place, Reason, Tree, Version, entry, held};

/// What an image carries for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waste {
    /// The bytes of all files below together.
    pub bytes: u64,
    /// The files that are not visible at the end and have bytes, those with most first, and in
    /// the order of the layers where these are equal. A file of which a hard link is visible is
    /// none of them, since its bytes are there; neither is what belongs to the format of a layer,
    /// as the tables of eStargz do.
    pub files: Vec<WastedFile>,
    /// Of each layer, base first.
    pub layers: Vec<LayerWaste>,
    /// The bytes by why they are not visible; a reason without any is left out.
    pub reasons: BTreeMap<Reason, u64>,
    /// The bytes of entries that stand nowhere, as those whose names lead out of the root. They
    /// are in none of the numbers above: nothing hid them.
    pub nowhere: u64,
    /// Whether all of this is too small: a layer has entries that its listing left out.
    pub is_partial: bool,
}

/// A file that is not visible at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WastedFile {
    /// Where it stood.
    pub node: Node,
    /// Which entry it is.
    pub place: Place,
    /// How many bytes it has.
    pub bytes: u64,
    /// Which layer hid it, and why.
    pub hidden: Hidden,
}

/// What one layer has to do with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LayerWaste {
    /// The bytes of its own files that are not visible at the end.
    pub carries: u64,
    /// The bytes of files that it hid, in layers below it or in itself.
    pub hides: u64,
}

impl Waste {
    /// Counts it; the tree is that of the layers, which stand with the base first.
    #[must_use]
    pub fn of(layers: &[Listing], tree: &Tree) -> Self {
        let bytes_of = |place| entry(layers, place).map_or(0, |entry| held(&entry));
        let visible = tree.all().filter(|version| version.hidden.is_none());
        let kept: BTreeSet<Place> = visible.filter_map(|version| version.content).collect();
        let mut waste = Self {
            layers: vec![LayerWaste::default(); layers.len()],
            nowhere: tree
                .misplaced()
                .iter()
                .map(|misplaced| bytes_of(misplaced.place))
                .fold(0, u64::saturating_add),
            is_partial: layers.iter().any(|layer| layer.totals().left_out > 0),
            ..Self::default()
        };
        for version in tree.hidden() {
            let (Some(hidden), Some(place)) = (version.hidden, version.place()) else {
                continue;
            };
            let bytes = bytes_of(place);
            if bytes == 0 || version.is_format || kept.contains(&place) {
                continue;
            }
            waste.add(WastedFile {
                node: version.node,
                place,
                bytes,
                hidden,
            });
        }
        let order = |file: &WastedFile| (Reverse(file.bytes), file.place);
        waste.files.sort_unstable_by_key(order);
        waste
    }

    fn add(&mut self, file: WastedFile) {
        let add = |sum: &mut u64| *sum = sum.saturating_add(file.bytes);
        add(&mut self.bytes);
        add(self.reasons.entry(file.hidden.reason).or_default());
        if let Some(layer) = self.layers.get_mut(file.place.layer as usize) {
            add(&mut layer.carries);
        }
        if let Some(layer) = self.layers.get_mut(file.hidden.layer as usize) {
            add(&mut layer.hides);
        }
        self.files.push(file);
    }
}

/// Visible files of one content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicates {
    /// The sha256 of it.
    pub content: [u8; 32],
    /// The size of each, in bytes.
    pub size: u64,
    /// Where they are, at least two, in the order in which they were written. Hard links of one
    /// file are one of them.
    pub files: Vec<Node>,
}

impl Duplicates {
    /// How many bytes one file in place of all would save.
    #[must_use]
    pub fn extra(&self) -> u64 {
        let others = self.files.len().saturating_sub(1) as u64;
        self.size.saturating_mul(others)
    }
}

/// Finds visible files of the same content, those that cost most first; only those of which the
/// listings have digests, and that are not empty.
#[must_use]
pub fn duplicates(layers: &[Listing], tree: &Tree) -> Vec<Duplicates> {
    let mut found: BTreeMap<(u64, [u8; 32]), Vec<Node>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let is_visible = |version: &&Version| version.hidden.is_none();
    for version in tree.all().filter(is_visible) {
        let Some(place) = version.content.filter(|place| seen.insert(*place)) else {
            continue;
        };
        let Some(entry) = entry(layers, place) else {
            continue;
        };
        if let (Some(content), size @ 1..) = (entry.content, held(&entry)) {
            found.entry((size, content)).or_default().push(version.node);
        }
    }
    let mut duplicates: Vec<_> = found
        .into_iter()
        .filter(|(_, files)| files.len() > 1)
        .map(|((size, content), files)| Duplicates {
            content,
            size,
            files,
        })
        .collect();
    duplicates.sort_by_key(|duplicates| Reverse(duplicates.extra()));
    duplicates
}
