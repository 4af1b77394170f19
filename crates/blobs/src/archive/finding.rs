//! What is wrong with an archive, or worth knowing: every code with its words.
//!
//! What readers do was found by running them, or in their source: skopeo 1.9.3 (containers/image),
//! crane 0.22.1 (go-containerregistry), moby 28, containerd 2.4, oras-go 2.6.

use waybill_core::finding::Severity;

pub use crate::finding::OF_A_CODE;
use crate::finding::codes;

/// One thing that is wrong with an archive, or worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub code: Code,
    /// The image that it is about, by its place in [`Archive::images`](super::Archive::images);
    /// `None` where it is about the whole.
    pub image: Option<usize>,
    /// The name of the entry that it is about, as it is written; empty where it is about no
    /// single one.
    pub path: Vec<u8>,
    /// What was found, lower case and without a full stop.
    pub message: String,
}

impl Finding {
    /// How bad it is: its rule's severity.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// Findings while they are found.
#[derive(Debug, Default)]
pub(super) struct Findings(pub(super) Vec<Finding>);

impl Findings {
    pub(super) fn add(
        &mut self,
        code: Code,
        image: Option<usize>,
        path: &[u8],
        message: impl Into<String>,
    ) {
        let finding = Finding {
            code,
            image,
            path: path.to_vec(),
            message: message.into(),
        };
        if self.0.contains(&finding) {
            return;
        }
        // The first of them tell enough, and an archive may have a hundred thousand; what keeps
        // an image from being pushed is told of each image.
        let known = self.0.iter().filter(|it| it.code == code);
        let is_told = known.clone().any(|it| it.image == image);
        if known.count() < OF_A_CODE || image.is_some() && !is_told {
            self.0.push(finding);
        }
    }
}

impl Code {
    /// Whether it says that two readers of one archive see two things, so that nothing of it may
    /// be pushed.
    #[must_use]
    pub fn is_read_differently(self) -> bool {
        matches!(
            self,
            Self::ReadDifferently
                | Self::DuplicateDiffers
                | Self::DuplicateUnread
                | Self::DocumentAmbiguous
                | Self::Broken
        )
    }
}

codes! {
    /// What may be wrong with an archive, or worth knowing.
    ///
    /// ```
    /// use waybill_blobs::archive::Code;
    ///
    /// assert_eq!(Code::BlobMissing.rule().name, "blob-missing");
    /// ```
    Truncated, "archive-truncated", Error,
        "The archive ends early",
        "It was cut off while it was written or copied. What names the images often stands at \
         the end, so they may be unknown.";
    Broken, "archive-broken", Error,
        "A header is none",
        "Go's archive/tar ends there with an error, and so does all that is built on it; GNU tar \
         goes over what is no header, and lists the entries behind.";
    NoEnd, "archive-without-end", Warning,
        "The end is not marked",
        "An archive ends with two blocks of zeros. Without them nobody can tell whether more \
         entries followed.";
    BehindEnd, "bytes-behind-end", Warning,
        "Bytes behind the end",
        "Nobody reads them as entries; who hashes the file hashes them too.";
    Concatenated, "archives-concatenated", Warning,
        "A second archive behind the end",
        "docker, containerd, skopeo and crane read the first alone; tar --ignore-zeros reads both.";
    LeftOut, "entries-left-out", Error,
        "More entries than are listed",
        "Entries behind the limit are not looked at, so images may be missing.";
    ReadDifferently, "entry-read-differently", Error,
        "Readers see different entries",
        "Two tar readers take this entry for two things, so one may check what another does not \
         unpack.";
    PathTraversal, "path-traversal", Error,
        "A name leads out of the archive",
        "A reader that unpacks carelessly would touch a file of the machine. Here no name \
         becomes a path, so it is not found.";
    Duplicate, "entry-duplicate", Note,
        "A name twice, with the same bytes",
        "It makes the archive larger, and nothing else.";
    DuplicateDiffers, "entry-duplicate-differs", Error,
        "A name twice, with other bytes",
        "Some readers take the first and some the last: skopeo the first manifest.json and the \
         last index.json, crane the first, docker, containerd and oras the last.";
    DuplicateUnread, "entry-duplicate-unread", Warning,
        "A name twice, not compared",
        "Both are large and have one size: whether they hold the same is known once they are \
         verified.";
    Special, "entry-special", Note,
        "A device, a pipe or an unknown type",
        "No image archive has any. Nothing of it is read.";
    LinkFollowed, "link-followed", Note,
        "A link in place of a file",
        "docker writes a symbolic link for a layer that stands twice, and follows it; skopeo \
         refuses most, and takes a hard link for an empty file.";
    InFolder, "in-folder", Note,
        "All of it stands in a folder",
        "Somebody packed the folder, and not what is in it. It is read from there; docker, skopeo \
         and crane look at the top only.";
    DocumentInvalid, "document-invalid", Error,
        "A document that cannot be read",
        "What it would name is unknown.";
    DocumentAmbiguous, "document-ambiguous", Error,
        "A document that readers read differently",
        "A name stands twice in one object: some readers take the first and some the last.";
    DocumentTooLarge, "document-too-large", Error,
        "A document that is too large",
        "Manifests and configs have at most 4 MiB: registries and clients refuse larger ones.";
    DocumentLarge, "document-large", Warning,
        "A document that skopeo refuses",
        "skopeo and podman read no manifest.json of more than 1 MiB.";
    LayoutVersion, "layout-version", Warning,
        "The file oci-layout is missing or of another version",
        "The specification demands it. skopeo does not look; containerd and oras refuse the \
         layout.";
    DirectoryVersion, "directory-version", Warning,
        "The file version is of a version that is not known",
        "skopeo refuses a folder of any version but 1.1 and 1.2.";
    CopyInterrupted, "copy-interrupted", Error,
        "A copy that did not end",
        "skopeo wrote the file version and no manifest.json: the copy failed on its way.";
    Legacy, "legacy-layout", Note,
        "The layout of docker before 1.10",
        "It has no manifest.json: docker 28 and older load it, newer ones and skopeo refuse it.";
    PackedOutside, "compressed-outside", Note,
        "The archive itself is compressed",
        "It has to be unpacked before it can be read at places. skopeo 1.9.3 reads no \
         docker-archive inside of gzip.";
    ManifestDiffers, "manifest-differs", Error,
        "A manifest is not what its digest names",
        "skopeo and crane do not check it and copy it as it is; oras refuses.";
    ManifestMissing, "manifest-missing", Warning,
        "A manifest of an index is not here",
        "docker save leaves out platforms that were not pulled, and skopeo those that were not \
         asked for.";
    BlobMissing, "blob-missing", Error,
        "A config or layer is not here",
        "The image cannot be loaded or pushed from this archive alone.";
    ForeignMissing, "foreign-layer", Note,
        "A layer that is kept elsewhere",
        "It is named by address and need not be here. Addresses are not fetched.";
    BlobSize, "blob-size", Error,
        "A size is not the one that is stated",
        "Engines refuse a blob that is longer or shorter than its descriptor says.";
    ConfigInvalid, "config-invalid", Error,
        "A config that cannot be read",
        "The layers cannot be told from it, so the image runs nowhere.";
    ConfigName, "config-name", Note,
        "A config under a name that is no digest",
        "Readers go by manifest.json, and take any name.";
    NameDiffers, "name-differs", Warning,
        "A file's name is another digest than its bytes have",
        "docker says so in its log and goes by the bytes; readers of OCI layouts refuse.";
    LayerCount, "layer-count", Error,
        "As many layers as the config names are not there",
        "skopeo says \"Inconsistent layer count\", and docker refuses to load it.";
    CompressionDiffers, "compression-differs", Warning,
        "A layer is compressed otherwise than its media type says",
        "Engines go by the first bytes, so it runs. Tools that go by the type fail.";
    LayerSources, "layer-sources", Warning,
        "Sources of layers that contradict the bytes",
        "crane takes digests and sizes of LayerSources for true, unread.";
    NameInvalid, "name-invalid", Note,
        "A name that is no image's",
        "Nothing can be pushed under it; another name can be given.";
    ListedOnce, "listed-once", Note,
        "An image that only one of the two lists names",
        "Readers of index.json and readers of manifest.json see different sets of images: docker \
         with its containerd store reads the one, skopeo's docker-archive the other.";
    IndexIsList, "index-is-list", Note,
        "index.json itself is the list of platforms",
        "skopeo says \"choose an image\". Its entries are offered one by one, and together.";
    ImagesLeftOut, "images-left-out", Error,
        "More images than are listed",
        "What is behind the limit is not looked at.";
    BlobDiffers, "blob-differs", Error,
        "The bytes are not what their digest names",
        "Engines and registries refuse them.";
    DiffIdDiffers, "diff-id-differs", Error,
        "A layer unpacks to something else than the config says",
        "The layer is what the manifest names; the config says something else. docker and \
         containerd refuse to load it; skopeo copies it from registry to registry.";
    Unpackable, "layer-not-unpacked", Error,
        "A layer that cannot be unpacked",
        "It is not what its first bytes say, or it ends early.";
    NotChecked, "layer-not-checked", Note,
        "A layer whose content was not checked",
        "Its digest was; what it unpacks to was not.";
    LayerBroken, "layer-broken", Warning,
        "A layer is no archive, or a broken one",
        "Its digests hold, and engines fail to unpack it.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_codes_are_unique_and_in_kebab_case() {
        let names: std::collections::BTreeSet<_> =
            Code::ALL.iter().map(|code| code.rule().name).collect();
        assert_eq!(names.len(), Code::ALL.len());
        let is_kebab = |name: &str| name.chars().all(|it| it.is_ascii_lowercase() || it == '-');
        assert!(names.iter().all(|name| is_kebab(name)), "{names:?}");
    }
}
