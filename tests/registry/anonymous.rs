//! Asking with nothing but the address.

use waybill_core::digest::Digest;
use waybill_core::media_type::MediaType;
use waybill_core::reference::{Reference, Target};
use waybill_core::registry::client::Client;
use waybill_core::registry::error::RegistryError;
use waybill_core::registry::settings::RegistrySettings;
use waybill_core::registry::transport::Via;
use waybill_testkit::transport::{Script, answer, with};

use super::{ALL, DOCKER, OCI, body, client, expect, proxied, read, refused};

#[test]
fn the_first_request_is_the_real_one_and_needs_no_preflight() {
    let client = client();
    let digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    let answered = with(
        answer(200, "{}"),
        "content-type",
        "application/vnd.oci.image.index.v1+json; charset=utf-8",
    );
    let answered = with(answered, "docker-content-digest", digest);
    expect(
        &client,
        ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat(),
        answered,
    );
    let answer = read(&client, "r.example/a/b:1").expect("an answer");
    assert_eq!(answer.bytes, b"{}");
    assert_eq!(answer.content_type, Some(MediaType::OCI_INDEX));
    assert_eq!(answer.docker_content_digest.as_deref(), Some(digest));
    assert_eq!((answer.via, answer.from_session), (Via::Direct, false));
}

#[test]
fn directly_the_oci_pair_is_asked_for_on_404_only() {
    let client = client();
    expect(
        &client,
        ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat(),
        answer(404, "{}"),
    );
    expect(
        &client,
        ["direct GET https://r.example/v2/a/b/manifests/1", OCI].concat(),
        answer(200, "oci"),
    );
    assert_eq!(body(read(&client, "r.example/a/b:1")), "oci");
    // Any other error ends it.
    expect(
        &client,
        ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat(),
        answer(500, ""),
    );
    assert!(matches!(
        refused(read(&client, "r.example/a/b:1")).0,
        RegistryError::Server(_)
    ));
}

#[test]
fn a_child_whose_type_is_known_costs_one_direct_request() {
    let digest = Digest::sha256(b"child");
    let url = format!("direct GET https://r.example/v2/a/b/manifests/{digest}");
    let reference: Reference = format!("r.example/a/b@{digest}")
        .parse()
        .expect("a reference");
    let read = |client: &Client<Script>, expected: &MediaType, target: &Target| {
        let read = client.manifest(
            reference.host(),
            reference.repository(),
            target,
            Some(expected),
        );
        let result = client.transport().run(read);
        client.transport().finish();
        body(result)
    };
    let by_digest = reference.target();

    let client = client();
    expect(
        &client,
        [&url, " | accept: ", MediaType::OCI_MANIFEST.as_str()].concat(),
        answer(200, "child"),
    );
    assert_eq!(read(&client, &MediaType::OCI_MANIFEST, &by_digest), "child");

    // The index may be wrong about it.
    let client = super::client();
    expect(
        &client,
        [&url, " | accept: ", MediaType::OCI_MANIFEST.as_str()].concat(),
        answer(404, ""),
    );
    expect(&client, [&url, DOCKER].concat(), answer(200, "child"));
    assert_eq!(read(&client, &MediaType::OCI_MANIFEST, &by_digest), "child");
    let client = super::client();
    expect(
        &client,
        [&url, " | accept: ", MediaType::DOCKER_SCHEMA2.as_str()].concat(),
        answer(404, ""),
    );
    expect(&client, [&url, OCI].concat(), answer(200, "child"));
    assert_eq!(
        read(&client, &MediaType::DOCKER_SCHEMA2, &by_digest),
        "child"
    );

    // A text that a type of the Docker pair begins with, holds or joins is another type: the
    // Docker pair is still to be asked for.
    for part in [
        "application/vnd.docker",
        "application/vnd.docker.distribution.manifest",
        "application/vnd.docker.distribution.manifest.v2",
        "n/vnd.docker.distribution.manifest.list.v2",
    ] {
        let client = super::client();
        let kind = MediaType::new(part);
        expect(
            &client,
            [&url, " | accept: ", part].concat(),
            answer(404, ""),
        );
        expect(&client, [&url, DOCKER].concat(), answer(200, "child"));
        assert_eq!(read(&client, &kind, &by_digest), "child");
    }

    // What would need a preflight or break the header is not sent, nor is anything for a tag.
    let long = format!("application/{}", "x".repeat(120));
    for unsafe_type in [
        MediaType::new(long),
        MediaType::new("a/b\r\nx: y"),
        MediaType::new(""),
    ] {
        let client = super::client();
        expect(&client, [&url, DOCKER].concat(), answer(200, "child"));
        assert_eq!(read(&client, &unsafe_type, &by_digest), "child");
    }
    let client = super::client();
    expect(
        &client,
        ["direct GET https://r.example/v2/a/b/manifests/1", DOCKER].concat(),
        answer(200, "tag"),
    );
    assert_eq!(
        read(
            &client,
            &MediaType::OCI_INDEX,
            &Target::Tag("1".parse().expect("a tag"))
        ),
        "tag"
    );

    // Through the proxy always every type, and the child's own where it is another.
    let client = proxied(None);
    let url = url.replace("direct", "proxy");
    expect(
        &client,
        [&url, ALL, ",application/vnd.oci.artifact.manifest.v1+json"].concat(),
        answer(200, "child"),
    );
    assert_eq!(read(&client, &MediaType::OCI_ARTIFACT, &by_digest), "child");
    let client = proxied(None);
    expect(&client, [&url, ALL].concat(), answer(200, "child"));
    assert_eq!(read(&client, &MediaType::OCI_MANIFEST, &by_digest), "child");
}

#[test]
fn http_is_spoken_where_the_person_says_so_and_on_loopback() {
    let client = client();
    let settings = RegistrySettings {
        plain_http: true,
        ..RegistrySettings::default()
    };
    client.configure(&"r.lan:5000".parse().expect("a host"), settings);
    // A page's content policy lets it speak http to its own machine only.
    expect(
        &client,
        ["proxy GET http://r.lan:5000/v2/a/manifests/1", ALL].concat(),
        answer(200, "lan"),
    );
    assert_eq!(body(read(&client, "r.lan:5000/a:1")), "lan");
    expect(
        &client,
        ["direct GET http://localhost:5000/v2/a/manifests/1", DOCKER].concat(),
        answer(200, "own"),
    );
    assert_eq!(body(read(&client, "localhost:5000/a:1")), "own");
}
