// @ts-check
// Layers listed from their tables of contents, beside a page that fetches all of the layer: from one registry, through
// one proxy, in turns; a front of the registry counts the requests.

import { gzipSync } from "node:zlib";
import { digestOf, putImage } from "../tests/e2e/support/images.mjs";
import { dockerRegistry } from "../tests/e2e/support/registries.mjs";
import { spoilingFront } from "../tests/e2e/support/spoiling.mjs";
import { chunked, estargz, peer } from "../tests/e2e/support/tables.mjs";
import { withPage } from "./browser.mjs";
import { measure, spread } from "./measure.mjs";
import { byPeer, relayed, served, usrArchive } from "./peer.mjs";

const ROUNDS = 5;
const MIB = 1 << 20;

export default async function measures() {
  if (!peer) throw new Error("containerd's estargz cannot be built: see tests/layers/toc_peer");
  const registry = await dockerRegistry();
  const front = await spoilingFront(registry);
  try {
    const plain = usrArchive(32 * MIB);
    const layer = estargz(plain);
    await putImage(registry, "bench/estargz", "1", [layer]);
    const mediaType = "application/vnd.oci.image.layer.v1.tar+gzip";
    const gzip = gzipSync(plain, { level: 1 });
    const packed = { blob: gzip, digest: digestOf(gzip), size: gzip.length, diffId: digestOf(plain), mediaType };
    await putImage(registry, "bench/plain", "1", [packed]);
    const [zstd] = await chunked(`${registry.host}/bench/plain:1`, `${registry.host}/bench/chunked:1`);
    return await withPage(
      async (_, open) => [
        ...(await listed(open, front, "eStargz", "bench/estargz", layer, 2)),
        // Of zstd there is no such library for pages: it is fetched, and no more.
        ...(await listed(open, front, "zstd:chunked", "bench/chunked", zstd, 1)),
      ],
      { ...served(), allow: [front.host] },
    );
  } finally {
    await front.stop();
    await registry.stop();
  }
}

/** One layer listed by its table, and by all of it, in turns. */
async function listed(open, front, format, repository, { digest, size, diffId }, requests) {
  const [does, words] = diffId
    ? ["unpack", "hash-wasm and fflate, of all of it"]
    : ["download", "fetching all of it, and no more"];
  const tables = [];
  const wholes = [];
  let [most, bytes] = [0, 0];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = front.asked(digest).length;
    tables.push(await byTable(open, `${front.host}/${repository}:1`));
    const asked = front.asked(digest).slice(before);
    if (!asked.every(Boolean)) throw new Error(`${format} was fetched whole`);
    most = Math.max(most, asked.length);
    bytes = asked.map(lengthOf).reduce((sum, length) => sum + length, 0);
    const task = { name: does, given: { url: relayed(front, repository, digest), digest, diffId } };
    wholes.push((await byPeer(open, "peer/index.html", task)).ms);
  }
  const name = `${format} layer of ${Math.round(size / MIB)} MiB listed from its table`;
  const { figure: peerFigure, range: peerRange } = spread(wholes);
  const whole = { peer: "the layer", peerFigure: size };
  const beside = { peer: words, peerFigure, peerRange };
  return [
    measure({ name: `${name}: requests for parts of it`, figure: most, unit: "requests", atMost: requests }),
    measure({ name: `${name}: asked for`, figure: bytes, unit: "bytes", ...whole, ratioAtMost: 0.1 }),
    measure({ name: `${name}, click to rows`, ...spread(tables), unit: "ms", ...beside, ratioAtMost: 1 }),
  ];
}

/** How many bytes a request asked for. */
function lengthOf(range) {
  const [, first, last] = range.match(/^bytes=(\d+)-(\d+)$/);
  return Number(last) - Number(first) + 1;
}

async function byTable(open, reference) {
  const page = await open(`#/inspect/http://${reference}?tab=files`);
  await page.until(() => globalThis.bench.button("Read 1 table of contents"));
  const { ms } = await page.evaluate(() =>
    globalThis.bench.until(
      () => globalThis.bench.button("Read 1 table of contents").click(),
      () => document.querySelector("#file-rows [role=row]"),
    ),
  );
  await page.close();
  return ms;
}
