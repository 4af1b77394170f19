//! Reads a reference that may have a transport, be an address of a registry, or be the address
//! of an image's page.
//!
//! Three kinds of text come here, told apart by their scheme and host: `docker://name` and its
//! like, `https://host/v2/…` of the registry API, and `https://hub.docker.com/r/…` or another
//! page in [`page`]. Nothing is fetched: an address is only text.
//!
//! The order of the steps, of which each may answer:
//!
//! 1. The scheme is taken off. An unknown one, and a transport of skopeo that names something
//!    on the machine, is an error.
//! 2. The page of an image on a known site: the image that it shows.
//! 3. `/v2/` right behind a host: what the registry API is asked for.
//! 4. All else is a reference. With `https://` or `http://` its first part is a host whatever
//!    it looks like; otherwise the grammar of references tells.
//!
//! | text | reference |
//! | --- | --- |
//! | `docker://nginx` | `docker.io/library/nginx` |
//! | `https://registry/x:1` | `registry:443/x:1` |
//! | `https://ghcr.io/v2/o/r/tags/list?n=10` | `ghcr.io/o/r` |
//! | `hub.docker.com/r/grafana/loki` | `docker.io/grafana/loki` |

mod assembled;
mod page;

use assembled::Assembled;
use page::{PAGES, SITES};

use super::{InputError, Note, Piece, ReferenceInput};
use crate::reference::{Reference, ReferenceError, RegistryHost, names_host};

/// Images on the person's own machine, by skopeo's names, and regctl's for a layout.
///
/// They name archives, folders and daemons, which a browser cannot reach, so they are an error and
/// not a guess. Docker Hub has a repository `dir`, but nobody writes `dir:NAME` for it.
const LOCAL: &[&str] = &[
    "docker-daemon",
    "docker-archive",
    "oci-archive",
    "oci",
    "ocidir",
    "dir",
    "containers-storage",
    "ostree",
    "sif",
    "tarball",
    "file",
];

/// Reads the text that names the image and nothing else.
///
/// Each step that changes the text leaves a note in `notes`, behind those that are there. What
/// is left is read by the grammar of references, with errors at their place in the text as it
/// was typed.
///
/// A page, an address of the API and an address of a registry lose their `?` or `#` and what
/// follows; in a reference they are an error of its grammar. A slash at the end is taken off
/// too, but not the one behind a host alone: of `https://registry.example/` the missing
/// repository is what is wrong.
///
/// [`ReferenceInput::plain_http`] is set by `http://` in front of a registry; the page of an
/// image says nothing of how its registry is reached.
pub(super) fn read(piece: Piece<'_>, mut notes: Vec<Note>) -> Result<ReferenceInput, InputError> {
    let mut rest = piece;
    let mut is_address = false;
    let mut plain_http = false;
    if let (scheme, Some(after)) = piece.cut("://") {
        let is = |name: &str| scheme.text.eq_ignore_ascii_case(name);
        if let Some(scheme) = ["docker", "oci", "docker-image", "docker-pullable"]
            .into_iter()
            .find(|name| is(name))
        {
            notes.push(Note::Transport { scheme });
        } else if is("https") || is("http") {
            is_address = true;
            plain_http = is("http");
        } else if LOCAL.iter().any(|name| is(name)) {
            return Err(InputError::Local {
                position: piece.start,
            });
        } else {
            return Err(InputError::Scheme {
                position: piece.start,
            });
        }
        rest = after;
    } else if let (transport, Some(place)) = piece.cut(":")
        && !place.text.is_empty()
        && LOCAL.contains(&transport.text)
    {
        return Err(InputError::Local {
            position: piece.start,
        });
    }
    let (path, query) = match rest.text.find(['?', '#']) {
        Some(at) => (rest.first(at), rest.skip(at)),
        None => (rest, rest.skip(rest.text.len())),
    };
    if let Some(reference) = read_page(path, query, is_address, &mut notes)? {
        // The page's http says nothing of the registry.
        return Ok(ReferenceInput {
            reference,
            plain_http: false,
            notes,
        });
    }
    if is_address {
        notes.push(if plain_http {
            Note::PlainHttp
        } else {
            Note::Https
        });
    }
    let (host, api) = path.cut("/v2/");
    if let Some(api) = api
        && (is_address || host.text.contains(['.', ':']) || host.text == "localhost")
        && !host.text.contains('/')
        && let Some(reference) = read_api(host, api, plain_http, &mut notes)?
    {
        return Ok(ReferenceInput {
            reference,
            plain_http,
            notes,
        });
    }
    let mut name = rest;
    if is_address {
        name = path;
        if !query.text.is_empty() {
            notes.push(Note::Query);
        }
    }
    let without_slash = name.first(name.text.trim_end_matches('/').len());
    if without_slash.text.contains('/') || (!is_address && !without_slash.text.is_empty()) {
        if without_slash.text.len() < name.text.len() {
            notes.push(Note::TrailingSlash);
        }
        name = without_slash;
    }
    let reference = if is_address {
        // A host stands here, whatever it looks like.
        let (host, path) = name.cut("/");
        let path = path.unwrap_or(name.skip(name.text.len()));
        Reference::on(read_host(host, plain_http, &mut notes)?, path.text)
            .map_err(|error| moved(error, path))?
    } else {
        name.text.parse().map_err(|error| moved(error, name))?
    };
    Ok(ReferenceInput {
        reference,
        plain_http,
        notes,
    })
}

/// Moves an error in a piece to its place in the whole text: `error` counts from the piece's
/// start.
fn moved(error: ReferenceError, piece: Piece<'_>) -> InputError {
    let position = piece.start + error.position();
    InputError::Reference(error.placed(position))
}

