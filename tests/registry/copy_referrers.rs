//! What refers to an image goes along with a copy: all pages of its list, or none of it.

use waybill_core::digest::Digest;
use waybill_core::media_type::MediaType;
use waybill_core::reference::Reference;
use waybill_core::registry::client::Client;
use waybill_core::registry::transport::Response;
use waybill_core::workflow::copy::{Wanted, run};
use waybill_core::workflow::fetch::{Failure, Received};
use waybill_testkit::transport::{Script, answer, with};

use super::{expect, proxied};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn page(entries: &str, next: Option<&str>) -> Response {
    let text = format!(r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{entries}]}}"#);
    let page = with(answer(200, text), "content-type", INDEX);
    match next {
        Some(next) => with(page, "link", &format!(r#"<{next}>; rel="next""#)),
        None => page,
    }
}

fn line(query: &str, digest: &Digest) -> String {
    format!("proxy GET https://r.example/v2/a/b/referrers/{digest}{query} | accept: {INDEX}")
}

fn asked(client: &Client<Script>, digest: &Digest) -> Result<Received, Failure> {
    let source: Reference = "r.example/a/b:1".parse().expect("a reference");
    let wanted = Wanted::Referrers(digest.clone());
    let answered = client.transport().run(run(client, &source, &wanted, None));
    client.transport().finish();
    answered
}

#[test]
fn all_pages_are_one_list_with_the_bytes_of_each_entry() {
    let (client, digest) = (proxied(None), Digest::sha256(b"an image"));
    let next = |number: u32| format!("/v2/a/b/referrers/{digest}?page={number}");
    let pages = [
        ("", page(r#"{"digest": "1",  "é":1}"#, Some(&next(2)))),
        ("?page=2", page(" ", Some(&next(3)))),
        ("?page=3", page(r#"{"digest":"2"},{"digest":"3"}"#, None)),
    ];
    for (query, page) in pages {
        expect(&client, line(query, &digest), page);
    }
    let received = asked(&client, &digest).expect("a list");
    assert_eq!(received.content_type, Some(MediaType::OCI_INDEX));
    let text = String::from_utf8(received.bytes.to_vec()).expect("text");
    assert!(
        text.ends_with(r#""manifests":[{"digest": "1",  "é":1},{"digest":"2"},{"digest":"3"}]}"#),
        "{text}"
    );
}

#[test]
fn one_page_is_what_the_registry_sent() {
    let (client, digest) = (proxied(None), Digest::sha256(b"an image"));
    expect(&client, line("", &digest), page("{}", None));
    let received = asked(&client, &digest).expect("a list");
    assert!(received.bytes.ends_with(br#""manifests":[{}]}"#));
}

#[test]
fn a_list_that_goes_on_elsewhere_or_ends_in_the_middle_is_a_failure() {
    let (client, digest) = (proxied(None), Digest::sha256(b"an image"));
    let elsewhere = page("{}", Some("https://evil.example/v2/a/b/referrers/x"));
    expect(&client, line("", &digest), elsewhere);
    let failure = asked(&client, &digest).expect_err("it is not whole");
    assert!(
        matches!(&failure, Failure::NotLoaded(words) if words.contains("evil.example")),
        "{failure:?}"
    );

    let next = format!("/v2/a/b/referrers/{digest}?page=2");
    expect(&client, line("", &digest), page("{}", Some(&next)));
    expect(&client, line("?page=2", &digest), answer(404, ""));
    let failure = asked(&client, &digest).expect_err("it is not whole");
    assert!(
        matches!(&failure, Failure::NotLoaded(words) if words.contains("404")),
        "{failure:?}"
    );
}
