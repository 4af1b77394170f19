// @ts-check
// Signatures of schema 1: checked by the browser, whatever way the bytes came, and said to be no more than they are.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { journey, openHarness } from "./support/harness.mjs";
import { fixtures } from "./support/programs.mjs";
import { View, until } from "./support/view.mjs";

const NAME = "waybill.test";
const harness = openHarness(async () => {}, { name: NAME });

const signed = () => readFile(path.join(fixtures, "docker-schema1-signed/lantern-signed.json"), "utf8");
const vectors = async () => JSON.parse(await readFile(path.join(fixtures, "signatures/vectors.json"), "utf8"));
const KEY = /^signed by key ([A-Z2-7]{4}:){11}[A-Z2-7]{4} with ES256 holds: shows integrity, not origin$/;

let files = 0;
/** What the page shows of a file; each has a name of its own, so that the one before is not taken for it. */
async function dropped(view, text) {
  const name = `manifest-${(files += 1)}`;
  await view.drop(name, Buffer.from(text));
  const shown = await view.settled(new RegExp(`^${name} is a signed Docker schema 1 image`));
  return { ...shown, signature: shown.stops.find((stop) => stop.name === "Manifest").fields.Signature };
}

const errors = (shown) => shown.findings.filter((finding) => finding.startsWith("error"));

journey("the example's signature holds, and is never called trusted", harness, async (view) => {
  await view.open("#/example/schema1");
  const shown = await view.settled(/is a signed Docker schema 1 image/);
  assert.match(shown.stops.find((stop) => stop.name === "Manifest").fields.Signature, KEY);
  assert.equal(shown.stamp.text, "Verified herethe manifest");
  assert.doesNotMatch(shown.text, /trusted/i);
});

journey("what skopeo signed holds, and one changed byte does not", harness, async (view) => {
  await view.ready();
  const whole = await dropped(view, await signed());
  assert.match(whole.signature, KEY);
  assert.deepEqual([whole.stamp.seal, errors(whole)], ["hollow", []], "nobody named a digest");
  const changed = await dropped(view, (await signed()).replace("2.4.1", "2.4.2"));
  assert.match(changed.signature, /^said to be by key [A-Z2-7:]{59} with ES256 does not fit the payload$/);
  assert.equal(changed.stamp.seal, "bad");
  assert.match(errors(changed).join(), /^errorSignature that does not fit the payload\/signatures\/0\/signature/);
});

journey("a member injected outside the payload leaves the signature good, and is shouted", harness, async (view) => {
  await view.ready();
  const shown = await dropped(view, (await signed()).trimEnd().replace(/\}$/, ',"author":"somebody else"}'));
  assert.match(shown.signature, KEY);
  assert.equal(shown.stamp.seal, "bad");
  assert.match(errors(shown).join(), /^errorContent outside the signed payload\/author/);
});

journey("every algorithm, by JWK and by certificate, as they were made", harness, async (view) => {
  await view.ready();
  const made = (await vectors()).filter(({ name }) => / by (jwk|x5c)$|, one word of the payload changed$/.test(name));
  assert.equal(made.length, 18);
  for (const { name, manifest, results, keyIds } of made) {
    const { signature } = await dropped(view, manifest);
    const [alg] = name.split(/[ ,]/);
    const good = `signed by key ${keyIds[0]} with ${alg} holds: shows integrity, not origin`;
    const bad = `said to be by key ${keyIds[0]} with ${alg} does not fit the payload`;
    assert.equal(signature, results[0] === "holds" ? good : bad, name);
  }
});

const untrustworthy = { expected: () => [/^error: The Cross-Origin-(Opener|Resource)-Policy header has been ignored/] };

journey(
  "on a page without a secure context it is not checked, and says so",
  harness,
  async (view) => {
    const { port } = new URL(harness.origin);
    harness.hosts.push(`${NAME}:${port}`);
    const insecure = new View(view.page, `http://${NAME}:${port}`);
    await insecure.open("#/example/schema1");
    const shown = await insecure.settled(/is a signed Docker schema 1 image/);
    const { Signature } = shown.stops.find((stop) => stop.name === "Manifest").fields;
    assert.match(Signature, /^said to be by key [A-Z2-7:]{59} with ES256 signature not checked here \(insecure page\)$/);
    assert.equal(shown.stamp.text, "Verified herethe manifest", "the digest is checked all the same");
    // What draws findings is a part of the program that comes behind the first view.
    await until(() => insecure.shown(), ({ findings }) => /noteSignature not checked/.test(findings.join()), "the finding");
  },
  untrustworthy,
);
