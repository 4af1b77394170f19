//! Why a registry gave no answer that can be used.
//!
//! [`RegistryError`] says what went wrong, in cases that differ by what a person can do about
//! them. Where there was an answer, an [`ErrorAnswer`] holds it as evidence: with the
//! registry's own [`ApiError`]s, or the beginning of a body that is none. What to do about it
//! is said in [`view`](crate::view), not here.
//!
//! Everything in it may be shown and copied: secrets and queries are taken out when it is
//! made, not when it is shown.
//!
//! Longer than most files: every way in which a registry can fail, and how an answer becomes
//! one of them.

use std::fmt;

use super::auth_policy::RealmError;
use super::endpoints::Origin;
use super::redact::Secrets;
use super::relay_path::{LIMIT_REACHED, TOKEN_ENDPOINT_UNKNOWN};
use super::token::TokenError;
use super::transport::{Response, TransportError, Via};
use crate::json::{self, Value};
use crate::limits;

/// One of the registry's own errors.
///
/// Source: distribution-spec, "Error Codes".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiError {
    /// Such as `MANIFEST_UNKNOWN`; empty where there is none.
    pub code: String,
    /// The registry's words; may be empty.
    pub message: String,
    /// Whatever else it said, as JSON text; empty where there is nothing.
    pub detail: String,
}

impl ApiError {
    /// The entries of `errors` in a body; none where the body is something else.
    ///
    /// It is read leniently: entries that are no objects are left out, a `code` or `message`
    /// that is no text stands as its JSON text, and what is missing is empty.
    #[must_use]
    pub fn read(body: &[u8]) -> Vec<Self> {
        let Ok(document) = json::read(body) else {
            return Vec::new();
        };
        let text = |value: Option<&Value<'_>>| match value {
            None => String::new(),
            Some(Value::String(text)) => text.clone().into_owned(),
            Some(other) => other.to_text(),
        };
        let errors = document
            .object
            .get("errors")
            .and_then(Value::as_array)
            .unwrap_or_default();
        let read = |error: &Value<'_>| {
            let error = error.as_object()?;
            let detail = error.get("detail").map(Value::to_text).unwrap_or_default();
            Some(Self {
                code: text(error.get("code")),
                message: text(error.get("message")),
                detail,
            })
        };
        errors.iter().filter_map(read).collect()
    }
}

/// An answer that is an error, as evidence. It never holds a token or a password, not even
/// where the registry repeated one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorAnswer {
    /// What was asked, without its query.
    pub url: String,
    /// The way it was asked.
    pub via: Via,
    /// The status.
    pub status: u16,
    /// The registry's own errors, read leniently, whatever the Content-Type.
    pub errors: Vec<ApiError>,
    /// The first [`EVIDENCE_CHARACTERS`](limits::EVIDENCE_CHARACTERS) of a body without such
    /// errors; empty where there is no body.
    pub text: String,
    /// Whether that body is an HTML page, as gateways and login pages send.
    pub html: bool,
    /// `Retry-After` as it was sent: seconds or a date.
    pub retry_after: Option<Box<str>>,
    /// The registry's own words in one line, cut to as many characters; empty where it said
    /// nothing.
    ///
    /// Of its first error code, message and what its detail says; of other JSON the texts; of a
    /// text the text. Nothing of HTML, which is a gateway's, or of XML, an object store's.
    pub words: Box<str>,
}

impl ErrorAnswer {
    /// The evidence in an answer. Each of `secrets` is blanked out wherever the answer repeats
    /// it, as it is or escaped, in base64 or in hex.
    #[must_use]
    pub fn new(url: &str, via: Via, response: &Response, secrets: &[&str]) -> Self {
        Self::hiding(url, via, response, &Secrets::new(secrets))
    }

