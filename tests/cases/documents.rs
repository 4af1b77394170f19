//! Manifests and configs as people bring them: what is right to find in them, and to say of them.

use waybill_core::config::ImageConfig;
use waybill_core::descriptor::Descriptor;
use waybill_core::lenient::find_hidden;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::manifest::{Format, Manifest};
use waybill_core::time::in_utc;
use waybill_core::workflow::fetch::{Generation, Received};
use waybill_core::workflow::inspect::{ContentKey, Effect, InspectTarget, Model, Msg, update};

use super::file;

const A: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const C: &str = "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";
const OCI: &str = "application/vnd.oci.image.manifest.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// What Inspect says of a manifest, with its config where there is one.
struct Said {
    title: String,
    /// Severity, code and place of each finding, as `warning null-value /annotations`.
    found: Vec<String>,
    messages: Vec<String>,
    rows: Vec<String>,
    manifest: Manifest,
}

impl Said {
    fn has(&self, finding: &str) -> bool {
        self.found.iter().any(|found| found == finding)
    }

    fn says(&self, words: &str) -> bool {
        self.messages.iter().any(|message| message.contains(words))
    }
}

fn inspect(manifest: &[u8], config: Option<&[u8]>) -> Said {
    let subject = InspectTarget::Bundle {
        name: "it".to_owned(),
        expected: None,
    };
    let (mut model, mut effects) = Model::open(subject, Vec::new(), Generation(1));
    while let Some(effect) = effects.pop() {
        let Effect::Fetch {
            generation, key, ..
        } = effect
        else {
            continue;
        };
        let bytes = if key == ContentKey::Root {
            Some(manifest)
        } else {
            config
        };
        // What is not there stays on its way.
        let Some(bytes) = bytes else { continue };
        let result = Ok(Received::local(bytes.into()));
        effects.extend(update(
            &mut model,
            Msg::Received {
                generation,
                key,
                result,
            },
        ));
    }
    let (read, _) = Manifest::read(manifest, &DeclaredTypes::none()).expect("an object");
    let entries = read.list().map(|list| list.entries.as_slice());
    let findings = model.findings();
    Said {
        title: model.summary().title,
        found: findings
            .iter()
            .map(|it| format!("{} {} {}", it.severity().name(), it.code, it.pointer))
            .collect(),
        messages: findings.iter().map(|it| it.message.clone()).collect(),
        rows: entries
            .unwrap_or_default()
            .iter()
            .map(Descriptor::title)
            .collect(),
        manifest: read,
    }
}

fn said(manifest: &str) -> Said {
    inspect(manifest.as_bytes(), None)
}

/// A file of the folder, with its config.
fn case(name: &str) -> Option<Said> {
    let manifest = file(&format!("{name}.json"))?;
    let config = ["26b", "41", "42", "43", "43b", "47"]
        .iter()
        .any(|with| name.starts_with(&format!("{with}-")))
        .then(|| file(&format!("{name}.json.config")))
        .flatten();
    Some(inspect(&manifest, config.as_deref()))
}

fn config(name: &str) -> Option<ImageConfig> {
    let bytes = file(&format!("{name}.json.config"))?;
    Some(ImageConfig::read(&bytes).expect("an object").0)
}

