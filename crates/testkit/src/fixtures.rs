//! The manifests of `tests/fixtures/index.json`, each with what the tools that made and judged it say of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;
use waybill_core::manifest::Format;

use crate::project;

/// One manifest.
pub struct Fixture {
    /// `FORMAT/NAME`.
    pub name: String,
    /// Such as `oci-index`.
    pub format: String,
    /// The Content-Type with which the registry served it.
    pub media_type: String,
    /// The digest that the registry gave it.
    pub digest: String,
    /// How many bytes the file has to have.
    pub size: usize,
    /// How many of them the digest covers, in signed schema 1.
    pub payload_size: Option<usize>,
    /// Digests that it names and that no registry has.
    pub missing: Vec<String>,
    /// Each judge with its digest, except for a judge that is known to say something else.
    pub judges: BTreeMap<String, String>,
    /// The file.
    pub bytes: Vec<u8>,
}

fn file(path: &str) -> PathBuf {
    project().join("tests/fixtures").join(path)
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

static INDEX: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_slice(&read(&file("index.json"))).expect("index.json is JSON")
});

static FIXTURES: LazyLock<Vec<Fixture>> = LazyLock::new(|| {
    INDEX["fixtures"]
        .as_array()
        .expect("fixtures is an array")
        .iter()
        .map(fixture)
        .collect()
});

fn fixture(entry: &Value) -> Fixture {
    let text = |value: &Value| {
        value
            .as_str()
            .unwrap_or_else(|| panic!("{value} is not a text"))
            .to_owned()
    };
    let number = |value: &Value| {
        value
            .as_u64()
            .and_then(|number| usize::try_from(number).ok())
    };
    let judges = entry["judges"]
        .as_object()
        .expect("every fixture was judged");
    let agreed = judges
        .iter()
        .filter(|(judge, _)| entry["disagreements"][judge.as_str()].is_null());
    Fixture {
        name: text(&entry["name"]),
        format: text(&entry["format"]),
        media_type: text(&entry["mediaType"]),
        digest: text(&entry["digest"]),
        size: number(&entry["size"]).expect("size is a number"),
        payload_size: number(&entry["payloadSize"]),
        missing: entry["missing"]
            .as_array()
            .into_iter()
            .flatten()
            .map(text)
            .collect(),
        judges: agreed
            .map(|(judge, digest)| (judge.clone(), text(digest)))
            .collect(),
        bytes: read(&file(&text(&entry["file"]))),
    }
}

/// The word for a format in the indexes of fixtures.
pub fn format_name(format: Format) -> &'static str {
    match format {
        Format::DockerSchema1 => "docker-schema1",
        Format::DockerSchema1Signed => "docker-schema1-signed",
        Format::DockerSchema2 => "docker-schema2",
        Format::DockerList => "docker-list",
        Format::OciManifest => "oci-manifest",
        Format::OciIndex => "oci-index",
        Format::OciArtifact | Format::OrasArtifact => "oci-artifact",
        Format::Unknown => "unknown",
    }
}

/// Every fixture in the order of `index.json`.
pub fn all() -> &'static [Fixture] {
    &FIXTURES
}

/// The fixture of that name.
pub fn find(name: &str) -> &'static Fixture {
    all()
        .iter()
        .find(|fixture| fixture.name == name)
        .unwrap_or_else(|| panic!("no fixture is called {name}"))
}

/// A config or layer of a fixture.
pub fn blob(digest: &str) -> Vec<u8> {
    read(&file(
        INDEX["blobs"][digest]
            .as_str()
            .unwrap_or_else(|| panic!("no blob is called {digest}")),
    ))
}

/// The bundled examples: name, root, its media type, digest and size, as `make` recorded them and skopeo judged them.
pub fn examples() -> Vec<(&'static str, Vec<u8>, &'static str, &'static str, u64)> {
    let examples = INDEX["examples"].as_array().expect("examples is an array");
    let example = |entry: &'static Value| {
        let text = |name: &str| entry[name].as_str().expect(name);
        let root = project().join("static/examples").join(text("root"));
        (
            text("name"),
            read(&root),
            text("mediaType"),
            text("digest"),
            entry["size"].as_u64().expect("size"),
        )
    };
    examples.iter().map(example).collect()
}
