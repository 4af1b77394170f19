//! Which hosts are reached: public ones, and those named with `--allow`.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use waybill_proxy::Config;

use crate::harness::{
    CertificateAuthority, Does, PUBLIC, Proxy, TestNetwork, Upstream, answer, challenge,
};

/// One address of each kind that must never be dialled.
const INSIDE: [&str; 14] = [
    "0.0.0.0",
    "10.0.0.5",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.31.255.255",
    "192.168.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "fd00::1",
    "fe80::1",
];

/// A host as it stands in an address.
fn spelled(address: &str) -> String {
    match address.parse::<std::net::IpAddr>().expect("address") {
        std::net::IpAddr::V6(v6) => {
            let groups: Vec<String> = v6
                .segments()
                .iter()
                .map(|group| format!("{group:x}"))
                .collect();
            format!("[{}]", groups.join(":"))
        }
        std::net::IpAddr::V4(v4) => v4.to_string(),
    }
}

#[tokio::test]
async fn no_private_address_is_dialled_by_itself_or_behind_a_name() {
    let network = TestNetwork::default();
    let realm = Arc::new(Mutex::new(String::new()));
    let named = Arc::clone(&realm);
    let registry = Upstream::plain(move |_| challenge(&named.lock().expect("lock"))).await;
    network
        .name("registry.test", &[PUBLIC])
        .server(PUBLIC, &registry);
    let proxy = Proxy::new(&network, |config| {
        config
            .allow
            .push("http://registry.test".parse().expect("host"));
    });
    for inside in INSIDE {
        network.name("inside.test", &[inside]);
        for host in [spelled(inside), "inside.test".to_owned()] {
            // A registry may name whatever it likes.
            *realm.lock().expect("lock") = format!("https://{host}:5000/token");
            proxy.get("/relay/http/registry.test/v2/").await;
            for path in [
                format!("/relay/https/{host}:5000/v2/"),
                format!("/token/https/{host}:5000/token"),
            ] {
                let (status, code, message) = proxy.get(&path).await.refusal();
                assert_eq!(
                    (status, code.as_str()),
                    (403, "ADDRESS_REFUSED"),
                    "{path} {inside}"
                );
                assert!(
                    message.contains("start the proxy with --allow "),
                    "{message}"
                );
            }
        }
    }
    assert!(
        network
            .dialled()
            .iter()
            .all(|address| address.starts_with(PUBLIC)),
        "{:?}",
        network.dialled()
    );
}

#[tokio::test]
async fn a_refusal_says_what_to_do() {
    let network = TestNetwork::default();
    network.name("inside.test", &["10.0.0.5"]);
    let proxy = Proxy::new(&network, |_| {});
    let message = |path: &'static str| {
        let proxy = &proxy;
        async move { proxy.get(path).await.refusal().2 }
    };
    assert_eq!(
        message("/relay/https/10.0.0.5:5000/v2/").await,
        "10.0.0.5 is a private address (10.0.0.0/8); start the proxy with --allow 10.0.0.5:5000 to reach it"
    );
    assert_eq!(
        message("/relay/https/inside.test/v2/").await,
        "inside.test has the address 10.0.0.5, a private address (10.0.0.0/8); start the proxy with --allow \
         inside.test:443 to reach it"
    );
    assert_eq!(
        message("/relay/http/registry.test/v2/").await,
        "registry.test was asked for over plain http; start the proxy with --allow http://registry.test to reach it"
    );
    let answer = proxy.get("/relay/https/inside.test/v2/").await;
    let json: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    let detail = serde_json::json!({
        "host": "inside.test", "address": "10.0.0.5", "block": "10.0.0.0/8", "redirected": false
    });
    assert_eq!(json["errors"][0]["detail"], detail);
}

#[tokio::test]
async fn a_proxy_for_others_does_not_tell_the_private_address_behind_a_name() {
    let network = TestNetwork::default();
    network
        .name("inside.test", &["10.0.0.5"])
        .name("mixed.test", &[PUBLIC, "fd00::5"])
        .name("closed.lan", &["10.0.0.6"]);
    let closed = |config: &mut Config| config.allow.push("closed.lan".parse().expect("host"));
    network.refusing("10.0.0.6");
    let everywhere: fn(&mut Config) = |config| config.listen.set_ip([0, 0, 0, 0].into());
    let named: fn(&mut Config) =
        |config| config.hosts.push("waybill.example".parse().expect("host"));
    let fronted: fn(&mut Config) =
        |config| config.trusted.push("127.0.0.1".parse().expect("address"));
    for change in [everywhere, named, fronted] {
        let proxy = Proxy::new(&network, |config| {
            closed(config);
            change(config);
        });
        for (host, status, words) in [
            (
                "inside.test",
                403,
                "inside.test has an address that is not public; start the proxy with --allow inside.test:443 to reach it",
            ),
            (
                "mixed.test",
                403,
                "mixed.test has an address that is not public; start the proxy with --allow mixed.test:443 to reach it",
            ),
            (
                "closed.lan",
                502,
                "closed.lan could not be reached: connection refused",
            ),
        ] {
            let answer = proxy.get(&format!("/relay/https/{host}/v2/")).await;
            assert_eq!(
                (answer.status.as_u16(), answer.refusal().2.as_str()),
                (status, words)
            );
            for inside in ["10.0.0", "fd00", "private"] {
                assert!(!answer.text().contains(inside), "{}", answer.text());
            }
        }
        // What was asked for is no secret.
        let literal = proxy.get("/relay/https/10.0.0.5/v2/").await.refusal().2;
        assert!(
            literal.starts_with("10.0.0.5 is a private address (10.0.0.0/8); "),
            "{literal}"
        );
    }
    let own = Proxy::new(&network, closed);
    let message = own.get("/relay/https/closed.lan/v2/").await.refusal().2;
    assert_eq!(
        message,
        "closed.lan could not be reached at 10.0.0.6:443: connection refused"
    );
}

