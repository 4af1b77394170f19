// @ts-check
// Every page in its states, written once: what stands in every field that a registry, a file or an address may fill, and how
// to come there. Whoever opens them says what the texts are.

import { once } from "node:events";
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";
import { answerDialogs } from "./dialogs.mjs";
import { digestOf, archive, layerOf } from "./images.mjs";
import { portOf } from "./programs.mjs";
import { artifact, documentOf, entry, IMAGE, INDEX, statement } from "./referrers.mjs";
import { until } from "./view.mjs";

const EMPTY_LAYER = "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";
const SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+json";
const SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const IN_TOTO = "application/vnd.in-toto+json";
const SIMPLE = "application/vnd.dev.cosign.simplesigning.v1+json";
const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
const ENVELOPE = "application/vnd.dsse.envelope.v1+json";
const NOTATION = "application/vnd.cncf.notary.signature";

const content = (mediaType, value) => {
  const bytes = Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
  return { mediaType, bytes, digest: digestOf(bytes), size: bytes.length };
};
const named = ({ mediaType, digest, size }) => ({ mediaType, digest, size });
const base64url = (text) => Buffer.from(text).toString("base64url");

/** An archive's entry whose name and link are longer than its header has room for, or hold anything. */
function longNamed(name, link) {
  const record = (key, value) => {
    const rest = Buffer.from(` ${key}=${value}\n`);
    let length = rest.length + 1;
    while (`${length}`.length + rest.length !== length) length = `${length}`.length + rest.length;
    return Buffer.concat([Buffer.from(`${length}`), rest]);
  };
  const records = [record("path", name), ...(link ? [record("linkpath", link)] : [])];
  return [{ name: "pax", type: "x", content: Buffer.concat(records) }, link ? { name: "long", type: "2" } : { name: "long", content: "text" }];
}

/** A layer of files of such names; NUL ends a name in an archive. */
const layerOfNames = (text, more = "") => {
  const name = text.replaceAll("\0", "").replaceAll("/", "∕");
  const plain = archive([
    { name: "etc/" },
    { name: "etc/passwd", content: `${text}\n${more}` },
    { name: "etc/su", content: more, mode: 0o4755 },
    ...longNamed(name),
    ...longNamed(`etc/${name}/deep`),
    ...longNamed("etc/link", name),
  ]);
  return layerOf(gzipSync(plain), plain);
};

/** An image whose every text is this one. */
function image(text, { name = "image", layers = [layerOfNames(text), layerOfNames(text, name)] } = {}) {
  const config = content(CONFIG, {
    architecture: text, os: text, variant: text, "os.version": text, created: text, author: text, [text]: text,
    config: {
      User: text, WorkingDir: text, StopSignal: text, Env: [text, `NAME=${text}`, name], Entrypoint: [text, text], Cmd: [text],
      Shell: [text], OnBuild: [text], ExposedPorts: { [text]: {} }, Volumes: { [text]: {} },
      Labels: { [text]: text, "org.opencontainers.image.title": text, name }, Healthcheck: { Test: ["CMD", text] },
    },
    history: [
      { created_by: text, created: text, comment: text, author: text, empty_layer: true },
      { created_by: `/bin/sh -c #(nop) ${text}`, created: "2026-01-02T03:04:05Z", comment: text },
      { created_by: `RUN ${name} # buildkit`, created: text },
    ],
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
  });
  const annotations = { [text]: text, "org.opencontainers.image.source": text, "org.opencontainers.image.url": `https://example.com/${text}`, name };
  const manifest = content(IMAGE, {
    schemaVersion: 2, mediaType: IMAGE, config: { ...named(config), annotations }, annotations, [text]: text,
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size, annotations, urls: [text] })),
  });
  const blobs = layers.map(({ blob, digest, size }) => ({ mediaType: "application/octet-stream", bytes: blob, digest, size }));
  return { ...manifest, documents: [config, ...blobs] };
}

