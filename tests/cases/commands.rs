//! What people paste where a reference is asked for: the second table of the folder's README, row by row, and
//! instances of our own of each kind.

use waybill_core::input::{Input, ReferenceInput, understand};

const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn hex(text: &str) -> String {
    text.replace("HEX", HEX)
}

fn read(text: &str) -> ReferenceInput {
    let text = hex(text);
    match understand(&text) {
        Ok(Input::Reference(found)) => found,
        other => panic!("{text}: {other:?}"),
    }
}

fn notes(found: &ReferenceInput) -> String {
    let notes: Vec<String> = found.notes.iter().map(ToString::to_string).collect();
    notes.join(" · ")
}

/// Each text names this reference, and is told with these words.
fn all_read(rows: &[(&str, &str, &str)]) {
    for (text, expected, said) in rows {
        let found = read(text);
        let notes = notes(&found);
        assert_eq!(found.reference.familiar(), hex(expected), "{text}");
        assert!(notes.contains(said), "{text}: {notes}");
    }
}

/// Each text is an error with these words, whose place is in the text at `at`.
fn all_refused(rows: &[(&str, &str, &str)]) {
    for (text, at, said) in rows {
        let text = hex(text);
        let error = understand(&text).expect_err(&text);
        assert!(error.to_string().contains(said), "{text}: {error}");
        assert!(
            text.get(error.position()..)
                .is_some_and(|rest| rest.starts_with(&hex(at))),
            "{text}: {error}"
        );
    }
}

#[test]
fn every_row_of_the_table() {
    all_read(&[
        (
            "helm pull oci://h.example/charts/x --version 1.2.3",
            "h.example/charts/x:1.2.3",
            "took the image from a helm pull command · took off oci:// · took the tag from --version",
        ),
        (
            "docker run --rm -it -p 80:80 h.example/x:1 sh -c ls",
            "h.example/x:1",
            "took the image from a docker run command",
        ),
        (
            "podman run --rm -it -p 80:80 h.example/x:1 sh -c ls",
            "h.example/x:1",
            "took the image from a podman run command",
        ),
        (
            "docker.io/ghcr.io/o/x",
            "docker.io/ghcr.io/o/x",
            "did you mean ghcr.io/o/x?",
        ),
        (
            "https://github.com/orgs/O/packages/container/package/a/b",
            "ghcr.io/o/a/b",
            "GitHub Packages",
        ),
        (
            "skopeo inspect docker://h.example/x:1| jq",
            "h.example/x:1",
            "took the image from a skopeo inspect command",
        ),
        (
            "curl -H 'Accept: application/vnd.oci.image.index.v1+json' https://h.example/v2/x/manifests/1",
            "h.example/x:1",
            "took the one image with a registry in the command",
        ),
        (
            "Error response from daemon: manifest for h.example/x:1 not found: manifest unknown",
            "h.example/x:1",
            "found in a message",
        ),
    ]);
    all_refused(&[
        (
            "oci://h.example/x:1.0.0+build.5",
            "+",
            "+ is not in a tag; helm writes 1.0.0_build.5",
        ),
        (
            "name:sha256:HEX",
            ":HEX",
            "a digest follows @: name@sha256:…",
        ),
        (
            "oci:DIR:tag",
            "oci:",
            "on a machine and in no registry: drop the file here",
        ),
        (
            "dir:DIR",
            "dir:",
            "on a machine and in no registry: drop the file here",
        ),
        (
            "oci-archive:FILE",
            "oci-archive:",
            "on a machine and in no registry: drop the file here",
        ),
    ]);
    for tool in [
        "cosign verify",
        "trivy image",
        "notation inspect",
        "kubectl run x --image",
        "ollama pull",
        "syft",
        "grype",
        "nerdctl pull",
        "ctr images pull",
        "curl",
    ] {
        let command = format!("{tool} h.example/x:1");
        assert_eq!(read(&command).reference.familiar(), "h.example/x:1");
    }
}

