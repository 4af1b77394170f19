// @ts-check
// Makes the page's files as Trunk makes them: index.html with the names of the files that it loads, and those files.
// trunk.test.mjs compares the two.
import { readFileSync } from "node:fs";
import { join, parse } from "node:path";
import { contentName } from "./names.mjs";

/** @typedef {import("./names.mjs").Files} Files */

// The elements that Trunk replaces, and their attributes.
const ELEMENT = /<(?:link|script) data-trunk ([^>]*?) ?\/?>(?:<\/script>)?/g;
const ATTRIBUTE = /([\w-]+)="([^"]*)"/g;

/**
 * @param {string} root the folder of index.html and Trunk.toml
 * @param {string} script what starts the program
 * @param {Buffer} program
 * @returns {Files}
 */
export function page(root, script, program) {
  /** @type {Files} */
  const files = new Map();
  /** @param {string} stem @param {string} ending @param {Buffer} content */
  const add = (stem, ending, content) => {
    const name = contentName(stem, ending, content);
    files.set(name, content);
    return name;
  };
  const addAsset = (/** @type {string} */ path) => add(parse(path).name, parse(path).ext, readFileSync(join(root, path)));

  const html = readFileSync(join(root, "index.html"), "utf8").replace(ELEMENT, (element, words) => {
    const { href, src, rel, ...others } = Object.fromEntries([...words.matchAll(ATTRIBUTE)].map(([, name, value]) => [name, value]));
    const attributes = Object.keys(others).sort().map((name) => ` ${name}="${others[name]}"`).join("");
    if (src) return `<script src="./${addAsset(src)}"${attributes}></script>`;
    if (rel === "css") return `<link rel="stylesheet" href="./${addAsset(href)}"${attributes}/>`;
    if (rel !== "rust") throw new Error(`page: what is to be made of ${element}?`);
    const names = { base: "./", js: add("waybill", ".js", Buffer.from(script)), wasm: add("waybill", "_bg.wasm", program) };
    return Object.entries(names).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), scriptPattern(root));
  });
  return files.set("index.html", Buffer.from(html));
}

/**
 * The element that tells boot.js the names of the script and the program: Trunk and we read it at one place.
 * @param {string} root
 */
function scriptPattern(root) {
  const [, pattern] = readFileSync(join(root, "Trunk.toml"), "utf8").match(/^pattern_script = '(.*)'$/m) ?? [];
  if (!pattern) throw new Error("page: there is no pattern_script in Trunk.toml");
  return pattern;
}
