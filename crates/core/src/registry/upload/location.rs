//! What an answer says of an upload: where it goes on, and how much of it is there.
//!
//! Each answer may name another address for the next request, on the registry or on a storage
//! service. `Call::location` reads it, `Call::judge` decides whether bytes may go there, and
//! `go_on` in `piece.rs` judges it once more before each use.

use crate::registry::auth_policy;
use crate::registry::client::Call;
use crate::registry::error::{RegistryError, without_query};
use crate::registry::location::resolve;
use crate::registry::transport::Response;

impl Call<'_> {
    /// Where the answer says that an upload goes on, where that may have its bytes.
    ///
    /// `None` where there is no `Location`, or the browser hides it; what that means is for
    /// the caller to say. `Err` where it is no address that can be used, or one that must not
    /// be. A relative one is resolved against the address that was asked.
    pub(super) fn location(&self, response: &Response) -> Option<Result<String, RegistryError>> {
        let location = response.header("location")?;
        let resolved = resolve(&self.url, location);
        let shown = resolved.as_deref().unwrap_or(location);
        Some(self.judge(shown).map(|()| shown.to_owned()))
    }

    /// What holds for a token endpoint holds for an upload: a registry could name anything.
    ///
    /// So `LocationRefused` carries the reasons of `check_realm`: no address, a user name in
    /// it, http from a registry that speaks https, a private address other than the registry's
    /// own host.
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
///
/// `bytes=` in front is taken off, where a registry writes it. `None` where the header is
/// missing, hidden, or of another form.
pub(super) fn held(response: &Response) -> Option<u64> {
    let range = response.header("range")?;
    let range = range.strip_prefix("bytes=").unwrap_or(range);
    range
        .strip_prefix("0-")?
        .parse::<u64>()
        .ok()?
        .checked_add(1)
}
