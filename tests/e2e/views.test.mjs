// @ts-check
// The views of one inspection: tabs with addresses, the exact bytes, copies and downloads, commands that work, the
// keyboard alone.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { inFull, inspect, inspectConfig, inWords, repositoryOf } from "./support/oracle.mjs";
import { journey, openHarness } from "./support/harness.mjs";
import { emptyFolder, find, run } from "./support/programs.mjs";
import { dockerRegistry } from "./support/registries.mjs";
import { until } from "./support/view.mjs";

const harness = openHarness(async (harness) => {
  harness.registry = await harness.open(dockerRegistry());
});
const clipboard = { permissions: ["clipboard-read", "clipboard-write"] };

const tab = (view, name) => view.page.getByRole("navigation", { name: "Views" }).getByRole("link", { name });
const copied = (view) => view.page.evaluate(() => navigator.clipboard.readText());
/** The lines of bytes that the page shows, put together again. */
const shownBytes = (view) =>
  view.page
    .locator("pre.code .source")
    .allTextContents()
    .then((lines) => lines.join("").replace(/\n$/, ""));

journey(
  "every tab has an address; back, forward and reload keep it",
  harness,
  async (view) => {
    const { page } = view;
    const reference = await harness.registry.push("oci-index/lantern");
    const { digest } = (await inspect(reference)).json.manifests[0];
    await view.open(`#/inspect/${reference}?at=${digest}`);
    await view.settled(/^linux\/amd64 of /);
    const seen = {
      JSON: "pre.code",
      Config: "pre.code",
      Layers: "section.layer",
      Commands: "dl.commands",
      Overview: "ol.stops",
    };
    for (const [name, part] of Object.entries(seen)) {
      await tab(view, name).click();
      await page.locator(part).first().waitFor();
      const hash = new URL(page.url()).hash;
      assert.ok(name === "Overview" ? !hash.includes("tab=") : hash.endsWith(`&tab=${name.toLowerCase()}`), hash);
      assert.equal(await tab(view, name).getAttribute("aria-current"), "page");
    }
    await page.goBack();
    await page.locator("dl.commands").waitFor();
    await page.goBack();
    await page.locator("section.layer").first().waitFor();
    await page.reload();
    await page.locator("section.layer").first().waitFor();
    await page.goForward();
    await page.locator("dl.commands").waitFor();
    // A list has no config and no layers.
    await view.open(`#/inspect/${reference}?tab=json`);
    await page.locator("pre.code").waitFor();
    const names = await page.getByRole("navigation", { name: "Views" }).getByRole("link").allTextContents();
    assert.deepEqual(names, ["Overview", "JSON", "Related", "Commands"]);
  },
);

journey(
  "JSON and Config show the exact bytes; indenting says that these are not the bytes",
  harness,
  async (view) => {
    const { page } = view;
    const reference = await harness.registry.push("oci-index/lantern");
    const list = await inspect(reference);
    const child = `${repositoryOf(reference)}@${list.json.manifests[2].digest}`;
    const image = await inspect(child);
    const config = await inspectConfig(child);
    const head = page.locator(".code-head");
    for (const [place, bytes] of [
      ["?tab=json", list.bytes],
      [`?at=${image.digest}&tab=json`, image.bytes],
      [`?at=${image.digest}&tab=config`, config.bytes],
    ]) {
      await view.open(`#/inspect/${reference}${place}`);
      await until(
        () => shownBytes(view),
        (text) => text === bytes.toString(),
        `the ${bytes.length} bytes`,
      );
      assert.match(await head.textContent(), new RegExp(`The exact bytes, ${inFull(bytes.length)} bytes\\.`));
      const numbers = await page.locator("pre.code .number").allTextContents();
      assert.deepEqual(
        numbers,
        bytes
          .toString()
          .split("\n")
          .map((_, index) => `${index + 1}`),
      );

      await page.getByLabel("Indent for reading").check();
      await until(
        () => head.textContent(),
        (text) => /these are not the bytes that the digest covers/.test(text),
        "the warning",
      );
      assert.deepEqual(JSON.parse(await shownBytes(view)), JSON.parse(bytes));
      await page.getByLabel("Indent for reading").uncheck();
      await until(
        () => shownBytes(view),
        (text) => text === bytes.toString(),
        "the bytes again",
      );
    }
    // Digests in the list lead to what they name.
    await view.open(`#/inspect/${reference}?tab=json`);
    await page.locator("pre.code").getByRole("link", { name: image.digest }).first().click();
    await view.settled(/^linux\/arm\/v7 of /);
  },
);