#[test]
fn of_a_command_of_another_tool_the_one_image_with_a_registry() {
    let one = "took the one image with a registry in the command";
    all_read(&[
        (
            "cosign verify --key cosign.pub h.example/x:1",
            "h.example/x:1",
            one,
        ),
        (
            "trivy image --severity HIGH,CRITICAL --format json localhost:5000/x@sha256:HEX",
            "localhost:5000/x@sha256:HEX",
            one,
        ),
        ("grype registry:h.example/a/b:1", "h.example/a/b:1", one),
        (
            "kubectl set image deployment/web app=h.example/x:2 --record",
            "h.example/x:2",
            one,
        ),
        (
            "kubectl run x --image=\"h.example/x:2\" -- sh",
            "h.example/x:2",
            one,
        ),
        ("dive docker://nginx:1.27", "nginx:1.27", one),
        (
            "COSIGN_EXPERIMENTAL=1 sudo -E /usr/local/bin/cosign tree h.example/x:1|less",
            "h.example/x:1",
            one,
        ),
        (
            "cat /etc/hosts && flux pull artifact oci://h.example/m:1 -o .",
            "h.example/m:1",
            one,
        ),
        ("docker build -t h.example/x:1 .", "h.example/x:1", one),
        ("ctr run --rm h.example/x:1 web", "h.example/x:1", one),
        ("crane copy h.example/x:1 x", "h.example/x:1", one),
        (
            "kubectl get pods -o jsonpath='{..image}'|grep h.example/x:1",
            "h.example/x:1",
            one,
        ),
        (
            "curl -sSL -u me:pw \"https://h.example/v2/a/b/manifests/1?ns=docker.io&x=y\" | jq .",
            "h.example/a/b:1",
            one,
        ),
        (
            "curl https://me:secret-7@h.example/v2/a/manifests/sha256:HEX",
            "h.example/a@sha256:HEX",
            "left out the user and password",
        ),
        (
            "wget -qO- https://hub.docker.com/r/grafana/loki",
            "grafana/loki",
            "Docker Hub",
        ),
    ]);
    assert!(read("curl http://h.example/v2/x/manifests/1").plain_http);
    assert!(read("curl http://a:b@h.example/v2/x/manifests/1").plain_http);
    all_refused(&[
        (
            "cosign verify nginx",
            "cosign",
            "cosign is not among the commands read here: paste the image alone",
        ),
        (
            "trivy image nginx",
            "trivy",
            "trivy is not among the commands read here",
        ),
        (
            "ollama run llama3",
            "ollama",
            "ollama is not among the commands read here",
        ),
        (
            "ls -la /var/lib/a.b",
            "ls",
            "ls is not among the commands read here",
        ),
        (
            "FOO=1 sudo /opt/bin/sbom-tool h.example/a:1 h.example/b:1",
            "sbom-tool",
            "sbom-tool is not among",
        ),
        (
            "curl https://h.example/index.html",
            "curl",
            "curl is not among",
        ),
        (
            "curl https://h.example/v2/x/blobs/sha256:HEX",
            "h.example",
            "names no manifest",
        ),
        (
            "docker tag a h.example",
            "docker",
            "does not name one image in a known place",
        ),
        (
            "syft oci-archive:a.tar",
            "oci-archive",
            "drop the file here",
        ),
    ]);
}

#[test]
fn of_helm_the_chart_and_its_version() {
    all_read(&[
        (
            "helm install web oci://h.example/charts/x --version=1.2.3 --set image=h.example/a:1",
            "h.example/charts/x:1.2.3",
            "a helm install command",
        ),
        (
            "helm show values --version 1.0.0+build.5 oci://h.example/x",
            "h.example/x:1.0.0_build.5",
            "wrote _ for +, as helm does in tags",
        ),
        (
            "helm upgrade --install -n web web oci://h.example/x:2 --version 3",
            "h.example/x:2",
            "a helm upgrade command",
        ),
        (
            "helm template oci://localhost:5000/x --plain-http",
            "localhost:5000/x",
            "plain http",
        ),
    ]);
    all_refused(&[
        (
            "helm pull bitnami/nginx",
            "bitnami",
            "chart at 10 is in no registry, oci:// begins one that is",
        ),
        (
            "helm pull oci://h.example/x --version '>=1.0'",
            ">=",
            "is a range, for which helm looks among the tags",
        ),
        (
            "h.example/x:1.0.0+a.b+c",
            "+a",
            "+ is not in a tag; helm writes 1.0.0_a.b_c",
        ),
        ("docker pull x:1+2", "+2", "helm writes 1_2"),
        ("x:1+2~", "+2", "tag has a character at 3"),
    ]);
}

