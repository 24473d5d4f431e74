/** For everybody: small windows, fingers, keyboards, screen readers, any colour scheme. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { violations } from "./axe.js";
import { House } from "./house.js";

const house = new House();

test("in every window everything is there, can be reached, and nothing is too wide", async () => {
  const [ann, bo] = await house.all("Ann Wilhelmina the Second of that", "Bo");
  await bo.line.fill("a rather long message, ".repeat(6));
  await ann.page.getByRole("button", { name: /Bo.*Follow$/ }).click();
  await bo.page.mouse.move(400, 500);
  for (const [width, height] of /** @type {const} */ ([[390, 844], [320, 568], [768, 1024], [844, 390], [1440, 900]])) {
    const where = `in a window of ${width} by ${height}`;
    await ann.page.setViewportSize({ width, height });
    await bo.line.press("Enter");
    await bo.line.fill("a rather long message, ".repeat(6));
    await bo.line.press("Enter");
    await ann.cursor("Bo").locator(".bubble", { hasText: "a rather long message" }).waitFor();
    const wide = await ann.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${wide} pixels wider ${where}`);
    const board = await ann.board.boundingBox();
    assert.ok(board && board.width >= 240 && board.height >= 200, `a board of ${board?.width} by ${board?.height} ${where}`);

    const controls = await ann.page.evaluate(() =>
      [...document.querySelectorAll("button, input, a[href]")]
        .filter((it) => it.checkVisibility())
        .map((it) => {
          it.scrollIntoView({ block: "center" });
          const { x, y, width, height } = it.getBoundingClientRect();
          const top = document.elementFromPoint(x + width / 2, y + height / 2);
          return { name: it.getAttribute("aria-label") ?? it.textContent, free: it.contains(top) || top?.contains(it) };
        }),
    );
    assert.ok(controls.length >= 13, `${controls.length} controls ${where}`);
    assert.deepEqual(controls.filter(({ free }) => !free), [], `nothing lies above a control ${where}`);
  }
});

test("axe finds nothing wrong: light and dark, on a desk and on a phone, alone and in company", async () => {
  const ann = await house.open("Ann", { viewport: { width: 1280, height: 800 } });
  assert.deepEqual(await violations(ann), [], "alone");

  const bo = await house.open("Bo");
  await bo.page.getByTitle("Note (4)").click();
  await bo.page.mouse.click(300, 300);
  await bo.page.waitForFunction(() => document.activeElement?.matches("textarea"));
  await bo.page.keyboard.type("A note");
  await ann.page.locator(".note", { hasText: "A note" }).waitFor();
  await bo.page.getByRole("button", { name: /Ann.*Follow$/ }).click();
  await ann.page.getByText("Bo follows you").waitFor();
  await ann.page.getByRole("button", { name: /Bo.*Follow$/ }).click();
  await bo.turn("hidden");
  await ann.row("Bo").getByText("Away").first().waitFor();
  await ann.board.focus();
  await ann.page.keyboard.press("4");
  await ann.page.keyboard.press("Enter");
  await ann.page.getByRole("textbox", { name: "Your note" }).waitFor();
  await ann.line.fill("A draft");
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    for (const [width, height] of /** @type {const} */ ([[1280, 800], [390, 844]])) {
      await ann.page.setViewportSize({ width, height });
      await ann.page.emulateMedia({ colorScheme });
      assert.deepEqual(await violations(ann), [], `${colorScheme}, ${width} by ${height}`);
    }
  }
});

test("landmarks and a heading lead through the page", async () => {
  const { page } = await house.open("Ann");
  await page.getByRole("banner").getByRole("heading", { level: 1, name: "Board test" }).waitFor();
  const main = page.getByRole("main");
  await main.getByRole("region", { name: "The board" }).getByRole("application", { name: "Board test" }).waitFor();
  await main.getByRole("complementary", { name: "Who is here" }).getByRole("log", { name: "Who came and went" }).waitFor({ state: "attached" });
  await main.getByRole("group", { name: "Tool" }).getByRole("radio", { name: "Pen" }).waitFor();
});

test("who asked for less motion is taken to a place at once", async () => {
  const ann = await house.open("Ann", { reducedMotion: "reduce" });
  await ann.point(1_800, 1_200);
  await ann.page.mouse.wheel(200, 100);
  await ann.page.waitForFunction(() => document.getAnimations().length === 0);
  const [before, after] = await ann.page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const left = () => /** @type {HTMLElement} */ (document.querySelector(".stage")).style.getPropertyValue("--left");
    /** @type {HTMLElement} */ (document.querySelector('[aria-label="Back to the middle"]')).click();
    await frame();
    await frame();
    const soon = left();
    for (let i = 0; i < 10; i += 1) await frame();
    return [soon, left()];
  });
  assert.equal(before, after);
});
