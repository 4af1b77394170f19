//! How a blob is written, request by request.

use std::rc::Rc;

use waybill_core::digest::Digest;
use waybill_core::limits::PIECE_BYTES;
use waybill_core::registry::client::Client;
use waybill_core::registry::error::RegistryError;
use waybill_core::registry::push::Repository;
use waybill_core::registry::settings::{Access, Credentials};
use waybill_core::registry::transport::{Response, TransportError};
use waybill_core::registry::upload::{
    Blob, BlobSource, InterruptedUpload, Upload, UploadError, UploadOutcome,
};
use waybill_core::view::{Action, CORS_PUSH_SNIPPET};
use waybill_testkit::transport::{Script, answer, with};

use super::{BASIC, client, credentials, expect, fail, set, token};

const AT: &str = "https://r.example/v2/a/b/blobs/uploads/";
const OCTETS: &str = " | content-type: application/octet-stream";

fn place(text: &str) -> Repository {
    let (host, repository) = text.split_once('/').expect("a host");
    Repository {
        host: host.parse().expect("a host"),
        repository: repository.parse().expect("a repository"),
    }
}

fn blob(bytes: &[u8], from: &str) -> Blob {
    let to = place("r.example/a/b");
    Blob {
        digest: Digest::sha256(bytes),
        size: bytes.len() as u64,
        from: BlobSource::Repository(place(from)),
        to,
    }
}

/// Writes a blob and checks that the whole script was used; with what progress was told.
fn send(
    client: &Client<Script>,
    blob: &Blob,
    upload: Option<Upload>,
) -> (Result<UploadOutcome, InterruptedUpload>, Vec<u64>) {
    let mut told = Vec::new();
    let mut progress = |sent| told.push(sent);
    let result = client
        .transport()
        .run(client.send_blob(blob, upload, &mut progress));
    client.transport().finish();
    (result, told)
}

fn begun(location: &str) -> Response {
    with(answer(202, ""), "location", location)
}

#[test]
fn a_blob_beside_the_target_is_mounted_with_a_token_for_both() {
    let client = client();
    set(&client, "r.example", Access::Proxy, Some(credentials()));
    let blob = blob(b"layer", "r.example/c");
    let mount = format!("proxy POST {AT}?mount={}&from=c", blob.digest);
    let challenge = r#"Bearer realm="https://r.example/token",scope="repository:a/b:pull,push""#;
    expect(
        &client,
        &mount,
        with(answer(401, ""), "www-authenticate", challenge),
    );
    let asked = "proxy token GET https://r.example/token?scope=repository:a/b:pull,push&scope=repository:c:pull";
    expect(&client, [asked, BASIC].concat(), token("t0ken"));
    expect(
        &client,
        [&mount, " | authorization: Bearer t0ken"].concat(),
        answer(201, ""),
    );
    let (result, told) = send(&client, &blob, None);
    assert_eq!(
        (result.expect("it is mounted"), told),
        (UploadOutcome::Mounted, vec![])
    );
}

#[test]
fn a_mount_that_is_refused_becomes_an_upload() {
    let blob = blob(b"layer", "r.example/c");
    let mount = format!("direct POST {AT}?mount={}&from=c", blob.digest);
    let read = format!("direct GET https://r.example/v2/c/blobs/{}", blob.digest);
    let put = format!("direct PUT {AT}1?digest={}{OCTETS} | layer", blob.digest);
    for status in [202, 403, 404, 405] {
        let client = client();
        match status {
            202 => expect(&client, &mount, begun("/v2/a/b/blobs/uploads/1")),
            status => {
                expect(&client, &mount, answer(status, ""));
                expect(&client, format!("direct POST {AT}"), begun("1"));
            }
        }
        expect(&client, &read, answer(200, "layer"));
        expect(&client, &put, answer(201, ""));
        let (result, told) = send(&client, &blob, None);
        assert_eq!(
            (result.expect("it is sent"), told),
            (UploadOutcome::Uploaded, vec![0, 5])
        );
    }
}

