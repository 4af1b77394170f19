//! A transport that answers from a script and fails on any request that the script does not hold.
//!
//! Time passes in waves: all requests under way in one wave are answered together at its end, so the number of waves
//! is the depth of requests that depend on one another.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use waybill_core::registry::transport::{
    Purpose, Request, Response, Transport, TransportError, Via,
};

/// One request as it must come, in the form of [`line`], its answer, and how many waves that takes.
struct Step {
    line: String,
    answer: Result<Response, TransportError>,
    waves: usize,
}

/// The transport; requests must come in the script's order.
#[derive(Default)]
pub struct Script {
    steps: RefCell<VecDeque<Step>>,
    wave: Cell<usize>,
    sent: Cell<usize>,
}

impl Script {
    /// Makes an empty script.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a step at the end, answered at the end of its wave.
    pub fn expect(&self, line: impl Into<String>, answer: Result<Response, TransportError>) {
        self.expect_slow(line, answer, 1);
    }

    /// Adds a step at the end, answered after that many waves.
    pub fn expect_slow(
        &self,
        line: impl Into<String>,
        answer: Result<Response, TransportError>,
        waves: usize,
    ) {
        self.steps.borrow_mut().push_back(Step {
            line: line.into(),
            answer,
            waves,
        });
    }

    /// How many requests were sent and how deep they depended on one another, since the last call. All steps of the
    /// script must have been taken.
    pub fn finish(&self) -> (usize, usize) {
        let left: Vec<String> = self
            .steps
            .borrow()
            .iter()
            .map(|step| step.line.clone())
            .collect();
        assert!(left.is_empty(), "never asked:\n{}", left.join("\n"));
        (self.sent.take(), self.wave.take())
    }

    /// Runs every future to its end, side by side.
    pub fn run_all<F: Future>(&self, futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
        let mut running: Vec<Pin<Box<F>>> = futures.into_iter().map(Box::pin).collect();
        let mut outputs: Vec<Option<F::Output>> = running.iter().map(|_| None).collect();
        let mut context = Context::from_waker(Waker::noop());
        loop {
            for (future, output) in running
                .iter_mut()
                .zip(&mut outputs)
                .filter(|(_, output)| output.is_none())
            {
                if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
                    *output = Some(value);
                }
            }
            if outputs.iter().all(Option::is_some) {
                return outputs.into_iter().flatten().collect();
            }
            self.wave.set(self.wave.get() + 1);
        }
    }

    /// Runs one future to its end.
    pub fn run<F: Future>(&self, future: F) -> F::Output {
        self.run_all([future]).pop().expect("one output")
    }
}

impl Transport for Script {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let got = line(&request);
        let next = self.steps.borrow_mut().pop_front();
        let Step {
            line,
            answer,
            waves,
        } = next.unwrap_or_else(|| panic!("not in the script: {got}"));
        assert_eq!(got, line, "another request than the script has");
        if let Ok(response) = &answer {
            assert!(
                response.body.len() <= request.limit,
                "{got}: the script's body is longer than the limit"
            );
        }
        self.sent.set(self.sent.get() + 1);
        let end = self.wave.get() + waves;
        poll_fn(|_| {
            if self.wave.get() >= end {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        answer
    }
}

/// A request in one line: `proxy token GET URL | NAME: VALUE`, with every header; a body follows as `| BODY` where it
/// is short text, else as its length.
pub fn line(request: &Request) -> String {
    let via = match request.via {
        Via::Direct => "direct",
        Via::Proxy => "proxy",
    };
    let purpose = match request.purpose {
        Purpose::Registry => "",
        Purpose::Token => " token",
    };
    assert!(
        request.body.is_empty() || !request.method.reads(),
        "a body in {request:?}"
    );
    let mut line = format!("{via}{purpose} {} {}", request.method.name(), request.url);
    for (name, value) in &request.headers {
        line.extend([" | ", name, ": ", value]);
    }
    match std::str::from_utf8(&request.body) {
        Ok("") => {}
        Ok(text) if text.len() <= 60 => line.extend([" | ", text]),
        _ => line.extend([" | ", &request.body.len().to_string(), " bytes"]),
    }
    line
}

/// An answer with a body and nothing else.
pub fn answer(status: u16, body: impl Into<Vec<u8>>) -> Response {
    Response {
        status,
        headers: Vec::new(),
        body: body.into(),
        over_limit: false,
    }
}

/// The answer with one more header.
pub fn with(mut response: Response, name: &str, value: &str) -> Response {
    response.headers.push((name.to_owned(), value.to_owned()));
    response
}
