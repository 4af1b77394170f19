//! Lists of tags and what tags name: which address is asked, which way, with which token.

use waybill_core::limits::TAGS_IN_A_PAGE;
use waybill_core::reference::Reference;
use waybill_core::registry::client::Client;
use waybill_core::registry::error::RegistryError;
use waybill_core::registry::link::LinkError;
use waybill_core::registry::push::Repository;
use waybill_core::registry::settings::Access;
use waybill_core::registry::tags::{Page, PageAnswer};
use waybill_core::registry::transport::{TransportError, Via};
use waybill_core::tags::Source;
use waybill_testkit::transport::{Script, answer, with};

use super::{ALL, DOCKER, OCI, bearer, client, credentials, expect, fail, proxied, set, token};

const TAGS: &str = "https://r.example/v2/a/b/tags/list";

fn place(reference: &str) -> Repository {
    Repository::from_reference(&reference.parse::<Reference>().expect("a reference"))
}

fn list(client: &Client<Script>, page: &Page) -> Result<PageAnswer, RegistryError> {
    let place = place("r.example/a/b");
    let listed = client.transport().run(client.tags(&place, page));
    client.transport().finish();
    listed
}

#[test]
fn directly_nothing_is_said_of_how_many_and_through_the_proxy_a_thousand() {
    let direct = client();
    expect(&direct, format!("direct GET {TAGS}"), answer(200, "{}"));
    let listed = list(&direct, &Page::First).expect("a page");
    assert_eq!((listed.via, listed.asked_for), (Via::Direct, None));
    expect(
        &direct,
        format!("direct GET {TAGS}?last=1.0"),
        answer(200, "{}"),
    );
    list(&direct, &Page::After("1.0".into())).expect("a page");

    let through = proxied(None);
    expect(
        &through,
        format!("proxy GET {TAGS}?n=1000"),
        answer(200, "{}"),
    );
    let listed = list(&through, &Page::First).expect("a page");
    assert_eq!(
        (listed.via, listed.asked_for),
        (Via::Proxy, Some(TAGS_IN_A_PAGE))
    );
    expect(
        &through,
        format!("proxy GET {TAGS}?last=1.0&n=1000"),
        answer(200, "{}"),
    );
    list(&through, &Page::After("1.0".into())).expect("a page");
    // What the registry named is asked for as it stands there.
    let linked = format!("{TAGS}?last=x%3D&n=100");
    expect(&through, format!("proxy GET {linked}"), answer(200, "{}"));
    assert_eq!(
        list(&through, &Page::Linked(linked))
            .expect("a page")
            .asked_for,
        None
    );
}

#[test]
fn a_registry_that_refuses_pages_is_listed_through_the_proxy() {
    let client = client();
    fail(
        &client,
        format!("direct GET {TAGS}"),
        TransportError::Opaque,
    );
    expect(
        &client,
        format!("proxy GET {TAGS}?n=1000"),
        answer(200, "{}"),
    );
    assert_eq!(list(&client, &Page::First).expect("a page").via, Via::Proxy);
}

#[test]
fn the_next_page_keeps_its_path_and_its_origin() {
    let client = proxied(None);
    for (link, next) in [
        (
            "</v2/a/b/tags/list?last=2&n=2>; rel=\"next\"",
            Ok(Some(format!("{TAGS}?last=2&n=2"))),
        ),
        (
            "</v2/b/tags/list?last=2&n=2>; rel=\"next\"",
            Ok(Some(format!("{TAGS}?last=2"))),
        ),
        ("</v2/a/b/tags/list?last=2&n=2>; rel=\"prev\"", Ok(None)),
        (
            "<https://evil.example/v2/a/b/tags/list?last=2>; rel=\"next\"",
            Err(LinkError::OtherOrigin {
                found: "https://evil.example".into(),
            }),
        ),
    ] {
        let page = with(answer(200, "{}"), "link", link);
        expect(&client, format!("proxy GET {TAGS}?n=1000"), page);
        assert_eq!(
            list(&client, &Page::First).expect("a page").next,
            next,
            "{link}"
        );
    }
}

#[test]
fn a_list_is_asked_for_with_a_token_that_reads_the_repository() {
    let client = proxied(None);
    let refused = bearer(answer(401, ""), "https://auth.example/token");
    expect(&client, format!("proxy GET {TAGS}?n=1000"), refused);
    expect(
        &client,
        "proxy token GET https://auth.example/token?service=r.example&scope=repository:a/b:pull",
        token("t0ken"),
    );
    expect(
        &client,
        format!("proxy GET {TAGS}?n=1000 | authorization: Bearer t0ken"),
        answer(200, "{}"),
    );
    assert!(list(&client, &Page::First).is_ok());
}

#[test]
fn a_list_that_is_too_long_is_refused() {
    let client = proxied(None);
    let mut long = answer(200, "{\"tags\":[");
    long.over_limit = true;
    expect(&client, format!("proxy GET {TAGS}?n=1000"), long);
    let error = list(&client, &Page::First).expect_err("too long");
    assert_eq!(
        error.to_string(),
        "r.example sends more than 16 MiB, refused"
    );
}