#[tokio::test]
async fn one_private_address_among_public_ones_spoils_a_name() {
    let network = TestNetwork::default();
    let proxy = Proxy::new(&network, |_| {});
    for mixed in [
        [PUBLIC, "10.0.0.5"],
        ["10.0.0.5", PUBLIC],
        [PUBLIC, "::1"],
        ["2606:4700::1111", "fd00::1"],
    ] {
        network.name("mixed.test", &mixed);
        assert_eq!(
            proxy.get("/relay/https/mixed.test/v2/").await.refusal().1,
            "ADDRESS_REFUSED",
            "{mixed:?}"
        );
    }
    assert_eq!(network.dialled(), [""; 0]);
}

#[tokio::test]
async fn the_very_address_that_was_judged_is_dialled() {
    let (authority, inside) = (
        CertificateAuthority::new("ours"),
        Upstream::ok("secret").await,
    );
    // The resolver names a public address when it is judged, and this machine when it is asked again.
    let acceptor = authority.server(&["flip.test"], 4000);
    let public = Upstream::tls(acceptor, |_| {
        Does::Closes(answer("200 OK", &["Connection: close"], b"public"))
    })
    .await;
    let network = TestNetwork::default();
    network
        .flipping("flip.test", &[&[PUBLIC], &["127.0.0.1"]])
        .server(PUBLIC, &public);
    let proxy = Proxy::with_roots(&network, authority.roots(), |_| {});
    let path = format!("/relay/https/flip.test:{}/v2/", inside.address.port());

    let answer = proxy.get(&path).await;
    assert_eq!(
        (answer.status.as_u16(), answer.text().as_str()),
        (200, "public")
    );
    assert_eq!(
        network.looked_up().len(),
        1,
        "asked once for one connection"
    );
    let judged =
        SocketAddr::new(PUBLIC.parse().expect("address"), inside.address.port()).to_string();
    assert_eq!(network.dialled(), std::slice::from_ref(&judged));

    // A new connection is judged by the new answer.
    assert_eq!(proxy.get(&path).await.refusal().1, "ADDRESS_REFUSED");
    assert_eq!(network.dialled(), [judged]);
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn what_is_allowed_by_name_is_reached_and_nothing_beside_it() {
    let upstream = Upstream::ok("x").await;
    let network = TestNetwork::default();
    network
        .name("registry.lan", &["10.0.0.5"])
        .server("10.0.0.5", &upstream);
    let allow = |allowed: &'static str| {
        Proxy::new(&network, move |config| {
            config.allow.push(allowed.parse().expect("host"));
        })
    };
    let by_name = allow("http://registry.lan:5000");
    assert_eq!(
        by_name
            .get("/relay/http/registry.lan:5000/v2/")
            .await
            .text(),
        "x"
    );
    assert_eq!(
        by_name
            .get("/relay/http/Registry.LAN:5000/v2/")
            .await
            .text(),
        "x"
    );
    for beside in [
        "http/registry.lan:5001",
        "http/registry.lan",
        "https/registry.lan",
        "http/10.0.0.5:5000",
    ] {
        assert_eq!(
            by_name
                .get(&format!("/relay/{beside}/v2/"))
                .await
                .refusal()
                .1,
            "ADDRESS_REFUSED",
            "{beside}"
        );
    }
    let by_address = allow("http://10.0.0.5:5000");
    assert_eq!(
        by_address.get("/relay/http/10.0.0.5:5000/v2/").await.text(),
        "x"
    );
    assert_eq!(
        by_address
            .get("/relay/http/registry.lan:5000/v2/")
            .await
            .refusal()
            .1,
        "ADDRESS_REFUSED"
    );
    let only_https = allow("registry.lan:5000");
    let (_, code, message) = only_https
        .get("/relay/http/registry.lan:5000/v2/")
        .await
        .refusal();
    assert_eq!(code, "ADDRESS_REFUSED");
    assert!(
        message.ends_with("start the proxy with --allow http://registry.lan:5000 to reach it"),
        "{message}"
    );
}

#[tokio::test]
async fn odd_spellings_reach_nobody() {
    let inside = Upstream::ok("secret").await;
    let network = TestNetwork::default();
    let proxy = Proxy::new(&network, |_| {});
    let port = inside.address.port();
    for odd in [
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "127.0.0.1.",
        "localhost.",
        "127.0.0.01",
        "[::1%25lo]",
        "%6cocalhost",
    ] {
        let answer = proxy.get(&format!("/relay/https/{odd}:{port}/v2/")).await;
        assert_eq!(answer.refusal().1, "ADDRESS_REFUSED", "{odd}");
    }
    let answer = proxy
        .get(&format!("/relay/https/user@127.0.0.1:{port}/v2/"))
        .await;
    assert_eq!(answer.refusal().1, "PATH_REFUSED");
    assert_eq!(
        (network.dialled(), network.looked_up(), inside.connections()),
        (vec![], vec![], 0)
    );
}
