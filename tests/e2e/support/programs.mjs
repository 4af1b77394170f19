// @ts-check
// The programs that the tests run, and their end: each is stopped by its own process id, also when a test fails.

import { execFile, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const tools = process.env.WAYBILL_TOOLS ?? path.join(root, ".tools");
const START_MS = 20_000;

export const fixtures = path.join(root, "tests/fixtures");
export const dist = process.env.WAYBILL_DIST ?? path.join(root, "dist");
export const proxyProgram =
  process.env.WAYBILL_PROXY ??
  path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, "target"), "debug/waybill-proxy");
/** The proxy for others to run, as scripts/release builds it. */
export const releasedProxy = process.env.WAYBILL_PROXY ?? path.join(root, "target/waybill/waybill-proxy");
export const chromium = process.env.CHROMIUM ?? find("chromium");

/** The port at which a server listens. */
export const portOf = (server) => /** @type {import("node:net").AddressInfo} */ (server.address()).port;

/** The path of a program: the project's own tools first, then PATH; undefined if it is nowhere. */
export function find(name) {
  const folders = [path.join(tools, "bin"), ...(process.env.PATH ?? "").split(path.delimiter)];
  return folders
    .map((folder) => path.join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const running = new Set();
const scratch = mkdtempSync(path.join(tmpdir(), "waybill-e2e-"));
process.on("exit", () => {
  running.forEach((child) => child.kill("SIGKILL"));
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

/** An empty folder, which is gone with this process. */
export const emptyFolder = () => mkdtempSync(path.join(scratch, "/"));

/**
 * Starts a server and waits until it has written what `ready` matches. The answer holds the match, every line written
 * so far, its process id, `stop` and `kill`.
 */
export function start(program, args, ready) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const server = { output: "", pid: child.pid, lines: () => server.output.split("\n") };
  const ended = new Promise((resolve) => child.once("close", resolve));
  server.stop = async () => {
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(late);
    running.delete(child);
  };
  /** Ends it at once, as a crash would. */
  server.kill = async () => {
    child.kill("SIGKILL");
    await ended;
    running.delete(child);
  };
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => fail("did not get ready"), START_MS);
    const fail = (why) => {
      clearTimeout(late);
      child.kill("SIGKILL");
      reject(new Error(`${program} ${args.join(" ")} ${why}\n${server.output}`));
    };
    child.once("error", (error) => fail(error.message));
    child.once("close", (code) => fail(`ended with ${code}`));
    const read = (data) => {
      server.output += data;
      server.ready ??= server.output.match(ready) ?? undefined;
      if (server.ready) {
        clearTimeout(late);
        resolve(server);
      }
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
  });
}

/** Runs a program to its end; its standard output as bytes. */
export function run(program, args) {
  return new Promise((resolve, reject) => {
    const options = { encoding: "buffer", maxBuffer: 64 << 20, timeout: 60_000 };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.join(" ")}: ${error.message}\n${stderr}`));
      else resolve(stdout);
    });
  });
}
