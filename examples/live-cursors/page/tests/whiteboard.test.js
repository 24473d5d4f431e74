/** A large board: what of it one sees, notes on it, and seeing it with somebody else's eyes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "./house.js";

const house = new House();

/** Somebody's button in the list. @param {import("./visitor.js").Visitor} visitor @param {RegExp} name */
const button = ({ page }, name) => page.getByRole("button", { name });

test("who follows sees what the other sees, until they look elsewhere themselves", async () => {
  const ann = await house.open("Ann");
  const bo = await house.open("Bo", { viewport: { width: 1000, height: 760 } });
  await ann.point(1_800, 1_200);
  await ann.page.mouse.wheel(300, -160);
  await button(bo, /Ann.*Follow$/).click();
  await bo.page.getByRole("status").filter({ hasText: "Following Ann" }).waitFor();
  await bo.looksAt(await ann.view());
  await ann.page.getByText("Bo follows you").waitFor();
  await ann.row("Bo").getByText("Follows you").waitFor();

  await ann.page.keyboard.down("Control");
  await ann.page.mouse.wheel(0, -60);
  await ann.page.keyboard.up("Control");
  await ann.page.mouse.wheel(0, 400);
  const seen = await ann.view();
  assert.ok(seen.zoom > 1.2, `zoomed to ${seen.zoom}`);
  await bo.looksAt(seen);

  await bo.page.keyboard.press("Escape");
  await bo.page.locator(".frame").waitFor({ state: "detached" });
  await ann.page.getByText("Bo follows you").waitFor({ state: "detached" });
  const own = await bo.view();
  await ann.page.mouse.wheel(0, -100);
  await ann.point(Math.round(own.x) + 50, Math.round(own.y));
  await bo.seesOther("Ann", Math.round(own.x) + 50, Math.round(own.y));
  assert.deepEqual(await bo.view(), own, "it stays where it was");
});

test("following ends by whatever looks elsewhere, and by the banner", async () => {
  const [ann, bo] = await house.all("Ann", "Bo");
  await bo.point(1_700, 1_300);
  const ways = {
    wheel: () => bo.page.mouse.wheel(20, 20),
    drag: () => drag(bo, 60, 30),
    zoom: () => bo.page.getByRole("button", { name: "Zoom out" }).click(),
    map: () => bo.page.locator(".minimap").click({ position: { x: 20, y: 20 } }),
    banner: () => bo.page.getByRole("button", { name: "Stop", exact: true }).click(),
    row: () => button(bo, /Ann.*Stop following$/).click(),
  };
  for (const [what, look] of Object.entries(ways)) {
    await button(bo, /Ann.*Follow$/).focus();
    await bo.page.keyboard.press("Enter");
    await bo.page.locator(".frame").waitFor();
    await ann.page.getByText("Bo follows you").waitFor();
    await bo.point(1_700, 1_300);
    await look();
    await bo.page.locator(".frame").waitFor({ state: "detached" }).catch(() => assert.fail(`it goes on after the ${what}`));
    await ann.page.getByText("Bo follows you").waitFor({ state: "detached" });
  }
});

test("two who follow each other stand still, and who leaves is followed no longer", async () => {
  const ann = await house.open("Ann");
  const bo = await house.open("Bo", { viewport: { width: 800, height: 900 } });
  await button(bo, /Ann.*Follow$/).click();
  await bo.looksAt(await ann.view());
  await button(ann, /Bo.*Follow$/).click();
  await ann.page.locator(".frame").waitFor();
  const before = await bo.view();
  // Longer than a view takes there and back several times.
  await ann.page.waitForTimeout(700);
  const after = await bo.view();
  assert.ok(Math.abs(after.zoom / before.zoom - 1) < 0.01, `from ${before.zoom} to ${after.zoom}`);
  assert.ok(Math.hypot(after.x - before.x, after.y - before.y) < 3);
  await ann.page.close();
  await bo.hears("You follow Ann no longer");
  await bo.page.locator(".frame").waitFor({ state: "detached" });
});

