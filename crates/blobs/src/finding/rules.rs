//! Every code with its name, its severity, what it is and why it matters: the one table.
//!
//! Which engine does what was found by running them: containerd 2.4.2 (its overlay, and where it
//! unpacks into one directory), moby's go-archive 0.3.3, crane 0.22.1 (`crane export`), dive
//! 0.13.1, GNU tar 1.34. The rules of layers are image-spec's layer.md.

use waybill_core::finding::Severity;

/// What belongs to a code, whatever the layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The code's stable name, for JSON output and addresses.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in a few words.
    pub title: &'static str,
    /// Why it matters: who sees what.
    pub why: &'static str,
}

/// Makes `Code`, `Code::ALL` and the table behind `Code::rule` of one list, behind the words
/// that document it.
macro_rules! codes {
    (
        $(#[$doc:meta])*
        $($variant:ident, $name:literal, $severity:ident, $title:literal, $why:literal;)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $title] $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its stable name, without the rest of its rule: who needs no more carries none of
            /// the texts.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// How bad it is.
            #[must_use]
            pub fn severity(self) -> waybill_core::finding::Severity {
                match self {
                    $(Self::$variant => waybill_core::finding::Severity::$severity,)*
                }
            }

            /// What belongs to the code.
            #[must_use]
            pub fn rule(self) -> &'static $crate::finding::Rule {
                match self {
                    $(Self::$variant => &$crate::finding::Rule {
                        name: $name,
                        severity: waybill_core::finding::Severity::$severity,
                        title: $title,
                        why: $why,
                    },)*
                }
            }
        }
    };
}

pub(crate) use codes;

