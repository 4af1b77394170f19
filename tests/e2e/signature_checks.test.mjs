// @ts-check
// Signatures that real tools made are checked in the page: with the right key, with another one, on an image that they
// are not of, by cosign's tag and by a bundle, and by Notation's certificate.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { accessibilityViolations, viewports, withAxe } from "./support/accessibility.mjs";
import { journey, openHarness } from "./support/harness.mjs";
import { digestOf, putBlob, putManifest } from "./support/images.mjs";
import { dockerRegistry } from "./support/registries.mjs";

const made = JSON.parse(readFileSync(new URL("../fixtures/signature_checks/index.json", import.meta.url), "utf8"));
const EMPTY = "application/vnd.oci.empty.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** All signatures of that name, in the order in which they were made. */
const named = (name) => made.signatures.filter((/** @type {any} */ one) => one.name === name);

/** Pushes the image that these signatures are of, and them as one manifest: under cosign's tag, or as a referrer. */
async function signed(registry, repository, name, { byTag = false, of = "" } = {}) {
  const signatures = named(name);
  const reference = await registry.push(of || signatures[0].subject, `${repository}:1`);
  const answer = await fetch(`http://${registry.host}/v2/${repository}/manifests/1`, { headers: { accept: `${MANIFEST}, application/vnd.oci.image.index.v1+json` } });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const digest = digestOf(bytes);
  const subject = { mediaType: answer.headers.get("content-type"), digest, size: bytes.length };
  const config = { mediaType: EMPTY, digest: digestOf(Buffer.from("{}")), size: 2 };
  await putBlob(registry, repository, Buffer.from("{}"));
  const layers = [];
  for (const { mediaType, digest, size, annotations, blob } of signatures) {
    await putBlob(registry, repository, Buffer.from(blob, "base64"));
    layers.push({ mediaType, digest, size, annotations: Object.fromEntries(annotations) });
  }
  const artifactType = name.startsWith("notation/") ? "application/vnd.cncf.notary.signature" : layers[0].mediaType;
  const members = byTag ? { config, layers } : { artifactType, config, layers, subject };
  const tag = digest.replace(":", "-");
  const put = await putManifest(registry, repository, byTag ? `${tag}.sig` : null, MANIFEST, members);
  if (!byTag) {
    const manifests = [{ ...put, artifactType }];
    await putManifest(registry, repository, tag, "application/vnd.oci.image.index.v1+json", { manifests });
  }
  return { reference, digest };
}

const harness = openHarness(async (harness) => {
  harness.registry = await harness.open(dockerRegistry({ cors: true }));
  const sign = (repository, name, options) => signed(harness.registry, repository, name, options);
  await sign("payload", "cosign/p256-payload", { byTag: true });
  await sign("two", "cosign/two-signers-payload", { byTag: true });
  await sign("bundle", "cosign/p256-bundle");
  await sign("report", "cosign/failed-test-bundle");
  await sign("notation", "notation/p384-cose");
  await sign("other", "cosign/p256-bundle", { of: "oci-manifest/zstd" });
});
// What the registry does not know it answers without leave for pages.
const expected = () => [/404/, /\/referrers\//];

/** Opens the tab and the manifest with that name in it, and begins the check. */
async function check(view, repository, name) {
  const { page } = view;
  await view.open(`#/inspect/${harness.registry.host}/${repository}:1?tab=related`);
  await page.getByRole("button", { name }).first().click();
  await page.getByRole("button", { name: /^Check the / }).click();
  await page.getByRole("heading", { name: "Signatures checked here" }).waitFor();
}

const box = (page) => page.getByLabel(/^Paste a public key, a certificate or a root/);
const verdict = (page, words) => page.locator(".checked-signature", { hasText: words }).first().waitFor();

journey("a signature under cosign's tag holds with its key, and not with another one", harness, async (view, watch) => {
  const { page } = view;
  await check(view, "payload", /cosign signature/i);
  const before = watch.requests.length;
  await box(page).fill(made.given.rsa);
  await verdict(page, "does not hold with the key you gave");
  assert.equal(await page.locator(".checked-signature .verdict-word.good", { hasText: /^holds$/ }).count(), 0);
  await page.getByRole("button", { name: "Forget all of it" }).click();
  await box(page).fill(made.given.p256);
  await verdict(page, "Signature of the image: holds with the key you gave (P-256 key");
  await verdict(page, "its docker-manifest-digest is that of this image");
  assert.doesNotMatch(await page.locator(".signatures").innerText(), /trusted/i);
  const asked = watch.requests.slice(before).filter((/** @type {any} */ one) => !/\.(wasm|js|css)$/.test(String(one.url ?? one)));
  assert.deepEqual(asked, [], "a key goes nowhere");
}, { expected });

journey("of two signers the key names one", harness, async (view) => {
  const { page } = view;
  await check(view, "two", /cosign signature/i);
  await box(page).fill(made.given.p256);
  await page.locator(".checked-signature").nth(1).waitFor();
  await verdict(page, "holds with the key you gave");
  await page.getByText(/1 of 2/).first().waitFor();
}, { expected });

journey("a bundle of today's cosign holds, and its key is there for the next image", harness, async (view) => {
  const { page } = view;
  await check(view, "bundle", /bundle/i);
  await box(page).fill(made.given.p256);
  await verdict(page, "Signature of the image: holds with the key you gave");
  // The next image is checked with what was given, without a word.
  await check(view, "other", /bundle/i);
  await verdict(page, "it is about something else");
  assert.equal(await page.locator(".checked-signature .verdict-word.good", { hasText: /^holds$/ }).count(), 0);
}, { expected });

journey("a signed test that failed is a statement, and no signed image", harness, async (view) => {
  const { page } = view;
  await check(view, "report", /bundle/i);
  await box(page).fill(made.given[named("cosign/failed-test-bundle")[0].given]);
  await verdict(page, /signed statement: test result FAILED; it is no signature of the image/i);
}, { expected });

journey("Notation's envelope in CBOR holds with the certificate that somebody gives", harness, async (view) => {
  const { page } = view;
  await check(view, "notation", /notation signature/i);
  await box(page).fill(made.given[named("notation/p384-cose")[0].given]);
  await verdict(page, "chain checked to the certificate you gave");
}, { expected });

for (const { colorScheme, widths } of viewports) {
  journey(`how it looks, ${colorScheme}, ${widths[0]} pixels wide`, harness, async (view) => {
    const { page } = view;
    await withAxe(page);
    await page.setViewportSize({ width: widths[0], height: 800 });
    await check(view, "payload", /cosign signature/i);
    await box(page).fill(made.given.p256);
    await verdict(page, "holds with the key you gave");
    assert.deepEqual(await accessibilityViolations(page, "a signature that holds", widths), []);
    const folder = process.env.WAYBILL_PICTURES;
    if (folder) await page.screenshot({ path: `${folder}/signature-${colorScheme}-${widths[0]}.png`, fullPage: true });
  }, { colorScheme, expected });
}
