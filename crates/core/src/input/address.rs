//! Reads a reference that may have a transport, be an address of a registry, or be the address of an image's page.

use super::{InputError, Note, Piece, ReferenceInput};
use crate::reference::{Reference, ReferenceError, RegistryHost, names_host};

/// Images on the person's own machine, by skopeo's names.
const LOCAL: &[&str] = &[
    "docker-daemon",
    "docker-archive",
    "oci-archive",
    "containers-storage",
];

/// The address of a page of an image.
struct Page {
    host: &'static str,
    /// The path, part by part: `N` a part of the repository's name, `N+` all that follow as well, `N*` those up to
    /// the next part of the pattern; `T` a tag, `D` a digest, `L` the location in Google's cloud, `*` any; others
    /// stand for themselves. More parts may follow.
    path: &'static str,
    /// The registry that has the image; for a location, what follows it.
    registry: &'static str,
    site: &'static str,
}

const fn page(
    host: &'static str,
    path: &'static str,
    registry: &'static str,
    site: &'static str,
) -> Page {
    Page {
        host,
        path,
        registry,
        site,
    }
}

const HUB: &str = "hub.docker.com";
const GITHUB: &str = "github.com";
const GITLAB: &str = "gitlab.com";
const QUAY: &str = "quay.io";
const GOOGLE: &str = "console.cloud.google.com";
const GALLERY: &str = "gallery.ecr.aws";

/// The first that fits is taken, so longer paths stand before shorter ones.
const PAGES: &[Page] = &[
    page(HUB, "_/N", "docker.io", "Docker Hub"),
    page(HUB, "r/N/N", "docker.io", "Docker Hub"),
    page(HUB, "layers/N/N/T/images/D", "docker.io", "Docker Hub"),
    page(HUB, "layers/N/N/T", "docker.io", "Docker Hub"),
    page(HUB, "repository/docker/N/N", "docker.io", "Docker Hub"),
    page(QUAY, "repository/N/N/manifest/D", QUAY, "Quay"),
    page(QUAY, "repository/N/N/tag/T", QUAY, "Quay"),
    page(QUAY, "repository/N/N", QUAY, "Quay"),
    page(
        GITHUB,
        "orgs/N/packages/container/package/N",
        "ghcr.io",
        "GitHub Packages",
    ),
    page(
        GITHUB,
        "orgs/N/packages/container/N",
        "ghcr.io",
        "GitHub Packages",
    ),
    page(
        GITHUB,
        "users/N/packages/container/package/N",
        "ghcr.io",
        "GitHub Packages",
    ),
    page(
        GITHUB,
        "users/N/packages/container/N",
        "ghcr.io",
        "GitHub Packages",
    ),
    page(GITHUB, "N/*/pkgs/container/N", "ghcr.io", "GitHub Packages"),
    page(
        GITLAB,
        "N*/-/container_registry",
        "registry.gitlab.com",
        "GitLab",
    ),
    page(
        GITLAB,
        "N*/container_registry",
        "registry.gitlab.com",
        "GitLab",
    ),
    page(
        GOOGLE,
        "artifacts/docker/N/L/N/N/D",
        "-docker.pkg.dev",
        "Google Artifact Registry",
    ),
    page(
        GOOGLE,
        "artifacts/docker/N/L/N/N",
        "-docker.pkg.dev",
        "Google Artifact Registry",
    ),
    page(GALLERY, "N/N+", "public.ecr.aws", "the Amazon ECR gallery"),
];

/// Sites that are no registry themselves, so that another page there is an error, with how a good one begins.
const SITES: &[(&str, &str)] = &[
    (HUB, "hub.docker.com/r/owner/name"),
    (GITHUB, "github.com/owner/repository/pkgs/container/name"),
    (GITLAB, "gitlab.com/group/project/container_registry"),
    (
        GOOGLE,
        "console.cloud.google.com/artifacts/docker/project/location/repository/name",
    ),
    (GALLERY, "gallery.ecr.aws/alias/name"),
];

