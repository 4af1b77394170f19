//! Docker manifest lists and OCI image indexes: manifests, each with its platform.
//!
//! Beside the entries one by one, this looks at what they are together: two for one platform,
//! two families in one list, attestations and what they are about. Whether what an entry names
//! is as it says is for [`crate::workflow`].
//!
//! Source: distribution `manifest-v2-2.md`, "Manifest List"; image-spec `image-index.md`.
//!
//! The order of entries matters and is never changed: of several entries that fit a platform
//! clients take the first.
//!
//! The list is read first, then checked: entry by entry, then as a whole. Nothing is left out
//! of it for a finding, so `/manifests/7` is always the eighth of [`List::entries`].
//!
//! Longer than most files: the checks of entries one by one and of all together share what was
//! read.

use std::borrow::Cow;
use std::collections::BinaryHeap;

use crate::annotation;
use crate::descriptor::{Descriptor, REFERENCE_DIGEST, REFERENCE_TYPE};
use crate::digest::Digest;
use crate::finding::Code;
use crate::humanize;
use crate::lenient::{Fields, Reader, first_equals};
use crate::media_type::MediaType;
use crate::platform::{Platform, sorted};

use super::content::List;
use super::format::Format;
use super::image::{
    check_docker_members, check_head, is_too_large, read_descriptors, read_subject,
};

/// The members that the two formats define together; of those that only OCI has,
/// [`check_docker_members`] tells in a Docker list.
const MEMBERS: &[&str] = &[
    "schemaVersion",
    "mediaType",
    "artifactType",
    "manifests",
    "subject",
    "annotations",
];

/// Reads a list, its entries first, then what they are together.
///
/// Anything that is an object gives a list. An absent `manifests` is found as missing, an empty one
/// is allowed by OCI and told; entries that are no objects leave a finding and an empty descriptor,
/// so that indexes stay those of the document.
///
/// `format` is one of the two list formats; it decides how bad some of the findings are, and
/// never what is read.
pub(super) fn read(fields: &Fields<'_>, format: Format) -> List {
    let reader = fields.reader();
    fields.names(MEMBERS);
    check_head(fields, format);
    let list = List {
        entries: read_descriptors(&fields.required(), "manifests"),
        artifact_type: fields.media_type("artifactType"),
        subject: read_subject(fields),
        annotations: annotation::read(fields),
        unknown: fields.unknown(MEMBERS),
    };
    fields.require("manifests");
    if fields.has("manifests") && list.entries.is_empty() {
        fields.find_at("manifests", Code::EmptyList, "manifests is empty");
    }
    if format == Format::DockerList {
        check_docker_members(fields, list.entries.iter());
    }
    let cache = list.build_cache();
    if let Some(config) = cache {
        let message = format!(
            "it lists layers, and {} as their config",
            config.media_type.as_ref().map_or("", MediaType::as_str)
        );
        fields.find_at("manifests", Code::BuildCache, message);
    }
    for entry in &list.entries {
        if cache.is_none() {
            check_type(reader, entry, format);
        }
        if let Some(platform) = &entry.platform {
            check_platform(reader, entry, platform, format);
        }
    }
    check_families(reader, &list, format);
    check_missing_platforms(reader, &list, format);
    check_duplicates(reader, &list);
    check_artifacts(reader, &list);
    check_attestations(reader, &list);
    list
}

impl List {
    /// How many platforms the list has images for: each once, however many entries it has.
    ///
    /// Attestations, artifacts and entries that name no machine do not count.
    #[must_use]
    pub fn platforms(&self) -> usize {
        let platforms = self.entries.iter().filter(|entry| {
            let is_artifact = entry
                .artifact_type
                .as_ref()
                .is_some_and(|it| !it.is_image_config());
            !is_artifact && entry.attests().is_none()
        });
        let platforms = platforms
            .filter_map(|entry| entry.platform.as_ref())
            .filter(|platform| platform.names_machine());
        let keys: Vec<_> = platforms.map(|it| Cow::Owned(key(it))).collect();
        let first = first_equals(keys);
        let is_first = |(index, first): &(usize, &usize)| index == *first;
        first.iter().enumerate().filter(is_first).count()
    }

