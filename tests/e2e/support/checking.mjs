// @ts-check
// The check of layers as a person meets it.

import { until } from "./view.mjs";

/** What the rows of layers show. */
export const rows = (page) =>
  page.locator(".checked > li").evaluateAll((all) =>
    all.map((row) => ({
      seals: [...row.querySelectorAll(".checked-seal")].map((seal) =>
        ["good", "bad", "hollow", "working"].find((name) => seal.classList.contains(name)),
      ),
      words: [...row.querySelectorAll(".checked-seal > span:last-child")].map((words) => words.textContent),
      line: row.querySelector(".checked-line").textContent,
      more: row.querySelector(".checked-more")?.innerText ?? "",
    })),
  );
/** What came of the check, in one sentence. */
export const conclusion = (page) => page.locator(".conclusion").first().textContent();
export const checkButton = (page) => page.getByRole("button", { name: /^Check \d+ layers?/ });

/** Goes to an image. */
export async function look(view, reference) {
  await view.ask(reference);
  await view.settled(/is an OCI image/);
}

/** Waits for that sentence. */
export async function concluded(page, words) {
  return until(() => conclusion(page), (text) => words.test(text), `the conclusion ${words}`);
}
