//! Saying who is asking: what is known beforehand, then what the registry's challenge wants, once.

use super::auth::{self, Bearer, Scheme};
use super::challenge::Challenge;
use super::client::{Ask, Client, refused_the_page};
use super::error::{ErrorAnswer, RegistryError};
use super::session::Token;
use super::settings::{Access, Credentials};
use super::token::{TokenError, read_token};
use super::transport::{Method, Purpose, Request, Response, Transport, Via};
use crate::limits;

/// What a request carries to say who is asking.
enum Proof {
    Nothing,
    /// A token could not be had, so nothing is carried.
    NoToken(Bearer, RegistryError),
    Basic(String),
    /// A token of an earlier request: it may have expired.
    Kept(Token),
    Fresh(Token),
}

impl Proof {
    fn header(&self) -> Option<String> {
        match self {
            Self::Nothing | Self::NoToken(..) => None,
            Self::Basic(header) => Some(header.clone()),
            Self::Kept(token) | Self::Fresh(token) => Some(["Bearer ", &token.text].concat()),
        }
    }
}

impl<T: Transport> Client<T> {
    /// Asks, and where the answer is 401 asks once more with what its challenge wants.
    pub(super) async fn authorized(
        &self,
        ask: &Ask<'_>,
        via: Via,
        accept: Option<&str>,
    ) -> Result<Response, RegistryError> {
        let mut proof = self.first_proof(ask, via).await?;
        let mut again = false;
        loop {
            let header = proof.header();
            let response = self.ask(ask, via, accept, header.as_deref()).await?;
            // public.ecr.aws answers 400 to a token that has expired. Nothing is written twice for that.
            let expired = response.status == 400 && ask.method.reads() && matches!(proof, Proof::Kept(_));
            let refused = response.status == 401 || expired;
            if again || !refused {
                if again && response.status != 401 && matches!(proof, Proof::Basic(_)) {
                    self.session.borrow_mut().of(ask.host).scheme = Some(Scheme::Basic);
                }
                return self.checked(ask, via, response, header.as_deref());
            }
            proof = self.second_proof(ask, via, &response, proof).await?;
            again = true;
        }
    }

    /// What is known before asking: a token of this session, else one of the realm that is known, else nothing.
    async fn first_proof(&self, ask: &Ask<'_>, via: Via) -> Result<Proof, RegistryError> {
        let (kept, scheme) = {
            let mut session = self.session.borrow_mut();
            let remembered = session.of(ask.host);
            let scheme = remembered.scheme.clone().or_else(|| Scheme::known(ask.host));
            (remembered.token(&ask.need).cloned(), scheme)
        };
        if let Some(token) = kept {
            return Ok(Proof::Kept(token));
        }
        let Some(scheme) = scheme else { return Ok(Proof::Nothing) };
        let Some(bearer) = scheme.bearer(&ask.need, "") else {
            return Ok(self.credentials(ask).map_or(Proof::Nothing, |credentials| Proof::Basic(credentials.basic())));
        };
        match self.token(ask, via, bearer.clone()).await {
            Ok(token) => Ok(Proof::Fresh(token)),
            Err(error @ (RegistryError::RealmRefused { .. } | RegistryError::RealmUnconfirmed { .. })) => Err(error),
            Err(error) if error.is_cancelled() => Err(error),
            // Perhaps none is needed; otherwise the registry's own challenge tells.
            Err(error) => Ok(Proof::NoToken(bearer, error)),
        }
    }

    /// What the challenge of a 401 wants, where that was not tried already.
    async fn second_proof(
        &self,
        ask: &Ask<'_>,
        via: Via,
        response: &Response,
        first: Proof,
    ) -> Result<Proof, RegistryError> {
        let mut challenges = Vec::new();
        for header in response.headers("www-authenticate") {
            challenges.extend(Challenge::parse(header));
        }
        let wanted = Scheme::of(&challenges);
        let mut bearer = wanted.as_ref().and_then(|(scheme, scopes)| scheme.bearer(&ask.need, scopes));
        {
            let mut session = self.session.borrow_mut();
            let remembered = session.of(ask.host);
            match (wanted, &first) {
                (Some((scheme, _)), _) if bearer.is_some() => remembered.scheme = Some(scheme),
                // Some registries send no challenge with the 401 to an expired token.
                (None, Proof::Kept(token)) => bearer = Some(token.bearer.clone()),
                _ => {}
            }
            if let Proof::Kept(token) = &first {
                remembered.drop_token(token);
                if let Some(newer) = remembered.token(&ask.need) {
                    return Ok(Proof::Fresh(newer.clone()));
                }
            }
        }
        match (bearer, first) {
            (Some(bearer), Proof::NoToken(tried, error)) if tried == bearer => Err(error),
            (Some(bearer), Proof::Fresh(tried)) if tried.bearer == bearer => {
                let header = Proof::Fresh(tried).header();
                Err(self.unauthorized(ask, via, response, header.as_deref()))
            }
            (Some(bearer), _) => self.token(ask, via, bearer).await.map(Proof::Fresh),
            // Basic is asked for, or nothing that can be read: the registry itself may see the credentials anyway.
            (None, first) => match self.credentials(ask) {
                Some(credentials) if !matches!(first, Proof::Basic(_)) => Ok(Proof::Basic(credentials.basic())),
                _ => Err(self.unauthorized(ask, via, response, first.header().as_deref())),
            },
        }
    }