#[test]
fn of_run_the_first_word_that_is_no_flag_and_no_value() {
    for command in [
        "docker run h.example/x:1",
        "docker run -itd -v \"$(pwd)\":/a -e A=b --name web h.example/x:1 sh",
        "docker container run --gpus all --network=host -p80:80 h.example/x:1",
        "podman run -itv /a:/b --tls-verify=false --replace --rm h.example/x:1",
        "podman create --pull newer --userns keep-id h.example/x:1 ls -l",
        "nerdctl -n k8s.io run --rm -it -u 1:1 --label a=b h.example/x:1",
        "docker --context far run --read-only --tmpfs /tmp -w /a -- h.example/x:1 -p 1",
        "docker run \\\n  -d \\\n  --restart always \\\n  h.example/x:1 \\\n  --flag",
        "docker run \\  --rm \\  h.example/x:1",
        "docker create -it --platform linux/arm64 h.example/x:1",
        "docker run --password h.example/y:2 h.example/x:1",
    ] {
        assert_eq!(
            read(command).reference.familiar(),
            "h.example/x:1",
            "{command}"
        );
    }
    all_refused(&[
        ("docker run -it", "", "command has no image at 14"),
        (
            "docker run --rm $IMAGE sh",
            "$",
            "variable at 16 has no value here: write what it stands for",
        ),
        (
            "podman run --rm oci-archive:a.tar",
            "oci-",
            "drop the file here",
        ),
    ]);
}

#[test]
fn words_end_as_in_a_shell() {
    for command in [
        "skopeo inspect docker://h.example/x:1|jq",
        "skopeo inspect docker://h.example/x:1;ls",
        "skopeo inspect docker://h.example/x:1&",
        "skopeo inspect docker://h.example/x:1&&echo ok",
        "skopeo inspect docker://h.example/x:1||exit 1",
        "skopeo inspect docker://h.example/x:1>out",
        "skopeo inspect docker://h.example/x:1 2>/dev/null>>out",
        "skopeo inspect 2>&1 docker://h.example/x:1",
        "skopeo inspect <in docker://h.example/x:1",
        "crane digest h.example/x:1 # the digest",
        "crane digest 'h.example'/\"x\":1",
        "D=$(crane digest h.example/x:1)",
        "echo \"$(crane digest h.example/x:1)\"",
        "(docker pull h.example/x:1)",
        "FOO=bar docker pull h.example/x:1",
        "cd /tmp; sudo docker pull h.example/x:1",
        "$ docker pull h.example/x:1",
        "# docker pull h.example/x:1",
        "> docker pull h.example/x:1",
        "❯ docker pull h.example/x:1",
        "PS> docker pull h.example/x:1",
        "PS C:\\Users\\me> docker pull h.example/x:1",
        "C:\\Users\\me>docker pull h.example/x:1",
        "[root@host ~]# docker pull h.example/x:1",
        "docker pull `\n  h.example/x:1",
        "docker pull \\\n  --quiet \\\n  h.example/x:1\ndocker images",
        "h.example/x:1 | jq",
    ] {
        assert_eq!(
            read(command).reference.familiar(),
            "h.example/x:1",
            "{command}"
        );
    }
    // The place of an error is that of what was typed.
    all_refused(&[
        ("crane digest 'h.example'/\"X\":1", "X", "upper-case"),
        (
            "crane digest h.example/x:$(git describe)",
            "$(",
            "has no value here",
        ),
        ("FROM golang:${VERSION}", "${", "has no value here"),
    ]);
    // In an address & and ; are its own.
    assert_eq!(
        read("https://quay.io/repository/o/n?tab=tags&tag=v1")
            .reference
            .familiar(),
        "quay.io/o/n:v1"
    );
}

