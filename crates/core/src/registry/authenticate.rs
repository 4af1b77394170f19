//! Saying who is asking: what is known beforehand, then what the registry's challenge wants, once.

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

/// What a request carries to say who is asking.
enum Authorization {
    Nothing,
    /// A token could not be had, so nothing is carried.
    NoToken(TokenRequest, RegistryError),
    Basic(String),
    /// A token of an earlier request: it may have expired.
    Kept(Token),
    Fresh(Token),
}

impl Authorization {
    fn header(&self) -> Option<String> {
        match self {
            Self::Nothing | Self::NoToken(..) => None,
            Self::Basic(header) => Some(header.clone()),
            Self::Kept(token) | Self::Fresh(token) => Some(["Bearer ", &token.text].concat()),
        }
    }

    /// Remembers how the registry wants to be asked, now that it took what its challenge wanted; a token that it did not
    /// take is dropped.
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
            // public.ecr.aws answers 400 to a token that has expired. Nothing is written twice for that.
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

    /// What is known before asking: a token of this session, else one of the realm that is known, else nothing.
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
            // Basic is asked for, or nothing that can be read: the registry itself may see the credentials anyway.
            (None, first) => match credentials(ask) {
                Some(credentials) if !matches!(first, Authorization::Basic(_)) => {
                    Ok(Authorization::Basic(credentials.basic()))
                }
                _ => Err(ask.unauthorized(via, response, first.header().as_deref())),
            },
        }
    }

    /// Asks a token endpoint, the same way as the registry.
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
        let mut refused: Option<RegistryError> = None;
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

    /// Asks the registry once through the proxy, without saying who is asking, so that the proxy sees it name its token
    /// endpoint. Whatever the answer is: the token is asked for once more, and no more than that.
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
    pub(super) fn secrets(&self, authorization: Option<&str>) -> Secrets {
        let sent = authorization
            .and_then(|header| header.split_once(' '))
            .map_or("", |(_, secret)| secret);
        self.memory.borrow().secrets(sent)
    }

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

fn credentials(ask: &Call<'_>) -> Option<Credentials> {
    ask.memory.borrow().settings.credentials.clone()
}

fn is_unknown_to_the_proxy(error: &RegistryError) -> bool {
    matches!(error, RegistryError::Transport { attempts, .. }
        if matches!(attempts.last(), Some((Via::Proxy, TransportError::ProxyRefused { code, .. })) if code == TOKEN_ENDPOINT_UNKNOWN))
}
