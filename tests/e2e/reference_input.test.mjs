// @ts-check
// The one box, and what else can be given to the page: references that are none, commands, pasted and dropped
// manifests, examples. What is not a reference costs no request.

import assert from "node:assert/strict";
import { compareImage, inFull, manifestDigest, sha256 } from "./support/oracle.mjs";
import { asked, journey, openHarness } from "./support/harness.mjs";
import { dockerRegistry, examples, fixture } from "./support/registries.mjs";
import { until } from "./support/view.mjs";

const harness = openHarness(async (harness) => {
  harness.registry = await harness.open(dockerRegistry());
});
const clipboard = { permissions: ["clipboard-read", "clipboard-write"] };
const greeter = fixture("oci-manifest/greeter");

/** Puts text on the clipboard and presses the keys that paste it. */
async function paste(view, text) {
  await view.page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await view.page.keyboard.press("Control+V");
}

journey("what is not a reference: the place and the rule, before any request", harness, async (view, watch) => {
  await view.ready();
  const before = watch.requests.length;
  for (const [text, rule, place] of /** @type {any[][]} */ ([
    ["Nginx:1.27", /^repository has an upper-case letter at 0, only a-z, 0-9, \., _, - and \/ may stand there/, "N"],
    ["nginx:", /^tag is empty at 6, a letter, digit or _ must follow the :/, "␣"],
    ["nginx:1.27!b", /^tag has a character at 10, only letters, digits, _, \. and - may stand there/, "!"],
    ["a//b", /^repository has an empty part at 2/, "/"],
    ["r.example:99999/a", /^host has no port at 10/, "9"],
    ["nginx@sha256:abc", /^digest hex is 3 characters, sha256 needs 64/],
    ["docker pull UPPER", /^repository has an upper-case letter at 12/, "U"],
  ])) {
    await view.box.fill("");
    await view.box.pressSequentially(text);
    const read = () => view.reading.textContent();
    await until(read, (reading) => rule.test(reading), `the rule that ${text} breaks`);
    if (place) assert.equal(await view.reading.locator("mark").textContent(), place, text);
    await view.box.press("Enter");
    await view.page.locator("#box[aria-invalid=true]").waitFor();
    assert.equal(await view.box.inputValue(), text, "what was typed stays");
  }
  await view.box.fill("");
  await view.box.press("Enter");
  await until(
    () => view.reading.textContent(),
    (reading) => /^Type a reference/.test(reading),
    "what to type",
  );
  await view.box.fill(greeter.digest);
  await view.box.press("Enter");
  assert.match((await view.settled(/^Is this the content it claims to be/)).title, /^Is this the content/);
  assert.equal(await view.page.locator("#expected").inputValue(), greeter.digest, "a digest alone is what is expected");
  assert.deepEqual(asked(watch, before), []);
});

