// @ts-check
// Which entry of a list a machine takes.
import assert from "node:assert/strict";
import { journey, openHarness } from "./support/harness.mjs";

const harness = openHarness(() => {});

const marks = (page) =>
  page
    .locator(".taken")
    .evaluateAll((all) => all.map((one) => [one.closest("tr").querySelector("a").textContent, one.textContent]));

journey("a machine that is typed marks what is taken, and stays in the address", harness, async (view) => {
  const { page } = view;
  await view.open("#/example/index");
  await view.settled(/^This example is/);
  await page.getByRole("button", { name: "Which one does a machine take?" }).click();
  const box = page.getByRole("textbox", { name: "Platform of the machine" });
  await box.waitFor();
  assert.ok(await box.evaluate((element) => element === document.activeElement), "the box has the focus");
  await page.keyboard.type("linux/arm/v8");
  await page.keyboard.press("Enter");
  await page.locator(".taken").first().waitFor();
  assert.match(page.url(), /#\/example\/index\?platform=linux\/arm\/v8$/);
  assert.deepEqual(await marks(page), [["linux/arm/v7", "taken by docker, containerd and podman"]]);
  assert.match(await page.locator("#taken").textContent(), /^docker, containerd and podman take entry \d+, linux\/arm\/v7/);
  // podman knows no order of amd64's variants, and nobody runs what is not there.
  await box.fill("linux/mips");
  await page.keyboard.press("Enter");
  await page.getByText("docker, containerd and podman take none: no entry is for it.").waitFor();
  assert.deepEqual(await marks(page), []);
  await box.fill("linux");
  await box.fill("vax/vms/1/2");
  await page.keyboard.press("Enter");
  await page.getByText("Platform has 4 parts").waitFor();
  await page.goBack();
  await page.goBack();
  await page.locator(".taken").first().waitFor();
  await page.reload();
  await page.locator(".taken").first().waitFor();
  assert.equal(await box.inputValue(), "linux/arm/v8");
});

journey("this machine's platform is the browser's own hint", harness, async (view) => {
  const { page } = view;
  await view.open("#/example/list");
  await view.settled(/^This example is/);
  await page.getByRole("button", { name: "Which one does a machine take?" }).click();
  await page.getByRole("button", { name: "This machine" }).click();
  const own = { x64: "linux/amd64", arm64: "linux/arm64" }[process.arch];
  await page.waitForURL((url) => url.hash === `#/example/list?platform=${own}`);
  const [[platform]] = await marks(page);
  assert.ok(platform.startsWith(own), platform);
});