    /// Asks a token endpoint, the same way as the registry.
    async fn token(&self, ask: &Ask<'_>, via: Via, bearer: Bearer) -> Result<Token, RegistryError> {
        let registry = || ask.host.as_str().to_owned();
        let realm = auth::check_realm(&bearer.realm, &ask.origin).map_err(|reason| RegistryError::RealmRefused {
            registry: registry(),
            realm: super::error::without_query(&bearer.realm),
            reason,
        })?;
        let credentials = self.credentials(ask);
        let realm_host = realm.authority();
        let (access, confirmed) = {
            let mut session = self.session.borrow_mut();
            let remembered = session.of(ask.host);
            (remembered.settings.access, remembered.confirmed.contains(&realm_host))
        };
        if credentials.is_some() && !confirmed && !auth::may_see_credentials(&realm, ask.host, &ask.origin) {
            return Err(RegistryError::RealmUnconfirmed { registry: registry(), realm_host });
        }
        let url = bearer.url();
        let header = credentials.as_ref().map(Credentials::basic);
        let mut via = via;
        let mut refused: Option<RegistryError> = None;
        let response = loop {
            let request = Request {
                method: Method::Get,
                url: url.clone(),
                headers: header.iter().map(|header| ("authorization", header.clone())).collect(),
                body: Vec::new(),
                via,
                purpose: Purpose::Token,
                limit: limits::TOKEN_BYTES,
            };
            let error = match self.send(request).await {
                Ok(response) => break response,
                Err(error) => error,
            };
            let may_go_on = via == Via::Direct && access == Access::Automatic && refused_the_page(&error);
            let error = match refused {
                Some(first) => first.followed_by(error),
                None => error,
            };
            if !may_go_on {
                return Err(error);
            }
            refused = Some(error);
            via = Via::Proxy;
        };
        if response.status != 200 {
            let answer = self.evidence(ask, &url, via, &response, header.as_deref());
            return Err(RegistryError::TokenRefused { answer, with_credentials: credentials.is_some() });
        }
        let unreadable = |reason| RegistryError::TokenUnreadable { url: super::error::without_query(&url), reason };
        if response.over_limit {
            return Err(unreadable(TokenError::TooLarge));
        }
        let text = read_token(&response.body).map_err(unreadable)?;
        let token = Token { need: ask.need.clone(), bearer, text };
        self.session.borrow_mut().of(ask.host).keep_token(token.clone());
        Ok(token)
    }

    fn credentials(&self, ask: &Ask<'_>) -> Option<Credentials> {
        self.session.borrow_mut().of(ask.host).settings.credentials.clone()
    }

    pub(super) fn evidence(
        &self,
        ask: &Ask<'_>,
        url: &str,
        via: Via,
        response: &Response,
        authorization: Option<&str>,
    ) -> ErrorAnswer {
        let password = self.credentials(ask).map(|credentials| credentials.password).unwrap_or_default();
        let sent = authorization.and_then(|header| header.split_once(' ')).map_or("", |(_, secret)| secret);
        ErrorAnswer::new(url, via, response, &[sent, &password])
    }

    fn unauthorized(&self, ask: &Ask<'_>, via: Via, response: &Response, authorization: Option<&str>) -> RegistryError {
        let answer = self.evidence(ask, &ask.url, via, response, authorization);
        if via == Via::Direct && response.header("www-authenticate").is_none() {
            RegistryError::ChallengeHidden(answer)
        } else if self.credentials(ask).is_some() {
            RegistryError::CredentialsRefused(answer)
        } else {
            RegistryError::CredentialsNeeded(answer)
        }
    }

    /// The answer itself where its status is one that was hoped for.
    pub(super) fn checked(
        &self,
        ask: &Ask<'_>,
        via: Via,
        response: Response,
        authorization: Option<&str>,
    ) -> Result<Response, RegistryError> {
        let kind = match response.status {
            status if ask.hoped_for.contains(&status) => return Ok(response),
            401 => return Err(self.unauthorized(ask, via, &response, authorization)),
            403 => RegistryError::Forbidden,
            404 => RegistryError::NotFound,
            429 => RegistryError::TooManyRequests,
            500..=599 => RegistryError::Server,
            _ => RegistryError::UnexpectedStatus,
        };
        Err(kind(self.evidence(ask, &ask.url, via, &response, authorization)))
    }
}
