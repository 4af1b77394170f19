// @ts-check
// Related: what refers to an image, found in every way, opened and read; by mouse and by keyboard; and what harms.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { accessibilityViolations, viewports, withAxe } from "./support/accessibility.mjs";
import { asked as askedFor, journey, openHarness } from "./support/harness.mjs";
import { layer, putBlob, putImage, putManifest } from "./support/images.mjs";
import { emptyFolder, find, run } from "./support/programs.mjs";
import { artifact, documentOf, entry, image, index, referrersRegistry, statement } from "./support/referrers.mjs";
import { dockerRegistry } from "./support/registries.mjs";
import { until } from "./support/view.mjs";

const IN_TOTO = "application/vnd.in-toto+json";
const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
const SIMPLE = "application/vnd.dev.cosign.simplesigning.v1+json";
const ATTESTATION = "application/vnd.docker.attestation.manifest.v1+json";

/** An SBOM of so many packages. */
const sbom = (packages) => ({
  spdxVersion: "SPDX-2.3",
  name: "app",
  creationInfo: { created: "2026-01-02T03:04:05Z", creators: ["Tool: syft-1"] },
  packages: Array.from({ length: packages }, (_, number) => ({
    name: `package-${number}`,
    versionInfo: `1.${number}`,
    licenseConcluded: number % 3 ? "MIT" : "Zlib",
    externalRefs: [{ referenceType: "purl", referenceLocator: `pkg:deb/package-${number}@1.${number}` }],
  })),
});

/** What buildx makes since BuildKit 0.32: in the index, and a referrer of its image. */
function built() {
  const app = image("app");
  const provenance = {
    buildDefinition: {
      buildType: "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
      externalParameters: { configSource: { uri: "https://example.com/app.git", path: "Dockerfile" }, request: { args: { "build-arg:VERSION": "1.2" } } },
      resolvedDependencies: [{ uri: "pkg:docker/alpine@3.20", digest: { sha256: "00" } }],
    },
    runDetails: {
      builder: { id: "https://builder.example" },
      metadata: {
        buildkit_metadata: {
          vcs: { revision: "c0ffee" },
          source: { infos: [{ filename: "Dockerfile", data: Buffer.from("FROM scratch\nCOPY app /\n").toString("base64") }] },
        },
      },
    },
  };
  const kind = (predicate) => ({ "in-toto.io/predicate-type": predicate });
  const documents = [
    ["https://slsa.dev/provenance/v1", provenance],
    ["https://spdx.dev/Document", sbom(120)],
  ].map(([type, predicate]) => documentOf(IN_TOTO, statement(app, type, predicate), kind(type)));
  const attestation = artifact(ATTESTATION, documents, app);
  const signature = artifact(BUNDLE, [documentOf(BUNDLE, { mediaType: BUNDLE, verificationMaterial: {}, messageSignature: {} })], attestation);
  const unknown = { os: "unknown", architecture: "unknown" };
  const annotations = { "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": app.digest };
  const list = index([
    entry(app, { platform: { os: "linux", architecture: "amd64" } }),
    entry(attestation, { platform: unknown, annotations, artifactType: undefined }),
  ]);
  const referrers = (digest) => ({ [app.digest]: [entry(attestation)], [attestation.digest]: [entry(signature)] })[digest] ?? [];
  return { held: { manifests: [list, app, attestation, signature], tags: { latest: list }, referrers }, app, attestation, list };
}

/** What harms: a thousand referrers, itself, a circle, names and texts. */
function harmful() {
  const app = image("harm");
  const evil = "<img src=x onerror=alert(1)>\u202e" + "x".repeat(300_000);
  const text = documentOf(IN_TOTO, { ...statement(app, evil, { [evil]: evil, list: Array(500).fill(evil.slice(0, 200)) }) }, { [evil.slice(0, 100)]: evil });
  const stranger = artifact("text/html;<script>", [text], app, { annotations: { [evil.slice(0, 90)]: evil } });
  const elsewhere = artifact(BUNDLE, [], image("another"));
  const signatures = documentOf("application/vnd.dsse.envelope.v1+json", {
    payloadType: IN_TOTO,
    payload: "e30=",
    signatures: Array(100_000).fill({ sig: "AA==" }),
  });
  const many = artifact("application/vnd.dsse.envelope.v1+json", [signatures], app);
  const numbered = Array.from({ length: 1_000 }, (_, number) => ({ mediaType: app.mediaType, digest: `sha256:${String(number).padStart(64, "0")}`, size: 1 }));
  const referrers = (digest, url, response) => {
    if (digest === stranger.digest) return [entry(app), entry(stranger)];
    if (digest === app.digest) {
      response.setHeader("link", '<https://evil.example/v2/x/referrers/y>; rel="next"');
      return [entry(stranger), entry(stranger), entry(elsewhere), entry(app), entry(many), ...numbered];
    }
    return [];
  };
  return { held: { manifests: [app, stranger, elsewhere, many], tags: { latest: app }, referrers }, stranger, many };
}

