// @ts-check
// Registries that are not what they seem, made for the tests: one that lies, one that wants bearer tokens, one that
// listens where nobody should send anything. All on loopback.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createListener } from "node:net";
import path from "node:path";
import { sha256 } from "./oracle.mjs";
import { portOf } from "./programs.mjs";
import { blob, fixture, user } from "./registries.mjs";

const MANIFEST_BYTES = 4 * 1024 * 1024;
const ENDLESS_BYTES = 64 * 1024 * 1024;
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "docker-content-digest, www-authenticate",
};

const greeter = fixture("oci-manifest/greeter");
const lantern = fixture("oci-manifest/lantern-linux-amd64");
const index = fixture("oci-index/lantern");

/** Serves `answer(request, response)` on a free port of 127.0.0.1 and keeps what it was asked. */
async function serve(answer) {
  const requests = [];
  const server = createServer((request, response) => {
    requests.push({ method: request.method, url: request.url, authorization: request.headers.authorization });
    answer(request, response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { host: `127.0.0.1:${portOf(server)}`, requests, stop };
}

const manifest = (response, { bytes, mediaType, digest }, more = {}) => {
  const headers = {
    "content-type": mediaType,
    "content-length": bytes.length,
    "docker-content-digest": digest,
    ...more,
  };
  response.writeHead(200, headers).end(bytes);
};

const problem = (response, status, code, message, more = {}) => {
  const body = JSON.stringify({ errors: [{ code, message, detail: { seen: "by the test" } }] });
  response.writeHead(status, { "content-type": "application/json", ...more }).end(body);
};

/** Sends until the client goes away, or 64 MiB have gone. */
function sendWithoutEnd(response) {
  response.writeHead(200, { "content-type": greeter.mediaType });
  const piece = Buffer.alloc(64 * 1024, " ");
  let sent = 0;
  const more = () => {
    while (!response.destroyed && sent < ENDLESS_BYTES) {
      sent += piece.length;
      if (!response.write(piece)) return response.once("drain", more);
    }
    response.end();
  };
  more();
}

// What the lying registry does, by repository. Its blobs are right, but where a lie is about them.
const lies = {
  // Every manifest of the good image and of the good index, in full.
  honest: (response, target) =>
    manifest(response, [greeter, lantern].find(({ digest }) => digest === target) ?? greeter),
  "wrong-header": (response) => manifest(response, { ...greeter, digest: lantern.digest }),
  "other-bytes": (response) => manifest(response, { ...lantern, digest: greeter.digest }),
  // An index whose second entry is answered with the bytes of the first; the third is cut; the fourth is a login page.
  "bad-children": (response, target) => {
    const children = JSON.parse(index.bytes).manifests.map(({ digest }) => digest);
    const number = children.indexOf(target);
    if (number < 0) return manifest(response, index);
    if (number === 1) return manifest(response, { ...lantern, digest: target });
    if (number === 2) return truncated(response);
    if (number === 3) return login(response);
    if (number === 4) return problem(response, 503, "UNAVAILABLE", "the storage is away");
    return manifest(response, number === 0 ? lantern : child(target));
  },
  truncated: (response) => truncated(response),
  html: (response) => login(response),
  endless: (response) => sendWithoutEnd(response),
  // One byte more than a registry may be asked for, stated and sent.
  large: (response) => manifest(response, { ...greeter, bytes: Buffer.alloc(MANIFEST_BYTES + 1, " ") }),
  // Layers and entries at once: two clients see two things.
  "two-kinds": (response) => {
    const bytes = Buffer.from(JSON.stringify({ ...JSON.parse(greeter.bytes), manifests: [] }));
    manifest(response, { ...greeter, bytes, digest: sha256(bytes) });
  },
  "not-json": (response) => manifest(response, { ...greeter, bytes: Buffer.from("harbour: closed\n") }),
  "unknown-type": (response) => manifest(response, { ...greeter, bytes: Buffer.from('{"schemaVersion":7}') }),
  forbidden: (response) => problem(response, 403, "DENIED", "requested access to the resource is denied"),
  unknown: (response) => problem(response, 404, "MANIFEST_UNKNOWN", "manifest unknown"),
  hurried: (response) => problem(response, 429, "TOOMANYREQUESTS", "slow down", { "retry-after": "17" }),
  broken: (response) => problem(response, 500, "UNKNOWN", "something is broken"),
  away: (response) => response.writeHead(503, { "content-type": "text/plain" }).end("upstream is away\n"),
  // A manifest that never comes, and an index whose entries never come; the client has to leave.
  silent: () => {},
  "slow-children": (response, target) => (target.includes(":") ? undefined : manifest(response, index)),
  // The config's blob is said to be at an address that nobody may be sent to.
  "redirect-private": (response) => manifest(response, greeter),
  "redirect-metadata": (response) => manifest(response, greeter),
  "wrong-config": (response) => manifest(response, greeter),
};
const truncated = (response) => {
  response.writeHead(200, { "content-type": greeter.mediaType, "content-length": greeter.bytes.length });
  response.write(greeter.bytes.subarray(0, 100), () => response.destroy());
};
const login = (response) => {
  response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Sign in</title><form></form>\n");
};
const child = (digest) => {
  const entry = index.manifests
    .map((file) => fixture(file.replace(/\.json$/, "")))
    .find((each) => each.digest === digest);
  return entry;
};
const redirects = { "redirect-private": "http://10.0.0.1/blob", "redirect-metadata": "http://169.254.169.254/latest/" };

/** A registry that lies, in the repository's own way; with `cors`, to pages too. */
export function lyingRegistry({ cors = false } = {}) {
  return serve((request, response) => {
    if (cors) Object.entries(CORS).forEach(([name, value]) => response.setHeader(name, value));
    const [, repository, kind, target] = request.url.match(/^\/v2\/([^/]+)\/(manifests|blobs)\/(.+)$/) ?? [];
    if (!lies[repository]) return problem(response, 404, "NAME_UNKNOWN", "repository name not known to registry");
    if (kind === "manifests") return lies[repository](response, target);
    if (redirects[repository]) return response.writeHead(307, { location: redirects[repository] }).end();
    const bytes = repository === "wrong-config" ? Buffer.from('{"os":"plan9"}') : blob(target);
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": bytes.length }).end(bytes);
  });
}

/** A registry whose blobs, `script` and `style` by their digests, are called what a page would load. */
export async function disguisedRegistry() {
  const blobs = [
    ["text/javascript", "globalThis.ran = true;\nexport default 1;\n"],
    ["text/css", "html { --ran: 1; }\n"],
  ].map(([type, text]) => ({ type, bytes: Buffer.from(text), digest: sha256(Buffer.from(text)) }));
  const registry = await serve((request, response) => {
    const { type, bytes } = blobs.find(({ digest }) => request.url.endsWith(`/blobs/${digest}`)) ?? {};
    if (!bytes) return problem(response, 404, "BLOB_UNKNOWN", "blob unknown to registry");
    return response.writeHead(200, { "content-type": type, "content-length": bytes.length }).end(bytes);
  });
  return { ...registry, script: blobs[0].digest, style: blobs[1].digest };
}

/**
 * A registry that wants bearer tokens, in front of a real one. Anonymous tokens open repositories whose name begins
 * with `public/`; tokens for the one user open all. `realm` is the address of the token endpoint, its own without;
 * `storage` the host to which blobs are redirected, none without.
 *
 * @param {any} behind
 * @param {any} [options]
 */
export async function tokenRegistry(behind, { realm, storage } = {}) {
  const tokens = new Map();
  const registry = await serve((request, response) => {
    const url = new URL(request.url, `http://${registry.host}`);
    if (url.pathname === "/token") return give(request, response, tokens);
    const [, repository = "", kind] = url.pathname.match(/^\/v2\/(.+)\/(manifests|blobs)\//) ?? [];
    const scope = `repository:${repository}:pull`;
    const token = request.headers.authorization?.match(/^Bearer (.+)$/)?.[1];
    if (!tokens.get(token)?.includes(scope)) {
      const challenge = `Bearer realm="${realm ?? `http://${registry.host}/token`}",service="harbour",scope="${scope}"`;
      return problem(response, 401, "UNAUTHORIZED", "authentication required", { "www-authenticate": challenge });
    }
    if (kind === "blobs" && storage)
      return response.writeHead(307, { location: `http://${storage}${request.url}` }).end();
    return forward(request, response, behind);
  });
  return { ...registry, tokens };
}

/**
 * A real registry behind a gate: requests for what `hold` was given wait until `open`. `waiting` gives how many do;
 * those whose client has gone away count no more.
 */
export async function gatedRegistry(behind) {
  let held = null;
  const waiting = new Set();
  const registry = await serve((request, response) => {
    const pass = () => forward(request, response, behind);
    if (!held?.test(request.url)) return pass();
    waiting.add(pass);
    return response.once("close", () => waiting.delete(pass));
  });
  const open = () => {
    held = null;
    waiting.forEach((pass) => pass());
  };
  return { ...registry, hold: (what) => (held = what), open, waiting: () => waiting.size };
}

/** A token endpoint on an origin of its own; `tokens` gives the map of the registry that it serves. */
export const tokenService = (tokens) => serve((request, response) => give(request, response, tokens()));

/** A store of blobs on an origin of its own, in front of a real registry. */
export const blobStorage = (behind) => serve((request, response) => forward(request, response, behind));

async function forward(request, response, behind) {
  const answer = await fetch(`http://${behind.host}${request.url}`, {
    headers: { accept: request.headers.accept ?? "*/*" },
  });
  const headers = ["content-type", "docker-content-digest"].map((name) => [name, answer.headers.get(name)]);
  response.writeHead(answer.status, Object.fromEntries(headers.filter(([, value]) => value)));
  response.end(Buffer.from(await answer.arrayBuffer()));
}

function give(request, response, tokens) {
  const url = new URL(request.url, "http://token.invalid");
  const authorization = request.headers.authorization;
  if (authorization && authorization !== user.basic) return problem(response, 401, "UNAUTHORIZED", "wrong password");
  const scopes = url.searchParams.getAll("scope").flatMap((scope) => scope.split(" "));
  const granted = authorization ? scopes : scopes.filter((scope) => scope.startsWith("repository:public/"));
  const token = randomBytes(24).toString("base64url");
  tokens.set(token, granted);
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ token, expires_in: 300 }));
}

/** The built page on a host of its own that is no proxy, as any web server would serve it. */
export function staticSite(folder) {
  const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };
  return serve(async (request, response) => {
    const { pathname } = new URL(request.url, "http://site.invalid");
    const file = path.join(folder, pathname === "/" ? "index.html" : path.basename(pathname));
    const bytes = await readFile(file).catch(() => null);
    if (!bytes)
      return response.writeHead(404, { "content-type": "text/html" }).end("<!doctype html><title>404</title>\n");
    response.writeHead(200, { "content-type": types[path.extname(file)] }).end(bytes);
  });
}

/** An address where nothing listens any more. */
export async function closedPort() {
  const listener = createListener();
  await once(listener.listen(0, "127.0.0.1"), "listening");
  const port = portOf(listener);
  await new Promise((resolve) => listener.close(resolve));
  return `127.0.0.1:${port}`;
}
