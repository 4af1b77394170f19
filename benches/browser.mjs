// @ts-check
// The built page in headless Chromium, served by the proxy, for as long as measures are taken.

import { chromium as playwright } from "../tests/e2e/node_modules/playwright-core/index.mjs";
import { chromium, dist, proxyProgram, start } from "../tests/e2e/support/programs.mjs";

const WAIT_MS = 60_000;

/**
 * Runs `measures(open, openUnheard)`; `open()` gives the first page, or the one at a path, in a fresh context, and
 * `openUnheard()` an `UnheardPage` likewise, before which a script may run. `program` is the
 * proxy, `folder` what it serves, `allow` the registries that it relays to, and `push` whether it writes to them.
 *
 * @param {(open: (path?: string) => Promise<any>, openUnheard: (path?: string, script?: () => void) => Promise<UnheardPage>) => any} measures
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
    const open = async (path = "") => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      const page = await context.newPage();
      page.setDefaultTimeout(WAIT_MS);
      await page.addInitScript(inPage);
      await page.goto(`${proxy.ready[1]}/${path}`);
      return page;
    };
    const openUnheard = (path = "", script = () => {}) =>
      UnheardPage.open(browser, `${proxy.ready[1]}/${path}`, [inPage, script]);
    return await measures(open, openUnheard);
  } finally {
    await browser.close();
    await proxy.stop();
  }
}

/**
 * A page whose requests nobody hears of. playwright hears of those of its pages: it is told of every piece that comes, and
 * given a copy of all that is sent, which takes more time and memory than Waybill where layers come and go.
 */
export class UnheardPage {
  /** @param {any} browser @param {string} url @param {(() => void)[]} scripts run before all else */
  static async open(browser, url, scripts) {
    const session = await browser.newBrowserCDPSession();
    const { browserContextId } = await session.send("Target.createBrowserContext");
    const { targetId } = await session.send("Target.createTarget", { url: "about:blank", browserContextId, newWindow: true });
    // Not flat, since playwright takes no answers of sessions that it did not begin.
    const { sessionId } = await session.send("Target.attachToTarget", { targetId, flatten: false });
    const page = new UnheardPage(browser, session, sessionId, browserContextId);
    await page.#send("Page.enable");
    for (const script of scripts) await page.#send("Page.addScriptToEvaluateOnNewDocument", { source: `(${script})()` });
    await page.#send("Page.navigate", { url });
    await page.until(() => location.href !== "about:blank" && document.readyState === "complete");
    return page;
  }

  /** @type {Map<number, (answer: any) => void>} */
  #waiting = new Map();
  #sent = 0;

  constructor(browser, session, sessionId, browserContextId) {
    this.browser = browser;
    this.session = session;
    this.sessionId = sessionId;
    this.browserContextId = browserContextId;
    session.on("Target.receivedMessageFromTarget", ({ sessionId, message }) => {
      const { id, ...answer } = JSON.parse(message);
      if (sessionId === this.sessionId) this.#waiting.get(id)?.(answer);
    });
  }

  async #send(method, params = {}) {
    const id = (this.#sent += 1);
    const answered = new Promise((resolve) => this.#waiting.set(id, resolve));
    await this.session.send("Target.sendMessageToTarget", {
      sessionId: this.sessionId,
      message: JSON.stringify({ id, method, params }),
    });
    const { result, error } = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** What a function gives that runs in the page. @param {(argument: any) => any} does @param {any} [argument] */
  async evaluate(does, argument = null) {
    const expression = `(${does})(${JSON.stringify(argument)})`;
    const { result, exceptionDetails } = await this.#send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until something holds in the page. @param {(argument: any) => any} holds @param {any} [argument] */
  async until(holds, argument = null, milliseconds = WAIT_MS) {
    const end = performance.now() + milliseconds;
    while (!(await this.#holds(holds, argument))) {
      if (performance.now() > end) {
        const shown = await this.evaluate(() => document.querySelector("main")?.innerText.slice(0, 1_000));
        throw new Error(`this never held: (${holds})(${JSON.stringify(argument)}); the page says: ${shown}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #holds(holds, argument) {
    const does = /** @type {any} */ (`(it) => Boolean((${holds})(it))`);
    // While it goes to another document there is nothing to ask.
    return this.evaluate(does, argument).catch(() => false);
  }

  /** Waits until the page says so. */
  says(words, milliseconds = WAIT_MS) {
    return this.until((words) => document.querySelector("main").textContent.includes(words), words, milliseconds);
  }

  /** Waits for a button, by how its words begin, and presses it. */
  async press(words) {
    await this.until((words) => globalThis.bench.button(words), words);
    await this.evaluate((words) => globalThis.bench.button(words).click(), words);
  }

  async close() {
    await this.session.send("Target.disposeBrowserContext", { browserContextId: this.browserContextId });
    await this.session.detach();
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
      await new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          observer.disconnect();
          reject(new Error(`this never held: ${holds}`));
        }, 60_000);
        const look = () => {
          if (!holds()) return;
          clearTimeout(late);
          observer.disconnect();
          resolve(undefined);
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
    /** The button whose words begin so. */
    button(words) {
      return [...document.querySelectorAll("button")].find((button) => button.textContent.startsWith(words));
    },
    /** Whether nothing was fetched for half a second. */
    isQuiet() {
      const entries = performance.getEntriesByType("resource");
      return performance.now() - Math.max(0, ...entries.map((entry) => /** @type {PerformanceResourceTiming} */ (entry).responseEnd)) > 500;
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
