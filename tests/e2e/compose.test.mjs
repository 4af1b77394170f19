// @ts-check
// Compose as a person uses it: lists of images that skopeo pushed, of lists, of pasted and dropped manifests without a
// network; edited, reordered by keyboard, undone, kept over a reload, downloaded. skopeo and sha256 judge the bytes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { lyingRegistry } from "./support/hostile.mjs";
import { inspect, manifestDigest, sha256 } from "./support/oracle.mjs";
import { answeredWith, journey, openHarness, refusedByCors } from "./support/harness.mjs";
import { find, fixtures, run } from "./support/programs.mjs";
import { blob, dockerRegistry, examples, fixture, user } from "./support/registries.mjs";
import { until } from "./support/view.mjs";

const skopeo = find("skopeo");
const golden = path.join(fixtures, "../golden/compose");
const { cases } = JSON.parse(readFileSync(path.join(golden, "cases.json")));

const harness = openHarness(async (harness) => {
  harness.registry = await harness.open(dockerRegistry());
  harness.secret = await harness.open(dockerRegistry({ auth: true }));
  harness.lying = await harness.open(lyingRegistry());
  harness.list = await harness.registry.push("oci-index/lantern");
  await harness.registry.push("docker-schema1-signed/converted");
  await harness.secret.push("oci-manifest/greeter");
  for (const machine of ["amd64", "arm64"]) {
    const flags = ["--override-os", "linux", "--override-arch", machine];
    const both = ["--src-tls-verify=false", "--dest-tls-verify=false"];
    await run(skopeo, ["copy", ...flags, ...both, `docker://${harness.list}`, `docker://${harness.registry.host}/app:${machine}`]);
  }
});
const expected = (harness) => [harness.registry, harness.secret, harness.lying].flatMap(({ host }) => refusedByCors(host));
const clipboard = { permissions: ["clipboard-read", "clipboard-write"] };

const box = (view) => view.page.getByLabel("Images and lists, one a line");
const named = (view, name) => view.page.locator(".entry", { has: view.page.locator(".entry-name", { hasText: name }) });
const press = (view, name) => view.page.getByRole("button", { name, exact: true }).click();
const titled = (view, title) => view.page.getByRole("heading", { level: 1, name: title }).waitFor();

/** What is on the page: the rows, the digest, the bytes. */
const shown = (view) =>
  view.page.evaluate(() => ({
    rows: [...document.querySelectorAll(".entry")].map((row) => ({
      name: row.querySelector(".entry-name").textContent,
      kept: row.querySelector("input").checked,
      below: row.classList.contains("below"),
      state: row.querySelector(".verdict-word").innerText.trim(),
      trouble: row.querySelector(".entry-trouble").innerText,
    })),
    digest: document.querySelector(".ledger [data-copy]")?.dataset.copy,
    bytes: [...document.querySelectorAll(".code .source")].map((line) => line.textContent).join("").slice(0, -1),
    said: document.querySelector("article > [role=status]")?.textContent,
    stamp: document.querySelector(".stamp")?.innerText,
  }));

/** Waits until nothing is on its way and the page is as `holds` says. */
const settled = (view, holds, what) =>
  until(
    async () => ((await view.page.locator(".verdict .progress").count()) ? null : shown(view)),
    (page) => page && holds(page),
    what,
  );
const names = ({ rows }) => rows.map(({ name }) => name);

async function add(view, ...sources) {
  if (!view.page.url().includes("#/compose")) await view.open("#/compose");
  await box(view).fill(sources.join("\n"));
  await press(view, "Add");
}

/** Downloads the list; its name and bytes, which have to have the digest that is shown. */
async function download(view) {
  const coming = view.page.waitForEvent("download");
  await press(view, "Download");
  const file = await coming;
  const bytes = readFileSync(await file.path());
  const { digest, bytes: text } = await shown(view);
  assert.equal(sha256(bytes), digest);
  assert.equal(await manifestDigest(bytes), digest);
  assert.equal(bytes.toString(), text);
  return { name: file.suggestedFilename(), bytes };
}

