//! What goes back and forth between the shell and its pages, and what comes of it outside of them.

use std::rc::Rc;

use waybill::app::{self, Effect, Msg};
use waybill::examples;
use waybill::inspection::{self, Document};
use waybill::lazy::LoadError;
use waybill::local_content::{HistoryEntry, Import, LocalContent};
use waybill::route::{ComposeIntent, Route};
use waybill::shell::Request;
use waybill::verify;
use waybill_core::digest::{Algorithm, Digest};
use waybill_core::reference::RegistryHost;
use waybill_core::registry::settings::RegistrySettings;
use waybill_core::registry::transport::Via;
use waybill_core::view::Status;
use waybill_core::workflow::fetch::{Generation, Received};
use waybill_core::workflow::inspect::{self as workflow, ContentKey, Current};
use waybill_core::workflow::verify::Report;
use yew::{Callback, Html};

use super::harness::{Done, Harness};

const INDEX: &[u8] =
    br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;

/// The id of the heading with the verdict.
const VERDICT: &str = "verdict";

/// A page that goes nowhere by itself, and that Verify came to already.
fn page() -> Harness {
    let mut page = Harness::new(false);
    page.send(Msg::VerifyLoaded(Ok(|_| Html::default())));
    page.send(Msg::VerifyMounted(Callback::noop()));
    page
}

/// What the shell did, as it is told by a message.
fn shell(effects: impl IntoIterator<Item = Effect>) -> Vec<Done> {
    effects.into_iter().map(Done::Shell).collect()
}

/// Answers the fetch of the root.
fn answer(page: &mut Harness, done: &[Done], bytes: &[u8]) -> Vec<Done> {
    let generation = done.iter().find_map(|done| match done {
        Done::Inspect(inspection::Effect::Fetch {
            generation,
            key: ContentKey::Root,
            ..
        }) => Some(*generation),
        _ => None,
    });
    received(page, generation.expect("the root is fetched"), bytes)
}

fn received(page: &mut Harness, generation: Generation, bytes: &[u8]) -> Vec<Done> {
    let result = Ok(Received {
        via: Some(Via::Proxy),
        ..Received::local(bytes.into())
    });
    page.inspection(inspection::Msg::Workflow(workflow::Msg::Received {
        generation,
        key: ContentKey::Root,
        result,
    }))
}

fn typed(state: &mut State, text: &str) -> Vec<Effect> {
    state.update(Msg::Typed(text.into()));
    state.update(Msg::Submitted)
}

#[test]
fn what_is_typed_becomes_an_address_and_what_is_wrong_goes_nowhere() {
    let mut state = page();
    let effects = typed(&mut state, "docker pull nginx:1.27");
    assert_eq!(effects, [Effect::Go(Route::parse("/inspect/nginx:1.27"))]);
    let effects = typed(&mut state, "http://registry.example:5000/a");
    assert_eq!(
        effects,
        [Effect::Go(Route::parse(
            "/inspect/http://registry.example:5000/a"
        ))]
    );
    for wrong in ["", "UPPER/Case"] {
        assert_eq!(typed(&mut state, wrong), [Effect::Focus(BOX)], "{wrong}");
        assert!(state.submitted);
    }
}

#[test]
fn a_reference_is_fetched_titled_and_its_verdict_focused_once() {
    let mut state = page();
    let effects = go(&mut state, "/inspect/registry.example/a/b:1");
    assert_eq!(
        effects[0],
        Effect::Title("registry.example/a/b:1 · Waybill".into())
    );
    assert!(
        matches!(&effects[1], Effect::Fetch { reference, .. } if reference.repository().as_str() == "a/b")
    );
    assert_eq!(state.via(), None);
    assert_eq!(
        answer(&mut state, &effects, INDEX),
        [Effect::Focus(VERDICT)]
    );
    assert_eq!(
        state.via().as_deref(),
        Some("through the proxy at 127.0.0.1:8080")
    );
    assert_eq!(
        go(&mut state, "/inspect/registry.example/a/b:1?tab=json"),
        []
    );
    assert_eq!(
        go(&mut state, "/"),
        [Effect::Abort, Effect::Title("Waybill".into())]
    );
}

