//! What is known of a tag beside its name, and the answers of registries that tell it for many
//! tags at once.

use crate::digest::Digest;
use crate::humanize;
use crate::json::{self, Object, Value};
use crate::limits;
use crate::reference::{RegistryHost, RepositoryPath, Tag};
use crate::time;

use super::listing::{ListingError, object};

/// What is known of a tag. All of it is what a registry says; nothing was hashed here unless
/// `is_hashed` says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The digest of the manifest that it names.
    pub digest: Option<Digest>,
    /// Whether the manifest was read and hashed here.
    pub is_hashed: bool,
    /// When the tag was last moved, or the image pushed or made: in seconds since the beginning
    /// of 1970.
    pub seconds: Option<i64>,
    /// How large the image is, in bytes: compressed, of one platform or of all together, as the
    /// registry counts.
    pub size: Option<u64>,
    /// For which platforms, in the order of the answer: `linux/amd64`.
    pub platforms: Vec<String>,
}

impl Details {
    /// Takes what another answer tells of the same tag; what it does not tell stays. Where it
    /// names another digest, the tag was moved, and nothing of before holds.
    pub fn take(&mut self, newer: Self) {
        let is_moved =
            newer.digest.is_some() && self.digest.is_some() && newer.digest != self.digest;
        if is_moved {
            *self = newer;
            return;
        }
        self.is_hashed |= newer.is_hashed;
        self.digest = newer.digest.or(self.digest.take());
        self.seconds = newer.seconds.or(self.seconds);
        self.size = newer.size.or(self.size);
        if !newer.platforms.is_empty() {
            self.platforms = newer.platforms;
        }
    }
}

/// Where a registry tells the digests of many tags in one answer, beside the list itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Quay's own API, which pages of any origin may read.
    Quay,
    /// The API of hub.docker.com, through the proxy.
    DockerHub,
    /// The search extension of zot, which pages of any origin may read.
    Zot,
}

impl Source {
    /// How many tags are told in one answer of it, at most; `None` where all are.
    #[must_use]
    pub fn tags_in_a_page(self) -> Option<usize> {
        match self {
            Self::Quay | Self::DockerHub => Some(100),
            Self::Zot => None,
        }
    }

    /// Where to ask, for a page counted from 1.
    ///
    /// ```
    /// use waybill_core::tags::Source;
    ///
    /// let hub = Source::DockerHub.url("https://registry-1.docker.io", &"library/nginx".parse()?, 2);
    /// assert_eq!(
    ///     hub.as_deref(),
    ///     Some("https://hub.docker.com/v2/namespaces/library/repositories/nginx/tags?page_size=100&page=2"),
    /// );
    /// # Ok::<(), waybill_core::reference::ReferenceError>(())
    /// ```
    #[must_use]
    pub fn url(self, origin: &str, repository: &RepositoryPath, page: usize) -> Option<String> {
        let page = page.to_string();
        let name = repository.as_str();
        Some(match self {
            Self::Quay => [
                origin,
                "/api/v1/repository/",
                name,
                "/tag/?limit=100&onlyActiveTags=true&page=",
                &page,
            ]
            .concat(),
            Self::DockerHub => {
                let (namespace, repository) = name.split_once('/')?;
                let parts = [
                    HUB_API,
                    "/v2/namespaces/",
                    namespace,
                    "/repositories/",
                    repository,
                    "/tags?page_size=100&page=",
                    &page,
                ];
                (!repository.contains('/')).then(|| parts.concat())?
            }
            Self::Zot => [origin, "/v2/_zot/ext/search?query=", &zot_query(name)].concat(),
        })
    }

    /// Which source a registry has, as far as its name says: a zot is one whose host, or a part
    /// of it between dots, begins with `zot`.
    ///
    /// A zot of another name says in no answer that it is one, as far as a page may read it.
    #[must_use]
    pub fn of(host: &RegistryHost) -> Option<Self> {
        let host = host.as_str().to_ascii_lowercase();
        match host.as_str() {
            "docker.io" => Some(Self::DockerHub),
            "quay.io" => Some(Self::Quay),
            _ => {
                let is_zot = host.split('.').any(|part| part.starts_with("zot"));
                is_zot.then_some(Self::Zot)
            }
        }
    }
}

/// Where Docker Hub's own API answers.
const HUB_API: &str = "https://hub.docker.com";

