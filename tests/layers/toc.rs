//! Tables of contents, as containerd's estargz and podman's storage write them: listed, checked, compared with
//! the archive; one file by its chunks.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use waybill_blobs::finding::Code;
use waybill_blobs::job::Job;
use waybill_blobs::layer::{Found, Layer};
use waybill_blobs::listing::{Kind, Listing};
use waybill_blobs::message::{Limits, Start, Wanted};
use waybill_blobs::tar::{Entry, Event, Reader};
use waybill_blobs::toc::{
    Announced, Comparison, Fetch, Fetched, FileError, FileFetch, Format, Problem, Proof,
    SplitArchive, Step, Table, TarSplit, TocError, is_part_of_format,
};
use waybill_blobs::unpack::Unpacker;
use waybill_core::descriptor::Descriptor;
use waybill_core::digest::Algorithm;

use super::archives::file;

/// All that the peer makes, but the one whose table is elsewhere.
pub(crate) const KINDS: [&str; 7] = [
    "estargz",
    "estargz-build",
    "estargz-lossless",
    "estargz-chunks",
    "estargz-shared",
    "zstd-stargz",
    "zstd-chunked",
];

/// A layer with the descriptor that names its table.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) layer: Descriptor,
    pub(crate) blob: Vec<u8>,
}

/// Builds the peer, once, where Go and its modules are there.
pub(crate) fn peer() -> Option<&'static Path> {
    static PEER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let build = || {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/layers/toc_peer");
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("toc-peer");
        let built = Command::new("go")
            .args(["build", "-o"])
            .arg(&program)
            .arg(".")
            .env("CGO_ENABLED", "0")
            .current_dir(folder)
            .status();
        let built = built.is_ok_and(|status| status.success());
        if !built {
            let _ = std::io::stderr().write_all(
                b"\n*** TABLES OF CONTENTS NOT TESTED: go, or a module of tests/layers/toc_peer, is not here.\n\n",
            );
        }
        built.then_some(program)
    };
    PEER.get_or_init(build).as_deref()
}

/// Runs the peer, and gives what it writes.
pub(crate) fn run(peer: &Path, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut running = Command::new(peer)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the peer");
    let mut pipe = running.stdin.take().expect("its input");
    let input = input.to_vec();
    // One that reads nothing closes its input.
    let writing = std::thread::spawn(move || drop(pipe.write_all(&input)));
    let output = running.wait_with_output().expect("its output");
    writing.join().expect("a thread");
    output.stdout
}

/// An archive with entries of every type, and a layer that the peer makes of one.
pub(crate) fn archive(peer: &Path) -> Vec<u8> {
    run(peer, &["sample"], b"")
}

pub(crate) fn make(peer: &Path, kind: &str, archive: &[u8]) -> Sample {
    let output = run(peer, &["make", kind], archive);
    let end = output
        .iter()
        .position(|byte| *byte == b'\n')
        .expect("a line");
    let annotations: BTreeMap<String, String> =
        serde_json::from_slice(&output[..end]).expect("annotations");
    sample(annotations, output[end + 1..].to_vec())
}

pub(crate) fn sample(annotations: BTreeMap<String, String>, blob: Vec<u8>) -> Sample {
    let mut layer = Descriptor {
        size: Some(blob.len() as u64),
        ..Descriptor::default()
    };
    for (name, value) in annotations {
        layer.annotations.set(name, value);
    }
    Sample { layer, blob }
}

/// Fetches the table of a layer, with the ranges that were asked for.
pub(crate) fn fetch(sample: &Sample) -> (Result<Fetched, TocError>, Vec<Range<u64>>) {
    let announced = Announced::by(&sample.layer).expect("a table is announced");
    let size = sample.blob.len() as u64;
    let (mut fetch, mut step) = Fetch::begin(announced, size);
    let mut asked = Vec::new();
    loop {
        match step {
            Step::Done(fetched) => return (Ok(*fetched), asked),
            Step::Failed(error) => return (Err(error), asked),
            Step::Need(range) => {
                assert!(
                    range.start < range.end && range.end <= size,
                    "{range:?} of {size}"
                );
                asked.push(range.clone());
                assert!(asked.len() <= 2, "{asked:?}");
                step = fetch.answer(range.start, &sample.blob[place(&range)]);
            }
        }
    }
}

