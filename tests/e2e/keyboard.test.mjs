// @ts-check
// Every journey by the keyboard alone: Tab to what is wanted, keys on it, and nothing else. On the way whatever has the focus
// is seen to have it, and is in sight; what was done leaves the focus somewhere; a dialog keeps it, and gives it back.

import assert from "node:assert/strict";
import { cuttingFront } from "./support/cutting.mjs";
import { docker25, written } from "./support/archives.mjs";
import { answerDialogs } from "./support/dialogs.mjs";
import { answeredWith, journey, openHarness, refusedByCors } from "./support/harness.mjs";
import { archive, gzipLayer, putImage, putIndex } from "./support/images.mjs";
import { artifact, documentOf, entry, image, referrersRegistry, statement } from "./support/referrers.mjs";
import { dockerRegistry, user } from "./support/registries.mjs";
import { tagRegistry } from "./support/tag_registries.mjs";
import { until } from "./support/view.mjs";

/** How often a key is pressed at most to come to something. */
const MOST_PRESSES = 150;
const IN_TOTO = "application/vnd.in-toto+json";
const PASSWD = "root:x:0:0::/root:/bin/sh\n";

/** An SBOM in an attestation, which refers to an image. */
function described() {
  const app = image("app");
  const packages = [{ name: "harbour", versionInfo: "1.2", licenseConcluded: "MIT" }];
  const sbom = { spdxVersion: "SPDX-2.3", name: "app", creationInfo: { created: "2026-01-02T03:04:05Z", creators: ["Tool: x"] }, packages };
  const type = "https://spdx.dev/Document";
  const document = documentOf(IN_TOTO, statement(app, type, sbom), { "in-toto.io/predicate-type": type });
  const attestation = artifact("application/vnd.docker.attestation.manifest.v1+json", [document], app);
  return { manifests: [app, attestation], tags: { 1: app }, referrers: (digest) => (digest === app.digest ? [entry(attestation)] : []) };
}

const harness = openHarness(
  async (harness) => {
    harness.registry = await harness.open(dockerRegistry());
    harness.target = await harness.open(dockerRegistry());
    harness.front = await harness.open(cuttingFront(harness.target));
    harness.secret = await harness.open(dockerRegistry({ auth: user }));
    harness.tags = await harness.open(tagRegistry({ "team/many": Array.from({ length: 70 }, (_, number) => `1.${number}`) }));
    harness.related = await harness.open(referrersRegistry(described()));
    harness.list = await harness.registry.push("oci-index/lantern");
    await harness.secret.push("oci-manifest/greeter", "greeter:1");
    const files = gzipLayer(archive([{ name: "etc/" }, { name: "etc/passwd", content: PASSWD }, { name: "srv/" }]));
    const [base, other] = [files, gzipLayer(archive([{ name: "opt/" }, { name: "opt/tool", content: "tool" }]))];
    const images = [];
    /** @type {any[][]} */
    const made = [["1", [base], "amd64"], ["2", [base, other], "amd64"], ["arm", [other], "arm64"]];
    for (const [tag, layers, architecture] of made)
      images.push(await putImage(harness.registry, "app", tag, layers, { architecture }));
    await putIndex(harness.registry, "app", "list", images.slice(1));
  },
  { push: true },
);
const expected = (harness) => [
  ...["registry", "target", "front", "secret", "related"].flatMap((name) => refusedByCors(harness[name].host)),
  answeredWith("40[14]", ""),
];

