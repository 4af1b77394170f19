// @ts-check
// How a page looks, judged: no sideways scrolling, and no violation of WCAG 2.2 AA that axe can find.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Both themes, wide and narrow: at the first width all is judged, at the second whether it scrolls sideways. */
export const viewports = ["light", "dark"].flatMap((colorScheme) => [
  { colorScheme, widths: [1280, 800] },
  { colorScheme, widths: [360, 320] },
]);

/** Has the pages that are opened from now on bring axe with them. */
export const withAxe = (page) => page.addInitScript(axe);

/**
 * What is wrong with the page as it stands, at the first of these widths; and whether any of them scrolls sideways. Of forced
 * colours axe sees those that they take the place of, so it does not judge them.
 */
export async function accessibilityViolations(page, state, widths) {
  const wrong = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    if (wide > room) wrong.push(`${state} scrolls sideways at ${width}: ${wide} pixels`);
  }
  await page.setViewportSize({ width: widths[0], height: 800 });
  const violations = await page.evaluate(async (tags) => {
    const rules = { "color-contrast": { enabled: !matchMedia("(forced-colors: active)").matches } };
    const { violations } = await globalThis.axe.run(document, { runOnly: tags, rules, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`),
    );
  }, TAGS);
  return [...wrong, ...violations.map((violation) => `${state}: ${violation}`)];
}
