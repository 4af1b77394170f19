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
