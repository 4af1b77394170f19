// @ts-check
// An image is saved from a registry into a file: by each road to the disk, and read back by skopeo.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { accessibilityViolations, viewports, withAxe } from "./support/accessibility.mjs";
import { answerDialogs } from "./support/dialogs.mjs";
import { answeredWith, journey as anyJourney, openHarness } from "./support/harness.mjs";
import { digestOf, layer, putImage, putIndex } from "./support/images.mjs";
import { memoryOf } from "./support/memory.mjs";
import { emptyFolder, find, portOf } from "./support/programs.mjs";
import { dockerRegistry } from "./support/registries.mjs";
import { spoilingFront } from "./support/spoiling.mjs";
import { until } from "./support/view.mjs";

const MIB = 1 << 20;

/**
 * Asked for every type at once this registry knows an image of OCI by its own type only, and answers 404 first.
 * @param {string} name
 * @param {any} harness
 * @param {any} body
 * @param {any} [options]
 */
const journey = (name, harness, body, { expected = () => [], ...options } = {}) =>
  anyJourney(name, harness, body, {
    ...options,
    expected: (/** @type {any} */ harness) => [
      answeredWith(404, "/v2/harbour/\\w+/manifests/[^/]+"),
      ...expected(harness),
    ],
  });
const skopeo = find("skopeo") ?? "skopeo";
/** What a large layer is made of, again and again: zeros at the end make it an archive. */
const BLOCK = randomBytes(MIB);
const BLOCKS = 1024;

