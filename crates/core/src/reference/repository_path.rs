//! The path of a repository in its registry.

use std::str::FromStr;

use super::{ReferenceError, ReferenceRule};

pub(super) const REPOSITORY_MAX: usize = 255;

/// The path of a repository in its registry: `library/nginx`.
///
/// Parts of `[a-z0-9]+` joined by one `.`, one or two `_`, or any number of `-`; parts
/// separated by `/`; at most 255 characters. It may stand in a URL path as it is.
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
pub struct RepositoryPath(pub(super) String);

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
                ReferenceRule::RepositoryLength { found: text.len() },
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Checks everything but the length, which counts `library/` too.
pub(super) fn check_repository(text: &str) -> Result<(), ReferenceError> {
    let fail = |position, rule| Err(ReferenceError::new(position, rule));
    let mut start = 0;
    for part in text.split('/') {
        if part.is_empty() {
            return fail(start, ReferenceRule::RepositoryEmptyPart);
        }
        let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        if let Some(position) = part
            .bytes()
            .position(|b| !(is_word(b) || b"._-".contains(&b)))
        {
            let is_upper = part.as_bytes()[position].is_ascii_uppercase();
            let rule = if is_upper {
                ReferenceRule::RepositoryUpperCase
            } else {
                ReferenceRule::RepositoryCharacter
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
                return fail(start + position, ReferenceRule::RepositorySeparator);
            }
        }
        start += part.len() + 1;
    }
    Ok(())
}
