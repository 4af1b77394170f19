//! Archives: what is drawn of one while it is opened, once it is, and where it cannot be; and where the shell goes.

use std::future::Future;
use std::ops::Range;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use serde_json::json;
use waybill::app;
use waybill::archive::{Effect, Heard, Msg};
use waybill::local_content::{GivenArchive, Import};
use waybill_blobs::archive::message::{Event, Failure, Told};
use waybill_blobs::archive::{Archive, Files, Opened, ReadError, Source, open};
use waybill_blobs::sniff::Compression;
use waybill_core::digest::Digest;
use waybill_testkit::tar::{Header, file};

use super::Named;
use super::harness::{Done, Harness};
use super::page::render;

/// Said of a file whose archive is compressed as a whole.
const PACKED: &str = "Harbour Files.tar.gz";

pub(crate) const STATES: &[Named] = &[
    ("archive-none", || Harness::at("/archive")),
    ("archive-not-open", || Harness::at("/archive/nginx.tar")),
    ("archive-not-open-image", || {
        let digest = Digest::sha256(b"1");
        Harness::at(&format!("/archive/nginx.tar@{digest}?tab=files"))
    }),
    ("archive-opening", || {
        let mut harness = given("nginx.tar", Some(4_200_000_000));
        harness.hear(event(Event::Progress {
            done: 1_000_000_000,
            of: 4_200_000_000,
            unpacked: 0,
        }));
        harness
    }),
    ("archive-unpacking", || {
        let mut harness = given(PACKED, Some(2_000_000_000));
        harness.hear(event(Event::Packed(Compression::Gzip)));
        harness.hear(event(Event::Progress {
            done: 500_000_000,
            of: 2_000_000_000,
            unpacked: 1_600_000_000,
        }));
        harness
    }),
    ("archive-no-room", || {
        failed(Failure::NoRoom {
            free: Some(3_000_000_000),
            needed: Some(3_900_000_000),
        })
    }),
    ("archive-no-disk", || {
        failed(Failure::NoRoom {
            free: None,
            needed: None,
        })
    }),
    ("archive-failed", || {
        failed(Failure::Other("the stream ends early".into()))
    }),
    ("archive-listed", || of(&two_images(), false)),
    ("hostile-archive", || {
        let names = [
            "user\u{202e}gpj.exe\u{200b}",
            "<script>alert('harm')</script>",
        ];
        of(&saved(&[(&names, &["a"])], false), false)
    }),
    ("archive-verified", || {
        of(&saved(&[(&["harbour:1"], &["a"])], false), true)
    }),
    ("archive-mismatch", || {
        of(&saved(&[(&["harbour:1"], &["a"])], true), true)
    }),
    ("archive-reading", || {
        let mut harness = of(&two_images(), false);
        harness.archive(Msg::Read { all: true });
        harness.hear(event(Event::Progress {
            done: 512,
            of: 2_048,
            unpacked: 0,
        }));
        harness
    }),
    ("archive-changed", || {
        let mut harness = of(&two_images(), false);
        harness.archive(Msg::Read { all: true });
        harness.hear(event(Event::Failed(Failure::Changed)));
        harness
    }),
    ("archive-root-file-system", || {
        let names = ["etc/", "usr/", "bin/"];
        let folders = names.map(|name| Header::new(name, b'5').with(b""));
        of(&ended(&folders), false)
    }),
    ("archive-other", || of(b"<!doctype html><html>", false)),
];

fn event(event: Event) -> Heard {
    Heard::Event(event)
}

/// The page with an archive that was given.
fn given(name: &str, size: Option<u64>) -> Harness {
    let mut harness = Harness::at("/");
    harness.send(app::Msg::Import(import(name, size)));
    harness
}

fn import(name: &str, size: Option<u64>) -> Import {
    Import {
        archives: vec![GivenArchive {
            name: name.to_owned(),
            size,
            number: 0,
        }],
        ..Import::default()
    }
}

/// The page with one that could not be unpacked.
fn failed(failure: Failure) -> Harness {
    let mut harness = given(PACKED, Some(2_000_000_000));
    harness.hear(event(Event::Packed(Compression::Gzip)));
    harness.hear(event(Event::Failed(failure)));
    harness
}

/// The page with an archive of these bytes, as its worker tells it.
fn of(bytes: &[u8], verified: bool) -> Harness {
    let mut harness = given("harbour.tar", Some(bytes.len() as u64));
    let source = Memory(bytes.to_vec());
    let mut archive = opened(&source);
    let told = Told::new(&archive, None);
    harness.hear(event(Event::Told(Box::new(told))));
    if verified {
        let judged = now(archive.verify(&source, &mut |_| {})).expect("it is read");
        let told = Told::new(&archive, Some(&judged));
        harness.hear(event(Event::Told(Box::new(told))));
    }
    harness
}

struct Memory(Vec<u8>);

impl Source for Memory {
    fn files(&self) -> Files {
        Files::One(self.0.len() as u64)
    }

    async fn read(&self, _: usize, range: Range<u64>) -> Result<Vec<u8>, ReadError> {
        let at = |place| usize::try_from(place).expect("few");
        Ok(self.0[at(range.start)..at(range.end)].to_vec())
    }
}

fn opened(source: &Memory) -> Archive {
    match now(open(source)).expect("it is read") {
        Opened::Archive(archive) => *archive,
        Opened::Packed(_) => panic!("it is compressed"),
    }
}

/// The answer of what waits for nothing.
fn now<T>(task: impl Future<Output = T>) -> T {
    match pin!(task).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("it waits"),
    }
}

fn ended(entries: &[Vec<u8>]) -> Vec<u8> {
    [entries.concat(), vec![0; 1_024]].concat()
}

