// @ts-check
// What was read of layers once: for the check it is there for the files, and for the files it is there for the check.
// And what comes of a layer is written to the disk as it comes.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { answeredWith, journey as anyJourney, openHarness } from "./support/harness.mjs";
import { archive, digestOf, layerOf as layerOfBlob, putImage } from "./support/images.mjs";
import { memoryOf } from "./support/memory.mjs";
import { dockerRegistry } from "./support/registries.mjs";
import { spoilingFront } from "./support/spoiling.mjs";
import { until } from "./support/view.mjs";

/**
 * Asked for every type at once this registry knows an image of OCI by its own type only, and answers 404 first.
 *
 * @param {string} name
 * @param {any} harness
 * @param {(view: any, watch: any, context: any) => any} body
 * @param {any} [options]
 */
const journey = (name, harness, body, options = {}) =>
  anyJourney(name, harness, body, { ...options, expected: () => [answeredWith(404, "/v2/once/\\w+/manifests/1")] });

const MIB = 1 << 20;

/** A layer of these entries, compressed by gzip or not. */
function layerOf(entries, plain = false) {
  const unpacked = Buffer.isBuffer(entries) ? entries : archive(entries);
  const blob = plain ? unpacked : gzipSync(unpacked, { level: 1 });
  return layerOfBlob(blob, unpacked, plain ? "" : "gzip");
}

const COPY = randomBytes(50_000);
const BLOCK = randomBytes(MIB);
const LARGE = 600 * MIB;
const ENTRIES = 1_000_000;

/** An archive of so many empty files, in a thousand directories. */
function manyEntries() {
  const template = archive([{ name: "usr/share/doc/package-0000/examples/file-0000000.txt" }]).subarray(0, 512);
  const bytes = Buffer.alloc(ENTRIES * 512 + 1024);
  for (let number = 0; number < ENTRIES; number += 1) {
    const header = bytes.subarray(number * 512, number * 512 + 512);
    template.copy(header);
    header.write(`${String(number % 1000).padStart(4, "0")}/examples/file-${String(number).padStart(7, "0")}.txt`, 22);
    header.write("        ", 148);
    header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(7, "0")}\0`, 148);
  }
  return bytes;
}

const harness = openHarness(async (h) => {
  h.registry = await h.open(dockerRegistry({ cors: true }));
  h.front = await h.open(spoilingFront(h.registry));
});

const base = [
  { name: "etc/" },
  { name: "etc/passwd", content: "root:x:0:0::/root:/bin/sh\n" },
  { name: "usr/share/one", content: COPY },
];

/** Puts an image of two layers of its own; its reference behind the front, and its layers. */
async function twoLayers(name) {
  const layers = [
    layerOf([...base, { name: `etc/${name}`, content: name }]),
    layerOf([{ name: "usr/share/two", content: COPY }, { name: "etc/.wh.passwd" }, { name: `opt/${name}`, content: "x" }]),
  ];
  await putImage(harness.registry, `once/${name}`, "1", layers);
  return { reference: `http://${harness.front.host}/once/${name}:1`, layers };
}

const asked = (layers) => layers.map((one) => harness.front.asked(one.digest).length);
const checked = (page) => page.getByText("All 2 layers are the ones the manifest names, and unpack to what the config says.").first();
const rows = (page) => page.locator("#file-rows .file-text").allTextContents();

journey("what the check read is listed without another request, but for the contents", harness, async (view) => {
  const { page } = view;
  const { reference, layers } = await twoLayers("checked");
  await view.open(`#/inspect/${reference}`);
  await page.getByRole("button", { name: /^Check 2 layers/ }).click();
  await checked(page).waitFor();
  assert.deepEqual(asked(layers), [1, 1]);
  await page.getByRole("link", { name: "Files" }).click();
  await page.locator("#file-rows").waitFor();
  await until(() => rows(page), (names) => names.includes("opt/"), "the rows");
  assert.deepEqual(asked(layers), [1, 1], "nothing is read again");
  await page.getByText("Files of the same content are not found yet").waitFor();
  // What it costs to find them is said, and only then read.
  await page.getByRole("button", { name: /^Read 2 layers, [\d.]+ kB, again$/ }).click();
  await page.getByRole("button", { name: /^duplicates 2$/ }).waitFor();
  assert.deepEqual(asked(layers), [2, 2]);
  assert.equal(await page.getByText("Files of the same content are not found yet").count(), 0);
  // Gone and back: they are there.
  await page.getByRole("link", { name: "Overview" }).click();
  await checked(page).waitFor();
  await page.getByRole("link", { name: "Files" }).click();
  await page.getByRole("button", { name: /^duplicates 2$/ }).waitFor();
  assert.deepEqual(asked(layers), [2, 2]);
});

