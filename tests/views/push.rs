//! The push part of Compose, over registries in memory.

use std::cell::RefCell;
use std::collections::VecDeque;

use waybill::app;
use waybill::compose::{Effect, Field, Msg};
use waybill_core::digest::Digest;
use waybill_core::reference::Target;
use waybill_core::registry::client::Client;
use waybill_core::registry::settings::RegistrySettings;
use waybill_core::registry::transport::{Method, Request, Response, Transport, TransportError};
use waybill_core::workflow::compose::{ContentKind, Effect as Fetch, Msg as Change, RowId};
use waybill_core::workflow::fetch::{Failure, Generation, Received};
use waybill_core::workflow::push::{Effect as Ask, Msg as PushChange, Step, run};
use waybill_testkit::registries::{Registries, run_now};
use waybill_testkit::transport::{answer, with};

use super::Named;
use super::harness::{Done, Harness};

const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Says what a registry does to a request, where that is not what it should.
type Trouble = fn(&Request) -> Option<Result<Response, TransportError>>;

/// Registries, some of them in trouble.
struct TroubledRegistries {
    behind: Registries,
    trouble: RefCell<Trouble>,
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

/// The page of Compose with two images of `s.example/app` on it, and what it waits for.
struct Page {
    harness: Harness,
    client: Client<TroubledRegistries>,
    asks: VecDeque<(Generation, Step, Ask)>,
}

/// An image in `s.example/app` and in `t.example/source`; its digest and size.
fn image(registries: &Registries, tag: &str, architecture: &str) -> (Digest, usize) {
    let mut known = None;
    for repository in ["s.example/app", "t.example/source"] {
        let part = |kind: &str, text: &str| {
            let digest = registries.put_blob(repository, text.as_bytes());
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
            part("layer.v1.tar+gzip", tag),
        ]
        .join(",");
        let text = format!(
            r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","config":{config},"layers":[{layers}]}}"#
        );
        registries.put(
            repository,
            Digest::sha256(text.as_bytes()).as_str(),
            IMAGE,
            text.as_bytes(),
        );
        registries.put(repository, tag, IMAGE, text.as_bytes());
        known = Some((Digest::sha256(text.as_bytes()), text.len()));
    }
    known.expect("two repositories")
}

fn fine(_: &Request) -> Option<Result<Response, TransportError>> {
    None
}

impl Page {
    fn new(source: &str) -> Self {
        let registries = Registries::default();
        image(&registries, "amd64", "amd64");
        image(&registries, "arm64", "arm64");
        registries.mounting("t.example");
        let client = Client::new(TroubledRegistries {
            behind: registries,
            trouble: RefCell::new(fine),
        });
        let mut page = Self {
            harness: Harness::at("/compose"),
            client,
            asks: VecDeque::new(),
        };
        page.own(Msg::Typed(
            Field::Sources,
            format!("{source}:amd64\n{source}:arm64"),
        ));
        page.own(Msg::AddSources);
        page
    }

    /// With a target; nothing is planned yet.
    fn for_target(source: &str) -> Self {
        let mut page = Self::new(source);
        page.own(Msg::Typed(Field::Target, "t.example/team/app:1.0".into()));
        page
    }

    /// Planned.
    fn planned(source: &str) -> Self {
        let mut page = Self::for_target(source);
        page.own(Msg::PlanPush);
        page.answer(usize::MAX);
        page
    }

    fn started(source: &str) -> Self {
        let mut page = Self::planned(source);
        page.own(Msg::Push(PushChange::Start));
        page
    }

    fn in_trouble(&self, trouble: Trouble) {
        *self.client.transport().trouble.borrow_mut() = trouble;
    }

    /// Sends a message to the page. Fetches are answered at once; what the push asks waits.
    fn own(&mut self, msg: Msg) {
        let done = self.harness.compose(msg);
        self.follow(done);
    }

    /// Sends a message to the shell, and does as well what comes of it.
    fn tell(&mut self, msg: app::Msg) {
        let done = self.harness.send(msg);
        self.follow(done);
    }

    fn follow(&mut self, done: Vec<Done>) {
        for done in done {
            match done {
                Done::Compose(Effect::Workflow(Fetch::Fetch {
                    generation,
                    reference,
                    what,
                    media_type,
                })) => {
                    let (host, repository, target) =
                        (reference.host(), reference.repository(), reference.target());
                    let answer = match (what, &target) {
                        (ContentKind::Config, Target::Digest(digest)) => {
                            run_now(self.client.blob(host, repository, digest, 1 << 20))
                        }
                        _ => run_now(self.client.manifest(
                            host,
                            repository,
                            &target,
                            media_type.as_ref(),
                        )),
                    };
                    let result = answer
                        .map(Received::from)
                        .map_err(|error| Failure::Registry(Box::new(error)));
                    self.own(Msg::Change(Change::Received {
                        generation,
                        reference,
                        what,
                        result,
                    }));
                }
                Done::Compose(Effect::Push(ask)) => match ask {
                    Ask::Abort => self.asks.clear(),
                    Ask::Run {
                        generation, step, ..
                    } => self.asks.push_back((generation, step, ask)),
                },
                _ => {}
            }
        }
    }

