//! Holds core to the test tables of the projects that set the rules: distribution/reference, containerd/platforms,
//! opencontainers/go-digest and oras-go, as JSON files in the folder that `WAYBILL_VECTORS` names.
//!
//! The tables are not part of this project. Without the folder every test here passes and says that it checked
//! nothing.

#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says what it expected"
)]

mod registry;

use std::io::Write as _;
use std::path::Path;
use std::sync::Once;

use serde_json::Value;
use waybill_core::digest::{Digest, DigestError};
use waybill_core::input::{Input, understand};
use waybill_core::platform::Platform;
use waybill_core::reference::{Reference, ReferenceRule, Target};

/// The file's `cases`, or `None` where no folder was named. A missing file or one without cases fails.
fn cases(file: &str) -> Option<Vec<Value>> {
    cases_and_table(file).map(|(cases, _)| cases)
}

fn cases_and_table(file: &str) -> Option<(Vec<Value>, Value)> {
    let Some(folder) = std::env::var_os("WAYBILL_VECTORS") else {
        static SAID: Once = Once::new();
        // Written past the test runner, which would keep the output of a test that passes.
        SAID.call_once(|| {
            let _ = std::io::stderr().write_all(
                b"\n*** VECTORS NOT CHECKED: WAYBILL_VECTORS is not set. It needs the path of a folder that holds\n\
                  *** the test tables of distribution/reference, containerd/platforms, opencontainers/go-digest\n\
                  *** and oras-go as JSON: reference-*.json, platforms-*.json, digest-parse.json,\n\
                  *** www-authenticate.json, scopes-clean.json.\n\n",
            );
        });
        return None;
    };
    let path = Path::new(&folder).join(file);
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let table: Value = serde_json::from_slice(&bytes).expect(file);
    let cases = table["cases"]
        .as_array()
        .expect("cases is an array")
        .clone();
    assert!(!cases.is_empty(), "{file} has no cases");
    Some((cases, table))
}

fn text<'a>(case: &'a Value, member: &str) -> &'a str {
    case[member]
        .as_str()
        .unwrap_or_else(|| panic!("{member} is no text in {case}"))
}

