//! [`Transport`] over `fetch`.

use std::cell::RefCell;
use std::fmt;
use std::mem::take;
use std::pin::Pin;

use gloo_net::http::Request as HttpRequest;
use js_sys::{Array, Function, Promise, Reflect, Uint8Array, global};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use waybill_core::registry::error::ApiError;
use waybill_core::registry::relay_path::{
    REFUSED, RELAY_HEADER, RELAYED, STATUS_HEADER, relay_path, status_apart,
};
use waybill_core::registry::transport::{
    Method, Purpose, Request, Response, Transport, TransportError, Via,
};
use web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache,
    RequestCredentials, RequestInit, RequestRedirect, Response as HttpResponse, ResponseType,
};

use super::dom::{is_offline, pass};
use super::opened;

/// How often a request is sent again that the proxy took for one too many at once: it relayed nothing of it. Many images
/// that are planned or copied together come to that.
const SENT_AGAIN: u8 = 5;
/// How long the proxy is waited for then, at the most, in seconds.
const LONGEST_WAIT: u32 = 5;
const TOO_MANY_REQUESTS: u16 = 429;

/// Sends requests with `fetch`: no cookies, no referrer, no cache (answers carry no `Vary: Accept`, so the cache
/// would serve another format's body).
#[derive(Debug, Default)]
pub struct BrowserTransport {
    /// One for each request under way.
    under_way: RefCell<Vec<AbortController>>,
    elsewhere: Option<Elsewhere>,
    /// Whether what is read is to be pushed, which opened archives do not allow of everything.
    to_push: bool,
}

/// Sends a request of the registry API somewhere else than from the page. Not by a type of its own, since each type of
/// transport is the whole client once more.
pub struct Elsewhere(pub Box<dyn Fn(Request) -> Answer>);

/// What is answered there.
pub type Answer = Pin<Box<dyn Future<Output = Result<Response, TransportError>>>>;

impl fmt::Debug for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Elsewhere")
    }
}

impl BrowserTransport {
    /// One whose requests of the registry API go somewhere else. Tokens it gets for itself.
    #[must_use]
    pub fn through(elsewhere: Elsewhere) -> Self {
        Self {
            elsewhere: Some(elsewhere),
            ..Self::default()
        }
    }

    /// One for those who push what they read, or write it into files.
    #[must_use]
    pub fn to_push() -> Self {
        Self {
            to_push: true,
            ..Self::default()
        }
    }

    /// Stops every request under way; those sent later are not touched.
    pub fn abort(&self) {
        for controller in self.under_way.take() {
            controller.abort();
        }
    }
}

impl Transport for BrowserTransport {
    async fn send(&self, mut request: Request) -> Result<Response, TransportError> {
        if let Some(archives) = opened::of(&request).filter(|_| self.elsewhere.is_none()) {
            return Ok(archives?.answer(request, self.to_push).await);
        }
        if let Some(Elsewhere(send)) = &self.elsewhere
            && request.purpose == Purpose::Registry
        {
            return send(request).await;
        }
        let Ok(controller) = AbortController::new() else {
            return Err(TransportError::Opaque);
        };
        let seconds = request.seconds_to_answer();
        // The browser keeps what it sends; a piece of a layer would be here twice until the answer comes.
        let body = take(&mut request.body);
        let kept = (!body.is_empty()).then(|| Uint8Array::from(body.as_slice()));
        drop(body);
        let under_way = UnderWay::new(self, &controller);
        let answer = send(&request, kept.as_ref(), seconds, &controller).await;
        let is_stopped = controller.signal().aborted();
        let is_listed = under_way.is_listed();
        drop(under_way);
        answer.map_err(|error| match error {
            error if !is_stopped => error,
            // What `abort` stops is on the list no more; what was stopped and is still there, its alarm has stopped.
            _ if !is_listed => TransportError::Cancelled,
            TransportError::Offline => TransportError::Offline,
            TransportError::BrokenBody { received } => TransportError::TimedOut {
                seconds: request.idle_seconds(),
                received: Some(received),
            },
            _ => TransportError::TimedOut {
                seconds,
                received: None,
            },
        })
    }
}

/// A request on the list of those under way. One that nobody waits for any more is stopped.
struct UnderWay<'a> {
    list: &'a RefCell<Vec<AbortController>>,
    controller: &'a AbortController,
}

