// @ts-check
// The page in Chinese: chosen by the browser, switched in Settings and kept, without a loss of what was opened. That every
// text has its Chinese is held by tests/views/chinese.rs.

import assert from "node:assert/strict";
import { accessibilityViolations, viewports, withAxe } from "./support/accessibility.mjs";
import { journey, openHarness } from "./support/harness.mjs";
import { dockerRegistry, fixture } from "./support/registries.mjs";

const harness = openHarness(async (harness) => {
  harness.registry = await harness.open(dockerRegistry());
  await harness.registry.push("oci-index/lantern", "lantern:1.0");
});

const greeter = fixture("oci-manifest/greeter");
const chinese = { locale: "zh-CN" };
// What a part of the program that does not come leaves in the console.
const lost = () => [/ERR_FAILED/, /TypeError: Failed to fetch/];

/** The sentences of English that stand in the page outside of what comes from outside: three small words in a row. A command may stand in Chinese. */
const english = (page) =>
  page.evaluate(() => {
    const found = [];
    const walker = document.createTreeWalker(document.getElementById("page") ?? document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { parentElement, data } = /** @type {any} */ (walker.currentNode);
      if (!parentElement.closest("bdi:not(:has(bdi)), code, pre, textarea, kbd") && /\b[a-z]+ [a-z]+ [a-z]+\b/.test(data) && !/\p{Script=Han}/u.test(data)) found.push(data);
    }
    return found;
  });

// How to come to each, and what its heading says in the end.
/** @type {Record<string, [string, string | RegExp]>} */
const roads = {
  "the first page": ["#/", "这个镜像里有什么？它真的是它自称的内容吗？"],
  "an index": ["#/example/index", /^这个示例是 OCI 镜像索引/],
  "a list with findings": ["#/example/lying", /^这个示例/],
  Layers: ["#/example/image?tab=layers", /^这个示例是 OCI 镜像/],
  Config: ["#/example/image?tab=config", /^这个示例是 OCI 镜像/],
  "schema 1": ["#/example/schema1", /^这个示例/],
  "a mismatch": [`#/verify?content=${Buffer.from(`${greeter.bytes}\n`).toString("base64url")}&expect=${greeter.digest}`, /不是你期望的/],
  Compose: ["#/compose", "编排列表"],
  Copy: ["#/copy", "复制镜像"],
  Diff: ["#/diff", "有什么变化？"],
  "a registry's image": ["#/inspect/REGISTRY/lantern:1.0", /是 OCI 镜像索引/],
  "its tags": ["#/tags/REGISTRY/lantern", /有 1 个标签/],
  "what is not there": ["#/inspect/REGISTRY/lantern:2.0", /^镜像仓库提示：MANIFEST_UNKNOWN/],
};

for (const { colorScheme, widths } of viewports) {
  journey(
    `each road is in Chinese where the browser reads Chinese, ${colorScheme}, ${widths[0]} pixels wide`,
    harness,
    async (view) => {
      const { page } = view;
      await withAxe(page);
      const wrong = [];
      for (const [road, [address, name]] of Object.entries(roads)) {
        await page.goto("about:blank");
        await view.open(address.replace("REGISTRY", harness.registry.host));
        await page.getByRole("heading", { level: 1, name }).waitFor();
        assert.equal(await page.locator("html").getAttribute("lang"), "zh-Hans");
        await page.locator(".progress").waitFor({ state: "detached" });
        wrong.push(...(await english(page)).map((/** @type {string} */ text) => `${road}: ${text}`));
        wrong.push(...(await accessibilityViolations(page, road, widths)));
        const folder = process.env.WAYBILL_PICTURES;
        if (folder) await page.screenshot({ path: `${folder}/zh-${road.replace(/\W/g, "-")}-${colorScheme}-${widths[0]}.png`, fullPage: true });
      }
      assert.deepEqual(wrong, []);
    },
    { ...chinese, colorScheme, long: true, expected: () => [/404/] },
  );
}

journey("the language is switched in Settings, and nothing that was opened is lost", harness, async (view) => {
  const { page } = view;
  await view.open("#/compose");
  await page.getByLabel("Images and lists, one a line").fill(`${harness.registry.host}/lantern:1.0`);
  await view.openSettings();
  await page.getByRole("dialog", { name: "Settings" }).getByLabel("中文").check();
  // Everything that is there is drawn anew, the dialog too.
  const settings = page.getByRole("dialog", { name: "设置" });
  await settings.waitFor();
  await settings.getByRole("button", { name: "关闭" }).click();
  const sources = page.getByLabel("镜像和列表，每行一个");
  assert.equal(await sources.inputValue(), `${harness.registry.host}/lantern:1.0`);
  await page.reload();
  await sources.waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "zh-Hans");
  await page.getByRole("button", { name: "设置", exact: true }).click();
  await settings.getByLabel("English").check();
  await page.getByRole("dialog", { name: "Settings" }).getByRole("button", { name: "Close" }).click();
  await page.getByLabel("Images and lists, one a line").waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
});

journey("what is open when the language changes is all in the other one", harness, async (view) => {
  const { page } = view;
  // Its tab is a component of its own, which draws itself where something changed.
  await view.open(`#/inspect/${harness.registry.host}/lantern:1.0?tab=related`);
  await page.getByRole("heading", { name: "This manifest" }).waitFor();
  await view.openSettings();
  await page.getByRole("dialog", { name: "Settings" }).getByLabel("中文").check();
  await page.getByRole("dialog", { name: "设置" }).getByRole("button", { name: "关闭" }).click();
  await page.getByRole("heading", { name: "此清单", exact: true }).waitFor();
  assert.deepEqual(await english(page), []);
}, { expected: () => [/404/] });

journey(
  "where Chinese does not come the page stays English, says so, and has it when it is chosen again",
  harness,
  async (view) => {
    const { page } = view;
    await page.route(/\/chinese-[^/]*\.wasm$/, (route) => route.abort());
    await view.open("#/example/image");
    await view.settled(/^This example is an OCI image/);
    await page.getByText("Chinese could not be loaded: try again").first().waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    await page.unroute(/\/chinese-[^/]*\.wasm$/);
    await view.openSettings();
    await page.getByRole("dialog", { name: "Settings" }).getByLabel("中文").check();
    await page.getByRole("dialog", { name: "设置" }).waitFor();
  },
  { ...chinese, expected: lost },
);
