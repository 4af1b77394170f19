// @ts-check
// The proxy is killed at any moment: nothing of the person's work is lost. The page says what happened, and goes on when
// the proxy runs again.

import assert from "node:assert/strict";
import { gatedRegistry } from "./support/hostile.mjs";
import { journey, openHarness, proxyGone, refusedByCors } from "./support/harness.mjs";
import { dockerRegistry, fixture } from "./support/registries.mjs";
import { until } from "./support/view.mjs";

const DOWN = /the proxy that served this page does not answer/;

const harness = openHarness(async (harness) => {
  harness.docker = await harness.open(dockerRegistry());
  harness.gated = await harness.open(gatedRegistry(harness.docker));
});

const startAgain = () => harness.startProxy(new URL(harness.origin).host);
const askAgain = (view) => view.page.getByRole("button", { name: "Ask again" }).first().click();

/** The reference of a fixture behind the gate. */
const behindTheGate = async (name) => (await harness.docker.push(name)).replace(harness.docker.host, harness.gated.host);

const requestsWait = () =>
  until(
    () => harness.gated.waiting(),
    (waiting) => waiting > 0,
    "a request at the gate",
  );

/** What the console says of a proxy that is not there. */
const expected = ({ docker, gated }) => [
  ...refusedByCors(docker.host),
  ...refusedByCors(gated.host),
  proxyGone,
];

