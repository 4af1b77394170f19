// @ts-check
// Names files by what they hold, so that browsers may keep them for ever and none keeps one that fits another page.
import { createHash } from "node:crypto";

/** @typedef {Map<string, Buffer>} Files each file's content by its name */

/**
 * `waybill-3f2a9c0d1e5b7a64_bg.wasm`: the proxy, too, knows such a name by the hash between `-` and `_` or `.`.
 * @param {string} stem
 * @param {string} ending
 * @param {Buffer | string} content
 */
export function contentName(stem, ending, content) {
  return `${stem}-${createHash("sha256").update(content).digest("hex").slice(0, 16)}${ending}`;
}

/**
 * The script with new names for the parts that it loads, and those parts.
 * @param {string} script
 * @param {(file: string) => Buffer} read gives the content of a part
 */
export function nameParts(script, read) {
  /** @type {Files} */
  const parts = new Map();
  const named = script.replace(/(?<="\.\/)(?:split_)?(\w+)\.wasm(?=", import\.meta)/g, (file, part) => {
    const content = read(file);
    const name = contentName(part, ".wasm", content);
    parts.set(name, content);
    return name;
  });
  return { script: named, parts };
}
