//! Asks a registry, and reads its manifests and configs.

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::rc::Rc;

use super::answer::Fetched;
use super::auth_policy;
use super::endpoints::Origin;
use super::error::{self, RegistryError};
use super::scope;
use super::session::{Memory, Session};
use super::settings::{Access, RegistrySettings};
use super::transport::{Method, Purpose, Request, Response, Transport, TransportError, Via};
use crate::digest::Digest;
use crate::limits;
use crate::media_type::MediaType;
use crate::reference::{RegistryHost, RepositoryPath, Target};

/// What a page may accept without asking first: an Accept value over 128 bytes needs a preflight, which most
/// registries refuse. So the Docker pair is asked for, and on 404 the OCI pair; never the other way round, since CNCF
/// distribution 2.8 answers the OCI pair with a converted schema 1 manifest where it holds a Docker image.
const ACCEPT_DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json,application/vnd.docker.distribution.manifest.list.v2+json";
const ACCEPT_OCI: &str =
    "application/vnd.oci.image.manifest.v1+json,application/vnd.oci.image.index.v1+json";

/// The longest Accept value that needs no preflight, in bytes (Fetch standard, "CORS-safelisted request-header").
const ACCEPT_BYTES: usize = 128;

/// Every manifest type in one header, for the proxy. No q-values: some registries misread them.
const ACCEPT_ALL: &str = "application/vnd.oci.image.index.v1+json,application/vnd.oci.image.manifest.v1+json,\
                          application/vnd.docker.distribution.manifest.list.v2+json,\
                          application/vnd.docker.distribution.manifest.v2+json,\
                          application/vnd.docker.distribution.manifest.v1+prettyjws,\
                          application/vnd.docker.distribution.manifest.v1+json";

/// A registry client. It asks for what is wanted and for nothing else: no `/v2/`, no tags, no catalog.
///
/// It remembers for its own lifetime, and nowhere else: tokens by what they are needed for, which registries only the
/// proxy reaches, how each wants to be asked, and answers by digest whose bytes have that digest. Tags are always asked
/// anew. Several requests may be under way at once.
///
/// Credentials go to the registry's own origin, to the token endpoint known for it, and to one that was confirmed;
/// tokens go to the registry's own origin.
#[derive(Debug)]
pub struct Client<T> {
    pub(super) transport: T,
    pub(super) session: Rc<RefCell<Session>>,
}

/// One thing to ask for.
pub(super) struct Call<'a> {
    pub(super) host: &'a RegistryHost,
    /// What was remembered of the registry when this was begun.
    pub(super) memory: Memory,
    pub(super) origin: Origin,
    pub(super) url: String,
    /// Whether it was the registry that named the address.
    pub(super) named: bool,
    /// The scopes that it needs, separated by spaces.
    pub(super) scope: String,
    pub(super) method: Method,
    pub(super) kind: Accept<'a>,
    /// Beside `accept` and `authorization`.
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: &'a [u8],
    pub(super) limit: usize,
    /// Every other status is an error.
    pub(super) expected_status: RangeInclusive<u16>,
}

