// @ts-check
// The worker that reads layers, told what to do as the page tells it: the page's own journeys are in layers.test.mjs.

import assert from "node:assert/strict";
import { journey, openHarness } from "./support/harness.mjs";
import { gzipLayer, hugeLayer, layerServer, streamServer } from "./support/layer_server.mjs";
import { memoryOf } from "./support/memory.mjs";
import { until } from "./support/view.mjs";

const MIB = 1 << 20;
const HUGE = 2048 * MIB;
let layer;
let registry;
let huge;

const harness = openHarness(async (harness) => {
  layer = await gzipLayer(48 * MIB);
  registry = await harness.open(layerServer(layer.bytes));
  huge = await harness.open(streamServer(hugeLayer(HUGE)));
});

/**
 * Starts a worker in the page, as `src/browser/workers/thread.rs` does, where `isHashed` with a second one that hashes;
 * `page.evaluate` reaches it by these names.
 */
async function startWorker(view, isHashed = false) {
  await view.open();
  await view.page.evaluate(async (isHashed) => {
    const address = document.querySelector("meta[name=waybill]").dataset.worker;
    const policy = window["trustedTypes"].createPolicy("waybill", { createScriptURL: (text) => text });
    const create = () => new Worker(policy.createScriptURL(address), { type: "module" });
    const worker = create();
    const events = [];
    const waiting = new Set();
    worker.onmessage = ({ data: [text, beside] }) => {
      const event = JSON.parse(text);
      events.push(typeof event === "string" ? { [event]: {} } : event);
      if (beside) events.at(-1).bytes = beside.byteLength;
      waiting.forEach((look) => look());
    };
    const fail = ({ message }) => {
      events.push({ Failed: message });
      waiting.forEach((look) => look());
    };
    worker.onerror = fail;
    const tell = (texts) => worker.postMessage(texts);
    /** Waits for the next event of one of these kinds; what comes before is passed over. */
    const next = (...kinds) =>
      new Promise((resolve) => {
        const look = () => {
          while (events.length) {
            const event = events.shift();
            if (event.Failed !== undefined || kinds.some((kind) => kind in event)) {
              waiting.delete(look);
              return resolve(event);
            }
          }
        };
        waiting.add(look);
        look();
      });
    const heard = () => events.length;
    Object.assign(window, { worker, tell, next, heard });
    await next("Ready");
    if (isHashed) {
      const { port1, port2 } = new MessageChannel();
      worker.postMessage(["HashElsewhere", port1], [port1]);
      const second = create();
      second.onmessage = () => second.postMessage(["Hash", port2], [port2]);
      second.onerror = fail;
    }
  }, isHashed);
}

/** What begins a layer: its algorithm, size, listing, contents, one file, and the limits, as `message.rs` writes them. */
const start = (unpacked = 2 ** 40) => [
  ...["Start", "sha256", "", "true", "false", "", ""],
  ...[`${2 ** 40}`, `${unpacked}`, "200", `${2 ** 40}`],
];

/** Does something in the page with what `startWorker` left there. */
const there = (view, what, ...given) => view.page.evaluate(`(${what})(${given.map((it) => JSON.stringify(it)).join()})`);
const tell = (view, texts) => there(view, (texts) => globalThis.tell(texts), texts);
const next = (view, ...kinds) => there(view, (...kinds) => globalThis.next(...kinds), ...kinds);

/** Begins a layer, asks for it, and waits for the head of the answer. */
async function ask(view, host, from = 0, begun = start()) {
  if (from === 0) await tell(view, begun);
  const headers = from > 0 ? ["range", `bytes=${from}-`] : [];
  await tell(view, ["Fetch", `http://${host}/v2/app/blobs/a`, "10", "10", "1000", ...headers]);
  return next(view, "Answered", "Unanswered");
}

