// @ts-check
// The files of an image: read, walked, searched, filtered, opened, saved.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { accessibilityViolations, viewports, withAxe } from "./support/accessibility.mjs";
import { journey, openHarness } from "./support/harness.mjs";
import { archive, pushImage } from "./support/images.mjs";
import { dockerRegistry } from "./support/registries.mjs";
import { until } from "./support/view.mjs";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

const PASSWD = "root:x:0:0::/root:/bin/sh\nporter:x:1000:1000:Ünder:/home/porter:/bin/sh\n";
const PROGRAM = Buffer.concat([Buffer.from("\x7fELF\x02\x01\x01\0", "latin1"), randomBytes(40_000)]);
const COPY = randomBytes(50_000);
// One pixel, as PNG.
const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const VECTOR =
  '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><rect width="30" height="20"/><script>alert(1)</script></svg>';
const MANY = 200_000;

const harness = openHarness(async (h) => {
  h.registry = await h.open(dockerRegistry({ cors: true }));
  const base = archive([
    { name: "etc/" },
    { name: "etc/passwd", content: "root:x:0:0::/root:/bin/sh\n" },
    { name: "etc/latin1.txt", content: Buffer.from("na\xefve\n", "latin1") },
    { name: "etc/wide.txt", content: Buffer.from("\ufeffwide ⚓\n", "utf16le") },
    { name: "bin/" },
    { name: "bin/su", content: PROGRAM, mode: 0o4755 },
    { name: "bin/sudo", type: "1", link: "bin/su", mode: 0o4755 },
    { name: "sbin", type: "2", link: "bin", mode: 0o777 },
    { name: "usr/share/pixel.png", content: PIXEL },
    { name: "usr/share/pixel.svg", content: VECTOR },
    { name: "usr/share/one", content: COPY },
    { name: "usr/share/two", content: COPY },
    { name: "var/cache/big", content: randomBytes(90_000) },
    { name: "a\u202eb\x1b[31m\n.txt", content: "hostile" },
  ]);
  const upper = archive([
    { name: "etc/passwd", content: PASSWD, mode: 0o600 },
    { name: "var/.wh.cache" },
    { name: "opt/tool", content: "x" },
    { name: "opt/.wh.tool" },
  ].map((entry) => ({ ...entry, type: "0" })));
  h.image = await pushImage(h.registry, "harbour/files:1", [base, upper]);
  const many = [];
  for (let number = 0; number < MANY; number += 1) {
    const folder = String(number % 100).padStart(2, "0");
    many.push({ name: `usr/lib/${folder}/${String(number).padStart(6, "0")}.so`, content: number % 7 ? "" : "x" });
  }
  h.many = await pushImage(h.registry, "harbour/many:1", [archive(many)]);
});

/** Opens the files of an image; what is looked at among them is named as the address has it. */
async function openFiles(view, image, place = "") {
  const { page } = view;
  await view.open(`#/inspect/http://${image}?tab=files${place && `&files=${place}`}`);
  await page.getByRole("button", { name: /^Read \d+ layers?, .*, and list their files$/ }).click();
  await page.locator("#file-rows").waitFor();
}

/** The rows in view: their names, each behind as many dots as it is deep. */
const rowsOf = (page) =>
  page.locator("#file-rows [role=row]").evaluateAll((rows) =>
    rows.map((row) => {
      const depth = Number(row.getAttribute("aria-level") ?? 1);
      return ".".repeat(depth - 1) + row.querySelector(".file-text").textContent;
    }),
  );

const rowsAre = (page, names) =>
  until(
    () => rowsOf(page),
    (rows) => JSON.stringify(rows) === JSON.stringify(names),
    `the rows ${JSON.stringify(names)}`,
  );

const row = (page, name) => page.locator("#file-rows [role=row]", { has: page.locator(`.file-text[title="${name}"]`) });

const heading = (page, name) => page.locator(".file-entry h3", { hasText: new RegExp(`^${name}$`) }).waitFor();

const fact = (page, name) => page.locator(".file-entry dt", { hasText: name }).locator("xpath=following-sibling::dd[1]");

