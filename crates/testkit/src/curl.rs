//! A transport over the program `curl`, to talk with real registries on this machine.

use std::cell::Cell;
use std::io::Write as _;
use std::process::{Command, Stdio};

use waybill_core::registry::transport::{Method, Request, Response, Transport, TransportError};

/// The transport: a process for each request, with a time-out of 20 seconds.
#[derive(Default)]
pub struct Curl {
    /// How many requests were sent.
    pub sent: Cell<usize>,
    /// The number of the request whose answer is lost.
    pub cut: Cell<Option<usize>>,
}

impl Transport for Curl {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let mut curl = Command::new("curl");
        curl.args([
            "--silent",
            "--http1.1",
            "--max-time",
            "20",
            "--include",
            "--header",
            "Expect:",
        ]);
        match request.method {
            Method::Get => {}
            Method::Head => drop(curl.arg("--head")),
            method => drop(curl.args(["--request", method.name(), "--data-binary", "@-"])),
        }
        for (name, value) in &request.headers {
            curl.args(["--header", &format!("{name}: {value}")]);
        }
        curl.arg(&request.url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = curl.spawn().expect("curl runs");
        child
            .stdin
            .take()
            .expect("its input")
            .write_all(&request.body)
            .expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        self.sent.set(self.sent.get() + 1);
        if !output.status.success() || self.cut.get() == Some(self.sent.get() - 1) {
            return Err(TransportError::BrokenBody { received: 0 });
        }
        let end = output
            .stdout
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .expect("a head");
        let head = String::from_utf8_lossy(&output.stdout[..end]);
        let mut lines = head.lines();
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1)?.parse().ok())
            .expect("a status");
        let header = |line: &str| {
            line.split_once(':')
                .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        };
        let mut body = output.stdout[end + 4..].to_vec();
        let over_limit = body.len() > request.limit;
        body.truncate(request.limit);
        Ok(Response {
            status,
            headers: lines.filter_map(header).collect(),
            body,
            over_limit,
        })
    }
}
