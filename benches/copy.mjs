// @ts-check
// An image of 1 GiB, copied by the page through the proxy and by skopeo: from one registry to another that is empty, and
// into an OCI archive on the disk; in turns.

import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { answerDialogs } from "../tests/e2e/support/dialogs.mjs";
import { plainLayer, putImage } from "../tests/e2e/support/images.mjs";
import { memoryOf } from "../tests/e2e/support/memory.mjs";
import { emptyFolder, find, releasedProxy } from "../tests/e2e/support/programs.mjs";
import { dockerRegistry } from "../tests/e2e/support/registries.mjs";
import { withPage } from "./browser.mjs";
import { measure, spread } from "./measure.mjs";

const ROUNDS = 5;
const MIB = 1 << 20;
const LAYERS = 4;
const SIZE = 1024;
const WAIT_MS = 120_000;
const runs = promisify(execFile);

export default async function measures() {
  const source = await dockerRegistry();
  try {
    const layers = Array.from({ length: LAYERS }, (_, index) => plainLayer(`file-${index}`, (SIZE / LAYERS) * MIB));
    await putImage(source, "bench/large", "1", layers);
    const times = { copy: [], save: [], skopeoCopy: [], skopeoSave: [] };
    const memory = { copy: [], save: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      await intoRegistry(source, times, memory);
      await intoFile(source, times, memory);
    }
    const rates = (them) => spread(them.map((ms) => SIZE / (ms / 1000)));
    const beside = (name, ours, peer) => {
      const { figure: peerFigure, range: peerRange } = rates(peer);
      return measure({ name, ...rates(ours), unit: "MiB/s", peer: "skopeo copy", peerFigure, peerRange, ratioAtLeast: 0.7 });
    };
    const held = (name, figures) =>
      measure({ name: `${name}: memory of the page over an idle one`, ...spread(figures), unit: "MB", atMost: 200 });
    const [copy, save] = ["1 GiB from registry to registry", "1 GiB from a registry into an OCI archive"];
    return [
      beside(copy, times.copy, times.skopeoCopy),
      held(copy, memory.copy),
      beside(save, times.save, times.skopeoSave),
      held(save, memory.save),
    ];
  } finally {
    await source.stop();
  }
}

/** Each copies into a registry of its own: blobs that a registry has would not be sent. */
async function intoRegistry(source, times, memory) {
  const from = `${source.host}/bench/large:1`;
  await withEmptyRegistry((target) =>
    withPage(
      async (_, open) => {
        const page = await open(`#/copy?from=http://${from}&to=http://${target.host}/bench/large:1`);
        await page.says("The source is here");
        await page.press("Plan the copy");
        const { ms, bytes } = await pressed(page, "Start the copy", "Copied, and read back");
        times.copy.push(ms);
        memory.copy.push(bytes / 1e6);
      },
      { program: releasedProxy, allow: [source.host, target.host], push: true },
    ),
  );
  await withEmptyRegistry(async (target) => {
    times.skopeoCopy.push(await skopeo(from, `docker://${target.host}/bench/large:1`));
  });
}

async function withEmptyRegistry(use) {
  const target = await dockerRegistry();
  try {
    await use(target);
  } finally {
    await target.stop();
  }
}

/** A save dialog is no page's to answer: the file behind it is one of the origin's own folder, on the same disk. */
async function intoFile(source, times, memory) {
  const from = `${source.host}/bench/large:1`;
  await withPage(
    async (_, open) => {
      const page = await open(`#/copy?from=http://${from}`, answerDialogs);
      await page.says("The source is here");
      await page.evaluate(() => {
        const labels = [...document.querySelectorAll("label")];
        labels.find((label) => label.textContent.trim() === "a file").click();
      });
      await page.press("Plan the file");
      const { ms, bytes } = await pressed(page, "Save ", "Saved, ");
      times.save.push(ms);
      memory.save.push(bytes / 1e6);
    },
    { program: releasedProxy, allow: [source.host] },
  );
  const folder = emptyFolder();
  times.skopeoSave.push(await skopeo(from, `oci-archive:${path.join(folder, "large.tar")}:1`));
  rmSync(folder, { recursive: true });
}

/** Starts what is planned, and waits for its end: how long that took, and what the page held more at the most. */
async function pressed(page, start, end) {
  await page.until((words) => globalThis.bench.button(words), start);
  const memory = await memoryOf(page.browser);
  const begun = performance.now();
  let ms = 0;
  const { most } = await memory.until(async () => {
    await page.press(start);
    await page.says(end, WAIT_MS);
    ms = performance.now() - begun;
  });
  await page.close();
  return { ms, bytes: most };
}

async function skopeo(from, ...to) {
  const begun = performance.now();
  const args = ["copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false", `docker://${from}`, ...to];
  await runs(/** @type {string} */ (find("skopeo")), args);
  return performance.now() - begun;
}
