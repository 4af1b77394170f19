//! What layers hold for nothing: the bytes that a flattened image would not hold.
//!
//! [`Waste::count`] goes by the contents of files, each of which is in one layer once, however
//! many hard links name it. A content is hidden where nothing that is visible at the end has it,
//! and its last name says which layer hid it, and why. Every byte of content is in one of three
//! sums: visible, hidden, or that of entries that are no content. What two visible files hold
//! alike is a duplicate, known where contents were hashed.
//!
//! dive's figures, which people gate builds by, are others: [`dive`](crate::dive).
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
//! base.push(&file(b"bin/app", 6000));
//! upper.push(&file(b"var/.wh.cache", 0));
//! let layers = [base, upper];
//! let tree = Tree::flatten(&layers);
//! let waste = Waste::count(&tree, &layers, 10);
//! assert_eq!((waste.visible_bytes, waste.hidden_bytes), (6000, 3000));
//! let file = waste.files.first().ok_or("there is one")?;
//! assert_eq!(tree.path(file.node), b"var/cache/a");
//! assert_eq!((file.hidden.layer, file.hidden.reason), (1, Reason::Whiteout));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::listing::Listing;
use crate::tree::{Hidden, Node, Place, Reason, Tree, Version, entry, held};

/// What the layers of an image hold for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waste {
    /// The bytes of the contents that are visible at the end, each counted once.
    pub visible_bytes: u64,
    /// The bytes of the contents that are not.
    pub hidden_bytes: u64,
    /// The bytes of entries that are no content: whiteouts that are not empty, landmarks of
    /// eStargz, names that lead nowhere.
    pub other_bytes: u64,
    /// The bytes that visible contents have beside the first of their kind.
    pub duplicate_bytes: u64,
    /// How many contents that are not empty are visible.
    pub visible_files: usize,
    /// Of how many of them the digest is known; only these are looked at for duplicates.
    pub hashed_files: usize,
    /// How many contents that are not empty are hidden.
    pub hidden_files: usize,
    /// The hidden contents with the most bytes, the largest first.
    pub files: Vec<HiddenFile>,
    /// Each layer, base first.
    pub layers: Vec<LayerWaste>,
    /// The contents that are there more than once and cost most, those first.
    pub duplicates: Vec<Duplicates>,
    /// How many contents are there more than once.
    pub duplicated: usize,
    /// How many entries are left out of the listings: their bytes are in none of the sums.
    pub left_out: u64,
}

/// A content that nothing visible has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HiddenFile {
    /// The path of its last name.
    pub node: Node,
    /// The entry that holds it.
    pub place: Place,
    /// Its size in bytes; of a sparse file with its holes.
    pub bytes: u64,
    /// What hid its last name, and why.
    pub hidden: Hidden,
}

/// What one layer has to do with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerWaste {
    /// The bytes of all contents in it.
    pub bytes: u64,
    /// How many of them are not visible at the end.
    pub hidden_bytes: u64,
    /// The bytes, its own and of the layers below, that it hid.
    pub hides: BTreeMap<Reason, u64>,
}

/// Visible files that hold the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicates {
    /// The sha256 of what they hold.
    pub digest: [u8; 32],
    /// The size of each in bytes.
    pub size: u64,
    /// Where they are, base first; of hard links to one of them the first.
    pub files: Vec<Node>,
}

impl Duplicates {
    /// The bytes of all of them but the first.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let more = self.files.len().saturating_sub(1);
        self.size.saturating_mul(more as u64)
    }
}

