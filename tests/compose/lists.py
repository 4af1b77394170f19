"""Lists that real tools write of the same images. Shared by `make` and `judge`.

Images for amd64, arm/v7, arm64/v8 and Windows, once as OCI and once as Docker schema 2, are put into a registry on
loopback (`crane registry serve`). Then crane, regctl, oras, docker, buildx, skopeo and buildah each write lists of
them, and what the registry has then is kept, or compared with what was kept.
"""

import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "fixtures"))
import registry  # noqa: E402

GOLDEN = HERE.parent / "golden" / "compose"
OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker."
TYPES = {
    "oci": (OCI + "manifest.v1+json", OCI + "config.v1+json", OCI + "layer.v1.tar+gzip"),
    "docker": (DOCKER + "distribution.manifest.v2+json", DOCKER + "container.image.v1+json", DOCKER + "image.rootfs.diff.tar.gzip"),
}
# The order in which every tool is given them. docker sorts by name instead: arm-v7 stands before arm64-v8 there.
PLATFORMS = {
    "amd64": {"architecture": "amd64", "os": "linux"},
    "arm64-v8": {"architecture": "arm64", "os": "linux", "variant": "v8"},
    "arm-v7": {"architecture": "arm", "os": "linux", "variant": "v7"},
    "windows": {"architecture": "amd64", "os": "windows", "os.version": "10.0.20348.2700"},
}
ANNOTATIONS = {"org.example.zulu": "<b>&\u2028 ü", "org.example.alpha": "first by name"}
ENTRY_ANNOTATIONS = {"org.example.entry": "yes"}
ARTIFACT_TYPE = "application/vnd.example.thing"
# Built from its module, it does not know its version.
BUILDX = "v0.38.1"
VERSIONS = {
    "crane": ["crane", "version"],
    "regctl": ["regctl", "version", "--format", "{{.VCSTag}}"],
    "oras": ["oras", "version"],
    "docker": ["docker", "--version"],
    "skopeo": ["skopeo", "--version"],
    "buildah": ["buildah", "--version"],
}


def image(family, platform):
    """A manifest and its config, of one layer."""
    manifest_type, config_type, layer_type = TYPES[family]
    layer = gzip.compress(bytes(1024), mtime=0)  # an empty tar
    config = json.dumps({
        **platform, "created": "2026-01-02T03:04:05Z", "config": {},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"]},
    }).encode()
    def describe(media_type, body):
        return {"mediaType": media_type, "size": len(body), "digest": registry.digest_of(body)}
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": manifest_type,
        "config": describe(config_type, config), "layers": [describe(layer_type, layer)],
    }).encode()
    return manifest, config, layer


def find(tool):
    """docker has buildx as a plug-in, or it stands alone."""
    return os.environ.get("BUILDX") or shutil.which("buildx") if tool == "buildx" else registry.find(tool)


class Maker:
    """Runs the tools against one registry; `keep` is called with each file's place and bytes."""

    def __init__(self, store, work, keep):
        self.store, self.work, self.keep = store, pathlib.Path(work), keep
        self.cases, self.commands = [], []
        # buildah asks for the file even where there is nobody to log in as.
        (self.work / "docker").mkdir()
        (self.work / "docker" / "config.json").write_text("{}")
        self.environment = {**os.environ, "DOCKER_CONFIG": str(self.work / "docker"), "BUILDX_CONFIG": str(self.work / "buildx")}

    def ref(self, repository, reference):
        separator = "@" if ":" in reference else ":"
        return f"{self.store.host}/{repository}{separator}{reference}"

    def run(self, *command, **options):
        program = find(command[0])
        if not program:
            raise SystemExit(f"{command[0]} is missing; the top of tests/compose/make says what is needed")
        words = [word.replace(self.store.host, "REGISTRY").replace(str(self.work), "WORK") for word in command]
        self.commands.append(" ".join(f"'{word}'" if " " in word or "<" in word else word for word in words))
        result = subprocess.run([program, *command[1:]], env=self.environment, capture_output=True, text=True, **options)
        if result.returncode:
            raise SystemExit(f"{' '.join(words)}: {result.stdout}{result.stderr}")

    def keep_source(self, name, manifest, config):
        self.keep(f"sources/{name}.json", manifest)
        self.keep(f"sources/{name}.json.config", config)

    def sources(self, family):
        for name, platform in PLATFORMS.items():
            manifest, config, layer = image(family, platform)
            for body in (config, layer):
                self.store.put_blob(family, registry.digest_of(body), body)
            self.store.put_manifest(family, name, manifest, TYPES[family][0])
            self.keep_source(f"{family}-{name}", manifest, config)

    def case(self, name, form, kind, sources, repository, tag=None, **asked):
        """Keeps what the registry has under the case's name; `sources` are files in sources/."""
        body, media_type, digest = self.store.get_manifest(repository, tag or name)
        self.keep(f"{name}.json", body)
        self.cases.append({
            "name": name, "form": form, "kind": kind, "sources": sources, "mediaType": media_type, "digest": digest,
            "size": len(body), "repository": repository, **asked, "commands": self.commands,
        })
        self.commands = []

    def family(self, family):
        return [f"{family}-{name}" for name in PLATFORMS], [self.ref(family, name) for name in PLATFORMS]


