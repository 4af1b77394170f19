// @ts-check
// The page as a person meets it: what can be done on it, and what stands on it.

import assert from "node:assert/strict";

const WAIT_MS = 15_000;

/** Waits until `read` gives what `holds` accepts; the last answer. */
export async function until(read, holds, what) {
  const end = performance.now() + WAIT_MS;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (performance.now() > end) throw new Error(`${what} did not come: ${JSON.stringify(value)?.slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// Addresses whose pages are there before the program, as static/boot.js has them.
const EARLY = /^#\/(verify|compose|copy|diff)$/;

/** Waits until the program has drawn in place of the page that was there before it, where one is at this address. */
export async function drawn(page, hash) {
  const isDrawn = () => document.querySelector("p.notice") && !document.querySelector("main[data-address]");
  if (EARLY.test(hash)) await page.waitForFunction(isDrawn);
}

export class View {
  constructor(page, origin) {
    this.page = page;
    this.origin = origin;
    this.box = page.locator("#box");
    this.reading = page.locator("#read");
  }

  /** Opens an address of the page: the part behind `#`. */
  async open(hash = "") {
    await this.page.goto(`${this.origin}/${hash}`);
    await drawn(this.page, hash);
  }

  /** Opens the first page and waits until the program has taken it over: the first key loads it. */
  async ready() {
    await this.open();
    await this.page.keyboard.press("Shift");
    await this.reading.waitFor({ state: "attached" });
  }

  /** Opens the settings. */
  openSettings() {
    return this.page.getByRole("button", { name: "Settings", exact: true }).click();
  }

  /**
   * Fills in the settings, which are open or about to be, and uses them for that registry.
   *
   * @param {{ host?: string, name?: string, password?: string, way?: string }} values
   */
  async useSettings({ host, name, password, way }) {
    const dialog = this.page.getByRole("dialog", { name: "Settings" });
    await dialog.waitFor();
    if (host) await dialog.getByLabel("Registry", { exact: true }).fill(host);
    if (name) await dialog.getByLabel("User name").fill(name);
    if (password) await dialog.getByLabel("Password or token").fill(password);
    if (way) await dialog.getByRole("combobox").selectOption({ label: way });
    await dialog.getByRole("button", { name: "Use for this registry" }).click();
    await dialog.waitFor({ state: "hidden" });
  }

  /** Has a registry asked past the proxy, as somebody says in the settings. */
  async onlyDirectly(host) {
    if (this.page.url() === "about:blank") await this.open();
    await this.openSettings();
    await this.useSettings({ host, way: "Only directly" });
  }

  /** Puts text into the box and presses Enter, as one does on any page. */
  async ask(text) {
    if (this.page.url() === "about:blank") await this.open();
    await this.box.fill(text);
    await this.box.press("Enter");
  }

  /**
   * Waits until a verdict whose title or detail says this stands, and nothing is on its way any more; where the one
   * before may say the same, with the repository that it is about.
   */
  async settled(words, repository) {
    const says = ({ title, detail, stops, working }) =>
      (words.test(title) || words.test(detail)) &&
      !working &&
      (!repository || stops[0]?.fields.Repository === repository);
    return until(
      () => this.shown(),
      (shown) => shown && says(shown),
      `the verdict ${words}`,
    );
  }

  /** Drops a file on the page, as if from the desktop. */
  async drop(name, bytes) {
    const transfer = await this.page.evaluateHandle(
      ({ name, base64 }) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
        return transfer;
      },
      { name, base64: bytes.toString("base64") },
    );
    await this.page.dispatchEvent("main", "dragover", { dataTransfer: transfer });
    await this.page.dispatchEvent("main", "drop", { dataTransfer: transfer });
  }

  /** Everything that the page shows now, as values. */
  async shown() {
    return this.page.evaluate(readPage);
  }
}

// Runs in the page.
function readPage() {
  const textOf = (element) => element?.textContent.trim() ?? "";
  const verdict = document.querySelector("#verdict");
  const stamp = document.querySelector("main .stamp");
  if (!verdict) return null;
  const sealOf = (element) => ["good", "bad", "hollow", "working"].find((name) => element?.classList.contains(name));
  const value = (box) => {
    const copy = box.cloneNode(true);
    copy.querySelectorAll(".label, button, a[href^='#/tags/']").forEach((part) => part.remove());
    return textOf(copy);
  };
  const fieldsOf = (part) =>
    Object.fromEntries(
      [...part.querySelectorAll(".fields > div")].map((box) => [textOf(box.querySelector(".label")), value(box)]),
    );
  const digestOf = (cell) => cell?.querySelector("[data-copy]")?.dataset.copy ?? textOf(cell);
  const cellsOf = (table) =>
    [...document.querySelectorAll(`${table} tbody tr`)].map((row) => ({ row, cells: [...row.children] }));

  const stops = [...document.querySelectorAll(".stops > .stop")].map((stop) => ({
    name: textOf(stop.querySelector("h2")),
    seal: sealOf(stop.querySelector(".stop-name .seal")),
    note: textOf(stop.querySelector("small")),
    fields: fieldsOf(stop),
    text: stop.querySelector(".stop-body").innerText,
  }));
  const entries = cellsOf("table.platforms").map(({ row, cells: [name, digest, size, layers, created, verdict] }) => ({
    name: textOf(name),
    link: name.querySelector("a")?.getAttribute("href"),
    below: row.classList.contains("below"),
    digest: digestOf(digest),
    size: textOf(size),
    layers: textOf(layers),
    created: textOf(created),
    verdict: textOf(verdict),
    seal: sealOf(verdict.querySelector(".verdict-word")),
  }));
  const layers = cellsOf(".stop table:not(.platforms)").map(({ cells: [number, digest, size, mediaType, diffId] }) => ({
    number: textOf(number),
    digest: digestOf(digest),
    size: textOf(size),
    mediaType: mediaType.querySelector("[title]")?.title ?? textOf(mediaType),
    diffId: digestOf(diffId),
  }));
  const history = [...document.querySelectorAll(".steps .step")].map((step) => ({
    layer: textOf(step.firstElementChild),
    instruction: textOf(step.querySelector("code")),
    size: textOf(step.lastElementChild),
    empty: step.classList.contains("empty"),
  }));
  return {
    title: textOf(verdict),
    detail: textOf(verdict.nextElementSibling),
    stamp: { seal: sealOf(stamp), text: textOf(stamp) },
    working: document.querySelector(".stamp.working, .progress, .verdict-word.working") !== null,
    stops,
    entries,
    layers,
    history,
    // Every digest that stands on the page or is copied from it.
    digests: [
      ...new Set(
        [...document.querySelectorAll("main *")]
          .flatMap((part) => [
            part.dataset.copy?.match(/^sha256:[0-9a-f]{64}$/)?.[0],
            part.childElementCount ? null : textOf(part).match(/^sha256:[0-9a-f]{64}$/)?.[0],
          ])
          .filter(Boolean),
      ),
    ].sort(),
    findings: [...document.querySelectorAll(".finding")].map(textOf),
    error: document.querySelector(".error")?.innerText ?? "",
    text: document.querySelector("main").innerText,
  };
}
