// @ts-check
// Layers are compressed anew while an image is copied, and images of schema 1 become others: each digest is known before
// anything is written. The tools of gzip and zstd, and skopeo, are the judges of what is there then.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { accessibilityViolations, viewports, withAxe } from "./support/accessibility.mjs";
import { answeredWith, journey, openHarness } from "./support/harness.mjs";
import { archive, digestOf, gzipLayer, layer, putImage, putIndex, randomArchive } from "./support/images.mjs";
import { inspect } from "./support/oracle.mjs";
import { emptyFolder, find } from "./support/programs.mjs";
import { dockerRegistry } from "./support/registries.mjs";
import { spoilingFront } from "./support/spoiling.mjs";
import { until } from "./support/view.mjs";

const MIB = 1 << 20;
const GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
const ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";
const text = Array.from({ length: 40_000 }, (_, line) => `line ${line * 7919} of what a layer holds\n`).join("");

const harness = openHarness(
  async (h) => {
    h.from = await h.open(dockerRegistry({ cors: true }));
    h.to = await h.open(dockerRegistry({ cors: "push" }));
    h.spoiling = await h.open(spoilingFront(h.from));
    h.base = gzipLayer(archive([{ name: "etc/" }, { name: "etc/text", content: text }]));
    h.top = layer("top", 300_000);
    h.image = await putImage(h.from, "mill/app", "1", [h.base, h.top]);
    const arm = await putImage(h.from, "mill/app", "arm", [h.base], { architecture: "arm64" });
    await putIndex(h.from, "mill/app", "both", [h.image, arm]);
    await putImage(h.from, "mill/wrong", "1", [h.base, h.top], { diffIds: [h.base.diffId, h.base.diffId] });
    h.long = gzipLayer(randomArchive("long", 24 * MIB));
    await putImage(h.from, "mill/long", "1", [h.long]);
    const config = {
      architecture: "amd64",
      os: "linux",
      config: {},
      rootfs: { type: "layers", diff_ids: [h.base.diffId] },
      history: [{ created_by: "base" }, { created_by: "nothing", empty_layer: true }],
    };
    await putImage(h.from, "mill/steps", "1", [h.base], { config });
    h.old = await h.from.push("docker-schema1-signed/converted");
  },
  { push: true },
);

/** What a registry answers of what it does not have, which is asked first. */
const expected = () => [answeredWith(404, "")];
const press = ({ page }, name) => page.getByRole("button", { name, exact: false }).click();

/** Waits until the heading says so; the page's text. */
async function titled({ page }, title) {
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
  return page.locator("main").innerText();
}

/** Reads a source, and chooses what becomes of its layers. */
async function choose(view, from, to, compression, level = "") {
  const { page } = view;
  await view.open(`#/copy?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`);
  await titled(view, "The source is here");
  if (compression) await page.locator("#copy-compression").selectOption(compression);
  if (level) await page.locator("#copy-level").selectOption(level);
}

const blob = async (registry, repository, digest) =>
  Buffer.from(await (await fetch(`http://${registry.host}/v2/${repository}/blobs/${digest}`)).arrayBuffer());

/** What the tool of a format makes of a layer. */
function unpacked(bytes, mediaType) {
  const tool = { [GZIP]: "gzip", [ZSTD]: "zstd" }[mediaType];
  return tool ? execFileSync(tool, ["-dc"], { input: bytes, maxBuffer: 1 << 30 }) : bytes;
}

/** Every layer of a copied image is of that type, and unpacks to what it was. */
async function assertLayers(registry, repository, manifest, mediaType, layers) {
  assert.deepEqual(manifest.layers.map((one) => one.mediaType), layers.map(() => mediaType));
  for (const [place, named] of manifest.layers.entries()) {
    const bytes = await blob(registry, repository, named.digest);
    assert.equal(bytes.length, named.size);
    assert.equal(digestOf(bytes), named.digest);
    assert.equal(digestOf(unpacked(bytes, mediaType)), layers[place].diffId);
  }
}

