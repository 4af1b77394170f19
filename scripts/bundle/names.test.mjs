// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { contentName } from "./names.mjs";

test("a name holds 16 digits of the content's SHA-256", () => {
  assert.equal(contentName("waybill", "_bg.wasm", ""), "waybill-e3b0c44298fc1c14_bg.wasm");
});
