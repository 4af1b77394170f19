//! How a request goes out: which way, with which credentials, and what becomes of a challenge.
//!
//! One layer calls the next, each with one concern:
//!
//! 1. `read`: what is kept of the session, and what is too long. The public reads of
//!    [`Client`] end here.
//! 2. `fetch`: the way, direct or through the proxy, and the second try along the other.
//! 3. `send_via`: the Accept value, which depends on the way, and the second question after a
//!    404.
//! 4. `authorized` (in `authenticate.rs`): what the request carries to say who is asking, and
//!    the answer to a challenge.
//! 5. `ask`: puts the request together.
//! 6. `send`: hands it to the transport, unless the registry was forgotten, and takes secrets
//!    out of faults.
//!
//! Uploads begin at `fetch` or `send_via`, and on another origin than the registry's at `ask`,
//! past the credentials.

use crate::digest::Digest;
use crate::media_type::MediaType;
use crate::reference::ARCHIVE_HOST;
use crate::registry::answer::Fetched;
use crate::registry::auth_policy;
use crate::registry::error::{self, RegistryError};
use crate::registry::rate_limit::RateLimit;
use crate::registry::session::Way;
use crate::registry::settings::{Access, ProxyFirst};
use crate::registry::transport::{Purpose, Request, Response, Transport, TransportError, Via};

use super::{Accept, Call, Client, proxy_failed, refused_the_page};

/// What a page may accept without asking first: an Accept value over 128 bytes needs a
/// preflight, which most registries refuse. So the Docker pair is asked for, and on 404 the
/// OCI pair; never the other way round, since CNCF distribution 2.8 answers the OCI pair with
/// a converted schema 1 manifest where it holds a Docker image.
const ACCEPT_DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json,application/vnd.docker.distribution.manifest.list.v2+json";

/// The OCI pair, for the second question.
const ACCEPT_OCI: &str =
    "application/vnd.oci.image.manifest.v1+json,application/vnd.oci.image.index.v1+json";

/// The longest Accept value that needs no preflight, in bytes (Fetch standard,
/// "CORS-safelisted request-header").
const ACCEPT_BYTES: usize = 128;

/// Every manifest type in one header, for the proxy. No q-values: some registries misread them.
///
/// Public for `crates/bundle`, as [`KNOWN_REALMS`](auth_policy::KNOWN_REALMS) is.
pub const ACCEPT_ALL: &str = "application/vnd.oci.image.index.v1+json,application/vnd.oci.image.manifest.v1+json,\
                          application/vnd.docker.distribution.manifest.list.v2+json,\
                          application/vnd.docker.distribution.manifest.v2+json,\
                          application/vnd.docker.distribution.manifest.v1+prettyjws,\
                          application/vnd.docker.distribution.manifest.v1+json";

/// Whether an Accept value names that media type, as a whole: a part of a type is another one.
fn is_among(accept: &str, media_type: &str) -> bool {
    accept.split(',').any(|known| known == media_type)
}

impl<T: Transport> Client<T> {
    /// Reads one content. An answer by digest whose bytes have that digest is kept for the
    /// session and given again without a request; what is over the limit is an error with the
    /// length that the registry stated, if any. The digest itself is not judged here: who
    /// asked compares, and shows, both.
    ///
    /// `digest` is `None` for a tag, which may name something else by now and is always asked
    /// anew. Bytes that do not have the digest are returned all the same but not kept, and
    /// neither are those whose digest cannot be computed here.
    pub(in crate::registry) async fn read(
        &self,
        ask: Call<'_>,
        digest: Option<&Digest>,
    ) -> Result<Fetched, RegistryError> {
        let kept = digest.and_then(|_| self.session.borrow().answer(&ask.url));
        if let Some(answer) = kept {
            return Ok(answer);
        }
        let (response, via) = self.fetch(&ask).await?;
        if let Some(rate_limit) = RateLimit::of(&response) {
            ask.memory.borrow_mut().rate_limit = Some(rate_limit);
        }
        if response.over_limit {
            let stated = response
                .header("content-length")
                .and_then(|length| length.parse().ok());
            return Err(RegistryError::TooLarge {
                url: ask.url,
                via,
                limit: ask.limit,
                stated,
            });
        }
        let content_type = response
            .header("content-type")
            .map(MediaType::from_content_type)
            .filter(|media_type| !media_type.as_str().is_empty());
        let docker_content_digest = response.header("docker-content-digest").map(str::to_owned);
        let answer = Fetched {
            bytes: response.body,
            content_type,
            docker_content_digest,
            via,
            from_session: false,
        };
        if digest.is_some_and(|digest| digest.check(&answer.bytes) == Some(true)) {
            self.session.borrow_mut().keep(ask.host, &ask.url, &answer);
        }
        Ok(answer)
    }

