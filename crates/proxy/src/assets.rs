//! The built page: its files in memory, each with its compressed forms.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use waybill_core::digest::Digest;
use waybill_core::registry::relay_path::PROXY_TIMING;

use crate::body::response::{ResponseBody, text_response};
use crate::http_cache::{IMMUTABLE, has_etag};

// `BUILT_IN`: name and bytes of each file of the folder that WAYBILL_PAGE named at build time.
include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// The compressed forms that are looked for beside each file: suffix and content coding, the best first.
const CODINGS: [(&str, &str); 2] = [("br", "br"), ("gz", "gzip")];

/// The files of the page by path, read once: what is not among them does not exist, whatever a request spells.
#[derive(Debug)]
pub(crate) struct Assets {
    files: BTreeMap<String, Asset>,
}

#[derive(Debug)]
struct Asset {
    content_type: &'static str,
    cache_control: &'static str,
    plain: Representation,
    /// Compressed forms by content coding, the best first.
    compressed: Vec<(&'static str, Representation)>,
}

#[derive(Debug)]
struct Representation {
    bytes: Bytes,
    etag: HeaderValue,
}

impl Representation {
    #[allow(clippy::expect_used, reason = "a digest in quotes is printable ASCII")]
    fn new(bytes: Bytes) -> Self {
        let etag = format!("\"{}\"", Digest::sha256(&bytes).short());
        Self {
            etag: HeaderValue::from_str(&etag).expect("a digest is hex"),
            bytes,
        }
    }
}

impl Assets {
    /// Reads the folder of the built page into memory. Links and names that begin with a dot are left out.
    pub(crate) fn read(dist: &Path) -> Result<Self, AssetsError> {
        let mut bytes = BTreeMap::new();
        read_folder(dist, "", &mut bytes)?;
        if !bytes.contains_key("index.html") {
            return Err(AssetsError::NoIndex {
                dist: dist.to_owned(),
            });
        }
        Ok(Self::new(bytes))
    }

