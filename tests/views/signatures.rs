//! Signatures as a person has them checked: what the panel looks like with what real tools signed.

use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use serde_json::Value;
use waybill::signatures::message::{Effect, Msg};
use waybill::signatures::state::State;
use waybill::signatures::{Asked, Kept, view};
use waybill_core::base64;
use waybill_core::digest::Digest;
use waybill_signatures::{
    Algorithm, Arithmetic, Form, Question, Signed, Subject, Unavailable, check,
};
use waybill_testkit::{fixtures, project, signature};
use yew::Callback;

use super::golden::{UPDATE, difference, keep};
use super::page::drawn;
use super::print::print;

/// Arithmetic by libraries, or none, as on a page without it.
struct Library(bool);

impl Arithmetic for Library {
    async fn verify(
        &self,
        key: &[u8],
        algorithm: Algorithm,
        message: &[u8],
        signed: &[u8],
    ) -> Result<bool, Unavailable> {
        if !self.0 {
            return Err(Unavailable::InsecurePage);
        }
        let kind = match algorithm {
            Algorithm::Ecdsa(curve, _) => curve.name(),
            Algorithm::RsaPkcs1(_) => "PKCS1",
            Algorithm::RsaPss(_) => "PSS",
        };
        let hash = algorithm.hash().name();
        signature::verify(key, kind, hash, message, signed).ok_or(Unavailable::Key)
    }
}

fn index() -> Value {
    let path = project().join("tests/fixtures/signature_checks/index.json");
    serde_json::from_slice(&std::fs::read(path).expect("the fixtures")).expect("JSON")
}

fn subject(name: &str) -> Subject {
    let fixture = fixtures::find(name);
    Subject {
        digest: fixture.digest.parse().expect("a digest"),
        size: fixture.bytes.len() as u64,
        media_type: fixture.media_type.clone(),
        bytes: fixture.bytes.clone(),
    }
}

/// All signatures of a name.
fn asked(name: &str) -> Asked {
    let index = index();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let all = index["signatures"].as_array().expect("signatures").iter();
    let all: Vec<_> = all.filter(|one| one["name"] == name).collect();
    let read = |one: &&Value| Signed {
        form: Form::of_media_type(&text(&one["mediaType"])).expect("a form"),
        bytes: base64::decode(&text(&one["blob"])).expect("base64"),
        digest: text(&one["digest"]).parse().expect("a digest"),
        size: one["size"].as_u64().expect("a size"),
        annotations: serde_json::from_value(one["annotations"].clone()).expect("pairs"),
    };
    Asked {
        signed: all.iter().map(read).collect(),
        subject: subject(&text(&all[0]["subject"])),
        looked_at: None,
        reference: None,
    }
}

fn key(name: &str) -> Msg {
    let text = index()["given"][name].as_str().expect("PEM").to_owned();
    Msg::Given(vec![("a.pub".to_owned(), Rc::from(text.into_bytes()))])
}

/// The panel, and what it asked for.
pub(crate) struct Panel {
    state: State,
    is_secure: bool,
    kept: Vec<Kept>,
}

impl Panel {
    fn of(asked: Asked) -> Self {
        Self::with(asked, Kept::default(), true)
    }

    fn with(asked: Asked, kept: Kept, is_secure: bool) -> Self {
        let (state, effects) = State::new(Rc::new(asked), kept);
        let mut panel = Self {
            state,
            is_secure,
            kept: Vec::new(),
        };
        panel.run(effects);
        panel
    }

    fn tell(mut self, msg: Msg) -> Self {
        let effects = self.state.update(msg);
        self.run(effects);
        self
    }

    fn run(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Keep(kept) => self.kept.push(kept),
                Effect::Check(number, asked, given) => {
                    let check = |signed| {
                        let question = Question {
                            signed,
                            subject: &asked.subject,
                            looked_at: asked.looked_at.as_ref(),
                            asked: asked.reference.as_deref(),
                            given: &given,
                            now: 1_798_761_600,
                        };
                        let arithmetic = Library(self.is_secure);
                        let mut context = Context::from_waker(Waker::noop());
                        match pin!(check(&question, &arithmetic)).poll(&mut context) {
                            Poll::Ready(report) => report,
                            Poll::Pending => panic!("nothing has to be waited for"),
                        }
                    };
                    let reports = asked.signed.iter().map(check).collect();
                    self.state.update(Msg::Checked(number, reports));
                }
            }
        }
    }

    fn html(&self) -> String {
        drawn(view::panel(&self.state, &Callback::noop()).into())
    }
}

fn hostile() -> Asked {
    let mut asked = asked("cosign/p256-payload");
    let text = "<script>alert(1)</script>\u{202e}\u{1b}[31m";
    let payload = format!(
        "{{\"critical\":{{\"identity\":{{\"docker-reference\":\"{text}\"}},\"image\":{{\"docker-manifest-digest\":\
         \"{text}\"}},\"type\":\"{text}\"}}}}"
    )
    .replace('\u{1b}', "\\u001b")
    .into_bytes();
    let signed = &mut asked.signed[0];
    signed.digest = Digest::sha256(&payload);
    signed.size = payload.len() as u64;
    signed.bytes = payload;
    asked
}

