//! The fixtures, and arithmetic by libraries in place of the browser's.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use serde_json::Value;
use waybill_core::base64;
use waybill_core::digest::Digest;
use waybill_signatures::{
    Algorithm, Arithmetic, Form, Given, Question, Report, Signed, Subject, TrustedRoot,
    Unavailable, check,
};
use waybill_testkit::{fixtures, signature};

/// Some time when all fixtures are of their time: 2027-01-01.
pub(crate) const NOW: i64 = 1_798_761_600;

/// Arithmetic by libraries.
pub(crate) struct Library;

impl Arithmetic for Library {
    async fn verify(
        &self,
        key: &[u8],
        algorithm: Algorithm,
        message: &[u8],
        signed: &[u8],
    ) -> Result<bool, Unavailable> {
        let kind = match algorithm {
            Algorithm::Ecdsa(curve, _) => curve.name(),
            Algorithm::RsaPkcs1(_) => "PKCS1",
            Algorithm::RsaPss(_) => "PSS",
        };
        let hash = algorithm.hash().name();
        signature::verify(key, kind, hash, message, signed).ok_or(Unavailable::Key)
    }
}

/// A page without `WebCrypto`.
pub(crate) struct Insecure;

impl Arithmetic for Insecure {
    async fn verify(
        &self,
        _: &[u8],
        _: Algorithm,
        _: &[u8],
        _: &[u8],
    ) -> Result<bool, Unavailable> {
        Err(Unavailable::InsecurePage)
    }
}

/// Runs a check, which waits for nothing here.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here has to be waited for"),
    }
}

/// A signature that a tool made, the image, and what holds it.
#[derive(Clone)]
pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) signed: Signed,
    pub(crate) subject: Subject,
    pub(crate) given: Given,
    /// What cosign itself says of it, where it was asked.
    pub(crate) cosign: Option<bool>,
}

impl Fixture {
    /// Checks it with what holds it.
    pub(crate) fn check(&self) -> Report {
        self.check_with(&self.given)
    }

    pub(crate) fn check_with(&self, given: &Given) -> Report {
        let question = Question {
            signed: &self.signed,
            subject: &self.subject,
            looked_at: None,
            asked: None,
            given,
            now: NOW,
        };
        now(check(&question, &Library))
    }

    /// The same with another blob, which its manifest names rightly.
    pub(crate) fn with_blob(&self, bytes: Vec<u8>) -> Self {
        let mut other = self.clone();
        other.signed.digest = Digest::sha256(&bytes);
        other.signed.size = bytes.len() as u64;
        other.signed.bytes = bytes;
        other
    }
}

pub(crate) fn given(text: &str) -> Given {
    let mut given = Given::default();
    given.add(text.as_bytes()).expect(text);
    given
}

/// An image or index of the fixtures.
pub(crate) fn subject(name: &str) -> Subject {
    let fixture = fixtures::find(name);
    let bytes = fixture.bytes.clone();
    Subject {
        digest: Digest::sha256(&bytes),
        size: bytes.len() as u64,
        media_type: fixture.media_type.clone(),
        bytes,
    }
}

fn index() -> Value {
    let path = waybill_testkit::project().join("tests/fixtures/signature_checks/index.json");
    serde_json::from_slice(&std::fs::read(path).expect("the fixtures")).expect("JSON")
}

/// What may be given, by its name.
pub(crate) fn all_given() -> BTreeMap<String, String> {
    serde_json::from_value(index()["given"].clone()).expect("texts")
}

/// Every fixture.
pub(crate) fn all() -> Vec<Fixture> {
    let index = index();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let signatures = index["signatures"].as_array().expect("signatures");
    let read = |one: &Value| {
        let media_type = text(&one["mediaType"]);
        Fixture {
            name: text(&one["name"]),
            signed: Signed {
                form: Form::of_media_type(&media_type).expect("a form that is read"),
                bytes: base64::decode(&text(&one["blob"])).expect("base64"),
                digest: text(&one["digest"]).parse().expect("a digest"),
                size: one["size"].as_u64().expect("a size"),
                annotations: serde_json::from_value(one["annotations"].clone()).expect("pairs"),
            },
            subject: subject(&text(&one["subject"])),
            given: given(&text(&index["given"][text(&one["given"])])),
            cosign: one["cosign"].as_bool(),
        }
    };
    signatures.iter().map(read).collect()
}

