//! Every rule, each with the smallest change that breaks it and a near neighbour that does not.

use waybill_core::config::ImageConfig;
use waybill_core::digest::Digest;
use waybill_core::finding::{Code, Finding};
use waybill_core::manifest::Manifest;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::workflow::fetch::{Generation, Received};
use waybill_core::workflow::inspect::{ContentKey, Effect, InspectTarget, Model, Msg, update};
use waybill_testkit::project;

mod rows;

/// What is changed: each base is right as it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Base {
    /// An OCI image manifest.
    Image,
    /// A Docker schema 2 manifest.
    Docker,
    /// An OCI artifact with the empty config.
    Artifact,
    /// An OCI image index with an attestation.
    Index,
    /// A Docker manifest list.
    List,
    /// Docker schema 1.
    Schema1,
    /// An image's config.
    Config,
    /// The same config, read with the image of one layer that it belongs to.
    ConfigOfImage,
    /// The entry of an index, read with the image that it names.
    Entry,
}

/// The code, the base, the text that is replaced, what breaks the rule in its place, what does not, and the finding's
/// place and message.
type Row = (
    Code,
    Base,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

/// Codes whose tests stand elsewhere, because they need more than one text in place of another.
const ELSEWHERE: &[(Code, &str)] = &[
    (Code::NotAnObject, "crates/core/src/json/tests.rs"),
    (Code::NotUtf8, "crates/core/src/json/tests.rs"),
    (Code::TooDeep, "crates/core/src/json/tests.rs"),
    (Code::ContentTypeDiffers, "tests/formats/conflicts.rs"),
    (Code::ContentTypeMissing, "tests/cases/registries.rs"),
    (Code::WithdrawnFormat, "tests/formats/conflicts.rs"),
    (Code::SignatureBlock, "tests/formats/signed.rs"),
    (Code::OutsidePayload, "tests/formats/signed.rs"),
    (
        Code::SignatureInvalid,
        "crates/core/src/workflow/inspect/tests/signatures.rs",
    ),
    (
        Code::SignatureMalformed,
        "tests/fixtures/signatures/vectors.json",
    ),
    (
        Code::SignatureKeyId,
        "tests/fixtures/signatures/vectors.json",
    ),
    (
        Code::SignatureUnchecked,
        "tests/fixtures/signatures/vectors.json",
    ),
];
/// What only a composer can say.
const COMPOSED: &str = "Lists that are composed";

const IMAGE: &str = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{
"mediaType":"application/vnd.oci.image.config.v1+json","digest":"<c>","size":9},"layers":[
{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"<a>","size":7}]}"#;
const DOCKER: &str = r#"{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{
"mediaType":"application/vnd.docker.container.image.v1+json","digest":"<c>","size":9},"layers":[
{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","digest":"<a>","size":7}]}"#;
const ARTIFACT: &str = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
"artifactType":"application/vnd.example","config":{"mediaType":"application/vnd.oci.empty.v1+json",
"digest":"<empty>","size":2,"data":"e30="},"layers":[{"mediaType":"text/plain","digest":"<a>","size":1}],
"subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"<b>","size":5}}"#;
const INDEX: &str = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"<a>","size":5,
"platform":{"architecture":"amd64","os":"linux"}},
{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"<b>","size":6,
"platform":{"architecture":"arm64","os":"linux","variant":"v8"}},
{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"<d>","size":7,
"platform":{"architecture":"unknown","os":"unknown"},"annotations":{
"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"<a>"}}]}"#;
const LIST: &str = r#"{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json",
"manifests":[{"mediaType":"application/vnd.docker.distribution.manifest.v2+json","digest":"<a>","size":5,
"platform":{"architecture":"amd64","os":"linux","features":["sse4"]}}]}"#;
const SCHEMA1: &str = r#"{"schemaVersion":1,"name":"library/a","tag":"1","architecture":"amd64","fsLayers":[
{"blobSum":"<none>"},{"blobSum":"<b>"},{"blobSum":"<a>"}],"history":[
{"v1Compatibility":"{\"id\":\"<3>\",\"parent\":\"<2>\",\"throwaway\":true,\"architecture\":\"amd64\",\"os\":\"linux\"}"},
{"v1Compatibility":"{\"id\":\"<2>\",\"parent\":\"<1>\"}"},{"v1Compatibility":"{\"id\":\"<1>\"}"}]}"#;
const CONFIG: &str = r#"{"created":"2024-01-02T03:04:05Z","architecture":"amd64","os":"linux","config":{
"Env":["A=1"],"ExposedPorts":{"80/tcp":{}},"Volumes":{"/data":{}},"StopSignal":"SIGTERM","Labels":{"a":"1"}},
"rootfs":{"type":"layers","diff_ids":["<a>"]},"history":[
{"created":"2024-01-02T03:04:05Z"},{"created_by":"ENV A=1","empty_layer":true}]}"#;
const ENTRY: &str = r#"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"<image>","size":<size>,
"platform":{"architecture":"amd64","os":"linux"}}"#;

