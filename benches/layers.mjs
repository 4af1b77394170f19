// @ts-check
// Layers, checked by the page beside a page that is made of hash-wasm and fflate (peers/): from one registry, through
// one proxy, which serves both pages; in turns, each time in a fresh context.

import { gzipSync } from "node:zlib";
import { layerOf, plainLayer, putImage } from "../tests/e2e/support/images.mjs";
import { dockerRegistry } from "../tests/e2e/support/registries.mjs";
import { withPage } from "./browser.mjs";
import { measure, spread } from "./measure.mjs";
import { byPeer, relayed, served, usrArchive } from "./peer.mjs";

const ROUNDS = 5;
const MIB = 1 << 20;
const PEERS = { main: "hash-wasm and fflate", worker: "hash-wasm and fflate in a worker" };

export default async function measures() {
  const registry = await dockerRegistry();
  try {
    // What came and what it unpacks to is hashed as one.
    const plain = Array.from({ length: 4 }, (_, index) => plainLayer(`file-${index}`, 64 * MIB));
    await putImage(registry, "bench/plain", "1", plain);
    const packed = packedLayer(128 * MIB);
    await putImage(registry, "bench/packed", "1", [packed]);
    const given = (layers, repository) =>
      layers.map(({ digest, diffId }) => ({ url: relayed(registry, repository, digest), digest, diffId }));
    const verify = { name: "verify", given: given(plain, "bench/plain") };
    const unpack = { name: "unpack", given: given([packed], "bench/packed")[0] };
    return await withPage(
      async (_, open) => [
        ...(await beside(open, {
          name: "4 layers of 64 MiB verified, click to last seal",
          reference: `${registry.host}/bench/plain:1`,
          task: verify,
          mebibytes: 4 * 64,
          atLeast: 2.5,
        })),
        ...(await beside(open, {
          name: `a gzip layer of 128 MiB of tar (${Math.round(packed.size / MIB)} sent) verified, unpacked and listed`,
          reference: `${registry.host}/bench/packed:1`,
          task: unpack,
          mebibytes: 128,
          atLeast: 3,
        })),
      ],
      { ...served(), allow: [registry.host] },
    );
  } finally {
    await registry.stop();
  }
}

/** A layer of so many bytes of what this machine's /usr holds, as gzip compresses it. */
function packedLayer(size) {
  const plain = usrArchive(size);
  return layerOf(gzipSync(plain), plain);
}

/** One check by the page and by the other one, in turns. */
async function beside(open, { name, reference, task, mebibytes, atLeast }) {
  const times = { waybill: [], main: [], worker: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.waybill.push(await byWaybill(open, reference));
    times.main.push(await byPeer(open, "peer/index.html", task));
    times.worker.push(await byPeer(open, "peer/index.html?worker", task));
  }
  const rates = (them) => spread(them.map(({ ms }) => mebibytes / (ms / 1000)));
  const ours = { ...rates(times.waybill), unit: "MiB/s" };
  const peer = (which) => {
    const { figure: peerFigure, range: peerRange } = rates(times[which]);
    return { peer: PEERS[which], peerFigure, peerRange };
  };
  const longest = Math.max(...times.waybill.map(({ longest }) => longest));
  return [
    measure({ name, ...ours, ...peer("main"), ratioAtLeast: atLeast }),
    measure({ name, ...ours, ...peer("worker"), ratioAtLeast: 1 }),
    measure({ name: `${name}: longest task of the page`, figure: longest, unit: "ms", atMost: 50 }),
  ];
}

async function byWaybill(open, reference) {
  const page = await open(`#/inspect/http://${reference}`);
  await page.until(() => globalThis.bench.button("Check "));
  // What comes behind the first view is not to come beside the layers.
  await page.until(() => globalThis.bench.isQuiet());
  const result = await page.evaluate(() =>
    globalThis.bench.until(
      () => globalThis.bench.button("Check ").click(),
      () => document.querySelector(".conclusion.good, .conclusion.bad, .conclusion.warn"),
    ),
  );
  const conclusion = await page.evaluate(() => document.querySelector(".conclusion").textContent);
  if (!/verified|are the ones|is the one/.test(conclusion)) throw new Error(`Waybill says: ${conclusion}`);
  await page.close();
  return result;
}
