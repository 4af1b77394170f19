// @ts-check
// Text that is made to harm, in every field of every page: in the built page, under the policy that its server enforces, it
// comes out as text. The harness holds each journey to a silent console, no breach of the policy and no request elsewhere.

import assert from "node:assert/strict";
import { journey, openHarness } from "./support/harness.mjs";
import { expectedOfStates, registryOf, statesOf } from "./support/states.mjs";

/** What harms, each alone in the text of a journey, so that none hides another. */
const TEXTS = {
  markup: `<script>harmed('script')</script><img class=harm src=x onerror=harmed('img')><svg class=harm onload=harmed('svg')><b class=harm>" class="harm" onmouseover="harmed()" x='</title></textarea></style><!--`,
  "addresses and templates": "javascript:harmed(1)//https://evil.example/\u0000data:text/html,<script>harmed(2)</script> {{7*7}} ${harmed(3)} %00%0d%0a../../../etc/passwd#&files=x?at=sha256:1 `id` $(id) ;|&",
  "what hides": "user\u202egpj.exe\u2066\u200b\u00ad\u200d\ufeff\u061c\u180e\u{e0041}\ufe0f\u0007\u0000\u001b[31m\r\n\u0085\u2028x",
  "writings and words": `镜像说明很长مرحبا بالعالمשלום👩‍👩‍👧🏳️‍🌈नमस्ते e\u0301\u0327 ${"W".repeat(400)} ${"长".repeat(300)} 9${"0".repeat(400)}`,
};

/** How many faults are told. */
const SHOWN = 30;

/** What may not be shown as it is: what core's `lenient::is_hidden` names, and what controls. */
const HIDDEN = "[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060\\u2066-\\u2069\\ufeff]|[\\u{e0000}-\\u{e007f}]";

/** What stands on the page that may not. Runs in the page. */
function harm(hidden) {
  const found = [];
  const own = (element) => element.outerHTML.slice(0, 200);
  for (const element of document.querySelectorAll("*")) {
    const name = element.localName;
    if (element.classList.contains("harm") || name === "iframe" || name === "object" || name === "embed" || name === "base") found.push(`an element: ${own(element)}`);
    if (name === "script" && !element.getAttribute("src")?.startsWith("./")) found.push(`a script: ${own(element)}`);
    if (name === "img" && !/^(badge\.svg$|blob:)/.test(element.getAttribute("src") ?? "")) found.push(`a picture: ${own(element)}`);
    for (const { name: attribute, value } of element.attributes) {
      if (attribute.startsWith("on") || attribute === "style") found.push(`an attribute: ${own(element)}`);
      const isAddress = ["href", "xlink:href", "action", "formaction", "src", "srcset", "data", "poster", "ping"].includes(attribute);
      if (isAddress && !/^(#|\.\/|https?:\/\/|blob:|badge\.svg$|data:image\/svg\+xml,%3Csvg)/.test(value)) found.push(`an address: ${own(element)}`);
      if (isAddress && /^https?:/.test(value) && element.getAttribute("rel") !== "noopener noreferrer nofollow") found.push(`a link that tells: ${own(element)}`);
    }
  }
  const marks = {
    // What joins two signs to one is not hidden.
    test: (text) => new RegExp(hidden, "u").test(text.replace(/(?<=[\p{Extended_Pictographic}\ufe0f])\u200d(?=\p{Extended_Pictographic})/gu, "")),
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (marks.test(node.nodeValue ?? "")) found.push(`shown as it is: ${JSON.stringify(node.nodeValue?.slice(0, 200))} in ${own(node.parentElement)}`);
  for (const element of document.querySelectorAll("[title], [aria-label], [placeholder], [alt]"))
    for (const name of ["title", "aria-label", "placeholder", "alt"])
      if (marks.test(element.getAttribute(name) ?? "")) found.push(`${name} as it is: ${own(element)}`);
  if (marks.test(document.title)) found.push(`the title as it is: ${JSON.stringify(document.title.slice(0, 200))}`);
  if (globalThis.harms?.length) found.push(`it ran: ${globalThis.harms}`);
  return found;
}

const harness = openHarness(async (harness) => {
  for (const [name, text] of Object.entries(TEXTS)) harness[name] = await harness.open(registryOf(text));
}, { push: true, catalog: true });

for (const [name, text] of Object.entries(TEXTS)) {
  journey(
    `${name}: in every field of every page`,
    harness,
    async (view, _, context) => {
      const { page } = view;
      await context.addInitScript(() => {
        globalThis.harms = [];
        globalThis.harmed = (what) => globalThis.harms.push(what);
      });
      const wrong = [];
      const dialogs = [];
      page.on("dialog", (dialog) => {
        // Who leaves while something is written is asked, in the browser's own words.
        if (dialog.type() === "beforeunload") return dialog.accept();
        dialogs.push(dialog.message());
        return dialog.dismiss();
      });
      for (const [state, open] of Object.entries(statesOf(harness[name], text))) {
        await page.goto("about:blank");
        await open(view).catch((error) => wrong.push(`${state} is not there: ${String(error).slice(0, 300)}`));
        wrong.push(...(await page.evaluate(harm, HIDDEN)).map((fault) => `${state}: ${fault}`));
      }
      assert.equal([...wrong, ...dialogs].slice(0, SHOWN).join("\n"), "");
    },
    { expected: expectedOfStates, long: true },
  );
}
