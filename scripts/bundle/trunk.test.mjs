// @ts-check
// Trunk, which `trunk serve` is for, makes the same page as we do. `scripts/test bundle` says where things are:
//   WAYBILL_TRUNK    what `trunk build --release` made of the page
//   WAYBILL_LINKED   the program as cargo linked it, for both
//   WAYBILL_BUNDLER  crates/bundle
// Both in one piece, because Trunk cannot cut a program into parts, nor make it smaller and compress it. The hash in a
// name is another: Trunk hashes by SeaHash, and names script and program by the program as it was linked.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { page } from "./page.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { WAYBILL_TRUNK: trunk = "", WAYBILL_LINKED: linked = "", WAYBILL_BUNDLER: bundler = "" } = process.env;

const withoutHash = (/** @type {string} */ text) => text.replace(/-[\da-f]{8,16}(?=[._])/g, "-HASH");

/**
 * Each file's content, with HASH in place of the hashes in names.
 * @param {Iterable<[string, Buffer]>} files
 */
function comparable(files) {
  const content = (/** @type {string} */ file, /** @type {Buffer} */ bytes) =>
    file.endsWith(".html") ? withoutHash(bytes.toString()) : bytes.toString("latin1");
  return new Map([...files].map(([file, bytes]) => [withoutHash(file), content(file, bytes)]));
}

test("Trunk makes the same files, byte for byte", { skip: !trunk && "Trunk could not be had" }, () => {
  const folder = mkdtempSync(join(tmpdir(), "waybill-whole-"));
  try {
    execFileSync(bundler, ["--whole", linked, folder]);
    const read = (/** @type {string} */ file) => readFileSync(join(folder, file));
    const ours = comparable(page(root, read("waybill.js").toString(), read("waybill_bg.wasm")));
    const theirs = comparable(readdirSync(trunk).map((file) => [file, readFileSync(join(trunk, file))]));
    assert.deepEqual([...ours.keys()].sort(), [...theirs.keys()].sort());
    assert.equal(ours.get("index.html"), theirs.get("index.html"));
    for (const [file, content] of ours) assert.ok(content === theirs.get(file), `${file} is not the same`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
