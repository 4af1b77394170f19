//! What is remembered for the session, and what one image costs.

use waybill_core::digest::Digest;
use waybill_core::limits;
use waybill_core::media_type::MediaType;
use waybill_core::reference::{Reference, Target};
use waybill_core::registry::answer::Fetched;
use waybill_core::registry::client::Client;
use waybill_core::registry::error::RegistryError;
use waybill_core::registry::settings::{Access, RegistrySettings};
use waybill_core::registry::transport::TransportError;
use waybill_testkit::transport::{Script, answer, with};

use super::{ALL, DOCKER, TOKEN, URL, bearer, body, client, expect, proxied, read, refused, token};

#[test]
fn answers_by_digest_are_remembered_when_their_bytes_match() {
    let client = proxied(None);
    let (good, bad) = (Digest::sha256(b"good"), Digest::sha256(b"asked for"));
    let line =
        |digest: &Digest| format!("proxy GET https://r.example/v2/a/b/manifests/{digest}{ALL}");
    let by = |digest: &Digest| format!("r.example/a/b@{digest}");
    expect(
        &client,
        line(&good),
        with(answer(200, "good"), "content-type", "application/json"),
    );
    let first = read(&client, &by(&good)).expect("an answer");
    assert!(!first.from_session);
    let again = read(&client, &by(&good)).expect("an answer");
    assert_eq!(
        again,
        Fetched {
            from_session: true,
            ..first
        }
    );
    // Other bytes than asked for, a tag, another repository and a blob are asked anew.
    for _ in 0..2 {
        expect(&client, line(&bad), answer(200, "other bytes"));
        assert_eq!(body(read(&client, &by(&bad))), "other bytes");
        expect(&client, [URL, ALL].concat(), answer(200, "tag"));
        assert_eq!(body(read(&client, "r.example/a/b:1")), "tag");
    }
    expect(&client, line(&good).replace("a/b", "c"), answer(404, ""));
    refused(read(&client, &format!("r.example/c@{good}")));
    let reference: Reference = by(&good).parse().expect("a reference");
    expect(
        &client,
        format!("proxy GET https://r.example/v2/a/b/blobs/{good}"),
        answer(200, "good"),
    );
    for from_session in [false, true] {
        let read = client.blob(
            reference.host(),
            reference.repository(),
            &good,
            limits::MANIFEST_BYTES,
        );
        let blob = client.transport().run(read).expect("a blob");
        assert_eq!(
            (blob.bytes.as_slice(), blob.from_session),
            (b"good".as_slice(), from_session)
        );
    }
    client.transport().finish();
}

#[test]
fn clients_beside_each_other_know_the_same() {
    let client = proxied(None);
    let other = client.with_transport(Script::new());
    let digest = Digest::sha256(b"good");
    let by_digest = format!("r.example/a/b@{digest}");
    expect(
        &client,
        format!("proxy GET https://r.example/v2/a/b/manifests/{digest}{ALL}"),
        answer(200, "good"),
    );
    assert_eq!(body(read(&client, &by_digest)), "good");
    assert!(read(&other, &by_digest).expect("an answer").from_session);
    // Whatever is set at one is set at both.
    let host = "r.example".parse().expect("a host");
    other.configure(&host, RegistrySettings::default());
    assert_eq!(client.settings(&host).access, Access::Automatic);
    client.transport().finish();
    assert_eq!(other.transport().finish().0, 0);
}

