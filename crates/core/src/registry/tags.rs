//! Lists the tags of a repository page by page, and asks what each of them names.
//!
//! Each method is one question. Which page is asked for next, and how many, is for
//! [`workflow::tags`](crate::workflow::tags).

use super::answer::Fetched;
use super::client::{Accept, Call, Client};
use super::error::RegistryError;
use super::link::{LinkError, next_tags};
use super::push::Repository;
use super::rate_limit::RateLimit;
use super::scope::Scope;
use super::settings::Access;
use super::transport::{Method, Transport, Via};
use crate::limits;
use crate::reference::{RegistryHost, Tag, Target};
use crate::tags::{Details, Source};

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// The first one.
    First,
    /// What follows a name, where no answer says how the list goes on.
    After(String),
    /// At the address that the answer before named, on the registry's own origin.
    Linked(String),
}

impl Page {
    /// The same place without the registry's own address: behind the `last` in it.
    ///
    /// `None` where it has none that is a plain name, or is no such address. For registries
    /// that answer an error at the address they named.
    #[must_use]
    pub fn by_name(&self) -> Option<Self> {
        let Self::Linked(url) = self else {
            return None;
        };
        let (_, query) = url.split_once('?')?;
        let mut pairs = query.split('&');
        let last = pairs.find_map(|pair| pair.strip_prefix("last="))?;
        (is_plain(last) && query.contains('&')).then(|| Self::After(last.to_owned()))
    }
}

/// Whether a name stands in a query as it is.
fn is_plain(name: &str) -> bool {
    let is_kept = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    !name.is_empty() && name.bytes().all(is_kept)
}

/// A page of a list as a registry sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAnswer {
    /// The body, exactly as it was received; never cut.
    pub bytes: Vec<u8>,
    /// The way it came.
    pub via: Via,
    /// How many entries were asked for; `None` where the registry was left to say how many.
    pub asked_for: Option<usize>,
    /// Where the list goes on, by its `Link`; `None` where it has none that a page may read.
    pub next: Result<Option<String>, LinkError>,
}

/// What a registry told of one tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagAnswer {
    /// What is known of it.
    pub details: Details,
    /// Whether the manifest had to be read, since the answer to HEAD hides the digest from
    /// pages.
    pub was_read: bool,
    /// How many more manifests the registry gives for now, where it says so.
    pub rate: Option<RateLimit>,
}

/// What asks for [`TAGS_IN_A_PAGE`](limits::TAGS_IN_A_PAGE) entries.
const FIRST_QUERY: &str = "?n=1000";
/// The same behind another member of the query.
const NEXT_QUERY: &str = "&n=1000";

impl<T: Transport> Client<T> {
    /// Asks for a page of the tags of a repository.
    ///
    /// Through the proxy a page has [`TAGS_IN_A_PAGE`](limits::TAGS_IN_A_PAGE) entries. Directly
    /// nothing is said of how many: a page may not read `Link` where the registry does not
    /// expose it, and most send all of them then.
    ///
    /// Source: distribution-spec, "Listing Tags".
    pub async fn tags(&self, place: &Repository, page: &Page) -> Result<PageAnswer, RegistryError> {
        let url = self.origin(&place.host).tags(&place.repository);
        let scope = Scope::pull(place.repository.as_str());
        self.page_of(&place.host, url, scope, page).await
    }

    /// Asks for a page of the names of all repositories, which few registries give to everybody.
    ///
    /// Source: distribution `docs/content/spec/api.md`, "Listing Repositories".
    pub async fn catalog(
        &self,
        host: &RegistryHost,
        page: &Page,
    ) -> Result<PageAnswer, RegistryError> {
        let url = self.origin(host).catalog();
        self.page_of(host, url, Scope::catalog(), page).await
    }

