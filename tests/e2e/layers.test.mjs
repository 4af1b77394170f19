// @ts-check
// Layers are checked in the page: each is fetched, hashed and unpacked, and compared with what manifest and config name.

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { checkButton, concluded, conclusion, look, rows } from "./support/checking.mjs";
import { accessibilityViolations, viewports, withAxe } from "./support/accessibility.mjs";
import { answeredWith, journey, openHarness } from "./support/harness.mjs";
import { deleteBlob, digestOf, layer, layerOf, putImage, putIndex, randomArchive } from "./support/images.mjs";
import { find } from "./support/programs.mjs";
import { craneRegistry, dockerRegistry } from "./support/registries.mjs";
import { spoilingFront } from "./support/spoiling.mjs";
import { until } from "./support/view.mjs";

const harness = openHarness(async (harness) => {
  harness.docker = await harness.open(dockerRegistry());
  harness.front = await harness.open(spoilingFront(harness.docker));
  // What no other registry takes.
  harness.crane = await harness.open(hasCrane ? craneRegistry() : dockerRegistry());
  // Pages may read this one, so what its front does reaches the browser itself.
  harness.readable = await harness.open(dockerRegistry({ cors: true }));
  harness.open_front = await harness.open(spoilingFront(harness.readable));
});

const hasCrane = find("crane") !== undefined;
const sizes = [700_000, 1_500_000, 90_000, 4_000];
/** Puts an image of four layers under a name of its own, behind the front; its reference and layers. */
async function fourLayers(repository, options = {}) {
  const layers = sizes.map((bytes, index) => layer(`${repository.replaceAll("/", "-")}-${index}`, bytes));
  await putImage(harness.docker, repository, "1", layers, options);
  return { reference: `${harness.front.host}/${repository}:1`, layers };
}

const layersStop = async (view) => (await view.shown()).stops.find((stop) => stop.name === "Layers");

const allGood = /^All 4 layers are the ones the manifest names, and unpack to what the config says\.$/;

journey("every digest, size and diff ID of an image is checked, and the button says what it costs", harness, async (view, watch) => {
  const { page } = view;
  const { reference, layers } = await fourLayers("all/good");
  await look(view, reference);
  assert.equal((await layersStop(view)).note.replace(/^.*: /, ""), "not downloaded");
  const before = watch.requests.length;
  const cost = `${(layers.reduce((sum, one) => sum + one.size, 0) / 1e6).toFixed(1)} MB`;
  assert.equal(await checkButton(page).textContent(), `Check 4 layers, ${cost}`);
  assert.equal(watch.requests.slice(before).length, 0, "nothing is fetched before somebody asks");
  await checkButton(page).click();
  await concluded(page, allGood);
  for (const row of await rows(page)) assert.deepEqual(row.seals, ["good", "good", "good"]);
  const { seal, note } = await layersStop(view);
  assert.deepEqual([seal, note], ["good", "verified: all 4 verified"]);
  const { stamp } = await view.shown();
  assert.match(JSON.stringify(stamp), /Verified here.*manifest, config and layers/);
  for (const one of layers) assert.deepEqual(harness.front.asked(one.digest), [undefined], "each is fetched once, whole");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "check", "the focus is at the check");
  // The same seals stand in the tab of the layers, and nothing is fetched again.
  await page.getByRole("link", { name: "Layers", exact: true }).click();
  assert.match(await conclusion(page), allGood);
  assert.deepEqual(layers.map((one) => harness.front.asked(one.digest).length), [1, 1, 1, 1]);
});

journey("a layer is paused and goes on, and so are all", harness, async (view) => {
  const { page } = view;
  const { reference, layers } = await fourLayers("paused");
  for (const one of layers) harness.front.spoil(one.digest, "held");
  await look(view, reference);
  await checkButton(page).click();
  const box = page.locator(".check-head");
  await box.getByRole("button", { name: "Pause" }).click();
  await concluded(page, /^Paused: 0 of 4 layers checked so far\.$/);
  for (const row of await rows(page)) assert.match(row.line, /^Paused/);
  harness.front.release();
  const second = page.locator(".checked > li").nth(1);
  await second.getByRole("button", { name: /^Go on/ }).click();
  await until(async () => (await rows(page))[1], (row) => row.seals.every((seal) => seal === "good"), "the second layer");
  assert.match((await rows(page))[0].line, /^Paused/);
  await box.getByRole("button", { name: "Go on" }).click();
  await concluded(page, allGood);
});