/// What zot's search is asked with, percent-encoded: the tags of a repository and what they name.
fn zot_query(repository: &str) -> String {
    let query = [
        "{ImageList(repo:\"",
        repository,
        "\"){Results{Tag Digest LastUpdated Size Manifests{Platform{Os Arch}}}}}",
    ]
    .concat();
    let mut encoded = String::with_capacity(query.len() * 2);
    for letter in query.chars() {
        match letter {
            '{' => encoded.push_str("%7B"),
            '}' => encoded.push_str("%7D"),
            '"' => encoded.push_str("%22"),
            ' ' => encoded.push_str("%20"),
            other => encoded.push(other),
        }
    }
    encoded
}

/// One answer of a [`Source`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DetailsPage {
    /// The tags that it tells of.
    pub tags: Vec<(Tag, Details)>,
    /// Whether there are more pages.
    pub has_more: bool,
}

impl DetailsPage {
    /// Reads an answer. What has another form than the registry is known to send is left out,
    /// member by member; an answer without the list is an error.
    pub fn read(source: Source, bytes: &[u8]) -> Result<Self, ListingError> {
        let object = object(bytes)?;
        let member = |name| object.get(name);
        let (list, has_more) = match source {
            Source::Quay => {
                let more = member("has_additional") == Some(&Value::Bool(true));
                (member("tags"), more)
            }
            Source::DockerHub => {
                let next = member("next").and_then(Value::as_str);
                (member("results"), next.is_some())
            }
            Source::Zot => {
                let data = member("data").and_then(Value::as_object);
                let list = data.and_then(|data| data.get("ImageList")?.as_object());
                (list.and_then(|list| list.get("Results")), false)
            }
        };
        let list = list.ok_or(ListingError::NoList { found: "nothing" })?;
        let values = list
            .as_array()
            .ok_or(ListingError::NoList { found: list.kind() })?;
        let read = match source {
            Source::Quay => of_quay,
            Source::DockerHub => of_hub,
            Source::Zot => of_zot,
        };
        let objects = values.iter().filter_map(Value::as_object);
        Ok(Self {
            tags: objects.filter_map(read).collect(),
            has_more,
        })
    }
}

impl Details {
    /// What a manifest tells that was read whole: its digest, the platforms of a list, the size
    /// of an image.
    ///
    /// What is no manifest has its digest alone.
    #[must_use]
    pub fn of_manifest(bytes: &[u8]) -> Self {
        let mut details = Self {
            digest: Some(Digest::sha256(bytes)),
            is_hashed: true,
            ..Self::default()
        };
        let Ok(parsed) = json::read(bytes) else {
            return details;
        };
        let list = |name| parsed.object.get(name).and_then(Value::as_array);
        let objects = |name| {
            list(name)
                .unwrap_or_default()
                .iter()
                .filter_map(Value::as_object)
        };
        let platforms = objects("manifests").filter_map(|entry| {
            let of = entry.get("platform")?.as_object()?;
            platform(
                text(of, "os"),
                text(of, "architecture"),
                text(of, "variant"),
            )
        });
        details.platforms = platforms.take(limits::PLATFORMS_OF_A_TAG).collect();
        let sizes = objects("layers").filter_map(|layer| number(layer, "size"));
        details.size = list("layers").map(|_| sizes.fold(0, u64::saturating_add));
        details
    }
}

fn text<'v>(object: &'v Object<'_>, name: &str) -> Option<&'v str> {
    object.get(name).and_then(Value::as_str)
}

fn digest(text: Option<&str>) -> Option<Digest> {
    text.and_then(|text| text.parse().ok())
}

