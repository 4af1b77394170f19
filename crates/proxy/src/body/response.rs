//! The body of an answer to a client.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;

use crate::body::error::BodyError;
use crate::body::limited::LimitedBody;

/// The body of an answer.
pub enum ResponseBody {
    /// All of its bytes, at hand.
    Whole(Bytes),
    /// What comes from upstream, as it comes.
    Relayed(LimitedBody<Incoming>),
    /// What came from upstream while it was held; then the rest as it comes, or why there is none.
    Begun(Bytes, Box<Result<LimitedBody<Incoming>, BodyError>>),
    /// Nothing more, and why.
    Broken(BodyError),
}

impl ResponseBody {
    /// Makes a body without bytes.
    #[must_use]
    pub fn empty() -> Self {
        Self::Whole(Bytes::new())
    }
}

impl From<String> for ResponseBody {
    fn from(text: String) -> Self {
        Self::Whole(text.into())
    }
}

impl http_body::Body for ResponseBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
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

/// Makes a short answer in plain words, which no cache keeps.
pub(crate) fn text_response(
    status: StatusCode,
    words: impl Into<String>,
) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::from(words.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
