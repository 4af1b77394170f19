//! Layers over each other, row by row: what is visible at the end, and what hid the rest.

use waybill_blobs::listing::Listing;
use waybill_blobs::path::escape;
use waybill_blobs::tar::Entry;
use waybill_blobs::tree::{Changed, Nowhere, Tree};

/// A layer of names: `x/` is a directory, `x -> y` a symbolic link, `x => y` a hard link, all else a file of as many
/// bytes as its name has.
pub(crate) fn layer(names: &[&str]) -> Listing {
    let mut listing = Listing::new();
    for name in names {
        listing.push(&entry(name));
    }
    listing
}

pub(crate) fn entry(text: &str) -> Entry {
    let (name, link, kind) = if let Some((name, link)) = text.split_once(" -> ") {
        (name, link, b'2')
    } else if let Some((name, link)) = text.split_once(" => ") {
        (name, link, b'1')
    } else if text.ends_with('/') {
        (text, "", b'5')
    } else {
        (text, "", b'0')
    };
    Entry {
        name: name.as_bytes().to_vec(),
        link: link.as_bytes().to_vec(),
        kind,
        mode: 0o755,
        size: if kind == b'0' {
            i64::try_from(name.len()).expect("it is short")
        } else {
            0
        },
        ..Entry::default()
    }
}

/// What is visible, as `PATH@LAYER`, directories with a `/`; what nobody wrote is marked with `~`.
pub(crate) fn visible(layers: &[Listing]) -> Vec<String> {
    let tree = Tree::flatten(layers);
    let shown = tree.walk().map(|version| {
        let path = escape(&tree.path(version.node));
        let slash = if version.is_directory { "/" } else { "" };
        let implied = if version.entry.is_none() { "~" } else { "" };
        format!("{path}{slash}{implied}@{}", version.layer)
    });
    shown.collect()
}

/// What is hidden, as `PATH@LAYER REASON`.
pub(crate) fn hidden(layers: &[Listing]) -> Vec<String> {
    let tree = Tree::flatten(layers);
    let hidden = tree.hidden().map(|version| {
        let reason = version.hidden.expect("it is hidden").reason.name();
        let path = escape(&tree.path(version.node));
        format!("{path}@{} {reason}", version.layer)
    });
    hidden.collect()
}

