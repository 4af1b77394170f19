//! References to images: `[host[:port]/]repository[:tag][@digest]`, as Docker, containerd and skopeo read them.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::digest::Digest;

mod error;

pub use error::{ReferenceError, Rule};

const DOCKER_HUB: &str = "docker.io";
const DOCKER_HUB_LEGACY: &str = "index.docker.io";
const DOCKER_HUB_API: &str = "registry-1.docker.io";
const OFFICIAL: &str = "library/";
const DEFAULT_TAG: &str = "latest";
const REPOSITORY_MAX: usize = 255;
const TAG_MAX: usize = 128;
const PORT_MAX: u32 = 65_535;

/// The host of a registry with its port, if one was written: `docker.io`, `localhost:5000`, `[::1]:5000`.
///
/// DNS labels, an IPv4 address, or an IPv6 address in brackets; never a scheme, a user or a path, so that it may
/// stand in a URL as it is. Letters keep their case. `index.docker.io` becomes `docker.io`.
///
/// Source: distribution/reference `regexp.go`, `domainAndPort`.
///
/// ```
/// use waybill_core::reference::RegistryHost;
///
/// let host: RegistryHost = "[::1]:5000".parse()?;
/// assert_eq!((host.name(), host.port(), host.is_loopback()), ("::1", Some(5000), true));
/// assert_eq!("docker.io".parse::<RegistryHost>()?.api_authority(), "registry-1.docker.io");
/// # Ok::<(), waybill_core::reference::ReferenceError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistryHost(String);

impl RegistryHost {
    /// Docker Hub, `docker.io`.
    #[must_use]
    pub fn docker_hub() -> Self {
        Self(DOCKER_HUB.to_owned())
    }

    /// The whole text, with the port.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the registry API answers: the text itself, but `registry-1.docker.io` for `docker.io`.
    #[must_use]
    pub fn api_authority(&self) -> &str {
        if self.0 == DOCKER_HUB {
            DOCKER_HUB_API
        } else {
            &self.0
        }
    }

    /// The name or address without port and brackets.
    #[must_use]
    pub fn name(&self) -> &str {
        split_port(&self.0).0.trim_matches(['[', ']'])
    }

    /// The port, where one was written.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        split_port(&self.0).1?.parse().ok()
    }

    /// Whether this is the reader's own machine: `localhost`, `*.localhost`, 127.0.0.0/8 or `[::1]`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let name = self.name().to_ascii_lowercase();
        name == "localhost"
            || name.ends_with(".localhost")
            || name
                .parse::<Ipv4Addr>()
                .is_ok_and(|address| address.is_loopback())
            || name
                .parse::<Ipv6Addr>()
                .is_ok_and(|address| address.is_loopback())
    }
}

impl FromStr for RegistryHost {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        check_host(text)?;
        Ok(Self(
            if text == DOCKER_HUB_LEGACY {
                DOCKER_HUB
            } else {
                text
            }
            .to_owned(),
        ))
    }
}

/// The path of a repository in its registry: `library/nginx`.
///
/// Parts of `[a-z0-9]+` joined by one `.`, one or two `_`, or any number of `-`; parts separated by `/`; at most
/// 255 characters. It may stand in a URL path as it is.
///
/// Source: distribution/reference `regexp.go`, `remoteName`.
///
/// ```
/// use waybill_core::reference::RepositoryPath;
///
/// assert_eq!("library/nginx".parse::<RepositoryPath>()?.as_str(), "library/nginx");
/// assert!("library/../nginx".parse::<RepositoryPath>().is_err());
/// # Ok::<(), waybill_core::reference::ReferenceError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepositoryPath(String);

