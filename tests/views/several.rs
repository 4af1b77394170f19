//! The page of several images, over registries in memory.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use waybill::copy::several::{Along, Msg, Phase, State};
use waybill::copy::{Effect, Msg as CopyMsg, drawn_commands, single};
use waybill::shell::PageCommand;
use waybill_core::digest::Digest;
use waybill_core::reference::Reference;
use waybill_core::registry::client::Client;
use waybill_core::registry::transport::{Method, Request};
use waybill_core::workflow::copy::several::{Pair, Standing};
use waybill_core::workflow::copy::{self, run as read};
use waybill_core::workflow::push;
use waybill_testkit::registries::{Registries, run_now};
use waybill_testkit::transport::answer;
use yew::Callback;

use super::Named;
use super::copy::{Trouble, TroubledRegistries, fine};
use super::harness::{Done, Harness};
use super::page::render;

const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Three images of three repositories, one of which is missing.
const ADDRESS: &str = "/copy?images=s.example/team/app:1.0,s.example/gone:1,s.example/web:2=t.example/www:2&to=t.example/mirror";

/// An effect of the copy of that number and source, and where what comes of it goes.
struct Ask(usize, Reference, Effect, Callback<CopyMsg>);

/// The page, and what its copies wait for.
struct Page {
    harness: Harness,
    client: Client<TroubledRegistries>,
    asks: Rc<RefCell<VecDeque<Ask>>>,
    woken: Rc<RefCell<VecDeque<usize>>>,
    now: u64,
}

/// An image with these layers, beside one that all of them have; how a list names it.
fn image(registries: &Registries, repository: &str, tag: &str, own: &str) -> String {
    let part = |kind: &str, text: &str| {
        let digest = registries.put_blob(repository, text.as_bytes());
        format!(
            r#"{{"mediaType":"application/vnd.oci.image.{kind}","digest":"{digest}","size":{}}}"#,
            text.len()
        )
    };
    let config = part(
        "config.v1+json",
        &format!(r#"{{"architecture":"{own}","os":"linux"}}"#),
    );
    let base = part("layer.v1.tar+gzip", &"base".repeat(5_000));
    let layer = part("layer.v1.tar+gzip", &own.repeat(1_000));
    let text = format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","config":{config},"layers":[{base},{layer}]}}"#
    );
    put(registries, repository, tag, IMAGE, &text);
    let digest = Digest::sha256(text.as_bytes());
    format!(
        r#"{{"mediaType":"{IMAGE}","digest":"{digest}","size":{},"platform":{{"architecture":"{own}","os":"linux"}}}}"#,
        text.len()
    )
}

fn put(registries: &Registries, repository: &str, tag: &str, media_type: &str, text: &str) {
    let digest = Digest::sha256(text.as_bytes());
    for name in [digest.as_str(), tag] {
        registries.put(repository, name, media_type, text.as_bytes());
    }
}

fn filled() -> Registries {
    let registries = Registries::default();
    let app = "s.example/team/app";
    let entries = ["amd64", "arm64"].map(|own| image(&registries, app, own, own));
    let list = format!(
        r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{}]}}"#,
        entries.join(",")
    );
    put(&registries, app, "1.0", INDEX, &list);
    image(&registries, "s.example/web", "2", "web");
    image(&registries, "s.example/web", "3", "web3");
    image(&registries, "t.example/www", "2", "old");
    registries
}

fn no_writes(request: &Request) -> bool {
    !matches!(request.method, Method::Get | Method::Head)
}

impl Page {
    fn at(address: &str) -> Self {
        let (asks, woken) = (
            Rc::<RefCell<VecDeque<Ask>>>::default(),
            Rc::<RefCell<VecDeque<usize>>>::default(),
        );
        let (for_asks, for_woken) = (Rc::clone(&asks), Rc::clone(&woken));
        let make = move |number, pair: &Pair| {
            let woken = Rc::clone(&for_woken);
            let wake = Callback::from(move |()| woken.borrow_mut().push_back(number));
            let (asks, source) = (Rc::clone(&for_asks), pair.source.clone());
            let run = move |effect, _: &waybill::copy::State, link: &Callback<CopyMsg>| {
                let ask = Ask(number, source.clone(), effect, link.clone());
                asks.borrow_mut().push_back(ask);
            };
            single(pair, wake, Box::new(run))
        };
        let mut harness = Harness::new(true);
        harness.several = Some(State::new(Box::new(make), drawn_commands));
        harness.go(address);
        let client = Client::new(TroubledRegistries {
            behind: filled(),
            trouble: RefCell::new(fine),
        });
        Self {
            harness,
            client,
            asks,
            woken,
            now: 0,
        }
    }

