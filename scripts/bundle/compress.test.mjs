// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { withCompressed } from "./compress.mjs";

test("what gets smaller has both forms beside it, and each gives the content back", async () => {
  const content = Buffer.from("a line\n".repeat(100));
  const files = await withCompressed(new Map([["page.html", content]]));
  assert.deepEqual([...files.keys()].sort(), ["page.html", "page.html.br", "page.html.gz"]);
  assert.equal(files.get("page.html"), content);
  assert.deepEqual(brotliDecompressSync(files.get("page.html.br") ?? ""), content);
  assert.deepEqual(gunzipSync(files.get("page.html.gz") ?? ""), content);
});

test("what does not get smaller, and what is compressed already, stays alone", async () => {
  const files = new Map([["empty.js", Buffer.from("")], ["picture.png", Buffer.alloc(1_000)]]);
  assert.deepEqual([...(await withCompressed(files)).keys()], ["empty.js", "picture.png"]);
});
