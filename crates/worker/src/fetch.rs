//! Requests, and bodies chunk by chunk.

use js_sys::{Array, ArrayBuffer, Date, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use waybill_blobs::message::{Event, Fetch, is_content};
use web_sys::{
    AbortController, Headers, ReadableStreamByobReader, ReadableStreamDefaultReader,
    ReferrerPolicy, Request, RequestCache, RequestCredentials, RequestInit, Response,
    WorkerGlobalScope,
};

use crate::timer::Alarm;

/// How much is asked for at once, in bytes (1 MiB): a browser has about as much ready.
const CHUNK: u32 = 1 << 20;

/// A request that is under way, until its body is read.
pub(crate) struct Connection {
    controller: AbortController,
    idle_seconds: u32,
    response: Option<Response>,
}

impl Connection {
    /// Sends a request and waits for the head of its answer. What is told is that head, with the
    /// body where it is no layer's.
    pub(crate) async fn open(request: &Fetch, controller: AbortController) -> (Self, Event) {
        let mut connection = Self {
            controller,
            idle_seconds: request.idle_seconds,
            response: None,
        };
        let event = match connection.answer(request).await {
            Ok(event) => event,
            Err(_) => Event::Unanswered {
                timed_out: connection.controller.signal().aborted(),
            },
        };
        (connection, event)
    }

    async fn answer(&mut self, request: &Fetch) -> Result<Event, JsValue> {
        let response = {
            let _alarm = Alarm::set(request.seconds_to_answer, &self.controller);
            send(request, &self.controller).await?
        };
        let headers: Vec<_> = Array::from(&response.headers()).iter().map(pair).collect();
        let status = request.status(response.status(), &headers);
        self.response = Some(response);
        let (mut body, mut over_limit) = (Vec::new(), false);
        if !is_content(status)
            && let Some(mut stream) = self.body()
        {
            while !over_limit && let Some(chunk) = stream.next().await? {
                let room = request.limit - body.len();
                over_limit = chunk.length() as usize > room;
                let end = u32::try_from(room).unwrap_or(u32::MAX);
                body.extend(chunk.subarray(0, end).to_vec());
            }
        }
        Ok(Event::Answered {
            status,
            headers,
            body: String::from_utf8_lossy(&body).into_owned(),
            over_limit,
        })
    }

    /// Takes the body; `None` where there is none.
    pub(crate) fn body(&mut self) -> Option<Body> {
        let stream = self.response.take()?.body()?;
        let reader = match ReadableStreamByobReader::new(&stream) {
            Ok(reader) => Reader::Filling(reader, ArrayBuffer::new(CHUNK)),
            Err(_) => Reader::Giving(stream.get_reader().unchecked_into()),
        };
        Some(Body {
            reader,
            controller: self.controller.clone(),
            idle_seconds: self.idle_seconds,
            alarm: None,
        })
    }
}

impl Drop for Connection {
    /// Nobody reads on.
    fn drop(&mut self) {
        self.controller.abort();
    }
}

/// A body, to be read chunk by chunk.
pub(crate) struct Body {
    reader: Reader,
    controller: AbortController,
    idle_seconds: u32,
    /// What ends it where nothing comes, and when that was set, in milliseconds.
    alarm: Option<(Alarm, f64)>,
}

enum Reader {
    /// Fills one buffer again and again: chunks that are given pile up, some 100 MB of them, until
    /// the browser looks for what nobody needs any more.
    Filling(ReadableStreamByobReader, ArrayBuffer),
    /// Where the browser cannot do that: Safari before 26.4.
    Giving(ReadableStreamDefaultReader),
}

impl Body {
    /// Waits for the next chunk; `None` behind the last one. It is there until the next is asked
    /// for. It fails where the connection broke, was given up, or brought nothing for too long.
    pub(crate) async fn next(&mut self) -> Result<Option<Uint8Array>, JsValue> {
        // A timer for each chunk would be some thousand of them, which the browser keeps for long.
        let now = Date::now();
        let is_fresh = |(_, set): &(Alarm, f64)| now - set < 1_000.0;
        if !self.alarm.as_ref().is_some_and(is_fresh) {
            self.alarm = Some((Alarm::set(self.idle_seconds, &self.controller), now));
        }
        let read = match &self.reader {
            Reader::Filling(reader, buffer) => {
                reader.read_with_array_buffer_view(&Uint8Array::new(buffer))
            }
            Reader::Giving(reader) => reader.read(),
        };
        let read = JsFuture::from(read).await?;
        if Reflect::get(&read, &"done".into())?.is_truthy() {
            return Ok(None);
        }
        let chunk: Uint8Array = Reflect::get(&read, &"value".into())?.unchecked_into();
        if let Reader::Filling(_, buffer) = &mut self.reader {
            // The one that was given is no more; this one is the same memory.
            *buffer = chunk.buffer();
        }
        Ok(Some(chunk))
    }
}

/// Sends it as the page does: no cookies, no referrer, no cache.
async fn send(request: &Fetch, controller: &AbortController) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &request.headers {
        headers.set(name, value)?;
    }
    let options = RequestInit::new();
    options.set_headers(&headers);
    options.set_cache(RequestCache::NoStore);
    options.set_credentials(RequestCredentials::Omit);
    options.set_referrer_policy(ReferrerPolicy::NoReferrer);
    options.set_signal(Some(&controller.signal()));
    let ready = Request::new_with_str_and_init(&request.url, &options)?;
    let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
    let answer = JsFuture::from(scope.fetch_with_request(&ready)).await?;
    Ok(answer.unchecked_into())
}

/// A header as `Array.from` gives it.
fn pair(entry: JsValue) -> (String, String) {
    let entry: Array = entry.unchecked_into();
    let text = |index| entry.get(index).as_string().unwrap_or_default();
    (text(0), text(1))
}
