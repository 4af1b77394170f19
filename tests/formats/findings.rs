//! Which findings the fixtures have. What a real tool wrote has none above a note, unless the fixture was made for it.

use waybill_core::config::ImageConfig;
use waybill_core::finding::{Finding, Severity};
use waybill_core::media_type::MediaType;
use waybill_testkit::fixtures;

use super::read;

/// Fixtures with findings, each as severity, code and place. Every other fixture has none.
const EXPECTED: &[(&str, &[&str])] = &[
    (
        "docker-schema1-signed/converted",
        &["note deprecated-format /schemaVersion"],
    ),
    (
        "docker-schema1-signed/lantern-signed",
        &["note deprecated-format /schemaVersion"],
    ),
    (
        "docker-schema1/lantern-unsigned",
        &["note deprecated-format /schemaVersion"],
    ),
    (
        "oci-index/duplicate-platform",
        &["warning platform-duplicate /manifests/1/platform"],
    ),
    ("oci-index/empty", &["note empty-list /manifests"]),
    ("oci-index/mixed", &["note docker-in-index /manifests"]),
    (
        "oci-index/nested",
        &[
            "note nested-list /manifests/0",
            "note nested-list /manifests/1",
        ],
    ),
    ("oci-index/wrong-size", &["note docker-in-index /manifests"]),
];

/// Made to be found at fault, so a warning is right.
const AT_FAULT: [&str; 1] = ["oci-index/duplicate-platform"];

fn shown(findings: &[Finding]) -> Vec<String> {
    let shown = |finding: &Finding| {
        format!(
            "{} {} {}",
            finding.severity().name(),
            finding.code,
            finding.pointer
        )
    };
    findings.iter().map(shown).collect()
}

#[test]
fn each_fixture_has_the_findings_that_it_was_made_for_and_no_other() {
    let mut seen = 0;
    for fixture in fixtures::all() {
        let (_, findings) = read(fixture);
        let expected = EXPECTED.iter().find(|(name, _)| *name == fixture.name);
        seen += usize::from(expected.is_some());
        assert_eq!(
            shown(&findings),
            expected.map_or(&[][..], |(_, findings)| *findings),
            "{}",
            fixture.name
        );
        let worst = findings.iter().map(Finding::severity).max();
        let allowed = if AT_FAULT.contains(&fixture.name.as_str()) {
            Severity::Warning
        } else {
            Severity::Note
        };
        assert!(
            worst.is_none_or(|worst| worst <= allowed),
            "{}: {worst:?}",
            fixture.name
        );
    }
    assert_eq!(seen, EXPECTED.len(), "every row of the table is a fixture");
}

#[test]
fn no_config_of_an_image_has_a_finding() {
    let mut configs = 0;
    for fixture in fixtures::all() {
        let (manifest, _) = read(fixture);
        let config = manifest.image().and_then(|image| image.config.as_ref());
        let Some(config) = config.filter(|config| {
            config
                .media_type
                .as_ref()
                .is_some_and(MediaType::is_image_config)
        }) else {
            continue;
        };
        let (_, findings) =
            ImageConfig::read(&fixtures::blob(&config.digest_text)).expect("a JSON object");
        assert_eq!(shown(&findings), [""; 0], "{}", fixture.name);
        configs += 1;
    }
    assert!(configs >= 12, "only {configs} images have a config");
}
