//! One page of a list of tags, as registries answer it.

use std::fmt;

use crate::json::{self, JsonError, Object, Reason, Value};
use crate::limits;
use crate::reference::{RepositoryPath, Tag};

use super::details::{self, Details};

/// What a page of a list of tags holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The tags in the order of the answer, with what it tells of them. A name may stand twice.
    pub tags: Vec<(Tag, Details)>,
    /// The first names that are no tags, cut short.
    pub unusable: Vec<String>,
    /// How many entries the list has, whatever they are.
    pub entries: usize,
    /// The last name in the list, as it stands there: where the next page begins.
    pub last: Option<String>,
    /// Repositories below this one, where the registry names them (Google's do).
    pub children: Vec<String>,
    /// How many manifests have no tag, where the registry lists those too.
    pub untagged: usize,
}

/// Why an answer is no list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListingError {
    /// A page for people, such as one to sign in at.
    Html,
    /// It is not JSON.
    NotJson(JsonError),
    /// It is JSON and has something else in place of the list.
    NoList {
        /// What stands there.
        found: &'static str,
    },
}

impl fmt::Display for ListingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Html => f.write_str("the answer is an HTML page, not a list"),
            Self::NotJson(JsonError { position, .. }) => {
                let (line, column) = (position.line, position.column);
                write!(f, "the answer is not JSON (line {line}, column {column})")
            }
            Self::NoList { found } => write!(f, "the answer has {found} in place of the list"),
        }
    }
}

impl std::error::Error for ListingError {}

/// How many names that are no tags are kept to be shown.
const UNUSABLE_KEPT: usize = 5;
/// How much of each is, in characters.
const UNUSABLE_CHARACTERS: usize = 80;

impl Listing {
    /// Reads the answer to `/v2/<name>/tags/list`, whatever its media type: ECR sends
    /// `text/plain`.
    ///
    /// `tags: null` and a missing member both mean that there are none, and so does `null`
    /// alone. What is no tag by the grammar is counted (`entries`) and left out, since it could
    /// not be asked for. Of Google's answer the map of manifests is read too.
    ///
    /// ```
    /// use waybill_core::tags::Listing;
    ///
    /// let page = Listing::read(br#"{"name":"a","tags":["1","2"]}"#)?;
    /// assert_eq!((page.tags.len(), page.last.as_deref()), (2, Some("2")));
    /// assert!(Listing::read(br#"{"name":"a","tags":null}"#)?.tags.is_empty());
    /// # Ok::<(), waybill_core::tags::ListingError>(())
    /// ```
    pub fn read(bytes: &[u8]) -> Result<Self, ListingError> {
        let object = object(bytes)?;
        let names = names(&object, "tags")?;
        let mut page = Self {
            entries: names.len(),
            last: names.last().map(|name| (*name).to_owned()),
            ..Self::default()
        };
        for name in names {
            match name.parse::<Tag>() {
                Ok(tag) => page.tags.push((tag, Details::default())),
                Err(_) if page.unusable.len() < UNUSABLE_KEPT => {
                    let shown = crate::humanize::start(name, UNUSABLE_CHARACTERS);
                    page.unusable.push(shown.to_owned());
                }
                Err(_) => {}
            }
        }
        if let Some(manifests) = object.get("manifest").and_then(Value::as_object) {
            page.read_manifests(manifests);
        }
        if let Some(children) = object.get("child").and_then(Value::as_array) {
            let children = children.iter().filter_map(Value::as_str);
            let is_path = |name: &&str| name.parse::<RepositoryPath>().is_ok();
            let children = children.filter(is_path).map(str::to_owned);
            page.children = children.take(limits::TAG_CHILDREN).collect();
        }
        Ok(page)
    }

    /// Reads the answer to `/v2/_catalog`: the repositories, and the last name in the list.
    ///
    /// Names that are no repositories are left out.
    pub fn read_catalog(
        bytes: &[u8],
    ) -> Result<(Vec<RepositoryPath>, Option<String>), ListingError> {
        let object = object(bytes)?;
        let names = names(&object, "repositories")?;
        let last = names.last().map(|name| (*name).to_owned());
        let repositories = names.iter().filter_map(|name| name.parse().ok());
        Ok((repositories.collect(), last))
    }

    /// Joins Google's map of manifests to the tags.
    fn read_manifests(&mut self, manifests: &Object<'_>) {
        let mut told: Vec<(&str, Details)> = Vec::new();
        for (digest, manifest) in manifests.iter() {
            let Some(manifest) = manifest.as_object() else {
                continue;
            };
            let details = details::of_google(digest, manifest);
            let tags = manifest.get("tag").and_then(Value::as_array);
            let tags = tags.unwrap_or_default().iter().filter_map(Value::as_str);
            let before = told.len();
            told.extend(tags.map(|tag| (tag, details.clone())));
            self.untagged += usize::from(told.len() == before);
        }
        told.sort_by_key(|(name, _)| *name);
        for (tag, details) in &mut self.tags {
            if let Ok(place) = told.binary_search_by(|(name, _)| (*name).cmp(tag.as_str())) {
                *details = told[place].1.clone();
            }
        }
    }
}

