//! The addresses of the pages on which registries show an image.
//!
//! A person copies the address out of the browser's bar; the patterns here tell which image it
//! shows. Another site or another path of a known one is a line in [`PAGES`], and for a site
//! that is no registry a line in [`SITES`] as well.
//!
//! `Page::find` lays a pattern over the parts of a path and gives a [`Found`]; `Found::read`
//! puts the reference together from it. Both are called by `read_page` in the module above,
//! which knows the host.
//!
//! Longer than most files, for its tables.
//!
//! ```text
//! page      https://github.com/Own/Repo/pkgs/container/Name/123?tag=1.0
//! pattern               github.com/N/*/pkgs/container/N
//! found     name = Own, Name    rest = 123
//! read      ghcr.io/own/name:1.0
//! ```

use crate::input::error::InputError;
use crate::input::note::Note;
use crate::input::piece::Piece;
use crate::reference::Reference;

use super::assembled::Assembled;

/// The address of a page of an image: a line of [`PAGES`].
pub(super) struct Page {
    /// The site's host in lower case, without `www.`.
    pub(super) host: &'static str,
    /// The path, part by part:
    ///
    /// - `N`: a part of the repository's name, in their order.
    /// - `N+`: a part of the name, and all that follow are parts of it as well.
    /// - `N~`: as `N+`, up to one of GitHub's own pages of a package: `versions`, `settings`, or
    ///   the number of a version.
    /// - `N*`: parts of the name up to the next part of the pattern, at least one.
    /// - `T`: a tag.
    /// - `D`: a digest, which begins with `sha256`; other parts do not fit.
    /// - `L`: the location in Google's cloud, which becomes a part of the host.
    /// - `*`: any part, which is left out.
    /// - Others stand for themselves, in the same case.
    ///
    /// More parts may follow.
    path: &'static str,
    /// The registry that has the image; for a location, what follows it: `us-east1` and
    /// `-docker.pkg.dev`.
    registry: &'static str,
    /// The site's name in [`Note::Page`].
    pub(super) site: &'static str,
}

/// A line of [`PAGES`], with its values in the order of the fields.
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
const MICROSOFT: &str = "mcr.microsoft.com";
const NVIDIA: &str = "catalog.ngc.nvidia.com";

