//! Saying who is asking: what is known beforehand, then what the registry's challenge wants,
//! once.
//!
//! `Client::authorized` is the door: every call to the registry's own origin passes it.
//! `Client::send_via` calls it, which has chosen the Accept value. A call to an upload's
//! address on another origin does not pass it (`upload/piece.rs`), since it carries no
//! credentials. The order of the steps:
//!
//! 1. `first_proof` takes what is remembered or known: the token kept for these scopes, a
//!    fresh one of the known realm, the password where Basic was learned, else nothing.
//! 2. The request is sent. Any status but 401 (and 400 to a kept token, on a read) is the
//!    answer.
//! 3. `second_proof` reads the challenges of that answer and gets what they want, or ends with
//!    an error where that was tried already.
//! 4. The request is sent once more. Whatever comes now is the answer, and what was accepted
//!    is remembered for the next request.
//!
//! So `authorized` sends a call at most twice. Each time `token` may have to ask the token
//! endpoint first, for which it has two more chances: once through the proxy where the page
//! was refused, and once after `have_it_named`.
//!
//! Nothing here chooses who may see credentials: that is `auth_policy`, asked in `token`
//! before anything is sent.
//!
//! Longer than most files: the way of one request through challenges and tokens, from the first
//! try to the last.

use super::auth_policy::{self, AuthScheme, TokenRequest};
use super::challenge::Challenge;
use super::client::{Call, Client, refused_the_page};
use super::error::{ErrorAnswer, RegistryError, without_query};
use super::redact::Secrets;
use super::relay_path::TOKEN_ENDPOINT_UNKNOWN;
use super::session::Token;
use super::settings::{Access, Credentials};
use super::token::{TokenError, read_token};
use super::transport::{Method, Purpose, Request, Response, Transport, TransportError, Via};
use crate::limits;

/// What a request carries to say who is asking, and where that came from: how it came decides
/// what a 401 to it means.
enum Authorization {
    /// No header: nothing is known of the registry yet, or it wants Basic and no credentials
    /// are set.
    Nothing,
    /// A token could not be had, so nothing is carried. The error is kept and becomes the
    /// answer only where the registry then asks for the very same token; asking for it twice
    /// would fail twice.
    NoToken(TokenRequest, RegistryError),
    /// The whole header value, user name and password in base64.
    Basic(String),
    /// A token of an earlier request: it may have expired. A 401 to it is no refusal yet, a
    /// new one is asked for.
    Kept(Token),
    /// A token that was issued for this request, or by another request while this one was
    /// under way. Where it is refused, it is not asked for again.
    Fresh(Token),
}

impl Authorization {
    /// Returns the value of `authorization`; `None` where the request goes without it.
    fn header(&self) -> Option<String> {
        match self {
            Self::Nothing | Self::NoToken(..) => None,
            Self::Basic(header) => Some(header.clone()),
            Self::Kept(token) | Self::Fresh(token) => Some(["Bearer ", &token.text].concat()),
        }
    }

    /// Remembers how the registry wants to be asked, now that it took what its challenge
    /// wanted; a token that it did not take is dropped.
    ///
    /// It is called for the second request only, since what the first one carried was known
    /// already. Any status but 401 counts as taken, also 403 and 404.
    fn learn(&self, ask: &Call<'_>, status: u16) {
        let mut remembered = ask.memory.borrow_mut();
        match self {
            Self::Kept(token) | Self::Fresh(token) if status == 401 => remembered.drop_token(token),
            Self::Kept(Token { bearer, .. }) | Self::Fresh(Token { bearer, .. }) => {
                let (realm, service) = (bearer.realm.clone(), bearer.service.clone());
                remembered.scheme = Some(AuthScheme::Bearer { realm, service });
            }
            Self::Basic(_) if status != 401 => remembered.scheme = Some(AuthScheme::Basic),
            Self::Basic(_) | Self::Nothing | Self::NoToken(..) => {}
        }
    }
}

