//! The page of Copy, over registries in memory.

use std::cell::RefCell;
use std::collections::VecDeque;

use waybill::copy::{Effect, Msg};
use waybill::shell::PageCommand;
use waybill_core::conversion::{Compression, ConfigBytes, Packing, Repacked};
use waybill_core::digest::Digest;
use waybill_core::registry::client::Client;
use waybill_core::registry::push::Repository;
use waybill_core::registry::rate_limit::RateLimit;
use waybill_core::registry::transport::{Method, Request, Response, Transport, TransportError};
use waybill_core::workflow::copy::{self, Choice, Format, Scope};
use waybill_core::workflow::fetch::Failure;
use waybill_core::workflow::push;
use waybill_testkit::registries::{Registries, run_now};
use waybill_testkit::transport::answer;

use super::Named;
use super::harness::{Done, Harness};
use crate::page::render;

const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const SOURCE: &str = "s.example/app";

/// Says what a registry does to a request, where that is not what it should.
pub(crate) type Trouble = fn(&Request) -> Option<Result<Response, TransportError>>;

/// Registries, some of them in trouble.
pub(crate) struct TroubledRegistries {
    pub(crate) behind: Registries,
    pub(crate) trouble: RefCell<Trouble>,
}

impl Transport for TroubledRegistries {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let trouble = *self.trouble.borrow();
        match trouble(&request) {
            Some(answer) => answer,
            None => self.behind.send(request).await,
        }
    }
}

/// What the page waits for.
enum Ask {
    Source(copy::Effect),
    Push(push::Effect),
}

/// What reading a layer comes to: here it becomes its own digest.
fn compressed(layer: &copy::Layer) -> copy::Read {
    let place = "archive.invalid/compressed/layers:1"
        .parse()
        .expect("a reference");
    let repacked = layer.compression.map(|Compression { packing, .. }| {
        let repacked = Repacked {
            digest: Digest::sha256(layer.digest.as_str().as_bytes()),
            size: 7_000,
            packing,
        };
        (repacked, Repository::from_reference(&place))
    });
    copy::Read {
        size: layer.size.unwrap_or_default(),
        diff_id: Digest::sha256(b"a layer"),
        repacked,
    }
}

/// The page of Copy, and what it waits for.
struct Page {
    harness: Harness,
    client: Client<TroubledRegistries>,
    asks: VecDeque<Ask>,
}

fn put(registries: &Registries, name: &str, media_type: &str, text: &str) -> Digest {
    let digest = Digest::sha256(text.as_bytes());
    registries.put(SOURCE, digest.as_str(), media_type, text.as_bytes());
    if !name.is_empty() {
        registries.put(SOURCE, name, media_type, text.as_bytes());
    }
    digest
}

/// An image, and how a list names it.
fn image(registries: &Registries, architecture: &str) -> (Digest, String) {
    let part = |kind: &str, text: &str| {
        let digest = registries.put_blob(SOURCE, text.as_bytes());
        format!(
            r#"{{"mediaType":"application/vnd.oci.image.{kind}","digest":"{digest}","size":{}}}"#,
            text.len()
        )
    };
    let config = part(
        "config.v1+json",
        &format!(r#"{{"architecture":"{architecture}","os":"linux"}}"#),
    );
    let layers = [
        part("layer.v1.tar+gzip", &"base".repeat(5_000)),
        part("layer.v1.tar+gzip", architecture),
    ]
    .join(",");
    let text = format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","config":{config},"layers":[{layers}],"annotations":{{"a":"b"}}}}"#
    );
    let digest = put(registries, architecture, IMAGE, &text);
    let entry = format!(
        r#"{{"mediaType":"{IMAGE}","digest":"{digest}","size":{},"platform":{{"architecture":"{architecture}","os":"linux"}}}}"#,
        text.len()
    );
    (digest, entry)
}