/** Serves an image of one layer of 1 GiB, which is whole nowhere. */
async function largeImage() {
  const hash = createHash("sha256");
  for (let block = 0; block < BLOCKS; block += 1) hash.update(BLOCK);
  const digest = `sha256:${hash.digest("hex")}`;
  const config = Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [digest] } }));
  const part = (type, digest, size) => ({ mediaType: `application/vnd.oci.image.${type}`, digest, size });
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = Buffer.from(JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: part("config.v1+json", digestOf(config), config.length),
    layers: [part("layer.v1.tar", digest, BLOCKS * MIB)],
  }));
  const server = createServer(async (request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    const { url = "" } = request;
    if (url.includes("/manifests/")) return response.writeHead(200, { "content-type": mediaType }).end(manifest);
    if (url.endsWith(digestOf(config))) return response.end(config);
    if (!url.endsWith(digest)) return response.end("{}");
    response.writeHead(200, { "content-length": BLOCKS * MIB });
    for (let block = 0; block < BLOCKS && !response.destroyed; block += 1) {
      if (!response.write(BLOCK)) {
        await new Promise((goOn) => {
          const both = () => {
            response.off("drain", both).off("close", both);
            goOn(undefined);
          };
          response.once("drain", both).once("close", both);
        });
      }
    }
    return response.end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { host: `127.0.0.1:${portOf(server)}`, digest: digestOf(manifest), stop };
}

const harness = openHarness(async (h) => {
  h.registry = await h.open(dockerRegistry({ cors: true }));
  h.front = await h.open(spoilingFront(h.registry));
  h.layers = [layer("base", 3 * MIB), layer("top", 200_000)];
  h.image = await putImage(h.registry, "harbour/app", "1.0", h.layers);
  const other = await putImage(h.registry, "harbour/app", "arm", [layer("arm", 100_000)], { architecture: "arm64" });
  h.list = await putIndex(h.registry, "harbour/list", "2", await Promise.all([
    putImage(h.registry, "harbour/list", "a", h.layers),
    putImage(h.registry, "harbour/list", "b", [layer("arm", 100_000)], { architecture: "arm64" }),
  ]));
  assert.ok(other.digest);
  h.large = await h.open(largeImage());
  h.long = layer("long", 40 * MIB);
  h.longImage = await putImage(h.registry, "harbour/long", "1", [h.long]);
});

const WITHOUT = {
  picker: () => Reflect.deleteProperty(globalThis, "showSaveFilePicker"),
  worker: () => Reflect.deleteProperty(Navigator.prototype, "serviceWorker"),
  files: () => Reflect.deleteProperty(FileSystemFileHandle.prototype, "createWritable"),
};

/** Takes these facilities from the browser. */
const without = async (page, ...names) => {
  for (const name of names) await page.addInitScript(WITHOUT[name]);
};

/** Gives the page the dialogs of a browser that has them. */
const withDialogs = (page) => page.addInitScript(answerDialogs);

/** A file of the origin's own folder; undefined where there is none. */
const ownFile = (page, ...names) =>
  page.evaluate(async (names) => {
    let folder = await navigator.storage.getDirectory();
    try {
      for (const name of names.slice(0, -1)) folder = await folder.getDirectoryHandle(name);
      const file = await (await folder.getFileHandle(names.at(-1))).getFile();
      const bytes = new Uint8Array(await file.arrayBuffer());
      let text = "";
      for (let from = 0; from < bytes.length; from += 0x8000) {
        text += String.fromCharCode(...bytes.subarray(from, from + 0x8000));
      }
      return btoa(text);
    } catch {
      return undefined;
    }
  }, names);

const bytesOf = async (page, ...names) => Buffer.from((await ownFile(page, ...names)) ?? "", "base64");

/** Goes to Copy and plans a file of an image. */
async function plan(view, reference, archive = "oci") {
  const { page } = view;
  await view.open(`#/copy?from=http://${reference}`);
  await page.getByText("The source is here").first().waitFor();
  await page.getByRole("radio", { name: "a file" }).check();
  await page.locator("#copy-archive").selectOption(archive);
  await page.getByRole("button", { name: "Plan the file" }).click();
}

const save = (page) => page.getByRole("button", { name: /^Save \d/ });
const saved = (page, options = {}) => page.locator(".stamp", { hasText: /^Saved, / }).waitFor(options);
const planned = async (page) => {
  await save(page).waitFor();
  return page.locator(".stop", { hasText: "Names in it" });
};
const field = (stop, name) => stop.locator(".fields > div", { has: stop.page().locator(".label", { hasText: name }) });

/** The manifest that skopeo finds, and its digest. */
const inspected = (place) => execFileSync(skopeo, ["inspect", "--raw", place], { encoding: "buffer" });
const digestAt = (place) => digestOf(inspected(place));

const kept = (bytes, name = "a.tar") => {
  const file = path.join(emptyFolder(), name);
  writeFileSync(file, bytes);
  return file;
};

journey("by a save dialog the file is written while it comes, and is skopeo's to read", harness, async (view) => {
  const { page } = view;
  await withDialogs(page);
  await plan(view, `${harness.registry.host}/harbour/app:1.0`);
  const stop = await planned(page);
  assert.match(await field(stop, "File").textContent(), /app-1\.0\.tar/);
  const told = Number((await field(stop, "Size").textContent()).match(/([\d,\u202f\u00a0 ]+) bytes/)[1].replace(/\D/g, ""));
  assert.match(await field(stop, "Names in it").textContent(), /harbour\/app:1\.0/);
  assert.match(await field(stop, "Found under").textContent(), new RegExp(harness.image.digest.slice(7, 19)));
  await page.getByText("Your browser asks where").waitFor();
  await save(page).click();
  await saved(page);
  const bytes = await bytesOf(page, "app-1.0.tar");
  assert.equal(bytes.length, told);
  const file = kept(bytes);
  assert.equal(digestAt(`oci-archive:${file}:1.0`), harness.image.digest);
  inspected(`docker-archive:${file}`);
});

journey("a service worker's download is written while it comes", harness, async (view, watch) => {
  const { page } = view;
  await without(page, "picker");
  await plan(view, `${harness.registry.host}/harbour/app:1.0`);
  await planned(page);
  await page.getByText("It is among your browser's downloads while it comes.").waitFor();
  const coming = page.waitForEvent("download");
  await save(page).click();
  const download = await coming;
  assert.equal(download.suggestedFilename(), "app-1.0.tar");
  await saved(page);
  assert.equal(digestAt(`oci-archive:${await download.path()}:1.0`), harness.image.digest);
  assert.equal(await download.failure(), null);
  // It is registered for its own addresses only, and nothing else of the page goes through it.
  const scopes = await page.evaluate(async () => {
    const all = await navigator.serviceWorker.getRegistrations();
    return { scopes: all.map(({ scope }) => new URL(scope).pathname), controls: Boolean(navigator.serviceWorker.controller) };
  });
  assert.deepEqual(scopes, { scopes: ["/dl/"], controls: false });
  assert.deepEqual(watch.violations, []);
});

journey("without either the browser keeps the file until it is whole", harness, async (view) => {
  const { page } = view;
  await without(page, "picker", "worker");
  await plan(view, `${harness.registry.host}/harbour/list:2`);
  await planned(page);
  await page.getByText("Your browser keeps it until it is whole").waitFor();
  const coming = page.waitForEvent("download");
  await save(page).click();
  const download = await coming;
  await saved(page);
  assert.equal(digestAt(`oci-archive:${await download.path()}:2`), harness.list.digest);
});

journey("with nothing of that it is gathered in memory", harness, async (view) => {
  const { page } = view;
  await without(page, "picker", "worker", "files");
  await plan(view, `${harness.registry.host}/harbour/app:1.0`, "dir");
  await planned(page);
  await page.getByText("Your browser gathers it in memory").waitFor();
  const coming = page.waitForEvent("download");
  await save(page).click();
  const download = await coming;
  await saved(page);
  const folder = emptyFolder();
  execFileSync("tar", ["-xf", await download.path(), "-C", folder]);
  assert.equal(digestAt(`dir:${folder}`), harness.image.digest);
});

journey("a docker archive has its layers measured, and is byte for byte skopeo's own", harness, async (view) => {
  const { page } = view;
  await withDialogs(page);
  const reference = `${harness.registry.host}/harbour/app:1.0`;
  await plan(view, reference, "docker");
  await page.getByText("The layers have to be read first").first().waitFor();
  await page.getByRole("button", { name: /^Read \d.* to measure them$/ }).click();
  await planned(page);
  await save(page).click();
  await saved(page);
  const theirs = path.join(emptyFolder(), "theirs.tar");
  const target = `docker-archive:${theirs}:${reference}`;
  execFileSync(skopeo, ["copy", "-q", "--src-tls-verify=false", `docker://${reference}`, target]);
  assert.ok((await bytesOf(page, "app-1.0.docker.tar")).equals(readFileSync(theirs)));
});

journey("dir: is written into a folder, which skopeo reads", harness, async (view) => {
  const { page } = view;
  await withDialogs(page);
  await plan(view, `${harness.registry.host}/harbour/app:1.0`, "folder");
  await planned(page);
  await save(page).click();
  await saved(page);
  const names = await page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("chosen");
    const names = [];
    for await (const name of folder.keys()) names.push(name);
    return names;
  });
  const folder = emptyFolder();
  for (const name of names) writeFileSync(path.join(folder, name), await bytesOf(page, "chosen", name));
  assert.equal(digestAt(`dir:${folder}`), harness.image.digest);
  assert.equal(readdirSync(folder).length, 5);
  // What is there is not mixed with anything.
  await page.getByRole("button", { name: "Save it again" }).click();
  await page.getByText("The folder is not empty.").waitFor();
});

