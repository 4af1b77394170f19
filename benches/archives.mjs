// @ts-check
// A `docker save` tar of 4 GB and 300 entries: dropped on the page and listed, beside `tar -tf`; in turns.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { sparse } from "../tests/e2e/support/archives.mjs";
import { memoryOf } from "../tests/e2e/support/memory.mjs";
import { withPage } from "./browser.mjs";
import { measure, spread } from "./measure.mjs";

const ROUNDS = 5;
const ENTRIES = 300;
const runs = promisify(execFile);

export default async function measures() {
  // Two of the entries are the config and manifest.json.
  const file = sparse("large.tar", ENTRIES - 2, 4 * 2 ** 30);
  const times = { first: [], again: [], reads: [], tar: [] };
  const memory = [];
  await withPage(async (open) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const page = await open("#/archive");
      await page.locator("#files").waitFor();
      await chosen(page, file);
      const used = await memoryOf(page.context().browser());
      const { most } = await used.until(async () => times.first.push(await listed(page, "first.tar")));
      memory.push(most / 1e6);
      times.again.push(await listed(page, "again.tar"));
      times.reads.push(await readOnly(page.context(), file));
      await page.context().close();
      const begun = performance.now();
      await runs("tar", ["-tf", file]);
      times.tar.push(performance.now() - begun);
    }
  });
  const name = `4 GB docker archive of ${ENTRIES} entries`;
  const beside = (peer, times) => {
    const { figure: peerFigure, range: peerRange } = spread(times);
    return { peer, peerFigure, peerRange, unit: "ms", ratioAtMost: 1.5 };
  };
  return [
    measure({ name: `${name}: drop to paint`, ...spread(times.first), ...beside("tar -tf", times.tar) }),
    measure({ name: `${name}: another one, drop to paint`, ...spread(times.again), ...beside("tar -tf", times.tar) }),
    // What a browser takes for the reads alone, each of which tells where the next one is.
    measure({
      name: `${name}: another one, drop to paint`,
      ...spread(times.again),
      ...beside(`${ENTRIES} reads in a worker that does nothing else`, times.reads),
    }),
    measure({ name: `${name}: memory of the page over an idle one`, ...spread(memory), unit: "MB", atMost: 300 }),
  ];
}

/** Chooses the file in a page, in an input of our own. */
async function chosen(page, file) {
  await page.evaluate(() => {
    const input = document.createElement("input");
    input.type = "file";
    input.id = "bench";
    document.documentElement.append(input);
  });
  await page.locator("#bench").setInputFiles(file);
}

/** Drops the file by another name: how long until the page shows what is in it. */
async function listed(page, name) {
  const { ms } = await page.evaluate((name) => {
    const { bench } = globalThis;
    const file = /** @type {any} */ (document.querySelector("#bench")).files[0];
    const said = () => document.querySelector("main").textContent;
    return bench.until(
      () => bench.drop(file, name),
      () => said().includes(name) && /with \d+ entries/.test(said()),
    );
  }, name);
  return ms;
}

/** Reads as many headers as there are entries, one after the other, in a worker of an empty page: how long that took. */
async function readOnly(context, file) {
  const page = await context.newPage();
  await chosen(page, file);
  const took = await page.evaluate((entries) => {
    const work = () => {
      globalThis.onmessage = ({ data: { file, entries } }) => {
        const begun = performance.now();
        const reader = new globalThis.FileReaderSync();
        const each = Math.floor(file.size / entries / 512) * 512;
        for (let entry = 0; entry < entries; entry += 1) {
          reader.readAsArrayBuffer(file.slice(entry * each, entry * each + 512));
        }
        postMessage(performance.now() - begun);
      };
    };
    const worker = new Worker(URL.createObjectURL(new Blob([`(${work})()`], { type: "text/javascript" })));
    return new Promise((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.postMessage({ file: /** @type {any} */ (document.querySelector("#bench")).files[0], entries });
    });
  }, ENTRIES);
  await page.close();
  return took;
}
