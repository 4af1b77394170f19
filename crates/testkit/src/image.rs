//! An image made by hand: a config, and layers of a few blocks; and skopeo, which reads and writes it.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::{Digest, MediaType};

/// A layer: an archive without entries, by gzip.
pub struct Layer {
    /// As it is stored.
    pub stored: Vec<u8>,
    /// What it unpacks to.
    pub unpacked: Vec<u8>,
    /// The digest of that.
    pub diff_id: Digest,
}

/// The manifest of Docker schema 2 or OCI, its config and its layers.
pub struct Image {
    /// The manifest.
    pub manifest: Vec<u8>,
    /// The config that it names.
    pub config: Vec<u8>,
    /// The layers that it names, base first.
    pub layers: Vec<Layer>,
}

/// A layer of its own for each number: `number` blocks more than an empty archive has. gzip stores them as they are, so
/// that no compressor is needed.
pub fn layer(number: usize) -> Layer {
    let unpacked = vec![0_u8; 1024 + 512 * number];
    let mut stored = b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec();
    let length = u16::try_from(unpacked.len()).expect("small");
    stored.push(1);
    stored.extend(length.to_le_bytes());
    stored.extend((!length).to_le_bytes());
    stored.extend(&unpacked);
    stored.extend(crc_of_zeros(unpacked.len()).to_le_bytes());
    stored.extend(u32::from(length).to_le_bytes());
    Layer {
        stored,
        diff_id: Digest::sha256(&unpacked),
        unpacked,
    }
}

/// CRC-32 of that many zeros, bit by bit. Source: RFC 1952, section 8.
fn crc_of_zeros(length: usize) -> u32 {
    let mut crc = u32::MAX;
    for _ in 0..length * 8 {
        crc = if crc & 1 == 1 {
            (crc >> 1) ^ 0xedb8_8320
        } else {
            crc >> 1
        };
    }
    !crc
}

impl Image {
    /// An image with this config; `diffIds` in it stands for those of the layers.
    pub fn new(is_oci: bool, config: &str, layers: usize) -> Self {
        let layers: Vec<Layer> = (0..layers).map(layer).collect();
        let ids: Vec<String> = layers
            .iter()
            .map(|layer| format!("\"{}\"", layer.diff_id))
            .collect();
        let config = config
            .replace("diffIds", &format!("[{}]", ids.join(",")))
            .into_bytes();
        let (own, of_config, of_layer) = if is_oci {
            (
                MediaType::OCI_MANIFEST,
                MediaType::OCI_CONFIG,
                "application/vnd.oci.image.layer.v1.tar+gzip",
            )
        } else {
            (
                MediaType::DOCKER_SCHEMA2,
                MediaType::DOCKER_CONFIG,
                "application/vnd.docker.image.rootfs.diff.tar.gzip",
            )
        };
        let descriptor = |media_type: &str, bytes: &[u8]| {
            format!(
                r#"{{"mediaType":"{media_type}","size":{},"digest":"{}"}}"#,
                bytes.len(),
                Digest::sha256(bytes)
            )
        };
        let of_layers: Vec<String> = layers
            .iter()
            .map(|layer| descriptor(of_layer, &layer.stored))
            .collect();
        let manifest = format!(
            "{{\n \"schemaVersion\": 2,\n \"mediaType\": \"{own}\",\n \"config\": {},\n \"layers\": [{}]\n}}",
            descriptor(of_config.as_str(), &config),
            of_layers.join(", ")
        );
        Self {
            manifest: manifest.into_bytes(),
            config,
            layers,
        }
    }

    /// The manifest, read.
    pub fn read(&self) -> Manifest {
        read(&self.manifest)
    }

    /// Writes the image as `dir:` of skopeo.
    pub fn write(&self, folder: &Path) {
        std::fs::create_dir_all(folder).expect("a folder");
        let put =
            |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).expect("a file");
        put("version", b"Directory Transport Version: 1.1\n");
        put("manifest.json", &self.manifest);
        put(Digest::sha256(&self.config).encoded(), &self.config);
        for layer in &self.layers {
            put(Digest::sha256(&layer.stored).encoded(), &layer.stored);
        }
    }
}

/// Reads a manifest of which nobody said anything.
pub fn read(bytes: &[u8]) -> Manifest {
    Manifest::read(bytes, &DeclaredTypes::none())
        .expect("JSON")
        .0
}

/// Whether a program is there; said aloud where it is not, since a test then shows nothing.
pub fn has(program: &str) -> bool {
    let is_there = Command::new(program).arg("--version").output().is_ok();
    if !is_there {
        let text = format!("\n*** NOT COMPARED: NO {program}.\n\n");
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
    is_there
}

/// `skopeo copy` with these arguments; what it said where it would not.
pub fn skopeo_copy(arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("skopeo")
        .args(["--insecure-policy", "copy", "-q"])
        .args(arguments)
        .output()
        .expect("skopeo runs");
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}
