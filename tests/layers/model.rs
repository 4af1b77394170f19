//! Layers over each other beside a model that is as slow and as plain as the specification: thousands of small
//! images at random, each path of them.

use std::collections::BTreeMap;

use waybill_blobs::listing::{Kind, Listing};
use waybill_blobs::path::{Cleaned, clean, parent};
use waybill_blobs::tree::{Marker, Tree, Version, marker};

use super::flatten::layer;
use super::tar_oracle::Numbers;

/// What stands at a path: of which layer, by which entry if by any, whether it is a directory, and the layer and entry
/// whose content it has.
pub(crate) type Shown = (u32, Option<u32>, bool, Option<(u32, u32)>);

/// Everything that lies below a path is gone.
fn remove_below(paths: &mut BTreeMap<Vec<u8>, Shown>, directory: &[u8]) {
    let below = |path: &[u8]| {
        directory.is_empty()
            || path
                .strip_prefix(directory)
                .is_some_and(|rest| rest.first() == Some(&b'/'))
    };
    paths.retain(|path, _| !below(path));
}

/// Flattens by the words of the specification.
pub(crate) fn model(layers: &[Listing]) -> BTreeMap<Vec<u8>, Shown> {
    let mut paths: BTreeMap<Vec<u8>, Shown> = BTreeMap::new();
    for (layer, listing) in (0..).zip(layers) {
        let named = |view: &waybill_blobs::listing::EntryView<'_>| match clean(view.name) {
            Cleaned::Path(path) if !path.is_empty() => Some(path),
            Cleaned::Path(_) | Cleaned::Outside => None,
        };
        for path in listing.entries().filter_map(|view| named(&view)) {
            match marker(&path) {
                Some(Marker::Whiteout(target)) => {
                    paths.remove(&target);
                    remove_below(&mut paths, &target);
                }
                Some(Marker::Opaque(directory)) => remove_below(&mut paths, &directory),
                Some(Marker::Invalid | Marker::Aufs) | None => {}
            }
        }
        for (index, view) in (0..).zip(listing.entries()) {
            let Some(path) = named(&view).filter(|path| marker(path).is_none()) else {
                continue;
            };
            // Directories above it, from the root on.
            let mut above: Vec<_> =
                std::iter::successors(Some(parent(&path)), |path| Some(parent(path)))
                    .take_while(|path| !path.is_empty())
                    .collect();
            above.reverse();
            for directory in above {
                if !paths.get(directory).is_some_and(|shown| shown.2) {
                    paths.insert(directory.to_vec(), (layer, None, true, None));
                }
            }
            let is_directory = view.kind == Kind::Directory;
            if !(is_directory && paths.get(&path).is_some_and(|shown| shown.2)) {
                remove_below(&mut paths, &path);
                paths.remove(&path);
            }
            let content = if view.kind == Kind::HardLink {
                let target = match clean(view.link) {
                    Cleaned::Path(target) => paths.get(&target),
                    Cleaned::Outside => None,
                };
                target
                    .filter(|target| !target.2)
                    .and_then(|target| target.3)
            } else {
                Some((layer, index))
            };
            paths.insert(path, (layer, Some(index), is_directory, content));
        }
    }
    paths
}

/// A name of few letters, so that paths meet: plain, as a directory, as a link, as a marker.
pub(crate) fn name(numbers: &mut Numbers) -> String {
    let part = |numbers: &mut Numbers| ["a", "b", "c", "ab"][numbers.next(4)];
    let mut path: Vec<_> = (0..=numbers.next(4)).map(|_| part(numbers)).collect();
    let last = path.pop().unwrap_or("a");
    path.push("");
    let directory = path.join("/");
    match numbers.next(12) {
        0..=3 => format!("{directory}{last}"),
        4..=6 => format!("{directory}{last}/"),
        7 => format!("{directory}{last} -> {}", part(numbers)),
        8 => format!("{directory}{last} => {}/{}", part(numbers), part(numbers)),
        9 => format!("{directory}{last} => {}", part(numbers)),
        10 => format!("{directory}.wh.{last}"),
        _ => format!("{directory}.wh..wh..opq"),
    }
}

#[test]
fn any_layers_are_flattened_as_the_plain_model_does() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut hidden = 0;
    for case in 0..4_000 {
        let layers: Vec<Vec<String>> = (0..=numbers.next(4))
            .map(|_| (0..numbers.next(12)).map(|_| name(&mut numbers)).collect())
            .collect();
        let listings: Vec<_> = layers
            .iter()
            .map(|names| layer(&names.iter().map(String::as_str).collect::<Vec<_>>()))
            .collect();
        let tree = Tree::flatten(&listings);
        let shown = |version: &Version| {
            // The content of a directory is nothing that anybody reads.
            let content = version.content.filter(|_| version.entry.is_some());
            let content = content.map(|place| (place.layer, place.entry));
            let entry = version.entry;
            (
                tree.path(version.node),
                (version.layer, entry, version.is_directory, content),
            )
        };
        let walked: Vec<_> = tree.walk().map(shown).collect();
        let expected = model(&listings);
        assert_eq!(walked.len(), expected.len(), "case {case}: {layers:?}");
        let walked: BTreeMap<_, _> = walked.into_iter().collect();
        assert_eq!(walked, expected, "case {case}: {layers:?}");
        // Each entry that stands at a path is there once, visible or hidden by an entry of its own layer or a later.
        let entries = listings.iter().flat_map(Listing::entries);
        let placed = entries.filter(|view| match clean(view.name) {
            Cleaned::Path(path) => marker(&path).is_none(),
            Cleaned::Outside => false,
        });
        let versions = tree.all().filter(|version| version.entry.is_some());
        assert_eq!(versions.count(), placed.count(), "case {case}: {layers:?}");
        for version in tree.hidden() {
            let by = version.hidden.expect("it is hidden");
            assert!(by.layer >= version.layer, "case {case}: {layers:?}");
            hidden += 1;
        }
    }
    assert!(hidden > 10_000, "{hidden}: the names do not meet");
}