test("a note is read while it is written, is moved, stays over a reload and goes with its owner", async () => {
  const [ann, bo] = await house.all("Ann", "Bo");
  await ann.page.getByTitle("Note (4)").click();
  await ann.point(1_500, 1_000);
  await ann.page.mouse.down();
  await ann.page.mouse.up();
  const note = ann.page.getByRole("textbox", { name: "Your note" });
  await note.pressSequentially("Ship it", { delay: 5 });
  const seen = bo.page.locator(".note", { hasText: "Ship it" });
  await seen.getByText("Ann", { exact: true }).waitFor();
  await bo.reads("Ann is typing…");
  await note.pressSequentially(" on Monday", { delay: 5 });
  await bo.page.getByText("Ship it on Monday").waitFor();

  await drag(ann, 80, 40, ".grip");
  const { zoom } = await ann.view();
  await bo.page.waitForFunction(
    ([x, y]) => {
      const style = /** @type {HTMLElement | null} */ (document.querySelector(".note"))?.style;
      return Math.abs(Number(style?.getPropertyValue("--x")) - x) < 3 && Math.abs(Number(style?.getPropertyValue("--y")) - y) < 3;
    },
    /** @type {const} */ ([1_500 - 104 + 80 / zoom, 1_000 - 156 + 40 / zoom]),
  );

  await bo.record();
  await ann.page.reload();
  await ann.live();
  await note.waitFor();
  assert.equal(await note.inputValue(), "Ship it on Monday");
  await ann.page.waitForTimeout(2_300);
  assert.deepEqual((await bo.recorded()).filter((it) => it.includes("notes")), []);
  await ann.page.close();
  await seen.waitFor({ state: "detached" });
});

test("an empty note is none, a fifth is too many, and one is taken away", async () => {
  const [ann, bo] = await house.all("Ann", "Bo");
  await ann.board.focus();
  await ann.page.keyboard.press("4");
  await bo.row("Ann").getByText("Writing").waitFor();
  const notes = ann.page.getByRole("textbox", { name: "Your note" });
  for (const text of ["one", "two", "three", "four"]) {
    await ann.page.keyboard.press("Enter");
    await ann.page.waitForFunction(() => document.activeElement?.matches("textarea"));
    await ann.page.keyboard.type(text);
    await ann.page.keyboard.press("Escape");
  }
  await ann.page.keyboard.press("Enter");
  await ann.hears("4 notes are all one can have");
  assert.equal(await notes.count(), 4);
  await bo.page.waitForFunction(() => document.querySelectorAll(".note").length === 4);
  await ann.page.getByRole("button", { name: "Remove your note" }).last().click();
  await bo.page.waitForFunction(() => document.querySelectorAll(".note").length === 3);
  await ann.board.focus();
  await ann.page.keyboard.press("Enter");
  await ann.page.waitForFunction(() => document.activeElement?.matches("textarea"));
  await ann.page.keyboard.press("Escape");
  await ann.page.waitForFunction(() => document.querySelectorAll(".note").length === 3);
});

test("the keyboard looks nearer, looks farther, and takes the board along", async () => {
  const ann = await house.open("Ann");
  await ann.point(1_800, 1_200);
  await ann.board.focus();
  const first = await ann.view();
  await ann.page.keyboard.press("+");
  await ann.page.waitForFunction((zoom) => Number(document.querySelector(".percent")?.textContent?.slice(0, -1)) > zoom, first.zoom * 110);
  for (let i = 0; i < 16; i += 1) await ann.page.keyboard.press("Shift+ArrowRight");
  await ann.sees(".cursor.you", 2_600, 1_200);
  assert.ok((await ann.view()).x > first.x + 100, "the pointer is still in the window");
  await ann.page.keyboard.press("0");
  await ann.looksAt({ x: 1_800, y: 1_200, width: 1_200, height: 800 });
  assert.equal(await ann.page.locator(".cursor.you").getAttribute("data-off"), "true");
});

