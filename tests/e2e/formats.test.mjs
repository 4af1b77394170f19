// Every format in a real registry: what the page shows of it is what skopeo says of the same reference.

import assert from "node:assert/strict";
import { compareImage, compareList, inspect, repositoryOf } from "./support/judge.mjs";
import { journey, openLab, refusedByCors, relayed } from "./support/lab.mjs";
import { dockerRegistry } from "./support/registries.mjs";

const lab = openLab(async (lab) => {
  lab.registry = await lab.open(dockerRegistry());
});
const options = { expected: (lab) => refusedByCors(lab.registry.host) };

journey("an index with attestations: every row, one image, back, forward, reload", lab, async (view) => {
  const { page } = view;
  const reference = await lab.registry.push("oci-index/lantern");
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
}, options);

journey("a deep link straight to one image of an index", lab, async (view) => {
  const reference = await lab.registry.push("oci-index/lantern");
  const { digest } = (await inspect(reference)).json.manifests[4];
  await view.open(`#/inspect/${reference}?at=${digest}`);
  const image = await view.settled(/^linux\/s390x of /);
  await compareImage(image, `${repositoryOf(reference)}@${digest}`, { above: [reference] });
  assert.equal(image.stamp.seal, "good");
}, options);

journey("a Docker list", lab, async (view) => {
  const reference = await lab.registry.push("docker-list/lantern-list");
  await view.ask(reference);
  const list = await view.settled(/is a Docker manifest list for 3 platforms/);
  await compareList(list, reference);
  assert.equal(list.stamp.seal, "good");
}, options);

journey("an OCI image", lab, async (view) => {
  const reference = await lab.registry.push("oci-manifest/greeter");
  await view.ask(reference);
  const image = await view.settled(/is an OCI image of/);
  await compareImage(image, reference);
  assert.equal(image.stamp.seal, "good");
  assert.ok(relayed(lab, lab.registry.host) > 0, "through the proxy");
}, options);
