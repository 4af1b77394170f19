// @ts-check
// Layers with a table of contents: listed by one or two range requests, one file by its chunks, and compared with the
// layer once that is read.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { accessibilityViolations, viewports, withAxe } from "./support/accessibility.mjs";
import { answeredWith, journey as anyJourney, openHarness } from "./support/harness.mjs";
import { archive, pushImage, putImage } from "./support/images.mjs";
import { find } from "./support/programs.mjs";
import { dockerRegistry } from "./support/registries.mjs";
import { spoilingFront } from "./support/spoiling.mjs";
import { chunked, estargz, peer, retabled, tableOffset } from "./support/tables.mjs";
import { until } from "./support/view.mjs";

const sha256 = (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const TABLE = "containerd.io/snapshot/stargz/toc.digest";

const TEXT = "the table names me\n";
// It does not compress, so that a byte of it can be another one and it still unpacks.
const LARGE = randomBytes(300_000);
/** An archive of its own for each journey, so that what is asked for its layer is that journey's. */
const plain = (large = LARGE) =>
  archive([
    { name: "bin/" },
    { name: "bin/su", content: randomBytes(5000), mode: 0o4755 },
    { name: "etc/" },
    { name: "etc/motd", content: TEXT },
    { name: "etc/issue", type: "2", link: "motd", mode: 0o777 },
    { name: "lib/large", content: large },
  ]);

const hasSkopeo = find("skopeo") !== undefined;
const harness = openHarness(async (h) => {
  h.registry = await h.open(dockerRegistry({ cors: true }));
  h.front = await h.open(spoilingFront(h.registry));
});
/** A page that asks a registry directly asks for OCI's types after a 404 for Docker's. */
/**
 * @param {string} name
 * @param {(view: any, watch: any, context: any) => any} body
 * @param {any} [options]
 */
const journey = (name, body, { skip = !peer, ...options } = {}) =>
  anyJourney(name, harness, body, { skip, expected: () => [answeredWith(404, "/manifests/1")], ...options });

/** Puts an image of these layers under a name of its own; its reference behind the front. */
async function put(repository, layers) {
  await putImage(harness.registry, repository, "1", layers);
  return `${harness.front.host}/${repository}:1`;
}

async function look(view, reference) {
  await view.open(`#/inspect/http://${reference}?tab=files`);
}

const byTable = (page) => page.getByRole("button", { name: /^Read \d+ tables? of contents/ });
const said = (page) => page.getByRole("region", { name: "Tables of contents" });

async function openByTable(view, reference) {
  await look(view, reference);
  await byTable(view.page).click();
  await view.page.locator("#file-rows").waitFor();
}

async function goTo(page, path) {
  await page.getByRole("textbox", { name: "Path" }).fill(path);
  await page.keyboard.press("Enter");
  await page.locator(".file-entry h3", { hasText: path.split("/").at(-1) }).waitFor();
}

const openFile = (page) => page.getByRole("button", { name: "Open", exact: true }).click();
const rangeOf = (range) => range.match(/^bytes=(\d+)-(\d+)$/).slice(1).map(Number);
const compareButton = (page) => page.getByRole("button", { name: /^Read \d+ layers?, .*, and compare$/ });

/** Opens an image of one layer by its table, and a file by its chunks, and counts what the registry is asked for. */
async function lazily(view, reference, { digest, size, seal, format }) {
  const { page } = view;
  // Nobody answers where it asks for a place on the disk: such a browser gathers downloads.
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, "showSaveFilePicker"));
  await look(view, reference);
  const words = await byTable(page).textContent();
  await byTable(page).click();
  await page.locator("#file-rows").waitFor();
  const [range, ...more] = harness.front.asked(digest);
  assert.deepEqual(more, [], "one request lists the layer");
  const [first, last] = rangeOf(range);
  assert.ok(first > 0 && last < size, `${range} is a part of ${size} bytes`);
  const bytes = last + 1 - first;
  const shown = bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`;
  assert.match(words, new RegExp(`^Read 1 table of contents, (about )?${shown.replace(".", "\\.")}, and list the files$`));
  const line = await said(page).locator("li").first().textContent();
  assert.match(line, /^Layer 1: Listed from the layer's table of contents, whose digest sha256:[\da-f]{64}.* was checked here; the layer itself was not read\./);
  assert.ok(line.includes(seal), `the seal of ${seal}: ${line}`);
  assert.match(line, new RegExp(`${format}: \\d+ entries by 1 request of ${shown.replace(".", "\\.")}$`));
  await goTo(page, "/etc/motd");
  await page.getByText("by the table of contents").waitFor();
  await openFile(page);
  await page.getByText("Only its chunks were fetched. They have the digests that").waitFor();
  assert.deepEqual(await page.locator(".file-content .source").allTextContents(), [TEXT.trimEnd()]);
  const asked = harness.front.asked(digest);
  assert.equal(asked.length, 2, "one request more for the file");
  const [from, to] = rangeOf(asked[1]);
  assert.ok(to - from < 2000, `${asked[1]} are the chunks of a small file`);
  await goTo(page, "/lib/large");
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  assert.deepEqual(readFileSync(await (await saving).path()), LARGE);
  await page.getByText(`Saved. What was saved hashes to ${sha256(LARGE)}`).waitFor();
  assert.ok(harness.front.asked(digest).every(Boolean), "each request has a Range");
}

journey("an eStargz layer is listed by one request, and a file comes by its chunks", async (view) => {
  const layer = estargz(plain());
  const reference = await put("toc/estargz", [layer]);
  await lazily(view, reference, { ...layer, seal: layer.annotations[TABLE], format: "eStargz" });
});

journey(
  "a zstd:chunked layer as skopeo writes it is listed by one request, and a file comes by its chunks",
  async (view) => {
    const from = await pushImage(harness.registry, "toc/plain:1", [plain()]);
    const [layer] = await chunked(from, `${harness.registry.host}/toc/chunked:1`);
    const checksum = Object.entries(layer.annotations).find(([name]) => name.endsWith("manifest-checksum"));
    await lazily(view, `${harness.front.host}/toc/chunked:1`, { ...layer, seal: checksum[1], format: "zstd:chunked" });
  },
  { skip: !hasSkopeo },
);

journey("a table that is longer than the end of its layer takes two requests", async (view) => {
  const names = Array.from({ length: 9000 }, (_, number) => randomBytes(4).toString("hex") + number);
  const layer = estargz(archive(names.map((name) => ({ name, content: name }))));
  assert.ok(layer.size - tableOffset(layer) > 65_536, "the table is large");
  await openByTable(view, await put("toc/many", [layer]));
  const asked = harness.front.asked(layer.digest);
  assert.deepEqual(asked.map(Boolean), [true, true]);
  assert.equal(rangeOf(asked[0])[0], layer.size - 65_536);
  assert.equal(rangeOf(asked[1])[0], tableOffset(layer));
  await said(view.page).getByText("9,000 entries by 2 requests").waitFor();
});

journey("only layers without a table are read, and the layers of both kinds make one image", async (view) => {
  const { page } = view;
  const layer = estargz(plain());
  await pushImage(harness.registry, "toc/upper:1", [archive([{ name: "etc/motd", content: "newer\n" }])]);
  const answer = await fetch(`http://${harness.registry.host}/v2/toc/upper/manifests/1`, {
    headers: { accept: "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json" },
  });
  const [upper] = (await answer.json()).layers;
  const bytes = await fetch(`http://${harness.registry.host}/v2/toc/upper/blobs/${upper.digest}`);
  const blob = Buffer.from(await bytes.arrayBuffer());
  const reference = await put("toc/both", [layer, { ...upper, blob, diffId: sha256(blob) }]);
  await look(view, reference);
  await page.getByRole("button", { name: /^Read 1 table of contents and 1 layer, about .*, and list the files$/ }).click();
  await goTo(page, "/etc/motd");
  await openFile(page);
  await page.getByText("The same as when its layer was read and listed.").waitFor();
  assert.deepEqual(await page.locator(".file-content .source").allTextContents(), ["newer"]);
  assert.equal(harness.front.asked(layer.digest).length, 1);
  assert.ok(harness.front.asked(upper.digest).every((range) => range === undefined));
});