fn place(range: &Range<u64>) -> Range<usize> {
    let place = |place| usize::try_from(place).expect("a place in memory");
    place(range.start)..place(range.end)
}

/// Reads all of a layer beside its table.
pub(crate) fn compare(table: Table, blob: &[u8]) -> (Vec<Problem>, Found) {
    let mut comparison = Comparison::new(table);
    let mut layer = Layer::new(Algorithm::Sha256);
    for piece in blob.chunks(1777) {
        layer.push(piece, &mut |event| comparison.push(&event));
        comparison.parts(&layer.take_parts());
    }
    let found = layer.finish(&mut |event| comparison.push(&event));
    let (_, problems) = comparison.finish();
    assert_eq!(problems.left_out(), 0);
    (problems.list().to_vec(), found)
}

/// The list that the worker makes of a layer whose contents are wanted.
pub(crate) fn listed(blob: &[u8]) -> Listing {
    let mut job = Job::new(&Start {
        algorithm: Algorithm::Sha256,
        size: None,
        wanted: Wanted {
            listing: true,
            contents: true,
            file: None,
            ..Wanted::default()
        },
        limits: Limits::of_layer(Some(blob.len() as u64)),
    });
    for piece in blob.chunks(1777) {
        assert_eq!(job.push(piece), None);
    }
    let (_, listing) = job.finish();
    Listing::from_bytes(&listing.expect("it is wanted")).expect("a listing")
}

pub(crate) fn unpacked(blob: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    let mut unpacker = Unpacker::new();
    let mut tell = |bytes: &[u8]| all.extend_from_slice(bytes);
    unpacker.push(blob, &mut tell).expect("it unpacks");
    unpacker.finish(&mut tell).expect("it ends");
    all
}

/// The entries of an archive with their contents.
pub(crate) fn entries(archive: &[u8]) -> Vec<(Entry, Vec<u8>)> {
    let mut all: Vec<(Entry, Vec<u8>)> = Vec::new();
    let mut reader = Reader::new();
    reader
        .push(archive, &mut |event| match event {
            Event::Entry(entry) => all.push((*entry, Vec::new())),
            Event::Data(bytes) => all.last_mut().expect("an entry").1.extend(bytes),
        })
        .expect("an archive");
    all
}

/// Reads one file by its chunks, and says in how many requests.
pub(crate) fn read_file(
    table: &Table,
    index: usize,
    blob: &[u8],
    piece: usize,
) -> (Result<Proof, FileError>, Vec<u8>, usize) {
    let mut content = Vec::new();
    let mut fetch = match FileFetch::new(table, index) {
        Ok(fetch) => fetch,
        Err(error) => return (Err(error), content, 0),
    };
    let mut requests = 0;
    while let Some(range) = fetch.need() {
        requests += 1;
        let Some(bytes) = blob.get(place(&range)) else {
            break;
        };
        for bytes in bytes.chunks(piece) {
            let mut tell = |bytes: &[u8]| content.extend_from_slice(bytes);
            if let Err(error) = fetch.push(bytes, &mut tell) {
                assert_eq!(fetch.finish(), Err(error.clone()), "it stays");
                return (Err(error), content, requests);
            }
        }
    }
    (fetch.finish(), content, requests)
}