journey("what was read for the files counts for the check and for the validation", harness, async (view) => {
  const { page } = view;
  const { reference, layers } = await twoLayers("listed");
  await view.open(`#/inspect/${reference}?tab=files`);
  await page.getByRole("button", { name: /^Read 2 layers, .*, and list their files$/ }).click();
  await page.locator("#file-rows").waitFor();
  assert.deepEqual(asked(layers), [1, 1]);
  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByRole("button", { name: "Check 2 layers, 0 B" }).click();
  await checked(page).waitFor();
  await page.getByRole("button", { name: "Validate" }).click();
  await page.locator("#validation .conclusion.good").waitFor();
  assert.deepEqual(asked(layers), [1, 1], "nothing is read again");
});

journey("of a layer that was cancelled the rest alone is read, and the check that stands takes it", harness, async (view) => {
  const { page } = view;
  const { reference, layers } = await twoLayers("partly");
  harness.front.spoil(layers[1].digest, "held");
  await view.open(`#/inspect/${reference}`);
  await page.getByRole("button", { name: /^Check 2 layers/ }).click();
  await page.locator(".checked > li").first().locator(".checked-seal.good").nth(2).waitFor();
  await page.locator(".check-head").getByRole("button", { name: "Cancel" }).click();
  harness.front.release();
  await page.getByRole("link", { name: "Files" }).click();
  await page.getByText("1 layer was read already.").waitFor();
  await page.getByRole("button", { name: /^Read 1 layer, .*, and list their files$/ }).click();
  await page.locator("#file-rows").waitFor();
  assert.deepEqual(asked(layers), [1, 2]);
  await page.getByRole("link", { name: "Overview" }).click();
  await checked(page).waitFor();
  assert.deepEqual(asked(layers), [1, 2]);
});

journey("a layer whose bytes are wrong is wrong for the check too, and comes again where somebody says so", harness, async (view) => {
  const { page } = view;
  const { reference, layers } = await twoLayers("wrong");
  harness.front.spoil(layers[0].digest, "wrong");
  await view.open(`#/inspect/${reference}?tab=files`);
  await page.getByRole("button", { name: /^Read 2 layers/ }).click();
  await page.getByText("Layer 1 is not the one that the manifest names").waitFor();
  harness.front.mend(layers[0].digest);
  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByRole("button", { name: "Check 2 layers, 0 B" }).click();
  await page.locator(".checked > li").first().locator(".checked-seal.bad").first().waitFor();
  assert.deepEqual(asked(layers), [1, 1]);
  await page.locator(".checked > li").first().getByRole("button", { name: /^Read it again/ }).click();
  await checked(page).waitFor();
  assert.deepEqual(asked(layers), [2, 1]);
});

/** Gives the page the save dialog of a browser that has one, with a real file behind it: of the origin's own folder. */
const withSaveDialog = (page) =>
  page.addInitScript(() => {
    globalThis.saved = [];
    globalThis.leaves = false;
    globalThis.showSaveFilePicker = async ({ suggestedName }) => {
      if (globalThis.leaves) throw new DOMException("The user aborted a request.", "AbortError");
      const folder = await navigator.storage.getDirectory();
      const file = await folder.getFileHandle(suggestedName, { create: true });
      globalThis.saved.push(file);
      return file;
    };
  });

