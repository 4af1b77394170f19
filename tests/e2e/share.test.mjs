// @ts-check
// Sharing what was inspected: the link as Markdown with its badge, the verdict as text, the report as JSON; and a report that
// is dropped again, as it was saved and changed. A registry that wants credentials, of which nothing is in any of these.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { accessibilityViolations, viewports, withAxe } from "./support/accessibility.mjs";
import { journey, openHarness, refusedByCors } from "./support/harness.mjs";
import { dist } from "./support/programs.mjs";
import { dockerRegistry, fixture, user } from "./support/registries.mjs";
import { View, until } from "./support/view.mjs";

const harness = openHarness(async (harness) => {
  harness.registry = await harness.open(dockerRegistry({ auth: true }));
  await harness.registry.push("oci-index/lantern");
});
const options = {
  permissions: ["clipboard-read", "clipboard-write"],
  // Credentials go past the proxy first, and this registry refuses pages.
  expected: (harness) => refusedByCors(harness.registry.host),
  secrets: [user.password, user.basic, user.basic.replace("Basic ", "")],
};
const sha256 = (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const index = fixture("oci-index/lantern");
const arm = JSON.parse(index.bytes.toString()).manifests.find(({ platform }) => platform.architecture === "arm64").digest;

/** Inspects the list, with credentials, and waits until all of it is here. */
async function inspected(view, at = "") {
  const { page } = view;
  await view.open(`#/inspect/http://${harness.registry.host}/fixtures/lantern:2.4.1${at}`);
  await view.settled(/wants credentials \(401\)/);
  await page.getByRole("button", { name: "Enter credentials" }).click();
  await view.useSettings(user);
  return view.settled(at ? /^linux\/arm64 of .* is an OCI image/ : /is an OCI image index for 5 platforms/);
}

const dialogOf = (page) => page.getByRole("dialog", { name: "Share this inspection" });
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

/** Presses a button that copies, and gives what is on the clipboard then. */
async function copied(page, dialog, name) {
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await dialog.getByRole("button", { name }).click();
  return until(() => clipboard(page), (text) => text !== "", name);
}

/** Saves the report; its name and bytes. */
async function saved(page, dialog) {
  const coming = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Download as JSON" }).click();
  const file = await coming;
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

const clean = (text) => options.secrets.every((secret) => !text.includes(secret)) && !text.includes(user.name);

journey("a list is shared as a badge and as text, and the badge leads back", harness, async (view, _, context) => {
  const { page } = view;
  const { digests } = await inspected(view);
  await page.getByRole("button", { name: "Share" }).click();
  const dialog = dialogOf(page);
  await dialog.waitFor();
  await dialog.getByText("It names a tag, which may move.").waitFor();
  await dialog.getByText("This page is served by this machine").waitFor();
  const name = `${harness.registry.host}/fixtures/lantern:2.4.1`;
  const link = `${harness.origin}/#/inspect/http://${name}`;
  const markdown = await copied(page, dialog, "Copy as Markdown");
  assert.equal(markdown, `[![${name}, inspected by Waybill](${harness.origin}/badge.svg)](${link})`);
  assert.equal(await copied(page, dialog, "Copy the link"), link);

  // The badge is a file of the page's own host, which any page may show.
  const badge = await fetch(`${harness.origin}/badge.svg`, { headers: { "sec-fetch-site": "cross-site" } });
  assert.equal(badge.headers.get("content-type"), "image/svg+xml");
  assert.equal(badge.headers.get("cross-origin-resource-policy"), "cross-origin");
  assert.equal(await badge.text(), readFileSync(path.join(dist, "badge.svg"), "utf8"));
  const drawn = await dialog.getByRole("img", { name: "inspected by Waybill" }).evaluate((image) => /** @type {any} */ (image).naturalWidth);
  assert.equal(drawn, 142);

  const text = await copied(page, dialog, "Copy as text");
  const lines = text.split("\n");
  assert.match(lines[0], /is an OCI image index for 5 platforms$/);
  assert.match(lines[1], /^✓ Verified here: all 11 manifests$/);
  assert.ok(lines.includes(`Reference: ${name}`), text);
  assert.ok(lines.includes(`Digest: ${index.digest}`) && digests.includes(index.digest), text);
  assert.ok(lines.includes("Format: OCI image index, 3,893 bytes"), text);
  assert.ok(lines.includes("Answered: through a proxy") && lines.includes("- ✓ index: verified"), text);
  assert.ok(lines.includes(`- ✓ linux/arm64, ${arm}: verified`), text);
  assert.match(text, /\nInspected by Waybill, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n$/);
  // Of the proxy nothing is told but that there was one.
  assert.ok(clean(text) && !text.includes(new URL(harness.origin).host), text);

  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  const other = await context.newPage();
  await other.goto(/\]\(([^()]*)\)$/.exec(markdown)?.[1] ?? "");
  await new View(other, harness.origin).settled(/wants credentials \(401\)/);
  await other.close();
}, options);

journey("the report of an image is saved, dropped, hashed again, and gone on with", harness, async (view) => {
  const { page } = view;
  await inspected(view, `?at=${arm}`);
  await page.getByRole("button", { name: "Share" }).click();
  const { name, bytes } = await saved(page, dialogOf(page));
  assert.match(name, /^lantern-[\da-f]{12}\.report\.json$/);
  assert.ok(clean(bytes.toString()) && !bytes.includes(new URL(harness.origin).host), bytes.toString());
  const report = JSON.parse(bytes.toString());
  assert.deepEqual([report.kind, report.version, report.via], ["waybill.inspection", 1, "proxy"]);
  assert.equal(report.reference, `${harness.registry.host}/fixtures/lantern:2.4.1`);
  assert.ok(Math.abs(Date.parse(report.created) - Date.now()) < 120_000, report.created);
  for (const content of [report.manifest, report.config, ...report.lists]) {
    assert.equal(sha256(Buffer.from(content.data, "base64")), content.digest);
    assert.equal(Buffer.from(content.data, "base64").length, content.size);
  }
  assert.deepEqual(report.lists.map(({ digest }) => digest), [index.digest]);
  assert.deepEqual(Buffer.from(report.lists[0].data, "base64"), index.bytes);
  assert.equal(report.manifest.digest, arm);
  await page.keyboard.press("Escape");

  await view.drop(name, bytes);
  const shown = await view.settled(/^lantern-.*\.report\.json is a report of Waybill about linux\/arm64 of .*lantern:2\.4\.1$/);
  assert.deepEqual(shown.stamp, { seal: "hollow", text: "Reportits bytes are as it says" });
  const section = page.getByRole("region", { name: "The report" });
  assert.equal(await section.locator(".verdict-word.good").count(), 3);
  assert.ok((await section.innerText()).includes(report.reference));
  await section.getByText("5 stops").click();
  await section.getByText("config, verified: verified").waitFor();
  await page.reload();
  await view.settled(/is a report of Waybill about/);

  // The bytes inside are judged as any other, with the digest that the report states.
  await page.getByRole("button", { name: "Go on with the 3 contents inside" }).click();
  const image = await view.settled(/^The manifest in it has the digest you expected$/);
  assert.equal(image.stamp.seal, "good");
  assert.equal(await page.getByLabel("Expected digest").inputValue(), arm);
}, options);

journey("a report that was changed is told so, with what its bytes show", harness, async (view) => {
  const { page } = view;
  await view.open("#/example/index");
  await view.settled(/is an OCI image index/);
  await page.getByRole("button", { name: "Share" }).click();
  await dialogOf(page).getByText(/The example index, inspected by Waybill/).waitFor();
  const { name, bytes } = await saved(page, dialogOf(page));
  assert.equal(name, "manifest.report.json");
  const report = JSON.parse(bytes.toString());
  assert.equal(report.reference, null);
  await page.keyboard.press("Escape");
  let count = 0;
  const changed = async (change, ...words) => {
    const copy = structuredClone(report);
    change(copy);
    const file = `changed-${(count += 1)}.json`;
    await view.drop(file, Buffer.from(JSON.stringify(copy)));
    const shown = await view.settled(new RegExp(`^${file} is a report of Waybill about .*, and is not what it says$`));
    assert.deepEqual(shown.stamp, { seal: "bad", text: "Mismatchthe report and its bytes" });
    const told = await page.getByRole("region", { name: "The report" }).innerText();
    for (const line of words) assert.ok(told.includes(line), `${line}: ${told}`);
    return shown;
  };
  const text = Buffer.from(report.manifest.data, "base64").toString();
  const other = text.replace("linux", "LINUX");
  const both = `Its digest is ${report.manifest.digest} as the report says; the bytes in it hash to ${sha256(other)}.`;
  await changed((it) => (it.manifest.data = Buffer.from(other).toString("base64")), both);
  await changed((it) => (it.manifest.digest = sha256("else")), `Its digest is ${sha256("else")} as the report says`);
  await changed((it) => (it.manifest.size = 1), "Its size is 1 bytes as the report says; there are");
  await changed((it) => (it.manifest.format = "OCI image manifest"), "Its format is OCI image manifest as the report says; it is OCI image index.");
  await changed((it) => (it.reference = `r.example/a@${sha256("else")}`), `The reference asks for ${sha256("else")}, which is another.`);

  // What it says of itself is never more than text.
  const hostile = "</bdi><img src=x onerror=alert(1)>\u202e](javascript:alert(1))";
  const shown = await changed((it) => Object.assign(it, { name: hostile, created: hostile, reference: hostile, via: hostile,
    verdict: { status: "verified", stamp: hostile, sentence: hostile, detail: hostile },
    custody: [{ step: hostile, status: hostile, note: hostile }], manifest: { ...it.manifest, digest: hostile, size: 0 } }));
  assert.ok(shown.title.includes("<img src=x onerror=alert(1)>U+202E"), shown.title);
  assert.equal(await page.locator("main img").count(), 0);

  // What is cut, or of another version, is no report any more, and says why.
  await view.drop("newer.json", Buffer.from(JSON.stringify({ ...report, version: 2 })));
  const newer = await view.settled(/version 2, and version 1 is read here/);
  assert.equal(newer.stamp.seal, "bad");
  await view.drop("broken.json", Buffer.from(JSON.stringify({ ...report, manifest: {} })));
  await view.settled(/The report is broken: manifest\.data is missing/);
}, options);

journey("Verify shares the verdict and the report beside the link, by keyboard alone", harness, async (view) => {
  const { page } = view;
  await view.open("#/verify");
  const greeter = fixture("oci-manifest/greeter");
  await view.drop("greeter.json", greeter.bytes);
  await view.settled(/^greeter\.json is an OCI image/);
  await page.getByRole("button", { name: "Share" }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Share this content" });
  const text = dialog.getByRole("group", { name: "The verdict as text" });
  await text.waitFor();
  assert.match(await text.innerText(), /^greeter\.json is an OCI image [^]*\nName: greeter\.json\n/);
  await dialog.getByRole("button", { name: "Download as JSON" }).focus();
  const coming = page.waitForEvent("download");
  await page.keyboard.press("Enter");
  const report = JSON.parse(readFileSync(await (await coming).path(), "utf8"));
  assert.deepEqual(Buffer.from(report.manifest.data, "base64"), greeter.bytes);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
}, options);

for (const { colorScheme, widths } of viewports) {
  journey(`the dialog and a report, ${colorScheme}, ${widths[0]} pixels wide`, harness, async (view) => {
    const { page } = view;
    await page.setViewportSize({ width: widths[0], height: 900 });
    await withAxe(page);
    await view.open("#/example/lying");
    await view.settled(/is an? /);
    await page.getByRole("button", { name: "Share" }).click();
    await dialogOf(page).waitFor();
    const wrong = await accessibilityViolations(page, "the dialog", widths);
    await picture(page, `share-dialog-${colorScheme}-${widths[0]}`);
    const { name, bytes } = await saved(page, dialogOf(page));
    await page.keyboard.press("Escape");
    for (const [what, file] of [["report", bytes], ["changed", Buffer.from(bytes.toString().replace('"data": "ey', '"data": "eX'))]]) {
      await view.drop(name, /** @type {Buffer} */ (file));
      await view.settled(what === "report" ? /is a report of Waybill about .*[^s]$/ : /is not what it says$/);
      await page.getByText(/^\d+ findings?$/).click();
      wrong.push(...(await accessibilityViolations(page, /** @type {string} */ (what), widths)));
      await picture(page, `share-${what}-${colorScheme}-${widths[0]}`);
    }
    assert.deepEqual(wrong, []);
  }, { ...options, colorScheme });
}

/** Takes a picture where somebody wants to look: WAYBILL_PICTURES names the folder. */
async function picture(page, name) {
  const folder = process.env.WAYBILL_PICTURES;
  if (folder) await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: !name.includes("dialog") });
}