journey("chosen platforms keep the list, which names the others", harness, async (view) => {
  const { page } = view;
  await withDialogs(page);
  await plan(view, `${harness.registry.host}/harbour/list:2`);
  await planned(page);
  await page.locator("#copy-scope").selectOption("sparse");
  await page.getByRole("checkbox", { name: /arm64/ }).uncheck();
  await page.getByRole("button", { name: "Plan the file" }).click();
  const stop = await planned(page);
  await stop.getByText("1 content named and not in it").waitFor();
  await save(page).click();
  await saved(page);
  const file = kept(await bytesOf(page, "list-2.tar"));
  assert.equal(digestAt(`oci-archive:${file}:2`), harness.list.digest);
  const listed = execFileSync("tar", ["-tf", file], { encoding: "utf8" });
  // Two documents, a docker manifest, the list, one image with its config and two layers.
  assert.equal(listed.trim().split("\n").length, 3 + 1 + 2 + 2);
});

journey(
  "a connection that breaks is gone on with, and nothing is read twice",
  harness,
  async (view) => {
    const { page } = view;
    await withDialogs(page);
    // What a browser still holds when a connection breaks, it drops: so the layer is larger than that.
    const { long } = harness;
    harness.front.spoil(long.digest, "cut", 2);
    await plan(view, `${harness.front.host}/harbour/long:1`);
    await planned(page);
    const before = harness.front.asked(long.digest).length;
    await save(page).click();
    const goOn = page.getByRole("button", { name: "Go on" });
    for (let tries = 0; tries < 3; tries += 1) {
      await saved(page, { timeout: 3_000 }).catch(() => goOn.click({ timeout: 1_000 }).catch(() => undefined));
    }
    await saved(page);
    const ranges = harness.front.asked(long.digest).slice(before);
    assert.equal(ranges[0], undefined);
    const starts = ranges.slice(1).map((range) => Number(range?.match(/^bytes=(\d+)-$/)[1]));
    assert.ok(starts.length >= 1 && starts.every((start, place) => start >= (starts[place - 1] ?? MIB)), JSON.stringify(ranges));
    const file = kept(await bytesOf(page, "long-1.tar"));
    assert.equal(digestAt(`oci-archive:${file}:1`), harness.longImage.digest);
    harness.front.mend(long.digest);
  },
  { expected: () => [/error: Failed to load resource/] },
);

