//! What a person is told about an error: what happened, the evidence, the next action.
//!
//! An error's own words are evidence and are quoted; the advice is ours. Causes are listed
//! only where they cannot be seen from here, as with an opaque failure of the browser. What a
//! step needs of the page is an [`Action`], so that no page reads sentences to find out what
//! to offer.
//!
//! [`RegistryError::explain`] is the one entrance for a read. It begins with the error's own
//! words, adds the registry's answer as evidence where there is one, then the advice for that
//! kind of error, and at last [`Action::Retry`] for the kinds where asking again may help. A
//! request that no way led to an answer for is told by `Explanation::transport`, from each way
//! that was tried:
//!
//! ```text
//! what      no answer from r.example: the browser got no readable answer
//! evidence  https://r.example/v2/a/manifests/1 directly: the browser got no readable answer
//! causes    the registry does not let pages of other origins read it (CORS), …
//! next      go through the proxy; if you run the registry, give it the headers below, …
//! snippet   CORS_SNIPPET
//! actions   UseProxy, UsePlainHttp, Retry
//! ```
//!
//! Advice for pushes, which need other rights, stands in `explain_push`.
//!
//! Longer than most files: one mishap is told by several of these functions together, so their
//! words are read, and changed, side by side.

use super::failed::archive_words;
use crate::registry::auth_policy::{self, RealmError};
use crate::registry::endpoints::Origin;
use crate::registry::error::{ErrorAnswer, RegistryError};
use crate::registry::relay_path::{TOKEN_ENDPOINT_UNKNOWN, TOKEN_REFUSED};
use crate::registry::transport::{TransportError, Via};

/// Something the page can offer as a button.
///
/// An action is about one registry, which the page knows from the request that failed. The
/// ways and the confirmation are set for that registry, and the page then asks it again by
/// itself; where credentials are asked for, it waits for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Go through the proxy, for this registry from now on.
    UseProxy,
    /// Ask for credentials: the page opens its settings at the registry, and nothing is sent
    /// before they are entered.
    AskCredentials,
    /// Ask whether credentials for the registry may go to that host.
    ///
    /// They are only sent to another host than the registry's once the person has agreed to it
    /// by name.
    ConfirmRealm {
        /// The registry's host.
        registry: String,
        /// Scheme, host and port of its token endpoint.
        realm: Origin,
    },
    /// Ask the registry again, with the same settings.
    Retry,
    /// Speak plain http to this registry. Only offered where https was tried and failed
    /// without a reason, or where the proxy could not reach it by https; never where the
    /// registry is one of those that are known to refuse browsers.
    UsePlainHttp,
}

/// What a person is told about an error. No token, password or query of an address is in any
/// of it.
///
/// All parts may be empty but the first. Sentences of `next` and `causes` are lower case and
/// without a full stop, as those of findings are; the page makes sentences of them. It shows
/// `next` with the snippet and the actions first, then `causes`, then `evidence`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// What happened, in one sentence.
    pub what: String,
    /// What was seen, one thing each: addresses, statuses, the registry's own words. The last
    /// are as the registry wrote them, secrets blanked out, so they may hold any character.
    pub evidence: Vec<String>,
    /// What may be behind it, where that cannot be seen. Fixed texts: a guess never quotes the
    /// registry.
    pub causes: Vec<&'static str>,
    /// What to do next, the best first.
    pub next: Vec<String>,
    /// Configuration for whoever runs the registry, to be copied: [`CORS_SNIPPET`], or
    /// [`CORS_PUSH_SNIPPET`](super::CORS_PUSH_SNIPPET) for a push.
    pub snippet: Option<&'static str>,
    /// What the page can do about it, as buttons in this order. Empty where no setting of this
    /// page would change the answer, as for a manifest that is not there.
    pub actions: Vec<Action>,
}

/// Lets pages read a CNCF distribution registry (and any that takes its configuration file).
///
/// An `Accept` of more than 128 bytes needs the browser's OPTIONS request first, and that of
/// all four manifest types is longer; `Authorization` always needs it. The exposed headers are
/// those that a page cannot see otherwise: the registry's digest, the challenge of a 401, the
/// next page of a list, and how long to wait.
///
/// Source: distribution `docs/content/about/configuration.md`, "http".
pub const CORS_SNIPPET: &str = "\
http:
  headers:
    Access-Control-Allow-Origin: ['*']
    Access-Control-Allow-Methods: [GET, HEAD, OPTIONS]
    Access-Control-Allow-Headers: [Accept, Authorization]
    Access-Control-Expose-Headers: [Docker-Content-Digest, WWW-Authenticate, Link, Retry-After]
