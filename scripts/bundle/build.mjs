// @ts-check
// Builds the page's bundle, all that a browser loads, from the linked program and its workers':
//   node scripts/bundle/build.mjs target/debug/waybill-bundle PAGE.wasm WORKER.wasm FILES.wasm ARCHIVE.wasm dist
// waybill-bundle (crates/bundle) cuts the program into parts and writes their scripts; wasm-opt makes each part
// smaller; the scripts become one, with short names; every file is named by its content and compressed. The folder is
// written last, so that it holds the old page until the new one is whole.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withCompressed } from "./compress.mjs";
import { joinScripts } from "./join.mjs";
import { contentName, nameParts } from "./names.mjs";
import { page } from "./page.mjs";
import { shorten, withoutComments } from "./shorten.mjs";
import { worker } from "./worker.mjs";

/** The workers: what their files are called and the page knows them by, and the program of each. */
const WORKERS = { worker: "waybill_worker", "files-worker": "waybill_files_worker", "archive-worker": "waybill_archive_worker" };

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

const [bundler, linked, linkedWorker, linkedFiles, linkedArchive, folder] = process.argv.slice(2);
if (!folder) {
  console.error("build: name waybill-bundle, the four linked programs and a folder");
  process.exit(2);
}

const work = join(dirname(linked), "bundle");
rmSync(work, { recursive: true, force: true });
await run(bundler, [linked, work]);
for (const program of [linkedWorker, linkedFiles, linkedArchive]) await run(bundler, ["--whole", program, work]);
const read = (/** @type {string} */ file) => readFileSync(join(work, file));

const programs = readdirSync(work).filter((file) => file.endsWith(".wasm")).map((file) => join(work, file));
// Nothing stands in the first KB of memory, the end of the stack: so an offset may become part of an access, 0.9 KB less.
// The two strips leave out who made the program, and of what features, which no browser reads.
const optimise = ["-O3", "--low-memory-unused", "--strip-producers", "--strip-target-features"];
// As many at a time as there are processors, the largest first: each takes some 200 MB.
const waiting = programs.sort((one, other) => statSync(one).size - statSync(other).size);
const optimiseNext = async () => {
  for (let path = waiting.pop(); path; path = waiting.pop()) {
    await run("wasm-opt", [...optimise, path, "--output", path]);
  }
};
await Promise.all(Array.from({ length: availableParallelism() }, optimiseNext));

const whole = joinScripts(read("waybill.js").toString(), read("__wasm_split.js").toString());
const short = shorten(whole, read("waybill_bg.wasm"));
const { script, parts } = nameParts(short.script, read);
const workers = Object.entries(WORKERS).map(([stem, name]) =>
  worker(stem, name, read(`${name}.js`).toString(), read(`${name}_bg.wasm`)),
);
// The service worker is a script of ours and no program: it comes when somebody saves a large file.
const downloads = withoutComments(readFileSync(join(root, "static/downloads.js"), "utf8"));
const downloadsName = contentName("downloads", ".js", downloads);
const names = { ...Object.fromEntries(workers.map(({ stem, name }) => [stem, name])), downloads: downloadsName };
const pages = page(root, script, short.program, { shorten: withoutComments, workers: names, later: true });
const bundle = new Map([...pages, ...parts, ...workers.flatMap(({ files }) => [...files])]);
const files = await withCompressed(bundle.set(downloadsName, Buffer.from(downloads)));

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [file, content] of files) writeFileSync(join(folder, file), content);