codes! {
    /// What may be wrong with a layer, or worth knowing.
    ///
    /// ```
    /// use waybill_blobs::finding::Code;
    ///
    /// assert_eq!(Code::NameOutside.rule().name, "name-outside");
    /// ```
    WhiteoutBeforeFile, "whiteout-before-file", Warning,
        "A whiteout before what takes its place",
        "A whiteout hides lower layers only: containerd, moby and dive show what its own layer \
         has there, crane export shows nothing.";
    WhiteoutAfterFile, "whiteout-after-file", Error,
        "A whiteout behind a file of its own layer",
        "By the specification the file stays, and crane export and dive show it. containerd's \
         overlay refuses the layer; containerd and moby delete the file where they unpack into \
         one directory.";
    DirectoryAfterWhiteout, "directory-after-whiteout", Error,
        "A directory is deleted and made anew",
        "By the specification it is empty but for this layer's own, and so it is for moby, for \
         dive, and for containerd where it unpacks into one directory. On containerd's overlay \
         what lay in it below stays; crane export shows no such directory.";
    ImpliedAfterWhiteout, "whiteout-before-content", Error,
        "A directory is deleted, and filled without an entry of its own",
        "By the specification, and for moby, for dive, and for containerd where it unpacks into \
         one directory, it holds this layer's own alone. containerd's overlay refuses the layer; \
         crane export shows nothing of it.";
    OpaqueAfterContent, "opaque-after-content", Error,
        "An opaque directory's marker behind what is in it",
        "It hides lower layers only, and so do containerd's overlay and crane export. containerd \
         and moby, where they unpack into one directory, delete directories of this layer that \
         have no entry of their own.";
    Opaque, "opaque-directory", Note,
        "A directory hides what lies in it below",
        "containerd, moby and crane export hide it. dive knows no opaque directories and still \
         shows it; so does crane before 0.21.8.";
    OpaqueRoot, "opaque-root", Error,
        "The root hides everything below",
        "By the specification only this layer's own is left, and so it is for moby, for crane \
         export, and for containerd where it unpacks into one directory. containerd's overlay \
         and dive keep everything.";
    Duplicate, "duplicate-path", Error,
        "A path twice in one layer",
        "The specification forbids it. containerd and moby show the last, crane export the \
         first; dive shows the last and counts the size of each.";
    DuplicateDirectory, "duplicate-directory", Warning,
        "A directory twice in one layer",
        "The specification forbids it. The attributes of the last count for containerd and moby, \
         those of the first for crane export.";
    DuplicateWhiteout, "duplicate-whiteout", Error,
        "The same whiteout twice",
        "The specification forbids a path twice. containerd's overlay refuses the layer; all \
         others hide what it names.";
    WhiteoutInvalid, "whiteout-invalid", Error,
        "A whiteout of no name",
        "The specification calls it an error, and containerd refuses the layer. moby deletes \
         the directory where it unpacks into one, and refuses the layer on its overlay; crane \
         export shows no such directory; dive keeps it.";
    WhiteoutDirectory, "whiteout-directory", Warning,
        "A whiteout that is a directory",
        "A whiteout is an empty file. containerd, moby and dive go by its name and hide what it \
         names; crane export keeps it.";
    WhiteoutKind, "whiteout-not-empty", Note,
        "A whiteout that is no empty file",
        "A whiteout is an empty file. Engines go by its name, and what it holds is lost.";
    WhiteoutInPath, "whiteout-in-path", Warning,
        "A whiteout's prefix in the middle of a path",
        "containerd, moby and crane export take it for a part of the path, and so does the \
         tree here; dive shows the directory as a whiteout. No real name may begin with .wh..";
    WhiteoutDangling, "whiteout-dangling", Note,
        "A whiteout of nothing",
        "No lower layer shows what it deletes. Where dive knows no such path it stops, and does \
         not count the rest of the layer; all others go on.";
    MarkerOutside, "whiteout-without-directory", Note,
        "A whiteout in a directory that is not there",
        "It leaves nothing by the specification, and crane export shows nothing. containerd and \
         moby make the directory, or fail where something else is in its place.";
    AufsMetadata, "aufs-metadata", Note,
        "Metadata of AUFS",
        "A rest of an old storage driver. moby and dive skip it, containerd and crane export \
         write it; it is not part of the tree here.";
    NameOutside, "name-outside", Error,
        "A name that leads out of the root",
        "moby and crane export refuse the layer; containerd and dive place it at the root. Here \
         it is placed nowhere.";
    NameAbsolute, "name-absolute", Note,
        "An absolute name",
        "containerd, moby and dive place it below the root; crane export writes it as it is.";
    NameDots, "name-not-clean", Note,
        "A name that goes up and down",
        "It is placed where it leads to. Tools that compare names as texts take it for another \
         path.";
    NameEmpty, "name-empty", Warning,
        "An entry without a name",
        "It stands nowhere: each reader does something else with it.";
    NameLong, "name-too-long", Warning,
        "A name longer than file systems take",
        "A part of a path has at most 255 bytes on Linux: engines fail to unpack the layer.";
    TooDeep, "path-too-deep", Warning,
        "A path deeper than is placed",
        "It lies deeper than 512 directories and is not placed in the tree here.";
    LeftOut, "entries-left-out", Warning,
        "Entries that are not listed",
        "There are more than 1,000,000 of them, or their names or attributes are very long, or \
         need too many directories. They are counted in the totals, and nothing else is said of \
         them.";
    ThroughLink, "through-link", Error,
        "A path through a symbolic link",
        "By the specification, and on containerd's overlay, a lower link becomes a directory. \
         moby, and containerd where it unpacks into one directory, follow the link and write to \
         its target; crane export writes both; for dive it is both.";
    ThroughFile, "through-file", Error,
        "A path through what is no directory",
        "By the specification, and on containerd's overlay, it becomes a directory. containerd \
         and moby fail where they unpack into one directory; crane export writes both; dive \
         shows both.";
    DirectoryReplaced, "directory-replaced", Note,
        "A directory becomes something else",
        "Everything in it is gone; only dive still shows it.";
    HardLinkLower, "hard-link-to-lower-layer", Error,
        "A hard link to a file of a lower layer",
        "The specification says that it may fail: containerd's overlay refuses the layer; where \
         containerd and moby unpack into one directory it works; crane export writes a link \
         without its target.";
    HardLinkBroken, "hard-link-broken", Error,
        "A hard link without its target",
        "containerd and moby refuse the layer; crane export and dive show the link.";
    HardLinkKeeps, "hard-link-keeps-content", Warning,
        "A hard link to a file that is written anew",
        "It keeps the content that the file had, for containerd and moby too; crane export \
         shows the first content for both names.";
    TypeUnknown, "type-unknown", Error,
        "An entry of a type that engines refuse",
        "containerd and moby refuse the layer; crane export writes it, dive shows it.";
    GlobalHeader, "global-header", Note,
        "A PAX header for the whole archive",
        "containerd, moby and crane export apply it to nothing; GNU tar applies it to all \
         entries behind it; dive fails.";
    TimeBefore1970, "time-before-1970", Note,
        "A time before 1970",
        "containerd and moby set 1970 in its place.";
    PaxSize, "pax-size", Warning,
        "Two sizes",
        "The PAX header states another size than the header. Go and GNU tar take that of the PAX \
         header; who reads no PAX headers takes other bytes for the next header.";
    GnuName, "gnu-name", Warning,
        "Two names",
        "Engines read one name, GNU tar another.";
    GnuLink, "gnu-link", Warning,
        "Two targets of a link",
        "Engines read one target, GNU tar another.";
    PaxNameEmpty, "pax-name-empty", Warning,
        "An empty name in a PAX header",
        "Engines keep the name of the header, GNU tar does not.";
    SizeWithoutData, "size-without-data", Warning,
        "A size where no bytes follow",
        "Engines read the next header behind it; GNU tar goes over so many bytes first, and \
         misses entries.";
    FileWithSlash, "file-with-slash", Warning,
        "A file with a slash at its end",
        "For engines it is a file, for GNU tar a directory.";
    AttributesLost, "attributes-not-applied", Warning,
        "Extended attributes that nobody applies",
        "They stand under libarchive's name only; engines apply those of SCHILY.xattr.";
    BytesBehind, "bytes-behind-compression", Warning,
        "Bytes behind the compressed data",
        "Some engines refuse the layer: readers written in Go do, gzip itself warns, and over \
         zeros says nothing.";
    MediaTypeDiffers, "media-type-differs", Warning,
        "The media type says another compression",
        "containerd, moby and crane go by the first bytes, and so is it read here. A tool that \
         goes by the type fails.";
    EndBlocks, "end-blocks", Note,
        "The archive's end is not marked",
        "Two blocks of zeros are the end by the standard. Engines take one or none too; GNU tar \
         warns of one.";
    DataBehindEnd, "data-behind-end", Note,
        "Data behind the archive's end",
        "No engine reads it, and it counts in the digests.";
    NotTar, "not-a-tar", Error,
        "Not an archive",
        "Engines cannot unpack it.";
    ArchiveBroken, "archive-broken", Error,
        "The archive is broken",
        "Engines stop here with an error; what is listed is what stands before.";
    ArchiveEndsEarly, "archive-ends-early", Error,
        "The archive ends early",
        "Engines stop here with an error; what is listed is what stands before.";
    StreamBroken, "stream-broken", Error,
        "The compressed data are broken",
        "Engines stop here with an error; what is listed is what stands before.";
    StreamEndsEarly, "stream-ends-early", Error,
        "The compressed data end early",
        "Engines stop here with an error; what is listed is what stands before.";
    ZstdWindow, "zstd-window", Warning,
        "More memory needed than there is here",
        "The digest is checked; the list and the diff_id are not. Engines take windows of up \
         to 512 MiB, the zstd program up to 128.";
    Compression, "compression-unknown", Error,
        "A compression that no media type names",
        "moby alone unpacks it, by its first bytes; containerd and crane fail.";
    Ratio, "unpacked-ratio", Warning,
        "It unpacks to far more than it is",
        "What takes seconds to fetch may fill a disk.";
    TableBoth, "toc-both", Error,
        "Two tables of contents",
        "The layer is announced as eStargz and as zstd:chunked. podman refuses it.";
    TableAnnotation, "toc-annotation", Warning,
        "An annotation of a table is not of its form",
        "Engines that pull lazily read it otherwise, or pull the whole layer.";
    TablePlace, "toc-place", Warning,
        "A table is not where it is said to be",
        "Engines that go by the other place read other bytes.";
    TableDuplicate, "toc-duplicate", Warning,
        "A path twice in a table",
        "Engines that pull lazily see the last one alone.";
    TableNoDigest, "toc-no-digest", Error,
        "Content without a digest in the table",
        "Engines that pull lazily refuse it, or read what nobody checked.";
    TableChunks, "toc-chunks", Error,
        "The chunks of a file do not make it up",
        "Engines that pull lazily fail on it, or see other bytes.";
    TableOffset, "toc-offset", Error,
        "A chunk where none can be",
        "Engines that pull lazily fail on it, or see other bytes.";
    TableLink, "toc-link", Error,
        "A hard link of a table leads nowhere",
        "stargz refuses the layer, or never ends.";
    TableType, "toc-type", Error,
        "A type that no table has",
        "podman refuses the layer, stargz shows a file without a type.";
    TableOutside, "toc-outside", Warning,
        "Bytes beside the files and the table",
        "No engine shows what stands there, and it counts in the digest.";
    TableNotCompared, "toc-not-compared", Note,
        "A content was not compared with the table",
        "The entry was compared, the bytes were not.";
    TableDiffers, "toc-differs", Error,
        "The table and the archive differ",
        "Lazy and ordinary engines see different files: those that pull lazily go by the table, \
         all others unpack the archive. Both digests may hold.";
    TarSplit, "toc-tar-split", Error,
        "The tar-split data are not those of the layer",
        "podman refuses the layer, or exports another one.";
}
