//! Token endpoints: GET, JSON, small.

use waybill_core::limits::TOKEN_BYTES;

use crate::lab::{Does, Lab, PUBLIC, Proxy, Upstream, answer};

const PATH: &str = "/token/http/auth.test/token?service=a&scope=repository%3Aa%3Apull";

fn proxy_to(upstream: &Upstream) -> Proxy {
    let lab = Lab::default();
    lab.name("auth.test", &[PUBLIC]).server(PUBLIC, upstream);
    Proxy::new(&lab, |config| config.allow.push("http://auth.test".parse().expect("host")))
}

async fn ask(status: &'static str, headers: &'static [&'static str], body: Vec<u8>) -> crate::lab::Answer {
    let upstream = Upstream::plain(move |_| Does::Sends(answer(status, headers, &body))).await;
    proxy_to(&upstream).get(PATH).await
}

#[tokio::test]
async fn a_token_passes_whatever_type_it_is_called() {
    for headers in [&["Content-Type: application/json"][..], &["Content-Type: text/html", "Set-Cookie: a=b"][..], &[]] {
        let answer = ask("200 OK", headers, b" {\"token\":\"t\",\"expires_in\":300}".to_vec()).await;
        assert_eq!((answer.status.as_u16(), answer.header("waybill-relay")), (200, Some("relayed")));
        assert_eq!(answer.text(), " {\"token\":\"t\",\"expires_in\":300}");
        assert_eq!(answer.header("set-cookie"), None);
    }
}

#[tokio::test]
async fn credentials_and_query_reach_the_endpoint() {
    let upstream = Upstream::ok("{}").await;
    proxy_to(&upstream).get_with(PATH, &[("authorization", "Basic eA==")]).await;
    let request = &upstream.requests()[0];
    assert!(request.starts_with("GET /token?service=a&scope=repository%3Aa%3Apull HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: Basic eA==\r\n"));
}

#[tokio::test]
async fn what_is_not_json_is_refused() {
    for body in ["<html>log in</html>", "", "[1]", "\"token\"", "{\"token\":", "{} trailing", "\u{feff}{}"] {
        let refusal = ask("200 OK", &[], body.as_bytes().to_vec()).await.refusal();
        let message =
            format!("the token endpoint at auth.test answered 200 OK: {} bytes that are not a JSON object", body.len());
        assert_eq!(refusal, (502, "TOKEN_REFUSED".to_owned(), message), "{body}");
    }
}

#[tokio::test]
async fn an_error_passes_as_json_or_as_a_short_text() {
    let json = ask("401 Unauthorized", &[], br#"{"errors":[]}"#.to_vec()).await;
    assert_eq!((json.status.as_u16(), json.header("waybill-relay")), (401, Some("relayed")));
    let text = ask("503 Service Unavailable", &["Retry-After: 5"], b"down for maintenance".to_vec()).await;
    assert_eq!((text.status.as_u16(), text.text().as_str()), (503, "down for maintenance"));
    assert_eq!(text.header("retry-after"), Some("5"));
    let long = ask("500 Internal Server Error", &[], vec![b'x'; 16 * 1024 + 1]).await;
    assert_eq!(long.refusal().1, "TOKEN_REFUSED");
    let binary = ask("500 Internal Server Error", &[], vec![0xff; 10]).await;
    assert_eq!(binary.refusal().1, "TOKEN_REFUSED");
}

#[tokio::test]
async fn a_large_or_endless_answer_is_cut() {
    let message = "the token endpoint at auth.test answered 200 OK: it is larger than 1048576 bytes";
    let expected = (502, "TOKEN_REFUSED".to_owned(), message.to_owned());
    assert_eq!(ask("200 OK", &[], vec![b' '; TOKEN_BYTES + 1]).await.refusal(), expected);
    let endless = Upstream::plain(|_| Does::Repeats(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b' '; 65_536])).await;
    assert_eq!(proxy_to(&endless).get(PATH).await.refusal(), expected);
    endless.left_alone().await;
}

#[tokio::test]
async fn only_get_is_relayed() {
    let upstream = Upstream::ok("{}").await;
    for method in ["HEAD", "POST", "PUT", "DELETE"] {
        let answer = proxy_to(&upstream).send(method, PATH, &[], "").await;
        assert_eq!((answer.status.as_u16(), answer.header("waybill-relay")), (405, Some("refused")), "{method}");
    }
    assert_eq!(upstream.connections(), 0);
}
