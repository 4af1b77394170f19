//! A crowd of silent connections takes nobody's turn: the real program, with clients at many addresses.

use std::io::{self, Read as _};
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::harness::{Does, PATIENCE, Upstream, ask, read_to, started};

/// Addresses of the crowd: 127.0.0.2 and so on.
const ADDRESSES: u8 = 5;

/// Silent connections of each.
const SILENT: usize = 250;

/// The open connections that the program has at most, as long as nothing else is said.
const CONNECTIONS: usize = 1_024;

/// How many files this test may have open.
fn files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").expect("limits");
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))
        .expect("of files");
    line.split_whitespace()
        .next()
        .and_then(|files| files.parse().ok())
        .unwrap_or(usize::MAX)
}

async fn connect_from(address: [u8; 4], host: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket
        .bind((address, 0).into())
        .expect("an address of this machine");
    socket.connect(host).await.expect("it listens")
}

/// Whether the other side has neither closed it nor said anything; the system is asked, not the runtime.
fn is_open(client: TcpStream) -> bool {
    let mut client = client.into_std().expect("a socket");
    matches!(client.read(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_newcomer_is_answered_while_a_crowd_is_silent() {
    // A tenth of it all where this machine allows no more.
    let part = if files() > 4 * CONNECTIONS { 1 } else { 10 };
    let (silent, connections) = (SILENT / part, CONNECTIONS / part);
    let upstream = Upstream::plain(|_| {
        Does::Hangs(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello".to_vec())
    })
    .await;
    let registry = upstream.address.to_string();
    let (allow, most) = (format!("http://{registry}"), connections.to_string());
    let (_child, host, _) =
        started(&["--allow", &allow, "--log", "off", "--connections", &most]).await;
    let address: SocketAddr = host.parse().expect("an address");
    let mut streaming = ask(
        &host,
        &format!("/relay/http/{registry}/v2/a/manifests/x"),
        "",
    )
    .await;
    read_to(&mut streaming, "hello").await;

    // It came first, so it would be the first whose time is over; and nobody else is at its address.
    let witness = connect_from([127, 0, 0, 99], address).await;
    let mut crowd = Vec::new();
    for number in 0..ADDRESSES {
        for _ in 0..silent {
            crowd.push(connect_from([127, 0, 0, 2 + number], address).await);
        }
    }
    assert!(crowd.len() > connections);
    let mut newcomer = connect_from([127, 0, 0, 100], address).await;
    let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
    newcomer.write_all(request.as_bytes()).await.expect("sent");
    let mut status = [0; 12];
    timeout(PATIENCE, newcomer.read_exact(&mut status))
        .await
        .expect("in time")
        .expect("an answer");
    assert_eq!(&status, b"HTTP/1.1 200");

    assert!(is_open(witness), "no time was waited for");
    assert!(is_open(streaming), "a request in flight was left alone");
    // Only so many of the crowd made room as were needed.
    let (all, open) = (
        crowd.len(),
        crowd
            .into_iter()
            .filter_map(|client| is_open(client).then_some(()))
            .count(),
    );
    assert!(
        open >= connections - connections / 8 - 3,
        "{open} of {all} are open"
    );
}