journey(
  "a file of 600 MiB is written to the disk as it comes, and little memory holds it",
  harness,
  async (view) => {
    const { page } = view;
    await withSaveDialog(page);
    const header = archive([{ name: "data/large", content: "" }]).subarray(0, 512);
    const sizes = LARGE.toString(8).padStart(11, "0");
    header.write(`${sizes}\0`, 124);
    header.write("        ", 148);
    header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(7, "0")}\0`, 148);
    const unpacked = Buffer.concat([header, ...Array(LARGE / MIB).fill(BLOCK), Buffer.alloc(1024)]);
    const layer = layerOf(unpacked, true);
    await putImage(harness.registry, "once/large", "1", [layer]);
    await view.open(`#/inspect/http://${harness.registry.host}/once/large:1?tab=files&files=image/data/large`);
    await page.getByRole("button", { name: /^Read 1 layer, 629\.1 MB/ }).click();
    await page.locator(".file-entry h3", { hasText: "large" }).waitFor({ timeout: 60_000 });
    await page.getByText("Reads its layer again, up to the end of the file: about 629.1 MB of 629.1 MB.").waitFor();
    // Who chooses no place has nothing of it.
    await page.evaluate(() => (globalThis.leaves = true));
    await page.getByRole("button", { name: "Download" }).click();
    await page.getByRole("button", { name: "Download" }).waitFor();
    assert.equal(await page.locator(".file-content").count(), 0);
    await page.evaluate(() => (globalThis.leaves = false));
    const memory = await memoryOf(harness.browser);
    await page.getByRole("button", { name: "Download" }).click();
    const grown = await memory.until(() =>
      page.getByText("Saved. What was saved hashes to").waitFor({ timeout: 120_000 }),
    );
    const hash = createHash("sha256");
    for (let number = 0; number < LARGE / MIB; number += 1) hash.update(BLOCK);
    await page.getByText(`sha256:${hash.digest("hex")}`).first().waitFor();
    await page.getByText("The same as when its layer was read and listed.").waitFor();
    const onDisk = await page.evaluate(async () => {
      const file = await globalThis.saved.at(-1).getFile();
      const digests = new Set();
      for (let from = 0; from < file.size; from += 1 << 20) {
        const bytes = await file.slice(from, from + (1 << 20)).arrayBuffer();
        const digest = await crypto.subtle.digest("SHA-256", bytes);
        digests.add([...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
      }
      return { name: file.name, size: file.size, digests: [...digests] };
    });
    assert.deepEqual(onDisk, { name: "large", size: LARGE, digests: [digestOf(BLOCK).slice(7)] });
    // What the browser has not collected yet is a part of it; all of the file would be 600.
    assert.ok(grown.median <= 128 * MIB && grown.most <= 192 * MIB, JSON.stringify(grown));
    // What is cancelled leaves no file behind.
    await page.evaluate(async () => (await navigator.storage.getDirectory()).removeEntry("large"));
    await page.getByRole("button", { name: "Download" }).click();
    await page.locator(".file-content progress").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await until(
      () => page.evaluate(async () => (await globalThis.saved.at(-1).getFile()).size),
      (size) => size === 0,
      "an empty file",
    );
  },
  { long: true },
);

journey("without such a dialog the browser gathers a file, and the same bytes are saved", harness, async (view) => {
  const { page } = view;
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, "showSaveFilePicker"));
  const { reference } = await twoLayers("gathered");
  await view.open(`#/inspect/${reference}?tab=files&files=image/usr/share/two`);
  await page.getByRole("button", { name: /^Read 2 layers/ }).click();
  await page.locator(".file-entry h3", { hasText: "two" }).waitFor();
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  const download = await saving;
  assert.equal(download.suggestedFilename(), "two");
  assert.deepEqual(readFileSync(await download.path()), COPY);
});

// docs/PERFORMANCE.md says what it is made of.
const MILLION_BYTES = 400_000_000;
journey(
  "a million entries are listed, and take no more than 400 MB",
  harness,
  async (view) => {
    const { page } = view;
    const layer = layerOf(manyEntries());
    await putImage(harness.registry, "once/many", "1", [layer]);
    await view.open(`#/inspect/http://${harness.registry.host}/once/many:1?tab=files`);
    const button = page.getByRole("button", { name: /^Read 1 layer/ });
    await button.waitFor();
    const memory = await memoryOf(harness.browser);
    await button.click();
    const reading = await memory.until(() => page.getByText("1,000,000 entries").or(page.getByText("1,001,004 entries")).waitFor({ timeout: 150_000 }));
    const after = await memory.settled();
    console.log(`a million entries: ${JSON.stringify({ reading, after })}`);
    assert.ok(after <= MILLION_BYTES, `${after / 1e6} MB`);
  },
  { long: true },
);
