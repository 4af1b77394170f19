// @ts-check
// Images with small layers of their own, put into a real registry; and a front before it that spoils blobs on their way.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, request as ask } from "node:http";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { emptyFolder, portOf } from "./programs.mjs";

export const digestOf = (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const oci = (name) => `application/vnd.oci.image.${name}`;

/** An archive by GNU tar that holds one file of so many random bytes. */
export function archive(name, bytes) {
  const folder = emptyFolder();
  mkdirSync(path.join(folder, "etc"));
  writeFileSync(path.join(folder, "etc", name), randomBytes(bytes));
  return execFileSync("tar", ["-C", folder, "-cf", "-", "etc"], { maxBuffer: 1 << 30 });
}

/** A layer as gzip compresses it, with what it unpacks to. */
export function layer(name, bytes) {
  const plain = archive(name, bytes);
  const blob = gzipSync(plain, { level: 1 });
  return { blob, digest: digestOf(blob), size: blob.length, diffId: digestOf(plain), mediaType: oci("layer.v1.tar+gzip") };
}

async function send(registry, method, target, body, headers = {}) {
  const answer = await fetch(new URL(target, `http://${registry.host}`), { method, body, headers });
  assert.ok(answer.ok, `${method} ${target} is answered ${answer.status}: ${await answer.text()}`);
  return answer;
}

async function putBlob(registry, repository, bytes) {
  const { headers } = await send(registry, "POST", `/v2/${repository}/blobs/uploads/`);
  const location = new URL(headers.get("location"), `http://${registry.host}`);
  location.searchParams.set("digest", digestOf(bytes));
  await send(registry, "PUT", location, bytes, { "content-type": "application/octet-stream" });
}

/**
 * Puts an image of these layers; its descriptor. `diffIds` are those of the layers unless they are named. What has no
 * `blob` is only named; `more` are other members of the manifest.
 *
 * @param {any} registry
 * @param {string} repository
 * @param {string} tag
 * @param {any[]} layers
 * @param {any} [options]
 */
export async function putImage(registry, repository, tag, layers, { diffIds, architecture = "amd64", more = {} } = {}) {
  const rootfs = { type: "layers", diff_ids: diffIds ?? layers.map((one) => one.diffId) };
  const config = Buffer.from(JSON.stringify({ architecture, os: "linux", config: {}, rootfs }));
  for (const bytes of [config, ...layers.map((one) => one.blob).filter(Boolean)]) await putBlob(registry, repository, bytes);
  const named = layers.map(({ mediaType, digest, size, urls }) => ({ mediaType, digest, size, urls }));
  const configDescriptor = { mediaType: oci("config.v1+json"), digest: digestOf(config), size: config.length };
  const platform = { os: "linux", architecture };
  return { ...(await putManifest(registry, repository, tag, oci("manifest.v1+json"), { config: configDescriptor, layers: named, ...more })), platform };
}

/** Puts an index of images that were put. */
export const putIndex = (registry, repository, tag, manifests) =>
  putManifest(registry, repository, tag, oci("index.v1+json"), { manifests });

export async function putManifest(registry, repository, tag, mediaType, members) {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...members }));
  const digest = digestOf(bytes);
  await send(registry, "PUT", `/v2/${repository}/manifests/${tag ?? digest}`, bytes, { "content-type": mediaType });
  return { mediaType, digest, size: bytes.length };
}

/** Deletes a blob, which manifests go on to name. */
export const deleteBlob = (registry, repository, digest) =>
  send(registry, "DELETE", `/v2/${repository}/blobs/${digest}`);

/**
 * Passes everything on to `behind`, but for the blobs that it is told to spoil, by their digest:
 *
 * - `wrong`: a byte in the middle is another one.
 * - `cut`: the connection ends in the middle; `times` says how often.
 * - `whole`: `Range` is ignored, and the connection ends in the middle once.
 * - `forbidden`: 403, in the registry's own words.
 * - `encoded`: the answer says `Content-Encoding: gzip` of what is compressed already, so a browser unpacks it.
 * - `held`: it stands still in the middle until `release()`.
 *
 * `asked(digest)` lists the `Range` of each GET of that blob, in order; undefined where it had none.
 */
export async function spoilingFront(behind) {
  const [hostname, port] = behind.host.split(":");
  const spoilt = new Map();
  const gets = [];
  let waiting = [];
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    const digest = url.match(/\/blobs\/(sha256:[\da-f]{64})/)?.[1];
    const spoil = method === "GET" ? spoilt.get(digest) : undefined;
    if (method === "GET" && digest) gets.push({ digest, range: headers.range });
    if (spoil?.how === "forbidden") {
      const error = { errors: [{ code: "DENIED", message: "this layer is not for you" }] };
      response.writeHead(403, { "content-type": "application/json", "access-control-allow-origin": "*" });
      return response.end(JSON.stringify(error));
    }
    const passed = { ...headers };
    if (spoil?.how === "whole") delete passed.range;
    const onward = ask({ hostname, port, method, path: url, headers: passed }, (answer) => {
      const chunks = [];
      if (!spoil || answer.statusCode >= 300) {
        response.writeHead(answer.statusCode, answer.headers);
        return answer.pipe(response);
      }
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("end", () => spoilBody(spoil, answer, Buffer.concat(chunks), response));
    });
    onward.on("error", () => request.socket.destroy());
    request.pipe(onward);
  });

  function spoilBody(spoil, answer, body, response) {
    const headers = { ...answer.headers };
    const half = body.length >> 1;
    if (spoil.how === "encoded") headers["content-encoding"] = "gzip";
    response.writeHead(answer.statusCode, headers);
    if (spoil.how === "wrong") body[half] ^= 1;
    const isCut = ["cut", "whole"].includes(spoil.how) && spoil.times > 0;
    if (isCut) {
      spoil.times -= 1;
      // What was written has left before the connection ends.
      return response.write(body.subarray(0, half), () => response.socket.end());
    }
    if (spoil.how === "held" && !spoil.isReleased) {
      response.write(body.subarray(0, half));
      waiting.push(() => response.end(body.subarray(half)));
      return undefined;
    }
    return response.end(body);
  }

  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    host: `127.0.0.1:${portOf(server)}`,
    spoil: (digest, how, times = 1) => spoilt.set(digest, { how, times }),
    mend: (digest) => spoilt.delete(digest),
    asked: (digest) => gets.filter((one) => one.digest === digest).map((one) => one.range),
    release: () => {
      spoilt.forEach((spoil) => (spoil.isReleased = true));
      waiting.forEach((goOn) => goOn());
      waiting = [];
    },
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
