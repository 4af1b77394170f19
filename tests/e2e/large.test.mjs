// @ts-check
// Content of hostile sizes, dropped and pasted: the page answers, says what it is, draws a part, and goes on living.

import assert from "node:assert/strict";
import { journey, openHarness } from "./support/harness.mjs";
import { ENTRIES, hostile, largeIndex } from "./support/large.mjs";
import { until } from "./support/view.mjs";

const harness = openHarness(async () => {});
const clipboard = { permissions: ["clipboard-read", "clipboard-write"] };

const index = largeIndex();

/** The first row that is drawn, and how many are. */
const rows = (view) =>
  view.page.locator("table.platforms tbody tr").evaluateAll((all) => ({
    number: all.length,
    first: all[0]?.firstElementChild.textContent,
    at: all[0]?.getAttribute("aria-rowindex"),
  }));

/** What is typed into the box is read, whatever stands below it. */
async function lives(view) {
  await view.box.fill("");
  await view.box.pressSequentially("nginx:1.27");
  await until(
    () => view.reading.textContent(),
    (reading) => /^read as docker\.io \/ library\/nginx, tag 1\.27/.test(reading),
    "the reading of what is typed",
  );
}

/** Drops bytes on the first page and waits until another page than that stands there, and nothing is on its way. */
async function dropped(view, bytes) {
  await view.ready();
  await view.drop("hostile.json", bytes);
  return until(
    () => view.shown(),
    (shown) => shown && !shown.working,
    "an answer",
  );
}

journey("an index of 15,900 entries is drawn page by page", harness, async (view) => {
  const { page } = view;
  const shown = await dropped(view, index);
  assert.match(shown.title, /is an OCI image index/);
  assert.deepEqual(await rows(view), { number: 50, first: "linux/amd64/v0", at: "2" });
  assert.equal(await page.locator("table.platforms").getAttribute("aria-rowcount"), `${ENTRIES + 1}`);
  await lives(view);

  const turner = page.getByRole("navigation", { name: "Rows" }).last();
  const turn = async (name, first, words) => {
    await turner.getByRole("button", { name }).click();
    await until(
      () => rows(view),
      (drawn) => drawn.first === first && drawn.number <= 60,
      `the page from ${first} on`,
    );
    assert.equal(await turner.getByRole("status").textContent(), words);
  };
  await turn("Next", "linux/amd64/v50", "Rows 51 to 100 of 15,900");
  await turn("Last", `linux/amd64/v${ENTRIES - 50}`, "Rows 15,851 to 15,900 of 15,900");
  await turn("Previous", `linux/amd64/v${ENTRIES - 100}`, "Rows 15,801 to 15,850 of 15,900");

  // Inside and back: the same rows stand there again.
  await page.locator("table.platforms tbody a").first().click();
  await view.settled(new RegExp(`^linux/amd64/v${ENTRIES - 100} of `));
  await page.goBack();
  await until(
    () => rows(view),
    (drawn) => drawn.first === `linux/amd64/v${ENTRIES - 100}`,
    "the rows that were left",
  );
});

journey("the JSON of a large index is drawn page by page, and copied and pasted whole", harness, async (view) => {
  const { page } = view;
  const indented = largeIndex(6_000, 2);
  await dropped(view, indented);
  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "JSON" }).click();
  const lines = () => page.locator("pre.code .number").allTextContents();
  await until(lines, (drawn) => drawn[0] === "1" && drawn.length === 500, "the first lines");
  await page.getByRole("navigation", { name: "Lines" }).first().getByRole("button", { name: "Last" }).click();
  const all = indented.toString().split("\n").length;
  await until(lines, (drawn) => drawn.at(-1) === `${all}` && drawn.length <= 500, "the last lines");
  await lives(view);
  await page.getByRole("button", { name: "Copy the bytes" }).click();
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await until(copied, (text) => text === indented.toString(), "the copy");
  // The same by the clipboard, which is read as text.
  await view.ready();
  await page.locator(".start").click();
  await page.keyboard.press("Control+V");
  await view.settled(/is an OCI image index/);
  assert.equal((await rows(view)).number, 50);
}, clipboard);

