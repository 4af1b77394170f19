//! What is said of a registry's odd answers. The folder's own registry is asked in `e2e/cases.test.mjs`; these are
//! further answers of each kind.

use waybill_core::digest::Digest;
use waybill_core::finding::{Code, Severity};
use waybill_core::reference::Reference;
use waybill_core::registry::client::Client;
use waybill_core::registry::error::RegistryError;
use waybill_core::registry::settings::{Access, RegistrySettings};
use waybill_core::registry::transport::{Response, TransportError};
use waybill_core::view::{Action, Summary};
use waybill_core::workflow::fetch::{Failure, Generation, Received};
use waybill_core::workflow::inspect::{
    ContentKey, Effect, InspectTarget, MismatchCause, Model, Msg, explain, update,
};
use waybill_testkit::transport::{Script, answer, with};

const MANIFEST: &str = "proxy GET https://r.example/v2/a/b/manifests/1 | accept: \
    application/vnd.oci.image.index.v1+json,application/vnd.oci.image.manifest.v1+json,\
    application/vnd.docker.distribution.manifest.list.v2+json,application/vnd.docker.distribution.manifest.v2+json,\
    application/vnd.docker.distribution.manifest.v1+prettyjws,application/vnd.docker.distribution.manifest.v1+json";
const TOKEN: &str =
    "proxy token GET https://auth.example/token?service=r.example&scope=repository:a/b:pull";
const IMAGE: &str = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}"#;

fn proxied() -> Client<Script> {
    let client = Client::new(Script::new());
    let settings = RegistrySettings {
        access: Access::Proxy,
        ..RegistrySettings::default()
    };
    client.configure(&"r.example".parse().expect("a host"), settings);
    client
}

/// Inspects `r.example/a/b:1`, which is answered by what the client's script says.
fn inspect(client: &Client<Script>) -> (Model, Option<RegistryError>) {
    let reference: Reference = "r.example/a/b:1".parse().expect("a reference");
    let target = reference.target();
    let read = client.manifest(reference.host(), reference.repository(), &target, None);
    let result = client.transport().run(read);
    client.transport().finish();
    let error = result.as_ref().err().cloned();
    let subject = InspectTarget::Registry(reference);
    let (mut model, _) = Model::open(subject, Vec::new(), Generation(1));
    let effects = update(
        &mut model,
        Msg::Received {
            generation: Generation(1),
            key: ContentKey::Root,
            result: result.map(Received::from).map_err(Failure::from),
        },
    );
    run_causes(&mut model, effects);
    (model, error)
}

/// Finds out why bytes differ, as the page does, and drops what else is wanted.
fn run_causes(model: &mut Model, effects: Vec<Effect>) {
    for effect in effects {
        if let Effect::Explain {
            key,
            bytes,
            expected,
        } = effect
            && let Some(told) = explain(key, &bytes, expected)
        {
            assert_eq!(update(model, told), []);
        }
    }
}

fn refused(response: Response) -> (Summary, RegistryError) {
    let client = proxied();
    client.transport().expect(MANIFEST, Ok(response));
    let (model, error) = inspect(&client);
    (model.summary(), error.expect("an error"))
}