#[test]
fn plain_http_in_the_address_is_the_persons_choice() {
    let mut state = page();
    let effects = go(&mut state, "/inspect/http://registry.example:5000/a");
    let host: RegistryHost = "registry.example:5000".parse().expect("a host");
    assert!(effects.contains(&Effect::SetPlainHttp(host.clone())));
    assert!(
        state
            .registries
            .get(&host)
            .is_some_and(|choice| choice.plain_http)
    );
}

#[test]
fn a_tag_is_pinned_to_what_its_bytes_hash_to() {
    let mut state = page();
    assert_eq!(state.update(Msg::Pin), []);
    let effects = go(
        &mut state,
        "/inspect/http://registry.example:5000/a:1?tab=json",
    );
    answer(&mut state, &effects, INDEX);
    let pinned = format!(
        "/inspect/http://registry.example:5000/a:1@{}?tab=json",
        Digest::sha256(INDEX)
    );
    assert_eq!(state.update(Msg::Pin), [Effect::Go(Route::parse(&pinned))]);
    let effects = go(&mut state, &pinned);
    answer(&mut state, &effects, INDEX);
    assert_eq!(state.update(Msg::Pin), [], "a digest needs no pin");
}

#[test]
fn files_are_named_after_what_they_hold() {
    let mut state = page();
    assert_eq!(state.update(Msg::Save(Document::Manifest)), []);
    let effects = go(&mut state, "/inspect/registry.example/team/app:2.1");
    answer(&mut state, &effects, INDEX);
    assert_eq!(
        state.update(Msg::Save(Document::Manifest)),
        [Effect::Save("app-2.1.index.json".into(), INDEX.into())]
    );
    assert_eq!(state.update(Msg::Save(Document::Config)), []);
    go(&mut state, "/example/image");
    let [Effect::Save(name, bytes)] = &state.update(Msg::Save(Document::Config))[..] else {
        panic!("a file")
    };
    assert_eq!(
        (name.as_str(), bytes.is_empty()),
        ("manifest.config.json", false)
    );
}

#[test]
fn settings_are_kept_without_the_password_and_ask_again() {
    let mut state = page();
    let effects = go(&mut state, "/inspect/registry.example/a");
    answer(&mut state, &effects, b"<html>");
    let credentials = waybill_core::registry::settings::Credentials {
        username: "me".into(),
        password: "secret".into(),
    };
    let settings = RegistrySettings {
        credentials: Some(credentials),
        ..RegistrySettings::default()
    };
    let msg = |host: &str| Msg::Registry {
        host: host.into(),
        settings: settings.clone(),
    };
    assert_eq!(
        state.update(msg("no host/")),
        [Effect::Focus("settings-host")]
    );
    assert!(state.settings_error.is_some());
    let effects = state.update(msg("registry.example"));
    let host: RegistryHost = "registry.example".parse().expect("a host");
    assert_eq!(
        effects[..2],
        [
            Effect::Configure(host.clone(), settings.clone()),
            Effect::Close(SETTINGS)
        ]
    );
    assert_eq!(
        state
            .registries
            .get(&host)
            .and_then(|choice| choice.username.as_deref()),
        Some("me")
    );
    assert!(!format!("{effects:?} {:?}", state.registries).contains("secret"));
}

#[test]
fn nothing_of_a_registry_is_left_on_the_page_when_it_is_forgotten() {
    let mut state = page();
    let effects = go(&mut state, "/inspect/registry.example/a");
    let host: RegistryHost = "registry.example".parse().expect("a host");
    let credentials = waybill_core::registry::settings::Credentials {
        username: "me".into(),
        password: "secret".into(),
    };
    let settings = RegistrySettings {
        plain_http: true,
        credentials: Some(credentials),
        ..RegistrySettings::default()
    };
    state.update(Msg::Registry {
        host: "registry.example".into(),
        settings,
    });
    state.update(Msg::Registry {
        host: "no host/".into(),
        settings: RegistrySettings::default(),
    });
    // What is under way is stopped and asked for again, without credentials, and its late answer is not taken.
    let told = state.update(Msg::Forget(host.clone()));
    assert!(
        matches!(
            &told[..],
            [Effect::Forget(_), Effect::Abort, Effect::Fetch { .. }]
        ),
        "{told:?}"
    );
    assert!(state.registries.get(&host).is_none() && state.settings_error.is_none());
    assert_eq!(answer(&mut state, &effects, INDEX), []);
    assert!(matches!(
        state
            .inspection
            .as_ref()
            .expect("an inspection")
            .model
            .current(),
        Current::Loading
    ));
    // Another registry's settings are no business of what is looked at.
    let other = "other.example".parse().expect("a host");
    assert_eq!(state.update(Msg::Forget(other)).len(), 1);
}

