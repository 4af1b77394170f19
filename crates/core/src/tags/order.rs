//! In which order tags stand: what a person looks for first, newest first.

use crate::reference::Tag;

/// What a tag is by its name alone. Earlier ones stand above later ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `latest`.
    Latest,
    /// A version or a date: numbers with dots between them, with or without a `v` in front.
    Version,
    /// Any other name that a person gave, such as `edge`.
    Word,
    /// What a build was made of: 7 to 40 hex characters that are not all digits, or `sha-…`.
    Commit,
    /// A signature of cosign: `sha256-….sig`.
    Signature,
    /// Attestations of cosign: `sha256-….att`.
    Attestation,
    /// An SBOM of cosign: `sha256-….sbom`.
    Sbom,
    /// What refers to a digest, where the registry keeps no referrers itself: `sha256-…`.
    Referrers,
}

impl Kind {
    /// Every kind that is folded to one row, in the order in which they stand.
    pub const FOLDED: [Self; 5] = [
        Self::Commit,
        Self::Signature,
        Self::Attestation,
        Self::Sbom,
        Self::Referrers,
    ];

    /// Whether tags of this kind are folded to one row with their number.
    #[must_use]
    pub fn is_folded(self) -> bool {
        self >= Self::Commit
    }

    /// Whether the tag's name holds the digest of another manifest, so that it is no image.
    #[must_use]
    pub fn is_machine(self) -> bool {
        self >= Self::Signature
    }
}

/// What a tag is by its name.
///
/// A machine's tag is `^(sha256|sha512)-[0-9a-f]{64}(\.(sig|att|sbom))?$`. A commit's hash is
/// looked for before a version, since `1234567a` reads as both.
///
/// ```
/// use waybill_core::tags::{Kind, kind};
///
/// assert_eq!(kind("v1.27.3-alpine"), Kind::Version);
/// assert_eq!(kind("20240115"), Kind::Version);
/// assert_eq!(kind("4f1c0de"), Kind::Commit);
/// assert_eq!(kind(&format!("sha256-{}.sig", "0".repeat(64))), Kind::Signature);
/// ```
#[must_use]
pub fn kind(tag: &str) -> Kind {
    if tag == Tag::latest().as_str() {
        return Kind::Latest;
    }
    if let Some(kind) = machine(tag) {
        return kind;
    }
    let is_hash = (7..=40).contains(&tag.len())
        && tag.bytes().all(is_hex)
        && !tag.bytes().all(|b| b.is_ascii_digit());
    if is_hash || tag.starts_with("sha-") {
        Kind::Commit
    } else if Version::read(tag).is_some() {
        Kind::Version
    } else {
        Kind::Word
    }
}

fn machine(tag: &str) -> Option<Kind> {
    let rest = tag
        .strip_prefix("sha256-")
        .or_else(|| tag.strip_prefix("sha512-"))?;
    let (hex, suffix) = rest.split_at_checked(64)?;
    if !hex.bytes().all(is_hex) {
        return None;
    }
    match suffix {
        "" => Some(Kind::Referrers),
        ".sig" => Some(Kind::Signature),
        ".att" => Some(Kind::Attestation),
        ".sbom" => Some(Kind::Sbom),
        _ => None,
    }
}

fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// A tag that is a version: `v?` numbers with dots, then letters, then what follows `-` or `_`.
struct Version<'a> {
    /// The numbers, with the dots between them.
    numbers: &'a str,
    /// Letters, and what follows them, that stand at the last number: `rc1`, `w`.
    letters: &'a str,
    /// What follows the first `-` or `_`.
    suffix: &'a str,
}

impl<'a> Version<'a> {
    fn read(tag: &'a str) -> Option<Self> {
        let (base, suffix) = tag.split_once(['-', '_']).unwrap_or((tag, ""));
        let base = base.strip_prefix(['v', 'V']).unwrap_or(base);
        let end = base
            .bytes()
            .position(|b| !(b.is_ascii_digit() || b == b'.'))
            .unwrap_or(base.len());
        let (numbers, letters) = base.split_at_checked(end)?;
        let is_numbers = numbers.split('.').all(|number| !number.is_empty());
        let are_letters = letters.bytes().all(|b| b.is_ascii_alphanumeric());
        (is_numbers && are_letters).then_some(Self {
            numbers,
            letters,
            suffix,
        })
    }

    /// Whether it comes before the version that its numbers name.
    fn is_before(&self) -> bool {
        is_before(self.letters) || self.letters.is_empty() && is_before(self.suffix)
    }
}

