//! Asks a registry, and reads its manifests and configs.
//!
//! [`Client`] has its public methods in four places: here what is set and what is read, in
//! [`tags`](super::tags) what lists, in [`push`](super::push) what a push asks and puts, in
//! [`upload`](super::upload) how blobs are written. All of them make a `Call`, which says what is wanted, and hand it to
//! `client/requests.rs`, which says how that goes out. Longer than most files, as half of it says what each method does.

pub mod requests;
mod ahead;

use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};
use std::rc::Rc;

use super::answer::Fetched;
use super::endpoints::Origin;
use super::error::RegistryError;
use super::rate_limit::RateLimit;
use super::relay_path::REDIRECT_REFUSED;
use super::scope::Scope;
use super::session::{Memory, Session};
use super::settings::{Access, ProxyFirst, RegistrySettings};
use super::transport::{Method, Response, Transport, TransportError, Via};
use super::upload::CutPieces;
use crate::digest::Digest;
use crate::limits;
use crate::media_type::MediaType;
use crate::reference::{RegistryHost, RepositoryPath, Target};

/// A registry client. It asks for what is wanted and for nothing else: no tags or catalog that
/// nobody asked for, and no `/v2/` but for the proxy, which is to see a registry name its token endpoint before
/// something is written.
///
/// It remembers for its own lifetime, and nowhere else: tokens by what they are needed for,
/// which registries only the proxy reaches, how each wants to be asked, and answers by digest
/// whose bytes have that digest. Tags are always asked anew. Several requests may be under way
/// at once.
///
/// Credentials go to the registry's own origin, to the token endpoint known for it, and to one
/// that was confirmed; tokens go to the registry's own origin.
///
/// The transport is the caller's, here one that knows one manifest:
///
/// ```rust
/// use waybill_core::Reference;
/// use waybill_core::registry::client::Client;
/// use waybill_core::registry::error::RegistryError;
/// use waybill_core::registry::transport::{Request, Response, Transport, TransportError};
///
/// struct Scripted;
///
/// impl Transport for Scripted {
///     async fn send(&self, request: Request) -> Result<Response, TransportError> {
///         let found = request.url == "http://localhost:5000/v2/app/manifests/1.0";
///         let kind = "application/vnd.oci.image.manifest.v1+json";
///         Ok(Response {
///             status: if found { 200 } else { 404 },
///             headers: vec![("content-type".into(), kind.into())],
///             body: b"{}".to_vec(),
///             over_limit: false,
///         })
///     }
/// }
///
/// let client = Client::new(Scripted);
/// let read = |text: &str| {
///     let reference: Reference = text.parse().expect("a reference");
///     let target = reference.target();
///     block_on(client.manifest(reference.host(), reference.repository(), &target, None))
/// };
/// assert_eq!(read("localhost:5000/app:1.0")?.bytes, b"{}");
/// assert!(matches!(read("localhost:5000/app:2.0"), Err(RegistryError::NotFound(_))));
/// # use std::task::{Context, Poll, Waker};
/// # // Nothing here waits, so the first poll is the last.
/// # fn block_on<T>(future: impl Future<Output = T>) -> T {
/// #     match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
/// #         Poll::Ready(value) => value,
/// #         Poll::Pending => unreachable!("it never waits"),
/// #     }
/// # }
/// # Ok::<(), RegistryError>(())
/// ```
#[derive(Debug)]
pub struct Client<T> {
    pub(super) transport: T,
    pub(super) session: Rc<RefCell<Session>>,
    /// Pieces of blobs that were read and could not be written.
    pub(super) cut: CutPieces,
}

/// One thing to ask for. `to_read` makes a GET of a blob, from which each method changes what
/// is different.
///
/// It holds what the request needs from begin to end, so that settings which change while it
/// is under way neither mix with it nor learn from it.
pub(super) struct Call<'a> {
    pub(super) host: &'a RegistryHost,
    /// What was remembered of the registry when this was begun.
    pub(super) memory: Memory,
    /// The registry's own scheme, host and port: tokens go nowhere else.
    pub(super) origin: Origin,
    /// The absolute address to ask, which for an upload may be on another origin.
    pub(super) url: String,
    /// What follows the address where it goes through the proxy: a query, or nothing.
    pub(super) proxied: &'static str,
    /// Whether it was the registry that named the address. It is then searched for secrets
    /// before it is shown.
    pub(super) named: bool,
    /// The scopes that it needs, separated by spaces. Tokens are kept by them.
    pub(super) scope: Scope,
    pub(super) method: Method,
    /// Which Accept values it goes with.
    pub(super) kind: Accept<'a>,
    /// Beside `accept` and `authorization`.
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: &'a [u8],
    /// How much of the answer's body is read, in bytes.
    pub(super) limit: usize,
    /// Every other status is an error.
    pub(super) expected_status: RangeInclusive<u16>,
}