function assertWhole(view, event) {
  assert.ok(event.Done, JSON.stringify(event));
  const { digest, diff_id, size, unpacked_size, compression } = event.Done;
  const found = { digest, diffId: diff_id.Ok, size, unpacked: unpacked_size, compression };
  const { digest: wanted, diffId, unpacked } = layer;
  assert.deepEqual(found, { digest: wanted, diffId, size: layer.bytes.length, unpacked, compression: "Gzip" });
}

for (const isHashed of [false, true]) {
  const where = isHashed ? "the worker, with a second one that hashes" : "the worker";
  journey(`a layer is hashed and unpacked in ${where}, as tar and gzip wrote it`, harness, async (view) => {
    await startWorker(view, isHashed);
    const { Answered } = await ask(view, registry.host);
    assert.equal(Answered.status, 200);
    assert.equal(Answered.body, "");
    await tell(view, ["Read", "0"]);
    const first = await next(view, "Progress", "Done");
    assert.ok(first.Progress.received > 0 && first.Progress.received < layer.bytes.length, JSON.stringify(first));
    assertWhole(view, await next(view, "Done"));
  });
}

const refused = { expected: () => [/status of 403/] };
journey(
  "what a registry says in refusing is told, and nothing of it is hashed",
  harness,
  async (view) => {
    await startWorker(view);
    registry.plan = { status: 403 };
    const { Answered } = await ask(view, registry.host);
    assert.equal(Answered.status, 403);
    assert.match(Answered.body, /DENIED/);
    // The next request is another one's, of the same layer.
    assert.equal((await ask(view, registry.host)).Answered.status, 200);
    await tell(view, ["Read", "0"]);
    assertWhole(view, await next(view, "Done"));
  },
  refused,
);

const broken = { expected: () => [/ERR_(CONTENT_LENGTH_MISMATCH|CONNECTION_RESET|INCOMPLETE)/] };
for (const [ranges, isHashed] of [[true, false], [false, false], [true, true]]) {
  const how = ranges ? "goes on by a range" : "is gone on with by a registry that ignores ranges";
  journey(
    `a layer whose connection broke ${how}, with what was hashed${isHashed ? " by a second worker" : ""}`,
    harness,
    async (view) => {
      await startWorker(view, isHashed);
      registry.plan = { cut: 20 * MIB };
      await ask(view, registry.host);
      await tell(view, ["Read", "0"]);
      const { Broken } = await next(view, "Broken", "Done");
      assert.ok(Broken.received > 0 && Broken.received <= 20 * MIB, JSON.stringify(Broken));
      registry.plan = { ranges };
      const { Answered } = await ask(view, registry.host, Broken.received);
      assert.equal(Answered.status, ranges ? 206 : 200);
      assert.equal(registry.requests.at(-1), `bytes=${Broken.received}-`);
      await tell(view, ["Read", `${ranges ? 0 : Broken.received}`]);
      assertWhole(view, await next(view, "Done", "Broken"));
    },
    broken,
  );
}

journey(
  "of a layer that is begun anew a second worker hashes nothing that came before",
  harness,
  async (view) => {
    await startWorker(view, true);
    registry.plan = { cut: 20 * MIB };
    await ask(view, registry.host);
    await tell(view, ["Read", "0"]);
    await next(view, "Broken", "Done");
    registry.plan = {};
    // The next one needs no other worker either.
    for (let layers = 0; layers < 2; layers += 1) {
      await ask(view, registry.host);
      await tell(view, ["Read", "0"]);
      assertWhole(view, await next(view, "Done", "Broken"));
    }
  },
  broken,
);

journey("a paused layer reads nothing, and goes on with the connection that it has", harness, async (view) => {
  await startWorker(view);
  await ask(view, registry.host);
  const before = registry.requests.length;
  await tell(view, ["Pause", "20"]);
  await tell(view, ["Read", "0"]);
  // The first chunk is told at once, and this one is here already.
  await view.page.waitForTimeout(500);
  assert.equal(await there(view, () => globalThis.heard()), 0);
  await tell(view, ["GoOn"]);
  assertWhole(view, await next(view, "Done", "Broken"));
  assert.equal(registry.requests.length, before);
});

