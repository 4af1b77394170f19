//! What is counted since the start, in the text form that Prometheus reads. No label has a value that clients choose.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What a request asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// A file of the page.
    Page,
    /// Whether the registry is there.
    Base,
    /// The tags of a repository.
    Tags,
    Manifest,
    Blob,
    /// The referrers of a manifest.
    Referrers,
    /// A step of an upload.
    Upload,
    Token,
    /// A relay request for no endpoint of the registry API, or one whose head cannot be read.
    Other,
}

const KINDS: [(RequestKind, &str); 9] = [
    (RequestKind::Page, "page"),
    (RequestKind::Base, "base"),
    (RequestKind::Tags, "tags"),
    (RequestKind::Manifest, "manifest"),
    (RequestKind::Blob, "blob"),
    (RequestKind::Referrers, "referrers"),
    (RequestKind::Upload, "upload"),
    (RequestKind::Token, "token"),
    (RequestKind::Other, "other"),
];

/// The codes of refusals that are counted; `error_response` gives them.
const REASONS: [&str; 17] = [
    "ADDRESS_REFUSED",
    "BODY_REFUSED",
    "BODY_TOO_LARGE",
    "HEAD_REFUSED",
    "HEAD_TOO_LARGE",
    "HOST_REFUSED",
    "LIMIT_REACHED",
    "METHOD_REFUSED",
    "ORIGIN_REFUSED",
    "PATH_REFUSED",
    "REDIRECT_REFUSED",
    "TOKEN_ENDPOINT_UNKNOWN",
    "TOKEN_REFUSED",
    "UPSTREAM_MALFORMED",
    "UPSTREAM_TIMEOUT",
    "UPSTREAM_TLS",
    "UPSTREAM_UNREACHABLE",
];

/// Upper bounds of the histogram, in milliseconds.
const BOUNDS: [u64; 11] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/// Counts what happens, for all threads together.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: [[AtomicU64; 5]; KINDS.len()],
    refusals: [AtomicU64; REASONS.len()],
    sent: AtomicU64,
    received: AtomicU64,
    open: AtomicU64,
    /// By bucket; the last one has no bound.
    answers: [AtomicU64; BOUNDS.len() + 1],
    answer_micros: AtomicU64,
}