#[test]
fn a_registrys_own_words_lead_at_any_status_and_in_any_shape() {
    for (status, body, words, meaning) in [
        // As the specification has it, whatever the status.
        (
            412,
            r#"{"errors":[{"code":"PROJECTPOLICYVIOLATION","message":"18 vulnerabilities"}]}"#,
            "PROJECTPOLICYVIOLATION, 18 vulnerabilities",
            "The registry refused: ",
        ),
        (
            451,
            r#"{"errors":[{"code":"DENIED","message":"not in your country"}]}"#,
            "DENIED, not in your country",
            "You may not read this: ",
        ),
        (
            400,
            r#"{"errors":[{"status":400,"message":"Unsupported request for 'null'"}]}"#,
            "Unsupported request for 'null'",
            "The registry refused: ",
        ),
        (
            500,
            r#"{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":"disk is full"}]}"#,
            "UNKNOWN, unknown error, disk is full",
            "The registry has a fault: ",
        ),
        (
            400,
            r#"{"errors":[{"code":"MANIFEST_INVALID","message":"manifest invalid","detail":{"message":"no such schema"}}]}"#,
            "MANIFEST_INVALID, manifest invalid, no such schema",
            "The registry cannot read this manifest: ",
        ),
        (
            404,
            r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"1"}}]}"#,
            "MANIFEST_UNKNOWN, manifest unknown",
            "There is no such manifest: ",
        ),
        (
            404,
            r#"{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}"#,
            "NAME_UNKNOWN, repository name not known to registry",
            "There is no such repository: ",
        ),
        (
            403,
            r#"{"errors":[{"code":"NAME_UNKNOWN","message":"no repository x"}]}"#,
            "NAME_UNKNOWN, no repository x",
            "There is no such repository: ",
        ),
        // Other shapes.
        (
            403,
            r#"{"errors":"blocked by policy: 3 CVEs"}"#,
            "blocked by policy: 3 CVEs",
            "You may not read this: ",
        ),
        (
            429,
            "{ \"message\": \"Too many\\n requests!\" }",
            "Too many requests!",
            "The registry asks you to wait: ",
        ),
        (
            404,
            r#"{"timestamp":"2026-01-01T00:00:00Z","status":404,"error":"Not Found","path":"/v2/a"}"#,
            "Not Found",
            "There is no such manifest: ",
        ),
        (
            401,
            r#"{"error":"unauthorized"}"#,
            "unauthorized",
            "The registry asks who you are: ",
        ),
        (
            418,
            "short and stout\n",
            "short and stout",
            "The registry refused: ",
        ),
    ] {
        let (summary, error) = refused(answer(status, body));
        assert_eq!(summary.title, ["The registry says: ", words].concat());
        assert!(summary.detail.starts_with(meaning), "{}", summary.detail);
        assert!(summary.detail.contains(&format!("({status})")));
        let told = error.explain();
        assert!(
            !told
                .next
                .iter()
                .any(|next| next.contains("check that a registry answers"))
                || !body.contains("\"errors\":[")
        );
    }
    // One that says nothing, and a page of a gateway's.
    for body in [
        "",
        r#"{"errors":[]}"#,
        r#"{"errors":null}"#,
        "{}",
        "<html>502 Bad Gateway</html>",
        "<?xml version=\"1.0\"?><Error><Message>Only one mechanism</Message></Error>",
    ] {
        let (summary, _) = refused(answer(502, body));
        assert_eq!(summary.title, "The registry has a fault", "{body}");
    }
    let long = refused(answer(400, "so long ".repeat(1000))).0.title;
    assert!(long.chars().count() < 530 && long.ends_with('…'), "{long}");
}

#[test]
fn a_fault_of_the_token_service_is_told_with_its_address() {
    let asked = |answered: Result<Response, TransportError>| {
        let client = proxied();
        let challenge = r#"Bearer realm="https://auth.example/token",service="r.example",scope="repository:a/b:pull""#;
        let wanted = with(answer(401, ""), "www-authenticate", challenge);
        client.transport().expect(MANIFEST, Ok(wanted));
        client.transport().expect(TOKEN, answered);
        let (model, error) = inspect(&client);
        (model.summary().title, error.expect("an error").explain())
    };
    let refuses = |code: &str| {
        Err(TransportError::ProxyRefused {
            code: code.into(),
            message: "why".into(),
        })
    };
    for (answered, words) in [
        (Ok(answer(200, "<html>Sign in</html>")), "gave no token"),
        (Ok(answer(200, "{}")), "gave no token"),
        (refuses("TOKEN_REFUSED"), "gave no token"),
        (refuses("ADDRESS_REFUSED"), "could not be reached"),
        (refuses("UPSTREAM_UNREACHABLE"), "could not be reached"),
        (refuses("UPSTREAM_TIMEOUT"), "could not be reached"),
        (
            Err(TransportError::BrokenBody { received: 3 }),
            "could not be reached",
        ),
        (Ok(answer(503, "")), "has a fault"),
        (Ok(answer(403, "<html>no</html>")), "refused"),
        (
            Ok(answer(
                403,
                r#"{"errors":[{"code":"DENIED","message":"access is denied"}]}"#,
            )),
            "says: DENIED, access is denied",
        ),
        (
            Ok(answer(
                400,
                r#"{"details":"incorrect username or password"}"#,
            )),
            "says: incorrect username or password",
        ),
        (
            Ok(answer(500, "upstream connect error")),
            "says: upstream connect error",
        ),
    ] {
        let (title, told) = asked(answered);
        let address = "The token service at https://auth.example/token ";
        assert_eq!(title, [address, words].concat());
        // Nothing on headers of a registry, which answered.
        assert_eq!(told.snippet, None);
        assert!(told.causes.iter().all(|cause| !cause.contains("CORS")));
        assert!(told.actions.contains(&Action::Retry) && !told.next.is_empty());
    }
    // What is the browser's or the proxy's own fault stays that.
    for (fault, words) in [
        (TransportError::Offline, "This browser is offline"),
        (TransportError::ProxyDown, "The proxy does not answer"),
    ] {
        assert_eq!(asked(Err(fault)).0, words);
    }
}

