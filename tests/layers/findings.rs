//! What is found in layers, row by row: where engines differ, names, types, headers, streams.

use std::fmt::Write as _;

use waybill_blobs::finding::{Code, Finding, OF_A_CODE, Stream, find};
use waybill_blobs::layer::{Found, Layer};
use waybill_blobs::listing::Listing;
use waybill_blobs::path::escape;
use waybill_blobs::tar::{Entry, Event, Time};
use waybill_blobs::tree::Tree;
use waybill_core::digest::Algorithm;
use waybill_core::finding::Severity;
use waybill_core::media_type::MediaType;

use super::archives::{Header, file, pax};
use super::flatten::layer;
use super::unpacking::{gzip, zstd};

pub(crate) fn of_layers(layers: &[Listing]) -> Vec<Finding> {
    find(&Tree::flatten(layers), layers, &[])
}

/// As `CODE@LAYER PATH`, in one line.
pub(crate) fn text(findings: &[Finding]) -> String {
    findings.iter().fold(String::new(), |mut text, finding| {
        let comma = if text.is_empty() { "" } else { ", " };
        let layer = finding.layer.expect("all are about one layer");
        let (name, path) = (finding.code.rule().name, escape(&finding.path));
        let path = if path.is_empty() {
            path
        } else {
            format!(" {path}")
        };
        let _ = write!(text, "{comma}{name}@{layer}{path}");
        text
    })
}

/// Layers, what is found in them, and whom the words name.
type Row = (
    &'static [&'static [&'static str]],
    &'static str,
    &'static [&'static str],
);