    /// The same, with secrets that were prepared before. At most
    /// [`ERROR_BYTES`](limits::ERROR_BYTES) of the body are looked at.
    pub(super) fn hiding(url: &str, via: Via, response: &Response, secrets: &Secrets) -> Self {
        let body = &response.body[..response.body.len().min(limits::ERROR_BYTES)];
        let hidden = |text: &str| secrets.hide(text);
        let mut errors = ApiError::read(body);
        for error in &mut errors {
            for text in [&mut error.code, &mut error.message, &mut error.detail] {
                *text = hidden(text);
            }
        }
        let (mut text, mut html) = (String::new(), false);
        if errors.is_empty() {
            let whole = String::from_utf8_lossy(body);
            let start: String = whole
                .trim_start()
                .chars()
                .take(14)
                .collect::<String>()
                .to_ascii_lowercase();
            html = start.starts_with("<html")
                || start.starts_with("<!doctype html")
                || response
                    .header("content-type")
                    .is_some_and(|kind| kind.contains("html"));
            // Blanked before it is cut, or half a secret would stay.
            text = hidden(&whole)
                .trim()
                .chars()
                .take(limits::EVIDENCE_CHARACTERS)
                .collect();
        }
        let retry_after = response.header("retry-after").map(&hidden).map(Box::from);
        let words = one_line(&hidden(&words_of(body))).into();
        Self {
            url: without_query(url),
            via,
            status: response.status,
            errors,
            text,
            html,
            retry_after,
            words,
        }
    }

    /// Whether one of the registry's errors has this code.
    #[must_use]
    pub fn says(&self, code: &str) -> bool {
        self.errors.iter().any(|error| error.code == code)
    }

    /// Whether it says in words that something is wrong.
    pub(crate) fn refuses(&self) -> bool {
        self.status >= 400 && !self.words.is_empty()
    }

    /// The host that answered, with its port.
    #[must_use]
    pub fn authority(&self) -> String {
        authority(&self.url)
    }
}

/// What a body says to a person.
///
/// A registry's error begins with its code. Its detail mostly repeats what was asked for, so of
/// JSON only sentences count, where there are any.
fn words_of(body: &[u8]) -> String {
    let Ok(document) = json::read(body) else {
        let text = std::str::from_utf8(body).unwrap_or_default();
        let is_markup = text.trim_start().starts_with('<');
        return if is_markup { "" } else { text }.to_owned();
    };
    let whole = Value::Object(document.object);
    let errors = whole.as_object().and_then(|whole| whole.get("errors"));
    let error = errors
        .and_then(Value::as_array)
        .and_then(<[_]>::first)
        .unwrap_or(&whole);
    let mut words = Vec::new();
    gather(error, &mut words);
    if words.iter().any(|text| is_sentence(text)) {
        let code = error.as_object().and_then(|error| error.get("code"));
        let code = code.and_then(Value::as_str);
        words.retain(|text| is_sentence(text) || Some(*text) == code);
    }
    words.join(", ")
}

/// Gathers the texts in a value.
fn gather<'v>(value: &'v Value<'_>, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) if !text.is_empty() => found.push(text),
        Value::Array(values) => values.iter().for_each(|value| gather(value, found)),
        Value::Object(object) => object.iter().for_each(|(_, value)| gather(value, found)),
        _ => {}
    }
}

/// Whether a text has more than one word: names, digests, times and addresses have not.
fn is_sentence(text: &str) -> bool {
    text.split_whitespace().nth(1).is_some()
}

/// A text as one line that is not too long to be a heading.
fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut cut: String = line.chars().take(limits::EVIDENCE_CHARACTERS).collect();
    if cut.len() < line.len() {
        cut.push('…');
    }
    cut
}

/// The address up to its query, which may hold a signature or a token.
pub(super) fn without_query(url: &str) -> String {
    url.split('?').next().unwrap_or_default().to_owned()
}

/// The host in an address that was made here, with its port; the whole text where it cannot be
/// read as one.
pub(super) fn authority(url: &str) -> String {
    Origin::parse(url).map_or_else(|| url.to_owned(), |origin| origin.authority())
}