";

/// The limit of what those headers can do, said wherever they are recommended.
const CORS_LIMIT: &str = "with auth set, CNCF distribution answers the browser's OPTIONS request with 401, so these \
                          headers help only where no credentials are needed; the proxy helps always";

/// What a failure that the browser does not explain may be; the page cannot tell them apart.
const OPAQUE_CAUSES: [&str; 4] = [
    "the registry does not let pages of other origins read it (CORS)",
    "its name does not resolve, or nothing listens there",
    "its certificate is not one that this browser accepts, or it speaks plain http",
    "this page was loaded from another machine, and the browser keeps it away from addresses of the local network",
];

/// Said where the title has the registry's words, and they are all that is known.
const OWN_WORDS: &str = "the registry's own words say what is wrong";

/// Said of a blob that a manifest names and the registry does not have.
const LOST: &str = "the registry has lost it: push it again";

/// Why a registry may name a token service that is nowhere.
const OWN_NETWORK: &str =
    "the registry stands behind a gateway and names an address of its own network";

/// Said where the page was not served by a proxy, so that no button can go through one.
const START_PROXY: &str = "open this page from a waybill proxy (scripts/serve starts one): it reaches registries that \
                           refuse browsers";

impl Explanation {
    /// Adds what to do next, behind what is there already.
    ///
    /// Calls stand in the order of what helps best.
    fn next(&mut self, text: impl Into<String>) {
        self.next.push(text.into());
    }

    /// Adds a registry's answer to the evidence: address, way and status, then each of its
    /// errors (distribution-spec, "Error Codes"), or what the body is where it is none of the
    /// API's, and how long it asks to wait.
    ///
    /// ```text
    /// https://r.example/v2/a/manifests/1 through the proxy: 404
    /// MANIFEST_UNKNOWN: manifest unknown: {"Tag":"1"}
    /// ```
    ///
    /// An HTML body adds a cause as well: a gateway or a login page. An answer without a body
    /// gives its first line only, and `Retry-After` where it has one.
    fn answer(&mut self, answer: &ErrorAnswer) {
        let ErrorAnswer {
            url,
            via,
            status,
            errors,
            text,
            html,
            retry_after,
            words: _,
        } = answer;
        self.evidence
            .push([url, way(*via), ": ", &status.to_string()].concat());
        for error in errors {
            let parts = [error.code.as_str(), &error.message, &error.detail];
            let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            self.evidence.push(parts.join(": "));
        }
        if *html {
            self.evidence.push(
                [
                    "the body is an HTML page, not the registry API's JSON: ",
                    text,
                ]
                .concat(),
            );
            self.causes
                .push("a gateway or a login page stands in front of the registry");
        } else if !text.is_empty() {
            self.evidence
                .push(["the body is not the registry API's JSON: ", text].concat());
        }
        if let Some(wait) = retry_after {
            self.evidence.push(["Retry-After: ", wait].concat());
        }
    }

