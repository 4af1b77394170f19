// @ts-check
// An image is validated by one button: every check of an index, its images and their layers in one list, taken away as
// text and as JSON.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { answeredWith, journey, openHarness } from "./support/harness.mjs";
import { accessibilityViolations, viewports, withAxe } from "./support/accessibility.mjs";
import { archive, digestOf, layer, pushImage, putImage, putIndex, putManifest, randomArchive, zstdLayer } from "./support/images.mjs";
import { spoilingFront } from "./support/spoiling.mjs";
import { craneRegistry, dockerRegistry } from "./support/registries.mjs";
import { find } from "./support/programs.mjs";
import { chunked, estargz, peer, retabled } from "./support/tables.mjs";
import { until } from "./support/view.mjs";

const hasCrane = find("crane") !== undefined;
const harness = openHarness(async (harness) => {
  // It takes every list, whatever sizes stand in it.
  harness.registry = await harness.open(hasCrane ? craneRegistry() : dockerRegistry());
  harness.front = await harness.open(spoilingFront(harness.registry));
});

/** A layer of random bytes as zstd compresses it: crane calls such an image broken. */
const packed = (name, bytes) => zstdLayer(randomArchive(name, bytes));

const verdict = (page) => page.locator("#validation p[role=status]").textContent();
const validateButton = (page) => page.getByRole("button", { name: /^Validate/ }).first();

async function decided(page) {
  return until(() => page.locator("#validation p[role=status]").count(), (count) => count === 1, "a verdict");
}

async function downloaded(page, button) {
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: button }).click();
  const download = await coming;
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
}

journey("a good image with a zstd layer is valid, in every check", harness, async (view) => {
  const { page } = view;
  await putImage(harness.registry, "good", "1", [layer("good", 200_000), packed("packed", 50_000)]);
  await view.ask(`${harness.registry.host}/good:1`);
  await view.settled(/is an OCI image/);
  await validateButton(page).click();
  await decided(page);
  assert.match(await verdict(page), /^Valid: \d+ checks passed\.$/);
  await page.locator("#validation details summary").first().click();
  const passed = await page.locator('#validation [data-outcome="passed"] b').allTextContents();
  for (const check of ["Digest of the layer", "Links and what lies behind them", "Paths that stand twice"])
    assert.equal(passed.filter((one) => one === check).length, 2, check);
});

journey("of an index every fault is listed, and taken away as JSON and as text", harness, async (view) => {
  const { page } = view;
  const { registry } = harness;
  const amd64 = await putImage(registry, "index", "amd64", [packed("amd64", 90_000)]);
  const arm64 = await putImage(registry, "index", "arm64", [layer("arm64", 60_000)], { architecture: "arm64" });
  // The digest is right, the size is not: crane passes it.
  await putIndex(registry, "index", "1", [amd64, { ...arm64, size: arm64.size + 1 }]);
  await view.ask(`${registry.host}/index:1`);
  await view.settled(/is an OCI image index/);
  await page.getByRole("button", { name: /^Check everything/ }).click();
  await validateButton(page).click();
  await decided(page);
  assert.match(await verdict(page), /^Not valid: 1 check failed, \d+ passed/);
  const failed = page.locator('#validation [data-outcome="failed"]');
  assert.match(await failed.innerText(), /Size of the manifest failed\s*list \/manifests\/1\/size/);
  const json = await downloaded(page, "Download as JSON");
  assert.equal(json.name, "validation.json");
  const report = JSON.parse(json.text);
  assert.equal(report.verdict, "invalid");
  assert.equal(report.counts.failed, 1);
  assert.equal(report.counts.notChecked, 0);
  assert.deepEqual(
    report.subjects.map((subject) => subject.title),
    ["list", "linux/amd64", "linux/arm64"],
  );
  const [first] = report.subjects[2].checks;
  assert.deepEqual([first.check, first.result, first.pointer], ["manifest-size", "failed", "/manifests/1/size"]);
  const text = await downloaded(page, "Download as text");
  assert.equal(text.name, "validation.txt");
  assert.ok(text.text.includes(await verdict(page)));
});

const oci = "application/vnd.oci.image";

