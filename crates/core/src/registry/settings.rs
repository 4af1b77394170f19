//! What the person sets for one registry.

use std::fmt;

use super::endpoints::Origin;
use crate::base64;
use crate::reference::RegistryHost;

/// A user name with its password or access token. Held in memory only; `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user name; must not hold a colon, or the registry reads another name (RFC 7617).
    pub username: String,
    /// The password or access token.
    pub password: String,
}

impl Credentials {
    /// The value of an `authorization` header.
    #[must_use]
    pub fn basic(&self) -> String {
        ["Basic ", &self.encoded()].concat()
    }

    pub(super) fn encoded(&self) -> String {
        base64::encode([&self.username, ":", &self.password].concat().as_bytes())
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

/// Which way to take to a registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Directly where the registry may allow browsers, else through the proxy, or the other way
    /// round where the page came from a proxy ([`ProxyFirst`]); what worked is remembered.
    #[default]
    Automatic,
    /// Only directly.
    Direct,
    /// Only through the proxy.
    Proxy,
}

/// Which registries are asked through the proxy first, of those of which nothing is known and
/// for which nothing is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProxyFirst {
    /// None: there may be no proxy.
    #[default]
    None,
    /// Those elsewhere than on the reader's own machine, where the proxy runs on another one:
    /// `localhost` is not the same place for both.
    Elsewhere,
    /// All: the proxy runs on the reader's own machine.
    All,
}

/// What the person sets for one registry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistrySettings {
    /// Which way to take.
    pub access: Access,
    /// Whether to speak http. A loopback host is spoken to over http without this, as Docker
    /// does, except on 443.
    pub plain_http: bool,
    /// What to say who is asking; `None` asks anonymously.
    pub credentials: Option<Credentials>,
}

impl RegistrySettings {
    /// Where the API of that registry answers, and so whom the credentials are for.
    #[must_use]
    pub fn origin(&self, host: &RegistryHost) -> Origin {
        Origin::from_host(host, self.plain_http)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_written_only_where_they_are_sent() {
        // The example of RFC 7617, section 2.
        let credentials = Credentials {
            username: "Aladdin".into(),
            password: "open sesame".into(),
        };
        assert_eq!(credentials.basic(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        let settings = RegistrySettings {
            credentials: Some(credentials),
            ..RegistrySettings::default()
        };
        assert_eq!(
            format!("{settings:?}"),
            "RegistrySettings { access: Automatic, plain_http: false, credentials: Some(<redacted>) }"
        );
    }
}
