//! Which answers a cache may keep: bytes that have the digest they were asked for by, without credentials; no others.

use waybill_core::digest::{Algorithm, Digest};
use waybill_core::limits::MANIFEST_BYTES;
use waybill_proxy::HASHED_BYTES;

use crate::harness::{Answer, Does, PUBLIC, Proxy, TestNetwork, Upstream, answer, redirect};

pub(crate) const DIGEST: &str =
    "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
pub(crate) const IMMUTABLE: &str = "public, max-age=31536000, immutable";

pub(crate) fn proxy_to(upstream: &Upstream) -> Proxy {
    let network = TestNetwork::default();
    network
        .name("registry.test", &[PUBLIC])
        .server(PUBLIC, upstream);
    Proxy::new(&network, |config| {
        config
            .allow
            .push("http://registry.test".parse().expect("host"));
    })
}

pub(crate) fn path(shape: &str) -> String {
    format!("/relay/http/registry.test/v2/a/{shape}")
}

/// What is said of keeping it.
pub(crate) fn said(answer: &Answer) -> (&str, Option<&str>) {
    (
        answer.header("cache-control").expect("always said"),
        answer.header("etag"),
    )
}

pub(crate) async fn ask(path: &str, headers: &[(&str, &str)], bytes: Vec<u8>) -> Answer {
    let upstream = Upstream::plain(move |_| Does::Closes(bytes.clone())).await;
    proxy_to(&upstream).get_with(path, headers).await
}

#[tokio::test]
async fn what_was_hashed_and_has_its_digest_is_kept_for_ever() {
    for digest in [
        Digest::sha256(b"{}"),
        Digest::compute(Algorithm::Sha384, b"{}"),
        Digest::compute(Algorithm::Sha512, b"{}"),
    ] {
        let tag = format!("\"{digest}\"");
        for shape in ["manifests", "blobs"] {
            let path = path(&format!("{shape}/{digest}"));
            for headers in [
                vec![],
                vec![
                    "ETag: \"theirs\"".to_owned(),
                    format!("Docker-Content-Digest: {digest}"),
                ],
            ] {
                let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
                let answer = ask(&path, &[], answer("200 OK", &headers, b"{}")).await;
                assert_eq!(
                    (said(&answer), answer.text()),
                    ((IMMUTABLE, Some(tag.as_str())), "{}".to_owned())
                );
                assert_eq!(answer.header("content-length"), Some("2"));
                assert_eq!(
                    answer.header("vary"),
                    None,
                    "a digest fixes the bytes whatever is accepted"
                );
            }
        }
    }
    let largest = vec![b' '; HASHED_BYTES];
    let path = path(&format!("blobs/{}", Digest::sha256(&largest)));
    let answer = ask(&path, &[], answer("200 OK", &[], &largest)).await;
    assert_eq!(
        (said(&answer).0, answer.body.len()),
        (IMMUTABLE, HASHED_BYTES)
    );
}

#[tokio::test]
async fn what_a_registry_says_of_the_moment_is_not_kept_with_the_bytes() {
    let headers = [
        "Content-Type: application/vnd.oci.image.manifest.v1+json",
        "RateLimit-Remaining: 3;w=21600",
        "Docker-RateLimit-Source: 192.0.2.1",
        "Retry-After: 60",
        "Warning: 299 - \"x\"",
        "Link: </v2/>; rel=\"next\"",
        "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT",
        "WWW-Authenticate: Basic realm=\"x\"",
    ];
    let answer = ask(
        &path(&format!("manifests/{DIGEST}")),
        &[],
        answer("200 OK", &headers, b"{}"),
    )
    .await;
    assert_eq!(said(&answer).0, IMMUTABLE);
    assert_eq!(
        answer.header("content-type"),
        Some("application/vnd.oci.image.manifest.v1+json")
    );
    for line in &headers[1..] {
        let name = line.split(':').next().expect("a name").to_ascii_lowercase();
        assert_eq!(answer.header(&name), None, "{name}");
    }
}

#[tokio::test]
async fn other_bytes_than_those_of_the_digest_pass_and_are_not_kept() {
    let down = b"<html>We are back at noon.</html>";
    let lies = format!("Docker-Content-Digest: {DIGEST}");
    let tag = format!("ETag: \"{DIGEST}\"");
    for shape in ["manifests", "blobs"] {
        let path = path(&format!("{shape}/{DIGEST}"));
        for headers in [
            &[][..],
            &["Content-Type: text/html"],
            &[&lies],
            &[&tag],
            &["Cache-Control: public", &tag],
        ] {
            let answer = ask(&path, &[], answer("200 OK", headers, down)).await;
            assert_eq!(
                (said(&answer), answer.status.as_u16()),
                (("no-store", None), 200),
                "{headers:?}"
            );
            assert_eq!(
                (&answer.body[..], &answer.broken),
                (&down[..], &None),
                "the page shows what came"
            );
        }
    }
}

#[tokio::test]
async fn the_tag_of_the_digest_is_given_by_the_proxy_alone() {
    for tag in [format!("\"{DIGEST}\""), format!("W/\"{DIGEST}\"")] {
        let etag = format!("ETag: {tag}");
        for (headers, status) in [
            (&[("authorization", "Bearer t")][..], "200 OK"),
            (&[("range", "bytes=0-1")], "206 Partial"),
        ] {
            let answer = ask(
                &path(&format!("blobs/{DIGEST}")),
                headers,
                answer(status, &[&etag], b"{}"),
            )
            .await;
            assert_eq!(said(&answer), ("no-store", None), "{tag} {headers:?}");
        }
    }
    let by_digest = path(&format!("blobs/{DIGEST}"));
    let theirs = ask(
        &by_digest,
        &[("authorization", "x")],
        answer("200 OK", &["ETag: \"s3\""], b"{}"),
    )
    .await;
    assert_eq!(
        said(&theirs),
        ("no-store", Some("\"s3\"")),
        "another one helps to go on reading"
    );
}

