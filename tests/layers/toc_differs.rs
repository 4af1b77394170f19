//! Tables of contents that say something else than the archive, or that engines refuse: each difference is told.

use std::io::Write as _;

use flate2::Compression as Level;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::{Value, json};
use waybill_blobs::finding::Code;
use waybill_blobs::toc::{FileFetch, Problem, SplitArchive, TABLE_NAME, TarSplit};
use waybill_blobs::unpack::Unpacker;
use waybill_core::digest::Digest;

use super::archives::file;
use super::toc::{Sample, archive, compare, fetch, listed, make, peer, run};

pub(crate) const STARGZ: &str = "containerd.io/snapshot/stargz/toc.digest";
pub(crate) const CHECKSUM: &str = "io.github.containers.zstd-chunked.manifest-checksum";
pub(crate) const POSITION: &str = "io.github.containers.zstd-chunked.manifest-position";
pub(crate) const SPLIT: &str = "io.github.containers.zstd-chunked.tarsplit-position";

/// Where the table of an eStargz layer begins, by its footer.
pub(crate) fn table_offset(blob: &[u8]) -> usize {
    let digits = &blob[blob.len() - 35..blob.len() - 19];
    let digits = std::str::from_utf8(digits).expect("digits");
    usize::from_str_radix(digits, 16).expect("a number")
}

pub(crate) fn numbers(sample: &Sample, name: &str) -> Vec<usize> {
    let text = sample.layer.annotation(name).expect("an annotation");
    let numbers = text.split(':').map(str::parse);
    numbers.collect::<Result<_, _>>().expect("numbers")
}

fn unpack(packed: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    let mut unpacker = Unpacker::new();
    let mut tell = |bytes: &[u8]| all.extend_from_slice(bytes);
    unpacker.push(packed, &mut tell).expect("it unpacks");
    unpacker.finish(&mut tell).expect("it ends");
    all
}

/// The JSON of a layer's table.
pub(crate) fn json_of(sample: &Sample) -> Vec<u8> {
    let old = "io.containers.zstd-chunked.manifest-position";
    let mut names = [POSITION, old].into_iter();
    if let Some(name) = names.find(|name| sample.layer.annotation(name).is_some()) {
        let position = numbers(sample, name);
        return unpack(&sample.blob[position[0]..][..position[1]]);
    }
    let blob = &sample.blob;
    let archive = unpack(&blob[table_offset(blob)..]);
    let size = std::str::from_utf8(&archive[124..135]).expect("digits");
    let size = usize::from_str_radix(size, 8).expect("a size");
    archive[512..512 + size].to_vec()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Level::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

pub(crate) fn skippable(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).expect("a length");
    [b"\x50\x2a\x4d\x18", &length.to_le_bytes()[..], bytes].concat()
}

/// The same layer with another table, and the digest of that in its descriptor.
pub(crate) fn with_json(sample: &Sample, json: &[u8]) -> Sample {
    let mut sample = sample.clone();
    if sample.layer.annotation(POSITION).is_none() {
        let offset = table_offset(&sample.blob);
        let footer = sample.blob.split_off(sample.blob.len() - 51);
        sample.blob.truncate(offset);
        sample.blob.extend(gzip(&file(TABLE_NAME, json)));
        sample.blob.extend(footer);
        let digest = Digest::sha256(json).to_string();
        sample.layer.annotations.set(STARGZ, digest);
        return sample;
    }
    let (table, split) = (numbers(&sample, POSITION), numbers(&sample, SPLIT));
    let data = sample.blob[split[0]..][..split[1]].to_vec();
    let packed = compress_to_vec(json, CompressionLevel::Uncompressed);
    let offset = table[0];
    let split_offset = offset + packed.len() + 8;
    sample.blob.truncate(offset - 8);
    sample.blob.extend(skippable(&packed));
    sample.blob.extend(skippable(&data));
    let numbers = [
        offset,
        packed.len(),
        json.len(),
        1,
        split_offset,
        split[1],
        split[2],
    ];
    let mut footer: Vec<u8> = numbers.iter().flat_map(|it| it.to_le_bytes()).collect();
    footer.extend(b"GNUlInUx");
    sample.blob.extend(skippable(&footer));
    let annotations = &mut sample.layer.annotations;
    annotations.set(CHECKSUM, Digest::sha256(&packed).to_string());
    annotations.set(
        POSITION,
        format!("{offset}:{}:{}:1", packed.len(), json.len()),
    );
    annotations.set(SPLIT, format!("{split_offset}:{}:{}", split[1], split[2]));
    sample
}

pub(crate) fn edited(sample: &Sample, edit: impl Fn(&mut Vec<Value>)) -> Sample {
    let mut table: Value = serde_json::from_slice(&json_of(sample)).expect("JSON");
    edit(table["entries"].as_array_mut().expect("entries"));
    with_json(sample, table.to_string().as_bytes())
}

