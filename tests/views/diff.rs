//! Diff: what the page shows of two lists and of two images, where it leads, and what it asks for.

use std::rc::Rc;

use waybill::diff::{Effect, FilesEffect, FilesMsg, Msg};
use waybill::inspection::files::Read;
use waybill::inspection::files::message::LayerTold;
use waybill_blobs::files::{Differences, DifferencesQuery, DifferencesRows, Differs, ReportForm};
use waybill_blobs::listing::Listing;
use waybill_blobs::tar::Entry;
use waybill_core::digest::Digest;
use waybill_core::registry::error::{ErrorAnswer, RegistryError};
use waybill_core::registry::referrers::{NoApi, Referrers};
use waybill_core::registry::transport::Via;
use waybill_core::workflow::diff::{Effect as Want, Msg as Change};
use waybill_core::workflow::fetch::{Failure, Received};
use waybill_core::workflow::inspect::ContentKey;
use waybill_core::workflow::related;
use waybill_testkit::transport::answer as answer_of;

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

/// What came of a layer that is the one it is named as.
fn read(digest: &Digest) -> Read {
    Read {
        digest: digest.clone(),
        is_listed: true,
        has_contents: true,
        unpacked: 4_000_000,
        faults: Vec::new(),
    }
}

/// Presses the button of the files; with what is to be read.
fn files_asked() -> (Harness, Vec<(usize, Digest)>) {
    let (mut page, _) = compared(IMAGES);
    let done = page.diff(Msg::Files(FilesMsg::Compare));
    let read = done.iter().find_map(|done| match done {
        Done::Diff(Effect::Files(FilesEffect::Read(blobs))) => Some(blobs),
        _ => None,
    });
    let blobs = read.expect("the layers are read").iter();
    let blobs = blobs.map(|(place, blob)| (*place, blob.digest.clone()));
    let blobs = blobs.collect();
    (page, blobs)
}

/// Two file systems, as the worker compares them.
fn differences() -> Differences {
    let layer = |files: &[(&str, i64, i64)]| {
        let mut listing = Listing::new();
        for (name, mode, seconds) in files {
            let mut entry = Entry {
                name: name.as_bytes().to_vec(),
                kind: b'0',
                mode: *mode,
                size: 1_000,
                ..Entry::default()
            };
            entry.modified.seconds = *seconds;
            listing.push(&entry);
            listing.hash_content([u8::try_from(*mode & 0xff).unwrap_or(0); 32]);
        }
        vec![Rc::new(listing)]
    };
    let left = layer(&[
        ("bin/su", 0o4755, 0),
        ("etc/<b>gone</b>", 0o644, 0),
        ("etc/hosts", 0o644, 0),
    ]);
    let right = layer(&[
        ("bin/su", 0o700, 0),
        ("etc/hosts", 0o644, 86_400),
        ("usr/share/a\u{202e}b", 0o644, 0),
    ]);
    Differences::find(left, right)
}

/// Lets all layers come, and answers as the worker does; the layer of that place is another than it is named as.
fn files_compared(wrong: Option<usize>) -> Harness {
    let (mut page, blobs) = files_asked();
    for (place, digest) in blobs {
        let digest = if wrong == Some(place) {
            Digest::sha256(b"other bytes")
        } else {
            digest
        };
        page.diff(Msg::Files(FilesMsg::Told(
            place,
            LayerTold::Done(read(&digest)),
        )));
    }
    let found = differences();
    let done = page.diff(Msg::Files(FilesMsg::Compared(found.counts())));
    answer(&mut page, &found, &done);
    page
}

fn answer(page: &mut Harness, found: &Differences, done: &[Done]) {
    for done in done {
        if let Done::Diff(Effect::Files(FilesEffect::Ask(number, query))) = done {
            page.diff(Msg::Files(FilesMsg::Answered(*number, found.rows(query))));
        }
    }
}

