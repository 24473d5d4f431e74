/** The page as people use it: real windows, the real server. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { violations } from "../../../live-cursors/page/tests/axe.js";
import { Server } from "../../../live-cursors/page/tests/server.js";
import { goOn, launch } from "../../../live-cursors/page/tests/visitor.js";
import { Visitor } from "./visitor.js";

const HANDBOOK = "A handbook for new neighbours";
const RECIPE = "Soup for forty-one";
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
/** Most of a test is waiting. */
const AT_ONCE = 4;

/** @type {import("playwright-core").Browser} */
let browser;

/** A server of a test's own, and who visits it. */
class House {
  /** @type {Visitor[]} */
  #visitors = [];
  server = new Server([], "who-is-here", "PRESENCE_WHO");

  /** @param {string} name @param {Parameters<typeof Visitor.open>[3]} [options] */
  open = async (name, options) => {
    const visitor = await Visitor.open(browser, this.server.url, name, options);
    this.#visitors.push(visitor);
    return visitor;
  };

  /** Another tab of somebody's browser. @param {Visitor} of */
  another = async (of) => {
    const visitor = await of.another(this.server.url);
    this.#visitors.push(visitor);
    return visitor;
  };

  /** Who the server says is in a topic. @param {string} topic @returns {Promise<string[]>} */
  present = async (topic) => {
    const headers = { Authorization: `Bearer test.${btoa("Test")}` };
    const { entries } = await (await fetch(`${this.server.url}/presence/${topic}/value`, { headers })).json();
    return entries.map((/** @type {{ user: string }} */ { user }) => user);
  };