#[test]
fn what_is_on_a_machine_is_told_with_the_way_on() {
    for text in [
        "oci:/tmp/layout:1",
        "oci:layout",
        "dir:/tmp/x",
        "docker-archive:/tmp/x.tar:a:1",
        "docker-daemon:nginx:1",
        "containers-storage:localhost/x",
        "ostree:x@/ostree/repo",
        "ocidir:///tmp/x:1",
        "skopeo inspect oci:layout:1",
        "podman pull dir:/tmp/x",
        "oras manifest fetch --oci-layout layout:1",
        "Error: initializing source oci-archive:/tmp/x.tar: no such file",
    ] {
        let error = understand(text).expect_err(text).to_string();
        assert!(
            error.contains("on a machine and in no registry: drop the file here"),
            "{text}: {error}"
        );
    }
    assert_eq!(
        read("skopeo copy oci:a:1 docker://h.example/x:1")
            .reference
            .familiar(),
        "h.example/x:1"
    );
    assert_eq!(read("oci/x:1").reference.familiar(), "oci/x:1");
}

#[test]
fn a_digest_behind_a_colon_is_told() {
    all_refused(&[
        (
            "h.example/x:sha256:HEX",
            ":HEX",
            "a digest follows @: name@sha256:…",
        ),
        (
            "docker pull h.example/x:1:sha256:HEX",
            ":sha256",
            "a digest follows @",
        ),
        ("x:sha512:HEX", ":HEX", "a digest follows @"),
        ("x:1:2", ":2", "tag has a character"),
    ]);
}

#[test]
fn another_registry_behind_docker_hubs_is_a_hint() {
    all_read(&[
        (
            "docker.io/quay.io/o/x:1",
            "docker.io/quay.io/o/x:1",
            "did you mean quay.io/o/x:1?",
        ),
        (
            "docker pull index.docker.io/registry.k8s.io/pause@sha256:HEX",
            "docker.io/registry.k8s.io/pause@sha256:HEX",
            "did you mean registry.k8s.io/pause@sha256:HEX?"
                .split("HEX")
                .next()
                .expect("it"),
        ),
        (
            "https://registry-1.docker.io/v2/ghcr.io/o/x/manifests/1",
            "docker.io/ghcr.io/o/x:1",
            "did you mean ghcr.io/o/x:1?",
        ),
        (
            "docker.io/docker.io/nginx",
            "docker.io/docker.io/nginx",
            "did you mean nginx?",
        ),
    ]);
    for text in [
        "h.example/ghcr.io/o/x",
        "docker.io/o/ghcr.io",
        "docker.io/nginx",
    ] {
        assert!(!notes(&read(text)).contains("mean"), "{text}");
    }
}

#[test]
fn every_part_of_a_packages_name_is_kept() {
    for (text, expected) in [
        (
            "https://github.com/users/O/packages/container/package/a/b/c",
            "ghcr.io/o/a/b/c",
        ),
        (
            "https://github.com/orgs/o/packages/container/a%2Fb/versions",
            "ghcr.io/o/a/b",
        ),
        (
            "https://github.com/o/r/pkgs/container/a/b/123456?tag=1",
            "ghcr.io/o/a/b:1",
        ),
        (
            "github.com/orgs/o/packages/container/a/settings",
            "ghcr.io/o/a",
        ),
        (
            "https://gallery.ecr.aws/docker/library/nginx",
            "public.ecr.aws/docker/library/nginx",
        ),
    ] {
        assert_eq!(read(text).reference.familiar(), expected, "{text}");
    }
}

