//! Registries in memory, as a transport: what they hold, what they were asked, and a connection that can be cut.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use waybill_core::digest::Digest;
use waybill_core::registry::transport::{Method, Request, Response, Transport, TransportError};

use crate::transport::{answer, line, with};

/// Where the connection is cut.
#[derive(Clone, Copy, PartialEq)]
pub enum InterruptedUpload {
    /// Before the registry gets the request of that number.
    Request(usize),
    /// Behind it: the registry does what it was asked and the answer is lost.
    Answer(usize),
}

#[derive(Default)]
struct Held {
    /// `HOST/REPOSITORY` and a tag or digest, to media type and bytes.
    manifests: BTreeMap<(String, String), (String, Vec<u8>)>,
    blobs: BTreeMap<(String, String), Vec<u8>>,
    uploads: BTreeMap<String, Vec<u8>>,
    /// Hosts that mount, those that keep referrers and say so, and those that keep them.
    mounting: BTreeSet<String>,
    referring: BTreeSet<String>,
    referring_silently: BTreeSet<String>,
}

/// Every registry there is, by host: what each holds, and what all were asked.
#[derive(Default)]
pub struct Registries {
    held: RefCell<Held>,
    /// Every request since [`Registries::asked`] took them, in the form of [`line()`].
    pub log: RefCell<Vec<String>>,
    /// The request at which the connection is cut.
    pub cut: Cell<Option<InterruptedUpload>>,
}

impl Registries {
    /// Makes a host mount blobs of its other repositories.
    pub fn mounting(&self, host: &str) {
        self.held.borrow_mut().mounting.insert(host.to_owned());
    }

    /// Makes a host keep referrers and say so (`OCI-Subject`).
    pub fn referring(&self, host: &str) {
        self.held.borrow_mut().referring.insert(host.to_owned());
    }

    /// Makes a host keep referrers without saying so at the push.
    pub fn referring_silently(&self, host: &str) {
        self.held
            .borrow_mut()
            .referring_silently
            .insert(host.to_owned());
    }

    /// Puts a manifest at a tag or digest of `HOST/REPOSITORY`, unchecked.
    pub fn put(&self, repository: &str, target: &str, media_type: &str, bytes: &[u8]) {
        let held = (media_type.to_owned(), bytes.to_vec());
        self.held
            .borrow_mut()
            .manifests
            .insert((repository.to_owned(), target.to_owned()), held);
    }

    /// Puts a blob into `HOST/REPOSITORY`; gives its digest.
    pub fn put_blob(&self, repository: &str, bytes: &[u8]) -> Digest {
        let digest = Digest::sha256(bytes);
        self.held
            .borrow_mut()
            .blobs
            .insert((repository.to_owned(), digest.to_string()), bytes.to_vec());
        digest
    }

    /// Puts other bytes under the digest of a blob.
    pub fn spoil(&self, repository: &str, digest: &Digest, bytes: &[u8]) {
        self.held
            .borrow_mut()
            .blobs
            .insert((repository.to_owned(), digest.to_string()), bytes.to_vec());
    }

    /// Gives the bytes of a manifest, by tag or digest.
    pub fn manifest(&self, repository: &str, target: &str) -> Option<Vec<u8>> {
        let held = self.held.borrow();
        held.manifests
            .get(&(repository.to_owned(), target.to_owned()))
            .map(|(_, bytes)| bytes.clone())
    }

    /// Counts the blobs of `HOST/REPOSITORY`.
    pub fn blobs(&self, repository: &str) -> usize {
        self.held
            .borrow()
            .blobs
            .keys()
            .filter(|(place, _)| place == repository)
            .count()
    }

    /// Gives what was asked since the last call.
    pub fn asked(&self) -> Vec<String> {
        self.log.take()
    }
}

/// Runs a future that waits for nothing else.
pub fn run_now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits for something else"),
    }
}

impl Transport for Registries {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let number = self.log.borrow().len();
        self.log.borrow_mut().push(line(&request));
        let broken = Err(TransportError::BrokenBody { received: 0 });
        if self.cut.get() == Some(InterruptedUpload::Request(number)) {
            return broken;
        }
        let mut response = self.held.borrow_mut().answer(&request);
        if self.cut.get() == Some(InterruptedUpload::Answer(number)) {
            return broken;
        }
        if request.method == Method::Head {
            response.body.clear();
        }
        response.over_limit = response.body.len() > request.limit;
        response.body.truncate(request.limit);
        Ok(response)
    }
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let header = request.headers.iter().find(|(key, _)| *key == name);
    header.map(|(_, value)| value.as_str())
}

