//! Reports of inspections.

use std::collections::VecDeque;

use super::*;
use crate::digest::Digest;
use crate::media_type::MediaType;
use crate::recognize::{Kind, Next, recognize};
use crate::workflow::fetch::{Failure, Generation, Received};
use crate::workflow::inspect::{ContentKey, Effect, Msg, update};

const NOW: i64 = 1_795_953_600;

/// What a registry says of the type: what stands first in the bytes.
fn content_type(bytes: &[u8]) -> Option<MediaType> {
    let text = String::from_utf8_lossy(bytes);
    let (_, rest) = text.split_once("\"mediaType\":\"")?;
    rest.split('"').next().map(MediaType::new)
}

/// Inspects what the contents hold, the first of which the tag names.
fn inspect(reference: &str, contents: &[Vec<u8>], path: Vec<Digest>) -> Model {
    let target = InspectTarget::Registry(reference.parse().expect("a reference"));
    let (mut model, first) = Model::open(target, path, Generation::default().next());
    let mut todo: VecDeque<Effect> = first.into();
    while let Some(effect) = todo.pop_front() {
        let Effect::Fetch {
            generation, key, ..
        } = effect
        else {
            continue;
        };
        let found = contents.iter().find(|bytes| match &key {
            ContentKey::Root => true,
            ContentKey::Child(digest) | ContentKey::Config(digest) => {
                Digest::sha256(bytes) == *digest
            }
        });
        let result = found.ok_or(Failure::NotBundled).map(|bytes| Received {
            docker_content_digest: Some(Digest::sha256(bytes).to_string()),
            content_type: content_type(bytes),
            via: Some(Via::Proxy),
            ..Received::local(bytes.as_slice().into())
        });
        todo.extend(update(
            &mut model,
            Msg::Received {
                generation,
                key,
                result,
            },
        ));
    }
    model
}

/// An index of one image, the image, and its config.
fn app() -> [Vec<u8>; 3] {
    let config =
        br#"{"architecture":"arm64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#
            .to_vec();
    let (digest, size) = (Digest::sha256(&config), config.len());
    let (oci, kind) = (MediaType::OCI_MANIFEST, MediaType::OCI_CONFIG);
    let image = format!(
        r#"{{"schemaVersion":2,"mediaType":"{oci}","config":{{"mediaType":"{kind}","digest":"{digest}","size":{size}}},"layers":[]}}"#
    );
    let (digest, size) = (Digest::sha256(image.as_bytes()), image.len());
    let platform = r#"{"architecture":"arm64","os":"linux"}"#;
    let index = format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{{"mediaType":"{oci}","digest":"{digest}","size":{size},"platform":{platform}}}]}}"#,
        MediaType::OCI_INDEX
    );
    [index.into_bytes(), image.into_bytes(), config]
}

#[test]
fn a_report_is_read_again_and_holds() {
    let [index, image, config] = app();
    let contents = [index.clone(), image.clone(), config.clone()];
    let path = vec![Digest::sha256(&image)];
    let model = inspect("registry.example/app:1", &contents, path);
    let report = Report::of(&model, NOW).expect("it is here");
    assert_eq!(report.created, "2026-11-29T12:00:00Z");
    assert_eq!(report.name, "linux/arm64 of registry.example/app:1");
    assert_eq!(report.reference.as_deref(), Some("registry.example/app:1"));
    assert_eq!(report.via.as_deref(), Some("proxy"));
    assert_eq!(
        [&*report.lists[0].data, &*report.manifest.data],
        [&index[..], &image[..]]
    );
    assert_eq!(
        report.config.as_ref().map(|it| &*it.data),
        Some(&config[..])
    );
    let steps: Vec<_> = report
        .custody
        .iter()
        .map(|it| (it.step.as_str(), it.status.as_str()))
        .collect();
    let verified = "verified";
    let expected = [
        ("reference", "unchecked"),
        ("index", verified),
        ("manifest", verified),
        ("config", verified),
        ("layers", "unchecked"),
    ];
    assert_eq!(steps, expected);

    let read = Report::read(report.to_json().as_bytes()).expect("a report");
    assert_eq!(read, report);
    assert!(
        read.check()
            .iter()
            .all(|it| it.verdict.is_verified() && !it.is_wrong())
    );

    let known = recognize(report.to_json().as_bytes()).expect("it is known");
    assert_eq!(known.kind, Kind::InspectionReport);
    assert_eq!(
        known.name,
        "a report of Waybill about linux/arm64 of registry.example/app:1"
    );
    let [
        Next::Contents { contents, expected },
        Next::Reference(reference),
    ] = &known.next[..]
    else {
        panic!("two ways on: {:?}", known.next);
    };
    let bytes: Vec<_> = contents.iter().map(|(_, bytes)| bytes.clone()).collect();
    assert_eq!(bytes, [image.clone(), config, index]);
    assert_eq!(expected.as_ref(), Some(&Digest::sha256(&image)));
    assert_eq!(reference.digest(), Some(&Digest::sha256(&image)));
}

#[test]
fn the_verdict_reads_as_text() {
    let contents = app();
    let digest = Digest::sha256(&contents[0]);
    let entry = Digest::sha256(&contents[1]);
    let model = inspect("registry.example/app:1", &contents, Vec::new());
    let text = Report::of(&model, NOW).expect("it is here").to_text();
    let expected = format!(
        "registry.example/app:1 is an OCI image index for 1 platform\n\
         ✓ Verified here: all 2 manifests\n\
         Its bytes hash to the digest the registry named.\n\
         \n\
         Reference: registry.example/app:1\n\
         Digest: {digest}\n\
         Format: OCI image index, {} bytes\n\
         Answered: through a proxy\n\
         \n\
         Custody:\n\
         - ○ reference: a tag can move, it promises no digest\n\
         - ✓ index: verified\n\
         - ✓ entries: 1 entry as listed\n\
         \n\
         Findings: none\n\
         \n\
         Platforms:\n\
         - ✓ linux/arm64, {entry}: verified\n\
         \n\
         Inspected by Waybill, 2026-11-29 12:00:00 UTC\n",
        contents[0].len()
    );
    assert_eq!(text, expected);
}

#[test]
fn findings_stand_in_the_report_with_their_places() {
    let manifest = format!(
        "{{\"schemaVersion\":2,\"mediaType\":\"{}\",\n\"manifests\":[{{\"digest\":\"x](y)\",\"size\":1}}]}}",
        MediaType::OCI_INDEX
    );
    let model = inspect(
        "registry.example/app:1",
        &[manifest.into_bytes()],
        Vec::new(),
    );
    let report = Report::of(&model, NOW).expect("it is here");
    let found = report.findings.first().expect("a finding");
    assert_eq!((found.severity.as_str(), found.line), ("error", Some(2)));
    assert!(found.source.starts_with("https://"));
    assert_eq!(report.verdict.status, "failed");
    assert_eq!(report.manifests[0].digest, "x](y)");
    assert!(
        report
            .to_text()
            .contains("- ✗ no platform, `x](y)`: no valid digest\n")
    );
}

#[test]
fn of_what_did_not_come_there_is_no_report() {
    let target = InspectTarget::Registry("registry.example/app:1".parse().expect("a reference"));
    let (model, _) = Model::open(target, Vec::new(), Generation::default().next());
    assert_eq!(Report::of(&model, NOW), None);
}
