//! What the shell tells Tags. It stands apart from the page, since the rest of the program holds it.

use waybill_core::digest::Digest;
use waybill_core::reference::{Reference, RegistryHost};

/// What the shell tells the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Show the tags of a repository. What is listed already is not fetched again.
    Show {
        /// The repository, without tag and digest; `None` where the address names none.
        repository: Option<Reference>,
        /// Whether the address asks for plain http, so that links have to as well.
        plain_http: bool,
        /// The digest whose tags are looked for.
        digest: Option<Digest>,
    },
    /// Show the repositories of a registry.
    ShowRegistry {
        /// The registry.
        host: RegistryHost,
        /// Whether the address asks for plain http, so that links have to as well.
        plain_http: bool,
    },
    /// Another page is shown: stop what is under way.
    Hide,
    /// Try again what failed.
    Retry,
}
