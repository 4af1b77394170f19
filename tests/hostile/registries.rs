//! Registries that lie about honest manifests, in every format: what the file itself cannot show.

use waybill_core::digest::Digest;
use waybill_core::finding::{Finding, Severity};
use waybill_core::manifest::Format;
use waybill_core::media_type::MediaType;
use waybill_core::reference::Reference;
use waybill_core::registry::transport::Via;
use waybill_core::verify::DigestSource;
use waybill_core::view::Status;
use waybill_core::workflow::fetch::{Fetch, Generation, Received};
use waybill_core::workflow::inspect::{ContentKey, Effect, InspectTarget, Model, Msg, update};
use waybill_testkit::fixtures::{self, Fixture};

const EVIL: &str = "sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";

/// One real manifest of each format.
fn one_of_each() -> Vec<&'static Fixture> {
    let mut fixtures: Vec<&Fixture> = fixtures::all().iter().collect();
    fixtures.sort_by(|one, two| one.format.cmp(&two.format));
    fixtures.dedup_by(|one, two| one.format == two.format);
    assert_eq!(fixtures.len(), 6);
    fixtures
}

fn answer(bytes: &[u8], media_type: &str, header: Option<&str>) -> Received {
    Received {
        bytes: bytes.into(),
        content_type: Some(MediaType::from_content_type(media_type)),
        docker_content_digest: header.map(str::to_owned),
        via: Some(Via::Direct),
        sha256: None,
    }
}

/// The inspection of what a registry answers for a reference.
fn inspect(reference: &str, arrival: Received) -> Model {
    let subject = InspectTarget::Registry(reference.parse::<Reference>().expect("a reference"));
    let (mut model, _) = Model::open(subject, Vec::new(), Generation(1));
    update(
        &mut model,
        Msg::Received {
            generation: Generation(1),
            key: ContentKey::Root,
            result: Ok(arrival),
        },
    );
    model
}

fn verdict_of(model: &Model, authority: DigestSource) -> (bool, bool) {
    let node = model.root().and_then(Fetch::done).expect("it came");
    let one = node
        .comparisons
        .iter()
        .find(|one| one.authority == authority)
        .expect("it was compared");
    (one.verdict.is_verified(), one.verdict.is_mismatch())
}

#[test]
fn a_header_that_lies_about_a_tag_is_a_mismatch() {
    for fixture in one_of_each() {
        let honest = answer(&fixture.bytes, &fixture.media_type, Some(&fixture.digest));
        let model = inspect("registry.example/a:b", honest);
        assert_eq!(
            verdict_of(&model, DigestSource::Registry),
            (true, false),
            "{}",
            fixture.name
        );
        let model = inspect(
            "registry.example/a:b",
            answer(&fixture.bytes, &fixture.media_type, Some(EVIL)),
        );
        assert_eq!(
            verdict_of(&model, DigestSource::Registry),
            (false, true),
            "{}",
            fixture.name
        );
        assert_eq!(
            model.summary().stamp.status,
            Status::Failed,
            "{}",
            fixture.name
        );
    }
}

#[test]
fn other_bytes_for_the_digest_that_was_asked_for_are_a_mismatch() {
    for fixture in one_of_each() {
        let asked = format!("registry.example/a@{}", fixture.digest);
        // Another layer, config or entry: one character of the first digest.
        let mut changed = fixture.bytes.clone();
        let at = changed
            .windows(7)
            .position(|word| word == b"sha256:")
            .map_or(0, |at| at + 7);
        changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
        for header in [None, Some(fixture.digest.as_str())] {
            let model = inspect(&asked, answer(&changed, &fixture.media_type, header));
            assert_eq!(
                verdict_of(&model, DigestSource::Asked),
                (false, true),
                "{}",
                fixture.name
            );
            assert_eq!(
                model.summary().stamp.status,
                Status::Failed,
                "{}",
                fixture.name
            );
        }
    }
}

#[test]
fn a_digest_in_an_algorithm_that_nobody_computes_is_never_verified() {
    for fixture in one_of_each() {
        for header in ["blake3:00", "sha256:", "sha256:E3", "", "sha256"] {
            let model = inspect(
                "registry.example/a:b",
                answer(&fixture.bytes, &fixture.media_type, Some(header)),
            );
            assert!(
                !verdict_of(&model, DigestSource::Registry).0,
                "{}: {header:?}",
                fixture.name
            );
            assert_ne!(
                model.summary().stamp.status,
                Status::Verified,
                "{}: {header:?}",
                fixture.name
            );
        }
    }
}

#[test]
fn another_content_type_is_found() {
    for fixture in one_of_each() {
        for told in [
            "text/html",
            "application/vnd.oci.image.index.v1+json",
            "application/octet-stream",
        ] {
            let format = Format::from_media_type(&MediaType::new(told));
            if format == Format::from_media_type(&MediaType::new(fixture.media_type.as_str())) {
                continue;
            }
            let model = inspect("registry.example/a:b", answer(&fixture.bytes, told, None));
            let worst = model.findings().iter().map(Finding::severity).max();
            assert_eq!(worst, Some(Severity::Error), "{}: {told}", fixture.name);
        }
    }
}

/// Digests make a cycle of indexes impossible, but a registry may answer every digest with the same index.
#[test]
fn an_index_that_is_answered_by_itself_without_end_is_fetched_once() {
    let index = format!(
        r#"{{"schemaVersion":2,"mediaType":"{0}","manifests":[{{"mediaType":"{0}","digest":"{EVIL}","size":237}}]}}"#,
        MediaType::OCI_INDEX.as_str()
    );
    assert_eq!(index.len(), 237);
    let evil: Digest = EVIL.parse().expect("a digest");
    let subject = InspectTarget::Registry("registry.example/a:b".parse().expect("a reference"));
    let (mut model, mut effects) = Model::open(
        subject,
        vec![evil.clone(), evil.clone(), evil],
        Generation(1),
    );
    let mut fetched = 0;
    while let Some(Effect::Fetch {
        generation, key, ..
    }) = effects.pop()
    {
        fetched += 1;
        assert!(fetched < 10, "it is fetched without end");
        let arrival = answer(index.as_bytes(), MediaType::OCI_INDEX.as_str(), None);
        effects.extend(update(
            &mut model,
            Msg::Received {
                generation,
                key,
                result: Ok(arrival),
            },
        ));
    }
    assert_eq!(fetched, 2, "the root, and the one digest it names");
    assert_eq!(model.summary().stamp.status, Status::Failed);
}
