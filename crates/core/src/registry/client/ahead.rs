//! A manifest, and beside it those that will be asked for once it is here.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use super::Client;
use crate::digest::Digest;
use crate::limits;
use crate::reference::{RegistryHost, RepositoryPath, Target};
use crate::registry::answer::Fetched;
use crate::registry::error::RegistryError;
use crate::registry::scope::Scope;
use crate::registry::transport::{Transport, Via};

impl<T: Transport> Client<T> {
    /// Reads a manifest as [`manifest`](Self::manifest) does, and beside it those of `ahead`, which somebody asks for
    /// once this one is here: they are kept for the session, and nothing is said of those that did not come.
    ///
    /// They go out with the token that this one waited for, through the proxy only: directly, which media types can be
    /// asked for depends on what this one says. Where none is needed, or this one is here first, they do not go out. An
    /// error does not wait for them.
    ///
    /// # Errors
    ///
    /// Fails as [`manifest`](Self::manifest) does.
    pub async fn manifest_and_ahead(
        &self,
        host: &RegistryHost,
        repository: &RepositoryPath,
        target: &Target,
        ahead: &[Digest],
    ) -> Result<Fetched, RegistryError> {
        let mut reading = pin!(self.manifest(host, repository, target, None));
        let mut answer = None;
        let mut others: Option<Vec<Pin<Box<dyn Future<Output = ()> + '_>>>> = None;
        poll_fn(move |context| {
            if answer.is_none()
                && let Poll::Ready(result) = reading.as_mut().poll(context)
            {
                if result.is_err() {
                    return Poll::Ready(result);
                }
                answer = Some(result);
            }
            if others.is_none() && answer.is_none() && self.may_read_ahead(host, repository) {
                let begin = |digest: &Digest| {
                    let target = Target::Digest(digest.clone());
                    let reading = async move {
                        // It is asked for again, and told then.
                        let _ = self.manifest(host, repository, &target, None).await;
                    };
                    Box::pin(reading) as Pin<Box<dyn Future<Output = ()>>>
                };
                others = Some(ahead.iter().map(begin).collect());
            }
            let is_under_way = others.as_mut().is_some_and(|others| {
                others.retain_mut(|other| other.as_mut().poll(context).is_pending());
                !others.is_empty()
            });
            match answer.take() {
                Some(result) if !is_under_way => Poll::Ready(result),
                waiting => {
                    answer = waiting;
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// Tells whether manifests of the repository are read through the proxy, with a token that is here.
    fn may_read_ahead(&self, host: &RegistryHost, repository: &RepositoryPath) -> bool {
        let scope = Scope::pull(repository.as_str());
        let ask = self.to_read(host, String::new(), scope, limits::MANIFEST_BYTES);
        let has_token = ask.memory.borrow().token(&ask.scope).is_some();
        has_token && self.ways(&ask).0 == Via::Proxy
    }
}
