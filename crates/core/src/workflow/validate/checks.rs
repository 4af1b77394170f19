//! The checks by name, and which findings belong to which.

use crate::finding::Code;

/// Makes [`Check`] with its names and titles of one list.
macro_rules! checks {
    ($($variant:ident, $name:literal, $title:literal;)*) => {
        /// A check.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Check {
            $(#[doc = $title] $variant,)*
        }

        impl Check {
            /// Every check, in the order in which a manifest is read.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its stable name: scripts may compare it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// A heading of a few words.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$variant => $title,)*
                }
            }
        }
    };
}

checks! {
    ManifestDigest, "manifest-digest", "Digest of the manifest";
    ManifestSize, "manifest-size", "Size of the manifest";
    MediaType, "manifest-media-type", "Media type of the manifest";
    Json, "json", "Bytes and JSON";
    Format, "format", "Format of the manifest";
    Descriptors, "descriptors", "Descriptors";
    Data, "data", "Embedded data";
    Subject, "subject", "Subject";
    Annotations, "annotations", "Annotations and labels";
    Parts, "image-parts", "Config and layers as they are named";
    Entries, "list-entries", "Entries and platforms of the list";
    Attestations, "attestations", "Attestations";
    Schema1, "schema1", "Docker schema 1";
    ConfigDigest, "config-digest", "Digest of the config";
    ConfigSize, "config-size", "Size of the config";
    ConfigType, "config-media-type", "Media type of the config";
    Config, "config", "Members of the config";
    RootfsType, "rootfs-type", "rootfs.type of the config";
    Platform, "platform", "Platform of list and config";
    LayerCount, "layer-count", "Number of layers and diff IDs";
    HistoryCount, "history-count", "Number of layers and steps of the history";
    ChainIds, "chain-ids", "Chain IDs";
    LayerDigest, "layer-digest", "Digest of the layer";
    LayerSize, "layer-size", "Size of the layer";
    LayerType, "layer-media-type", "Media type of the layer";
    DiffId, "diff-id", "Diff ID of the layer";
    Archive, "archive", "The layer's archive can be read";
    ArchiveEnd, "archive-end", "End of the archive and of its compression";
    Names, "names", "Names in the layer";
    Duplicates, "duplicates", "Paths that stand twice";
    Whiteouts, "whiteouts", "Whiteouts";
    Links, "links", "Links and what lies behind them";
    Headers, "headers", "Headers that readers take differently";
    Table, "table-of-contents", "Table of contents";
}

impl Check {
    /// The check that a finding of a manifest or config belongs to.
    pub(super) fn of_code(code: Code) -> Self {
        const OWN: &[(Code, Check)] = &[
            (Code::MediaTypeConflict, Check::MediaType),
            (Code::ContentTypeDiffers, Check::MediaType),
            (Code::ContentTypeMissing, Check::MediaType),
            (Code::MediaTypeMissing, Check::MediaType),
            (Code::DockerMediaTypeMissing, Check::MediaType),
            (Code::DataMismatch, Check::Data),
            (Code::EmptyDescriptor, Check::Data),
            (Code::SubjectType, Check::Subject),
            (Code::RootfsType, Check::RootfsType),
            (Code::ListedPlatform, Check::Platform),
            (Code::LayerCount, Check::LayerCount),
            (Code::HistoryCount, Check::HistoryCount),
        ];
        if let Some((_, check)) = OWN.iter().find(|(own, _)| *own == code) {
            return *check;
        }
        match code.rule().topic {
            "Bytes and JSON" => Self::Json,
            "Descriptors" => Self::Descriptors,
            "Images and artifacts" => Self::Parts,
            "Lists and platforms" | "Lists that are composed" => Self::Entries,
            "Attestations" => Self::Attestations,
            "Annotations and labels" => Self::Annotations,
            "Configs" => Self::Config,
            "Docker schema 1" => Self::Schema1,
            _ => Self::Format,
        }
    }

    /// The check that something found inside a layer belongs to; `None` for a name that is not
    /// known here.
    #[must_use]
    pub fn of_content(code: &str) -> Option<Self> {
        Some(match code {
            "not-a-tar"
            | "archive-broken"
            | "archive-ends-early"
            | "stream-broken"
            | "stream-ends-early"
            | "zstd-window"
            | "compression-unknown"
            | "unpacked-ratio"
            | "entries-left-out" => Self::Archive,
            "bytes-behind-compression" | "end-blocks" | "data-behind-end" => Self::ArchiveEnd,
            "media-type-differs" => Self::LayerType,
            "name-outside" | "name-absolute" | "name-not-clean" | "name-empty"
            | "name-too-long" | "path-too-deep" => Self::Names,
            "duplicate-path" | "duplicate-directory" => Self::Duplicates,
            "through-link" | "through-file" | "directory-replaced" => Self::Links,
            "type-unknown"
            | "global-header"
            | "time-before-1970"
            | "pax-size"
            | "gnu-name"
            | "gnu-link"
            | "pax-name-empty"
            | "size-without-data"
            | "file-with-slash"
            | "attributes-not-applied"
            | "aufs-metadata" => Self::Headers,
            "directory-after-whiteout" | "duplicate-whiteout" => Self::Whiteouts,
            _ if code.starts_with("whiteout-") || code.starts_with("opaque-") => Self::Whiteouts,
            _ if code.starts_with("hard-link-") => Self::Links,
            _ if code.starts_with("toc-") => Self::Table,
            _ => return None,
        })
    }
}
