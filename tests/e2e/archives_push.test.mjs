// @ts-check
// Images of opened archives go elsewhere: copied to a registry, saved as another archive, composed to an index. skopeo
// is the judge of what is there then.

import assert from "node:assert/strict";
import { accessibilityViolations, viewports, withAxe } from "./support/accessibility.mjs";
import { byCrane, bySkopeo, digestBySkopeo, docker24, written } from "./support/archives.mjs";
import { answeredWith, journey as anyJourney, openHarness } from "./support/harness.mjs";
import { archive, pushImage } from "./support/images.mjs";
import { inspect } from "./support/oracle.mjs";
import { emptyFolder, find, run } from "./support/programs.mjs";
import { dockerRegistry } from "./support/registries.mjs";
import { until } from "./support/view.mjs";

const skopeo = find("skopeo") ?? "skopeo";
const base = archive([{ name: "etc/" }, { name: "etc/hostname", content: "harbour".repeat(9_000) }]);
const upper = archive([{ name: "opt/" }, { name: "opt/tool", content: "tool" }]);

const harness = openHarness(
  async (h) => {
    h.from = await h.open(dockerRegistry());
    h.to = await h.open(dockerRegistry());
    h.image = await pushImage(h.from, "harbour/app:1", [base, upper]);
    h.list = await h.from.push("oci-index/lantern");
  },
  { push: true },
);

/**
 * @param {string} name
 * @param {any} body
 * @param {any} [options]
 */
const journey = (name, body, options = {}) =>
  anyJourney(name, harness, body, {
    skip: !find("skopeo") && "needs skopeo",
    expected: (/** @type {any} */ h) => [answeredWith(404, "")],
    ...options,
  });

/** Opens a file, or a folder; its page is there then. */
async function open(view, files, input = "#files") {
  const { page } = view;
  await view.open("#/archive");
  await page.locator(input).first().setInputFiles(files);
  await page.locator("table.images").waitFor();
}

const ticks = (page) => page.locator("table.images input[type=checkbox]");
const titled = (page, title) => page.getByRole("heading", { level: 1, name: title }).waitFor();

/** From the page of an archive to a target, by Copy. */
async function copy({ page }, target) {
  await page.getByRole("link", { name: "Copy to a registry or into a file" }).click();
  await titled(page, "The source is here");
  await page.getByLabel("Target", { exact: true }).fill(target);
  await page.getByRole("button", { name: "Plan the copy" }).click();
  await titled(page, "The plan of the copy");
  await page.getByRole("button", { name: /^Start the copy/ }).click();
  await titled(page, "Copied, and read back");
}