/// What is asked for, as far as it has a media type. `send_via` turns it into Accept values,
/// which depend on the way.
pub(super) enum Accept<'a> {
    /// A manifest of any format, with the media type that the parent's descriptor gives, to be
    /// asked for first.
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
            cut: CutPieces::default(),
        }
    }

    /// A client with a transport of its own, which can be stopped for itself; what one is told
    /// or learns both know.
    #[must_use]
    pub fn with_transport(&self, transport: T) -> Self {
        Self {
            transport,
            session: Rc::clone(&self.session),
            cut: CutPieces::default(),
        }
    }

    /// What it sends its requests with.
    pub fn transport(&self) -> &T {
        &self.transport
    }

    /// Asks these registries through the proxy first, where the page came from one: a browser
    /// that is refused by a registry tells its console so, and the way there and back is lost.
    ///
    /// Never those for which credentials are set: they go past the proxy where they can. Nor one
    /// that answered directly where the proxy did not.
    pub fn prefer_proxy(&self, proxy_first: ProxyFirst) {
        self.session.borrow_mut().proxy_first = proxy_first;
    }

    /// Takes what the person set for a registry. Tokens and ways are forgotten, answers by
    /// digest are not. What is under way goes on with the settings it began with.
    pub fn configure(&self, host: &RegistryHost, settings: RegistrySettings) {
        self.session.borrow_mut().configure(host, settings);
    }

    /// Changes how a registry is reached. The credentials stay where they were given for the
    /// scheme, host and port that are asked from now on; else they have to be given anew. Where
    /// it is reached so already, what was learned of it stays.
    pub fn reach(&self, host: &RegistryHost, access: Access, plain_http: bool) {
        let before = self.settings(host);
        if (before.access, before.plain_http) == (access, plain_http) {
            return;
        }
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

    /// Forgets everything of a registry: what was set and confirmed for it, what was learned
    /// of it, its tokens, and its answers, which may be private. What is under way there is
    /// cancelled.
    pub fn forget(&self, host: &RegistryHost) {
        self.session.borrow_mut().forget(host);
    }

    /// How many more manifests a registry gives, as its last answer said; `None` where it says
    /// nothing of it, or is not asked yet.
    #[must_use]
    pub fn rate_limit(&self, host: &RegistryHost) -> Option<RateLimit> {
        self.memory(host).borrow().rate_limit
    }

    /// What the person set for a registry.
    pub fn settings(&self, host: &RegistryHost) -> RegistrySettings {
        self.memory(host).borrow().settings.clone()
    }

    /// The person confirmed, by its name, that the credentials for `host` may go to the token
    /// endpoint at `realm`, the one in [`RegistryError::RealmUnconfirmed`].
    pub fn confirm_realm(&self, host: &RegistryHost, realm: &Origin) {
        self.memory(host).borrow_mut().confirmed.push(realm.clone());
    }

    /// Reads a manifest of any format, of at most [`MANIFEST_BYTES`](limits::MANIFEST_BYTES).
    ///
    /// `expected` is the media type in the descriptor that led here, if one did: with it a
    /// child of an index costs one request where the registry is asked directly.
    ///
    /// The bytes are as the registry sent them, and neither read as JSON nor compared with
    /// `target`: that is for the caller, who shows what differs.
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
    ///
    /// For a tag `expected` does not count: the descriptor that led here described something
    /// by its digest. A media type that is not well-formed does not count either, since it
    /// stands in a header.
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
    ///
    /// A longer one is [`TooLarge`](RegistryError::TooLarge), never a part. Layers are not
    /// read with this: a push copies them by pieces.
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

    /// Asks for a blob whose bytes the transport keeps, from that byte on: for layers, which
    /// are never whole in memory.
    ///
    /// The transport answers a status of 200 or 206 with an empty body as soon as its head is
    /// there, and brings the bytes to where they are wanted once this has returned. Everything
    /// else is as for [`blob`](Self::blob), but that nothing is kept of the session.
    ///
    /// A registry may ignore `Range` and send all of it, or begin earlier; that it begins
    /// later is [`RangeIgnored`](RegistryError::RangeIgnored). `Content-Range` is believed
    /// where it can be read, else the status.
    pub async fn stream_blob(
        &self,
        host: &RegistryHost,
        repository: &RepositoryPath,
        digest: &Digest,
        from: u64,
    ) -> Result<Streamed, RegistryError> {
        let range = (from > 0).then(|| ["bytes=", &from.to_string(), "-"].concat());
        let ranged = self.ranged(host, repository, digest, range, limits::ERROR_BYTES);
        let (ask, response, via) = ranged.await?;
        match begins(&response, from) {
            Some(begins) => Ok(Streamed { via, begins }),
            None => Err(ask.ignored(via, &response)),
        }
    }

    /// Reads a part of a blob: exactly these bytes, by one range with both ends. For what is
    /// small and stands in something large, such as a layer's table of contents.
    ///
    /// A registry that ignores `Range` and sends all of it from its beginning is stopped
    /// behind as many bytes, and unless the part is among them this is
    /// [`RangeIgnored`](RegistryError::RangeIgnored), as it is for one that sends less, or
    /// another part. Nothing is compared with the digest, and nothing is kept of the session.
    pub async fn blob_part(
        &self,
        host: &RegistryHost,
        repository: &RepositoryPath,
        digest: &Digest,
        range: Range<u64>,
    ) -> Result<Vec<u8>, RegistryError> {
        let length = range.end.saturating_sub(range.start);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        // An error says why in more than a few bytes.
        let limit = length.max(limits::ERROR_BYTES);
        let last = range.end.saturating_sub(1);
        let header = ["bytes=", &range.start.to_string(), "-", &last.to_string()].concat();
        let ranged = self.ranged(host, repository, digest, Some(header), limit);
        let (ask, mut response, via) = ranged.await?;
        let begins = begins(&response, range.start);
        let before = begins.and_then(|begins| usize::try_from(range.start - begins).ok());
        let part = before.and_then(|before| {
            let part = before..before.checked_add(length)?;
            (part.end <= response.body.len()).then_some(part)
        });
        let Some(part) = part else {
            response.body.clear();
            return Err(ask.ignored(via, &response));
        };
        response.body.truncate(part.end);
        Ok(response.body.split_off(part.start))
    }

    /// Asks for a blob, or a part of it; of the answer at most `limit` bytes are read.
    async fn ranged<'a>(
        &self,
        host: &'a RegistryHost,
        repository: &RepositoryPath,
        digest: &Digest,
        range: Option<String>,
        limit: usize,
    ) -> Result<(Call<'a>, Response, Via), RegistryError> {
        let url = self.origin(host).blob(repository, digest);
        let scope = Scope::pull(repository.as_str());
        let mut ask = self.to_read(host, url, scope, limit);
        if let Some(range) = range {
            ask.headers = vec![("range", range)];
            ask.expected_status = 200..=206;
        }
        let (response, via) = self.fetch(&ask).await?;
        Ok((ask, response, via))
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
            proxied: "",
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

/// A blob whose bytes are coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streamed {
    /// The way they take.
    pub via: Via,
    /// The place of the first of them in the blob, never behind the byte that was asked for.
    pub begins: u64,
}

