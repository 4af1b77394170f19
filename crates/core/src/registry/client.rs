//! Asks a registry, and reads its manifests and configs.

mod requests;

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::rc::Rc;

use super::answer::Fetched;
use super::endpoints::Origin;
use super::error::RegistryError;
use super::scope::Scope;
use super::session::{Memory, Session};
use super::settings::{Access, RegistrySettings};
use super::transport::{Method, Transport, TransportError, Via};
use crate::digest::Digest;
use crate::limits;
use crate::media_type::MediaType;
use crate::reference::{RegistryHost, RepositoryPath, Target};

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
    pub(super) scope: Scope,
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
        let same = Origin::from_host(host, plain_http) == before.origin(host);
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
            Scope::pull(repository.as_str()),
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
        scope: Scope,
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
            self.to_read(host, url, Scope::pull(repository.as_str()), limit),
            Some(digest),
        )
        .await
    }

    /// A GET of a blob, to be changed into what is wanted.
    pub(super) fn to_read<'a>(
        &self,
        host: &'a RegistryHost,
        url: String,
        scope: Scope,
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
        self.session.borrow_mut().memory(host)
    }

    pub(super) fn origin(&self, host: &RegistryHost) -> Origin {
        self.settings(host).origin(host)
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
