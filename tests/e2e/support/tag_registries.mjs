// @ts-check
// Registries as far as their lists of tags go: each kind by its rules, and what it was asked.

import { once } from "node:events";
import { createServer } from "node:http";
import { sha256 } from "./oracle.mjs";
import { portOf } from "./programs.mjs";

const INDEX = "application/vnd.oci.image.index.v1+json";

/** What a tag names: those that begin with the same two numbers name the same. */
const manifestOf = (tag) => Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [], of: tag.replace(/^(\d+\.\d+).*/, "$1") }));

/**
 * A registry on loopback. `repositories` gives the tags of each, or how a request for its list is answered. Pages may read
 * it and its headers with `cors`; it hides its headers from them with `cors: "hidden"`. With `search` it answers zot's
 * search, as zot 2 does.
 *
 * @param {Record<string, string[] | ((query: URLSearchParams, response: any, path: string) => void)>} repositories
 * @param {{ cors?: boolean | "hidden", slow?: number, search?: boolean }} [options]
 */
export async function tagRegistry(repositories, { cors = true, slow = 0, search = false } = {}) {
  const requests = [];
  const busy = { now: 0, most: 0 };
  const shared = cors ? { "access-control-allow-origin": "*" } : {};
  if (cors === true) shared["access-control-expose-headers"] = "docker-content-digest, link, ratelimit-limit, ratelimit-remaining";
  const json = (response, value, headers = {}, status = 200) =>
    response.writeHead(status, { "content-type": "application/json", ...shared, ...headers }).end(JSON.stringify(value));
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://registry");
    requests.push(`${request.method} ${url.pathname}${url.search}`);
    busy.most = Math.max(busy.most, ++busy.now);
    response.on("close", () => busy.now--);
    const repository = url.pathname === "/v2/_zot/ext/search" && url.searchParams.get("query")?.match(/repo:"([^"]+)"/)?.[1];
    if (repository && search) return json(response, searched(repositories[repository]));
    const missing = (code) => json(response, { errors: [{ code, message: "not here" }] }, {}, 404);
    const [, name, what, last] = url.pathname.match(/^\/v2\/(.+)\/(tags|manifests)\/([^/]+)$/) ?? [];
    const tags = repositories[name ?? ""];
    if (!tags) return missing("NAME_UNKNOWN");
    if (what === "tags") {
      if (typeof tags === "function") return tags(url.searchParams, response, url.pathname);
      return json(response, { name, tags });
    }
    const bytes = manifestOf(last);
    const answer = () =>
      response
        .writeHead(200, { "content-type": INDEX, "content-length": bytes.length, "docker-content-digest": sha256(bytes), ...shared })
        .end(request.method === "HEAD" ? undefined : bytes);
    if (slow > 0) setTimeout(answer, slow);
    else answer();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  /** What it was asked since the last time. */
  const asked = () => requests.splice(0);
  /** How many requests it had at once, at most. */
  const atOnce = () => busy.most;
  return { host: `127.0.0.1:${portOf(server)}`, asked, atOnce, stop };
}

/** What zot's search answers. */
const searched = (tags) => ({
  data: {
    ImageList: {
      Results: tags.map((Tag) => ({
        Tag,
        Digest: sha256(manifestOf(Tag)),
        LastUpdated: "2026-01-02T03:04:05Z",
        Size: "72149000",
        Manifests: ["amd64", "arm64"].map((Arch) => ({ Platform: { Os: "linux", Arch } })),
      })),
    },
  },
});

/** Sends a list page by page: `size` tags each, and a `Link` to the next. */
export const byLinks = (tags, size, prefix = "") => (query, response, path) => {
  const from = query.has("last") ? tags.indexOf(query.get("last")) + 1 : 0;
  const page = tags.slice(from, from + size);
  const headers = { "content-type": "application/json", "access-control-allow-origin": "*", "access-control-expose-headers": "link" };
  if (from + size < tags.length) headers.link = `<${prefix}${path}?last=${page.at(-1)}&n=${size}>; rel="next"`;
  response.writeHead(200, headers).end(JSON.stringify({ tags: page }));
};
