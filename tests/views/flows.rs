//! What goes back and forth between the shell and its pages, and what comes of it outside of them.

use waybill::app::state::{BOX, SETTINGS};
use waybill::app::{ENTER_AGAIN, Effect, Msg};
use waybill::compose;
use waybill::examples;
use waybill::inspection::machine::MACHINE;
use waybill::inspection::share::SHARE;
use waybill::inspection::{self, Document};
use waybill::lazy::{LazyPart, LoadError};
use waybill::local_content::{HistoryEntry, Import, LocalContent};
use waybill::route::{ComposeIntent, Route};
use waybill::verify;
use waybill_core::digest::{Algorithm, Digest};
use waybill_core::input::Input;
use waybill_core::reference::RegistryHost;
use waybill_core::registry::settings::RegistrySettings;
use waybill_core::registry::transport::Via;
use waybill_core::view::Status;
use waybill_core::workflow::compose::Effect as Want;
use waybill_core::workflow::fetch::{Generation, Received};
use waybill_core::workflow::inspect::{self as workflow, ContentKey, Current};
use waybill_core::workflow::layers;
use waybill_core::workflow::verify::{Report, to_link};
use yew::{Callback, Html};

use super::harness::{Done, Harness};
use super::page::html;

const INDEX: &[u8] =
    br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;

/// Nothing that was done.
const NOTHING: [Done; 0] = [];

/// The id of the heading with the verdict.
const VERDICT: &str = "verdict";