    /// The entry that makes this a `BuildKit` cache: its config, beside the layers that it keeps.
    #[must_use]
    pub fn build_cache(&self) -> Option<&Descriptor> {
        self.entries.iter().find(|entry| {
            entry
                .media_type
                .as_ref()
                .is_some_and(MediaType::is_build_cache)
        })
    }
}

/// Checks that an entry names a manifest, of a size that registries take. Only OCI nests lists.
///
/// Schema 1 may not stand in a list at all. A list in an OCI index is allowed, and some clients do
/// not look inside (podman, skopeo); in a Docker list it is against the specification. Below a name,
/// as in the `index.json` of an OCI layout, a list is what one expects. A known type that is no
/// manifest is told, an unknown one is not.
///
/// Source: image-spec `image-index.md`, "manifests"; distribution `manifest-v2-2.md`, "Manifest
/// List Field Descriptions".
///
/// An entry without `mediaType` was found when it was read, and is passed over here; so its
/// size is not judged either.
fn check_type(reader: &Reader, entry: &Descriptor, format: Format) {
    let Some(media_type) = &entry.media_type else {
        return;
    };
    let message = || format!("mediaType is {media_type}");
    let pointer = &entry.pointer;
    if media_type.is_schema1() {
        reader.find(Code::Schema1InList, pointer, message());
    } else if media_type.is_list() {
        let is_docker = format == Format::DockerList;
        if !is_docker && entry.name().is_some() {
            return;
        }
        reader.find(
            if is_docker {
                Code::NestedInDockerList
            } else {
                Code::NestedList
            },
            pointer,
            message(),
        );
    } else if !media_type.is_manifest() && media_type.meaning().is_some() {
        reader.find(Code::EntryType, pointer, message());
    }
    if let Some(size) = entry
        .size
        .filter(|size| is_too_large(*size) && media_type.is_manifest())
    {
        reader.find(
            Code::TooLarge,
            pointer.child("size"),
            format!("{size} bytes"),
        );
    }
}

/// Checks what a list asks of a platform beyond its names, which [`crate::descriptor`] has checked.
///
/// `features` is Docker's and reserved in OCI; Windows hosts choose by `os.version`; and
/// `unknown/unknown` means something only beside the annotation with which `BuildKit` marks an
/// attestation.
///
/// `unknown/unknown` is no finding either for an entry with an `artifactType`.
fn check_platform(reader: &Reader, entry: &Descriptor, platform: &Platform, format: Format) {
    let pointer = || entry.pointer.child("platform");
    if format == Format::OciIndex && !platform.features.is_empty() {
        let message = format!("features holds {:?}", platform.features[0]);
        reader.find(Code::PlatformFeatures, pointer().child("features"), message);
    }
    if platform.os == "windows"
        && platform
            .os_version
            .as_deref()
            .unwrap_or_default()
            .is_empty()
    {
        reader.find(
            Code::WindowsVersion,
            pointer(),
            "os is windows and os.version is missing",
        );
    }
    if platform.is_unknown()
        && entry.artifact_type.is_none()
        && entry.annotation(REFERENCE_TYPE).is_none()
    {
        reader.find(
            Code::UnknownPlatform,
            pointer(),
            format!("unknown/unknown, and there is no {REFERENCE_TYPE}"),
        );
    }
}

/// Said once: a list may have thousands of entries.
///
/// Tells that entries of one family stand in a list of the other: Docker's in an OCI index, or the
/// reverse. Clients mostly read both, registries may refuse it.
fn check_families(reader: &Reader, list: &List, format: Format) {
    let is_docker = format == Format::DockerList;
    let others = if is_docker {
        [MediaType::OCI_MANIFEST, MediaType::OCI_INDEX]
    } else {
        [MediaType::DOCKER_SCHEMA2, MediaType::DOCKER_LIST]
    };
    let is_other = |entry: &&Descriptor| {
        entry
            .media_type
            .as_ref()
            .is_some_and(|it| others.contains(it))
    };
    let count = list.entries.iter().filter(is_other).count();
    if count > 0 {
        let (code, noun) = if is_docker {
            (Code::OciInDockerList, "OCI entry")
        } else {
            (Code::DockerInIndex, "Docker entry")
        };
        reader.find(
            code,
            "/manifests",
            format!(
                "{} in {}",
                humanize::count(count, noun),
                format.with_article()
            ),
        );
    }
}