/// The fixture of this name; of several the first.
pub(crate) fn find(name: &str) -> Fixture {
    let found = all().into_iter().find(|one| one.name == name);
    found.expect(name)
}

/// The same with a blob of JSON that was changed, which its manifest names rightly.
pub(crate) fn edited(fixture: &Fixture, change: impl Fn(&mut Value)) -> Fixture {
    let mut value = serde_json::from_slice(&fixture.signed.bytes).expect("JSON");
    change(&mut value);
    fixture.with_blob(value.to_string().into_bytes())
}

/// Whom the certificates of our own issuers name.
const SOMEBODY: &str = "somebody@waybill.example";

/// A bundle that the issuers of our own made, with their root and the name that its certificate has.
pub(crate) fn authority(name: &str) -> Fixture {
    let own = &index()["authority"];
    let bytes = own["bundles"][name].to_string().into_bytes();
    let root = own["root"].to_string();
    let given = Given {
        signer: Some(SOMEBODY.to_owned()),
        ..given(&root)
    };
    bundle(name, bytes, subject("oci-manifest/greeter"), given)
}

/// A signature beside an image, by a certificate of those issuers.
pub(crate) fn authority_payload() -> Fixture {
    let own = &index()["authority"];
    let blob = own["payload"]["blob"].as_str().expect("text");
    let bytes = base64::decode(blob).expect("base64");
    let root = own["root"].to_string();
    let mut fixture = bundle(
        "payload",
        bytes,
        subject("oci-manifest/greeter"),
        Given {
            signer: Some(SOMEBODY.to_owned()),
            ..given(&root)
        },
    );
    fixture.signed.form = Form::Cosign;
    let annotations = own["payload"]["annotations"].clone();
    fixture.signed.annotations = serde_json::from_value(annotations).expect("pairs");
    fixture
}

/// The root certificate of those issuers alone.
pub(crate) fn authority_certificate() -> Given {
    given(index()["authority"]["certificate"].as_str().expect("PEM"))
}

fn bundle(name: &str, bytes: Vec<u8>, subject: Subject, given: Given) -> Fixture {
    Fixture {
        name: name.to_owned(),
        signed: Signed {
            form: Form::Bundle,
            digest: Digest::sha256(&bytes),
            size: bytes.len() as u64,
            annotations: Vec::new(),
            bytes,
        },
        subject,
        given,
        cosign: None,
    }
}

/// Sigstore's public root, as the page has it.
pub(crate) fn public() -> Given {
    let bytes = std::fs::read(waybill_testkit::project().join("static/sigstore-root.json"));
    let root = TrustedRoot::read(
        &bytes.expect("the root"),
        "sigstore's public root of 2025-09-22",
    );
    Given {
        root: Some(root.expect("a root")),
        ..Given::default()
    }
}

/// A bundle that GitHub signed in public: the provenance of an npm package, whose digest is a SHA-512.
pub(crate) fn sigstore_js() -> Fixture {
    let path = "tests/fixtures/signature_checks/sigstore-js-2.0.0.json";
    let bytes = std::fs::read(waybill_testkit::project().join(path)).expect("the bundle");
    let digest = "sha512:46d4e2f74c4877316640000a6fdf8a8b59f1e0847667973e9859f774dd31b8f1e0937813b777fb66a2ac67d50540fe\
                  34640966eee9fc2ccca387082b4c85cd3c";
    let subject = Subject {
        digest: digest.parse().expect("a digest"),
        size: 0,
        media_type: String::new(),
        bytes: Vec::new(),
    };
    let workflow =
        "https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main";
    let given = Given {
        signer: Some(workflow.to_owned()),
        ..public()
    };
    bundle("sigstore-js", bytes, subject, given)
}