/// A page that goes nowhere by itself, and that Verify came to already.
fn loaded() -> Harness {
    let mut page = Harness::new(false);
    page.send(Msg::VerifyLoaded(Ok(|_| Html::default())));
    page.send(Msg::VerifyMounted(Callback::noop()));
    page
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

fn typed(page: &mut Harness, text: &str) -> Vec<Done> {
    page.send(Msg::Typed(text.into()));
    page.send(Msg::Submitted)
}

#[test]
fn what_is_typed_becomes_an_address_and_what_is_wrong_goes_nowhere() {
    let mut page = loaded();
    let done = typed(&mut page, "docker pull nginx:1.27");
    assert_eq!(
        done,
        [Effect::Navigate(Route::parse("/inspect/nginx:1.27"))]
    );
    let done = typed(&mut page, "http://registry.example:5000/a");
    assert_eq!(
        done,
        [Effect::Navigate(Route::parse(
            "/inspect/http://registry.example:5000/a"
        ))]
    );
    for wrong in ["", "UPPER/Case"] {
        assert_eq!(typed(&mut page, wrong), [Effect::Focus(BOX)], "{wrong}");
        assert!(page.app.submitted);
    }
}

#[test]
fn what_was_meant_is_still_asked_behind_the_address() {
    let mut page = loaded();
    page.go("/inspect/docker.io/ghcr.io/o/x");
    let Ok(Input::Reference(found)) = &page.app.read else {
        panic!("{:?}", page.app.read);
    };
    assert_eq!(found.notes[0].to_string(), "did you mean ghcr.io/o/x?");
}

#[test]
fn no_credentials_of_a_command_reach_the_address() {
    let mut page = loaded();
    for text in [
        "curl -u porter:gangway-7 https://r.example/v2/a/manifests/1",
        "curl https://porter:gangway-7@r.example/v2/a/manifests/1",
        "curl -H 'Authorization: Bearer gangway-7' https://r.example/v2/a/manifests/1",
        "oras pull --password gangway-7 r.example/a:1",
    ] {
        let done = typed(&mut page, text);
        let route = Route::parse("/inspect/r.example/a:1");
        assert_eq!(done, [Effect::Navigate(route)], "{text}");
    }
}

#[test]
fn a_reference_is_fetched_titled_and_its_verdict_focused_once() {
    let mut page = loaded();
    let done = page.go("/inspect/registry.example/a/b:1");
    assert_eq!(
        done[0],
        Effect::Title("registry.example/a/b:1 · Waybill".into())
    );
    assert!(
        matches!(&done[1], Done::Inspect(inspection::Effect::Fetch { reference, .. }) if reference.repository().as_str() == "a/b")
    );
    assert_eq!(page.app.via, None);
    assert_eq!(answer(&mut page, &done, INDEX), [Effect::Focus(VERDICT)]);
    assert_eq!(
        page.app.via.as_deref(),
        Some("through the proxy at waybill.example")
    );
    assert_eq!(page.go("/inspect/registry.example/a/b:1?tab=json"), NOTHING);
    assert_eq!(
        page.go("/"),
        [
            Done::Inspect(inspection::Effect::Abort),
            Done::Shell(Effect::Title("Waybill".into()))
        ]
    );
}

#[test]
fn plain_http_in_the_address_is_the_persons_choice() {
    let mut page = loaded();
    let done = page.go("/inspect/http://registry.example:5000/a");
    let host: RegistryHost = "registry.example:5000".parse().expect("a host");
    assert!(done.contains(&Done::Shell(Effect::SetPlainHttp(host.clone()))));
    assert!(
        page.app
            .registries
            .get(&host)
            .is_some_and(|choice| choice.plain_http)
    );
}

#[test]
fn a_tag_is_pinned_to_what_its_bytes_hash_to() {
    let mut page = loaded();
    assert_eq!(page.inspection(inspection::Msg::Pin), NOTHING);
    let done = page.go("/inspect/http://registry.example:5000/a:1?tab=json");
    answer(&mut page, &done, INDEX);
    let pinned = format!(
        "/inspect/http://registry.example:5000/a:1@{}?tab=json",
        Digest::sha256(INDEX)
    );
    assert_eq!(
        page.inspection(inspection::Msg::Pin),
        [Effect::Navigate(Route::parse(&pinned))]
    );
    let done = page.go(&pinned);
    answer(&mut page, &done, INDEX);
    assert_eq!(
        page.inspection(inspection::Msg::Pin),
        NOTHING,
        "a digest needs no pin"
    );
}

#[test]
fn files_are_named_after_what_they_hold() {
    let mut page = loaded();
    assert_eq!(
        page.inspection(inspection::Msg::Save(Document::Manifest)),
        NOTHING
    );
    let done = page.go("/inspect/registry.example/team/app:2.1");
    answer(&mut page, &done, INDEX);
    assert_eq!(
        page.inspection(inspection::Msg::Save(Document::Manifest)),
        [Effect::Save("app-2.1.index.json".into(), INDEX.into())]
    );
    assert_eq!(
        page.inspection(inspection::Msg::Save(Document::Config)),
        NOTHING
    );
    page.go("/example/image");
    let [Done::Shell(Effect::Save(name, bytes))] =
        &page.inspection(inspection::Msg::Save(Document::Config))[..]
    else {
        panic!("a file")
    };
    assert_eq!(
        (name.as_str(), bytes.is_empty()),
        ("manifest.config.json", false)
    );
}

#[test]
fn settings_are_kept_without_the_password_and_ask_again() {
    let mut page = loaded();
    let done = page.go("/inspect/registry.example/a");
    answer(&mut page, &done, b"<html>");
    let credentials = waybill_core::registry::settings::Credentials {
        username: "me".into(),
        password: "secret".into(),
    };
    let settings = RegistrySettings {
        credentials: Some(credentials),
        ..RegistrySettings::default()
    };
    let msg = |host: &str| Msg::SettingsSubmitted {
        host: host.into(),
        settings: settings.clone(),
    };
    assert_eq!(page.send(msg("no host/")), [Effect::Focus("settings-host")]);
    assert!(page.app.settings_error.is_some());
    let done = page.send(msg("registry.example"));
    let host: RegistryHost = "registry.example".parse().expect("a host");
    assert_eq!(
        done[..2],
        [
            Effect::Configure(host.clone(), settings.clone()),
            Effect::CloseDialog(SETTINGS)
        ]
    );
    assert_eq!(
        page.app
            .registries
            .get(&host)
            .and_then(|choice| choice.username.as_deref()),
        Some("me")
    );
    assert!(!format!("{done:?} {:?}", page.app.registries).contains("secret"));
}

#[test]
fn nothing_of_a_registry_is_left_on_the_page_when_it_is_forgotten() {
    let mut page = loaded();
    let done = page.go("/inspect/registry.example/a");
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
    page.send(Msg::SettingsSubmitted {
        host: "registry.example".into(),
        settings,
    });
    page.send(Msg::SettingsSubmitted {
        host: "no host/".into(),
        settings: RegistrySettings::default(),
    });
    // What is under way is stopped and asked for again, without credentials, and its late answer is not taken.
    let told = page.send(Msg::Forget(host.clone()));
    assert!(
        matches!(
            &told[..],
            [
                Done::Shell(Effect::Forget(_)),
                Done::Inspect(inspection::Effect::Abort),
                Done::Inspect(inspection::Effect::Fetch { .. })
            ]
        ),
        "{told:?}"
    );
    assert!(page.app.registries.get(&host).is_none() && page.app.settings_error.is_none());
    assert_eq!(answer(&mut page, &done, INDEX), NOTHING);
    assert!(matches!(
        page.inspected().expect("an inspection").model.current(),
        Current::Loading
    ));
    // Another registry's settings are no business of what is looked at.
    let other = "other.example".parse().expect("a host");
    assert_eq!(page.send(Msg::Forget(other)).len(), 1);
}

#[test]
fn credentials_go_with_the_scheme_that_they_were_entered_for() {
    let mut page = loaded();
    let host: RegistryHost = "registry.example".parse().expect("a host");
    let credentials = waybill_core::registry::settings::Credentials {
        username: "me".into(),
        password: "secret".into(),
    };
    let enter = |page: &mut Harness, plain_http, credentials| {
        let settings = RegistrySettings {
            plain_http,
            credentials,
            ..RegistrySettings::default()
        };
        page.send(Msg::SettingsSubmitted {
            host: "registry.example".into(),
            settings,
        });
    };
    let user = |page: &Harness| {
        page.app
            .registries
            .get(&host)
            .and_then(|choice| choice.username.clone())
    };
    enter(&mut page, false, Some(credentials.clone()));
    enter(&mut page, false, None);
    assert_eq!((user(&page).as_deref(), page.app.notice), (Some("me"), ""));
    // An address that somebody made is enough to switch plain http on.
    page.go("/inspect/http://registry.example/a");
    assert_eq!((user(&page), page.app.notice), (None, ENTER_AGAIN));
    enter(&mut page, true, Some(credentials.clone()));
    page.go("/inspect/http://registry.example/b");
    assert_eq!((user(&page).as_deref(), page.app.notice), (Some("me"), ""));
    enter(&mut page, false, None);
    assert_eq!((user(&page), page.app.notice), (None, ENTER_AGAIN));
    // Compose has two ways of its own: a target with http:// in front, and the address of what it takes up.
    enter(&mut page, false, Some(credentials));
    page.go("/compose?open=http://registry.example/a:1");
    assert_eq!((user(&page), page.app.notice), (None, ENTER_AGAIN));
}

#[test]
fn examples_are_whole_without_a_network() {
    for example in examples::EXAMPLES {
        let mut page = loaded();
        let done = page.go(&format!("/example/{}", example.name));
        assert!(
            !done
                .iter()
                .any(|one| matches!(one, Done::Inspect(inspection::Effect::Fetch { .. }))),
            "{}",
            example.name
        );
        let model = &page.inspected().expect("an inspection").model;
        assert_eq!(model.pending(), 0);
        let good = model.summary().stamp.status == Status::Verified;
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
fn drop_on(page: &mut Harness, contents: &[(&str, &[u8])]) -> (HistoryEntry, Route) {
    let given = |(name, bytes): &(&str, &[u8])| LocalContent::new(*name, *bytes, true);
    let opened = Import {
        files: contents.iter().map(given).collect(),
        ..Import::default()
    };
    let done = page.send(Msg::Import(opened));
    follow(page, done)
}

fn follow(page: &mut Harness, mut done: Vec<Done>) -> (HistoryEntry, Route) {
    let Some(Done::Shell(Effect::PushHistory(entry, route))) = done.pop() else {
        panic!("{done:?}")
    };
    page.send(Msg::Route(route.clone(), Some(entry.clone())));
    (entry, route)
}

fn title(page: &Harness) -> String {
    page.inspected()
        .expect("an inspection")
        .model
        .summary()
        .title
}

#[test]
fn given_contents_get_an_entry_of_their_own_and_are_gone_without_it() {
    let mut page = loaded();
    let (entry, route) = drop_on(&mut page, &[("manifest.json", INDEX)]);
    assert_eq!(route, Route::parse("/verify"));
    assert_eq!(
        title(&page),
        "manifest.json is an OCI image index of 0 entries"
    );
    // A link inside makes an entry that has nothing yet.
    let done = page.go("/verify?tab=json");
    assert_eq!(
        done[0],
        Effect::SaveHistory(entry.clone(), Route::parse("/verify?tab=json"))
    );
    // From elsewhere the address alone is a new page.
    page.go("/");
    page.go("/verify");
    assert!(page.inspected().is_none() && !page.verify.gone);
    page.send(Msg::Route(route.clone(), Some(entry.clone())));
    assert!(page.inspected().is_some());
    // What the history did not keep is found as long as the page has it, and never taken for another.
    let lost = HistoryEntry {
        files: None,
        ..entry
    };
    page.send(Msg::Route(route.clone(), Some(lost.clone())));
    assert!(page.inspected().is_some() && !page.verify.gone);
    drop_on(&mut page, &[("other.json", b"{}")]);
    page.send(Msg::Route(route, Some(lost)));
    assert!(page.inspected().is_none() && page.verify.gone);
}

#[test]
fn what_is_expected_is_compared_as_it_is_typed_and_kept() {
    let mut page = loaded();
    drop_on(&mut page, &[("manifest.json", INDEX)]);
    let status = |page: &Harness| {
        page.inspected()
            .expect("an inspection")
            .model
            .summary()
            .stamp
            .status
    };
    assert_eq!(status(&page), Status::Unchecked);
    let digest = Digest::sha256(INDEX).to_string();
    let done = page.verify(verify::Msg::ExpectedChanged(digest.clone()));
    assert!(
        matches!(&done[..], [Done::Shell(Effect::SaveHistory(entry, _))] if entry.expected == digest),
        "{done:?}"
    );
    assert!(page.inspected().is_some());
    assert_eq!(
        page.verify.report.as_ref().and_then(Report::matching),
        Some(0)
    );
    // The same digest in other words is not read again.
    assert_eq!(
        page.verify(verify::Msg::ExpectedChanged(format!("{digest} "))),
        NOTHING
    );
    page.verify(verify::Msg::ExpectedChanged(
        Digest::sha256(b"else").to_string(),
    ));
    assert_eq!(status(&page), Status::Failed);
}

#[test]
fn a_cause_is_gone_on_with_and_back_leads_to_the_mismatch() {
    let mut page = loaded();
    page.send(Msg::Route(Route::parse("/verify"), None));
    page.verify(verify::Msg::ExpectedChanged(
        Digest::sha256(INDEX).to_string(),
    ));
    let (before, route) = drop_on(&mut page, &[("manifest.json", &[INDEX, b"\n"].concat())]);
    let cause = |page: &Harness| {
        page.verify
            .report
            .as_ref()
            .and_then(Report::cause)
            .map(|cause| cause.name.clone())
    };
    assert_eq!(cause(&page).as_deref(), Some("final-newline-removed"));
    let done = page.verify(verify::Msg::ApplyRemedy);
    let (after, _) = follow(&mut page, done);
    let files = after.files.expect("contents");
    assert_eq!(
        (files[0].name.as_str(), &*files[0].bytes),
        ("manifest.json, put right", INDEX)
    );
    assert_eq!(cause(&page), None);
    assert_eq!(page.verify(verify::Msg::ApplyRemedy), NOTHING);
    page.send(Msg::Route(route, Some(before)));
    assert!(cause(&page).is_some());
    // A digest that is right in another algorithm.
    let long = Digest::compute(Algorithm::Sha512, INDEX);
    drop_on(&mut page, &[("manifest.json", INDEX)]);
    page.verify(verify::Msg::ExpectedChanged(format!(
        "sha256:{}",
        long.encoded()
    )));
    assert_eq!(cause(&page).as_deref(), Some("other-algorithm"));
    let done = page.verify(verify::Msg::ApplyRemedy);
    follow(&mut page, done);
    assert_eq!(page.verify.expected, long.to_string());
    assert_eq!(
        page.verify.report.as_ref().and_then(Report::matching),
        Some(0)
    );
}

#[test]
fn several_contents_are_matched_and_found_by_digest() {
    let mut page = loaded();
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
    let (_, route) = drop_on(&mut page, &contents);
    assert_eq!(route, Route::parse("/verify?file=3"));
    assert_eq!(
        page.inspected()
            .expect("an inspection")
            .model
            .summary()
            .stamp
            .text,
        "Partly checked"
    );
    let named: Vec<_> = page
        .verify
        .report
        .iter()
        .flat_map(|report| &report.files)
        .map(|file| file.named_by)
        .collect();
    assert_eq!(named, [None, Some(2), None]);
    // The one that is expected comes first.
    page.verify(verify::Msg::ExpectedChanged(
        Digest::sha256(b"hello").to_string(),
    ));
    assert_eq!(drop_on(&mut page, &contents).1, Route::parse("/verify"));
    assert_eq!(
        page.verify.report.as_ref().and_then(Report::matching),
        Some(0)
    );
}

#[test]
fn a_digest_alone_and_a_shared_link_lead_to_verify() {
    let mut page = loaded();
    let digest = Digest::sha256(INDEX).to_string();
    let done = typed(&mut page, &digest);
    follow(&mut page, done);
    assert_eq!(
        (page.verify.expected.as_str(), page.inspected().is_none()),
        (digest.as_str(), true)
    );
    drop_on(&mut page, &[("manifest.json", INDEX)]);
    // With the link, and not once more when the verdict and the report came: it may be closed again.
    assert_eq!(page.verify(verify::Msg::Share), [Effect::OpenDialog(SHARE)]);
    let link = page.verify.link.clone().expect("a link");
    let text = link.text.expect("short enough");
    assert_eq!((link.length, link.bytes), (text.len(), INDEX.len()));
    let hash = text
        .strip_prefix("http://waybill.example/#")
        .expect("the page's address");
    let mut other = loaded();
    let done = other.go(hash);
    // The content leaves the address at once.
    assert!(
        matches!(&done[0], Done::Shell(Effect::SaveHistory(_, route)) if *route == Route::parse("/verify")),
        "{done:?}"
    );
    assert_eq!(
        other.verify.report.as_ref().and_then(Report::matching),
        Some(0)
    );
    // What is too long is refused with its length.
    drop_on(&mut page, &[("manifest.json", &vec![b' '; 90_000])]);
    page.verify(verify::Msg::Share);
    let link = page.verify.link.expect("an answer");
    assert_eq!((link.text, link.bytes), (None, 90_000));
    assert!(link.length > 120_000);
}

#[test]
fn compose_is_loaded_once_and_told_what_it_missed() {
    let mut page = loaded();
    let done = page.go("/compose?open=http://registry.example:5000/a:1");
    let host: RegistryHost = "registry.example:5000".parse().expect("a host");
    let here = Route::Compose(None);
    assert_eq!(
        done,
        [
            Effect::Title("Compose · Waybill".into()),
            Effect::Replace(here.clone()),
            Effect::SetPlainHttp(host),
            Effect::LoadCompose,
            Effect::Focus(VERDICT),
        ]
    );
    assert_eq!(page.app.route, here);
    // Coming again while it is on its way does not fetch it twice.
    assert!(
        !page
            .go("/compose")
            .contains(&Done::Shell(Effect::LoadCompose))
    );
    assert_eq!(
        page.send(Msg::ComposeLoaded(Err(LoadError::Failed))),
        [Effect::Focus(VERDICT)]
    );
    assert_eq!(page.app.compose.part.failed, Some(LoadError::Failed));
    assert_eq!(page.send(Msg::LoadCompose), [Effect::LoadCompose]);
    assert_eq!(page.app.compose.part.failed, None);
    page.send(Msg::ComposeLoaded(Ok(|_| Html::default())));
    let done = page.mount_compose();
    assert!(matches!(
        &done[..],
        [Done::Shell(Effect::Focus(VERDICT)), Done::Compose(compose::Effect::Workflow(Want::Fetch { reference, .. })), ..]
            if reference.familiar() == "registry.example:5000/a:1"
    ));
}

#[test]
fn what_is_looked_at_is_taken_to_compose() {
    let mut page = loaded();
    let done = page.go("/inspect/registry.example/a:1");
    answer(&mut page, &done, INDEX);
    let take = ComposeIntent::Open(format!("registry.example/a:1@{}", Digest::sha256(INDEX)));
    assert_eq!(
        page.inspection(inspection::Msg::OpenInCompose),
        [Effect::Navigate(Route::Compose(Some(take)))]
    );
    // What has no registry goes with its bytes.
    page.go("/example/image");
    assert_eq!(
        page.inspection(inspection::Msg::OpenInCompose),
        [Effect::Navigate(Route::Compose(None))]
    );
    page.go("/compose");
    page.send(Msg::ComposeLoaded(Ok(|_| Html::default())));
    page.mount_compose();
    page.go("/nothing");
    assert_eq!(page.inspection(inspection::Msg::OpenInCompose), NOTHING);
}

#[test]
fn what_is_typed_waits_until_its_reader_is_loaded() {
    let without = || {
        let mut page = loaded();
        page.app.reader = LazyPart::new(None);
        page
    };
    // It is loaded behind the first page, or with the first text, and reads what was typed since.
    let mut page = without();
    assert_eq!(
        page.go("/"),
        [Effect::Title("Waybill".into()), Effect::LoadReader]
    );
    assert_eq!(page.send(Msg::Typed("docker pull a".into())), NOTHING);
    assert_eq!(page.app.read, Ok(Input::Empty));
    page.send(Msg::Typed("docker pull nginx".into()));
    assert_eq!(page.send(Msg::ReaderLoaded(Ok(()))), NOTHING);
    assert!(matches!(page.app.read, Ok(Input::Reference(_))));
    // What was submitted before is submitted then.
    let mut page = without();
    assert_eq!(
        page.send(Msg::Typed("docker pull nginx".into())),
        [Effect::LoadReader]
    );
    assert_eq!(page.send(Msg::Submitted), NOTHING);
    assert_eq!(
        page.send(Msg::ReaderLoaded(Ok(()))),
        [Effect::Navigate(Route::parse("/inspect/nginx"))]
    );
    // An address that is a plain reference needs none, and keeps its place when the reader comes.
    let mut page = without();
    page.go("/");
    let child = format!("/inspect/registry.example/a:1?at=sha256:{}", "0".repeat(64));
    page.go(&child);
    assert!(page.inspected().is_some());
    assert_eq!(page.send(Msg::ReaderLoaded(Ok(()))), NOTHING);
    assert_eq!(page.app.route, Route::parse(&child));
    // Even where something else is typed.
    let mut page = without();
    page.go("/inspect/registry.example/a:1");
    assert!(page.inspected().is_some());
    page.send(Msg::Typed("docker pull nginx".into()));
    page.send(Msg::Submitted);
    assert_eq!(
        page.send(Msg::ReaderLoaded(Ok(()))),
        [Effect::Navigate(Route::parse("/inspect/nginx"))]
    );
    // One that is more waits, and so does what Compose is to take up.
    let mut page = without();
    assert_eq!(
        page.go("/inspect/http://registry.example/a:1").last(),
        Some(&Done::Shell(Effect::LoadReader))
    );
    assert!(page.inspected().is_none());
    assert_eq!(
        page.send(Msg::ReaderLoaded(Err(LoadError::Failed))),
        NOTHING
    );
    assert!(page.app.notice.contains("try again"));
    assert_eq!(page.send(Msg::LoadReader), [Effect::LoadReader]);
    let done = page.send(Msg::ReaderLoaded(Ok(())));
    assert!(page.inspected().is_some());
    let host = "registry.example".parse::<RegistryHost>().expect("a host");
    assert!(done.contains(&Done::Shell(Effect::SetPlainHttp(host.clone()))));
    let mut page = without();
    let done = page.go("/compose?open=http://registry.example/a:1");
    assert!(done.contains(&Done::Shell(Effect::LoadReader)));
    let done = page.send(Msg::ReaderLoaded(Ok(())));
    assert!(done.contains(&Done::Shell(Effect::SetPlainHttp(host))));
}

#[test]
fn a_dialog_opens_once_what_draws_it_is_loaded() {
    let mut page = loaded();
    assert_eq!(
        page.send(Msg::DialogsLoaded("settings", Ok(()))),
        [Effect::OpenDialog("settings")]
    );
    let failed = Err(LoadError::Failed);
    assert_eq!(page.send(Msg::DialogsLoaded("settings", failed)), NOTHING);
    assert!(page.app.notice.contains("try again"));
}

#[test]
fn an_example_waits_until_the_examples_are_loaded() {
    let mut page = Harness::new(false);
    page.app.examples = LazyPart::new(None);
    // They are loaded behind the first page, and again where that failed.
    assert_eq!(
        page.go("/"),
        [Effect::Title("Waybill".into()), Effect::LoadExamples]
    );
    assert_eq!(
        page.send(Msg::ExamplesLoaded(Err(LoadError::Offline))),
        NOTHING
    );
    page.go("/inspect/registry.example/a:1");
    assert!(page.inspected().is_some());
    assert_eq!(
        page.go("/example/image").last(),
        Some(&Done::Shell(Effect::LoadExamples))
    );
    assert!(page.inspected().is_none(), "what was shown before is gone");
    assert_eq!(
        page.send(Msg::LoadExamples),
        NOTHING,
        "they are on their way"
    );
    assert_eq!(
        page.send(Msg::ExamplesLoaded(Err(LoadError::Failed))),
        [Effect::Focus(VERDICT)]
    );
    assert_eq!(page.app.examples.failed, Some(LoadError::Failed));
    assert_eq!(page.send(Msg::LoadExamples), [Effect::LoadExamples]);
    page.send(Msg::ExamplesLoaded(Ok(())));
    let model = &page.inspected().expect("an inspection").model;
    assert_eq!(model.summary().stamp.status, Status::Verified);
    // Who has gone elsewhere meanwhile is left there.
    let mut page = Harness::new(false);
    page.app.examples = LazyPart::new(None);
    page.go("/example/image");
    page.go("/nothing");
    assert_eq!(page.send(Msg::ExamplesLoaded(Ok(()))), NOTHING);
    assert!(page.inspected().is_none());
}

#[test]
fn a_check_of_layers_changes_its_stop_and_the_stamp_and_ends_with_the_inspection() {
    let address = "/inspect/registry.example/fixtures/lantern:2.4.1";
    let at = || Harness::at(address).served("oci-manifest/lantern-linux-arm64");
    let told = |page: &Harness| {
        let model = &page.inspected().expect("an image").model;
        let stop = model.custody().pop().expect("the stop of the layers");
        (stop.status, stop.note.into_owned(), model.summary().stamp)
    };
    let page = at().check_layers();
    let (status, note, stamp) = told(&page);
    assert_eq!((status, &*note), (Status::Pending, "being checked"));
    assert_eq!(stamp.status, Status::Pending);
    let failed = |_, _: &layers::Wanted| {
        Some(layers::Event::Failed {
            failure: Box::new(layers::Failure::Broken),
            kept: true,
        })
    };
    let (status, note, stamp) = told(&page.read_layers(failed));
    assert_eq!((status, &*note), (Status::Failed, "4 of 4 missing"));
    assert_eq!(stamp.text, "4 missing");
    // Another page is shown: nothing goes on.
    let mut page = at().check_layers();
    let is_cancel = |done: &&Done| {
        matches!(
            done,
            Done::Inspect(inspection::Effect::Layers {
                effect: layers::Effect::Cancel(_),
                ..
            })
        )
    };
    assert_eq!(
        page.go("/settings-of-nothing")
            .iter()
            .filter(is_cancel)
            .count(),
        4
    );
    // What came without a registry cannot be read.
    let page = Harness::at("/example/image").check_layers();
    let (status, note, _) = told(&page);
    assert_eq!((status, &*note), (Status::Unchecked, "not downloaded"));
}

#[test]
fn a_machine_is_chosen_for_and_stays_in_the_address() {
    let mut page = loaded();
    page.go("/example/list");
    assert!(page.inspected().expect("a list").chooser.is_none());
    assert_eq!(
        page.inspection(inspection::Msg::OpenMachine),
        [Effect::Focus(MACHINE)]
    );
    page.inspection(inspection::Msg::MachineTyped(" linux/arm/v7 ".into()));
    assert_eq!(
        page.inspection(inspection::Msg::MachineSubmitted),
        [Effect::Navigate(Route::parse(
            "/example/list?platform=linux/arm/v7"
        ))]
    );
    page.go("/example/list?platform=linux/arm/v7");
    assert_eq!(page.inspected().expect("a list").machine, "linux/arm/v7");
    // What would break the address is said, and is not put there.
    page.inspection(inspection::Msg::MachineTyped("a&b".into()));
    assert_eq!(page.inspection(inspection::Msg::MachineSubmitted), NOTHING);
    assert!(page.inspected().expect("a list").machine_fault.is_some());
    // Where the browser tells nothing, a person types.
    page.inspection(inspection::Msg::MachineTold(None));
    let fault = page.inspected().expect("a list").machine_fault.clone();
    assert!(fault.is_some_and(|fault| fault.contains("type the platform")));
    assert_eq!(
        page.inspection(inspection::Msg::MachineTold(Some("linux/arm64"))),
        [Effect::Navigate(Route::parse(
            "/example/list?platform=linux/arm64"
        ))]
    );
    // Nothing typed leaves the machine out.
    page.inspection(inspection::Msg::MachineTyped(String::new()));
    assert_eq!(
        page.inspection(inspection::Msg::MachineSubmitted),
        [Effect::Navigate(Route::parse("/example/list"))]
    );
    // A part that does not come is said.
    let mut page = loaded();
    page.go("/example/list");
    page.inspection(inspection::Msg::ChooserLoaded(Err(LoadError::Offline)));
    let fault = page.inspected().expect("a list").machine_fault.clone();
    assert!(fault.is_some_and(|fault| fault.contains("offline")));
}

#[test]
fn what_needs_verify_waits_until_its_program_is_there() {
    let mut page = Harness::new(false);
    let one = Digest::sha256(INDEX);
    let shared = format!(
        "/verify?content={}&expect={one}",
        waybill_core::workflow::verify::to_link(INDEX)
    );
    let done = page.go(&shared);
    assert_eq!(
        done,
        [Effect::Title("Verify · Waybill".into()), Effect::LoadVerify]
    );
    assert_eq!(page.send(Msg::LoadVerify), NOTHING, "it is on its way");
    assert_eq!(
        page.send(Msg::VerifyLoaded(Err(LoadError::Failed))),
        [Effect::Focus(VERDICT)]
    );
    assert_eq!(page.app.verify.part.failed, Some(LoadError::Failed));
    assert_eq!(page.send(Msg::LoadVerify), [Effect::LoadVerify]);
    assert_eq!(page.app.verify.part.failed, None);
    let done = page.mount_verify();
    assert!(
        matches!(done[0], Done::Shell(Effect::SaveHistory(..))),
        "the shared content leaves the address"
    );
    assert!(
        page.verify
            .report
            .as_ref()
            .is_some_and(|report| report.matching() == Some(0))
    );
}

#[test]
fn what_is_dropped_before_verify_came_is_opened_then_or_said_not_to_be() {
    let mut page = Harness::new(false);
    let opened = || Import {
        files: vec![LocalContent::new("a.json", INDEX, true)],
        ..Import::default()
    };
    assert_eq!(page.send(Msg::Import(opened())), [Effect::LoadVerify]);
    assert_eq!(
        page.send(Msg::VerifyLoaded(Err(LoadError::Failed))),
        NOTHING
    );
    assert!(page.app.notice.contains("try again"));
    assert_eq!(page.send(Msg::Import(opened())), [Effect::LoadVerify]);
    assert!(matches!(
        &page.mount_verify()[..],
        [Done::Shell(Effect::PushHistory(..))]
    ));
    // Who has gone elsewhere meanwhile is left there.
    let mut page = Harness::new(false);
    page.go("/verify");
    page.go("/example/image");
    assert_eq!(page.mount_verify(), NOTHING);
    assert_eq!(page.app.route, Route::parse("/example/image"));
}

/// What `docker login` leaves on a machine.
const LOGIN: &[u8] = br#"{"auths":{"registry.example":{"auth":"dTpw"}}}"#;

/// Goes where the page wants to, and holds it to this: no effect has a word of the secret, in whatever form it would be
/// kept, and the page says why the content is not there.
fn nothing_is_kept(page: &mut Harness, done: Vec<Done>) {
    let bytes = format!("{:?}", LOGIN.to_vec());
    for secret in [
        "dTpw",
        "eyJhdXRo",
        Digest::sha256(LOGIN).encoded(),
        bytes.trim_matches(['[', ']']),
    ] {
        assert!(!format!("{done:?}").contains(secret), "{secret}: {done:?}");
    }
    let nothing = HistoryEntry::new(Import::default(), String::new()).key;
    let mut entries = 0;
    for done in done {
        if let Done::Shell(Effect::PushHistory(entry, route) | Effect::SaveHistory(entry, route)) =
            done
        {
            assert_eq!(entry.files.as_deref(), Some(&[][..]));
            assert_eq!((&entry.key, &route), (&nothing, &Route::parse("/verify")));
            page.send(Msg::Route(route, Some(entry)));
            entries += 1;
        }
    }
    assert_eq!(entries, 1);
    assert!(page.verify.files().is_empty());
    let (name, why) = page.verify.left_out.last().expect("it is said");
    assert!(
        name.ends_with(", docker's or podman's file of logins,"),
        "{name}"
    );
    assert_eq!(*why, "it holds credentials, so nothing of it is kept");
    assert!(page.app.typed.is_empty());
    assert_eq!(page.app.route, Route::parse("/verify"));
}

#[test]
fn credentials_are_kept_nowhere_and_the_page_says_why() {
    let text = std::str::from_utf8(LOGIN).expect("text");
    let mut page = loaded();
    // As a file, as text in the form, from the clipboard, in the box above, in a link.
    let done = page.give(&[("config.json", LOGIN)], true);
    nothing_is_kept(&mut page, done);
    let done = page.verify(verify::Msg::ContentSubmitted(text.into()));
    assert!(done.contains(&Done::Verify(verify::Effect::ForgetTyped)));
    nothing_is_kept(&mut page, done);
    let done = page.verify(verify::Msg::ClipboardRead(Some(text.into())));
    nothing_is_kept(&mut page, done);
    let done = typed(&mut page, text);
    nothing_is_kept(&mut page, done);
    let shared = Route::Shared {
        content: to_link(LOGIN),
        expected: String::new(),
    };
    let done = page.go(shared.to_string().trim_start_matches('#'));
    nothing_is_kept(&mut page, done);
    // Beside another content only that one is kept.
    let (entry, _) = drop_on(&mut page, &[("config.json", LOGIN), ("index.json", INDEX)]);
    assert_eq!(entry.files.map(|files| files.len()), Some(1));

    let mut page = Harness::at("/compose");
    let done = page.give(&[("auth.json", LOGIN)], true);
    assert!(!format!("{done:?}").contains("dTpw"), "{done:?}");
    let drawn = html(page);
    assert!(drawn.contains("nothing of it is kept"), "{drawn}");
    assert!(!drawn.contains("dTpw"), "{drawn}");
}

#[test]
fn what_stands_inside_of_an_output_is_gone_on_with() {
    let mut page = loaded();
    let digest = Digest::sha256(b"{}");
    let output = format!(
        r#"{{"Ref":"registry.example/a:1","Descriptor":{{"digest":"{digest}"}},"Raw":"e30="}}"#
    );
    let import = Import {
        files: vec![LocalContent::new("inspect.json", output.as_bytes(), true)],
        ..Import::default()
    };
    let done = page.send(Msg::Import(import));
    let Some(Done::Shell(Effect::PushHistory(entry, route))) = done.into_iter().next() else {
        panic!("it is shown")
    };
    page.send(Msg::Route(route, Some(entry)));
    let done = page.verify(verify::Msg::OpenInside);
    let Some(Done::Shell(Effect::PushHistory(entry, _))) = done.first() else {
        panic!("{done:?}")
    };
    assert_eq!(*entry.files.as_ref().expect("the bytes")[0].bytes, *b"{}");
    assert_eq!(entry.expected, digest.to_string());
}
