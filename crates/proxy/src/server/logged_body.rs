//! The body of an answer; with its end the request ends.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::body::error::BodyError;
use crate::body::response::ResponseBody;
use crate::log::RequestLog;
use crate::server::connections::InFlight;
use crate::server::rate_limit::Permit;

/// A body that is counted; with its end the request ends, for the log and for the client's permit.
pub struct LoggedBody {
    body: ResponseBody,
    /// None for a probe.
    request_log: Option<RequestLog>,
    _permit: Option<Permit>,
    _answering: Option<InFlight>,
}

impl LoggedBody {
    /// Counts `body` into `request_log` and keeps `permit` until its end.
    #[must_use]
    pub fn new(
        body: ResponseBody,
        request_log: Option<RequestLog>,
        permit: Option<Permit>,
    ) -> Self {
        Self {
            body,
            request_log,
            _permit: permit,
            _answering: None,
        }
    }

    /// Keeps the connection busy until the end of this body.
    #[must_use]
    pub fn on(self, answering: InFlight) -> Self {
        Self {
            _answering: Some(answering),
            ..self
        }
    }
}

impl http_body::Body for LoggedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.body).poll_frame(context);
        if let (Poll::Ready(Some(Ok(frame))), Some(request_log)) = (&result, &mut this.request_log)
        {
            let length = frame.data_ref().map_or(0, Bytes::len);
            request_log.sent(u64::try_from(length).unwrap_or(u64::MAX));
        }
        result
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