/** How many packages stand in a long SBOM, and how long that is. */
const PACKAGES = 100_000;
const LONG = 41_600_000;

/** The text of an SBOM of so many bytes, of which most say nothing that is shown. */
function longSbom(bytes) {
  const packages = sbom(PACKAGES).packages;
  const room = bytes - JSON.stringify(sbom(PACKAGES)).length;
  const comment = "x".repeat(Math.floor(room / PACKAGES) - 13);
  return JSON.stringify({ ...sbom(0), packages: packages.map((one) => ({ ...one, comment })) });
}

/** Long documents: an SBOM by itself and one in an envelope, and what is wrong with others. */
function long() {
  const app = image("long");
  const kinds = { whole: "application/vnd.example.whole", wrapped: "application/vnd.example.wrapped", odd: "application/vnd.example.odd" };
  const text = longSbom(LONG);
  const whole = artifact(kinds.whole, [documentOf("application/spdx+json", text)], app);
  const payload = JSON.stringify(statement(app, "https://spdx.dev/Document", JSON.parse(longSbom(30_500_000))));
  const envelope = { payloadType: IN_TOTO, payload: Buffer.from(payload).toString("base64"), signatures: [{ keyid: "k", sig: "AA==" }] };
  const wrapped = artifact(kinds.wrapped, [documentOf("application/vnd.dsse.envelope.v1+json", envelope)], app);
  const part = text.slice(0, 2_000_000);
  const odd = [
    documentOf("application/spdx+json", part),
    { ...documentOf("application/spdx+json", `${part.slice(0, part.lastIndexOf("},{"))}}]}`), digest: documentOf("x", "y").digest },
    { ...documentOf("application/spdx+json", JSON.stringify(sbom(9_000))), size: 100 },
    { ...documentOf("application/octet-stream", part.slice(1)), stalls: true },
    { ...documentOf("application/spdx+json", "{}"), size: 41 << 20 },
  ];
  const all = [whole, wrapped, artifact(kinds.odd, odd, app)];
  const referrers = (digest) => (digest === app.digest ? all.map((one) => entry(one)) : []);
  return { held: { manifests: [app, ...all], tags: { latest: app }, referrers }, kinds, text, payload };
}

const harness = openHarness(async (harness) => {
  harness.built = built();
  harness.scripted = await harness.open(referrersRegistry(harness.built.held));
  harness.harmful = harmful();
  harness.harms = await harness.open(referrersRegistry(harness.harmful.held));
  harness.long = long();
  harness.longs = await harness.open(referrersRegistry(harness.long.held));
  const many = image("many");
  const bundles = Array.from({ length: 40 }, (_, number) => artifact(BUNDLE, [documentOf(BUNDLE, { number })], many));
  const lists = (digest) => (digest === many.digest ? bundles.map((one) => entry(one)) : []);
  harness.slow = await harness.open(referrersRegistry({ manifests: [many, ...bundles], tags: { latest: many }, referrers: lists }, { slow: 150 }));
  // ghcr: pages may not read it, and who asks for referrers is sent elsewhere.
  harness.elsewhere = await harness.open(referrersRegistry({ manifests: [], referrers: () => [] }));
  const published = image("published");
  const signed = artifact(BUNDLE, [documentOf(BUNDLE, { mediaType: BUNDLE })], published);
  const fallback = index([{ ...entry(signed), artifactType: "application/vnd.oci.empty.v1+json" }]);
  const redirects = (_digest, _url, response) => {
    response.writeHead(303, { location: `http://${harness.elsewhere.host}/-/v2/packages` }).end();
  };
  const tags = { latest: published, [published.digest.replace(":", "-")]: fallback };
  harness.redirecting = await harness.open(referrersRegistry({ manifests: [published, signed], tags, referrers: redirects }, { cors: false }));
  harness.docker = await harness.open(dockerRegistry({ cors: true }));
});

