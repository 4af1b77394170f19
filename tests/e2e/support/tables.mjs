// @ts-check
// Layers with tables of contents, as the tools make them that everybody uses: containerd's estargz by the program in
// tests/layers/toc_peer, and skopeo.

import { execFileSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { archive, digestOf, layerOf as gzipped } from "./images.mjs";
import { emptyFolder, find, run } from "./programs.mjs";

const FOOTER = 51;
const TABLE = "containerd.io/snapshot/stargz/toc.digest";
const folder = fileURLToPath(new URL("../../layers/toc_peer", import.meta.url));

/** The program that makes eStargz; undefined where Go is not here, or not its modules. */
export const peer = (() => {
  const program = path.join(emptyFolder(), "toc-peer");
  const go = find("go") ?? "/usr/local/go/bin/go";
  try {
    execFileSync(go, ["build", "-o", program, "."], { cwd: folder, env: { ...process.env, CGO_ENABLED: "0" }, stdio: "pipe" });
    return program;
  } catch (error) {
    console.error(`*** TABLES OF CONTENTS NOT TESTED: ${error}`);
    return undefined;
  }
})();

const layerOf = (blob, annotations) => ({ ...gzipped(blob, gunzipSync(blob)), annotations });

/** An archive as an eStargz layer, with the annotations that name its table. */
export function estargz(plain, kind = "estargz") {
  const made = execFileSync(peer, ["make", kind], { input: plain, maxBuffer: 1 << 30 });
  const end = made.indexOf("\n");
  return layerOf(made.subarray(end + 1), JSON.parse(made.subarray(0, end).toString()));
}

/** Where in a layer the table begins. */
export const tableOffset = ({ blob }) => parseInt(blob.subarray(-FOOTER).subarray(16, 32).toString(), 16);

/** The same layer with another table. Its annotations name that, unless it is `unnamed`. */
export function retabled(layer, change, { unnamed = false } = {}) {
  const offset = tableOffset(layer);
  const tar = gunzipSync(layer.blob.subarray(offset, -FOOTER));
  const length = parseInt(tar.subarray(124, 135).toString(), 8);
  const table = JSON.parse(tar.subarray(512, 512 + length).toString());
  change(table);
  const json = Buffer.from(JSON.stringify(table));
  const member = gzipSync(archive([{ name: "stargz.index.json", content: json }]));
  const blob = Buffer.concat([layer.blob.subarray(0, offset), member, layer.blob.subarray(-FOOTER)]);
  return { ...layerOf(blob, unnamed ? layer.annotations : { ...layer.annotations, [TABLE]: digestOf(json) }), table: digestOf(json) };
}

/** Copies an image to another registry, its layers compressed anew as zstd:chunked. */
export async function chunked(from, to) {
  const plain = ["--src-tls-verify=false", "--dest-tls-verify=false"];
  const compress = ["--format", "oci", "--dest-compress-format", "zstd:chunked"];
  await run(find("skopeo"), ["copy", "-q", "--insecure-policy", ...plain, ...compress, `docker://${from}`, `docker://${to}`]);
}
