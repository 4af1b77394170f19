//! Which answers a cache may keep: bytes that have the digest they were asked for by, without credentials; no others.

use std::time::Duration;

use http_body_util::BodyExt as _;
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;
use waybill_core::digest::{Algorithm, Digest};
use waybill_core::limits::MANIFEST_BYTES;
use waybill_proxy::{BUFFERED_BYTES, BUFFERED_FOR, HASHED_BYTES};

use crate::command::ask as ask_on_a_socket;
use crate::harness::{
    Answer, Does, PATIENCE, PUBLIC, Proxy, TestNetwork, Upstream, answer, redirect, start,
};

const DIGEST: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

fn proxy_to(upstream: &Upstream) -> Proxy {
    let network = TestNetwork::default();
    network
        .name("registry.test", &[PUBLIC])
        .server(PUBLIC, upstream);
    Proxy::new(&network, |config| {
        config
            .allow
            .push("http://registry.test".parse().expect("host"))
    })
}

fn path(shape: &str) -> String {
    format!("/relay/http/registry.test/v2/a/{shape}")
}

/// What is said of keeping it.
fn said(answer: &Answer) -> (&str, Option<&str>) {
    (
        answer.header("cache-control").expect("always said"),
        answer.header("etag"),
    )
}

async fn ask(path: &str, headers: &[(&str, &str)], bytes: Vec<u8>) -> Answer {
    let upstream = Upstream::plain(move |_| Does::Closes(bytes.clone())).await;
    proxy_to(&upstream).get_with(path, headers).await
}

#[tokio::test]
async fn what_was_hashed_and_has_its_digest_is_kept_for_ever() {
    for digest in [
        Digest::sha256(b"{}"),
        Digest::of(Algorithm::Sha384, b"{}"),
        Digest::of(Algorithm::Sha512, b"{}"),
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
async fn what_is_not_hashed_streams_on_and_is_not_kept() {
    let large = vec![b' '; HASHED_BYTES + 1];
    let of_large = path(&format!("blobs/{}", Digest::sha256(&large)));
    let unknown = path("blobs/blake3:44136fa355b3678a");
    let by_digest = path(&format!("blobs/{DIGEST}"));
    let chunked =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n".to_vec();
    for (path, bytes, length) in [
        (&of_large, answer("200 OK", &[], &large), large.len()),
        (&unknown, answer("200 OK", &[], b"{}"), 2),
        (
            &by_digest,
            answer(
                "206 Partial Content",
                &["Content-Range: bytes 0-1/2"],
                b"{}",
            ),
            2,
        ),
        (
            &by_digest,
            answer("203 Non-Authoritative Information", &[], b"{}"),
            2,
        ),
        (
            &by_digest,
            b"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n".to_vec(),
            0,
        ),
        (&by_digest, chunked, 2),
    ] {
        let answer = ask(path, &[], bytes).await;
        assert_eq!(
            (said(&answer).0, answer.body.len(), &answer.broken),
            ("no-store", length, &None),
            "{path}"
        );
    }
    for body in [&b"{}"[..], b""] {
        let digest = Digest::sha256(body);
        let upstream = Upstream::plain(move |_| Does::Closes(answer("200 OK", &[], body))).await;
        let head = proxy_to(&upstream)
            .send("HEAD", &path(&format!("blobs/{digest}")), &[], "")
            .await;
        assert_eq!(
            said(&head),
            ("no-store", None),
            "of a HEAD there is nothing to hash"
        );
    }
}

#[tokio::test]
async fn a_body_that_is_slow_streams_on_and_is_not_kept() {
    for (between, kept) in [
        (Duration::ZERO, IMMUTABLE),
        (BUFFERED_FOR + Duration::from_millis(200), "no-store"),
    ] {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
        let upstream =
            Upstream::plain(move |_| Does::Trickles(head.to_vec(), b"{}".to_vec(), between)).await;
        let answer = proxy_to(&upstream)
            .get(&path(&format!("blobs/{DIGEST}")))
            .await;
        assert_eq!(
            (said(&answer).0, answer.text().as_str(), &answer.broken),
            (kept, "{}", &None),
            "{between:?}"
        );
        assert_eq!(answer.headers["content-length"], "2");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_gives_what_came() {
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello".to_vec();
    let answer = ask(&path(&format!("blobs/{DIGEST}")), &[], bytes).await;
    assert_eq!(
        (said(&answer), answer.text().as_str()),
        (("no-store", None), "hello")
    );
    assert!(
        answer
            .broken
            .is_some_and(|why| why.starts_with("it broke off: "))
    );
    assert_eq!(answer.headers["content-length"], "10");
}

#[tokio::test]
async fn what_came_of_a_body_that_breaks_off_is_sent_with_its_head() {
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello".to_vec();
    let upstream = Upstream::plain(move |_| Does::Closes(bytes.clone())).await;
    let network = TestNetwork::default();
    network
        .name("registry.test", &[PUBLIC])
        .server(PUBLIC, &upstream);
    let host = start(&network, |config| {
        config
            .allow
            .push("http://registry.test".parse().expect("host"))
    })
    .await
    .to_string();
    let mut sent = String::new();
    let mut client = ask_on_a_socket(&host, &path(&format!("blobs/{DIGEST}")), "").await;
    timeout(PATIENCE, client.read_to_string(&mut sent))
        .await
        .expect("in time")
        .expect("an end");
    assert!(
        sent.starts_with("HTTP/1.1 200 OK\r\n") && sent.ends_with("\r\n\r\nhello"),
        "{sent}"
    );
}

#[tokio::test]
async fn there_is_room_for_so_many_bytes_and_what_is_one_too_many_streams_on() {
    let body = vec![b' '; HASHED_BYTES];
    let path = path(&format!("blobs/{}", Digest::sha256(&body)));
    let upstream = Upstream::plain(move |_| Does::Closes(answer("200 OK", &[], &body))).await;
    let proxy = proxy_to(&upstream);
    let mut open = Vec::new();
    for _ in 0..BUFFERED_BYTES / HASHED_BYTES {
        let mut answer = proxy.open(&path).await;
        assert_eq!(answer.headers()["cache-control"], IMMUTABLE);
        // Also while the bytes wait for a slow reader.
        let bytes = answer
            .body_mut()
            .frame()
            .await
            .expect("bytes")
            .expect("whole")
            .into_data()
            .expect("no trailers");
        open.push(bytes);
    }
    // Another thread's proxy has the same room.
    let apart = Proxy {
        app: proxy.app.with_own_connections(),
    };
    for proxy in [&proxy, &apart] {
        let answer = proxy.get(&path).await;
        assert_eq!(
            (said(&answer), answer.body.len()),
            (("no-store", None), HASHED_BYTES)
        );
    }
    open.pop();
    assert_eq!(said(&proxy.get(&path).await).0, IMMUTABLE);
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
