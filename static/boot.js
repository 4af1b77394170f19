// The page before the program: loads it when somebody does something, and hands on what they did.

function failed(what, details) {
  document.getElementById("page").hidden = true;
  document.getElementById("failure").hidden = false;
  document.getElementById("failure-what").textContent = what;
  document.getElementById("failure-details").textContent = `${details}\n${navigator.userAgent}\n${location.hash.split("?")[0]}`;
  document.getElementById("failure-reload").onclick = () => location.reload();
  document.getElementById("failure-reload").focus();
}
// The program calls it when it panics.
globalThis.waybillFailed = failed;

try {
  document.documentElement.dataset.theme = localStorage.getItem("waybill.theme") ?? "system";
} catch {
  // Storage may be switched off; the system's theme stands.
}

const box = () => document.getElementById("box");
const HEARD = ["pointerover", "pointerdown", "keydown", "input", "click", "submit", "paste", "dragover", "drop", "hashchange"];
// What is done once the program is there.
let afterwards = () => {};
let loading;

function load() {
  loading ??= start().catch((error) => {
    // A panic has already said more than the trap that follows it.
    if (document.getElementById("failure").hidden) failed("Waybill could not be loaded.", String(error));
  });
}

async function start() {
  const { script, program } = document.querySelector('meta[name="waybill"]').dataset;
  const address = (name) => new URL(name, document.baseURI);
  const [{ default: run }, bytes] = await Promise.all([import(address(script)), fetch(address(program))]);
  await run({ module_or_path: bytes });
  for (const name of HEARD) window.removeEventListener(name, hear, true);
  afterwards();
}

function handOn(transfer) {
  const copy = new DataTransfer();
  for (const file of transfer.files) copy.items.add(file);
  copy.setData("text/plain", transfer.getData("text/plain"));
  afterwards = () => window.dispatchEvent(new ClipboardEvent("paste", { clipboardData: copy }));
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
    case "input": {
      // Somebody who types goes on typing: the program draws another box in place of this one.
      const caret = box().selectionStart;
      afterwards = () => {
        box()?.focus();
        box()?.setSelectionRange(caret, caret);
      };
      break;
    }
    case "click": {
      const { id } = event.target;
      if (id.startsWith("open-")) afterwards = () => document.getElementById(id).click();
      break;
    }
    case "submit": {
      event.preventDefault();
      const text = box().value.trim();
      // A manifest or a digest alone is for Verify.
      if (text && !/^\{|^(sha\d+:)?[\da-f]{64,}$/.test(text)) location.hash = `#/inspect/${text}`;
      else afterwards = () => document.querySelector("form.box").requestSubmit();
      break;
    }
    case "paste":
      if (event.clipboardData.files.length || /^\s*\{/.test(event.clipboardData.getData("text/plain"))) {
        event.preventDefault();
        handOn(event.clipboardData);
      }
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

for (const name of HEARD) window.addEventListener(name, hear, true);
if (location.hash.length > 2) {
  document.querySelector(".start").classList.add("waiting");
  load();
} else {
  box().focus();
}
