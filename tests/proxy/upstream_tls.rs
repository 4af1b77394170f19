//! TLS to upstream, and its errors in plain words.

use crate::harness::{CertificateAuthority, Does, PUBLIC, Proxy, TestNetwork, Upstream, answer};

async fn refusal(upstream: &Upstream, authority: &CertificateAuthority) -> (u16, String, String) {
    let network = TestNetwork::default();
    network
        .name("registry.test", &[PUBLIC])
        .server(PUBLIC, upstream);
    let proxy = Proxy::with_roots(&network, authority.roots(), |_| {});
    proxy.get("/relay/https/registry.test/v2/").await.refusal()
}

fn tls(reason: &str) -> (u16, String, String) {
    (
        502,
        "UPSTREAM_TLS".to_owned(),
        format!("no TLS connection to registry.test: {reason}"),
    )
}

#[tokio::test]
async fn a_public_registry_is_reached_over_tls() {
    let authority = CertificateAuthority::new("ours");
    let acceptor = authority.server(&["registry.test"], 4000);
    let upstream = Upstream::tls(acceptor, |_| Does::Sends(answer("200 OK", &[], b"hello"))).await;
    let network = TestNetwork::default();
    network
        .name("registry.test", &[PUBLIC])
        .server(PUBLIC, &upstream);
    let proxy = Proxy::with_roots(&network, authority.roots(), |_| {});
    for _ in 0..2 {
        assert_eq!(
            proxy.get("/relay/https/registry.test/v2/").await.text(),
            "hello"
        );
    }
    assert_eq!(
        network.dialled(),
        [format!("{PUBLIC}:443")],
        "one connection for both"
    );
}

#[tokio::test]
async fn a_bad_certificate_is_refused_and_nothing_is_sent() {
    let (authority, stranger) = (
        CertificateAuthority::new("ours"),
        CertificateAuthority::new("a stranger"),
    );
    for (acceptor, reason) in [
        (
            stranger.server(&["registry.test"], 4000),
            "its certificate is not from an authority that this machine knows; name the authority's file in SSL_CERT_FILE",
        ),
        (
            authority.server(&["other.test"], 4000),
            "its certificate is for another name",
        ),
        (
            authority.server(&["registry.test"], 2001),
            "its certificate has expired",
        ),
    ] {
        let upstream = Upstream::tls(acceptor, |_| Does::Sends(answer("200 OK", &[], b""))).await;
        assert_eq!(refusal(&upstream, &authority).await, tls(reason));
        assert_eq!(upstream.requests(), [""; 0]);
    }
}

#[tokio::test]
async fn what_does_not_speak_tls_is_named() {
    let authority = CertificateAuthority::new("ours");
    // A server of HTTP waits for the end of a head, which a hello of TLS does not have; many answer all the same.
    let plain = Upstream::speaks_first(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let reason = "it does not speak TLS on this port; one that speaks plain http is named with --allow http://HOST:PORT";
    assert_eq!(refusal(&plain, &authority).await, tls(reason));
}
