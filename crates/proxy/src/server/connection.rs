//! One connection of a client: its requests, one behind the other, until either side ends it.

use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::config::limits::Limits;
use crate::limits::HEAD_BYTES;
use crate::server::app::App;
use crate::server::connections::Activity;
use crate::server::head_guard::GuardedStream;
use crate::server::logged_body::LoggedBody;
use crate::server::tls::ServerTls;

/// How long a client has to take the refusal of its request's head.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(2);

/// A connection that was let in.
pub(crate) struct Connection {
    /// What answers; it also has the words for a head that cannot be read.
    pub(crate) app: App,
    /// What the connection is doing, for whoever makes room.
    pub(crate) activity: Activity,
    /// Sizes and times.
    pub(crate) limits: Limits,
    /// Its sender is dropped when the proxy stops.
    pub(crate) stopped: watch::Receiver<()>,
}

impl Connection {
    /// Answers the requests of `client` with the app, over https where there is a certificate.
    pub(crate) async fn serve(self, stream: TcpStream, client: IpAddr, tls: Option<ServerTls>) {
        // Only a hint: where it cannot be set, answers come a little later.
        let _ = stream.set_nodelay(true);
        let app = self.app.clone();
        let answer = move |request| {
            let app = app.clone();
            async move { app.answer(client, request).await }
        };
        match tls {
            None => self.answer_with(stream, answer).await,
            // Errors of the handshake are the client's, as those of requests are.
            Some(tls) => {
                let handshake = timeout(self.limits.client_head, tls.accept(stream));
                if let Ok(Ok(stream)) = handshake.await {
                    self.answer_with(stream, answer).await;
                }
            }
        }
    }

    /// Answers each request with what the function says, until the connection ends or the proxy stops.
    pub(crate) async fn answer_with<S, F>(
        self,
        stream: S,
        answer: impl Fn(Request<Incoming>) -> F + Unpin,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: Future<Output = Response<LoggedBody>>,
    {
        let Self {
            app,
            activity,
            limits,
            mut stopped,
        } = self;
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
        let stream = GuardedStream::new(stream, activity.clone(), limits);
        let mut connection = http(limits).serve_connection(TokioIo::new(stream), service);
        let ended = tokio::select! {
            ended = &mut connection => ended,
            _ = stopped.changed() => {
                std::pin::Pin::new(&mut connection).graceful_shutdown();
                (&mut connection).await
            }
        };
        // Errors are the client's: it broke off, or sent what is no HTTP.
        let Err(error) = ended else { return };
        let mut stream = connection.into_parts().io.into_inner();
        if let Some(error) = stream.refused(&error) {
            let _ = timeout(REFUSAL_TIMEOUT, stream.answer(app.refuse_head(error))).await;
        }
    }
}

/// Sets how requests are read from clients.
fn http(limits: Limits) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.client_head)
        .max_buf_size(HEAD_BYTES);
    http
}
