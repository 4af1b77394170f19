//! gzip: one member after the other, as Go's compress/gzip and gzip itself read it.

use std::fmt;

use flate2::{Decompress, DecompressError, FlushDecompress, Status};

use super::{Part, Parts, UnpackError, Unpacked};

/// How much is unpacked at once.
const PIECE: usize = 64 << 10;
/// The largest window of deflate, as a power of 2.
const WINDOW_BITS: u8 = 15;

/// Unpacks all members of a stream.
pub(super) struct Gzip {
    inflate: Decompress,
    place: Place,
    output: Vec<u8>,
    end: Unpacked,
    /// How many bytes were taken, and how many they unpacked to.
    position: (u64, u64),
    pub(super) parts: Parts,
}

/// What zlib-rs says of damaged data; which of it, goes by how many bytes it has at once.
const DAMAGED: [&str; 4] = [
    "repeated call with bad state",
    "invalid distance too far back",
    "invalid distance code",
    "invalid literal/length code",
];

/// Where in the stream the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Inside of a member.
    Member,
    /// Behind a member: the next byte tells whether another one begins.
    Between,
    /// Behind the first byte of what may be a member.
    Begun,
    /// Behind the last one.
    Behind,
}

fn reason(error: &DecompressError) -> String {
    let words = error.to_string();
    if DAMAGED.iter().any(|damaged| words.ends_with(damaged)) {
        "the compressed data are damaged".to_owned()
    } else {
        words
    }
}

impl Default for Gzip {
    fn default() -> Self {
        let mut parts = Parts::default();
        parts.push(Part {
            packed: 0,
            unpacked: 0,
            skipped: None,
        });
        Self {
            inflate: Decompress::new_gzip(WINDOW_BITS),
            place: Place::Member,
            output: vec![0; PIECE],
            end: Unpacked::default(),
            position: (0, 0),
            parts,
        }
    }
}

impl fmt::Debug for Gzip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.place, self.end).fmt(f)
    }
}

impl Gzip {
    pub(super) fn push(
        &mut self,
        mut bytes: &[u8],
        tell: &mut dyn FnMut(&[u8]),
    ) -> Result<(), UnpackError> {
        while let Some((first, rest)) = bytes.split_first() {
            match (self.place, *first) {
                (Place::Member, _) => bytes = &bytes[self.inflate(bytes, tell)?..],
                (Place::Between, 0x1f) => {
                    self.place = Place::Begun;
                    bytes = rest;
                }
                (Place::Begun, 0x8b) => {
                    self.inflate = Decompress::new_gzip(WINDOW_BITS);
                    self.place = Place::Member;
                    let (packed, unpacked) = self.position;
                    self.parts.push(Part {
                        packed,
                        unpacked,
                        skipped: None,
                    });
                    tell(&[]);
                    self.inflate(&[0x1f], tell)?;
                }
                (Place::Between | Place::Begun | Place::Behind, _) => {
                    let held = u64::from(self.place == Place::Begun);
                    self.place = Place::Behind;
                    self.end.trailing += held + bytes.len() as u64;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Unpacks some bytes and says how many were taken: all, unless the member ends before.
    fn inflate(&mut self, bytes: &[u8], tell: &mut dyn FnMut(&[u8])) -> Result<usize, UnpackError> {
        let mut taken = 0;
        loop {
            let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
            let result =
                self.inflate
                    .decompress(&bytes[taken..], &mut self.output, FlushDecompress::None);
            let length = |from: u64, to: u64| usize::try_from(to - from).unwrap_or_default();
            let read = length(read, self.inflate.total_in());
            let written = length(written, self.inflate.total_out());
            taken += read;
            self.position.0 += read as u64;
            self.position.1 += written as u64;
            if written > 0 {
                tell(&self.output[..written]);
            }
            let status = result.map_err(|error| UnpackError::Corrupt {
                reason: reason(&error),
            })?;
            if status == Status::StreamEnd {
                self.end.parts += 1;
                self.place = Place::Between;
                return Ok(taken);
            }
            // With room left in the output, all that there is was taken.
            if written < self.output.len() && (taken == bytes.len() || read == 0) {
                return Ok(bytes.len());
            }
        }
    }

    pub(super) fn finish(self) -> Result<Unpacked, UnpackError> {
        match self.place {
            Place::Member => Err(UnpackError::EndsEarly),
            Place::Begun => Ok(Unpacked {
                trailing: 1,
                ..self.end
            }),
            Place::Between | Place::Behind => Ok(self.end),
        }
    }
}
