// Loads the program, and shows what failed where it cannot.

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

// Until the program is there, Enter only sets the address that it will read.
const form = document.querySelector("form.box");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = document.getElementById("box").value.trim();
  if (text) location.hash = `#/inspect/${text}`;
});
if (location.hash.length > 2) document.querySelector(".start").classList.add("waiting");
else document.getElementById("box").focus();

const { script, program } = document.querySelector('meta[name="waybill"]').dataset;
try {
  const { default: start } = await import(new URL(script, document.baseURI));
  await start({ module_or_path: new URL(program, document.baseURI) });
} catch (error) {
  // A panic has already said more than the trap that follows it.
  if (document.getElementById("failure").hidden) failed("Waybill could not be loaded.", String(error));
}