/** What stands in the tab. */
const related = (view) =>
  view.page.evaluate(() => {
    const text = (element) => element?.textContent?.replaceAll(/\s+/g, " ").trim() ?? "";
    const tab = document.querySelector(".related");
    const rows = [...(tab?.querySelectorAll(".related-row") ?? [])];
    return {
      title: text(tab?.querySelector("#related")),
      ways: [...(tab?.querySelectorAll(".related-head .related-ways li") ?? [])].map(text),
      sections: [...(tab?.querySelectorAll(".related-of > h3") ?? [])].map(text),
      rows: rows.map((row) => ({
        name: text(row.querySelector(".related-name")).slice(2),
        depth: Number(/** @type {any} */ (row).dataset.depth),
        found: [...row.querySelectorAll(".related-line .chips li")].map(text),
        digest: /** @type {any} */ (row.querySelector(".related-line [data-copy]"))?.dataset.copy,
      })),
      bad: [...(tab?.querySelectorAll(".related-row > .bad, .related-row > div > .bad") ?? [])].map(text),
      working: Boolean(tab?.querySelector(".progress")),
      text: text(tab),
    };
  });

const settled = (view, title) =>
  until(
    () => related(view),
    (shown) => title.test(shown.title) && !shown.working,
    `what is related: ${title}`,
  );

const show = async (view, host, title, reference = "team/app:latest") => {
  await view.open(`#/inspect/${host}/${reference}?tab=related`);
  return settled(view, title);
};

journey("nothing is asked before the tab is opened, and two requests a manifest then", harness, async (view) => {
  const { scripted, built: { app, attestation, list } } = harness;
  scripted.asked();
  await view.open(`#/inspect/${scripted.host}/team/app:latest`);
  await view.page.getByRole("link", { name: "Related" }).waitFor();
  await view.settled(/./);
  assert.ok(scripted.asked().every((line) => !/referrers|sha256-/.test(line)), "nothing is asked before");
  await view.page.getByRole("link", { name: "Related" }).click();
  const shown = await settled(view, /^2 manifests are related/);
  const asked = scripted.asked();
  const of = (digest) => asked.filter((line) => line.includes(digest.slice(7)));
  assert.equal(of(list.digest).length, 5, "five ways at the manifest that is looked at");
  assert.equal(of(app.digest).length, 1);
  assert.ok(of(attestation.digest).length <= 2);
  assert.deepEqual(new Set(asked).size, asked.length, "nothing is asked twice");
  // One node, found in two ways; what signs it stands below it.
  assert.deepEqual(shown.rows.map(({ name, depth }) => [name, depth]), [["attestation", 1], ["Sigstore bundle", 2]]);
  assert.deepEqual(shown.rows[0].found, ["entry of the index", "referrers API"]);
  assert.equal(shown.sections[1], "linux/amd64 entry 1 of this index");
  // Looked at from the image, it is the same.
  await view.page.getByRole("link", { name: "linux/amd64" }).first().click();
  const child = await settled(view, /^2 manifests are related/);
  assert.ok(view.page.url().endsWith(`at=${app.digest}&tab=related`), view.page.url());
  assert.ok(child.sections.some((title) => title.startsWith("The index above")));
  assert.deepEqual(child.rows[0].found, ["entry of the index", "referrers API"]);
}, { expected: () => [/404/] });

