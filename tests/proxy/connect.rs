//! Connecting to upstream: a second address where the first does not answer, and plain words where none does.

use crate::harness::{OTHER, PUBLIC, Proxy, TestNetwork, Upstream};

#[tokio::test]
async fn a_second_address_is_tried_where_the_first_is_closed() {
    let upstream = Upstream::ok("x").await;
    let network = TestNetwork::default();
    network
        .name("registry.test", &[OTHER, PUBLIC])
        .server(PUBLIC, &upstream);
    let proxy = Proxy::new(&network, |config| {
        config
            .allow
            .push("http://registry.test".parse().expect("host"));
    });
    assert_eq!(proxy.get("/relay/http/registry.test/v2/").await.text(), "x");
    assert_eq!(
        network.dialled(),
        [format!("{OTHER}:80"), format!("{PUBLIC}:80")]
    );
}

#[tokio::test]
async fn a_second_address_is_tried_where_the_first_is_silent() {
    let upstream = Upstream::ok("x").await;
    let network = TestNetwork::default();
    network
        .name("registry.test", &[OTHER, PUBLIC])
        .silent(OTHER)
        .server(PUBLIC, &upstream);
    let proxy = Proxy::new(&network, |config| {
        config
            .allow
            .push("http://registry.test".parse().expect("host"));
        config.limits.upstream_connect = std::time::Duration::from_secs(1);
    });
    assert_eq!(proxy.get("/relay/http/registry.test/v2/").await.text(), "x");
}

#[tokio::test]
async fn what_cannot_be_reached_is_said_plainly() {
    let network = TestNetwork::default();
    network
        .name("closed.test", &[PUBLIC])
        .name("empty.test", &[]);
    let proxy = Proxy::new(&network, |_| {});
    for (host, message) in [
        (
            "closed.test",
            format!("closed.test could not be reached at {PUBLIC}:443: connection refused"),
        ),
        (
            "unknown.test",
            "the name unknown.test could not be looked up: no such name".to_owned(),
        ),
        (
            "empty.test",
            "the name empty.test could not be looked up: it has no address".to_owned(),
        ),
    ] {
        let refusal = proxy
            .get(&format!("/relay/https/{host}/v2/"))
            .await
            .refusal();
        assert_eq!(refusal, (502, "UPSTREAM_UNREACHABLE".to_owned(), message));
    }
}
