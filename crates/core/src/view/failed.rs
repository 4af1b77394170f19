//! What is said of a manifest that did not come: who said why, and what that means.
//!
//! What to do next, with the evidence, is for `explain`.

use crate::humanize::{sentence, size};
use crate::reference::ARCHIVE_HOST;
use crate::registry::error::{ErrorAnswer, RegistryError};
use crate::registry::relay_path::TOKEN_REFUSED;
use crate::registry::transport::TransportError;
use crate::workflow::fetch::Failure;

/// Makes the title for content that did not come.
///
/// The words of whoever answered lead, where there are any: `The registry says:
/// MANIFEST_UNKNOWN, manifest unknown`; what they mean stands in the detail then. Otherwise an
/// error of a registry has its heading from `meaning`, which leaves the name out: `There is no
/// such manifest`. What is not in the list is named by the start of its digest.
pub(super) fn failed(name: &str, failure: &Failure) -> String {
    match failure {
        Failure::Registry(error) => error.said().unwrap_or_else(|| meaning(error)),
        Failure::NotBundled => format!("{name} is not part of what was opened"),
        Failure::NotListed(digest) => format!("The list does not name {}", digest.short()),
        Failure::TooLarge { .. } => format!("{name} is too large to be read"),
        Failure::NotLoaded(_) => format!("{name} could not be read"),
        Failure::Cancelled => format!("{name} was cancelled"),
    }
}

impl RegistryError {
    /// The answer, where an archive that is open in the page was asked.
    pub(super) fn of_archive(&self) -> Option<&ErrorAnswer> {
        let host = ["https://", ARCHIVE_HOST, "/"].concat();
        self.answer().filter(|answer| answer.url.starts_with(&host))
    }

    /// The own words of whoever answered, and whose they are: `The registry says: DENIED, …`.
    /// `None` where there are none.
    #[must_use]
    pub fn said(&self) -> Option<String> {
        let answer = self.answer().filter(|answer| !answer.words.is_empty())?;
        let who = match self {
            Self::TokenRefused { .. } => &token_service(&answer.url),
            _ => "The registry",
        };
        Some([who, " says: ", &answer.words].concat())
    }
}

/// A token service is another host than the registry's, so it is told with its address.
fn token_service(url: &str) -> String {
    ["The token service at ", url].concat()
}

/// What happened, in a heading or a sentence; the error's own words follow it.
///
/// The words are those of the whole situation; addresses and codes belong to the explanation,
/// see [`RegistryError::explain`]. Of a request that no way led to an answer for, the last way
/// decides, which is also asked first for the advice.
fn meaning(error: &RegistryError) -> String {
    if let Some(answer) = error.of_archive() {
        return archive_words(answer).0.to_owned();
    }
    let words = match error {
        RegistryError::TokenUnreachable { url, attempts } => {
            let what = match attempts.last() {
                Some((_, TransportError::ProxyRefused { code, .. })) if code == TOKEN_REFUSED => {
                    " gave no token"
                }
                _ => " could not be reached",
            };
            return token_service(url) + what;
        }
        RegistryError::TokenUnreadable { url, .. } => {
            return token_service(url) + " gave no token";
        }
        RegistryError::TokenRefused { answer, .. } => {
            let fault = if answer.status < 500 {
                " refused"
            } else {
                " has a fault"
            };
            return token_service(&answer.url) + fault;
        }
        RegistryError::Transport { attempts, .. } => match attempts.last() {
            Some((_, TransportError::Offline)) => "This browser is offline",
            Some((_, TransportError::ProxyDown)) => "The proxy does not answer",
            _ => "The registry could not be reached",
        },
        RegistryError::CredentialsNeeded(_) | RegistryError::ChallengeHidden(_) => {
            "The registry asks who you are"
        }
        RegistryError::CredentialsRefused(_) => "The registry refused these credentials",
        RegistryError::Forbidden(answer) => code_words(answer).unwrap_or("You may not read this"),
        RegistryError::NotFound(answer) => {
            code_words(answer).unwrap_or("There is no such manifest")
        }
        RegistryError::TooManyRequests(_) => "The registry asks you to wait",
        RegistryError::Server(answer) => code_words(answer).unwrap_or("The registry has a fault"),
        RegistryError::UnexpectedStatus(answer) => {
            code_words(answer).unwrap_or(if answer.refuses() {
                "The registry refused"
            } else {
                "The registry gave an answer that Waybill does not expect"
            })
        }
        RegistryError::LocationMissing(_)
        | RegistryError::LocationRefused { .. }
        | RegistryError::RangeIgnored(_) => {
            "The registry gave an answer that Waybill does not expect"
        }
        RegistryError::TooLarge { .. } => "The manifest is too large to be read",
        RegistryError::RealmRefused { .. } => {
            "The registry names a token service that must not be asked"
        }
        RegistryError::RealmUnconfirmed { .. } => "May your credentials go to another host?",
    };
    words.to_owned()
}

/// What happened where an opened archive was asked, and what to do about it.
pub(super) fn archive_words(answer: &ErrorAnswer) -> (&'static str, &'static str) {
    match answer.status {
        404 => ("The archive does not hold it", "ask a registry for it"),
        507 => (
            "There is no room to unpack this layer",
            "free some room, then ask again",
        ),
        _ => (
            "The file cannot be read any more",
            "it was changed, moved or closed since it was opened: open it again",
        ),
    }
}

/// What the registry's error codes mean, of those that say more than its status does.
///
/// Source: distribution-spec, "Error Codes".
fn code_words(answer: &ErrorAnswer) -> Option<&'static str> {
    answer.errors.iter().find_map(|error| {
        Some(match error.code.as_str() {
            "NAME_UNKNOWN" => "There is no such repository",
            "NAME_INVALID" => "The registry takes no repository of this name",
            "MANIFEST_UNKNOWN" => "There is no such manifest",
            "MANIFEST_INVALID" => "The registry cannot read this manifest",
            "BLOB_UNKNOWN" | "MANIFEST_BLOB_UNKNOWN" => "The registry lacks a blob",
            "DIGEST_INVALID" => "The registry does not take this digest",
            "UNAUTHORIZED" => "The registry asks who you are",
            "DENIED" => "You may not read this",
            "UNSUPPORTED" => "The registry does not do this",
            "TOOMANYREQUESTS" => "The registry asks you to wait",
            _ => return None,
        })
    })
}

/// Tells what happened in the error's own words, or what can be done about it.
///
/// An error of a registry is quoted as a sentence, behind what it means where the title has the
/// registry's own words; the page shows its
/// [`RegistryError::explain`] as well, with the evidence and the buttons.
pub(super) fn failed_detail(failure: &Failure) -> String {
    match failure {
        Failure::Registry(error) => match (error.of_archive(), error.said()) {
            (Some(answer), _) => sentence(archive_words(answer).1),
            (None, Some(_)) => [&meaning(error), ": ", &error.to_string(), "."].concat(),
            (None, None) => sentence(&error.to_string()),
        },
        Failure::NotBundled => {
            "Only the bytes that were opened are here; what they name has to come from a registry."
                .into()
        }
        Failure::NotListed(digest) => {
            format!("{digest} is in this address, and no entry of the list has it.")
        }
        Failure::TooLarge { size: bytes } => {
            format!("It is stated as {}; at most 4 MiB are read.", size(*bytes))
        }
        Failure::NotLoaded(why) => sentence(why),
        Failure::Cancelled => "Nothing was lost; it can be fetched again.".into(),
    }
}
