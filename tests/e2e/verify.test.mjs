// @ts-check
// Verify, as a person uses it: paste, drop or open bytes, say what they should be, see the verdict and its reason, and
// go on with the right bytes. Everything happens in the page: no journey here asks anybody for anything.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { journey, openHarness } from "./support/harness.mjs";
import { fixture } from "./support/registries.mjs";
import { until } from "./support/view.mjs";

const harness = openHarness(async () => {});
const clipboard = { permissions: ["clipboard-read", "clipboard-write"] };
const greeter = fixture("oci-manifest/greeter");
const digest = (bytes, algorithm = "sha256") => `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;

/** Opens Verify with nothing given and says what is expected. */
async function expecting(view, text) {
  const anew = view.page.getByRole("button", { name: "Verify something else" });
  if (await anew.count()) await anew.click();
  else await view.open("#/verify");
  await view.settled(/^Is this the content it claims to be/);
  await view.page.getByLabel("Expected digest").fill(text);
}

/** The ways in. */
const ways = {
  async paste(view, bytes) {
    await view.page.evaluate((text) => navigator.clipboard.writeText(text), bytes.toString());
    await view.page.getByLabel("Content", { exact: true }).focus();
    await view.page.keyboard.press("Control+V");
  },
  drop: (view, bytes) => view.drop("manifest.json", bytes),
  file: (view, bytes) =>
    view.page.locator("#files").setInputFiles({ name: "manifest.json", mimeType: "application/json", buffer: bytes }),
};

const FORMATS = [
  "docker-schema1/lantern-unsigned",
  "docker-schema1-signed/converted",
  "docker-schema1-signed/lantern-signed",
  "docker-schema2/lantern-docker",
  "docker-list/lantern-list",
  "oci-manifest/lantern-linux-amd64",
  "oci-manifest/greeter",
  "oci-index/lantern",
  "oci-index/empty",
];

/**
 * What is done to the bytes, and how the page says it is undone.
 *
 * @type {any[][]}
 */
const DAMAGES = [
  ["nothing", (text) => text, null],
  ["newline", (text) => `${text}\n`, /without the final newline$/],
  ["CRLF", (text) => text.replaceAll("\n", "\r\n"), /with LF in place of CRLF at the ends of lines$/],
  ["byte order mark", (text) => `\ufeff${text}`, /without the byte order mark$/],
  [
    "indentation",
    (text) => JSON.stringify(JSON.parse(text), null, 4),
    /(indented by [23] spaces|on one line without white space)$/,
  ],
  [
    "mark, CRLF and newline",
    (text) => `\ufeff${text}\n`.replaceAll("\n", "\r\n"),
    /without the byte order mark((,| and) with LF in place of CRLF at the ends of lines)?( and without the final newline)?$/,
  ],
];

for (const [way, give] of Object.entries(ways)) {
  journey(
    `every damage of every format, by ${way}: the right digest or the exact cause`,
    harness,
    async (view) => {
      for (const name of FORMATS) {
        const { bytes, digest: right } = fixture(name);
        for (const [damage, done, words] of DAMAGES) {
          const what = `${name}, ${damage}, by ${way}`;
          const damaged = Buffer.from(done(bytes.toString()));
          await expecting(view, right);
          await give(view, damaged);
          const shown = await view.settled(/(has the digest you expected|is not what you expected: .*|has not the digest .*)$/);
          if (shown.title.endsWith("has the digest you expected")) {
            // The same bytes, or those whose signed part is the same.
            assert.ok(damaged.equals(bytes) || name.startsWith("docker-schema1-signed/"), what);
            continue;
          }
          assert.match(shown.title, words ?? /^never$/, what);
          assert.equal(shown.stamp.seal, "bad", what);
          await view.page.getByRole("button", { name: "Go on with these bytes" }).click();
          await view.settled(/, put right has the digest you expected$/);
        }
      }
    },
    clipboard,
  );
}

journey("without an expected digest: what it is, its digest, and no verdict", harness, async (view) => {
  await view.open("#/verify");
  await ways.drop(view, greeter.bytes);
  const shown = await view.settled(/^manifest\.json is an OCI image of 327 B/);
  assert.deepEqual(shown.stamp, { seal: "hollow", text: "Not checkednobody named a digest to compare with" });
  assert.ok(shown.digests.includes(greeter.digest));
  // The digest typed afterwards is compared at once, and the focus stays where it is typed.
  await view.page.getByLabel("Expected digest").fill(`docker pull greeter@${greeter.digest}`);
  await view.settled(/^manifest\.json has the digest you expected$/);
  assert.equal(await view.page.evaluate(() => document.activeElement.id), "expected");
  assert.match(await view.page.locator("#expected-read").textContent(), /took the digest out of the text around it/);
  for (const [text, words] of [
    [digest(greeter.bytes, "sha512"), /has the digest you expected$/],
    [digest(greeter.bytes, "sha384").toUpperCase(), /has the digest you expected$/],
    [`sha256:${digest(greeter.bytes, "sha512").slice(7)}`, /right as one of sha512, not of sha256$/],
    [digest(Buffer.from("else")), /has not the digest you expected$/],
    ["blake3:00", /could not be compared$/],
  ]) {
    await view.page.getByLabel("Expected digest").fill(text);
    await view.settled(words);
  }
  await view.page.getByLabel("Expected digest").fill("sha256:abc");
  assert.match((await view.settled(/What you expect is no digest/)).detail, /digest hex is 3 characters, sha256 needs 64/i);
});

journey("what stays: back, forward and reload find the bytes and what was expected", harness, async (view) => {
  const { page } = view;
  await expecting(view, greeter.digest);
  await ways.file(view, Buffer.concat([greeter.bytes, Buffer.from("\n")]));
  await view.settled(/without the final newline$/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "verdict", "the verdict has the focus");
  await page.getByRole("button", { name: "Go on with these bytes" }).click();
  await view.settled(/, put right has the digest you expected$/);
  await page.reload();
  await view.settled(/, put right has the digest you expected$/);
  assert.equal(await page.getByLabel("Expected digest").inputValue(), greeter.digest);
  await page.goBack();
  await view.settled(/without the final newline$/);
  // The history is written once the page is drawn. Who reloads before that finds the bytes all the same.
  await page.evaluate(() => void (window.requestAnimationFrame = () => 0));
  await page.getByRole("link", { name: "JSON" }).click();
  await page.locator("pre.code").waitFor();
  await page.reload();
  await view.settled(/without the final newline$/);
  await page.goForward().catch(() => {});
  assert.ok(!page.url().includes("content="), "nothing of the content is in the address");
});

journey("by keyboard alone, with text that is typed: LF in place of CRLF is said to be from text", harness, async (view) => {
  const { page } = view;
  const list = fixture("docker-list/lantern-list");
  const crlf = list.bytes.toString().replaceAll("\n", "\r\n");
  await view.ready();
  await page.getByRole("link", { name: "Verify", exact: true }).focus();
  await page.keyboard.press("Enter");
  await view.settled(/^Is this the content it claims to be/);
  await page.getByLabel("Expected digest").focus();
  await page.keyboard.insertText(digest(Buffer.from(crlf)));
  await page.keyboard.press("Tab");
  await page.keyboard.insertText(list.bytes.toString());
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const shown = await view.settled(/with CRLF in place of LF at the ends of lines$/);
  assert.match(shown.text, /From text: a clipboard or a box may have changed it/);
  await page.getByRole("button", { name: "Go on with these bytes" }).focus();
  await page.keyboard.press("Enter");
  await view.settled(/, put right has the digest you expected$/);
});

journey(
  "the clipboard button, and the digest of something else",
  harness,
  async (view) => {
    const { page } = view;
    const config = JSON.parse(greeter.bytes).config.digest;
    await expecting(view, config);
    await page.evaluate((text) => navigator.clipboard.writeText(text), greeter.bytes.toString());
    await page.getByRole("button", { name: "From the clipboard" }).click();
    const shown = await view.settled(/this is the digest of the config that this manifest names, the image ID$/);
    assert.equal(await page.getByRole("button", { name: /^Go on/ }).count(), 0);
    assert.equal(shown.stamp.seal, "bad");
  },
  clipboard,
);

journey("where the clipboard may not be read, the page says what to do", harness, async (view) => {
  await view.open("#/verify");
  await view.settled(/^Is this the content it claims to be/);
  await view.page.getByRole("button", { name: "From the clipboard" }).click();
  await view.page.getByText("The browser gave no text: paste it with the keyboard").waitFor();
  assert.equal(await view.page.evaluate(() => document.activeElement.id), "content");
});

journey("the blobs of a layout together: each with its verdict, children and configs without a network", harness, async (view, watch) => {
  const { page } = view;
  const index = fixture("oci-index/lantern");
  const child = fixture("oci-manifest/lantern-linux-amd64");
  const config = JSON.parse(child.bytes).config.digest;
  const blob = readFileSync(new URL(`../fixtures/blobs/${config.replace(":", "-")}`, import.meta.url));
  const files = [["child", child.bytes], ["config", blob], ["index", index.bytes], ["note.txt", Buffer.from("hello")]];
  await expecting(view, child.digest);
  await page.locator("#files").setInputFiles(files.map(([name, buffer]) => ({ name, mimeType: "", buffer })));
  await view.settled(/^child has the digest you expected$/);
  const rows = () =>
    page.locator(".several tbody tr").evaluateAll((rows) =>
      rows.map((row) => [...row.children].map((cell) => cell.textContent.trim())).map(([name, format, , , verdict]) => [name, format, verdict]),
    );
  assert.deepEqual(await rows(), [
    ["child", "OCI image manifest", "the digest you expected"],
    ["config", "image config", "as child names it"],
    ["index", "OCI image index", "not the one you expected"],
    ["note.txt", "text", "not the one you expected"],
  ]);
  const image = await view.shown();
  assert.deepEqual(image.stamp, { seal: "good", text: "Verified heremanifest and config" });
  assert.ok(image.history.length > 0, "the config is read");
  await page.locator(".several").getByRole("link", { name: "index" }).click();
  const list = await view.settled(/^index has not the digest you expected, child has$/);
  const entry = list.entries.find(({ digest }) => digest === child.digest);
  assert.deepEqual([entry.seal, entry.verdict], ["good", "verified"]);
  await page.goto(new URL(entry.link, page.url()).href);
  await view.settled(/^linux\/amd64 of index is an OCI image/);
  await page.goBack();
  await view.settled(/^index has not the digest you expected, child has$/);
  assert.deepEqual(watch.requests.map((request) => request.url()).filter((url) => /\/v2\/|\/relay\//.test(url)), []);
});

journey(
  "sharing: only on request, with the length; the link opens the same verdict elsewhere, offline",
  harness,
  async (view, _, context) => {
    const { page } = view;
    const newline = Buffer.concat([greeter.bytes, Buffer.from("\n")]);
    await expecting(view, greeter.digest);
    await ways.drop(view, newline);
    await view.settled(/without the final newline$/);
    await page.getByRole("button", { name: "Share" }).click();
    const dialog = page.getByRole("dialog", { name: "Share this content" });
    await dialog.waitFor();
    assert.match(await dialog.textContent(), /holds the content itself, 726 bytes: .* It has 1,\d{3} characters\./);
    await dialog.getByRole("button", { name: "Copy the link" }).click();
    await page.getByText("Copied", { exact: true }).waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    await page.keyboard.press("Escape");
    const other = await context.newPage();
    await other.goto(`${harness.origin}/#/verify`);
    await other.locator("#expected").waitFor();
    await context.setOffline(true);
    await other.evaluate((link) => location.assign(link), link);
    await other.getByText("The shared content is not what you expected").first().waitFor();
    assert.equal(await other.getByLabel("Expected digest").inputValue(), greeter.digest);
    assert.ok(!other.url().includes("content="), "the content has left the address");
    await context.setOffline(false);
    await other.reload();
    await other.getByText("The shared content is not what you expected").first().waitFor();
    await other.close();
  },
  clipboard,
);

