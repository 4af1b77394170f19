//! Challenges and scopes against oras-go's test tables.

use std::collections::BTreeMap;

use serde_json::Value;
use waybill_core::registry::challenge::Challenge;
use waybill_core::registry::scope;

use super::cases;

#[test]
fn challenges_read_as_oras_reads_them() {
    for case in cases("www-authenticate.json").unwrap_or_default() {
        let challenges = Challenge::parse(case["header"].as_str().unwrap_or_default());
        let name = &case["name"];
        let Some(wanted) = case["wantScheme"]["go"].as_str() else {
            assert!(challenges.is_empty(), "{name}: {challenges:?}");
            continue;
        };
        // That table knows one challenge a header; whatever follows must not look like one that would be answered.
        let (first, others) = challenges
            .split_first()
            .unwrap_or_else(|| panic!("{name}: no challenge"));
        assert!(
            others
                .iter()
                .all(|other| !other.is("bearer") && !other.is("basic")),
            "{name}: {others:?}"
        );
        let scheme = match first.scheme.as_str() {
            "basic" => "SchemeBasic",
            "bearer" => "SchemeBearer",
            _ => "SchemeUnknown",
        };
        assert_eq!(scheme, wanted, "{name}");
        if scheme == "SchemeBearer" {
            let parameters: BTreeMap<&str, &str> = first
                .parameters
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str()))
                .collect();
            let wanted: BTreeMap<&str, &str> = case["wantParams"]
                .as_object()
                .map(|wanted| {
                    wanted
                        .iter()
                        .map(|(key, value)| (key.as_str(), value.as_str().expect("text")))
                        .collect()
                })
                .unwrap_or_default();
            assert_eq!(parameters, wanted, "{name}");
        }
    }
}

#[test]
fn scopes_are_cleaned_as_oras_cleans_them() {
    let list = |value: &Value| -> Vec<String> {
        let text = |scope: &Value| scope.as_str().expect("text").to_owned();
        value
            .as_array()
            .map(|list| list.iter().map(text).collect())
            .unwrap_or_default()
    };
    for case in cases("scopes-clean.json").unwrap_or_default() {
        let scopes = list(&case["scopes"]);
        assert_eq!(
            scope::clean(scopes.iter().map(String::as_str)),
            list(&case["want"]),
            "{}",
            case["name"]
        );
    }
}
