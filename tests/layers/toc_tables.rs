//! Tables of contents as the worker of the page holds them: what it asks for, what it tells, and the listing of a layer
//! that was never read.

use std::collections::BTreeMap;

use waybill_blobs::files::{Answer, Ask, Files, Look, Which};
use waybill_blobs::listing::Listing;
use waybill_blobs::toc::{Proof, Seal, Stated, TableCommand, TableEvent, Tables};
use waybill_core::digest::Digest;

use super::toc::{KINDS, Sample, archive, entries, listed, make, peer};

/// The page: it brings what is needed, and keeps what it is told.
struct Page<'a> {
    tables: Tables,
    blob: &'a [u8],
    /// How many bytes each request brought.
    requests: Vec<u64>,
    told: Vec<(TableEvent, Option<Vec<u8>>)>,
}

impl<'a> Page<'a> {
    fn new(blob: &'a [u8]) -> Self {
        Self {
            tables: Tables::new(),
            blob,
            requests: Vec::new(),
            told: Vec::new(),
        }
    }

    fn say(&mut self, command: TableCommand, beside: &[u8]) {
        let mut told = Vec::new();
        self.tables.hear(command, beside, &mut |event, bytes| {
            told.push((event, bytes));
        });
        for (event, bytes) in told {
            let (range, answer) = match &event {
                TableEvent::Need(table, range) => (range, TableCommand::Bytes(*table, range.start)),
                TableEvent::FileNeed(file, range) => (range, TableCommand::FileBytes(*file)),
                _ => {
                    self.told.push((event, bytes));
                    continue;
                }
            };
            self.requests.push(range.end - range.start);
            let place = |at: u64| usize::try_from(at).expect("a place");
            let bytes = &self.blob[place(range.start)..place(range.end)];
            self.say(answer, bytes);
        }
    }

    fn seal(&mut self, sample: &Sample) -> Result<Seal, String> {
        let stated = Stated::of(&sample.layer).expect("a table is announced");
        let first = stated.first();
        self.say(TableCommand::Begin(7, stated), &[]);
        assert_eq!(
            self.requests[0],
            first.end - first.start,
            "what is asked beforehand"
        );
        match self.told.pop() {
            Some((TableEvent::Sealed(7, seal), None)) => Ok(*seal),
            Some((
                TableEvent::Failed {
                    table: 7,
                    why,
                    is_wrong: true,
                },
                None,
            )) => Err(why),
            other => panic!("{other:?}"),
        }
    }

    /// Reads a file of the table.
    fn file(&mut self, entry: u64) -> (Result<(Digest, Proof), String>, Vec<u8>) {
        let begin = TableCommand::File {
            file: 3,
            table: 7,
            entry,
        };
        self.say(begin, &[]);
        let mut content = Vec::new();
        for (event, bytes) in std::mem::take(&mut self.told) {
            match event {
                TableEvent::FilePiece(3) => content.extend(bytes.expect("bytes")),
                TableEvent::FileDone(3, found, proof) => {
                    assert_eq!(found.size, content.len() as u64);
                    return (Ok((found.digest, proof)), content);
                }
                TableEvent::FileFailed(3, why) => return (Err(why), content),
                other => panic!("{other:?}"),
            }
        }
        panic!("nothing came of it")
    }

    /// Opens the layer, by its table or beside it.
    fn open(&mut self, listing: Option<Listing>) -> Files {
        let told = &mut self.told;
        let mut tell = |event, bytes| told.push((event, bytes));
        let (listings, findings) = self.tables.open(vec![listing], &[(0, 7)], &mut tell);
        Files::open_with(listings, findings)
    }

    /// What differs from the archive: each path with what is said of it.
    fn differences(&mut self) -> Vec<(String, String, String)> {
        match self.told.pop() {
            Some((
                TableEvent::Compared {
                    layer: 0,
                    differences,
                    left_out: 0,
                },
                None,
            )) => differences
                .into_iter()
                .map(|told| (told.code, told.path, told.message))
                .collect(),
            other => panic!("{other:?}"),
        }
    }
}

fn details(files: &mut Files, path: &str) -> Box<waybill_blobs::files::Details> {
    let ask = Ask::Entry(Look::Image, Which::Path(path.to_owned()));
    match files.answer(&ask) {
        Answer::Entry(Some(details)) => details,
        other => panic!("{path}: {other:?}"),
    }
}

