// @ts-check
// Images are copied from one registry to another in the browser: exact, chosen, rewritten, cut and gone on with. skopeo
// is the judge of what is there then.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { cuttingFront, untilHeld } from "./support/cutting.mjs";
import { inspect, sha256 } from "./support/oracle.mjs";
import { answeredWith, journey, openHarness, refusedByCors } from "./support/harness.mjs";
import { accessibilityViolations, viewports, withAxe } from "./support/accessibility.mjs";
import { layer, putImage } from "./support/images.mjs";
import { find } from "./support/programs.mjs";
import { dockerRegistry } from "./support/registries.mjs";
import { until } from "./support/view.mjs";

const skopeo = find("skopeo");
const harness = openHarness(
  async (harness) => {
    harness.from = await harness.open(dockerRegistry());
    harness.to = await harness.open(dockerRegistry());
    harness.cutting = await harness.open(cuttingFront(harness.to));
    harness.fixture = await harness.from.push("oci-index/lantern");
  },
  { push: true },
);

const closed = ["from", "to", "cutting"];
const cors = (harness) => closed.flatMap((name) => refusedByCors(harness[name].host));
const expected = (harness) => [...cors(harness), answeredWith(404, "")];

/** Names source and target, and plans. */
async function plan(view, from, to) {
  const { page } = view;
  if (!page.url().includes("#/copy")) await view.open("#/copy");
  await page.getByLabel("Source", { exact: true }).fill(from);
  await page.getByLabel("Target", { exact: true }).fill(to);
  await page.getByRole("button", { name: "Plan the copy" }).click();
}

const press = ({ page }, name) => page.getByRole("button", { name, exact: false }).click();

/** Waits until the heading says so; the page's text. */
async function titled({ page }, title) {
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
  return page.locator("main").innerText();
}

const status = async (registry, place) => {
  const headers = { accept: "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json" };
  return (await fetch(`http://${registry.host}/v2/${place}`, { method: "HEAD", headers })).status;
};

/** skopeo reads the same bytes at both places. */
async function assertSame(here, there) {
  const [one, other] = await Promise.all([inspect(here), inspect(there)]);
  assert.equal(other.digest, one.digest);
  assert.equal(sha256(other.bytes), one.digest);
  for (const entry of one.json.manifests ?? []) {
    const at = (name) => `${name.replace(/:[^:/]*$/, "")}@${entry.digest}`;
    assert.equal((await inspect(at(there))).digest, entry.digest);
  }
  return one;
}

