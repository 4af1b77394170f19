// @ts-check
// Content of sizes that nobody makes by hand.

import { createHash } from "node:crypto";

/** The entries of the largest index that Waybill reads: 4 MiB of it, written without spaces. */
export const ENTRIES = 15_900;

/**
 * An OCI index of so many entries, a platform each; indented with so many spaces. The content of each entry is its
 * number, so that digests differ.
 */
export function largeIndex(entries = ENTRIES, indent = 0) {
  const manifests = Array.from({ length: entries }, (_, number) => ({
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    digest: `sha256:${createHash("sha256").update(String(number)).digest("hex")}`,
    size: 400 + (number % 600),
    platform: { architecture: "amd64", os: "linux", variant: `v${number}` },
  }));
  const index = { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests };
  return Buffer.from(JSON.stringify(index, null, indent));
}

const MIB = 1024 * 1024;
const manifest = (members) =>
  Buffer.from(
    `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":` +
      `{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},` +
      `"artifactType":"application/x.hostile","layers":[]${members}}`,
  );
const repeat = (number, make) => Array.from({ length: number }, (_, index) => make(index)).join(",");

/**
 * Contents of hostile sizes: what each is, how to make it, and what the page has to say of it.
 *
 * @type {any[][]}
 */
export const hostile = [
  ["a million nested brackets", () => Buffer.from("[".repeat(1_000_000)), /not|no manifest/i],
  ["a million nested brackets in a member", () => manifest(`,"a":${"[".repeat(1_000_000)}`), /deep|nest|level/i],
  ["4 MiB of commas", () => Buffer.from(`{"a":[1${",".repeat(4 * MIB - 16)}]}`), /expected|not JSON|no manifest/i],
  ["an annotation of 3 MiB", () => manifest(`,"annotations":{"a":"${"x".repeat(3 * MIB)}"}`), /3,?145,?728 bytes in all/],
  ["100,000 equal names", () => manifest(`,${repeat(100_000, () => '"a":1')}`), /The same name twice/],
  ["100,000 equal names of annotations", () => manifest(`,"annotations":{${repeat(100_000, () => '"a":""')}}`), /The same name twice/],
  ["100,000 annotations", () => manifest(`,"annotations":{${repeat(100_000, (n) => `"a${n}":""`)}}`), /and 99,800 more/],
  ["400,000 members of numbers", () => manifest(`,"a":[${repeat(400_000, () => "1e2")}]`), /Members outside the specification/],
  ["lines of quotes", () => manifest(`,"a":[\n${repeat(200, () => `${repeat(5_000, () => '""')}\n`)}]`), /hostile\.json/],
  ["30,000 layers of nothing", () => Buffer.from(manifest("").toString().replace('"layers":[]', `"layers":[${repeat(30_000, () => "{}")}]`)), /and 29,800 more/],
];