/// Each row of layers.md §1.3, in its order, and rows near it where nothing differs.
const ENGINES: &[Row] = &[
    (&[&["f"], &[".wh.f"]], "", &[]),
    (
        &[&["f"], &[".wh.f", "f"]],
        "whiteout-before-file@1 f",
        &["crane export shows no f"],
    ),
    (
        &[&["f"], &["f", ".wh.f"]],
        "whiteout-after-file@1 f",
        &[
            "containerd's overlay refuses",
            "moby delete it",
            "crane export and dive show it",
        ],
    ),
    (
        &[&["a/", "a/x"], &["a/y", ".wh.a"]],
        "whiteout-after-file@1 a",
        &[],
    ),
    (
        &[&["a/", "a/x"], &[".wh.a", "a/", "a/y"]],
        "whiteout-before-file@1 a, directory-after-whiteout@1 a",
        &[
            "on containerd's overlay 1 of the layers below",
            "crane export shows nothing",
        ],
    ),
    (
        &[&["a/", "a/x"], &[".wh.a", "a/y"]],
        "whiteout-before-file@1 a, whiteout-before-content@1 a",
        &[],
    ),
    // The lower directory was empty, or no directory: nothing can stay in it.
    (
        &[&["a/"], &[".wh.a", "a/", "a/y"]],
        "whiteout-before-file@1 a",
        &[],
    ),
    (
        &[&["a"], &[".wh.a", "a/", "a/y"]],
        "whiteout-before-file@1 a",
        &[],
    ),
    (
        &[&["a/", "a/old"], &["a/b/c/new", "a/.wh..wh..opq"]],
        "opaque-after-content@1 a, opaque-directory@1 a",
        &[
            "containerd and moby delete these",
            "containerd's overlay and crane export keep",
        ],
    ),
    // With entries for all directories, or the marker first, they stay.
    (
        &[
            &["a/", "a/old"],
            &["a/", "a/b/", "a/b/new", "a/.wh..wh..opq"],
        ],
        "opaque-directory@1 a",
        &["dive still shows"],
    ),
    (
        &[&["a/", "a/old"], &["a/b/new", "a/b/", "a/.wh..wh..opq"]],
        "opaque-directory@1 a",
        &[],
    ),
    (
        &[&["a/", "a/old"], &["a/.wh..wh..opq", "a/b/c/new"]],
        "opaque-directory@1 a",
        &[],
    ),
    (
        &[&["a/", "a/old"], &["a/.wh..wh..opq", "a/new"]],
        "opaque-directory@1 a",
        &["dive still shows"],
    ),
    // It hides nothing, so nobody differs.
    (&[&["b"], &["a/", "a/.wh..wh..opq", "a/new"]], "", &[]),
    (
        &[&["x"], &[".wh..wh..opq", "new"]],
        "opaque-root@1",
        &[
            "containerd's overlay and dive keep",
            "moby and crane export do not",
        ],
    ),
    (
        &[&["f", "f"]],
        "duplicate-path@0 f",
        &[
            "crane export shows the first",
            "dive counts the size of each",
        ],
    ),
    (&[&["f", "./f"]], "duplicate-path@0 f", &[]),
    (
        &[&["a/", "a", "./a"]],
        "duplicate-path@0 a, duplicate-path@0 a",
        &[],
    ),
    (
        &[&["a/", "./a/"]],
        "duplicate-directory@0 a",
        &["crane export takes the first"],
    ),
    (
        &[&["a/", "a/x"], &["a/.wh."]],
        "whiteout-invalid@1 a/.wh.",
        &[
            "containerd refuses",
            "moby's vfs and crane export delete a",
            "dive keeps",
        ],
    ),
    (
        &[&["a/", "a/x"], &["a/.wh.."]],
        "whiteout-invalid@1 a/.wh..",
        &["delete a"],
    ),
    (
        &[&["a/", "a/x"], &["a/b/.wh..."]],
        "whiteout-invalid@1 a/b/.wh...",
        &["delete a,"],
    ),
    (
        &[&[".wh."]],
        "whiteout-invalid@0 .wh.",
        &["delete the root"],
    ),
    (
        &[&["a/", "a/x"], &[".wh.a/"]],
        "whiteout-directory@1 .wh.a",
        &["crane export keeps a", "all others hide it"],
    ),
    (
        &[&["a"], &[".wh.a/y"]],
        "whiteout-in-path@1 .wh.a/y",
        &[
            "containerd, moby and crane export keep it",
            "dive shows a whiteout",
        ],
    ),
    (
        &[&["../x", "a/../../x"]],
        "name-outside@0 ../x, name-outside@0 a/../../x",
        &[
            "moby and crane export refuse",
            "containerd and dive place it at the root",
        ],
    ),
    (
        &[&["/etc/x"]],
        "name-absolute@0 etc/x",
        &["crane export writes it so"],
    ),
    (&[&["a/../x"]], "name-not-clean@0 x", &["a/../x leads to x"]),
    (
        &[&["usr/lib/", "lib -> usr/lib"], &["lib/b"]],
        "through-link@1 lib",
        &[
            "on containerd's overlay it becomes a directory",
            "moby writes to where it points",
        ],
    ),
    (
        &[&["usr/lib/", "lib -> usr/lib"], &["lib/", "lib/b"]],
        "",
        &[],
    ),
    (
        &[&["f"], &["g => f"]],
        "hard-link-to-lower-layer@1 g",
        &[
            "containerd's overlay refuses",
            "it works",
            "crane export leaves the link",
        ],
    ),
    (
        &[&["g => f", "f"]],
        "hard-link-broken@0 g",
        &["is not there before it", "containerd and moby refuse"],
    ),
    (
        &[&["g => f"]],
        "hard-link-broken@0 g",
        &["crane export and dive show"],
    ),
    (&[&["g => g"]], "hard-link-broken@0 g", &["leads to itself"]),
    (
        &[&["d/", "g => d"]],
        "hard-link-broken@0 g",
        &["is a directory"],
    ),
    (
        &[&["d/x", "g => d"]],
        "hard-link-broken@0 g",
        &["is a directory"],
    ),
    (
        &[&["d/"], &["g => d"]],
        "hard-link-broken@1 g",
        &["is a directory"],
    ),
    (
        &[&["h => g", "g => h"]],
        "hard-link-broken@0 h, hard-link-broken@0 g",
        &["is a hard link without its target"],
    ),
    (
        &[&["f"], &[".wh.f", "g => f"]],
        "hard-link-broken@1 g",
        &["is deleted by its own layer", "is a whiteout too"],
    ),
    // The link first: its target is still there where all is unpacked into one directory.
    (
        &[&["f"], &["g => f", ".wh.f"]],
        "hard-link-to-lower-layer@1 g",
        &["containerd's overlay refuses"],
    ),
    (&[&["f"], &["f", "g => f", "h => ./g"]], "", &[]),
    (
        &[&["f", "g => f", "f"]],
        "duplicate-path@0 f, hard-link-keeps-content@0 f",
        &["crane export shows that for both"],
    ),
    (&[&["f", "g => f"], &["f"]], "", &[]),
    (
        &[&["a/", "a/x"], &["a"]],
        "directory-replaced@1 a",
        &["dive still shows"],
    ),
    (&[&["a/"], &["a"]], "", &[]),
    (
        &[&["a"], &["a/x"]],
        "through-file@1 a",
        &[
            "containerd and moby fail",
            "containerd's overlay it becomes one",
        ],
    ),
    (&[&["a"], &["a/", "a/x"]], "", &[]),
    // And beyond the table.
    (
        &[&["c/b"], &["c/.wh.b", "c/b/y", "c/b/"]],
        "whiteout-before-file@1 c/b, whiteout-before-content@1 c/b",
        &["containerd's overlay refuses this layer"],
    ),
    (
        &[&["f"], &[".wh.f", ".wh.f"]],
        "duplicate-whiteout@1 f",
        &["containerd's overlay refuses this layer"],
    ),
    (
        &[&[".wh.f", ".wh.f"]],
        "whiteout-dangling@0 f, whiteout-dangling@0 f, duplicate-whiteout@0 f",
        &[],
    ),
    (
        &[&["a/"], &["a/b/.wh.x"]],
        "whiteout-dangling@1 a/b/x, whiteout-without-directory@1 a/b",
        &["containerd and moby make it, or fail; crane export does not"],
    ),
    (
        &[&["a/b/x"], &["a/b/.wh.x", "a/.wh.b"]],
        "whiteout-after-file@1 a/b, whiteout-without-directory@1 a/b",
        &["stands behind those of what lies in it"],
    ),
    (
        &[&["usr/lib/", "lib -> usr/lib", "lib/b"]],
        "through-link@0 lib",
        &["containerd and moby write to where it points"],
    ),
    (
        &[&["a", "a/x"]],
        "through-file@0 a",
        &["containerd and moby fail; here"],
    ),
    (
        &[&["a/f"], &["a/.wh..wh..opq"], &["a/.wh.f"]],
        "opaque-directory@1 a, whiteout-dangling@2 a/f",
        &["it was hidden before"],
    ),
    (
        &[&["f"], &[".wh.g"]],
        "whiteout-dangling@1 g",
        &["dive stops there"],
    ),
    (
        &[&["f"], &[".wh.f"], &[".wh.f"]],
        "whiteout-dangling@2 f",
        &[],
    ),
    (
        &[&[".wh..wh.plnk/1.2"]],
        "aufs-metadata@0 .wh..wh.plnk/1.2",
        &["moby and dive skip it, containerd and crane export write it"],
    ),
    (
        &[
            &[".wh..wh.plnk/1.2", "g => .wh..wh.plnk/1.2"],
            &["h => .wh..wh.plnk/1.2"],
        ],
        "aufs-metadata@0 .wh..wh.plnk/1.2, hard-link-broken@1 h",
        &["its target .wh..wh.plnk/1.2 is not there before it"],
    ),
];

