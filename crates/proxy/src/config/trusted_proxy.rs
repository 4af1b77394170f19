//! Front servers whose `X-Forwarded-For` is believed.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::upstream::ip_blocks::IpRange;

/// How many bits of an IPv6 address mark it as a mapped IPv4 address.
const MAPPED_BITS: u32 = 96;

/// Front servers that tell the truth in `X-Forwarded-For`: an address, or a block of them in CIDR form.
///
/// ```
/// use waybill_proxy::TrustedProxy;
///
/// let trusted: TrustedProxy = "10.0.0.0/8".parse()?;
/// assert!(trusted.contains("10.1.2.3".parse().expect("address")));
/// # Ok::<(), waybill_proxy::TrustedProxyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustedProxy {
    range: IpRange,
}

impl TrustedProxy {
    /// Tells whether the address is one of them. IPv4 mapped into IPv6 is that IPv4 address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.range.contains(address.to_canonical())
    }
}

impl FromStr for TrustedProxy {
    type Err = TrustedProxyError;

    fn from_str(text: &str) -> Result<Self, TrustedProxyError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let network: IpAddr = address.parse().map_err(|_| TrustedProxyError::Address)?;
        let width = if network.is_ipv4() { 32 } else { 128 };
        // Of IPv4 mapped into IPv6, only what stands behind the mark counts.
        let canonical = network.to_canonical();
        let mark = if network == canonical { 0 } else { MAPPED_BITS };
        let prefix = match prefix {
            None => width,
            Some(prefix) => match prefix.parse() {
                Ok(prefix) if (mark + 1..=width).contains(&prefix) => prefix,
                _ => {
                    return Err(TrustedProxyError::Prefix {
                        least: mark + 1,
                        width,
                    });
                }
            },
        };
        Ok(Self {
            range: IpRange {
                network: canonical,
                prefix: prefix - mark,
            },
        })
    }
}

impl fmt::Display for TrustedProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.range.fmt(f)
    }
}

/// Why a text does not name front servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustedProxyError {
    /// It does not begin with an address.
    Address,
    /// The number behind the slash is out of range, or none.
    Prefix {
        /// The smallest number that may stand there.
        least: u32,
        /// The largest number that may stand there: the bits of an address.
        width: u32,
    },
}

impl fmt::Display for TrustedProxyError {
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

impl std::error::Error for TrustedProxyError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_is_a_block() {
        let error = |text: &str| text.parse::<TrustedProxy>().expect_err(text).to_string();
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
                .parse::<TrustedProxy>()
                .map(|trusted| trusted.to_string())
                .as_deref(),
            Ok("10.0.0.1/32")
        );
    }
}
