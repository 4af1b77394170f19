//! Which answers a cache may keep: those to a digest, asked for without credentials, and no others.

use waybill_core::limits::MANIFEST_BYTES;

use crate::lab::{Answer, Does, Lab, PUBLIC, Proxy, Upstream, answer, redirect};

const DIGEST: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

fn proxy_to(upstream: &Upstream) -> Proxy {
    let lab = Lab::default();
    lab.name("registry.test", &[PUBLIC]).server(PUBLIC, upstream);
    Proxy::new(&lab, |config| config.allow.push("http://registry.test".parse().expect("host")))
}

fn path(shape: &str) -> String {
    format!("/relay/http/registry.test/v2/a/{shape}")
}

/// What is said of keeping it.
fn said(answer: &Answer) -> (&str, Option<&str>) {
    (answer.header("cache-control").expect("always said"), answer.header("etag"))
}

async fn ask(path: &str, headers: &[(&str, &str)], bytes: Vec<u8>) -> Answer {
    let upstream = Upstream::plain(move |_| Does::Closes(bytes.clone())).await;
    proxy_to(&upstream).get_with(path, headers).await
}

#[tokio::test]
async fn what_a_digest_names_is_kept_for_ever() {
    let tag = format!("\"{DIGEST}\"");
    for shape in ["manifests", "blobs"] {
        let path = path(&format!("{shape}/{DIGEST}"));
        for headers in [vec![], vec!["ETag: \"theirs\"".to_owned(), format!("Docker-Content-Digest: {DIGEST}")]] {
            let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
            for status in ["200 OK", "206 Partial Content"] {
                let answer = ask(&path, &[], answer(status, &headers, b"{}")).await;
                assert_eq!((said(&answer), answer.text()), ((IMMUTABLE, Some(tag.as_str())), "{}".to_owned()));
                assert_eq!(answer.header("vary"), None, "a digest fixes the bytes whatever is accepted");
            }
        }
        let upstream = Upstream::plain(|_| Does::Sends(answer("200 OK", &[], b""))).await;
        let head = proxy_to(&upstream).send("HEAD", &path, &[], "").await;
        assert_eq!(said(&head), (IMMUTABLE, Some(tag.as_str())));
    }
}

#[tokio::test]
async fn storage_that_a_registry_redirects_to_is_kept_under_the_digest() {
    let upstream = Upstream::plain(|head| match head {
        head if head.starts_with("GET /storage") => Does::Sends(answer("200 OK", &["ETag: \"s3\""], b"hello")),
        _ => redirect("/storage/x"),
    })
    .await;
    let answer = proxy_to(&upstream).get(&path(&format!("blobs/{DIGEST}"))).await;
    assert_eq!(said(&answer), (IMMUTABLE, Some(format!("\"{DIGEST}\"").as_str())));
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
        (path(&format!("blobs/{DIGEST}")), &[("authorization", "Basic eA==")], ok()),
        // Errors, and answers that something speaks against.
        (by_digest.clone(), &[], answer("404 Not Found", &[], b"{}")),
        (by_digest.clone(), &[], answer("401 Unauthorized", &[], b"{}")),
        (by_digest.clone(), &[], answer("500 Internal Server Error", &[], b"{}")),
        (by_digest.clone(), &[], answer("200 OK", &[&other], b"{}")),
        (by_digest.clone(), &[], answer("200 OK", &["Content-Encoding: gzip"], b"{}")),
        // The end may be missing, and nobody would see it.
        (by_digest.clone(), &[], b"HTTP/1.1 200 OK\r\n\r\n{}".to_vec()),
        (path(&format!("blobs/{DIGEST}")), &[], b"HTTP/1.1 200 OK\r\n\r\n{}".to_vec()),
        (by_digest.clone(), &[], answer("200 OK", &[], &vec![b' '; MANIFEST_BYTES + 100])),
    ] {
        let answer = ask(&path, headers, bytes).await;
        assert_eq!(said(&answer), ("no-store", None), "{path} {headers:?} {}", answer.status);
    }
    let refused = Proxy::new(&Lab::default(), |_| {}).get(&format!("/relay/https/10.0.0.5/v2/a/blobs/{DIGEST}")).await;
    assert_eq!((refused.status.as_u16(), said(&refused)), (403, ("no-store", None)));
}

#[tokio::test]
async fn who_has_the_bytes_need_not_get_them_again() {
    let upstream = Upstream::ok("{}").await;
    let proxy = proxy_to(&upstream);
    let path = path(&format!("blobs/{DIGEST}"));
    let tag = format!("\"{DIGEST}\"");
    for held in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}")] {
        let answer = proxy.get_with(&path, &[("if-none-match", &held)]).await;
        assert_eq!((answer.status.as_u16(), said(&answer)), (304, (IMMUTABLE, Some(tag.as_str()))));
        assert_eq!((answer.header("waybill-relay"), answer.body.len()), (Some("relayed"), 0));
    }
    assert_eq!(upstream.connections(), 0, "there is nothing to ask upstream");
    for (name, value) in [("if-none-match", "*"), ("if-none-match", "\"x\""), ("authorization", "Bearer t")] {
        let headers = [(name, value), ("if-none-match", tag.as_str())];
        let headers = if name == "authorization" { &headers[..] } else { &headers[..1] };
        assert_eq!(proxy.get_with(&path, headers).await.status, 200, "{name}: {value}");
    }
    assert_eq!(upstream.requests().len(), 3);
}

#[tokio::test]
async fn a_part_is_given_to_who_has_the_rest() {
    let upstream = Upstream::ok("{}").await;
    let proxy = proxy_to(&upstream);
    let path = path(&format!("blobs/{DIGEST}"));
    for (condition, passes) in [(format!("\"{DIGEST}\""), false), ("\"theirs\"".to_owned(), true)] {
        proxy.get_with(&path, &[("range", "bytes=0-1"), ("if-range", &condition)]).await;
        let request = upstream.requests().pop().expect("a request");
        assert!(request.contains("range: bytes=0-1\r\n"), "{request}");
        assert_eq!(request.contains("if-range: "), passes, "upstream knows no digest as a tag: {request}");
    }
}
