//! Other tools over the same layers: `crane export` is a judge of what layers are together, GNU tar of what is in one.
//! Where layers.md says that they differ, they have to, or the words of the findings are wrong.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::rc::Rc;

use waybill_blobs::files::{Differences, DifferencesQuery};
use waybill_blobs::finding::{Code, find};
use waybill_blobs::listing::{EntryView, Kind, Listing};
use waybill_blobs::path::{Cleaned, clean, escape};
use waybill_blobs::tar::{Event, Reader};
use waybill_blobs::tree::{Tree, entry};
use waybill_core::digest::Digest;

use super::archives::{Header, file, pax};
use super::tar_oracle::Numbers;

/// Runs a judge; `None` where it is not here, or refuses.
fn judge(program: &str, arguments: &[&str], input: Vec<u8>) -> Option<Vec<u8>> {
    let started = Command::new(program)
        .args(arguments)
        .env("TZ", "UTC")
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut running = started.ok()?;
    let mut stdin = running.stdin.take().expect("a pipe");
    // A judge that refuses may stop reading first.
    let writing = std::thread::spawn(move || stdin.write_all(&input));
    let output = running.wait_with_output().expect("it ends");
    let _ = writing.join().expect("a thread");
    output.status.success().then_some(output.stdout)
}

fn is_here(program: &str, version: &str) -> bool {
    let is_here = judge(program, &[version], Vec::new()).is_some();
    if !is_here {
        let words = format!("\n*** LAYERS NOT COMPARED WITH {program}: it is not here.\n\n");
        let _ = std::io::stderr().write_all(words.as_bytes());
    }
    is_here
}

/// A layer of names, as `flatten::layer` has them, as an archive.
pub(crate) fn archive(names: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for name in names {
        let entry = super::flatten::entry(name);
        let path = String::from_utf8(entry.name).expect("text");
        let mut header = Header::new(&path, entry.kind);
        header.set(157, &entry.link);
        let is_file = entry.kind == b'0' && !path.contains(".wh.");
        bytes.extend(header.with(if is_file { path.as_bytes() } else { b"" }));
    }
    bytes.extend([0; 1024]);
    bytes
}

pub(crate) fn listing(archive: &[u8]) -> Listing {
    let mut listing = Listing::new();
    let mut reader = Reader::new();
    let pushed = reader.push(archive, &mut |event| match event {
        Event::Entry(entry) => listing.push(&entry),
        Event::Data(_) => {}
    });
    pushed.expect("an archive");
    reader.finish().expect("a whole archive");
    listing
}

/// What `docker save` writes of an image.
fn image(layers: &[Vec<u8>]) -> Vec<u8> {
    let ids: Vec<_> = layers
        .iter()
        .map(|layer| Digest::sha256(layer).to_string())
        .collect();
    let names: Vec<_> = (0..layers.len())
        .map(|layer| format!("{layer}.tar"))
        .collect();
    let config = serde_json::json!({
        "architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": ids},
    });
    let manifest = serde_json::json!([{"Config": "config.json", "RepoTags": ["h.example/x:1"], "Layers": names}]);
    let mut bytes = file("manifest.json", manifest.to_string().as_bytes());
    bytes.extend(file("config.json", config.to_string().as_bytes()));
    for (name, layer) in names.iter().zip(layers) {
        bytes.extend(file(name, layer));
    }
    bytes.extend([0; 1024]);
    bytes
}

/// What crane makes of an image; `None` where it refuses.
fn crane(layers: &[Vec<u8>]) -> Option<Listing> {
    judge("crane", &["export", "-", "-"], image(layers)).map(|bytes| listing(&bytes))
}

/// What two lists are compared by.
type Row = (Kind, u32, u64, String, i64, i64, i64);

fn row(view: &EntryView<'_>) -> Row {
    let mode = view.mode;
    let times = view.modified.seconds;
    (
        view.kind,
        mode,
        view.size,
        escape(view.link),
        view.user,
        view.group,
        times,
    )
}

/// By its clean path, each entry that somebody wrote.
fn flattened(layers: &[Vec<u8>]) -> BTreeMap<String, Row> {
    let listings: Vec<_> = layers.iter().map(|layer| listing(layer)).collect();
    let tree = Tree::flatten(&listings);
    let shown = tree.walk().filter_map(|version| {
        let view = entry(&listings, version.place()?)?;
        Some((escape(&tree.path(version.node)), row(&view)))
    });
    shown.collect()
}

