// @ts-check
// What a test file works with: registries, the proxy in front of the built page, a browser; and a journey, which is one
// test in a browser context of its own. When a journey is over it is held to what must be true of every one: no
// message in the console, no breach of the content security policy, no request to a stranger, no secret left behind.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium as playwright } from "playwright-core";
import { View } from "./view.mjs";
import { chromium, dist, proxyProgram, start } from "./programs.mjs";

const JOURNEY_MS = 60_000;
const ACTION_MS = 15_000;

/**
 * Makes the harness of a file: `furnish` gets it and starts what the tests need with `harness.open(server)`. The page may ask
 * every `host` so opened; the proxy reaches those that are not opened with `allow: false`, writes to them with `push`, and lists
 * their repositories with `catalog`. `flags` are further ones of the proxy. `name` is another name of the page's host: under it the page has no secure context.
 *
 * @param {(harness: any) => any} furnish
 * @param {{ name?: string, push?: boolean, catalog?: boolean, flags?: string[] }} [options]
 */
export function openHarness(furnish, { name, push = false, catalog = false, flags = [] } = {}) {
  /** @type {any} */
  const harness = { servers: [], hosts: [], allowed: [] };
  harness.open = async (server, { allow = true } = {}) => {
    const started = await server;
    if (started.stop) harness.servers.push(started);
    if (started.host) harness.hosts.push(started.host);
    if (started.host && allow) harness.allowed.push(started.host);
    return started;
  };
  harness.startProxy = async (listen) => {
    const allow = harness.allowed.flatMap((host) => ["--allow", `http://${host}`]);
    const args = ["--listen", listen, "--dist", dist, ...flags, ...allow, ...(name ? ["--host", name] : [])];
    if (push) args.push("--push");
    if (catalog) args.push("--catalog");
    harness.proxy = await harness.open(start(proxyProgram, args, /Waybill is at (http:\/\/[^/]+)\//));
  };
  harness.launch = async () => {
    const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"];
    if (name) flags.push(`--host-resolver-rules=MAP ${name} 127.0.0.1`);
    harness.browser = await playwright.launch({ executablePath: chromium, args: flags });
  };
  before(async () => {
    await furnish(harness);
    await harness.startProxy("127.0.0.1:0");
    harness.origin = harness.proxy.ready[1];
    await harness.launch();
  });
  after(async () => {
    await harness.browser?.close();
    for (const server of harness.servers.reverse()) await server.stop();
  });
  return harness;
}

/** How often the proxy has relayed to a host so far; its log has a line for each request that has ended. */
export const relayed = (harness, host) => harness.proxy.lines().filter((line) => line.split(" ")[1] === host).length;

/** The addresses that were asked for from `before` on, but for what comes of the page itself. */
export const asked = (watch, before) =>
  watch.requests
    .slice(before)
    .map((request) => request.url())
    .filter((url) => !/\/[a-z_\d]+-[\da-f]{16}\.(wasm|css|html)$/.test(url));

/**
 * One journey. `expected` gives what the console may hold: regular expressions over `type: text (address)`. `violations`
 * gives the breaches of the policy that belong to the journey. `secrets` are texts that may be left nowhere. `long`
 * gives it three times as long. `kept` lets the page be kept for when there is no network, as it is after some seconds: most
 * journeys are of a first visit. The rest are options of a browser context.
 *
 * @param {string} name
 * @param {any} harness
 * @param {(view: View, watch: any, context: any) => any} body
 * @param {any} [options]
 */
export function journey(
  name,
  harness,
  body,
  { expected = () => [], violations = [], secrets = [], skip = false, long = false, kept = false, ...options } = {},
) {
  const run = async () => {
    const context = await harness.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    try {
      const watch = await watchOver(context);
      if (!kept) await context.addInitScript(() => void globalThis.addEventListener("load", (event) => event.stopImmediatePropagation()));
      const page = await context.newPage();
      page.setDefaultTimeout(ACTION_MS);
      await body(new View(page, harness.origin), watch, context);
      await audit(harness, page, watch, { expected: expected(harness), violations, secrets });
    } finally {
      await context.close().catch(() => {});
    }
  };
  test(name, { timeout: long ? 3 * JOURNEY_MS : JOURNEY_MS, skip }, async (running) => {
    try {
      await run();
    } catch (error) {
      // A browser that died under it says nothing about the page; one that dies again does.
      if (harness.browser.isConnected()) throw error;
      running.diagnostic(`the browser died and was started anew: ${error}`);
      await harness.launch();
      await run();
    }
  });
}

async function watchOver(context) {
  const watch = { requests: [], messages: [], violations: [], addresses: [] };
  await context.exposeBinding("reportViolation", (_, violation) => watch.violations.push(violation));
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      globalThis.reportViolation(`${event.violatedDirective} refuses ${event.blockedURI} ${event.sample}`);
    });
  });
  context.on("request", (request) => watch.requests.push(request));
  context.on("console", (message) => watch.messages.push(message));
  context.on("weberror", (error) => watch.violations.push(`uncaught ${error.error()}`));
  context.on("page", (page) => page.on("framenavigated", (frame) => watch.addresses.push(frame.url())));
  return watch;
}

