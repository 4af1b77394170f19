// @ts-check
// What is chosen for several images at once, between real registries: platforms, format, layers. skopeo is the judge of what
// is there then. copy.test.mjs has the run itself.

import assert from "node:assert/strict";
import { accessibilityViolations, viewports, withAxe } from "./support/accessibility.mjs";
import { answeredWith, asked, journey, openHarness, refusedByCors } from "./support/harness.mjs";
import { layer, putImage, putIndex, putManifest, putBlob, digestOf } from "./support/images.mjs";
import { inspect } from "./support/oracle.mjs";
import { find } from "./support/programs.mjs";
import { dockerRegistry } from "./support/registries.mjs";

const skopeo = find("skopeo");
const OCI = "application/vnd.oci.image";
const DOCKER = "application/vnd.docker.distribution.manifest";

const harness = openHarness(
  async (h) => {
    h.from = await h.open(dockerRegistry());
    h.to = await h.open(dockerRegistry());
    h.base = layer("base", 60_000);
    const list = async (repository, ...processors) => {
      const images = [];
      for (const architecture of processors) {
        images.push(await putImage(h.from, repository, architecture, [h.base, layer(architecture, 2_000)], { architecture }));
      }
      await putIndex(h.from, repository, "1", images);
      return images;
    };
    h.app = await list("team/app", "amd64", "arm64");
    h.tool = await list("team/tool", "amd64", "arm64", "s390x");
    await list("team/mainframe", "s390x", "ppc64le");
    await putImage(h.from, "team/plain", "1", [h.base, layer("plain", 3_000)]);
    const empty = Buffer.from("{}");
    await putBlob(h.from, "team/chart", empty);
    const config = { mediaType: "application/vnd.cncf.helm.config.v1+json", digest: digestOf(empty), size: empty.length };
    await putManifest(h.from, "team/chart", "1", `${OCI}.manifest.v1+json`, { config, layers: [] });
  },
  { push: true },
);

const expected = (h) => [...["from", "to"].flatMap((name) => refusedByCors(h[name].host)), answeredWith(404, "")];
const press = ({ page }, name) => page.getByRole("button", { name, exact: false }).click();

/** Waits until the heading says so; the page's text. */
async function titled({ page }, title) {
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
  return page.locator("main").innerText();
}

/** Opens the page with these images of the source's `team`, which go below that path of the target. */
const open = (view, below, ...names) =>
  view.open(`#/copy?images=${names.map((name) => `${harness.from.host}/team/${name}:1`)}&to=${harness.to.host}/${below}`);

/** The beginnings of the digests that the row of an image shows, those of its source and of its target. */
const digests = ({ page }, name) =>
  page
    .locator(".of-several tbody tr")
    .filter({ hasText: `team/${name}:1` })
    .locator("td:nth-child(2) code")
    .allInnerTexts();

const target = (below, name) => `${harness.to.host}/${below}/team/${name}:1`;
const source = (name) => `${harness.from.host}/team/${name}:1`;

journey(
  "of each list one platform is copied, with the digests that the plan told; who has none says what it has",
  harness,
  async (view) => {
    const { page } = view;
    await open(view, "shrunk", "app", "tool", "mainframe", "plain");
    await titled(view, "Copy several images");
    await page.getByLabel("Of each list").selectOption("shrunk");
    await press(view, "Plan the copies");
    assert.match(await page.locator("main").innerText(), /Name at least one platform/);
    assert.equal(await page.evaluate(() => document.activeElement?.id), "several-platforms");
    const box = page.getByLabel("Platforms", { exact: true });
    await box.fill("linux/x86_64, linux/");
    assert.match(await page.locator("main").innerText(), /linux\/: platform has an empty part/);
    await box.fill("linux/x86_64");
    await page.keyboard.press("Enter");
    const planned = await titled(view, "3 of 4 images can be copied");
    assert.match(planned, /it has none of these platforms, only linux\/s390x, linux\/ppc64le/);
    assert.match(planned, /1 entry cut out/);
    assert.match(planned, /no list: it goes whole/);
    const told = {};
    for (const name of ["app", "tool", "plain"]) told[name] = (await digests(view, name)).at(-1);
    assert.match(page.url(), /&list=shrunk&platforms=linux\/amd64$/);

    // The address has all of it.
    await page.reload();
    await titled(view, "Copy several images");
    assert.equal(await page.getByLabel("Of each list").inputValue(), "shrunk");
    assert.equal(await box.inputValue(), "linux/amd64");
    await press(view, "Plan the copies");
    await titled(view, "3 of 4 images can be copied");
    await press(view, "Start 3 copies");
    await titled(view, "3 of 4 images copied, and read back");
    for (const [name, digest] of Object.entries(told)) {
      assert.ok((await inspect(target("shrunk", name))).digest.startsWith(`sha256:${digest}`), name);
    }
    for (const [name, images] of Object.entries({ app: harness.app, tool: harness.tool })) {
      const { json } = await inspect(target("shrunk", name));
      assert.deepEqual(json.manifests.map((/** @type {any} */ one) => one.digest), [images[0].digest], name);
    }
    assert.equal((await inspect(target("shrunk", "plain"))).digest, (await inspect(source("plain"))).digest);
  },
  { expected, skip: !skopeo && "needs skopeo" },
);

