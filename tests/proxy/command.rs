//! The program as a person starts it.

use std::net::TcpListener;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Child;

use crate::harness::{Does, Upstream, answer, ask, command, dist, signal, started, until};

async fn terminate(child: &Child) {
    signal(child, "-TERM").await;
}

#[tokio::test]
async fn it_says_where_it_is_and_what_is_allowed() {
    let (_child, host, greeting) = started(&[
        "--allow",
        "http://localhost:5000",
        "--push",
        "--host",
        "a.example",
    ])
    .await;
    assert_eq!(
        greeting[1..],
        [
            "It also answers to a.example.",
            "It relays the page's requests to any public registry, over https.",
            "It also reaches http://localhost:5000.",
            "Each client may have 64 requests open and make 100 a second.",
            "Pushing is on.",
        ]
    );
    let mut answer = [0; 15];
    ask(&host, "/", "")
        .await
        .read_exact(&mut answer)
        .await
        .expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
    let (_child, _, greeting) = started(&[]).await;
    assert_eq!(
        greeting[2],
        "Private registries are refused; --allow HOST:PORT names one."
    );
    assert_eq!(greeting[4], "Pushing is off; --push switches it on.");
}

#[tokio::test]
async fn the_log_holds_no_secret() {
    let body = b"{\"token\":\"secret-body\"}";
    let upstream =
        Upstream::naming("/secret-path", |_| Does::Sends(answer("200 OK", &[], body))).await;
    let registry = format!("http://{}", upstream.address);
    let (mut child, host, _) = started(&["--allow", &registry]).await;
    let challenge = format!("/relay/http/{}/v2/named/tags/list", upstream.address);
    let mut named = String::new();
    ask(&host, &challenge, "Connection: close\r\n")
        .await
        .read_to_string(&mut named)
        .await
        .expect("an answer");
    assert!(named.contains("/secret-path"), "{named}");
    for path in [
        "relay/http/UP/v2/secret-name/tags/list?last=secret-query",
        "token/http/UP/secret-path?scope=secret-query",
    ] {
        let path = format!("/{}", path.replace("UP", &upstream.address.to_string()));
        let headers =
            "Authorization: Basic secret-header\r\nCookie: secret-cookie\r\nConnection: close\r\n";
        let mut answer = String::new();
        ask(&host, &path, headers)
            .await
            .read_to_string(&mut answer)
            .await
            .expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
    terminate(&child).await;
    let mut log = String::new();
    child
        .stderr
        .as_mut()
        .expect("piped")
        .read_to_string(&mut log)
        .await
        .expect("text");
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| line.contains(" 200 23 bytes "))
        .collect();
    assert_eq!(lines.len(), 2, "{log}");
    for line in lines {
        assert!(
            line.starts_with(&format!("GET {} 200 23 bytes ", upstream.address))
                && line.ends_with(" ms"),
            "{line}"
        );
    }
    assert!(!log.contains("secret"), "{log}");
}

#[tokio::test]
async fn a_stop_lets_streams_finish() {
    let (release, hold) = (
        std::sync::Arc::new(tokio::sync::Notify::new()),
        std::sync::Arc::default(),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let registry = listener.local_addr().expect("bound").to_string();
    let (wait, held): (_, std::sync::Arc<std::sync::atomic::AtomicBool>) = (release.clone(), hold);
    let begun = held.clone();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a request");
        let _ = stream.read(&mut [0; 1024]).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
            .await
            .expect("sent");
        begun.store(true, std::sync::atomic::Ordering::SeqCst);
        wait.notified().await;
        stream.write_all(b"world").await.expect("sent");
        std::future::pending::<()>().await;
    });
    let (mut child, host, _) =
        started(&["--log", "off", "--allow", &format!("http://{registry}")]).await;
    let mut client = ask(
        &host,
        &format!("/relay/http/{registry}/v2/a/manifests/x"),
        "",
    )
    .await;
    until(|| held.load(std::sync::atomic::Ordering::SeqCst)).await;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.expect("the answer began"));
    }
    terminate(&child).await;
    let mut stderr = BufReader::new(child.stderr.take().expect("piped")).lines();
    let word = stderr.next_line().await.expect("text").expect("a word");
    assert_eq!(
        word,
        "Stopping when the open requests have ended, within 30 seconds; once more to stop at once."
    );
    release.notify_one();
    let mut body = Vec::new();
    client.read_to_end(&mut body).await.expect("the whole body");
    assert_eq!(body, b"helloworld");
    assert!(child.wait().await.expect("it ends").success());
    assert_eq!(
        stderr.next_line().await.expect("text"),
        None,
        "--log off writes no line for a request"
    );
}

#[tokio::test]
async fn what_is_wrong_is_said_with_what_to_do() {
    let run = |arguments: Vec<String>| async move {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = command(&arguments).output().await.expect("it runs");
        (
            output.status.code(),
            String::from_utf8(output.stderr).expect("text"),
        )
    };
    let dist = dist().to_string_lossy().into_owned();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("bound").to_string();
    let words = format!(
        "waybill-proxy: {address} is taken by another program, perhaps by another waybill-proxy; stop it, or take a free \
         port with --listen 127.0.0.1:0\n"
    );
    assert_eq!(
        run(vec!["--listen".into(), address, "--dist".into(), dist]).await,
        (Some(1), words)
    );
    let nowhere = vec![
        "--listen".into(),
        "127.0.0.1:0".into(),
        "--dist".into(),
        "nowhere".into(),
    ];
    let (code, words) = run(nowhere).await;
    assert_eq!(code, Some(1));
    assert!(
        words.starts_with("waybill-proxy: nowhere cannot be read: "),
        "{words}"
    );
    assert!(
        words.ends_with("; build the page with `scripts/serve`, or name its folder with --dist\n"),
        "{words}"
    );
    assert_eq!(
        run(vec!["--pusch".into()]).await,
        (
            Some(2),
            "waybill-proxy: invalid option '--pusch'; see --help\n".to_owned()
        )
    );
}

#[tokio::test]
async fn help_and_version_are_printed() {
    for (flag, words) in [
        ("--help", "Usage: waybill-proxy [OPTIONS]"),
        ("--version", "waybill-proxy 0."),
    ] {
        let output = command(&[flag]).output().await.expect("it runs");
        assert!(output.status.success());
        assert!(
            String::from_utf8(output.stdout)
                .expect("text")
                .contains(words)
        );
    }
}
