// @ts-check
// How every state looks: no sideways scrolling, and no violation of WCAG 2.2 AA that axe can find, in both themes, wide
// and narrow.

import assert from "node:assert/strict";
import { test } from "node:test";
import { closedPort, lyingRegistry } from "./support/hostile.mjs";
import { journey, openHarness, refusedByCors } from "./support/harness.mjs";
import { accessibilityViolations, axeViolations, bringAxe, viewports, withAxe } from "./support/accessibility.mjs";
import { goldenPages, noGoldenPages } from "./support/golden.mjs";
import { fixture } from "./support/registries.mjs";
import { until } from "./support/view.mjs";

const harness = openHarness(async (harness) => {
  harness.lying = await harness.open(lyingRegistry());
  harness.down = (await harness.open({ host: await closedPort() })).host;
});

/** A link to Verify with a content and what is expected. */
const verify = (content, expected) => `#/verify?content=${Buffer.from(content).toString("base64url")}&expect=${expected}`;
const greeter = fixture("oci-manifest/greeter");

// Each state: how to come there, and what shows that it is there.
const states = {
  "the first page": ["#/", ".start"],
  "an index": ["#/example/index", "table.platforms .good"],
  "a list with errors": ["#/example/lying", ".findings"],
  "an image": ["#/example/image", ".steps"],
  "an image of schema 1": ["#/example/schema1", ".steps"],
  JSON: ["#/example/index?tab=json", "pre.code"],
  "JSON with findings": ["#/example/lying?tab=json", "pre.code .remark"],
  Config: ["#/example/image?tab=config", "pre.code"],
  Layers: ["#/example/image?tab=layers", "section.layer"],
  "an error": ["#/inspect/DOWN/fixtures/greeter:0.9.0", ".error"],
  "a mismatch": ["#/inspect/LYING/wrong-header:1", ".stamp.bad"],
  "children that did not come": ["#/inspect/LYING/bad-children:1", "table.platforms .bad"],
  "a page that is none": ["#/inspect/LYING/html:1", ".stamp.bad"],
  Commands: ["#/inspect/LYING/honest:1?tab=commands", "dl.commands"],
  "while it waits": ["#/inspect/LYING/silent:1", ".progress"],
  Verify: ["#/verify", "#verify-form"],
  "Verify, with what is no digest": ["#/verify?expect=sha256:abc", "#expected-read .bad"],
  "Verify, the same digest": [verify(greeter.bytes, greeter.digest), ".compared .good"],
  "Verify, a mismatch with its cause": [verify(`${greeter.bytes}\n`, greeter.digest), ".change"],
  "Verify, a mismatch without one": [verify("{}", greeter.digest), ".compared details"],
  "Compose, with nothing on it": ["#/compose", "#sources"],
  "Compose, with a source that did not come": ["#/compose?add=DOWN/fixtures/greeter:0.9.0", ".entry-trouble details"],
  "Compose, with a list whose entries did not come": ["#/compose?open=LYING/bad-children:1", ".entry-trouble details"],
  "an address that leads nowhere": ["#/inspect/Nginx:1.27", "#read .bad"],
};

