//! Tags: how much of a list is here, its rows, what was ticked, and lists that harm.

use waybill::tags::{Effect, Key, Msg, Place};
use waybill_core::digest::Digest;
use waybill_core::reference::Tag;
use waybill_core::registry::error::RegistryError;
use waybill_core::registry::link::LinkError;
use waybill_core::registry::rate_limit::RateLimit;
use waybill_core::registry::tags::{PageAnswer, TagAnswer};
use waybill_core::registry::transport::{TransportError, Via};
use waybill_core::tags::{Details, Kind, Order, Source};
use waybill_core::workflow::catalog;
use waybill_core::workflow::fetch::Failure;
use waybill_core::workflow::tags::{Effect as ListEffect, Msg as Lists};

use super::Named;
use super::harness::{Harness, refusal};
use super::page::render;

pub(crate) const STATES: &[Named] = &[
    ("tags-loading", || {
        Harness::at("/tags/registry.example/team/app")
    }),
    ("tags-list", || listed(&small())),
    ("tags-ticked", || {
        listed(&small()).tags(Msg::Tick(tag("1.27.3")))
    }),
    ("tags-ticked-with-one-before", || {
        let names = ["1.27.3", "1.27.3-alpine", "1.26.2"].map(String::from);
        listed(&names).tags(Msg::Tick(tag("1.27.3")))
    }),
    ("tags-three-ticked", || {
        listed(&small())
            .tags(Msg::Tick(tag("1.27.3")))
            .tags(Msg::Tick(tag("latest")))
            .tags(Msg::Tick(tag("edge")))
    }),
    ("tags-two-ticked", || {
        listed(&small())
            .tags(Msg::Tick(tag("1.27.3")))
            .tags(Msg::Tick(tag("latest")))
    }),
    ("tags-unfolded-and-filtered", || {
        listed(&small())
            .tags(Msg::Fold(Kind::Signature))
            .tags(Msg::Filter("a".into()))
    }),
    ("tags-by-name", || {
        listed(&small()).tags(Msg::Order(Order::Name))
    }),
    ("tags-long", || {
        let names: Vec<String> = (0..1_234).map(|number| format!("1.{number}")).collect();
        listed(&names)
    }),
    ("tags-of-a-digest", || {
        listed(&small()).tags(Msg::Find(digest("1.27")))
    }),
    ("tags-of-an-address-with-a-digest", || {
        let address = format!("/tags/registry.example/team/app?digest={}", digest("1.27"));
        Harness::at(&address).lists(|effect| match effect {
            ListEffect::Page { generation, .. } => Some(page(*generation, &small(), Ok(None))),
            _ => None,
        })
    }),
    ("tags-searching", || {
        let names: Vec<String> = (0..60).map(|number| format!("1.{number}")).collect();
        let listed = Harness::at("/tags/registry.example/team/app").lists(|effect| match effect {
            ListEffect::Page { generation, .. } => Some(page(*generation, &names, Ok(None))),
            _ => None,
        });
        listed.tags(Msg::Find(digest("1.27")))
    }),
    ("tags-whose-digests-are-hidden", hidden),
    ("tags-of-no-zot", || {
        let asked = hidden().tags(Msg::Workflow(Lists::AskZot));
        asked.lists(|effect| match effect {
            ListEffect::Details { generation, .. } => Some(Lists::Details {
                generation: *generation,
                source: Source::Zot,
                page: 1,
                result: Ok(None),
            }),
            _ => None,
        })
    }),
    ("tags-none", || listed(&[])),
    ("tags-hub", || {
        let page_of = |generation| page(generation, &small(), Ok(None));
        Harness::at("/tags/nginx").lists(move |effect| match effect {
            ListEffect::Page { generation, .. } => Some(page_of(*generation)),
            ListEffect::Details {
                generation,
                source,
                page,
            } => Some(Lists::Details {
                generation: *generation,
                source: *source,
                page: *page,
                result: Ok(Some(hub().into_bytes())),
            }),
            ListEffect::Ask {
                generation, tag, ..
            } => {
                let rate = RateLimit {
                    limit: Some(100),
                    remaining: 99,
                    window: Some(21_600),
                };
                Some(told(*generation, tag, Some(rate)))
            }
            ListEffect::Abort => None,
        })
    }),
    ("tags-link-to-a-stranger", || {
        let refused = LinkError::OtherOrigin {
            found: "https://evil.example".into(),
        };
        harmed(move |generation| page(generation, &small(), Err(refused.clone())))
    }),
    ("tags-html", || {
        harmed(|generation| body(generation, b"<!doctype html><p>Sign in".to_vec(), Ok(None)))
    }),
    ("tags-hostile-names", || {
        let names = r#"{"tags":["1","<script>alert(1)</script>","\u202e1","../../x"]}"#;
        harmed(|generation| body(generation, names.into(), Ok(None)))
    }),
    ("tags-no-repository", || {
        let unknown = r#"{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}"#;
        harmed(|generation| {
            failed(
                generation,
                RegistryError::NotFound(refusal(404, &[], unknown)),
            )
        })
    }),
    ("tags-forbidden", || {
        harmed(|generation| failed(generation, RegistryError::Forbidden(refusal(403, &[], ""))))
    }),
    ("tags-not-allowed", || {
        harmed(|generation| {
            failed(
                generation,
                RegistryError::UnexpectedStatus(refusal(405, &[], "")),
            )
        })
    }),
    ("tags-asked-too-often", || {
        let wait = refusal(429, &[("retry-after", "60")], "");
        Harness::at("/tags/registry.example/team/app").lists(move |effect| match effect {
            ListEffect::Page { generation, .. } => Some(page(*generation, &small(), Ok(None))),
            ListEffect::Ask {
                generation, tag, ..
            } => Some(Lists::Told {
                generation: *generation,
                tag: tag.clone(),
                result: Err(Failure::Registry(Box::new(RegistryError::TooManyRequests(
                    wait.clone(),
                )))),
            }),
            ListEffect::Details { .. } | ListEffect::Abort => None,
        })
    }),
    ("tags-repositories", || {
        Harness::at("/tags/registry.example/").repositories(|generation| {
            let bytes = br#"{"repositories":["team/app","base","../x"]}"#.to_vec();
            let answer = PageAnswer {
                bytes,
                via: Via::Proxy,
                asked_for: Some(1000),
                next: Ok(None),
            };
            let result = Box::new(Ok(answer));
            catalog::Msg::Page { generation, result }
        })
    }),
    ("tags-repositories-refused", || {
        Harness::at("/tags/registry.example/").repositories(|generation| {
            let error = RegistryError::Transport {
                url: "https://registry.example/v2/_catalog".into(),
                attempts: vec![(
                    Via::Proxy,
                    TransportError::ProxyRefused {
                        code: "PATH_REFUSED".into(),
                        message: "listing repositories is off; start the proxy with --catalog to allow it".into(),
                    },
                )],
            };
            let result = Box::new(Err(Failure::from(error)));
            catalog::Msg::Page { generation, result }
        })
    }),
    ("tags-no-reference", || Harness::at("/tags/A B")),
];