#[test]
fn the_image_in_a_message_is_found_and_that_is_said() {
    let said = "found in a message";
    all_read(&[
        (
            "docker: Error response from daemon: pull access denied for h.example/x:1, repository does not exist or may \
             require 'docker login': denied: requested access to the resource is denied.",
            "h.example/x:1",
            said,
        ),
        (
            "Error response from daemon: Get \"https://h.example/v2/a/b/manifests/1\": unauthorized: no",
            "h.example/a/b:1",
            said,
        ),
        (
            "failed to pull and unpack image \"h.example/x@sha256:HEX\": failed to resolve reference \
             \"h.example/x@sha256:HEX\": h.example/x@sha256:HEX: not found",
            "h.example/x@sha256:HEX",
            said,
        ),
        (
            "  Warning  Failed  12s (x2 over 30s)  kubelet  Failed to pull image \"h.example/x:1\": rpc error: code = \
             NotFound desc = failed to pull",
            "h.example/x:1",
            said,
        ),
        (
            "Error: initializing source docker://h.example/x:1: reading manifest 1 in h.example/x: manifest unknown",
            "h.example/x:1",
            said,
        ),
        (
            "time=\"2026-01-01T00:00:00Z\" level=fatal msg=\"Error parsing image name \\\"docker://h.example/x:1\\\": \
             reading manifest 1 in h.example/x\"",
            "h.example/x:1",
            said,
        ),
        ("Trying to pull h.example/x:1...", "h.example/x:1", said),
        (
            "Back-off pulling image \"h.example/x:1\"",
            "h.example/x:1",
            said,
        ),
        (
            "Can't pull [::1]:5000/x:1, it isn't there",
            "[::1]:5000/x:1",
            said,
        ),
        (
            "Error response from daemon: manifest for nginx:9 not found: manifest unknown",
            "nginx:9",
            said,
        ),
        (
            "Unable to find image 'hello-world:latest' locally",
            "hello-world:latest",
            said,
        ),
        ("COPY --from=h.example/x:1 /a /b", "h.example/x:1", said),
        ("repository: h.example/x", "h.example/x", said),
    ]);
    all_refused(&[
        (
            "Error response from daemon: no space left on device",
            "Error",
            "names no image with its registry: paste the image alone",
        ),
        (
            "Error: took 1.5/2 s, see a/b.c:7",
            "Error",
            "names no image with its registry",
        ),
    ]);
}

#[test]
fn lines_of_a_file() {
    all_read(&[
        (
            "FROM --platform=$BUILDPLATFORM h.example/x:1 AS x",
            "h.example/x:1",
            "a FROM line",
        ),
        (
            "# build\nFROM h.example/x:1 AS x\nRUN make",
            "h.example/x:1",
            "a FROM line",
        ),
        (
            "- image: 'h.example/x:1'",
            "h.example/x:1",
            "an image: line",
        ),
        (
            "    image: h.example/x:1 # web",
            "h.example/x:1",
            "an image: line",
        ),
        (
            "services:\n  web:\n    image: \"h.example/x:1\"\n    ports: [80]",
            "h.example/x:1",
            "an image: line",
        ),
        (
            "\"image\": \"h.example/x:1\",",
            "h.example/x:1",
            "an image: line",
        ),
    ]);
}

#[test]
fn a_name_stands_among_the_marks_of_the_text_around_it() {
    for text in [
        "h.example/x:1,",
        "h.example/x:1;",
        "(h.example/x:1)",
        "**h.example/x:1**",
        "«h.example/x:1»",
        "\"h.example/x:1",
        "h.example/x:1\"",
        "'h.example/x:1',",
        "h.example/x:1 &",
        "h.example/x:1 # comment",
        "IMG=h.example/x:1",
        "$env:IMG=\"h.example/x:1\"",
        "export IMG='h.example/x:1'",
        "IMAGE := h.example/x:1",
        "image = \"h.example/x:1\"",
        "tags: h.example/x:1,h.example/x:2",
        "RUN --mount=type=bind,from=h.example/x:1,target=/x ls",
        "buildctl build --output type=image,name=h.example/x:1,push=true",
        "\t@docker push h.example/x:1",
        "uses: docker://h.example/x:1",
        "imageID: docker-pullable://h.example/x:1",
        "h.example/x:1 h.example/y:2",
        "h.example/x:1\nh.example/y:2",
        "h.example/x:1 (linux/amd64)",
        "h.example/x   1   605c77e624dd   2 years ago    141MB",
    ] {
        assert_eq!(read(text).reference.familiar(), "h.example/x:1", "{text}");
    }
    all_read(&[
        (
            "h.example/x:1.",
            "h.example/x:1.",
            "did you mean h.example/x:1?",
        ),
        (
            "e3b0c44298fc",
            "e3b0c44298fc",
            "looks like the short id of an image, which no registry finds",
        ),
        (
            "arn:aws:ecr:us-east-1:123456789012:repository/a/b",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/a/b",
            "",
        ),
    ]);
    for text in ["@sha256:HEX", "sha256-HEX", "HEX", "sha256:HEX"] {
        assert!(
            matches!(understand(&hex(text)), Ok(Input::Digest(_))),
            "{text}"
        );
    }
    assert!(matches!(
        understand(&HEX.to_uppercase()),
        Ok(Input::Digest(_))
    ));
    all_refused(&[
        ("$IMAGE", "$", "has no value here"),
        ("${REGISTRY}/x:1", "$", "has no value here"),
        ("h.example/x:${TAG:-latest}", "$", "has no value here"),
        ("%IMAGE%", "%", "has no value here"),
        ("docker pull %IMAGE%", "%", "has no value here"),
        ("image: {{ .Values.image }}", "{{", "has no value here"),
        (
            "{{ .Values.image }}:{{ .Values.tag }}",
            "{{",
            "has no value here",
        ),
        ("<registry>/x:1", "<", "has no value here"),
        ("<none>", "<", "has no value here"),
        ("FOO=bar", "bar", "names no image with its registry"),
    ]);
    for text in [
        "/tmp/x.tar",
        "./x.tar",
        "../x",
        "~/x.tar",
        "C:\\Users\\a\\x.tar",
    ] {
        let error = understand(text).expect_err(text).to_string();
        assert!(
            error.contains("on a machine and in no registry"),
            "{text}: {error}"
        );
    }
}