journey("a connection is given up in a long pause, and the layer goes on by a range", harness, async (view) => {
  await startWorker(view);
  registry.plan = { stall: 20 * MIB };
  await ask(view, registry.host);
  await tell(view, ["Read", "0"]);
  await next(view, "Progress");
  await tell(view, ["Pause", "1"]);
  await until(registry.alive, (alive) => alive === 0, "the end of the connection");
  await tell(view, ["GoOn"]);
  const { Broken } = await next(view, "Broken", "Done");
  await ask(view, registry.host, Broken.received);
  assert.equal(registry.requests.at(-1), `bytes=${Broken.received}-`);
  await tell(view, ["Read", "0"]);
  assertWhole(view, await next(view, "Done", "Broken"));
});

journey("what came last before a connection stands still is told, too", harness, async (view) => {
  await startWorker(view);
  registry.plan = { stall: 20 * MIB };
  await ask(view, registry.host);
  await tell(view, ["Read", "0"]);
  const received = async () => (await next(view, "Progress")).Progress.received;
  await until(received, (bytes) => bytes === 20 * MIB, "all that came");
});

journey("a worker that is ended leaves no request alive", harness, async (view) => {
  await startWorker(view);
  registry.plan = { stall: 20 * MIB };
  await ask(view, registry.host);
  await tell(view, ["Read", "0"]);
  await next(view, "Progress");
  assert.equal(registry.alive(), 1);
  const ended = await there(view, () => {
    const now = Date.now();
    globalThis.tell(["Cancel"]);
    setTimeout(() => globalThis.worker.terminate(), 50);
    return now;
  });
  await until(registry.alive, (alive) => alive === 0, "the end of the request");
  assert.ok(registry.closed() - ended < 100, `${registry.closed() - ended} ms`);
});

journey("a layer that unpacks to more than the limit waits for an answer", harness, async (view) => {
  for (const go_on of [true, false]) {
    if (go_on) await startWorker(view);
    await ask(view, registry.host, 0, start(10 * MIB));
    await tell(view, ["Read", "0"]);
    assert.deepEqual(await next(view, "Question", "Done"), { Question: "Unpacked" });
    await tell(view, ["Answer", `${go_on}`]);
    const event = await next(view, "Done", "Question");
    if (go_on) assertWhole(view, event);
    else {
      assert.equal(event.Done.digest, layer.digest);
      assert.ok(event.Done.diff_id.Err.Stopped > 10 * MIB, JSON.stringify(event.Done));
    }
  }
});

journey(
  "2 GiB of a layer take no more than 64 MiB but for garbage, and no task of the page 50 ms",
  harness,
  async (view) => {
    await startWorker(view);
    await view.page.evaluate(() => {
      globalThis.long = [];
      new PerformanceObserver((list) => globalThis.long.push(...list.getEntries().map(({ duration }) => duration)))
        .observe({ type: "longtask" });
    });
    const memory = await memoryOf(harness.browser);
    await ask(view, huge.host);
    await tell(view, ["Read", "0"]);
    const end = next(view, "Done", "Broken");
    const { median, most } = await memory.until(() => end);
    const event = await end;
    assert.ok(event.Done.diff_id.Ok, JSON.stringify(event));
    assert.ok(event.Done.size > HUGE);
    assert.equal(event.Done.digest, event.Done.diff_id.Ok);
    process.stderr.write(`2 GiB: ${(median / MIB).toFixed()} MiB, ${(most / MIB).toFixed()} at the most\n`);
    // What the browser has not collected yet is a part of it, so at times it is more: that is bounded, too.
    assert.ok(median <= 64 * MIB, `${median / MIB} MiB`);
    assert.ok(most <= 128 * MIB, `${most / MIB} MiB`);
    assert.deepEqual(await view.page.evaluate(() => globalThis.long), []);
  },
  { long: true },
);