/// Reads the text that names the image and nothing else.
pub(super) fn read(piece: Piece<'_>, mut notes: Vec<Note>) -> Result<ReferenceInput, InputError> {
    let mut rest = piece;
    let mut is_address = false;
    let mut plain_http = false;
    if let (scheme, Some(after)) = piece.cut("://") {
        let is = |name: &str| scheme.text.eq_ignore_ascii_case(name);
        if let Some(scheme) = ["docker", "oci", "docker-image"]
            .into_iter()
            .find(|name| is(name))
        {
            notes.push(Note::Transport { scheme });
        } else if is("https") || is("http") {
            is_address = true;
            plain_http = is("http");
        } else {
            return Err(InputError::Scheme {
                position: piece.start,
            });
        }
        rest = after;
    } else if let (transport, Some(_)) = piece.cut(":")
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
    if let Some(reference) = read_page(path, query, &mut notes)? {
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

fn moved(error: ReferenceError, piece: Piece<'_>) -> InputError {
    let position = piece.start + error.position();
    InputError::Reference(error.placed(position))
}

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

/// Reads what follows `/v2/`: `name/manifests/reference`, `name/tags/list` or `name/referrers/digest`. Other texts
/// may still be names of repositories.
fn read_api(
    host: Piece<'_>,
    path: Piece<'_>,
    plain_http: bool,
    notes: &mut Vec<Note>,
) -> Result<Option<Reference>, InputError> {
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

fn read_page(
    path: Piece<'_>,
    query: Piece<'_>,
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
    match SITES.iter().find(|(site, _)| *site == name) {
        Some((_, example)) => Err(InputError::Page {
            position: path.start,
            example,
        }),
        None => Ok(None),
    }
}

/// What a page's address tells of its image.
#[derive(Default)]
struct Found<'a> {
    name: Vec<Piece<'a>>,
    tag: Option<Piece<'a>>,
    digest: Option<Piece<'a>>,
    location: Option<Piece<'a>>,
    /// What follows the part that the pattern describes.
    rest: Vec<Piece<'a>>,
}

impl Page {
    fn find<'a>(&self, parts: &[Piece<'a>]) -> Option<Found<'a>> {
        let mut found = Found::default();
        let mut parts = parts.iter().copied().peekable();
        let mut pattern = self.path.split('/').peekable();
        while let Some(expected) = pattern.next() {
            let part = parts.next().filter(|part| !part.text.is_empty())?;
            match expected {
                "*" => {}
                "N" => found.name.push(part),
                "N+" => {
                    found.name.push(part);
                    found.name.extend(parts.by_ref());
                }
                "N*" => {
                    found.name.push(part);
                    while let Some(part) = parts.next_if(|part| Some(&part.text) != pattern.peek())
                    {
                        found.name.push(part);
                    }
                }
                "T" => found.tag = Some(part),
                "L" => found.location = Some(part),
                "D" if part.text.starts_with("sha256") => found.digest = Some(part),
                literal if literal == part.text => {}
                _ => return None,
            }
        }
        found.rest = parts.collect();
        Some(found)
    }
}

impl<'a> Found<'a> {
    fn read(
        self,
        page: &Page,
        host: Piece<'a>,
        query: Piece<'a>,
        notes: &mut Vec<Note>,
    ) -> Result<Reference, InputError> {
        let mut registry = Assembled::default();
        if let Some(location) = self.location {
            registry.push(location);
        }
        registry.push_fixed(page.registry, host.start);
        let mut name = Assembled::default();
        for part in &self.name {
            if !name.text.is_empty() {
                name.push_fixed("/", part.start);
            }
            name.push_decoded(*part);
        }
        // Their registries know lower case only, their pages show names as people write them.
        if matches!(page.host, GITHUB | GITLAB) && name.text.bytes().any(|b| b.is_ascii_uppercase())
        {
            name.text.make_ascii_lowercase();
            notes.push(Note::LowerCase);
        }
        if page.host == GITLAB && !self.rest.is_empty() {
            notes.push(Note::ProjectImage);
        }
        let queried = query
            .skip(query.text.len().min(1))
            .split('&')
            .find_map(|pair| match pair.cut("=") {
                (key, Some(value)) if key.text == "tag" && !value.text.is_empty() => Some(value),
                _ => None,
            });
        if let Some(tag) = self.tag.or(queried) {
            name.push_fixed(":", tag.start);
            name.push_decoded(tag);
        }
        if let Some(digest) = self.digest {
            name.push_fixed("@", digest.start);
            let start = name.text.len();
            name.push_decoded(digest);
            // Docker Hub writes sha256-… in its addresses.
            if name
                .text
                .get(start..)
                .is_some_and(|digest| digest.starts_with("sha256-"))
            {
                name.text.replace_range(start + 6..=start + 6, ":");
            }
        }
        let registry_host = registry
            .text
            .parse()
            .map_err(|error| registry.moved(error))?;
        name.read_on(registry_host)
    }
}

/// A text put together from pieces, which knows where each of its bytes comes from.
#[derive(Default)]
struct Assembled {
    text: String,
    origins: Vec<usize>,
    end: usize,
}

impl Assembled {
    fn push(&mut self, piece: Piece<'_>) {
        self.text.push_str(piece.text);
        self.origins.extend(piece.start..piece.end());
        self.end = piece.end();
    }

    /// Text of our own that stands for what is at `origin`.
    fn push_fixed(&mut self, text: &str, origin: usize) {
        self.text.push_str(text);
        self.origins.extend(std::iter::repeat_n(origin, text.len()));
        self.end = self.end.max(origin);
    }

    /// With `%2F` and the like turned into what they stand for; only ASCII can be part of a reference.
    fn push_decoded(&mut self, piece: Piece<'_>) {
        let mut rest = piece;
        while let Some(at) = rest.text.find('%') {
            self.push(rest.first(at));
            rest = rest.skip(at);
            let code = rest
                .text
                .get(1..3)
                .and_then(|hex| u8::from_str_radix(hex, 16).ok())
                .filter(u8::is_ascii);
            if let Some(code) = code {
                self.push_fixed(char::from(code).encode_utf8(&mut [0; 4]), rest.start);
                rest = rest.skip(3);
            } else {
                self.push(rest.first(1));
                rest = rest.skip(1);
            }
        }
        self.push(rest);
    }

    fn moved(&self, error: ReferenceError) -> InputError {
        let position = self
            .origins
            .get(error.position())
            .copied()
            .unwrap_or(self.end);
        InputError::Reference(error.placed(position))
    }

    fn read_on(&self, host: RegistryHost) -> Result<Reference, InputError> {
        Reference::on(host, &self.text).map_err(|error| self.moved(error))
    }
}

#[cfg(test)]
mod tests;