/// The states that have a golden file in `tests/golden/signatures/`.
fn states() -> Vec<(&'static str, Panel)> {
    let mut of_index = asked("cosign/index-bundle");
    of_index.looked_at = Some(subject("oci-manifest/lantern-linux-amd64"));
    vec![
        ("no-key", Panel::of(asked("cosign/p256-payload"))),
        (
            "holds",
            Panel::of(asked("cosign/p256-payload")).tell(key("p256")),
        ),
        (
            "other-key",
            Panel::of(asked("cosign/p256-bundle")).tell(key("p384")),
        ),
        (
            "one-of-two",
            Panel::of(asked("cosign/two-signers-payload")).tell(key("p256")),
        ),
        (
            "statement",
            Panel::of(asked("cosign/failed-test-bundle")).tell(key("p256")),
        ),
        ("covered", Panel::of(of_index).tell(key("p256"))),
        (
            "notation",
            Panel::of(asked("notation/p384-jws")).tell(key("notation-p384")),
        ),
        (
            "public-root",
            Panel::of(asked("notation/p256-cose"))
                .tell(Msg::UsePublicRoot)
                .tell(Msg::SignerChanged("somebody@example.com".into())),
        ),
        (
            "not-a-key",
            Panel::of(asked("cosign/p256-bundle")).tell(Msg::Given(vec![(
                "notes.txt".into(),
                Rc::from(&b"hello"[..]),
            )])),
        ),
        (
            "insecure-page",
            Panel::with(asked("cosign/p256-bundle"), Kept::default(), false).tell(key("p256")),
        ),
        ("hostile", Panel::of(hostile()).tell(key("p256"))),
        (
            "none",
            Panel::of(Asked {
                signed: Vec::new(),
                ..asked("cosign/p256-bundle")
            }),
        ),
    ]
}

/// Every state as it is drawn.
pub(crate) fn html() -> Vec<(&'static str, String)> {
    let drawn = states().into_iter();
    drawn.map(|(name, panel)| (name, panel.html())).collect()
}

#[test]
fn they_look_as_their_golden_files() {
    let update = std::env::var_os(UPDATE).is_some();
    let mut wrong = Vec::new();
    for (name, html) in html() {
        keep(&format!("signatures-{name}"), &html);
        let page = print(&html);
        let file = project().join(format!("tests/golden/signatures/{name}.html"));
        if update {
            std::fs::write(&file, &page).expect("the file is written");
        }
        let golden = std::fs::read_to_string(&file).unwrap_or_default();
        wrong.extend(difference(&golden, &page).map(|it| format!("{name}: {it}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_says_that_it_holds_before_a_key_was_given() {
    let panel = Panel::of(asked("cosign/p256-payload"));
    assert!(!panel.state.reports[0].holds());
    assert!(panel.html().contains("no key was given"));
    let panel = panel.tell(key("p256"));
    assert!(panel.state.reports[0].holds());
    let panel = panel.tell(Msg::Forget);
    assert!(!panel.state.reports[0].holds());
    assert_eq!(panel.kept.last(), Some(&Kept::default()));
}

#[test]
fn what_is_typed_is_taken_once_it_is_a_key() {
    let Msg::Given(files) = key("p256") else {
        panic!("a key");
    };
    let text = String::from_utf8(files[0].1.to_vec()).expect("text");
    let half = text.get(..40).expect("half of it").to_owned();
    let panel = Panel::of(asked("cosign/p256-payload")).tell(Msg::Typed(half.clone()));
    assert_eq!(
        (panel.state.typed.as_str(), &panel.state.error),
        (half.as_str(), &None)
    );
    assert!(panel.kept.is_empty());
    let panel = panel.tell(Msg::Typed(text));
    assert_eq!(panel.state.typed, "");
    assert!(panel.state.reports[0].holds());
}

#[test]
fn what_was_given_is_kept_for_the_next_panel() {
    let panel = Panel::of(asked("cosign/p256-payload"))
        .tell(key("p256"))
        .tell(Msg::UsePublicRoot);
    let kept = panel.kept.last().cloned().expect("what is kept");
    let next = Panel::with(asked("cosign/p256-bundle"), kept.clone(), true);
    assert!(next.state.reports[0].holds());
    assert_eq!(next.state.kept, kept);
    assert_eq!(next.state.given, panel.state.given);
}

#[test]
fn what_comes_of_an_older_check_is_dropped() {
    let mut panel = Panel::of(asked("cosign/p256-payload"));
    let effects = panel.state.update(key("p256"));
    let [Effect::Keep(_), Effect::Check(first, ..)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    let _ = panel.state.update(Msg::Forget);
    let holding = Panel::of(asked("cosign/p256-payload")).tell(key("p256"));
    let late = Msg::Checked(*first, holding.state.reports);
    assert!(!panel.state.draws(&late));
    panel.state.update(late);
    assert!(!panel.state.reports[0].holds());
}

#[test]
fn a_private_key_is_refused_and_not_kept() {
    let private = &b"-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"[..];
    let panel = Panel::of(asked("cosign/p256-payload"))
        .tell(Msg::Given(vec![("my.key".into(), Rc::from(private))]));
    assert!(panel.html().contains("nothing of it was kept"));
    assert_eq!(panel.kept, [Kept::default()]);
}

#[test]
fn no_text_from_outside_becomes_an_element() {
    let html = Panel::of(hostile()).tell(key("p256")).html();
    assert!(!html.contains("<script") && html.contains("&lt;script"));
    assert!(!html.contains('\u{202e}') && !html.contains('\u{1b}'));
}
