// @ts-check
// Joins the script of wasm-bindgen and the loader of the parts. The loader is a module that imports the script that
// imports it; in one file they are one request less.

/**
 * @param {string} script wasm-bindgen's: it starts the program
 * @param {string} loader wasm_split_cli_support's: a function for each part
 */
export function joinScripts(script, loader) {
  const functions = loader.replace(/^import .*\n/, "").replace(/^export /gm, "");
  const loads = [...functions.matchAll(/^const (__wasm_split_load_\w+)/gm)].map(([, name]) => `${name}: ${name},\n`);
  const starter = script
    .replace(/^import .*"\.\/__wasm_split\.js";?\n/gm, "")
    .replace(/^ *"\.\/__wasm_split\.js": .*\n/gm, "")
    .replace(/^ *"\.\/waybill_bg\.js": .*\n/m, `$&"./__wasm_split.js": parts,\n`);
  const whole = `${starter}${functions}\nconst parts = {\n${loads.join("")}};\n`;
  if (!loads.length || whole.split("__wasm_split.js").length !== 2) {
    throw new Error("join: the scripts of wasm-bindgen and wasm_split_cli_support are not what they were");
  }
  return whole;
}