journey("an image's files are walked by the keyboard alone, and each place has an address", harness, async (view) => {
  const { page } = view;
  await view.open(`#/inspect/http://${harness.image}?tab=files`);
  const button = page.getByRole("button", { name: /^Read 2 layers, \d+\.\d kB, and list their files$/ });
  await button.focus();
  await page.keyboard.press("Enter");
  const rows = page.locator("#file-rows");
  await rows.waitFor();
  await until(() => rows.evaluate((it) => it === document.activeElement), Boolean, "the focus on the rows");
  const hostile = "aU+202EbU+001B[31m\\x0a.txt";
  await rowsAre(page, [hostile, "bin/", "etc/", "opt/", "sbin → bin", "usr/", "var/"].sort((a, b) => (a < b ? -1 : 1)));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await heading(page, "etc");
  await page.keyboard.press("ArrowRight");
  await until(() => rowsOf(page), (names) => names.includes(".passwd"), "what is in etc");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await heading(page, "passwd");
  await until(() => page.url(), (url) => url.endsWith("&files=image/etc/passwd"), "the address");
  assert.equal(await fact(page, "Mode").textContent(), "-rw------- 0600");
  assert.match(await fact(page, "Comes from").textContent(), /^layer 2/);
  assert.match(await fact(page, "Hides").textContent(), /File, 26 B, of layer 1/);
  assert.equal(await fact(page, "SHA-256").textContent(), sha256(PASSWD));
  const active = await rows.getAttribute("aria-activedescendant");
  assert.equal(await page.locator(`#${active}`).getAttribute("aria-selected"), "true");
  // Enter opens it: its layer is read again.
  await page.keyboard.press("Enter");
  await page.getByText("The same as when its layer was read and listed.").waitFor();
  assert.deepEqual(await page.locator(".file-content .source").allTextContents(), PASSWD.trimEnd().split("\n"));
  // Left goes up and closes.
  await page.keyboard.press("ArrowLeft");
  await heading(page, "etc");
  await page.keyboard.press("ArrowLeft");
  await until(() => rowsOf(page), (names) => !names.includes(".passwd"), "etc is closed");
  await page.keyboard.press("End");
  await heading(page, "var");
  await page.keyboard.press("Home");
  await until(() => page.locator("[aria-selected=true]").first().getAttribute("aria-rowindex"), (index) => index === "1", "the first row");
});

journey("a place is found again by its address, by back and forward, and by a path that is typed", harness, async (view) => {
  const { page } = view;
  await openFiles(view, harness.image, "image/etc/passwd");
  await heading(page, "passwd");
  await until(() => rowsOf(page), (names) => names.includes(".passwd"), "its row");
  await page.getByRole("textbox", { name: "Path" }).fill("/usr/share/pixel.png");
  await page.keyboard.press("Enter");
  await heading(page, "pixel.png");
  assert.match(page.url(), /files=image\/usr\/share\/pixel\.png$/);
  await page.goBack();
  await heading(page, "passwd");
  await page.goForward();
  await heading(page, "pixel.png");
  await page.getByRole("button", { name: "One layer" }).click();
  await until(() => page.url(), (url) => /files=layer\.1\/usr\/share\/pixel\.png$/.test(url), "the layer's address");
  await page.getByRole("textbox", { name: "Path" }).fill("/nowhere");
  await page.keyboard.press("Enter");
  await page.getByText("There is nothing there: this layer has no such path.").waitFor();
  await page.reload();
  await page.getByRole("button", { name: /^Read/ }).click();
  await page.getByText("There is nothing there: this layer has no such path.").waitFor();
  // Another tab and back: what was open is open.
  await page.getByRole("link", { name: "Overview" }).click();
  await page.locator(".stops").waitFor();
  await page.getByRole("link", { name: "Files" }).click();
  await page.getByRole("button", { name: "One layer", pressed: true }).waitFor();
});