    /// Asks along the way that is set, or that may work, and once along the other where that one
    /// brought nothing.
    ///
    /// Directly that is a refusal that may be the browser's (CORS, a network fault); through the
    /// proxy, that it does not reach the registry or may not ask it. Where only the second way
    /// brought an answer it is remembered and tried first from then on; not after a 5xx, which
    /// may be the proxy's own.
    ///
    /// Where both ways failed without an answer, the error lists both, the direct one first,
    /// since the proxy knows more. Where the second way brought an answer that is an error, that
    /// one is the result.
    pub(in crate::registry) async fn fetch(
        &self,
        ask: &Call<'_>,
    ) -> Result<(Response, Via), RegistryError> {
        let (first, second) = self.ways(ask);
        let reads = ask.method.reads();
        let may_go_on = |error: &RegistryError| match first {
            Via::Direct => refused_the_page(error, reads),
            Via::Proxy => {
                let is_known = ask.memory.borrow().way == Some(Way::Proxy);
                proxy_failed(error, reads, is_known)
            }
        };
        // A fault on the way is no answer of the registry's; the next request tries both ways again.
        let is_answered = |result: &Result<Response, RegistryError>| match result {
            Ok(_) => true,
            Err(error) => {
                error.answer().is_some_and(|answer| answer.status < 500)
                    && !refused_the_page(error, reads)
            }
        };
        let (second, failed) = match (self.send_via(ask, first).await, second) {
            (Err(failed), Some(second)) if may_go_on(&failed) => (second, failed),
            (result, second) => {
                if first == Via::Proxy && second.is_some() && is_answered(&result) {
                    // Only ever set: another request may have been answered meanwhile.
                    ask.memory.borrow_mut().way.get_or_insert(Way::Proxy);
                }
                return Ok((result?, first));
            }
        };
        match (second, self.send_via(ask, second).await) {
            (Via::Proxy, Err(error @ RegistryError::Transport { .. })) => {
                Err(failed.followed_by(error))
            }
            (Via::Direct, Err(error)) if error.is_cancelled() => Err(error),
            (Via::Direct, Err(error @ RegistryError::Transport { .. })) => Err(match failed {
                failed @ RegistryError::Transport { .. } => error.followed_by(failed),
                failed => failed,
            }),
            (_, result) => {
                if is_answered(&result) {
                    ask.memory.borrow_mut().way = Some(match second {
                        Via::Direct => Way::Direct,
                        Via::Proxy => Way::OnlyProxy,
                    });
                }
                Ok((result?, second))
            }
        }
    }

    /// The way to try first, and the one to try where that fails, if any.
    ///
    /// With `Access::Direct` and `Access::Proxy` there is one way, as there is to archives that are
    /// open in the page. So there is where the registry is known to refuse browsers, where only
    /// the proxy worked before, and for http to another machine. Otherwise the direct one comes
    /// first, unless the page came from a proxy and no credentials are set that would pass it.
    pub(super) fn ways(&self, ask: &Call<'_>) -> (Via, Option<Via>) {
        let remembered = ask.memory.borrow();
        let settings = &remembered.settings;
        // A page may speak http to its own machine only: its content policy and the browser
        // refuse the rest.
        let http_away = settings.plain_http && !ask.host.is_loopback();
        let only_proxy = http_away
            || auth_policy::refuses_browsers(ask.host)
            || remembered.way == Some(Way::OnlyProxy);
        let may_begin_there = match self.session.borrow().proxy_first {
            ProxyFirst::None => false,
            ProxyFirst::Elsewhere => !ask.host.is_loopback(),
            ProxyFirst::All => true,
        };
        let proxy_first = match remembered.way {
            None => may_begin_there && settings.credentials.is_none(),
            Some(way) => way == Way::Proxy,
        };
        match settings.access {
            _ if ask.host.as_str() == ARCHIVE_HOST => (Via::Direct, None),
            Access::Direct => (Via::Direct, None),
            Access::Proxy => (Via::Proxy, None),
            Access::Automatic if only_proxy => (Via::Proxy, None),
            Access::Automatic if proxy_first => (Via::Proxy, Some(Via::Direct)),
            Access::Automatic => (Via::Direct, Some(Via::Proxy)),
        }
    }

