//! The requests that write a blob.
//!
//! `Client::send_blob` is called by `workflow::push::request::run`, once for each blob that a
//! push writes, and again with what the attempt before left. What it does, in this order:
//!
//! 1. Checks what can be checked without a request: the digest's algorithm is one that is
//!    computed here, and bytes that are here are as many as stated.
//! 2. With an `Upload` of an earlier attempt: asks the registry how much it has
//!    (`still_held`), and goes on there if that fits.
//! 3. Else `begin`: a POST that mounts the blob, which ends it, or begins an upload.
//! 4. Passes pieces on (`next_piece` in `piece.rs`) until the last one completes the upload.
//! 5. Where the browser stood in the way and the way is left to us, all of it once more
//!    through the proxy, from the beginning.
//!
//! It does not ask whether the registry has the blob already: `Client::has_blob` does, which
//! the plan of a push asks first.

use super::location::held;
use super::{Blob, BlobSource, InterruptedUpload, Upload, UploadError, UploadOutcome};
use crate::digest::{Algorithm, Hasher};
use crate::limits;
use crate::registry::client::{Call, Client, refused_the_page};
use crate::registry::error::RegistryError;
use crate::registry::scope::Scope;
use crate::registry::session::Way;
use crate::registry::settings::Access;
use crate::registry::transport::{Method, Response, Transport, Via};

/// An upload that ended before anything was at the registry, so that there is nothing to go on
/// with.
fn cut(error: UploadError) -> InterruptedUpload {
    InterruptedUpload {
        error,
        upload: None,
    }
}

/// The same, by a fault of the target.
fn target(error: RegistryError) -> InterruptedUpload {
    cut(UploadError::Target(error))
}