def crane(maker):
    for family, kind in (("oci", "oci"), ("docker", "docker"), ("docker", "oci")):
        sources, references = maker.family(family)
        name = f"crane-{kind}" if family == kind else f"crane-{kind}-of-{family}"
        base = ["--docker-empty-base"] if kind == "docker" else []
        members = [word for reference in references for word in ("-m", reference)]
        maker.run("crane", "index", "append", "--insecure", *base, *members, "-t", maker.ref(family, name))
        maker.case(name, "crane", kind, sources, family)


def crane_annotated(maker):
    """crane sets no annotations itself and keeps those of the index that it appends to."""
    sources, _ = maker.family("oci")
    maker.run("crane", "index", "append", "--insecure", maker.ref("oci", "regctl-oci-annotated"),
              "-m", maker.ref("docker", "amd64"), "-t", maker.ref("oci", "crane-oci-annotated"))
    maker.case("crane-oci-annotated", "crane", "oci", [*sources, "docker-amd64"], "oci", annotations=ANNOTATIONS,
               entryAnnotations=dict.fromkeys(sources, ENTRY_ANNOTATIONS), artifactType=ARTIFACT_TYPE, subject="oci-amd64", listed=sources)


def regctl(maker):
    def run(*arguments):
        maker.run("regctl", "--host", f"reg={maker.store.host},tls=disabled", *arguments)
    for family, kind in (("oci", "oci"), ("docker", "docker")):
        sources, references = maker.family(family)
        name = f"regctl-{kind}"
        media_type = ["--media-type", DOCKER + "distribution.manifest.list.v2+json"] if kind == "docker" else []
        members = [word for reference in references for word in ("--ref", reference)]
        run("index", "create", maker.ref(family, name), *media_type, *members)
        maker.case(name, "regctl", kind, sources, family)
    sources, references = maker.family("oci")
    members = [word for reference in references for word in ("--ref", reference)]
    annotations = [word for key, value in ANNOTATIONS.items() for word in ("--annotation", f"{key}={value}")]
    entry = [word for key, value in ENTRY_ANNOTATIONS.items() for word in ("--desc-annotation", f"{key}={value}")]
    run("index", "create", maker.ref("oci", "regctl-oci-annotated"), *members, *annotations, *entry,
        "--artifact-type", ARTIFACT_TYPE, "--subject", "amd64")
    maker.case("regctl-oci-annotated", "regctl", "oci", sources, "oci", annotations=ANNOTATIONS,
               entryAnnotations=dict.fromkeys(sources, ENTRY_ANNOTATIONS), artifactType=ARTIFACT_TYPE, subject="oci-amd64")


def oras(maker):
    for family in ("oci", "docker"):
        sources, _ = maker.family(family)
        name = "oras-oci" if family == "oci" else "oras-oci-of-docker"
        maker.run("oras", "manifest", "index", "create", "--plain-http", maker.ref(family, name), *PLATFORMS)
        maker.case(name, "oras", "oci", sources, family)
    sources, _ = maker.family("oci")
    annotations = [word for key, value in ANNOTATIONS.items() for word in ("--annotation", f"{key}={value}")]
    maker.run("oras", "manifest", "index", "create", "--plain-http", maker.ref("oci", "oras-oci-annotated"), *PLATFORMS,
              *annotations, "--artifact-type", ARTIFACT_TYPE)
    maker.case("oras-oci-annotated", "oras", "oci", sources, "oci", annotations=ANNOTATIONS, artifactType=ARTIFACT_TYPE)


