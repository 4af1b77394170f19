//! Streams are unpacked to what gzip and zstd made them of, whatever the pieces they come in.

use std::io::Write as _;
use std::process::{Command, Stdio};

use flate2::Compression as Level;
use flate2::write::GzEncoder;
use waybill_blobs::layer::Layer;
use waybill_blobs::sniff::Compression;
use waybill_blobs::tar::{Event, Reader, Reason, TarError};
use waybill_blobs::unpack::{UnpackError, Unpacked, Unpacker};
use waybill_core::digest::{Algorithm, Digest};

/// Bytes that compress a little, and are the same each time.
fn content(length: usize) -> Vec<u8> {
    let mut state: u32 = 1;
    let byte = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0] & 0x3f
    };
    (0..length).map(byte).collect()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Level::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// What the zstd of this machine makes; `None` where it is not here.
pub(crate) fn zstd(bytes: &[u8], options: &[&str]) -> Option<Vec<u8>> {
    let mut running = Command::new("zstd")
        .args(options)
        .args(["-q", "-c"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = running.stdin.take()?;
    let bytes = bytes.to_vec();
    let writing = std::thread::spawn(move || input.write_all(&bytes));
    let output = running.wait_with_output().ok()?;
    writing.join().ok()?.ok()?;
    Some(output.stdout)
}

type Outcome = (Vec<u8>, Result<Unpacked, UnpackError>, Option<Compression>);

fn unpack(bytes: &[u8], piece: usize) -> Outcome {
    let mut unpacker = Unpacker::new();
    let mut found = Vec::new();
    let mut tell = |bytes: &[u8]| found.extend_from_slice(bytes);
    for bytes in bytes.chunks(piece) {
        if let Err(error) = unpacker.push(bytes, &mut tell) {
            assert_eq!(
                unpacker.push(b"more", &mut tell),
                Err(error.clone()),
                "it stays"
            );
            let compression = unpacker.compression();
            return (found, Err(error), compression);
        }
    }
    let compression = unpacker.compression();
    let ended = unpacker.finish(&mut tell);
    (found, ended, compression)
}

fn unpacks_to(packed: &[u8], content: &[u8], expected: Unpacked, compression: Compression) {
    for piece in [1, 3, 1000, 1 << 20] {
        let (found, ended, sniffed) = unpack(packed, piece);
        assert_eq!(ended, Ok(expected), "in pieces of {piece}");
        assert_eq!(sniffed, Some(compression));
        assert!(
            found == content,
            "{} of {} bytes",
            found.len(),
            content.len()
        );
    }
}

fn parts(parts: u64, trailing: u64) -> Unpacked {
    Unpacked { parts, trailing }
}

#[test]
fn gzip_is_unpacked_with_all_its_members() {
    let (one, two) = (content(200_000), content(70_001));
    let (a, b) = (gzip(&one), gzip(&two));
    unpacks_to(&a, &one, parts(1, 0), Compression::Gzip);
    unpacks_to(
        &[a.clone(), b].concat(),
        &[&one[..], &two].concat(),
        parts(2, 0),
        Compression::Gzip,
    );
    unpacks_to(&gzip(b""), b"", parts(1, 0), Compression::Gzip);
    // What stands behind is counted: zeros, another thing, the first byte of a member.
    for behind in [&[0_u8; 8][..], b"garbage behind it", b"\x1f", b"\x1fx"] {
        let packed = [&a[..], behind].concat();
        unpacks_to(
            &packed,
            &one,
            parts(1, behind.len() as u64),
            Compression::Gzip,
        );
    }
}

#[test]
fn gzip_that_is_cut_or_damaged_is_told_with_what_was_unpacked_before() {
    let one = content(200_000);
    let packed = gzip(&one);
    for cut in [1, 4, 8, 9, 1000] {
        let (found, ended, _) = unpack(&packed[..packed.len() - cut], 777);
        assert_eq!(ended, Err(UnpackError::EndsEarly), "without the last {cut}");
        assert!(one.starts_with(&found) && found.len() > one.len() / 2);
    }
    let mut damaged = packed.clone();
    let crc = damaged.len() - 8;
    damaged[crc] ^= 1;
    let (found, ended, compression) = unpack(&damaged, 4096);
    assert_eq!(compression, Some(Compression::Gzip), "it stays known");
    assert!(
        matches!(ended, Err(UnpackError::Corrupt { .. })),
        "{ended:?}"
    );
    assert!(found == one);
}

#[test]
fn zstd_is_unpacked_with_all_its_frames() {
    let (one, two) = (content(700_000), content(5));
    let (Some(a), Some(b)) = (zstd(&one, &["-3"]), zstd(&two, &["-19", "--no-check"])) else {
        let _ = std::io::stderr().write_all(b"\n*** ZSTD NOT CHECKED: zstd is not here.\n\n");
        return;
    };
    unpacks_to(&a, &one, parts(1, 0), Compression::Zstd);
    unpacks_to(&b, &two, parts(1, 0), Compression::Zstd);
    let skippable = [&b"\x50\x2a\x4d\x18\x05\0\0\0"[..], b"notes"].concat();
    let empty = b"\x5f\x2a\x4d\x18\0\0\0\0".to_vec();
    let all = [skippable.clone(), a.clone(), empty, b.clone(), skippable].concat();
    unpacks_to(
        &all,
        &[&one[..], &two].concat(),
        parts(2, 0),
        Compression::Zstd,
    );
    unpacks_to(
        &[&a[..], b"behind"].concat(),
        &one,
        parts(1, 6),
        Compression::Zstd,
    );
    for cut in [1, 4, 5, 100] {
        let (found, ended, _) = unpack(&a[..a.len() - cut], 999);
        assert_eq!(ended, Err(UnpackError::EndsEarly), "without the last {cut}");
        assert!(one.starts_with(&found) && found.len() > one.len() / 2);
    }
    let mut damaged = a.clone();
    let checksum = damaged.len() - 1;
    damaged[checksum] ^= 1;
    assert!(matches!(
        unpack(&damaged, 999).1,
        Err(UnpackError::Corrupt { .. })
    ));
}

#[test]
fn zstd_that_unpacks_to_much_more_is_told_block_by_block() {
    // A frame with a window of 1 MiB, 40 blocks of 4 bytes that unpack to 128 KiB each, and one that is none: all of it
    // comes at once.
    let block = b"\x02\0\x10a";
    let packed = [
        b"\x28\xb5\x2f\xfd\0\x50",
        &block.repeat(40)[..],
        b"\x06\0\0",
    ]
    .concat();
    let (found, ended, _) = unpack(&packed, packed.len());
    assert!(
        matches!(ended, Err(UnpackError::Corrupt { .. })),
        "{ended:?}"
    );
    assert_eq!(found.len(), (40 << 17) - (1 << 20), "all but the window");
    let cut = unpack(&packed[..packed.len() - 3], packed.len());
    assert_eq!(
        (cut.0.len(), cut.1),
        (40 << 17, Err(UnpackError::EndsEarly))
    );
}

#[test]
fn what_is_wrong_is_told_alike_whatever_the_pieces() {
    let mut damaged = gzip(&content(3000));
    damaged[40..60].fill(0xff);
    let told = |piece| unpack(&damaged, piece).1;
    assert!(matches!(told(1), Err(UnpackError::Corrupt { .. })));
    assert_eq!(told(1), told(10_000));
    let mut archive = super::archives::samples().remove(0);
    archive[1024] ^= 1;
    let told = |piece| {
        let mut reader = Reader::new();
        let mut pieces = archive.chunks(piece);
        pieces.try_for_each(|piece| reader.push(piece, &mut |_| {}))
    };
    let at_1024 = TarError {
        offset: 1024,
        reason: Reason::Checksum,
    };
    assert_eq!(
        [told(1), told(700), told(10_000)],
        [Err(at_1024.clone()), Err(at_1024.clone()), Err(at_1024)]
    );
}

#[test]
fn the_compression_of_a_layer_of_few_bytes_is_told() {
    let compression = |bytes: &[u8]| {
        let mut layer = Layer::new(Algorithm::Sha256);
        layer.push(bytes, &mut |_| {});
        layer.finish(&mut |_| {}).compression
    };
    assert_eq!(compression(b"BZh"), Compression::Bzip2);
    assert_eq!(compression(b"\x1f\x8b\x08"), Compression::Gzip);
    assert_eq!(compression(b""), Compression::None);
}

#[test]
fn a_window_beyond_what_a_page_has_is_told_with_its_size() {
    let Some(packed) = zstd(&content(40_000_000), &["--ultra", "-1", "--long=27"]) else {
        return;
    };
    let ended = unpack(&packed[..1000], 1000).1;
    assert!(
        matches!(ended, Err(UnpackError::Window(bytes)) if bytes > 16 << 20),
        "{ended:?}"
    );
}

#[test]
fn what_is_not_packed_goes_through_and_what_is_packed_otherwise_is_named() {
    for bytes in [&b""[..], b"a", b"\x1f\x8b", b"plain bytes of any kind"] {
        unpacks_to_plain(bytes);
    }
    let (_, ended, _) = unpack(b"\xfd7zXZ\0 and so on", 5);
    assert_eq!(ended, Err(UnpackError::Unsupported(Compression::Xz)));
    let (_, ended, _) = unpack(b"BZh91AY", 7);
    assert_eq!(ended, Err(UnpackError::Unsupported(Compression::Bzip2)));
}

fn unpacks_to_plain(bytes: &[u8]) {
    for piece in [1, 4, 100] {
        let (found, ended, _) = unpack(bytes, piece);
        assert_eq!((&found[..], ended), (bytes, Ok(Unpacked::default())));
    }
}

#[test]
fn a_layer_is_hashed_unpacked_and_listed_at_once() {
    let archive = super::archives::samples().remove(0);
    let packed = gzip(&archive);
    let read = |bytes: &[u8], piece: usize| {
        let mut layer = Layer::new(Algorithm::Sha256);
        let mut names = Vec::new();
        let mut tell = |event: Event<'_>| {
            if let Event::Entry(entry) = event {
                names.push(String::from_utf8(entry.name).expect("text"));
            }
        };
        for bytes in bytes.chunks(piece) {
            layer.push(bytes, &mut tell);
        }
        let found = layer.finish(&mut tell);
        (found, names)
    };
    for bytes in [&packed, &archive] {
        let (found, names) = read(bytes, 100);
        assert_eq!(found.digest, Digest::sha256(bytes));
        assert_eq!(found.size, bytes.len() as u64);
        assert_eq!(found.diff_id, Ok(Digest::sha256(&archive)));
        assert_eq!(found.unpacked_size, archive.len() as u64);
        assert_eq!(names, ["a", "d/b"]);
    }
    // A fault further in leaves what is outside of it right.
    let mut damaged = archive.clone();
    damaged[512 + 512 + 148] ^= 1;
    let (found, names) = read(&gzip(&damaged), 100);
    assert_eq!(found.diff_id, Ok(Digest::sha256(&damaged)));
    assert!(found.archive.is_err());
    assert_eq!(names, ["a"]);
    let cut = &packed[..packed.len() - 4];
    let (found, _) = read(cut, 100);
    assert_eq!(found.digest, Digest::sha256(cut));
    assert_eq!(found.diff_id, Err(UnpackError::EndsEarly));
}
