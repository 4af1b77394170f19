//! Connections of clients: accepted up to a number, timed, and let finish when the proxy stops.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{sleep, timeout};

use crate::App;
use crate::assets::text;
use crate::body::Body;
use crate::config::Limits;
use crate::connections::{Activity, Connections};
use crate::head_guard::{HEAD_BYTES, Wire};
use crate::log::LoggedBody;
use crate::tls::Tls;
use crate::worker::{Worker, least_busy};

/// How long to wait where there is no room for another connection, here or in the system.
const NO_ROOM: Duration = Duration::from_millis(100);

/// How long a client has to take the refusal of its request's head.
const FAREWELL: Duration = Duration::from_secs(2);

/// Open connections to the counters.
const METRICS_CONNECTIONS: usize = 16;

/// How much of an answer the system holds for a client that does not take it, in bytes. Left alone it holds megabytes,
/// and tells only after a third of them that a slow client took something: minutes on a bad line.
const SEND_BUFFER: u32 = 256 * 1024;

/// Connections that wait for somebody to accept them.
const BACKLOG: u32 = 1_024;

/// Listens for the clients of [`serve`].
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    // As the library does by itself: a proxy that was just stopped can be started again.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // For its connections. Where it cannot be set, slow clients are cut off sooner.
    let _ = socket.set_send_buffer_size(SEND_BUFFER);
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

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
    let Some(Worker { app, .. }) = workers.first() else {
        return;
    };
    let (stopping, stopped) = watch::channel(());
    let mut open = Open::new(limits);
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = open.accept(&listener, app) => accepted,
        };
        // Each runtime waits for the sockets that were made known to it.
        let Some((stream, client)) = accepted else {
            continue;
        };
        let (Ok(stream), Some(worker)) = (stream.into_std(), least_busy(workers)) else {
            continue;
        };
        let (app, tls, stopped) = (worker.app.clone(), tls.clone(), stopped.clone());
        open.spawn(
            client,
            &worker.app,
            &worker.runtime,
            |activity| async move {
                if let Ok(stream) = TcpStream::from_std(stream) {
                    connection(stream, client, activity, app, tls, limits, stopped).await;
                }
            },
        );
    }
    app.stop();
    drop((listener, stopping));
    // What is still open behind that time is dropped with the set.
    let _ = timeout(limits.shutdown, async {
        while open.tasks.join_next().await.is_some() {}
    })
    .await;
}

/// The open connections, and the tasks that answer them.
struct Open {
    connections: Connections,
    tasks: JoinSet<()>,
}

impl Open {
    fn new(limits: Limits) -> Self {
        Self {
            connections: Connections::new(limits),
            tasks: JoinSet::new(),
        }
    }

    /// Waits until something happens; gives a new connection if that is one for which there is room.
    async fn accept(&mut self, listener: &TcpListener, app: &App) -> Option<(TcpStream, IpAddr)> {
        let has_room = self.connections.has_room();
        let accepted = tokio::select! {
            Some(ended) = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => {
                self.connections.remove(task(&ended));
                return None;
            }
            // A request that ends makes room and wakes nobody.
            () = sleep(NO_ROOM), if !has_room => return None,
            accepted = listener.accept(), if has_room => accepted,
        };
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.connections.remove(task(&ended));
        }
        match accepted {
            // For whom there is no room is hung up on.
            Ok((stream, client)) => self
                .connections
                .make_room(owner(client.ip(), app))
                .then_some((stream, client.ip())),
            Err(error) => {
                // ENFILE and EMFILE: the system has no room for another file.
                if matches!(error.raw_os_error(), Some(23 | 24)) {
                    self.connections.evict(0);
                }
                sleep(NO_ROOM).await;
                None
            }
        }
    }

    fn spawn<F>(
        &mut self,
        client: IpAddr,
        app: &App,
        runtime: &Handle,
        answers: impl FnOnce(Activity) -> F,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let activity = Activity::default();
        let task = self.tasks.spawn_on(answers(activity.clone()), runtime);
        self.connections.add(owner(client, app), activity, task);
    }
}

