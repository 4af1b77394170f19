// @ts-check
// The core journeys in Firefox, driven by WebDriver BiDi, which Firefox speaks itself. What differs from Chromium stands in
// docs/USING.md, "Browsers".

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch } from "puppeteer-core";
import { docker25, written } from "../e2e/support/archives.mjs";
import { archive, layer, putImage, putIndex } from "../e2e/support/images.mjs";
import { dist, emptyFolder, find, proxyProgram, start } from "../e2e/support/programs.mjs";
import { dockerRegistry, fixture } from "../e2e/support/registries.mjs";
import { drawn } from "../e2e/support/view.mjs";

const WAIT_MS = 20_000;
const firefox = process.env.FIREFOX ?? find("firefox-esr");
/** @type {any} */
const here = {};

before(async () => {
  here.registry = await dockerRegistry();
  const layers = ["base", "upper"].map((name) => layer(name, 20_000));
  const amd = await putImage(here.registry, "team/app", "1.0.0", layers, { architecture: "amd64" });
  const arm = await putImage(here.registry, "team/app", "1.1.0", layers.slice(0, 1), { architecture: "arm64" });
  here.index = await putIndex(here.registry, "team/app", "latest", [amd, arm]);
  here.image = amd;
  const args = ["--listen", "127.0.0.1:0", "--dist", dist, "--allow", `http://${here.registry.host}`];
  here.proxy = await start(proxyProgram, args, /Waybill is at (http:\/\/[^/]+)\//);
  here.origin = here.proxy.ready[1];
  here.downloads = emptyFolder();
  here.browser = await launch({
    browser: "firefox",
    executablePath: firefox,
    headless: true,
    extraPrefsFirefox: {
      "browser.download.folderList": 2,
      "browser.download.dir": here.downloads,
      "browser.download.useDownloadDir": true,
      "browser.helperApps.neverAsk.saveToDisk": "application/octet-stream",
    },
  });
});
after(async () => {
  await here.browser?.close();
  await here.proxy?.stop();
  await here.registry?.stop();
});

const sha256 = (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** Waits until `read` gives what `holds` accepts; the last answer. */
async function until(read, holds, what) {
  const end = performance.now() + WAIT_MS;
  for (;;) {
    const value = await read().catch(() => null);
    if (value !== null && holds(value)) return value;
    if (performance.now() > end) throw new Error(`${what} did not come: ${JSON.stringify(value)?.slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** What stands on the page, as values. */
const shown = (page) =>
  page.evaluate(() => {
    const text = (/** @type {any} */ element) => element?.textContent.trim() ?? "";
    const heading = document.querySelector("main h1");
    const stamp = document.querySelector("main .stamp");
    return {
      title: text(heading),
      detail: text(heading?.nextElementSibling),
      stamp: text(stamp),
      seal: ["good", "bad", "hollow", "working"].find((name) => stamp?.classList.contains(name)),
      working: document.querySelector(".stamp.working, .progress") !== null,
      body: document.querySelector("main")?.innerText ?? "",
      digests: [...document.querySelectorAll("main [data-copy^='sha256:']")].map((it) => it.getAttribute("data-copy")),
    };
  });
const settled = (page, words) => until(() => shown(page), (it) => words.test(it.title) && !it.working, `${words}`);

/** Presses the button or link of that name. */
async function press(page, name) {
  const found = await page.waitForSelector(`main ::-p-aria([name="${name}"])`, { timeout: WAIT_MS });
  await found.click();
}

/** Has the page open a file, as the input of that id does. */
async function choose(page, id, ...files) {
  const input = await page.waitForSelector(id);
  await input.uploadFile(...files);
}

/**
 * A journey: at its end nothing stands in the console but what belongs to a registry that refuses pages, and nothing of the
 * content policy was breached.
 */
function journey(name, body) {
  test(name, { timeout: 60_000 }, async () => {
    const page = await here.browser.newPage();
    const troubles = [];
    // Firefox tells of a registry that refuses pages as of an error of the page.
    const note = (text) => text.includes(`${here.registry.host}/v2/`) || troubles.push(text);
    page.on("console", (message) => ["error", "warn"].includes(message.type()) && note(message.text()));
    page.on("pageerror", (error) => note(String(error)));
    page.setDefaultTimeout(WAIT_MS);
    try {
      await body(page);
      assert.deepEqual(troubles, [], "the console is silent");
    } finally {
      await page.close();
    }
  });
}

const open = async (page, hash) => {
  await page.goto(`${here.origin}/${hash}`);
  await drawn(page, hash);
};

journey("a tag of a real registry through the proxy: every seal, and the bytes", async (page) => {
  await open(page, `#/inspect/http://${here.registry.host}/team/app:latest`);
  const list = await settled(page, /is an OCI image index for 2 platforms$/);
  assert.deepEqual([list.seal, list.stamp], ["good", "Verified hereall 3 manifests"]);
  assert.ok(list.digests.includes(here.index.digest) && list.body.includes("through the proxy"));
  await open(page, `#/inspect/http://${here.registry.host}/team/app:latest?at=${here.image.digest}`);
  const image = await settled(page, /^linux\/amd64 of .* is an OCI image of .* in 2 layers$/);
  assert.equal(image.seal, "good");
  await press(page, "JSON");
  await page.waitForSelector("pre.code");
  assert.match((await shown(page)).body, /"schemaVersion"/);
});

journey("a file is verified, and one byte more is a mismatch with its cause", async (page) => {
  const { bytes, digest } = fixture("oci-manifest/greeter");
  await open(page, `#/verify?expect=${digest}`);
  await choose(page, "#files", written("manifest.json", bytes));
  assert.equal((await settled(page, /^manifest\.json has the digest you expected$/)).seal, "hollow");
  await choose(page, "#files", written("longer.json", Buffer.concat([bytes, Buffer.from("\n")])));
  const wrong = await settled(page, /^longer\.json is not what you expected: .* without the final newline$/);
  assert.deepEqual([wrong.seal, wrong.stamp], ["bad", "Mismatch1 byte too many"]);
  await press(page, "Go on with these bytes");
  await settled(page, /put right has the digest you expected$/);
});

journey("text that is typed is verified", async (page) => {
  await open(page, "#/verify");
  const { bytes, digest } = fixture("oci-index/empty");
  const content = await page.waitForSelector("#content");
  await content.evaluate((area, text) => (area.value = text), bytes.toString());
  await press(page, "Verify");
  const read = await settled(page, /^The entered text is an OCI image index/);
  assert.ok(read.digests.includes(digest));
});

journey("a list is composed and downloaded with the digest that is shown", async (page) => {
  await open(page, `#/compose?add=http://${here.registry.host}/team/app:1.0.0&add=http://${here.registry.host}/team/app:1.1.0`);
  const told = () => page.evaluate(() => document.querySelector("main [data-copy^='sha256:']")?.getAttribute("data-copy"));
  await until(() => page.evaluate(() => document.querySelector("main")?.innerText), (text) => text.includes("linux/arm64"), "both rows");
  await press(page, "Download");
  const named = () => readdirSync(here.downloads).find((name) => !name.includes("report") && name.endsWith(".json"));
  const file = await until(async () => named() ?? null, () => true, "the file");
  const bytes = await until(async () => readFileSync(path.join(here.downloads, file)), (bytes) => bytes.length > 0, "its bytes");
  assert.equal(sha256(bytes), await told());
  assert.deepEqual(JSON.parse(bytes.toString()).manifests.map(({ platform }) => platform.architecture), ["amd64", "arm64"]);
});

journey("layers are fetched, hashed and unpacked by workers", async (page) => {
  await open(page, `#/inspect/http://${here.registry.host}/team/app:1.0.0`);
  await settled(page, /is an OCI image of .* in 2 layers$/);
  const check = await page.waitForSelector("::-p-xpath(//button[starts-with(., 'Check 2 layers')])");
  await check.click();
  const done = await until(() => shown(page), (it) => /All 2 layers are/.test(it.body), "the layers");
  assert.match(done.body, /All 2 layers are the ones the manifest names, and unpack to what the config says/);
});

journey("an archive is opened, and its image looked at", async (page) => {
  const layers = [archive([{ name: "etc/" }, { name: "etc/passwd", content: "root:x:0:0::/root:/bin/sh\n" }])];
  const { bytes, digest } = docker25(layers, "library/tool:1");
  await open(page, "#/archive");
  await choose(page, "#files", written("tool.tar", bytes));
  const archives = await until(() => shown(page), (it) => it.digests.includes(digest), "the image");
  assert.match(archives.body, /tool:1/);
  await open(page, `#/archive/tool.tar@${digest}`);
  const image = await settled(page, /in tool\.tar is an OCI image of .* in 1 layer$/);
  assert.equal(image.seal, "good");
  await press(page, "Files");
  await until(() => shown(page), (it) => /Read \d|List/.test(it.body), "the files");
});

journey("tags are listed, newest first, and lead to Inspect", async (page) => {
  await open(page, `#/tags/http://${here.registry.host}/team/app`);
  await page.waitForSelector("main table tbody tr");
  const rows = await until(
    () => page.evaluate(() => [...document.querySelectorAll("main table tbody tr")].map((row) => row.innerText)),
    (rows) => rows.length === 3,
    "three tags",
  );
  assert.deepEqual(rows.map((row) => /latest|1\.1\.0|1\.0\.0/.exec(row)?.[0]), ["latest", "1.1.0", "1.0.0"]);
});

journey("a report is shared, saved, and opened again", async (page) => {
  await open(page, `#/inspect/http://${here.registry.host}/team/app:1.1.0`);
  await settled(page, /is an OCI image of .* in 1 layer$/);
  await press(page, "Share");
  await page.waitForSelector("dialog[open] pre");
  await press(page, "Download as JSON");
  const file = path.join(here.downloads, "app-1.1.0.report.json");
  await until(async () => readFileSync(file), (bytes) => bytes.length > 0, "the report");
  await open(page, "#/verify");
  await choose(page, "#files", file);
  const report = await settled(page, /is a report of Waybill about .*team\/app:1\.1\.0$/);
  assert.equal(report.stamp, "Reportits bytes are as it says");
});
