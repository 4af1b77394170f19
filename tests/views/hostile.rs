//! Text that a registry controls, written to do harm: it has to come out as text, with what hides in it marked.

use serde_json::{Value, json};
use waybill::inspection::Msg;
use waybill_core::digest::Digest;
use waybill_core::registry::error::RegistryError;
use waybill_core::workflow::fetch::Failure;
use waybill_core::workflow::inspect::ContentKey;

use super::harness::{Harness, honest, refusal};
use super::page::{Piece, attributes, pieces, tag_name};
use super::{Named, pages};

const AT: &str = "/inspect/registry.example/team/app:1.0";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";

const TAG: &str = "<script>alert('harm')</script><img src=x onerror=alert(1)>";
const QUOTES: &str = "\" onmouseover=\"alert(1)\" x='";
const LINK: &str = "javascript:alert(1)";
const BIDI: &str = "user\u{202e}gpj.exe\u{2066}\u{200b}\u{ad}\u{e0041}\u{7}";

pub(crate) const STATES: &[Named] = &[
    ("hostile-image", || image("overview")),
    ("hostile-image-json", || image("json")),
    ("hostile-image-config", || image("config")),
    ("hostile-image-layers", || image("layers")),
    ("hostile-index", index),
    ("hostile-share", || {
        let mut harness = index();
        harness.inspection(Msg::Share);
        harness
    }),
    ("hostile-report", report),
    ("hostile-error", || {
        let body = json!({"errors": [{"code": TAG, "message": BIDI, "detail": {QUOTES: LINK}}]})
            .to_string();
        let answer = refusal(429, &[("retry-after", TAG)], &body);
        let failure =
            || Failure::Registry(Box::new(RegistryError::TooManyRequests(answer.clone())));
        Harness::at(AT).answer(|_| Some(Err(failure())))
    }),
    ("hostile-page-as-error", || {
        let answer = refusal(
            500,
            &[("content-type", "text/html")],
            &format!("<html>{TAG}{BIDI}"),
        );
        let failure = || Failure::Registry(Box::new(RegistryError::Server(answer.clone())));
        Harness::at(AT).answer(|_| Some(Err(failure())))
    }),
    ("hostile-file-name", || {
        Harness::opened(&format!("{TAG}{BIDI}"), b"{}", true)
    }),
    ("hostile-address", || {
        Harness::at(&format!("/inspect/{BIDI}{TAG}{QUOTES}"))
    }),
    ("hostile-not-json", || {
        let page = format!("{BIDI}\n{TAG}\n\"{BIDI}\": 1");
        Harness::at(&format!("{AT}?tab=json")).answer(|_| Some(Ok(honest(&page, OCI_MANIFEST))))
    }),
    ("hostile-created", created),
    ("hostile-long-chinese", long_chinese),
];

/// A value of 10,000 characters.
fn long() -> String {
    ["<b>", &"long ".repeat(1_999), "e", "\u{202e}"].concat()
}

fn descriptor(content: &str, media_type: &str) -> Value {
    json!({"mediaType": media_type, "digest": Digest::sha256(content.as_bytes()).to_string(), "size": content.len()})
}

