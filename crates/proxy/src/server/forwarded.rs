//! Whose request it is where a front server stands between.

use std::net::IpAddr;

use http::HeaderMap;

use crate::config::trusted_proxy::TrustedProxy;

/// Finds the client: who connected, or who a trusted front server says did.
///
/// Each server on the way adds the address that it saw at the end of `X-Forwarded-For`. So the list is read from its
/// end, past every server that is trusted; what stands further in front may be anybody's invention.
#[must_use]
pub(crate) fn client_address(
    peer: IpAddr,
    headers: &HeaderMap,
    trusted: &[TrustedProxy],
) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|trusted| trusted.contains(address));
    if !is_trusted(peer) {
        return peer;
    }
    let mut client = peer;
    let values = headers.get_all("x-forwarded-for").iter().rev();
    let mut hops = values.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
    while is_trusted(client) {
        // Where the list ends, or has something else than an address, the last known one counts.
        let Some(Ok(hop)) = hops.next().map(|hop| hop.trim().parse()) else {
            break;
        };
        client = hop;
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn told(peer: &str, values: &[&'static str], trusted: &[&str]) -> String {
        let trusted: Vec<TrustedProxy> = trusted
            .iter()
            .map(|text| text.parse().expect("trusted"))
            .collect();
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x-forwarded-for", HeaderValue::from_static(value));
        }
        client_address(peer.parse().expect("address"), &headers, &trusted).to_string()
    }

    #[test]
    fn nobody_is_believed_who_was_not_named() {
        assert_eq!(told("192.0.2.1", &["198.51.100.1"], &[]), "192.0.2.1");
        assert_eq!(
            told("192.0.2.1", &["198.51.100.1"], &["10.0.0.0/8"]),
            "192.0.2.1"
        );
        assert_eq!(
            told("11.0.0.1", &["198.51.100.1"], &["10.0.0.0/8"]),
            "11.0.0.1"
        );
    }

    #[test]
    fn the_last_hop_that_is_not_trusted_is_the_client() {
        let trusted = &["10.0.0.0/8", "fd00::/8"];
        assert_eq!(told("10.0.0.1", &["198.51.100.1"], trusted), "198.51.100.1");
        assert_eq!(
            told("::ffff:10.0.0.1", &["198.51.100.1"], trusted),
            "198.51.100.1"
        );
        assert_eq!(told("fd00::1", &["2001:db8::1"], trusted), "2001:db8::1");
        for mapped in ["::ffff:10.0.0.1", "::ffff:10.0.0.0/104"] {
            assert_eq!(
                told("10.0.0.1", &["198.51.100.1"], &[mapped]),
                "198.51.100.1"
            );
            assert_eq!(
                told("::ffff:a00:1", &["198.51.100.1"], &[mapped]),
                "198.51.100.1"
            );
            assert_eq!(told("11.0.0.1", &["198.51.100.1"], &[mapped]), "11.0.0.1");
        }
        // What the client itself wrote stands in front.
        assert_eq!(
            told("10.0.0.1", &["127.0.0.1, 203.0.113.9 ,10.0.0.2"], trusted),
            "203.0.113.9"
        );
        assert_eq!(
            told(
                "10.0.0.1",
                &["127.0.0.1", "203.0.113.9", "10.0.0.2"],
                trusted
            ),
            "203.0.113.9"
        );
    }

    #[test]
    fn a_list_that_ends_or_breaks_leaves_the_last_known_address() {
        let trusted = &["10.0.0.0/8"];
        assert_eq!(told("10.0.0.1", &[], trusted), "10.0.0.1");
        assert_eq!(told("10.0.0.1", &["10.0.0.2"], trusted), "10.0.0.2");
        for odd in [
            "",
            "unknown",
            "198.51.100.1, ",
            "198.51.100.1, 1.2.3",
            "198.51.100.1:80",
        ] {
            let mut headers = HeaderMap::new();
            headers.append("x-forwarded-for", HeaderValue::from_str(odd).expect("text"));
            let all = ["10.0.0.0/8".parse().expect("trusted")];
            assert_eq!(
                client_address([10, 0, 0, 1].into(), &headers, &all),
                IpAddr::from([10, 0, 0, 1]),
                "{odd:?}"
            );
        }
    }
}
