//! The manifest that a docker archive does not have, as skopeo makes it.
//!
//! Source: containers/image `docker/internal/tarfile/src.go`, `GetManifest`: each layer under the
//! digest and size of what it unpacks to, and always typed as gzip.

use serde::Serialize;
use waybill_core::digest::Digest;

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";

/// Members in the order in which Go's encoder writes them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    schema_version: u8,
    media_type: &'a str,
    config: Descriptor<'a>,
    layers: Vec<Descriptor<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'a> {
    media_type: &'a str,
    size: u64,
    digest: &'a str,
}

/// The bytes of the manifest: of the config's digest and size, and of the layers' `diff_id`s and
/// unpacked sizes, base first.
///
/// `None` where no JSON comes of it, which does not happen.
pub(super) fn manifest(config: (&Digest, u64), layers: &[(&Digest, u64)]) -> Option<Vec<u8>> {
    let layers = layers.iter();
    let manifest = Manifest {
        schema_version: 2,
        media_type: MANIFEST,
        config: descriptor(CONFIG, config),
        layers: layers.map(|layer| descriptor(LAYER, *layer)).collect(),
    };
    serde_json::to_vec(&manifest).ok()
}

fn descriptor<'a>(media_type: &'static str, (digest, size): (&'a Digest, u64)) -> Descriptor<'a> {
    Descriptor {
        media_type,
        size,
        digest: digest.as_str(),
    }
}