fn image(tab: &str) -> Harness {
    let config = json!({
        "architecture": TAG, "os": BIDI, "created": QUOTES, "author": TAG, TAG: LINK,
        "config": {
            "User": TAG, "WorkingDir": QUOTES, "StopSignal": LINK, "Env": [TAG, BIDI, QUOTES], "Entrypoint": [TAG, BIDI],
            "Cmd": [QUOTES], "Shell": [LINK], "OnBuild": [TAG], "ExposedPorts": {TAG: {}}, "Volumes": {BIDI: {}},
            "Labels": {TAG: LINK, BIDI: "https://example.com/harmless", "long": long()},
            "Healthcheck": {"Test": ["CMD", TAG]},
        },
        "history": [{"created_by": TAG, "created": BIDI, "comment": TAG}],
        "rootfs": {"type": "layers", "diff_ids": [TAG]},
    })
    .to_string();
    let manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": descriptor(&config, OCI_CONFIG),
        "layers": [{"mediaType": TAG, "digest": QUOTES, "size": 1, "urls": [LINK], "annotations": {TAG: LINK}, BIDI: TAG}],
        "annotations": {TAG: TAG, LINK: LINK, "hidden": BIDI, "quotes": QUOTES, "long": long(),
            "web": "https://example.com/?a=<b>&c", "user": "https://registry.example@evil.example/"},
        TAG: [BIDI],
    })
    .to_string();
    let address = if tab == "overview" {
        AT.to_owned()
    } else {
        format!("{AT}?tab={tab}")
    };
    let content = |key: &ContentKey| match key {
        ContentKey::Root => honest(&manifest, OCI_MANIFEST),
        _ => honest(&config, OCI_CONFIG),
    };
    Harness::at(&address).answer(|key| Some(Ok(content(key))))
}

fn index() -> Harness {
    let index = json!({
        "schemaVersion": 2, "mediaType": OCI_INDEX, "artifactType": TAG,
        "manifests": [
            {"mediaType": OCI_MANIFEST, "digest": TAG, "size": 1, "platform": {"architecture": TAG, "os": BIDI}},
            {"mediaType": TAG, "digest": QUOTES, "size": -1, "artifactType": BIDI},
        ],
        "subject": {"mediaType": LINK, "digest": LINK, "size": 0},
    })
    .to_string();
    Harness::at(AT).answer(|_| Some(Ok(honest(&index, OCI_INDEX))))
}

/// A report of which every text does harm.
fn report() -> Harness {
    let content =
        json!({"mediaType": TAG, "digest": BIDI, "size": 1, "format": TAG, "data": "e30="});
    let report = json!({
        "kind": "waybill.inspection", "version": 1, "created": TAG, "name": BIDI, "reference": TAG, "via": TAG,
        "verdict": {"status": TAG, "stamp": BIDI, "sentence": TAG, "detail": BIDI},
        "custody": [{"step": TAG, "status": BIDI, "note": QUOTES}],
        "manifest": content, "config": content, "lists": [content],
        "manifests": [{"platform": TAG, "digest": BIDI, "status": TAG, "note": LINK}],
        "findings": [{"severity": TAG, "code": BIDI, "title": TAG, "in": TAG, "pointer": QUOTES, "message": long(),
            "source": LINK}],
    });
    Harness::opened("report.json", report.to_string().as_bytes(), true)
}

/// An image whose description is 3,000 characters of three bytes each, of which none begins at byte 200.
fn long_chinese() -> Harness {
    let description = "这个镜像的说明很长，".repeat(300);
    let manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "layers": [],
        "annotations": {"org.opencontainers.image.description": description},
    });
    Harness::at(AT).answer(|_| Some(Ok(honest(&manifest.to_string(), OCI_MANIFEST))))
}

/// A row of a list whose image was made at a time that is none.
fn created() -> Harness {
    let config =
        json!({"architecture": "amd64", "os": "linux", "created": format!("2026-01-01T{BIDI}{TAG}")}).to_string();
    let manifest = json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": descriptor(&config, OCI_CONFIG), "layers": []});
    let manifest = manifest.to_string();
    let index = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [descriptor(&manifest, OCI_MANIFEST)]})
        .to_string();
    let content = |key: &ContentKey| match key {
        ContentKey::Root => honest(&index, OCI_INDEX),
        ContentKey::Child(_) => honest(&manifest, OCI_MANIFEST),
        ContentKey::Config(_) => honest(&config, OCI_CONFIG),
    };
    Harness::at(AT).answer(|key| Some(Ok(content(key))))
}

fn hostile_pages() -> impl Iterator<Item = &'static (&'static str, String)> {
    pages()
        .iter()
        .filter(|(name, _)| name.starts_with("hostile-"))
}

