//! What an archive answers with when it is asked as a registry is.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::pin::Pin;
use std::rc::Rc;

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use waybill_blobs::archive::Place;
use waybill_blobs::archive::message::{Bytes, Failure, ToldContent};
use waybill_core::digest::Digest;
use waybill_core::reference::ARCHIVE_HOST;
use waybill_core::registry::transport::{Method, Request, Response};
use web_sys::{Blob, Url};

use super::{Archives, Held, size, unpack};
use crate::browser::opened;

/// Said of what must not be pushed from here.
const NOT_TO_PUSH: u16 = 403;
/// Said where the archive holds nothing of that digest.
pub(in crate::browser) const NOT_HERE: u16 = 404;
/// Said where the file cannot be read any more.
const GONE: u16 = 503;
/// Said where there is no room to unpack a layer.
const NO_ROOM: u16 = 507;

/// What one archive answers with.
pub(super) struct Served {
    /// Its name in addresses.
    name: String,
    /// By digest, in their order.
    pub(super) contents: Rc<[ToldContent]>,
    /// Layers that were unpacked, or are being.
    unpacked: RefCell<BTreeMap<Place, Promise>>,
}

impl Served {
    pub(super) fn new(name: String, contents: Rc<[ToldContent]>) -> Self {
        Self {
            name,
            contents,
            unpacked: RefCell::default(),
        }
    }

    fn find(&self, digest: &Digest) -> Option<&ToldContent> {
        let key = |content: &ToldContent| content.digest.as_str().cmp(digest.as_str());
        let place = self.contents.binary_search_by(key).ok()?;
        self.contents.get(place)
    }
}

impl opened::Archives for Archives {
    fn answer(&self, request: Request, to_push: bool) -> Pin<Box<dyn Future<Output = Response>>> {
        let archives = self.clone();
        Box::pin(async move {
            let answer = archives.respond(&request, to_push).await;
            answer.unwrap_or_else(failed)
        })
    }

    fn address(
        &self,
        request: &Request,
    ) -> Pin<Box<dyn Future<Output = Result<String, Response>>>> {
        let (archives, url) = (self.clone(), request.url.clone());
        Box::pin(async move {
            let (blob, _) = archives.blob(&url, false).await.map_err(failed)?;
            address_of(&blob).await
        })
    }

    fn release(&self, address: &str) {
        let _ = Url::revoke_object_url(address);
    }
}

impl Archives {
    /// The content that an address of the registry API names, and its media type; else the status that says why not.
    async fn blob(&self, url: &str, to_push: bool) -> Result<(Blob, Option<String>), u16> {
        let (held, content) = self.find(url).ok_or(NOT_HERE)?;
        if to_push && !content.may_be_pushed {
            return Err(NOT_TO_PUSH);
        }
        let blob = match &content.bytes {
            Bytes::At(place) => held.slice(*place),
            Bytes::Made(bytes) => {
                let parts = Array::of1(&Uint8Array::from(&bytes[..]));
                Blob::new_with_u8_array_sequence(&parts).ok()
            }
            Bytes::Packed(place) => Some(held.unpacked(*place).await?),
        };
        Ok((blob.ok_or(GONE)?, content.media_type))
    }

    fn find(&self, url: &str) -> Option<(Rc<Held>, ToldContent)> {
        let path = url.strip_prefix("https://")?.strip_prefix(ARCHIVE_HOST)?;
        let path = path.strip_prefix("/v2/")?;
        let (repository, digest) = path
            .rsplit_once("/manifests/")
            .or_else(|| path.rsplit_once("/blobs/"))?;
        let name = repository.strip_suffix("/made").unwrap_or(repository);
        let digest: Digest = digest.parse().ok()?;
        let all = self.0.borrow();
        all.values().find_map(|held| {
            let served = held.served.borrow();
            let served = served.as_ref().filter(|served| served.name == name)?;
            Some((Rc::clone(held), served.find(&digest)?.clone()))
        })
    }

    async fn respond(&self, request: &Request, to_push: bool) -> Result<Response, u16> {
        let (blob, media_type) = self.blob(&request.url, to_push).await?;
        answer_with(&blob, media_type, request).await
    }
}

