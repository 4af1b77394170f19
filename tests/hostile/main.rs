//! Manifests made to harm: each is read, and exactly what its row in `tests/fixtures/hostile/index.json` says is found.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

mod headless;
mod registries;

use std::sync::LazyLock;

use waybill_core::digest::{Algorithm, Digest};
use waybill_core::finding::{Finding, Severity};
use waybill_core::workflow::fetch::{Fetch, Generation, Received};
use waybill_core::workflow::inspect::{ContentKey, Effect, InspectTarget, Model, Msg, update};
use waybill_testkit::hostile::{self, Hostile};
use waybill_testkit::{fixtures, signature};

/// What reading one gave.
struct Seen {
    hostile: &'static Hostile,
    format: Option<&'static str>,
    ambiguous: bool,
    /// Codes and places in order, as the index has them.
    findings: Vec<String>,
    worst: Option<Severity>,
    digest: Option<String>,
    /// The line and column at which it stops to be JSON, and why.
    error: Option<(String, String)>,
}

/// Some are of 4 MiB, so each is read once for all tests.
static SEEN: LazyLock<Vec<Seen>> = LazyLock::new(|| hostile::all().iter().map(see).collect());

/// By Inspect's own way, as the page and the headless reader go it.
fn see(hostile: &'static Hostile) -> Seen {
    let subject = InspectTarget::Bundle {
        name: "it".to_owned(),
        expected: None,
    };
    let (mut model, _) = Model::open(subject, Vec::new(), Generation(1));
    let arrival = Received {
        content_type: hostile.told.clone(),
        ..Received::local(hostile.bytes.as_slice().into())
    };
    for effect in update(
        &mut model,
        Msg::Received {
            generation: Generation(1),
            key: ContentKey::Root,
            result: Ok(arrival),
        },
    ) {
        if let Effect::CheckSignatures { key, signed } = effect {
            let results = signature::check_all(&signed);
            update(
                &mut model,
                Msg::SignaturesChecked {
                    key,
                    signed,
                    results,
                },
            );
        }
    }
    let node = model.root().and_then(Fetch::done).expect("it came");
    let manifest = node.manifest.as_ref();
    let findings = model.findings();
    let mut shown: Vec<_> = findings
        .iter()
        .map(|it| format!("{} {}", it.code, it.pointer))
        .collect();
    shown.sort();
    let digest = manifest.map_or_else(
        |_| Some(Digest::sha256(&hostile.bytes)),
        |manifest| manifest.digest(Algorithm::Sha256),
    );
    Seen {
        hostile,
        format: manifest
            .ok()
            .map(|manifest| fixtures::format_name(manifest.format)),
        ambiguous: manifest.is_ok_and(|manifest| manifest.ambiguous),
        findings: shown,
        worst: findings.iter().map(Finding::severity).max(),
        digest: digest.map(|digest| digest.to_string()),
        error: manifest.err().map(|error| {
            (
                format!("{}:{}", error.position.line, error.position.column),
                error.to_string(),
            )
        }),
    }
}

#[test]
fn each_has_exactly_its_findings() {
    let mut wrong = Vec::new();
    for Seen {
        hostile,
        format,
        ambiguous,
        findings,
        error,
        ..
    } in SEEN.iter()
    {
        let name = &hostile.name;
        if *format != hostile.format.as_deref() || *ambiguous != hostile.ambiguous {
            wrong.push(format!(
                "{name}: read as {format:?}, ambiguous: {ambiguous}"
            ));
        }
        for wanted in hostile
            .wanted
            .iter()
            .filter(|wanted| !findings.contains(wanted))
        {
            wrong.push(format!("{name}: {wanted} is not found"));
        }
        if *findings != hostile.findings {
            wrong.push(format!(
                "{name}: expected {:?}, found {findings:?}",
                hostile.findings
            ));
        }
        // Of the giant ones no place is expected.
        let expected = hostile.error.as_ref().filter(|place| !place.is_empty());
        if expected.is_some_and(|place| error.as_ref().is_none_or(|(found, _)| found != place)) {
            wrong.push(format!(
                "{name}: expected an error at {expected:?}, got {error:?}"
            ));
        }
    }
    let how = "where the findings are right: tests/fixtures/hostile/make --record";
    assert!(
        wrong.is_empty(),
        "{} are wrong; {how}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn none_is_clean() {
    for Seen {
        hostile,
        worst,
        error,
        ..
    } in SEEN.iter()
    {
        assert!(
            error.is_some() || *worst > Some(Severity::Note),
            "{} is clean",
            hostile.name
        );
    }
}

#[test]
fn every_format_and_every_way_to_be_none_is_there() {
    let mut formats: Vec<_> = SEEN
        .iter()
        .map(|seen| seen.format.unwrap_or("broken"))
        .collect();
    assert!(formats.len() >= 90, "only {}", formats.len());
    formats.sort_unstable();
    let count = |format: &str| formats.iter().filter(|it| **it == format).count();
    for format in [
        "docker-list",
        "docker-schema1",
        "docker-schema1-signed",
        "docker-schema2",
        "oci-index",
        "oci-manifest",
    ] {
        assert!(count(format) >= 15, "only {} of {format}", count(format));
    }
    assert!(count("broken") >= 20 && count("unknown") >= 1 && count("oci-artifact") >= 1);
}

#[test]
fn each_has_the_digest_of_what_it_covers() {
    for Seen {
        hostile, digest, ..
    } in SEEN.iter()
    {
        assert_eq!(*digest, hostile.digest, "{}", hostile.name);
    }
}

/// `tests/fixtures/judge` asks skopeo again; here its recorded answers are compared with ours.
#[test]
fn the_digest_is_skopeos_or_the_index_says_why_not() {
    let (mut same, mut others) = (0, 0);
    for Seen {
        hostile, digest, ..
    } in SEEN.iter()
    {
        let Some(skopeo) = &hostile.skopeo else {
            continue;
        };
        let agrees = Some(skopeo) == digest.as_ref();
        assert_eq!(
            agrees,
            hostile.disagreement.is_none(),
            "{}: skopeo says {skopeo}",
            hostile.name
        );
        same += usize::from(agrees);
        others += usize::from(!agrees);
    }
    assert!(
        same >= 60,
        "skopeo agrees on {same}, says something else of {others}"
    );
}