journey("searches, filters and looks show what they say", harness, async (view) => {
  const { page } = view;
  await openFiles(view, harness.image);
  const search = page.getByRole("searchbox");
  await search.fill("su");
  await rowsAre(page, ["bin/su", "bin/sudo = bin/su"]);
  assert.match(page.url(), /files=image;find=su$/);
  await search.fill("/usr/**");
  await rowsAre(page, ["usr/share/", ...["one", "pixel.png", "pixel.svg", "two"].map((name) => `usr/share/${name}`)]);
  await page.getByRole("button", { name: "By size" }).click();
  await until(() => rowsOf(page), (names) => names[0] === "usr/share/" && names[3].endsWith("svg") && names[4].endsWith("png"), "the order");
  await search.fill("");
  const chip = (name) => page.getByRole("group", { name: "Show only" }).getByRole("button", { name });
  await chip(/^setuid and setgid 2$/).click();
  await rowsAre(page, ["bin/su", "bin/sudo = bin/su"]);
  await chip(/^duplicates 2$/).click();
  await rowsAre(page, ["usr/share/one", "usr/share/two"]);
  await row(page, "usr/share/one").click();
  assert.match(await fact(page, "Same content").textContent(), /^\/usr\/share\/two$/);
  await chip(/^hidden 2$/).click();
  await rowsAre(page, ["var/cache/big", "etc/passwd"]);
  await page.getByText("removed by layer 2").first().waitFor();
  await chip(/^engines differ [1-9]/).click();
  await until(() => rowsOf(page), (names) => names.includes("opt/tool"), "the row where engines differ");
  await row(page, "opt/tool").click();
  await page.locator(".file-entry .finding", { hasText: "containerd" }).first().waitFor();
  await chip(/^engines differ/).click();
  await page.getByRole("button", { name: "What a layer changed" }).click();
  await page.getByRole("combobox", { name: "Layer" }).selectOption("1");
  await until(() => rowsOf(page), (names) => names.join(" ").includes("var/"), "what layer 2 changed");
  await search.fill("passwd");
  await row(page, "etc/passwd").click();
  await page.getByText(/^Changed: its size, from 26 bytes, its content, its mode, from 0644/).waitFor();
});

journey("a file opens as text, hexadecimal or picture, and what is saved is what it holds", harness, async (view) => {
  const { page } = view;
  // With a save dialog of its own a browser would ask somebody: read_once.test.mjs has one.
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, "showSaveFilePicker"));
  await openFiles(view, harness.image, "image/etc/latin1.txt");
  const open = page.getByRole("button", { name: "Open", exact: true });
  await open.click();
  await page.getByText("no UTF-8: read as Latin-1, which is a guess").waitFor();
  assert.deepEqual(await page.locator(".file-content .source").allTextContents(), ["naïve"]);
  await page.getByRole("textbox", { name: "Path" }).fill("/etc/wide.txt");
  await page.keyboard.press("Enter");
  await heading(page, "wide.txt");
  await open.click();
  await page.getByText("UTF-16, little end first").waitFor();
  assert.deepEqual(await page.locator(".file-content .source").allTextContents(), ["wide ⚓"]);
  // A picture, by its first bytes.
  await page.getByRole("textbox", { name: "Path" }).fill("/usr/share/pixel.png");
  await page.keyboard.press("Enter");
  await heading(page, "pixel.png");
  await open.click();
  const picture = page.getByRole("img", { name: "The picture that the file holds" });
  await picture.waitFor();
  assert.equal(await picture.evaluate((image) => image.naturalWidth), 1);
  // One that is text too, and holds a program, which is not run.
  await page.getByRole("textbox", { name: "Path" }).fill("/usr/share/pixel.svg");
  await page.keyboard.press("Enter");
  await heading(page, "pixel.svg");
  await open.click();
  await picture.waitFor();
  assert.equal(await picture.evaluate((image) => image.naturalWidth), 30);
  await page.getByRole("button", { name: "Text", exact: true }).click();
  assert.deepEqual(await page.locator(".file-content .source").allTextContents(), [VECTOR]);
  // A hard link has its target's bytes; a program is shown in hexadecimal.
  await page.getByRole("textbox", { name: "Path" }).fill("/bin/sudo");
  await page.keyboard.press("Enter");
  await heading(page, "sudo");
  await open.click();
  await page.locator(".hex .source").first().waitFor();
  assert.match(await page.locator(".hex .source").first().textContent(), /^7f 45 4c 46 02 01 01 00  .*·ELF····/);
  assert.match(await page.locator(".file-content .digest code").textContent(), new RegExp(`^sha256:${sha256(PROGRAM)}$`));
  for (const path of ["/bin/sudo", "/usr/share/two"]) {
    if (path !== "/bin/sudo") {
      await page.getByRole("textbox", { name: "Path" }).fill(path);
      await page.keyboard.press("Enter");
      await heading(page, "two");
    }
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).click();
    const saved = readFileSync(await (await saving).path());
    assert.equal(sha256(saved), sha256(path === "/bin/sudo" ? PROGRAM : COPY), path);
  }
  await page.getByText(`Saved. What was saved hashes to sha256:${sha256(COPY)}`).waitFor();
});