pub(crate) fn named<'a>(entries: &'a mut [Value], name: &str) -> &'a mut Value {
    let found = entries.iter_mut().find(|entry| entry["name"] == name);
    found.expect("an entry")
}

type Edit = fn(&mut Vec<Value>);

/// Each with the path it is about, and words of what is said.
const EDITS: &[(&str, &str, Edit)] = &[
    (
        "bin/su",
        "its mode is 0644 in the table, 4755 in the archive",
        |all| {
            named(all, "bin/su")["mode"] = json!(0o644);
        },
    ),
    ("bin/ping", "its owner is 0 in the table, 1000", |all| {
        named(all, "bin/ping")["uid"] = json!(0);
    }),
    ("bin/ping", "its group is 5", |all| {
        named(all, "bin/ping")["gid"] = json!(5);
    }),
    ("bin/arping", "its size is 8 in the table, 7", |all| {
        named(all, "bin/arping")["size"] = json!(8);
    }),
    (
        "bin/arping",
        "its time is 0.000000000 in the table, -5",
        |all| {
            named(all, "bin/arping")["modtime"] = json!(null);
        },
    ),
    ("sh", "its target is bin/ping in the table, bin/su", |all| {
        named(all, "sh")["linkName"] = json!("bin/ping");
    }),
    ("dev/null", "its device is 1,5 in the table, 1,3", |all| {
        named(all, "dev/null")["devMinor"] = json!(5);
    }),
    ("dev/null", "its type is block device in the table", |all| {
        named(all, "dev/null")["type"] = json!("block");
    }),
    ("bin/ping", "its attribute security.capability=", |all| {
        let xattrs = &mut named(all, "bin/ping")["xattrs"];
        xattrs
            .as_object_mut()
            .expect("xattrs")
            .remove("security.capability");
    }),
    (
        "bin/su",
        "its attribute user.x=a is there in the table, not",
        |all| {
            named(all, "bin/su")["xattrs"] = json!({"user.x": "YQ=="});
        },
    ),
    (
        "etc/passwd",
        "the table has it, the archive has not",
        |all| {
            named(all, "etc/grüße")["name"] = json!("etc/passwd");
        },
    ),
    (
        "etc/grüße",
        "the archive has it, the table has not",
        |all| drop(all.pop()),
    ),
    ("bin/su", "the table has it, the archive has not", |all| {
        let again = named(all, "bin/su").clone();
        all.push(again);
    }),
    ("bin/su", "its content has the digest", |all| {
        let digest = Digest::sha256(b"other").to_string();
        named(all, "bin/su")["digest"] = json!(digest);
    }),
    ("lib/large", "its chunk at 0 has the digest", |all| {
        let digest = Digest::sha256(b"other").to_string();
        named(all, "lib/large")["chunkDigest"] = json!(digest);
    }),
    (
        "lib/large",
        "the table has zeros for the chunk at 0, the archive has not",
        |all| {
            named(all, "lib/large")["chunkType"] = json!("zeros");
        },
    ),
];

#[test]
fn every_difference_between_table_and_archive_is_told() {
    let Some(peer) = peer() else { return };
    let archive = archive(peer);
    for kind in ["estargz-chunks", "zstd-chunked"] {
        let sample = make(peer, kind, &archive);
        let same = edited(&sample, |_| {});
        let fetched = fetch(&same).0.expect("a table");
        assert_eq!(fetched.problems.list(), [], "{kind}");
        assert_eq!(compare(fetched.table, &same.blob).0, [], "{kind}");
        for (path, words, edit) in EDITS {
            let sample = edited(&sample, edit);
            let fetched = fetch(&sample).0.expect("a table");
            let (problems, found) = compare(fetched.table.clone(), &sample.blob);
            assert!(found.diff_id.is_ok(), "the layer itself holds");
            let told = problems.iter().find(|it| it.message.contains(words));
            let told = told.unwrap_or_else(|| panic!("{kind} {words}: {problems:?}"));
            // The worker's listing shows it too.
            let problems = fetched.table.compare(&listed(&sample.blob));
            let is_told = problems.list().iter().any(|it| {
                let words = words.replace("has the digest", "has another digest");
                it.message.contains(&words) && it.path == path.as_bytes()
            });
            assert!(is_told, "{words}: {problems:?}");
            let is_all = |it: &Problem| it.code != Code::TableNotCompared;
            assert!(problems.list().iter().all(is_all), "{problems:?}");
            assert_eq!(
                (told.code, &told.path[..]),
                (Code::TableDiffers, path.as_bytes())
            );
            if let TarSplit::Checked(packed) = &fetched.tar_split {
                let split = SplitArchive::read(packed).expect("tar-split data");
                let problems = split.compare(&fetched.table);
                // Contents are not in it.
                let is_content = words.contains("digest") || words.contains("zeros");
                let words = words.replace("archive", "tar-split data");
                let words = if words.ends_with("has not") && words.starts_with("the tar") {
                    words.replace("has it", "have it")
                } else {
                    words
                };
                let is_told = problems.list().iter().any(|it| it.message.contains(&words));
                assert_eq!(is_told, !is_content, "{words}: {problems:?}");
            }
        }
    }
}

