// @ts-check
// Lists are composed in the browser of images that skopeo pushed, and pushed: within one repository, across
// repositories, across registries. skopeo is the judge: it reads the very bytes, and copies the image of each machine.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { cuttingFront, untilHeld } from "./support/cutting.mjs";
import { inspect, sha256 } from "./support/oracle.mjs";
import { answeredWith, journey, openHarness, proxyGone, refusedByCors, relayed } from "./support/harness.mjs";
import { accessibilityViolations, viewports, withAxe } from "./support/accessibility.mjs";
import { emptyFolder, find, run } from "./support/programs.mjs";
import { craneRegistry, dockerRegistry, otherUser, user } from "./support/registries.mjs";
import { until } from "./support/view.mjs";

const skopeo = find("skopeo");
const hasCrane = find("crane") !== undefined;
const MACHINES = ["amd64", "arm64"];
const NO_TLS = ["--src-tls-verify=false", "--dest-tls-verify=false"];

const furnish = async (harness) => {
  harness.docker = await harness.open(dockerRegistry());
  // A source needs to be another registry only; what is of crane's own is skipped without it.
  harness.crane = await harness.open(hasCrane ? craneRegistry() : dockerRegistry());
  harness.pages = await harness.open(dockerRegistry({ cors: "push" }));
  harness.readable = await harness.open(dockerRegistry({ cors: true }));
  harness.from = await harness.open(dockerRegistry({ auth: user }));
  harness.to = await harness.open(dockerRegistry({ auth: otherUser }));
  harness.shut = await harness.open(dockerRegistry({ readonly: true }));
  harness.cutting = await harness.open(cuttingFront(harness.docker));
  harness.fixture = await harness.docker.push("oci-index/lantern");
};
const harness = openHarness(furnish, { push: true });
const reader = openHarness(async (reader) => {
  reader.docker = await reader.open(dockerRegistry());
  reader.fixture = await reader.docker.push("oci-index/lantern");
});
const secrets = [user, otherUser].flatMap(({ password, basic }) => [password, basic, basic.replace("Basic ", "")]);
const credentials = (registry, side) =>
  registry.authorization
    ? [`--${side}-creds`, Buffer.from(registry.authorization.split(" ")[1], "base64").toString()]
    : [];

/** The image of each machine under its name, by skopeo; the references. */
async function images(registry, repository, { fixture } = harness) {
  for (const machine of MACHINES) {
    const to = `docker://${registry.host}/${repository}:${machine}`;
    const flags = ["--override-os", "linux", "--override-arch", machine, ...NO_TLS, ...credentials(registry, "dest")];
    await run(skopeo, ["copy", ...flags, `docker://${fixture}`, to]);
  }
  return MACHINES.map((machine) => `${registry.host}/${repository}:${machine}`);
}

