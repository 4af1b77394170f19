//! Forms: how tools write the same list. The digest covers the bytes, so each form gives
//! another digest.
//!
//! A form says which kind of list comes out (`Tool::kind`), and by its `Shape` which members
//! are written in which order, and with which white space and escapes. What a tool does beyond
//! that (it sorts entries, copies an image's annotations, rewrites a platform) is in
//! `convert`.
//!
//! A list that was opened is kept in the form that gives its bytes again, the first of
//! [`Tool::ALL`] that does; see `Draft::gives`.
//!
//! Read in the tools' sources and held to what they wrote: `tests/golden/compose`.

use crate::json::style::{CRANE, Escapes, IMAGE_SPEC, Layout, PLATFORM};
use crate::media_type::MediaType;

use super::{Entry, ListKind};

/// Whose bytes are written.
///
/// [`Waybill`](Self::Waybill)'s own, canonical form: the members in image-spec's order
/// (`schemaVersion`, `mediaType`, `artifactType`, `manifests`, `subject`, `annotations`;
/// `mediaType`, `digest`, `size`, `urls`, `annotations`, `data`, `platform`, `artifactType`;
/// `architecture`, `os`, `os.version`, `os.features`, `variant`, `features`), then those that
/// no specification names, in their order; maps sorted by the bytes of their names; no white
/// space, no final newline; no escapes but those that JSON asks for; every member that the
/// kind allows, and no empty one but those that stand in every list: `manifests`, `digest`,
/// `size`, `architecture` and `os`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// The canonical form.
    Waybill,
    /// skopeo, podman and buildah (containers/image): in the order of distribution for a
    /// Docker list, of image-spec for an index.
    Skopeo,
    /// crane and ko (go-containerregistry): one order for both kinds, so a Docker list in this
    /// form may have annotations and an artifact type.
    Crane,
    /// `docker manifest push`: indented by three blanks, entries sorted by name, nothing that
    /// a Docker list lacks.
    Docker,
    /// `docker buildx imagetools create`: indented by two blanks, equal digests made one.
    Buildx,
    /// regctl (regclient): a Docker list in this form may have annotations, and its entries
    /// all that those of an index have.
    Regctl,
    /// oras: always an index.
    Oras,
}

/// How a form writes a kind. What is not in an order is not written.
///
/// `convert` takes away by it, `write` writes by it; so both agree on what is in the bytes.
/// Orders may name members that no list has (`config`): they are passed over.
pub(super) struct Shape {
    /// The white space between the parts: none, or so many blanks for each level.
    pub(super) layout: Layout,
    /// What is escaped beyond what JSON asks for: `<`, `>`, `&` and line separators by Go,
    /// nothing in the canonical form.
    pub(super) escapes: Escapes,
    /// The members of the list itself, in order.
    pub(super) top: &'static [&'static str],
    /// Those of an entry, and of the subject.
    pub(super) descriptor: &'static [&'static str],
    /// Those of a platform.
    pub(super) platform: &'static [&'static str],
    /// Whether members that no specification names are written: by the canonical form, and for
    /// a snapshot.
    pub(super) unknown: bool,
}

/// What a Docker list has; docker writes no more in an index either.
const TOP_DOCKER: &[&str] = &["schemaVersion", "mediaType", "manifests"];
/// The same with annotations: an index by buildx, a Docker list by regctl.
const TOP_ANNOTATED: &[&str] = &["schemaVersion", "mediaType", "manifests", "annotations"];
/// For both kinds; the artifact type stands last.
const TOP_CRANE: &[&str] = &[
    "schemaVersion",
    "mediaType",
    "manifests",
    "annotations",
    "artifactType",
];

/// An entry in distribution's order: `size` in front of `digest`.
const DESCRIPTOR_DOCKER: &[&str] = &["mediaType", "size", "digest", "urls", "platform"];
/// A platform in an index. OCI reserves `features`, so they are left out.
const PLATFORM_OCI: &[&str] = &["architecture", "os", "os.version", "os.features", "variant"];

impl Shape {
    /// Whether a member of that name is written anywhere.
    pub(super) fn allows(&self, name: &str) -> bool {
        [self.top, self.descriptor, self.platform]
            .iter()
            .any(|names| names.contains(&name))
    }
}

