// @ts-check
// Builds the page's bundle, all that a browser loads, from the linked program and its workers':
//   node scripts/bundle/build.mjs target/debug/waybill-bundle PAGE.wasm WORKER.wasm FILES.wasm ARCHIVE.wasm DOCUMENTS.wasm PACK.wasm dist
// waybill-bundle (crates/bundle) cuts the program into parts and writes their scripts; optimise.mjs makes each part
// smaller; the scripts become one, with short names; every file is named by its content and compressed. The folder is
// written last, so that it holds the old page until the new one is whole.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withCompressed } from "./compress.mjs";
import { joinScripts } from "./join.mjs";
import { merge } from "./merge.mjs";
import { contentName } from "./names.mjs";
import { optimise } from "./optimise.mjs";
import { page } from "./page.mjs";
import { loadParts } from "./parts.mjs";
import { shorten, shortenStyle, withoutComments } from "./shorten.mjs";
import { worker } from "./worker.mjs";

/** The workers: what their files are called and the page knows them by, and the program of each. */
const WORKERS = {
  worker: "waybill_worker",
  "files-worker": "waybill_files_worker",
  "archive-worker": "waybill_archive_worker",
  "documents-worker": "waybill_documents_worker",
  "pack-worker": "waybill_pack_worker",
};

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

const [bundler, linked, ...linkedWorkers] = process.argv.slice(2);
const folder = linkedWorkers.pop();
if (!folder || linkedWorkers.length !== Object.keys(WORKERS).length) {
  console.error("build: name waybill-bundle, the six linked programs and a folder");
  process.exit(2);
}

const work = join(dirname(linked), "bundle");
rmSync(work, { recursive: true, force: true });
await run(bundler, [linked, work]);
for (const program of linkedWorkers) await run(bundler, ["--whole", program, work]);
const read = (/** @type {string} */ file) => readFileSync(join(work, file));

const programs = readdirSync(work).filter((file) => file.endsWith(".wasm")).map((file) => join(work, file));
// What was optimised for the bundle before is known by its content: most programs are the same from one to the next.
const known = join(dirname(linked), "optimised");
mkdirSync(known, { recursive: true });
const by = ["package-lock.json", "bundle/optimise.mjs"].map((file) => readFileSync(join(root, "scripts", file), "utf8")).join("");
const keptAs = new Map(programs.map((path) => [path, createHash("sha256").update(by).update(readFileSync(path)).digest("hex")]));
const keptAt = (/** @type {string} */ path) => join(known, keptAs.get(path) ?? "");
const anew = programs.filter((path) => !existsSync(keptAt(path)));
// The largest first: else one is left at the end that all others would have had time for.
anew.sort((one, other) => statSync(other).size - statSync(one).size);
await optimise(anew, (path) => {
  // Under its name it is whole.
  copyFileSync(path, `${keptAt(path)}.new`);
  renameSync(`${keptAt(path)}.new`, keptAt(path));
});
for (const path of programs) copyFileSync(keptAt(path), path);
const used = new Set(keptAs.values());
for (const name of readdirSync(known)) if (!used.has(name)) rmSync(join(known, name));

const { loader, files: parts } = loadParts(read("__wasm_split.js").toString(), read, merge);
const firstRequest = read("registries.js") + readFileSync(join(root, "static/first_request.js"), "utf8");
const { script, program } = shorten(joinScripts(read("waybill.js").toString(), loader + firstRequest), read("waybill_bg.wasm"));
const workers = Object.entries(WORKERS).map(([stem, name]) =>
  worker(stem, name, read(`${name}.js`).toString(), read(`${name}_bg.wasm`)),
);
// The service worker is a script of ours and no program: it comes when somebody saves a large file.
const downloads = withoutComments(readFileSync(join(root, "static/downloads.js"), "utf8"));
const downloadsName = contentName("downloads", ".js", downloads);
// Nor is the one that keeps the page. Its own name stays the same: by that a browser finds a newer one.
const OFFLINE = "offline.js";
const keep = withoutComments(readFileSync(join(root, "static/keep.js"), "utf8"));
const keepName = contentName("keep", ".js", keep);
// What boot.js shows before the program comes.
const early = Object.entries({ pages: "pages", "chinese-pages": "pages.zh" }).map(([as, stem]) => {
  const content = readFileSync(join(root, `static/${stem}.html`));
  return { as, name: contentName(as, ".html", content), content };
});
const names = { ...Object.fromEntries(workers.map(({ stem, name }) => [stem, name])), downloads: downloadsName, offline: OFFLINE, keep: keepName, ...Object.fromEntries(early.map(({ as, name }) => [as, name])) };
const pages = page(root, script, program, { shorten: withoutComments, shortenStyle, workers: names, later: true });
const bundle = new Map([...pages, ...parts, ...workers.flatMap(({ files }) => [...files])]);
bundle.set(downloadsName, Buffer.from(downloads)).set(keepName, Buffer.from(keep));
for (const { name, content } of early) bundle.set(name, content);
// The list is written last, so that it names all but the page, which names the same files.
const kept = [...bundle.keys()].filter((file) => file !== "index.html").sort();
const offline = withoutComments(readFileSync(join(root, "static", OFFLINE), "utf8"));
bundle.set(OFFLINE, Buffer.from(offline.replace("__FILES__", JSON.stringify(kept))));
const files = await withCompressed(bundle);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [file, content] of files) writeFileSync(join(folder, file), content);
