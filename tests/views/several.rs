//! The page of several images, over registries in memory.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use waybill::copy::several::{Msg, Phase, State};
use waybill::copy::{DRAWING, Effect, Msg as CopyMsg, single};
use waybill::shell::PageCommand;
use waybill_core::conversion::Repacked;
use waybill_core::digest::Digest;
use waybill_core::reference::Reference;
use waybill_core::registry::client::Client;
use waybill_core::registry::push::Repository;
use waybill_core::registry::transport::{Method, Request};
use waybill_core::workflow::copy::several::{Pair, Standing};
use waybill_core::workflow::copy::{self, Choice, Layer, run as read};
use waybill_core::workflow::fetch::Failure;
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

/// Two lists, one that has none of the platforms, an image that is for one of them, and one that is for another.
const PLATFORMS: &str = "/copy?images=s.example/team/app:1.0,s.example/tool:4,s.example/mainframe:1,s.example/plain:1,s.example/web:2&to=t.example/mirror&list=shrunk&platforms=linux/amd64,linux/s390x";
/// A list, an image, and an artifact that no other format has.
const FORMAT: &str = "/copy?images=s.example/team/app:1.0,s.example/plain:1,s.example/chart:1&to=t.example/mirror&format=v2s2";
/// Two images that share a layer.
const LAYERS: &str =
    "/copy?images=s.example/web:2,s.example/web:3&to=t.example&layers=zstd&level=3&format=oci";

/// An effect of the copy of that number and source, and where what comes of it goes.
struct Ask(usize, Reference, Effect, Callback<CopyMsg>);

/// The page, and what its copies wait for.
struct Page {
    harness: Harness,
    client: Client<TroubledRegistries>,
    asks: Rc<RefCell<VecDeque<Ask>>>,
    woken: Rc<RefCell<VecDeque<usize>>>,
    /// Whether layers that are to be read are, and whether that comes to nothing.
    reads_layers: bool,
    broken_layers: bool,
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

/// A list of images for these processors.
fn list(registries: &Registries, repository: &str, tag: &str, processors: &[&str]) {
    let entries = processors
        .iter()
        .map(|own| image(registries, repository, own, own));
    let entries: Vec<_> = entries.collect();
    let list = format!(
        r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{}]}}"#,
        entries.join(",")
    );
    put(registries, repository, tag, INDEX, &list);
}

