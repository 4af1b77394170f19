//! Requests that write: refused without `--push`, relayed as they are with it.

use crate::harness::{Does, Upstream, answer};
use crate::relay::{header_lines, proxy_to};

#[tokio::test]
async fn writing_needs_push() {
    let upstream = Upstream::ok("").await;
    let proxy = proxy_to(&upstream, false);
    for (method, path) in [
        ("POST", "/relay/http/registry.test/v2/a/blobs/uploads/"),
        (
            "PATCH",
            "/relay/http/registry.test/v2/a/blobs/uploads/x?_state=y",
        ),
        ("PUT", "/relay/http/registry.test/v2/a/manifests/x"),
    ] {
        let (status, code, message) = proxy.send(method, path, &[], "{}").await.refusal();
        assert_eq!((status, code.as_str()), (403, "METHOD_REFUSED"));
        assert_eq!(
            message,
            "pushing is off; start the proxy with --push to allow it"
        );
    }
    assert_eq!(upstream.connections(), 0);
}

#[tokio::test]
async fn with_push_a_body_passes_and_the_location_comes_back() {
    let location = "Location: http://registry.test/v2/a/blobs/uploads/1?_state=x";
    let upstream = Upstream::plain(move |_| {
        Does::ReadsBody(
            5,
            answer(
                "202 Accepted",
                &[location, "Docker-Upload-UUID: 1", "Range: 0-4"],
                b"",
            ),
        )
    })
    .await;
    let path = "/relay/http/registry.test/v2/a/blobs/uploads/1?_state=x";
    let headers = [
        ("content-type", "application/octet-stream"),
        ("content-range", "0-4"),
        ("authorization", "Basic x"),
    ];
    let answer = proxy_to(&upstream, true)
        .send("PATCH", path, &headers, "hello")
        .await;
    assert_eq!(answer.status, 202);
    assert_eq!(
        answer.header("location"),
        Some("http://registry.test/v2/a/blobs/uploads/1?_state=x")
    );
    assert_eq!(
        (answer.header("docker-upload-uuid"), answer.header("range")),
        (Some("1"), Some("0-4"))
    );
    let requests = upstream.requests();
    assert!(requests[0].starts_with("PATCH /v2/a/blobs/uploads/1?_state=x HTTP/1.1\r\n"));
    for header in [
        "content-length: 5",
        "content-range: 0-4",
        "content-type: application/octet-stream",
        "authorization: basic x",
    ] {
        assert!(
            header_lines(&requests[0]).contains(&header.to_owned()),
            "{header}"
        );
    }
    assert_eq!(requests[1], "hello");
}

#[tokio::test]
async fn where_an_upload_stands_is_told_with_where_it_goes_on() {
    let location = "Location: http://registry.test/v2/a/blobs/uploads/1?_state=y";
    let upstream = Upstream::plain(move |_| {
        let head = format!("HTTP/1.1 204 No Content\r\n{location}\r\nRange: 0-4\r\n\r\n");
        Does::Sends(head.into_bytes())
    })
    .await;
    let answer = proxy_to(&upstream, true)
        .get("/relay/http/registry.test/v2/a/blobs/uploads/1?_state=x")
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("range")),
        (204, Some("0-4"))
    );
    assert_eq!(
        answer.header("location"),
        Some("http://registry.test/v2/a/blobs/uploads/1?_state=y")
    );
}

#[tokio::test]
async fn a_body_is_held_to_its_limit_and_to_its_method() {
    let upstream = Upstream::ok("").await;
    let proxy = proxy_to(&upstream, true);
    let large = vec![b' '; waybill_core::limits::MANIFEST_BYTES + 1];
    let answer = proxy
        .send(
            "PUT",
            "/relay/http/registry.test/v2/a/manifests/x",
            &[],
            large,
        )
        .await;
    assert_eq!(
        answer.refusal(),
        (
            413,
            "BODY_TOO_LARGE".to_owned(),
            "the body is 4194305 bytes, at most 4194304 are relayed here".to_owned()
        )
    );
    let answer = proxy
        .send("GET", "/relay/http/registry.test/v2/", &[], "x")
        .await;
    assert_eq!(
        answer.refusal(),
        (
            400,
            "BODY_REFUSED".to_owned(),
            "a request that reads has no body".to_owned()
        )
    );
    assert_eq!(upstream.connections(), 0);
}
