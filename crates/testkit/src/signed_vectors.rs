//! `tests/fixtures/signatures/vectors.json`: signed schema 1 with what is true of each signature. Part of the program, so
//! that a browser has it too.

use serde_json::Value;
use waybill_core::manifest::schema1::jws::{Checked, NotChecked};

/// One manifest.
pub struct Vector {
    /// What is special about it.
    pub name: String,
    /// Its text.
    pub manifest: String,
    /// What a check comes to, for each signature.
    pub results: Vec<Checked>,
    /// The id of each signature's key, as Node.js computed it.
    pub key_ids: Vec<Option<String>>,
    /// The codes of what reading it finds of its signatures.
    pub findings: Vec<String>,
    /// What docker/libtrust made of it: `verifies`, `refuses` or `panics`.
    pub libtrust: String,
}

/// Every vector in the order of the file.
pub fn all() -> Vec<Vector> {
    let file = include_str!("../../../tests/fixtures/signatures/vectors.json");
    let vectors: Vec<Value> = serde_json::from_str(file).expect("vectors.json is JSON");
    vectors.iter().map(vector).collect()
}

fn vector(entry: &Value) -> Vector {
    let text = |value: &Value| {
        value
            .as_str()
            .unwrap_or_else(|| panic!("{value} is not a text"))
            .to_owned()
    };
    let list = |name: &str| {
        entry[name]
            .as_array()
            .unwrap_or_else(|| panic!("{name} is not an array"))
            .clone()
    };
    Vector {
        name: text(&entry["name"]),
        manifest: text(&entry["manifest"]),
        results: list("results")
            .iter()
            .map(|result| checked(&text(result)))
            .collect(),
        key_ids: list("keyIds")
            .iter()
            .map(|id| id.as_str().map(str::to_owned))
            .collect(),
        findings: list("findings").iter().map(text).collect(),
        libtrust: text(&entry["libtrust"]),
    }
}

fn checked(word: &str) -> Checked {
    match word {
        "holds" => Checked::Holds,
        "does not hold" => Checked::DoesNotHold,
        "unreadable" => Checked::NotChecked(NotChecked::Unreadable),
        "refused" => Checked::NotChecked(NotChecked::KeyRefused),
        _ => panic!("{word} is no result"),
    }
}
