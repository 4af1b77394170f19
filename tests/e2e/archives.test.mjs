// @ts-check
// Archives of images: dropped or opened, listed without reading them, looked at in Inspect without a network, verified.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, statSync } from "node:fs";
import path from "node:path";
import { accessibilityViolations, viewports, withAxe } from "./support/accessibility.mjs";
import {
  byCrane,
  bySkopeo,
  compressed,
  configOf,
  digestBySkopeo,
  docker24,
  docker25,
  manyFiles,
  packed,
  sparse,
  written,
} from "./support/archives.mjs";
import { concluded } from "./support/checking.mjs";
import { journey, openHarness } from "./support/harness.mjs";
import { archive, digestOf, pushImage } from "./support/images.mjs";
import { memoryOf } from "./support/memory.mjs";
import { dockerRegistry } from "./support/registries.mjs";
import { until } from "./support/view.mjs";

const PASSWD = "root:x:0:0::/root:/bin/sh\nporter:x:1000:1000::/home/porter:/bin/sh\n";
const base = archive([{ name: "etc/" }, { name: "etc/passwd", content: PASSWD }, { name: "bin/" }, { name: "bin/sh", content: "x".repeat(70_000) }]);
const upper = archive([{ name: "opt/" }, { name: "opt/tool", content: "tool" }]);

const harness = openHarness(async (h) => {
  h.registry = await h.open(dockerRegistry());
  h.image = await pushImage(h.registry, "harbour/files:1", [base, upper]);
});

/** Opens files, or a folder, at the page of archives, as its buttons do. */
async function open(view, files, input = "#files") {
  const { page } = view;
  if (!(await page.locator(input).count())) await view.open("#/archive");
  await page.locator(input).first().setInputFiles(files);
}

/** The rows of the images. */
const images = (page) =>
  page.locator("table.images tbody tr").evaluateAll((rows) =>
    rows.map((row) => ({
      names: [...row.cells[0].querySelectorAll("bdi")].map((name) => name.textContent),
      link: row.cells[0].querySelector("a")?.getAttribute("href"),
      below: row.classList.contains("below"),
      digest: row.cells[1].querySelector("[data-copy]")?.dataset.copy,
      made: row.cells[1].textContent.includes("made"),
      platform: row.cells[2].textContent,
      layers: row.cells[3].textContent,
      verdict: row.cells[4].querySelector(".verdict-word").textContent,
      seal: ["good", "bad", "hollow"].find((name) => row.cells[4].querySelector(".verdict-word").classList.contains(name)),
    })),
  );

/** Waits until an archive is open. */
async function listed(view, words = /with \d+ (entr|file)/) {
  const shown = await until(() => view.shown(), (shown) => shown && words.test(shown.detail) && !shown.working, `the archive ${words}`);
  return { ...shown, images: await images(view.page) };
}

/** Looks at the image of a row, checks its layers and lists its files, all without a network. */
async function walk(view, context, row) {
  const { page } = view;
  await context.setOffline(true);
  await page.locator(`a[href="${row.link}"]`).click();
  const shown = await view.settled(/is an? (OCI|Docker) image/);
  await page.getByRole("button", { name: /^Check \d+ layers?/ }).click();
  await concluded(page, /^(All \d+ layers are the ones|The only layer is)|are the ones the manifest names/);
  await page.getByRole("link", { name: "Files", exact: true }).click();
  // What the check read is there for the files.
  const read = page.getByRole("button", { name: /and list their files$|^List/ });
  await read.or(page.locator("#file-rows")).first().waitFor();
  if (await read.count()) await read.click();
  const rows = page.locator("#file-rows [role=row]");
  await rows.first().waitFor();
  const names = await until(() => rows.allTextContents(), (all) => all.some((name) => name.includes("etc/")), "the folder etc");
  assert.ok(names.some((name) => name.includes("opt/")), `${names}`);
  await context.setOffline(false);
  return shown;
}