#[test]
fn a_content_type_that_was_not_sent_is_a_warning() {
    let findings = |response: Response| {
        let client = proxied();
        client.transport().expect(MANIFEST, Ok(response));
        let (model, _) = inspect(&client);
        let findings = model.findings().iter();
        findings
            .map(|it| (it.code, it.severity(), it.message.clone()))
            .collect::<Vec<_>>()
    };
    let missing = (
        Code::ContentTypeMissing,
        Severity::Warning,
        "the registry sent no Content-Type".to_owned(),
    );
    let index = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
    for response in [
        answer(200, IMAGE),
        with(answer(200, IMAGE), "content-type", ""),
        with(answer(200, IMAGE), "content-type", " ; charset=utf-8"),
        answer(200, index),
    ] {
        assert!(findings(response).contains(&missing));
    }
    let kind = "application/vnd.oci.image.manifest.v1+json; charset=utf-8";
    let said = findings(with(answer(200, IMAGE), "content-type", kind));
    assert!(!said.contains(&missing));
    // One that was sent and is another's is as bad as it was.
    let said = findings(with(
        answer(200, IMAGE),
        "content-type",
        "application/octet-stream",
    ));
    assert_eq!(
        (said[0].0, said[0].1),
        (Code::MediaTypeConflict, Severity::Error)
    );
}

#[test]
fn a_blob_that_is_gone_was_lost_by_the_registry() {
    let digest = Digest::sha256(b"{}");
    let url = format!("proxy GET https://r.example/v2/a/b/blobs/{digest}");
    for (status, body) in [
        (
            404,
            r#"{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown to registry"}]}"#,
        ),
        (404, ""),
        (
            404,
            "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>",
        ),
        (400, r#"{"errors":[{"code":"BLOB_UNKNOWN"}]}"#),
        (500, r#"{"errors":[{"code":"BLOB_UNKNOWN"}]}"#),
    ] {
        let client = proxied();
        client.transport().expect(&url, Ok(answer(status, body)));
        let reference: Reference = "r.example/a/b".parse().expect("a reference");
        let read = client.blob(reference.host(), reference.repository(), &digest, 4096);
        let error = client.transport().run(read).expect_err("an error");
        assert_eq!(
            error.explain().next,
            ["the registry has lost it: push it again"]
        );
    }
    // Not a manifest, though its repository may be called so.
    let (_, error) = refused(answer(404, ""));
    assert_eq!(
        error.explain().next,
        ["check the repository, and the tag or digest"]
    );
}

#[test]
fn a_mismatch_tells_its_cause() {
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let stored = Digest::sha256(IMAGE.as_bytes());
    let told = |bytes: &str, expected: &Digest| {
        let client = proxied();
        let response = with(answer(200, bytes), "content-type", kind);
        let response = with(response, "docker-content-digest", expected.as_str());
        client.transport().expect(MANIFEST, Ok(response));
        let (model, _) = inspect(&client);
        let cause = model.mismatches().first().map(|wrong| {
            assert_eq!(
                (&wrong.expected, &**wrong.bytes),
                (expected, bytes.as_bytes())
            );
            wrong.cause.clone()
        });
        (cause, model.summary().detail)
    };
    let indented = IMAGE
        .replace(",\"", ",\n  \"")
        .replace('{', "{\n  ")
        .replace('}', "\n}");
    for (bytes, words) in [
        (indented.as_str(), "on one line without white space"),
        (&[IMAGE, "\n"].concat(), "without the final newline"),
        (&[&indented, "\r\n"].concat(), "without"),
        (&["\u{feff}", IMAGE].concat(), "byte order mark"),
    ] {
        let (cause, detail) = told(bytes, &stored);
        let Some(MismatchCause::Found(cause)) = cause else {
            panic!("{cause:?}");
        };
        assert!(cause.contains(words), "{cause}");
        assert!(detail.contains(cause.trim_start_matches('t')), "{detail}");
    }
    // Cut off: seen, not proved.
    let (cause, _) = told(IMAGE.trim_end_matches("\"layers\":[]}"), &stored);
    assert!(matches!(cause, Some(MismatchCause::Found(cause)) if cause.contains("ends early")));
    // Other bytes altogether, and bytes that are right.
    let (cause, detail) = told(IMAGE, &Digest::sha256(b"another"));
    assert_eq!(cause, Some(MismatchCause::NotFound));
    assert!(
        detail.ends_with(" No usual change explains it."),
        "{detail}"
    );
    assert_eq!(told(IMAGE, &stored).0, None);
}
