//! Blobs whose bytes the transport keeps: what is asked for, and where they begin.

use waybill_core::reference::Reference;
use waybill_core::registry::client::{Client, Streamed};
use waybill_core::registry::error::RegistryError;
use waybill_core::registry::transport::{Response, Via};
use waybill_testkit::transport::{Script, answer, with};

use super::{client, expect};

const BLOB: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Asks for a blob from that byte on, where the script expects it.
fn stream(client: &Client<Script>, from: u64) -> Result<Streamed, RegistryError> {
    let reference: Reference = format!("r.example/app@{BLOB}")
        .parse()
        .expect("a reference");
    let digest = reference.digest().expect("it has one").clone();
    let asked = client.stream_blob(reference.host(), reference.repository(), &digest, from);
    let result = client.transport().run(asked);
    client.transport().finish();
    result
}

fn line(range: &str) -> String {
    format!("direct GET https://r.example/v2/app/blobs/{BLOB}{range}")
}

#[test]
fn a_blob_is_asked_for_whole_each_time() {
    let client = client();
    for _ in 0..2 {
        expect(&client, line(""), answer(200, ""));
        let begins = stream(&client, 0);
        let whole = Streamed {
            via: Via::Direct,
            begins: 0,
        };
        assert_eq!(begins, Ok(whole));
    }
}

#[test]
fn it_begins_where_the_registry_says_and_never_behind_what_was_asked_for() {
    let client = client();
    let begins = |response| {
        expect(&client, line(" | range: bytes=700-"), response);
        stream(&client, 700).map(|streamed| streamed.begins)
    };
    let range = |range: &str| with(answer(206, ""), "content-range", range);
    assert_eq!(begins(range("bytes 700-999/1000")), Ok(700));
    assert_eq!(begins(range("bytes 512-999/1000")), Ok(512));
    // Across origins a browser may hide it.
    assert_eq!(begins(answer(206, "")), Ok(700));
    assert_eq!(begins(answer(200, "")), Ok(0));
    for wrong in ["bytes 701-999/1000", "bytes */1000", "700-999/1000"] {
        let error = begins(range(wrong));
        assert!(
            matches!(error, Err(RegistryError::RangeIgnored(_))),
            "{wrong}"
        );
    }
    let error = begins(answer(204, ""));
    assert!(matches!(error, Err(RegistryError::RangeIgnored(_))));
    let error = begins(answer(416, ""));
    assert!(matches!(error, Err(RegistryError::UnexpectedStatus(_))));
}

/// Asks for a part of a blob, where the script answers that.
fn part(response: Response) -> Result<Vec<u8>, RegistryError> {
    let client = client();
    let reference: Reference = format!("r.example/app@{BLOB}")
        .parse()
        .expect("a reference");
    expect(&client, line(" | range: bytes=3-6"), response);
    let digest = reference.digest().expect("it has one").clone();
    let asked = client.blob_part(reference.host(), reference.repository(), &digest, 3..7);
    let result = client.transport().run(asked);
    client.transport().finish();
    result
}

#[test]
fn a_part_is_exactly_what_was_asked_for() {
    let ranged = |range: &str, body| with(answer(206, body), "content-range", range);
    for response in [
        answer(206, "3456"),
        ranged("bytes 3-6/10", "3456"),
        ranged("bytes 1-6/10", "123456"),
        // A small blob that comes whole has the part in it.
        answer(200, "0123456789"),
    ] {
        assert_eq!(part(response), Ok(b"3456".to_vec()));
    }
    for response in [
        answer(206, "345"),
        answer(206, ""),
        ranged("bytes 4-7/10", "4567"),
        answer(200, "012345"),
        answer(204, ""),
    ] {
        let error = part(response);
        assert!(
            matches!(error, Err(RegistryError::RangeIgnored(_))),
            "{error:?}"
        );
    }
    let error = part(answer(416, ""));
    assert!(matches!(error, Err(RegistryError::UnexpectedStatus(_))));
}