journey("what skopeo writes is listed under the digests it tells, and looked at without a network", harness, async (view, watch, context) => {
  const { page } = view;
  const docker = await bySkopeo(harness.image, "docker-archive", "Harbour Files.tar", "harbour/files:1");
  await open(view, docker);
  const first = await listed(view);
  assert.equal(first.title, "Harbour Files.tar");
  assert.match(first.detail, /^Docker save, 1 image, 1 name: \d+\.\d kB with \d+ entries\.$/);
  assert.match(page.url(), /#\/archive\/harbour-files\.tar$/);
  assert.equal(first.images.length, 1);
  const [row] = first.images;
  assert.deepEqual([row.names, row.made, row.seal], [["docker.io/harbour/files:1"], true, "hollow"]);
  assert.equal(row.digest, await digestBySkopeo(`docker-archive:${docker}`));
  assert.match(first.text, /docker save writes no manifest/);
  await until(() => watch.requests.filter((it) => /(files|validate)-[\da-f]{16}\.wasm/.test(it.url())).length, (count) => count >= 2, "what shows images");
  await page.waitForLoadState("networkidle");
  const before = watch.requests.length;
  const shown = await walk(view, context, row);
  assert.match(shown.detail, /The archive holds no manifest: this one was made of it here/);
  assert.equal(shown.stops[0].fields.Archive, "harbour-files.tar");
  const strangers = watch.requests.slice(before).map((it) => it.url()).filter((url) => !url.startsWith(harness.origin) && !url.startsWith("blob:"));
  assert.deepEqual(strangers, []);
  await page.getByRole("link", { name: "Commands", exact: true }).click();
  await page.getByText("skopeo inspect --raw docker-archive:harbour-files.tar").waitFor();
  // An OCI archive holds the manifest itself.
  await page.getByRole("link", { name: "Overview", exact: true }).click();
  const oci = await bySkopeo(harness.image, "oci-archive", "oci.tar", "harbour/files:1");
  await open(view, oci);
  const second = await listed(view);
  assert.match(second.detail, /^OCI layout in a tar file, 1 image, 1 name/);
  assert.equal(second.images[0].digest, await digestBySkopeo(`oci-archive:${oci}`));
  assert.equal(second.images[0].made, false);
  const inside = await walk(view, context, second.images[0]);
  assert.match(inside.detail, /Its bytes hash to the digest the archive names\./);
});

journey("a whole archive is verified, and what differs is named", harness, async (view) => {
  const { page } = view;
  const good = docker25([base, upper], "harbour:25");
  await open(view, written("docker-25.tar", good.bytes));
  const before = await listed(view);
  assert.match(before.detail, /^Docker save and OCI layout at once, 1 image, 1 name/);
  assert.deepEqual([before.images[0].digest, before.images[0].made], [good.digest, false]);
  await page.getByRole("button", { name: /^Verify everything in it, / }).click();
  const after = await until(() => view.shown(), (shown) => shown.stamp.seal === "good", "the verdict");
  assert.match(after.stamp.text, /Verified here.*1 image read whole/);
  assert.equal((await images(page))[0].seal, "good");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "verdict");
  // One byte of a layer is another one.
  const bad = Buffer.from(good.bytes);
  bad[bad.indexOf("porter")] = 0x50;
  await open(view, written("spoilt.tar", bad));
  await listed(view);
  await page.getByRole("button", { name: /^Verify everything in it, / }).click();
  const spoilt = await until(() => view.shown(), (shown) => shown.stamp.seal === "bad", "the verdict");
  assert.match(spoilt.stamp.text, /^Mismatch/);
  assert.equal((await images(page))[0].verdict, "mismatch");
  // Both are open, and each has its address.
  await page.getByRole("navigation", { name: "Also open" }).getByRole("link", { name: "docker-25.tar" }).click();
  await until(() => view.shown(), (shown) => shown.title === "docker-25.tar", "the first archive");
});

journey("what crane pulls is compressed in the archive: its digest comes of unpacking, and its layers are served unpacked", harness, async (view, watch, context) => {
  const { page } = view;
  const tarball = await byCrane(harness.image, "crane.tar");
  await open(view, tarball);
  const before = await listed(view);
  assert.deepEqual([before.images[0].digest, before.images[0].made], [undefined, true]);
  await page.getByRole("button", { name: /^Find the digests that are not known, / }).click();
  const [row] = await until(() => images(page), ([row]) => row?.digest, "the digest");
  assert.equal(row.digest, await digestBySkopeo(`docker-archive:${tarball}`));
  await page.waitForLoadState("networkidle");
  await walk(view, context, row);
});

for (const program of ["gzip", "zstd"]) {
  journey(`what ${program} compressed as a whole is unpacked once onto the browser's disk`, harness, async (view, _, context) => {
    const { page } = view;
    const oci = compressed(await bySkopeo(harness.image, "oci-archive", "oci.tar", "x:1"), program);
    await open(view, oci);
    const shown = await listed(view);
    assert.match(shown.detail, new RegExp(`of ${program}, unpacked to \\d+\\.\\d kB with \\d+ entries`));
    const kept = () =>
      page.evaluate(async () => {
        const top = await navigator.storage.getDirectory();
        const folder = await top.getDirectoryHandle("unpacked", { create: true });
        let count = 0;
        for await (const _ of folder.keys()) count += 1;
        return count;
      });
    assert.equal(await kept(), 1);
    await page.waitForLoadState("networkidle");
    await walk(view, context, shown.images[0]);
    await view.open(`#/archive/${path.basename(oci)}`);
    await page.getByRole("button", { name: "Close it" }).click();
    await until(kept, (count) => count === 0, "the end of what was unpacked");
  });
}

