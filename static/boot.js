// @ts-check
// The page before the program: loads it when somebody does something, and hands on what they did. What it
// means, only the program judges: what is typed or pasted may hold a password, so nothing here writes it anywhere.

function failed(what, details) {
  const panel = document.getElementById("failure");
  // What follows the first fault says less than it.
  if (!panel.hidden) return;
  // A dialog that is open in it would keep the panel from being used.
  document.getElementById("page").remove();
  panel.hidden = false;
  document.getElementById("failure-what").textContent = what;
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
    if (/^(Runtime|Range)Error/.test(reason)) failed("Waybill has a fault and stopped.", String(reason));
  });
}

let { language } = navigator;
try {
  document.documentElement.dataset.theme = localStorage.getItem("waybill.theme") ?? "system";
  language = localStorage.getItem("waybill.language") ?? language;
} catch {
  // Storage may be switched off; the system's theme stands.
}

const box = () => document.getElementById("box");
const HEARD = ["pointerover", "pointerdown", "pointerup", "pointercancel", "keydown", "input", "click", "submit", "paste", "dragover", "drop", "hashchange"];
// What is done once the program is there: it is given what was pasted or dropped, and the rest where it did not take that.
let give = () => true;
let afterwards = () => {};
let loading;
// A press whose element is gone before it ends is no click: the program waits for its end.
let released = Promise.resolve();
let release;
let ending;

function load() {
  loading ??= start().catch((error) => failed("Waybill could not be loaded.", String(error)));
}

async function compile(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}: ${address}`);
  // Not every server names the type that compiling while it comes asks for.
  const streams = response.headers.get("content-type") === "application/wasm";
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

async function start() {
  const { script, program } = document.querySelector('meta[name="waybill"]').dataset;
  const address = (name) => new URL(name, document.baseURI).href;
  const [{ initSync }, module] = await Promise.all([import(address(script)), compile(address(program))]);
  await released;
  const caret = document.activeElement === box() ? box().selectionStart : undefined;
  // In one go, so that no press can begin on the page that is taken away.
  initSync({ module });
  // The program draws in the microtasks that it has asked for.
  await undefined;
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
  const { keep } = document.querySelector('meta[name="waybill"]').dataset;
  if (keep) setTimeout(() => import(new URL(keep, document.baseURI).href).catch(() => {}), QUIET_MS);
});
for (const name of HEARD) window.addEventListener(name, hear, true);
if (location.hash.length > 2) {
  document.querySelector(".start").classList.add("waiting");
  load();
} else {
  box().focus();
  // This page is English, the program can speak Chinese: src/language.rs.
  if (/^zh/i.test(language)) load();
}
