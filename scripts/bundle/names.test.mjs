// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { contentName, nameParts } from "./names.mjs";

test("a name holds 16 digits of the content's SHA-256", () => {
  assert.equal(contentName("waybill", "_bg.wasm", ""), "waybill-e3b0c44298fc1c14_bg.wasm");
});

test("the script names each part by its content, and nothing else anew", () => {
  const script = `load(new URL("./split_verify.wasm", import.meta.url));
load(new URL("./chunk_0.wasm", import.meta.url));
const url = "waybill_bg.wasm";`;
  const { script: named, parts } = nameParts(script, (file) => Buffer.from(file));
  const verify = contentName("verify", ".wasm", "split_verify.wasm");
  const chunk = contentName("chunk_0", ".wasm", "chunk_0.wasm");
  assert.deepEqual([...parts.keys()], [verify, chunk]);
  assert.equal(
    named,
    `load(new URL("./${verify}", import.meta.url));
load(new URL("./${chunk}", import.meta.url));
const url = "waybill_bg.wasm";`,
  );
});
