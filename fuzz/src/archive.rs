//! What the target `archive` holds: what is found by jumping over contents is what is found by reading everything, no
//! byte is asked for outside, and what is judged verified is whole.

use std::cell::Cell;
use std::ops::Range;

use waybill_blobs::archive::{
    Archive, Files, Kind, Opened, Outer, ReadError, Source, Verdict, open,
};
use waybill_blobs::tar::{Event, Reader};
use waybill_core::finding::Severity;
use waybill_testkit::registries::run_now;

/// So much is unpacked of what is compressed as a whole.
const UNPACKED: usize = 1 << 20;

struct Bytes<'a> {
    bytes: &'a [u8],
    reads: Cell<u64>,
}

impl Source for Bytes<'_> {
    fn files(&self) -> Files {
        Files::One(self.bytes.len() as u64)
    }

    async fn read(&self, file: usize, range: Range<u64>) -> Result<Vec<u8>, ReadError> {
        assert_eq!(file, 0);
        assert!(!range.is_empty(), "{range:?}");
        self.reads.set(self.reads.get() + 1);
        let at = |place: u64| usize::try_from(place).expect("inside");
        Ok(self.bytes[at(range.start)..at(range.end)].to_vec())
    }
}

/// Opens and verifies any bytes.
pub fn archive(bytes: &[u8]) {
    let source = Bytes {
        bytes,
        reads: Cell::new(0),
    };
    match run_now(open(&source)).expect("memory is read") {
        Opened::Packed(_) => {
            let mut outer = Outer::new();
            let mut unpacked = Vec::new();
            for piece in bytes.chunks(64) {
                if unpacked.len() > UNPACKED
                    || outer
                        .push(piece, &mut |bytes| unpacked.extend(bytes))
                        .is_err()
                {
                    return;
                }
            }
            let ended = outer.finish(&mut |bytes| unpacked.extend(bytes));
            let source = Bytes {
                bytes: &unpacked,
                reads: Cell::new(0),
            };
            if ended.is_ok()
                && let Opened::Archive(opened) = run_now(open(&source)).expect("memory is read")
            {
                check(*opened, &source);
            }
        }
        Opened::Archive(opened) => check(*opened, &source),
    }
}

fn check(mut archive: Archive, source: &Bytes<'_>) {
    assert!(
        source.reads.get()
            <= 4 * (source.bytes.len() as u64 / 512 + 4) + 4 * archive.images.len() as u64 + 400
    );
    if archive.what.is_none() {
        entries(&archive, source.bytes);
    }
    run_now(archive.measure(source, &mut |_| {})).expect("memory is read");
    let judged = run_now(archive.verify(source, &mut |_| {})).expect("memory is read");
    assert_eq!(judged.len(), archive.images.len());
    for (place, (image, judged)) in archive.images.iter().zip(&judged).enumerate() {
        if judged.verdict == Verdict::Verified {
            assert!(image.complete, "{image:?}");
            assert!(judged.causes.is_empty());
        }
        if archive.may_be_pushed(place) {
            let mut own = archive
                .findings
                .iter()
                .filter(|finding| finding.image == Some(place));
            assert!(own.all(|finding| finding.severity() != Severity::Error));
        }
        if image.made {
            assert_eq!(image.digest.is_some(), image.bytes.is_some());
        }
    }
    let again = run_now(archive.verify(source, &mut |_| panic!("all is known"))).expect("memory");
    assert_eq!(again, judged);
}

/// The entries are those that a reader of the whole tells.
fn entries(archive: &Archive, bytes: &[u8]) {
    let mut told = Vec::new();
    let mut reader = Reader::new();
    let _ = reader.push(bytes, &mut |event| match event {
        Event::Entry(entry) if entry.kind != b'g' => told.push((entry.name.clone(), Vec::new())),
        Event::Entry(_) => {}
        Event::Data(data) => {
            if let Some((_, content)) = told.last_mut() {
                content.extend_from_slice(data);
            }
        }
    });
    let entries = archive.index.entries();
    assert_eq!(entries.len(), told.len());
    for (entry, (name, content)) in entries.iter().zip(told) {
        assert_eq!(entry.name, name);
        if entry.kind == Kind::File {
            let place = entry.place.expect("a file has one");
            let at = |place: u64| usize::try_from(place).expect("inside");
            assert_eq!(bytes[at(place.offset)..at(place.end())], content[..]);
        }
    }
}
