//! Entries that mean that something is gone.

use crate::path;

/// What an entry's name says about the layers below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marker {
    /// That path is gone.
    Whiteout(Vec<u8>),
    /// What lies in that directory is gone.
    Opaque(Vec<u8>),
    /// A whiteout of no name, of `.` or of `..`: an error, and nothing is gone.
    Invalid,
    /// The metadata of AUFS, which is no content.
    Aufs,
}

const WHITEOUT: &[u8] = b".wh.";
const OPAQUE_ROOT: &[u8] = b".wh..wh..opq";
const LINK_SOURCES: &[u8] = b".wh..wh.plnk/";

/// The name of a source of hard links, where a clean path is one's: AUFS kept what had several
/// names in a directory at the root, which is no content, and linked them to it. moby goes by the
/// last part of the path alone (`UnpackLayer`).
#[must_use]
pub(crate) fn link_source(clean: &[u8]) -> Option<&[u8]> {
    clean.starts_with(LINK_SOURCES).then(|| path::base(clean))
}

/// Reads a clean path as a marker; `None` where it is an ordinary one. Only the last part of a
/// path marks anything: in the middle `.wh.` is part of a name.
///
/// ```
/// use waybill_blobs::tree::{Marker, marker};
///
/// assert_eq!(marker(b"a/.wh.b"), Some(Marker::Whiteout(b"a/b".to_vec())));
/// assert_eq!(marker(b"a/.wh..wh..opq"), Some(Marker::Opaque(b"a".to_vec())));
/// assert_eq!(marker(b"a/.wh."), Some(Marker::Invalid));
/// assert_eq!(marker(b".wh.a/b"), None);
/// ```
#[must_use]
pub fn marker(clean: &[u8]) -> Option<Marker> {
    // All of it at the root, however deep, but for the marker of an opaque root.
    if clean.starts_with(b".wh..wh.") && clean != OPAQUE_ROOT {
        return Some(Marker::Aufs);
    }
    let directory = path::parent(clean);
    Some(match path::base(clean).strip_prefix(WHITEOUT)? {
        b"" | b"." | b".." => Marker::Invalid,
        b".wh..opq" => Marker::Opaque(directory.to_vec()),
        name => Marker::Whiteout(path::join(directory, name)),
    })
}
