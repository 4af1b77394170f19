//! What others say of a manifest's format against what its body says, and how bad it is where they differ.

use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::media_type::MediaType;

use super::detection::{
    DOCKER_LIST, OCI_ARTIFACT, OCI_INDEX, OCI_MANIFEST, SCHEMA1, SCHEMA2, SIGNED, conflicts, read,
};

/// One document, what two others said of it, and what is found.
type Conflict = (
    &'static str,
    &'static str,
    &'static str,
    bool,
    &'static [&'static str],
);

const INDEX: &str =
    r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
const OLD: &str = r#"{"schemaVersion":1}"#;
const CONFLICTS: &[Conflict] = &[
    (INDEX, OCI_INDEX, OCI_INDEX, false, &[]),
    (
        INDEX,
        "Application/Vnd.OCI.image.index.v1+JSON",
        "",
        false,
        &[],
    ),
    (
        INDEX,
        OCI_MANIFEST,
        "",
        false,
        &[
            "error media-type-conflict : the Content-Type is application/vnd.oci.image.manifest.v1+json, the content is an OCI image index",
        ],
    ),
    // The digest that was asked for fixes the content, so the header is only odd.
    (
        INDEX,
        OCI_MANIFEST,
        OCI_INDEX,
        true,
        &[
            "warning content-type-differs : the Content-Type is application/vnd.oci.image.manifest.v1+json, the content is an OCI image index",
        ],
    ),
    // What led here says another kind: clients believe it, digest or not.
    (
        INDEX,
        OCI_INDEX,
        OCI_MANIFEST,
        true,
        &[
            "error media-type-conflict : the descriptor is application/vnd.oci.image.manifest.v1+json, the content is an OCI image index",
        ],
    ),
    (
        INDEX,
        DOCKER_LIST,
        DOCKER_LIST,
        false,
        &[
            "error media-type-conflict : the Content-Type is application/vnd.docker.distribution.manifest.list.v2+json, the content is an OCI image index",
            "error media-type-conflict : the descriptor is application/vnd.docker.distribution.manifest.list.v2+json, the content is an OCI image index",
        ],
    ),
    (
        INDEX,
        "text/html",
        "",
        false,
        &[
            "error media-type-conflict : the Content-Type is text/html, the content is an OCI image index",
        ],
    ),
    (
        INDEX,
        "application/json",
        "",
        true,
        &[
            "warning content-type-differs : the Content-Type is application/json, the content is an OCI image index",
        ],
    ),
    // Old registries send schema 1 so, and signed as unsigned.
    (OLD, "application/json", "", false, &[]),
    (OLD, "text/plain", "", false, &[]),
    (OLD, SIGNED, SCHEMA1, false, &[]),
    (
        OLD,
        SCHEMA2,
        "",
        false,
        &[
            "error media-type-conflict : the Content-Type is application/vnd.docker.distribution.manifest.v2+json, the content is a Docker schema 1 manifest",
        ],
    ),
    // The body's own field against its members.
    (
        r#"{"schemaVersion":1,"mediaType":"text/x-other"}"#,
        "",
        "",
        false,
        &[
            "error media-type-conflict /mediaType: mediaType is text/x-other, the content is a Docker schema 1 manifest",
        ],
    ),
    (
        r#"{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v1+json","layers":[]}"#,
        "",
        "",
        false,
        &[
            "error media-type-conflict /mediaType: mediaType is application/vnd.docker.distribution.manifest.v1+json, the content is an OCI image manifest",
        ],
    ),
    (
        r#"{"schemaVersion":2,"mediaType":"other","layers":[]}"#,
        "",
        "",
        false,
        &[
            "error media-type-malformed /mediaType: mediaType is \"other\", it has to be of the form type/subtype",
            "error media-type-conflict /mediaType: mediaType is other, the content is an OCI image manifest",
        ],
    ),
    (
        r#"{"mediaType":"application/vnd.oci.artifact.manifest.v1+json"}"#,
        OCI_ARTIFACT,
        "",
        false,
        &["warning withdrawn-format /mediaType: mediaType names a withdrawn type"],
    ),
    // Nothing is known of an unknown format, so a type of no known format is no conflict; one of a known format is.
    (
        r#"{"a":1}"#,
        "text/x-other",
        "",
        false,
        &["error unknown-format : it holds a"],
    ),
    (
        r#"{"a":1}"#,
        OCI_INDEX,
        "",
        false,
        &[
            "error media-type-conflict : the Content-Type is application/vnd.oci.image.index.v1+json, the content is not a manifest that Waybill knows",
            "error unknown-format : it holds a",
        ],
    ),
];

#[test]
fn other_opinions_are_compared_with_the_body() {
    for (json, content_type, descriptor, digest_matched, found) in CONFLICTS {
        let media_type = |text: &str| (!text.is_empty()).then(|| MediaType::new(text));
        let (content_type, descriptor) = (media_type(content_type), media_type(descriptor));
        let told = DeclaredTypes {
            content_type,
            descriptor,
            digest_matched: *digest_matched,
        };
        assert_eq!(conflicts(json, &told), *found, "{json} {told:?}");
        let (manifest, _) = read(json, &told);
        let said = [
            ("Content-Type", &told.content_type),
            ("descriptor", &told.descriptor),
        ];
        for (name, media_type) in said
            .into_iter()
            .filter_map(|(name, it)| Some((name, it.as_ref()?)))
        {
            let opinion = manifest
                .opinions
                .iter()
                .find(|opinion| opinion.source.name() == name)
                .expect(name);
            assert_eq!(opinion.says, media_type.as_str());
            let objected = found
                .iter()
                .any(|finding| finding.contains(&format!("the {name} is ")));
            assert_eq!(opinion.agrees, !objected, "{json} {told:?}");
        }
    }
}

#[test]
fn parameters_of_the_content_type_are_no_conflict() {
    let content_type =
        MediaType::from_content_type(" application/vnd.oci.image.index.v1+json ; charset=utf-8");
    let told = DeclaredTypes {
        content_type: Some(content_type),
        ..DeclaredTypes::none()
    };
    assert_eq!(
        conflicts(
            &format!(r#"{{"schemaVersion":2,"mediaType":"{OCI_INDEX}","manifests":[]}}"#),
            &told
        ),
        [""; 0]
    );
}
