//! Memory and open files of the real program stay what they were over many requests and many broken streams.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::{Does, Upstream, answer, ask, started, until};

const BLOB: &str =
    "v2/a/blobs/sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/// Clients at once, each with a connection of its own.
const CLIENTS: usize = 16;

/// Requests before the memory is looked at first: by then every pool and buffer has been used.
const WARM_UP: usize = 2_000;
const REQUESTS: usize = 10_000;
const BROKEN: usize = 100;

/// How much more memory the program may have in the end, in KiB: far below what a leak of 1 KiB a request would be.
const GROWTH: u64 = 4_096;

/// Resident memory in KiB.
fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .expect("its memory");
    line.trim()
        .trim_end_matches(" kB")
        .parse()
        .expect("a number")
}

fn open_files(process: u32) -> usize {
    std::fs::read_dir(format!("/proc/{process}/fd"))
        .expect("it runs")
        .count()
}

/// Makes `count` requests, one behind the other on one connection.
async fn requests(host: String, path: String, count: usize) {
    let mut client = TcpStream::connect(&host).await.expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let mut buffer = [0; 4_096];
    for _ in 0..count {
        client.write_all(request.as_bytes()).await.expect("sent");
        let mut read = 0;
        while !buffer[..read].ends_with(b"\r\n\r\nhello") {
            let more = client.read(&mut buffer[read..]).await.expect("an answer");
            assert!(more > 0, "{}", String::from_utf8_lossy(&buffer[..read]));
            read += more;
        }
    }
}

async fn by_all_clients(host: &str, path: &str, count: usize) {
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..CLIENTS {
        clients.spawn(requests(host.to_owned(), path.to_owned(), count / CLIENTS));
    }
    while let Some(client) = clients.join_next().await {
        client.expect("all answered");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_and_open_files_stay_level() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n";
    let upstream = Upstream::plain(move |request| match request {
        blob if blob.contains("/blobs/") => Does::Repeats(head.to_vec(), vec![b'x'; 65_536]),
        _ => Does::Sends(answer("200 OK", &[], b"hello")),
    })
    .await;
    let registry = upstream.address.to_string();
    let allow = format!("http://{registry}");
    let limits = ["--client-rate", "1000000", "--client-burst", "1000000"];
    let (child, host, _) =
        started(&[&["--allow", &allow, "--log", "off"], &limits[..]].concat()).await;
    let process = child.id().expect("it runs");
    let path = format!("/relay/http/{registry}/v2/a/manifests/x");

    by_all_clients(&host, &path, WARM_UP).await;
    until(|| open_files(process) <= 64).await;
    let (memory_before, files_before) = (memory(process), open_files(process));

    by_all_clients(&host, &path, REQUESTS).await;
    for _ in 0..BROKEN {
        let mut client = ask(&host, &format!("/relay/http/{registry}/{BLOB}"), "").await;
        client
            .read_exact(&mut vec![0; 100_000])
            .await
            .expect("the stream began");
    }
    // Connections to upstream that wait for the next request may be as many as before; those of clients are gone.
    until(|| open_files(process) <= files_before).await;
    let memory_after = memory(process);
    assert!(
        memory_after <= memory_before + GROWTH,
        "{memory_before} KiB before, {memory_after} KiB after"
    );
    // Every broken stream broke upstream too; the connections that are left wait for requests.
    assert!(upstream.requests().len() >= WARM_UP + REQUESTS + BROKEN - 2 * CLIENTS);
}