    /// Adds what happened on each way that was tried; the last one is asked first for advice,
    /// since it knows most.
    ///
    /// The evidence keeps the order in which the ways were tried. Where a registry failed
    /// directly and then through the proxy, each way gives its advice; after an opaque failure
    /// or one of time, going through the proxy is offered only if it was not tried yet.
    /// [`Action::Retry`] is always offered, at the end.
    ///
    /// A browser tells a page nothing of why a request failed: refused headers (CORS), an
    /// unknown name, a broken certificate all look alike. Plain http is offered only where the
    /// registry was asked over https and is not one of those that are known to refuse
    /// browsers. Those get no snippet either.
    ///
    /// Of a token service only the last way gives advice, and none on headers: whoever runs the
    /// registry may not run it.
    fn transport(&mut self, url: &str, attempts: &[(Via, TransportError)], is_token: bool) {
        let origin = Origin::parse(url);
        let host = origin
            .as_ref()
            .and_then(|origin| origin.authority().parse().ok());
        let refuses_browsers = host.is_some_and(|host| auth_policy::refuses_browsers(&host));
        let may_be_http = origin.as_ref().is_some_and(|origin| origin.https) && !refuses_browsers;
        let tried_proxy = attempts.iter().any(|(via, _)| *via == Via::Proxy);
        for (via, error) in attempts {
            self.evidence
                .push([url, way(*via), ": ", &error.to_string()].concat());
        }
        // The last way tried knows most of what is wrong.
        let told = if is_token { 1 } else { attempts.len() };
        for (_, error) in attempts.iter().rev().take(told) {
            match error {
                TransportError::Opaque if is_token => {
                    self.causes.push(
                        "the token service does not let pages of other origins read it (CORS)",
                    );
                    self.causes.extend(&OPAQUE_CAUSES[1..]);
                    if !tried_proxy {
                        self.next("go through the proxy");
                        self.actions.push(Action::UseProxy);
                    }
                }
                TransportError::Opaque => {
                    self.causes.extend(OPAQUE_CAUSES);
                    if !tried_proxy {
                        self.next("go through the proxy");
                        self.actions.push(Action::UseProxy);
                    }
                    if may_be_http && !self.actions.contains(&Action::UsePlainHttp) {
                        self.actions.push(Action::UsePlainHttp);
                    }
                    if !refuses_browsers {
                        self.next(
                            "if you run the registry, give it the headers below, and restart it",
                        );
                        self.next(CORS_LIMIT);
                        self.snippet = Some(CORS_SNIPPET);
                    }
                }
                TransportError::TimedOut { .. } => {
                    if !tried_proxy {
                        self.next("go through the proxy");
                        self.actions.push(Action::UseProxy);
                    }
                    self.next("ask again: it may be slow, or something on the way drops what is sent to it");
                }
                TransportError::Redirected { read: true } => {
                    self.next(
                        "go through the proxy, which judges every address that a redirect leads to",
                    );
                    self.actions.push(Action::UseProxy);
                }
                TransportError::Redirected { read: false } => {
                    self.next("name the registry by the address that it redirects to, if you know and trust it");
                    self.next("tell whoever runs it: what is written, and what is sent for a token, is not redirected");
                }
                TransportError::NoProxy => self.next(START_PROXY),
                TransportError::ProxyDown => self.next("start the proxy again"),
                TransportError::ProxyRefused { code, .. } => {
                    match code.as_str() {
                        "ADDRESS_REFUSED" => {
                            self.next("if you trust that address, start the proxy with the --allow that it names");
                        }
                        "METHOD_REFUSED" => {
                            self.next("start the proxy with --push: without it, it relays only what reads");
                        }
                        TOKEN_ENDPOINT_UNKNOWN => {
                            self.next("ask again: the proxy relays to a token endpoint that the registry has just named to it");
                            self.next(
                                "where the proxy runs in several copies, have one copy answer all requests of a page",
                            );
                        }
                        TOKEN_REFUSED => {
                            self.next("ask again later; if that does not help, tell whoever runs the token service");
                        }
                        code if is_token && code.starts_with("UPSTREAM_") => {
                            self.next("ask again later: the token service may be down");
                        }
                        "LIMIT_REACHED" => self.next("wait a moment, then ask again"),
                        code if code.starts_with("UPSTREAM_") => {
                            self.next("check the host name, and whether the registry is up");
                            if may_be_http && !self.actions.contains(&Action::UsePlainHttp) {
                                self.next("if the registry speaks plain http, say so");
                                self.actions.push(Action::UsePlainHttp);
                            }
                        }
                        _ => self.next("the proxy's own words say what is wrong"),
                    }
                }
                TransportError::BrokenBody { .. } => self.next("ask again: the connection broke"),
                TransportError::Offline
                    if attempts.last().is_some_and(|(_, last)| last == error)
                        && !self.next.is_empty() => {}
                TransportError::Offline => self.next("ask again when you are online again"),
                TransportError::Cancelled => {}
            }
        }
        self.actions.push(Action::Retry);
    }

