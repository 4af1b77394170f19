// Gives what the program imports from its script short names, in both, and takes comments and indentation out of the
// script, and out of the boot file; then names both files anew, and before them the parts that the script names, and
// with them what else the page names: each by its SHA-256, so that whoever serves the page can see that a name tells
// the content:
//   node scripts/shorten.mjs dist
// wasm-bindgen names each import with 16 digits of a hash, which no compression makes smaller: 5 KB of what is sent.
import { createHash } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const IMPORTS = 2;
const FUNCTION = 0;

/** The number at `at` in LEB128, and where it ends. */
function number(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    value |= (bytes[at] & 0x7f) << shift;
    if (bytes[at++] < 0x80) return [value, at];
  }
}

function written(value) {
  const bytes = [];
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return Buffer.from([...bytes, value]);
}

const text = (string) => Buffer.concat([written(Buffer.byteLength(string)), Buffer.from(string)]);

/** Where the section with that number begins, where its content does, and where it ends. */
function section(bytes, wanted) {
  for (let start = 8; start < bytes.length; ) {
    const [size, content] = number(bytes, start + 1);
    if (bytes[start] === wanted) return { start, content, end: content + size };
    start = content + size;
  }
  throw new Error(`shorten: the program has no section ${wanted}`);
}

/** The program with other names for its imports. */
function renamed(bytes, rename) {
  const { start, content, end } = section(bytes, IMPORTS);
  let [count, at] = number(bytes, content);
  const name = () => {
    const [length, first] = number(bytes, at);
    at = first + length;
    return bytes.toString("utf8", first, at);
  };
  const imports = [written(count)];
  for (; count > 0; count--) {
    imports.push(text(name()), text(rename(name())));
    const kind = at;
    if (bytes[kind] !== FUNCTION) throw new Error("shorten: the program imports something that is not a function");
    [, at] = number(bytes, kind + 1);
    imports.push(bytes.subarray(kind, at));
  }
  const inside = Buffer.concat(imports);
  const head = Buffer.concat([bytes.subarray(0, start), Buffer.from([IMPORTS]), written(inside.length)]);
  return Buffer.concat([head, inside, bytes.subarray(end)]);
}

const folder = process.argv[2];
if (!folder) {
  console.error("shorten: name the folder, for example: node scripts/shorten.mjs dist");
  process.exit(2);
}
let page = readFileSync(join(folder, "index.html"), "utf8");
const [script, program] = ["script", "program"].map((what) => {
  const [, file] = page.match(new RegExp(`\\bdata-${what}="\\.?/?([^"]+)"`)) ?? [];
  if (!file) throw new Error(`shorten: the page names no ${what}`);
  return file;
});

const [, boot] = page.match(/\bsrc="\.?\/?(boot-[^"]+)"/) ?? [];
if (!boot) throw new Error("shorten: the page names no boot file");
const plain = (file) =>
  readFileSync(join(folder, file), "utf8").replace(/^\s*(\/\/|\/\*\*|\*).*\n/gm, "").replace(/^ +/gm, "");

const names = new Map();
const short = renamed(readFileSync(join(folder, program)), (name) => {
  if (!names.has(name)) names.set(name, `i${names.size.toString(36)}`);
  return names.get(name);
});
// A property `NAME: function` for each; what else stands in the script keeps its name.
const seen = new Set();
const words = plain(script).replace(/\b__w(?:b|asm_split_load_)\w+(?=: )/g, (name) => {
  seen.add(name);
  return names.get(name) ?? name;
});
const missing = [...names.keys()].filter((name) => !seen.has(name));
if (missing.length) throw new Error(`shorten: not in the script: ${missing.join(", ")}`);

// Browsers keep these files for ever, and Trunk named two of them by the program as the compiler left it, the parts not,
// and the others by a hash of its own.
const hash = (content) => createHash("sha256").update(content).digest("hex").slice(0, 16);
const parts = words.replace(/(?<="\.\/)(?:split_)?(\w+)\.wasm(?=", import\.meta)/g, (file, part) => {
  const content = readFileSync(join(folder, file));
  const named = `${part}-${hash(content)}.wasm`;
  renameSync(join(folder, file), join(folder, named));
  return named;
});
const others = [...page.matchAll(/\b(?:href|src)="\.?\/?([\w.]+-[\da-f]+\.(?:css|js))"/g)].map(([, file]) => file);
const small = others.map((file) => [file, file === boot ? plain(boot) : readFileSync(join(folder, file))]);
for (const [file, content] of [[script, parts], [program, short], ...small]) {
  const named = file.replace(/-[\da-f]+(?=[._])/, `-${hash(content)}`);
  rmSync(join(folder, file));
  writeFileSync(join(folder, named), content);
  page = page.replace(file, named);
}
writeFileSync(join(folder, "index.html"), page);
