//! What is asked of the files of an image, and answered a few rows at a time.

use waybill_blobs::files::{
    Answer, Ask, Details, Files, Filter, Look, Query, Rows, Sort, State, Which, Why,
};
use waybill_blobs::listing::{Kind, Listing};
use waybill_blobs::tar::Entry;

/// An entry: its type's byte, its name, its mode, its size or where it links to.
fn entry(kind: u8, name: &str, mode: i64, size: i64) -> Entry {
    Entry {
        name: name.as_bytes().to_vec(),
        kind,
        mode,
        size,
        ..Entry::default()
    }
}

fn link(kind: u8, name: &str, to: &str) -> Entry {
    Entry {
        link: to.as_bytes().to_vec(),
        ..entry(kind, name, 0o777, 0)
    }
}

/// A layer of these entries; each file's content is said to be that of its size.
fn layer(entries: &[Entry]) -> Listing {
    let mut listing = Listing::new();
    for (entry, place) in entries.iter().zip(0..) {
        let offset = place * 512;
        listing.push(&Entry {
            offset,
            ..entry.clone()
        });
        if entry.kind == b'0' {
            let mut content = [0; 32];
            content[..8].copy_from_slice(&entry.size.to_le_bytes());
            listing.hash_content(content);
        }
    }
    listing
}

fn image() -> Files {
    let base = layer(&[
        entry(b'5', "./", 0o755, 0),
        entry(b'5', "bin/", 0o755, 0),
        entry(b'0', "bin/su", 0o4755, 300),
        entry(b'0', "bin/busybox", 0o755, 900),
        Entry {
            mode: 0o755,
            ..link(b'1', "bin/sh", "bin/busybox")
        },
        link(b'2', "sbin", "bin"),
        entry(b'5', "tmp/", 0o1777, 0),
        entry(b'0', "tmp/cache", 0o666, 5_000),
        entry(b'0', "etc/passwd", 0o644, 40),
        entry(b'0', "etc/group", 0o644, 30),
        Entry {
            device: (1, 3),
            ..entry(b'3', "dev/null", 0o666, 0)
        },
    ]);
    let upper = layer(&[
        Entry {
            user_name: b"root".to_vec(),
            xattrs: vec![(
                b"security.capability".to_vec(),
                b"\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec(),
            )],
            ..entry(b'0', "bin/ping", 0o755, 300)
        },
        entry(b'0', "etc/passwd", 0o600, 50),
        entry(b'0', "tmp/.wh.cache", 0o644, 0),
        entry(b'0', "caf\u{e9}/a\\b", 0o644, 1),
        link(b'2', "etc/su", "/sbin/../sbin/su"),
        link(b'2', "etc/out", "../../../nowhere"),
    ]);
    Files::open(vec![base, upper])
}

fn rows(files: &mut Files, query: Query) -> Rows {
    let count = if query.count == 0 { 1_000 } else { query.count };
    match files.answer(&Ask::Rows(Query { count, ..query })) {
        Answer::Rows(rows) => rows,
        other => panic!("rows were asked for: {other:?}"),
    }
}

/// Rows as lines: indented by their depth, with what is below a directory.
fn drawn(rows: &Rows) -> Vec<String> {
    let line = |row: &waybill_blobs::files::Row| {
        let sign = match row.is_open {
            Some(true) => "v ",
            Some(false) => "> ",
            None => "",
        };
        let depth = row.depth as usize - 1;
        format!("{}{sign}{} {}", "  ".repeat(depth), row.name, row.bytes)
    };
    rows.rows.iter().map(line).collect()
}

fn details(files: &mut Files, look: Look, path: &str) -> Details {
    let ask = Ask::Entry(look, Which::Path(path.to_owned()));
    match files.answer(&ask) {
        Answer::Entry(Some(details)) => *details,
        other => panic!("{path} is there: {other:?}"),
    }
}

