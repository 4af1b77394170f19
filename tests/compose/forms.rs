//! Each form writes what its tool wrote of the same images: `tests/golden/compose`, made by `tests/compose/make`.

use std::path::PathBuf;

use serde_json::Value;
use waybill_core::compose::difference::Difference;
use waybill_core::compose::{Draft, Entry, ListKind, Tool};
use waybill_core::config::ImageConfig;
use waybill_core::digest::Digest;
use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::media_type::MediaType;
use waybill_core::platform::Platform;
use waybill_testkit::project;

pub(crate) fn golden(name: &str) -> Vec<u8> {
    let path: PathBuf = project().join("tests/golden/compose").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is not a text"))
}

fn map(value: &Value) -> Vec<(String, String)> {
    let members = value.as_object().into_iter().flatten();
    members
        .map(|(name, value)| (name.clone(), text(value).to_owned()))
        .collect()
}

/// The entry of a source, whose name is `FAMILY-TAG`.
fn source(name: &str, repository: &str) -> Entry {
    let (manifest, findings) = Manifest::read(
        golden(&format!("sources/{name}.json")),
        &DeclaredTypes::none(),
    )
    .expect("a manifest");
    assert_eq!(findings, [], "{name}");
    let (config, _) =
        ImageConfig::read(&golden(&format!("sources/{name}.json.config"))).expect("a config");
    let tag = name.split_once('-').expect("a tag").1;
    let reference = format!("127.0.0.1:5000/{repository}:{tag}")
        .parse()
        .expect("a reference");
    Entry {
        reference: Some(reference),
        ..Entry::from_manifest(&manifest, Some(&config))
    }
}

fn platform(value: &Value) -> Platform {
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    let features = value["os.features"].as_array().into_iter().flatten();
    Platform {
        architecture: text("architecture").expect("architecture"),
        os: text("os").expect("os"),
        os_version: text("os.version"),
        os_features: features
            .map(|feature| feature.as_str().expect("a text").to_owned())
            .collect(),
        variant: text("variant"),
        ..Platform::default()
    }
}

fn draft(case: &Value) -> Draft {
    let kind = ListKind::of_name(text(&case["kind"])).expect("a kind");
    let mut draft = Draft::new(kind);
    draft.tool = Tool::of_name(text(&case["form"])).expect("a form");
    for name in case["sources"].as_array().expect("sources") {
        let name = text(name);
        let mut entry = source(name, text(&case["repository"]));
        entry.descriptor.annotations = map(&case["entryAnnotations"][name]).into();
        if let Some(changed) = case["platforms"].get(name) {
            entry.descriptor.platform = Some(platform(changed));
        }
        if case["listed"]
            .as_array()
            .is_some_and(|listed| listed.iter().any(|one| one == name))
        {
            entry.origin = None;
        }
        draft.entries.push(entry);
    }
    draft.annotations = map(&case["annotations"]).into();
    draft.artifact_type = case["artifactType"].as_str().map(MediaType::new);
    draft.subject = case["subject"].as_str().map(|name| {
        let mut subject = source(name, "oci").descriptor;
        subject.platform = None;
        subject
    });
    draft
}

pub(crate) fn cases() -> Vec<Value> {
    let record: Value = serde_json::from_slice(&golden("cases.json")).expect("JSON");
    record["cases"].as_array().expect("cases").clone()
}

#[test]
fn each_form_writes_what_its_tool_wrote() {
    let cases = cases();
    for case in &cases {
        let name = text(&case["name"]);
        let written = draft(case).write();
        let expected = golden(&format!("{name}.json"));
        assert_eq!(
            String::from_utf8_lossy(&written.bytes),
            String::from_utf8_lossy(&expected),
            "{name}"
        );
        assert_eq!(written.digest, Digest::sha256(&expected), "{name}");
        assert_eq!(written.digest.as_str(), text(&case["digest"]), "{name}");
        assert_eq!(
            written.kind.media_type(),
            MediaType::new(text(&case["mediaType"])),
            "{name}"
        );
        assert_eq!(
            Some(written.bytes.len() as u64),
            case["size"].as_u64(),
            "{name}"
        );
    }
    let covered = |tool: Tool| cases.iter().any(|case| case["form"] == tool.name());
    assert!(
        Tool::ALL
            .into_iter()
            .all(|tool| tool == Tool::Waybill || covered(tool))
    );
    for tool in [Tool::Crane, Tool::Regctl, Tool::Skopeo] {
        for kind in ListKind::ALL {
            let both = cases
                .iter()
                .any(|case| case["form"] == tool.name() && case["kind"] == kind.name());
            assert!(both, "{} {}", tool.name(), kind.name());
        }
    }
}

