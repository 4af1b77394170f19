//! Which addresses are on the public internet: everything else is refused unless named with `--allow`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The addresses that begin with the same bits. They are shown in CIDR form: `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IpRange {
    pub(crate) network: IpAddr,
    /// How many bits, from 1 on.
    pub(crate) prefix: u32,
}

impl IpRange {
    /// Tells whether the address, of the same family, is one of them.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                (network.to_bits() ^ address.to_bits()).leading_zeros() >= self.prefix
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                (network.to_bits() ^ address.to_bits()).leading_zeros() >= self.prefix
            }
            _ => false,
        }
    }
}

impl fmt::Display for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

/// A block of addresses that no public registry has.
///
/// Source: IANA's special-purpose address registries for IPv4 and IPv6, and RFC 6890.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpecialBlock {
    range: IpRange,
    meaning: &'static str,
}

impl SpecialBlock {
    const fn v4(octets: [u8; 4], prefix: u32, meaning: &'static str) -> Self {
        let [a, b, c, d] = octets;
        Self {
            range: IpRange {
                network: IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
                prefix,
            },
            meaning,
        }
    }

    const fn v6(network: Ipv6Addr, prefix: u32, meaning: &'static str) -> Self {
        Self {
            range: IpRange {
                network: IpAddr::V6(network),
                prefix,
            },
            meaning,
        }
    }

    /// Tells what the block is for, with its article: `a private address`.
    #[must_use]
    pub fn meaning(&self) -> &'static str {
        self.meaning
    }
}

impl fmt::Display for SpecialBlock {
    /// Writes it in CIDR form: `10.0.0.0/8`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.range.fmt(f)
    }
}

/// Finds the first block that holds `address`; `None` where it is public.
///
/// An IPv4 address mapped into IPv6 (`::ffff:0:0/96`) is judged as the IPv4 address inside.
///
/// ```
/// use waybill_proxy::special_block;
///
/// let block = special_block("10.0.0.5".parse()?).expect("not public");
/// assert_eq!((block.to_string().as_str(), block.meaning()), ("10.0.0.0/8", "a private address"));
/// assert_eq!(special_block("::ffff:10.0.0.5".parse()?), Some(block));
/// assert_eq!(special_block("1.1.1.1".parse()?), None);
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[must_use]
pub fn special_block(address: IpAddr) -> Option<SpecialBlock> {
    let address = match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    };
    BLOCKS
        .into_iter()
        .find(|block| block.range.contains(address))
}

