// @ts-check
// Tags: the list of a repository with every registry's ways, by mouse and by keyboard, and what it asks for.

import assert from "node:assert/strict";
import { journey, openHarness } from "./support/harness.mjs";
import { accessibilityViolations, viewports, withAxe } from "./support/accessibility.mjs";
import { layer, putImage } from "./support/images.mjs";
import { craneRegistry, dockerRegistry } from "./support/registries.mjs";
import { byLinks, tagRegistry } from "./support/tag_registries.mjs";
import { until } from "./support/view.mjs";

const numbered = (many) => Array.from({ length: many }, (_, number) => `1.${number}`);
const machine = (letter, suffix = ".sig") => `sha256-${letter.repeat(64)}${suffix}`;
const SMALL = ["1.9", "latest", "1.27.3-alpine", "1.27.3", "1.27", "edge", "1.28-rc1", "4f1c0de", machine("a"), machine("b"), machine("c", "")];
const HUGE = Array.from({ length: 100_000 }, (_, number) =>
  number % 2 ? `v${Math.floor(number / 1000)}.${Math.floor(number / 10) % 100}.${number % 10}` : `nightly-${20_000_000 + number}`,
);

const harness = openHarness(async (harness) => {
  harness.scripted = await harness.open(
    tagRegistry({
      "team/small": SMALL,
      "team/many": numbered(120),
      "team/huge": HUGE,
      "team/linked": byLinks(numbered(269), 100),
      "team/nexus": byLinks(numbered(150), 100, "/repository/x"),
      "team/stranger": (_, response) =>
        response
          .writeHead(200, {
            "access-control-allow-origin": "*",
            "access-control-expose-headers": "link",
            link: '<https://evil.example/v2/x/tags/list?last=1>; rel="next"',
          })
          .end('{"tags":["1","2"]}'),
      "team/null": (_, response) => response.writeHead(200, { "access-control-allow-origin": "*" }).end('{"tags":null}'),
      "team/html": (_, response) => response.writeHead(200, { "access-control-allow-origin": "*" }).end("<!doctype html><p>Sign in"),
      "team/hostile": (_, response) =>
        response
          .writeHead(200, { "access-control-allow-origin": "*" })
          .end(JSON.stringify({ tags: ["1", "<img src=x onerror=alert(1)>", "\u202e1", "x".repeat(2_000_000), "../x", "1"] })),
    }),
  );
  // The proxy reaches neither of these, so the page asks them itself.
  harness.hidden = await harness.open(tagRegistry({ "team/small": SMALL }, { cors: "hidden" }), { allow: false });
  harness.zot = await harness.open(tagRegistry({ "team/small": SMALL }, { cors: "hidden", search: true }), { allow: false });
  harness.closed = await harness.open(tagRegistry({ "team/many": numbered(1000) }, { cors: false }));
  harness.slow = await harness.open(tagRegistry({ "team/many": numbered(120) }, { slow: 300 }));
  harness.counted = await harness.open(tagRegistry({ "team/many": numbered(120) }, { slow: 20 }));
  harness.docker = await harness.open(dockerRegistry({ cors: true }));
  harness.crane = await harness.open(craneRegistry());
  const [base, one, other] = ["base", "one", "other"].map((name) => layer(name, 500));
  await putImage(harness.docker, "app", "1.0.0", [base, one], { architecture: "amd64" });
  await putImage(harness.docker, "app", "1.1.0", [base, other], { architecture: "amd64" });
}, { catalog: true });

/** What stands on the page of tags. */
const listed = (view) =>
  view.page.evaluate(() => {
    const text = (element) => element?.textContent?.trim() ?? "";
    const rows = [...document.querySelectorAll("main table tbody tr")];
    return {
      title: text(document.querySelector("#verdict")),
      status: text(document.querySelector(".verdict p")),
      names: rows.map((row) => text(row.querySelector("a, [aria-expanded]"))),
      digests: rows.map((row) => /** @type {any} */ (row.querySelector("[data-copy]"))?.dataset.copy),
      working: document.querySelector(".progress") !== null,
      text: text(document.querySelector("main")),
    };
  });

const settled = (view, title) =>
  until(
    () => listed(view),
    (shown) => title.test(shown.title) && !shown.working,
    `the list ${title}`,
  );

const open = async (view, registry, repository, title) => {
  registry.asked();
  await view.open(`#/tags/${registry.host}/${repository}`);
  return settled(view, title);
};