fn attestation(registries: &Registries, of: &Digest) -> String {
    let statement = registries.put_blob(SOURCE, of.as_str().as_bytes());
    let config = registries.put_blob(SOURCE, b"{}");
    let text = format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{config}","size":2}},"layers":[{{"mediaType":"application/vnd.in-toto+json","digest":"{statement}","size":71}}]}}"#
    );
    let digest = put(registries, "", IMAGE, &text);
    format!(
        r#"{{"mediaType":"{IMAGE}","digest":"{digest}","size":{},"annotations":{{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"{of}"}},"platform":{{"architecture":"unknown","os":"unknown"}}}}"#,
        text.len()
    )
}

fn list(registries: &Registries, entries: &[String]) {
    let text = format!(
        "{{\n \"schemaVersion\": 2,\n \"mediaType\": \"{INDEX}\",\n \"manifests\": [\n  {}\n ]\n}}",
        entries.join(",\n  ")
    );
    put(registries, "1.0", INDEX, &text);
}

pub(crate) fn fine(_: &Request) -> Option<Result<Response, TransportError>> {
    None
}

fn refused(request: &Request) -> Option<Result<Response, TransportError>> {
    let is_write = !matches!(request.method, Method::Get | Method::Head);
    is_write.then(|| Ok(answer(503, "")))
}

impl Page {
    fn at(address: &str) -> Self {
        Self::of(["amd64", "arm64"], address)
    }

    /// With a source of images for these.
    fn of(architectures: [&str; 2], address: &str) -> Self {
        let registries = Registries::default();
        let images = architectures.map(|architecture| image(&registries, architecture));
        let attestations =
            [&images[0].0, &images[1].0].map(|digest| attestation(&registries, digest));
        let entries = images
            .into_iter()
            .map(|(_, entry)| entry)
            .chain(attestations);
        list(&registries, &entries.collect::<Vec<_>>());
        let client = Client::new(TroubledRegistries {
            behind: registries,
            trouble: RefCell::new(fine),
        });
        let mut harness = Harness::new(true);
        let done = harness.go(address);
        let mut page = Self {
            harness,
            client,
            asks: VecDeque::new(),
        };
        page.wait_for(done);
        page
    }

    /// With a source and a target, and the source read.
    fn read() -> Self {
        let mut page = Self::at("/copy?from=s.example/app:1.0&to=t.example/team/app:1.0");
        page.answer(usize::MAX);
        page
    }

    /// The same, with other tags of the source.
    fn with(other_tags: &str) -> Self {
        let with = other_tags.replace(' ', ",");
        let address = "/copy?from=s.example/app:1.0&to=t.example/team/app:1.0&with=";
        let mut page = Self::at(&[address, &with].concat());
        page.answer(usize::MAX);
        page
    }

    fn chosen(choose: impl FnOnce(&mut Choice)) -> Self {
        let mut page = Self::read();
        let mut choice = Choice {
            chosen: vec![true; 4],
            ..Choice::default()
        };
        choose(&mut choice);
        page.own(Msg::Choose(choice));
        page
    }

    fn planned(choose: impl FnOnce(&mut Choice)) -> Self {
        let mut page = Self::chosen(choose);
        page.own(Msg::Submitted);
        page.answer(usize::MAX);
        page
    }

    /// With layers that are to become others, and have to be read for that.
    fn unread() -> Self {
        Self::planned(|choice| {
            choice.compression = Some(Compression {
                packing: Packing::Zstd,
                level: Some(9),
            });
            choice.attestations = false;
        })
    }

    /// The same, while the first of them is read.
    fn reading() -> Self {
        let mut page = Self::unread();
        page.own(Msg::Source(copy::Msg::ReadLayers));
        let Some(Ask::Source(copy::Effect::ReadLayer { generation, .. })) = page.asks.front()
        else {
            panic!("a layer is to be read");
        };
        let (generation, received) = (*generation, 12_000);
        page.own(Msg::Source(copy::Msg::LayerProgress {
            generation,
            received,
        }));
        page
    }

