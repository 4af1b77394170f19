// @ts-check
// Diff as a person uses it: two tags of a real registry side by side, the images of one platform, what is the same;
// requests counted; by keyboard alone; in both themes, wide and narrow.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { accessibilityViolations, viewports, withAxe } from "./support/accessibility.mjs";
import { asked, journey, openHarness } from "./support/harness.mjs";
import { docker25, written } from "./support/archives.mjs";
import { archive, deleteBlob, gzipLayer, layer, putImage, putIndex, zstdLayer } from "./support/images.mjs";
import { find, run } from "./support/programs.mjs";
import { dockerRegistry } from "./support/registries.mjs";
import { until } from "./support/view.mjs";

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
  const fetched = ofRegistry(watch, before);
  assert.equal(fetched.length, 4, `two manifests and two configs: ${fetched.join(" ")}`);
  const rows = await page.locator(".changes li").allInnerTexts();
  assert.ok(rows.some((row) => /org\.example\.tag[^]*old[^]*new/.test(row)), rows.join("\n"));
  await page.getByRole("link", { name: "All platforms" }).click();
  await titled(view, /^1 of 3 entries is the same/);
});

journey("the same bytes by two tags are said so, and nothing more is fetched", harness, async (view, watch) => {
  await view.open();
  await view.ready();
  const before = watch.requests.length;
  const digest = harness.images[0].digest;
  await view.open(`#/diff?from=http://${harness.registry.host}/app@${digest}&to=http://${harness.registry.host}/app:old@${digest}`);
  await titled(view, "Both are the same, byte for byte");
  assert.deepEqual(ofRegistry(watch, before), []);
});

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
}, clipboard);

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
  }, { colorScheme });
}

journey("the files of two images are compared: each layer is read once, and what differs is searched and saved", harness, async (view, watch) => {
  const { page } = view;
  const hosts = { name: "etc/hosts", content: "127.0.0.1 localhost\n" };
  const base = gzipLayer(archive([{ name: "etc/" }, hosts, { name: "bin/su", mode: 0o4755, content: "su" }]));
  const older = gzipLayer(archive([{ name: "app/" }, { name: "app/one.js", content: "one" }, { name: "app/same", content: "same" }]));
  const newer = zstdLayer(archive([{ name: "app/" }, { name: "app/two.js", content: "two" }, { name: "app/same", content: "same" }, { name: "bin/su", mode: 0o755, content: "su" }]));
  await putImage(harness.registry, "files", "old", [base, older]);
  await putImage(harness.registry, "files", "new", [base, newer]);
  const at = `http://${harness.registry.host}/files`;
  await view.open(`#/diff?from=${at}:old&to=${at}:new`);
  await titled(view, /^1 of 2 layers is shared/);
  const before = watch.requests.length;
  await page.getByText(/^Reads 3 layers, .* what both have is read once\.$/).waitFor();
  await page.getByRole("button", { name: "Compare their files" }).click();
  await page.getByText("3 paths differ, 5 are alike.").waitFor();
  assert.equal(ofRegistry(watch, before).length, 3, "three layers");
  const rows = page.locator(".stop", { has: page.getByRole("heading", { name: "Files" }) }).locator(".pairs > li");
  const told = async () => (await rows.allInnerTexts()).map((row) => row.replace(/\s+/g, " ").trim());
  assert.deepEqual(await told(), ["− /app/one.js 3 B", "+ /app/two.js 3 B", "≠ /bin/su mode − 4755 + 0755 2 B"]);
  await page.getByRole("button", { name: /^Only in the right one/ }).click();
  await until(told, (rows) => rows.length === 1);
  await page.getByRole("button", { name: /^All but the time/ }).click();
  await page.getByLabel("Search the paths").fill("*.js");
  await until(told, (rows) => rows.length === 2);
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save the files' differences as text" }).click();
  const text = readFileSync(await (await saved).path(), "utf8");
  assert.equal(text, "− /app/one.js\n+ /app/two.js\n≠ /bin/su (mode: 4755 → 0755)\n");
  // What was read is not read again.
  const again = watch.requests.length;
  await page.getByRole("button", { name: "Swap" }).click();
  await titled(view, /^1 of 2 layers is shared/);
  await page.getByRole("button", { name: "Compare their files" }).click();
  await page.getByText("3 paths differ, 5 are alike.").waitFor();
  assert.deepEqual(ofRegistry(watch, again).filter((url) => url.includes("/blobs/") && /layer|tar/.test(url)), []);
  await picture(page, "diff-files");
});