journey("lists in lists are gone into, and what two of them share is read once", harness, async (view, watch) => {
  const { page } = view;
  const { front, registry } = harness;
  const shared = layer("shared", 40_000);
  const image = await putImage(registry, "nested", "one", [shared]);
  const inner = await putIndex(registry, "nested", "inner", [image]);
  const wrong = await putIndex(registry, "nested", "wrong", [{ ...image, size: image.size + 1 }, image]);
  await putIndex(registry, "nested", "1", [inner, wrong]);
  await view.ask(`${front.host}/nested:1`);
  await view.settled(/is an OCI image index/);
  await page.getByRole("button", { name: /^Check everything/ }).click();
  await page.getByRole("checkbox", { name: /linux\/amd64 in \/manifests\/0/ }).waitFor();
  await validateButton(page).click();
  await decided(page);
  assert.match(await verdict(page), /^Not valid: 1 check failed/);
  // The one that failed stands first, and says where it is.
  const first = page.locator(".validated").first();
  assert.match(await first.innerText(), /linux\/amd64[\s\S]*in \/manifests\/1/);
  assert.match(await first.innerText(), /Size of the manifest failed/);
  assert.equal(front.asked(shared.digest).length, 1);
  const manifests = watch.requests.filter((request) => request.url().includes(image.digest)).length;
  assert.ok(manifests <= 2, `the image is asked for ${manifests} times`);
});

journey("what a manifest refers to is asked for: there, missing", harness, async (view) => {
  const { page } = view;
  const { registry } = harness;
  const subject = await putImage(registry, "referrer", "subject", [layer("subject", 900)]);
  const { platform, ...named } = subject;
  const referrer = (tag, subject) => putImage(registry, "referrer", tag, [layer(tag, 900)], { more: { subject } });
  await referrer("there", named);
  await referrer("missing", { ...named, digest: digestOf("nothing") });
  const told = async (tag) => {
    await view.ask(`${registry.host}/referrer:${tag}`);
    await view.settled(/is an OCI image/);
    await validateButton(page).click();
    await decided(page);
    await page.locator("#validation details summary").first().click();
    return page.locator("#validation li").filter({ hasText: "Subject" }).innerText();
  };
  assert.match(await told("there"), /Subject passed[\s\S]*It is there: application\/vnd\.oci\.image\.manifest/);
  assert.match(await told("missing"), /Subject warning[\s\S]*not in this repository/);
  assert.match(await verdict(page), /^Valid: .*1 warning/);
}, { expected: () => [answeredWith(404, `/v2/referrer/manifests/${digestOf("nothing")}`)] });

journey("an index with its attestations, as buildx makes it, is valid", harness, async (view) => {
  const { page } = view;
  const { registry } = harness;
  const image = await putImage(registry, "buildx", "image", [layer("buildx", 900)]);
  const statement = Buffer.from(JSON.stringify({ _type: "https://in-toto.io/Statement/v0.1" }));
  const inToto = { blob: statement, digest: digestOf(statement), size: statement.length, diffId: digestOf(statement) };
  const attestation = await putImage(
    registry,
    "buildx",
    "attestation",
    [{ ...inToto, mediaType: "application/vnd.in-toto+json" }],
    { architecture: "unknown" },
  );
  const annotations = {
    "vnd.docker.reference.type": "attestation-manifest",
    "vnd.docker.reference.digest": image.digest,
  };
  const platform = { os: "unknown", architecture: "unknown" };
  await putIndex(registry, "buildx", "1", [image, { ...attestation, platform, annotations }]);
  await view.ask(`${registry.host}/buildx:1`);
  await view.settled(/is an OCI image index/);
  await page.getByRole("button", { name: /^Check everything/ }).click();
  await validateButton(page).click();
  await decided(page);
  assert.match(await verdict(page), /^Valid: /);
});

