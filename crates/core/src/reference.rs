//! References to images: `[host[:port]/]repository[:tag][@digest]`, as Docker, containerd and
//! skopeo read them.
//!
//! Only the grammar is judged here. What a person types around a reference, a command or an
//! address, is taken off in [`crate::input`]; where a registry answers is for [`crate::registry`].
//! Longer than most files, for the documentation of the type that all others name.

use std::fmt;
use std::str::FromStr;

use crate::digest::{Algorithm, Digest};

mod error;
mod registry_host;
mod repository_path;

pub use error::{ReferenceError, ReferenceRule};
pub use registry_host::{ARCHIVE_HOST, COMPRESSED_LAYERS, RegistryHost};
pub use repository_path::RepositoryPath;

use registry_host::DOCKER_HUB;
use repository_path::{REPOSITORY_MAX, check_repository};

/// Where the images of Docker Hub without a `/` in their name stand.
const OFFICIAL: &str = "library/";
const DEFAULT_TAG: &str = "latest";
const TAG_MAX: usize = 128;

/// A tag: 1 to 128 letters, digits, `_`, `.` and `-`, beginning with neither `.` nor `-`.
///
/// Source: distribution/reference `regexp.go`, `tag`.
///
/// ```
/// use waybill_core::reference::Tag;
///
/// assert_eq!("1.27-alpine".parse::<Tag>()?.as_str(), "1.27-alpine");
/// assert_eq!(Tag::latest().as_str(), "latest");
/// # Ok::<(), waybill_core::reference::ReferenceError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);

