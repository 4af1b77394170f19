//! Tables of contents made to harm: nothing is taken for checked that was not, and nothing panics.

use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use waybill_blobs::finding::Code;
use waybill_blobs::toc::{Announced, Fetch, Format, SplitArchive, Step, TarSplit, TocError};
use waybill_core::descriptor::Descriptor;
use waybill_core::digest::Digest;
use waybill_core::media_type::MediaType;

use super::archives::{file, pax};
use super::toc::{Sample, archive, compare, fetch, make, peer, read_file};
use super::toc_differs::{
    CHECKSUM, POSITION, SPLIT, STARGZ, json_of, numbers, skippable, table_offset, with_json,
};

#[test]
fn footers_say_where_a_table_is() {
    let Some(peer) = peer() else { return };
    let archive = archive(peer);
    // Before eStargz the extra field had no head.
    let mut sample = make(peer, "estargz", &archive);
    let offset = table_offset(&sample.blob);
    let length = sample.blob.len();
    sample.blob.truncate(length - 51);
    sample.blob.extend(b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x16\0");
    sample.blob.extend(format!("{offset:016x}STARGZ").bytes());
    sample.blob.extend(b"\x01\0\0\xff\xff\0\0\0\0\0\0\0\0");
    assert_eq!(sample.blob.len(), length - 4);
    assert!(fetch(&sample).0.is_ok());
    // A table elsewhere.
    let sample = make(peer, "external", &archive);
    assert_eq!(fetch(&sample).0, Err(TocError::External));
    // No position in the manifest.
    for (kind, start) in [
        ("zstd-stargz", "io.containers.zstd-chunked."),
        ("zstd-chunked", "io.github.containers.zstd-chunked."),
    ] {
        let mut sample = make(peer, kind, &archive);
        for name in ["manifest-position", "tarsplit-position"] {
            sample.layer.annotations.remove(&[start, name].concat());
        }
        let (fetched, asked) = fetch(&sample);
        let fetched = fetched.expect(kind);
        assert_eq!(
            (fetched.table.format(), asked.len()),
            (Format::ZstdChunked, 1)
        );
        let is_split = matches!(fetched.tar_split, TarSplit::Checked(_));
        assert_eq!(is_split, kind == "zstd-chunked");
    }
}

#[test]
fn a_table_is_never_taken_for_checked_that_is_another() {
    let Some(peer) = peer() else { return };
    let small = [file("a", b"hello"), file("b", &[7; 700]), vec![0; 1024]].concat();
    for kind in super::toc::KINDS {
        let sample = make(peer, kind, &small);
        let right = fetch(&sample).0.expect(kind);
        for place in 0..sample.blob.len() {
            let mut changed = sample.clone();
            changed.blob[place] ^= 1 << (place % 8);
            if let Ok(fetched) = fetch(&changed).0 {
                assert_eq!(fetched.table, right.table, "{kind} {place}");
                let split = &fetched.tar_split;
                assert!(
                    *split == right.tar_split || *split == TarSplit::Wrong,
                    "{kind} {place}"
                );
            }
            // What is cut has another size than the descriptor says, or it has that.
            changed.blob = sample.blob[..place].to_vec();
            if place > 0 && fetch(&changed).0.is_ok() {
                assert!(kind.starts_with("zstd"), "{kind} {place}");
            }
        }
        // The digest of one form is none of the other.
        let mut other = sample.clone();
        for start in ["io.containers", "io.github.containers"] {
            for end in ["checksum", "position"] {
                let name = format!("{start}.zstd-chunked.manifest-{end}");
                other.layer.annotations.remove(&name);
            }
        }
        other.layer.annotations.remove(STARGZ);
        let digest = Digest::sha256(&json_of(&sample)).to_string();
        other.layer.annotations.set(CHECKSUM, digest);
        let fetched = fetch(&other).0;
        let is_estargz = kind.starts_with("estargz");
        match fetched {
            Err(TocError::NoDigest) if is_estargz => {}
            Err(TocError::Digest { .. }) if !is_estargz => {}
            other => panic!("{kind}: {other:?}"),
        }
        for name in [
            STARGZ,
            CHECKSUM,
            "io.containers.zstd-chunked.manifest-checksum",
        ] {
            let mut other = sample.clone();
            if other.layer.annotation(name).is_some() {
                let digest = Digest::sha256(b"other").to_string();
                other.layer.annotations.set(name, digest);
                let fetched = fetch(&other).0;
                assert!(
                    matches!(fetched, Err(TocError::Digest { .. })),
                    "{kind}: {fetched:?}"
                );
            }
        }
    }
}

#[test]
fn what_does_not_stand_where_it_is_said_to_is_told() {
    let Some(peer) = peer() else { return };
    let sample = make(peer, "zstd-chunked", &archive(peer));
    let codes = |sample: &Sample| -> Vec<Code> {
        let fetched = fetch(sample).0.expect("a table");
        let findings = fetched.problems.findings(3);
        assert!(findings.iter().all(|it| it.layer == Some(3)));
        findings.iter().map(|it| it.code).collect()
    };
    assert_eq!(codes(&sample), []);
    let table = numbers(&sample, POSITION);
    let mut other = sample.clone();
    let position = format!("{}:{}:{}:1", table[0], table[1], table[2] + 1);
    other.layer.annotations.set(POSITION, position);
    assert_eq!(codes(&other), [Code::TablePlace], "the unpacked size");
    let mut other = sample.clone();
    other.blob[table[0] - 8] = 0;
    assert_eq!(codes(&other), [Code::TablePlace], "the head of its frame");
    let mut other = sample.clone();
    let footer = other.blob.len() - 64;
    other.blob[footer] ^= 1;
    assert_eq!(codes(&other), [Code::TablePlace], "the footer");
    let split = numbers(&sample, SPLIT);
    let mut other = sample.clone();
    other.blob[split[0] + 20] ^= 1;
    assert_eq!(
        codes(&other),
        [Code::TarSplit],
        "the digest of the tar-split data"
    );
    let mut other = sample.clone();
    other.layer.annotations.remove(SPLIT);
    assert_eq!(
        codes(&other),
        [Code::TarSplit],
        "no place of the tar-split data"
    );
    let mut other = sample.clone();
    let position = format!("{}:{}:{}", split[0] + 1, split[1], split[2]);
    other.layer.annotations.set(SPLIT, position);
    assert_eq!(codes(&other), [Code::TarSplit], "another place of them");
}

#[test]
fn a_sparse_file_is_not_compared_and_that_is_said() {
    let Some(peer) = peer() else { return };
    let map = pax(
        b'x',
        &[
            ("GNU.sparse.major", "0"),
            ("GNU.sparse.minor", "1"),
            ("GNU.sparse.numblocks", "1"),
            ("GNU.sparse.map", "2,3"),
            ("GNU.sparse.size", "9"),
            ("GNU.sparse.name", "sparse"),
        ],
    );
    let sparse = [map, file("x", b"abc"), vec![0; 1024]].concat();
    let plain = [file("sparse", b"abc"), vec![0; 1024]].concat();
    let table = fetch(&make(peer, "estargz", &plain))
        .0
        .expect("a table")
        .table;
    let (problems, _) = compare(table, &sparse);
    let codes: Vec<_> = problems.iter().map(|it| it.code).collect();
    assert_eq!(
        codes,
        [Code::TableDiffers, Code::TableNotCompared],
        "its size differs"
    );
}

#[test]
fn every_code_of_a_table_is_found_by_a_test() {
    let here = [
        include_str!("toc_differs.rs"),
        include_str!("toc_hostile.rs"),
    ]
    .concat();
    let codes = Code::ALL.iter();
    let codes: Vec<_> = codes
        .filter(|code| code.rule().name.starts_with("toc-"))
        .collect();
    assert!(codes.len() > 10);
    let geometry = [Code::TableDuplicate, Code::TableChunks, Code::TableType];
    for code in codes.into_iter().filter(|code| !geometry.contains(code)) {
        assert!(here.contains(&format!("Code::{code:?}")), "{code:?}");
    }
}

/// Numbers that look random and are the same each time.
fn next(state: &mut u64, below: usize) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state % below as u64).expect("a place")
}