/** An image with a layer of three pieces, by skopeo out of an OCI layout; its reference and the layer's size. */
async function largeImage(registry, repository) {
  const folder = emptyFolder();
  await mkdir(path.join(folder, "blobs/sha256"), { recursive: true });
  const type = (name) => `application/vnd.oci.image.${name}`;
  const part = async (mediaType, bytes) => {
    const digest = sha256(bytes);
    await writeFile(path.join(folder, "blobs", ...digest.split(":")), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const document = (mediaType, value) => JSON.stringify({ schemaVersion: 2, mediaType, ...value });
  const json = (mediaType, value) => part(mediaType, Buffer.from(document(mediaType, value)));
  const content = randomBytes(17 << 20);
  const layer = await part(type("layer.v1.tar+gzip"), gzipSync(content, { level: 1 }));
  const rootfs = { type: "layers", diff_ids: [sha256(content)] };
  const config = await json(type("config.v1+json"), { architecture: "amd64", os: "linux", config: {}, rootfs });
  const manifest = await json(type("manifest.v1+json"), { config, layers: [layer] });
  await writeFile(path.join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(path.join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
  await run(skopeo, ["copy", ...NO_TLS, `oci:${folder}`, `docker://${registry.host}/${repository}:amd64`]);
  return { reference: `${registry.host}/${repository}:amd64`, digest: layer.digest, size: layer.size };
}

/** Composes a list of these, to go to `target`; the digest that the page shows for it. */
async function compose(view, sources, target) {
  const { page } = view;
  if (!page.url().endsWith("#/compose")) await view.open("#/compose");
  await page.getByLabel("Images and lists, one a line").fill(sources.join("\n"));
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await until(
    () => page.locator(".rows .entry .verdict-word.good").count(),
    (count) => count >= sources.length,
    "the sources",
  );
  await page.getByLabel("Target", { exact: true }).fill(target);
}

const push = ({ page }) => page.locator(".stop", { has: page.getByRole("heading", { name: "Push", exact: true }) });
const press = (view, name) => push(view).getByRole("button", { name, exact: true }).click();

/** Waits until the push part is called so; its text. */
async function titled(view, title) {
  try {
    await push(view).getByRole("heading", { level: 3, name: title }).waitFor();
  } catch (error) {
    throw new Error(`${error}; there stands: ${await push(view).innerText()}`);
  }
  return push(view).innerText();
}

async function plan(view) {
  await press(view, "Plan the push");
  return titled(view, "The plan of the push");
}

/** Whether the focus is on the title of the push part. */
const isLed = (view) => view.page.evaluate(() => document.activeElement?.id === "push");

/** Waits until it is pushed, and lets skopeo judge: the bytes and digest, and the image of each machine. */
async function judgeWithSkopeo(view, registry, target) {
  const text = await titled(view, /^Pushed: /);
  assert.ok(await isLed(view), "the focus is on the result");
  const [, digest] = text.match(/Read back: the tag \S+ names (sha256:[0-9a-f]{64}) as composed/);
  const creds = registry.authorization ? { ...(registry === harness.from ? user : otherUser) } : undefined;
  const list = await inspect(target, creds);
  assert.equal(list.digest, digest);
  assert.equal(sha256(list.bytes), digest);
  for (const [index, machine] of MACHINES.entries()) {
    const folder = emptyFolder();
    const flags = ["--override-os", "linux", "--override-arch", machine, ...NO_TLS, ...credentials(registry, "src")];
    await run(skopeo, ["copy", ...flags, `docker://${target}`, `dir:${folder}`]);
    assert.equal(sha256(await readFile(path.join(folder, "manifest.json"))), list.json.manifests[index].digest);
  }
  return text;
}

async function status(registry, place) {
  const headers = { accept: "application/vnd.oci.image.index.v1+json" };
  return (await fetch(`http://${registry.host}/v2/${place}`, { method: "HEAD", headers })).status;
}

const closed = ["docker", "crane", "from", "to", "shut", "cutting"];
const cors = (harness) => closed.flatMap((name) => refusedByCors(harness[name].host));
/** What a registry does not have is asked for: Chromium says so each time. */
const missing = answeredWith(404, "");
const expected = (harness) => [...cors(harness), missing];

for (const [from, to, what] of /** @type {any[][]} */ ([
  // All repositories of crane's have one another's blobs, so that this one comes first.
  ["docker", "crane", { sent: /7 to send/, done: /copied from/ }],
  ["docker", "docker", { sent: /7 to mount/, done: /mounted from source/ }],
  ["crane", "crane", { sent: /Blobs\s+7 there already/, done: /there already/ }],
  ["crane", "docker", { sent: /7 to send/, done: /copied from/ }],
])) {
  journey(
    `${from === to ? `within ${from}` : `from ${from} to ${to}`}: a list is pushed, and skopeo reads it as composed`,
    harness,
    async (view) => {
      const sources = await images(harness[from], "source/app");
      const target = `${harness[to].host}/${from}/app:1`;
      await compose(view, sources, target);
      const planned = await plan(view);
      assert.match(planned, what.sent);
      assert.match(planned, /is new/);
      assert.match(planned, /Nothing is written before you start it/);
      assert.equal(await status(harness[to], `${from}/app/manifests/1`), 404);
      await press(view, "Start the push");
      assert.match(await judgeWithSkopeo(view, harness[to], target), what.done);

      if (from !== to) return;
      // And within the repository that has the images: only the list is put.
      const beside = `${harness[from].host}/source/app:all`;
      await view.page.getByLabel("Target", { exact: true }).fill(beside);
      await press(view, "Close");
      assert.match(await plan(view), /1 to put, 2 there already/);
      await press(view, "Start the push");
      await judgeWithSkopeo(view, harness[from], beside);
    },
    { expected, skip: `${from} ${to}`.includes("crane") && !hasCrane && "needs crane: install Go and run this again" },
  );
}

for (const side of ["request", "answer"]) {
  journey(
    `a connection that is cut at any step, at the ${side}, leaves no new tag, and going on completes`,
    harness,
    async (view) => {
      const sources = await images(harness.crane, "cut/app");
      let steps = 0;
      for (let number = 0; ; number++) {
        const place = `cut/${side}-${number}`;
        const target = `${harness.cutting.host}/${place}:1`;
        if (number === 0) await compose(view, sources, target);
        else await view.page.getByLabel("Target", { exact: true }).fill(target);
        await press(view, "Plan the push");
        await titled(view, "The plan of the push");
        harness.cutting.cut(number, side);
        await press(view, "Start the push");
        const title = push(view).getByRole("heading", { level: 3, name: /^Pushed: |The push stopped/ });
        await title.waitFor();
        if (/^Pushed/.test(await title.innerText())) {
          harness.cutting.mend();
          await press(view, "Close");
          break;
        }
        steps += 1;
        assert.ok(await isLed(view), "the focus is on what happened");
        const tagged = (await status(harness.docker, `${place}/manifests/1`)) === 200;
        const text = await push(view).innerText();
        // Only a tag whose answer was lost, or that could not be read back, may be there.
        if (tagged) assert.match(text, /tag 1|reading back/);
        else assert.match(text, /The tag is not written/);
        harness.cutting.mend();
        await press(view, "Go on");
        await titled(view, /^Pushed: /);
        const list = await inspect(`${harness.docker.host}/${place}:1`);
        assert.match(await push(view).innerText(), new RegExp(list.digest));
        await press(view, "Close");
      }
      assert.ok(steps >= 15, `only ${steps} steps were cut`);
    },
    {
      long: true,
      expected: (harness) => [...expected(harness), answeredWith(502, "")],
    },
  );
}

journey(
  "source and target each want their own credentials, and neither sees the other's",
  harness,
  async (view, watch) => {
    const { page } = view;
    const settings = (one) => view.useSettings(one);
    const sources = await images(harness.from, "secret/app");
    await view.open("#/compose");
    await page.getByLabel("Images and lists, one a line").fill(sources.join("\n"));
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("button", { name: "Enter credentials" }).first().click();
    await settings(user);
    await until(
      () => page.locator(".rows .entry .verdict-word.good").count(),
      (count) => count === 2,
      "both sources",
    );
    await page.getByLabel("Target", { exact: true }).fill(`${harness.to.host}/secret/app:1`);
    await press(view, "Plan the push");
    const refused = await titled(view, "The push cannot be planned");
    assert.match(refused, /wants credentials \(401\)/);
    assert.match(refused, /UNAUTHORIZED: authentication required/);
    assert.match(refused, /credentials that may push to this repository/);
    await press(view, "Enter credentials");
    await settings(otherUser);
    const planned = await titled(view, "The plan of the push");
    assert.match(planned, new RegExp(`${harness.to.host}/secret/app:1 as stevedore`));
    assert.match(planned, new RegExp(`${harness.from.host} as porter`));
    await press(view, "Start the push");
    await judgeWithSkopeo(view, harness.to, `${harness.to.host}/secret/app:1`);
    for (const request of watch.requests) {
      const { authorization } = await request.allHeaders();
      if (!authorization) continue;
      const of = request.url().includes(harness.from.host) ? user : otherUser;
      assert.ok(request.url().includes(of === user ? harness.from.host : harness.to.host), request.url());
      assert.equal(authorization, of.basic, request.url());
    }
  },
  { secrets, expected: (harness) => [...expected(harness), answeredWith(401, "")] },
);

journey(
  "a registry that refuses says why, at the step that it refused",
  harness,
  async (view) => {
    await compose(view, await images(harness.docker, "refused/app"), `${harness.shut.host}/refused/app:1`);
    assert.match(await plan(view), /\d+ to send/);
    await press(view, "Start the push");
    const stopped = await titled(view, "The push stopped");
    assert.match(stopped, /config and 3 other steps: .* \(405\)/);
    assert.match(stopped, /Method not allowed/);
    assert.match(stopped, /It is set to be read only/);
    assert.match(stopped, /0 B were sent\. The tag is not written/);
  },
  { expected: (harness) => [...expected(harness), answeredWith(405, "")] },
);

journey(
  "a proxy that was started without --push says so, and nothing is written",
  reader,
  async (view) => {
    const { docker } = reader;
    await compose(view, await images(docker, "off/app", reader), `${docker.host}/off/new:1`);
    await plan(view);
    await press(view, "Start the push");
    const stopped = await titled(view, "The push stopped");
    assert.match(stopped, /pushing is off/);
    assert.match(stopped, /Start the proxy with --push/);
    assert.match(stopped, /The tag is not written/);
    assert.equal(await status(docker, "off/new/manifests/1"), 404);
  },
  {
    expected: ({ docker }) => [
      ...refusedByCors(docker.host),
      missing,
      answeredWith(403, ""),
    ],
  },
);

journey(
  "a registry that pages may write to is written to directly",
  harness,
  async (view, watch) => {
    const sources = await images(harness.pages, "direct/app");
    const target = `${harness.pages.host}/copied/app:1`;
    await view.open("#/compose");
    await view.onlyDirectly(harness.pages.host);
    await compose(view, sources, target);
    await plan(view);
    await press(view, "Start the push");
    assert.match(await judgeWithSkopeo(view, harness.pages, target), /mounted from direct\/app/);
    const through = watch.requests.filter((request) => request.url().includes("/relay/"));
    assert.deepEqual([relayed(harness, harness.pages.host), through.length], [0, 0]);
    const methods = new Set(watch.requests.map((request) => request.method()));
    assert.ok(methods.has("PUT") && methods.has("POST"), [...methods].join());
  },
  { expected: () => [missing] },
);

journey(
  "where an upload goes on is hidden from pages: the proxy goes on, and where it may not, the page says so",
  harness,
  async (view) => {
    const { page } = view;
    const sources = await images(harness.crane, "hidden/app");
    const target = `${harness.readable.host}/hidden/app:1`;
    await compose(view, sources, target);
    await plan(view);
    await push(view).getByRole("button", { name: `Settings for ${harness.readable.host}` }).click();
    await view.useSettings({ way: "Only directly" });
    await press(view, "Start the push");
    const stopped = await titled(view, "The push stopped");
    assert.match(stopped, /does not say where the upload goes on/);
    await press(view, "Go through the proxy");
    await judgeWithSkopeo(view, harness.readable, target);
  },
  { expected: (harness) => [...expected(harness), ...refusedByCors(harness.readable.host)] },
);

journey(
  "the proxy is killed in the middle of a push and started again: it goes on",
  harness,
  async (view) => {
    const sources = await images(harness.crane, "killed/app");
    const target = `${harness.cutting.host}/killed/app:1`;
    await compose(view, sources, target);
    await plan(view);
    harness.cutting.hold(6);
    await press(view, "Start the push");
    await untilHeld(harness.cutting);
    await harness.proxy.kill();
    const stopped = await titled(view, "The push stopped");
    assert.match(stopped, /The tag is not written|not read back/);
    harness.cutting.mend();
    await harness.startProxy(new URL(harness.origin).host);
    await press(view, "Go on");
    await titled(view, /^Pushed: /);
    assert.equal((await inspect(`${harness.docker.host}/killed/app:1`)).json.manifests.length, 2);
  },
  {
    expected: (harness) => [
      ...expected(harness),
      proxyGone,
      answeredWith(502, ""),
    ],
  },
);

journey(
  "a tag that names another list is told before it is written over; who leaves is asked; a new plan finds what exists",
  harness,
  async (view) => {
    const { page } = view;
    const sources = await images(harness.docker, "tagged/app");
    const other = await inspect(sources[0]);
    const target = `${harness.cutting.host}/tagged/app:amd64`;
    await compose(view, sources, target);
    const planned = await plan(view);
    assert.match(planned, new RegExp(`names another list:\\s+${other.digest.slice(7, 19)}`));
    harness.cutting.hold(1);
    await press(view, "Start the push");
    await untilHeld(harness.cutting);
    const asked = page.waitForEvent("dialog");
    const reloading = page.reload().catch(() => {});
    const dialog = await asked;
    assert.equal(dialog.type(), "beforeunload");
    await dialog.accept();
    await reloading;
    harness.cutting.mend();
    assert.equal((await inspect(`${harness.docker.host}/tagged/app:amd64`)).digest, other.digest, "the tag is as it was");
    await titledOffer(view);
    // The list was put by its digest before; only the tag is left to do.
    const again = await plan(view);
    assert.match(again, /names another list/);
    assert.match(again, /Manifests\s+3 there already/);
    await press(view, "Start the push");
    await titled(view, /^Pushed: /);
    // Nothing is asked any more.
    await page.reload();
  },
  { expected },
);

const titledOffer = (view) => push(view).getByRole("button", { name: "Plan the push" }).waitFor();

journey(
  "a large layer goes in pieces, through the proxy and directly, and is the same afterwards",
  harness,
  async (view, watch) => {
    const layer = await largeImage(harness.crane, "large/app");
    for (const registry of [harness.docker, harness.pages]) {
      const target = `${registry.host}/large/copied:1`;
      if (registry === harness.docker) await compose(view, [layer.reference], target);
      else await view.page.getByLabel("Target", { exact: true }).fill(target);
      if (registry === harness.pages) {
        await press(view, "Close");
        await view.onlyDirectly(registry.host);
      }
      assert.match(await plan(view), /To send\s+17\.8 MB/);
      await press(view, "Start the push");
      await titled(view, /^Pushed: /);
      const answer = await fetch(`http://${registry.host}/v2/large/copied/blobs/${layer.digest}`);
      assert.equal(sha256(Buffer.from(await answer.arrayBuffer())), layer.digest);
      const patches = watch.requests.filter((one) => one.method() === "PATCH" && one.url().includes(registry.host));
      assert.equal(patches.length, 3);
      assert.equal(patches.every((one) => one.url().includes("/relay/")), registry === harness.docker);
    }
  },
  { expected },
);

journey(
  "a subject that the registry takes no note of is put into its fallback tag",
  harness,
  async (view) => {
    const { page } = view;
    const sources = await images(harness.docker, "subject/app");
    const target = `${harness.docker.host}/subject/app:1`;
    await compose(view, sources, target);
    await page.getByText("Annotations, artifact type, subject").click();
    await page.locator("#subject").fill(sources[0]);
    await page.getByRole("button", { name: "Set subject" }).click();
    await plan(view);
    await press(view, "Start the push");
    const subject = await inspect(sources[0]);
    const tag = subject.digest.replace(":", "-");
    const text = await judgeWithSkopeo(view, harness.docker, target);
    assert.match(text, /fallback tag for linux\/amd64\s+[0-9a-f]{12}\s+put/);
    await push(view).getByText("fallback tag for linux/amd64").click();
    await push(view).getByText(tag, { exact: true }).waitFor();
    const { json } = await inspect(`${harness.docker.host}/subject/app:${tag}`);
    assert.deepEqual([json.manifests[0].digest], [(await inspect(target)).digest]);
  },
  { expected },
);

journey(
  "what is cancelled can go on",
  harness,
  async (view) => {
    const sources = await images(harness.crane, "cancelled/app");
    const target = `${harness.cutting.host}/cancelled/app:1`;
    await compose(view, sources, target);
    await plan(view);
    harness.cutting.hold(3);
    await press(view, "Start the push");
    await untilHeld(harness.cutting);
    await press(view, "Cancel");
    assert.match(await titled(view, "The push was cancelled"), /The tag is not written/);
    harness.cutting.mend();
    await press(view, "Go on");
    await titled(view, /^Pushed: /);
  },
  { expected },
);

journey(
  "the list is downloaded as an OCI layout that skopeo reads",
  harness,
  async (view) => {
    const sources = await images(harness.docker, "layout/app");
    await compose(view, sources, `${harness.docker.host}/layout/app:1`);
    const coming = view.page.waitForEvent("download");
    await view.page.getByRole("button", { name: "Download as OCI layout" }).click();
    const download = await coming;
    assert.equal(download.suggestedFilename(), "app-1.oci-layout.tar");
    await view.page.getByText(/app-1\.oci-layout\.tar is saved\. Not in it, since it is not here: \d+ layers/).waitFor();
    const file = path.join(emptyFolder(), "layout.tar");
    await writeFile(file, await readFile(await download.path()));
    const bytes = await run(skopeo, ["inspect", "--raw", `oci-archive:${file}:1`]);
    const shown = await view.page.locator("main").innerText();
    assert.ok(shown.includes(sha256(bytes)), "the digest of the list is the one shown");
    for (const machine of MACHINES) {
      const flags = ["--override-os", "linux", "--override-arch", machine];
      const said = JSON.parse(await run(skopeo, [...flags, "inspect", `oci-archive:${file}:1`]));
      assert.equal(said.Architecture, machine);
    }
  },
  { expected },
);

for (const { colorScheme, widths } of viewports) {
  journey(
    `every state of a push, ${colorScheme}, ${widths[0]} pixels wide`,
    harness,
    async (view) => {
      const { page } = view;
      await withAxe(page);
      const wrong = [];
      const see = async (state) => wrong.push(...(await accessibilityViolations(page, state, widths)));
      const sources = await images(harness.crane, "look/app");
      await compose(view, sources, "");
      await see("no target");
      const target = page.getByLabel("Target", { exact: true });
      await target.fill(`${harness.cutting.host}/look/${colorScheme}-${widths[0]}:1`);
      await titledOffer(view);
      await see("offered");
      harness.cutting.hold(0);
      await press(view, "Plan the push");
      await titled(view, "The plan is being made");
      await see("planning");
      harness.cutting.mend();
      await titled(view, "The plan of the push");
      await see("planned");
      harness.cutting.hold(5);
      await press(view, "Start the push");
      await untilHeld(harness.cutting);
      await see("running");
      await press(view, "Cancel");
      await titled(view, "The push was cancelled");
      await see("cancelled");
      harness.cutting.cut(1, "request");
      await press(view, "Go on");
      await titled(view, "The push stopped");
      await see("stopped");
      harness.cutting.mend();
      await press(view, "Go on");
      await titled(view, /^Pushed: /);
      await see("pushed");
      await target.fill(`${harness.to.host}/look/app:1`);
      await see("pushed, and edited since");
      await press(view, "Plan again");
      await titled(view, "The push cannot be planned");
      await see("credentials are wanted");
      assert.deepEqual(wrong, []);
    },
    {
      long: true,
      colorScheme,
      viewport: { width: widths[0], height: 800 },
      expected: (harness) => [
        ...expected(harness),
        answeredWith("(401|502)", ""),
      ],
    },
  );
}
