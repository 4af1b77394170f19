// @ts-check
// Registries that answer as those of reports from the field do: `registry.py` and `gitlab-front.py` of the folder that
// WAYBILL_CASES names. Without it nothing is checked here.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { connect, createServer } from "node:net";
import path from "node:path";
import { journey, openHarness, refusedByCors } from "./support/harness.mjs";
import { emptyFolder, find, portOf, start } from "./support/programs.mjs";
import { dockerRegistry } from "./support/registries.mjs";
import { until } from "./support/view.mjs";

const cases = process.env.WAYBILL_CASES;
const skip = !cases && "WAYBILL_CASES names no folder of cases";

/** A port where nothing listens. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const listens = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(socket.destroy() && true));
    socket.once("error", () => resolve(false));
  });

async function oddRegistry() {
  const [port, other] = [await freePort(), await freePort()];
  const args = [`${cases}/registry.py`, `${port}`, `${other}`, path.join(emptyFolder(), "log")];
  const server = await start(find("python3"), args, /ready/);
  return { host: `localhost:${port}`, stop: server.stop, other: `localhost:${other}` };
}

async function gitlabFront(registry) {
  const port = await freePort();
  const log = path.join(emptyFolder(), "log");
  // It says nothing once it is there; the shell does, and becomes it.
  const script = 'echo begun; exec python3 "$@"';
  const args = ["-c", script, "sh", `${cases}/gitlab-front.py`, registry.host.split(":")[1], `${port}`, log];
  const server = await start("/bin/sh", args, /begun/);
  await until(() => listens(port), Boolean, "the front");
  return { host: `localhost:${port}`, stop: server.stop, put: `${log}.put` };
}

const harness = skip
  ? undefined
  : openHarness(
      async (harness) => {
        harness.odd = await harness.open(oddRegistry());
        await harness.open({ host: harness.odd.other });
        harness.docker = await harness.open(dockerRegistry());
        harness.gitlab = await harness.open(gitlabFront(harness.docker));
      },
      { push: true },
    );

const image = /is an OCI image of 11 B in 1 layer/;
const good = "Verified here";
const says = (words) => new RegExp(`^The registry says: ${words}`);
const token = (name, words) => new RegExp(`^The token service at http://localhost:\\d+/token/${name} ${words}`);

// Each repository: its title, what else stands on the page, and its stamp.
/** @type {[string, RegExp, (RegExp | undefined)?, string?][]} */
const rows = [
  // Tokens and challenges in all their forms.
  ...["m01", "m01b", "m01c", "m02", "m03", "m05b", "m06", "m06b", "m07", "m21"].map(
    (name) => /** @type {[string, RegExp, undefined, string]} */ ([name, image, undefined, good]),
  ),
  ["m04", /names a token service that must not be asked/, /\/token\/m04/],
  ["m05", /asks who you are/, /Enter credentials/],
  ["m05c", /asks who you are/, /Enter credentials/],
  ["m05d", says("UNAUTHORIZED, authentication required"), /asks who you are/],
  // Pages and odd lists of referrers in front of what is asked for.
  ["m08", image, undefined, good],
  ["m08b", /HTML page/],
  ["m08c", /HTML page/],
  ...["m08d", "m08e", "m08f", "m09b", "m10"].map(
    (name) => /** @type {[string, RegExp, undefined, string]} */ ([name, image, undefined, good]),
  ),
  ["m09", /is an OCI image index for 2 platforms/, undefined, good],
  // Words of a registry's own.
  ["m11a", says("Unsupported docker v2 repository request for 'null'"), /The registry refused: .*\(400\)/],
  ["m11b", says("Not found\\."), /There is no such manifest/],
  ["m11c", says("TOOMANYREQUESTS, You have reached your unauthenticated"), /Ask again in 21600 seconds/],
  ["m11d", /^The registry has a fault$/, /503 Service Temporarily Unavailable/],
  ["m11e", /^There is no such manifest$/],
  ["m11f", says("404 page not found"), /Check that a registry answers at localhost/],
  ["m11g", says("Too many requests!"), /asks you to wait/],
  ["m11h", says("MANIFEST_UNKNOWN, OCI index found, but Accept"), /There is no such manifest/],
  ["m11i", says("NAME_UNKNOWN, repository name not known to registry"), /There is no such repository/],
  ["m11j", says("MANIFEST_UNKNOWN, manifest unknown"), /There is no such manifest/],
  ["m11k", says("MANIFEST_INVALID, failed to parse manifest: .*, manifest invalid"), /cannot read this manifest/],
  ["m11l", /^The registry has a fault$/],
  ["m11m", /^The registry has a fault$/],
  ["m11n", says("blocked by policy: image has 3 critical CVEs"), /You may not read this/],
  ["m11o", says("PROJECTPOLICYVIOLATION, current image with 18 vulnerabilities"), /The registry refused: .*\(412\)/],
  // Faults of the token service.
  ["m12", token("m12", "says: DENIED, requested access to the resource is denied"), /gives no token/],
  ["m12b", token("m12b", "says: UNAUTHORIZED, authentication required"), /gives no token/],
  ["m12c", token("m12c", "gave no token"), /answered 200 OK: an HTML page, not a JSON object/],
  ["m12d", token("m12d", "says: 404 page not found"), /gives no token/],
  ["m16", /^The token service at http:\/\/registry-backend:8080\/v2\/token could not be reached/, /--allow/],
  ["m16b", /^The token service at https:\/\/localhost:1\/v2\/token could not be reached/, /--allow/],
  ["m17", says("UNAUTHORIZED, unauthorized to access repository"), /asks who you are/],
  // What the header says.
  ["m13", image, /No Content-Type[^]*the registry sent no Content-Type/],
  ["m14", image, /do not hash to the digest the registry named\. No usual change explains it/],
  ["m19", image, undefined, good],
  ["m20", image, undefined, good],
  ["m22", image, undefined, good],
  ["m24", image, /what was named is not a digest/],
  ["m28", image, /the Content-Type is application\/json, the content is an OCI image manifest/],
  ["m29", image, /the Content-Type is application\/vnd\.docker\.distribution\.manifest\.v2\+json/],
  // What is gone, and what was written anew.
  ["m25", image, /The registry has lost it: push it again/],
  ["m26", /is an OCI image index for 2 platforms/, /One of its entries did not come/],
  ["m27", /is an OCI image index for 2 platforms/],
  ["m30", image, /do not hash to the digest the registry named\. The digest is that of these bytes/],
  ["m31", /./, /DENIED|errors/],
];

