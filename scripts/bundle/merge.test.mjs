// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import binaryen from "binaryen";
import { merge } from "./merge.mjs";

/** A program that holds a text, adds a number to what the main one counts, and stands in its table. */
const program = (/** @type {{ text: string, at: number, adds: number, slot: number }} */ { text, at, adds, slot }) => {
  const parsed = binaryen.parseText(`(module
    (type $t (func (result i32)))
    (import "main" "table" (table $table 4 funcref))
    (import "main" "memory" (memory $memory 1))
    (import "main" "count" (global $count (mut i32)))
    (data (i32.const ${at}) "${text}")
    (elem (i32.const ${slot}) $add)
    (func $add (type $t) (global.set $count (call $sum (global.get $count))) (global.get $count))
    (func $sum (param $of i32) (result i32) (i32.add (local.get $of) (i32.const ${adds}))))`);
  return Buffer.from(parsed.emitBinary());
};

test("one program does what several did, with each import once", async () => {
  const whole = merge([
    program({ text: "costs $0, \\22$1", at: 0, adds: 2, slot: 1 }),
    program({ text: "(import \\22a\\22 \\22b\\22", at: 16, adds: 3, slot: 2 }),
  ]);
  const module = new WebAssembly.Module(new Uint8Array(whole));
  assert.deepEqual(WebAssembly.Module.imports(module).map(({ name }) => name).sort(), ["count", "memory", "table"]);
  const table = new WebAssembly.Table({ element: "anyfunc", initial: 4 });
  const memory = new WebAssembly.Memory({ initial: 1 });
  const count = new WebAssembly.Global({ value: "i32", mutable: true }, 40);
  new WebAssembly.Instance(module, { main: { table, memory, count } });
  assert.deepEqual([table.get(1)(), table.get(2)(), table.get(0)], [42, 45, null]);
  assert.equal(Buffer.from(memory.buffer, 0, 31).toString().replaceAll("\0", " "), 'costs $0, "$1   (import "a" "b"');
});

test("what does not fit together is an error", () => {
  const exported = binaryen.parseText('(module (func $f) (export "f" (func $f)))');
  const content = Buffer.from(exported.emitBinary());
  assert.throws(() => merge([content, content]));
});
