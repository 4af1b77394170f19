//! Diff: what the page shows of two lists and of two images, where it leads, and what it asks for.

use std::rc::Rc;

use waybill::diff::{Effect, Msg};
use waybill_core::digest::Digest;
use waybill_core::workflow::diff::{Effect as Want, Msg as Change};
use waybill_core::workflow::fetch::{Failure, Received};
use waybill_core::workflow::inspect::ContentKey;

use crate::Named;
use crate::harness::{Done, Harness};
use crate::page::render;

/// What the registry holds: contents by tag, and by digest.
#[derive(Default)]
struct Registry(Vec<(String, String)>);

impl Registry {
    fn put(&mut self, tag: &str, media_type: &str, text: String) -> String {
        let digest = Digest::sha256(text.as_bytes()).to_string();
        let size = text.len();
        self.0.push((tag.to_owned(), text.clone()));
        self.0.push((digest.clone(), text));
        format!(r#""mediaType":"{media_type}","digest":"{digest}","size":{size}"#)
    }

    /// An image whose layers are named by these letters, with this environment and these labels.
    fn image(&mut self, tag: &str, layers: &[&str], environment: &str, labels: &str) -> String {
        let history: Vec<_> = layers
            .iter()
            .map(|layer| format!(r#"{{"created_by":"RUN make {layer}"}}"#))
            .collect();
        let history = history.join(",");
        let config = format!(
            r#"{{"os":"linux","architecture":"amd64","config":{{"Env":[{environment}],"Labels":{{{labels}}}}},"rootfs":{{"type":"layers","diff_ids":[]}},"history":[{history}]}}"#
        );
        let config = self.put("", "application/vnd.oci.image.config.v1+json", config);
        let layers: Vec<_> = layers
            .iter()
            .map(|layer| {
                let digest = Digest::sha256(layer.as_bytes());
                format!(r#"{{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{digest}","size":1048576}}"#)
            })
            .collect();
        let layers = layers.join(",");
        let image = "application/vnd.oci.image.manifest.v1+json";
        let text = format!(
            r#"{{"schemaVersion":2,"mediaType":"{image}","config":{{{config}}},"layers":[{layers}]}}"#
        );
        self.put(tag, image, text)
    }

    fn list(&mut self, tag: &str, entries: &[(&str, &str)]) {
        let entries: Vec<_> = entries
            .iter()
            .map(|(architecture, descriptor)| {
                format!(r#"{{{descriptor},"platform":{{"os":"linux","architecture":"{architecture}"}}}}"#)
            })
            .collect();
        let entries = entries.join(",");
        let index = "application/vnd.oci.image.index.v1+json";
        let text =
            format!(r#"{{"schemaVersion":2,"mediaType":"{index}","manifests":[{entries}]}}"#);
        self.put(tag, index, text);
    }

    /// Answers what Diff asks for, until nothing is left; how many requests that were.
    fn answer(&self, page: &mut Harness, done: Vec<Done>) -> usize {
        let mut waiting = done;
        let mut asked = 0;
        while let Some(next) = waiting.pop() {
            let Done::Diff(Effect::Workflow(
                Some(reference),
                Want::Fetch {
                    generation,
                    position,
                    key,
                    ..
                },
            )) = next
            else {
                continue;
            };
            asked += 1;
            let name = match &key {
                ContentKey::Root => reference.target().to_string(),
                ContentKey::Child(digest) | ContentKey::Config(digest) => digest.to_string(),
            };
            let found = self.0.iter().find(|(known, _)| *known == name);
            let result = found
                .map(|(_, text)| Received::local(Rc::from(text.as_bytes())))
                .ok_or(Failure::NotBundled);
            waiting.extend(page.diff(Msg::Workflow(Change::Received {
                generation,
                position,
                key,
                result,
            })));
        }
        asked
    }
}

fn registry() -> Registry {
    let mut registry = Registry::default();
    let base = ["base", "libraries", "tools"];
    let old = registry.image(
        "old",
        &[&base[..], &["app 1"]].concat(),
        r#""PATH=/usr/bin","VERSION=1""#,
        r#""team":"a","stays":"yes""#,
    );
    let new = registry.image(
        "new",
        &[&base[..], &["fonts", "app 2"]].concat(),
        r#""PATH=/usr/bin","VERSION=2","DEBUG=<b>1</b>""#,
        r#""stays":"yes""#,
    );
    let same = registry.image("same", &["base"], "", "");
    registry.list("1", &[("amd64", &old), ("arm64", &same), ("s390x", &same)]);
    registry.list(
        "2",
        &[("arm64", &same), ("amd64", &new), ("riscv64", &same)],
    );
    registry
}

/// Comes to a comparison, and answers what it asks for; with how many requests.
fn compared(address: &str) -> (Harness, usize) {
    let registry = registry();
    let mut page = Harness::new(true);
    let done = page.go(address);
    let asked = registry.answer(&mut page, done);
    (page, asked)
}

const LISTS: &str = "/diff?from=r.example/app:1&to=r.example/app:2";
const IMAGES: &str = "/diff?from=r.example/app:old&to=r.example/app:new";

pub(crate) const STATES: &[Named] = &[
    ("diff-empty", || compared("/diff?from=r.example/app:1").0),
    ("diff-images", || compared(IMAGES).0),
    ("diff-lists", || compared(LISTS).0),
    ("diff-platform", || {
        compared("/diff?from=r.example/app:1&to=r.example/app:2&platform=linux/amd64").0
    }),
    ("diff-same", || {
        compared("/diff?from=r.example/app:same&to=http://r.example/app:same").0
    }),
    ("diff-gone", || {
        compared("/diff?from=r.example/app:old&to=r.example/app:gone").0
    }),
];

#[test]
fn nothing_is_asked_for_before_both_are_named() {
    assert_eq!(compared("/diff?from=r.example/app:1").1, 0);
}

#[test]
fn two_images_show_what_differs_and_fold_what_is_shared() {
    let (page, asked) = compared(IMAGES);
    assert_eq!(asked, 4);
    let drawn = render(page);
    assert!(drawn.contains("3 of 5 layers are shared"), "{drawn}");
    assert!(!drawn.contains("<b>1</b>"));
}

#[test]
fn two_lists_lead_to_the_images_of_a_platform_and_back() {
    let (mut page, asked) = compared(LISTS);
    assert_eq!(asked, 2);
    let done = page.go("/diff?from=r.example/app:1&to=r.example/app:2&platform=linux/amd64");
    assert_eq!(registry().answer(&mut page, done), 4);
    let drawn = render(page);
    assert!(drawn.contains("All platforms") && drawn.contains("VERSION"));
}

#[test]
fn what_is_the_same_is_said_so() {
    let (page, asked) = compared("/diff?from=r.example/app:same&to=http://r.example/app:same");
    assert_eq!(asked, 2);
    let drawn = render(page);
    assert!(
        drawn.contains("Both are the same, byte for byte"),
        "{drawn}"
    );
}

#[test]
fn what_does_not_come_is_said_at_its_side() {
    let (page, _) = compared("/diff?from=r.example/app:old&to=r.example/app:gone");
    let drawn = render(page);
    assert!(drawn.contains("r.example/app:gone did not come"), "{drawn}");
}

#[test]
fn the_report_is_copied_as_text_and_saved_as_json() {
    let (mut page, _) = compared(IMAGES);
    let copied = page.diff(Msg::Copy);
    let text = format!("{copied:?}");
    assert!(text.contains("- VERSION: 1\\n+ VERSION: 2"), "{text}");
    let saved = page.diff(Msg::Save);
    let is_json = saved.iter().any(|done| {
        let text = format!("{done:?}");
        text.contains("diff.json")
    });
    assert!(is_json, "{saved:?}");
}

#[test]
fn swapping_goes_to_the_other_address() {
    let (mut page, _) = compared(IMAGES);
    let done = page.diff(Msg::Swapped);
    assert_eq!(
        page.app.route.to_string(),
        "#/diff?from=r.example/app:new&to=r.example/app:old"
    );
    // The two are compared anew, the other way round.
    assert_eq!(registry().answer(&mut page, done), 4);
    assert!(render(page).contains("r.example/app:new and r.example/app:old."));
}