journey("a list stands newest first, and says what each tag names", harness, async (view) => {
  const shown = await open(view, harness.scripted, "team/small", /has 11 tags$/);
  assert.deepEqual(shown.names, [
    "latest", "1.27", "1.27.3", "1.27.3-alpine", "1.9", "1.28-rc1", "edge", "1 commit", "2 signatures", "1 tag of a digest",
  ].sort((one, other) => shown.names.indexOf(one) - shown.names.indexOf(other)));
  assert.deepEqual(shown.names.slice(0, 3), ["latest", "1.28-rc1", "1.27"]);
  // Equal digests are equal, and each tag in view was asked about once, with HEAD.
  assert.equal(shown.digests[2], shown.digests[3]);
  const asked = harness.scripted.asked();
  const heads = asked.filter((line) => line.startsWith("HEAD"));
  assert.equal(heads.length, 7);
  assert.equal(new Set(heads).size, 7);
  // The list, and nothing else: no question whether it is a zot.
  assert.deepEqual(asked.filter((line) => !line.startsWith("HEAD")), ["GET /v2/team/small/tags/list?n=1000"]);
  const page = view.page;
  await page.getByRole("button", { name: "2 signatures" }).click();
  assert.equal((await listed(view)).names.length, 12);
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "2 signatures");
});

journey("by keyboard alone: filter, rows, tick, inspect", harness, async (view) => {
  await open(view, harness.scripted, "team/many", /has 120 tags$/);
  const { page } = view;
  const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent);
  assert.equal(await focused(), "tag-filter", "the filter has the focus");
  await page.keyboard.type("1.1");
  await until(() => listed(view), (shown) => shown.names[0] === "1.119" && shown.names.length === 31, "the filtered rows");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), "tag-1");
  await page.keyboard.press("Space");
  await page.getByText("Find all its tags").waitFor();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused(), "tag-filter");
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await until(() => listed(view), (shown) => shown.names.length === 50, "all rows");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  await until(focused, (id) => id === "tag-119", "the last row");
  await page.keyboard.press("Enter");
  await view.settled(/OCI image index/);
  assert.match(page.url(), /#\/inspect\/127\.0\.0\.1:\d+\/team\/many:1\.0$/);
  await page.goBack();
  assert.equal((await settled(view, /has 120 tags$/)).title.includes("120"), true);
});

journey("all tags of a digest are found with as many requests as the button says", harness, async (view) => {
  await open(view, harness.scripted, "team/many", /has 120 tags$/);
  const { page } = view;
  harness.scripted.asked();
  await page.getByRole("checkbox", { name: "Tick 1.119" }).check();
  await page.getByRole("button", { name: "Find all its tags: 70 requests" }).click();
  const shown = await until(() => listed(view), ({ working, text }) => !working && text.includes("of those listed here"), "the search");
  assert.equal(harness.scripted.asked().filter((line) => line.startsWith("HEAD")).length, 70);
  assert.deepEqual(shown.names, ["1.119"]);
  await page.getByRole("button", { name: "Show all tags" }).click();
  assert.equal((await listed(view)).names.length, 50);
});

journey("all rows in view are asked about, at most eight at once", harness, async (view) => {
  const shown = await open(view, harness.counted, "team/many", /has 120 tags$/);
  assert.equal(shown.digests.filter(Boolean).length, 50);
  const heads = () => harness.counted.asked().filter((line) => line.startsWith("HEAD"));
  assert.equal(heads().length, 50);
  // Eight are asked for; over HTTP/1.1 the browser itself sends six.
  assert.ok(harness.counted.atOnce() > 1 && harness.counted.atOnce() <= 8, `${harness.counted.atOnce()} at once`);
  const { page } = view;
  await page.getByRole("button", { name: "Next" }).click();
  const second = await until(() => listed(view), ({ names, digests, working }) => names[0] === "1.69" && digests.every(Boolean) && !working, "the next rows");
  assert.equal(second.names.length, 50);
  assert.equal(heads().length, 50);
  // What is known is not asked for again.
  await page.getByRole("button", { name: "Previous" }).click();
  await until(() => listed(view), ({ names }) => names[0] === "1.119", "the first rows");
  assert.deepEqual(heads(), []);
});