for (const { colorScheme, widths } of viewports) {
  journey(
    `every state, ${colorScheme}, ${widths[0]} pixels wide`,
    harness,
    async (view) => {
      const { page } = view;
      await withAxe(page);
      await view.open();
      const wrong = await accessibilityViolations(page, "the first page before the program", widths);
      await view.ready();
      for (const [state, [hash, part]] of Object.entries(states)) {
        await view.open(hash.replace("DOWN", harness.down).replace("LYING", harness.lying.host));
        await page.locator(part).first().waitFor();
        if (state !== "while it waits")
          await until(
            () => page.locator(".progress").count(),
            (count) => count === 0,
            state,
          );
        wrong.push(...(await accessibilityViolations(page, state, widths)));
      }
      await view.open("#/verify");
      const files = [{ name: "manifest.json", mimeType: "", buffer: greeter.bytes }];
      await page.locator("#files").setInputFiles([...files, { ...files[0], name: `${"long-".repeat(30)}.json` }]);
      await page.locator(".several").waitFor();
      wrong.push(...(await accessibilityViolations(page, "Verify, several files", widths)));
      await page.evaluate(() => (location.hash = "#/compose"));
      await page.getByRole("button", { name: "Start anew" }).click();
      await page.getByRole("button", { name: "An example that needs no network" }).click();
      await page.getByLabel("Target", { exact: true }).fill("registry.example/lantern:2.4.1");
      await page.getByRole("button", { name: "Edit linux/arm64", exact: true }).click();
      await page.getByLabel("architecture").fill("amd64");
      await page.getByLabel("Keep linux/s390x").uncheck();
      for (const on of await page.getByRole("button", { name: "Add annotation" }).all()) {
        if (await on.isVisible()) await page.getByLabel("Name", { exact: true }).first().fill("org.example.a-name-that-is-long");
        if (await on.isVisible()) await on.click();
      }
      await page.evaluate(() => document.querySelectorAll("main details").forEach((part) => (part.open = true)));
      await page.locator(".entry .warn").first().waitFor();
      wrong.push(...(await accessibilityViolations(page, "Compose, with everything unfolded", widths)));
      await page.locator("#sources").fill("not//a reference\nnginx:1.27");
      await page.locator("#target").fill("not//a target");
      await page.getByLabel("os", { exact: true }).fill("");
      wrong.push(...(await accessibilityViolations(page, "Compose, with faults in its boxes", widths)));
      await page.goBack();
      await page.locator(".several").waitFor();
      for (const name of ["Share", "Settings", "Keyboard shortcuts"]) {
        await page.getByRole("button", { name }).click();
        await page.getByRole("dialog", { name: name === "Share" ? "Share this content" : name }).waitFor();
        wrong.push(...(await accessibilityViolations(page, name, widths)));
        await page.keyboard.press("Escape");
      }
      assert.deepEqual(wrong, []);
    },
    {
      colorScheme,
      viewport: { width: widths[0], height: 800 },
      expected: (harness) => [
        ...refusedByCors(harness.lying.host),
        /^error: Failed to load resource: net::ERR_(CONNECTION_REFUSED|CONTENT_LENGTH_MISMATCH|INCOMPLETE_CHUNKED_ENCODING)/,
        /^error: Failed to load resource: the server responded with a status of 50[23] /,
      ],
    },
  );
}

// What differs between the themes is the colours.
for (const { colorScheme, width, only } of [
  { colorScheme: /** @type {const} */ ("light"), width: 1280, only: undefined },
  { colorScheme: /** @type {const} */ ("dark"), width: 320, only: ["color-contrast"] },
]) {
  test(`every state that has a golden file, ${colorScheme}, ${width} pixels wide`, { skip: noGoldenPages }, async () => {
    const page = await harness.browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    const wrong = [];
    for await (const file of goldenPages(page)) {
      if (!(await page.evaluate(() => "axe" in globalThis))) await bringAxe(page);
      wrong.push(...(await axeViolations(page, { only, targets: true })).map((violation) => `${file}: ${violation}`));
    }
    await page.close();
    assert.equal(wrong.join("\n"), "");
  });
}

journey(
  "the colours can be chosen, and stay",
  harness,
  async (view) => {
    const { page } = view;
    await view.ready();
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("radio", { name: "dark" }).check();
    const dark = await until(background, (colour) => colour !== light, "the dark page");
    await page.reload();
    assert.equal(await background(), dark);
    await page.emulateMedia({ colorScheme: "dark" });
    await view.ready();
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("radio", { name: "light" }).check();
    await until(background, (colour) => colour === light, "the light page");
    await page.getByRole("radio", { name: "system" }).check();
    await until(background, (colour) => colour === dark, "the system's colours");
  },
  { colorScheme: "light" },
);