journey(
  "images by tag and by digest become one index, its file has the digest shown",
  harness,
  async (view) => {
    const { host } = harness.registry;
    const arm = await inspect(`${host}/app:arm64`);
    await add(view, `docker pull ${host}/app:amd64`, `${host}/app@${arm.digest}`);
    await titled(view, "An OCI image index of 2 manifests");
    const page = await settled(view, ({ rows }) => rows.length === 2 && rows.every((row) => row.state === "hashed here"));
    assert.deepEqual(names(page), ["linux/amd64", "linux/arm64"]);
    assert.match(page.stamp, /Checked here\n2 of 2 entries hashed here/);
    await view.page.getByLabel("Target", { exact: true }).fill(`${host}/app:1.0`);
    const { name, bytes } = await download(view);
    assert.equal(name, "app-1.0.oci-index.json");
    const list = JSON.parse(bytes);
    const amd = await inspect(`${host}/app:amd64`);
    assert.deepEqual(
      list.manifests.map(({ digest, size, platform }) => [digest, size, platform.architecture]),
      [
        [amd.digest, amd.size, "amd64"],
        [arm.digest, arm.size, "arm64"],
      ],
    );
    // The commands name each source by its digest, and plain http.
    await view.page.getByText("podman", { exact: true }).click();
    await view.page.getByText(`podman manifest add --tls-verify=false ${host}/app:1.0 docker://${host}/app@${amd.digest}`).waitFor();
    for (const tool of ["docker buildx", "docker manifest", "crane", "regctl", "oras", "podman", "manifest-tool"]) {
      await view.page.locator(".tools b", { hasText: tool }).first().waitFor();
    }
  },
  { expected },
);

journey(
  "a digest alone is looked for in the repository of the target",
  harness,
  async (view) => {
    const { host } = harness.registry;
    const { digest } = await inspect(`${host}/app:arm64`);
    await add(view, `${host}/app:amd64`);
    await settled(view, ({ rows }) => rows[0]?.state === "hashed here", "the first");
    await box(view).fill(digest);
    await view.page.locator("#sources-read").getByText("a digest alone names no repository").waitFor();
    await view.page.getByLabel("Target", { exact: true }).fill(`${host}/app:2`);
    await press(view, "Add");
    const page = await settled(view, ({ rows }) => rows.length === 2 && rows[1].state === "hashed here", "the second");
    assert.deepEqual(names(page), ["linux/amd64", "linux/arm64"]);
  },
  { expected },
);

journey(
  "a list is opened from Inspect: a platform dropped, another edited, what changed is told, and undone to the last byte",
  harness,
  async (view) => {
    const list = await inspect(harness.list);
    await view.ask(`http://${harness.list}`);
    await press(view, "Compose from this list");
    let page = await settled(view, ({ rows }) => rows.length === 10 && rows.every((row) => row.state === "hashed here"));
    assert.equal(page.digest, list.digest, "written in its own form, it is the same list");
    assert.equal(page.bytes, list.bytes.toString());
    await view.page.getByText("None: these are its very bytes.").waitFor();
    assert.deepEqual(names(page).slice(0, 4), ["linux/amd64", "provenance", "linux/arm64", "provenance"]);
    assert.equal(new URL(view.page.url()).hash, "#/compose");

    await view.page.getByLabel("Keep linux/amd64").uncheck();
    page = await settled(view, ({ digest }) => digest !== list.digest, "another digest");
    // Its attestation goes with it.
    assert.deepEqual(
      page.rows.filter(({ kept }) => !kept).map(({ name, below }) => [name, below]),
      [
        ["linux/amd64", false],
        ["provenance", true],
      ],
    );
    assert.equal(JSON.parse(page.bytes).manifests.length, 8);
    await press(view, "Edit linux/s390x");
    await view.page.getByLabel("variant").fill("z15");
    await view.page.locator(".stop").getByText("removed, was entry 1").waitFor();
    await view.page.locator("tr", { hasText: "platform/variant" }).getByText("z15", { exact: true }).last().waitFor();
    // A part that is missing is told at once, and the list keeps what it had.
    const before = (await shown(view)).digest;
    await view.page.getByLabel("architecture").fill("");
    await view.page.getByText("architecture is missing: the list still has the platform it had").waitFor();
    assert.equal((await shown(view)).digest, before);
    await view.page.getByLabel("architecture").fill("s390x");

    await view.page.locator("#verdict").focus();
    await view.page.keyboard.press("Control+z");
    await view.page.keyboard.press("Control+z");
    page = await settled(view, ({ digest }) => digest === list.digest, "the first digest again");
    assert.ok(page.rows.every(({ kept }) => kept));
    await view.page.keyboard.press("Control+Shift+Z");
    await settled(view, ({ bytes }) => JSON.parse(bytes).manifests.length === 8, "the drop again");
    await press(view, "Undo");
    await settled(view, ({ digest }) => digest === list.digest, "the first digest by the button");

    // Every attestation at once.
    await view.page.getByLabel(/^Keep all attestations/).uncheck();
    page = await settled(view, ({ bytes }) => JSON.parse(bytes).manifests.length === 5, "no attestation");
    await press(view, "Make it one entry");
    page = await settled(view, ({ rows }) => rows.length === 1, "one nested entry");
    assert.equal(JSON.parse(page.bytes).manifests[0].digest, list.digest);
    await press(view, "Edit nested list");
    await press(view, "Open it into its entries");
    await settled(view, ({ rows }) => rows.length === 10, "its entries again");
  },
  { expected },
);