impl Waste {
    /// Counts what `tree`, which was flattened from `layers`, hides and holds twice. Of the
    /// lists of files and of duplicates no more than `most` are given; the sums are of all.
    #[must_use]
    pub fn count(tree: &Tree, layers: &[Listing], most: usize) -> Self {
        let mut waste = Self {
            layers: vec![LayerWaste::default(); layers.len()],
            ..Self::default()
        };
        // The first visible name of each content, and the last hidden one of all others.
        let mut visible: BTreeMap<Place, Node> = BTreeMap::new();
        for (place, version) in contents(tree.walk()) {
            visible.entry(place).or_insert(version.node);
        }
        let mut hidden: BTreeMap<Place, (Hidden, Node)> = BTreeMap::new();
        for (place, version) in contents(tree.hidden()) {
            if let (Some(by), false) = (version.hidden, visible.contains_key(&place)) {
                let last = hidden.entry(place).or_insert((by, version.node));
                if (last.0.layer, last.0.entry) < (by.layer, by.entry) {
                    *last = (by, version.node);
                }
            }
        }
        let size = |place| entry(layers, place).map_or(0, |entry| held(&entry));
        for place in visible.keys() {
            let bytes = size(*place);
            waste.visible_bytes = waste.visible_bytes.saturating_add(bytes);
            waste.visible_files += usize::from(bytes > 0);
        }
        for (place, (hidden, node)) in hidden {
            let bytes = size(place);
            if bytes > 0 {
                waste.hide(HiddenFile {
                    node,
                    place,
                    bytes,
                    hidden,
                });
            }
        }
        waste.hidden_files = waste.files.len();
        waste.files.sort_by_key(|file| Reverse(file.bytes));
        waste.files.truncate(most);
        for (layer, listing) in waste.layers.iter_mut().zip(layers) {
            let sizes = listing.entries().map(|entry| held(&entry));
            layer.bytes = sizes.fold(0, u64::saturating_add);
            waste.left_out = waste.left_out.saturating_add(listing.totals().left_out);
        }
        let all = waste.layers.iter().map(|layer| layer.bytes);
        let all = all.fold(0, u64::saturating_add);
        let contents = waste.visible_bytes.saturating_add(waste.hidden_bytes);
        waste.other_bytes = all.saturating_sub(contents);
        waste.find_duplicates(&visible, layers, most);
        waste
    }

    fn hide(&mut self, file: HiddenFile) {
        let HiddenFile {
            place,
            bytes,
            hidden,
            ..
        } = file;
        self.hidden_bytes = self.hidden_bytes.saturating_add(bytes);
        if let Some(layer) = self.layers.get_mut(place.layer as usize) {
            layer.hidden_bytes = layer.hidden_bytes.saturating_add(bytes);
        }
        if let Some(layer) = self.layers.get_mut(hidden.layer as usize) {
            let sum = layer.hides.entry(hidden.reason).or_default();
            *sum = sum.saturating_add(bytes);
        }
        self.files.push(file);
    }

    fn find_duplicates(
        &mut self,
        visible: &BTreeMap<Place, Node>,
        layers: &[Listing],
        most: usize,
    ) {
        let mut alike: BTreeMap<([u8; 32], u64), Vec<Node>> = BTreeMap::new();
        for (place, node) in visible {
            let Some(entry) = entry(layers, *place) else {
                continue;
            };
            if let (Some(digest), 1..) = (entry.content, held(&entry)) {
                self.hashed_files += 1;
                alike.entry((digest, entry.size)).or_default().push(*node);
            }
        }
        alike.retain(|_, files| files.len() > 1);
        let duplicates = alike.into_iter().map(|((digest, size), files)| Duplicates {
            digest,
            size,
            files,
        });
        self.duplicates = duplicates.collect();
        self.duplicated = self.duplicates.len();
        let bytes = self.duplicates.iter().map(Duplicates::bytes);
        self.duplicate_bytes = bytes.fold(0, u64::saturating_add);
        self.duplicates.sort_by_key(|group| Reverse(group.bytes()));
        self.duplicates.truncate(most);
    }
}

/// The versions that have a content, with its place.
fn contents<'a>(
    versions: impl Iterator<Item = &'a Version>,
) -> impl Iterator<Item = (Place, &'a Version)> {
    let versions = versions.filter(|version| !version.is_directory && !version.is_format);
    versions.filter_map(|version| version.content.map(|place| (place, version)))
}