    fn started() -> Self {
        let mut page = Self::planned(|_| {});
        page.own(Msg::Push(push::Msg::Start));
        page.own(Msg::Tick(0));
        page
    }

    fn copied() -> Self {
        let mut page = Self::started();
        page.answer(usize::MAX);
        page
    }

    fn in_trouble(&self, trouble: Trouble) {
        *self.client.transport().trouble.borrow_mut() = trouble;
    }

    fn own(&mut self, msg: Msg) {
        let done = self.harness.copy(msg);
        self.wait_for(done);
    }

    fn wait_for(&mut self, done: Vec<Done>) {
        for done in done {
            match done {
                // What was asked comes to nothing.
                Done::Copy(
                    Effect::Source(copy::Effect::Abort) | Effect::Push(push::Effect::Abort),
                ) => self.asks.clear(),
                Done::Copy(Effect::Source(effect)) => self.asks.push_back(Ask::Source(effect)),
                Done::Copy(Effect::Push(effect)) => self.asks.push_back(Ask::Push(effect)),
                _ => {}
            }
        }
    }

    /// Answers so many questions, and those that come of them.
    fn answer(&mut self, most: usize) {
        for _ in 0..most {
            let Some(ask) = self.asks.pop_front() else {
                return;
            };
            let msg = match ask {
                Ask::Source(copy::Effect::Fetch {
                    generation,
                    wanted,
                    media_type,
                }) => {
                    let source = "s.example/app:1.0".parse().expect("a reference");
                    let asked = copy::run(&self.client, &source, &wanted, media_type.as_ref());
                    let result = run_now(asked);
                    Msg::Source(copy::Msg::Received {
                        generation,
                        wanted,
                        result,
                    })
                }
                Ask::Push(push::Effect::Run {
                    generation,
                    step,
                    request,
                }) => {
                    let answer = run_now(push::run(&self.client, request, &mut |_| {}));
                    Msg::Push(push::Msg::Answered {
                        generation,
                        step,
                        answer,
                    })
                }
                Ask::Source(copy::Effect::ReadLayer { generation, layer }) => {
                    let result = Ok(Box::new(compressed(&layer)));
                    Msg::Source(copy::Msg::LayerRead { generation, result })
                }
                Ask::Source(copy::Effect::Sign {
                    generation,
                    payload,
                }) => {
                    let result = Err("there is no key here".to_owned());
                    Msg::Source(copy::Msg::Signed {
                        generation,
                        payload,
                        result,
                    })
                }
                Ask::Source(copy::Effect::Abort | copy::Effect::StopReading)
                | Ask::Push(push::Effect::Abort) => continue,
            };
            self.own(msg);
        }
    }
}