    /// No token came of a token service. Where it is nowhere to be reached, the registry may
    /// name a wrong one.
    fn token_service(&mut self, url: &str, attempts: &[(Via, TransportError)]) {
        self.transport(url, attempts, true);
        if let Some((_, TransportError::ProxyRefused { code, .. })) = attempts.last()
            && (code == "ADDRESS_REFUSED" || code.starts_with("UPSTREAM_"))
        {
            self.next("if you run the registry, name a token service that clients reach in its WWW-Authenticate");
            self.causes.push(OWN_NETWORK);
        }
    }

    /// The registry does not have what was asked for.
    fn missing(&mut self, answer: &ErrorAnswer) {
        if is_blob(&answer.url) {
            return self.next(LOST);
        }
        if answer.says("NAME_UNKNOWN") {
            return self.next("check the name of the repository, and that you may read it");
        }
        self.next("check the repository, and the tag or digest");
        if answer.errors.is_empty() && !answer.text.is_empty() {
            self.next(["check that a registry answers at ", &answer.authority()].concat());
        }
    }

    /// The status says nothing; the registry's own words may.
    fn unexpected(&mut self, answer: &ErrorAnswer) {
        if answer.errors.is_empty() {
            self.next(["check that a registry answers at ", &answer.authority()].concat());
            return;
        }
        self.next(OWN_WORDS);
        if answer.says("DENIED") || answer.says("UNAUTHORIZED") {
            self.next("enter credentials that may read this repository");
            self.actions.push(Action::AskCredentials);
        }
    }

    /// The challenge of a 401 cannot be read from here.
    ///
    /// A browser shows a page only the headers that the registry exposes, and
    /// `WWW-Authenticate` is often not among them (CORS, `Access-Control-Expose-Headers`). The
    /// proxy is the first advice and entering credentials the second.
    fn hidden_challenge(&mut self) {
        self.next("go through the proxy, which can read what the registry asks for");
        self.next("or enter credentials; if you run the registry, give it the headers below");
        self.next(CORS_LIMIT);
        self.snippet = Some(CORS_SNIPPET);
        self.actions
            .extend([Action::UseProxy, Action::AskCredentials]);
    }

    /// The credentials would go to another host, which a person has to agree to.
    ///
    /// Over plain http it is said that anybody on the way can read them.
    fn realm(&mut self, registry: &str, realm: &Origin) {
        self.next(
            [
                "confirm only if you know that ",
                &realm.named(),
                " belongs to ",
                registry,
            ]
            .concat(),
        );
        if !realm.https {
            self.next("it is plain http: anybody on the way can read what is sent");
        }
        let (registry, realm) = (registry.to_owned(), realm.clone());
        self.actions.push(Action::ConfirmRealm { registry, realm });
    }
}

/// Whether the address is that of a blob: `…/blobs/DIGEST`.
fn is_blob(url: &str) -> bool {
    url.rsplit('/').nth(1) == Some("blobs")
}

/// Says behind an address through whom it was asked: the same address may answer the proxy and
/// not the page.
fn way(via: Via) -> &'static str {
    match via {
        Via::Direct => " directly",
        Via::Proxy => " through the proxy",
    }
}

