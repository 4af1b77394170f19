//! The order of members, as the types of tools have it.
//!
//! Go writes a struct's fields as they stand in its source, and a map sorted by name, so the order
//! gives away who wrote a manifest. Members that a type does not have come behind those that it
//! has.
//!
//! What an object is follows from the members that lead to it, beginning with the manifest at
//! the top: see `Place`. Members that a tool would never write are not left out; they come
//! last.

/// The order of an object's members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As they stand.
    AsWritten,
    /// By name, as `jq -S` and Python's `sort_keys` write.
    Sorted,
    /// As the fields stand in a tool's types; maps such as annotations are sorted, as Go does.
    Fields(&'static Fields),
}

/// The order of the fields of a tool's types.
#[derive(Debug, PartialEq, Eq)]
pub struct Fields {
    /// Who writes so, to stand behind `in the order of`.
    pub name: &'static str,
    /// Of a manifest, an index or a list.
    pub manifest: &'static [&'static str],
    /// Of a descriptor.
    pub descriptor: &'static [&'static str],
}

/// The order of a platform's members in every one of these tools.
pub(crate) const PLATFORM: &[&str] = &[
    "architecture",
    "os",
    "os.version",
    "os.features",
    "variant",
    "features",
];

/// image-spec's Go types: skopeo, podman, oras, regctl and buildx for OCI.
pub(crate) const IMAGE_SPEC: Fields = Fields {
    name: "the image specification",
    manifest: &[
        "schemaVersion",
        "mediaType",
        "artifactType",
        "config",
        "layers",
        "manifests",
        "subject",
        "annotations",
    ],
    descriptor: &[
        "mediaType",
        "digest",
        "size",
        "urls",
        "annotations",
        "data",
        "platform",
        "artifactType",
    ],
};

/// distribution's Go types: docker, and skopeo and podman for Docker lists.
pub(super) const DOCKER: Fields = Fields {
    name: "docker",
    // Schema 1's members stand among them: no manifest has both.
    manifest: &[
        "schemaVersion",
        "mediaType",
        "config",
        "layers",
        "manifests",
        "name",
        "tag",
        "architecture",
        "fsLayers",
        "history",
        "signatures",
    ],
    descriptor: &[
        "mediaType",
        "size",
        "digest",
        "urls",
        "annotations",
        "platform",
    ],
};

/// go-containerregistry's Go types: crane, ko.
pub(crate) const CRANE: Fields = Fields {
    name: "crane",
    manifest: &[
        "schemaVersion",
        "mediaType",
        "config",
        "layers",
        "manifests",
        "annotations",
        "subject",
    ],
    descriptor: &[
        "mediaType",
        "size",
        "digest",
        "data",
        "urls",
        "annotations",
        "platform",
        "artifactType",
    ],
};

/// containers/image's type of schema 1: skopeo, podman.
const SKOPEO: Fields = Fields {
    name: "skopeo",
    manifest: &[
        "name",
        "tag",
        "architecture",
        "fsLayers",
        "history",
        "schemaVersion",
        "signatures",
    ],
    descriptor: &[],
};

impl Order {
    /// Those that tools write, the order that stands first.
    pub const ALL: [Self; 6] = [
        Self::AsWritten,
        Self::Sorted,
        Self::Fields(&IMAGE_SPEC),
        Self::Fields(&DOCKER),
        Self::Fields(&CRANE),
        Self::Fields(&SKOPEO),
    ];

    /// The rank of the members of an object that stands in `place`; `None` where they are
    /// sorted by name.
    ///
    /// A member's rank is its index in the slice; one that is not in it comes behind all that
    /// are.
    pub(super) fn ranks(self, place: Place) -> Option<&'static [&'static str]> {
        match (self, place) {
            (Self::Fields(fields), Place::Manifest) => Some(fields.manifest),
            (Self::Fields(fields), Place::Descriptor) => Some(fields.descriptor),
            (Self::Fields(_), Place::Platform) => Some(PLATFORM),
            (Self::AsWritten, _) => Some(&[]),
            (Self::Sorted, _) | (Self::Fields(_), Place::Map) => None,
        }
    }
}

/// What an object is.
///
/// Told by the name of the member that leads to it, since JSON itself has no types.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// The document itself: a manifest, an index or a list.
    Manifest,
    /// `config`, `subject`, or an element of `layers` or `manifests`.
    Descriptor,
    /// The `platform` of a descriptor.
    Platform,
    /// Anything else, annotations for one: sorted by name unless the order is
    /// [`Order::AsWritten`].
    Map,
}

impl Place {
    /// Where the value of that member stands. Inside a map everything is a map: a member
    /// called `config` there is no descriptor.
    pub(super) fn of_member(self, name: &str) -> Self {
        match (self, name) {
            (Self::Manifest, "config" | "layers" | "manifests" | "subject") => Self::Descriptor,
            (Self::Descriptor, "platform") => Self::Platform,
            _ => Self::Map,
        }
    }
}
