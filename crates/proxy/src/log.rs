//! One request from its head to the last byte of its answer: counted, and written as one line.
//!
//! A line holds method, host, status, bytes and time. Never a header, a path, a query or a body.

use std::fmt;
use std::io::Write as _;
use std::str::FromStr;
use std::sync::Arc;

use http::{Method, StatusCode};
use tokio::time::Instant;

use crate::metrics::{Metrics, RequestKind};
use crate::upstream::authority::Authority;

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
    kind: RequestKind,
    status: u16,
    host: Option<Authority>,
    bytes: u64,
}

impl RequestLog {
    /// Counts a request that came in, from now on.
    #[must_use]
    pub fn start(log: Log, metrics: &Arc<Metrics>, method: &Method) -> Self {
        metrics.begun();
        Self {
            log,
            metrics: Arc::clone(metrics),
            method: method.clone(),
            at: Instant::now(),
            kind: RequestKind::Page,
            status: CLIENT_LEFT,
            host: None,
            bytes: 0,
        }
    }

    /// Notes what the request asks for, and `host`, where it is relayed to.
    pub fn set_request(&mut self, kind: RequestKind, host: Option<Authority>) {
        (self.kind, self.host) = (kind, host);
    }

    /// Notes the status of the answer, whose head goes out.
    pub fn set_status(&mut self, status: StatusCode) {
        self.status = status.as_u16();
    }

    /// Counts bytes of the body of the answer that go out.
    pub fn sent(&mut self, bytes: u64) {
        self.bytes += bytes;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn request_log(method: &str) -> RequestLog {
        let method = Method::from_bytes(method.as_bytes()).expect("a token");
        RequestLog::start(Log::Off, &Arc::default(), &method)
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_holds_five_things() {
        let mut log = request_log("GET");
        tokio::time::advance(std::time::Duration::from_millis(56)).await;
        log.set_request(
            RequestKind::Other,
            Some("registry.example:5000".parse().expect("host")),
        );
        log.set_status(StatusCode::OK);
        log.bytes = 1234;
        assert_eq!(
            log.line(),
            "GET registry.example:5000 200 1234 bytes 56 ms\n"
        );
        log.log = Log::Json;
        let line: serde_json::Value = serde_json::from_str(&log.line()).expect("JSON");
        let expected = serde_json::json!({
            "method": "GET", "host": "registry.example:5000", "status": 200, "bytes": 1234, "ms": 56
        });
        assert_eq!(line, expected);
        log.log = Log::Off;
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_names_no_host() {
        let mut log = request_log(&"X".repeat(99));
        log.set_status(StatusCode::FORBIDDEN);
        assert_eq!(log.line(), "XXXXXXXXXXXXXXXX - 403 0 bytes 0 ms\n");
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