#[tokio::test]
async fn storage_that_a_registry_redirects_to_is_kept_under_the_digest() {
    let upstream = Upstream::plain(|head| match head {
        head if head.starts_with("GET /storage") => {
            Does::Sends(answer("200 OK", &["ETag: \"s3\""], b"{}"))
        }
        _ => redirect("/storage/x"),
    })
    .await;
    let answer = proxy_to(&upstream)
        .get(&path(&format!("blobs/{DIGEST}")))
        .await;
    assert_eq!(
        said(&answer),
        (IMMUTABLE, Some(format!("\"{DIGEST}\"").as_str()))
    );
}

#[tokio::test]
async fn nothing_else_is_kept() {
    let by_digest = path(&format!("manifests/{DIGEST}"));
    let ok = || answer("200 OK", &[], b"{}");
    let other = format!("Docker-Content-Digest: {}", DIGEST.replace('4', "5"));
    for (path, headers, bytes) in [
        (path("manifests/latest"), &[][..], ok()),
        (path("tags/list"), &[], ok()),
        (path(&format!("referrers/{DIGEST}")), &[], ok()),
        // Asked for with credentials.
        (by_digest.clone(), &[("authorization", "Bearer t")], ok()),
        (
            path(&format!("blobs/{DIGEST}")),
            &[("authorization", "Basic eA==")],
            ok(),
        ),
        // Errors, and answers that something speaks against.
        (by_digest.clone(), &[], answer("404 Not Found", &[], b"{}")),
        (
            by_digest.clone(),
            &[],
            answer("401 Unauthorized", &[], b"{}"),
        ),
        (
            by_digest.clone(),
            &[],
            answer("500 Internal Server Error", &[], b"{}"),
        ),
        (by_digest.clone(), &[], answer("200 OK", &[&other], b"{}")),
        (
            by_digest.clone(),
            &[],
            answer("200 OK", &["Content-Encoding: gzip"], b"{}"),
        ),
        // The end may be missing, and nobody would see it.
        (
            by_digest.clone(),
            &[],
            b"HTTP/1.1 200 OK\r\n\r\n{}".to_vec(),
        ),
        (
            path(&format!("blobs/{DIGEST}")),
            &[],
            b"HTTP/1.1 200 OK\r\n\r\n{}".to_vec(),
        ),
        (
            by_digest.clone(),
            &[],
            answer("200 OK", &[], &vec![b' '; MANIFEST_BYTES + 100]),
        ),
    ] {
        let answer = ask(&path, headers, bytes).await;
        assert_eq!(
            said(&answer),
            ("no-store", None),
            "{path} {headers:?} {}",
            answer.status
        );
    }
    let refused = Proxy::new(&TestNetwork::default(), |_| {})
        .get(&format!("/relay/https/10.0.0.5/v2/a/blobs/{DIGEST}"))
        .await;
    assert_eq!(
        (refused.status.as_u16(), said(&refused)),
        (403, ("no-store", None))
    );
}

#[tokio::test]
async fn who_has_the_bytes_need_not_get_them_again() {
    let upstream = Upstream::ok("{}").await;
    let proxy = proxy_to(&upstream);
    let path = path(&format!("blobs/{DIGEST}"));
    let tag = format!("\"{DIGEST}\"");
    for held in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}")] {
        let answer = proxy.get_with(&path, &[("if-none-match", &held)]).await;
        assert_eq!(
            (answer.status.as_u16(), said(&answer)),
            (304, (IMMUTABLE, Some(tag.as_str())))
        );
        assert_eq!(
            (answer.header("waybill-relay"), answer.body.len()),
            (Some("relayed"), 0)
        );
    }
    assert_eq!(
        upstream.connections(),
        0,
        "there is nothing to ask upstream"
    );
    for (name, value) in [
        ("if-none-match", "*"),
        ("if-none-match", "\"x\""),
        ("authorization", "Bearer t"),
    ] {
        let headers = [(name, value), ("if-none-match", tag.as_str())];
        let headers = if name == "authorization" {
            &headers[..]
        } else {
            &headers[..1]
        };
        assert_eq!(
            proxy.get_with(&path, headers).await.status,
            200,
            "{name}: {value}"
        );
    }
    assert_eq!(upstream.requests().len(), 3);
}

#[tokio::test]
async fn a_part_is_given_to_who_has_the_rest() {
    let upstream = Upstream::ok("{}").await;
    let proxy = proxy_to(&upstream);
    let path = path(&format!("blobs/{DIGEST}"));
    for (condition, passes) in [
        (format!("\"{DIGEST}\""), false),
        ("\"theirs\"".to_owned(), true),
    ] {
        proxy
            .get_with(&path, &[("range", "bytes=0-1"), ("if-range", &condition)])
            .await;
        let request = upstream.requests().pop().expect("a request");
        assert!(request.contains("range: bytes=0-1\r\n"), "{request}");
        assert_eq!(
            request.contains("if-range: "),
            passes,
            "upstream knows no digest as a tag: {request}"
        );
    }
}
