//! What people have at hand and is no manifest: named for what it is, with a way to go on.

use waybill_core::digest::Digest;
use waybill_core::json::{self, Reason};
use waybill_core::recognize::{Kind, Next, Recognized, holds_credentials, recognize};
use waybill_core::registry::transport::Via;
use waybill_core::view::{Status, Summary};
use waybill_core::workflow::compose;
use waybill_core::workflow::fetch::{Generation, Received};
use waybill_core::workflow::inspect::{
    ContentKey, Effect, InspectTarget, Model, Msg, explain, update,
};
use waybill_testkit::reader::read;

use super::file;

const HEX: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
const CONFIG: &str =
    r#"{"architecture":"arm64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#;
const INDEX: &str =
    r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;

fn known(text: impl AsRef<[u8]>) -> Recognized {
    let text = text.as_ref();
    recognize(text).unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(text)))
}

/// The reference to go on with, and the contents.
fn ways(known: &Recognized) -> (Option<String>, Vec<(String, Vec<u8>)>) {
    let (mut reference, mut inside) = (None, Vec::new());
    for next in &known.next {
        match next {
            Next::Reference(found) => reference = Some(found.familiar()),
            Next::Contents { contents, .. } => inside.clone_from(contents),
        }
    }
    (reference, inside)
}

fn reference(text: &str) -> Option<String> {
    ways(&known(text)).0
}

/// What an inspection says of bytes: by itself, and once they are recognised.
fn inspected(bytes: &[u8], expected: Option<Digest>) -> (Model, Summary, Summary) {
    let name = "it".to_owned();
    let target = InspectTarget::Bundle { name, expected };
    let (mut model, _) = Model::open(target, Vec::new(), Generation(1));
    let msg = Msg::Received {
        generation: Generation(1),
        key: ContentKey::Root,
        result: Ok(Received::local(bytes.into())),
    };
    let wanted = update(&mut model, msg);
    let alone = model.summary();
    for effect in wanted {
        if let Effect::Explain {
            key,
            bytes,
            expected: None,
        } = effect
            && let Some(told) = explain(key, &bytes, None)
        {
            update(&mut model, told);
        }
    }
    let summary = model.summary();
    (model, alone, summary)
}

#[test]
fn every_row_of_the_folder_is_named_and_leads_on() {
    let Some(error) = file("38-error-body.json") else {
        return;
    };
    let (_, _, summary) = inspected(&error, None);
    assert_eq!(
        summary.title,
        "it is a registry's error answer: MANIFEST_UNKNOWN, manifest unknown"
    );
    assert_eq!(
        (summary.stamp.status, &*summary.stamp.text),
        (Status::Failed, "No manifest")
    );

    let saved = file("39-docker-save-manifest.json").expect("the folder is there");
    let found = known(&saved);
    assert_eq!(
        (found.kind, &*found.name),
        (Kind::SaveManifest, "docker save's own list of files")
    );
    assert_eq!(ways(&found).0.as_deref(), Some("registry.example/app:1"));
    let (_, alone, _) = inspected(&saved, None);
    assert_eq!(alone.title, "it is an array, not a manifest");

    let verbose = known(file("39b-manifest-inspect-verbose.json").expect("the folder is there"));
    assert_eq!(verbose.kind, Kind::ManifestInspect);
    let Next::Contents { contents, expected } = &verbose.next[0] else {
        panic!("{:?}", verbose.next)
    };
    assert_eq!(contents[0].1, b"{}");
    assert!(
        expected
            .as_ref()
            .is_some_and(|it| it.encoded().starts_with("4c94485e"))
    );
    assert!(
        ways(&verbose)
            .0
            .is_some_and(|it| it.starts_with("registry.example/app:1@sha256:4c94"))
    );

    let config = file("53-config-alone.json").expect("the folder is there");
    let (model, _, summary) = inspected(&config, Some(Digest::sha256(&config)));
    assert_eq!(summary.title, "it is an image config for linux/amd64");
    assert_eq!(summary.stamp.status, Status::Verified);
    assert!(model.findings().is_empty());

    let tar = file("54-layout.tar").expect("the folder is there");
    let (model, alone, summary) = inspected(&tar, None);
    assert_eq!(alone.title, "it is a tar archive, not a manifest");
    assert_eq!(summary.title, "it is a tar archive");
    assert!(model.findings().is_empty());
}

#[test]
fn an_archive_is_named_by_its_first_bytes_and_never_by_what_json_says_of_it() {
    let mut ustar = vec![0; 512];
    ustar[..4].copy_from_slice(b"{a}/");
    ustar[257..263].copy_from_slice(b"ustar\0");
    let mut gnu = ustar.clone();
    gnu[257..265].copy_from_slice(b"ustar  \0");
    let files: [(&[u8], &str); 11] = [
        (&ustar, "a tar archive"),
        (&gnu, "a tar archive"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "a gzip file"),
        (b"\x28\xb5\x2f\xfd\x04\x00", "a zstd file"),
        (b"\x50\x2a\x4d\x18\x04\0\0\0", "a zstd file"),
        (b"PK\x03\x04\x14\0", "a zip archive"),
        (b"PK\x05\x06\0\0", "an empty zip archive"),
        (b"\xfd7zXZ\0\0\x04", "an xz file"),
        (b"BZh91AY&SY\x01", "a bzip2 file"),
        (b"\x7fELF\x02\x01", "an ELF program"),
        (b"\0asm\x01\0\0\0", "a WebAssembly module"),
    ];
    for (bytes, what) in files {
        let found = known(bytes);
        assert_eq!((found.kind, &*found.name), (Kind::Archive, what));
        let error = json::read(bytes).expect_err("it is no JSON");
        assert_eq!(error.reason, Reason::Archive { what });
        assert!(!error.to_string().contains("belongs here"), "{error}");
    }
    // Text that says ustar where a header would is text.
    let text = format!("{{\"a\":\"{}ustar\"}}", " ".repeat(251));
    assert_eq!(text.find("ustar"), Some(257));
    assert!(json::read(text.as_bytes()).is_ok());
    assert_eq!(
        recognize(b"BZhello, world").map(|known| known.kind),
        Some(Kind::Text)
    );
    assert_eq!(
        recognize(b"PKCS stands for").map(|known| known.kind),
        Some(Kind::Text)
    );
    assert_eq!(known(b"\x89PNG\r\n\x1a\n\0\0").kind, Kind::Binary);
}

