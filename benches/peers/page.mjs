// The page beside which Waybill is measured: a button that does what `globalThis.task` names, and a line that tells
// when that is done. `?worker` has it done in a worker.

import * as here from "./check.mjs";

const inWorker = async () => {
  const policy = globalThis.trustedTypes.createPolicy("waybill", { createScriptURL: (text) => text });
  const worker = new Worker(policy.createScriptURL("worker.mjs"), { type: "module" });
  const next = () =>
    new Promise((resolve) => worker.addEventListener("message", ({ data }) => resolve(data), { once: true }));
  await next();
  return (name, given) => {
    worker.postMessage([name, given]);
    return next();
  };
};
const does = location.search === "?worker" ? await inWorker() : (name, given) => here[name](given);

const line = document.querySelector("output");
document.querySelector("button").onclick = async () => {
  const { name, given } = globalThis.task;
  const done = await does(name, given);
  const isGood = done === true || done.isGood;
  line.textContent = isGood ? `good${done.entries ? `: ${done.entries.length} entries` : ""}` : "bad";
};
line.textContent = "ready";
