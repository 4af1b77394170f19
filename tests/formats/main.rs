//! The formats over real manifests: what `tests/fixtures/make` made with other tools is read here as those tools, and
//! a second reader, say it is.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

mod conflicts;
mod detection;
mod document;
mod findings;
mod go_reader;
mod mutations;
mod peers;
mod rules;
mod second_config;
mod second_reader;
mod signed;
mod unicode;

use waybill_core::digest::{Algorithm, Digest};
use waybill_core::finding::Finding;
use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::media_type::MediaType;
use waybill_testkit::fixtures::{self, Fixture};

fn told(media_type: &str) -> DeclaredTypes {
    DeclaredTypes {
        content_type: Some(MediaType::from_content_type(media_type)),
        ..DeclaredTypes::none()
    }
}

fn read(fixture: &Fixture) -> (Manifest, Vec<Finding>) {
    Manifest::read(fixture.bytes.as_slice(), &told(&fixture.media_type))
        .unwrap_or_else(|error| panic!("{}: {error}", fixture.name))
}

#[test]
fn every_format_has_a_fixture() {
    let mut formats: Vec<_> = fixtures::all()
        .iter()
        .map(|fixture| fixture.format.as_str())
        .collect();
    formats.sort_unstable();
    formats.dedup();
    let six = [
        "docker-list",
        "docker-schema1",
        "docker-schema1-signed",
        "docker-schema2",
        "oci-index",
        "oci-manifest",
    ];
    assert_eq!(formats, six);
}

#[test]
fn format_digest_and_size_are_what_the_registry_and_the_judges_said() {
    for fixture in fixtures::all() {
        let name = &fixture.name;
        let (manifest, _) = read(fixture);
        assert_eq!(
            fixtures::format_name(manifest.format),
            fixture.format,
            "{name}"
        );
        assert!(!manifest.ambiguous, "{name}");
        assert!(
            manifest.opinions.iter().all(|opinion| opinion.agrees),
            "{name}: {:?}",
            manifest.opinions
        );
        assert_eq!(&*manifest.bytes, fixture.bytes, "{name}");
        assert_eq!(fixture.bytes.len(), fixture.size, "{name}");
        assert_eq!(
            manifest.size(),
            fixture.payload_size.unwrap_or(fixture.size),
            "{name}"
        );
        let digested = manifest
            .digest_input()
            .unwrap_or_else(|| panic!("{name} has no digest"));
        assert_eq!(
            Digest::sha256(digested).to_string(),
            fixture.digest,
            "{name}"
        );
        assert_eq!(
            manifest.digest(Algorithm::Sha256),
            Some(Digest::sha256(digested)),
            "{name}"
        );
        for (judge, digest) in &fixture.judges {
            assert_eq!(
                &Digest::sha256(digested).to_string(),
                digest,
                "{name}: {judge}"
            );
        }
        let judges: Vec<_> = fixture.judges.keys().map(String::as_str).collect();
        assert_eq!(judges, ["crane", "regctl", "skopeo"], "{name}");
    }
}

#[test]
fn the_same_format_is_found_with_nobody_to_tell_it() {
    for fixture in fixtures::all() {
        let (manifest, findings) =
            Manifest::read(fixture.bytes.as_slice(), &DeclaredTypes::none()).expect("an object");
        assert_eq!(
            fixtures::format_name(manifest.format),
            fixture.format,
            "{}",
            fixture.name
        );
        assert_eq!(findings, read(fixture).1, "{}", fixture.name);
    }
}

#[test]
fn the_bundled_examples_are_what_skopeo_said() {
    let examples = fixtures::examples();
    for (name, bytes, media_type, digest, size) in &examples {
        let (manifest, findings) =
            Manifest::read(bytes.as_slice(), &told(media_type)).expect("an object");
        assert_eq!(
            manifest
                .digest(Algorithm::Sha256)
                .map(|it| it.to_string())
                .as_deref(),
            Some(*digest),
            "{name}"
        );
        assert_eq!(bytes.len() as u64, *size, "{name}");
        assert_eq!(
            manifest.format.media_type(),
            Some(MediaType::new(*media_type)),
            "{name}"
        );
        let found: Vec<_> = findings
            .iter()
            .map(|it| format!("{} {}", it.code, it.pointer))
            .collect();
        let expected: &[&str] = match *name {
            "schema1" => &["deprecated-format /schemaVersion"],
            "lying" => &["platform-duplicate /manifests/2/platform"],
            _ => &[],
        };
        assert_eq!(found, expected, "{name}");
    }
    let names: Vec<_> = examples.iter().map(|(name, ..)| *name).collect();
    assert_eq!(
        names,
        ["index", "schema2", "list", "image", "schema1", "lying"]
    );
}