pub(super) enum Accept<'a> {
    /// With the media type that the parent's descriptor gives.
    Manifest(Option<&'a MediaType>),
    /// A manifest of that media type and of no other.
    Exactly(&'a MediaType),
    /// Nothing that has a media type to ask for.
    Blob,
}

impl<T: Transport> Client<T> {
    /// A client that remembers nothing yet.
    pub fn new(transport: T) -> Self {
        Self {
            transport,
            session: Rc::default(),
        }
    }

    /// A client with a transport of its own, which can be stopped for itself; what one is told or learns both know.
    #[must_use]
    pub fn with_transport(&self, transport: T) -> Self {
        Self {
            transport,
            session: Rc::clone(&self.session),
        }
    }

    /// What it sends its requests with.
    pub fn transport(&self) -> &T {
        &self.transport
    }

    /// Takes what the person set for a registry. Tokens and ways are forgotten, answers by digest are not.
    pub fn configure(&self, host: &RegistryHost, settings: RegistrySettings) {
        self.session.borrow_mut().configure(host, settings);
    }

    /// Changes how a registry is reached. The credentials stay where they were given for the scheme, host and port that
    /// are asked from now on; else they have to be given anew.
    pub fn reach(&self, host: &RegistryHost, access: Access, plain_http: bool) {
        let before = self.settings(host);
        let same = Origin::of(host, plain_http) == before.origin(host);
        let credentials = before.credentials.filter(|_| same);
        self.configure(
            host,
            RegistrySettings {
                access,
                plain_http,
                credentials,
            },
        );
    }

    /// Forgets everything of a registry: what was set and confirmed for it, what was learned of it, its tokens, and its
    /// answers, which may be private. What is under way there is cancelled.
    pub fn forget(&self, host: &RegistryHost) {
        self.session.borrow_mut().forget(host);
    }

    /// What the person set for a registry.
    pub fn settings(&self, host: &RegistryHost) -> RegistrySettings {
        self.memory(host).borrow().settings.clone()
    }

    /// The person confirmed, by its name, that the credentials for `host` may go to the token endpoint at `realm`, the
    /// one in [`RegistryError::RealmUnconfirmed`].
    pub fn confirm_realm(&self, host: &RegistryHost, realm: &Origin) {
        self.memory(host).borrow_mut().confirmed.push(realm.clone());
    }

    /// Reads a manifest of any format, of at most [`MANIFEST_BYTES`](limits::MANIFEST_BYTES).
    ///
    /// `expected` is the media type in the descriptor that led here, if one did: with it a child of an index costs
    /// one request where the registry is asked directly.
    pub async fn manifest(
        &self,
        host: &RegistryHost,
        repository: &RepositoryPath,
        target: &Target,
        expected: Option<&MediaType>,
    ) -> Result<Fetched, RegistryError> {
        self.manifest_needing(
            scope::pull(repository.as_str()),
            host,
            repository,
            target,
            expected,
        )
        .await
    }

    /// The same, with a token for these scopes.
    pub(super) async fn manifest_needing(
        &self,
        scope: String,
        host: &RegistryHost,
        repository: &RepositoryPath,
        target: &Target,
        expected: Option<&MediaType>,
    ) -> Result<Fetched, RegistryError> {
        let (digest, expected) = match target {
            Target::Tag(_) => (None, None),
            Target::Digest(digest) => (Some(digest), expected.filter(|kind| kind.is_well_formed())),
        };
        let url = self.origin(host).manifest(repository, target);
        let ask = Call {
            kind: Accept::Manifest(expected),
            ..self.to_read(host, url, scope, limits::MANIFEST_BYTES)
        };
        self.read(ask, digest).await
    }

    /// Reads a blob, such as an image config, of at most `limit` bytes.
    pub async fn blob(
        &self,
        host: &RegistryHost,
        repository: &RepositoryPath,
        digest: &Digest,
        limit: usize,
    ) -> Result<Fetched, RegistryError> {
        let url = self.origin(host).blob(repository, digest);
        self.read(
            self.to_read(host, url, scope::pull(repository.as_str()), limit),
            Some(digest),
        )
        .await
    }

    /// A GET of a blob, to be changed into what is wanted.
    pub(super) fn to_read<'a>(
        &self,
        host: &'a RegistryHost,
        url: String,
        scope: String,
        limit: usize,
    ) -> Call<'a> {
        let (method, kind, expected_status) = (Method::Get, Accept::Blob, 200..=200);
        let (headers, body) = (Vec::new(), &[][..]);
        let (memory, origin) = (self.memory(host), self.origin(host));
        Call {
            host,
            memory,
            origin,
            url,
            named: false,
            scope,
            method,
            kind,
            headers,
            body,
            limit,
            expected_status,
        }
    }

    pub(super) fn memory(&self, host: &RegistryHost) -> Memory {
        self.session.borrow_mut().of(host)
    }

    pub(super) fn origin(&self, host: &RegistryHost) -> Origin {
        self.settings(host).origin(host)
    }

    async fn read(&self, ask: Call<'_>, digest: Option<&Digest>) -> Result<Fetched, RegistryError> {
        let kept = digest.and_then(|_| self.session.borrow().answer(&ask.url));
        if let Some(answer) = kept {
            return Ok(answer);
        }
        let (response, via) = self.fetch(&ask).await?;
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
            .map(MediaType::from_content_type);
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

    /// Asks along the way that is set, or that may work, and once through the proxy where the page itself was refused.
    pub(super) async fn fetch(&self, ask: &Call<'_>) -> Result<(Response, Via), RegistryError> {
        let (access, through_proxy) = {
            let remembered = ask.memory.borrow();
            // A page may speak http to its own machine only: its content policy and the browser refuse the rest.
            let http_away = remembered.settings.plain_http && !ask.host.is_loopback();
            let refuses = http_away || auth_policy::refuses_browsers(ask.host);
            (
                remembered.settings.access,
                remembered.through_proxy || refuses,
            )
        };
        let via = match access {
            Access::Direct => Via::Direct,
            Access::Automatic if !through_proxy => Via::Direct,
            Access::Automatic | Access::Proxy => Via::Proxy,
        };
        let reads = ask.method.reads();
        let refused = match self.send_via(ask, via).await {
            Err(error)
                if via == Via::Direct
                    && access == Access::Automatic
                    && refused_the_page(&error, reads) =>
            {
                error
            }
            result => return Ok((result?, via)),
        };
        match self.send_via(ask, Via::Proxy).await {
            Err(error @ RegistryError::Transport { .. }) => Err(refused.followed_by(error)),
            result => {
                // A fault on the way is no answer of the registry's; the next request tries both ways again.
                let is_answered = |error: &RegistryError| {
                    error.answer().is_some_and(|answer| answer.status < 500)
                };
                ask.memory.borrow_mut().through_proxy =
                    result.as_ref().map_or_else(is_answered, |_| true);
                Ok((result?, Via::Proxy))
            }
        }
    }

    /// Asks along one way, for the types that can be asked for there.
    pub(super) async fn send_via(
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
            let unlisted =
                expected.filter(|expected| !ACCEPT_ALL.split(',').any(|known| known == *expected));
            let accept = unlisted.map(|expected| [ACCEPT_ALL, ",", expected].concat());
            return self
                .authorized(ask, via, Some(accept.as_deref().unwrap_or(ACCEPT_ALL)))
                .await;
        }
        let (first, second) = match expected.filter(|expected| expected.len() <= ACCEPT_BYTES) {
            Some(expected) if ACCEPT_DOCKER.contains(expected) => (expected, ACCEPT_OCI),
            Some(expected) => (expected, ACCEPT_DOCKER),
            None => (ACCEPT_DOCKER, ACCEPT_OCI),
        };
        match self.authorized(ask, via, Some(first)).await {
            Err(RegistryError::NotFound(_)) => self.authorized(ask, via, Some(second)).await,
            result => result,
        }
    }

    pub(super) async fn ask(
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
        let (url, body, purpose) = (ask.url.clone(), ask.body.to_vec(), Purpose::Registry);
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

    pub(super) async fn send(
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

/// Whether the proxy may get what the page itself could not. What writes may have been done where no answer came.
pub(super) fn refused_the_page(error: &RegistryError, reads: bool) -> bool {
    match error {
        RegistryError::Transport { attempts, .. } => match attempts.last() {
            Some((Via::Direct, failure)) => match failure {
                TransportError::Opaque | TransportError::Offline => true,
                TransportError::TimedOut { received: None, .. } => reads,
                TransportError::Redirected { read } => *read,
                _ => false,
            },
            _ => false,
        },
        RegistryError::ChallengeHidden(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