fn parse(text: &str) -> Reference {
    text.parse()
        .unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

#[test]
fn references_parse_and_fail_as_distribution_has_it() {
    /// Where core reads on purpose what distribution refuses, and whether it can compute that digest.
    const DIFFERENT: &[(&str, bool)] = &[
        // Valid grammar; the algorithm is one that cannot be computed here, so the digest is "unsupported".
        ("validname@invaliddigest:", false),
        // Refused there only because that test does not link SHA-512.
        ("validname@sha512:", true),
    ];
    let Some(cases) = cases("reference-parse.json") else {
        return;
    };
    let mut different = 0;
    for case in cases {
        let input = text(&case, "input");
        if let Some((_, is_supported)) =
            DIFFERENT.iter().find(|(start, _)| input.starts_with(start))
        {
            different += 1;
            let digest = parse(input).digest().cloned().expect(input);
            assert_eq!(digest.algorithm().is_some(), *is_supported, "{input:?}");
            continue;
        }
        if let Some(expected) = case["err"].as_str() {
            let error = input.parse::<Reference>().expect_err(input);
            let kind = match error.rule() {
                ReferenceRule::Empty => "ErrNameEmpty",
                ReferenceRule::RepositoryUpperCase => "ErrNameContainsUppercase",
                ReferenceRule::RepositoryLength { .. } => "ErrNameTooLong",
                ReferenceRule::Digest(DigestError::Length { .. }) => {
                    "digest.ErrDigestInvalidLength"
                }
                _ => "ErrReferenceInvalidFormat",
            };
            assert_eq!(kind, expected, "{input:?}: {error}");
            assert!(error.position() <= input.len(), "{input:?}: {error}");
            continue;
        }
        let reference = parse(input);
        // The table is of `Parse`, which neither adds a host nor `library/`.
        let repository = text(&case, "repository");
        let first = repository.split('/').next().unwrap_or_default();
        let normalised = match repository.split_once('/') {
            None => ["docker.io/library/", repository].concat(),
            Some(_) if first.contains(['.', ':']) => repository.to_owned(),
            Some(_) => ["docker.io/", repository].concat(),
        };
        let whole = [
            reference.host().as_str(),
            "/",
            reference.repository().as_str(),
        ]
        .concat();
        assert_eq!(whole, normalised, "{input:?}");
        assert_eq!(
            reference.tag().map(ToString::to_string).as_deref(),
            case["tag"].as_str(),
            "{input:?}"
        );
        assert_eq!(
            reference.digest().map(Digest::as_str),
            case["digest"].as_str(),
            "{input:?}"
        );
    }
    assert_eq!(
        different,
        DIFFERENT.len(),
        "a case that differs on purpose is gone"
    );
}

#[test]
fn references_are_normalised_as_distribution_does() {
    if let Some(cases) = cases("reference-normalized-valid.json") {
        for case in cases {
            let reference = parse(case.as_str().expect("text"));
            assert_eq!(parse(&reference.to_string()), reference);
            assert_eq!(parse(&reference.familiar()), reference);
        }
    }
    if let Some(cases) = cases("reference-normalized-invalid.json") {
        for case in cases {
            let input = case.as_str().expect("text");
            assert!(input.parse::<Reference>().is_err(), "{input:?} was read");
        }
    }
    if let Some(cases) = cases("reference-normalized-split.json") {
        for case in cases {
            let reference = parse(text(&case, "input"));
            assert_eq!(reference.host().as_str(), text(&case, "domain"), "{case}");
            assert_eq!(
                reference.repository().as_str(),
                text(&case, "path"),
                "{case}"
            );
        }
    }
}

#[test]
fn references_mean_what_docker_asks_the_registry_for() {
    let Some(cases) = cases("reference-dockerref.json") else {
        return;
    };
    for case in cases {
        let reference = parse(text(&case, "input"));
        let target = reference.target();
        let separator = if matches!(target, Target::Tag(_)) {
            ':'
        } else {
            '@'
        };
        let asked = format!(
            "{}/{}{separator}{target}",
            reference.host(),
            reference.repository()
        );
        assert_eq!(asked, text(&case, "expected"), "{case}");
        assert_eq!(reference.at(target).to_string(), asked, "{case}");
    }
}

#[test]
fn the_box_takes_names_digests_and_image_ids() {
    let Some(cases) = cases("reference-any.json") else {
        return;
    };
    for case in cases {
        let input = text(&case, "Reference");
        let understood =
            match understand(input).unwrap_or_else(|error| panic!("{input:?}: {error}")) {
                Input::Reference(reference) => reference.reference.to_string(),
                Input::Digest(digest) => digest.to_string(),
                other => panic!("{input:?} was taken for {other:?}"),
            };
        assert_eq!(understood, text(&case, "Equivalent"), "{case}");
    }
}

#[test]
fn digests_parse_and_fail_as_go_digest_has_it() {
    let Some(cases) = cases("digest-parse.json") else {
        return;
    };
    for case in cases {
        let input = text(&case, "Input");
        let parsed = input.parse::<Digest>();
        let kind = match &parsed {
            Ok(digest) if digest.algorithm().is_some() => None,
            // On purpose no error here: an unknown algorithm is unsupported, neither a match nor a mismatch.
            Ok(_) => Some("digest.ErrDigestUnsupported"),
            Err(DigestError::Length { .. }) => Some("digest.ErrDigestInvalidLength"),
            Err(_) => Some("digest.ErrDigestInvalidFormat"),
        };
        assert_eq!(kind, case["Err"]["go"].as_str(), "{case}");
        if let (Ok(digest), Some(algorithm)) = (&parsed, case["Algorithm"].as_str()) {
            assert_eq!(
                (digest.algorithm_name(), digest.encoded()),
                (algorithm, text(&case, "Encoded")),
                "{case}"
            );
        }
    }
}

/// A text of the table, or what stands for the machine of whoever runs containerd's test: core has fixed defaults.
fn of_host(value: &Value) -> String {
    match value["go"].as_str() {
        Some("defaultOS") => Platform::DEFAULT_OS.to_owned(),
        Some("defaultArch") => Platform::DEFAULT_ARCHITECTURE.to_owned(),
        Some("defaultVariant") => String::new(),
        Some(other) => panic!("{other} is no known name"),
        None => value.as_str().unwrap_or_default().to_owned(),
    }
}

fn platform_of(value: &Value) -> Platform {
    let optional = |member: &str| Some(of_host(&value[member])).filter(|text| !text.is_empty());
    let texts = |member: &str| {
        value[member]
            .as_array()
            .into_iter()
            .flatten()
            .map(of_host)
            .collect()
    };
    Platform {
        os: of_host(&value["OS"]),
        architecture: of_host(&value["Architecture"]),
        os_version: optional("OSVersion"),
        os_features: texts("OSFeatures"),
        variant: optional("Variant"),
        ..Platform::default()
    }
}

fn platform(text: &str) -> Platform {
    text.parse()
        .unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

#[test]
fn platforms_parse_and_print_as_containerd_has_it() {
    let Some(cases) = cases("platforms-parse.json") else {
        return;
    };
    let mut skipped = 0;
    for case in cases {
        let input = text(&case, "input");
        if case["skip"] == true {
            // containerd skips what it does not support yet: wildcards, which its parser refuses. So does ours.
            assert!(input.contains('*'), "{input:?} is skipped and no wildcard");
            assert!(input.parse::<Platform>().is_err(), "{input:?} was read");
            skipped += 1;
            continue;
        }
        let parsed = platform(input);
        assert_eq!(parsed, platform_of(&case["expected"]), "{input:?}");
        for image in case["matches"].as_array().into_iter().flatten() {
            assert!(
                parsed.matches(&platform_of(image)),
                "{input:?} does not match {image}"
            );
        }
        let formatted = match case["formatted"]["go_path_join"].as_array() {
            Some(parts) => {
                let parts: Vec<String> = parts
                    .iter()
                    .map(of_host)
                    .filter(|part| !part.is_empty())
                    .collect();
                parts.join("/")
            }
            None => text(&case, "formatted").to_owned(),
        };
        assert_eq!(parsed.to_string(), formatted, "{input:?}");
        assert_eq!(platform(&formatted).to_string(), formatted, "{input:?}");
    }
    assert_eq!(skipped, 3, "three cases are of wildcards");
}

#[test]
fn platforms_fail_as_containerd_has_it() {
    let Some(cases) = cases("platforms-parse-invalid.json") else {
        return;
    };
    for case in cases {
        let input = text(&case, "input");
        assert!(input.parse::<Platform>().is_err(), "{input:?} was read");
    }
}

#[test]
fn machines_run_what_containerd_says_they_run() {
    let Some(cases) = cases("platforms-only.json") else {
        return;
    };
    for case in cases {
        let host = platform(text(&case, "platform"));
        for (runs, member) in [(true, "true"), (false, "false")] {
            let images = case["matches"][member].as_array().expect("a list");
            assert!(!images.is_empty(), "{case}");
            for image in images {
                let image = platform(image.as_str().expect("text"));
                assert_eq!(host.runs(&image), runs, "{host} runs {image}");
            }
        }
    }
}

#[test]
fn windows_runs_the_releases_that_containerd_says() {
    let Some((cases, table)) = cases_and_table("platforms-windows-compat.json") else {
        return;
    };
    for case in cases {
        let of_build = |member: &str| {
            let build = table["constants"][text(&case[member], "go")]
                .as_u64()
                .expect("a build number");
            platform(&format!("windows(10.0.{build}.1)/amd64"))
        };
        let (host, image) = (of_build("hostOS"), of_build("ctrOS"));
        let should_run = case["shouldRun"].as_bool().expect("true or false");
        assert_eq!(host.runs(&image), should_run, "{host} runs {image}");
        assert_eq!(host.matches(&image), should_run, "{host} matches {image}");
    }
}
