// @ts-check
// Takes the pictures in docs/: node tests/e2e/pictures.mjs [NAME...]
// They show the built page and a registry that holds the first bundled example. README.md and docs/USING.md show each of
// them, and each is in the history of git for good: six are enough.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium as playwright } from "playwright-core";
import { sha256 } from "./support/oracle.mjs";
import { chromium, dist, proxyProgram, start } from "./support/programs.mjs";
import { drawn } from "./support/view.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const AMD64 = JSON.parse(await readFile(path.join(root, "static/examples/index/root.json"))).manifests[0].digest;

const PICTURES = {
  "index-light": { hash: "#/inspect/registry.example/lantern:2.4.1", there: ".platforms" },
  "index-dark": { hash: "#/inspect/registry.example/lantern:2.4.1", there: ".platforms", theme: "dark" },
  "image-light": { hash: `#/inspect/registry.example/lantern:2.4.1?at=${AMD64}`, there: ".hold" },
  "error-light": { hash: "#/inspect/registry.example/lantern:2.5", there: ".error" },
  "compose-light": {
    hash: "#/compose?open=registry.example/lantern:2.4.1",
    there: ".tools",
    prepare: composed,
    height: 1180,
  },
  "verify-light": { hash: "#/verify", there: "#verdict", prepare: openWithNewline },
};

/** Keeps two platforms, one of them edited, and names a target. */
async function composed(page) {
  for (const name of ["linux/arm/v7", "linux/riscv64", "linux/s390x"]) {
    await page.getByRole("button", { name: `Remove ${name}`, exact: true }).click();
  }
  await page.getByRole("button", { name: "Edit linux/arm64", exact: true }).click();
  await page.getByLabel("variant").fill("v8");
  await page.getByLabel("Target", { exact: true }).fill("registry.example/lantern:2.4");
}

/** Opens an example that got a newline at its end, and gives the digest it had before. */
async function openWithNewline(page) {
  const manifest = await readFile(path.join(root, `static/examples/index/${AMD64.replace(":", "-")}.json`));
  await page.getByLabel("Expected digest").fill(AMD64);
  const file = { name: "lantern.json", mimeType: "application/json", buffer: Buffer.concat([manifest, Buffer.from("\n")]) };
  await page.locator("input[type=file]").setInputFiles(file);
  await page.getByRole("button", { name: "Go on with these bytes" }).waitFor();
}

/** Answers in the proxy's place, so that the pictures need no registry of that name. */
async function relay(route) {
  const wanted = new URL(route.request().url()).pathname.split("/").at(-1);
  const file = wanted === "2.4.1" ? "root.json" : `${wanted.replace(":", "-")}.json`;
  const headers = { "waybill-relay": "relayed" };
  try {
    const body = await readFile(path.join(root, "static/examples/index", file));
    headers["content-type"] = file === "root.json" ? INDEX : MANIFEST;
    headers["docker-content-digest"] = sha256(body);
    await route.fulfill({ status: 200, headers, body });
  } catch {
    const errors = [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown", detail: { Tag: wanted } }];
    await route.fulfill({ status: 404, headers, body: JSON.stringify({ errors }) });
  }
}

const chosen = process.argv.slice(2);
const proxy = await start(proxyProgram, ["--listen", "127.0.0.1:0", "--dist", dist], /Waybill is at (http:\/\/[^/]+)\//);
const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"];
const browser = await playwright.launch({ executablePath: chromium, args: flags });
try {
  for (const [name, { hash, there, prepare, height, theme = "light" }] of Object.entries(PICTURES)) {
    if (chosen.length && !chosen.includes(name)) continue;
    const page = await browser.newPage({ colorScheme: theme, viewport: { width: 1120, height: height ?? 720 } });
    await page.route("https://registry.example/**", (route) => route.abort());
    await page.route("**/relay/**", relay);
    await page.goto(`${proxy.ready[1]}/${hash}`);
    await drawn(page, hash);
    await prepare?.(page);
    await page.locator(there).waitFor();
    await page.waitForFunction(() => !document.querySelector("progress"));
    await page.evaluate(() => (document.activeElement?.blur(), scrollTo(0, 0)));
    await page.screenshot({ path: path.join(root, `docs/${name}.png`), fullPage: !height });
    await page.close();
  }
} finally {
  await browser.close();
  await proxy.stop();
}