/// What `docker save` writes of images with these names, of layers that hold such a file each. One that is `spoilt` is not
/// what the config names.
fn saved(images: &[(&[&str], &[&str])], spoilt: bool) -> Vec<u8> {
    let mut entries = Vec::new();
    let mut manifest = Vec::new();
    for (names, layers) in images {
        let layers: Vec<_> = layers
            .iter()
            .map(|name| ended(&[file(name, name.as_bytes())]))
            .collect();
        let diff_ids: Vec<_> = layers.iter().map(|bytes| Digest::sha256(bytes)).collect();
        let config = json!({
            "architecture": "amd64", "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let config = config.to_string();
        let config_name = format!("{}.json", Digest::sha256(config.as_bytes()).encoded());
        entries.push(file(&config_name, config.as_bytes()));
        let mut paths = Vec::new();
        for (layer, diff_id) in layers.iter().zip(&diff_ids) {
            let name = format!("{}.tar", diff_id.encoded());
            let mut bytes = layer.clone();
            if spoilt {
                bytes[512] ^= 1;
            }
            entries.push(file(&name, &bytes));
            paths.push(name);
        }
        manifest.push(json!({"Config": config_name, "RepoTags": names, "Layers": paths}));
    }
    let manifest = serde_json::to_string(&manifest).expect("JSON");
    entries.push(file("manifest.json", manifest.as_bytes()));
    ended(&entries)
}

/// Two images with three names, behind an entry whose name leads out of the archive.
fn two_images() -> Vec<u8> {
    let images: [(&[&str], &[&str]); 2] = [
        (&["harbour:1", "harbour:latest"], &["a", "b"]),
        (&["pier:1"], &["c"]),
    ];
    [file("../outside", b"x"), saved(&images, false)].concat()
}

/// The one image of an archive that is open: its address.
fn link(page: &str) -> &str {
    let (_, rest) = page
        .split_once("href=\"#/archive/harbour.tar")
        .expect("a link");
    let (rest, _) = rest.split_once('"').expect("its end");
    rest
}

#[test]
fn what_is_given_is_opened_on_a_page_of_its_own() {
    let mut harness = Harness::new(true);
    let done = harness.send(app::Msg::Import(import("Harbour (1).tar", Some(9))));
    assert!(
        done.iter()
            .any(|done| matches!(done, Done::Archive(Effect::Open(0, _)))),
        "{done:?}"
    );
    assert_eq!(harness.app.route.to_string(), "#/archive/harbour-1-tar");
}

#[test]
fn an_image_is_looked_at_once_its_archive_is_open_and_the_address_waits_for_it() {
    let bytes = saved(&[(&["harbour:1"], &["a"])], false);
    let page = render(of(&bytes, false));
    let address = format!("/archive/harbour.tar{}", link(&page));
    assert!(address.contains("/made@sha256:"), "{address}");

    // Who comes from elsewhere is asked for the archive.
    let mut harness = Harness::at(&address);
    assert_eq!(harness.app.route.to_string(), format!("#{address}"));
    assert!(harness.inspected().is_none());
    harness.send(app::Msg::Import(import("harbour.tar", Some(9))));
    let told = Told::new(&opened(&Memory(bytes)), None);
    harness.hear(event(Event::Told(Box::new(told))));
    let inspected = harness.inspected().expect("it is looked at");
    assert_eq!(
        inspected.model.subject.archive(),
        Some(("harbour.tar", true))
    );
    assert_eq!(harness.app.typed, "", "the box names registries alone");
}

#[test]
fn the_same_file_once_more_takes_the_place_of_the_first_and_another_one_does_not() {
    let mut harness = given("a.tar", Some(1));
    harness.send(app::Msg::Import(import("a.tar", Some(2))));
    let names = |harness: &Harness| -> Vec<_> {
        let all = &harness.archives.opened;
        all.iter().map(|it| (it.name.clone(), it.size)).collect()
    };
    assert_eq!(names(&harness), [("a.tar".to_owned(), Some(2))]);
    harness.send(app::Msg::Import(import("A.tar", Some(3))));
    assert_eq!(names(&harness)[1], ("a.tar-2".to_owned(), Some(3)));
}

#[test]
fn what_is_cancelled_while_it_is_opened_is_closed_and_what_is_open_stays() {
    let mut harness = given("a.tar", Some(1));
    let done = harness.archive(Msg::Cancel);
    assert!(done.contains(&Done::Archive(Effect::Close(0))), "{done:?}");
    assert!(harness.archives.opened.is_empty());
    let mut harness = of(&two_images(), false);
    harness.archive(Msg::Read { all: true });
    let done = harness.archive(Msg::Cancel);
    assert_eq!(done, [Done::Archive(Effect::Cancel(0))]);
    assert_eq!(harness.archives.opened.len(), 1);
}

#[test]
fn what_is_compressed_twice_is_unpacked_once() {
    let mut harness = given(PACKED, Some(9));
    let done = harness.hear(event(Event::Packed(Compression::Gzip)));
    assert_eq!(done, [Done::Archive(Effect::Unpack(0))]);
    harness.hear(Heard::Unpacked(20));
    let done = harness.hear(event(Event::Packed(Compression::Gzip)));
    assert!(done.is_empty(), "{done:?}");
    assert!(render(harness).contains("compressed again"));
}

#[test]
fn a_closed_archive_is_forgotten_by_the_shell() {
    let mut harness = of(&two_images(), false);
    let page = render(of(&two_images(), false));
    let address = format!("/archive/harbour.tar{}", link(&page));
    harness.archive(Msg::Close);
    harness.go(&address);
    assert!(harness.inspected().is_none());
}
