//! The first page, the box, the dialogs, and addresses that lead nowhere.

use waybill::app::Msg;
use waybill::shell::Request;
use waybill_core::registry::settings::{Access, Credentials, RegistrySettings};
use waybill_core::view::Action;

use super::Named;
use super::harness::Harness;

pub(crate) const STATES: &[Named] = &[
    ("start", || Harness::at("/")),
    ("start-submitted-empty", || submitted("")),
    ("start-reference", || typed("ghcr.io/team/app:1.2")),
    ("start-reference-with-digest", || {
        typed("app@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }),
    ("start-plain-http", || {
        typed("http://registry.example:5000/team/app")
    }),
    ("start-command", || typed("docker pull nginx:1.27")),
    ("start-hint", || typed("docker.io/ghcr.io/team/app:1.2")),
    ("start-message", || {
        typed(
            "Error response from daemon: manifest for r.example/app:2 not found: manifest unknown",
        )
    }),
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
    ("unknown-address", || Harness::at("/nothing/here")),
    ("unknown-tab", || {
        Harness::at("/inspect/app:1.0?tab=nothing")
    }),
    ("unknown-example", || Harness::at("/example/nothing")),
    ("unreadable-reference", || {
        Harness::at("/inspect/registry.example/Team/app")
    }),
    ("copied", || told(Msg::Copied(true))),
    ("not-copied", || told(Msg::Copied(false))),
    ("settings-two-registries", settings),
    ("settings-error", || {
        let mut harness = Harness::at("/");
        harness.send(Msg::SettingsSubmitted {
            host: "not a host".into(),
            settings: RegistrySettings::default(),
        });
        harness
    }),
];

fn typed(text: &str) -> Harness {
    let mut harness = Harness::at("/");
    harness.send(Msg::Typed(text.into()));
    harness
}

fn submitted(text: &str) -> Harness {
    let mut harness = Harness::at("/");
    harness.send(Msg::Typed(text.into()));
    harness.send(Msg::Submitted);
    harness
}

fn told(msg: Msg) -> Harness {
    let mut harness = Harness::at("/");
    harness.send(msg);
    harness
}

fn settings() -> Harness {
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
    harness.send(Msg::SettingsSubmitted {
        host: "registry.lan:5000".into(),
        settings: private,
    });
    let direct = RegistrySettings {
        access: Access::Direct,
        ..RegistrySettings::default()
    };
    harness.send(Msg::SettingsSubmitted {
        host: "zot.example".into(),
        settings: direct,
    });
    let host = "registry.lan:5000".parse().expect("a host");
    harness.send(Msg::Request(Request::Act(host, Action::AskCredentials)));
    harness
}