/// Docker requires a platform of every entry, OCI of none.
///
/// Tells entries without a platform. In a Docker list each is an error of its own; in an index only
/// entries that can be an image are meant, and the first stands for all. Attestations never need
/// one.
fn check_missing_platforms(reader: &Reader, list: &List, format: Format) {
    if format == Format::DockerList {
        for entry in list
            .entries
            .iter()
            .filter(|entry| entry.platform.is_none() && entry.attests().is_none())
        {
            reader.find(Code::PlatformMissing, &entry.pointer, "platform is missing");
        }
        return;
    }
    let is_manifest = |entry: &Descriptor| {
        entry
            .media_type
            .as_ref()
            .is_some_and(MediaType::is_manifest)
    };
    // In the `index.json` of an OCI layout entries are chosen by their names.
    let lacks = |entry: &&Descriptor| {
        entry.platform.is_none() && entry.name().is_none() && is_image(entry) && is_manifest(entry)
    };
    if let Some(first) = list.entries.iter().find(lacks) {
        let count = list.entries.iter().filter(lacks).count();
        let message = format!(
            "{count} of {} entries have none, this is the first",
            list.entries.len()
        );
        reader.find(Code::PlatformUnstated, &first.pointer, message);
    }
}

/// Whether the entry can be an image to choose by its platform: not an attestation, artifact
/// or list.
///
/// An unknown media type is given the benefit of the doubt.
///
/// An `artifactType` that is an image config's type makes no artifact of it.
fn is_image(entry: &Descriptor) -> bool {
    !entry.media_type.as_ref().is_some_and(MediaType::is_list)
        && entry
            .artifact_type
            .as_ref()
            .is_none_or(MediaType::is_image_config)
        && entry.attests().is_none()
}

/// Tells entries that docker and containerd never take, because an earlier one has the same
/// platform. Podman does, of zstd layers in an index, and of `arm64/v8` behind `arm64`.
///
/// Platforms are compared by their usual names (`aarch64` is `arm64`), with version and features,
/// whose order does not matter. The same digest twice is only a repetition; another digest is an
/// image that cannot be reached.
///
/// Source: image-spec `image-index.md`: "If multiple manifests match a client or runtime's
/// requirements, the first matching entry SHOULD be used."
///
/// Only images count: attestations, artifacts, lists and `unknown/unknown` are neither
/// repetitions nor repeated. The finding stands at the later entry, and names the earlier one
/// by its number, which begins at 1.
fn check_duplicates(reader: &Reader, list: &List) {
    let key_of = |entry: &Descriptor| {
        let platform = entry
            .platform
            .as_ref()
            .filter(|platform| platform.names_machine() && is_image(entry));
        Cow::Owned(platform.map(key).unwrap_or_default())
    };
    let first = first_equals(list.entries.iter().map(key_of).collect());
    for (index, entry) in list.entries.iter().enumerate() {
        let Some(platform) = entry.platform.as_ref().filter(|_| first[index] != index) else {
            continue;
        };
        let taken = first[index];
        // The keys of entries that are no images are all alike.
        if !is_image(entry) || !platform.names_machine() {
            continue;
        }
        if list.entries[taken].digest_text == entry.digest_text {
            reader.find_lazily(Code::EntryRepeated, || {
                let message = format!("{platform} with this digest is entry {} already", taken + 1);
                (entry.pointer.clone(), message)
            });
        } else {
            reader.find_lazily(Code::PlatformDuplicate, || {
                let message = format!("{platform} is also entry {}, which docker takes", taken + 1);
                (entry.pointer.child("platform"), message)
            });
        }
    }
}

/// A text that two platforms share where they are the same under their usual names.
fn key(platform: &Platform) -> String {
    let (os, architecture, variant) = platform.usual_names();
    let version = platform.os_version.as_deref().unwrap_or_default();
    let [os_features, features] =
        [&platform.os_features, &platform.features].map(|it| sorted(it).join(","));
    [
        &*os,
        &*architecture,
        &*variant,
        version,
        &os_features,
        &features,
    ]
    .join("/")
}