#[test]
fn where_engines_differ_it_is_said_who_sees_what() {
    for (layers, expected, words) in ENGINES {
        let layers: Vec<_> = layers
            .iter()
            .map(|names| {
                let empty = |name: &&str| !name.contains(".wh.") || name.contains(".wh.a/");
                let mut listing = Listing::new();
                for name in *names {
                    let mut entry = super::flatten::entry(name);
                    entry.size = if empty(name) { entry.size } else { 0 };
                    listing.push(&entry);
                }
                listing
            })
            .collect();
        let found = of_layers(&layers);
        assert_eq!(text(&found), *expected, "{layers:?}");
        let said: Vec<_> = found
            .iter()
            .map(|finding| finding.message.as_str())
            .collect();
        for words in *words {
            assert!(said.join("\n").contains(words), "{words:?} in {said:?}");
        }
    }
}

#[test]
fn types_times_and_lengths_are_told() {
    let mut listing = Listing::new();
    let long = "n".repeat(256);
    for (name, kind, seconds) in [
        ("socket", b's', 0),
        ("contiguous", b'7', 0),
        ("pax_global_header", b'g', 0),
        ("early", b'0', -1),
        (&*long, b'0', 0),
        (&*"d/".repeat(600), b'5', 0),
        (&*"x".repeat(5000), b'0', 0),
        ("", b'0', 0),
        ("./", b'0', 0),
        ("./", b'5', 0),
    ] {
        listing.push(&Entry {
            name: name.as_bytes().to_vec(),
            kind,
            modified: Time {
                seconds,
                nanoseconds: 0,
            },
            ..Entry::default()
        });
    }
    let expected = format!(
        "entries-left-out@0, type-unknown@0 socket, type-unknown@0 contiguous, global-header@0, \
         time-before-1970@0 early, name-too-long@0 {long}, path-too-deep@0 {}, name-empty@0, \
         name-empty@0 ./",
        "d/".repeat(600).trim_end_matches('/')
    );
    assert_eq!(text(&of_layers(&[listing])), expected);
}