/// The first that fits is taken, so longer paths stand before shorter ones.
///
/// A path that is a beginning of another would hide it, since more parts may follow: with the
/// tag or digest of the longer one, what a person saw on the page would be lost.
pub(super) const PAGES: &[Page] = &[
    page(HUB, "_/N", "docker.io", "Docker Hub"),
    page(HUB, "r/N/N", "docker.io", "Docker Hub"),
    page(
        HUB,
        "repository/docker/N/N/tags/T/D",
        "docker.io",
        "Docker Hub",
    ),
    page(
        HUB,
        "repository/docker/N/N/tags/T",
        "docker.io",
        "Docker Hub",
    ),
    page(HUB, "v2/repositories/N/N/tags/T", "docker.io", "Docker Hub"),
    page(HUB, "v2/repositories/N/N", "docker.io", "Docker Hub"),
    page(
        HUB,
        "v2/namespaces/N/repositories/N/tags/T",
        "docker.io",
        "Docker Hub",
    ),
    page(
        HUB,
        "v2/namespaces/N/repositories/N",
        "docker.io",
        "Docker Hub",
    ),
    page(HUB, "layers/N/N/T/images/D", "docker.io", "Docker Hub"),
    // Older addresses name an official image twice.
    page(HUB, "layers/*/N/N/T/images/D", "docker.io", "Docker Hub"),
    page(HUB, "layers/N/N/T", "docker.io", "Docker Hub"),
    page(HUB, "repository/docker/N/N", "docker.io", "Docker Hub"),
    page(QUAY, "repository/N/N*/manifest/D", QUAY, "Quay"),
    page(QUAY, "repository/N/N*/tag/T", QUAY, "Quay"),
    page(QUAY, "repository/N/N*/build/*", QUAY, "Quay"),
    page(QUAY, "repository/N/N+", QUAY, "Quay"),
    page(QUAY, "api/v1/repository/N/N*/manifest/D", QUAY, "Quay"),
    page(QUAY, "api/v1/repository/N/N*/tag", QUAY, "Quay"),
    page(QUAY, "api/v1/repository/N/N", QUAY, "Quay"),
    page(
        GITHUB,
        "orgs/N/packages/container/package/N~",
        "ghcr.io",
        "GitHub Packages",
    ),
    page(
        GITHUB,
        "orgs/N/packages/container/N~",
        "ghcr.io",
        "GitHub Packages",
    ),
    page(
        GITHUB,
        "users/N/packages/container/package/N~",
        "ghcr.io",
        "GitHub Packages",
    ),
    page(
        GITHUB,
        "users/N/packages/container/N~",
        "ghcr.io",
        "GitHub Packages",
    ),
    page(
        GITHUB,
        "N/*/pkgs/container/N~",
        "ghcr.io",
        "GitHub Packages",
    ),
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
    page(
        MICROSOFT,
        "*/artifact/mar/N*/tag/T",
        MICROSOFT,
        "Microsoft's registry",
    ),
    page(
        MICROSOFT,
        "*/artifact/mar/N*/tags",
        MICROSOFT,
        "Microsoft's registry",
    ),
    page(
        MICROSOFT,
        "*/artifact/mar/N*/about",
        MICROSOFT,
        "Microsoft's registry",
    ),
    page(
        MICROSOFT,
        "*/product/N*/tags",
        MICROSOFT,
        "Microsoft's registry",
    ),
    page(
        MICROSOFT,
        "*/product/N*/about",
        MICROSOFT,
        "Microsoft's registry",
    ),
    page(
        MICROSOFT,
        "artifact/mar/N+",
        MICROSOFT,
        "Microsoft's registry",
    ),
    page(
        MICROSOFT,
        "*/artifact/mar/N+",
        MICROSOFT,
        "Microsoft's registry",
    ),
    page(NVIDIA, "orgs/N/teams/N/containers/N", "nvcr.io", "NVIDIA"),
    page(NVIDIA, "orgs/N/containers/N", "nvcr.io", "NVIDIA"),
];

/// The image of an address that lies under a folder of its registry, or in whose host its region
/// stands: the registry, and its parts.
///
/// ```text
/// h.example/api/v2.0/projects/P/repositories/R/artifacts/T       -> h.example/P/R:T
/// h.example/artifactory/api/docker/REPO/v2/NAME/manifests/T      -> h.example/REPO/NAME:T
/// REGION.console.aws.amazon.com/ecr/repositories/private/ID/NAME -> ID.dkr.ecr.REGION.amazonaws.com/NAME
/// ```
///
/// Source: Harbor `api/v2.0/swagger.yaml`; Artifactory "Docker registry API", by repository path;
/// Amazon ECR "Private registry".
pub(super) fn of_registry<'a>(
    host: Piece<'a>,
    parts: &[Piece<'a>],
) -> Option<(String, Vec<Piece<'a>>, Option<Piece<'a>>)> {
    let words: Vec<&str> = parts.iter().map(|part| part.text).collect();
    let own = host.text.to_owned();
    match words.as_slice() {
        ["api", "v2.0", "projects", _, "repositories", _, rest @ ..] => {
            let target = parts.get(7).filter(|_| rest.first() == Some(&"artifacts"));
            Some((own, vec![parts[3], parts[5]], target.copied()))
        }
        [
            "artifactory",
            "api",
            "docker",
            _,
            "v2",
            names @ ..,
            "manifests",
            _,
        ] => {
            let mut name = vec![parts[3]];
            name.extend(parts.iter().skip(5).take(names.len()));
            Some((own, name, parts.last().copied()))
        }
        ["ecr", "repositories", "private", account, rest @ ..] => {
            let region = host.text.strip_suffix(".console.aws.amazon.com")?;
            let length = rest.iter().take_while(|part| **part != "_").count();
            let name: Vec<_> = parts.iter().skip(4).take(length).copied().collect();
            let digest = parts.iter().find(|part| part.text.starts_with("sha256:"));
            let registry = format!("{account}.dkr.ecr.{region}.amazonaws.com");
            (!name.is_empty()).then_some((registry, name, digest.copied()))
        }
        _ => None,
    }
}

