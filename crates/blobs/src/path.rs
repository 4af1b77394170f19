//! Names of entries as paths: bytes, in which only `/` and NUL mean something.
//!
//! ```
//! use waybill_blobs::path::{Cleaned, clean, escape};
//!
//! assert_eq!(clean(b"./a//b/../c/"), Cleaned::Path(b"a/c".to_vec()));
//! assert_eq!(clean(b"a/../../etc"), Cleaned::Outside);
//! assert_eq!(escape(b"caf\xe9"), "caf\\xe9");
//! ```

use std::fmt::Write;

/// Where a name leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cleaned {
    /// To a path from the root of the file system, without a `/` at either end and without `.`
    /// and `..`; empty for the root itself.
    Path(Vec<u8>),
    /// Out of the root, by a `..`.
    Outside,
}

/// Follows a name from the root: an absolute one leads where it would without its `/`. Symbolic
/// links are not looked at.
#[must_use]
pub fn clean(name: &[u8]) -> Cleaned {
    let plain = name.strip_prefix(b"./").unwrap_or(name);
    let plain = plain.strip_suffix(b"/").unwrap_or(plain);
    if is_plain(plain) {
        return Cleaned::Path(plain.to_vec());
    }
    let mut path: Vec<u8> = Vec::with_capacity(name.len());
    for part in name.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if path.is_empty() => return Cleaned::Outside,
            b".." => path.truncate(parent(&path).len()),
            part => {
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(part);
            }
        }
    }
    Cleaned::Path(path)
}

/// Whether a name is a clean path for sure: most are, and a layer may have a million.
fn is_plain(name: &[u8]) -> bool {
    let mut before = b'/';
    for byte in name {
        if before == b'/' && matches!(byte, b'/' | b'.') {
            return false;
        }
        before = *byte;
    }
    before != b'/'
}

/// How many parts a clean path has; the root has none.
#[must_use]
pub fn depth(path: &[u8]) -> usize {
    let slashes = path.iter().filter(|byte| **byte == b'/').count();
    slashes + usize::from(!path.is_empty())
}

/// The directory of a clean path; the root's is the root.
#[must_use]
pub fn parent(path: &[u8]) -> &[u8] {
    let slash = path.iter().rposition(|byte| *byte == b'/');
    slash
        .and_then(|slash| path.get(..slash))
        .unwrap_or_default()
}

/// The last part of a clean path.
#[must_use]
pub fn base(path: &[u8]) -> &[u8] {
    let slash = path.iter().rposition(|byte| *byte == b'/');
    slash.map_or(path, |slash| path.get(slash + 1..).unwrap_or_default())
}

/// Joins a directory and a name in it.
#[must_use]
pub fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    if directory.is_empty() {
        return name.to_vec();
    }
    [directory, b"/", name].concat()
}

/// Writes a name for people and for JSON: what is not UTF-8, and a backslash, as `\xNN`.
#[must_use]
pub fn escape(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' => text.push_str("\\x5c"),
                other => text.push(other),
            }
        }
        for byte in chunk.invalid() {
            // Writing to a text does not fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_a_path_or_outside() {
        for (name, path) in [
            ("a", "a"),
            ("./a/", "a"),
            ("/a", "a"),
            ("a/../b", "b"),
            ("a/./b//c", "a/b/c"),
            (".", ""),
            ("/", ""),
            ("a/..", ""),
            ("...", "..."),
            ("a/.../b", "a/.../b"),
            (".a/.b", ".a/.b"),
            ("././a//", "a"),
            (".//a", "a"),
            ("./", ""),
            ("//", ""),
            ("a/b/", "a/b"),
        ] {
            assert_eq!(
                clean(name.as_bytes()),
                Cleaned::Path(path.as_bytes().to_vec()),
                "{name}"
            );
        }
        for name in ["..", "../a", "./..", "/..", "a/../..", "a/../../b", "../"] {
            assert_eq!(clean(name.as_bytes()), Cleaned::Outside, "{name}");
        }
    }

    #[test]
    fn the_parts_of_a_path() {
        assert_eq!((parent(b"a/b/c"), base(b"a/b/c")), (&b"a/b"[..], &b"c"[..]));
        assert_eq!((parent(b"a"), base(b"a")), (&b""[..], &b"a"[..]));
        assert_eq!([depth(b""), depth(b"a"), depth(b"a/b/c")], [0, 1, 3]);
        assert_eq!(
            (join(b"", b"a"), join(b"a/b", b"c")),
            (b"a".to_vec(), b"a/b/c".to_vec())
        );
    }

    #[test]
    fn what_is_no_text_is_escaped_so_that_two_names_never_look_alike() {
        assert_eq!(escape(b"a\xff\\xff"), "a\\xff\\x5cxff");
        assert_eq!(escape("日\n".as_bytes()), "日\n");
    }
}
