// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { number, shorten, shortenStyle, text } from "./shorten.mjs";

const MAGIC = Buffer.from("\0asm\x01\0\0\0", "latin1");

/** @param {number} id @param {Buffer[]} content */
function section(id, content) {
  const inside = Buffer.concat(content);
  return Buffer.concat([Buffer.from([id]), number(inside.length), inside]);
}

/**
 * A program that imports these functions, and exports the last of them as `last`.
 * @param {string[]} names
 */
function importing(...names) {
  const type = section(1, [Buffer.from([1, 0x60, 0, 0])]);
  const entries = names.map((name) => Buffer.concat([text("./waybill_bg.js"), text(name), Buffer.from([0, 0])]));
  const last = Buffer.concat([number(1), text("last"), Buffer.from([0]), number(names.length - 1)]);
  return Buffer.concat([MAGIC, type, section(2, [number(names.length), ...entries]), section(7, [last])]);
}

const moduleOf = (/** @type {Buffer} */ program) => new WebAssembly.Module(new Uint8Array(program));
const importsOf = (/** @type {Buffer} */ program) => WebAssembly.Module.imports(moduleOf(program)).map(({ name }) => name);

test("an import has the same short name in the program and in the script", () => {
  const program = importing("__wbg_log_0123456789abcdef", "__wasm_split_load_verify_1f");
  const script = `const imports = {
    __wbg_log_0123456789abcdef: function(text) { console.log(text); },
    __wbg_unused_0123456789abcdef: function() {},
};
const parts = {
    __wasm_split_load_verify_1f: __wasm_split_load_verify_1f,
};
`;
  const short = shorten(script, program);
  assert.deepEqual(importsOf(short.program), ["i0", "i1"]);
  assert.equal(
    short.script,
    `const imports = {
i0: function(text) { console.log(text); },
__wbg_unused_0123456789abcdef: function() {},
};
const parts = {
i1: __wasm_split_load_verify_1f,
};
`,
  );
});

test("comments and indentation go from the script, texts stay", () => {
  const script = `// a comment
/**
 * more of it
 */
    const text = "  // not a comment";
    __wbg_a: 1,
`;
  assert.equal(shorten(script, importing("__wbg_a")).script, `const text = "  // not a comment";\ni0: 1,\n`);
});

test("of 130 imports each has a name of its own, and the rest of the program is what it was", () => {
  const names = Array.from({ length: 130 }, (_, index) => `__wbg_${index}_0123456789abcdef`);
  const script = names.map((name) => `${name}: 0,\n`).join("");
  const { program } = shorten(script, importing(...names));
  assert.equal(new Set(importsOf(program)).size, 130);
  assert.deepEqual(WebAssembly.Module.exports(moduleOf(program)), [{ name: "last", kind: "function" }]);
});

test("two imports of one name stay one", () => {
  assert.deepEqual(importsOf(shorten("__wbg_a: 0,\n", importing("__wbg_a", "__wbg_a")).program), ["i0", "i0"]);
});

test("an import that the script does not have is an error", () => {
  assert.throws(() => shorten("", importing("__wbg_a")), /not in the script: __wbg_a/);
});

test("an import that is no function, or a program without imports, is an error", () => {
  const memory = Buffer.concat([text("env"), text("memory"), Buffer.from([2, 0, 1])]);
  assert.throws(() => shorten("", Buffer.concat([MAGIC, section(2, [number(1), memory])])), /not a function/);
  assert.throws(() => shorten("", MAGIC), /no section 2/);
});

test("a style loses its comments and its white space, and no rule", () => {
  const style = "/* why */\n@layer base {\n  /* of it */\n  * { margin: 0; }\n  a::after { content: \"/* no comment */\"; }\n}\n";
  assert.equal(shortenStyle(style), '@layer base{*{margin:0;}a::after{content:"/* no comment */";}}');
});