    /// Asks along one way, for the types that can be asked for there.
    ///
    /// Through the proxy one request names every type. Directly it is one pair and, on 404,
    /// the other: see `ACCEPT_DOCKER`. A type that a list stated for its entry is asked for
    /// alone, and first.
    ///
    /// A 404 to the first question may only mean that the registry has it in another format,
    /// so the second decides. A type that a list states in more than 128 bytes is not asked
    /// for directly, as it would need a preflight. The answer is not held to what was asked
    /// for: a registry may send any type.
    pub(in crate::registry) async fn send_via(
        &self,
        ask: &Call<'_>,
        via: Via,
    ) -> Result<Response, RegistryError> {
        let expected = match ask.kind {
            Accept::Blob => return self.authorized(ask, via, None).await,
            Accept::Exactly(media_type) => {
                return self.authorized(ask, via, Some(media_type.as_str())).await;
            }
            Accept::Manifest(expected) => expected.map(MediaType::as_str),
        };
        if via == Via::Proxy {
            let unlisted = expected.filter(|expected| !is_among(ACCEPT_ALL, expected));
            let accept = unlisted.map(|expected| [ACCEPT_ALL, ",", expected].concat());
            return self
                .authorized(ask, via, Some(accept.as_deref().unwrap_or(ACCEPT_ALL)))
                .await;
        }
        let (first, second) = match expected.filter(|expected| expected.len() <= ACCEPT_BYTES) {
            Some(expected) if is_among(ACCEPT_DOCKER, expected) => (expected, ACCEPT_OCI),
            Some(expected) => (expected, ACCEPT_DOCKER),
            None => (ACCEPT_DOCKER, ACCEPT_OCI),
        };
        match self.authorized(ask, via, Some(first)).await {
            Err(RegistryError::NotFound(_)) => self.authorized(ask, via, Some(second)).await,
            result => result,
        }
    }

    /// Sends one request with these two headers, beside those of the call. The answer is
    /// whatever came: no status is judged here.
    ///
    /// A call may be sent several times (two questions, each again after a challenge, on two
    /// ways), so the address and the body are copied from it each time.
    pub(in crate::registry) async fn ask(
        &self,
        ask: &Call<'_>,
        via: Via,
        accept: Option<&str>,
        authorization: Option<&str>,
    ) -> Result<Response, RegistryError> {
        let mut headers = Vec::new();
        headers.extend(accept.map(|accept| ("accept", accept.to_owned())));
        headers.extend(authorization.map(|value| ("authorization", value.to_owned())));
        headers.extend_from_slice(&ask.headers);
        let Call { method, limit, .. } = *ask;
        let proxied = if via == Via::Proxy { ask.proxied } else { "" };
        let url = [&ask.url, proxied].concat();
        let (body, purpose) = (ask.body.to_vec(), Purpose::Registry);
        self.send(
            ask,
            Request {
                method,
                url,
                headers,
                body,
                via,
                purpose,
                limit,
            },
        )
        .await
    }

    /// Hands a request to the transport. Faults lose what is secret in the registry's or the
    /// proxy's words, and the query of the address, which may hold a signature.
    ///
    /// Each fault becomes a `RegistryError::Transport` with one attempt; `followed_by` joins
    /// those of several ways. A registry that was forgotten reads as cancelled, both before
    /// the request and when its answer comes.
    pub(in crate::registry) async fn send(
        &self,
        ask: &Call<'_>,
        request: Request,
    ) -> Result<Response, RegistryError> {
        let (url, via, purpose) = (
            error::without_query(&request.url),
            request.via,
            request.purpose,
        );
        // What was forgotten meanwhile sends nothing more, and what it brings is not taken.
        let is_forgotten = || ask.memory.borrow().forgotten;
        let sent = if is_forgotten() {
            Err(TransportError::Cancelled)
        } else {
            self.transport.send(request).await
        };
        let failure = match sent {
            Ok(response) if !is_forgotten() => return Ok(response),
            Ok(_) => TransportError::Cancelled,
            Err(failure) => failure,
        };
        let secrets = ask.secrets(None);
        let failure = match failure {
            TransportError::ProxyRefused { code, message } => TransportError::ProxyRefused {
                code: secrets.hide(&code),
                message: secrets.hide(&message),
            },
            failure => failure,
        };
        let url = if ask.named || purpose == Purpose::Token {
            secrets.hide(&url)
        } else {
            url
        };
        Err(RegistryError::Transport {
            url,
            attempts: vec![(via, failure)],
        })
    }
}

#[cfg(test)]
mod tests;
