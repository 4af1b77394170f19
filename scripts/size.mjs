// The size gate: what a browser fetches of the built page, as it travels with brotli.
//   node scripts/size.mjs dist
// Two first loads are held to the limits: the start page, which is index.html and what it links to, and a shared
// address, which loads the program too (boot.js finds it in the data- attributes of index.html).
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const LIMITS = {
  "start page": { bytes: 120_000, requests: 6 },
  "shared address": { bytes: 120_000, requests: 6 },
};

const folder = process.argv[2] ?? "dist";
const page = readFileSync(join(folder, "index.html"), "utf8");

// The files of ours that these attributes name.
function named(attributes) {
  const values = page.matchAll(new RegExp(`\\s(?:${attributes})\\s*=\\s*"(?:\\./)?([^":]+)"`, "g"));
  return [...new Set([...values].map((match) => match[1]))].filter((file) => existsSync(join(folder, file)));
}

function measure(files) {
  return files.map((file) => {
    const path = join(folder, file);
    const travels = existsSync(`${path}.br`) ? `${path}.br` : path;
    return { file, raw: statSync(path).size, sent: statSync(travels).size };
  });
}

const atOnce = ["index.html", ...named("href|src")];
const program = named("data-[a-z]+").filter((file) => !atOnce.includes(file));
const loads = { "start page": atOnce, "shared address": [...atOnce, ...program] };

if (!loads["shared address"].some((file) => file.endsWith(".wasm"))) {
  console.error("size: index.html names no wasm file, so this is not what a browser fetches");
  process.exit(1);
}
for (const { file, raw, sent } of measure(loads["shared address"])) {
  console.log(`${String(sent).padStart(8)} bytes sent ${String(raw).padStart(8)} raw  ${file}`);
}
for (const [name, files] of Object.entries(loads)) {
  const { bytes, requests } = LIMITS[name];
  const sent = measure(files).reduce((sum, each) => sum + each.sent, 0);
  const within = sent <= bytes && files.length <= requests;
  console.log(`${name}: ${sent} bytes in ${files.length} requests, at most ${bytes} in ${requests}${within ? "" : ": TOO MUCH"}`);
  if (!within) process.exitCode = 1;
}
