//! Lists the manifests that refer to one: by the referrers API page by page, and by tags that stand in for it.
//!
//! Each method is one question. Which is asked, and what an answer means for the rest, is for
//! [`workflow::related`](crate::workflow::related).

use super::answer::Fetched;
use super::client::{Accept, Call, Client};
use super::error::RegistryError;
use super::link::{LinkError, next_page};
use super::push::Repository;
use super::relay_path::REDIRECT_REFUSED;
use super::scope::Scope;
use super::transport::{Response, Transport, TransportError, Via};
use crate::digest::Digest;
use crate::limits;
use crate::media_type::MediaType;
use crate::reference::{Tag, Target};

/// What a registry answered to the question for the referrers of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Referrers {
    /// A page of them.
    Page(ReferrersPage),
    /// It keeps none itself, so that only a tag can tell.
    NoApi(NoApi),
}

/// A page of referrers as a registry sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferrersPage {
    /// The body, exactly as it was received; never cut.
    pub bytes: Vec<u8>,
    /// The way it came.
    pub via: Via,
    /// Where the list goes on, by its `Link`; `None` where it has none that a page may read.
    pub next: Result<Option<String>, LinkError>,
    /// What the registry wants a person to know (`Warning: 299 - "…"`), each once.
    pub warnings: Vec<String>,
}

/// What shows that a registry has no referrers API, or none for this manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoApi {
    /// It answered with this status.
    Status(u16),
    /// It answered 200 with something that is no OCI index: of this type, where it names one.
    OtherType(Option<MediaType>),
    /// It sends whoever asks to another place, which is no answer of its own: what is known of
    /// it.
    Redirected(String),
    /// It answered 404 before, for the same repository.
    Remembered,
}

impl NoApi {
    /// What was seen, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Status(status) => ["the registry answered ", &status.to_string()].concat(),
            Self::OtherType(None) => "the registry answered with something of no type".to_owned(),
            Self::OtherType(Some(found)) => [
                "the registry answered with ",
                found.as_str(),
                ", which is no index",
            ]
            .concat(),
            Self::Redirected(words) => words.clone(),
            Self::Remembered => "the registry answered 404 before, for this repository".to_owned(),
        }
    }
}

/// The types of a manifest that one of cosign's tags names, in one header that needs no
/// preflight.
const COSIGN_TYPES: &str = "application/vnd.oci.image.manifest.v1+json,application/vnd.docker.distribution.manifest.v2+json";

impl<T: Transport> Client<T> {
    /// Asks for a page of the referrers of a manifest: the first, or the one at the address that
    /// the page before named. No filter is sent, since everything is shown.
    ///
    /// A repository for which the registry answered 404 is not asked again. Every other answer
    /// that is no list (400, 405, 406, 501, another type, another host) says as little, but is
    /// not remembered: a registry may give it for one manifest alone.
    ///
    /// Source: distribution-spec, "Listing Referrers".
    pub async fn list_referrers(
        &self,
        place: &Repository,
        digest: &Digest,
        page: Option<&str>,
    ) -> Result<Referrers, RegistryError> {
        let first = || {
            self.origin(&place.host)
                .referrers(&place.repository, digest)
        };
        let url = page.map_or_else(first, str::to_owned);
        let scope = Scope::pull(place.repository.as_str());
        let read = self.to_read(&place.host, url, scope, limits::MANIFEST_BYTES);
        let index = MediaType::OCI_INDEX;
        let ask = Call {
            kind: Accept::Exactly(&index),
            ..read
        };
        let name = place.repository.as_str();
        let is_known = |known: &String| known == name && page.is_none();
        if ask.memory.borrow().without_referrers.iter().any(is_known) {
            return Ok(Referrers::NoApi(NoApi::Remembered));
        }
        match self.fetch(&ask).await {
            Ok((response, via)) => ask.page_of_referrers(response, via),
            Err(error) => {
                let why = no_api(error)?;
                // Only of a first page: that a later one is gone says nothing.
                if why == NoApi::Status(404) && page.is_none() {
                    ask.memory
                        .borrow_mut()
                        .without_referrers
                        .push(name.to_owned());
                }
                Ok(Referrers::NoApi(why))
            }
        }
    }