#[test]
fn hostile_text_makes_no_element_and_no_attribute() {
    for (name, page) in hostile_pages() {
        for piece in pieces(page) {
            let Piece::Tag(tag) = piece else { continue };
            // The badge of Share is ours.
            if tag_name(tag) == "img" && attributes(tag)[0] == ("src", "badge.svg".to_owned()) {
                continue;
            }
            assert!(
                !["script", "img", "iframe", "style", "b2"].contains(&tag_name(tag)),
                "{name}: {tag}"
            );
            for (attribute, value) in attributes(tag) {
                assert!(!attribute.starts_with("on"), "{name}: {tag}");
                assert!(attribute != "src", "{name}: {tag}");
                let address =
                    ["href", "action", "formaction", "data", "xlink:href"].contains(&attribute);
                let safe = ["#/", "https://", "http://"]
                    .iter()
                    .any(|start| value.starts_with(start));
                assert!(!address || safe, "{name}: {tag}");
            }
        }
    }
}

/// Attributes that a person sees or hears.
const SHOWN: [&str; 3] = ["title", "aria-label", "placeholder"];

#[test]
fn what_hides_in_text_is_marked_wherever_it_is_shown() {
    let mut shown = Vec::new();
    for (name, page) in hostile_pages() {
        for piece in pieces(page) {
            let texts = match piece {
                Piece::Text(text) => vec![text.to_owned()],
                // What is copied is copied as it is; a name on hover is text that is shown.
                Piece::Tag(tag) => attributes(tag)
                    .into_iter()
                    .filter(|it| SHOWN.contains(&it.0))
                    .map(|it| it.1)
                    .collect(),
            };
            let hidden = |it: char| waybill_core::lenient::is_hidden(it) || it == '\u{7}';
            shown.extend(
                texts
                    .into_iter()
                    .filter(|text| text.contains(hidden))
                    .map(|text| format!("{name}: {text:?}")),
            );
        }
    }
    assert_eq!(shown, [""; 0], "these are shown as they are");
    let (_, page) = hostile_pages()
        .find(|(name, _)| *name == "hostile-image")
        .expect("the page");
    for mark in ["U+202E", "U+2066", "U+200B", "U+00AD", "U+E0041", "U+0007"] {
        assert!(page.contains(mark), "{mark} is not marked");
    }
}

#[test]
fn only_web_addresses_are_links_and_they_say_nothing_of_where_they_were_followed_from() {
    let (_, page) = hostile_pages()
        .find(|(name, _)| *name == "hostile-image")
        .expect("the page");
    let mut outward = Vec::new();
    for piece in pieces(page) {
        let Piece::Tag(tag) = piece else { continue };
        let attributes = attributes(tag);
        let of = |name: &str| {
            attributes
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.as_str())
        };
        if let Some(href) = of("href").filter(|href| !href.starts_with('#')) {
            assert_eq!(of("rel"), Some("noopener noreferrer nofollow"), "{tag}");
            outward.push(href.to_owned());
        }
    }
    assert!(outward.contains(&"https://example.com/harmless".to_owned()));
    assert!(outward.contains(&"https://example.com/?a=<b>&c".to_owned()));
    assert!(
        !outward.iter().any(|href| href.contains("evil")),
        "an address with a user name is a link"
    );
}

#[test]
fn what_is_copied_as_a_command_is_printable_ascii_in_lines_that_a_terminal_takes_whole() {
    let mut commands = 0;
    for (name, page) in pages() {
        for piece in pieces(page) {
            let Piece::Tag(tag) = piece else { continue };
            let attributes = attributes(tag);
            let of = |name: &str| {
                attributes
                    .iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| value.as_str())
            };
            let Some(command) =
                of("data-copy").filter(|_| of("aria-label") == Some("Copy command"))
            else {
                continue;
            };
            for line in command.replace("\\\n", "\n").split('\n') {
                assert!(
                    line.bytes().all(|byte| matches!(byte, b' '..=b'~')),
                    "{name}: {line:?}"
                );
                assert!(line.len() <= 1_000, "{name}: {line}");
            }
            commands += 1;
        }
    }
    assert!(commands > 10, "{commands}");
}
