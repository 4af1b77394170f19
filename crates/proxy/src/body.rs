//! Bodies on both sides: of answers to clients, and of requests to upstream.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;

use crate::limited_body::{LimitedBody, StreamError};

/// The body of a request to upstream, whatever kind of body the client's is.
pub type Upload = UnsyncBoxBody<Bytes, StreamError>;

/// The body of a request that reads.
#[must_use]
pub fn no_upload() -> Upload {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// The body of an answer.
pub enum Body {
    /// All of it.
    Whole(Bytes),
    /// What comes from upstream, as it comes.
    Relayed(LimitedBody<Incoming>),
    /// What came from upstream while it was held; then the rest as it comes, or why there is none.
    Begun(Bytes, Box<Result<LimitedBody<Incoming>, StreamError>>),
    /// Nothing more, and why.
    Broken(StreamError),
}

impl Body {
    /// No bytes.
    #[must_use]
    pub fn empty() -> Self {
        Self::Whole(Bytes::new())
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::Whole(text.into())
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        let this = self.get_mut();
        match this {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Relayed(stream) => Pin::new(stream).poll_frame(context),
            Self::Begun(bytes, _) if !bytes.is_empty() => {
                Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes)))))
            }
            Self::Begun(_, rest) => match &mut **rest {
                Ok(stream) => Pin::new(stream).poll_frame(context),
                Err(error) => {
                    // Head and bytes would be lost where the server finds the error before it has sent them.
                    *this = Self::Broken(error.clone());
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
            },
            Self::Broken(error) => {
                let error = error.clone();
                *this = Self::empty();
                Poll::Ready(Some(Err(error)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Relayed(stream) => stream.is_end_stream(),
            Self::Broken(_) => false,
            Self::Begun(bytes, rest) => {
                bytes.is_empty() && rest.as_ref().as_ref().is_ok_and(LimitedBody::is_end_stream)
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Relayed(stream) => stream.size_hint(),
            Self::Broken(_) => SizeHint::default(),
            Self::Begun(bytes, rest) => {
                let left = rest
                    .as_ref()
                    .as_ref()
                    .ok()
                    .and_then(|stream| stream.size_hint().exact());
                left.map_or_else(SizeHint::default, |left| {
                    SizeHint::with_exact(bytes.len() as u64 + left)
                })
            }
        }
    }
}