journey("a validation that is cancelled says what was not checked, and goes on", harness, async (view) => {
  const { page } = view;
  const { front, registry } = harness;
  const held = layer("held", 300_000);
  await putImage(registry, "cancelled", "1", [held, layer("quick", 900)]);
  front.spoil(held.digest, "held");
  await view.ask(`${front.host}/cancelled:1`);
  await view.settled(/is an OCI image/);
  await validateButton(page).click();
  await page.getByText("The verdict comes when").waitFor();
  await page.locator(".check-head").getByRole("button", { name: "Cancel" }).click();
  await decided(page);
  assert.match(await verdict(page), /^Not decided: /);
  assert.match(await page.locator("#validation").innerText(), /Digest of the layer not checked[\s\S]*cancelled/);
  front.mend(held.digest);
  front.release();
  await validateButton(page).click();
  await until(() => verdict(page).catch(() => ""), (text) => /^Valid: /.test(text), "it is valid in the end");
});

journey("content without a registry is validated as far as it goes", harness, async (view) => {
  const { page } = view;
  await view.open("#/example/image");
  await view.settled(/^This example is/);
  await page.getByRole("button", { name: "Validate" }).click();
  await decided(page);
  assert.match(await verdict(page), /^Not decided: /);
  const text = await page.locator("#validation").innerText();
  assert.match(text, /Its bytes are not part of what was opened, and no registry was named/);
  assert.equal(await page.getByRole("button", { name: /^Check \d/ }).count(), 0, "nothing to press that does nothing");
  await view.open("#/example/index");
  await view.settled(/^This example is/);
  await page.getByRole("button", { name: "Validate" }).click();
  await decided(page);
  assert.ok((await page.locator(".validated").count()) > 2);
});

const LARGE = randomBytes(300_000);
const plain = (name) =>
  archive([
    { name: "bin/" },
    { name: "bin/su", content: randomBytes(5000), mode: 0o4755 },
    { name: "etc/motd", content: name },
    { name: "lib/large", content: LARGE },
  ]);

/** Validates an image of these layers, and what came of their tables of contents: each row as one line. */
async function tablesOf(view, repository, layers) {
  const { page } = view;
  const { front, registry } = harness;
  if (layers) await putImage(registry, repository, "1", layers);
  await view.ask(`${front.host}/${repository}:1`);
  await view.settled(/is an OCI image/);
  await validateButton(page).click();
  await decided(page);
  const passed = page.locator("#validation details summary");
  if (await passed.count()) await passed.first().click();
  const rows = page.locator("#validation li").filter({ hasText: "Table of contents" });
  await until(() => rows.count(), (count) => count > 0, "what is said of the table");
  const lines = (await rows.allInnerTexts()).map((text) => text.replace(/\s+/g, " "));
  return { verdict: await verdict(page), lines };
}

journey("a table of contents is compared with its layer, which is read once", harness, async (view) => {
  const layers = [estargz(plain("good"), "estargz-chunks"), layer("upper", 900)];
  const { verdict, lines } = await tablesOf(view, "tables/good", layers);
  assert.match(verdict, /^Valid: /);
  assert.equal(lines.length, 1, `${lines}`);
  assert.match(lines[0], /^Table of contents passed layer 1 Sha256:[\da-f]{64}, its entries, \d+, and the archive are the same\.$/i);
  assert.deepEqual(harness.front.asked(layers[0].digest).map(Boolean).sort(), [false, true], "the table, and the layer");
}, { skip: !peer });

journey("what differs between a table of contents and its layer fails at its path", harness, async (view) => {
  const differs = retabled(estargz(plain("differs"), "estargz-chunks"), (table) => {
    table.entries.find((entry) => entry.name === "bin/su").mode = 0o755;
    table.entries.find((entry) => entry.name === "lib/large").chunkDigest = digestOf("another");
  });
  const { verdict, lines } = await tablesOf(view, "tables/differs", [differs]);
  assert.match(verdict, /^Not valid: 2 checks failed/);
  assert.equal(lines.length, 2, `${lines}`);
  assert.ok(lines.some((line) => /failed layer 1, bin\/su Its mode is 0755 in the table, 4755 in the archive\.$/.test(line)), `${lines}`);
  assert.ok(lines.some((line) => /failed layer 1, lib\/large Its chunk at 0 has another digest in the archive\.$/.test(line)), `${lines}`);
  const wrong = retabled(estargz(plain("wrong")), (table) => (table.entries[1].mode = 0o644), { unnamed: true });
  const told = await tablesOf(view, "tables/wrong", [wrong]);
  assert.match(told.verdict, /^Not valid: 1 check failed/);
  assert.match(told.lines[0], /failed layer 1 The table has the digest sha256:[\da-f]{64}, the manifest names sha256:[\da-f]{64}\.$/);
}, { skip: !peer });

