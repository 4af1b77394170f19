// @ts-check
// Which way a registry is reached, and what it is told: directly, through the proxy, over plain http, with credentials,
// with tokens, or not at all.

import assert from "node:assert/strict";
import { blobStorage, closedPort, staticSite, tokenRegistry, tokenService } from "./support/hostile.mjs";
import { compareImage, compareList, repositoryOf } from "./support/oracle.mjs";
import { answeredWith, journey, openHarness, refusedByCors, relayed } from "./support/harness.mjs";
import { dist } from "./support/programs.mjs";
import { dockerRegistry, user } from "./support/registries.mjs";

const harness = openHarness(async (harness) => {
  harness.plain = await harness.open(dockerRegistry());
  harness.cors = await harness.open(dockerRegistry({ cors: true }));
  harness.basic = await harness.open(dockerRegistry({ auth: true }));
  harness.reached = await harness.open(dockerRegistry({ cors: true }), { allow: false });
  harness.unnamed = await harness.open(dockerRegistry(), { allow: false });
  harness.site = await harness.open(staticSite(dist));
  harness.down = (await harness.open({ host: await closedPort() })).host;
  harness.storage = await harness.open(blobStorage(harness.plain));
  harness.bearer = await harness.open(tokenRegistry(harness.plain, { storage: harness.storage.host }));
  harness.service = await harness.open(tokenService(() => harness.elsewhere.tokens));
  harness.elsewhere = await harness.open(tokenRegistry(harness.plain, { realm: `http://${harness.service.host}/token` }));
  const inside = `http://localhost:${harness.service.host.split(":")[1]}/token`;
  harness.inward = await harness.open(tokenRegistry(harness.plain, { realm: inside }));
});
const secrets = [user.password, user.basic, user.basic.replace("Basic ", ""), encodeURIComponent(user.password)];

const openSettings = (view) => view.openSettings();
const settings = (view, values) => view.useSettings(values);
const press = (view, name) => view.page.getByRole("button", { name }).click();
const answered = (shown) => shown.stops[0].fields.Answered;
const asked = (watch, part) => watch.requests.map((request) => request.url()).filter((url) => url.includes(part));

journey(
  "only directly, where pages may read: the proxy relays nothing",
  harness,
  async (view, watch) => {
    const reference = await harness.cors.push("oci-index/lantern");
    await view.open();
    await openSettings(view);
    await settings(view, { host: harness.cors.host, way: "Only directly" });
    await view.ask(reference);
    const list = await view.settled(/is an OCI image index for 5 platforms/);
    await compareList(list, reference);
    assert.deepEqual([answered(list), list.stamp.seal], ["directly from the registry", "good"]);
    assert.match(await view.reading.textContent(), /directly from the registry/);
    await view.page.getByRole("row", { name: "linux/riscv64" }).getByRole("link").click();
    const image = await view.settled(/^linux\/riscv64 of /);
    await compareImage(
      image,
      `${repositoryOf(reference)}@${list.entries.find(({ name }) => name === "linux/riscv64").digest}`,
      { above: [reference] },
    );
    assert.deepEqual([asked(watch, "/relay/"), relayed(harness, harness.cors.host)], [[], 0]);
  },
  { expected: () => [answeredWith(404, "/v2/fixtures/lantern/manifests/2.4.1")] },
);

for (const { name, registry } of [
  { name: "may not", registry: (harness) => harness.plain },
  { name: "may", registry: (harness) => harness.cors },
]) {
  journey(`a registry that pages ${name} read is read through the proxy, and nothing is tried in vain`, harness, async (view, watch) => {
    const reference = await registry(harness).push("docker-list/lantern-list");
    const { host } = registry(harness);
    await view.ask(reference);
    const list = await view.settled(/is a Docker manifest list/);
    await compareList(list, reference);
    assert.match(answered(list), new RegExp(`^through the proxy at ${new URL(harness.origin).host}$`));
    assert.deepEqual(asked(watch, `http://${host}/`), []);
    // The list, its three entries and their configs.
    assert.equal(asked(watch, `/relay/http/${host}/`).length, 7);
  });
}