journey(
  "a list with its attestations is copied byte for byte, by keyboard alone",
  harness,
  async (view) => {
    const { page } = view;
    const target = `${harness.to.host}/keys/app:1`;
    await view.open(`#/inspect/${harness.fixture}`);
    const link = page.locator("main").getByRole("link", { name: "Copy", exact: true });
    await link.focus();
    await page.keyboard.press("Enter");
    await titled(view, "The source is here");
    await page.getByLabel("Target", { exact: true }).focus();
    await page.keyboard.type(target);
    await page.keyboard.press("Enter");
    const planned = await titled(view, "The plan of the copy");
    assert.match(planned, /Nothing is written before you start it/);
    assert.match(planned, /the same/);
    assert.equal(await status(harness.to, "keys/app/manifests/1"), 404);
    assert.equal(await page.evaluate(() => document.activeElement?.id), "verdict");
    await page.keyboard.press("Tab");
    assert.match(await page.evaluate(() => document.activeElement?.textContent ?? ""), /^Start the copy/);
    await page.keyboard.press("Enter");
    const text = await titled(view, "Copied, and read back");
    const one = await assertSame(harness.fixture, target);
    assert.ok(text.includes(one.digest.slice(7, 19)), text);
    assert.match(page.url(), /#\/copy\?from=.*&to=/);
  },
  { expected, skip: !skopeo && "needs skopeo" },
);

journey(
  "platforms are chosen: the list shrinks, and its new digest is told before and true after",
  harness,
  async (view) => {
    const { page } = view;
    const target = `${harness.to.host}/some/app:1`;
    await plan(view, harness.fixture, target);
    await titled(view, "The plan of the copy");
    await page.getByLabel("Of the list").selectOption("shrunk");
    await page.getByRole("checkbox", { name: "linux/arm64" }).uncheck();
    await press(view, "Plan the copy");
    const planned = await titled(view, "The plan of the copy");
    assert.match(planned, /\d+ entr(y|ies) cut out/);
    const told = await page.locator(".fields .digest.full code").last().innerText();
    await page.getByText("More tags").click();
    await page.getByLabel("Tags, with blanks between them", { exact: true }).fill("stable 1.0");
    await press(view, "Plan the copy");
    await titled(view, "The plan of the copy");
    await press(view, "Start the copy");
    await titled(view, "Copied, and read back");
    for (const tag of ["1", "stable", "1.0"]) {
      const list = await inspect(`${harness.to.host}/some/app:${tag}`);
      assert.equal(list.digest, told);
      assert.ok(!JSON.stringify(list.json).includes('"arm64"'));
    }
    const saved = page.waitForEvent("download");
    await press(view, "Save it as JSON");
    assert.equal((await saved).suggestedFilename(), "copy-report.json");
  },
  { expected, skip: !skopeo && "needs skopeo" },
);

journey(
  "another format is told manifest by manifest; attestations are to be left out first",
  harness,
  async (view) => {
    const { page } = view;
    const target = `${harness.to.host}/docker/app:1`;
    await plan(view, harness.fixture, target);
    await titled(view, "The plan of the copy");
    await page.getByLabel("Format").selectOption("v2s2");
    const attests = page.getByRole("checkbox", { name: /^attestations/ });
    if (await attests.count()) {
      await press(view, "Plan the copy");
      await titled(view, "This cannot be copied so");
      assert.equal(await status(harness.to, "docker/app/manifests/1"), 404);
      await attests.uncheck();
    }
    await press(view, "Plan the copy");
    const planned = await titled(view, "The plan of the copy");
    assert.match(planned, /media types change, config and layers stay/);
    await press(view, "Start the copy");
    await titled(view, "Copied, and read back");
    const list = await inspect(target);
    assert.equal(list.json.mediaType, "application/vnd.docker.distribution.manifest.list.v2+json");
  },
  { expected, skip: !skopeo && "needs skopeo" },
);

journey(
  "a connection that is cut tags nothing; pause and go on read no more than a piece again",
  harness,
  async (view) => {
    const image = await putImage(harness.from, "large/app", "1", [layer("a", 20 << 20), layer("b", 3 << 20)]);
    assert.ok(image);
    const source = `${harness.from.host}/large/app:1`;
    const target = `${harness.cutting.host}/large/app:1`;
    await plan(view, source, target);
    await titled(view, "The plan of the copy");
    harness.cutting.cut(4, "answer");
    await press(view, "Start the copy");
    const stopped = await titled(view, "The copy stopped");
    assert.match(stopped, /nothing is tagged/);
    assert.equal(await status(harness.to, "large/app/manifests/1"), 404);
    harness.cutting.mend();
    harness.cutting.hold(3);
    await press(view, "Go on");
    await untilHeld(harness.cutting);
    await press(view, "Pause");
    await titled(view, "The copy stands still");
    harness.cutting.mend();
    await press(view, "Go on");
    await titled(view, "Copied, and read back");
    await assertSame(source, `${harness.to.host}/large/app:1`);
  },
  {
    expected: (harness) => [...expected(harness), answeredWith(502, "")],
    skip: !skopeo && "needs skopeo",
  },
);

journey(
  "a tag that moved while it was copied is told, and what was planned is what was copied",
  harness,
  async (view) => {
    const first = await putImage(harness.from, "moved/app", "1", [layer("a", 1000)]);
    assert.ok(first);
    const source = `${harness.from.host}/moved/app:1`;
    const target = `${harness.to.host}/moved/app:1`;
    const before = await inspect(source);
    await plan(view, source, target);
    await titled(view, "The plan of the copy");
    await putImage(harness.from, "moved/app", "1", [layer("b", 2000)]);
    await press(view, "Start the copy");
    await titled(view, "Copied, and read back");
    await until(
      () => view.page.locator(".verdict").innerText(),
      (text) => text.includes("The source's tag names something else by now"),
      "what became of the source",
    );
    assert.equal((await inspect(target)).digest, before.digest);
  },
  { expected, skip: !skopeo && "needs skopeo" },
);

for (const { colorScheme, widths } of viewports) {
  journey(
    `every state of a copy, ${colorScheme}, ${widths[0]} pixels wide`,
    harness,
    async (view) => {
      const { page } = view;
      await withAxe(page);
      const wrong = [];
      const see = async (state) => wrong.push(...(await accessibilityViolations(page, state, widths)));
      await view.open("#/copy");
      await see("empty");
      await plan(view, harness.fixture, `${harness.cutting.host}/look/${colorScheme}-${widths[0]}:1`);
      await titled(view, "The plan of the copy");
      await see("planned");
      await page.getByLabel("Of the list").selectOption("shrunk");
      await titled(view, "The source is here");
      await see("chosen");
      await page.getByLabel("Of the list").selectOption("all");
      await press(view, "Plan the copy");
      await titled(view, "The plan of the copy");
      harness.cutting.hold(2);
      await press(view, "Start the copy");
      await untilHeld(harness.cutting);
      await see("running");
      await press(view, "Pause");
      await titled(view, "The copy stands still");
      await see("paused");
      harness.cutting.mend();
      await press(view, "Go on");
      await titled(view, "Copied, and read back");
      await see("copied");
      assert.deepEqual(wrong, []);
    },
    { colorScheme, expected },
  );
}

journey(
  "the tags that are ticked in Tags are copied in one run, each under its own name",
  harness,
  async (view) => {
    const { page } = view;
    const base = layer("base", 2_000);
    const tags = ["1.0", "1.1", "1.2"];
    for (const tag of tags) await putImage(harness.from, "several", tag, [base, layer(tag, 1_000)]);
    await view.open(`#/tags/${harness.from.host}/several`);
    for (const tag of tags) await page.getByRole("checkbox", { name: `Tick ${tag}` }).check();
    await page.getByRole("link", { name: "Copy all of them" }).click();
    await titled(view, "The source is here");
    const target = `${harness.to.host}/several/app`;
    await page.getByLabel("Target", { exact: true }).fill(`${target}:1.0`);
    await page.getByRole("button", { name: "Plan the copy" }).click();
    await titled(view, "The plan of the copy");
    assert.match(page.url(), /&with=1\.1,1\.2$/);
    await press(view, "Start the copy");
    await titled(view, "Copied, and read back");
    for (const tag of tags) await assertSame(`${harness.from.host}/several:${tag}`, `${target}:${tag}`);
  },
  { expected, skip: !skopeo && "needs skopeo" },
);

const lines = ({ page }) => page.getByLabel("Images, one a line");
const place = ({ page }) => page.getByLabel("Registry, with a path where wanted");

journey(
  "three images of three repositories go in one run, and one that is missing stops none",
  harness,
  async (view) => {
    const { page } = view;
    await putImage(harness.from, "many/web", "2", [layer("web", 3_000), layer("base", 40_000)]);
    const { host } = harness.from;
    const target = `${harness.to.host}/mirror`;
    const app = harness.fixture.slice(host.length + 1);
    await view.open("#/copy");
    await page.getByRole("link", { name: "Several images" }).click();
    await titled(view, "Copy several images");
    await lines(view).fill(`${host}/many/web:2\nnot a reference\n${host}/many/gone:1`);
    await press(view, "Plan the copies");
    assert.match(await page.locator("main").innerText(), /line 2: not a reference: 3 words/);
    assert.equal(await page.evaluate(() => document.activeElement?.id), "several-lines");
    await lines(view).fill(`${harness.fixture}\n${host}/many/gone:1\n${host}/many/web:2 ${harness.to.host}/other/www:3`);
    await place(view).fill(target);
    await page.keyboard.press("Enter");
    const planned = await titled(view, "2 of 3 images can be copied");
    assert.match(planned, /no plan/);
    assert.match(planned, /tag 3 is new/);
    assert.equal(await status(harness.to, "other/www/manifests/3"), 404);
    await page.getByRole("button", { name: `Steps of ${host}/many/web:2` }).click();
    assert.match(await page.locator("#several-steps").innerText(), /What becomes of each manifest/);
    await press(view, "Start 2 copies");
    await titled(view, "2 of 3 images copied, and read back");
    await assertSame(harness.fixture, `${target}/${app}`);
    await assertSame(`${host}/many/web:2`, `${harness.to.host}/other/www:3`);
    const saved = page.waitForEvent("download");
    await press(view, "Save it as JSON");
    const report = JSON.parse(readFileSync(await (await saved).path(), "utf8"));
    const outcomes = report.copies.map((/** @type {{ outcome: string }} */ { outcome }) => outcome);
    assert.deepEqual(outcomes, ["copied", "no plan", "copied"]);

    // The address has all of it; what was missing is there by now, and what was copied is not written again.
    assert.match(page.url(), /#\/copy\?images=.*,.*=.*&to=/);
    await page.reload();
    await titled(view, "Copy several images");
    assert.equal((await lines(view).inputValue()).split("\n").length, 3);
    assert.equal(await place(view).inputValue(), target);
    await putImage(harness.from, "many/gone", "1", [layer("late", 2_000)]);
    await press(view, "Plan the copies");
    assert.match(await titled(view, "The plan of 3 copies"), /nothing to write/);
    await press(view, "Start 3 copies");
    await titled(view, "3 images copied, and read back");
    await assertSame(`${host}/many/gone:1`, `${target}/many/gone:1`);
  },
  { expected, skip: !skopeo && "needs skopeo" },
);

journey(
  "a run over several images is paused and goes on where it was, past a connection that was cut",
  harness,
  async (view) => {
    const tags = ["1", "2"];
    for (const tag of tags) await putImage(harness.from, `standing/app${tag}`, tag, [layer(tag, 12 << 20)]);
    const { host } = harness.from;
    await view.open(`#/copy?images=${tags.map((tag) => `${host}/standing/app${tag}:${tag}`)}&to=${harness.cutting.host}/run`);
    await press(view, "Plan the copies");
    await titled(view, "The plan of 2 copies");
    harness.cutting.cut(3, "answer");
    await press(view, "Start 2 copies");
    // Nobody gets through, so that each has its turn and fails.
    await until(
      () => view.page.locator("main").innerText(),
      (text) => /0 of 2 images copied, and read back/.test(text),
      "the end of the run",
    );
    harness.cutting.mend();
    harness.cutting.hold(3);
    await press(view, "Go on with");
    await untilHeld(harness.cutting);
    await press(view, "Pause");
    await titled(view, "The copy stands still");
    harness.cutting.mend();
    await press(view, "Go on");
    await titled(view, "2 images copied, and read back");
    for (const tag of tags) {
      await assertSame(`${host}/standing/app${tag}:${tag}`, `${harness.to.host}/run/standing/app${tag}:${tag}`);
    }
  },
  {
    expected: (harness) => [...expected(harness), answeredWith(502, "")],
    skip: !skopeo && "needs skopeo",
  },
);

for (const { colorScheme, widths } of viewports) {
  journey(
    `every state of several images, ${colorScheme}, ${widths[0]} pixels wide`,
    harness,
    async (view) => {
      const { page } = view;
      await withAxe(page);
      const wrong = [];
      const see = async (state) => wrong.push(...(await accessibilityViolations(page, state, widths)));
      const look = `${harness.cutting.host}/look/${colorScheme}-${widths[0]}`;
      await view.open("#/copy?images=");
      await titled(view, "Copy several images");
      await see("empty");
      await lines(view).fill(`${harness.fixture}\nno reference here\n${harness.from.host}/nothing/here:1`);
      await see("a wrong line");
      await lines(view).fill(`${harness.fixture}\n${harness.from.host}/nothing/here:1`);
      await place(view).fill(look);
      await press(view, "Plan the copies");
      await titled(view, "1 of 2 images can be copied");
      await page.getByRole("button", { name: `Steps of ${harness.from.host}/nothing/here:1` }).click();
      await see("planned");
      harness.cutting.hold(2);
      await press(view, "Start 1 copy");
      await untilHeld(harness.cutting);
      await see("running");
      harness.cutting.mend();
      await titled(view, "1 of 2 images copied, and read back");
      await see("ended");
      assert.deepEqual(wrong, []);
    },
    { colorScheme, expected },
  );
}