/** An image whose layers are no layers, and whose fields have each another type than they should. */
function odd(text) {
  const config = content(CONFIG, {
    architecture: null, os: 7, created: {}, author: [text],
    config: { User: [text], Env: text, Cmd: { [text]: text }, Labels: [text], ExposedPorts: [text], Volumes: null, Entrypoint: 1e300 },
    history: { [text]: text }, rootfs: { type: text, diff_ids: [text, null, 1] },
  });
  const layers = [
    { mediaType: text, digest: text, size: -1, urls: [text, null], annotations: { [text]: text }, [text]: text },
    { mediaType: "", digest: `sha256:${"0".repeat(64)}`, size: 1e300, annotations: [text] },
    { mediaType: null, digest: null, size: "9".repeat(300), data: text },
    { mediaType: "application/vnd.oci.image.layer.v1.tar", digest: EMPTY_LAYER, size: 9007199254740993 },
    text, null, [],
  ];
  const manifest = JSON.stringify({
    schemaVersion: text, mediaType: IMAGE, artifactType: text, config: named(config), layers, annotations: { [text]: null, text: 7 }, subject: text,
  });
  return { ...content(IMAGE, manifest), documents: [config] };
}

/** A list of these images, with entries that are wrong in every way. */
function list(text, images) {
  const [first, second, attestation] = images;
  const annotations = { [text]: text };
  const platform = { os: text, architecture: text, variant: text, "os.version": text, "os.features": [text], features: [text] };
  return content(INDEX, {
    schemaVersion: 2, mediaType: INDEX, artifactType: text, annotations, [text]: text,
    subject: { mediaType: text, digest: second.digest, size: 1 },
    manifests: [
      { ...named(first), platform, annotations },
      { ...named(second), platform: { os: "linux", architecture: "amd64" }, artifactType: text },
      { ...named(second), platform: { os: "windows", architecture: "amd64", "os.version": "10.0.17763.1234" } },
      { ...named(attestation), platform: { os: "unknown", architecture: "unknown" }, annotations: { "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": first.digest } },
      { mediaType: text, digest: text, size: -1, platform, artifactType: text, urls: [text] },
      { mediaType: IMAGE, digest: `sha256:${"1".repeat(64)}`, size: 1, platform: { os: "linux", architecture: "s390x" } },
      { mediaType: null, digest: 7, size: 1e300, platform: text },
      text,
    ],
  });
}

/** The same of Docker's first schema, with throwaway layers; signed by nobody where it is. */
function schema1(text, isSigned) {
  const compatibility = (more) => JSON.stringify({
    id: text, parent: text, created: text, author: text, architecture: text, os: text, comment: text,
    container_config: { Cmd: [text] }, config: { Env: [text], Labels: { [text]: text }, Cmd: [text] }, [text]: text, ...more,
  });
  const manifest = {
    schemaVersion: 1, name: text, tag: text, architecture: text,
    fsLayers: [{ blobSum: EMPTY_LAYER }, { blobSum: digestOf("a") }, { blobSum: text }, { blobSum: EMPTY_LAYER }],
    history: [compatibility({ throwaway: true }), compatibility({}), compatibility({}), compatibility({ throwaway: true })].map((v1Compatibility) => ({ v1Compatibility })),
    [text]: text,
  };
  if (!isSigned) return content(SCHEMA1, manifest);
  const payload = JSON.stringify(manifest, null, 3);
  const length = Buffer.byteLength(payload) - 2;
  const signature = {
    header: { jwk: { crv: "P-256", kid: text, kty: "EC", x: text, y: text }, alg: "ES256" },
    signature: base64url(text),
    protected: base64url(JSON.stringify({ formatLength: length, formatTail: base64url("\n}"), time: text })),
  };
  return content(SIGNED, `${Buffer.from(payload).subarray(0, length)},\n   "signatures": ${JSON.stringify([signature])}\n}`);
}

