// @ts-check
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { optimise } from "./optimise.mjs";

const folder = mkdtempSync(join(tmpdir(), "waybill-optimise-"));
after(() => rmSync(folder, { recursive: true }));
const tool = (/** @type {string} */ name, /** @type {string[]} */ ...args) =>
  execFileSync(fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url)), args, { stdio: "pipe" });

// A function that can be folded, one that can be laid into another, and an offset that can become part of an access.
const program = (/** @type {number} */ number) => `(module
  (memory 1)
  (func $add (param i32) (result i32) (i32.add (local.get 0) (i32.add (i32.const ${number}) (i32.const 2))))
  (func (export "read") (param i32) (result i32)
    (local i32)
    (local.set 1 (call $add (local.get 0)))
    (i32.add (i32.load (i32.add (local.get 0) (i32.const 8))) (local.get 1))))`;

test("what wasm-opt makes, byte for byte", async () => {
  const paths = [1, 2, 3].map((number) => {
    const path = join(folder, `${number}.wasm`);
    writeFileSync(`${path}.txt`, program(number));
    tool("wasm-as", "--debuginfo", `${path}.txt`, "--output", path);
    copyFileSync(path, `${path}.before`);
    return path;
  });
  /** @type {string[]} */
  const done = [];
  await optimise(paths, (path) => done.push(path));
  assert.deepEqual(done.sort(), paths);
  for (const path of paths) {
    tool("wasm-opt", "-O3", "--low-memory-unused", "--strip-producers", "--strip-target-features", `${path}.before`, "--output", `${path}.opt`);
    assert.deepEqual(readFileSync(path), readFileSync(`${path}.opt`));
    assert.ok(readFileSync(path).length < readFileSync(`${path}.before`).length);
  }
});

test("what is no program is named", async () => {
  const path = join(folder, "none.wasm");
  writeFileSync(path, "no program");
  await assert.rejects(optimise([path], () => assert.fail("it was made")), /optimise: [^]*none\.wasm/);
});