/// Whether an address is of a page that names no image whole: it gives a project a number, leaves
/// the registry out, or is about many images.
pub(super) fn is_site(host: &str, parts: &[&str]) -> bool {
    const HOSTS: [&str; 10] = [
        "store.docker.com",
        "catalog.redhat.com",
        "artifacthub.io",
        "portal.azure.com",
        "explore.ggcr.dev",
        "oci.dag.dev",
        "auth.docker.io",
        "docs.docker.com",
        NVIDIA,
        "images.chainguard.dev",
    ];
    let of_quay = ["organization", "user", "search", "plans", "api", "signin"];
    HOSTS.contains(&host)
        || host.ends_with("console.aws.amazon.com")
        || (host == QUAY && parts.first().is_some_and(|part| of_quay.contains(part)))
        || (host == MICROSOFT && parts.get(1).is_some_and(|part| *part == "catalog"))
        || matches!(
            parts,
            ["harbor", "projects", ..]
                | ["ui", "repos" | "packages" | "native", ..]
                | ["artifactory", ..]
                | ["v1", "repositories", ..]
                | ["api", "v2.0", ..]
                | ["repository", _, "v2", ..]
        )
        || parts.contains(&"container_registry")
}

/// Sites that are no registry themselves, so that another page there is an error, with how a
/// good one begins ([`InputError::Page`]).
pub(super) const SITES: &[(&str, &str)] = &[
    (HUB, "hub.docker.com/r/owner/name"),
    (GITHUB, "github.com/owner/repository/pkgs/container/name"),
    (GITLAB, "gitlab.com/group/project/container_registry"),
    (
        GOOGLE,
        "console.cloud.google.com/artifacts/docker/project/location/repository/name",
    ),
    (GALLERY, "gallery.ecr.aws/alias/name"),
];

/// What a page's address tells of its image: pieces of the typed text, as they stand there.
#[derive(Default)]
pub(super) struct Found<'a> {
    /// The parts of the repository's name, not decoded yet.
    name: Vec<Piece<'a>>,
    /// The tag in the path; one in the query is looked for only without it.
    tag: Option<Piece<'a>>,
    /// The digest as the site writes it, `sha256:…` or `sha256-…`.
    digest: Option<Piece<'a>>,
    /// The beginning of the registry's host, on Google's pages only.
    location: Option<Piece<'a>>,
    /// What follows the part that the pattern describes: on GitLab the number of one of a
    /// project's images, elsewhere tabs and the like.
    rest: Vec<Piece<'a>>,
}

/// Whether a part of GitHub's address follows the name of a package.
fn is_github_tail(part: &str) -> bool {
    matches!(part, "versions" | "settings") || part.bytes().all(|b| b.is_ascii_digit())
}

impl Page {
    /// Lays the pattern over the parts of a path, without the host; `None` where it does not
    /// fit.
    ///
    /// Each part of the pattern needs a part that is not empty.
    pub(super) fn find<'a>(&self, parts: &[Piece<'a>]) -> Option<Found<'a>> {
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
                "N~" => {
                    found.name.push(part);
                    while let Some(part) = parts.next_if(|part| !is_github_tail(part.text)) {
                        found.name.push(part);
                    }
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
    /// Puts the reference together, with the notes that belong to it.
    ///
    /// Parts of the name are decoded, so that `charts%2Fname` is two of them. On GitHub and
    /// GitLab the name becomes lower case, with [`Note::LowerCase`] where that changes it.
    /// GitLab's pages name an image of a project by a number that says nothing of its name, so
    /// the image with the name of the project is taken, with [`Note::ProjectImage`].
    ///
    /// The tag is that of the path, else the value of `tag` in the query; Docker Hub's
    /// `sha256-…` becomes a digest. Errors stand at the part of the typed text they came from,
    /// those of the registry's fixed name at the site's host.
    pub(super) fn read(
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
