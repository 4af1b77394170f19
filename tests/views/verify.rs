//! Verify: what was given, the digest that is expected, the verdict and its reason.

use waybill::app;
use waybill::local_content::{HistoryEntry, Import, LocalContent};
use waybill::route::Route;
use waybill::verify::Msg;
use waybill_core::digest::{Algorithm, Digest};
use waybill_core::humanize::start;
use waybill_core::report::Report;
use waybill_core::workflow::verify::to_link;
use waybill_testkit::fixtures;

use super::Named;
use super::harness::{Harness, SHARED_AT};

pub(crate) const STATES: &[Named] = &[
    ("verify-form", || Harness::at("/verify")),
    ("verify-form-with-a-digest", || {
        expecting(Harness::at("/verify"), &greeter_digest())
    }),
    ("verify-form-no-digest", || {
        expecting(Harness::at("/verify"), "sha256:abc")
    }),
    ("verify-form-left-out", || {
        let mut harness = Harness::at("/verify");
        let left_out = vec![("layer.tar".to_owned(), "at most 32 MiB are opened at once")];
        harness.send(app::Msg::Import(Import {
            left_out,
            ..Import::default()
        }));
        harness
    }),
    ("verify-gone", || {
        let mut harness = Harness::at("/");
        let entry = HistoryEntry {
            files: None,
            expected: greeter_digest(),
            key: "0".into(),
            left_out: Vec::new(),
        };
        harness.send(app::Msg::Route(Route::parse("/verify"), Some(entry)));
        harness
    }),
    ("verify-verified", || {
        expecting(given("manifest.json", &greeter()), &greeter_digest())
    }),
    ("verify-verified-from-text", || {
        let mut harness = expecting(
            Harness::at("/verify"),
            &format!("docker pull nginx@{}", greeter_digest()),
        );
        harness.give(&[("The pasted text", &greeter())], false);
        harness
    }),
    ("verify-verified-in-sha512", || {
        let digest = Digest::compute(Algorithm::Sha512, &greeter());
        expecting(
            given("manifest.json", &greeter()),
            &digest.encoded().to_uppercase(),
        )
    }),
    ("verify-verified-with-findings", || {
        let signed = fixtures::find("docker-schema1-signed/converted");
        expecting(given("signed.json", &signed.bytes), &signed.digest)
    }),
    ("verify-newline", || {
        expecting(given("manifest.json", &newline()), &greeter_digest())
    }),
    ("verify-newline-gone-on", || {
        let mut harness = expecting(given("manifest.json", &newline()), &greeter_digest());
        harness.verify(Msg::ApplyRemedy);
        harness
    }),
    ("verify-newline-json", || {
        let mut harness = expecting(given("manifest.json", &newline()), &greeter_digest());
        harness.go("/verify?tab=json");
        harness
    }),
    ("verify-crlf-and-mark", || {
        let index = fixtures::find("oci-index/lantern");
        let text = String::from_utf8(index.bytes.clone())
            .expect("text")
            .replace('\n', "\r\n");
        expecting(
            given("index.json", &[b"\xef\xbb\xbf", text.as_bytes()].concat()),
            &index.digest,
        )
    }),
    ("verify-other-content", || {
        let config = fixtures::find("oci-manifest/greeter");
        let config = String::from_utf8(config.bytes.clone()).expect("text");
        let digest = start(config.split("sha256:").nth(1).expect("a config"), 64);
        expecting(
            given("manifest.json", config.as_bytes()),
            &format!("sha256:{digest}"),
        )
    }),
    ("verify-whole-file-of-signed", || {
        let signed = fixtures::find("docker-schema1-signed/converted");
        expecting(
            given("signed.json", &signed.bytes),
            Digest::sha256(&signed.bytes).as_str(),
        )
    }),
    ("verify-cut-off", || {
        expecting(given("manifest.json", &greeter()[..300]), &greeter_digest())
    }),
    ("verify-no-cause", || {
        expecting(
            given("manifest.json", &greeter()),
            Digest::sha256(b"else").as_str(),
        )
    }),
    ("verify-no-digest", || {
        expecting(given("manifest.json", &greeter()), "sha256:xyz")
    }),
    ("verify-unsupported", || {
        expecting(given("manifest.json", &greeter()), "blake3:abcdef")
    }),
    ("verify-other-algorithm", || {
        let digest = Digest::compute(Algorithm::Sha512, &greeter());
        expecting(
            given("manifest.json", &greeter()),
            &format!("sha256:{}", digest.encoded()),
        )
    }),
    ("verify-no-manifest", || {
        expecting(
            given("a.txt", b"hello\n"),
            Digest::sha256(b"hello\n").as_str(),
        )
    }),
    ("verify-config-alone", || given("config.json", CONFIG)),
    ("verify-inspect-output", || {
        given("inspect.json", INSPECTED.as_bytes())
    }),
    ("verify-credentials", || {
        let mut harness = Harness::at("/verify");
        let login = br#"{"auths":{"registry.example":{"auth":"dTpw"}}}"#;
        harness.give(&[("config.json", login)], true);
        harness
    }),
    ("verify-too-large-for-the-history", || {
        let mut harness = given("manifest.json", &greeter());
        harness.send(app::Msg::HistorySaved(false));
        harness
    }),
    ("verify-layout", || {
        layout(&fixtures::find("oci-index/lantern").digest)
    }),
    ("verify-layout-another", || {
        let image = fixtures::find("oci-manifest/lantern-linux-amd64");
        layout(&image.digest)
    }),
    ("verify-layout-none", || {
        layout(Digest::sha256(b"else").as_str())
    }),
    ("verify-shared", || {
        let link = Route::Shared {
            content: to_link(&greeter()),
            expected: greeter_digest(),
        };
        Harness::at(link.to_string().trim_start_matches('#'))
    }),
    ("verify-shared-cut", || Harness::at("/verify?content=e3")),
    ("verify-share", || shared(&greeter())),
    ("verify-share-long", || {
        shared(&[b"{\"a\":\"", [b'x'; 9_000].as_slice(), b"\"}"].concat())
    }),
    ("verify-share-too-long", || shared(&[b' '; 80_000])),
    ("verify-report", || given("app.report.json", &report())),
    ("verify-report-changed", || {
        let report = changed(|report| report["manifest"]["data"] = "e30=".into());
        given("app.report.json", &report)
    }),
    ("verify-report-of-another-version", || {
        let report = changed(|report| report["version"] = 2.into());
        given("app.report.json", &report)
    }),
    ("verify-report-expected", || {
        let report = report();
        let digest = Digest::sha256(&report);
        expecting(given("app.report.json", &report), digest.as_str())
    }),
    ("verify-report-gone-on", || {
        let mut harness = given("app.report.json", &report());
        harness.verify(Msg::OpenInside);
        harness
    }),
];