type Generation = waybill_core::workflow::fetch::Generation;

fn tag(name: &str) -> Tag {
    name.parse().expect("a tag")
}

fn digest(of: &str) -> Digest {
    Digest::sha256(of.as_bytes())
}

fn small() -> Vec<String> {
    let mut names: Vec<String> = [
        "1.27",
        "1.27.3",
        "1.27.3-alpine",
        "1.9",
        "1.28-rc1",
        "latest",
        "edge",
        "4f1c0de",
        "v1",
    ]
    .map(String::from)
    .into();
    for letter in ["a", "b"] {
        names.push(format!("sha256-{}.sig", letter.repeat(64)));
    }
    names.push(format!("sha256-{}", "c".repeat(64)));
    names
}

fn body(generation: Generation, bytes: Vec<u8>, next: Result<Option<String>, LinkError>) -> Lists {
    let answer = PageAnswer {
        bytes,
        via: Via::Proxy,
        asked_for: Some(1000),
        next,
    };
    Lists::Page {
        generation,
        result: Box::new(Ok(answer)),
    }
}

fn page(
    generation: Generation,
    names: &[String],
    next: Result<Option<String>, LinkError>,
) -> Lists {
    let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    let text = format!("{{\"tags\":[{}]}}", quoted.join(","));
    body(generation, text.into_bytes(), next)
}

fn failed(generation: Generation, error: RegistryError) -> Lists {
    Lists::Page {
        generation,
        result: Box::new(Err(Failure::Registry(Box::new(error)))),
    }
}

/// What the registry says of a tag: those of one version name the same.
fn told(generation: Generation, tag: &Tag, rate: Option<RateLimit>) -> Lists {
    let name = tag.as_str();
    let of = if ["latest", "1.27", "1.27.3"].contains(&name) {
        "1.27"
    } else {
        name
    };
    let answer = TagAnswer {
        details: Details {
            digest: Some(digest(of)),
            ..Details::default()
        },
        was_read: false,
        rate,
    };
    Lists::Told {
        generation,
        tag: tag.clone(),
        result: Ok(answer),
    }
}