#[test]
fn whiteouts_with_content_are_told() {
    // Its size is that of its name.
    let found = of_layers(&[layer(&["f"]), layer(&[".wh.f"])]);
    assert_eq!(text(&found), "whiteout-not-empty@1 .wh.f");
}

/// Reads a layer's bytes.
pub(crate) fn read(bytes: &[u8]) -> (Found, Listing) {
    let mut layer = Layer::new(Algorithm::Sha256);
    let mut listing = Listing::new();
    let mut tell = |event: Event<'_>| match event {
        Event::Entry(entry) => listing.push(&entry),
        Event::Data(_) => {}
    };
    for piece in bytes.chunks(4096) {
        layer.push(piece, &mut tell);
    }
    let found = layer.finish(&mut tell);
    (found, listing)
}

pub(crate) fn of_stream(bytes: &[u8], media_type: Option<&str>) -> Vec<Finding> {
    let (found, listing) = read(bytes);
    let media_type = media_type.map(MediaType::new);
    let stream = Stream {
        found: Some(&found),
        media_type: media_type.as_ref(),
    };
    let layers = [listing];
    find(&Tree::flatten(&layers), &layers, &[stream])
}

#[test]
fn headers_that_gnu_tar_reads_otherwise_are_told() {
    let end = vec![0; 1024];
    let long = [&b"gnu/name"[..], b"\0"].concat();
    let long_name = || Header::new("././@LongLink", b'L').gnu().with(&long);
    let rows: [(Vec<Vec<u8>>, &str, &str); 12] = [
        (
            vec![
                pax(b'x', &[("size", "3")]),
                Header::new("f", b'0').octal(124, 12, 999).then(b"abc"),
            ],
            "pax-size@0 f",
            "engines read 3 bytes",
        ),
        (vec![pax(b'x', &[("size", "3")]), file("f", b"abc")], "", ""),
        (
            vec![
                long_name(),
                pax(b'x', &[("path", "pax/name")]),
                Header::new("f", b'0').gnu().with(b"1"),
            ],
            "gnu-name@0 gnu/name",
            "engines read gnu/name, GNU tar reads pax/name",
        ),
        (
            vec![long_name(), Header::new("f", b'0').gnu().with(b"1")],
            "",
            "",
        ),
        (
            vec![
                Header::new("././@LongLink", b'K').gnu().with(&long),
                pax(b'x', &[("linkpath", "pax/name")]),
                Header::new("l", b'2').gnu().set(157, b"t").then(b""),
            ],
            "gnu-link@0 l",
            "engines read a link to gnu/name, GNU tar reads one to pax/name",
        ),
        (
            vec![
                Header::new("f", b'0')
                    .gnu()
                    .set(345, b"not a time, and no number")
                    .with(b"4"),
            ],
            "gnu-name@0 not a time, and no number/f",
            "GNU tar reads f",
        ),
        (
            vec![Header::new("f", b'0').set(345, b"posix/prefix").with(b"4")],
            "",
            "",
        ),
        (
            vec![
                Header::new("l", b'2')
                    .set(157, b"t")
                    .octal(124, 12, 6)
                    .then(b""),
            ],
            "size-without-data@0 l",
            "its size is 6",
        ),
        (
            vec![Header::new("a/", b'0').with(b"x")],
            "file-with-slash@0 a",
            "GNU tar reads a directory",
        ),
        (
            vec![
                pax(b'x', &[("LIBARCHIVE.xattr.user.a", "MQ")]),
                file("f", b""),
            ],
            "attributes-not-applied@0 f",
            "no engine applies them",
        ),
        (
            vec![pax(b'x', &[("path", "")]), file("f", b"")],
            "pax-name-empty@0 f",
            "GNU tar",
        ),
        (
            vec![
                pax(
                    b'x',
                    &[
                        ("LIBARCHIVE.xattr.user.a", "MQ"),
                        ("SCHILY.xattr.user.a", "1"),
                    ],
                ),
                file("f", b""),
            ],
            "",
            "",
        ),
    ];
    for (blocks, expected, words) in rows {
        let archive = [blocks.concat(), end.clone()].concat();
        let found = of_stream(&archive, None);
        assert_eq!(text(&found), expected);
        let said = found.first().map_or("", |finding| &finding.message);
        assert!(said.contains(words), "{words:?} in {said:?}");
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn streams_and_ends_are_told() {
    const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
    let end = [0; 1024];
    let entry = file("f", b"content");
    let archive = [&entry[..], &end].concat();
    let packed = gzip(&archive);
    let padded = [&archive[..], &[0; 8192]].concat();
    let two = [&archive[..], &archive].concat();
    let landmark = [&file(".no.prefetch.landmark", b"\x0f")[..], &two].concat();
    let rows: [(Vec<u8>, Option<&str>, &str, &str); 24] = [
        (archive.clone(), None, "", ""),
        (packed.clone(), Some(GZIP), "", ""),
        // A gzip with two members is fine; what stands behind is not.
        ([&packed[..], &gzip(b"")].concat(), Some(GZIP), "", ""),
        (
            [&packed[..], &[0; 8]].concat(),
            Some(GZIP),
            "bytes-behind-compression@0",
            "8 bytes behind the gzip data; some engines refuse",
        ),
        (
            [&packed[..], b"garbage"].concat(),
            None,
            "bytes-behind-compression@0",
            "7 bytes behind the gzip data",
        ),
        (
            packed[..packed.len() - 4].to_vec(),
            None,
            "stream-ends-early@0",
            "end early",
        ),
        (
            {
                let mut damaged = packed.clone();
                let checksum = damaged.len() - 8;
                damaged[checksum] ^= 1;
                damaged
            },
            None,
            "stream-broken@0",
            "bytes were unpacked before",
        ),
        (
            archive.clone(),
            Some(GZIP),
            "media-type-differs@0",
            "says gzip, the bytes are not compressed",
        ),
        (
            packed.clone(),
            Some("application/vnd.oci.image.layer.v1.tar"),
            "media-type-differs@0",
            "says not compressed, the bytes are gzip",
        ),
        (
            packed.clone(),
            Some("application/vnd.docker.image.rootfs.diff.tar.zstd"),
            "media-type-differs@0",
            "says zstd, the bytes are gzip",
        ),
        (
            packed.clone(),
            Some("application/vnd.docker.image.rootfs.diff.tar.gzip"),
            "",
            "",
        ),
        // Who says nothing of a compression does not lie.
        (packed.clone(), Some("application/octet-stream"), "", ""),
        (entry.clone(), None, "end-blocks@0", "no block of zeros"),
        (
            [&entry[..], &[0; 512]].concat(),
            None,
            "end-blocks@0",
            "one block of zeros",
        ),
        (padded, None, "", ""),
        (
            two,
            None,
            "data-behind-end@0",
            "2048 bytes behind the archive's end",
        ),
        (landmark, None, "", ""),
        (
            [&entry[..], &[0; 512], &entry, &end].concat(),
            None,
            "archive-broken@0",
            "stands alone",
        ),
        (
            archive[..515].to_vec(),
            None,
            "archive-ends-early@0",
            "ends early",
        ),
        (
            {
                let mut damaged = [&entry[..], &archive].concat();
                damaged[1024 + 148] ^= 1;
                damaged
            },
            None,
            "archive-broken@0",
            "checksum",
        ),
        (vec![b'x'; 2000], None, "not-a-tar@0", "not a tar"),
        (gzip(b"{}"), None, "not-a-tar@0", "not a tar"),
        (
            b"\xfd7zXZ\0 and so on".to_vec(),
            None,
            "compression-unknown@0",
            "xz: moby alone",
        ),
        (
            b"BZh91AY&SY".to_vec(),
            Some(GZIP),
            "media-type-differs@0, compression-unknown@0",
            "says gzip, the bytes are bzip2",
        ),
    ];
    for (bytes, media_type, expected, words) in rows {
        let found = of_stream(&bytes, media_type);
        assert_eq!(text(&found), expected, "{words}");
        let said = found.first().map_or("", |finding| &finding.message);
        assert!(said.contains(words), "{words:?} in {said:?}");
    }
}

#[test]
fn a_window_beyond_what_a_page_has_leaves_the_digest_checked() {
    let bytes: Vec<u8> = (0_u32..10_000_000).flat_map(u32::to_le_bytes).collect();
    let Some(packed) = zstd(&bytes, &["-1", "--long=27"]) else {
        return;
    };
    let found = of_stream(&packed, Some("application/vnd.oci.image.layer.v1.tar+zstd"));
    assert_eq!(text(&found), "zstd-window@0");
    let said = &found[0].message;
    assert!(
        said.contains("a window of 128 MiB: the digest is checked"),
        "{said}"
    );
}

#[test]
fn what_unpacks_to_far_more_than_it_is_is_told() {
    let (mut found, listing) = read(&gzip(&[0; 1024]));
    let layers = [listing];
    let tree = Tree::flatten(&layers);
    let mut with = |size: u64, unpacked: u64| {
        (found.size, found.unpacked_size) = (size, unpacked);
        let stream = Stream {
            found: Some(&found),
            media_type: None,
        };
        text(&find(&tree, &layers, &[stream]))
    };
    assert_eq!(with(1 << 20, 1 << 31), "unpacked-ratio@0");
    assert_eq!(with(1 << 24, 1 << 31), "", "128 times as many");
    assert_eq!(with(1 << 10, 1 << 30), "", "up to 1 GiB nobody is asked");
}

#[test]
fn too_many_of_a_code_are_counted() {
    let names: Vec<_> = (0..250).map(|number| format!("/{number}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let found = of_layers(&[
        layer(&names),
        layer(&names[..3]),
        layer(&names[..OF_A_CODE]),
    ]);
    let of = |layer| found.iter().filter(|it| it.layer == Some(layer)).count();
    assert_eq!((of(0), of(1), of(2)), (OF_A_CODE + 1, 3, OF_A_CODE));
    let last = &found[OF_A_CODE];
    assert_eq!(last.message, "150 more of these are not listed");
    assert!(last.path.is_empty() && last.code == Code::NameAbsolute);
    assert_eq!(last.severity(), Severity::Note);
}

#[test]
fn a_million_entries_are_gone_through_in_the_time_of_their_names() {
    // Deep and implied, the same path again and again, and a whiteout for each of many.
    let (mut deep, mut same, mut gone) = (Listing::new(), Listing::new(), Listing::new());
    for number in 0..400 {
        deep.push(&super::flatten::entry(&format!(
            "{number}/{}x",
            "a/".repeat(500)
        )));
    }
    for number in 0..200_000 {
        same.push(&super::flatten::entry("f"));
        gone.push(&super::flatten::entry(&format!("w/.wh.{number}")));
        gone.push(&super::flatten::entry(".wh..wh..opq"));
    }
    let found = of_layers(&[same, deep, gone]);
    let counts: Vec<_> = found
        .iter()
        .filter(|it| it.message.contains("more of these"))
        .map(|it| (it.layer, it.code.rule().name))
        .collect();
    assert_eq!(
        counts,
        [
            (Some(0), "duplicate-path"),
            (Some(2), "whiteout-not-empty"),
            (Some(2), "whiteout-dangling"),
        ]
    );
}

#[test]
fn every_code_is_found_by_a_test_here() {
    let here = include_str!("findings.rs");
    let missing: Vec<_> = Code::ALL
        .iter()
        .map(|code| code.rule().name)
        // Those of tables of contents are in toc_differs.rs and toc_hostile.rs.
        .filter(|name| !name.starts_with("toc-") && !here.contains(&format!("{name}@")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
