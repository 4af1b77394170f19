//! What of a header other programs read otherwise than Go.

/// One thing in the headers of an entry that GNU tar, or another reader, takes for something
/// else than Go's archive/tar does. What Go reads is in the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quirk {
    /// The PAX header states another size than the header. Go and GNU tar take it; who knows no
    /// PAX headers reads on at another place.
    Size,
    /// GNU tar reads another name ([`Entry::gnu_name`](super::Entry::gnu_name)): a name in GNU's
    /// layout has a prefix, or a long name of GNU's stands together with one of PAX.
    Name,
    /// GNU tar reads another target of a link ([`Entry::gnu_link`](super::Entry::gnu_link)).
    Link,
    /// A PAX header gives an empty name: Go keeps the header's, GNU tar does not.
    EmptyName,
    /// A symbolic link, a device, a directory or a pipe states a size: Go reads a header behind
    /// it, GNU tar goes over so many bytes first.
    Bytes,
    /// A file with a `/` at the end of its name: GNU tar takes it for a directory.
    Slash,
    /// It has extended attributes under libarchive's name only, which no engine applies.
    Attributes,
}

impl Quirk {
    /// All of them, in the order of their bits.
    pub const ALL: [Self; 7] = [
        Self::Size,
        Self::Name,
        Self::Link,
        Self::EmptyName,
        Self::Bytes,
        Self::Slash,
        Self::Attributes,
    ];
}

/// A set of [`Quirk`]s, in one byte.
///
/// ```
/// use waybill_blobs::tar::{Quirk, Quirks};
///
/// let mut quirks = Quirks::default();
/// quirks.set(Quirk::Slash, true);
/// assert!(quirks.has(Quirk::Slash) && !quirks.has(Quirk::Size));
/// assert_eq!(Quirks::from_bits(quirks.bits()), quirks);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quirks(u8);

impl Quirks {
    /// Puts one in, or takes it out.
    pub fn set(&mut self, quirk: Quirk, is_there: bool) {
        let bit = 1 << quirk as u8;
        self.0 = if is_there {
            self.0 | bit
        } else {
            self.0 & !bit
        };
    }

    /// Whether one is in.
    #[must_use]
    pub fn has(self, quirk: Quirk) -> bool {
        self.0 & 1 << quirk as u8 != 0
    }

    /// Whether none is in.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// As one byte.
    #[must_use]
    pub fn bits(self) -> u8 {
        self.0
    }

    /// From the byte that [`bits`](Self::bits) gives; bits that mean nothing are dropped.
    #[must_use]
    pub fn from_bits(bits: u8) -> Self {
        Self(bits & 0x7f)
    }
}