/** What has the focus; nothing where nothing has it. Runs in the page. */
function readFocus() {
  const element = /** @type {any} */ (document.activeElement);
  if (!element || element === document.body) return undefined;
  const words = element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent;
  const name = `${element.localName}${element.id && `#${element.id}`} ${JSON.stringify(words.trim().slice(0, 50))}`;
  // Who is led to a title or a part of the page does nothing with it; it is read out.
  const isLedTo = element.getAttribute("tabindex") === "-1" && !element.matches("a, button, input, select, textarea");
  // A button that chooses files is drawn by its label; the hold of layers by its boxes.
  const drawn = [element, element.closest(".button"), ...element.querySelectorAll("rect")].filter(Boolean);
  const isMarked = drawn.some((one) => {
    const style = getComputedStyle(one);
    const isOutlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1 && !/, 0\)$/.test(style.outlineColor);
    return isOutlined || (one.localName === "rect" && parseFloat(style.strokeWidth) >= 3);
  });
  // Some of it is in the window, with nothing over it.
  const holder = getComputedStyle(element).clipPath === "none" ? element : element.closest("label") ?? element;
  const inSight = [...holder.getClientRects()].some(({ left, top, width, height }) =>
    [0.1, 0.5, 0.9].some((across) =>
      [0.1, 0.5, 0.9].some((down) => {
        const over = document.elementFromPoint(left + width * across, top + height * down);
        return over && (holder.contains(over) || over.contains(holder));
      }),
    ),
  );
  return { name, isLedTo, isMarked, inSight, inDialog: element.closest("dialog") !== null };
}

/** Somebody at a keyboard, who notes what is wrong with the focus on the way. */
class Typist {
  constructor(view) {
    this.view = view;
    this.page = view.page;
    this.keyboard = view.page.keyboard;
    this.wrong = new Set();
  }

  /** Looks where the focus is. */
  async focus() {
    const focus = await this.page.evaluate(readFocus);
    if (focus && !focus.isLedTo && !focus.isMarked) this.wrong.add(`${focus.name} does not show that it has the focus`);
    if (focus && !focus.isLedTo && !focus.inSight) this.wrong.add(`${focus.name} has the focus out of sight`);
    return focus;
  }

  /** Presses Tab, or another key, until this has the focus. */
  async to(locator, key = "Tab") {
    await locator.first().waitFor({ state: "attached" });
    for (let presses = 0; presses < MOST_PRESSES; presses += 1) {
      const focus = await this.focus();
      if (await locator.first().evaluate((element) => element === document.activeElement)) return focus;
      await this.keyboard.press(key);
    }
    return assert.fail(`${key} does not come to ${locator}`);
  }

  button(name, scope = this.page) {
    return this.to(scope.getByRole("button", { name }));
  }

  link(name, scope = this.page.locator("main")) {
    return this.to(scope.getByRole("link", { name, exact: typeof name === "string" }));
  }

  /** Presses a key, waits for what comes of it, and has the focus be somewhere then. */
  async press(key, result) {
    const before = await this.focus();
    await this.keyboard.press(key);
    await result?.first().waitFor();
    const rest = () => this.page.evaluate(readFocus);
    await until(rest, Boolean, `the focus behind ${key} on ${before?.name}`);
    return this.focus();
  }

  /** Presses Tab as often as it takes to come round in a dialog, and has the focus never leave it. */
  async round() {
    const first = await this.focus();
    for (let presses = 0; presses < MOST_PRESSES; presses += 1) {
      await this.keyboard.press("Tab");
      const focus = await this.focus();
      // Between the last and the first it is the browser's own.
      if (focus && !focus.inDialog) this.wrong.add(`${focus.name} has the focus beneath a dialog`);
      if (focus?.name === first?.name) return;
    }
    assert.fail("Tab does not come round in the dialog");
  }

  /** Opens a dialog by this button, goes round in it, does something, and closes it: the button has the focus again. */
  async dialog(button, name, act = async (/** @type {any} */ _dialog) => {}) {
    const opener = this.page.getByRole("button", { name: button, exact: true });
    await this.to(opener);
    const dialog = this.page.getByRole("dialog", { name });
    await this.press("Enter", dialog);
    await this.round();
    await act(dialog);
    await this.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await until(() => opener.evaluate((element) => element === document.activeElement), Boolean, `the focus on ${button} again`);
  }
}

const heading = (page, name) => page.getByRole("heading", { name });
/** A journey of somebody at a keyboard. */
const typed = (name, body, options = {}) =>
  journey(`by keyboard alone: ${name}`, harness, async (view, watch, context) => {
    const typist = new Typist(view);
    await body(typist, view, context);
    assert.deepEqual([...typist.wrong], []);
  }, { expected, ...options });