impl<'a> UnderWay<'a> {
    fn new(transport: &'a BrowserTransport, controller: &'a AbortController) -> Self {
        let list = &transport.under_way;
        list.borrow_mut().push(controller.clone());
        Self { list, controller }
    }

    fn is_listed(&self) -> bool {
        self.list.borrow().contains(self.controller)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.list
            .borrow_mut()
            .retain(|known| known != self.controller);
        // Of one that was answered nothing is left to stop.
        self.controller.abort();
    }
}

async fn send(
    request: &Request,
    body: Option<&Uint8Array>,
    seconds: u32,
    controller: &AbortController,
) -> Result<Response, TransportError> {
    let address = address(request)?;
    let ask = async || {
        let answer = fetch(&address, request, body, seconds, controller).await;
        answer.map_err(|_| unanswered(request))
    };
    let mut answer = ask().await?;
    for _ in 0..SENT_AGAIN {
        let Some(wait) = wait(&answer) else { break };
        pass(wait).await;
        answer = ask().await?;
    }
    if answer.type_() == ResponseType::Opaqueredirect {
        let read = request.method.reads() && request.purpose == Purpose::Registry;
        return Err(TransportError::Redirected { read });
    }
    let mut response = Response {
        status: answer.status(),
        headers: Array::from(&answer.headers()).iter().map(pair).collect(),
        body: Vec::new(),
        over_limit: false,
    };
    if request.via == Via::Proxy {
        response.status = status_apart(response.status, response.header(STATUS_HEADER));
    }
    let is_refused = is_refused(request, &response)?;
    read(&answer, request, controller, &mut response)
        .await
        .map_err(|_| TransportError::BrokenBody {
            received: response.body.len(),
        })?;
    if is_refused {
        return Err(refused(&response.body));
    }
    Ok(response)
}

/// How long the proxy asks to be left alone, in milliseconds, where it took a request for one too many at once; `None` of
/// every other answer, a registry's among them, and where that is long.
fn wait(answer: &HttpResponse) -> Option<u32> {
    let header = |name| answer.headers().get(name).ok().flatten();
    let status = status_apart(answer.status(), header(STATUS_HEADER).as_deref());
    let is_too_many = status == TOO_MANY_REQUESTS && header(RELAY_HEADER)? == REFUSED;
    let seconds: u32 = header("retry-after")?.parse().ok()?;
    (is_too_many && seconds <= LONGEST_WAIT).then_some(seconds * 1_000)
}

/// Where a request goes: to the registry, or to the proxy.
pub(super) fn address(request: &Request) -> Result<String, TransportError> {
    match request.via {
        Via::Direct => Ok(request.url.clone()),
        Via::Proxy => relay_path(&request.url, request.purpose).ok_or(TransportError::Opaque),
    }
}

/// What a request says: the proxy is also asked for the status apart.
pub(super) fn sent_headers(request: &Request) -> impl Iterator<Item = (&'static str, &str)> {
    let apart = (request.via == Via::Proxy).then_some((STATUS_HEADER, "apart"));
    let headers = request.headers.iter();
    let headers = headers.map(|(name, value)| (*name, value.as_str()));
    headers.chain(apart)
}

/// What it means that the browser gave no answer.
pub(super) fn unanswered(request: &Request) -> TransportError {
    match request.via {
        _ if is_offline() => TransportError::Offline,
        Via::Direct => TransportError::Opaque,
        Via::Proxy => TransportError::ProxyDown,
    }
}

/// Tells whether it was the proxy that refused; the error says that there is none.
pub(super) fn is_refused(request: &Request, answer: &Response) -> Result<bool, TransportError> {
    if request.via == Via::Direct {
        return Ok(false);
    }
    match answer.header(RELAY_HEADER) {
        Some(REFUSED) => Ok(true),
        Some(RELAYED) => Ok(false),
        Some(_) | None => Err(TransportError::NoProxy),
    }
}