journey("addresses that lead nowhere say so, and ask nobody", harness, async (view, watch) => {
  for (const [hash, title] of [
    ["#/inspect/Nginx:1.27", "This is not a reference"],
    ["#/inspect/nginx:", "This is not a reference"],
    ["#/example/nothing", "There is no such example"],
    ["#/harbour", "There is no such page"],
  ]) {
    await view.open(hash);
    await until(
      async () => (await view.shown())?.title,
      (shown) => shown === title,
      title,
    );
  }
  const origins = watch.requests.map((request) => request.url()).filter((url) => /\/v2\/|\/relay\//.test(url));
  assert.deepEqual(origins, []);
});

journey(
  "what is typed while the program loads is kept, and Enter counts",
  harness,
  async (view) => {
    const reference = await harness.registry.push("oci-manifest/greeter");
    await view.open();
    await view.page.keyboard.type(reference);
    assert.equal(await view.box.inputValue(), reference);
    await view.page.keyboard.press("Enter");
    await compareImage(await view.settled(/is an OCI image of/), reference);
  },
);

journey(
  "commands and addresses that people paste",
  harness,
  async (view) => {
    const reference = await harness.registry.push("oci-manifest/greeter");
    await view.ready();
    for (const [text, note] of /** @type {any[][]} */ ([
      [`docker pull ${reference}`, /took the image from a docker pull command/],
      [
        `$ sudo podman pull -q '${reference}'`,
        /left out what stands in front of the command.*took the image from a podman pull command/,
      ],
      [`skopeo inspect docker://${reference}`, /took the image from a skopeo inspect command.*took off docker:\/\//],
      [`FROM ${reference} AS build`, /took the image from a FROM line/],
      [`  ${reference}  `, /took off the white space around it/],
      [
        `http://${harness.registry.host}/v2/fixtures/greeter/manifests/0.9.0`,
        /took the image from an address of a registry's API/,
      ],
    ])) {
      await view.page.goto(`${harness.origin}/#/`);
      await view.page.locator(".start #box").focus();
      await paste(view, text);
      const reading = await until(
        () => view.reading.textContent(),
        (said) => note.test(said),
        `the reading of ${text}`,
      );
      assert.ok(reading.startsWith(`read as ${harness.registry.host} / fixtures/greeter, tag 0.9.0`), reading);
      await view.page.keyboard.press("Enter");
      await compareImage(await view.settled(/is an OCI image of/), reference);
    }
  },
  clipboard,
);

journey(
  "a pasted manifest, in the box or anywhere, stays in the page",
  harness,
  async (view, watch) => {
    await view.ready();
    const before = watch.requests.length;
    const text = greeter.bytes.toString();
    for (const focus of ["#box", "body"]) {
      await view.page.goto(`${harness.origin}/#/`);
      await view.page.locator(".start").waitFor();
      await view.page
        .locator(focus)
        .evaluate((element) => (element === document.body ? document.activeElement.blur() : element.focus()));
      await paste(view, text);
      const shown = await view.settled(/^The pasted text is an OCI image of 327 B/);
      const { Digest, Size } = shown.stops[1].fields;
      assert.deepEqual([Digest, Size], [await manifestDigest(greeter.bytes), `${inFull(greeter.bytes.length)} bytes`]);
      assert.match(shown.text, /a clipboard or a box may have changed it/);
      // Nobody named a digest, so nothing is called good.
      assert.equal(shown.stamp.seal, "hollow");
    }
    assert.deepEqual(asked(watch, before), []);
  },
  clipboard,
);

journey(
  "what is pasted while the program loads is judged once it is there: a manifest whole, a reference as it stands",
  harness,
  async (view) => {
    const { page } = view;
    const reference = await harness.registry.push("oci-manifest/greeter");
    for (const [text, title] of [
      [greeter.bytes.toString(), /^The pasted text is an OCI image of 327 B/],
      [reference, /is an OCI image of/],
    ]) {
      await page.goto("about:blank");
      /** @type {(value?: any) => void} */
      let letGo;
      const gate = new Promise((resolve) => (letGo = resolve));
      await page.route("**/*.wasm", async (route) => {
        await gate;
        await route.continue();
      });
      await view.open();
      await view.box.focus();
      await paste(view, text);
      await page.keyboard.press("Enter");
      letGo();
      const shown = await view.settled(title);
      assert.ok(shown.digests.includes(await manifestDigest(greeter.bytes)), "no line end is lost on the way");
      await page.unroute("**/*.wasm");
    }
  },
  clipboard,
);

journey("dropped files: the very bytes, whatever they are", harness, async (view, watch) => {
  await view.ready();
  const before = watch.requests.length;
  const crlf = Buffer.from(fixture("docker-list/lantern-list").bytes.toString().replaceAll("\n", "\r\n"));
  const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), greeter.bytes]);
  const large = Buffer.concat([greeter.bytes, Buffer.alloc(4 * 1024 * 1024, "\n")]);
  for (const [name, bytes, title] of /** @type {any[][]} */ ([
    ["list.json", crlf, /^list\.json is a Docker manifest list for 3 platforms/],
    ["marked.json", marked, /^marked\.json is /],
    ["notes.txt", Buffer.from("harbour: closed\n"), /^notes\.txt is text that is no JSON/],
    ["large.json", large, /^large\.json is an OCI image/],
    ["empty.json", Buffer.from(""), /^empty\.json is not JSON/],
  ])) {
    await view.drop(name, bytes);
    const shown = await view.settled(title);
    assert.ok(shown.digests.includes(sha256(bytes)), `${name}: the digest of its bytes`);
    assert.notEqual(shown.stamp.seal, "good");
    assert.match(shown.text, new RegExp(`${inFull(bytes.length)} bytes`));
  }
  assert.deepEqual(asked(watch, before), []);
});

journey("dropped files stay in the history: back, forward, reload", harness, async (view) => {
  const { page } = view;
  await view.ready();
  await view.drop("one.json", greeter.bytes);
  await view.settled(/^one\.json is an OCI image/);
  await page.getByRole("link", { name: "JSON" }).click();
  await page.locator("pre.code").waitFor();
  await page.reload();
  await view.settled(/^one\.json is an OCI image/);
  await view.drop("two.txt", Buffer.from("harbour: closed\n"));
  await view.settled(/^two\.txt is text that is no JSON/);
  await page.goBack();
  await view.settled(/^one\.json is an OCI image/);
  await page.goForward();
  await view.settled(/^two\.txt is text that is no JSON/);
});