journey("what the proxy does not reach and the page does is read directly, from the second request on", harness, async (view, watch) => {
  const reference = await harness.reached.push("docker-list/lantern-list");
  await view.ask(reference);
  const list = await view.settled(/is a Docker manifest list/);
  await compareList(list, reference);
  assert.equal(answered(list), "directly from the registry");
  assert.match(await view.reading.textContent(), /directly from the registry/);
  assert.deepEqual([asked(watch, "/relay/").length, asked(watch, `http://${harness.reached.host}/`).length], [1, 7]);
});

journey("an answer that is an error leaves no line in the console", harness, async (view) => {
  await view.ask(`${harness.plain.host}/fixtures/greeter:none`);
  await view.settled(/has no|does not have|no such/i);
});

journey(
  "only directly, where pages may not read: causes, the headers to set, and the proxy in one click",
  harness,
  async (view, watch) => {
    const reference = await harness.plain.push("oci-manifest/greeter");
    await view.open();
    await openSettings(view);
    await settings(view, { host: harness.plain.host, way: "Only directly" });
    await view.ask(reference);
    const refused = await view.settled(/^No answer from/);
    assert.equal(refused.stamp.seal, "bad");
    for (const part of [
      /does not let pages of other origins read it \(CORS\)/,
      /nothing listens there/,
      /Access-Control-Allow-Origin: \['\*'\]/,
    ]) {
      assert.match(refused.error, part);
    }
    assert.deepEqual(asked(watch, "/relay/"), []);
    await press(view, "Go through the proxy");
    const image = await view.settled(/is an OCI image of/);
    await compareImage(image, reference);
    assert.match(answered(image), /^through the proxy/);
  },
  { expected: (harness) => refusedByCors(harness.plain.host) },
);

journey("only through the proxy, where pages may read", harness, async (view, watch) => {
  const reference = await harness.cors.push("oci-manifest/greeter");
  await view.open();
  await openSettings(view);
  await settings(view, { host: harness.cors.host, way: "Only through the proxy" });
  await view.ask(reference);
  await compareImage(await view.settled(/is an OCI image of/), reference);
  assert.deepEqual(asked(watch, `http://${harness.cors.host}/`), []);
});

journey(
  "plain http, said in front of the reference",
  harness,
  async (view) => {
    const reference = await harness.plain.push("oci-manifest/greeter");
    await view.ask(`http://${reference}`);
    const image = await view.settled(/is an OCI image of/);
    await compareImage(image, reference);
    assert.match(await view.reading.textContent(), /over plain http/);
    await view.page.reload();
    await compareImage(await view.settled(/is an OCI image of/), reference);
    await openSettings(view);
    const known = view.page.getByRole("list", { name: "Registries with settings" });
    assert.match(await known.textContent(), new RegExp(`${harness.plain.host}automatic, plain http`));
  },
  { expected: (harness) => refusedByCors(harness.plain.host) },
);

journey(
  "a private registry that the proxy was not told of: the flag that allows it",
  harness,
  async (view) => {
    await view.ask(await harness.unnamed.push("oci-manifest/greeter"));
    const shown = await view.settled(/^No answer from/);
    assert.equal(shown.stamp.seal, "bad");
    assert.match(shown.error, new RegExp(`ADDRESS_REFUSED.*--allow http://${harness.unnamed.host}`));
  },
  { expected: (harness) => [...refusedByCors(harness.unnamed.host), answeredWith(403, "/fixtures/greeter/manifests/0.9.0")] },
);

journey(
  "a page from a web server that is no proxy: directly where that works, and else what to start",
  harness,
  async (view) => {
    view.origin = `http://${harness.site.host}`;
    const reference = await harness.cors.push("oci-manifest/greeter");
    await view.ask(reference);
    const image = await view.settled(/is an OCI image of/);
    await compareImage(image, reference);
    assert.equal(answered(image), "directly from the registry");
    await view.ask(await harness.plain.push("oci-manifest/greeter"));
    const shown = await view.settled(/^No answer from/);
    assert.match(shown.error, /this page was not served by a waybill proxy/);
    assert.match(shown.error, /Open this page from a waybill proxy/);
  },
  { expected: (harness) => [...refusedByCors(harness.plain.host), answeredWith(404, "/greeter/manifests/0.9.0")] },
);

