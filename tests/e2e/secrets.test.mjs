// @ts-check
// What is typed may hold a password, in any of the ways in which people copy commands. It is in no address, no history, no
// storage, no title, no console and no report: not before the program is there, not after, not where it never comes.

import assert from "node:assert/strict";
import { journey, openHarness } from "./support/harness.mjs";
import { until } from "./support/view.mjs";

// A registry that is asked, by a browser that is kept from asking it.
const harness = openHarness(async (harness) => harness.hosts.push("h.invalid"));
const [name, password] = ["porter", "gangway-7"];
const both = `${name}:${password}`;

/** Credentials as people have them in front of them, most of a registry that nobody answers for. */
const texts = [
  `skopeo inspect --creds ${both} docker://h.invalid/a:x`,
  `skopeo inspect --creds=${both} docker://h.invalid/a:x`,
  `skopeo inspect --username ${name} --password ${password} docker://h.invalid/a:x`,
  `skopeo inspect --registry-token ${password} docker://h.invalid/a:x`,
  `skopeo copy --src-creds ${both} docker://h.invalid/a:x dir:b`,
  `skopeo login -u ${name} -p ${password} h.invalid`,
  `docker login -u ${name} -p ${password} h.invalid`,
  `docker login --username=${name} --password=${password} h.invalid`,
  `echo ${password} | docker login -u ${name} --password-stdin h.invalid`,
  `podman pull --creds ${both} h.invalid/a:x`,
  `oras pull -u ${name} -p ${password} h.invalid/a:x`,
  `oras cp --from-username ${name} --from-password ${password} h.invalid/a:x b`,
  `crane auth login h.invalid -u ${name} -p ${password}`,
  `regctl registry login h.invalid -u ${name} -p ${password}`,
  `curl -u ${both} https://h.invalid/v2/a/manifests/x`,
  `curl https://${both}@h.invalid/v2/a/manifests/x`,
  `https://${both}@h.invalid/a:x`,
  `${both}@h.invalid/a:x`,
];

/** Holds a request back until it is let go. */
async function heldBack(page, pattern) {
  /** @type {(value?: any) => void} */
  let letGo;
  const gate = new Promise((resolve) => (letGo = resolve));
  await page.route(pattern, async (route) => {
    await gate;
    await route.continue();
  });
  return letGo;
}

/** Nothing of the credentials is anywhere but in the box. */
async function clean(view, watch, text) {
  const places = await view.page.evaluate(() => ({
    address: location.href,
    title: document.title,
    state: String(JSON.stringify(history.state)),
    local: { ...localStorage },
    session: { ...sessionStorage },
    panel: document.getElementById("failure").textContent,
  }));
  const held = JSON.stringify({
    ...places,
    addresses: watch.addresses,
    console: watch.messages.map((message) => message.text()),
    requests: watch.requests.map((request) => request.url()),
  });
  for (const secret of [name, password]) assert.ok(!held.includes(secret), `${text}: ${held}`);
}

const options = {
  secrets: [password],
  expected: () => [/h\.invalid/, /Failed to load resource/, /ERR_FAILED/],
};

/** Waits until the page hears what is typed: its boot file is there. */
const hears = (page) =>
  until(
    () => page.evaluate(() => typeof globalThis.waybillFailed),
    (kind) => kind === "function",
    "the boot file",
  );

/** Types it as a person does, and presses Enter. */
async function enter(view, text) {
  await view.box.focus();
  await view.page.keyboard.insertText(text);
  await view.page.keyboard.press("Enter");
}

journey(
  "credentials that are typed and sent before the program is there are nowhere but in the box",
  harness,
  async (view, watch) => {
    const { page } = view;
    await page.route("**/relay/**", (route) => route.abort());
    await page.route("https://h.invalid/**", (route) => route.abort());
    for (const text of texts) {
      await page.goto("about:blank");
      const letGo = await heldBack(page, "**/*.wasm");
      await view.open();
      await hears(page);
      await enter(view, text);
      assert.equal(await page.evaluate(() => location.hash), "", text);
      await clean(view, watch, text);
      letGo();
      // The program has taken it over: it goes where it understands, or says that it does not and leaves it there.
      await page.locator("#box[aria-invalid=true], #verdict").first().waitFor();
      await clean(view, watch, text);
      if (await page.locator("#box[aria-invalid=true]").count()) {
        assert.equal(await view.box.inputValue(), text, "what was typed stays");
      } else {
        assert.match(await page.evaluate(() => location.hash), /^#\/inspect\/(http:\/\/)?h\.invalid\/a:x$/, text);
      }
      await page.unroute("**/*.wasm");
    }
    // What stays in the box is gone with it.
    await view.open();
  },
  { ...options, long: true },
);

journey(
  "nor are they where the program is there, where it never comes, or before the page hears anything",
  harness,
  async (view, watch) => {
    const { page } = view;
    await page.route("**/relay/**", (route) => route.abort());
    await page.route("https://h.invalid/**", (route) => route.abort());
    for (const text of texts) {
      await page.goto("about:blank");
      await view.ready();
      await enter(view, text);
      await page.locator("#box[aria-invalid=true], #verdict").first().waitFor();
      await clean(view, watch, text);
    }
    await page.route("**/*.wasm", (route) => route.abort());
    for (const text of texts.slice(0, 2)) {
      await page.goto("about:blank");
      await view.open();
      await hears(page);
      await enter(view, text);
      await page.locator("#failure").waitFor();
      await clean(view, watch, text);
    }
    await page.unroute("**/*.wasm");
    // The boot file itself is on its way: a form without a script would send its text as the page's query.
    await page.goto("about:blank");
    const letGo = await heldBack(page, "**/boot*.js");
    await page.goto(`${view.origin}/`, { waitUntil: "commit" });
    await view.box.waitFor();
    await enter(view, texts[0]);
    assert.equal(await page.evaluate(() => location.href), `${view.origin}/`);
    await clean(view, watch, texts[0]);
    letGo();
    await hears(page);
    await page.keyboard.press("Shift");
    await view.reading.waitFor({ state: "attached" });
    assert.equal(await view.box.inputValue(), texts[0]);
  },
  { ...options, long: true },
);