journey(
  "what is found has marks, and what is folded is hidden, by keyboard alone",
  harness,
  async (view) => {
    const { page } = view;
    const reference = await harness.registry.push("oci-index/lantern");
    const { bytes, json } = await inspect(reference);
    await view.open(`#/inspect/${reference}?tab=json`);
    const box = page.getByRole("searchbox", { name: "Find in the content" });
    const count = page.getByRole("search", { name: "Find in the content" }).getByRole("status");
    await box.fill("SHA256:");
    const all = bytes.toString().match(/sha256:/gi).length;
    await until(() => count.textContent(), (text) => text === `1 of ${all}`, "the count");
    assert.equal(await page.locator("pre.code mark").count(), all);
    assert.equal(await shownBytes(view), bytes.toString(), "marks change no byte");
    const { digest } = json.manifests[0];
    assert.ok(await page.locator("pre.code").getByRole("link", { name: digest }).count(), "digests stay links");
    await box.press("Shift+Enter");
    await until(() => count.textContent(), (text) => text === `${all} of ${all}`, "the last");
    assert.equal(await page.locator("mark[aria-current]").textContent(), "sha256:");
    await box.press("Escape");
    await until(() => page.locator("pre.code mark").count(), (number) => number === 0, "no marks");

    // The button that folds keeps the focus, and says what it hides.
    await page.getByLabel("Indent for reading").check();
    const fold = page.getByRole("button", { name: "Fold manifests" });
    await fold.focus();
    await page.keyboard.press("Enter");
    const folded = page.getByRole("button", { name: "Unfold manifests" });
    await folded.waitFor();
    assert.ok(await folded.evaluate((button) => button === document.activeElement));
    const hidden = JSON.stringify(json.manifests, null, 2).split("\n").length - 2;
    const line = page.locator(".line").filter({ has: folded });
    assert.match(await line.textContent(), new RegExp(`… ${hidden} lines`));
    const size = await folded.boundingBox();
    assert.ok(size.width >= 24 && size.height >= 24, "a finger meets it");
    // Folds are kept while the inspection lives.
    await tab(view, "Overview").click();
    await tab(view, "JSON").click();
    await folded.waitFor();
    await box.fill(digest);
    await page.locator("#hit").waitFor();
    await fold.waitFor();
  },
);

journey(
  "downloads and copies are the exact bytes",
  harness,
  async (view) => {
    const { page } = view;
    const reference = await harness.registry.push("oci-index/lantern");
    const list = await inspect(reference);
    const { digest } = list.json.manifests[1];
    const image = await inspect(`${repositoryOf(reference)}@${digest}`);
    const config = await inspectConfig(`${repositoryOf(reference)}@${digest}`);
    for (const [place, bytes, name] of [
      ["?tab=json", list.bytes, "lantern-2.4.1.index.json"],
      [`?at=${digest}&tab=json`, image.bytes, `lantern-${digest.slice(7, 19)}.manifest.json`],
      [`?at=${digest}&tab=config`, config.bytes, `lantern-${digest.slice(7, 19)}.config.json`],
    ]) {
      await view.open(`#/inspect/${reference}${place}`);
      await until(
        () => shownBytes(view),
        (text) => text === bytes.toString(),
        "the bytes",
      );
      const coming = page.waitForEvent("download");
      await page.getByRole("button", { name: "Download" }).click();
      const download = await coming;
      assert.equal(download.suggestedFilename(), name);
      assert.ok(bytes.equals(await readFile(await download.path())), name);
      await page.getByRole("button", { name: "Copy the bytes" }).click();
      await until(
        () => copied(view),
        (text) => text === bytes.toString(),
        "the copy",
      );
      assert.equal(await page.locator(".notice").textContent(), "Copied");
    }
    await view.open(`#/inspect/${reference}`);
    await view.settled(/is an OCI image index/);
    await page.getByRole("row", { name: "linux/arm64" }).locator("button.digest").click();
    await until(
      () => copied(view),
      (text) => text === digest,
      "the copied digest",
    );
    await page.getByRole("button", { name: "Copy digest" }).first().click();
    await until(
      () => copied(view),
      (text) => text === list.digest,
      "the copied digest of the list",
    );
  },
  clipboard,
);

journey(
  "the Layers tab, and a layer that is pointed at is lit everywhere",
  harness,
  async (view) => {
    const { page } = view;
    const reference = await harness.registry.push("oci-manifest/greeter");
    const { json } = await inspect(reference);
    const config = await inspectConfig(reference);
    await view.open(`#/inspect/${reference}?tab=layers`);
    await page.locator("section.layer").first().waitFor();
    const sections = await page.locator("section.layer").evaluateAll((all) =>
      all.map((section) => ({
        title: section.querySelector("h3").textContent,
        digests: [...section.querySelectorAll(".digest.full code")].map((code) => code.textContent),
      })),
    );
    assert.deepEqual(
      sections,
      json.layers.map(({ digest, size }, index) => ({
        title: `Layer ${index + 1}${inWords(size)}${size < 1000 ? "" : `, ${size} bytes`}`,
        digests: [digest, config.json.rootfs.diff_ids[index]],
      })),
    );

    await view.open(`#/inspect/${reference}`);
    await view.settled(/is an OCI image of/);
    const lit = () =>
      page.locator(".lit").evaluateAll((all) => all.map((part) => [part.tagName.toLowerCase(), part.dataset.layer]));
    const everywhere = (layer) => (found) =>
      JSON.stringify(found) ===
      JSON.stringify([
        ["g", layer],
        ["li", layer],
        ["tr", layer],
      ]);
    await page.locator("tr[data-layer='1']").hover();
    await until(lit, everywhere("1"), "the second layer lit");
    await page.getByRole("listitem", { name: /^Layer 1,/ }).focus();
    await until(lit, everywhere("0"), "the first layer lit");
  },
);

