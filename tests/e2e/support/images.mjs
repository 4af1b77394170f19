// @ts-check
// Layers and images that are made here, and put into a real registry.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { emptyFolder, find, run } from "./programs.mjs";

const BLOCK = 512;

export const digestOf = (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const oci = (name) => `application/vnd.oci.image.${name}`;

/**
 * A tar archive of these entries, in their order: a name, its content or what it links to, and what else its header says.
 * @param {{ name: string, content?: Buffer | string, type?: string, mode?: number, link?: string }[]} entries
 */
export function archive(entries) {
  const parts = [];
  for (const { name, content = "", type = name.endsWith("/") ? "5" : "0", mode = 0o644, link = "" } of entries) {
    const bytes = Buffer.from(content);
    const header = Buffer.alloc(BLOCK);
    const octal = (value, at, length) => header.write(value.toString(8).padStart(length - 1, "0"), at);
    header.write(name, 0);
    octal(mode, 100, 8);
    octal(0, 108, 8);
    octal(0, 116, 8);
    octal(bytes.length, 124, 12);
    octal(1_700_000_000, 136, 12);
    header.write("        ", 148);
    header.write(type, 156);
    header.write(link, 157);
    header.write("ustar\u000000root", 257);
    header.write("root", 297);
    octal(header.reduce((sum, byte) => sum + byte, 0), 148, 7);
    parts.push(header, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/** An archive by GNU tar that holds one file of so many random bytes. */
export function randomArchive(name, bytes) {
  const folder = emptyFolder();
  mkdirSync(path.join(folder, "etc"));
  writeFileSync(path.join(folder, "etc", name), randomBytes(bytes));
  return execFileSync("tar", ["-C", folder, "-cf", "-", "etc"], { maxBuffer: 1 << 30 });
}

/** A layer of these bytes, which are what `plain` is compressed to: `gzip`, `zstd` or "" names how. */
export function layerOf(blob, plain, compression = "gzip") {
  const mediaType = oci(compression ? `layer.v1.tar+${compression}` : "layer.v1.tar");
  return { blob, digest: digestOf(blob), size: blob.length, diffId: digestOf(plain), mediaType };
}

/** A layer of so many bytes that is not compressed, of one file that cannot be. */
export function plainLayer(name, bytes) {
  const plain = archive([{ name, content: randomBytes(bytes - 3 * BLOCK) }]);
  return layerOf(plain, plain, "");
}

/** An archive as a layer that gzip compresses. */
export const gzipLayer = (plain) => layerOf(gzipSync(plain, { level: 1 }), plain);

/** An archive as a layer that zstd compresses, told these options too. */
export const zstdLayer = (plain, options = []) =>
  layerOf(execFileSync("zstd", ["-q", "-c", ...options], { input: plain, maxBuffer: 1 << 30 }), plain, "zstd");

/**
 * A layer of one file of so many zeros, as GNU tar writes it and a program compresses it: 1,030 to 1 by gzip, 31,800 to 1
 * by zstd. It is whole nowhere.
 *
 * @param {number} bytes
 * @param {string} compression
 */
export async function bombLayer(bytes, compression) {
  const folder = emptyFolder();
  writeFileSync(path.join(folder, "zeros"), "");
  truncateSync(path.join(folder, "zeros"), bytes);
  const tar = spawn("tar", ["-C", folder, "-cf", "-", "zeros"], { stdio: ["ignore", "pipe", "inherit"] });
  const packer = spawn(compression, ["-c", ...(compression === "gzip" ? ["-9"] : ["-q"])], { stdio: ["pipe", "pipe", "inherit"] });
  const hash = createHash("sha256");
  tar.stdout.on("data", (chunk) => hash.update(chunk));
  tar.stdout.pipe(packer.stdin);
  const blob = Buffer.concat(await packer.stdout.toArray());
  return { ...layerOf(blob, Buffer.alloc(0), compression), diffId: `sha256:${hash.digest("hex")}` };
}

/** An archive of so many empty files, from `0000000` on. */
export function manyFiles(count) {
  const header = archive([{ name: "0000000" }]).subarray(0, BLOCK);
  // It is summed up with spaces where the sum stands.
  const sum = Buffer.from(header).fill(" ", 148, 156).reduce((sum, byte) => sum + byte, 0);
  const all = Buffer.alloc((count + 2) * BLOCK);
  for (let number = 0; number < count; number += 1) {
    const name = String(number).padStart(7, "0");
    const at = number * BLOCK;
    header.copy(all, at);
    all.write(name, at, "latin1");
    let digits = 0;
    for (let index = 0; index < name.length; index += 1) digits += name.charCodeAt(index) - 48;
    all.write((sum + digits).toString(8).padStart(6, "0"), at + 148, "latin1");
  }
  return all;
}

/** A layer of one file of so many random bytes. */
export const layer = (name, bytes) => gzipLayer(randomArchive(name, bytes));

async function send(registry, method, target, body, headers = {}) {
  const answer = await fetch(new URL(target, `http://${registry.host}`), { method, body, headers });
  assert.ok(answer.ok, `${method} ${target} is answered ${answer.status}: ${await answer.text()}`);
  return answer;
}

/** Puts a blob. */
export async function putBlob(registry, repository, bytes) {
  const { headers } = await send(registry, "POST", `/v2/${repository}/blobs/uploads/`);
  const location = new URL(headers.get("location"), `http://${registry.host}`);
  location.searchParams.set("digest", digestOf(bytes));
  await send(registry, "PUT", location, bytes, { "content-type": "application/octet-stream" });
}

/**
 * Puts an image of these layers; its descriptor. `diffIds` are those of the layers unless they are named, and `config` is
 * made of them. What has no `blob` is only named.
 *
 * @param {any} registry
 * @param {string} repository
 * @param {string} tag
 * @param {any[]} layers
 * @param {any} [options]
 */
export async function putImage(registry, repository, tag, layers, { diffIds, architecture = "amd64", config: given = undefined, more = {} } = {}) {
  const rootfs = { type: "layers", diff_ids: diffIds ?? layers.map((one) => one.diffId) };
  const config = Buffer.from(JSON.stringify(given ?? { architecture, os: "linux", config: {}, rootfs }));
  for (const bytes of [config, ...layers.map((one) => one.blob).filter(Boolean)]) await putBlob(registry, repository, bytes);
  const named = layers.map(({ mediaType, digest, size, urls, annotations }) => ({ mediaType, digest, size, urls, annotations }));
  const configDescriptor = { mediaType: oci("config.v1+json"), digest: digestOf(config), size: config.length };
  const platform = { os: "linux", architecture };
  return { ...(await putManifest(registry, repository, tag, oci("manifest.v1+json"), { config: configDescriptor, layers: named, ...more })), platform };
}

/** Puts an index of images that were put. */
export const putIndex = (registry, repository, tag, manifests) =>
  putManifest(registry, repository, tag, oci("index.v1+json"), { manifests });

/** Puts a manifest of that type; its descriptor. */
export async function putManifest(registry, repository, tag, mediaType, members) {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...members }));
  const digest = digestOf(bytes);
  await send(registry, "PUT", `/v2/${repository}/manifests/${tag ?? digest}`, bytes, { "content-type": mediaType });
  return { mediaType, digest, size: bytes.length };
}

/** Deletes a blob, which manifests go on to name. */
export const deleteBlob = (registry, repository, digest) =>
  send(registry, "DELETE", `/v2/${repository}/blobs/${digest}`);

/** Pushes an image of these archives, base first, as crane makes and compresses it; its reference. */
export async function pushImage(registry, reference, archives) {
  const folder = emptyFolder();
  mkdirSync(folder, { recursive: true });
  const files = archives.map((bytes, index) => {
    const file = path.join(folder, `${index}.tar`);
    writeFileSync(file, bytes);
    return file;
  });
  const whole = `${registry.host}/${reference}`;
  const layers = files.flatMap((file) => ["--new_layer", file]);
  await run(find("crane"), ["append", "--insecure", ...layers, "--new_tag", whole]);
  return whole;
}