/// The object that an answer is; an empty one where it is `null`.
pub(super) fn object(bytes: &[u8]) -> Result<Object<'_>, ListingError> {
    match json::read_any(bytes) {
        Ok((Value::Object(object), ..)) => Ok(object),
        Ok((Value::Null, ..)) => Ok(Object::EMPTY),
        Ok((other, ..)) => Err(ListingError::NoList {
            found: other.kind(),
        }),
        Err(error) if error.reason == Reason::Html => Err(ListingError::Html),
        Err(error) => Err(ListingError::NotJson(error)),
    }
}

/// The texts of a list; none where it is `null` or missing. What is no text is an empty one.
fn names<'v>(object: &'v Object<'_>, name: &str) -> Result<Vec<&'v str>, ListingError> {
    match object.get(name) {
        None => Ok(Vec::new()),
        Some(Value::Array(values)) => {
            let text = |value: &'v Value<'_>| value.as_str().unwrap_or_default();
            Ok(values.iter().map(text).collect())
        }
        Some(other) => Err(ListingError::NoList {
            found: other.kind(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str) -> Vec<String> {
        let page = Listing::read(text.as_bytes()).expect("a list");
        page.tags.iter().map(|(tag, _)| tag.to_string()).collect()
    }

    #[test]
    fn every_way_to_say_that_there_are_none_is_read() {
        for text in [
            "null",
            "{}",
            "{\"name\":\"a\"}",
            "{\"name\":\"a\",\"tags\":null}",
            "{\"tags\":[]}",
        ] {
            assert_eq!(listed(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_is_no_list_says_what_it_is() {
        for (text, said) in [
            (
                "<!doctype html><p>Sign in",
                "the answer is an HTML page, not a list",
            ),
            ("[]", "the answer has an array in place of the list"),
            (
                "{\"tags\":\"1\"}",
                "the answer has a string in place of the list",
            ),
            (
                "{\"tags\":{}}",
                "the answer has an object in place of the list",
            ),
        ] {
            let error = Listing::read(text.as_bytes()).expect_err("no list");
            assert_eq!(error.to_string(), said, "{text}");
        }
        let error = Listing::read(b"404 page not found").expect_err("no list");
        assert!(matches!(
            error,
            ListingError::NotJson(_) | ListingError::NoList { .. }
        ));
        assert!(matches!(Listing::read(b""), Err(ListingError::NotJson(_))));
        assert!(matches!(
            Listing::read(b"{\"tags\":[\"1\""),
            Err(ListingError::NotJson(_))
        ));
    }

    #[test]
    fn hostile_names_are_counted_and_left_out() {
        let long = "x".repeat(5_000_000);
        let text = format!(
            r#"{{"tags":["1","<script>","../x","a b","\u202e1","",1,null,"{long}","1","2"]}}"#
        );
        let page = Listing::read(text.as_bytes()).expect("a list");
        assert_eq!(
            (page.entries, page.tags.len()),
            (11, 3),
            "a duplicate is kept here"
        );
        assert_eq!(page.unusable.len(), 5);
        assert!(page.unusable.iter().all(|name| name.len() <= 400));
        assert_eq!(page.last.as_deref(), Some("2"));
    }

    #[test]
    fn google_tells_digests_in_the_same_answer() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let text = format!(
            r#"{{"child":["sub","../x"],"name":"p/a","tags":["1","latest","2"],"manifest":{{
                "{digest}":{{"imageSizeBytes":"72149000","layerId":"","mediaType":"application/vnd.oci.image.index.v1+json",
                    "tag":["1","latest"],"timeCreatedMs":"0","timeUploadedMs":"1700000000123"}},
                "sha256:{0}":{{"imageSizeBytes":5,"tag":[],"timeCreatedMs":1600000000000}},
                "nonsense":{{"tag":["2"]}}, "odd":7}}}}"#,
            "b".repeat(64)
        );
        let page = Listing::read(text.as_bytes()).expect("a list");
        assert_eq!(
            (page.untagged, page.children.as_slice()),
            (1, ["sub".to_owned()].as_slice())
        );
        for at in [0, 1] {
            let details = &page.tags[at].1;
            assert_eq!(
                details.digest.as_ref().map(crate::Digest::as_str),
                Some(digest.as_str())
            );
            assert_eq!(
                (details.size, details.seconds),
                (Some(72_149_000), Some(1_700_000_000))
            );
        }
        assert_eq!(page.tags[2].1.digest, None, "a digest that is none");
    }

    #[test]
    fn a_catalog_is_a_list_of_repositories() {
        let (repositories, last) =
            Listing::read_catalog(br#"{"repositories":["a","b/c","../x","B"]}"#).expect("a list");
        let names: Vec<_> = repositories.iter().map(RepositoryPath::as_str).collect();
        assert_eq!((names, last.as_deref()), (vec!["a", "b/c"], Some("B")));
        assert_eq!(Listing::read_catalog(b"null").expect("none").0, []);
    }
}
