// @ts-check
// The page before the program: loads it when somebody does something, and hands on what they did. What it
// means, only the program judges: what is typed or pasted may hold a password, so nothing here writes it anywhere.

function failed(how, details) {
  const panel = document.getElementById("failure");
  // What follows the first fault says less than it.
  if (!panel.hidden) return;
  // A dialog that is open in it would keep the panel from being used.
  document.getElementById("page").remove();
  panel.hidden = false;
  document.getElementById(`failure-${how}`).hidden = false;
  // They may quote what a registry sent: signs that hide, or turn what stands beside them, are named.
  const named = (sign) => `U+${sign.codePointAt(0).toString(16)}`;
  const lines = `${details}\n${navigator.userAgent}`.replace(/(?!\n)[\p{C}\p{Zl}\p{Zp}]/gu, named);
  document.getElementById("failure-details").textContent = lines;
  // What has stopped asks nobody to stay.
  window.addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), true);
  document.getElementById("failure-reload").onclick = () => location.reload();
  document.getElementById("failure-reload").focus();
}
// The program calls it when it panics.
globalThis.waybillFailed = failed;
// A proxy says that the page came from it; a browser tells that in a secure context only.
globalThis.waybillCameFromProxy = () =>
  performance.getEntriesByType("navigation").some((entry) => Object(entry).serverTiming?.some(({ name }) => name === "waybill-proxy"));
// It stops without a word where memory or the stack is at its end.
for (const name of ["error", "unhandledrejection"]) {
  window.addEventListener(name, ({ error, reason = error }) => {
    if (/^(Runtime|Range)Error/.test(reason)) failed("stopped", String(reason));
  });
}

const files = document.querySelector('meta[name="waybill"]').dataset;
let { language } = navigator;
let isKept;
try {
  document.documentElement.dataset.theme = localStorage.getItem("waybill.theme") ?? "system";
  language = localStorage.getItem("waybill.language") ?? language;
  isKept = sessionStorage.length > 0;
} catch {
  // Storage may be switched off; the system's theme stands.
}
const isChinese = /^zh/i.test(language);
// The script that loads parts asks for that of a language early, too.
globalThis.waybillLanguage = language;

const box = () => document.getElementById("box");
const HEARD = ["pointerover", "pointerdown", "pointerup", "pointercancel", "keydown", "input", "click", "submit", "paste", "dragover", "drop", "hashchange"];
// What is done once the program is there: it is given what was pasted or dropped, and the rest where it did not take that.
let give = () => true;
let afterwards = () => {};
let loading;
let begun = false;
// A press whose element is gone before it ends is no click: the program waits for its end.
let released = Promise.resolve();
let release;
let ending;

function load() {
  loading ??= start().catch((error) => failed("unloaded", String(error)));
}

