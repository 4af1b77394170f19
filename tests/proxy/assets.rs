//! The page's files: types, compressed forms, caching, and the strict headers.

use crate::harness::{Proxy, TestNetwork};

const SCRIPT: &str = "/waybill-3879a5d930ae1999.js";

fn proxy() -> Proxy {
    Proxy::new(&TestNetwork::default(), |_| {})
}

#[tokio::test]
async fn files_have_their_types_and_times() {
    let proxy = proxy();
    for (path, content_type, cache, body) in [
        (
            "/",
            "text/html; charset=utf-8",
            "no-cache",
            "<!doctype html><title>page</title>\n",
        ),
        (
            "/index.html",
            "text/html; charset=utf-8",
            "no-cache",
            "<!doctype html><title>page</title>\n",
        ),
        (
            SCRIPT,
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
            "console.log(1)\n",
        ),
        (
            "/waybill-336154bf67f765f8_bg.wasm",
            "application/wasm",
            "public, max-age=31536000, immutable",
            "wasm",
        ),
        // The digits are of other content: it was changed when it had its name.
        (
            "/changed-0123456789abcdef.js",
            "text/javascript; charset=utf-8",
            "no-cache",
            "console.log(2)\n",
        ),
        ("/examples/oci.json", "application/json", "no-cache", "{}"),
        (
            "/data.tar.gz",
            "application/octet-stream",
            "no-cache",
            "not a form of anything",
        ),
    ] {
        let answer = proxy.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text().as_str()),
            (200, body),
            "{path}"
        );
        assert_eq!(answer.header("content-type"), Some(content_type), "{path}");
        let timing = content_type
            .starts_with("text/html")
            .then_some("waybill-proxy");
        assert_eq!(answer.header("server-timing"), timing, "{path}");
        assert_eq!(answer.header("cache-control"), Some(cache), "{path}");
        assert_eq!(
            answer.header("content-length"),
            Some(body.len().to_string().as_str()),
            "{path}"
        );
        assert_eq!(answer.header("content-encoding"), None, "{path}");
        let head = proxy.send("HEAD", path, &[], "").await;
        assert_eq!((head.status.as_u16(), head.body.len()), (200, 0), "{path}");
        assert_eq!(head.headers, answer.headers, "{path}");
    }
}

#[tokio::test]
async fn the_best_form_that_the_browser_takes_is_sent() {
    let proxy = proxy();
    for (accepted, form, body) in [
        ("gzip, deflate, br, zstd", Some("br"), "js in brotli"),
        ("gzip, deflate", Some("gzip"), "js in gzip"),
        ("br;q=0, gzip", Some("gzip"), "js in gzip"),
        ("br; q=0.000,gzip;q=0", None, "console.log(1)\n"),
        ("*", Some("br"), "js in brotli"),
        ("*;q=0", None, "console.log(1)\n"),
        ("BR;q=0.5", Some("br"), "js in brotli"),
        ("identity", None, "console.log(1)\n"),
        ("brotli, x-gzip", None, "console.log(1)\n"),
        ("", None, "console.log(1)\n"),
    ] {
        let answer = proxy
            .get_with(SCRIPT, &[("accept-encoding", accepted)])
            .await;
        assert_eq!(
            (answer.header("content-encoding"), answer.text().as_str()),
            (form, body),
            "{accepted}"
        );
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
        assert_eq!(
            answer.header("content-type"),
            Some("text/javascript; charset=utf-8")
        );
    }
    assert_eq!(proxy.get("/examples/oci.json").await.header("vary"), None);
}

