//! Hosts as they may be spelled: one way only, so that what is judged is what is dialled.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use waybill_core::reference::{ReferenceError, RegistryHost};

const NAME_MAX: usize = 253;
const LABEL_MAX: usize = 63;

/// A host without its port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A DNS name, in lower case.
    Name(String),
    /// An address; nothing needs to be looked up.
    Address(IpAddr),
}

impl fmt::Display for Host {
    /// Writes it without brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(address) => write!(f, "{address}"),
        }
    }
}

/// A host and, where written, its port: `registry.example`, `10.0.0.5:5000`, `[fd00::1]:5000`.
///
/// There is one spelling for each host. Everything that some resolver would take for an IPv4 address in another
/// form than four decimal numbers is refused: `2130706433`, `0x7f.1`, `0177.0.0.1`, `127.1`. So are trailing dots,
/// users, zone identifiers and percent-encoding. An IPv4 address mapped into IPv6 becomes that IPv4 address.
///
/// ```
/// use waybill_proxy::Authority;
///
/// let authority: Authority = "Registry.Example:5000".parse()?;
/// assert_eq!(authority.to_string(), "registry.example:5000");
/// assert!("127.1".parse::<Authority>().is_err());
/// # Ok::<(), waybill_proxy::HostError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    host: Host,
    port: Option<u16>,
}

impl Authority {
    /// Joins a host and a port.
    #[must_use]
    pub fn with_port(host: Host, port: u16) -> Self {
        Self {
            host,
            port: Some(port),
        }
    }

    /// Gives the host without its port.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Gives the port, where one was written.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

impl FromStr for Authority {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        let fail = |rule| {
            Err(HostError {
                host: text.to_owned(),
                rule,
            })
        };
        if text.contains('@') {
            return fail(HostRule::User);
        }
        if text.contains('%') {
            return fail(HostRule::Percent);
        }
        let parsed = match text.parse::<RegistryHost>() {
            Ok(parsed) => parsed,
            Err(_)
                if text
                    .split(':')
                    .next()
                    .is_some_and(|name| name.ends_with('.')) =>
            {
                return fail(HostRule::TrailingDot);
            }
            Err(error) => return fail(HostRule::Grammar(error)),
        };
        // `RegistryHost` has other names for Docker Hub: only its grammar is wanted.
        let port = parsed.port();
        let name = if text.starts_with('[') {
            text
        } else {
            text.split(':').next().unwrap_or_default()
        };
        let host = if name.starts_with('[') {
            match parsed.name().parse::<Ipv6Addr>() {
                Ok(address) => {
                    Host::Address(address.to_ipv4_mapped().map_or(address.into(), IpAddr::V4))
                }
                Err(_) => return fail(HostRule::OddAddress),
            }
        } else if ends_in_number(name) {
            match name.parse::<Ipv4Addr>() {
                Ok(address) => Host::Address(address.into()),
                Err(_) => return fail(HostRule::OddAddress),
            }
        } else if name.len() > NAME_MAX || name.split('.').any(|label| label.len() > LABEL_MAX) {
            return fail(HostRule::Length);
        } else {
            Host::Name(name.to_ascii_lowercase())
        };
        Ok(Self { host, port })
    }
}

/// Tells whether a resolver may take the name for an IPv4 address: its last label is decimal, or hexadecimal with `0x`.
///
/// Source: URL Standard, "ends in a number checker".
fn ends_in_number(name: &str) -> bool {
    let last = name
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let hex = last.strip_prefix("0x");
    last.bytes().all(|b| b.is_ascii_digit())
        || hex.is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]")?,
            host => write!(f, "{host}")?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// Why a text is not a host that may be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostError {
    host: String,
    rule: HostRule,
}

/// The rule that a host breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostRule {
    /// There is a user in front of it.
    User,
    /// There is a `%`: percent-encoding or a zone identifier.
    Percent,
    /// The name ends with a dot.
    TrailingDot,
    /// A decimal, octal, hexadecimal or short form of an IPv4 address.
    OddAddress,
    /// The name is longer than 253 characters, or one of its labels longer than 63.
    Length,
    /// It is not a host at all.
    Grammar(ReferenceError),
}

impl HostError {
    /// Tells which rule the host breaks.
    #[must_use]
    pub fn rule(&self) -> &HostRule {
        &self.rule
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.host.chars().take(80).collect();
        match &self.rule {
            HostRule::User => write!(f, "the host holds a user, which is never relayed"),
            HostRule::Percent => write!(
                f,
                "host {shown:?} holds a %, write it without percent-encoding and zone"
            ),
            HostRule::TrailingDot => write!(f, "host {shown:?} ends with a dot, write it without"),
            HostRule::OddAddress => write!(
                f,
                "host {shown:?} is an odd spelling of an address, write it as four decimal numbers such as 10.0.0.5"
            ),
            HostRule::Length => {
                write!(
                    f,
                    "host {shown:?} is too long, a name has at most {NAME_MAX} characters, a label {LABEL_MAX}"
                )
            }
            HostRule::Grammar(error) => write!(f, "host {shown:?} is not valid: {error}"),
        }
    }
}

