//! The sharp edges of layers, each by its number in the design, with its right answer: what is shown, what is hidden,
//! what is found. Those about registries and configs are tested where these are.

use waybill_blobs::finding::Finding;
use waybill_blobs::listing::{Kind, Listing};
use waybill_blobs::path::escape;
use waybill_blobs::sniff::Compression;
use waybill_blobs::tree::{Tree, entry, held};
use waybill_blobs::unpack::UnpackError;
use waybill_core::digest::Digest;

use super::archives::{Header, file, pax};
use super::findings::{of_layers, of_stream, read, text};
use super::flatten::{entry as entry_of, hidden, layer, visible};
use super::unpacking::{gzip, zstd};

fn marked(names: &[&str]) -> Listing {
    let mut listing = Listing::new();
    for name in names {
        let mut entry = entry_of(name);
        if name.contains(".wh.") {
            entry.size = 0;
        }
        listing.push(&entry);
    }
    listing
}

/// What layers show, hide, and have found in them.
fn of(layers: &[&[&str]]) -> (String, String, Vec<Finding>) {
    let layers: Vec<_> = layers.iter().map(|names| marked(names)).collect();
    let (shown, gone) = (visible(&layers).join(" "), hidden(&layers).join(", "));
    (shown, gone, of_layers(&layers))
}

fn says(found: &[Finding], words: &str) {
    let said: Vec<_> = found.iter().map(|finding| &*finding.message).collect();
    assert!(
        said.iter().any(|said| said.contains(words)),
        "{words:?} in {said:?}"
    );
}

#[test]
fn edge_1_a_whiteout_and_then_the_file() {
    let (shown, gone, found) = of(&[&["f"], &[".wh.f", "f"]]);
    assert_eq!((&*shown, &*gone), ("f@1", "f@0 whiteout"));
    says(&found, "crane export shows no f");
}

#[test]
fn edge_2_a_file_and_then_its_whiteout() {
    let (shown, _, found) = of(&[&["f"], &["f", ".wh.f"]]);
    assert_eq!(shown, "f@1");
    says(&found, "containerd's overlay refuses this layer");
    says(&found, "moby delete it");
}

#[test]
fn edge_3_a_directory_deleted_and_made_anew() {
    let (shown, _, found) = of(&[&["a/", "a/x"], &[".wh.a", "a/", "a/y"]]);
    assert_eq!(shown, "a/@1 a/y@1");
    says(
        &found,
        "on containerd's overlay 1 of the layers below stay in it",
    );
}

#[test]
fn edge_4_an_opaque_marker_behind_implicit_directories() {
    let (shown, _, found) = of(&[&["a/", "a/old"], &["a/b/c/new", "a/.wh..wh..opq"]]);
    assert_eq!(shown, "a/@0 a/b/~@1 a/b/c/~@1 a/b/c/new@1");
    says(&found, "delete these where they unpack into one directory");
}

#[test]
fn edge_5_an_opaque_root() {
    let (shown, gone, found) = of(&[&["x", "d/", "d/y"], &["new", ".wh..wh..opq"]]);
    assert_eq!(
        (&*shown, &*gone),
        ("new@1", "x@0 opaque, d@0 opaque, d/y@0 opaque")
    );
    assert_eq!(text(&found), "opaque-root@1");
}

#[test]
fn edge_6_whiteouts_of_no_name() {
    let (shown, gone, found) = of(&[&["a/", "a/x"], &["a/.wh.", "a/.wh..", "a/b/.wh..."]]);
    assert_eq!((&*shown, &*gone), ("a/@0 a/x@0", ""));
    assert_eq!(
        text(&found),
        "whiteout-invalid@1 a/.wh., whiteout-invalid@1 a/.wh.., whiteout-invalid@1 a/b/.wh..."
    );
    says(&found, "moby's vfs and crane export delete a");
}

#[test]
fn edge_7_one_path_under_two_names() {
    let (shown, gone, found) = of(&[&["f", "./f"]]);
    assert_eq!((&*shown, &*gone), ("f@0", "f@0 duplicate"));
    assert_eq!(text(&found), "duplicate-path@0 f");
    let listing = marked(&["f", "./f"]);
    let names: Vec<_> = listing.entries().map(|entry| escape(entry.name)).collect();
    assert_eq!(names, ["f", "./f"], "both are listed as they are written");
    let layers = [listing];
    let tree = Tree::flatten(&layers);
    assert_eq!(
        tree.walk().next().and_then(|it| it.entry),
        Some(1),
        "the last wins"
    );
}

#[test]
fn edge_8_names_that_leave_the_root_or_seem_to() {
    let (shown, _, found) = of(&[&["../x", "/y", "a/../z"]]);
    assert_eq!(shown, "y@0 z@0");
    let severities: Vec<_> = found.iter().map(|it| it.severity().name()).collect();
    assert_eq!(
        text(&found),
        "name-outside@0 ../x, name-absolute@0 y, name-not-clean@0 z"
    );
    assert_eq!(severities, ["error", "note", "note"]);
}

