//! Holds challenges and scopes to oras-go's test tables, as JSON files in the folder that `WAYBILL_VECTORS` names.
//!
//! The tables are not part of this project. Without the folder every test here passes and says that it checked
//! nothing.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::sync::Once;

use serde_json::Value;
use waybill_core::registry::challenge::Challenge;
use waybill_core::registry::scope;

/// The file's `cases`, or `None` where no folder was named. A missing file or one without cases fails.
fn cases(file: &str) -> Option<Vec<Value>> {
    let Some(folder) = std::env::var_os("WAYBILL_VECTORS") else {
        static SAID: Once = Once::new();
        // Written past the test runner, which would keep the output of a test that passes.
        SAID.call_once(|| {
            let _ = std::io::stderr().write_all(
                b"\n*** VECTORS NOT CHECKED: WAYBILL_VECTORS is not set. It needs the path of a folder that holds\n\
                  *** oras-go's test tables as JSON: www-authenticate.json, scopes-clean.json.\n\n",
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
    Some(cases)
}

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