// CNCF 2.8 gives OCI manifests only to who asks for them, which is the second question: the first one is answered 404.
journey("two ticked are compared, one is compared with the image before, copied or composed", harness, async (view) => {
  const { page } = view;
  const { host } = harness.docker;
  const list = async () => {
    await view.open(`#/tags/${host}/app`);
    await settled(view, /has 2 tags$/);
  };
  const tick = (tag) => page.getByRole("checkbox", { name: `Tick ${tag}` }).check();
  const differ = () => page.getByRole("heading", { level: 1, name: /^1 of 2 layers is shared/ }).waitFor();
  await list();
  await tick("1.0.0");
  await tick("1.1.0");
  await page.getByRole("link", { name: "Compare", exact: true }).click();
  await differ();
  assert.ok(page.url().endsWith(`#/diff?from=${host}/app:1.0.0&to=${host}/app:1.1.0`), page.url());
  await page.goBack();
  await settled(view, /has 2 tags$/);
  await page.getByRole("button", { name: "Untick" }).click();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "verdict", "what had the focus is gone");
  await tick("1.1.0");
  await page.getByRole("link", { name: "Compare with 1.0.0" }).click();
  await differ();
  await list();
  await page.getByRole("article").getByRole("link", { name: "Copy" }).click();
  await page.getByRole("heading", { level: 1, name: "The source is here" }).waitFor();
  assert.ok(page.url().endsWith(`#/copy?from=${host}/app:1.1.0`), page.url());
  await list();
  await page.getByRole("article").getByRole("link", { name: "Compose" }).click();
  await page.locator(".entry", { hasText: "linux/amd64" }).first().waitFor();
}, { expected: () => [/404/] });

journey("what somebody says is a zot is asked for all tags at once", harness, async (view) => {
  await open(view, harness.zot, "team/small", /has 11 tags$/);
  const { page } = view;
  assert.ok(harness.zot.asked().every((line) => !line.includes("_zot")), "nobody said so yet");
  await page.getByRole("button", { name: "Ask zot's search: 1 request" }).click();
  const shown = await until(() => listed(view), ({ text, working }) => !working && text.includes("linux/arm64"), "the platforms");
  assert.match(shown.text, /72\.1 MB/);
  const asked = harness.zot.asked();
  assert.equal(asked.length, 1);
  assert.ok(asked[0].startsWith("GET /v2/_zot/ext/search?query="), asked[0]);
  await page.getByRole("button", { name: "1 commit" }).click();
  await until(() => listed(view), ({ names, digests }) => names.includes("4f1c0de") && digests.filter(Boolean).length === 8, "the commit");
  assert.deepEqual(harness.zot.asked(), [], "nothing more has to be asked");
});

journey("the repositories of a registry are listed where it offers that", harness, async (view) => {
  const { page } = view;
  for (const registry of [harness.docker, harness.crane]) {
    await registry.push("oci-manifest/greeter", "fixtures/tags:2");
    await view.open(`#/tags/${registry.host}/`);
    await settled(view, /has \d repositor(y|ies)$/);
    await page.keyboard.type("fix tag");
    await until(() => listed(view), ({ names }) => names.length === 1 && names[0] === "fixtures/tags", "the filtered repositories");
    await page.keyboard.press("Enter");
    await settled(view, /fixtures\/tags has \d tags?$/);
  }
}, { expected: () => [/CORS|ERR_FAILED|404/] });

journey("a search is cancelled, and nothing more is asked", harness, async (view) => {
  await view.open(`#/tags/${harness.slow.host}/team/many`);
  await until(() => listed(view), (shown) => shown.digests.filter(Boolean).length >= 8, "the first digests");
  await view.page.getByRole("button", { name: "Cancel" }).click();
  await until(() => listed(view), (shown) => !shown.working, "the end");
  const before = harness.slow.asked().length;
  assert.ok(before < 50);
  assert.ok((await listed(view)).text.includes("not asked"));
});

journey("lists go on by Link, by name, or end, as each registry has it", harness, async (view) => {
  const { scripted } = harness;
  await open(view, scripted, "team/linked", /has 269 tags$/);
  assert.equal(scripted.asked().filter((line) => line.includes("tags/list")).length, 3);
  // Nexus puts its own path in front: the list goes on at the path that it was asked at.
  await open(view, scripted, "team/nexus", /has 150 tags$/);
  const [, second] = scripted.asked().filter((line) => line.includes("tags/list"));
  assert.equal(second, "GET /v2/team/nexus/tags/list?last=1.99");
  const stranger = await open(view, scripted, "team/stranger", /2 tags of maybe more$/);
  assert.match(stranger.status, /the next page is at https:\/\/evil\.example/);
  await open(view, scripted, "team/null", /has no tags$/);
  await open(view, scripted, "team/html", /could not be listed$/);
  const hostile = await open(view, scripted, "team/hostile", /has 1 tag$/);
  assert.match(hostile.text, /4 names in the list cannot be tags/);
  assert.ok(hostile.text.length < 5_000);
});

journey("a repository that is not there says so, and is the registry's word", harness, async (view) => {
  await view.open(`#/tags/${harness.scripted.host}/team/nothing`);
  await settled(view, /could not be listed$/);
  await view.page.getByText("NAME_UNKNOWN").first().waitFor();
  await view.open("#/tags/A B");
  await view.page.getByRole("heading", { name: "This is not a repository" }).waitFor();
}, { expected: () => [/404/] });

