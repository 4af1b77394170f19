//! The requests that write a blob.

use super::{Blob, BlobSource, InterruptedUpload, Upload, UploadError, UploadOutcome};
use crate::digest::{Algorithm, Hasher};
use crate::limits;
use crate::registry::auth_policy;
use crate::registry::client::{Call, Client, refused_the_page};
use crate::registry::endpoints::Origin;
use crate::registry::error::{RegistryError, without_query};
use crate::registry::location::resolve;
use crate::registry::scope;
use crate::registry::settings::Access;
use crate::registry::transport::{Method, Response, Transport, Via};

fn cut(error: UploadError) -> InterruptedUpload {
    InterruptedUpload {
        error,
        upload: None,
    }
}

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

    fn proxy_may_write(&self, blob: &Blob, cut: &InterruptedUpload) -> bool {
        let access = self.settings(&blob.to.host).access;
        let hidden = |error: &RegistryError| match error {
            RegistryError::LocationMissing(answer) => answer.via == Via::Direct,
            error => refused_the_page(error, false),
        };
        access == Access::Automatic
            && matches!(&cut.error, UploadError::Target(error) if hidden(error))
    }

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
        let post = |url: String, scope: String| {
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
            let ask = post(url, scope::push(to.repository.as_str(), Some(repository)));
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
            let ask = post(uploads, to.need_to_push());
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

    /// Passes one piece on, or completes the upload (`None`).
    async fn next_piece(
        &self,
        blob: &Blob,
        upload: &Upload,
    ) -> Result<Option<Upload>, UploadError> {
        let length = (blob.size - upload.hashed).min(upload.piece);
        let bytes = match length {
            0 => Vec::new(),
            length => self.piece(blob, upload.hashed, length).await?,
        };
        let mut next = upload.clone();
        next.hasher.update(&bytes);
        next.hashed += length;
        if next.hashed == blob.size {
            let found = next.hasher.clone().finish();
            if found != blob.digest {
                return Err(UploadError::Digest { found });
            }
        }
        // What the registry has already of a piece that was cut is not sent again.
        let known =
            usize::try_from((upload.held - upload.hashed).min(length)).unwrap_or(usize::MAX);
        let rest = &bytes[known..];
        let is_last = next.hashed == blob.size;
        let at_once = is_last && upload.held == 0;
        if !rest.is_empty() && !at_once {
            next.held += rest.len() as u64;
            next.location = self.patch(blob, upload, rest, next.held).await?;
            if !is_last {
                return Ok(Some(next));
            }
        } else if !is_last {
            return Ok(Some(next));
        }
        self.complete(blob, &next, if at_once { rest } else { &[] })
            .await
            .map(|()| None)
    }

    /// Sends a piece; the answer is where the next one goes.
    async fn patch(
        &self,
        blob: &Blob,
        upload: &Upload,
        piece: &[u8],
        sent: u64,
    ) -> Result<String, UploadError> {
        let range = [&upload.held.to_string(), "-", &(sent - 1).to_string()].concat();
        let headers = vec![
            ("content-type", OCTETS.to_owned()),
            ("content-range", range),
        ];
        let to_location = self.at_location(blob, &upload.location);
        let ask = Call {
            method: Method::Patch,
            headers,
            body: piece,
            expected_status: 200..=204,
            ..to_location
        };
        let response = self
            .go_on(&ask, upload.via)
            .await
            .map_err(UploadError::Target)?;
        if let Some(held) = held(&response).filter(|held| *held != sent) {
            return Err(UploadError::Held { sent, held });
        }
        match ask.location(&response) {
            Some(location) => location.map_err(UploadError::Target),
            None => Ok(upload.location.clone()),
        }
    }

    /// Completes an upload, with all of its bytes where none was sent before.
    async fn complete(&self, blob: &Blob, upload: &Upload, body: &[u8]) -> Result<(), UploadError> {
        let separator = if upload.location.contains('?') {
            "&"
        } else {
            "?"
        };
        let url = [&upload.location, separator, "digest=", blob.digest.as_str()].concat();
        let headers = vec![("content-type", OCTETS.to_owned())];
        let ask = Call {
            method: Method::Put,
            headers,
            body,
            expected_status: 200..=204,
            ..self.at_location(blob, &url)
        };
        self.go_on(&ask, upload.via)
            .await
            .map(|_| ())
            .map_err(UploadError::Target)
    }

    fn at_location<'a>(&self, blob: &'a Blob, location: &str) -> Call<'a> {
        let read = self.to_read(
            &blob.to.host,
            location.to_owned(),
            blob.to.need_to_push(),
            limits::ERROR_BYTES,
        );
        Call {
            named: true,
            ..read
        }
    }

    /// Asks at the address of an upload, the way it was begun. Another origin sees no credential of the registry.
    async fn go_on(&self, ask: &Call<'_>, via: Via) -> Result<Response, RegistryError> {
        // Where the registry is may have been set anew since the address was named.
        ask.judge(&ask.url)?;
        if Origin::parse(&ask.url).as_ref() == Some(&ask.origin) {
            return self.send_via(ask, via).await;
        }
        let response = self.ask(ask, via, None, None).await?;
        if response.status == 401 {
            return Err(RegistryError::UnexpectedStatus(
                ask.evidence(&ask.url, via, &response, None),
            ));
        }
        ask.checked(via, response, None)
    }

    /// The bytes of a blob from `start` on, exactly `length` of them.
    async fn piece(&self, blob: &Blob, start: u64, length: u64) -> Result<Vec<u8>, UploadError> {
        let limit = usize::try_from(length).unwrap_or(usize::MAX);
        let source = match &blob.from {
            BlobSource::Bytes(bytes) => {
                let start = usize::try_from(start).unwrap_or(usize::MAX);
                return Ok(bytes.iter().skip(start).take(limit).copied().collect());
            }
            BlobSource::Repository(place) => place,
        };
        let url = self
            .origin(&source.host)
            .blob(&source.repository, &blob.digest);
        let mut ask = self.to_read(
            &source.host,
            url,
            scope::pull(source.repository.as_str()),
            limit,
        );
        let is_whole = start == 0 && length == blob.size;
        let last = start + length - 1;
        if !is_whole {
            ask.headers = vec![("range", format!("bytes={start}-{last}"))];
            ask.expected_status = 200..=206;
        }
        let (response, via) = self.fetch(&ask).await.map_err(UploadError::Source)?;
        let is_part = response.status == 206
            && response
                .header("content-range")
                .is_none_or(|range| range.starts_with(&format!("bytes {start}-{last}/")));
        if !is_whole && !is_part {
            // The body is no evidence: it is the blob.
            let answer = Response {
                body: Vec::new(),
                ..response
            };
            let evidence = ask.evidence(&ask.url, via, &answer, None);
            return Err(UploadError::Source(RegistryError::RangeIgnored(evidence)));
        }
        if response.over_limit || response.body.len() != limit {
            let found = Some(start + response.body.len() as u64).filter(|_| !response.over_limit);
            return Err(UploadError::Length {
                stated: blob.size,
                found,
            });
        }
        Ok(response.body)
    }
}

impl Call<'_> {
    /// Where the answer says that an upload goes on, where that may have its bytes.
    fn location(&self, response: &Response) -> Option<Result<String, RegistryError>> {
        let location = response.header("location")?;
        let resolved = resolve(&self.url, location);
        let shown = resolved.as_deref().unwrap_or(location);
        Some(self.judge(shown).map(|()| shown.to_owned()))
    }

    /// What holds for a token endpoint holds for an upload: a registry could name anything.
    fn judge(&self, location: &str) -> Result<(), RegistryError> {
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

const OCTETS: &str = "application/octet-stream";

/// How many bytes of an upload the answer says are there: `Range: 0-99` is 100.
fn held(response: &Response) -> Option<u64> {
    let range = response.header("range")?;
    let range = range.strip_prefix("bytes=").unwrap_or(range);
    range
        .strip_prefix("0-")?
        .parse::<u64>()
        .ok()?
        .checked_add(1)
}