journey(
  "a registry that is down",
  harness,
  async (view) => {
    await view.ask(`${harness.down}/fixtures/greeter:0.9.0`);
    const shown = await view.settled(/^No answer from/);
    assert.equal(shown.stamp.seal, "bad");
    for (const part of [
      /directly: the browser got no readable answer/,
      /through the proxy: .*UPSTREAM_/,
      /check the host name, and whether the registry is up/i,
    ]) {
      assert.match(shown.error, part);
    }
    await press(view, "Ask again");
    await view.settled(/^No answer from/);
  },
  {
    expected: () => [
      /^error: Failed to load resource: net::ERR_CONNECTION_REFUSED/,
      answeredWith(502, "/fixtures/greeter/manifests/0.9.0"),
    ],
  },
);

journey(
  "basic authentication: asked for, refused, accepted, gone with the page",
  harness,
  async (view, watch) => {
    const reference = await harness.basic.push("oci-index/lantern");
    await view.ask(reference);
    const wanted = await view.settled(/wants credentials \(401\)/);
    assert.equal(wanted.stamp.seal, "bad");
    assert.match(wanted.error, /UNAUTHORIZED/);

    await press(view, "Enter credentials");
    assert.equal(await view.page.getByLabel("Registry", { exact: true }).inputValue(), harness.basic.host);
    await settings(view, { name: user.name, password: "wrong" });
    assert.equal((await view.settled(/does not accept these credentials \(401\)/)).stamp.seal, "bad");

    await press(view, "Enter credentials");
    await settings(view, { name: user.name, password: user.password });
    const list = await view.settled(/is an OCI image index for 5 platforms/);
    await compareList(list, reference, { credentials: user });
    assert.equal(list.stamp.seal, "good");
    // The name is shown, the password is not, and nothing was sent directly but the first try.
    await openSettings(view);
    assert.match(await view.page.getByRole("dialog", { name: "Settings" }).textContent(), /as porter/);
    assert.ok(asked(watch, `http://${harness.basic.host}/`).length <= 3);

    await press(view, "Forget");
    await view.page.keyboard.press("Escape");
    await view.ask(reference);
    await view.settled(/wants credentials \(401\)/);
    await press(view, "Enter credentials");
    await settings(view, { name: user.name, password: user.password });
    await view.settled(/is an OCI image index for 5 platforms/);
    await view.page.reload();
    await view.settled(/wants credentials \(401\)/);
  },
  {
    secrets,
    expected: (harness) => [...refusedByCors(harness.basic.host), answeredWith(401, "/fixtures/lantern/manifests/2.4.1")],
  },
);

journey(
  "a password does not wait in the settings for the next registry that is named there",
  harness,
  async (view) => {
    await view.ready();
    await openSettings(view);
    await settings(view, { host: harness.basic.host, name: user.name, password: user.password });
    await openSettings(view);
    await view.page.getByLabel("Registry", { exact: true }).fill(harness.plain.host);
    assert.equal(await view.page.getByLabel("Password or token").inputValue(), "");
  },
  { secrets },
);

journey(
  "token authentication without credentials, blobs from a storage of its own",
  harness,
  async (view) => {
    const reference = (await harness.plain.push("oci-index/lantern", "public/lantern:1")).replace(
      harness.plain.host,
      harness.bearer.host,
    );
    await view.ask(reference);
    const list = await view.settled(/is an OCI image index for 5 platforms/);
    await compareList(list, reference);
    assert.equal(list.stamp.seal, "good");
    assert.ok(harness.storage.requests.length > 0, "blobs were redirected");
  },
  { expected: (harness) => [...refusedByCors(harness.bearer.host), answeredWith(401, "/public/lantern/manifests/1")] },
);

