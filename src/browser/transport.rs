//! [`Transport`] over `fetch`.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use gloo_net::http::{Method as HttpMethod, RequestBuilder, Response as HttpResponse};
use js_sys::{Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use waybill_core::registry::error::ApiError;
use waybill_core::registry::relay_path::{REFUSED, RELAY_HEADER, RELAYED, relay_path};
use waybill_core::registry::transport::{
    Method, Purpose, Request, Response, Transport, TransportError, Via,
};
use web_sys::{
    AbortController, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestRedirect, ResponseType, Window,
};

use super::dom::is_offline;

/// Sends requests with `fetch`: no cookies, no referrer, no cache (answers carry no `Vary: Accept`, so the cache
/// would serve another format's body).
#[derive(Debug, Default)]
pub struct BrowserTransport {
    /// One for each request under way.
    under_way: RefCell<Vec<AbortController>>,
}

impl BrowserTransport {
    /// Stops every request under way; those sent later are not touched.
    pub fn abort(&self) {
        for controller in self.under_way.take() {
            controller.abort();
        }
    }
}

impl Transport for BrowserTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let Ok(controller) = AbortController::new() else {
            return Err(TransportError::Opaque);
        };
        self.under_way.borrow_mut().push(controller.clone());
        let answer = send(&request, &controller).await;
        self.under_way
            .borrow_mut()
            .retain(|known| *known != controller);
        match answer {
            Err(TransportError::TimedOut { .. }) => {
                // Nobody waits for it any more.
                controller.abort();
                answer
            }
            Err(_) if controller.signal().aborted() => Err(TransportError::Cancelled),
            answer => answer,
        }
    }
}

async fn send(request: &Request, controller: &AbortController) -> Result<Response, TransportError> {
    let url = match request.via {
        Via::Direct => request.url.clone(),
        Via::Proxy => relay_path(&request.url, request.purpose).ok_or(TransportError::Opaque)?,
    };
    let follows = request.follows_redirects();
    let mut builder = RequestBuilder::new(&url)
        .method(match request.method {
            Method::Get => HttpMethod::GET,
            Method::Head => HttpMethod::HEAD,
            Method::Post => HttpMethod::POST,
            Method::Patch => HttpMethod::PATCH,
            Method::Put => HttpMethod::PUT,
        })
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::Omit)
        .redirect(if follows {
            RequestRedirect::Follow
        } else {
            RequestRedirect::Manual
        })
        .referrer_policy(ReferrerPolicy::NoReferrer)
        .abort_signal(Some(&controller.signal()));
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let built = if request.body.is_empty() {
        builder.build()
    } else {
        builder.body(Uint8Array::from(request.body.as_slice()))
    };
    let Ok(ready) = built else {
        return Err(TransportError::Opaque);
    };
    let seconds = request.seconds_to_answer();
    let answer = match (within(seconds, ready.send()).await, request.via) {
        (Some(Ok(answer)), _) => answer,
        (_, _) if is_offline() => return Err(TransportError::Offline),
        (None, _) => {
            return Err(TransportError::TimedOut {
                seconds,
                received: None,
            });
        }
        (Some(Err(_)), Via::Direct) => return Err(TransportError::Opaque),
        (Some(Err(_)), Via::Proxy) => return Err(TransportError::ProxyDown),
    };
    if answer.type_() == ResponseType::Opaqueredirect {
        let read = request.method.reads() && request.purpose == Purpose::Registry;
        return Err(TransportError::Redirected { read });
    }
    let relayed = answer.headers().get(RELAY_HEADER);
    if request.via == Via::Proxy
        && relayed.as_deref() != Some(RELAYED)
        && relayed.as_deref() != Some(REFUSED)
    {
        return Err(TransportError::NoProxy);
    }
    let (body, over_limit) = read(&answer, request).await?;
    if request.via == Via::Proxy && relayed.as_deref() == Some(REFUSED) {
        return Err(refused(&body));
    }
    let headers = answer.headers().entries().collect();
    Ok(Response {
        status: answer.status(),
        headers,
        body,
        over_limit,
    })
}

/// Reads the body up to the limit, and tells whether it goes on.
async fn read(answer: &HttpResponse, request: &Request) -> Result<(Vec<u8>, bool), TransportError> {
    let mut bytes = Vec::new();
    let Some(stream) = answer.body() else {
        return Ok((bytes, false));
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let seconds = request.idle_seconds();
    loop {
        let received = bytes.len();
        let chunk = within(seconds, JsFuture::from(reader.read())).await;
        let chunk = chunk.ok_or(TransportError::TimedOut {
            seconds,
            received: Some(received),
        })?;
        let broken = |_| TransportError::BrokenBody { received };
        let chunk: Object = chunk.map_err(broken)?.unchecked_into();
        let value = Reflect::get(&chunk, &JsValue::from_str("value")).map_err(broken)?;
        if value.is_undefined() {
            return Ok((bytes, false));
        }
        let value: Uint8Array = value.unchecked_into();
        let room = request.limit - received;
        if value.length() as usize > room {
            bytes.extend(
                value
                    .subarray(0, u32::try_from(room).unwrap_or(u32::MAX))
                    .to_vec(),
            );
            // The rest is not wanted; a stream that cannot be cancelled ends with the page.
            let _ = reader.cancel();
            return Ok((bytes, true));
        }
        bytes.extend(value.to_vec());
    }
}

/// Waits for a future; `None` where it takes longer.
async fn within<F: Future>(seconds: u32, future: F) -> Option<F::Output> {
    let mut id = 0;
    let timer = Promise::new(&mut |resolve, _| {
        let milliseconds = i32::try_from(seconds.saturating_mul(1000)).unwrap_or(i32::MAX);
        let set = |window: Window| {
            window
                .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds)
                .ok()
        };
        id = web_sys::window().and_then(set).unwrap_or_default();
    });
    let (mut future, mut timer) = (pin!(future), pin!(JsFuture::from(timer)));
    let ended = poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => timer.as_mut().poll(context).map(|_| None),
    });
    let output = ended.await;
    if let Some(window) = web_sys::window() {
        window.clear_timeout_with_handle(id);
    }
    output
}

/// Returns the proxy's own words, in the registry API's error form.
fn refused(body: &[u8]) -> TransportError {
    let error = ApiError::read(body).into_iter().next().unwrap_or_default();
    TransportError::ProxyRefused {
        code: error.code,
        message: error.message,
    }
}
