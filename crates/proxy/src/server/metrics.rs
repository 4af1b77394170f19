//! The counters and the health of the proxy, on an address of their own.

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::body::response::{ResponseBody, text_response};
use crate::config::limits::Limits;
use crate::server::accept::OpenConnections;
use crate::server::app::App;
use crate::server::connection::Connection;

/// Open connections to the counters.
const METRICS_CONNECTIONS: usize = 16;

/// Serves the counters of `app` at `/metrics`, and its health at `/healthz`, as long as it is polled.
pub async fn serve_metrics(listener: TcpListener, app: App, limits: Limits) {
    let limits = Limits {
        connections: METRICS_CONNECTIONS,
        client_connections: METRICS_CONNECTIONS,
        ..limits
    };
    let (_never, stopped) = watch::channel(());
    let mut open = OpenConnections::new(limits);
    loop {
        let Some((stream, client)) = open.accept(&listener, &app).await else {
            continue;
        };
        open.spawn(client, &app, &Handle::current(), |activity| {
            let answering = app.clone();
            let answer = move |request: Request<Incoming>| {
                let response = respond(&answering, request.uri().path());
                std::future::ready(App::unlogged(response))
            };
            let connection = Connection {
                app: app.clone(),
                activity,
                limits,
                stopped: stopped.clone(),
            };
            connection.answer_with(stream, answer)
        });
    }
}

fn respond(app: &App, path: &str) -> Response<ResponseBody> {
    match path {
        "/metrics" => text_response(StatusCode::OK, app.metrics().text()),
        "/healthz" => app.health(),
        _ => text_response(
            StatusCode::NOT_FOUND,
            "There are /metrics and /healthz here.\n",
        ),
    }
}
