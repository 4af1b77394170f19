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

/** Brings axe into the page that is open. */
export const bringAxe = (page) => page.evaluate(axe);

/**
 * What axe finds on the page as it stands; a line each. `only` names the rules that judge, where not all do. axe leaves out
 * whether targets are large enough for a finger (2.5.8), so `targets` asks for it. Of forced colours it sees those that they take
 * the place of, so it does not judge them.
 *
 * @param {any} page
 * @param {{ only?: string[], targets?: boolean }} [options]
 */
export const axeViolations = (page, { only, targets = false } = {}) =>
  page.evaluate(
    async ([only, tags, targets]) => {
      const rules = { "color-contrast": { enabled: !matchMedia("(forced-colors: active)").matches }, "target-size": { enabled: targets } };
      const options = only ? { runOnly: { type: "rule", values: only } } : { runOnly: tags, rules };
      // There is no frame to look into, and no style that it has to fetch.
      const { violations } = await globalThis.axe.run(document, { ...options, iframes: false, preload: false, resultTypes: ["violations"] });
      return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`));
    },
    [only, TAGS, targets],
  );

/**
 * What is wrong with the page as it stands, at the first of these widths; and whether any of them scrolls sideways.
 *
 * @param {any} page
 * @param {string} state
 * @param {number[]} widths
 * @param {{ targets?: boolean }} [options]
 */
export async function accessibilityViolations(page, state, widths, options) {
  const wrong = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    if (wide > room) wrong.push(`${state} scrolls sideways at ${width}: ${wide} pixels`);
  }
  await page.setViewportSize({ width: widths[0], height: 800 });
  const violations = await axeViolations(page, options);
  return [...wrong, ...violations.map((violation) => `${state}: ${violation}`)];
}