#[test]
fn a_layer_is_opened_by_its_table_and_its_files_by_their_chunks() {
    let Some(peer) = peer() else { return };
    let archive = archive(peer);
    let contents: BTreeMap<_, _> = entries(&archive)
        .into_iter()
        .map(|(entry, content)| (entry.name, content))
        .collect();
    for kind in KINDS {
        let sample = make(peer, kind, &archive);
        let mut page = Page::new(&sample.blob);
        let seal = page.seal(&sample).expect(kind);
        assert_eq!(
            (seal.requests, seal.problems, seal.left_out),
            (1, Vec::new(), 0),
            "{kind}"
        );
        assert_eq!(seal.bytes, page.requests[0], "{kind}");
        assert_eq!(seal.is_packed, kind.starts_with("zstd"), "{kind}");
        let stated: Vec<_> = sample
            .layer
            .annotations
            .iter()
            .map(|(_, value)| value.clone())
            .collect();
        assert!(stated.contains(&seal.digest.to_string()), "{kind}");
        let mut files = page.open(None);
        for path in ["bin/su", "bin/su2", "bin/ping", "lib/large", "empty"] {
            let details = details(&mut files, &format!("/{path}"));
            let (0, entry) = details.file.expect(path) else {
                panic!("{kind} {path}")
            };
            page.requests.clear();
            let (read, content) = page.file(entry);
            let target = if path == "bin/su2" { "bin/su" } else { path };
            assert!(content == contents[target.as_bytes()], "{kind} {path}");
            let (digest, _) = read.expect(path);
            assert_eq!(digest, Digest::sha256(&content), "{kind} {path}");
            if let Some(stated) = details.content {
                assert_eq!(stated, digest.encoded(), "{kind} {path}");
            }
            assert!(
                page.requests.len() <= 1,
                "{kind} {path}: {:?}",
                page.requests
            );
        }
        // Nobody compared anything yet; once the layer is read in full, both are the same.
        assert!(page.told.is_empty());
        let _ = page.open(Some(listed(&sample.blob)));
        assert_eq!(page.differences(), [], "{kind}");
    }
}

#[test]
fn a_table_of_another_digest_is_not_used() {
    let Some(peer) = peer() else { return };
    for kind in KINDS {
        let mut sample = make(peer, kind, &archive(peer));
        let stated = Stated::of(&sample.layer).expect("a table");
        let right = Page::new(&sample.blob).seal(&sample).expect(kind).digest;
        let wrong = Digest::sha256(b"another").to_string();
        let names: Vec<String> = sample
            .layer
            .annotations
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        for name in names {
            if name.ends_with("toc.digest") || name.ends_with("manifest-checksum") {
                sample.layer.annotations.set(name, wrong.clone());
            }
        }
        assert_ne!(Stated::of(&sample.layer), Some(stated));
        let mut page = Page::new(&sample.blob);
        let why = page.seal(&sample).expect_err(kind);
        assert_eq!(
            why,
            format!("the table has the digest {right}, the manifest names {wrong}"),
            "{kind}"
        );
        // Without the table nothing is listed, and nothing read.
        assert_eq!(
            page.open(None).answer(&Ask::Waste),
            Files::open(vec![Listing::new()]).answer(&Ask::Waste)
        );
        assert!(page.file(0).0.is_err());
    }
}

#[test]
fn a_spoilt_chunk_is_told_with_both_digests() {
    let Some(peer) = peer() else { return };
    let archive = archive(peer);
    for kind in ["estargz", "estargz-chunks", "zstd-chunked"] {
        let mut sample = make(peer, kind, &archive);
        let mut page = Page::new(&sample.blob);
        page.seal(&sample).expect(kind);
        let mut files = page.open(None);
        let (_, entry) = details(&mut files, "/lib/large").file.expect("a file");
        let tables = std::mem::take(&mut page.tables);
        let large = &entries(&archive)
            .into_iter()
            .find(|(it, _)| it.name == b"lib/large")
            .expect("it")
            .1;
        let at = sample
            .blob
            .windows(64)
            .position(|it| it == &large[1000..1064]);
        sample.blob[at.expect("it does not compress")] ^= 1;
        let mut page = Page::new(&sample.blob);
        page.tables = tables;
        let why = page.file(entry).0.expect_err(kind);
        assert_eq!(why.matches("sha256:").count(), 2, "{kind}: {why}");
        assert!(
            why.starts_with("the chunk at byte 0 has the digest "),
            "{kind}: {why}"
        );
    }
}

#[test]
fn what_differs_is_found_at_its_path() {
    let Some(peer) = peer() else { return };
    let archive = archive(peer);
    for kind in KINDS {
        let sample = make(peer, kind, &archive);
        let mut page = Page::new(&sample.blob);
        page.seal(&sample).expect(kind);
        // The archive of another layer, in which one mode is another, and one file is not there.
        let mut other = Listing::new();
        for view in listed(&sample.blob)
            .entries()
            .filter(|view| view.name != b"empty")
        {
            other.push(&waybill_blobs::tar::Entry {
                name: view.name.to_vec(),
                link: view.link.to_vec(),
                kind: view.kind.byte(),
                mode: if view.name == b"bin/su" {
                    0o644
                } else {
                    view.mode.into()
                },
                size: i64::try_from(view.size).expect("a size"),
                user: view.user,
                group: view.group,
                modified: view.modified,
                device: view.device,
                xattrs: view.xattrs.to_vec(),
                ..waybill_blobs::tar::Entry::default()
            });
        }
        let mut files = page.open(Some(other));
        let code = || "toc-differs".to_owned();
        let mode = "its mode is 4755 in the table, 0644 in the archive".to_owned();
        let only = "the table has it, the archive has not".to_owned();
        let mut differences = page.differences();
        differences.retain(|(code, ..)| code != "toc-not-compared");
        assert_eq!(
            differences,
            [
                (code(), "bin/su".to_owned(), mode.clone()),
                (code(), "empty".to_owned(), only)
            ],
            "{kind}"
        );
        let findings = details(&mut files, "/bin/su").findings;
        assert!(
            findings.iter().any(|it| it.message == mode),
            "{kind}: {findings:?}"
        );
    }
}