journey("an attestation is read: provenance, Dockerfile, packages; and said to be unsigned", harness, async (view) => {
  const { page } = view;
  harness.scripted.asked();
  await show(view, harness.scripted.host, /^2 manifests/);
  assert.ok(harness.scripted.asked().every((line) => !line.includes("/blobs/") || line.includes(harness.built.app.documents[0].digest)));
  await page.getByRole("button", { name: "attestation" }).click();
  await page.getByText("SPDX 2.3").first().waitFor();
  const opened = await related(view);
  for (const words of [
    "https://builder.example", "c0ffee", "VERSION", "pkg:docker/alpine@3.20", "Dockerfile", "120 packages",
    "Not signed: a statement by itself", "It names the digest of what it was found under",
  ]) assert.ok(opened.text.includes(words), words);
  await page.getByText("Dockerfile", { exact: true }).last().click();
  await page.getByText("FROM scratch").waitFor();
  await page.getByRole("searchbox", { name: "Search every package" }).fill("package-119");
  await page.getByText("1 of 120 packages").waitFor();
  const downloads = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).last().click();
  assert.match((await downloads).suggestedFilename(), /^[\da-f]{12}\.json$/);
  await page.getByRole("button", { name: "Sigstore bundle" }).click();
  await page.getByText("Nothing of this is proven before it is checked").first().waitFor();
  // What came by its digest is kept: the tab left and gone to again asks nothing.
  harness.scripted.asked();
  await page.getByRole("link", { name: "JSON" }).click();
  await page.getByRole("link", { name: "Related" }).click();
  await settled(view, /^2 manifests/);
  assert.deepEqual(harness.scripted.asked(), []);
}, { expected: () => [/404/] });

journey("by keyboard alone: along the lines, open and close", harness, async (view) => {
  await show(view, harness.scripted.host, /^2 manifests/);
  const { page } = view;
  const focused = () => page.evaluate(() => document.activeElement?.id);
  await page.locator("#related-0").focus();
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), "related-1");
  await page.keyboard.press("Home");
  assert.equal(await focused(), "related-0");
  await page.keyboard.press("ArrowRight");
  await page.getByText("SPDX 2.3").first().waitFor();
  assert.equal(await focused(), "related-0");
  await page.keyboard.press("ArrowLeft");
  await until(() => related(view), ({ text }) => !text.includes("SPDX 2.3"), "it is closed");
  await page.keyboard.press("Enter");
  await page.getByText("SPDX 2.3").first().waitFor();
}, { expected: () => [/404/] });

journey("a registry without the API: the fallback tag, cosign's tags, as oras and regctl write them", harness, async (view) => {
  const { docker } = harness;
  const oras = find("oras");
  const regctl = find("regctl");
  const subject = await putImage(docker, "team/app", "latest", [layer("app", 500)]);
  const reference = `${docker.host}/team/app:latest`;
  const folder = emptyFolder();
  const file = path.join(folder, "sbom.spdx.json");
  writeFileSync(file, JSON.stringify(sbom(3)));
  const written = [];
  if (oras) {
    written.push("oras");
    await run(oras, ["attach", "--plain-http", "--disable-path-validation", "--artifact-type", "application/spdx+json", reference, `${file}:application/spdx+json`]);
  }
  if (regctl) {
    written.push("regctl");
    const arguments_ = ["--host", `reg=${docker.host},tls=disabled`, "artifact", "put", "--subject", reference, "--artifact-type", "application/vnd.example.note", "--file", file];
    await run(regctl, arguments_);
  }
  assert.ok(written.length > 0 || !process.env.WAYBILL_STRICT, "oras or regctl is here");
  const payload = Buffer.from(JSON.stringify({
    critical: { identity: { "docker-reference": reference }, image: { "docker-manifest-digest": subject.digest }, type: "cosign container image signature" },
    optional: null,
  }));
  const config = Buffer.from("{}");
  for (const bytes of [payload, config]) await putBlob(docker, "team/app", bytes);
  const documents = [documentOf(SIMPLE, payload.toString(), { "dev.cosignproject.cosign/signature": "MEUCIQ==" })];
  const { annotations, digest, size, mediaType } = documents[0];
  await putManifest(docker, "team/app", `${subject.digest.replace(":", "-")}.sig`, "application/vnd.oci.image.manifest.v1+json", {
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: documentOf("x", "{}").digest, size: 2 },
    layers: [{ mediaType, digest, size, annotations }],
  });
  const shown = await show(view, docker.host, new RegExp(`^${written.length + 1} manifests? (are|is) related`));
  assert.match(shown.ways[0], /^referrers API: not there: the registry answered 404/);
  const signature = shown.rows.find(({ name }) => name === "cosign signature");
  assert.deepEqual(signature?.found, ["cosign tag .sig"]);
  const others = shown.rows.filter((row) => row !== signature);
  assert.ok(others.every(({ found }) => found[0] === "fallback tag"));
  // The tools that wrote them list the same.
  if (oras) {
    const told = JSON.parse((await run(oras, ["discover", "--plain-http", "--format", "json", reference])).toString());
    const listed = (told.referrers ?? told.manifests).map(({ digest }) => digest);
    assert.deepEqual(new Set(others.map(({ digest }) => digest)), new Set(listed));
  }
  await view.page.getByRole("button", { name: "cosign signature" }).click();
  await view.page.getByText("This is what was signed; the signature stands in the annotations of its layer.").waitFor();
  await view.page.getByText("It names the digest of what it was found under.").waitFor();
}, { expected: () => [/CORS|ERR_FAILED|404/] });

