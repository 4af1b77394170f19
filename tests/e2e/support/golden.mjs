// @ts-check
// The states that have golden files, shown in a browser: `WAYBILL_PAGES` names the folder into which `cargo test --test views
// golden` writes them as they are (`scripts/test e2e` does).

import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { dist } from "./programs.mjs";

const folder = process.env.WAYBILL_PAGES ?? "";

/** Why they cannot be shown; false where they can. */
export const noGoldenPages = !folder && "WAYBILL_PAGES names no folder";

/** Shows one after the other in a page that is loaded once; answers with the name of each as it is there. */
export async function* goldenPages(page) {
  const styles = readdirSync(dist).filter((name) => name.endsWith(".css"));
  // The style of parts comes behind that of the first page.
  const style = styles.sort().reverse().map((name) => readFileSync(path.join(dist, name), "utf8")).join("\n");
  const head = `<head><title>Waybill</title><style>${style}</style></head>`;
  await page.setContent(`<!doctype html><html lang="en" data-theme="system">${head}<body><div id="page"></div></body></html>`);
  for (const file of readdirSync(folder)) {
    const part = readFileSync(path.join(folder, file), "utf8");
    const isWhole = part.includes("<main") || part.includes('class="start"');
    const html = isWhole ? part : `<main><article class="sheet"><div class="tab">${part}</div></article></main>`;
    await page.evaluate((html) => {
      const place = /** @type {any} */ (document.getElementById("page"));
      place.innerHTML = html;
      for (const folded of place.querySelectorAll("details")) folded.open = true;
    }, html);
    yield file;
  }
}
