// @ts-check
// What Lighthouse says of the pages, as a phone on a slow network would load them: the built page, served compressed by
// the proxy, in Debian's Chromium; the index and its image come from a real registry through that proxy.

import { chromium, dist, emptyFolder, releasedProxy, start } from "../tests/e2e/support/programs.mjs";
import { dockerRegistry, fixture } from "../tests/e2e/support/registries.mjs";
import { measure, spread } from "./measure.mjs";

const RUNS = 3;
const AIMS = { performance: 95, accessibility: 100, "best-practices": 100, seo: 100 };
// By its address: who only checks types need not have it.
const LIGHTHOUSE = new URL("lighthouse/node_modules/lighthouse/core/index.js", import.meta.url).href;

export default async function measures() {
  const { default: lighthouse } = await import(LIGHTHOUSE);
  const registry = await dockerRegistry();
  const allow = ["--allow", `http://${registry.host}`];
  const args = ["--listen", "127.0.0.1:0", "--dist", dist, ...allow, "--log", "off"];
  const proxy = await start(releasedProxy, args, /at (http:\/\/[^/]+)\//);
  try {
    const index = await registry.push("oci-index/lantern");
    const [image] = JSON.parse(fixture("oci-index/lantern").bytes.toString()).manifests;
    const pages = {
      start: "",
      "an example": "#/example/index",
      "an index": `#/inspect/${index}`,
      "an image": `#/inspect/${index}?at=${image.digest}`,
      "its layers": `#/inspect/${index}?at=${image.digest}&tab=layers`,
      Verify: "#/verify",
      Compose: "#/compose",
    };
    const list = [];
    for (const [page, hash] of Object.entries(pages)) {
      const runs = [];
      for (let run = 0; run < RUNS; run += 1) {
        runs.push(await judged(lighthouse, `${proxy.ready[1]}/${hash}`));
      }
      tell(page, runs);
      for (const [category, atLeast] of Object.entries(AIMS)) {
        const scores = spread(runs.map(({ categories }) => 100 * categories[category].score));
        list.push(measure({ name: `${page}: ${category}`, ...scores, unit: "points", atLeast }));
      }
    }
    return list;
  } finally {
    await proxy.stop();
    await registry.stop();
  }
}

/** One report, from a browser that keeps nothing of the run before. Lighthouse's own settings are those of a phone. */
async function judged(lighthouse, url) {
  const flags = [
    ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    ...["--remote-debugging-port=0", `--user-data-dir=${emptyFolder()}`, "about:blank"],
  ];
  const browser = await start(chromium, flags, /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//);
  try {
    const port = Number(browser.ready[1]);
    const { lhr } = await lighthouse(url, { port, logLevel: "error", onlyCategories: Object.keys(AIMS) });
    if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
    return lhr;
  } finally {
    await browser.stop();
  }
}

/** Writes what took points in the last run, since the report has only the sum. */
function tell(page, runs) {
  const { categories, audits } = runs.at(-1);
  for (const category of Object.keys(AIMS)) {
    const lost = categories[category].auditRefs
      .filter(({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 1)
      .map(({ id }) => (audits[id].displayValue ? `${id} (${audits[id].displayValue})` : id));
    if (lost.length > 0) console.log(`  ${page}, ${category}: ${lost.join(", ")}`);
  }
}
