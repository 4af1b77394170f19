// @ts-check
// Names the files of the parts, and writes the script that loads them. wasm_split_cli_support writes a function of 340
// bytes for each file, and there are 180: what a part has for itself, and a chunk for each set of parts that share
// something. Most chunks hold a function or a text, so the small ones are one file: fewer requests, and fewer names in
// the script.
import { contentName } from "./names.mjs";
import { number, text } from "./shorten.mjs";

/** @typedef {import("./names.mjs").Files} Files */

// A chunk below this many bytes stands in one file with the others. With 250, Compose was 63 files and 125 KB; with 1,500
// it is 18 and 126 KB, and all chunks together are 15 KB less.
const SMALL = 1_500;
const MAGIC = Buffer.from("\0asm\x01\0\0\0", "latin1");
const CUSTOM = 0;

const PART = /const (__wasm_split_load_\w+) = [^]*?"\.\/(split_\w+)\.wasm"[^]*?, \[(.*?)\]\)\);/g;
const CHUNK = /const __(chunk_\d+) = [^]*?"\.\/\1\.wasm"[^]*?, \[\]\);/g;

// A file is asked for at once and started when the chunks are there that it calls. What failed is forgotten, so that
// the next time asks again. The part that an address names (#/compose, ?tab=files) is asked for beside the program, and not
// once that runs; so is the language that boot.js read. Layers are drawn without theirs.
const LOADER = `
const coming = {};
function once(name, bring) {
  const forget = (error) => {
    delete coming[name];
    throw error;
  };
  return coming[name] ??= bring().catch(forget);
}
const named = [...location.hash.matchAll(/(?:^#\\/|[?&]tab=)(?!layers)(\\w+)/g)].map(([, name]) => name);
if (/^zh/i.test(globalThis.waybillLanguage)) named.push("chinese");
const early = {};
const ask = (file) => fetch(new URL(\`./\${file}.wasm\`, import.meta.url));
function askEarly(file) {
  const answer = early[file] ??= ask(file);
  answer.catch(() => {});
}
function fetched(file) {
  const answer = early[file] ?? ask(file);
  delete early[file];
  return answer;
}
const imports = () => ({ __wasm_split: initSync() });
const small = () => once(smallChunks, () => WebAssembly.compileStreaming(fetched(smallChunks)));
const bringChunk = async (file) => file.includes("-")
  ? WebAssembly.instantiateStreaming(fetched(file), imports())
  : WebAssembly.instantiate(WebAssembly.Module.customSections(await small(), file)[0], imports());
function part(file, letter) {
  const shared = chunks.split("\\n").map((line) => line.split(" ")).filter(([, letters]) => letters.includes(letter)).map(([name]) => name);
  if (named.some((name) => file.startsWith(name))) {
    for (const name of [file, ...shared]) askEarly(name.includes("-") ? name : smallChunks);
  }
  const bring = async () => {
    const source = fetched(file);
    source.catch(() => {});
    await Promise.all(shared.map((chunk) => once(chunk, () => bringChunk(chunk))));
    return WebAssembly.instantiateStreaming(source, imports());
  };
  return async (callback, data) => {
    let came = true;
    await once(file, bring).catch((error) => {
      console.error(error);
      came = false;
    });
    initSync().__indirect_function_table.get(callback)(data, came);
  };
}
`;

/**
 * What loads the parts, as script, and their files.
 * @param {string} library the loader that wasm_split_cli_support wrote
 * @param {(file: string) => Buffer} read gives the content of a part or a chunk
 * @returns {{ loader: string, files: Files }}
 */
export function loadParts(library, read) {
  const parts = [...library.matchAll(PART)].map(([, load, file, chunks]) => ({ load, file, chunks: chunks.split(", ") }));
  const chunks = [...library.matchAll(CHUNK)].map(([, chunk]) => chunk);
  if (!parts.length || parts.length + chunks.length !== library.split(".wasm\"").length - 1) {
    throw new Error("parts: the loader of wasm_split_cli_support is not what it was");
  }
  if (parts.length > 26) throw new Error("parts: there are more than letters");
  /** @type {Files} */
  const files = new Map();
  const add = (/** @type {string} */ stem, /** @type {Buffer} */ content) => {
    files.set(contentName(stem, ".wasm", content), content);
    return contentName(stem, "", content);
  };

  const letterOf = (/** @type {number} */ index) => String.fromCharCode("a".charCodeAt(0) + index);
  /** @type {Buffer[]} */
  const small = [];
  const table = chunks.map((chunk) => {
    const letters = parts.flatMap(({ chunks }, index) => (chunks.includes(`__${chunk}`) ? letterOf(index) : []));
    const content = read(`${chunk}.wasm`);
    const short = chunk.replace("chunk_", "");
    if (content.length < SMALL) small.push(customSection(short, content));
    return `${content.length < SMALL ? short : add(chunk, content)} ${letters.join("")}`;
  });
  const loads = parts.map(({ load, file }, index) => {
    const name = add(file.replace("split_", ""), read(`${file}.wasm`));
    return `${load}: part("${name}", "${letterOf(index)}"),\n`;
  });
  const packed = add("chunk", Buffer.concat([MAGIC, ...small]));
  const loader = `${LOADER}const smallChunks = "${packed}";
const chunks = \`${table.join("\n")}\`;
const parts = {\n${loads.join("")}};\n`;
  return { loader, files };
}

/** @param {string} name @param {Buffer} content */
function customSection(name, content) {
  const inside = Buffer.concat([text(name), content]);
  return Buffer.concat([Buffer.from([CUSTOM]), number(inside.length), inside]);
}
