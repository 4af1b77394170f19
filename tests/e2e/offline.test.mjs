// @ts-check
// The page is kept for when there is no network: after one visit it opens, with everything that needs no registry.

import assert from "node:assert/strict";
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { concluded } from "./support/checking.mjs";
import { docker25, written } from "./support/archives.mjs";
import { journey, openHarness } from "./support/harness.mjs";
import { archive } from "./support/images.mjs";
import { sha256 } from "./support/oracle.mjs";
import { dist, emptyFolder, proxyProgram, start } from "./support/programs.mjs";
import { dockerRegistry } from "./support/registries.mjs";
import { until } from "./support/view.mjs";

const harness = openHarness(async (h) => {
  h.registry = await h.open(dockerRegistry());
  h.fixture = await h.registry.push("oci-index/lantern");
});

/** Waits until the page is kept, and answers with the addresses of what is. */
async function kept(page) {
  await page.evaluate(async () => {
    const { serviceWorker } = navigator;
    if (!serviceWorker.controller) await new Promise((resolve) => serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
  });
  return page.evaluate(async () => {
    const all = [];
    for (const name of await caches.keys()) {
      for (const { url } of await (await caches.open(name)).keys()) all.push(url);
    }
    return all;
  });
}

/** Makes another version of a page: its script is another one, by another name. */
function renew(/** @type {string} */ folder) {
  const old = readdirSync(folder).find((name) => /^waybill-[\da-f]{16}\.js$/.test(name)) ?? "";
  const script = Buffer.concat([readFileSync(path.join(folder, old)), Buffer.from("\n")]);
  const name = `waybill-${sha256(script).slice("sha256:".length).slice(0, 16)}.js`;
  writeFileSync(path.join(folder, name), script);
  for (const file of ["index.html", "offline.js"]) {
    const at = path.join(folder, file);
    writeFileSync(at, readFileSync(at, "utf8").replaceAll(old, name));
    for (const form of ["br", "gz"]) rmSync(`${at}.${form}`, { force: true });
  }
}

journey("after one visit all that needs no registry works without a network", harness, async (view, watch, context) => {
  const { page } = view;
  await view.open();
  const before = watch.requests.length;
  const addresses = await kept(page);
  const files = readdirSync(dist).filter((name) => !/\.(br|gz)$|^(index\.html|offline\.js)$/.test(name));
  const own = addresses.map((url) => url.slice(`${harness.origin}/`.length)).sort();
  assert.deepEqual(own, ["", ...files].sort(), "every file of the page, and nothing else");
  assert.ok(watch.requests.slice(before).every((request) => request.url().startsWith(harness.origin)));
  await context.setOffline(true);
  await page.reload();
  await view.open("#/example/index");
  await view.settled(/^This example is/);
  await view.open("#/verify");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await view.open("#/compose");
  await page.getByLabel("Images and lists, one a line").waitFor();
  await view.open("#/archive");
  const base = archive([{ name: "etc/" }, { name: "etc/hostname", content: "harbour" }]);
  await page.locator("#files").first().setInputFiles(written("harbour.tar", docker25([base], "harbour:1").bytes));
  await page.locator("table.images a").first().click();
  await view.settled(/is an? (OCI|Docker) image/);
  await page.getByRole("button", { name: /^Check \d+ layers?/ }).click();
  await concluded(page, /^The only layer is/);
  await page.getByRole("link", { name: "Files", exact: true }).click();
  // What is asked of a registry now is said to be for want of a network.
  await view.open(`#/inspect/${harness.fixture}`);
  await until(() => view.shown(), (shown) => /offline|no network/i.test(shown?.text ?? ""), "that there is no network");
}, { kept: true, expected: () => [/net::ERR_INTERNET_DISCONNECTED \(.*\/manifests\/2\.4\.1\)/] });

journey("what registries and the proxy answer is kept nowhere", harness, async (view) => {
  const { page } = view;
  await view.open();
  const before = await kept(page);
  await view.ask(harness.fixture);
  await view.settled(/is an OCI image index/);
  assert.deepEqual(await kept(page), before);
  // Which way a request went is known where the browser knows routes: as of now, of Chromium alone.
  const ways = await page.evaluate(() => {
    const timings = /** @type {any[]} */ (performance.getEntriesByType("resource"));
    return timings.filter(({ name }) => name.includes("/relay/")).map((timing) => timing.workerMatchedSourceType);
  });
  assert.ok(ways.length > 1 && ways.every((way) => way === "network"), `the service worker is not asked: ${ways}`);
}, { kept: true, expected: () => [/./] });

journey("a page whose server is gone opens; a newer one is told of, and comes with the next load", harness, async (view) => {
  const folder = path.join(emptyFolder(), "dist");
  cpSync(dist, folder, { recursive: true });
  const serve = (/** @type {string} */ listen) => start(proxyProgram, ["--listen", listen, "--dist", folder], /Waybill is at (http:\/\/[^/]+)\//);
  const first = await serve("127.0.0.1:0");
  const origin = first.ready[1];
  harness.hosts.push(new URL(origin).host);
  const { page } = view;
  await page.goto(`${origin}/`);
  await kept(page);
  await first.stop();
  await page.reload();
  await page.goto(`${origin}/#/example/image`);
  await page.getByRole("heading", { level: 1, name: /./ }).waitFor();
  await until(() => page.locator("main").innerText(), (text) => /This example is/.test(text), "the example");
  renew(folder);
  const second = await serve(new URL(origin).host);
  try {
    assert.ok(await page.locator("#newer").isHidden());
    await until(
      async () => {
        await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
        return page.locator("#newer").isVisible();
      },
      Boolean,
      "that there is a newer one",
    );
    assert.match(await page.locator("#newer").innerText(), /comes when this page is loaded again/);
    assert.match(await page.locator("main").innerText(), /This example is/, "nothing is lost");
  } finally {
    await second.stop();
  }
}, { kept: true, expected: () => [/./] });

journey("it can be installed: it has a name, icons and an address to begin at", harness, async (view) => {
  const { page } = view;
  await view.open();
  const answer = await page.evaluate(async () => {
    const { href } = /** @type {any} */ (document.querySelector('link[rel="manifest"]'));
    const manifest = await (await fetch(href)).json();
    const icons = await Promise.all(manifest.icons.map(async ({ src }) => (await fetch(src)).headers.get("content-type")));
    return { manifest, icons };
  });
  assert.equal(answer.manifest.short_name, "Waybill");
  assert.deepEqual(answer.icons, ["image/svg+xml", "image/svg+xml"]);
  const session = await page.context().newCDPSession(page);
  const { errors } = await session.send("Page.getAppManifest");
  assert.deepEqual(errors, []);
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // That this browser keeps nothing is the journey's, not the page's.
  assert.deepEqual(installabilityErrors.map(({ errorId }) => errorId), ["in-incognito"]);
});