#[tokio::test]
async fn a_page_that_the_browser_has_is_not_sent_again() {
    let proxy = proxy();
    let brotli = [("accept-encoding", "br")];
    let plain = proxy
        .get("/")
        .await
        .header("etag")
        .expect("a tag")
        .to_owned();
    let compressed = proxy
        .get_with("/", &brotli)
        .await
        .header("etag")
        .expect("a tag")
        .to_owned();
    assert_ne!(plain, compressed);
    for (tag, headers, status) in [
        (plain.clone(), &[][..], 304),
        (format!("W/{plain}"), &[][..], 304),
        (format!("\"other\", {plain}"), &[][..], 304),
        ("*".to_owned(), &[][..], 304),
        (compressed.clone(), &brotli[..], 304),
        (compressed, &[][..], 200),
        ("\"other\"".to_owned(), &[][..], 200),
    ] {
        let headers = [headers, &[("if-none-match", tag.as_str())]].concat();
        let answer = proxy.get_with("/", &headers).await;
        assert_eq!(answer.status, status, "{headers:?}");
        assert_eq!(answer.body.is_empty(), status == 304);
        assert!(
            answer.header("etag").is_some() && answer.header("cache-control") == Some("no-cache")
        );
    }
}

#[tokio::test]
async fn what_is_no_file_of_the_page_does_not_exist() {
    let proxy = proxy();
    for path in [
        "/nothing",
        "/examples",
        "/examples/",
        "//index.html",
        "/./index.html",
        "/../relayed.rs",
        "/examples/../index.html",
        "/..%2frelayed.rs",
        "/%2e%2e/relayed.rs",
        "/..\\relayed.rs",
        "/.hidden",
        "/waybill-0000000000000000.js",
        "/index.html.br",
        "/index.html%00",
        "/relay",
        "/inspect/docker.io/library/nginx",
    ] {
        let answer = proxy.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(
            answer.text(),
            "There is no such file here. The page is at /\n"
        );
        assert_eq!(
            answer.header("content-type"),
            Some("text/plain; charset=utf-8")
        );
        assert_eq!(
            answer.header("cache-control"),
            Some("no-store"),
            "the next release may have it"
        );
    }
    assert_eq!(proxy.get("/relay/").await.refusal().1, "PATH_REFUSED");
    let answer = proxy.send("POST", "/", &[], "").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("allow")),
        (405, Some("GET, HEAD"))
    );
}

#[tokio::test]
async fn the_badge_may_be_shown_by_any_page_and_nothing_else_may() {
    let proxy = proxy();
    for (path, value) in [
        ("/badge.svg", "cross-origin"),
        ("/", "same-origin"),
        ("/badge.svg/", "same-origin"),
        ("//badge.svg", "same-origin"),
        ("/relay/https/badge.svg/v2/", "same-origin"),
    ] {
        let headers = [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-dest", "image"),
        ];
        let answer = proxy.get_with(path, &headers).await;
        let policy = answer.header("cross-origin-resource-policy");
        assert_eq!(policy, Some(value), "{path}");
        assert_eq!(
            answer.status == 200,
            ["/badge.svg", "/"].contains(&path),
            "{path}"
        );
    }
    let badge = proxy.get("/badge.svg").await;
    assert_eq!(badge.header("content-type"), Some("image/svg+xml"));
}

#[tokio::test]
async fn every_answer_carries_the_strict_headers() {
    let proxy = proxy();
    for (path, headers) in [
        ("/", &[][..]),
        (SCRIPT, &[][..]),
        ("/nothing", &[][..]),
        ("/", &[("host", "evil.example")][..]),
    ] {
        let answer = proxy.get_with(path, headers).await;
        let policy = answer.header("content-security-policy").expect("a policy");
        for part in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self' blob: https: http://localhost:* http://127.0.0.1:*",
            "manifest-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types waybill offline",
        ] {
            assert!(
                policy.split("; ").any(|found| found == part),
                "{path}: {part}"
            );
        }
        assert_eq!(policy.split("; ").count(), 12);
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        assert!(
            answer
                .header("permissions-policy")
                .is_some_and(|policy| policy.contains("camera=()"))
        );
        assert_eq!(answer.header("set-cookie"), None);
    }
}