journey("a spoilt chunk is told with both digests, and nothing of it is shown", async (view) => {
  const { page } = view;
  const layer = estargz(plain());
  await openByTable(view, await put("toc/spoilt", [layer]));
  await goTo(page, "/lib/large");
  harness.front.spoil(layer.digest, "wrong");
  await openFile(page);
  const alert = page.locator(".file-content [role=alert]");
  await alert.waitFor();
  const words = await alert.textContent();
  assert.match(words, /^The file was not read: the chunk at byte 0 has the digest sha256:[\da-f]{64}, the table names sha256:[\da-f]{64}\.$/);
  assert.ok(words.endsWith(`the table names ${sha256(LARGE)}.`));
  assert.equal(await page.locator(".file-content .source, .file-content .good").count(), 0);
  harness.front.mend(layer.digest);
  await openFile(page);
  await page.getByText("Only its chunks were fetched.").waitFor();
});

journey("a table of another digest is an error, and its layer is read whole", async (view) => {
  const { page } = view;
  const layer = retabled(estargz(plain()), (table) => (table.entries[1].mode = 0o644), { unnamed: true });
  await openByTable(view, await put("toc/wrong", [layer]));
  const alert = said(page).getByRole("alert");
  assert.equal(
    await alert.textContent(),
    `Layer 1: Its table of contents is not used: the table has the digest ${layer.table}, the manifest names ` +
      `${layer.annotations[TABLE]}. The layer was read whole instead.`,
  );
  assert.deepEqual(harness.front.asked(layer.digest).map(Boolean), [true, false]);
  await goTo(page, "/bin/su");
  await page.getByText("-rwsr-xr-x 4755").waitFor();
});