const BLOCKS: [SpecialBlock; 35] = [
    SpecialBlock::v4([0, 0, 0, 0], 8, "an address of \"this network\""),
    SpecialBlock::v4([10, 0, 0, 0], 8, "a private address"),
    SpecialBlock::v4([100, 64, 0, 0], 10, "a carrier's shared address"),
    SpecialBlock::v4([127, 0, 0, 0], 8, "a loopback address"),
    SpecialBlock::v4([169, 254, 0, 0], 16, "a link-local address"),
    SpecialBlock::v4([172, 16, 0, 0], 12, "a private address"),
    SpecialBlock::v4([192, 0, 0, 0], 24, "an address for protocols"),
    SpecialBlock::v4([192, 0, 2, 0], 24, "an address for documentation"),
    SpecialBlock::v4([192, 31, 196, 0], 24, "an address of AS112"),
    SpecialBlock::v4([192, 52, 193, 0], 24, "an address for multicast tunnels"),
    SpecialBlock::v4([192, 88, 99, 0], 24, "an address of 6to4 relays"),
    SpecialBlock::v4([192, 168, 0, 0], 16, "a private address"),
    SpecialBlock::v4([192, 175, 48, 0], 24, "an address of AS112"),
    SpecialBlock::v4([198, 18, 0, 0], 15, "an address for benchmarks"),
    SpecialBlock::v4([198, 51, 100, 0], 24, "an address for documentation"),
    SpecialBlock::v4([203, 0, 113, 0], 24, "an address for documentation"),
    SpecialBlock::v4([224, 0, 0, 0], 4, "a multicast address"),
    SpecialBlock::v4([240, 0, 0, 0], 4, "a reserved address"),
    SpecialBlock::v6(Ipv6Addr::UNSPECIFIED, 128, "the unspecified address"),
    SpecialBlock::v6(Ipv6Addr::LOCALHOST, 128, "a loopback address"),
    SpecialBlock::v6(Ipv6Addr::UNSPECIFIED, 96, "an IPv4-compatible address"),
    SpecialBlock::v6(
        Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, 0, 0),
        96,
        "a translated IPv4 address",
    ),
    SpecialBlock::v6(
        Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0),
        96,
        "an address of a translator to IPv4",
    ),
    SpecialBlock::v6(
        Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0),
        48,
        "an address of a local translator to IPv4",
    ),
    SpecialBlock::v6(
        Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0),
        64,
        "a discard address",
    ),
    SpecialBlock::v6(
        Ipv6Addr::new(0x100, 0, 0, 1, 0, 0, 0, 0),
        64,
        "a dummy address",
    ),
    SpecialBlock::v6(
        Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0),
        23,
        "an address for protocols",
    ),
    SpecialBlock::v6(
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0),
        32,
        "an address for documentation",
    ),
    SpecialBlock::v6(
        Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0),
        16,
        "an address of 6to4, with IPv4 inside",
    ),
    SpecialBlock::v6(
        Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0),
        20,
        "an address for documentation",
    ),
    SpecialBlock::v6(
        Ipv6Addr::new(0x5f00, 0, 0, 0, 0, 0, 0, 0),
        16,
        "an address of segment routing",
    ),
    SpecialBlock::v6(
        Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0),
        7,
        "a private address",
    ),
    SpecialBlock::v6(
        Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0),
        10,
        "a link-local address",
    ),
    SpecialBlock::v6(
        Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0),
        10,
        "a site-local address",
    ),
    SpecialBlock::v6(
        Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0),
        8,
        "a multicast address",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The table once more, as the design wrote it, to be read by another parser than the table's.
    const REFUSED: &str = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 \
        192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 \
        198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 ::/128 ::1/128 ::/96 ::ffff:0:0:0/96 64:ff9b::/96 \
        64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7 \
        fe80::/10 fec0::/10 ff00::/8";

    /// First and last address of every refused block, as numbers, with the family's width.
    fn refused() -> Vec<(u32, u128, u128)> {
        let range = |text: &str| {
            let (network, prefix) = text.split_once('/').expect("CIDR");
            let (width, first) = match network.parse().expect("address") {
                IpAddr::V4(v4) => (32, u128::from(u32::from(v4))),
                IpAddr::V6(v6) => (128, u128::from(v6)),
            };
            let free = width - prefix.parse::<u32>().expect("prefix");
            (
                width,
                first,
                first + (1_u128.checked_shl(free).expect("no /0") - 1),
            )
        };
        REFUSED.split_whitespace().map(range).collect()
    }

    fn address(width: u32, number: u128) -> IpAddr {
        match u32::try_from(number) {
            Ok(number) if width == 32 => IpAddr::V4(number.into()),
            _ => IpAddr::V6(number.into()),
        }
    }

    #[test]
    fn first_middle_and_last_of_every_block_are_refused() {
        for (width, first, last) in refused() {
            for number in [first, first + (last - first) / 2, last] {
                let address = address(width, number);
                assert!(special_block(address).is_some(), "{address}");
            }
        }
        assert_eq!(refused().len(), BLOCKS.len());
    }

    #[test]
    fn the_neighbours_of_every_block_are_judged_by_the_other_blocks_alone() {
        let refused = refused();
        let mut public = 0;
        for &(width, first, last) in &refused {
            let max = if width == 32 {
                u128::from(u32::MAX)
            } else {
                u128::MAX
            };
            let neighbours = [
                first.checked_sub(1),
                last.checked_add(1).filter(|&number| number <= max),
            ];
            for number in neighbours.into_iter().flatten() {
                let mapped =
                    width == 128 && (0xffff_0000_0000..=0xffff_ffff_ffff).contains(&number);
                let expected = refused
                    .iter()
                    .any(|&(w, f, l)| w == width && (f..=l).contains(&number));
                let address = address(width, number);
                if !mapped {
                    assert_eq!(special_block(address).is_some(), expected, "{address}");
                    public += usize::from(!expected);
                }
            }
        }
        assert!(public > 40, "{public} neighbours are public");
    }

    #[test]
    fn ipv4_inside_ipv6_is_judged_or_refused_in_every_form() {
        for v4 in [
            "127.0.0.1",
            "10.0.0.5",
            "169.254.169.254",
            "192.168.1.1",
            "0.0.0.0",
        ] {
            let mapped: IpAddr = format!("::ffff:{v4}").parse().expect("address");
            assert_eq!(
                special_block(mapped),
                special_block(v4.parse().expect("address")),
                "{mapped}"
            );
            assert!(special_block(mapped).is_some(), "{mapped}");
        }
        let public_inside = "8.8.8.8";
        assert_eq!(
            special_block(format!("::ffff:{public_inside}").parse().expect("address")),
            None
        );
        for form in [
            "::8.8.8.8",
            "::ffff:0:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::8.8.8.8",
            "2002:808:808::1",
        ] {
            assert!(
                special_block(form.parse().expect("address")).is_some(),
                "{form}"
            );
        }
        // Teredo carries IPv4 too, and so do ISATAP's host parts, on a network that is not public itself.
        for form in [
            "2001:0:808:808::1",
            "2001::f7f7:f7f7",
            "fe80::5efe:8.8.8.8",
            "fd00::200:5efe:8.8.8.8",
        ] {
            assert!(
                special_block(form.parse().expect("address")).is_some(),
                "{form}"
            );
        }
        // On a public network the host part is nobody's route: packets go to that network.
        assert_eq!(
            special_block("2606:4700::5efe:10.0.0.5".parse().expect("address")),
            None
        );
        for v4 in ["127.0.0.1", "10.0.0.5", "169.254.169.254", "8.8.8.8"] {
            for wrapped in [
                "::",
                "::ffff:0:",
                "64:ff9b::",
                "64:ff9b:1::",
                "64:ff9b:1:ffff:ffff:ffff:",
            ] {
                let form = format!("{wrapped}{v4}");
                assert!(
                    special_block(form.parse().expect("address")).is_some(),
                    "{form}"
                );
            }
            let [a, b, c, d] = v4.parse::<Ipv4Addr>().expect("address").octets();
            let form = format!("2002:{a:02x}{b:02x}:{c:02x}{d:02x}::1");
            assert!(
                special_block(form.parse().expect("address")).is_some(),
                "{form}"
            );
        }
    }

    #[test]
    fn what_people_use_is_public() {
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "2a00:1450::1",
            "2400::1",
        ] {
            assert_eq!(
                special_block(public.parse().expect("address")),
                None,
                "{public}"
            );
        }
    }
}
