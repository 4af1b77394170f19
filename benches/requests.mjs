// @ts-check
// What one inspection asks of a registry, and how long it takes where every answer takes 50 ms: the page through its
// proxy beside skopeo, crane and regctl, in turns. `docker buildx imagetools`, which asks for all, cannot be had here.

import { setTimeout as sleep } from "node:timers/promises";
import { find, releasedProxy, run } from "../tests/e2e/support/programs.mjs";
import { View } from "../tests/e2e/support/view.mjs";
import { withPage } from "./browser.mjs";
import { measure, spread } from "./measure.mjs";
import { depthOf, slowRegistry } from "./slow_registry.mjs";

const ROUNDS = 5;
const WAIT_MS = 50;
const PLATFORM = "linux/amd64";
/** So long after the last seal all has come that still comes. */
const QUIET_MS = 4 * WAIT_MS;

/** The tools, each asked for one image of an index. */
const PEERS = {
  skopeo: (reference) => [
    ...["inspect", "--tls-verify=false", "--no-creds", "--override-os=linux", "--override-arch=amd64"],
    `docker://${reference}`,
  ],
  crane: (reference) => ["config", "--insecure", `--platform=${PLATFORM}`, reference],
  regctl: (reference) => [
    ...["image", "inspect", `--platform=${PLATFORM}`, `--host=reg=${reference.split("/")[0]},tls=disabled`],
    reference,
  ],
};

export default async function measures() {
  const registry = await slowRegistry({ token: true, waitMs: WAIT_MS });
  const anonymous = await slowRegistry({ token: false, waitMs: WAIT_MS });
  try {
    return await withPage(
      async (open) => {
        const rounds = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          // In turns, so that what else the machine does falls on all of them.
          const taken = await byWaybill(open, registry, `bench/waybill-${round}`);
          for (const name of Object.keys(PEERS)) taken[name] = await byPeer(registry, name, `bench/${name}-${round}`);
          rounds.push(taken);
        }
        return listed(rounds, await preflightsDirectly(open, anonymous));
      },
      { program: releasedProxy, allow: [registry.host, anonymous.host] },
    );
  } finally {
    await registry.stop();
    await anonymous.stop();
  }
}

/** The list of measures, of what each round took. */
function listed(rounds, preflights) {
  const of = (what, which) => spread(rounds.map((round) => round[what][which]));
  const beside = (peer, which) => {
    const { figure: peerFigure, range: peerRange } = of(peer, which);
    return { peer, peerFigure, peerRange };
  };
  const requests = (name, what, aim) => measure({ name, ...of(what, "requests"), unit: "requests", ...aim });
  const depth = (name, what, aim) =>
    measure({ name: `${name}, one behind the other`, ...of(what, "depth"), unit: "requests", ...aim });
  const time = (name, what, aim) =>
    measure({ name, ...of(what, "ms"), unit: "ms", ...beside("skopeo", "ms"), ...aim });
  const sum = (which, what) =>
    rounds.flatMap((round) => what.map((name) => round[name][which])).reduce((sum, count) => sum + count, 0);
  const known = ["one, realm known", "one, token kept", "all, realm known", "all, token kept"];
  const ours = ["one", "all", ...known];
  const one = "one image of 8";
  const all = "all 8 images";
  return [
    ...Object.keys(PEERS).flatMap((peer) => [
      requests(one, "one", { ...beside(peer, "requests"), atMost: 5 }),
      depth(one, "one", { ...beside(peer, "depth"), atMost: 4 }),
    ]),
    depth(`${one}, realm known`, "one, realm known", { atMost: 4 }),
    depth(`${one}, token kept`, "one, token kept", { atMost: 3 }),
    measure({ name: "pings", figure: sum("pings", ours), unit: "requests", atMost: 0 }),
    measure({ name: "refused, realm known", figure: sum("refused", known), unit: "requests", atMost: 0 }),
    requests(all, "all", { atMost: 19 }),
    depth(all, "all", { atMost: 4 }),
    depth(`${all}, realm known`, "all, realm known", { atMost: 4 }),
    time(`${all}, Enter to last seal`, "all", { ratioAtMost: 1 }),
    time(`${one}, its address to last seal`, "one", { ratioAtMost: 0.7 }),
    measure({ name: "preflights through the proxy", figure: sum("preflights", ours), unit: "requests", atMost: 0 }),
    measure({ name: "preflights directly, anonymous", figure: preflights, unit: "requests", atMost: 0 }),
  ];
}