impl Metrics {
    /// Counts a request that came in.
    pub(crate) fn begun(&self) {
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a request whose answer has gone out, or was given up; `sent` is in bytes.
    pub(crate) fn ended(&self, kind: RequestKind, status: u16, sent: u64) {
        self.open.fetch_sub(1, Ordering::Relaxed);
        self.sent.fetch_add(sent, Ordering::Relaxed);
        let kind = KINDS.iter().position(|(known, _)| *known == kind);
        let class = usize::from(status / 100).checked_sub(1);
        let counter = kind
            .zip(class)
            .and_then(|(kind, class)| self.requests[kind].get(class));
        if let Some(counter) = counter {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts a request that was refused, or failed on the way. A code that is not in the list is not counted.
    pub(crate) fn refused(&self, code: &str) {
        if let Some(reason) = REASONS.iter().position(|known| *known == code) {
            self.refusals[reason].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts bytes of a client's body that were relayed.
    pub(crate) fn received(&self, bytes: u64) {
        self.received.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts an answer of upstream, whose head came `after` this time.
    pub(crate) fn answered(&self, after: Duration) {
        let micros = u64::try_from(after.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS
            .iter()
            .position(|bound| micros <= bound * 1_000)
            .unwrap_or(BOUNDS.len());
        self.answers[bucket].fetch_add(1, Ordering::Relaxed);
        self.answer_micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// Writes the counters as text.
    ///
    /// Source: Prometheus, "Exposition-based format", version 0.0.4.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = Exposition::default();
        text.about(
            "waybill_requests_total",
            "counter",
            "Requests that have ended, by what they asked for.",
        );
        for ((_, kind), classes) in KINDS.iter().zip(&self.requests) {
            for (class, counter) in (1..).zip(classes).filter(|(_, counter)| read(counter) > 0) {
                text.line(
                    format_args!("waybill_requests_total{{kind=\"{kind}\",status=\"{class}xx\"}}"),
                    read(counter),
                );
            }
        }
        text.about(
            "waybill_refusals_total",
            "counter",
            "Requests that were refused or failed on the way, by reason.",
        );
        for (reason, counter) in REASONS.iter().zip(&self.refusals) {
            text.line(
                format_args!("waybill_refusals_total{{reason=\"{reason}\"}}"),
                read(counter),
            );
        }
        for (name, kind, help, counter) in [
            (
                "waybill_sent_bytes_total",
                "counter",
                "Bytes of answers sent to clients.",
                &self.sent,
            ),
            (
                "waybill_received_bytes_total",
                "counter",
                "Bytes of clients' bodies relayed.",
                &self.received,
            ),
            (
                "waybill_open_requests",
                "gauge",
                "Requests whose answer has not ended.",
                &self.open,
            ),
        ] {
            text.about(name, kind, help);
            text.line(format_args!("{name}"), read(counter));
        }
        let name = "waybill_upstream_answer_seconds";
        text.about(
            name,
            "histogram",
            "Time until upstream sent the head of an answer, over all its redirects.",
        );
        let mut count = 0;
        for (bound, counter) in BOUNDS.iter().zip(&self.answers) {
            count += read(counter);
            let (seconds, millis) = (bound / 1_000, bound % 1_000);
            text.line(
                format_args!("{name}_bucket{{le=\"{seconds}.{millis:03}\"}}"),
                count,
            );
        }
        count += read(&self.answers[BOUNDS.len()]);
        text.line(format_args!("{name}_bucket{{le=\"+Inf\"}}"), count);
        let micros = read(&self.answer_micros);
        let seconds = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        text.line(format_args!("{name}_sum"), seconds);
        text.line(format_args!("{name}_count"), count);
        text.0
    }
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[derive(Default)]
struct Exposition(String);

impl Exposition {
    fn about(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: std::fmt::Arguments<'_>, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "{name} {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_a_refusal_is_counted() {
        let is_code = |text: &&str| {
            text.contains('_') && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
        };
        let source = include_str!("error_response.rs");
        let codes: Vec<_> = source
            .split('"')
            .skip(1)
            .step_by(2)
            .filter(is_code)
            .collect();
        assert!(codes.len() > 10, "{codes:?}");
        for code in codes {
            assert!(REASONS.contains(&code), "{code}");
        }
    }

    #[test]
    fn what_happened_is_counted() {
        let metrics = Metrics::default();
        metrics.begun();
        metrics.begun();
        metrics.ended(RequestKind::Manifest, 200, 1_234);
        metrics.refused("ADDRESS_REFUSED");
        metrics.refused("of another kind");
        metrics.received(7);
        metrics.answered(Duration::from_millis(5));
        metrics.answered(Duration::from_millis(6));
        metrics.answered(Duration::from_mins(1));
        let text = metrics.text();
        for line in [
            "# TYPE waybill_requests_total counter",
            "waybill_requests_total{kind=\"manifest\",status=\"2xx\"} 1",
            "waybill_refusals_total{reason=\"ADDRESS_REFUSED\"} 1",
            "waybill_refusals_total{reason=\"LIMIT_REACHED\"} 0",
            "waybill_sent_bytes_total 1234",
            "waybill_received_bytes_total 7",
            "waybill_open_requests 1",
            "waybill_upstream_answer_seconds_bucket{le=\"0.005\"} 1",
            "waybill_upstream_answer_seconds_bucket{le=\"0.010\"} 2",
            "waybill_upstream_answer_seconds_bucket{le=\"10.000\"} 2",
            "waybill_upstream_answer_seconds_bucket{le=\"+Inf\"} 3",
            "waybill_upstream_answer_seconds_sum 60.011000",
            "waybill_upstream_answer_seconds_count 3",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
