//! What is read of large archives: headers, and nothing of what they are of.

use std::cell::RefCell;
use std::collections::BTreeMap;

use waybill_blobs::archive::{ENTRIES, Files, Kind, ReadError, Source, open};
use waybill_testkit::registries::run_now;
use waybill_testkit::tar::{Header, file, pax};

use super::harness::{Memory, codes, opened};

/// An archive of holes: entries that are put behind one another, with their content left out.
#[derive(Default)]
struct Holes {
    pieces: BTreeMap<u64, Vec<u8>>,
    size: u64,
}

impl Holes {
    fn put(&mut self, header: Vec<u8>, content: u64) {
        let length = header.len() as u64;
        self.pieces.insert(self.size, header);
        self.size += length + content.next_multiple_of(512);
    }

    fn source(mut self) -> Memory {
        self.size += 1024;
        Memory {
            size: self.size,
            pieces: self.pieces,
            asked: RefCell::default(),
        }
    }
}

/// A header of a file of so many bytes, which do not follow.
fn header(name: &str, size: u64) -> Vec<u8> {
    Header::new(name, b'0').octal(124, 12, size).then(b"")
}

#[test]
fn a_tar_of_4_gb_costs_one_small_read_for_each_entry() {
    let mut holes = Holes::default();
    for number in 0..300 {
        let size = 14_000_000 + number * 7;
        holes.put(header(&format!("{number}.tar"), size), size);
    }
    let source = holes.source();
    assert!(source.size > 4_000_000_000);
    let archive = opened(&source);
    assert_eq!(archive.index.entries().len(), 300);
    let (reads, bytes) = (source.asked.borrow().len(), source.bytes_asked());
    assert!(reads <= 303, "{reads} reads");
    assert!(bytes <= 2 << 20, "{bytes} bytes");
    assert_eq!(codes(&archive), Vec::<&str>::new());
}

#[test]
fn small_files_are_read_many_at_once() {
    let entries: Vec<_> = (0..20_000)
        .map(|number| file(&format!("f/{number}"), b"few"))
        .collect();
    let source = Memory::of([entries.concat(), vec![0; 1024]].concat());
    let archive = opened(&source);
    assert_eq!(archive.index.entries().len(), 20_000);
    let reads = source.asked.borrow().len();
    assert!(reads < 100, "{reads} reads");
    assert!(source.bytes_asked() < source.size + (1 << 20));
}

#[test]
fn sizes_over_8_gib_are_read_from_pax_and_from_base_256() {
    let size: u64 = 9 << 30;
    let mut base = Header::new("base-256", b'0');
    let mut field = [0; 12];
    field[0] = 0x80;
    field[4..].copy_from_slice(&size.to_be_bytes());
    let base = base.gnu().set(124, &field).then(b"");
    let text = size.to_string();
    let written = [pax(b'x', &[("size", &text)]), header("pax", 0)].concat();
    for (name, entry) in [("base-256", base), ("pax", written)] {
        let mut holes = Holes::default();
        let offset = entry.len() as u64;
        holes.put(entry, size);
        holes.put(file("behind", b"it"), 0);
        let source = holes.source();
        let archive = opened(&source);
        let entries = archive.index.entries();
        assert_eq!(entries.len(), 2, "{name}");
        let place = entries[0].place.expect("a place");
        assert_eq!((place.offset, place.size), (offset, size));
        assert_eq!(entries[1].name, b"behind");
        assert!(source.asked.borrow().len() <= 4 && source.bytes_asked() < 20_000);
    }
}

#[test]
fn more_entries_than_are_listed_are_said() {
    let one = file("f", b"");
    let mut bytes = one.repeat(ENTRIES + 1);
    bytes.extend([0; 1024]);
    let archive = opened(&Memory::of(bytes));
    assert_eq!(archive.index.entries().len(), ENTRIES);
    assert_eq!(codes(&archive), ["entries-left-out"]);
}

#[test]
fn a_file_that_is_cut_off_has_no_place() {
    let mut bytes = header("cut", 4_000_000_000);
    bytes.extend([1; 100]);
    let archive = opened(&Memory::of(bytes));
    let entry = &archive.index.entries()[0];
    assert_eq!((&entry.kind, entry.place), (&Kind::Cut, None));
    assert_eq!(codes(&archive), ["archive-truncated"]);
}

/// A file that was made shorter behind our back.
struct Shrunk;

impl Source for Shrunk {
    fn files(&self) -> Files {
        Files::One(10_000)
    }

    async fn read(&self, _: usize, range: std::ops::Range<u64>) -> Result<Vec<u8>, ReadError> {
        let length = range.end.min(5_000).saturating_sub(range.start);
        Ok(header("f", 1)
            .into_iter()
            .cycle()
            .take(usize::try_from(length).expect("few"))
            .collect())
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_is_said() {
    let error = run_now(open(&Shrunk)).expect_err("it is another file by now");
    assert_eq!(error, ReadError::Changed);
    assert!(error.to_string().contains("open it again"));
}
