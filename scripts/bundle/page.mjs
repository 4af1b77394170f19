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
 * @param {{ shorten?: (script: string) => string, shortenStyle?: (style: string) => string, workers?: Record<string, string>, later?: boolean }} [ours]
 *   what Trunk does not do: it makes the scripts and styles shorter that index.html names itself, names the workers' scripts, and
 *   lets the program load the style that says `data-later`
 * @returns {Files}
 */
export function page(root, script, program, { shorten = (script) => script, shortenStyle = (style) => style, workers = {}, later = false } = {}) {
  /** @type {Files} */
  const files = new Map();
  /** @param {string} stem @param {string} ending @param {string | Buffer} content */
  const add = (stem, ending, content) => {
    const name = contentName(stem, ending, content);
    files.set(name, Buffer.from(content));
    return name;
  };
  const read = (/** @type {string} */ file) => readFileSync(join(root, file), "utf8");
  const stem = (/** @type {string} */ file) => parse(file).name;

  /** @type {Record<string, string>} */
  const named = { ...workers };
  const html = read("index.html").replace(ELEMENT, (element, words) => {
    const pairs = [...words.matchAll(ATTRIBUTE)].map(([, name, value]) => [name, value]);
    const { href, src, rel, ...others } = Object.fromEntries(pairs);
    const attributes = Object.keys(others).sort().map((name) => ` ${name}="${others[name]}"`).join("");
    if (src) return `<script src="./${add(stem(src), ".js", shorten(read(src)))}"${attributes}></script>`;
    if (rel === "css") {
      const style = add(stem(href), ".css", shortenStyle(read(href)));
      if (!later || !others["data-later"]) return `<link rel="stylesheet" href="./${style}"${attributes}/>`;
      named.style = style;
      return "";
    }
    if (rel === "copy-file") {
      files.set(parse(href).base, Buffer.from(read(href)));
      return "";
    }
    if (rel !== "rust") throw new Error(`page: what is to be made of ${element}?`);
    /** @type {Record<string, string>} */
    const names = { base: "./", js: add("waybill", ".js", script), wasm: add("waybill", "_bg.wasm", program) };
    const more = Object.entries(named).map(([stem, name]) => ` data-${stem}="./${name}"`).join("");
    const pattern = scriptPattern(read).replace(/>$/, `${more}>`);
    return pattern.replace(/\{(\w+)\}/g, (_, name) => names[name]);
  });
  return files.set("index.html", Buffer.from(html));
}

/**
 * The element that tells boot.js the names of the script and the program: Trunk and we read it at one place.
 * @param {(file: string) => string} read
 */
function scriptPattern(read) {
  const [, pattern] = read("Trunk.toml").match(/^pattern_script = '(.*)'$/m) ?? [];
  if (!pattern) throw new Error("page: there is no pattern_script in Trunk.toml");
  return pattern;
}