journey(
  "other bytes than the digest names are never saved, by any road",
  harness,
  async (view, _, context) => {
    const [base] = harness.layers;
    harness.front.spoil(base.digest, "wrong");
    for (const road of [[], ["picker"], ["picker", "worker"], ["picker", "worker", "files"]]) {
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      const other = Object.assign(Object.create(Object.getPrototypeOf(view)), view, { page });
      if (road.length === 0) await withDialogs(page);
      await without(page, ...road);
      const downloads = [];
      page.on("download", (download) => downloads.push(download));
      await plan(other, `${harness.front.host}/harbour/app:1.0`);
      await planned(page);
      await save(page).click();
      await page.getByText("the registry sent other bytes than", { exact: false }).first().waitFor();
      await page.locator(".stamp", { hasText: "Not saved" }).waitFor();
      for (const download of downloads) assert.ok(await download.failure(), "the download failed");
      if (road.length === 0) assert.equal((await bytesOf(page, "app-1.0.tar")).length, 0);
      await page.close();
    }
    harness.front.mend(base.digest);
    await view.open("");
  },
);

journey("what is paused waits, and what is cancelled leaves nothing", harness, async (view) => {
  const { page } = view;
  await withDialogs(page);
  const [base] = harness.layers;
  harness.front.spoil(base.digest, "held");
  await plan(view, `${harness.front.host}/harbour/app:1.0`);
  await planned(page);
  await save(page).click();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("The saving stands still").first().waitFor();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("The saving was cancelled").first().waitFor();
  assert.equal((await bytesOf(page, "app-1.0.tar")).length, 0);
  harness.front.mend(base.digest);
  harness.front.release();
  await page.getByRole("button", { name: "Save it again" }).click();
  await saved(page);
  const file = kept(await bytesOf(page, "app-1.0.tar"));
  assert.equal(digestAt(`oci-archive:${file}:1.0`), harness.image.digest);
});

