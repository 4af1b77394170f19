//! The host of a registry, as it stands in a reference.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::{ReferenceError, ReferenceRule};

pub(super) const DOCKER_HUB: &str = "docker.io";
/// The name of Docker Hub in old references and in docker's credentials.
const DOCKER_HUB_LEGACY: &str = "index.docker.io";
/// Where Docker Hub's API answers; `docker.io` itself is a web site.
const DOCKER_HUB_API: &str = "registry-1.docker.io";
/// The largest TCP port; the grammar of references has only digits, and a larger number reaches no
/// registry.
const PORT_MAX: u32 = 65_535;

/// The host of a registry with its port, if one was written: `docker.io`, `localhost:5000`,
/// `[::1]:5000`.
///
/// DNS labels, an IPv4 address, or an IPv6 address in brackets; never a scheme, a user or a
/// path, so that it may stand in a URL as it is. Letters keep their case. `index.docker.io`
/// becomes `docker.io`.
///
/// Source: distribution/reference `regexp.go`, `domainAndPort`.
///
/// ```
/// use waybill_core::reference::RegistryHost;
///
/// let host: RegistryHost = "[::1]:5000".parse()?;
/// assert_eq!((host.name(), host.port(), host.is_loopback()), ("::1", Some(5000), true));
/// assert_eq!("docker.io".parse::<RegistryHost>()?.api_authority(), "registry-1.docker.io");
/// # Ok::<(), waybill_core::reference::ReferenceError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistryHost(pub(super) String);

/// The host of archives of images that are open in the page: no registry has it, since names
/// below `invalid` never resolve (RFC 2606).
pub const ARCHIVE_HOST: &str = "archive.invalid";

/// The repository at [`ARCHIVE_HOST`] of layers that the page compressed anew. The name of an archive
/// has one part, so none is this.
pub const COMPRESSED_LAYERS: &str = "compressed/layers";

impl RegistryHost {
    /// Docker Hub, `docker.io`.
    #[must_use]
    pub fn docker_hub() -> Self {
        Self(DOCKER_HUB.to_owned())
    }

    /// The whole text, with the port.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the registry API answers: the text itself, but `registry-1.docker.io` for `docker.io`.
    #[must_use]
    pub fn api_authority(&self) -> &str {
        if self.0 == DOCKER_HUB {
            DOCKER_HUB_API
        } else {
            &self.0
        }
    }

    /// The name or address without port and brackets.
    #[must_use]
    pub fn name(&self) -> &str {
        split_port(&self.0).0.trim_matches(['[', ']'])
    }

    /// The port, where one was written.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        split_port(&self.0).1?.parse().ok()
    }

    /// Whether this is the reader's own machine: `localhost`, `*.localhost`, 127.0.0.0/8 or
    /// `[::1]`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let name = self.name().to_ascii_lowercase();
        name == "localhost"
            || name.ends_with(".localhost")
            || name
                .parse::<Ipv4Addr>()
                .is_ok_and(|address| address.is_loopback())
            || name
                .parse::<Ipv6Addr>()
                .is_ok_and(|address| address.is_loopback())
    }
}

impl FromStr for RegistryHost {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        check_host(text)?;
        Ok(Self(
            if text == DOCKER_HUB_LEGACY {
                DOCKER_HUB
            } else {
                text
            }
            .to_owned(),
        ))
    }
}

/// The name with its brackets, and what follows the colon behind it.
fn split_port(host: &str) -> (&str, Option<&str>) {
    let name_end = host.find(']').map_or(0, |bracket| bracket + 1);
    let (name, behind) = host.split_at(name_end);
    match behind.split_once(':') {
        Some((rest, port)) => (host.split_at(name.len() + rest.len()).0, Some(port)),
        None => (host, None),
    }
}

/// Checks each label, or the address in brackets, and the port. A label is letters, digits and
/// inner hyphens; `_`, which some resolvers take, is not in the grammar. Errors stand at the first
/// wrong byte.
fn check_host(text: &str) -> Result<(), ReferenceError> {
    let (name, port) = split_port(text);
    let fail = |position, rule| Err(ReferenceError::new(position, rule));
    if let Some(address) = name.strip_prefix('[') {
        // Zone identifiers and embedded IPv4 are not part of the grammar.
        let address = address
            .strip_suffix(']')
            .filter(|address| !address.contains('.'));
        if address.is_none_or(|address| address.parse::<Ipv6Addr>().is_err()) {
            return fail(1, ReferenceRule::HostAddress);
        }
    } else {
        let mut start = 0;
        for label in name.split('.') {
            if label.is_empty() {
                return fail(start, ReferenceRule::HostEmptyPart);
            }
            if let Some(position) = label
                .bytes()
                .position(|b| !(b.is_ascii_alphanumeric() || b == b'-'))
            {
                return fail(start + position, ReferenceRule::HostCharacter);
            }
            if label.starts_with('-') {
                return fail(start, ReferenceRule::HostHyphen);
            }
            if label.ends_with('-') {
                return fail(start + label.len() - 1, ReferenceRule::HostHyphen);
            }
            start += label.len() + 1;
        }
    }
    if let Some(port) = port {
        let is_digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
        if !is_digits
            || !port
                .parse()
                .is_ok_and(|number: u32| (1..=PORT_MAX).contains(&number))
        {
            return fail(name.len() + 1, ReferenceRule::HostPort);
        }
    }
    Ok(())
}
