//! What the targets of waybill-blobs hold: above all, that nothing depends on the pieces in which bytes come.
//!
//! The first two bytes of an input say how the rest is cut.

use waybill_blobs::layer::{Found, Layer};
use waybill_blobs::sniff::{self, Compression};
use waybill_blobs::tar::{End, Entry, Event, Reader, TarError};
use waybill_blobs::unpack::{UnpackError, Unpacked, Unpacker};
use waybill_core::digest::{Algorithm, Digest};

/// Of a stream that is unpacked so many bytes are read: 4 of zstd unpack to 128 KiB.
const PACKED_BYTES: usize = 4096;
/// Of what is unpacked so many bytes are compared, and the length of the rest.
const COMPARED_BYTES: usize = 1 << 20;

/// An input: the bytes in one piece, and cut at places that its first two bytes say.
struct Input<'a> {
    whole: Vec<&'a [u8]>,
    pieces: Vec<&'a [u8]>,
}

impl<'a> Input<'a> {
    fn of(bytes: &'a [u8], at_most: usize) -> Option<Self> {
        let (seed, bytes) = bytes.split_first_chunk::<2>()?;
        let bytes = &bytes[..bytes.len().min(at_most)];
        let mut state = u32::from(u16::from_le_bytes(*seed));
        let longest = [1, 3, 64, 513, 1024, 4000, 1, 700][(state & 7) as usize];
        let (mut pieces, mut rest) = (Vec::new(), bytes);
        while !rest.is_empty() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let length = 1 + (state >> 8) as usize % longest;
            let (piece, more) = rest.split_at(rest.len().min(length));
            pieces.push(piece);
            rest = more;
        }
        let whole = vec![bytes];
        Some(Self { whole, pieces })
    }
}

/// Entries with the bytes that came of each.
type Entries = Vec<(Entry, Vec<u8>)>;

fn collect(entries: &mut Entries, event: Event<'_>) {
    match event {
        Event::Entry(entry) => entries.push((*entry, Vec::new())),
        Event::Data(data) => {
            assert!(!data.is_empty(), "a piece of nothing");
            let (entry, bytes) = entries.last_mut().expect("an entry before its bytes");
            bytes.extend_from_slice(data);
            let in_archive = entry.sparse.as_ref().map_or(entry.size, |runs| {
                let sum: u64 = runs.iter().map(|(_, length)| length).sum();
                sum.try_into().expect("it fits the size")
            });
            assert!(
                i64::try_from(bytes.len()).expect("few") <= in_archive,
                "too many bytes"
            );
            assert!(!matches!(entry.kind, b'1'..=b'6'), "of type {}", entry.kind);
        }
    }
}

fn read(pieces: &[&[u8]]) -> (Entries, Result<End, TarError>) {
    let mut reader = Reader::new();
    let mut entries = Entries::new();
    let mut failed = None;
    for piece in pieces {
        let told = entries.len();
        let pushed = reader.push(piece, &mut |event| collect(&mut entries, event));
        if let Some(before) = &failed {
            assert_eq!(
                (pushed.as_ref().err(), entries.len()),
                (Some(before), told),
                "it stays"
            );
        }
        failed = pushed.err();
    }
    (entries, reader.finish())
}

/// Entries, their bytes and the end or the error are the same however an archive is cut; the headers of entries stand
/// one behind the other, and an error in the archive.
pub fn tar(bytes: &[u8]) {
    let Some(input) = Input::of(bytes, usize::MAX) else {
        return;
    };
    let (entries, ended) = read(&input.whole);
    let (in_pieces, ended_in_pieces) = read(&input.pieces);
    assert_eq!(ended, ended_in_pieces);
    assert_eq!(entries, in_pieces);
    let length = bytes.len() as u64 - 2;
    assert!(entries.is_sorted_by(|(one, _), (other, _)| one.offset + 512 <= other.offset));
    assert!(
        entries
            .last()
            .is_none_or(|(last, _)| last.offset + 512 <= length)
    );
    match ended {
        Ok(end) => assert!(end.trailing + u64::from(end.zero_blocks) * 512 <= length),
        Err(error) => assert!(error.offset <= length, "{error}"),
    }
}

/// What a stream unpacks to, as far as it is compared; how long it is, and how it ends.
#[derive(Debug, PartialEq, Eq)]
struct Content {
    compared: Vec<u8>,
    length: usize,
    compression: Option<Compression>,
    ended: Result<Unpacked, UnpackError>,
}

fn unpack(pieces: &[&[u8]]) -> Content {
    let mut unpacker = Unpacker::new();
    let (mut compared, mut length) = (Vec::new(), 0);
    let mut tell = |bytes: &[u8]| {
        length += bytes.len();
        let room = COMPARED_BYTES.saturating_sub(compared.len());
        compared.extend_from_slice(&bytes[..bytes.len().min(room)]);
    };
    let pushed = pieces
        .iter()
        .try_for_each(|piece| unpacker.push(piece, &mut tell));
    let compression = unpacker.compression();
    let ended = unpacker.finish(&mut tell);
    if let Err(error) = pushed {
        assert_eq!(ended, Err(error), "it stays");
    }
    Content {
        compared,
        length,
        compression,
        ended,
    }
}

fn stream(bytes: &[u8], compression: Compression) {
    let Some(input) = Input::of(bytes, PACKED_BYTES) else {
        return;
    };
    if sniff::compression(&input.whole.concat()) != compression {
        return;
    }
    let (whole, pieces) = (unpack(&input.whole), unpack(&input.pieces));
    assert_eq!(whole.ended, pieces.ended);
    assert_eq!(whole.length, pieces.length, "bytes, then {:?}", whole.ended);
    assert!(whole.compared == pieces.compared, "other bytes");
    if let Ok(unpacked) = whole.ended {
        assert!(unpacked.trailing < bytes.len() as u64);
    }
}

/// A stream of gzip unpacks to the same however it is cut.
pub fn gzip(bytes: &[u8]) {
    stream(bytes, Compression::Gzip);
}

/// A stream of zstd unpacks to the same however it is cut.
pub fn zstd(bytes: &[u8]) {
    stream(bytes, Compression::Zstd);
}

fn check(pieces: &[&[u8]]) -> (Entries, Found) {
    let mut layer = Layer::new(Algorithm::Sha256);
    let mut entries = Entries::new();
    // A piece of nothing says where a member or frame begins.
    let mut heard = |event: Event<'_>| {
        if !matches!(event, Event::Data(&[])) {
            collect(&mut entries, event);
        }
    };
    for piece in pieces {
        layer.push(piece, &mut heard);
    }
    let found = layer.finish(&mut heard);
    (entries, found)
}

/// What is found of a layer is the same however it is cut; its digest and size are those of its bytes, whatever they
/// unpack to.
pub fn layer(bytes: &[u8]) {
    let Some(input) = Input::of(bytes, PACKED_BYTES) else {
        return;
    };
    let (entries, found) = check(&input.whole);
    let (in_pieces, found_in_pieces) = check(&input.pieces);
    assert_eq!(found, found_in_pieces);
    assert_eq!(entries, in_pieces);
    let blob = input.whole.concat();
    assert_eq!(
        (&found.digest, found.size),
        (&Digest::sha256(&blob), blob.len() as u64)
    );
    if found.compression == Compression::None {
        assert_eq!(found.diff_id.as_ref(), Ok(&found.digest));
        assert_eq!(found.unpacked_size, found.size);
        assert_eq!((entries, found.archive), read(&input.whole));
    }
}
