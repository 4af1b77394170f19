// @ts-check
// Every state on the narrowest screen, 320 pixels, which is also a wide one at 400 %: nothing is cut, only code scrolls
// sideways, in both themes and in forced colours axe finds nothing, nothing moves for those who want no motion, and what is
// printed is whole and has no controls.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { accessibilityViolations, withAxe } from "./support/accessibility.mjs";
import { misfits, printed } from "./support/fitting.mjs";
import { journey, openHarness } from "./support/harness.mjs";
import { dist } from "./support/programs.mjs";
import { expectedOfStates, registryOf, statesOf } from "./support/states.mjs";

/** A text of long words, and of words that are not long. */
const LONG = `registry-of-the-${"northern-harbour-".repeat(8)}authority ${"Hafenmeisterei".repeat(9)} of two words`;
/** How many journeys share the states. */
const SHARES = 4;

const harness = openHarness(async (harness) => {
  harness.registry = await harness.open(registryOf(LONG));
}, { push: true, catalog: true });
const looks = [
  { colorScheme: "light" },
  { colorScheme: "dark" },
  { colorScheme: "light", forcedColors: "active" },
  { colorScheme: "dark", forcedColors: "active", reducedMotion: "reduce" },
];

for (let share = 0; share < SHARES; share += 1) {
  journey(
    `nothing is cut in any state, 320 pixels wide, part ${share + 1} of ${SHARES}`,
    harness,
    async (view) => {
      const { page } = view;
      await withAxe(page);
      const wrong = [];
      const states = Object.entries(statesOf(harness.registry, LONG)).filter((_, number) => number % SHARES === share);
      for (const [name, open] of states) {
        await page.goto("about:blank");
        await page.setViewportSize({ width: 320, height: 640 });
        await open(view).catch((error) => wrong.push(`${name} is not there: ${String(error).slice(0, 300)}`));
        wrong.push(...(await misfits(page)).map((misfit) => `${name}: ${misfit}`));
        await page.setViewportSize({ width: 320, height: 256 });
        wrong.push(...(await misfits(page)).map((misfit) => `${name}, 256 high: ${misfit}`));
        await page.setViewportSize({ width: 320, height: 640 });
        wrong.push(...(await accessibilityViolations(page, name, [320])));
        const moving = await page.evaluate(() => document.getAnimations().length);
        if (looks[share].reducedMotion && moving > 0) wrong.push(`${name}: ${moving} animations`);
        await page.emulateMedia({ media: "print" });
        wrong.push(...(await printed(page)).map((fault) => `${name}, printed: ${fault}`));
        await page.emulateMedia({ media: null });
      }
      assert.equal(wrong.join("\n"), "");
    },
    { viewport: { width: 320, height: 640 }, expected: expectedOfStates, long: true, ...looks[share] },
  );
}

const pages = process.env.WAYBILL_PAGES ?? "";
test("nothing is cut in any state that has a golden file, 320 pixels wide", { skip: !pages && "WAYBILL_PAGES names no folder" }, async () => {
  const page = await harness.browser.newPage({ viewport: { width: 320, height: 640 } });
  const styles = readdirSync(dist).filter((name) => name.endsWith(".css"));
  // The style of parts comes behind that of the first page.
  const style = styles.sort().reverse().map((name) => readFileSync(path.join(dist, name), "utf8")).join("\n");
  const wrong = [];
  for (const file of readdirSync(pages)) {
    const part = readFileSync(path.join(pages, file), "utf8");
    const whole = part.includes("<main") || part.includes('class="start"') ? part : `<main><article class="sheet"><div class="tab">${part}</div></article></main>`;
    await page.setContent(`<!doctype html><html data-theme="system"><style>${style}</style><div id="page">${whole}</div></html>`);
    wrong.push(...(await misfits(page)).map((misfit) => `${file}: ${misfit}`));
  }
  await page.close();
  assert.equal(wrong.join("\n"), "");
});
