// @ts-check
// Every state on the narrowest screen, 320 pixels, which is also a wide one at 400 %: nothing is cut, only code scrolls
// sideways, in both themes and in forced colours axe finds nothing, what is pressed is large enough for a finger, nothing moves
// for those who want no motion, and what is printed is whole and has no controls.

import assert from "node:assert/strict";
import { test } from "node:test";
import { accessibilityViolations, withAxe } from "./support/accessibility.mjs";
import { misfits, moving, printed } from "./support/fitting.mjs";
import { goldenPages, noGoldenPages } from "./support/golden.mjs";
import { journey, openHarness } from "./support/harness.mjs";
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
    async (view, _, context) => {
      const { page } = view;
      const finger = await context.newCDPSession(page);
      const touched = (enabled) => finger.send("Emulation.setTouchEmulationEnabled", { enabled });
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
        // Under a finger what a pointer would be told by hovering stands there, and what is pressed is large enough.
        await touched(true);
        wrong.push(...(await misfits(page)).map((misfit) => `${name}, touched: ${misfit}`));
        wrong.push(...(await accessibilityViolations(page, name, [320], { targets: true })));
        await touched(false);
        await page.emulateMedia({ reducedMotion: "reduce" });
        wrong.push(...(await moving(page)).map((part) => `${name}: ${part}`));
        await page.emulateMedia({ reducedMotion: looks[share].reducedMotion ?? "no-preference" });
        await page.emulateMedia({ media: "print" });
        wrong.push(...(await printed(page)).map((fault) => `${name}, printed: ${fault}`));
        await page.emulateMedia({ media: null });
      }
      assert.equal(wrong.join("\n"), "");
    },
    { viewport: { width: 320, height: 640 }, expected: expectedOfStates, long: true, ...looks[share] },
  );
}

test("nothing is cut in any state that has a golden file, 320 pixels wide", { skip: noGoldenPages }, async () => {
  const page = await harness.browser.newPage({ viewport: { width: 320, height: 640 } });
  const wrong = [];
  for await (const file of goldenPages(page)) wrong.push(...(await misfits(page)).map((misfit) => `${file}: ${misfit}`));
  await page.close();
  assert.equal(wrong.join("\n"), "");
});