fn filled() -> Registries {
    let registries = Registries::default();
    list(
        &registries,
        "s.example/team/app",
        "1.0",
        &["amd64", "arm64"],
    );
    list(
        &registries,
        "s.example/tool",
        "4",
        &["amd64", "arm64", "s390x"],
    );
    list(
        &registries,
        "s.example/mainframe",
        "1",
        &["s390x", "ppc64le"],
    );
    image(&registries, "s.example/plain", "1", "amd64");
    let chart = format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","artifactType":"application/vnd.example.chart","config":{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{}","size":2}},"layers":[]}}"#,
        registries.put_blob("s.example/chart", b"{}")
    );
    put(&registries, "s.example/chart", "1", IMAGE, &chart);
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
                // What was asked comes to nothing.
                if matches!(
                    effect,
                    Effect::Source(copy::Effect::Abort) | Effect::Push(push::Effect::Abort)
                ) {
                    return asks.borrow_mut().retain(|ask| ask.0 != number);
                }
                let ask = Ask(number, source.clone(), effect, link.clone());
                asks.borrow_mut().push_back(ask);
            };
            single(pair, wake, Box::new(run))
        };
        let mut harness = Harness::new(true);
        harness.several = Some(State::new(Box::new(make), DRAWING));
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
            reads_layers: true,
            broken_layers: false,
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
            let Some(Ask(_, source, effect, link)) = self.asks.borrow_mut().pop_front() else {
                return;
            };
            let msg = match effect {
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
                Effect::Source(copy::Effect::ReadLayer { generation, layer })
                    if self.reads_layers =>
                {
                    let result = if self.broken_layers {
                        Err(Failure::NotLoaded("the connection broke".to_owned()))
                    } else {
                        Ok(Box::new(self.compress(&layer)))
                    };
                    CopyMsg::Source(copy::Msg::LayerRead { generation, result })
                }
                _ => continue,
            };
            link.emit(msg);
            self.wake();
        }
    }

    /// A layer as if it were compressed: its digest, with `.zst`.
    fn compress(&self, layer: &Layer) -> copy::Read {
        let bytes = format!("{}.zst", layer.digest);
        let place = "archive.invalid/compressed/layers";
        let digest = self
            .client
            .transport()
            .behind
            .put_blob(place, bytes.as_bytes());
        let place: Reference = place.parse().expect("a place");
        let repacked = layer.compression.map(|compression| {
            let repacked = Repacked {
                digest,
                size: bytes.len() as u64,
                packing: compression.packing,
            };
            (repacked, Repository::from_reference(&place))
        });
        copy::Read {
            size: layer.size.unwrap_or_default(),
            diff_id: Digest::sha256(layer.digest.as_str().as_bytes()),
            repacked,
        }
    }

    fn wake(&mut self) {
        while let Some(number) = { self.woken.borrow_mut().pop_front() } {
            self.now += 500;
            let soon = Done::Several(waybill::copy::several::Effect::DrawSoon);
            if self.tell(Msg::Woken(number)).contains(&soon) {
                self.tell(Msg::Draw(self.now));
            }
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
    ("several-platforms-missing", || {
        let mut page = Page::at("/copy?images=s.example/web:2&to=t.example&list=sparse");
        page.tell(Msg::Submitted);
        page.harness
    }),
    ("several-platforms-wrong", || {
        Page::at("/copy?images=s.example/web:2&to=t.example&list=one&platforms=linux/amd64,lin*x")
            .harness
    }),
    ("several-platforms", || Page::planned(PLATFORMS).harness),
    ("several-format", || {
        let mut page = Page::planned(FORMAT);
        page.tell(Msg::Toggle(0));
        page.harness
    }),
    ("several-reading-layers", || {
        let mut page = Page::at(LAYERS);
        page.reads_layers = false;
        page.tell(Msg::Submitted);
        page.answer(usize::MAX);
        page.harness
    }),
    ("several-layer-failed", || {
        let mut page = Page::at(LAYERS);
        page.broken_layers = true;
        page.tell(Msg::Submitted);
        page.answer(usize::MAX);
        page.harness
    }),
    ("several-tags-only", || {
        let mut page = Page::started("/copy?images=s.example/web:2=t.example/x:1&to=");
        page.answer(usize::MAX);
        page.harness
            .go("/copy?images=s.example/web:2=t.example/x:2&to=");
        page.tell(Msg::Submitted);
        page.answer(usize::MAX);
        page.harness
    }),
    ("several-nothing-to-do", || {
        let mut page = Page::started("/copy?images=s.example/web:2=t.example/x:1&to=");
        page.answer(usize::MAX);
        page.tell(Msg::Close);
        page.tell(Msg::Submitted);
        page.answer(usize::MAX);
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
    page.tell(Msg::Choose(Choice {
        attestations: false,
        referrers: true,
        ..Choice::default()
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
    page.tell(Msg::Choose(Choice {
        cosign: true,
        ..Choice::default()
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

/// What the tag of a copy names.
fn copied(page: &Page, place: &str, tag: &str) -> serde_json::Value {
    let bytes = page.client.transport().behind.manifest(place, tag);
    serde_json::from_slice(&bytes.expect("it was put")).expect("JSON")
}

#[test]
fn of_each_list_the_named_platforms_are_copied_and_who_has_none_is_told() {
    use Standing::{Copied, Planned, Unplanned};
    let mut page = Page::planned(PLATFORMS);
    let standings = [Planned, Planned, Unplanned, Planned, Unplanned];
    // The mainframe's list has one of the two.
    assert_eq!(page.standings()[2], Planned);
    page.harness.go(&PLATFORMS.replace(",linux/s390x", ""));
    page.tell(Msg::Submitted);
    page.answer(usize::MAX);
    assert_eq!(page.standings(), standings);
    let why = |page: &Page, place: usize| page.state().images()[place].why.clone();
    assert_eq!(
        why(&page, 2).as_deref(),
        Some("it has none of these platforms, only linux/s390x, linux/ppc64le")
    );
    assert_eq!(
        why(&page, 4).as_deref(),
        Some("it is no list, and made for linux/web")
    );
    let promised = page.state().images().iter();
    let promised: Vec<_> = promised.map(|image| image.target.clone()).collect();
    page.tell(Msg::Start);
    page.answer(usize::MAX);
    assert_eq!(
        page.standings(),
        [Copied, Copied, Unplanned, Copied, Unplanned]
    );
    for (place, name, tag) in [(0, "team/app", "1.0"), (1, "tool", "4"), (3, "plain", "1")] {
        let repository = format!("t.example/mirror/{name}");
        let bytes = page.client.transport().behind.manifest(&repository, tag);
        let digest = Digest::sha256(&bytes.expect("it was put"));
        assert_eq!(promised[place], Some(digest), "{name}");
    }
    let list = copied(&page, "t.example/mirror/tool", "4");
    assert_eq!(list["manifests"].as_array().map(Vec::len), Some(1));
    assert_eq!(list["manifests"][0]["platform"]["architecture"], "amd64");
}

#[test]
fn one_image_is_taken_out_of_each_list() {
    let mut page = Page::started(
        &PLATFORMS
            .replace("=shrunk", "=one")
            .replace(",linux/s390x", ""),
    );
    page.answer(usize::MAX);
    let image = copied(&page, "t.example/mirror/tool", "4");
    assert_eq!(image["mediaType"], IMAGE);
    assert_eq!(image, copied(&page, "s.example/tool", "amd64"));
}

#[test]
fn a_form_without_platforms_or_with_a_wrong_one_asks_nothing() {
    for address in ["&list=shrunk", "&list=shrunk&platforms=linux/amd64,lin*x"] {
        let mut page = Page::at(&["/copy?images=s.example/web:2&to=t.example", address].concat());
        let done = page.tell(Msg::Submitted);
        let focused = waybill::copy::several::Effect::Focus("several-platforms");
        assert!(done.contains(&Done::Several(focused)), "{done:?}");
        assert!(page.asks.borrow().is_empty());
    }
    // Where everything goes along, what the box held does not count.
    let mut page = Page::at("/copy?images=s.example/web:2&to=t.example&list=one&platforms=lin*x");
    page.tell(Msg::Choose(Choice::default()));
    page.tell(Msg::Submitted);
    assert!(!page.asks.borrow().is_empty());
}

#[test]
fn all_are_converted_and_what_cannot_be_is_refused_in_its_row() {
    use Standing::{Copied, Unplanned};
    let mut page = Page::started(FORMAT);
    page.answer(usize::MAX);
    assert_eq!(page.standings(), [Copied, Copied, Unplanned]);
    let docker = "application/vnd.docker.distribution.manifest";
    let list = copied(&page, "t.example/mirror/team/app", "1.0");
    assert_eq!(list["mediaType"], format!("{docker}.list.v2+json"));
    let image = copied(&page, "t.example/mirror/plain", "1");
    assert_eq!(image["mediaType"], format!("{docker}.v2+json"));
    let why = page.state().images()[2].why.clone().expect("a reason");
    assert!(why.contains("application/vnd.example.chart"), "{why}");
}

#[test]
fn layers_are_compressed_for_one_image_after_the_other_before_any_is_written() {
    use Standing::{Copied, Planned, Planning, Waiting};
    let mut page = Page::at(LAYERS);
    page.reads_layers = false;
    let done = page.tell(Msg::Submitted);
    let guard = |on| Done::Several(waybill::copy::several::Effect::Guard(on));
    assert!(done.contains(&guard(true)), "{done:?}");
    page.answer(usize::MAX);
    assert_eq!(page.standings(), [Planning, Waiting]);
    assert!(page.state().images()[0].reading.is_some());
    // What a person stopped begins again when the person says so.
    page.tell(Msg::Halt { is_paused: false });
    assert_eq!(page.state().phase(), Phase::PlanCancelled);
    page.reads_layers = true;
    page.tell(Msg::GoOn);
    page.answer(usize::MAX);
    assert_eq!(page.standings(), [Planned; 2]);
    page.tell(Msg::Start);
    page.answer(usize::MAX);
    assert_eq!(page.standings(), [Copied; 2]);
    let image = copied(&page, "t.example/web", "2");
    let layer = "application/vnd.oci.image.layer.v1.tar+zstd";
    assert_eq!(image["layers"][0]["mediaType"], layer);
}

#[test]
fn a_layer_that_does_not_come_is_told_and_read_again() {
    use Standing::{Planned, Unplanned};
    let mut page = Page::at(LAYERS);
    page.broken_layers = true;
    page.tell(Msg::Submitted);
    page.answer(usize::MAX);
    assert_eq!(page.standings(), [Unplanned; 2]);
    let why = page.state().images()[0].why.clone();
    assert_eq!(why.as_deref(), Some("a layer: the connection broke"));
    page.broken_layers = false;
    page.tell(Msg::GoOn);
    page.answer(usize::MAX);
    assert_eq!(page.standings(), [Planned; 2]);
}

#[test]
fn the_address_has_the_platforms_the_format_and_the_layers() {
    let address = "/copy?images=s.example/web:2&to=t.example&list=sparse&platforms=linux/amd64,windows(10.0.17763)/amd64&format=oci-skopeo&layers=gzip&level=9&with=cosign&without=attestations";
    let page = Page::planned(address);
    assert_eq!(page.harness.app.route.to_string(), format!("#{address}"));
}

#[test]
fn what_needs_tags_alone_says_so() {
    let html = |name: &str| {
        let state = STATES.iter().find(|(known, _)| *known == name);
        render(state.expect("a state").1())
    };
    let tags = html("several-tags-only");
    assert!(tags.contains("Start 1 copy: 1 tag to set"));
    assert!(tags.contains("1 tag to set; every byte is there."));
    let nothing = html("several-nothing-to-do");
    assert!(nothing.contains("Start 1 copy: nothing to write"));
}