    /// Takes the page that was built into the program; where there is none, reads the one in `dist` in the current
    /// folder.
    pub(crate) fn built_in() -> Result<Self, AssetsError> {
        if BUILT_IN.is_empty() {
            return Self::read(Path::new("dist"));
        }
        let file =
            |(name, bytes): &(&str, &'static [u8])| ((*name).to_owned(), Bytes::from_static(bytes));
        Ok(Self::new(BUILT_IN.iter().map(file).collect()))
    }

    fn new(mut bytes: BTreeMap<String, Bytes>) -> Self {
        let is_form = |name: &str| {
            let base = CODINGS
                .iter()
                .find_map(|(suffix, _)| name.strip_suffix(suffix)?.strip_suffix('.'));
            base.is_some_and(|base| bytes.contains_key(base))
        };
        let names: Vec<String> = bytes
            .keys()
            .filter(|name| !is_form(name))
            .cloned()
            .collect();
        let mut files = BTreeMap::new();
        for name in names {
            let form = |(suffix, coding)| {
                Some((
                    coding,
                    Representation::new(bytes.remove(&format!("{name}.{suffix}"))?),
                ))
            };
            let compressed = CODINGS.into_iter().filter_map(form).collect();
            let Some(plain) = bytes.remove(&name) else {
                continue;
            };
            let cache_control = if is_named_by_hash(&name, &plain) {
                IMMUTABLE
            } else {
                "no-cache"
            };
            let content_type = content_type(&name);
            files.insert(
                format!("/{name}"),
                Asset {
                    content_type,
                    cache_control,
                    plain: Representation::new(plain),
                    compressed,
                },
            );
        }
        Self { files }
    }

    /// Answers a request for a file of the page; `/` is `index.html`. There is no other fallback.
    #[must_use]
    pub(crate) fn answer(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Response<ResponseBody> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            let mut response = text_response(
                StatusCode::METHOD_NOT_ALLOWED,
                "Only GET and HEAD are answered here.\n",
            );
            response
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let path = if path == "/" { "/index.html" } else { path };
        let Some(file) = self.files.get(path) else {
            return text_response(
                StatusCode::NOT_FOUND,
                "There is no such file here. The page is at /\n",
            );
        };
        let coded = file
            .compressed
            .iter()
            .find(|(coding, _)| accepts(headers, coding));
        let form = coded.map_or(&file.plain, |(_, form)| form);
        let mut response = Response::new(ResponseBody::empty());
        let answer = response.headers_mut();
        answer.insert(ETAG, form.etag.clone());
        answer.insert(CACHE_CONTROL, HeaderValue::from_static(file.cache_control));
        if path == "/index.html" {
            let timing = HeaderValue::from_static(PROXY_TIMING);
            answer.insert(HeaderName::from_static("server-timing"), timing);
        }
        if !file.compressed.is_empty() {
            answer.insert(VARY, HeaderValue::from_static("accept-encoding"));
        }
        let is_any = headers.get(IF_NONE_MATCH).is_some_and(|value| value == "*");
        if is_any || has_etag(headers, &IF_NONE_MATCH, &form.etag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        answer.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type));
        answer.insert(CONTENT_LENGTH, HeaderValue::from(form.bytes.len()));
        if let Some((coding, _)) = coded {
            answer.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        if method == Method::GET {
            *response.body_mut() = ResponseBody::Whole(form.bytes.clone());
        }
        response
    }
}

fn read_folder(
    folder: &Path,
    prefix: &str,
    bytes: &mut BTreeMap<String, Bytes>,
) -> Result<(), AssetsError> {
    let fail = |path: &Path| {
        let path = path.to_owned();
        move |cause| AssetsError::Unreadable { path, cause }
    };
    for entry in std::fs::read_dir(folder).map_err(fail(folder))? {
        let entry = entry.map_err(fail(folder))?;
        let kind = entry.file_type().map_err(fail(&entry.path()))?;
        let Some(name) = entry
            .file_name()
            .to_str()
            .filter(|name| !name.starts_with('.'))
            .map(str::to_owned)
        else {
            continue;
        };
        if kind.is_dir() {
            read_folder(&entry.path(), &format!("{prefix}{name}/"), bytes)?;
        } else if kind.is_file() {
            let content = std::fs::read(entry.path()).map_err(fail(&entry.path()))?;
            bytes.insert(format!("{prefix}{name}"), content.into());
        }
    }
    Ok(())
}

/// How many hex digits of its SHA-256 stand in the name of a file of the page: `scripts/bundle/names.mjs` puts them
/// there.
const HASH_DIGITS: usize = 16;

/// Tells whether the name holds the beginning of the content's SHA-256: `waybill-3f2a9c0d1e5b7a64_bg.wasm`. Digits that
/// only look like it, such as those of a file that was changed later, say nothing.
fn is_named_by_hash(name: &str, content: &[u8]) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let mut parts = file
        .split(['-', '.', '_'])
        .skip(1)
        .filter(|part| part.len() == HASH_DIGITS);
    let digest = Digest::sha256(content);
    parts.any(|part| digest.encoded().starts_with(part))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Tells whether `Accept-Encoding` names the coding, or `*`, with a quality above zero.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let quality = |wanted: &str| {
        let values = headers
            .get_all(ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).find_map(|item| {
            let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
            let is_refused = parameters
                .trim()
                .strip_prefix("q=")
                .is_some_and(|q| q.parse() == Ok(0.0_f32));
            name.trim()
                .eq_ignore_ascii_case(wanted)
                .then_some(!is_refused)
        })
    };
    quality(coding).or_else(|| quality("*")).unwrap_or(false)
}

/// Why there is no page to serve.
#[derive(Debug)]
pub enum AssetsError {
    /// There is no `index.html` in the folder.
    NoIndex {
        /// The folder that was named, or `dist`.
        dist: PathBuf,
    },
    /// A file or folder could not be read.
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
}

impl fmt::Display for AssetsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoIndex { dist } => write!(
                f,
                "there is no index.html in {}; build the page with `scripts/serve`, or name its folder with --dist",
                dist.display()
            ),
            Self::Unreadable { path, cause } => write!(
                f,
                "{} cannot be read: {cause}; build the page with `scripts/serve`, or name its folder with --dist",
                path.display()
            ),
        }
    }
}

impl std::error::Error for AssetsError {}
