// @ts-check
// What the page asks by itself: a registry that never answers, a browser that is offline, redirects that would carry
// something away, and credentials that were entered for something else.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { answeredWith, journey, openHarness, refusedByCors } from "./support/harness.mjs";
import { portOf } from "./support/programs.mjs";
import { dockerRegistry, fixture, user } from "./support/registries.mjs";
import { until } from "./support/view.mjs";

const greeter = fixture("oci-manifest/greeter");

/** Serves `answer(request, response)` to pages of every origin, and keeps what it was asked with how many bytes. */
async function readable(answer) {
  const requests = [];
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    const seen = { method, url, authorization: headers.authorization, bytes: 0 };
    requests.push(seen);
    request.on("data", (piece) => (seen.bytes += piece.length));
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH");
    response.setHeader("access-control-allow-headers", "accept, authorization, content-type, content-range");
    response.setHeader("access-control-expose-headers", "location, www-authenticate, docker-content-digest");
    if (method === "OPTIONS") return response.writeHead(200).end();
    return answer(request, response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { host: `127.0.0.1:${portOf(server)}`, requests, stop };
}

const harness = openHarness(
  async (harness) => {
    harness.docker = await harness.open(dockerRegistry());
    harness.silent = await harness.open(readable(() => {}));
    // Its head comes, its body stops.
    harness.stalled = await harness.open(
      readable((_, response) => response.writeHead(200, { "content-type": greeter.mediaType }).write("{")),
    );
    harness.elsewhere = await harness.open(readable((_, response) => response.writeHead(201).end()));
    // It sends what is put elsewhere, and with `heads` what is asked for with HEAD.
    const redirecting = (heads) =>
      readable((request, response) => {
        const { method, url } = request;
        if (method === "PUT" || (method === "HEAD" && heads)) {
          return response.writeHead(307, { location: `http://${harness.elsewhere.host}${url}` }).end();
        }
        if (method === "POST") return response.writeHead(202, { location: `${url.split("?")[0]}1` }).end();
        return response.writeHead(404).end();
      });
    harness.redirecting = await harness.open(redirecting(false));
    harness.redirectingHeads = await harness.open(redirecting(true));
    // Reading a blob leads to a storage of its own, which must see no credentials.
    harness.storage = await harness.open(readable((_, response) => response.writeHead(200).end(greeter.config ?? "{}")));
    harness.basic = await harness.open(
      readable((request, response) => {
        if (request.headers.authorization !== user.basic) {
          return response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
        }
        if (request.url.includes("/blobs/")) {
          return response.writeHead(307, { location: `http://${harness.storage.host}${request.url}` }).end();
        }
        return response.writeHead(200, { "content-type": greeter.mediaType }).end(greeter.bytes);
      }),
    );
    // A token endpoint that sends whoever asks elsewhere.
    harness.token = await harness.open(
      readable((request, response) => {
        if (request.url.startsWith("/token")) {
          return response.writeHead(307, { location: `http://${harness.elsewhere.host}/token` }).end();
        }
        const challenge = `Bearer realm="http://${harness.token.host}/token",service="x"`;
        return response.writeHead(401, { "www-authenticate": challenge }).end();
      }),
    );
  },
  { push: true },
);
const secrets = [user.password, user.basic, user.basic.replace("Basic ", "")];

const press = (view, name) => view.page.getByRole("button", { name, exact: true }).click();

/** Enters settings for a registry. */
async function settings(view, values) {
  await view.openSettings();
  await view.useSettings(values);
}

/** Waits until the registry was asked once more than before, then lets the page's clock run on. */
async function waitInVain(view, registry, seconds) {
  const deadline = Date.now() + 10_000;
  while (registry.requests.length === 0) {
    assert.ok(Date.now() < deadline, "the registry was asked");
    await new Promise((resolve) => setImmediate(resolve));
  }
  registry.requests.length = 0;
  await view.page.clock.runFor(seconds * 1000);
}

journey("a registry that never answers: the page says how long it waited, and tries the proxy", harness, async (view) => {
  await view.page.clock.install();
  await view.ask(`${harness.silent.host}/fixtures/greeter:1`);
  await waitInVain(view, harness.silent, 31);
  await waitInVain(view, harness.silent, 61);
  const late = await view.settled(/^No answer from/);
  assert.match(late.error, new RegExp(`http://${harness.silent.host}/v2/fixtures/greeter/manifests/1 directly: no answer`));
  assert.match(late.error, /no answer within 30 seconds/);
  assert.match(late.error, /through the proxy: no answer within 60 seconds/);
  assert.match(late.error, /Ask again/);
  // An answer that begins and then stops: the page's clock runs once it has the head, and as long as it takes.
  const begun = view.page.waitForResponse((response) => response.url().includes(harness.stalled.host));
  await view.ask(`${harness.stalled.host}/fixtures/greeter:1`);
  await begun;
  const says = /nothing more came for 30 seconds behind 1 bytes/i;
  const second = async () => {
    await view.page.clock.runFor(1000);
    return view.shown();
  };
  const stalled = await until(second, (shown) => shown && !shown.working && says.test(`${shown.title} ${shown.detail}`), "the end of the wait");
  assert.match(stalled.error, /Go through the proxy/);
});

journey(
  "offline: said as that, for a registry, the proxy and a part of the program; then asked again",
  harness,
  async (view, _, context) => {
    await view.ready();
    const reference = await harness.docker.push("oci-manifest/greeter");
    await settings(view, { host: harness.docker.host, way: "Only through the proxy" });
    await context.setOffline(true);
    await view.ask(reference);
    const offline = await view.settled(/^No answer from .*this browser is offline/i);
    assert.equal(offline.title, "This browser is offline");
    assert.match(offline.error, /Ask again when you are online again/);
    assert.doesNotMatch(offline.error, /start the proxy|does not answer|CORS/i);
    await settings(view, { host: harness.docker.host, way: "Only directly" });
    assert.equal((await view.settled(/this browser is offline/i)).title, "This browser is offline");
    await view.page.evaluate(() => (location.hash = "#/compose"));
    const alert = view.page.getByRole("alert").filter({ hasText: "This browser is offline" });
    await alert.waitFor();

    await context.setOffline(false);
    await press(view, "Try again");
    await view.page.getByLabel("Images and lists, one a line").waitFor();
    await view.page.goBack();
    await settings(view, { host: harness.docker.host, way: "Only through the proxy" });
    await view.settled(/is an OCI image of/);
  },
  {
    // Back on the first page, "only directly" still holds: it is online then, and asks a registry that refuses pages.
    expected: (harness) => [
      ...refusedByCors(harness.docker.host),
      /^error: Failed to load resource: net::ERR_INTERNET_DISCONNECTED/,
      /^error: .*(WebAssembly|wasm|Failed to fetch).*/i,
    ],
  },
);

journey(
  "what is written, and HEAD, is not carried to where a registry redirects it",
  harness,
  async (view) => {
    const reference = await harness.docker.push("oci-manifest/greeter");
    const { page } = view;
    await view.open("#/compose");
    await page.getByLabel("Images and lists, one a line").fill(reference);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.locator(".rows .entry .verdict-word.good").first().waitFor();
    const told = page.getByText(/the answer is a redirect, which is not followed for such a request/i).first();
    for (const registry of [harness.redirectingHeads, harness.redirecting]) {
      await page.getByLabel("Target", { exact: true }).fill(`${registry.host}/team/app:1`);
      await settings(view, { host: registry.host, way: "Only directly" });
      await press(view, "Plan the push");
      if (registry === harness.redirecting) await press(view, "Start the push");
      await told.waitFor();
      const methods = registry.requests.map(({ method }) => method);
      assert.ok(methods.includes(registry === harness.redirecting ? "PUT" : "HEAD"), methods.join());
      if (registry === harness.redirectingHeads) await press(view, "Close");
    }
    assert.deepEqual(harness.elsewhere.requests, [], "nothing came where the redirects lead");
  },
  {
    expected: (harness) => [
      answeredWith(404, "/team/app/.*"),
      new RegExp(`^error: .*http://${harness.docker.host}/`),
      /^error: Failed to load resource: net::ERR_FAILED/,
    ],
  },
);

journey(
  "credentials: not to a storage, not where a token endpoint redirects, and not over http for https",
  harness,
  async (view) => {
    await view.ready();
    await settings(view, { host: harness.basic.host, name: user.name, password: user.password, way: "Only directly" });
    await view.ask(`${harness.basic.host}/team/app:1`);
    await view.settled(/is an OCI image of/);
    assert.ok(harness.storage.requests.length > 0, "the config's blob was redirected");
    assert.deepEqual(harness.storage.requests.filter(({ authorization }) => authorization !== undefined), []);

    await settings(view, { host: harness.token.host, name: user.name, password: user.password, way: "Only directly" });
    await view.ask(`${harness.token.host}/team/app:1`);
    const redirected = await view.settled(/the answer is a redirect, which is not followed/i);
    assert.match(redirected.error, /what is sent for a token, is not redirected/);
    assert.deepEqual(harness.elsewhere.requests, []);

    // An address with http:// in front takes the credentials away that were for https.
    const proxied = { host: "registry.invalid", way: "Only through the proxy" };
    await settings(view, { ...proxied, name: user.name, password: user.password });
    await view.page.evaluate(() => (location.hash = "#/inspect/http://registry.invalid/team/app:1"));
    await view.page.getByText("The credentials were for another scheme: enter them again").waitFor();
    await press(view, "Settings");
    const known = view.page.getByRole("list", { name: "Registries with settings" });
    const row = known.getByRole("listitem").filter({ hasText: "registry.invalid" });
    assert.doesNotMatch(await row.textContent(), /as porter/);
  },
  {
    secrets,
    expected: (harness) => [answeredWith(401, "/team/app/manifests/1"), answeredWith(403, ".*"), answeredWith(502, ".*")],
  },
);
