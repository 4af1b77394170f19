use super::super::{Input, understand};
use super::*;

#[test]
fn the_image_is_found_in_every_command() {
    for (text, expected) in [
        ("docker pull nginx:1.27", "nginx:1.27"),
        (
            "docker image inspect --format '{{json .Config}}' ghcr.io/o/r",
            "ghcr.io/o/r",
        ),
        (
            "docker --context far buildx imagetools inspect nginx --raw | jq .",
            "nginx",
        ),
        (
            "podman push --creds me:secret quay.io/o/r:1",
            "quay.io/o/r:1",
        ),
        (
            "nerdctl -n k8s.io pull --platform=linux/arm64 'nginx'",
            "nginx",
        ),
        (
            "skopeo inspect --config docker://quay.io/o/r:1",
            "quay.io/o/r:1",
        ),
        ("skopeo inspect -n docker://quay.io/o/r", "quay.io/o/r"),
        (
            "skopeo copy --all dir:/tmp/x docker://localhost:5000/x:1",
            "localhost:5000/x:1",
        ),
        ("crane manifest nginx --platform linux/arm64", "nginx"),
        ("crane pull nginx nginx.tar", "nginx"),
        (
            "regctl manifest get --format raw-body ghcr.io/o/r:1",
            "ghcr.io/o/r:1",
        ),
        ("regctl image digest ghcr.io/o/r:1", "ghcr.io/o/r:1"),
        (
            "oras manifest fetch -u me -p secret localhost:5000/a:1",
            "localhost:5000/a:1",
        ),
        (
            "ctr -n k8s.io images pull docker.io/library/nginx:1",
            "nginx:1",
        ),
        ("docker pull nginx; docker run nginx", "nginx"),
        ("docker pull --quiet \\\n  nginx:1.27 > log", "nginx:1.27"),
        (
            "FROM --platform=$BUILDPLATFORM golang:1.22 AS build",
            "golang:1.22",
        ),
        ("from alpine", "alpine"),
        ("image: nginx", "nginx"),
        ("  - image: \"nginx:1.27\"  # the web server", "nginx:1.27"),
        ("\"image\": \"ghcr.io/o/r\",", "ghcr.io/o/r"),
        ("image: docker", "docker"),
        ("docker", "docker"),
    ] {
        match understand(text) {
            Ok(Input::Reference(input)) => {
                assert_eq!(input.reference.familiar(), expected, "{text}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn no_credentials_are_taken_for_an_image() {
    for text in [
        "skopeo inspect --creds porter:gangway-7 docker://h.example/a:x",
        "skopeo inspect --username porter --password gangway-7 docker://h.example/a:x",
        "skopeo inspect --registry-token gangway-7 docker://h.example/a:x",
        "skopeo copy --src-creds porter:gangway-7 docker://h.example/a:x dir:b",
        "skopeo copy --dest-registry-token gangway-7 --src-no-creds docker://h.example/a:x dir:b",
        "skopeo login -u porter -p gangway-7 h.example",
        "docker login -u porter -p gangway-7 h.example",
        "docker login --username porter --password gangway-7 h.example",
        "echo gangway-7 | docker login -u porter --password-stdin h.example",
        "podman pull --creds porter:gangway-7 h.example/a:x",
        "podman pull --creds=porter:gangway-7 h.example/a:x",
        "oras pull -u porter -p gangway-7 h.example/a:x",
        "oras pull --identity-token gangway-7 h.example/a:x",
        "oras cp --from-username porter --from-password gangway-7 h.example/a:x b",
        "oras copy --to-identity-token gangway-7 h.example/a:x b",
        "crane auth login h.example -u porter -p gangway-7",
        "regctl registry login h.example -u porter -p gangway-7",
        "ctr images pull --user porter:gangway-7 h.example/a:x",
        "ctr images pull -u porter:gangway-7 h.example/a:x",
        "crictl pull --creds porter:gangway-7 h.example/a:x",
        "crictl pull --auth gangway-7 h.example/a:x",
        "nerdctl login -u porter -p gangway-7 h.example",
        "curl -u porter:gangway-7 https://h.example/v2/a/manifests/x",
        "curl https://porter:gangway-7@h.example/v2/a/manifests/x",
        "https://porter:gangway-7@h.example/a:x",
        "http://porter:gangway-7@h.example/v2/a/manifests/x",
        "docker://porter:gangway-7@h.example/a:x",
        "docker pull porter:gangway-7@h.example/a:x",
        "porter:gangway-7@h.example/a:x",
    ] {
        if let Ok(found) = understand(text) {
            let found = format!("{found:?}");
            assert!(
                !found.contains("porter") && !found.contains("gangway-7"),
                "{text}: {found}"
            );
            assert!(found.contains("h.example"), "{text}: {found}");
        }
    }
}

#[test]
fn each_step_is_told() {
    const DOCKER_PULL: Note = Note::Command {
        tool: "docker",
        command: "pull",
    };
    for (text, expected) in [
        ("docker pull nginx", &[DOCKER_PULL][..]),
        (
            " $ docker pull nginx",
            &[Note::Space, Note::BeforeCommand, DOCKER_PULL],
        ),
        (
            "# sudo -E docker pull nginx",
            &[Note::BeforeCommand, DOCKER_PULL],
        ),
        (
            "me@host:~$ /usr/bin/docker pull nginx",
            &[Note::BeforeCommand, DOCKER_PULL],
        ),
        ("`docker pull nginx`", &[Note::Quotes, DOCKER_PULL]),
        (
            "docker inspect nginx redis",
            &[
                Note::Command {
                    tool: "docker",
                    command: "inspect",
                },
                Note::FirstOfSeveral,
            ],
        ),
        (
            "skopeo inspect docker://nginx",
            &[
                Note::Command {
                    tool: "skopeo",
                    command: "inspect",
                },
                Note::Transport { scheme: "docker" },
            ],
        ),
        (
            "oras pull --plain-http reg/a",
            &[
                Note::Command {
                    tool: "oras",
                    command: "pull",
                },
                Note::PlainHttp,
            ],
        ),
        ("FROM nginx", &[Note::Dockerfile]),
        ("image: nginx", &[Note::Yaml]),
    ] {
        match understand(text) {
            Ok(Input::Reference(input)) => {
                assert_eq!(input.notes, expected, "{text}");
                assert_eq!(input.plain_http, text.contains("--plain-http"));
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn errors_name_the_place_in_the_line() {
    for (text, position, message) in [
        (
            "sudo docker build -t nginx .",
            5,
            "command at 5 does not name one image in a known place, paste the image alone",
        ),
        (
            "docker pull --platform linux/arm64",
            34,
            "command has no image at 34, one must follow",
        ),
        (
            "docker pull <image>",
            19,
            "command has no image at 19, one must follow",
        ),
        (
            "FROM --platform=x",
            17,
            "command has no image at 17, one must follow",
        ),
        (
            "skopeo inspect oci:layout:1",
            15,
            "image at 15 is on a machine and in no registry: drop the file here, or write docker:// for one that is in one",
        ),
        (
            "docker pull nginx:",
            18,
            "tag is empty at 18, a letter, digit or _ must follow the :",
        ),
        (
            "$ docker pull 'ghcr.io/O/r'",
            23,
            "repository has an upper-case letter at 23, only a-z, 0-9, ., _, - and / may stand there",
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
