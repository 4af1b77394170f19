// @ts-check
// The built page in headless Chromium, served by the proxy, for as long as measures are taken.

import { fileURLToPath } from "node:url";
import { chromium as playwright } from "../tests/e2e/node_modules/playwright-core/index.mjs";
import { chromium, dist, proxyProgram, start } from "../tests/e2e/support/programs.mjs";

const WAIT_MS = 60_000;

/** The proxy for others to run. */
export const released =
  process.env.WAYBILL_PROXY ?? fileURLToPath(new URL("../target/waybill/waybill-proxy", import.meta.url));

/**
 * Runs `measures(open)`; `open()` gives the first page, or the one at a path, in a fresh context. `program` is the
 * proxy, `folder` what it serves, `allow` the registries that it relays to, and `push` whether it writes to them.
 *
 * @param {(open: (path?: string) => Promise<any>) => any} measures
 * @param {{ program?: string, folder?: string, allow?: string[], push?: boolean }} options
 */
export async function withPage(measures, { program = proxyProgram, folder = dist, allow = [], push = false } = {}) {
  const allowed = allow.flatMap((host) => ["--allow", `http://${host}`]);
  const args = ["--listen", "127.0.0.1:0", "--dist", folder, ...allowed, ...(push ? ["--push"] : [])];
  const proxy = await start(program, args, /at (http:\/\/[^/]+)\//);
  const browser = await playwright.launch({
    executablePath: chromium,
    args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  try {
    return await measures(async (path = "") => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      const page = await context.newPage();
      page.setDefaultTimeout(WAIT_MS);
      await page.addInitScript(inPage);
      await page.goto(`${proxy.ready[1]}/${path}`);
      return page;
    });
  } finally {
    await browser.close();
    await proxy.stop();
  }
}

// Runs in the page before all else: what the measures call there.
function inPage() {
  const tasks = [];
  try {
    new PerformanceObserver((list) => tasks.push(...list.getEntries())).observe({ type: "longtask" });
  } catch {
    // Not a page of a browser that knows long tasks.
  }
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const bench = {
    /** Does something, and waits until `holds` is true and painted: how long that took, and the longest task within. */
    async until(act, holds) {
      await painted();
      tasks.length = 0;
      const begun = performance.now();
      act();
      await new Promise((resolve) => {
        const look = () => {
          if (!holds()) return;
          observer.disconnect();
          resolve();
        };
        const observer = new MutationObserver(look);
        observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
        look();
      });
      await painted();
      const ms = performance.now() - begun;
      // Tasks are reported a little after they end.
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { ms, longest: Math.max(0, ...tasks.map((task) => task.duration)) };
    },
    /** Drops bytes on the page as a file. */
    drop(bytes, name) {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], name));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    },
  };
  globalThis.bench = bench;
}
