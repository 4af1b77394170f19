//! The hostile manifests of `tests/fixtures/hostile/index.json`, each with what has to be found in it.

use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::Value;
use waybill_core::media_type::MediaType;

use crate::project;

/// One hostile manifest.
pub struct Hostile {
    /// `FORMAT/NAME`.
    pub name: String,
    /// The format it should be called; `None` where it is no JSON object.
    pub format: Option<String>,
    /// Whether it is two kinds of manifest at once.
    pub ambiguous: bool,
    /// The Content-Type with which it is served.
    pub told: Option<MediaType>,
    /// The line and column at which it stops to be JSON, where it does; empty where they do not matter.
    pub error: Option<String>,
    /// What the attack itself has to give, each as code and place.
    pub wanted: Vec<String>,
    /// Code and place of every finding, in order.
    pub findings: Vec<String>,
    /// The digest of the bytes that are covered; `None` where nobody can tell those.
    pub digest: Option<String>,
    /// What skopeo calls its digest, where it gives one.
    pub skopeo: Option<String>,
    /// Why skopeo's digest is another.
    pub disagreement: Option<String>,
    /// The file, where it is kept as one.
    pub path: Option<PathBuf>,
    /// What stands in it.
    pub bytes: Vec<u8>,
}

static ALL: LazyLock<Vec<Hostile>> = LazyLock::new(|| {
    let index =
        std::fs::read(folder().join("index.json")).expect("tests/fixtures/hostile/make was run");
    let index: Value = serde_json::from_slice(&index).expect("JSON");
    index["fixtures"]
        .as_array()
        .expect("fixtures")
        .iter()
        .map(hostile)
        .collect()
});

fn folder() -> PathBuf {
    project().join("tests/fixtures/hostile")
}

/// Every hostile manifest in the order of the index.
pub fn all() -> &'static [Hostile] {
    &ALL
}

fn hostile(entry: &Value) -> Hostile {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let texts = |name: &str| {
        entry[name]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(text)
            .collect()
    };
    let path = text(&entry["file"]).map(|file| folder().join(file));
    let bytes = path.as_ref().map_or_else(
        || made(&entry["parts"]),
        |path| std::fs::read(path).expect("a file"),
    );
    assert_eq!(entry["size"], bytes.len(), "{entry}");
    Hostile {
        name: text(&entry["name"]).expect("a name"),
        format: text(&entry["format"]),
        ambiguous: entry["ambiguous"].as_bool().expect("true or false"),
        told: text(&entry["told"]).map(MediaType::new),
        error: text(&entry["error"]),
        wanted: texts("wanted"),
        findings: texts("findings"),
        digest: text(&entry["digest"]),
        skopeo: text(&entry["skopeo"]),
        disagreement: text(&entry["disagreement"]),
        path,
        bytes,
    }
}

/// The giant ones are kept as recipes: texts, each with how often it is repeated.
fn made(parts: &Value) -> Vec<u8> {
    let part = |part: &Value| {
        let times = part[1]
            .as_u64()
            .and_then(|times| usize::try_from(times).ok())
            .expect("a number");
        part[0].as_str().expect("a text").repeat(times)
    };
    parts
        .as_array()
        .expect("parts")
        .iter()
        .map(part)
        .collect::<String>()
        .into_bytes()
}
