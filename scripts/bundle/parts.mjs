// @ts-check
// Names the files of the parts, and writes the script that loads them. wasm_split_cli_support writes a function of 340
// bytes for each file, and there are 450: what a part has for itself, and a chunk for each set of parts that share
// something. Most chunks hold a function or a text, so the small ones are one program: fewer requests, fewer programs to
// compile and start, and fewer names in the script.
import { contentName } from "./names.mjs";

/** @typedef {import("./names.mjs").Files} Files */

// A chunk below this many bytes stands in one program with the others. With 250, Compose was 63 files and 125 KB; with 1,500
// it is 18 and 126 KB, and all chunks together are 15 KB less.
const SMALL = 1_500;

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
const begin = (source) => WebAssembly.instantiateStreaming(source, { __wasm_split: initSync() });
function part(file, letter) {
  const shared = chunks.split("\\n").map((line) => line.split(" ")).filter(([, letters]) => letters.includes(letter)).map(([name]) => name);
  if (named.some((name) => file.startsWith(name))) [file, ...shared].forEach(askEarly);
  const bring = async () => {
    const source = fetched(file);
    source.catch(() => {});
    await Promise.all(shared.map((chunk) => once(chunk, () => begin(fetched(chunk)))));
    return begin(source);
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
 * @param {(programs: Buffer[]) => Buffer} merge makes one program of several
 * @returns {{ loader: string, files: Files }}
 */
export function loadParts(library, read, merge) {
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
  const lettersOf = (/** @type {string[]} */ names) =>
    parts.flatMap(({ chunks }, index) => (names.some((name) => chunks.includes(`__${name}`)) ? letterOf(index) : [])).join("");
  const contents = new Map(chunks.map((chunk) => [chunk, read(`${chunk}.wasm`)]));
  const small = chunks.filter((chunk) => Number(contents.get(chunk)?.length) < SMALL);
  const merged = merge(small.map((chunk) => contents.get(chunk) ?? Buffer.alloc(0)));
  const table = [`${add("chunk", merged)} ${lettersOf(small)}`];
  for (const [chunk, content] of contents) {
    if (!small.includes(chunk)) table.push(`${add(chunk, content)} ${lettersOf([chunk])}`);
  }
  const loads = parts.map(({ load, file }, index) => {
    const name = add(file.replace("split_", ""), read(`${file}.wasm`));
    return `${load}: part("${name}", "${letterOf(index)}"),\n`;
  });
  const loader = `${LOADER}const chunks = \`${table.join("\n")}\`;
const parts = {\n${loads.join("")}};\n`;
  return { loader, files };
}