journey("a registry that sends whoever asks elsewhere: the fallback tag, and nobody else is asked", harness, async (view) => {
  const shown = await show(view, harness.redirecting.host, /^1 manifest is related/);
  assert.match(shown.ways[0], new RegExp(`^referrers API: not there: .* redirects to ${harness.elsewhere.host}`));
  assert.deepEqual(shown.rows.map(({ name, found }) => [name, found]), [["Sigstore bundle", ["fallback tag"]]]);
  assert.deepEqual(harness.elsewhere.asked(), []);
}, { expected: (harness) => [/CORS|ERR_FAILED|404|502/, new RegExp(harness.redirecting.host)] });

journey("forty manifests come eight at a time, and cancelling stops that", harness, async (view, watch) => {
  await view.open(`#/inspect/${harness.slow.host}/team/app:latest?tab=related`);
  const cancel = view.page.locator(".related").getByRole("button", { name: "Cancel" });
  await cancel.waitFor();
  await until(() => related(view), ({ rows }) => rows.length === 40, "the list");
  await cancel.click();
  const shown = await until(() => related(view), ({ working }) => !working, "the end");
  assert.match(shown.title, /there may be more|not everything came/);
  const before = askedFor(watch, 0).length;
  assert.ok(harness.slow.atOnce() <= 8, `${harness.slow.atOnce()} at once`);
  await view.page.locator(".related").getByRole("button", { name: "Ask again" }).first().click();
  await settled(view, /^40 manifests are related/);
  assert.ok(askedFor(watch, 0).length > before);
  assert.ok(harness.slow.atOnce() <= 8, `${harness.slow.atOnce()} at once`);
}, { expected: () => [/404|ERR_FAILED|ERR_ABORTED/] });

journey("what harms is marked, cut and counted, and the page stays alive", harness, async (view) => {
  const { page } = view;
  const shown = await show(view, harness.harms.host, /there may be more|known to be related/);
  assert.match(shown.text, /9\d\d manifests more are listed/);
  assert.match(shown.text, /the next page is at https:\/\/evil\.example/);
  assert.match(shown.text, /Not counted, see below: \d+ manifests/);
  assert.ok(shown.bad.some((words) => words.startsWith("It names another subject")));
  assert.ok(shown.bad.some((words) => words.startsWith("It refers to itself")));
  await page.getByRole("button", { name: "text/html" }).first().click();
  await page.getByText("statement of a type that is not known here").waitFor();
  await page.getByRole("button", { name: "attestation" }).first().click();
  await page.getByText("It carries 100,000 signatures.").waitFor();
  assert.equal(await page.evaluate(() => document.querySelectorAll(".related img, .related script").length), 0);
  const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
  assert.ok(nodes < 10_000, `${nodes} nodes`);
  await page.getByRole("link", { name: "JSON" }).click();
  await page.getByRole("link", { name: "Related" }).click();
}, { expected: () => [/404/] });

/**
 * Begins to note the tasks of the page; the answer tells the processor time of the longest, in milliseconds: on a machine
 * that does other things a task waits for a core, too.
 */
async function longestTask(page) {
  const browser = page.context().browser();
  await browser.startTracing(page, { categories: ["toplevel"] });
  return async () => {
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
    const thread = ({ pid, tid }) => `${pid} ${tid}`;
    const mains = traceEvents.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").map(thread);
    const tasks = traceEvents.filter((event) => event.name.endsWith("RunTask") && mains.includes(thread(event)));
    assert.ok(tasks.length > 100, `${tasks.length} tasks`);
    return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1_000;
  };
}