impl RegistryError {
    /// What happened, the evidence, and what to do next.
    ///
    /// The evidence comes first: the answer, or each of the ways that were tried. What is
    /// offered:
    ///
    /// | error | actions |
    /// | --- | --- |
    /// | `Transport` | of each way: `UseProxy`, `UsePlainHttp`; at last `Retry` |
    /// | `TokenUnreachable` | of the last way: the same |
    /// | `CredentialsNeeded`, `CredentialsRefused`, `Forbidden` | `AskCredentials` |
    /// | `ChallengeHidden` | `UseProxy`, `AskCredentials` |
    /// | `TokenRefused` with status 400 to 404 | `AskCredentials`, `Retry` |
    /// | `RealmUnconfirmed` | `ConfirmRealm`, `Retry` |
    /// | `LocationMissing`, asked directly | `UseProxy` |
    /// | `TokenRefused` with another status | `Retry` |
    /// | `TooManyRequests`, `Server`, `RealmRefused`, `TokenUnreadable` | `Retry` |
    /// | `UnexpectedStatus` of code `DENIED` or `UNAUTHORIZED` | `AskCredentials` |
    /// | all others | none |
    ///
    /// A repository that does not exist and one that is private often look the same, so a 401
    /// without credentials asks for the spelling first and for credentials second.
    #[must_use]
    pub fn explain(&self) -> Explanation {
        let mut told = Explanation {
            what: self.to_string(),
            ..Explanation::default()
        };
        if let Some(answer) = self.of_archive() {
            let (what, next) = archive_words(answer);
            what.clone_into(&mut told.what);
            told.next(next);
            return told;
        }
        if let Some(answer) = self.answer() {
            told.answer(answer);
        }
        match self {
            Self::Transport { url, attempts } => told.transport(url, attempts, false),
            Self::TokenUnreachable { url, attempts } => told.token_service(url, attempts),
            Self::CredentialsNeeded(_) => {
                told.next("check the spelling: many registries answer so for a repository that does not exist");
                told.next("if the repository is private, enter credentials");
                told.actions.push(Action::AskCredentials);
            }
            Self::CredentialsRefused(_) => {
                told.next(
                    "check the credentials, and that they may read this repository; many registries want an \
                           access token in place of the password",
                );
                told.actions.push(Action::AskCredentials);
            }
            Self::ChallengeHidden(_) => told.hidden_challenge(),
            Self::Forbidden(answer) => {
                if !answer.words.is_empty() && !answer.says("DENIED") {
                    told.next(OWN_WORDS);
                }
                told.next("enter credentials that may read this repository");
                told.actions.push(Action::AskCredentials);
            }
            Self::NotFound(answer) => told.missing(answer),
            Self::TooManyRequests(answer) => match &answer.retry_after {
                Some(wait) if wait.bytes().all(|byte| byte.is_ascii_digit()) => {
                    told.next(["ask again in ", wait, " seconds"].concat());
                }
                Some(wait) => told.next(["ask again after ", wait].concat()),
                None => told.next("wait a while, then ask again"),
            },
            Self::UnexpectedStatus(answer) | Self::Server(answer)
                if answer.says("BLOB_UNKNOWN") && is_blob(&answer.url) =>
            {
                told.next(LOST);
            }
            Self::Server(_) => told.next("ask again later: the fault is the registry's"),
            Self::UnexpectedStatus(answer) => told.unexpected(answer),
            Self::TooLarge {
                url, via, stated, ..
            } => {
                let length =
                    stated.map(|stated| [", Content-Length ", &stated.to_string()].concat());
                told.evidence
                    .push([url, way(*via), &length.unwrap_or_default()].concat());
                told.next("fetch it with another tool and open the file here, if you trust it");
            }
            Self::LocationMissing(answer) if answer.via == Via::Proxy => {
                told.next("tell whoever runs the registry: the answer to a new upload has to have a Location");
            }
            Self::LocationMissing(_) => {
                told.next("go through the proxy, which can read where the upload goes on");
                told.actions.push(Action::UseProxy);
            }
            Self::LocationRefused { location, .. } => {
                told.evidence.push(location.clone());
                told.next("tell whoever runs the registry: the Location of its uploads is wrong");
                told.causes
                    .push("the registry stands behind a gateway and does not know its own address");
            }
            Self::RangeIgnored(_) => {
                told.next(
                    "copy the image with another tool: this one never holds a whole blob in memory",
                );
            }
            Self::RealmRefused { reason, .. } => {
                told.next("tell whoever runs the registry: its WWW-Authenticate header is wrong");
                if let RealmError::Private { .. } = reason {
                    told.causes.push(OWN_NETWORK);
                }
            }
            Self::RealmUnconfirmed { registry, realm } => told.realm(registry, realm),
            Self::TokenRefused { answer, .. } if matches!(answer.status, 400..=404) => {
                told.next("check the spelling and the credentials: the repository may be private, or may not exist");
                told.actions.push(Action::AskCredentials);
            }
            Self::TokenRefused { .. } => {
                told.next("ask again later: the fault is the token service's");
            }
            Self::TokenUnreadable { url, .. } => {
                told.evidence.push(url.clone());
                told.next("ask again later");
            }
        }
        if matches!(
            self,
            Self::TooManyRequests(_)
                | Self::Server(_)
                | Self::RealmRefused { .. }
                | Self::RealmUnconfirmed { .. }
                | Self::TokenRefused { .. }
                | Self::TokenUnreadable { .. }
        ) {
            told.actions.push(Action::Retry);
        }
        told
    }
}
