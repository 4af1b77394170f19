//! The first page, the box, the dialogs, and addresses that lead nowhere.

use waybill::state::{Msg, State};
use waybill_core::registry::settings::{Access, Credentials, RegistrySettings};

use super::Named;
use super::harness::Harness;

pub(crate) const STATES: &[Named] = &[
    ("start", || Harness::at("/").state),
    ("start-submitted-empty", || submitted("")),
    ("start-reference", || typed("ghcr.io/team/app:1.2")),
    ("start-reference-with-digest", || {
        typed("app@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }),
    ("start-plain-http", || {
        typed("http://registry.example:5000/team/app")
    }),
    ("start-command", || typed("docker pull nginx:1.27")),
    ("start-address-of-a-page", || {
        typed("https://hub.docker.com/_/nginx")
    }),
    ("start-digest", || {
        typed("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }),
    ("start-digest-submitted", || {
        submitted("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }),
    ("start-manifest", || typed(r#"{"schemaVersion":2}"#)),
    ("start-malformed", || typed("registry.example/Team/app")),
    ("start-malformed-submitted", || {
        submitted("registry.example/Team/app")
    }),
    ("unknown-address", || Harness::at("/nothing/here").state),
    ("unknown-tab", || {
        Harness::at("/inspect/app:1.0?tab=nothing").state
    }),
    ("unknown-example", || Harness::at("/example/nothing").state),
    ("unreadable-reference", || {
        Harness::at("/inspect/registry.example/Team/app").state
    }),
    ("copied", || told(Msg::Copied(true))),
    ("not-copied", || told(Msg::Copied(false))),
    ("settings-two-registries", settings),
    ("settings-error", || {
        let mut harness = Harness::at("/");
        harness.send(Msg::Registry {
            host: "not a host".into(),
            settings: RegistrySettings::default(),
        });
        harness.state
    }),
];

fn typed(text: &str) -> State {
    let mut harness = Harness::at("/");
    harness.send(Msg::Typed(text.into()));
    harness.state
}

fn submitted(text: &str) -> State {
    let mut harness = Harness::at("/");
    harness.send(Msg::Typed(text.into()));
    harness.send(Msg::Submitted);
    harness.state
}

fn told(msg: Msg) -> State {
    let mut harness = Harness::at("/");
    harness.send(msg);
    harness.state
}

fn settings() -> State {
    let mut harness = Harness::at("/");
    let credentials = Some(Credentials {
        username: "mira".into(),
        password: "never shown".into(),
    });
    let private = RegistrySettings {
        access: Access::Proxy,
        plain_http: true,
        credentials,
    };
    harness.send(Msg::Registry {
        host: "registry.lan:5000".into(),
        settings: private,
    });
    let direct = RegistrySettings {
        access: Access::Direct,
        ..RegistrySettings::default()
    };
    harness.send(Msg::Registry {
        host: "zot.example".into(),
        settings: direct,
    });
    harness.send(Msg::OpenSettings(Some("registry.lan:5000".into())));
    harness.state
}