#[test]
fn an_image_config_alone_is_one_whatever_it_leaves_out_and_has_the_findings_of_one() {
    let windows = r#"{"os":"windows","os.version":"10.0.20348.1","architecture":"amd64","config":{"Cmd":["cmd"]},"rootfs":{"type":"layers","diff_ids":[]}}"#;
    let no_os = r#"{"architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}"#;
    let old = r#"{"id":"a","architecture":"amd64","os":"linux","container_config":{}}"#;
    let docker = CONFIG.replacen('{', "{\n   \"history\": [], ", 1);
    for (text, name, findings) in [
        (CONFIG, "an image config for linux/arm64", 0),
        (
            windows,
            "an image config for windows(10.0.20348.1)/amd64",
            0,
        ),
        (&docker, "an image config for linux/arm64", 0),
        (no_os, "an image config", 1),
        (old, "an image config for linux/amd64", 1),
    ] {
        let (model, _, summary) = inspected(text.as_bytes(), None);
        assert_eq!(summary.title, format!("it is {name}"));
        assert_eq!(
            model.findings().len(),
            findings,
            "{text}: {:?}",
            model.findings()
        );
    }
    // What `docker manifest inspect` writes without --verbose is the manifest, indented: no exact bytes.
    let indented = INDEX.replace(',', ",\n   ");
    assert_eq!(recognize(indented.as_bytes()), None);
    // What is only a platform, or a manifest with a config, is none.
    for text in [
        r#"{"os":"linux","architecture":"amd64"}"#,
        INDEX,
        "{}",
        r#"{"config":{}}"#,
    ] {
        assert_eq!(recognize(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn the_headless_reader_names_it_and_a_configs_findings_are_its_findings() {
    let ran = read(&["-"], CONFIG.as_bytes());
    assert_eq!(
        (ran.lines[0]["format"].as_str(), ran.status),
        (Some("image config"), 0)
    );
    let digest = Digest::sha256(CONFIG.as_bytes()).to_string();
    let ran = read(&["-", "--expect", &digest], CONFIG.as_bytes());
    assert_eq!(
        (ran.lines[0]["verdict"].as_str(), ran.status),
        (Some("verified"), 0)
    );
    let broken = CONFIG.replace("\"os\":\"linux\",", "");
    let ran = read(&["-"], broken.as_bytes());
    let findings = &ran.lines[0]["findings"];
    assert_eq!(
        findings[0]["code"].as_str(),
        Some("config-missing"),
        "{findings}"
    );
    assert_eq!(findings.as_array().map(Vec::len), Some(1));
    let saved = br#"[{"Config":"a","RepoTags":null,"Layers":[]}]"#;
    for (bytes, format, status) in [
        (&b"\x1f\x8b\x08"[..], Some("archive"), 2),
        (
            br#"{"imageLayoutVersion":"1.0.0"}"#,
            Some("OCI layout file"),
            1,
        ),
        (saved, Some("docker save manifest.json"), 2),
        // Of text the place of the fault says more.
        (b"// a\n{}", None, 2),
    ] {
        let ran = read(&["-"], bytes);
        assert_eq!(ran.lines[0]["format"].as_str(), format, "{}", ran.output);
        assert_eq!(ran.status, status, "{}", ran.output);
    }
}

#[test]
fn what_docker_save_and_layouts_hold_beside_manifests_is_told_apart() {
    let saved = format!(
        r#"[{{"Config":"{HEX}.json","RepoTags":["nginx:1"],"Layers":["a/layer.tar"]}},{{"Config":"b.json","RepoTags":null,"Layers":[]}}]"#
    );
    assert_eq!(known(&saved).kind, Kind::SaveManifest);
    assert_eq!(reference(&saved).as_deref(), Some("nginx:1"));
    let untagged = r#"[{"Config":"b.json","RepoTags":null,"Layers":[]}]"#;
    assert_eq!(
        (known(untagged).kind, reference(untagged)),
        (Kind::SaveManifest, None)
    );
    let podman = r#"[{"Config":"blobs/sha256/aa","RepoTags":[],"Layers":[],"LayerSources":{}}]"#;
    assert_eq!(known(podman).kind, Kind::SaveManifest);
    let tags =
        format!(r#"{{"registry.example:5000/a":{{"1":"{HEX}","2":"{HEX}"}},"b":{{"x":"{HEX}"}}}}"#);
    assert_eq!(known(&tags).kind, Kind::SaveRepositories);
    assert_eq!(
        reference(&tags).as_deref(),
        Some("registry.example:5000/a:1")
    );
    assert_eq!(
        recognize(format!(r#"{{"a":{{"1":"{}"}}}}"#, HEX.replace('a', "")).as_bytes()),
        None
    );
    assert_eq!(recognize(br#"{"a":{}}"#), None);
    for layout in [
        r#"{"imageLayoutVersion":"1.0.0"}"#,
        "{\n  \"imageLayoutVersion\": \"1.1.0\"\n}\n",
        r#"{"comment":"ours","imageLayoutVersion":"1.0.0"}"#,
    ] {
        assert_eq!(known(layout).kind, Kind::LayoutFile);
    }
}

#[test]
fn the_output_of_tools_leads_to_the_image_that_it_is_of() {
    let digest = format!("sha256:{HEX}");
    let at = |name: &str| Some(format!("{name}@{digest}"));
    let skopeo = format!(
        r#"{{"Name":"docker.io/library/alpine","Digest":"{digest}","RepoTags":["3"],"Created":"2024-01-01T00:00:00Z","DockerVersion":"","Labels":null,"Architecture":"amd64","Os":"linux","Layers":["{digest}"],"Env":[]}}"#
    );
    assert_eq!(
        (known(&skopeo).kind, reference(&skopeo)),
        (Kind::SkopeoInspect, at("alpine"))
    );
    // Of a file it has no name, and there is nowhere to go.
    let local = skopeo
        .replace("docker.io/library/alpine", "")
        .replace("\"RepoTags\":[\"3\"],", "");
    assert_eq!(
        (known(&local).kind, reference(&local)),
        (Kind::SkopeoInspect, None)
    );
    let docker = format!(
        r#"[{{"Id":"{digest}","RepoTags":["a:1"],"RepoDigests":["registry.example/a@{digest}"],"Config":{{"Env":["A=b"]}},"Architecture":"amd64","Os":"linux","RootFS":{{"Type":"layers","Layers":[]}}}}]"#
    );
    assert_eq!(
        (known(&docker).kind, reference(&docker)),
        (Kind::DockerInspect, at("registry.example/a"))
    );
    let one = docker.trim_matches(['[', ']']);
    assert_eq!(
        (known(one).kind, reference(one)),
        (Kind::DockerInspect, at("registry.example/a"))
    );
    let built = docker.replace(&format!("\"registry.example/a@{digest}\""), "");
    assert_eq!(reference(&built).as_deref(), Some("a:1"));
    let podman = docker.replace(
        "\"RepoTags\"",
        &format!("\"Digest\":\"{digest}\",\"RepoTags\""),
    );
    assert_eq!(
        (known(&podman).kind, reference(&podman)),
        (Kind::PodmanInspect, at("registry.example/a"))
    );
    let container = r#"[{"Id":"1","State":{"Status":"running"},"Image":"sha256:aa","Config":{"Image":"registry.example/a:2"}}]"#;
    assert_eq!(
        reference(container).as_deref(),
        Some("registry.example/a:2")
    );
    let crictl = format!(
        r#"{{"status":{{"id":"{digest}","repoTags":[],"repoDigests":["registry.example/a@{digest}"]}},"info":{{}}}}"#
    );
    assert_eq!(reference(&crictl), at("registry.example/a"));
    let imagetools = format!(
        "Name:      registry.example/a:1\nMediaType: application/vnd.oci.image.index.v1+json\nDigest:    {digest}\n           \nManifests: \n  Name:      registry.example/a:1@sha256:00\n"
    );
    assert_eq!(known(&imagetools).kind, Kind::ImagetoolsInspect);
    assert_eq!(reference(&imagetools), at("registry.example/a:1"));
    let windows = imagetools.replace('\n', "\r\n");
    assert_eq!(reference(&windows), at("registry.example/a:1"));
    let as_json = format!(
        r#"{{"name":"registry.example/a:1","manifest":{{"schemaVersion":2,"digest":"{digest}","size":2}}}}"#
    );
    assert_eq!(reference(&as_json), at("registry.example/a:1"));
    let tags = r#"{"Repository":"registry.example/a","Tags":["1","2"]}"#;
    assert_eq!(
        (known(tags).name.as_str(), reference(tags)),
        ("a list of 2 tags", Some("registry.example/a".into()))
    );
    assert_eq!(known(r#"{"name":"a/b","tags":[]}"#).kind, Kind::TagList);
}

#[test]
fn the_exact_bytes_inside_of_an_output_are_what_to_go_on_with() {
    // `echo '{}' | base64` and the like: the same bytes, whatever carries them.
    let raw = "eyJzY2hlbWFWZXJzaW9uIjoyfQ==";
    let one = format!(
        r#"{{"Ref":"registry.example/a:1@sha256:{HEX}","Descriptor":{{"mediaType":"x","digest":"sha256:{HEX}","size":2,"platform":{{"architecture":"amd64","os":"linux"}}}},"Raw":"{raw}","OCIManifest":{{}}}}"#
    );
    let inside = br#"{"schemaVersion":2}"#.to_vec();
    assert_eq!(ways(&known(&one)).1[0].1, inside);
    let two = known(format!("[{one},{one}]"));
    assert_eq!((two.kind, ways(&two).1.len()), (Kind::ManifestInspect, 2));
    assert!(matches!(
        &two.next[0],
        Next::Contents { expected: None, .. }
    ));
    let parsed = one.replace(&format!("\"Raw\":\"{raw}\","), "");
    assert_eq!(
        ways(&known(&parsed)),
        (
            Some(format!("registry.example/a:1@sha256:{HEX}")),
            Vec::new()
        )
    );
    let envelope = format!(
        r#"{{"payloadType":"application/vnd.in-toto+json","payload":"{raw}","signatures":[]}}"#
    );
    let bundle = format!(
        r#"{{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{{}},"dsseEnvelope":{envelope}}}"#
    );
    for text in [&envelope, &bundle, raw, &format!("{raw}\n")] {
        assert_eq!(ways(&known(text)).1[0].1, inside, "{text}");
    }
    // crane manifest with what it says before; the shell's prompt behind it.
    let logs = [
        format!(
            "2024/05/01 10:00:00 No matching credentials were found for \"registry.example\"\n{INDEX}"
        ),
        format!("$ crane manifest registry.example/a {{x}}\r\n{INDEX}"),
        format!("Emulate Docker CLI using podman.\n\n{INDEX}user@host:~$ "),
        format!("HTTP/1.1 200 OK\r\nContent-Type: a\r\n\r\n{INDEX}"),
        format!("{{\"level\":\"warn\",\"msg\":\"no credentials\"}}\n{INDEX}"),
    ];
    for log in &logs {
        let found = known(log);
        assert_eq!(
            (found.kind, ways(&found).1[0].1.as_slice()),
            (Kind::Wrapped, INDEX.as_bytes()),
            "{log}"
        );
    }
    for (mark, text) in [(true, INDEX), (false, INDEX), (true, CONFIG)] {
        let mut utf16: Vec<u8> = if mark { vec![0xff, 0xfe] } else { Vec::new() };
        utf16.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(ways(&known(&utf16)).1[0].1, text.as_bytes());
    }
    let config = known(format!("a log line\n{CONFIG}"));
    assert_eq!(
        config.name,
        "1 line of text with JSON behind: an image config for linux/arm64"
    );
}

#[test]
fn an_error_answer_is_told_in_the_registrys_words_though_it_came_with_status_200() {
    for (text, name) in [
        (
            r#"{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known","detail":null}]}"#,
            "NAME_UNKNOWN, repository name not known",
        ),
        (
            r#"{"errors":[{"code":"DENIED"},{"code":"UNAUTHORIZED"}]}"#,
            "DENIED, and 1 more",
        ),
        (
            r#"{"errors":[{"status":404,"message":"File not found."}]}"#,
            "404, File not found.",
        ),
        (
            r#"{"error":{"code":404,"message":"Not here","status":"NOT_FOUND"}}"#,
            "404, Not here",
        ),
    ] {
        let said = format!("a registry's error answer: {name}");
        assert_eq!(known(text).name, said);
        let (model, _, summary) = inspected(text.as_bytes(), None);
        assert_eq!(summary.title, format!("it is {said}"));
        assert!(model.findings().is_empty());
    }
    for text in [
        r#"{"errors":[]}"#,
        r#"{"errors":[{}]}"#,
        r#"{"schemaVersion":2,"errors":[{"code":"A"}]}"#,
    ] {
        let found = recognize(text.as_bytes()).filter(|it| it.kind == Kind::ErrorAnswer);
        assert_eq!(found, None, "{text}");
    }
}

#[test]
fn what_signs_and_describes_images_is_named() {
    let kinds = [
        (
            Kind::Dsse,
            r#"{"payloadType":"application/vnd.in-toto+json","payload":"","signatures":[{"sig":""}]}"#,
        ),
        (
            Kind::InToto,
            r#"{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://slsa.dev/provenance/v0.2","subject":[],"predicate":{}}"#,
        ),
        (
            Kind::InToto,
            r#"{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://spdx.dev/Document","subject":[]}"#,
        ),
        (
            Kind::SigstoreBundle,
            r#"{"mediaType":"application/vnd.dev.sigstore.bundle+json;version=0.1","verificationMaterial":{}}"#,
        ),
        (
            Kind::SigstoreBundle,
            r#"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","messageSignature":{}}"#,
        ),
        (
            Kind::SigstoreBundle,
            r#"{"base64Signature":"MEUC","cert":"","rekorBundle":{}}"#,
        ),
        (
            Kind::Spdx,
            r#"{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","packages":[]}"#,
        ),
        (
            Kind::Spdx,
            r#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[]}"#,
        ),
        (Kind::Spdx, "SPDXVersion: SPDX-2.2\nDataLicense: CC0-1.0\n"),
        (
            Kind::CycloneDx,
            r#"{"bomFormat":"CycloneDX","specVersion":"1.5","components":[]}"#,
        ),
        (
            Kind::CycloneDx,
            r#"{"$schema":"http://cyclonedx.org/schema/bom-1.6.schema.json","bomFormat":"CycloneDX","specVersion":"1.6"}"#,
        ),
        (
            Kind::CycloneDx,
            r#"<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.4">"#,
        ),
        (
            Kind::HelmConfig,
            r#"{"name":"app","version":"0.1.0","description":"A chart","apiVersion":"v2","appVersion":"1","type":"application"}"#,
        ),
        (
            Kind::HelmConfig,
            r#"{"apiVersion":"v1","name":"old","version":"1.2.3"}"#,
        ),
        (
            Kind::Kubernetes,
            r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}"#,
        ),
        (
            Kind::Descriptor,
            r#"{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:00","size":7}"#,
        ),
        (Kind::Html, "<!DOCTYPE html>\n<html><title>Sign in</title>"),
        (Kind::Html, "  <html lang=en>"),
        (Kind::Html, "<head><meta charset=utf-8>"),
        (
            Kind::ErrorAnswer,
            "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code></Error>",
        ),
        (
            Kind::Pem,
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        ),
        (
            Kind::Pem,
            "subject=a\n-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n",
        ),
        (Kind::Pem, "-----BEGIN SIGSTORE PUBLIC KEY-----\r\nMFkw\r\n"),
        (Kind::File, "FROM scratch\nCOPY . .\n"),
        (Kind::Text, "hello"),
        (Kind::Text, "12 files were copied"),
        (Kind::OtherJson, "[1,2]"),
        (Kind::OtherJson, "[]"),
        (Kind::OtherJson, "\"sha256\""),
    ];
    for (kind, text) in kinds {
        assert_eq!(known(text).kind, kind, "{text}");
    }
    let payload = format!(
        r#"{{"critical":{{"identity":{{"docker-reference":"registry.example/a"}},"image":{{"docker-manifest-digest":"sha256:{HEX}"}},"type":"cosign container image signature"}},"optional":null}}"#
    );
    assert_eq!(known(&payload).kind, Kind::CosignPayload);
    assert_eq!(
        reference(&payload),
        Some(format!("registry.example/a@sha256:{HEX}"))
    );
    assert_eq!(
        reference("registry.example/a:1\n").as_deref(),
        Some("registry.example/a:1")
    );
    for optional in [r#"{"creator":"cosign"}"#, "{}"] {
        let payload = payload.replace("null}", &[optional, "}"].concat());
        assert_eq!(known(&payload).kind, Kind::CosignPayload, "{payload}");
    }
    // JSON that is broken, and nothing, are told by the reader of JSON.
    for text in ["", " \n", "{\"schemaVersion\": 2,", "{]", "[{\"a\":}]"] {
        assert_eq!(recognize(text.as_bytes()), None, "{text}");
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn what_tools_found_nothing_of_is_null_and_named_all_the_same() {
    let digest = format!("sha256:{HEX}");
    for (kind, text, leads_to) in [
        (
            Kind::DockerInspect,
            r#"[{"Id":"a","RepoTags":[],"RepoDigests":null,"RootFS":{"Type":"layers"}}]"#,
            None,
        ),
        (
            Kind::PodmanInspect,
            r#"[{"Id":"a","Digest":"DIGEST","RepoTags":null,"RepoDigests":null,"RootFS":{}}]"#,
            None,
        ),
        (
            Kind::DockerInspect,
            r#"{"images":[{"id":"a","repoTags":null,"repoDigests":["h.example/a@DIGEST"]}]}"#,
            Some("h.example/a@DIGEST"),
        ),
        (
            Kind::DockerInspect,
            r#"[{"ImageName":"h.example/a:1","Image":{"Target":{"digest":"DIGEST"}},"Index":null}]"#,
            Some("h.example/a:1@DIGEST"),
        ),
        (
            Kind::SkopeoInspect,
            r#"{"Name":"h.example/a","Digest":"DIGEST","RepoTags":null,"Layers":null,"Env":null}"#,
            Some("h.example/a@DIGEST"),
        ),
        (Kind::TagList, r#"{"name":"a/b","tags":null}"#, None),
        (
            Kind::TagList,
            r#"{"Repository":"h.example/a","Tags":null}"#,
            Some("h.example/a"),
        ),
        (
            Kind::SaveManifest,
            r#"[{"Config":"x","RepoTags":null,"Layers":null}]"#,
            None,
        ),
        (Kind::LayoutFile, r#"{"imageLayoutVersion":null}"#, None),
        (
            Kind::ImageConfig,
            r#"{"architecture":"arm64","os":"linux","config":null,"rootfs":null,"history":null}"#,
            None,
        ),
        (
            Kind::CycloneDx,
            r#"{"bomFormat":"CycloneDX","metadata":null,"components":null}"#,
            None,
        ),
        // Of a manifest's media type, and no manifest.
        (
            Kind::Descriptor,
            r#"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"DIGEST","size":7}"#,
            None,
        ),
        (
            Kind::Descriptor,
            r#"[{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"DIGEST","size":"7"}]"#,
            None,
        ),
        (
            Kind::ToolOutput,
            r#"{"reference":"h.example/a@DIGEST","mediaType":"application/vnd.oci.image.index.v1+json","digest":"DIGEST","size":3,"referrers":null}"#,
            Some("h.example/a@DIGEST"),
        ),
        (
            Kind::ToolOutput,
            r#"{"containerimage.digest":"DIGEST","image.name":"h.example/a:1,h.example/a:2"}"#,
            Some("h.example/a:1@DIGEST"),
        ),
        (
            Kind::ToolOutput,
            r#"{"image":"h.example/a:1","imageId":"x","imageDigest":"DIGEST","tags":["1"]}"#,
            Some("h.example/a:1@DIGEST"),
        ),
        (
            Kind::CosignPayload,
            r#"[{"critical":{"identity":{"docker-reference":"h.example/a"},"image":{"docker-manifest-digest":"DIGEST"}},"optional":null}]"#,
            Some("h.example/a@DIGEST"),
        ),
        (
            Kind::SigstoreBundle,
            r#"{"Base64Signature":"a","Payload":"e30=","Cert":null,"Bundle":null}"#,
            None,
        ),
        (
            Kind::Dsse,
            r#"{"payload":"e30","protected":"e30","header":{},"signature":"a"}"#,
            None,
        ),
        (
            Kind::Spdx,
            r#"{"@context":["https://spdx.org/rdf/3.0.1/spdx-context.jsonld"],"@graph":[]}"#,
            None,
        ),
        (
            Kind::Report,
            r#"{"SchemaVersion":2,"ArtifactName":"h.example/a:1","Results":null}"#,
            Some("h.example/a:1"),
        ),
        (
            Kind::Report,
            r#"{"matches":[],"source":{"type":"image","target":{"userInput":"h.example/a:1"}},"descriptor":{}}"#,
            Some("h.example/a:1"),
        ),
        (
            Kind::Kubernetes,
            r#"{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"h.example/a:1"}]}}"#,
            Some("h.example/a:1"),
        ),
        (Kind::ApiAnswer, r#"{"repositories":["a","b/c"]}"#, None),
        (
            Kind::ApiAnswer,
            r#"{"imageName":"a","manifest":{"digest":"DIGEST"},"registry":"x.azurecr.io"}"#,
            Some("x.azurecr.io/a@DIGEST"),
        ),
        (
            Kind::ApiAnswer,
            r#"{"count":1,"next":null,"previous":null,"results":[]}"#,
            None,
        ),
        (
            Kind::File,
            "services:\n  web:\n    image: h.example/a:1\n",
            Some("h.example/a:1"),
        ),
        (
            Kind::Kubernetes,
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: 'h.example/a:1' # a\n",
            Some("h.example/a:1"),
        ),
        (
            Kind::File,
            "# build\nARG A=1\nFROM --platform=$B h.example/a:1 AS b\nFROM scratch\n",
            Some("h.example/a:1"),
        ),
        (
            Kind::ToolOutput,
            "1: Pulling from a\nDigest: DIGEST\nStatus: Downloaded newer image for h.example/a:1\n",
            Some("h.example/a:1@DIGEST"),
        ),
        (
            Kind::ToolOutput,
            "The push refers to repository [h.example/a]\n1: digest: DIGEST size: 7\n",
            Some("h.example/a@DIGEST"),
        ),
        (
            Kind::ToolOutput,
            "REPOSITORY    TAG   IMAGE ID\nh.example/a   1     605c77e624dd\n",
            Some("h.example/a:1"),
        ),
        (Kind::Digest, "DIGEST\n", None),
        (Kind::OtherJson, "12345", None),
        (Kind::OtherJson, "null\n", None),
    ] {
        let text = text.replace("DIGEST", &digest);
        let leads_to = leads_to.map(|it| it.replace("DIGEST", &digest));
        assert_eq!(
            (known(&text).kind, reference(&text)),
            (kind, leads_to),
            "{text}"
        );
    }
    // The exact bytes stand in it as a text.
    let text = INDEX.replace('"', "\\\"");
    let ecr = format!(
        r#"{{"images":[{{"imageId":{{"imageDigest":"{digest}"}},"imageManifest":"{text}"}}],"failures":[]}}"#
    );
    assert_eq!(ways(&known(&ecr)).1[0].1, INDEX.as_bytes());
    // A manifest stays one, whatever its members.
    for manifest in [
        r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"x","size":1}"#,
        r#"{"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[],"digest":"x","size":1}"#,
    ] {
        assert_eq!(recognize(manifest.as_bytes()), None, "{manifest}");
    }
}

#[test]
fn a_manifest_inside_of_whatever_text_is_found_and_of_broken_json_no_part() {
    let quoted = INDEX.replace('"', "\\\"");
    let utf32: Vec<u8> = INDEX
        .chars()
        .flat_map(|c| u32::from(c).to_le_bytes())
        .collect();
    let marked = [&[0xff, 0xfe, 0, 0], &*utf32].concat();
    for text in [utf32, marked] {
        let found = known(&text);
        assert_eq!(ways(&found).1[0].1, INDEX.as_bytes());
        assert_eq!(found.name, "text in UTF-32, which no client reads");
    }
    for text in [
        format!("2024-01-01T00:00:00Z INFO {INDEX}"),
        format!("MANIFEST='{INDEX}'"),
        format!("callback({INDEX});"),
        format!("\"{quoted}\""),
        quoted,
        format!("[INFO] pulled\n{INDEX}"),
        format!("\u{200b}{INDEX}"),
        format!("\u{1b}[1;39m{INDEX}\u{1b}[0m"),
        format!("```json\n{INDEX}\n```\n"),
        format!(
            "HTTP/1.1 200 Connection established\r\n\r\nHTTP/2 200 \r\ncontent-type: a\r\n\r\n{INDEX}"
        ),
    ] {
        assert_eq!(ways(&known(&text)).1[0].1, INDEX.as_bytes(), "{text}");
    }
    let page = known("HTTP/1.1 401 Unauthorized\r\nServer: a\r\n\r\n<html><head>");
    assert_eq!(
        page.name,
        "an HTTP answer with status 401 Unauthorized: an HTML page"
    );
    assert_eq!(known("HTTP/2 404\r\ndate: a\r\n\r\n").kind, Kind::Wrapped);
    // What is inside of broken JSON is none of its contents.
    for text in [
        "{\n \"layers\": [\n  {\"mediaType\": \"a/b\"}\n ],\n}",
        "{ // c\n \"manifests\": [\n  {\"digest\": \"a\"}\n ]\n}",
        "{'layers': [{\"a\": 1}]}",
        "[{\"a\":1},{\"b\":}]",
        "{schemaVersion: 2, \"a\": {\"b\": 1}}",
    ] {
        assert_eq!(recognize(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn bytes_that_are_no_text_are_no_text_whatever_they_begin_with() {
    let mut old = vec![0; 512];
    old[..6].copy_from_slice(b"a/b.c\0");
    old[100..107].copy_from_slice(b"0000644");
    old[148..156].fill(b' ');
    let sum: u32 = old.iter().map(|byte| u32::from(*byte)).sum();
    old[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let found = known(&old);
    assert_eq!((found.kind, &*found.name), (Kind::Archive, "a tar archive"));
    for (bytes, name) in [
        (&b"%PDF-1.7\n%\xe2\xe3"[..], "a PDF document"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "a 7z archive"),
        (b"hsqs\0\0\0\0", "a squashfs file system"),
        (b"MZ\x90\0\x03", "a program for Windows"),
        (&[0; 600], "binary data"),
    ] {
        assert_eq!(
            (known(bytes).kind, &*known(bytes).name),
            (Kind::Binary, name)
        );
    }
    // A number in front makes no number of it.
    for bytes in [
        &b"7z\xbc\xaf"[..],
        b"404 page not found\n",
        b"1.27: Pulling from a\n",
        b"true story",
    ] {
        let (_, alone, _) = inspected(bytes, None);
        let said = [
            "it is text that is no JSON, not a manifest",
            "it is not JSON",
        ];
        assert!(said.contains(&&*alone.title), "{}", alone.title);
    }
    let (_, alone, _) = inspected(b"<Error><Code>NoSuchKey</Code></Error>", None);
    assert_eq!(alone.title, "it is not JSON");
    assert_eq!(
        known("<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>").name,
        "an object store's error answer: NoSuchKey, gone"
    );
    assert_eq!(
        known("<svg xmlns=\"http://www.w3.org/2000/svg\"/>").kind,
        Kind::Xml
    );
}

#[test]
fn an_error_answer_is_told_in_whatever_shape_a_registry_has_it() {
    for (text, said) in [
        (r#"{"message":"403 Forbidden"}"#, "403 Forbidden"),
        (
            r#"{"error":"insufficient_scope","error_description":"pull"}"#,
            "insufficient_scope, pull",
        ),
        (
            r#"{"details":"incorrect username or password"}"#,
            "incorrect username or password",
        ),
        (
            r#"{"error":"Not Found","status":404,"title":"not_found","type":"about:blank"}"#,
            "404, Not Found",
        ),
        (
            r#"{"timestamp":"x","status":404,"error":"Not Found","path":"/v2/x"}"#,
            "404, Not Found",
        ),
        (
            r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"no x"}"#,
            "404, no x",
        ),
        (
            r#"{"__type":"RepositoryNotFoundException","message":"no x"}"#,
            "RepositoryNotFoundException, no x",
        ),
        (
            r#"{"errors":{"code":"DENIED","message":"no"}}"#,
            "DENIED, no",
        ),
        (
            r#"{"Errors":[{"Code":"DENIED","Message":"no"}]}"#,
            "DENIED, no",
        ),
        (r#"{"errors":["not found"]}"#, "not found"),
        (
            r#"{"errors":[null,{"code":"DENIED","message":"no"}]}"#,
            "DENIED, no",
        ),
        (
            r#"{"errors":[{"code":null,"message":null,"detail":"repository not found"}]}"#,
            "repository not found",
        ),
        (r#"{"code":404,"message":"not found"}"#, "404, not found"),
        (r#"{"success":false,"error":{"code":"x"}}"#, "x"),
        (
            r#"{"error":"invalid_client","error_description":"AADSTS7","error_codes":[7],"trace_id":"y"}"#,
            "invalid_client, AADSTS7",
        ),
    ] {
        assert_eq!(
            known(text).name,
            format!("a registry's error answer: {said}"),
            "{text}"
        );
    }
    for text in [
        r#"{"status":"ok"}"#,
        r#"{"title":"a"}"#,
        r#"{"errors":null}"#,
        r#"{"message":"a","name":"b"}"#,
        r#"{"code":1}"#,
        r#"{"detail":{}}"#,
    ] {
        assert_eq!(recognize(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn what_a_registry_sent_in_place_of_a_manifest_is_named_and_never_good() {
    for (bytes, title) in [
        (
            CONFIG,
            "h.example/x:1 answers with an image config for linux/arm64",
        ),
        (
            "404 page not found",
            "h.example/x:1 answers with text that is no JSON",
        ),
        (
            r#"{"repositories":[]}"#,
            "h.example/x:1 answers with a list of 0 repositories",
        ),
        (
            "<?xml version=\"1.0\"?><a/>",
            "h.example/x:1 answers with an XML document",
        ),
    ] {
        let reference = "h.example/x:1".parse().expect("a reference");
        let target = InspectTarget::Registry(reference);
        let (mut model, _) = Model::open(target, Vec::new(), Generation(1));
        let arrival = Received {
            via: Some(Via::Direct),
            ..Received::local(bytes.as_bytes().into())
        };
        let msg = Msg::Received {
            generation: Generation(1),
            key: ContentKey::Root,
            result: Ok(arrival),
        };
        for effect in update(&mut model, msg) {
            if let Effect::Explain {
                key,
                bytes,
                expected,
            } = effect
                && let Some(told) = explain(key, &bytes, expected)
            {
                update(&mut model, told);
            }
        }
        let summary = model.summary();
        assert_eq!(summary.title, title);
        assert_eq!(summary.stamp.status, Status::Failed, "{bytes}");
    }
}

#[test]
fn what_holds_credentials_is_told_in_whatever_form_it_comes() {
    let login = r#"{"auths":{"registry.example":{"auth":"dTpw"}}}"#;
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(login.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert!(holds_credentials(&utf16).is_some());
    let texts = [
        login,
        r#"{"auths":{}}"#,
        r#"{"credsStore":"desktop","currentContext":"default"}"#,
        r#"{"credHelpers":{"gcr.io":"gcloud"}}"#,
        r#"{"Auths":{"https://index.docker.io/v1/":{"identitytoken":"x"}}}"#,
        r#"{"https://index.docker.io/v1/":{"auth":"dTpw","email":"a@b"}}"#,
        r#"{"ServerURL":"registry.example","Username":"u","Secret":"p"}"#,
        // Cut off, behind a prompt, before one, in base64, with a byte order mark.
        r#"{"auths":{"registry.example":{"auth":"dTpw"#,
        "$ cat ~/.docker/config.json\n{\"auths\":{\"registry.example\":{\"auth\":\"dTpw\"}}}",
        "{\"a\":1}\n{\"auths\":{\"registry.example\":{\"auth\":\"dTpw\"}}}",
        "eyJhdXRocyI6eyJyZWdpc3RyeS5leGFtcGxlIjp7ImF1dGgiOiJkVHB3In19fQ==",
        "\u{feff}{\"auths\":{\"registry.example\":{\"auth\":\"dTpw\"}}}",
        r#"{"apiVersion":"v1","kind":"Secret","type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":"e30="}}"#,
        r#"{"apiVersion":"v1","kind":"List","items":[{"kind":"Secret","stringData":{".dockerconfigjson":"{}"}}]}"#,
        "apiVersion: v1\nkind: Secret\ndata:\n  .dockerconfigjson: e30=\n",
        r#"{"token":"abc","expires_in":300,"issued_at":"2024-01-01T00:00:00Z"}"#,
        r#"{"access_token":"abc"}"#,
        r#"{"refresh_token":"abc"}"#,
        "HTTP/1.1 200 OK\n\n{\"token\":\"abc\"}",
        "{\"token\":\"abc",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln",
        "\"eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln\"\n",
        "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAA==\n",
        "> Authorization: Bearer abc\n< HTTP/1.1 200 OK\n{\"schemaVersion\":2}",
        // What only resembles a manifest, or has something behind it.
        "{\"schemaVersion\":2}\n{\"auths\":{\"registry.example\":{\"auth\":\"dTpw\"}}}",
        r#"{"schemaVersion":"2","token":"abc"}"#,
        r#"{"schemaVersion":2.0,"token":"abc"}"#,
        r#"{"schemaVersion":null,"schemaVersion":2,"token":"abc"}"#,
        r#"{"a":{"schemaVersion":2},"token":"abc"}"#,
        // Of other shapes, tools and clouds.
        r#"{"auths":{"h.example":{"username":"u","password":"abc"}}}"#,
        r#"{"username":"u","password":"abc","serveraddress":"h.example"}"#,
        r#"{"h.example":{"username":"u","password":"abc"}}"#,
        r#"{"auth":"dTpw"}"#,
        r#"{"HttpHeaders":{"Authorization":"Basic abc"}}"#,
        r#"{"apiVersion":"v1","kind":"Secret","data":{"config.json":"e30="}}"#,
        r#"{"apiVersion":"v1","kind":"Config","users":[{"user":{"client-key-data":"abc"}}]}"#,
        r#"{"type":"service_account","private_key":"abc"}"#,
        r#"{"Credentials":{"SecretAccessKey":"abc","SessionToken":"y"}}"#,
        "[default]\naws_secret_access_key = abc\n",
        "{'auths': {'h.example': {'auth': 'dTpw'}}}",
        "auths:\n  h.example:\n    auth: dTpw\n",
        "apiVersion: v1\nkind: Config\nusers:\n- user:\n    token: abc\n",
        "apiVersion: v1\nkind: Secret\nstringData:\n  a: abc\n",
        "configs:\n  h.example:\n    auth:\n      username: u\n      password: abc\n",
        "machine h.example login u password abc\n",
        "GITHUB_TOKEN=ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "dckr_pat_abcdefghijklmnop-qrs",
        "docker login -u me -p abc h.example",
        "curl -u me:abc https://h.example/v2/\n{\"schemaVersion\":2}",
        "crane pull https://me:abc@h.example/x",
        "Authorization:Bearer abc",
        // {"username":"u","password":"p"}, AWS:eyJ…, and base64 of base64 of a login.
        "eyJ1c2VybmFtZSI6InUiLCJwYXNzd29yZCI6InAifQ",
        "QVdTOmV5SndZWGxzYjJGa0lqb2lhVzVrIn0=",
        "ZXlKaGRYUm9jeUk2ZXlKeVpXZHBjM1J5ZVM1bGVHRnRjR3hsSWpwN0ltRjFkR2dpT2lKa1ZIQjNJbjE5ZlE9PQ==",
    ];
    for text in texts {
        assert!(holds_credentials(text.as_bytes()).is_some(), "{text}");
        let found = known(text);
        assert!(found.next.is_empty() && found.config.is_none(), "{text}");
        for secret in ["dTpw", "abc", "e30=", "c2ln"] {
            assert!(!found.name.contains(secret), "{text}");
        }
    }
    // What only speaks of them holds none.
    let of_a_manifest = INDEX.replace("[]", r#"[],"annotations":{"token":"a","access_token":"b"}"#);
    let label = CONFIG.replace(
        "\"os\"",
        r#""config":{"Env":["TOKEN="],"Labels":{"auth":"none"}},"os""#,
    );
    for text in [
        INDEX,
        &of_a_manifest,
        &label,
        "\u{feff}{\"token\":\"a\",\"schema\\u0056ersion\":2}\n",
        r#"{"token":1}"#,
        r#"{"token":null,"access_token":null}"#,
        "docker run -u 1000:1000 h.example/x",
        "curl -u \"$USER:$PASS\" https://h.example/v2/",
        "apiVersion: v1\nkind: Pod\n",
        "the token",
        r#"{"schemaVersion": 2, "annotations": {"token": "#,
    ] {
        assert_eq!(holds_credentials(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn compose_says_what_a_given_content_is() {
    for (bytes, why) in [
        (
            CONFIG.as_bytes(),
            "it is an image config for linux/arm64, not a manifest",
        ),
        (b"\x1f\x8b\x08", "it is a gzip file, not a manifest"),
        (
            br#"[{"Config":"a","RepoTags":[],"Layers":[]}]"#,
            "it is docker save's own list of files, not a manifest",
        ),
    ] {
        let mut model = compose::Model::new(Generation(1));
        let name = "given".to_owned();
        let given = compose::LocalManifest {
            name,
            bytes: bytes.into(),
        };
        compose::update(&mut model, compose::Msg::Give(vec![given]));
        let row = &model.composition().rows[0];
        let compose::RowState::Refused(refused) = model.state(row) else {
            panic!("{why}")
        };
        assert_eq!(refused.to_string(), why);
    }
}
