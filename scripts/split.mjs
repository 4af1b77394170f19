// Builds the program of the release bundle in parts, in place of the one that Trunk put into the folder:
//   node scripts/split.mjs target/wasm32-unknown-unknown/release/waybill.wasm dist
// The program has to be linked with --emit-relocs and built with the feature `split`; src/part.rs says what a part is.
// The parts are cut off first, since wasm-bindgen leaves nothing of the relocations. What wasm-bindgen and wasm-opt make
// of the rest takes the place of Trunk's script and program; each part is a file of its own beside it.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const [linked, folder] = process.argv.slice(2);
if (!folder) {
  console.error("split: name program and folder: node scripts/split.mjs target/…/waybill.wasm dist");
  process.exit(2);
}
const run = (tool, ...args) => execFileSync(tool, args, { stdio: ["ignore", "inherit", "inherit"] });
const work = join(dirname(linked), "split");
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });

run("wasm-split-cli", "--out-name", "waybill", linked, work);
// Without the two flags wasm-bindgen takes away the table that the parts hang their functions into.
run("wasm-bindgen", "--target=web", "--no-typescript", "--keep-lld-exports", "--no-demangle", "--out-name=waybill",
  `--out-dir=${work}`, join(work, "waybill.wasm"));
rmSync(join(work, "waybill.wasm"));
const programs = readdirSync(work).filter((file) => file.endsWith(".wasm"));
for (const file of programs) run("wasm-opt", "-O3", join(work, file), "--output", join(work, file));

// The loader is a module that imports the script that imports it. In one file they are one request less.
const loader = readFileSync(join(work, "__wasm_split.js"), "utf8").replace(/^import .*\n/, "").replace(/^export /gm, "");
const loads = [...loader.matchAll(/^const (__wasm_split_load_\w+)/gm)].map(([, name]) => `${name}: ${name},\n`);
const script = readFileSync(join(work, "waybill.js"), "utf8")
  .replace(/^import .*"\.\/__wasm_split\.js";?\n/gm, "")
  .replace(/^ *"\.\/__wasm_split\.js": .*\n/gm, "")
  .replace(/^ *"\.\/waybill_bg\.js": .*\n/m, `$&"./__wasm_split.js": parts,\n`);
const whole = `${script}${loader}\nconst parts = {\n${loads.join("")}};\n`;
if (!loads.length || whole.split("__wasm_split.js").length !== 2) {
  throw new Error("split: the scripts of wasm-bindgen and wasm-split-cli are not what they were, so they cannot be joined");
}

const page = readFileSync(join(folder, "index.html"), "utf8");
const named = (what) => join(folder, page.match(new RegExp(`\\bdata-${what}="\\.?/?([^"]+)"`))[1]);
writeFileSync(named("script"), whole);
for (const file of programs) {
  const to = file === "waybill_bg.wasm" ? named("program") : join(folder, file);
  writeFileSync(to, readFileSync(join(work, file)));
}