def docker(maker):
    for family in ("docker", "oci"):
        sources, references = maker.family(family)
        name = "docker-docker" if family == "docker" else "docker-docker-of-oci"
        target = maker.ref(family, name)
        maker.run("docker", "manifest", "create", "--insecure", target, *references)
        maker.run("docker", "manifest", "push", "--insecure", target)
        # The client goes by the media type of the first entry.
        maker.case(name, "docker", family, sources, family)
    sources, references = maker.family("docker")
    target = maker.ref("docker", "docker-docker-annotated")
    maker.run("docker", "manifest", "create", "--insecure", target, *references)
    maker.run("docker", "manifest", "annotate", "--os-version", "10.0.1.2", "--os-features", "win32k", target, references[3])
    maker.run("docker", "manifest", "push", "--insecure", target)
    maker.case("docker-docker-annotated", "docker", "docker", sources, "docker",
               platforms={"docker-windows": {**PLATFORMS["windows"], "os.version": "10.0.1.2", "os.features": ["win32k"]}})


def buildx(maker):
    for family in ("oci", "docker"):
        sources, references = maker.family(family)
        name = f"buildx-{family}"
        maker.run("buildx", "imagetools", "create", "-t", maker.ref(family, name), *references)
        maker.case(name, "buildx", family, sources, family)
        # Entries of a list keep their platform as it stands.
        name = f"buildx-{family}-of-list"
        maker.run("buildx", "imagetools", "create", "-t", maker.ref(family, name), maker.ref(family, f"regctl-{family}"),
                  references[0])
        maker.case(name, "buildx", family, sources, family, listed=sources)
    sources, references = maker.family("oci")
    annotations = [word for key, value in ANNOTATIONS.items() for word in ("--annotation", f"index:{key}={value}")]
    entry = [word for key, value in ENTRY_ANNOTATIONS.items() for word in ("--annotation", f"manifest-descriptor:{key}={value}")]
    maker.run("buildx", "imagetools", "create", "-t", maker.ref("oci", "buildx-oci-annotated"), *annotations, *entry, *references)
    maker.case("buildx-oci-annotated", "buildx", "oci", sources, "oci", annotations=ANNOTATIONS, entryAnnotations=dict.fromkeys(sources, ENTRY_ANNOTATIONS))


def skopeo(maker):
    """skopeo writes a list when it converts one; the images that it converts are sources of their own."""
    for family, other, flag in (("docker", "oci", "oci"), ("oci", "docker", "v2s2")):
        name = f"skopeo-{other}"
        maker.run("skopeo", "copy", "--all", "--format", flag, "--src-tls-verify=false", "--dest-tls-verify=false",
                  "docker://" + maker.ref(family, f"regctl-{family}"), "docker://" + maker.ref(name, name))
        sources = []
        for entry in json.loads(maker.store.get_manifest(name, name)[0])["manifests"]:
            manifest, _, _ = maker.store.get_manifest(name, entry["digest"])
            config = maker.store.get_blob(name, json.loads(manifest)["config"]["digest"])
            sources.append(f"{name}-{list(PLATFORMS)[len(sources)]}")
            maker.keep_source(sources[-1], manifest, config)
        maker.case(name, "skopeo", other, sources, name)


def buildah(maker):
    store = ["--root", str(maker.work / "root"), "--runroot", str(maker.work / "runroot"), "--storage-driver", "vfs"]
    for family, flag in (("oci", "oci"), ("docker", "v2s2")):
        sources, references = maker.family(family)
        name = f"buildah-{family}"
        maker.run("buildah", *store, "manifest", "create", name)
        for reference in references:
            maker.run("buildah", *store, "manifest", "add", "--tls-verify=false", name, "docker://" + reference)
        maker.run("buildah", *store, "manifest", "push", "--all", "--format", flag, "--tls-verify=false", name,
                  "docker://" + maker.ref(family, name))
        maker.case(name, "skopeo", family, sources, family)


# Each with the programs that it needs.
TOOLS = {
    crane: ["crane"], regctl: ["regctl"], crane_annotated: ["crane", "regctl"], oras: ["oras"], docker: ["docker"],
    buildx: ["buildx", "regctl"], skopeo: ["skopeo", "regctl"], buildah: ["buildah"],
}
