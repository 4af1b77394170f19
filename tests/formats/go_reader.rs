//! What Waybill calls clean, a second reader reads the same: Go's encoding/json, where Go is installed.

use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use waybill_core::descriptor::Descriptor;
use waybill_core::finding::Severity;
use waybill_core::manifest::detect::DeclaredTypes;
use waybill_core::manifest::{Format, Manifest};
use waybill_testkit::{fixtures, project};

use super::mutations::{Random, mutate};

/// Members that clients read in different ways, put in front of others.
const MEMBERS: &[&str] = &[
    r#""x":1,"#,
    r#""Layers":[],"#,
    r#""layers":null,"#,
    r#""\u006cayers":[],"#,
    r#""layerſ":[],"#,
    r#""MANIFESTS":[{}],"#,
    r#""manifests":null,"#,
    r#""digest":"sha256:0","#,
    r#""DIGEST":null,"#,
    r#""dige\u0073t":"x","#,
    r#""size":7,"#,
    r#""ſize":7,"#,
    r#""mediatype":"a/b","#,
    r#""urls":null,"#,
    r#""annotations":null,"#,
    r#""annotations":{"a":"b"},"#,
    r#""annotationS":{"a":"b"},"#,
    r#""platform":null,"#,
    r#""os":"linux","#,
    r#""OS":"linux","#,
    r#""fslayers":[],"#,
    r#""x\u0000":{"a":[1e3]},"#,
    r#""x":9007199254740993,"#,
    r#""schemaversion":1,"#,
    "\n\t ",
];

/// One change that may leave a manifest clean.
fn change(bytes: &mut Vec<u8>, random: &mut Random) {
    let opened: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b'{').collect();
    let letters: Vec<usize> = (0..bytes.len())
        .filter(|at| bytes[*at].is_ascii_alphabetic())
        .collect();
    match random.below(4) {
        0 | 1 if !opened.is_empty() => {
            let at = opened[random.below(opened.len())] + 1;
            bytes.splice(at..at, random.of(MEMBERS).bytes());
        }
        2 if !letters.is_empty() => {
            let at = letters[random.below(letters.len())];
            let escaped = format!(
                "\\u{:04x}",
                bytes[at] ^ if random.below(2) == 0 { 0 } else { 0x20 }
            );
            bytes.splice(at..=at, escaped.bytes());
        }
        _ => mutate(bytes, random),
    }
}

fn line(kind: &str, one: &Descriptor) -> String {
    let media_type = one
        .media_type
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let size = one.size.unwrap_or_default();
    let (digest, urls, annotations) = (&one.digest_text, one.urls.len(), one.annotations.len());
    let text = format!("{kind} {media_type} {digest} {size} {urls} {annotations}");
    if let Some(platform) = &one.platform {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        let (variant, version) = (part(&platform.variant), part(&platform.os_version));
        return format!(
            "{text} {}/{}/{variant}/{version}",
            platform.os, platform.architecture
        );
    }
    text
}

/// What Waybill reads, in the words of `second_reader.go`; `None` where it is not clean.
fn clean(bytes: &[u8]) -> Option<Vec<String>> {
    let (manifest, findings) = Manifest::read(bytes, &DeclaredTypes::none()).ok()?;
    let is_clean = findings
        .iter()
        .all(|finding| finding.severity() == Severity::Note);
    if !is_clean || matches!(manifest.format, Format::Unknown | Format::OciArtifact) {
        return None;
    }
    let mut lines = Vec::new();
    let mut annotations = 0;
    if let Some(image) = manifest.image() {
        let old = manifest.format.is_schema1();
        lines.extend(image.config.iter().map(|config| line("config", config)));
        let layer = |layer: &Descriptor| {
            if old {
                format!("layer {}", layer.digest_text)
            } else {
                line("layer", layer)
            }
        };
        lines.extend(image.layers.iter().map(layer));
        lines.extend(image.subject.iter().map(|subject| line("subject", subject)));
        annotations = image.annotations.len();
    }
    if let Some(list) = manifest.list() {
        lines.extend(list.entries.iter().map(|entry| line("entry", entry)));
        lines.extend(list.subject.iter().map(|subject| line("subject", subject)));
        annotations = list.annotations.len();
    }
    lines.push(format!("{annotations} annotations"));
    Some(lines)
}

#[test]
fn what_is_clean_is_the_same_to_go() {
    const ROUNDS: u64 = 120;
    let program = project().join("tests/formats/second_reader.go");
    let mut command = Command::new("go");
    command
        .arg("run")
        .arg(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        eprintln!("skipped: Go is not installed");
        return;
    };
    let mut input = child.stdin.take().expect("a pipe");
    let mut sent = 0;
    for fixture in fixtures::all() {
        for round in 0..ROUNDS {
            let mut random =
                Random(0xd1b5_4a32_d192_ed03 ^ (round + 1) << 20 ^ fixture.size as u64);
            let mut bytes = fixture.bytes.clone();
            for _ in 0..round.min(1 + round % 3) {
                change(&mut bytes, &mut random);
            }
            let Some(read) = clean(&bytes) else { continue };
            let body = base64::engine::general_purpose::STANDARD.encode(&bytes);
            let asked = serde_json::json!({"name": format!("{}, round {round}", fixture.name), "body": body, "read": read});
            writeln!(input, "{asked}").expect("it reads on");
            sent += 1;
        }
    }
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said.trim(), format!("{sent} compared"));
    assert!(sent > 200, "only {sent} were clean");
}