#[test]
fn what_stargz_refuses_is_told() {
    let Some(peer) = peer() else { return };
    let sample = make(peer, "estargz-chunks", &archive(peer));
    let twice: Edit = |all| {
        let offset = named(all, "bin/su")["offset"].clone();
        named(all, "bin/ping")["offset"] = offset;
    };
    let unchecked: Edit = |all| {
        let entry = named(all, "bin/su").as_object_mut().expect("an entry");
        entry.remove("digest");
        entry.remove("chunkDigest");
    };
    let dangling: Edit = |all| named(all, "bin/su2")["linkName"] = json!("bin/none");
    for (words, code, path, edit) in [
        ("found twice", Code::TableOffset, "bin/ping", twice),
        (
            "ChunkDigest not found",
            Code::TableNoDigest,
            "bin/su",
            unchecked,
        ),
        ("isn't found", Code::TableLink, "bin/su2", dangling),
    ] {
        let sample = edited(&sample, edit);
        let digest = sample.layer.annotation(STARGZ).expect("a digest");
        let said = run(peer, &["read", "estargz", digest], &sample.blob);
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(said.starts_with("error") && said.contains(words), "{said}");
        let table = fetch(&sample).0.expect("a table").table;
        let problems = table.check();
        let told = problems.list().iter();
        let told: Vec<_> = told.map(|it| (it.code, &it.path[..])).collect();
        assert!(told.contains(&(code, path.as_bytes())), "{problems:?}");
    }
}

#[test]
fn a_link_that_leads_to_itself_is_no_file() {
    let Some(peer) = peer() else { return };
    let sample = make(peer, "estargz", &archive(peer));
    let sample = edited(&sample, |all| {
        named(all, "bin/su2")["linkName"] = json!("bin/su2");
    });
    let table = fetch(&sample).0.expect("a table").table;
    let index = table.entries().iter().position(|it| it.name() == "bin/su2");
    let index = index.expect("an entry");
    assert!(FileFetch::new(&table, index).is_err());
    assert_eq!(table.check().list()[0].code, Code::TableLink);
}

#[test]
fn what_stands_beside_the_files_and_the_table_is_told() {
    let Some(peer) = peer() else { return };
    let archive = archive(peer);
    let told = |sample: &Sample| {
        let table = fetch(sample).0.expect("a table").table;
        let by_listing = table.compare(&listed(&sample.blob));
        let (problems, _) = compare(table, &sample.blob);
        assert_eq!(by_listing.list(), problems);
        let codes = problems.into_iter().map(|it| (it.code, it.message));
        codes.collect::<Vec<_>>()
    };
    // A frame that everybody passes over, before the table.
    let mut sample = make(peer, "zstd-chunked", &archive);
    let json = json_of(&sample);
    let (table, split) = (numbers(&sample, POSITION), numbers(&sample, SPLIT));
    let hidden = skippable(b"hidden");
    let place = table[0] - 8;
    sample.blob.splice(place..place, hidden.iter().copied());
    let moved = |from: usize| from + hidden.len();
    let position = format!("{}:{}:{}:1", moved(table[0]), table[1], table[2]);
    sample.layer.annotations.set(POSITION, position);
    let position = format!("{}:{}:{}", moved(split[0]), split[1], split[2]);
    sample.layer.annotations.set(SPLIT, position);
    let sample = with_json(&sample, &json);
    let message = format!("6 bytes in a skippable frame at byte {place}");
    assert_eq!(told(&sample), [(Code::TableOutside, message)]);
    // A member between the table and the footer: it stands where the footer is looked for.
    let mut sample = make(peer, "estargz", &archive);
    let place = sample.blob.len() - 51;
    sample.blob.splice(place..place, gzip(b"hidden"));
    let message = format!(
        "more data begin at byte {}, behind the table",
        sample.blob.len() - 51
    );
    assert_eq!(told(&sample), [(Code::TableOutside, message)]);
}

#[test]
fn a_name_that_is_no_text_is_another_one_in_the_table() {
    let Some(peer) = peer() else { return };
    let mut header = super::archives::Header::new("x", b'0');
    let archive = [header.set(0, b"a\xff").with(b"content"), vec![0; 1024]].concat();
    for kind in ["estargz", "zstd-chunked"] {
        let sample = make(peer, kind, &archive);
        let table = fetch(&sample).0.expect("a table").table;
        let (problems, _) = compare(table, &sample.blob);
        let mut paths: Vec<_> = problems.iter().map(|it| &it.path[..]).collect();
        paths.sort_unstable();
        assert_eq!(
            paths,
            ["a\u{fffd}".as_bytes(), b"a\xff"],
            "{kind}: {problems:?}"
        );
    }
}