    /// Reads what stands under the tag of the referrers of a manifest, as an OCI index.
    ///
    /// Source: distribution-spec, "Referrers Tag Schema".
    pub async fn referrers_tag(
        &self,
        place: &Repository,
        tag: &Tag,
    ) -> Result<Fetched, RegistryError> {
        self.tagged(place, tag, Accept::Exactly(&MediaType::OCI_INDEX))
            .await
    }

    /// Reads the manifest under one of cosign's tags.
    pub async fn cosign_tag(
        &self,
        place: &Repository,
        tag: &Tag,
    ) -> Result<Fetched, RegistryError> {
        let types = MediaType::new(COSIGN_TYPES);
        self.tagged(place, tag, Accept::Exactly(&types)).await
    }

    async fn tagged(
        &self,
        place: &Repository,
        tag: &Tag,
        kind: Accept<'_>,
    ) -> Result<Fetched, RegistryError> {
        let target = Target::Tag(tag.clone());
        let url = self
            .origin(&place.host)
            .manifest(&place.repository, &target);
        let scope = Scope::pull(place.repository.as_str());
        let read = self.to_read(&place.host, url, scope, limits::MANIFEST_BYTES);
        self.read(Call { kind, ..read }, None).await
    }
}

impl Call<'_> {
    fn page_of_referrers(&self, response: Response, via: Via) -> Result<Referrers, RegistryError> {
        let kind = response
            .header("content-type")
            .map(MediaType::from_content_type);
        if kind.as_ref() != Some(&MediaType::OCI_INDEX) {
            return Ok(Referrers::NoApi(NoApi::OtherType(kind)));
        }
        if response.over_limit {
            return Err(RegistryError::TooLarge {
                url: self.url.clone(),
                via,
                limit: self.limit,
                stated: None,
            });
        }
        let link = response.header("link").unwrap_or_default();
        let next = next_page(&self.url, link);
        Ok(Referrers::Page(ReferrersPage {
            next,
            via,
            warnings: warnings(&response),
            bytes: response.body,
        }))
    }
}

/// What shows that there is no API; an error that shows nothing of the kind stays one.
fn no_api(error: RegistryError) -> Result<NoApi, RegistryError> {
    match error {
        RegistryError::NotFound(answer) | RegistryError::UnexpectedStatus(answer) => {
            Ok(NoApi::Status(answer.status))
        }
        RegistryError::Server(answer) if answer.status == 501 => Ok(NoApi::Status(501)),
        RegistryError::Transport { attempts, url } => {
            let elsewhere = attempts.iter().rev().find_map(|(_, fault)| match fault {
                TransportError::ProxyRefused { code, message } if code == REDIRECT_REFUSED => {
                    Some(message.clone())
                }
                TransportError::Redirected { .. } => {
                    Some("the registry redirects, and this page cannot see where to".to_owned())
                }
                _ => None,
            });
            match elsewhere {
                Some(words) => Ok(NoApi::Redirected(words)),
                None => Err(RegistryError::Transport { url, attempts }),
            }
        }
        error => Err(error),
    }
}

/// The texts of `Warning: 299 - "TEXT"`, each once, as many as the specification allows.
///
/// Source: distribution-spec, "Warnings"; RFC 7234, section 5.5.
fn warnings(response: &Response) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut left = limits::WARNING_BYTES;
    for header in response.headers("warning") {
        let text = header
            .strip_prefix("299 ")
            .and_then(|rest| rest.split_once('"'));
        let Some((_, text)) = text else { continue };
        let text = text.strip_suffix('"').unwrap_or(text).replace("\\\"", "\"");
        if text.len() > left {
            break;
        }
        left -= text.len();
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found
}