journey(
  "one image is taken out of each list, and an image for another platform is left",
  harness,
  async (view) => {
    const { page } = view;
    await open(view, "one", "app", "tool", "plain");
    await page.getByLabel("Of each list").selectOption("one");
    await page.getByLabel("Platforms", { exact: true }).fill("linux/arm64/v8");
    await press(view, "Plan the copies");
    const planned = await titled(view, "2 of 3 images can be copied");
    assert.match(planned, /it is no list, and made for linux\/amd64/);
    assert.match(planned, /one image, without the list/);
    await press(view, "Start 2 copies");
    await titled(view, "2 of 3 images copied, and read back");
    assert.equal((await inspect(target("one", "tool"))).digest, harness.tool[1].digest);
    // Two of a list are not one.
    await page.getByLabel("Platforms", { exact: true }).fill("linux/arm64 linux/s390x");
    await press(view, "Plan the copies");
    assert.match(await titled(view, "1 of 3 images can be copied"), /one image is wanted, and 2 are chosen/);
  },
  { expected, skip: !skopeo && "needs skopeo" },
);

journey(
  "all get another format, and what cannot is refused in its row",
  harness,
  async (view) => {
    const { page } = view;
    await open(view, "docker", "app", "plain", "chart");
    await page.getByLabel("Format").selectOption("v2s2");
    await press(view, "Plan the copies");
    const planned = await titled(view, "2 of 3 images can be copied");
    assert.match(planned, /helm/);
    assert.match(page.url(), /&format=v2s2$/);
    await page.getByRole("button", { name: `Steps of ${source("app")}` }).click();
    assert.match(await page.locator("#several-steps").innerText(), /media types change, config and layers stay/);
    const commands = (await page.locator("main").textContent()) ?? "";
    assert.match(commands, /skopeo copy --all --format v2s2/);
    assert.match(commands, /No commands of crane, oras, docker buildx, podman/);
    await press(view, "Start 2 copies");
    await titled(view, "2 of 3 images copied, and read back");
    assert.equal((await inspect(target("docker", "app"))).json.mediaType, `${DOCKER}.list.v2+json`);
    assert.equal((await inspect(target("docker", "plain"))).json.mediaType, `${DOCKER}.v2+json`);
    await page.reload();
    await titled(view, "Copy several images");
    assert.equal(await page.getByLabel("Format").inputValue(), "v2s2");
  },
  { expected, skip: !skopeo && "needs skopeo" },
);

journey(
  "the layers of all are compressed before the plan, one that they share once",
  harness,
  async (view, watch) => {
    const { page } = view;
    await open(view, "zstd", "app", "plain");
    await page.locator("#copy-compression").selectOption("zstd");
    await page.locator("#copy-level").selectOption("3");
    await press(view, "Plan the copies");
    const told = await titled(view, "The plan of 2 copies");
    assert.match(told, /kept on the disk that your browser gives the page/);
    assert.match(page.url(), /&layers=zstd&level=3$/);
    const read = asked(watch, 0).filter((/** @type {string} */ url) => url.endsWith(`/blobs/${harness.base.digest}`));
    assert.equal(read.length, 1, read.join("\n"));
    const shown = {};
    for (const name of ["app", "plain"]) shown[name] = (await digests(view, name)).at(-1);
    await press(view, "Start 2 copies");
    await titled(view, "2 images copied, and read back");
    for (const [name, digest] of Object.entries(shown)) {
      const there = await inspect(target("zstd", name));
      assert.ok(there.digest.startsWith(`sha256:${digest}`), name);
    }
    const { json } = await inspect(target("zstd", "plain"));
    assert.deepEqual(json.layers.map((/** @type {any} */ one) => one.mediaType), Array(2).fill(`${OCI}.layer.v1.tar+zstd`));

    // The same under another tag: every byte is there.
    const again = `${harness.to.host}/zstd/team/plain:2`;
    await page.getByLabel("Images, one a line").fill(`${target("zstd", "plain")} ${again}`);
    await page.locator("#copy-compression").selectOption("kept");
    await press(view, "Plan the copies");
    assert.match(await titled(view, "The plan of 1 copy"), /1 tag to set; every byte is there/);
    await press(view, "Start 1 copy: 1 tag to set");
    await titled(view, "1 image copied, and read back");
    assert.equal((await inspect(again)).digest, (await inspect(target("zstd", "plain"))).digest);
  },
  { expected, skip: !skopeo && "needs skopeo" },
);

for (const { colorScheme, widths } of viewports) {
  journey(
    `what is chosen for several images, ${colorScheme}, ${widths[0]} pixels wide`,
    harness,
    async (view) => {
      const { page } = view;
      await withAxe(page);
      const wrong = [];
      const see = async (/** @type {string} */ state) => wrong.push(...(await accessibilityViolations(page, state, widths)));
      await open(view, `look-${colorScheme}-${widths[0]}`, "app", "tool", "mainframe", "plain");
      await page.getByLabel("Of each list").selectOption("sparse");
      await page.getByLabel("Platforms", { exact: true }).fill("linux/amd64, lin*x");
      await see("a wrong platform");
      await page.getByLabel("Of each list").selectOption("shrunk");
      await page.getByLabel("Platforms", { exact: true }).fill("linux/amd64, linux/s390x");
      await page.locator("#copy-compression").selectOption("gzip");
      await see("platforms and layers");
      await page.locator("#copy-compression").selectOption("kept");
      await press(view, "Plan the copies");
      await titled(view, "The plan of 4 copies");
      await see("planned");
      assert.deepEqual(wrong, []);
    },
    { colorScheme, expected },
  );
}