#[test]
fn a_tree_shows_what_is_open() {
    let mut files = image();
    let closed = rows(&mut files, Query::default());
    assert_eq!(
        drawn(&closed),
        [
            "> bin 1500",
            "> caf\u{e9} 1",
            "> dev 0",
            "> etc 80",
            "sbin 0",
            "tmp 0"
        ]
    );
    assert_eq!(closed.rows[0].sibling, (1, 6));
    let bin = closed.rows[0].node;
    let open = rows(
        &mut files,
        Query {
            opened: vec![bin],
            sort: Sort::Size,
            ..Query::default()
        },
    );
    assert_eq!(
        drawn(&open)[..6],
        [
            "v bin 1500",
            "  busybox 900",
            "  sh 900",
            "  ping 300",
            "  su 300",
            "> etc 80"
        ]
    );
    // A second name of one content is shown with its size, and counted once.
    assert_eq!(open.rows[2].kind, Kind::HardLink);
    assert_eq!(open.rows[1].share, 1000);
    assert_eq!(open.rows[3].share, 333);
}

#[test]
fn a_path_is_revealed_wherever_it_lies() {
    let mut files = image();
    let found = rows(
        &mut files,
        Query {
            reveal: Some(Which::Path("/etc/passwd".into())),
            ..Query::default()
        },
    );
    let (row, node) = found.revealed.expect("it is there");
    assert_eq!(found.rows[row as usize].node, node);
    assert_eq!(found.rows[row as usize].name, "passwd");
    assert_eq!(found.opened.len(), 1);
    let above = rows(
        &mut files,
        Query {
            opened: found.opened.clone(),
            reveal: Some(Which::Above(node)),
            ..Query::default()
        },
    );
    assert_eq!(above.revealed.map(|(_, node)| node), Some(found.opened[0]));
    // A name is found as it is shown.
    let backslash = details(&mut files, Look::Image, "/caf\u{e9}/a\\x5cb");
    assert_eq!(backslash.size, 1);
    for path in ["/etc/shadow", "/etc/passwd/x", "/a\\b"] {
        let ask = Ask::Entry(Look::Image, Which::Path(path.into()));
        assert_eq!(files.answer(&ask), Answer::Entry(None));
    }
}

#[test]
fn a_search_and_a_filter_give_a_list() {
    let mut files = image();
    let mut names = |look: Look, search: &str, filter: Option<Filter>| -> Vec<String> {
        let query = Query {
            look,
            search: search.into(),
            filter,
            ..Query::default()
        };
        let found = rows(&mut files, query);
        assert_eq!(found.total as usize, found.rows.len());
        found.rows.into_iter().map(|row| row.name).collect()
    };
    let image = Look::Image;
    assert_eq!(names(image, "SU", None), ["bin/su", "etc/su"]);
    assert_eq!(
        names(image, "/etc/*", None),
        ["etc/group", "etc/out", "etc/passwd", "etc/su"]
    );
    assert_eq!(names(image, "", Some(Filter::Setuid)), ["bin/su"]);
    assert_eq!(names(image, "", Some(Filter::Capabilities)), ["bin/ping"]);
    assert_eq!(names(image, "", Some(Filter::WorldWritable)), ["dev/null"]);
    assert_eq!(names(image, "", Some(Filter::Devices)), ["dev/null"]);
    assert_eq!(
        names(image, "", Some(Filter::Hidden)),
        ["etc/passwd", "tmp/cache"]
    );
    assert_eq!(names(image, "pass", Some(Filter::Hidden)), ["etc/passwd"]);
    assert_eq!(
        names(image, "", Some(Filter::Largest)),
        [
            "bin/busybox",
            "bin/ping",
            "bin/su",
            "etc/passwd",
            "etc/group",
            "caf\u{e9}/a\\x5cb"
        ]
    );
    assert_eq!(
        names(image, "", Some(Filter::Duplicates)),
        ["bin/ping", "bin/su"]
    );
    assert_eq!(
        names(Look::Layer(0), "", Some(Filter::WorldWritable)),
        ["dev/null", "tmp/cache"]
    );
    assert_eq!(
        names(Look::Changes(1), "etc/**", None),
        ["etc/out", "etc/passwd", "etc/su"]
    );
}

#[test]
fn the_counts_of_filters_are_what_they_show() {
    let mut files = image();
    for look in [
        Look::Image,
        Look::Layer(0),
        Look::Layer(1),
        Look::Changes(1),
        Look::Layer(9),
    ] {
        let counts = rows(
            &mut files,
            Query {
                look,
                ..Query::default()
            },
        )
        .counts;
        for (filter, count) in Filter::ALL.into_iter().zip(counts) {
            let filter = Some(filter);
            let shown = rows(
                &mut files,
                Query {
                    look,
                    filter,
                    ..Query::default()
                },
            );
            assert_eq!(shown.total, count, "{look:?} {filter:?}");
        }
    }
}