#[test]
fn a_large_blob_goes_by_pieces_and_a_cut_one_goes_on_where_the_registry_is() {
    let bytes: Vec<u8> = (0..=250).cycle().take(2 * PIECE_BYTES + 10).collect();
    let blob = blob(&bytes, "other.example/c");
    let (first, second) = (PIECE_BYTES, 2 * PIECE_BYTES);
    let read = |start: usize, end: usize| {
        format!(
            "direct GET https://other.example/v2/c/blobs/{} | range: bytes={start}-{}",
            blob.digest,
            end - 1
        )
    };
    let part = |start: usize, end: usize| {
        with(answer(206, &bytes[start..end]), "content-range", &{
            format!("bytes {start}-{}/{}", end - 1, bytes.len())
        })
    };
    let patch = |upload: u8, start: usize, end: usize| {
        let length = end - start;
        format!(
            "direct PATCH {AT}{upload}{OCTETS} | content-range: {start}-{} | {length} bytes",
            end - 1
        )
    };
    let client = client();
    expect(&client, format!("direct POST {AT}"), begun("0"));
    expect(&client, read(0, first), part(0, first));
    expect(
        &client,
        patch(0, 0, first),
        with(begun("1"), "range", &format!("0-{}", first - 1)),
    );
    expect(&client, read(first, second), part(first, second));
    fail(
        &client,
        patch(1, first, second),
        TransportError::BrokenBody { received: 0 },
    );
    // While a piece is written, the next is read.
    let last = || part(second, bytes.len());
    expect(&client, read(second, bytes.len()), last());
    let (result, told) = send(&client, &blob, None);
    let cut = result.expect_err("it is cut");
    assert_eq!(told, [0, first as u64]);
    let upload = cut.upload.expect("something to go on with");
    assert_eq!(format!("{upload:?}"), format!("{first} bytes via Direct"));

    // The registry got a part of what was cut: that is hashed and not sent again.
    let middle = first + 1000;
    expect(
        &client,
        format!("direct GET {AT}1"),
        with(answer(204, ""), "range", &format!("0-{}", middle - 1)),
    );
    // It is here already.
    expect(&client, patch(1, middle, second), begun("2?x=y"));
    expect(&client, read(second, bytes.len()), last());
    expect(
        &client,
        patch(2, second, bytes.len()).replace("/2 ", "/2?x=y "),
        begun("3?x=y"),
    );
    expect(
        &client,
        format!("direct PUT {AT}3?x=y&digest={}{OCTETS}", blob.digest),
        answer(201, ""),
    );
    let (result, told) = send(&client, &blob, Some(upload.clone()));
    assert_eq!(result.expect("it is sent"), UploadOutcome::Uploaded);
    assert_eq!(told, [middle as u64, second as u64, bytes.len() as u64]);

    // One that the registry has forgotten begins anew, and one whose registry does not answer stays.
    fail(
        &client,
        format!("direct GET {AT}1"),
        TransportError::BrokenBody { received: 0 },
    );
    let kept = send(&client, &blob, Some(upload))
        .0
        .expect_err("no answer")
        .upload
        .expect("it is kept");
    expect(&client, format!("direct GET {AT}1"), answer(404, ""));
    expect(&client, format!("direct POST {AT}"), answer(500, ""));
    let cut = send(&client, &blob, Some(kept)).0.expect_err("a fault");
    assert!(matches!(
        cut,
        InterruptedUpload {
            error: UploadError::Target(RegistryError::Server(_)),
            upload: None
        }
    ));
}

#[test]
fn a_piece_is_read_while_the_one_before_it_is_written() {
    let bytes = vec![3; 2 * PIECE_BYTES + 10];
    let blob = blob(&bytes, "other.example/c");
    let read = format!(
        "direct GET https://other.example/v2/c/blobs/{}",
        blob.digest
    );
    let client = client();
    expect(&client, format!("direct POST {AT}"), begun("0"));
    for (number, piece) in bytes.chunks(PIECE_BYTES).enumerate() {
        let start = number * PIECE_BYTES;
        let (length, last) = (piece.len(), start + piece.len() - 1);
        let line = format!("{read} | range: bytes={start}-{last}");
        expect(&client, line, answer(206, piece));
        let body = match length {
            PIECE_BYTES => format!("{length} bytes"),
            _ => "\u{3}".repeat(length),
        };
        let line =
            format!("direct PATCH {AT}{number}{OCTETS} | content-range: {start}-{last} | {body}");
        expect(&client, line, begun(&(number + 1).to_string()));
    }
    let put = format!("direct PUT {AT}3?digest={}{OCTETS}", blob.digest);
    expect(&client, put, answer(201, ""));
    let mut told = |_| {};
    let sent = client.send_blob(&blob, None, &mut told);
    client.transport().run(sent).expect("it is sent");
    // One after the other they would be 8 deep.
    assert_eq!(client.transport().finish(), (8, 6));
}