journey(
  "by the keyboard alone: sources are added, moved, the focus stays with the row and its place is said",
  harness,
  async (view) => {
    const { page } = view;
    const { host } = harness.registry;
    const focused = () => page.evaluate(() => document.activeElement.id);
    const tabTo = async (id) => {
      for (let left = 100; (await focused()) !== id; left--) {
        assert.ok(left > 0, `Tab comes to ${id}`);
        await page.keyboard.press("Tab");
      }
    };
    await view.open("#/compose");
    await box(view).waitFor();
    await tabTo("sources");
    await page.keyboard.type(`${host}/app:amd64\n${host}/app:arm64`);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const before = await settled(view, ({ rows }) => rows.length === 2 && rows.every((row) => row.state === "hashed here"));
    await tabTo("edit-2");
    await page.keyboard.press("Alt+ArrowUp");
    let after = await settled(view, ({ rows }) => rows[0].name === "linux/arm64", "the other order");
    assert.equal(after.said, "linux/arm64 is 1 of 2");
    assert.notEqual(after.digest, before.digest);
    await until(focused, (id) => id === "edit-2", "the focus with its row");
    await page.keyboard.press("Alt+ArrowUp");
    await settled(view, ({ said }) => said === "linux/arm64 is the first already", "no place above");
    await page.keyboard.press("Alt+ArrowDown");
    after = await settled(view, ({ digest }) => digest === before.digest, "the order before");
    // The same by the buttons of the row.
    await tabTo("up-2");
    await page.keyboard.press("Enter");
    await settled(view, ({ said }) => said === "linux/arm64 is 1 of 2", "moved by its button");
    await until(focused, (id) => id === "up-2", "the focus on the button");
    // What was taken away leaves the focus beside it.
    await tabTo("remove-2");
    await page.keyboard.press("Enter");
    await settled(view, ({ rows }) => rows.length === 1, "one row");
    await until(focused, (id) => id === "remove-1", "the focus on the next row");
    await page.keyboard.press("Control+z");
    await settled(view, ({ rows }) => rows.length === 2, "two rows again");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).getByText("in Compose: move the entry in focus").waitFor();
  },
  { expected },
);

journey(
  "the work is there again after a reload, and after being elsewhere; what was fetched is hashed again",
  harness,
  async (view) => {
    const { page } = view;
    await add(view, `${harness.registry.host}/app:amd64`);
    await settled(view, ({ rows }) => rows[0]?.state === "hashed here", "the image");
    const greeter = fixture("oci-manifest/greeter");
    await view.drop("greeter.json", greeter.bytes);
    await press(view, "Edit linux/amd64");
    await page.getByLabel("Name", { exact: true }).first().fill("org.example.note");
    await page.getByLabel("Value").first().fill("<kept>");
    await page.getByRole("button", { name: "Add annotation" }).first().click();
    const before = await settled(view, ({ bytes }) => bytes.includes("org.example.note"), "the annotation");
    await until(
      () => page.evaluate(() => sessionStorage.getItem("waybill.compose")),
      (kept) => kept?.includes("org.example.note"),
      "the work in the tab",
    );
    await page.reload();
    const after = await settled(view, ({ rows }) => rows.length === 2 && rows.every((row) => row.state === "hashed here"));
    assert.equal(after.digest, before.digest);
    await page.getByRole("link", { name: "Verify" }).click();
    await page.locator("#verify-form").waitFor();
    await page.getByRole("link", { name: "Compose", exact: true }).click();
    assert.equal((await settled(view, ({ rows }) => rows.length === 2, "the work")).digest, before.digest);
    await press(view, "Start anew");
    await titled(view, "Compose a list");
    await until(
      () => page.evaluate(() => sessionStorage.getItem("waybill.compose")),
      (kept) => kept === null,
      "nothing kept",
    );
    await press(view, "Undo");
    assert.equal((await settled(view, ({ rows }) => rows.length === 2, "the work")).digest, before.digest);
  },
  { expected },
);

