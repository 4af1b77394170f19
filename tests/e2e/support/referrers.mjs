// @ts-check
// Registries as far as referrers go, each by its rules, with what it was asked; and manifests that refer to others.

import { once } from "node:events";
import { createServer } from "node:http";
import { digestOf } from "./images.mjs";
import { portOf } from "./programs.mjs";

export const IMAGE = "application/vnd.oci.image.manifest.v1+json";
export const INDEX = "application/vnd.oci.image.index.v1+json";
const EMPTY = { mediaType: "application/vnd.oci.empty.v1+json", digest: digestOf("{}"), size: 2 };

/** A content of a registry: its bytes, with its digest and size. */
const content = (mediaType, bytes) => ({ mediaType, bytes, digest: digestOf(bytes), size: bytes.length });

/** A document as a layer. */
export const documentOf = (mediaType, value, annotations = {}) => ({
  ...content(mediaType, Buffer.from(typeof value === "string" ? value : JSON.stringify(value))),
  annotations,
});

/** @param {any} content */
const named = ({ mediaType, digest, size, annotations }) => ({ mediaType, digest, size, annotations });

/** An artifact with these documents, of that subject. */
export function artifact(artifactType, documents, subject, members = {}) {
  const manifest = { schemaVersion: 2, mediaType: IMAGE, artifactType, config: EMPTY, layers: documents.map(named), ...members };
  const refers = subject && { subject: named({ ...subject, annotations: undefined }) };
  return { ...content(IMAGE, Buffer.from(JSON.stringify({ ...manifest, ...refers }))), artifactType, documents };
}

/** An image without layers; `name` makes it another one. */
export function image(name) {
  const config = content("application/vnd.oci.image.config.v1+json", Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", name })));
  const manifest = { schemaVersion: 2, mediaType: IMAGE, config: named(config), layers: [] };
  return { ...content(IMAGE, Buffer.from(JSON.stringify(manifest))), documents: [config] };
}

/** An index of these entries. */
export const index = (manifests) => content(INDEX, Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests })));

/** An entry for a manifest. */
export const entry = (manifest, more = {}) => ({ ...named(manifest), artifactType: manifest.artifactType, ...more });

/** An in-toto statement about an image. */
export const statement = (subject, predicateType, predicate) => ({
  _type: "https://in-toto.io/Statement/v1",
  subject: [{ name: "app", digest: { sha256: subject.digest.slice(7) } }],
  predicateType,
  predicate,
});

/**
 * A registry on loopback with one repository, `team/app`: these manifests with their documents, what stands under tags, and
 * what refers to a digest (without it there is no API). `referrers` may answer by itself. Pages may read it with `cors`.
 * Of a document that `stalls` half comes, and then nothing more.
 *
 * @param {{ manifests: any[], tags?: Record<string, any>, referrers?: (digest: string, url: URL, response: any) => any }} held
 * @param {{ cors?: boolean, slow?: number }} [options]
 */
export async function referrersRegistry({ manifests, tags = {}, referrers }, { cors = true, slow = 0 } = {}) {
  const requests = [];
  const busy = { now: 0, most: 0 };
  const shared = cors ? { "access-control-allow-origin": "*", "access-control-expose-headers": "docker-content-digest, link, warning" } : {};
  const contents = new Map(manifests.flatMap((manifest) => [manifest, ...(manifest.documents ?? [])]).map((one) => [one.digest, one]));
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://registry");
    requests.push(`${request.method} ${url.pathname}${url.search}`);
    busy.most = Math.max(busy.most, ++busy.now);
    response.on("close", () => busy.now--);
    for (const [name, value] of Object.entries(shared)) response.setHeader(name, value);
    const answer = () => {
      const [, what, last] = url.pathname.match(/^\/v2\/team\/app\/(manifests|blobs|referrers)\/([^/]+)$/) ?? [];
      if (what === "referrers") {
        const listed = referrers?.(last ?? "", url, response);
        if (response.writableEnded || response.headersSent) return;
        if (listed) return void response.writeHead(200, { "content-type": INDEX }).end(index(listed).bytes);
      }
      const found = what !== "referrers" && (contents.get(last) ?? tags[last ?? ""]);
      if (!found) return void response.writeHead(404, { "content-type": "text/plain" }).end("404 page not found\n");
      const headers = { "content-type": found.mediaType, "docker-content-digest": found.digest, "content-length": found.bytes.length };
      response.writeHead(200, headers);
      if (found.stalls) response.write(found.bytes.subarray(0, found.bytes.length / 2));
      else response.end(request.method === "HEAD" ? undefined : found.bytes);
    };
    if (slow > 0) setTimeout(answer, slow);
    else answer();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return {
    host: `127.0.0.1:${portOf(server)}`,
    /** What it was asked since the last time. */
    asked: () => requests.splice(0),
    /** How many requests it had at once, at most. */
    atOnce: () => busy.most,
    stop,
  };
}
