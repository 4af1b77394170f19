// @ts-check
// An image is validated by one button: every check of an index, its images and their layers in one list, taken away as
// text and as JSON.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { journey as anyJourney, openHarness, refusedByCors } from "./support/harness.mjs";
import { digestOf, layer, putImage, putIndex, randomArchive, zstdLayer } from "./support/images.mjs";
import { craneRegistry, dockerRegistry } from "./support/registries.mjs";
import { find } from "./support/programs.mjs";
import { until } from "./support/view.mjs";

const hasCrane = find("crane") !== undefined;
const harness = openHarness(async (harness) => {
  // It takes every list, whatever sizes stand in it.
  harness.registry = await harness.open(hasCrane ? craneRegistry() : dockerRegistry());
});

const journey = (name, harness, body) =>
  anyJourney(name, harness, body, { expected: (harness) => refusedByCors(harness.registry.host) });

/** A layer of random bytes as zstd compresses it: crane calls such an image broken. */
const packed = (name, bytes) => zstdLayer(randomArchive(name, bytes));

const verdict = (page) => page.locator("#validation [role=status]").textContent();
const validateButton = (page) => page.getByRole("button", { name: /^Validate/ }).first();

async function decided(page) {
  return until(() => page.locator("#validation [role=status]").count(), (count) => count === 1, "a verdict");
}

async function downloaded(page, button) {
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: button }).click();
  const download = await coming;
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
}

journey("a good image with a zstd layer is valid, in every check", harness, async (view) => {
  const { page } = view;
  await putImage(harness.registry, "good", "1", [layer("good", 200_000), packed("packed", 50_000)]);
  await view.ask(`${harness.registry.host}/good:1`);
  await view.settled(/is an OCI image/);
  await validateButton(page).click();
  await decided(page);
  assert.match(await verdict(page), /^Valid: \d+ checks passed\.$/);
  await page.locator("#validation details summary").first().click();
  const passed = await page.locator('#validation [data-outcome="passed"] b').allTextContents();
  for (const check of ["Digest of the layer", "Links and what lies behind them", "Paths that stand twice"])
    assert.equal(passed.filter((one) => one === check).length, 2, check);
});

journey("of an index every fault is listed, and taken away as JSON and as text", harness, async (view) => {
  const { page } = view;
  const { registry } = harness;
  const amd64 = await putImage(registry, "index", "amd64", [packed("amd64", 90_000)]);
  const arm64 = await putImage(registry, "index", "arm64", [layer("arm64", 60_000)], { architecture: "arm64" });
  // The digest is right, the size is not: crane passes it.
  await putIndex(registry, "index", "1", [amd64, { ...arm64, size: arm64.size + 1 }]);
  await view.ask(`${registry.host}/index:1`);
  await view.settled(/is an OCI image index/);
  await page.getByRole("button", { name: /^Check everything/ }).click();
  await validateButton(page).click();
  await decided(page);
  assert.match(await verdict(page), /^Not valid: 1 check failed, \d+ passed/);
  const failed = page.locator('#validation [data-outcome="failed"]');
  assert.match(await failed.innerText(), /Size of the manifest failed\s*list \/manifests\/1\/size/);
  const json = await downloaded(page, "Download as JSON");
  assert.equal(json.name, "validation.json");
  const report = JSON.parse(json.text);
  assert.equal(report.verdict, "invalid");
  assert.equal(report.counts.failed, 1);
  assert.equal(report.counts.notChecked, 0);
  assert.deepEqual(
    report.subjects.map((subject) => subject.title),
    ["list", "linux/amd64", "linux/arm64"],
  );
  const [first] = report.subjects[2].checks;
  assert.deepEqual([first.check, first.result, first.pointer], ["manifest-size", "failed", "/manifests/1/size"]);
  const text = await downloaded(page, "Download as text");
  assert.equal(text.name, "validation.txt");
  assert.ok(text.text.includes(await verdict(page)));
});