journey(
  "with the network cut: pasted and dropped manifests, the example, and manifest-tool's YAML",
  harness,
  async (view, _, context) => {
    const { page } = view;
    await view.open("#/compose");
    await box(view).waitFor();
    // The examples are there too.
    await page.waitForLoadState("networkidle");
    await context.setOffline(true);
    const index = JSON.parse(fixture("oci-index/lantern").bytes);
    const image = fixture("oci-manifest/greeter");
    await page.evaluate((text) => navigator.clipboard.writeText(text), image.bytes.toString());
    await page.locator("#verdict").focus();
    await page.keyboard.press("Control+V");
    let now = await settled(view, ({ rows }) => rows.length === 1, "the pasted image");
    assert.equal(now.rows[0].name, "no platform", "its config is not here");
    // Its config comes behind it, and a whole list with its children beside it.
    await view.drop("config.json", blob(JSON.parse(image.bytes).config.digest));
    await settled(view, ({ rows }) => rows.length === 1 && rows[0].name === "linux/arm64/v8", "its platform");
    const file = (name, buffer) => ({ name, mimeType: "application/json", buffer });
    const children = index.manifests.map(({ digest }) => file(`${digest.slice(7, 19)}.json`, fixtureOf(digest)));
    await page.locator("#files").setInputFiles([file("index.json", fixture("oci-index/lantern").bytes), ...children]);
    now = await settled(view, ({ rows }) => rows.length === 11, "the list's entries");
    assert.ok(now.rows.every(({ state }) => state === "hashed here"));
    const { bytes } = await download(view);
    await press(view, "Copy as JSON");
    await until(
      () => page.evaluate(() => navigator.clipboard.readText()),
      (copied) => copied === bytes.toString(),
      "the same bytes on the clipboard",
    );

    // What is saved as YAML is opened again: a file of nothing but references, which cannot come now.
    await page.getByLabel("Target", { exact: true }).fill("registry.example/app:1");
    await page.locator(".tools summary", { hasText: "manifest-tool" }).click();
    const coming = page.waitForEvent("download");
    await press(view, "Save as manifest-tool YAML");
    const yaml = await coming;
    assert.equal(yaml.suggestedFilename(), "list.yaml");
    const text = readFileSync(await yaml.path());
    assert.match(text.toString(), /^image: "registry\.example\/app:1"\nmanifests:\n/);
    await press(view, "Start anew");
    await press(view, "An example that needs no network");
    now = await settled(view, ({ rows }) => rows.length === 10, "the example");
    assert.equal(now.digest, examples.find(({ name }) => name === "index").digest);
  },
  { expected, ...clipboard },
);

/** The bytes of the fixture with that digest. */
function fixtureOf(digest) {
  const { fixtures: all } = JSON.parse(readFileSync(path.join(fixtures, "index.json")));
  return readFileSync(path.join(fixtures, all.find((one) => one.digest === digest).file));
}

journey(
  "manifest-tool's YAML is opened as a composition",
  harness,
  async (view) => {
    const { host } = harness.registry;
    const yaml = `image: ${host}/app:from-yaml
tags: ['2.0']
manifests:
- image: ${host}/app:amd64
- image: ${host}/app:arm64
  platform: {os: linux, architecture: arm64, variant: v8}
`;
    await view.open("#/compose");
    await box(view).waitFor();
    await view.drop("list.yaml", Buffer.from(yaml));
    const page = await settled(view, ({ rows }) => rows.length === 2 && rows.every((row) => row.state === "hashed here"));
    assert.deepEqual(names(page), ["linux/amd64", "linux/arm64/v8"]);
    assert.equal(await view.page.getByLabel("Target", { exact: true }).inputValue(), `${host}/app:from-yaml`);
    await view.page.getByText("its further tags are not taken over: 2.0").waitFor();
    await view.drop("broken.yaml", Buffer.from("image: a\nmanifests: 3\n"));
    await view.page.getByText("manifests has to be an array").waitFor();
    assert.equal((await shown(view)).rows.length, 2, "what was there stays");
  },
  { expected },
);

