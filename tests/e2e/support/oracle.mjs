// @ts-check
// The oracle: skopeo, asked for the same references as the page; and the comparison of the two.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { emptyFolder, find, run } from "./programs.mjs";

const skopeo = find("skopeo");
const asked = new Map();

export const sha256 = (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** What skopeo says of a reference: the manifest's bytes, their number and digest, the JSON in them. */
export function inspect(reference, credentials) {
  return once(`manifest ${reference}`, async () => {
    const bytes = await run(skopeo, ["inspect", "--raw", ...flags(credentials), `docker://${reference}`]);
    const digest = await manifestDigest(bytes);
    const json = JSON.parse(bytes);
    // Of signed schema 1 a digest covers only the payload: skopeo alone is asked there.
    if (!json.signatures) assert.equal(digest, sha256(bytes));
    return { bytes, digest, size: bytes.length, json };
  });
}

/** What skopeo says is the digest of these bytes, read from a file. */
export async function manifestDigest(bytes) {
  const file = path.join(emptyFolder(), "manifest.json");
  await writeFile(file, bytes);
  return (await run(skopeo, ["manifest-digest", file])).toString().trim();
}

/** What skopeo says of the config of an image. */
export function inspectConfig(reference, credentials) {
  return once(`config ${reference}`, async () => {
    const bytes = await run(skopeo, ["inspect", "--config", "--raw", ...flags(credentials), `docker://${reference}`]);
    return { bytes, digest: sha256(bytes), size: bytes.length, json: JSON.parse(bytes) };
  });
}

function flags(credentials) {
  const creds = credentials ? ["--creds", `${credentials.name}:${credentials.password}`] : ["--no-creds"];
  return ["--tls-verify=false", ...creds];
}

function once(key, ask) {
  if (!asked.has(key)) asked.set(key, ask());
  return asked.get(key);
}

/** The repository of a reference, with its host: the part before the tag or digest, which stands in the last segment. */
export const repositoryOf = (reference) => reference.replace(/(:[^/]*)?$/, "").split("@")[0];

/** A number as the page writes it: `10,229`. */
export const inFull = (value) => value.toLocaleString("en-US");

/** A size as the page writes it where there is little room: `1.4 kB`. */
export function inWords(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000;
  while (value >= 999.95) [value] = [value / 1000, units.shift()];
  return `${(Math.round(value * 10) / 10).toFixed(1)} ${units[0]}`;
}

const total = (sizes) => sizes.reduce((sum, size) => sum + size, 0);
const isConfig = (type) => /^application\/vnd\.(docker\.container\.image|oci\.image\.config)\.v1\+json$/.test(type);

/**
 * Compares the page's view of a list with skopeo's: the list's digest and size, and in every row, in reading order, the
 * entry's digest, size, layers and date. Entries that skopeo cannot get must be marked as missing. `above` are the lists
 * that led to it.
 *
 * @param {any} shown
 * @param {string} reference
 * @param {any} [options]
 */
export async function compareList(shown, reference, { above = [], credentials } = {}) {
  const list = await inspect(reference, credentials);
  const own = shown.stops.find((stop) => "Digest of the list" in stop.fields).fields;
  assert.equal(own["Digest of the list"], list.digest);
  assert.equal(own.Size, `${inFull(list.size)} bytes`);
  assert.equal(own["Media type"], list.json.mediaType);

  const rows = await Promise.all(list.json.manifests.map((entry) => row(entry, repositoryOf(reference), credentials)));
  const found = shown.entries.map(({ digest, size, layers, created, seal }) => ({
    digest,
    size,
    layers,
    created,
    seal,
  }));
  const byDigest = (a, b) => (a.digest < b.digest ? -1 : 1);
  assert.deepEqual(found.toSorted(byDigest), rows.toSorted(byDigest));
  await compareDigests(shown, [list.digest, ...rows.map((each) => each.digest)], above, credentials);
}

/** Whether every digest that stands on the page is one of these, and every one of these stands there. */
async function compareDigests(shown, digests, above, credentials) {
  const parents = await Promise.all(above.map(async (list) => (await inspect(list, credentials)).digest));
  assert.deepEqual(shown.digests, [...new Set([...digests, ...parents])].sort());
}

async function row(entry, repository, credentials) {
  const reference = `${repository}@${entry.digest}`;
  const child = await inspect(reference, credentials).catch(() => null);
  const { digest } = entry;
  if (!child) return { digest, size: inWords(entry.size), layers: "", created: "", seal: "bad" };
  assert.equal(child.digest, digest);
  const { manifests, layers, config } = child.json;
  const created =
    config && isConfig(config.mediaType) ? (await inspectConfig(reference, credentials)).json.created : undefined;
  return {
    digest,
    size: inWords(entry.size),
    layers: manifests ? `${manifests.length} entries` : inWords(total(layers.map((layer) => layer.size))),
    created: created?.slice(0, 10) ?? "",
    seal: child.size === entry.size ? "good" : "bad",
  };
}

/**
 * Compares the page's view of an image with skopeo's: manifest, config and layers, each with digest and size, the diff
 * IDs, and the steps of the history. `above` are the lists that led to it.
 *
 * @param {any} shown
 * @param {string} reference
 * @param {any} [options]
 */
export async function compareImage(shown, reference, { above = [], credentials } = {}) {
  const image = await inspect(reference, credentials);
  const stop = (name) => shown.stops.find((each) => each.name === name);
  const own = stop("Manifest").fields;
  assert.equal(own.Digest, image.digest);
  assert.equal(own.Size, `${inFull(image.size)} bytes`);
  if (image.json.mediaType) assert.equal(own["Media type"], image.json.mediaType);

  const config = await inspectConfig(reference, credentials);
  assert.equal(config.digest, image.json.config.digest);
  assert.equal(stop("Config").fields.Digest, config.digest);
  assert.equal(stop("Config").fields.Size, `${inFull(config.size)} bytes`);
  const known = isConfig(image.json.config.mediaType);
  const diffIds = known ? config.json.rootfs.diff_ids : [];
  const layers = image.json.layers.map(({ digest, size, mediaType }, index) => ({
    number: `${index + 1}`,
    digest,
    size: inWords(size),
    mediaType,
    diffId: diffIds[index] ?? "",
  }));
  assert.deepEqual(shown.layers, layers);
  if (known) compareConfig(shown, stop("Config").fields, config.json, image.json.layers);

  const digests = [image.digest, config.digest, ...layers.map(({ digest }) => digest), ...diffIds];
  if (image.json.subject) digests.push(image.json.subject.digest);
  // Annotations may name digests too, such as that of the base image.
  digests.push(...Object.values(image.json.annotations ?? {}).filter((value) => /^sha256:[0-9a-f]{64}$/.test(value)));
  await compareDigests(shown, digests, above, credentials);
}

function compareConfig(shown, fields, said, layers) {
  const { config = {}, history = [] } = said;
  const release = said["os.version"] ? `(${said["os.version"]})` : "";
  assert.ok(fields.Platform.startsWith([said.os + release, said.architecture, said.variant].filter(Boolean).join("/")));
  // Windows has no root.
  assert.equal(fields.User, config.User || (said.os === "windows" ? "the default" : "root"));
  assert.equal(fields["Working directory"], config.WorkingDir || "/");
  assert.equal(fields.Environment ?? "", (config.Env ?? []).join(""));
  assert.equal(fields.Ports, Object.keys(config.ExposedPorts ?? {}).join(", ") || "none");
  const labels = Object.entries(config.Labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  assert.equal(fields.Labels ?? "", labels.flat().join(""));
  let layer = 0;
  const steps = history.map((step) => {
    if (step.empty_layer) return { layer: "", size: "", empty: true };
    layer += 1;
    return { layer: `${layer}`, size: inWords(layers[layer - 1].size), empty: false };
  });
  assert.deepEqual(
    shown.history.map(({ layer, size, empty }) => ({ layer, size, empty })),
    steps,
  );
}

/**
 * Compares the page's view of a schema 1 image with skopeo's: digest, size, signed part, and layers, base first.
 * `others` are digests that the page has to show besides.
 */
export async function compareSchema1(shown, reference, others = []) {
  const { json, digest, size } = await inspect(reference);
  const own = shown.stops.find((stop) => stop.name === "Manifest").fields;
  assert.equal(own.Digest, digest);
  if (json.signatures) {
    const [{ protected: block, header }] = json.signatures;
    const { formatLength, formatTail } = JSON.parse(Buffer.from(block, "base64url"));
    const payload = formatLength + Buffer.from(formatTail, "base64url").length;
    assert.equal(own.Size, `${inFull(size)} bytes, ${inFull(payload)} of them signed`);
    const { jwk, alg } = header;
    assert.equal(own.Signature, `signed by key ${jwk.kid} with ${alg} holds: shows integrity, not origin`);
  } else {
    assert.equal(own.Size, `${inFull(size)} bytes`);
  }
  const layers = json.fsLayers.map((layer) => layer.blobSum).reverse();
  assert.deepEqual(
    shown.layers.map((layer) => layer.digest),
    layers,
  );
  const config = json.history[0].v1Compatibility;
  await compareDigests(shown, [digest, ...others, ...layers, ...(config.match(/sha256:[0-9a-f]{64}/g) ?? [])], []);
  const { architecture, os } = JSON.parse(config);
  assert.equal(shown.stops.find((stop) => stop.name === "Config").fields.Platform, `${os}/${architecture}`);
}
