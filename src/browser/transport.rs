//! [`Transport`] over `fetch`.

use std::cell::RefCell;

use gloo_net::http::{Method as HttpMethod, RequestBuilder, Response as HttpResponse};
use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use waybill_core::registry::error::ApiError;
use waybill_core::registry::transport::{Method, Request, Response, Transport, TransportError, Via};
use waybill_core::registry::url::{REFUSED, RELAY_HEADER, RELAYED, relay_path};
use web_sys::{
    AbortController, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials, RequestRedirect,
};

/// Sends requests with `fetch`: no cookies, no referrer, no cache (answers carry no `Vary: Accept`, so the cache
/// would serve another format's body).
#[derive(Debug, Default)]
pub struct BrowserTransport {
    abort: RefCell<Option<AbortController>>,
}

impl BrowserTransport {
    /// Stops every request under way; those sent later are not touched.
    pub fn abort(&self) {
        if let Some(controller) = self.abort.borrow_mut().take() {
            controller.abort();
        }
    }

    fn controller(&self) -> Option<AbortController> {
        let mut slot = self.abort.borrow_mut();
        if slot.is_none() {
            *slot = AbortController::new().ok();
        }
        slot.clone()
    }
}

impl Transport for BrowserTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let controller = self.controller();
        let signal = controller.as_ref().map(AbortController::signal);
        let cancelled = || signal.as_ref().is_some_and(web_sys::AbortSignal::aborted);
        let url = match request.via {
            Via::Direct => request.url.clone(),
            Via::Proxy => relay_path(&request.url, request.purpose).ok_or(TransportError::Opaque)?,
        };
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
            .redirect(RequestRedirect::Follow)
            .referrer_policy(ReferrerPolicy::NoReferrer)
            .abort_signal(signal.as_ref());
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let built = if request.body.is_empty() {
            builder.build()
        } else {
            builder.body(Uint8Array::from(request.body.as_slice()))
        };
        let sent = match built {
            Ok(ready) => ready.send().await,
            Err(_) => return Err(TransportError::Opaque),
        };
        let answer = match (sent, request.via) {
            (Ok(answer), _) => answer,
            (Err(_), _) if cancelled() => return Err(TransportError::Cancelled),
            (Err(_), Via::Direct) => return Err(TransportError::Opaque),
            (Err(_), Via::Proxy) => return Err(TransportError::ProxyDown),
        };
        let relayed = answer.headers().get(RELAY_HEADER);
        if request.via == Via::Proxy && relayed.as_deref() != Some(RELAYED) && relayed.as_deref() != Some(REFUSED) {
            return Err(TransportError::NoProxy);
        }
        let (body, over_limit) = match read(&answer, request.limit).await {
            Ok(read) => read,
            Err(_) if cancelled() => return Err(TransportError::Cancelled),
            Err(received) => return Err(TransportError::BrokenBody { received }),
        };
        if request.via == Via::Proxy && relayed.as_deref() == Some(REFUSED) {
            return Err(refused(&body));
        }
        let headers = answer.headers().entries().collect();
        Ok(Response { status: answer.status(), headers, body, over_limit })
    }
}

/// The body up to `limit`, and whether it goes on; where it breaks off, how many bytes had come.
async fn read(answer: &HttpResponse, limit: usize) -> Result<(Vec<u8>, bool), usize> {
    let mut bytes = Vec::new();
    let Some(stream) = answer.body() else { return Ok((bytes, false)) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    loop {
        let chunk = JsFuture::from(reader.read()).await.map_err(|_| bytes.len())?;
        let chunk: Object = chunk.unchecked_into();
        let value = Reflect::get(&chunk, &JsValue::from_str("value")).map_err(|_| bytes.len())?;
        if value.is_undefined() {
            return Ok((bytes, false));
        }
        let value: Uint8Array = value.unchecked_into();
        let room = limit - bytes.len();
        if value.length() as usize > room {
            bytes.extend(value.subarray(0, u32::try_from(room).unwrap_or(u32::MAX)).to_vec());
            // The rest is not wanted; a stream that cannot be cancelled ends with the page.
            let _ = reader.cancel();
            return Ok((bytes, true));
        }
        bytes.extend(value.to_vec());
    }
}

/// The proxy's own words, in the registry API's error form.
fn refused(body: &[u8]) -> TransportError {
    let error = ApiError::read(body).into_iter().next().unwrap_or_default();
    TransportError::ProxyRefused { code: error.code, message: error.message }
}