#[test]
fn a_directory_that_layers_name_again_is_one_row_with_all_below_it() {
    let of = |file| layer(&[entry(b'5', "etc/", 0o755, 0), entry(b'0', file, 0o644, 10)]);
    let mut files = Files::open(vec![of("etc/passwd"), of("etc/other"), of("etc/third")]);
    let opened = vec![rows(&mut files, Query::default()).rows[0].node];
    let query = Query {
        opened,
        ..Query::default()
    };
    let shown = rows(&mut files, query);
    let lines = ["v etc 30", "  other 10", "  passwd 10", "  third 10"];
    assert_eq!(drawn(&shown), lines);
    assert_eq!(shown.rows[0].state, State::Seen);
    let etc = details(&mut files, Look::Image, "/etc");
    assert_eq!((etc.state, etc.below), (State::Seen, 3));
}

#[test]
fn one_layer_shows_its_own_entries_and_who_hides_them() {
    let mut files = image();
    let passwd = details(&mut files, Look::Layer(0), "/etc/passwd");
    assert_eq!(passwd.state, State::Hidden(1, Why::Replaced));
    let cache = details(&mut files, Look::Layer(0), "/tmp/cache");
    assert_eq!(cache.state, State::Hidden(1, Why::Whiteout));
    let whiteout = details(&mut files, Look::Layer(1), "/tmp/.wh.cache");
    assert_eq!(whiteout.state, State::Whiteout);
    let hides: Vec<_> = whiteout
        .hides
        .iter()
        .map(|it| (it.path.as_str(), it.why))
        .collect();
    assert_eq!(hides, [("/tmp/cache", Why::Whiteout)]);
}

#[test]
fn what_a_layer_changed_says_how() {
    let mut files = image();
    let mut state = |path| details(&mut files, Look::Changes(1), path).state;
    assert_eq!(state("/bin/ping"), State::Added);
    assert_eq!(state("/etc/passwd"), State::Changed);
    assert_eq!(state("/tmp/cache"), State::Removed);
    let passwd = details(&mut files, Look::Changes(1), "/etc/passwd");
    assert_eq!(
        passwd.changes,
        [
            "its size, from 40 bytes",
            "its content",
            "its mode, from 0644"
        ]
    );
    let hides: Vec<_> = passwd
        .hides
        .iter()
        .map(|it| (it.layer, it.size, it.why))
        .collect();
    assert_eq!(hides, [(0, 40, Why::Replaced)]);
}

#[test]
fn an_entry_is_told_with_all_it_has() {
    let mut files = image();
    let ping = details(&mut files, Look::Image, "bin/ping");
    assert_eq!(
        (ping.entry, ping.mode_text.as_str()),
        (Some((1, 0)), "-rwxr-xr-x")
    );
    assert_eq!(ping.user, (0, "root".into()));
    let capabilities = ping
        .capabilities
        .expect("it has some")
        .expect("they are right");
    assert_eq!(capabilities.to_string(), "cap_net_raw=ep");
    assert_eq!(
        (ping.xattrs[0].name.as_str(), ping.xattrs[0].length),
        ("security.capability", 20)
    );
    assert_eq!(
        (ping.copies.as_slice(), ping.copies_in_all),
        (&["/bin/su".to_owned()][..], 1)
    );
    assert_eq!(ping.content.as_deref().map(str::len), Some(64));
    // A hard link has its target's content.
    let sh = details(&mut files, Look::Image, "/bin/sh");
    assert_eq!((sh.file, sh.size), (Some((0, 3 * 512)), 900));
    assert_eq!(
        sh.link.map(|link| (link.path, link.is_there)),
        Some((Some("/bin/busybox".into()), true))
    );
    // A symbolic one leads through others, and not out of the root.
    let link = |files: &mut Files, path: &str| {
        let link = details(files, Look::Image, path).link.expect("it is one");
        (link.path.expect("it leads somewhere"), link.is_there)
    };
    assert_eq!(link(&mut files, "/etc/su"), ("/bin/su".into(), true));
    assert_eq!(link(&mut files, "/etc/out"), ("/nowhere".into(), false));
    assert_eq!(link(&mut files, "/sbin"), ("/bin".into(), true));
    let null = details(&mut files, Look::Image, "/dev/null");
    assert_eq!(null.device, Some((1, 3)));
    assert_eq!(details(&mut files, Look::Image, "/dev").entry, None);
}

