// @ts-check
// Builds the page's bundle, all that a browser loads, from the linked program and its worker's:
//   node scripts/bundle/build.mjs target/debug/waybill-bundle PAGE.wasm WORKER.wasm dist
// waybill-bundle (crates/bundle) cuts the program into parts and writes their scripts; wasm-opt makes each part
// smaller; the scripts become one, with short names; every file is named by its content and compressed. The folder is
// written last, so that it holds the old page until the new one is whole.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withCompressed } from "./compress.mjs";
import { joinScripts } from "./join.mjs";
import { nameParts } from "./names.mjs";
import { page } from "./page.mjs";
import { shorten, withoutComments } from "./shorten.mjs";
import { worker } from "./worker.mjs";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

const [bundler, linked, linkedWorker, folder] = process.argv.slice(2);
if (!folder) {
  console.error("build: name waybill-bundle, the two linked programs and a folder");
  process.exit(2);
}

const work = join(dirname(linked), "bundle");
rmSync(work, { recursive: true, force: true });
await run(bundler, [linked, work]);
await run(bundler, ["--whole", linkedWorker, work]);
const read = (/** @type {string} */ file) => readFileSync(join(work, file));

const programs = readdirSync(work).filter((file) => file.endsWith(".wasm")).map((file) => join(work, file));
// The two strips leave out who made the program, and of what features, which no browser reads.
const optimise = ["-O3", "--strip-producers", "--strip-target-features"];
await Promise.all(programs.map((path) => run("wasm-opt", [...optimise, path, "--output", path])));

const whole = joinScripts(read("waybill.js").toString(), read("__wasm_split.js").toString());
const short = shorten(whole, read("waybill_bg.wasm"));
const { script, parts } = nameParts(short.script, read);
const { name, files: workers } = worker(read("waybill_worker.js").toString(), read("waybill_worker_bg.wasm"));
const pages = page(root, script, short.program, { shorten: withoutComments, worker: name });
const files = await withCompressed(new Map([...pages, ...parts, ...workers]));

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [file, content] of files) writeFileSync(join(folder, file), content);