journey(
  "the commands that are shown do what the page does",
  harness,
  async (view) => {
    const { page } = view;
    const reference = await harness.registry.push("docker-list/lantern-list");
    const list = await inspect(reference);
    const child = `${repositoryOf(reference)}@${list.json.manifests[1].digest}`;
    const image = await inspect(child);
    const home = emptyFolder();
    const tools = path.dirname(find("crane") ?? find("skopeo"));
    for (const [place, said] of [
      ["", list],
      [`at=${image.digest}&`, image],
    ]) {
      await view.open(`#/inspect/${reference}?${place}tab=commands`);
      await until(
        () => page.locator("dl.commands dd code").allTextContents(),
        (all) => all.join().includes(place ? image.digest : ":2.4.1"),
        "the commands",
      );
      const lines = await page.locator("dl.commands dd code").allTextContents();
      const known = lines.filter((line) => /^(skopeo|crane|regctl|oras) /.test(line));
      assert.ok(known.length >= 7, lines.join("\n"));
      const ran = known
        .filter((line) => find(line.split(" ")[0]))
        .map(async (line) => {
          const output = await run("sh", ["-c", `HOME='${home}' PATH="${tools}:$PATH" ${line}`]);
          if (/manifest-digest|crane digest|manifest head/.test(line))
            assert.equal(output.toString().trim(), said.digest, line);
          else if (/config/.test(line)) assert.equal(JSON.parse(output).os, "linux", line);
          else assert.deepEqual(JSON.parse(output), said.json, line);
        });
      await Promise.all(ran);
    }
  },
);

journey(
  "a tag is pinned to its digest, and the address says so",
  harness,
  async (view) => {
    const { page } = view;
    const reference = await harness.registry.push("oci-manifest/greeter");
    const { digest } = await inspect(reference);
    await view.ask(reference);
    await view.settled(/is an OCI image of/);
    await page.keyboard.press("y");
    const pinned = await view.settled(new RegExp(`@${digest} is an OCI image of`));
    assert.ok(page.url().includes(`@${digest}`));
    assert.equal(pinned.stops[0].fields["Digest asked for"], digest);
    assert.match(pinned.detail, /^Its bytes hash to the digest you asked for, as the registry said\.$/);
    assert.equal(pinned.stamp.seal, "good");
    await page.goBack();
    await view.settled(/:0\.9\.0 is an OCI image of/);
    await page.getByRole("button", { name: "pin" }).click();
    await view.settled(new RegExp(`@${digest} is an OCI image of`));
  },
);

journey(
  "all of it by the keyboard alone",
  harness,
  async (view) => {
    const { page } = view;
    const { keyboard } = page;
    const reference = await harness.registry.push("oci-index/lantern");
    const focus = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim());
    /** Presses Tab until the element in focus is the one. */
    const tabTo = async (holds, what) => {
      for (let presses = 0; presses < 60; presses += 1) {
        await keyboard.press("Tab");
        if (holds(await focus())) return;
      }
      assert.fail(`Tab does not come to ${what}`);
    };
    await view.open();
    assert.equal(await focus(), "box");
    await keyboard.type(reference);
    await keyboard.press("Enter");
    const list = await view.settled(/is an OCI image index/);
    assert.equal(await focus(), "verdict", "the focus is on the result");

    // The digest of a row, and the row itself.
    await tabTo((text) => text === "linux/amd64", "the first row");
    await keyboard.press("Tab");
    await keyboard.press("c");
    await until(
      () => copied(view),
      (text) => text === list.entries[0].digest,
      "the copied digest",
    );
    await tabTo((text) => text === "linux/arm64", "a row");
    await keyboard.press("Enter");
    await view.settled(/^linux\/arm64 of /);
    assert.equal(await focus(), "verdict");

    await keyboard.press("?");
    const shortcuts = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await shortcuts.waitFor();
    await keyboard.press("Escape");
    await shortcuts.waitFor({ state: "hidden" });
    await keyboard.press("/");
    assert.equal(await focus(), "box");
    const selected = await page.evaluate(
      () => document.getSelection().toString() || document.activeElement.selectionEnd,
    );
    assert.ok(selected, "its text is selected");
    // What is typed goes into the box, not to the shortcuts.
    await keyboard.type("cy?/");
    assert.equal(await view.box.inputValue(), "cy?/");

    await tabTo((text) => text === "open-settings" || text === "Settings", "the settings");
    await keyboard.press("Enter");
    const settings = page.getByRole("dialog", { name: "Settings" });
    await settings.waitFor();
    await keyboard.press("Escape");
    await settings.waitFor({ state: "hidden" });
    await tabTo((text) => text === "Layers", "a tab");
    await keyboard.press("Enter");
    await page.locator("section.layer").first().waitFor();
  },
  clipboard,
);