typed("every page is come to, and left, with the focus on it", async (typist, view) => {
  const { page } = typist;
  const header = page.locator("header");
  for (const from of ["#/", "#/example/index"]) {
    for (const [name, title] of [["Verify", "Is this the content it claims to be?"], ["Compose", "Compose a list"], ["Copy", "Copy an image"]]) {
      await view.open(from);
      await page.locator("main h1").waitFor();
      // The first page has no link to Copy.
      if (from === "#/" && name === "Copy") continue;
      await typist.link(name, header);
      await typist.press("Enter", heading(page, title));
      await page.goBack();
      await heading(page, title).waitFor({ state: "detached" });
      await until(() => page.evaluate(readFocus), Boolean, `the focus on the way back from ${name}`);
    }
  }
});

typed("a list is copied from one registry to another, paused and gone on with", async (typist, view) => {
  const { page, keyboard } = typist;
  await view.open(`#/inspect/${harness.list}`);
  await view.settled(/is an OCI image index/);
  await typist.link("Copy");
  await typist.press("Enter", heading(page, "The source is here"));
  await typist.to(page.getByLabel("Target", { exact: true }));
  await keyboard.type(`${harness.front.host}/keys/app:1`);
  await typist.press("Enter", heading(page, "The plan of the copy"));
  await typist.button(/^Start the copy/);
  harness.front.hold(2);
  await typist.press("Enter", heading(page, "Copying"));
  await typist.button("Pause");
  await typist.press("Space", heading(page, "The copy stands still"));
  harness.front.mend();
  await typist.button("Go on");
  await typist.press("Enter", heading(page, "Copied, and read back"));
  await typist.to(page.getByRole("link", { name: /keys\/app|Inspect/ }));
});

typed("an image is saved into a file", async (typist, view) => {
  const { page } = typist;
  await page.addInitScript(answerDialogs);
  await view.open(`#/copy?from=http://${harness.registry.host}/app:2`);
  await heading(page, "The source is here").waitFor();
  await typist.to(page.getByRole("radio", { name: "a registry" }));
  await typist.press("ArrowRight", page.locator("#copy-archive"));
  assert.ok(await page.getByRole("radio", { name: "a file" }).isChecked());
  await typist.to(page.locator("#copy-archive"));
  await typist.press("ArrowDown");
  await typist.press("ArrowDown");
  assert.equal(await page.locator("#copy-archive").inputValue(), "dir");
  await typist.button("Plan the file");
  await typist.press("Enter", heading(page, "The file is planned"));
  await typist.button(/^Save \d/);
  await typist.press("Enter", heading(page, "Saved, and every byte of it verified"));
});

typed("tags are listed, filtered and ticked, and one is opened", async (typist, view) => {
  const { page, keyboard } = typist;
  await view.open(`#/tags/http://${harness.tags.host}/team/many`);
  await heading(page, /has 70 tags/).waitFor();
  await typist.to(page.locator("#tag-filter"));
  await keyboard.type("1.6");
  await page.getByText("1.69", { exact: true }).first().waitFor();
  await typist.to(page.getByRole("checkbox", { name: "Tick 1.69" }));
  await typist.press("Space");
  assert.ok(await page.getByRole("checkbox", { name: "Tick 1.69" }).isChecked());
  await typist.to(page.getByRole("checkbox", { name: "Tick 1.68" }));
  await typist.press("Space", page.getByRole("link", { name: /Diff|Compare/ }));
  await typist.to(page.getByRole("link", { name: "1.69", exact: true }), "Shift+Tab");
  await typist.press("Enter", heading(page, /OCI image index/));
  await page.goBack();
  await heading(page, /has 70 tags/).waitFor();
  await until(() => page.evaluate(readFocus), Boolean, "the focus on the way back");
});

typed("two images are compared, swapped, and their files too", async (typist, view) => {
  const { page, keyboard } = typist;
  const place = `http://${harness.registry.host}/app`;
  await view.open("#/diff");
  await typist.to(page.getByLabel("From", { exact: true }));
  await keyboard.type(`${place}:1`);
  await typist.to(page.getByLabel("To", { exact: true }));
  await keyboard.type(`${place}:2`);
  await typist.press("Enter", heading(page, /layers? (is|are) shared/));
  await typist.button("Swap");
  await typist.press("Enter", page.locator("main").getByText(/app:2 and [^ ]*app:1/));
  await heading(page, /layers? (is|are) shared/).waitFor();
  await typist.button("Compare their files");
  await typist.press("Enter", page.getByText(/paths? differs?, \d+ (is|are) alike/));
  await typist.button(/^Only in the left one/);
  await typist.press("Space", page.getByRole("button", { name: /^Only in the left one/, pressed: true }));
  await typist.button("Compare signatures and SBOMs");
  await typist.press("Enter", page.getByRole("button", { name: "Ask again" }));
});