/** What refers to an image: documents of every kind that is read. */
function around(text, subject) {
  const kind = (predicate) => ({ "in-toto.io/predicate-type": predicate, [text]: text });
  const provenance = {
    buildDefinition: {
      buildType: text, externalParameters: { configSource: { uri: text, path: text }, request: { args: { [text]: text } } },
      resolvedDependencies: [{ uri: text, digest: { sha256: text } }], [text]: text,
    },
    runDetails: {
      builder: { id: text, version: { [text]: text } },
      metadata: { invocationId: text, startedOn: text, finishedOn: text, buildkit_metadata: { vcs: { revision: text, source: text }, source: { infos: [{ filename: text, data: Buffer.from(text).toString("base64") }] } } },
    },
  };
  const spdx = {
    spdxVersion: text, name: text, creationInfo: { created: text, creators: [text] },
    packages: [{ name: text, versionInfo: text, licenseConcluded: text, supplier: text, externalRefs: [{ referenceType: "purl", referenceLocator: text }] }],
  };
  const cyclone = {
    bomFormat: "CycloneDX", specVersion: text, metadata: { timestamp: text, tools: [{ name: text }], component: { name: text, version: text } },
    components: [{ name: text, version: text, purl: text, licenses: [{ license: { id: text, url: text } }] }],
  };
  const scan = { invocation: { uri: text }, scanner: { uri: text, version: text, db: { uri: text }, result: { Results: [{ Target: text, Vulnerabilities: [{ VulnerabilityID: text, PkgName: text, Severity: text, Title: text }] }] } }, metadata: { scanStartedOn: text } };
  const statements = [
    ["https://slsa.dev/provenance/v1", provenance], ["https://spdx.dev/Document", spdx], ["https://cyclonedx.org/bom", cyclone],
    ["https://cosign.sigstore.dev/attestation/vuln/v1", scan], [text, { [text]: text }],
  ].map(([type, predicate]) => documentOf(IN_TOTO, { ...statement(subject, type, predicate), subject: [{ name: text, digest: { sha256: subject.digest.slice(7), [text]: text } }] }, kind(type)));
  const attestation = artifact(ENVELOPE, statements, subject, { annotations: { [text]: text } });
  const envelope = { payloadType: text, payload: Buffer.from(JSON.stringify(statement(subject, text, { [text]: text }))).toString("base64"), signatures: [{ keyid: text, sig: text }] };
  const signed = artifact(ENVELOPE, [documentOf(ENVELOPE, envelope)], subject);
  const bundle = artifact(BUNDLE, [documentOf(BUNDLE, { mediaType: BUNDLE, verificationMaterial: { publicKey: { hint: text }, tlogEntries: [{ logIndex: text, kindVersion: { kind: text } }] }, dsseEnvelope: envelope })], subject);
  const simple = artifact(SIMPLE, [documentOf(SIMPLE, { critical: { identity: { "docker-reference": text }, image: { "docker-manifest-digest": text }, type: text }, optional: { [text]: text, creator: text } }, { "dev.cosignproject.cosign/signature": text, "dev.sigstore.cosign/bundle": text, "dev.sigstore.cosign/certificate": text })], subject);
  const notation = artifact(NOTATION, [documentOf("application/jose+json", { payload: text, protected: base64url(JSON.stringify({ alg: text, "io.cncf.notary.signingScheme": text })), header: { x5c: [text] }, signature: text })], subject, { annotations: { "io.cncf.notary.x509chain.thumbprint#S256": text } });
  const stranger = artifact(text, [documentOf(text, text), documentOf("text/html", `<html>${text}`)], subject, { annotations: { [text]: text } });
  return [attestation, signed, bundle, simple, notation, stranger];
}

/** A repository that takes what is pushed to it: each answer as a push needs it. */
function takingRepository() {
  const taken = new Map();
  const uploads = new Map();
  const give = (request, response, last) => {
    const found = taken.get(last);
    if (!found) return false;
    response.writeHead(200, { "content-type": found.mediaType, "content-length": found.bytes.length, "docker-content-digest": found.digest });
    response.end(request.method === "HEAD" ? undefined : found.bytes);
    return true;
  };
  const take = async (request, response, { pathname, searchParams }, what, last) => {
    const body = Buffer.concat(await request.toArray());
    const keep = (name, mediaType, bytes) => taken.set(name, { mediaType, bytes, digest: digestOf(bytes) });
    if (what === "manifests") {
      for (const name of [last, digestOf(body)]) keep(name, request.headers["content-type"], body);
      return response.writeHead(201, { "docker-content-digest": digestOf(body) }).end();
    }
    const place = request.method === "POST" ? `${pathname}${uploads.size}` : pathname;
    const bytes = Buffer.concat([uploads.get(place) ?? Buffer.alloc(0), body]);
    uploads.set(place, bytes);
    const isWhole = request.method === "PUT";
    if (isWhole) keep(searchParams.get("digest"), "application/octet-stream", bytes);
    return response.writeHead(isWhole ? 201 : 202, { location: place, range: `0-${Math.max(bytes.length - 1, 0)}` }).end();
  };
  return { give, take };
}

