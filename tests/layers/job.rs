//! The job of a worker: a layer up to its limits, with its listing, and what a page says of it.

use std::io::Write as _;

use flate2::write::GzEncoder;
use waybill_blobs::extract::Extracted;
use waybill_blobs::job::{Job, OwnPiece};
use waybill_blobs::listing::Listing;
use waybill_blobs::message::{
    Bytes, Command, Event, Fetch, Limit, Limits, Progress, Start, Wanted,
};
use waybill_blobs::unpack::UnpackError;
use waybill_core::digest::{Algorithm, Digest};

use super::archives::file;

const NONE: Limits = Limits {
    received: u64::MAX,
    unpacked: u64::MAX,
    ratio: u64::MAX,
    ratio_beyond: u64::MAX,
};

fn start(limits: Limits) -> Start {
    Start {
        algorithm: Algorithm::Sha256,
        size: Some(7),
        wanted: Wanted {
            listing: true,
            contents: true,
            file: None,
            bytes: Bytes::None,
        },
        limits,
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// Two files, each in whole blocks, and the end.
fn archive() -> Vec<u8> {
    [file("a", b"first"), file("b", b""), vec![0; 1024]].concat()
}

#[test]
fn a_job_finds_what_a_layer_is_and_lists_it_with_the_hash_of_each_file() {
    let layer = gzip(&archive());
    let mut job = Job::new(&start(NONE));
    for piece in layer.chunks(100) {
        assert_eq!(job.push(piece), None);
    }
    let received = layer.len() as u64;
    assert_eq!(job.progress().received, received);
    let (found, listing) = job.finish();
    assert_eq!(found.digest, Digest::sha256(&layer));
    assert_eq!(found.diff_id, Ok(Digest::sha256(&archive())));
    let listing = Listing::from_bytes(&listing.expect("one is wanted")).expect("it is whole");
    let hashes = |content: &[u8]| {
        let hasher = waybill_core::digest::Hasher::new(Algorithm::Sha256);
        let mut hasher = hasher;
        hasher.update(content);
        hasher.finish_sha256()
    };
    let listed: Vec<_> = listing
        .entries()
        .map(|entry| (entry.name.to_vec(), entry.content))
        .collect();
    let expected = [
        (b"a".to_vec(), hashes(b"first")),
        (b"b".to_vec(), hashes(b"")),
    ];
    assert_eq!(listed, expected);
}

#[test]
fn a_file_that_ends_early_has_no_hash() {
    let whole = file("a", &[7; 600]);
    let mut job = Job::new(&start(NONE));
    assert_eq!(job.push(&whole[..1100]), None);
    let (found, listing) = job.finish();
    assert!(found.archive.is_err());
    let listing = Listing::from_bytes(&listing.expect("one is wanted")).expect("it is whole");
    assert_eq!(listing.entry(0).expect("it is listed").content, None);
}

#[test]
fn what_nobody_wants_is_not_listed() {
    let mut job = Job::new(&Start {
        wanted: Wanted::default(),
        ..start(NONE)
    });
    assert_eq!(job.push(&archive()), None);
    assert_eq!(job.finish().1, None);
}

#[test]
fn a_plain_layer_is_its_own_diff_id_and_one_of_sha512_is_not() {
    for (algorithm, is_same) in [(Algorithm::Sha256, true), (Algorithm::Sha512, false)] {
        let mut job = Job::new(&Start {
            algorithm,
            ..start(NONE)
        });
        for piece in archive().chunks(3) {
            assert_eq!(job.push(piece), None);
        }
        let (found, _) = job.finish();
        assert_eq!(found.digest, Digest::compute(algorithm, &archive()));
        assert_eq!(found.diff_id, Ok(Digest::sha256(&archive())));
        assert_eq!(found.diff_id == Ok(found.digest), is_same);
    }
}

#[test]
fn each_limit_is_told_once_and_what_was_not_taken_is_given_back() {
    let layer = gzip(&vec![0; 2 << 20]);
    for (limits, limit) in [
        (
            Limits {
                received: 4_000,
                ..NONE
            },
            Limit::Received,
        ),
        (
            Limits {
                unpacked: 100,
                ..NONE
            },
            Limit::Unpacked,
        ),
    ] {
        let mut job = Job::new(&start(limits));
        let (reached, rest) = job.push(&layer).expect("it reaches a limit");
        assert_eq!(reached, limit);
        let Progress { received, unpacked } = job.progress();
        assert_eq!(received + rest.len() as u64, layer.len() as u64);
        assert!(received > 0 && unpacked > 0);
        // Unanswered, it takes nothing.
        assert_eq!(job.push(rest), Some((limit, rest)));
        job.answer(true);
        assert_eq!(job.push(rest), None);
        let (found, _) = job.finish();
        assert_eq!(found.digest, Digest::sha256(&layer));
        assert_eq!(found.unpacked_size, 2 << 20);
    }
}

#[test]
fn a_layer_that_is_not_unpacked_any_more_has_its_digest_and_no_diff_id() {
    let layer = gzip(&vec![0; 2 << 20]);
    let mut job = Job::new(&start(Limits {
        unpacked: 100,
        ..NONE
    }));
    let (_, rest) = job.push(&layer).expect("it reaches a limit");
    job.answer(false);
    let unpacked = job.progress().unpacked;
    assert_eq!(job.push(rest), None);
    let (found, _) = job.finish();
    assert_eq!(found.digest, Digest::sha256(&layer));
    assert_eq!(found.diff_id, Err(UnpackError::Stopped(unpacked)));
}

#[test]
fn a_ratio_counts_only_beyond_what_files_of_zeros_have() {
    let layer = gzip(&vec![0; 4 << 20]);
    let beyond = |ratio_beyond| {
        let limits = Limits {
            ratio: 20,
            ratio_beyond,
            ..NONE
        };
        let mut job = Job::new(&start(limits));
        let reached = job.push(&layer).map(|(limit, _)| limit);
        (reached, job.progress().unpacked > ratio_beyond)
    };
    assert_eq!(beyond(1 << 20), (Some(Limit::Ratio), true));
    assert_eq!(beyond(4 << 20), (None, false));
}

#[test]
fn a_layer_of_which_all_came_is_whole() {
    let mut job = Job::new(&start(NONE));
    assert_eq!(job.push(b"123456"), None);
    assert!(!job.is_whole());
    assert_eq!(job.push(b"7"), None);
    assert!(job.is_whole());
}

#[test]
fn every_command_is_read_as_it_was_written() {
    let fetch = Fetch {
        url: "/relay/https/r.example/v2/a/blobs/sha256:0".into(),
        headers: vec![
            ("authorization".into(), "Bearer secret".into()),
            ("range".into(), "bytes=7-".into()),
        ],
        seconds_to_answer: 60,
        idle_seconds: 30,
        limit: 1 << 20,
    };
    assert!(!format!("{fetch:?}").contains("secret"));
    for command in [
        Command::Start(start(Limits::of_layer(Some(9)))),
        Command::Start(Start {
            size: None,
            ..start(NONE)
        }),
        Command::Fetch(fetch),
        Command::Read { skip: u64::MAX },
        Command::Cancel,
        Command::Pause { seconds: 20 },
        Command::GoOn,
        Command::Answer { go_on: true },
        Command::Answer { go_on: false },
    ] {
        let texts = command.to_texts();
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        assert_eq!(Command::from_texts(&texts), Some(command));
        assert_eq!(Command::from_texts(&[]), None);
    }
}

#[test]
fn every_event_is_read_as_it_was_written() {
    let found = |layer: &[u8]| {
        let mut job = Job::new(&start(NONE));
        assert_eq!(job.push(layer), None);
        Event::Done(Box::new(job.finish().0))
    };
    for event in [
        Event::Ready,
        Event::Answered {
            status: 206,
            headers: vec![("content-range".into(), "bytes 7-9/10".into())],
            body: "\"\n\u{1f4a3}".into(),
            over_limit: true,
        },
        Event::Unanswered { timed_out: true },
        Event::Progress(Progress {
            received: u64::MAX,
            unpacked: 0,
        }),
        Event::Question(Limit::Ratio),
        Event::Broken { received: 7 },
        found(&archive()),
        found(&gzip(&archive())[..20]),
        found(b"BZh and no more"),
        found(&gzip(b"no archive")),
    ] {
        assert_eq!(Event::from_text(&event.to_text()), Some(event));
    }
    assert_eq!(Event::from_text("{}"), None);
}

#[test]
fn bytes_that_are_saved_are_those_that_are_hashed() {
    let archive = archive();
    let packed = gzip(&archive);
    for (layer, step) in [(&packed, 7), (&packed, 1 << 20), (&archive, 100)] {
        let mut start = start(NONE);
        start.wanted = Wanted {
            bytes: Bytes::Unpacked,
            ..Wanted::default()
        };
        let mut job = Job::new(&start);
        let mut kept = Vec::new();
        for piece in layer.chunks(step) {
            assert_eq!(job.push(piece), None);
            for piece in job.pieces() {
                let OwnPiece::Bytes(bytes) = piece else {
                    panic!("it has no holes");
                };
                kept.extend(bytes);
            }
        }
        let (found, last) = job.finish();
        kept.extend(last.expect("the last"));
        assert_eq!(kept, archive);
        assert_eq!(found.diff_id, Ok(Digest::sha256(&archive)));

        start.wanted.bytes = Bytes::Stored;
        let mut job = Job::new(&start);
        assert!(job.wants_stored());
        assert_eq!(job.push(layer), None);
        assert!(job.pieces().is_empty(), "whoever pushes has them");
        let (found, last) = job.finish();
        assert_eq!(found.digest, Digest::sha256(layer));
        assert_eq!((found.diff_id.is_err(), last), (true, None));
    }
}

/// What comes of a file that is wanted, and how many bytes of the layer it took.
fn extracted(layer: &[u8], offset: u64, step: usize) -> (Vec<u8>, Option<Extracted>, u64) {
    let mut start = start(NONE);
    start.wanted = Wanted {
        file: Some(offset),
        ..Wanted::default()
    };
    let mut job = Job::new(&start);
    let mut content = Vec::new();
    for piece in layer.chunks(step) {
        assert_eq!(job.push(piece), None);
        for piece in job.pieces() {
            match piece {
                OwnPiece::Bytes(bytes) => content.extend_from_slice(&bytes),
                OwnPiece::Zeros(count) => {
                    content.resize(content.len() + usize::try_from(count).expect("few"), 0);
                }
            }
        }
        if job.has_file() {
            break;
        }
    }
    let received = job.progress().received;
    (content, job.file(), received)
}

#[test]
fn a_file_that_is_wanted_comes_whole_and_nothing_behind_it_is_read() {
    let archive = [
        file("a", b"first"),
        file("b", &[7; 3_000]),
        file("c", b""),
        vec![9; 100_000],
    ]
    .concat();
    for (offset, holds) in [(0, &b"first"[..]), (1024, &[7; 3_000]), (4608, b"")] {
        for step in [1, 100, 4096] {
            let (content, found, received) = extracted(&archive, offset, step);
            let found = found.expect("it began");
            assert_eq!(content, holds);
            assert_eq!(found.digest, Digest::sha256(holds));
            assert!(found.is_whole && received < 10_000, "{received}");
        }
    }
    let (content, found, _) = extracted(&archive[..3_000], 1024, 100);
    assert!(!found.expect("it began").is_whole && content.len() == 3_000 - 1536);
    assert_eq!(extracted(&archive[..4096], 512, 100).1, None);
}