journey("a registry that ignores Range has the layer read whole, and that is said", async (view) => {
  const { page } = view;
  // What is small is taken as it comes, since the table is in it; this is not.
  const layer = estargz(plain(randomBytes(3_000_000)));
  const reference = await put("toc/ignored", [layer]);
  harness.front.spoil(layer.digest, "whole", 0);
  await openByTable(view, reference);
  const words = await said(page).getByRole("alert").textContent();
  assert.match(words, /^Layer 1: Its table of contents is not used: .* does not send the part of a blob that was asked for.*\. The layer was read whole instead\.$/);
  assert.deepEqual(harness.front.asked(layer.digest).map(Boolean), [true, false]);
  await goTo(page, "/etc/motd");
  await openFile(page);
  await page.getByText("The same as when its layer was read and listed.").waitFor();
});

journey("once the layer is read, it and its table are compared, entry by entry", async (view) => {
  const { page } = view;
  const layer = estargz(plain());
  await openByTable(view, await put("toc/same", [layer]));
  await compareButton(page).click();
  await said(page).getByText("The layer says the same as its table of contents, entry by entry.").waitFor();
  assert.equal(await compareButton(page).count(), 0);
  assert.deepEqual(harness.front.asked(layer.digest).map(Boolean), [true, false]);
});

journey("every difference between a table and its layer is an error, at its path and in one list", async (view) => {
  const { page } = view;
  const layer = retabled(estargz(plain()), (table) => {
    table.entries.find((entry) => entry.name === "bin/su").mode = 0o755;
    table.entries.find((entry) => entry.name === "etc/motd").digest = sha256("another");
    table.entries.push({ name: "only/here", type: "reg", size: 0, mode: 0o644, modtime: "2023-11-14T22:13:20Z", digest: sha256("") });
  });
  const reference = await put("toc/differs", [layer]);
  await openByTable(view, reference);
  // The table's digest holds, so the table is what is shown.
  await said(page).getByText("was checked here; the layer itself was not read.").waitFor();
  await goTo(page, "/bin/su");
  await page.getByText("-rwxr-xr-x 0755").waitFor();
  await goTo(page, "/only/here");
  await compareButton(page).click();
  const alert = said(page).getByRole("alert");
  await alert.waitFor();
  assert.match(await alert.textContent(), /^Layer 1: The layer and its table of contents differ: engines that pull lazily see other files/);
  assert.deepEqual((await said(page).locator("li li").allTextContents()).map((line) => line.replace(/sha256:[\da-f]{64}/g, "…")), [
    "error bin/su: Its mode is 0755 in the table, 4755 in the archive.",
    "error etc/motd: Its content has another digest in the archive.",
    "error only/here: The table has it, the archive has not.",
  ]);
  await goTo(page, "/bin/su");
  await page.getByText("-rwsr-xr-x 4755").waitFor();
  await page.locator(".file-entry .finding.bad", { hasText: "Its mode is 0755 in the table" }).waitFor();
  // Who reads the layers at once has it at once.
  await page.reload();
  await page.getByRole("button", { name: /^Read 1 layer, .*, and list their files$/ }).click();
  await said(page).getByRole("alert").waitFor();
  assert.equal(await said(page).locator("li li").count(), 3);
});

for (const { colorScheme, widths } of viewports) {
  journey(
    `tables of contents are accessible, ${colorScheme}, ${widths[0]} wide`,
    async (view) => {
      const { page } = view;
      await withAxe(page);
      const wrong = [];
      const good = estargz(plain());
      const bad = retabled(estargz(plain()), (table) => (table.entries[1].mode = 0o755));
      const reference = await put("toc/drawn", [good, bad]);
      await look(view, reference);
      await byTable(page).waitFor();
      wrong.push(...(await accessibilityViolations(page, "the offer", widths)));
      await byTable(page).click();
      await goTo(page, "/etc/motd");
      await openFile(page);
      await page.getByText("Only its chunks were fetched.").waitFor();
      wrong.push(...(await accessibilityViolations(page, "the seals", widths)));
      await compareButton(page).click();
      await said(page).getByRole("alert").waitFor();
      wrong.push(...(await accessibilityViolations(page, "what differs", widths)));
      assert.deepEqual(wrong, []);
    },
    { colorScheme, viewport: { width: widths[0], height: 900 } },
  );
}