#[test]
#[allow(clippy::too_many_lines, reason = "a row of the folder after the other")]
fn every_file_is_told_for_what_it_is() {
    let Some(it) = case("01-nested-per-platform") else {
        return;
    };
    assert_eq!(
        it.found,
        [
            "note nested-list /manifests/0",
            "note nested-list /manifests/1"
        ]
    );

    let it = case("02-soci-v2").expect("it");
    assert_eq!(it.found, [""; 0]);
    assert_eq!(
        it.title,
        "it is an OCI image index for 2 platforms, and 2 SOCI indexes"
    );
    assert_eq!(
        it.rows[1..3],
        [
            "linux/arm64",
            "application/vnd.amazon.soci.index.v2+json for linux/amd64"
        ]
    );

    let it = case("05-brew-annotation-kinds").expect("it");
    assert!(
        it.has("error wrong-type /annotations/sh.brew.rebuild")
            && it.has("error wrong-type /annotations/sh.brew.keg_only")
    );
    assert!(
        it.has("warning null-value /annotations/sh.brew.license"),
        "{:?}",
        it.found
    );
    assert!(it.says("clients in Go read \"\""), "{:?}", it.messages);

    let it = case("06-buildkit-cache").expect("it");
    assert_eq!(
        it.found,
        ["warning build-cache /manifests", "note media-type-missing "][..1]
    );
    assert_eq!(
        it.title,
        "it is a BuildKit cache, an OCI image index of 3 entries"
    );
    assert_eq!(
        it.rows,
        [LAYER, LAYER, "application/vnd.buildkit.cacheconfig.v0"]
    );

    let it = case("07-buildah-null-manifests").expect("it");
    assert_eq!(it.found, ["error null-required /manifests"]);
    assert_eq!(
        it.messages,
        ["manifests is null, it has to be an array; clients in Go read an empty list"]
    );

    let it = case("08-kaniko-empty-mediatype").expect("it");
    assert!(it.has("note media-type-missing /mediaType") && it.says("mediaType is \"\", "));
    assert_eq!(it.found.len(), 2, "and the mixed families: {:?}", it.found);

    let it = case("14-devcontainer-empty-config").expect("it");
    assert_eq!(it.found, ["warning empty-content /config/size"]);

    let it = case("16-null-members").expect("it");
    for place in [
        "/annotations",
        "/manifests/0/annotations",
        "/manifests/0/platform",
        "/manifests/1/annotations",
    ] {
        assert!(
            it.has(&format!("warning null-value {place}")),
            "{:?}",
            it.found
        );
    }

    for (name, title) in [
        (
            "17-ollama",
            "it is a model, a Docker artifact of type application/vnd.ollama.image.model",
        ),
        (
            "34-cosign-sig",
            "it is a signature, an OCI artifact of type application/vnd.dev.cosign.simplesigning.v1+json",
        ),
        (
            "47-attestation",
            "it is an attestation, an OCI artifact of type application/vnd.in-toto+json",
        ),
    ] {
        let it = case(name).expect("it");
        assert_eq!(
            (it.title.as_str(), it.found.as_slice()),
            (title, &[][..]),
            "{name}"
        );
    }

    let it = case("24-odd-platforms").expect("it");
    assert!(
        it.has("warning platform-variant /manifests/0/platform/variant"),
        "{:?}",
        it.found
    );
    assert!(it.has("warning platform-spelling /manifests/1/platform/variant"));
    assert!(
        it.says("variant is \"armv8\", its usual name is \"v8\""),
        "{:?}",
        it.messages
    );

    let created = config("26b-created-zero").expect("it").created.expect("it");
    assert_eq!(in_utc(&created), None);

    let it = case("28-nydus-encrypted").expect("it");
    assert!(
        !it.found.iter().any(|found| found.contains("annotation-")),
        "{:?}",
        it.found
    );

    let it = case("31-same-platform-twice").expect("it");
    assert_eq!(it.title, "it is an OCI image index for 1 platform");

    let it = case("32-brew-all-files").expect("it");
    assert_eq!(it.rows[1], "application/sh.brew.all_files+json");

    let it = case("33-index-called-manifest").expect("it");
    assert_eq!(it.found, ["error media-type-conflict /mediaType"]);
    assert_eq!(
        it.messages,
        ["mediaType says OCI image manifest, the members are an index's: manifests"]
    );

    let it = case("37-layout-index").expect("it");
    assert_eq!(it.found, [""; 0]);
    assert_eq!(it.rows, ["registry.example/team/app:1.2"]);

    let it = case("40-oras-artifact").expect("it");
    assert_eq!(it.manifest.format, Format::OrasArtifact);
    assert_eq!(it.found, ["warning withdrawn-format /mediaType"]);

    assert_eq!(case("41-emoji-label").expect("it").found, [""; 0]);
    let it = case("42-nul-label").expect("it");
    assert_eq!(
        it.found
            .iter()
            .filter(|it| it.starts_with("warning hidden-characters "))
            .count(),
        2
    );

    let it = case("43-entrypoint-text").expect("it");
    assert_eq!(it.found, ["error config-type /config/Entrypoint"]);
    assert!(
        !config("43-entrypoint-text")
            .expect("it")
            .is_readable("/config/Entrypoint")
    );
    let it = case("43b-cmd-text-user-number").expect("it");
    let config = config("43b-cmd-text-user-number").expect("it");
    for name in [
        "Cmd",
        "User",
        "ExposedPorts",
        "Env",
        "Labels",
        "Volumes",
        "StopSignal",
    ] {
        assert!(
            it.has(&format!("error config-type /config/{name}")),
            "{name}: {:?}",
            it.found
        );
        assert!(!config.is_readable(&format!("/config/{name}")));
    }
    assert!(it.has("warning config-null /config/WorkingDir"));

    let it = case("51-empty-platform-texts").expect("it");
    assert_eq!(
        it.found
            .iter()
            .filter(|it| it.starts_with("error platform-incomplete "))
            .count(),
        2
    );
    assert_eq!(
        (it.found.len(), it.rows),
        (2, vec!["no platform".to_owned()])
    );
}