journey("a registry that hides its headers from pages has its manifests read", harness, async (view) => {
  const shown = await open(view, harness.hidden, "team/small", /has 11 tags$/);
  assert.ok(shown.digests.filter(Boolean).length >= 7);
  assert.match(shown.text, /lets no page read digests in its headers/);
});

journey("through the proxy 1,000 are asked for, and what follows a full page once more", harness, async (view) => {
  await open(view, harness.closed, "team/many", /has 1,000 tags$/);
  const lists = harness.closed.asked().filter((line) => line.includes("tags/list"));
  assert.deepEqual(lists, ["GET /v2/team/many/tags/list?n=1000", "GET /v2/team/many/tags/list?last=1.999&n=1000"]);
});

journey("CNCF's registry and crane's are listed to the end", harness, async (view) => {
  for (const registry of [harness.docker, harness.crane]) {
    for (const tag of ["2", "10", "latest"]) await registry.push("oci-manifest/greeter", `fixtures/tags:${tag}`);
    await view.open(`#/tags/${registry.host}/fixtures/tags`);
    const shown = await settled(view, /has 3 tags$/);
    assert.deepEqual(shown.names, ["latest", "10", "2"]);
    assert.equal(new Set(shown.digests).size, 1, "all name the same");
  }
}, { expected: () => [/CORS|ERR_FAILED|404/] });

journey("from an inspection, and from a manifest that is not there", harness, async (view) => {
  const { page } = view;
  const { host } = harness.scripted;
  await view.open(`#/inspect/${host}/team/small:1.27`);
  await view.settled(/OCI image index/);
  await page.getByRole("link", { name: "tags", exact: true }).click();
  await settled(view, /has 11 tags$/);
  await view.open(`#/inspect/${host}/team/nothing:1`);
  await page.getByRole("link", { name: "List the tags of this repository" }).waitFor();
  // What is listed and does not exist is marked, and harms nothing else.
  await page.getByRole("link", { name: "List the tags of this repository" }).click();
  await settled(view, /could not be listed$/);
}, { expected: () => [/404/] });

journey("100,000 tags are filtered as somebody types", harness, async (view) => {
  await view.open(`#/tags/${harness.scripted.host}/team/huge`);
  await settled(view, /has 100,000 tags$/);
  // From a key to the rows it leaves, drawn: the median of several.
  const times = await view.page.evaluate(async () => {
    const input = /** @type {HTMLInputElement} */ (document.querySelector("#tag-filter"));
    const times = [];
    for (const text of ["9", "97", "v97.5", "nightly 99", "", "7", "77", "20099"]) {
      const began = performance.now();
      input.value = text;
      input.dispatchEvent(new InputEvent("input", { bubbles: true }));
      await new Promise((resolve) => setTimeout(resolve));
      document.body.getBoundingClientRect();
      times.push(performance.now() - began);
      const words = text.split(" ");
      const names = [...document.querySelectorAll("main tbody a")].map((link) => link.textContent ?? "");
      if (names.length < 50 || !names.every((name) => words.every((word) => name.includes(word)))) throw new Error(`${text}: ${names}`);
    }
    return times.sort((one, other) => one - other);
  });
  console.log(`# filter over 100,000 tags: median ${times[4].toFixed(0)} ms, worst ${times.at(-1)?.toFixed(0)} ms`);
  assert.ok(times[4] < 150, `${times}`);
}, { long: true });

for (const { colorScheme, widths } of viewports) {
  journey(
    `tags look as they should, ${colorScheme}, ${widths[0]} pixels wide`,
    harness,
    async (view) => {
      const { page } = view;
      await withAxe(page);
      const wrong = [];
      /** @type {[any, string, RegExp][]} */
      const states = [
        [harness.scripted, "team/small", /11 tags/],
        [harness.scripted, "team/many", /120 tags/],
        [harness.scripted, "team/nothing", /could not/],
        [harness.scripted, "team/hostile", /1 tag/],
        [harness.zot, "team/small", /11 tags/],
      ];
      for (const [registry, repository, title] of states) {
        await open(view, registry, repository, title);
        if (registry === harness.zot) await page.getByRole("button", { name: "Ask zot's search: 1 request" }).click();
        const name = `${registry === harness.zot ? "zot-" : ""}${repository.slice(5)}`;
        if (repository === "team/small") await page.getByRole("checkbox", { name: "Tick 1.27.3", exact: true }).check();
        await until(() => listed(view), ({ working }) => !working, "the end");
        if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/${name}-${colorScheme}-${widths[0]}.png`, fullPage: true });
        wrong.push(...(await accessibilityViolations(page, name, widths)));
      }
      assert.deepEqual(wrong, []);
    },
    { colorScheme, viewport: { width: widths[0], height: 800 }, expected: () => [/404/] },
  );
}
