// @ts-check
// Diff as a person uses it: two tags of a real registry side by side, the images of one platform, what is the same;
// requests counted; by keyboard alone; in both themes, wide and narrow.

import assert from "node:assert/strict";
import { accessibilityViolations, viewports, withAxe } from "./support/accessibility.mjs";
import { asked, journey, openHarness, refusedByCors } from "./support/harness.mjs";
import { layer, putImage, putIndex } from "./support/images.mjs";
import { dockerRegistry } from "./support/registries.mjs";

const harness = openHarness(async (harness) => {
  harness.registry = await harness.open(dockerRegistry());
  const [base, one, other] = ["base", "one", "other"].map((name) => layer(name, 2000));
  const put = (tag, layers, architecture = "amd64") =>
    putImage(harness.registry, "app", tag, layers, { architecture, more: { annotations: { "org.example.tag": tag } } });
  harness.images = [await put("old", [base, one]), await put("new", [base, other])];
  const arm = await put("arm", [base], "arm64");
  const single = await put("single", [base], "s390x");
  await putIndex(harness.registry, "app", "1", [harness.images[0], arm, single]);
  await putIndex(harness.registry, "app", "2", [arm, harness.images[1]]);
});
const expected = (harness) => refusedByCors(harness.registry.host);
const clipboard = { permissions: ["clipboard-read", "clipboard-write"] };

const address = (harness, from, to, more = "") => {
  const { host } = harness.registry;
  return `#/diff?from=http://${host}/app:${from}&to=http://${host}/app:${to}${more}`;
};
const titled = (view, title) => view.page.getByRole("heading", { level: 1, name: title }).waitFor();
const ofRegistry = (watch, before) => asked(watch, before).filter((url) => /\/(v2|relay)\//.test(url));

journey("two lists, the images of a platform, and back", harness, async (view, watch) => {
  const { page } = view;
  await view.open(address(harness, "1", "2"));
  await titled(view, /^1 of 3 entries is the same; linux\/amd64 differs; linux\/s390x is only in the left one$/);
  const before = watch.requests.length;
  await page.getByRole("link", { name: "Compare linux/amd64" }).click();
  await titled(view, /^1 of 2 layers is shared; 1 member of the manifest and 1 annotation differ/);
  assert.match(page.url(), /&platform=linux\/amd64$/);
  assert.equal(ofRegistry(watch, before).length, 4, "two manifests and two configs");
  const rows = await page.locator(".changes li").allInnerTexts();
  assert.ok(rows.some((row) => /org\.example\.tag[^]*old[^]*new/.test(row)), rows.join("\n"));
  await page.getByRole("link", { name: "All platforms" }).click();
  await titled(view, /^1 of 3 entries is the same/);
}, { expected });

journey("the same bytes by two tags are said so, and nothing more is fetched", harness, async (view, watch) => {
  await view.open();
  await view.ready();
  const before = watch.requests.length;
  const digest = harness.images[0].digest;
  await view.open(`#/diff?from=http://${harness.registry.host}/app@${digest}&to=http://${harness.registry.host}/app:old@${digest}`);
  await titled(view, "Both are the same, byte for byte");
  assert.deepEqual(ofRegistry(watch, before), []);
}, { expected });

journey("by keyboard alone: two references, compared, swapped, copied as text", harness, async (view) => {
  const { page } = view;
  await view.open("#/diff");
  await titled(view, "What changed?");
  await page.getByLabel("From", { exact: true }).focus();
  await page.keyboard.type(`http://${harness.registry.host}/app:old`);
  await page.keyboard.press("Tab");
  await page.keyboard.type(`http://${harness.registry.host}/app:new`);
  await page.keyboard.press("Enter");
  await titled(view, /^1 of 2 layers is shared/);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "verdict");
  await page.getByRole("button", { name: "Swap" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => /from=[^&]*app:new&to=[^&]*app:old$/.test(url.hash));
  await page.locator("main .verdict").getByText(/app:new and [^ ]*app:old\.$/).waitFor();
  await titled(view, /^1 of 2 layers is shared/);
  await page.getByRole("button", { name: "Copy as text" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("Copied", { exact: true }).waitFor();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(text, /^--- [^\n]*app:new sha256:[\da-f]{64}\n\+\+\+ [^\n]*app:old sha256:[\da-f]{64}\n1 of 2 layers is shared/);
  assert.match(text, /\n- org\.example\.tag: new\n\+ org\.example\.tag: old\n/);
}, { expected, ...clipboard });

for (const { colorScheme, widths } of viewports) {
  journey(`how it looks, ${colorScheme}, ${widths[0]} pixels wide`, harness, async (view) => {
    const { page } = view;
    await withAxe(page);
    await page.setViewportSize({ width: widths[0], height: 800 });
    await view.open(address(harness, "1", "2"));
    await titled(view, /^1 of 3 entries/);
    const wrong = await accessibilityViolations(page, "lists", widths);
    await view.open(address(harness, "old", "new"));
    await titled(view, /^1 of 2 layers/);
    wrong.push(...(await accessibilityViolations(page, "images", widths)));
    await view.open(address(harness, "old", "gone"));
    await titled(view, /did not come$/);
    wrong.push(...(await accessibilityViolations(page, "one that did not come", widths)));
    assert.deepEqual(wrong, []);
    if (process.env.WAYBILL_PICTURES) {
      for (const [name, from, to] of [["lists", "1", "2"], ["images", "old", "new"]]) {
        await view.open(address(harness, from, to));
        await titled(view, / of \d /);
        await page.screenshot({ path: `${process.env.WAYBILL_PICTURES}/diff-${name}-${colorScheme}-${widths[0]}.png`, fullPage: true });
      }
    }
  }, { colorScheme, expected: (harness) => [...expected(harness), /404/] });
}