/// Reads the host of an address.
///
/// A single word such as `registry` is a host in an address and a repository in a reference,
/// so it gets the port of its scheme (443, or 80 for http), which makes it a host there too,
/// and a [`Note::Port`]. The API's host of Docker Hub, `registry-1.docker.io`, is called
/// `docker.io` in references.
///
/// A user or password in front of the host is an error of the host's grammar, at its `:` or
/// `@`, so it never becomes part of a reference.
fn read_host(
    piece: Piece<'_>,
    plain_http: bool,
    notes: &mut Vec<Note>,
) -> Result<RegistryHost, InputError> {
    // The API's name for Docker Hub; references call it docker.io.
    let is_hub = piece.text == RegistryHost::docker_hub().api_authority();
    let host = if is_hub {
        Ok(RegistryHost::docker_hub())
    } else {
        piece.text.parse::<RegistryHost>()
    };
    let host = host.map_err(|error| moved(error, piece))?;
    if names_host(host.as_str()) {
        return Ok(host);
    }
    notes.push(Note::Port);
    [host.as_str(), if plain_http { ":80" } else { ":443" }]
        .concat()
        .parse()
        .map_err(|error| moved(error, piece))
}

/// Reads what follows `/v2/`: `name/manifests/reference`, `name/tags/list` or
/// `name/referrers/digest`. Other texts may still be names of repositories: then it is `None`.
///
/// An address of a list of tags gives the repository, and one of referrers the manifest that
/// they refer to. A blob, the catalog and `/v2/` itself name no manifest, which is an error at
/// the host.
///
/// ```text
/// o/r/manifests/1.0          -> o/r:1.0
/// o/r/manifests/sha256:…     -> o/r@sha256:…
/// o/r/referrers/sha256:…     -> o/r@sha256:…
/// o/r/tags/list              -> o/r
/// tools                      -> None
/// ```
///
/// Source: distribution-spec, "Endpoints".
fn read_api(
    host: Piece<'_>,
    path: Piece<'_>,
    plain_http: bool,
    notes: &mut Vec<Note>,
) -> Result<Option<Reference>, InputError> {
    // Of the tag in name/manifests/tag/ the slash is none.
    let shorter = path.first(path.text.trim_end_matches('/').len());
    let kind = shorter.text.rsplit('/').nth(1).unwrap_or_default();
    let path = match kind {
        "manifests" | "referrers" | "tags" | "blobs" => shorter,
        _ => path,
    };
    let parts: Vec<Piece<'_>> = path.split('/').collect();
    let no_manifest = InputError::Api {
        position: host.start,
    };
    if matches!(path.text, "" | "_catalog") {
        return Err(no_manifest);
    }
    let [.., before, kind, target] = parts[..] else {
        return Ok(None);
    };
    let mut name = Assembled::default();
    name.push(path.first(before.end() - path.start));
    match (kind.text, target.text) {
        ("blobs", _) => return Err(no_manifest),
        ("tags", "list") => {}
        ("manifests" | "referrers", target_text) => {
            name.push_fixed(
                if target_text.contains(':') { "@" } else { ":" },
                target.start,
            );
            name.push(target);
        }
        _ => return Ok(None),
    }
    notes.push(Note::Api);
    name.read_on(read_host(host, plain_http, notes)?).map(Some)
}

/// Reads the address of a page of a known registry; `None` where the site is not known.
///
/// Of a known site that is no registry itself, a path that fits no pattern is an error with an
/// example, because reading it as a registry would only fail later and say less. `quay.io` is
/// both a site and a registry, so there such a path is read as a reference.
///
/// The host may be written in upper case and with `www.`. What follows a `;` in a part of the
/// path is left out (Google's `;tab=versions`), and so are slashes at the end. `query` is
/// looked at for a tag only.
fn read_page(
    path: Piece<'_>,
    query: Piece<'_>,
    is_address: bool,
    notes: &mut Vec<Note>,
) -> Result<Option<Reference>, InputError> {
    let mut parts: Vec<Piece<'_>> = path.split('/').map(|part| part.cut(";").0).collect();
    while parts.last().is_some_and(|part| part.text.is_empty()) {
        parts.pop();
    }
    let Some((host, parts)) = parts.split_first() else {
        return Ok(None);
    };
    let name = host.text.to_ascii_lowercase();
    let name = name.strip_prefix("www.").unwrap_or(&name);
    for page in PAGES.iter().filter(|page| page.host == name) {
        if let Some(found) = page.find(parts) {
            notes.push(Note::Page { site: page.site });
            return found.read(page, *host, query, notes).map(Some);
        }
    }
    if let Some((_, example)) = SITES.iter().find(|(site, _)| *site == name) {
        return Err(InputError::Page {
            position: path.start,
            example,
        });
    }
    if let Some((registry, name, target)) = page::of_registry(*host, parts) {
        let mut whole = Assembled::default();
        for part in name {
            if !whole.text.is_empty() {
                whole.push_fixed("/", part.start);
            }
            whole.push_decoded(part);
        }
        if let Some(target) = target {
            let mark = if target.text.contains(':') { "@" } else { ":" };
            whole.push_fixed(mark, target.start);
            whole.push_decoded(target);
        }
        notes.push(Note::Api);
        let registry = registry.parse().map_err(|error| moved(error, *host))?;
        return whole.read_on(registry).map(Some);
    }
    let words: Vec<&str> = parts.iter().map(|part| part.text).collect();
    if is_address && page::is_site(name, &words) {
        return Err(InputError::Site {
            position: path.start,
        });
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
