//! The last bytes of a layer, which say where its table of contents stands.
//!
//! Sources: stargz-snapshotter `estargz/gzip.go`, `estargz/externaltoc`,
//! `estargz/zstdchunked`; containers/storage `pkg/chunked/internal/minimal`.

use super::announced::Position;

/// What a footer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Footer {
    /// eStargz: where the table begins, and how long the footer is.
    Estargz { table: u64, length: u64 },
    /// The table is in an image of its own.
    External,
    /// zstd:chunked: the table, and in the newer form the tar-split data.
    Chunked {
        table: Position,
        tar_split: Option<Position>,
    },
}

/// How a gzip member begins that has an extra field, as Go writes it: no time, no name.
const GZIP: [u8; 10] = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff];
/// What stands behind the extra field: an empty stored block, no checksum, no bytes.
const EMPTY: [u8; 13] = [1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0];
/// How a skippable frame begins, before its length.
pub(super) const SKIPPABLE: [u8; 4] = [0x50, 0x2a, 0x4d, 0x18];
/// The longest footer: one of zstd:chunked with the head of its frame.
pub(super) const LONGEST: u64 = 8 + 64;

impl Footer {
    /// Finds the footer at the end of a blob, or of its last bytes.
    pub(super) fn at_end_of(bytes: &[u8]) -> Option<Self> {
        Self::gzip(bytes).or_else(|| Self::zstd(bytes))
    }

    /// The lengths of the extra field are 26 of the present form, 22 of the first one, which has
    /// no head of a subfield, and 21 where the table stands elsewhere.
    fn gzip(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_suffix(&EMPTY)?;
        let extra = |length: u8| {
            let (start, extra) = rest.split_at_checked(rest.len().checked_sub(length.into())?)?;
            let start = start.strip_suffix(&[length, 0])?;
            start.ends_with(&GZIP).then_some(extra)
        };
        let offset = |digits: &[u8]| {
            let (digits, magic) = digits.split_first_chunk::<16>()?;
            let digits = std::str::from_utf8(digits).ok()?;
            // Go reads a sign here, which no writer writes.
            let is_number = magic == b"STARGZ" && !digits.starts_with(['+', '-']);
            is_number.then(|| u64::from_str_radix(digits, 16).ok())?
        };
        if let Some(extra) = extra(26) {
            let table = offset(extra.strip_prefix(&[b'S', b'G', 22, 0])?)?;
            return Some(Self::Estargz { table, length: 51 });
        }
        if let Some(extra) = extra(22) {
            let table = offset(extra)?;
            return Some(Self::Estargz { table, length: 47 });
        }
        let external = extra(21)?.strip_prefix(&[b'S', b'G', 17, 0])?;
        (external == b"STARGZEXTERNALTOC").then_some(Self::External)
    }

    /// The payload of the last skippable frame: seven numbers and a name, before 2023 four.
    fn zstd(bytes: &[u8]) -> Option<Self> {
        let payload = |length: u8| {
            let (start, payload) =
                bytes.split_at_checked(bytes.len().checked_sub(length.into())?)?;
            let start = start.strip_suffix(&[length, 0, 0, 0])?;
            start.ends_with(&SKIPPABLE).then_some(payload)
        };
        let (payload, count) = match payload(64).and_then(|it| it.strip_suffix(b"GNUlInUx")) {
            Some(payload) => (payload, 7),
            None => (payload(40)?.strip_suffix(b"GnUlInUx")?, 4),
        };
        let mut numbers = [0; 7];
        for (number, bytes) in numbers.iter_mut().zip(payload.chunks_exact(8)).take(count) {
            *number = u64::from_le_bytes(bytes.try_into().ok()?);
        }
        let [offset, length, unpacked, kind, split @ ..] = numbers;
        if kind != 1 {
            return None;
        }
        let tar_split = Position {
            offset: split[0],
            length: split[1],
            unpacked: split[2],
        };
        Some(Self::Chunked {
            table: Position {
                offset,
                length,
                unpacked,
            },
            tar_split: (tar_split.offset > 0).then_some(tar_split),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gzip(extra: &[u8]) -> Vec<u8> {
        let length = u8::try_from(extra.len()).unwrap_or_default();
        [&GZIP[..], &[length, 0], extra, &EMPTY].concat()
    }

    #[test]
    fn every_form_is_found_behind_anything() {
        let zstd = |numbers: &[u64], magic: &[u8]| {
            let mut payload: Vec<u8> = numbers.iter().flat_map(|it| it.to_le_bytes()).collect();
            payload.extend(magic);
            let length = u32::try_from(payload.len()).unwrap_or_default();
            [&SKIPPABLE[..], &length.to_le_bytes(), &payload].concat()
        };
        let position = |offset, length, unpacked| Position {
            offset,
            length,
            unpacked,
        };
        let estargz = |length| Footer::Estargz {
            table: 0x1f,
            length,
        };
        for (bytes, length, expected) in [
            (gzip(b"SG\x16\x00000000000000001fSTARGZ"), 51, estargz(51)),
            (gzip(b"000000000000001fSTARGZ"), 47, estargz(47)),
            (gzip(b"SG\x11\0STARGZEXTERNALTOC"), 46, Footer::External),
            (
                zstd(&[9, 8, 7, 1, 6, 5, 4], b"GNUlInUx"),
                72,
                Footer::Chunked {
                    table: position(9, 8, 7),
                    tar_split: Some(position(6, 5, 4)),
                },
            ),
            (
                zstd(&[9, 8, 7, 1], b"GnUlInUx"),
                48,
                Footer::Chunked {
                    table: position(9, 8, 7),
                    tar_split: None,
                },
            ),
        ] {
            assert_eq!(bytes.len(), length);
            assert_eq!(Footer::at_end_of(&bytes), Some(expected));
            let longer = [b"anything", &bytes[..]].concat();
            assert_eq!(Footer::at_end_of(&longer), Some(expected));
            for cut in 1..length {
                assert_eq!(Footer::at_end_of(&bytes[..cut]), None);
                assert_eq!(Footer::at_end_of(&bytes[cut..]), None);
            }
        }
        assert_eq!(Footer::at_end_of(&zstd(&[9, 8, 7, 2], b"GnUlInUx")), None);
        assert_eq!(Footer::at_end_of(&gzip(b"+00000000000001fSTARGZ")), None);
    }
}
