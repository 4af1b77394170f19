//! What a request may look like, byte by byte, checked in front of the HTTP library.
//!
//! The library reads some heads more kindly than a front server may: a bare line feed ends a line, a second equal
//! `Content-Length` is dropped, and `Transfer-Encoding` wins over `Content-Length`. Where two readers differ, a
//! request can be smuggled. Browsers send none of these, so they are refused. `Transfer-Encoding` is refused
//! altogether: browsers state the length of what they send.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt as _, Collected};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use waybill_core::limits::MANIFEST_BYTES;

use crate::body::error::BodyError;
use crate::body::stall_guard::StallGuard;
use crate::config::limits::Limits;
use crate::server::connections::Activity;
use crate::server::head_scanner::{HeadError, HeadScanner};

/// A client's connection.
///
/// A head that is refused is cut short with a zero byte, on which the HTTP library gives up. What it says then, if it
/// says something, is held back: the refusal is to have the proxy's own words, [`GuardedStream::refused`]. A client
/// that takes nothing for a time, or almost nothing, is cut off.
pub(crate) struct GuardedStream<S> {
    stream: S,
    heads: HeadScanner,
    activity: Activity,
    stall_guard: StallGuard,
    held_back: bool,
}

impl<S> GuardedStream<S> {
    /// Watches `stream`, on which `activity` is what happens.
    pub(crate) fn new(stream: S, activity: Activity, limits: Limits) -> Self {
        let stall_guard = StallGuard::new(limits.client_idle, limits.client_slowest);
        Self {
            stream,
            heads: HeadScanner::default(),
            activity,
            stall_guard,
            held_back: false,
        }
    }

    /// Tells why a head was not read, where the HTTP library has given the connection up for `given_up`.
    #[must_use]
    pub(crate) fn refused(&self, given_up: &hyper::Error) -> Option<HeadError> {
        let error = if given_up.is_parse_too_large() {
            HeadError::TooLarge
        } else {
            HeadError::Malformed
        };
        self.heads.refused().or(self.held_back.then_some(error))
    }

    /// Holds the client to its pace: it took something, or lets wait.
    fn guarded<T>(
        &mut self,
        context: &mut Context<'_>,
        result: Poll<io::Result<T>>,
        bytes: impl FnOnce(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        let too_slow = |error: BodyError| io::Error::new(io::ErrorKind::TimedOut, error);
        match result {
            Poll::Pending => self
                .stall_guard
                .wait(context)
                .map(|error| Err(too_slow(error))),
            Poll::Ready(Ok(done)) => {
                let bytes = u64::try_from(bytes(&done)).unwrap_or(u64::MAX);
                Poll::Ready(
                    self.stall_guard
                        .moved(bytes)
                        .map(|()| done)
                        .map_err(too_slow),
                )
            }
            error @ Poll::Ready(Err(_)) => error,
        }
    }

    /// Tells whether the HTTP library writes although nobody asked. From then on it is not heard.
    fn holds_back(&mut self) -> bool {
        self.held_back |= self.activity.waits();
        self.held_back
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> GuardedStream<S> {
    /// Answers in the library's place, and ends the connection. The client may still be sending: what it sends is read
    /// and dropped for a while, because a close with unread bytes would take the answer away from it.
    pub(crate) async fn answer<B>(&mut self, response: Response<B>) -> io::Result<()>
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

impl<S: AsyncRead + Unpin> AsyncRead for GuardedStream<S> {
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

impl<S: AsyncWrite + Unpin> AsyncWrite for GuardedStream<S> {
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
        this.guarded(context, result, |written| *written)
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
        this.guarded(context, result, |written| *written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_flush(context);
        ready!(this.guarded(context, result, |()| 0))?;
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
        this.guarded(context, result, |()| 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::io::{BufWriter, DuplexStream, duplex};
    use tokio::time::{Instant, sleep, timeout};

    /// A connection on which a request is being answered, through a pipe that holds little; and its other end.
    fn answering<S>(stream: S) -> GuardedStream<S> {
        let activity = Activity::default();
        let guarded = GuardedStream::new(stream, activity.clone(), Limits::default());
        // Until the test ends.
        std::mem::forget(activity.begin());
        guarded
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
            let mut guarded = answering(server);
            tokio::spawn(take(client, rate));
            let written = guarded.write_all(&vec![0; length]).await;
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
        let mut guarded = answering(server);
        tokio::spawn(async move {
            client
                .read_exact(&mut vec![0; 1_000_000])
                .await
                .expect("quick");
            take(client, 1).await;
        });
        let begun = Instant::now();
        let error = guarded
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
        let (_client, mut guarded) = held();
        guarded.write_all(&[0; 1_024]).await.expect("held");
        let flushed = timeout(Duration::from_mins(10), guarded.flush())
            .await
            .expect("an end");
        assert_eq!(
            flushed.expect_err("cut off").to_string(),
            "nothing came for 60s"
        );
        let (_client, mut guarded) = held();
        guarded.write_all(&[0; 1_024]).await.expect("held");
        let shut = timeout(Duration::from_mins(10), guarded.shutdown())
            .await
            .expect("an end");
        assert_eq!(
            shut.expect_err("cut off").to_string(),
            "nothing came for 60s"
        );
    }
}