    async fn page_of(
        &self,
        host: &RegistryHost,
        url: String,
        scope: Scope,
        page: &Page,
    ) -> Result<PageAnswer, RegistryError> {
        let (url, proxied) = match page {
            Page::First => (url, FIRST_QUERY),
            Page::After(last) => ([&url, "?last=", last].concat(), NEXT_QUERY),
            Page::Linked(url) => (url.clone(), ""),
        };
        let call = Call {
            proxied,
            ..self.to_read(host, url, scope, limits::TAG_LIST_BYTES)
        };
        let (response, via) = self.fetch(&call).await?;
        if response.over_limit {
            return Err(RegistryError::TooLarge {
                url: super::error::without_query(&call.url),
                via,
                limit: limits::TAG_LIST_BYTES,
                stated: None,
            });
        }
        let link = response.header("link").unwrap_or_default();
        let is_counted = via == Via::Proxy && !proxied.is_empty();
        Ok(PageAnswer {
            next: next_tags(&call.url, link),
            via,
            asked_for: is_counted.then_some(limits::TAGS_IN_A_PAGE),
            bytes: response.body,
        })
    }

    /// Asks what a tag names: with HEAD, which costs no pull at Docker Hub. `reads` asks for the
    /// manifest itself.
    ///
    /// The digest is what the registry says. Where the answer hides it from pages, the manifest
    /// is read and hashed.
    pub async fn tag(
        &self,
        place: &Repository,
        tag: &Tag,
        reads: bool,
    ) -> Result<TagAnswer, RegistryError> {
        let target = Target::Tag(tag.clone());
        if !reads {
            let url = self
                .origin(&place.host)
                .manifest(&place.repository, &target);
            let scope = Scope::pull(place.repository.as_str());
            let call = Call {
                method: Method::Head,
                kind: Accept::Manifest(None),
                ..self.to_read(&place.host, url, scope, limits::ERROR_BYTES)
            };
            let (response, _) = self.fetch(&call).await?;
            let digest = response.header("docker-content-digest");
            if let Some(digest) = digest.and_then(|digest| digest.parse().ok()) {
                return Ok(TagAnswer {
                    details: Details {
                        digest: Some(digest),
                        ..Details::default()
                    },
                    was_read: false,
                    rate: RateLimit::of(&response),
                });
            }
        }
        let read = self.manifest(&place.host, &place.repository, &target, None);
        let Fetched { bytes, .. } = read.await?;
        Ok(TagAnswer {
            details: Details::of_manifest(&bytes),
            was_read: true,
            rate: None,
        })
    }

    /// Asks an API that tells of many tags at once, for a page counted from 1; `None` where it
    /// cannot be asked along the way that is set, or has no such repository.
    ///
    /// Quay's and zot's are asked directly, since they let any page read; zot's with what the
    /// registry itself is asked with. Docker Hub's is asked through the proxy, and sees no
    /// credentials.
    pub async fn tag_details(
        &self,
        place: &Repository,
        source: Source,
        page: usize,
    ) -> Result<Option<Vec<u8>>, RegistryError> {
        let access = self.settings(&place.host).access;
        let (via, unwanted) = match source {
            Source::DockerHub => (Via::Proxy, Access::Direct),
            Source::Quay | Source::Zot => (Via::Direct, Access::Proxy),
        };
        let origin = self.origin(&place.host).to_string();
        let url = source.url(&origin, &place.repository, page);
        let Some(url) = url.filter(|_| access != unwanted) else {
            return Ok(None);
        };
        let scope = Scope::pull(place.repository.as_str());
        let call = self.to_read(&place.host, url, scope, limits::TAG_LIST_BYTES);
        let response = match source {
            Source::Zot => self.authorized(&call, via, None).await?,
            Source::Quay | Source::DockerHub => {
                let response = self.ask(&call, via, None, None).await?;
                call.checked(via, response, None)?
            }
        };
        Ok((!response.over_limit).then_some(response.body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_found_by_the_name_before_it() {
        let by_name = |url: &str| Page::Linked(url.to_owned()).by_name();
        let after = |name: &str| Some(Page::After(name.to_owned()));
        assert_eq!(
            by_name("https://r/v2/a/tags/list?last=1.0&n=2"),
            after("1.0")
        );
        assert_eq!(
            by_name("https://r/v2/a/tags/list?n=2&last=1.0"),
            after("1.0")
        );
        // That was all of it, so nothing is different.
        assert_eq!(by_name("https://r/v2/a/tags/list?last=1.0"), None);
        assert_eq!(by_name("https://r/v2/a/tags/list?n=2&last=a%26b"), None);
        assert_eq!(by_name("https://r/v2/a/tags/list?n=2&next_page=x"), None);
        assert_eq!(Page::First.by_name(), None);
    }
}