/// Whether two tags are versions of one line: as many numbers, and the same words behind them.
///
/// `1.27.3-alpine3.20` and `1.26.0-alpine3.19` are; `1.27` and `1.27.3` are not, since the first
/// one floats.
pub(super) fn are_of_one_line(one: &str, other: &str) -> bool {
    let line = |tag| {
        let version = Version::read(tag)?;
        let depth = version.numbers.split('.').count();
        let mut words = [version.letters, "-", version.suffix].concat();
        words.retain(|c| c.is_ascii_alphabetic() || c == '-');
        Some((depth, words))
    };
    line(one).is_some_and(|line_of_one| line(other) == Some(line_of_one))
}

/// Whether a text begins with a word for what is not out yet: as a whole word, with or without
/// a number, in any case; an `m` only with one.
fn is_before(text: &str) -> bool {
    const WORDS: [&str; 8] = [
        "rc", "alpha", "beta", "pre", "preview", "dev", "snapshot", "nightly",
    ];
    let end = text
        .bytes()
        .position(|b| !b.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let has_number = rest.starts_with(|c: char| c.is_ascii_digit());
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
        || has_number && word.eq_ignore_ascii_case("m")
}

/// Bytes by which tags are compared: of two tags, the one with the lesser key stands above.
///
/// - `latest`, versions, words, commits, then the machines' tags, each kind for itself.
/// - Numbers are compared as numbers of any length, the larger first. A version with fewer of
///   them is the floating one and stands above: `1`, `1.27`, `1.27.3`.
/// - What comes before its version (`-rc1`, `beta2`) stands below everything that begins with
///   the same numbers; any other suffix is a variant, right below its version.
/// - Numbers in suffixes and words too: `alpine3.20` before `alpine3.9`.
/// - Ties go by bytes: `V1` and `v1` are two tags.
pub(super) fn sort_key(tag: &str) -> Vec<u8> {
    let kind = kind(tag);
    let mut key = Vec::with_capacity(tag.len() * 2 + 8);
    key.push(kind as u8);
    match Version::read(tag).filter(|_| kind == Kind::Version) {
        Some(version) => push_version(&mut key, &version),
        None if kind == Kind::Word => push_natural(&mut key, tag, |letter| letter),
        None => {}
    }
    key.extend_from_slice(tag.as_bytes());
    key
}

/// What follows the numbers of a version, in the order in which it stands.
const FLOATS: u8 = 1;
const NEXT_NUMBER: u8 = 2;
const COMES_BEFORE: u8 = 3;

fn push_version(key: &mut Vec<u8>, version: &Version<'_>) {
    for number in version.numbers.split('.') {
        key.push(NEXT_NUMBER);
        push_number(key, number);
    }
    let mut suffix = version.suffix;
    let mut letters = version.letters;
    if version.is_before() {
        key.push(COMES_BEFORE);
        if letters.is_empty() {
            let end = suffix.find(['-', '_']).unwrap_or(suffix.len());
            (letters, suffix) = suffix.split_at_checked(end).unwrap_or((suffix, ""));
        }
    } else {
        key.push(FLOATS);
    }
    // `rc` is newer than `beta`, and `1.1.1w` than `1.1.1v`.
    push_natural(key, letters, |letter| !letter);
    push_natural(key, suffix, |letter| letter);
}

/// A number of any length, the larger one first: how many digits it has, then the digits.
fn push_number(key: &mut Vec<u8>, digits: &str) {
    let digits = digits.trim_start_matches('0').as_bytes();
    key.push(u8::MAX - u8::try_from(digits.len()).unwrap_or(u8::MAX));
    key.extend(digits.iter().map(|digit| u8::MAX - digit));
}

/// A text in which numbers count as numbers: its end stands above numbers, those above letters.
/// `order` changes letters so that they stand in another order.
fn push_natural(key: &mut Vec<u8>, text: &str, order: fn(u8) -> u8) {
    const END: u8 = 0;
    const NUMBER: u8 = 1;
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let is_number = first.is_ascii_digit();
        let end = rest
            .bytes()
            .position(|b| b.is_ascii_digit() != is_number)
            .unwrap_or(rest.len());
        let (run, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if is_number {
            key.push(NUMBER);
            push_number(key, run);
        } else {
            key.extend(run.bytes().map(order));
        }
        rest = behind;
    }
    key.push(END);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(tags: &[&'static str]) -> Vec<&'static str> {
        let mut tags = tags.to_vec();
        // Not the order in which they have to come out.
        tags.reverse();
        tags.sort_by_key(|tag| sort_key(tag));
        tags
    }

    /// Each table is in the order in which it has to stand.
    #[test]
    fn tags_stand_newest_first() {
        let tables: &[&[&'static str]] = &[
            &["latest", "2", "1", "Z", "edge", "deadbeef", "sha-1"],
            // The shorter one floats.
            &[
                "2", "2.0", "1", "1.27", "1.27.3", "1.27.2", "1.9", "1.9.10", "1.9.9",
            ],
            // Numbers of any length.
            &[
                "100000000000000000000000000000",
                "99999999999999999999999999999",
                "20240115",
                "3",
            ],
            // Variants behind their version, in the order of their names.
            &[
                "1.27",
                "1.27-alpine",
                "1.27-alpine3.20",
                "1.27-alpine3.9",
                "1.27-slim",
                "1.27.3",
                "1.27.3-alpine",
            ],
            // What is not out yet comes behind everything that it is to become.
            &[
                "1.28",
                "1.28.0",
                "1.28-rc2",
                "1.28-rc1",
                "1.28-rc1-alpine",
                "1.28-beta10",
                "1.28-beta2",
                "1.28-alpha",
                "1.27",
            ],
            &["3.13", "3.13rc2", "3.13rc1", "3.13beta1", "3.12"],
            &["2.0", "2.0-SNAPSHOT", "2.0-RC1", "2.0-M2", "2.0-M1", "1.9"],
            &["1.0", "1.0-m", "1.0-m2"],
            &["1.0", "1.0-devel", "1.0-preprod", "1.0-dev"],
            &["1.1.1", "1.1.1w", "1.1.1v", "1.1.0"],
            // Dates, also with dashes.
            &[
                "2024",
                "2024-03-01",
                "2024-02-15",
                "2024-02-14",
                "2023-12-31",
            ],
            &["20240201", "20240131", "20231231"],
            &[
                "nightly",
                "nightly-20240202",
                "nightly-20240201",
                "release-1.10",
                "release-1.9",
            ],
            // Ties go by bytes.
            &["V1", "v1"],
            &["1", "v1"],
            &["01", "1", "v1"],
            &["1.0-a", "1.0_b"],
        ];
        for table in tables {
            assert_eq!(sorted(table), *table);
        }
    }

    #[test]
    fn each_tag_is_of_one_kind() {
        let hex = "0123456789abcdef".repeat(4);
        for (tag, expected) in [
            ("latest", Kind::Latest),
            ("Latest", Kind::Word),
            ("latest-alpine", Kind::Word),
            ("1", Kind::Version),
            ("v1", Kind::Version),
            ("V1.2.3", Kind::Version),
            ("1.27.3-alpine_x", Kind::Version),
            ("3.13rc1", Kind::Version),
            ("8u292-jdk", Kind::Version),
            ("2024-01-15", Kind::Version),
            ("20240115", Kind::Version),
            ("1..2", Kind::Word),
            ("1.", Kind::Word),
            ("v", Kind::Word),
            ("vv1", Kind::Word),
            ("edge", Kind::Word),
            ("_", Kind::Word),
            ("1234567", Kind::Version),
            ("123456a", Kind::Commit),
            ("12345a", Kind::Version),
            ("deadbee", Kind::Commit),
            ("deadbe", Kind::Word),
            ("DEADBEEF", Kind::Word),
            ("sha-4f1c0de", Kind::Commit),
            ("sha-", Kind::Commit),
        ] {
            assert_eq!(kind(tag), expected, "{tag}");
        }
        for (suffix, expected) in [
            ("", Kind::Referrers),
            (".sig", Kind::Signature),
            (".att", Kind::Attestation),
            (".sbom", Kind::Sbom),
            (".SIG", Kind::Word),
            (".sig2", Kind::Word),
            ("0", Kind::Word),
        ] {
            for algorithm in ["sha256", "sha512"] {
                let tag = format!("{algorithm}-{hex}{suffix}");
                assert_eq!(kind(&tag), expected, "{tag}");
            }
        }
        assert_eq!(kind(&format!("sha256-{}", "G".repeat(64))), Kind::Word);
        assert_eq!(kind(&"a".repeat(40)), Kind::Commit);
        assert_eq!(kind(&"a".repeat(41)), Kind::Word);
    }

    #[test]
    fn versions_of_one_line_differ_in_numbers_alone() {
        for (one, other) in [
            ("1.27.3", "v1.26.0"),
            ("1.27.3-alpine3.20", "1.27.2-alpine3.9"),
            ("1.28-rc2", "1.28-rc1"),
            ("3.13rc1", "3.12rc3"),
            ("2024-03-01", "2023-12-31"),
            ("20240115", "20240101"),
        ] {
            assert!(are_of_one_line(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("1.27", "1.27.3"),
            ("1.27.3", "1.27.3-alpine"),
            ("1.28", "1.28-rc1"),
            ("2024", "2024-03-01"),
            ("latest", "1"),
            ("edge", "main"),
        ] {
            assert!(!are_of_one_line(one, other), "{one} {other}");
        }
    }

    #[test]
    fn no_two_tags_have_one_place() {
        let tags = [
            "1", "1.0", "1-0", "1a", "v1", "1-", "1_", "1-rc", "1rc", "rc", "rc1", "x0", "x00",
        ];
        for one in tags {
            for other in tags {
                let is_same = sort_key(one) == sort_key(other);
                assert_eq!(is_same, one == other, "{one} {other}");
            }
        }
    }
}
