//! What the examples need of the outside: plain http to a registry on this machine, and a way to run a future.
//!
//! A program of its own puts an HTTP client with TLS, redirects and time-outs here.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use waybill_core::reference::{Reference, ReferenceError};
use waybill_core::registry::transport::{Method, Request, Response, Transport, TransportError};

/// Sends each request over a connection of its own, as HTTP/1.0, so that the body ends where the connection does.
pub(crate) struct PlainHttp;

impl Transport for PlainHttp {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        exchange(&request).map_err(|_| TransportError::Opaque)
    }
}

fn exchange(request: &Request) -> io::Result<Response> {
    let invalid = || io::Error::from(io::ErrorKind::InvalidData);
    let (authority, path) = request
        .url
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .ok_or_else(invalid)?;
    let (method, length) = (request.method.name(), request.body.len());
    let mut head =
        format!("{method} /{path} HTTP/1.0\r\nhost: {authority}\r\ncontent-length: {length}\r\n");
    for (name, value) in &request.headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(authority)?;
    let wait = Duration::from_secs(request.seconds_to_answer().into());
    stream.set_read_timeout(Some(wait))?;
    stream.write_all(head.as_bytes())?;
    stream.write_all(&request.body)?;
    let mut answer = Vec::new();
    let longest = request.limit as u64 + (64 << 10);
    stream.take(longest).read_to_end(&mut answer)?;

    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let mut body = answer.split_off(end.ok_or_else(invalid)? + 4);
    let head = String::from_utf8(answer).map_err(|_| invalid())?;
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
    let over_limit = body.len() > request.limit && request.method != Method::Head;
    body.truncate(request.limit);
    Ok(Response {
        status: status
            .and_then(|status| status.parse().ok())
            .ok_or_else(invalid)?,
        headers: headers.collect(),
        body,
        over_limit,
    })
}

/// Runs a future of the client, which never waits here: [`PlainHttp`] blocks instead.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            return value;
        }
    }
}

/// The references that the program was called with.
pub(crate) fn references() -> Result<Vec<Reference>, ReferenceError> {
    std::env::args().skip(1).map(|text| text.parse()).collect()
}