journey("folders are opened: dir: of skopeo and a layout of crane, and one of more files than a browser gives at once", harness, async (view, _, context) => {
  const { page } = view;
  const dir = await bySkopeo(harness.image, "dir", "skopeo-dir");
  await open(view, dir, "#folder");
  const first = await listed(view);
  assert.match(first.detail, /^skopeo's dir:, 1 image, 0 names: a folder with \d+ files\.$/);
  assert.equal(first.images[0].digest, await digestBySkopeo(`dir:${dir}`));
  await page.waitForLoadState("networkidle");
  await walk(view, context, first.images[0]);
  const tar = packed(dir, "dir.tar");
  await open(view, tar);
  assert.equal((await listed(view, /entries/)).images[0].digest, first.images[0].digest);
  const layout = await byCrane(harness.image, "crane-oci", "oci");
  await open(view, layout, "#folder");
  const second = await listed(view, /^OCI layout, /);
  assert.equal(second.images[0].digest, await digestBySkopeo(`oci:${layout}`));
  await open(view, manyFiles(docker25([base], "many:1").bytes, 350), "#folder");
  const third = await listed(view, /with 35\d files/);
  assert.equal(third.images.length, 1);
});

journey("after a reload the address says what has to be opened again, and goes on from there", harness, async (view) => {
  const { page } = view;
  const file = written("docker-24.tar", docker24([base, upper, base], ["harbour:24", "harbour:latest"]));
  await open(view, file);
  const { images, detail } = await listed(view);
  assert.match(detail, /^Docker save, 1 image, 2 names/);
  assert.deepEqual(images[0].names, ["harbour:24", "harbour:latest"]);
  await page.locator(`a[href="${images[0].link}"]`).click();
  await view.settled(/is a Docker image/);
  await page.reload();
  const asked = await until(() => view.shown(), (shown) => /is not open/.test(shown?.title ?? ""), "what is to be opened");
  assert.equal(asked.title, "docker-24.tar is not open");
  assert.ok(page.url().endsWith(images[0].link));
  await page.locator("#files").setInputFiles(file);
  await view.settled(/is a Docker image/);
  assert.ok(page.url().endsWith(images[0].link));
});

journey("a file that changes while it is open is said to have changed, wherever it is read", harness, async (view) => {
  const { page } = view;
  const file = written("moving.tar", docker24([base, upper], ["moving:1"]));
  await open(view, file);
  const { images } = await listed(view);
  appendFileSync(file, "more");
  await page.getByRole("button", { name: /^Verify everything in it, / }).click();
  await page.getByRole("alert").filter({ hasText: "another one by now" }).waitFor();
  await page.getByText("Open it again").first().waitFor();
  await page.locator(`a[href="${images[0].link}"]`).click();
  // The manifest was made here, the config is in the file.
  await until(() => view.shown(), (shown) => /cannot be read any more|open it again/i.test(shown.text), "why the config is missing");
});

journey("what is no archive of images is named for what it is", harness, async (view) => {
  /** @type {[string, Buffer, RegExp][]} */
  const cases = [
    ["export.tar", archive([{ name: "etc/" }, { name: "usr/" }, { name: "bin/" }, { name: "etc/passwd", content: PASSWD }]), /^A file system, not an image/i],
    ["empty.tar", Buffer.alloc(0), /^An empty file/],
    ["page.tar", Buffer.from("<!doctype html><html><title>404</title></html>"), /HTML/],
    ["other.tar", archive([{ name: "readme", content: "x" }]), /^A tar archive of other files/],
    ["twice.tar.gz.gz", execFileSync("gzip", ["-c"], { input: execFileSync("gzip", ["-c"], { input: archive([{ name: "readme" }]) }) }), /compressed again/],
  ];
  for (const [name, bytes, words] of cases) {
    await open(view, written(name, bytes));
    await until(() => view.shown(), (shown) => shown?.title === name && words.test(shown.detail) && !shown.working, `what ${name} is`);
  }
});

journey("what two readers read differently is told with the highest severity", harness, async (view) => {
  const two = (name) => docker24([base], [name]).subarray(0, -1_024);
  await open(view, written("two-manifests.tar", Buffer.concat([two("a:1"), docker24([upper], ["b:1"])])));
  const shown = await listed(view);
  assert.equal(shown.stamp.seal, "bad");
  assert.ok(shown.findings.some((text) => /^error/.test(text) && /twice/i.test(text)), `${shown.findings}`);
  const config = configOf([base]);
  const escaping = archive([
    { name: "manifest.json", content: JSON.stringify([{ Config: "../../etc/hostname", RepoTags: ["x:1"], Layers: ["l.tar"] }]) },
    { name: "l.tar", content: base },
    { name: `${digestOf(config).slice(7)}.json`, content: config },
  ]);
  await open(view, written("escaping.tar", escaping));
  const second = await listed(view, /with 3 entries/);
  assert.ok(second.findings.some((text) => /leads out of the archive/.test(text)), `${second.findings}`);
  assert.ok(!second.images[0].link);
});

journey("4 GB of 300 entries are listed in about a second, and no task is long", harness, async (view) => {
  const { page } = view;
  const file = sparse("large.tar", 298, 4 * 2 ** 30);
  assert.ok(statSync(file).size > 4.2e9, `${statSync(file).size}`);
  await view.open("#/archive");
  await page.locator("#files").waitFor();
  const beside = performance.now();
  execFileSync("tar", ["-tf", file]);
  const tar = performance.now() - beside;
  const memory = await memoryOf(harness.browser);
  let took = 0;
  const used = await memory.until(async () => {
    const start = performance.now();
    await page.locator("#files").setInputFiles(file);
    await listed(view);
    took = performance.now() - start;
  });
  // The parts of the program that show images come behind it, so tasks are judged once they are here.
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => {
    const long = (globalThis.long = []);
    new PerformanceObserver((list) => long.push(...list.getEntries().map((it) => it.duration))).observe({ type: "longtask" });
  });
  const again = performance.now();
  await page.locator("#files").setInputFiles(file);
  await page.getByText("Its headers are read").waitFor({ timeout: 1_000 }).catch(() => {});
  await listed(view);
  const second = performance.now() - again;
  const ms = (/** @type {number} */ time) => `${time.toFixed(0)} ms`;
  console.log(`4 GB listed in ${ms(took)}, again in ${ms(second)}; tar -tf ${ms(tar)}; ${(used.most / 1e6).toFixed(0)} MB`);
  assert.ok(took < 10_000, ms(took));
  assert.ok(used.most < 300e6, `${used.most} bytes`);
  assert.deepEqual(await page.evaluate(() => globalThis.long), []);
});

