//! One request from its head to the last byte of its answer: counted, and written as one line.
//!
//! A line holds method, host, status, bytes and time. Never a header, a path, a query or a body.

use std::fmt;
use std::io::Write as _;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Method, StatusCode};
use http_body::{Frame, SizeHint};
use tokio::time::Instant;

use crate::authority::Authority;
use crate::body::Body;
use crate::connections::Answering;
use crate::limited_body::StreamError;
use crate::metrics::{Kind, Metrics};
use crate::rate_limit::Permit;

/// How requests are logged, on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Log {
    /// `GET registry.example 200 1234 bytes 56 ms`
    #[default]
    Text,
    /// `{"method":"GET","host":"registry.example","status":200,"bytes":1234,"ms":56}`
    Json,
    /// Not at all.
    Off,
}

impl FromStr for Log {
    type Err = LogError;

    fn from_str(text: &str) -> Result<Self, LogError> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            "off" => Ok(Self::Off),
            _ => Err(LogError),
        }
    }
}

/// It is none of the forms of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogError;

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the log is text, json or off")
    }
}

impl std::error::Error for LogError {}

/// Stands for the status where a client leaves before there is an answer; nginx's number for that.
const CLIENT_LEFT: u16 = 499;

/// A request whose answer has not ended. When it is dropped the line is written.
#[derive(Debug)]
pub struct RequestLog {
    log: Log,
    metrics: Arc<Metrics>,
    method: Method,
    at: Instant,
    kind: Kind,
    status: u16,
    host: Option<Authority>,
    bytes: u64,
}

impl RequestLog {
    /// A request came in.
    #[must_use]
    pub fn start(log: Log, metrics: &Arc<Metrics>, method: &Method) -> Self {
        metrics.begun();
        Self {
            log,
            metrics: Arc::clone(metrics),
            method: method.clone(),
            at: Instant::now(),
            kind: Kind::Page,
            status: CLIENT_LEFT,
            host: None,
            bytes: 0,
        }
    }

    /// What the request asks for, and `host`, where it is relayed to.
    pub fn asks(&mut self, kind: Kind, host: Option<Authority>) {
        (self.kind, self.host) = (kind, host);
    }

    /// The head of the answer goes out.
    pub fn answered(&mut self, status: StatusCode) {
        self.status = status.as_u16();
    }

    fn line(&self) -> String {
        // Methods are what clients make of them, but always plain ASCII without quotes and spaces.
        let method: String = self.method.as_str().chars().take(16).collect();
        let (status, bytes, ms) = (self.status, self.bytes, self.at.elapsed().as_millis());
        let host = self.host.as_ref().map(Authority::to_string);
        match self.log {
            Log::Json => {
                let line = serde_json::json!({
                    "method": method, "host": host, "status": status, "bytes": bytes, "ms": u64::try_from(ms).ok()
                });
                format!("{line}\n")
            }
            Log::Text | Log::Off => {
                format!(
                    "{method} {} {status} {bytes} bytes {ms} ms\n",
                    host.as_deref().unwrap_or("-")
                )
            }
        }
    }
}

impl Drop for RequestLog {
    fn drop(&mut self) {
        self.metrics.ended(self.kind, self.status, self.bytes);
        if self.log != Log::Off {
            // In one piece, and a closed standard error is no reason to stop.
            let _ = std::io::stderr().lock().write_all(self.line().as_bytes());
        }
    }
}

/// A body that is counted; with its end the request ends, for the log and for the client's permit.
pub struct LoggedBody {
    body: Body,
    /// None for a probe.
    record: Option<RequestLog>,
    _permit: Option<Permit>,
    _answering: Option<Answering>,
}

impl LoggedBody {
    /// Counts `body` into `record` and keeps `permit` until its end.
    #[must_use]
    pub fn new(body: Body, record: Option<RequestLog>, permit: Option<Permit>) -> Self {
        Self {
            body,
            record,
            _permit: permit,
            _answering: None,
        }
    }

    /// The same; until its end, its connection is busy with it.
    #[must_use]
    pub fn on(self, answering: Answering) -> Self {
        Self {
            _answering: Some(answering),
            ..self
        }
    }
}

impl http_body::Body for LoggedBody {
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.body).poll_frame(context);
        if let (Poll::Ready(Some(Ok(frame))), Some(record)) = (&result, &mut this.record) {
            let length = frame.data_ref().map_or(0, Bytes::len);
            record.bytes += u64::try_from(length).unwrap_or(u64::MAX);
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

    fn record(method: &str) -> RequestLog {
        let method = Method::from_bytes(method.as_bytes()).expect("a token");
        RequestLog::start(Log::Off, &Arc::default(), &method)
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_holds_five_things() {
        let mut record = record("GET");
        tokio::time::advance(std::time::Duration::from_millis(56)).await;
        record.asks(
            Kind::Other,
            Some("registry.example:5000".parse().expect("host")),
        );
        record.answered(StatusCode::OK);
        record.bytes = 1234;
        assert_eq!(
            record.line(),
            "GET registry.example:5000 200 1234 bytes 56 ms\n"
        );
        record.log = Log::Json;
        let line: serde_json::Value = serde_json::from_str(&record.line()).expect("JSON");
        let expected = serde_json::json!({
            "method": "GET", "host": "registry.example:5000", "status": 200, "bytes": 1234, "ms": 56
        });
        assert_eq!(line, expected);
        record.log = Log::Off;
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_names_no_host() {
        let mut record = record(&"X".repeat(99));
        record.answered(StatusCode::FORBIDDEN);
        assert_eq!(record.line(), "XXXXXXXXXXXXXXXX - 403 0 bytes 0 ms\n");
    }

    #[test]
    fn the_forms_have_names() {
        assert_eq!("json".parse(), Ok(Log::Json));
        assert_eq!(
            "loud".parse::<Log>().expect_err("no form").to_string(),
            "the log is text, json or off"
        );
    }
}
