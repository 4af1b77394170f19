// @ts-check
// Layers that are made to harm, and lines and registries that fail while layers are checked: each is said where it is,
// and the page stays alive.

import assert from "node:assert/strict";
import { checkButton, concluded, look, rows } from "./support/checking.mjs";
import { answeredWith, journey as anyJourney, openHarness, refusedByCors } from "./support/harness.mjs";
import { archive, bombLayer, gzipLayer, layer, manyFiles, putImage, randomArchive, zstdLayer } from "./support/images.mjs";
import { dockerRegistry } from "./support/registries.mjs";
import { spoilingFront } from "./support/spoiling.mjs";
import { until } from "./support/view.mjs";

/** What a bomb unpacks to, in bytes: somebody is asked from 1 GiB on. */
const BOMB = 1_250_000_000;
/** More than are listed. */
const MANY = 1_000_100;

const harness = openHarness(async (harness) => {
  harness.docker = await harness.open(dockerRegistry());
  harness.front = await harness.open(spoilingFront(harness.docker));
  // Pages may read this one, so what its front does reaches the browser itself.
  harness.readable = await harness.open(dockerRegistry({ cors: true }), { allow: false });
  harness.open_front = await harness.open(spoilingFront(harness.readable), { allow: false });
});

/**
 * A journey through the proxy, or directly where the proxy does not reach the registry.
 *
 * @param {string} name
 * @param {(view: any, watch: any, context: any) => any} body
 * @param {any} [options]
 */
const journey = (name, body, { expected = [], ...options } = {}) =>
  anyJourney(name, harness, body, {
    ...options,
    expected: ({ front, docker }) => [
      ...refusedByCors(front.host),
      ...refusedByCors(docker.host),
      // Asked for every type at once the registry knows the image by its own.
      answeredWith(404, "/v2/[^/]+/manifests/1"),
      ...expected,
    ],
  });

/** A registry that pages may read, or may not; and the front before it. */
const reached = (way) =>
  way === "directly" ? [harness.readable, harness.open_front] : [harness.docker, harness.front];

const row = (page, index) => page.locator(".checked > li").nth(index);
const good = ["good", "good", "good"];

/** Waits until the row of a layer shows what `holds` accepts. */
const rowShows = (page, index, holds, what) => until(async () => (await rows(page))[index], (shown) => shown && holds(shown), what);

const kilobytes = (bytes) => `${(bytes / 1e3).toFixed(1)} kB`;

/** Has the page note every task of it that takes longer than 50 ms. */
const watchTasks = (page) =>
  page.evaluate(() => {
    globalThis.long = [];
    new PerformanceObserver((list) => globalThis.long.push(...list.getEntries().map(({ duration }) => duration))).observe({
      entryTypes: ["longtask"],
    });
  });
const longTasks = (page) => page.evaluate(() => globalThis.long);

journey("what came of a layer is told when nothing more comes, and how long nothing does", async (view) => {
  const { page } = view;
  const one = layer("slow", 700_000);
  await putImage(harness.docker, "slow", "1", [one]);
  harness.front.spoil(one.digest, "held");
  await look(view, `${harness.front.host}/slow:1`);
  await checkButton(page).click();
  const came = `${kilobytes(one.size >> 1)} of ${kilobytes(one.size)}`;
  await rowShows(page, 0, ({ line }) => line.startsWith(came), came);
  const waits = new RegExp(`^${came}, waiting: nothing for (\\d+) s$`);
  const { line } = await rowShows(page, 0, ({ line }) => waits.test(line), "that it waits");
  const since = Number(line.match(waits)?.[1]);
  await rowShows(page, 0, ({ line }) => Number(line.match(waits)?.[1]) > since, "that it waits longer");
  const total = page.locator(".check-head .number");
  await until(() => total.textContent(), (text) => text === came, "no rate any more");
  harness.front.release();
  await concluded(page, /^The only layer is the one the manifest names/);
});