impl<T: Transport> Client<T> {
    /// Asks, and where the answer is 401 asks once more with what its challenge wants.
    ///
    /// `accept` is the whole Accept value, `None` for a blob. The answer has one of the
    /// statuses that the call expects; every other one is an error, told apart by `checked`.
    pub(super) async fn authorized(
        &self,
        ask: &Call<'_>,
        via: Via,
        accept: Option<&str>,
    ) -> Result<Response, RegistryError> {
        let mut proof = self.first_proof(ask, via).await?;
        let mut again = false;
        loop {
            let header = proof.header();
            let response = self.ask(ask, via, accept, header.as_deref()).await?;
            // public.ecr.aws answers 400 to a token that has expired. Nothing is written twice
            // for that: a 400 to a write may well be about what was written.
            let expired = response.status == 400
                && ask.method.reads()
                && matches!(proof, Authorization::Kept(_));
            let refused = response.status == 401 || expired;
            if again || !refused {
                if again {
                    proof.learn(ask, response.status);
                }
                return ask.checked(via, response, header.as_deref());
            }
            proof = self.second_proof(ask, via, &response, proof).await?;
            again = true;
        }
    }

    /// What is known before asking: a token of this session, else one of the realm that is
    /// known, else nothing.
    ///
    /// What was learned in this session goes before what the table of registries says. A token
    /// is asked for with the scopes of the call alone, as no challenge has named others yet.
    /// That no token can be had is no error here, unless the person cancelled: the registry
    /// may need none for this, and its own challenge may name another endpoint.
    async fn first_proof(&self, ask: &Call<'_>, via: Via) -> Result<Authorization, RegistryError> {
        let (kept, scheme) = {
            let remembered = ask.memory.borrow();
            let scheme = remembered
                .scheme
                .clone()
                .or_else(|| AuthScheme::known(ask.host));
            (remembered.token(&ask.scope).cloned(), scheme)
        };
        if let Some(token) = kept {
            return Ok(Authorization::Kept(token));
        }
        let Some(scheme) = scheme else {
            return Ok(Authorization::Nothing);
        };
        let Some(bearer) = scheme.bearer(&ask.scope, "") else {
            return Ok(
                credentials(ask).map_or(Authorization::Nothing, |credentials| {
                    Authorization::Basic(credentials.basic())
                }),
            );
        };
        match self.token(ask, via, bearer.clone()).await {
            Ok(token) => Ok(Authorization::Fresh(token)),
            Err(error) if error.is_cancelled() => Err(error),
            // Perhaps none is needed; otherwise the registry's own challenge tells.
            Err(error) => Ok(Authorization::NoToken(bearer, error)),
        }
    }

    /// What the challenge of a 401 wants, where that was not tried already.
    ///
    /// `first` is what was refused. The cases, in order:
    ///
    /// - A refused token is dropped. Where another request got a newer one of the same scopes
    ///   meanwhile, that one is taken, without asking the endpoint again.
    /// - The answer names no scheme that is known here, and the token was a kept one: the same
    ///   endpoint is asked for a new token.
    /// - The challenge wants the token that could not be had before, or the one that was just
    ///   refused: asking again would change nothing, so the earlier error or the 401 is the
    ///   result.
    /// - It wants another token: that is asked for, and its error is the result where there is
    ///   none.
    /// - It wants Basic, or is hidden or unreadable: the credentials go along, if there are
    ///   any and they have not been refused just now. They go to the registry's own origin,
    ///   which may see them in any case.
    ///
    /// An `Err` ends the request; nothing more is sent.
    async fn second_proof(
        &self,
        ask: &Call<'_>,
        via: Via,
        response: &Response,
        first: Authorization,
    ) -> Result<Authorization, RegistryError> {
        let mut challenges = Vec::new();
        for header in response.headers("www-authenticate") {
            challenges.extend(Challenge::parse(header));
        }
        let wanted = AuthScheme::from_challenges(&challenges);
        let mut bearer = wanted
            .as_ref()
            .and_then(|(scheme, scopes)| scheme.bearer(&ask.scope, scopes));
        if let Authorization::Kept(token) | Authorization::Fresh(token) = &first {
            let mut remembered = ask.memory.borrow_mut();
            remembered.drop_token(token);
            if let Some(newer) = remembered.token(&ask.scope) {
                return Ok(Authorization::Fresh(newer.clone()));
            }
            // Some registries send no challenge with the 401 to an expired token.
            if wanted.is_none() && matches!(first, Authorization::Kept(_)) {
                bearer = Some(token.bearer.clone());
            }
        }
        match (bearer, first) {
            (Some(bearer), Authorization::NoToken(tried, error)) if tried == bearer => Err(error),
            (Some(bearer), Authorization::Fresh(tried)) if tried.bearer == bearer => {
                let header = Authorization::Fresh(tried).header();
                Err(ask.unauthorized(via, response, header.as_deref()))
            }
            (Some(bearer), _) => self.token(ask, via, bearer).await.map(Authorization::Fresh),
            // Basic is asked for, or nothing that can be read: the registry itself may see the
            // credentials anyway.
            (None, first) => match credentials(ask) {
                Some(credentials) if !matches!(first, Authorization::Basic(_)) => {
                    Ok(Authorization::Basic(credentials.basic()))
                }
                _ => Err(ask.unauthorized(via, response, first.header().as_deref())),
            },
        }
    }