journey("what is cancelled lets go, and is read anew when it is asked for", harness, async (view) => {
  const { page } = view;
  const { reference, layers } = await fourLayers("cancelled");
  harness.front.spoil(layers[1].digest, "held");
  await look(view, reference);
  await checkButton(page).click();
  await until(async () => (await rows(page))[0]?.seals, (seals) => seals?.[0] === "good", "the first layer");
  await page.locator(".check-head").getByRole("button", { name: "Cancel" }).click();
  await concluded(page, /1 was cancelled|cancelled/);
  harness.front.release();
  await page.locator(".checked > li").nth(1).getByRole("button", { name: /^Go on/ }).click();
  await page.locator(".check-head").getByRole("button", { name: /^Check/ }).or(page.locator(".conclusion.good")).first().waitFor();
  const rest = page.locator(".check-head").getByRole("button", { name: /^Check/ });
  if (await rest.count()) await rest.click();
  await concluded(page, allGood);
});

journey("a connection that is cut goes on behind what came", harness, async (view) => {
  const { page } = view;
  const { reference, layers } = await fourLayers("cut");
  const [first, second] = layers;
  harness.front.spoil(second.digest, "cut", 99);
  harness.front.spoil(first.digest, "cut", 1);
  await look(view, reference);
  await checkButton(page).click();
  const failed = page.locator(".checked > li").nth(1).locator(".checked-more");
  await failed.waitFor();
  const [, received] = (await failed.innerText()).match(/The connection broke after ([\d,]+) of [\d,]+ bytes\./) ?? [];
  assert.ok(received);
  harness.front.mend(second.digest);
  harness.front.mend(first.digest);
  for (const index of [0, 1]) {
    const again = page.locator(".checked > li").nth(index).getByRole("button", { name: /^Go on/ });
    if (await again.count()) await again.click();
  }
  await concluded(page, allGood);
  const ranges = harness.front.asked(second.digest);
  // A browser drops what it has not handed over when a connection breaks, at times all of it.
  const rest = received === "0" ? undefined : `bytes=${received.replaceAll(",", "")}-`;
  assert.equal(ranges.at(-1), rest, "the rest was asked for");
}, { long: true });

journey("a registry that ignores Range is skipped through, and the digest is right", harness, async (view) => {
  const { page } = view;
  const { reference, layers } = await fourLayers("whole");
  harness.front.spoil(layers[1].digest, "whole", 1);
  await look(view, reference);
  await checkButton(page).click();
  const row = page.locator(".checked > li").nth(1);
  const again = row.getByRole("button", { name: /^Go on/ });
  await again.or(page.locator(".conclusion.good")).first().waitFor();
  if (await again.count()) await again.click();
  await concluded(page, allGood);
  assert.ok(harness.front.asked(layers[1].digest).length > 1);
});

journey("a wrong byte, a missing layer and a forbidden one are told apart, and the others go on", harness, async (view) => {
  const { page } = view;
  const { reference, layers } = await fourLayers("spoilt");
  const [wrong, missing, forbidden] = layers;
  harness.front.spoil(wrong.digest, "wrong");
  harness.front.spoil(forbidden.digest, "forbidden");
  await deleteBlob(harness.docker, "spoilt", missing.digest);
  await look(view, reference);
  await checkButton(page).click();
  await concluded(page, /^Of 4 layers 1 is not what was named; 2 did not come; 1 is what was named\.$/);
  const shown = await rows(page);
  assert.deepEqual(shown[0].seals.slice(0, 2), ["bad", "good"], "the digest differs, the size does not");
  assert.match(shown[0].words[0], /^another: sha256:[\da-f]{64}$/);
  assert.match(shown[1].more, /404|not there|does not have/i);
  assert.match(shown[2].more, /this layer is not for you/);
  assert.deepEqual(shown[3].seals, ["good", "good", "good"]);
  const { seal, note } = await layersStop(view);
  assert.deepEqual([seal, note], ["bad", "wrong: 1 of 4 differs"]);
  assert.match(JSON.stringify((await view.shown()).stamp), /1 mismatch/);
}, {
  expected: (harness) => [answeredWith(404, "/blobs/sha256:[\\da-f]+"), answeredWith(403, "/blobs/sha256:[\\da-f]+")],
});

