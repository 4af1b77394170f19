//! How much of a signature is read and checked, so that nobody can make a page work without end.

/// The largest payload of a cosign signature, in bytes.
pub const PAYLOAD_BYTES: usize = 64 << 10;

/// The largest envelope or bundle, in bytes: what Notation allows.
pub const ENVELOPE_BYTES: usize = 32 << 20;

/// How many signatures of one envelope are checked; how many of one image a caller should ask for.
pub const SIGNATURES: usize = 16;

/// How many entries of logs are looked at, as in sigstore-go.
pub const LOG_ENTRIES: usize = 32;

/// How many time stamps are looked at, as in sigstore-go.
pub const TIME_STAMPS: usize = 32;

/// How many subjects of a statement are compared, as in sigstore-go.
pub const SUBJECTS: usize = 1024;

/// How many digests of one subject are compared, as in sigstore-go.
pub const DIGESTS: usize = 32;

/// How many certificates a chain may have.
pub const CHAIN: usize = 8;

/// How many hashes a proof of inclusion may have: a log of 2^63 entries has no more.
pub const PROOF_HASHES: usize = 64;

/// How many lines of signatures of a checkpoint are looked at.
pub const CHECKPOINT_LINES: usize = 32;

/// How much may be given as a key, a certificate or a root, in bytes.
pub const GIVEN_BYTES: usize = 1 << 20;

/// How many characters of a text from outside stand in a step.
pub const TEXT: usize = 400;