impl std::error::Error for HostError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        text.parse::<Authority>().expect_err(text).to_string()
    }

    #[test]
    fn odd_spellings_of_addresses_are_refused() {
        for odd in [
            "2130706433",
            "017700000001",
            "0x7f000001",
            "0X7F000001",
            "0x7f.0x0.0x0.0x1",
            "0177.0.0.1",
            "127.1",
            "127.0.1",
            "127.000.000.001",
            "127.0.0.01",
            "256.0.0.1",
            "1.2.3.4.5",
            "10.0.0.5.6:443",
            "a.0x1",
            "0x",
            "a.1",
            "10",
            "0",
            "00",
            "0300.0250.0.1",
            "0x7f.1",
            "127.0x0.0.1",
            "127.0.0.0x1",
            "4294967295",
            "4294967296",
            "127.0.0.1.0x",
        ] {
            let rule = odd.parse::<Authority>().expect_err(odd).rule().clone();
            assert_eq!(rule, HostRule::OddAddress, "{odd}");
        }
        assert_eq!(
            error("127.1"),
            "host \"127.1\" is an odd spelling of an address, write it as four decimal numbers such as 10.0.0.5"
        );
    }

    #[test]
    fn odd_spellings_of_names_are_refused() {
        assert_eq!(
            error("user@registry.example"),
            "the host holds a user, which is never relayed"
        );
        assert_eq!(
            error("user:secret@registry.example"),
            "the host holds a user, which is never relayed"
        );
        assert_eq!(
            error("registry%2eexample"),
            "host \"registry%2eexample\" holds a %, write it without percent-encoding and zone"
        );
        assert_eq!(
            error("[fe80::1%25eth0]"),
            "host \"[fe80::1%25eth0]\" holds a %, write it without percent-encoding and zone"
        );
        assert_eq!(
            error("registry.example."),
            "host \"registry.example.\" ends with a dot, write it without"
        );
        assert_eq!(
            error("registry.example.:443"),
            "host \"registry.example.:443\" ends with a dot, write it without"
        );
        assert_eq!(
            error("127.0.0.1."),
            "host \"127.0.0.1.\" ends with a dot, write it without"
        );
        let long = ["a".repeat(64), "example".to_owned()].join(".");
        assert!(
            error(&long).ends_with("is too long, a name has at most 253 characters, a label 63")
        );
        assert!(error(&"a.".repeat(127).replace("..", ".")).contains("ends with a dot"));
        for other in [
            "",
            "-a.example",
            "a-.example",
            "a_b.example",
            "a..example",
            "[::1",
            "::1",
            "a:b",
            "a:0",
            "a:65536",
        ] {
            assert!(
                error(other).starts_with(&format!("host {other:?} is not valid: ")),
                "{other}"
            );
        }
        // Digits, dots and letters that only look like those of an address or a name; names go in their ASCII form.
        for alike in [
            "\u{ff11}27.0.0.1",
            "127\u{3002}0\u{3002}0\u{3002}1",
            "127.0.0\u{ff0e}1",
            "127.0.0\u{ff61}1",
            "\u{2460}27.0.0.1",
            "\u{661}27.0.0.1",
            "loc\u{430}lhost",
            "b\u{fc}cher.example",
            "local\u{ad}host",
            "localhost\u{200b}",
        ] {
            assert!(error(alike).contains(" is not valid: "), "{alike:?}");
        }
        for dotted in ["[::ffff:127.0.0.1]", "[127.0.0.1]"] {
            assert!(dotted.parse::<Authority>().is_err(), "{dotted}");
        }
    }

    #[test]
    fn each_host_has_one_spelling() {
        for (text, shown) in [
            ("registry-1.docker.io", "registry-1.docker.io"),
            ("docker.io", "docker.io"),
            ("index.docker.io:443", "index.docker.io:443"),
            ("GHCR.io", "ghcr.io"),
            ("localhost:5000", "localhost:5000"),
            ("10.0.0.5:5000", "10.0.0.5:5000"),
            ("[0:0:0:0:0:0:0:1]:5000", "[::1]:5000"),
            ("[::ffff:7f00:1]:80", "127.0.0.1:80"),
            ("3com.example", "3com.example"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ] {
            assert_eq!(
                text.parse::<Authority>().map(|a| a.to_string()).as_deref(),
                Ok(shown)
            );
        }
    }
}
