//! What a manifest refers to: there, missing, another, of another type or size.

use super::*;
use crate::registry::error::{ErrorAnswer, RegistryError};
use crate::registry::transport::{Response, Via};
use crate::workflow::fetch::Received;

/// An image that refers to `named`, with what came of it.
fn of(named: &str, came: Option<Result<&str, Failure>>) -> Report {
    let (plain, config) = ordinary();
    let image = plain.replacen(
        r#"{"schemaVersion""#,
        &format!(r#"{{"subject":{named},"schemaVersion""#),
        1,
    );
    let inspection = inspect(&[&image, &config]);
    let mut contents = nothing_found(&inspection);
    let wanted = Report::subjects_wanted(&inspection, &contents);
    assert_eq!(wanted.len(), 1);
    if let Some(came) = came {
        let received = came.map(|text| Received::local(text.as_bytes().into()));
        let digest = wanted[0].digest.clone().expect("a digest");
        contents.subject_came(digest, received);
        assert!(Report::subjects_wanted(&inspection, &contents).is_empty());
    }
    let layers = read(&inspection, |_| Some(gzip("layer")));
    Report::of(&inspection, &layers, &contents, &|_| true)
}

fn named(text: &str) -> String {
    let digest = Digest::sha256(text.as_bytes());
    descriptor(MediaType::OCI_MANIFEST.as_str(), &digest, text.len())
}

fn subject() -> String {
    ordinary().0
}

#[test]
fn a_subject_that_is_there_passes_in_one_row() {
    let report = of(&named(&subject()), Some(Ok(&subject())));
    let [(Outcome::Passed, words)] = of_check(&report, Check::Subject)[..] else {
        panic!("{}", report.to_text());
    };
    assert!(words.starts_with("it is there: application/vnd.oci.image.manifest.v1+json, "));
}

#[test]
fn a_subject_that_is_not_there_is_a_warning() {
    let gone = RegistryError::NotFound(ErrorAnswer::new(
        "https://registry.example/v2/a/manifests/b",
        Via::Direct,
        &Response {
            status: 404,
            headers: Vec::new(),
            body: Vec::new(),
            over_limit: false,
        },
        &[],
    ));
    let failure = Failure::Registry(Box::new(gone));
    let report = of(&named(&subject()), Some(Err(failure)));
    let [(Outcome::Warning, words)] = of_check(&report, Check::Subject)[..] else {
        panic!("{}", report.to_text());
    };
    assert!(words.contains("not in this repository"), "{words}");
    assert_eq!(report.verdict(), Verdict::Valid);
    let report = of(&named(&subject()), Some(Err(Failure::Cancelled)));
    assert_eq!(report.verdict(), Verdict::Incomplete);
}

#[test]
fn every_fault_of_a_subject_is_told() {
    // Other bytes of another length, and no manifest.
    let report = of(&named(&subject()), Some(Ok("{}")));
    let failed: Vec<_> = of_check(&report, Check::Subject);
    assert_eq!(failed.len(), 3, "{}", report.to_text());
    assert!(
        failed
            .iter()
            .all(|(outcome, _)| *outcome == Outcome::Failed)
    );
    // The type alone: an index is named as an image.
    let index = index(&[]);
    let report = of(&named(&index), Some(Ok(&index)));
    let failed = rows(&report, Outcome::Failed);
    let words = "application/vnd.oci.image.manifest.v1+json is stated, it is application/vnd.oci.image.index.v1+json";
    assert_eq!(failed, [("subject", words)]);
    // The size alone.
    let wrong = named(&subject()).replace(&format!(":{}}}", subject().len()), ":1}");
    let report = of(&wrong, Some(Ok(&subject())));
    let failed = rows(&report, Outcome::Failed);
    assert_eq!(failed.len(), 1, "{}", report.to_text());
    assert!(failed[0].1.starts_with("1 bytes are stated"), "{failed:?}");
}

#[test]
fn a_subject_that_the_list_names_is_not_asked_for() {
    let (image, config) = ordinary();
    let referrer = image.replacen(
        r#"{"schemaVersion""#,
        &format!(r#"{{"subject":{},"schemaVersion""#, named(&image)),
        1,
    );
    let root = index(&[&image, &referrer]);
    let inspection = inspect(&[&root, &image, &referrer, &config]);
    assert!(Report::subjects_wanted(&inspection, &Contents::default()).is_empty());
    let report = report(&inspection, |_| Some(gzip("layer")));
    let [(Outcome::Passed, _)] = of_check(&report, Check::Subject)[..] else {
        panic!("{}", report.to_text());
    };
}
