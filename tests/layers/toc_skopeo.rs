//! The zstd:chunked layers that skopeo writes, of which old ones are all over registries.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use waybill_core::digest::Digest;
use waybill_testkit::empty_folder;

use super::toc::{archive, compare, fetch, listed, peer, read_file, sample};

#[test]
fn skopeos_layers_are_read() {
    let Some(peer) = peer() else { return };
    let folder = empty_folder(env!("CARGO_TARGET_TMPDIR"), "toc-skopeo");
    let blobs = folder.join("from/blobs/sha256");
    std::fs::create_dir_all(&blobs).expect("a folder");
    let put = |bytes: &[u8]| {
        let digest = Digest::sha256(bytes);
        std::fs::write(blobs.join(digest.encoded()), bytes).expect("a file");
        digest
    };
    let archive = archive(peer);
    let layer = put(&archive);
    let config = format!(
        r#"{{"architecture":"amd64","os":"linux","rootfs":{{"type":"layers","diff_ids":["{layer}"]}}}}"#
    );
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{}","size":{}}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{layer}","size":{}}}]}}"#,
        put(config.as_bytes()),
        config.len(),
        archive.len()
    );
    let index = format!(
        r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":{},"annotations":{{"org.opencontainers.image.ref.name":"a"}}}}]}}"#,
        put(manifest.as_bytes()),
        manifest.len()
    );
    let from = folder.join("from");
    std::fs::write(from.join("index.json"), index).expect("a file");
    std::fs::write(from.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a file");
    let to = folder.join("to");
    let copied = Command::new("skopeo")
        .args(["copy", "-q", "--dest-compress-format", "zstd:chunked"])
        .arg(format!("oci:{}:a", from.display()))
        .arg(format!("oci:{}:a", to.display()))
        .status();
    if !copied.is_ok_and(|status| status.success()) {
        let _ = std::io::stderr().write_all(b"\n*** SKOPEO'S ZSTD:CHUNKED NOT TESTED.\n\n");
        return;
    }
    let json = |path: &Path| -> serde_json::Value {
        let bytes = std::fs::read(path).expect("a file");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    let blob = |descriptor: &serde_json::Value| {
        let digest = descriptor["digest"].as_str().expect("a digest");
        let name = digest.strip_prefix("sha256:").expect("sha256");
        to.join("blobs/sha256").join(name)
    };
    let index = json(&to.join("index.json"));
    let manifest = json(&blob(&index["manifests"][0]));
    let layer = &manifest["layers"][0];
    let annotations = serde_json::from_value(layer["annotations"].clone()).expect("annotations");
    let sample = sample(annotations, std::fs::read(blob(layer)).expect("a blob"));
    let (fetched, asked) = fetch(&sample);
    let fetched = fetched.expect("a table");
    assert_eq!(asked.len(), 1);
    assert_eq!(fetched.problems.list(), []);
    assert_eq!(fetched.table.check().list(), []);
    for index in 0..fetched.table.entries().len() {
        let entry = &fetched.table.entries()[index];
        let (read, content, _) = read_file(&fetched.table, index, &sample.blob, 5000);
        if entry.kind() == b'0' {
            assert!(read.is_ok(), "{}: {read:?}", entry.name());
            assert_eq!(content.len() as u64, entry.size());
        }
    }
    let by_listing = fetched.table.compare(&listed(&sample.blob));
    assert_eq!(by_listing.list(), []);
    let (problems, found) = compare(fetched.table, &sample.blob);
    assert_eq!(problems, []);
    assert_eq!(found.diff_id, Ok(Digest::sha256(&archive)));
}
