//! Sigstore's own cases: those that have to fail are never green, and the others are.
//!
//! They lie where `WAYBILL_SIGSTORE_CONFORMANCE` says, a checkout of sigstore/sigstore-conformance: nobody says by what
//! licence, so they are not kept here.

use std::fs;
use std::path::Path;

use waybill_core::digest::Digest;
use waybill_signatures::{Form, Given, Question, Signed, Subject, TrustedRoot, check};

use super::harness::{Library, now};

/// Whom the certificates name of cases that do not say it otherwise (test/client.py there).
const IDENTITY: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";

#[test]
fn the_cases_of_sigstore_come_out_as_they_are_named() {
    let Ok(folder) = std::env::var("WAYBILL_SIGSTORE_CONFORMANCE") else {
        eprintln!("skipped: WAYBILL_SIGSTORE_CONFORMANCE names no folder");
        return;
    };
    let folder = Path::new(&folder).join("test/assets/bundle-verify");
    let public = waybill_testkit::project().join("static/sigstore-root.json");
    let public = fs::read(public).expect("the public root");
    let artifact = fs::read(folder.join("a.txt")).expect("the artifact");
    let (mut wrong, mut count) = (Vec::new(), 0);
    let mut cases: Vec<_> = fs::read_dir(&folder).expect("cases").flatten().collect();
    cases.sort_unstable_by_key(fs::DirEntry::file_name);
    for case in cases.iter().filter(|case| case.path().is_dir()) {
        let read = |name: &str| fs::read(case.path().join(name)).ok();
        let name = case.file_name().into_string().expect("text");
        let bytes = read("bundle.sigstore.json").expect("a bundle");
        let artifact = read("artifact").unwrap_or_else(|| artifact.clone());
        let root = read("trusted_root.json").unwrap_or_else(|| public.clone());
        let mut given = Given::default();
        let root = TrustedRoot::read(&root, "the root");
        // A key or a root that cannot be read is refused before anything is checked.
        let key = read("key.pub").map_or(Ok(()), |key| given.add(&key));
        if read("key.pub").is_none() {
            let named = read("identity").and_then(|named| String::from_utf8(named).ok());
            given.signer =
                Some(named.map_or_else(|| IDENTITY.to_owned(), |it| it.trim().to_owned()));
        }
        let signed = Signed {
            form: Form::Bundle,
            digest: Digest::sha256(&bytes),
            size: bytes.len() as u64,
            annotations: Vec::new(),
            bytes,
        };
        let subject = Subject {
            digest: Digest::sha256(&artifact),
            size: artifact.len() as u64,
            media_type: String::new(),
            bytes: artifact,
        };
        let must_fail = name.ends_with("_fail");
        count += 1;
        if let (Ok(root), Ok(())) = (root, key) {
            given.root = Some(root);
        } else {
            assert!(must_fail, "{name}");
            continue;
        }
        let question = Question {
            signed: &signed,
            subject: &subject,
            looked_at: None,
            asked: None,
            given: &given,
            now: 1_795_000_000,
        };
        let report = now(check(&question, &Library));
        if report.holds() == must_fail {
            wrong.push(format!("{name}: {report:#?}"));
        }
    }
    assert!(count > 60, "{count} cases");
    assert!(
        wrong.is_empty(),
        "{} of {count}: {}",
        wrong.len(),
        wrong.join("\n")
    );
}