#[test]
fn layers_are_applied_by_the_specification() {
    type Row = (
        &'static [&'static [&'static str]],
        &'static str,
        &'static str,
    );
    let rows: &[Row] = &[
        (&[&["f"], &[".wh.f"]], "", "f@0 whiteout"),
        (&[&["f"], &[".wh.f", "f"]], "f@1", "f@0 whiteout"),
        (&[&["f"], &["f", ".wh.f"]], "f@1", "f@0 whiteout"),
        (
            &[&["a/", "a/x"], &[".wh.a", "a/", "a/y"]],
            "a/@1 a/y@1",
            "a@0 whiteout, a/x@0 whiteout",
        ),
        (
            &[&["a/", "a/old"], &["a/b/c/new", "a/.wh..wh..opq"]],
            "a/@0 a/b/~@1 a/b/c/~@1 a/b/c/new@1",
            "a/old@0 opaque",
        ),
        (
            &[&["a/", "a/old"], &["a/", "a/.wh..wh..opq", "a/new"]],
            "a/@1 a/new@1",
            "a@0 replaced, a/old@0 opaque",
        ),
        (
            &[&["x", "d/", "d/y"], &[".wh..wh..opq", "new"]],
            "new@1",
            "x@0 opaque, d@0 opaque, d/y@0 opaque",
        ),
        (&[&["f", "./f"]], "f@0", "f@0 duplicate"),
        (
            &[&["a/", "a/x"], &["a/.wh.", "a/.wh..", "a/b/.wh..."]],
            "a/@0 a/x@0",
            "",
        ),
        (
            &[&["a/", "a/x"], &[".wh.a/"]],
            "",
            "a@0 whiteout, a/x@0 whiteout",
        ),
        (&[&["a"], &[".wh.a/y"]], ".wh.a/~@1 .wh.a/y@1 a@0", ""),
        (&[&["../x", "a/../../x"]], "", ""),
        (&[&["/etc/x", "a/../y"]], "etc/~@0 etc/x@0 y@0", ""),
        (
            &[&["usr/lib/", "usr/lib/a", "lib -> usr/lib"], &["lib/b"]],
            "lib/~@1 lib/b@1 usr/~@0 usr/lib/@0 usr/lib/a@0",
            "lib@0 parent-replaced",
        ),
        (
            &[&["usr/lib/", "lib -> usr/lib"], &["lib/", "lib/b"]],
            "lib/@1 lib/b@1 usr/~@0 usr/lib/@0",
            "lib@0 replaced",
        ),
        (
            &[&["a/", "a/x"], &["a"]],
            "a@1",
            "a@0 replaced, a/x@0 parent-replaced",
        ),
        (&[&["a"], &["a/x"]], "a/~@1 a/x@1", "a@0 parent-replaced"),
        (&[&["a/", "a/x"], &["a/"]], "a/@1 a/x@0", "a@0 replaced"),
        // A whiteout never hides what its own layer has, nor what comes later.
        (&[&[".wh.f", "f"], &["g"]], "f@0 g@1", ""),
        // The same layer twice counts twice.
        (&[&["f"], &["f"]], "f@1", "f@0 replaced"),
        // A file becomes a directory and a file again, in one layer.
        (
            &[&["a", "a/x", "a", "b/y", "b", "b/z"]],
            "a@0 b/~@0 b/z@0",
            "a@0 parent-replaced, a@0 replaced, a/x@0 parent-replaced, \
             b@0 replaced, b/y@0 parent-replaced, b@0 parent-replaced",
        ),
        (&[&["f"], &[".wh.f"], &["f"]], "f@2", "f@0 whiteout"),
        // Nothing is deleted twice, and nothing through a link.
        (
            &[&["d/", "d/x", "l -> d"], &["l/.wh.x"]],
            "d/@0 d/x@0 l@0",
            "",
        ),
        (
            &[&["d/", "d/x"], &[".wh.d"], &[".wh.d", "d/.wh.x"]],
            "",
            "d@0 whiteout, d/x@0 whiteout",
        ),
    ];
    for (names, shown, gone) in rows {
        let layers: Vec<_> = names.iter().map(|names| layer(names)).collect();
        assert_eq!(visible(&layers).join(" "), *shown, "{names:?}");
        assert_eq!(hidden(&layers).join(", "), *gone, "{names:?}");
    }
}

#[test]
fn a_hard_link_has_the_content_that_its_target_had_at_that_moment() {
    let content = |layers: &[Listing], path: &[u8]| {
        let tree = Tree::flatten(layers);
        let node = tree.find(path).expect("it is there");
        let content = tree.visible(node).expect("it is visible").content;
        content.map(|place| (place.layer, place.entry))
    };
    // f, g => f, f again: g keeps what f was.
    let layers = [layer(&["f", "g => f", "f"])];
    assert_eq!(content(&layers, b"g"), Some((0, 0)));
    assert_eq!(content(&layers, b"f"), Some((0, 2)));
    // The old content is still there, though its name is not: with both it is counted once.
    let sizes = Tree::flatten(&layers).sizes(&layers);
    assert_eq!(sizes[0], 2);
    // To a lower layer, through another link, and to what is hidden at the end.
    let layers = [layer(&["f"]), layer(&["g => f", "h => /g", ".wh.f"])];
    assert_eq!(
        content(&layers, b"g"),
        None,
        "f is gone before the layer's own entries come"
    );
    let layers = [
        layer(&["f"]),
        layer(&["g => f", "h => ./g"]),
        layer(&[".wh.f"]),
    ];
    assert_eq!(content(&layers, b"h"), Some((0, 0)));
    // To what AUFS kept at the root, by the last part of its name: no other layer has it.
    let names = &[
        ".wh..wh.plnk/1.2",
        "g => .wh..wh.plnk/1.2",
        "h => /.wh..wh.plnk/x/1.2",
    ];
    let layers = [layer(names), layer(&["i => .wh..wh.plnk/1.2"])];
    assert_eq!(content(&layers, b"g"), Some((0, 0)));
    assert_eq!(content(&layers, b"h"), Some((0, 0)));
    assert_eq!(content(&layers, b"i"), None);
    assert_eq!(Tree::flatten(&layers).sizes(&layers)[0], 16);
    // Before its target, to itself, to a directory, out of the root, to nothing.
    for names in [
        &["g => f", "f"][..],
        &["g => g"],
        &["g", "g => g"],
        &["d/", "g => d"],
        &["g => ../f", "f"],
        &["g => "],
        &["h => g", "g => h"],
        &["g => .wh..wh.plnk/1.2", ".wh..wh.plnk/1.2"],
        &[".wh..wh.plnk/", "g => .wh..wh.plnk/"],
    ] {
        assert_eq!(content(&[layer(names)], b"g"), None, "{names:?}");
    }
}

#[test]
fn what_stands_nowhere_is_named() {
    let deep = "d/".repeat(600);
    let names = [
        "../x",
        "a/.wh.",
        ".wh..wh.plnk/1.2",
        ".wh..wh.aufs/a/b",
        &deep,
        "ok",
    ];
    let mut layer = layer(&names);
    layer.push(&Entry::default());
    layer.push(&Entry {
        kind: b'g',
        name: b"pax_global_header".to_vec(),
        ..Entry::default()
    });
    let tree = Tree::flatten(&[layer]);
    let why: Vec<_> = tree.misplaced().iter().map(|it| it.reason).collect();
    let expected = [
        Nowhere::Outside,
        Nowhere::InvalidWhiteout,
        Nowhere::Aufs,
        Nowhere::Aufs,
        Nowhere::TooDeep,
        Nowhere::NoName,
    ];
    assert_eq!(why, expected);
    assert_eq!(tree.walk().count(), 1);
}

#[test]
fn one_layer_adds_changes_and_removes() {
    let layers = [
        layer(&["etc/", "etc/a", "etc/b", "etc/c", "var/", "var/x"]),
        layer(&["etc/b", "etc/.wh.a", "etc/d", ".wh.var", "new/x"]),
        layer(&["etc/d", "etc/.wh.c", "etc/c"]),
    ];
    let tree = Tree::flatten(&layers);
    let changes = |layer| {
        let changes = tree.changes(layer).into_iter().map(|change| {
            let mark = match change.changed {
                Changed::Added => "+",
                Changed::Modified => "~",
                Changed::Removed => "-",
            };
            format!("{mark}{}", escape(&tree.path(change.node)))
        });
        changes.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(changes(0), "+etc +etc/a +etc/b +etc/c +var +var/x");
    assert_eq!(changes(1), "-etc/a ~etc/b -var -var/x +etc/d +new/x");
    assert_eq!(changes(2), "~etc/c ~etc/d");
}

#[test]
fn a_format_s_own_files_are_told_from_content() {
    let tree = Tree::flatten(&[layer(&[
        "stargz.index.json",
        ".no.prefetch.landmark",
        "a/stargz.index.json",
    ])]);
    let format: Vec<_> = tree.walk().map(|version| version.is_format).collect();
    assert_eq!(format, [true, false, false, true]);
}
