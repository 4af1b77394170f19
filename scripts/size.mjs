// The size gate: what a browser fetches, as it travels with brotli.
//   node scripts/size.mjs dist
// The first page is index.html with its scripts and style. The program (named in <meta name="waybill">) follows with the
// first thing that somebody does; an address that names a view fetches both at once.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const FIRST_PAGE = { bytes: 120_000, requests: 6 };
// Where it stands, so that it does not grow unseen. The aim is 120 KB for both.
const WITH_PROGRAM = { bytes: 190_000, requests: 6 };

const folder = process.argv[2] ?? "dist";
const page = readFileSync(join(folder, "index.html"), "utf8");
const named = (pattern) => [...page.matchAll(pattern)].map((match) => match[1]).filter((file) => existsSync(join(folder, file)));
const first = ["index.html", ...new Set(named(/\b(?:href|src)="\.?\/?([\w./-]+)"/g))];
const program = named(/\bdata-(?:script|program)="\.?\/?([\w./-]+)"/g);

function sent(file) {
  const path = join(folder, file);
  const bytes = statSync(existsSync(path + ".br") ? path + ".br" : path).size;
  console.log(`${String(bytes).padStart(8)} bytes sent ${String(statSync(path).size).padStart(8)} raw  ${file}`);
  return bytes;
}

function gate(name, files, limit) {
  const bytes = files.map(sent).reduce((sum, each) => sum + each, 0);
  console.log(`${name}: ${bytes} bytes in ${files.length} requests; at most ${limit.bytes} in ${limit.requests}`);
  return bytes <= limit.bytes && files.length <= limit.requests;
}

const fits = [gate("first page", first, FIRST_PAGE), gate("with the program", [...first, ...program], WITH_PROGRAM)];
if (!program.some((file) => file.endsWith(".wasm"))) {
  console.error("size: the page names no wasm file, so this is not the whole program");
  process.exit(1);
}
process.exit(fits.every(Boolean) ? 0 : 1);
