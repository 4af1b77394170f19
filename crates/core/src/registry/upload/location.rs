//! What an answer says of an upload: where it goes on, and how much of it is there.

use crate::registry::auth_policy;
use crate::registry::client::Call;
use crate::registry::error::{RegistryError, without_query};
use crate::registry::location::resolve;
use crate::registry::transport::Response;

impl Call<'_> {
    /// Where the answer says that an upload goes on, where that may have its bytes.
    pub(super) fn location(&self, response: &Response) -> Option<Result<String, RegistryError>> {
        let location = response.header("location")?;
        let resolved = resolve(&self.url, location);
        let shown = resolved.as_deref().unwrap_or(location);
        Some(self.judge(shown).map(|()| shown.to_owned()))
    }

    /// What holds for a token endpoint holds for an upload: a registry could name anything.
    pub(super) fn judge(&self, location: &str) -> Result<(), RegistryError> {
        let judged = auth_policy::check_realm(location, &self.origin).map_err(|reason| {
            RegistryError::LocationRefused {
                registry: self.host.as_str().to_owned(),
                location: self.secrets(None).hide(&without_query(location)),
                reason,
            }
        });
        judged.map(|_| ())
    }
}

/// How many bytes of an upload the answer says are there: `Range: 0-99` is 100.
pub(super) fn held(response: &Response) -> Option<u64> {
    let range = response.header("range")?;
    let range = range.strip_prefix("bytes=").unwrap_or(range);
    range
        .strip_prefix("0-")?
        .parse::<u64>()
        .ok()?
        .checked_add(1)
}
