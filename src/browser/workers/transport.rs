//! Requests through a worker: what the client sends, the worker fetches.

use std::rc::Rc;

use waybill_blobs::message::{Command, Event, Fetch};
use waybill_core::registry::transport::{Request, Response, TransportError};

use super::job::Job;
use crate::browser::opened;
use crate::browser::transport::{
    Elsewhere, address, is_refused, refused, sent_headers, unanswered,
};

/// What sends requests for a layer through the worker that reads it, which answers with their heads; only errors have
/// bodies.
pub(super) fn through(job: &Rc<Job>) -> Elsewhere {
    let job = Rc::clone(job);
    Elsewhere(Box::new(move |request| {
        let job = Rc::clone(&job);
        Box::pin(async move { send(&job, &request).await })
    }))
}

async fn send(job: &Job, request: &Request) -> Result<Response, TransportError> {
    let Some(archives) = opened::of(request) else {
        return send_to(job, request, address(request)?).await;
    };
    let archives = archives?;
    match archives.address(request).await {
        Ok(url) => {
            let answer = send_to(job, request, url.clone()).await;
            archives.release(&url);
            answer
        }
        Err(answer) => Ok(answer),
    }
}

async fn send_to(job: &Job, request: &Request, url: String) -> Result<Response, TransportError> {
    job.tell(&Command::Fetch(Fetch {
        url,
        headers: sent_headers(request)
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        seconds_to_answer: request.seconds_to_answer(),
        idle_seconds: request.idle_seconds(),
        limit: request.limit,
    }));
    loop {
        // Who cancelled hears nothing more, and why the worker stopped says the job.
        let (event, _) = job.next().await.map_err(|_| TransportError::Cancelled)?;
        let answer = match event {
            Event::Answered {
                status,
                headers,
                body,
                over_limit,
            } => Response {
                status,
                headers,
                body: body.into_bytes(),
                over_limit,
            },
            Event::Unanswered { timed_out: true } => {
                return Err(TransportError::TimedOut {
                    seconds: request.seconds_to_answer(),
                    received: None,
                });
            }
            Event::Unanswered { timed_out: false } => return Err(unanswered(request)),
            Event::Ready
            | Event::Progress(_)
            | Event::Question(_)
            | Event::Broken { .. }
            | Event::Bytes
            | Event::Zeros(_)
            | Event::File(_)
            | Event::Done(_) => continue,
        };
        return if is_refused(request, &answer)? {
            Err(refused(&answer.body))
        } else {
            Ok(answer)
        };
    }
}
