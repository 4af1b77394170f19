//! What a request may look like on the wire, checked in front of the HTTP library.
//!
//! The library reads some heads more kindly than a front server may: a bare line feed ends a line, a second equal
//! `Content-Length` is dropped, and `Transfer-Encoding` wins over `Content-Length`. Where two readers differ, a
//! request can be smuggled. Browsers send none of these, so they are refused. `Transfer-Encoding` is refused
//! altogether: browsers state the length of what they send.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt as _, Collected};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use waybill_core::limits::MANIFEST_BYTES;

use crate::config::Limits;
use crate::connections::Activity;
use crate::limited_body::{Pacer, StreamError};

/// The largest head of a request, in bytes.
pub const HEAD_BYTES: usize = 64 * 1024;

/// The most headers of a request or of an answer: the HTTP library's own limit.
pub const HEADERS: usize = 100;

/// As much of a header line as is looked at: longer than any `Content-Length`.
const LOOKED_AT: usize = 64;

/// A client's connection.
///
/// A head that is refused is cut short with a zero byte, on which the HTTP library gives up. What it says then, if it
/// says something, is held back: the refusal is to have the proxy's own words, [`Wire::refused`]. A client that
/// takes nothing for a time, or almost nothing, is cut off.
pub struct Wire<S> {
    stream: S,
    heads: HeadScanner,
    activity: Activity,
    pacer: Pacer,
    held_back: bool,
}

impl<S> Wire<S> {
    /// Watches `stream`, on which `activity` is what happens.
    pub fn new(stream: S, activity: Activity, limits: Limits) -> Self {
        let pacer = Pacer::new(limits.client_idle, limits.client_slowest);
        Self {
            stream,
            heads: HeadScanner::default(),
            activity,
            pacer,
            held_back: false,
        }
    }

    /// Why a head was not read, where the HTTP library has given the connection up for `its` reason.
    #[must_use]
    pub fn refused(&self, its: &hyper::Error) -> Option<HeadError> {
        let error = if its.is_parse_too_large() {
            HeadError::TooLarge
        } else {
            HeadError::Malformed
        };
        self.heads.refused().or(self.held_back.then_some(error))
    }