journey("a layer that is gone is said, and what came is compared", harness, async (view) => {
  const { page } = view;
  const one = gzipLayer(archive([{ name: "one", content: "1" }]));
  const gone = gzipLayer(archive([{ name: "gone", content: "2" }]));
  await putImage(harness.registry, "gone", "old", [one]);
  await putImage(harness.registry, "gone", "new", [one, gone]);
  await deleteBlob(harness.registry, "gone", gone.digest);
  const at = `http://${harness.registry.host}/gone`;
  await view.open(`#/diff?from=${at}:old&to=${at}:new`);
  await titled(view, /^1 of 2 layers is shared/);
  await page.getByRole("button", { name: "Compare their files" }).click();
  await page.getByText(/^Layer 2 of the right one: /).waitFor();
  await page.getByRole("button", { name: "Compare what came" }).click();
  await page.getByText("Nothing differs: 1 path is alike, of those that were compared.").waitFor();
  await page.getByText("Layer 2 of the right one did not come, so what is below it may look otherwise.").waitFor();
});

journey("two images of an archive are compared, with nothing of it sent anywhere", harness, async (view, watch) => {
  const { page } = view;
  const layerOf = (content) => archive([{ name: "etc/" }, { name: "etc/version", content }]);
  const one = docker25([layerOf("1")], "app:1");
  const two = docker25([layerOf("2")], "app:2");
  await view.open("#/archive");
  for (const [name, bytes] of [["one.tar", one.bytes], ["two.tar", two.bytes]]) {
    await page.locator("#files").first().setInputFiles(written(name, bytes));
    await page.locator("table.images").first().waitFor();
  }
  const before = watch.requests.length;
  await view.open(`#/diff?from=archive.invalid/one.tar@${one.digest}&to=archive.invalid/two.tar@${two.digest}`);
  await titled(view, /^0 of 1 layers? (is|are) shared|^No layer is shared/);
  await page.getByRole("button", { name: "Compare their files" }).click();
  await page.getByText("1 path differs, 1 is alike.").waitFor();
  assert.deepEqual(ofRegistry(watch, before), []);
});

/** A picture of the page, where somebody wants pictures. */
async function picture(page, name) {
  const folder = process.env.WAYBILL_PICTURES;
  if (!folder) return;
  for (const [colorScheme, width] of [["light", 1200], ["dark", 360]]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${width}.png`, fullPage: true });
  }
}

journey("what differs of two manifests is what regctl says", harness, async (view) => {
  const { page } = view;
  await view.open(address(harness, "old", "new"));
  await titled(view, /^1 of 2 layers is shared/);
  await page.getByRole("button", { name: "Copy as text" }).click();
  await page.getByText("Copied", { exact: true }).waitFor();
  const ours = await page.evaluate(() => navigator.clipboard.readText());
  const at = (tag) => `${harness.registry.host}/app:${tag}`;
  const host = ["--host", `reg=${harness.registry.host},tls=disabled`];
  const theirs = String(await run(find("regctl"), [...host, "manifest", "diff", at("old"), at("new")]));
  // A digest that one of the two lost or got; the digests of the manifests themselves stand in our head alone.
  const changed = (text, sign) => {
    const lines = text.split("\n").filter((line) => line.startsWith(sign) && !line.startsWith(sign.repeat(3)));
    return [...new Set(lines.flatMap((line) => line.match(/sha256:[\da-f]{64}/g) ?? []))].sort();
  };
  for (const sign of ["-", "+"]) {
    const digests = changed(theirs, sign);
    assert.equal(digests.length, 2, `a config and a layer: ${theirs}`);
    assert.deepEqual(changed(ours, sign), digests, `${ours}\n${theirs}`);
  }
  for (const tag of ["old", "new"]) assert.ok(ours.includes(`org.example.tag: ${tag}`) && theirs.includes(`"org.example.tag": "${tag}"`));
}, { ...clipboard, skip: !find("regctl") && "needs regctl" });
