// @ts-check
// Registries that lie, break off, refuse or never end: each is marked, nothing is called good, nothing crashes, and
// what is right beside it stays right. Through the proxy, and directly where the registry lets pages read it.

import assert from "node:assert/strict";
import { disguisedRegistry, lyingRegistry } from "./support/hostile.mjs";
import { answeredWith, journey, openHarness, refusedByCors } from "./support/harness.mjs";
import { fixture } from "./support/registries.mjs";
import { until } from "./support/view.mjs";

const harness = openHarness(async (harness) => {
  harness.refusing = await harness.open(lyingRegistry());
  harness.readable = await harness.open(lyingRegistry({ cors: true }));
  harness.disguised = await harness.open(disguisedRegistry());
});
const ways = [
  { way: "through the proxy", answered: /^through the proxy at /, registry: (harness) => harness.refusing },
  { way: "directly", answered: /^directly from the registry$/, registry: (harness) => harness.readable },
];
const greeter = fixture("oci-manifest/greeter");
const lantern = fixture("oci-manifest/lantern-linux-amd64");

/** Asks for each repository in turn on one page; every case gives what the verdict, its stamp and the page say. */
function cases(name, table, expected = () => []) {
  for (const { way, registry } of ways) {
    journey(
      `${name}, ${way}`,
      harness,
      async (view) => {
        if (way === "directly") await view.onlyDirectly(registry(harness).host);
        for (const [reference, title, seal, ...texts] of table) {
          await view.ask(`${registry(harness).host}/${reference}`);
          const shown = await view.settled(title, reference.split(/[:@]/)[0]);
          assert.equal(shown.stamp.seal, seal, reference);
          for (const text of texts) assert.match(shown.text, typeof text === "function" ? text(way) : text, reference);
        }
      },
      { expected },
    );
  }
}

cases("contents that are not what was named", [
  [
    "wrong-header:1",
    /wrong-header:1 is an OCI image/,
    "bad",
    /do not hash to the digest the registry named/,
    /another digest/,
    new RegExp(lantern.digest),
  ],
  [
    `other-bytes@${greeter.digest}`,
    /other-bytes@.* is an OCI image of 635 B/,
    "bad",
    /do not hash to the digest you asked for/,
  ],
  [
    "wrong-config:1",
    /wrong-config:1 is an OCI image/,
    "bad",
    /Its config is not the one it names/,
    /the config is stated as 2354 bytes, 14 came/,
  ],
  ["not-json:1", /not-json:1 (is not JSON|answers with text that is no JSON)/, "bad"],
  ["unknown-type:1", /unknown-type:1 is not a manifest that Waybill knows/, "bad"],
  ["html:1", /html:1 answers with an HTML page/, "bad"],
  // The good one stays good among the others.
  ["honest:1", /honest:1 is an OCI image of 327 B/, "good"],
]);

cases(
  "answers with an error",
  [
    [
      "forbidden:1",
      /forbids this \(403\)/,
      "bad",
      /DENIED: requested access to the resource is denied/,
      /Enter credentials/,
    ],
    [
      "unknown:1",
      /does not have this \(404\)/,
      "bad",
      /MANIFEST_UNKNOWN: manifest unknown.*by the test/,
      /Check the repository/,
    ],
    // A page may read Retry-After only where the registry exposes it.
    [
      "hurried:1",
      /was asked too often \(429\)/,
      "bad",
      /TOOMANYREQUESTS: slow down/,
      (way) => (way === "directly" ? /Wait a while/ : /Ask again in 17 seconds/),
    ],
    ["broken:1", /has a fault of its own \(500\)/, "bad", /UNKNOWN: something is broken/, /Ask again later/],
    ["away:1", /has a fault of its own \(503\)/, "bad", /not the registry API's JSON: upstream is away/],
  ],
  () => [403, 404, 429, 500, 503].map((status) => answeredWith(status, "/manifests/1")),
);

cases(
  "bodies that are cut, without end, or too large",
  [
    ["truncated:1", /broke off behind \d+ bytes/, "bad", /Ask again/],
    ["endless:1", /sends more than 4 MiB, refused/, "bad"],
    ["large:1", /sends more than 4 MiB, refused/, "bad", /Content-Length 4194305/],
    ["honest:1", /honest:1 is an OCI image of 327 B/, "good"],
  ],
  () => [
    /^error: Failed to load resource: net::ERR_(CONTENT_LENGTH_MISMATCH|INCOMPLETE_CHUNKED_ENCODING) .*\/truncated\/manifests\/1\)$/,
  ],
);