const expected = ({ odd, gitlab }) => [
  ...[odd.host, odd.other, gitlab.host].flatMap(refusedByCors),
  /^error: Failed to load resource: the server responded with a status of \d+ .*\/(relay|token)\//,
];

if (skip) {
  journey("registries of reports from the field", {}, () => undefined, { skip });
} else {
  journey(
    "each odd answer of a registry is told as what it is",
    harness,
    async (view) => {
      const wrong = [];
      for (const [name, title, words, stamp] of rows) {
        const repository = `${name}/app`;
        // What was learned of the registry is forgotten: its repositories are as many registries.
        await view.page.goto("about:blank");
        await view.ask(`${harness.odd.host}/${repository}:latest`);
        // A cause comes once the rest is there.
        const holds = (shown) =>
          shown &&
          shown.stops[0]?.fields.Repository === repository &&
          title.test(shown.title) &&
          (!words || words.test(`${shown.detail}\n${shown.text}`)) &&
          (!stamp || shown.stamp.text.startsWith(stamp));
        await until(() => view.shown(), holds, name).catch((error) => wrong.push(error.message));
        const { text, error } = await view.shown();
        // The registry answered: nothing is said of what lets pages read it.
        if (/Access-Control-Allow/.test(text) || /undefined/.test(error)) wrong.push(`${name} tells of headers`);
      }
      assert.deepEqual(wrong, []);
    },
    { long: true, expected },
  );

  journey(
    "the cause of a mismatch leads on to Verify, which tells it too",
    harness,
    async (view) => {
      await view.ask(`${harness.odd.host}/m30/app:latest`);
      const { page } = view;
      await page.getByText("The digest is that of these bytes on one line").waitFor();
      await page.getByRole("button", { name: "See the difference in Verify" }).click();
      await until(() => page.url(), (url) => url.includes("#/verify"), "Verify");
      await page.getByText("the digest is that of these bytes on one line", { exact: false }).first().waitFor();
    },
    { expected },
  );

  for (const { what, subjectOf } of [
    { what: "a list", subjectOf: (index) => `${harness.gitlab.host}/${index}` },
    { what: "an image", subjectOf: (index) => `${harness.gitlab.host}/${index.split(":")[0]}@IMAGE` },
  ]) {
    journey(
      `GitLab answers a fallback tag with the subject, ${what}: it is left alone, and said so`,
      harness,
      async (view) => {
        const { page } = view;
        const reference = (await harness.docker.push("oci-index/lantern")).split("/").slice(1).join("/");
        await view.ask(`${harness.gitlab.host}/${reference}`);
        const { entries } = await view.settled(/is an OCI image index for 5 platforms/);
        const subject = subjectOf(reference).replace("IMAGE", entries[0].digest);
        await view.open("#/compose");
        await page.getByLabel("Images and lists, one a line").fill(`${harness.gitlab.host}/${reference}`);
        await page.getByRole("button", { name: "Add", exact: true }).click();
        await page.locator(".rows .entry .verdict-word.good").first().waitFor();
        const repository = reference.split(":")[0];
        const target = `${harness.gitlab.host}/${repository}:${what.replaceAll(" ", "-")}`;
        await page.getByLabel("Target", { exact: true }).fill(target);
        await page.getByText("Annotations, artifact type, subject").click();
        await page.locator("#subject").fill(subject);
        await page.getByRole("button", { name: "Set subject" }).click();
        await page.getByRole("button", { name: "Remove the subject" }).waitFor();
        await page.getByRole("button", { name: "Plan the push" }).click();
        await page.getByRole("heading", { name: "The plan of the push" }).waitFor();
        await page.getByRole("button", { name: "Start the push" }).click();
        await page.getByRole("heading", { name: /^Pushed: / }).waitFor();
        const text = await page.locator("main").innerText();
        assert.match(text, /The push left alone 1 fallback tag/);
        assert.match(text, /answers the fallback tag with the subject itself/);
        assert.ok(!existsSync(harness.gitlab.put), "nothing is put under the fallback tag");
      },
      { expected },
    );
  }
}
