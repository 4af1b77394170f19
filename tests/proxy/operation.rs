//! What the person who runs the program sees of it: probes, counters, logs, and the end.

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::harness::{
    Does, PATIENCE, TestNetwork, Upstream, ask, command, dist, read_to, signal, start, started,
};

/// A whole answer of a request on a connection of its own.
async fn get(host: &str, path: &str, headers: &str) -> String {
    let mut answer = String::new();
    let mut client = ask(host, path, &format!("{headers}Connection: close\r\n")).await;
    timeout(PATIENCE, client.read_to_string(&mut answer))
        .await
        .expect("in time")
        .expect("text");
    answer
}

/// Where the greeting says that the counters are.
fn counters(greeting: &[String]) -> String {
    let line = greeting
        .iter()
        .find_map(|line| line.strip_prefix("Its counters are at http://"));
    line.expect("a place")
        .trim_end_matches("/metrics")
        .to_owned()
}

#[tokio::test]
async fn counters_are_shown_at_an_address_of_their_own_and_name_nobody() {
    let upstream = Upstream::ok("hello").await;
    let registry = upstream.address.to_string();
    let (_child, host, greeting) = started(&[
        "--metrics",
        "127.0.0.1:0",
        "--allow",
        &format!("http://{registry}"),
        "--log",
        "off",
    ])
    .await;
    for path in [
        "/v2/secret-name/manifests/secret-tag",
        "/v2/secret-name/tags/list?last=secret",
        "/v3/",
    ] {
        get(&host, &format!("/relay/http/{registry}{path}"), "").await;
    }
    get(
        &host,
        "/relay/https/10.0.0.5/v2/",
        "Authorization: Basic secret\r\n",
    )
    .await;
    get(&host, "/nothing", "").await;
    let metrics = counters(&greeting);
    let text = get(&metrics, "/metrics", "").await;
    assert!(
        text.contains("content-type: text/plain; charset=utf-8\r\n"),
        "{text}"
    );
    for line in [
        "waybill_requests_total{kind=\"manifest\",status=\"2xx\"} 1",
        "waybill_requests_total{kind=\"tags\",status=\"2xx\"} 1",
        "waybill_requests_total{kind=\"other\",status=\"4xx\"} 1",
        "waybill_requests_total{kind=\"base\",status=\"4xx\"} 1",
        "waybill_requests_total{kind=\"page\",status=\"4xx\"} 1",
        "waybill_refusals_total{reason=\"PATH_REFUSED\"} 1",
        "waybill_refusals_total{reason=\"ADDRESS_REFUSED\"} 1",
        "waybill_open_requests 0",
        "waybill_upstream_answer_seconds_count 2",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    for secret in ["secret", "127.0.0.1", "10.0.0.5", &registry] {
        assert!(!text.contains(secret), "{secret}\n{text}");
    }
    assert!(get(&metrics, "/healthz", "").await.ends_with("ok\n"));
    assert!(get(&metrics, "/", "").await.starts_with("HTTP/1.1 404 "));
    for path in ["/metrics", "/healthz", "/"] {
        assert!(
            get(&metrics, path, "")
                .await
                .contains("x-content-type-options: nosniff\r\n"),
            "{path}"
        );
    }
    assert!(
        get(&metrics, "/\u{1}", "").await.contains("HEAD_REFUSED"),
        "here too in its own words"
    );
    // There are none where requests are answered.
    assert!(
        get(&host, "/metrics", "")
            .await
            .starts_with("HTTP/1.1 404 ")
    );
}

/// A proxy with a stream through it that does not end, and its client.
async fn streaming(
    drain: &str,
) -> (
    tokio::process::Child,
    String,
    Vec<String>,
    TcpStream,
    Upstream,
) {
    let upstream = Upstream::plain(|_| {
        Does::Hangs(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello".to_vec())
    })
    .await;
    let registry = upstream.address.to_string();
    let allow = format!("http://{registry}");
    let arguments = [
        "--metrics",
        "127.0.0.1:0",
        "--allow",
        &allow,
        "--log",
        "off",
        "--drain-seconds",
        drain,
    ];
    let (child, host, greeting) = started(&arguments).await;
    let mut client = ask(
        &host,
        &format!("/relay/http/{registry}/v2/a/manifests/x"),
        "",
    )
    .await;
    let mut head = Vec::new();
    while !head.ends_with(b"hello") {
        head.push(client.read_u8().await.expect("the answer began"));
    }
    (child, host, greeting, client, upstream)
}

#[tokio::test]
async fn a_proxy_that_stops_says_so_and_takes_nobody_new() {
    let (mut child, host, greeting, _client, _upstream) = streaming("60").await;
    assert!(
        get(&host, "/healthz", "Host: of.a.probe\r\n")
            .await
            .starts_with("HTTP/1.1 200 ")
    );
    let mut idle = ask(&host, "/healthz", "").await;
    read_to(&mut idle, "\r\n\r\nok\n").await;
    let mut stderr = BufReader::new(child.stderr.take().expect("piped")).lines();
    signal(&child, "-TERM").await;
    let word = stderr.next_line().await.expect("text").expect("a word");
    assert_eq!(
        word,
        "Stopping when the open requests have ended, within 60 seconds; once more to stop at once."
    );
    let metrics = counters(&greeting);
    let refused = async { while TcpStream::connect(&host).await.is_ok() {} };
    timeout(PATIENCE, refused)
        .await
        .expect("nobody is let in, so a probe finds the port closed");
    let mut rest = Vec::new();
    timeout(PATIENCE, idle.read_to_end(&mut rest))
        .await
        .expect("in time")
        .expect("closed");
    assert_eq!(rest, b"", "who has no request open is let go");
    let health = get(&metrics, "/healthz", "").await;
    assert!(
        health.starts_with("HTTP/1.1 503 ") && health.ends_with("stopping\n"),
        "{health}"
    );
    assert!(
        get(&metrics, "/metrics", "")
            .await
            .contains("waybill_open_requests 1\n")
    );
    signal(&child, "-TERM").await;
    assert_eq!(
        child.wait().await.expect("it ends").code(),
        Some(130),
        "the second signal ends it at once"
    );
}

#[tokio::test]
async fn a_stop_waits_so_long_and_no_longer() {
    let (mut child, _, _, mut client, upstream) = streaming("0").await;
    signal(&child, "-INT").await;
    assert!(
        timeout(PATIENCE, child.wait())
            .await
            .expect("in time")
            .expect("it ends")
            .success()
    );
    assert!(
        matches!(client.read(&mut [0]).await, Ok(0) | Err(_)),
        "the stream is cut"
    );
    upstream.left_alone().await;
}

#[tokio::test]
async fn the_log_can_be_read_by_programs() {
    let upstream = Upstream::ok("hello").await;
    let registry = upstream.address.to_string();
    let (mut child, host, _) =
        started(&["--allow", &format!("http://{registry}"), "--log", "json"]).await;
    get(
        &host,
        &format!("/relay/http/{registry}/v2/secret/tags/list?last=secret"),
        "Authorization: secret\r\n",
    )
    .await;
    get(&host, "/secret", "").await;
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    for (to, status, bytes) in [(Some(registry), 200, 5), (None, 404, 45)] {
        let line = lines.next_line().await.expect("text").expect("a line");
        assert!(!line.contains("secret"), "{line}");
        let mut line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert!(line["ms"].take().is_u64());
        let expected = serde_json::json!({"method": "GET", "host": to, "status": status, "bytes": bytes, "ms": null});
        assert_eq!(line, expected);
    }
}

#[tokio::test]
async fn the_environment_is_read() {
    let mut child = command(&["--drain-seconds", "0"])
        .env("WAYBILL_LISTEN", "127.0.0.1:0")
        .env("WAYBILL_DIST", dist())
        .env("WAYBILL_ALLOW", "http://a.lan,b.lan:5000")
        .env("WAYBILL_TRUST_FORWARDED_FOR", "10.0.0.0/8")
        .env("WAYBILL_CLIENT_RATE", "7")
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut greeting = Vec::new();
    while let Some(line) = lines.next_line().await.expect("text") {
        greeting.push(line);
        if greeting.len() == 6 {
            break;
        }
    }
    assert_eq!(
        greeting[1..],
        [
            "It relays the page's requests to any public registry, over https.",
            "It also reaches http://a.lan, https://b.lan:5000.",
            "Each client may have 64 requests open and make 7 a second.",
            "It believes X-Forwarded-For of 10.0.0.0/8.",
            "Pushing is off; --push switches it on.",
        ]
    );
}

/// The first line of the answer for a client that a front server names.
async fn status_for(proxy: std::net::SocketAddr, forwarded: &str) -> String {
    get(
        &proxy.to_string(),
        "/",
        &format!("X-Forwarded-For: {forwarded}\r\n"),
    )
    .await
    .lines()
    .next()
    .unwrap_or("")
    .to_owned()
}

#[tokio::test]
async fn limits_are_those_of_the_client_behind_a_trusted_front_server() {
    let trusting = start(&TestNetwork::default(), |config| {
        config.trusted.push("127.0.0.0/8".parse().expect("trusted"));
        (config.limits.client_burst, config.limits.client_rate) = (1, 1);
        config.limits.client_connections = 0;
    })
    .await;
    assert_eq!(
        status_for(trusting, "198.51.100.1").await,
        "HTTP/1.1 200 OK"
    );
    assert_eq!(
        status_for(trusting, "198.51.100.2").await,
        "HTTP/1.1 200 OK",
        "another client"
    );
    let again = status_for(trusting, "198.51.100.1").await;
    assert_eq!(again, "HTTP/1.1 429 Too Many Requests");
    let forged = status_for(trusting, "203.0.113.1, 198.51.100.1").await;
    assert_eq!(
        forged, "HTTP/1.1 429 Too Many Requests",
        "what the client wrote itself does not count"
    );

    let wary = start(&TestNetwork::default(), |config| {
        (config.limits.client_burst, config.limits.client_rate) = (1, 1);
    })
    .await;
    assert_eq!(status_for(wary, "198.51.100.1").await, "HTTP/1.1 200 OK");
    assert_eq!(
        status_for(wary, "198.51.100.2").await,
        "HTTP/1.1 429 Too Many Requests",
        "nobody is believed"
    );
}
