// @ts-check
// The program itself in trouble: it does not load, or it panics, and the page then says what to report. That it is of
// another page than its script cannot happen.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { journey, openHarness } from "./support/harness.mjs";
import { dist } from "./support/programs.mjs";
import { drawn, until } from "./support/view.mjs";

const harness = openHarness(async () => {});
const cutOff = { expected: () => [/ERR_FAILED/] };

journey(
  "a program that cannot be loaded leaves a page that says so, and loading it again goes on where it was",
  harness,
  async (view) => {
    const { page } = view;
    await page.route("**/*.wasm", (route) => route.abort());
    await view.open("#/example/image");
    await page.locator("#failure").waitFor();
    assert.equal(await page.locator("#failure h1:visible").textContent(), "Waybill could not be loaded.");
    assert.match(await page.locator("#failure-details").textContent(), /^TypeError.*\n.*Chrome\S* Safari\S*$/s);
    await page.unroute("**/*.wasm");
    await page.locator("#failure-reload").click();
    const shown = await view.settled(/^This example is an OCI image/);
    assert.equal(shown.stamp.seal, "good");
  },
  cutOff,
);

journey("what an address names comes beside the program, not behind it", harness, async (view) => {
  const { page } = view;
  const asked = page.waitForRequest(/\/compose-\w+\.wasm$/);
  // The program waits for what it would ask for itself.
  await page.route(/_bg\.wasm$/, async (route) => {
    await asked;
    await route.continue();
  });
  await view.open("#/compose");
  await page.getByLabel("Images and lists, one a line").waitFor();
});

journey("an address of another page does not show the first one before it", harness, async (view) => {
  const { page } = view;
  // Time to paint what is there already.
  await page.route(/\/boot-\w+\.js$/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.continue();
  });
  await view.open("#/example/index");
  await view.settled(/^This example is/);
  const [painted, came] = await page.evaluate(() => {
    const boot = performance.getEntriesByType("resource").find(({ name }) => name.includes("/boot-"));
    const came = boot instanceof PerformanceResourceTiming ? boot.responseEnd : NaN;
    return [performance.getEntriesByName("first-contentful-paint")[0].startTime, came];
  });
  assert.ok(painted > came, `painted after ${painted} ms, when boot.js came after ${came}`);
});

journey("the program comes behind the page that is there before it, unless that takes long", harness, async (view) => {
  const { page } = view;
  await view.open("#/compose");
  const images = page.getByLabel("Images and lists, one a line");
  await images.waitFor();
  const [came, asked] = await page.evaluate(() => {
    const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType("resource"));
    const of = (/** @type {RegExp} */ file) => entries.find(({ name }) => file.test(name));
    return [of(/\/pages-\w+\.html$/)?.responseEnd ?? NaN, of(/_bg\.wasm$/)?.startTime ?? NaN];
  });
  assert.ok(came < asked, `the page came after ${came} ms, the program was asked for after ${asked}`);
  // One that does not come until the program is asked for.
  const program = page.waitForRequest(/_bg\.wasm$/);
  await page.route(/\/pages-\w+\.html$/, async (route) => {
    await program;
    await route.continue();
  });
  await page.reload();
  await images.waitFor();
});

/** Has the program wait until somebody wants it. */
async function hold(page) {
  let release = () => {};
  const wanted = new Promise((resolve) => (release = () => resolve(undefined)));
  await page.route(/_bg\.wasm$/, async (route) => {
    await wanted;
    await route.continue();
  });
  return release;
}

/** Where everything is that has words of its own. */
const places = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("#page :is(h1, h2, p, label, button, textarea, input, a)")].flatMap((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      // Dialogs that are closed have no place.
      return width ? `${element.textContent}: ${[x, y, width, height].map(Math.round)}` : [];
    }),
  );