impl Tool {
    /// Every form, Waybill's first.
    pub const ALL: [Self; 7] = [
        Self::Waybill,
        Self::Skopeo,
        Self::Crane,
        Self::Docker,
        Self::Buildx,
        Self::Regctl,
        Self::Oras,
    ];

    /// The word for it on a command line: `crane`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waybill => "waybill",
            Self::Skopeo => "skopeo",
            Self::Crane => "crane",
            Self::Docker => "docker",
            Self::Buildx => "buildx",
            Self::Regctl => "regctl",
            Self::Oras => "oras",
        }
    }

    /// The form of that name; `None` where there is none. Upper case is not taken.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// The kind that the form writes where `asked` is wanted: oras only knows indexes, buildx
    /// and docker go by the media types of the entries, docker by that of the `first` one that
    /// it writes.
    ///
    /// buildx writes a Docker list only where every entry is of a Docker type, so also where
    /// there is none. docker writes an index only where the first is an OCI image; an OCI
    /// index nested in front gives a Docker list.
    pub(super) fn kind(
        self,
        asked: ListKind,
        entries: &[Entry],
        first: Option<&Entry>,
    ) -> ListKind {
        let is_docker = |entry: &Entry| entry.descriptor.media_type.as_ref().is_some_and(is_docker);
        match self {
            Self::Waybill | Self::Skopeo | Self::Crane | Self::Regctl => asked,
            Self::Buildx if entries.iter().all(is_docker) => ListKind::DockerList,
            Self::Oras | Self::Buildx => ListKind::OciIndex,
            Self::Docker => match first.and_then(|entry| entry.descriptor.media_type.as_ref()) {
                Some(first) if *first == MediaType::OCI_MANIFEST => ListKind::OciIndex,
                _ => ListKind::DockerList,
            },
        }
    }

    /// The members, their order and the white space of the form in that kind.
    ///
    /// docker, crane and oras have one shape for both kinds, the others one for each. All
    /// tools are Go programs, so all but the canonical form escape as Go does.
    pub(super) fn shape(self, kind: ListKind) -> Shape {
        let oci = kind == ListKind::OciIndex;
        let of_kind = |of_oci, of_docker| if oci { of_oci } else { of_docker };
        let (layout, top, descriptor, platform) = match self {
            Self::Waybill => (
                Layout::Compact,
                of_kind(IMAGE_SPEC.manifest, TOP_DOCKER),
                of_kind(
                    IMAGE_SPEC.descriptor,
                    &["mediaType", "digest", "size", "urls", "platform"],
                ),
                of_kind(PLATFORM_OCI, PLATFORM),
            ),
            Self::Skopeo => (
                Layout::Compact,
                of_kind(IMAGE_SPEC.manifest, TOP_DOCKER),
                of_kind(IMAGE_SPEC.descriptor, DESCRIPTOR_DOCKER),
                of_kind(PLATFORM_OCI, PLATFORM),
            ),
            Self::Crane => (Layout::Compact, TOP_CRANE, CRANE.descriptor, PLATFORM),
            Self::Docker => (
                Layout::Indented("   "),
                TOP_DOCKER,
                DESCRIPTOR_DOCKER,
                PLATFORM,
            ),
            Self::Buildx => (
                Layout::Indented("  "),
                of_kind(TOP_ANNOTATED, TOP_DOCKER),
                IMAGE_SPEC.descriptor,
                PLATFORM_OCI,
            ),
            Self::Regctl => (
                Layout::Compact,
                of_kind(IMAGE_SPEC.manifest, TOP_ANNOTATED),
                IMAGE_SPEC.descriptor,
                PLATFORM,
            ),
            Self::Oras => (
                Layout::Compact,
                IMAGE_SPEC.manifest,
                IMAGE_SPEC.descriptor,
                PLATFORM_OCI,
            ),
        };
        let own = self == Self::Waybill;
        let escapes = if own { Escapes::Plain } else { Escapes::Html };
        Shape {
            layout,
            escapes,
            top,
            descriptor,
            platform,
            unknown: own,
        }
    }
}

/// Whether the media type is one of Docker's, whatever it is of: a manifest, a list, a plugin.
/// Case does not matter.
pub(super) fn is_docker(media_type: &MediaType) -> bool {
    media_type
        .as_str()
        .to_ascii_lowercase()
        .starts_with("application/vnd.docker.")
}
