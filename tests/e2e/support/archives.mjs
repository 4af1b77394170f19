// @ts-check
// Archives of images as files: written by the tools that write them, or made by hand as these do.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { archive } from "./images.mjs";
import { emptyFolder, find, run } from "./programs.mjs";

const hex = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** What skopeo makes of an image: `kind` is docker-archive or oci-archive, or dir or oci for a folder. The path. */
export async function bySkopeo(source, kind, name, tag = "") {
  const target = path.join(emptyFolder(), name);
  const words = ["copy", "--quiet", "--src-tls-verify=false", `docker://${source}`, `${kind}:${target}${tag && `:${tag}`}`];
  await run(find("skopeo"), words);
  return target;
}

/** What crane pulls: as a tarball or, with `format`, another form. */
export async function byCrane(source, name, format = "tarball") {
  const target = path.join(emptyFolder(), name);
  await run(find("crane"), ["pull", "--insecure", "--format", format, source, target]);
  return target;
}

/** The digest that skopeo tells of what is there, such as `docker-archive:/a.tar`. */
export async function digestBySkopeo(place) {
  const manifest = await run(find("skopeo"), ["inspect", "--raw", place]);
  return `sha256:${hex(manifest)}`;
}

/** A folder packed by GNU tar; the path. */
export function packed(folder, name) {
  const file = path.join(emptyFolder(), name);
  execFileSync("tar", ["-C", folder, "-cf", file, "."]);
  return file;
}

/** A file compressed as a whole, beside itself; the path. */
export function compressed(file, program) {
  const target = `${file}.${program === "gzip" ? "gz" : "zst"}`;
  execFileSync(program, program === "gzip" ? ["-k", file] : ["-q", "-k", file, "-o", target]);
  return target;
}

/** Bytes under a name on the disk; the path. */
export function written(name, bytes) {
  const file = path.join(emptyFolder(), name);
  writeFileSync(file, bytes);
  return file;
}

/** The config of an image with these layers, which are not compressed. */
export function configOf(layers, more = {}) {
  const diffIds = layers.map((layer) => `sha256:${hex(layer)}`);
  return Buffer.from(
    JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: diffIds }, ...more }),
  );
}

/** What docker 24 saves: one folder a layer, and `manifest.json`; the last of two equal layers is a link to the first. */
export function docker24(layers, tags) {
  const config = configOf(layers, { config: { Cmd: ["/bin/sh"] } });
  const entries = [];
  const names = layers.map((layer, index) => {
    const id = hex(Buffer.from(`${index}`));
    const first = layers.findIndex((other) => other.equals(layer));
    entries.push({ name: `${id}/` }, { name: `${id}/VERSION`, content: "1.0" }, { name: `${id}/json`, content: "{}" });
    entries.push(
      first === index
        ? { name: `${id}/layer.tar`, content: layer }
        : { name: `${id}/layer.tar`, type: "2", link: `../${hex(Buffer.from(`${first}`))}/layer.tar` },
    );
    return `${id}/layer.tar`;
  });
  entries.push({ name: `${hex(config)}.json`, content: config });
  const manifest = [{ Config: `${hex(config)}.json`, RepoTags: tags, Layers: names }];
  entries.push({ name: "manifest.json", content: JSON.stringify(manifest) });
  return archive(entries);
}

/** What docker 25 saves: an OCI layout and `manifest.json` at once, its layers not compressed. */
export function docker25(layers, tag) {
  const config = configOf(layers);
  const blob = (bytes) => ({ name: `blobs/sha256/${hex(bytes)}`, content: bytes });
  const descriptor = (mediaType, bytes) => ({ mediaType, digest: `sha256:${hex(bytes)}`, size: bytes.length });
  const oci = (kind) => `application/vnd.oci.image.${kind}`;
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: oci("manifest.v1+json"),
      config: descriptor(oci("config.v1+json"), config),
      layers: layers.map((layer) => descriptor(oci("layer.v1.tar"), layer)),
    }),
  );
  const annotations = { "io.containerd.image.name": `docker.io/library/${tag}`, "org.opencontainers.image.ref.name": tag.split(":")[1] };
  const index = {
    schemaVersion: 2,
    mediaType: oci("index.v1+json"),
    manifests: [{ ...descriptor(oci("manifest.v1+json"), manifest), annotations }],
  };
  const names = layers.map((layer) => `blobs/sha256/${hex(layer)}`);
  const docker = [{ Config: `blobs/sha256/${hex(config)}`, RepoTags: [tag], Layers: names }];
  const bytes = archive([
    { name: "blobs/" },
    { name: "blobs/sha256/" },
    ...[config, manifest, ...layers].map(blob),
    { name: "index.json", content: JSON.stringify(index) },
    { name: "manifest.json", content: JSON.stringify(docker) },
    { name: "oci-layout", content: '{"imageLayoutVersion": "1.0.0"}' },
  ]);
  return { bytes, digest: `sha256:${hex(manifest)}` };
}

/**
 * A sparse docker archive of so many layers and bytes in all; the path. Its layers are zeros, so its config names other
 * ones: whoever lists it reads none of them.
 */
export function sparse(name, count, bytes) {
  const file = path.join(emptyFolder(), name);
  const each = Math.floor(bytes / count / 512) * 512;
  const descriptor = openSync(file, "w");
  const layers = Array.from({ length: count }, (_, index) => hex(Buffer.from(`layer ${index}`)));
  const config = Buffer.from(
    JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: layers.map((id) => `sha256:${id}`) } }),
  );
  let at = 0;
  const put = (content) => {
    const end = content.length - 1_024;
    writeSync(descriptor, content, 0, end, at);
    at += end;
  };
  for (const id of layers) {
    const header = archive([{ name: `${id}.tar` }]).subarray(0, 512);
    header.write(each.toString(8).padStart(11, "0"), 124);
    header.write("        ", 148);
    header.write(header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0") + "\0 ", 148);
    writeSync(descriptor, header, 0, 512, at);
    at += 512 + each;
  }
  put(archive([{ name: `${hex(config)}.json`, content: config }]));
  const manifest = [{ Config: `${hex(config)}.json`, RepoTags: ["large:1"], Layers: layers.map((id) => `${id}.tar`) }];
  put(archive([{ name: "manifest.json", content: JSON.stringify(manifest) }]));
  ftruncateSync(descriptor, at + 1_024);
  closeSync(descriptor);
  return file;
}

/** A folder with an OCI layout of this image, written by hand: more files than a browser gives at once. */
export function manyFiles(image, count) {
  const folder = emptyFolder();
  execFileSync("tar", ["-C", folder, "-x"], { input: image });
  mkdirSync(path.join(folder, "more"));
  for (let index = 0; index < count; index += 1) writeFileSync(path.join(folder, "more", `${index}`), "");
  return folder;
}

export { gzipSync, readFileSync };