journey("the image of a docker archive is pushed under the digest that skopeo makes of it", async (view) => {
  const { page } = view;
  const file = await bySkopeo(harness.image, "docker-archive", "app.tar", "harbour/app:1");
  await open(view, file);
  assert.ok(await ticks(page).first().isChecked(), "there is one only");
  const target = `${harness.to.host}/docker/app:1`;
  await copy(view, target);
  assert.equal((await inspect(target)).digest, await digestBySkopeo(`docker-archive:${file}`));
  // All of it is there: skopeo reads each blob.
  await run(skopeo, ["copy", "-q", "--src-tls-verify=false", `docker://${target}`, `dir:${emptyFolder()}`]);
  const line = page.locator(".tools code", { hasText: "docker-archive:app.tar" }).first();
  await page.locator("summary", { hasText: "skopeo" }).click();
  assert.match(await line.innerText(), /^skopeo copy --preserve-digests --dest-tls-verify=false docker-archive:app\.tar docker:\/\//);
});

journey("what crane pulled is unpacked for it, layer by layer", async (view) => {
  const { page } = view;
  const file = await byCrane(harness.image, "crane.tar");
  await open(view, file);
  assert.equal(await ticks(page).count(), 0, "its digest is not known");
  await page.getByRole("button", { name: /^Find the digests that are not known, / }).click();
  await ticks(page).first().waitFor();
  await ticks(page).first().check();
  const target = `${harness.to.host}/crane/app:1`;
  await copy(view, target);
  assert.equal((await inspect(target)).digest, await digestBySkopeo(`docker-archive:${file}`));
});

journey("an index of a layout goes along whole, and into another archive", async (view) => {
  const { page } = view;
  const target = `${harness.to.host}/layout/app:1`;
  const tar = `${emptyFolder()}/list.tar`;
  await run(skopeo, ["copy", "-q", "--all", "--src-tls-verify=false", `docker://${harness.list}`, `oci-archive:${tar}:1`]);
  await open(view, tar);
  await copy(view, target);
  const there = await inspect(target);
  assert.equal(there.digest, await digestBySkopeo(`oci-archive:${tar}`));
  for (const { digest } of there.json.manifests) {
    assert.equal((await inspect(`${harness.to.host}/layout/app@${digest}`)).digest, digest);
  }
  await page.addInitScript(() => {
    Reflect.deleteProperty(globalThis, "showSaveFilePicker");
    Reflect.deleteProperty(Navigator.prototype, "serviceWorker");
  });
  await page.reload();
  await open(view, tar);
  await page.getByRole("link", { name: "Copy to a registry or into a file" }).click();
  await titled(page, "The source is here");
  await page.getByRole("radio", { name: "a file" }).check();
  await page.getByRole("button", { name: "Plan the file" }).click();
  const save = page.getByRole("button", { name: /^Save \d/ });
  await save.waitFor();
  const coming = page.waitForEvent("download");
  await save.click();
  const saved = await (await coming).path();
  await page.locator(".stamp", { hasText: /^Saved, / }).waitFor();
  assert.equal(await digestBySkopeo(`oci-archive:${saved}`), there.digest);
});

journey("two images of a folder become one index, by keyboard alone", async (view) => {
  const { page } = view;
  const layout = `${emptyFolder()}/layout`;
  for (const machine of ["amd64", "arm64"]) {
    const flags = ["--override-os", "linux", "--override-arch", machine, "--src-tls-verify=false"];
    await run(skopeo, ["copy", "-q", ...flags, `docker://${harness.list}`, `oci:${layout}:${machine}`]);
  }
  await open(view, layout, "#folder");
  assert.equal(await ticks(page).count(), 2);
  await page.getByText("or several to make an index of them").waitFor();
  for (const place of [0, 1]) {
    await ticks(page).nth(place).focus();
    await page.keyboard.press("Space");
  }
  assert.equal(await page.getByRole("link", { name: /^Copy to a registry/ }).count(), 0, "one is copied at a time");
  await page.getByRole("link", { name: "Add to a composition" }).focus();
  await page.keyboard.press("Enter");
  await until(() => page.locator(".rows .entry .verdict-word.good").count(), (count) => count === 2, "both images");
  const target = `${harness.to.host}/index/app:1`;
  await page.getByLabel("Target", { exact: true }).fill(target);
  await page.getByRole("button", { name: "Plan the push", exact: true }).click();
  await page.getByRole("button", { name: "Start the push", exact: true }).click();
  await page.getByRole("heading", { level: 3, name: /^Pushed: / }).waitFor();
  const { json } = await inspect(target);
  const theirs = [];
  for (const machine of ["amd64", "arm64"]) theirs.push(await digestBySkopeo(`oci:${layout}:${machine}`));
  assert.deepEqual(json.manifests.map(({ digest }) => digest), theirs);
  for (const digest of theirs) {
    await run(skopeo, ["copy", "-q", "--src-tls-verify=false", `docker://${harness.to.host}/index/app@${digest}`, `dir:${emptyFolder()}`]);
  }
});

journey("what two readers read differently is not pushed, by whatever way it is named", async (view) => {
  const { page } = view;
  const two = (/** @type {string} */ name) => docker24([base], [name]).subarray(0, -1_024);
  const file = written("two.tar", Buffer.concat([two("a:1"), docker24([upper], ["b:1"])]));
  await open(view, file);
  assert.equal(await ticks(page).count(), 0);
  const link = await page.locator("table.images th a").first().getAttribute("href");
  assert.ok(link, "it can be looked at");
  const named = link.replace("#/archive/", "archive.invalid/");
  await view.open(`#/copy?from=${named}`);
  await titled(page, "The source did not come");
  const words = await page.locator("main").innerText();
  assert.match(words, /two readers read it differently/);
  await view.open(`#/compose?add=${named}`);
  await page.getByText(/must not be pushed from this archive/).first().waitFor();
});

for (const { colorScheme, widths } of viewports) {
  journey(`choosing of images is accessible, ${colorScheme}, ${widths[0]} wide`, async (view) => {
    const { page } = view;
    await withAxe(page);
    await page.setViewportSize({ width: widths[0], height: 900 });
    const tar = `${emptyFolder()}/list.tar`;
    await run(skopeo, ["copy", "-q", "--all", "--src-tls-verify=false", `docker://${harness.list}`, `oci-archive:${tar}:1`]);
    await open(view, tar);
    const wrong = await accessibilityViolations(page, "an archive", widths);
    const pictures = process.env.WAYBILL_PICTURES;
    const picture = (/** @type {string} */ name) =>
      pictures && page.screenshot({ path: `${pictures}/${name}-${colorScheme}-${widths[0]}.png`, fullPage: true });
    await picture("archive");
    await page.getByRole("link", { name: "Copy to a registry or into a file" }).click();
    await titled(page, "The source is here");
    await page.getByLabel("Target", { exact: true }).fill(`${harness.to.host}/seen/app:1`);
    await page.getByRole("button", { name: "Plan the copy" }).click();
    await titled(page, "The plan of the copy");
    wrong.push(...(await accessibilityViolations(page, "its copy", widths)));
    await picture("copy-from-archive");
    assert.deepEqual(wrong, []);
  }, { colorScheme });
}
