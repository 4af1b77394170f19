// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { joinScripts } from "./join.mjs";

// What the two libraries write, without what no replacement is about.
const SCRIPT = `import * as import1 from "./__wasm_split.js"
import * as import2 from "./__wasm_split.js"

function __wbg_get_imports() {
    return {
        __proto__: null,
        "./waybill_bg.js": import0,
        "./__wasm_split.js": import1,
        "./__wasm_split.js": import2,
    };
}
`;
const LOADER = `const parts = {
__wasm_split_load_verify_1f: part("verify", "a"),
};
`;

test("the loader stands in the script, and the program finds a function for each part there", () => {
  assert.equal(
    joinScripts(SCRIPT, LOADER),
    `
function __wbg_get_imports() {
    return {
        __proto__: null,
        "./waybill_bg.js": import0,
"./__wasm_split.js": parts,
    };
}
const parts = {
__wasm_split_load_verify_1f: part("verify", "a"),
};
`,
  );
});

test("scripts of another shape are an error, not a page that does not run", () => {
  assert.throws(() => joinScripts(SCRIPT, "function load() {}\n"), /not what it was/);
  assert.throws(() => joinScripts(SCRIPT.replace(/.*waybill_bg.*\n/, ""), LOADER), /not what it was/);
});