/// Whose limits a connection counts for; nobody's where a front server made it.
fn owner(client: IpAddr, app: &App) -> Option<IpAddr> {
    (!app.is_front_server(client)).then_some(client)
}

fn task(ended: &Result<(Id, ()), JoinError>) -> Id {
    ended.as_ref().map_or_else(JoinError::id, |(id, ())| *id)
}

async fn connection(
    stream: TcpStream,
    client: IpAddr,
    activity: Activity,
    app: App,
    tls: Option<Tls>,
    limits: Limits,
    stopped: watch::Receiver<()>,
) {
    // Only a hint: where it cannot be set, answers come a little later.
    let _ = stream.set_nodelay(true);
    let answering = app.clone();
    let answer = move |request| {
        let app = answering.clone();
        async move { app.answer(client, request).await }
    };
    match tls {
        None => requests(stream, activity, app, answer, limits, stopped).await,
        // Errors of the handshake are the client's, as those of requests are.
        Some(tls) => {
            if let Ok(Ok(stream)) = timeout(limits.client_head, tls.accept(stream)).await {
                requests(stream, activity, app, answer, limits, stopped).await;
            }
        }
    }
}

async fn requests<S, F>(
    stream: S,
    activity: Activity,
    app: App,
    answer: impl Fn(Request<Incoming>) -> F + Unpin,
    limits: Limits,
    mut stopped: watch::Receiver<()>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Future<Output = Response<LoggedBody>>,
{
    let service = service_fn(|request| {
        let begun = activity
            .begin()
            .map(|answering| (answering, answer(request)));
        async move {
            // A connection that was evicted is dropped in a moment.
            let Some((answering, answer)) = begun else {
                return std::future::pending().await;
            };
            Ok::<_, Infallible>(answer.await.map(|body| body.on(answering)))
        }
    });
    let wire = Wire::new(stream, activity.clone(), limits);
    let mut connection = server(limits).serve_connection(TokioIo::new(wire), service);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        // The sender is dropped when the proxy stops.
        _ = stopped.changed() => {
            std::pin::Pin::new(&mut connection).graceful_shutdown();
            (&mut connection).await
        }
    };
    // Errors are the client's: it broke off, or sent what is no HTTP.
    let Err(error) = ended else { return };
    let mut wire = connection.into_parts().io.into_inner();
    if let Some(error) = wire.refused(&error) {
        let _ = timeout(FAREWELL, wire.answer(app.answer_head(error))).await;
    }
}

/// How requests are read from clients.
fn server(limits: Limits) -> http1::Builder {
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(limits.client_head)
        .max_buf_size(HEAD_BYTES);
    server
}

/// Serves the counters of `app` at `/metrics`, and its health at `/healthz`, as long as it is polled.
pub async fn serve_metrics(listener: TcpListener, app: App, limits: Limits) {
    let (connections, client_connections) = (METRICS_CONNECTIONS, METRICS_CONNECTIONS);
    let limits = Limits {
        connections,
        client_connections,
        ..limits
    };
    let (_never, stopped) = watch::channel(());
    let mut open = Open::new(limits);
    loop {
        let Some((stream, client)) = open.accept(&listener, &app).await else {
            continue;
        };
        let (answering, refusing, stopped) = (app.clone(), app.clone(), stopped.clone());
        open.spawn(client, &app, &Handle::current(), |activity| async move {
            let answer = move |request: Request<Incoming>| {
                std::future::ready(
                    answering.own_answer(metrics_answer(&answering, request.uri().path())),
                )
            };
            requests(stream, activity, refusing, answer, limits, stopped).await;
        });
    }
}

fn metrics_answer(app: &App, path: &str) -> Response<Body> {
    match path {
        "/metrics" => text(StatusCode::OK, app.metrics().text()),
        "/healthz" => app.health(),
        _ => text(
            StatusCode::NOT_FOUND,
            "There are /metrics and /healthz here.\n",
        ),
    }
}
