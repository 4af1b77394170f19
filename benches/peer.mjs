// @ts-check
// The page beside which layers are checked, and what both read.

import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { dist, emptyFolder, releasedProxy } from "../tests/e2e/support/programs.mjs";

const MIB = 1 << 20;
const root = fileURLToPath(new URL("..", import.meta.url));

/** What serves both pages: the proxy for others to run, and a folder of the built page with the other in `peer/`. */
export function served() {
  const folder = path.join(root, "target/bench/served");
  rmSync(folder, { recursive: true, force: true });
  cpSync(dist, folder, { recursive: true });
  const peers = path.join(root, "benches/peers");
  const peer = path.join(folder, "peer");
  mkdirSync(peer);
  const copy = (file, name = file) => copyFileSync(path.join(peers, file), path.join(peer, name));
  for (const file of ["index.html", "page.mjs", "check.mjs", "worker.mjs"]) copy(file);
  copy("node_modules/hash-wasm/dist/index.esm.min.js", "hash-wasm.mjs");
  copy("node_modules/fflate/esm/browser.js", "fflate.mjs");
  return { program: releasedProxy, folder };
}

/** Where the proxy has a blob of a registry. */
export const relayed = (registry, repository, digest) =>
  `/relay/http/${registry.host}/v2/${repository}/blobs/${digest}`;

/** Has the other page do a task (in its worker where the address says so): how long that took. */
export async function byPeer(open, address, task) {
  const page = await open(address);
  await page.until(() => document.body.textContent.includes("ready"));
  const result = await page.evaluate((task) => {
    globalThis.task = task;
    return globalThis.bench.until(
      () => document.querySelector("button").click(),
      () => /^(good|bad)/.test(document.querySelector("output").textContent),
    );
  }, task);
  const said = await page.evaluate(() => document.querySelector("output").textContent);
  if (!said.startsWith("good")) throw new Error(`the peer says: ${said}`);
  await page.close();
  return result;
}

/** An archive of so many bytes of what this machine's /usr holds: programs and texts. */
export function usrArchive(size) {
  const list = path.join(emptyFolder(), "list");
  const folders = ["/usr/bin", "/usr/lib", "/usr/share"];
  writeFileSync(list, folders.flatMap((folder) => [...filesOf(folder, size / folders.length)]).join("\0"));
  return execFileSync("tar", ["-C", "/", "--null", "-T", list, "-cf", "-"], {
    maxBuffer: 2 * size,
    stdio: ["ignore", "pipe", "ignore"],
  });
}

/** The first files of a folder, until they are so many bytes with their headers. */
function* filesOf(folder, size) {
  let rest = size;
  const waiting = [folder];
  for (let at = waiting.pop(); at; at = waiting.pop()) {
    const found = readdirSync(at, { withFileTypes: true }).sort((one, other) => (one.name < other.name ? -1 : 1));
    for (const one of found) {
      const file = path.join(at, one.name);
      if (one.isDirectory()) waiting.push(file);
      if (!one.isFile()) continue;
      const { size } = statSync(file);
      // No single program is to be a part that counts.
      if (size > 8 * MIB) continue;
      rest -= size + 1024;
      if (rest < 0) return;
      yield file.slice(1);
    }
  }
}