    fn planned(address: &str) -> Self {
        let mut page = Self::at(address);
        page.tell(Msg::Submitted);
        page.answer(usize::MAX);
        page
    }

    fn started(address: &str) -> Self {
        let mut page = Self::planned(address);
        page.tell(Msg::Start);
        page
    }

    fn in_trouble(&self, trouble: Trouble) {
        *self.client.transport().trouble.borrow_mut() = trouble;
    }

    fn state(&self) -> &State {
        self.harness.several.as_ref().expect("it is there")
    }

    fn standings(&self) -> Vec<Standing> {
        let images = self.state().images().iter();
        images.map(|image| image.standing).collect()
    }

    fn tell(&mut self, msg: Msg) -> Vec<Done> {
        self.harness.several(msg)
    }

    /// Answers so many questions, and those that come of them.
    fn answer(&mut self, most: usize) {
        for _ in 0..most {
            let Some(Ask(number, source, effect, link)) = self.asks.borrow_mut().pop_front() else {
                return;
            };
            let msg = match effect {
                // What was asked comes to nothing.
                Effect::Source(copy::Effect::Abort) | Effect::Push(push::Effect::Abort) => {
                    self.asks.borrow_mut().retain(|ask| ask.0 != number);
                    continue;
                }
                Effect::Source(copy::Effect::Fetch {
                    generation,
                    wanted,
                    media_type,
                }) => {
                    let asked = read(&self.client, &source, &wanted, media_type.as_ref());
                    let result = run_now(asked);
                    CopyMsg::Source(copy::Msg::Received {
                        generation,
                        wanted,
                        result,
                    })
                }
                Effect::Push(push::Effect::Run {
                    generation,
                    step,
                    request,
                }) => {
                    let answer = run_now(push::run(&self.client, request, &mut |_| {}));
                    CopyMsg::Push(push::Msg::Answered {
                        generation,
                        step,
                        answer,
                    })
                }
                _ => continue,
            };
            link.emit(msg);
            self.wake();
        }
    }

    fn wake(&mut self) {
        while let Some(number) = { self.woken.borrow_mut().pop_front() } {
            self.now += 500;
            self.tell(Msg::Woken(number, self.now));
        }
    }
}

/// Every state that has a golden file.
pub(crate) const STATES: &[Named] = &[
    ("several-empty", || Page::at("/copy?images=").harness),
    ("several-nothing-named", || {
        let mut page = Page::at("/copy?images=");
        page.tell(Msg::ToTyped("t.example/mirror:1".into()));
        page.tell(Msg::Submitted);
        page.harness
    }),
    ("several-wrong-lines", || {
        let mut page = Page::at("/copy?images=");
        page.tell(Msg::LinesTyped(
            "nginx:1.27\nnginx:1.27 t.example/library/nginx:1.27\nNot a reference\ns.example/App\nt.example/x:1 t.example/x:1\ns.example/y t.example/y@sha256:1".into(),
        ));
        page.tell(Msg::ToTyped("t.example".into()));
        page.tell(Msg::Submitted);
        page.harness
    }),
    ("several-read", || Page::at(ADDRESS).harness),
    ("several-planning", || {
        let mut page = Page::at(ADDRESS);
        page.tell(Msg::Submitted);
        page.answer(3);
        page.harness
    }),
    ("several-planned", || Page::planned(ADDRESS).harness),
    ("several-opened", || {
        let mut page = Page::planned(ADDRESS);
        page.tell(Msg::Toggle(1));
        page.harness
    }),
    ("several-shared", || {
        Page::planned("/copy?images=s.example/web:2,s.example/web:3&to=http://t.example&with=referrers,cosign").harness
    }),
    ("several-unplanned", || {
        Page::planned("/copy?images=s.example/gone:1&to=t.example").harness
    }),
    ("several-plan-cancelled", || {
        let mut page = Page::at(ADDRESS);
        page.tell(Msg::Submitted);
        page.answer(3);
        page.tell(Msg::Halt { is_paused: false });
        page.harness
    }),
    ("several-running", || {
        let mut page = Page::started(ADDRESS);
        page.answer(4);
        page.harness
    }),
    ("several-paused", || {
        let mut page = Page::started(ADDRESS);
        page.answer(4);
        page.tell(Msg::Halt { is_paused: true });
        page.harness
    }),
    ("several-cancelled", || {
        let mut page = Page::started(ADDRESS);
        page.answer(4);
        page.tell(Msg::Halt { is_paused: false });
        page.harness
    }),
    ("several-not-all", || {
        let mut page = Page::started(ADDRESS);
        page.in_trouble(|request| {
            let is_of = no_writes(request) && request.url.contains("/mirror/");
            is_of.then(|| Ok(answer(503, "")))
        });
        page.answer(usize::MAX);
        page.tell(Msg::Toggle(0));
        page.harness
    }),
    ("several-done", || {
        let mut page = Page::started(
            "/copy?images=s.example/team/app:1.0,s.example/web:2&to=t.example/mirror",
        );
        page.answer(usize::MAX);
        page.harness
    }),
];