typed("what is related to an image is found, walked and opened", async (typist, view) => {
  const { page } = typist;
  await view.open(`#/inspect/http://${harness.related.host}/team/app:1`);
  await view.settled(/is an OCI image/);
  await typist.link("Related", page);
  await typist.press("Enter", page.locator(".related-row"));
  await typist.to(page.locator("#related-0"));
  await typist.press("ArrowRight", page.getByText("SPDX 2.3"));
  await typist.press("ArrowDown");
  await typist.press("Home");
  await typist.press("ArrowLeft");
  await until(() => page.getByText("SPDX 2.3").count(), (count) => count === 0, "it is closed");
  await typist.press("Enter", page.getByText("SPDX 2.3"));
});

typed("folders are opened, an entry is read, and left again", async (typist, view) => {
  const { page, keyboard } = typist;
  await view.open(`#/inspect/http://${harness.registry.host}/app:2`);
  await view.settled(/is an OCI image/);
  await typist.link("Files", page);
  await typist.press("Enter", page.getByRole("button", { name: /and list their files$/ }));
  await typist.button(/and list their files$/);
  const rows = page.locator("#file-rows");
  await typist.press("Enter", rows);
  await until(() => rows.evaluate((element) => element === document.activeElement), Boolean, "the focus on the rows");
  const chosen = () => page.locator("[role=row][aria-selected=true]").innerText();
  const walk = async (key, name) => {
    await typist.press(key);
    await until(chosen, (text) => name.test(text), `${name} behind ${key}`);
  };
  await walk("Home", /etc/);
  await keyboard.press("ArrowRight");
  await page.locator("[role=row]", { hasText: "passwd" }).waitFor();
  await walk("ArrowDown", /passwd/);
  await typist.press("Enter", page.locator(".file-content .source"));
  assert.equal(await page.locator(".file-content .source").first().textContent(), PASSWD.trim());
  await typist.button("Close", page.locator(".file-content"));
  await typist.press("Enter");
  await page.locator(".file-content .source").waitFor({ state: "detached" });
  await typist.to(rows, "Shift+Tab");
  await walk("ArrowLeft", /etc/);
  await keyboard.press("ArrowLeft");
  await page.locator("[role=row]", { hasText: "passwd" }).waitFor({ state: "detached" });
  await typist.to(page.getByRole("textbox", { name: "Path" }), "Shift+Tab");
  await keyboard.press("Control+a");
  await keyboard.type("/etc/passwd");
  await typist.press("Enter", page.locator(".file-entry h3", { hasText: "passwd" }));
  await typist.button("What a layer changed");
  await typist.press("Space", page.getByRole("button", { name: "What a layer changed", pressed: true }));
});

typed("an archive is opened, to one of its images, and its layers are checked", async (typist, view) => {
  const { page } = typist;
  await view.open();
  await typist.to(page.getByRole("link", { name: "Open an archive of images" }));
  await typist.press("Enter", page.locator("#files"));
  // Who waits for the browser's dialog has it not shown, from some moment on: so before it is asked for.
  const coming = page.waitForEvent("filechooser");
  await typist.to(page.locator("#files"));
  await typist.keyboard.press("Enter");
  const base = archive([{ name: "etc/" }, { name: "etc/passwd", content: PASSWD }]);
  await (await coming).setFiles(written("harbour.tar", docker25([base], "harbour:1").bytes));
  const row = page.locator("table.images a");
  await row.first().waitFor();
  await until(() => page.evaluate(readFocus), Boolean, "the focus behind the file");
  await typist.to(row);
  await typist.press("Enter", heading(page, /is an? (OCI|Docker) image/));
  await typist.button(/^Check \d+ layers?/);
  await typist.press("Enter", page.locator(".conclusion", { hasText: "The only layer is" }));
});