for (const { way, answered, registry } of ways) {
  journey(
    `an index of which four entries are wrong, each in its own way, ${way}`,
    harness,
    async (view) => {
      if (way === "directly") await view.onlyDirectly(registry(harness).host);
      await view.ask(`${registry(harness).host}/bad-children:1`);
      const list = await view.settled(/is an OCI image index for 5 platforms/);
      assert.match(list.stops[0].fields.Answered, answered);
      const rows = list.entries.filter(({ below }) => !below).map(({ name, verdict, seal }) => [name, verdict, seal]);
      assert.deepEqual(rows, [
        ["linux/amd64", "verified", "good"],
        ["linux/arm64", "digest differs", "bad"],
        ["linux/arm/v7", "no answer", "bad"],
        ["linux/riscv64", "size differs", "bad"],
        ["linux/s390x", "status 503", "bad"],
      ]);
      assert.ok(
        list.entries.filter(({ below }) => below).every(({ seal }) => seal === "good"),
        "the others go on",
      );
      assert.equal(list.stamp.seal, "bad");
      // Each of them opens, and tells its own story.
      for (const [name, title] of [
        ["linux/arm64", /^linux\/arm64 of .* is an OCI image/],
        ["linux/arm/v7", /broke off/],
        ["linux/riscv64", /^linux\/riscv64 of .* answers with an HTML page/],
        ["linux/s390x", /has a fault of its own/],
      ]) {
        await view.page.getByRole("row", { name }).first().getByRole("link").click();
        assert.equal((await view.settled(title)).stamp.seal, "bad");
        await view.page.goBack();
        await view.settled(/is an OCI image index for 5 platforms/);
      }
    },
    {
      expected: (harness) => [
        answeredWith(503, "/manifests/sha256:[0-9a-f]{64}"),
        /net::ERR_(CONTENT_LENGTH_MISMATCH|INCOMPLETE_CHUNKED_ENCODING) .*\/bad-children\/manifests\/sha256:/,
      ],
    },
  );

  journey(
    `a config that is redirected to a private address, ${way}`,
    harness,
    async (view, watch) => {
      for (const [repository, address] of [
        ["redirect-private", "10.0.0.1"],
        ["redirect-metadata", "169.254.169.254"],
      ]) {
        await view.ask(`${registry(harness).host}/${repository}:1`);
        const shown = await view.settled(new RegExp(`${repository}:1 is an OCI image`));
        assert.deepEqual([shown.stamp.seal, shown.stops.find(({ name }) => name === "Manifest").seal], ["bad", "good"]);
        assert.match(shown.error, new RegExp(`ADDRESS_REFUSED.*a redirect leads to ${address.replaceAll(".", "\\.")}`));
      }
      // Directly it is the page's own policy that stops what the browser would follow.
      const led = watch.requests.filter((request) => /^http:..(10\.0|169\.254)/.test(request.url()));
      assert.deepEqual(
        led.map((request) => request.failure()?.errorText),
        way === "directly" ? ["csp", "csp"] : [],
      );
    },
    {
      expected: (harness) => [
        // What the proxy does not follow the page may reach, so it tries.
        ...refusedByCors(registry(harness).host),
        /^error: Connecting to 'http:\/\/(10\.0\.0\.1\/blob|169\.254\.169\.254\/latest\/)' violates the following Content Security Policy/,
      ],
      violations: way === "directly" ? [/^connect-src refuses /] : [],
    },
  );
}

