/** The page as people use it: real windows, the real server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "./house.js";
import { goOn } from "./visitor.js";

const house = new House();

test("one moves, and the other sees it move, in the same colour", async () => {
  const [ann, bo] = await house.all("Ann", "Bo");
  await ann.point(1_500, 1_000);
  await bo.seesOther("Ann", 1_500, 1_000);
  await ann.point(2_100, 1_450);
  await bo.seesOther("Ann", 2_100, 1_450);
  await ann.sees(".cursor.you", 2_100, 1_450);
  const hue = (/** @type {Element} */ it) => /** @type {HTMLElement} */ (it).style.getPropertyValue("--hue");
  const own = await ann.page.locator(".cursor.you").evaluate(hue);
  assert.match(own, /^\d+$/);
  assert.equal(await bo.cursor("Ann").evaluate(hue), own);
  assert.notEqual(await bo.page.locator(".cursor.you").evaluate(hue), own);
});

test("what somebody is doing to a smaller screen happens at the same place", async () => {
  const ann = await house.open("Ann");
  const bo = await house.open("Bo", { viewport: { width: 390, height: 844 } });
  await ann.point(2_200, 900);
  await bo.seesOther("Ann", 2_200, 900);
  await bo.point(1_400, 1_500);
  await ann.seesOther("Bo", 1_400, 1_500);
});

test("one types, the others see it, and it falls back by itself", async () => {
  // One after the other: the sentence names them as they came.
  const [ann, bo, cy] = [await house.open("Ann"), await house.open("Bo"), await house.open("Cy")];
  await ann.line.fill("I thi");
  await bo.reads("Ann is typing…");
  await bo.page.locator(".cursor.typing .tag", { hasText: "Ann" }).waitFor();
  // Both go on until it is seen: on a slow machine the first has fallen back before the second is there.
  await goOn(bo.reads("Ann and Cy are typing…"), async (n) => {
    await ann.line.fill(`I thi${"n".repeat(n % 2)}`);
    await cy.line.fill(`We${"l".repeat(n % 2)}`);
  });
  await ann.line.fill("I thi");
  await bo.reads("");
  assert.equal(await bo.page.locator(".cursor.typing").count(), 0);
  assert.equal(await ann.line.inputValue(), "I thi");
});

test("a message shows beside the cursor and beside the name, until it is taken back", async () => {
  const [ann, bo] = await house.all("Ann", "Bo");
  await ann.line.fill("Looks right to me");
  await ann.line.press("Enter");
  await bo.cursor("Ann").locator(".bubble", { hasText: "Looks right to me" }).waitFor();
  await bo.row("Ann").locator(".doing", { hasText: "Looks right to me" }).waitFor();
  await ann.page.locator(".cursor.you .bubble", { hasText: "Looks right to me" }).waitFor();
  assert.equal(await ann.line.inputValue(), "");
  await ann.line.press("Enter");
  await bo.row("Ann").locator(".doing", { hasText: "Pointing" }).waitFor();
});

test("a third who joins late sees both at once, and nobody announces what was before", async () => {
  const [ann, bo] = await house.all("Ann", "Bo");
  await ann.point(1_400, 1_000);
  await bo.point(2_000, 1_400);
  await ann.seesOther("Bo", 2_000, 1_400);
  await bo.seesOther("Ann", 1_400, 1_000);

  const cy = await house.open("Cy");
  await cy.seesOther("Ann", 1_400, 1_000);
  await cy.seesOther("Bo", 2_000, 1_400);
  assert.equal(await cy.page.locator(".count").textContent(), "3");
  assert.equal(await cy.page.locator(".toast").count(), 0);
  await ann.hears("Cy joined");
  await bo.hears("Cy joined");
});

test("one closes the page, and the others see the leave", async () => {
  const [ann, bo] = await house.all("Ann", "Bo");
  await bo.row("Ann").waitFor();
  await ann.page.close();
  await bo.hears(/^Ann left$/);
  await bo.row("Ann").waitFor({ state: "detached" });
  await bo.cursor("Ann").waitFor({ state: "detached" });
  await bo.page.getByText("Nobody else is here yet").waitFor();
});

test("a reload is not seen by the others", async () => {
  const [ann, bo] = await house.all("Ann", "Bo");
  await ann.point(1_600, 1_100);
  await ann.line.fill("Back in a moment");
  await ann.line.press("Enter");
  await bo.seesOther("Ann", 1_600, 1_100);
  await bo.row("Ann").getByText("Back in a moment").waitFor();
  await bo.page.locator(".toast").first().waitFor({ state: "detached" });
  await bo.record();

  await ann.page.reload();
  await ann.live();
  await ann.sees(".cursor.you", 1_600, 1_100);
  // Until after the time at which the server would have let the member go.
  const until = Date.now() + 2_500;
  for (let x = 1_601; Date.now() < until; x += 1) {
    await ann.point(x, 1_100);
    await bo.seesOther("Ann", x, 1_100);
  }
  assert.deepEqual(await bo.recorded(), []);
  assert.equal(await bo.row("Ann").locator(".doing").textContent(), "Back in a moment");
});

