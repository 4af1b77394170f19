// The size gate: what a browser fetches on the first load of the built page, as it travels with brotli.
//   node scripts/size.mjs dist
// Counts index.html and every file of ours that it names: scripts, styles, the wasm, icons, the web manifest.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const LIMIT_BYTES = 120_000;
const LIMIT_REQUESTS = 6;

const folder = process.argv[2] ?? "dist";
const page = readFileSync(join(folder, "index.html"), "utf8");
const named = [...page.matchAll(/\b(?:href|src|content|data-[\w-]+)\s*=\s*["']?\.?\/?([\w./-]+\.\w+)["'\s>]/g)].map((match) => match[1]);
const inScripts = [...page.matchAll(/["'`]\.?\/([\w./-]+\.(?:js|wasm|css))["'`]/g)].map((match) => match[1]);
const files = [...new Set(["index.html", ...named, ...inScripts])].filter((file) => existsSync(join(folder, file)));

const sizes = files.map((file) => {
  const path = join(folder, file);
  const compressed = existsSync(path + ".br") ? path + ".br" : path;
  return { file, raw: statSync(path).size, sent: statSync(compressed).size };
});
for (const { file, raw, sent } of sizes) {
  console.log(`${String(sent).padStart(8)} bytes sent ${String(raw).padStart(8)} raw  ${file}`);
}
const sent = sizes.reduce((sum, each) => sum + each.sent, 0);
console.log(`first load: ${sent} bytes in ${files.length} requests; at most ${LIMIT_BYTES} in ${LIMIT_REQUESTS}`);
if (!files.some((file) => file.endsWith(".wasm"))) {
  console.error("size: the page names no wasm file, so this is not the whole first load");
  process.exit(1);
}
process.exit(sent <= LIMIT_BYTES && files.length <= LIMIT_REQUESTS ? 0 : 1);
