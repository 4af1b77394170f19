// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { contentName } from "./names.mjs";
import { number, text } from "./shorten.mjs";
import { worker } from "./worker.mjs";

// A program that imports one function, and nothing else.
const inside = Buffer.concat([number(1), text("./waybill_worker_bg.js"), text("__wbg_a"), Buffer.from([0, 0])]);
const PROGRAM = Buffer.concat([Buffer.from("\0asm\x01\0\0\0", "latin1"), Buffer.from([2]), number(inside.length), inside]);
const SCRIPT = `// a comment
const imports = {
    __wbg_a: 0,
};
async function __wbg_init() {
    module_or_path = new URL('waybill_worker_bg.wasm', import.meta.url);
}
export { __wbg_init as default };
`;

test("the worker's script starts itself with the program, and both are named by what they hold", () => {
  const { name, files } = worker("worker", "waybill_worker", SCRIPT, PROGRAM);
  const [script, program] = [...files.keys()];
  assert.equal(script, name);
  const content = files.get(script)?.toString() ?? "";
  assert.equal(contentName("worker", ".js", content), script);
  assert.equal(contentName("worker", ".wasm", files.get(program) ?? ""), program);
  assert.ok(content.includes(`new URL('${program}', import.meta.url)`), content);
  assert.ok(content.endsWith("\n__wbg_init();\n"), content);
  assert.ok(!content.includes("comment"));
});

test("a script of another shape is an error, not a worker that does not start", () => {
  assert.throws(() => worker("worker", "waybill_worker", SCRIPT.replace("waybill_worker_bg", "another"), PROGRAM), /not what it was/);
  assert.throws(() => worker("worker", "waybill_worker", SCRIPT.replace("function __wbg_init", "function start"), PROGRAM), /not what it was/);
});