/**
 * A registry on loopback whose every text is this one: `team/app` with all of the above, and repositories that refuse in words
 * of their own. `team/slow` is `team/app`, but of a layer half comes, and then nothing more. Of what is written `team/takes`
 * takes all, `team/shut` refuses it, and `team/held` never answers; no other takes any. Pages may read it.
 *
 * @param {string} text
 */
export async function registryOf(text) {
  const first = image(text);
  const second = image(text, { name: "second" });
  const related = around(text, first);
  const tags = {
    image: first, second, odd: odd(text), list: list(text, [first, second, related[0]]), schema1: schema1(text, false), signed: schema1(text, true),
    other: list(`${text}.`, [second, first, related[1]]), artifact: related[5], none: content(IMAGE, `{"schemaVersion": 7, ${JSON.stringify(text)}: ${JSON.stringify(text)}}`),
    broken: content(IMAGE, `{"a": ${text}\n${text}`), page: content("text/html", `<!doctype html><title>${text}</title>${text}`),
  };
  const all = [...Object.values(tags), ...related].flatMap((/** @type {any} */ one) => [one, ...(one.documents ?? [])]);
  const contents = new Map(all.map((one) => [one.digest, one]));
  // What a header may hold of it.
  const printable = (words) => words.replaceAll(/[^\x20-\x7e]/g, "").slice(0, 2_000);
  const header = printable(text);
  const problem = (response, status, headers = {}) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify({ errors: [{ code: text, message: text, detail: { [text]: text } }, { code: text }] }));
  const refusals = {
    forbidden: (response) => problem(response, 403),
    hurried: (response) => problem(response, 429, { "retry-after": header }),
    realm: (response, host) => problem(response, 401, { "www-authenticate": `Bearer realm="http://${host}/${header.replaceAll('"', "'")}",service="${header.replaceAll('"', "'")}",scope="x"` }),
    away: (response) => response.writeHead(500, { "content-type": "text/html" }).end(`<html>${text}`),
  };
  const layers = new Set([first, second].flatMap(({ documents: [, ...blobs] }) => blobs.map(({ digest }) => digest)));
  const taking = takingRepository();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://registry");
    const { pathname } = url;
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-expose-headers", "docker-content-digest, www-authenticate, retry-after, link");
    const json = (value) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (pathname === "/v2/_catalog") return json({ repositories: ["team/app", text, "team/other"] });
    const [, repository = "", what, last = ""] = pathname.match(/^\/v2\/(.+)\/(manifests|blobs|referrers|tags)\/(.+)$/) ?? [];
    const refusal = refusals[repository.replace("team/", "")];
    if (refusal) return refusal(response, request.headers.host);
    if (what === "tags") return json({ name: text, tags: ["1.0", text, ...Object.keys(tags), `sha256-${"a".repeat(64)}.sig`] });
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (!isRead && repository === "team/held" && request.method !== "OPTIONS") return request.resume();
    if (!isRead && repository === "team/shut") return problem(response, 403);
    if (!isRead && repository === "team/takes" && request.method !== "OPTIONS") return taking.take(request, response, url, what, last);
    if (!isRead) return problem(response, 405);
    if (repository === "team/takes" && taking.give(request, response, last)) return undefined;
    if (what === "referrers") {
      const listed = last === first.digest ? [...related.map((one) => entry(one, { annotations: { [text]: text } })), { mediaType: text, digest: text, size: -1, artifactType: text }] : [];
      response.setHeader("content-type", INDEX);
      return response.end(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: listed }));
    }
    const found = ["team/app", "team/slow"].includes(repository) && (contents.get(last) ?? tags[last]);
    if (!found) return problem(response, 404);
    response.writeHead(200, { "content-type": printable(found.mediaType), "content-length": found.bytes.length, "docker-content-digest": found.digest });
    if (repository === "team/slow" && layers.has(last) && request.method === "GET") return response.write(found.bytes.subarray(0, found.bytes.length / 2));
    return response.end(request.method === "HEAD" ? undefined : found.bytes);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { host: `127.0.0.1:${portOf(server)}`, stop };
}

/** What the console says of these: answers that are errors, and what a registry refuses. */
export const expectedOfStates = () => [/^error: Failed to load resource: (the server responded with a status of [45]\d\d|net::ERR_)/, /blocked by CORS policy/];

