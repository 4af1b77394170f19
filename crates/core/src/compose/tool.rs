//! Forms: how tools write the same list. The digest covers the bytes, so each form gives another digest.
//!
//! Read in the tools' sources and held to what they wrote: `tests/golden/compose`.

use crate::json::style::{CRANE, Escapes, IMAGE_SPEC, Layout, PLATFORM};
use crate::media_type::MediaType;

use super::{Entry, ListKind};

/// Whose bytes are written.
///
/// [`Waybill`](Self::Waybill)'s own, canonical form: the members in image-spec's order (`schemaVersion`, `mediaType`,
/// `artifactType`, `manifests`, `subject`, `annotations`; `mediaType`, `digest`, `size`, `urls`, `annotations`,
/// `data`, `platform`, `artifactType`; `architecture`, `os`, `os.version`, `os.features`, `variant`, `features`),
/// then those that no specification names, in their order; maps sorted by the bytes of their names; no white space,
/// no final newline; no escapes but those that JSON asks for; every member that the kind allows, and no empty one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// The canonical form.
    Waybill,
    /// skopeo, podman and buildah (containers/image).
    Skopeo,
    /// crane and ko (go-containerregistry).
    Crane,
    /// `docker manifest push`.
    Docker,
    /// `docker buildx imagetools create`.
    Buildx,
    /// regctl (regclient).
    Regctl,
    /// oras.
    Oras,
}

/// How a form writes a kind. What is not in an order is not written.
pub(super) struct Shape {
    pub(super) layout: Layout,
    pub(super) escapes: Escapes,
    pub(super) top: &'static [&'static str],
    pub(super) descriptor: &'static [&'static str],
    pub(super) platform: &'static [&'static str],
    /// Whether members that no specification names are written.
    pub(super) unknown: bool,
}

const TOP_DOCKER: &[&str] = &["schemaVersion", "mediaType", "manifests"];
const TOP_ANNOTATED: &[&str] = &["schemaVersion", "mediaType", "manifests", "annotations"];
const TOP_CRANE: &[&str] = &[
    "schemaVersion",
    "mediaType",
    "manifests",
    "annotations",
    "artifactType",
];

const DESCRIPTOR_DOCKER: &[&str] = &["mediaType", "size", "digest", "urls", "platform"];
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

    /// The form of that name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// The kind that the form writes where `asked` is wanted: oras only knows indexes, buildx and docker go by the
    /// media types of the entries, docker by that of the `first` one that it writes.
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

pub(super) fn is_docker(media_type: &MediaType) -> bool {
    media_type
        .as_str()
        .to_ascii_lowercase()
        .starts_with("application/vnd.docker.")
}