async function compile(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}: ${address}`);
  // Not every server names the type that compiling while it comes asks for.
  const streams = response.headers.get("content-type") === "application/wasm";
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

async function start() {
  const { script, program } = files;
  const address = (name) => new URL(name, document.baseURI).href;
  const [{ initSync }, module] = await Promise.all([import(address(script)), compile(address(program))]);
  let caret;
  // The program begins to draw behind this, in one go, so that no press can begin on the page that is taken away.
  globalThis.waybillBegin = async () => {
    await released;
    caret = document.activeElement === box() ? box().selectionStart : undefined;
    begun = true;
  };
  const drawn = new Promise((resolve) => (globalThis.waybillDrawn = resolve));
  initSync({ module });
  await drawn;
  for (const name of HEARD) window.removeEventListener(name, hear, true);
  if (caret !== undefined) {
    // Who is in the box, typing or about to, stays there: the program draws another one in its place.
    box()?.focus();
    box()?.setSelectionRange(caret, caret);
  }
  if (give()) {
    afterwards();
  } else if (box()) {
    // It was not meant for the box, where the browser may have put it.
    box().value = "";
    box().dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}

function handOn(transfer) {
  const copy = new DataTransfer();
  for (const file of transfer.files) copy.items.add(file);
  copy.setData("text/plain", transfer.getData("text/plain"));
  give = () => window.dispatchEvent(new ClipboardEvent("paste", { clipboardData: copy, cancelable: true }));
}

function hear(event) {
  switch (event.type) {
    case "keydown":
      if (event.target !== box() && event.key.length === 1) {
        const { key } = event;
        if (key === "/") event.preventDefault();
        afterwards = () => window.dispatchEvent(new KeyboardEvent("keydown", { key }));
      }
      break;
    case "pointerdown":
      clearTimeout(ending);
      if (!release) released = new Promise((resolve) => (release = resolve));
      break;
    case "pointerup":
    case "pointercancel":
      // The click comes right behind it, with a finger a little later.
      ending = setTimeout(() => {
        release?.();
        release = undefined;
      }, 50);
      break;
    case "click": {
      const { id } = event.target;
      if (id.startsWith("open-")) afterwards = () => document.getElementById(id).click();
      break;
    }
    case "submit":
      event.preventDefault();
      afterwards = () => document.querySelector("form.box").requestSubmit();
      break;
    case "paste":
      handOn(event.clipboardData);
      break;
    case "dragover":
      event.preventDefault();
      break;
    case "drop":
      event.preventDefault();
      handOn(event.dataTransfer);
      break;
  }
  load();
}

// The page is kept for when there is no network, but not before it has been there for a while: what it needs comes first.
const QUIET_MS = 5000;
window.addEventListener("load", () => {
  const { keep } = files;
  if (keep) setTimeout(() => import(new URL(keep, document.baseURI).href).catch(() => {}), QUIET_MS);
});
for (const name of HEARD) window.addEventListener(name, hear, true);
const isStart = location.hash.length <= 2;
if (isStart) box().focus();

// Some pages are there before the program draws them, and in Chinese the first one and what says that it failed, too:
// static/pages*.html, which tests/views/early.rs writes. They come as a document, which runs no script.
const [, name] = isStart ? ["", "start"] : (/^#\/(verify|compose|copy|diff)$/.exec(location.hash) ?? []);
const pages = isChinese ? files.chinesePages : !isStart && name && files.pages;
if (!isStart || pages) document.querySelector(".start").classList.add("waiting");
// The program is a hundred times as large: it comes behind what is painted of them, unless that takes long.
const isBehind = !isStart && pages && name;
if (isBehind) setTimeout(load, 500);
else if (!isStart) load();
if (pages) {
  const asked = new XMLHttpRequest();
  asked.responseType = "document";
  // But for the first one they are of parts of the program, whose style is a file of its own.
  const styled = isStart || !name || isStyled();
  asked.onloadend = async () => {
    await showEarly(asked.response, styled);
    // Of a frame that begins nothing is painted yet.
    if (isBehind) requestAnimationFrame(() => requestAnimationFrame(load));
  };
  asked.open("GET", pages);
  asked.send();
}

async function showEarly(pages, styled) {
  for (const id of ["newer", "failure"]) {
    const [shown, said] = [document.getElementById(id), pages?.getElementById(id)];
    if (said && shown.hidden) shown.replaceChildren(...said.childNodes);
  }
  const page = pages?.querySelector(`[data-page="${name}"]`);
  // What was opened, and work on a composition that was kept, only the program can draw.
  const isHere = page && !history.state && !(isKept && name === "compose") && (await styled);
  // Nothing is taken from who types or presses already.
  if (isHere && !begun && !release && box()?.value === "") {
    const isIn = document.activeElement === box();
    document.getElementById("page").replaceChildren(...page.childNodes);
    document.documentElement.lang = pages.documentElement.lang;
    if (isIn) box().focus();
  } else if (isStart) {
    document.querySelector(".start")?.classList.remove("waiting");
  }
}

function isStyled() {
  const link = document.createElement("link");
  return new Promise((resolve) => {
    link.onload = link.onerror = () => resolve(link.sheet);
    Object.assign(link, { rel: "stylesheet", href: files.style });
    document.head.append(link);
  });
}
