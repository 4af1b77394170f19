//! What a request may look like on the wire, checked in front of the HTTP library.
//!
//! The library reads some heads more kindly than a front server may: a bare line feed ends a line, a second equal
//! `Content-Length` is dropped, and `Transfer-Encoding` wins over `Content-Length`. Where two readers differ, a
//! request can be smuggled. Browsers send none of these, so they are refused. `Transfer-Encoding` is refused
//! altogether: browsers state the length of what they send.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// As much of a header line as is looked at: longer than any `Content-Length`.
const LOOKED_AT: usize = 64;

/// A client's connection.
///
/// A head that is refused is cut short with a zero byte, which the HTTP library answers with 400 and a close. A
/// client that takes nothing for the given time is cut off.
pub struct Wire<S> {
    stream: S,
    heads: Heads,
    stall: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl<S> Wire<S> {
    /// Watches `stream`; `stall` is how long a write may take.
    pub fn new(stream: S, stall: Duration) -> Self {
        Self { stream, heads: Heads::default(), stall, timer: None }
    }

    fn written(&mut self, context: &mut Context<'_>, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if result.is_ready() {
            self.timer = None;
            return result;
        }
        let stall = self.stall;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(stall)));
        timer.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.heads.is_refused() {
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        std::task::ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
        let new = &mut buffer.filled_mut()[before..];
        if let Some(refused) = this.heads.read(new) {
            new[refused] = 0;
            buffer.set_filled(before + refused + 1);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.written(context, result)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.written(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

/// Follows the heads of a connection, byte by byte, and skips the bodies between them.
#[derive(Debug)]
enum Heads {
    Head(Head),
    Body { left: usize },
    Refused,
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
}

impl Default for Heads {
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

impl Heads {
    fn is_refused(&self) -> bool {
        matches!(self, Self::Refused)
    }

    /// Reads the next bytes; gives the position of the first one that may not stand there.
    fn read(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut position = 0;
        while position < bytes.len() {
            match self {
                Self::Refused => return Some(position),
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
                    let (length, step) = match rest.iter().position(|b| matches!(b, b'\r' | b'\n')) {
                        Some(0) => (1, head.line_break(rest[0])),
                        end => {
                            let length = end.unwrap_or(rest.len());
                            (length, head.text(&rest[..length]))
                        }
                    };
                    match step {
                        Step::More => {}
                        Step::End { body: 0 } => *self = Self::default(),
                        Step::End { body } => *self = Self::Body { left: body },
                        Step::Refused => {
                            *self = Self::Refused;
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
        self.line.extend(text.iter().take(LOOKED_AT - self.line.len()));
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
            return Step::End { body: self.content_length.unwrap_or(0) };
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
            let is_number = length == line.len() && !value.is_empty() && value.iter().all(u8::is_ascii_digit);
            let number = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok());
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

    /// Reads the text whole, and byte by byte: the answers must be the same.
    fn refused(text: &str) -> Option<usize> {
        let whole = Heads::default().read(text.as_bytes());
        let mut heads = Heads::default();
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
        let long = format!("POST / HTTP/1.1\r\nContent-Length: {}3\r\n\r\nabc", " ".repeat(LOOKED_AT));
        assert!(refused(&long).is_some());
    }
}