/// Reads an index, then children with their configs side by side; gives requests and depth.
fn cost(
    client: &Client<Script>,
    host: &str,
    token_waves: &dyn Fn(&Client<Script>),
    children: usize,
) -> (usize, usize) {
    let reference: Reference = format!("{host}/a/b:1").parse().expect("a reference");
    let base = format!("proxy GET https://{host}/v2/a/b");
    let auth = " | authorization: Bearer t0ken";
    token_waves(client);
    expect(
        client,
        format!("{base}/manifests/1{ALL}{auth}"),
        answer(200, "index"),
    );
    // Tags are asked anew each time, so what is behind them must differ for the session not to know it.
    let digests = |kind: &str| -> Vec<(String, Digest)> {
        let text = |number| format!("{kind} {number} of {children}");
        (0..children)
            .map(|number| (text(number), Digest::sha256(text(number).as_bytes())))
            .collect()
    };
    for (text, digest) in digests("manifest") {
        expect(
            client,
            format!("{base}/manifests/{digest}{ALL}{auth}"),
            answer(200, text),
        );
    }
    for (text, digest) in digests("config") {
        expect(
            client,
            format!("{base}/blobs/{digest}{auth}"),
            answer(200, text),
        );
    }
    let (host, repository) = (reference.host(), reference.repository());
    let target = reference.target();
    client
        .transport()
        .run(client.manifest(host, repository, &target, None))
        .expect("the index");
    let pairs = digests("manifest").into_iter().zip(digests("config"));
    let each = pairs.map(async |((_, manifest), (_, config))| {
        let expected = Some(&MediaType::OCI_MANIFEST);
        client
            .manifest(host, repository, &Target::Digest(manifest), expected)
            .await?;
        client
            .blob(host, repository, &config, limits::MANIFEST_BYTES)
            .await
    });
    for result in client.transport().run_all(each) {
        result.expect("a config");
    }
    client.transport().finish()
}

#[test]
fn the_budget() {
    let known = |client: &Client<Script>| {
        let line =
            "proxy token GET https://quay.io/v2/auth?service=quay.io&scope=repository:a/b:pull";
        expect(client, line, token("t0ken"));
    };
    let unknown = |client: &Client<Script>| {
        expect(
            client,
            [URL, ALL].concat(),
            bearer(answer(401, ""), "https://auth.example/token"),
        );
        expect(client, TOKEN, token("t0ken"));
    };
    let kept = |_: &Client<Script>| {};
    // One image of an index: the index, its manifest, its config.
    let client = client();
    assert_eq!(cost(&client, "quay.io", &known, 1), (4, 4));
    assert_eq!(cost(&client, "quay.io", &kept, 2), (5, 3));
    let client = super::client();
    assert_eq!(cost(&client, "quay.io", &known, 8), (18, 4));
    assert_eq!(cost(&client, "quay.io", &kept, 1), (3, 3));
    let client = proxied(None);
    assert_eq!(cost(&client, "r.example", &unknown, 1), (5, 5));
    let client = proxied(None);
    assert_eq!(cost(&client, "r.example", &unknown, 8), (19, 5));
}

/// Reads an index, and ahead of need an image of it; then the image and its config. Gives requests and depth.
fn cost_ahead(client: &Client<Script>, host: &str, index_waves: usize) -> (usize, usize) {
    let base = format!("proxy GET https://{host}/v2/a/b");
    let auth = " | authorization: Bearer t0ken";
    let (image, config) = (Digest::sha256(b"image"), Digest::sha256(b"config"));
    client.transport().expect_slow(
        format!("{base}/manifests/1{ALL}{auth}"),
        Ok(answer(200, "index")),
        index_waves,
    );
    let line = format!("{base}/manifests/{image}{ALL}{auth}");
    expect(client, line, answer(200, "image"));
    let line = format!("{base}/blobs/{config}{auth}");
    expect(client, line, answer(200, "config"));
    let reference: Reference = format!("{host}/a/b:1").parse().expect("a reference");
    let (host, repository) = (reference.host(), reference.repository());
    let read = async {
        let target = reference.target();
        let ahead = [image.clone()];
        let index = client.manifest_and_ahead(host, repository, &target, &ahead);
        let index = index.await?;
        let (target, expected) = (Target::Digest(image), Some(&MediaType::OCI_MANIFEST));
        let read = client.manifest(host, repository, &target, expected).await?;
        let limit = limits::MANIFEST_BYTES;
        let config = client.blob(host, repository, &config, limit).await?;
        Ok([index, read, config])
    };
    let answers: Result<_, RegistryError> = client.transport().run(read);
    let answers = answers.expect("three answers").map(|answer| answer.bytes);
    assert_eq!(answers, [&b"index"[..], b"image", b"config"]);
    client.transport().finish()
}

