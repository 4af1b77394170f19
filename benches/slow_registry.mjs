// @ts-check
// A registry that takes its time for every answer, wants a bearer token, and keeps when each request began and ended.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { digestOf } from "../tests/e2e/support/images.mjs";
import { portOf } from "../tests/e2e/support/programs.mjs";

const oci = (name) => `application/vnd.oci.image.${name}+json`;
const INDEX = oci("index.v1");
const LAYERS = 5;
// Those of Debian's official image.
const PLATFORMS = ["amd64", "arm/v5", "arm/v7", "arm64/v8", "386", "ppc64le", "riscv64", "s390x"].map((name) => {
  const [architecture, variant] = name.split("/");
  return { os: "linux", architecture, variant };
});

/**
 * Starts one. With `token` it is for those who have a token of it, anonymous ones too; without, for everybody, and
 * pages of other origins may read it.
 *
 * @param {{ token: boolean, waitMs: number }} options
 */
export async function slowRegistry({ token, waitMs }) {
  const contents = new Map();
  const tokens = new Set();
  /** @type {{ method: string, path: string, status: number, begun: number, ended: number }[]} */
  const requests = [];
  const server = createServer((request, response) => {
    const { method = "", url = "/" } = request;
    const one = { method, path: url, status: 0, begun: performance.now(), ended: Infinity };
    requests.push(one);
    setTimeout(() => {
      // Before the answer goes: whoever asks because of it asks later.
      one.ended = performance.now();
      answer(request, response);
      one.status = response.statusCode;
    }, waitMs);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const host = `127.0.0.1:${portOf(server)}`;

  function answer({ method = "", url = "/", headers }, response) {
    const { pathname, searchParams } = new URL(url, "http://registry");
    const send = (status, body, more = {}) => {
      const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
      const type = { "content-type": "application/json", "content-length": bytes.length };
      response.writeHead(status, { ...type, ...(token ? {} : { "access-control-allow-origin": "*" }), ...more });
      response.end(method === "HEAD" ? undefined : bytes);
    };
    if (pathname === "/token") {
      const given = { token: randomBytes(24).toString("base64url"), scope: searchParams.get("scope") };
      tokens.add(given.token);
      return send(200, { token: given.token, access_token: given.token, expires_in: 300 });
    }
    const [, repository, kind, name] = pathname.match(/^\/v2\/(.+)\/(manifests|blobs|tags)\/(.+)$/) ?? [];
    if (token && !tokens.has(headers.authorization?.replace(/^Bearer /, ""))) {
      const scope = repository ? `,scope="repository:${repository}:pull"` : "";
      const challenge = `Bearer realm="http://${host}/token",service="slow"${scope}`;
      return send(401, { errors: [{ code: "UNAUTHORIZED" }] }, { "www-authenticate": challenge });
    }
    if (pathname === "/v2/") return send(200, {});
    if (kind === "tags") return send(200, { name: repository, tags: ["1"] });
    const { bytes, mediaType, digest } = contents.get(`${repository}/${name}`) ?? {};
    if (!bytes) return send(404, { errors: [{ code: kind === "blobs" ? "BLOB_UNKNOWN" : "MANIFEST_UNKNOWN" }] });
    return send(200, bytes, { "content-type": mediaType, "docker-content-digest": digest });
  }

  /** Has an index for 8 platforms under that tag, whose every digest is its own; the digest of its first image. */
  function put(repository, tag) {
    const keep = (mediaType, value, name) => {
      const bytes = Buffer.from(JSON.stringify(value));
      const digest = digestOf(bytes);
      for (const key of [digest, name]) contents.set(`${repository}/${key}`, { bytes, mediaType, digest });
      return { mediaType, digest, size: bytes.length };
    };
    const manifests = PLATFORMS.map((platform) => {
      const layers = Array.from({ length: LAYERS }, () => ({ size: 30_000_000, digest: digestOf(randomBytes(32)) }));
      const config = keep(oci("config.v1"), {
        ...platform,
        created: "2026-11-01T00:00:00Z",
        config: { Env: ["PATH=/usr/local/bin:/usr/bin:/bin"], Cmd: ["bash"] },
        rootfs: { type: "layers", diff_ids: layers.map(() => digestOf(randomBytes(32))) },
        history: layers.map(({ digest }) => ({ created: "2026-11-01T00:00:00Z", created_by: `RUN make ${digest}` })),
      });
      const mediaType = "application/vnd.oci.image.layer.v1.tar+gzip";
      const named = layers.map((layer) => ({ mediaType, ...layer }));
      const members = { schemaVersion: 2, mediaType: oci("manifest.v1"), config, layers: named };
      return { ...keep(members.mediaType, members), platform };
    });
    keep(INDEX, { schemaVersion: 2, mediaType: INDEX, manifests }, tag);
    return manifests[0].digest;
  }

  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  /** What it was asked since the last time. */
  const asked = () => requests.splice(0);
  return { host, put, asked, stop };
}

/** How many requests one behind the other there are at most: each began when the one before had ended. */
export function depthOf(requests) {
  const chains = [];
  for (const one of [...requests].sort((one, other) => one.begun - other.begun)) {
    const before = chains.filter(({ ended }) => ended <= one.begun).map(({ depth }) => depth);
    chains.push({ ended: one.ended, depth: 1 + Math.max(0, ...before) });
  }
  return Math.max(0, ...chains.map(({ depth }) => depth));
}