/// Every state that has a golden file.
pub(crate) const STATES: &[Named] = &[
    ("copy-empty", || Page::at("/copy").harness),
    ("copy-nothing-named", || {
        let mut page = Page::at("/copy");
        page.own(Msg::ToTyped("Not A Reference".into()));
        page.own(Msg::MoreTagsTyped("1.0 no/tag".into()));
        page.own(Msg::Submitted);
        page.harness
    }),
    ("copy-reading", || {
        Page::at("/copy?from=s.example/app:1.0").harness
    }),
    ("copy-read", || Page::read().harness),
    ("hostile-copy", || {
        let architectures = [
            "user\u{202e}gpj.exe\u{200b}",
            "<script>alert('harm')</script>",
        ];
        let mut page = Page::of(architectures, "/copy?from=s.example/app:1.0");
        page.answer(usize::MAX);
        page.harness
    }),
    ("copy-unread", || {
        let mut page = Page::at("/copy?from=s.example/app:2.0");
        page.in_trouble(|_| {
            Some(Ok(answer(
                404,
                r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#,
            )))
        });
        page.answer(usize::MAX);
        page.harness
    }),
    ("copy-planned", || Page::planned(|_| {}).harness),
    ("copy-shrunk", || {
        Page::planned(|choice| {
            choice.scope = Scope::Shrunk;
            choice.chosen[0] = false;
        })
        .harness
    }),
    ("copy-sparse", || {
        Page::chosen(|choice| choice.scope = Scope::Sparse).harness
    }),
    ("copy-one", || {
        Page::planned(|choice| {
            choice.scope = Scope::One;
            choice.chosen = vec![false, true, false, false];
            choice.format = Format::Oci(ConfigBytes::AsSkopeo);
        })
        .harness
    }),
    ("copy-docker", || {
        Page::planned(|choice| {
            choice.format = Format::DockerSchema2;
            choice.attestations = false;
        })
        .harness
    }),
    ("copy-layers-unread", || Page::unread().harness),
    ("copy-layers-reading", || Page::reading().harness),
    ("copy-layer-failed", || {
        let mut page = Page::reading();
        let Some(Ask::Source(copy::Effect::ReadLayer { generation, .. })) = page.asks.pop_front()
        else {
            panic!("a layer is read");
        };
        let why = Failure::NotLoaded("the connection broke".to_owned());
        let result = Err(why);
        page.own(Msg::Source(copy::Msg::LayerRead { generation, result }));
        page.harness
    }),
    ("copy-compressed", || {
        let mut page = Page::reading();
        page.answer(usize::MAX);
        page.harness
    }),
    ("copy-schema1-refused", || {
        Page::planned(|choice| {
            choice.scope = Scope::One;
            choice.chosen = vec![true, false, false, false];
            choice.format = Format::DockerSchema1 { signed: true };
        })
        .harness
    }),
    ("copy-other-tags", || {
        let mut page = Page::with("amd64 arm64");
        page.own(Msg::Submitted);
        page.answer(usize::MAX);
        page.harness
    }),
    ("copy-other-tag-gone", || {
        let mut page = Page::with("amd64 gone");
        page.own(Msg::Submitted);
        page.answer(usize::MAX);
        page.harness
    }),
    ("copy-refused", || {
        Page::planned(|choice| choice.format = Format::DockerSchema2).harness
    }),
    ("copy-running", || {
        let mut page = Page::started();
        page.answer(3);
        page.own(Msg::Tick(2_000));
        page.harness
    }),
    ("copy-paused", || {
        let mut page = Page::started();
        page.answer(3);
        page.own(Msg::Halt { is_paused: true });
        page.harness
    }),
    ("copy-cancelled", || {
        let mut page = Page::started();
        page.own(Msg::Halt { is_paused: false });
        page.harness
    }),
    ("copy-stopped", || {
        let mut page = Page::started();
        page.in_trouble(refused);
        page.answer(usize::MAX);
        page.harness
    }),
    ("copy-done", || Page::copied().harness),
    ("copy-done-and-moved", || {
        let mut page = Page::started();
        let registries = &page.client.transport().behind;
        let (_, entry) = image(registries, "amd64");
        list(registries, &[entry]);
        page.answer(usize::MAX);
        page.harness
    }),
];

#[test]
fn a_copy_goes_on_while_another_page_is_shown() {
    let mut page = Page::started();
    let done = page.harness.go("/verify");
    page.wait_for(done);
    page.answer(usize::MAX);
    let done = page.harness.go("/copy");
    page.wait_for(done);
    let state = page.harness.copy.as_ref().expect("Copy is there");
    assert_eq!(state.stage(), waybill::copy::Stage::Copied);
}

#[test]
fn what_was_paused_goes_on_and_what_changed_is_planned_anew() {
    let mut page = Page::started();
    page.answer(3);
    page.own(Msg::Halt { is_paused: true });
    // The settings of a registry changed: what a person stopped waits for the person.
    let stage = |page: &Page| page.harness.copy.as_ref().expect("Copy is there").stage();
    page.own(Msg::Command(PageCommand::Retry));
    assert_eq!(stage(&page), waybill::copy::Stage::Stopped);
    page.own(Msg::GoOn);
    page.answer(usize::MAX);
    assert_eq!(stage(&page), waybill::copy::Stage::Copied);
    page.own(Msg::ToTyped("t.example/other:1".into()));
    assert_eq!(stage(&page), waybill::copy::Stage::Chosen);
    page.own(Msg::FromTyped("s.example/other:1".into()));
    assert_eq!(stage(&page), waybill::copy::Stage::Empty);
}

