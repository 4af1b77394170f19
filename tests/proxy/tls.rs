//! TLS on both sides: its errors in plain words, and a certificate of our own that is read again.

use std::sync::Arc;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::harness::{
    CertificateAuthority, Does, PUBLIC, Proxy, TestNetwork, Upstream, answer, signal, started,
};

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

/// What a client of https gets that trusts this authority.
async fn over_tls(
    host: &str,
    authority: &CertificateAuthority,
    headers: &str,
) -> Result<String, String> {
    let versions = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions();
    let roots: RootCertStore = authority.roots();
    let config = versions
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("name");
    let tcp = TcpStream::connect(host)
        .await
        .map_err(|error| error.to_string())?;
    let connector = TlsConnector::from(Arc::new(config));
    let mut tls = connector
        .connect(name, tcp)
        .await
        .map_err(|error| error.to_string())?;
    let request = format!(
        "GET /relay/https/10.0.0.5/v2/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n"
    );
    tls.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    let _ = tls.read_to_string(&mut answer).await;
    Ok(answer)
}

#[tokio::test]
async fn https_with_a_certificate_that_is_read_again() {
    let folder = std::env::temp_dir().join(format!("waybill-certificates-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (certificate, key) = (folder.join("chain.pem"), folder.join("key.pem"));
    let write = |authority: &CertificateAuthority| {
        let (chain, secret) = authority.pem(&["localhost"]);
        std::fs::write(&certificate, chain)
            .and_then(|()| std::fs::write(&key, secret))
            .expect("written");
    };
    let (first, second) = (
        CertificateAuthority::new("the first"),
        CertificateAuthority::new("the second"),
    );
    write(&first);
    let (chain, secret) = (certificate.to_string_lossy(), key.to_string_lossy());
    let (mut child, host, greeting) =
        started(&["--tls-cert", &chain, "--tls-key", &secret, "--log", "off"]).await;
    assert_eq!(greeting[0], format!("Waybill is at https://{host}/"));
    let ours = format!("Origin: https://{host}\r\n");
    assert!(
        over_tls(&host, &first, &ours)
            .await
            .expect("TLS")
            .contains("ADDRESS_REFUSED"),
        "our page may ask"
    );
    let theirs = format!("Origin: http://{host}\r\n");
    assert!(
        over_tls(&host, &first, &theirs)
            .await
            .expect("TLS")
            .contains("ORIGIN_REFUSED"),
        "not that of plain http"
    );
    assert!(over_tls(&host, &second, "").await.is_err());

    let mut stderr = BufReader::new(child.stderr.take().expect("piped")).lines();
    std::fs::write(&key, "no key").expect("written");
    signal(&child, "-HUP").await;
    let word = stderr.next_line().await.expect("text").expect("a word");
    assert!(
        word.starts_with("The certificate stays as it was: ")
            && word.contains("cannot be read as PEM"),
        "{word}"
    );
    assert!(over_tls(&host, &first, "").await.is_ok());
    write(&second);
    signal(&child, "-HUP").await;
    assert_eq!(
        stderr.next_line().await.expect("text").as_deref(),
        Some("The certificate was read again.")
    );
    assert!(
        over_tls(&host, &second, "").await.is_ok() && over_tls(&host, &first, "").await.is_err()
    );
    std::fs::remove_dir_all(&folder).expect("removed");
}