journey("the waste of an image is told, with what costs most", harness, async (view) => {
  const { page } = view;
  await openFiles(view, harness.image);
  const waste = page.getByRole("region", { name: "Waste" });
  await waste.waitFor();
  assert.match(await waste.textContent(), /Not in a flattened image90\.0 kB, 90,026 bytes/);
  assert.match(await waste.textContent(), /dive: efficiency\d+\.\d{4} %/);
  const first = waste.locator("tbody tr").first();
  assert.match(await first.textContent(), /^90\.0 kB\/var\/cache\/bigof layer 1, removed by layer 2$/);
  await first.getByRole("button").click();
  await heading(page, "big");
  assert.match(page.url(), /files=layer\.1\/var\/cache\/big$/);
});

journey(
  "hundreds of thousands of files stay smooth: few rows are drawn, and no task is long",
  harness,
  async (view) => {
    const { page } = view;
    await openFiles(view, harness.many);
    await page.getByRole("searchbox").fill("*.so");
    await page.getByText("200,000 found").waitFor();
    await page.evaluate(() => {
      globalThis.longTasks = [];
      new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map((it) => it.duration))).observe({
        entryTypes: ["longtask"],
      });
    });
    const rows = page.locator("#file-rows");
    const most = await rows.evaluate(async (element) => {
      let most = 0;
      for (let step = 0; step <= 60; step += 1) {
        element.scrollTop = (element.scrollHeight * step) / 60;
        await new Promise(requestAnimationFrame);
        most = Math.max(most, element.querySelectorAll("[role=row]").length);
      }
      return most;
    });
    assert.ok(most > 0 && most < 60, `${most} rows are drawn at once`);
    await until(() => rowsOf(page), (names) => names.includes("usr/lib/99/199999.so"), "the last row");
    await rows.focus();
    await page.keyboard.press("Home");
    await until(() => rowsOf(page), (names) => names[0] === "usr/lib/00/000000.so", "the first row");
    for (let step = 0; step < 30; step += 1) await page.keyboard.press("PageDown");
    const long = await page.evaluate(() => globalThis.longTasks.filter((duration) => duration > 50));
    assert.deepEqual(long, [], "no task over 50 ms");
  },
  { long: true },
);

for (const { colorScheme, widths } of viewports) {
  journey(
    `files are accessible, ${colorScheme}, ${widths[0]} wide`,
    harness,
    async (view) => {
      const { page } = view;
      await withAxe(page);
      const wrong = [];
      await view.open(`#/inspect/http://${harness.image}?tab=files`);
      await page.getByRole("button", { name: /^Read/ }).waitFor();
      wrong.push(...(await accessibilityViolations(page, "the offer", widths)));
      await openFiles(view, harness.image, "image/etc/passwd");
      await heading(page, "passwd");
      await page.getByRole("button", { name: "Open", exact: true }).click();
      await page.locator(".file-content .source").first().waitFor();
      wrong.push(...(await accessibilityViolations(page, "a file", widths)));
      await page.getByRole("button", { name: /^engines differ/ }).click();
      await until(() => rowsOf(page), (names) => names.includes("opt/tool"), "the row");
      await row(page, "opt/tool").click();
      await page.locator(".file-entry .finding").first().waitFor();
      wrong.push(...(await accessibilityViolations(page, "a finding", widths)));
      assert.deepEqual(wrong, []);
    },
    { colorScheme, viewport: { width: widths[0], height: 900 } },
  );
}
