//! Inspections that came to something: examples, lists and images of a registry, each tab, and bytes that are no
//! manifest.

use waybill::inspection::Msg;
use waybill::inspection::reading::Msg as Read;
use waybill_core::digest::Digest;
use waybill_core::manifest::schema1::jws::{Checked, NotChecked};
use waybill_core::workflow::fetch::{Failure, Received};
use waybill_core::workflow::inspect::{self as workflow, ContentKey};
use waybill_core::workflow::layers::{self, Compression, Event, Found, Wanted};
use waybill_testkit::fixtures;

use super::Named;
use super::harness::{Harness, arrival, honest, missing, registry};

const AT: &str = "/inspect/registry.example/fixtures/lantern:2.4.1";
const INDEX: &str = "oci-index/lantern";
const IMAGE: &str = "oci-manifest/lantern-linux-arm64";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

pub(crate) const STATES: &[Named] = &[
    ("loading", || Harness::at(AT)),
    ("example-index", || Harness::at("/example/index")),
    ("example-list", || Harness::at("/example/list")),
    ("example-list-for-a-machine", || {
        Harness::at("/example/list?platform=linux/arm/v8")
    }),
    ("example-list-for-no-platform", || {
        Harness::at("/example/list?platform=vax/vms/1/2")
    }),
    ("example-image", || Harness::at("/example/image")),
    ("example-schema2", || Harness::at("/example/schema2")),
    ("example-schema1", || Harness::at("/example/schema1")),
    ("example-lying", || Harness::at("/example/lying")),
    ("example-image-commands", || {
        Harness::at("/example/image?tab=commands")
    }),
    ("example-schema1-json", || {
        Harness::at("/example/schema1?tab=json")
    }),
    ("example-schema1-config", || {
        Harness::at("/example/schema1?tab=config")
    }),
    ("example-lying-json", || {
        Harness::at("/example/lying?tab=json")
    }),
    ("example-index-image", || {
        let arm = "sha256:62aab93bb8a91707dfb5d46bf07a1bf4fcf2ceedf3a7c880256c68dc695d8d76";
        Harness::at(&format!("/example/index?at={arm}"))
    }),
    ("example-index-image-without-its-config", || {
        let riscv = "sha256:36971743c11026e1d675206bb5399ef86993bad60c45d704bb765da2e9d6b88c";
        Harness::at(&format!("/example/index?at={riscv}"))
    }),
    ("image", || Harness::at(AT).served(IMAGE)),
    ("image-share", || {
        let at = format!("{AT}@{}", fixtures::find(IMAGE).digest);
        shared(Harness::at(&at).served(IMAGE))
    }),
    ("index-share", || shared(Harness::at(AT).served(INDEX))),
    ("example-share", || shared(Harness::at("/example/lying"))),
    ("share-on-this-machine", || {
        let mut harness = Harness::at(AT).served(IMAGE);
        harness.origin.host = "127.0.0.1:8080".into();
        harness.origin.address = "http://127.0.0.1:8080/".into();
        shared(harness)
    }),
    ("image-json", || tab("json").served(IMAGE)),
    ("image-json-indented", || {
        let mut harness = tab("json");
        harness.inspection(Msg::Indent(true));
        harness.served("oci-manifest/greeter")
    }),
    ("image-json-found", || {
        let mut harness = tab("json").served("oci-manifest/greeter");
        read(&mut harness, Read::Find("SHA256:".into()));
        read(&mut harness, Read::Step(true));
        harness
    }),
    ("image-json-found-across-pieces", || {
        let mut harness = tab("json").served("oci-manifest/greeter");
        harness.inspection(Msg::Indent(true));
        read(&mut harness, Read::Find("\"size\": ".into()));
        harness
    }),
    ("image-json-not-found", || {
        let mut harness = tab("json").served(IMAGE);
        read(&mut harness, Read::Find("no such words".into()));
        harness
    }),
    ("image-config-folded", || {
        let mut harness = tab("config").served(IMAGE);
        harness.inspection(Msg::Indent(true));
        read(&mut harness, Read::FoldAll(true));
        harness
    }),
    ("image-config", || tab("config").served(IMAGE)),
    ("image-layers", || tab("layers").served(IMAGE)),
    ("image-layer-pointed-at", || {
        let mut harness = tab("layers");
        harness.inspection(Msg::LayerHovered(Some(1)));
        harness.served(IMAGE)
    }),
    ("image-layers-being-read", || {
        Harness::at(AT)
            .served(IMAGE)
            .check_layers()
            .layers_came(100_000)
    }),
    ("image-layers-paused", || {
        let harness = Harness::at(AT).served(IMAGE).check_layers();
        harness
            .layers_came(100_000)
            .layers(layers::Msg::Pause(layers::Which::All))
    }),
    ("image-layers-verified", || {
        let read = |_, wanted: &Wanted| Some(come(found(wanted)));
        Harness::at(AT)
            .served(IMAGE)
            .check_layers()
            .read_layers(read)
    }),
    ("image-layers-verified-tab", || {
        let read = |_, wanted: &Wanted| Some(come(found(wanted)));
        tab("layers").served(IMAGE).check_layers().read_layers(read)
    }),
    ("image-layers-of-all-kinds", || {
        Harness::at(AT)
            .served(IMAGE)
            .check_layers()
            .layers_came(100_000)
            .read_layers(|number, wanted| Some(all_kinds(number, wanted)))
    }),
    // No worker told what the layers show together, so that is left unchecked.
    ("image-validated", || {
        let read = |_, wanted: &Wanted| Some(come(found(wanted)));
        Harness::at(AT).served(IMAGE).validate().read_layers(read)
    }),
    ("image-validated-with-faults", || {
        Harness::at(AT)
            .served(IMAGE)
            .validate()
            .read_layers(|number, wanted| Some(all_kinds(number, wanted)))
    }),
    ("image-being-validated", || {
        Harness::at(AT)
            .served(IMAGE)
            .validate()
            .layers_came(100_000)
    }),
    ("index-layers-to-choose", || {
        Harness::at(AT).served(INDEX).check_layers()
    }),
    ("image-commands", || tab("commands").served(IMAGE)),
    ("image-config-on-its-way", || {
        Harness::at(AT).answer(|key| (*key == ContentKey::Root).then(|| registry(IMAGE, key)))
    }),
    ("image-config-is-another", || {
        Harness::at(AT).answer(|key| Some(registry(IMAGE, key).map(other_config(key))))
    }),
    ("image-of-an-index", || child(0).served(INDEX)),
    ("attestation-of-an-index", || child(5).served(INDEX)),
    ("artifact", || {
        Harness::at(AT).served("oci-manifest/artifact")
    }),
    ("artifact-with-subject", || {
        Harness::at(AT).served("oci-manifest/sbom")
    }),
    ("schema1-signed", || {
        Harness::at(AT).served("docker-schema1-signed/converted")
    }),
    ("schema1-unsigned", || {
        Harness::at(AT).served("docker-schema1/lantern-unsigned")
    }),
    ("schema1-changed", || {
        signed_file(|text| text.replacen("2.4.1", "2.4.2", 1))
    }),
    ("schema1-injected", || {
        signed_file(|text| {
            format!(
                "{},\"author\":\"somebody else\"}}",
                text.trim_end().strip_suffix('}').expect("an object")
            )
        })
    }),
    ("schema1-unreadable-signature", || {
        signed_file(|text| text.replacen("\"ES256\"", "\"ES384\"", 1))
    }),
    ("schema1-insecure-page", || {
        let mut harness = Harness::at("/example/schema1");
        let root = harness
            .inspected()
            .and_then(|inspection| inspection.model.root()?.done());
        let signed = root
            .and_then(|node| node.signed())
            .cloned()
            .expect("a signed manifest");
        let results = vec![Checked::NotChecked(NotChecked::InsecurePage)];
        harness.inspection(Msg::Workflow(workflow::Msg::SignaturesChecked {
            key: ContentKey::Root,
            signed,
            results,
        }));
        harness
    }),
    ("index", || Harness::at(AT).served(INDEX)),
    ("index-by-digest", || {
        Harness::at(&format!(
            "/inspect/registry.example/fixtures/lantern:2.4.1@{}",
            fixtures::find(INDEX).digest
        ))
        .served(INDEX)
    }),
    ("index-json", || tab("json").served(INDEX)),
    ("index-json-folded", || {
        let mut harness = tab("json").served(INDEX);
        harness.inspection(Msg::Indent(true));
        read(&mut harness, Read::FoldAll(true));
        harness
    }),
    ("index-json-found-in-a-fold", || {
        let mut harness = tab("json").served(INDEX);
        harness.inspection(Msg::Indent(true));
        read(&mut harness, Read::FoldAll(true));
        read(&mut harness, Read::Find("riscv64".into()));
        harness
    }),
    ("json-of-one-long-line-found", || {
        let members = format!(
            r#""a":"{}","b":{{"c":"found here"}},"d":"{}""#,
            "x".repeat(30_000),
            "y".repeat(30_000)
        );
        let mut harness = of_members_at(&format!("{AT}?tab=json"), &members, OCI_MANIFEST);
        read(&mut harness, Read::Find("FOUND HERE".into()));
        harness
    }),
    ("html-page-found", || {
        let page = "<!doctype html>\n<script>{\n[\n\n]\n}</script>\n";
        let mut harness = tab("json").answer(|_| Some(Ok(honest(page, "text/html"))));
        read(&mut harness, Read::Find("script".into()));
        harness
    }),
    ("index-commands", || tab("commands").served(INDEX)),
    ("index-half-loaded", || {
        Harness::at(AT).answer(|key| half(key).then(|| registry(INDEX, key)))
    }),
    ("index-cancelled", || {
        let mut harness = Harness::at(AT).answer(|key| half(key).then(|| registry(INDEX, key)));
        harness.inspection(Msg::Workflow(workflow::Msg::Cancel));
        harness
    }),
    ("index-with-a-wrong-child", || {
        let wrong = |key: &ContentKey| {
            if *key == ContentKey::Child(entry(1)) {
                ContentKey::Child(entry(2))
            } else {
                key.clone()
            }
        };
        Harness::at(AT).answer(|key| Some(registry(INDEX, &wrong(key))))
    }),
    ("index-with-a-wrong-config", || {
        Harness::at(AT).answer(|key| Some(registry(INDEX, key).map(other_config(key))))
    }),
    ("image-of-an-index-in-an-index", || {
        Harness::at(&format!(
            "{AT}?at={},{}",
            fixtures::find(INDEX).digest,
            entry(0)
        ))
        .served("oci-index/nested")
    }),
    ("index-without-platforms", || {
        Harness::at(AT).served("oci-index/nested")
    }),
    ("index-of-windows", || {
        Harness::at(AT).served("oci-index/windows")
    }),
    ("index-with-a-wrong-size", || {
        Harness::at(AT).served("oci-index/wrong-size")
    }),
    ("index-empty", || Harness::at(AT).served("oci-index/empty")),
    ("list", || {
        Harness::at(AT).served("docker-list/lantern-list")
    }),
    ("list-with-a-missing-child", || {
        Harness::at(AT).answer(|key| Some(registry_without_one(key)))
    }),
    ("lying-header", || {
        let lie = Digest::sha256(b"something else").to_string();
        let fixture = fixtures::find("oci-index/empty");
        Harness::at(AT).answer(|_| Some(Ok(arrival(&fixture.bytes, OCI_INDEX, Some(&lie)))))
    }),
    ("no-header", || {
        let fixture = fixtures::find("oci-index/empty");
        Harness::at(AT).answer(|_| Some(Ok(arrival(&fixture.bytes, OCI_INDEX, None))))
    }),
    ("other-bytes-for-a-digest", || {
        let fixture = fixtures::find("oci-index/empty");
        let asked = fixtures::find(INDEX).digest.as_str();
        let harness = Harness::at(&format!(
            "/inspect/registry.example/fixtures/lantern@{asked}"
        ));
        harness.answer(|_| Some(Ok(arrival(&fixture.bytes, OCI_INDEX, Some(asked)))))
    }),
    ("content-type-differs", || {
        let fixture = fixtures::find("oci-index/empty");
        Harness::at(AT).answer(|_| {
            Some(Ok(arrival(
                &fixture.bytes,
                OCI_MANIFEST,
                Some(&fixture.digest),
            )))
        })
    }),
    ("not-json", || {
        Harness::at(AT).answer(|_| Some(Ok(honest("\u{1f}not JSON", OCI_MANIFEST))))
    }),
    ("html-page", || {
        let page = "<!doctype html>\n<title>Log in</title>\n<form action=\"/login\"></form>\n";
        Harness::at(AT).answer(|_| Some(Ok(honest(page, "text/html; charset=utf-8"))))
    }),
    ("unknown-format", || {
        Harness::at(AT).answer(|_| {
            Some(Ok(honest(
                r#"{"name":"app","version":3}"#,
                "application/json",
            )))
        })
    }),
    ("withdrawn-format", || {
        let json = r#"{"mediaType":"application/vnd.oci.artifact.manifest.v1+json","artifactType":"text/x-menu","blobs":[]}"#;
        Harness::at(AT).answer(|_| {
            Some(Ok(honest(
                json,
                "application/vnd.oci.artifact.manifest.v1+json",
            )))
        })
    }),
    ("ambiguous-index", || {
        of_members(r#""manifests":[],"layers":[]"#, OCI_INDEX)
    }),
    ("ambiguous-image", || {
        of_members(r#""layers":[],"Manifests":[]"#, OCI_MANIFEST)
    }),
    ("ambiguous-unknown", || {
        Harness::at(AT).answer(|_| {
            Some(Ok(honest(
                r#"{"layers":[],"manifests":[]}"#,
                "application/json",
            )))
        })
    }),
    ("opened-file", || {
        Harness::opened(
            "manifest.json",
            &fixtures::find("oci-manifest/greeter").bytes,
            true,
        )
    }),
    ("opened-text", || {
        Harness::opened(
            "The pasted text",
            &fixtures::find("oci-manifest/embedded-data").bytes,
            false,
        )
    }),
    ("opened-text-that-is-cut-off", || {
        Harness::opened(
            "The pasted text",
            b"{\"schemaVersion\":2,\n \"layers\": [",
            false,
        )
    }),
];

/// A signed manifest that was changed and then opened.
fn signed_file(change: impl Fn(&str) -> String) -> Harness {
    let fixture = fixtures::find("docker-schema1-signed/lantern-signed");
    let text = std::str::from_utf8(&fixture.bytes).expect("text");
    Harness::opened("manifest.json", change(text).as_bytes(), true)
}

/// Seeks or folds in the content that is drawn.
fn read(harness: &mut Harness, msg: Read) {
    harness.inspection(Msg::Reading(msg));
}

/// Presses Share.
fn shared(mut harness: Harness) -> Harness {
    harness.inspection(Msg::Share);
    harness
}

fn tab(name: &str) -> Harness {
    Harness::at(&format!("{AT}?tab={name}"))
}

/// The digest of an entry of the index.
fn entry(index: usize) -> Digest {
    let whole: serde_json::Value =
        serde_json::from_slice(&fixtures::find(INDEX).bytes).expect("JSON");
    whole["manifests"][index]["digest"]
        .as_str()
        .expect("a text")
        .parse()
        .expect("a digest")
}

fn child(index: usize) -> Harness {
    Harness::at(&format!("{AT}?at={}", entry(index)))
}

/// What has come when the others are still on their way.
fn half(key: &ContentKey) -> bool {
    match key {
        ContentKey::Root => true,
        ContentKey::Child(digest) => *digest == entry(0) || *digest == entry(5),
        ContentKey::Config(_) => false,
    }
}

/// One entry of this list was deleted from the registry.
fn registry_without_one(key: &ContentKey) -> Result<Received, Failure> {
    let list = "docker-list/missing-child";
    match key {
        ContentKey::Child(digest) if fixtures::find(list).missing.contains(&digest.to_string()) => {
            Err(missing(digest))
        }
        _ => registry(list, key),
    }
}

/// Another blob in place of the config.
fn other_config(key: &ContentKey) -> impl FnOnce(Received) -> Received {
    let is_config = matches!(key, ContentKey::Config(_));
    move |arrival| {
        if is_config {
            Received {
                bytes: (*b"{\"os\":\"linux\"}").into(),
                ..arrival
            }
        } else {
            arrival
        }
    }
}

fn of_members(members: &str, media_type: &str) -> Harness {
    of_members_at(AT, members, media_type)
}

fn of_members_at(address: &str, members: &str, media_type: &str) -> Harness {
    let json = format!(r#"{{"schemaVersion":2,"mediaType":"{media_type}",{members}}}"#);
    Harness::at(address).answer(|_| Some(Ok(honest(&json, media_type))))
}

/// What a layer is found to be that is the one that was named; what it unpacks to is another matter, since the fixtures
/// name diff IDs of nothing.
fn found(wanted: &Wanted) -> Found {
    let size = wanted.size.expect("a size");
    Found {
        digest: wanted.digest.clone(),
        size,
        compression: Compression::Gzip,
        diff_id: Ok(diff_id(&wanted.digest)),
        unpacked: 3 * size,
        trailing: 0,
        archive: Ok(()),
    }
}

/// The diff ID that the fixture's config names for a layer.
fn diff_id(digest: &Digest) -> Digest {
    let plan = Harness::at(AT).served(IMAGE);
    let plan = layers::Plan::of(&plan.inspected().expect("an image").model);
    let all = &plan.images[0].layers;
    let layer = all
        .iter()
        .find(|layer| layer.digest.as_ref() == Some(digest));
    layer.expect("it is there").diff_id.clone().expect("named")
}

fn come(found: Found) -> Event {
    Event::Done(Box::new(found))
}

/// The first is another, the second was cut, the third asks, the rest are right.
fn all_kinds(number: usize, wanted: &Wanted) -> Event {
    let right = found(wanted);
    match number {
        0 => come(Found {
            digest: Digest::sha256(b"another"),
            trailing: 8,
            ..right
        }),
        1 => Event::Failed {
            failure: Box::new(layers::Failure::Broken),
            kept: true,
        },
        2 => Event::Asks(layers::Limit::Ratio),
        _ => come(right),
    }
}