#[test]
fn a_catalog_needs_a_scope_of_its_own() {
    let client = proxied(None);
    let address = "https://r.example/v2/_catalog?n=1000";
    let challenge = r#"Bearer realm="https://auth.example/token",service="r.example",scope="registry:catalog:*""#;
    let refused = with(answer(401, ""), "www-authenticate", challenge);
    expect(&client, format!("proxy GET {address}"), refused);
    expect(
        &client,
        "proxy token GET https://auth.example/token?service=r.example&scope=registry:catalog:*",
        token("t0ken"),
    );
    let authorized = format!("proxy GET {address} | authorization: Bearer t0ken");
    expect(&client, authorized, answer(200, "{}"));
    let host = "r.example".parse().expect("a host");
    let listed = client.transport().run(client.catalog(&host, &Page::First));
    client.transport().finish();
    assert!(listed.is_ok());
}

const MANIFEST: &str = "https://r.example/v2/a/b/manifests/1";

#[test]
fn a_tag_is_asked_about_with_head_and_read_only_where_that_tells_nothing() {
    let tag = "1".parse().expect("a tag");
    let place = place("r.example/a/b");
    let digest = waybill_core::Digest::sha256(b"{}");
    let through = proxied(None);
    let head = with(answer(200, ""), "docker-content-digest", digest.as_str());
    let head = with(head, "ratelimit-remaining", "99;w=21600");
    expect(&through, format!("proxy HEAD {MANIFEST}{ALL}"), head);
    let told = through
        .transport()
        .run(through.tag(&place, &tag, false))
        .expect("told");
    through.transport().finish();
    assert_eq!(
        (told.details.digest.as_ref(), told.was_read),
        (Some(&digest), false)
    );
    assert!(!told.details.is_hashed);
    assert_eq!(told.rate.map(|rate| rate.remaining), Some(99));

    let direct = client();
    expect(
        &direct,
        format!("direct HEAD {MANIFEST}{DOCKER}"),
        answer(404, ""),
    );
    expect(
        &direct,
        format!("direct HEAD {MANIFEST}{OCI}"),
        answer(200, ""),
    );
    expect(
        &direct,
        format!("direct GET {MANIFEST}{DOCKER}"),
        answer(200, "{}"),
    );
    let told = direct
        .transport()
        .run(direct.tag(&place, &tag, false))
        .expect("told");
    direct.transport().finish();
    assert_eq!((told.details.digest, told.was_read), (Some(digest), true));
    expect(
        &direct,
        format!("direct GET {MANIFEST}{DOCKER}"),
        answer(200, "{}"),
    );
    assert!(
        direct
            .transport()
            .run(direct.tag(&place, &tag, true))
            .is_ok()
    );
    direct.transport().finish();
}

#[test]
fn apis_that_tell_of_many_tags_are_asked_along_their_own_ways() {
    let ask = |client: &Client<Script>, reference: &str, source| {
        let place = place(reference);
        let told = client
            .transport()
            .run(client.tag_details(&place, source, 1));
        client.transport().finish();
        told
    };
    // Docker Hub's sees no credentials, and only the proxy asks it.
    let hub =
        "https://hub.docker.com/v2/namespaces/library/repositories/nginx/tags?page_size=100&page=1";
    let client = client();
    set(&client, "docker.io", Access::Automatic, Some(credentials()));
    expect(&client, format!("proxy GET {hub}"), answer(200, "{}"));
    assert!(
        ask(&client, "nginx", Source::DockerHub)
            .expect("told")
            .is_some()
    );
    set(&client, "docker.io", Access::Direct, None);
    assert_eq!(ask(&client, "nginx", Source::DockerHub), Ok(None));
    // Quay's is asked directly, and not where the person wants the proxy.
    let quay = "https://quay.io/api/v1/repository/o/r/tag/?limit=100&onlyActiveTags=true&page=1";
    set(&client, "quay.io", Access::Automatic, Some(credentials()));
    expect(&client, format!("direct GET {quay}"), answer(200, "{}"));
    assert!(
        ask(&client, "quay.io/o/r", Source::Quay)
            .expect("told")
            .is_some()
    );
    set(&client, "quay.io", Access::Proxy, None);
    assert_eq!(ask(&client, "quay.io/o/r", Source::Quay), Ok(None));
    // A registry that is no zot.
    let zot = "https://r.example/v2/_zot/ext/search?query=%7BImageList(repo:%22a/b%22)%7BResults%7BTag%20Digest%20\
               LastUpdated%20Size%20Manifests%7BPlatform%7BOs%20Arch%7D%7D%7D%7D%7D";
    expect(&client, format!("direct GET {zot}"), answer(404, ""));
    assert!(matches!(
        ask(&client, "r.example/a/b", Source::Zot),
        Err(RegistryError::NotFound(_))
    ));
}