journey(
  "a blob that is called a script or a style is neither, also where the browser has it already",
  harness,
  async (view) => {
    const { host, script, style } = harness.disguised;
    const places = (repository) => [script, style].map((digest) => `/relay/http/${host}/v2/${repository}/blobs/${digest}`);
    await view.open("");
    /** @param {string[]} places */
    const loads = ([script, style]) =>
      view.page.evaluate(
        async ([script, style]) => {
          const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: style });
          const applied = new Promise((resolve) => {
            link.onload = () => resolve("applied");
            link.onerror = () => resolve("refused");
          });
          document.head.append(link);
          const ran = import(script).then(() => "ran", ({ name }) => name);
          return [await ran, await applied, globalThis.ran, getComputedStyle(document.documentElement).getPropertyValue("--ran")];
        },
        [script, style],
      );
    const refused = ["TypeError", "refused", undefined, ""];
    assert.deepEqual(await loads(places("asked")), refused);

    // The page's own program may read it; then the browser keeps it, and asks nobody what else it may be.
    const kept = places("kept");
    const read = await view.page.evaluate(
      (places) =>
        Promise.all(
          places.map(async (place) => {
            const answer = await fetch(place);
            await answer.arrayBuffer();
            return ["content-type", "cache-control", "content-disposition"].map((name) => answer.headers.get(name));
          }),
        ),
      kept,
    );
    const immutable = "public, max-age=31536000, immutable";
    assert.deepEqual(read, [0, 1].map(() => ["application/octet-stream", immutable, "attachment"]));
    assert.deepEqual(await loads(kept), refused);
    const names = harness.disguised.requests.map(({ url }) => url.split("/")[2]);
    assert.deepEqual(names, ["kept", "kept"], "of what was loaded nothing came to the registry");
  },
  {
    expected: ({ disguised }) => [
      answeredWith(403, `/relay/http/${disguised.host}/v2/asked/blobs/sha256:[0-9a-f]{64}`),
      /^error: Failed to load module script: .*MIME type of "application\/octet-stream"/,
      /^error: Refused to apply style from .*\/asked\/.*its MIME type \('application\/json'\)/,
      /^error: Refused to apply style from .*\/kept\/.*its MIME type \('application\/octet-stream'\)/,
    ],
  },
);

journey("what a registry is asked for: nothing but what is shown, and no preflight", harness, async (view) => {
  const { requests, host } = harness.readable;
  const before = requests.length;
  await view.ask(`${host}/honest@${greeter.digest}`);
  await view.settled(/is an OCI image of 327 B/);
  const { digest } = JSON.parse(greeter.bytes).config;
  assert.deepEqual(
    requests.slice(before).map(({ method, url }) => `${method} ${url}`),
    [`GET /v2/honest/manifests/${greeter.digest}`, `GET /v2/honest/blobs/${digest}`],
  );
});

journey("cancelling: what is under way stops, what came stays, and it can be asked again", harness, async (view, watch) => {
  const { host } = harness.readable;
  const cancel = view.page.getByRole("button", { name: "Cancel" });
  await view.ask(`${host}/silent:1`);
  await cancel.click();
  const nothing = await view.settled(/silent:1 was cancelled/);
  assert.deepEqual([nothing.stamp.seal, nothing.stamp.text], ["hollow", "Cancellednothing was checked"]);

  await view.ask(`${host}/slow-children:1`);
  await until(
    () => view.shown(),
    (shown) => shown?.title.includes("slow-children:1 is an OCI image index"),
    "the index",
  );
  await cancel.click();
  const list = await view.settled(/is an OCI image index/);
  assert.deepEqual([...new Set(list.entries.map(({ verdict }) => verdict))], ["cancelled"]);
  assert.equal(list.stamp.seal, "hollow");
  const failed = watch.requests.filter((request) => request.failure()?.errorText === "net::ERR_ABORTED");
  assert.ok(failed.length > 1, "the browser has given the requests up");
  await view.page.getByRole("button", { name: "Fetch again what did not come" }).click();
  await until(
    () => view.shown(),
    (shown) => shown.entries.some(({ verdict }) => verdict === "on its way"),
    "the second try",
  );
  await cancel.click();
  await view.settled(/is an OCI image index/);
});
