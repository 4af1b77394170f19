//! A manifest with layers that were compressed anew.
//!
//! All the rest of it stays as it is, byte for byte. Source: containers/image
//! `manifest/{docker_schema2,oci}.go`, `UpdateLayerInfos`.

use crate::digest::Digest;
use crate::json::style::Escapes;
use crate::json::{Writer, locate};
use crate::manifest::{Format, Manifest};
use crate::media_type::MediaType;

use super::descriptors::{self, LAYERS, OCI_ZSTD, Written, check_readable};
use super::{Converted, Refusal};

/// How a layer is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Packing {
    /// Not at all.
    None,
    /// By gzip.
    Gzip,
    /// By zstd, which of the formats only OCI has.
    Zstd,
}

impl Packing {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Gzip, Self::Zstd, Self::None];

    /// Its name in addresses and options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// What the media type of a layer says of it: its end, as all of them write it. Whether that is
    /// so, only its bytes tell.
    ///
    /// ```
    /// use waybill_core::conversion::Packing;
    /// use waybill_core::media_type::MediaType;
    ///
    /// let of = |text| Packing::of(&MediaType::new(text));
    /// assert_eq!(of("application/vnd.docker.image.rootfs.diff.tar.gzip"), Packing::Gzip);
    /// assert_eq!(of("application/vnd.oci.image.layer.v1.tar+zstd"), Packing::Zstd);
    /// assert_eq!(of("application/vnd.oci.image.layer.v1.tar"), Packing::None);
    /// ```
    #[must_use]
    pub fn of(media_type: &MediaType) -> Self {
        let name = media_type.as_str().to_ascii_lowercase();
        if name.ends_with("gzip") {
            Self::Gzip
        } else if name.ends_with("zstd") {
            Self::Zstd
        } else {
            Self::None
        }
    }
}

/// How layers are to be compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Compression {
    /// The format.
    pub packing: Packing,
    /// How much time goes into how little room: gzip 1 to 9, zstd 1 to 19. `None` is what the tools
    /// of the format do by themselves, 6 and 3.
    pub level: Option<u8>,
}

impl Compression {
    /// The highest level of a format; 0 where it has none.
    #[must_use]
    pub fn levels(packing: Packing) -> u8 {
        match packing {
            Packing::None => 0,
            Packing::Gzip => 9,
            Packing::Zstd => 19,
        }
    }
}

impl From<Packing> for Compression {
    /// By the level of the format's own tools.
    fn from(packing: Packing) -> Self {
        Self {
            packing,
            level: None,
        }
    }
}

/// A layer as it is after it was compressed anew. What it unpacks to is what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repacked {
    /// The digest of its bytes.
    pub digest: Digest,
    /// Their number.
    pub size: u64,
    /// How they are compressed.
    pub packing: Packing,
}