#[test]
fn a_layer_is_listed_by_its_table() {
    let Some(peer) = peer() else { return };
    let archive = archive(peer);
    let written = entries(&archive);
    for kind in KINDS {
        let sample = make(peer, kind, &archive);
        let (fetched, asked) = fetch(&sample);
        let fetched = fetched.expect(kind);
        let is_zstd = kind.starts_with("zstd");
        let format = if is_zstd {
            Format::ZstdChunked
        } else {
            Format::Estargz
        };
        assert_eq!(fetched.table.format(), format, "{kind}");
        assert_eq!(asked.len(), 1, "{kind}: {asked:?}");
        assert_eq!(fetched.problems.list(), [], "{kind}");
        assert_eq!(fetched.table.check().list(), [], "{kind}");
        let is_split = matches!(fetched.tar_split, TarSplit::Checked(_));
        assert_eq!(is_split, kind == "zstd-chunked", "{kind}");
        let mut names: Vec<_> = written
            .iter()
            .map(|(entry, _)| entry.name.clone())
            .collect();
        let mut listed: Vec<_> = fetched
            .table
            .entries()
            .iter()
            .map(|it| it.header().name)
            .collect();
        listed.retain(|name| !is_part_of_format(name));
        if kind == "estargz-build" {
            names.sort();
            listed.sort();
        }
        assert_eq!(listed, names, "{kind}");
        // The same list as the archive gives, but for times, which eStargz rounds.
        let listing = fetched.table.listing();
        assert_eq!(listing.totals().left_out, 0, "{kind}");
        for view in listing.entries() {
            let is_it = |(entry, _): &&(Entry, Vec<u8>)| entry.name == view.name;
            let Some((entry, _)) = written.iter().find(is_it) else {
                assert!(is_part_of_format(view.name), "{kind}");
                continue;
            };
            assert_eq!(view.kind, Kind::of(entry.kind), "{kind}");
            assert_eq!(i64::from(view.mode), entry.mode, "{kind}");
            assert_eq!((view.user, view.group), (entry.user, entry.group), "{kind}");
            assert_eq!(view.link, entry.link, "{kind}");
            if view.kind == Kind::File {
                assert_eq!(i64::try_from(view.size), Ok(entry.size), "{kind}");
            }
            if format == Format::Estargz {
                assert_eq!(view.user_name, entry.user_name, "{kind}");
            }
            let path = String::from_utf8_lossy(view.name);
            let found = fetched.table.find(&format!("/./{path}"));
            let found = found.and_then(|index| fetched.table.entries().get(index));
            assert_eq!(
                found.map(waybill_blobs::toc::Entry::name),
                Some(&*path),
                "{kind}"
            );
        }
    }
}

#[test]
fn a_table_and_its_archive_are_the_same() {
    let Some(peer) = peer() else { return };
    let archive = archive(peer);
    for kind in KINDS {
        let sample = make(peer, kind, &archive);
        let fetched = fetch(&sample).0.expect(kind);
        let mut listing = Listing::new();
        for (entry, _) in entries(&unpacked(&sample.blob)) {
            listing.push(&entry);
        }
        let problems = fetched.table.compare(&listing);
        let codes = problems.list().iter().map(|it| it.code);
        // Its contents were not hashed, nor its parts noted.
        assert!(
            codes.eq([Code::TableNotCompared; 2]),
            "{kind}: {problems:?}"
        );
        let problems = fetched.table.compare(&listed(&sample.blob));
        assert_eq!(problems.list(), [], "{kind}");
        let (problems, found) = compare(fetched.table.clone(), &sample.blob);
        assert_eq!(problems, [], "{kind}");
        let end = found.archive.expect(kind);
        // The table stands behind the end of the archive, and no file does.
        assert_eq!(end.trailing > 1024, kind == "estargz-lossless", "{kind}");
        if let TarSplit::Checked(packed) = &fetched.tar_split {
            let mut split = SplitArchive::read(packed).expect("tar-split data");
            assert_eq!(split.compare(&fetched.table).list(), [], "{kind}");
            let mut all = unpacked(&sample.blob);
            for piece in all.chunks(1777) {
                split.push(piece);
            }
            assert_eq!(split.finish(), None, "{kind}");
            let mut split = SplitArchive::read(packed).expect("tar-split data");
            all[100] ^= 1;
            split.push(&all);
            assert_eq!(split.finish(), Some(100), "{kind}");
            let mut split = SplitArchive::read(packed).expect("tar-split data");
            let cut = all.len() - 1;
            all[100] ^= 1;
            split.push(&all[..cut]);
            assert_eq!(split.finish(), Some(cut as u64), "{kind}");
        }
    }
}