#[test]
fn other_bytes_than_those_of_the_digest_are_never_completed() {
    let client = client();
    let asked = blob(b"layer", "other.example/c");
    let read = format!(
        "direct GET https://other.example/v2/c/blobs/{}",
        asked.digest
    );
    for (sent, message) in [
        (
            "LAYER",
            format!(
                "its source has other bytes, they hash to {}",
                Digest::sha256(b"LAYER")
            ),
        ),
        (
            "lay",
            "its source has 3 bytes, the descriptor states 5".to_owned(),
        ),
    ] {
        expect(&client, format!("direct POST {AT}"), begun("0"));
        expect(&client, &read, answer(200, sent));
        let cut = send(&client, &asked, None).0.expect_err("other bytes");
        assert_eq!((cut.error.to_string(), cut.upload), (message, None));
    }
    expect(&client, format!("direct POST {AT}"), begun("0"));
    expect(
        &client,
        &read,
        Response {
            over_limit: true,
            ..answer(200, "layer")
        },
    );
    let cut = send(&client, &asked, None).0.expect_err("more bytes");
    assert_eq!(
        cut.error.to_string(),
        "its source has more bytes than the 5 that the descriptor states"
    );

    let here = Blob {
        from: BlobSource::Bytes(Rc::from(&b"lay"[..])),
        ..asked.clone()
    };
    assert!(matches!(
        send(&client, &here, None).0.expect_err("too few").error,
        UploadError::Length { .. }
    ));
    let unknown = Blob {
        digest: "blake3:abc".parse().expect("a digest"),
        ..asked
    };
    let cut = send(&client, &unknown, None).0.expect_err("unknown");
    assert_eq!(
        cut.error.to_string(),
        "its digest is of an algorithm that is not computed here, it cannot be checked"
    );
}

#[test]
fn a_source_that_sends_no_parts_and_a_target_that_loses_some_are_told() {
    let bytes = vec![7; PIECE_BYTES + 1];
    let client = client();
    let blob = blob(&bytes, "other.example/c");
    let read = format!(
        "direct GET https://other.example/v2/c/blobs/{} | range: bytes=0-8388607",
        blob.digest
    );
    expect(&client, format!("direct POST {AT}"), begun("0"));
    expect(
        &client,
        &read,
        Response {
            over_limit: true,
            ..answer(200, &bytes[..PIECE_BYTES])
        },
    );
    let error = send(&client, &blob, None).0.expect_err("no parts").error;
    assert_eq!(
        error.to_string(),
        "other.example does not send the part of a blob that was asked for (200)"
    );

    expect(&client, format!("direct POST {AT}"), begun("0"));
    expect(&client, &read, answer(206, &bytes[..PIECE_BYTES]));
    let patch = format!("direct PATCH {AT}0{OCTETS} | content-range: 0-8388607 | 8388608 bytes");
    expect(&client, patch, with(begun("1"), "range", "0-99"));
    let read = read.replace("=0-8388607", "=8388608-8388608");
    expect(&client, &read, answer(206, &bytes[PIECE_BYTES..]));
    let error = send(&client, &blob, None).0.expect_err("lost").error;
    assert_eq!(
        error.to_string(),
        "the registry has 100 of 8,388,608 bytes sent"
    );
}