/** An archive of images by docker save, in which every name is this text. */
export function savedBy(text) {
  const plain = archive([{ name: "etc/" }, { name: "etc/hostname", content: text }]);
  const config = Buffer.from(JSON.stringify({ architecture: text, os: text, created: text, config: { Cmd: [text] }, rootfs: { type: "layers", diff_ids: [digestOf(plain)] } }));
  const name = `${digestOf(config).slice(7)}.json`;
  const manifest = [{ Config: name, RepoTags: [text, "harbour:1"], Layers: ["a/layer.tar"] }, { Config: text, RepoTags: [text], Layers: [text] }];
  return archive([{ name: "a/" }, { name: "a/layer.tar", content: plain }, { name, content: config }, ...longNamed(text.replaceAll("\0", "")), { name: "manifest.json", content: JSON.stringify(manifest) }]);
}

/** What `skopeo inspect` prints, and a report of an inspection, of such texts. */
const printed = (text) => JSON.stringify({ Name: text, Tag: text, Digest: digestOf(text), RepoTags: [text], Created: text, DockerVersion: text, Labels: { [text]: text }, Architecture: text, Os: text, Layers: [text], LayersData: [{ MIMEType: text, Digest: text, Size: -1, Annotations: { [text]: text } }], Env: [text] });
function report(text) {
  const one = { mediaType: text, digest: text, size: 1, format: text, data: "e30=" };
  return JSON.stringify({
    kind: "waybill.inspection", version: 1, created: text, name: text, reference: text, via: text,
    verdict: { status: text, stamp: text, sentence: text, detail: text }, custody: [{ step: text, status: text, note: text }],
    manifest: one, config: one, lists: [one], manifests: [{ platform: text, digest: text, status: text, note: text }],
    findings: [{ severity: text, code: text, title: text, in: text, pointer: text, message: text, source: text }],
  });
}

/** A link to Verify with a content. */
const verify = (value, expected = "") => `#/verify?content=${base64url(value)}&expect=${encodeURIComponent(expected)}`;

/** Waits until nothing is on its way. */
const still = (page, what) =>
  until(() => page.locator("progress, .working").count(), (count) => count === 0, `the end of ${what}`);

/**
 * Every state by its name: opens it and waits until it is there. `told` is the text in every field.
 *
 * @param {{ host: string }} registry
 * @param {string} told
 * @returns {Record<string, (view: import("./view.mjs").View) => Promise<void>>}
 */
