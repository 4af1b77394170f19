//! What a registry's errors are told as.

use waybill_core::limits;
use waybill_core::registry::error::RegistryError;
use waybill_core::registry::transport::{Response, Via};
use waybill_core::view::Action;
use waybill_testkit::transport::{answer, with};

use super::{ALL, URL, expect, proxied, read, refused};

#[test]
fn every_status_says_what_to_do_next() {
    let unknown = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"1"}}]}"#;
    let ended = |response: Response| {
        let client = proxied(None);
        expect(&client, [URL, ALL].concat(), response);
        refused(read(&client, "r.example/a/b:1"))
    };
    let (error, told) = ended(with(answer(404, unknown), "content-type", "text/plain"));
    assert!(matches!(error, RegistryError::NotFound(_)));
    assert_eq!(told.what, "r.example does not have this (404)");
    assert_eq!(
        told.evidence[1],
        r#"MANIFEST_UNKNOWN: manifest unknown: {"Tag":"1"}"#
    );
    assert_eq!(told.actions, []);

    let (error, told) = ended(answer(
        403,
        r#"{"errors":[{"code":"DENIED"},7,{"message":null,"detail":"x"}]}"#,
    ));
    assert!(matches!(error, RegistryError::Forbidden(_)));
    assert_eq!(told.what, "r.example forbids this (403)");
    assert_eq!(told.evidence[1..], ["DENIED", r#""x""#]);
    assert_eq!(told.actions, [Action::AskCredentials]);

    for (wait, next) in [
        (Some("30"), "ask again in 30 seconds"),
        (
            Some("Wed, 21 Oct 2026 07:28:00 GMT"),
            "ask again after Wed, 21 Oct 2026 07:28:00 GMT",
        ),
        (None, "wait a while, then ask again"),
    ] {
        let limited = answer(
            429,
            r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}"#,
        );
        let limited = wait
            .iter()
            .fold(limited, |limited, wait| with(limited, "retry-after", wait));
        let (error, told) = ended(limited);
        assert!(matches!(error, RegistryError::TooManyRequests(_)));
        assert_eq!(told.what, "r.example was asked too often (429)");
        assert_eq!(told.next, [next]);
        assert_eq!(
            error
                .answer()
                .and_then(|answer| answer.retry_after.as_deref()),
            wait
        );
        assert_eq!(told.actions, [Action::Retry]);
    }

    let (error, told) = ended(answer(503, "upstream connect error"));
    assert!(matches!(error, RegistryError::Server(_)));
    assert_eq!(told.what, "r.example has a fault of its own (503)");
    assert_eq!(
        told.evidence[1],
        "the body is not the registry API's JSON: upstream connect error"
    );
    assert_eq!(told.actions, [Action::Retry]);

    for status in [204, 206, 302, 400, 405, 418] {
        let (error, told) = ended(answer(status, ""));
        assert!(matches!(error, RegistryError::UnexpectedStatus(_)));
        assert_eq!(
            told.what,
            format!("r.example gave an answer that does not belong here ({status})")
        );
        assert_eq!(
            told.evidence,
            [format!(
                "https://r.example/v2/a/b/manifests/1 through the proxy: {status}"
            )]
        );
    }
    let (error, _) = ended(answer(401, ""));
    assert!(matches!(error, RegistryError::CredentialsNeeded(_)));
}

#[test]
fn an_error_body_is_evidence_but_not_all_of_it() {
    let page = format!(
        "\n<!DOCTYPE html><title>Log in</title>{}",
        "\u{e9}".repeat(1000)
    );
    let client = proxied(None);
    expect(
        &client,
        [URL, ALL].concat(),
        with(answer(502, page), "content-type", "text/html"),
    );
    let (error, told) = refused(read(&client, "r.example/a/b:1"));
    let text = &error.answer().expect("an answer").text;
    assert_eq!(text.chars().count(), limits::EVIDENCE_CHARACTERS);
    assert!(text.starts_with("<!DOCTYPE html><title>Log in</title>\u{e9}"));
    assert_eq!(
        told.evidence[1],
        format!("the body is an HTML page, not the registry API's JSON: {text}")
    );
    assert_eq!(
        told.causes,
        ["a gateway or a login page stands in front of the registry"]
    );

    // Errors behind the limit are not read, and bytes that are no text break nothing.
    let mut long = vec![b' '; limits::ERROR_BYTES];
    long.extend(br#"{"errors":[{"code":"X"}]}"#);
    for body in [
        long,
        b"\xff\xfe{".to_vec(),
        b"{\"errors\":[]}".to_vec(),
        b"[1]".to_vec(),
    ] {
        let client = proxied(None);
        expect(&client, [URL, ALL].concat(), answer(500, body));
        assert_eq!(
            refused(read(&client, "r.example/a/b:1"))
                .0
                .answer()
                .map(|answer| answer.errors.len()),
            Some(0)
        );
    }
}

#[test]
fn an_endless_manifest_is_refused_at_the_limit() {
    let client = proxied(None);
    let endless = Response {
        over_limit: true,
        ..answer(200, vec![b'x'; limits::MANIFEST_BYTES])
    };
    expect(
        &client,
        [URL, ALL].concat(),
        with(endless, "content-length", "5000000000"),
    );
    let (error, told) = refused(read(&client, "r.example/a/b:1"));
    assert_eq!(
        error,
        RegistryError::TooLarge {
            url: "https://r.example/v2/a/b/manifests/1".into(),
            via: Via::Proxy,
            limit: limits::MANIFEST_BYTES,
            stated: Some(5_000_000_000),
        }
    );
    assert_eq!(told.what, "r.example sends more than 4 MiB, refused");
    assert_eq!(
        told.evidence,
        ["https://r.example/v2/a/b/manifests/1 through the proxy, Content-Length 5000000000"]
    );
}