/** What one of the tools asks for one image. */
async function byPeer(registry, name, repository) {
  registry.put(repository, "1");
  const program = find(name);
  if (!program) throw new Error(`${name} is missing`);
  const begun = performance.now();
  await run(program, PEERS[name](`${registry.host}/${repository}:1`));
  return asked(registry, performance.now() - begun);
}

/**
 * What the page asks for all images of an index, and for the one that an address names: when it knows nothing of the
 * registry, when it knows it from another repository, and when it has a token for this one.
 */
async function byWaybill(open, registry, repository) {
  const taken = {};
  for (const [what, ask] of Object.entries({ all: askAll, one: askOne })) {
    const page = await opened(open);
    for (const [state, name, tag] of [
      ["", `${repository}-${what}`, "1"],
      [", realm known", `${repository}-${what}-other`, "1"],
      [", token kept", `${repository}-${what}-other`, "2"],
    ]) {
      const digest = registry.put(name, tag);
      const ms = await ask(page, `${registry.host}/${name}:${tag}`, digest);
      taken[`${what}${state}`] = await asked(registry, ms);
    }
    await page.context().close();
  }
  return taken;
}

/** How many preflights a registry gets that everybody may read, when the page asks it past the proxy. */
async function preflightsDirectly(open, registry) {
  const page = await opened(open);
  await new View(page, "").onlyDirectly(registry.host);
  registry.put("bench/direct", "1");
  await askAll(page, `${registry.host}/bench/direct:1`);
  const taken = await asked(registry, 0);
  if (taken.requests - taken.preflights !== 17) throw new Error(`${taken.requests} requests, directly`);
  await page.context().close();
  return taken.preflights;
}

/** What a registry was asked since the last time, once nothing more comes. */
async function asked(registry, ms) {
  await sleep(QUIET_MS);
  const list = registry.asked();
  const count = (holds) => list.filter(holds).length;
  return {
    ms,
    requests: list.length,
    depth: depthOf(list),
    pings: count(({ path }) => path === "/v2/"),
    refused: count(({ status }) => status === 401),
    preflights: count(({ method }) => method === "OPTIONS"),
  };
}

/** The first page, once the program and what comes behind it are there: the first key has them loaded. */
async function opened(open) {
  const page = await open();
  await page.keyboard.press("Shift");
  await page.locator("#read").waitFor({ state: "attached" });
  await page.waitForLoadState("networkidle");
  return page;
}

/** Types a reference, and waits from Enter to the last of its seals: how long that took. */
async function askAll(page, reference) {
  await page.locator("#box").fill(reference);
  const { ms } = await page.evaluate((reference) => {
    const form = document.querySelector("form");
    const rows = () => [...document.querySelectorAll("table.platforms tbody tr")];
    const sealed = (row) => row.querySelector(".verdict-word.good") && /\d{4}-\d\d-\d\d/.test(row.textContent);
    return globalThis.bench.until(
      () => form.requestSubmit(),
      () =>
        document.querySelector("#verdict")?.textContent.includes(reference) &&
        !document.querySelector("main .working, main .progress") &&
        rows().length === 8 &&
        rows().every(sealed),
    );
  }, reference);
  return ms;
}

/** Goes to the address of an image in an index, and waits for the last of its seals: how long that took. */
async function askOne(page, reference, digest) {
  const { ms } = await page.evaluate(
    ({ reference, digest }) =>
      globalThis.bench.until(
        () => (location.hash = `#/inspect/${reference}?at=${digest}`),
        () =>
          document.querySelector("#verdict")?.textContent.includes(reference) &&
          !document.querySelector("main .working, main .progress") &&
          [...document.querySelectorAll(".stop .stop-name .seal.good")].length >= 3,
      ),
    { reference, digest },
  );
  return ms;
}
