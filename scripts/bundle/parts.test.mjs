// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { contentName } from "./names.mjs";
import { loadParts } from "./parts.mjs";

/** @param {string} file @param {string[]} chunks */
const load = (file, chunks) => `makeLoad(() => {
    const src = fetch(new URL("./${file}.wasm", import.meta.url));
    return async (imports) => (WebAssembly.instantiateStreaming(src, imports));
}
, [${chunks.join(", ")}])`;

// As wasm_split_cli_support writes it.
const LIBRARY = `import { initSync } from "./waybill.js";
function makeLoad(fetcher, deps) {}
/* verify, yaml */
const __chunk_2 = ${load("chunk_2", [])};
/* verify */
const __chunk_3 = ${load("chunk_3", [])};
export const __wasm_split_load_yaml_2a = wrapAsyncCb(${load("split_yaml", ["__chunk_2"])});
export const __wasm_split_load_verify_1f = wrapAsyncCb(${load("split_verify", ["__chunk_2", "__chunk_3"])});
`;

const EMPTY = Buffer.from("\0asm\x01\0\0\0", "latin1");
// A program with as many zeros.
const large = (/** @type {number} */ length) => Buffer.concat([EMPTY, Buffer.from([0, 0x80 | (length & 127), length >> 7]), Buffer.alloc(length)]);
/** @type {Record<string, Buffer>} */
const WRITTEN = { "chunk_2.wasm": EMPTY, "chunk_3.wasm": large(1_600), "split_yaml.wasm": large(301), "split_verify.wasm": large(302) };

/** What the loader asks for, where a browser would fetch it. @param {string[]} failing @param {string} hash */
function browser(failing = [], hash = "") {
  const { loader, files } = loadParts(LIBRARY, (file) => WRITTEN[file], ([only]) => only);
  /** @type {string[]} */
  const asked = [];
  /** @type {unknown[]} */
  const told = [];
  const table = new Map([[7, (/** @type {unknown} */ data, /** @type {unknown} */ came) => told.push([data, came])]]);
  const fetched = async (/** @type {URL} */ url) => {
    const file = url.pathname.slice(1);
    asked.push(file);
    if (failing.includes(file)) throw new TypeError("Failed to fetch");
    return files.get(file);
  };
  const assembly = {
    instantiateStreaming: async (/** @type {Promise<Buffer>} */ source) => WebAssembly.instantiate(new Uint8Array(await source)),
  };
  const module = `${loader.replaceAll("import.meta.url", "page")}return parts;`;
  const run = new Function("fetch", "initSync", "WebAssembly", "page", "console", "location", module);
  const parts = run(fetched, () => ({ __indirect_function_table: table }), assembly, "http://page/", { error() {} }, { hash });
  return { parts, asked, told, files };
}

const [verify, yaml, chunk] = ["verify", "yaml", "chunk_3"].map((stem) => {
  const written = stem.startsWith("chunk") ? stem : `split_${stem}`;
  return contentName(stem, ".wasm", WRITTEN[`${written}.wasm`]);
});

test("a part comes with its chunks, once, and those that are small are one program", async () => {
  const { parts, asked, told, files } = browser();
  const small = [...files.keys()].find((file) => file.startsWith("chunk-"));
  assert.deepEqual([...files.keys()].sort(), [chunk, small, verify, yaml].sort());
  await parts.__wasm_split_load_yaml_2a(7, "yaml");
  assert.deepEqual(asked.sort(), [small, yaml].sort());
  await Promise.all([parts.__wasm_split_load_verify_1f(7, "verify"), parts.__wasm_split_load_verify_1f(7, "again")]);
  assert.deepEqual(asked.sort(), [chunk, small, verify, yaml].sort());
  assert.deepEqual(told, [["yaml", true], ["verify", true], ["again", true]]);
});

test("the part that an address names is asked for before anybody wants it, once", async () => {
  for (const hash of ["#/verify?at=1", "#/inspect/verified:1?tab=verify", "#/inspect/a/b?at=2&tab=verify"]) {
    const { parts, asked, told, files } = browser([], hash);
    const early = [...files.keys()].filter((file) => file !== yaml);
    assert.deepEqual(asked.sort(), early.sort(), hash);
    await parts.__wasm_split_load_verify_1f(7, "verify");
    await parts.__wasm_split_load_yaml_2a(7, "yaml");
    assert.deepEqual(asked.sort(), [...files.keys()].sort(), hash);
    assert.deepEqual(told, [["verify", true], ["yaml", true]]);
  }
  for (const hash of ["", "#/", "#/inspect/verify:1", "#/inspect/yaml?at=verify", "#/inspect/a?tab=layers"]) {
    assert.deepEqual(browser([], hash).asked, [], hash);
  }
});

test("what was asked for early and did not come is asked for again the next time", async () => {
  const failing = [chunk];
  const { parts, asked, told } = browser(failing, "#/verify");
  await parts.__wasm_split_load_verify_1f(7, "verify");
  failing.pop();
  await parts.__wasm_split_load_verify_1f(7, "verify");
  assert.deepEqual(told, [["verify", false], ["verify", true]]);
  assert.equal(asked.filter((file) => file === chunk).length, 2);
});

test("what did not come is asked for again the next time", async () => {
  const failing = [chunk];
  const { parts, asked, told } = browser(failing);
  await parts.__wasm_split_load_verify_1f(7, "verify");
  assert.deepEqual(told, [["verify", false]]);
  failing.pop();
  await parts.__wasm_split_load_verify_1f(7, "verify");
  assert.deepEqual(told, [["verify", false], ["verify", true]]);
  assert.equal(asked.filter((file) => file === chunk).length, 2);
});

test("a loader of another shape is an error, not a page that does not run", () => {
  const read = (/** @type {string} */ file) => WRITTEN[file];
  const merge = () => EMPTY;
  assert.throws(() => loadParts("export function load() {}", read, merge), /not what it was/);
  assert.throws(() => loadParts(LIBRARY.replace(", []);", ", [__chunk_3]);"), read, merge), /not what it was/);
});