test("the server is killed and started again, and everybody is back without a reload", async () => {
  const [ann, bo] = await house.all("Ann", "Bo");
  await ann.point(1_600, 1_100);
  await bo.seesOther("Ann", 1_600, 1_100);
  await ann.line.fill("Still here");
  await ann.line.press("Enter");
  await bo.row("Ann").getByText("Still here").waitFor();
  await ann.page.locator(".toast").first().waitFor({ state: "detached" });
  await ann.record();
  await bo.record();

  await house.server.kill();
  for (const visitor of [ann, bo]) {
    await visitor.page.waitForSelector('.connection[data-tone="lost"]');
    await visitor.page.getByText(/^Reconnecting/).first().waitFor();
  }
  // What is done meanwhile is not lost.
  await ann.point(1_900, 1_300);
  await house.server.start();
  await Promise.all([ann.live(), bo.live()]);
  await bo.row("Ann").waitFor();
  await bo.seesOther("Ann", 1_900, 1_300);
  await bo.row("Ann").getByText("Still here").waitFor();
  await ann.row("Bo").waitFor();
  for (const visitor of [ann, bo]) {
    const news = (await visitor.recorded()).filter((it) => it.includes("toast"));
    assert.deepEqual(news, [], `${visitor.name} is told of nobody who came or went`);
  }
});

test("a pen leaves ink on everybody's board, which fades", async () => {
  const [ann, bo] = await house.all("Ann", "Bo");
  await ann.point(1_500, 1_100);
  await bo.seesOther("Ann", 1_500, 1_100);
  await ann.page.getByTitle("Pen (2)").click();
  await bo.row("Ann").getByText("Drawing").waitFor();
  await ann.point(1_520, 1_100);
  await bo.seesOther("Ann", 1_520, 1_100);
  for (let x = 1_540; x <= 1_700; x += 20) await ann.point(x, 1_100);
  await bo.seesInk(true);
  await ann.seesInk(true);
  await bo.seesInk(false);
  await ann.seesInk(false);
});

test("the keyboard moves the pointer, changes the tool and writes", async () => {
  const [ann, bo] = await house.all("Ann", "Bo");
  await ann.point(1_800, 1_200);
  await ann.board.focus();
  await ann.page.keyboard.press("ArrowRight");
  await ann.page.keyboard.press("Shift+ArrowDown");
  await bo.seesOther("Ann", 1_810, 1_250);
  await ann.page.keyboard.press("2");
  await bo.row("Ann").getByText("Drawing").waitFor();
  await ann.page.keyboard.press("Enter");
  await ann.page.keyboard.type("No mouse");
  await ann.page.keyboard.press("Enter");
  await bo.row("Ann").getByText("No mouse").waitFor();
  await ann.page.keyboard.press("Escape");
  assert.ok(await ann.board.evaluate((it) => it === document.activeElement));
});

test("everything is reached by tab, and shows that it has the focus", async () => {
  const ann = await house.open("Ann");
  const reached = [];
  for (let i = 0; i < 10; i += 1) {
    await ann.page.keyboard.press("Tab");
    reached.push(
      await ann.page.evaluate(() => {
        const it = document.activeElement;
        return it?.getAttribute("aria-label") ?? it?.textContent?.trim() ?? "";
      }),
    );
  }
  assert.deepEqual(reached, [
    "Copy link",
    "Board test",
    "Zoom out",
    "Zoom in",
    "Back to the middle",
    "Your name",
    "Open a second tab",
    "Pointer",
    "Message to everybody here",
    "Send",
  ]);
});

test("a finger points, and nothing scrolls", async () => {
  const bo = await house.open("Bo");
  const ann = await house.open("Ann", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const box = await ann.board.boundingBox();
  assert.ok(box);
  await ann.page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
  await bo.seesOther("Ann", 1_800, 1_200);
  await ann.page.waitForFunction(() => !document.querySelector('.board[data-held="true"]'));
});

test("a chosen name is seen by all and kept; a made-up one is another in every tab", async () => {
  const [ann, bo] = await house.all("Ann", "Bo");
  const name = ann.page.getByLabel("Your name");
  await name.fill("  Ann   Baker ");
  await name.press("Enter");
  await bo.row("Ann Baker").waitFor();
  await bo.cursor("Ann Baker").locator(".tag").waitFor();
  assert.equal(await name.inputValue(), "Ann Baker");
  assert.equal(await ann.page.evaluate(() => localStorage.getItem("live-cursors:name")), "Ann Baker");

  const context = await house.browser.newContext();
  const page = await context.newPage();
  await page.goto(`${house.server.url}/?board=test`);
  await page.waitForSelector('.connection[data-tone="live"]');
  const made = await page.getByLabel("Your name").inputValue();
  assert.match(made, /^[A-Z][a-z]+ [A-Z][a-z]+$/);
  assert.equal(await page.evaluate(() => localStorage.getItem("live-cursors:name")), null);
  await page.reload();
  await page.waitForSelector('.connection[data-tone="live"]');
  assert.equal(await page.getByLabel("Your name").inputValue(), made);
  await context.close();
});