test("a finger drags the board, and two look nearer", async () => {
  const ann = await house.open("Ann", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const before = await ann.view();
  const touch = await ann.page.context().newCDPSession(ann.page);
  const touches = async (/** @type {string} */ type, /** @type {[number, number][]} */ ...places) =>
    touch.send("Input.dispatchTouchEvent", {
      type: /** @type {"touchStart"} */ (type),
      touchPoints: places.map(([x, y], id) => ({ x, y, id })),
    });
  await touches("touchStart", [200, 250]);
  for (let x = 190; x >= 140; x -= 10) await touches("touchMove", [x, 250]);
  await touches("touchEnd");
  const dragged = await ann.view();
  assert.ok(Math.abs(dragged.x - before.x - 60 / before.zoom) < 3, `${dragged.x - before.x} to the right`);
  assert.equal(dragged.zoom, before.zoom);

  await touches("touchStart", [150, 250], [250, 250]);
  for (let i = 1; i <= 5; i += 1) await touches("touchMove", [150 - 10 * i, 250], [250 + 10 * i, 250]);
  await touches("touchEnd");
  await ann.page.waitForFunction((zoom) => {
    const style = /** @type {HTMLElement} */ (document.querySelector(".stage")).style;
    return Math.abs(Number(style.getPropertyValue("--zoom")) / zoom - 2) < 0.05;
  }, before.zoom);
  assert.equal(await ann.page.evaluate(() => visualViewport?.scale), 1, "the page itself is as large as it was");
});

test("while others move, nothing on the page is painted anew but where they are", async () => {
  const [ann, bo] = await house.all("Ann", "Bo");
  // React tells its tools of whatever it has rendered.
  await bo.page.addInitScript(() => {
    const tools = { commits: 0, supportsFiber: true, inject: () => 1, onCommitFiberUnmount() {}, onCommitFiberRoot: () => (tools.commits += 1) };
    Object.assign(window, { __REACT_DEVTOOLS_GLOBAL_HOOK__: tools });
  });
  await bo.page.reload();
  await bo.live();
  const commits = () => bo.page.evaluate(() => /** @type {any} */ (window).__REACT_DEVTOOLS_GLOBAL_HOOK__.commits);
  await ann.point(1_500, 1_000);
  await bo.seesOther("Ann", 1_500, 1_000);
  const before = await commits();
  assert.ok(before > 0);
  await bo.page.evaluate(() => {
    /** @type {string[]} */
    const log = [];
    const observer = new MutationObserver((records) => {
      for (const { type, attributeName, target } of records) {
        const { className, parentElement } = target instanceof HTMLElement ? target : { className: target.nodeName, parentElement: null };
        const place = attributeName === "style" && (/cursor|tag/.test(className) || parentElement?.className === "minimap");
        if (!place) log.push(`${type} ${attributeName} of ${className}`);
      }
    });
    observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    Object.assign(window, { log });
  });
  for (let x = 1_500; x < 1_900; x += 10) await ann.point(x, 1_100);
  await bo.seesOther("Ann", 1_890, 1_100);
  assert.deepEqual(await bo.recorded(), []);
  assert.equal(await commits(), before, "React has rendered nothing");
});

/** @param {import("./visitor.js").Visitor} visitor @param {number} dx @param {number} dy @param {string} [of] */
async function drag({ page, board }, dx, dy, of) {
  const box = await (of ? page.locator(of) : board).boundingBox();
  assert.ok(box);
  const [x, y] = of ? [box.x + 20, box.y + 8] : [box.x + box.width / 2, box.y + box.height - 90];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + dx / 2, y + dy / 2);
  await page.mouse.move(x + dx, y + dy);
  await page.mouse.up();
}
