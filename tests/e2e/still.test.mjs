// @ts-check
// Nothing on the page moves while what is shown comes in, over a connection on which each answer takes its time.

import assert from "node:assert/strict";
import { journey, openHarness } from "./support/harness.mjs";
import { layer, putImage, putIndex } from "./support/images.mjs";
import { dockerRegistry } from "./support/registries.mjs";
import { until } from "./support/view.mjs";

const ARCHITECTURES = ["amd64", "arm64", "ppc64le", "riscv64", "s390x"];
/** The most that may move together, half of what the Layout Instability API calls good: columns find their widths. */
const MOST = 0.05;

const harness = openHarness(async (harness) => {
  harness.registry = await harness.open(dockerRegistry());
  const put = (architecture) => putImage(harness.registry, "app", architecture, [layer(architecture, 4000)], { architecture });
  await putIndex(harness.registry, "app", "1", await Promise.all(ARCHITECTURES.map(put)));
});

/** Pages by what they are, each with its address and the words of its heading once all is here. */
/** @type {Record<string, [string, RegExp]>} */
const pages = {
  "an index": ["#/inspect/HOST/app:1", /is an OCI image index for 5 platforms/],
  "an image": ["#/inspect/HOST/app:amd64", /is an OCI image/],
  "its layers": ["#/inspect/HOST/app:amd64?tab=layers", /is an OCI image/],
  tags: ["#/tags/HOST/app", /has 6 tags/],
};

for (const [width, height] of [[1280, 900], [412, 823]]) {
  for (const [what, [address, words]] of Object.entries(pages)) {
    journey(
      `nothing moves while ${what} comes in, ${width} wide`,
      harness,
      async (view, _, context) => {
        const { page } = view;
        await context.addInitScript(() => {
          globalThis.moved = [];
          new PerformanceObserver((list) => {
            for (const shift of /** @type {any[]} */ (list.getEntries())) {
              const sources = shift.sources.map(({ node, previousRect, currentRect }) => {
                const name = node?.nodeName === "#text" ? node.data : `${node?.nodeName}.${node?.className}`;
                return `${name}: ${previousRect.y}+${previousRect.height} to ${currentRect.y}+${currentRect.height}`;
              });
              globalThis.moved.push([shift.value, ...sources]);
            }
          }).observe({ type: "layout-shift", buffered: true });
        });
        const network = await context.newCDPSession(page);
        const rate = 200_000;
        await network.send("Network.emulateNetworkConditions", { offline: false, latency: 50, downloadThroughput: rate, uploadThroughput: rate });
        await view.open(address.replace("HOST", harness.registry.host));
        const settled = () => page.evaluate(() => ({
          title: document.querySelector("h1")?.textContent ?? "",
          working: document.querySelector("progress, .working") !== null,
        }));
        await until(settled, ({ title, working }) => words.test(title) && !working, `the end of ${what}`);
        // What was drawn last is reported behind the next frames.
        const moved = await page.evaluate(async () => {
          for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
          return globalThis.moved;
        });
        const sum = moved.reduce((sum, [value]) => sum + value, 0);
        assert.ok(sum <= MOST, `${sum}: ${JSON.stringify(moved, null, 1)}`);
      },
      { viewport: { width, height } },
    );
  }
}