/** What the console says of a part of the program, or of the page, that does not come. */
const partsMissing = () => [
  /^error: Failed to load resource: net::ERR_(CONNECTION_(REFUSED|RESET|CLOSED)|SOCKET_NOT_CONNECTED|EMPTY_RESPONSE) \(http:/,
  /TypeError: Failed to fetch/,
];

/** The tabs behind the first one are fetched quietly once what is looked at is here. */
const tabsMissing = (harness) => [...expected(harness), ...partsMissing()];

journey(
  "killed while nothing is asked: what stands on the page stays, and the next question says what to do",
  harness,
  async (view) => {
    await view.ask(await harness.docker.push("oci-index/lantern"));
    const before = await view.settled(/is an OCI image index for 5 platforms/);
    assert.equal(before.stamp.seal, "good");
    await harness.proxy.kill();

    await view.page.getByRole("row", { name: "linux/riscv64" }).getByRole("link").click();
    assert.equal((await view.settled(/^linux\/riscv64 of /)).stamp.seal, "good", "an image in it can be looked at");
    const other = await harness.docker.push("oci-manifest/greeter");
    await view.ask(other);
    const down = await view.settled(/^No answer from/);
    assert.equal(down.title, "The proxy does not answer");
    assert.match(down.error, DOWN);
    assert.match(down.error, /start the proxy again/i);
    assert.equal(await view.box.inputValue(), other, "what was typed stands in the box");

    await startAgain();
    await askAgain(view);
    assert.equal((await view.settled(/is an OCI image of/)).stamp.seal, "good");
    await view.page.goBack();
    await view.page.goBack();
    const after = await view.settled(/is an OCI image index for 5 platforms/);
    assert.deepEqual(after.entries, before.entries, "the list is as it was");
  },
  { expected },
);

journey(
  "killed while the entries of a list come: the list stays, and they are asked for again",
  harness,
  async (view) => {
    harness.gated.hold(/\/manifests\/sha256:/);
    await view.ask(await behindTheGate("oci-index/lantern"));
    await requestsWait();
    await harness.proxy.kill();
    const broken = await view.settled(/is an OCI image index for 5 platforms/);
    assert.notEqual(broken.stamp.seal, "good", "what did not come is not called good");
    assert.match(broken.detail, /10 of its entries did not come/);
    assert.deepEqual([...new Set(broken.entries.map(({ verdict }) => verdict))], ["no answer"]);
    await view.page.getByRole("row", { name: "linux/riscv64" }).getByRole("link").click();
    await view.settled(DOWN);
    await view.page.goBack();
    await view.settled(/is an OCI image index for 5 platforms/);
    await until(
      () => harness.gated.waiting(),
      (waiting) => waiting === 0,
      "a registry that waits for nobody",
    );

    harness.gated.open();
    await startAgain();
    await view.page.getByRole("button", { name: "Fetch again what did not come" }).click();
    const whole = await until(
      () => view.shown(),
      (shown) => shown?.stamp.seal === "good" && !shown.working,
      "a whole list",
    );
    assert.doesNotMatch(whole.text, /no answer|did not come/);
  },
  { expected: tabsMissing },
);

journey(
  "killed while a config comes: the manifest stays, and the config is asked for again",
  harness,
  async (view) => {
    harness.gated.hold(/\/blobs\//);
    await view.ask(await behindTheGate("oci-manifest/greeter"));
    await requestsWait();
    await harness.proxy.kill();
    const broken = await view.settled(/is an OCI image/);
    assert.match(broken.text, DOWN);
    assert.ok(broken.layers.length > 0, "the layers of the manifest are listed");

    harness.gated.open();
    await startAgain();
    await askAgain(view);
    const whole = await view.settled(/is an OCI image/);
    assert.equal(whole.stamp.seal, "good");
    assert.doesNotMatch(whole.text, DOWN);
  },
  { expected: tabsMissing },
);

journey(
  "killed while something is verified: Verify needs no proxy, and a reload when it runs again finds the content",
  harness,
  async (view) => {
    const greeter = fixture("oci-manifest/greeter");
    await view.open("#/verify");
    await view.settled(/^Is this the content it claims to be/);
    await view.page.getByLabel("Expected digest").fill(greeter.digest);
    await harness.proxy.kill();

    await view.drop("manifest.json", Buffer.concat([greeter.bytes, Buffer.from("\n")]));
    await view.settled(/^manifest\.json is not what you expected: .* without the final newline$/);
    await view.page.getByRole("button", { name: "Go on with these bytes" }).click();
    const right = await view.settled(/^manifest\.json, put right has the digest you expected$/);

    await startAgain();
    await view.page.reload();
    const again = await view.settled(/has the digest you expected$/);
    assert.deepEqual([again.stamp, again.digests], [right.stamp, right.digests], "the same content, put right");
  },
  { expected: partsMissing },
);

journey(
  "killed before Verify was ever opened: it says that it did not come, and Verify and the list come when it runs again",
  harness,
  async (view) => {
    await view.ask(await harness.docker.push("oci-index/lantern"));
    const before = await view.settled(/is an OCI image index for 5 platforms/);
    await harness.proxy.kill();
    await view.page.getByRole("link", { name: "Verify" }).click();
    await view.page.getByRole("heading", { name: "Verify could not be loaded" }).waitFor();
    assert.match(await view.page.getByRole("alert").textContent(), /the network or the server failed/i);
    await view.page.goBack();
    await view.settled(/^The proxy does not answer$/);

    await startAgain();
    await askAgain(view);
    const after = await view.settled(/is an OCI image index for 5 platforms/);
    assert.deepEqual(after.entries, before.entries);
    await view.page.goForward();
    await view.settled(/^Is this the content it claims to be/);
  },
  { expected: (harness) => [...expected(harness), ...partsMissing()] },
);

// Ten requests a second, once the first three hundred are spent.
const limited = openHarness(
  async (limited) => {
    limited.docker = await limited.open(dockerRegistry());
  },
  { flags: ["--client-rate", "10", "--client-burst", "300"] },
);

journey("what is too much at once for the proxy waits until it takes it", limited, async (view) => {
  const { page } = view;
  const [first, second] = await Promise.all(["first:1", "second:1"].map((name) => limited.docker.push("oci-index/lantern", name)));
  // Every part of the program that it takes is here.
  await view.open(`#/inspect/${first}`);
  await view.settled(/is an OCI image index/);
  const spent = async () => (await fetch(`${limited.origin}/icon.svg`)).status === 429;
  await until(spent, (is) => is, "the end of what may be asked at once");
  const refused = page.waitForResponse((answer) => answer.headers()["waybill-status"] === "429");
  await view.open(`#/inspect/${second}`);
  await refused;
  const shown = await view.settled(/is an OCI image index/, "second");
  assert.equal(shown.stamp.seal, "good");
});