journey("files and folders are dropped anywhere, and the first page leads there", harness, async (view) => {
  const { page } = view;
  await view.ready();
  await page.getByRole("link", { name: "Open an archive of images" }).waitFor();
  await view.drop("dropped.tar", docker24([base], ["dropped:1"]));
  const shown = await listed(view);
  assert.equal(shown.title, "dropped.tar");
  await view.open("#/verify");
  await view.drop("at-verify.tar", docker24([base], ["dropped:2"]));
  await until(() => view.shown(), (shown) => shown?.title === "at-verify.tar", "the archive");
});

for (const { colorScheme, widths } of viewports) {
  journey(
    `archives are accessible, ${colorScheme}, ${widths[0]} wide`,
    harness,
    async (view) => {
      const { page } = view;
      await withAxe(page);
      const wrong = [];
      await view.open("#/archive");
      await page.locator("#files").waitFor();
      wrong.push(...(await accessibilityViolations(page, "the page", widths)));
      const broken = docker24([base, upper, base], ["harbour:24", "harbour:latest"]).subarray(0, -1_024);
      await open(view, written("docker-24.tar", Buffer.concat([broken, docker25([base], "another:1").bytes])));
      await listed(view);
      wrong.push(...(await accessibilityViolations(page, "an archive with findings", widths)));
      await page.getByRole("button", { name: /^Verify everything in it, / }).click();
      await until(() => view.shown(), (shown) => shown.stamp.seal === "bad", "the verdict");
      wrong.push(...(await accessibilityViolations(page, "a verdict", widths)));
      await view.open("#/archive/elsewhere.tar");
      await until(() => view.shown(), (shown) => /is not open/.test(shown?.title ?? ""), "what is not open");
      wrong.push(...(await accessibilityViolations(page, "what is not open", widths)));
      assert.deepEqual(wrong, []);
    },
    { colorScheme, viewport: { width: widths[0], height: 900 } },
  );
}