    /// Answers at most so many of the push's requests.
    fn answer(&mut self, count: usize) {
        for _ in 0..count {
            let Some((generation, step, Ask::Run { request, .. })) = self.asks.pop_front() else {
                return;
            };
            let answer = run_now(run(&self.client, request, &mut |_| {}));
            self.own(Msg::Push(PushChange::Answered {
                generation,
                step,
                answer,
            }));
        }
    }

    fn ended(mut self) -> Harness {
        self.answer(usize::MAX);
        self.harness
    }
}

fn writes(request: &Request) -> bool {
    !request.method.reads()
}

fn denied(request: &Request) -> Option<Result<Response, TransportError>> {
    let body =
        r#"{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}"#;
    (request.method == Method::Put).then(|| Ok(answer(403, body)))
}

fn locked(request: &Request) -> Option<Result<Response, TransportError>> {
    let challenge = r#"Basic realm="harbour""#;
    request
        .url
        .contains("t.example")
        .then(|| Ok(with(answer(401, ""), "www-authenticate", challenge)))
}

fn without_push(request: &Request) -> Option<Result<Response, TransportError>> {
    let message = "pushing is off; start the proxy with --push to allow it".to_owned();
    writes(request).then(|| {
        Err(TransportError::ProxyRefused {
            code: "METHOD_REFUSED".into(),
            message,
        })
    })
}

fn hidden(request: &Request) -> Option<Result<Response, TransportError>> {
    (request.method == Method::Post).then(|| Ok(answer(202, "")))
}

fn broken(request: &Request) -> Option<Result<Response, TransportError>> {
    (request.method == Method::Put).then_some(Err(TransportError::BrokenBody { received: 0 }))
}

/// Another list under the tag, as if somebody else had pushed in between.
fn overwritten(request: &Request) -> Option<Result<Response, TransportError>> {
    let is_tag = request.method == Method::Get && request.url.ends_with("/manifests/1.0");
    is_tag.then(|| {
        Ok(with(
            answer(200, r#"{"schemaVersion":2}"#),
            "content-type",
            IMAGE,
        ))
    })
}

fn offered() -> Harness {
    Page::for_target("s.example/app").harness
}

fn planning() -> Harness {
    let mut page = Page::for_target("s.example/app");
    page.own(Msg::PlanPush);
    page.answer(2);
    page.harness
}

fn copies() -> Harness {
    let page = Page::for_target("s.example/app");
    page.client
        .transport()
        .behind
        .put("t.example/team/app", "1.0", IMAGE, b"{}");
    let mut page = page;
    page.own(Msg::PlanPush);
    page.ended()
}

fn running() -> Harness {
    let mut page = Page::started("s.example/app");
    page.answer(3);
    let (generation, step, _) = page.asks.back().expect("a request");
    let progress = PushChange::Progress {
        generation: *generation,
        step: *step,
        sent: 3,
    };
    page.own(Msg::Push(progress));
    page.harness
}

fn troubled(source: &str, trouble: Trouble) -> Harness {
    let mut page = Page::planned(source);
    page.in_trouble(trouble);
    page.own(Msg::Push(PushChange::Start));
    page.ended()
}

fn not_planned() -> Harness {
    let mut page = Page::for_target("s.example/app");
    page.in_trouble(locked);
    page.own(Msg::PlanPush);
    page.ended()
}

fn cancelled() -> Harness {
    let mut page = Page::started("s.example/app");
    page.answer(3);
    page.own(Msg::Push(PushChange::Cancel));
    page.harness
}

fn pushed() -> Page {
    let mut page = Page::started("t.example/source");
    page.answer(usize::MAX);
    page
}

fn again() -> Harness {
    let mut page = pushed();
    page.own(Msg::PlanPush);
    page.ended()
}

fn edited_since() -> Harness {
    let mut page = pushed();
    page.own(Msg::Remove(RowId(1)));
    page.harness
}

fn differs() -> Harness {
    let page = Page::started("s.example/app");
    page.in_trouble(overwritten);
    page.ended()
}

fn referring() -> Harness {
    let mut page = Page::for_target("t.example/source");
    let subject = "t.example/source:amd64".parse().expect("a reference");
    page.own(Msg::Change(Change::Subject(Some(subject))));
    page.own(Msg::PlanPush);
    page.answer(usize::MAX);
    page.own(Msg::Push(PushChange::Start));
    page.ended()
}

/// A list with an attestation that names its image as its subject too.
fn attested() -> Harness {
    let page = Page::new("t.example/source");
    let registries = &page.client.transport().behind;
    let place = "t.example/source";
    let config = registries.put_blob(place, b"{}");
    let subject = image(registries, "riscv64", "riscv64");
    let text = format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{config}","size":2}},"layers":[],"subject":{{"mediaType":"{IMAGE}","digest":"{}","size":{}}}}}"#,
        subject.0, subject.1,
    );
    let digest = Digest::sha256(text.as_bytes());
    registries.put(place, digest.as_str(), IMAGE, text.as_bytes());
    let list = format!(
        r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{{"mediaType":"{IMAGE}","digest":"{}","size":{},"platform":{{"architecture":"riscv64","os":"linux"}}}},{{"mediaType":"{IMAGE}","digest":"{digest}","size":{},"annotations":{{"vnd.docker.reference.digest":"{}","vnd.docker.reference.type":"attestation-manifest"}},"platform":{{"architecture":"unknown","os":"unknown"}}}}]}}"#,
        subject.0,
        subject.1,
        text.len(),
        subject.0,
    );
    registries.put(place, "attested", INDEX, list.as_bytes());
    let mut page = page;
    page.own(Msg::Change(Change::Clear));
    page.own(Msg::Typed(
        Field::Sources,
        "t.example/source:attested".into(),
    ));
    page.own(Msg::AddSources);
    page.own(Msg::Typed(Field::Target, "t.example/team/app:1.0".into()));
    page.own(Msg::PlanPush);
    page.answer(usize::MAX);
    page.own(Msg::Push(PushChange::Start));
    page.ended()
}

