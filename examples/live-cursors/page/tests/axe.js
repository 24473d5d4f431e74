/** What axe finds on a page. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * What axe has against a page as it is.
 *
 * @param {{ readonly page: import("playwright-core").Page }} visitor
 * @returns {Promise<string[]>}
 */
export async function violations({ page }) {
  // Nothing is half there, or half of another colour.
  await page.waitForFunction(() => document.getAnimations().every((it) => it.effect?.getTiming().iterations === Infinity));
  await page.evaluate(AXE);
  return await page.evaluate(async () => {
    const { violations, passes } = await /** @type {any} */ (window).axe.run();
    if (!passes.some((/** @type {any} */ rule) => rule.id === "color-contrast")) return ["no contrast was looked at"];
    return violations.flatMap((/** @type {any} */ rule) => rule.nodes.map((/** @type {any} */ it) => `${rule.id}: ${it.html} ${it.failureSummary}`));
  });
}
