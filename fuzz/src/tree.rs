//! What the targets of listings and of layers over each other hold.

use std::collections::BTreeMap;

use waybill_blobs::listing::{Kind, Listing};
use waybill_blobs::path::{self, Cleaned};
use waybill_blobs::tar::Entry;
use waybill_blobs::tree::{Changed, DEPTH, Marker, Reason, Tree, Version, marker};

/// What is read as a listing is one: it is written as the same bytes or as fewer, and read again; it has no more
/// entries than bytes, and flattens.
pub fn listing(bytes: &[u8]) {
    let Ok(listing) = Listing::from_bytes(bytes) else {
        return;
    };
    let written = listing.to_bytes();
    assert_eq!(Listing::from_bytes(&written).as_ref(), Ok(&listing));
    assert!(written.len() <= bytes.len());
    assert_eq!(listing.entries().count(), listing.len());
    assert!(listing.len() < bytes.len());
    assert!(listing.totals().entries >= listing.len() as u64);
    check(&[listing]);
}

/// Lines as entries: the byte of a type and a name, for links behind `>` what they point at. An empty line begins the
/// next layer.
pub fn layer_merge(text: &[u8]) {
    check(&layers(text));
}

/// Reads such lines. Files whose names end alike, and that are as long, have the same content.
pub(crate) fn layers(text: &[u8]) -> Vec<Listing> {
    let mut layers = vec![Listing::new()];
    for line in text.split(|byte| *byte == b'\n') {
        let Some((kind, name)) = line.split_first() else {
            layers.push(Listing::new());
            continue;
        };
        let mut parts = name.splitn(2, |byte| *byte == b'>');
        let entry = Entry {
            kind: *kind,
            name: parts.next().unwrap_or_default().to_vec(),
            link: parts.next().unwrap_or_default().to_vec(),
            size: i64::try_from(line.len()).expect("it is short"),
            ..Entry::default()
        };
        let layer = layers.last_mut().expect("one");
        layer.push(&entry);
        if Kind::of(entry.kind) == Kind::File {
            let mut digest = [entry.name.last().copied().unwrap_or(0); 32];
            digest[..8].copy_from_slice(&entry.size.to_le_bytes());
            layer.hash_content(digest);
        }
    }
    layers
}

/// Layers over each other are what the specification says, and every entry is somewhere.
fn check(layers: &[Listing]) {
    let tree = Tree::flatten(layers);
    let visible: BTreeMap<_, _> = tree
        .walk()
        .map(|version| (tree.path(version.node), version))
        .collect();
    assert_eq!(visible.len(), tree.walk().count(), "no path is there twice");
    let expected = model(layers);
    let shown = |version: &Version| (version.layer, version.entry, version.is_directory);
    let found = visible
        .iter()
        .map(|(path, version)| (path.clone(), shown(version)));
    assert_eq!(found.collect::<Files>(), expected);

    let placed = tree.all().filter(|version| version.entry.is_some()).count();
    let is_mark = |name: &[u8]| match path::clean(name) {
        Cleaned::Path(path) => {
            matches!(marker(&path), Some(Marker::Whiteout(_) | Marker::Opaque(_)))
        }
        Cleaned::Outside => false,
    };
    let others = layers
        .iter()
        .flat_map(|layer| layer.entries())
        .filter(|entry| entry.kind == Kind::GlobalHeader || is_mark(entry.name))
        .count();
    let entries: usize = layers.iter().map(Listing::len).sum();
    // A mark that lies too deep, or is a global header, is told once: as what stands nowhere, or as neither.
    assert!(placed + tree.misplaced().len() <= entries);
    assert!(
        placed + tree.misplaced().len() + others >= entries,
        "an entry is lost"
    );

    for version in tree.all() {
        let path = tree.path(version.node);
        assert_eq!(tree.find(&path), Some(version.node));
        let Some(hidden) = version.hidden else {
            let is_root = version.node == Tree::ROOT;
            assert!(is_root || visible.get(&path) == Some(&version));
            continue;
        };
        assert!(hidden.layer >= version.layer);
        let by = layers[hidden.layer as usize].entry(hidden.entry as usize);
        assert!(by.is_some(), "an entry hid it");
        if hidden.reason == Reason::Duplicate {
            assert_eq!(hidden.layer, version.layer);
        }
        if matches!(hidden.reason, Reason::Whiteout | Reason::Opaque) {
            assert!(hidden.layer > version.layer, "of a lower layer only");
        }
    }
    let sizes = tree.sizes(layers);
    let sizes_written = layers.iter().flat_map(Listing::entries);
    let all = sizes_written.fold(0_u64, |sum, entry| sum.saturating_add(entry.size));
    assert!(sizes[Tree::ROOT.number()] <= all);
    let last = u32::try_from(layers.len() - 1).expect("few");
    for change in tree.changes(last) {
        let now = tree.visible(change.node);
        match change.changed {
            Changed::Removed => assert!(now.is_none()),
            Changed::Added | Changed::Modified => {
                assert_eq!(now.map(|version| version.layer), Some(last));
            }
        }
    }
}

/// What is visible, by path: of which layer, which entry, and whether it is a directory.
type Files = BTreeMap<Vec<u8>, (u32, Option<u32>, bool)>;

/// The specification in its simplest form: layer by layer, what is marked is removed, then entries are written.
fn model(layers: &[Listing]) -> Files {
    let mut files = Files::new();
    for (layer, listing) in (0..).zip(layers) {
        let mut added = Vec::new();
        for entry in listing.entries() {
            let Cleaned::Path(path) = path::clean(entry.name) else {
                continue;
            };
            let is_directory = entry.kind == Kind::Directory;
            let is_too_deep = path.split(|byte| *byte == b'/').count() > DEPTH;
            if entry.kind == Kind::GlobalHeader || entry.name.is_empty() || is_too_deep {
                continue;
            }
            match marker(&path) {
                Some(Marker::Whiteout(path)) => {
                    remove_below(&mut files, &path);
                    files.remove(&path);
                }
                Some(Marker::Opaque(path)) => remove_below(&mut files, &path),
                Some(Marker::Invalid | Marker::Aufs) => {}
                None if path.is_empty() => {}
                None => added.push((path, entry.index, is_directory)),
            }
        }
        for (path, index, is_directory) in added {
            let ends = (0..path.len()).filter(|place| path[*place] == b'/');
            for end in ends {
                let directory = &path[..end];
                if files
                    .get(directory)
                    .is_none_or(|(.., is_directory)| !is_directory)
                {
                    files.insert(directory.to_vec(), (layer, None, true));
                }
            }
            let before = files.get(&path);
            if !is_directory || before.is_none_or(|(.., is_directory)| !is_directory) {
                remove_below(&mut files, &path);
            }
            let index = u32::try_from(index).expect("few");
            files.insert(path, (layer, Some(index), is_directory));
        }
    }
    files
}

fn remove_below(files: &mut Files, directory: &[u8]) {
    files.retain(|path, _| {
        let rest = path.strip_prefix(directory);
        let is_below = rest.is_some_and(|rest| directory.is_empty() || rest.starts_with(b"/"));
        !is_below
    });
}