journey("what is sought in 4 MiB is found as somebody types, and lines are folded", harness, async (view) => {
  const { page } = view;
  await dropped(view, index);
  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "JSON" }).click();
  const box = page.getByRole("searchbox", { name: "Find in the content" });
  const count = page.getByRole("search", { name: "Find in the content" }).getByRole("status");
  const said = (words) => until(() => count.textContent(), (text) => text === words, words);
  const hit = page.locator("#hit");
  // What took long to draw is painted before it is scrolled to.
  const comesIntoView = () =>
    until(
      () =>
        hit.evaluate((mark) => {
          const { top, bottom } = mark.getBoundingClientRect();
          return { top, bottom, isInView: top >= 0 && bottom <= innerHeight };
        }),
      (place) => place.isInView,
      "the hit in view",
    );

  // The exact bytes are one line, which is drawn from around the hit.
  await box.waitFor();
  const last = `V${ENTRIES - 1}`;
  await box.pressSequentially(last);
  await said("1 of 1");
  assert.equal(await hit.textContent(), last.toLowerCase());
  assert.match(await page.locator(".source").textContent(), /^this line begins before … \{"/);
  await comesIntoView();
  assert.ok(await box.evaluate((input) => input === document.activeElement), "the focus stays in the box");
  await box.fill("@");
  await said("none");
  await box.fill("sha256:");
  await said("1 of more than 10,000");
  await page.keyboard.press("Shift+Enter");
  await said("10,000 of more than 10,000");
  await page.keyboard.press("Enter");
  await said("1 of more than 10,000");
  await page.keyboard.press("Escape");
  await said("");
  assert.equal(await box.inputValue(), "");

  // Indented, the page of lines turns.
  await page.getByLabel("Indent for reading").check();
  const folds = page.locator("button.fold");
  await folds.first().waitFor();
  await box.fill(last);
  await said("1 of 1");
  await comesIntoView();
  const from = await page.locator("pre.code .number").first().textContent();
  assert.ok(Number(from) > 100_000, from);

  // Folded, an entry is two lines; a hit unfolds its own.
  await page.getByRole("button", { name: "Fold all", exact: true }).click();
  await until(() => page.locator(".away").count(), (number) => number > 100, "folded entries");
  assert.equal(await hit.count(), 0);
  await box.press("Enter");
  await hit.waitFor();
  await page.getByRole("button", { name: "Unfold all" }).click();
  await until(() => page.locator(".away").count(), (number) => number === 0, "all lines");
  await lives(view);
});

for (const [name, make, words] of hostile) {
  journey(`${name}: an answer, and the page lives`, harness, async (view) => {
    const shown = await dropped(view, make());
    assert.match(`${shown.title}\n${shown.text}`, words);
    assert.ok((await view.page.locator("main *").count()) < 5_000, "a part is drawn");
    await lives(view);
    const json = view.page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "JSON" });
    await json.click();
    await view.page.locator("pre.code .source").first().waitFor();
    assert.ok((await view.page.locator("main *").count()) < 12_000, "a part of the content is drawn");
    await lives(view);
  });
}

journey("characters that do not show, 100,000 of them in each of many texts, are drawn at once", harness, async (view) => {
  const text = "x\u200d".repeat(100_000);
  const short = "x\u200d".repeat(200);
  const annotations = Object.fromEntries(Array.from({ length: 1_000 }, (_, number) => [`${number}${short}`, short]));
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    artifactType: "application/x.hostile",
    config: { mediaType: "application/vnd.oci.empty.v1+json", digest: `sha256:${"4".repeat(64)}`, size: 2, [text]: 1 },
    layers: [],
    annotations: { author: text, joined: "\u200d".repeat(30_000), ...annotations },
  };
  await dropped(view, Buffer.from(JSON.stringify(manifest)));
  await lives(view);
  const marks = view.page.locator(".hidden-character");
  assert.ok((await marks.count()) < 10_000);
  assert.ok(await marks.getByText("U+200D × 30,000", { exact: true }).count());
  assert.ok(await marks.getByText("and 99,992 more", { exact: true }).count());
  await view.page.getByRole("link", { name: "JSON" }).click();
  await view.page.locator("pre.code").waitFor();
  await lives(view);
});