#[test]
fn one_file_is_read_by_its_chunks() {
    let Some(peer) = peer() else { return };
    let archive = archive(peer);
    let contents: BTreeMap<_, _> = entries(&archive)
        .into_iter()
        .map(|(entry, content)| (entry.name, content))
        .collect();
    for kind in KINDS {
        let sample = make(peer, kind, &archive);
        let table = fetch(&sample).0.expect(kind).table;
        let mut most = 0;
        for (index, entry) in table.entries().iter().enumerate() {
            if is_part_of_format(entry.name().as_bytes()) {
                continue;
            }
            most = most.max(table.chunks(entry).len());
            for piece in [1000, 1 << 20] {
                let (read, content, requests) = read_file(&table, index, &sample.blob, piece);
                let name = entry.name();
                match entry.kind() {
                    b'0' | b'1' => {
                        let target = if entry.kind() == b'1' { "bin/su" } else { name };
                        let proof = if content.is_empty() && kind == "zstd-chunked" {
                            Proof::Empty
                        } else {
                            Proof::File
                        };
                        assert_eq!(read, Ok(proof), "{kind} {name}");
                        assert!(content == contents[target.as_bytes()], "{kind} {name}");
                        assert_eq!(requests, usize::from(!content.is_empty()), "{kind} {name}");
                    }
                    _ => assert_eq!(read, Err(FileError::NoFile), "{kind} {name}"),
                }
            }
        }
        let is_chunked = !matches!(kind, "estargz" | "estargz-build" | "estargz-lossless");
        assert_eq!(most > 1, is_chunked, "{kind}: {most}");
    }
}

#[test]
fn a_broken_connection_goes_on_where_it_broke() {
    let Some(peer) = peer() else { return };
    let sample = make(peer, "estargz-chunks", &archive(peer));
    let table = fetch(&sample).0.expect("a table").table;
    let large = |table: &Table| {
        table
            .entries()
            .iter()
            .position(|it| it.name() == "lib/large")
    };
    let mut fetch = FileFetch::new(&table, large(&table).expect("it")).expect("a file");
    let mut size = 0;
    let mut requests = 0;
    while let Some(range) = fetch.need() {
        let bytes = &sample.blob[place(&range)];
        let bytes = &bytes[..bytes.len().min(70_001)];
        fetch
            .push(bytes, &mut |bytes| size += bytes.len() as u64)
            .expect("its bytes");
        requests += 1;
    }
    assert!(requests > 5, "{requests}");
    assert_eq!(size, fetch.size());
    assert_eq!(fetch.finish(), Ok(Proof::File));
}

#[test]
fn a_changed_byte_of_a_chunk_is_found() {
    let Some(peer) = peer() else { return };
    for kind in KINDS {
        let mut sample = make(peer, kind, &archive(peer));
        let table = fetch(&sample).0.expect(kind).table;
        let index = table
            .entries()
            .iter()
            .position(|it| it.name() == "lib/large");
        let index = index.expect("a file");
        let entry = &table.entries()[index];
        let chunk = &table.chunks(entry)[0];
        // Inside of what does not compress, so that it still unpacks, in gzip and zstd alike.
        let middle = usize::try_from(chunk.range().start).expect("a place") + 5000;
        sample.blob[middle] ^= 1;
        let (read, _, _) = read_file(&table, index, &sample.blob, 1 << 20);
        match read {
            Err(FileError::Digest { .. } | FileError::Unpack(_)) => {}
            other => panic!("{kind}: {other:?}"),
        }
        let (problems, found) = compare(table, &sample.blob);
        let is_told = problems.iter().any(|it| it.path == b"lib/large");
        assert!(is_told || found.diff_id.is_err(), "{kind}: {problems:?}");
    }
}

#[test]
fn a_large_table_takes_two_requests() {
    let Some(peer) = peer() else { return };
    let many: Vec<u8> = (0..9000_u32)
        .flat_map(|index| {
            let noise = index.wrapping_mul(2_654_435_769);
            file(&format!("{noise:08x}"), format!("{index}").as_bytes())
        })
        .chain([0; 1024])
        .collect();
    let sample = make(peer, "estargz", &many);
    let (fetched, asked) = fetch(&sample);
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert_eq!(
        asked[0],
        sample.blob.len() as u64 - 65_536..sample.blob.len() as u64
    );
    let table = fetched.expect("a table").table;
    assert_eq!(table.entries().len(), 9000);
    // A registry that ignores Range sends everything.
    let announced = Announced::by(&sample.layer).expect("a table");
    let (mut fetch, _) = Fetch::begin(announced, sample.blob.len() as u64);
    assert!(matches!(fetch.answer(0, &sample.blob), Step::Done(_)));
}
