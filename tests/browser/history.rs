//! The address is the route, and a history entry may hold bytes.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use waybill::browser::history;
use waybill::local_content::{HistoryEntry, Import, LocalContent};
use waybill::route::Route;
use waybill_core::digest::Digest;

use super::window;

fn hash() -> String {
    window().location().hash().expect("a hash")
}

/// Does `action`, and waits until the browser says that another history entry is shown.
async fn until_popstate(action: impl FnOnce()) {
    let window = window();
    let heard = Promise::new(&mut |resolve, _| {
        let listening = window.add_event_listener_with_callback("popstate", &resolve);
        listening.expect("a listener");
    });
    action();
    JsFuture::from(heard).await.expect("an event");
}

#[wasm_bindgen_test]
fn every_route_comes_back_from_the_address_bar() {
    let digest = Digest::sha256(b"a");
    for text in [
        "/".to_owned(),
        "/example/index?tab=json".to_owned(),
        "/inspect/nginx:1.27".to_owned(),
        "/inspect/http://[::1]:5000/team/app:1.0?tab=layers".to_owned(),
        format!("/inspect/ghcr.io/team/app@{digest}?at={digest},{digest}&tab=config"),
        "/nothing/é \" <b>".to_owned(),
    ] {
        let route = Route::parse(&text);
        history::navigate(&route);
        assert_eq!(history::route(), route, "{}", hash());
    }
    // A person may type escapes, also broken ones.
    for (typed, route) in [
        ("#/inspect/nginx%3A1.27", "/inspect/nginx:1.27"),
        ("#/%zz", "/%zz"),
        ("", ""),
    ] {
        window().location().set_hash(typed).expect("a hash");
        assert_eq!(history::route(), Route::parse(route), "{typed}");
    }
}

fn entry(files: Vec<LocalContent>) -> HistoryEntry {
    HistoryEntry::new(
        Import {
            files,
            ..Import::default()
        },
        "sha256:abc".into(),
    )
}

#[wasm_bindgen_test]
async fn what_was_opened_lives_in_its_history_entry() {
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let file = LocalContent::new("mänifest.json", bytes, true);
    let text = LocalContent::text("The pasted text", "{}");
    let both = entry(vec![file, text.clone()]);
    history::navigate(&Route::Start);
    assert_eq!(history::opened(), None);
    let route = Route::parse("/verify");
    assert!(history::push_opened(&both, &route));
    assert_eq!(
        (history::route(), history::opened().as_ref()),
        (route.clone(), Some(&both))
    );
    let one = entry(vec![text]);
    assert_ne!(one.key, both.key);
    assert!(history::push_opened(&one, &route));
    assert_eq!(history::opened().as_ref(), Some(&one));
    until_popstate(|| {
        window()
            .history()
            .and_then(|history| history.back())
            .expect("back");
    })
    .await;
    assert_eq!(
        (history::route(), history::opened().as_ref()),
        (route, Some(&both))
    );
    until_popstate(|| {
        window()
            .history()
            .and_then(|history| history.back())
            .expect("back");
    })
    .await;
    assert_eq!((history::route(), history::opened()), (Route::Start, None));
}

#[wasm_bindgen_test]
fn contents_that_are_too_many_for_the_history_leave_their_key() {
    let large = entry(vec![LocalContent::new("large", vec![7; 9 << 20], true)]);
    assert!(!history::push_opened(&large, &Route::parse("/verify")));
    assert_eq!(
        history::opened(),
        Some(HistoryEntry {
            files: None,
            ..large
        })
    );
}

#[wasm_bindgen_test]
fn an_entry_of_somebody_else_holds_no_bytes() {
    for state in [
        "null",
        "7",
        "[]",
        "['name']",
        "['key', 'digest', 7]",
        "['key', 'digest', true, 'name', 'bytes', true]",
        "{name: 'x'}",
    ] {
        let state: JsValue = super::js(state);
        window()
            .history()
            .expect("a history")
            .replace_state(&state, "")
            .expect("replaced");
        assert_eq!(history::opened(), None, "{state:?}");
    }
}

#[wasm_bindgen_test]
fn the_host_is_the_pages_own() {
    assert_eq!(
        format!("http://{}", history::host()),
        window().location().origin().expect("an origin")
    );
}