#[test]
fn each_is_copied_and_one_that_is_missing_stops_none() {
    use Standing::{Copied, Planned, Unplanned};
    let mut page = Page::planned(ADDRESS);
    assert_eq!(page.standings(), [Planned, Unplanned, Planned]);
    assert_eq!(page.state().phase(), Phase::Planned);
    let there =
        |page: &Page, place: &str, tag: &str| page.client.transport().behind.manifest(place, tag);
    assert_eq!(there(&page, "t.example/mirror/team/app", "1.0"), None);
    page.tell(Msg::Start);
    page.answer(usize::MAX);
    assert_eq!(page.standings(), [Copied, Unplanned, Copied]);
    assert_eq!(page.state().phase(), Phase::Ended);
    for (from, to, tag) in [
        ("s.example/team/app", "t.example/mirror/team/app", "1.0"),
        ("s.example/web", "t.example/www", "2"),
    ] {
        assert!(there(&page, to, tag).is_some());
        assert_eq!(there(&page, from, tag), there(&page, to, tag), "{to}");
    }
    // The one that was missing comes, and "Go on" takes it up.
    image(
        &page.client.transport().behind,
        "s.example/gone",
        "1",
        "late",
    );
    page.tell(Msg::GoOn);
    page.answer(usize::MAX);
    assert_eq!(page.standings(), [Copied; 3]);
    assert!(there(&page, "t.example/mirror/gone", "1").is_some());
}

#[test]
fn one_that_fails_leaves_its_turn_and_goes_on_later() {
    use Standing::{Copied, Stopped};
    let mut page =
        Page::started("/copy?images=s.example/team/app:1.0,s.example/web:2&to=t.example");
    page.in_trouble(|request| {
        let is_of = no_writes(request) && request.url.contains("/team/");
        is_of.then(|| Ok(answer(503, "")))
    });
    page.answer(usize::MAX);
    assert_eq!(page.standings(), [Stopped, Copied]);
    page.in_trouble(fine);
    // The settings of a registry changed.
    page.tell(Msg::Command(PageCommand::Retry));
    page.answer(usize::MAX);
    assert_eq!(page.standings(), [Copied; 2]);
}

#[test]
fn what_is_paused_goes_on_where_it_was() {
    let mut page = Page::started(ADDRESS);
    page.answer(4);
    let done = page.tell(Msg::Halt { is_paused: true });
    let guard = Done::Several(waybill::copy::several::Effect::Guard(false));
    assert!(done.contains(&guard), "{done:?}");
    page.answer(usize::MAX);
    assert_eq!(page.state().phase(), Phase::Halted);
    // What a person stopped waits for the person, and another page may be looked at meanwhile.
    page.tell(Msg::Command(PageCommand::Retry));
    assert_eq!(page.state().phase(), Phase::Halted);
    page.harness.go("/verify");
    page.tell(Msg::GoOn);
    page.answer(usize::MAX);
    assert_eq!(page.state().phase(), Phase::Ended);
    assert_eq!(page.state().sums().copied, 2);
    page.harness.go("/copy");
    assert!(!page.state().is_shown);
    page.harness.go(ADDRESS);
    assert!(page.state().is_shown);
    assert_eq!(page.state().sums().copied, 2);
}

