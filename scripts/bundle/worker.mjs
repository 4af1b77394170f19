// @ts-check
// Makes a worker's two files of what waybill-bundle wrote of it: its program, and the script that starts it.
import { contentName } from "./names.mjs";
import { shorten } from "./shorten.mjs";

/** @typedef {import("./names.mjs").Files} Files */

// What ends the script: nobody imports it, so it starts itself. A fault in a promise is no error of the worker's that
// its page hears of; thrown in a listener it is one.
const START = `addEventListener("unhandledrejection", ({ reason }) => {
throw reason;
});
__wbg_init();
`;

/**
 * The files, and the name of the script among them.
 * @param {string} stem what the files are called
 * @param {string} linked the name of the program
 * @param {string} script wasm-bindgen's, a module
 * @param {Buffer} program
 * @returns {{ stem: string, name: string, files: Files }}
 */
export function worker(stem, linked, script, program) {
  const short = shorten(script, program);
  const programName = contentName(stem, ".wasm", short.program);
  const starter = short.script.replace(`${linked}_bg.wasm`, programName) + START;
  if (!starter.includes(`'${programName}'`) || !starter.includes("function __wbg_init(")) {
    throw new Error("worker: the script of wasm-bindgen is not what it was");
  }
  const name = contentName(stem, ".js", starter);
  return { stem, name, files: new Map([[name, Buffer.from(starter)], [programName, short.program]]) };
}
