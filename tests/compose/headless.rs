//! The headless composer as a script uses it: its bytes, its report and its exit status.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;
use waybill_core::digest::Digest;
use waybill_testkit::example::built;
use waybill_testkit::project;

use crate::forms::{cases, golden, text};

static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| built("waybill-core", "compose"));

const SOURCES: &str = "tests/golden/compose/sources";

/// Its status, its bytes and its report, `Null` where that is not JSON.
fn compose<S: AsRef<OsStr>>(arguments: &[S]) -> (i32, Vec<u8>, Value, String) {
    let output = Command::new(&*PROGRAM)
        .current_dir(project())
        .args(arguments)
        .output()
        .expect("it runs");
    let said = String::from_utf8(output.stderr).expect("text");
    let report = serde_json::from_str(&said).unwrap_or(Value::Null);
    (
        output.status.code().expect("it was not killed"),
        output.stdout,
        report,
        said,
    )
}

/// A folder that is gone at the end.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("waybill-{name}-{}", std::process::id()));
        std::fs::create_dir_all(path.join("blobs/sha256")).expect("a folder");
        Self(path)
    }

    fn put(&self, bytes: &[u8]) -> Digest {
        let digest = Digest::sha256(bytes);
        std::fs::write(self.0.join("blobs/sha256").join(digest.encoded()), bytes).expect("written");
        digest
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn files_give_the_bytes_that_the_tools_wrote() {
    let asks = [
        "annotations",
        "entryAnnotations",
        "artifactType",
        "platforms",
        "listed",
    ];
    // docker sorts by the references, which files do not have.
    let plain =
        |case: &&Value| case["form"] != "docker" && asks.iter().all(|ask| case[*ask].is_null());
    let cases = cases();
    let mut count = 0;
    for case in cases.iter().filter(plain) {
        let sources = case["sources"].as_array().expect("sources");
        let files = sources
            .iter()
            .map(|name| format!("{SOURCES}/{}.json", text(name)));
        let flags = [
            "--as".to_owned(),
            text(&case["form"]).to_owned(),
            format!("--kind={}", text(&case["kind"])),
        ];
        let (_, bytes, report, said) = compose(&flags.into_iter().chain(files).collect::<Vec<_>>());
        assert_eq!(
            bytes,
            golden(&format!("{}.json", text(&case["name"]))),
            "{said}"
        );
        assert_eq!(report["digest"], case["digest"]);
        assert_eq!(report["size"], case["size"]);
        assert_eq!(report["mediaType"], case["mediaType"]);
        count += 1;
    }
    assert!(count >= 10, "{count}");
}

#[test]
fn a_layout_gives_its_entries_and_what_is_wrong_in_it_is_left_out() {
    let folder = Folder::new("layout");
    let mut entries = Vec::new();
    for name in ["oci-amd64", "oci-arm-v7"] {
        let manifest = golden(&format!("sources/{name}.json"));
        folder.put(&golden(&format!("sources/{name}.json.config")));
        let (digest, size) = (folder.put(&manifest), manifest.len());
        let annotations = r#"{"org.opencontainers.image.ref.name":"x"}"#;
        entries.push(format!(
            r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{digest}","size":{size},"annotations":{annotations}}}"#
        ));
    }
    let index = |entries: &[String]| {
        let entries = entries.join(",");
        format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{entries}]}}"#
        )
    };
    // An index in the index, as skopeo and BuildKit write a layout.
    let inner = index(&entries);
    let digest = folder.put(inner.as_bytes());
    let outer = format!(
        r#"{{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"{digest}","size":{}}}"#,
        inner.len()
    );
    std::fs::write(folder.0.join("index.json"), index(&[outer])).expect("written");
    let (status, bytes, report, said) = compose(&[&folder.0]);
    assert_eq!(status, 0, "{said}");
    assert_eq!(
        report["findings"].as_array().map(Vec::len),
        Some(0),
        "{said}"
    );
    let written: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(written["manifests"][0]["platform"]["architecture"], "amd64");
    assert_eq!(written["manifests"][1]["platform"]["variant"], "v7");
    assert!(written["manifests"][1]["annotations"].is_null());

    // A blob that is another.
    let place = folder
        .0
        .join("blobs/sha256")
        .join(Digest::sha256(&golden("sources/oci-amd64.json")).encoded());
    std::fs::write(place, golden("sources/oci-windows.json")).expect("written");
    let (status, bytes, report, _) = compose(&[&folder.0]);
    assert_eq!(status, 1);
    assert_eq!(report["findings"][0]["code"], "source-refused");
    let written: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(written["manifests"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_platform_can_be_stated_and_a_target_gives_commands() {
    let file = format!("linux/arm64/v9={SOURCES}/oci-arm64-v8.json");
    let (status, bytes, report, _) = compose(&["--target", "localhost:5000/o/app:1", &file]);
    assert_eq!(status, 0);
    assert!(String::from_utf8_lossy(&bytes).contains(r#""variant":"v9""#));
    let tools: Vec<_> = report["commands"]
        .as_array()
        .expect("commands")
        .iter()
        .map(|one| text(&one["tool"]))
        .collect();
    assert_eq!(
        tools,
        [
            "docker buildx",
            "docker manifest",
            "crane",
            "regctl",
            "oras",
            "podman",
            "manifest-tool"
        ]
    );
    assert_eq!(
        report["commands"][2]["leftOut"][0],
        "platforms that differ from the config"
    );
    assert!(text(&report["commands"][2]["lines"][0]).starts_with("crane index append --insecure"));
}

#[test]
fn a_layout_is_written_beside_the_list() {
    let folder = Folder::new("written");
    let file = folder.0.join("layout.tar");
    let path = file.to_str().expect("text");
    let (status, bytes, report, said) = compose(&[
        "--target=r.example/app",
        "--layout",
        path,
        &format!("{SOURCES}/oci-amd64.json"),
    ]);
    assert_eq!(status, 0, "{said}");
    let counts = ["manifests", "configs", "layers"]
        .map(|kind| report["missing"][kind].as_array().map(Vec::len));
    assert_eq!(counts, [Some(0), Some(0), Some(1)]);
    let layout = std::fs::read(&file).expect("a file");
    for content in [
        &bytes,
        &golden("sources/oci-amd64.json"),
        &golden("sources/oci-amd64.json.config"),
    ] {
        assert!(layout.windows(content.len()).any(|part| part == content));
    }
    let (status, bytes, _, said) = compose(&[
        "--layout",
        "nowhere/layout.tar",
        &format!("{SOURCES}/oci-amd64.json"),
    ]);
    assert_eq!((status, bytes.len()), (2, 0));
    assert!(
        said.contains("nowhere/layout.tar: No such file or directory"),
        "{said}"
    );
}

#[test]
fn wrong_usage_writes_nothing() {
    let manifest = format!("{SOURCES}/oci-amd64.json");
    let wrong: &[(&[&str], &str)] = &[
        (&[], "no manifest was given; --help says how"),
        (&["--as"], "--as needs a value"),
        (&["--as", "tar", &manifest], "no form is called tar"),
        (&["--kind=list", &manifest], "no kind is called list"),
        (&["--mend", &manifest], "no flag is called --mend"),
        (
            &["tests/nothing.json"],
            "tests/nothing.json: No such file or directory (os error 2)",
        ),
        (
            &["tests"],
            "tests/index.json: No such file or directory (os error 2)",
        ),
    ];
    for (arguments, complaint) in wrong {
        let (status, bytes, _, said) = compose(arguments);
        assert_eq!((status, bytes.len()), (2, 0), "{said}");
        assert!(said.contains(complaint), "{said}");
    }
    let (status, help, ..) = compose(&["--help"]);
    assert_eq!(status, 0);
    assert!(help.starts_with(b"Composes a list of manifests"));
    assert!(Path::new(&*PROGRAM).exists());
}

#[test]
fn a_source_that_is_not_what_it_claims_is_left_out_and_the_list_is_written() {
    let schema1 = "tests/fixtures/docker-schema1/lantern-unsigned.json";
    let (status, bytes, report, _) = compose(&[schema1, &format!("{SOURCES}/oci-amd64.json")]);
    assert_eq!(status, 1);
    let message = text(&report["findings"][0]["message"]);
    assert_eq!(
        message,
        &format!("{schema1}: it is Docker schema 1, which no list may name")
    );
    assert!(String::from_utf8_lossy(&bytes).contains(r#""architecture":"amd64""#));
}