journey("a config that names another diff ID is found out", harness, async (view) => {
  const { page } = view;
  const layers = sizes.map((bytes, index) => layer(`diff-${index}`, bytes));
  const diffIds = layers.map((one) => one.diffId);
  diffIds[2] = digestOf(Buffer.from("another"));
  await putImage(harness.docker, "diff", "1", layers, { diffIds });
  await look(view, `${harness.front.host}/diff:1`);
  await checkButton(page).click();
  await concluded(page, /^Of 4 layers 1 is not what was named; 3 are what was named\.$/);
  const shown = await rows(page);
  assert.deepEqual(shown[2].seals, ["good", "good", "bad"]);
  assert.match(shown[2].words[2], new RegExp(`another: ${layers[2].diffId}`));
});

journey("what a browser unpacked on the way is not called tampered", harness, async (view) => {
  const { page } = view;
  const layers = [layer("encoded-0", 50_000), layer("encoded-1", 60_000)];
  await putImage(harness.readable, "encoded", "1", layers);
  harness.open_front.spoil(layers[1].digest, "encoded");
  await look(view, `${harness.open_front.host}/encoded:1`);
  await checkButton(page).click();
  await concluded(page, /^Of 2 layers 1 was unpacked on the way; 1 is what was named\.$/);
  const [, row] = await rows(page);
  assert.deepEqual(row.seals, ["hollow", "hollow", "good"]);
  assert.match(row.more, /unpacked on the way \(Content-Encoding\)/);
}, {
  // Asked for every type at once the registry knows the image by its own.
  expected: () => [answeredWith(404, "/v2/encoded/manifests/1")],
});

journey("odd layers: cut short, bytes behind the gzip, no archive, too few diff IDs, not distributed", harness, async (view) => {
  const { page } = view;
  const plain = randomArchive("odd", 5_000);
  const gzip = gzipSync(plain);
  const layers = [
    layerOf(gzip.subarray(0, gzip.length - 4), plain),
    layerOf(Buffer.concat([gzip, Buffer.alloc(8)]), plain),
    layerOf(gzipSync(Buffer.from("no archive")), Buffer.from("no archive")),
    layerOf(plain, plain),
    {
      mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
      digest: digestOf(Buffer.from("foreign")),
      size: 999_999_999,
      urls: ["http://127.0.0.1:1/foreign"],
      diffId: digestOf(plain),
    },
    layerOf(gzip, plain),
  ];
  const diffIds = layers.slice(0, 5).map((one) => one.diffId);
  await putImage(harness.crane, "odd", "1", layers, { diffIds });
  await look(view, `${harness.crane.host}/odd:1`);
  assert.match(await checkButton(page).textContent(), /^Check 5 layers, \d+\.\d kB$/);
  await checkButton(page).click();
  await concluded(page, /^Of 6 layers/);
  const shown = await rows(page);
  assert.deepEqual(shown[0].seals, ["good", "good", "bad"]);
  assert.match(shown[0].words[2], /its compressed data end early/);
  assert.deepEqual(shown[1].seals, ["good", "good", "good"]);
  assert.match(shown[1].more, /8 bytes stand behind the gzip data: some engines refuse them/);
  assert.deepEqual(shown[2].seals, ["good", "good", "good"]);
  assert.match(shown[2].more, /no whole archive/);
  assert.match(shown[3].more, /Its media type says gzip, its bytes are not compressed/);
  assert.match(shown[4].line, /^Not fetched: it is not distributed with the image/);
  assert.deepEqual(shown[5].seals, ["good", "good", "hollow"]);
  assert.match(shown[5].words[2], /the config names none for it/);
  assert.match(await page.locator("main").innerText(), /1 of 6 differs/);
}, { skip: !hasCrane });