typed("the layers of an image are checked, and it is validated", async (typist, view) => {
  const { page } = typist;
  await view.open(`#/inspect/http://${harness.registry.host}/app:2`);
  await view.settled(/is an OCI image/);
  await typist.button(/^Check \d+ layers/);
  await typist.press("Enter", page.locator(".conclusion", { hasText: /^All|^Both/ }));
  await typist.button(/^Validate/);
  await typist.press("Enter", page.locator("#validation p[role=status]"));
  await typist.to(page.locator("#validation summary"));
  await typist.press("Enter", page.locator("#validation details[open]"));
  await typist.button("Download as JSON");
  const coming = page.waitForEvent("download");
  await typist.press("Enter");
  await coming;
});

typed("what is shared, the shortcuts and the settings are dialogs that keep the focus and give it back", async (typist, view) => {
  const { page } = typist;
  await view.open(`#/inspect/http://${harness.registry.host}/app:2`);
  await view.settled(/is an OCI image/);
  await typist.dialog("Share", /^Share/, async (dialog) => {
    await typist.button("Download as JSON", dialog);
    const coming = page.waitForEvent("download");
    await typist.press("Enter");
    await coming;
  });
  await typist.dialog("Keyboard shortcuts", "Keyboard shortcuts", async (dialog) => {
    await typist.button("Close", dialog);
  });
  await typist.dialog("Settings", "Settings", async (dialog) => {
    await typist.to(dialog.getByRole("radio", { name: "system" }));
    await typist.press("ArrowRight");
  });
});

typed("credentials are given in the settings, and the image behind them comes", async (typist, view) => {
  const { page, keyboard } = typist;
  await view.open(`#/inspect/http://${harness.secret.host}/greeter:1`);
  const settings = page.locator("main").getByRole("button", { name: /settings|credentials|sign in/i });
  await page.locator(".error").waitFor();
  await typist.to(settings);
  const dialog = page.getByRole("dialog", { name: "Settings" });
  await typist.press("Enter", dialog);
  await typist.to(dialog.getByLabel("Way"));
  await typist.press("ArrowDown");
  await typist.press("ArrowUp");
  await typist.to(dialog.getByLabel("User name"));
  await keyboard.type(user.name);
  await typist.to(dialog.getByLabel("Password or token"));
  await keyboard.type(user.password);
  await typist.button("Use for this registry", dialog);
  await typist.press("Enter", heading(page, /is an OCI image/));
  await dialog.waitFor({ state: "hidden" });
}, { secrets: [user.password, user.basic, user.basic.replace("Basic ", "")] });

typed("a list is composed of another, reordered, edited, named and pushed", async (typist, view) => {
  const { page, keyboard } = typist;
  await view.open(`#/inspect/http://${harness.registry.host}/app:list`);
  await view.settled(/is an OCI image index/);
  await typist.button("Compose from this list");
  await typist.press("Enter", page.locator(".entry .verdict-word.good").nth(1));
  const names = () => page.locator(".entry .entry-name").allInnerTexts();
  await until(names, ([first, second]) => first === "linux/amd64" && second === "linux/arm64", "both rows");
  const edit = page.getByRole("button", { name: "Edit linux/arm64", exact: true });
  await typist.to(edit);
  await typist.press("Alt+ArrowUp");
  await until(names, ([first]) => first === "linux/arm64", "the other order");
  await until(() => edit.evaluate((element) => element === document.activeElement), Boolean, "the focus with its row");
  await typist.press("Enter", page.getByLabel("variant"));
  await typist.to(page.getByLabel("variant"));
  await keyboard.type("v8");
  await typist.to(page.getByLabel("Keep linux/amd64"));
  await typist.press("Space");
  await typist.press("Space");
  await typist.to(page.getByLabel("Target", { exact: true }));
  await keyboard.press("Control+a");
  await keyboard.type(`http://${harness.front.host}/composed/app:1`);
  await typist.button("Plan the push");
  await typist.press("Enter", heading(page, "The plan of the push"));
  await typist.button("Start the push");
  harness.front.hold(1);
  await typist.press("Enter", heading(page, "Pushing"));
  await typist.button("Cancel");
  await typist.press("Enter", heading(page, "The push was cancelled"));
  harness.front.mend();
  await typist.button("Go on");
  await typist.press("Enter", heading(page, /^Pushed: /));
});
