//! What a page costs a browser: nodes, not characters. Whoever writes texts into a registry writes as many characters as
//! 4 MiB have room for, and must not decide by that how many elements the page is made of.

use serde_json::{Map, Value, json};
use waybill::compose::{Field, Msg};
use waybill::inspection::Msg as Seen;
use waybill::inspection::reading::Msg as Read;
use waybill::limits::{ITEMS_DRAWN, MARKS_DRAWN};
use waybill_core::digest::Digest;
use waybill_core::registry::error::RegistryError;
use waybill_core::workflow::compose::RowId;
use waybill_core::workflow::fetch::Failure;
use waybill_core::workflow::inspect::ContentKey;

use super::harness::{Harness, honest, missing, refusal};
use super::page::{Piece, html, pieces, render};

const AT: &str = "/inspect/registry.example/team/app:1.0";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// More than is drawn of any list.
const MANY: usize = ITEMS_DRAWN + 10;
/// The most nodes of any page; a browser draws them in a second or two.
const NODES: usize = 100_000;

/// Texts that would be a node for each character or two.
fn hostile() -> [String; 2] {
    ["x\u{200d}", "描\u{202e}\u{200b}\u{7}"].map(|piece| piece.repeat(40))
}

fn nodes(page: &str) -> usize {
    let is_node = |piece: &Piece<'_>| !matches!(piece, Piece::Tag(tag) if tag.starts_with("</"));
    pieces(page).iter().filter(|piece| is_node(piece)).count()
}

/// The texts of the lines of content, put together, and how many marks are in them.
fn lines(page: &str) -> (String, usize) {
    let content = page.split("<pre tabindex").nth(1).expect("content");
    let content = content.split("</pre>").next().unwrap_or_default();
    let sources = content.split("class=\"source\">").skip(1);
    let texts =
        sources.flat_map(|source| pieces(source.split("\n</span>").next().unwrap_or_default()));
    let text = |piece| match piece {
        Piece::Text(text) => Some(text),
        Piece::Tag(_) => None,
    };
    (
        texts.filter_map(text).collect(),
        content.matches("<mark").count(),
    )
}

/// Characters that do not show are left out: they are drawn as marks, eight in each text, and a hit divides one.
#[test]
fn what_is_sought_changes_no_text_of_the_lines_and_has_so_many_marks() {
    let show = |words: &str, indented| {
        let mut harness = image("a \"text\" of 1.0", "json");
        harness.inspection(Seen::Indent(indented));
        harness.inspection(Seen::Reading(Read::Find(words.to_owned())));
        lines(&html(harness))
    };
    for indented in [false, true] {
        let (bytes, none) = show("", indented);
        assert!(none == 0 && bytes.len() > 1_000);
        for words in [
            "a",
            "\"",
            ": ",
            "\",\"",
            "sha256:",
            "\": \"",
            "application/",
            "zzz",
        ] {
            let (text, marks) = show(words, indented);
            // A line that begins around a hit is another part of it.
            if !text.contains("this line begins before") {
                assert!(text == bytes, "{words}");
            }
            assert!(marks <= 6_000, "{words}: {marks}");
        }
    }
}

fn descriptor(content: &str, media_type: &str) -> Value {
    json!({"mediaType": media_type, "digest": Digest::sha256(content.as_bytes()).to_string(), "size": content.len()})
}

/// So many members, each with that text in its name and as its value.
fn members(text: &str) -> Map<String, Value> {
    (0..MANY)
        .map(|number| (format!("{number}{text}"), json!(text)))
        .collect()
}

/// An image that says that text wherever an image can say something, as often as it can.
fn image(text: &str, tab: &str) -> Harness {
    let list = vec![text; MANY];
    let mut config = json!({
        "architecture": text, "os": text, "created": text, "author": text,
        "config": {
            "User": text, "WorkingDir": text, "StopSignal": text, "Env": list, "Entrypoint": list, "Cmd": list,
            "Shell": list, "OnBuild": list, "ExposedPorts": members(text), "Volumes": members(text),
            "Labels": members(text), "Healthcheck": {"Test": list},
        },
        "history": vec![json!({"created_by": text, "created": text, "comment": text}); MANY],
        "rootfs": {"type": "layers", "diff_ids": list},
    });
    config
        .as_object_mut()
        .expect("an object")
        .append(&mut members(text));
    let config = config.to_string();
    let layer = json!({"mediaType": text, "digest": text, "size": 1, "urls": list, "annotations": members(text)});
    let mut manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": descriptor(&config, OCI_CONFIG),
        "layers": vec![layer; 2], "annotations": members(text),
    });
    manifest
        .as_object_mut()
        .expect("an object")
        .append(&mut members(text));
    let manifest = manifest.to_string();
    let content = |key: &ContentKey| match key {
        ContentKey::Root => honest(&manifest, OCI_MANIFEST),
        _ => honest(&config, OCI_CONFIG),
    };
    Harness::at(&format!("{AT}?tab={tab}")).answer(|key| Some(Ok(content(key))))
}

