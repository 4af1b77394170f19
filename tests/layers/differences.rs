//! The files of two images beside each other: row by row, and beside the plain model at random.

use std::collections::BTreeMap;
use std::rc::Rc;

use waybill_blobs::files::{Differences, DifferencesQuery, DifferencesRows, Differs};
use waybill_blobs::listing::{Kind, Listing};
use waybill_blobs::path::escape;
use waybill_blobs::tar::{Entry, Time};

use super::flatten::entry;
use super::model::{Shown, model, name};
use super::tar_oracle::Numbers;

/// A layer of entries; a file's content is said to be that byte.
fn layer(entries: &[(Entry, u8)]) -> Rc<Listing> {
    let mut listing = Listing::new();
    for (entry, content) in entries {
        listing.push(entry);
        if entry.kind == b'0' {
            listing.hash_content([*content; 32]);
        }
    }
    Rc::new(listing)
}

fn with(text: &str, change: impl FnOnce(&mut Entry)) -> (Entry, u8) {
    let mut entry = entry(text);
    change(&mut entry);
    (entry, 1)
}

fn plain(text: &str) -> (Entry, u8) {
    with(text, |_| {})
}

fn all(found: &Differences, only: Option<Differs>) -> DifferencesRows {
    found.rows(&DifferencesQuery {
        only,
        count: 1_000,
        ..DifferencesQuery::default()
    })
}

/// Rows as a person reads them.
fn told(rows: &DifferencesRows) -> Vec<String> {
    rows.rows.iter().map(ToString::to_string).collect()
}

#[test]
fn each_thing_that_differs_of_a_file_is_told_with_both_its_values() {
    let time = |seconds| Time {
        seconds,
        nanoseconds: 0,
    };
    let both = layer(&[plain("usr/"), plain("usr/share/"), plain("usr/share/doc")]);
    let left = layer(&[
        with("bin/su", |it| it.mode = 0o4755),
        with("etc/hosts", |it| it.size = 5),
        with("etc/owned", |it| it.user = 1000),
        plain("lib -> usr/lib"),
        with("null", |it| (it.kind, it.device) = (b'3', (1, 3))),
        plain("old"),
        with("ping", |it| {
            it.xattrs = vec![(b"user.a".to_vec(), b"1".to_vec())];
        }),
        plain("same"),
        with("stamp", |it| it.modified = time(0)),
        plain("was a directory/"),
        plain("was a directory/inside"),
    ]);
    let right = layer(&[
        with("bin/su", |it| it.mode = 0o755),
        with("etc/hosts", |it| it.size = 7),
        plain("etc/owned"),
        plain("lib -> lib64"),
        with("null", |it| (it.kind, it.device) = (b'3', (1, 5))),
        plain("new"),
        plain("ping"),
        plain("same"),
        with("stamp", |it| it.modified = time(86_400)),
        plain("was a directory"),
    ]);
    let found = Differences::find(vec![Rc::clone(&both), left], vec![both, right]);
    assert_eq!(
        told(&all(&found, None)),
        [
            "≠ /bin/su (mode: 4755 → 0755)",
            "≠ /etc/hosts (size: 5 → 7)",
            "≠ /etc/owned (owner: 1000:0 → 0:0)",
            "≠ /lib (link: usr/lib → lib64)",
            "+ /new",
            "≠ /null (device: 1, 3 → 1, 5)",
            "− /old",
            "≠ /ping (user.a: 1 → none)",
            "≠ /was a directory (type: directory → file, size: none → 15, content: none → \
             0101010101010101010101010101010101010101010101010101010101010101)",
            "− /was a directory/inside",
        ]
    );
    assert_eq!(
        told(&all(&found, Some(Differs::OnlyTime))),
        ["≈ /stamp (time: 1970-01-01 00:00:00 UTC → 1970-01-02 00:00:00 UTC)"]
    );
    assert_eq!(told(&all(&found, Some(Differs::Added))), ["+ /new"]);
    let counts = found.counts();
    assert_eq!(counts.differ, [1, 2, 7, 1]);
    // The three of the layer that both have, `same`, and the directories that no entry makes.
    assert_eq!(counts.alike, 6);
    assert_eq!(counts.left_out, 0);
}

#[test]
fn a_hard_link_is_the_file_that_it_names_and_a_copy_of_it_is_no_difference() {
    let content = |text: &str, content| (entry(text), content);
    let linked = layer(&[content("a", 1), content("b => a", 0)]);
    let copied = layer(&[content("a", 1), with("b", |it| it.size = 1)]);
    let found = Differences::find(vec![linked], vec![copied]);
    assert_eq!(told(&all(&found, None)), [""; 0]);
    assert_eq!(found.counts().alike, 2);
}

#[test]
fn what_a_later_layer_removes_or_writes_again_counts_as_it_is_at_the_end() {
    let base = layer(&[plain("app/"), plain("app/one"), plain("app/two")]);
    let removes = layer(&[plain("app/.wh.one")]);
    let again = layer(&[plain("app/two")]);
    let found = Differences::find(vec![Rc::clone(&base), again], vec![base, removes]);
    assert_eq!(told(&all(&found, None)), ["− /app/one"]);
}