journey("two files dropped one after the other: back shows the first again", harness, async (view) => {
  await view.ready();
  await view.drop("one.json", greeter.bytes);
  await view.settled(/^one\.json is an OCI image/);
  await view.drop("two.txt", Buffer.from("harbour: closed\n"));
  await view.settled(/^two\.txt is text that is no JSON/);
  await view.page.goBack();
  await view.settled(/^one\.json is an OCI image/);
});

journey("text of a manifest is only text, whatever it holds", harness, async (view) => {
  const { page } = view;
  const digest = `sha256:${"0".repeat(64)}`;
  const entry = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest, size: 1 };
  const platform = { os: "<b>linux</b>", architecture: "amd64\u202e46dma" };
  const annotations = {
    "<img src=x onerror=alert(1)>": "<script>alert(1)</script>",
    link: "javascript:alert(1)",
    site: "https://harbour.example/a",
    hidden: "a\u200bb",
    long: "x".repeat(100_000),
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [{ ...entry, platform }],
    annotations,
  };
  page.on("dialog", () => assert.fail("a script of the manifest ran"));
  await view.ready();
  await view.drop("hostile\u202egpj.json", Buffer.from(JSON.stringify(manifest)));
  const shown = await view.settled(/is an OCI image index for 1 platform/);
  assert.match(shown.title, /^hostileU\+202Egpj\.json/);
  assert.equal(shown.entries[0].name, "<b>linux</b>/amd64U+202E46dma");
  assert.match(shown.text, /<img src=x onerror=alert\(1\)>\s*<script>alert\(1\)<\/script>/);
  assert.match(shown.text, /aU\+200Bb/);
  assert.equal(await page.locator("main img, main script, main b:text-is('linux')").count(), 0);
  const links = await page.locator("main a[target]").evaluateAll((all) => all.map((link) => [link.href, link.rel]));
  assert.deepEqual(
    links.filter(([href]) => href.includes("harbour")),
    [["https://harbour.example/a", "noopener noreferrer nofollow"]],
  );
  assert.ok(
    links.every(([href]) => href.startsWith("https://")),
    "only web addresses are links",
  );
  await page.getByRole("link", { name: "JSON" }).click();
  await page.locator("pre.code").waitFor();
  assert.equal(await page.locator("main img, main script").count(), 0);
});

journey("a file dropped before the program is there", harness, async (view) => {
  await view.open();
  await view.drop("greeter.json", greeter.bytes);
  const shown = await view.settled(/^greeter\.json is an OCI image of 327 B/);
  assert.equal(shown.stops[1].fields.Digest, await manifestDigest(greeter.bytes));
});

journey("the six examples, with the network switched off", harness, async (view, watch, context) => {
  const { page } = view;
  await view.ready();
  // The parts that are loaded behind the first page are there too.
  await page.waitForLoadState("networkidle");
  await context.setOffline(true);
  const before = watch.requests.length;
  const titles = {
    index: /is an OCI image index for 5 platforms/,
    list: /is a Docker manifest list for 3 platforms/,
    image: /is an OCI image of/,
    schema2: /is a Docker image of/,
    schema1: /is a signed Docker schema 1 image/,
    lying: /is an OCI image index for/,
  };
  assert.deepEqual(examples.map(({ name }) => name).sort(), Object.keys(titles).sort());
  for (const { name, digest, bytes, mediaType } of examples) {
    await page.goto(`${harness.origin}/#/`);
    await page.locator(`.examples a[href="#/example/${name}"]`).click();
    const shown = await view.settled(titles[name]);
    const own = shown.stops[1].fields;
    assert.equal(own.Digest ?? own["Digest of the list"], digest);
    assert.equal(digest, await manifestDigest(bytes));
    assert.equal(own["Media type"], mediaType);
    assert.ok(own.Size.startsWith(`${inFull(bytes.length)} bytes`));
    const entries = JSON.parse(bytes).manifests ?? [];
    assert.deepEqual(shown.entries.map((row) => row.digest).sort(), entries.map((entry) => entry.digest).sort());
    assert.equal(shown.stamp.seal === "bad", name === "lying", `the stamp of ${name}: ${shown.stamp.text}`);
    if (entries.length) {
      await page.locator("table.platforms a").first().click();
      await view.settled(/ of This example is /);
    }
  }
  assert.deepEqual(asked(watch, before), []);
});
