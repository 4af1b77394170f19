use super::super::{Input, understand};
use super::*;

const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn read(text: &str) -> ReferenceInput {
    match understand(text) {
        Ok(Input::Reference(input)) => {
            assert_eq!(
                input.reference.to_string().parse(),
                Ok(input.reference.clone()),
                "{text}"
            );
            input
        }
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn pages_of_images_lead_to_their_registry() {
    for (text, expected) in [
        ("https://hub.docker.com/_/nginx", "docker.io/library/nginx"),
        (
            "https://hub.docker.com/_/nginx/tags?name=1.27",
            "docker.io/library/nginx",
        ),
        ("hub.docker.com/r/grafana/loki", "docker.io/grafana/loki"),
        (
            "https://www.hub.docker.com/r/grafana/loki/tags/",
            "docker.io/grafana/loki",
        ),
        (
            "https://hub.docker.com/layers/library/nginx/1.27/images/sha256-DIGEST?context=explore",
            "docker.io/library/nginx:1.27@DIGEST",
        ),
        (
            "https://hub.docker.com/repository/docker/o/n/general",
            "docker.io/o/n",
        ),
        (
            "https://quay.io/repository/o/n?tab=tags&tag=v1",
            "quay.io/o/n:v1",
        ),
        (
            "https://quay.io/repository/o/n/manifest/DIGEST",
            "quay.io/o/n@DIGEST",
        ),
        (
            "https://github.com/Own/Repo/pkgs/container/Name/123?tag=1.0",
            "ghcr.io/own/name:1.0",
        ),
        (
            "https://github.com/o/r/pkgs/container/charts%2Fname",
            "ghcr.io/o/charts/name",
        ),
        (
            "https://github.com/orgs/o/packages/container/package/name",
            "ghcr.io/o/name",
        ),
        (
            "https://github.com/users/o/packages/container/name/versions",
            "ghcr.io/o/name",
        ),
        (
            "https://gitlab.com/Group/sub/project/container_registry",
            "registry.gitlab.com/group/sub/project",
        ),
        (
            "https://gitlab.com/group/project/-/container_registry/42",
            "registry.gitlab.com/group/project",
        ),
        (
            "https://console.cloud.google.com/artifacts/docker/proj/us-east1/repo/img;tab=versions?project=proj",
            "us-east1-docker.pkg.dev/proj/repo/img",
        ),
        (
            "https://console.cloud.google.com/artifacts/docker/proj/us/repo/a%2Fb/DIGEST",
            "us-docker.pkg.dev/proj/repo/a/b@DIGEST",
        ),
        (
            "https://gallery.ecr.aws/eks-distro/kubernetes/pause",
            "public.ecr.aws/eks-distro/kubernetes/pause",
        ),
    ] {
        let text = text
            .replace("DIGEST", DIGEST)
            .replace("sha256-sha256:", "sha256-");
        let input = read(&text);
        assert_eq!(
            input.reference.to_string(),
            expected.replace("DIGEST", DIGEST),
            "{text}"
        );
        assert!(
            input
                .notes
                .iter()
                .any(|note| matches!(note, Note::Page { .. })),
            "{text}"
        );
    }
    let notes = read("http://gitlab.com/A/b/container_registry/42").notes;
    assert_eq!(
        notes,
        [
            Note::Page { site: "GitLab" },
            Note::LowerCase,
            Note::ProjectImage
        ]
    );
}

#[test]
fn addresses_of_registries_are_references() {
    for (text, expected, notes) in [
        (
            "https://registry.example/x",
            "registry.example/x",
            &[Note::Https][..],
        ),
        (
            "https://registry/x:1",
            "registry:443/x:1",
            &[Note::Https, Note::Port],
        ),
        (
            "http://registry/x/y",
            "registry:80/x/y",
            &[Note::PlainHttp, Note::Port],
        ),
        (
            "https://registry/v2/x/manifests/1",
            "registry:443/x:1",
            &[Note::Https, Note::Api, Note::Port],
        ),
        (
            "HTTP://10.0.0.1:5000/a/b:1/",
            "10.0.0.1:5000/a/b:1",
            &[Note::PlainHttp, Note::TrailingSlash],
        ),
        (
            "https://quay.io/o/n?x=1#y",
            "quay.io/o/n",
            &[Note::Https, Note::Query],
        ),
        (
            "https://docker.io/nginx",
            "docker.io/library/nginx",
            &[Note::Https],
        ),
        (
            "docker://nginx",
            "docker.io/library/nginx",
            &[Note::Transport { scheme: "docker" }],
        ),
        (
            "oci://ghcr.io/o/chart/",
            "ghcr.io/o/chart",
            &[Note::Transport { scheme: "oci" }, Note::TrailingSlash],
        ),
        ("nginx/", "docker.io/library/nginx", &[Note::TrailingSlash]),
        (
            "https://registry-1.docker.io/v2/library/nginx/manifests/1",
            "docker.io/library/nginx:1",
            API,
        ),
        (
            "https://ghcr.io/v2/o/r/manifests/DIGEST",
            "ghcr.io/o/r@DIGEST",
            API,
        ),
        (
            "https://ghcr.io/v2/o/r/referrers/DIGEST?artifactType=x",
            "ghcr.io/o/r@DIGEST",
            API,
        ),
        ("https://ghcr.io/v2/o/r/tags/list?n=10", "ghcr.io/o/r", API),
        (
            "http://localhost:5000/v2/r/manifests/a",
            "localhost:5000/r:a",
            &[Note::PlainHttp, Note::Api],
        ),
        (
            "localhost:5000/v2/r/manifests/a",
            "localhost:5000/r:a",
            &[Note::Api],
        ),
        (
            "https://ghcr.io/v2/tools",
            "ghcr.io/v2/tools",
            &[Note::Https],
        ),
    ] {
        let text = text.replace("DIGEST", DIGEST);
        let input = read(&text);
        assert_eq!(
            input.reference.to_string(),
            expected.replace("DIGEST", DIGEST),
            "{text}"
        );
        assert_eq!(input.notes, notes, "{text}");
        assert_eq!(
            input.plain_http,
            text.to_lowercase().starts_with("http://"),
            "{text}"
        );
    }
}

const API: &[Note] = &[Note::Https, Note::Api];

#[test]
fn errors_name_the_place_in_the_address() {
    let api = "address at 8 names no manifest, in the API that needs /v2/name/manifests/tag";
    for (text, position, message) in [
        (
            "ftp://host/x",
            0,
            "address has an unknown scheme at 0, docker, oci, https and http are known",
        ),
        (
            "docker-daemon:nginx:1",
            0,
            "image at 0 is on a machine and in no registry: drop the file here, or write docker:// for one that is in one",
        ),
        (
            "https://hub.docker.com/search?q=x",
            8,
            "address at 8 is no page of an image, those begin as hub.docker.com/r/owner/name",
        ),
        (
            "github.com/o/r",
            0,
            "address at 0 is no page of an image, those begin as github.com/owner/repository/pkgs/container/name",
        ),
        (
            "https://registry.example/",
            25,
            "repository has an empty part at 25, a name must stand before and after each /",
        ),
        (
            "https://registry.example",
            24,
            "repository has an empty part at 24, a name must stand before and after each /",
        ),
        (
            "https://me:secret@registry.example/x",
            11,
            "host has no port at 11, a number from 1 to 65535 must follow the :",
        ),
        ("https://ghcr.io/v2/", 8, api),
        ("https://ghcr.io/v2/_catalog", 8, api),
        ("https://ghcr.io/v2/o/r/blobs/sha256:0", 8, api),
        (
            "https://quay.io/repository/o/n?tag=.x",
            35,
            "tag has a . or - at 35, it must begin with a letter, digit or _",
        ),
        (
            "https://github.com/o/r/pkgs/container/a%2F%2Fb",
            42,
            "repository has an empty part at 42, a name must stand before and after each /",
        ),
    ] {
        let error = understand(text).expect_err(text);
        assert_eq!(
            (error.position(), error.to_string().as_str()),
            (position, message),
            "{text}"
        );
    }
}