    /// The client took so much, or lets wait.
    fn paced<T>(
        &mut self,
        context: &mut Context<'_>,
        result: Poll<io::Result<T>>,
        bytes: impl FnOnce(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        let too_slow = |error: StreamError| io::Error::new(io::ErrorKind::TimedOut, error);
        match result {
            Poll::Pending => self.pacer.wait(context).map(|error| Err(too_slow(error))),
            Poll::Ready(Ok(done)) => {
                let bytes = u64::try_from(bytes(&done)).unwrap_or(u64::MAX);
                Poll::Ready(self.pacer.moved(bytes).map(|()| done).map_err(too_slow))
            }
            error @ Poll::Ready(Err(_)) => error,
        }
    }

    /// Whether the HTTP library writes although nobody asked. From then on it is not heard.
    fn holds_back(&mut self) -> bool {
        self.held_back |= self.activity.waits();
        self.held_back
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// Answers in the library's place, and ends the connection. The client may still be sending: what it sends is read
    /// and dropped for a while, because a close with unread bytes would take the answer away from it.
    pub async fn answer<B>(&mut self, response: Response<B>) -> io::Result<()>
    where
        B: http_body::Body<Data = Bytes>,
    {
        let (head, body) = response.into_parts();
        // The proxy's own words are there at once.
        let body = body
            .collect()
            .await
            .map(Collected::to_bytes)
            .unwrap_or_default();
        let mut answer = format!(
            "HTTP/1.1 {}\r\ncontent-length: {}\r\n",
            head.status,
            body.len()
        )
        .into_bytes();
        for (name, value) in &head.headers {
            answer.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        answer.extend(b"connection: close\r\n\r\n");
        answer.extend(body);
        self.stream.write_all(&answer).await?;
        self.stream.shutdown().await?;
        let unread = u64::try_from(MANIFEST_BYTES).unwrap_or(u64::MAX);
        tokio::io::copy(&mut (&mut self.stream).take(unread), &mut tokio::io::sink())
            .await
            .map(drop)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.heads.refused().is_some() {
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
        let new = &mut buffer.filled_mut()[before..];
        if let Some(refused) = this.heads.read(new) {
            new[refused] = 0;
            buffer.set_filled(before + refused + 1);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.holds_back() {
            return Poll::Ready(Ok(bytes.len()));
        }
        let result = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.paced(context, result, |written| *written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.holds_back() {
            return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
        }
        let result = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.paced(context, result, |written| *written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_flush(context);
        ready!(this.paced(context, result, |()| 0))?;
        this.activity.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.held_back || this.heads.refused().is_some() {
            // There is something to say yet.
            return Poll::Ready(Ok(()));
        }
        let result = Pin::new(&mut this.stream).poll_shutdown(context);
        this.paced(context, result, |()| 0)
    }
}

/// Why the head of a request is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadError {
    /// It is no HTTP, or two readers may read it in two ways.
    Malformed,
    /// It is longer than [`HEAD_BYTES`], or has more than [`HEADERS`] headers.
    TooLarge,
}

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => write!(
                f,
                "the head of the request is not well-formed HTTP/1.1, so it was not read"
            ),
            Self::TooLarge => write!(
                f,
                "the head of the request is larger than this proxy takes: {HEAD_BYTES} bytes, {HEADERS} headers; if the \
                 cookies of another program under this host name fill it, delete them"
            ),
        }
    }
}

impl std::error::Error for HeadError {}

/// Follows the heads of a connection, byte by byte, and skips the bodies between them.
#[derive(Debug)]
enum HeadScanner {
    Head(Head),
    Body { left: usize },
    Refused(HeadError),
}

#[derive(Debug, Default)]
struct Head {
    /// The start of the line.
    line: Vec<u8>,
    /// How long the line is so far.
    length: usize,
    /// Whether the last byte was a carriage return.
    returned: bool,
    /// Whether the request line was read.
    in_headers: bool,
    content_length: Option<usize>,
    /// How long the head is so far.
    size: usize,
}

impl Default for HeadScanner {
    fn default() -> Self {
        Self::Head(Head::default())
    }
}

/// What a byte does to a head.
enum Step {
    More,
    End { body: usize },
    Refused,
}

impl HeadScanner {
    fn refused(&self) -> Option<HeadError> {
        match self {
            Self::Refused(error) => Some(*error),
            Self::Head(_) | Self::Body { .. } => None,
        }
    }

    /// Reads the next bytes; gives the position of the first one that may not stand there.
    fn read(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut position = 0;
        while position < bytes.len() {
            match self {
                Self::Refused(_) => return Some(position),
                Self::Body { left } => {
                    let skipped = (*left).min(bytes.len() - position);
                    *left -= skipped;
                    position += skipped;
                    if *left == 0 {
                        *self = Self::default();
                    }
                }
                Self::Head(head) => {
                    let rest = &bytes[position..];
                    let (length, step) = match rest.iter().position(|b| matches!(b, b'\r' | b'\n'))
                    {
                        Some(0) => (1, head.line_break(rest[0])),
                        end => {
                            let length = end.unwrap_or(rest.len());
                            (length, head.text(&rest[..length]))
                        }
                    };
                    head.size += length;
                    if head.size > HEAD_BYTES {
                        *self = Self::Refused(HeadError::TooLarge);
                        return Some(position);
                    }
                    match step {
                        Step::More => {}
                        Step::End { body: 0 } => *self = Self::default(),
                        Step::End { body } => *self = Self::Body { left: body },
                        Step::Refused => {
                            *self = Self::Refused(HeadError::Malformed);
                            return Some(position);
                        }
                    }
                    position += length;
                }
            }
        }
        None
    }
}

impl Head {
    /// Part of a line; not empty.
    fn text(&mut self, text: &[u8]) -> Step {
        let is_folded = self.length == 0 && matches!(text[0], b' ' | b'\t');
        if self.returned || is_folded {
            return Step::Refused;
        }
        self.length += text.len();
        self.line
            .extend(text.iter().take(LOOKED_AT - self.line.len()));
        Step::More
    }

    /// A carriage return or a line feed; neither stands without the other.
    fn line_break(&mut self, byte: u8) -> Step {
        match (std::mem::replace(&mut self.returned, byte == b'\r'), byte) {
            (true, b'\n') => self.line_end(),
            (false, b'\r') => Step::More,
            _ => Step::Refused,
        }
    }

    fn line_end(&mut self) -> Step {
        let step = self.whole_line();
        self.line.clear();
        self.length = 0;
        step
    }

    /// What the line that has just ended says.
    fn whole_line(&mut self) -> Step {
        let (line, length) = (&self.line, self.length);
        if length == 0 && self.in_headers {
            return Step::End {
                body: self.content_length.unwrap_or(0),
            };
        }
        // Empty lines in front of the request line are skipped, as the library does.
        if !self.in_headers {
            self.in_headers = length > 0;
            return Step::More;
        }
        let colon = line.iter().position(|&b| b == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        if name.trim_ascii().eq_ignore_ascii_case(b"transfer-encoding") {
            return Step::Refused;
        }
        if name.trim_ascii().eq_ignore_ascii_case(b"content-length") {
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            let is_number =
                length == line.len() && !value.is_empty() && value.iter().all(u8::is_ascii_digit);
            let number = std::str::from_utf8(value)
                .ok()
                .and_then(|value| value.parse().ok());
            if !is_number || number.is_none() || self.content_length.is_some() {
                return Step::Refused;
            }
            self.content_length = number;
        }
        Step::More
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::io::{BufWriter, DuplexStream, duplex};
    use tokio::time::{Instant, sleep, timeout};

    /// A connection on which a request is being answered, through a pipe that holds little; and its other end.
    fn answering<S>(stream: S) -> Wire<S> {
        let activity = Activity::default();
        let wire = Wire::new(stream, activity.clone(), Limits::default());
        // Until the test ends.
        std::mem::forget(activity.begin());
        wire
    }

    /// Takes so many bytes a second.
    async fn take(mut client: DuplexStream, rate: usize) {
        let mut buffer = vec![0; rate];
        loop {
            sleep(Duration::from_secs(1)).await;
            if client.read_exact(&mut buffer).await.is_err() {
                return;
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_almost_nothing_is_cut_off_and_a_bad_line_is_not() {
        for (rate, length, passes) in [
            (1, 4_096, false),
            (500, 1_000_000, false),
            (8 * 1_024, 10_000_000, true),
        ] {
            let (client, server) = duplex(64);
            let mut wire = answering(server);
            tokio::spawn(take(client, rate));
            let written = wire.write_all(&vec![0; length]).await;
            assert_eq!(
                written.is_ok(),
                passes,
                "{rate} bytes a second: {written:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_quick_at_first_is_no_credit() {
        let (mut client, server) = duplex(64);
        let mut wire = answering(server);
        tokio::spawn(async move {
            client
                .read_exact(&mut vec![0; 1_000_000])
                .await
                .expect("quick");
            take(client, 1).await;
        });
        let begun = Instant::now();
        let error = wire
            .write_all(&vec![0; 1_100_000])
            .await
            .expect_err("cut off");
        assert_eq!(
            error.to_string(),
            "it came at less than 1024 bytes a second"
        );
        assert!(begun.elapsed() < Duration::from_mins(3), "after two looks");
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_holds_up_no_end() {
        // As TLS does, it takes what is written and holds it; what is held has to go when it is flushed, or at the end.
        let held = || {
            let (client, server) = duplex(64);
            (client, answering(BufWriter::with_capacity(4_096, server)))
        };
        let (_client, mut wire) = held();
        wire.write_all(&[0; 1_024]).await.expect("held");
        let flushed = timeout(Duration::from_mins(10), wire.flush())
            .await
            .expect("an end");
        assert_eq!(
            flushed.expect_err("cut off").to_string(),
            "nothing came for 60s"
        );
        let (_client, mut wire) = held();
        wire.write_all(&[0; 1_024]).await.expect("held");
        let shut = timeout(Duration::from_mins(10), wire.shutdown())
            .await
            .expect("an end");
        assert_eq!(
            shut.expect_err("cut off").to_string(),
            "nothing came for 60s"
        );
    }

    /// Reads the text whole, and byte by byte: the answers must be the same.
    fn refused(text: &str) -> Option<usize> {
        let whole = HeadScanner::default().read(text.as_bytes());
        let mut heads = HeadScanner::default();
        let single = text.bytes().position(|byte| heads.read(&[byte]).is_some());
        assert_eq!(whole, single, "{text:?}");
        whole
    }

    #[test]
    fn well_formed_requests_pass_one_behind_the_other() {
        for text in [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n\n\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "PUT / HTTP/1.1\r\ncontent-length:  0\t\r\nX-Content-Length: 1\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nX: a b\r\nEmpty:\r\n\r\n",
        ] {
            assert_eq!(refused(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_head_has_a_size_and_a_body_does_not_count() {
        let head = |size: usize| format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(size - 23));
        assert_eq!(head(HEAD_BYTES).len(), HEAD_BYTES);
        let body = format!(
            "PUT / HTTP/1.1\r\nContent-Length: {0}\r\n\r\n{1}",
            HEAD_BYTES,
            "x".repeat(HEAD_BYTES)
        );
        for text in [
            head(HEAD_BYTES),
            [head(HEAD_BYTES), head(HEAD_BYTES)].concat(),
            [body, head(100)].concat(),
        ] {
            assert_eq!(refused(&text), None);
        }
        let mut heads = HeadScanner::default();
        assert!(heads.read(head(HEAD_BYTES + 1).as_bytes()).is_some());
        assert_eq!(heads.refused(), Some(HeadError::TooLarge));
    }

    #[test]
    fn what_two_readers_may_read_in_two_ways_is_refused() {
        for text in [
            "GET / HTTP/1.1\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\n",
            "GET / HTTP/1.1\rHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nX: a\r b\r\n\r\n",
            "GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n",
            "GET / HTTP/1.1\r\nX: a\r\n\tb\r\n\r\n",
            "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
            " GET / HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
            "POST / HTTP/1.1\r\nContent-Length: 3\r\nCONTENT-LENGTH: 4\r\n\r\nabc",
            "POST / HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\nabc",
            "POST / HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc",
            "POST / HTTP/1.1\r\nContent-Length: -3\r\n\r\nabc",
            "POST / HTTP/1.1\r\nContent-Length: 0x3\r\n\r\nabc",
            "POST / HTTP/1.1\r\nContent-Length:\r\n\r\nabc",
            "POST / HTTP/1.1\r\nContent-Length : 3, 4\r\n\r\nabc",
            "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\nabc",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\ntransfer-encoding : identity\r\n\r\n",
        ] {
            assert!(refused(text).is_some(), "{text:?}");
        }
        let long = format!(
            "POST / HTTP/1.1\r\nContent-Length: {}3\r\n\r\nabc",
            " ".repeat(LOOKED_AT)
        );
        assert!(refused(&long).is_some());
    }
}