/// An OCI image of one layer, with members more.
fn image(more: &str) -> String {
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{OCI}","config":{{"mediaType":"{CONFIG}","digest":"{A}","size":9}},
        "layers":[{{"mediaType":"{LAYER}","digest":"{B}","size":7}}]{more}}}"#
    )
}

/// An OCI index of such entries.
fn index(entries: &[String]) -> Said {
    let entries = entries.join(",");
    said(&format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{entries}]}}"#
    ))
}

fn entry(digest: &str, more: &str) -> String {
    format!(r#"{{"mediaType":"{OCI}","digest":"{digest}","size":5{more}}}"#)
}

fn platform(os: &str, architecture: &str, more: &str) -> String {
    format!(r#","platform":{{"os":"{os}","architecture":"{architecture}"{more}}}"#)
}

#[test]
fn null_has_a_rule_wherever_something_belongs() {
    for (text, place, severity, words) in [
        (
            image("").replace("\"size\":7", "\"size\":null"),
            "/layers/0/size",
            "error",
            "clients in Go read 0",
        ),
        (
            image("").replace(&format!("\"{B}\""), "null"),
            "/layers/0/digest",
            "error",
            "it has to be a string",
        ),
        (
            image(r#","subject":null"#),
            "/subject",
            "warning",
            "subject is null, it has to be an object",
        ),
        (
            image(r#","artifactType":null"#),
            "/artifactType",
            "warning",
            "artifactType is null",
        ),
        (
            image("").replace("\"size\":7", "\"size\":7,\"urls\":null"),
            "/layers/0/urls",
            "warning",
            "an empty list",
        ),
        (
            image("").replace("\"size\":7}", "\"size\":7},null"),
            "/layers/1",
            "error",
            "null, a descriptor is an object",
        ),
        (
            image("").replace("\"schemaVersion\":2", "\"schemaVersion\":null"),
            "/schemaVersion",
            "error",
            "has to be a number",
        ),
    ] {
        let it = said(&text);
        let code = if severity == "error" {
            "null-required"
        } else {
            "null-value"
        };
        assert_eq!(it.found, [format!("{severity} {code} {place}")], "{text}");
        assert!(it.says(words), "{:?}", it.messages);
    }
    let it = index(&[entry(
        A,
        &platform("linux", "amd64", r#","os.features":null,"variant":null"#),
    )]);
    assert_eq!(
        it.found,
        [
            "warning null-value /manifests/0/platform/os.features",
            "warning null-value /manifests/0/platform/variant"
        ]
    );
    // Docker writes what is not set in a config as null, and image-spec's schema allows it.
    for (config, found) in [
        (
            r#""config":{"Cmd":null,"Entrypoint":null,"Labels":null,"Volumes":null,"OnBuild":null,"Env":null}"#,
            &[][..],
        ),
        (
            r#""config":{"Labels":{"a":null}}"#,
            &["config-null /config/Labels/a"],
        ),
        (
            r#""config":{"Cmd":["a",null]}"#,
            &["config-null /config/Cmd/1"],
        ),
        (
            r#""config":{"ExposedPorts":{"80/tcp":null}}"#,
            &["config-null /config/ExposedPorts/80~1tcp"],
        ),
        (
            r#""config":null,"history":null"#,
            &["config-null /config", "config-null /history"],
        ),
        (
            r#""variant":null,"created":null"#,
            &["config-null /variant", "config-null /created"],
        ),
        (r#""rootfs":null"#, &["config-missing /rootfs"]),
        (
            r#""rootfs":{"type":null,"diff_ids":null}"#,
            &[
                "config-missing /rootfs/diff_ids",
                "config-missing /rootfs/type",
            ],
        ),
    ] {
        let rootfs = if config.contains("rootfs") {
            ""
        } else {
            r#","rootfs":{"type":"layers","diff_ids":[]}"#
        };
        let text = format!(r#"{{"os":"linux","architecture":"amd64",{config}{rootfs}}}"#);
        let (_, findings) = ImageConfig::read(text.as_bytes()).expect("an object");
        let shown: Vec<_> = findings
            .iter()
            .map(|it| format!("{} {}", it.code, it.pointer))
            .collect();
        assert_eq!(shown, found, "{config}");
    }
}

#[test]
fn an_empty_text_is_an_absent_one_and_is_quoted() {
    let it = said(&image("").replace(LAYER, ""));
    assert_eq!(it.found, ["error missing-field /layers/0/mediaType"]);
    assert!(it.says("mediaType is \"\""));
    let it = said(&image(r#","artifactType":"""#));
    assert_eq!(it.found, ["error media-type-malformed /artifactType"]);
    let it = index(&[entry(A, &platform("linux", "", ""))]);
    assert_eq!(
        it.found,
        ["error platform-incomplete /manifests/0/platform/architecture"]
    );
    let docker = image("")
        .replace(OCI, "")
        .replace(CONFIG, "application/vnd.docker.container.image.v1+json");
    let it = said(&docker.replace(LAYER, "application/vnd.docker.image.rootfs.diff.tar.gzip"));
    assert_eq!(it.found, ["warning docker-media-type-missing /mediaType"]);
    let (config, findings) = ImageConfig::read(
        br#"{"os":"","architecture":"arm","rootfs":{"type":"layers","diff_ids":[]}}"#,
    )
    .expect("it");
    assert_eq!(config.platform(), None);
    assert_eq!(
        (findings.len(), findings[0].message.as_str()),
        (1, "os is \"\", which clients in Go take as missing")
    );
}

#[test]
fn what_is_not_readable_in_a_config_is_never_its_default() {
    for (member, places) in [
        (r#""config":{"WorkingDir":7}"#, &["/config/WorkingDir"][..]),
        (
            r#""config":{"Env":["A=1",2]}"#,
            &["/config/Env", "/config/Env/1"],
        ),
        (
            r#""config":{"Labels":{"a":1}}"#,
            &["/config/Labels", "/config/Labels/a"],
        ),
        (
            r#""config":{"Healthcheck":{"Interval":"30s"}}"#,
            &["/config/Healthcheck"],
        ),
        (
            r#""config":{"Healthcheck":{"Retries":1.5}}"#,
            &["/config/Healthcheck"],
        ),
        (r#""config":{"Volumes":"/data"}"#, &["/config/Volumes"]),
        (r#""config":[]"#, &["/config/User", "/config/Cmd"]),
        (r#""created":1700000000"#, &["/created"]),
        (
            r#""history":[{"created_by":7}]"#,
            &["/history/0/created_by"],
        ),
    ] {
        let text = format!(
            r#"{{"os":"linux","architecture":"amd64",{member},"rootfs":{{"type":"layers","diff_ids":["{A}"]}}}}"#
        );
        let (config, findings) = ImageConfig::read(text.as_bytes()).expect("an object");
        for place in places {
            assert!(!config.is_readable(place), "{place} of {member}");
        }
        assert!(config.is_readable("/config/StopSignal") || member.contains("[]"));
        let rule = findings.last().expect("a finding").code.rule();
        assert_eq!(
            (rule.name, rule.source),
            ("config-type", "image-spec, image config")
        );
        // With its manifest it stands in the config, and has no place in the manifest's bytes.
        let it = inspect(image("").as_bytes(), Some(text.as_bytes()));
        assert!(it.says("in the config: "), "{:?}", it.messages);
    }
    let text = r#"{"os":7,"architecture":"aarch64","variant":"v7","rootfs":{"type":"layers","diff_ids":["abc"]}}"#;
    let (config, findings) = ImageConfig::read(text.as_bytes()).expect("an object");
    assert!(!config.is_platform_readable());
    for finding in findings {
        assert_eq!(
            finding.code.rule().source,
            "image-spec, image config",
            "{finding:?}"
        );
    }
}

#[test]
fn content_of_no_bytes_warns_wherever_it_stands() {
    for (from, place) in [
        ("\"size\":9", "/config/size"),
        ("\"size\":7", "/layers/0/size"),
    ] {
        let it = said(&image("").replace(from, "\"size\":0"));
        assert_eq!(it.found, [format!("warning empty-content {place}")]);
    }
    let it = said(
        &image("")
            .replace("\"size\":7", "\"size\":0")
            .replace(LAYER, "text/plain"),
    );
    assert!(it.has("warning empty-content /layers/0/size"));
    let it =
        index(&[entry(A, &platform("linux", "amd64", "")).replace("\"size\":5", "\"size\":0")]);
    assert_eq!(it.found, ["warning empty-content /manifests/0/size"]);
    let subject = format!(r#","subject":{{"mediaType":"{OCI}","digest":"{C}","size":0}}"#);
    assert_eq!(
        said(&image(&subject)).found,
        ["warning empty-content /subject/size"]
    );
}

#[test]
fn characters_that_do_not_show_are_judged_where_they_stand() {
    for text in [
        "🏗️ building",
        "👩‍💻",
        "👨‍👩‍👧‍👦",
        "🏳️‍🌈",
        "❤️‍🔥",
        "👩🏽‍🚀",
        "1️⃣ #️⃣ *️⃣",
        "🇩🇪🇯🇵",
        "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        "☀︎ text style",
        "©️ 2024",
        "می‌خواهم",
        "نرم‌افزار",
        "کاربر‌ها",
        "ه\u{200d}",
        "क्‍ष",
        "क्‌ष",
        "र‍्य",
        "ශ්‍රී",
        "葛\u{e0100}飾",
        "神\u{fe00}",
        "㊗️",
        "ᠰᠠᠢᠨ\u{180b}",
        "a\tb\nc\r\nd",
        "日本語",
        "é",
        "👩🏽‍🤝‍👨🏿 🧑‍⚕️ 🤷‍♂️ 🐻‍❄️ 👁️‍🗨️ 🏴‍☠️ 👩‍❤️‍💋‍👨",
        "▶️ ™️ ☎︎ 0️⃣ 🇺🇳",
        "ന്‍ ನ್‌ನ க்‌ஷ ක්‍ෂ र्‍य",
        "ہم‌نے خانه‌ها بِسْمِ ٱللَّٰهِ",
        "שָׁלוֹם ที่นี่ ภาษาไทย",
        "ភាសា\u{200b}ខ្មែរ ไทย\u{200b}คำ ພາ\u{200b}ສາ မြန်\u{200b}မာ",
    ] {
        assert_eq!(find_hidden(text, 0), None, "{text:?}");
    }
    for (text, at) in [
        ("pass\u{200d}word", 4),
        ("pass\u{200c}word", 4),
        ("a\u{fe0f}", 1),
        ("1\u{fe0f}", 1),
        ("👩\u{200d}", 4),
        ("👩\u{200d}a", 4),
        ("❤\u{fe0f}\u{fe0f}", 6),
        ("a\u{e0100}", 1),
        ("日\u{200b}本", 3),
        ("می\u{200c}", 4),
        ("\u{202e}gpj", 0),
        ("a\u{2066}b", 1),
        ("\u{feff}a", 0),
        ("🏴\u{e0067}\u{e0062}", 4),
        ("a\u{e0061}\u{e0062}\u{e0063}\u{e007f}", 1),
        ("a\u{ad}b", 1),
        ("\u{3164}", 0),
        ("a\u{34f}", 1),
        ("a\u{fff9}b", 1),
        ("ไทย\u{200b}", 9),
        ("ไ\u{200b}a", 3),
        ("שלום\u{202e}abc", 8),
        ("1.2\u{200b}.3", 3),
        ("\u{1f3f4}\u{200d}a", 4),
        ("x\u{200e}y", 1),
        ("a\u{2060}b", 1),
        ("\u{e0001}a", 0),
    ] {
        assert_eq!(find_hidden(text, 0).map(|(at, _)| at), Some(at), "{text:?}");
    }
    let tags = "🏴".to_owned() + &"\u{e0061}".repeat(7) + "\u{e007f}";
    assert_eq!(find_hidden(&tags, 0), Some((4, '\u{e0061}')));
    // Every control character is told, wherever people read.
    for control in (0..=0x9f_u32)
        .chain([0x2028, 0x2029])
        .filter_map(char::from_u32)
        .filter(|it| it.is_control() || *it > '\u{2000}')
    {
        let is_told = !matches!(control, '\t' | '\n');
        let escaped = format!("\\u{:04x}", control as u32);
        let it = said(&image(&format!(r#","annotations":{{"a":"x{escaped}y"}}"#)));
        assert_eq!(
            it.has("warning hidden-characters /annotations/a"),
            is_told,
            "{escaped}"
        );
        let text = format!(
            r#"{{"os":"linux","architecture":"amd64","author":"x{escaped}","config":{{"Cmd":["{escaped}"]}},
            "rootfs":{{"type":"layers","diff_ids":[]}},"history":[{{"comment":"{escaped}"}}]}}"#
        );
        let (_, findings) = ImageConfig::read(text.as_bytes()).expect("an object");
        assert_eq!(
            findings.len(),
            if is_told { 3 } else { 0 },
            "{escaped}: {findings:?}"
        );
    }
}

#[test]
fn an_artifact_is_known_by_what_it_holds() {
    for (layer, kind) in [
        ("application/vnd.cyclonedx+json", "an SBOM, an OCI artifact"),
        (
            "application/vnd.dsse.envelope.v1+json",
            "an attestation, an OCI artifact",
        ),
        (
            "application/vnd.docker.ai.gguf.v3",
            "a model, an OCI artifact",
        ),
        ("application/x-nobody-knows", "an OCI artifact"),
    ] {
        let it = said(&image("").replace(LAYER, layer));
        assert_eq!(it.title, format!("it is {kind} of type {layer}"));
    }
    for layer in [
        "application/vnd.oci.image.layer.v1.tar+zstd",
        "application/vnd.oci.image.layer.nydus.blob.v1",
    ] {
        assert_eq!(
            said(&image("").replace(LAYER, layer)).title,
            "it is an OCI image of 7 B in 1 layer"
        );
    }
    let it = said(
        &image(r#","artifactType":"application/vnd.dev.cosign.artifact.sig.v1+json""#)
            .replace(CONFIG, "application/vnd.oci.empty.v1+json"),
    );
    assert!(it.title.starts_with("it is a signature, "), "{}", it.title);
}

#[test]
fn platforms_are_counted_once_and_rows_say_what_stands_there() {
    let arm = |variant: &str| platform("linux", "arm", &format!(r#","variant":"{variant}""#));
    for (entries, title) in [
        (
            vec![
                entry(A, &platform("linux", "arm64", "")),
                entry(B, &platform("linux", "aarch64", "")),
            ],
            "for 1 platform",
        ),
        (
            vec![
                entry(A, &arm("v7")),
                entry(B, &platform("linux", "arm", "")),
                entry(C, &arm("v6")),
            ],
            "for 2 platforms",
        ),
        (
            vec![
                entry(
                    A,
                    &platform("windows", "amd64", r#","os.version":"10.0.1.1""#),
                ),
                entry(
                    B,
                    &platform("windows", "amd64", r#","os.version":"10.0.2.1""#),
                ),
            ],
            "for 2 platforms",
        ),
        (
            vec![entry(A, &platform("unknown", "unknown", "")), entry(B, "")],
            "of 2 entries",
        ),
        (
            vec![
                entry(A, &platform("linux", "amd64", "")),
                entry(B, r#","artifactType":"a/b""#),
                entry(C, r#","artifactType":"a/b""#),
            ],
            "for 1 platform, and 2 artifacts of type a/b",
        ),
        (
            vec![
                entry(A, &platform("linux", "amd64", "")),
                entry(B, r#","artifactType":"a/b""#),
                entry(C, r#","artifactType":"c/d""#),
            ],
            "for 1 platform, and 2 artifacts",
        ),
    ] {
        assert_eq!(
            index(&entries).title,
            format!("it is an OCI image index {title}")
        );
    }
    let named = |name: &str| format!(r#","annotations":{{"{name}":"v1"}}"#);
    let it = index(&[
        entry(A, &named("org.opencontainers.image.ref.name")),
        entry(A, &named("io.containerd.image.name")),
        entry(B, r#","artifactType":"application/spdx+json""#),
        entry(C, "").replace(OCI, "application/vnd.example.thing"),
        entry(C, "").replace(
            OCI,
            "application/vnd.docker.distribution.manifest.list.v2+json",
        ),
        entry(C, ""),
    ]);
    assert_eq!(
        it.rows,
        [
            "v1",
            "v1",
            "application/spdx+json",
            "application/vnd.example.thing",
            "list",
            "no platform"
        ]
    );
}

#[test]
fn an_artifact_before_its_image_is_a_warning() {
    let artifact = |digest: &str, os: &str, architecture: &str| {
        entry(
            digest,
            &format!(r#","artifactType":"a/b"{}"#, platform(os, architecture, "")),
        )
    };
    let image =
        |digest: &str, os: &str, architecture: &str| entry(digest, &platform(os, architecture, ""));
    for (entries, at) in [
        (
            vec![artifact(A, "linux", "amd64"), image(B, "linux", "amd64")],
            Some(0),
        ),
        (
            vec![
                artifact(A, "linux", "x86_64"),
                artifact(C, "linux", "amd64"),
                image(B, "linux", "amd64"),
            ],
            Some(0),
        ),
        (
            vec![
                image(A, "linux", "arm64"),
                artifact(C, "linux", "amd64"),
                image(B, "linux", "amd64"),
            ],
            Some(1),
        ),
        (
            vec![image(A, "linux", "amd64"), artifact(B, "linux", "amd64")],
            None,
        ),
        (
            vec![artifact(A, "linux", "amd64"), image(B, "linux", "arm64")],
            None,
        ),
    ] {
        let it = index(&entries);
        let found: Vec<_> = it
            .found
            .iter()
            .filter(|it| it.contains("artifact-first"))
            .cloned()
            .collect();
        assert_eq!(
            found,
            at.map(|at| format!("warning artifact-first /manifests/{at}"))
                .into_iter()
                .collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_variant_of_another_architecture_is_a_warning_and_a_spelling_has_its_usual_name() {
    for (architecture, variant, found) in [
        ("amd64", "v8", "warning platform-variant"),
        ("arm64", "v7", "warning platform-variant"),
        ("s390x", "v8", "warning platform-variant"),
        ("386", "v2", "warning platform-variant"),
        ("arm64", "armv8", "warning platform-spelling"),
        ("arm", "armv7l", "warning platform-spelling"),
        ("arm", "armv6", "warning platform-spelling"),
        ("arm64", "neoverse", "note platform-name"),
    ] {
        let it = index(&[entry(
            A,
            &platform("linux", architecture, &format!(r#","variant":"{variant}""#)),
        )]);
        assert_eq!(
            it.found,
            [format!("{found} /manifests/0/platform/variant")],
            "{architecture}/{variant}"
        );
    }
}

#[test]
fn times_are_told_in_utc_and_year_one_is_none() {
    for (time, told) in [
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00.000000000+00:00", None),
        ("0001-01-01T01:00:00+02:00", None),
        ("1970-01-01T00:00:00Z", Some("1970-01-01 00:00:00 UTC")),
        ("2024-02-29T23:30:00-01:00", Some("2024-03-01 00:30:00 UTC")),
        (
            "2024-03-01T00:30:00.123+05:30",
            Some("2024-02-29 19:00:00 UTC"),
        ),
        ("2023-12-31T20:00:00-08:00", Some("2024-01-01 04:00:00 UTC")),
        ("2024-01-01t05:00:00z", Some("2024-01-01 05:00:00 UTC")),
    ] {
        assert_eq!(in_utc(time).as_deref(), told, "{time}");
    }
}

#[test]
fn what_tools_write_under_reserved_names_is_no_warning() {
    for name in [
        "enc.keys.jwe",
        "enc.keys.pgp",
        "enc.keys.provider.attestation-agent",
        "enc.pubopts",
    ] {
        let it = said(&image(&format!(
            r#","annotations":{{"org.opencontainers.image.{name}":"e30="}}"#
        )));
        assert_eq!(it.found, [""; 0], "{name}");
    }
    let it = said(&image(
        r#","annotations":{"org.opencontainers.image.encoding":"e30="}"#,
    ));
    assert_eq!(
        it.found,
        ["warning annotation-reserved /annotations/org.opencontainers.image.encoding"]
    );
}

#[test]
fn a_format_is_told_from_what_is_there() {
    let list = "application/vnd.docker.distribution.manifest.list.v2+json";
    for (text, format, found) in [
        (
            r#"{"schemaVersion":2,"manifests":[]}"#.to_owned(),
            Format::OciIndex,
            &["note media-type-missing ", "note empty-list /manifests"][..],
        ),
        (
            r#"{"schemaVersion":2,"manifests":null}"#.to_owned(),
            Format::OciIndex,
            &["error null-required /manifests", "note media-type-missing "],
        ),
        (
            format!(
                r#"{{"schemaVersion":2,"config":{{"mediaType":"a/b","digest":"{A}","size":9}},"layers":null}}"#
            ),
            Format::OciManifest,
            &[
                "error null-required /layers",
                "note media-type-missing ",
                "note no-layers /layers",
            ],
        ),
        (
            format!(
                r#"{{"schemaVersion":2,"mediaType":"","config":{{"mediaType":"a/b","digest":"{A}","size":9}},"layers":null}}"#
            ),
            Format::OciManifest,
            &[
                "error null-required /layers",
                "note media-type-missing /mediaType",
                "note no-layers /layers",
            ],
        ),
        // One error where mediaType names one kind and the members are another's.
        (
            image("").replace(OCI, "application/vnd.oci.image.index.v1+json"),
            Format::OciIndex,
            &["error media-type-conflict /mediaType"],
        ),
        (
            image("").replace(OCI, list),
            Format::DockerList,
            &["error media-type-conflict /mediaType"],
        ),
        (
            format!(
                r#"{{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","manifests":[{}]}}"#,
                entry(A, "")
            ),
            Format::DockerSchema2,
            &["error media-type-conflict /mediaType"],
        ),
        // Known by name, also where nothing else is there.
        (
            r#"{"mediaType":"application/vnd.oci.artifact.manifest.v1+json"}"#.to_owned(),
            Format::OciArtifact,
            &["warning withdrawn-format /mediaType"],
        ),
        (
            r#"{"mediaType":"application/vnd.cncf.oras.artifact.manifest.v1+json","blobs":[]}"#
                .to_owned(),
            Format::OrasArtifact,
            &["warning withdrawn-format /mediaType"],
        ),
    ] {
        let it = said(&text);
        assert_eq!(it.manifest.format, format, "{text}");
        assert_eq!(it.found, found, "{text}");
    }
}

#[test]
fn a_cache_and_a_layout_are_lists_of_their_own_kind() {
    let cache = entry(A, "").replace(OCI, "application/vnd.buildkit.cacheconfig.v0");
    let layer = |media_type: &str| entry(B, "").replace(OCI, media_type);
    for entries in [
        vec![cache.clone()],
        vec![cache.clone(), layer(LAYER)],
        vec![
            layer("application/vnd.docker.image.rootfs.diff.tar.gzip"),
            cache.clone(),
        ],
    ] {
        let it = index(&entries);
        assert_eq!(it.found, ["warning build-cache /manifests"]);
        assert!(
            it.title.starts_with("it is a BuildKit cache, "),
            "{}",
            it.title
        );
    }
    let as_image = image("").replace(CONFIG, "application/vnd.buildkit.cacheconfig.v0");
    assert!(
        said(&as_image)
            .title
            .starts_with("it is a BuildKit cache, ")
    );
    assert_eq!(
        index(&[layer(LAYER)]).found,
        ["warning entry-type /manifests/0"]
    );
    let nested = entry(
        A,
        r#","annotations":{"io.containerd.image.name":"r.example/a:1"}"#,
    )
    .replace(OCI, "application/vnd.oci.image.index.v1+json");
    let it = index(&[
        nested,
        entry(
            B,
            r#","annotations":{"org.opencontainers.image.ref.name":"1"}"#,
        ),
    ]);
    assert_eq!(it.found, [""; 0]);
    assert_eq!(it.rows, ["r.example/a:1", "1"]);
}