#[test]
fn credentials_go_with_the_scheme_that_they_were_entered_for() {
    let mut state = page();
    let host: RegistryHost = "registry.example".parse().expect("a host");
    let credentials = waybill_core::registry::settings::Credentials {
        username: "me".into(),
        password: "secret".into(),
    };
    let enter = |state: &mut State, plain_http, credentials| {
        let settings = RegistrySettings {
            plain_http,
            credentials,
            ..RegistrySettings::default()
        };
        state.update(Msg::Registry {
            host: "registry.example".into(),
            settings,
        });
    };
    let user = |state: &State| {
        state
            .registries
            .get(&host)
            .and_then(|choice| choice.username.clone())
    };
    enter(&mut state, false, Some(credentials.clone()));
    enter(&mut state, false, None);
    assert_eq!((user(&state).as_deref(), state.notice), (Some("me"), ""));
    // An address that somebody made is enough to switch plain http on.
    go(&mut state, "/inspect/http://registry.example/a");
    assert_eq!((user(&state), state.notice), (None, ENTER_AGAIN));
    enter(&mut state, true, Some(credentials.clone()));
    go(&mut state, "/inspect/http://registry.example/b");
    assert_eq!((user(&state).as_deref(), state.notice), (Some("me"), ""));
    enter(&mut state, false, None);
    assert_eq!((user(&state), state.notice), (None, ENTER_AGAIN));
    // Compose has two ways of its own: a target with http:// in front, and the address of what it takes up.
    enter(&mut state, false, Some(credentials));
    go(&mut state, "/compose?open=http://registry.example/a:1");
    assert_eq!((user(&state), state.notice), (None, ENTER_AGAIN));
}

#[test]
fn examples_are_whole_without_a_network() {
    for example in examples::EXAMPLES {
        let mut state = page();
        let effects = go(&mut state, &format!("/example/{}", example.name));
        assert!(
            !effects
                .iter()
                .any(|effect| matches!(effect, Effect::Fetch { .. })),
            "{}",
            example.name
        );
        for effect in effects {
            if let Effect::CheckSignatures { key, signed } = effect {
                // That it does hold is what tests/views checks.
                let results = vec![Checked::Holds];
                state.update(Msg::Inspect(inspect::Msg::SignaturesChecked {
                    key,
                    signed,
                    results,
                }));
            }
        }
        let model = &state.inspection.as_ref().expect("an inspection").model;
        assert_eq!(model.pending(), 0);
        let good = model.summary().stamp.status == waybill_core::view::Status::Verified;
        assert_eq!(
            good,
            example.name != "lying",
            "{}: {:?}",
            example.name,
            model.summary()
        );
    }
}

/// Drops contents on the page, and does what the page then does.
fn give(state: &mut State, contents: &[(&str, &[u8])]) -> (HistoryEntry, Route) {
    let given = |(name, bytes): &(&str, &[u8])| LocalContent::new(*name, *bytes, true);
    let opened = Import {
        files: contents.iter().map(given).collect(),
        ..Import::default()
    };
    let effects = state.update(Msg::Given(opened));
    follow(state, effects)
}

fn follow(state: &mut State, mut effects: Vec<Effect>) -> (HistoryEntry, Route) {
    let Some(Effect::PushOpened(entry, route)) = effects.pop() else {
        panic!("{effects:?}")
    };
    state.update(Msg::Route(route.clone(), Some(entry.clone())));
    (entry, route)
}

