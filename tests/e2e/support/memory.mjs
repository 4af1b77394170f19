// @ts-check
// What the pages of a browser hold of this machine's memory.

import { readFileSync } from "node:fs";

/** The processes that draw pages now: that of the page, with its workers, and any the browser keeps ready. */
async function renderers(session) {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  return processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
}

/** What these processes hold that is no file, in bytes. */
function resident(processes) {
  const held = processes.map((id) => {
    const [, kib] = readFileSync(`/proc/${id}/status`, "utf8").match(/^RssAnon:\s+(\d+) kB/m);
    return Number(kib) * 1024;
  });
  return held.reduce((sum, bytes) => sum + bytes, 0);
}

/**
 * Measures from now on what the processes of pages hold over what they hold now, in bytes. `until(does)` samples five
 * times a second until that is done: the median and the most. `settled()` is what stays once the least of 3 seconds is
 * taken: garbage may be collected or not.
 */
export async function memoryOf(browser) {
  const session = await browser.newBrowserCDPSession();
  // One that the browser starts later, for a page to come, is none of this page's.
  const processes = await renderers(session);
  const idle = resident(processes);
  const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const sample = async (done) => {
    const samples = [];
    for (let waits = true; waits; ) {
      samples.push(resident(processes) - idle);
      waits = await Promise.race([done.then(() => false), wait(200).then(() => true)]);
    }
    return samples.sort((one, other) => one - other);
  };
  return {
    until: async (does) => {
      const samples = await sample(does());
      return { median: samples[samples.length >> 1], most: samples.at(-1) };
    },
    settled: async () => (await sample(wait(3_000)))[0],
  };
}