impl Call<'_> {
    /// Another part was sent than was asked for.
    fn ignored(&self, via: Via, response: &Response) -> RegistryError {
        RegistryError::RangeIgnored(self.evidence(&self.url, via, response, None))
    }
}

/// The place in a blob of the first byte that an answer brings, where one from that byte on was
/// asked for; `None` where it begins behind it, or is no such answer.
fn begins(response: &Response, from: u64) -> Option<u64> {
    match response.status {
        200 => Some(0),
        206 => match response.header("content-range") {
            Some(range) => first_byte(range).filter(|first| *first <= from),
            None => Some(from),
        },
        _ => None,
    }
}

/// The first byte that a `Content-Range` names: `bytes 7-99/100` has 7.
fn first_byte(range: &str) -> Option<u64> {
    let (first, _) = range.strip_prefix("bytes ")?.split_once('-')?;
    first.parse().ok()
}

/// Whether the page itself may get what the proxy could not: nothing came from the registry. What
/// writes may have been done there, unless the proxy says that it did not send it on. Where the
/// registry did answer through the proxy before (`is_known`), a fault on that way says nothing of
/// the other.
pub(super) fn proxy_failed(error: &RegistryError, reads: bool, is_known: bool) -> bool {
    let (RegistryError::Transport { attempts, .. }
    | RegistryError::TokenUnreachable { attempts, .. }) = error
    else {
        return false;
    };
    let Some((Via::Proxy, failure)) = attempts.last() else {
        return false;
    };
    match failure {
        TransportError::NoProxy => true,
        TransportError::ProxyRefused { code, .. } => match code.as_str() {
            "ADDRESS_REFUSED" | "METHOD_REFUSED" | "PATH_REFUSED" => true,
            REDIRECT_REFUSED => reads,
            _ => reads && !is_known,
        },
        TransportError::ProxyDown
        | TransportError::Offline
        | TransportError::TimedOut { received: None, .. } => reads && !is_known,
        _ => false,
    }
}

/// Whether the proxy may get what the page itself could not. What writes may have been done
/// where no answer came, so it is not repeated after a time-out.
///
/// Of a failed request only the last attempt counts, and only where it was direct; a challenge
/// that is hidden from the page counts too. `reads` is whether the request changes nothing. A
/// fault in the middle of a body is none of the browser's rules, and an answer that could be
/// read is an answer.
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