/// Puts layers that were compressed anew in the place of those that were there.
///
/// `layers` are all of them in their order, with `None` for what stays as it is. Addresses,
/// annotations and data of a descriptor that is changed are lost, since they are of the old bytes.
pub fn with_layers(manifest: &Manifest, layers: &[Option<Repacked>]) -> Result<Converted, Refusal> {
    let image = manifest.image().ok_or(Refusal::NotAnImage)?;
    let to_oci = match manifest.format {
        Format::OciManifest => true,
        Format::DockerSchema2 => false,
        Format::OciArtifact
        | Format::OrasArtifact
        | Format::DockerSchema1
        | Format::DockerSchema1Signed
        | Format::DockerList
        | Format::OciIndex
        | Format::Unknown => return Err(Refusal::NotAnImage),
    };
    if let Some(artifact) = image.artifact() {
        return Err(Refusal::Artifact(Some(artifact.clone())));
    }
    let (mut bytes, mut lost) = (Vec::new(), Vec::new());
    let mut from = 0;
    for (index, (layer, repacked)) in image.layers.iter().zip(layers).enumerate() {
        let Some(repacked) = repacked else { continue };
        let unknown = || Refusal::LayerType(index, layer.media_type.clone());
        check_readable(layer.media_type.as_ref().ok_or_else(unknown)?, index)?;
        let (plain, gzip) = (LAYERS[0], descriptors::GZIP);
        let media_type = match (repacked.packing, to_oci) {
            (Packing::None, false) => plain.0,
            (Packing::None, true) => plain.1,
            (Packing::Gzip, false) => gzip.0,
            (Packing::Gzip, true) => gzip.1,
            (Packing::Zstd, false) => return Err(Refusal::Zstd(index)),
            (Packing::Zstd, true) => OCI_ZSTD,
        };
        let place = locate(&manifest.bytes, layer.pointer.as_str());
        let incomplete = || Refusal::Incomplete(layer.pointer.clone());
        let place = place.ok_or_else(incomplete)?;
        let written = Written {
            media_type: MediaType::new(media_type),
            digest: repacked.digest.to_string(),
            size: repacked.size,
            urls: vec![],
        };
        let mut json = Writer::new(Escapes::Html);
        written.write(&mut json, to_oci);
        bytes.extend_from_slice(
            manifest
                .bytes
                .get(from..place.start)
                .ok_or_else(incomplete)?,
        );
        bytes.extend(json.into_text().into_bytes());
        from = place.end;
        lost.extend(descriptors::lost_of(layer));
        if !layer.urls.is_empty() {
            lost.push(layer.pointer.child("urls"));
        }
    }
    bytes.extend_from_slice(manifest.bytes.get(from..).unwrap_or_default());
    Ok(Converted {
        manifest: bytes,
        media_type: manifest.format.media_type().ok_or(Refusal::NotAnImage)?,
        config: None,
        lost: lost.into_iter().map(descriptors::of_manifest).collect(),
        names_empty_layer: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::detect::DeclaredTypes;

    const MANIFEST: &str = r#"{ "schemaVersion": 2,
 "mediaType": "application/vnd.oci.image.manifest.v1+json",
 "config": {"mediaType":"application/vnd.oci.image.config.v1+json","size":2,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},
 "layers": [ LAYER , LAYER ],
 "annotations": {"a": "b"} }"#;
    const LAYER: &str = r#"{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":7,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","annotations":{"c":"d"}}"#;

    fn read(text: &str) -> Manifest {
        let read = Manifest::read(text.as_bytes().to_vec(), &DeclaredTypes::none());
        read.expect("an object").0
    }

    #[test]
    fn only_what_was_compressed_anew_is_written_anew() {
        let manifest = read(&MANIFEST.replace("LAYER", LAYER));
        let repacked = Repacked {
            digest: Digest::sha256(b"new"),
            size: 3,
            packing: Packing::Zstd,
        };
        let converted = with_layers(&manifest, &[None, Some(repacked.clone())]);
        let converted = converted.expect("an image");
        let new = format!(
            r#"{{"mediaType":"{OCI_ZSTD}","digest":"{}","size":3}}"#,
            repacked.digest
        );
        let expected = MANIFEST
            .replacen("LAYER", LAYER, 1)
            .replacen("LAYER", &new, 1);
        assert_eq!(String::from_utf8_lossy(&converted.manifest), expected);
        let lost: Vec<_> = converted
            .lost
            .iter()
            .map(|it| it.pointer.as_str())
            .collect();
        assert_eq!(lost, ["/layers/1/annotations"]);
    }

    #[test]
    fn docker_has_no_zstd_and_what_is_encrypted_stays() {
        let docker = MANIFEST.replace("LAYER", LAYER).replace(
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.v2+json",
        );
        let docker = docker.replace(
            "application/vnd.oci.image.config.v1+json",
            "application/vnd.docker.container.image.v1+json",
        );
        let repacked = |packing| {
            [Some(Repacked {
                digest: Digest::sha256(b""),
                size: 0,
                packing,
            })]
        };
        let zstd = with_layers(&read(&docker), &repacked(Packing::Zstd));
        assert_eq!(zstd.map(|_| ()), Err(Refusal::Zstd(0)));
        let layer = LAYER.replace("+gzip", "+gzip+encrypted");
        let encrypted = read(&MANIFEST.replace("LAYER", &layer));
        let encrypted = with_layers(&encrypted, &repacked(Packing::Gzip));
        assert_eq!(encrypted.map(|_| ()), Err(Refusal::Encrypted(0)));
    }
}