#[test]
fn any_table_at_all_is_read_or_refused() {
    let Some(peer) = peer() else { return };
    let large: Vec<u8> = (0..=255).cycle().take(60_000).collect();
    let small = [file("a", b"hello"), file("b/c", &large), vec![0; 1024]].concat();
    let mut state = 0x2545_f491_4f6c_dd1d;
    let numbers = [
        "0",
        "1",
        "7",
        "9223372036854775807",
        "100",
        "300",
        "-1",
        "1e9",
    ];
    let texts = [
        r#""""#,
        r#""../a""#,
        r#""a""#,
        r#""chunk""#,
        r#""hardlink""#,
        "null",
        "{}",
        "true",
    ];
    let (mut read, mut refused) = (0, 0);
    for kind in ["estargz-chunks", "zstd-chunked"] {
        let sample = make(peer, kind, &small);
        let json = String::from_utf8(json_of(&sample)).expect("text");
        for _ in 0..400 {
            let mut json = json.clone();
            for _ in 0..=next(&mut state, 3) {
                let colons: Vec<_> = json
                    .match_indices(':')
                    .map(|(place, _)| place + 1)
                    .collect();
                let from = colons[next(&mut state, colons.len())];
                let rest = json.get(from..).expect("a border");
                let end = rest.find([',', '}', ']']).unwrap_or(rest.len());
                let values = if rest.starts_with('"') {
                    texts
                } else {
                    numbers
                };
                match next(&mut state, 30) {
                    0 => json.truncate(from),
                    1 => json.insert(from + end, '"'),
                    _ => json.replace_range(from..from + end, values[next(&mut state, 8)]),
                }
                if !json.contains(':') {
                    break;
                }
            }
            let sample = with_json(&sample, json.as_bytes());
            let Ok(fetched) = fetch(&sample).0 else {
                refused += 1;
                continue;
            };
            read += 1;
            let problems = fetched.table.check();
            if let TarSplit::Checked(packed) = &fetched.tar_split {
                let split = SplitArchive::read(packed).expect("tar-split data");
                let _ = split.compare(&fetched.table);
            }
            let mut is_good = true;
            for index in 0..fetched.table.entries().len() {
                let entry = &fetched.table.entries()[index];
                let (proof, content, _) = read_file(&fetched.table, index, &sample.blob, 5000);
                if proof.is_ok() && entry.kind() == b'0' {
                    let expected = fetched.table.digest(entry);
                    let has_it = expected.is_none_or(|it| it.check(&content) == Some(true));
                    assert!(has_it && content.len() as u64 == entry.size());
                }
                is_good &= proof.is_ok() || entry.kind() != b'0';
            }
            let (differs, _) = compare(fetched.table, &sample.blob);
            assert!(
                is_good || !differs.is_empty() || !problems.is_empty(),
                "a file cannot be read and nothing is said: {json}"
            );
        }
    }
    assert!(read > 100 && refused > 100, "{read} {refused}");
}

