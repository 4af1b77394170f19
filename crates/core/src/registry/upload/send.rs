//! The requests that write a blob.

use super::location::held;
use super::{Blob, BlobSource, InterruptedUpload, Upload, UploadError, UploadOutcome};
use crate::digest::{Algorithm, Hasher};
use crate::limits;
use crate::registry::client::{Call, Client, refused_the_page};
use crate::registry::error::RegistryError;
use crate::registry::scope::Scope;
use crate::registry::settings::Access;
use crate::registry::transport::{Method, Response, Transport, Via};

/// An upload that ended before anything was at the registry.
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
    /// Writes a blob. `upload` is what an earlier attempt left; `progress` is told how many bytes the registry has.
    ///
    /// Bytes are read from the source by pieces of [`PIECE_BYTES`](limits::PIECE_BYTES), hashed, and passed on; the
    /// upload is completed only if they have the digest. Credentials of the two registries never meet, and go along
    /// with an upload only on the registry's own scheme, host and port.
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
        // The page may begin an upload (a simple POST), and not go on with it (PATCH and PUT ask the registry first).
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
                    self.memory(&blob.to.host).borrow_mut().through_proxy = true;
                }
                result
            }
        }
    }

    /// Whether the proxy may do what the page could not: where the way is left to us, and the fault is one that a
    /// browser makes (a hidden `Location`, a refused request).
    fn proxy_may_write(&self, blob: &Blob, cut: &InterruptedUpload) -> bool {
        let access = self.settings(&blob.to.host).access;
        let hidden = |error: &RegistryError| match error {
            RegistryError::LocationMissing(answer) => answer.via == Via::Direct,
            error => refused_the_page(error, false),
        };
        access == Access::Automatic
            && matches!(&cut.error, UploadError::Target(error) if hidden(error))
    }

    /// Writes a blob along one way. What an earlier attempt left is gone on with, if the registry still has it.
    /// After a fault of source or target, what was written so far is given back, to go on from.
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
        loop {
            match self.next_piece(blob, &upload).await {
                Ok(Some(next)) => upload = next,
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
    /// A blob of the same registry is asked to be mounted (distribution-spec, end-11): 201 means that it is there,
    /// 202 that an upload was begun instead, and a refusal falls back to an upload of our own. The piece is as
    /// long as ours, or as `OCI-Chunk-Min-Length` asks, up to 64 MiB.
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
                // Whoever may not read the source here may be able to upload what was read elsewhere.
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

    /// Asks along the way that is given, or along the one that is set or may work.
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
    /// Asks with GET how much the registry has (distribution-spec, end-13). An upload that it has forgotten, or of
    /// which it holds less than was hashed, is begun anew; a fault of the network keeps it for the next attempt.
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