/// Tells artifacts that stand before the image of their platform: clients take the first entry that
/// fits, and `artifactType` does not keep them from it.
///
/// Source: image-spec `image-index.md`, as for duplicates.
fn check_artifacts(reader: &Reader, list: &List) {
    let key_of = |entry: &Descriptor| {
        let platform = entry
            .platform
            .as_ref()
            .filter(|platform| platform.names_machine() && entry.attests().is_none());
        Cow::Owned(platform.map(key).unwrap_or_default())
    };
    if list.entries.iter().all(is_image) {
        return;
    }
    let first = first_equals(list.entries.iter().map(key_of).collect());
    let mut is_said = vec![false; list.entries.len()];
    for (index, entry) in list.entries.iter().enumerate() {
        let taken = &list.entries[first[index]];
        let (Some(platform), Some(artifact)) = (&entry.platform, &taken.artifact_type) else {
            continue;
        };
        if is_image(entry)
            && !is_image(taken)
            && !key_of(entry).is_empty()
            && !std::mem::replace(&mut is_said[first[index]], true)
        {
            let message = format!(
                "{artifact} for {platform} stands before the image, which is entry {}",
                index + 1
            );
            reader.find(Code::ArtifactFirst, &taken.pointer, message);
        }
    }
}

/// Source: `BuildKit`, `attestation-storage.md`.
///
/// Tells attestations that are about nothing in this list, or do not say what they are about.
///
/// `vnd.docker.reference.type: attestation-manifest` marks an attestation and
/// `vnd.docker.reference.digest` names the entry that it is about; its platform is
/// `unknown/unknown`, so that nobody runs it. Digests are compared as text against a sorted list,
/// since there may be thousands of entries.
///
/// An attestation is an entry whose type is exactly `attestation-manifest`. Another type, or a
/// digest without a type, is told as a broken link; a digest that only attestations or no
/// entries have makes an orphan. Nothing is said of entries that have neither annotation.
fn check_attestations(reader: &Reader, list: &List) {
    let has_attestations = list.entries.iter().any(|entry| entry.attests().is_some());
    let images = list
        .entries
        .iter()
        .filter(|entry| has_attestations && entry.attests().is_none());
    let images = images
        .map(|entry| entry.digest_text.as_str())
        .collect::<BinaryHeap<_>>()
        .into_sorted_vec();
    for entry in &list.entries {
        let pointer = || entry.pointer.child("annotations");
        let digest = entry.annotation(REFERENCE_DIGEST);
        if entry.attests().is_none() {
            let message = match (entry.annotation(REFERENCE_TYPE), digest) {
                (Some(other), _) => {
                    format!("{REFERENCE_TYPE} is {other:?}, attestation-manifest is known")
                }
                (None, Some(_)) => {
                    format!("{REFERENCE_DIGEST} is there and {REFERENCE_TYPE} is missing")
                }
                (None, None) => continue,
            };
            reader.find(Code::AttestationLink, pointer(), message);
            continue;
        }
        match digest.map(|text| (text, text.parse::<Digest>())) {
            None => reader.find(
                Code::AttestationLink,
                pointer(),
                format!("{REFERENCE_DIGEST} is missing"),
            ),
            Some((_, Err(error))) => {
                reader.find(
                    Code::AttestationLink,
                    pointer(),
                    format!("{REFERENCE_DIGEST}: {error}"),
                );
            }
            Some((text, Ok(_))) if images.binary_search(&text).is_err() => {
                reader.find(
                    Code::AttestationOrphan,
                    pointer(),
                    format!("no entry has the digest {text:?}"),
                );
            }
            Some(_) => {}
        }
        if let Some(platform) = entry
            .platform
            .as_ref()
            .filter(|platform| !platform.is_unknown())
        {
            let message =
                format!("an attestation for {platform}, its platform should be unknown/unknown");
            reader.find(
                Code::AttestationPlatform,
                entry.pointer.child("platform"),
                message,
            );
        }
    }
}