/// Why a registry gave no answer that can be used.
///
/// [`explain`](Self::explain) says what to do about it. No token, password or query of an
/// address is in any of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryError {
    /// No way led to an answer; what happened on each way, in order.
    Transport {
        /// What was asked, without its query.
        url: String,
        /// The ways taken; at least one.
        attempts: Vec<(Via, TransportError)>,
    },
    /// 401 while no credentials are set: the repository is not public, or does not exist.
    CredentialsNeeded(ErrorAnswer),
    /// 401 although credentials were sent.
    CredentialsRefused(ErrorAnswer),
    /// 401 to the page itself, whose `WWW-Authenticate` the registry does not let pages read.
    ChallengeHidden(ErrorAnswer),
    /// 403.
    Forbidden(ErrorAnswer),
    /// 404.
    NotFound(ErrorAnswer),
    /// 429.
    TooManyRequests(ErrorAnswer),
    /// 500 to 599.
    Server(ErrorAnswer),
    /// Any other status than what was hoped for.
    UnexpectedStatus(ErrorAnswer),
    /// The body is longer than is read.
    TooLarge {
        /// What was asked.
        url: String,
        /// The way it was asked.
        via: Via,
        /// How many bytes are read at most; that many had arrived.
        limit: usize,
        /// The length that the registry stated, where it is readable.
        stated: Option<u64>,
    },
    /// An upload was begun and `Location` does not say where it goes on; a page reads that
    /// header only where the registry exposes it.
    LocationMissing(ErrorAnswer),
    /// The registry sends the bytes of an upload to an address that must not have them.
    LocationRefused {
        /// The registry's host.
        registry: String,
        /// The address, without its query.
        location: String,
        /// What is wrong with it.
        reason: RealmError,
    },
    /// A part of a blob was asked for, and the registry sends another or all of it.
    RangeIgnored(ErrorAnswer),
    /// The registry names a token endpoint that must not be asked.
    RealmRefused {
        /// The registry's host.
        registry: String,
        /// The endpoint, without its query.
        realm: String,
        /// What is wrong with it.
        reason: RealmError,
    },
    /// The registry wants its credentials to be sent to another scheme, host or port, which
    /// the person has not confirmed.
    RealmUnconfirmed {
        /// The registry's host.
        registry: String,
        /// Scheme, host and port of that token endpoint.
        realm: Origin,
    },
    /// No way led to a token of the token endpoint; what happened on each way, in order.
    ///
    /// That the browser is offline or the proxy gone is no fault of it, but of [`Self::Transport`].
    TokenUnreachable {
        /// The token endpoint, without its query.
        url: String,
        /// The ways taken; at least one.
        attempts: Vec<(Via, TransportError)>,
    },
    /// The token endpoint answered with an error.
    TokenRefused {
        /// Its answer.
        answer: ErrorAnswer,
        /// Whether credentials were sent.
        with_credentials: bool,
    },
    /// The token endpoint's answer holds no token.
    TokenUnreadable {
        /// The token endpoint, without its query.
        url: String,
        /// What is wrong with the answer.
        reason: TokenError,
    },
}

impl RegistryError {
    /// The registry's or the token endpoint's answer, where there was one.
    #[must_use]
    pub fn answer(&self) -> Option<&ErrorAnswer> {
        match self {
            Self::CredentialsNeeded(answer)
            | Self::CredentialsRefused(answer)
            | Self::ChallengeHidden(answer)
            | Self::Forbidden(answer)
            | Self::NotFound(answer)
            | Self::TooManyRequests(answer)
            | Self::Server(answer)
            | Self::UnexpectedStatus(answer)
            | Self::LocationMissing(answer)
            | Self::RangeIgnored(answer)
            | Self::TokenRefused { answer, .. } => Some(answer),
            Self::Transport { .. }
            | Self::TooLarge { .. }
            | Self::LocationRefused { .. }
            | Self::RealmRefused { .. }
            | Self::RealmUnconfirmed { .. }
            | Self::TokenUnreachable { .. }
            | Self::TokenUnreadable { .. } => None,
        }
    }

    /// This error, then what happened on the next way; what was seen first comes first.
    ///
    /// Only failures to get an answer are joined: otherwise the cancelling wins, else this
    /// error. The address stays that of the first attempt.
    pub(super) fn followed_by(self, next: Self) -> Self {
        match (self, next) {
            (
                Self::Transport {
                    url,
                    attempts: mut all,
                },
                Self::Transport { attempts, .. },
            ) => {
                all.extend(attempts);
                Self::Transport { url, attempts: all }
            }
            (first, next) => {
                if next.is_cancelled() {
                    next
                } else {
                    first
                }
            }
        }
    }

