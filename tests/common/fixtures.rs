//! The manifests of `tests/fixtures/index.json`, each with what the tools that made and judged it say of it.

#![allow(dead_code, reason = "each test that shares this file uses its own part of it")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// One manifest.
pub(crate) struct Fixture {
    /// `FORMAT/NAME`.
    pub(crate) name: String,
    /// Such as `oci-index`.
    pub(crate) format: String,
    /// The Content-Type with which the registry served it.
    pub(crate) media_type: String,
    /// The digest that the registry gave it.
    pub(crate) digest: String,
    /// How many bytes the file has to have.
    pub(crate) size: usize,
    /// How many of them the digest covers, in signed schema 1.
    pub(crate) payload_size: Option<usize>,
    /// Each judge with its digest, except for a judge that is known to say something else.
    pub(crate) judges: BTreeMap<String, String>,
    /// The file.
    pub(crate) bytes: Vec<u8>,
}

/// The folder of the project that holds `tests/`, from any of its packages.
pub(crate) fn project() -> &'static Path {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    folders.find(|folder| folder.join("tests/fixtures").is_dir()).expect("tests/fixtures is above this package")
}

fn file(path: &str) -> PathBuf {
    project().join("tests/fixtures").join(path)
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// `index.json`.
pub(crate) fn index() -> Value {
    serde_json::from_slice(&read(&file("index.json"))).expect("index.json is JSON")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text")).to_owned()
}

fn number(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|number| usize::try_from(number).ok())
}

/// Every fixture in the order of `index.json`.
pub(crate) fn all() -> Vec<Fixture> {
    let index = index();
    let fixtures = index["fixtures"].as_array().expect("fixtures is an array");
    let fixture = |entry: &Value| {
        let judges = entry["judges"].as_object().expect("every fixture was judged");
        let agreed = judges.iter().filter(|(judge, _)| entry["disagreements"][judge.as_str()].is_null());
        Fixture {
            name: text(&entry["name"]),
            format: text(&entry["format"]),
            media_type: text(&entry["mediaType"]),
            digest: text(&entry["digest"]),
            size: number(&entry["size"]).expect("size is a number"),
            payload_size: number(&entry["payloadSize"]),
            judges: agreed.map(|(judge, digest)| (judge.clone(), text(digest))).collect(),
            bytes: read(&file(&text(&entry["file"]))),
        }
    };
    fixtures.iter().map(fixture).collect()
}

/// The fixture of that name.
pub(crate) fn find(name: &str) -> Fixture {
    all().into_iter().find(|fixture| fixture.name == name).unwrap_or_else(|| panic!("no fixture is called {name}"))
}

/// A config or layer of a fixture.
pub(crate) fn blob(digest: &str) -> Vec<u8> {
    read(&file(&text(&index()["blobs"][digest])))
}