impl RepositoryPath {
    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RepositoryPath {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        check_repository(text)?;
        if text.len() > REPOSITORY_MAX {
            return Err(ReferenceError::new(
                REPOSITORY_MAX,
                Rule::RepositoryLength { found: text.len() },
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

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
            return Err(ReferenceError::new(0, Rule::TagEmpty));
        }
        if text.starts_with(['.', '-']) {
            return Err(ReferenceError::new(0, Rule::TagStart));
        }
        if let Some(position) = text
            .bytes()
            .position(|b| !(b.is_ascii_alphanumeric() || b"_.-".contains(&b)))
        {
            return Err(ReferenceError::new(position, Rule::TagCharacter));
        }
        if text.len() > TAG_MAX {
            return Err(ReferenceError::new(
                TAG_MAX,
                Rule::TagLength { found: text.len() },
            ));
        }
        Ok(Self(text.to_owned()))
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
/// A text without host is on Docker Hub, and there a name without `/` is under `library/`. The first part is a
/// host where it is `localhost`, or holds `.`, `:` or an upper-case letter. Tag and digest are kept as written, so
/// `nginx` and `nginx:latest` are two values with the same [`target`](Self::target); where both are there, the
/// digest decides.
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
    /// Reads `repository[:tag][@digest]` as something on `host`, for which [`names_host`] has to hold: otherwise the
    /// text of the reference would mean another image.
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
                Rule::RepositoryLength { found: path.len() },
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

    /// Something else in the same repository, such as a child of an index: only the target's tag or digest is kept.
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
            return Err(ReferenceError::new(0, Rule::Empty));
        }
        if is_identifier(text) {
            return Err(ReferenceError::new(0, Rule::Identifier));
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

/// Whether the part in front of the first `/` is a host and not the start of a repository on Docker Hub.
pub(crate) fn names_host(first: &str) -> bool {
    first == "localhost"
        || first
            .bytes()
            .any(|b| b == b'.' || b == b':' || b.is_ascii_uppercase())
}

/// Whether this is an image ID as Docker shows it, which is not a name.
fn is_identifier(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// The name with its brackets, and what follows the colon behind it.
fn split_port(host: &str) -> (&str, Option<&str>) {
    let name_end = host.find(']').map_or(0, |bracket| bracket + 1);
    let (name, behind) = host.split_at(name_end);
    match behind.split_once(':') {
        Some((rest, port)) => (host.split_at(name.len() + rest.len()).0, Some(port)),
        None => (host, None),
    }
}

fn check_host(text: &str) -> Result<(), ReferenceError> {
    let (name, port) = split_port(text);
    let fail = |position, rule| Err(ReferenceError::new(position, rule));
    if let Some(address) = name.strip_prefix('[') {
        // Zone identifiers and embedded IPv4 are not part of the grammar.
        let address = address
            .strip_suffix(']')
            .filter(|address| !address.contains('.'));
        if address.is_none_or(|address| address.parse::<Ipv6Addr>().is_err()) {
            return fail(1, Rule::HostAddress);
        }
    } else {
        let mut start = 0;
        for label in name.split('.') {
            if label.is_empty() {
                return fail(start, Rule::HostEmptyPart);
            }
            if let Some(position) = label
                .bytes()
                .position(|b| !(b.is_ascii_alphanumeric() || b == b'-'))
            {
                return fail(start + position, Rule::HostCharacter);
            }
            if label.starts_with('-') {
                return fail(start, Rule::HostHyphen);
            }
            if label.ends_with('-') {
                return fail(start + label.len() - 1, Rule::HostHyphen);
            }
            start += label.len() + 1;
        }
    }
    if let Some(port) = port {
        let is_digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
        if !is_digits
            || !port
                .parse()
                .is_ok_and(|number: u32| (1..=PORT_MAX).contains(&number))
        {
            return fail(name.len() + 1, Rule::HostPort);
        }
    }
    Ok(())
}

/// Checks everything but the length, which counts `library/` too.
fn check_repository(text: &str) -> Result<(), ReferenceError> {
    let fail = |position, rule| Err(ReferenceError::new(position, rule));
    let mut start = 0;
    for part in text.split('/') {
        if part.is_empty() {
            return fail(start, Rule::RepositoryEmptyPart);
        }
        let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        if let Some(position) = part
            .bytes()
            .position(|b| !(is_word(b) || b"._-".contains(&b)))
        {
            let is_upper = part.as_bytes()[position].is_ascii_uppercase();
            let rule = if is_upper {
                Rule::RepositoryUpperCase
            } else {
                Rule::RepositoryCharacter
            };
            return fail(start + position, rule);
        }
        let mut end = 0;
        for separator in part
            .split(|c: char| c.is_ascii_alphanumeric())
            .filter(|run| !run.is_empty())
        {
            let position = end
                + part
                    .get(end..)
                    .and_then(|rest| rest.find(separator))
                    .unwrap_or(0);
            end = position + separator.len();
            let is_inside = position > 0 && end < part.len();
            let is_allowed =
                matches!(separator, "." | "_" | "__") || separator.bytes().all(|b| b == b'-');
            if !(is_inside && is_allowed) {
                return fail(start + position, Rule::RepositorySeparator);
            }
        }
        start += part.len() + 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
