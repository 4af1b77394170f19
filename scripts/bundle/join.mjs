// @ts-check
// Joins the script of wasm-bindgen and what loads the parts: in one file they are one request less.

/**
 * @param {string} script wasm-bindgen's: it starts the program
 * @param {string} loader `loadParts`': `parts` has a function for each part
 */
export function joinScripts(script, loader) {
  const starter = script
    .replace(/^import .*"\.\/__wasm_split\.js";?\n/gm, "")
    .replace(/^ *"\.\/__wasm_split\.js": .*\n/gm, "")
    .replace(/^ *"\.\/waybill_bg\.js": .*\n/m, `$&"./__wasm_split.js": parts,\n`);
  const whole = starter + loader;
  if (!loader.includes("const parts = {") || whole.split("__wasm_split.js").length !== 2) {
    throw new Error("join: the script of wasm-bindgen is not what it was");
  }
  return whole;
}
