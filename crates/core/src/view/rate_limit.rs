//! How many more manifests a registry gives.

use crate::humanize::{count, number};
use crate::reference::RegistryHost;
use crate::registry::rate_limit::RateLimit;

impl RateLimit {
    /// All of it in a sentence: `The registry gives 87 of 100 more manifests in 6 hours.` Of Docker
    /// Hub it is said that HEAD does not count.
    ///
    /// Source: docker docs, "Docker Hub pull usage and limits".
    #[must_use]
    pub fn sentence(&self, host: &RegistryHost) -> String {
        let is_hub = *host == RegistryHost::docker_hub();
        let free = if is_hub {
            ". Asking what a tag names (HEAD) does not count."
        } else {
            "."
        };
        let of = self.limit.map(|limit| [" of ", &number(limit)].concat());
        let window = self.window.map(|seconds| {
            let hours = usize::try_from(seconds.div_ceil(3600)).unwrap_or(usize::MAX);
            [" in ", &count(hours, "hour")].concat()
        });
        [
            "The registry gives ",
            &number(self.remaining),
            &of.unwrap_or_default(),
            " more manifests",
            &window.unwrap_or_default(),
            free,
        ]
        .concat()
    }
}