for (const [name, { locale, heading }] of Object.entries({
  verify: { locale: "en-US", heading: "Is this the content it claims to be?" },
  compose: { locale: "en-US", heading: "Compose a list" },
  copy: { locale: "zh-CN", heading: "复制镜像" },
  diff: { locale: "zh-CN", heading: "有什么变化？" },
})) {
  for (const viewport of [{ width: 1280, height: 900 }, { width: 412, height: 823 }]) {
    journey(
      `#/${name} is there before the program and stays as it is, ${viewport.width} pixels wide, ${locale}`,
      harness,
      async (view) => {
        const { page } = view;
        const release = await hold(page);
        await page.goto(`${view.origin}/#/${name}`);
        await page.locator("main[inert] h1", { hasText: heading }).waitFor();
        const before = await places(page);
        // What cannot be heard yet cannot be used.
        await page.keyboard.press("Tab");
        assert.equal(await page.evaluate(() => document.activeElement?.closest("main")), null);
        release();
        await drawn(page, `#/${name}`);
        await page.getByRole("heading", { level: 1, name: heading }).waitFor();
        await page.locator("progress").waitFor({ state: "detached" });
        assert.deepEqual(await places(page), before);
        assert.equal(await page.locator("[inert]").count(), 0);
      },
      { locale, viewport },
    );
  }
}

journey("a page that was there before the program gives way where its part does not come", harness, async (view) => {
  const { page } = view;
  await page.route(/\/compose-\w+\.wasm$/, (route) => route.abort());
  await view.open("#/compose");
  await page.getByRole("heading", { level: 1, name: "Compose could not be loaded" }).waitFor();
  await page.unroute(/\/compose-\w+\.wasm$/);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByLabel("Images and lists, one a line").fill("nginx:1.27");
}, { expected: () => [/ERR_FAILED/, /TypeError: Failed to fetch/] });

journey("a composition that was kept is not covered by an empty one", harness, async (view) => {
  const { page } = view;
  await view.open("#/compose");
  await page.getByRole("button", { name: "An example that needs no network" }).click();
  await page.getByRole("heading", { level: 1, name: "An OCI image index of" }).waitFor();
  await until(() => page.evaluate(() => sessionStorage.length), (kept) => kept === 1, "the work that the tab keeps");
  const release = await hold(page);
  // As a link from outside, which has no history.
  await page.goto("about:blank");
  const pages = page.waitForResponse(/\/pages-\w+\.html$/);
  await page.goto(`${view.origin}/#/compose`);
  await (await pages).finished();
  await frames(page, 10);
  assert.equal(await page.getByText("Compose a list").count(), 0);
  release();
  await page.getByRole("heading", { level: 1, name: "An OCI image index of" }).waitFor();
});

journey("the first page in Chinese needs no program, and what is typed into it stays", harness, async (view, watch) => {
  const { page } = view;
  await view.open();
  await page.getByRole("heading", { level: 1, name: "这个镜像里有什么？它真的是它自称的内容吗？" }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "zh-Hans");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "box");
  assert.deepEqual(watch.requests.filter((request) => request.url().endsWith(".wasm")), []);
  await page.keyboard.type("registry.example/Team/app");
  await page.getByText("大写").first().waitFor();
  assert.equal(await page.locator("#box").inputValue(), "registry.example/Team/app");
}, { locale: "zh-CN" });

journey("no key is lost while the program takes the page over, however long its machine takes to draw", harness, async (view) => {
  const { page } = view;
  // Past 16 ms yew lets the browser go on before it tells that it has drawn: here always, and for long.
  await page.addInitScript(() => {
    const { setTimeout } = window;
    const { now } = Date;
    let passed = 0;
    Date.now = () => now() + (passed += 20);
    window.setTimeout = /** @type {any} */ (
      (hear, milliseconds = 0, ...values) => setTimeout(hear, milliseconds + 300, ...values)
    );
  });
  await view.open();
  let typed = "";
  for (let left = 20; left > 0; left -= await view.reading.count()) {
    const key = String(typed.length % 10);
    await page.keyboard.type(key);
    typed += key;
  }
  await until(() => view.box.inputValue(), (value) => value === typed, "every key");
  await page.keyboard.press("Enter");
});

journey("a program that cannot be loaded says so in Chinese, too", harness, async (view) => {
  const { page } = view;
  await page.route("**/*_bg.wasm", (route) => route.abort());
  const pages = page.waitForResponse(/\/chinese-pages-\w+\.html$/);
  await view.open();
  await (await pages).finished();
  await page.getByRole("heading", { level: 1, name: "这个镜像" }).waitFor();
  await page.keyboard.press("Shift");
  await page.getByRole("heading", { level: 1, name: "Waybill 未能加载。" }).waitFor();
  await page.getByRole("button", { name: "重新加载页面" }).waitFor();
}, { ...cutOff, locale: "zh-CN" });

