// @ts-check
// The page in a browser: its weight, and a list of 4 MiB dropped on it.

import { readFileSync } from "node:fs";
import { largeIndex } from "../tests/e2e/support/large.mjs";
import { dist } from "../tests/e2e/support/programs.mjs";
import { bytesOf, weigh } from "../scripts/bundle/size.mjs";
import { withPage } from "./browser.mjs";
import { measure, median } from "./measure.mjs";

const RUNS = 5;
const core = new URL("../target/bench/core/", import.meta.url);
const TYPES = { js: "text/javascript", wasm: "application/wasm" };

export default async function measures() {
  return [...weight(), ...(await withPage(async (open) => [...(await functions(open)), ...(await largeList(open))]))];
}

function weight() {
  const { first, program, workers } = weigh(dist);
  const all = [...first, ...program];
  // Joxit/docker-registry-ui sends 45 KB of program and 480 KB of fonts.
  const peer = { peer: "docker-registry-ui", peerFigure: 525_000 };
  return [
    measure({ name: "first page, brotli", figure: bytesOf(first), unit: "bytes", ...peer, atMost: 120_000 }),
    measure({ name: "first page", figure: first.length, unit: "requests", atMost: 6 }),
    measure({ name: "page with the program, brotli", figure: bytesOf(all), unit: "bytes", ...peer, atMost: 120_000 }),
    measure({ name: "page with the program", figure: all.length, unit: "requests", atMost: 6 }),
    measure({ name: "worker of layers, when wanted, brotli", figure: bytesOf(workers["data-worker"]), unit: "bytes", atMost: 80_000 }),
  ];
}

async function functions(open) {
  const page = await open();
  // Core's functions, as if they were the page's own.
  await page.route("**/bench/core/*", (route) => {
    const file = route.request().url().split("/").pop();
    return route.fulfill({ contentType: TYPES[file.split(".").pop()], body: readFileSync(new URL(file, core)) });
  });
  const small = largeIndex(9).subarray(0, 2_048);
  const times = await page.evaluate(timeCore, { small: [...small], large: largeIndex().toString(), runs: RUNS });
  const figures = Object.fromEntries(Object.entries(times).map(([name, each]) => [name, median(each)]));
  await page.context().close();
  const digest = "SHA-256 of 2 KiB";
  const list = "4 MiB index of 15,900 entries";
  const peer = { peer: "JSON.parse", peerFigure: figures.parse };
  return [
    measure({ name: digest, unit: "µs", figure: figures.digest, peer: "WebCrypto", peerFigure: figures.crypto, atMost: 10 }),
    measure({ name: `${list}: scan and parse`, unit: "ms", figure: figures.scan, ...peer, ratioAtMost: 1.5 }),
    measure({ name: `${list}: read, with every finding`, unit: "ms", figure: figures.read, ...peer, ratioAtMost: 3 }),
  ];
}

// Runs in the page: core's functions and the browser's own, turn by turn on the same bytes.
async function timeCore({ small, large, runs }) {
  const { default: load, Bytes } = await import(new URL("bench/core/waybill_bench.js", document.baseURI).href);
  await load();
  const twoKib = Uint8Array.from(small);
  const held = new Bytes(twoKib);
  const index = new Bytes(new TextEncoder().encode(large));
  const TURNS = 1_000;
  const times = { digest: [], crypto: [], parse: [], scan: [], read: [] };
  const timed = async (name, each, run) => {
    const begun = performance.now();
    await run();
    times[name].push(((performance.now() - begun) * (name === "digest" || name === "crypto" ? 1_000 : 1)) / each);
  };
  for (let run = 0; run < runs; run += 1) {
    await timed("digest", TURNS, () => {
      for (let turn = 0; turn < TURNS; turn += 1) held.sha256();
    });
    await timed("crypto", TURNS, async () => {
      for (let turn = 0; turn < TURNS; turn += 1) await crypto.subtle.digest("SHA-256", twoKib);
    });
    await timed("parse", 1, () => JSON.parse(large));
    await timed("scan", 1, () => index.scan());
    await timed("read", 1, () => index.read());
  }
  return times;
}

async function largeList(open) {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await largeListOnce(open));
  const figure = (name) => median(runs.map((run) => run[name]));
  const list = "4 MiB index of 15,900 entries";
  return [
    measure({ name: `${list}: drop to paint`, figure: figure("drop"), unit: "ms", atMost: 150 }),
    measure({ name: `${list}: longest task of that`, figure: figure("dropTask"), unit: "ms", atMost: 50 }),
    measure({ name: `${list}: rows in the document`, figure: figure("rows"), unit: "rows", atMost: 60 }),
    measure({ name: `${list}: a key in the box below it`, figure: figure("key"), unit: "ms", atMost: 8 }),
    measure({ name: `${list}: JSON tab to paint`, figure: figure("json"), unit: "ms", atMost: 150 }),
    measure({ name: `${list}: a key in the box, JSON below it`, figure: figure("keyJson"), unit: "ms", atMost: 8 }),
    measure({ name: `${list}, indented: JSON tab to paint`, figure: figure("lines"), unit: "ms", atMost: 150 }),
  ];
}

async function largeListOnce(open) {
  const page = await open();
  await page.keyboard.press("Shift");
  await page.locator("#read").waitFor({ state: "attached" });
  const drop = (bytes) =>
    page.evaluate((text) => {
      const bytes = new TextEncoder().encode(text);
      const shown = () => document.querySelector("#verdict")?.textContent.includes("image index");
      return bench.until(() => bench.drop(bytes, "large.json"), shown);
    }, bytes.toString());
  const jsonTab = () =>
    page.evaluate(() => {
      const tab = [...document.querySelectorAll("nav.tabs a")].find((link) => link.textContent === "JSON");
      return bench.until(
        () => tab.click(),
        () => document.querySelector("pre.code .source"),
      );
    });
  const key = async () => {
    const times = [];
    for (let time = 0; time < RUNS; time += 1) times.push(await page.evaluate(typeOne));
    return median(times);
  };
  const dropped = await drop(largeIndex());
  const rows = await page.locator("table.platforms tbody tr").count();
  const keyOnList = await key();
  const json = await jsonTab();
  const keyJson = await key();
  await page.goto(`${new URL(page.url()).origin}/#/`);
  await page.locator(".start").waitFor();
  await drop(largeIndex(9_000, 2));
  const lines = await jsonTab();
  await page.context().close();
  return {
    drop: dropped.ms,
    dropTask: dropped.longest,
    rows,
    key: keyOnList,
    json: json.ms,
    keyJson,
    lines: lines.ms,
  };
}

// Runs in the page: types one letter into the box, and waits until the line below it says what it means and is laid out.
async function typeOne() {
  const box = document.querySelector("#box");
  const read = document.querySelector("#read");
  const begun = performance.now();
  box.value += "a";
  const said = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      observer.disconnect();
      resolve();
    });
    observer.observe(read, { subtree: true, childList: true, characterData: true });
  });
  box.dispatchEvent(new InputEvent("input", { bubbles: true }));
  await said;
  document.body.getBoundingClientRect();
  return performance.now() - begun;
}
