// @ts-check
// Every format in a real registry: what the page shows of it is what skopeo says of the same reference.

import assert from "node:assert/strict";
import { compareImage, compareList, compareSchema1, inspect, repositoryOf, sha256 } from "./support/oracle.mjs";
import { journey, openHarness, relayed } from "./support/harness.mjs";
import { find } from "./support/programs.mjs";
import { craneRegistry, dockerRegistry } from "./support/registries.mjs";

const hasCrane = find("crane") !== undefined;
const harness = openHarness(async (harness) => {
  harness.registry = await harness.open(dockerRegistry());
  // This one keeps what the first refuses or changes.
  if (hasCrane) harness.keeper = await harness.open(craneRegistry());
});
const keeperOptions = {
  skip: !hasCrane && "needs crane: install Go and run scripts/test e2e again",
};

journey(
  "an index with attestations: every row, one image, back, forward, reload",
  harness,
  async (view) => {
    const { page } = view;
    const reference = await harness.registry.push("oci-index/lantern");
    await view.ask(reference);
    const list = await view.settled(/is an OCI image index for 5 platforms/);
    await compareList(list, reference);
    assert.deepEqual([list.stamp.seal, list.stamp.text], ["good", "Verified hereall 11 manifests"]);
    // Each attestation stands under the image that it attests.
    const attested = (await inspect(reference)).json.manifests.filter((entry) => entry.annotations);
    for (const entry of attested) {
      const at = list.entries.findIndex((row) => row.digest === entry.digest);
      assert.equal(list.entries[at].below, true);
      assert.equal(list.entries[at - 1].digest, entry.annotations["vnd.docker.reference.digest"]);
    }

    const row = list.entries.find(({ name }) => name === "linux/arm/v7");
    await page.getByRole("row", { name: "linux/arm/v7" }).getByRole("link").click();
    const child = `${repositoryOf(reference)}@${row.digest}`;
    const title = /^linux\/arm\/v7 of .* is an OCI image of .* in 4 layers$/;
    await compareImage(await view.settled(title), child, { above: [reference] });

    await page.goBack();
    await compareList(await view.settled(/is an OCI image index/), reference);
    await page.goForward();
    await compareImage(await view.settled(title), child, { above: [reference] });
    await page.reload();
    await compareImage(await view.settled(title), child, { above: [reference] });
  },
);

journey(
  "a deep link straight to one image of an index",
  harness,
  async (view) => {
    const reference = await harness.registry.push("oci-index/lantern");
    const { digest } = (await inspect(reference)).json.manifests[4];
    await view.open(`#/inspect/${reference}?at=${digest}`);
    const image = await view.settled(/^linux\/s390x of /);
    await compareImage(image, `${repositoryOf(reference)}@${digest}`, { above: [reference] });
    assert.equal(image.stamp.seal, "good");
  },
);

for (const [name, fixture, title] of /** @type {any[][]} */ ([
  ["a Docker list", "docker-list/lantern-list", /is a Docker manifest list for 3 platforms$/],
  ["a list for two releases of Windows", "oci-index/windows", /is an OCI image index for 2 platforms$/],
  ["an index of Docker and OCI images", "oci-index/mixed", /is an OCI image index for 2 platforms$/],
  [
    "attestations that oras attached, of an older form",
    "oci-index/attested-older",
    /is an OCI image index for 2 platforms$/,
  ],
])) {
  journey(
    name,
    harness,
    async (view) => {
      const reference = await harness.registry.push(fixture);
      await view.ask(reference);
      const list = await view.settled(title);
      await compareList(list, reference);
      assert.equal(list.stamp.seal, "good");
    },
  );
}

for (const [name, fixture, title] of /** @type {any[][]} */ ([
  ["an OCI image", "oci-manifest/greeter", /is an OCI image of 327 B in 2 layers$/],
  ["a Docker schema 2 image", "docker-schema2/lantern-docker", /is a Docker image of 635 B in 4 layers$/],
  ["an image with zstd layers", "oci-manifest/zstd", /is an OCI image of .* in 2 layers$/],
  [
    "an image that carries its config in its descriptor",
    "oci-manifest/embedded-data",
    /is an OCI image of 327 B in 2 layers$/,
  ],
  ["an artifact", "oci-manifest/artifact", /is an OCI artifact of type application\/vnd\.example\.menu\.v1\+json$/],
  ["an artifact that refers to an image", "oci-manifest/sbom", /is an SBOM, an OCI artifact of type application\/spdx\+json$/],
])) {
  journey(
    name,
    harness,
    async (view) => {
      const reference = await harness.registry.push(fixture);
      await view.ask(reference);
      const image = await view.settled(title);
      await compareImage(image, reference);
      assert.equal(image.stamp.seal, "good");
      assert.ok(relayed(harness, harness.registry.host) > 0, "through the proxy");
    },
  );
}

