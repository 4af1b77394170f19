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
