use waybill_core::manifest::schema1::jws::Checked;

use super::*;

const INDEX: &[u8] = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;

fn page() -> State {
    State::new("127.0.0.1:8080".into(), Theme::System)
}

fn go(state: &mut State, hash: &str) -> Vec<Effect> {
    state.update(Msg::Route(Route::parse(hash), None))
}

/// Answers the fetch of the root.
fn answer(state: &mut State, effects: &[Effect], bytes: &[u8]) -> Vec<Effect> {
    let stamp = effects.iter().find_map(|effect| match effect {
        Effect::Fetch { stamp, key: Key::Root, .. } => Some(*stamp),
        _ => None,
    });
    let result = Ok(Arrival { via: Some(Via::Proxy), ..Arrival::local(bytes.into()) });
    let stamp = stamp.expect("the root is fetched");
    state.update(Msg::Inspect(inspect::Msg::Arrived { stamp, key: Key::Root, result }))
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
    assert_eq!(effects, [Effect::Go(Route::parse("/inspect/http://registry.example:5000/a"))]);
    for wrong in ["", "UPPER/Case", &Digest::sha256(b"").to_string()] {
        assert_eq!(typed(&mut state, wrong), [Effect::Focus(BOX)], "{wrong}");
        assert!(state.submitted);
    }
}

#[test]
fn a_reference_is_fetched_titled_and_its_verdict_focused_once() {
    let mut state = page();
    let effects = go(&mut state, "/inspect/registry.example/a/b:1");
    assert_eq!(effects[0], Effect::Title("registry.example/a/b:1 · Waybill".into()));
    assert!(matches!(&effects[1], Effect::Fetch { reference, .. } if reference.repository().as_str() == "a/b"));
    assert_eq!(state.via(), None);
    assert_eq!(answer(&mut state, &effects, INDEX), [Effect::Focus(VERDICT)]);
    assert_eq!(state.via().as_deref(), Some("through the proxy at 127.0.0.1:8080"));
    assert_eq!(go(&mut state, "/inspect/registry.example/a/b:1?tab=json"), []);
    assert_eq!(go(&mut state, "/"), [Effect::Abort, Effect::Title("Waybill".into())]);
}

#[test]
fn plain_http_in_the_address_is_the_persons_choice() {
    let mut state = page();
    let effects = go(&mut state, "/inspect/http://registry.example:5000/a");
    let host: RegistryHost = "registry.example:5000".parse().expect("a host");
    assert!(effects.contains(&Effect::SetPlainHttp(host.clone())));
    assert!(state.registries.get(&host).is_some_and(|choice| choice.plain_http));
}

#[test]
fn a_tag_is_pinned_to_what_its_bytes_hash_to() {
    let mut state = page();
    assert_eq!(state.update(Msg::Pin), []);
    let effects = go(&mut state, "/inspect/http://registry.example:5000/a:1?tab=json");
    answer(&mut state, &effects, INDEX);
    let pinned = format!("/inspect/http://registry.example:5000/a:1@{}?tab=json", Digest::sha256(INDEX));
    assert_eq!(state.update(Msg::Pin), [Effect::Go(Route::parse(&pinned))]);
    let effects = go(&mut state, &pinned);
    answer(&mut state, &effects, INDEX);
    assert_eq!(state.update(Msg::Pin), [], "a digest needs no pin");
}

#[test]
fn files_are_named_after_what_they_hold() {
    let mut state = page();
    assert_eq!(state.update(Msg::Save(What::Manifest)), []);
    let effects = go(&mut state, "/inspect/registry.example/team/app:2.1");
    answer(&mut state, &effects, INDEX);
    assert_eq!(state.update(Msg::Save(What::Manifest)), [Effect::Save("app-2.1.index.json".into(), INDEX.into())]);
    assert_eq!(state.update(Msg::Save(What::Config)), []);
    go(&mut state, "/example/image");
    let [Effect::Save(name, bytes)] = &state.update(Msg::Save(What::Config))[..] else { panic!("a file") };
    assert_eq!((name.as_str(), bytes.is_empty()), ("manifest.config.json", false));
}

#[test]
fn settings_are_kept_without_the_password_and_ask_again() {
    let mut state = page();
    let effects = go(&mut state, "/inspect/registry.example/a");
    answer(&mut state, &effects, b"<html>");
    let credentials =
        waybill_core::registry::settings::Credentials { username: "me".into(), password: "secret".into() };
    let settings = RegistrySettings { credentials: Some(credentials), ..RegistrySettings::default() };
    let msg = |host: &str| Msg::Registry { host: host.into(), settings: settings.clone() };
    assert_eq!(state.update(msg("no host/")), [Effect::Focus("settings-host")]);
    assert!(state.settings_error.is_some());
    let effects = state.update(msg("registry.example"));
    let host: RegistryHost = "registry.example".parse().expect("a host");
    assert_eq!(effects[..2], [Effect::Configure(host.clone(), settings.clone()), Effect::Close(SETTINGS)]);
    assert_eq!(state.registries.get(&host).and_then(|choice| choice.username.as_deref()), Some("me"));
    assert!(!format!("{effects:?} {:?}", state.registries).contains("secret"));
}

#[test]
fn examples_are_whole_without_a_network() {
    for example in examples::EXAMPLES {
        let mut state = page();
        let effects = go(&mut state, &format!("/example/{}", example.name));
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Fetch { .. })), "{}", example.name);
        for effect in effects {
            if let Effect::CheckSignatures { key, signed } = effect {
                // That it does hold is what tests/views.rs checks.
                let results = vec![Checked::Holds];
                state.update(Msg::Inspect(inspect::Msg::SignaturesChecked { key, signed, results }));
            }
        }
        let model = &state.inspection.as_ref().expect("an inspection").model;
        assert_eq!(model.pending(), 0);
        let good = model.summary().mark.seal == inspect::Seal::Good;
        assert_eq!(good, example.name != "lying", "{}: {:?}", example.name, model.summary());
    }
}

#[test]
fn given_bytes_get_an_entry_of_their_own_and_are_gone_without_it() {
    let mut state = page();
    let given = Given { name: "manifest.json".into(), bytes: INDEX.into(), exact: true };
    let route = Route::parse("/opened");
    assert_eq!(state.update(Msg::Given(given.clone())), [Effect::PushOpened(given.clone(), route.clone())]);
    state.update(Msg::Route(route.clone(), Some(given)));
    let title = state.inspection.as_ref().expect("an inspection").model.summary().title;
    assert_eq!(title, "manifest.json is an OCI image index of 0 entries");
    let mut other = page();
    other.update(Msg::Route(route, None));
    assert!(other.inspection.is_none());
}