/// Answers a request with a content, or the part of it that is asked for; else the status that says why not.
pub(in crate::browser) async fn answer_with(
    blob: &Blob,
    media_type: Option<String>,
    request: &Request,
) -> Result<Response, u16> {
    if !request.method.reads() {
        return Err(405);
    }
    let length = size(blob);
    let mut headers = vec![("content-length".to_owned(), length.to_string())];
    headers.extend(media_type.map(|it| ("content-type".to_owned(), it)));
    let mut response = Response {
        status: 200,
        headers,
        body: Vec::new(),
        over_limit: false,
    };
    let mut range = 0..length;
    let asked = request.headers.iter().find(|(name, _)| *name == "range");
    if let Some(asked) = asked.and_then(|(_, asked)| read_range(asked, length)) {
        range = asked;
        let told = format!("bytes {}-{}/{length}", range.start, range.end - 1);
        response.status = 206;
        response.headers.push(("content-range".to_owned(), told));
    }
    if request.method == Method::Head {
        return Ok(response);
    }
    let limit = request.limit as u64;
    response.over_limit = range.end - range.start > limit;
    range.end = range.end.min(range.start.saturating_add(limit));
    response.body = bytes(blob, range).await?;
    Ok(response)
}

/// Gives the address of a content as the browser has it; else the answer that says why there is none.
pub(in crate::browser) async fn address_of(blob: &Blob) -> Result<String, Response> {
    // A worker hears of a file that is gone only that the network failed.
    bytes(blob, 0..size(blob).min(1)).await.map_err(failed)?;
    Url::create_object_url_with_blob(blob).map_err(|_| failed(GONE))
}

impl Held {
    #[allow(clippy::cast_precision_loss, reason = "no file has 2^53 bytes")]
    fn slice(&self, place: Place) -> Option<Blob> {
        let files = self.files.borrow();
        let (from, to) = (place.offset as f64, place.end() as f64);
        files.get(place.file)?.slice_with_f64_and_f64(from, to).ok()
    }

    /// What a layer unpacks to, which is found once.
    async fn unpacked(self: &Rc<Self>, place: Place) -> Result<Blob, u16> {
        let known = |served: &Served| served.unpacked.borrow().get(&place).cloned();
        let known = self.served.borrow().as_ref().and_then(known);
        let promise = if let Some(promise) = known {
            promise
        } else {
            let packed = self.slice(place).ok_or(GONE)?;
            let held = Rc::clone(self);
            let promise = future_to_promise(async move {
                match unpack(packed, &held).await {
                    Ok(blob) => Ok(blob.into()),
                    Err(Failure::NoRoom { .. }) => Err(JsValue::from(NO_ROOM)),
                    Err(Failure::Changed | Failure::Other(_)) => Err(JsValue::from(GONE)),
                }
            });
            if let Some(served) = &*self.served.borrow() {
                let mut unpacked = served.unpacked.borrow_mut();
                unpacked.insert(place, promise.clone());
            }
            promise
        };
        match JsFuture::from(promise).await {
            Ok(blob) => Ok(blob.unchecked_into()),
            Err(status) => {
                // Whoever asks again may find more room.
                if let Some(served) = &*self.served.borrow() {
                    served.unpacked.borrow_mut().remove(&place);
                }
                let is_room = status.as_f64() == Some(f64::from(NO_ROOM));
                Err(if is_room { NO_ROOM } else { GONE })
            }
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "no file has 2^53 bytes")]
async fn bytes(blob: &Blob, range: Range<u64>) -> Result<Vec<u8>, u16> {
    let part = blob.slice_with_f64_and_f64(range.start as f64, range.end as f64);
    let part = part.map_err(|_| GONE)?;
    let read = JsFuture::from(part.array_buffer())
        .await
        .map_err(|_| GONE)?;
    Ok(Uint8Array::new(&read).to_vec())
}

/// The bytes that `bytes=1-5` or `bytes=1-` names, of so many.
fn read_range(text: &str, length: u64) -> Option<Range<u64>> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let first: u64 = first.parse().ok()?;
    let end = match last {
        "" => length,
        last => last.parse::<u64>().ok()?.checked_add(1)?.min(length),
    };
    (first < end).then_some(first..end)
}

/// An answer that has a status and nothing else.
pub(in crate::browser) fn failed(status: u16) -> Response {
    Response {
        status,
        headers: Vec::new(),
        body: Vec::new(),
        over_limit: false,
    }
}