#[test]
fn a_table_that_unpacks_to_too_much_is_left() {
    let frame = compress_to_vec(&vec![0; 1 << 20][..], CompressionLevel::Fastest);
    let bomb = frame.repeat(151);
    let layer = |unpacked: u64| {
        let mut layer = Descriptor::default();
        layer
            .annotations
            .set(CHECKSUM, Digest::sha256(&bomb).to_string());
        layer
            .annotations
            .set(POSITION, format!("8:{}:{unpacked}:1", bomb.len()));
        Sample {
            layer,
            blob: skippable(&bomb),
        }
    };
    assert!(bomb.len() < 1 << 16);
    assert_eq!(fetch(&layer(100)).0, Err(TocError::TooLarge));
    assert_eq!(fetch(&layer(200 << 20)), (Err(TocError::TooLarge), vec![]));
}

#[test]
fn members_that_repeat_are_refused_whatever_their_case() {
    let table = |json: &str| {
        let packed = compress_to_vec(json.as_bytes(), CompressionLevel::Uncompressed);
        let mut layer = Descriptor::default();
        layer
            .annotations
            .set(CHECKSUM, Digest::sha256(&packed).to_string());
        layer
            .annotations
            .set(POSITION, format!("8:{}:{}:1", packed.len(), json.len()));
        let blob = skippable(&packed);
        fetch(&Sample { layer, blob }).0
    };
    let name = |json: &str| {
        let fetched = table(json);
        fetched.map(|fetched| fetched.table.entries()[0].name().to_owned())
    };
    assert_eq!(
        name(r#"{"Entries":[{"NAME":"a","Type":"reg"}]}"#),
        Ok("a".into())
    );
    for json in [
        r#"{"entries":[{"name":"a","Name":"b","type":"reg"}]}"#,
        r#"{"entries":[{"name":"a","type":"reg","size":1,"ſize":2}]}"#,
        r#"{"entries":[{"name":"a","type":"reg"}],"Entries":[]}"#,
        r#"{"entries":[{"name":"a","type":"reg"}]} {}"#,
        r#"{"entries":[{"name":"a","type":"reg","modtime":"yesterday"}]}"#,
        r#"{"entries":[{"name":"a","type":"reg","size":-1}]}"#,
        r#"{"entries":[{"name":"a","type":"reg","size":1.0}]}"#,
        r#"{"entries":[{"name":"a","type":"reg","xattrs":{"a":"%"}}]}"#,
        r#"{"entries":[null]}"#,
        "[]",
        "",
    ] {
        assert!(
            matches!(name(json), Err(TocError::Read(_))),
            "{json}: {:?}",
            name(json)
        );
    }
    let deep = format!(
        r#"{{"entries":[],"x":{}1{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(
        table(&deep).is_ok(),
        "what is not looked at may be as deep as it is"
    );
}

#[test]
fn annotations_say_which_table_there_is() {
    let digest = Digest::sha256(b"a").to_string();
    let old = "io.containers.zstd-chunked.manifest-checksum";
    let announced = |annotations: &[(&str, &str)]| {
        let mut layer = Descriptor::default();
        for (name, value) in annotations {
            layer.annotations.set(*name, *value);
        }
        Announced::by(&layer)
    };
    let codes = |annotations: &[(&str, &str)]| {
        let announced = announced(annotations).expect("a table");
        let codes = announced.problems.list().iter().map(|it| it.code);
        (announced.format, codes.collect::<Vec<_>>())
    };
    let digest = digest.as_str();
    let other = Digest::sha256(b"b").to_string();
    assert_eq!(announced(&[("a", "b"), (SPLIT, "1:2:3")]), None);
    assert_eq!(codes(&[(STARGZ, digest)]), (Format::Estargz, vec![]));
    let position = (POSITION, "1:2:3:1");
    let chunked = Format::ZstdChunked;
    assert_eq!(codes(&[(CHECKSUM, digest), position]), (chunked, vec![]));
    assert_eq!(codes(&[(old, digest), (STARGZ, &other)]), (chunked, vec![]));
    let both = vec![Code::TableBoth];
    assert_eq!(
        codes(&[(CHECKSUM, digest), (STARGZ, digest)]),
        (chunked, both)
    );
    for annotations in [
        &[(CHECKSUM, digest), (old, &*other)][..],
        &[(CHECKSUM, "sha256:abc")],
        &[(CHECKSUM, digest), (POSITION, "1:2:3")],
        &[(CHECKSUM, digest), (POSITION, "1:2:3:2")],
        &[(CHECKSUM, digest), (POSITION, "1:2:3:1:1")],
        &[(CHECKSUM, digest), (POSITION, "-1:2:3:1")],
        &[(CHECKSUM, digest), (SPLIT, "1:2")],
    ] {
        assert_eq!(
            codes(annotations),
            (chunked, vec![Code::TableAnnotation]),
            "{annotations:?}"
        );
    }
    // Nothing is used that cannot be checked.
    let position = announced(&[position]).expect("a table");
    let (_, step) = Fetch::begin(position, 1000);
    assert_eq!(step, Step::Failed(TocError::NoDigest));
    let layer = Descriptor {
        media_type: Some(MediaType::new(
            "application/vnd.oci.image.layer.v1.tar+zstd",
        )),
        ..Descriptor::default()
    };
    assert_eq!(Announced::by(&layer), None);
}