journey(
  "a list is copied with its layers by zstd: every digest is known before anything is written",
  harness,
  async (view) => {
    const { page } = view;
    const target = `${harness.to.host}/mill/zstd:1`;
    await choose(view, `${harness.from.host}/mill/app:both`, target, "zstd", "9");
    await press(view, "Plan the copy");
    const unread = await titled(view, "The layers have to be read first");
    assert.match(unread, /Nothing is written to the target meanwhile/);
    const button = page.getByRole("button", { name: /^Compress 2 layers, / });
    await button.focus();
    await page.keyboard.press("Enter");
    const planned = await titled(view, "The plan of the copy");
    assert.match(planned, /2 layers compressed anew; what they unpack to stays/);
    assert.match(planned, /1 layer compressed anew/);
    const head = await fetch(`http://${harness.to.host}/v2/mill/zstd/tags/list`);
    assert.equal(head.status, 404);
    const shown = (await page.locator("main").innerText()).replace(/\s/g, "");
    await press(view, "Start the copy");
    await titled(view, "Copied, and read back");
    const there = await inspect(target);
    assert.ok(shown.includes(there.digest.slice(7, 15)), "the digest of the list was told in the plan");
    assert.equal(there.json.manifests.length, 2);
    for (const [place, layers] of [[harness.base, harness.top], [harness.base]].entries()) {
      const { digest } = there.json.manifests[place];
      const one = await inspect(`${harness.to.host}/mill/zstd@${digest}`);
      const before = await inspect(`${harness.from.host}/mill/app:${place ? "arm" : "1"}`);
      assert.equal(one.json.config.digest, before.json.config.digest, "the image keeps its ID");
      await assertLayers(harness.to, "mill/zstd", one.json, ZSTD, layers);
    }
  },
  { expected },
);

for (const [compression, level, mediaType] of [["gzip", "1", GZIP], ["none", "", "application/vnd.oci.image.layer.v1.tar"]]) {
  journey(
    `an image whose layers are by zstd is copied with them by ${compression}, and becomes Docker's in between`,
    harness,
    async (view) => {
      const from = `${harness.to.host}/mill/kept-${compression}:zstd`;
      await choose(view, `${harness.from.host}/mill/app:1`, from, "zstd");
      await press(view, "Plan the copy");
      await titled(view, "The layers have to be read first");
      await press(view, "Compress 2 layers");
      await titled(view, "The plan of the copy");
      await press(view, "Start the copy");
      await titled(view, "Copied, and read back");
      const target = `${harness.to.host}/mill/${compression}:1`;
      await choose(view, from, target, compression, level);
      await press(view, "Plan the copy");
      await titled(view, "The layers have to be read first");
      await press(view, "Compress 2 layers");
      await titled(view, "The plan of the copy");
      await press(view, "Start the copy");
      await titled(view, "Copied, and read back");
      const there = await inspect(target);
      await assertLayers(harness.to, `mill/${compression}`, there.json, mediaType, [harness.base, harness.top]);
    },
    { expected },
  );
}

journey(
  "a file is planned to the byte with layers that were compressed anew, and skopeo reads it",
  harness,
  async (view) => {
    const { page } = view;
    await page.addInitScript(() => Reflect.deleteProperty(globalThis, "showSaveFilePicker"));
    await choose(view, `${harness.from.host}/mill/app:1`, "", "zstd", "3");
    await page.getByRole("radio", { name: /file/ }).check();
    await press(view, "Plan the file");
    await titled(view, "The layers have to be read first");
    await press(view, "Compress 2 layers");
    await titled(view, "The file is planned");
    const [download] = await Promise.all([page.waitForEvent("download"), press(view, "Save ")]);
    await titled(view, "Saved, and every byte of it verified");
    const file = await download.path();
    const told = JSON.parse(execFileSync(String(find("skopeo")), ["inspect", "--raw", `oci-archive:${file}`], { encoding: "utf8" }));
    assert.deepEqual(told.layers.map((one) => one.mediaType), [ZSTD, ZSTD]);
    // skopeo holds every blob to its digest while it copies.
    execFileSync(String(find("skopeo")), ["copy", "-q", `oci-archive:${file}`, `dir:${file}.copied`]);
  },
  { expected },
);

journey(
  "a layer that breaks off goes on with the rest, and one that does not come is asked for again",
  harness,
  async (view) => {
    const target = `${harness.to.host}/mill/cut:1`;
    const { digest } = harness.long;
    harness.spoiling.spoil(digest, "forbidden");
    await choose(view, `${harness.spoiling.host}/mill/long:1`, target, "zstd", "1");
    await press(view, "Plan the copy");
    await titled(view, "The layers have to be read first");
    await press(view, "Compress 1 layer");
    const failed = await titled(view, "A layer was not read");
    assert.match(failed, /Nothing was written to the target/);
    harness.spoiling.spoil(digest, "cut", 1);
    const before = harness.spoiling.asked(digest).length;
    await press(view, "Go on");
    await titled(view, "The plan of the copy");
    const [whole, rest] = harness.spoiling.asked(digest).slice(before);
    assert.equal(whole, undefined);
    assert.match(rest, /^bytes=\d{7,}-/);
    await press(view, "Start the copy");
    await titled(view, "Copied, and read back");
    const there = await inspect(target);
    await assertLayers(harness.to, "mill/cut", there.json, ZSTD, [harness.long]);
  },
  { expected: () => [...expected(), answeredWith(403, ""), /net::ERR_/] },
);

