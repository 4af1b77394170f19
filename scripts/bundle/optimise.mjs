// @ts-check
// Makes programs smaller and quicker as `wasm-opt -O3 --low-memory-unused --strip-producers --strip-target-features` does,
// byte for byte. By its library, since to start the command takes longer than most of the 450 programs.
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

/**
 * Makes each of these files smaller, where it is, in their order; `done` hears of each.
 * @param {string[]} paths
 * @param {(path: string) => void} done
 */
export async function optimise(paths, done) {
  const waiting = paths.values();
  const threads = Math.min(availableParallelism(), paths.length);
  await Promise.all(Array.from({ length: threads }, () => inThread(waiting, done)));
}

/** @param {Iterator<string>} waiting @param {(path: string) => void} done */
async function inThread(waiting, done) {
  // It warns of names in each program, which it leaves out anyway; of a failure it says why.
  const thread = new Worker(new URL(import.meta.url), { stderr: true });
  const said = thread.stderr.setEncoding("utf8").toArray();
  try {
    for (let next = waiting.next(); !next.done; next = waiting.next()) {
      const made = once(thread, "message").catch(async (error) => {
        throw new Error(`optimise: ${next.value}: ${error}\n${(await said).join("").slice(-2_000)}`);
      });
      thread.postMessage(next.value);
      await made;
      done(next.value);
    }
  } finally {
    await thread.terminate();
  }
}

if (!isMainThread) {
  const { default: binaryen } = await import("binaryen");
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(0);
  binaryen.setGenerateStackIR(true);
  binaryen.setOptimizeStackIR(true);
  // Nothing stands in the first KB of memory, the end of the stack: so an offset may become part of an access, 0.9 KB less.
  binaryen.setLowMemoryUnused(true);
  parentPort?.on("message", (path) => {
    const program = binaryen.readBinary(readFileSync(path));
    program.optimize();
    // Who made the program, and of what features, no browser reads.
    program.runPasses(["strip-producers", "strip-target-features"]);
    writeFileSync(path, program.emitBinary());
    program.dispose();
    parentPort?.postMessage(undefined);
  });
}