#[test]
fn edge_9_a_path_through_a_link_of_a_lower_layer() {
    let (shown, gone, found) = of(&[&["usr/lib/", "lib -> usr/lib"], &["lib/b"]]);
    assert_eq!(shown, "lib/~@1 lib/b@1 usr/~@0 usr/lib/@0");
    assert_eq!(gone, "lib@0 parent-replaced");
    assert_eq!(text(&found), "through-link@1 lib");
}

#[test]
fn edge_10_a_hard_link_to_a_lower_layer() {
    let layers = [layer(&["file"]), layer(&["g => file"])];
    let tree = Tree::flatten(&layers);
    let link = tree
        .visible(tree.find(b"g").expect("it is there"))
        .expect("it is visible");
    let content = entry(&layers, link.content.expect("its target is there"));
    assert_eq!(
        content.map(|entry| held(&entry)),
        Some(4),
        "the size of the target"
    );
    says(
        &of_layers(&layers),
        "containerd's overlay refuses this layer",
    );
}

#[test]
fn edge_11_hard_links_that_lead_nowhere() {
    for names in [
        &["g => f", "f"][..],
        &["g => g"],
        &["d/", "g => d"],
        &["g => h", "h => g"],
    ] {
        let layers = [layer(names)];
        let tree = Tree::flatten(&layers);
        let link = tree.visible(tree.find(b"g").expect("it is there"));
        assert_eq!(link.map(|link| link.content), Some(None), "{names:?}");
        let number = tree.find(b"g").expect("it is there").number();
        assert_eq!(tree.sizes(&layers)[number], 0, "{names:?}");
        assert!(
            text(&of_layers(&layers)).starts_with("hard-link-broken@0 g"),
            "{names:?}"
        );
    }
}

#[test]
fn edge_12_a_hard_link_keeps_what_its_target_was() {
    let layers = [layer(&["f", "g => f", "f"])];
    let tree = Tree::flatten(&layers);
    let content = |path: &[u8]| {
        let node = tree.find(path).expect("it is there");
        tree.visible(node)
            .and_then(|it| it.content)
            .map(|place| place.entry)
    };
    assert_eq!((content(b"f"), content(b"g")), (Some(2), Some(0)));
    says(&of_layers(&layers), "crane export shows that for both");
}

#[test]
fn edge_13_a_layer_in_estargz() {
    // As estargz writes it: the end of the archive, then the table, a member of its own.
    let content = [
        file(".no.prefetch.landmark", b"\x0f"),
        file("bin/app", b"app"),
        vec![0; 1024],
    ]
    .concat();
    let table = [file("stargz.index.json", b"{}"), vec![0; 1024]].concat();
    let footer = gzip(b"");
    let bytes = [gzip(&content), gzip(&table), footer].concat();
    let (found, listing) = read(&bytes);
    let end = found.archive.expect("it is whole");
    assert_eq!(end.trailing, table.len() as u64);
    let layers = [listing];
    let tree = Tree::flatten(&layers);
    let format: Vec<_> = tree
        .walk()
        .map(|it| (escape(&tree.path(it.node)), it.is_format))
        .collect();
    assert_eq!(
        format,
        [
            (".no.prefetch.landmark".to_owned(), true),
            ("bin".to_owned(), false),
            ("bin/app".to_owned(), false),
        ]
    );
    assert_eq!(text(&of_stream(&bytes, None)), "");
}

#[test]
fn edge_14_zstd_with_skippable_frames_two_frames_and_a_large_window() {
    let archive = [file("f", b"content"), vec![0; 1024]].concat();
    let (Some(first), Some(second)) = (
        zstd(&archive[..700], &["-3"]),
        zstd(&archive[700..], &["-3"]),
    ) else {
        return;
    };
    let skippable = b"\x50\x2a\x4d\x18\x05\0\0\0notes".to_vec();
    let bytes = [first, skippable, second].concat();
    let (found, listing) = read(&bytes);
    assert_eq!((found.compression, listing.len()), (Compression::Zstd, 1));
    assert_eq!(found.diff_id, Ok(Digest::sha256(&archive)));
    assert_eq!(text(&of_stream(&bytes, None)), "");
    let large: Vec<u8> = (0_u32..9_000_000).flat_map(u32::to_le_bytes).collect();
    let packed = zstd(&large, &["-1", "--long=27"]).expect("as before");
    let (found, listing) = read(&packed);
    assert_eq!(
        found.digest,
        Digest::sha256(&packed),
        "the digest is checked"
    );
    assert_eq!(found.diff_id, Err(UnpackError::Window(128 << 20)));
    assert!(listing.is_empty());
    says(&of_stream(&packed, None), "it needs a window of 128 MiB");
}