fn hub() -> String {
    let row = |name: &str, of: &str, images: &str| {
        format!(
            r#"{{"name":"{name}","digest":"{}","full_size":72149000,"tag_last_pushed":"2026-11-20T10:00:00Z","images":[{images}]}}"#,
            digest(of)
        )
    };
    let image = |architecture: &str| format!(r#"{{"os":"linux","architecture":"{architecture}"}}"#);
    let images = ["amd64", "arm64", "s390x", "riscv64", "<b>"]
        .map(image)
        .join(",");
    format!(
        r#"{{"next":null,"results":[{},{},{}]}}"#,
        row("latest", "1.27", &images),
        row("1.27", "1.27", &images),
        row("1.9", "1.9", &image("amd64"))
    )
}

/// A list of these tags, of whose rows everything is known.
fn listed(names: &[String]) -> Harness {
    Harness::at("/tags/registry.example/team/app").lists(|effect| match effect {
        ListEffect::Page { generation, .. } => Some(page(*generation, names, Ok(None))),
        ListEffect::Ask {
            generation, tag, ..
        } => Some(told(*generation, tag, None)),
        ListEffect::Details { .. } | ListEffect::Abort => None,
    })
}

/// A list whose registry hides its headers from pages, as zot does.
fn hidden() -> Harness {
    Harness::at("/tags/registry.example/team/app").lists(|effect| match effect {
        ListEffect::Page { generation, .. } => {
            let bytes = br#"{"tags":["1.27","1.9"]}"#.to_vec();
            let answer = PageAnswer {
                bytes,
                via: Via::Direct,
                asked_for: None,
                next: Ok(None),
            };
            let (generation, result) = (*generation, Box::new(Ok(answer)));
            Some(Lists::Page { generation, result })
        }
        ListEffect::Ask {
            generation, tag, ..
        } => {
            let answer = TagAnswer {
                details: Details::of_manifest(tag.as_str().as_bytes()),
                was_read: true,
                rate: None,
            };
            Some(Lists::Told {
                generation: *generation,
                tag: tag.clone(),
                result: Ok(answer),
            })
        }
        ListEffect::Details { .. } | ListEffect::Abort => None,
    })
}

fn harmed(answer: impl Fn(Generation) -> Lists) -> Harness {
    Harness::at("/tags/registry.example/team/app").lists(|effect| match effect {
        ListEffect::Page { generation, .. } => Some(answer(*generation)),
        ListEffect::Ask { .. } | ListEffect::Details { .. } | ListEffect::Abort => None,
    })
}

#[test]
fn a_list_is_never_said_to_be_whole_where_it_is_not() {
    let refused = LinkError::OtherOrigin {
        found: "https://evil.example".into(),
    };
    let page = render(harmed(|generation| {
        page(generation, &small(), Err(refused.clone()))
    }));
    assert!(page.contains("12 tags of maybe more"), "{page}");
    assert!(page.contains("a listing stays at its registry"));
    let whole = render(listed(&small()));
    assert!(whole.contains("has 12 tags") && !whole.contains("maybe more"));
}

#[test]
fn what_a_search_costs_stands_on_its_button() {
    let listed = listed(&small());
    let ticked = render(listed.tags(Msg::Tick(tag("1.27.3"))));
    // Commits are folded, so they are not in view; machines' tags name no image.
    assert!(ticked.contains("Find all its tags: 1 request"), "{ticked}");
}

#[test]
fn only_a_page_of_rows_is_drawn() {
    let names: Vec<String> = (0..100_000).map(|number| format!("1.{number}")).collect();
    let page = render(listed(&names));
    assert_eq!(page.matches("aria-label=\"Tick ").count(), 50);
    assert!(page.contains("Tags 1 to 50 of 100,000"));
}

#[test]
fn keys_go_from_the_filter_over_the_rows_and_the_pages() {
    let names: Vec<String> = (0..120).map(|number| format!("1.{number}")).collect();
    let mut harness = listed(&names);
    let mut focused = |key, place| {
        let effects = harness.tags.update(Msg::Key(place, key));
        effects.into_iter().find_map(|effect| match effect {
            Effect::FocusRow(row) => Some(row),
            Effect::Request(_) | Effect::Workflow(_) | Effect::Catalog(_) | Effect::KeepFocus => {
                None
            }
        })
    };
    assert_eq!(focused(Key::Down, Place::Filter), Some(0));
    assert_eq!(focused(Key::Down, Place::Row(0)), Some(1));
    assert_eq!(
        focused(Key::Down, Place::Row(49)),
        Some(50),
        "the next page"
    );
    assert_eq!(focused(Key::Up, Place::Row(50)), Some(49));
    assert_eq!(focused(Key::End, Place::Row(49)), Some(119));
    assert_eq!(focused(Key::Down, Place::Row(119)), Some(119));
    assert_eq!(focused(Key::PageUp, Place::Row(119)), Some(69));
    assert_eq!(focused(Key::Home, Place::Row(69)), Some(0));
    assert_eq!(focused(Key::Up, Place::Row(0)), None, "into the filter");
    assert_eq!(focused(Key::Space, Place::Row(2)), None);
    assert_eq!(harness.tags.ticked, [tag("1.117")]);
}

#[test]
fn enter_in_the_filter_inspects_the_first_tag() {
    let mut harness = listed(&small()).tags(Msg::Filter("alpine".into()));
    let effects = harness.tags.update(Msg::Key(Place::Filter, Key::Enter));
    let wanted = "#/inspect/registry.example/team/app:1.27.3-alpine";
    assert!(
        matches!(&effects[..], [Effect::Request(waybill::shell::Request::Navigate(route))] if route.to_string() == wanted),
        "{effects:?}"
    );
}

#[test]
fn what_is_listed_stays_when_somebody_comes_back() {
    let mut harness = listed(&small());
    harness.go("/");
    harness.go("/tags/registry.example/team/app");
    let harness = harness.lists(|effect| {
        assert!(
            !matches!(effect, ListEffect::Page { .. }),
            "no page is asked for again"
        );
        None
    });
    assert!(!harness.tags.rows.is_empty());
}