journey("documents of 40 MB are read, searched and saved, and no task of the page is long", harness, async (view) => {
  const { page } = view;
  const { kinds, text, payload } = harness.long;
  await show(view, harness.longs.host, /^3 manifests/);
  const longest = await longestTask(page);
  /** Opens a manifest and reads its document, to the end of its workers. */
  const read = async (kind, title) => {
    await page.getByRole("button", { name: kind }).click();
    const button = page.getByRole("button", { name: /^Read it, / });
    await button.waitFor();
    const start = performance.now();
    await button.click();
    await page.getByText(title).first().waitFor();
    console.log(`${title}: ${(performance.now() - start).toFixed(0)} ms`);
    await until(async () => page.workers().length, (count) => count === 0, "no worker is left");
  };
  const size = async (name) => {
    const downloads = page.waitForEvent("download");
    await page.getByRole("button", { name, exact: true }).click();
    const file = await downloads;
    return readFileSync(await file.path()).length;
  };
  await read(kinds.whole, "100,000 packages");
  await page.getByText("SPDX 2.3").first().waitFor();
  await page.getByRole("searchbox", { name: "Search every package" }).fill("package-99999 ZLIB");
  await page.getByText("1 of 100,000 packages", { exact: true }).waitFor();
  await page.getByText("pkg:deb/package-99999@1.99999").waitFor();
  await page.getByRole("searchbox", { name: "Search every package" }).fill("package");
  await page.getByText("100,000 of 100,000 packages", { exact: true }).waitFor();
  await page.getByRole("button", { name: "MIT" }).click();
  await page.getByText("66,666 of 100,000 packages", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Show the bytes" }).click();
  await page.getByText("the download has all of it").waitFor();
  assert.equal(await size("Download"), text.length);
  await page.getByRole("button", { name: kinds.whole }).click();
  await read(kinds.wrapped, "In: DSSE envelope › in-toto statement v1");
  await page.getByText("100,000 packages").first().waitFor();
  await page.getByText("It names the digest of what it was found under.").waitFor();
  assert.equal(await size("Download the payload"), payload.length);
  const task = await longest();
  console.log(`the longest task of the page: ${task.toFixed(0)} ms`);
  // The aim is 50, and 29 is what it takes; beside other work a task takes longer by the clock of the processor, too.
  assert.ok(task < 100, `${task} ms`);
}, { expected: () => [/404/], long: true });

journey("long documents that are cut off, wrong, longer than said or too long; and one that is cancelled", harness, async (view) => {
  const { page } = view;
  await show(view, harness.longs.host, /^3 manifests/);
  await page.getByRole("button", { name: harness.long.kinds.odd }).click();
  const documents = page.locator(".related-document");
  await documents.nth(0).getByText("SPDX, as tags and values").waitFor();
  await documents.nth(1).getByText("These are not the bytes that were named").waitFor();
  await documents.nth(1).getByText(/ packages$/).first().waitFor();
  await documents.nth(2).getByText("9,000 packages").first().waitFor();
  await documents.nth(3).getByRole("button", { name: /^Read it, / }).click();
  await documents.nth(3).getByText("On its way.").waitFor();
  await until(async () => page.workers().length, (count) => count === 2, "its workers");
  await page.locator(".related").getByRole("button", { name: "Cancel" }).click();
  await documents.nth(3).getByText("Cancelled.").waitFor();
  await until(async () => page.workers().length, (count) => count === 0, "no worker is left");
  await documents.nth(4).getByRole("button", { name: /^Read it, / }).click();
  await documents.nth(4).getByText("more than is read here").waitFor();
}, { expected: () => [/404|ERR_ABORTED|ERR_FAILED/] });

for (const { colorScheme, widths } of viewports) {
  journey(`it can be read by everybody: ${colorScheme}, ${widths[0]} wide`, harness, async (view) => {
    await withAxe(view.page);
    await show(view, harness.scripted.host, /^2 manifests/);
    await view.page.getByRole("button", { name: "attestation" }).click();
    await view.page.getByText("SPDX 2.3").first().waitFor();
    assert.deepEqual(await accessibilityViolations(view.page, "related", widths), []);
  }, { expected: () => [/404/], colorScheme });
}