journey("of an index platforms are chosen, and a layer that they share is fetched once", harness, async (view) => {
  const { page } = view;
  const shared = layer("shared", 300_000);
  const of = (name) => [shared, layer(name, 20_000)];
  const [amd, arm, riscv] = [of("amd64"), of("arm64"), of("riscv64")];
  const images = [];
  for (const [architecture, layers] of Object.entries({ amd64: amd, arm64: arm, riscv64: riscv })) {
    images.push(await putImage(harness.docker, "every", undefined, layers, { architecture }));
  }
  await putIndex(harness.docker, "every", "1", images);
  await view.ask(`${harness.front.host}/every:1`);
  await view.settled(/is an OCI image index for 3 platforms/);
  await page.getByRole("button", { name: /^Check everything/ }).click();
  const check = page.locator(".check-head").getByRole("button", { name: /^Check \d/ });
  await check.waitFor();
  const bytes = (...all) => `${(all.reduce((sum, one) => sum + one.size, 0) / 1e3).toFixed(1)} kB`;
  assert.equal(await check.textContent(), `Check 6 layers of 3 images, ${bytes(shared, amd[1], arm[1], riscv[1])}`);
  await page.getByRole("checkbox", { name: /linux\/riscv64/ }).uncheck();
  assert.equal(await check.textContent(), `Check 4 layers of 2 images, ${bytes(shared, amd[1], arm[1])}`);
  await check.click();
  await concluded(page, /^All 4 layers of 2 images are the ones the manifests name, and unpack to what the configs say\.$/);
  assert.deepEqual(harness.front.asked(shared.digest), [undefined], "fetched once");
  assert.deepEqual(harness.front.asked(riscv[1].digest), [], "not chosen");
  assert.deepEqual(
    await page.locator(".check-image h3 .verdict-word").evaluateAll((all) => all.map((one) => one.textContent)),
    ["verified", "verified"],
  );
  // What was read of the list is known at the image too, and of the third only the rest is left.
  await page.getByRole("link", { name: "linux/riscv64" }).first().click();
  await view.settled(/linux\/riscv64 of/);
  assert.equal(
    await page.locator(".check-head").getByRole("button", { name: /^Check/ }).textContent(),
    `Check 1 layer, ${bytes(riscv[1])}`,
  );
});

journey("the keyboard alone checks, pauses and goes on", harness, async (view) => {
  const { page } = view;
  const { reference, layers } = await fourLayers("keyboard");
  for (const one of layers) harness.front.spoil(one.digest, "held");
  await look(view, reference);
  const tabTo = async (name) => {
    for (let presses = 0; presses < 80; presses += 1) {
      const text = await page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);
      if (name.test(text ?? "")) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`${name} is not reached`);
  };
  await tabTo(/^Check 4 layers/);
  await page.keyboard.press("Enter");
  await page.locator(".check-head").getByRole("button", { name: "Pause" }).waitFor();
  await tabTo(/^Pause$/);
  await page.keyboard.press("Enter");
  await concluded(page, /^Paused/);
  harness.front.release();
  // The button that paused goes on now, and the focus stayed on it.
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Go on");
  await page.keyboard.press("Enter");
  await concluded(page, allGood);
});

journey("what came without a registry has no button, and says why", harness, async (view) => {
  const { page } = view;
  await view.open("#/example/image");
  await view.settled(/^This example is/);
  assert.equal(await checkButton(page).count(), 0);
  assert.match((await layersStop(view)).text, /The layers are not part of what was opened, so they cannot be checked/);
});

for (const { colorScheme, widths } of viewports) {
  const [width] = widths;
  journey(`a check has no fault of accessibility and nothing jumps, ${colorScheme}, ${width} wide`, harness, async (view) => {
    const { page } = view;
    await withAxe(page);
    const { reference, layers } = await fourLayers(`looks/${colorScheme}-${width}`);
    harness.front.spoil(layers[0].digest, "wrong");
    harness.front.spoil(layers[1].digest, "held");
    await look(view, reference);
    await checkButton(page).click();
    await until(async () => (await rows(page))[0]?.seals, (seals) => seals?.[0] === "bad", "the wrong layer");
    assert.deepEqual(await accessibilityViolations(page, "while it runs", widths), []);
    await page.getByText(/waiting: nothing for \d+ s/).waitFor();
    const top = () => page.locator(".checked > li").nth(3).evaluate((row) => row.getBoundingClientRect().top + scrollY);
    const before = await top();
    harness.front.release();
    await concluded(page, /^Of 4 layers 1 is not what was named/);
    assert.equal(await top(), before, "nothing moved when the last came");
    assert.deepEqual(await accessibilityViolations(page, "at the end", widths), []);
  }, { colorScheme, viewport: { width, height: 800 } });
}