journey(
  "nothing is made of a layer that is not what its config says, nor of what was cancelled",
  harness,
  async (view) => {
    const { page } = view;
    const target = `${harness.to.host}/mill/wrong:1`;
    await choose(view, `${harness.from.host}/mill/wrong:1`, target, "zstd");
    await press(view, "Plan the copy");
    await titled(view, "The layers have to be read first");
    await press(view, "Compress 2 layers");
    const failed = await titled(view, "A layer was not read");
    assert.match(failed, /unpacks to sha256:.* and the config says sha256:/s);
    assert.equal((await fetch(`http://${harness.to.host}/v2/mill/wrong/tags/list`)).status, 404);
    await choose(view, `${harness.from.host}/mill/long:1`, target, "zstd", "19");
    await press(view, "Plan the copy");
    await titled(view, "The layers have to be read first");
    await press(view, "Compress 1 layer");
    await titled(view, "Reading the layers");
    await press(view, "Cancel");
    await titled(view, "The layers have to be read first");
    // Another source: what was compressed of the one before is not kept.
    await choose(view, `${harness.from.host}/mill/app:1`, target, "gzip");
    const left = () =>
      page.evaluate(async () => {
        const top = await navigator.storage.getDirectory();
        const folder = await top.getDirectoryHandle("unpacked", { create: true });
        const names = [];
        for await (const name of folder.keys()) names.push(name);
        return names.length;
      });
    await until(left, (count) => count <= 1, "the room of what was compressed");
  },
  { expected },
);

journey(
  "an image of schema 1 becomes one of OCI, once its layers were read",
  harness,
  async (view) => {
    const { page } = view;
    const target = `${harness.to.host}/mill/old:1`;
    await choose(view, harness.old, target, "");
    await page.locator("#copy-format").selectOption("oci");
    await press(view, "Plan the copy");
    await titled(view, "The layers have to be read first");
    await press(view, "Read ");
    await titled(view, "The plan of the copy");
    await press(view, "Start the copy");
    await titled(view, "Copied, and read back");
    const there = await inspect(target);
    const { config, layers } = there.json;
    const read = JSON.parse((await blob(harness.to, "mill/old", config.digest)).toString());
    assert.equal(read.rootfs.diff_ids.length, layers.length);
    for (const [place, named] of layers.entries()) {
      const bytes = await blob(harness.to, "mill/old", named.digest);
      assert.equal(digestOf(unpacked(bytes, GZIP)), read.rootfs.diff_ids[place]);
    }
  },
  { expected },
);

journey(
  "an image becomes one of schema 1 that a registry of that time takes, and skopeo reads it",
  harness,
  async (view) => {
    const { page } = view;
    const target = `${harness.to.host}/mill/oldest:2`;
    await choose(view, `${harness.from.host}/mill/steps:1`, target, "");
    await page.locator("#copy-format").selectOption("v2s1");
    await press(view, "Plan the copy");
    const planned = await titled(view, "The plan of the copy");
    await press(view, "Start the copy");
    await titled(view, "Copied, and read back");
    const skopeo = String(find("skopeo"));
    const raw = execFileSync(skopeo, ["inspect", "--raw", "--tls-verify=false", `docker://${target}`]);
    const told = JSON.parse(raw.toString());
    assert.deepEqual([told.schemaVersion, told.name, told.tag], [1, "mill/oldest", "2"]);
    assert.equal(told.fsLayers.at(-1).blobSum, harness.base.digest);
    // skopeo checks the signature, and holds what it names to its digests.
    const file = path.join(emptyFolder(), "old.tar");
    execFileSync(skopeo, ["copy", "-q", "--src-tls-verify=false", `docker://${target}`, `oci-archive:${file}`]);
    const manifest = path.join(path.dirname(file), "manifest.json");
    writeFileSync(manifest, raw);
    const digest = execFileSync(skopeo, ["manifest-digest", manifest], { encoding: "utf8" }).trim();
    assert.ok(planned.replace(/\s/g, "").includes(digest.slice(7, 15)), "the digest was told in the plan");
  },
  { expected },
);

for (const { colorScheme, widths } of viewports) {
  journey(
    `what is read before a plan is accessible, ${colorScheme}, ${widths[0]} pixels`,
    harness,
    async (view) => {
      const { page } = view;
      await withAxe(page);
      await choose(view, `${harness.from.host}/mill/app:1`, `${harness.to.host}/mill/seen:1`, "zstd");
      await press(view, "Plan the copy");
      await titled(view, "The layers have to be read first");
      assert.deepEqual(await accessibilityViolations(page, "unread", widths), []);
      await press(view, "Compress 2 layers");
      await titled(view, "The plan of the copy");
      assert.deepEqual(await accessibilityViolations(page, "compressed", widths), []);
    },
    { expected, colorScheme },
  );
}