#[test]
fn the_tool_is_known_by_whatever_name_and_in_whatever_shell() {
    for command in [
        "docker.exe pull h.example/x:1",
        "C:\\Windows\\docker.exe pull h.example/x:1",
        "\"C:\\Program Files\\Docker\\docker.exe\" pull h.example/x:1",
        "docker pull ^\n  h.example/x:1",
        "docker pull \"h.example/x:1\" ^",
        "podman inspect -t image h.example/x:1",
        "podman push --digestfile /tmp/d h.example/x:1",
        "nerdctl inspect --mode native h.example/x:1",
        "oras cp --from-oci-layout out:1 h.example/x:1",
        "oras cp h.example/x:1 --to-oci-layout out:1",
        "krane digest h.example/x:1",
        "ssh host 'docker pull h.example/x:1'",
        "bash -lc \"docker pull h.example/x:1 && ls\"",
        "sudo DOCKER_CLI_EXPERIMENTAL=enabled docker manifest inspect h.example/x:1",
        "FROM scratch\nCOPY . .\nFROM h.example/x:1",
    ] {
        assert_eq!(
            read(command).reference.familiar(),
            "h.example/x:1",
            "{command}"
        );
    }
    all_refused(&[
        ("FROM scratch", "", "no image"),
        (
            "oras cp --from-oci-layout a:1 --to-oci-layout b:1",
            "--to",
            "on a machine",
        ),
    ]);
    // To helm 1.2 is one version, and what is none is a range.
    for version in ["1.2", "1", "v1.2.3", "1.2.3-rc.1"] {
        let command = format!("helm3 pull oci://h.example/x --version {version}");
        assert_eq!(
            read(&command).reference.familiar(),
            format!("h.example/x:{version}")
        );
    }
    for range in ["^1.2.0", "'~1.2'", "1.x", "'*'", "latest", "\"1.2 - 1.4\""] {
        let command = format!("helm pull oci://h.example/x --version {range}");
        let error = understand(&command).expect_err(&command).to_string();
        assert!(error.contains("is a range"), "{command}: {error}");
    }
}