journey(
  "token authentication with credentials: they go to the token endpoint only, tokens to the registry only",
  harness,
  async (view) => {
    const reference = (await harness.plain.push("oci-manifest/greeter", "private/greeter:1")).replace(
      harness.plain.host,
      harness.bearer.host,
    );
    const before = { registry: harness.bearer.requests.length, storage: harness.storage.requests.length };
    await view.ask(reference);
    await view.settled(/wants credentials|gives no token/);
    await press(view, "Enter credentials");
    await settings(view, { name: user.name, password: "wrong" });
    await view.settled(/gives no token for these credentials \(401\)/);
    await press(view, "Enter credentials");
    await settings(view, { name: user.name, password: user.password });
    const image = await view.settled(/is an OCI image of/);
    await compareImage(image, reference, { credentials: user });

    const page = harness.bearer.requests.slice(before.registry);
    const basic = page.filter(({ authorization }) => authorization?.startsWith("Basic "));
    assert.ok(
      basic.length > 0 && basic.every(({ url }) => url.startsWith("/token?")),
      "credentials to the token endpoint",
    );
    const stored = harness.storage.requests.slice(before.storage);
    assert.ok(
      stored.length > 0 && stored.every(({ authorization }) => authorization === undefined),
      "nothing to the storage",
    );
  },
  {
    secrets,
    expected: (harness) => [
      ...refusedByCors(harness.bearer.host),
      answeredWith(401, "/private/greeter/manifests/1"),
      answeredWith(401, "/token\\?.*"),
    ],
  },
);

journey(
  "a token endpoint on another origin sees credentials only when the person has said so",
  harness,
  async (view) => {
    const reference = (await harness.plain.push("oci-manifest/greeter", "private/greeter:1")).replace(
      harness.plain.host,
      harness.elsewhere.host,
    );
    await view.open();
    await openSettings(view);
    await settings(view, { host: harness.elsewhere.host, name: user.name, password: user.password });
    await view.ask(reference);
    const asking = await view.settled(/wants its credentials to be sent to/);
    assert.equal(asking.stamp.seal, "bad");
    assert.match(
      asking.error,
      new RegExp(`Confirm only if you know that http://${harness.service.host} belongs to ${harness.elsewhere.host}`),
    );
    assert.deepEqual(
      harness.service.requests.filter(({ authorization }) => authorization),
      [],
      "not a byte before",
    );

    await press(view, `Send the credentials to http://${harness.service.host}`);
    const image = await view.settled(/is an OCI image of/);
    await compareImage(image, reference, { credentials: user });
    assert.ok(harness.service.requests.some(({ authorization }) => authorization === user.basic));

    // Forgotten is forgotten: whoever's credentials come next do not go there unasked.
    const before = harness.service.requests.length;
    await openSettings(view);
    await press(view, "Forget");
    await view.page.keyboard.press("Escape");
    await openSettings(view);
    await settings(view, { host: harness.elsewhere.host, name: user.name, password: user.password });
    await view.ask(reference);
    await view.settled(/wants its credentials to be sent to/);
    assert.deepEqual(
      harness.service.requests.slice(before).filter(({ authorization }) => authorization),
      [],
      "not a byte again",
    );
    assert.deepEqual(
      harness.elsewhere.requests.filter(({ authorization }) => authorization?.startsWith("Basic ")),
      [],
    );
  },
  {
    secrets,
    expected: (harness) => [...refusedByCors(harness.elsewhere.host), answeredWith(401, "/private/greeter/manifests/1")],
  },
);

journey(
  "a token endpoint at another private host is refused, whatever the person says",
  harness,
  async (view) => {
    const reference = (await harness.plain.push("oci-manifest/greeter", "private/greeter:1")).replace(
      harness.plain.host,
      harness.inward.host,
    );
    const before = harness.service.requests.length;
    await view.open();
    await openSettings(view);
    await settings(view, { host: harness.inward.host, name: user.name, password: user.password });
    await view.ask(reference);
    const shown = await view.settled(/sends for a token to .*the realm's host localhost is a private address/);
    assert.equal(shown.stamp.seal, "bad");
    assert.equal(harness.service.requests.length, before);
  },
  {
    secrets,
    expected: (harness) => [...refusedByCors(harness.inward.host), answeredWith(401, "/private/greeter/manifests/1")],
  },
);
