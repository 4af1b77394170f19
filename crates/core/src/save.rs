//! Images as a file: which entries an archive has, to the byte, before its layers are read.
//!
//! An archive is planned from manifests and configs alone. Its layers are written while they come,
//! so that a copy of many GB needs no memory; since all sizes are known, so is the size of the
//! archive before the first request.
//!
//! | form | what reads it |
//! | --- | --- |
//! | [`oci_archive`] | an OCI layout and a docker archive at once: docker, podman, containerd, skopeo, crane, regctl, oras. Every blob keeps its bytes and its digest |
//! | [`docker_archive`] | what `skopeo copy … docker-archive:` writes, byte for byte: layers unpacked, so manifests get other digests |
//! | [`folder`] | `dir:` of skopeo, packed: to be unpacked into a folder |
//!
//! Names in an archive are made of digests that were read and of names that a person gave, never of
//! what another archive said.
//!
//! Source: image-spec `image-layout.md`; containers/image `oci/`, `directory/`,
//! `docker/internal/tarfile/writer.go`; moby `image/tarexport`.

mod check;
mod docker;
mod folder;
mod gather;
mod layout;

use std::fmt;
use std::rc::Rc;

use crate::digest::Digest;
use crate::reference::Reference;
use crate::tar;

pub use check::{Check, Wrong};
pub use docker::{Unpacked, docker_archive};
pub use folder::{folder, folder_of_schema1};
pub use layout::oci_archive;

/// An image or a list to be saved, under these names. Without a name it is found by its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The manifest or list.
    pub digest: Digest,
    /// Names with a tag; others name nothing in an archive and are left out.
    pub names: Vec<Reference>,
}

/// A blob: what is read from its place, and checked while it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// What a file of an archive holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// These bytes.
    Bytes(Rc<[u8]>),
    /// A blob as it is.
    Blob(Blob),
    /// What a blob unpacks to.
    Unpacked(Blob, Unpacked),
    /// Nothing: it is a symbolic link to this path.
    Link(String),
}

impl Content {
    /// How many bytes it has in the archive.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Blob(blob) => blob.size,
            Self::Unpacked(_, unpacked) => unpacked.size,
            Self::Link(_) => 0,
        }
    }
}

/// A file of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path.
    pub path: String,
    /// What it holds.
    pub content: Content,
}

/// Something that an image names and the archive does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// A manifest or config that is not here: what it names is not in the archive either.
    NotHere(Digest),
    /// A layer that is not distributed with its image. Its addresses are in the manifest.
    NotDistributed(Digest),
}

/// An archive as it will be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// Its files, in their order.
    pub files: Vec<File>,
    /// What is missing, in the order in which it was named.
    pub left_out: Vec<LeftOut>,
    /// The permissions of each file.
    mode: u32,
}

/// A piece of an archive, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Bytes to be written as they are.
    Bytes(Vec<u8>),
    /// A content to be written as it comes: exactly as many bytes as its size. It is a blob,
    /// packed or unpacked.
    Content(&'a Content),
}

impl Archive {
    /// The size of the tar file in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        let size = |file: &File| {
            let content = file.content.size();
            (self.header(file).len() + tar::padding(content)) as u64 + content
        };
        self.files.iter().map(size).sum::<u64>() + tar::END as u64
    }

    fn header(&self, file: &File) -> Vec<u8> {
        let kind = match &file.content {
            Content::Link(target) => tar::Kind::SymbolicLink(target),
            Content::Bytes(_) | Content::Blob(_) | Content::Unpacked(..) => tar::Kind::File {
                size: file.content.size(),
                mode: self.mode,
            },
        };
        tar::header(&file.path, &kind)
    }

    /// The tar file piece by piece: headers with what fills up the content before, and contents.
    ///
    /// ```
    /// use waybill_core::save::{Piece, oci_archive};
    ///
    /// let archive = oci_archive(&[], &|_| None)?;
    /// let pieces: Vec<_> = archive.pieces().collect();
    /// // Nothing is to be read from elsewhere.
    /// assert!(pieces.iter().all(|piece| matches!(piece, Piece::Bytes(_))));
    /// # Ok::<(), waybill_core::save::SaveError>(())
    /// ```
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let files = self.files.iter().scan(0, |padding, file| {
            let mut bytes = vec![0; std::mem::replace(padding, tar::padding(file.content.size()))];
            bytes.extend(self.header(file));
            let content = match &file.content {
                Content::Bytes(content) => {
                    bytes.extend_from_slice(content);
                    None
                }
                Content::Blob(_) | Content::Unpacked(..) => Some(Piece::Content(&file.content)),
                Content::Link(_) => None,
            };
            Some([Some(Piece::Bytes(bytes)), content])
        });
        let last = self
            .files
            .last()
            .map_or(0, |file| tar::padding(file.content.size()));
        let end = Piece::Bytes(vec![0; last + tar::END]);
        files.flatten().flatten().chain(std::iter::once(end))
    }
}

/// Why an archive cannot be written. Nothing was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveError {
    /// The manifest of a root is not here.
    NotHere(Digest),
    /// A manifest cannot be read, or is read differently by different clients.
    Unreadable(Digest),
    /// A descriptor states no digest or no size, so its place in the archive is not known; the
    /// manifest that has it, and where it stands there.
    Incomplete(Digest, crate::json::Pointer),
    /// One content is named with two sizes.
    TwoSizes(Digest),
    /// The form has no lists: one image has to be chosen.
    List(Digest),
    /// The form holds images only.
    Artifact(Digest),
    /// A layer is not distributed with its image, and the form has to have it.
    NotDistributed(Digest),
    /// What a layer unpacks to is not known, as the form needs it.
    NotUnpacked(Digest),
    /// The config is not here, as the form needs it.
    NoConfig(Digest),
    /// The form takes one image.
    SeveralRoots,
    /// Two images would have one name.
    NameTwice(String),
}

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHere(digest) => write!(f, "the manifest {digest} is not here"),
            Self::Unreadable(digest) => write!(f, "the manifest {digest} cannot be read for sure"),
            Self::Incomplete(digest, pointer) => write!(
                f,
                "{digest} states no digest or no size at {:?}, so it cannot be planned",
                pointer.as_str()
            ),
            Self::TwoSizes(digest) => write!(f, "{digest} is named with two sizes"),
            Self::List(digest) => write!(
                f,
                "{digest} is a list, and this form has none: choose one of its images"
            ),
            Self::Artifact(digest) => {
                write!(
                    f,
                    "{digest} is an artifact, and this form holds images only"
                )
            }
            Self::NotDistributed(digest) => write!(
                f,
                "layer {digest} is not distributed with its image, and this form has to have it"
            ),
            Self::NotUnpacked(digest) => {
                write!(f, "what layer {digest} unpacks to is not known yet")
            }
            Self::NoConfig(digest) => write!(f, "the config {digest} is not here"),
            Self::SeveralRoots => f.write_str("this form holds one image or list"),
            Self::NameTwice(name) => write!(f, "{name} would be the name of two images"),
        }
    }
}

impl std::error::Error for SaveError {}
