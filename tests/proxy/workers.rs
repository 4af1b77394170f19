//! Several threads answer: what counts for all requests together counts for all threads together.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::rustls::RootCertStore;
use waybill_proxy::App;
use waybill_proxy::Worker;
use waybill_proxy::serve;
use waybill_proxy::{Config, Limits};

use crate::harness::{Does, PATIENCE, PUBLIC, TestNetwork, Upstream, answer, ask, config, until};

const THREADS: usize = 3;
const MANIFEST: &str = "/relay/http/registry.test/v2/a/manifests/x";

/// A proxy with three threads, on a network in which `upstream` is a registry.
struct Proxy {
    host: String,
    app: waybill_proxy::App,
    network: TestNetwork,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Proxy {
    async fn start(upstream: &Upstream, limits: Limits) -> Self {
        let network = TestNetwork::default();
        network
            .name("registry.test", &[PUBLIC])
            .server(PUBLIC, upstream);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let allow = vec!["http://registry.test".parse().expect("host")];
        let config = Config {
            listen: address,
            allow,
            limits,
            ..config()
        };
        let app = App::with_network(&config, Arc::new(network.clone()), RootCertStore::empty())
            .expect("a page");
        let workers: Result<Vec<_>, _> = (0..THREADS).map(|_| Worker::start(&app)).collect();
        let workers = workers.expect("threads");
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(async move {
            serve(listener, &workers, None, limits, async {
                stopped.await.unwrap_or_default();
            })
            .await;
        });
        Self {
            host: address.to_string(),
            app,
            network,
            stop,
            served,
        }
    }

    /// The beginning of an answer on a connection of its own, up to `end`.
    async fn get(&self, end: &str) -> (TcpStream, String) {
        let mut client = ask(&self.host, MANIFEST, "").await;
        let begun = read_to(&mut client, end).await;
        (client, begun)
    }

    fn metrics(&self) -> String {
        self.app.metrics().text()
    }
}

async fn read_to(client: &mut TcpStream, end: &str) -> String {
    let mut read = Vec::new();
    while !read.ends_with(end.as_bytes()) {
        let byte = timeout(PATIENCE, client.read_u8()).await.expect("in time");
        read.push(
            byte.unwrap_or_else(|_| panic!("{} before {end}", String::from_utf8_lossy(&read))),
        );
    }
    String::from_utf8(read).expect("text")
}

#[tokio::test]
async fn connections_are_spread_and_each_thread_has_its_own_to_upstream() {
    let upstream = Upstream::ok("hello").await;
    let proxy = Proxy::start(&upstream, Limits::default()).await;
    let mut clients = Vec::new();
    for number in 1..=THREADS {
        clients.push(proxy.get("hello").await.0);
        // On one thread the second would have taken the connection of the first.
        assert_eq!(proxy.network.dialled().len(), number);
    }
    assert_eq!(upstream.requests().len(), THREADS);
    let all = format!("waybill_requests_total{{kind=\"manifest\",status=\"2xx\"}} {THREADS}");
    until(|| proxy.metrics().lines().any(|line| line == all)).await;
}

#[tokio::test]
async fn the_limits_of_a_client_are_those_of_all_threads_together() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello";
    let upstream = Upstream::plain(move |_| Does::Hangs(head.as_bytes().to_vec())).await;
    let proxy = Proxy::start(
        &upstream,
        Limits {
            client_requests: 2,
            ..Limits::default()
        },
    )
    .await;
    let (first, _) = proxy.get("hello").await;
    let (_second, _) = proxy.get("hello").await;
    let (_, refused) = proxy.get("}]}").await;
    assert!(
        refused.starts_with("HTTP/1.1 429 ") && refused.contains("2 requests of yours are open"),
        "{refused}"
    );
    drop(first);
    until(|| proxy.metrics().contains("waybill_open_requests 1\n")).await;
    assert!(
        proxy.get("hello").await.1.starts_with("HTTP/1.1 200 "),
        "who left makes room, on whatever thread"
    );

    let quick = Upstream::plain(|_| Does::Sends(answer("200 OK", &[], b"hello"))).await;
    let proxy = Proxy::start(
        &quick,
        Limits {
            client_burst: 2,
            client_rate: 1,
            ..Limits::default()
        },
    )
    .await;
    for (number, end) in [(1, "hello"), (2, "hello"), (3, "}]}")] {
        let begun = proxy.get(end).await.1;
        assert_eq!(begun.starts_with("HTTP/1.1 429 "), number == 3, "{begun}");
    }
}

#[tokio::test]
async fn a_stop_lets_the_streams_of_all_threads_finish() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";
    let upstream = Upstream::plain(move |_| {
        Does::Trickles(
            head.as_bytes().to_vec(),
            b"world".to_vec(),
            Duration::from_millis(20),
        )
    })
    .await;
    let proxy = Proxy::start(&upstream, Limits::default()).await;
    let mut clients = Vec::new();
    for _ in 0..THREADS {
        clients.push(proxy.get("hello").await.0);
    }
    proxy.stop.send(()).expect("it runs");
    for client in &mut clients {
        read_to(client, "world").await;
        assert_eq!(
            client.read(&mut [0]).await.expect("an end"),
            0,
            "the connection is closed behind its last answer"
        );
    }
    timeout(PATIENCE, proxy.served)
        .await
        .expect("in time")
        .expect("it ends");
}

#[tokio::test]
async fn a_stop_that_takes_too_long_cuts_the_streams_of_all_threads() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello";
    let upstream = Upstream::plain(move |_| Does::Hangs(head.as_bytes().to_vec())).await;
    let proxy = Proxy::start(
        &upstream,
        Limits {
            drain: Duration::ZERO,
            ..Limits::default()
        },
    )
    .await;
    let mut clients = Vec::new();
    for _ in 0..THREADS {
        clients.push(proxy.get("hello").await.0);
    }
    proxy.stop.send(()).expect("it runs");
    timeout(PATIENCE, proxy.served)
        .await
        .expect("in time")
        .expect("it ends");
    for client in &mut clients {
        assert!(matches!(client.read(&mut [0]).await, Ok(0) | Err(_)), "cut");
    }
    upstream.left_alone().await;
}
