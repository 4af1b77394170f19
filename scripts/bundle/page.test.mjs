// @ts-check
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test from "node:test";
import { contentName } from "./names.mjs";
import { page } from "./page.mjs";

const TRUNK = `[build]
pattern_script = '<meta name="waybill" data-script="{base}{js}" data-program="{base}{wasm}">'
`;

/**
 * The files of a page that consists of these.
 * @param {Record<string, string>} sources
 */
function pageOf(sources) {
  const root = mkdtempSync(join(tmpdir(), "waybill-page-"));
  try {
    for (const [file, content] of Object.entries(sources)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), content);
    }
    return page(root, "script", Buffer.from("program"), { shorten: (script) => script.replace("// why\n", ""), shortenStyle: (style) => style.replace("/* why */\n", ""), workers: { worker: "worker.js" }, later: true });
  } finally {
    rmSync(root, { recursive: true });
  }
}

test("the page names style, scripts and program by what is sent of them, and holds them", () => {
  const files = pageOf({
    "Trunk.toml": TRUNK,
    "static/icon.svg": "icon",
    "static/look.css": "/* why */\nstyle",
    "static/parts.css": "style of parts",
    "static/boot.js": "// why\nboot",
    "index.html": `<head>
  <link rel="icon" href="data:," />
  <link data-trunk rel="copy-file" href="static/icon.svg" />
  <link data-trunk rel="css" href="static/look.css" data-integrity="none" />
  <link data-trunk rel="css" href="static/parts.css" data-later="true" />
  <script data-trunk src="static/boot.js" type="module" data-integrity="none"></script>
  <link data-trunk rel="rust" data-bin="waybill" />
</head>
`,
  });
  const css = contentName("look", ".css", "style");
  const parts = contentName("parts", ".css", "style of parts");
  const boot = contentName("boot", ".js", "boot");
  const script = contentName("waybill", ".js", "script");
  const program = contentName("waybill", "_bg.wasm", "program");
  const contents = Object.fromEntries([...files].map(([file, content]) => [file, content.toString()]));
  assert.deepEqual(contents, {
    "icon.svg": "icon",
    [css]: "style",
    [parts]: "style of parts",
    [boot]: "boot",
    [script]: "script",
    [program]: "program",
    "index.html": `<head>
  <link rel="icon" href="data:," />
  
  <link rel="stylesheet" href="./${css}" data-integrity="none"/>
  
  <script src="./${boot}" data-integrity="none" type="module"></script>
  <meta name="waybill" data-script="./${script}" data-program="./${program}" data-worker="./worker.js" data-style="./${parts}">
</head>
`,
  });
});

test("an element for Trunk that we do not know, and a Trunk.toml without a pattern, are errors", () => {
  const unknown = { "Trunk.toml": TRUNK, "index.html": '<link data-trunk rel="copy-dir" href="static/examples" />' };
  assert.throws(() => pageOf(unknown), /what is to be made of <link data-trunk rel="copy-dir"/);
  const withoutPattern = { "Trunk.toml": "", "index.html": '<link data-trunk rel="rust" />' };
  assert.throws(() => pageOf(withoutPattern), /no pattern_script/);
});