fn title(state: &State) -> String {
    state
        .inspection
        .as_ref()
        .expect("an inspection")
        .model
        .summary()
        .title
}

#[test]
fn given_contents_get_an_entry_of_their_own_and_are_gone_without_it() {
    let mut state = page();
    let (entry, route) = give(&mut state, &[("manifest.json", INDEX)]);
    assert_eq!(route, Route::parse("/verify"));
    assert_eq!(
        title(&state),
        "manifest.json is an OCI image index of 0 entries"
    );
    // A link inside makes an entry that has nothing yet.
    let effects = go(&mut state, "/verify?tab=json");
    assert_eq!(
        effects[0],
        Effect::KeepOpened(entry.clone(), Route::parse("/verify?tab=json"))
    );
    // From elsewhere the address alone is a new page.
    go(&mut state, "/");
    go(&mut state, "/verify");
    assert!(state.inspection.is_none() && !state.verify.gone);
    state.update(Msg::Route(route.clone(), Some(entry.clone())));
    assert!(state.inspection.is_some());
    // What the history did not keep is found as long as the page has it, and never taken for another.
    let lost = HistoryEntry {
        files: None,
        ..entry
    };
    state.update(Msg::Route(route.clone(), Some(lost.clone())));
    assert!(state.inspection.is_some() && !state.verify.gone);
    give(&mut state, &[("other.json", b"{}")]);
    state.update(Msg::Route(route, Some(lost)));
    assert!(state.inspection.is_none() && state.verify.gone);
}

#[test]
fn what_is_expected_is_compared_as_it_is_typed_and_kept() {
    let mut state = page();
    give(&mut state, &[("manifest.json", INDEX)]);
    let status = |state: &State| {
        state
            .inspection
            .as_ref()
            .expect("an inspection")
            .model
            .summary()
            .stamp
            .status
    };
    assert_eq!(status(&state), waybill_core::view::Status::Unchecked);
    let digest = Digest::sha256(INDEX).to_string();
    let effects = state.update(Msg::ExpectedChanged(digest.clone()));
    assert!(
        matches!(&effects[..], [Effect::KeepOpened(entry, _)] if entry.expected == digest),
        "{effects:?}"
    );
    assert!(state.inspection.is_some());
    assert_eq!(
        state.verify.report.as_ref().and_then(Report::matching),
        Some(0)
    );
    // The same digest in other words is not read again.
    assert_eq!(state.update(Msg::ExpectedChanged(format!("{digest} "))), []);
    state.update(Msg::ExpectedChanged(Digest::sha256(b"else").to_string()));
    assert_eq!(status(&state), waybill_core::view::Status::Failed);
}

#[test]
fn a_cause_is_gone_on_with_and_back_leads_to_the_mismatch() {
    let mut state = page();
    state.update(Msg::Route(Route::parse("/verify"), None));
    state.update(Msg::ExpectedChanged(Digest::sha256(INDEX).to_string()));
    let (before, route) = give(&mut state, &[("manifest.json", &[INDEX, b"\n"].concat())]);
    let cause = |state: &State| {
        state
            .verify
            .report
            .as_ref()
            .and_then(Report::cause)
            .map(|cause| cause.name.clone())
    };
    assert_eq!(cause(&state).as_deref(), Some("final-newline-removed"));
    let effects = state.update(Msg::ApplyRemedy);
    let (after, _) = follow(&mut state, effects);
    let files = after.files.expect("contents");
    assert_eq!(
        (files[0].name.as_str(), &*files[0].bytes),
        ("manifest.json, put right", INDEX)
    );
    assert_eq!(cause(&state), None);
    assert_eq!(state.update(Msg::ApplyRemedy), []);
    state.update(Msg::Route(route, Some(before)));
    assert!(cause(&state).is_some());
    // A digest that is right in another algorithm.
    let long = Digest::of(Algorithm::Sha512, INDEX);
    give(&mut state, &[("manifest.json", INDEX)]);
    state.update(Msg::ExpectedChanged(format!("sha256:{}", long.encoded())));
    assert_eq!(cause(&state).as_deref(), Some("other-algorithm"));
    let effects = state.update(Msg::ApplyRemedy);
    follow(&mut state, effects);
    assert_eq!(state.verify.expected, long.to_string());
    assert_eq!(
        state.verify.report.as_ref().and_then(Report::matching),
        Some(0)
    );
}

