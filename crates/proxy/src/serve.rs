//! Connections of clients: accepted up to a number, timed, and let finish when the proxy stops.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::App;
use crate::body::Body;
use crate::clients::network;
use crate::config::Limits;
use crate::page::text;
use crate::tls::Tls;
use crate::wire::Wire;
use crate::worker::{Worker, least_busy};

/// The largest head of a request, in bytes.
const HEAD_BYTES: usize = 64 * 1024;

/// How long to wait where the system has no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Open connections to the counters.
const METRICS_CONNECTIONS: usize = 16;

/// Serves an app, over https where there is a certificate, until `stop` ends; then lets open requests finish within
/// [`Limits::shutdown`].
///
/// A connection stays with one of the workers, so none of its requests wakes two threads; without workers nothing is
/// served. Accepting, counting and stopping is done here, for all of them together.
pub async fn serve(
    listener: TcpListener,
    workers: &[Worker],
    tls: Option<Tls>,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let Some(Worker { app, .. }) = workers.first() else { return };
    let (stopping, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut clients = OpenConnections::default();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept(), if connections.len() < limits.connections => match accepted {
                Ok((stream, client)) => {
                    let client = client.ip();
                    let limit = if app.is_front_server(client) { usize::MAX } else { limits.client_connections };
                    // Who has too many already is hung up on.
                    let open = clients.open(client, limit);
                    // Each runtime waits for the sockets that were made known to it.
                    if let (Some(open), Ok(stream), Some(worker)) = (open, stream.into_std(), least_busy(workers)) {
                        let (app, tls, stopped) = (worker.app.clone(), tls.clone(), stopped.clone());
                        let answers = async move {
                            if let Ok(stream) = TcpStream::from_std(stream) {
                                connection(stream, client, app, tls, limits, stopped).await;
                            }
                            drop(open);
                        };
                        connections.spawn_on(answers, &worker.runtime);
                    }
                }
                Err(_) => tokio::time::sleep(NO_ROOM).await,
            },
        }
    }
    app.stop();
    drop((listener, stopping));
    // What is still open behind that time is dropped with the set.
    let _ = timeout(limits.shutdown, async { while connections.join_next().await.is_some() {} }).await;
}

async fn connection(
    stream: TcpStream,
    client: IpAddr,
    app: App,
    tls: Option<Tls>,
    limits: Limits,
    stopped: watch::Receiver<()>,
) {
    // Only a hint: where it cannot be set, answers come a little later.
    let _ = stream.set_nodelay(true);
    match tls {
        None => requests(stream, client, app, limits, stopped).await,
        // Errors of the handshake are the client's, as those of requests are.
        Some(tls) => {
            if let Ok(Ok(stream)) = timeout(limits.client_head, tls.accept(stream)).await {
                requests(stream, client, app, limits, stopped).await;
            }
        }
    }
}

async fn requests<S>(stream: S, client: IpAddr, app: App, limits: Limits, mut stopped: watch::Receiver<()>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|request| {
        let app = app.clone();
        async move { Ok::<_, Infallible>(app.answer(client, request).await) }
    });
    let connection = server(limits).serve_connection(TokioIo::new(Wire::new(stream, limits.client_idle)), service);
    let mut connection = std::pin::pin!(connection);
    // Errors are the client's: it broke off, or sent what is no HTTP.
    tokio::select! {
        _ = connection.as_mut() => return,
        // The sender is dropped when the proxy stops.
        _ = stopped.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// How requests are read from clients.
fn server(limits: Limits) -> http1::Builder {
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(limits.client_head).max_buf_size(HEAD_BYTES);
    server
}

/// Serves the counters of `app` at `/metrics`, and its health at `/healthz`, as long as it is polled.
pub async fn serve_metrics(listener: TcpListener, app: App, limits: Limits) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept(), if connections.len() < METRICS_CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    let app = app.clone();
                    let service = service_fn(move |request: Request<Incoming>| {
                        let answer = metrics_answer(&app, request.uri().path());
                        async move { Ok::<_, Infallible>(answer) }
                    });
                    let stream = TokioIo::new(Wire::new(stream, limits.client_idle));
                    let connection = server(limits).serve_connection(stream, service);
                    connections.spawn(async move { drop(connection.await) });
                }
                Err(_) => tokio::time::sleep(NO_ROOM).await,
            },
        }
    }
}

fn metrics_answer(app: &App, path: &str) -> Response<Body> {
    match path {
        "/metrics" => text(StatusCode::OK, app.metrics().text()),
        "/healthz" => app.health(),
        _ => text(StatusCode::NOT_FOUND, "There are /metrics and /healthz here.\n"),
    }
}

/// Who has how many connections open: each holds a clone of its client's counter.
#[derive(Default)]
struct OpenConnections {
    counters: HashMap<IpAddr, Arc<()>>,
}

impl OpenConnections {
    fn open(&mut self, client: IpAddr, limit: usize) -> Option<Arc<()>> {
        self.counters.retain(|_, counter| Arc::strong_count(counter) > 1);
        let counter = self.counters.entry(network(client)).or_default();
        (Arc::strong_count(counter) <= limit).then(|| Arc::clone(counter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_a_number_of_connections() {
        let mut clients = OpenConnections::default();
        let (one, two) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let first = clients.open(one, 2);
        let second = clients.open(one, 2);
        assert!(first.is_some() && second.is_some());
        assert_eq!(clients.open(one, 2), None);
        assert!(clients.open(two, 2).is_some());
        drop(first);
        assert!(clients.open(one, 2).is_some());
        drop(second);
        assert!(clients.open(two, 2).is_some());
        assert_eq!(clients.counters.len(), 1, "who left is forgotten");
    }
}