journey(
  "a bomb is stopped at the limit with a question, each answer keeps its word, and the page stays alive",
  async (view) => {
    const { page } = view;
    const bombs = await Promise.all(["gzip", "zstd"].map((compression) => bombLayer(BOMB, compression)));
    await putImage(harness.docker, "bombs", "1", [...bombs, layer("tame", 50_000)]);
    await look(view, `${harness.docker.host}/bombs:1`);
    await watchTasks(page);
    await checkButton(page).click();
    const question = /^It unpacks to 1\.\d GB by now, ([\d,]+) times as much as came\. Go on\?$/;
    for (const [index, least] of [1_000, 20_000].entries()) {
      const { line, seals } = await rowShows(page, index, ({ line }) => question.test(line), `the question about ${index}`);
      assert.ok(Number(line.match(question)?.[1].replaceAll(",", "")) > least, line);
      assert.deepEqual(seals, ["hollow", "hollow", "hollow"], "nothing is verified");
    }
    await rowShows(page, 2, ({ seals }) => seals.join() === good.join(), "the tame one, which waits for nobody's answer");
    // By the keyboard: the question has its answers behind it.
    const answer = async (index, words) => {
      await row(page, index).getByRole("button", { name: words }).focus();
      await page.keyboard.press("Enter");
    };
    await answer(1, /^Only check its digest/);
    // The button is gone with its question: the focus stays where the layers are.
    await page.waitForFunction(() => document.activeElement?.id === "check");
    const { seals, words } = await rowShows(page, 1, ({ seals }) => seals[0] === "good", "the digest of the second");
    assert.deepEqual(seals, ["good", "good", "hollow"]);
    assert.equal(words[2], "not checked: unpacking was stopped at the limit");
    await answer(0, /^Go on/);
    await concluded(
      page,
      /^Of 3 layers 1 is the one the manifest names, its diff ID was not checked; 2 are what was named\.$/,
    );
    assert.deepEqual((await rows(page))[0].seals, good, "all of it was hashed");
    assert.deepEqual(await longTasks(page), [], "no task over 50 ms");
  },
  { long: true },
);

journey("of a layer with too large a window the digest is checked, and it is said what it would take", async (view) => {
  const { page } = view;
  const wide = zstdLayer(randomArchive("wide", 300_000), ["--long=27", "--ultra", "-22"]);
  await putImage(harness.readable, "wide", "1", [layer("base", 5_000), wide]);
  await look(view, `${harness.readable.host}/wide:1`);
  await checkButton(page).click();
  await concluded(page, /^Of 2 layers 1 is the one the manifest names, its diff ID was not checked; 1 is what was named\.$/);
  const [, shown] = await rows(page);
  assert.deepEqual(shown.seals, ["good", "good", "hollow"]);
  assert.equal(shown.words[2], "not checked: unpacking it takes a window of 128 MiB, more than this page gives it");
  await listFiles(page);
  await page.getByText("Layer 2: it needs a window of 128 MiB: the digest is checked, the list and the diff_id are not.").waitFor();
});

/** Goes to the tab of the files, and has them listed. */
async function listFiles(page) {
  await page.getByRole("link", { name: "Files", exact: true }).click();
  const read = page.getByRole("button", { name: /^Read \d+ layers?, .*, and list their files$/ });
  await read.or(page.locator("#file-rows")).first().waitFor();
  if (await read.count()) await read.click();
  await page.locator("#file-rows").waitFor();
}

/** The rows of files in view, as they are written. */
const fileRows = (page) => page.locator("#file-rows [role=row] .file-text").allTextContents();

for (const way of ["directly", "through the proxy"]) {
  journey(
    `the network to a registry goes and comes back, ${way}: it is said at each layer, which goes on behind what came`,
    async (view) => {
      const { page } = view;
      const [registry, front] = reached(way);
      const repository = `gone-${way.replaceAll(" ", "-")}`;
      const layers = [200_000, 900_000, 50_000].map((bytes, index) => layer(`${repository}-${index}`, bytes));
      await putImage(registry, repository, "1", layers);
      const [, held] = layers;
      front.spoil(held.digest, "held");
      await look(view, `${front.host}/${repository}:1`);
      await checkButton(page).click();
      const half = held.size >> 1;
      await rowShows(page, 0, ({ seals }) => seals.join() === good.join(), "the first layer");
      await rowShows(page, 1, ({ line }) => line.startsWith(kilobytes(half)), "half of the second");
      await front.goAway();
      const broke = new RegExp(`The connection broke after ${half.toLocaleString("en")} of [\\d,]+ bytes`, "i");
      await rowShows(page, 1, ({ more }) => broke.test(more), "that the connection broke");
      await rowShows(page, 2, ({ line, more }) => /^Failed at/.test(line) && more !== "", "that the third did not come");
      await concluded(page, /^Of 3 layers 2 did not come; 1 is what was named\.$/);
      await front.comeBack();
      front.mend(held.digest);
      await page.getByRole("button", { name: "Go on with what did not come" }).click();
      await concluded(page, /^All 3 layers are the ones the manifest names, and unpack to what the config says\.$/);
      assert.equal(front.asked(held.digest).at(-1), `bytes=${half}-`, "the rest was asked for");
      assert.deepEqual((await rows(page)).map(({ seals }) => seals), [good, good, good]);
    },
    { expected: [/^error: Failed to load resource: net::ERR_/, answeredWith(502, "/relay/.*")] },
  );
}