#[test]
fn the_report_says_what_came_of_it() {
    let mut page = Page::copied();
    let done = page.harness.copy(Msg::SaveReport { json: true });
    let saved = done.into_iter().find_map(|done| match done {
        Done::Shell(waybill::app::Effect::Save(name, bytes)) => Some((name, bytes)),
        _ => None,
    });
    let (name, bytes) = saved.expect("it is saved");
    assert_eq!(name, "copy-report.json");
    let report: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(report["outcome"], "copied");
    assert_eq!(report["manifests"].as_array().map(Vec::len), Some(5));
}

#[test]
fn how_many_more_manifests_the_source_gives_is_said_and_forgotten_with_it() {
    let mut page = Page::read();
    page.own(Msg::RateLimit(Some(RateLimit {
        limit: Some(100),
        remaining: 87,
        window: Some(21_600),
    })));
    let words = "The registry gives 87 of 100 more manifests in 6 hours.";
    assert!(render(page.harness).contains(words));
    let mut page = Page::read();
    page.own(Msg::RateLimit(None));
    assert!(!render(page.harness).contains("more manifests"));
}

#[test]
fn other_tags_of_the_source_are_copied_under_their_own_names() {
    let mut page = Page::with("amd64 arm64");
    page.own(Msg::Submitted);
    page.answer(usize::MAX);
    page.own(Msg::Push(push::Msg::Start));
    page.answer(usize::MAX);
    let state = page.harness.copy.as_ref().expect("Copy is there");
    assert_eq!(state.stage(), waybill::copy::Stage::Copied);
    let there = &page.client.transport().behind;
    for tag in ["1.0", "amd64", "arm64"] {
        let copied = there.manifest("t.example/team/app", tag);
        assert!(copied.is_some(), "{tag}");
        assert_eq!(copied, there.manifest(SOURCE, tag), "{tag}");
    }
}

#[test]
fn a_tag_that_is_gone_is_named_and_the_rest_goes_on_without_it() {
    let mut page = Page::with("amd64 gone");
    page.own(Msg::Submitted);
    page.answer(usize::MAX);
    let stage = |page: &Page| page.harness.copy.as_ref().expect("Copy is there").stage();
    assert_eq!(stage(&page), waybill::copy::Stage::Ungathered);
    page.own(Msg::OtherTagsTyped("amd64".into()));
    page.own(Msg::Submitted);
    page.answer(usize::MAX);
    assert_eq!(stage(&page), waybill::copy::Stage::Planned);
}

#[test]
fn two_images_for_one_tag_are_refused_and_so_are_other_tags_in_another_form() {
    let refused = |choose: fn(&mut Page)| {
        let mut page = Page::with("amd64");
        choose(&mut page);
        page.own(Msg::Submitted);
        page.answer(usize::MAX);
        let state = page.harness.copy.as_ref().expect("Copy is there");
        assert_eq!(state.stage(), waybill::copy::Stage::Refused);
        render(page.harness)
    };
    let twice = refused(|page| page.own(Msg::ToTyped("t.example/team/app:amd64".into())));
    assert!(twice.contains("two are to have the tag amd64"), "{twice}");
    let rewritten = refused(|page| {
        page.own(Msg::Choose(Choice {
            chosen: vec![true; 4],
            other_tags: vec!["amd64".parse().expect("a tag")],
            format: Format::DockerSchema2,
            ..Choice::default()
        }));
    });
    assert!(rewritten.contains("copy exactly, or one after the other"));
    let file = refused(|page| page.own(Msg::Destination(waybill::copy::Destination::File)));
    assert!(file.contains("a file holds one image or list"));
}