  /** Closes all windows; returns what went wrong on them. */
  async close() {
    await Promise.all(this.#visitors.map((it) => it.page.context().close()));
    await this.server.kill();
    return {
      errors: this.#visitors.flatMap((it) => it.errors),
      sockets: this.#visitors.flatMap((it) => it.sockets),
    };
  }
}

/** @param {string} name @param {(house: House) => Promise<void>} play */
function scene(name, play) {
  test(name, async () => {
    const house = new House();
    await house.server.start();
    const played = play(house);
    const wrong = await played.then(() => house.close(), () => house.close());
    await played;
    assert.deepEqual(wrong, { errors: [], sockets: [] }, "no page has had an error, or opened a WebSocket");
  });
}

before(async () => {
  browser = await launch();
});
after(() => browser?.close());

// Alone, for what is measured.
scene("a closed window is gone within three seconds", async ({ open }) => {
  const [ann, bo] = [await open("Ann"), await open("Bo")];
  await bo.sees("Ann");
  const closed = Date.now();
  await ann.page.close({ runBeforeUnload: true });
  await bo.misses("Ann");
  const took = Date.now() - closed;
  assert.ok(took < 3_000, `${took} ms`);
  await bo.hears(/^Ann left$/);
  await bo.page.getByText("Only you are here").waitFor();
});

describe("the page", { concurrency: AT_ONCE }, () => {
  scene("two windows see each other, over event streams and requests alone", async ({ open }) => {
    const moving = /** @type {const} */ ({ reducedMotion: "no-preference" });
    const [ann, bo] = [await open("Ann", moving), await open("Bo", moving)];
    await ann.sees("Bo", "Available");
    await bo.sees("Ann", "Available");
    await ann.hears("Bo is here");
    await ann.page.getByText("You and Bo are here").waitFor();
    assert.equal(await bo.page.locator(".news li").count(), 0, "who was here first is no news");
    for (const { asked } of [ann, bo]) {
      assert.ok(asked.includes("POST /presence/changes"), asked.join());
      assert.ok(asked.includes("POST /presence/documents:handbook:readers/heartbeat"), asked.join());
      assert.ok(!asked.some((it) => it.includes("/ws")), asked.join());
    }
  });

  scene("availability, a status and another name arrive in the same row", async ({ open }) => {
    const [ann, bo] = [await open("Ann"), await open("Bo")];
    await ann.sees("Bo", "Available");
    await bo.page.getByText("Do not disturb").click();
    await ann.sees("Bo", "Do not disturb");
    await ann.row("Bo").locator(".badge.do_not_disturb").waitFor();
    await bo.page.getByLabel("Your status").fill("  On the phone until three ");
    await bo.page.getByLabel("Your status").press("Enter");
    await ann.sees("Bo", "On the phone until three");
    await bo.page.getByLabel("Your name").fill(" Bo   Çelik ");
    await bo.page.getByLabel("Your name").press("Enter");
    await ann.sees("Bo Çelik", "On the phone until three");
    assert.equal(await ann.page.locator(".people .row").count(), 1);
    assert.equal(await ann.page.locator(".news li", { hasText: "Çelik" }).count(), 0, "a name is no news");
  });

  scene("who types is said, falls back by itself, and is over with what they say", async ({ open }) => {
    const [ann, bo, cy] = [await open("Ann"), await open("Bo"), await open("Cy")];
    await ann.line.pressSequentially("I thi");
    await bo.reads("Ann is typing");
    // Both go on until it is seen: on a slow machine the first has fallen back before the second is there.
    await goOn(bo.reads("Ann and Cy are typing"), async (n) => {
      await ann.line.fill(`I thi${"n".repeat(n % 2)}`);
      await cy.line.fill(`We${"l".repeat(n % 2)}`);
    });
    await goOn(ann.reads("Cy is typing"), (n) => cy.line.fill(`We${"l".repeat(n % 2)}`));
    await ann.line.fill("I thi");
    await bo.reads("");
    assert.equal(await ann.line.inputValue(), "I thi");

    await ann.line.pressSequentially("nk");
    await bo.reads("Ann is typing");
    await ann.line.press("Enter");
    await bo.page.locator(".remarks li", { hasText: /^Ann I think$/ }).waitFor();
    await ann.page.locator(".remarks li", { hasText: /^You I think$/ }).waitFor();
    await bo.reads("");
    assert.equal(await ann.line.inputValue(), "");
  });

  scene("tabs of a browser are one person, whose news is one", async ({ open, another }) => {
    const [ann, bo] = [await open("Ann"), await open("Bo")];
    await ann.hears("Bo is here");
    await ann.record();
    const second = await another(bo);
    await ann.sees("Bo", "2 tabs");
    await second.page.getByText("You, in 2 tabs").waitFor();
    assert.equal(await second.page.locator(".people .row", { hasText: "Bo" }).count(), 0);
    await second.page.getByText("Busy").click();
    await ann.sees("Bo", "Busy");
    await bo.page.locator("label:has(:checked)", { hasText: "Busy" }).waitFor();
    await second.page.getByLabel("Your status").fill("Twice here");
    await second.page.getByLabel("Your status").press("Enter");
    await ann.sees("Bo", "Twice here");
    await bo.page.waitForFunction(() => document.querySelector(".message input")?.matches("[placeholder]:not(:placeholder-shown)"));
    await second.page.close();
    await ann.row("Bo").filter({ hasNotText: "tabs" }).waitFor();
    assert.deepEqual(await ann.heard(), [], "another tab is no news");
  });

  scene("in one browser one can be somebody else", async ({ open }) => {
    const ann = await open("Ann");
    const [page] = await Promise.all([ann.page.waitForEvent("popup"), ann.page.getByRole("link", { name: "Be somebody else" }).click()]);
    await page.waitForSelector('.connection[data-tone="live"]');
    const name = await page.getByLabel("Your name").inputValue();
    await ann.sees(name);
    assert.doesNotMatch(page.url(), /as=/);
    await page.reload();
    await page.waitForSelector('.connection[data-tone="live"]');
    assert.equal(await page.getByLabel("Your name").inputValue(), name);
  });

  scene("who does nothing is idle, and who does not look is away", async ({ open }) => {
    const ann = await open("Ann");
    const bo = await open("Bo", { clock: true });
    await ann.sees("Bo", "Available");
    await bo.page.clock.fastForward(61_000);
    await ann.sees("Bo", "Idle");
    await ann.row("Bo").locator(".badge.idle").waitFor();
    await bo.page.mouse.move(200, 200);
    await ann.sees("Bo", "Available");
    await bo.page.getByText("Busy").click();
    await bo.hide(true);
    await ann.sees("Bo", "Busy, away");
    await bo.hide(false);
    await ann.row("Bo").filter({ hasNotText: "away" }).waitFor();
  });

  scene("another document is a move: left there, joined here, and the way back is one too", async ({ open, present }) => {
    const [ann, bo, cy] = [await open("Ann"), await open("Bo"), await open("Cy")];
    await cy.read(RECIPE);
    await bo.misses("Cy");
    await ann.line.pressSequentially("I am off");
    await bo.reads("Ann is typing");

    await ann.record();
    await ann.read(RECIPE);
    await cy.sees("Ann");
    await cy.hears("Ann is here");
    await bo.misses("Ann");
    await bo.hears("Ann left");
    await bo.reads("");
    await bo.counts(RECIPE, 2);
    await bo.counts(HANDBOOK, 1);
    assert.deepEqual(await ann.heard(), [], "who was there is no news, and who was left behind is not gone");
    assert.ok(await ann.page.locator("h1").evaluate((it) => it === document.activeElement));
    assert.deepEqual(await present("documents:handbook:readers"), ["bo"]);
    assert.deepEqual(await present("chats:handbook:typing"), []);
    assert.deepEqual(await present("documents:recipe:readers"), ["cy", "ann"]);

    await ann.page.goBack();
    await bo.sees("Ann");
    await cy.misses("Ann");
    assert.deepEqual(await present("documents:recipe:readers"), ["cy"]);
  });

  scene("of other documents only counts are known, until somebody asks who is where", async ({ open }) => {
    const [ann, bo] = [await open("Ann"), await open("Bo")];
    await bo.read(RECIPE);
    await ann.counts(RECIPE, 1);
    assert.equal(await ann.page.locator(".readers").count(), 0);
    const where = ann.page.getByRole("button", { name: "Who is where?" });
    await where.click();
    await ann.page.getByRole("list", { name: `Readers of ${RECIPE}` }).getByText("Bo").waitFor();
    assert.equal(await ann.page.getByRole("list", { name: `Readers of ${HANDBOOK}` }).count(), 0);
    await ann.record();
    await ann.read(RECIPE);
    await ann.sees("Bo");
    await bo.hears("Ann is here");
    assert.deepEqual(await ann.heard(), [], "who was there is no news");
  });

  scene("a reload is seen by nobody", async ({ open }) => {
    const [ann, bo] = [await open("Ann"), await open("Bo")];
    await ann.page.getByText("Busy").click();
    await bo.sees("Ann", "Busy");
    await bo.record();
    await ann.page.reload();
    await ann.live();
    await ann.sees("Bo");
    // Until after the time at which the server would have let the member go.
    await ann.page.waitForTimeout(2_500);
    assert.deepEqual(await bo.recorded(), []);
    await ann.page.locator("label:has(:checked)", { hasText: "Busy" }).waitFor();
  });

  scene("the server is killed and started again, and everybody is back without news", async ({ open, server }) => {
    const [ann, bo] = [await open("Ann"), await open("Bo")];
    await ann.page.getByText("Busy").click();
    await bo.sees("Ann", "Busy");
    await ann.page.locator(".news li").waitFor({ state: "detached" });

    await server.kill();
    for (const { page } of [ann, bo]) {
      await page.waitForSelector('.connection[data-tone="lost"]');
      await page.getByText(/^Reconnecting/).first().waitFor();
      await page.getByText("As it was when the connection was lost.").waitFor();
    }
    await bo.sees("Ann", "Busy");
    // What is done meanwhile is not lost.
    await ann.page.getByText("Do not disturb").click();
    await server.start();
    await Promise.all([ann.live(), bo.live()]);
    await bo.sees("Ann", "Do not disturb");
    await ann.sees("Bo", "Available");
    for (const { page, name } of [ann, bo]) assert.equal(await page.locator(".news li").count(), 0, name);
  });

  scene("who appears offline sees and is not seen, after a reload too, and comes back", async ({ open, present }) => {
    const [ann, bo] = [await open("Ann"), await open("Bo")];
    await ann.sees("Bo");
    await ann.page.getByRole("button", { name: "Appear offline" }).click();
    await bo.misses("Ann");
    await ann.sees("Bo");
    await ann.page.getByText("Bo is here").first().waitFor();
    assert.ok(await ann.line.isDisabled());
    await ann.page.reload();
    await ann.sees("Bo");
    await ann.read(RECIPE);
    await bo.read(RECIPE);
    await ann.sees("Bo");
    assert.deepEqual(await present("documents:recipe:readers"), ["bo"]);
    await ann.page.getByRole("button", { name: "Come back" }).click();
    await bo.sees("Ann");
  });

  scene("everything is reached by tab, in an order that makes sense", async ({ open }) => {
    const ann = await open("Ann");
    const reached = [];
    for (let i = 0; i < 10; i += 1) {
      await ann.page.keyboard.press("Tab");
      reached.push(
        await ann.page.evaluate(() => {
          const it = /** @type {HTMLElement} */ (document.activeElement);
          const { outlineStyle } = getComputedStyle(it.matches("[type=radio]") ? /** @type {Element} */ (it.parentElement) : it);
          const seen = outlineStyle !== "none" || it.closest("form")?.matches(":focus-within") ? "" : " (unseen)";
          const text = /** @type {Element} */ (it.cloneNode(true));
          for (const hidden of text.querySelectorAll("[aria-hidden]")) hidden.remove();
          return (it.getAttribute("aria-label") ?? text.textContent?.trim()) + seen;
        }),
      );
    }
    assert.deepEqual(reached, [
      "Be somebody else, in another tab",
      `${HANDBOOK}1 reader`,
      "Minutes of the garden meeting0 readers",
      `${RECIPE}0 readers`,
      "Who is where?",
      "Only you are here",
      "Say something to whoever is here",
      "Say",
      "Your name",
      "Appear offline",
    ]);
  });

  scene("nothing is wider than a window, wide or narrow", async ({ open, server }) => {
    const bo = await open("Bo Chrysanthemumgardener-Ottokar");
    const ann = await open("Annabella Wilhelmina the Second.", PHONE);
    await bo.line.fill("Unbreakable".repeat(12));
    await bo.line.press("Enter");
    await bo.page.getByLabel("Your status").fill("Undisturbable".repeat(6));
    await bo.page.getByLabel("Your status").press("Enter");
    await bo.line.pressSequentially("and");
    await ann.reads(`${bo.name} is typing`);
    await ann.sees(bo.name, "Undisturbable");
    await ann.page.locator(".remarks li").waitFor();
    await ann.page.getByRole("button", { name: "Who is where?" }).click();
    for (const connected of [true, false]) {
      if (!connected) {
        await server.kill();
        await ann.page.getByText(/^Reconnecting in/).waitFor();
      }
      for (const [width = 0, height = 0] of [[390, 844], [320, 568], [768, 1_024], [844, 390], [1_024, 768], [1_280, 800]]) {
        await ann.page.setViewportSize({ width, height });
        const wide = await ann.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${wide} pixels wider than ${width} by ${height}`);
        for (const reached of [ann.line, ann.page.getByLabel("Your status"), ann.row(bo.name)]) {
          await reached.scrollIntoViewIfNeeded();
          const box = await reached.boundingBox();
          assert.ok(box && box.x >= 0 && box.x + box.width <= width, JSON.stringify(box));
        }
      }
    }
  });

  scene("axe has nothing against the page on a desktop and a phone, light or dark", async ({ open, server }) => {
    const [desktop, phone] = [await open("Ann"), await open("Abe", PHONE)];
    const judge = async (/** @type {string} */ when) => {
      for (const visitor of [desktop, phone]) {
        for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
          await visitor.page.emulateMedia({ colorScheme });
          assert.deepEqual(await violations(visitor), [], `${when}, ${visitor.name}, ${colorScheme}`);
        }
      }
    };
    await phone.read(RECIPE);
    await judge("alone");
    await phone.read(HANDBOOK);
    const [bo, cy] = [await open("Bo"), await open("Cy")];
    await bo.page.getByText("Busy").click();
    await bo.page.getByLabel("Your status").fill("On the phone");
    await bo.page.getByLabel("Your status").press("Enter");
    await cy.page.getByText("Do not disturb").click();
    await bo.hide(true);
    await cy.line.fill("Hello");
    await cy.line.press("Enter");
    for (const visitor of [desktop, phone]) {
      await visitor.sees("Bo", "Busy, away");
      await visitor.sees("Cy", "Do not disturb");
      await visitor.page.locator(".remarks li").waitFor();
      await visitor.page.getByRole("button", { name: "Who is where?" }).click();
    }
    await cy.line.pressSequentially("and");
    await desktop.reads("Cy is typing");
    assert.equal(await desktop.page.evaluate(() => document.getAnimations().length), 0, "what should not move stands still");
    await judge("in company");
    for (const { page } of [desktop, phone]) await page.getByRole("button", { name: "Appear offline" }).click();
    await server.kill();
    for (const { page } of [desktop, phone]) await page.waitForSelector('.connection[data-tone="lost"]');
    await judge("offline and disconnected");
  });
});