/// Every state.
pub(crate) const STATES: &[Named] = &[
    ("push-no-target", || Page::new("s.example/app").harness),
    ("push-offered", offered),
    ("push-planning", planning),
    ("push-planned-copies", copies),
    ("push-planned-mounts", || {
        Page::planned("t.example/source").harness
    }),
    ("push-planned-nothing", again),
    ("push-credentials", not_planned),
    ("push-running", running),
    ("push-broken", || troubled("s.example/app", broken)),
    ("push-denied", || troubled("t.example/source", denied)),
    ("push-proxy-without-push", || {
        troubled("s.example/app", without_push)
    }),
    ("push-location-hidden", || troubled("s.example/app", hidden)),
    ("push-cancelled", cancelled),
    ("push-pushed", || pushed().harness),
    ("push-edited-since", edited_since),
    ("push-differs", differs),
    ("push-referrers", referring),
    ("push-attestations", attested),
];

#[test]
fn an_edit_puts_a_plan_away_and_leaves_a_push_alone() {
    let mut page = Page::planned("s.example/app");
    page.own(Msg::Remove(RowId(1)));
    assert!(super::page::render(page.harness).contains("Plan the push"));
    // A digest behind the tag is of no account: the list has its own. Another tag is another push.
    for (target, is_another) in [
        ("t.example/team/app:1.0@sha256:ABSENT", false),
        ("t.example/team/app", true),
    ] {
        let mut page = pushed();
        let target = target.replace("ABSENT", &"0".repeat(64));
        page.own(Msg::Typed(Field::Target, target));
        assert_eq!(
            super::page::render(page.harness).contains("another list or target by now"),
            is_another
        );
    }
    let pushed = super::page::render(pushed().harness);
    assert!(pushed.contains("It is pushed as t.example/team/app:1.0."));
    let edited = super::page::render(edited_since());
    assert!(
        edited.contains("another list or target by now") && edited.contains("it is not pushed yet")
    );
}

#[test]
fn a_push_stays_in_sight_when_everything_is_cleared() {
    let mut page = Page::started("s.example/app");
    page.own(Msg::Change(Change::Clear));
    assert!(super::page::render(page.ended()).contains("Pushed: 1.0 names this list"));
}

#[test]
fn other_settings_go_on_with_what_failed_and_not_with_what_was_cancelled() {
    let settings = || app::Msg::SettingsSubmitted {
        host: "t.example".into(),
        settings: RegistrySettings::default(),
    };
    let mut page = Page::started("s.example/app");
    page.in_trouble(denied);
    page.answer(usize::MAX);
    page.in_trouble(fine);
    page.tell(settings());
    assert!(super::page::render(page.ended()).contains("Pushed: 1.0 names this list"));

    let mut page = Page::started("s.example/app");
    page.own(Msg::Push(PushChange::Cancel));
    page.tell(settings());
    assert!(page.asks.is_empty());
    assert!(super::page::render(page.harness).contains("The push was cancelled"));
}

#[test]
fn going_on_after_the_trouble_completes() {
    for trouble in [broken as Trouble, denied, without_push] {
        let mut page = Page::planned("s.example/app");
        page.in_trouble(trouble);
        page.own(Msg::Push(PushChange::Start));
        page.answer(usize::MAX);
        page.in_trouble(fine);
        page.own(Msg::Push(PushChange::Retry));
        let page = super::page::render(page.ended());
        assert!(page.contains("Pushed: 1.0 names this list") && page.contains("as composed"));
    }
}

#[test]
fn the_person_is_asked_before_leaving_only_while_it_runs() {
    let mut page = Page::planned("s.example/app");
    let guards = |page: &mut Page, change: PushChange| -> Vec<bool> {
        let done = page.harness.compose(Msg::Push(change));
        let guard = |done| {
            if let Done::Compose(Effect::Guard(on)) = done {
                Some(on)
            } else {
                None
            }
        };
        done.into_iter().filter_map(guard).collect()
    };
    assert_eq!(guards(&mut page, PushChange::Start), [true]);
    assert_eq!(guards(&mut page, PushChange::Cancel), [false]);
    assert_eq!(guards(&mut page, PushChange::Retry), [true]);
}
