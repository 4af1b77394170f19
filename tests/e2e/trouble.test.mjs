// The program itself in trouble: it does not load, or it panics, and the page then says what to report. That it is of
// another page than its script cannot happen.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { journey, openLab } from "./support/lab.mjs";
import { dist } from "./support/programs.mjs";

const lab = openLab(async () => {});
const cutOff = { expected: () => [/ERR_FAILED/] };

journey(
  "a program that cannot be loaded leaves a page that says so, and loading it again goes on where it was",
  lab,
  async (view) => {
    const { page } = view;
    await page.route("**/*.wasm", (route) => route.abort());
    await view.open("#/example/image");
    await page.locator("#failure").waitFor();
    assert.equal(await page.locator("#failure-what").textContent(), "Waybill could not be loaded.");
    assert.match(await page.locator("#failure-details").textContent(), /TypeError.*\n.*Chrome.*\n#\/example\/image$/s);
    await page.unroute("**/*.wasm");
    await page.locator("#failure-reload").click();
    const shown = await view.settled(/^This example is an OCI image/);
    assert.equal(shown.stamp.seal, "good");
  },
  cutOff,
);

journey("a panic leaves a page with what to report, in place of a dead screen", lab, async (view) => {
  const { page } = view;
  await view.open("#/example/image");
  await view.settled(/^This example is an OCI image/);
  // No input is known that makes the program panic, so this does what its panic hook does.
  await page.evaluate(() => globalThis.waybillFailed("Waybill has a fault and stopped.", "panicked at src/app.rs:1:1"));
  assert.equal(await page.locator("#failure-what").textContent(), "Waybill has a fault and stopped.");
  assert.match(await page.locator("#failure-details").textContent(), /^panicked at src\/app\.rs:1:1\n/);
  assert.equal(await page.locator("#page").isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement.id), "failure-reload");
});

for (const [address, name, title] of [
  ["#/verify", "Verify", /^Is this the content it claims to be/],
  ["#/compose", "Compose", /^Compose/],
]) {
  journey(
    `${name}, whose part of the program does not come, says so and comes when it is tried again`,
    lab,
    async (view, watch) => {
      const { page } = view;
      await view.open("#/example/image");
      await view.settled(/^This example is an OCI image/);
      const programs = watch.requests.map((request) => request.url()).filter((url) => url.endsWith(".wasm"));
      assert.equal(programs.length, 1, `who inspects loads no part: ${programs}`);
      await page.route("**/*.wasm", (route) => route.abort());
      await page.evaluate((hash) => (location.hash = hash), address);
      await page.getByRole("heading", { name: `${name} could not be loaded` }).waitFor();
      assert.match(await page.getByRole("alert").textContent(), /^The network or the server failed, or Waybill was/);
      await page.unroute("**/*.wasm");
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByRole("heading", { name: title }).waitFor();
      await page.getByRole("button", { name: "Try again" }).waitFor({ state: "detached" });
    },
    { expected: () => [/ERR_FAILED/, /TypeError: Failed to fetch/] },
  );
}

journey(
  "what is dropped while Verify does not come is said not to be opened, and is when it is dropped again",
  lab,
  async (view) => {
    const { page } = view;
    await view.open("#/example/image");
    await view.settled(/^This example is an OCI image/);
    await page.route("**/*.wasm", (route) => route.abort());
    await view.drop("one.json", Buffer.from("{}"));
    await page.getByRole("status").filter({ hasText: "Verify could not be loaded, so nothing was opened" }).waitFor();
    await page.unroute("**/*.wasm");
    await view.drop("one.json", Buffer.from("{}"));
    await view.settled(/^one\.json is /);
  },
  { expected: () => [/ERR_FAILED/, /TypeError: Failed to fetch/] },
);

journey(
  "a file of manifest-tool, where what reads YAML does not come, is said not to be taken, and is when it is given again",
  lab,
  async (view) => {
    const { page } = view;
    await view.open("#/compose");
    await page.getByLabel("Images and lists, one a line").waitFor();
    const drop = () => view.drop("list.yaml", Buffer.from("image: a/b:1\nmanifests: 3\n"));
    await page.route("**/*.wasm", (route) => route.abort());
    await drop();
    await page.getByText("what reads YAML could not be loaded: the network").waitFor();
    await page.unroute("**/*.wasm");
    await drop();
    await page.getByText("manifests has to be an array").waitFor();
  },
  { expected: () => [/ERR_FAILED/, /TypeError: Failed to fetch/] },
);

test("script, program and parts are named by what they hold, so no browser keeps one that fits another page", () => {
  const page = readFileSync(path.join(dist, "index.html"), "utf8");
  const named = [...page.matchAll(/\bdata-(?:script|program)="\.\/(waybill-([\da-f]+)(?:\.js|_bg\.wasm))"/g)];
  assert.equal(named.length, 2);
  const script = readFileSync(path.join(dist, named.find(([, file]) => file.endsWith(".js"))[1]), "utf8");
  const parts = [...script.matchAll(/"\.\/(\w+-([\da-f]+)\.wasm)"/g)];
  for (const part of ["verify", "compose", "yaml"]) assert.ok(parts.some(([, file]) => file.startsWith(`${part}-`)), part);
  for (const [, file, hash] of [...named, ...parts]) {
    const digest = createHash("sha256").update(readFileSync(path.join(dist, file))).digest("hex");
    assert.equal(hash, digest.slice(0, 16), file);
  }
});