#[test]
fn several_contents_are_matched_and_found_by_digest() {
    let mut state = page();
    let child = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}"#;
    let index = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":{}}}]}}"#,
        Digest::sha256(child),
        child.len()
    );
    let contents: [(&str, &[u8]); 3] = [
        ("note", b"hello"),
        ("child", child),
        ("index", index.as_bytes()),
    ];
    let (_, route) = give(&mut state, &contents);
    assert_eq!(route, Route::parse("/verify?file=3"));
    assert_eq!(
        state
            .inspection
            .as_ref()
            .expect("an inspection")
            .model
            .summary()
            .stamp
            .text,
        "Partly checked"
    );
    let named: Vec<_> = state
        .verify
        .report
        .iter()
        .flat_map(|report| &report.files)
        .map(|file| file.named_by)
        .collect();
    assert_eq!(named, [None, Some(2), None]);
    // The one that is expected comes first.
    state.update(Msg::ExpectedChanged(Digest::sha256(b"hello").to_string()));
    assert_eq!(give(&mut state, &contents).1, Route::parse("/verify"));
    assert_eq!(
        state.verify.report.as_ref().and_then(Report::matching),
        Some(0)
    );
}

#[test]
fn a_digest_alone_and_a_shared_link_lead_to_verify() {
    let mut state = page();
    let digest = Digest::sha256(INDEX).to_string();
    let effects = typed(&mut state, &digest);
    follow(&mut state, effects);
    assert_eq!(
        (state.verify.expected.as_str(), state.inspection.is_none()),
        (digest.as_str(), true)
    );
    give(&mut state, &[("manifest.json", INDEX)]);
    assert_eq!(state.update(Msg::Share), [Effect::Show(SHARE)]);
    let link = state.verify.link.clone().expect("a link");
    let text = link.text.expect("short enough");
    assert_eq!((link.length, link.bytes), (text.len(), INDEX.len()));
    let hash = text
        .strip_prefix("http://127.0.0.1:8080/#")
        .expect("the page's address");
    let mut other = page();
    let effects = go(&mut other, hash);
    // The content leaves the address at once.
    assert!(
        matches!(&effects[0], Effect::KeepOpened(_, route) if *route == Route::parse("/verify")),
        "{effects:?}"
    );
    assert_eq!(
        other.verify.report.as_ref().and_then(Report::matching),
        Some(0)
    );
    // What is too long is refused with its length.
    give(&mut state, &[("manifest.json", &vec![b' '; 90_000])]);
    state.update(Msg::Share);
    let link = state.verify.link.expect("an answer");
    assert_eq!((link.text, link.bytes), (None, 90_000));
    assert!(link.length > 120_000);
}

#[test]
fn compose_is_loaded_once_and_told_what_it_missed() {
    let mut state = page();
    let effects = go(&mut state, "/compose?open=http://registry.example:5000/a:1");
    let host: RegistryHost = "registry.example:5000".parse().expect("a host");
    let here = Route::Compose(None);
    assert_eq!(
        effects,
        [
            Effect::Title("Compose · Waybill".into()),
            Effect::Replace(here.clone()),
            Effect::SetPlainHttp(host),
            Effect::LoadCompose,
            Effect::Focus(VERDICT),
        ]
    );
    assert_eq!(state.route, here);
    // Coming again while it is on its way does not fetch it twice.
    assert!(!go(&mut state, "/compose").contains(&Effect::LoadCompose));
    assert_eq!(
        state.update(Msg::ComposeLoaded(Err(LoadError::Failed))),
        [Effect::Focus(VERDICT)]
    );
    assert_eq!(state.compose.failed, Some(LoadError::Failed));
    assert_eq!(state.update(Msg::LoadCompose), [Effect::LoadCompose]);
    assert_eq!(state.compose.failed, None);
    let came = crate::compose::new(None);
    let effects = state.update(Msg::ComposeLoaded(Ok(Rc::clone(&came))));
    assert!(effects.contains(&Effect::RunCompose));
    let doing = came.borrow_mut().take_doing();
    assert!(matches!(
        &doing[..],
        [crate::compose::Doing::Run(waybill_core::workflow::compose::Effect::Fetch { reference, .. }), ..]
            if reference.familiar() == "registry.example:5000/a:1"
    ));
    // Keys are for its page only.
    assert_eq!(
        state.update(Msg::ComposeKey(Told::Undo)),
        [Effect::RunCompose]
    );
    go(&mut state, "/");
    assert_eq!(state.update(Msg::ComposeKey(Told::Undo)), []);
}