#[test]
fn credentials_follow_an_upload_on_the_same_origin_only() {
    let here = Blob {
        from: BlobSource::Bytes(Rc::from(&b"layer"[..])),
        ..blob(b"layer", "r.example/a/b")
    };
    let challenge = with(answer(401, ""), "www-authenticate", "Basic");
    for (location, goes_to, with_credentials) in [
        (
            "/v2/a/b/blobs/uploads/1",
            "https://r.example/v2/a/b/blobs/uploads/1",
            true,
        ),
        ("https://r.example:443/x", "https://r.example:443/x", true),
        ("//r.example/x", "https://r.example/x", true),
        (
            "https://r.example:8443/x",
            "https://r.example:8443/x",
            false,
        ),
        (
            "https://evil.example/x?token=1",
            "https://evil.example/x?token=1",
            false,
        ),
    ] {
        let client = client();
        set(&client, "r.example", Access::Proxy, Some(credentials()));
        expect(&client, format!("proxy POST {AT}"), challenge.clone());
        expect(&client, format!("proxy POST {AT}{BASIC}"), begun(location));
        let separator = if goes_to.contains('?') { '&' } else { '?' };
        let authorization = if with_credentials { BASIC } else { "" };
        let digest = &here.digest;
        let line =
            format!("proxy PUT {goes_to}{separator}digest={digest}{authorization}{OCTETS} | layer");
        expect(
            &client,
            &line,
            answer(if with_credentials { 201 } else { 401 }, ""),
        );
        let result = send(&client, &here, None).0;
        // A challenge from elsewhere gets nothing either.
        assert_eq!(result.is_ok(), with_credentials, "{location}: {result:?}");
    }
    for (location, wrong) in [
        (
            "http://r.example/x",
            "that is http, a registry that speaks https needs one with https",
        ),
        (
            "https://10.0.0.5/x",
            "that is a private address, only the registry's own host may be one",
        ),
        (
            "javascript:alert(1)",
            "that is not an address to send anything to",
        ),
        (
            "https://u:p@r.example/x",
            "it holds a user name, an address of an upload must not",
        ),
    ] {
        let client = client();
        set(&client, "r.example", Access::Proxy, None);
        expect(&client, format!("proxy POST {AT}"), begun(location));
        let error = send(&client, &here, None).0.expect_err("refused").error;
        assert_eq!(
            error.to_string(),
            format!("r.example wants the upload at {location}: {wrong}")
        );
    }
}

#[test]
fn what_the_page_may_not_do_or_read_goes_through_the_proxy() {
    let here = Blob {
        from: BlobSource::Bytes(Rc::from(&b"layer"[..])),
        ..blob(b"layer", "r.example/a/b")
    };
    let put = |way: &str| format!("{way} PUT {AT}0?digest={}{OCTETS} | layer", here.digest);
    // `Location` hidden from the page; and an upload that the page may begin and not go on with.
    for hidden in [true, false] {
        let client = client();
        if hidden {
            expect(&client, format!("direct POST {AT}"), answer(202, ""));
        } else {
            expect(&client, format!("direct POST {AT}"), begun("0"));
            fail(&client, put("direct"), TransportError::Opaque);
        }
        expect(&client, format!("proxy POST {AT}"), begun("0"));
        expect(&client, put("proxy"), answer(201, ""));
        assert_eq!(
            send(&client, &here, None).0.expect("it is sent"),
            UploadOutcome::Uploaded
        );
        // From then on.
        expect(&client, format!("proxy POST {AT}"), begun("0"));
        expect(&client, put("proxy"), answer(201, ""));
        assert_eq!(
            send(&client, &here, None).0.expect("it is sent"),
            UploadOutcome::Uploaded
        );
    }
    let client = client();
    expect(&client, format!("direct POST {AT}"), begun("0"));
    fail(&client, put("direct"), TransportError::Opaque);
    let refused = TransportError::ProxyRefused {
        code: "METHOD_REFUSED".into(),
        message: "pushing is off; start the proxy with --push to allow it".into(),
    };
    fail(&client, format!("proxy POST {AT}"), refused);
    let UploadError::Target(error) = send(&client, &here, None).0.expect_err("refused").error
    else {
        panic!("it is")
    };
    let told = error.explain_push();
    assert_eq!(
        told.next[0],
        "start the proxy with --push: without it, it relays only what reads"
    );
    assert!(
        told.what
            .ends_with("(METHOD_REFUSED): pushing is off; start the proxy with --push to allow it")
    );
    assert_eq!(told.snippet, Some(CORS_PUSH_SNIPPET));
    set(&client, "r.example", Access::Direct, None);
    expect(&client, format!("direct POST {AT}"), answer(202, ""));
    let UploadError::Target(error) = send(&client, &here, None).0.expect_err("hidden").error else {
        panic!("it is")
    };
    assert_eq!(
        error.to_string(),
        "r.example does not say where the upload goes on (202)"
    );
    assert_eq!(error.explain_push().actions, [Action::UseProxy]);
}