journey("a zstd:chunked layer as skopeo writes it is the same as its table", harness, async (view) => {
  // From another registry, as skopeo compresses nothing that the target holds already.
  const elsewhere = await harness.open(dockerRegistry());
  const from = await pushImage(elsewhere, "tables/plain:1", [plain("chunked")]);
  await chunked(from, `${harness.registry.host}/tables/chunked:1`);
  const { lines } = await tablesOf(view, "tables/chunked");
  assert.equal(lines.length, 1, `${lines}`);
  assert.match(lines[0], /^Table of contents passed/);
}, { skip: !peer || !find("skopeo") });

const MANY = 2_000;
journey(`a list of ${MANY} images is drawn page by page, by the keyboard too`, harness, async (view) => {
  const { page } = view;
  const { registry } = harness;
  const blob = layer("many", 900);
  const first = await putImage(registry, "many", "first", [blob]);
  const { config, layers } = await (
    await fetch(`http://${registry.host}/v2/many/manifests/${first.digest}`, { headers: { accept: `${oci}.manifest.v1+json` } })
  ).json();
  const entries = [];
  for (let number = 0; number < MANY; number += 1) {
    const annotations = { "org.example.number": `${number}` };
    const put = putManifest(registry, "many", undefined, `${oci}.manifest.v1+json`, { config, layers, annotations });
    entries.push({ ...(await put), platform: { os: "linux", architecture: "amd64", variant: `v${number}` } });
  }
  entries[MANY - 10].size += 1;
  const inner = await putIndex(registry, "many", "inner", entries);
  await putIndex(registry, "many", "1", [inner]);
  await view.ask(`${registry.host}/many:1`);
  await view.settled(/is an OCI image index/);
  await page.getByRole("button", { name: /^Check everything/ }).click();
  const shown = (body) => page.waitForFunction(body, undefined, { timeout: 120_000 });
  await shown(() => document.querySelectorAll(".check-choice").length === 200 && !document.body.innerText.includes("to come"));
  const began = Date.now();
  await validateButton(page).click();
  await shown(() => document.querySelector("#validation p[role=status]"));
  const took = Date.now() - began;
  assert.match(await verdict(page), /^Not valid: /);
  assert.match(await page.locator(".validated").first().innerText(), /Size of the manifest failed/);
  assert.equal(await page.locator(".validated").count(), 50);
  const nodes = await page.evaluate(() => document.querySelectorAll("#validation *").length);
  assert.ok(nodes < 13_000, `${nodes} elements are drawn`);
  const fold = page.locator(".validated h3 > button[aria-expanded]").nth(1);
  await fold.focus();
  const was = await fold.getAttribute("aria-expanded");
  await page.keyboard.press("Enter");
  await until(() => fold.getAttribute("aria-expanded"), (is) => is !== was, "the keyboard opens and closes it");
  process.stderr.write(`${MANY} images: the verdict came ${took} ms after the button, ${nodes} elements\n`);
}, { long: true });

for (const { colorScheme, widths } of viewports) {
  const [width] = widths;
  journey(`the list of checks has no fault of accessibility, ${colorScheme}, ${width} wide`, harness, async (view) => {
    const { page } = view;
    const { registry } = harness;
    await withAxe(page);
    const repository = `axe/${colorScheme}-${width}`;
    const image = await putImage(registry, repository, "image", [layer("axe", 900)]);
    const other = await putImage(registry, repository, "other", [packed("axe", 900)], { architecture: "arm64" });
    await putIndex(registry, repository, "1", [image, { ...other, size: 1 }]);
    await view.ask(`${registry.host}/${repository}:1`);
    await view.settled(/is an OCI image index/);
    await page.getByRole("button", { name: /^Check everything/ }).click();
    await validateButton(page).click();
    await decided(page);
    assert.deepEqual(await accessibilityViolations(page, "the list of checks", widths), []);
  }, { colorScheme, viewport: { width, height: 800 } });
}
