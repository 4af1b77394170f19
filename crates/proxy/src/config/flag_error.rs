//! What is wrong with the command line or the environment, in the words of whoever typed it.

use std::fmt;

use crate::config::trusted_proxy::TrustedProxyError;
use crate::log::LogError;
use crate::upstream::allowed::AllowedError;
use crate::upstream::authority::HostError;

/// What is wrong with the command line or the environment.
#[derive(Debug)]
pub enum FlagError {
    /// A value that is not understood.
    Value {
        /// The flag or the variable, as it was written.
        name: String,
        /// What was written.
        found: String,
        /// What is wrong with it.
        cause: ValueError,
    },
    /// One of the two flags that go together.
    Half {
        /// The one that is missing.
        missing: &'static str,
    },
    /// An unknown flag, or one without its value.
    Usage(lexopt::Error),
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueError {
    /// It is not an address with a port.
    Address,
    /// It names no registry.
    Allow(AllowedError),
    /// It is no host.
    Host(HostError),
    /// It names no front server.
    Trusted(TrustedProxyError),
    /// It is no form of the log.
    Log(LogError),
    /// It is not a number from 1 on.
    Number,
    /// It is not a number of seconds.
    Seconds,
    /// It is neither 1 nor 0.
    Switch,
}

impl From<lexopt::Error> for FlagError {
    fn from(error: lexopt::Error) -> Self {
        Self::Usage(error)
    }
}

impl fmt::Display for FlagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value { name, found, cause } => write!(f, "{name} {found:?}{cause}"),
            Self::Half { missing } => write!(
                f,
                "a certificate and its key go together: {missing} is missing"
            ),
            Self::Usage(error) => write!(f, "{error}; see --help"),
        }
    }
}

impl fmt::Display for ValueError {
    /// As it goes on behind the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => write!(
                f,
                " is not an address with a port, such as 127.0.0.1:8080 or [::1]:8080"
            ),
            Self::Allow(cause) => write!(
                f,
                ": {cause}; it needs the form HOST:PORT or http://HOST:PORT"
            ),
            Self::Host(cause) => write!(f, ": {cause}; it needs the form NAME or NAME:PORT"),
            Self::Trusted(cause) => write!(f, ": {cause}"),
            Self::Log(cause) => write!(f, ": {cause}"),
            Self::Number => write!(f, " is not a number from 1 on"),
            Self::Seconds => write!(f, " is not a number of seconds"),
            Self::Switch => write!(f, " is neither 1 nor 0"),
        }
    }
}

impl std::error::Error for FlagError {}