async function audit(harness, page, watch, { expected, violations, secrets }) {
  const kept = await page.evaluate(async () => {
    // What happened on the page so far has been reported by the next frame.
    await new Promise(requestAnimationFrame);
    const { cookie, documentElement } = document;
    const state = String(JSON.stringify(history.state));
    return {
      local: { ...localStorage },
      session: { ...sessionStorage },
      cookie,
      state,
      page: documentElement.outerHTML,
    };
  });
  assert.deepEqual(
    watch.violations.filter((line) => !violations.some((one) => one.test(line))),
    [],
  );
  const spoken = watch.messages.map((message) => `${message.type()}: ${message.text()} (${message.location().url})`);
  const troubles = spoken.filter((line) => /^(error|warning|assert)/.test(line));
  assert.deepEqual(
    troubles.filter((line) => !expected.some((one) => one.test(line))),
    [],
    "the console is silent",
  );

  // What the page's own policy refused was never sent.
  const sent = watch.requests.filter((request) => request.failure()?.errorText !== "csp");
  const requests = sent.map((request) => request.url()).filter((url) => !/^(data|blob):/.test(url));
  const known = [new URL(harness.origin).host, ...harness.hosts];
  assert.deepEqual(
    requests.filter((url) => !known.includes(new URL(url).host)),
    [],
    "requests to strangers",
  );

  assert.deepEqual(
    Object.keys(kept.local).filter((key) => !["waybill.theme", "waybill.language"].includes(key)),
    [],
  );
  // The work of Compose is kept for this tab.
  const session = Object.keys(kept.session).filter((key) => key !== "waybill.compose");
  assert.deepEqual([session, kept.cookie], [[], ""]);
  const places = {
    ...kept,
    addresses: watch.addresses,
    console: spoken,
    requests,
    "the proxy's log": harness.proxy.output,
  };
  for (const secret of secrets) {
    const left = Object.entries(places)
      .filter(([, held]) => JSON.stringify(held).includes(secret))
      .map(([place]) => place);
    assert.deepEqual(left, [], `places that hold ${secret}`);
  }
}

/** Chromium's own lines about a registry that pages may not read; the page then goes through the proxy. */
export const refusedByCors = (host) => [
  new RegExp(
    `^error: Access to fetch at 'http://${host}/v2/[^']*' from origin '[^']*' has been blocked by CORS policy`,
  ),
  new RegExp(`^error: Failed to load resource: net::ERR_FAILED \\(http://${host}/v2/`),
];

/** Chromium's own line about a proxy that is gone, or went while it was asked: which word it finds depends on the moment. */
export const proxyGone =
  /^error: Failed to load resource: net::ERR_(CONNECTION_(REFUSED|RESET|CLOSED)|SOCKET_NOT_CONNECTED|EMPTY_RESPONSE) \(http:.*\/relay\//;

/** Chromium's own line about an answer with an error status; `place` is the end of its address. */
export const answeredWith = (status, place) =>
  new RegExp(`^error: Failed to load resource: the server responded with a status of ${status} .*${place}\\)$`);
