//! Archives of images, opened by random access: what `docker save`, podman, skopeo, buildah, crane,
//! regctl and buildx write, OCI layouts, and skopeo's `dir:`, as tar files or as folders.
//!
//! Unlike the rest of this package, which is pushed, this asks: [`Source`] gives ranges of bytes,
//! and whatever a layer holds is gone over. So a file of many GB costs one small read for each
//! of its entries, and no name, link or path in it ever becomes one of the machine.
//!
//! - [`open`] reads the headers and the documents, and tells the images with their names and what
//!   is wrong ([`Finding`]);
//! - [`Archive::measure`] unpacks the layers without which the digest of an image is not known;
//! - [`Archive::verify`] reads and hashes everything, and gives a [`Judgement`] on each image;
//! - [`Archive::contents`] finds what images are made of, to be written elsewhere;
//! - [`Outer`] unpacks what is compressed as a whole: that has to be done before;
//! - [`message`] has what a page and the worker that does all this say to each other.
//!
//! A docker archive holds no manifest: each reader makes one of its own. The digest here is that
//! of the one skopeo makes, and [`Image::made`] says so. It depends on the config, and on what
//! the layers unpack to.
//!
//! ```
//! use std::ops::Range;
//! use waybill_blobs::archive::{Files, Form, Opened, ReadError, Source, open};
//!
//! struct Empty;
//! impl Source for Empty {
//!     fn files(&self) -> Files {
//!         Files::One(1024)
//!     }
//!     async fn read(&self, _: usize, range: Range<u64>) -> Result<Vec<u8>, ReadError> {
//!         Ok(range.map(|_| 0).collect())
//!     }
//! }
//!
//! # let run = std::pin::pin!(async {
//! let Opened::Archive(archive) = open(&Empty).await? else { panic!("it is not compressed") };
//! assert_eq!((archive.form, archive.images.len()), (Form::None, 0));
//! assert_eq!(archive.what.as_deref(), Some("an empty tar archive"));
//! # Ok::<(), ReadError>(())
//! # });
//! # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
//! # let _ = std::future::Future::poll(run, &mut context);
//! ```

mod blobs;
mod contents;
mod directory;
mod docker;
mod document;
mod entries;
mod finding;
mod image;
mod index;
mod judge;
mod layout;
mod legacy;
pub mod message;
mod outer;
mod reading;
mod source;
mod verify;
mod walk;
mod zeros;

pub use contents::{Contents, CopyError, Stored};
pub use finding::{Code, Finding, OF_A_CODE};
pub use image::{Blob, Holds, IMAGES, Image};
pub use index::{ENTRIES, Entry, Index, Kind, Lost, Resolved};
pub use outer::{Outer, OuterError, UNPACKED_BYTES};
pub use reading::open;
pub use source::{Files, FolderFile, Place, ReadError, Source};
pub use verify::{Judgement, Verdict};

use serde::{Deserialize, Serialize};
use waybill_core::finding::Severity;

use crate::sniff::Compression;
use image::spread;

/// What a source turned out to be.
#[derive(Clone, Debug)]
pub enum Opened {
    /// It is compressed as a whole: [`Outer`] unpacks it, and what comes of it can be opened.
    Packed(Compression),
    /// It was read.
    Archive(Box<Archive>),
}

/// An archive that was opened.
#[derive(Clone, Debug)]
pub struct Archive {
    /// Who writes such ones.
    pub form: Form,
    /// Of [`Form::None`], what it is instead, with its article, as far as that is known.
    pub what: Option<String>,
    /// The entries.
    pub index: Index,
    /// The images: those with names as they stand, each index followed by what it holds.
    pub images: Vec<Image>,
    /// What is wrong, or worth knowing.
    pub findings: Vec<Finding>,
    /// What was found of blobs that were read so far.
    known: verify::Known,
}

/// The forms of archives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// `manifest.json` names configs and layers: docker 1.10 to 24, skopeo, podman, crane.
    DockerArchive,
    /// An OCI image layout in a tar file.
    OciArchive,
    /// The same in a folder.
    OciLayout,
    /// Both at once: docker since 25, containerd, regctl.
    Hybrid,
    /// skopeo's `dir:`, as a folder or in a tar file.
    Directory,
    /// `docker save` before 1.10: `repositories`, and a folder for each layer.
    Legacy,
    /// No image: what `docker export` writes, or the content of a layer.
    RootFileSystem,
    /// None of these.
    None,
}

impl Form {
    /// Its stable name, for JSON output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DockerArchive => "docker-archive",
            Self::OciArchive => "oci-archive",
            Self::OciLayout => "oci-layout",
            Self::Hybrid => "hybrid",
            Self::Directory => "dir",
            Self::Legacy => "docker-legacy",
            Self::RootFileSystem => "root-file-system",
            Self::None => "none",
        }
    }
}

impl Archive {
    /// Whether an image may be pushed from here, as far as is known: all of it is there, and
    /// nothing is wrong with it. What two readers read differently never may.
    ///
    /// `image` is its place in [`images`](Self::images).
    #[must_use]
    pub fn may_be_pushed(&self, image: usize) -> bool {
        self.images
            .get(image)
            .is_some_and(|image| image.complete && !image.refused)
    }

    /// Tells of each image whether it is complete and whether something forbids to push it, from
    /// what was found so far.
    fn settle(&mut self) {
        let of_all = self
            .findings
            .iter()
            .any(|finding| finding.image.is_none() && finding.code.is_read_differently());
        let own = self.images.iter().map(|image| {
            let is_complete = image.is_here && image.blobs().all(Blob::is_enough);
            (is_complete, of_all)
        });
        let mut told: Vec<_> = own.collect();
        for finding in &self.findings {
            let is_bad = finding.severity() == Severity::Error;
            if let Some((_, refused)) = finding.image.and_then(|it| told.get_mut(it)) {
                *refused |= is_bad || finding.code.is_read_differently();
            }
        }
        let told = spread(&self.images, told, |index, child| {
            (index.0 && child.0, index.1 || child.1)
        });
        for (image, (complete, refused)) in self.images.iter_mut().zip(told) {
            (image.complete, image.refused) = (complete, refused);
        }
    }
}