journey(
  "what cannot be composed says so in its row, and the rest goes on",
  harness,
  async (view) => {
    const { host } = harness.registry;
    const wrong = `sha256:${"ab".repeat(32)}`;
    await add(
      view,
      `${host}/app:amd64`,
      `${host}/app:none`,
      `${host}/fixtures/converted:2.4.1`,
      `${harness.lying.host}/wrong-header:1`,
      `${harness.secret.host}/fixtures/greeter:0.9.0`,
      "not//a reference",
    );
    // The faulty line stays to be mended, the others are on their way.
    assert.equal(await box(view).inputValue(), "not//a reference");
    let page = await settled(view, ({ rows }) => rows.length === 5 && rows[0].state === "hashed here", "five rows");
    const trouble = page.rows.map(({ state, trouble }) => `${state}: ${trouble}`);
    assert.match(trouble[1], /^did not come: .* does not have this \(404\)/s);
    assert.match(trouble[2], /^not composed: It is Docker schema 1, which no list may name/);
    assert.match(trouble[3], /^not composed: Its bytes are not those of sha256:/);
    assert.match(trouble[4], /^did not come: .* wants credentials/s);
    assert.match(page.stamp, /4 left out\n1 of 1 entry hashed here/);
    assert.equal(JSON.parse(page.bytes).manifests.length, 1);
    // Credentials are entered where they are asked for, and the row comes.
    await named(view, "greeter").getByRole("button", { name: "Enter credentials" }).click();
    await view.useSettings(user);
    page = await settled(view, ({ rows }) => rows[4].state === "hashed here", "the secret one");
    assert.equal(JSON.parse(page.bytes).manifests.length, 2);
    // A registry's digest is what the person asked for, or nothing is composed.
    await add(view, `${host}/app@${wrong}`);
    page = await settled(view, ({ rows }) => rows.length === 6, "the wrong one");
    assert.equal(page.rows[5].state, "did not come");
    // One that answers a digest with other bytes, one with two kinds of content at once, one with too much.
    const lie = fixture("oci-manifest/greeter").digest;
    await add(view, `${harness.lying.host}/other-bytes@${lie}`, `${harness.lying.host}/two-kinds:1`, `${harness.lying.host}/large:1`);
    page = await settled(view, ({ rows }) => rows.length === 9 && rows[8].state === "did not come", "three more");
    assert.match(page.rows[6].trouble, new RegExp(`^Its bytes are not those of ${lie}`));
    assert.match(page.rows[7].trouble, /^ambiguous: /);
    assert.match(page.rows[8].trouble, /sends more than 4 MiB, refused/);
    assert.equal(JSON.parse(page.bytes).manifests.length, 2);
    for (const id of [9, 8, 7, 6, 4, 3, 2]) await view.page.locator(`#remove-${id}`).click();
    page = await settled(view, ({ rows }) => rows.length === 2, "only what is good");
    assert.match(page.stamp, /Checked here/);
  },
  {
    expected: (harness) => [...expected(harness), answeredWith("40[14]", ""), /status of 40[14]/],
    secrets: [user.password, user.basic, user.basic.replace("Basic ", "")],
  },
);

journey(
  "a Docker list, Windows by its versions, a list inside a list: one list of them all, of either kind",
  harness,
  async (view) => {
    const { page } = view;
    const names = ["docker-list/lantern-list", "oci-index/windows", "oci-index/nested"];
    const sources = [];
    for (const name of names) sources.push(await harness.registry.push(name));
    await add(view, ...sources);
    const entries = names.flatMap((name) => JSON.parse(fixture(name).bytes).manifests);
    const all = (rows) => rows.length === entries.length && rows.every(({ state }) => state === "hashed here");
    const now = await settled(view, ({ rows }) => all(rows), "every entry");
    const written = JSON.parse(now.bytes).manifests;
    assert.deepEqual(
      written.map(({ digest, mediaType, platform }) => [digest, mediaType, platform]),
      entries.map(({ digest, mediaType, platform }) => [digest, mediaType, platform]),
    );
    assert.ok(now.rows.some(({ name }) => name === "windows(10.0.20348.2700)/amd64"));
    const of = (digest) => now.rows[written.findIndex((entry) => entry.digest === digest)];
    const nested = entries.find(({ mediaType }) => mediaType.endsWith("index.v1+json"));
    assert.match(of(nested.digest).trouble, /A list inside a list/);
    await page.locator(".finding", { hasText: "Docker manifests in an OCI index" }).waitFor();
    await download(view);
    await page.locator("#kind-docker").check();
    await page.locator(".finding", { hasText: "OCI manifests in a Docker list" }).waitFor();
    const { name, bytes } = await download(view);
    assert.equal(name, "list.docker-list.json");
    assert.match(JSON.parse(bytes).mediaType, /manifest\.list\.v2/);
  },
  { expected },
);

