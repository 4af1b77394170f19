//! The pieces of an upload: each is read from its source and written, and the last completes
//! it.
//!
//! `attempt` in `send.rs` calls `next_piece` until there is none. Each call hashes the next
//! bytes (`piece`), and writes those that the registry does not have (`patch`, `complete`);
//! while they are written, those behind them are read. Of a blob in a repository at most two
//! pieces are in memory, with the copy of the one that is being sent.
//!
//! Two counts move through it. `hashed` is how far the source was read, `held` is how much the
//! registry has. They are equal unless an upload is resumed of which the registry had got a
//! part of a piece; then `held` is ahead until `hashed` has caught up.

use futures_util::future::try_join;

use crate::limits;
use crate::registry::client::{Call, Client};
use crate::registry::endpoints::Origin;
use crate::registry::error::RegistryError;
use crate::registry::scope::Scope;
use crate::registry::transport::{Method, Response, Transport, Via};

use super::location::held;
use super::{Blob, BlobSource, Upload, UploadError};

/// The media type of the body of every piece (distribution-spec, "Pushing a blob in chunks").
const OCTETS: &str = "application/octet-stream";

/// A piece that was read while the one before it was written; `None` where none was.
pub(super) type ReadAhead = Option<Result<Vec<u8>, UploadError>>;

impl<T: Transport> Client<T> {
    /// Passes one piece on, or completes the upload (`None`).
    ///
    /// A blob of one piece is written by one PUT, a longer one by PATCH and an empty PUT at
    /// its end. The pieces are hashed as they are read, and the last is sent only if all of
    /// them have the digest: a source that lies leaves no blob behind.
    ///
    /// `upload` is left as it is: the result is a new one, so that after an `Err` the caller
    /// still holds the state before this piece. Where the registry has all of a piece already,
    /// the piece is hashed and no request is sent. `ahead` is the piece as the call before gave
    /// it: what was wrong in reading it is told now. Where a write fails, the read beside it is
    /// given up, and the piece is kept for whoever goes on.
    pub(super) async fn next_piece(
        &self,
        blob: &Blob,
        upload: &Upload,
        ahead: ReadAhead,
    ) -> Result<Option<(Upload, ReadAhead)>, UploadError> {
        let length = (blob.size - upload.hashed).min(upload.piece);
        let bytes = match (ahead, length) {
            (Some(read), _) => read?,
            (None, 0) => Vec::new(),
            (None, length) => match self.cut.take(blob, upload.hashed, length) {
                Some(bytes) => bytes,
                None => self.piece(blob, upload.hashed, length).await?,
            },
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
        // Nothing is there yet and nothing follows: the PUT carries the bytes itself.
        let at_once = is_last && upload.held == 0;
        if !rest.is_empty() && !at_once {
            next.held += rest.len() as u64;
            let following = (blob.size - next.hashed).min(next.piece);
            let ahead = async {
                Ok(match following {
                    0 => None,
                    length => Some(self.piece(blob, next.hashed, length).await),
                })
            };
            let written = try_join(self.patch(blob, upload, rest, next.held), ahead).await;
            let (location, ahead) = match written {
                Ok(written) => written,
                Err(error) => {
                    self.cut.keep(blob, upload.hashed, bytes);
                    return Err(error);
                }
            };
            next.location = location;
            if !is_last {
                return Ok(Some((next, ahead)));
            }
        } else if !is_last {
            return Ok(Some((next, None)));
        }
        self.complete(blob, &next, if at_once { rest } else { &[] })
            .await
            .map(|()| None)
    }

    /// Sends a piece; the answer is where the next one goes.
    ///
    /// `sent` is how many bytes the registry has to have afterwards. `Content-Range` is
    /// inclusive and has no unit (distribution-spec, end-5): 8 MiB behind 8 MiB are
    /// `8388608-16777215`. A registry that says that it holds another length than was sent has
    /// lost something: the upload fails with both numbers. One that says nothing of it is
    /// believed, as its `Range` may be hidden from the page. Without `Location` in the answer
    /// the next piece goes to the same address.
    pub(super) async fn patch(
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
    ///
    /// The digest goes into the query of the upload's address, which may have one already
    /// (distribution-spec, end-6). Every status from 200 to 204 is taken, as for every other
    /// request that writes. What the registry says of the digest in its answer is not read:
    /// the bytes were hashed here.
    pub(super) async fn complete(
        &self,
        blob: &Blob,
        upload: &Upload,
        body: &[u8],
    ) -> Result<(), UploadError> {
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

    /// A call to the address that the registry named for an upload, with the scope that
    /// pushing needs.
    ///
    /// It is a GET until its members are changed. `named` marks that the address is not of our
    /// making: evidence and faults then search it for secrets.
    pub(super) fn at_location<'a>(&self, blob: &'a Blob, location: &str) -> Call<'a> {
        let read = self.to_read(
            &blob.to.host,
            location.to_owned(),
            blob.to.push_scope(),
            limits::ERROR_BYTES,
        );
        Call {
            named: true,
            ..read
        }
    }

    /// Asks at the address of an upload, the way it was begun. Another origin sees no
    /// credential of the registry.
    ///
    /// A 401 from another origin is no challenge that is answered: a storage service asks for
    /// nothing of ours. It becomes `UnexpectedStatus` and not `CredentialsNeeded`: credentials
    /// would not be sent there.
    pub(super) async fn go_on(&self, ask: &Call<'_>, via: Via) -> Result<Response, RegistryError> {
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

    /// The bytes of a blob from `start` on, exactly `length` of them; `length` is at least 1.
    ///
    /// One request with `Range`, or without where the piece is the whole blob. A source that
    /// ignores `Range` and sends everything is an error, since each piece would cost the
    /// whole; so is any other length than asked for.
    ///
    /// 206 alone is believed where `Content-Range` is absent, as a browser may hide it; where
    /// it can be read, it has to name the bytes that were asked for. The request goes as reads
    /// go, with the way, credentials and memory of the source's registry.
    pub(super) async fn piece(
        &self,
        blob: &Blob,
        start: u64,
        length: u64,
    ) -> Result<Vec<u8>, UploadError> {
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
            Scope::pull(source.repository.as_str()),
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