journey("links that are too long are warned of, and then refused", harness, async (view) => {
  const { page } = view;
  const dialog = page.getByRole("dialog", { name: "Share this content" });
  for (const [length, words] of /** @type {any[][]} */ ([
    [9_000, /Programs that carry links cut them, many from some 8,000 characters on/],
    [200_000, /would have 266,\d{3} characters, which few programs carry/],
  ])) {
    await expecting(view, "");
    await ways.drop(view, Buffer.from(JSON.stringify({ a: "x".repeat(length) })));
    await view.settled(/^manifest\.json is not a manifest that Waybill knows/);
    await page.getByRole("button", { name: "Share" }).click();
    await dialog.getByText(words).waitFor();
    await page.keyboard.press("Escape");
  }
});

journey("a dialog that was closed stays closed when its part of the program comes", harness, async (view) => {
  const { page } = view;
  const dialog = page.locator("#share");
  await expecting(view, "");
  await ways.drop(view, greeter.bytes);
  await view.settled(/^greeter|^manifest\.json/);
  let release = () => {};
  const held = new Promise((resolve) => (release = () => resolve(undefined)));
  await page.route(/\/share-[0-9a-f]+\.wasm/, async (route) => {
    await held;
    await route.continue();
  });
  await page.getByRole("button", { name: "Share" }).click();
  await dialog.getByText(/This link holds the content itself/).waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  const came = page.waitForResponse(/\/share-[0-9a-f]+\.wasm/);
  release();
  await (await came).finished();
  await dialog.locator("h3", { hasText: "The report" }).waitFor({ state: "attached" });
  assert.equal(await dialog.isVisible(), false);
});

journey("files that are too large are named, and what the history cannot keep is said", harness, async (view) => {
  const { page } = view;
  await expecting(view, greeter.digest);
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    // Alone it would be opened as an archive.
    transfer.items.add(new File([new Uint8Array(33 << 20)], "layer.tar"));
    transfer.items.add(new File(["{}"], "small.json"));
    document.querySelector("main").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
  });
  await page.getByText("layer.tar was not opened: at most 32 MiB are opened at once").waitFor();
  assert.equal(await page.getByLabel("Expected digest").inputValue(), greeter.digest);
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["{}", " ".repeat(9 << 20)], "large.json"));
    document.querySelector("main").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
  });
  const large = await view.settled(/^large\.json has not the digest you expected$/);
  assert.match(large.text, /too large for the history of this tab: after a reload it is gone/);
  assert.match(large.text, /It is large, so not all of it was tried in every form|larger than 4 MiB|4 MiB/);
  await page.reload();
  await view.settled(/^What was opened is gone$/);
  assert.equal(await page.getByLabel("Expected digest").inputValue(), greeter.digest);
});