fn of_listing(listing: &Listing) -> BTreeMap<String, Row> {
    let rows = listing.entries().map(|view| {
        let Cleaned::Path(path) = clean(view.name) else {
            panic!("{}", escape(view.name));
        };
        (escape(&path), row(&view))
    });
    rows.collect()
}

/// What stands behind the sign.
fn path_of(row: &str) -> &str {
    row.split_once(' ').map_or(row, |(_, path)| path)
}

/// What differs between two lists but for times: paths with a sign each. A hard link is the file that it names.
fn differing(left: &BTreeMap<String, Row>, right: &BTreeMap<String, Row>) -> Vec<String> {
    let seen = |rows: &BTreeMap<String, Row>, path: &str| {
        let row = rows.get(path)?;
        let of_link = (row.0 == Kind::HardLink)
            .then(|| rows.get(&row.3))
            .flatten();
        let (kind, mode, size, link, user, group, _) = of_link.unwrap_or(row).clone();
        Some((kind, mode, size, link, user, group))
    };
    let paths: std::collections::BTreeSet<_> = left.keys().chain(right.keys()).collect();
    let signs = paths.into_iter().filter_map(|path| {
        let sign = match (seen(left, path), seen(right, path)) {
            (Some(_), None) => "−",
            (None, _) => "+",
            (one, other) => (one != other).then_some("≠")?,
        };
        Some(format!("{sign} /{path}"))
    });
    signs.collect()
}

#[test]
fn two_images_differ_as_what_crane_exports_of_them_does() {
    if !is_here("crane", "version") {
        return;
    }
    let images = ordinary();
    let mut told = 0;
    for left in &images {
        for right in &images {
            let exported = [left, right].map(|image| crane(image).expect("crane exports it"));
            let [one, other] = exported.each_ref().map(of_listing);
            let listings = [left, right].map(|image| {
                let listings = image.iter().map(|layer| Rc::new(listing(layer)));
                listings.collect()
            });
            let [left, right] = listings;
            let found = Differences::find(left, right);
            let rows = found.rows(&DifferencesQuery {
                count: 1_000,
                ..DifferencesQuery::default()
            });
            // A directory that no entry makes has none in what crane exports either.
            let is_exported = |path: &str| one.contains_key(path) || other.contains_key(path);
            let rows = rows.rows.iter();
            let rows = rows.filter(|row| is_exported(row.path.trim_start_matches('/')));
            let mut rows: Vec<_> = rows
                .map(|row| [row.differs.sign(), " ", &row.path].concat())
                .collect();
            rows.sort_by(|one, other| path_of(one).cmp(path_of(other)));
            let mut expected = differing(&one, &other);
            expected.sort_by(|one, other| path_of(one).cmp(path_of(other)));
            told += expected.len();
            assert_eq!(rows, expected);
        }
    }
    assert!(told > 50, "{told}: the images hardly differ");
}

