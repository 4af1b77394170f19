// @ts-check
// Real registries on loopback, and how the fixtures get into them, byte for byte.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { emptyFolder, find, fixtures, start } from "./programs.mjs";

const index = JSON.parse(readFileSync(path.join(fixtures, "index.json")));
const byName = new Map(index.fixtures.map((fixture) => [fixture.name, fixture]));
const byFile = new Map(index.fixtures.map((fixture) => [fixture.file, fixture]));

/** A fixture's entry in tests/fixtures/index.json, with its bytes. */
export function fixture(name) {
  const entry = byName.get(name);
  assert.ok(entry, `a fixture is named ${name}`);
  return { ...entry, bytes: readFileSync(path.join(fixtures, entry.file)) };
}

/** The examples of the first page, each with its bytes. */
export const examples = index.examples.map((entry) => ({
  ...entry,
  bytes: readFileSync(path.join(fixtures, "../../static/examples", entry.root)),
}));

/** The bytes of a blob that a fixture names. */
export const blob = (digest) => readFileSync(path.join(fixtures, index.blobs[digest]));

const basic = ({ name, password }) => `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;

/** The one user of a registry that wants to know who is asking. `htpasswd -nbB -C 5 NAME PASSWORD` gives the hash. */
export const user = {
  name: "porter",
  password: "gangway-7",
  hash: "$2y$05$A6Pg.bxIHIqYy8JyRZs7HegtEsngDhT.j6YkLpy9XRZunmZTygy2i",
};
user.basic = basic(user);

/** The one user of another. */
export const otherUser = {
  name: "stevedore",
  password: "bollard-9",
  hash: "$2y$05$Ms73qILZ1eFrWFJWGOlSRe00adyPbugZ2HG/YZsdpBTC3v5wU2fXa",
};
otherUser.basic = basic(otherUser);

// What a registry has to be given so that pages may read it; the page itself shows this very text.
const CORS = `
  headers:
    Access-Control-Allow-Origin: ['*']
    Access-Control-Allow-Methods: [GET, HEAD, OPTIONS]
    Access-Control-Allow-Headers: [Accept, Authorization]
    Access-Control-Expose-Headers: [Docker-Content-Digest, WWW-Authenticate, Link]`;

// What it has to be given so that pages may write to it too.
const CORS_PUSH = `
  headers:
    Access-Control-Allow-Origin: ['*']
    Access-Control-Allow-Methods: [GET, HEAD, OPTIONS, POST, PATCH, PUT]
    Access-Control-Allow-Headers: [Accept, Authorization, Content-Type, Content-Range, Range]
    Access-Control-Expose-Headers: [Docker-Content-Digest, WWW-Authenticate, Link, Retry-After, Location, Range, OCI-Subject]`;
const HEADERS = { true: CORS, push: CORS_PUSH };

class Registry {
  constructor(host, stop, authorization) {
    this.host = host;
    this.stop = stop;
    this.authorization = authorization;
    this.pushed = new Map();
  }

  /** Pushes a fixture with everything it names, under its own reference or another; the reference with its host. */
  async push(name, reference = fixture(name).reference) {
    const [repository, tag] = reference.split(":");
    if (!this.pushed.has(reference)) this.pushed.set(reference, this.#put(fixture(name), repository, tag));
    await this.pushed.get(reference);
    return `${this.host}/${reference}`;
  }

  async #put(entry, repository, tag) {
    await Promise.all(entry.blobs.map((digest) => this.#putBlob(repository, digest)));
    for (const file of entry.manifests) await this.#put(byFile.get(file), repository);
    const body = await readFile(path.join(fixtures, entry.file));
    const target = `/v2/${repository}/manifests/${tag ?? entry.digest}`;
    await this.#send("PUT", target, body, { "content-type": entry.mediaType });
    // A registry refuses a list whose entries it has never seen, so they go again when it is there.
    for (const digest of entry.missing ?? []) await this.#send("DELETE", `/v2/${repository}/manifests/${digest}`);
  }

  async #putBlob(repository, digest) {
    const { headers } = await this.#send("POST", `/v2/${repository}/blobs/uploads/`);
    const location = new URL(headers.get("location"), `http://${this.host}`);
    location.searchParams.set("digest", digest);
    await this.#send("PUT", location, blob(digest), { "content-type": "application/octet-stream" });
  }

  async #send(method, target, body, headers = {}) {
    if (this.authorization) headers.authorization = this.authorization;
    const answer = await fetch(new URL(target, `http://${this.host}`), { method, body, headers });
    assert.ok(answer.ok, `${method} ${target} is answered ${answer.status}: ${await answer.text()}`);
    return answer;
  }
}

/**
 * CNCF's registry 2.8.2 from Debian: plain, readable by pages (`cors: true`), writable by them (`cors: "push"`), with
 * basic authentication for `user` (`auth: true`) or another, or one that nobody may write to (`readonly`).
 *
 * @param {any} [options]
 */
export async function dockerRegistry({ cors = false, auth = false, readonly = false } = {}) {
  const one = auth === true ? user : auth;
  const folder = emptyFolder();
  const file = path.join(folder, "config.yml");
  await writeFile(path.join(folder, "htpasswd"), `${one.name}:${one.hash}\n`);
  await writeFile(
    file,
    `version: 0.1
log: {level: info, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: ${folder}/data}
  delete: {enabled: true}
  maintenance: {readonly: {enabled: ${readonly}}}
http:
  addr: 127.0.0.1:0${HEADERS[cors] ?? ""}
compatibility: {schema1: {enabled: true}}
${auth ? `auth: {htpasswd: {realm: harbour, path: ${folder}/htpasswd}}` : ""}
`,
  );
  const server = await start(find("docker-registry"), ["serve", file], /listening on (127\.0\.0\.1:\d+)/);
  return new Registry(server.ready[1], server.stop, one.basic);
}

/** `crane registry serve`: keeps any bytes under any type. */
export async function craneRegistry() {
  const server = await start(find("crane"), ["registry", "serve", "--address", "127.0.0.1:0"], /serving on port (\d+)/);
  return new Registry(`127.0.0.1:${server.ready[1]}`, server.stop);
}