#[test]
fn what_two_images_share_is_written_once() {
    let mut page = Page::planned("/copy?images=s.example/web:2,s.example/web:3&to=t.example");
    let before = page.state().sums();
    assert!(before.is_at_most);
    page.tell(Msg::Start);
    page.answer(usize::MAX);
    let after = page.state().sums();
    assert_eq!((after.copied, after.is_at_most), (2, false));
    assert!(after.sent < before.bytes, "{after:?}");
    assert_eq!(before.bytes - after.bytes, 20_000);
}

#[test]
fn the_address_says_all_of_the_form_and_brings_it_back() {
    let mut page = Page::at("/copy?images=");
    page.tell(Msg::LinesTyped(
        "# mine\ns.example/web:2\nhttp://s.example/team/app:1.0  u.example/app".into(),
    ));
    page.tell(Msg::ToTyped("http://t.example/a/".into()));
    page.tell(Msg::Along(Along {
        attestations: false,
        referrers: true,
        cosign: false,
    }));
    page.tell(Msg::Submitted);
    let address = page.harness.app.route.to_string();
    assert_eq!(
        address,
        "#/copy?images=s.example/web:2,http://s.example/team/app:1.0=u.example/app:latest&to=http://t.example/a&with=referrers&without=attestations"
    );
    let again = Page::planned(address.trim_start_matches('#'));
    assert_eq!(again.harness.app.route.to_string(), address);
    assert_eq!(again.state().images().len(), 2);
}

#[test]
fn a_form_with_a_line_that_is_wrong_asks_nothing() {
    let mut page = Page::at("/copy?images=s.example/web:2&to=t.example");
    page.tell(Msg::LinesTyped("s.example/web:2\nNot".into()));
    page.tell(Msg::Submitted);
    assert!(page.asks.borrow().is_empty());
    assert_eq!(page.state().phase(), Phase::Empty);
}

#[test]
fn another_choice_reads_no_source_again() {
    let mut page = Page::planned(ADDRESS);
    page.tell(Msg::Along(Along {
        attestations: true,
        referrers: false,
        cosign: true,
    }));
    assert_eq!(page.state().phase(), Phase::Empty);
    page.asks.borrow_mut().clear();
    page.tell(Msg::Submitted);
    let roots = page.asks.borrow();
    let roots = roots.iter().filter(|ask| {
        let Effect::Source(copy::Effect::Fetch { wanted, .. }) = &ask.2 else {
            return false;
        };
        *wanted == copy::Wanted::Root
    });
    // That of the one that was not found.
    assert_eq!(roots.count(), 1);
}

#[test]
fn the_report_has_an_object_an_image() {
    let mut page = Page::started(ADDRESS);
    page.answer(usize::MAX);
    let mut saved = |json| {
        let done = page.tell(Msg::SaveReport { json });
        let saved = done.into_iter().find_map(|done| match done {
            Done::Shell(waybill::app::Effect::Save(name, bytes)) => Some((name, bytes)),
            _ => None,
        });
        saved.expect("it is saved")
    };
    let (name, bytes) = saved(true);
    assert_eq!(name, "copies-report.json");
    let report: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(report["outcome"], "incomplete");
    assert_eq!(
        (&report["copied"], &report["images"]),
        (&2.into(), &3.into())
    );
    let outcomes = report["copies"].as_array().expect("copies").iter();
    let outcomes: Vec<_> = outcomes.map(|copy| copy["outcome"].clone()).collect();
    assert_eq!(outcomes, ["copied", "no plan", "copied"]);
    let (_, bytes) = saved(false);
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    assert!(
        text.starts_with("outcome: incomplete\ncopied: 2 of 3\n"),
        "{text}"
    );
    assert!(text.contains("from: s.example/gone:1\n"), "{text}");
}

#[test]
fn the_commands_are_those_of_each() {
    let html = render(Page::planned(ADDRESS).harness);
    for line in [
        "skopeo copy --all --preserve-digests docker://s.example/team/app@sha256:",
        "skopeo copy --preserve-digests docker://s.example/web@sha256:",
        "docker://t.example/mirror/team/app:1.0",
        "docker://t.example/www:2",
        "Those of 2 images with a plan.",
    ] {
        assert!(html.contains(line), "{line}");
    }
}
