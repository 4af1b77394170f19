// @ts-check
// The size gate: what a browser fetches, as it travels with brotli.
//   node scripts/bundle/size.mjs dist
// The first page is index.html with its scripts and style. The program (named in <meta name="waybill">) follows with
// the first thing that somebody does; an address that names a view fetches both at once.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// One of the requests is for what installs the page, which comes behind everything else.
const FIRST_PAGE = { bytes: 8_750, requests: 4 };
// Where it stands with some KB to spare, so that it does not grow unseen. The aim is 120 KB, half of this.
// docs/ARCHITECTURE.md, "The first load", says what weighs and what was tried.
const WITH_PROGRAM = { bytes: 240_300, requests: 6 };
// The workers, each a program and its script, by the attribute that names it: what comes when somebody wants it.
/** @type {Record<string, { what: string, bytes: number }>} */
const WORKERS = {
  // The bytes of a layer.
  "data-worker": { what: "the worker", bytes: 80_000 },
  // Files. It unpacks tables of contents and the chunks of files, for which the decompressors, the hashes and the tables
  // are 85 KB of it.
  "data-files-worker": { what: "the files' worker", bytes: 216_000 },
  // An archive. It reads every form of manifest and config, names what is none, and unpacks.
  "data-archive-worker": { what: "the archives' worker", bytes: 240_000 },
  // A long document, beside the worker of layers, which brings it.
  "data-documents-worker": { what: "the documents' worker", bytes: 65_000 },
  // Layers to be compressed anew: most of it is the encoder of zstd with all its levels.
  "data-pack-worker": { what: "the packing worker", bytes: 190_000 },
};
// The style that comes with the first part that needs it.
const STYLE = { bytes: 4_500, requests: 1 };
// Pages that boot.js shows before the program comes, in English and in Chinese.
/** @type {Record<string, { what: string, bytes: number }>} */
const EARLY = {
  "data-pages": { what: "pages before the program", bytes: 1_900 },
  "data-chinese-pages": { what: "the same in Chinese", bytes: 2_600 },
};
// What comes when somebody goes there; the chunks are what several parts share.
/** @type {Record<string, number>} */
const PARTS = {
  verify: 25_000,
  causes: 10_500,
  compose: 79_000,
  copy: 117_500,
  several: 23_000,
  diff: 50_000,
  yaml: 24_000,
  examples: 8_000,
  machine: 8_000,
  signatures: 82_000,
  dialogs: 2_500,
  schema: 16_000,
  // With what finds and folds in JSON.
  tabs: 9_000,
  layers: 24_000,
  validate: 43_500,
  files: 56_000,
  tags: 41_000,
  related: 28_500,
  archive: 38_000,
  share: 10_500,
  opener: 3_000,
  reader: 1_000,
  // Simplified Chinese: a table of all that the page says.
  chinese: 100_000,
  chunk: 295_500,
};

/** @typedef {{ file: string, sent: number, raw: number }} Weight a file's bytes as sent and raw */

/**
 * The files that the first page fetches, those of the program, those of its parts with their style, and those of its workers.
 * @param {string} folder
 */
export function weigh(folder) {
  const page = readFileSync(join(folder, "index.html"), "utf8");
  const named = (/** @type {RegExp} */ pattern) =>
    [...page.matchAll(pattern)].map((match) => match[1]).filter((file) => existsSync(join(folder, file)));
  const weight = (/** @type {string} */ file) => {
    const path = join(folder, file);
    const sent = statSync(existsSync(path + ".br") ? path + ".br" : path).size;
    return { file, sent, raw: statSync(path).size };
  };
  const first = ["index.html", ...new Set(named(/\b(?:href|src)="\.?\/?([\w./-]+)"/g))];
  const program = named(/\bdata-(?:script|program)="\.?\/?([\w./-]+)"/g);
  if (![".js", ".wasm"].every((ending) => program.some((file) => file.endsWith(ending)))) {
    throw new Error("size: the page names no wasm file or no script, so this is not the whole program");
  }
  const started = (/** @type {RegExp} */ pattern) =>
    named(pattern).flatMap((file) => {
      const starter = readFileSync(join(folder, file), "utf8");
      return [file, ...[...starter.matchAll(/new URL\('([\w-]+\.wasm)'/g)].map((match) => match[1])];
    });
  const workers = Object.keys(WORKERS).map((attribute) =>
    started(new RegExp(`\\b${attribute}="\\.?/?([\\w./-]+)"`, "g")),
  );
  // Every other program is a part or a chunk.
  const others = new Set([...program, ...workers.flat()]);
  const parts = readdirSync(folder).filter((file) => file.endsWith(".wasm") && !others.has(file));
  return {
    first: first.map(weight),
    program: program.map(weight),
    parts: parts.map(weight),
    style: named(/\bdata-style="\.?\/?([\w./-]+)"/g).map(weight),
    early: Object.keys(EARLY).map((attribute) => named(new RegExp(`\\b${attribute}="\\.?/?([\\w./-]+)"`, "g")).map(weight)),
    workers: Object.fromEntries(Object.keys(WORKERS).map((attribute, place) => [attribute, workers[place].map(weight)])),
  };
}

/**
 * How many bytes are sent for files.
 * @param {Weight[]} files
 */
export const bytesOf = (files) => files.reduce((sum, { sent }) => sum + sent, 0);

/**
 * @param {string} name
 * @param {Weight[]} files
 * @param {{ bytes: number, requests: number }} limit
 */
function gate(name, files, limit) {
  for (const { file, sent, raw } of files) {
    console.log(`${String(sent).padStart(8)} bytes sent ${String(raw).padStart(8)} raw  ${file}`);
  }
  const bytes = bytesOf(files);
  console.log(`${name}: ${bytes} bytes in ${files.length} requests; at most ${limit.bytes} in ${limit.requests}`);
  return bytes <= limit.bytes && files.length <= limit.requests;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { first, program, parts, style, early, workers } = weigh(process.argv[2] ?? "dist");
  const fits = [gate("first page", first, FIRST_PAGE), gate("with the program", [...first, ...program], WITH_PROGRAM)];
  const nameOf = (/** @type {Weight} */ { file }) => file.match(/^[a-z]+/)?.[0] ?? file;
  for (const name of new Set(parts.map(nameOf))) {
    const files = parts.filter((part) => nameOf(part) === name);
    fits.push(gate(`${name}, when wanted`, files, { bytes: PARTS[name] ?? 0, requests: files.length }));
  }
  if (style.length !== STYLE.requests) throw new Error("size: the page names no style of its parts");
  fits.push(gate("the style of parts, when wanted", style, STYLE));
  for (const [place, { what, bytes }] of Object.values(EARLY).entries()) {
    if (early[place].length !== 1) throw new Error(`size: the page does not name ${what}`);
    fits.push(gate(what, early[place], { bytes, requests: 1 }));
  }
  for (const [attribute, { what, bytes }] of Object.entries(WORKERS)) {
    const files = workers[attribute];
    if (files.length !== 2) throw new Error(`size: the page does not name ${what}, or that no program`);
    fits.push(gate(`${what}, when wanted`, files, { bytes, requests: 2 }));
  }
  process.exit(fits.every(Boolean) ? 0 : 1);
}