    /// Asks a token endpoint, the same way as the registry, and keeps the token under the
    /// scopes of the call.
    ///
    /// The realm is judged first (`check_realm`). Where credentials are set, it also has to be
    /// one that may see them: the registry's own origin, the one known for it
    /// (`may_see_credentials`), or one that the person confirmed. Any other is not asked at
    /// all, not even without credentials; the error `RealmUnconfirmed` lets the person confirm
    /// it.
    ///
    /// The credentials go as Basic in a GET. Two things are tried again, each once:
    ///
    /// - The proxy refuses with `TOKEN_ENDPOINT_UNKNOWN`: an endpoint that is not known
    ///   beforehand it asks only after it saw a registry name it, so the registry is asked
    ///   through the proxy first.
    /// - The page was refused (CORS, a network fault) and the way is left to us: the endpoint
    ///   is asked through the proxy, also where the registry itself answers directly.
    ///
    /// The errors are `RealmRefused`, `RealmUnconfirmed`, `Transport`, `TokenRefused` for any
    /// status but 200, and `TokenUnreadable`. None of them holds the query of the address.
    async fn token(
        &self,
        ask: &Call<'_>,
        via: Via,
        bearer: TokenRequest,
    ) -> Result<Token, RegistryError> {
        let registry = || ask.host.as_str().to_owned();
        let hidden = |url: &str| ask.secrets(None).hide(&without_query(url));
        let realm = auth_policy::check_realm(&bearer.realm, &ask.origin).map_err(|reason| {
            RegistryError::RealmRefused {
                registry: registry(),
                realm: hidden(&bearer.realm),
                reason,
            }
        })?;
        let credentials = credentials(ask);
        let (access, confirmed) = {
            let remembered = ask.memory.borrow();
            (
                remembered.settings.access,
                remembered.confirmed.contains(&realm),
            )
        };
        if credentials.is_some()
            && !confirmed
            && !auth_policy::may_see_credentials(&realm, ask.host, &ask.origin)
        {
            return Err(RegistryError::RealmUnconfirmed {
                registry: registry(),
                realm,
            });
        }
        let url = bearer.url();
        let header = credentials.as_ref().map(Credentials::basic);
        let mut via = via;
        // What happened on the direct way, to be told first should the proxy fail too.
        let mut refused: Option<RegistryError> = None;
        // Whether the registry was asked through the proxy already, so that this is not done twice.
        let mut is_named = false;
        let response = loop {
            let request = Request {
                method: Method::Get,
                url: url.clone(),
                headers: header
                    .iter()
                    .map(|header| ("authorization", header.clone()))
                    .collect(),
                body: Vec::new(),
                via,
                purpose: Purpose::Token,
                limit: limits::TOKEN_BYTES,
            };
            let error = match self.send(ask, request).await {
                Ok(response) => break response,
                Err(error) => error,
            };
            if is_unknown_to_the_proxy(&error) && !is_named {
                self.have_it_named(ask).await?;
                is_named = true;
                continue;
            }
            let may_go_on =
                via == Via::Direct && access == Access::Automatic && refused_the_page(&error, true);
            let error = match refused {
                Some(first) => first.followed_by(error),
                None => error,
            };
            if !may_go_on {
                return Err(error.of_token());
            }
            refused = Some(error);
            via = Via::Proxy;
        };
        if response.status != 200 {
            let answer = ask.evidence(&hidden(&url), via, &response, header.as_deref());
            return Err(RegistryError::TokenRefused {
                answer,
                with_credentials: credentials.is_some(),
            });
        }
        let unreadable = |reason| RegistryError::TokenUnreadable {
            url: hidden(&url),
            reason,
        };
        if response.over_limit {
            return Err(unreadable(TokenError::TooLarge));
        }
        let text = read_token(&response.body).map_err(unreadable)?;
        let token = Token {
            scope: ask.scope.clone(),
            bearer,
            text,
        };
        ask.memory.borrow_mut().keep_token(token.clone());
        Ok(token)
    }