/// A list that says that text wherever a list can.
fn list(text: &str) -> String {
    let entry = json!({
        "mediaType": OCI_MANIFEST, "digest": Digest::sha256(b"x").to_string(), "size": 1, "artifactType": text,
        "platform": {"architecture": text, "os": text, "variant": text, "os.version": text, "os.features": vec![text; 9]},
        "annotations": members(text),
    });
    json!({
        "schemaVersion": 2, "mediaType": OCI_INDEX, "artifactType": text, "annotations": members(text),
        "manifests": vec![entry; 60], "subject": {"mediaType": text, "digest": text, "size": 0},
    })
    .to_string()
}

fn index(text: &str, tab: &str) -> Harness {
    let list = list(text);
    Harness::at(&format!("{AT}?tab={tab}")).answer(|key| match key {
        ContentKey::Root => Some(Ok(honest(&list, OCI_INDEX))),
        ContentKey::Child(digest) | ContentKey::Config(digest) => Some(Err(missing(digest))),
    })
}

/// The same list in Compose, changed in all that it says, its first entry unfolded.
fn composed(text: &str) -> Harness {
    let list = list(text);
    let mut harness =
        Harness::at("/compose?open=registry.example/app:hostile").serve(|reference, _| {
            match reference.tag() {
                Some(_) => Ok(honest(&list, OCI_INDEX)),
                None => Err(missing(reference.digest().expect("a digest"))),
            }
        });
    for msg in [
        Msg::Unfold(RowId(2)),
        Msg::Typed(Field::Target, "registry.example/app:new".to_owned()),
    ] {
        harness.compose(msg);
    }
    harness
}

/// A registry that answers with more errors than anybody reads.
fn error(text: &str) -> Harness {
    let one = json!({"code": text, "message": text, "detail": text});
    let body = json!({"errors": vec![one; MANY]}).to_string();
    let answer = refusal(429, &[("retry-after", text)], &body);
    let failure = || Failure::Registry(Box::new(RegistryError::TooManyRequests(answer.clone())));
    Harness::at(AT).answer(|_| Some(Err(failure())))
}

#[test]
fn no_text_of_a_registry_decides_how_many_nodes_a_page_has() {
    for text in hostile() {
        let lines = format!("{text}\n").repeat(600);
        let states: [(&str, &dyn Fn() -> Harness); 12] = [
            ("overview", &|| image(&text, "overview")),
            ("json", &|| image(&text, "json")),
            ("config", &|| image(&text, "config")),
            ("layers", &|| image(&text, "layers")),
            ("index", &|| index(&text, "overview")),
            ("index as JSON", &|| index(&text, "json")),
            ("compose", &|| composed(&text)),
            ("error", &|| error(&text)),
            ("file name", &|| Harness::opened(&text, b"{}", true)),
            ("not JSON", &|| json_of(text.repeat(1_000).as_bytes())),
            ("lines", &|| json_of(lines.as_bytes())),
            ("address", &|| Harness::at(&format!("/inspect/{text}"))),
        ];
        for (place, state) in states {
            let nodes = nodes(&render(state()));
            assert!(
                nodes < NODES,
                "{place}: {nodes} nodes of {}",
                text.escape_unicode()
            );
        }
    }
}

/// The JSON tab of bytes that were opened.
fn json_of(bytes: &[u8]) -> Harness {
    let mut harness = Harness::opened("x", bytes, true);
    harness.go("/verify?tab=json");
    harness
}

#[test]
fn a_run_is_one_mark_and_after_so_many_marks_the_rest_is_written_out() {
    let page = |author: &str| {
        let config = json!({"architecture": "amd64", "os": "linux", "author": author}).to_string();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": descriptor(&config, OCI_CONFIG), "layers": [],
        })
        .to_string();
        let content = |key: &ContentKey| match key {
            ContentKey::Root => honest(&manifest, OCI_MANIFEST),
            _ => honest(&config, OCI_CONFIG),
        };
        render(Harness::at(AT).answer(|key| Some(Ok(content(key)))))
    };
    let run = page(&"\u{200d}".repeat(1_999));
    assert!(run.contains(">U+200D × 1,999</span>"));
    assert_eq!(run.matches("hidden-character").count(), 1);
    // In the summary of what is folded away, and in the whole.
    let many = page(&"x\u{200d}".repeat(100_000));
    assert_eq!(
        many.matches("hidden-character").count(),
        2 * (MARKS_DRAWN + 1)
    );
    assert!(many.contains(">and 92 more</span>") && many.contains(">and 99,992 more</span>"));
    assert!(many.contains("x[U+200D]x[U+200D]"));
    assert!(!many.contains('\u{200d}'));
}
