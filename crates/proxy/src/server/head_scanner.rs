//! Reads the heads of a connection byte by byte, for what two readers may read in two ways.

use std::fmt;

use crate::limits::{HEAD_BYTES, HEADERS};

/// As much of a header line as is looked at: longer than any `Content-Length`.
const LINE_BYTES_KEPT: usize = 64;

/// Why the head of a request is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadError {
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
pub(crate) enum HeadScanner {
    Head(Head),
    Body { left: usize },
    Refused(HeadError),
}

#[derive(Debug, Default)]
pub(crate) struct Head {
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
    pub(crate) fn refused(&self) -> Option<HeadError> {
        match self {
            Self::Refused(error) => Some(*error),
            Self::Head(_) | Self::Body { .. } => None,
        }
    }

    /// Reads the next bytes; gives the position of the first one that may not stand there.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Option<usize> {
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
    /// Reads part of a line; it is not empty.
    fn text(&mut self, text: &[u8]) -> Step {
        let is_folded = self.length == 0 && matches!(text[0], b' ' | b'\t');
        if self.returned || is_folded {
            return Step::Refused;
        }
        self.length += text.len();
        self.line
            .extend(text.iter().take(LINE_BYTES_KEPT - self.line.len()));
        Step::More
    }

    /// Reads a carriage return or a line feed; neither stands without the other.
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

    /// Judges the line that has just ended.
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
            " ".repeat(LINE_BYTES_KEPT)
        );
        assert!(refused(&long).is_some());
    }
}