#[test]
fn what_an_address_names_comes_beside_the_list_with_its_token() {
    let client = client();
    let line = "proxy token GET https://quay.io/v2/auth?service=quay.io&scope=repository:a/b:pull";
    expect(&client, line, token("t0ken"));
    assert_eq!(cost_ahead(&client, "quay.io", 1), (4, 3));
    let client = proxied(None);
    let challenge = bearer(answer(401, ""), "https://auth.example/token");
    expect(&client, [URL, ALL].concat(), challenge);
    expect(&client, TOKEN, token("t0ken"));
    // It may be here before the list.
    assert_eq!(cost_ahead(&client, "r.example", 3), (5, 6));
}

#[test]
fn what_comes_beside_a_list_changes_nothing_of_it() {
    let reference: Reference = "r.example/a/b:1".parse().expect("a reference");
    let read = |client: &Client<Script>| {
        let (target, ahead) = (reference.target(), [Digest::sha256(b"image")]);
        let (host, repository) = (reference.host(), reference.repository());
        let read = client.manifest_and_ahead(host, repository, &target, &ahead);
        let result = client.transport().run(read);
        client.transport().finish();
        result
    };
    let image = format!(
        "proxy GET https://r.example/v2/a/b/manifests/{}{ALL} | authorization: Bearer t0ken",
        Digest::sha256(b"image")
    );
    let with_token = |client: &Client<Script>, list, waves| {
        let challenge = bearer(answer(401, ""), "https://auth.example/token");
        expect(client, [URL, ALL].concat(), challenge);
        expect(client, TOKEN, token("t0ken"));
        let line = [URL, ALL, " | authorization: Bearer t0ken"].concat();
        expect(client, line, list);
        let lost = Err(TransportError::ProxyDown);
        client.transport().expect_slow(&image, lost, waves);
    };
    // It did not come; the list is there all the same, once that is known.
    let client = proxied(None);
    with_token(&client, answer(200, "index"), 3);
    assert_eq!(body(read(&client)), "index");
    // An error waits for nobody.
    let client = proxied(None);
    with_token(&client, answer(404, ""), usize::MAX / 2);
    refused(read(&client));
    // Where no token is needed it is asked for in its turn, and so it is directly.
    let client = proxied(None);
    expect(&client, [URL, ALL].concat(), answer(200, "index"));
    assert_eq!(body(read(&client)), "index");
    let client = super::client();
    let direct = |rest: &str| {
        [
            "direct GET https://r.example/v2/a/b/manifests/1",
            DOCKER,
            rest,
        ]
        .concat()
    };
    expect(
        &client,
        direct(""),
        bearer(answer(401, ""), "https://r.example/token"),
    );
    let own =
        "direct token GET https://r.example/token?service=r.example&scope=repository:a/b:pull";
    expect(&client, own, token("t0ken"));
    expect(
        &client,
        direct(" | authorization: Bearer t0ken"),
        answer(200, "index"),
    );
    assert_eq!(body(read(&client)), "index");
}

#[test]
fn how_many_more_manifests_a_registry_gives_is_as_its_last_answer_said() {
    let client = proxied(None);
    let host = "r.example".parse().expect("a host");
    assert_eq!(client.rate_limit(&host), None);
    let limited = |remaining: &str| {
        let told = with(answer(200, "one"), "ratelimit-limit", "100;w=21600");
        with(told, "ratelimit-remaining", remaining)
    };
    for remaining in ["99;w=21600", "98;w=21600"] {
        expect(&client, [URL, ALL].concat(), limited(remaining));
        read(&client, "r.example/a/b:1").expect("a manifest");
    }
    // An answer that says nothing of it changes nothing.
    expect(&client, [URL, ALL].concat(), answer(200, "one"));
    read(&client, "r.example/a/b:1").expect("a manifest");
    let told = client.rate_limit(&host).expect("it was said");
    assert_eq!(
        told.sentence(&host),
        "The registry gives 98 of 100 more manifests in 6 hours."
    );
}
