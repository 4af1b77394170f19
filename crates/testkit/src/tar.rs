//! Archives made by hand, header by header.

/// What a header holds; what is not set is zero, or empty.
#[derive(Clone, Debug)]
pub struct Header {
    block: [u8; 512],
}

impl Header {
    /// A header of that name and type, in POSIX's layout.
    pub fn new(name: &str, kind: u8) -> Self {
        let mut header = Self { block: [0; 512] };
        header.set(0, name.as_bytes());
        header.block[156] = kind;
        header.set(257, b"ustar\x0000");
        header
            .octal(100, 8, 0o644)
            .octal(108, 8, 1000)
            .octal(116, 8, 100);
        header.octal(136, 12, 1_700_000_000).octal(124, 12, 0);
        header.set(265, b"me").set(297, b"us");
        header
    }

    /// Puts bytes at a place of the header.
    pub fn set(&mut self, at: usize, bytes: &[u8]) -> &mut Self {
        self.block[at..][..bytes.len()].copy_from_slice(bytes);
        self
    }

    /// Puts an octal number into a field, with a NUL behind it.
    pub fn octal(&mut self, at: usize, width: usize, value: u64) -> &mut Self {
        let digits = width - 1;
        self.set(at, format!("{value:0digits$o}\0").as_bytes())
    }

    /// GNU's magic in place of POSIX's.
    pub fn gnu(&mut self) -> &mut Self {
        self.set(257, b"ustar  \0")
    }

    /// No magic at all.
    pub fn v7(&mut self) -> &mut Self {
        self.set(257, &[0; 255])
    }

    /// The block, with its checksum, and `data` behind it; the size is that of `data`.
    pub fn with(&mut self, data: &[u8]) -> Vec<u8> {
        self.octal(124, 12, data.len() as u64);
        self.then(data)
    }

    /// The same, with the size that is set.
    pub fn then(&mut self, data: &[u8]) -> Vec<u8> {
        sum(&mut self.block);
        let mut bytes = self.block.to_vec();
        bytes.extend(data);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    }
}

/// Puts the right checksum into a header.
pub fn sum(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// Records of a PAX header.
pub fn records(pairs: &[(&str, &str)]) -> Vec<u8> {
    let record = |(name, value): &(&str, &str)| {
        let rest = name.len() + value.len() + 3;
        let mut length = rest + 1;
        while rest + length.to_string().len() != length {
            length = rest + length.to_string().len();
        }
        format!("{length} {name}={value}\n").into_bytes()
    };
    pairs.iter().flat_map(record).collect()
}

/// A PAX header, or a global one, of these records.
pub fn pax(kind: u8, pairs: &[(&str, &str)]) -> Vec<u8> {
    Header::new("PaxHeaders/x", kind).with(&records(pairs))
}

/// A file with its header.
pub fn file(name: &str, data: &[u8]) -> Vec<u8> {
    Header::new(name, b'0').with(data)
}