const DIGEST = `sha256:${"0a".repeat(32)}`;
const PULL = "&scope=repository:";
for (const [reference, address] of [
  ["nginx:1.27", `/token/https/auth.docker.io/token?service=registry.docker.io${PULL}library/nginx:pull`],
  ["docker.io/grafana/grafana?tab=json", `/token/https/auth.docker.io/token?service=registry.docker.io${PULL}grafana/grafana:pull`],
  ["ghcr.io/a/b:1", `/token/https/ghcr.io/token?service=ghcr.io${PULL}a/b:pull`],
  ["public.ecr.aws/a/b:1", `/token/https/public.ecr.aws/token/?service=public.ecr.aws${PULL}a/b:pull`],
  ["quay.io/a/b:1", `/token/https/quay.io/v2/auth?service=quay.io${PULL}a/b:pull`],
  ["registry.gitlab.com/a/b/c", `/token/https/gitlab.com/jwt/auth?service=container_registry${PULL}a/b/c:pull`],
  ["registry.example/app", "/relay/https/registry.example/v2/app/manifests/latest"],
  [`registry.example:5000/team/app@${DIGEST}?at=${DIGEST}`, `/relay/https/registry.example:5000/v2/team/app/manifests/${DIGEST}`],
  ["localhost:5000/app:1.0_a", "/relay/http/localhost:5000/v2/app/manifests/1.0_a"],
]) {
  journey(`the first request for ${reference} goes out beside the program, and once`, harness, async (view) => {
    const { page } = view;
    const addresses = [];
    await page.route(/\/(relay|token)\/https?\//, (route) => {
      const { pathname, search } = new URL(route.request().url());
      addresses.push(pathname + search);
      const status = pathname.startsWith("/token/") ? {} : { "waybill-status": "404" };
      return route.fulfill({ json: { token: "t" }, headers: { "waybill-relay": "relayed", ...status } });
    });
    const asked = page.waitForRequest(/\/(relay|token)\/https?\//);
    await page.route(/_bg\.wasm$/, async (route) => {
      await asked;
      await route.continue();
    });
    await view.open(`#/inspect/${reference}`);
    await view.settled(/no such manifest/);
    assert.equal(addresses[0], address);
    assert.equal(new Set(addresses).size, addresses.length, addresses.join("\n"));
  });
}

journey("what an address names that the program asks for elsewhere is not asked for early", harness, async (view) => {
  const { page } = view;
  const asked = [];
  await page.route(/\/(relay|token)\/https?\//, (route) => {
    asked.push(route.request().url());
    return route.abort();
  });
  const program = page.waitForRequest(/_bg\.wasm$/);
  await page.route(/_bg\.wasm$/, () => {});
  for (const reference of ["localhost/app", "http://registry.example/app", "index.docker.io/library/nginx", "registry.example:443/app", "Nginx", "", "someone:secret@registry.example/app"]) {
    await page.goto("about:blank");
    await view.open(`#/inspect/${reference}`);
    await program;
    await page.waitForFunction(() => "waybillFirstAnswer" in globalThis);
  }
  await page.unroute(/_bg\.wasm$/);
  assert.deepEqual(asked, []);
});

// So many frames would do for the program to take the page over.
const frames = (page, count) =>
  page.evaluate(
    (left) =>
      new Promise((resolve) => {
        const next = () => (left-- ? requestAnimationFrame(next) : resolve(undefined));
        next();
      }),
    count,
  );

journey("a press that lasts longer than the program takes to come is still a click", harness, async (view) => {
  const { page } = view;
  await view.open();
  const button = await page.getByRole("button", { name: "Settings" }).boundingBox();
  const program = page.waitForResponse(/_bg\.wasm$/);
  await page.mouse.move(button.x + 5, button.y + 5);
  await page.mouse.down();
  await (await program).finished();
  await frames(page, 60);
  await page.mouse.up();
  await page.getByRole("dialog", { name: "Settings" }).waitFor();
});

journey("a press that begins while the program is compiled is still a click", harness, async (view) => {
  const { page } = view;
  await view.open();
  const button = await page.getByRole("button", { name: "Settings" }).boundingBox();
  await page.evaluate(() => {
    const { compileStreaming } = WebAssembly;
    WebAssembly.compileStreaming = async (response) => {
      // The parts that follow come as they do.
      WebAssembly.compileStreaming = compileStreaming;
      const module = await compileStreaming(await response);
      document.documentElement.dataset.compiled = "";
      await new Promise((resolve) => addEventListener("pointerdown", resolve, { once: true }));
      return module;
    };
  });
  await page.mouse.move(button.x + 5, button.y + 5);
  await page.locator("html[data-compiled]").waitFor();
  await page.mouse.down();
  await frames(page, 60);
  await page.mouse.up();
  await page.getByRole("dialog", { name: "Settings" }).waitFor();
});