fn missing(code: &str) -> Response {
    answer(404, format!(r#"{{"errors":[{{"code":"{code}"}}]}}"#))
}

impl Held {
    fn answer(&mut self, request: &Request) -> Response {
        let (_, rest) = request.url.split_once("://").expect("a scheme");
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, path) = path.split_once("/v2/").expect("the API");
        if let Some((repository, target)) = path.rsplit_once("/manifests/") {
            let place = format!("{host}/{repository}");
            return match request.method {
                Method::Put => self.put(
                    &place,
                    target,
                    header(request, "content-type").expect("a type"),
                    &request.body,
                ),
                _ => match self.manifests.get(&(place, target.to_owned())) {
                    Some((media_type, bytes)) => {
                        with(answer(200, bytes.clone()), "content-type", media_type)
                    }
                    None => missing("MANIFEST_UNKNOWN"),
                },
            };
        }
        if let Some((repository, upload)) = path.rsplit_once("/blobs/uploads/") {
            return self.upload((host, repository), upload, query, request);
        }
        if path.contains("/referrers/") {
            let index = with(
                answer(200, "{}"),
                "content-type",
                "application/vnd.oci.image.index.v1+json",
            );
            return if self.referring_silently.contains(host) {
                index
            } else {
                missing("NOT_FOUND")
            };
        }
        let (repository, digest) = path.rsplit_once("/blobs/").expect("a blob");
        let Some(bytes) = self
            .blobs
            .get(&(format!("{host}/{repository}"), digest.to_owned()))
        else {
            return missing("BLOB_UNKNOWN");
        };
        match header(request, "range")
            .and_then(|range| range.strip_prefix("bytes=")?.split_once('-'))
        {
            Some((start, end)) => {
                let range: (usize, usize) = (
                    start.parse().expect("a start"),
                    end.parse().expect("an end"),
                );
                let part = bytes[range.0..bytes.len().min(range.1 + 1)].to_vec();
                with(
                    answer(206, part),
                    "content-range",
                    &format!("bytes {start}-{end}/{}", bytes.len()),
                )
            }
            None => answer(200, bytes.clone()),
        }
    }

    /// Begins an upload (or mounts), takes a piece of one, or completes it.
    fn upload(
        &mut self,
        (host, repository): (&str, &str),
        upload: &str,
        query: &str,
        request: &Request,
    ) -> Response {
        let place = format!("{host}/{repository}");
        if request.method == Method::Post {
            let mount = parameter(query, "mount")
                .zip(parameter(query, "from"))
                .filter(|_| self.mounting.contains(host));
            let bytes = mount.and_then(|(digest, from)| {
                self.blobs
                    .get(&(format!("{host}/{from}"), digest.to_owned()))
                    .map(|bytes| (digest, bytes.clone()))
            });
            if let Some((digest, bytes)) = bytes {
                self.blobs.insert((place, digest.to_owned()), bytes);
                return answer(201, "");
            }
            let id = self.uploads.len().to_string();
            self.uploads.insert(id.clone(), Vec::new());
            return with(
                answer(202, ""),
                "location",
                &format!("/v2/{repository}/blobs/uploads/{id}?state=x"),
            );
        }
        let Some(bytes) = self.uploads.get_mut(upload) else {
            return missing("BLOB_UPLOAD_UNKNOWN");
        };
        if let Some(range) = header(request, "content-range") {
            let range = range.split_once('-').expect("a range");
            let end = (bytes.len() + request.body.len() - 1).to_string();
            if (range.0, range.1) != (bytes.len().to_string().as_str(), end.as_str()) {
                return answer(416, "");
            }
        }
        bytes.extend_from_slice(&request.body);
        let range = format!("0-{}", bytes.len().saturating_sub(1));
        match request.method {
            Method::Get => with(answer(204, ""), "range", &range),
            Method::Patch => with(answer(202, ""), "range", &range),
            _ => {
                let bytes = self.uploads.remove(upload).expect("it was here");
                let digest = parameter(query, "digest").expect("a digest").to_owned();
                assert_eq!(
                    Digest::sha256(&bytes).as_str(),
                    digest,
                    "wrong bytes are never completed"
                );
                self.blobs.insert((place, digest), bytes);
                answer(201, "")
            }
        }
    }

    fn put(&mut self, place: &str, target: &str, media_type: &str, bytes: &[u8]) -> Response {
        let body: serde_json::Value = serde_json::from_slice(bytes).expect("JSON");
        assert_eq!(body["mediaType"], media_type, "Content-Type is the body's");
        let has = |part: &serde_json::Value, manifest: bool| {
            let key = (
                place.to_owned(),
                part["digest"].as_str().expect("a digest").to_owned(),
            );
            if manifest {
                self.manifests.contains_key(&key)
            } else {
                self.blobs.contains_key(&key)
            }
        };
        let none = Vec::new();
        let parts = |name: &str| body[name].as_array().unwrap_or(&none);
        let blobs = parts("layers").iter().chain(body.get("config"));
        let is_referrers = target.starts_with("sha256-");
        let whole = parts("manifests").iter().all(|part| has(part, true))
            && blobs.clone().all(|part| has(part, false));
        if !whole && !is_referrers {
            return answer(
                400,
                r#"{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown","detail":{"x":1}}]}"#,
            );
        }
        let held = (media_type.to_owned(), bytes.to_vec());
        for target in [target.to_owned(), Digest::sha256(bytes).to_string()] {
            self.manifests
                .insert((place.to_owned(), target), held.clone());
        }
        let host = place.split('/').next().unwrap_or_default();
        match body["subject"]["digest"]
            .as_str()
            .filter(|_| self.referring.contains(host))
        {
            Some(subject) => with(answer(201, ""), "oci-subject", subject),
            None => answer(201, ""),
        }
    }
}
