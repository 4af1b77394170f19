//! One line for each request: method, host, status, bytes and time. Never a header, a query or a body.

use std::io::Write as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{Method, StatusCode};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::Instant;

use crate::clients::Permit;

/// Writes to standard error, or not at all.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    /// Whether nothing is written.
    pub quiet: bool,
}

impl Log {
    /// A request came in.
    #[must_use]
    pub fn start(self, method: &Method) -> Started {
        Started { quiet: self.quiet, method: method.clone(), at: Instant::now() }
    }
}

/// A request that is not answered yet.
#[derive(Debug)]
pub struct Started {
    quiet: bool,
    method: Method,
    at: Instant,
}

impl Started {
    /// The head of the answer goes out; `host` is where a request was relayed to.
    #[must_use]
    pub fn answered(self, status: StatusCode, host: Option<String>) -> Record {
        Record { started: self, status, host, bytes: 0 }
    }
}

/// A request whose answer goes out. The line is written when it is dropped, at the end of the answer.
#[derive(Debug)]
pub struct Record {
    started: Started,
    status: StatusCode,
    host: Option<String>,
    bytes: u64,
}

impl Record {
    fn line(&self) -> String {
        let Self { started, status, host, bytes } = self;
        // Methods are what clients make of them, but always plain ASCII.
        let method: String = started.method.as_str().chars().take(16).collect();
        let host = host.as_deref().unwrap_or("-");
        format!("{method} {host} {} {bytes} bytes {} ms\n", status.as_u16(), started.at.elapsed().as_millis())
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if !self.started.quiet {
            // In one piece, and a closed standard error is no reason to stop.
            let _ = std::io::stderr().lock().write_all(self.line().as_bytes());
        }
    }
}

/// A body that is counted; with its end the request ends, for the log and for the client's permit.
pub struct Counted {
    body: Body,
    record: Record,
    _permit: Option<Permit>,
}

impl Counted {
    /// Counts `body` into `record` and keeps `permit` until its end.
    #[must_use]
    pub fn new(body: Body, record: Record, permit: Option<Permit>) -> Self {
        Self { body, record, _permit: permit }
    }
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &result {
            let length = frame.data_ref().map_or(0, Bytes::len);
            this.record.bytes += u64::try_from(length).unwrap_or(u64::MAX);
        }
        result
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_line_holds_five_things() {
        let started = Log { quiet: true }.start(&Method::GET);
        tokio::time::advance(std::time::Duration::from_millis(56)).await;
        let mut record = started.answered(StatusCode::OK, Some("registry.example:5000".to_owned()));
        record.bytes = 1234;
        assert_eq!(record.line(), "GET registry.example:5000 200 1234 bytes 56 ms\n");
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_names_no_host() {
        let method = Method::from_bytes("X".repeat(99).as_bytes()).expect("a token");
        let record = Log { quiet: true }.start(&method).answered(StatusCode::FORBIDDEN, None);
        assert_eq!(record.line(), "XXXXXXXXXXXXXXXX - 403 0 bytes 0 ms\n");
    }
}
