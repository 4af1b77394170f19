//! Whose request it is where a front server stands between.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::HeaderMap;

use crate::ip_blocks::Range;

/// How many bits of an IPv6 address mark it as a mapped IPv4 address.
const MAPPED_BITS: u32 = 96;

/// Front servers that tell the truth in `X-Forwarded-For`: an address, or a block of them in CIDR form.
///
/// ```
/// use waybill_proxy::forwarded::Trusted;
///
/// let trusted: Trusted = "10.0.0.0/8".parse()?;
/// assert!(trusted.contains("10.1.2.3".parse().expect("address")));
/// # Ok::<(), waybill_proxy::forwarded::TrustedError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trusted {
    range: Range,
}

impl Trusted {
    /// Whether the address is one of them. IPv4 mapped into IPv6 is that IPv4 address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.range.contains(address.to_canonical())
    }
}

impl FromStr for Trusted {
    type Err = TrustedError;

    fn from_str(text: &str) -> Result<Self, TrustedError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let network: IpAddr = address.parse().map_err(|_| TrustedError::Address)?;
        let width = if network.is_ipv4() { 32 } else { 128 };
        // Of IPv4 mapped into IPv6, only what stands behind the mark counts.
        let canonical = network.to_canonical();
        let mark = if network == canonical { 0 } else { MAPPED_BITS };
        let prefix = match prefix {
            None => width,
            Some(prefix) => match prefix.parse() {
                Ok(prefix) if (mark + 1..=width).contains(&prefix) => prefix,
                _ => {
                    return Err(TrustedError::Prefix {
                        least: mark + 1,
                        width,
                    });
                }
            },
        };
        Ok(Self {
            range: Range {
                network: canonical,
                prefix: prefix - mark,
            },
        })
    }
}

impl fmt::Display for Trusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.range.fmt(f)
    }
}

/// The client: who connected, or who a trusted front server says did.
///
/// Each server on the way adds the address that it saw at the end of `X-Forwarded-For`. So the list is read from its
/// end, past every server that is trusted; what stands further in front may be anybody's invention.
#[must_use]
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Trusted]) -> IpAddr {
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

/// Why a text does not name front servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustedError {
    /// It does not begin with an address.
    Address,
    /// The number behind the slash.
    Prefix {
        /// The smallest.
        least: u32,
        /// The largest.
        width: u32,
    },
}

impl fmt::Display for TrustedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => write!(
                f,
                "it is not an address, nor a block of addresses such as 10.0.0.0/8"
            ),
            Self::Prefix { least, width } => write!(
                f,
                "the number behind the slash goes from {least} to {width}"
            ),
        }
    }
}

impl std::error::Error for TrustedError {}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn told(peer: &str, values: &[&'static str], trusted: &[&str]) -> String {
        let trusted: Vec<Trusted> = trusted
            .iter()
            .map(|text| text.parse().expect("trusted"))
            .collect();
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x-forwarded-for", HeaderValue::from_static(value));
        }
        client(peer.parse().expect("address"), &headers, &trusted).to_string()
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
                client([10, 0, 0, 1].into(), &headers, &all),
                IpAddr::from([10, 0, 0, 1]),
                "{odd:?}"
            );
        }
    }

    #[test]
    fn errors_say_what_is_a_block() {
        let error = |text: &str| text.parse::<Trusted>().expect_err(text).to_string();
        assert_eq!(
            error("front.example"),
            "it is not an address, nor a block of addresses such as 10.0.0.0/8"
        );
        assert_eq!(
            error("10.0.0.0/33"),
            "the number behind the slash goes from 1 to 32"
        );
        assert_eq!(
            error("::/0"),
            "the number behind the slash goes from 1 to 128"
        );
        assert_eq!(
            error("::ffff:10.0.0.0/8"),
            "the number behind the slash goes from 97 to 128"
        );
        assert_eq!(
            "10.0.0.1"
                .parse::<Trusted>()
                .map(|trusted| trusted.to_string())
                .as_deref(),
            Ok("10.0.0.1/32")
        );
    }
}