impl Tag {
    /// The tag that is meant where a reference has neither tag nor digest.
    #[must_use]
    pub fn latest() -> Self {
        Self(DEFAULT_TAG.to_owned())
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Tag {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if text.is_empty() {
            return Err(ReferenceError::new(0, ReferenceRule::TagEmpty));
        }
        if text.starts_with(['.', '-']) {
            return Err(ReferenceError::new(0, ReferenceRule::TagStart));
        }
        if let Some(position) = text
            .bytes()
            .position(|b| !(b.is_ascii_alphanumeric() || b"_.-".contains(&b)))
        {
            return Err(ReferenceError::new(position, tag_rule(text)));
        }
        if text.len() > TAG_MAX {
            return Err(ReferenceError::new(
                TAG_MAX,
                ReferenceRule::TagLength { found: text.len() },
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Which rule a tag with a wrong character breaks, by what was meant.
fn tag_rule(text: &str) -> ReferenceRule {
    let helm = text.replace('+', "_");
    if helm != text && helm.parse::<Tag>().is_ok() {
        return ReferenceRule::TagPlus { helm };
    }
    let mut before = text.split(':');
    before.next_back();
    if before.any(|part| Algorithm::ALL.iter().any(|known| known.name() == part)) {
        ReferenceRule::TagDigest
    } else {
        ReferenceRule::TagCharacter
    }
}

/// What a registry is asked for.
///
/// ```
/// use waybill_core::reference::{Reference, Target};
///
/// assert!(matches!("nginx".parse::<Reference>()?.target(), Target::Tag(tag) if tag.as_str() == "latest"));
/// # Ok::<(), waybill_core::reference::ReferenceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// Whatever the tag points at now.
    Tag(Tag),
    /// Exactly these bytes.
    Digest(Digest),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => tag.fmt(f),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

/// A reference to an image, normalised: host and whole repository path are always known.
///
/// A text without host is on Docker Hub, and there a name without `/` is under `library/`. The
/// first part is a host where it is `localhost`, or holds `.`, `:` or an upper-case letter.
/// Tag and digest are kept as written, so `nginx` and `nginx:latest` are two values with the
/// same [`target`](Self::target); where both are there, the digest decides.
///
/// [`Display`](fmt::Display) gives the whole canonical text.
///
/// Source: distribution/reference `normalize.go`, `ParseNormalizedNamed`.
///
/// ```
/// use waybill_core::reference::Reference;
///
/// let reference: Reference = "nginx:1.27".parse()?;
/// assert_eq!(reference.to_string(), "docker.io/library/nginx:1.27");
/// assert_eq!(reference.familiar(), "nginx:1.27");
/// # Ok::<(), waybill_core::reference::ReferenceError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    host: RegistryHost,
    repository: RepositoryPath,
    tag: Option<Tag>,
    digest: Option<Digest>,
}

impl Reference {
    /// Reads `repository[:tag][@digest]` as something on `host`, for which [`names_host`] has
    /// to hold: otherwise the text of the reference would mean another image.
    ///
    /// Errors are placed in `text`, not behind the host.
    pub(crate) fn on(host: RegistryHost, text: &str) -> Result<Self, ReferenceError> {
        let (name, digest) = text
            .split_once('@')
            .map_or((text, None), |(name, digest)| (name, Some(digest)));
        let (path, tag) = name
            .split_once(':')
            .map_or((name, None), |(path, tag)| (path, Some(tag)));
        let (name_end, path_end) = (name.len(), path.len());
        let mut path = path.to_owned();
        check_repository(&path)?;
        if host.as_str() == DOCKER_HUB && !path.contains('/') {
            path.insert_str(0, OFFICIAL);
        }
        if path.len() > REPOSITORY_MAX {
            let position = (path_end + REPOSITORY_MAX).saturating_sub(path.len());
            return Err(ReferenceError::new(
                position,
                ReferenceRule::RepositoryLength { found: path.len() },
            ));
        }
        let tag = match tag {
            Some(tag) => Some(
                tag.parse()
                    .map_err(|error: ReferenceError| error.moved(path_end + 1))?,
            ),
            None => None,
        };
        let digest = match digest {
            Some(digest) => Some(
                digest
                    .parse()
                    .map_err(|error| ReferenceError::of_digest(error, name_end + 1))?,
            ),
            None => None,
        };
        Ok(Self {
            host,
            repository: RepositoryPath(path),
            tag,
            digest,
        })
    }

    /// The registry.
    #[must_use]
    pub fn host(&self) -> &RegistryHost {
        &self.host
    }

    /// The whole path in the registry, with `library/`.
    #[must_use]
    pub fn repository(&self) -> &RepositoryPath {
        &self.repository
    }

    /// The opened archive that it is of, which its repository is named by:
    /// `archive.invalid/nginx.tar@sha256:…`. The other value is whether its manifest was made,
    /// since the archive holds none: `archive.invalid/nginx.tar/made@sha256:…`.
    ///
    /// ```
    /// use waybill_core::reference::Reference;
    ///
    /// let archive = |text: &str| text.parse::<Reference>().map(|it| {
    ///     it.archive().map(|(name, made)| (name.to_owned(), made))
    /// });
    /// assert_eq!(archive("archive.invalid/nginx.tar")?, Some(("nginx.tar".into(), false)));
    /// assert_eq!(archive("archive.invalid/a/made")?, Some(("a".into(), true)));
    /// assert_eq!(archive("nginx:1.27")?, None);
    /// # Ok::<(), waybill_core::reference::ReferenceError>(())
    /// ```
    #[must_use]
    pub fn archive(&self) -> Option<(&str, bool)> {
        let name = self.repository.as_str();
        (self.host.as_str() == ARCHIVE_HOST).then(|| match name.strip_suffix("/made") {
            Some(name) => (name, true),
            None => (name, false),
        })
    }

    /// The tag, where one was written.
    #[must_use]
    pub fn tag(&self) -> Option<&Tag> {
        self.tag.as_ref()
    }

    /// The digest, where one was written.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// What to ask the registry for: the digest, else the tag, else the tag `latest`.
    #[must_use]
    pub fn target(&self) -> Target {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => Target::Digest(digest.clone()),
            (None, Some(tag)) => Target::Tag(tag.clone()),
            (None, None) => Target::Tag(Tag::latest()),
        }
    }

    /// The same reference with this digest; the tag stays, for the reader.
    ///
    /// ```
    /// use waybill_core::{digest::Digest, reference::Reference};
    ///
    /// let pinned = "nginx:1.27".parse::<Reference>()?.pinned(Digest::sha256(b"{}"));
    /// assert!(pinned.familiar().starts_with("nginx:1.27@sha256:44136fa3"));
    /// # Ok::<(), waybill_core::reference::ReferenceError>(())
    /// ```
    #[must_use]
    pub fn pinned(&self, digest: Digest) -> Self {
        Self {
            digest: Some(digest),
            ..self.clone()
        }
    }

    /// The same reference without its digest.
    #[must_use]
    pub fn without_digest(&self) -> Self {
        Self {
            digest: None,
            ..self.clone()
        }
    }

    /// The repository alone, without tag and digest.
    #[must_use]
    pub fn repository_only(&self) -> Self {
        Self {
            tag: None,
            digest: None,
            ..self.clone()
        }
    }

    /// Something else in the same repository, such as a child of an index: only the target's
    /// tag or digest is kept.
    ///
    /// ```
    /// use waybill_core::reference::{Reference, Tag, Target};
    ///
    /// let reference: Reference = "ghcr.io/o/r:1".parse()?;
    /// let other = reference.at(Target::Tag("2".parse::<Tag>()?));
    /// assert_eq!(other.to_string(), "ghcr.io/o/r:2");
    /// # Ok::<(), waybill_core::reference::ReferenceError>(())
    /// ```
    #[must_use]
    pub fn at(&self, target: Target) -> Self {
        let (tag, digest) = match target {
            Target::Tag(tag) => (Some(tag), None),
            Target::Digest(digest) => (None, Some(digest)),
        };
        Self {
            host: self.host.clone(),
            repository: self.repository.clone(),
            tag,
            digest,
        }
    }

    /// The shortest text that parses to this same value: `nginx:1.27`, `ghcr.io/o/r:tag@sha256:…`.
    #[must_use]
    pub fn familiar(&self) -> String {
        let path = self.repository.as_str();
        let mut text = String::new();
        if self.host.as_str() != DOCKER_HUB {
            text.push_str(self.host.as_str());
            text.push('/');
        }
        match path.strip_prefix(OFFICIAL) {
            Some(name) if text.is_empty() && !name.contains('/') => text.push_str(name),
            _ => text.push_str(path),
        }
        // docker.io/foo.bar/baz and docker.io/library/<64 hex> would be read as something else.
        let first = path.split_once('/').map_or("", |(first, _)| first);
        let bare = self.tag.is_none() && self.digest.is_none();
        if self.host.as_str() == DOCKER_HUB && (names_host(first) || (bare && is_identifier(&text)))
        {
            text.insert(0, '/');
            text.insert_str(0, DOCKER_HUB);
        }
        self.push_target(&mut text);
        text
    }

    fn push_target(&self, text: &mut String) {
        if let Some(tag) = &self.tag {
            text.push(':');
            text.push_str(tag.as_str());
        }
        if let Some(digest) = &self.digest {
            text.push('@');
            text.push_str(digest.as_str());
        }
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if text.is_empty() {
            return Err(ReferenceError::new(0, ReferenceRule::Empty));
        }
        if is_identifier(text) {
            return Err(ReferenceError::new(0, ReferenceRule::Identifier));
        }
        match text.split_once('/') {
            Some((host, rest)) if !host.contains('@') && names_host(host) => {
                Self::on(host.parse()?, rest).map_err(|error| error.moved(host.len() + 1))
            }
            _ => Self::on(RegistryHost::docker_hub(), text),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [self.host.as_str(), "/", self.repository.as_str()].concat();
        self.push_target(&mut text);
        f.write_str(&text)
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! show_as_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}
show_as_text!(RegistryHost, RepositoryPath, Tag);

/// Whether the part in front of the first `/` is a host and not the start of a repository on
/// Docker Hub.
///
/// A host holds `.` or `:` or an upper-case letter, or is `localhost`. Source:
/// distribution/reference `normalize.go`, `splitDockerDomain`.
pub(crate) fn names_host(first: &str) -> bool {
    first == "localhost"
        || first
            .bytes()
            .any(|b| b == b'.' || b == b':' || b.is_ascii_uppercase())
}

/// Whether this is an image ID as Docker shows it, which is not a name.
///
/// 64 lower-case hex characters, which image IDs are: as a name they would be asked of Docker Hub.
fn is_identifier(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests;