#[test]
fn edge_15_gzip_with_something_behind_it_and_cut_short() {
    let archive = [file("f", b"content"), file("g", &[7; 5000]), vec![0; 1024]].concat();
    let packed = gzip(&archive);
    for (behind, words) in [
        (&[0_u8; 8][..], "8 bytes behind"),
        (b"garbage", "7 bytes behind"),
    ] {
        let bytes = [&packed[..], behind].concat();
        let (found, listing) = read(&bytes);
        assert_eq!(found.digest, Digest::sha256(&bytes));
        assert_eq!(
            (listing.len(), &found.diff_id),
            (2, &Ok(Digest::sha256(&archive)))
        );
        says(&of_stream(&bytes, None), words);
    }
    let cut = &packed[..packed.len() - 4];
    let (found, listing) = read(cut);
    assert_eq!(found.digest, Digest::sha256(cut));
    assert_eq!(
        (listing.len(), found.diff_id),
        (2, Err(UnpackError::EndsEarly))
    );
    says(&of_stream(cut, None), "end early");
}

#[test]
fn edge_16_headers_that_are_read_in_two_ways() {
    let long = Header::new("././@LongLink", b'L').gnu().with(b"gnu/name\0");
    let archive = [
        pax(b'x', &[("size", "3")]),
        Header::new("sized", b'0').octal(124, 12, 999).then(b"abc"),
        long,
        pax(b'x', &[("path", "pax/name")]),
        Header::new("f", b'0').gnu().with(b"1"),
        pax(b'g', &[("path", "global")]),
        file("behind-global", b""),
        Header::new("gnu", b'0')
            .gnu()
            .set(345, b"no number")
            .with(b"4"),
        Header::new("l", b'2')
            .set(157, b"target")
            .octal(124, 12, 6)
            .then(b""),
        file("last", b""),
        vec![0; 1024],
    ]
    .concat();
    let (_, listing) = read(&archive);
    let names: Vec<_> = listing.entries().map(|entry| escape(entry.name)).collect();
    // Go's answers; the global header keeps its own name.
    assert_eq!(
        (&names[..2], &names[3..]),
        (
            &["sized".to_owned(), "gnu/name".to_owned()][..],
            &["behind-global", "no number/gnu", "l", "last"].map(str::to_owned)[..]
        )
    );
    assert_eq!(listing.entry(0).map(|entry| entry.size), Some(3));
    let found = of_stream(&archive, None);
    assert_eq!(
        text(&found),
        "pax-size@0 sized, gnu-name@0 gnu/name, global-header@0, gnu-name@0 no number/gnu, size-without-data@0 l"
    );
    says(&found, "GNU tar reads pax/name");
    says(&found, "GNU tar reads gnu");
}

#[test]
fn edge_17_a_file_with_a_slash() {
    let archive = [Header::new("a/", b'0').with(b"x"), vec![0; 1024]].concat();
    let (_, listing) = read(&archive);
    assert_eq!(listing.entry(0).map(|entry| entry.kind), Some(Kind::File));
    assert_eq!(visible(&[listing]).join(" "), "a@0");
    assert_eq!(text(&of_stream(&archive, None)), "file-with-slash@0 a");
}

#[test]
fn edge_18_a_media_type_that_does_not_fit() {
    const GZIP: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    let archive = [file("f", b"content"), vec![0; 1024]].concat();
    let packed = zstd(&archive, &["-3"]);
    for bytes in [Some(archive.clone()), packed].into_iter().flatten() {
        let (found, listing) = read(&bytes);
        assert_eq!((listing.len(), found.digest), (1, Digest::sha256(&bytes)));
        assert_eq!(text(&of_stream(&bytes, Some(GZIP))), "media-type-differs@0");
    }
}

#[test]
fn edge_23_a_million_entries_and_very_long_names() {
    let name = format!("{}x", "a/".repeat(100));
    let mut listing = Listing::new();
    let mut whiteouts = Listing::new();
    let (mut file, mut whiteout) = (entry_of("f"), entry_of("f"));
    (file.size, whiteout.size) = (1, 0);
    for number in 0..1_000_050_u32 {
        file.name = format!("{name}{number}").into_bytes();
        listing.push(&file);
        whiteout.name = format!(".wh.{number}").into_bytes();
        whiteouts.push(&whiteout);
    }
    let mut long = Listing::new();
    file.name = vec![b'n'; 1 << 20];
    long.push(&file);
    assert_eq!(
        (long.len(), long.totals().bytes, long.totals().left_out),
        (0, 1, 1)
    );
    assert!(listing.len() <= 1_000_000);
    let totals = listing.totals();
    assert_eq!((totals.entries, totals.bytes), (1_000_050, 1_000_050));
    assert_eq!(totals.left_out, 1_000_050 - listing.len() as u64);
    let left_out = totals.left_out;
    let found = of_layers(&[listing, whiteouts]);
    says(
        &found,
        &format!("{left_out} entries are counted and not listed"),
    );
    says(&found, "999900 more of these are not listed");
}

#[test]
fn edge_24_the_same_blob_twice() {
    let (shown, gone, found) = of(&[&["a/", "a/f"], &["a/", "a/f"]]);
    assert_eq!(
        (&*shown, &*gone),
        ("a/@1 a/f@1", "a@0 replaced, a/f@0 replaced")
    );
    assert_eq!(text(&found), "");
}