/// Three images as builders write them: a distribution with updates, an application over it, and names that need PAX.
fn ordinary() -> Vec<Vec<Vec<u8>>> {
    let end = || vec![0; 1024];
    let directory = |name: &str, mode: u64| Header::new(name, b'5').octal(100, 8, mode).then(b"");
    let symlink = |name: &str, to: &str| Header::new(name, b'2').set(157, to.as_bytes()).then(b"");
    let hard_link =
        |name: &str, to: &str| Header::new(name, b'1').set(157, to.as_bytes()).then(b"");
    let program =
        |name: &str, data: &[u8], mode: u64| Header::new(name, b'0').octal(100, 8, mode).with(data);
    let base = [
        directory("bin/", 0o755),
        program("bin/busybox", &[7; 3000], 0o755),
        hard_link("bin/sh", "bin/busybox"),
        hard_link("bin/ls", "bin/busybox"),
        directory("dev/", 0o755),
        Header::new("dev/null", b'3')
            .octal(100, 8, 0o666)
            .octal(329, 8, 1)
            .octal(337, 8, 3)
            .then(b""),
        directory("etc/", 0o755),
        file("etc/passwd", b"root:x:0:0\n"),
        file("etc/shadow", b"root:*\n"),
        file("etc/motd", b"hello\n"),
        directory("tmp/", 0o1777),
        directory("usr/", 0o755),
        directory("usr/lib/", 0o755),
        file("usr/lib/libc.so.6", &[1; 5000]),
        symlink("usr/lib/libc.so", "libc.so.6"),
        symlink("lib", "usr/lib"),
        directory("var/", 0o755),
        directory("var/cache/", 0o755),
        file("var/cache/index", &[2; 2000]),
        end(),
    ]
    .concat();
    let update = [
        directory("etc/", 0o755),
        file("etc/.wh.motd", b""),
        file("etc/passwd", b"root:x:0:0\nme:x:1000:1000\n"),
        program("usr/bin/sudo", &[3; 700], 0o4755),
        directory("var/", 0o755),
        file("var/.wh.cache", b""),
        Header::new("run/fifo", b'6').then(b""),
        end(),
    ]
    .concat();
    let application = [
        directory("app/", 0o700),
        program("app/server", &[4; 1234], 0o755),
        directory("app/static/", 0o755),
        file("app/static/old.css", b"a{}"),
        symlink("etc/motd", "/app/motd"),
        end(),
    ]
    .concat();
    let rebuilt = [
        directory("app/", 0o750),
        directory("app/static/", 0o755),
        file("app/static/.wh..wh..opq", b""),
        file("app/static/new.css", b"b{}"),
        program("app/server", &[5; 99], 0o755),
        end(),
    ]
    .concat();
    let long = format!("opt/{}/{}", "directory".repeat(20), "n".repeat(120));
    let named = [
        directory("opt/", 0o755),
        pax(b'x', &[("path", &long), ("mtime", "1700000000.25")]),
        file("short", b"1"),
        pax(b'x', &[("path", "opt/größe"), ("uid", "3000000")]),
        file("short", b"22"),
        Header::new("././@LongLink", b'L')
            .gnu()
            .with(format!("{long}-gnu\0").as_bytes()),
        Header::new("short", b'0').gnu().with(b"333"),
        Header::new("name", b'0')
            .set(345, b"opt/prefix")
            .with(b"4444"),
        end(),
    ]
    .concat();
    let renamed = [
        pax(b'x', &[("path", &long)]),
        file("short", b"changed"),
        file("opt/prefix/.wh.name", b""),
        end(),
    ]
    .concat();
    vec![
        vec![base.clone(), update.clone()],
        vec![base.clone(), update, application, rebuilt],
        vec![named.clone(), renamed],
        vec![base, named],
    ]
}

#[test]
fn ordinary_images_are_what_crane_exports() {
    if !is_here("crane", "version") {
        return;
    }
    for (number, layers) in ordinary().iter().enumerate() {
        let exported = crane(layers).expect("crane exports it");
        let (here, there) = (flattened(layers), of_listing(&exported));
        assert!(here.len() >= 4, "image {number}");
        assert_eq!(here, there, "image {number}");
    }
}