#[test]
fn what_is_looked_at_is_taken_to_compose() {
    let mut state = page();
    let effects = go(&mut state, "/inspect/registry.example/a:1");
    answer(&mut state, &effects, INDEX);
    let take = ComposeIntent::Open(format!("registry.example/a:1@{}", Digest::sha256(INDEX)));
    assert_eq!(
        state.update(Msg::OpenInCompose),
        [Effect::Go(Route::Compose(Some(take)))]
    );
    // What has no registry goes with its bytes.
    go(&mut state, "/example/image");
    assert_eq!(
        state.update(Msg::OpenInCompose),
        [Effect::Go(Route::Compose(None))]
    );
    go(&mut state, "/compose");
    let came = crate::compose::new(None);
    state.update(Msg::ComposeLoaded(Ok(came)));
    go(&mut state, "/nothing");
    assert_eq!(state.update(Msg::OpenInCompose), []);
}

#[test]
fn what_needs_verify_waits_until_its_program_is_there() {
    let mut state = State::new("127.0.0.1:8080".into(), Theme::System);
    let one = Digest::sha256(INDEX);
    let shared = format!(
        "/verify?content={}&expect={one}",
        waybill_core::workflow::verify::to_link(INDEX)
    );
    let effects = go(&mut state, &shared);
    assert_eq!(
        effects,
        [Effect::Title("Verify · Waybill".into()), Effect::LoadVerify]
    );
    assert_eq!(state.update(Msg::LoadVerify), [], "it is on its way");
    assert_eq!(
        state.update(Msg::VerifyLoaded(Err(LoadError::Failed))),
        [Effect::Focus(VERDICT)]
    );
    assert_eq!(state.verifier.failed, Some(LoadError::Failed));
    assert_eq!(state.update(Msg::LoadVerify), [Effect::LoadVerify]);
    assert_eq!(state.verifier.failed, None);
    let effects = state.update(Msg::VerifyLoaded(Ok(&VerifyPage)));
    assert!(
        matches!(effects[0], Effect::KeepOpened(..)),
        "the shared content leaves the address"
    );
    assert!(
        state
            .verify
            .report
            .as_ref()
            .is_some_and(|report| report.matching() == Some(0))
    );
}

#[test]
fn what_is_dropped_before_verify_came_is_opened_then_or_said_not_to_be() {
    let mut state = State::new("127.0.0.1:8080".into(), Theme::System);
    let opened = || Import {
        files: vec![LocalContent::new("a.json", INDEX, true)],
        ..Import::default()
    };
    assert_eq!(state.update(Msg::Given(opened())), [Effect::LoadVerify]);
    assert_eq!(state.update(Msg::VerifyLoaded(Err(LoadError::Failed))), []);
    assert!(state.notice.contains("try again"));
    assert_eq!(state.update(Msg::Given(opened())), [Effect::LoadVerify]);
    assert!(matches!(
        &state.update(Msg::VerifyLoaded(Ok(&VerifyPage)))[..],
        [Effect::PushOpened(..)]
    ));
    // Who has gone elsewhere meanwhile is left there.
    let mut state = State::new("127.0.0.1:8080".into(), Theme::System);
    go(&mut state, "/verify");
    go(&mut state, "/example/image");
    assert_eq!(state.update(Msg::VerifyLoaded(Ok(&VerifyPage))), []);
    assert_eq!(state.route, Route::parse("/example/image"));
}