journey(
  "a signed schema 1 image, signed anew by the registry at every answer",
  harness,
  async (view) => {
    const reference = await harness.registry.push("docker-schema1-signed/lantern-signed");
    await view.ask(reference);
    const image = await view.settled(/is a signed Docker schema 1 image in 13 layers$/);
    await compareSchema1(image, reference);
    assert.equal(image.stamp.seal, "good");
  },
);

journey(
  "a signed schema 1 image whose registry names the digest of the whole body",
  harness,
  async (view) => {
    const reference = await harness.keeper.push("docker-schema1-signed/converted");
    await view.ask(reference);
    const image = await view.settled(/is a signed Docker schema 1 image in \d+ layers$/);
    await compareSchema1(image, reference, [sha256((await inspect(reference)).bytes)]);
    assert.equal(image.stamp.seal, "bad");
  },
  keeperOptions,
);

journey(
  "an unsigned schema 1 image",
  harness,
  async (view) => {
    const reference = await harness.keeper.push("docker-schema1/lantern-unsigned");
    await view.ask(reference);
    const image = await view.settled(/is a Docker schema 1 image in 13 layers$/);
    await compareSchema1(image, reference);
    assert.equal(image.stamp.seal, "good");
  },
  keeperOptions,
);

journey(
  "an index of indexes, down to one image",
  harness,
  async (view) => {
    const { page } = view;
    const reference = await harness.registry.push("oci-index/nested");
    const repository = repositoryOf(reference);
    await view.ask(reference);
    const outer = await view.settled(/is an OCI image index of 2 entries$/);
    await compareList(outer, reference);
    const inner = `${repository}@${outer.entries[1].digest}`;
    await page.locator("table.platforms tbody tr").nth(1).getByRole("link").click();
    const list = await view.settled(/ of .* is an OCI image index for 2 platforms$/);
    await compareList(list, inner, { above: [reference] });
    await page.getByRole("row", { name: list.entries[0].name }).getByRole("link").click();
    const image = await view.settled(/^windows\(.*\)\/amd64 of .* is an OCI image of/);
    const child = `${repository}@${list.entries[0].digest}`;
    await compareImage(image, child, { above: [reference, inner] });
    assert.equal(image.stamp.seal, "good");

    await page.reload();
    await compareImage(await view.settled(/^windows/), child, { above: [reference, inner] });
    // Up again by the links on the custody line.
    await page.getByRole("link", { name: "the whole list" }).first().click();
    await compareList(await view.settled(/is an OCI image index of 2 entries$/), reference);
  },
);

journey(
  "an index of nothing",
  harness,
  async (view) => {
    const reference = await harness.registry.push("oci-index/empty");
    await view.ask(reference);
    const list = await view.settled(/is an OCI image index of 0 entries$/);
    await compareList(list, reference);
    assert.match(list.findings.join(), /A list of nothing/);
  },
);

journey(
  "a missing child: its row says so, the others are verified",
  harness,
  async (view) => {
    const reference = await harness.registry.push("docker-list/missing-child");
    await view.ask(reference);
    const list = await view.settled(/is a Docker manifest list for 2 platforms$/);
    await compareList(list, reference);
    assert.deepEqual(
      list.entries.map(({ verdict }) => verdict),
      ["verified", "missing"],
    );
    assert.deepEqual([list.stamp.seal, list.stamp.text], ["bad", "1 missing2 of 3 verified here"]);
    await view.page.getByRole("row", { name: "missing" }).getByRole("link").click();
    const child = await view.settled(/not found|no such|does not/i);
    assert.equal(child.stamp.seal, "bad");
    assert.match(child.error, /MANIFEST_UNKNOWN/);
  },
);

journey(
  "two entries for one platform: a finding names the one that is never chosen",
  harness,
  async (view) => {
    const reference = await harness.registry.push("oci-index/duplicate-platform");
    await view.ask(reference);
    const list = await view.settled(/is an OCI image index for 1 platform$/);
    await compareList(list, reference);
    assert.match(list.findings.join(), /Two entries for one platform\/manifests\/1\/platform/);
  },
);

journey(
  "a size that is not the listed one: marked in its row only",
  harness,
  async (view) => {
    const reference = await harness.registry.push("oci-index/wrong-size");
    await view.ask(reference);
    const list = await view.settled(/is an OCI image index for 2 platforms$/);
    await compareList(list, reference);
    assert.deepEqual(
      list.entries.map(({ verdict }) => verdict),
      ["verified", "size differs"],
    );
    assert.deepEqual([list.stamp.seal, list.stamp.text], ["bad", "1 mismatch2 of 3 verified here"]);
  },
);