journey("a press right behind another one does not keep the program from coming", harness, async (view) => {
  const { page } = view;
  let release = () => {};
  const held = new Promise((resolve) => (release = () => resolve(undefined)));
  await page.route(/_bg\.wasm$/, async (route) => {
    await held;
    await route.continue();
  });
  await view.open();
  const button = await page.getByRole("button", { name: "Settings" }).boundingBox();
  await page.mouse.move(button.x + 5, button.y + 5);
  await page.mouse.down();
  await page.mouse.up();
  await page.mouse.down();
  const program = page.waitForResponse(/_bg\.wasm$/);
  release();
  await (await program).finished();
  await frames(page, 60);
  await page.mouse.up();
  await page.getByRole("dialog", { name: "Settings" }).waitFor();
});

journey("who is in the box stays there when the program comes, also before the first letter", harness, async (view) => {
  const { page } = view;
  await view.open();
  const program = page.waitForResponse(/_bg\.wasm$/);
  await page.getByRole("heading", { level: 1 }).hover();
  await (await program).finished();
  await frames(page, 60);
  await page.keyboard.type("镜像 nginx");
  assert.equal(await page.locator("#box").inputValue(), "镜像 nginx");
});

// No input is known that makes the program panic, so the browser lies to it: in a way that it takes for impossible, and
// that only a script in the page can bring about.
const lengthOf4GiB = () => {
  const bytes = new Uint8Array(1);
  return Object.defineProperty(bytes, "length", { value: 0xffffffff });
};
const panics = [
  {
    where: "in drawing",
    how: () => {
      document.createElement = document.createElementNS = () => {
        throw new Error("no element is made any more");
      };
      location.hash = "#/example/index";
    },
    said: /^panicked at \S+\.rs:\d+:\d+:\n.*element/,
  },
  {
    where: "in an event's callback",
    how: `(${(bytes) => {
      const state = ["key", "", true, "a name", bytes(), true];
      Object.defineProperty(History.prototype, "state", { get: () => state });
      setTimeout(() => dispatchEvent(new PopStateEvent("popstate")));
    }})(${lengthOf4GiB})`,
    said: /^panicked at \S+\.rs:\d+:\d+:\ncapacity overflow/,
  },
  {
    where: "in a future",
    how: `(${(bytes) => {
      const value = Object.assign(bytes(), { subarray: bytes });
      ReadableStreamDefaultReader.prototype.read = async () => ({ done: false, value });
      ReadableStreamDefaultReader.prototype.cancel = async () => {};
      location.hash = `#/inspect/${location.host}/a:1`;
    }})(${lengthOf4GiB})`,
    said: /^panicked at \S+\.rs:\d+:\d+:\ncapacity overflow/,
  },
];

for (const { where, how, said } of panics) {
  journey(
    `a panic ${where} leaves a page with what to report, and loading it again finds the work of Compose`,
    harness,
    async (view) => {
      const { page } = view;
      await view.open("#/compose");
      await page.getByRole("button", { name: "An example that needs no network" }).click();
      await page.getByRole("heading", { level: 1, name: "An OCI image index of" }).waitFor();
      const digest = page.locator(".ledger [data-copy]");
      const before = await digest.getAttribute("data-copy");
      await until(
        () => page.evaluate(() => sessionStorage.length),
        (kept) => kept === 1,
        "the work that the tab keeps",
      );
      // A dialog that is open must not keep the panel from being used.
      await page.getByRole("button", { name: "Settings", exact: true }).first().click();
      await page.locator("#settings[open]").waitFor();
      await page.evaluate(how);
      await page.locator("#failure").waitFor();
      assert.equal(await page.locator("#failure h1:visible").textContent(), "Waybill has a fault and stopped.");
      const details = await page.locator("#failure-details").textContent();
      assert.match(details, said);
      assert.match(details, /\n[^\n]*Chrome[^\n]*$/);
      assert.doesNotMatch(details, /#\/|compose|inspect/);
      assert.equal(await page.locator("#page").isVisible(), false);
      assert.equal(await page.evaluate(() => document.activeElement.id), "failure-reload");
      // The panic goes on as a trap, and whatever the program is told then ends in another: the first words stand.
      await page.keyboard.press("Shift");
      await page.evaluate(() => dispatchEvent(new PopStateEvent("popstate")));
      assert.equal(await page.locator("#failure-details").textContent(), details);

      await page.locator("#failure-reload").click();
      await page.evaluate(() => (location.hash = "#/compose"));
      await page.getByRole("heading", { level: 1, name: "An OCI image index of" }).waitFor();
      assert.equal(await digest.getAttribute("data-copy"), before);
    },
    { violations: [/^uncaught (Runtime|Type|Range)?Error/], expected: () => [/^error: .*status of 404/] },
  );
}

journey(
  "a program that stops without a word, as where no memory is left, leaves the same page",
  harness,
  async (view) => {
    const { page } = view;
    await page.addInitScript(() => {
      const { Instance } = WebAssembly;
      WebAssembly.Instance = class extends Instance {
        constructor(module, imports) {
          super(module, imports);
          globalThis.kept = this.exports;
        }
      };
    });
    await view.open("#/example/image");
    await view.settled(/^This example is an OCI image/);
    await page.evaluate(() => {
      // Its own function to free memory, called with what is none.
      const free = Object.entries(globalThis.kept).find(([name]) => /free/.test(name))[1];
      setTimeout(() => free(0xfffffff0, 0xfffffff0, 4));
    });
    await page.locator("#failure").waitFor();
    assert.match(await page.locator("#failure-details").textContent(), /^RuntimeError: /);
    await page.locator("#failure-reload").click();
    await view.settled(/^This example is an OCI image/);
  },
  { violations: [/^uncaught RuntimeError/] },
);

for (const [address, name, title] of [
  ["#/verify", "Verify", /^Is this the content it claims to be/],
  ["#/compose", "Compose", /^Compose/],
  ["#/example/image", "The example", /^This example is an OCI image/],
]) {
  journey(
    `${name}, whose part of the program does not come, says so and comes when it is tried again`,
    harness,
    async (view, watch) => {
      const { page } = view;
      await view.open("#/nothing");
      await page.getByRole("heading", { name: "There is no such page" }).waitFor();
      const programs = watch.requests.map((request) => request.url()).filter((url) => url.endsWith(".wasm"));
      assert.equal(programs.length, 1, `an address loads no part that it does not need: ${programs}`);
      await page.route("**/*.wasm", (route) => route.abort());
      await page.evaluate((hash) => (location.hash = hash), address);
      await page.getByRole("heading", { name: `${name} could not be loaded` }).waitFor();
      assert.match(await page.getByRole("alert").textContent(), /^The network or the server failed, or Waybill was/);
      await page.unroute("**/*.wasm");
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByRole("heading", { name: title }).waitFor();
      await page.getByRole("button", { name: "Try again" }).waitFor({ state: "detached" });
    },
    { expected: () => [/ERR_FAILED/, /TypeError: Failed to fetch/] },
  );
}

journey(
  "what is dropped while Verify does not come is said not to be opened, and is when it is dropped again",
  harness,
  async (view) => {
    const { page } = view;
    await view.open("#/example/image");
    await view.settled(/^This example is an OCI image/);
    await page.route("**/*.wasm", (route) => route.abort());
    await view.drop("one.json", Buffer.from("{}"));
    await page.getByRole("status").filter({ hasText: "Verify could not be loaded, so nothing was opened" }).waitFor();
    await page.unroute("**/*.wasm");
    await view.drop("one.json", Buffer.from("{}"));
    await view.settled(/^one\.json is /);
  },
  { expected: () => [/ERR_FAILED/, /TypeError: Failed to fetch/] },
);

journey(
  "a file of manifest-tool, where what reads YAML does not come, is said not to be taken, and is when it is given again",
  harness,
  async (view) => {
    const { page } = view;
    await view.open("#/compose");
    await page.getByLabel("Images and lists, one a line").waitFor();
    const drop = () => view.drop("list.yaml", Buffer.from("image: a/b:1\nmanifests: 3\n"));
    await page.route("**/*.wasm", (route) => route.abort());
    await drop();
    await page.getByText("what reads YAML could not be loaded: the network").waitFor();
    await page.unroute("**/*.wasm");
    await drop();
    await page.getByText("manifests has to be an array").waitFor();
  },
  { expected: () => [/ERR_FAILED/, /TypeError: Failed to fetch/] },
);

journey(
  "an image of schema 1, where what reads it does not come, says so, and is read when it is fetched again",
  harness,
  async (view) => {
    const { page } = view;
    // Before anything is open: it comes quietly behind the examples.
    await page.route(/\/schema-[^/]*\.wasm$/, (route) => route.abort());
    await view.open("#/example/image");
    await view.settled(/^This example is an OCI image/);
    await page.evaluate(() => (location.hash = "#/example/schema1"));
    await page.getByText("What reads Docker schema 1 could not be loaded: the network").first().waitFor();
    await page.unroute(/\/schema-[^/]*\.wasm$/);
    await page.getByRole("button", { name: "Fetch again" }).click();
    await view.settled(/is a signed Docker schema 1 image/);
  },
  { expected: () => [/ERR_FAILED/, /TypeError: Failed to fetch/] },
);

journey(
  "a tab, where what draws it does not come, says so, and is drawn when it is tried again",
  harness,
  async (view) => {
    const { page } = view;
    await page.route(/\/tabs-[^/]*\.wasm$/, (route) => route.abort());
    await view.open("#/example/image");
    await view.settled(/^This example is an OCI image/);
    await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "JSON" }).click();
    await page.getByText("What draws the tabs could not be loaded: the network").waitFor();
    await page.unroute(/\/tabs-[^/]*\.wasm$/);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("schemaVersion").waitFor();
  },
  { expected: () => [/ERR_FAILED/, /TypeError: Failed to fetch/] },
);

journey(
  "findings, where what draws them does not come, say so, and are drawn when it is tried again",
  harness,
  async (view) => {
    const { page } = view;
    await page.route(/\/tabs-[^/]*\.wasm$/, (route) => route.abort());
    await view.open("#/example/lying");
    await page.getByText("What draws the findings could not be loaded: the network").waitFor();
    await page.unroute(/\/tabs-[^/]*\.wasm$/);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("list", { name: "Findings" }).getByText("The size is not the listed one").waitFor();
  },
  { expected: () => [/ERR_FAILED/, /TypeError: Failed to fetch/] },
);

journey(
  "a dialog, where what draws it does not come, says so, and opens the next time",
  harness,
  async (view) => {
    const { page } = view;
    await page.route(/\/dialogs-[^/]*\.wasm$/, (route) => route.abort());
    await view.open("#/example/image");
    await view.settled(/^This example is an OCI image/);
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByText("The dialog could not be loaded: try again").waitFor();
    await page.unroute(/\/dialogs-[^/]*\.wasm$/);
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("dialog", { name: "Settings" }).waitFor();
  },
  { expected: () => [/ERR_FAILED/, /TypeError: Failed to fetch/] },
);

journey(
  "content that differs, where what finds out why does not come, says so, and tells why when it is tried again",
  harness,
  async (view) => {
    const { page } = view;
    await page.route(/\/causes-[^/]*\.wasm$/, (route) => route.abort());
    await view.open("#/verify");
    const digest = createHash("sha256").update("{}").digest("hex");
    await page.getByLabel("Expected digest").fill(`sha256:${digest}`);
    await view.drop("one.json", Buffer.from("{}\n"));
    await page.getByText("What finds out why it differs could not be loaded: the network").waitFor();
    await page.unroute(/\/causes-[^/]*\.wasm$/);
    await page.getByRole("button", { name: "Try again" }).click();
    await view.settled(/^one\.json is not what you expected: /);
  },
  { expected: () => [/ERR_FAILED/, /TypeError: Failed to fetch/] },
);

test("script, program and parts are named by what they hold, so no browser keeps one that fits another page", () => {
  const page = readFileSync(path.join(dist, "index.html"), "utf8");
  const named = [...page.matchAll(/\bdata-(?:script|program)="\.\/(waybill-([\da-f]+)(?:\.js|_bg\.wasm))"/g)];
  assert.equal(named.length, 2);
  const script = readFileSync(path.join(dist, named.find(([, file]) => file.endsWith(".js"))[1]), "utf8");
  const parts = [...script.matchAll(/\b(\w+-([\da-f]{16}))\b/g)].map(([, stem, hash]) => [stem, `${stem}.wasm`, hash]);
  for (const part of ["verify", "compose", "yaml", "schema", "tabs", "causes"]) assert.ok(parts.some(([, file]) => file.startsWith(`${part}-`)), part);
  for (const [, file, hash] of [...named, ...parts]) {
    const digest = createHash("sha256").update(readFileSync(path.join(dist, file))).digest("hex");
    assert.equal(hash, digest.slice(0, 16), file);
  }
});