#[test]
fn one_content_of_one_size_and_another_of_the_same_size_are_told_apart() {
    let [one, other] = [1, 2].map(|content| layer(&[(entry("file"), content)]));
    let found = Differences::find(vec![one], vec![other]);
    let rows = all(&found, None);
    assert_eq!(rows.rows[0].changes[0].name, "content");
    assert_eq!(rows.rows[0].left_bytes, Some(4));
}

#[test]
fn a_long_attribute_that_differs_behind_what_is_shown_differs() {
    let attribute = |last| {
        let mut value = vec![b'x'; 1_000];
        value.push(last);
        layer(&[with("file", |it| it.xattrs = vec![(b"a".to_vec(), value)])])
    };
    let found = Differences::find(vec![attribute(b'1')], vec![attribute(b'2')]);
    assert_eq!(all(&found, None).rows[0].changes.len(), 1);
}

#[test]
fn rows_are_searched_by_name_and_by_glob_and_told_a_few_at_a_time() {
    let entries: Vec<_> = (0..50).map(|it| plain(&format!("d/{it:02}.txt"))).collect();
    let found = Differences::find(vec![], vec![layer(&entries)]);
    let ask = |search: &str, from, count| {
        found.rows(&DifferencesQuery {
            search: search.to_owned(),
            from,
            count,
            ..DifferencesQuery::default()
        })
    };
    let rows = ask("", 10, 3);
    assert_eq!((rows.total, rows.from), (51, 10));
    assert_eq!(told(&rows), ["+ /d/09.txt", "+ /d/10.txt", "+ /d/11.txt"]);
    assert_eq!(ask("4*.txt", 0, 100).total, 10);
    assert_eq!(ask("d/*5.txt", 0, 100).total, 5);
    assert_eq!(ask("nothing", 5, 100), DifferencesRows::default());
}

#[test]
fn the_reports_name_every_path_and_escape_what_is_no_text() {
    let mut strange = entry("name");
    strange.name = b"a\xff\nb".to_vec();
    let found = Differences::find(vec![layer(&[plain("gone")])], vec![layer(&[(strange, 1)])]);
    assert_eq!(found.to_text(), "+ /a\\xff\\x0ab\n− /gone\n");
    let json: serde_json::Value = serde_json::from_str(&found.to_json()).expect("it is JSON");
    assert_eq!(json["counts"]["added"], 1);
    assert_eq!(json["files"][0]["path"], "/a\\xff\\x0ab");
    assert_eq!(json["files"][1]["differs"], "removed");
}

/// What stands at each path by the plain model, as far as files are compared.
fn plainly(layers: &[Listing]) -> BTreeMap<String, (Kind, u32, u64, Vec<u8>)> {
    let seen = |(path, shown): (Vec<u8>, Shown)| {
        let at = |(layer, entry): (u32, u32)| {
            let view = layers[layer as usize].entry(entry as usize);
            let view = view.expect("it is there");
            let size = if view.kind == Kind::File {
                view.size
            } else {
                0
            };
            let is_link = matches!(view.kind, Kind::SymbolicLink | Kind::HardLink);
            let link = if is_link { view.link } else { &[] };
            (view.kind, view.mode, size, link.to_vec())
        };
        let own = shown.1.map(|entry| (shown.0, entry));
        let place = if shown.2 { own } else { shown.3.or(own) };
        let seen = place.map_or((Kind::Directory, 0o755, 0, Vec::new()), at);
        (format!("/{}", escape(&path)), seen)
    };
    model(layers).into_iter().map(seen).collect()
}

#[test]
fn any_two_images_differ_as_their_plain_models_do() {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let mut differ = [0_usize; 4];
    for case in 0..2_000 {
        let mut random = || -> Vec<Listing> {
            let layers = 1 + numbers.next(3);
            let layer = |_| {
                let mut listing = Listing::new();
                for _ in 0..numbers.next(10) {
                    let mut entry = entry(&name(&mut numbers));
                    entry.mode = [0o755, 0o644][numbers.next(2)];
                    listing.push(&entry);
                }
                listing
            };
            (0..layers).map(layer).collect()
        };
        let (left, right) = (random(), random());
        let models = [plainly(&left), plainly(&right)];
        let mut expected = BTreeMap::new();
        for path in models[0].keys().chain(models[1].keys()) {
            let differs = match (models[0].get(path), models[1].get(path)) {
                (Some(_), None) => Differs::Removed,
                (None, _) => Differs::Added,
                (one, other) if one != other => Differs::Changed,
                _ => continue,
            };
            expected.insert(path.clone(), differs);
        }
        let shared = |layers: Vec<Listing>| layers.into_iter().map(Rc::new).collect();
        let found = Differences::find(shared(left), shared(right));
        let rows = all(&found, None).rows.into_iter();
        let rows: Vec<_> = rows.map(|row| (row.path, row.differs)).collect();
        for (_, differs) in &rows {
            differ[*differs as usize] += 1;
        }
        let count = rows.len();
        let rows: BTreeMap<_, _> = rows.into_iter().collect();
        assert_eq!(rows, expected, "case {case}");
        assert_eq!(count, expected.len(), "case {case}: a path is there twice");
    }
    assert!(differ[..3].iter().all(|count| *count > 500), "{differ:?}");
}