async fn fetch(
    url: &str,
    request: &Request,
    body: Option<&Uint8Array>,
    seconds: u32,
    controller: &AbortController,
) -> Result<HttpResponse, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in sent_headers(request) {
        headers.set(name, value)?;
    }
    // gloo-net's own builder takes addresses apart and holds every method, which is 2 KB of program.
    let options = RequestInit::new();
    options.set_method(match request.method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Patch => "PATCH",
        Method::Put => "PUT",
    });
    options.set_headers(&headers);
    if let Some(body) = body {
        options.set_body(body);
    }
    options.set_cache(RequestCache::NoStore);
    options.set_credentials(RequestCredentials::Omit);
    options.set_redirect(if request.follows_redirects() {
        RequestRedirect::Follow
    } else {
        RequestRedirect::Manual
    });
    options.set_referrer_policy(ReferrerPolicy::NoReferrer);
    options.set_signal(Some(&controller.signal()));
    let ready = HttpRequest::from(web_sys::Request::new_with_str_and_init(url, &options)?);
    let _alarm = Alarm::set(seconds, controller);
    if let Some(answer) = asked_early(url, request, controller) {
        return Ok(JsFuture::from(answer).await?.unchecked_into());
    }
    let answer = ready.send().await.map_err(|_| JsValue::UNDEFINED)?;
    Ok(answer.into())
}

/// What `static/first_request.js` asked beside the program, where it is this request. Every request is held to it: once the
/// program has asked anything, what came early is the past.
fn asked_early(url: &str, request: &Request, controller: &AbortController) -> Option<Promise> {
    let name = JsValue::from_str("waybillFirstAnswer");
    // Not there with `trunk serve`, nor in tests.
    let take: Function = Reflect::get(&global(), &name).ok()?.dyn_into().ok()?;
    let mut headers = request.headers.iter();
    let is_open =
        headers.all(|(name, _)| *name != "authorization") && request.method == Method::Get;
    let url = JsValue::from_str(if is_open { url } else { "" });
    let answer = take.call2(&JsValue::NULL, &url, &controller.signal());
    answer.ok()?.dyn_into().ok()
}

/// A header as `Array.from` gives it.
fn pair(entry: JsValue) -> (String, String) {
    let entry: Array = entry.unchecked_into();
    let text = |index| entry.get(index).as_string().unwrap_or_default();
    (text(0), text(1))
}

/// Reads the body up to the limit, and notes whether it goes on.
async fn read(
    answer: &HttpResponse,
    request: &Request,
    controller: &AbortController,
    response: &mut Response,
) -> Result<(), JsValue> {
    let Some(stream) = answer.body() else {
        return Ok(());
    };
    // Grown as it comes, a long one would take twice its room.
    let told = response.header("content-length").map(str::parse);
    let room = told.and_then(Result::ok).unwrap_or(0);
    response.body.reserve_exact(request.limit.min(room));
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    loop {
        let chunk = {
            let _alarm = Alarm::set(request.idle_seconds(), controller);
            JsFuture::from(reader.read()).await?
        };
        let value = Reflect::get(&chunk, &JsValue::from_str("value"))?;
        if value.is_undefined() {
            return Ok(());
        }
        let value: Uint8Array = value.unchecked_into();
        let room = request.limit - response.body.len();
        response.over_limit = value.length() as usize > room;
        let end = u32::try_from(room).unwrap_or(u32::MAX);
        response.body.extend(value.subarray(0, end).to_vec());
        if response.over_limit {
            // The rest is not wanted; a stream that cannot be cancelled ends with the page.
            let _ = reader.cancel();
            return Ok(());
        }
    }
}

/// Stops a request after so many seconds, unless it is dropped before.
struct Alarm(Option<i32>);

impl Alarm {
    fn set(seconds: u32, controller: &AbortController) -> Self {
        let milliseconds = i32::try_from(seconds.saturating_mul(1000)).unwrap_or(i32::MAX);
        let abort = Reflect::get(controller, &JsValue::from_str("abort")).unwrap_or_default();
        let abort: Function = abort.unchecked_into();
        let set = web_sys::window().map(|window| {
            window.set_timeout_with_callback_and_timeout_and_arguments_0(
                &abort.bind0(controller),
                milliseconds,
            )
        });
        Self(set.and_then(Result::ok))
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if let (Some(window), Some(id)) = (web_sys::window(), self.0) {
            window.clear_timeout_with_handle(id);
        }
    }
}

/// The proxy's own words, in the registry API's error form.
pub(super) fn refused(body: &[u8]) -> TransportError {
    let error = ApiError::read(body).into_iter().next().unwrap_or_default();
    TransportError::ProxyRefused {
        code: error.code,
        message: error.message,
    }
}