/// Layers, the paths that crane shows of them (`None`: it refuses), and the right ones that somebody wrote.
type Case = (
    &'static [&'static [&'static str]],
    Option<&'static str>,
    &'static str,
);

#[test]
fn crane_differs_where_the_table_says_so() {
    if !is_here("crane", "version") {
        return;
    }
    let cases: &[Case] = &[
        (&[&["f"], &[".wh.f"]], Some(""), ""),
        (&[&["f"], &[".wh.f", "f"]], Some(""), "f"),
        (&[&["f"], &["f", ".wh.f"]], Some("f"), "f"),
        (
            &[&["a/", "a/x"], &[".wh.a", "a/", "a/y"]],
            Some(""),
            "a a/y",
        ),
        (&[&["a/", "a/x"], &[".wh.a", "a/y"]], Some(""), "a/y"),
        (
            &[&["a/", "a/old"], &["a/b/c/new", "a/.wh..wh..opq"]],
            Some("a a/b/c/new"),
            "a a/b/c/new",
        ),
        (
            &[&["a/", "a/old"], &["a/.wh..wh..opq", "a/new"]],
            Some("a a/new"),
            "a a/new",
        ),
        (&[&["x"], &[".wh..wh..opq", "new"]], Some("new"), "new"),
        (&[&["a/", "a/x"], &["a/.wh."]], Some(""), "a a/x"),
        (&[&["a/", "a/x"], &["a/.wh.."]], Some(""), "a a/x"),
        (&[&["a/", "a/x"], &["a/b/.wh..."]], Some(""), "a a/x"),
        (&[&["a/", "a/x"], &[".wh.a/"]], Some("a a/x"), ""),
        (&[&["a"], &[".wh.a/y"]], Some(".wh.a/y a"), ".wh.a/y a"),
        (&[&["../x"]], None, ""),
        (&[&["/etc/x"]], Some("/etc/x"), "etc/x"),
        (
            &[&["usr/lib/", "lib -> usr/lib"], &["lib/b"]],
            Some("lib lib/b usr/lib"),
            "lib/b usr/lib",
        ),
        (&[&["f"], &["g => f"]], Some("f g"), "f g"),
        (&[&["g => f"]], Some("g"), "g"),
        (&[&["a/", "a/x"], &["a"]], Some("a"), "a"),
        (
            &[&[".wh..wh.plnk/1.2", "x"]],
            Some(".wh..wh.plnk/1.2 x"),
            "x",
        ),
        (&[&["a"], &["a/x"]], Some("a a/x"), "a/x"),
    ];
    for (names, exported, right) in cases {
        let layers: Vec<_> = names.iter().map(|names| archive(names)).collect();
        let shown = crane(&layers).map(|listing| {
            let paths: std::collections::BTreeSet<_> = listing
                .entries()
                .map(|view| escape(view.name).trim_end_matches('/').to_owned())
                .collect();
            paths.into_iter().collect::<Vec<_>>().join(" ")
        });
        assert_eq!(shown.as_deref(), *exported, "crane: {names:?}");
        let here: Vec<_> = flattened(&layers).into_keys().collect();
        assert_eq!(here.join(" "), *right, "here: {names:?}");
    }
}

#[test]
fn of_a_path_that_stands_twice_crane_takes_the_first() {
    if !is_here("crane", "version") {
        return;
    }
    let twice = [file("f", b"1"), file("f", b"22"), vec![0; 1024]].concat();
    let exported = crane(std::slice::from_ref(&twice)).expect("crane exports it");
    assert_eq!(of_listing(&exported)["f"].2, 1);
    assert_eq!(flattened(&[twice])["f"].2, 2);
}

/// Codes by which crane shows what is right: somebody else does not.
const CRANE_IS_RIGHT: [Code; 10] = [
    Code::DuplicateWhiteout,
    Code::MarkerOutside,
    Code::Opaque,
    Code::OpaqueRoot,
    Code::OpaqueAfterContent,
    Code::WhiteoutAfterFile,
    Code::WhiteoutDangling,
    Code::WhiteoutInPath,
    Code::DirectoryReplaced,
    Code::HardLinkLower,
];

/// Layers of names that clash, two or three of them.
pub(crate) fn random(numbers: &mut Numbers) -> Vec<Vec<String>> {
    let parts = ["a", "a", "b", "c"];
    let ends = [
        "x",
        "y",
        "d/",
        "d/",
        ".wh.x",
        ".wh.d",
        ".wh.b",
        ".wh..wh..opq",
        "l -> a",
        "h => a/x",
    ];
    let name = |numbers: &mut Numbers| {
        let above: String = (0..numbers.next(3))
            .flat_map(|_| [parts[numbers.next(parts.len())], "/"])
            .collect();
        above + ends[numbers.next(ends.len())]
    };
    let base = ["a/b/z", "a/a/z", "b/c/z", "c/a/z"].map(str::to_owned);
    let layers = 0..=1 + numbers.next(2);
    layers
        .map(|layer| {
            let names = (0..=numbers.next(5)).map(|_| name(numbers));
            // Mostly there is something that may be hidden.
            let base = base.iter().take(if layer == 0 { 4 } else { 0 }).cloned();
            base.chain(names).collect()
        })
        .collect()
}

#[test]
fn where_nothing_is_found_crane_shows_the_same() {
    if !is_here("crane", "version") {
        return;
    }
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let (mut same, mut told) = (0, 0);
    for _ in 0..300 {
        let layers = random(&mut numbers);
        let archives: Vec<_> = layers
            .iter()
            .map(|names| archive(&names.iter().map(String::as_str).collect::<Vec<_>>()))
            .collect();
        let listings: Vec<_> = archives.iter().map(|bytes| listing(bytes)).collect();
        let found = find(&Tree::flatten(&listings), &listings, &[]);
        if found
            .iter()
            .any(|finding| !CRANE_IS_RIGHT.contains(&finding.code))
        {
            told += 1;
            continue;
        }
        let exported = crane(&archives).expect("crane exports it");
        assert_eq!(flattened(&archives), of_listing(&exported), "{layers:?}");
        same += 1;
    }
    assert!(
        same > 60 && told > 60,
        "{same} are the same, of {told} something was told"
    );
}

/// What GNU tar lists: mode, owner, size and time, name and link of each.
fn gnu(archive: &[u8]) -> Option<String> {
    let arguments = ["--numeric-owner", "--full-time", "-tvf", "-"];
    let listed = judge("tar", &arguments, archive.to_vec())?;
    let listed = String::from_utf8(listed).expect("it escapes the rest");
    // The columns are as wide as the widest so far.
    let lines = listed
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// The same of a listing, in GNU tar's words.
fn as_gnu(listing: &Listing) -> String {
    let lines = listing.entries().map(|view| {
        let letter = match view.kind {
            Kind::File => '-',
            Kind::Directory => 'd',
            Kind::SymbolicLink => 'l',
            Kind::HardLink => 'h',
            Kind::CharacterDevice => 'c',
            Kind::BlockDevice => 'b',
            Kind::Pipe => 'p',
            Kind::GlobalHeader | Kind::Other(_) => '?',
        };
        let size = match view.kind {
            Kind::CharacterDevice | Kind::BlockDevice => {
                format!("{},{}", view.device.0, view.device.1)
            }
            _ => view.size.to_string(),
        };
        let link = match view.kind {
            Kind::SymbolicLink => format!(" -> {}", gnu_escape(view.link)),
            Kind::HardLink => format!(" link to {}", gnu_escape(view.link)),
            _ => String::new(),
        };
        let (user, group, name) = (view.user, view.group, gnu_escape(view.name));
        let time = time(view.modified.seconds, view.modified.nanoseconds);
        format!(
            "{letter}{} {user}/{group} {size} {time} {name}{link}",
            permissions(view.mode)
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn permissions(mode: u32) -> String {
    let special = [(0o4000, 's', 'S'), (0o2000, 's', 'S'), (0o1000, 't', 'T')];
    let triples = special
        .iter()
        .zip([6, 3, 0])
        .map(|((bit, with, without), shift)| {
            let of = |mask: u32, letter: char| {
                if mode >> shift & mask != 0 {
                    letter
                } else {
                    '-'
                }
            };
            let executes = match (mode & bit != 0, mode >> shift & 1 != 0) {
                (true, true) => *with,
                (true, false) => *without,
                (false, true) => 'x',
                (false, false) => '-',
            };
            [of(4, 'r'), of(2, 'w'), executes]
                .iter()
                .collect::<String>()
        });
    triples.collect()
}

/// A time in UTC, as GNU tar prints it.
fn time(seconds: i64, nanoseconds: u32) -> String {
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days since the beginning of March of the year 0, in eras of 400 years.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let fraction = match nanoseconds {
        0 => String::new(),
        some => format!(".{some:09}").trim_end_matches('0').to_owned(),
    };
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{fraction}")
}

/// Writes what is no ASCII as GNU tar does.
fn gnu_escape(name: &[u8]) -> String {
    let bytes = name.iter().map(|byte| match byte {
        b'\n' => "\\n".to_owned(),
        b'\\' => "\\\\".to_owned(),
        b' '..=b'~' => char::from(*byte).to_string(),
        other => format!("\\{other:03o}"),
    });
    bytes.collect()
}

#[test]
fn sane_layers_are_listed_as_gnu_tar_lists_them() {
    if !is_here("tar", "--version") {
        return;
    }
    for (image, layers) in ordinary().iter().enumerate() {
        for (number, layer) in layers.iter().enumerate() {
            let there = gnu(layer).expect("GNU tar reads it");
            assert_eq!(
                as_gnu(&listing(layer)),
                there,
                "layer {number} of image {image}"
            );
        }
    }
}

#[test]
fn what_gnu_tar_writes_is_listed_as_it_lists_it() {
    if !is_here("tar", "--version") {
        return;
    }
    let folder = waybill_testkit::project().join("tests/layers");
    let folder = folder.to_str().expect("text");
    for format in ["v7", "oldgnu", "gnu", "ustar", "pax"] {
        let option = format!("--format={format}");
        let made = judge("tar", &[&option, "-cf", "-", "-C", folder, "."], Vec::new());
        let made = made.expect("GNU tar writes it");
        assert!(listing(&made).len() > 5, "{format}");
        let there = gnu(&made).expect("GNU tar reads it");
        assert_eq!(as_gnu(&listing(&made)), there, "{format}");
    }
}

#[test]
fn gnu_tar_reads_otherwise_where_a_finding_says_so() {
    if !is_here("tar", "--version") {
        return;
    }
    let long = b"gnu/name\0";
    let cases: [(Vec<Vec<u8>>, &str, &str); 6] = [
        (
            vec![
                Header::new("././@LongLink", b'L').gnu().with(long),
                pax(b'x', &[("path", "pax/name")]),
                Header::new("f", b'0').gnu().with(b"1"),
            ],
            "gnu/name",
            "pax/name",
        ),
        (
            vec![
                Header::new("././@LongLink", b'K').gnu().with(long),
                pax(b'x', &[("linkpath", "pax/name")]),
                Header::new("l", b'2').gnu().set(157, b"t").then(b""),
            ],
            "l -> gnu/name",
            "l -> pax/name",
        ),
        (
            vec![
                Header::new("f", b'0')
                    .gnu()
                    .set(345, b"not a time")
                    .with(b"4"),
            ],
            "not a time/f",
            "f",
        ),
        (vec![Header::new("a/", b'0').with(b"x")], "a/", "a/"),
        (
            vec![
                pax(b'x', &[("size", "3")]),
                Header::new("f", b'0').octal(124, 12, 999).then(b"abc"),
            ],
            "f",
            "f",
        ),
        (
            vec![pax(b'x', &[("path", "")]), file("kept", b"")],
            "kept",
            "",
        ),
    ];
    for (blocks, engines, gnu_reads) in cases {
        let bytes = [blocks.concat(), vec![0; 1024]].concat();
        let name = |line: &str| {
            line.splitn(6, ' ')
                .nth(5)
                .unwrap_or_default()
                .trim_end()
                .to_owned()
        };
        let here = as_gnu(&listing(&bytes));
        let there = gnu(&bytes).expect("GNU tar reads it");
        assert_eq!(name(&here), engines, "{here}");
        assert_eq!(name(&there), gnu_reads, "{there}");
    }
    // A size where no bytes follow: GNU tar goes over so many, and misses the next entry.
    for (kind, misses) in [
        (b'1', false),
        (b'2', true),
        (b'3', true),
        (b'4', true),
        (b'5', false),
        (b'6', true),
    ] {
        let mut header = Header::new("sized", kind);
        let link: &[u8] = if matches!(kind, b'1' | b'2') {
            b"t"
        } else {
            b""
        };
        let header = header.set(157, link).octal(124, 12, 6).then(b"");
        let bytes = [header, file("missed", b""), vec![0; 1024]].concat();
        let listings = [listing(&bytes)];
        assert_eq!(listings[0].len(), 2);
        let listed = gnu(&bytes).expect("GNU tar reads it").lines().count();
        assert_eq!(listed, if misses { 1 } else { 2 }, "type {kind}");
        let found = find(&Tree::flatten(&listings), &listings, &[]);
        let is_told = found.iter().any(|it| it.code == Code::SizeWithoutData);
        assert_eq!(is_told, misses, "type {kind}");
    }
    // A file with a slash: a directory.
    let bytes = [Header::new("a/", b'0').with(b"x"), vec![0; 1024]].concat();
    assert!(gnu(&bytes).is_none_or(|listed| listed.starts_with('d')));
}