export function statesOf({ host }, told) {
  const app = `http://${host}/team/app`;
  const typed = encodeURIComponent(told.replaceAll(/[\r\n\0]/g, " "));
  /** Opens an address, and waits for what shows that it is there. */
  const at = (hash, part, more = async (/** @type {any} */ _page) => {}) => async (view) => {
    await view.open(hash);
    await view.page.locator(part).first().waitFor();
    await still(view.page, hash);
    await more(view.page);
    await still(view.page, hash);
  };
  /** The same, where something is on its way at the end. */
  const on = (hash, part, more) => async (view) => {
    await at(hash, part)(view);
    await more(view.page);
  };
  const press = (name, part) => async (page) => {
    await page.getByRole("button", { name }).first().click();
    await page.locator(part).first().waitFor();
  };
  /** Presses these buttons one by one, and waits for the title behind each. */
  const along = async (page, ...steps) => {
    for (const [name, title] of steps) {
      await page.getByRole("button", { name }).first().click();
      await page.getByRole("heading", { name: title }).first().waitFor();
    }
  };
  const copying = (to, title, ...steps) => on(`#/copy?from=${app}:second&to=http://${host}/team/${to}`, "#verdict", (page) =>
    along(page, [/^Plan the copy/, "The plan of the copy"], [/^Start the copy/, title], ...steps));
  const pushing = (to, title, ...steps) => on("#/compose", "#sources", async (page) => {
    // What was composed before in this tab is still there.
    const anew = page.getByRole("button", { name: "Start anew" });
    if ((await anew.count()) && (await anew.isEnabled())) await anew.click();
    await page.locator("#sources").fill(`${app}:second`);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.locator(".entry .good").first().waitFor();
    await page.locator("#target").fill(`http://${host}/team/${to}`);
    await along(page, ["Plan the push", "The plan of the push"], ["Start the push", title], ...steps);
  });
  const several = (to, title, ...steps) => on(`#/copy?images=${app}:second,${app}:second=http://${host}/team/${to}&to=http://${host}/team`, "#verdict", (page) =>
    along(page, ["Plan the copies", title], ...steps));
  const saving = (from, title, ...steps) => on(`#/copy?from=http://${host}/team/${from}:second`, "#verdict", async (page) => {
    await page.evaluate(answerDialogs);
    await page.getByRole("radio", { name: "a file" }).check();
    await along(page, [/^Plan the file/, "The file is planned"], [/^Save \d/, title], ...steps);
  });
  const given = (hash, input, files, part) => at(hash, input, async (page) => {
    await page.locator(input).first().setInputFiles(files);
    await page.locator(part).first().waitFor();
  });
  const file = (name, bytes) => ({ name, mimeType: "", buffer: Buffer.from(bytes) });
  const fileName = told.replaceAll(/[\0/\\]/g, " ");
  const files = (more) => at(`#/inspect/${app}:image?tab=files`, "main .tab button", async (page) => {
    await page.getByRole("button", { name: /and list their files$/ }).click();
    await page.locator("#file-rows [role=row]").first().waitFor();
    await more?.(page);
  });
  const tabs = (tag, names) => Object.fromEntries(names.map(([tab, part]) => [`${tag}: ${tab}`, at(`#/inspect/${app}:${tag}?tab=${tab}`, part)]));
  return {
    "the first page": at("#/", "#box"),
    "the box": at("#/", "#box", async (page) => {
      await page.locator("#box").fill(told);
      await page.locator("#read:not(:empty)").waitFor();
    }),
    "an address of an image": at(`#/inspect/${typed}`, "#read, .stamp"),
    "an example that there is not": at(`#/example/${typed}`, ".stamp, #read"),
    "an index": at("#/example/index", "table.platforms .good"),
    "a list that lies": at("#/example/lying", ".findings"),
    "an image of schema 1": at("#/example/schema1", ".steps"),
    "list: overview": at(`#/inspect/${app}:list`, "table.platforms"),
    "list: shared": at(`#/inspect/${app}:list`, "table.platforms", press("Share", "dialog[open]")),
    "list: a machine": at(`#/inspect/${app}:list`, "table.platforms", async (page) => {
      await page.getByRole("button", { name: /machine/ }).first().click();
      await page.locator(".machine input").fill(told.slice(0, 300));
    }),
    "list: validated": at(`#/inspect/${app}:list`, "table.platforms", async (page) => {
      await page.getByRole("button", { name: /^Check everything/ }).click();
      await page.getByRole("button", { name: /^Validate/ }).first().click();
      await page.locator("#validation p[role=status]").waitFor();
    }),
    ...tabs("list", [["json", "pre.code, .code"], ["related", ".related"], ["commands", "dl.commands"]]),
    "image: overview": at(`#/inspect/${app}:image`, ".steps"),
    ...tabs("image", [["json", "pre.code"], ["config", "pre.code"], ["layers", "section.layer"], ["commands", "dl.commands"]]),
    "image: layers checked": at(`#/inspect/${app}:image`, ".steps", async (page) => {
      await page.getByRole("button", { name: /^Check \d+ layers?/ }).click();
      await page.locator(".conclusion:not(.quiet)").waitFor();
    }),
    "image: validated": at(`#/inspect/${app}:image`, ".steps", async (page) => {
      await page.getByRole("button", { name: /^Validate/ }).first().click();
      await page.locator("#validation p[role=status]").waitFor();
    }),
    "image: files": files(),
    "image: a file": files(async (page) => {
      await page.getByRole("textbox", { name: "Path" }).fill("/etc/passwd");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Open", exact: true }).click();
      await page.locator(".file-content .code, .file-content pre").first().waitFor();
    }),
    "image: a file of another name": files(async (page) => {
      await page.getByRole("searchbox").fill("deep");
      await page.locator("#file-rows [role=row]").last().click();
      await page.locator(".file-entry h3").waitFor();
    }),
    "image: what a layer changed": files(press("What a layer changed", ".files [aria-pressed=true]")),
    "image: related": at(`#/inspect/${app}:image?tab=related`, ".related-row"),
    "image: related, opened": at(`#/inspect/${app}:image?tab=related`, ".related-row", async (page) => {
      const rows = page.locator(".related-row .related-line button[aria-expanded]");
      for (let row = 0; row < await rows.count(); row += 1) await rows.nth(row).click();
      await page.locator(".related-document").nth(4).waitFor();
    }),
    "wrong types: overview": at(`#/inspect/${app}:odd`, ".findings"),
    ...tabs("odd", [["json", "pre.code .remark"], ["config", "pre.code"], ["layers", "section.layer"]]),
    "schema 1": at(`#/inspect/${app}:schema1`, ".steps"),
    "schema 1, signed": at(`#/inspect/${app}:signed`, ".steps"),
    "schema 1: layers": at(`#/inspect/${app}:signed?tab=layers`, "section.layer"),
    "an artifact": at(`#/inspect/${app}:artifact`, ".stops"),
    "a manifest that is none": at(`#/inspect/${app}:none`, ".stamp"),
    "JSON that is none": at(`#/inspect/${app}:broken?tab=json`, ".stamp"),
    "a page for a manifest": at(`#/inspect/${app}:page`, ".stamp.bad"),
    "nothing there": at(`#/inspect/${app}:missing`, ".error"),
    forbidden: at(`#/inspect/http://${host}/team/forbidden:1`, ".error"),
    "asked too often": at(`#/inspect/http://${host}/team/hurried:1`, ".error"),
    "credentials of another host": at(`#/inspect/http://${host}/team/realm:1`, ".error"),
    "a page for an error": at(`#/inspect/http://${host}/team/away:1`, ".error"),
    tags: at(`#/tags/${app}`, "table.tags tbody tr", async (page) => {
      for (const box of (await page.getByRole("checkbox", { name: /^Tick/ }).all()).slice(0, 2)) await box.check();
    }),
    "tags, filtered": at(`#/tags/${app}`, "table.tags tbody tr", async (page) => page.locator("#tag-filter").fill(told.slice(0, 300))),
    "tags of an address": at(`#/tags/${typed}`, ".stamp, #verdict"),
    repositories: at(`#/tags/http://${host}/`, "main table tbody tr, main li"),
    "Verify": at("#/verify", "#verify-form"),
    "Verify: no digest": at(`#/verify?expect=${typed.slice(0, 900).replace(/%[\dA-F]?$/, "")}`, "#verify-form"),
    "Verify: a mismatch": at(verify(`{"a": ${JSON.stringify(told)}}`, digestOf("x")), ".compared"),
    "Verify: what a tool prints": at(verify(printed(told)), ".stamp"),
    "Verify: a report": at(verify(report(told)), ".stamp"),
    "Verify: several files": given("#/verify", "#files", [file(fileName, told), file(`${fileName}.json`, `{"a": ${JSON.stringify(told)}}`)], ".several"),
    "Verify: shared": at(verify(`{"a": ${JSON.stringify(told)}}`, digestOf("x")), ".compared", press("Share", "dialog[open]")),
    "an archive": given("#/archive", "#files", [file(`${fileName.slice(0, 100)}.tar`, savedBy(told))], "table.images, .findings, .error"),
    "Compose": at("#/compose", "#sources"),
    "Compose: an example": at("#/compose", "#sources", async (page) => {
      await page.getByRole("button", { name: "An example that needs no network" }).click();
      await page.getByLabel("Target", { exact: true }).fill(`registry.example/${"lantern-".repeat(12)}:2.4.1`);
      await page.getByRole("button", { name: "Edit linux/arm64", exact: true }).click();
      await page.getByLabel("architecture").fill(told.slice(0, 300));
      const name = page.getByLabel("Name", { exact: true }).first();
      await name.fill(told.slice(0, 300));
      await page.getByRole("button", { name: "Add annotation" }).first().click();
      await page.locator(".entry-trouble:not(:empty), .annotations li").first().waitFor();
    }),
    "Compose: a list": at(`#/compose?open=${app}:list`, ".entry"),
    "Compose: images": at(`#/compose?add=${app}:image&add=${app}:second&add=${app}:missing`, ".entry"),
    "Compose: what is typed": at("#/compose", "#sources", async (page) => {
      const example = page.getByRole("button", { name: "An example that needs no network" });
      if (await example.count()) await example.click();
      await page.locator("#sources").fill(`${told}\nnginx:1.27`);
      await page.locator("#target").fill(told.slice(0, 300));
    }),
    "Copy": at(`#/copy?from=${app}:list&to=http://${host}/team/copy:1`, "#verdict"),
    "Copy: planned": at(`#/copy?from=${app}:second&to=http://${host}/team/copy:1`, "#verdict", async (page) => {
      await page.getByRole("button", { name: /^Plan the copy/ }).click();
      await page.getByRole("heading", { level: 1, name: /plan of the copy|stopped|cannot|not/i }).waitFor();
    }),
    "Copy: into a file": at(`#/copy?from=${app}:second`, "#verdict", async (page) => {
      await page.getByRole("radio", { name: "a file" }).check();
      await page.getByRole("button", { name: /^Plan the file/ }).click();
    }),
    "Copy: running": copying("held:1", "Copying"),
    "Copy: standing still": copying("held:2", "Copying", ["Pause", "The copy stands still"]),
    "Copy: stopped": copying("shut:1", "The copy stopped"),
    "Copy: at its end": copying("takes:1", "Copied, and read back"),
    "Several images": at(`#/copy?images=${app}:list,${app}:second=http://${host}/team/copy:1&to=http://${host}/mirror`, "#verdict"),
    "Several images: planned": several("copy:1", "The plan of 2 copies"),
    "Several images: running": several("held:3", "The plan of 2 copies", [/^Start 2 copies/, "Copying image"]),
    "Several images: at their end": several("shut:3", "The plan of 2 copies", [/^Start 2 copies/, "0 of 2 images copied, and read back"]),
    "Save: while it writes": saving("slow", "Saving"),
    "Save: standing still": saving("slow", "Saving", ["Pause", "The saving stands still"]),
    "Save: at its end": saving("app", "Saved, and every byte of it verified"),
    "Push: running": pushing("held:3", "Pushing"),
    "Push: cancelled": pushing("held:4", "Pushing", ["Cancel", "The push was cancelled"]),
    "Push: stopped": pushing("shut:2", "The push stopped"),
    "Push: at its end": pushing("takes:2", /^Pushed: /),
    "Copy of an address": at(`#/copy?from=${typed.slice(0, 900).replace(/%[\dA-F]?$/, "")}&to=${typed.slice(0, 900).replace(/%[\dA-F]?$/, "")}`, "#verdict"),
    "Diff: images": at(`#/diff?from=${app}:image&to=${app}:second`, ".stop"),
    "Diff: lists": at(`#/diff?from=${app}:list&to=${app}:other`, ".stop"),
    "Diff of addresses": at(`#/diff?from=${typed.slice(0, 900).replace(/%[\dA-F]?$/, "")}&to=${typed.slice(0, 900).replace(/%[\dA-F]?$/, "")}`, "#verdict"),
    "no network": at("#/example/index", "table.platforms .good", async (page) => {
      // What reads the box is there before the network goes, and the network again behind it, for the next state.
      await page.locator("#box").fill(`${app}:list`);
      await page.locator("#read:not(:empty)").waitFor();
      await page.context().setOffline(true);
      await page.locator("#box").press("Enter");
      await page.getByText(/offline/i).first().waitFor().finally(() => page.context().setOffline(false));
    }),
    "a newer page": at("#/example/index", "table.platforms .good", (page) => page.evaluate(() => {
      // offline.test.mjs comes to it as a visitor does: another program on the server.
      const newer = /** @type {any} */ (document.getElementById("newer"));
      newer.hidden = false;
    })),
    "the program has stopped": on("#/verify", "#verify-form", (page) => page.evaluate((words) => globalThis.waybillFailed("stopped", words), told)),
    "the settings": at("#/verify", "#verify-form", async (page) => {
      await page.getByRole("button", { name: "Settings", exact: true }).click();
      const dialog = page.getByRole("dialog", { name: "Settings" });
      await dialog.getByLabel("Registry", { exact: true }).fill(told.slice(0, 300));
      await dialog.getByLabel("User name").fill(told.slice(0, 300));
      await dialog.getByRole("button", { name: "Use for this registry" }).click();
    }),
    "the keys": at("#/verify", "#verify-form", press("Keyboard shortcuts", "dialog[open]")),
  };
}