const CONFIG: &[u8] =
    br#"{"architecture":"arm64","os":"linux","config":{"Cmd":["sh"]},"rootfs":{"type":"layers"}}"#;

/// What `docker manifest inspect --verbose` writes, of `{}`.
const INSPECTED: &str = r#"{"Ref":"registry.example/app:1","Descriptor":{"digest":
    "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},"Raw":"e30="}"#;

fn greeter() -> Vec<u8> {
    fixtures::find("oci-manifest/greeter").bytes.clone()
}

fn greeter_digest() -> String {
    fixtures::find("oci-manifest/greeter").digest.clone()
}

fn newline() -> Vec<u8> {
    [&*greeter(), b"\n"].concat()
}

/// The report of an image below an index, as somebody saved it.
pub(crate) fn report() -> Vec<u8> {
    let image = &fixtures::find("oci-manifest/lantern-linux-arm64").digest;
    let at = format!("/inspect/registry.example/fixtures/lantern:2.4.1?at={image}");
    let harness = Harness::at(&at).served("oci-index/lantern");
    let model = &harness.inspected().expect("an inspection").model;
    let report = Report::of(model, SHARED_AT).expect("it is here");
    report.to_json().into_bytes()
}

/// The same with something changed.
fn changed(change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let mut whole = serde_json::from_slice(&report()).expect("JSON");
    change(&mut whole);
    whole.to_string().into_bytes()
}

fn given(name: &str, bytes: &[u8]) -> Harness {
    Harness::opened(name, bytes, true)
}

fn expecting(mut harness: Harness, digest: &str) -> Harness {
    harness.verify(Msg::ExpectedChanged(digest.into()));
    harness
}

/// An index, an image and its config opened together.
fn layout(expected: &str) -> Harness {
    let (index, image) = (
        fixtures::find("oci-index/lantern"),
        fixtures::find("oci-manifest/lantern-linux-amd64"),
    );
    let text = std::str::from_utf8(&image.bytes).expect("text");
    let config = [
        "sha256:",
        start(text.split("sha256:").nth(1).expect("a config"), 64),
    ]
    .concat();
    let mut harness = expecting(Harness::at("/verify"), expected);
    let other = LocalContent::new("notes.txt", *b"not a manifest", true);
    harness.give(
        &[
            ("image", &image.bytes),
            ("config", &fixtures::blob(&config)),
            ("index", &index.bytes),
            ("notes.txt", &other.bytes),
        ],
        true,
    );
    harness
}

fn shared(bytes: &[u8]) -> Harness {
    let mut harness = given("manifest.json", bytes);
    harness.verify(Msg::Share);
    harness
}