/// A number, also where it stands as a text.
fn number(object: &Object<'_>, name: &str) -> Option<u64> {
    let value = object.get(name)?;
    value
        .as_u64()
        .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

/// A time of RFC 3339; `None` for Go's zero time too.
fn seconds(text: Option<&str>) -> Option<i64> {
    let (seconds, _) = time::since_1970(text?)?;
    (seconds > 0).then_some(seconds)
}

/// `os/architecture[/variant]`; `None` where there is none, or it is `unknown`, as of attestations.
fn platform(os: Option<&str>, architecture: Option<&str>, variant: Option<&str>) -> Option<String> {
    let is_known = |text: &&str| !text.is_empty() && *text != "unknown";
    let (os, architecture) = (os.filter(is_known)?, architecture.filter(is_known)?);
    let variant = variant.filter(|text| !text.is_empty());
    let parts: Vec<&str> = [os, architecture].into_iter().chain(variant).collect();
    Some(humanize::start(&parts.join("/"), limits::PLATFORM_CHARACTERS).to_owned())
}

/// A manifest of Google's map: numbers are texts, in older answers numbers; 0 means unknown.
pub(super) fn of_google(name: &str, manifest: &Object<'_>) -> Details {
    let milliseconds = |name| number(manifest, name).filter(|time| *time > 0);
    let milliseconds = milliseconds("timeUploadedMs").or_else(|| milliseconds("timeCreatedMs"));
    Details {
        digest: digest(Some(name)),
        seconds: milliseconds.and_then(|time| i64::try_from(time / 1000).ok()),
        size: number(manifest, "imageSizeBytes"),
        ..Details::default()
    }
}

fn of_quay(tag: &Object<'_>) -> Option<(Tag, Details)> {
    let details = Details {
        digest: digest(text(tag, "manifest_digest")),
        seconds: number(tag, "start_ts").and_then(|time| i64::try_from(time).ok()),
        // A list has none of its own.
        size: number(tag, "size").filter(|size| *size > 0),
        ..Details::default()
    };
    Some((text(tag, "name")?.parse().ok()?, details))
}

fn of_hub(tag: &Object<'_>) -> Option<(Tag, Details)> {
    let images = tag.get("images").and_then(Value::as_array);
    let images = images
        .unwrap_or_default()
        .iter()
        .filter_map(Value::as_object);
    let platforms = images.filter_map(|image| {
        let part = |name| text(image, name);
        platform(part("os"), part("architecture"), part("variant"))
    });
    let details = Details {
        digest: digest(text(tag, "digest")),
        seconds: seconds(text(tag, "tag_last_pushed").or_else(|| text(tag, "last_updated"))),
        size: number(tag, "full_size").filter(|size| *size > 0),
        platforms: platforms.take(limits::PLATFORMS_OF_A_TAG).collect(),
        ..Details::default()
    };
    Some((text(tag, "name")?.parse().ok()?, details))
}

fn of_zot(tag: &Object<'_>) -> Option<(Tag, Details)> {
    let manifests = tag.get("Manifests").and_then(Value::as_array);
    let manifests = manifests.unwrap_or_default().iter();
    let platforms = manifests.filter_map(|manifest| {
        let platform_of = manifest.as_object()?.get("Platform")?.as_object()?;
        platform(text(platform_of, "Os"), text(platform_of, "Arch"), None)
    });
    let details = Details {
        digest: digest(text(tag, "Digest")),
        seconds: seconds(text(tag, "LastUpdated")),
        size: number(tag, "Size"),
        platforms: platforms.take(limits::PLATFORMS_OF_A_TAG).collect(),
        ..Details::default()
    };
    Some((text(tag, "Tag")?.parse().ok()?, details))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(source: Source, text: &str) -> DetailsPage {
        DetailsPage::read(source, text.as_bytes()).expect("an answer")
    }

    fn sha(letter: &str) -> String {
        format!("sha256:{}", letter.repeat(64))
    }

    #[test]
    fn docker_hub_tells_platforms_size_and_time() {
        let text = format!(
            r#"{{"count":2,"next":"https://hub.docker.com/v2/x?page=2","results":[
                {{"name":"1.27","digest":"{}","full_size":72149000,"last_updated":"2024-01-01T00:00:00Z",
                  "tag_last_pushed":"2024-01-02T00:00:00.5Z","images":[
                    {{"os":"linux","architecture":"amd64","variant":null,"digest":"x","size":1}},
                    {{"os":"linux","architecture":"arm","variant":"v7"}},
                    {{"os":"unknown","architecture":"unknown"}}, 7]}},
                {{"name":"no tag","digest":"x"}}, {{"digest":"x"}}, null]}}"#,
            sha("a")
        );
        let page = page(Source::DockerHub, &text);
        assert!(page.has_more);
        let [(tag, details)] = page.tags.as_slice() else {
            panic!("one tag")
        };
        assert_eq!(tag.as_str(), "1.27");
        assert_eq!(
            details.digest.as_ref().map(Digest::as_str),
            Some(sha("a").as_str())
        );
        assert_eq!(
            (details.size, details.seconds),
            (Some(72_149_000), Some(1_704_153_600))
        );
        assert_eq!(details.platforms, ["linux/amd64", "linux/arm/v7"]);
    }

    #[test]
    fn quay_tells_digest_and_time() {
        let text = format!(
            r#"{{"page":1,"has_additional":false,"tags":[
                {{"name":"v1","manifest_digest":"{}","start_ts":1700000000,"size":null,"is_manifest_list":true}}]}}"#,
            sha("b")
        );
        let page = page(Source::Quay, &text);
        assert!(!page.has_more);
        assert_eq!(page.tags[0].1.seconds, Some(1_700_000_000));
        assert_eq!(page.tags[0].1.size, None);
    }

    #[test]
    fn zot_tells_everything_at_once() {
        let text = format!(
            r#"{{"data":{{"ImageList":{{"Results":[{{"Tag":"1","Digest":"{}","LastUpdated":"0001-01-01T00:00:00Z",
                "Size":"1234","Manifests":[{{"Platform":{{"Os":"linux","Arch":"amd64"}}}},{{}}]}}]}}}}}}"#,
            sha("c")
        );
        let page = page(Source::Zot, &text);
        let details = &page.tags[0].1;
        assert_eq!((details.size, details.seconds), (Some(1234), None));
        assert_eq!(details.platforms, ["linux/amd64"]);
        assert!(DetailsPage::read(Source::Zot, br#"{"errors":[{"message":"x"}]}"#).is_err());
    }

    #[test]
    fn only_names_say_which_api_a_registry_has() {
        let of = |host: &str| Source::of(&host.parse().expect("a host"));
        assert_eq!(of("quay.io"), Some(Source::Quay));
        for zot in ["zothub.io", "zot:5000", "registry.ZOT.example"] {
            assert_eq!(of(zot), Some(Source::Zot), "{zot}");
        }
        for other in ["ghcr.io", "localhost:5000", "azot.example"] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn addresses_are_those_of_each_api() {
        let url = |source: Source, origin, name: &str| {
            source.url(origin, &name.parse().expect("a repository"), 1)
        };
        assert_eq!(
            url(Source::Quay, "https://quay.io", "o/r").as_deref(),
            Some("https://quay.io/api/v1/repository/o/r/tag/?limit=100&onlyActiveTags=true&page=1")
        );
        assert_eq!(
            url(Source::DockerHub, "", "a/b/c"),
            None,
            "the hub has no such names"
        );
        assert_eq!(
            url(Source::Zot, "http://localhost:5000", "a/b").as_deref(),
            Some(
                "http://localhost:5000/v2/_zot/ext/search?query=%7BImageList(repo:%22a/b%22)%7BResults%7B\
                 Tag%20Digest%20LastUpdated%20Size%20Manifests%7BPlatform%7BOs%20Arch%7D%7D%7D%7D%7D"
            )
        );
    }

    #[test]
    fn a_manifest_tells_its_digest_and_what_stands_in_it() {
        let list =
            br#"{"manifests":[{"platform":{"os":"linux","architecture":"arm","variant":"v7"}},
            {"platform":{"os":"unknown","architecture":"unknown"}}]}"#;
        let details = Details::of_manifest(list);
        assert_eq!(details.digest, Some(Digest::sha256(list)));
        assert_eq!(
            (details.size, details.platforms.as_slice()),
            (None, ["linux/arm/v7".to_owned()].as_slice())
        );
        let image =
            Details::of_manifest(br#"{"config":{"size":9},"layers":[{"size":5},{"size":7},{}]}"#);
        assert_eq!((image.size, image.is_hashed), (Some(12), true));
        assert_eq!(Details::of_manifest(b"x").size, None);
    }

    #[test]
    fn a_tag_that_was_moved_has_nothing_of_before() {
        let of = |letter: &str, size| Details {
            digest: sha(letter).parse().ok(),
            size,
            ..Details::default()
        };
        let mut details = of("a", Some(5));
        details.take(of("a", None));
        assert_eq!(details, of("a", Some(5)));
        details.take(Details {
            seconds: Some(1),
            ..Details::default()
        });
        assert_eq!((details.size, details.seconds), (Some(5), Some(1)));
        details.take(of("b", None));
        assert_eq!(details, of("b", None));
    }
}