journey(
  "undo and redo go through every kind of change, to the last byte, and the last state is there after a reload",
  harness,
  async (view) => {
    const { page } = view;
    await view.open("#/compose");
    await box(view).waitFor();
    const target = page.getByLabel("Target", { exact: true });
    const state = async () => [(await shown(view)).digest, (await target.count()) ? await target.inputValue() : ""];
    const states = [await state()];
    const change = async (what, make) => {
      await make();
      const [before] = states.slice(-1);
      states.push(await until(state, (now) => now.join() !== before.join(), what));
    };
    await add(view, harness.list);
    await settled(view, ({ rows }) => rows.length === 10 && rows.every((row) => row.state === "hashed here"));
    states.push(await state());
    await change("a target", () => target.fill(`${harness.registry.host}/a/b:1`));
    await change("another form", () => page.locator("#form-buildx").check());
    await change("Waybill's form", () => page.locator("#form-waybill").check());
    await change("another kind", () => page.locator("#kind-docker").check());
    await change("the first kind", () => page.locator("#kind-oci").check());
    await page.getByText("Annotations, artifact type, subject").click();
    await page.getByLabel("Name", { exact: true }).fill("org.example.note");
    await page.getByLabel("Value").fill("<b>");
    await change("an annotation", () => page.getByRole("button", { name: "Add annotation" }).click());
    await change("an artifact type", () => page.getByLabel("Artifact type").fill("application/x.example"));
    await page.getByLabel("Subject").fill(harness.list);
    await change("a subject", () => press(view, "Set subject"));
    await change("another order", () => press(view, "Move linux/amd64 down"));
    await change("one dropped", () => page.getByLabel("Keep linux/s390x").uncheck());
    await change("one removed", () => press(view, "Remove linux/riscv64"));
    await press(view, "Edit linux/arm64");
    await change("another platform", () => page.getByLabel("variant").fill("v8"));
    for (const wanted of states.slice(0, -1).toReversed()) {
      await press(view, "Undo");
      await until(state, (now) => now.join() === wanted.join(), `${wanted} again`);
    }
    for (const wanted of states.slice(1)) {
      await press(view, "Redo");
      await until(state, (now) => now.join() === wanted.join(), `${wanted} once more`);
    }
    await until(
      () => page.evaluate(() => sessionStorage.getItem("waybill.compose")),
      (kept) => kept?.includes("v8"),
      "the work in the tab",
    );
    await page.reload();
    await until(state, (now) => now.join() === states.at(-1).join(), "the last state");
  },
  { expected },
);

journey(
  "each form gives the digest that its tool gave, and the kind says what it loses",
  harness,
  async (view) => {
    const { page } = view;
    await view.open("#/compose");
    const plain = cases.filter((one) => !one.annotations && !one.entryAnnotations && !one.listed && one.form !== "docker");
    assert.ok(plain.length > 10);
    let sources = "";
    for (const one of plain) {
      if (sources !== one.sources.join()) {
        const anew = page.getByRole("button", { name: "Start anew" });
        if (await anew.count()) await anew.click();
        sources = one.sources.join();
        const files = one.sources.flatMap((name) =>
          [`${name}.json`, `${name}.json.config`].map((file) => ({
            name: file,
            mimeType: "",
            buffer: readFileSync(path.join(golden, "sources", file)),
          })),
        );
        await page.locator("#files").setInputFiles(files);
        await settled(view, ({ rows }) => rows.length === one.sources.length, `the sources of ${one.name}`);
      }
      await page.locator(`#kind-${one.kind}`).check();
      await page.locator(`#form-${one.form}`).check();
      await settled(view, ({ digest }) => digest === one.digest, `the digest of ${one.name}`);
      const { bytes } = await download(view);
      assert.deepEqual(bytes, readFileSync(path.join(golden, `${one.name}.json`)));
    }
    await page.locator("#form-buildx").check();
    await page.locator(".finding", { hasText: "os.version of" }).waitFor();
    await page.locator("#form-waybill").check();
    await page.locator("#kind-oci").check();
    await page.getByText("Annotations, artifact type, subject").click();
    await page.getByLabel("Name", { exact: true }).fill("org.example.note");
    await page.getByRole("button", { name: "Add annotation" }).click();
    await page.locator(".choice", { hasText: "Docker list" }).getByText("Would leave out: annotations").waitFor();
    await page.locator("#kind-docker").check();
    await page.locator(".choice", { hasText: "Docker list" }).getByText("Leaves out: annotations").waitFor();
    await page.locator(".finding", { hasText: "annotations of the list" }).waitFor();
  },
  { expected },
);

