//! What holds for any bytes at all: for the tests that break real manifests, and for the fuzz targets.

use serde::de::IgnoredAny;
use waybill_core::config::ImageConfig;
use waybill_core::finding::{Finding, Severity};
use waybill_core::json::style;
use waybill_core::json::{self, JsonError, Reason};
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::manifest::{Format, Manifest};

/// Whether `serde_json` finds an object by the grammar alone in what is UTF-8 of the bytes.
fn begins_with_an_object(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(json::BYTE_ORDER_MARK).unwrap_or(bytes);
    let text = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    text.trim_ascii_start().starts_with('{') && values.next().is_some_and(|value| value.is_ok())
}

/// Reads the bytes and holds what is told of them.
pub fn check(bytes: &[u8], told: &DeclaredTypes) -> Result<(Manifest, Vec<Finding>), JsonError> {
    let read = Manifest::read(bytes, told);
    let _ = ImageConfig::read(bytes);
    let (manifest, findings) = match &read {
        Err(error) => {
            let is_judged_alike = !begins_with_an_object(bytes) || error.reason == Reason::Depth;
            assert!(is_judged_alike, "an object was refused: {error}");
            let lines = bytes.split(|byte| *byte == b'\n').count();
            assert!((1..=lines).contains(&error.position.line), "{error}");
            let place = Finding::places(&[Finding::from(error)], bytes).remove(0);
            let is_there = place.map_or(error.reason == Reason::Empty, |place| {
                place.position == error.position
            });
            assert!(is_there, "{error}");
            return read;
        }
        Ok((manifest, findings)) => (manifest, findings),
    };
    assert!(begins_with_an_object(bytes), "no object, and taken");
    assert_eq!(&*manifest.bytes, bytes);
    assert_eq!(
        manifest.digest_input().is_none(),
        findings
            .iter()
            .any(|it| it.code.rule().name == "signature-block")
    );
    check_places(bytes, manifest, findings);
    assert_eq!(
        Manifest::read(bytes, told).expect("as before"),
        (manifest.clone(), findings.clone())
    );
    // What others say of it is an opinion: format, digest and size are the body's own.
    let (alone, _) = Manifest::read(bytes, &DeclaredTypes::none()).expect("as before");
    assert_eq!(
        (alone.format, alone.size(), alone.digest_input()),
        (manifest.format, manifest.size(), manifest.digest_input())
    );
    let clean = findings
        .iter()
        .all(|finding| finding.severity() == Severity::Note);
    if clean && manifest.format != Format::DockerSchema1Signed {
        let text = style::indented(bytes).expect("an object");
        let (again, same) = Manifest::read(text.as_bytes(), told).expect("an object");
        assert_eq!((&again.content, &same), (&manifest.content, findings));
    }
    read
}

/// Every finding has a line and a column, at the value that it names or at what lacks it.
fn check_places(bytes: &[u8], manifest: &Manifest, findings: &[Finding]) {
    let places = Finding::places(findings, bytes);
    assert_eq!(places.len(), findings.len());
    for (finding, place) in findings.iter().zip(places) {
        assert!(!finding.message.is_empty(), "{finding:?}");
        // What follows the object in a wrong encoding is read by nobody, so nothing has a place there.
        let Some(place) = place else {
            assert!(
                std::str::from_utf8(bytes).is_err(),
                "{finding:?} is nowhere"
            );
            continue;
        };
        assert!(
            place.range.start < place.range.end && place.range.end <= bytes.len(),
            "{finding:?} at {place:?}"
        );
        assert_eq!(
            place.position,
            json::Position::from_offset(bytes, place.range.start),
            "{finding:?}"
        );
        // What is read from the payload of a signed manifest may be elsewhere in its body.
        let found = place.exact || manifest.format == Format::DockerSchema1Signed;
        let parent = finding
            .pointer
            .rsplit_once('/')
            .and_then(|(parent, _)| json::locate(bytes, parent));
        assert!(found || parent.is_some(), "{finding:?} is nowhere");
    }
}
