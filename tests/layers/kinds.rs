//! What stands among the layers and is no file system is named by its type, before a byte is fetched.

use waybill_blobs::layer_kind::LayerKind;
use waybill_core::descriptor::Descriptor;
use waybill_core::media_type::MediaType;

#[test]
fn layers_are_named_for_what_they_are() {
    let oci = "application/vnd.oci.image.layer.v1.tar+gzip";
    let stream = "application/octet-stream";
    for (media_type, annotation, expected) in [
        (oci, "", LayerKind::FileSystem),
        (
            "application/vnd.docker.image.rootfs.diff.tar.zstd",
            "",
            LayerKind::FileSystem,
        ),
        (
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            "",
            LayerKind::Foreign,
        ),
        (
            "application/vnd.oci.image.layer.nondistributable.v1.tar",
            "",
            LayerKind::Foreign,
        ),
        (
            "application/vnd.oci.image.layer.v1.tar+encrypted",
            "",
            LayerKind::Encrypted,
        ),
        (
            "application/vnd.docker.image.rootfs.diff.tar.gzip+encrypted",
            "",
            LayerKind::Encrypted,
        ),
        (
            oci,
            "containerd.io/snapshot/nydus-bootstrap",
            LayerKind::NydusBootstrap,
        ),
        (
            oci,
            "containerd.io/snapshot/nydus-blob",
            LayerKind::NydusBlob,
        ),
        (
            "application/vnd.oci.image.layer.nydus.blob.v1",
            "",
            LayerKind::NydusBlob,
        ),
        (
            stream,
            "com.amazon.soci.image-layer-digest",
            LayerKind::SociTable,
        ),
        (
            "application/vnd.amazon.soci.index.v2+json",
            "",
            LayerKind::SociIndex,
        ),
        (
            "application/vnd.wasm.content.layer.v1+wasm",
            "",
            LayerKind::Wasm,
        ),
        ("application/wasm", "", LayerKind::Wasm),
        (
            "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
            "",
            LayerKind::HelmChart,
        ),
        ("application/vnd.in-toto+json", "", LayerKind::InToto),
        (
            "application/vnd.dsse.envelope.v1+json",
            "",
            LayerKind::InToto,
        ),
        (
            "application/vnd.dev.cosign.simplesigning.v1+json",
            "",
            LayerKind::Signature,
        ),
        ("application/vnd.oci.empty.v1+json", "", LayerKind::Empty),
        (
            "application/vnd.cyclonedx+json",
            "",
            LayerKind::Artifact("an SBOM"),
        ),
        (stream, "", LayerKind::Unknown),
    ] {
        let mut layer = Descriptor {
            media_type: Some(MediaType::new(media_type)),
            ..Descriptor::default()
        };
        layer.urls = vec!["https://example.com/layer".into()];
        if !annotation.is_empty() {
            layer.annotations.set(annotation, "true");
        }
        let kind = LayerKind::of(&layer);
        assert_eq!(kind, expected, "{media_type} {annotation}");
        let sentence = kind.to_string();
        assert!(sentence.ends_with('.') && sentence.len() > 20, "{sentence}");
        let is_file_system = matches!(kind, LayerKind::FileSystem | LayerKind::Foreign);
        assert_eq!(kind.is_file_system(), is_file_system);
        assert_eq!(sentence.contains("no address"), kind == LayerKind::Foreign);
    }
    assert_eq!(LayerKind::of(&Descriptor::default()), LayerKind::Unknown);
}