#[test]
fn a_registry_may_ask_for_larger_pieces() {
    let bytes = vec![7; PIECE_BYTES + 1];
    let here = Blob {
        from: BlobSource::Bytes(bytes.as_slice().into()),
        ..blob(&bytes, "r.example/a/b")
    };
    let client = client();
    expect(
        &client,
        format!("direct POST {AT}"),
        with(begun("0"), "oci-chunk-min-length", "9000000"),
    );
    let put = format!(
        "direct PUT {AT}0?digest={}{OCTETS} | 8388609 bytes",
        here.digest
    );
    expect(&client, put, answer(201, ""));
    let (result, _) = send(&client, &here, None);
    assert_eq!(result.expect("it is sent"), UploadOutcome::Uploaded);
}

#[test]
fn each_registry_sees_its_own_credentials_and_writing_has_a_token_of_its_own() {
    let client = client();
    set(&client, "r.example", Access::Proxy, Some(credentials()));
    let other = Credentials {
        username: "other".into(),
        password: "word".into(),
    };
    set(&client, "s.example", Access::Proxy, Some(other));
    let blob = blob(b"layer", "s.example/c");
    let other = " | authorization: Basic b3RoZXI6d29yZA==";
    let bearer = |repository: &str, actions: &str| {
        let scope = format!("repository:{repository}:{actions}");
        with(
            answer(401, ""),
            "www-authenticate",
            &format!(r#"Bearer realm="https://r.example/token",scope="{scope}""#),
        )
    };
    let asked = |actions: &str| {
        format!("proxy token GET https://r.example/token?scope=repository:a/b:{actions}{BASIC}")
    };
    // Something was read there before.
    let read = client.blob(&blob.to.host, &blob.to.repository, &blob.digest, 10);
    let url = format!("proxy GET https://r.example/v2/a/b/blobs/{}", blob.digest);
    expect(&client, &url, bearer("a/b", "pull"));
    expect(&client, asked("pull"), token("reading"));
    expect(
        &client,
        [&url, " | authorization: Bearer reading"].concat(),
        answer(200, "layer"),
    );
    client.transport().run(read).expect("a blob");

    expect(&client, asked("pull,push"), token("writing"));
    expect(
        &client,
        format!("proxy POST {AT} | authorization: Bearer writing"),
        begun("0"),
    );
    let source = format!("proxy GET https://s.example/v2/c/blobs/{}", blob.digest);
    expect(
        &client,
        &source,
        with(answer(401, ""), "www-authenticate", "Basic"),
    );
    expect(&client, [&source, other].concat(), answer(200, "layer"));
    let put = |name: &str| {
        format!(
            "proxy PUT {AT}0?digest={} | authorization: Bearer {name}{OCTETS} | layer",
            blob.digest
        )
    };
    // A token that expired meanwhile is asked for once more, and the bytes go again.
    expect(&client, put("writing"), bearer("a/b", "push"));
    expect(&client, asked("pull,push"), token("newer"));
    expect(&client, put("newer"), answer(201, ""));
    assert_eq!(
        send(&client, &blob, None).0.expect("it is sent"),
        UploadOutcome::Uploaded
    );

    // A 400 to what writes is the registry's word, not an expired token.
    let url = "proxy PUT https://r.example/v2/a/b/manifests/1";
    let headers = " | authorization: Bearer newer | content-type: a/b | {}";
    expect(
        &client,
        [url, headers].concat(),
        answer(400, r#"{"errors":[{"code":"MANIFEST_INVALID"}]}"#),
    );
    let tag = waybill_core::reference::Target::Tag("1".parse().expect("a tag"));
    let media_type = waybill_core::media_type::MediaType::new("a/b");
    let put = || {
        client
            .transport()
            .run(client.put_manifest(&blob.to, &tag, &media_type, b"{}"))
    };
    let error = put().expect_err("it is refused");
    assert_eq!(error.explain_push().evidence[1], "MANIFEST_INVALID");
    expect(
        &client,
        [url, headers].concat(),
        answer(405, "Method not allowed"),
    );
    let told = put().expect_err("it is refused").explain_push();
    assert_eq!(
        told.next,
        ["ask whoever runs the registry: it takes nothing that is written to it"]
    );
    client.transport().finish();
}