impl<T: Transport> Client<T> {
    /// Writes a blob. `upload` is what an earlier attempt left; `progress` is told how many
    /// bytes the registry has.
    ///
    /// Bytes are read from the source by pieces of [`PIECE_BYTES`](limits::PIECE_BYTES),
    /// hashed, and passed on, each while the next is read; the upload is completed only if they have the digest.
    /// Credentials of the two registries never meet, and go along with an upload only on the
    /// registry's own scheme, host and port.
    ///
    /// `progress` is called with absolute counts: first with what an earlier attempt left,
    /// then after each piece. A second attempt through the proxy begins at 0 again. An attempt
    /// that mounts the blob does not call it.
    ///
    /// On an error nothing was completed as far as is known here.
    /// [`InterruptedUpload::upload`] is what to call this with again, where that can save some
    /// of the bytes.
    pub async fn send_blob(
        &self,
        blob: &Blob,
        upload: Option<Upload>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<UploadOutcome, InterruptedUpload> {
        let first = match self.attempt(blob, upload, None, progress).await {
            Err(first) if self.proxy_may_write(blob, &first) => first,
            result => return result,
        };
        // The page may begin an upload (a simple POST), and not go on with it (PATCH and PUT
        // ask the registry first). Where the proxy is no way either, both failures are told,
        // and what was left by the page stays of use.
        match (
            self.attempt(blob, None, Some(Via::Proxy), progress).await,
            first,
        ) {
            (
                Err(InterruptedUpload {
                    error: UploadError::Target(next @ RegistryError::Transport { .. }),
                    ..
                }),
                InterruptedUpload {
                    error: UploadError::Target(first),
                    upload,
                },
            ) => Err(InterruptedUpload {
                error: UploadError::Target(first.followed_by(next)),
                upload,
            }),
            (result, _) => {
                if result.is_ok() {
                    self.memory(&blob.to.host).borrow_mut().way = Some(Way::OnlyProxy);
                }
                result
            }
        }
    }

    /// Whether the proxy may do what the page could not: where the way is left to us, and the
    /// fault is one that a browser makes (a hidden `Location`, a refused request).
    ///
    /// A fault of the source never counts: `fetch` reads it, and tries the proxy itself. Nor
    /// does a time-out of the target: what was sent may have arrived.
    fn proxy_may_write(&self, blob: &Blob, cut: &InterruptedUpload) -> bool {
        let access = self.settings(&blob.to.host).access;
        let hidden = |error: &RegistryError| match error {
            RegistryError::LocationMissing(answer) => answer.via == Via::Direct,
            error => refused_the_page(error, false),
        };
        access == Access::Automatic
            && matches!(&cut.error, UploadError::Target(error) if hidden(error))
    }

    /// Writes a blob along one way. What an earlier attempt left is gone on with, if the
    /// registry still has it. After a fault of source or target, what was written so far is
    /// given back, to go on from.
    ///
    /// `way` is set for the second attempt only; otherwise `fetch` chooses one when the upload
    /// is begun, and the upload stays on it. After any other fault (other bytes, another
    /// length, a count that does not fit) nothing is given back, so that the next attempt
    /// begins anew. Nor is it where the registry holds no byte: beginning anew sends no more
    /// then.
    async fn attempt(
        &self,
        blob: &Blob,
        upload: Option<Upload>,
        way: Option<Via>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<UploadOutcome, InterruptedUpload> {
        let algorithm = blob
            .digest
            .algorithm()
            .ok_or_else(|| cut(UploadError::Unsupported))?;
        if let BlobSource::Bytes(bytes) = &blob.from
            && bytes.len() as u64 != blob.size
        {
            return Err(cut(UploadError::Length {
                stated: blob.size,
                found: Some(bytes.len() as u64),
            }));
        }
        let kept = match upload {
            Some(upload) => self.still_held(blob, upload).await?,
            None => None,
        };
        let mut upload = match kept {
            Some(upload) => upload,
            None => match self.begin(blob, algorithm, way).await.map_err(target)? {
                Some(upload) => upload,
                None => return Ok(UploadOutcome::Mounted),
            },
        };
        progress(upload.held);
        let mut ahead = None;
        loop {
            match self.next_piece(blob, &upload, ahead.take()).await {
                Ok(Some((next, read))) => (upload, ahead) = (next, read),
                Ok(None) => {
                    progress(blob.size);
                    return Ok(UploadOutcome::Uploaded);
                }
                Err(error) => {
                    let may_go_on =
                        matches!(error, UploadError::Source(_) | UploadError::Target(_));
                    return Err(InterruptedUpload {
                        error,
                        upload: Some(upload).filter(|upload| may_go_on && upload.held > 0),
                    });
                }
            }
            progress(upload.held);
        }
    }

    /// Mounts the blob (`None`), or begins an upload.
    ///
    /// A blob of the same registry is asked to be mounted (distribution-spec, end-11): 201
    /// means that it is there, 202 that an upload was begun instead, and a refusal falls back
    /// to an upload of our own. Any other status from 200 to 204 is taken like 202. The scope
    /// of the mount names both repositories, that of our own upload the target alone. The
    /// piece is as long as ours, or as `OCI-Chunk-Min-Length` asks, up to 64 MiB.
    ///
    /// An answer without a readable `Location` is `LocationMissing`, which sends `send_blob`
    /// through the proxy where the page asked. A `Location` that must not have the bytes is
    /// `LocationRefused`.
    async fn begin(
        &self,
        blob: &Blob,
        algorithm: Algorithm,
        way: Option<Via>,
    ) -> Result<Option<Upload>, RegistryError> {
        let Blob {
            digest, from, to, ..
        } = blob;
        let uploads = self.origin(&to.host).uploads(&to.repository);
        let post = |url: String, scope: Scope| {
            let read = self.to_read(&to.host, url, scope, limits::ERROR_BYTES);
            Call {
                method: Method::Post,
                expected_status: 200..=204,
                ..read
            }
        };
        let mut begun = None;
        if let BlobSource::Repository(source) = from
            && source.is_beside(to)
        {
            let repository = source.repository.as_str();
            let url = [&uploads, "?mount=", digest.as_str(), "&from=", repository].concat();
            let ask = post(url, Scope::push(to.repository.as_str(), Some(repository)));
            match self.by_way(&ask, way).await {
                Ok((response, _)) if response.status == 201 => return Ok(None),
                Ok((response, via)) => begun = Some((ask, response, via)),
                // Whoever may not read the source here may be able to upload what was read
                // elsewhere.
                Err(
                    RegistryError::Forbidden(_)
                    | RegistryError::NotFound(_)
                    | RegistryError::UnexpectedStatus(_)
                    | RegistryError::TokenRefused { .. },
                ) => {}
                Err(error) => return Err(error),
            }
        }
        let (ask, response, via) = if let Some(begun) = begun {
            begun
        } else {
            let ask = post(uploads, to.push_scope());
            let (response, via) = self.by_way(&ask, way).await?;
            (ask, response, via)
        };
        let location = match ask.location(&response) {
            Some(location) => location?,
            None => {
                return Err(RegistryError::LocationMissing(
                    ask.evidence(&ask.url, via, &response, None),
                ));
            }
        };
        let least = response
            .header("oci-chunk-min-length")
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        let piece = (limits::PIECE_BYTES as u64)
            .max(least)
            .min(limits::LARGEST_PIECE_BYTES as u64);
        Ok(Some(Upload {
            location,
            via,
            held: 0,
            hasher: Box::new(Hasher::new(algorithm)),
            hashed: 0,
            piece,
        }))
    }

    /// Asks along the way that is given, or along the one that is set or may work; returns the
    /// answer with the way it took.
    async fn by_way(
        &self,
        ask: &Call<'_>,
        way: Option<Via>,
    ) -> Result<(Response, Via), RegistryError> {
        match way {
            Some(via) => Ok((self.send_via(ask, via).await?, via)),
            None => self.fetch(ask).await,
        }
    }

    /// The upload as the registry knows it; `None` where it is to be begun anew.
    ///
    /// Asks with GET how much the registry has (distribution-spec, end-13). An upload that it
    /// has forgotten, or of which it holds less than was hashed, is begun anew; a fault of the
    /// network keeps it for the next attempt.
    ///
    /// It may hold more than was hashed: of a PATCH that was cut, some bytes arrived. These
    /// are read from the source once more to be hashed, and are not sent again. It cannot be
    /// gone on with less, as the hash knows no way back, nor with more than the blob has. An
    /// answer whose `Range` cannot be read also begins anew.
    async fn still_held(
        &self,
        blob: &Blob,
        upload: Upload,
    ) -> Result<Option<Upload>, InterruptedUpload> {
        let ask = Call {
            expected_status: 200..=204,
            ..self.at_location(blob, &upload.location)
        };
        let response = match self.go_on(&ask, upload.via).await {
            Ok(response) => response,
            Err(error @ RegistryError::Transport { .. }) => {
                return Err(InterruptedUpload {
                    error: UploadError::Target(error),
                    upload: Some(upload),
                });
            }
            Err(_) => return Ok(None),
        };
        let held = held(&response).filter(|held| (upload.hashed..=blob.size).contains(held));
        let location = match ask.location(&response) {
            Some(location) => location.map_err(target)?,
            None => upload.location.clone(),
        };
        Ok(held.map(|held| Upload {
            location,
            held,
            ..upload
        }))
    }
}