#[test]
fn what_a_tool_leaves_out_is_told() {
    let case = |name: &str| {
        cases()
            .into_iter()
            .find(|case| case["name"] == name)
            .expect("a case")
    };
    let messages = |draft: &Draft| -> Vec<String> {
        let found = draft.write().findings;
        // An annotation holds U+2028, to be escaped as each tool does it.
        found
            .iter()
            .filter(|finding| finding.code != waybill_core::finding::Code::HiddenCharacters)
            .map(|finding| format!("{} {}: {}", finding.code, finding.pointer, finding.message))
            .collect()
    };
    let mut annotated = draft(&case("regctl-oci-annotated"));
    assert_eq!(messages(&annotated), [""; 0]);
    annotated.tool = Tool::Buildx;
    assert_eq!(
        messages(&annotated),
        [
            "windows-version /manifests/3/platform: os is windows and os.version is missing",
            "not-written : artifactType of the list: buildx has no place for it",
            "not-written : subject of the list: buildx has no place for it",
            "not-written : variant of 1 entry: buildx has no place for it",
            "not-written : os.version of 1 entry: buildx has no place for it",
        ]
    );
    annotated.tool = Tool::Waybill;
    annotated.kind = ListKind::DockerList;
    assert_eq!(
        messages(&annotated),
        [
            "oci-in-docker-list /manifests: 4 OCI entries in a Docker manifest list",
            "not-written : artifactType of the list: a Docker manifest list has no place for it",
            "not-written : subject of the list: a Docker manifest list has no place for it",
            "not-written : annotations of the list and 4 entries: a Docker manifest list has no place for it",
        ]
    );
    annotated.tool = Tool::Docker;
    assert_eq!(
        messages(&annotated)[0],
        "form-kind : docker writes an OCI image index here"
    );
    assert!(
        messages(&annotated).contains(&"form-order : docker puts 2 entries elsewhere".to_owned())
    );
}

#[test]
fn regctl_makes_one_of_equal_entries_wherever_they_stood() {
    let hex = "ab".repeat(32);
    let entry = |rest: &str| {
        format!(
            r#"{{"mediaType":"{}","digest":"sha256:{hex}","size":7{rest}}}"#,
            MediaType::OCI_MANIFEST
        )
    };
    let written = |entries: &[String]| {
        let text = format!(
            r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}}"#,
            MediaType::OCI_INDEX,
            entries.join(",")
        );
        let (manifest, _) =
            Manifest::read(text.into_bytes(), &DeclaredTypes::none()).expect("a list");
        let list = manifest.list().expect("a list");
        let draft = Draft {
            tool: Tool::Regctl,
            ..Draft::from_list(list, ListKind::OciIndex)
        };
        draft.write()
    };
    let (plain, other) = (entry(""), entry(r#","annotations":{"a":"b"}"#));
    assert_eq!(written(&[plain.clone(), plain.clone()]).order, [0]);
    assert_eq!(written(&[other.clone(), other.clone()]).losses.len(), 1);
    // As regctl 0.11.7 does when the four are added one after the other.
    let four = [plain.clone(), other.clone(), other, plain.clone()];
    assert_eq!(written(&four).order, [0, 1]);
    // What the form leaves out makes no difference.
    let odd = entry(r#","x":1"#);
    assert_eq!(written(&[odd, plain]).order, [0]);
}

#[test]
fn members_of_a_platform_that_no_specification_names_are_kept_or_told() {
    let hex = "ab".repeat(32);
    let text = format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{{"mediaType":"{}","digest":"sha256:{hex}","size":7,"platform":{{"architecture":"amd64","os":"linux","x":{{"n":1.50}},"Runtime":"y"}},"z":1}}]}}"#,
        MediaType::OCI_INDEX,
        MediaType::OCI_MANIFEST,
    );
    let (manifest, _) =
        Manifest::read(text.clone().into_bytes(), &DeclaredTypes::none()).expect("a list");
    let list = manifest.list().expect("a list");
    let kind = ListKind::OciIndex;
    let draft = Draft::from_list(list, kind);
    // The canonical form keeps them, as it does those of the entry.
    let written = draft.write();
    assert_eq!(String::from_utf8_lossy(&written.bytes), text);
    assert!(draft.gives(text.as_bytes()));
    // Every other one says that it leaves them out, and so does the difference.
    for tool in Tool::ALL.into_iter().filter(|tool| *tool != Tool::Waybill) {
        let written = Draft {
            tool,
            ..draft.clone()
        }
        .write();
        for member in ["x", "Runtime", "z"] {
            let message = format!("{member:?} of 1 entry: {} has no place for it", tool.name());
            let is_told = written
                .findings
                .iter()
                .any(|finding| finding.message == message);
            assert!(is_told, "{message}, {:?}", written.findings);
        }
        let difference = Difference::between((list, kind), (&written.list, kind));
        let members: Vec<_> = difference.entries[0]
            .members
            .iter()
            .map(|changed| (changed.member.as_str(), changed.after.as_deref()))
            .collect();
        assert_eq!(
            members,
            [
                ("platform/x", None),
                ("platform/Runtime", None),
                ("z", None)
            ]
        );
    }
    // No machine is chosen by them.
    let platform = list.entries[0].platform.as_ref().expect("a platform");
    assert_eq!(platform.normalized().to_string(), "linux/amd64");
    assert!(platform.matches(&"linux/amd64".parse().expect("a platform")));
}
