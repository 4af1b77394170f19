//! Reports: `OpenVEX`, scans for vulnerabilities, results of tests, summaries of verifications.
//!
//! Source: openvex/spec `OPENVEX-SPEC.md`; cosign `specs/COSIGN_VULN_ATTESTATION_SPEC.md`;
//! in-toto/attestation `spec/predicates/`; slsa-framework `verification_summary.md`.

use std::collections::BTreeMap;

use crate::json::{Object, Value};
use crate::limits;

use super::value::{array, at, text, texts};
use super::{Document, Listing, Section, Table};

/// Reads a report, where it is one that is known.
pub(super) fn read(document: &mut Document, of: &str, whole: &Object<'_>) -> bool {
    let begins = |with: &str| of.starts_with(with);
    if begins("https://openvex.dev/ns") || text(whole, &["@context"]).contains("openvex.dev/ns") {
        vex(document, whole);
    } else if begins("https://cosign.sigstore.dev/attestation/vuln/")
        || begins("https://in-toto.io/attestation/vulns")
    {
        vulnerabilities(document, whole);
    } else if begins("https://in-toto.io/attestation/test-result/") {
        test_result(document, whole);
    } else if begins("https://slsa.dev/verification_summary/") {
        summary(document, whole);
    } else {
        return false;
    }
    true
}

fn vex(document: &mut Document, whole: &Object<'_>) {
    "OpenVEX".clone_into(&mut document.title);
    let mut about = Section::new("About it");
    about.text("author", whole, &["author"]);
    about.text("made", whole, &["timestamp"]);
    about.text("version", whole, &["version"]);
    document.sections.extend(about.filled());
    let mut table = Table::new(Listing::Statement);
    let mut unreasoned = 0;
    for statement in array(whole, &["statements"])
        .iter()
        .filter_map(Value::as_object)
    {
        let named = text(statement, &["vulnerability", "name"]);
        let old = || text(statement, &["vulnerability"]);
        let named = if named.is_empty() { old() } else { named };
        let status = text(statement, &["status"]);
        let reasons = ["justification", "impact_statement", "action_statement"];
        let reasons = reasons.map(|name| text(statement, &[name]));
        let is_reasoned = reasons[..2].iter().any(|reason| !reason.is_empty());
        unreasoned += usize::from(status == "not_affected" && !is_reasoned);
        let reasons = reasons.into_iter().filter(|it| !it.is_empty());
        let products = array(statement, &["products"])
            .iter()
            .take(16)
            .filter_map(|product| {
                let id = product.as_object().map(|it| text(it, &["@id"]));
                id.or_else(|| product.as_str().map(super::value::cut))
            });
        table.row([
            named,
            status,
            reasons.collect::<Vec<_>>().join("; "),
            products.collect::<Vec<_>>().join(", "),
            text(statement, &["timestamp"]),
        ]);
    }
    if unreasoned > 0 {
        let words = format!("{unreasoned} with the status not_affected and no justification");
        document.findings.push(words);
    }
    table.count(1);
    document.tables.extend(table.filled());
}

fn vulnerabilities(document: &mut Document, whole: &Object<'_>) {
    "vulnerability report".clone_into(&mut document.title);
    let mut scan = Section::new("Scanned");
    scan.text("scanner", whole, &["scanner", "uri"]);
    scan.text("version", whole, &["scanner", "version"]);
    scan.text("database", whole, &["scanner", "db", "uri"]);
    scan.text("database of", whole, &["scanner", "db", "lastUpdate"]);
    for (name, member) in [("begun", "scanStartedOn"), ("finished", "scanFinishedOn")] {
        scan.text(name, whole, &["metadata", member]);
    }
    let mut counts = BTreeMap::new();
    let result = at(whole, &["scanner", "result"]).or_else(|| whole.get("result"));
    if let Some(result) = result {
        severities(result, &mut counts);
    }
    document.sections.extend(scan.filled());
    let mut found = Section::new("Found, by severity");
    for (severity, count) in counts {
        found.says(&severity, count.to_string());
    }
    document.sections.extend(found.filled());
}

/// Counts the severities anywhere in what a scanner found: each has a form of its own.
fn severities(result: &Value<'_>, counts: &mut BTreeMap<String, u64>) {
    let mut waiting = vec![result];
    let mut seen = 0;
    while let Some(value) = waiting.pop() {
        seen += 1;
        if seen > limits::DOCUMENT_ROWS * 20 {
            return;
        }
        match value {
            Value::Array(values) => waiting.extend(values),
            Value::Object(object) => {
                let named = ["Severity", "severity"]
                    .into_iter()
                    .map(|name| text(object, &[name]));
                // in-toto's has a list of scores, of which the first tells.
                let scores = array(object, &["severity"])
                    .iter()
                    .filter_map(Value::as_object);
                let scored = scores.take(1).map(|score| text(score, &["score"]));
                let mut all = named.chain(scored).filter(|it| !it.is_empty());
                if let Some(severity) = all.next() {
                    let is_known = counts.contains_key(&severity);
                    if is_known || counts.len() < super::value::FINDINGS {
                        *counts.entry(severity).or_default() += 1;
                    }
                    continue;
                }
                waiting.extend(object.iter().map(|(_, value)| value));
            }
            _ => {}
        }
    }
}

fn test_result(document: &mut Document, whole: &Object<'_>) {
    let result = text(whole, &["result"]);
    let title = ["test result ", &result].concat();
    title.trim_end().clone_into(&mut document.title);
    let mut section = Section::new("Tested");
    section.says("result", result);
    section.text("at", whole, &["url"]);
    for (name, member) in [
        ("passed", "passedTests"),
        ("warned", "warnedTests"),
        ("failed", "failedTests"),
    ] {
        section.says(name, texts(whole, &[member]));
    }
    let configured = array(whole, &["configuration"]).iter().take(16);
    for configured in configured.filter_map(Value::as_object) {
        section.text("configuration", configured, &["name"]);
        section.text("configuration", configured, &["uri"]);
    }
    document.sections.extend(section.filled());
}

fn summary(document: &mut Document, whole: &Object<'_>) {
    let result = text(whole, &["verificationResult"]);
    let title = ["verification summary ", &result].concat();
    title.trim_end().clone_into(&mut document.title);
    let mut section = Section::new("Verified, as it says");
    section.says("result", result);
    section.text("by", whole, &["verifier", "id"]);
    section.text("at", whole, &["timeVerified"]);
    section.text("of", whole, &["resourceUri"]);
    section.text("by the policy", whole, &["policy", "uri"]);
    section.says("levels", texts(whole, &["verifiedLevels"]));
    document.sections.extend(section.filled());
}