    /// The same as a fault of the token endpoint, where it is one and not the proxy's or this
    /// browser's.
    pub(super) fn of_token(self) -> Self {
        let Self::Transport { url, attempts } = self else {
            return self;
        };
        let is_of_token = match attempts.last() {
            Some((_, TransportError::ProxyRefused { code, .. })) => {
                code != TOKEN_ENDPOINT_UNKNOWN && code != LIMIT_REACHED
            }
            None
            | Some((
                _,
                TransportError::Cancelled
                | TransportError::Offline
                | TransportError::NoProxy
                | TransportError::ProxyDown,
            )) => false,
            Some((
                _,
                TransportError::Opaque
                | TransportError::TimedOut { .. }
                | TransportError::Redirected { .. }
                | TransportError::BrokenBody { .. },
            )) => true,
        };
        if is_of_token {
            Self::TokenUnreachable { url, attempts }
        } else {
            Self::Transport { url, attempts }
        }
    }

    /// Whether the person cancelled, so that there is nothing to tell.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Transport { attempts, .. }
            if attempts.iter().any(|(_, error)| *error == TransportError::Cancelled))
    }
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, words) = match self {
            Self::Transport { url, attempts } | Self::TokenUnreachable { url, attempts } => {
                write!(f, "no answer from {}", authority(url))?;
                let mut separator = ": ";
                let mut before = None;
                return attempts
                    .iter()
                    .filter(|(_, error)| before.replace(error) != Some(error))
                    .try_for_each(|(_, error)| {
                        write!(f, "{separator}{error}")?;
                        separator = "; ";
                        Ok(())
                    });
            }
            Self::TooLarge { url, limit, .. } => {
                return write!(
                    f,
                    "{} sends more than {} MiB, refused",
                    authority(url),
                    limit >> 20
                );
            }
            Self::LocationRefused {
                registry,
                location,
                reason,
            } => {
                let wrong = match reason {
                    RealmError::Address => "that is not an address to send anything to",
                    RealmError::User => "it holds a user name, an address of an upload must not",
                    RealmError::Http => {
                        "that is http, a registry that speaks https needs one with https"
                    }
                    RealmError::Private { .. } => {
                        "that is a private address, only the registry's own host may be one"
                    }
                };
                return write!(f, "{registry} wants the upload at {location}: {wrong}");
            }
            Self::RealmRefused {
                registry,
                realm,
                reason,
            } => {
                return write!(f, "{registry} sends for a token to {realm}: {reason}");
            }
            Self::RealmUnconfirmed { registry, realm } => {
                return write!(
                    f,
                    "{registry} wants its credentials to be sent to {}",
                    realm.named()
                );
            }
            Self::TokenRefused {
                answer,
                with_credentials,
            } => {
                let words = if *with_credentials {
                    "for these credentials"
                } else {
                    "without credentials"
                };
                return write!(
                    f,
                    "{} gives no token {words} ({})",
                    answer.authority(),
                    answer.status
                );
            }
            Self::TokenUnreadable { url, reason } => {
                return write!(f, "no token from {}: {reason}", authority(url));
            }
            Self::CredentialsNeeded(answer) => (answer, "wants credentials"),
            Self::CredentialsRefused(answer) => (answer, "does not accept these credentials"),
            Self::ChallengeHidden(answer) => {
                (answer, "wants credentials and hides from pages which kind")
            }
            Self::Forbidden(answer) => (answer, "forbids this"),
            Self::NotFound(answer) => (answer, "does not have this"),
            Self::TooManyRequests(answer) => (answer, "was asked too often"),
            Self::Server(answer) => (answer, "has a fault of its own"),
            Self::UnexpectedStatus(answer) if answer.refuses() => (answer, "refuses this"),
            Self::UnexpectedStatus(answer) => (answer, "gave an answer that does not belong here"),
            Self::LocationMissing(answer) => (answer, "does not say where the upload goes on"),
            Self::RangeIgnored(answer) => (
                answer,
                "does not send the part of a blob that was asked for",
            ),
        };
        write!(f, "{} {words} ({})", host.authority(), host.status)
    }
}

impl std::error::Error for RegistryError {}
