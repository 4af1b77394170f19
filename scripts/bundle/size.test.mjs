// @ts-check
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { bytesOf, weigh } from "./size.mjs";

/**
 * What a bundle of these files weighs.
 * @param {Record<string, string>} files
 */
function weights(files) {
  const folder = mkdtempSync(join(tmpdir(), "waybill-size-"));
  try {
    for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
    return weigh(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const PAGE = `<link rel="icon" href="data:," /><link rel="stylesheet" href="./look.css"/>
<script src="./boot.js"></script><meta name="waybill" data-script="./waybill.js" data-program="./waybill_bg.wasm" data-worker="./worker.js" data-files-worker="./files-worker.js" data-archive-worker="./archive-worker.js" data-documents-worker="./documents-worker.js" data-style="./parts.css"><a href="#/verify">Verify</a>`;

test("files are weighed as they are sent: first page, program, parts and workers apart", () => {
  const { first, program, parts, style, workers } = weights({
    "index.html": PAGE,
    "index.html.br": "12",
    "look.css": "look",
    "boot.js": "boot",
    "parts.css": "parts",
    "waybill.js": "load",
    "waybill.js.br": "123",
    "waybill_bg.wasm": "program",
    "verify-0123.wasm": "verify",
    "verify-0123.wasm.br": "1",
    "worker.js": "start(new URL('worker-0123.wasm', import.meta.url))",
    "worker.js.br": "12",
    "files-worker.js": "start(new URL('files-worker-0123.wasm', import.meta.url))",
    "files-worker.js.br": "123",
    "files-worker-0123.wasm": "files",
    "worker-0123.wasm": "work",
    "archive-worker.js": "start(new URL('archive-worker-0123.wasm', import.meta.url))",
    "archive-worker-0123.wasm": "archives",
    "documents-worker.js": "start(new URL('documents-worker-0123.wasm', import.meta.url))",
    "documents-worker-0123.wasm": "documents",
  });
  assert.deepEqual(first.map(({ file, sent }) => [file, sent]), [["index.html", 2], ["look.css", 4], ["boot.js", 4]]);
  assert.deepEqual(program.map(({ file, sent }) => [file, sent]), [["waybill.js", 3], ["waybill_bg.wasm", 7]]);
  assert.deepEqual(parts, [{ file: "verify-0123.wasm", sent: 1, raw: 6 }]);
  assert.deepEqual(workers["data-files-worker"].map(({ file, sent }) => [file, sent]), [["files-worker.js", 3], ["files-worker-0123.wasm", 5]]);
  assert.deepEqual(workers["data-archive-worker"].map(({ file, raw }) => [file, raw]), [["archive-worker.js", 59], ["archive-worker-0123.wasm", 8]]);
  assert.deepEqual(workers["data-documents-worker"].map(({ file, sent }) => [file, sent]), [["documents-worker.js", 61], ["documents-worker-0123.wasm", 9]]);
  assert.deepEqual(workers["data-worker"].map(({ file, sent }) => [file, sent]), [["worker.js", 2], ["worker-0123.wasm", 4]]);
  assert.deepEqual(style.map(({ file, sent }) => [file, sent]), [["parts.css", 5]]);
  assert.equal(bytesOf(first), 10);
});

test("a page without its program is an error, not a light page", () => {
  assert.throws(() => weights({ "index.html": PAGE, "waybill.js": "" }), /names no wasm file/);
});
