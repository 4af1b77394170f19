//! The registry client's way to the network: `fetch`.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use wasm_bindgen_test::wasm_bindgen_test;
use waybill::browser::transport::BrowserTransport;
use waybill_core::registry::client::Client;
use waybill_core::registry::transport::{
    Method, Purpose, Request, Response, Transport, TransportError, Via,
};

use super::{js, window};

const FILE: &str = "/static/examples/image/root.json";
const BYTES: &[u8] = include_bytes!("../../static/examples/image/root.json");

/// A request to the server that served the tests.
fn own(path: &str) -> Request {
    let origin = window().location().origin().expect("an origin");
    get(format!("{origin}{path}"))
}

fn get(url: String) -> Request {
    let (headers, body) = (vec![("accept", "application/json".to_owned())], Vec::new());
    Request {
        method: Method::Get,
        url,
        headers,
        body,
        via: Via::Direct,
        purpose: Purpose::Registry,
        limit: 4 << 20,
    }
}

async fn send(request: Request) -> Result<Response, TransportError> {
    BrowserTransport::default().send(request).await
}

#[wasm_bindgen_test]
async fn an_answer_has_its_status_headers_and_exact_bytes() {
    let response = send(own(FILE)).await.expect("an answer");
    assert_eq!((response.status, response.over_limit), (200, false));
    assert_eq!(response.body, BYTES);
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert!(
        response
            .headers
            .iter()
            .all(|(name, _)| *name == name.to_ascii_lowercase()),
        "{:?}",
        response.headers
    );
}

#[wasm_bindgen_test]
async fn an_error_status_is_an_answer() {
    let response = send(own("/v2/nothing/manifests/here"))
        .await
        .expect("an answer");
    assert_eq!((response.status, response.over_limit), (404, false));
}

#[wasm_bindgen_test]
async fn head_has_no_body() {
    let response = send(Request {
        method: Method::Head,
        ..own(FILE)
    })
    .await
    .expect("an answer");
    assert_eq!(
        (response.status, response.body.len(), response.over_limit),
        (200, 0, false)
    );
}

#[wasm_bindgen_test]
async fn the_body_is_read_up_to_the_limit_and_no_further() {
    for (limit, over) in [
        (BYTES.len() + 1, false),
        (BYTES.len(), false),
        (BYTES.len() - 1, true),
        (1, true),
        (0, true),
    ] {
        let response = send(Request { limit, ..own(FILE) })
            .await
            .expect("an answer");
        assert_eq!(response.over_limit, over, "{limit}");
        assert_eq!(response.body, &BYTES[..limit.min(BYTES.len())], "{limit}");
    }
}

#[wasm_bindgen_test]
async fn a_body_of_many_chunks_is_put_together_or_cut() {
    let size = 3_000_000;
    let url = js(&format!(
        "URL.createObjectURL(new Blob([new Uint8Array({size}).map((_, at) => at % 251)]))"
    ));
    let url = url.as_string().expect("an address");
    let expected: Vec<u8> = (0..size)
        .map(|at: usize| u8::try_from(at % 251).expect("below 251"))
        .collect();
    let whole = send(get(url.clone())).await.expect("an answer");
    assert!(
        whole.body == expected && !whole.over_limit,
        "{} bytes",
        whole.body.len()
    );
    let cut = send(Request {
        limit: 1_234_567,
        ..get(url)
    })
    .await
    .expect("an answer");
    assert!(
        cut.body == expected[..1_234_567] && cut.over_limit,
        "{} bytes",
        cut.body.len()
    );
}

#[wasm_bindgen_test]
async fn where_nothing_answers_no_reason_can_be_told() {
    for url in [
        "http://127.0.0.1:1/v2/",
        "http://nothing.invalid/v2/",
        "https://[::1",
    ] {
        assert_eq!(
            send(get(url.to_owned())).await,
            Err(TransportError::Opaque),
            "{url}"
        );
    }
}

#[wasm_bindgen_test]
async fn a_server_that_is_no_proxy_is_found_out() {
    let manifest = get("https://registry.example/v2/team/app/manifests/1.0".to_owned());
    assert_eq!(
        send(Request {
            via: Via::Proxy,
            ..manifest
        })
        .await,
        Err(TransportError::NoProxy)
    );
    // An address that would not keep its meaning on the way is not sent at all.
    let dots = get("https://registry.example/v2/../secret".to_owned());
    assert_eq!(
        send(Request {
            via: Via::Proxy,
            ..dots
        })
        .await,
        Err(TransportError::Opaque)
    );
}

#[wasm_bindgen_test]
async fn abort_stops_what_is_under_way_and_nothing_that_comes_later() {
    let transport = BrowserTransport::default();
    {
        let mut sending = pin!(transport.send(own(FILE)));
        let started =
            poll_fn(|context| Poll::Ready(sending.as_mut().poll(context).is_pending())).await;
        assert!(started, "the answer came at once");
        transport.abort();
        assert_eq!(sending.await, Err(TransportError::Cancelled));
    }
    transport.abort();
    assert_eq!(
        transport
            .send(own(FILE))
            .await
            .map(|response| response.body.len()),
        Ok(BYTES.len())
    );
}

#[wasm_bindgen_test]
async fn what_one_client_sends_is_not_stopped_with_what_another_sends() {
    let client = Client::new(BrowserTransport::default());
    let beside = client.with_transport(BrowserTransport::default());
    let mut sending = pin!(beside.transport().send(own(FILE)));
    let started = poll_fn(|context| Poll::Ready(sending.as_mut().poll(context).is_pending())).await;
    assert!(started, "the answer came at once");
    client.transport().abort();
    assert_eq!(
        sending.await.map(|response| response.body.len()),
        Ok(BYTES.len())
    );
}