journey(
  "a tab that was closed loses less than a piece, and the file goes on",
  harness,
  async (view, _, context) => {
    const { long } = harness;
    const begin = async () => {
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      await without(page, "picker", "worker");
      const other = Object.assign(Object.create(Object.getPrototypeOf(view)), view, { page });
      await plan(other, `${harness.front.host}/harbour/long:1`);
      await planned(page);
      return page;
    };
    harness.front.spoil(long.digest, "held");
    const first = await begin();
    await save(first).click();
    const pieces = () =>
      first.evaluate(async () => {
        const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("waybill-saving");
        let count = 0;
        for await (const folder of /** @type {any} */ (root).values()) {
          for await (const file of folder.values()) {
            // Beside a piece that is being closed its copy stands for a moment.
            if (!file.name.endsWith(".crswap")) count += Number((await file.getFile()).size === 8 << 20);
          }
        }
        return count;
      });
    const count = await until(() => pieces().catch(() => 0), (count) => count >= 2, "two pieces");
    await first.close();
    harness.front.mend(long.digest);
    harness.front.release();
    const before = harness.front.asked(long.digest).length;
    const second = await begin();
    const coming = second.waitForEvent("download");
    await save(second).click();
    const download = await coming;
    await saved(second);
    const file = await download.path();
    assert.equal(digestAt(`oci-archive:${file}:1`), harness.longImage.digest);
    assert.equal(digestOf(execFileSync("tar", ["-xOf", file, `blobs/sha256/${long.digest.slice(7)}`], { maxBuffer: 1 << 30 })), long.digest);
    // What was whole is not asked for again: less than a piece is.
    const [start] = harness.front.asked(long.digest).slice(before).map((range) => Number(range?.match(/^bytes=(\d+)-/)?.[1] ?? 0));
    assert.ok(start > (count << 23) - 16_384, `from ${start}`);
    await second.close();
    await view.open("");
  },
);

journey(
  "1 GiB is saved in little memory, as quickly as skopeo saves it",
  harness,
  async (view) => {
    const { page } = view;
    await withDialogs(page);
    const reference = `${harness.large.host}/harbour/large:1`;
    await plan(view, reference);
    await planned(page);
    const memory = await memoryOf(harness.browser);
    const begun = performance.now();
    const grown = await memory.until(async () => {
      await save(page).click();
      await saved(page, { timeout: 150_000 });
    });
    const seconds = (performance.now() - begun) / 1000;
    const size = await page.evaluate(async () => {
      const file = await (await navigator.storage.getDirectory()).getFileHandle("large-1.tar");
      return (await file.getFile()).size;
    });
    assert.ok(size > BLOCKS * MIB);
    const started = performance.now();
    const target = `oci-archive:${path.join(emptyFolder(), "theirs.tar")}:x`;
    const copied = execFile(skopeo, ["copy", "-q", "--src-tls-verify=false", `docker://${reference}`, target]);
    const [code] = await once(copied, "close");
    assert.equal(code, 0);
    const theirs = (performance.now() - started) / 1000;
    console.log(`1 GiB into a file: ${seconds.toFixed(1)} s, skopeo ${theirs.toFixed(1)} s; memory ${JSON.stringify(grown)}`);
    assert.ok(grown.median <= 200 * MIB, JSON.stringify(grown));
  },
  { long: true },
);

for (const { colorScheme, widths } of viewports) {
  journey(
    `saving is accessible, ${colorScheme}, ${widths[0]} wide`,
    harness,
    async (view) => {
      const { page } = view;
      await withAxe(page);
      await withDialogs(page);
      await plan(view, `${harness.registry.host}/harbour/list:2`);
      await planned(page);
      const wrong = await accessibilityViolations(page, "the plan", widths);
      await save(page).click();
      await saved(page);
      wrong.push(...(await accessibilityViolations(page, "the file", widths)));
      assert.deepEqual(wrong, []);
    },
    { colorScheme, viewport: { width: widths[0], height: 900 } },
  );
}