journey(
  "an image that is looked at is added, an example and what was verified too",
  harness,
  async (view) => {
    await view.ask(`http://${harness.registry.host}/app:amd64`);
    await press(view, "Add to a composition");
    await settled(view, ({ rows }) => rows.length === 1 && rows[0].state === "hashed here", "the image");
    await view.page.evaluate(() => (location.hash = "#/example/image"));
    await press(view, "Add to a composition");
    await settled(view, ({ rows }) => rows.length === 2 && rows[1].state === "hashed here", "the example's image");
    await view.page.getByRole("link", { name: "Verify" }).click();
    await view.drop("greeter.json", fixture("oci-manifest/greeter").bytes);
    await press(view, "Add to a composition");
    const page = await settled(view, ({ rows }) => rows.length === 3, "what was verified");
    assert.equal(page.rows[2].state, "hashed here");
    await view.page.goBack();
    await view.page.locator(".compared").waitFor();
  },
  { expected },
);

journey(
  "an inspection that is left does not stop what Compose fetches",
  harness,
  async (view) => {
    const { page } = view;
    await add(view, `${harness.lying.host}/silent:1`, `${harness.registry.host}/app:amd64`);
    await settledRow(view, 1, "hashed here");
    await page.evaluate((host) => (location.hash = `#/inspect/http://${host}/app:arm64`), harness.registry.host);
    await page.locator(".stamp").waitFor();
    await page.evaluate(() => (location.hash = "#/compose"));
    await settledRow(view, 0, "being fetched");
    await press(view, "Cancel");
    await settledRow(view, 0, "cancelled");
    await settledRow(view, 1, "hashed here");
  },
  { expected },
);

const settledRow = (view, row, state) =>
  until(
    () => shown(view),
    ({ rows }) => rows[row]?.state === state,
    `row ${row} ${state}`,
  );

journey(
  "a long list is drawn 50 entries a page; a row that leaves its page takes page and focus along",
  harness,
  async (view) => {
    const { page } = view;
    const entry = (number) => ({
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      digest: `sha256:${number.toString(16).padStart(64, "0")}`,
      size: 7,
      platform: { architecture: "amd64", os: "windows", "os.version": `10.0.${number}` },
    });
    const list = {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: Array.from({ length: 300 }, (_, number) => entry(number)),
    };
    await view.open("#/compose");
    await box(view).waitFor();
    await view.drop("long.json", Buffer.from(JSON.stringify(list)));
    let now = await settled(view, ({ rows }) => rows.length === 50, "the first page");
    assert.equal(now.rows[49].name, "windows(10.0.49)/amd64");
    await page.getByRole("button", { name: "Edit windows(10.0.49)/amd64", exact: true }).focus();
    const focused = await page.evaluate(() => document.activeElement.id);
    await page.keyboard.press("Alt+ArrowDown");
    now = await settled(view, ({ rows }) => rows[0].name === "windows(10.0.49)/amd64", "the second page");
    assert.equal(now.said, "windows(10.0.49)/amd64 is 51 of 300");
    await until(
      () => page.evaluate(() => document.activeElement.id),
      (id) => id === focused,
      "the focus with its row",
    );
    await page.getByRole("navigation", { name: "Rows" }).first().getByRole("button", { name: "Last" }).click();
    await settled(view, ({ rows }) => rows[49]?.name === "windows(10.0.299)/amd64", "the last page");
    // Commands of a long list are made when they are wanted.
    await page.getByLabel("Target", { exact: true }).fill("registry.example/app:1");
    await press(view, "Copy for crane");
    const command = await until(
      () => page.evaluate(() => navigator.clipboard.readText()),
      (text) => text.startsWith("crane index append"),
      "the command",
    );
    assert.equal(command.split(" -m ").length, 301);
  },
  { expected, ...clipboard },
);