for (const way of ["directly", "through the proxy"]) {
  journey(`a layer that lies elsewhere is checked by its redirect, ${way}, and so is the rest of a broken one`, async (view) => {
    const { page } = view;
    const [registry, front] = reached(way);
    const repository = `elsewhere-${way.replaceAll(" ", "-")}`;
    const layers = [layer(`${repository}-0`, 90_000), layer(`${repository}-1`, 16_000_000)];
    await putImage(registry, repository, "1", layers);
    front.spoil(layers[0].digest, "elsewhere");
    front.spoil(layers[1].digest, "cut", 99);
    await look(view, `${front.host}/${repository}:1`);
    await checkButton(page).click();
    await row(page, 1).locator(".checked-more").waitFor();
    front.spoil(layers[1].digest, "elsewhere");
    await row(page, 1).getByRole("button", { name: /^Go on/ }).click();
    await concluded(page, /^All 2 layers are the ones the manifest names/);
    assert.match(front.asked(layers[1].digest).at(-1) ?? "", /^bytes=\d+-$/);
  }, { expected: [/net::ERR_(CONTENT_LENGTH_MISMATCH|CONNECTION_RESET|INCOMPLETE)/] });
}

journey("names that lead out of the root, and two archives in one, are listed, marked and placed nowhere else", async (view) => {
  const { page } = view;
  const hostile = archive([
    { name: "../../outside", content: "x" },
    { name: "/absolute", content: "x" },
    { name: "in/../turned", content: "x" },
    { name: "..", type: "5" },
    { name: "\u001b]0;title\u0007\u202egnp.exe", content: "x" },
    { name: "<img src=x onerror=alert(1)>", content: "x" },
    { name: "link", type: "2", link: "../../../etc/shadow" },
    { name: "device", type: "4" },
  ]);
  const two = Buffer.concat([archive([{ name: "first", content: "1" }]), archive([{ name: "second", content: "2" }])]);
  await putImage(harness.readable, "hostile", "1", [gzipLayer(hostile), gzipLayer(two)]);
  await look(view, `${harness.readable.host}/hostile:1`);
  await checkButton(page).click();
  await concluded(page, /^All 2 layers are the ones the manifest names, and unpack to what the config says\.$/);
  await page.getByRole("button", { name: /^Validate/ }).first().click();
  await page.locator("#validation li", { hasText: "2048 bytes behind the archive's end, which no engine reads" }).waitFor();
  await listFiles(page);
  const hidden = "U+001B]0;titleU+0007U+202Egnp.exe";
  const inside = [hidden, "<img src=x onerror=alert(1)>", "absolute", "device block device", "link → ../../../etc/shadow", "turned"];
  assert.deepEqual((await fileRows(page)).sort(), [...inside, "first"].sort(), "nothing stands outside, and no second archive");
  // The layer's own entries are shown as they are written.
  await page.getByRole("button", { name: "One layer" }).click();
  await until(() => fileRows(page), (names) => names.includes("../"), "what leads out of the root");
  const outside = page.locator("#file-rows [role=row]", { has: page.getByText("../", { exact: true }) });
  assert.match((await outside.textContent()) ?? "", /engines differ/);
});

journey(
  "a million entries are checked and listed up to the limit, and the page answers meanwhile",
  async (view) => {
    const { page } = view;
    const many = manyFiles(MANY);
    await putImage(harness.readable, "many", "1", [zstdLayer(many, ["-1"])]);
    await look(view, `${harness.readable.host}/many:1`);
    await checkButton(page).click();
    await rowShows(page, 0, ({ line }) => /^\d.* of /.test(line), "that it is read");
    const tab = (name) => page.getByRole("link", { name, exact: true });
    for (const name of ["JSON", "Config", "Overview"]) {
      await tab(name).click();
      await page.locator("nav a[aria-current=page]", { hasText: name }).waitFor();
    }
    assert.match((await rows(page))[0].line, /^\d.* of /, "it is read still");
    await watchTasks(page);
    await concluded(page, /^The only layer is the one the manifest names/);
    await listFiles(page);
    await page.getByText("100 entries are counted and not listed").waitFor();
    await page.getByText("1,000,000 entries").first().waitFor();
    // To take the list of its entries into the page's memory took 600 ms.
    assert.ok(Math.max(0, ...(await longTasks(page))) < 200, `tasks of ${await longTasks(page)} ms`);
  },
  { long: true },
);