/// An artifact that refers to what a tag names, with a text of that type as its layer.
fn put_referrer(registry: &mut Registry, tag: &str, kind: &str, text: &str) {
    let found = registry.0.iter().find(|(known, _)| known == tag);
    let subject = found.expect("it was put").1.clone();
    let digest = Digest::sha256(subject.as_bytes());
    let image = "application/vnd.oci.image.manifest.v1+json";
    let layer = registry.put("", kind, text.to_owned());
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"{image}","artifactType":"{kind}","config":{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{}","size":2}},"layers":[{{{layer}}}],"subject":{{"mediaType":"{image}","digest":"{digest}","size":{}}}}}"#,
        Digest::sha256(b"{}"),
        subject.len()
    );
    let entry = registry.put("", image, manifest);
    let index = "application/vnd.oci.image.index.v1+json";
    let list = format!(
        r#"{{"schemaVersion":2,"mediaType":"{index}","manifests":[{{{entry},"artifactType":"{kind}"}}]}}"#
    );
    registry.put(&format!("sha256-{}", digest.encoded()), index, list);
}

/// Two images, each with an SBOM, compared to the end.
fn related_compared() -> Harness {
    let mut registry = registry();
    let sbom = |packages: &str| format!(r#"{{"spdxVersion":"SPDX-2.3","packages":[{packages}]}}"#);
    let package = |name: &str, version: &str, licence: &str| {
        format!(r#"{{"name":"{name}","versionInfo":"{version}","licenseConcluded":"{licence}"}}"#)
    };
    let old = [
        package("musl", "1.2.4", "MIT"),
        package("<b>gone</b>", "1", "MIT"),
    ];
    let new = [
        package("musl", "1.2.5", "MIT"),
        package("zlib", "1.3", "Zlib"),
    ];
    put_referrer(
        &mut registry,
        "old",
        "application/spdx+json",
        &sbom(&old.join(",")),
    );
    put_referrer(
        &mut registry,
        "new",
        "application/spdx+json",
        &sbom(&new.join(",")),
    );
    let mut page = Harness::new(true);
    let done = page.go(IMAGES);
    registry.answer(&mut page, done);
    let mut waiting = page.diff(Msg::CompareRelated);
    while let Some(done) = waiting.pop() {
        let Done::Diff(Effect::Related(position, _, related::Effect::Ask { generation, ask })) =
            done
        else {
            continue;
        };
        let name = match &ask {
            related::Ask::Referrers { .. } => None,
            related::Ask::Tag { tag, .. } => Some(tag.to_string()),
            related::Ask::Manifest { digest, .. } | related::Ask::Document { digest } => {
                Some(digest.to_string())
            }
            related::Ask::LongDocument(document) => Some(document.digest.to_string()),
        };
        let found = name.as_ref().and_then(|name| {
            let found = registry.0.iter().find(|(known, _)| known == name);
            found.map(|(_, text)| text.clone())
        });
        let result = match (name, found) {
            (None, _) => Ok(related::Answer::Listed(Referrers::NoApi(NoApi::Status(
                404,
            )))),
            (_, Some(text)) => Ok(related::Answer::Came(Received::local(Rc::from(
                text.as_bytes(),
            )))),
            (_, None) => Err(not_found()),
        };
        let answered = related::Msg::Answered {
            generation,
            ask,
            result,
        };
        waiting.extend(page.diff(Msg::Related(position, answered)));
    }
    page
}

/// That the registry has none of it.
fn not_found() -> Failure {
    let response = answer_of(404, "");
    let answer = ErrorAnswer::new("https://r.example/v2/", Via::Proxy, &response, &[]);
    Failure::from(RegistryError::NotFound(answer))
}

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
    ("diff-files-reading", || {
        let (mut page, blobs) = files_asked();
        let (place, digest) = &blobs[0];
        page.diff(Msg::Files(FilesMsg::Told(
            *place,
            LayerTold::Done(read(digest)),
        )));
        page.diff(Msg::Files(FilesMsg::Told(1, LayerTold::Progress(500_000))));
        page.diff(Msg::Files(FilesMsg::Told(2, LayerTold::Asks)));
        let broke = LayerTold::Failed("the connection broke".into(), true);
        page.diff(Msg::Files(FilesMsg::Told(3, broke)));
        page
    }),
    ("diff-files-compared", || files_compared(Some(1))),
    ("diff-related", related_compared),
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

#[test]
fn files_are_compared_when_somebody_asks_and_each_layer_is_read_once() {
    let (page, _) = compared(IMAGES);
    let drawn = render(page);
    // Three that both have, one of the left one, two of the right one.
    assert!(drawn.contains("Reads 6 layers, 6.3 MB"), "{drawn}");
    let (_, blobs) = files_asked();
    assert_eq!(blobs.len(), 6);
}

#[test]
fn a_layer_that_is_another_one_is_said_and_what_differs_is_told_with_both_values() {
    let drawn = render(files_compared(Some(3)));
    for said in [
        "Layer 4 of the left one is not the one that its manifest names",
        "/bin/su",
        "4755",
        "0700",
        "etc/&lt;b&gt;gone",
    ] {
        assert!(drawn.contains(said), "{said}: {drawn}");
    }
    assert!(
        !drawn.contains("1970-01-02"),
        "only a time differs: {drawn}"
    );
}

#[test]
fn one_kind_of_differences_is_shown_alone_and_searched() {
    let mut page = files_compared(None);
    let found = differences();
    let done = page.diff(Msg::Files(FilesMsg::Only(Some(Differs::OnlyTime))));
    answer(&mut page, &found, &done);
    let done = page.diff(Msg::Files(FilesMsg::Searched("hosts".into())));
    let asked = done.iter().find_map(|done| match done {
        Done::Diff(Effect::Files(FilesEffect::Ask(_, query))) => Some(query.clone()),
        _ => None,
    });
    let asked = asked.expect("the rows are asked for");
    assert_eq!(
        (asked.only, asked.search.as_str()),
        (Some(Differs::OnlyTime), "hosts")
    );
    answer(&mut page, &found, &done);
    let drawn = render(page);
    assert!(
        drawn.contains("/etc/hosts") && !drawn.contains("/bin/su"),
        "{drawn}"
    );
}

#[test]
fn an_answer_to_an_older_question_is_not_shown() {
    let mut page = files_compared(None);
    let found = differences();
    page.diff(Msg::Files(FilesMsg::Searched("hosts".into())));
    let all = found.rows(&DifferencesQuery {
        count: 10,
        ..DifferencesQuery::default()
    });
    page.diff(Msg::Files(FilesMsg::Answered(
        1,
        DifferencesRows::default(),
    )));
    page.diff(Msg::Files(FilesMsg::Answered(2, all)));
    assert!(render(page).contains("/bin/su"));
}

#[test]
fn the_files_of_what_is_compared_no_more_are_given_up() {
    let mut page = files_compared(None);
    let done = page.diff(Msg::Swapped);
    let closed = |done: &Done| matches!(done, Done::Diff(Effect::Files(FilesEffect::Close)));
    assert!(done.iter().any(closed), "{done:?}");
    registry().answer(&mut page, done);
    assert!(render(page).contains("Compare their files"));
}

#[test]
fn a_report_of_the_files_is_saved_under_a_name_of_its_form() {
    let mut page = files_compared(None);
    let report = (ReportForm::Json, differences().to_json());
    let done = page.diff(Msg::Files(FilesMsg::Reported(report.0, report.1)));
    let text = format!("{done:?}");
    assert!(text.contains("files.diff.json"), "{text}");
}

#[test]
fn packages_and_what_refers_to_both_are_compared_when_somebody_asks() {
    let drawn = render(related_compared());
    for said in ["Packages", "1.2.4", "1.2.5", "zlib", "&lt;b&gt;gone"] {
        assert!(drawn.contains(said), "{said}: {drawn}");
    }
    let (page, _) = compared(IMAGES);
    assert!(render(page).contains("Compare signatures and SBOMs"));
}

#[test]
fn the_report_has_what_is_related_too() {
    let mut page = related_compared();
    let text = format!("{:?}", page.diff(Msg::Copy));
    assert!(text.contains("- musl: 1.2.4\\n+ musl: 1.2.5"), "{text}");
}

#[test]
fn what_is_related_to_what_is_compared_no_more_is_given_up() {
    let mut page = related_compared();
    let done = page.diff(Msg::Swapped);
    let stops = |done: &Done| {
        matches!(
            done,
            Done::Diff(Effect::Related(_, _, related::Effect::Abort))
        )
    };
    assert!(done.iter().any(stops), "{done:?}");
}
