// The program itself in trouble: it does not load, or it panics. The page then says what to report.

import assert from "node:assert/strict";
import { journey, openLab } from "./support/lab.mjs";

const lab = openLab(async () => {});
const cutOff = { expected: () => [/ERR_FAILED/] };

journey(
  "a program that cannot be loaded leaves a page that says so, and loading it again goes on where it was",
  lab,
  async (view) => {
    const { page } = view;
    await page.route("**/*.wasm", (route) => route.abort());
    await view.open("#/example/image");
    await page.locator("#failure").waitFor();
    assert.equal(await page.locator("#failure-what").textContent(), "Waybill could not be loaded.");
    assert.match(await page.locator("#failure-details").textContent(), /TypeError.*\n.*Chrome.*\n#\/example\/image$/s);
    await page.unroute("**/*.wasm");
    await page.locator("#failure-reload").click();
    const shown = await view.settled(/^This example is an OCI image/);
    assert.equal(shown.stamp.seal, "good");
  },
  cutOff,
);

journey("a panic leaves a page with what to report, in place of a dead screen", lab, async (view) => {
  const { page } = view;
  await view.open("#/example/image");
  await view.settled(/^This example is an OCI image/);
  // No input is known that makes the program panic, so this does what its panic hook does.
  await page.evaluate(() => globalThis.waybillFailed("Waybill has a fault and stopped.", "panicked at src/app.rs:1:1"));
  assert.equal(await page.locator("#failure-what").textContent(), "Waybill has a fault and stopped.");
  assert.match(await page.locator("#failure-details").textContent(), /^panicked at src\/app\.rs:1:1\n/);
  assert.equal(await page.locator("#page").isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement.id), "failure-reload");
});