impl Base {
    fn text(self) -> &'static str {
        match self {
            Self::Image => IMAGE,
            Self::Docker => DOCKER,
            Self::Artifact => ARTIFACT,
            Self::Index => INDEX,
            Self::List => LIST,
            Self::Schema1 => SCHEMA1,
            Self::Config | Self::ConfigOfImage => CONFIG,
            Self::Entry => ENTRY,
        }
    }

    fn findings(self, text: &str) -> Vec<Finding> {
        let text = filled(text);
        match self {
            Self::Config => ImageConfig::read(text.as_bytes()).expect("an object").1,
            Self::ConfigOfImage => inspected(&image_of(&text), ""),
            Self::Entry => {
                let image = image_of(&filled(CONFIG));
                let digest = Digest::sha256(image.as_bytes()).to_string();
                let entry = text
                    .replace("<image>", &digest)
                    .replace("<size>", &image.len().to_string());
                let head = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests""#;
                inspected(&format!("{head}:[{entry}]}}"), &image)
            }
            _ => match Manifest::read(text.as_bytes(), &DeclaredTypes::none()) {
                Ok((_, findings)) => findings,
                Err(error) => vec![Finding::from(&error)],
            },
        }
    }
}

/// `<a>` is a digest, `<1>` an id of schema 1, `<126 more>` are layers; lines are one.
fn filled(text: &str) -> String {
    let mut text = text.replace('\n', "");
    for name in ["a", "b", "c", "d"] {
        text = text.replace(&format!("<{name}>"), &format!("sha256:{}", name.repeat(64)));
    }
    for id in ["1", "2", "3"] {
        text = text.replace(&format!("<{id}>"), &id.repeat(64));
    }
    for more in [126, 127] {
        let layer = |number| {
            format!(r#",{{"mediaType":"text/plain","digest":"sha256:{number:064x}","size":1}}"#)
        };
        text = text.replace(
            &format!("<{more} more>"),
            &(0..more).map(layer).collect::<String>(),
        );
    }
    text.replace("<512>", &format!("sha512:{}", "5".repeat(128)))
        .replace(
            "<empty>",
            "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        )
        .replace(
            "<none>",
            "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4",
        )
}

/// An image of one layer with its config embedded.
fn image_of(config: &str) -> String {
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, config);
    let (digest, size) = (Digest::sha256(config.as_bytes()), config.len());
    let of_config = format!(r#""digest":"{digest}","size":{size},"data":"{data}""#);
    filled(&IMAGE.replace(r#""digest":"<c>","size":9"#, &of_config))
}

/// What Inspect finds at the root, with `child` as the answer for whatever it asks for.
fn inspected(root: &str, child: &str) -> Vec<Finding> {
    let subject = InspectTarget::Bundle {
        name: "a".to_owned(),
        expected: None,
    };
    let (mut model, mut effects) = Model::open(subject, Vec::new(), Generation(1));
    while let Some(effect) = effects.pop() {
        if let Effect::Fetch {
            generation, key, ..
        } = effect
        {
            let bytes = if key == ContentKey::Root { root } else { child };
            let result = Ok(Received::local(bytes.as_bytes().into()));
            effects.extend(update(
                &mut model,
                Msg::Received {
                    generation,
                    key,
                    result,
                },
            ));
        }
    }
    model.findings().to_vec()
}

#[test]
fn every_base_is_right_as_it_stands() {
    for base in [
        Base::Image,
        Base::Docker,
        Base::Artifact,
        Base::Index,
        Base::List,
        Base::Config,
        Base::ConfigOfImage,
        Base::Entry,
    ] {
        assert_eq!(base.findings(base.text()), [], "{base:?}");
    }
    let codes: Vec<_> = Base::Schema1
        .findings(SCHEMA1)
        .iter()
        .map(|finding| finding.code)
        .collect();
    assert_eq!(codes, [Code::DeprecatedFormat]);
}

#[test]
fn every_rule_is_broken_by_its_row_and_not_by_the_neighbour() {
    let mut missed = Vec::new();
    for (code, base, text, wrong, right, expected) in rows::ROWS {
        assert!(
            base.text().contains(text),
            "{code}: {base:?} does not hold {text}"
        );
        let found = base.findings(&base.text().replacen(text, wrong, 1));
        let shown: Vec<_> = found
            .iter()
            .map(|it| format!("{} {}: {}", it.code, it.pointer, it.message))
            .collect();
        let expected = format!("{code} {}", filled(expected));
        // A digest or size that only the bytes tell is left out.
        let is_found = match expected.strip_suffix('…') {
            Some(start) => shown.iter().any(|shown| shown.starts_with(start)),
            None => shown.contains(&expected),
        };
        if !is_found {
            missed.push(format!("{expected}\nis not in {shown:#?}"));
        }
        let found = base.findings(&base.text().replacen(text, right, 1));
        assert!(
            found.iter().all(|finding| finding.code != *code),
            "{code} is also in {right}: {found:#?}"
        );
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn every_code_has_its_test() {
    for code in Code::ALL {
        let elsewhere = ELSEWHERE.iter().find(|(other, _)| other == code);
        let is_tested = match elsewhere {
            Some((_, file)) => {
                let file =
                    std::fs::read_to_string(project().join(file)).expect("a file of this project");
                file.contains(code.rule().name) || file.contains(&format!("Code::{code:?}"))
            }
            None => {
                rows::ROWS.iter().any(|(other, ..)| other == code) || code.rule().topic == COMPOSED
            }
        };
        assert!(
            is_tested,
            "{code} needs a row in tests/formats/rules/rows.rs, or a file in ELSEWHERE that tests it"
        );
    }
}
