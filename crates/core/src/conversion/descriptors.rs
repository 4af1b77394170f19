//! Descriptors of one format in the other.
//!
//! Source: containers/image `internal/image/docker_schema2.go`, `convertToManifestOCI1`, and
//! `internal/image/oci.go`, `convertToManifestSchema2`.

use crate::descriptor::Descriptor;
use crate::json::{Pointer, Writer};
use crate::manifest::Image;
use crate::media_type::MediaType;

use super::{Document, Lost, Refusal};

/// The types of a layer by gzip, Docker's and OCI's.
pub(super) const GZIP: (&str, &str) = (
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
    "application/vnd.oci.image.layer.v1.tar+gzip",
);

/// Types of layers, Docker's and OCI's.
pub(super) const LAYERS: [(&str, &str); 4] = [
    (
        "application/vnd.docker.image.rootfs.diff.tar",
        "application/vnd.oci.image.layer.v1.tar",
    ),
    GZIP,
    (
        "application/vnd.docker.image.rootfs.foreign.diff.tar",
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
    ),
    (
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    ),
];

/// Docker's name for layers by zstd. Some builders write it; it is read, never written, since
/// Docker's own clients do not know it.
const DOCKER_ZSTD: &str = "application/vnd.docker.image.rootfs.diff.tar.zstd";
pub(super) const OCI_ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";

/// A descriptor as it is written: what both formats have.
pub(super) struct Written {
    pub(super) media_type: MediaType,
    pub(super) digest: String,
    pub(super) size: u64,
    pub(super) urls: Vec<String>,
}

impl Written {
    /// Writes it in the order of Go's struct: containers/image has the size before the digest in
    /// Docker's, image-spec behind it in its own.
    pub(super) fn write(&self, json: &mut Writer, to_oci: bool) {
        json.open('{');
        json.text("mediaType", self.media_type.as_str());
        if to_oci {
            json.text("digest", &self.digest);
        }
        json.raw("size", &self.size.to_string());
        if !to_oci {
            json.text("digest", &self.digest);
        }
        json.texts("urls", &self.urls);
        json.close('}');
    }
}

/// A layer by gzip, of Docker's type or OCI's.
pub(super) fn gzip(digest: &str, size: u64, to_oci: bool) -> Written {
    let (docker, oci) = GZIP;
    Written {
        media_type: MediaType::new(if to_oci { oci } else { docker }),
        digest: digest.to_owned(),
        size,
        urls: vec![],
    }
}

/// A layer's descriptor in the other format.
pub(super) fn layer(layer: &Descriptor, index: usize, to_oci: bool) -> Result<Written, Refusal> {
    let unknown = || Refusal::LayerType(index, layer.media_type.clone());
    let found = layer.media_type.as_ref().ok_or_else(unknown)?;
    check_readable(found, index)?;
    let is = |text: &str| *found == MediaType::new(text);
    let media_type = if to_oci {
        let same = LAYERS.iter().find(|(docker, _)| is(docker));
        same.map(|(_, oci)| *oci)
            .or_else(|| is(DOCKER_ZSTD).then_some(OCI_ZSTD))
    } else {
        if found.as_str().to_ascii_lowercase().ends_with("+zstd") {
            return Err(Refusal::Zstd(index));
        }
        let same = LAYERS.iter().find(|(_, oci)| is(oci));
        same.map(|(docker, _)| *docker)
    };
    let media_type = MediaType::new(media_type.ok_or_else(unknown)?);
    let incomplete = || Refusal::Incomplete(layer.pointer.clone());
    Ok(Written {
        media_type,
        digest: layer
            .digest
            .as_ref()
            .ok_or_else(incomplete)?
            .as_str()
            .to_owned(),
        size: layer.size.ok_or_else(incomplete)?,
        urls: layer.urls.clone(),
    })
}

/// What is encrypted can be copied only as it is.
pub(super) fn check_readable(media_type: &MediaType, index: usize) -> Result<(), Refusal> {
    if media_type.no_file_system() == Some("encrypted") {
        return Err(Refusal::Encrypted(index));
    }
    Ok(())
}

/// What a manifest says beyond its config and layers, and what their descriptors say beyond type,
/// digest, size and addresses: no conversion keeps it.
pub(super) fn lost_of_manifest(image: &Image) -> Vec<Lost> {
    let mut pointers = Vec::new();
    let root = Pointer::ROOT;
    if image.artifact_type.is_some() {
        pointers.push(root.child("artifactType"));
    }
    for descriptor in image.config.iter().chain(&image.layers) {
        pointers.extend(lost_of(descriptor));
    }
    if image.subject.is_some() {
        pointers.push(root.child("subject"));
    }
    if !image.annotations.is_empty() {
        pointers.push(root.child("annotations"));
    }
    pointers.extend(image.unknown.iter().map(|(name, _)| root.child(name)));
    pointers.into_iter().map(of_manifest).collect()
}

/// What a descriptor says beyond type, digest, size and addresses.
pub(super) fn lost_of(descriptor: &Descriptor) -> Vec<Pointer> {
    let mut pointers = Vec::new();
    let own = &descriptor.pointer;
    if !descriptor.annotations.is_empty() {
        pointers.push(own.child("annotations"));
    }
    if descriptor.data.is_some() {
        pointers.push(own.child("data"));
    }
    if descriptor.platform.is_some() {
        pointers.push(own.child("platform"));
    }
    if descriptor.artifact_type.is_some() {
        pointers.push(own.child("artifactType"));
    }
    pointers.extend(descriptor.unknown.iter().map(|(name, _)| own.child(name)));
    pointers
}

/// Something of the manifest that is lost.
pub(super) fn of_manifest(pointer: Pointer) -> Lost {
    Lost {
        document: Document::Manifest,
        pointer,
    }
}