/// Each answer has a few rows, whatever is asked for, and scrolling makes nothing anew.
#[test]
fn many_entries_are_answered_a_few_rows_at_a_time() {
    let mut listing = Listing::new();
    for number in 0..300_000 {
        let name = format!("usr/share/{:03}/{number:06}", number % 500);
        listing.push(&entry(b'0', &name, 0o644, number));
    }
    let mut files = Files::open(vec![listing]);
    let all = rows(
        &mut files,
        Query {
            search: "/usr/**".into(),
            count: u32::MAX,
            ..Query::default()
        },
    );
    assert_eq!((all.total, all.rows.len()), (300_501, 1_000));
    assert_eq!((all.entries, all.bytes), (300_000, 300_000 * 299_999 / 2));
    let last = rows(
        &mut files,
        Query {
            search: "/usr/**".into(),
            from: 300_499,
            count: 50,
            ..Query::default()
        },
    );
    assert_eq!((last.from, last.rows.len()), (300_499, 2));
    assert_eq!(last.rows[1].name, "usr/share/499/299999");
    let deep = rows(
        &mut files,
        Query {
            reveal: Some(Which::Path("/usr/share/123/150123".into())),
            count: 40,
            ..Query::default()
        },
    );
    assert_eq!((deep.rows.len(), deep.opened.len()), (40, 3));
    let (row, node) = deep.revealed.expect("it is there");
    assert_eq!(deep.rows[(row - deep.from) as usize].node, node);
}

#[test]
fn hostile_layers_are_shown_as_they_are_and_end() {
    let deep = "a/".repeat(2_000);
    let files = [
        vec![entry(b'0', "../x", 0o644, 1), entry(b'0', "/y", 0o644, 1)],
        vec![entry(b'0', &deep, 0o644, 1)],
        vec![entry(b'0', "", 0o644, 1), entry(b'0', ".wh.", 0o644, 0)],
        vec![
            entry(b'0', "f", 0o644, 1),
            entry(b'0', "./f", 0o644, i64::MAX),
        ],
        vec![
            entry(b'0', "f", 0o644, i64::MAX),
            entry(b'0', "g", 0o644, i64::MAX),
        ],
        vec![entry(b'0', "d/f", 0o644, 1), entry(b'0', "d", 0o644, -1)],
        vec![
            link(b'2', "l", "l/l"),
            link(b'2', "m", "n/x"),
            link(b'2', "n", "m/x"),
        ],
        vec![link(b'1', "h", "h"), link(b'1', "i", "../j")],
        vec![
            entry(b'g', "pax_global_header", 0, 52),
            entry(b's', "s", 0, 3),
        ],
    ];
    for entries in files {
        let mut files = Files::open(vec![layer(&entries), layer(&entries)]);
        for look in [Look::Image, Look::Layer(1), Look::Changes(1)] {
            for search in ["", "*"] {
                let search = search.to_owned();
                let shown = rows(
                    &mut files,
                    Query {
                        look,
                        search,
                        ..Query::default()
                    },
                );
                for row in &shown.rows {
                    let ask = Ask::Entry(look, Which::Node(row.node));
                    assert!(matches!(files.answer(&ask), Answer::Entry(Some(_))));
                }
            }
        }
    }
}

#[test]
fn it_is_said_when_they_are_open_that_entries_are_left_out() {
    let long = entry(b'0', &"n".repeat(1 << 20), 0o644, 1);
    let here = entry(b'0', "here", 0o644, 1);
    let files = Files::open(vec![
        layer(std::slice::from_ref(&here)),
        layer(&[here, long]),
    ]);
    let left_out = files.left_out();
    let [told] = left_out.as_slice() else {
        panic!("{left_out:?}");
    };
    assert_eq!(
        (told.layer, told.message.as_str()),
        (1, "1 entry is counted and not listed")
    );
}
