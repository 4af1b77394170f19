//! Which format is it, and who says so? Every rule and every mixture, each as one small document.

use waybill_core::finding::Finding;
use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::{DeclaredTypes, Opinion};
use waybill_testkit::fixtures::format_name;

pub(super) const SCHEMA1: &str = "application/vnd.docker.distribution.manifest.v1+json";
pub(super) const SIGNED: &str = "application/vnd.docker.distribution.manifest.v1+prettyjws";
pub(super) const SCHEMA2: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub(super) const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
pub(super) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(super) const OCI_ARTIFACT: &str = "application/vnd.oci.artifact.manifest.v1+json";

pub(super) fn read(json: &str, told: &DeclaredTypes) -> (Manifest, Vec<Finding>) {
    Manifest::read(json.as_bytes(), told).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// The format and who says so: `oci-index by mediaType`.
fn detected(json: &str) -> String {
    let (manifest, _) = read(json, &DeclaredTypes::none());
    let says = |opinion: &Opinion| format!("{} ({})", opinion.source.name(), opinion.says);
    let says: Vec<_> = manifest
        .opinions
        .iter()
        .filter(|opinion| opinion.agrees)
        .map(says)
        .collect();
    format!(
        "{} by {}",
        format_name(manifest.format),
        if says.is_empty() {
            "nothing".into()
        } else {
            says.join(", ")
        }
    )
}

/// Findings about the format and no other, each as severity, code, place and message.
pub(super) fn conflicts(json: &str, told: &DeclaredTypes) -> Vec<String> {
    let about_format = [
        "media-type-conflict",
        "content-type-differs",
        "ambiguous",
        "unknown-format",
        "withdrawn-format",
        "media-type-malformed",
    ];
    let (_, findings) = read(json, told);
    let findings = findings
        .iter()
        .filter(|finding| about_format.contains(&finding.code.rule().name));
    findings
        .map(|it| {
            format!(
                "{} {} {}: {}",
                it.severity().name(),
                it.code,
                it.pointer,
                it.message
            )
        })
        .collect()
}

#[test]
fn what_is_not_a_json_object_is_not_a_manifest() {
    for (bytes, message) in [
        (
            &b""[..],
            "line 1, column 1: nothing, a manifest is a JSON object",
        ),
        (
            b"\n  ",
            "line 1, column 1: nothing, a manifest is a JSON object",
        ),
        (
            b"[{}]",
            "line 1, column 1: an array, a manifest is a JSON object",
        ),
        (
            b"\n \"{}\"",
            "line 2, column 2: a string, a manifest is a JSON object",
        ),
        (
            b"null",
            "line 1, column 1: null, a manifest is a JSON object",
        ),
        (
            b"<!DOCTYPE html>",
            "line 1, column 1: an HTML page, a manifest is a JSON object",
        ),
        (b"{\"a\": }", "line 1, column 7: '}', a value belongs here"),
        (
            b"{\"a\":1",
            "line 1, column 7: the text ends, a comma or } belongs here",
        ),
        (
            b"{'a':1}",
            "line 1, column 2: '\\'', a name in quotes or } belongs here",
        ),
        (
            b"\x1f\x8b\x08\x00",
            "line 1, column 1: a gzip file, a manifest is a JSON object",
        ),
        (
            b"{\"a\":\"\xff\"}",
            "line 1, column 7: byte 0xff is not UTF-8, JSON is",
        ),
    ] {
        let error = Manifest::read(bytes, &DeclaredTypes::none()).expect_err("no object");
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn the_media_type_field_decides_for_the_types_of_version_2() {
    for (media_type, format) in [
        (SCHEMA2, "docker-schema2"),
        (DOCKER_LIST, "docker-list"),
        (OCI_MANIFEST, "oci-manifest"),
        (OCI_INDEX, "oci-index"),
        (OCI_ARTIFACT, "oci-artifact"),
    ] {
        let by_field = format!("{format} by mediaType ({media_type})");
        // Whatever the version and the members say.
        for rest in [
            "",
            r#","schemaVersion":2"#,
            r#","schemaVersion":1,"signatures":[]"#,
            r#","manifests":[]"#,
        ] {
            assert_eq!(
                detected(&format!(r#"{{"mediaType":"{media_type}"{rest}}}"#)),
                by_field
            );
        }
        // Media types are compared without regard to case.
        let upper = media_type.to_uppercase();
        assert_eq!(
            detected(&format!(r#"{{"mediaType":"{upper}"}}"#)),
            format!("{format} by mediaType ({upper})")
        );
    }
}

#[test]
fn without_it_the_version_and_the_members_decide() {
    let docker = r#"{"mediaType":"application/vnd.docker.distribution.manifest.v2+json"}"#;
    let oci = r#"{"mediaType":"application/vnd.oci.image.manifest.v1+json"}"#;
    let config = |kind: &str| format!(r#""config":{{"mediaType":"application/vnd.{kind}"}}"#);
    let (oci_config, docker_config) = (
        config("oci.image.config.v1+json"),
        config("docker.container.image.v1+json"),
    );
    let signed = "docker-schema1-signed by its members (schemaVersion 1 with signatures)";
    for (members, found) in [
        (
            r#""schemaVersion":1"#.to_owned(),
            "docker-schema1 by its members (schemaVersion 1)",
        ),
        (
            r#""schemaVersion":1,"signatures":null"#.to_owned(),
            "docker-schema1 by its members (schemaVersion 1)",
        ),
        (r#""schemaVersion":1,"signatures":[]"#.to_owned(), signed),
        (r#""signatures":[],"schemaVersion":1"#.to_owned(), signed),
        (
            format!(r#""schemaVersion":2,{oci_config}"#),
            "oci-manifest by its members (an OCI config)",
        ),
        (
            format!(r#""schemaVersion":2,{docker_config}"#),
            "docker-schema2 by its members (a Docker config)",
        ),
        (
            format!(r#""schemaVersion":2,{docker_config},"layers":[]"#),
            "docker-schema2 by its members (a Docker config)",
        ),
        (
            format!(r#""schemaVersion":2,"manifests":[{oci}]"#),
            "oci-index by its members (manifests)",
        ),
        (
            format!(r#""schemaVersion":2,"manifests":[{docker},{oci}]"#),
            "oci-index by its members (manifests)",
        ),
        (
            format!(r#""schemaVersion":2,"manifests":[{docker},{docker}]"#),
            "docker-list by its members (manifests, all of Docker types)",
        ),
        (
            r#""schemaVersion":2,"manifests":[{}]"#.to_owned(),
            "oci-index by its members (manifests)",
        ),
        (
            r#""schemaVersion":2,"layers":[]"#.to_owned(),
            "oci-manifest by its members (layers)",
        ),
        (
            format!(
                r#""schemaVersion":2,{},"layers":[]"#,
                config("example.menu.v1+json")
            ),
            "oci-manifest by its members (layers)",
        ),
        // A media type of another kind decides nothing.
        (
            r#""schemaVersion":2,"mediaType":"text/x-other","layers":[]"#.to_owned(),
            "oci-manifest by its members (layers)",
        ),
    ] {
        assert_eq!(detected(&format!("{{{members}}}")), found, "{members}");
    }
}

#[test]
fn otherwise_it_is_unknown_and_what_was_seen_is_said() {
    for (json, holds) in [
        ("{}", "nothing"),
        (r#"{"schemaVersion":2}"#, "schemaVersion"),
        (
            r#"{"schemaVersion":"2","layers":[]}"#,
            "schemaVersion, layers",
        ),
        (
            r#"{"schemaVersion":2.0,"layers":[]}"#,
            "schemaVersion, layers",
        ),
        (
            r#"{"schemaVersion":3,"layers":[]}"#,
            "schemaVersion, layers",
        ),
        (r#"{"layers":[],"config":{}}"#, "layers, config"),
        (
            r#"{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1}"#,
            "a, b, c, d, e, f, g, h",
        ),
    ] {
        assert_eq!(detected(json), "unknown by nothing", "{json}");
        assert_eq!(
            conflicts(json, &DeclaredTypes::none()),
            [format!("error unknown-format : it holds {holds}")],
            "{json}"
        );
    }
}

/// The members that tell kinds apart: each kind has its own, and any other mixture is refused, also in another case.
#[test]
fn every_mixture_of_kinds_is_ambiguous() {
    const TELLING: [&str; 5] = ["config", "fsLayers", "history", "layers", "manifests"];
    let kinds: [(&str, &str, &[&str]); 7] = [
        (
            "OCI image manifest",
            r#""schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json""#,
            &["config", "layers"],
        ),
        (
            "Docker schema 2 manifest",
            r#""schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json""#,
            &["config", "layers"],
        ),
        (
            "OCI image index",
            r#""schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json""#,
            &["manifests"],
        ),
        (
            "Docker manifest list",
            r#""schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json""#,
            &["manifests"],
        ),
        (
            "OCI artifact manifest (withdrawn)",
            r#""mediaType":"application/vnd.oci.artifact.manifest.v1+json""#,
            &[],
        ),
        (
            "Docker schema 1 manifest",
            r#""schemaVersion":1"#,
            &["fsLayers", "history"],
        ),
        (
            "signed Docker schema 1 manifest",
            r#""schemaVersion":1,"signatures":[]"#,
            &["fsLayers", "history"],
        ),
    ];
    for (kind, head, own) in kinds {
        for mixture in 0..1 << TELLING.len() {
            let here: Vec<&str> = TELLING
                .into_iter()
                .enumerate()
                .filter(|(bit, _)| mixture >> bit & 1 == 1)
                .map(|(_, name)| name)
                .collect();
            let ambiguous = here.iter().any(|name| !own.contains(name));
            for spell in [str::to_owned, str::to_uppercase, |name: &str| {
                name.replace('s', "\\u017f")
            }] {
                let members = here
                    .iter()
                    .map(|name| format!(",\"{}\":[]", spell(name)))
                    .collect::<Vec<_>>()
                    .concat();
                let json = format!("{{{head}{members}}}");
                let (manifest, _) = read(&json, &DeclaredTypes::none());
                assert_eq!(manifest.ambiguous, ambiguous, "{json}");
                let found: Vec<_> = conflicts(&json, &DeclaredTypes::none())
                    .into_iter()
                    .filter(|it| it.contains("ambiguous") || it.contains("media-type-conflict"))
                    .collect();
                // Where mediaType names one kind and all members are of another, that is the one error.
                let others = [
                    (&["fsLayers", "history"][..], "of Docker schema 1"),
                    (&["config", "layers"], "an image's"),
                    (&["manifests"], "an index's"),
                ];
                let other = others.iter().find(|(other, _)| {
                    head.contains("mediaType")
                        && !own.is_empty()
                        && other != &own
                        && here.iter().all(|name| other.contains(name))
                });
                let names = here.join(", ");
                let expected = match other {
                    Some((_, of)) => format!(
                        "error media-type-conflict /mediaType: mediaType says {kind}, the members are {of}: {names}"
                    ),
                    None => format!("error ambiguous : {kind} that holds {names}"),
                };
                assert_eq!(
                    found,
                    if ambiguous { vec![expected] } else { vec![] },
                    "{json}"
                );
            }
            // Absent and null are the same.
            let nulls = here
                .iter()
                .map(|name| format!(",\"{name}\":null"))
                .collect::<Vec<_>>()
                .concat();
            assert!(
                !read(&format!("{{{head}{nulls}}}"), &DeclaredTypes::none())
                    .0
                    .ambiguous
            );
        }
    }
}

#[test]
fn members_of_two_kinds_are_ambiguous_also_where_the_format_is_unknown() {
    for (json, ambiguous) in [
        (r#"{"layers":[],"manifests":[]}"#, true),
        (r#"{"layers":[],"fsLayers":[]}"#, true),
        (r#"{"config":{},"MANIFESTS":[]}"#, true),
        (r#"{"layers":[],"config":{}}"#, false),
        (r#"{"fsLayers":[],"history":[]}"#, false),
        (r#"{"manifests":[]}"#, false),
    ] {
        assert_eq!(
            read(json, &DeclaredTypes::none()).0.ambiguous,
            ambiguous,
            "{json}"
        );
    }
}