#[test]
fn a_page_names_its_image_whole_or_that_is_said() {
    for (text, expected) in [
        (
            "https://hub.docker.com/layers/nginx/library/nginx/1.27/images/sha256-HEX",
            "nginx:1.27@sha256:HEX",
        ),
        (
            "https://hub.docker.com/repository/docker/me/x/tags/1.0/sha256-HEX",
            "me/x:1.0@sha256:HEX",
        ),
        (
            "https://hub.docker.com/v2/repositories/library/nginx/tags/1.27",
            "nginx:1.27",
        ),
        (
            "https://quay.io/repository/o/tenant/a/b?tab=tags&tag=v1",
            "quay.io/o/tenant/a/b:v1",
        ),
        (
            "https://quay.io/repository/o/a/b/manifest/sha256:HEX",
            "quay.io/o/a/b@sha256:HEX",
        ),
        (
            "https://us-east-1.console.aws.amazon.com/ecr/repositories/private/123456789012/a/b?region=us-east-1",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/a/b",
        ),
        (
            "https://eu-west-1.console.aws.amazon.com/ecr/repositories/private/123456789012/a/_/image/sha256:HEX/details",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a@sha256:HEX",
        ),
        (
            "https://mcr.microsoft.com/en-us/artifact/mar/dotnet/sdk/tags",
            "mcr.microsoft.com/dotnet/sdk",
        ),
        (
            "https://catalog.ngc.nvidia.com/orgs/nvidia/teams/k8s/containers/x/tags",
            "nvcr.io/nvidia/k8s/x",
        ),
        (
            "https://demo.goharbor.io/api/v2.0/projects/library/repositories/x/artifacts/1",
            "demo.goharbor.io/library/x:1",
        ),
        (
            "https://x.jfrog.io/artifactory/api/docker/local/v2/a/b/manifests/1",
            "x.jfrog.io/local/a/b:1",
        ),
        ("https://h.example/v2/a/manifests/1/", "h.example/a:1"),
    ] {
        let found = read(text);
        assert_eq!(found.reference.familiar(), hex(expected), "{text}");
    }
    for text in [
        "https://harbor.example/harbor/projects/3/repositories/x/artifacts-tab/artifacts/sha256:HEX",
        "https://gitlab.example/g/p/container_registry/12",
        "https://quay.io/organization/a",
        "https://catalog.redhat.com/software/containers/ubi9/ubi/615bcf606feffc5384e8452e",
        "https://artifacthub.io/packages/helm/bitnami/nginx",
        "https://nexus.example/repository/docker/v2/x/manifests/1",
        "https://h.example/artifactory/docker-local/x/1/manifest.json",
        "https://store.docker.com/images/nginx",
    ] {
        let text = hex(text);
        let error = understand(&text).expect_err(&text).to_string();
        assert!(
            error.contains("does not tell the whole name"),
            "{text}: {error}"
        );
    }
    // Without https:// it is a name, whatever it looks like.
    assert_eq!(
        read("quay.io/organization/a").reference.familiar(),
        "quay.io/organization/a"
    );
}

#[test]
fn no_secret_is_taken_for_an_image_or_told() {
    for text in [
        "curl -u h.example/a:gangway-7 https://h.example/v2/x/manifests/1",
        "curl -uh.example/a:gangway-7 https://h.example/v2/x/manifests/1",
        "curl -H Authorization:gang.way-7/x https://h.example/v2/x/manifests/1",
        "curl -Hgang.way-7/x https://h.example/v2/x/manifests/1",
        "curl -H \"Authorization: Bearer gangway-7.a/b\" 'https://h.example/v2/x/manifests/1'",
        "curl https://porter:gangway-7@h.example/v2/x/manifests/1",
        "curl 'https://porter:gang/way-7@h.example/v2/x/manifests/1'",
        "cosign login --password=gang.way-7/x h.example/x",
        "tool --registry-password gang.way-7/x h.example/x",
        "tool --token=gang.way-7/x h.example/x",
        "echo gang.way-7/x | docker login -u porter --password-stdin h.example",
        "Error: Get \"https://porter:gangway-7@h.example/v2/x/manifests/1\": denied",
    ] {
        let found = format!("{:?}", understand(text)).replace('-', "");
        assert!(
            !found.contains("way7") && !found.contains("porter"),
            "{text}: {found}"
        );
    }
}

#[test]
fn long_texts_are_read_in_time() {
    for part in [
        "h.example/x:1 ",
        "$(",
        "\"$(",
        "a=",
        "docker ",
        "docker -c ",
        "image: x\n",
        "https://a@",
        ":",
        "'",
        "x:sha256:",
    ] {
        let text = format!("a {}", part.repeat(300_000 / part.len()));
        let begun = std::time::Instant::now();
        let _ = understand(&text);
        assert!(begun.elapsed().as_secs() < 10, "{part}");
    }
}