    /// Asks the registry once through the proxy, without saying who is asking, so that the
    /// proxy sees it name its token endpoint. Whatever the answer is: the token is asked for
    /// once more, and no more than that.
    ///
    /// A read is asked at its own address, with its own method; a write is not sent for this,
    /// `/v2/` is read instead. The answer is thrown away, so no more than an error's length of
    /// it is read. Only cancelling is an `Err`.
    async fn have_it_named(&self, ask: &Call<'_>) -> Result<(), RegistryError> {
        let (method, url) = if ask.method.reads() {
            (ask.method, ask.url.clone())
        } else {
            (Method::Get, ask.origin.base())
        };
        let (headers, body, via, purpose) = (Vec::new(), Vec::new(), Via::Proxy, Purpose::Registry);
        let limit = ask.limit.min(limits::ERROR_BYTES);
        match self
            .send(
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
        {
            Err(error) if error.is_cancelled() => Err(error),
            _ => Ok(()),
        }
    }
}

impl Call<'_> {
    /// What may be shown nowhere: what was sent, the credentials, and every token.
    ///
    /// `authorization` is the header that was sent; of it the part behind the scheme counts.
    /// It has to be given, because `second_proof` drops a refused token from the memory before
    /// it makes evidence of the answer to it.
    pub(super) fn secrets(&self, authorization: Option<&str>) -> Secrets {
        let sent = authorization
            .and_then(|header| header.split_once(' '))
            .map_or("", |(_, secret)| secret);
        self.memory.borrow().secrets(sent)
    }

    /// Makes evidence of an answer, with everything secret blanked out.
    ///
    /// `url` is an address that was made here, except where the registry named it (`named`):
    /// that one may repeat a secret in its path, so it is searched too. Its query is dropped
    /// in either case.
    pub(super) fn evidence(
        &self,
        url: &str,
        via: Via,
        response: &Response,
        authorization: Option<&str>,
    ) -> ErrorAnswer {
        let secrets = self.secrets(authorization);
        let url = if self.named {
            secrets.hide(&without_query(url))
        } else {
            url.to_owned()
        };
        ErrorAnswer::hiding(&url, via, response, &secrets)
    }

    /// Says which 401 this is.
    ///
    /// Without a readable `WWW-Authenticate` on the direct way the page cannot know what is
    /// wanted (`ChallengeHidden`), and the proxy, which can read it, may be tried. Otherwise
    /// it depends on whether credentials are set.
    fn unauthorized(
        &self,
        via: Via,
        response: &Response,
        authorization: Option<&str>,
    ) -> RegistryError {
        let answer = self.evidence(&self.url, via, response, authorization);
        if via == Via::Direct && response.header("www-authenticate").is_none() {
            RegistryError::ChallengeHidden(answer)
        } else if credentials(self).is_some() {
            RegistryError::CredentialsRefused(answer)
        } else {
            RegistryError::CredentialsNeeded(answer)
        }
    }

    /// The answer itself where its status is one that was hoped for.
    ///
    /// Everything else is an error by its status. A redirect that the transport hands on as an
    /// answer is `UnexpectedStatus`.
    pub(super) fn checked(
        &self,
        via: Via,
        response: Response,
        authorization: Option<&str>,
    ) -> Result<Response, RegistryError> {
        let kind = match response.status {
            status if self.expected_status.contains(&status) => return Ok(response),
            401 => return Err(self.unauthorized(via, &response, authorization)),
            403 => RegistryError::Forbidden,
            404 => RegistryError::NotFound,
            429 => RegistryError::TooManyRequests,
            500..=599 => RegistryError::Server,
            _ => RegistryError::UnexpectedStatus,
        };
        Err(kind(self.evidence(
            &self.url,
            via,
            &response,
            authorization,
        )))
    }
}

/// Returns the credentials as the call began with them: what is set meanwhile is for later
/// calls. `None` also where the registry was forgotten meanwhile.
fn credentials(ask: &Call<'_>) -> Option<Credentials> {
    ask.memory.borrow().settings.credentials.clone()
}

/// Whether the proxy refused because no registry has named this token endpoint to it. Only the
/// last attempt counts, as it is the one that was just made.
fn is_unknown_to_the_proxy(error: &RegistryError) -> bool {
    matches!(error, RegistryError::Transport { attempts, .. }
        if matches!(attempts.last(), Some((Via::Proxy, TransportError::ProxyRefused { code, .. })) if code == TOKEN_ENDPOINT_UNKNOWN))
}
